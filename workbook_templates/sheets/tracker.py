"""Tracker: which plans are there, what they lack, and which are due.

In a book each row looks at its tab, so that it moves while the rep types. In a
team workbook the plans lie in the books: rows are as of the build or the last
collection, and link into the books.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from ...udfs import plans as p
from ...udfs import words as w
from ...udfs.plans import Plan
from .. import contract as c
from .. import styles
from ..round import Round, plan_tabs
from ..writer import Book, Column, Sheet, Table, link_formula, quote_sheet
from . import plan as tabs
from . import rules

PLAN: Final = "Plan"
COMPLETE: Final = "Complete"
MISSING: Final = "Missing"
NEXT_ACTION: Final = "Next action"
NEXT_DUE: Final = "Next due"
DUE: Final = "Due"
DAYS_LEFT: Final = "Days left"
STATE: Final = "State"
TURNED_IN: Final = "Turned in"
VERDICT: Final = "Verdict"
FINDINGS: Final = "Findings"
LINK: Final = "Link"
OPEN: Final = "Open"

# In a team workbook, what a collection and the manager add.
GOOD: Final = "Good"
FIRST_SEEN: Final = "First seen"
CHANGED_SINCE: Final = "Changed since"
RATING: Final = "Rating"
DECISION: Final = "Decision"
FEEDBACK: Final = "Feedback"
EXAMPLE: Final = "Example"
BOOK: Final = "Book"
MANAGERS: Final = (RATING, DECISION, FEEDBACK, EXAMPLE)
APPROVE: Final = "Approve"
RETURN: Final = "Return"
DECISIONS: Final = (APPROVE, RETURN)
BEST_RATING: Final = 5
YES: Final = "yes"
NO: Final = "no"
WITHOUT_NAMES: Final = "without names"

WIDTHS: Final = (27, 25, 18, 11, 50, 40, 12, 12, 10, 12, 12, 29, 10, 8)
TEAM_WIDTHS: Final = (8, 12, 13, 9, 11, 48, 15, 28)
HEADER: Final = 6
_OVERDUE: Final = "Overdue"
_ON_THE_CARD: Final[Mapping[str, str]] = {
    w.ACCOUNT: c.P_ACCOUNT,
    w.OWNER: c.P_OWNER,
    COMPLETE: c.P_COMPLETE,
    MISSING: c.P_MISSING,
    NEXT_ACTION: c.P_NEXT_ACTION,
    NEXT_DUE: c.P_NEXT_DUE,
    STATE: tabs.CARD_STATE,
    TURNED_IN: tabs.CARD_TURNED_IN_ON,
}
"""Which cell of a plan tab a column of the Tracker repeats."""
_EXTRA: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"text_wrap": True},
    "percent": {"align": "left", "indent": 1},
}


@dataclass(frozen=True)
class Line:
    """One row: the plan as its tab shows it, the tab, and where a click leads.

    Attributes:
        tab: the sheet's name.
        plan: what stands on it; a spare tab's has no account.
        check: completeness and findings.
        url: of the tab, here or in a book; "" where nobody knows the book.
    """

    tab: str
    plan: Plan
    check: p.PlanCheck
    url: str


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.TRACKER]
    told = (
        "One row per plan, as of the last build or collection. A click opens the rep's book."
        if data.kind == c.TEAM
        else "One row per plan tab, live. A click opens the tab."
    )
    sheet.heading("Tracker", told)
    sheet.widths(*WIDTHS)
    lines = tracked(data)
    _figures(sheet, lines, data)
    widths = WIDTHS if data.kind == c.BOOK else (*WIDTHS, *TEAM_WIDTHS)
    if data.kind != c.BOOK:
        sheet.widths(*TEAM_WIDTHS, first=len(WIDTHS))
    columns = [
        replace(column, width=width)
        for column, width in zip(_columns(lines, data), widths, strict=True)
    ]
    table = sheet.table(c.T_PLANS, HEADER, 0, columns, len(lines), blank_rows=_blank_rows(data))
    for row, line in enumerate(lines):
        if data.kind != c.TEAM:
            _live_row(sheet, table, row, line)
            _links(sheet, table, row, line)
    _colours(sheet, table)
    sheet.ws.freeze_panes(HEADER + 1, 2)
    sheet.ws.repeat_rows(HEADER)


@lru_cache(maxsize=1)
def tracked(data: Round) -> list[Line]:
    """The plans of a round: those on its own tabs, or for a team those in the books."""
    if data.kind == c.TEAM:
        found = _plans_in_books(data)
        checks = data.check([plan for _, plan, _ in found])
    else:
        found, checks = _plans_here(data), tabs.tab_checks(data)
    return [
        Line(tab, plan, check, url) for (tab, plan, url), check in zip(found, checks, strict=True)
    ]


def verdict(account: str, state: str, complete: float, days: float, late: float = 0.0) -> str:
    """What to make of a plan, in a few words; the twin of the column's formula.

    Args:
        account: the plan's; "" on a spare tab, which has no verdict.
        state: one of ``udfs.plans.PLAN_STATES``.
        complete: share of required fields that are filled, 0-1.
        days: to the due date, below 0 once it has passed.
        late: days from the due date to the day of turning in, 0 where it was on time.
    """
    if not account:
        return ""
    if state == p.APPROVED:
        return "Approved"
    if state == p.RETURNED:
        return "Returned: read the feedback"
    if state == p.TURNED_IN:
        how = f" {late:.0f} day{'' if late == 1 else 's'} late" if late > 0 else ""
        return f"Turned in{how}" + ("" if complete >= 1 else ", but incomplete")
    if days < 0:
        done = ", only to turn in" if complete >= 1 else ""
        return f"{_OVERDUE} by {-days:.0f} day{'' if days == -1 else 's'}{done}"
    if complete >= 1:
        return "Complete, not turned in"
    return "Due today" if days == 0 else f"Due in {days:.0f} day{'' if days == 1 else 's'}"


def _plans_here(data: Round) -> list[tuple[str, Plan, str]]:
    return [(tab, plan, f"internal:{quote_sheet(tab)}!A1") for tab, plan in tabs.tab_plans(data)]


def _plans_in_books(data: Round) -> list[tuple[str, Plan, str]]:
    found = []
    for owner in dict.fromkeys(plan.owner for plan in data.plans):
        mine = tuple(plan for plan in data.plans if plan.owner == owner)
        book = replace(data, kind=c.BOOK, plans=mine)
        file = data.book_files.get(owner, "")
        for tab, plan in zip(plan_tabs(book), mine, strict=False):
            url = f"external:{escaped(file)}#{quote_sheet(tab)}!A1" if file else ""
            found.append((tab, replace(plan, tab=tab, file=file), url))
    return found


def escaped(file: str) -> str:
    """A relative path as links hold it: letters of all languages stay, other signs do not."""
    return re.sub(r"[^\w./()-]", lambda sign: quote(sign[0]), file)


def _blank_rows(data: Round) -> int:
    return 0 if data.kind != c.TEAM or data.plans else 5


def _columns(lines: Sequence[Line], data: Round) -> list[Column]:
    days = float((data.due - data.today).days)
    in_row = '=IF([@Account]="","",'
    actions = [tabs.next_action(line.plan) for line in lines]

    def shown(values: Sequence[object]) -> list[object]:
        return [
            value if line.plan.account else "" for line, value in zip(lines, values, strict=True)
        ]

    return [
        Column(PLAN, [line.tab for line in lines], note="The plan's tab", wrap=True),
        Column(w.ACCOUNT, [line.plan.account for line in lines], wrap=True),
        Column(w.OWNER, [line.plan.owner for line in lines], wrap=True),
        Column(
            COMPLETE,
            shown([line.check.completeness.share for line in lines]),
            role="output",
            kind="percent",
            note="Required fields that are filled, of all required ones",
            align="left",
        ),
        Column(
            MISSING,
            shown([", ".join(line.check.completeness.missing) for line in lines]),
            note="Required fields that are not filled",
            wrap=True,
        ),
        Column(
            NEXT_ACTION,
            [action for action, _ in actions],
            note="The earliest action with a date that is not done",
            wrap=True,
        ),
        Column(NEXT_DUE, [due for _, due in actions], kind="date"),
        Column(
            DUE,
            shown([data.due] * len(lines)),
            formula=in_row + 'IF(PlansDue="","",PlansDue))',
            kind="date",
            note="By when plans are turned in (Settings, Plans due)",
        ),
        Column(
            DAYS_LEFT,
            shown([days] * len(lines)),
            formula=f'=IF(OR([@Due]="",{c.N_TODAY}=""),"",[@Due]-{c.N_TODAY})',
            kind="days",
            note="Days from Today to the due date; below 0: overdue",
            align="left",
        ),
        Column(STATE, shown([line.plan.state for line in lines])),
        Column(
            TURNED_IN,
            shown([line.plan.turned_in_on for line in lines]),
            kind="date",
            note="" if data.kind != c.TEAM else "Its first version, as typed in the book",
        ),
        Column(
            VERDICT,
            [
                verdict(
                    line.plan.account,
                    line.plan.state,
                    line.check.completeness.share,
                    days,
                    _days_late(line.plan, data),
                )
                for line in lines
            ],
            formula=_verdict_formula(),
            role="output",
            wrap=True,
        ),
        Column(
            FINDINGS,
            shown([float(len(line.check.findings)) for line in lines]),
            kind="count",
            note="What the last check found, missing fields included; Checks lists it",
            align="left",
        ),
        Column(
            LINK,
            [OPEN if line.url else "" for line in lines],
            formula=_link_formula() if data.kind == c.TEAM else "",
            role="cell_link",
        ),
        *([] if data.kind == c.BOOK else _team_columns(lines)),
    ]


def _days_late(plan: Plan, data: Round) -> float:
    on = plan.turned_in_on
    return 0.0 if on is None else max(0.0, float((pd.Timestamp(on) - data.due).days))


def _team_columns(lines: Sequence[Line]) -> list[Column]:
    """What a collection says of a plan, and what the manager does."""
    good = ["" if not line.plan.account else YES if line.check.good else NO for line in lines]
    changed = [YES if p.is_changed_since(line.plan) else "" for line in lines]
    return [
        Column(GOOD, good, note="yes: complete, and no serious finding"),
        Column(
            FIRST_SEEN,
            kind="date",
            note="When a collection first saw its latest version turned in; hold it against the "
            "date that was typed",
        ),
        Column(CHANGED_SINCE, changed, note="yes: changed after it was turned in or approved"),
        Column(
            RATING,
            role="input",
            kind="count",
            rule=rules.between(1, BEST_RATING, "A number from 1 to 5; Settings says what each is."),
            prompt="1 to 5. What good looks like stands on Settings.",
        ),
        Column(
            DECISION,
            role="input",
            choices=DECISIONS,
            prompt="Approve, or Return with feedback. 'accountplan return' puts it into the book.",
        ),
        Column(
            FEEDBACK,
            role="input",
            wrap=True,
            prompt="What is good, what to change, what to talk about.",
        ),
        Column(
            EXAMPLE,
            role="input",
            choices=(YES, WITHOUT_NAMES),
            prompt="The next collection copies the plan into Library, with its names or without.",
        ),
        Column(BOOK, [line.plan.file for line in lines], note="The file, seen from here"),
    ]


def _link_formula() -> str:
    """A click on a plan in a book; follows the file and the tab that a collection names."""
    file = f'SUBSTITUTE(SUBSTITUTE([@{BOOK}],"%","%25"),"#","%23")'
    tab = f'SUBSTITUTE([@{PLAN}],"\'","\'\'")'
    return f'=IF([@{BOOK}]="","",HYPERLINK({file}&"#\'"&{tab}&"\'!A1","{OPEN}"))'


def _verdict_formula() -> str:
    days, complete = "[@[Days left]]", "[@Complete]"
    late = f'IF(OR([@Due]="",[@[{TURNED_IN}]]=""),0,N([@[{TURNED_IN}]])-N([@Due]))'
    return (
        '=IF([@Account]="","",'
        f'IF([@State]="{p.APPROVED}","Approved",'
        f'IF([@State]="{p.RETURNED}","Returned: read the feedback",'
        f'IF([@State]="{p.TURNED_IN}","Turned in"&IF({late}>0," "&{late}&'
        f'IF({late}=1," day late"," days late"),"")&IF({complete}<1,", but incomplete",""),'
        f'IF(N({days})<0,"{_OVERDUE} by "&-{days}&IF({days}=-1," day"," days")'
        f'&IF({complete}<1,"",", only to turn in"),'
        f'IF({complete}>=1,"Complete, not turned in",'
        f'IF({days}="","Incomplete",IF({days}=0,"Due today",'
        f'"Due in "&{days}&IF({days}=1," day"," days")))))))))'
    )


def _live_row(sheet: Sheet, table: Table, row: int, line: Line) -> None:
    """Lets a row look at its tab; should the tab be deleted, the row turns blank."""
    at = table.row + 1 + row
    plan, check, formulas = line.plan, line.check, row_formulas(line.tab)
    action, due = tabs.next_action(plan)
    named = bool(plan.account)
    on = "" if plan.turned_in_on is None else plan.turned_in_on
    cells: Sequence[tuple[str, object, str, str]] = (
        (w.ACCOUNT, plan.account, "calculation", "text"),
        (w.OWNER, plan.owner, "calculation", "text"),
        (COMPLETE, check.completeness.share, "output", "percent"),
        (MISSING, ", ".join(check.completeness.missing), "calculation", "text"),
        (NEXT_ACTION, action, "calculation", "text"),
        (NEXT_DUE, due, "calculation", "date"),
        (STATE, plan.state, "calculation", "text"),
        (TURNED_IN, on, "calculation", "date"),
    )
    for column, value, role, kind in cells:
        formula = formulas[column]
        extra = _EXTRA.get(kind, {})
        where = table.columns.index(column)
        sheet.live(at, where, formula, value if named else "", role, kind, **extra)


def row_formulas(tab: str) -> dict[str, str]:
    """The formulas by which a row looks at a plan tab, per column."""
    here = f"{quote_sheet(tab)}!"
    account = here + _fixed(tabs.CARD[c.P_ACCOUNT])
    cells = {column: here + _fixed(tabs.CARD[key]) for column, key in _ON_THE_CARD.items()}
    return {
        column: f'=IFERROR(IF({account}="","",IF({cell}="","",{cell})),"")'
        for column, cell in cells.items()
    }


def _fixed(cell: str) -> str:
    return f"${cell[0]}${cell[1:]}"


def _links(sheet: Sheet, table: Table, row: int, line: Line) -> None:
    if not line.url:
        return
    style, at = sheet.book.style("cell_link", text_wrap=True), table.row + 1 + row
    sheet.ws.write_url(at, table.columns.index(PLAN), line.url, style, line.tab)
    where = table.columns.index(LINK)
    sheet.live(at, where, link_formula(line.url, OPEN), OPEN, "cell_link", text_wrap=True)


def _figures(sheet: Sheet, lines: Sequence[Line], data: Round) -> None:
    """How many plans there are, complete, turned in and overdue."""
    named = [line for line in lines if line.plan.account]
    states = [line.plan.state for line in named]
    days = float((data.due - data.today).days)
    complete = [line.check.completeness.share for line in named]
    late = [days < 0 and state == p.DRAFT for state in states]
    table = c.T_PLANS
    figures: Sequence[tuple[str, str, float]] = (
        ("Plans", f'=SUMPRODUCT(--({table}[{w.ACCOUNT}]<>""))', len(named)),
        ("Complete", f"=COUNTIF({table}[{COMPLETE}],1)", sum(share >= 1 for share in complete)),
        (
            "Turned in or approved",
            f'=COUNTIF({table}[{STATE}],"{p.TURNED_IN}")+COUNTIF({table}[{STATE}],"{p.APPROVED}")',
            sum(state in (p.TURNED_IN, p.APPROVED) for state in states),
        ),
        ("Overdue", f'=COUNTIF({table}[{VERDICT}],"{_OVERDUE}*")', sum(late)),
    )
    for col, (label, formula, value) in enumerate(figures):
        sheet.put(3, col, label, "note", text_wrap=True)
        sheet.live(4, col, formula, float(value), "figure", "count", indent=1)
    sheet.ws.set_row(4, 24)


def _colours(sheet: Sheet, table: Table) -> None:
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    good = sheet.book.rule_style(bg_color=styles.GOOD_FILL, font_color=styles.GOOD_INK)
    first, last = table.row + 1, table.row + table.rows
    at = table.columns.index(VERDICT)
    for word, style in (
        (_OVERDUE, flag),
        ("late", flag),
        ("incomplete", flag),
        ("Returned", flag),
        ("Turned in", good),
        ("Approved", good),
    ):
        rule = {"type": "text", "criteria": "containing", "value": word, "format": style}
        sheet.ws.conditional_format(first, at, last, at, {**rule, "stop_if_true": True})
    if CHANGED_SINCE in table.columns:
        at = table.columns.index(CHANGED_SINCE)
        rule = {"type": "cell", "criteria": "==", "value": f'"{YES}"', "format": flag}
        sheet.ws.conditional_format(first, at, last, at, rule)
    share = table.columns.index(COMPLETE)
    bar = {"type": "data_bar", "bar_solid": True, "bar_color": "#A9D9D5", "min_type": "num"}
    limits = {"min_value": 0, "max_type": "num", "max_value": 1}
    sheet.ws.conditional_format(first, share, last, share, {**bar, **limits})
