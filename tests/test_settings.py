"""Is each mistake in the settings one clear error, and are the defaults free of any?"""

import math
from dataclasses import replace

import pandas as pd
import pytest

from accountplan.udfs import words as w
from accountplan.udfs.errors import SettingsError
from accountplan.udfs.scoring import AXES, Attribute
from accountplan.udfs.segments import Rule, Segment
from accountplan.udfs.settings import (
    DEFAULT_ATTRIBUTES,
    DEFAULT_QUADRANT_ACTIONS,
    DEFAULT_SEGMENTS,
    SCALARS,
    Scalar,
    Settings,
)

NUMERIC = [scalar for scalar in SCALARS if scalar.kind not in ("word", "date")]
WORDS = [scalar for scalar in SCALARS if scalar.kind == "word"]


def named(scalar: Scalar) -> str:
    return scalar.key


def mistakes(**given: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings(**given)  # type: ignore[arg-type]
    return list(caught.value.lines)


# The defaults


def test_the_default_weights_are_those_of_the_design() -> None:
    weights = {(a.axis, a.name): (a.weight, a.lower_is_better) for a in Settings().attributes}
    assert weights == {
        (w.POTENTIAL, w.ANNUAL_REVENUE): (30, False),
        (w.POTENTIAL, w.EMPLOYEES): (30, False),
        (w.POTENTIAL, w.PRIOR_YEAR_SALES): (20, False),
        (w.POTENTIAL, w.WALLET_SHARE): (20, True),
        (w.LIKELIHOOD, w.WIN_RATE): (40, False),
        (w.LIKELIHOOD, w.OPEN_PIPELINE): (20, False),
        (w.LIKELIHOOD, w.DAYS_SINCE_LAST_WON): (20, True),
        (w.LIKELIHOOD, w.TENURE): (20, False),
    }


def test_the_default_numbers_are_those_of_the_design() -> None:
    found = Settings()
    assert (found.potential_share, found.likelihood_cut, found.potential_cut) == (0.5, 50, 50)
    assert (found.least_coverage, found.exhausted_below) == (0.5, 0.1)
    assert found.compare == {w.POTENTIAL: "all", w.LIKELIHOOD: "status"}
    assert found.quota_counts == w.ALL_BOOKINGS
    assert found.plans_per_book == 3
    assert [found.retention, found.win_probability, found.money_cut, found.stale_after] == [
        None
    ] * 4


def test_every_quadrant_has_an_action_and_a_skipped_customer_is_still_served() -> None:
    actions = {action.quadrant: action for action in DEFAULT_QUADRANT_ACTIONS}
    assert set(actions) == {*w.QUADRANTS, w.NOT_ENOUGH_DATA}
    assert actions[w.SKIP].active.casefold() == "maintain: serve, do not invest"


def test_every_default_segment_has_an_action() -> None:
    assert all(segment.action for segment in DEFAULT_SEGMENTS)


# The mistakes


@pytest.mark.parametrize("axis", AXES)
def test_weights_of_an_axis_that_do_not_total_100_name_the_total(axis: str) -> None:
    first = next(a for a in DEFAULT_ATTRIBUTES if a.axis == axis)
    wrong = tuple(replace(a, weight=a.weight - 5) if a is first else a for a in DEFAULT_ATTRIBUTES)
    (line,) = mistakes(attributes=wrong)
    assert f"the weights of {axis} total 95" in line


def test_weights_in_thirds_total_100_well_enough() -> None:
    thirds = tuple(Attribute(f"Third {n}", w.POTENTIAL, 100 / 3) for n in range(3))
    Settings(attributes=(*thirds, Attribute("Other", w.LIKELIHOOD, 100)))


def test_two_attributes_of_one_name_are_one_mistake() -> None:
    twice = (*DEFAULT_ATTRIBUTES, Attribute(w.EMPLOYEES, w.LIKELIHOOD, 0))
    (line,) = mistakes(attributes=twice)
    assert line == "Attributes: Employees stands there twice; keep one row per attribute."


def test_two_segments_of_one_name_in_any_case_are_one_mistake() -> None:
    other = Segment("CUSTOMERS", "do it", ((Rule(w.STATUS, "is", w.ACTIVE),),))
    (line,) = mistakes(segments=(*DEFAULT_SEGMENTS, other))
    assert "Segments:" in line
    assert "twice" in line


def test_a_quadrant_without_action_is_named() -> None:
    (line,) = mistakes(quadrant_actions=DEFAULT_QUADRANT_ACTIONS[1:])
    assert w.SLAM_DUNK in line


def test_quarters_that_do_not_total_100_percent_name_the_total() -> None:
    (line,) = mistakes(quarter_shares=(0.25, 0.25, 0.25, 0.2))
    assert "95%" in line


def test_every_mistake_is_told_at_once() -> None:
    lines = mistakes(likelihood_cut=101.0, placed_by="luck", attributes=DEFAULT_ATTRIBUTES[:1])
    assert len(lines) == 3


@pytest.mark.parametrize("scalar", NUMERIC, ids=named)
def test_a_number_below_its_range_is_named_with_the_range(scalar: Scalar) -> None:
    assert scalar.low is not None
    (line,) = mistakes(**{scalar.key: scalar.low - 1})
    assert scalar.label in line
    assert f"{scalar.low:g}" in line


@pytest.mark.parametrize("scalar", [s for s in NUMERIC if s.high is not None], ids=named)
def test_a_number_above_its_range_is_named_with_the_range(scalar: Scalar) -> None:
    assert scalar.high is not None
    (line,) = mistakes(**{scalar.key: scalar.high + 1})
    assert scalar.label in line
    assert f"{scalar.low:g} to {scalar.high:g}" in line


@pytest.mark.parametrize("value", ["many", True, math.nan], ids=str)
@pytest.mark.parametrize("scalar", NUMERIC, ids=named)
def test_what_is_no_number_is_refused(scalar: Scalar, value: object) -> None:
    (line,) = mistakes(**{scalar.key: value})
    assert f"{scalar.label}: '{value}' is not a number" in line


@pytest.mark.parametrize("scalar", WORDS, ids=named)
def test_an_unknown_word_names_those_there_are(scalar: Scalar) -> None:
    (line,) = mistakes(**{scalar.key: "luck"})
    assert all(word in line for word in ("luck", scalar.label, *scalar.choices))


@pytest.mark.parametrize("scalar", SCALARS, ids=named)
def test_only_what_has_another_source_may_be_blank(scalar: Scalar) -> None:
    if scalar.blank:
        assert getattr(Settings(**{scalar.key: None}), scalar.key) is None
    else:
        (line,) = mistakes(**{scalar.key: None})
        assert scalar.label in line


def test_a_month_and_a_count_are_whole_numbers_and_a_date_is_a_date() -> None:
    assert "whole number" in mistakes(fiscal_year_start=1.5)[0]
    assert "whole number" in mistakes(plans_per_book=2.5)[0]
    assert "not a date" in mistakes(plan_due="soon")[0]
    due = pd.Timestamp("2018-01-31")
    assert Settings(plan_due=due).plan_due == due


def test_every_single_setting_is_described_once() -> None:
    keys = [scalar.key for scalar in SCALARS]
    assert len(set(keys)) == len(keys)
    assert len({scalar.name for scalar in SCALARS}) == len(keys)
    assert all(hasattr(Settings(), key) for key in keys)
