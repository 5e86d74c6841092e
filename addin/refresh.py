"""``accountplan refresh``: a new CRM export into workbooks that people have typed into.

The round is worked out anew for the whole organisation, with the settings of
the team workbook, and each workbook gets its part: facts and scores are
renewed, accounts keep their rows, and everything that people typed or added
stays. The sheet Changes says what is different. Each workbook is kept in a
dated backup and swapped in whole; one that is open gets its turn at the next
run. Plan tabs are never touched: a plan whose account has another owner now
stays where it was written, and Changes says so.
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
from .desk import Desk
from .files import BOOKS_FOLDER, TEAM_NAME, TEAMS_FOLDER
from .hosts.package import ENDINGS, NotOursError, PackageReader
from .hosts.package_writer import PackageWorkbook
from .importing import Held, report_imported, with_what_stays, write_imported
from .plan_files import find_workbooks
from .planning import plan_round
from .reading import WorkbookFacts, kind_of, read_workbook, whose
from .save import keep_backup, refuse_to_replace, writing
from .settings import settings_of
from .undo import Recorder

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
        new: books that were written for reps who had none.
        waiting: workbooks that were not, and why.
        counts: how many changes there are of each kind.
    """

    as_of: pd.Timestamp
    done: tuple[str, ...]
    new: tuple[str, ...]
    waiting: tuple[str, ...]
    counts: Mapping[str, int]

    def to_json(self) -> dict[str, object]:
        """The report as ``refresh --json`` prints it."""
        return {
            "as_of": f"{self.as_of:%Y-%m-%d}",
            "done": list(self.done),
            "new": list(self.new),
            "waiting": list(self.waiting),
            "changes": dict(self.counts),
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
    team = _team_in(folder)
    before = read_workbook(team)
    with PackageReader(team) as reader:
        settings = settings_of(reader)
        export = with_what_stays(reader, export)
    whole = with_evidence(plan_round(export, settings, as_of=as_of), export)
    found = pd.DataFrame(list(_changes(before, whole)), columns=list(_COLUMNS), dtype=object)
    done: list[str] = []
    waiting: list[str] = []
    seen: set[tuple[str, str]] = set()
    for path, part in _parts(team, whole, waiting):
        seen.add((part.kind, part.name))
        try:
            refuse_to_replace(path)
            _renew(path, part, export, found)
        except AccountPlanError as trouble:
            waiting.append(str(trouble))
        else:
            done.append(str(path))
    new = [
        str(path) for path, part in _new_books(folder, whole, seen) if _written(part, path, waiting)
    ]
    counts = found[sheet.WHAT].value_counts()
    return RefreshReport(
        whole.as_of,
        tuple(done),
        tuple(new),
        tuple(waiting),
        {kind: int(counts.get(kind, 0)) for kind in sheet.KINDS},
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
    folder: Path, whole: Round, seen: set[tuple[str, str]]
) -> Iterator[tuple[Path, Round]]:
    owners = planning.owners(whole)
    for owner, name in zip(owners, file_names(owners), strict=True):
        path = folder / BOOKS_FOLDER / f"{name}.xlsx"
        if (c.BOOK, owner) not in seen and not path.exists():
            yield path, planning.book(whole, owner)


def _written(part: Round, path: Path, waiting: list[str]) -> bool:
    try:
        with writing(path) as temporary:
            write_workbook(part, temporary)
    except AccountPlanError as trouble:
        waiting.append(str(trouble))
        return False
    return True


# --- One workbook ------------------------------------------------------------------


def _renew(path: Path, part: Round, export: CrmExport, found: pd.DataFrame) -> None:
    """Writes its part of the round into a workbook, and what changed in it."""
    door = PackageWorkbook(path)
    reader = door.reader()
    held = Held.of(reader)
    places = held.places(part.accounts)
    # Accounts that are here stay in their order; new ones come behind them.
    order = sorted(range(len(places)), key=lambda at: (places[at] is None, places[at] or 0))
    data = _in_order(replace(part, kind=kind_of(reader)), order)
    desk = Desk(Recorder(door, "Refresh", reader), reader)
    mine = _mine(export, data)
    write_imported(desk, data, mine, held, [places[at] for at in order])
    report_imported(desk, data)
    _write_changes(door, data, found)
    keep_backup(path, door.save)


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


def _write_changes(door: PackageWorkbook, data: Round, found: pd.DataFrame) -> None:
    """The list What changed, as far as it concerns a workbook; older ones have no such sheet."""
    if c.T_CHANGES not in door.tables():
        return
    reps = set(data.reps[w.REP])
    mine = found[
        found[w.OWNER].isin(reps)
        | ((found[sheet.WHAT] == sheet.MOVED_OWNER) & found[sheet.BEFORE].isin(reps))
    ]
    rows = found if data.kind == c.TEAM and data.name == planning.ALL_TEAMS else mine
    door.replace_rows(c.T_CHANGES, rows.reset_index(drop=True))


# --- What changed? -----------------------------------------------------------------


def _changes(before: WorkbookFacts, now: Round) -> Iterator[tuple[object, ...]]:
    """What is different from before, in the order of ``sheet.KINDS``."""
    old = {row[w.ACCOUNT_ID]: row for row in before.accounts.to_dict("records")}
    new = {row[w.ACCOUNT_ID]: row for row in now.accounts.to_dict("records")}

    def line(what: str, row: Mapping[Any, Any], *rest: object) -> tuple[object, ...]:
        return (now.as_of, what, row[w.ACCOUNT], row[w.OWNER], *rest)

    for key, row in new.items():
        if key not in old:
            yield line(sheet.NEW, row, None, row[w.QUADRANT], None, None)
    for key, row in old.items():
        if key not in new:
            note = "The export has it no more; its plan, if any, stays in the book."
            yield line(sheet.GONE, row, row[w.QUADRANT], None, None, note)
    both = [(old[key], row) for key, row in new.items() if key in old]
    for was, row in both:
        if was[w.OWNER] != row[w.OWNER]:
            note = f"A plan that {was[w.OWNER]} wrote stays in that book: hand it over."
            yield line(sheet.MOVED_OWNER, row, was[w.OWNER], row[w.OWNER], None, note)
    for was, row in both:
        if was[w.QUADRANT] != row[w.QUADRANT]:
            yield line(sheet.MOVED_QUADRANT, row, was[w.QUADRANT], row[w.QUADRANT], None, None)
    yield from _deals(before, now)


def _deals(before: WorkbookFacts, now: Round) -> Iterator[tuple[object, ...]]:
    """Deals that were open, or not there, and are closed now."""
    states = dict(zip(before.deals[w.DEAL_ID], before.deals[w.STATE], strict=True))
    closed = now.deals[now.deals[w.STATE].isin((w.WON, w.LOST))]
    closed = closed[closed[w.CLOSE_DATE] > before.as_of]
    for what, state in ((sheet.WON, w.WON), (sheet.LOST, w.LOST)):
        for deal in closed[closed[w.STATE] == state].to_dict("records"):
            was = states.get(deal[w.DEAL_ID], "")
            if was != state:
                told = (was or "not there", state, deal[w.AMOUNT], f"Deal {deal[w.DEAL_ID]}")
                account, owner = deal[w.ACCOUNT] or None, deal[w.PATH_OF]
                yield (now.as_of, what, account, owner, *told)


def show(report: RefreshReport) -> None:
    """Prints what was renewed, what changed, and what waits."""
    told = [f"{count:,} {kind.lower()}" for kind, count in report.counts.items() if count]
    print(f"{len(report.done):,} workbooks renewed as of {report.as_of:%Y-%m-%d}.")
    print(f"What changed: {', '.join(told) or 'nothing'}; the sheet Changes lists it.")
    for path in report.new:
        print(f"New book: {path}")
    for line in report.waiting:
        print(f"Not renewed: {line}")
