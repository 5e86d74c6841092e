"""Do the odds rest on what the walk counts, and on nothing twice?

Oracles: the quota walk itself, sums done by hand, and counting days one by one.
"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import funnel, outlook, rates, survival, timing
from accountplan.udfs import words as w
from accountplan.udfs.funnel import DEAL, Gate
from accountplan.udfs.odds import Coins, NewBusiness, UncertainRate
from accountplan.udfs.timing import FiscalYear
from tests.test_funnel import Book, books, walked

YEAR = FiscalYear(pd.Timestamp(2018, 1, 1))
TODAY = pd.Timestamp(2018, 3, 31)
SEASON = (0.1, 0.2, 0.3, 0.4, 0.0)


def coins_of(accounts: pd.DataFrame, deals: pd.DataFrame, counts: str = w.ALL_BOOKINGS) -> Coins:
    return outlook.path_coins(
        accounts,
        deals,
        YEAR,
        as_of=TODAY,
        today=TODAY,
        cycle_days=60,
        retention=0.9,
        base_rate=0.3,
        season=SEASON,
        quota_counts=counts,
    )


@given(book=books(), counts=st.sampled_from([w.ALL_BOOKINGS, w.NEW_BUSINESS]))
@settings(max_examples=40, deadline=None)
def test_on_average_the_coins_bring_what_the_walk_has_to_come(book: Book, counts: str) -> None:
    accounts, deals, reps = book
    walk = walked(accounts, deals, reps, counts)
    found = coins_of(accounts, deals, counts)
    assert found.expected.sum() == pytest.approx(walk[funnel.TO_COME].sum(), abs=1e-6)


def test_pipeline_that_no_deal_explains_is_a_coin_of_its_own() -> None:
    accounts = pd.DataFrame(
        {
            w.ACCOUNT_ID: ["A"],
            w.STATUS: [w.PIPELINE],
            w.PRIOR_YEAR_SALES: [0.0],
            w.CLOSED_THIS_YEAR: [0.0],
            w.WEIGHTED_PIPELINE: [300.0],
        }
    )
    deals = pd.DataFrame(
        {
            w.ACCOUNT_ID: pd.Series(dtype=str),
            w.STATE: pd.Series(dtype=str),
            w.CLOSE_DATE: pd.Series(dtype="datetime64[ns]"),
            w.AMOUNT: pd.Series(dtype=float),
            w.WEIGHTED: pd.Series(dtype=float),
        }
    )
    found = coins_of(accounts, deals)
    # 300 weighted at 30 % are 1,000; 60 days after 31 March is in Q2.
    assert found.chances.tolist() == [0.3]
    assert found.amounts.tolist() == [[0, 1_000, 0, 0, 0]]


def a_deal(in_time: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            w.ACCOUNT_ID: [""],
            w.STATE: [w.OPEN],
            w.CLOSE_DATE: pd.to_datetime(["2018-08-01"]),
            w.AMOUNT: [1_000.0],
            w.WEIGHTED: [400.0],
            w.IN_TIME: [in_time],
        }
    )


@pytest.mark.parametrize(("in_time", "chance"), [(1.0, 0.4), (0.25, 0.1), (9.0, 1.0)])
def test_a_deal_not_likely_in_time_counts_less(in_time: float, chance: float) -> None:
    accounts = pd.DataFrame(
        columns=[
            w.ACCOUNT_ID,
            w.STATUS,
            w.PRIOR_YEAR_SALES,
            w.CLOSED_THIS_YEAR,
            w.WEIGHTED_PIPELINE,
        ]
    ).astype(
        dict.fromkeys((w.PRIOR_YEAR_SALES, w.CLOSED_THIS_YEAR, w.WEIGHTED_PIPELINE), "float64")
    )
    found = coins_of(accounts, a_deal(in_time))
    assert found.chances.tolist() == pytest.approx([chance])
    assert found.amounts.tolist() == [[0, 0, 1_000, 0, 0]]


# New business from the gates

GATES = (Gate("Calls", 0.25, 2), Gate("Demos", 0.5, 4))
SIZES = np.array([900.0, 1_100.0])


def history(calls: float = 400, demos: float = 120, won: float = 40) -> pd.DataFrame:
    everybody = pd.DataFrame([[calls, demos, won]], columns=["Calls", "Demos", DEAL])
    return rates.gate_rates([calls, demos, won], rates.everybodys_rates(everybody), (0.25, 0.5))


def work(
    gap: float = 8_000,
    capacity: float = 100,
    lately: dict[str, float] | None = None,
    weeks: float = 26,
    known: pd.DataFrame | None = None,
) -> outlook.Basis:
    targets = funnel.funnel_targets(gap, 1_000, GATES, weeks)
    return outlook.planned_work(
        targets,
        GATES,
        history() if known is None else known,
        SIZES,
        YEAR,
        today=TODAY,
        capacity=capacity,
        lately=None if lately is None else pd.Series(lately),
    )


def volume(basis: outlook.Basis) -> float:
    assert basis.new is not None
    return basis.new.volume


def test_the_work_counted_on_is_what_the_plan_needs() -> None:
    found = work()
    # 8 deals take 16 demos in 22 weeks and 64 calls in 20 weeks.
    assert volume(found) == pytest.approx(64)
    assert found.source == outlook.FROM_ACTIVITY
    assert "3.2 Calls a week, what the plan needs, at the rates of history" in found.words
    # Rates are those of history, not the typed ones: one rep alone, so 10 tries at its own rate.
    assert found.new is not None
    assert [rate.mean for rate in found.new.rates] == pytest.approx([0.3, 1 / 3])
    assert [rate.strength for rate in found.new.rates] == [410, 130]
    assert (found.unit, found.unit_share) == ("Demos", pytest.approx(0.3))


def test_no_more_work_counts_than_fits_into_the_week() -> None:
    # 3.2 calls and 16/22 demos a week are needed, half of that can be made.
    found = work(capacity=(64 / 20 + 16 / 22) / 2)
    assert volume(found) == pytest.approx(32)
    assert "what fits into the week" in found.words


def test_no_more_work_counts_than_was_done_lately() -> None:
    assert volume(work(lately={"Calls": 1.0, "Demos": 5.0})) == pytest.approx(20)
    assert volume(work(lately={"Calls": 9.0, "Demos": 5.0})) == pytest.approx(64)
    assert volume(work(lately={"Calls": 0.0, "Demos": 0.0})) == pytest.approx(64)


def test_a_gate_that_is_too_late_is_left_out() -> None:
    found = work(weeks=5)
    # One week is left for demos: 16 of them, and the calls come too late.
    assert volume(found) == pytest.approx(16)
    assert found.unit_share == 1
    assert work(weeks=3).source == outlook.FROM_NOTHING


def test_a_covered_quota_needs_no_work_and_an_unknown_gap_counts_what_is_done() -> None:
    assert volume(work(gap=-1)) == 0
    assert work(gap=math.nan).source == outlook.FROM_NOTHING
    assert volume(work(gap=math.nan, lately={"Calls": 2.0, "Demos": 1.0})) == pytest.approx(40)


def test_without_history_the_plans_rates_are_worth_ten_tries() -> None:
    found = work(known=history(0, 0, 0))
    assert found.source == outlook.FROM_PLAN
    assert found.new is not None
    assert found.new.rates == (UncertainRate(0.25, 10), UncertainRate(0.5, 10))
    assert "partly assumed" in found.words


# New business from deals as they were opened


def opened(count: int, every: int) -> pd.DataFrame:
    days = [TODAY - pd.Timedelta(every * n, "D") for n in range(count)]
    return pd.DataFrame({w.OPENED: pd.Series(days, dtype="datetime64[ns]")})


def timely(days: int = 10, won: int = 30, lost: int = 30) -> survival.WonBy | None:
    ended = pd.Timestamp(2018, 2, 1)
    return survival.won_by(
        pd.DataFrame(
            {
                w.STATE: [w.WON] * won + [w.LOST] * lost,
                w.OPENED: [ended - pd.Timedelta(days, "D")] * (won + lost),
                w.CLOSE_DATE: [ended] * (won + lost),
            }
        ),
        TODAY,
    )


def by_deals(deals: pd.DataFrame, repeating: bool = False) -> outlook.Basis:
    return outlook.opened_deals(
        deals,
        pd.Series(repeating, index=deals.index),
        UncertainRate(0.5, 70),
        SIZES,
        timely(),
        np.array([10.0]),
        YEAR,
        as_of=TODAY,
        today=TODAY,
    )


def test_deals_are_opened_and_won_as_they_were() -> None:
    found = by_deals(opened(26, 7))
    # One a week since 7 October (176 days); 275 days are left, of which a deal needs 10.
    assert found.new is not None
    assert found.new.deals == pytest.approx(26 / (176 / 7) * 275 / 7 * 0.5 * 265 / 275)
    assert not found.new.planned
    assert found.unit_share == pytest.approx(275 / 265)


def test_deals_at_accounts_whose_repeat_counts_are_not_counted_again() -> None:
    assert volume(by_deals(opened(26, 7), repeating=True)) == 0


def test_without_opened_deals_or_time_there_is_no_basis() -> None:
    assert by_deals(opened(0, 7)).source == outlook.FROM_NOTHING
    over = outlook.opened_deals(
        opened(5, 7),
        pd.Series([False] * 5),
        UncertainRate(0.5),
        SIZES,
        timely(),
        np.array([10.0]),
        YEAR,
        as_of=YEAR.end,
        today=YEAR.end,
    )
    assert over.source == outlook.FROM_NOTHING


@given(wait=st.integers(0, 200), day=st.integers(0, 364))
@settings(max_examples=60)
def test_what_begins_evenly_lands_where_counting_days_says(wait: int, day: int) -> None:
    today = YEAR.start + pd.Timedelta(day - 1, "D")
    landed = np.zeros(4)
    for n in range(day, 365):
        closes = n + wait
        if closes < 365:
            landed[(YEAR.start + pd.Timedelta(closes, "D")).quarter - 1] += 1
    shares = outlook._landing(np.array([float(wait)]), YEAR, today)
    if landed.sum():
        assert shares == pytest.approx(landed / landed.sum(), abs=1e-9)
    else:
        assert shares == (0, 0, 0, 1)


# The sentence

NEED = {0.5: 0.0, 0.8: 13.2, 0.9: 40.0}


@pytest.mark.parametrize(
    ("reach", "more", "told"),
    [
        (0.62, NEED, "62 % to reach 1,000,000; for 80 % you need 14 more demos."),
        (0.85, NEED, "85 % to reach 1,000,000; for 90 % you need 40 more demos."),
        (0.95, NEED, "95 % to reach 1,000,000."),
        (
            0.3,
            dict.fromkeys(NEED, math.nan),
            "30 % to reach 1,000,000; what would give 80 % is not known.",
        ),
        (math.nan, NEED, "Type the quota to see the odds of reaching it."),
    ],
)
def test_the_odds_are_one_sentence(reach: float, more: dict[float, float], told: str) -> None:
    assert outlook.odds_sentence(reach, 1_000_000, more, "Demos") == told


def test_what_comes_later_does_not_count_for_the_year() -> None:
    coins = Coins(np.array([1.0, 1.0]), np.array([[0, 0, 0, 50.0, 0], [0, 0, 0, 0, 70.0]]))
    found = outlook.year_outlook(100, [30, 0, 0, 0], coins, outlook.NO_BASIS, years=1_000)
    assert (found.odds.p50, found.odds.reach) == (80, 0)


def test_what_is_planned_already_is_not_asked_for_again() -> None:
    new = NewBusiness(40, (UncertainRate(0.5),), np.array([1.0]), periods=(0, 0, 0, 1))
    basis = outlook.Basis(outlook.FROM_PLAN, new, "Demos", 1.0, "")
    nothing = Coins(np.array([]), np.array([]))
    found = outlook.year_outlook(20, [0, 0, 0, 0], nothing, basis, shock=0)
    for share, more in found.more.items():
        assert more == max(0, found.odds.cushion[share] - 40)
    assert found.more[0.9] > 0


def test_sizes_and_cycles_are_those_of_won_deals() -> None:
    deals = pd.DataFrame(
        {
            w.STATE: [w.WON, w.WON, w.LOST, w.WON, w.WON],
            w.OPENED: pd.to_datetime(
                ["2018-01-01", "2016-01-01", "2018-01-01", None, "2018-03-01"]
            ),
            w.CLOSE_DATE: pd.to_datetime(
                ["2018-01-31", "2016-02-01", "2018-02-01", "2018-02-01", "2018-02-01"]
            ),
            w.AMOUNT: [100.0, 200.0, 300.0, 400.0, -5.0],
        }
    )
    assert outlook.won_sizes(deals, TODAY).tolist() == [100, 400]
    assert outlook.won_cycles(deals).tolist() == [30, 31]
    assert timing.QUARTERS[-1] == "Later"
