"""Plan tabs: what the team will do with an account, and what the plan still lacks.

The facts on top look themselves up in Accounts, so that a spare tab fills in as
soon as an account is picked. Whether a field is asked for is read live from
Settings; what counts as filled, and when a row is complete, is the rule of
``udfs.plans``, once in Python and once as a formula.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from math import ceil
from typing import Any, Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range, xl_range_abs

from ...udfs import plans as p
from ...udfs import words as w
from ...udfs.plans import Plan, PlanColumn, PlanField
from ...udfs.table_cells import day_number
from .. import contract as c
from .. import styles
from ..round import Round, plan_tabs
from ..writer import Book, Column, Sheet, fixed, iso_day, literal
from . import plan_thin as thin
from .deals import listed as listed_deals

WIDTHS: Final = (36, 18, 24, 12, 12, 22, 12, 22)
TEXT_CHARACTERS: Final = 102
"""How many letters a line of a long text takes, in the columns of its cell."""
LAST: Final = len(WIDTHS) - 1
WORKINGS: Final = LAST + 1
REQUIREMENT: Final = 6
FLAG: Final = 7
BLANK_ROWS: Final[Mapping[str, int]] = {p.CONTACTS: 6, p.OPPORTUNITIES: 6, p.ACTIONS: 8, p.TEAM: 4}

# The card repeats what stands at the foot of the tab.
CARD_STATE: Final = "card_state"
CARD_TURNED_IN_ON: Final = "card_turned_in_on"

# The card on top stands in the same cells on every tab.
CARD: Final[Mapping[str, str]] = {
    c.P_ACCOUNT: "B4",
    c.P_FLAG: "F4",
    c.P_MISSING: "B5",
    c.P_OWNER: "B6",
    c.P_COMPLETE: "F6",
    c.P_ACCOUNT_ID: "B7",
    CARD_STATE: "F9",
    CARD_TURNED_IN_ON: "F10",
    c.P_NEXT_DUE: "F11",
    c.P_NEXT_ACTION: "B15",
}
LINKS_ROW: Final = 17
THIN_ROW: Final = 18
FAMILY_ROW: Final = 20
WHITESPACE_ROW: Final = 21
RULES_ROW: Final = 8
FIRST_ROW: Final = 23
LINKS: Final = ((1, 2), (3, 4), (5, 6), (7, 7))
"""The columns of each link to a field that is missing."""
ACCOUNT_ID: Final = "$B$7"
ACCOUNT_ROW: Final = "$I$4"
EXAMPLE_ROW: Final = 1
LONGEST_EXAMPLE: Final = 200
"""Of the line that names a plan of the Library, in letters."""
EXAMPLE: Final = "$I$2"
REQUIRED_COUNT: Final = "$I$5"
MISSING_COUNT: Final = "$I$6"

NO_ACCOUNT: Final = "No account picked yet"
OK: Final = "ok"
IS_MISSING: Final = "missing"
IS_WANTED: Final = "wanted"
NO_FAMILY: Final = "neither parent nor subsidiaries"
PEERS_ALSO_BUY: Final = "Its peers also buy"
NOTHING_ELSE: Final = "nothing known beyond what it buys itself"
OTHER_REPS: Final = " of them with other reps"
MONEY_WORDS: Final = (w.POTENTIAL_MONEY, w.EXPECTED_MONEY)
SHOWN_DEALS: Final = 5
PREFILLED_DEALS: Final = 4
DEAL_HEADS: Final = ("Product", "Stage", "Deal ID", "Opened", "Expected", "Amount", "Note")
DEAL_LINES: Final = (
    (w.PRODUCT, "text"),
    (w.STAGE, "text"),
    (w.DEAL_ID, "text"),
    (w.OPENED, "date"),
    (w.CLOSE_DATE, "date"),
    (w.AMOUNT, "money"),
)
"""The columns of Deals that a plan tab shows, and how."""
UNSEEN: Final = (
    "Check my plans tells, beyond this: the same text in several plans, and what changed since "
    "the plan was turned in or returned."
)
NO_DEALS: Final = "No open deals at this account."
NO_DEALS_YET: Final = "They show once an account is picked."

STARTING_POINTS: Final[Mapping[str, str]] = {
    w.SLAM_DUNK: "Slam dunk: they have room and they buy. Name the next two orders, who signs "
    "each, and what keeps a competitor out.",
    w.BIG_BET: "Big bet: much to win, little warmth. Find one problem that hurts today, one "
    "sponsor, and a small first step with a date.",
    w.QUICK_WIN: "Quick win: they like us, and the prize is small. One offer that needs no "
    "meeting, and a fixed number of hours.",
    w.SKIP: "Skip: serve what comes in. Say what would have to change before you invest here.",
    w.NOT_ENOUGH_DATA: "Not enough data: first find out size, spend and current supplier, then "
    "choose a play.",
}


@dataclass(frozen=True)
class Layout:
    """Where the parts of one tab stand, as 0-based rows.

    Attributes:
        deals: heading of the open deals.
        sections: heading of each section.
        fields: the row of each field's label and cell.
        headers: of each table the header.
        rows: of each table how many rows it has.
        turn_in: heading of the last section.
    """

    deals: int
    sections: Mapping[str, int]
    fields: Mapping[str, int]
    headers: Mapping[str, int]
    rows: Mapping[str, int]
    turn_in: int

    def cells(self) -> dict[str, str]:
        """Where things stand, as findings name it (``udfs.plans.Plan.cells``)."""
        found = {key: f"B{row + 1}" for key, row in self.fields.items()}
        for key, row in self.headers.items():
            found[key] = f"A{row + 2}"
            for number, column in enumerate(p.PLAN_TABLES[key]):
                found[f"{key}.{column.name}"] = f"{chr(ord('A') + number)}{row + 2}"
        return found


def write(book: Book, data: Round) -> None:
    """Writes all plan tabs: those of the round, then the spare ones."""
    for number, ((tab, plan), check) in enumerate(
        zip(tab_plans(data), tab_checks(data), strict=True), start=1
    ):
        _Tab(book.sheets[tab], data, plan, number, check).write()


@lru_cache(maxsize=1)
def tab_plans(data: Round) -> list[tuple[str, Plan]]:
    """Each plan tab with the plan as the tab shows it: prefilled, and with its cells."""
    tabs = plan_tabs(data)
    spare = [Plan("", "") for _ in range(len(tabs) - len(data.plans))]
    found = []
    for tab, plan in zip(tabs, [*data.plans, *spare], strict=True):
        shown = prefilled(plan, data)
        found.append((tab, replace(shown, tab=tab, cells=layout(shown, data).cells())))
    return found


@lru_cache(maxsize=1)
def tab_checks(data: Round) -> tuple[p.PlanCheck, ...]:
    """The check of each plan tab, in the order of ``tab_plans``."""
    return data.check([plan for _, plan in tab_plans(data)])


def prefilled(plan: Plan, data: Round) -> Plan:
    """The plan with the account's live deals as opportunities, where it lists none.

    What a person must think about stays empty, and where the table is required
    the CRM does not fill it in for them.
    """
    asked = {each.key: each.requirement for each in fields_in_use(data)}
    listed = plan.tables.get(p.OPPORTUNITIES)
    if asked.get(p.OPPORTUNITIES) != p.WANTED or (listed is not None and len(listed)):
        return plan
    deals = open_deals(plan, data)
    deals = deals[~deals[w.STALE]].head(PREFILLED_DEALS)
    if deals.empty:
        return plan
    rows = pd.DataFrame("", index=range(len(deals)), columns=list(p.OPPORTUNITY_COLUMNS))
    rows = rows.astype(object)
    rows[w.PRODUCT] = deals[w.PRODUCT].to_list()
    rows[w.STATE] = w.OPEN
    # An average is no figure of this deal: it would read as somebody's estimate.
    known = deals[w.AMOUNT].where(~deals[w.ESTIMATED])
    rows[w.AMOUNT] = pd.Series([_or_blank(value) for value in known], dtype=object)
    rows[w.CLOSE_DATE] = pd.Series([_or_blank(day) for day in deals[w.CLOSE_DATE]], dtype=object)
    return replace(plan, tables={**plan.tables, p.OPPORTUNITIES: rows})


def open_deals(plan: Plan, data: Round) -> pd.DataFrame:
    """The account's open deals, in the order of the sheet Deals: the weightiest first."""
    return _open_deals(data).get(plan.account_id, data.deals.iloc[:0])


@lru_cache(maxsize=1)
def _open_deals(data: Round) -> dict[str, pd.DataFrame]:
    """The open deals of every account that has a plan."""
    planned = {plan.account_id for plan in data.plans} - {""}
    deals = listed_deals(data)
    mine = deals[(deals[w.STATE] == w.OPEN) & deals[w.ACCOUNT_ID].isin(planned)]
    return {str(account): each for account, each in mine.groupby(w.ACCOUNT_ID)}


def fields_in_use(data: Round) -> tuple[PlanField, ...]:
    """The fields that stand on the tabs."""
    return tuple(each for each in data.settings.plan_fields if each.requirement != p.OFF)


def layout(plan: Plan, data: Round) -> Layout:
    """Where the parts of a plan's tab stand."""
    deals, row = FIRST_ROW, FIRST_ROW + 3 + SHOWN_DEALS
    sections: dict[str, int] = {}
    fields: dict[str, int] = {}
    headers: dict[str, int] = {}
    rows: dict[str, int] = {}
    for each in fields_in_use(data):
        if each.section not in sections:
            row += 1 if sections else 0
            sections[each.section] = row
            row += 1
        fields[each.key] = row
        if each.kind == p.TABLE:
            headers[each.key] = row + 2
            rows[each.key] = _table_rows(plan, each.key)
            row += 2 + 1 + rows[each.key] + 1
        elif each.kind == p.TEXT:
            row += 3 if each.key == "strategy" else 2
        else:
            row += 1
    return Layout(deals, sections, fields, headers, rows, row + 1)


def next_action(plan: Plan) -> tuple[object, object]:
    """The earliest action with a date that is not done, and its date; "" where there is none."""
    rows = plan.tables.get(p.ACTIONS)
    if rows is None or rows.empty:
        return "", ""
    best: tuple[float, object] | None = None
    for action, due, state in zip(
        _column(rows, w.ACTION), _column(rows, p.DUE), _column(rows, w.STATE), strict=True
    ):
        serial = _serial(due)
        done = isinstance(state, str) and state.lower() == p.DONE.lower()
        if serial is None or done or _is_blank(action):
            continue
        if best is None or serial < best[0]:
            best = (serial, action)
    return ("", "") if best is None else (best[1], best[0])


class _Tab:
    """One plan tab being written."""

    def __init__(
        self, sheet: Sheet, data: Round, plan: Plan, number: int, check: p.PlanCheck
    ) -> None:
        self.sheet, self.data, self.plan, self.number = sheet, data, plan, number
        self.fields = fields_in_use(data)
        self.check, self.found = check, check.completeness
        self.at = layout(plan, data)
        accounts = data.accounts
        mine = np.flatnonzero((accounts[w.ACCOUNT] == plan.account).to_numpy())
        self.row = int(mine[0]) + 1 if len(mine) and plan.account else None
        self.facts: Mapping[Any, Any] = accounts.iloc[self.row - 1].to_dict() if self.row else {}

    def write(self) -> None:
        sheet, ws = self.sheet, self.sheet.ws
        sheet.heading("Plan", "What we will do with this account this year, and what is missing.")
        title = "New plan: pick an account" if not self.plan.account else self.plan.account
        sheet.live(
            0,
            0,
            f'=IF({CARD[c.P_ACCOUNT]}="","New plan: pick an account",{CARD[c.P_ACCOUNT]}&"")',
            title,
            "title",
        )
        sheet.widths(*WIDTHS)
        ws.set_column(WORKINGS, WORKINGS, 10, None, {"hidden": True})
        ws.freeze_panes(5, 0)
        ws.repeat_rows(0, 4)
        self._workings()
        self._card()
        self._links()
        self._thin()
        self._family()
        self._whitespace()
        self._deals(self.at.deals)
        for section, row in self.at.sections.items():
            sheet.section(row, 0, section, LAST + 1)
        for each in self.fields:
            self._field(each, self.at.fields[each.key])
        self._turn_in(self.at.turn_in)
        self._colours()
        ws.print_area(0, 0, self.at.turn_in + 4, LAST)

    # --- Small parts ----------------------------------------------------------

    def _merge(
        self,
        row: int,
        first: int,
        last: int,
        value: object,
        role: str,
        kind: str = "text",
        **more: Any,
    ) -> None:
        """Writes a value across columns; a formula is given as (formula, value)."""
        extra: dict[str, Any] = {
            "text_wrap": True,
            "align": "left",
            "valign": "vcenter",
            "indent": 1,
            **more,
        }
        style = self.sheet.book.style(role, kind, **extra)
        self.sheet.ws.merge_range(row, first, row, last, "", style)
        if isinstance(value, tuple):
            self.sheet.live(row, first, value[0], value[1], role, kind, **extra)
        else:
            self.sheet.put(row, first, _or_none(value), role, kind, **extra)

    def _name(self, key: str, row: int, col: int) -> None:
        self.sheet.name_cell(c.PLAN_NAMES + key, row, col, scoped=True)

    def _lookup(self, column: str) -> tuple[str, object]:
        """A fact of the account from Accounts: formula and value."""
        cell = f"INDEX({c.T_ACCOUNTS}[{column}],{ACCOUNT_ROW})"
        value = self.facts.get(column, "")
        formula = f'=IF({ACCOUNT_ROW}="","",IF({cell}="","",{cell}))'
        return formula, "" if _is_blank(value) else value

    def _workings(self) -> None:
        """The hidden column: the account's row, and how many fields are asked for and missing."""
        sheet, names = self.sheet, f"{c.T_ACCOUNTS}[{w.ACCOUNT}]"
        account = f"${CARD[c.P_ACCOUNT][0]}${CARD[c.P_ACCOUNT][1:]}"
        same = f"EXACT({names},{account})"
        count = f"ROW({names})-ROW({c.T_ACCOUNTS}[[#Headers],[{w.ACCOUNT}]])"
        # EXACT tells "ACME" from "Acme"; MATCH forgives a name typed in small letters.
        formula = (
            f'=IF({account}="","",IF(SUMPRODUCT(--{same})=1,SUMPRODUCT({same}*({count})),'
            f'IFERROR(MATCH({literal(account)},{names},0),"")))'
        )
        sheet.put(2, WORKINGS, "Workings", "note")
        sheet.live(3, WORKINGS, formula, "" if self.row is None else self.row, "note", "general")
        asked = self._sum(REQUIREMENT, p.REQUIRED)
        lacking = self._sum(FLAG, IS_MISSING)
        required = sum(each.requirement == p.REQUIRED for each in self.fields)
        sheet.live(4, WORKINGS, f"={asked}", required, "note", "general")
        sheet.live(5, WORKINGS, f"={lacking}", len(self.found.missing), "note", "general")
        # Which version was turned in, and which was returned: macros write it.
        for row, key, held in (
            (6, c.P_STAMP, self.plan.stamp),
            (7, c.P_RETURNED, self.plan.returned),
        ):
            sheet.put(row, WORKINGS, held or None, "note", locked=False)
            self._name(key, row, WORKINGS)
        # Which plan of the Library fits: return and Check plans write it.
        sheet.put(EXAMPLE_ROW, WORKINGS, None, "note", locked=False)
        self._name(c.P_EXAMPLE, EXAMPLE_ROW, WORKINGS)

    def _sum(self, col: int, word: str) -> str:
        """How many fields show a word in a column: cell by cell, so that each may be moved."""
        letter = chr(ord("A") + col)
        terms = [f'(${letter}${row + 1}="{word}")' for row in self.at.fields.values()]
        return "+".join(["0", *terms])

    # --- The card ---------------------------------------------------------------

    def _card(self) -> None:
        plan = self.plan
        left: Sequence[tuple[str, object, str, str]] = (
            ("Account", plan.account, "output" if plan.account else "input", "text"),
            ("Missing", "", "", ""),
            ("Owner", self._lookup(w.OWNER), "calculation", "text"),
            ("Account ID", plan.account_id or self._lookup(w.ACCOUNT_ID), "calculation", "text"),
            ("Status", self._lookup(w.STATUS), "calculation", "text"),
            ("Segment", self._lookup(w.SEGMENT), "calculation", "text"),
            ("Quadrant", self._lookup(w.QUADRANT), "output", "text"),
            ("Rank in the book", self._lookup(w.RANK), "calculation", "count"),
            (w.POTENTIAL_MONEY, self._lookup(w.POTENTIAL_MONEY), "calculation", "money"),
            (w.EXPANSION_MONEY, self._lookup(w.EXPANSION_MONEY), "calculation", "money"),
            (w.EXPECTED_MONEY, self._lookup(w.EXPECTED_MONEY), "output", "money"),
        )
        for offset, (label, value, role, kind) in enumerate(left):
            self.sheet.put(3 + offset, 0, label, "label")
            if role:
                self._merge(3 + offset, 1, 2, value, role, kind)
        for offset, (label, value, role, kind) in enumerate(self._card_right()):
            if role:
                self._merge(3 + offset, 3, 4, label, "label")
                self._merge(3 + offset, 5, LAST, value, role, kind)
        self._card_wide()
        for key in sorted(CARD.keys() - {CARD_STATE, CARD_TURNED_IN_ON}):
            self._name(key, int(CARD[key][1:]) - 1, ord(CARD[key][0]) - ord("A"))
        if not plan.account:
            self._account_choice()

    def _card_right(self) -> Sequence[tuple[str, object, str, str]]:
        days = float((self.data.due - self.data.today).days)
        due = self.data.due
        state_row, on_row = self.at.turn_in + 2, self.at.turn_in + 4
        on = self.plan.turned_in_on
        _, when = self._next()
        return (
            ("This plan", self._flag(), "output", "text"),
            ("", "", "", ""),
            (
                "Complete",
                (
                    f"=IF({REQUIRED_COUNT}=0,1,ROUND(({REQUIRED_COUNT}-{MISSING_COUNT})"
                    f"/{REQUIRED_COUNT},9))",
                    self.found.share,
                ),
                "output",
                "percent",
            ),
            (
                "Due",
                ('=IF(PlansDue="","",PlansDue)', due),
                "calculation",
                "date",
            ),
            (
                "Days left (below 0: overdue)",
                (f'=IF(OR({c.N_TODAY}="",PlansDue=""),"",PlansDue-{c.N_TODAY})', days),
                "calculation",
                "days",
            ),
            (
                "State",
                (f'=IF($B${state_row}="","{p.DRAFT}",$B${state_row})', self.plan.state),
                "calculation",
                "text",
            ),
            (
                "Turned in on",
                (f'=IF($B${on_row}="","",$B${on_row})', "" if on is None else on),
                "calculation",
                "date",
            ),
            ("Next action due", when, "calculation", "date"),
            (
                w.PRIOR_YEAR_SALES,
                self._lookup(w.PRIOR_YEAR_SALES),
                "calculation",
                "money",
            ),
            (w.OPEN_PIPELINE, self._lookup(w.OPEN_PIPELINE), "calculation", "money"),
            (w.GROWTH, self._lookup(w.GROWTH), "calculation", "text"),
        )

    def _card_wide(self) -> None:
        missing = ", ".join(self.found.missing)
        parts = [
            f'IF($H${row + 1}="{IS_MISSING}",", "&$A${row + 1},"")'
            for row in self.at.fields.values()
        ]
        names = f"=MID({'&'.join(parts)},3,999)" if parts else '=""'
        action, _ = self._next()
        rows: Sequence[tuple[int, str, object]] = (
            (4, "Missing", (names, missing)),
            (14, "Next action", action),
            (15, "What to do", self._lookup(w.ACTION)),
            (16, "Why it ranks here", self._lookup(w.WHY)),
        )
        for row, label, value in rows:
            self.sheet.put(row, 0, label, "label")
            self._merge(row, 1, LAST, value, "calculation")
        self.sheet.ws.set_row(4, 30)
        self.sheet.ws.set_row(16, _height(str(self.facts.get(w.WHY, "")), 130, 1))

    def _flag(self) -> tuple[str, str]:
        formula = (
            f'=IF({CARD[c.P_ACCOUNT]}="","{NO_ACCOUNT}",IF({MISSING_COUNT}=0,"Complete",'
            f'{MISSING_COUNT}&" of "&{REQUIRED_COUNT}&" required fields missing"))'
        )
        required = sum(each.requirement == p.REQUIRED for each in self.fields)
        lacking = len(self.found.missing)
        told = f"{lacking} of {required} required fields missing" if lacking else "Complete"
        return formula, told if self.plan.account else NO_ACCOUNT

    def _next(self) -> tuple[object, object]:
        """The next action and its date, each as formula and value."""
        if p.ACTIONS not in self.at.headers:
            return "", ""
        table = self._table_name(p.ACTIONS)
        due, action = f"{table}[{p.DUE}]", f"{table}[{w.ACTION}]"
        counts = f'({table}[{w.STATE}]<>"{p.DONE}")*ISNUMBER({due})*({action}<>"")'
        number = f"ROW({due})-ROW({table}[[#Headers],[{p.DUE}]])"
        when = f"$F${CARD[c.P_NEXT_DUE][1:]}"
        first = f"_xlfn.AGGREGATE(15,6,({number})/({counts}*({due}={when})),1)"
        found, day = next_action(self.plan)
        return (
            (f'=IF({when}="","",INDEX({action},{first}))', found),
            (f'=IFERROR(_xlfn.AGGREGATE(15,6,{due}/({counts}),1),"")', day),
        )

    def _account_choice(self) -> None:
        accounts = self.sheet.book.tables[c.T_ACCOUNTS]
        self.sheet.choose(
            CARD[c.P_ACCOUNT],
            "=" + accounts.area(w.ACCOUNT),
            "Account",
            "Pick the account that this plan is for. Its facts then look themselves up.",
        )

    def _links(self) -> None:
        """Links to the first fields that are missing; they follow rows that people insert."""
        rows = list(self.at.fields.values())
        if not rows:
            return
        self.sheet.put(LINKS_ROW, 0, "Go to", "label")
        counted, before = 0, "0"
        for each, row in self.at.fields.items():
            counted += self._is_missing(each)
            at = f"$I${row + 1}"
            formula = f'={before}+($H${row + 1}="{IS_MISSING}")'
            self.sheet.live(row, WORKINGS, formula, float(counted), "note", "general")
            before = at
        first, last = min(rows) + 1, max(rows) + 1
        names = {field.key: field.label for field in self.fields}
        missing = [names[key] for key in self.at.fields if self._is_missing(key)]
        for number, (left, right) in enumerate(LINKS, start=1):
            place = f"MATCH({number},$I${first}:$I${last},0)"
            cell = f'"#"&ADDRESS({place}+ROW($I${first})-1,2)'
            label = f"INDEX($A${first}:$A${last},{place})"
            formula = f'=IFERROR(HYPERLINK({cell},{label}),"")'
            value = missing[number - 1] if number <= len(missing) else ""
            if right > left:
                self._merge(LINKS_ROW, left, right, (formula, value), "cell_link")
            else:
                self.sheet.live(LINKS_ROW, left, formula, value, "cell_link", text_wrap=True)
        self.sheet.ws.set_row(LINKS_ROW, 30)

    def _is_missing(self, key: str) -> bool:
        required = any(each.key == key and each.requirement == p.REQUIRED for each in self.fields)
        return required and not self.found.filled[key]

    def _thin(self) -> None:
        """What is thin, live, where a formula can tell; the check knows more."""
        sheet = self.sheet
        sheet.put(THIN_ROW, 0, "Thin", "label")
        parts = thin.formulas(self.fields, self.at.fields, self._table_names())
        said = thin.told(self.plan, self.check, self.fields)
        # One formula would be longer than Excel takes, so each rule has a cell in the workings.
        for offset, (rule, part) in enumerate(parts.items()):
            sheet.live(RULES_ROW + offset, WORKINGS, f"={part}", said[rule], "note", "general")
        cells = [f"$I${RULES_ROW + offset + 1}" for offset in range(len(parts))]
        formula = f"=MID({'&'.join(cells)},3,2000)" if cells else '=""'
        words = "".join(said[rule] for rule in parts)[2:]
        self._merge(THIN_ROW, 1, LAST, (formula, words), "calculation")
        sheet.ws.set_row(THIN_ROW, 30)
        self._merge(THIN_ROW + 1, 1, LAST, UNSEEN, "note")

    def _family(self) -> None:
        """What the account's parents and subsidiaries bring together with it."""
        cells = {
            total: f"INDEX({c.T_ACCOUNTS}[{total}],{ACCOUNT_ROW})" for total in c.FAMILY_COLUMNS
        }
        family, count, *money = cells.values()
        labels = (w.PRIOR_YEAR_SALES.lower(), w.OPEN_PIPELINE.lower(), *MONEY_WORDS)
        scored = f"INDEX({c.T_ACCOUNTS}[{c.SCORES_ROW}],{ACCOUNT_ROW})"
        there = f"INDEX({c.T_SCORES}[{c.elsewhere(w.FAMILY_ACCOUNTS)}],{scored})"
        away = f"IF(ISNUMBER({scored}),N({there}),0)"
        told = '&"; "&'.join(
            f'"{label} "&FIXED(N({cell}),0)' for label, cell in zip(labels, money, strict=True)
        )
        formula = (
            f'=IF({ACCOUNT_ROW}="","",IF({family}="","{NO_FAMILY}",{family}&", "&{count}'
            f'&IF({count}=1," account"," accounts")'
            f'&IF({away}=0,"",", "&{away}&"{OTHER_REPS}")&": "&{told}))'
        )
        self.sheet.put(FAMILY_ROW, 0, w.FAMILY, "label")
        self._merge(FAMILY_ROW, 1, LAST, (formula, self._family_words(labels)), "calculation")

    def _family_words(self, labels: Sequence[str]) -> str:
        facts = self.facts
        if not facts or self.row is None:
            return ""
        if not facts[w.FAMILY]:
            return NO_FAMILY
        number = facts[w.FAMILY_ACCOUNTS]
        money = c.FAMILY_COLUMNS[2:]
        told = "; ".join(
            f"{label} {fixed(facts[total])}" for label, total in zip(labels, money, strict=True)
        )
        away = self.data.model[c.elsewhere(w.FAMILY_ACCOUNTS)].iloc[self.row - 1]
        others = f", {away:g}{OTHER_REPS}" if away else ""
        return f"{facts[w.FAMILY]}, {number:g} account{'' if number == 1 else 's'}{others}: {told}"

    def _whitespace(self) -> None:
        """What its peers buy and it does not; no such row where deals name no product."""
        told = self.data.accounts[w.WHITESPACE]
        named = (self.data.deals[w.PRODUCT] != "").any() or (told != "").any()
        if not named and self.data.kind != c.TEMPLATE:
            return
        cell = f"INDEX({c.T_ACCOUNTS}[{w.WHITESPACE}],{ACCOUNT_ROW})"
        formula = f'=IF({ACCOUNT_ROW}="","",IF({cell}="","{NOTHING_ELSE}",{cell}))'
        said = "" if self.row is None else self.facts[w.WHITESPACE] or NOTHING_ELSE
        self.sheet.put(WHITESPACE_ROW, 0, PEERS_ALSO_BUY, "label")
        self._merge(WHITESPACE_ROW, 1, LAST, (formula, said), "calculation")
        # A spare tab, and an account whose text changes, have room for the longest one.
        longest = max(told, key=len, default="")
        self.sheet.ws.set_row(WHITESPACE_ROW, _height(longest, 130, 1))

    def _table_names(self) -> dict[str, str]:
        return {key: self._table_name(key) for key in self.at.headers}

    # --- Open deals -------------------------------------------------------------

    def _deals(self, row: int) -> None:
        """The account's open deals, looked up in Deals: they follow the account and the CRM."""
        sheet, deals = self.sheet, open_deals(self.plan, self.data)
        as_of = f"{self.data.as_of:%Y-%m-%d}"
        for col in range(LAST + 1):
            sheet.put(row, col, None, "section")
        title = f'="Open deals in the CRM"&IF({c.N_AS_OF}="",""," on "&{iso_day(c.N_AS_OF)})'
        sheet.live(row, 0, title, f"Open deals in the CRM on {as_of}", "section")
        for col, head in enumerate(DEAL_HEADS):
            sheet.put(row + 1, col, head, "header", align="left", indent=1)
        self._more_deals(row + 1, len(deals))
        shown = deals.head(SHOWN_DEALS)
        lines = zip(shown.index.tolist(), shown.to_dict("records"), strict=True)
        for number in range(1, SHOWN_DEALS + 1):
            self._deal(row + 1 + number, number, *next(lines, (None, None)))

    def _mine(self) -> str:
        """Which rows of Deals are open deals of the account: 1 or 0 for each."""
        account = f'({c.T_DEALS}[{w.ACCOUNT_ID}]&""={ACCOUNT_ID}&"")'
        return f'{account}*({ACCOUNT_ID}<>"")*({c.T_DEALS}[{w.STATE}]="{w.OPEN}")'

    def _more_deals(self, row: int, count: int) -> None:
        more = count - SHOWN_DEALS
        found = f"SUMPRODUCT({self._mine()})"
        told = f'"and "&({found}-{SHOWN_DEALS})&" more on Deals"'
        formula = f'=IF({found}>{SHOWN_DEALS},{told},"")'
        value = f"and {more} more on Deals" if more > 0 else ""
        self.sheet.live(row, FLAG, formula, value, "note", text_wrap=True)

    def _deal(self, row: int, number: int, at: int | None, deal: Mapping[Any, Any] | None) -> None:
        """The line of the account's n-th open deal; the first one says where there is none."""
        sheet, place = self.sheet, f"$I${row + 1}"
        rows = f"ROW({c.T_DEALS}[{w.STATE}])-ROW({c.T_DEALS}[[#Headers],[{w.STATE}]])"
        found = f'=IFERROR(_xlfn.AGGREGATE(15,6,({rows})/({self._mine()}),{number}),"")'
        sheet.live(row, WORKINGS, found, "" if at is None else at + 1.0, "note", "general")
        none = NO_DEALS if self.plan.account else NO_DEALS_YET
        for col, (column, kind) in enumerate(DEAL_LINES):
            cell = f"INDEX({c.T_DEALS}[{column}],{place})"
            empty, value = '""', "" if deal is None else _or_blank(deal[column])
            if (col, number) == (0, 1):
                empty = f'IF({CARD[c.P_ACCOUNT]}="","{NO_DEALS_YET}","{NO_DEALS}")'
                value = none if deal is None else value
            formula = f'=IF({place}="",{empty},IF({cell}="","",{cell}))'
            extra = {"align": "left", "indent": 1, "text_wrap": True}
            sheet.live(row, col, formula, value, "calculation", kind, **extra)
        self._deal_note(row, place, deal)

    def _deal_note(self, row: int, place: str, deal: Mapping[Any, Any] | None) -> None:
        stale, estimated = (
            f'INDEX({c.T_DEALS}[{column}],{place})="yes"' for column in (w.STALE, w.ESTIMATED)
        )
        formula = f'=IF({place}="","",IF({stale},"stale",IF({estimated},"estimated","")))'
        value = ""
        if deal is not None:
            value = "stale" if deal[w.STALE] else "estimated" if deal[w.ESTIMATED] else ""
        self.sheet.live(row, len(DEAL_LINES), formula, value, "calculation", align="left", indent=1)

    # --- Fields -----------------------------------------------------------------

    def _field(self, each: PlanField, row: int) -> None:
        self.sheet.put(row, 0, each.label, "label", text_wrap=True)
        self._asked(each, row)
        if each.kind == p.TABLE:
            self._table(each, row)
        elif each.kind == p.TEXT:
            self._text(each, row)
        else:
            self._short(each, row)

    def _asked(self, each: PlanField, row: int) -> None:
        """Whether the field is asked for, and what that makes of it: requirement and flag."""
        asked = f'=IFERROR({_setting("Required", each.key)},"{p.OFF}")'
        self.sheet.live(row, REQUIREMENT, asked, each.requirement, "note", valign="vcenter")
        test = self._filled_test(each, row)
        cell = f"$G${row + 1}"
        formula = (
            f'=IF({cell}="{p.REQUIRED}",IF({test},"{OK}","{IS_MISSING}"),'
            f'IF({cell}="{p.WANTED}",IF({test},"{OK}","{IS_WANTED}"),""))'
        )
        lacks = IS_MISSING if each.requirement == p.REQUIRED else IS_WANTED
        value = OK if self.found.filled[each.key] else lacks
        self.sheet.live(row, FLAG, formula, value, "calculation")

    def _filled_test(self, each: PlanField, row: int) -> str:
        if each.kind == p.TABLE:
            return f'COUNTIF({self._table_name(each.key)}[{c.FLAG}],"{p.ROW_OK}")>0'
        example = f"$D${row + 1}" if each.kind != p.TEXT else f"$B${row + 2}"
        return p.answer_formula(f"$B${row + 1}", each.kind, example)

    def _example(self, each: PlanField) -> tuple[str, str]:
        """The example that Settings gives; one that names Potential $ says the account's."""
        example = _setting("Example", each.key)
        if each.kind != p.MONEY:
            return f'=IFERROR({example}&"","")', each.example
        money, named = self.facts.get(w.POTENTIAL_MONEY, np.nan), f"{w.POTENTIAL_MONEY} of "
        known = f'IF(ISNUMBER({thin.POTENTIAL}),"{named}"&FIXED({thin.POTENTIAL},0),'
        formula = (
            f'=IFERROR(SUBSTITUTE({example},"{w.POTENTIAL_MONEY}",'
            f'{known}"{w.POTENTIAL_MONEY}")),"")'
        )
        told = w.POTENTIAL_MONEY if _is_blank(money) else named + fixed(money)
        return formula, each.example.replace(w.POTENTIAL_MONEY, told)

    def _text(self, each: PlanField, row: int) -> None:
        sheet, value = self.sheet, self.plan.fields.get(each.key)
        self._merge(row, 1, 5, value, "input")
        sheet.ws.set_row(row, _height("" if _is_blank(value) else str(value), TEXT_CHARACTERS, 3))
        sheet.restrict(f"B{row + 1}", {"validate": "any"}, each.label, each.prompt)
        self._name(each.key, row, 1)
        self._grey(row + 1, "Example", self._example(each), each.example)
        if each.key == "strategy":
            suggestion = self._starting_point()
            longest = max(STARTING_POINTS.values(), key=len) + "\n" + "x" * LONGEST_EXAMPLE
            self._grey(row + 2, "Starting point", suggestion, longest)

    def _short(self, each: PlanField, row: int) -> None:
        sheet, kind = self.sheet, _STYLE_KINDS[each.kind]
        self._merge(row, 1, 2, self.plan.fields.get(each.key), "input", kind)
        self._merge(row, 3, 5, self._example(each), "note")
        sheet.ws.set_row(row, _height(each.example, 50, 1))
        _validate(sheet, f"B{row + 1}", each.kind, each.choices, each.label, each.prompt)
        self._name(each.key, row, 1)

    def _grey(self, row: int, label: str, value: object, longest: str) -> None:
        self.sheet.put(row, 0, label, "note", align="right", indent=1, valign="vcenter")
        self._merge(row, 1, 5, value, "note")
        self.sheet.ws.set_row(row, _height(longest, TEXT_CHARACTERS, 1))

    def _starting_point(self) -> tuple[str, str]:
        cell = "$B$10"
        formula = '""'
        for quadrant, text in reversed(list(STARTING_POINTS.items())):
            formula = f'IF({cell}="{quadrant}","{text}",{formula})'
        quadrant = str(self.facts.get(w.QUADRANT, ""))
        shown = f'IF({EXAMPLE}="","",CHAR(10)&"From the Library: "&{EXAMPLE})'
        return f"={formula}&{shown}", STARTING_POINTS.get(quadrant, "")

    # --- Tables -----------------------------------------------------------------

    def _table_name(self, key: str) -> str:
        return f"{c.PLAN_TABLES[key]}{self.number}"

    def _table(self, each: PlanField, row: int) -> None:
        sheet, header = self.sheet, self.at.headers[each.key]
        self._merge(row, 1, 5, each.prompt, "note")
        sheet.ws.set_row(row, _height(each.prompt, TEXT_CHARACTERS, 1))
        self._grey(row + 1, "Example", self._example(each), each.example)
        count, name = self.at.rows[each.key], self._table_name(each.key)
        held = self.plan.tables.get(each.key)
        rows = None if held is None or held.empty else _spread(held, each.key, count)
        columns = [
            _input_column(column, () if rows is None else rows[column.name], width)
            for column, width in zip(p.PLAN_TABLES[each.key], WIDTHS, strict=False)
        ]
        flags = () if rows is None else p.row_flags(each.key, rows).to_list()
        formula, width = _flag_formula(each.key), WIDTHS[len(columns)]
        columns.append(Column(c.FLAG, flags, formula=formula, width=width, wrap=True))
        sheet.table(name, header, 0, columns, count, filters=False, header_height=20)
        last = len(columns) - 1
        cells = xl_range_abs(header, 0, header + count, last)
        sheet.name_range(c.PLAN_NAMES + each.key, cells, scoped=True)
        # A number that was picked from a list of words is not a mistake.
        sheet.ws.ignore_errors({"number_stored_as_text": xl_range(header, 0, header + count, last)})

    # --- Turning in ---------------------------------------------------------------

    def _turn_in(self, row: int) -> None:
        sheet, plan = self.sheet, self.plan
        sheet.section(row, 0, "Turn in", LAST + 1)
        hint = (
            "When the plan is complete, pick 'Turned in', add your name and the date, and save. "
            "Your manager then picks 'Approved' or 'Returned' and writes the feedback."
        )
        lines: Sequence[tuple[str, str, object, str, str]] = (
            (
                c.P_STATE,
                "State",
                plan.state,
                p.LIST,
                "Turned in when the plan is ready to be read.",
            ),
            (
                c.P_TURNED_IN_BY,
                "Turned in by",
                plan.fields.get(c.P_TURNED_IN_BY),
                p.TEXT,
                "Your name.",
            ),
            (c.P_TURNED_IN_ON, "Turned in on", plan.turned_in_on, p.DATE, "The day, as a date."),
        )
        for offset, (key, label, value, kind, prompt) in enumerate(lines, start=1):
            sheet.put(row + offset, 0, label, "label")
            # Open to typing also on a tab that is locked because it was turned in.
            self._merge(row + offset, 1, 2, value, "input", _STYLE_KINDS[kind], locked=False)
            _validate(sheet, f"B{row + offset + 1}", kind, p.PLAN_STATES, label, prompt)
            self._name(key, row + offset, 1)
        style = sheet.book.style("note", text_wrap=True)
        sheet.ws.merge_range(row + 1, 3, row + 3, LAST, hint, style)
        sheet.put(row + 4, 0, "Feedback of the manager", "label")
        feedback = plan.fields.get(c.P_FEEDBACK)
        self._merge(row + 4, 1, LAST, feedback, "input", locked=False)
        sheet.ws.set_row(row + 4, _height("" if _is_blank(feedback) else str(feedback), 130, 4))
        sheet.restrict(
            f"B{row + 5}",
            {"validate": "any"},
            "Feedback",
            "For the manager: what is good, what to change, what to talk about.",
        )
        self._name(c.P_FEEDBACK, row + 4, 1)

    def _colours(self) -> None:
        """Flags stand out by colour as well as by their word."""
        flag = self.sheet.book.rule_style(
            bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK, bold=True
        )
        good = self.sheet.book.rule_style(bg_color=styles.GOOD_FILL, font_color=styles.GOOD_INK)
        cells = [CARD[c.P_FLAG], *(f"H{row + 1}" for row in self.at.fields.values())]
        for key, header in self.at.headers.items():
            col = len(p.PLAN_TABLES[key])
            cells.append(xl_range(header + 1, col, header + self.at.rows[key], col))
        together = {"multi_range": " ".join(cells)}
        first = cells[0]
        for rule, style in (
            ({"type": "text", "criteria": "containing", "value": IS_MISSING}, flag),
            ({"type": "cell", "criteria": "==", "value": f'"{OK}"'}, good),
            ({"type": "cell", "criteria": "==", "value": '"Complete"'}, good),
        ):
            self.sheet.ws.conditional_format(first, {**rule, **together, "format": style})
        late = {"type": "cell", "criteria": "<", "value": 0, "format": flag}
        self.sheet.ws.conditional_format("F8", late)


_STYLE_KINDS: Final[Mapping[str, str]] = {
    p.TEXT: "text",
    p.LIST: "text",
    p.MONEY: "money",
    p.DATE: "date",
}


def _setting(column: str, key: str) -> str:
    table = c.T_PLAN_FIELDS
    return f'INDEX({table}[{column}],MATCH("{key}",{table}[Key],0))'


def _validate(
    sheet: Sheet, cells: str, kind: str, choices: Sequence[str], title: str, prompt: str
) -> None:
    if kind == p.LIST:
        sheet.choose(cells, choices, title, prompt)
    else:
        sheet.restrict(cells, _rule(kind), title, prompt)


def _rule(kind: str) -> dict[str, Any]:
    """What may be typed into a cell of a kind."""
    if kind == p.MONEY:
        return {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_title": "A plain number, please",
            "error_message": "Type the amount as a plain number, such as 120000.",
        }
    if kind == p.DATE:
        return {
            "validate": "date",
            "criteria": ">=",
            "value": datetime(2000, 1, 1),
            "error_title": "A date, please",
            "error_message": "Type a date, such as 2026-09-30.",
        }
    return {"validate": "any"}


def _input_column(column: PlanColumn, values: Iterable[Any], width: float) -> Column:
    needed = " The row counts only with it." if column.needed else ""
    kind = _STYLE_KINDS[column.kind]
    return Column(
        column.name,
        [_listed(value, column) for value in values],
        role="input",
        kind=kind,
        choices=column.choices,
        prompt=column.prompt + needed,
        rule={} if column.kind == p.LIST else _rule(column.kind),
        width=width,
        wrap=True,
        align="left",
    )


def _listed(value: object, column: PlanColumn) -> object:
    # A spreadsheet makes a number of what is picked from a list of numbers.
    if column.kind == p.LIST and isinstance(value, str) and value.isdigit():
        return float(value)
    return _or_none(value)


def _table_rows(plan: Plan, key: str) -> int:
    rows = plan.tables.get(key)
    used = 0 if rows is None or rows.empty else int(max(rows.index)) + 1
    return max(BLANK_ROWS[key], used + 2)


@lru_cache(maxsize=len(p.PLAN_TABLES))
def _flag_formula(key: str) -> str:
    """What a row of a table lacks, as a native formula."""
    return "=" + p.row_flag_formula(
        key, {column.name: f"[@[{column.name}]]" for column in p.PLAN_TABLES[key]}
    )


def _spread(rows: pd.DataFrame, key: str, count: int) -> pd.DataFrame:
    """A table's rows in their places, with blank rows between and beneath."""
    names = [column.name for column in p.PLAN_TABLES[key]]
    return rows.astype(object).reindex(index=range(count), columns=names)


def _height(text: str, characters: int, least: int) -> float:
    """The height of a row, in points, in which wrapped text stands."""
    lines = sum(max(ceil(len(line) / characters), 1) for line in text.split("\n"))
    return 13.5 * max(lines, least) + 3


def _column(rows: pd.DataFrame, name: str) -> list[object]:
    return rows[name].to_list() if name in rows else [""] * len(rows)


def _serial(value: object) -> float | None:
    """A date as a spreadsheet counts it; None for what is none."""
    if isinstance(value, (date, np.datetime64)) and not pd.isna(value):
        return day_number(value)
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return None if np.isnan(value) else float(value)
    return None


def _is_blank(value: object) -> bool:
    return value is None or value == "" or bool(pd.isna(value))  # type: ignore[call-overload]


def _or_none(value: object) -> object:
    return None if _is_blank(value) else value


def _or_blank(value: object) -> object:
    return "" if _is_blank(value) else value
