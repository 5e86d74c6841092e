"""Does the fiscal calendar hold, does the year by quarter tie to the walk, does the play fit?

Oracles: calendars and tables written out by hand, and pandas' own fiscal periods.
"""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import funnel, timing
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.timing import FiscalYear

NAN = math.nan
YEAR_2018 = FiscalYear(pd.Timestamp(2018, 1, 1))
AS_OF = pd.Timestamp(2017, 12, 31)


def quarters_in_words(year: FiscalYear) -> list[str]:
    return [f"{start:%Y-%m-%d} {end:%Y-%m-%d}" for start, end in year.quarters]


# The fiscal calendar


def test_the_calendar_year_has_the_usual_quarters() -> None:
    assert quarters_in_words(YEAR_2018) == [
        "2018-01-01 2018-03-31",
        "2018-04-01 2018-06-30",
        "2018-07-01 2018-09-30",
        "2018-10-01 2018-12-31",
    ]


def test_a_year_from_february_has_quarters_across_new_year() -> None:
    assert quarters_in_words(timing.planning_year(date(2018, 6, 1), 2)) == [
        "2018-02-01 2018-04-30",
        "2018-05-01 2018-07-31",
        "2018-08-01 2018-10-31",
        "2018-11-01 2019-01-31",
    ]


@pytest.mark.parametrize(("year", "last_day"), [(2019, 28), (2020, 29), (2100, 28)])
def test_a_year_to_february_ends_with_the_leap_day(year: int, last_day: int) -> None:
    assert timing.planning_year(date(year - 1, 5, 1), 3).end == pd.Timestamp(year, 2, last_day)


def test_a_quarter_that_holds_the_leap_day_starts_and_ends_on_time() -> None:
    year = timing.planning_year(date(2020, 6, 1), 9)
    assert quarters_in_words(year)[1] == "2019-12-01 2020-02-29"


@pytest.mark.parametrize(
    ("as_of", "start_month", "start"),
    [
        ("2017-12-31", 1, "2018-01-01"),  # the day after is the first of the new year
        ("2017-12-30", 1, "2017-01-01"),
        ("2018-01-31", 2, "2018-02-01"),
        ("2018-01-30", 2, "2017-02-01"),
        ("2020-02-28", 3, "2019-03-01"),  # the day after is the leap day
        ("2020-02-29", 3, "2020-03-01"),
        ("2018-12-01", 12, "2018-12-01"),
        ("2018-11-29", 12, "2017-12-01"),
    ],
)
def test_planning_year_holds_the_day_after_the_as_of_date(
    as_of: str, start_month: int, start: str
) -> None:
    assert timing.planning_year(pd.Timestamp(as_of), start_month).start == pd.Timestamp(start)


@given(as_of=st.dates(date(1990, 1, 1), date(2100, 1, 1)), start_month=st.integers(1, 12))
def test_quarters_follow_one_another_and_agree_with_pandas(as_of: date, start_month: int) -> None:
    year = timing.planning_year(as_of, start_month)
    last_month = (pd.Timestamp(2000, start_month, 1) - pd.Timedelta(1, "D")).strftime("%b").upper()
    periods = pd.period_range(year.start, periods=4, freq=f"Q-{last_month}")
    assert [p.quarter for p in periods] == [1, 2, 3, 4]
    assert [start for start, _ in year.quarters] == [p.start_time for p in periods]
    assert [end for _, end in year.quarters] == [p.end_time.normalize() for p in periods]
    assert year.start <= pd.Timestamp(as_of) + pd.Timedelta(1, "D") <= year.end
    assert year.previous.end == year.start - pd.Timedelta(1, "D")


@given(
    start_month=st.integers(1, 12),
    days=st.lists(st.dates(date(2017, 1, 1), date(2022, 12, 31)), min_size=1, max_size=20),
)
@settings(max_examples=50, deadline=None)
def test_quarter_of_agrees_with_the_first_and_last_days(start_month: int, days: list[date]) -> None:
    year = timing.planning_year(date(2019, 12, 31), start_month)
    stamps = [pd.Timestamp(day) for day in days]
    expected = [
        0 if day < year.start else 1 + sum(day > end for _, end in year.quarters) for day in stamps
    ]
    assert list(timing.quarter_of(pd.Series(stamps), year)) == expected


def test_quarter_of_takes_no_notice_of_the_time_of_day() -> None:
    assert list(timing.quarter_of(pd.Series([pd.Timestamp("2018-12-31 23:59")]), YEAR_2018)) == [4]


def test_quarter_of_a_missing_date_is_missing() -> None:
    found = timing.quarter_of(pd.Series([pd.NaT, pd.Timestamp(2018, 5, 1)]), YEAR_2018)
    assert found.isna().tolist() == [True, False]


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_month_that_does_not_exist_is_refused(month: int) -> None:
    with pytest.raises(ModelInputError, match="give 1 to 12"):
        timing.planning_year(AS_OF, month)


def test_a_planning_year_without_an_as_of_date_is_refused() -> None:
    with pytest.raises(ModelInputError, match="as-of date: the date is missing"):
        timing.planning_year(np.datetime64("NaT"))


@pytest.mark.parametrize("start", ["2018-01-02", "2018-01-01 08:00"])
def test_a_fiscal_year_that_starts_within_a_month_is_refused(start: str) -> None:
    with pytest.raises(ModelInputError, match="first day of a month"):
        FiscalYear(pd.Timestamp(start))


# When deals close


def some_deals(*rows: dict[str, object]) -> pd.DataFrame:
    """Deals with what a test does not care about filled in."""
    blank: dict[str, object] = {
        w.ACCOUNT_ID: "",
        w.PATH_OF: "Rep North 1",
        w.STATE: w.OPEN,
        w.OPENED: None,
        w.CLOSE_DATE: None,
        w.AMOUNT: 0.0,
        w.WEIGHTED: 0.0,
    }
    deals = pd.DataFrame([blank | row for row in rows], columns=list(blank))
    dates = {
        name: pd.to_datetime(deals[name], format="ISO8601") for name in (w.OPENED, w.CLOSE_DATE)
    }
    return deals.assign(**dates).astype({w.AMOUNT: float, w.WEIGHTED: float})


def won(closed: str, amount: float, opened: str | None = None) -> dict[str, object]:
    return {w.STATE: w.WON, w.OPENED: opened, w.CLOSE_DATE: closed, w.AMOUNT: amount}


def live(expected: str | None, weighted: float) -> dict[str, object]:
    return {w.CLOSE_DATE: expected, w.WEIGHTED: weighted}


def test_typical_cycle_is_the_median_of_the_won_deals() -> None:
    deals = some_deals(
        won("2017-01-11", 1, "2017-01-01"),
        won("2017-01-21", 1, "2017-01-01"),
        won("2017-04-11", 1, "2017-01-01"),
        won("2017-01-01", 1),  # never opened
        won("2017-01-01", 1, "2017-03-01"),  # closed before it was opened
        {w.STATE: w.LOST, w.OPENED: "2015-01-01", w.CLOSE_DATE: "2017-01-01"},
    )
    assert timing.typical_cycle(deals) == 20


def test_typical_cycle_without_won_deals_is_missing() -> None:
    assert math.isnan(timing.typical_cycle(some_deals()))
    assert math.isnan(timing.typical_cycle(some_deals(live("2018-05-01", 1))))


@pytest.mark.parametrize(
    ("expected", "today", "cycle", "close"),
    [
        ("2018-05-01", "2017-12-31", 60, "2018-05-01"),  # in the future: as it came
        ("2018-05-01", "2018-05-01", 60, "2018-05-01"),  # today is not over
        ("2018-04-30", "2018-05-01", 60, "2018-05-01"),  # over; as-of + 60 days is over too
        ("2017-11-01", "2017-12-31", 60, "2018-03-01"),  # over: 60 days after 2017-12-31
        (None, "2017-12-31", 60, "2018-03-01"),  # missing, likewise
        (None, "2017-12-31", 60.5, "2018-03-01"),  # half days do not count
        (None, "2017-12-31", NAN, "2018-03-31"),  # 90 days, assumed
        (None, "2017-12-31", 0, "2018-01-01"),  # not before the year
        ("2017-12-31", "2017-12-31", 60, "2018-01-01"),  # not before the year
        (None, "2017-12-31", 400, "2019-02-04"),  # after the year
    ],
)
def test_an_open_deal_closes_on_its_date_or_after_the_typical_cycle(
    expected: str | None, today: str, cycle: float, close: str
) -> None:
    deals = some_deals(live(expected, 1))
    found = timing.expected_close(deals, YEAR_2018, AS_OF, pd.Timestamp(today), cycle)
    assert list(found) == [pd.Timestamp(close)]


def test_a_closed_deal_keeps_its_date() -> None:
    deals = some_deals(won("2017-03-01", 5), {w.STATE: w.LOST})
    found = timing.expected_close(deals, YEAR_2018, AS_OF, AS_OF, 60)
    assert found[0] == pd.Timestamp(2017, 3, 1)
    assert pd.isna(found[1])


@pytest.mark.parametrize("cycle", [-1, math.inf, 1e9])
def test_a_cycle_that_is_no_time_is_refused(cycle: float) -> None:
    with pytest.raises(ModelInputError, match="cycle"):
        timing.expected_close(some_deals(), YEAR_2018, AS_OF, AS_OF, cycle)


# The year by quarter


def walk_of(quota: float, closed: float, repeat: float, weighted: float) -> pd.Series:
    return pd.Series(
        {
            w.QUOTA: quota,
            funnel.CLOSED: closed,
            funnel.REPEAT_TO_COME: repeat,
            w.WEIGHTED_PIPELINE: weighted,
        }
    )


HISTORY = [won("2017-02-01", 100), won("2017-05-01", 300), won("2017-11-01", 600)]


def test_the_year_by_quarter_matches_one_done_by_hand() -> None:
    deals = some_deals(
        *HISTORY,  # 10 %, 30 %, 0 %, 60 % of last year
        won("2018-01-20", 50),
        live("2018-05-01", 40),
        live("2018-12-31", 20),
        live("2019-01-01", 70),
        live(None, 5),  # as-of + 60 days: 2018-04-01
    )
    plan = timing.quarter_plan(
        walk_of(quota=1_000, closed=50, repeat=200, weighted=135),
        deals,
        YEAR_2018,
        as_of=pd.Timestamp(2018, 1, 31),
        today=pd.Timestamp(2018, 1, 31),
        cycle_days=60,
        quota_shares=(0.2, 0.2, 0.2, 0.4),
    )
    expected = pd.DataFrame(
        {
            timing.QUARTER: ["Q1", "Q2", "Q3", "Q4", "Later"],
            timing.QUOTA_SHARE: [0.2, 0.2, 0.2, 0.4, 0],
            w.QUOTA: [200, 200, 200, 400, NAN],
            funnel.CLOSED: [50.0, 0, 0, 0, 0],
            w.WEIGHTED_PIPELINE: [0.0, 45, 0, 20, 70],
            funnel.REPEAT_TO_COME: [20.0, 60, 0, 120, 0],
            timing.EXPECTED: [70.0, 105, 0, 140, 70],
            timing.GAP_TO_QUOTA: [130, 95, 200, 260, NAN],
        }
    )
    found = plan.quarters.drop(columns=[timing.FROM, timing.TO])
    pd.testing.assert_frame_equal(found, expected)
    assert plan.last_quarter_share == round(140 / 315, 9)
    assert plan.back_loaded


def test_each_quarter_carries_its_first_and_last_day() -> None:
    plan = plan_of(some_deals(), walk_of(0, 0, 0, 0))
    first_days = [f"{day:%Y-%m-%d}" for day in plan.quarters[timing.FROM]]
    assert first_days == ["2018-01-01", "2018-04-01", "2018-07-01", "2018-10-01", "2019-01-01"]
    last_days = [f"{day:%Y-%m-%d}" for day in plan.quarters[timing.TO][:4]]
    assert last_days == ["2018-03-31", "2018-06-30", "2018-09-30", "2018-12-31"]
    assert pd.isna(plan.quarters[timing.TO][4])


def plan_of(
    deals: pd.DataFrame, walk: pd.Series, today: str = "2017-12-31", bar: float = 0.4
) -> timing.QuarterPlan:
    return timing.quarter_plan(
        walk,
        deals,
        YEAR_2018,
        as_of=AS_OF,
        today=pd.Timestamp(today),
        cycle_days=60,
        bar=bar,
    )


def repeat_of(plan: timing.QuarterPlan) -> list[float]:
    return list(plan.quarters[funnel.REPEAT_TO_COME])


def test_a_quarter_before_the_first_close_on_record_counts_as_the_average_of_the_others() -> None:
    history = some_deals(
        {w.STATE: w.LOST, w.CLOSE_DATE: pd.Timestamp(2017, 5, 2), w.AMOUNT: 5.0},
        {w.STATE: w.WON, w.CLOSE_DATE: pd.Timestamp(2017, 6, 2), w.AMOUNT: 300.0},
        {w.STATE: w.WON, w.CLOSE_DATE: pd.Timestamp(2017, 11, 2), w.AMOUNT: 600.0},
    )
    # Nothing is on record of the first quarter: (300 + 0 + 600) / 3 stands for it.
    plan = plan_of(history, walk_of(NAN, 0, 1_000, 0))
    assert plan.season == pytest.approx([0.25, 0.25, 0, 0.5, 0])


@pytest.mark.parametrize(
    ("today", "repeat"),
    [
        ("2017-12-31", [100, 300, 0, 600, 0]),
        ("2018-04-01", [0, 1_000 / 3, 0, 2_000 / 3, 0]),  # 300 : 600 is left of the season
        ("2018-06-30", [0, 0, 0, 1_000, 0]),  # the second quarter is over, the third has nothing
        ("2018-12-30", [0, 0, 0, 1_000, 0]),
        ("2018-12-31", [0, 0, 0, 0, 1_000]),  # too late for this year
    ],
)
def test_repeat_follows_last_years_season_over_the_quarters_that_are_left(
    today: str, repeat: list[float]
) -> None:
    plan = plan_of(some_deals(*HISTORY), walk_of(NAN, 0, 1_000, 0), today)
    assert repeat_of(plan) == pytest.approx(repeat, abs=1e-9)


@pytest.mark.parametrize(
    ("today", "repeat"),
    [("2017-12-31", [250, 250, 250, 250, 0]), ("2018-08-01", [0, 0, 500, 500, 0])],
)
def test_repeat_without_history_is_spread_evenly(today: str, repeat: list[float]) -> None:
    assert repeat_of(plan_of(some_deals(), walk_of(NAN, 0, 1_000, 0), today)) == repeat


def test_a_quarter_of_credits_takes_no_repeat_from_the_others() -> None:
    deals = some_deals(won("2017-02-01", -500), won("2017-05-01", 300))
    assert repeat_of(plan_of(deals, walk_of(NAN, 0, 1_000, 0))) == [0, 1_000, 0, 0, 0]


def test_pipeline_that_no_deal_explains_is_read_like_a_deal_without_date() -> None:
    plan = plan_of(some_deals(live("2018-11-01", 10)), walk_of(NAN, 0, 0, 110))
    assert list(plan.quarters[w.WEIGHTED_PIPELINE]) == [100, 0, 0, 10, 0]


def test_the_last_quarters_of_many_reps_are_each_as_done_by_hand() -> None:
    first = [
        *HISTORY[:2],
        won("2017-11-01", 600, opened="2017-09-02"),  # 60 days, the only cycle known
        won("2018-01-20", 50),
        live("2018-05-01", 40),
        live("2018-12-31", 20),
        live("2019-01-01", 70),
        live(None, 5),  # 2018-04-01; after 90 days assumed it would be Q2 as well
    ]
    second = [{**deal, w.PATH_OF: "Rep North 2"} for deal in HISTORY]
    nobody = [{**live("2018-12-01", 1_000), w.PATH_OF: "Rep South 1"}]
    walks = pd.DataFrame(
        {
            w.REP: ["Rep North 2", "Rep North 3", "Rep North 1"],
            w.WEIGHTED_PIPELINE: [0.0, 0.0, 135.0],
            funnel.REPEAT_TO_COME: [1_000.0, 0.0, 200.0],
        }
    )
    shares = timing.last_quarter_shares(
        walks,
        some_deals(*second, *nobody, *first),
        YEAR_2018,
        as_of=pd.Timestamp(2018, 1, 31),
        today=pd.Timestamp(2018, 1, 31),
    )
    # Each quarter of last year that is not over counts: Q1 10 %, Q2 30 %, Q4 60 %.
    assert shares["Rep North 1"] == round(140 / 315, 9)
    assert shares["Rep North 2"] == 0.6
    assert math.isnan(shares["Rep North 3"])
    assert len(shares) == 3


def test_a_missing_quota_leaves_quotas_and_gaps_missing() -> None:
    plan = plan_of(some_deals(), walk_of(NAN, 0, 100, 0))
    assert plan.quarters[w.QUOTA].isna().all()
    assert plan.quarters[timing.GAP_TO_QUOTA].isna().all()
    assert plan.quarters[timing.EXPECTED].sum() == 100


def test_a_year_with_nothing_expected_has_no_share_and_no_flag() -> None:
    plan = plan_of(some_deals(), walk_of(1_000, 0, 0, 0))
    assert math.isnan(plan.last_quarter_share)
    assert not plan.back_loaded


@pytest.mark.parametrize(("bar", "flagged"), [(0.59, True), (0.60, False), (0.61, False)])
def test_the_last_quarter_is_flagged_above_the_bar(bar: float, flagged: bool) -> None:
    plan = plan_of(some_deals(*HISTORY), walk_of(NAN, 0, 1_000, 0), bar=bar)
    assert plan.last_quarter_share == 0.6
    assert plan.back_loaded is flagged


def test_what_comes_later_is_no_part_of_the_last_quarters_share() -> None:
    deals = some_deals(*HISTORY, live("2019-03-01", 5_000))
    plan = plan_of(deals, walk_of(NAN, 0, 1_000, 5_000))
    assert plan.last_quarter_share == 0.6


@pytest.mark.parametrize(
    "shares",
    [(0.25, 0.25, 0.25, 0.2), (0.5, 0.5), (-0.1, 0.5, 0.3, 0.3), (NAN, 0.5, 0.25, 0.25)],
)
def test_quota_shares_that_do_not_make_a_year_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(ModelInputError, match="quota shares"):
        timing.quarter_plan(
            walk_of(NAN, 0, 0, 0),
            some_deals(),
            YEAR_2018,
            as_of=AS_OF,
            today=AS_OF,
            cycle_days=60,
            quota_shares=shares,
        )


@pytest.mark.parametrize("bar", [-0.1, 1.1, NAN])
def test_a_bar_that_is_no_share_is_refused(bar: float) -> None:
    with pytest.raises(ModelInputError, match="last-quarter bar"):
        plan_of(some_deals(), walk_of(NAN, 0, 0, 0), bar=bar)


def test_deals_of_another_path_are_refused() -> None:
    with pytest.raises(ModelInputError, match="same path and year"):
        plan_of(some_deals(won("2018-02-01", 10)), walk_of(NAN, 999, 0, 0))


# Properties of any book


amounts = st.integers(0, 100_000).map(lambda cents: cents / 100)
days = st.one_of(
    st.none(), st.dates(date(2016, 6, 1), date(2021, 6, 1)).map(lambda day: day.isoformat())
)
open_deals = st.builds(live, days, amounts)
won_deals = st.builds(won, days, st.one_of(st.just(NAN), amounts))


@given(
    rows=st.lists(st.one_of(open_deals, won_deals), max_size=12),
    sales=amounts,
    beyond=amounts,
    start_month=st.integers(1, 12),
    lag=st.integers(0, 400),
)
@settings(max_examples=60, deadline=None)
def test_the_quarters_tie_to_the_walk(
    rows: list[dict[str, object]], sales: float, beyond: float, start_month: int, lag: int
) -> None:
    as_of = pd.Timestamp(2018, 12, 31)
    year = timing.planning_year(as_of, start_month)
    deals = some_deals(*rows)
    accounts = pd.DataFrame(
        {
            w.ACCOUNT_ID: ["A1"],
            w.OWNER: ["Rep North 1"],
            w.STATUS: [w.ACTIVE],
            w.PRIOR_YEAR_SALES: [sales],
            w.CLOSED_THIS_YEAR: [0.0],
            w.WEIGHTED_PIPELINE: [beyond],
        }
    )
    reps = pd.DataFrame({w.REP: ["Rep North 1"], w.MANAGER: [""], w.QUOTA: [1_000.0]})
    walk = funnel.quota_walk(
        accounts, deals, reps, retention=0.9, year_start=year.start, year_end=year.end
    ).iloc[0]
    quarters = timing.quarter_plan(
        walk,
        deals,
        year,
        as_of=as_of,
        today=as_of + pd.Timedelta(lag, "D"),
        cycle_days=NAN,
    ).quarters
    for column in (funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE):
        assert quarters[column].sum() == pytest.approx(walk[column], abs=1e-6)
    parts = quarters[[funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE]].sum(axis=1)
    assert list(quarters[timing.EXPECTED]) == pytest.approx(list(parts), abs=1e-6)
    assert quarters[w.QUOTA].sum() == pytest.approx(1_000, abs=1e-6)
    gap = 1_000 - quarters[timing.EXPECTED][:4].sum()
    assert quarters[timing.GAP_TO_QUOTA].sum() == pytest.approx(gap, abs=1e-6)


# Which play


@pytest.mark.parametrize(
    ("accounts", "average", "target", "cycle", "play"),
    [
        (100, 25_000, 300_000, 30, w.TIMING_PLAY),  # 12 deals: one a month
        (100, 24_999, 300_000, 30, w.VOLUME_PLAY),  # 13 deals
        (30, 1_000, 300_000, 91, w.TIMING_PLAY),  # long deals at few accounts
        (30, 1_000, 300_000, 90, w.VOLUME_PLAY),  # a quarter is not long
        (31, 1_000, 300_000, 91, w.VOLUME_PLAY),  # too many accounts
        (100, 1_000, -1, 30, w.TIMING_PLAY),  # the quota is reached
        (100, NAN, 300_000, 200, w.VOLUME_PLAY),
        (10, NAN, 300_000, 200, w.TIMING_PLAY),
        (10, 1_000, NAN, 200, w.TIMING_PLAY),
        (10, 1_000, 300_000, NAN, w.VOLUME_PLAY),
        (10, NAN, NAN, NAN, w.VOLUME_PLAY),
    ],
)
def test_few_large_deals_call_for_timing_and_many_small_ones_for_volume(
    accounts: int, average: float, target: float, cycle: float, play: str
) -> None:
    assert timing.suggest_play(accounts, average, target, cycle).play == play


def test_the_bars_of_the_play_can_be_moved() -> None:
    assert timing.suggest_play(10, 1_000, 20_000, 30, few_deals=20).play == w.TIMING_PLAY
    assert timing.suggest_play(10, 1_000, 20_000, 60, long_cycle_days=50).play == w.TIMING_PLAY
    assert timing.suggest_play(40, 1_000, 20_000, 99, few_accounts=40).play == w.TIMING_PLAY


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            (12, 2_400, 300_000, 57),
            "300,000 takes 125 deals of 2,400, more than 12 a year; 57 days to win, at most 90; "
            "12 accounts, at most 30: many deals make the year, so count the volume.",
        ),
        (
            (1, 300_000, 300_000, 120),
            "300,000 takes 1 deal of 300,000, at most 12 a year; 120 days to win, more than 90; "
            "1 account, at most 30: each deal counts, so plan when it comes.",
        ),
        (
            (45, NAN, NAN, NAN),
            "Deals needed not known (no quota or no average deal); time to win not known; "
            "45 accounts, more than 30: nothing says few large deals, so count the volume.",
        ),
        (
            (45, 1_000, 0, 40),
            "No further deal needed, the quota is reached; 40 days to win, at most 90; "
            "45 accounts, more than 30: each deal counts, so plan when it comes.",
        ),
    ],
)
def test_the_reason_names_its_numbers(
    arguments: tuple[int, float, float, float], reason: str
) -> None:
    assert timing.suggest_play(*arguments).reason == reason


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ((-1, 1_000, 1_000, 30), "accounts"),
        ((10, 0, 1_000, 30), "average deal"),
        ((10, -5, 1_000, 30), "average deal"),
        ((10, math.inf, 1_000, 30), "average deal"),
        ((10, 1_000, math.inf, 30), "target"),
        ((10, 1_000, 1_000, -1), "cycle"),
        ((10, 1_000, 1_000, math.inf), "cycle"),
    ],
)
def test_a_book_that_cannot_be_is_refused(
    arguments: tuple[int, float, float, float], what: str
) -> None:
    with pytest.raises(ModelInputError, match=what):
        timing.suggest_play(*arguments)
