"""The buttons: one table, from which come the VBA Subs, the ribbon and the form buttons.

A further macro is a further row.
"""

from dataclasses import dataclass
from typing import Final

from ...workbook_templates import contract as c

SALES_OPS: Final = "Sales ops"
REP: Final = "Rep"
MANAGER: Final = "Manager"
GROUPS: Final = (SALES_OPS, REP, MANAGER)
"""The groups of the ribbon: one for each who works with it."""


@dataclass(frozen=True)
class File:
    """A file that a macro asks for, and the argument that takes it.

    Further ones (``optional``) are asked for with yes and no first.
    """

    argument: str
    question: str
    optional: bool = False


@dataclass(frozen=True)
class Account:
    """An account's name that a macro asks for, and the argument that takes it."""

    argument: str
    question: str


@dataclass(frozen=True)
class Button:
    """One button.

    Attributes:
        macro: of ``addin.macros``.
        label: on the button.
        group: of the ribbon, one of ``GROUPS``.
        icon: one of Office's own, by its imageMso name.
        key: pressed after Alt and the tab's letter.
        tip: what it does, in a few words.
        help: what happens then, in a sentence or two.
        asks: what the macro needs to know, in order.
        sheets: which sheets carry it as a form button (``contract.PLAN_PREFIX``: plan tabs).
        kinds: in which workbooks they do.
    """

    macro: str
    label: str
    group: str
    icon: str
    key: str
    tip: str
    help: str
    asks: tuple[File | Account, ...] = ()
    sheets: tuple[str, ...] = ()
    kinds: tuple[str, ...] = c.KINDS

    @property
    def sub(self) -> str:
        """The VBA Sub behind it: "review_summary" is ReviewSummary."""
        return "".join(word.capitalize() for word in self.macro.split("_"))


BUTTONS: Final = (
    Button(
        "import_crm",
        "Import CRM export",
        SALES_OPS,
        icon="GetExternalDataFromText",
        key="I",
        tip="Read accounts, deals, reps and activity from the CRM",
        help="Asks for the files as the CRM exports them, and fills Accounts, Deals, Reps and "
        "Activity. Start then shows the control totals.",
        asks=(
            File("accounts", "Account Plan: the file of accounts"),
            File("opportunities", "Is there a file of deals (opportunities) too?", optional=True),
            File("teams", "Is there a list of reps with manager and quota too?", optional=True),
            File("activity", "Is there a file of weekly activity too?", optional=True),
        ),
        sheets=(c.START,),
        kinds=(c.TEAM, c.TEMPLATE),
    ),
    Button(
        "score_accounts",
        "Score accounts",
        SALES_OPS,
        icon="ConditionalFormattingDataBarsGallery",
        key="S",
        tip="Segment and score every account, and say why",
        help="Works out segment, potential, likelihood and money of each account by the numbers "
        "on Settings.",
        sheets=(c.START,),
    ),
    Button(
        "build_quadrant_grid",
        "Build quadrant grid",
        SALES_OPS,
        icon="ChartTypeXYScatterInsertGallery",
        key="Q",
        tip="Place every account on the two axes",
        help="Redraws the grid and the chart on Quadrant, with counts, money and the risk profile.",
        sheets=(c.START,),
    ),
    Button(
        "compute_funnel_targets",
        "Compute funnel targets",
        SALES_OPS,
        icon="Filter",
        key="F",
        tip="From the gap back to e-mails, calls and demos a week",
        help="Takes the gap to the quota, the average deal and the rates on Path, and works out "
        "how much of each it takes, how likely the quota is, and whether to believe it.",
        sheets=(c.START, c.PATH),
    ),
    Button(
        "compute_timing_plan",
        "Compute timing plan",
        SALES_OPS,
        icon="WhatIfAnalysisMenu",
        key="T",
        tip="Which deals to bring forward, to leave and to watch",
        help="Places every open deal in its quarter, holds the quarters against the quota and the "
        "effort, and lists candidates with their reasons on Path.",
        sheets=(c.PATH,),
    ),
    Button(
        "add_plan_tab",
        "Add plan tab",
        REP,
        icon="SheetInsert",
        key="A",
        tip="A plan tab for an account",
        help="Asks for the account, and proposes that of the selected row. The tab comes filled "
        "in with what the CRM knows.",
        asks=(Account("account", "Which account is the plan for? Type its name as on Accounts."),),
        sheets=(c.START, c.MY_WEEK, c.PLAN_PREFIX),
        kinds=(c.BOOK, c.TEMPLATE),
    ),
    Button(
        "check_plans",
        "Check my plans",
        REP,
        icon="DataValidation",
        key="C",
        tip="What is missing in the plans, and what is thin",
        help="Reads every plan tab and lists on Checks what to mend, each with a link to its cell.",
        sheets=(c.START, c.MY_WEEK, c.PLAN_PREFIX),
        kinds=(c.BOOK, c.TEMPLATE),
    ),
    Button(
        "turn_in_plan",
        "Turn in plan",
        REP,
        icon="FileSendAsAttachment",
        key="U",
        tip="Checks a plan, stamps it and locks its tab",
        help="A plan that is not complete is not turned in, and the reason is named.",
        asks=(Account("account", "Which account's plan? Type its name as on Accounts."),),
        sheets=(c.MY_WEEK, c.PLAN_PREFIX),
        kinds=(c.BOOK, c.TEMPLATE),
    ),
    Button(
        "collect_plans",
        "Collect plans",
        MANAGER,
        icon="ImportSavedImports",
        key="P",
        tip="Brings in what stands in the reps' books",
        help="Reads the books in the folder books beside this workbook: each is read right, or "
        "named with what is wrong.",
        sheets=(c.REVIEW,),
        kinds=(c.TEAM,),
    ),
    Button(
        "return_plans",
        "Return plans",
        MANAGER,
        icon="Reply",
        key="B",
        tip="Sends your decisions and feedback back into the books",
        help="Carries out what stands in the column Decision on Tracker.",
        sheets=(c.REVIEW,),
        kinds=(c.TEAM,),
    ),
    Button(
        "review_summary",
        "Review summary",
        MANAGER,
        icon="ReviewShowAllComments",
        key="R",
        tip="Who has planned, who is late, what to talk about",
        help="Fills Review: one row per rep, with plans, quota and gap, and at most five points "
        "to talk about.",
        sheets=(c.START, c.REVIEW),
        kinds=(c.TEAM, c.TEMPLATE),
    ),
    Button(
        "suggest_weights",
        "Suggest weights",
        SALES_OPS,
        icon="ChartTypeXYScatterInsertGallery",
        key="W",
        tip="Which weights history teaches, and whether the score finds",
        help="Scores the accounts, now and as of a past day, holds those scores against what came, "
        "and renews Evidence: verdicts, charts, learned weights. Your weights stay.",
        sheets=(c.EVIDENCE,),
        kinds=(c.TEAM, c.TEMPLATE),
    ),
    Button(
        "restore_last",
        "Restore last",
        SALES_OPS,
        icon="Undo",
        key="Z",
        tip="Bring back what the last button overwrote",
        help="Excel cannot undo what a macro wrote. This can, for the last one.",
        sheets=(c.START, c.MY_WEEK, c.PATH, c.REVIEW),
    ),
)
