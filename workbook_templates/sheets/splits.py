"""Splits: a small book, one level deeper: the budget holders or opportunities of an account.

A book of a few accounts is too coarse for a grid. Where each account is split
into those who hold its budgets, or into what could be sold, the grid works again.
"""

from typing import Final

import pandas as pd

from ...udfs import words as w
from ...udfs.overrides import WITHDRAWN
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, row_of, sum_of
from . import rules
from .overrides import book_of

ROWS: Final = 20
BLANK_ROWS: Final = 5
SMALL_BOOK: Final = 8
DEALS_PER_ACCOUNT: Final = 3
TABLE_ROW: Final = 5

SPLIT: Final = "Split"
KIND: Final = "Kind"
NOTE: Final = "Note"
CHECK: Final = "Check"
BUDGET_HOLDER: Final = "Budget holder"
OPPORTUNITY: Final = "Opportunity"
KINDS: Final = (BUDGET_HOLDER, OPPORTUNITY)

_FOUND: Final = row_of("[@Account]", f"{c.T_ACCOUNTS}[{w.ACCOUNT}]")
_ROW: Final = "[@Row]"
OK: Final = "ok"
OFF: Final = "withdrawn"
NO_ACCOUNT: Final = "no such account"
UNKNOWN: Final = "account has no Potential $"
TOO_MUCH: Final = f"more than the account's {w.POTENTIAL_MONEY}"


def write(book: Book, data: Round) -> None:
    """Writes the sheet; a small book starts with its largest live deals."""
    sheet = book.sheets[c.SPLITS]
    sheet.heading("Splits", "Few accounts? Split them, and place each part on the grid.")
    sheet.put(
        2,
        0,
        "One row per budget holder (a business unit, a department head) or per opportunity (a "
        "product that could be sold there).",
        "sentence",
        font_size=11,
    )
    rows = prefilled(data)
    told = (
        "The largest live deals of each account stand here as a start: change or replace them."
        if len(rows)
        else f"Worth the while in a book of fewer than {SMALL_BOOK} accounts."
    )
    sheet.put(3, 0, told, "note")
    columns = _columns(rows, data, book.tables[c.T_ACCOUNTS])
    blank = max(ROWS - len(rows), BLANK_ROWS)
    table = sheet.table(c.T_SPLITS, TABLE_ROW, 0, columns, len(rows), blank_rows=blank)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)
    sheet.ws.print_area(0, 0, table.below - 1, len(columns) - 2)
    _colours(sheet, table)


def prefilled(data: Round) -> pd.DataFrame:
    """The largest live deals of each account of a small book, best account first.

    Returns:
        Account, Split, Kind, Potential $ (money), Likelihood (0-100: the win
        rate of the deal's rep), Note. No rows for larger books and teams.
    """
    names = [w.ACCOUNT, SPLIT, KIND, w.POTENTIAL_MONEY, w.LIKELIHOOD, NOTE]
    deals = data.deals[(data.deals[w.STATE] == w.OPEN) & ~data.deals[w.STALE].astype(bool)]
    deals = deals[deals[w.ACCOUNT_ID].isin(data.accounts[w.ACCOUNT_ID]) & (deals[w.AMOUNT] > 0)]
    if data.kind != c.BOOK or len(data.accounts) >= SMALL_BOOK or deals.empty:
        return pd.DataFrame({name: [] for name in names})
    known = data.accounts.set_index(w.ACCOUNT_ID)
    out = pd.DataFrame(
        {
            w.ACCOUNT: deals[w.ACCOUNT_ID].map(known[w.ACCOUNT]),
            SPLIT: deals[w.PRODUCT].where(deals[w.PRODUCT] != "", "Deal " + deals[w.DEAL_ID]),
            KIND: OPPORTUNITY,
            w.POTENTIAL_MONEY: deals[w.AMOUNT],
            w.LIKELIHOOD: (deals[w.WEIGHTED] / deals[w.AMOUNT] * 100).round(9),
            NOTE: "Deal "
            + deals[w.DEAL_ID]
            + ", "
            + deals[w.STAGE]
            + deals[w.ESTIMATED].map({True: ", amount estimated", False: ""}).astype(str),
        }
    )
    place = deals[w.ACCOUNT_ID].map(known[c.OVERALL_RANK].fillna(len(known) + 1.0))
    out = out.assign(place=place, id=deals[w.DEAL_ID]).sort_values(
        ["place", w.ACCOUNT, w.POTENTIAL_MONEY, "id"], ascending=[True, True, False, True]
    )
    return out.groupby(w.ACCOUNT, sort=False).head(DEALS_PER_ACCOUNT)[names].reset_index(drop=True)


def _columns(rows: pd.DataFrame, data: Round, accounts: Table) -> list[Column]:
    names = data.accounts[w.ACCOUNT]
    place = pd.Series(range(1, len(names) + 1), index=names, dtype=float)
    # In a team workbook, rows that a rep took out of the book stay, without effect.
    off = f'[@{w.STATE}]="{WITHDRAWN}",' if data.kind == c.TEAM else ""
    return [
        Column(
            w.ACCOUNT,
            rows[w.ACCOUNT],
            role="input",
            width=28,
            choices=f"={accounts.area(w.ACCOUNT)}",
            prompt="Pick the account.",
        ),
        Column(
            SPLIT,
            rows[SPLIT],
            role="input",
            width=28,
            prompt="The budget holder, or what could be sold.",
        ),
        Column(KIND, rows[KIND], role="input", width=15, choices=KINDS, prompt="Which of the two."),
        Column(
            w.POTENTIAL_MONEY,
            rows[w.POTENTIAL_MONEY],
            role="input",
            kind="money",
            width=14,
            note="Money a year that this part can give",
            rule=rules.between(0, 1e15, "Money, 0 or more."),
            prompt="Money a year that this part of the account can give.",
        ),
        Column(
            w.LIKELIHOOD,
            rows[w.LIKELIHOOD],
            role="input",
            kind="score",
            width=12,
            note="0-100: how likely you are to win it",
            rule=rules.between(0, 100, "A number from 0 to 100."),
            prompt="0 to 100: how likely you are to win it.",
        ),
        Column(
            w.QUADRANT,
            [quadrant(money, chance, data) for money, chance in _pairs(rows)],
            formula=f'=IF(OR({off}[@Account]="",NOT(ISNUMBER([@[Potential $]])),'
            'NOT(ISNUMBER([@Likelihood])),NOT(ISNUMBER(MoneyCut))),"",'
            f'IF([@[Potential $]]>=MoneyCut,IF([@Likelihood]>=LikelihoodCut,"{w.SLAM_DUNK}",'
            f'"{w.BIG_BET}"),IF([@Likelihood]>=LikelihoodCut,"{w.QUICK_WIN}","{w.SKIP}")))',
            role="output",
            width=14,
            note="By the same cuts as whole accounts (Settings)",
        ),
        Column(NOTE, rows[NOTE], role="input", wrap=True, width=54, prompt="What to remember."),
        Column(
            CHECK,
            _checks(rows, data),
            formula=_check_formula(data.kind),
            width=34,
            note="Whether the account's splits add up to more than its Potential $",
        ),
        Column(
            "Row",
            rows[w.ACCOUNT].map(place),
            formula=f'=IF([@Account]="","",IFERROR({_FOUND},""))',
            role="note",
            width=8,
            note="Where the account stands on Accounts",
        ),
        *(_team_columns() if data.kind == c.TEAM else ()),
    ]


def _team_columns() -> list[Column]:
    return [
        Column(
            w.STATE,
            role="input",
            width=12,
            choices=[WITHDRAWN],
            prompt="Withdrawn: the rep took the row out of the book. It stays here, without "
            "effect.",
        ),
        book_of(),
    ]


def quadrant(money: float, chance: float, data: Round) -> str:
    """The quadrant of a split, by the cuts of the accounts; "" where a number is missing."""
    typed, median = data.settings.money_cut, data.cuts.median
    cut = median if typed is None else typed
    if pd.isna(money) or pd.isna(chance) or pd.isna(cut):
        return ""
    if money >= cut:
        return w.SLAM_DUNK if chance >= data.settings.likelihood_cut else w.BIG_BET
    return w.QUICK_WIN if chance >= data.settings.likelihood_cut else w.SKIP


def _pairs(rows: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(rows[w.POTENTIAL_MONEY], rows[w.LIKELIHOOD], strict=True))


def _checks(rows: pd.DataFrame, data: Round) -> list[str]:
    if rows.empty:
        return []
    potential = rows[w.ACCOUNT].map(data.accounts.set_index(w.ACCOUNT)[w.POTENTIAL_MONEY])
    total = rows.groupby(w.ACCOUNT)[w.POTENTIAL_MONEY].transform("sum")
    return [
        UNKNOWN if pd.isna(most) else TOO_MUCH if round(split - most, 6) > 0 else OK
        for split, most in zip(total, potential, strict=True)
    ]


def _check_formula(kind: str) -> str:
    most = f"INDEX({c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}],{_ROW})"
    money, account = f"{c.T_SPLITS}[{w.POTENTIAL_MONEY}]", f"{c.T_SPLITS}[{w.ACCOUNT}]"
    total, off = sum_of(money, account, "[@Account]"), ""
    if kind == c.TEAM:
        stands = f'({c.T_SPLITS}[{w.STATE}]<>"{WITHDRAWN}")'
        total = f"SUMPRODUCT(EXACT({account},[@Account])*{stands},{money})"
        off = f'IF([@{w.STATE}]="{WITHDRAWN}","{OFF}",'
    return (
        f'=IF([@Account]="","",{off}IF({_ROW}="","{NO_ACCOUNT}",IF({most}="","{UNKNOWN}",'
        f'IF(ROUND({total}-{most},6)>0,"{TOO_MUCH}","{OK}"))))' + ")" * bool(off)
    )


def _colours(sheet: Sheet, table: Table) -> None:
    first, last = table.row + 1, table.row + table.rows
    column = table.columns.index(w.QUADRANT)
    for name, look in styles.QUADRANT_LOOKS.items():
        style = sheet.book.rule_style(bg_color=look.fill, font_color=look.ink)
        rule = {"type": "cell", "criteria": "==", "value": f'"{name}"', "format": style}
        sheet.ws.conditional_format(first, column, last, column, rule)
    column, cell = table.columns.index(CHECK), table.cell(0, CHECK)
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    rule = {
        "type": "formula",
        "criteria": f'=AND({cell}<>"",{cell}<>"{OK}",{cell}<>"{OFF}")',
        "format": flag,
    }
    sheet.ws.conditional_format(first, column, last, column, rule)
