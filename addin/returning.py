"""``accountplan return``: the manager's decisions go from the Tracker into the reps' books.

A row of the Tracker with a decision, Approve or Return, is carried out: state
and feedback are written into the plan's tab, the tab is locked or unlocked, the
event goes into History, and the decision is cleared. A book that is open keeps
its row, and gets its turn at the next run. What the manager has not read is not
approved: a plan that changed since the last collection is left as it is. What
Overrides says of corrections, accepted or declined, goes into the books too.

So does Today: a collection moves it on in the team workbook alone, for it writes
into no book, and from here on rep and manager count the same days left. It is
never moved back. A mistake in any decision stops them all, and all are told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import AccountPlanError, SaveError, WorkbookError
from ..udfs.history import Event, sighting, verdict
from ..udfs.plans import Plan
from ..udfs.table_cells import cell_date, cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import tracker
from . import decisions, library, plan_history, turn_in
from .files import home_of
from .hosts.package_writer import PackageWorkbook
from .plan_files import check_plan_files, read_open_plan_file
from .review import books_beside
from .save import Backup, refuse_to_replace
from .team_tables import TeamTable, text_of
from .workbook import Workbook

STATES: Final[Mapping[str, str]] = {
    tracker.APPROVE.casefold(): p.APPROVED,
    tracker.RETURN.casefold(): p.RETURNED,
}


@dataclass(frozen=True)
class ReturnReport:
    """What became of the decisions.

    Attributes:
        done: what was written into which book, in words.
        waiting: what was not, and why; its turn comes at the next run.
        backup: where the workbooks as they were are kept; None where nothing changed.
        corrections: what was written into books of what Overrides says.
        examples: how many plan tabs name another example from the Library now.
        today: the day from which the team counts; None where its workbook names none.
        moved_on: how many books counted from an earlier one before.
    """

    done: tuple[str, ...]
    waiting: tuple[str, ...]
    backup: Path | None = None
    corrections: tuple[str, ...] = ()
    examples: int = 0
    today: date | None = None
    moved_on: int = 0

    def to_json(self) -> dict[str, object]:
        """The report as ``return --json`` prints it."""
        backup = None if self.backup is None else str(self.backup)
        return {
            "done": list(self.done),
            "waiting": list(self.waiting),
            "corrections": list(self.corrections),
            "backup": backup,
            "examples": self.examples,
            "today": None if self.today is None else f"{self.today:%Y-%m-%d}",
            "moved_on": self.moved_on,
        }


@dataclass(frozen=True)
class _Decision:
    """One row of the Tracker with a decision."""

    at: int
    account: str
    owner: str
    state: str
    feedback: str
    rating: float
    book: Path
    file: str


@dataclass
class _Results:
    done: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def return_plans(team: Path, *, now: datetime) -> ReturnReport:
    """Carries out the decisions on the Tracker of a team workbook.

    Args:
        team: the team workbook.
        now: the time to record.

    Raises:
        WorkbookError: it cannot be read, or decisions or ratings in it are none;
            one line for each, and nothing was written.
        SaveError: the team workbook is open; the books that were written stay
            written, and the next collection sees it.
    """
    workbook, backup = PackageWorkbook(team), Backup(home_of(team))
    refuse_to_replace(team)
    report = _returned(workbook, team, backup, now)
    if report.done:
        workbook.forget_results((c.START, c.REVIEW))
        backup.keep(team, workbook.save)
    return replace(report, backup=backup.folder)


def return_from(workbook: Workbook, team: Path, *, now: datetime) -> ReturnReport:
    """The same for a team workbook that is open; whoever opened it saves it.

    Args:
        workbook: the door to it.
        team: where it lies; the books are looked for from there.
        now: the time to record.

    Raises:
        WorkbookError: it is a rep's book; decisions or ratings in it are none.
    """
    backup = Backup(home_of(team))
    return replace(_returned(workbook, team, backup, now), backup=backup.folder)


def _returned(workbook: Workbook, team: Path, backup: Backup, now: datetime) -> ReturnReport:
    if c.MY_WEEK in workbook.sheets():
        raise WorkbookError(
            f"{workbook.label}: is a rep's book; name the team workbook, whose Tracker holds the "
            "decisions."
        )
    table = TeamTable(workbook, c.T_PLANS)
    past = plan_history.read(workbook)
    day = cell_date(workbook.read_names([c.N_TODAY])[c.N_TODAY])
    results = _Results()
    for decision in _decisions(table, team.parent):
        try:
            event, besides = _carry_out(decision, past, day, now, backup)
        except AccountPlanError as trouble:
            results.waiting.append(str(trouble))
            continue
        results.events.append(event)
        results.done.append(
            f"{decision.owner}: the plan for {decision.account} is {_word(event)}.{besides}"
        )
        table.update(decision.at, {tracker.STATE: event.event, tracker.DECISION: None})
    books = _books_of(table, team.parent)
    corrections, waiting = decisions.send(workbook, [*books, *books_beside(team)], backup)
    results.waiting += waiting
    examples, moved_on = _bring_up_to_date(workbook, books, day, backup, results.waiting)
    if results.done:
        table.write()
        plan_history.append(workbook, results.events)
    return ReturnReport(
        tuple(results.done),
        tuple(results.waiting),
        corrections=tuple(corrections),
        examples=examples,
        today=day,
        moved_on=moved_on,
    )


def _books_of(table: TeamTable, folder: Path) -> list[Path]:
    """The books that the Tracker names, as far as they are there."""
    files = {text_of(row[tracker.BOOK]) for _, row in table.records()} - {""}
    return sorted(path for file in files if (path := folder / file).is_file())


def _bring_up_to_date(
    workbook: Workbook, books: Sequence[Path], day: date | None, backup: Backup, waiting: list[str]
) -> tuple[int, int]:
    """Lets the plans in the books name the example that fits, and days count from the team's day.

    Returns:
        On how many plans it is another example, and in how many books the day moved on.
    """
    reader = workbook.reader()
    held = library.examples(reader)
    facts = library.facts_of(reader) if held else {}
    named = moved_on = 0
    for book in books:
        try:
            door = PackageWorkbook(book)
            plans = read_open_plan_file(door.reader()).plans if held else ()
            changed = library.name_examples(door, plans, facts, held)
            is_moved = day is not None and _move_on(door, day)
            if changed or is_moved:
                refuse_to_replace(book)
                door.forget_results((c.MY_WEEK, c.TRACKER))
                backup.keep(book, door.save)
        except AccountPlanError as trouble:
            # Books that cannot be read are named by each collection.
            if held or isinstance(trouble, SaveError):
                waiting.append(
                    f"{trouble} Its {c.N_TODAY} and its plans' examples stay as they were."
                )
        else:
            named += changed
            moved_on += is_moved
    return named, moved_on


def _move_on(door: Workbook, day: date) -> bool:
    """Whether days of a book counted from an earlier day than this, from which they count now."""
    held = cell_date(door.read_names([c.N_TODAY])[c.N_TODAY])
    if held is not None and held >= day:
        return False
    door.write_names({c.N_TODAY: day})
    return True


def _word(event: Event) -> str:
    return event.event.lower()


def _decisions(table: TeamTable, folder: Path) -> list[_Decision]:
    """The decisions on the Tracker.

    Raises:
        WorkbookError: one line for each that is none, and for each that lacks something.
    """
    rows = [(at, row) for at, row in table.records() if text_of(row[tracker.DECISION])]
    wrong = tuple(line for at, row in rows for line in _wrong(table, at, row))
    if wrong:
        raise WorkbookError(wrong[0], wrong[1:])
    return [_decision(at, row, folder) for at, row in rows]


def _wrong(table: TeamTable, at: int, row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a decision, line by line."""
    plan = f"the plan for {text_of(row[w.ACCOUNT])}"
    typed, rating = text_of(row[tracker.DECISION]), row[tracker.RATING]
    state = STATES.get(typed.casefold())
    if state is None:
        yield (
            f"{table.where(at, tracker.DECISION)}: {plan}: the decision '{typed}' is none; pick "
            f"{' or '.join(tracker.DECISIONS)}."
        )
    if state == p.RETURNED and not p.is_filled(text_of(row[tracker.FEEDBACK])):
        yield (
            f"{table.where(at, tracker.FEEDBACK)}: {plan} is to be returned without feedback; say "
            "here what to change."
        )
    if text_of(rating) and not 1 <= cell_number(rating) <= tracker.BEST_RATING:
        yield (
            f"{table.where(at, tracker.RATING)}: {plan}: the rating '{text_of(rating)}' is none; "
            f"type 1 to {tracker.BEST_RATING}."
        )


def _decision(at: int, row: Mapping[str, Any], folder: Path) -> _Decision:
    file = text_of(row[tracker.BOOK])
    return _Decision(
        at,
        text_of(row[w.ACCOUNT]),
        text_of(row[w.OWNER]),
        STATES[text_of(row[tracker.DECISION]).casefold()],
        text_of(row[tracker.FEEDBACK]),
        cell_number(row[tracker.RATING]),
        folder / file,
        file,
    )


def _carry_out(
    decision: _Decision,
    histories: Mapping[str, Sequence[Event]],
    day: date | None,
    now: datetime,
    backup: Backup,
) -> tuple[Event, str]:
    """Writes one decision into its book, and says what is to be recorded, and what to know."""
    if not decision.file:
        raise WorkbookError(
            f"{decision.owner}: the plan for {decision.account} names no book; collect first."
        )
    door = PackageWorkbook(decision.book)
    refuse_to_replace(decision.book)
    file = read_open_plan_file(door.reader())
    if day is not None:
        # The day of the collection, as on Tracker; the book's own may be long past.
        file = replace(file, inputs=replace(file.inputs, today=day))
    plan = turn_in.plan_for(file, decision.account)
    check = next(each.check for each in check_plan_files([file]) if each.plan.tab == plan.tab)
    past = histories.get(plan_history.key_of(plan.account_id), ())
    seen = sighting(replace(plan, owner=decision.owner, file=decision.file))
    _refuse(decision, plan, past, seen.fingerprint)
    version = sum(each.event == p.TURNED_IN for each in past)
    told = verdict(past, version, seen.fingerprint)
    is_open = turn_in.lock(door, plan.tab, False)
    values: dict[str, object] = {
        c.P_STATE: decision.state,
        c.P_FEEDBACK: decision.feedback or plan.fields.get(c.P_FEEDBACK),
    }
    stamp = c.P_RETURNED if decision.state == p.RETURNED else c.P_STAMP
    values |= turn_in.stamps(door, plan, {stamp: seen.fingerprint})
    turn_in.write_fields(door, plan.tab, values)
    if decision.state == p.APPROVED:
        turn_in.lock(door, plan.tab, True)
    door.forget_results((c.MY_WEEK, c.TRACKER))
    backup.keep(decision.book, door.save)
    event = Event(
        recorded=now,
        account_id=plan.account_id,
        account=plan.account,
        owner=decision.owner,
        event=decision.state,
        version=version,
        fingerprint=seen.fingerprint,
        by=str(plan.fields.get(c.P_TURNED_IN_BY) or ""),
        on=plan.turned_in_on,
        complete=told.complete if told else check.completeness.share,
        good=told.good if told else check.good,
        rating=decision.rating,
        feedback=decision.feedback,
        book=decision.file,
        contents=seen.contents,
    )
    return event, "" if is_open else f" '{plan.tab}' stays locked: it has a password."


def _refuse(decision: _Decision, plan: Plan, past: Sequence[Event], fingerprint: str) -> None:
    """Raises WorkbookError where the book no longer holds what the manager decided on."""
    where = f"{decision.book}: sheet {plan.tab}"
    if plan.state not in (p.TURNED_IN, p.APPROVED):
        raise WorkbookError(
            f"{where}: the plan for {plan.account} is not turned in; collect again, then decide."
        )
    known = {each.fingerprint for each in past}
    if decision.state == p.APPROVED and fingerprint not in known:
        raise WorkbookError(
            f"{where}: the plan for {plan.account} was changed after it was turned in; let the rep "
            "turn it in again, collect, read it, then approve."
        )


def show(report: ReturnReport) -> None:
    """Prints what was done, and what waits for the next run."""
    for line in (*report.done, *report.corrections):
        print(line)
    for line in report.waiting:
        print(f"Not done: {line}")
    if report.examples:
        print(f"Plan tabs that name another example from the Library now: {report.examples:,}.")
    if report.moved_on:
        print(
            f"Books that count their days from {report.today} now, as the team workbook does: "
            f"{report.moved_on:,}."
        )
    if not (report.done or report.corrections or report.waiting or report.examples):
        print(
            "No decisions: pick Approve or Return on Tracker, in the column Decision, or Accepted "
            "or Declined on Overrides, in the column State."
        )
    if report.backup is not None:
        print(f"Workbooks as they were: {report.backup}")
