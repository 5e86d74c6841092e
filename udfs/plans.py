"""Is this account plan complete, and is it any good?

Complete and good are two things. A plan is complete when every required field
is filled; it is good when it is complete and no serious finding stands against
it. Completeness is also live on the sheet, so the rule for a filled cell and
the rule for a complete row are written here twice, side by side: for Python
and as a native spreadsheet formula.

Assumes:

1. A number or a date is filled. Text is filled when, with its blanks trimmed,
   it is longer than one character, is no filler word, and is not the field's
   own example. Blanks are the space, the no-break space, the tab and the two
   line breaks. Capitals make no difference.
2. A table is filled when at least one of its rows is complete.
3. Only required fields count towards completeness. Wanted fields may stay
   empty, and what is typed there is checked; fields that are off are ignored.
4. The text of one plan belongs to one account: the same long text at two
   accounts is a copy, even where only the account's name was exchanged.

Money is in the currency of the export, shares are 0-1, dates are calendar days.

Source: what a plan holds and what makes it good follow common account planning
practice (position, people with their role in the decision, whitespace, dated
actions with owners, a strategy that fits the account's quadrant). The roles in
the decision follow the buying influences of Miller and Heiman, Strategic
Selling (1985).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from . import words as w
from .errors import SettingsError

# Is a field asked for?
REQUIRED: Final = "required"
WANTED: Final = "wanted"
OFF: Final = "off"
REQUIREMENTS: Final = (REQUIRED, WANTED, OFF)

# What a field or a column holds.
TEXT: Final = "text"
MONEY: Final = "money"
DATE: Final = "date"
LIST: Final = "list"
TABLE: Final = "table"
KINDS: Final = (TEXT, MONEY, DATE, LIST, TABLE)

# The way of a plan.
DRAFT: Final = "Draft"
TURNED_IN: Final = "Turned in"
APPROVED: Final = "Approved"
RETURNED: Final = "Returned"
PLAN_STATES: Final = (DRAFT, TURNED_IN, APPROVED, RETURNED)

# What a contact does when the client decides.
DECIDES: Final = "Decides"
CONTROLS_BUDGET: Final = "Controls budget"
INFLUENCES: Final = "Influences"
USES: Final = "Uses"
BLOCKS: Final = "Blocks"
CONTACT_ROLES: Final = (DECIDES, CONTROLS_BUDGET, INFLUENCES, USES, BLOCKS)
DECIDING_ROLES: Final = (DECIDES, CONTROLS_BUDGET)

INFLUENCE_LEVELS: Final = ("High", "Medium", "Low")

SUPPORTER: Final = "Supporter"
SUPPORT_LEVELS: Final = (SUPPORTER, "Neutral", "Opponent")

OPPORTUNITY_STATES: Final = ("Whitespace", "Open", "Sold")

DONE: Final = "Done"
ACTION_STATES: Final = ("Open", "Doing", DONE)
OBJECTIVE_NUMBERS: Final = ("1", "2", "3")

# What the team does with the account this year.
GROW: Final = "Grow"
WIN: Final = "Win"
MAINTAIN: Final = "Maintain"
EXIT: Final = "Exit"
PLAYS: Final = (GROW, WIN, MAINTAIN, EXIT)

# Effort goes where potential or likelihood is high; where both are low nobody
# invests. A quick win may be served without effort; a slam dunk or a big bet
# may not, or it would be neither.
FITTING_PLAYS: Final[Mapping[str, tuple[str, ...]]] = {
    w.SLAM_DUNK: (GROW, WIN),
    w.BIG_BET: (GROW, WIN),
    w.QUICK_WIN: (GROW, WIN, MAINTAIN),
    w.SKIP: (MAINTAIN, EXIT),
}

CONTACTS: Final = "contacts"
OPPORTUNITIES: Final = "opportunities"
ACTIONS: Final = "actions"
TEAM: Final = "team"


@dataclass(frozen=True)
class PlanColumn:
    """One column of a table on a plan tab.

    Args:
        name: the column's header.
        kind: "text", "money", "date" or "list".
        prompt: what to type there.
        needed: whether a row without it is incomplete.
        choices: the values of a list.
        word: what a message calls it; the header in small letters where empty.
    """

    name: str
    kind: str
    prompt: str
    needed: bool = False
    choices: tuple[str, ...] = ()
    word: str = ""

    @property
    def called(self) -> str:
        """The column as a message names it."""
        return self.word or self.name.lower()


# Columns that the rules ask for by name.
NAME: Final = "Name"
ROLE: Final = "Role"
SUPPORT: Final = "Support"
OBJECTIVE: Final = "Objective"
DUE: Final = "Due"

PLAN_TABLES: Final[Mapping[str, tuple[PlanColumn, ...]]] = {
    CONTACTS: (
        PlanColumn(NAME, TEXT, "Type the person's name.", needed=True),
        PlanColumn("Position", TEXT, "Type the job title.", needed=True),
        PlanColumn(
            ROLE, LIST, "Pick the part played in the decision.", needed=True, choices=CONTACT_ROLES
        ),
        PlanColumn("Influence", LIST, "Pick how much others listen.", choices=INFLUENCE_LEVELS),
        PlanColumn(SUPPORT, LIST, "Pick where this person stands.", choices=SUPPORT_LEVELS),
        PlanColumn("Our contact owner", TEXT, "Type who of us keeps this contact."),
        PlanColumn("Last contact", DATE, "Type the date of the last real talk."),
    ),
    OPPORTUNITIES: (
        PlanColumn(w.PRODUCT, TEXT, "Type the product or service.", needed=True),
        PlanColumn("Business unit", TEXT, "Type the part of the client that would use it."),
        PlanColumn(
            w.STATE,
            LIST,
            "Pick Whitespace where nothing runs yet.",
            needed=True,
            choices=OPPORTUNITY_STATES,
        ),
        PlanColumn(w.AMOUNT, MONEY, "Type the value in a year, as a plain number."),
        PlanColumn(w.CLOSE_DATE, DATE, "Type the expected date of the order."),
        PlanColumn("Next step", TEXT, "Type what happens next, and who does it."),
    ),
    ACTIONS: (
        PlanColumn(w.ACTION, TEXT, "Type what will be done, verb first.", needed=True),
        PlanColumn(
            OBJECTIVE, LIST, "Pick the objective that it serves.", choices=OBJECTIVE_NUMBERS
        ),
        PlanColumn(w.OWNER, TEXT, "Type the one person who does it.", needed=True),
        PlanColumn(DUE, DATE, "Type the day by which it is done.", needed=True, word="date"),
        PlanColumn(w.STATE, LIST, "Pick how far it is.", choices=ACTION_STATES),
    ),
    TEAM: (
        PlanColumn("Function", TEXT, "Type the function: service, finance, ...", needed=True),
        PlanColumn("Member", TEXT, "Type who stands for it.", needed=True),
        PlanColumn("Contribution", TEXT, "Type what they bring to this account."),
    ),
}


def _names(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in PLAN_TABLES[table])


CONTACT_COLUMNS: Final = _names(CONTACTS)
OPPORTUNITY_COLUMNS: Final = _names(OPPORTUNITIES)
ACTION_COLUMNS: Final = _names(ACTIONS)
TEAM_COLUMNS: Final = _names(TEAM)


@dataclass(frozen=True)
class PlanField:
    """One field, or one table, of a plan tab.

    Args:
        key: its name in ``plan.<key>``; a table's key is one of ``PLAN_TABLES``.
        label: what the tab calls it.
        section: the part of the tab that it stands in.
        requirement: "required", "wanted" or "off".
        kind: "text", "money", "date", "list" or "table".
        prompt: what to type there, as an order, up to 200 characters.
        example: a realistic answer, shown in grey; typed as it is, it does not count.
        choices: the values of a list.

    Raises:
        SettingsError: requirement, kind, table or choices do not fit together.
    """

    key: str
    label: str
    section: str
    requirement: str
    kind: str
    prompt: str
    example: str
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.requirement not in REQUIREMENTS:
            raise self._mistake(
                f"requirement '{self.requirement}' is unknown; use {', '.join(REQUIREMENTS)}"
            )
        if self.kind not in KINDS:
            raise self._mistake(f"kind '{self.kind}' is unknown; use {', '.join(KINDS)}")
        if self.kind == TABLE and self.key not in PLAN_TABLES:
            raise self._mistake(f"no such table; use {', '.join(PLAN_TABLES)}")
        if self.kind == LIST and not self.choices:
            raise self._mistake("a list without choices; name at least one")
        if self.example in self.choices:
            raise self._mistake("the example is one of the choices; describe a choice instead")

    def _mistake(self, what: str) -> SettingsError:
        return SettingsError(f"Plan fields, {self.key}: {what}.")


_POSITION = "Company and position"
_PEOPLE = "People"
_WHITESPACE = "Whitespace and opportunities"
_GOALS = "Goals and actions"
_TEAM = "Team"
_STRATEGY = "Strategy"
_RISKS = "Risks"

PLAN_FIELDS: Final[tuple[PlanField, ...]] = (
    PlanField(
        "position",
        "Where we stand today",
        _POSITION,
        REQUIRED,
        TEXT,
        "Say in two sentences what they buy from us, what they buy elsewhere, and how they see us.",
        "Two of five sites use our Standard package; the others run on a local supplier. "
        "Service rates us well, purchasing finds us dear.",
    ),
    PlanField(
        "priorities",
        "What the client wants to achieve",
        _POSITION,
        REQUIRED,
        TEXT,
        "Name the client's two or three goals for this year in their own words, and who told you.",
        "Cut delivery time from five days to two and open a site in the south by October "
        "(Head of Logistics, May review).",
    ),
    PlanField(
        "competitors",
        "Competitors",
        _POSITION,
        WANTED,
        TEXT,
        "Name who else sells here, what they hold, and why the client stays with them.",
        "A local supplier holds three sites; cheap and close by, but without weekend service.",
    ),
    PlanField(
        CONTACTS,
        "Contacts",
        _PEOPLE,
        REQUIRED,
        TABLE,
        "List the people who take part in the decision: who decides, who controls the budget, "
        "who supports us, who blocks.",
        "Head of Logistics: decides, high influence, supporter. "
        "Finance Director: controls budget, neutral.",
    ),
    PlanField(
        OPPORTUNITIES,
        "Opportunities",
        _WHITESPACE,
        WANTED,
        TABLE,
        "List product by business unit: what is sold, what is open, and where nothing runs yet.",
        "Suite for the southern site: whitespace, 60,000, next step a visit with the site manager.",
    ),
    PlanField(
        "revenue_target",
        "Revenue target",
        _GOALS,
        REQUIRED,
        MONEY,
        "Type the revenue that this account will bring in the planning year, as a plain number.",
        "About half of the account's Potential $, say 120,000",
    ),
    PlanField(
        "objective_1",
        "Objective 1",
        _GOALS,
        REQUIRED,
        TEXT,
        "Say what will be different at the end of the year: what, how much, by when.",
        "Bring the three northern sites onto one Standard contract by the end of September.",
    ),
    PlanField(
        "objective_2",
        "Objective 2",
        _GOALS,
        WANTED,
        TEXT,
        "Say what else will be different: what, how much, by when.",
        "Get the Finance Director to a yearly review with our management by November.",
    ),
    PlanField(
        "objective_3",
        "Objective 3",
        _GOALS,
        WANTED,
        TEXT,
        "Add a third objective only when the first two are in hand: what, how much, by when.",
        "Run a paid trial of the Suite at the new southern site before the year ends.",
    ),
    PlanField(
        ACTIONS,
        "Actions",
        _GOALS,
        REQUIRED,
        TABLE,
        "List at least two actions per objective, each with one owner and one date.",
        "Walk the three sites with the Head of Logistics: objective 1, account owner, 15 July.",
    ),
    PlanField(
        TEAM,
        "Our team",
        _TEAM,
        WANTED,
        TABLE,
        "List who helps from other functions, and what each of them brings.",
        "Service: the regional service lead explains the weekend cover on site.",
    ),
    PlanField(
        "play",
        "Play for this account",
        _STRATEGY,
        REQUIRED,
        LIST,
        "Pick what we do here this year: Grow a customer, Win a new one, Maintain without "
        "investing, or Exit.",
        "Grow: they buy from us and have room for more",
        PLAYS,
    ),
    PlanField(
        "strategy",
        "Strategy",
        _STRATEGY,
        REQUIRED,
        TEXT,
        "Say how we win: what we offer to whom, in which order, and why they would choose us.",
        "Prove weekend service at two sites first, let the Head of Logistics carry the result "
        "to finance, then offer one contract for all sites.",
    ),
    PlanField(
        "why_fit",
        "Why it fits the quadrant",
        _STRATEGY,
        REQUIRED,
        TEXT,
        "Say why this strategy suits the account's potential and likelihood.",
        "High potential and they know us well: worth a full team now, "
        "and the first order can come within a quarter.",
    ),
    PlanField(
        "risks",
        "Risks",
        _RISKS,
        WANTED,
        TEXT,
        "Name what could stop us, the sign that would show it early, and what we do then.",
        "A new purchasing lead may put the contract out to tender; we ask for the review before "
        "the summer.",
    ),
)


@dataclass(frozen=True)
class Plan:
    """What one plan tab holds.

    Args:
        account_id: the account that the plan is for.
        account: its name.
        owner: the rep who owns the account.
        fields: value of each field by key: text, a number, a date, or None.
        tables: rows of each table by key. Columns as in ``PLAN_TABLES``; the
            integer index counts the rows from the table's first, so that blank
            rows may be left out.
        cells: where things stand, for the findings: ``<field>`` the field's
            cell, ``<table>`` the first cell below the table's header,
            ``<table>.<column>`` the first cell of that column. May be empty.
        state: one of ``PLAN_STATES``.
        turned_in_on: the day on which it was turned in.
        file: the workbook that it was read from.
        tab: the sheet in that workbook.
        quadrant: the account's quadrant, "" where not known.
        potential_money: the account's Potential $, NaN where not known.
        status: the account's status, "" where not known.
    """

    account_id: str
    account: str
    owner: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    state: str = DRAFT
    turned_in_on: date | None = None
    file: str = ""
    tab: str = ""
    quadrant: str = ""
    potential_money: float = np.nan
    status: str = ""
