"""Does the other direction undo the first, do the mends mend, and is the leak the leak?

Oracles: published worked examples read backwards, sums done by hand, and the funnel itself asked
again with the mended numbers.
"""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplan.udfs import funnel, rates, volume
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.funnel import DEAL, Gate

SALES_MATH = (
    Gate("cold call", 0.10),
    Gate("initial meeting", 0.35),
    Gate("second meeting", 0.50),
    Gate("proposal", 0.40),
)
GATES = (Gate("email", 0.1, 1), Gate("call", 0.25, 2), Gate("demo", 0.3, 5))


# The other direction


@pytest.mark.parametrize(
    ("gate", "units"),
    [("cold call", 2000), ("initial meeting", 200), ("second meeting", 70), ("Proposal", 35)],
)
def test_reach_reads_the_published_example_of_sales_math_backwards(gate: str, units: int) -> None:
    """mysalesprocess.com/sales-math: 2,000 cold calls, 200 first meetings, 70 second meetings or
    35 proposals a year make 14 deals."""
    found = volume.funnel_reach(gate, units / 50, 1_000, SALES_MATH, 50)
    assert found.deals == pytest.approx(14, rel=1e-12)
    assert found.money == pytest.approx(14_000, rel=1e-12)
    assert found.gates[0].volume == pytest.approx(2000, rel=1e-12)
    assert found.note == ""


def test_sixty_calls_a_week_reach_what_they_reach_before_it_is_too_late() -> None:
    # Calls count for 20 - 7 = 13 weeks: 60 x 13 x 0.25 x 0.3 = 58.5 deals.
    found = volume.funnel_reach("call", 60, 10_000, GATES, 20)
    assert found.deals == pytest.approx(58.5, rel=1e-12)
    # With 13 of 52 weeks off, 7 calendar weeks of lag are 5.25 selling weeks.
    off = volume.funnel_reach("call", 60, 10_000, GATES, 20, weeks_off=13)
    assert off.deals == pytest.approx(60 * 14.75 * 0.075, rel=1e-12)


shares = st.floats(0.001, 1)
lags = st.floats(0, 3)


@given(
    gap=st.floats(1, 1e9),
    average=st.floats(0.01, 1e6),
    chosen=st.lists(st.tuples(shares, lags), min_size=1, max_size=6),
    weeks=st.floats(20, 52),
    off=st.floats(0, 26),
    data=st.data(),
)
def test_both_directions_are_inverse_to_each_other(
    gap: float,
    average: float,
    chosen: list[tuple[float, float]],
    weeks: float,
    off: float,
    data: st.DataObject,
) -> None:
    gates = [Gate(f"g{n}", rate, lag) for n, (rate, lag) in enumerate(chosen)]
    targets = funnel.funnel_targets(gap, average, gates, weeks, weeks_off=off)
    asked = data.draw(st.sampled_from(targets.gates))
    back = volume.funnel_reach(asked.gate, asked.per_week, average, gates, weeks, weeks_off=off)
    assert back.money == pytest.approx(gap, rel=1e-9)
    there = [each.per_week for each in targets.gates]
    assert [each.per_week for each in back.gates] == pytest.approx(there, rel=1e-9)


def test_nothing_done_reaches_nothing() -> None:
    found = volume.funnel_reach("email", 0, 10_000, GATES, 20)
    assert (found.deals, found.money, found.note) == (0, 0, "")


def test_what_starts_too_late_reaches_nothing_and_says_so() -> None:
    found = volume.funnel_reach("call", 60, 10_000, GATES, 6)
    assert (found.deals, found.money) == (0, 0)
    assert found.note == funnel.TOO_LATE.format("call")


def test_a_missing_average_deal_leaves_the_money_missing() -> None:
    found = volume.funnel_reach("demo", 2, math.nan, GATES, 20)
    assert found.deals == pytest.approx(2 * 15 * 0.3)
    assert math.isnan(found.money)


def test_a_gate_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ModelInputError, match="use one of: email, call, demo, deal"):
        volume.funnel_reach("lunch", 2, 100, GATES, 20)


@pytest.mark.parametrize(("a_week", "weeks"), [(-1, 5), (math.nan, 5), (math.inf, 5), (1, -5)])
def test_volumes_and_weeks_that_cannot_be_are_refused(a_week: float, weeks: float) -> None:
    with pytest.raises(ModelInputError, match="reach"):
        volume.funnel_reach("demo", a_week, 100, GATES, weeks)


# Lags


def test_each_gate_has_the_weeks_less_the_lags_from_there() -> None:
    # 9 deals, 30 demos in 20-5, 120 calls in 20-7, 1,200 e-mails in 20-8 weeks.
    targets = funnel.funnel_targets(90_000, 10_000, GATES, 20)
    assert [g.weeks for g in targets.gates] == [12, 13, 15, 20]
    assert [g.per_week for g in targets.gates] == pytest.approx([100, 120 / 13, 2, 9 / 20])


def test_a_gate_whose_lag_is_longer_than_the_year_is_too_late() -> None:
    targets = funnel.funnel_targets(90_000, 10_000, GATES, 6)
    assert [g.weeks for g in targets.gates] == [0, 0, 1, 6]
    assert math.isnan(targets.gates[0].per_week)
    assert targets.note == "Too late for email, call: " + targets.note.split(": ")[1]


def test_latest_days_count_back_from_the_years_end() -> None:
    # 31 December less 5, 7 and 8 weeks.
    assert funnel.latest_days(GATES, pd.Timestamp(2018, 12, 31)) == (
        pd.Timestamp(2018, 11, 5),
        pd.Timestamp(2018, 11, 12),
        pd.Timestamp(2018, 11, 26),
    )


@pytest.mark.parametrize("lag", [-1, 521, math.nan, math.inf])
def test_a_lag_that_is_no_number_of_weeks_is_refused(lag: float) -> None:
    with pytest.raises(ModelInputError, match="gate 'call': the lag"):
        Gate("call", 0.5, lag)


# Capacity


def targets_of(gates: tuple[Gate, ...], average: float = 10_000) -> funnel.FunnelTargets:
    return funnel.funnel_targets(90_000, average, gates, 20)


def test_a_plan_that_fits_needs_no_mend() -> None:
    # 100 + 120/13 + 2 touches a week.
    found = volume.capacity_check(targets_of(GATES), 10_000, 112)
    assert found.needed == pytest.approx(100 + 120 / 13 + 2)
    assert found.fits
    assert found.gate == ""


def mended(found: volume.Capacity) -> tuple[Gate, ...]:
    return tuple(
        replace(gate, rate=found.rate_to) if gate.name == found.gate else gate for gate in GATES
    )


@given(capacity=st.floats(5, 111))
def test_each_mend_makes_the_plan_fit_exactly(capacity: float) -> None:
    found = volume.capacity_check(targets_of(GATES), 10_000, capacity)
    longer = funnel.funnel_targets(90_000, 10_000, GATES, 20 + found.more_weeks)
    richer = targets_of(GATES, found.average_deal_to)
    plans = [longer, richer]
    if found.gate:
        plans.append(targets_of(mended(found)))
    for plan in plans:
        assert sum(g.per_week for g in plan.gates[:-1]) == pytest.approx(capacity, rel=1e-9)


def test_the_rate_to_raise_is_the_one_that_needs_the_smallest_rise() -> None:
    found = volume.capacity_check(targets_of(GATES), 10_000, 60)
    # All volumes hang on the last gate: 0.3 x 111.23 / 60.
    assert found.gate == "demo"
    assert found.rate_to == pytest.approx(0.3 * (102 + 120 / 13) / 60)


def test_where_no_rate_can_mend_it_none_is_named() -> None:
    found = volume.capacity_check(targets_of(GATES), 10_000, 1)
    assert (found.gate, math.isnan(found.rate_to)) == ("", True)
    assert found.average_deal_to == pytest.approx(10_000 * found.needed)


def test_without_capacity_nothing_mends() -> None:
    found = volume.capacity_check(targets_of(GATES), 10_000, 0)
    assert not found.fits
    assert math.isnan(found.more_weeks)


def test_what_is_too_late_cannot_be_mended_by_working_more() -> None:
    found = volume.capacity_check(funnel.funnel_targets(90_000, 10_000, GATES, 6), 10_000, 60)
    assert math.isnan(found.needed)
    assert not found.fits
    assert math.isnan(found.average_deal_to)


@pytest.mark.parametrize("capacity", [-1, math.nan, math.inf])
def test_a_capacity_that_cannot_be_is_refused(capacity: float) -> None:
    with pytest.raises(ModelInputError, match="capacity"):
        volume.capacity_check(targets_of(GATES), 10_000, capacity)


# Plan against actual


def test_pace_says_how_far_behind_each_gate_is() -> None:
    done = pd.Series({"email": 100.0, "call": 5.0, "demo": 2.5})
    table = volume.pace(targets_of(GATES), done)
    assert table[volume.BEHIND].tolist() == pytest.approx([0, 120 / 13 - 5, 0])
    assert table[volume.STAND].tolist() == ["on pace", "behind by 4.2 a week", "on pace"]


def test_pace_says_why_there_is_nothing_to_say() -> None:
    nothing = pd.Series({"email": 0.0, "call": 0.0, "demo": 0.0})
    assert set(volume.pace(targets_of(GATES), nothing)[volume.STAND]) == {"nothing logged"}
    reached = funnel.funnel_targets(-1, 10_000, GATES, 20)
    assert set(volume.pace(reached, nothing)[volume.STAND]) == {"nothing needed"}
    late = funnel.funnel_targets(90_000, 10_000, GATES, 6)
    some = pd.Series({"email": 9.0, "call": 9.0, "demo": 30.0})
    assert volume.pace(late, some)[volume.STAND].tolist() == ["too late", "too late", "on pace"]


def rates_of(**reps: tuple[float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(reps, orient="index", columns=["Calls", "Demos", DEAL])
    everybody = table.astype(float)
    return rates.gate_rates(
        everybody.iloc[0].tolist(), rates.everybodys_rates(everybody), (0.5, 0.5)
    )


def test_the_gate_that_leaks_most_is_the_one_furthest_below_everybodys() -> None:
    # Calls: 20/100 against 120/300; demos: 9/20 against 39/120.
    found = volume.leak(rates_of(A=(100, 20, 9), B=(200, 100, 30)))
    assert found == volume.Leak("Calls", 0.2, 0.4, 100)
    assert found.words == "Calls leak most: 20 % of 100 got through, everybody's 40 %."


def test_nothing_leaks_where_no_gate_is_below_everybodys() -> None:
    assert volume.leak(rates_of(A=(100, 50, 25))) is None
    assert volume.leak(rates_of(A=(0, 0, 0))) is None


def test_pace_names_its_columns() -> None:
    done = pd.Series(dtype=float)
    assert list(volume.pace(targets_of(GATES), done).columns) == [
        w.GATE,
        volume.NEEDED,
        volume.DONE_A_WEEK,
        volume.BEHIND,
        volume.STAND,
    ]
