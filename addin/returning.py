"""``accountplan return``: the manager's decisions go from the Tracker into the reps' books.

A row of the Tracker with a decision, Approve or Return, is carried out: state
and feedback are written into the plan's tab, the tab is locked or unlocked, the
event goes into History, and the decision is cleared. A book that is open keeps
its row, and gets its turn at the next run. What the manager has not read is not
approved: a plan that changed since the last collection is left as it is. What
Overrides says of corrections, accepted or declined, goes into the books too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import AccountPlanError, WorkbookError
from ..udfs.history import Event, sighting, verdict
from ..udfs.plans import Plan
from ..udfs.table_cells import cell_date
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import tracker
from . import decisions, library, plan_history, turn_in
from .hosts.package import PackageReader
from .hosts.package_writer import PackageWorkbook
from .plan_files import check_plan_files, read_open_plan_file
from .review import books_beside
from .save import keep_backup, refuse_to_replace
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
        backup: where the team workbook as it was is kept; None where nothing changed.
        corrections: what was written into books of what Overrides says.
        examples: how many plan tabs name another example from the Library now.
    """

    done: tuple[str, ...]
    waiting: tuple[str, ...]
    backup: Path | None = None
    corrections: tuple[str, ...] = ()
    examples: int = 0

    def to_json(self) -> dict[str, object]:
        """The report as ``return --json`` prints it."""
        backup = None if self.backup is None else str(self.backup)
        return {
            "done": list(self.done),
            "waiting": list(self.waiting),
            "corrections": list(self.corrections),
            "backup": backup,
            "examples": self.examples,
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
        WorkbookError: it cannot be read, or a decision or rating in it is none.
        SaveError: the team workbook is open; the books that were written stay
            written, and the next collection sees it.
    """
    workbook = PackageWorkbook(team)
    refuse_to_replace(team)
    report = return_from(workbook, team, now=now)
    if not report.done:
        return report
    return replace(report, backup=keep_backup(team, workbook.save))


def return_from(workbook: Workbook, team: Path, *, now: datetime) -> ReturnReport:
    """The same for a team workbook that is open; whoever opened it saves it.

    Args:
        workbook: the door to it.
        team: where it lies; the books are looked for from there.
        now: the time to record.

    Raises:
        WorkbookError: it is a rep's book; a decision or rating in it is none.
    """
    if c.MY_WEEK in workbook.sheets():
        raise WorkbookError(
            f"{workbook.label}: is a rep's book; name the team workbook, whose Tracker holds the "
            "decisions."
        )
    table = TeamTable(workbook, c.T_PLANS)
    past = plan_history.read(workbook)
    day = cell_date(workbook.read_names([c.N_TODAY])[c.N_TODAY])
    results = _Results()
    for decision in list(_decisions(table, workbook.label, team.parent)):
        try:
            event, besides = _carry_out(decision, past, day, now)
        except AccountPlanError as trouble:
            results.waiting.append(str(trouble))
            continue
        results.events.append(event)
        results.done.append(
            f"{decision.owner}: the plan for {decision.account} is {_word(event)}.{besides}"
        )
        table.update(decision.at, {tracker.STATE: event.event, tracker.DECISION: None})
    known = {team.parent / text_of(row[tracker.BOOK]) for _, row in table.records()}
    books = [*sorted(path for path in known if path.is_file()), *books_beside(team)]
    corrections, waiting = decisions.send(workbook, books)
    results.waiting += waiting
    examples = _name_examples(workbook, table, team.parent, results.waiting)
    if results.done:
        table.write()
        plan_history.append(workbook, results.events)
    return ReturnReport(
        tuple(results.done),
        tuple(results.waiting),
        corrections=tuple(corrections),
        examples=examples,
    )


def _name_examples(workbook: Workbook, table: TeamTable, folder: Path, waiting: list[str]) -> int:
    """Lets the plans in the books name the example of the Library that fits."""
    reader = workbook.reader()
    held = library.examples(reader)
    if not held:
        return 0
    facts, named = library.facts_of(reader), 0
    for file in dict.fromkeys(text_of(row[tracker.BOOK]) for _, row in table.records()):
        book = folder / file
        if not file or not book.exists():
            continue
        try:
            door = PackageWorkbook(book)
            with PackageReader(book) as held_book:
                plans = read_open_plan_file(held_book).plans
            changed = library.name_examples(door, plans, facts, held)
            if changed:
                refuse_to_replace(book)
                keep_backup(book, door.save)
        except AccountPlanError as trouble:
            waiting.append(f"{trouble} Its plans name no example yet.")
        else:
            named += changed
    return named


def _word(event: Event) -> str:
    return event.event.lower()


def _decisions(table: TeamTable, label: str, folder: Path) -> Iterator[_Decision]:
    for at, row in table.records():
        typed = text_of(row[tracker.DECISION])
        if not typed:
            continue
        account = text_of(row[w.ACCOUNT])
        where = f"{label}: sheet {c.TRACKER}, the plan for {account}"
        if typed.casefold() not in STATES:
            choices = " or ".join(tracker.DECISIONS)
            raise WorkbookError(f"{where}: the decision '{typed}' is none; pick {choices}.")
        state = STATES[typed.casefold()]
        feedback, rating = text_of(row[tracker.FEEDBACK]), row[tracker.RATING]
        if state == p.RETURNED and not p.is_filled(feedback):
            raise WorkbookError(
                f"{where}: is to be returned without feedback; say what to change, in the column "
                f"{tracker.FEEDBACK}."
            )
        is_rated = isinstance(rating, int | float)
        if text_of(rating) and not (is_rated and 1 <= rating <= tracker.BEST_RATING):
            raise WorkbookError(
                f"{where}: the rating '{text_of(rating)}' is none; type 1 to {tracker.BEST_RATING}."
            )
        file = text_of(row[tracker.BOOK])
        yield _Decision(
            at,
            account,
            text_of(row[w.OWNER]),
            state,
            feedback,
            float(rating) if is_rated else float("nan"),
            folder / file,
            file,
        )


def _carry_out(
    decision: _Decision,
    histories: Mapping[str, Sequence[Event]],
    day: date | None,
    now: datetime,
) -> tuple[Event, str]:
    """Writes one decision into its book, and says what is to be recorded, and what to know."""
    if not decision.file:
        raise WorkbookError(
            f"{decision.owner}: the plan for {decision.account} names no book; collect first."
        )
    door = PackageWorkbook(decision.book)
    refuse_to_replace(decision.book)
    with PackageReader(decision.book) as reader:
        file = read_open_plan_file(reader)
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
    keep_backup(decision.book, door.save)
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
    if not (report.done or report.corrections or report.waiting or report.examples):
        print(
            "No decisions: pick Approve or Return on Tracker, in the column Decision, or Accepted "
            "or Declined on Overrides, in the column State."
        )
