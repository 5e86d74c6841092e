"""The manager's review: how each rep stands, from workbooks as they are now.

Money, quadrants and walks are worked out again from the typed cells of the team
workbook (of the books, where there is none). Plans are read from the books,
where the reps write them; for a rep without a book they stand as on the team's
Tracker, as of its last build or collection, and the report says so.
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypedDict

import pandas as pd

from ..udfs import funnel
from ..udfs import review as model
from ..udfs import words as w
from ..udfs.errors import AccountPlanError, SaveError, WorkbookError
from ..udfs.path_plan import PathPlan
from ..udfs.plans import Plan
from ..udfs.table_cells import cell_date
from ..workbook_templates import contract as c
from . import plan_history, rounds
from .files import BOOKS_FOLDER, TEAM_NAME, TEAMS_FOLDER, home_of
from .hosts.package import NotOursError, PackageReader
from .hosts.reader import Reader
from .path_reading import read_path, rep_paths
from .plan_files import (
    PlanFile,
    check_plan_files,
    find_workbooks,
    read_open_plan_file,
    read_plan_file,
)
from .reading import WorkbookFacts, kind_of, read_facts, read_workbook, whose
from .review_pages import ReviewReport, write_html, write_pdf, write_xlsx
from .save import writing

__all__ = ["ReviewJson", "ReviewReport", "as_json", "review", "write_review"]

WRITERS: Final = {".html": write_html, ".xlsx": write_xlsx, ".pdf": write_pdf}


class RepJson(TypedDict):
    """One rep as ``review --json`` prints it; what is not known is None."""

    owner: str
    manager: str
    plans: int
    complete: int
    good: int
    turned_in: int
    late: int
    risk_profile: str
    expected: float
    quota: float | None
    gap: float | None
    points: list[str]


class ReviewJson(TypedDict):
    """The report as ``review --json`` prints it."""

    as_of: str
    reps: list[RepJson]
    notes: list[str]


@dataclass(frozen=True)
class _Workbook:
    """A workbook to be reviewed: which kind, whose, and whether somebody named it."""

    path: Path
    kind: str
    reps: tuple[str, ...]
    beside: bool


def review(paths: Sequence[Path]) -> ReviewReport:
    """How each rep stands, and what to talk about.

    Args:
        paths: a team workbook (the books beside it are read too), a template in
            use, books, or folders of them. A folder that ``build`` filled
            speaks through its team workbook.

    Raises:
        WorkbookError: a path is not there, a named workbook cannot be read, or
            there is nothing to review. In a folder such a workbook is noted.
        SettingsError: the settings in a workbook are wrong.
    """
    notes: list[str] = []
    found = _workbooks(paths, notes)
    if not found:
        raise WorkbookError(
            f"{', '.join(map(str, paths))}: holds no workbook of Account Plan; name a team "
            "workbook, or a folder that build filled."
        )
    facts = _together(_facts(found))
    reps = set(facts.walk[w.REP])
    for each in found:
        if each.kind == c.BOOK and not each.beside and not reps.intersection(each.reps):
            notes.append(f"{each.path}: its rep is not in the team workbook; left out.")
    mine = _one_per_rep([each for each in found if reps.intersection(each.reps)], notes)
    plans, today = _plans(mine, facts, notes)
    ways = _paths(mine, set(facts.accounts[w.OWNER]), notes)
    team = replace(replace(facts, today=today).team(plans), paths=ways)
    found_reps = model.review_reps(team)
    past = _rounds(mine)
    told = tuple(dict.fromkeys(notes))
    return ReviewReport(found_reps, facts.as_of, today, facts.due, told, team.plans, past)


def _rounds(found: Sequence[_Workbook]) -> pd.DataFrame:
    """How the plans stood at past collections, as the team workbooks remember them."""
    held = []
    for each in found:
        if each.kind == c.TEAM:
            with PackageReader(each.path) as reader:
                held.append(rounds.read(reader))
    # A copy of a team workbook remembers the same.
    return pd.concat(held, ignore_index=True).drop_duplicates() if held else pd.DataFrame()


def _paths(found: Sequence[_Workbook], owners: set[str], notes: list[str]) -> dict[str, PathPlan]:
    """The path to the quota of each owner: as their book has it, else as a team workbook does."""
    paths = _book_paths([each for each in found if each.kind == c.BOOK], notes)
    for each in found:
        if each.kind != c.BOOK and owners.intersection(each.reps) - set(paths):
            with PackageReader(each.path) as reader:
                paths |= rep_paths(reader, read_facts(reader), paths, notes)
    return paths


def _book_paths(books: Sequence[_Workbook], notes: list[str]) -> dict[str, PathPlan]:
    """The path to the quota of each rep who has a book, as the book has it now."""
    paths: dict[str, PathPlan] = {}
    for each in books:
        try:
            held = read_path(each.path)
        except AccountPlanError as mistake:
            notes.append(f"Path not read. {mistake.lines[0]}")
        else:
            paths |= dict.fromkeys(held.walk[w.REP], held.plan)
    return paths


def review_open(reader: Reader, place: str) -> ReviewReport:
    """The same of a team or template workbook that somebody has opened.

    Args:
        reader: of the workbook.
        place: where it lies; a team's books are looked for beside it.

    Raises:
        WorkbookError: it is a book, or a table is missing.
        SettingsError: the settings in a workbook are wrong.
    """
    kind, facts, notes = kind_of(reader), read_facts(reader), list[str]()
    if kind == c.BOOK:
        raise WorkbookError(
            f"{reader.label}: is one rep's book; the review stands in the team workbook. Open "
            "that, and run this again."
        )
    path = Path(place)
    reps = tuple(facts.walk[w.REP])
    files: list[PlanFile] = []
    books: list[_Workbook] = []
    read: set[str] = set()
    if kind == c.TEMPLATE:
        me = _Workbook(path, kind, reps, beside=False)
        files, read = [_as_now(read_open_plan_file(reader), me, facts)], set(reps)
    elif "://" in place:
        notes.append(
            "This workbook is opened from the cloud, so the books beside it cannot be read; open "
            "it from the synced folder. Plans stand as of the last build or collection."
        )
    elif path.is_absolute():
        books = [each for each in _workbooks_beside(path, notes) if set(each.reps) & set(reps)]
        books = _one_per_rep(books, notes)
        files = [_as_now(read_plan_file(each.path), each, facts) for each in books]
        read = {rep for each in books for rep in each.reps}
    firsts = plan_history.first_days(reader)
    lines, today = _lines(files, read, [_tracked(reader)], facts, notes, firsts)
    paths = _book_paths(books, notes)
    paths |= rep_paths(reader, facts, paths, notes)
    team = replace(replace(facts, today=today).team(lines), paths=paths)
    return ReviewReport(model.review_reps(team), facts.as_of, today, facts.due, tuple(notes))


def _workbooks_beside(team: Path, notes: list[str]) -> list[_Workbook]:
    chosen: dict[Path, _Workbook] = {}
    for book in sorted(books_beside(team)):
        _add(chosen, book, notes, walked=True, beside=True)
    return list(chosen.values())


def books_of(team: Path, reps: Set[str], notes: list[str]) -> list[Path]:
    """The books beside a team workbook, one of each of its reps; what else is there is noted."""
    books = [each for each in _workbooks_beside(team, notes) if reps & set(each.reps)]
    return [each.path for each in _one_per_rep(books, notes)]


def _one_per_rep(found: Sequence[_Workbook], notes: list[str]) -> list[_Workbook]:
    """Of several books of one rep the one that was saved last, as in a collection."""
    books: dict[str, list[_Workbook]] = {}
    for each in found:
        if each.kind == c.BOOK:
            books.setdefault("\n".join(each.reps).casefold(), []).append(each)
    left_out = set()
    for mine in books.values():
        if len(mine) > 1:
            first, *others = sorted(mine, key=lambda each: order_of_books(each.path), reverse=True)
            left_out |= {each.path for each in others}
            notes += [
                f"{each.path}: is another book of {', '.join(each.reps)}; {first.path.name}, saved "
                "last, was read. collect says what differs."
                for each in others
            ]
    return [each for each in found if each.path not in left_out]


def order_of_books(path: Path) -> tuple[datetime, int, str]:
    """By when the saving program says it was saved; of two saved together the plainer name."""
    with PackageReader(path) as reader:
        saved = reader.saved or datetime.fromtimestamp(path.stat().st_mtime)
    return saved, -len(path.name), str(path)


def _plans(
    found: Sequence[_Workbook], facts: WorkbookFacts, notes: list[str]
) -> tuple[pd.DataFrame, pd.Timestamp]:
    """The plans of all reps, and the latest day that a workbook has for today."""
    books = [each for each in found if each.kind != c.TEAM]
    files = [_as_now(read_plan_file(each.path), each, facts) for each in books]
    read = {rep for each in books for rep in each.reps}
    tracked, firsts = [], dict[str, date]()
    for each in found:
        if each.kind == c.TEAM:
            with PackageReader(each.path) as reader:
                tracked.append(_tracked(reader))
                firsts = plan_history.first_days(reader) | firsts
    return _lines(files, read, tracked, facts, notes, firsts)


def _lines(
    files: Sequence[PlanFile],
    read: set[str],
    tracked: Sequence[pd.DataFrame],
    facts: WorkbookFacts,
    notes: list[str],
    firsts: Mapping[str, date],
) -> tuple[pd.DataFrame, pd.Timestamp]:
    """The plans in files, and of reps without file those that a team's Tracker has.

    All are read on one day, the latest that a workbook has for today: a book's own may be
    long past, and a plan that is overdue for the manager is so for the rep.
    """
    today = max([facts.today, *(pd.Timestamp(file.inputs.today) for file in files)])
    day = today.date()
    checked = check_plan_files(
        [replace(file, inputs=replace(file.inputs, today=day)) for file in files]
    )
    plans = [
        replace(each.plan, turned_in_on=plan_history.first_day(each.plan, firsts))
        for each in checked
    ]
    lines = model.plan_lines(plans, [each.check for each in checked])
    known = set(facts.walk[w.REP]) - read
    for old in tracked:
        lines = pd.concat([lines, old[old[w.OWNER].isin(known)]], ignore_index=True)
        known -= set(old[w.OWNER])
    bookless = sorted((set(facts.walk[w.REP]) - read).intersection(lines[w.OWNER]))
    if bookless:
        notes.append(
            f"No book found of {', '.join(bookless)}: plans as of the last build or collection."
        )
    return lines, today


def _workbooks(paths: Sequence[Path], notes: list[str]) -> list[_Workbook]:
    """The workbooks to read, teams' first, each team with the books that lie beside it."""
    found = find_workbooks(paths)
    whole = {path.parent for path in found.files if path.stem == TEAM_NAME}
    chosen: dict[Path, _Workbook] = {}
    for path in found.files:
        walked = path in found.walked
        # Managers' workbooks are parts of the team workbook above them.
        if walked and path.parent.name == TEAMS_FOLDER and path.parent.parent in whole:
            continue
        _add(chosen, path, notes, walked=walked)
    books = {
        book for each in chosen.values() if each.kind == c.TEAM for book in books_beside(each.path)
    }
    for book in sorted(books):
        _add(chosen, book, notes, walked=True, beside=True)
    return sorted(chosen.values(), key=lambda each: each.kind == c.BOOK)


def _add(
    chosen: dict[Path, _Workbook],
    path: Path,
    notes: list[str],
    *,
    walked: bool,
    beside: bool = False,
) -> None:
    if path.absolute() in chosen:
        return
    try:
        kind, reps = whose(path)
    except WorkbookError as trouble:
        if not walked:
            raise
        if not isinstance(trouble, NotOursError):
            notes.append(str(trouble))
    else:
        chosen[path.absolute()] = _Workbook(path, kind, reps, beside)


def books_beside(team: Path) -> Iterable[Path]:
    """The books of a team workbook, where build puts them."""
    books = home_of(team) / BOOKS_FOLDER
    return find_workbooks([books]).files if books.is_dir() else ()


def _facts(found: Sequence[_Workbook]) -> list[WorkbookFacts]:
    """What the team workbooks say; the books are asked only where there are none."""
    kinds = {each.kind for each in found}
    asked = [each for each in found if each.kind != c.BOOK or kinds == {c.BOOK}]
    return [read_workbook(each.path) for each in asked]


def _together(parts: Sequence[WorkbookFacts]) -> WorkbookFacts:
    """Several workbooks as one; a rep who stands in two of them counts in the first."""
    seen: set[str] = set()
    kept = []
    for part in parts:
        mine = set(part.walk[w.REP]) - seen
        seen |= mine
        kept.append(
            replace(
                part,
                accounts=part.accounts[part.accounts[w.OWNER].isin(mine)],
                walk=part.walk[part.walk[w.REP].isin(mine)],
                deals=part.deals[part.deals[w.PATH_OF].isin(mine)],
            )
        )
    return replace(
        kept[0],
        today=max(part.today for part in kept),
        accounts=pd.concat([part.accounts for part in kept], ignore_index=True),
        walk=pd.concat([part.walk for part in kept], ignore_index=True),
        deals=pd.concat([part.deals for part in kept], ignore_index=True),
    )


def _as_now(file: PlanFile, workbook: _Workbook, facts: WorkbookFacts) -> PlanFile:
    """The plans with their accounts' quadrant and Potential $ worked out anew."""
    accounts = {row[w.ACCOUNT]: row for row in facts.accounts.to_dict("records")}

    def renewed(plan: Plan) -> Plan:
        owner = workbook.reps[0] if workbook.kind == c.BOOK else plan.owner
        row = accounts.get(plan.account)
        if row is None:
            return replace(plan, owner=owner)
        return replace(
            plan,
            owner=owner,
            quadrant=row[w.QUADRANT],
            potential_money=row[w.POTENTIAL_MONEY],
            status=row[w.STATUS],
        )

    return replace(file, plans=tuple(map(renewed, file.plans)))


def _tracked(reader: Reader) -> pd.DataFrame:
    """The plans as a team's Tracker has them, and how many of each rep's Review calls good."""
    rows = [row for row in reader.records(c.T_PLANS) if row.get(w.ACCOUNT)]
    good = {row.get(w.REP): row.get(model.GOOD) for row in reader.records(c.T_REVIEWS)}
    share = pd.Series([_number(row.get(model.COMPLETE)) for row in rows], dtype=float)
    owner = pd.Series([str(row.get(w.OWNER, "")) for row in rows], dtype=str)
    complete = share >= 1
    # Which of the complete ones are good is not said, only how many.
    place = complete.groupby(owner).cumsum()
    counts = {rep: _number(count) for rep, count in good.items()}
    number = owner.map(counts).astype(float).fillna(0.0)
    return pd.DataFrame(
        {
            w.OWNER: owner,
            w.ACCOUNT: pd.Series([str(row[w.ACCOUNT]) for row in rows], dtype=str),
            model.COMPLETE: share,
            model.GOOD: complete & (place <= number),
            w.STATE: pd.Series([str(row.get(w.STATE, "")) for row in rows], dtype=str),
            model.TURNED_IN_ON: pd.to_datetime(
                pd.Series([cell_date(row.get(model.HANDED_IN)) for row in rows], dtype=object)
            ).astype("datetime64[ns]"),
        }
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def as_json(report: ReviewReport) -> ReviewJson:
    """The report as ``review --json`` prints it."""
    return {
        "as_of": f"{report.as_of:%Y-%m-%d}",
        "reps": [_rep_json(row) for row in report.reps.to_dict("records")],
        "notes": list(report.notes),
    }


def _rep_json(row: Mapping[Any, Any]) -> RepJson:
    return {
        "owner": row[w.REP],
        "manager": row[w.MANAGER],
        "plans": int(row[model.PLANS]),
        "complete": int(row[model.COMPLETE]),
        "good": int(row[model.GOOD]),
        "turned_in": int(row[model.HANDED_IN]),
        "late": int(row[model.LATE]),
        "risk_profile": row[model.RISK_PROFILE],
        "expected": float(row[w.EXPECTED_MONEY]),
        "quota": _known(row[w.QUOTA]),
        "gap": _known(row[funnel.GAP]),
        "points": list(row[model.TALK_ABOUT]),
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def write_review(report: ReviewReport, out: Path) -> None:
    """Writes the report, one page per team; a file that is there is replaced.

    Args:
        report: what ``review`` found.
        out: .html, .xlsx or .pdf (needs LibreOffice).

    Raises:
        SaveError: another ending, no LibreOffice, or the file cannot be written.
    """
    write = WRITERS.get(out.suffix.lower())
    if write is None:
        raise SaveError(
            f"{out}: a review is written as {', '.join(WRITERS)}; give the file one of these "
            "endings."
        )
    with writing(out) as temporary:
        write(report.seen_from(out.absolute().parent), temporary)
