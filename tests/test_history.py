"""Does the history of a plan say what happened, once, and on which day?

Each test plays a short story: what stands on the tab at each look, and what the
history must say after it.
"""

from dataclasses import replace
from datetime import date, datetime

import pandas as pd
import pytest

from accountplan.udfs import history as h
from accountplan.udfs import plans as p

DUE = date(2026, 3, 31)


def plan(text: str = "Prove weekend service at two sites first.", **changes: object) -> p.Plan:
    actions = pd.DataFrame({"Action": ["Walk the sites"], "Due": [datetime(2026, 9, 30)]})
    held = p.Plan("A-1", "Alder Foods", "Rep North 1", {"strategy": text}, {p.ACTIONS: actions})
    return replace(held, **changes)  # type: ignore[arg-type]


def looked(*looks: tuple[datetime, p.Plan]) -> list[h.Event]:
    """The history after looking at the tab at these times; each look is taken twice."""
    past: list[h.Event] = []
    for when, held in looks:
        check = p.PlanCheck(p.Completeness(1.0, (), {}), ())
        past += h.new_events(h.sighting(held), check, past, when)
        assert h.new_events(h.sighting(held), check, past, when) == ()
    return past


def told(past: list[h.Event]) -> list[tuple[str, int, str]]:
    return [(each.event, each.version, f"{each.recorded:%m-%d}") for each in past]


def day(number: int) -> datetime:
    return datetime(2026, 3, number, 8, 0)


def turned_in(text: str, on: date | None, **changes: object) -> p.Plan:
    return plan(text, state=p.TURNED_IN, turned_in_on=on, **changes)


FIRST = turned_in("First version of the strategy.", date(2026, 3, 2))


def test_a_draft_has_no_history() -> None:
    assert looked((day(1), plan())) == []


def test_a_plan_turned_in_is_recorded_once_with_its_contents() -> None:
    (event,) = past = looked((day(3), FIRST), (day(9), FIRST))
    assert told(past) == [(p.TURNED_IN, 1, "03-03")]
    assert (event.on, event.fingerprint) == (date(2026, 3, 2), p.fingerprint(FIRST))
    fields, tables = h.contents_of(event.contents)
    assert fields == {"strategy": "First version of the strategy."}
    assert tables == {p.ACTIONS: [{"Action": "Walk the sites", "Due": "2026-09-30"}]}


def test_a_change_after_turning_in_is_no_version() -> None:
    changed = replace(FIRST, fields={"strategy": "Something else altogether."})
    past = looked((day(3), FIRST), (day(9), changed))
    assert told(past) == [(p.TURNED_IN, 1, "03-03")]
    assert h.standing(h.sighting(changed), past).is_changed_since
    assert not h.standing(h.sighting(FIRST), past).is_changed_since


def test_turned_in_again_with_a_later_date_is_a_version() -> None:
    again = turned_in("Second version.", date(2026, 3, 8))
    past = looked((day(3), FIRST), (day(9), again))
    assert told(past) == [(p.TURNED_IN, 1, "03-03"), (p.TURNED_IN, 2, "03-09")]
    standing = h.standing(h.sighting(again), past)
    assert (standing.version, standing.first_seen) == (2, date(2026, 3, 9))
    assert standing.handed_in == date(2026, 3, 2) and not standing.is_changed_since


def test_turned_in_again_by_macro_is_a_version_on_the_same_day() -> None:
    one = replace(FIRST, stamp=p.fingerprint(FIRST))
    other = turned_in("Second version.", date(2026, 3, 2))
    other = replace(other, stamp=p.fingerprint(other))
    assert told(looked((day(2), one), (day(3), other)))[1:] == [(p.TURNED_IN, 2, "03-03")]


def test_returned_and_answered() -> None:
    returned = replace(FIRST, state=p.RETURNED, returned=p.fingerprint(FIRST))
    answered = turned_in("Now with the finance director.", date(2026, 3, 2))
    approved = replace(answered, state=p.APPROVED)
    past = looked((day(3), FIRST), (day(5), returned), (day(8), answered), (day(9), approved))
    assert told(past) == [
        (p.TURNED_IN, 1, "03-03"),
        (p.RETURNED, 1, "03-05"),
        (p.TURNED_IN, 2, "03-08"),
        (p.APPROVED, 2, "03-09"),
    ]


def test_an_old_copy_of_a_returned_plan_is_no_new_version() -> None:
    returned = replace(FIRST, state=p.RETURNED)
    assert len(looked((day(3), FIRST), (day(5), returned), (day(6), FIRST))) == 2


def test_what_happened_between_two_looks_is_told_in_order() -> None:
    stamp = "0123456789abcdef"
    returned = plan(state=p.RETURNED, stamp=stamp, returned=stamp)
    past = looked((day(5), returned))
    assert told(past) == [(p.TURNED_IN, 1, "03-05"), (p.RETURNED, 1, "03-05")]
    assert [each.fingerprint for each in past] == [stamp, stamp]
    # Those contents are gone: what stands there now is something else.
    assert [each.contents for each in past] == ["", ""]


def test_approved_without_turning_in_counts_as_both() -> None:
    approved = plan(state=p.APPROVED)
    assert [event for event, *_ in told(looked((day(5), approved)))] == [p.TURNED_IN, p.APPROVED]


@pytest.mark.parametrize(
    ("on", "seen", "late"),
    [
        (date(2026, 3, 31), datetime(2026, 4, 6), 0),
        (date(2026, 4, 2), datetime(2026, 4, 6), 2),
        (None, datetime(2026, 4, 6), 6),
        (None, datetime(2026, 3, 6), 0),
    ],
    ids=["typed in time, seen later", "typed late", "seen late", "seen in time"],
)
def test_late_goes_by_the_first_version(on: date | None, seen: datetime, late: int) -> None:
    held = turned_in("First version of the strategy.", on)
    again = turned_in("Second version.", date(2026, 5, 1))
    past = looked((seen, held), (datetime(2026, 5, 2), again))
    assert h.standing(h.sighting(again), past).days_late(DUE) == late
    assert h.standing(h.sighting(again), past).days_late(None) == 0


def test_a_plan_never_turned_in_stands_nowhere() -> None:
    assert h.standing(h.sighting(plan()), []) == h.Standing()


def test_contents_that_no_cell_would_hold_are_left_out() -> None:
    assert h.contents(plan("x" * 40_000)) == ""
    assert h.contents_of("") == h.contents_of("no json") == ({}, {})
