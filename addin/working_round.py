"""A workbook that people work in, read as a planning round.

Everything is worked out anew from what was typed or imported: formulas are not
asked, for their stored results may be old. Facts that the deals gave last time
(Scores remembers which) are found anew; facts that a person typed stay. Where
the workbook does not list all deals, what they said then is kept.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from ..udfs import words as w
from ..udfs.errors import ImportFileError, ModelInputError, SettingsError, WorkbookError
from ..udfs.facts import Assumed
from ..udfs.settings import SCALARS, Settings
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from .crm import CrmExport, read_tables
from .crm import headers as h
from .crm.accounts import ANSWERS, GIVEN, OPTIONAL
from .crm.cells import as_text
from .crm.deals import DEAL_COLUMNS
from .crm.files import Table
from .crm.people import ACTIVITY_COLUMNS, TEAM_COLUMNS
from .hosts.reader import Reader
from .planning import History, plan_round
from .reading import day_of, kind_of
from .settings import settings_of
from .workbook import address

FROM_EXPORT: Final = "CRM export"
YES: Final = "yes"


@dataclass(frozen=True)
class Sheetful:
    """A table's cells, column by column, rows typed directly beneath it included.

    Attributes:
        name: of the table.
        sheet: it stands on.
        first: the sheet's row of its first data row, counted from 0.
        left: the sheet's column of its first one, counted from 0.
        rows: how many.
        columns: header -> cells; empty ones are "".
    """

    name: str
    sheet: str
    first: int
    left: int
    rows: int
    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class Working:
    """A round that was read from a workbook, and where its rows stand there.

    Attributes:
        data: the round; its kind is the workbook's.
        accounts, deals: of each account and deal the place in its table, from 0.
        export: what was read.
    """

    data: Round
    accounts: tuple[int, ...]
    deals: tuple[int, ...]
    export: CrmExport


def read_working(reader: Reader) -> Working:
    """The round that a workbook holds, worked out anew.

    Args:
        reader: of the workbook.

    Raises:
        WorkbookError: a table or column is missing, there are no accounts, or the
            workbook holds only some of the accounts that are scored together.
        ImportFileError: a cell cannot be read; one line per mistake.
        SettingsError, ModelInputError: the settings are wrong, or do not fit the accounts.
    """
    settings = settings_of(reader)
    refuse_part(reader)
    accounts = sheetful(reader, c.T_ACCOUNTS, (w.ACCOUNT, w.ACCOUNT_ID))
    deals = sheetful(reader, c.T_DEALS, (w.ACCOUNT, w.REP, w.STATE, w.AMOUNT))
    _refuse_uncalculated(reader, accounts, settings)
    not_listed = _number(reader.named_value(c.N_DEALS_NOT_LISTED)) > 0
    tables = {h.ACCOUNTS: _accounts_table(reader, accounts, keep=not_listed)}
    if not len(tables[h.ACCOUNTS].rows):
        raise WorkbookError(
            f"{reader.label}: sheet {accounts.sheet}: there are no accounts yet; paste them in "
            f"beneath {address(accounts.first - 1, accounts.left)}, one row each, or import a CRM "
            "export."
        )
    tables |= _others(reader)
    try:
        export = read_tables(tables)
        history = _history(reader, settings) if not_listed else None
        data = plan_round(
            export,
            settings,
            as_of=_as_of(reader, export),
            today=day_of(reader.named_value(c.N_TODAY)),
            history=history,
        )
    except (ImportFileError, SettingsError, ModelInputError) as mistake:
        lines = [
            line if line.startswith(reader.label) else f"{reader.label}: {line}"
            for line in mistake.lines
        ]
        raise type(mistake)(lines[0], tuple(lines[1:])) from None
    return Working(
        replace(data, kind=kind_of(reader), today=_today(reader, data)),
        tuple(int(row) - 1 - accounts.first for row in export.account_rows),
        tuple(int(row) - 1 - deals.first for row in export.deal_rows),
        export,
    )


def export_of(reader: Reader, accounts: pd.DataFrame) -> CrmExport:
    """The deals, reps and activity of a workbook, for accounts that come from elsewhere.

    Args:
        reader: of the workbook.
        accounts: one row per account, as an import gives them.

    Raises:
        ImportFileError: a cell cannot be read; one line per mistake.
    """
    ids = {name: accounts[name].astype(object) for name in (w.ACCOUNT_ID, w.ACCOUNT)}
    match = h.Match({name: name for name in ids}, {name: h.Unit() for name in ids}, ())
    rows = np.arange(len(accounts)) + 1
    tables = {h.ACCOUNTS: Table(h.ACCOUNTS, reader.label, "", "", "", match, ids, rows)}
    return read_tables(tables | _others(reader))


def _others(reader: Reader) -> dict[str, Table]:
    """The tables of deals, reps and activity, those that hold anything."""
    deals = sheetful(reader, c.T_DEALS, (w.ACCOUNT, w.REP, w.STATE, w.AMOUNT))
    found = {
        h.OPPORTUNITIES: _deals_table(reader, deals),
        h.TEAMS: _people_table(reader),
        h.ACTIVITY: _plain_table(reader, h.ACTIVITY, c.T_ACTIVITY, ACTIVITY_COLUMNS),
    }
    return {role: table for role, table in found.items() if table is not None and len(table.rows)}


def is_part(reader: Reader) -> bool:
    """Whether the accounts here are only some of those scored together."""
    together = _number(reader.named_value(c.N_SCORED_TOGETHER))
    here = len(reader.records(c.T_SCORES))
    return bool(here and together > here)


def refuse_part(reader: Reader) -> None:
    """Raises WorkbookError where the accounts here are only some of those scored together."""
    if is_part(reader):
        together = _number(reader.named_value(c.N_SCORED_TOGETHER))
        here = len(reader.records(c.T_SCORES))
        raise WorkbookError(
            f"{reader.label}: scores compare {together:,.0f} accounts, and {here:,} of them are "
            "here; do this in the team workbook, which has all of them, and build the books anew."
        )


def sheetful(reader: Reader, name: str, needed: Sequence[str] = ()) -> Sheetful:
    """A table's cells, rows typed directly beneath it included.

    Args:
        reader: of the workbook.
        name: of the table.
        needed: columns without which nothing can be done.

    Raises:
        WorkbookError: the table, or a needed column, is not there, or a column is there twice.
    """
    table = reader.table(name)
    if table is None:
        raise WorkbookError(
            f"{reader.label}: the table {name} is missing; take the workbook from a backup, or "
            "give the table its name back (Table Design, Table Name)."
        )
    area, headers = table.area, [header.strip() for header in reader.headers(table)]
    for column in needed:
        if headers.count(column) != 1:
            raise WorkbookError(
                f"{reader.label}: sheet {area.sheet}, cell {address(area.top, area.left)}: the "
                f"table {name} has {'no' if column not in headers else 'more than one'} column "
                f"'{column}'; give each column its own header back."
            )
    first, last = area.top + table.headers, area.bottom - table.totals
    grid = reader.grid(area.sheet)
    if not table.totals:
        last += _beneath(reader, table.name, first, last)
    width = area.right - area.left + 1
    lines = [
        [*line[area.left : area.right + 1], *[""] * (width - len(line[area.left : area.right + 1]))]
        for line in grid[first : last + 1]
    ]
    cells = zip(*lines, strict=True) if lines else ([] for _ in headers)
    columns = {header: list(column) for header, column in zip(headers, cells, strict=False)}
    return Sheetful(table.name, area.sheet, first, area.left, len(lines), columns)


def _beneath(reader: Reader, name: str, first: int, last: int) -> int:
    """How many rows typed directly beneath a table belong to it."""
    table = reader.table(name)
    assert table is not None
    area, grid = table.area, reader.grid(table.area.sheet)
    formulas = reader.formula_cells(area.sheet) if last + 1 < len(grid) else frozenset()
    live = {col for row, col in formulas if row == first}
    count = 0
    while last + 1 + count < len(grid):
        row = last + 1 + count
        columns = range(area.left, area.right + 1)
        if not any(cell != "" for cell in grid[row][area.left : area.right + 1]):
            break
        if any((row, col) in formulas and col not in live for col in columns):
            break
        count += 1
    return count


# --- The tables as an export would have them ------------------------------------


def _accounts_table(reader: Reader, held: Sheetful, *, keep: bool) -> Table:
    """The accounts' own facts: what the model fills in is left out, what deals gave too.

    Args:
        reader: of the workbook.
        held: the table.
        keep: whether facts that the deals gave stay, since not all deals are here.
    """
    answers = {*ANSWERS, *(name for name in c.WORKING_COLUMNS)}
    raw = {name: cells for name, cells in held.columns.items() if name and name not in answers}
    memory = _memory(reader)
    ids = [_identity(held, row) for row in range(held.rows)]
    if w.POTENTIAL_MONEY in raw:
        raw[w.POTENTIAL_MONEY] = _own_potential(reader, held, ids, memory)
    if not keep:
        for row, who in enumerate(ids):
            for column, value in memory.get(who, _NOTHING).facts.items():
                if column in raw and _same(raw[column][row], value):
                    raw[column] = _with(raw[column], row, "")
    if w.OWNER in raw:
        raw[w.OWNER] = ["" if cell == w.UNASSIGNED else cell for cell in raw[w.OWNER]]
    return _table_of(reader, held, h.ACCOUNTS, raw, (*GIVEN, *OPTIONAL))


@dataclass(frozen=True)
class _Remembered:
    """What Scores knows of an account: facts that its deals gave, and its own Potential $."""

    facts: dict[str, Any]
    potential: float


_NOTHING: Final = _Remembered({}, math.nan)


def _memory(reader: Reader) -> dict[str, _Remembered]:
    found = {}
    for row in reader.records(c.T_SCORES):
        own = row.get(w.POTENTIAL_SOURCE) == FROM_EXPORT
        text = row.get(c.FROM_DEALS) or "{}"
        try:
            facts = json.loads(str(text))
        except ValueError:
            facts = {}
        potential = _number(row.get(w.POTENTIAL_MONEY)) if own else math.nan
        who = as_text(row.get(w.ACCOUNT_ID)).casefold()
        found[who] = _Remembered(facts if isinstance(facts, dict) else {}, potential)
    return found


def _identity(held: Sheetful, row: int) -> str:
    """An account's id, or its name where it has none."""
    for column in (w.ACCOUNT_ID, w.ACCOUNT):
        cell = held.columns[column][row]
        if cell not in ("", None):
            return as_text(cell).strip().casefold()
    return ""


def _own_potential(
    reader: Reader, held: Sheetful, ids: Sequence[str], memory: dict[str, _Remembered]
) -> list[Any]:
    """Potential $ where it is no answer of the model: typed over a formula, or of the export."""
    cells = held.columns[w.POTENTIAL_MONEY]
    col = held.left + list(held.columns).index(w.POTENTIAL_MONEY)
    formulas = {row for row, at in reader.formula_cells(held.sheet) if at == col}
    found: list[Any] = []
    for row, who in enumerate(ids):
        typed = held.first + row not in formulas and cells[row] != ""
        if typed and (formulas or who not in memory):
            found.append(cells[row])
        else:
            known = memory.get(who, _NOTHING).potential
            found.append("" if math.isnan(known) else known)
    return found


def _same(cell: Any, value: Any) -> bool:
    if isinstance(value, str):
        day = day_of(cell)
        return as_text(cell).strip() == value or (day is not None and f"{day:%Y-%m-%d}" == value)
    return isinstance(cell, (int, float)) and math.isclose(cell, value, rel_tol=1e-12, abs_tol=1e-9)


def _with(cells: list[Any], row: int, value: Any) -> list[Any]:
    cells[row] = value
    return cells


def _deals_table(reader: Reader, held: Sheetful) -> Table:
    """The deals without what was worked out: an estimated amount is none."""
    raw = {name: cells for name, cells in held.columns.items() if name in DEAL_COLUMNS}
    estimated = held.columns.get(w.ESTIMATED, [""] * held.rows)
    raw[w.AMOUNT] = [
        "" if str(flag).casefold() == YES else amount
        for amount, flag in zip(raw[w.AMOUNT], estimated, strict=True)
    ]
    return _table_of(reader, held, h.OPPORTUNITIES, raw, DEAL_COLUMNS)


def _people_table(reader: Reader) -> Table | None:
    """The reps: those of Reps, in a book those of its walk."""
    name = c.T_REPS if reader.table(c.T_REPS) else c.T_WALK
    return _plain_table(reader, h.TEAMS, name, TEAM_COLUMNS)


def _plain_table(reader: Reader, role: str, name: str, ours: Sequence[str]) -> Table | None:
    if reader.table(name) is None:
        return None
    held = sheetful(reader, name, (ours[0],))
    raw = {header: cells for header, cells in held.columns.items() if header in ours}
    return _table_of(reader, held, role, raw, ours)


def _table_of(
    reader: Reader, held: Sheetful, role: str, raw: dict[str, list[Any]], ours: Sequence[str]
) -> Table:
    """A table as the import reads it: rows that hold anything, and columns that do."""
    blank = np.ones(held.rows, dtype=bool)
    for cells in raw.values():
        blank &= np.fromiter((cell in ("", None) for cell in cells), bool, held.rows)
    at = np.flatnonzero(~blank)
    columns: dict[str, pd.Series[Any]] = {}
    empty = []
    for name, cells in raw.items():
        kept = pd.Series([cells[row] for row in at], dtype=object)
        if all(cell in ("", None) for cell in kept):
            empty.append(name)
        else:
            columns[name] = kept
    matched = {name: name for name in ours if name in columns}
    return Table(
        role=role,
        file=f"{reader.label}, sheet {held.sheet}",
        sheet=held.sheet,
        encoding="",
        delimiter="",
        match=h.Match(matched, {name: h.Unit() for name in matched}, ()),
        raw=columns,
        rows=at + held.first + 1,
    )


def _refuse_uncalculated(reader: Reader, held: Sheetful, settings: Settings) -> None:
    """Raises WorkbookError where a column that is scored holds formulas without results."""
    formulas = reader.formula_cells(held.sheet)
    if not formulas:
        return
    asked = {attribute.name for attribute in settings.attributes} | set(GIVEN) | set(OPTIONAL)
    for offset, (name, cells) in enumerate(held.columns.items()):
        if name not in asked or name in ANSWERS or name == w.POTENTIAL_MONEY:
            continue
        col = held.left + offset
        for row, cell in enumerate(cells):
            if cell in ("", None) and (held.first + row, col) in formulas:
                if held.columns[w.ACCOUNT][row] in ("", None):
                    continue
                raise WorkbookError(
                    f"{reader.label}: sheet {held.sheet}, cell {address(held.first + row, col)}: "
                    f"the formula in the column {name} has no result yet; open the workbook in "
                    "Excel or LibreOffice, save it, and run this again."
                )


# --- Days and history -----------------------------------------------------------


def _as_of(reader: Reader, export: CrmExport) -> pd.Timestamp | None:
    """The day to plan from: one that was given for the data stays until the data passes it."""
    given, data_day = (day_of(reader.named_value(name)) for name in (c.N_AS_OF, c.N_DATA_DAY))
    if export.as_of is None:
        return day_of(reader.named_value(c.N_TODAY)) or given
    if given is not None and data_day is not None and given != data_day and given >= export.as_of:
        return given
    return None


def _today(reader: Reader, data: Round) -> pd.Timestamp:
    """The day of the reading: the typed one; one that nobody typed moves on with the data."""
    typed = day_of(reader.named_value(c.N_TODAY))
    untouched = typed == day_of(reader.named_value(c.N_AS_OF))
    return data.as_of if typed is None or untouched else typed


def _history(reader: Reader, settings: Settings) -> History:
    """What the workbook found when all deals were there."""
    rows = {as_text(row.get("Setting")): row for row in reader.records(c.T_MODEL_SETTINGS)}
    labels = {scalar.key: scalar.label for scalar in SCALARS}

    def found(key: str) -> Assumed:
        row = rows.get(labels[key], {})
        typed = getattr(settings, key)
        source = as_text(row.get("Where the number comes from"))
        value = _number(row.get("Found or default")) if typed is None else float(typed)
        if math.isnan(value):
            raise WorkbookError(
                f"{reader.label}: sheet {c.SETTINGS}: {labels[key]} has no number; import the CRM "
                "export anew."
            )
        return Assumed(value, source if typed is None else "setting", source.startswith("assumed"))

    people = sheetful(reader, c.T_REPS, (w.REP, w.WINS, w.LOSSES)).columns
    reps = pd.DataFrame(
        {
            w.REP: [as_text(cell) for cell in people[w.REP]],
            w.WINS: [_number(cell) for cell in people[w.WINS]],
            w.LOSSES: [_number(cell) for cell in people[w.LOSSES]],
        }
    ).fillna({w.WINS: 0.0, w.LOSSES: 0.0})
    closed = float((reps[w.WINS] + reps[w.LOSSES]).sum())
    rate = (
        found("win_probability")
        if settings.win_probability is None or not closed
        else Assumed(float(reps[w.WINS].sum()) / closed, "all closed deals", False)
    )
    return History(found("stale_after"), found("retention"), rate, reps[reps[w.REP] != ""])


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value)
