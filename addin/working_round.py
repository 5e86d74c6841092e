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
from ..udfs.table_cells import cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import settings as settings_sheet
from .crm import CrmExport, read_tables
from .crm import headers as h
from .crm.accounts import ANSWERS, GIVEN, OPTIONAL
from .crm.cells import as_text
from .crm.deals import DEAL_COLUMNS
from .crm.files import Table
from .crm.people import ACTIVITY_COLUMNS, TEAM_COLUMNS
from .hosts.reader import Reader, Sheetful, sheetful
from .plan_files import due_row
from .planning import History, plan_round
from .reading import day_of, kind_of
from .settings import settings_of
from .workbook import address

FROM_EXPORT: Final = "CRM export"
YES: Final = "yes"


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
    not_listed = lists_too_few_deals(reader)
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
        replace(
            data,
            kind=kind_of(reader),
            today=today_of(reader, data),
            due_kept=_due_kept(reader, data),
        ),
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


def lists_too_few_deals(reader: Reader) -> bool:
    """Whether deals count in the numbers that do not stand on Deals."""
    return cell_number(reader.named_value(c.N_DEALS_NOT_LISTED)) > 0


def typed_accounts(reader: Reader) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """The accounts' own facts, without what the model and the deals gave; and their rows.

    Raises:
        ImportFileError: a cell cannot be read; one line per mistake.
    """
    held = sheetful(reader, c.T_ACCOUNTS, (w.ACCOUNT, w.ACCOUNT_ID))
    table = _accounts_table(reader, held, keep=lists_too_few_deals(reader))
    if not len(table.rows):
        return pd.DataFrame(), ()
    export = read_tables({h.ACCOUNTS: table})
    return export.accounts, tuple(int(row) - 1 - held.first for row in export.account_rows)


def is_part(reader: Reader) -> bool:
    """Whether the accounts here are only some of those scored together."""
    here = _scored_here(reader)
    return bool(here and cell_number(reader.named_value(c.N_SCORED_TOGETHER)) > here)


def _scored_here(reader: Reader) -> int:
    ids = sheetful(reader, c.T_SCORES, (w.ACCOUNT_ID,)).columns[w.ACCOUNT_ID]
    return sum(each not in ("", None) for each in ids)


def refuse_part(reader: Reader) -> None:
    """Raises WorkbookError where the accounts here are only some of those scored together."""
    if is_part(reader):
        together = cell_number(reader.named_value(c.N_SCORED_TOGETHER))
        here = _scored_here(reader)
        raise WorkbookError(
            f"{reader.label}: scores compare {together:,.0f} accounts, and {here:,} of them are "
            "here; do this in the team workbook, which has all of them, and build the books anew."
        )


# --- The tables as an export would have them ------------------------------------


def _accounts_table(reader: Reader, held: Sheetful, *, keep: bool) -> Table:
    """The accounts' own facts: what the model fills in is left out, what deals gave too.

    Args:
        reader: of the workbook.
        held: the table.
        keep: whether facts that the deals gave stay, since not all deals are here.
    """
    answers = {*ANSWERS, *(name for name in c.WORKING_COLUMNS)}
    raw = {
        name: list(cells) for name, cells in held.columns.items() if name and name not in answers
    }
    memory = _memory(reader)
    ids = [_identity(held, row) for row in range(held.rows)]
    if w.POTENTIAL_MONEY in raw:
        raw[w.POTENTIAL_MONEY] = _own_potential(reader, held, ids, memory)
    if not keep:
        for row, who in enumerate(ids):
            for column, value in memory.get(who, _NOTHING).facts.items():
                if column in raw and _same(raw[column][row], value):
                    raw[column][row] = ""
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
    columns = sheetful(
        reader, c.T_SCORES, (w.ACCOUNT_ID, w.POTENTIAL_MONEY, w.POTENTIAL_SOURCE)
    ).columns
    ids, potentials, sources = (
        columns[name] for name in (w.ACCOUNT_ID, w.POTENTIAL_MONEY, w.POTENTIAL_SOURCE)
    )
    remembered = columns.get(c.FROM_DEALS, [""] * len(ids))
    found = {}
    for who, potential, source, text in zip(ids, potentials, sources, remembered, strict=True):
        if who in ("", None):
            continue
        try:
            facts = json.loads(text) if text else {}
        except (ValueError, TypeError):
            facts = {}
        own = cell_number(potential) if source == FROM_EXPORT else math.nan
        known = facts if isinstance(facts, dict) else {}
        found[as_text(who).casefold()] = _Remembered(known, own)
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
    blank = list(range(held.rows))
    for cells in raw.values():
        blank = [row for row in blank if cells[row] in ("", None)]
    at = np.delete(np.arange(held.rows), blank)
    filled = at.tolist()
    columns: dict[str, pd.Series[Any]] = {}
    for name, cells in raw.items():
        kept = [cells[row] for row in filled] if blank else cells
        if not all(cell in ("", None) for cell in kept):
            columns[name] = pd.Series(kept, dtype=object)
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
    columns = {col for _, col in formulas}
    asked = {attribute.name for attribute in settings.attributes} | set(GIVEN) | set(OPTIONAL)
    for offset, (name, cells) in enumerate(held.columns.items()):
        if name not in asked or name in ANSWERS or name == w.POTENTIAL_MONEY:
            continue
        col = held.left + offset
        for row, cell in enumerate(cells if col in columns else ()):
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


def today_of(reader: Reader, data: Round) -> pd.Timestamp:
    """The day of the reading: the typed one; one that nobody typed moves on with the data."""
    typed = day_of(reader.named_value(c.N_TODAY))
    untouched = typed == day_of(reader.named_value(c.N_AS_OF))
    return data.as_of if typed is None or untouched else typed


def due_held(reader: Reader, data: Round) -> pd.Timestamp | None:
    """The due date of plans that was found for the round's planning year; None: for another."""
    if day_of(reader.named_value(c.N_YEAR_START)) != data.year.start:
        return None
    return day_of(due_row(reader).get("Found or default"))


def _due_kept(reader: Reader, data: Round) -> pd.Timestamp | None:
    """The same where a refresh has kept it, so that scoring does not move it either."""
    source = due_row(reader).get("Where the number comes from")
    return due_held(reader, data) if source == settings_sheet.DUE_KEPT else None


def _history(reader: Reader, settings: Settings) -> History:
    """What the workbook found when all deals were there."""
    rows = {as_text(row.get("Setting")): row for row in reader.records(c.T_MODEL_SETTINGS)}
    labels = {scalar.key: scalar.label for scalar in SCALARS}

    def found(key: str) -> Assumed:
        row = rows.get(labels[key], {})
        typed = getattr(settings, key)
        source = as_text(row.get("Where the number comes from"))
        value = cell_number(row.get("Found or default")) if typed is None else float(typed)
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
            w.WINS: [cell_number(cell) for cell in people[w.WINS]],
            w.LOSSES: [cell_number(cell) for cell in people[w.LOSSES]],
        }
    ).fillna({w.WINS: 0.0, w.LOSSES: 0.0})
    closed = float((reps[w.WINS] + reps[w.LOSSES]).sum())
    rate = (
        found("win_probability")
        if settings.win_probability is None or not closed
        else Assumed(float(reps[w.WINS].sum()) / closed, "all closed deals", False)
    )
    return History(found("stale_after"), found("retention"), rate, reps[reps[w.REP] != ""])
