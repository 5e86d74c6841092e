"""The sheets Checks and Tracker, as macros renew them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..udfs import words as w
from ..udfs.plans import Plan, PlanCheck
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import checks, tracker
from ..workbook_templates.sheets import deals as deal_sheet
from ..workbook_templates.sheets import plan as tabs
from ..workbook_templates.sheets.checks import Check
from ..workbook_templates.writer import Table, link_formula, quote_sheet
from . import plan_history
from .hosts.reader import Reader
from .plan_files import CheckedPlan
from .workbook import Formula, Workbook

TYPED_KINDS: Final = (checks.OVERRIDE, checks.SPLIT)
DATA_KINDS: Final = (checks.DATA, checks.QUOTA, checks.SETTINGS, *TYPED_KINDS)
IMPORT_KINDS: Final = (*DATA_KINDS, checks.IMPORT)
MODEL_KINDS: Final = (checks.MODEL,)
PLAN_KINDS: Final = (checks.PLAN, *TYPED_KINDS)


@dataclass(frozen=True)
class _Placed(Table):
    """A table whose rows stand at places of their own."""

    places: Sequence[int] = ()

    def cell(self, row: int, column: str) -> str:
        """The address of a data cell; rows are counted as the round counts them."""
        return super().cell(self.places[row] if row < len(self.places) else row, column)


@dataclass(frozen=True, eq=False)
class Places:
    """Where a round's tables stand in an open workbook (``checks.HasTables``)."""

    tables: Mapping[str, Table]


def places_of(
    book: Workbook,
    reader: Reader,
    data: Round,
    accounts: Sequence[int],
    deals: Mapping[str, int],
) -> Places:
    """Where the rows of a round stand.

    Args:
        book: the door.
        reader: of the workbook; tables begin where they began before.
        data: the round.
        accounts: of each account its row in the table.
        deals: the row of each Deal ID that is listed.
    """
    shapes = tables_of(reader)
    rows = {
        c.T_ACCOUNTS: list(accounts),
        c.T_DEALS: [deals.get(deal, 0) for deal in deal_sheet.listed(data)[w.DEAL_ID].tolist()],
    }
    if c.T_REPS in shapes:
        names = book.read_table(c.T_REPS, [w.REP])[w.REP]
        at = {str(name): int(row) for row, name in zip(names.index, names, strict=True)}
        rows[c.T_REPS] = [at.get(rep, 0) for rep in data.reps[w.REP]]
    return stand(shapes, rows)


def stand(shapes: Mapping[str, Table], rows: Mapping[str, Sequence[int]]) -> Places:
    """Where tables stand, and the rows of some of them, as a round counts them."""
    return Places({name: _placed(shape, rows.get(name, ())) for name, shape in shapes.items()})


def tables_of(reader: Reader) -> dict[str, Table]:
    """Where the tables of a workbook stand."""
    found = {}
    for each in reader.tables.values():
        area = each.area
        rows = area.bottom - area.top - each.totals
        columns = tuple(header.strip() for header in reader.headers(each))
        found[each.name] = Table(each.name, area.sheet, area.top, area.left, rows, columns)
    return found


def _placed(table: Table, places: Sequence[int]) -> _Placed:
    return _Placed(table.name, table.sheet, table.row, table.col, table.rows, table.columns, places)


def write_checks(
    book: Workbook, found: Sequence[Check], kinds: Sequence[str], others: Sequence[str] = ()
) -> tuple[int, int]:
    """Puts what was found onto Checks; what other macros found stays.

    Args:
        book: the door.
        found: by this macro.
        kinds: those that this macro looks for; older ones of them go.
        others: reps whose plans were not looked at now; what was found in them stays.

    Returns:
        How many things there are now to look at, and how many of them are serious.
    """
    old = book.read_table(c.T_CHECKS)
    formulas = book.read_formulas(c.T_CHECKS)
    stay = tuple(f"{rep}{mark} " for rep in others for mark in ",:")
    kept: list[tuple[dict[str, object], bool]] = [
        (_line(row, _where(formulas, at, row)), str(row[checks.SERIOUS]) == "yes")
        for at, row in zip(old.index, old.to_dict("records"), strict=True)
        if row[checks.KIND] not in (None, "", *kinds)
        or (row[checks.KIND] == checks.PLAN and str(row[checks.WHAT]).startswith(stay))
    ]
    new: list[tuple[dict[str, object], bool]] = [
        (
            {
                checks.KIND: each.kind,
                checks.WHAT: each.what,
                checks.WHERE: Formula(link_formula(each.url, each.where))
                if each.url
                else each.where,
                checks.MEND: each.mend,
                checks.SERIOUS: "yes" if each.serious else "no",
            },
            each.serious,
        )
        for each in checks.in_order(list(found))
    ]
    ordered = sorted(
        [*new, *kept], key=lambda pair: (not pair[1], checks.place_of(str(pair[0][checks.KIND])))
    )
    lines = [line for line, _ in ordered]
    count, serious = len(lines), sum(is_serious for _, is_serious in [*new, *kept])
    for number, line in enumerate(lines, 1):
        line[checks.NUMBER] = float(number)
    shown = lines or [{checks.WHAT: checks.NOTHING}]
    frame = pd.DataFrame({name: [line.get(name) for line in shown] for name in checks.COLUMNS})
    book.replace_rows(c.T_CHECKS, frame.astype(object))
    return count, serious


def _line(row: Mapping[Any, Any], where: object) -> dict[str, object]:
    columns = (checks.KIND, checks.WHAT, checks.MEND, checks.SERIOUS)
    return {**{name: row[name] for name in columns}, checks.WHERE: where}


def _where(formulas: pd.DataFrame, at: int, row: Mapping[Any, Any]) -> object:
    text = formulas[checks.WHERE].iloc[at]
    return row[checks.WHERE] if text is None else Formula(text)


# --- Plans --------------------------------------------------------------------------


def own_lines(checked: Sequence[CheckedPlan]) -> list[tracker.Line]:
    """Plans of this workbook as the Tracker has them."""
    return [
        tracker.Line(
            each.plan.tab, each.plan, each.check, f"internal:{quote_sheet(each.plan.tab)}!A1"
        )
        for each in checked
    ]


def book_lines(checked: Sequence[CheckedPlan], team: Path) -> list[tracker.Line]:
    """Plans in the books of a team, their files as seen from its workbook."""
    return [
        book_line(
            replace(each.plan, file=_seen_from(Path(each.plan.file), team.parent)), each.check
        )
        for each in checked
    ]


def book_line(plan: Plan, check: PlanCheck) -> tracker.Line:
    """A plan in a book, its file as seen from the team workbook."""
    url = f"external:{tracker.escaped(plan.file)}#{quote_sheet(plan.tab)}!A1"
    return tracker.Line(plan.tab, plan, check, url)


def _seen_from(file: Path, folder: Path) -> str:
    import os

    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return file.as_posix()


def track_own(book: Workbook, reader: Reader, lines: Sequence[tracker.Line]) -> None:
    """Renews the findings of each plan tab's row, and adds rows for tabs that have none."""
    places = {
        str(row.get(tracker.PLAN)): place
        for place, row in reader.numbered_records(c.T_PLANS).items()
        if row.get(tracker.PLAN)
    }
    known = [line for line in lines if line.tab in places]
    counts = [float(len(line.check.findings)) for line in known]
    if known:
        frame = pd.DataFrame({tracker.FINDINGS: counts}, index=[places[line.tab] for line in known])
        book.write_columns(c.T_PLANS, frame)
    new = [line for line in lines if line.tab not in places]
    if new:
        book.append_rows(c.T_PLANS, pd.DataFrame([_own_row(line) for line in new]).astype(object))


def own_row(tab: str, findings: float | None = None) -> dict[str, object]:
    """A row of the Tracker that looks at a plan tab."""
    link = link_formula(f"internal:{quote_sheet(tab)}!A1", tracker.OPEN)
    looks = {column: Formula(text) for column, text in tracker.row_formulas(tab).items()}
    return {tracker.PLAN: tab, **looks, tracker.FINDINGS: findings, tracker.LINK: Formula(link)}


def _own_row(line: tracker.Line) -> dict[str, object]:
    return own_row(line.tab, float(len(line.check.findings)))


def track_books(book: Workbook, reader: Reader, lines: Sequence[tracker.Line]) -> None:
    """Renews the team's rows from the plans in the books, and adds those that are new."""
    places = {
        (str(row.get(w.OWNER)).casefold(), str(row.get(w.ACCOUNT)).casefold()): place
        for place, row in reader.numbered_records(c.T_PLANS).items()
        if row.get(w.ACCOUNT)
    }
    firsts = plan_history.first_days(reader)
    old: dict[int, dict[str, object]] = {}
    new: list[dict[str, object]] = []
    for line in lines:
        place = places.get((line.plan.owner.casefold(), line.plan.account.casefold()))
        row = _book_row(line, firsts)
        if place is None:
            link = Formula(link_formula(line.url, tracker.OPEN))
            new.append({tracker.PLAN: line.tab, **row, tracker.LINK: link})
        else:
            old[place] = row
    if old:
        book.write_columns(
            c.T_PLANS, pd.DataFrame(list(old.values()), index=list(old)).astype(object)
        )
    if new:
        book.append_rows(c.T_PLANS, pd.DataFrame(new).astype(object))


def _book_row(line: tracker.Line, firsts: Mapping[str, date]) -> dict[str, object]:
    action, due = tabs.next_action(line.plan)
    on = plan_history.first_day(line.plan, firsts)
    return {
        w.ACCOUNT: line.plan.account,
        w.OWNER: line.plan.owner,
        tracker.COMPLETE: line.check.completeness.share,
        tracker.MISSING: ", ".join(line.check.completeness.missing),
        tracker.NEXT_ACTION: action,
        tracker.NEXT_DUE: _as_date(due),
        tracker.STATE: line.plan.state,
        tracker.TURNED_IN: pd.Timestamp(on) if isinstance(on, date) else None,
        tracker.FINDINGS: float(len(line.check.findings)),
    }


def _as_date(due: object) -> object:
    """A day as the tracker has it; it comes as a serial number, or as "" for none."""
    if isinstance(due, float):
        return pd.Timestamp("1899-12-30") + pd.Timedelta(days=due)
    return due or None
