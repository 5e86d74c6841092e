"""Import and scoring, as macros do them: a round worked out anew, and written back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.quadrants import quadrant_grid
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import checks, start
from ..workbook_templates.sheets.deals import listed as listed_deals
from ..workbook_templates.writer import quote_sheet
from . import checking, corrections, splitting
from . import write_back as back
from .backtest import with_evidence
from .crm import CrmExport, read_export
from .crm import headers as h
from .crm.accounts import ANSWERS
from .crm.cells import as_text, each, key
from .crm.people import TEAM_COLUMNS
from .desk import Desk, counted, listed
from .evidence_writing import has_evidence, write_evidence
from .hosts.reader import Reader, sheetful
from .planning import plan_round
from .reading import day_of, kind_of, read_facts
from .settings import settings_of
from .workbook import address
from .working_round import (
    Working,
    export_of,
    lists_too_few_deals,
    refuse_part,
    today_of,
    typed_accounts,
)

SPARE_ACTIVITY: Final = 20
IN_FORCE: Final = (
    w.SEGMENT,
    w.QUADRANT,
    w.ACTION,
    w.RANK,
    w.SCORE,
    w.POTENTIAL,
    w.LIKELIHOOD,
    w.POTENTIAL_MONEY,
    w.EXPANSION_MONEY,
    w.GROWTH,
    w.WIN_PROBABILITY,
    w.EXPECTED_MONEY,
    w.SEGMENT_RANK,
    c.OVERALL_RANK,
)
"""Columns of Accounts that follow corrections."""


def write_working(desk: Desk, working: Working, kinds: Sequence[str] = checking.DATA_KINDS) -> None:
    """Writes a round back, says on Checks what is wrong, and at the desk what came of it.

    Args:
        desk: of the macro.
        working: the round, and where its rows stand.
        kinds: of checks that this renews.
    """
    data, door, reader = working.data, desk.door, desk.reader
    door.status("Account Plan: writing the answers ...")
    corrections.keep_model_values(door, reader)
    back.write_scores(door, reader, data)
    back.write_accounts(door, reader, data, working.accounts)
    back.write_settings(door, reader, data)
    back.write_deals(door, reader, data, working.deals)
    back.write_reps(door, reader, data)
    back.write_path(door, reader, data)
    _let_corrections_act(desk, data)
    _fill_splits(desk, data)
    deals = dict(zip(data.deals[w.DEAL_ID], working.deals, strict=True))
    _report(desk, data, working.accounts, deals, kinds)


def _report(
    desk: Desk,
    data: Round,
    accounts: Sequence[int],
    deals: Mapping[str, int],
    kinds: Sequence[str],
) -> None:
    """What is wrong goes onto Checks, what came of it into the message.

    What the last import dropped stays on Checks until the next one.
    """
    places = checking.places_of(desk.door, desk.reader, data, accounts, deals)
    found = [
        check if check.kind in kinds else _dropped_here(places, check)
        for check in checks.data_checks(places, data)
    ]
    now = desk.door.reader()
    found += corrections.faults(now)
    things, serious = checking.write_checks(desk.door, found, kinds)
    desk.rows += len(data.accounts)
    scored = int(data.accounts[w.SCORE].notna().sum())
    unscored = len(data.accounts) - scored
    desk.said.append(
        f"{counted(scored, 'account', 'accounts')} scored as of {data.as_of:%Y-%m-%d}"
        + (f", {unscored:,} with too little data." if unscored else ".")
    )
    desk.said.append(in_words(data.accounts))
    nearer = corrections.told(now, data.deals, data.as_of)
    if nearer:
        desk.said.append(nearer)
    if scored and data.accounts[w.QUADRANT].eq(w.NOT_ENOUGH_DATA).all():
        desk.warnings.append(
            "No account can be placed yet: a quadrant needs Potential $ or Potential, and "
            "Likelihood, which comes from deals, tenure and sales."
        )
    if things:
        desk.warnings.append(
            f"{counted(things, 'thing', 'things')} to look at on Checks, {serious:,} of them "
            "serious."
        )


def _dropped_here(places: checks.HasTables, check: checks.Check) -> checks.Check:
    """A row that was not used, where it stands in this workbook and not in an export."""
    table = places.tables[c.T_DEALS if check.what.startswith("Opportunities") else c.T_ACCOUNTS]
    return replace(
        check,
        kind=checks.DATA,
        mend="Mend the row, or clear it, and press Score accounts.",
        url=f"internal:{quote_sheet(table.sheet)}!A{table.row + 1}",
        where=table.sheet,
    )


def in_words(accounts: pd.DataFrame) -> str:
    """How many accounts stand in each quadrant, in a sentence."""
    grid = quadrant_grid(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    counts = [
        counted(int(grid["Accounts"][name]), name.lower(), f"{name.lower()}s")
        for name in w.QUADRANTS
    ]
    return ", ".join(counts) + "."


# --- Import ----------------------------------------------------------------------


def import_into(desk: Desk, paths: Mapping[str, Path | None]) -> None:
    """Reads a CRM export into the workbook, and scores it.

    Args:
        desk: of the macro.
        paths: role -> file; what has none stays as it is.

    Raises:
        ImportFileError, SettingsError, ModelInputError: the files, or the settings, are wrong.
        WorkbookError: the workbook holds only some of the accounts.
    """
    reader = desk.reader
    refuse_part(reader)
    accounts = paths[h.ACCOUNTS]
    assert accounts is not None
    export = read_export(accounts, paths[h.OPPORTUNITIES], paths[h.TEAMS], paths[h.ACTIVITY])
    refuse_without_deals(reader, export)
    held = Held.of(reader)
    places = held.places(export.accounts)
    # Accounts that are here stay in their order; new ones come behind them.
    order = sorted(range(len(places)), key=lambda at: (places[at] is None, places[at] or 0))
    export = replace(export, accounts=export.accounts.iloc[order].reset_index(drop=True))
    places = [places[at] for at in order]
    export = _with_typed_facts(reader, export, places)
    brings_deals = export.has_deals
    export = with_what_stays(reader, export)
    day = None if export.as_of is not None else _day(reader)
    data = plan_round(export, settings_of(reader), as_of=day)
    data = replace(data, kind=kind_of(reader), today=today_of(reader, data))
    if has_evidence(reader):
        desk.door.status("Account Plan: testing the scores on the past ...")
        data = with_evidence(data, export)
    desk.door.status("Account Plan: writing accounts and deals ...")
    write_imported(desk, data, export, held, places, brings_deals=brings_deals)
    _tell_import(desk, data, places, held)
    report_imported(desk, data)


def refuse_without_deals(reader: Reader, export: CrmExport) -> None:
    """Raises WorkbookError where deals that a workbook does not list would be forgotten."""
    if not export.has_deals and lists_too_few_deals(reader):
        raise WorkbookError(
            f"{reader.label}: this workbook does not list all its deals; give the file of "
            "opportunities too, so that none is forgotten."
        )


def write_imported(
    desk: Desk,
    data: Round,
    export: CrmExport,
    held: "Held",
    places: Sequence[int | None],
    *,
    brings_deals: bool = True,
) -> None:
    """Writes a round that an export gave: accounts in their places, all else anew.

    Rows first; then the reader is asked anew, for they have moved.

    Args:
        desk: of the macro.
        data: the round of this workbook, its accounts in the order of its table.
        export: that it was made from; its reps and activity are written.
        held: what the workbook holds by now.
        places: where each account stands there by now; None for a new one.
        brings_deals: whether deals came in; else those on Deals stay.
    """
    reader, door = desk.reader, desk.door
    tells = has_evidence(reader)
    corrections.keep_model_values(door, reader)
    _write_accounts(desk, data.accounts, places, held)
    _write_people(desk, export)
    _write_report(desk, data)
    if brings_deals:
        shown = listed_deals(data)
        was = back.rows_by(reader, c.T_DEALS, w.DEAL_ID)
        known = sheetful(reader, c.T_DEALS).columns
        frame = back.with_flags(shown[[name for name in c.DEAL_COLUMNS if name in known]])
        door.replace_rows(c.T_DEALS, frame, was=[was.get(each) for each in shown[w.DEAL_ID]])
        door.write_names({c.N_DEALS_NOT_LISTED: len(data.deals) - len(shown)})
    reader = door.reader()
    back.write_accounts(door, reader, data, range(len(data.accounts)), facts=True)
    back.write_scores(door, reader, data)
    back.write_settings(door, reader, data)
    deals = back.rows_by(reader, c.T_DEALS, w.DEAL_ID)
    if not brings_deals:
        found = [
            (at, deals[each]) for at, each in enumerate(data.deals[w.DEAL_ID]) if each in deals
        ]
        part = replace(data, deals=data.deals.iloc[[at for at, _ in found]])
        back.write_deals(door, reader, part, [place for _, place in found])
    back.write_reps(door, reader, data)
    back.write_path(door, reader, data)
    if tells:
        write_evidence(door, reader, data)
    _let_corrections_act(desk, data)
    names = data.accounts[w.ACCOUNT].tolist()
    _fill_splits(desk, data, [names[at] for at, place in enumerate(places) if place is None])


def _let_corrections_act(desk: Desk, data: Round) -> None:
    """Lets corrections act where Accounts holds values; elsewhere its formulas see to it.

    Call it once scores and settings are written: cuts and days of this round hold.
    """
    if data.live:
        return
    reader = desk.door.reader()
    if not corrections.acting(reader):
        return
    held = sheetful(reader, c.T_ACCOUNTS, (w.ACCOUNT,))
    facts = read_facts(reader).accounts
    rows = [place for place, name in enumerate(held.columns[w.ACCOUNT]) if name not in ("", None)]
    columns = [name for name in IN_FORCE if name in held.headers]
    desk.door.write_columns(c.T_ACCOUNTS, facts[columns].set_axis(rows, axis=0))


def _fill_splits(desk: Desk, data: Round, new: Sequence[str] = ()) -> None:
    added = splitting.fill(desk.door, desk.reader, data, new)
    if added:
        many = counted(added, "open deal stands", "open deals stand")
        desk.said.append(f"{many} on Splits, for reps with few accounts.")


def report_imported(desk: Desk, data: Round) -> None:
    """Says on Checks what is wrong with a round that was just written."""
    deals = back.rows_by(desk.door.reader(), c.T_DEALS, w.DEAL_ID)
    kinds = (*checking.IMPORT_KINDS, *checking.MODEL_KINDS)
    _report(desk, data, range(len(data.accounts)), deals, kinds)


def _tell_import(desk: Desk, data: Round, places: Sequence[int | None], held: "Held") -> None:
    files = data.summary.files
    read, used = sum(f.rows_read for f in files), sum(f.rows_used for f in files)
    desk.said.append(f"{read:,} rows read, {used:,} used, {read - used:,} dropped.")
    if data.evidence is not None:
        desk.said.append(data.evidence.against_alphabetical)
    gone = [name for place, name in held.names.items() if place not in places]
    if gone:
        desk.warnings.append(
            f"{counted(len(gone), 'account is', 'accounts are')} not in the export any more, and "
            f"{'was' if len(gone) == 1 else 'were'} taken out: {listed(gone)}."
        )


def _with_typed_facts(reader: Reader, export: CrmExport, places: Sequence[int | None]) -> CrmExport:
    """The export, with what somebody typed on Accounts where the export says nothing."""
    typed, rows = typed_accounts(reader)
    at = {row: place for place, row in enumerate(rows)}
    take = [at.get(place, -1) if place is not None else -1 for place in places]
    accounts = export.accounts.copy()
    known = np.array([each >= 0 for each in take])
    for column in typed.columns:
        if column in (w.ACCOUNT, w.ACCOUNT_ID):
            continue
        values = typed[column].reindex(take).set_axis(accounts.index)
        if column not in accounts:
            accounts[column] = values
            continue
        blank = accounts[column].isna() | (accounts[column] == "")
        if pd.api.types.is_numeric_dtype(accounts[column]) != pd.api.types.is_numeric_dtype(values):
            continue
        accounts[column] = accounts[column].where(~(blank & known), values)
    return replace(export, accounts=accounts)


@dataclass(frozen=True)
class Held:
    """The accounts that a workbook holds: where each stands, and how it is found."""

    names: dict[int, str]
    ids: dict[int, str]
    rows: int

    @classmethod
    def of(cls, reader: Reader) -> "Held":
        """Reads the table of accounts."""
        held = sheetful(reader, c.T_ACCOUNTS, (w.ACCOUNT, w.ACCOUNT_ID))
        names: dict[int, str] = {}
        ids: dict[int, str] = {}
        for row in range(held.rows):
            name, who = (as_text(held.columns[col][row]) for col in (w.ACCOUNT, w.ACCOUNT_ID))
            if name or who:
                names[row], ids[row] = name or who, who or name
        return cls(names, ids, held.rows)

    def places(self, accounts: pd.DataFrame) -> list[int | None]:
        """Where each account of an export stands by now: by its id, else by its name.

        By name only where the export does not have the id that stands there.
        """
        by_id = {key(who): row for row, who in reversed(self.ids.items())}
        coming = {key(who) for who in accounts[w.ACCOUNT_ID]}
        found = [by_id.get(key(who)) for who in accounts[w.ACCOUNT_ID]]
        free = {
            key(name): row
            for row, name in reversed(self.names.items())
            if key(self.ids[row]) not in coming
        }
        taken = {row for row in found if row is not None}
        for at, name in enumerate(accounts[w.ACCOUNT]):
            row = free.get(key(name))
            if found[at] is None and row is not None and row not in taken:
                found[at] = row
                taken.add(row)
        return found


def _day(reader: Reader) -> pd.Timestamp | None:
    return day_of(reader.named_value(c.N_TODAY)) or day_of(reader.named_value(c.N_AS_OF))


def with_what_stays(reader: Reader, export: CrmExport) -> CrmExport:
    """The export, with deals, reps and activity of the workbook where it brings none.

    Reps whom the file does not name stay, and a quota that somebody typed holds for a rep to
    whom the file gives none.
    """
    held = export_of(reader, export.accounts)
    out = export
    if not export.has_deals and len(held.deals):
        out = replace(out, deals=held.deals, has_deals=True, as_of=held.as_of or export.as_of)
    if not export.has_activity:
        out = replace(out, activity=held.activity)
    typed = held.teams.assign(who=each(held.teams[w.REP], key)).drop_duplicates("who")
    known, who = typed.set_index("who"), each(export.teams[w.REP], key)
    teams = export.teams.copy()
    for column in (w.QUOTA, w.TOUCHES_PER_WEEK):
        teams[column] = teams[column].fillna(who.map(known[column]).astype(float))
    others = typed[~typed["who"].isin(who)].drop(columns="who")
    teams = pd.concat([teams, others], ignore_index=True) if len(others) else teams
    return replace(out, teams=teams, has_teams=bool(len(teams)))


def _write_accounts(
    desk: Desk, accounts: pd.DataFrame, places: Sequence[int | None], held: Held
) -> None:
    """Puts the accounts into the table, in its order."""
    door = desk.door
    lost = lost_columns(desk.reader, accounts)
    if lost:
        desk.warnings.append(
            f"{counted(len(lost), 'column has', 'columns have')} no place on Accounts: "
            f"{listed(lost)}. To keep one, type its header right of the table, and import again."
        )
    _warn_of_neighbours(desk, places)
    template = kind_of(desk.reader) == c.TEMPLATE
    spare = max(held.rows - len(accounts), 0) if template else 0
    # Identity alone: all other cells go along with their rows, and are written one by one.
    identity = accounts[[w.ACCOUNT, w.ACCOUNT_ID]]
    door.replace_rows(c.T_ACCOUNTS, identity, was=places, spare=spare)


def lost_columns(reader: Reader, accounts: pd.DataFrame) -> list[str]:
    """The columns of these accounts that the table Accounts of a workbook does not have."""
    known = {*sheetful(reader, c.T_ACCOUNTS).columns, *ANSWERS, *c.WORKING_COLUMNS}
    return [str(name) for name in accounts.columns if name not in known]


def _warn_of_neighbours(desk: Desk, places: Sequence[int | None]) -> None:
    """Cells right beside the table do not go along with its rows; a person should know."""
    table = desk.reader.table(c.T_ACCOUNTS)
    moved = any(place is not None and place != at for at, place in enumerate(places))
    if table is None or not moved:
        return
    area, beside = table.area, table.area.right + 1
    rows = range(area.top, area.bottom + 1)
    if any(desk.reader.value(area.sheet, row, beside) is not None for row in rows):
        desk.warnings.append(
            f"The cells in column {address(0, beside)[:-1]} beside Accounts are not part of the "
            "table and did not move with its rows; drag the table's corner over them (or Table "
            "Design, Resize Table), and use Restore last first."
        )


def _write_people(desk: Desk, export: CrmExport) -> None:
    reader, door = desk.reader, desk.door
    table = reader.table(c.T_REPS)
    if table is not None and len(export.teams):
        places = back.rows_by(reader, c.T_REPS, w.REP)
        was: list[int | None] = [places.get(rep) for rep in export.teams[w.REP]]
        spare = max(sheetful(reader, c.T_REPS).rows - len(was), 5)
        door.replace_rows(c.T_REPS, export.teams[list(TEAM_COLUMNS)], was=was, spare=spare)
    if export.has_activity:
        done = export.activity[[w.REP, w.WEEK, w.GATE, w.COUNT]]
        newest = done.sort_values([w.WEEK, w.REP], ascending=[False, True], kind="stable")
        was_there = activity_rows(reader)
        keys = zip(newest[w.REP], newest[w.WEEK], newest[w.GATE], strict=True)
        came = [was_there.get((rep, week, gate)) for rep, week, gate in keys]
        door.replace_rows(c.T_ACTIVITY, newest, was=_once(came), spare=SPARE_ACTIVITY)


def activity_rows(reader: Reader) -> dict[tuple[str, pd.Timestamp | None, str], int]:
    """Where each rep, week and gate stands on Activity."""
    held = sheetful(reader, c.T_ACTIVITY, (w.REP, w.WEEK, w.GATE)).columns
    keys = zip(held[w.REP], held[w.WEEK], held[w.GATE], strict=True)
    return {
        (as_text(rep), day_of(week), as_text(gate)): place
        for place, (rep, week, gate) in enumerate(keys)
    }


def _once(places: Sequence[int | None]) -> list[int | None]:
    """Each place where it is met first."""
    seen: set[int] = set()
    found: list[int | None] = []
    for place in places:
        found.append(None if place in seen else place)
        seen |= set() if place is None else {place}
    return found


def _write_report(desk: Desk, data: Round) -> None:
    """The control totals, and what the import says of itself."""
    reader = desk.reader
    if reader.table(c.T_CONTROL) is not None:
        desk.door.replace_rows(c.T_CONTROL, data.summary.control)
    if reader.table(c.T_IMPORT_REPORT) is not None:
        lines = list(start.report_lines(data.summary)) or [("", start.NOTHING_IMPORTED)]
        frame = pd.DataFrame(lines, columns=[start.ABOUT, start.TOLD])
        desk.door.replace_rows(c.T_IMPORT_REPORT, frame)
