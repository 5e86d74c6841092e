"""The Library: read-only copies of the plans that managers mark as examples.

Plan tabs name the example that fits: of those that share most of segment, quadrant and
industry with the account the uppermost one. ``accountplan return`` writes it into the books.

A plan is copied once, as it was turned in, when its row on the Tracker says
"yes" in the column Example; with "without names" the people in it go unnamed.
One that is returned waits until it is turned in again, and what it was returned
with is not what is good about it. What the manager writes in the Library stays;
to copy a plan anew, clear its row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import Any, Final

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.history import Event, contents_of
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import library as sheet
from ..workbook_templates.sheets import tracker
from ..workbook_templates.sheets.plan import LONGEST_EXAMPLE
from .hosts.reader import Reader
from .reading import read_facts, read_workbook
from .team_tables import TeamTable, text_of
from .workbook import LONGEST_TEXT, Workbook

NAMELESS: Final = "[name]"
_ALIKE: Final = (w.SEGMENT, w.QUADRANT, w.INDUSTRY)
_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    p.CONTACTS: (p.NAME, "Our contact owner"),
    p.ACTIONS: (w.OWNER,),
    p.TEAM: ("Member",),
}


def update(
    team: Workbook, path: Path, events: Iterable[Event], now: datetime
) -> tuple[int, list[str]]:
    """Copies the plans that are newly marked into the Library.

    Args:
        team: the door to the team workbook.
        path: of the same, as it was before.
        events: of all plans, oldest first.
        now: the time of copying.

    Returns:
        How many were copied, and what to say of those that could not be.
    """
    table = TeamTable(team, c.T_LIBRARY)
    marked = [
        row
        for _, row in TeamTable(team, c.T_PLANS).records()
        if text_of(row.get(tracker.EXAMPLE))
        and table.find({w.ACCOUNT: row[w.ACCOUNT]}, (w.ACCOUNT,)) is None
    ]
    if not marked or sheet.PLAN not in table.columns:
        return 0, []
    histories: dict[str, list[Event]] = {}
    for each in events:
        histories.setdefault(each.account.casefold(), []).append(each)
    accounts = {row[w.ACCOUNT]: row for row in read_workbook(path).accounts.to_dict("records")}
    notes = []
    for row in marked:
        account = text_of(row[w.ACCOUNT])
        past = histories.get(account.casefold(), [])
        event = next((each for each in reversed(past) if each.contents), None)
        if event is None:
            notes.append(
                f"{account}: is marked as an example, but was not turned in; it comes into the "
                "Library once it is."
            )
        elif past[-1].event == p.RETURNED or _is_going_back(row):
            notes.append(
                f"{account}: is marked as an example, but is returned; it comes into the Library "
                "once it is turned in again."
            )
        else:
            nameless = text_of(row[tracker.EXAMPLE]).casefold() == tracker.WITHOUT_NAMES
            good = _good_about_it(row, past)
            table.add(_copy(event, good, accounts.get(account, {}), now, nameless=nameless))
    return table.write(), notes


def _is_going_back(row: Mapping[str, Any]) -> bool:
    return text_of(row.get(tracker.DECISION)).casefold() == tracker.RETURN.casefold()


def _good_about_it(row: Mapping[str, Any], past: Sequence[Event]) -> str:
    """What the manager said of a plan, but for what it was returned with."""
    told = text_of(row.get(tracker.FEEDBACK))
    asked = {text_of(each.feedback) for each in past if each.event == p.RETURNED}
    return "" if told in asked else told


def examples(reader: Reader) -> list[Mapping[str, Any]]:
    """The plans in the Library of a workbook; none where it has no Library."""
    if reader.table(c.T_LIBRARY) is None:
        return []
    return [row for row in reader.records(c.T_LIBRARY) if text_of(row.get(w.ACCOUNT))]


def facts_of(reader: Reader) -> dict[str, Mapping[Any, Any]]:
    """What the accounts of a workbook are like, as it is now, by their names."""
    return {row[w.ACCOUNT]: row for row in read_facts(reader).accounts.to_dict("records")}


def fitting(account: str, facts: Mapping[Any, Any], held: Sequence[Mapping[str, Any]]) -> str:
    """The example that fits an account, why, and its strategy; "" where none has anything alike.

    Args:
        account: the plan's.
        facts: its segment, quadrant and industry.
        held: the rows of the Library.
    """
    best: tuple[Mapping[str, Any], list[str]] | None = None
    for row in held:
        if text_of(row[w.ACCOUNT]).casefold() == account.casefold():
            continue
        alike = [
            name.lower()
            for name in _ALIKE
            if text_of(facts.get(name)) and text_of(facts.get(name)) == text_of(row.get(name))
        ]
        if len(alike) > (len(best[1]) if best else 0):
            best = row, alike
    if best is None:
        return ""
    row, alike = best
    told = f"{text_of(row[w.ACCOUNT])}, same {' and '.join(alike)}"
    strategy = " ".join(text_of(row.get(sheet.STRATEGY)).split())
    return shorten(f"{told}: {strategy}" if strategy else told, LONGEST_EXAMPLE, placeholder=" ...")


def name_examples(
    door: Workbook,
    plans: Iterable[p.Plan],
    facts: Mapping[str, Mapping[Any, Any]],
    held: Sequence[Mapping[str, Any]],
) -> int:
    """Writes on plan tabs which example fits; gives on how many it is another one than before."""
    changed = 0
    for plan in plans:
        name = c.PLAN_NAMES + c.P_EXAMPLE
        try:
            was = text_of(door.read_names([name], plan.tab)[name])
        except WorkbookError:
            # An older template has no room for it.
            continue
        now = fitting(plan.account, facts.get(plan.account, {}), held) if held else ""
        if plan.account and now != was:
            door.write_names({name: now or None}, plan.tab)
            changed += 1
    return changed


def _copy(
    event: Event,
    good: str,
    facts: Mapping[Any, Any],
    now: datetime,
    *,
    nameless: bool,
) -> dict[str, object]:
    fields, tables = contents_of(event.contents)
    people = _people(event, tables) if nameless else ()
    return {
        w.ACCOUNT: event.account,
        w.SEGMENT: text_of(facts.get(w.SEGMENT)) or None,
        w.QUADRANT: text_of(facts.get(w.QUADRANT)) or None,
        w.INDUSTRY: text_of(facts.get(w.INDUSTRY)) or None,
        w.OWNER: None if nameless else event.owner,
        sheet.GOOD_ABOUT_IT: without(good, people) or None,
        sheet.STRATEGY: without(text_of(fields.get("strategy")), people) or None,
        sheet.MARKED_BY: text_of(facts.get(w.MANAGER)) or None,
        sheet.MARKED_ON: datetime(now.year, now.month, now.day),
        sheet.PLAN: without(plan_text(fields, tables), people)[:LONGEST_TEXT],
    }


def plan_text(fields: Mapping[str, Any], tables: Mapping[str, list[dict[str, Any]]]) -> str:
    """A whole plan as text, one line per field and per row, as the tab orders it."""
    lines = []
    for each in p.PLAN_FIELDS:
        if each.kind != p.TABLE:
            if each.key in fields:
                lines.append(f"{each.label}: {text_of(fields[each.key])}")
            continue
        rows = tables.get(each.key, ())
        if rows:
            lines.append(f"{each.label}:")
            lines += ["- " + ", ".join(text_of(value) for value in row.values()) for row in rows]
    return "\n".join(lines)


def _people(event: Event, tables: Mapping[str, list[dict[str, Any]]]) -> tuple[str, ...]:
    """Everybody whom a plan names, the longest names first."""
    found = {event.owner, event.by}
    for key, columns in _PEOPLE.items():
        found |= {text_of(row.get(column)) for row in tables.get(key, ()) for column in columns}
    return tuple(sorted((name for name in found if len(name) > 1), key=len, reverse=True))


def without(text: str, people: Sequence[str]) -> str:
    """A text without these names."""
    for name in people:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAMELESS, text, flags=re.IGNORECASE)
    return text
