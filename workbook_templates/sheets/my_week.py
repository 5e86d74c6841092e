"""My week: which ten accounts to work on and why, before the rep has typed anything.

Slam dunks come first, then big bets and quick wins by Score, accounts to skip last
(``udfs.quadrants.work_order``).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import funnel, plans
from ...udfs import words as w
from ...udfs.quadrants import WORK_FIRST, risk_profile, work_order
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, fixed
from . import checks, front, tracker
from . import plan as tabs
from .quadrant import RISK_SENTENCE, largest_room, room_money, room_row

TEN: Final = 10
ROOM: Final = 4
ROOM_HEAD: Final = "Customers with the largest room to grow: selling more there is cheapest"
STRIP_ROW: Final = 6
TABLE_ROW: Final = 9
ROW_HEIGHT: Final = 42
MOST_MISSING: Final = 80
"""Longer lists of missing fields are cut: the plan tab and Tracker tell them all."""
INDEX: Final = (
    (c.ACCOUNTS, c.EXPLAIN, c.QUADRANT, c.PATH, c.TRACKER, c.GUIDE),
    (c.OVERRIDES, c.SPLITS, c.DEALS, c.CHECKS, c.SETTINGS),
)
NO_TAB: Final = "no plan tab"
COMPLETE: Final = "complete"
NOT_BEGUN: Final = "not begun"
OPEN: Final = "open plan"
LATE: Final = "Overdue: "
DAY_0: Final = pd.Timestamp("1899-12-30")
"""Day 0 of a workbook's dates."""
_PLACE: Final = f"(ROW()-ROW({c.T_MY_WEEK}[[#Headers],[{w.ACCOUNT}]]))"
_ROW: Final = "[@Row]"
_PLAN_ROW: Final = "[@[Plan row]]"


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.MY_WEEK]
    sheet.heading("My week", f"{data.name}: the accounts that deserve your time, slam dunks first")
    _sentences(sheet, data)
    lines = tabs.tab_plans(data)
    rows = [_facts(data, lines, place) for place in range(TEN)]
    columns = _columns(rows)
    table = sheet.table(c.T_MY_WEEK, TABLE_ROW, 0, columns, TEN, filters=False)
    sheet.widths(*(column.width for column in columns))
    for row in range(min(TEN, len(data.accounts))):
        # The rows change places with the ranks, so each has room for the longest text.
        sheet.ws.set_row(table.row + 1 + row, ROW_HEIGHT)
    workings = table.columns.index("Row")
    sheet.ws.set_column(workings, workings + 1, 8, None, {"hidden": True})
    _strip(sheet, book, data)
    below = _room_to_grow(sheet, data, table)
    _index(sheet, below + 1)
    sheet.ws.freeze_panes(table.row + 1, 2)
    sheet.ws.print_area(0, 0, below + 1 + len(INDEX[0]), workings - 1)
    _colours(sheet, table)


# --- The book in three sentences ------------------------------------------------


def _sentences(sheet: Sheet, data: Round) -> None:
    sheet.live(2, 0, _book_formula(), _book_words(data), "sentence", bold=True)
    profile = risk_profile(data.accounts[w.QUADRANT], data.accounts[w.EXPECTED_MONEY])
    text = (
        f"{profile.label}. {profile.check}. Big bets: {profile.big_bets} worth "
        f"{fixed(profile.big_bet_money)}. Quick wins: {profile.quick_wins} worth "
        f"{fixed(profile.quick_win_money)}."
    )
    sheet.live(3, 0, f"={RISK_SENTENCE}", text, "sentence")
    sheet.live(4, 0, _touches_formula(), _touches_words(data), "sentence")
    for row in (2, 3, 4):
        sheet.ws.set_row(row, 20)


def _book_formula() -> str:
    accounts = f'COUNTIF({c.T_ACCOUNTS}[{w.ACCOUNT}],"?*")'
    active = f'COUNTIF({c.T_ACCOUNTS}[{w.STATUS}],"{w.ACTIVE}")'
    money = f"FIXED(SUM({c.T_ACCOUNTS}[{w.EXPECTED_MONEY}]),0)"
    return (
        f'={accounts}&IF({accounts}=1," account, "," accounts, ")&{active}'
        f'&" of them active. The next 12 months should bring "&{money}&"."'
        f'&IF({c.N_GAP}=""," Type your quota on Path to see the gap.",'
        f'" Quota "&FIXED(SUM({c.T_WALK}[{w.QUOTA}]),0)&IF({c.N_GAP}>0,'
        f'", gap "&FIXED({c.N_GAP},0)&".",", covered with "&FIXED(-{c.N_GAP},0)&" to spare."))'
    )


def _book_words(data: Round) -> str:
    accounts = len(data.accounts)
    active = int((data.accounts[w.STATUS] == w.ACTIVE).sum())
    gap, quota = _gap(data), data.walk[w.QUOTA].sum()
    told = (
        f"{accounts} account{'' if accounts == 1 else 's'}, {active} of them active. The next 12 "
        f"months should bring {fixed(data.accounts[w.EXPECTED_MONEY].sum())}."
    )
    if math.isnan(gap):
        return told + " Type your quota on Path to see the gap."
    rest = f", gap {fixed(gap)}." if gap > 0 else f", covered with {fixed(-gap)} to spare."
    return f"{told} Quota {fixed(quota)}{rest}"


def _gap(data: Round) -> float:
    return float(data.total[funnel.GAP])


def _touches_formula() -> str:
    """What the first gate asks for in a week."""
    gate = f"INDEX({c.T_GATES}[{w.GATE}],1)"
    touches = f"INDEX({c.T_GATES}[Per week (whole)],1)"
    return (
        f'=IF({touches}="","Owed this week: not known yet; Path works it out from the quota.",'
        f'IF({touches}=0,"Owed this week: nothing, the gap is closed.",'
        f'"Owed this week to close the gap: "&FIXED({touches},0)&" "&LOWER({gate})'
        '&", worked back on Path."))'
    )


def _touches_words(data: Round) -> str:
    first = data.path.targets.gates[0]
    if math.isnan(first.per_week):
        return "Owed this week: not known yet; Path works it out from the quota."
    touches = math.ceil(round(first.per_week, 9))
    if not touches:
        return "Owed this week: nothing, the gap is closed."
    gate = "deal" if first.gate == funnel.DEAL else first.gate.lower()
    return f"Owed this week to close the gap: {fixed(touches)} {gate}, worked back on Path."


# --- The strip of lights --------------------------------------------------------


def _strip(sheet: Sheet, book: Book, data: Round) -> None:
    """Today, the as-of date and the lights, label above word, over the table's columns."""
    found = checks.checks(book, data)
    serious = sum(check.serious for check in found)
    sheet.put(STRIP_ROW, 1, "Today (yours to type)", "label")
    front.today_input(sheet, STRIP_ROW + 1, 1, data)
    sheet.put(STRIP_ROW, 2, "Data as of", "label")
    sheet.live(STRIP_ROW + 1, 2, f"={c.N_AS_OF}", data.as_of, "calculation", "date")
    lights = (
        (3, 3, front.scores_light(data)),
        (4, 5, front.quotas_light(data)),
        (6, 6, front.plans_light(data)),
        (7, 7, front.due_light(data)),
        (8, 8, front.checks_light(serious, len(found))),
    )
    for first, last, each in lights:
        label = "Quota" if each.sheet == c.PATH else each.label
        if last > first:
            sheet.ws.merge_range(STRIP_ROW, first, STRIP_ROW, last, "", sheet.book.style("label"))
        sheet.put(STRIP_ROW, first, label, "label")
        front.light(sheet, STRIP_ROW + 1, first, each, last)
    sheet.ws.set_row(STRIP_ROW + 1, 30)


def _room_to_grow(sheet: Sheet, data: Round, table: Table) -> int:
    """The customers with the largest room, beneath the table's columns; gives the row below."""
    top = table.below + 2
    money, stake = (table.columns.index(name) for name in (w.EXPANSION_MONEY, "At stake"))
    sheet.section(top - 1, 0, ROOM_HEAD, 10)
    columns = (
        (1, w.ACCOUNT, "output", "text"),
        (2, w.QUADRANT, "calculation", "text"),
        (stake, w.EXPECTED_MONEY, "calculation", "money"),
        (money + 1, w.ACTION, "calculation", "text"),
    )
    found = largest_room(data)
    for place in range(ROOM):
        row = top + place
        mine = xl_rowcol_to_cell(row, money, col_abs=True)
        at = room_row(mine, xl_range_abs(top, money, row, money))
        known = found.iloc[place] if place < len(found) else None
        value = "" if known is None else known[w.EXPANSION_MONEY]
        sheet.live(row, money, room_money(place), value, "output", "money")
        for col, column, role, kind in columns:
            stored = "" if known is None else known[column]
            formula = f'=IF({mine}="","",INDEX({c.T_ACCOUNTS}[{column}],{at}))'
            sheet.live(row, col, formula, stored, role, kind, text_wrap=kind == "text")
        potential, sales = (
            f"INDEX({c.T_ACCOUNTS}[{column}],{at})"
            for column in (w.POTENTIAL_MONEY, w.PRIOR_YEAR_SALES)
        )
        sheet.live(
            row,
            3,
            f'=IF({mine}="","","Bought "&FIXED(N({sales}),0)&" last year of "'
            f'&FIXED(N({potential}),0)&" that it can give")',
            "" if known is None else _bought(known),
            "calculation",
            text_wrap=True,
        )
        sheet.ws.set_row(row, 28)
    return top + ROOM


def _bought(account: "pd.Series[Any]") -> str:
    sales = account[w.PRIOR_YEAR_SALES]
    return (
        f"Bought {fixed(0.0 if pd.isna(sales) else sales)} last year of "
        f"{fixed(account[w.POTENTIAL_MONEY])} that it can give"
    )


def _index(sheet: Sheet, row: int) -> None:
    sheet.section(row, 0, "Where to go", 10)

    def left(at: int, purpose: str) -> None:
        sheet.put(at, 2, purpose, "note")

    def right(at: int, purpose: str) -> None:
        sheet.put(at, 7, purpose, "note")

    front.sheet_links(sheet, row + 1, 1, INDEX[0], left)
    front.sheet_links(sheet, row + 1, 6, INDEX[1], right)


# --- The table ------------------------------------------------------------------


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:

    def found(name: str) -> list[Any]:
        return [row[name] for row in rows]

    def account(column: str) -> str:
        cell = f"INDEX({c.T_ACCOUNTS}[{column}],{_ROW})"
        return f'=IF({_ROW}="","",IF({cell}="","",{cell}))'

    plan = f"{c.T_PLANS}[%s]"
    next_step, due = (
        f"INDEX({plan % name},{_PLAN_ROW})" for name in (tracker.NEXT_ACTION, tracker.NEXT_DUE)
    )
    share, missing, tab = (
        f"INDEX({plan % name},{_PLAN_ROW})"
        for name in (tracker.COMPLETE, tracker.MISSING, tracker.PLAN)
    )
    action = account(w.ACTION)[1:]
    return [
        Column("#", found("#"), f'=IF({_ROW}="","",{_PLACE})', kind="count", width=5),
        Column(w.ACCOUNT, found(w.ACCOUNT), account(w.ACCOUNT), "output", width=26, wrap=True),
        Column(
            w.QUADRANT,
            found(w.QUADRANT),
            account(w.QUADRANT),
            width=14,
            wrap=True,
            note="Slam dunks first, then big bets and quick wins by Score; skips last",
        ),
        Column(w.WHY, found(w.WHY), account(w.WHY), width=48, wrap=True),
        Column(
            "At stake",
            found("At stake"),
            account(w.EXPECTED_MONEY),
            kind="money",
            width=12,
            note="Expected $: money that the next 12 months should bring here",
        ),
        Column(
            w.EXPANSION_MONEY,
            found(w.EXPANSION_MONEY),
            account(w.EXPANSION_MONEY),
            kind="money",
            width=12,
            note="Money a year above last year's sales that an account like this can give",
        ),
        Column(
            "Next step",
            found("Next step"),
            f'=IF({_ROW}="","",IF({_PLAN_ROW}="",{action},'
            f'IF({next_step}="",{action},IF(N({due})<{c.N_TODAY},"{LATE}","")&{next_step})))',
            width=38,
            wrap=True,
            note="The plan's next dated action, else what the quadrant asks for",
        ),
        Column(
            tracker.DUE,
            found(tracker.DUE),
            f'=IF({_PLAN_ROW}="","",IF({due}="","",{due}))',
            kind="date",
            width=15,
            note="When the next step is due",
        ),
        Column(
            "Plan",
            found("Plan"),
            f'=IF({_ROW}="","",IF({_PLAN_ROW}="","{NO_TAB}",IF(N({share})>=1,"{COMPLETE}",'
            f'IF(N({share})=0,"{NOT_BEGUN}","missing: "&IF(LEN({missing})>{MOST_MISSING},'
            f'LEFT({missing},{MOST_MISSING})&"...",{missing})))))',
            width=38,
            wrap=True,
            note="What the plan still lacks",
        ),
        Column("Open", found("Open"), _link_formula(tab), role="cell_link", width=12),
        *_workings(found("Row"), found("Plan row")),
    ]


def _link_formula(tab: str) -> str:
    """A click on it opens the plan tab, wherever the rank of its account is now."""
    target = f'"#\'"&SUBSTITUTE({tab},"\'","\'\'")&"\'!A1"'
    return f'=IF({_PLAN_ROW}="","",HYPERLINK({target},"{OPEN}"))'


def _workings(rows: list[Any], plan_rows: list[Any]) -> list[Column]:
    """Where the account stands on Accounts, where its plan on Tracker."""
    rank, names = f"{c.T_ACCOUNTS}[{c.OVERALL_RANK}]", f"{c.T_ACCOUNTS}[{w.ACCOUNT}]"
    number = f"(ROW({names})-ROW({c.T_ACCOUNTS}[[#Headers],[{w.ACCOUNT}]]))"
    plan_of = f"{c.T_PLANS}[{w.ACCOUNT}]"
    plan_number = f"(ROW({plan_of})-ROW({c.T_PLANS}[[#Headers],[{w.ACCOUNT}]]))"
    return [
        Column(
            "Row",
            rows,
            # Accounts without a score come after the ranked ones, so that nobody is lost.
            f"=IFERROR(MATCH({_rank_of_place()},{rank},0),IFERROR(_xlfn.AGGREGATE(15,6,{number}"
            f'/(({names}<>"")*NOT(ISNUMBER({rank}))),{_PLACE}-COUNT({rank})),""))',
            role="note",
        ),
        Column(
            "Plan row",
            plan_rows,
            f'=IF([@{w.ACCOUNT}]="","",IFERROR(_xlfn.AGGREGATE(15,6,{plan_number}'
            f'/EXACT({plan_of},[@{w.ACCOUNT}]),1),""))',
            role="note",
        ),
    ]


_RANKS: Final = 10_000_000
"""More than a workbook has accounts: keeps group and rank apart in one number."""


def _rank_of_place() -> str:
    """The overall rank of the account that is n-th in the order of work."""
    quadrant, rank = (f"{c.T_ACCOUNTS}[{name}]" for name in (w.QUADRANT, c.OVERALL_RANK))
    group = "+".join(f'{at}*({quadrant}="{name}")' for name, at in WORK_FIRST.items() if at)
    key = f"({_RANKS}*({group})+{rank})/ISNUMBER({rank})"
    return f"MOD(_xlfn.AGGREGATE(15,6,{key},{_PLACE}),{_RANKS})"


def _facts(data: Round, lines: Sequence[tuple[str, plans.Plan]], place: int) -> Mapping[str, Any]:
    """What a row of the table shows, as its formulas find it."""
    accounts = data.accounts
    ranked = work_order(accounts[w.QUADRANT], accounts[c.OVERALL_RANK])
    if place >= len(accounts):
        blank = ("#", w.ACCOUNT, w.QUADRANT, w.WHY, "At stake", w.EXPANSION_MONEY, "Next step")
        return dict.fromkeys([*blank, tracker.DUE, "Plan", "Open", "Row", "Plan row"], "")
    row = int(ranked[place])
    account = accounts.iloc[row]
    found = [at for at, (_, plan) in enumerate(lines) if plan.account == account[w.ACCOUNT]]
    out = {name: account[name] for name in (w.ACCOUNT, w.QUADRANT, w.WHY, w.EXPANSION_MONEY)}
    out |= {"At stake": account[w.EXPECTED_MONEY], "Row": row + 1.0, "#": place + 1.0}
    if not found:
        return out | {
            "Next step": account[w.ACTION],
            tracker.DUE: "",
            "Plan": NO_TAB,
            "Open": "",
            "Plan row": "",
        }
    _, plan = lines[found[0]]
    action, due = tabs.next_action(plan)
    late = isinstance(due, float) and DAY_0 + pd.Timedelta(days=due) < data.today
    return out | {
        "Next step": f"{LATE if late else ''}{action}" if action else account[w.ACTION],
        tracker.DUE: due,
        "Plan": _plan_words(tabs.tab_checks(data)[found[0]].completeness),
        "Open": OPEN,
        "Plan row": found[0] + 1.0,
    }


def _plan_words(check: plans.Completeness) -> str:
    if check.share >= 1:
        return COMPLETE
    missing = ", ".join(check.missing)
    if len(missing) > MOST_MISSING:
        missing = f"{missing[:MOST_MISSING]}..."
    return f"missing: {missing}" if check.share else NOT_BEGUN


def _colours(sheet: Sheet, table: Table) -> None:
    first, last = table.row + 1, table.row + table.rows
    at = table.columns.index(w.QUADRANT)
    for name, look in styles.QUADRANT_LOOKS.items():
        style = sheet.book.rule_style(bg_color=look.fill, font_color=look.ink)
        rule = {"type": "cell", "criteria": "==", "value": f'"{name}"', "format": style}
        sheet.ws.conditional_format(first, at, last, at, rule)
    at, why = table.columns.index("Plan"), table.columns.index(w.WHY)
    good = sheet.book.rule_style(bg_color=styles.GOOD_FILL, font_color=styles.GOOD_INK)
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    rule = {"type": "cell", "criteria": "==", "value": f'"{COMPLETE}"', "format": good}
    sheet.ws.conditional_format(first, at, last, at, rule)
    for word in ("missing", NOT_BEGUN):
        rule = {"type": "text", "criteria": "begins with", "value": word, "format": flag}
        sheet.ws.conditional_format(first, at, last, at, rule)
    grey = sheet.book.rule_style(font_color=styles.STALE_INK, italic=True)
    rule = {"type": "formula", "criteria": f"=NOT({c.N_SCORES_CURRENT})", "format": grey}
    sheet.ws.conditional_format(first, why, last, why, rule)
    step = table.columns.index("Next step")
    rule = {"type": "text", "criteria": "begins with", "value": LATE, "format": flag}
    sheet.ws.conditional_format(first, step, last, step, rule)
