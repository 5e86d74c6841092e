"""The buttons: one function each, the same in Excel, in Calc and on closed files.

Each reads the workbook once, works out with ``udfs``, writes once, and reports:
on Log, on Checks, and with one message that names the next step. What belongs
to the user (formats, filters, order, columns, sheets and formulas of their own)
stays as it is, and Restore last brings back what was overwritten.

Every function takes the workbook first: xlwings gives it, or a host.
"""

from pathlib import Path
from typing import Annotated, Any, Final

import xlwings as xw

from ..udfs.errors import WorkbookError
from . import needs
from .desk import at_desk, counted, listed

__all__ = [
    "MACROS",
    "add_plan_tab",
    "build_quadrant_grid",
    "check_plans",
    "collect_plans",
    "compute_funnel_targets",
    "compute_timing_plan",
    "import_crm",
    "restore_last",
    "return_plans",
    "review_summary",
    "score_accounts",
    "suggest_weights",
    "turn_in_plan",
]


@xw.script
def import_crm(
    book: xw.Book,
    accounts: Annotated[str, {"doc": "The file of accounts: .csv, .xlsx or .parquet."}] = "",
    opportunities: Annotated[str, {"doc": "The file of deals; blank: the deals stay."}] = "",
    teams: Annotated[str, {"doc": "The file of reps and quotas; blank: the reps stay."}] = "",
    activity: Annotated[str, {"doc": "The file of weekly activity; blank: it stays."}] = "",
) -> None:
    """Import CRM export: fills Accounts, Deals, Reps and Activity, and scores the accounts.

    Accounts that are here keep their place, their colours and your own columns; new ones come
    at the end; those that the export no longer has are taken out, and named.
    """
    from . import importing

    if not accounts.strip():
        raise WorkbookError(
            "Import CRM export: name the file of accounts (accounts=FILE on the command line)."
        )
    paths = {
        "accounts": Path(accounts.strip()),
        "opportunities": _path(opportunities),
        "teams": _path(teams),
        "activity": _path(activity),
    }
    with at_desk(book, "Import CRM export", "importing the CRM export", needs.MODEL) as desk:
        importing.import_into(desk, paths)
        desk.next = "Next: hold the control totals on Start against the CRM, then look at Checks."


def _path(text: str) -> Path | None:
    return Path(text.strip()) if text.strip() else None


@xw.script
def score_accounts(book: xw.Book) -> None:
    """Score accounts: segments, scores, money, ranks and the reason why, for every account.

    Works from what stands on Accounts, Deals, Reps and Settings. Accounts stay where they are;
    facts that you typed stay as typed.
    """
    from . import importing
    from .working_round import read_working

    with at_desk(book, "Score accounts", "scoring accounts", needs.MODEL) as desk:
        working = read_working(desk.reader)
        importing.write_working(desk, working)
        desk.next = "Next: look at Quadrant, and at Checks for what is missing."


@xw.script
def build_quadrant_grid(book: xw.Book) -> None:
    """Build quadrant grid: places every account by its potential and its likelihood.

    Says how many slam dunks, big bets, quick wins and skips there are, and what they bring.
    """
    from . import grid

    with at_desk(book, "Build quadrant grid", "placing accounts", needs.GRID) as desk:
        grid.place(desk)
        desk.next = "Next: read the grid on Quadrant; where you know better, say so on Overrides."


@xw.script
def compute_funnel_targets(book: xw.Book) -> None:
    """Compute funnel targets: from the quota to the gap, and back to what to do each week.

    Takes your own average deal and rates where you typed them on Path.
    """
    from . import targets

    with at_desk(
        book, "Compute funnel targets", "walking from the quota to the week", needs.GRID
    ) as desk:
        targets.compute(desk)
        desk.next = "Next: on Path, type your own rates, and say which play you follow."


@xw.script
def compute_timing_plan(book: xw.Book) -> None:
    """Compute timing plan: the year by quarter, which deals to bring forward, leave or watch.

    Lists the reasons; nothing is moved.
    """
    from . import targets

    with at_desk(
        book, "Compute timing plan", "placing deals in their quarters", needs.GRID
    ) as desk:
        targets.compute_timing(desk)
        desk.next = (
            "Next: read the lists on Path, and give the deals you move new dates in the CRM."
        )


@xw.script
def add_plan_tab(
    book: xw.Book,
    account: Annotated[str, {"doc": "The account's name, as on Accounts."}] = "",
) -> None:
    """Add plan tab: a plan for one more account, filled in with what the CRM knows."""
    from . import plan_tabs

    with at_desk(book, "Add plan tab", "adding a plan", needs.PLANS) as desk:
        tab = plan_tabs.add(desk, account)
        desk.next = f"Next: fill in the yellow cells of '{tab}'; Guide shows a good plan."


@xw.script
def check_plans(book: xw.Book) -> None:
    """Check plans: which plans are complete, which are good, and what each still lacks.

    In the team workbook the plans in the books beside it are read. Checks lists every finding
    with a link to its cell.
    """
    from . import plan_tabs

    with at_desk(book, "Check plans", "checking plans", needs.PLANS) as desk:
        found = plan_tabs.check(desk)
        desk.next = "Next: turn the plans in."
        if found:
            desk.next = "Next: work off the lines of kind Plan on Checks."
        elif not desk.rows:
            desk.next = "Next: press Add plan tab for each account that deserves a plan."


@xw.script
def turn_in_plan(
    book: xw.Book,
    account: Annotated[str, {"doc": "The account whose plan it is."}] = "",
    author: Annotated[str, {"doc": "Who turns it in; blank: who is signed in."}] = "",
) -> None:
    """Turn in plan: checks a plan, stamps it with your name and the day, and locks its tab.

    A plan that is not complete is not turned in, and the reason is named.
    """
    from . import plan_buttons

    with at_desk(book, "Turn in plan", "turning the plan in") as desk:
        plan_buttons.hand_in(desk, account, author)
        desk.next = "Next: save the book where your manager collects it."


@xw.script
def collect_plans(
    book: xw.Book,
    folder: Annotated[str, {"doc": "Where the books are; blank: books, beside this."}] = "",
) -> None:
    """Collect plans: brings plans, corrections, splits and activity from the reps' books here.

    Every book is read right or named with what is wrong. Every version of a plan stays in History.
    """
    from . import plan_buttons

    with at_desk(book, "Collect plans", "reading the books") as desk:
        plan_buttons.gather(desk, folder)
        desk.next = "Next: look at Tracker; rate the plans that are turned in."


@xw.script
def return_plans(book: xw.Book) -> None:
    """Return plans: puts what you decided on Tracker, with your feedback, into the reps' books.

    A book that is open keeps its decision here, and gets its turn next time.
    """
    from . import plan_buttons

    with at_desk(book, "Return plans", "writing into the books") as desk:
        plan_buttons.send_back(desk)
        desk.next = "Next: tell the reps that their feedback is in their books."


@xw.script
def review_summary(book: xw.Book) -> None:
    """Review summary: the manager's page, renewed: plans, paths to quota, what to talk about.

    Your feedback stays. The plans are read from the books beside the team workbook.
    """
    from . import reviewing

    with at_desk(book, "Review summary", "reviewing the team", needs.REVIEW) as desk:
        reviewing.summarise(desk)
        desk.next = "Next: talk each rep's points through on Review, and type your feedback there."


@xw.script
def suggest_weights(book: xw.Book) -> None:
    """Suggest weights: scores the accounts, tests the scores on the past, and writes Evidence
    anew, with the weights that history teaches beside yours. They act once you type them on
    Settings.
    """
    from . import suggesting

    with at_desk(book, "Suggest weights", "testing the scores on the past", needs.MODEL) as desk:
        suggesting.suggest(desk)
        desk.next = "Next: read Evidence; type the weights on Settings if you trust them."


@xw.script
def restore_last(book: xw.Book) -> None:
    """Restore last: brings back what the last button overwrote. Pressed twice, it is undone."""
    from . import undo

    with at_desk(book, "Restore last", "bringing back what was overwritten") as desk:
        notes = undo.kept(desk.door.place)
        stay = undo.bring_back(desk.door, notes)
        tables = list(notes.tables)
        desk.rows = sum(held.rows for held in notes.tables.values())
        desk.said.append(
            f"Brought back what stood before {notes.macro} of {notes.when}: "
            f"{listed(tables, 6) or 'nothing was overwritten'}."
        )
        if stay:
            desk.warnings.append(
                f"{counted(len(stay), 'tab', 'tabs')} that it added: {listed(stay)}; delete what "
                "you do not want (right-click the tab, Delete)."
            )
        desk.next = "Press Restore last again to undo this."


MACROS: Final[dict[str, Any]] = {
    each.__name__: each
    for each in (
        import_crm,
        score_accounts,
        build_quadrant_grid,
        compute_funnel_targets,
        compute_timing_plan,
        add_plan_tab,
        check_plans,
        turn_in_plan,
        collect_plans,
        return_plans,
        review_summary,
        suggest_weights,
        restore_last,
    )
}
"""The macros by name, in the order in which one presses them."""
