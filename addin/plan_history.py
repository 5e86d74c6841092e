"""The table PlanHistory of a team workbook: read, and added to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from ..udfs import words as w
from ..udfs.history import EVENTS, Event
from ..udfs.plans import DRAFT, TURNED_IN, Plan
from ..udfs.table_cells import cell_date, cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import history as sheet
from .hosts.reader import Reader
from .team_tables import text_of
from .workbook import Workbook

_YES: Final = "yes"


def key_of(account_id: str) -> str:
    """By what the events of one plan are told: the account, whoever owns it by now."""
    return account_id.casefold()


def read(team: Workbook) -> dict[str, list[Event]]:
    """The events of every plan, oldest first, by ``key_of``."""
    found: dict[str, list[Event]] = {}
    for row in team.read_table(c.T_HISTORY).to_dict("records"):
        event = _event(row)
        if event is not None:
            found.setdefault(key_of(event.account_id), []).append(event)
    return found


def first_days(reader: Reader) -> dict[str, date]:
    """The day on which each plan was first turned in, as typed, else as seen; by ``key_of``.

    A plan that was returned and turned in again is as late as its first version.
    """
    found: dict[str, date] = {}
    for row in reader.records(c.T_HISTORY):
        event = _event(row)
        if event is not None and event.event == TURNED_IN:
            found.setdefault(key_of(event.account_id), event.on or event.recorded.date())
    return found


def first_day(plan: Plan, firsts: Mapping[str, date]) -> date | None:
    """The day that counts for being on time; its own where History knows nothing of it."""
    first = None if plan.state == DRAFT else firsts.get(key_of(plan.account_id))
    return first or plan.turned_in_on


def append(team: Workbook, events: Sequence[Event]) -> None:
    """Adds events at the end."""
    if events:
        frame = pd.DataFrame([_row(event) for event in events], dtype=object)
        team.append_rows(c.T_HISTORY, frame)


def _event(row: Mapping[Any, Any]) -> Event | None:
    """A row as an event; None for one that names no event or no time."""
    recorded = row[sheet.RECORDED]
    if text_of(row[sheet.EVENT]) not in EVENTS or not isinstance(recorded, datetime):
        return None
    version = row[sheet.VERSION]
    return Event(
        recorded=recorded,
        account_id=text_of(row[w.ACCOUNT_ID]),
        account=text_of(row[w.ACCOUNT]),
        owner=text_of(row[w.OWNER]),
        event=text_of(row[sheet.EVENT]),
        version=int(version) if isinstance(version, int | float) else 0,
        fingerprint=text_of(row[sheet.FINGERPRINT]),
        by=text_of(row[sheet.TURNED_IN_BY]),
        on=cell_date(row[sheet.TURNED_IN_ON]),
        complete=cell_number(row[sheet.COMPLETE]),
        good=text_of(row[sheet.GOOD]) == _YES,
        rating=cell_number(row[sheet.RATING]),
        feedback=text_of(row[sheet.FEEDBACK]),
        book=text_of(row[sheet.BOOK]),
        contents=text_of(row[sheet.CONTENTS]),
    )


def _row(event: Event) -> dict[str, object]:
    return {
        sheet.RECORDED: event.recorded.replace(microsecond=0),
        w.OWNER: event.owner,
        w.ACCOUNT: event.account,
        w.ACCOUNT_ID: event.account_id,
        sheet.EVENT: event.event,
        sheet.VERSION: float(event.version),
        sheet.FINGERPRINT: event.fingerprint,
        sheet.TURNED_IN_BY: event.by or None,
        sheet.TURNED_IN_ON: event.on,
        sheet.COMPLETE: event.complete,
        sheet.GOOD: _YES if event.good else "no",
        sheet.RATING: event.rating,
        sheet.FEEDBACK: event.feedback or None,
        sheet.BOOK: event.book or None,
        sheet.CONTENTS: event.contents or None,
    }
