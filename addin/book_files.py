"""What does a rep's book bring to the team: plans, corrections, splits, activity, strategy?

A book is told by what stands in it, not by what it is called: whose it is says
the walk on Path, its planning year the cell YearStart. Of several books of one
rep the one that was saved last counts, by what the saving program wrote into
it; the others are named, with the plans in which they differ. Plans are checked
here as well, so that thousands of them need little room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import AccountPlanError, WorkbookError
from ..udfs.history import Sighting, sighting
from ..workbook_templates import contract as c
from ..workbook_templates.sheets.plan import next_action
from .hosts.package import LOCK, PackageReader
from .plan_files import CheckedFile, PlanFile, checked_files, read_open_plan_file
from .reading import kind_of
from .team_tables import text_of

CARRIED: Final[Mapping[str, tuple[str, ...]]] = {
    c.T_OVERRIDES: (
        w.ACCOUNT,
        "Field",
        "New value",
        "Reason",
        "Evidence",
        "Author",
        "Date",
        "State",
    ),
    c.T_SPLITS: (w.ACCOUNT, "Split", "Kind", w.POTENTIAL_MONEY, w.LIKELIHOOD, "Note"),
    c.T_ACTIVITY: (w.REP, w.WEEK, w.GATE, w.COUNT),
}
"""The tables that a book brings, and the columns of them that people type into."""


@dataclass(frozen=True)
class SeenPlan:
    """A plan as a collection needs it: how it stands, and what comes next."""

    sighting: Sighting
    next_action: object
    next_due: object


@dataclass(frozen=True)
class BookFile:
    """One book, as a collection needs it.

    Attributes:
        path: the file.
        rep: whose it is; "" where it does not say.
        year_start: of its planning year.
        today: from which its days are counted.
        saved: when it was saved, as the saving program wrote.
        is_open: whether somebody has it open.
        seen: its plans.
        checked: what the check found about each.
        rows: of each table that it brings the rows, as tuples in the order of ``CARRIED``.
        whole: the tables of which nothing lacks, so that a row that is not there was taken out.
        ids: the Account ID of each account in those rows, by its name in small letters.
        strategy: the answers on Path, by the column of Reps.
        lacks: parts that it does not have, in words.
        left: plans of accounts that the export no longer has, one line each.
    """

    path: Path
    rep: str
    year_start: date
    today: date
    saved: datetime
    is_open: bool
    seen: tuple[SeenPlan, ...]
    checked: CheckedFile
    rows: Mapping[str, tuple[tuple[Any, ...], ...]]
    whole: frozenset[str]
    ids: Mapping[str, str]
    strategy: Mapping[str, str]
    lacks: tuple[str, ...]
    left: tuple[str, ...] = ()


class NotABookError(WorkbookError):
    """A workbook of ours, but no rep's book."""


class BookReader:
    """Reads some books; what a process of a pool is given to do.

    Args:
        today: the day on which dates are past; None takes each book's own.
    """

    def __init__(self, today: date | None) -> None:
        self.today = today

    def __call__(self, paths: Sequence[Path]) -> list[BookFile | AccountPlanError]:
        """The books in the order of the paths; the mistake itself where one cannot be read."""
        read: list[tuple[PlanFile, BookFile] | AccountPlanError] = []
        for path in paths:
            try:
                read.append(self._read(path))
            except AccountPlanError as mistake:
                read.append(mistake)
        files = [each[0] for each in read if isinstance(each, tuple)]
        checked = checked_files(files)
        return [
            replace(each[1], checked=next(checked)) if isinstance(each, tuple) else each
            for each in read
        ]

    def _read(self, path: Path) -> tuple[PlanFile, BookFile]:
        before = _stamp(path)
        with PackageReader(path) as reader:
            if kind_of(reader) != c.BOOK:
                raise NotABookError(
                    f"{path}: is a {kind_of(reader)} workbook of Account Plan, not a rep's book."
                )
            file = read_open_plan_file(reader)
            book = _book(reader, file)
        if _stamp(path) != before:
            raise WorkbookError(f"{path}: was changed while it was read; run this again.")
        if self.today is not None:
            file = replace(file, inputs=replace(file.inputs, today=self.today))
        return file, book


def _stamp(path: Path) -> tuple[int, int]:
    try:
        held = path.stat()
    except OSError as trouble:
        raise WorkbookError(
            f"{path}: cannot be read ({trouble.strerror}); check that it is still there."
        ) from None
    return held.st_mtime_ns, held.st_size


def _book(reader: PackageReader, file: PlanFile) -> BookFile:
    path = reader.path
    lacks: list[str] = []
    rows: dict[str, tuple[tuple[Any, ...], ...]] = {}
    whole = set()
    for name, columns in CARRIED.items():
        known = len(lacks)
        rows[name] = _rows(reader, name, columns, lacks)
        if len(lacks) == known:
            whole.add(name)
    strategy = {label: text_of(reader.named_value(name)) for label, name in c.STRATEGY.items()}
    lacks += [f"the name {name}" for name in c.STRATEGY.values() if reader.name(name) is None]
    saved = reader.saved or datetime.fromtimestamp(path.stat().st_mtime)
    return BookFile(
        path=path,
        rep=_rep(reader),
        year_start=file.inputs.year_start,
        today=file.inputs.today,
        saved=saved,
        is_open=(path.parent / f"{LOCK}{path.name}").exists(),
        seen=tuple(map(_seen, file.plans)),
        checked=CheckedFile(str(path), (), (), None, ()),
        rows=rows,
        whole=frozenset(whole),
        ids=_ids(reader, rows),
        strategy=strategy,
        lacks=tuple(lacks),
        left=file.left,
    )


def _ids(reader: PackageReader, rows: Mapping[str, tuple[tuple[Any, ...], ...]]) -> dict[str, str]:
    """What the book's own Accounts says of the accounts in these rows."""
    named = {
        text_of(row[columns.index(w.ACCOUNT)]).casefold()
        for name, columns in CARRIED.items()
        if w.ACCOUNT in columns
        for row in rows[name]
    }
    if not named:
        return {}
    accounts = [
        (text_of(row.get(w.ACCOUNT)).casefold(), text_of(row.get(w.ACCOUNT_ID)))
        for row in reader.records(c.T_ACCOUNTS)
    ]
    return {name: who for name, who in accounts if who and name in named}


def _rep(reader: PackageReader) -> str:
    """Whose book it is: as the walk says, else whoever owns most of its accounts."""
    walk = [text_of(row.get(w.REP)) for row in reader.records(c.T_WALK)]
    named = [rep for rep in walk if rep]
    if named:
        return named[0]
    owners = [text_of(row.get(w.OWNER)) for row in reader.records(c.T_ACCOUNTS)]
    owners = [owner for owner in owners if owner]
    return max(sorted(set(owners)), key=owners.count) if owners else ""


def _rows(
    reader: PackageReader, name: str, columns: Sequence[str], lacks: list[str]
) -> tuple[tuple[Any, ...], ...]:
    """What is typed into a table, rows directly beneath it included."""
    table = reader.table(name)
    if table is None:
        lacks.append(f"the table {name}")
        return ()
    headers = [header.strip() for header in reader.headers(table)]
    gone = [column for column in columns if column not in headers]
    lacks += [f"the column '{column}' of {name}" for column in gone]
    area = table.area
    places = [area.left + headers.index(each) if each in headers else None for each in columns]
    grid = reader.grid(area.sheet)
    found, row, last = [], area.top + table.headers, area.bottom - table.totals
    while row < len(grid):
        line = tuple(
            None if place is None or place >= len(grid[row]) else _cell(grid[row][place])
            for place in places
        )
        is_typed = any(cell is not None for cell in line)
        if row > last and (not is_typed or table.totals):
            break
        if is_typed:
            found.append(line)
        row += 1
    return tuple(found)


def _seen(plan: p.Plan) -> SeenPlan:
    action, due = next_action(plan)
    kept = {key: plan.fields.get(key) for key in (c.P_TURNED_IN_BY, c.P_FEEDBACK)}
    seen = sighting(plan)
    slim = replace(plan, fields=kept, tables={}, cells={})
    # What was never turned in is nobody's business yet.
    contents = "" if plan.state == p.DRAFT else seen.contents
    return SeenPlan(replace(seen, plan=slim, contents=contents), action, due)


def _cell(value: object) -> object:
    return None if value == "" or (isinstance(value, str) and not value.strip()) else value
