"""``accountplan collect``: what the reps wrote in their books comes into the team workbook.

Every workbook below a folder is either read right or named in the report with
what is wrong. Nothing is written where nothing is new, so that collecting twice
changes nothing; else the team workbook is kept in a dated backup, changed as a
closed file, and swapped in whole.

What the manager typed stays: an override that is accepted or declined keeps its
state, ratings and feedback move with their plan. Corrections and splits that a rep
takes out of the book stay in the team's tables as Withdrawn, without effect; should
they come back, they are proposed anew. Every version of a plan stays in History.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..udfs import funnel
from ..udfs import plans as p
from ..udfs import review as model
from ..udfs import words as w
from ..udfs.errors import AccountPlanError, WorkbookError
from ..udfs.history import Event, Standing, new_events, standing
from ..udfs.overrides import DECIDED, PROPOSED, WITHDRAWN
from ..udfs.plans import PlanCheck
from ..udfs.settings import AT_ONCE
from ..udfs.table_cells import cell_date
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import checks, tracker
from ..workbook_templates.sheets.overrides import BOOK_OF
from . import checking, corrections, library, plan_history, rounds
from .book_files import CARRIED, BookFile, BookReader, NotABookError, SeenPlan
from .desk import counted
from .hosts.package import NotOursError
from .hosts.package_writer import PackageWorkbook
from .plan_files import find_workbooks, in_parts, left_accounts, plan_due, with_copies
from .reading import read_workbook
from .save import keep_backup, relative_to
from .settings import settings_of
from .team_tables import TeamTable, text_of
from .workbook import Workbook


@dataclass(frozen=True)
class CollectReport:
    """What a collection found and changed.

    Attributes:
        into: the team workbook.
        books: the books that were read, with their reps.
        plans: how the team's plans stand now: a count per word.
        news: what is new since the last collection: a count per word.
        duplicates: further books of a rep, and what is different in them.
        open_books: books that somebody has open, read as last saved.
        older: books in which something lacks that the template has by now.
        unreadable: files that could not be read, and why.
        left_out: files that are no book of this team, and why.
        missing: reps who have plans to write, but no book in the folder.
        gone: plans that are on the Tracker, but no longer in the book.
        behind: that reps count their days left from an earlier day than the team does.
        notes: what else there is to say.
        backup: where the team workbook as it was is kept; None where nothing changed.
    """

    into: Path
    books: tuple[tuple[str, str], ...] = ()
    plans: Mapping[str, int] = field(default_factory=dict)
    news: Mapping[str, int] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    open_books: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    backup: Path | None = None

    @property
    def needs_a_look(self) -> bool:
        """Whether anything was not read (or no book at all), is there twice, or is not there."""
        return not self.books or any((self.duplicates, self.unreadable, self.missing, self.gone))

    @property
    def told_news(self) -> str:
        """What is new, in words."""
        found = [
            counted(count, *_NEWS.get(word, (word, word)))
            for word, count in self.news.items()
            if count
        ]
        return ", ".join(found) or "nothing"

    def to_json(self) -> dict[str, object]:
        """The report as ``collect --json`` prints it."""
        return {
            "into": str(self.into),
            "books": [{"file": file, "rep": rep} for file, rep in self.books],
            "plans": dict(self.plans),
            "news": dict(self.news),
            "duplicates": list(self.duplicates),
            "open": list(self.open_books),
            "older": list(self.older),
            "unreadable": list(self.unreadable),
            "left_out": list(self.left_out),
            "missing": list(self.missing),
            "gone": list(self.gone),
            "behind": list(self.behind),
            "notes": list(self.notes),
            "backup": None if self.backup is None else str(self.backup),
        }


_NEWS: Final[Mapping[str, tuple[str, str]]] = {
    "plans": ("plan that stands otherwise", "plans that stand otherwise"),
    "overrides": ("correction", "corrections"),
    "splits": ("split", "splits"),
    "activity": ("row of activity", "rows of activity"),
    "strategies": ("strategy", "strategies"),
    "examples": ("example in the Library", "examples in the Library"),
}
"""What the words of ``CollectReport.news`` count; others are states of plans."""


def collect(folder: Path, into: Path, *, now: datetime, today: date | None = None) -> CollectReport:
    """Brings what stands in the books below a folder into a team workbook.

    Args:
        folder: where the books are, in any depth.
        into: the team workbook.
        now: the time to record.
        today: the day on which dates are past, which the team workbook is set to;
            the day of ``now`` without.

    Raises:
        WorkbookError: the folder is not there; the team workbook cannot be read,
            or is none, or was written by an older version.
        SaveError: the team workbook is open elsewhere; nothing was changed.
    """
    team = PackageWorkbook(into)
    report, is_changed = collect_into(team, into, folder, now=now, today=today)
    if not is_changed:
        return report
    team.forget_results((c.START, c.REVIEW))
    return replace(report, backup=keep_backup(into, team.save))


def collect_into(
    team: Workbook, into: Path, folder: Path, *, now: datetime, today: date | None = None
) -> tuple[CollectReport, bool]:
    """The same for a team workbook that is open; whoever opened it saves it.

    Args:
        team: the door to it.
        into: where it lies.
        folder, now, today: as in ``collect``.

    Returns:
        What was found, and whether anything in the team workbook changed.
    """
    day = today or now.date()
    if not folder.is_dir():
        raise WorkbookError(f"{folder}: is no folder; name the one that the books are in.")
    known = _Team(team)
    walked = find_workbooks([folder])
    found = [path for path in walked.files if path.resolve() != into.resolve()]
    sorted_out = _sorted_out(found, known, day)
    changes = _Changes(team, known, into, now)
    if sorted_out.books:
        changes.take(sorted_out.books)
        changes.set_today(day)
        if changes.is_changed:
            changes.remember_gaps()
            changes.say_on_checks(sorted_out.report.missing)
        changes.remember_round(day)
    else:
        changes.notes.append(
            f"{folder}: no book of this team was read, so nothing was written; is it the right one?"
        )
    report = replace(
        sorted_out.report,
        into=into,
        unreadable=(*sorted_out.report.unreadable, *walked.spoilt),
        plans=changes.counts(),
        news=dict(changes.news),
        gone=tuple(changes.gone),
        behind=tuple(_behind(sorted_out.books, day)),
        notes=tuple(changes.notes),
    )
    return report, changes.is_changed


# --- Which books count? --------------------------------------------------------


class _Team:
    """What the team workbook says of itself: its reps and its year."""

    def __init__(self, team: Workbook) -> None:
        _refuse_others(team)
        self.plans = team.read_table(c.T_PLANS)
        people = team.read_table(c.T_REPS, [w.REP, w.MANAGER])
        reps = [text_of(rep) for rep in people[w.REP]]
        self.managers = dict(zip(reps, people[w.MANAGER].map(text_of), strict=True))
        accounts = team.read_table(c.T_ACCOUNTS, [w.ACCOUNT, w.ACCOUNT_ID, w.OWNER])
        ids, names = accounts[w.ACCOUNT_ID].map(text_of), accounts[w.ACCOUNT].map(text_of)
        self.names = {who.casefold(): name for who, name in zip(ids, names, strict=True) if who}
        owners = [text_of(owner) for owner in accounts[w.OWNER]]
        self.owners_of: dict[str, set[str]] = {}
        for name, owner in zip(names, owners, strict=True):
            self.owners_of.setdefault(name.casefold(), set()).add(owner.casefold())
        self.spelling = {rep.casefold(): rep for rep in (*owners, *reps) if rep}
        self.owners = set(owners) - {"", w.UNASSIGNED}
        self.left = left_accounts(team.reader())
        start = team.read_names([c.N_YEAR_START])[c.N_YEAR_START]
        self.year_start = start.date() if isinstance(start, datetime) else None

    def is_of_others(self, account: object, rep: object) -> bool:
        """Whether other reps own an account, and this one does not."""
        owners = self.owners_of.get(text_of(account).casefold(), set())
        nobody = {"", w.UNASSIGNED.casefold()}
        return bool(owners) and not owners & {text_of(rep).casefold(), *nobody}


def _refuse_others(team: Workbook) -> None:
    sheets = team.sheets()
    if c.MY_WEEK in sheets or any(name.startswith(c.PLAN_PREFIX) for name in sheets):
        raise WorkbookError(
            f"{team.label}: is no team workbook; name the one that build wrote, such as team.xlsx."
        )
    known = {name.casefold() for name in team.tables()}
    if c.T_HISTORY.casefold() not in known:
        raise WorkbookError(
            f"{team.label}: has no table {c.T_HISTORY}, so an older version wrote it; build the "
            "team workbook anew, and collect into that."
        )


@dataclass(frozen=True)
class _SortedOut:
    """The one book of each rep, and what to say of all other files."""

    books: tuple[BookFile, ...]
    report: CollectReport


def _sorted_out(paths: Sequence[Path], team: _Team, day: date) -> _SortedOut:
    mine: dict[str, list[BookFile]] = {}
    unreadable: list[str] = []
    left_out: list[str] = []
    for read in in_parts(BookReader(day), paths):
        if isinstance(read, NotOursError | NotABookError):
            left_out.append(str(read))
        elif isinstance(read, AccountPlanError):
            unreadable.extend(read.lines)
        elif why := _not_this_team(read, team):
            left_out.append(f"{read.path}: {why}")
        else:
            mine.setdefault(read.rep.casefold(), []).append(read)
    chosen: list[BookFile] = []
    duplicates: list[str] = []
    for rep, books in sorted(mine.items()):
        first, *others = sorted(books, key=_order, reverse=True)
        chosen.append(replace(first, rep=team.spelling[rep]))
        duplicates += [_duplicate(other, first) for other in others]
    duplicates += [line for book in chosen for line in _twice(book)]
    there = {book.rep for book in chosen}
    report = CollectReport(
        into=Path(),
        books=tuple((str(book.path), book.rep) for book in chosen),
        duplicates=tuple(duplicates),
        open_books=tuple(str(book.path) for book in chosen if book.is_open),
        older=tuple(
            f"{book.path}: has not {', '.join(book.lacks)}; the rest was read."
            for book in chosen
            if book.lacks
        ),
        unreadable=tuple(unreadable),
        left_out=tuple(left_out),
        missing=tuple(sorted(team.owners - there)),
    )
    return _SortedOut(tuple(chosen), report)


def _not_this_team(book: BookFile, team: _Team) -> str:
    if not book.rep:
        return "names no rep; type the rep's name into the walk on Path."
    if book.rep.casefold() not in team.spelling:
        return f"is the book of {book.rep}, who is not in this team."
    if team.year_start is not None and book.year_start != team.year_start:
        return (
            f"is for the planning year from {book.year_start}, not from {team.year_start}; move "
            "it elsewhere, or collect it into the team workbook of its year."
        )
    return ""


def _behind(books: Sequence[BookFile], day: date) -> Iterator[str]:
    """That reps still count their days left from an earlier day than the team does from now on."""
    behind = [book for book in books if book.today < day]
    if behind:
        first = min(behind, key=lambda book: book.today)
        yield (
            f"{c.N_TODAY} is {day} in this team workbook now, and earlier in {len(behind):,} of "
            f"{len(books):,} books ({first.today} in {first.path.name}), so their reps see more "
            "days left. The next return moves it on in the books, or the rep types it on My week."
        )


def _order(book: BookFile) -> tuple[datetime, int, str]:
    """The book saved last first; of two saved together, the one with the plainer name."""
    return book.saved, -len(book.path.name), str(book.path)


def _duplicate(other: BookFile, first: BookFile) -> str:
    differs = _differences(other, first)
    if not differs:
        return f"{other.path}: says the same as {first.path.name}; delete it."
    return (
        f"{other.path}: is another book of {first.rep}, saved {other.saved:%Y-%m-%d %H:%M}; "
        f"{first.path.name}, saved {first.saved:%Y-%m-%d %H:%M}, was read. They differ in "
        f"{', '.join(differs)}: bring over what is missing, then delete it."
    )


def _twice(book: BookFile) -> Iterator[str]:
    tabs: dict[str, list[str]] = {}
    for each in book.seen:
        tabs.setdefault(each.sighting.plan.account, []).append(each.sighting.plan.tab)
    for account, names in tabs.items():
        if account and len(names) > 1:
            yield f"{book.path}: {', '.join(names)} are all for {account}; keep one of them."


def _differences(one: BookFile, other: BookFile) -> list[str]:
    """In what two books of a rep differ, in words."""
    ours, theirs = _told_apart(one), _told_apart(other)
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    found = names[:5] + ([f"{len(names) - 5} more plans"] if len(names) > 5 else [])
    found += [f"the table {name}" for name in CARRIED if one.rows[name] != other.rows[name]]
    return [*found, *(["the strategy on Path"] if one.strategy != other.strategy else [])]


def _told_apart(book: BookFile) -> dict[str, tuple[str, str, object]]:
    return {
        f"the plan for {each.sighting.plan.account}": (
            each.sighting.fingerprint,
            each.sighting.plan.state,
            each.sighting.plan.turned_in_on,
        )
        for each in book.seen
    }


# --- What changes in the team workbook? ------------------------------------------


class _Changes:
    """The changes of one collection, and how many of each kind there are.

    Attributes:
        news: how much is new, by word.
        gone: plans that the Tracker had and the book has not.
        notes: what else there is to say.
    """

    def __init__(self, team: Workbook, known: _Team, into: Path, now: datetime) -> None:
        self.team, self.known, self.into, self.now = team, known, into, now
        self.news: Counter[str] = Counter()
        self.gone: list[str] = []
        self.notes: list[str] = []
        self.lines = known.plans
        self.past = plan_history.read(team)
        self.at_once = settings_of(team.reader()).overrides_act == AT_ONCE
        self.events: list[Event] = []
        self.checked: list[tracker.Line] = []
        self.is_changed = False

    def take(self, books: Sequence[BookFile]) -> None:
        """Takes in all that the books bring."""
        found = iter(with_copies([book.checked for book in books]))
        lines = [self._line(book, seen, next(found).check) for book in books for seen in book.seen]
        plan_history.append(self.team, self.events)
        self.is_changed |= bool(self.events)
        self._plans(lines, {book.rep for book in books})
        for book in books:
            self._overrides(book)
            self._splits(book)
            self._activity(book)
            self.notes += book.left
        self.is_changed |= bool(corrections.keep_model_values(self.team, self.team.reader()))
        self._strategies(books)
        self._library()

    def _library(self) -> None:
        """Plans that the manager marked as examples."""
        past = [each for held in self.past.values() for each in held]
        names = self.known.names
        # A plan that was turned in under a former name is found by the one of now.
        events = [
            replace(each, account=names.get(each.account_id.casefold(), each.account))
            for each in (*past, *self.events)
        ]
        copied, notes = library.update(self.team, self.into, events, self.now)
        self.notes += notes
        if copied:
            self.news["examples"] += copied
            self.is_changed = True

    def set_today(self, day: date) -> None:
        """Moves the workbook's day on."""
        held = self.team.read_names([c.N_TODAY])[c.N_TODAY]
        if not isinstance(held, datetime) or held.date() != day:
            self.team.write_names({c.N_TODAY: day})
            self.is_changed = True

    def remember_gaps(self) -> None:
        """Keeps each rep's gap on Path, so that the walk shows how it has moved since."""
        gaps = read_workbook(self.into).walk.set_index(w.REP)[funnel.GAP]
        held = self.team.read_table(c.T_WALK)
        if c.GAP_BEFORE in held:
            before = held[w.REP].map(text_of).map(gaps).to_frame(c.GAP_BEFORE)
            self.team.write_columns(c.T_WALK, before.astype(float))

    def say_on_checks(self, missing: Sequence[str]) -> None:
        """Says on Checks what was found in the plans that were read.

        Args:
            missing: reps without a book now; what was found in their plans stays.
        """
        if c.T_CHECKS.casefold() in {name.casefold() for name in self.team.tables()}:
            found = list(checks.plan_checks(self.checked, c.TEAM))
            checking.write_checks(self.team, found, (checks.PLAN,), missing)

    def remember_round(self, today: date) -> None:
        """Keeps how the plans stand, so that Review shows what has moved since."""
        lines = self.lines[self.lines[w.ACCOUNT].map(text_of) != ""]
        day, due = pd.Timestamp(today), plan_due(self.team.reader())
        plans = pd.DataFrame(
            {
                w.STATE: lines[tracker.STATE].map(text_of),
                model.COMPLETE: pd.to_numeric(lines[tracker.COMPLETE], errors="coerce"),
                model.GOOD: lines[tracker.GOOD].map(text_of) == tracker.YES,
                model.TURNED_IN_ON: lines[tracker.TURNED_IN].map(cell_date),
            }
        )
        flags = model.plan_flags(plans, day, day if due is None else pd.Timestamp(due))
        managers = lines[w.OWNER].map(text_of).map(self.known.managers).fillna("")
        now = flags[[*model.GLANCE]].groupby(managers).sum()
        self.is_changed |= rounds.remember(self.team, now, self.now)

    def counts(self) -> dict[str, int]:
        """How the team's plans stand now."""
        rows = [row for row in self.lines.to_dict("records") if text_of(row[w.ACCOUNT])]
        found = {"plans": len(rows)}
        found["complete"] = sum(_is_number(row[tracker.COMPLETE], 1.0) for row in rows)
        found["good"] = sum(text_of(row[tracker.GOOD]) == tracker.YES for row in rows)
        for state in p.PLAN_STATES:
            found[state.lower()] = sum(text_of(row[tracker.STATE]) == state for row in rows)
        found["changed since"] = sum(
            text_of(row[tracker.CHANGED_SINCE]) == tracker.YES for row in rows
        )
        return found

    # --- Plans ------------------------------------------------------------------

    def _line(self, book: BookFile, seen: SeenPlan, check: PlanCheck) -> dict[str, object]:
        """A plan's row on the Tracker; what is new of it goes into the history."""
        file = relative_to(book.path, self.into.parent)
        plan = replace(seen.sighting.plan, owner=book.rep, file=file)
        # Until the book has a new name, too, its plan is the one that is called so here.
        plan = replace(plan, account=self.known.names.get(plan.account_id.casefold(), plan.account))
        sighting = replace(seen.sighting, plan=plan)
        past = self.past.get(plan_history.key_of(plan.account_id), [])
        events = new_events(sighting, check, past, self.now)
        self.events += events
        self.news.update(event.event.lower() for event in events)
        self.checked.append(checking.book_line(plan, check))
        return _tracker_row(seen, plan, check, standing(sighting, [*past, *events]))

    def _plans(self, lines: Sequence[Mapping[str, object]], reps: set[str]) -> None:
        old = TeamTable(self.team, c.T_PLANS)
        held = {at: row for at, row in old.records() if text_of(row[w.ACCOUNT])}
        owners = {at: text_of(row[w.OWNER]).casefold() for at, row in held.items()}
        read = {rep.casefold() for rep in reps}
        kept = [at for at, owner in owners.items() if owner not in read]
        # A second tab for an account is a row of its own; a tab may be called otherwise by now.
        keyings = ((w.OWNER, w.ACCOUNT, tracker.PLAN), (w.OWNER, w.ACCOUNT))
        found = old.places(lines, keyings, lambda at: at in held)
        new = list(zip(found, lines, strict=True))
        self.gone = [
            f"{text_of(row[w.OWNER])}: the plan for {text_of(row[w.ACCOUNT])} is no longer in the "
            "book; its versions are in History."
            for at, row in held.items()
            if at not in found and at not in kept and not self._has_left(row)
        ]
        off = len(held) - len(kept) - sum(at is not None for at in found)
        rows: list[tuple[int | None, Mapping[str, object]]] = [
            *((at, {}) for at in kept),
            *new,
        ]
        # As on the sheet: where a plan stood it stays, new ones follow their owner's others.
        rows.sort(key=lambda row: _place(row, owners))
        columns = list(_TRACKER)
        changed = sum(at is None or old.differs(at, line) for at, line in new)
        self.news["plans"] += changed
        if changed or off:
            old.replace(columns, rows)
            self.is_changed = True
        self.lines = self.team.read_table(c.T_PLANS)

    def _has_left(self, row: Mapping[str, Any]) -> bool:
        """Whether a plan's account has left the export: then its book says so."""
        return text_of(row[w.ACCOUNT]).casefold() in self.known.left

    # --- Tables ------------------------------------------------------------------

    def _overrides(self, book: BookFile) -> None:
        table = TeamTable(self.team, c.T_OVERRIDES)
        state, key = w.STATE, (w.ACCOUNT, "Field", "Author", "Date")
        said = (*key, "New value")
        rows = [self._as_a_rep_may(row) for row in self._rows(book, c.T_OVERRIDES)]
        places = table.places(rows, ((*said, "Reason", "Evidence"), said), lambda at: True)
        # What is left may have another value by now, while nobody has decided on the old one.
        places = table.places(
            rows, (key,), lambda at: not _is_decided(table.value(at, state)), places
        )
        for row, at in zip(rows, places, strict=True):
            if at is None:
                table.add(row | _whose(book, table))
                continue
            is_decided = _is_decided(table.value(at, state)) and not _is_withdrawn(row[state])
            table.update(at, _whose(book, table) if is_decided else row | _whose(book, table))
        there = {at for at in places if at is not None}
        told = {
            _corrected_by(row)
            for row, at in zip(rows, places, strict=True)
            if _is_open(row[state] if at is None else table.value(at, state))
        }
        self._withdraw(book, table, c.T_OVERRIDES, there, lambda row: _is_superseded(row, told))
        self._count("overrides", table)

    def _rows(self, book: BookFile, name: str) -> list[dict[str, Any]]:
        """The rows of a table of a book; accounts are called as here, though not there as yet."""
        rows = _rows_of(book, name)
        for row in rows:
            account = text_of(row[w.ACCOUNT])
            now = self.known.names.get(book.ids.get(account.casefold(), "").casefold(), account)
            if now.casefold() != account.casefold():
                row[w.ACCOUNT] = now
        return rows

    def _as_a_rep_may(self, row: dict[str, Any]) -> dict[str, Any]:
        """A correction as its book may bring it: the manager alone accepts or declines."""
        if self.at_once or not _is_decided(row[w.STATE]):
            return row
        return row | {w.STATE: PROPOSED}

    def _splits(self, book: BookFile) -> None:
        """Splits of a book; of an account that moved to another rep those in that rep's book."""
        table = TeamTable(self.team, c.T_SPLITS)
        columns = CARRIED[c.T_SPLITS]
        back = {w.STATE: None} if w.STATE in table.columns else {}
        whose = _whose(book, table)
        keyings = [(*names, *whose) for names in (columns, columns[:2])]
        all_rows = [row | back | whose for row in self._rows(book, c.T_SPLITS)]
        moved = [row for row in all_rows if self.known.is_of_others(row[w.ACCOUNT], book.rep)]
        rows = [row for row in all_rows if row not in moved]
        places = table.places(rows, keyings, lambda _: True)
        if whose:
            # A row of no book, or of a rep who does not own the account by now, is taken over.
            free = (columns, columns[:2])
            places = table.places(rows, free, lambda at: self._is_left(table, at), places)
        there = self._renew(table, rows, places)
        self.notes += [
            f"{book.rep}: {account} is another rep's by now, so its rows on Splits in the book "
            "were not read; clear them there."
            for account in dict.fromkeys(text_of(row[w.ACCOUNT]) for row in moved)
        ]
        if back:
            there |= {at for at in table.places(moved, keyings, lambda _: True) if at is not None}
            self._withdraw(book, table, c.T_SPLITS, there, lambda _: False)
        self._count("splits", table)

    def _is_left(self, table: TeamTable, at: int) -> bool:
        rep = text_of(table.value(at, BOOK_OF))
        return not rep or self.known.is_of_others(table.value(at, w.ACCOUNT), rep)

    def _withdraw(
        self,
        book: BookFile,
        table: TeamTable,
        name: str,
        there: set[int],
        is_superseded: Callable[[Mapping[str, Any]], bool],
    ) -> None:
        """Marks the rows that came from a book and are no longer in it."""
        if BOOK_OF not in table.columns or name not in book.whole:
            return
        for at, row in table.records():
            is_mine = text_of(row[BOOK_OF]).casefold() == book.rep.casefold()
            if not is_mine or at in there or _is_withdrawn(row[w.STATE]) or is_superseded(row):
                continue
            table.update(at, {w.STATE: WITHDRAWN})
            what = text_of(row.get("Field")) or text_of(row.get("Split"))
            self.notes.append(
                f"{book.rep}: took '{what}' for {text_of(row[w.ACCOUNT])} out of {name} in the "
                f"book; here it is kept as {WITHDRAWN}, without effect."
            )

    def _activity(self, book: BookFile) -> None:
        table = TeamTable(self.team, c.T_ACTIVITY)
        columns = CARRIED[c.T_ACTIVITY]
        rows = [
            {**row, w.REP: book.rep}
            for row in _rows_of(book, c.T_ACTIVITY)
            if text_of(row[w.REP]).casefold() in ("", book.rep.casefold())
        ]
        self._renew(table, rows, table.places(rows, (columns, columns[:3]), lambda _: True))
        self._count("activity", table)

    def _renew(
        self,
        table: TeamTable,
        rows: Sequence[Mapping[str, object]],
        places: Sequence[int | None],
    ) -> set[int]:
        """Renews the rows that a table has, adds the others; gives the places of the former."""
        for row, at in zip(rows, places, strict=True):
            if at is None:
                table.add(row)
            else:
                table.update(at, row)
        return {at for at in places if at is not None}

    def _count(self, word: str, table: TeamTable) -> None:
        changed = table.write()
        if changed:
            self.news[word] += changed
            self.is_changed = True

    def _strategies(self, books: Sequence[BookFile]) -> None:
        table = TeamTable(self.team, c.T_REPS)
        if not set(c.STRATEGY) <= set(table.columns):
            return
        for book in books:
            at = table.find({w.REP: book.rep}, (w.REP,))
            if at is not None:
                table.update(at, {label: told or None for label, told in book.strategy.items()})
        self._count("strategies", table)


_TRACKER: Final = (
    tracker.PLAN,
    w.ACCOUNT,
    w.OWNER,
    tracker.COMPLETE,
    tracker.MISSING,
    tracker.NEXT_ACTION,
    tracker.NEXT_DUE,
    tracker.STATE,
    tracker.TURNED_IN,
    tracker.FINDINGS,
    tracker.GOOD,
    tracker.FIRST_SEEN,
    tracker.CHANGED_SINCE,
    tracker.BOOK,
)


def _tracker_row(
    seen: SeenPlan, plan: p.Plan, check: PlanCheck, now: Standing
) -> dict[str, object]:
    values = (
        plan.tab,
        plan.account,
        plan.owner,
        check.completeness.share,
        ", ".join(check.completeness.missing),
        seen.next_action,
        cell_date(seen.next_due),
        plan.state,
        # A plan that was returned is as late as its first version.
        plan.turned_in_on if plan.state == p.DRAFT else now.handed_in or plan.turned_in_on,
        float(len(check.findings)),
        tracker.YES if check.good else tracker.NO,
        now.first_seen,
        tracker.YES if now.is_changed_since else "",
        plan.file,
    )
    return dict(zip(_TRACKER, values, strict=True))


def _place(
    row: tuple[int | None, Mapping[str, object]], owners: Mapping[int, str]
) -> tuple[float, int]:
    at, line = row
    if at is not None:
        return at, 0
    owner = str(line[w.OWNER]).casefold()
    return max((held for held, name in owners.items() if name == owner), default=1e9), 1


def _is_decided(state: object) -> bool:
    return text_of(state).casefold() in DECIDED


def _is_open(state: object) -> bool:
    return not _is_decided(state) and not _is_withdrawn(state)


def _is_withdrawn(state: object) -> bool:
    return text_of(state).casefold() == WITHDRAWN.casefold()


def _rows_of(book: BookFile, name: str) -> list[dict[str, Any]]:
    """The rows of a table of a book, each once."""
    rows = dict.fromkeys(book.rows[name])
    return [dict(zip(CARRIED[name], row, strict=True)) for row in rows]


def _whose(book: BookFile, table: TeamTable) -> dict[str, object]:
    """From whose book a row came, where the team workbook has room for that."""
    return {BOOK_OF: book.rep} if BOOK_OF in table.columns else {}


def _corrected_by(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(text_of(row[name]).casefold() for name in (w.ACCOUNT, "Field", "Author"))


def _is_superseded(row: Mapping[str, Any], told: Set[tuple[str, ...]]) -> bool:
    """Whether a row was decided, and its author proposes something else about the same.

    The decision holds until the manager has decided on the new one.
    """
    return _is_decided(row[w.STATE]) and _corrected_by(row) in told


def _is_number(value: object, number: float) -> bool:
    return isinstance(value, int | float) and float(value) >= number
