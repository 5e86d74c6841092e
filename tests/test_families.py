"""Do parents and subsidiaries find each other, whatever the export says of them?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.addin import planning
from accountplan.udfs import families
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from tests.support import books

FEW = settings(max_examples=60, deadline=None)
NAMES = st.integers(0, 9).map(lambda number: f"Firm {number}")


def heads(**parents: str) -> dict[str, str]:
    """Name -> family of accounts given as name -> parent; _ stands for a space."""
    names = [name.replace("_", " ") for name in parents]
    frame = books.accounts({w.ACCOUNT: names, w.PARENT: list(parents.values())})
    return dict(zip(names, families.family_heads(frame), strict=True))


def test_the_head_is_the_parent_of_the_parent() -> None:
    found = heads(Top="", Middle="Top", Bottom="Middle", Alone="")
    assert found == {"Top": "Top", "Middle": "Top", "Bottom": "Top", "Alone": ""}


def test_a_parent_that_is_not_in_the_export_holds_its_subsidiaries_together() -> None:
    found = heads(One="Far Holding", Two="far  HOLDING", Three="")
    assert found == {"One": "Far Holding", "Two": "Far Holding", "Three": ""}


def test_capitals_and_spaces_do_not_part_a_family() -> None:
    found = heads(Big_Group="", Daughter=" BIG  group ")
    assert found == {"Big Group": "Big Group", "Daughter": "Big Group"}


def test_its_own_parent_is_no_parent() -> None:
    assert heads(Self="self", Other="") == {"Self": "", "Other": ""}
    assert heads(Self="Self", Child="Self") == {"Self": "Self", "Child": "Self"}


def test_a_circle_is_one_family_headed_by_its_first_account_id() -> None:
    found = heads(B="C", C="D", D="C", E="B")
    assert set(found.values()) == {"C"}
    assert set(heads(X="Y", Y="X").values()) == {"X"}


def test_a_name_that_two_accounts_share_is_nobodys() -> None:
    frame = books.accounts({w.ACCOUNT: ["Twin", "twin", "Child"], w.PARENT: ["", "", "TWIN"]})
    assert families.family_heads(frame).tolist() == ["", "", "TWIN"]


def test_a_long_chain_needs_no_long_time_and_no_deep_stack() -> None:
    names = [f"F{number}" for number in range(20_000)]
    frame = books.accounts({w.ACCOUNT: names, w.PARENT: ["", *names[:-1]]})
    assert set(families.family_heads(frame)) == {"F0"}


@FEW
@given(st.lists(st.one_of(NAMES, st.just("")), min_size=10, max_size=10), st.randoms())
def test_families_are_what_searching_finds_and_order_never_matters(parents, random) -> None:
    """Oracle: join any two accounts of which one names the other, until nothing joins."""
    names = [f"Firm {number}" for number in range(8)]
    parents = parents[:8]
    group = {name: {name} for name in [*names, "Firm 8", "Firm 9"]}
    for name, parent in zip(names, parents, strict=True):
        if parent and parent != name and group[name] is not group[parent]:
            group[name] |= group[parent]
            for member in group[parent]:
                group[member] = group[name]
    frame = books.accounts({w.ACCOUNT: names, w.PARENT: parents})
    found = families.family_heads(frame)
    for one, family in zip(names, found, strict=True):
        together = {n for n, f in zip(names, found, strict=True) if f and f == family}
        expected = group[one] & set(names) if len(group[one]) > 1 else set()
        assert together == expected, one
    order = list(range(8))
    random.shuffle(order)
    assert families.family_heads(frame.iloc[order]).sort_index().equals(found)


def test_totals_add_up_what_is_known_of_the_members() -> None:
    frame = pd.DataFrame(
        {
            w.PRIOR_YEAR_SALES: [10.0, math.nan, 5.0],
            w.OPEN_PIPELINE: [1.0, 2.0, 4.0],
            w.POTENTIAL_MONEY: [math.nan, math.nan, 7.0],
            w.EXPECTED_MONEY: [0.1, 0.2, 9.0],
        }
    )
    found = families.family_totals(frame, pd.Series(["Top", "Top", ""]))
    assert found.iloc[0].tolist() == [2, 10, 3, 0, pytest.approx(0.3)]
    assert found.iloc[1].tolist() == found.iloc[0].tolist()
    assert found.iloc[2].isna().all()


def test_here_and_elsewhere_make_the_whole_in_every_book() -> None:
    random = np.random.default_rng(5)
    count = 30
    sales = random.integers(1, 900, count).astype(float)
    accounts = books.accounts(
        {
            w.PARENT: ["" if n % 3 == 0 else f"A{1 + n % 5:04}" for n in range(count)],
            w.OWNER: [f"Rep {n % 4}" for n in range(count)],
            w.EMPLOYEES: random.integers(1, 90, count).astype(float).tolist(),
            w.PRIOR_YEAR_SALES: sales.tolist(),
        }
    )
    whole = planning.plan_round(books.export(accounts), Settings())
    family = whole.accounts[w.FAMILY]
    for book in planning.books(whole):
        for row, account in book.accounts.iterrows():
            mine = book.accounts[w.FAMILY] == account[w.FAMILY]
            if not account[w.FAMILY]:
                assert math.isnan(account[w.FAMILY_SALES])
                continue
            here = book.accounts.loc[mine, w.PRIOR_YEAR_SALES].sum()
            away = book.model.loc[row, c.elsewhere(w.FAMILY_SALES)]
            every = whole.accounts.loc[family == account[w.FAMILY], w.PRIOR_YEAR_SALES].sum()
            assert here + away == pytest.approx(every)
            assert account[w.FAMILY_SALES] == pytest.approx(every)
