"""Import and scoring, as macros do them: a round worked out anew, and written back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from ..udfs import words as w
from ..udfs.quadrants import quadrant_grid
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import checks, start
from ..workbook_templates.sheets.deals import listed as listed_deals
from . import checking
from . import write_back as back
from .crm import CrmExport, read_export
from .crm import headers as h
from .crm.accounts import ANSWERS
from .crm.cells import as_text, each, key
from .crm.people import TEAM_COLUMNS
from .desk import Desk, counted, listed
from .hosts.reader import Reader
from .planning import plan_round
from .reading import day_of, kind_of
from .settings import settings_of
from .working_round import Working, export_of, refuse_part, sheetful

SPARE_ACTIVITY: Final = 20


def write_working(desk: Desk, working: Working) -> None:
    """Writes a round back, says on Checks what is wrong, and at the desk what came of it."""
    data, door, reader = working.data, desk.door, desk.reader
    door.status("Account Plan: writing the answers ...")
    back.write_scores(door, data)
    back.write_accounts(door, reader, data, working.accounts)
    back.write_settings(door, reader, data)
    back.write_deals(door, reader, data, working.deals)
    back.write_reps(door, reader, data)
    back.write_path(door, reader, data)
    deals = dict(zip(data.deals[w.DEAL_ID], working.deals, strict=True))
    _report(desk, data, working.accounts, deals, checking.DATA_KINDS)


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
    places = checking.places_of(desk.door, data, accounts, deals)
    found = [
        each if each.kind in kinds else replace(each, kind=checks.DATA)
        for each in checks.data_checks(places, data)
    ]
    things, serious = checking.write_checks(desk.door, found, kinds)
    desk.rows += len(data.accounts)
    scored = int(data.accounts[w.SCORE].notna().sum())
    unscored = len(data.accounts) - scored
    desk.said.append(
        f"{counted(scored, 'account', 'accounts')} scored as of {data.as_of:%Y-%m-%d}"
        + (f", {unscored:,} with too little data." if unscored else ".")
    )
    desk.said.append(in_words(data.accounts))
    if things:
        desk.warnings.append(
            f"{counted(things, 'thing', 'things')} to look at on Checks, {serious:,} of them "
            "serious."
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
    reader, door = desk.reader, desk.door
    refuse_part(reader)
    accounts = paths[h.ACCOUNTS]
    assert accounts is not None
    export = read_export(accounts, paths[h.OPPORTUNITIES], paths[h.TEAMS], paths[h.ACTIVITY])
    held = Held.of(reader)
    places = held.places(export.accounts)
    # Accounts that are here stay in their order; new ones come behind them.
    order = sorted(range(len(places)), key=lambda at: (places[at] is None, places[at] or 0))
    export = replace(export, accounts=export.accounts.iloc[order].reset_index(drop=True))
    places = [places[at] for at in order]
    export = with_what_stays(reader, export)
    day = None if export.as_of is not None else _day(reader)
    data = plan_round(export, settings_of(reader), as_of=day)
    data = replace(data, kind=kind_of(reader))
    door.status("Account Plan: writing accounts and deals ...")
    write_imported(desk, data, export, held, places)
    files = data.summary.files
    read, used = sum(f.rows_read for f in files), sum(f.rows_used for f in files)
    desk.said.append(f"{read:,} rows read, {used:,} used, {read - used:,} dropped.")
    gone = [name for place, name in held.names.items() if place not in places]
    if gone:
        desk.warnings.append(
            f"{counted(len(gone), 'account is', 'accounts are')} not in the export any more, and "
            f"{'was' if len(gone) == 1 else 'were'} taken out: {listed(gone)}."
        )
    report_imported(desk, data)


def write_imported(
    desk: Desk, data: Round, export: CrmExport, held: "Held", places: Sequence[int | None]
) -> None:
    """Writes a round that an export gave: accounts in their places, all else anew.

    Args:
        desk: of the macro.
        data: the round of this workbook, its accounts in the order of its table.
        export: that it was made from; its reps and activity are written.
        held: what the workbook holds by now.
        places: where each account stands there by now; None for a new one.
    """
    door = desk.door
    _write_accounts(desk, data.accounts, places, held)
    back.write_scores(door, data)
    door.replace_rows(c.T_DEALS, back.with_flags(listed_deals(data)[list(c.DEAL_COLUMNS)]))
    _write_people(desk, export)
    _write_report(desk, data)
    # What these have written moves the others' rows, so they look again.
    reader = door.reader()
    back.write_settings(door, reader, data)
    door.write_names({c.N_DEALS_NOT_LISTED: len(data.deals) - len(listed_deals(data))})
    back.write_reps(door, reader, data)
    back.write_path(door, reader, data)


def report_imported(desk: Desk, data: Round) -> None:
    """Says on Checks what is wrong with a round that was just written."""
    deals = {deal: at for at, deal in enumerate(listed_deals(data)[w.DEAL_ID])}
    _report(desk, data, range(len(data.accounts)), deals, checking.IMPORT_KINDS)


@dataclass(frozen=True)
class Held:
    """The accounts that a workbook holds: where each stands, and how it is found."""

    names: dict[int, str]
    by_id: dict[str, int]
    by_name: dict[str, int]
    rows: int

    @classmethod
    def of(cls, reader: Reader) -> "Held":
        """Reads the table of accounts."""
        held = sheetful(reader, c.T_ACCOUNTS, (w.ACCOUNT, w.ACCOUNT_ID))
        names: dict[int, str] = {}
        by_id: dict[str, int] = {}
        by_name: dict[str, int] = {}
        for row in range(held.rows):
            name, who = (as_text(held.columns[each][row]) for each in (w.ACCOUNT, w.ACCOUNT_ID))
            if name or who:
                names[row] = name or who
                by_id.setdefault(key(who or name), row)
                by_name.setdefault(key(name or who), row)
        return cls(names, by_id, by_name, held.rows)

    def places(self, accounts: pd.DataFrame) -> list[int | None]:
        """Where each account of an export stands by now, by its id, else by its name."""
        found: list[int | None] = []
        taken: set[int] = set()
        for name, who in zip(accounts[w.ACCOUNT], accounts[w.ACCOUNT_ID], strict=True):
            place = self.by_id.get(key(who), self.by_name.get(key(name)))
            if place in taken:
                place = None
            found.append(place)
            taken |= set() if place is None else {place}
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
    live = door.live_columns(c.T_ACCOUNTS)
    known = [header.strip() for header in door.tables()[c.T_ACCOUNTS].columns]
    columns = [name for name in accounts.columns if name in known and name not in live]
    ours = {*ANSWERS, *c.WORKING_COLUMNS}
    lost = [str(name) for name in accounts.columns if name not in known and name not in ours]
    if lost:
        desk.warnings.append(
            f"{counted(len(lost), 'column has', 'columns have')} no place on Accounts: "
            f"{listed(lost)}. To keep one, type its header right of the table, and import again."
        )
    template = kind_of(desk.reader) == c.TEMPLATE
    spare = max(held.rows - len(accounts), 0) if template else 0
    door.replace_rows(c.T_ACCOUNTS, accounts[columns], was=places, spare=spare)


def _write_people(desk: Desk, export: CrmExport) -> None:
    reader, door = desk.reader, desk.door
    table = reader.table(c.T_REPS)
    if table is not None and len(export.teams):
        places = back.rows_by(reader, c.T_REPS, w.REP)
        was: list[int | None] = [places.get(rep) for rep in export.teams[w.REP]]
        spare = max(table.area.bottom - table.area.top - len(was), 5)
        door.replace_rows(c.T_REPS, export.teams[list(TEAM_COLUMNS)], was=was, spare=spare)
    if export.has_activity:
        done = export.activity[[w.REP, w.WEEK, w.GATE, w.COUNT]]
        newest = done.sort_values([w.WEEK, w.REP], ascending=[False, True], kind="stable")
        door.replace_rows(c.T_ACTIVITY, newest, spare=SPARE_ACTIVITY)


def _write_report(desk: Desk, data: Round) -> None:
    """The control totals, and what the import says of itself."""
    tables = desk.door.tables()
    if c.T_CONTROL in tables:
        desk.door.replace_rows(c.T_CONTROL, data.summary.control)
    if c.T_IMPORT_REPORT in tables:
        lines = list(start.report_lines(data.summary)) or [("", start.NOTHING_IMPORTED)]
        frame = pd.DataFrame(lines, columns=[start.ABOUT, start.TOLD])
        desk.door.replace_rows(c.T_IMPORT_REPORT, frame)
