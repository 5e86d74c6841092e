"""Are the deals to move, to leave and to watch the right ones, each with its reason?

Oracles: lists written out by hand, and pandas' own month ends.
"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplan.udfs import funnel, moves, timing
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.funnel import Gate
from accountplan.udfs.timing import FiscalYear

YEAR = FiscalYear(pd.Timestamp(2018, 1, 1))
TODAY = pd.Timestamp(2018, 4, 15)
GATES = (Gate("Calls", 0.25, 2), Gate("Demos", 0.3, 4))


def open_deals(*rows: dict[str, object]) -> pd.DataFrame:
    blank: dict[str, object] = {
        w.DEAL_ID: "",
        w.ACCOUNT_ID: "",
        w.ACCOUNT: "",
        w.STAGE: "Qualify",
        w.STATE: w.OPEN,
        w.OPENED: pd.Timestamp(2018, 3, 1),
        w.CLOSE_DATE: pd.Timestamp(2018, 8, 1),
        w.AMOUNT: 1_000.0,
        w.STALE: False,
        w.WEIGHTED: 400.0,
    }
    filled = [{**blank, w.DEAL_ID: f"D{n}", **row} for n, row in enumerate(rows)]
    frame = pd.DataFrame(filled, columns=list(blank))
    for column in (w.OPENED, w.CLOSE_DATE):
        frame[column] = pd.to_datetime(frame[column])
    return frame.astype({w.STALE: bool, w.AMOUNT: float, w.WEIGHTED: float})


ACCOUNTS = pd.DataFrame(
    {
        w.ACCOUNT_ID: ["A", "B", "C"],
        w.ACCOUNT: ["Alder", "Birch", "Cedar"],
        w.QUADRANT: [w.BIG_BET, w.QUICK_WIN, w.SKIP],
        w.FISCAL_YEAR_END: [6.0, math.nan, 3.0],
    }
)


def placed(*rows: dict[str, object]) -> pd.DataFrame:
    return moves.place_deals(
        open_deals(*rows), ACCOUNTS, YEAR, as_of=TODAY, today=TODAY, cycle_days=60
    )


def plan(q2_gap: float, q3_gap: float = 0.0) -> timing.QuarterPlan:
    starts, ends = zip(*YEAR.quarters, strict=True)
    gaps = np.array([0.0, q2_gap, q3_gap, 0.0, math.nan])
    quotas = np.array([1_000.0] * 4 + [math.nan])
    table = pd.DataFrame(
        {
            timing.QUARTER: timing.QUARTERS,
            timing.FROM: [*starts, pd.Timestamp(2019, 1, 1)],
            timing.TO: [*ends, pd.NaT],
            w.QUOTA: quotas,
            funnel.CLOSED: [800.0, 100.0, 0.0, 0.0, 0.0],
            funnel.REPEAT_TO_COME: [0.0, 100.0, 200.0, 1_000.0, 0.0],
            timing.EXPECTED: quotas - gaps,
            timing.GAP_TO_QUOTA: gaps,
        }
    )
    return timing.QuarterPlan(table, math.nan, False, (0.0, 0.1, 0.2, 0.7, 0.0))


# The clients' calendars


@pytest.mark.parametrize(
    ("today", "month", "end"),
    [
        ("2018-04-15", 6, "2018-06-30"),
        ("2018-04-15", 4, "2018-04-30"),
        ("2018-04-15", 3, "2019-03-31"),
        ("2018-04-30", 4, "2019-04-30"),
        ("2019-12-31", 2, "2020-02-29"),
        ("2018-12-31", 12, "2019-12-31"),
    ],
)
def test_a_clients_year_ends_next_after_today(today: str, month: int, end: str) -> None:
    found = moves.client_year_ends(pd.Series([float(month), math.nan]), pd.Timestamp(today))
    assert found[0] == pd.Timestamp(end)
    assert pd.isna(found[1])


@given(day=st.dates(pd.Timestamp(2000, 1, 1).date(), pd.Timestamp(2050, 1, 1).date()))
def test_every_months_year_end_lies_within_the_next_twelve_months(day: object) -> None:
    today = pd.Timestamp(str(day))
    found = moves.client_year_ends(pd.Series(range(1, 13), dtype=float), today)
    assert (found.dt.is_month_end & (found > today)).all()
    assert (found <= today + pd.DateOffset(years=1, days=1)).all()


def test_a_month_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ModelInputError, match="month 13"):
        moves.client_year_ends(pd.Series([13.0]), TODAY)


# Where each deal stands


def test_open_deals_are_placed_largest_first() -> None:
    found = placed(
        {w.WEIGHTED: 10.0, w.CLOSE_DATE: pd.Timestamp(2018, 5, 1), w.ACCOUNT_ID: "A"},
        {w.WEIGHTED: 90.0, w.CLOSE_DATE: pd.Timestamp(2019, 5, 1)},
        {w.WEIGHTED: 50.0, w.CLOSE_DATE: pd.NaT},
        {w.STATE: w.WON},
    )
    assert found[w.WEIGHTED].tolist() == [90, 50, 10]
    # Without a date it closes 60 days after 15 April.
    assert found[timing.QUARTER].tolist() == ["Later", "Q2", "Q2"]
    assert found[moves.EXPECTED_CLOSE][1] == pd.Timestamp(2018, 6, 14)
    assert found[w.QUADRANT].tolist() == ["", "", w.BIG_BET]
    assert found[w.AGE].tolist() == [45, 45, 45]


# Bring forward


def test_deals_to_bring_forward_are_ranked_with_their_reasons() -> None:
    found = moves.pull_forward(
        placed(
            {w.DEAL_ID: "large", w.WEIGHTED: 500.0},
            {w.DEAL_ID: "budget", w.ACCOUNT_ID: "A", w.WEIGHTED: 100.0},
            {w.DEAL_ID: "old", w.OPENED: pd.Timestamp(2018, 1, 1), w.WEIGHTED: 50.0},
            {w.DEAL_ID: "soon", w.CLOSE_DATE: pd.Timestamp(2018, 6, 30)},
            {w.DEAL_ID: "stale", w.STALE: True, w.WEIGHTED: 0.0},
        ),
        plan(q2_gap=200),
        TODAY,
        60,
    )
    assert found[w.DEAL_ID].tolist() == ["budget", "old", "large"]
    assert found[moves.REASON].tolist() == [
        "Their year ends 2018-06-30, so the budget goes by then; at Qualify; "
        "closes 50 % of what Q2 is short.",
        "Open 104 days, a win takes 60; at Qualify; closes 25 % of what Q2 is short.",
        "At Qualify; closes more than what Q2 is short.",
    ]


def test_no_quarter_that_is_short_means_nothing_to_bring_forward() -> None:
    # 5 % of a quota of 1,000 is not short, and the first quarter is over.
    assert moves.pull_forward(placed({}), plan(q2_gap=50), TODAY, 60).empty
    assert moves.short_quarter(plan(q2_gap=51), TODAY) == 1
    assert moves.short_quarter(plan(q2_gap=0, q3_gap=500), TODAY) == 2
    assert moves.short_quarter(plan(q2_gap=500), pd.Timestamp(2018, 6, 30)) is None


def test_without_quota_no_quarter_is_short() -> None:
    assert moves.short_quarter(plan(q2_gap=math.nan, q3_gap=math.nan), TODAY) is None


# Leave


def test_deals_to_leave_are_stale_or_small() -> None:
    found = moves.to_leave(
        placed(
            {w.DEAL_ID: "fine"},
            {w.DEAL_ID: "small", w.AMOUNT: 200.0, w.WEIGHTED: 80.0},
            {w.DEAL_ID: "late", w.AMOUNT: 240.0, w.CLOSE_DATE: pd.Timestamp(2019, 2, 1)},
            {
                w.DEAL_ID: "stale",
                w.STALE: True,
                w.WEIGHTED: 0.0,
                w.OPENED: pd.Timestamp(2017, 4, 15),
            },
        ),
        1_000,
        YEAR,
        120,
    )
    assert found[w.DEAL_ID].tolist() == ["stale", "small", "late"]
    assert found[moves.REASON].tolist() == [
        "Open 365 days, no win took more than 120; revive it with a dated step or close it as "
        "lost.",
        "20 % of an average deal for the same effort.",
        "24 % of an average deal for the same effort; comes after the year.",
    ]


def test_without_an_average_deal_none_is_small() -> None:
    assert moves.to_leave(placed({w.AMOUNT: 1.0}), math.nan, YEAR, 120).empty


# How much hangs on how little


def test_the_two_largest_deals_are_told_with_their_share() -> None:
    found = moves.largest_two(
        placed({w.WEIGHTED: 300.0, w.ACCOUNT: "Alder"}, {w.WEIGHTED: 200.0}, {w.WEIGHTED: 100.0}),
        1_000,
    )
    assert found == moves.Concentration(500, 0.5, ("Alder", "deal D1"))
    assert math.isnan(moves.largest_two(placed(), 0).share)


# Coverage and effort


def test_coverage_tells_how_much_pipeline_stands_for_what_is_missing() -> None:
    deals = placed(
        {w.AMOUNT: 1_600.0, w.CLOSE_DATE: pd.Timestamp(2018, 5, 5)},
        {w.AMOUNT: 900.0, w.CLOSE_DATE: pd.Timestamp(2018, 8, 5)},
        {w.AMOUNT: 700.0, w.STALE: True, w.CLOSE_DATE: pd.Timestamp(2018, 8, 5)},
    )
    table = moves.quarter_coverage(plan(q2_gap=300, q3_gap=500), deals, 0.5, TODAY)
    # Missing beyond closed and repeat: 200 (over), 800, 800, 0.
    assert table[moves.COVERAGE].tolist()[:3] == pytest.approx([0, 2, 1.125])
    assert table[moves.COVERED].tolist() == pytest.approx([1, 0.7, 0.5, 1])
    assert table[moves.STAND].tolist() == [
        "over: 200 short",
        "pipeline enough",
        "thin: 1.1 times what is missing, 2.0 are needed",
        "covered without pipeline",
    ]


def test_effort_counts_touches_until_it_is_too_late_for_each_gate() -> None:
    targets = funnel.funnel_targets(9_000, 1_000, GATES, 260 / 7)
    deals = placed({w.CLOSE_DATE: pd.Timestamp(2018, 5, 5)})
    table = moves.effort_by_quarter(
        targets,
        GATES,
        deals,
        YEAR,
        TODAY,
        touches_per_deal=8,
        touches_per_week=60,
        weeks_off=0,
    )
    calls, demos, _ = targets.gates
    # 15 April to 30 June are 76 days; calls end 6 weeks before 31 December, demos 4 weeks.
    assert table[moves.EFFORT][1] == pytest.approx(8 + (calls.per_week + demos.per_week) * 76 / 7)
    assert table[moves.EFFORT].sum() == pytest.approx(8 + calls.volume + demos.volume)
    assert table[moves.ROOM].tolist() == pytest.approx([0, 60 * 76 / 7, 60 * 92 / 7, 60 * 92 / 7])


# Early signs and quick wins

CYCLES = np.array([30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 110.0, 120.0])


def test_big_bets_are_watched_by_gate_and_date() -> None:
    found = moves.early_signs(
        placed(
            {w.ACCOUNT_ID: "A", w.DEAL_ID: "far", w.CLOSE_DATE: pd.Timestamp(2018, 8, 1)},
            {w.ACCOUNT_ID: "A", w.DEAL_ID: "due", w.CLOSE_DATE: pd.Timestamp(2018, 5, 1)},
            {
                w.ACCOUNT_ID: "A",
                w.DEAL_ID: "past",
                w.CLOSE_DATE: pd.Timestamp(2018, 5, 1),
                w.STAGE: "Proposal sent",
            },
            {
                w.ACCOUNT_ID: "A",
                w.DEAL_ID: "hasty",
                w.OPENED: pd.Timestamp(2018, 4, 10),
                w.CLOSE_DATE: pd.Timestamp(2018, 4, 30),
            },
            {
                w.ACCOUNT_ID: "A",
                w.DEAL_ID: "slow",
                w.OPENED: pd.Timestamp(2017, 11, 1),
            },
            {w.ACCOUNT_ID: "B", w.DEAL_ID: "small", w.WEIGHTED: 9_000.0},
        ),
        GATES,
        CYCLES,
        TODAY,
    )
    stands = dict(zip(found[w.DEAL_ID], found[moves.STAND], strict=True))
    assert stands == {
        "far": "on the way",
        "due": "late, unless past Demos: due by 2018-04-03",
        "past": "on the way",
        "hasty": "date too early: 0 % of wins took 20 days or less",
        "slow": "late: 100 % of wins took less than its 165 days",
    }
    far = found[found[w.DEAL_ID] == "far"].iloc[0]
    # Calls must be done 6 weeks before 1 August.
    assert (far[moves.NEXT_GATE], far[moves.BY]) == ("Calls", pd.Timestamp(2018, 6, 20))


def test_without_big_bets_the_five_largest_are_watched() -> None:
    found = moves.early_signs(
        placed(*({w.WEIGHTED: float(n)} for n in range(1, 9))), GATES, CYCLES, TODAY
    )
    assert found[w.WEIGHTED].tolist() == [8, 7, 6, 5, 4]


def test_quick_wins_that_are_too_few_say_how_many_more_it_takes() -> None:
    found = moves.quick_win_check(10, 2_000, 0.25, 20_000)
    assert (found.expected, found.covers, found.more) == (5_000, 0.25, 30)
    assert found.words.startswith("10 quick wins x 25 % x 2,000 = 5,000: 25 % of the gap; it takes")


def test_quick_wins_that_are_enough_or_have_no_gap_say_so() -> None:
    assert "enough for the gap of 4,000" in moves.quick_win_check(10, 2_000, 0.25, 4_000).words
    assert "no gap to close" in moves.quick_win_check(10, 2_000, 0.25, -5).words
    assert "No deal was won" in moves.quick_win_check(3, math.nan, 0.25, 4_000).words
    assert math.isnan(moves.quick_win_check(3, 100, 0.0, 4_000).more)


@pytest.mark.parametrize(("count", "size", "rate"), [(-1, 5.0, 0.5), (1, 0.0, 0.5), (1, 5.0, 1.5)])
def test_quick_wins_that_cannot_be_are_refused(count: int, size: float, rate: float) -> None:
    with pytest.raises(ModelInputError, match="quick wins"):
        moves.quick_win_check(count, size, rate, 1_000)
