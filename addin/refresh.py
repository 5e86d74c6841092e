"""``accountplan refresh``: a new CRM export into workbooks that people have typed into.

The round is worked out anew for the whole organisation, with the settings of the team
workbook, and each workbook gets its part: facts and scores are renewed, accounts keep
their rows, and everything that people typed or added stays; so does the day by which
plans are due, until the planning year changes. The sheet Changes says what is
different. Each workbook is kept in a dated backup and swapped in whole; one that is
open gets its turn at the next run, and one that says all this already is not touched.
On plan tabs only what the CRM filled in is renewed (``prefilled.py``): a plan whose
account has another owner now stays where it was written, and Changes says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..udfs import words as w
from ..udfs.errors import AccountPlanError, WorkbookError
from ..workbook_templates import contract as c
from ..workbook_templates.build import write_workbook
from ..workbook_templates.names import file_names
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import changes as sheet
from . import planning
from .backtest import with_evidence
from .crm import CrmExport
from .crm.cells import as_text
from .crm.deals import ROW_ID
from .desk import Desk, counted
from .files import BOOKS_FOLDER, TEAM_NAME, TEAMS_FOLDER, WITH_MACROS
from .hosts.package import ENDINGS, NotOursError, PackageReader
from .hosts.package_writer import PackageWorkbook
from .hosts.reader import Reader
from .importing import (
    Held,
    lost_columns,
    refuse_without_deals,
    report_imported,
    with_what_stays,
    write_imported,
)
from .plan_files import find_workbooks
from .planning import plan_round
from .prefilled import PrefilledTabs
from .reading import WorkbookFacts, day_of, kind_of, read_facts, whose
from .refresh_totals import Total, deals_on_start, totals
from .save import Backup, refuse_to_replace, writing
from .settings import settings_of
from .undo import Recorder
from .working_round import due_held, today_of

_COLUMNS: Final = (
    sheet.WHEN,
    sheet.WHAT,
    w.ACCOUNT,
    w.OWNER,
    sheet.BEFORE,
    sheet.NOW,
    w.AMOUNT,
    sheet.NOTE,
)


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did.

    Attributes:
        as_of: the day the new export speaks for.
        done: the workbooks that were renewed.
        same: workbooks that said all this already; they were not touched.
        new: books that were written for reps who had none.
        waiting: workbooks that were not, and why.
        counts: how many changes there are of each kind.
        notes: what the export brings and the workbooks have no place for.
        left: plan tabs that were not renewed, and why.
        due: that plans are due on another day now, and why; "" where they are not.
        totals: control totals of the team workbook, before and now, line by line.
        backup: where the workbooks as they were are kept; None where nothing changed.
    """

    as_of: pd.Timestamp
    done: tuple[str, ...]
    same: tuple[str, ...]
    new: tuple[str, ...]
    waiting: tuple[str, ...]
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    due: str = ""
    totals: tuple[tuple[Total, ...], ...] = ()
    backup: Path | None = None

    def to_json(self) -> dict[str, object]:
        """The report as ``refresh --json`` prints it."""
        return {
            "as_of": f"{self.as_of:%Y-%m-%d}",
            "done": list(self.done),
            "same": list(self.same),
            "new": list(self.new),
            "waiting": list(self.waiting),
            "changes": dict(self.counts),
            "notes": list(self.notes),
            "left": list(self.left),
            "due": self.due,
            "totals": [each.to_json() for line in self.totals for each in line],
            "backup": None if self.backup is None else str(self.backup),
        }


def refresh(folder: Path, export: CrmExport, *, as_of: pd.Timestamp | None = None) -> RefreshReport:
    """Puts a new export into the workbooks of a folder that ``build`` filled.

    Args:
        folder: with team.xlsx, and books and managers' workbooks below it.
        export: what came in; reps, quotas and activity that it does not bring stay.
        as_of: the day to plan from; the one the export speaks for without.

    Raises:
        WorkbookError: the folder has no team workbook, or it cannot be read.
        SettingsError, ModelInputError: the settings do not fit the accounts.
    """
    path = _team_in(folder)
    with PackageReader(path) as reader:
        refuse_without_deals(reader, export)
        before, deals_before = read_facts(reader), deals_on_start(reader)
        held, listed = Held.of(reader), _listed(reader)
        settings = settings_of(reader)
        export = with_what_stays(reader, export)
        whole = plan_round(export, settings, as_of=as_of)
        # One day for everybody: that of the team workbook, in each of the books.
        whole = replace(whole, due_kept=due_held(reader, whole))
    whole = with_evidence(whole, export)
    team = _Workbook(path, whole, export)
    # Both as their own sheets say it: corrections of people count before and after.
    now = read_facts(team.door.reader())
    new = list(_changes(before, now, _was(held, now)))
    found = _with_earlier(listed, new, now.accounts[w.ACCOUNT])
    done: list[str] = []
    same: list[str] = []
    waiting: list[str] = []
    left: list[str] = []
    seen: set[tuple[str, str]] = set()
    backup = Backup(folder)
    for place, part in _parts(path, whole, waiting):
        seen.add((part.kind, part.name))
        try:
            refuse_to_replace(place)
            workbook = team if place == path else _Workbook(place, part, export)
            (done if workbook.finish(found, backup) else same).append(str(place))
            left += workbook.left
        except AccountPlanError as trouble:
            waiting.append(str(trouble))
    written = [
        str(place)
        for place, part in _new_books(path, whole, seen)
        if _written(part, place, waiting)
    ]
    counts = found.loc[found[sheet.WHEN] == whole.as_of, sheet.WHAT].value_counts()
    return RefreshReport(
        whole.as_of,
        tuple(done),
        tuple(same),
        tuple(written),
        tuple(waiting),
        {kind: int(counts.get(kind, 0)) for kind in sheet.KINDS},
        tuple(_no_place(column) for column in team.lost),
        tuple(left),
        _new_due(before, whole),
        totals(before, deals_before, now, whole),
        backup.folder,
    )


def _new_due(before: WorkbookFacts, whole: Round) -> str:
    """That the due date of plans was found anew, for another planning year has begun."""
    if whole.year.start == before.year.start or whole.due == before.due:
        return ""
    return (
        f"Plans are due on {whole.due:%Y-%m-%d}, no longer on {before.due:%Y-%m-%d}: the planning "
        f"year from {whole.year.start:%Y-%m-%d} has begun."
    )


def _no_place(column: str) -> str:
    return (
        f"column '{column}' of the export; type its name right of the headers of Accounts, in the "
        "workbooks that are to show it, and refresh again."
    )


# --- Which workbook holds which part? ----------------------------------------------


def _team_in(folder: Path) -> Path:
    """The team workbook of a folder, with macros or without."""
    for ending in ENDINGS:
        team = folder / f"{TEAM_NAME}{ending}"
        if team.exists():
            return team
    raise WorkbookError(
        f"{folder}: has no {TEAM_NAME}.xlsx; name the folder that build filled, or build it first."
    )


def _parts(team: Path, whole: Round, waiting: list[str]) -> Iterator[tuple[Path, Round]]:
    """Each workbook of the folder with the part of the round that it shows, the team's first."""
    yield team, whole
    managers, owners = set(planning.managers(whole)), set(planning.owners(whole))
    for path in find_workbooks([team.parent]).files:
        if path == team:
            continue
        try:
            kind, reps = whose(path)
        except NotOursError:
            continue
        except AccountPlanError as trouble:
            waiting.append(str(trouble))
            continue
        if kind == c.BOOK and reps and reps[0] in owners:
            yield path, planning.book(whole, reps[0])
        elif kind == c.TEAM and path.parent.name == TEAMS_FOLDER:
            manager = _manager_of(whole, reps)
            if manager in managers:
                yield path, planning.team(whole, manager)
        elif kind == c.BOOK:
            who = reps[0] if reps else "nobody"
            waiting.append(f"{path}: is the book of {who}, who owns no account any more; left.")


def _manager_of(whole: Round, reps: Sequence[str]) -> str:
    """Whose workbook it is that shows these reps: the manager of most of them."""
    mine = whole.reps.loc[whole.reps[w.REP].isin(reps), w.MANAGER]
    return "" if mine.empty else str(mine.value_counts().index[0])


def _new_books(
    team: Path, whole: Round, seen: set[tuple[str, str]]
) -> Iterator[tuple[Path, Round]]:
    """The books that are not there yet, with buttons where the team workbook has them."""
    owners = planning.owners(whole)
    for owner, name in zip(owners, file_names(owners), strict=True):
        path = team.parent / BOOKS_FOLDER / f"{name}{team.suffix}"
        is_there = any(path.with_name(name + ending).exists() for ending in ENDINGS)
        if (c.BOOK, owner) not in seen and not is_there:
            yield path, planning.book(whole, owner)


def _written(part: Round, path: Path, waiting: list[str]) -> bool:
    from .excel.packages import controls as with_buttons

    controls = with_buttons() if path.suffix == WITH_MACROS else None
    try:
        with writing(path) as temporary:
            write_workbook(part, temporary, controls)
    except AccountPlanError as trouble:
        waiting.append(str(trouble))
        return False
    return True


# --- One workbook ------------------------------------------------------------------


class _Workbook:
    """A workbook with its part of the round in it, not saved yet.

    Attributes:
        door: to it.
        lost: columns of the export that the table Accounts has no place for.
        left: plan tabs that could not be renewed, and why.
    """

    def __init__(self, path: Path, part: Round, export: CrmExport) -> None:
        self.path, self.door = path, PackageWorkbook(path)
        reader = self.door.reader()
        self.seen = day_of(reader.named_value(c.N_AS_OF))
        held = Held.of(reader)
        places = held.places(part.accounts)
        # Accounts that are here stay in their order; new ones come behind them.
        order = sorted(range(len(places)), key=lambda at: (places[at] is None, places[at] or 0))
        data = _in_order(replace(part, kind=kind_of(reader)), order)
        self.data = replace(data, today=max(today_of(reader, data), data.as_of))
        places = [places[at] for at in order]
        tabs = PrefilledTabs(reader, held, places, self.data.accounts)
        self.left = tabs.rename(self.door)
        self.desk = Desk(Recorder(self.door, "Refresh", reader), reader)
        write_imported(self.desk, self.data, _mine(export, self.data), held, places)
        self.left += tabs.renew(self.door)
        self.lost = lost_columns(reader, self.data.accounts)

    def finish(self, found: pd.DataFrame, backup: Backup) -> bool:
        """Lists what changed, and saves it with a backup; False where all was so already."""
        self._write_changes(found)
        # Checks knows by Changes which accounts are gone.
        report_imported(self.desk, self.data)
        if not self.door.is_changed:
            return False
        self.door.forget_results()
        backup.keep(self.path, self.door.save)
        return True

    def _write_changes(self, found: pd.DataFrame) -> None:
        """The list What changed, as far as it concerns a workbook; older ones have no such sheet.

        A workbook that was open the last time gets what it missed. Accounts that are gone stay
        listed: plans, corrections and splits may name them for long.
        """
        if c.T_CHANGES not in self.door.tables():
            return
        rows = found
        if not (self.data.kind == c.TEAM and self.data.name == planning.ALL_TEAMS):
            reps = set(self.data.reps[w.REP])
            moved_away = (found[sheet.WHAT] == sheet.MOVED_OWNER) & found[sheet.BEFORE].isin(reps)
            rows = found[found[w.OWNER].isin(reps) | moved_away]
        missed = rows[sheet.WHEN] > (self.seen or self.data.as_of)
        is_gone = rows[sheet.WHAT] == sheet.GONE
        rows = rows[missed | is_gone | (rows[sheet.WHEN] == self.data.as_of)]
        self.door.replace_rows(c.T_CHANGES, rows.reset_index(drop=True))


def _in_order(data: Round, order: Sequence[int]) -> Round:
    """A round with its accounts in another order."""

    def ordered(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[list(order)].reset_index(drop=True)

    return replace(
        data,
        accounts=ordered(data.accounts),
        scores=ordered(data.scores),
        contributions=ordered(data.contributions),
        model=ordered(data.model),
    )


def _mine(export: CrmExport, data: Round) -> CrmExport:
    """The export with the reps and the activity of one workbook alone."""
    reps = set(data.reps[w.REP])
    return replace(
        export,
        teams=export.teams[export.teams[w.REP].isin(reps)].reset_index(drop=True),
        activity=export.activity[export.activity[w.REP].isin(reps)].reset_index(drop=True),
    )


# --- What changed? -----------------------------------------------------------------

_Line = tuple[object, ...]


def _listed(reader: Reader) -> pd.DataFrame:
    """The list What changed as the last refresh left it."""
    rows = reader.records(c.T_CHANGES) if reader.table(c.T_CHANGES) is not None else []
    listed = pd.DataFrame(list(rows)).reindex(columns=list(_COLUMNS)).astype(object)
    listed[sheet.WHEN] = [day_of(value) for value in listed[sheet.WHEN]]
    listed = listed[listed[sheet.WHEN].notna()]
    return listed.where(listed.notna() & (listed != ""), None)


def _with_earlier(
    listed: pd.DataFrame, found: Sequence[_Line], accounts: pd.Series
) -> pd.DataFrame:
    """What is different now behind what earlier exports changed: each thing once, by kind.

    Earlier ones concern a workbook that was open then, and the same export that is read twice;
    and accounts that are gone, until they are back among the accounts of now.
    """
    there = set(accounts.map(lambda name: as_text(name).casefold()))
    is_back = listed[w.ACCOUNT].map(lambda name: as_text(name).casefold() in there).astype(bool)
    listed = listed[~((listed[sheet.WHAT] == sheet.GONE) & is_back)]
    known = {_key(row) for row in listed.itertuples(index=False, name=None)}
    new = [row for row in found if _key(row) not in known]
    rows = [*listed.itertuples(index=False, name=None), *new]
    rows.sort(key=lambda row: sheet.KINDS.index(row[1]) if row[1] in sheet.KINDS else -1)
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)


def _key(row: _Line) -> _Line:
    day, *rest = row
    return (
        pd.Timestamp(str(day)),
        *(None if each != each or each == "" else each for each in rest),
    )


def _was(held: Held, now: WorkbookFacts) -> dict[str, str]:
    """The Account ID that each account had before, where it was there."""
    places = held.places(now.accounts)
    return {
        key: held.ids[place]
        for key, place in zip(now.accounts[w.ACCOUNT_ID], places, strict=True)
        if place is not None
    }


def _changes(before: WorkbookFacts, now: WorkbookFacts, was: Mapping[str, str]) -> Iterator[_Line]:
    """What is different from before, in the order of ``sheet.KINDS``."""
    old = {row[w.ACCOUNT_ID]: row for row in before.accounts.to_dict("records")}
    new = {row[w.ACCOUNT_ID]: row for row in now.accounts.to_dict("records")}

    def line(what: str, row: Mapping[Any, Any], *rest: object) -> _Line:
        return (now.as_of, what, row[w.ACCOUNT], row[w.OWNER], *rest)

    both = [(old[was[key]], row) for key, row in new.items() if was.get(key) in old]
    stayed = {then[w.ACCOUNT_ID] for then, _ in both}
    for key, row in new.items():
        if was.get(key) not in old:
            yield line(sheet.NEW, row, None, row[w.QUADRANT], None, None)
    for key, row in old.items():
        if key not in stayed:
            note = "The export has it no more. A plan stays in the book; nothing is asked of it."
            yield line(sheet.GONE, row, row[w.QUADRANT], None, None, note)
    for then, row in both:
        if then[w.ACCOUNT] != row[w.ACCOUNT]:
            note = "Its plan tab and corrections go by the new name."
            yield line(sheet.RENAMED, row, then[w.ACCOUNT], row[w.ACCOUNT], None, note)
    for then, row in both:
        if then[w.OWNER] != row[w.OWNER]:
            note = f"A plan that {then[w.OWNER]} wrote stays in that book: hand it over."
            yield line(sheet.MOVED_OWNER, row, then[w.OWNER], row[w.OWNER], None, note)
    for then, row in both:
        if then[w.QUADRANT] != row[w.QUADRANT]:
            yield line(sheet.MOVED_QUADRANT, row, then[w.QUADRANT], row[w.QUADRANT], None, None)
    yield from _deals(before, now)


def _deals(before: WorkbookFacts, now: WorkbookFacts) -> Iterator[_Line]:
    """Deals that were open, or not there, and are closed now.

    A deal that was there counts whenever it closed, for deals are closed late in a
    CRM; one that was not, when it closed since. Deals without an ID cannot be told
    apart from one export to the next.
    """
    states = {
        deal_id: state
        for deal_id, state in zip(before.deals[w.DEAL_ID], before.deals[w.STATE], strict=True)
        if not deal_id.startswith(ROW_ID)
    }
    for what, state in ((sheet.WON, w.WON), (sheet.LOST, w.LOST)):
        for deal in now.deals[now.deals[w.STATE] == state].to_dict("records"):
            then = states.get(deal[w.DEAL_ID], "")
            if then == state or not (then or deal[w.CLOSE_DATE] > before.as_of):
                continue
            told = (then or "not there", state, deal[w.AMOUNT], f"Deal {deal[w.DEAL_ID]}")
            yield (now.as_of, what, deal[w.ACCOUNT] or None, deal[w.PATH_OF], *told)


_TOLD: Final = {
    sheet.NEW: ("new account", "new accounts"),
    sheet.WON: ("deal won", "deals won"),
    sheet.LOST: ("deal lost", "deals lost"),
}
"""Kinds of change that are worded otherwise where there are several."""


def show(report: RefreshReport) -> None:
    """Prints what was renewed, what changed, what it adds up to, and what waits."""
    told = [
        counted(count, *_TOLD.get(kind, (kind.lower(), kind.lower())))
        for kind, count in report.counts.items()
        if count
    ]
    print(f"{counted(len(report.done), 'workbook', 'workbooks')} renewed as of ", end="")
    print(f"{report.as_of:%Y-%m-%d}.")
    if report.same:
        print(f"{counted(len(report.same), 'workbook', 'workbooks')} said all this already.")
    print(f"What changed: {', '.join(told) or 'nothing'}; the sheet Changes lists it.")
    print("Control totals, before -> now; hold those of now against the CRM:")
    for together in report.totals:
        print(f"  {'; '.join(each.told for each in together)}")
    if report.due:
        print(report.due)
    for path in report.new:
        print(f"New book: {path}")
    for line in report.notes:
        print(f"Not kept: {line}")
    for line in (*report.left, *report.waiting):
        print(f"Not renewed: {line}")
    if report.backup is not None:
        print(f"Workbooks as they were: {report.backup}")
