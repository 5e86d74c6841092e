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
   line breaks. Capitals make no difference. Where a figure or a date is asked
   for, nothing else fills the cell: "a lot" and "soon" are not filled.
2. A table is filled when at least one of its rows is complete.
3. Only required fields count towards completeness. Wanted fields may stay
   empty, and what is typed there is checked; fields that are off are ignored.
4. The text of one plan belongs to one account: the same long text at two
   accounts is a copy, even where only the account's name was exchanged.
5. Two versions of a plan are the same when people would read the same in them;
   only then have they the same fingerprint.

Money is in the currency of the export, shares are 0-1, dates are calendar days.

Source: what a plan holds and what makes it good follow common account planning
practice (position, people with their role in the decision, whitespace, dated
actions with owners, a strategy that fits the account's quadrant). The roles in
the decision follow the buying influences of Miller and Heiman, Strategic
Selling (1985).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b, sha256
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import words as w
from .cells import LAST_DAY
from .errors import ModelInputError, SettingsError

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
FIGURES: Final = (MONEY, DATE)
"""Kinds of which only a value of the kind fills the cell."""

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

# Fields that the rules ask for by key; objectives are numbered.
TARGET_KEY: Final = "revenue_target"
OBJECTIVE_KEY: Final = "objective_"
PLAY_KEY: Final = "play"


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
        TARGET_KEY,
        "Revenue target",
        _GOALS,
        REQUIRED,
        MONEY,
        "Type the revenue that this account will bring in the planning year, as a plain number.",
        "About half of the account's Potential $",
    ),
    PlanField(
        f"{OBJECTIVE_KEY}1",
        "Objective 1",
        _GOALS,
        REQUIRED,
        TEXT,
        "Say what will be different at the end of the year: what, how much, by when.",
        "Bring the three northern sites onto one Standard contract by the end of September.",
    ),
    PlanField(
        f"{OBJECTIVE_KEY}2",
        "Objective 2",
        _GOALS,
        WANTED,
        TEXT,
        "Say what else will be different: what, how much, by when.",
        "Get the Finance Director to a yearly review with our management by November.",
    ),
    PlanField(
        f"{OBJECTIVE_KEY}3",
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
        PLAY_KEY,
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
        stamp: ``fingerprint`` of what was turned in, "" where nobody stamped it.
        returned: ``fingerprint`` of the version that was returned, "" where none was.
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
    stamp: str = ""
    returned: str = ""
    file: str = ""
    tab: str = ""
    quadrant: str = ""
    potential_money: float = np.nan
    status: str = ""


# --- Is a cell filled, is a row complete? -----------------------------------

# Text that people type to be left alone, in small letters. A single character
# never counts, so only longer ones stand here; punctuation is spelled out,
# because a native formula knows no patterns. Cells in error count as text where
# a reader passes on their name.
FILLER_WORDS: Final[tuple[str, ...]] = (
    *("tbd", "tbd.", "t.b.d.", "tba", "tbc", "to be defined", "to be determined", "to be done"),
    *("to be confirmed", "to be completed", "to do", "to-do", "todo", "to come", "wip", "pending"),
    *("n/a", "n/a.", "n.a.", "n.a", "na", "n/k", "nn", "n.n.", "none", "nil", "null", "nan"),
    *("nothing", "no", "no idea", "not yet", "not known", "unknown", "unclear", "don't know"),
    *("later", "same", "ditto", "see above", "as above", "fill in", "fill me in", "fill in later"),
    *("test", "testing", "test test", "dummy", "placeholder", "lorem ipsum", "ok", "hm", "hmm"),
    *("xx", "xxx", "xxxx", "xxxxx", "yy", "yyy", "zz", "zzz", "bla", "bla bla", "blah", "idk"),
    *("asd", "asdf", "asdfg", "asdfgh", "qwe", "qwer", "qwert", "qwerty", "qwertz", "blah blah"),
    *("??", "???", "????", "?????", "!!", "!!!", "?!", "...?", "--", "---", "----", "-----"),
    *("- -", "––", "—–", "———", "——", "..", "...", "....", ".....", ". . .", "……", ",,", ";;"),
    *("__", "___", "____", "//", "///", "**", "***", "##", "###", "++", "==", "~~", "::", '""'),
    *("()", "[]", "[ ]", "<>", "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!"),
)
_FILLERS: Final = frozenset(FILLER_WORDS)

_NO_BREAK_SPACE: Final = "\u00a0"
_BLANKS: Final = f" \t\n\r{_NO_BREAK_SPACE}"
_TO_SPACE: Final = str.maketrans(dict.fromkeys(_BLANKS, " "))

# What a native flag says of a row that counts.
ROW_OK: Final = "ok"


def trimmed(text: str) -> str:
    """The text without blanks around it, and with single spaces inside.

    Args:
        text: any text. Blanks are space, no-break space, tab and line breaks.
    """
    return " ".join(filter(None, text.translate(_TO_SPACE).split(" ")))


def is_filled(value: object, example: str = "") -> bool:
    """Does this cell hold an answer?

    Args:
        value: text, a number, a date, or nothing (None, NaN, NaT: not filled).
        example: the field's own example, which is no answer.
    """
    if isinstance(value, str):
        text = trimmed(value)
        small = text.lower()
        return len(text) > 1 and small not in _FILLERS and small != trimmed(example).lower()
    return not _is_nothing(value)


def filled(values: "pd.Series[Any]", example: str = "") -> "pd.Series[bool]":
    """Which of these cells hold an answer? ``is_filled`` for a whole column.

    Args:
        values: text, numbers, dates or a mix of them. Missing: not filled.
        example: the field's own example, which is no answer.
    """
    if values.dtype.kind in "biufM":
        return values.notna()
    flags = [is_filled(value, example) for value in values.tolist()]
    return pd.Series(flags, index=values.index, dtype=bool)


def is_answer(value: object, kind: str, example: str = "") -> bool:
    """Does this cell hold an answer of the kind that is asked for?

    Args:
        value: as in ``is_filled``.
        kind: of the field or column: for "money" only a number is an answer (to a
            spreadsheet a date is one), for "date" only a day from 1900 to 9999.
        example: the field's own example, which is no answer.
    """
    if kind == MONEY:
        return not np.isnan(_number(value))
    if kind == DATE:
        # Readers show a typed 0, or less, as a day before a spreadsheet's first.
        return bool(_day(value) > _DAY_ZERO)
    return is_filled(value, example)


def answers(values: "pd.Series[Any]", kind: str, example: str = "") -> "pd.Series[bool]":
    """Which of these cells hold such an answer? ``is_answer`` for a whole column."""
    if kind not in FIGURES:
        return filled(values, example)
    flags = [is_answer(value, kind) for value in values.tolist()]
    return pd.Series(flags, index=values.index, dtype=bool)


def answer_formula(
    ref: str, kind: str, example_ref: str | None = None, fillers: str = "FillerWords"
) -> str:
    """``is_answer`` as a native formula (no leading =) that gives TRUE or FALSE.

    Args:
        ref, example_ref, fillers: as in ``filled_formula``.
        kind: of the field or column.
    """
    if kind == MONEY:
        return f"ISNUMBER({ref})"
    if kind == DATE:
        return f"IF(ISNUMBER({ref}),AND({ref}>=1,{ref}<{LAST_DAY}),FALSE)"
    return filled_formula(ref, example_ref, fillers)


def filled_formula(ref: str, example_ref: str | None = None, fillers: str = "FillerWords") -> str:
    """``is_filled`` as a native formula (no leading =) that gives TRUE or FALSE.

    Compares directly: COUNTIF and MATCH would read ? and * as wildcards.

    Args:
        ref: the cell, such as "C5" or "[@Owner]".
        example_ref: the cell with the field's example; None where there is none.
        fillers: a range or name that holds ``FILLER_WORDS``.

    Returns:
        The formula. A cell in error gives FALSE. A lone sign outside Unicode's
        first plane (an emoji) has length 2 in Excel and counts there alone.
    """
    text = trimmed_formula(ref)
    not_example = "" if example_ref is None else f",{text}<>{example_ref}"
    return (
        f"IFERROR(OR(ISNUMBER({ref}),"
        f"AND(LEN({text})>1,SUMPRODUCT(--({fillers}={text}))=0{not_example})),FALSE)"
    )


def row_flags(table: str, rows: pd.DataFrame) -> "pd.Series[str]":
    """What each row of a plan's table lacks, in words.

    Args:
        table: a key of ``PLAN_TABLES``.
        rows: its rows. Columns that are not there count as empty.

    Returns:
        Per row "" where nothing is typed, "ok" where the row is complete, else
        such as "owner, date missing".

    Raises:
        ModelInputError: there is no such table.
    """
    columns = _columns(table)
    typed = np.zeros(len(rows), dtype=bool)
    lacks = np.full(len(rows), "", dtype=object)
    for column in columns:
        if column.name in rows:
            typed |= np.array([_is_typed(value) for value in rows[column.name]], dtype=bool)
        if column.needed:
            there = column.name in rows
            has = answers(rows[column.name], column.kind) if there else typed & False
            lacks = lacks + np.where(has, "", f", {column.called}").astype(object)
    flags = [
        "" if not any_typed else f"{lack[2:]} missing" if lack else ROW_OK
        for any_typed, lack in zip(typed, lacks, strict=True)
    ]
    return pd.Series(flags, index=rows.index, dtype=object)


def row_flag_formula(table: str, refs: Mapping[str, str], fillers: str = "FillerWords") -> str:
    """``row_flags`` as a native formula (no leading =) for one row.

    Args:
        table: a key of ``PLAN_TABLES``.
        refs: the row's cell by column name; every needed column must be there.
        fillers: a range or name that holds ``FILLER_WORDS``.

    Raises:
        ModelInputError: there is no such table, or a needed column has no cell.
    """
    columns = _columns(table)
    needed = [column for column in columns if column.needed]
    absent = [column.name for column in needed if column.name not in refs]
    if absent:
        raise ModelInputError(f"Table {table}: no cell given for {', '.join(absent)}; name one.")
    everything = "&".join(refs[column.name] for column in columns if column.name in refs)
    has = [answer_formula(refs[column.name], column.kind, None, fillers) for column in needed]
    lacks = "&".join(
        f'IF({test},"",", {column.called}")' for test, column in zip(has, needed, strict=True)
    )
    return (
        f'IF(IFERROR(LEN({trimmed_formula(everything)}),1)=0,"",'
        f'IF(AND({",".join(has)}),"{ROW_OK}",MID({lacks},3,99)&" missing"))'
    )


def trimmed_formula(ref: str) -> str:
    """``trimmed`` as a native formula (no leading =), of a cell or of each cell of a column."""
    # The no-break space stands as itself: CHAR(160) is another sign on a Mac
    # and in LibreOffice, and UNICHAR is younger than Excel 2010.
    text = f'SUBSTITUTE({ref},"{_NO_BREAK_SPACE}"," ")'
    for code in (9, 10, 13):
        text = f'SUBSTITUTE({text},CHAR({code})," ")'
    return f"TRIM({text})"


def _columns(table: str) -> tuple[PlanColumn, ...]:
    if table not in PLAN_TABLES:
        raise ModelInputError(
            f"Table {table}: a plan has no such table; use {', '.join(PLAN_TABLES)}."
        )
    return PLAN_TABLES[table]


def _is_nothing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value


def _is_typed(value: object) -> bool:
    return value.strip(_BLANKS) != "" if isinstance(value, str) else not _is_nothing(value)


# --- Is a plan complete? -----------------------------------------------------

COMPLETE: Final = "Complete"
MISSING: Final = "Missing"


@dataclass(frozen=True)
class Completeness:
    """How much of a plan is there.

    Args:
        share: required fields that are filled, of all required ones, 0-1; 1
            where none is required.
        missing: labels of the required fields that are not filled, as on the tab.
        filled: for each field in use, by key, whether it is filled.
    """

    share: float
    missing: tuple[str, ...]
    filled: Mapping[str, bool]


def completeness(plan: Plan, plan_fields: Sequence[PlanField] = PLAN_FIELDS) -> Completeness:
    """How much of this plan is there?

    Args:
        plan: the plan. A field or table that it does not hold is not filled.
        plan_fields: the fields of the tab, with what is required.

    Raises:
        SettingsError: two fields have the same key.
    """
    fields = _in_use(plan_fields)
    stacked = _stack_tables([plan], fields)
    return _completeness(filled_fields(_field_values([plan], fields, stacked), fields), fields)[0]


def plan_completeness(
    plans: pd.DataFrame, plan_fields: Sequence[PlanField] = PLAN_FIELDS
) -> pd.DataFrame:
    """How much of each of these plans is there?

    Args:
        plans: one row per plan, one column per field key. Fields as typed; for
            a table the number of its complete rows. A column that is not there
            counts as empty, and so does a missing value.
        plan_fields: the fields of the tab, with what is required.

    Returns:
        Complete (0-1; 1 where nothing is required) and Missing (labels of what
        is not filled, as on the tab, with commas between), on the same index.

    Raises:
        SettingsError: two fields have the same key.
    """
    fields = _in_use(plan_fields)
    found = _completeness(filled_fields(plans, fields), fields)
    return pd.DataFrame(
        {
            COMPLETE: np.array([each.share for each in found], dtype=float),
            MISSING: np.array([", ".join(each.missing) for each in found], dtype=object),
        },
        index=plans.index,
    )


def filled_fields(plans: pd.DataFrame, plan_fields: Sequence[PlanField]) -> pd.DataFrame:
    """Which fields of these plans are filled?

    Args:
        plans: as in ``plan_completeness``.
        plan_fields: the fields to look at.

    Returns:
        One flag per plan and field, columns in the order of ``plan_fields``.
    """
    flags: dict[str, npt.NDArray[np.bool_]] = {}
    for each in plan_fields:
        if each.key not in plans:
            flags[each.key] = np.zeros(len(plans), dtype=bool)
        elif each.kind == TABLE:
            complete_rows = pd.to_numeric(plans[each.key], errors="coerce")
            flags[each.key] = (complete_rows > 0).to_numpy(dtype=bool)
        else:
            flags[each.key] = answers(plans[each.key], each.kind, each.example).to_numpy()
    return pd.DataFrame(flags, index=plans.index)


def _in_use(plan_fields: Sequence[PlanField]) -> tuple[PlanField, ...]:
    keys = [each.key for each in plan_fields]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise SettingsError(
            f"Plan fields: {', '.join(twice)} stands there more than once; keep one row of each."
        )
    return tuple(each for each in plan_fields if each.requirement != OFF)


def _completeness(flags: pd.DataFrame, fields: Sequence[PlanField]) -> list[Completeness]:
    required = [each for each in fields if each.requirement == REQUIRED]
    needed = flags[[each.key for each in required]].to_numpy(dtype=bool)
    counts = needed.sum(axis=1)
    shares = np.round(counts / len(required), 9) if required else np.ones(len(flags))
    labels = np.array([each.label for each in required], dtype=object)
    keys = list(flags.columns)
    return [
        Completeness(float(share), tuple(labels[~row]), dict(zip(keys, all_flags, strict=True)))
        for share, row, all_flags in zip(
            shares, needed, flags.to_numpy(dtype=bool).tolist(), strict=True
        )
    ]


# Added to the columns of a table when the tables of many plans are stacked.
_PLAN: Final = "plan"
_ROW: Final = "row"
_FLAG: Final = "flag"


def _stack_tables(plans: Sequence[Plan], fields: Sequence[PlanField]) -> Mapping[str, pd.DataFrame]:
    return {each.key: _stack(plans, each.key) for each in fields if each.kind == TABLE}


def _stack(plans: Sequence[Plan], table: str) -> pd.DataFrame:
    # Arrays of objects, not pd.concat: a column that holds dates in one plan and
    # text in another then stays as typed, and small frames stack quickly.
    names = [column.name for column in PLAN_TABLES[table]]
    found = [
        (number, plan.tables[table]) for number, plan in enumerate(plans) if table in plan.tables
    ]
    blocks = [
        (
            rows if list(rows.columns) == names else rows.reindex(columns=names, fill_value="")
        ).to_numpy(dtype=object)
        for _, rows in found
    ]
    cells = np.concatenate([np.empty((0, len(names)), dtype=object), *blocks])
    lengths = np.array([len(rows) for _, rows in found], dtype=int)
    stacked = pd.DataFrame(cells, columns=names, dtype=object)
    stacked[_PLAN] = np.repeat(np.array([number for number, _ in found], dtype=int), lengths)
    stacked[_ROW] = np.array([row for _, rows in found for row in rows.index], dtype=int)
    stacked[_FLAG] = row_flags(table, stacked)
    return stacked


def _field_values(
    plans: Sequence[Plan], fields: Sequence[PlanField], stacked: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    values: dict[str, object] = {}
    for each in fields:
        if each.kind == TABLE:
            rows = stacked[each.key]
            complete = rows.loc[rows[_FLAG] == ROW_OK, _PLAN].to_numpy(dtype=int)
            values[each.key] = np.bincount(complete, minlength=len(plans))
        else:
            typed = [plan.fields.get(each.key) for plan in plans]
            values[each.key] = pd.Series(typed, dtype=object)
    return pd.DataFrame(values, index=range(len(plans)))


# --- Is a plan good? ---------------------------------------------------------

INCOMPLETE: Final = "incomplete"
QUALITY: Final = "quality"
BROKEN: Final = "broken"
FINDING_KINDS: Final = (INCOMPLETE, QUALITY, BROKEN)

# The rule that a finding names where a required field is not filled.
REQUIRED_RULE: Final = "required"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a plan.

    Args:
        kind: "incomplete" (a required field), "quality" (a rule) or "broken"
            (the plan cannot be read as it stands).
        serious: whether the plan cannot be good with it.
        rule: key of the rule; "required" where a required field is not filled.
        cell: where to look, "" where not known.
        what: what is wrong, one line.
        mend: how to mend it, one line.
    """

    kind: str
    serious: bool
    rule: str
    cell: str
    what: str
    mend: str


@dataclass(frozen=True)
class PlanCheck:
    """What a check found out about one plan.

    Args:
        completeness: how much of it is there.
        findings: required fields first, in the order of the tab, then rule by rule.
    """

    completeness: Completeness
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Is every required field filled?"""
        return not self.completeness.missing

    @property
    def good(self) -> bool:
        """Is it complete, with no serious finding against it?"""
        return self.complete and not any(each.serious for each in self.findings)


@dataclass(frozen=True)
class PlanRule:
    """A rule that a good plan keeps.

    Args:
        key: which rule, one of ``PLAN_RULES``; a rule that is left out is not checked.
        label: its name.
        serious: whether a plan that breaks it cannot be good.
        bound: where it starts to matter, in ``unit``; NaN for a rule without one.
        unit: what the bound counts; "" for a rule without one.
        message: what the rule looks for, and why.

    Raises:
        SettingsError: the bound of a rule that needs one is missing or negative.
    """

    key: str
    label: str
    serious: bool
    bound: float
    unit: str
    message: str

    def __post_init__(self) -> None:
        if self.unit and not 0 <= self.bound < np.inf:
            raise SettingsError(
                f"Plan rules, {self.key}: the bound {self.bound} must be 0 or more {self.unit}."
            )


_NO_BOUND: Final = (np.nan, "")

PLAN_RULES: Final[tuple[PlanRule, ...]] = (
    PlanRule(
        "entry",
        "Entry of the wrong kind",
        True,
        *_NO_BOUND,
        "Numbers, dates and lists hold a number, a date, or a value of the list; anything else "
        "cannot be added up or sorted.",
    ),
    PlanRule(
        "filler",
        "Filler in an optional field",
        False,
        *_NO_BOUND,
        "An optional field that holds only filler says less than an empty one.",
    ),
    PlanRule(
        "thin",
        "Thin text",
        True,
        20,
        "characters",
        "A required text shorter than the bound is a headline, not an answer.",
    ),
    PlanRule(
        "copied",
        "Same text in several plans",
        True,
        40,
        "characters",
        "Text of at least this length that also stands in another account's plan was copied, "
        "even where only the account's name differs.",
    ),
    PlanRule(
        "few_actions",
        "Objective with too few actions",
        True,
        2,
        "actions",
        "An objective with fewer actions than the bound is a wish.",
    ),
    PlanRule(
        "action_incomplete",
        "Action without owner or date",
        True,
        *_NO_BOUND,
        "An action that nobody owns, or that has no date, does not happen.",
    ),
    PlanRule(
        "row_incomplete",
        "Incomplete row",
        False,
        *_NO_BOUND,
        "A contact, opportunity or team row that lacks a needed column does not count.",
    ),
    PlanRule(
        "action_past",
        "Action overdue",
        True,
        0,
        "days late",
        "An action that is not done is overdue when its date is more than this many days ago.",
    ),
    PlanRule(
        "action_outside",
        "Action outside the planning year",
        True,
        0,
        "days outside",
        "An open action dated more than this many days outside the planning year cannot help it.",
    ),
    PlanRule(
        "nobody_decides",
        "Nobody who decides",
        True,
        1,
        "contacts",
        "A plan needs at least this many contacts who decide or control the budget.",
    ),
    PlanRule(
        "no_supporter",
        "No supporter among those who decide",
        False,
        1,
        "supporters",
        "Without this many supporters among those who decide, somebody else's offer wins. "
        "A fact about the account rather than a fault of the plan, so not serious.",
    ),
    PlanRule(
        "target_high",
        "Revenue target above Potential $",
        True,
        1.0,
        "x Potential $",
        "An account cannot be expected to give more than accounts like it can.",
    ),
    PlanRule(
        "target_low",
        "Revenue target far below Potential $",
        False,
        0.1,
        "x Potential $",
        "A target under this share of Potential $ does not pay for a plan that means to grow or "
        "win. A first order may start small, so not serious; plans that maintain or exit are left "
        "alone.",
    ),
    PlanRule(
        "play_contradicts",
        "Strategy contradicts the quadrant",
        True,
        *_NO_BOUND,
        "Grow and Win fit where potential or likelihood is high, Maintain fits a quick win or a "
        "skip, Exit fits a skip only.",
    ),
    PlanRule(
        "unchanged",
        "Nothing changed since it was returned",
        True,
        *_NO_BOUND,
        "A plan that was returned comes back with something changed, or the talk was for nothing.",
    ),
    PlanRule(
        "changed_since",
        "Changed since it was turned in",
        False,
        *_NO_BOUND,
        "What the manager reads, or has approved, is no longer what stands on the tab.",
    ),
)


RUBRIC: Final[Mapping[int, str]] = {
    1: "Not a plan: boxes are filled, and nobody could act on it tomorrow.",
    2: "A start: the facts are there; who decides, or what we do first, is not.",
    3: "Workable: an objective with a date, people who decide, and actions that lead there.",
    4: "Good: it says why they would choose us, names the risk, and the numbers fit the potential.",
    5: "An example: another rep could take it over tomorrow, and learn from how it thinks.",
}
"""What a manager's rating of a plan means, from 1 to 5."""


def check_plan(
    plan: Plan,
    plan_fields: Sequence[PlanField],
    rules: Sequence[PlanRule],
    today: date,
    year_start: date,
    year_end: date,
) -> PlanCheck:
    """Is this plan complete, and is it good? ``check_plans`` for a single one.

    Args:
        plan: the plan. Its copies in other plans are not seen.
        plan_fields: the fields of the tab, with what is required.
        rules: the rules to check.
        today: the day on which dates are past.
        year_start: first day of the planning year.
        year_end: last day of the planning year.

    Raises:
        SettingsError: as in ``check_plans``.
    """
    return check_plans([plan], plan_fields, rules, today, year_start, year_end)[0]


def check_plans(
    plans: Sequence[Plan],
    plan_fields: Sequence[PlanField],
    rules: Sequence[PlanRule],
    today: date,
    year_start: date,
    year_end: date,
) -> list[PlanCheck]:
    """Are these plans complete, and are they good?

    Time grows in proportion to the number of plans.

    Args:
        plans: the plans of a round. What a plan does not hold is not filled;
            rules on its quadrant or Potential $ rest where these are not known.
        plan_fields: the fields of the tab, with what is required.
        rules: the rules to check.
        today: the day on which dates are past.
        year_start: first day of the planning year.
        year_end: last day of the planning year.

    Returns:
        One check per plan, in their order.

    Raises:
        SettingsError: two fields have the same key, or a rule is not known.
    """
    unknown = [rule.key for rule in rules if rule.key not in _CHECKS]
    if unknown:
        raise SettingsError(
            f"Plan rules: {', '.join(unknown)} is no rule; use {', '.join(_CHECKS)}."
        )
    fields = _in_use(plan_fields)
    stacked = _stack_tables(plans, fields)
    values = _field_values(plans, fields, stacked)
    flags = filled_fields(values, fields)
    year = (np.datetime64(year_start, "D"), np.datetime64(year_end, "D"))
    seen = _Round(plans, fields, stacked, values, flags, np.datetime64(today, "D"), *year)

    findings: list[list[Finding]] = [[] for _ in plans]
    for hit in _required(seen):
        findings[hit.plan].append(Finding(INCOMPLETE, True, REQUIRED_RULE, *hit[1:]))
    for rule in rules:
        for hit in _CHECKS[rule.key](seen, rule.bound):
            findings[hit.plan].append(Finding(QUALITY, rule.serious, rule.key, *hit[1:]))
    return [
        PlanCheck(complete, tuple(found))
        for complete, found in zip(_completeness(flags, fields), findings, strict=True)
    ]


@dataclass(frozen=True)
class _Round:
    """The plans of a round, laid out for the rules.

    ``values`` and ``filled`` have one row per plan and one column per field in
    use; ``tables`` hold the rows of all plans under one another.
    """

    plans: Sequence[Plan]
    fields: Sequence[PlanField]
    tables: Mapping[str, pd.DataFrame]
    values: pd.DataFrame
    filled: pd.DataFrame
    today: np.datetime64
    year_start: np.datetime64
    year_end: np.datetime64

    def rows(self, table: str) -> pd.DataFrame:
        """All typed rows of a table; none where the table is off."""
        if table not in self.tables:
            return _stack([], table)
        stacked = self.tables[table]
        return stacked[stacked[_FLAG] != ""]

    def per_plan(self, rows: pd.DataFrame) -> npt.NDArray[np.int_]:
        """How many of these rows each plan has."""
        return np.bincount(rows[_PLAN].to_numpy(dtype=int), minlength=len(self.plans))

    def typed(self, key: str) -> list[object]:
        """What the plans hold in a field that is filled; else None."""
        if key not in self.values:
            return [None] * len(self.plans)
        pairs = zip(self.values[key].tolist(), self.filled[key].tolist(), strict=True)
        return [value if has else None for value, has in pairs]

    def cell(self, plan: int, key: str, row: int = 0, column: str = "") -> str:
        """Where a field, or a cell of a table's row, stands; "" where not known."""
        cells = self.plans[plan].cells
        top = cells.get(f"{key}.{column}") or cells.get(key, "")
        split = _CELL.fullmatch(top)
        return top if split is None or row == 0 else f"{split[1]}{int(split[2]) + row}"


_CELL: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)")


class _Hit(NamedTuple):
    """A rule broken by a plan: where, what is wrong, how to mend it."""

    plan: int
    cell: str
    what: str
    mend: str


def _required(seen: _Round) -> Iterator[_Hit]:
    for each in seen.fields:
        if each.requirement != REQUIRED:
            continue
        rows = seen.per_plan(seen.rows(each.key)) if each.kind == TABLE else None
        for plan in np.flatnonzero(~seen.filled[each.key].to_numpy(dtype=bool)).tolist():
            mend = each.prompt
            if rows is not None:
                state = "has no complete row" if rows[plan] else "is empty"
            elif is_filled(value := seen.values.at[plan, each.key], each.example):
                state = f"holds '{_shown(value)}', which is no {_CALLED[each.kind]}"
                mend = _entry_mend(value, each.kind, each.choices)
            else:
                state = _unfilled(value, each.example)
            what = f"'{each.label}' {state}"
            yield _Hit(plan, seen.cell(plan, each.key), what, mend)


_CALLED: Final[Mapping[str, str]] = {MONEY: "number", DATE: "date"}


def _unfilled(value: object, example: str) -> str:
    if not _is_typed(value):
        return "is empty"
    if trimmed(str(value)).lower() == trimmed(example).lower():
        return "still holds the example"
    return f"holds only '{_shown(value)}'"


def _entry(seen: _Round, _: float) -> Iterator[_Hit]:
    # A required figure of the wrong kind is not filled, which says it already.
    for each in seen.fields:
        if each.kind == TABLE or (each.requirement == REQUIRED and each.kind in FIGURES):
            continue
        for plan, value in enumerate(seen.values[each.key].tolist()):
            mend = _entry_mend(value, each.kind, each.choices)
            if mend and is_filled(value, each.example):
                what = f"'{each.label}' holds '{_shown(value)}'"
                yield _Hit(plan, seen.cell(plan, each.key), what, mend)
    for table in seen.tables:
        rows = seen.rows(table)
        for column in PLAN_TABLES[table]:
            if column.needed and column.kind in FIGURES:
                continue
            for plan, row, value in zip(rows[_PLAN], rows[_ROW], rows[column.name], strict=True):
                mend = _entry_mend(value, column.kind, column.choices)
                if mend:
                    what = f"'{column.name}' in row {row + 1} of {table} holds '{_shown(value)}'"
                    yield _Hit(plan, seen.cell(plan, table, row, column.name), what, mend)


def _entry_mend(value: object, kind: str, choices: tuple[str, ...]) -> str:
    if kind == TEXT or not is_filled(value):
        return ""
    if kind == MONEY:
        return "" if is_answer(value, kind) else "Type a plain number, such as 120000."
    if kind == DATE:
        return "" if is_answer(value, kind) else "Type a date, such as 2026-09-30."
    known = {choice.lower() for choice in choices}
    return "" if _choice(value) in known else f"Pick one of: {', '.join(choices)}."


def _filler(seen: _Round, _: float) -> Iterator[_Hit]:
    for each in seen.fields:
        if each.requirement == REQUIRED or each.kind == TABLE:
            continue
        empty = np.flatnonzero(~seen.filled[each.key].to_numpy(dtype=bool)).tolist()
        for plan in empty:
            value = seen.values.at[plan, each.key]
            if _is_typed(value) and not is_filled(value, each.example):
                what = f"'{each.label}' {_unfilled(value, each.example)}"
                mend = "Clear it, or answer it: " + each.prompt
                yield _Hit(plan, seen.cell(plan, each.key), what, mend)


def _thin(seen: _Round, bound: float) -> Iterator[_Hit]:
    for each in seen.fields:
        if each.requirement != REQUIRED or each.kind != TEXT:
            continue
        for plan, value in enumerate(seen.typed(each.key)):
            length = len(trimmed(value)) if isinstance(value, str) else np.inf
            if length < bound:
                what = f"'{each.label}' is only {length} characters long: '{_shown(value)}'"
                yield _Hit(plan, seen.cell(plan, each.key), what, each.prompt)


def _copied(seen: _Round, bound: float) -> Iterator[_Hit]:
    typed = {each.key: seen.typed(each.key) for each in seen.fields if each.kind == TEXT}
    texts = [
        _texts(plan, seen.fields, {key: values[number] for key, values in typed.items()})
        for number, plan in enumerate(seen.plans)
    ]
    return _copies(texts, [bound] * len(texts))


@dataclass(frozen=True)
class TextMark:
    """A text of a plan, without its words.

    Args:
        field: key, label and prompt of the field that holds it.
        mark: the same for two texts that differ in nothing but the account's name.
        length: characters.
    """

    field: tuple[str, str, str]
    mark: str
    length: int


@dataclass(frozen=True)
class PlanTexts:
    """What is needed of a plan to find its copies in others.

    Args:
        account_id, account: the plan's.
        marks: of its filled texts, in the order of the tab.
        cells: as in ``Plan``.
    """

    account_id: str
    account: str
    marks: tuple[TextMark, ...]
    cells: Mapping[str, str]


def plan_texts(plan: Plan, plan_fields: Sequence[PlanField]) -> PlanTexts:
    """The texts of a plan, small enough to keep for thousands of plans.

    Args:
        plan: the plan.
        plan_fields: the fields of its tab.
    """
    fields = _in_use(plan_fields)
    held = {
        each.key: value
        for each in fields
        if each.kind == TEXT and is_filled(value := plan.fields.get(each.key), each.example)
    }
    return _texts(plan, fields, held)


def copied_texts(
    texts: Sequence[PlanTexts], rules: Sequence[PlanRule | None]
) -> list[tuple[Finding, ...]]:
    """Which texts also stand in another account's plan? The rule "copied" across workbooks.

    Args:
        texts: of all plans.
        rules: for each plan the rule that it is held to; None for one that is not,
            whose texts still count as those that others may have copied.

    Returns:
        The findings of each plan.
    """
    found: list[list[Finding]] = [[] for _ in texts]
    bounds = [np.inf if rule is None else rule.bound for rule in rules]
    for hit in _copies(texts, bounds):
        rule = rules[hit.plan]
        if rule is not None:
            found[hit.plan].append(Finding(QUALITY, rule.serious, rule.key, *hit[1:]))
    return [tuple(each) for each in found]


def _texts(plan: Plan, fields: Sequence[PlanField], typed: Mapping[str, object]) -> PlanTexts:
    name, marks = _plain(plan.account), []
    for each in fields:
        value = typed.get(each.key)
        if isinstance(value, str):
            plain = _nameless(value, name).encode("utf-8", "surrogatepass")
            mark = blake2b(plain, digest_size=12).hexdigest()
            called = (each.key, each.label, each.prompt)
            marks.append(TextMark(called, mark, len(trimmed(value))))
    return PlanTexts(plan.account_id, plan.account, tuple(marks), plan.cells)


def _copies(texts: Sequence[PlanTexts], bounds: Sequence[float]) -> Iterator[_Hit]:
    holders: dict[str, dict[tuple[str, str], None]] = {}
    for each in texts:
        for text in each.marks:
            holders.setdefault(text.mark, {})[each.account_id, each.account] = None
    for number, (each, bound) in enumerate(zip(texts, bounds, strict=True)):
        own = (each.account_id, each.account)
        for text in each.marks:
            others = [account for account in holders[text.mark] if account != own]
            if text.length < bound or not others:
                continue
            key, label, prompt = text.field
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            what = f"'{label}' is the same text as in the plan for {others[0][1]}{more}"
            mend = f"Write what holds for {each.account} alone. {prompt}"
            yield _Hit(number, each.cells.get(key, ""), what, mend)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _nameless(text: str, name: str) -> str:
    plain = f" {_plain(text)} "
    return plain.replace(f" {name} ", " * ") if name else plain


_WORD: Final = re.compile(r"\w+")


def _few_actions(seen: _Round, bound: float) -> Iterator[_Hit]:
    if ACTIONS not in seen.tables:
        return
    rows = seen.rows(ACTIONS)
    rows = rows[filled(rows[w.ACTION])]
    serves = rows[OBJECTIVE].map(_choice)
    for each in seen.fields:
        number = each.key.removeprefix(OBJECTIVE_KEY)
        if number == each.key:
            continue
        counts = seen.per_plan(rows[serves == number])
        has = seen.filled[each.key].to_numpy(dtype=bool)
        for plan in np.flatnonzero(has & (counts < bound)).tolist():
            what = f"Actions for '{each.label}': {counts[plan] or 'none'}"
            mend = f"Plan at least {bound:g} actions and pick {number} as their objective."
            yield _Hit(plan, seen.cell(plan, each.key), what, mend)


def _action_incomplete(seen: _Round, _: float) -> Iterator[_Hit]:
    return _incomplete_rows(seen, [ACTIONS])


def _row_incomplete(seen: _Round, _: float) -> Iterator[_Hit]:
    return _incomplete_rows(seen, [CONTACTS, OPPORTUNITIES, TEAM])


def _incomplete_rows(seen: _Round, tables: Sequence[str]) -> Iterator[_Hit]:
    for table in tables:
        rows = seen.rows(table)
        rows = rows[rows[_FLAG] != ROW_OK]
        needed = [column for column in PLAN_TABLES[table] if column.needed]
        gaps = {column.name: ~answers(rows[column.name], column.kind) for column in needed}
        for at, plan, row, flag in zip(
            rows.index, rows[_PLAN], rows[_ROW], rows[_FLAG], strict=True
        ):
            first = next(column for column in needed if gaps[column.name].at[at])
            what, order = f"Row {row + 1} of {table}: {flag}", first.prompt
            if is_filled(value := rows[first.name].at[at]):
                what += f"; '{_shown(value)}' is no {_CALLED[first.kind]}"
                order = _entry_mend(value, first.kind, first.choices)
            mend = f"{order} Or clear the row."
            yield _Hit(plan, seen.cell(plan, table, row, first.name), what, mend)


def _action_past(seen: _Round, bound: float) -> Iterator[_Hit]:
    rows, due = _open_actions(seen)
    late = (seen.today - due) / np.timedelta64(1, "D")
    for at in np.flatnonzero(late > bound).tolist():
        what = f"was due on {due[at]} and is not done"
        yield _action_hit(seen, rows, at, what, "Set its state to Done, or give it a new date.")


def _action_outside(seen: _Round, bound: float) -> Iterator[_Hit]:
    rows, due = _open_actions(seen)
    after = (due - seen.year_end) / np.timedelta64(1, "D")
    before = (seen.year_start - due) / np.timedelta64(1, "D")
    outside = (np.maximum(after, before) > bound) & (due >= seen.today)
    mend = f"Give it a date between {seen.year_start} and {seen.year_end}."
    for at in np.flatnonzero(outside).tolist():
        yield _action_hit(seen, rows, at, f"is due on {due[at]}, outside the planning year", mend)


def _open_actions(seen: _Round) -> tuple[pd.DataFrame, npt.NDArray[np.datetime64]]:
    rows = seen.rows(ACTIONS)
    rows = rows[rows[w.STATE].map(_choice) != DONE.lower()]
    due = np.array([_day(value) for value in rows[DUE]], dtype="datetime64[D]")
    return rows, due


def _action_hit(seen: _Round, rows: pd.DataFrame, at: int, what: str, mend: str) -> _Hit:
    row = rows.iloc[at]
    plan, number = int(row[_PLAN]), int(row[_ROW])
    called = f"'{_shown(row[w.ACTION])}'" if is_filled(row[w.ACTION]) else f"in row {number + 1}"
    return _Hit(plan, seen.cell(plan, ACTIONS, number, DUE), f"Action {called} {what}", mend)


def _nobody_decides(seen: _Round, bound: float) -> Iterator[_Hit]:
    contacts, deciders = _contacts(seen)
    named, deciding = seen.per_plan(contacts), seen.per_plan(deciders)
    mend = f"Find out who does, and pick '{DECIDES}' or '{CONTROLS_BUDGET}' as their role."
    for plan in np.flatnonzero((named > 0) & (deciding < bound)).tolist():
        what = (
            "Contacts who decide or control the budget: "
            f"{deciding[plan] or 'none'} of {named[plan]}"
        )
        yield _Hit(plan, seen.cell(plan, CONTACTS, column=ROLE), what, mend)


def _no_supporter(seen: _Round, bound: float) -> Iterator[_Hit]:
    _, deciders = _contacts(seen)
    supporters = deciders[deciders[SUPPORT].map(_choice) == SUPPORTER.lower()]
    deciding, supporting = seen.per_plan(deciders), seen.per_plan(supporters)
    mend = "Plan an action that wins one of them over, and name who of us keeps the contact."
    for plan in np.flatnonzero((deciding > 0) & (supporting < bound)).tolist():
        what = (
            "Supporters among those who decide or control the budget: "
            f"{supporting[plan] or 'none'} of {deciding[plan]}"
        )
        yield _Hit(plan, seen.cell(plan, CONTACTS, column=SUPPORT), what, mend)


def _contacts(seen: _Round) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = seen.rows(CONTACTS)
    contacts = rows[filled(rows[NAME])]
    roles = {role.lower() for role in DECIDING_ROLES}
    return contacts, contacts[contacts[ROLE].map(_choice).isin(roles)]


def _target_high(seen: _Round, bound: float) -> Iterator[_Hit]:
    target, potential = _target(seen)
    mend = "Lower the target, or correct the potential in Overrides with the evidence for it."
    for plan in np.flatnonzero(target > bound * potential).tolist():
        yield _target_hit(seen, plan, target[plan], potential[plan], f"more than {bound:.0%}", mend)


def _target_low(seen: _Round, bound: float) -> Iterator[_Hit]:
    target, potential = _target(seen)
    serving = {MAINTAIN.lower(), EXIT.lower()}
    modest = np.array([_choice(play) in serving for play in seen.typed(PLAY_KEY)], dtype=bool)
    mend = f"Raise the target, or pick {MAINTAIN} or {EXIT} as the play."
    for plan in np.flatnonzero((target < bound * potential) & ~modest).tolist():
        yield _target_hit(seen, plan, target[plan], potential[plan], f"under {bound:.0%}", mend)


def _target(seen: _Round) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    typed = [_number(value) for value in seen.typed(TARGET_KEY)]
    potential = [plan.potential_money for plan in seen.plans]
    return np.array(typed, dtype=float), np.array(potential, dtype=float)


def _target_hit(
    seen: _Round, plan: int, target: float, potential: float, relation: str, mend: str
) -> _Hit:
    what = (
        f"The revenue target of {target:,.0f} is {relation} of the Potential $ of {potential:,.0f}"
    )
    return _Hit(plan, seen.cell(plan, TARGET_KEY), what, mend)


def _play_contradicts(seen: _Round, _: float) -> Iterator[_Hit]:
    for plan, value in enumerate(seen.typed(PLAY_KEY)):
        quadrant = seen.plans[plan].quadrant
        fitting = FITTING_PLAYS.get(quadrant, PLAYS)
        unfit = {play.lower(): play for play in PLAYS if play not in fitting}
        play = unfit.get(_choice(value))
        if play:
            what = f"The play '{play}' contradicts the quadrant '{quadrant}'"
            mend = f"Pick {' or '.join(fitting)}, or correct the quadrant in Overrides."
            yield _Hit(plan, seen.cell(plan, PLAY_KEY), what, mend)


def _unchanged(seen: _Round, _: float) -> Iterator[_Hit]:
    for number, plan in enumerate(seen.plans):
        if plan.returned and plan.state != APPROVED and plan.returned == fingerprint(plan):
            what = "Nothing changed since the plan was returned"
            mend = "Answer the feedback at the foot of the tab, then turn it in again."
            yield _Hit(number, seen.cell(number, "feedback"), what, mend)


def _changed_since(seen: _Round, _: float) -> Iterator[_Hit]:
    for number, plan in enumerate(seen.plans):
        if is_changed_since(plan):
            done = "approved" if plan.state == APPROVED else "turned in"
            what = f"Changed since it was {done}"
            mend = "Turn it in again, so that your manager reads what now stands there."
            yield _Hit(number, seen.cell(number, "state"), what, mend)


# Which check belongs to which rule.
_CHECKS: Final[Mapping[str, Callable[[_Round, float], Iterator[_Hit]]]] = {
    "entry": _entry,
    "filler": _filler,
    "thin": _thin,
    "copied": _copied,
    "few_actions": _few_actions,
    "action_incomplete": _action_incomplete,
    "row_incomplete": _row_incomplete,
    "action_past": _action_past,
    "action_outside": _action_outside,
    "nobody_decides": _nobody_decides,
    "no_supporter": _no_supporter,
    "target_high": _target_high,
    "target_low": _target_low,
    "play_contradicts": _play_contradicts,
    "unchanged": _unchanged,
    "changed_since": _changed_since,
}


def _number(value: object) -> float:
    """A number, or a date as the number that a spreadsheet keeps; NaN for the rest."""
    if isinstance(value, date | np.datetime64):
        return float((_day(value) - _DAY_ZERO) / np.timedelta64(1, "D"))
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value)
    return np.nan


def _choice(value: object) -> str:
    # A spreadsheet stores a "1" that was picked from a list as the number 1.
    if isinstance(value, int | float | np.number):
        return f"{float(value):g}"
    return trimmed(value).lower() if isinstance(value, str) else ""


# Day 0 of a spreadsheet's dates.
_DAY_ZERO: Final = np.datetime64("1899-12-30", "D")


def _day(value: object) -> np.datetime64:
    """The calendar day of a date or of a spreadsheet's day number; NaT for the rest."""
    if _is_nothing(value):
        return np.datetime64("NaT", "D")
    if isinstance(value, datetime):
        return np.datetime64(value.date(), "D")
    if isinstance(value, date):
        return np.datetime64(value, "D")
    if isinstance(value, np.datetime64):
        return np.datetime64(value.astype("datetime64[D]").item(), "D")
    serial = _number(value)
    if 1 <= serial < LAST_DAY:
        return _DAY_ZERO + np.timedelta64(int(serial), "D")
    return np.datetime64("NaT", "D")


def _shown(value: object) -> str:
    text = trimmed(str(value))
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- Which version of a plan is this? ----------------------------------------

# What a tab holds beside the plan itself: how it stands, and what others say of it.
_NOT_CONTENTS: Final = frozenset(("state", "turned_in_by", "turned_in_on", "feedback"))
FINGERPRINT_LENGTH: Final = 16


def fingerprint(plan: Plan) -> str:
    """A short text that is the same for two versions of a plan with the same contents.

    Blanks around text, the format of a cell, blank rows, and fields that are
    empty make no difference; the state, the dates of turning in and the feedback
    are no contents.

    Args:
        plan: the plan.

    Returns:
        16 hexadecimal digits, the start of the SHA-256 of the contents.
    """
    kinds = {each.key: each.kind for each in PLAN_FIELDS}
    lines = [
        f"{key}={told}"
        for key, value in sorted(plan.fields.items())
        if key not in _NOT_CONTENTS and (told := _content(value, kinds.get(key, TEXT)))
    ]
    for key in sorted(set(plan.tables) & set(PLAN_TABLES)):
        rows = plan.tables[key]
        columns = [column for column in PLAN_TABLES[key] if column.name in rows]
        cells = [[_content(value, each.kind) for value in rows[each.name]] for each in columns]
        names = [each.name for each in columns]
        for row in zip(*cells, strict=True):
            held = [f"{name}={told}" for name, told in zip(names, row, strict=True) if told]
            lines += [f"{key}: " + _BETWEEN.join(held)] if held else []
    whole = sha256("\n".join(lines).encode("utf-8", "surrogatepass"))
    return whole.hexdigest()[:FINGERPRINT_LENGTH]


def is_changed_since(plan: Plan) -> bool:
    """Whether a plan was changed after it was turned in or approved.

    A plan without a stamp, or one that is with the rep, has not: False.
    """
    handed_in = plan.state in (TURNED_IN, APPROVED)
    return handed_in and plan.stamp != "" and plan.stamp != fingerprint(plan)


_BETWEEN: Final = "\x1f"


def _content(value: object, kind: str) -> str:
    """A cell as the fingerprint has it; "" where nothing is typed."""
    if not _is_typed(value):
        return ""
    if kind == DATE or isinstance(value, date | np.datetime64):
        day = _day(value)
        if not np.isnat(day):
            return str(day)
    number = _number(value)
    return trimmed(str(value)) if np.isnan(number) else f"{number:.15g}"
