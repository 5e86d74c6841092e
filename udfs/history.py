"""What became of a plan: turned in, approved, returned, and turned in again?

Assumes:

1. A plan is a version from the moment it is turned in. It is a new version when
   it bears another stamp, a later date of turning in, or, after it was returned,
   other contents. Anything else that changes is "changed since".
2. When a plan was first seen turned in is what a collection saw, not what was
   typed; whether it was on time goes by the date typed for its first version,
   and both are shown where they differ.
3. Nothing is taken out of the history.

Dates are calendar days; the time of recording is given by the caller.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from .plans import (
    APPROVED,
    DRAFT,
    PLAN_TABLES,
    RETURNED,
    TURNED_IN,
    Plan,
    PlanCheck,
    fingerprint,
)

__all__ = [
    "Event",
    "Sighting",
    "Standing",
    "contents",
    "contents_of",
    "new_events",
    "sighting",
    "standing",
]

EVENTS: Final = (TURNED_IN, APPROVED, RETURNED)
HANDED_IN: Final = (TURNED_IN, APPROVED)
LONGEST_CONTENTS: Final = 32_767
_OUTSIDE: Final = frozenset(("turned_in_by", "feedback"))


@dataclass(frozen=True)
class Event:
    """One thing that happened to a plan.

    Args:
        recorded: when it was seen.
        account_id, account, owner: whose plan it is.
        event: one of ``EVENTS``.
        version: how many times the plan had been turned in by then.
        fingerprint: of the contents.
        by, on: who turned it in and when, as typed; "" and None where nobody said.
        complete: share of required fields filled, 0-1.
        good: whether it was complete without a serious finding.
        rating: 1-5, NaN where nobody rated it.
        feedback: what the manager said.
        book: the file that it was read from.
        contents: all of it (``contents``); "" where it is not known.
    """

    recorded: datetime
    account_id: str
    account: str
    owner: str
    event: str
    version: int
    fingerprint: str
    by: str = ""
    on: date | None = None
    complete: float = np.nan
    good: bool = False
    rating: float = np.nan
    feedback: str = ""
    book: str = ""
    contents: str = ""


@dataclass(frozen=True)
class Sighting:
    """A plan as a look at its tab found it.

    Args:
        plan: how it stands. What it holds may be left out, to keep thousands.
        fingerprint: of all that it holds.
        contents: the same as text (``contents``).
    """

    plan: Plan
    fingerprint: str
    contents: str


def sighting(plan: Plan) -> Sighting:
    """A whole plan as a look finds it."""
    return Sighting(plan, fingerprint(plan), contents(plan))


@dataclass(frozen=True)
class Standing:
    """How a plan stands, by its tab and its history.

    Args:
        version: how many times it was turned in.
        first_seen: the day on which its latest version was first seen turned in.
        handed_in: the day that counts for being on time: of the first version,
            as typed, else as seen; None where it never was turned in.
        is_changed_since: whether it was changed after it was turned in or approved.
    """

    version: int = 0
    first_seen: date | None = None
    handed_in: date | None = None
    is_changed_since: bool = False

    def days_late(self, due: date | None) -> int:
        """Days from the due date to the first turning in; 0 where it was on time."""
        if due is None or self.handed_in is None:
            return 0
        return max(0, (self.handed_in - due).days)


def new_events(
    seen: Sighting, check: PlanCheck, past: Sequence[Event], recorded: datetime
) -> tuple[Event, ...]:
    """What has happened to a plan since it was last seen?

    Args:
        seen: the plan as its tab says it now.
        check: what a check found about it.
        past: its history, oldest first.
        recorded: when it was seen now.

    Returns:
        None where nothing is new, so that looking twice adds nothing. A plan
        that was turned in and returned between two looks gives both events.
    """
    plan = seen.plan
    if plan.state == DRAFT:
        return ()
    found: list[Event] = []
    version = sum(each.event == TURNED_IN for each in past)
    if _is_new_version(seen, past):
        version += 1
        found.append(_event(seen, check, TURNED_IN, version, plan.stamp, past, recorded))
    last = [*past, *found][-1].event if past or found else ""
    if plan.state != TURNED_IN and last != plan.state:
        held = plan.returned if plan.state == RETURNED else plan.stamp
        everything = [*past, *found]
        found.append(_event(seen, check, plan.state, version, held, everything, recorded))
    return tuple(found)


def _is_new_version(seen: Sighting, past: Sequence[Event]) -> bool:
    plan = seen.plan
    handed_in = [each for each in past if each.event == TURNED_IN]
    if not handed_in:
        return plan.state != RETURNED or plan.stamp != ""
    last = handed_in[-1]
    if plan.stamp not in ("", *(each.fingerprint for each in handed_in)):
        return True
    if plan.state == RETURNED:
        return False
    if plan.turned_in_on is not None and plan.turned_in_on > (last.on or last.recorded.date()):
        return True
    came_back = past[-1].event == RETURNED
    return came_back and plan.stamp == "" and seen.fingerprint != last.fingerprint


def verdict(past: Sequence[Event], version: int, fingerprint: str) -> Event | None:
    """The event that says how complete and how good this version was when it was first collected.

    Dates pass and others' texts change while a manager reads: a version keeps its verdict.

    Args:
        past: the history of the plan, oldest first.
        version: which version it is.
        fingerprint: of its contents.
    """
    same = (each for each in past if (each.version, each.fingerprint) == (version, fingerprint))
    return next(same, None)


def _event(
    seen: Sighting,
    check: PlanCheck,
    event: str,
    version: int,
    stamp: str,
    past: Sequence[Event],
    recorded: datetime,
) -> Event:
    plan, now = seen.plan, seen.fingerprint
    told = verdict(past, version, stamp or now)
    return Event(
        recorded=recorded,
        account_id=plan.account_id,
        account=plan.account,
        owner=plan.owner,
        event=event,
        version=version,
        fingerprint=stamp or now,
        by=_text(plan.fields.get("turned_in_by")),
        on=plan.turned_in_on,
        complete=told.complete if told else check.completeness.share,
        good=told.good if told else check.good,
        feedback="" if event == TURNED_IN else _text(plan.fields.get("feedback")),
        book=plan.file,
        # What was turned in is known only while it still stands on the tab.
        contents=seen.contents if stamp in ("", now) else "",
    )


def standing(seen: Sighting, past: Iterable[Event]) -> Standing:
    """How does this plan stand?

    Args:
        seen: the plan as its tab says it now.
        past: its history, oldest first, this look included.
    """
    events = list(past)
    handed_in = [each for each in events if each.event == TURNED_IN]
    if not handed_in:
        return Standing()
    first, last = handed_in[0], handed_in[-1]
    counts = [each for each in events if each.event in HANDED_IN][-1]
    changed = seen.plan.state in HANDED_IN and seen.fingerprint != counts.fingerprint
    return Standing(
        version=len(handed_in),
        first_seen=last.recorded.date(),
        handed_in=first.on or first.recorded.date(),
        is_changed_since=changed,
    )


# --- The contents as text ------------------------------------------------------


def contents(plan: Plan) -> str:
    """All that a plan says, as one line of JSON that fits into a cell.

    Returns:
        ``{"fields": {key: value}, "tables": {key: [{column: value}]}}`` with what
        is filled; dates as 2026-09-30. "" where a cell would not hold it.
    """
    fields = {
        key: value
        for key, held in plan.fields.items()
        if key not in _OUTSIDE and (value := _plain(held)) is not None
    }
    tables = {}
    for key in PLAN_TABLES:
        rows = plan.tables.get(key)
        if rows is not None and len(rows):
            lines = [
                {
                    str(name): value
                    for name, held in row.items()
                    if (value := _plain(held)) is not None
                }
                for row in rows.to_dict("records")
            ]
            tables[key] = [line for line in lines if line]
    told = json.dumps({"fields": fields, "tables": tables}, ensure_ascii=False)
    return told if len(told) <= LONGEST_CONTENTS else ""


def contents_of(text: str) -> tuple[Mapping[str, Any], Mapping[str, list[dict[str, Any]]]]:
    """Fields and tables from what ``contents`` made; both empty where it says nothing."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}, {}
    return told.get("fields", {}), told.get("tables", {})


def _plain(value: object) -> object:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        number = float(value)
        return int(number) if number.is_integer() else number
    return str(value)


def _text(value: object) -> str:
    told = _plain(value)
    return "" if told is None else str(told)
