"""Does whitespace name what the peers buy? Oracle: the same rule with plain loops."""

import statistics

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import money, whitespace
from accountplan.udfs import words as w
from tests.support import books
from tests.support.books import AS_OF, Deal

FEW = settings(max_examples=25, deadline=None)


def drawn(random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A book of up to 40 accounts and what they bought of four products."""
    count = int(random.integers(1, 40))
    accounts = books.known_accounts(
        {
            w.EMPLOYEES: random.integers(1, 50, count).astype(float).tolist(),
            w.STATUS: random.choice([w.ACTIVE, w.ACTIVE, w.UNTOUCHED], count).tolist(),
            w.PRIOR_YEAR_SALES: random.integers(0, 900, count).astype(float).tolist(),
        }
    )
    rows = [
        Deal(
            f"A{random.integers(1, count + 1):04}",
            "R",
            str(random.choice([w.WON, w.WON, w.LOST])),
            float(random.integers(1, 500)),
            "",
            f"20{random.choice([16, 17])}-{random.integers(1, 13):02}-15",
            str(random.choice(["P1", "P2", "P3", ""])),
        )
        for _ in range(int(random.integers(0, 80)))
    ]
    return accounts, books.deals(*rows)


def by_loops(
    accounts: pd.DataFrame, deals: pd.DataFrame
) -> dict[tuple[str, str], tuple[float, ...]]:
    bought: dict[str, dict[str, float]] = {name: {} for name in accounts[w.ACCOUNT_ID]}
    for deal in deals.to_dict("records"):
        lately = pd.Timestamp("2016-12-31") < deal[w.CLOSE_DATE] <= AS_OF
        if deal[w.STATE] == w.WON and deal[w.PRODUCT] and lately:
            mine = bought[deal[w.ACCOUNT_ID]]
            mine[deal[w.PRODUCT]] = mine.get(deal[w.PRODUCT], 0.0) + deal[w.AMOUNT]
    ids, size = accounts[w.ACCOUNT_ID].tolist(), accounts[w.EMPLOYEES].tolist()
    active = (accounts[w.STATUS] == w.ACTIVE).tolist()
    found = {}
    for at, name in enumerate(ids):
        others = [i for i in range(len(ids)) if i != at and active[i]]
        others.sort(
            key=lambda i, me=at: (round(abs(np.log(size[i]) - np.log(size[me])), 9), ids[i])
        )
        peers = others[:15]
        if len(peers) < 5:
            continue
        for product in ("P1", "P2", "P3"):
            spent = [bought[ids[i]][product] for i in peers if product in bought[ids[i]]]
            if spent and product not in bought[name]:
                found[name, product] = (len(spent) / len(peers), statistics.median(spent))
    return found


@FEW
@given(st.integers(0, 10_000).map(np.random.default_rng))
def test_whitespace_is_what_loops_find(random: np.random.Generator) -> None:
    accounts, deals = drawn(random)
    found = whitespace.whitespace(accounts, deals, AS_OF)
    ours = {
        (row[w.ACCOUNT_ID], row[w.PRODUCT]): (
            row[whitespace.PEERS_SHARE],
            row[whitespace.MEDIAN_SPEND],
        )
        for row in found.to_dict("records")
    }
    expected = by_loops(accounts, deals)
    assert ours.keys() == expected.keys()
    for key, (share, median) in expected.items():
        assert abs(ours[key][0] - share) < 1e-8
        assert abs(ours[key][1] - median) < 1e-8


def test_accounts_keep_their_order_and_the_product_most_peers_buy_comes_first() -> None:
    accounts = books.known_accounts({w.EMPLOYEES: [10.0] * 7, w.PRIOR_YEAR_SALES: [5.0] * 7})
    rows = [Deal(f"A000{n}", "R", w.WON, 10, "", "2017-05-05", "Common") for n in range(2, 7)]
    rows += [Deal("A0007", "R", w.WON, 99, "", "2017-05-05", "Rare")]
    found = whitespace.whitespace(accounts, books.deals(*rows), AS_OF)
    first = found[found[w.ACCOUNT_ID] == "A0001"]
    assert first[w.PRODUCT].tolist() == ["Common", "Rare"]
    assert first[whitespace.PEERS_SHARE].round(9).tolist() == [round(5 / 6, 9), round(1 / 6, 9)]
    assert found[w.ACCOUNT_ID].is_monotonic_increasing


def test_in_words_the_first_three_products_are_told_and_how_many_more() -> None:
    accounts = books.known_accounts({w.EMPLOYEES: [10.0] * 7, w.PRIOR_YEAR_SALES: [5.0] * 7})
    rows = [Deal(f"A000{n}", "R", w.WON, 1000 * n, "", "2017-05-05", "Common") for n in range(2, 7)]
    for product, spent in (("Two", 20), ("Three", 30), ("Four", 40), ("Five", 0)):
        rows += [Deal("A0007", "R", w.WON, spent, "", "2017-05-05", product)]
    found = whitespace.whitespace(accounts, books.deals(*rows), AS_OF)
    said = whitespace.in_words(found, accounts[w.ACCOUNT_ID])
    # Five of six peers spent 2,000 to 6,000 on Common; one of six bought each of the others.
    assert said.iloc[0] == (
        "Common (83% of its peers, median 4,000 a year); "
        "Four (17% of its peers, median 40 a year); "
        "Three (17% of its peers, median 30 a year); and 2 more"
    )
    assert said.iloc[6] == "Common (83% of its peers, median 4,000 a year)"


def test_in_words_nothing_is_said_where_nothing_was_found() -> None:
    accounts = books.known_accounts({w.EMPLOYEES: [10.0] * 7, w.PRIOR_YEAR_SALES: [5.0] * 7})
    free = [Deal("A0001", "R", w.WON, 0, "", "2017-05-05", "Free")]
    found = whitespace.whitespace(accounts, books.deals(*free), AS_OF)
    said = whitespace.in_words(found, accounts[w.ACCOUNT_ID])
    assert said.tolist() == ["", *["Free (17% of its peers)"] * 6]
    assert whitespace.in_words(found.iloc[:0], accounts[w.ACCOUNT_ID]).tolist() == [""] * 7


def test_peers_are_those_of_the_benchmark() -> None:
    random = np.random.default_rng(3)
    accounts = books.known_accounts(
        {
            w.EMPLOYEES: random.integers(1, 900, 60).astype(float).tolist(),
            w.PRIOR_YEAR_SALES: random.integers(1, 900, 60).astype(float).tolist(),
        }
    )
    benchmarks = money.benchmark(accounts)
    for rows, peers in money.nearest_peers(accounts):
        for row, mine in zip(rows, peers, strict=True):
            sales = accounts[w.PRIOR_YEAR_SALES].to_numpy()[mine[mine >= 0]]
            assert row not in mine
            assert benchmarks.loc[row, w.BENCHMARK_MONEY] == round(np.percentile(sales, 80), 9)


def test_without_products_or_deals_nothing_is_said() -> None:
    accounts = books.known_accounts({w.EMPLOYEES: [1.0, 2.0]})
    assert whitespace.whitespace(accounts, books.deals(), AS_OF).empty
    assert whitespace.whitespace(accounts.iloc[:0], books.deals(), AS_OF).empty
