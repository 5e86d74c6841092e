"""From the files of a CRM export to frames that the model can read.

The order is: --columns, accounts, opportunities, teams, activity; then names
of people are made alike and currencies compared. All mistakes of all files are
raised together, before anything is written.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping as Of
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ...udfs import words as w
from . import dates, deals, files, numbers, people
from . import headers as h
from .accounts import GIVEN, AccountBook, read_accounts, unmatched
from .columns import Columns
from .lacking import refuse_unnamed
from .mapping import Mapping, read_mapping
from .report import Dropped, FileReport, ImportReport, Ints, Journal, no_rows


@dataclass(frozen=True)
class CrmExport:
    """A CRM export, read.

    Args:
        accounts: one row per account, in the export's order; attributes of the export's
            own follow ours.
        deals, teams, activity: empty, with all columns, where no file was given.
        has_deals, has_teams, has_activity: whether the file was given.
        as_of: the day the data speaks for (``--as-of`` where given): the latest day on which
            a deal was opened, or closed; without deals the latest Last won; None without dates.
        currency: code or sign of the money columns; "" where nothing tells.
        report: what was read, and how.
        account_rows, deal_rows: where each account and deal stands in its spreadsheet.
    """

    accounts: pd.DataFrame
    deals: pd.DataFrame
    teams: pd.DataFrame
    activity: pd.DataFrame
    has_deals: bool
    has_teams: bool
    has_activity: bool
    as_of: pd.Timestamp | None
    currency: str
    report: ImportReport
    account_rows: Ints = field(default_factory=no_rows)
    deal_rows: Ints = field(default_factory=no_rows)


class _Reading:
    """One import under way: what all its files share."""

    def __init__(self, mapping: Mapping, date_format: str, journal: Journal) -> None:
        self.mapping = mapping
        self.date_format = date_format
        self.journal = journal
        self.reports: list[FileReport] = []
        self.currencies: list[tuple[str, Counter[str]]] = []

    def open(self, path: Path | None, role: str) -> Columns | None:
        """Answer the columns of a file; None where it is not given or cannot be read."""
        if path is None:
            return None
        mapping = self.mapping.of(role)
        table = files.load(path, role, mapping, self.journal)
        if table is None:
            return None
        columns = Columns(table, self.date_format, self.journal)
        if role == h.OPPORTUNITIES:
            refuse_unnamed(columns, mapping, self.journal)
        return columns

    def close(self, columns: Columns, dropped: tuple[Dropped, ...]) -> None:
        """Write the report of a file that was read."""
        table = columns.table
        self.currencies.append((table.file, columns.currencies))
        if table.empty:
            names = ", ".join(table.empty)
            self.journal.notes.append(f"{table.file}: empty columns left out: {names}")
        self.reports.append(
            FileReport(
                role=table.role,
                file=table.file,
                sheet=table.sheet,
                encoding=table.encoding,
                delimiter=table.delimiter,
                rows_read=len(columns),
                rows_used=len(columns) - sum(reason.count for reason in dropped),
                dropped=dropped,
                matched=dict(table.match.columns),
                unmatched=unmatched(columns),
            )
        )


def read_export(
    accounts: Path,
    opportunities: Path | None = None,
    teams: Path | None = None,
    activity: Path | None = None,
    *,
    columns: Path | None = None,
    date_format: str | None = None,
    as_of: dt.date | None = None,
) -> CrmExport:
    """Answer what a CRM export says, and how it was read.

    Args:
        accounts: .csv, .xlsx or .parquet with one row per account; its name is needed.
        opportunities: one row per deal; account (name or id) and stage are needed.
        teams: one row per rep.
        activity: one row per rep, week and gate, with a count.
        columns: TOML file that names the export's columns and stages (see ``mapping``).
        date_format: "iso", "us", "eu" or a strptime pattern; None finds out per column.
        as_of: the day the data speaks for; None takes it from the data. Later deals stay in.

    Missing values: text "", numbers NaN, dates NaT.

    Raises:
        ImportFileError: with one line per mistake found in any of the files.
    """
    journal = Journal()
    reading = _Reading(read_mapping(columns, journal), _checked(date_format, journal), journal)
    paths = dict(zip(h.ROLES, (accounts, opportunities, teams, activity), strict=True))
    given = {role for role, path in paths.items() if path is not None}
    return _export(reading, lambda role: reading.open(paths[role], role), given, as_of)


def read_tables(tables: Of[str, files.Table]) -> CrmExport:
    """Answer what tables say that are read already, as those of a workbook of ours.

    Args:
        tables: role (``headers.ROLES``) -> its table; that of the accounts is needed.

    Raises:
        ImportFileError: with one line per mistake found in any of them.
    """
    journal = Journal()
    reading = _Reading(Mapping(), "", journal)

    def opened(role: str) -> Columns | None:
        return Columns(tables[role], "", journal) if role in tables else None

    return _export(reading, opened, set(tables), None)


def _export(
    reading: _Reading,
    opened: Callable[[str], Columns | None],
    given: set[str],
    as_of: dt.date | None,
) -> CrmExport:
    journal = reading.journal
    book = _read_accounts(reading, opened(h.ACCOUNTS))
    found = _read_deals(reading, opened(h.OPPORTUNITIES), book)
    team_frame, activity_frame = _read_people(reading, opened(h.TEAMS), opened(h.ACTIVITY))
    currency = _one_currency(reading)
    journal.raise_mistakes()
    frame, deal_frame = book.frame, found.frame
    _align_people(frame, deal_frame, team_frame, activity_frame, journal)
    return CrmExport(
        accounts=frame,
        deals=deal_frame,
        teams=team_frame,
        activity=activity_frame,
        has_deals=h.OPPORTUNITIES in given,
        has_teams=h.TEAMS in given,
        has_activity=h.ACTIVITY in given,
        as_of=_as_of(as_of, found, frame, journal),
        currency=currency,
        report=ImportReport(
            files=tuple(reading.reports),
            derived=tuple(dict.fromkeys(journal.derived)),
            blank=_blank(frame),
            notes=tuple(dict.fromkeys(journal.notes)),
            control=found.control,
        ),
        account_rows=book.rows,
        deal_rows=found.rows,
    )


def _checked(date_format: str | None, journal: Journal) -> str:
    wanted = (date_format or "").strip()
    if wanted.casefold() in ("", *dates.FORMATS):
        return wanted.casefold()
    if "%" not in wanted:
        journal.mistake(
            f"--date-format {wanted!r}: allowed are {', '.join(dates.FORMATS)} "
            "or a pattern such as %d.%m.%Y"
        )
    return wanted


def _read_accounts(reading: _Reading, columns: Columns | None) -> AccountBook:
    if columns is None:
        return AccountBook(pd.DataFrame({c: [] for c in GIVEN}, dtype=str), {}, {}, (), no_rows())
    book = read_accounts(columns, reading.journal)
    reading.close(columns, book.dropped)
    return book


def _read_deals(reading: _Reading, columns: Columns | None, book: AccountBook) -> deals.Deals:
    if columns is None:
        return deals.Deals(deals.no_deals(), (), deals.no_control(), None, no_rows())
    found = deals.read_deals(columns, book, reading.mapping.stages, reading.journal)
    reading.close(columns, found.dropped)
    return found


def _read_people(
    reading: _Reading, teams: Columns | None, activity: Columns | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    team_frame, activity_frame = people.no_teams(), people.no_activity()
    if teams is not None:
        team_frame, dropped = people.read_teams(teams)
        reading.close(teams, dropped)
    if activity is not None:
        activity_frame, dropped = people.read_activity(activity)
        reading.close(activity, dropped)
    return team_frame, activity_frame


def _align_people(
    accounts: pd.DataFrame,
    deal_frame: pd.DataFrame,
    teams: pd.DataFrame,
    activity: pd.DataFrame,
    journal: Journal,
) -> None:
    """Spell reps and managers alike in all frames, and note reps who are on no team."""
    reps = [(teams, w.REP), (accounts, w.OWNER), (deal_frame, w.REP), (activity, w.REP)]
    people.spell_alike([*reps, (teams, w.MANAGER), (accounts, w.MANAGER)], journal)
    if len(teams):
        found = (
            (accounts, w.OWNER, "with accounts"),
            (deal_frame, w.REP, "with deals"),
            (activity, w.REP, "with activity"),
        )
        people.note_strangers(teams, found, journal)


def _one_currency(reading: _Reading) -> str:
    """Answer the currency of all money columns; several are a mistake, told with counts."""
    total: Counter[str] = sum((found for _, found in reading.currencies), Counter())
    for sign in [code for code in total if numbers.family(code)]:
        members = [code for code in total if code in numbers.family(sign)]
        if len(members) == 1:
            total[members[0]] += total.pop(sign)
    if len(total) > 1:
        counts = "; ".join(
            f"{file}: " + ", ".join(f"{code} {n:,}" for code, n in sorted(found.items()))
            for file, found in reading.currencies
            if found
        )
        reading.journal.mistake(
            f"amounts are in several currencies ({counts}); export them in one "
            "(Salesforce: the converted columns; HubSpot: amount in company currency)"
        )
    return next(iter(total), "")


def _as_of(
    told: dt.date | None, found: deals.Deals, accounts: pd.DataFrame, journal: Journal
) -> pd.Timestamp | None:
    last = found.last_day
    if last is None and w.LAST_WON in accounts and accounts[w.LAST_WON].notna().any():
        last = accounts[w.LAST_WON].max()
        journal.derived.append(f"As-of date is the latest {w.LAST_WON}: no deal has a date")
    if told is None:
        return last
    day = pd.Timestamp(told).normalize()
    if last is not None and last > day:
        journal.notes.append(
            f"the data goes on after the as-of date {day:%Y-%m-%d}, to {last:%Y-%m-%d}"
        )
    return day


def _blank(accounts: pd.DataFrame) -> tuple[str, ...]:
    """Answer the columns of an account that the export leaves blank throughout.

    The manager is the owner's, from the teams, and no blank of the accounts file.
    """
    return tuple(
        column
        for column in GIVEN
        if column != w.MANAGER and (accounts[column].isna() | (accounts[column] == "")).all()
    )


def empty_export() -> CrmExport:
    """Answer an export without a single row: what the empty template starts from."""
    texts = (w.ACCOUNT_ID, w.ACCOUNT, w.OWNER, w.MANAGER, w.PARENT, w.INDUSTRY, w.REGION)
    frame = pd.DataFrame({c: pd.Series(dtype="str" if c in texts else "float64") for c in GIVEN})
    frame[w.CUSTOMER_SINCE] = pd.to_datetime(frame[w.CUSTOMER_SINCE])
    return CrmExport(
        accounts=frame,
        deals=deals.no_deals(),
        teams=people.no_teams(),
        activity=people.no_activity(),
        has_deals=False,
        has_teams=False,
        has_activity=False,
        as_of=None,
        currency="",
        report=ImportReport((), (), (), (), deals.no_control()),
    )
