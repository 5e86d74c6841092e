"""Does every book have a path in words and finite numbers, whatever is in it?"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.addin import demo, planning
from accountplan.udfs import funnel, outlook, path_plan, rates, timing
from accountplan.udfs import words as w
from accountplan.udfs.funnel import DEAL, Gate
from accountplan.udfs.path_plan import PathFacts
from accountplan.udfs.timing import FiscalYear
from tests.test_funnel import Book, books, walked

YEAR = FiscalYear(pd.Timestamp(2018, 1, 1))
AS_OF = pd.Timestamp(2018, 3, 31)
GATES = (Gate("Calls", 0.25, 2, assumed=True), Gate("Demos", 0.3, 4, assumed=True))
NO_ACTIVITY = pd.DataFrame(
    {
        w.REP: pd.Series(dtype=str),
        w.WEEK: pd.Series(dtype="datetime64[ns]"),
        w.GATE: pd.Series(dtype=str),
        w.COUNT: pd.Series(dtype=float),
    }
)
NOBODY = rates.everybodys_rates(pd.DataFrame(0.0, index=[], columns=["Calls", "Demos", DEAL]))


def facts_of(book: Book, **changes: object) -> PathFacts:
    """A path of everybody, without any activity."""
    accounts, deals, _ = book
    accounts = accounts.assign(
        **{
            w.ACCOUNT: accounts[w.ACCOUNT_ID],
            w.QUADRANT: w.BIG_BET,
            w.FISCAL_YEAR_END: 6.0,
            w.POTENTIAL_MONEY: 1_000.0,
            w.PEERS_TO: math.nan,
        }
    )
    deals = deals.assign(
        **{
            w.DEAL_ID: [f"D{n}" for n in range(len(deals))],
            w.ACCOUNT: deals[w.ACCOUNT_ID],
            w.STAGE: "Qualify",
            w.OPENED: pd.Timestamp(2018, 1, 15),
        }
    )
    walk = funnel.roll_up(walked(*book))
    none = pd.Series({w.QUOTA: math.nan, funnel.GAP: math.nan})
    zero = dict.fromkeys(
        (funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.TO_COME), 0.0
    )
    total = walk.iloc[0] if len(walk) else pd.concat([none, pd.Series(zero)])
    facts = PathFacts(
        accounts=accounts,
        deals=deals,
        walk=total,
        activity=NO_ACTIVITY,
        everybody=NOBODY,
        rates_since=None,
        won=0.0,
        capacity=60.0,
        gates=GATES,
        average_deal=math.nan,
        cycle_days=math.nan,
        as_of=AS_OF,
        today=AS_OF,
        year=YEAR,
        retention=0.9,
        base_rate=0.3,
        win_probability=0.3,
        stale_after=180.0,
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


days = st.sampled_from(
    [AS_OF, YEAR.start - pd.Timedelta(1, "D"), YEAR.end, pd.Timestamp(2019, 2, 1)]
)


@given(book=books(), today=days, average=st.sampled_from([math.nan, 500.0]))
@settings(max_examples=10, deadline=None)
def test_any_book_has_a_path_with_finite_numbers_and_words(
    book: Book, today: pd.Timestamp, average: float
) -> None:
    plan = path_plan.path_plan(facts_of(book, today=today, average_deal=average))
    numbers = [
        *plan.quarters.quarters.select_dtypes("number").to_numpy().ravel(),
        *plan.coverage.select_dtypes("number").to_numpy().ravel(),
        *plan.effort.select_dtypes("number").to_numpy().ravel(),
        *(gate.volume for gate in plan.targets.gates),
        *(gate.per_week for gate in plan.targets.gates),
        plan.outlook.odds.reach,
        plan.outlook.odds.p90,
        plan.capacity.more_weeks,
    ]
    assert not np.isinf(np.array(numbers, dtype=float)).any()
    assert plan.outlook.words.endswith(".")
    assert plan.believed.endswith(".")
    assert all(each.words for each in plan.verdicts)
    for deals in (plan.forward, plan.leave):
        assert deals["Reason"].str.endswith(".").all()


@given(book=books())
@settings(max_examples=10, deadline=None)
def test_the_order_of_deals_and_accounts_changes_nothing(book: Book) -> None:
    facts = facts_of(book, average_deal=500.0)
    turned = replace(
        facts,
        accounts=facts.accounts[::-1].reset_index(drop=True),
        deals=facts.deals[::-1].reset_index(drop=True),
    )
    one, other = path_plan.path_plan(facts), path_plan.path_plan(turned)
    assert one.outlook.odds.reach == pytest.approx(other.outlook.odds.reach, nan_ok=True)
    assert one.outlook.odds.p50 == pytest.approx(other.outlook.odds.p50, abs=1e-6)
    pd.testing.assert_frame_equal(one.placed, other.placed, check_dtype=False)
    assert one.believed == other.believed


def test_a_typed_rate_stays_and_an_assumed_one_gives_way_to_history() -> None:
    everybody = pd.DataFrame([[100.0, 40.0, 10.0]], columns=["Calls", "Demos", DEAL])
    found = rates.gate_rates([100, 40, 10], rates.everybodys_rates(everybody), (0.25, 0.3))
    typed = (GATES[0], Gate("Demos", 0.5, 4))
    in_force = path_plan.gates_in_force(typed, found)
    assert [gate.rate for gate in in_force] == [0.4, 0.5]
    assert [gate.lag_weeks for gate in in_force] == [2, 4]


def test_the_samples_odds_rest_on_activity_and_a_list_without_it_on_deals() -> None:
    data = planning.books(demo.sample_round())[0]
    assert data.path.outlook.basis.source == outlook.FROM_ACTIVITY
    facts = data.path_facts()
    silent = replace(
        facts,
        activity=facts.activity.iloc[:0],
        everybody=rates.everybodys_rates(
            pd.DataFrame(0.0, index=[], columns=["Emails", "Calls", "Demos", DEAL])
        ),
        rates_since=None,
    )
    found = path_plan.path_plan(silent)
    assert found.outlook.basis.source == outlook.FROM_DEALS
    assert set(found.history[rates.NOTE]) == {"nobody logged any"}
    # The rates are those that are assumed, and the funnel still leads back to the gap.
    volume = found.targets.gates[0].volume * math.prod(gate.rate for gate in found.gates)
    assert volume * facts.average_deal == pytest.approx(float(facts.walk[funnel.GAP]))


def test_quarters_add_up_to_the_walk_and_the_coins_to_what_is_to_come() -> None:
    for data in planning.books(demo.sample_round()):
        quarters = data.path.quarters.quarters
        expected = float(data.total[funnel.CLOSED] + data.total[funnel.TO_COME])
        assert quarters[timing.EXPECTED].sum() == pytest.approx(expected)
