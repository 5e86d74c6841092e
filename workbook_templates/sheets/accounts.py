"""Accounts: one row per account, answers first, then the facts they rest on.

Answers follow weights, cuts, retention and accepted overrides by native
formulas; what only Score accounts can find stands on Scores.
"""

from typing import Any, Final

import pandas as pd

from ...udfs import words as w
from ...udfs.families import SUMMED
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, countable, criterion, row_of

BLANK_ROWS_IN_TEMPLATE: Final = 200
PASTE: Final = "Paste your accounts here, then press Score accounts."
ANSWERS_LEFT: Final = " accounts. Answers stand left, the facts they rest on right of them."
_ROW: Final = f"[@[{c.SCORES_ROW}]]"

KINDS: Final = {
    w.RANK: ("count", 7),
    w.SCORE: ("score", 8),
    w.POTENTIAL: ("score", 10),
    w.LIKELIHOOD: ("score", 10),
    w.POTENTIAL_MONEY: ("money", 13),
    w.EXPANSION_MONEY: ("money", 13),
    w.WIN_PROBABILITY: ("percent", 11),
    w.EXPECTED_MONEY: ("money", 13),
    w.ANNUAL_REVENUE: ("money", 15),
    w.EMPLOYEES: ("count", 11),
    w.CUSTOMER_SINCE: ("date", 12),
    w.TENURE: ("years", 9),
    w.PRIOR_YEAR_SALES: ("money", 13),
    w.WALLET_SHARE: ("percent", 9),
    w.OPEN_PIPELINE: ("money", 13),
    w.WINS: ("count", 7),
    w.LOSSES: ("count", 8),
    w.WIN_RATE: ("share", 8),
    w.LAST_WON: ("date", 12),
    w.FISCAL_YEAR_END: ("month", 10),
    w.SEGMENT_RANK: ("count", 9),
    w.COVERAGE: ("percent", 10),
    w.DAYS_SINCE_LAST_WON: ("days", 11),
    w.FAMILY_ACCOUNTS: ("count", 10),
    w.FAMILY_SALES: ("money", 13),
    w.FAMILY_PIPELINE: ("money", 13),
    w.FAMILY_POTENTIAL: ("money", 13),
    w.FAMILY_EXPECTED: ("money", 13),
    w.CLOSED_THIS_YEAR: ("money", 13),
    w.WEIGHTED_PIPELINE: ("money", 13),
    w.STILL_TO_COME: ("money", 13),
    c.OVERALL_RANK: ("count", 9),
    c.SCORES_ROW: ("count", 8),
}
WIDTHS: Final = {
    w.ACCOUNT: 28,
    w.OWNER: 20,
    w.STATUS: 11,
    w.SEGMENT: 18,
    w.QUADRANT: 15,
    w.ACTION: 44,
    w.GROWTH: 15,
    w.WHY: 84,
    w.ACCOUNT_ID: 20,
    w.MANAGER: 20,
    w.PARENT: 22,
    w.INDUSTRY: 18,
    w.REGION: 16,
    w.FAMILY: 22,
    w.WHITESPACE: 60,
}
NOTES: Final = {
    w.STATUS: "Active: bought in the 12 months to the as-of date. Lapsed: bought before. "
    "Pipeline: never bought, open opportunity. Untouched: none of these.",
    w.SEGMENT: "The group that the account is in (Settings, Segments)",
    w.QUADRANT: "Potential against likelihood; equal to the cut is high",
    w.RANK: "Place in the owner's book, best Score first",
    w.SCORE: "0-100: Potential and Likelihood together",
    w.POTENTIAL: "0-100, among all accounts",
    w.LIKELIHOOD: "0-100, among accounts of its status",
    w.POTENTIAL_MONEY: "Money a year that an account like this can give",
    w.EXPANSION_MONEY: "Potential $ less prior-year sales, at least 0",
    w.GROWTH: "Exhausted: an active account with hardly any room above last year",
    w.WIN_PROBABILITY: "0-100 %: chance that the expansion is won; the same for every account "
    "until it is calibrated on history (Settings)",
    w.EXPECTED_MONEY: "Money in the next 12 months: prior-year sales x retention + expansion x win "
    "probability",
    w.WHY: "The two attributes that lift and the one that drags most, in points against the "
    "average account. Grey: out of date, press Score accounts.",
    w.ANNUAL_REVENUE: "Money a year, the client's own, as the export gives it",
    w.EMPLOYEES: "Heads",
    w.TENURE: "Years since the first purchase",
    w.PRIOR_YEAR_SALES: "Money in the 12 months to the as-of date",
    w.WALLET_SHARE: "Our share of what the client spends on such things",
    w.OPEN_PIPELINE: "Money: open deals that are not stale",
    w.WIN_RATE: "Won of all closed deals, shrunk towards the rate of all accounts",
    w.FISCAL_YEAR_END: "Month, 1-12",
    w.SEGMENT_RANK: "Place within the segment, in this workbook",
    w.COVERAGE: "Share of the scores' weight that has data",
    w.DAYS_SINCE_LAST_WON: "Days to the as-of date",
    w.FAMILY: "The head of the account's family: its parent, that one's parent and so on",
    w.FAMILY_ACCOUNTS: "Parent and subsidiaries, those of other reps included",
    w.FAMILY_SALES: "Money in the 12 months to the as-of date, of the whole family",
    w.FAMILY_PIPELINE: "Money: open deals of the whole family that are not stale",
    w.FAMILY_POTENTIAL: "Money a year that the whole family can give",
    w.FAMILY_EXPECTED: "Money in the next 12 months from the whole family",
    w.CLOSED_THIS_YEAR: "Money won in the planning year",
    w.WEIGHTED_PIPELINE: "Money: open deals x win rate of their rep",
    w.STILL_TO_COME: "Money still to come in the planning year: repeat or pipeline, the larger",
    c.OVERALL_RANK: "Place in this workbook, best Score first",
    c.SCORES_ROW: "Where the account stands on Scores",
    w.WHITESPACE: "Products that its peers bought in the 12 months to the as-of date and it did "
    "not, as of Score accounts; blank where deals name no product",
}
OUTPUTS: Final = (w.QUADRANT, w.ACTION, w.RANK, w.SCORE, w.EXPECTED_MONEY)


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.ACCOUNTS]
    count = len(data.accounts)
    sheet.heading("Accounts", "")
    counted = f'COUNTIF({c.T_ACCOUNTS}[{w.ACCOUNT}],"?*")'
    sheet.live(
        1,
        0,
        f'=IF({counted}=0,"{PASTE}",{counted}&"{ANSWERS_LEFT}")',
        f"{count}{ANSWERS_LEFT}" if count else PASTE,
        "subtitle",
    )
    sheet.link(2, 0, c.EXPLAIN, "Why this score? Explain an account", "A5")
    columns = [_column(name, data) for name in data.accounts.columns]
    blank = BLANK_ROWS_IN_TEMPLATE if data.kind == c.TEMPLATE else 0
    table = sheet.table(c.T_ACCOUNTS, 3, 0, columns, count, blank_rows=blank, header_height=34)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)
    sheet.ws.set_landscape()
    answers = list(data.accounts.columns).index(w.ACCOUNT_ID) - 1
    sheet.ws.print_area(0, 0, table.below - 1, answers)
    _colours(sheet, table, data)


def _column(name: str, data: Round) -> Column:
    numeric = pd.api.types.is_numeric_dtype(data.accounts[name])
    kind, width = KINDS.get(name, ("general" if numeric else "text", WIDTHS.get(name, 14)))
    live = LIVE.get(name, "") if data.live else ""
    if live and name == w.RANK and not countable(data.accounts[w.OWNER]):
        live = _exact_rank(w.OWNER)
    if live and name in c.FAMILY_COLUMNS and not countable(data.accounts[w.FAMILY]):
        live = _family_total(name, exact=True)
    found = (w.WHY, w.FAMILY, w.WHITESPACE)
    template_input = data.kind == c.TEMPLATE and not LIVE.get(name) and name not in found
    role = "output" if name in OUTPUTS else "input" if template_input else "calculation"
    extra: dict[str, Any] = {}
    if name == w.STATUS and template_input:
        extra["choices"] = w.STATUSES
    return Column(
        name,
        data.accounts[name],
        formula=live,
        role=role,
        kind=kind,
        width=width,
        note=NOTES.get(name, ""),
        **extra,
    )


def _override(code: int, otherwise: str) -> str:
    """The accepted override of a field, else the model's value."""
    key = f"MATCH({_ROW}*10+{code},{c.T_OVERRIDES}[Key],0)"
    return f"IFERROR(INDEX({c.T_OVERRIDES}[New value],{key}),{otherwise})"


def _model(column: str) -> str:
    return f"INDEX({c.T_SCORES}[{column}],{_ROW})"


def _known(column: str, code: int) -> str:
    """The value in force of a field that may be blank on Scores."""
    blank = f'IF({_model(column)}="","",{_model(column)})'
    return f'=IF(ISNUMBER({_ROW}),{_override(code, blank)},"")'


def _rank(*within: str) -> str:
    """1 + how many of the group are better: by Score, then Expected $, then Account ID.

    COUNTIFS is quick; the exact comparison behind it is only needed where two
    scores are equal.
    """
    table, score = c.T_ACCOUNTS, f"{c.T_ACCOUNTS}[{w.SCORE}]"
    group = "".join(f"{table}[{name}],{criterion(f'[@[{name}]]')}," for name in within)
    same = "".join(f"({table}[{name}]=[@[{name}]])*" for name in within)
    return (
        f'=IF([@{w.SCORE}]="","",1+COUNTIFS({group}{score},">"&[@{w.SCORE}])'
        f"+IF(COUNTIFS({group}{score},[@{w.SCORE}])>1,"
        f"SUMPRODUCT({same}({score}=[@{w.SCORE}])*({_ahead()})),0))"
    )


def _exact_rank(within: str) -> str:
    """The same for names that COUNTIFS cannot tell apart, such as "Rep A" and "REP A"."""
    score = f"{c.T_ACCOUNTS}[{w.SCORE}]"
    return (
        f'=IF([@{w.SCORE}]="","",1+SUMPRODUCT(EXACT({c.T_ACCOUNTS}[{within}],[@{within}])*('
        f"ISNUMBER({score})*({score}>[@{w.SCORE}])+({score}=[@{w.SCORE}])*({_ahead()}))))"
    )


def _ahead() -> str:
    """Whether an account comes first of two with the same Score."""
    money, mine = f"{c.T_ACCOUNTS}[{w.EXPECTED_MONEY}]", f"[@[{w.EXPECTED_MONEY}]]"
    return (
        f'ISNUMBER({money})*(({money}>{mine})+({mine}="")>0)'
        f"+({money}={mine})*({c.T_ACCOUNTS}[{c.SCORES_ROW}]<{_ROW})"
    )


_PLACED: Final = (
    f'IF({c.N_PLACED_BY}="{w.POTENTIAL_MONEY}",[@[{w.POTENTIAL_MONEY}]],[@{w.POTENTIAL}])'
)

_AT_50: Final = f'IF([@{w.STATUS}]="{w.ACTIVE}",WinProbabilityActive,WinProbabilityOthers)'
_WIN_PROBABILITY: Final = (
    f"IF(OR(COUNT(WinProbabilityActive,WinProbabilityOthers,WinOddsPerTen)<3,"
    f'[@{w.LIKELIHOOD}]=""),WinProbability,ROUND({_AT_50}/({_AT_50}+(1-{_AT_50})'
    f"*POWER(WinOddsPerTen,-(N([@{w.LIKELIHOOD}])-50)/10)),9))"
)


def _family_total(total: str, *, exact: bool = False) -> str:
    """What the family brings: its accounts here, and what the others bring elsewhere."""
    family, mine = f"{c.T_ACCOUNTS}[{w.FAMILY}]", f"[@{w.FAMILY}]"
    column = SUMMED.get(total)
    if exact:
        here = f"SUMPRODUCT(--EXACT({family},{mine})" + (
            f",{c.T_ACCOUNTS}[{column}])" if column else ")"
        )
    elif column:
        here = f"SUMIFS({c.T_ACCOUNTS}[{column}],{family},{criterion(mine)})"
    else:
        here = f"COUNTIFS({family},{criterion(mine)})"
    away = f"IF(ISNUMBER({_ROW}),N({_model(c.elsewhere(total))}),0)"
    return f'=IF({mine}="","",ROUND({here}+{away},9))'


LIVE: Final = {
    **{total: _family_total(total) for total in c.FAMILY_COLUMNS[1:]},
    c.SCORES_ROW: f'=IF([@{w.ACCOUNT}]="","",'
    f'IFERROR({row_of(f"[@[{w.ACCOUNT_ID}]]", f"{c.T_SCORES}[{w.ACCOUNT_ID}]")},""))',
    w.SEGMENT: f'=IF(ISNUMBER({_ROW}),{_override(4, _model(w.SEGMENT))},"")',
    w.POTENTIAL: _known(w.POTENTIAL, 1),
    w.LIKELIHOOD: _known(w.LIKELIHOOD, 2),
    w.POTENTIAL_MONEY: _known(w.POTENTIAL_MONEY, 3),
    w.COVERAGE: f'=IF(ISNUMBER({_ROW}),{_model(w.COVERAGE)},"")',
    w.SCORE: f'=IF([@{w.POTENTIAL}]="",[@{w.LIKELIHOOD}],IF([@{w.LIKELIHOOD}]="",[@{w.POTENTIAL}],'
    f"ROUND(PotentialShare*[@{w.POTENTIAL}]+(1-PotentialShare)*[@{w.LIKELIHOOD}],9)))",
    w.QUADRANT: f'=IF([@{w.ACCOUNT}]="","",IF(OR({_PLACED}="",[@{w.LIKELIHOOD}]=""),'
    f'"{w.NOT_ENOUGH_DATA}",IF({_PLACED}>={c.N_CUT},'
    f'IF([@{w.LIKELIHOOD}]>=LikelihoodCut,"{w.SLAM_DUNK}","{w.BIG_BET}"),'
    f'IF([@{w.LIKELIHOOD}]>=LikelihoodCut,"{w.QUICK_WIN}","{w.SKIP}"))))',
    w.ACTION: f'=IF([@{w.ACCOUNT}]="","",INDEX(IF([@{w.STATUS}]="{w.ACTIVE}",'
    f"{c.T_QUADRANT_ACTIONS}[Active accounts],{c.T_QUADRANT_ACTIONS}[Other accounts]),"
    f"MATCH([@{w.QUADRANT}],{c.T_QUADRANT_ACTIONS}[Quadrant],0)))",
    w.RANK: _rank(w.OWNER),
    w.SEGMENT_RANK: _rank(w.SEGMENT),
    c.OVERALL_RANK: _rank(),
    w.EXPANSION_MONEY: f'=IF([@[{w.POTENTIAL_MONEY}]]="","",'
    f"ROUND(MAX(0,[@[{w.POTENTIAL_MONEY}]]-N([@[{w.PRIOR_YEAR_SALES}]])),9))",
    w.GROWTH: f'=IF([@[{w.POTENTIAL_MONEY}]]="","",IF(AND([@{w.STATUS}]="{w.ACTIVE}",'
    f"[@[{w.EXPANSION_MONEY}]]<ROUND(ExhaustedBelow*[@[{w.POTENTIAL_MONEY}]],9)),"
    f'"{w.EXHAUSTED}","{w.ROOM_TO_GROW}"))',
    w.WIN_PROBABILITY: f'=IF([@{w.ACCOUNT}]="","",{_WIN_PROBABILITY})',
    w.EXPECTED_MONEY: f'=IF([@[{w.POTENTIAL_MONEY}]]="","",ROUND(N([@[{w.PRIOR_YEAR_SALES}]])'
    f"*Retention+[@[{w.EXPANSION_MONEY}]]*[@[{w.WIN_PROBABILITY}]],9))",
    w.STILL_TO_COME: f'=IF([@{w.ACCOUNT}]="","",IF(AND(QuotaCounts="{w.ALL_BOOKINGS}",'
    f'[@{w.STATUS}]="{w.ACTIVE}"),ROUND(MAX(N([@[{w.WEIGHTED_PIPELINE}]]),'
    f"N([@[{w.PRIOR_YEAR_SALES}]])*Retention-N([@[{w.CLOSED_THIS_YEAR}]]),0),9),"
    f"N([@[{w.WEIGHTED_PIPELINE}]])))",
}


def _colours(sheet: Sheet, table: Table, data: Round) -> None:
    def cells(column: str) -> tuple[int, int, int, int]:
        col = table.columns.index(column)
        return table.row + 1, col, table.row + table.rows, col

    for quadrant, look in styles.QUADRANT_LOOKS.items():
        sheet.ws.conditional_format(
            *cells(w.QUADRANT),
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{quadrant}"',
                "format": sheet.book.rule_style(bg_color=look.fill, font_color=look.ink),
            },
        )
    sheet.ws.conditional_format(
        *cells(w.WHY),
        {
            "type": "formula",
            "criteria": f"=NOT({c.N_SCORES_CURRENT})",
            "format": sheet.book.rule_style(font_color=styles.STALE_INK, italic=True),
        },
    )
    sheet.ws.conditional_format(
        *cells(w.SCORE),
        {
            "type": "data_bar",
            "bar_color": "#9CC9C6",
            "bar_solid": True,
            "min_type": "num",
            "min_value": 0,
            "max_type": "num",
            "max_value": 100,
        },
    )
