"""Overrides: corrections of the model, each with its reason and evidence.

A rep proposes, the manager accepts. The accepted one of the latest date acts on
Accounts at once; the model's value stays beside it. What the model said when a
correction was first seen is kept by the buttons, so that both can be held to
what comes.
"""

from typing import Final

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import overrides as o
from ...udfs import words as w
from ...udfs.plans import filled_formula
from ...udfs.settings import AT_ONCE
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, criterion, literal, row_of
from . import rules
from .changes import left_formula
from .deals import MONTHS_KEPT

ROWS: Final = 25
TABLE_ROW: Final = 7
FIELDS: Final = o.FIELDS
"""What can be corrected; a field's code in Key is its place here, from 1."""
STATES: Final = (o.PROPOSED, o.ACCEPTED, o.DECLINED, o.WITHDRAWN)
BOOK_OF: Final = "Book of"
"""In a team workbook: the rep in whose book a row stands; blank where it was typed here."""
HOW: Final = (
    "1. Pick the account and what to correct, and type the value that you hold to be right.",
    "2. Say why, and what shows it: a signed offer, a budget figure, a meeting note. "
    "Without both a correction does not act.",
    "3. The rep sets State to Proposed; the manager turns it to Accepted or Declined. Accepted "
    "ones act on Accounts (or all at once: Settings); of several for one field the latest wins.",
)
FIRST_WORKING: Final = "Scores row"
DATA_SAYS: Final = "Data says"
ACCOUNT_ROW: Final = "Account row"
VOICES: Final = "Voices"
FIGURES: Final = "Figures"
THEN: Final = "Model value then"
NOTED: Final = "Scores of"
KEPT_OF: Final = "Kept of"
KEPT_BETWEEN: Final = " | "
"""Between the account's ID and the field that a model value was kept of."""
NEARER: Final = "Who was nearer"
SINCE: Final = "Counts from"
DEALS_SINCE: Final = "Deals closed since"
CAME: Final = "What came"
OFF: Final = "Correction off by"
MODEL_OFF: Final = "Model off by"
EVERYBODY: Final = "Everybody"
MOST_AUTHORS: Final = 40
KEY_BASE: Final = 10

NOBODY_YET: Final = "No corrections yet."
_LIKELIHOODS: Final = ("Field", f'"{w.LIKELIHOOD}"')
_MONEY: Final = ("Field", f'"{w.POTENTIAL_MONEY}"')
BY_AUTHOR: Final = (
    ("Corrections", "COUNTIFS", "", (("Applies", '"?*"'),), "count"),
    ("Act", "COUNTIFS", "", (("Applies", f'"{o.ACTS}"'),), "count"),
    ("Up", "COUNTIFS", "", (("Difference", '">0"'),), "count"),
    ("Down", "COUNTIFS", "", (("Difference", '"<0"'),), "count"),
    ("Supported", "COUNTIFS", "", ((DATA_SAYS, f'"{o.SUPPORTS}*"'),), "count"),
    ("Contradicted", "COUNTIFS", "", ((DATA_SAYS, f'"{o.CONTRADICTS}*"'),), "count"),
    ("Correction nearer", "COUNTIFS", "", ((NEARER, f'"{o.THEIRS}:*"'),), "count"),
    ("Model nearer", "COUNTIFS", "", ((NEARER, f'"{o.OURS}:*"'),), "count"),
    ("Brier, corrections", "AVERAGEIFS", OFF, (_LIKELIHOODS,), "decimal"),
    ("Brier, model", "AVERAGEIFS", MODEL_OFF, (_LIKELIHOODS,), "decimal"),
    ("$ off, corrections", "AVERAGEIFS", OFF, (_MONEY,), "money"),
    ("$ off, model", "AVERAGEIFS", MODEL_OFF, (_MONEY,), "money"),
)
"""Per author: the header, how it is counted, what is averaged, of which rows, and the kind."""

_ROW: Final = "[@[Scores row]]"
_FOUND: Final = row_of("[@Account]", f"{c.T_SCORES}[{w.ACCOUNT}]")
_NEW: Final = "[@[New value]]"
_CODE: Final = (
    f"MATCH({literal('[@Field]')}," + "{" + ",".join(f'"{name}"' for name in FIELDS) + "},0)"
)
_SEGMENT: Final = f'[@Field]="{w.SEGMENT}"'
_EMPTY: Final = f'[@Account]&[@Field]&{_NEW}&[@Reason]&[@Evidence]=""'


def write(book: Book, data: Round) -> None:
    """Writes the sheet with blank rows to type into."""
    sheet = book.sheets[c.OVERRIDES]
    sheet.heading("Overrides", "Where you know better than the model, say so here.")
    steps = HOW
    if not data.live:
        steps = (*HOW[:2], HOW[2].replace("act on Accounts", "act when scores are renewed"))
    for offset, step in enumerate(steps):
        sheet.put(2 + offset, 0, step, "sentence", font_size=11)
    columns = _columns(book.tables[c.T_ACCOUNTS])
    if data.kind == c.TEAM:
        columns.append(book_of())
    columns.append(_kept_of())
    table = sheet.table(c.T_OVERRIDES, TABLE_ROW, 0, columns, 0, blank_rows=ROWS)
    workings = table.columns.index(FIRST_WORKING)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    for first, last in ((FIRST_WORKING, FIGURES), (SINCE, MODEL_OFF), (KEPT_OF, KEPT_OF)):
        hidden = (table.columns.index(name) for name in (first, last))
        sheet.ws.set_column(*hidden, 10, None, {"hidden": True, "level": 1})
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)
    sheet.ws.print_area(0, 0, table.below - 1, workings - 1)
    _in_short(sheet, table)
    _per_author(sheet, table)
    _colours(sheet, table)


def book_of() -> Column:
    """The column of a team workbook that says from whose book a row came."""
    return Column(
        BOOK_OF,
        role="note",
        width=18,
        note="Whose book it was collected from. Taken out there, it stays here as Withdrawn",
    )


def _kept_of() -> Column:
    """Of which account and field a model value was kept: a row may be typed over later."""
    return Column(
        KEPT_OF,
        role="note",
        width=10,
        note="The account's ID and the field that the model value then was kept of. Where the row "
        "is about another by now, the value does not count, and the buttons keep it anew",
    )


def _columns(accounts: Table) -> list[Column]:
    return [
        Column(
            w.ACCOUNT,
            role="input",
            width=28,
            choices=f"={accounts.area(w.ACCOUNT)}",
            prompt="Pick the account.",
        ),
        Column("Field", role="input", choices=FIELDS, prompt="What to correct.", width=13),
        Column(
            "New value",
            role="input",
            kind="general",
            width=14,
            prompt="Potential and Likelihood: 0 to 100. Potential $: money a year. Segment: a "
            "name from Settings.",
        ),
        Column("Reason", role="input", wrap=True, width=34, prompt="Why the model is wrong here."),
        Column(
            "Evidence",
            role="input",
            wrap=True,
            width=34,
            prompt="What shows it: an offer, a budget figure, a meeting note, with its date.",
        ),
        Column("Author", role="input", width=18, prompt="Who says so."),
        Column(
            "Date",
            role="input",
            kind="date",
            width=12,
            rule=rules.a_date(),
            prompt="From which day on it holds, no later than Today on Settings. Of several the "
            "latest wins; one without a date comes first.",
        ),
        Column(
            "State",
            role="input",
            width=12,
            choices=STATES,
            prompt="The rep proposes, or withdraws; the manager accepts or declines.",
        ),
        Column(
            "Model value",
            formula=f'=IF(OR({_ROW}="",[@Field]=""),"",IFERROR(IF({_model()}="","",{_model()}),""))',
            kind="decimal",
            width=18,
            note="What the model says, before any correction",
        ),
        Column(
            "Difference",
            formula=f'=IF(OR({_NEW}="",[@[Model value]]=""),"",'
            f"IF(AND(ISNUMBER({_NEW}),ISNUMBER([@[Model value]])),"
            f"ROUND({_NEW}-[@[Model value]],9),"
            f'IF({_NEW}=[@[Model value]],"same","changed")))',
            kind="decimal",
            width=13,
            note="New value less the model's value, in the field's unit",
        ),
        Column(
            "Applies",
            formula=f'=IF({_EMPTY},"",IF([@[Stopped by]]<>"",[@[Stopped by]],'
            f'IF([@Key]="","{o.LATER}","{o.ACTS}")))',
            role="output",
            width=20,
            note="yes: it acts on Accounts. Else what stops it",
        ),
        Column(
            DATA_SAYS,
            formula=_data_says(),
            width=66,
            note="The account's own history against accounts of its status: win rate, sales of two "
            "years, last win. More of them for than against the correction: supports",
        ),
        *_workings(),
        *_history(),
        *_outcome(),
    ]


def _workings() -> list[Column]:
    return [
        Column(
            FIRST_WORKING,
            formula=f'=IF([@Account]="","",IFERROR({_FOUND},""))',
            role="note",
            width=10,
            note="Where the account stands on Scores",
        ),
        Column(
            "Stopped by",
            formula=f'=IF({_EMPTY},"",{_stopped()})',
            role="note",
            width=18,
            note="Why it does not act, blank where nothing stands against it",
        ),
        Column(
            "Valid key",
            formula=f'=IF(OR({_ROW}="",[@[Stopped by]]<>""),"",{_ROW}*{KEY_BASE}+{_CODE})',
            role="note",
            width=10,
            note="Scores row x 10 + field: 1 Potential, 2 Likelihood, 3 Potential $, 4 Segment",
        ),
        Column(
            "Order",
            formula='=IF([@[Valid key]]="","",N([@Date])+ROW()/1000000)',
            role="note",
            kind="general",
            width=14,
            note="Date, then row: the highest of a key applies",
        ),
        Column(
            "Key",
            formula='=IF([@[Valid key]]="","",'
            f"IF(SUMPRODUCT(({c.T_OVERRIDES}[Valid key]=[@[Valid key]])"
            f'*({c.T_OVERRIDES}[Order]>[@Order]))>0,"",[@[Valid key]]))',
            role="note",
            width=10,
            note="The valid key where this one applies; Accounts looks here",
        ),
    ]


def _data_says() -> str:
    """Whether the history supports a correction, with its figures."""
    balance = f"SIGN([@Difference])*[@{VOICES}]"
    verdict = f'IF({balance}>0,"{o.SUPPORTS}",IF({balance}<0,"{o.CONTRADICTS}","{o.NO_DATA}"))'
    return (
        f'=IF(OR([@{VOICES}]="",[@Difference]=""),"",IF(NOT(ISNUMBER([@Difference])),"{o.NO_DATA}",'
        f'{verdict}&IF([@Figures]="","",": "&MID([@Figures],3,999))))'
    )


def _history() -> list[Column]:
    """Workings: what the account's history says, and how many of its figures speak for it."""
    row = f"[@[{ACCOUNT_ROW}]]"

    def own(column: str) -> str:
        return f"INDEX({c.T_ACCOUNTS}[{column}],{row})"

    def if_known(column: str, value: str) -> str:
        return f'=IF({row}="","",IF({own(column)}="","",{value}))'

    def mean(column: str) -> str:
        status = criterion(own(w.STATUS))
        return f"AVERAGEIFS({c.T_ACCOUNTS}[{column}],{c.T_ACCOUNTS}[{w.STATUS}],{status})"

    closed = f'COUNTIFS({c.T_DEALS}[{w.STATE}],"<>{w.OPEN}",{c.T_DEALS}[{w.CLOSE_DATE}],"<="&'
    year_before = (
        f"SUMIFS({c.T_DEALS}[{w.AMOUNT}],{c.T_DEALS}[{w.ACCOUNT_ID}],"
        f'{criterion(own(w.ACCOUNT_ID))},{c.T_DEALS}[{w.STATE}],"{w.WON}",'
        f'{c.T_DEALS}[{w.CLOSE_DATE}],">"&EDATE({c.N_AS_OF},-24),'
        f'{c.T_DEALS}[{w.CLOSE_DATE}],"<="&EDATE({c.N_AS_OF},-12))'
    )
    rate, days = "[@[Own win rate]]", "[@[Own days]]"
    like_rate, like_days = "[@[Status win rate]]", "[@[Status days]]"
    before = "[@[Sales before]]"

    def voice(better: str, other: str) -> str:
        return f"IF(AND(ISNUMBER({better}),ISNUMBER({other})),SIGN(ROUND({better}-{other},6)),0)"

    figures = (
        f'=IF({row}="","",IF(AND(ISNUMBER({rate}),ISNUMBER({like_rate})),", win rate "&'
        f'ROUND(100*{rate},0)&" % (its status "&ROUND(100*{like_rate},0)&" %)","")'
        f'&IF(AND(ISNUMBER([@Sales]),ISNUMBER({before})),", sales "&FIXED([@Sales],0)&" after "'
        f'&FIXED({before},0),"")&IF(AND(ISNUMBER({days}),ISNUMBER({like_days})),", last won "&'
        f'ROUND({days},0)&" days ago (its status "&ROUND({like_days},0)&")",""))'
    )
    voices = "+".join((voice(rate, like_rate), voice("[@Sales]", before), voice(like_days, days)))
    return [
        Column(
            ACCOUNT_ROW,
            formula=f'=IF({_ROW}="","",IFERROR(MATCH({_ROW},{c.T_ACCOUNTS}[{c.SCORES_ROW}],0),""))',
            role="note",
            width=10,
            note="Where the account stands on Accounts",
        ),
        Column(
            "Own win rate",
            formula=if_known(w.WIN_RATE, own(w.WIN_RATE)),
            role="note",
            kind="share",
            width=10,
        ),
        Column(
            "Status win rate",
            formula=f'=IF({rate}="","",IFERROR({mean(w.WIN_RATE)},""))',
            role="note",
            kind="share",
            width=10,
            note="The mean of the accounts of its status here",
        ),
        Column(
            "Sales",
            formula=if_known(w.PRIOR_YEAR_SALES, own(w.PRIOR_YEAR_SALES)),
            role="note",
            kind="money",
            width=12,
            note="Of the 12 months to the as-of date",
        ),
        Column(
            "Sales before",
            formula=f'=IF([@Sales]="","",IF({closed}EDATE({c.N_AS_OF},-23))=0,"",'
            f'IFERROR({year_before},"")))',
            role="note",
            kind="money",
            width=12,
            note="Of the 12 months before; blank where Deals does not go back so far",
        ),
        Column(
            "Own days",
            formula=if_known(w.LAST_WON, f"{c.N_AS_OF}-{own(w.LAST_WON)}"),
            role="note",
            kind="days",
            width=10,
            note="Days from the last won deal to the as-of date",
        ),
        Column(
            "Status days",
            formula=f'=IF({days}="","",IFERROR({c.N_AS_OF}-{mean(w.LAST_WON)},""))',
            role="note",
            kind="days",
            width=10,
            note="The mean of the accounts of its status here",
        ),
        Column(
            VOICES,
            formula=f'=IF({row}="","",{voices})',
            role="note",
            width=10,
            note="Figures that speak for the account, less those that speak against it",
        ),
        Column(FIGURES, formula=figures, role="note", width=30),
    ]


def _outcome() -> list[Column]:
    """What the model said at first, and who was nearer to what came since."""
    then, noted, since = f"[@[{THEN}]]", f"[@[{NOTED}]]", f"[@[{SINCE}]]"
    deals, came, off, model_off = (f"[@[{name}]]" for name in (DEALS_SINCE, CAME, OFF, MODEL_OFF))
    is_likelihood, is_money = (f'[@Field]="{field}"' for field in (w.LIKELIHOOD, w.POTENTIAL_MONEY))
    over = f"EDATE({since},{o.MONTHS})"
    account = f"INDEX({c.T_SCORES}[{w.ACCOUNT_ID}],{_ROW})"
    kept_of = f'IF({account}="",[@Account],{account})&"{KEPT_BETWEEN}"&[@Field]'
    mine = (
        f"{c.T_DEALS}[{w.ACCOUNT_ID}],{criterion(account)},"
        f'{c.T_DEALS}[{w.CLOSE_DATE}],">"&{since},'
        f'{c.T_DEALS}[{w.CLOSE_DATE}],"<="&MIN({c.N_AS_OF},{over}),{c.T_DEALS}[{w.STATE}]'
    )
    asked = (
        f"OR(AND({is_likelihood},N({_NEW})<=100),{is_money}),ISNUMBER({_NEW}),N({_NEW})>=0,"
        f'ISNUMBER({_ROW}),ISNUMBER({then}),{since}<>""'
    )
    unlisted = f"AND(N({c.N_DEALS_NOT_LISTED})>0,{since}<EDATE({c.N_AS_OF},-{MONTHS_KEPT}))"
    unit = f"IF({is_likelihood},100,1)"
    # The mean of (p - o)^2 over deals that were won (o = 1) or lost (o = 0).
    error = f"IF({is_likelihood},(#/100-{came})^2+{came}*(1-{came}),ABS(#-{came}))"
    closer = f"ROUND(ABS({_NEW}/{unit}-{came})-ABS({then}/{unit}-{came}),9)"
    figures = (
        f'IF({is_likelihood},": Brier "&FIXED({off},2)&" against "&FIXED({model_off},2)&", "'
        f'&{deals}&IF({deals}=1," deal"," deals")&" closed",": "&FIXED({came},0)&" came, off by "'
        f'&FIXED({off},0)&" against "&FIXED({model_off},0))'
    )
    verdict = f'IF({closer}=0,"{o.ALIKE}",IF({closer}<0,"{o.THEIRS}","{o.OURS}"))&{figures}'
    why_not = (
        f'IF(NOT(OR({is_likelihood},{is_money})),"{o.NOT_MEASURED}",'
        f'IF(OR(NOT(ISNUMBER({_NEW})),N({_NEW})<0,AND({is_likelihood},N({_NEW})>100)),"",'
        f'IF(OR(NOT(ISNUMBER({then})),{since}=""),"{o.NOT_NOTED}",IF({unlisted},"{o.NOT_LISTED}",'
        f'IF({is_money},"{o.TOO_EARLY}","{o.NO_DEALS}")))))'
    )
    return [
        Column(
            THEN,
            kind="general",
            role="calculation",
            width=18,
            note="What the model said when a button first saw the correction. Check my plans, "
            "Score accounts, Import, collect and refresh keep it",
        ),
        Column(
            NOTED,
            kind="date",
            width=12,
            note="The as-of date of the scores that it was kept from",
        ),
        Column(
            NEARER,
            formula=f'=IF(OR(NOT(ISNUMBER({_ROW})),ISNA({_CODE})),"",IF({came}="",{why_not},'
            f"{verdict}))",
            role="output",
            width=62,
            note="Once outcomes are known. Likelihood: the chance that a deal is won, by the Brier "
            "score on deals that closed in the 12 months after; Potential $: the money won in "
            "those 12 months",
        ),
        Column(
            SINCE,
            formula=f"=IF(AND(ISNUMBER({noted}),ISNUMBER({_ROW})),IF([@[{KEPT_OF}]]={kept_of},"
            f'MAX(N([@Date]),{noted}),""),"")',
            role="note",
            kind="date",
            note="The later of the correction's date and the day of the scores; what closes in "
            "the 12 months after it counts",
        ),
        Column(
            DEALS_SINCE,
            formula=f'=IF(OR(NOT(ISNUMBER({_ROW})),{since}=""),"",COUNTIFS({mine},"<>{w.OPEN}"))',
            role="note",
            kind="count",
        ),
        Column(
            CAME,
            formula=f'=IF(NOT(AND({asked})),"",IF({unlisted},"",IF({is_money},'
            f'IF({over}>{c.N_AS_OF},"",SUMIFS({c.T_DEALS}[{w.AMOUNT}],{mine},"{w.WON}")),'
            f'IF(N({deals})=0,"",COUNTIFS({mine},"{w.WON}")/{deals}))))',
            role="note",
            kind="decimal",
            note="Likelihood: the share of those deals that was won, 0-1. Potential $: money won",
        ),
        Column(
            OFF,
            formula=f'=IF({came}="","",{error.replace("#", _NEW)})',
            role="note",
            kind="decimal",
            note="Brier score, or money",
        ),
        Column(
            MODEL_OFF,
            formula=f'=IF({came}="","",{error.replace("#", then)})',
            role="note",
            kind="decimal",
            note="Brier score, or money",
        ),
    ]


def _in_short(sheet: Sheet, table: Table) -> None:
    """All corrections in a sentence, and a link to who made them."""

    def count(column: str, test: str) -> str:
        return f"COUNTIF({c.T_OVERRIDES}[{column}],{test})"

    every = count("Applies", '"?*"')
    parts = (
        (count("Applies", '"yes"'), "act"),
        (count("Applies", f'"{o.WAITING}"'), "wait for the manager"),
        (count("Difference", '">0"'), "up"),
        (count("Difference", '"<0"'), "down"),
        (count(DATA_SAYS, f'"{o.CONTRADICTS}*"'), "contradicted by the account's own history"),
    )
    told = '&", "&'.join(f'{formula}&" {word}"' for formula, word in parts)
    nearer, model = (count(NEARER, f'"{word}:*"') for word in (o.THEIRS, o.OURS))
    sheet.live(
        TABLE_ROW - 2,
        0,
        f'=IF({every}=0,"{NOBODY_YET}",{every}&IF({every}=1," correction: "," corrections: ")'
        f'&{told}&"."&IF({nearer}+{model}=0,""," Known by now: the correction was nearer "&{nearer}'
        f'&" times, the model "&{model}&" times."))',
        NOBODY_YET,
        "sentence",
        bold=True,
    )
    at = xl_rowcol_to_cell(TABLE_ROW - 1, len(table.columns) + 1)
    sheet.link(TABLE_ROW - 1, 0, c.OVERRIDES, "By author, at the right", at)


def _per_author(sheet: Sheet, table: Table) -> None:
    """What each author corrected, which way, what the data denies, and who was nearer."""
    row, col = TABLE_ROW, len(table.columns) + 1
    sheet.put(row - 1, col, "By author", "section")
    for offset, (head, *_) in enumerate(BY_AUTHOR, 1):
        sheet.put(row, col + offset, head, "header", align="right", text_wrap=True)
    sheet.put(row, col, o.AUTHOR, "header")
    author = f"{c.T_OVERRIDES}[{o.AUTHOR}]"
    for place in range(MOST_AUTHORS + 1):
        at = row + 1 + place
        name = xl_rowcol_to_cell(at, col, col_abs=True)
        if place == 0:
            sheet.put(at, col, EVERYBODY, "label")
        else:
            above = xl_range_abs(row + 1, col, at - 1, col)
            new = f'({author}<>"")*(COUNTIF({above},{author})=0)'
            first = f"_xlfn.AGGREGATE(15,6,(ROW({author})-ROW(INDEX({author},1))+1)/({new}),1)"
            sheet.live(at, col, f'=IFERROR(INDEX({author},{first}),"")', "", "label")
        for offset, (_, function, column, test, kind) in enumerate(BY_AUTHOR, 1):
            tests = [f"{c.T_OVERRIDES}[{of}],{what}" for of, what in test]
            if place:
                tests.append(f"{author},{criterion(name)}")
            summed = f"{c.T_OVERRIDES}[{column}]," if column else ""
            found = f"{function}({summed}{','.join(tests)})"
            formula = f'=IF({name}="","",IFERROR({found},""))' if place else f'=IFERROR({found},"")'
            value = 0.0 if place == 0 and not column else ""
            sheet.live(at, col + offset, formula, value, kind=kind)
    sheet.ws.set_column(col, col, 22)
    sheet.ws.set_column(col + 1, col + len(BY_AUTHOR), 18)


def _model() -> str:
    """The model's value of the row's field; 0 or "" where it has none."""
    values = ",".join(f"INDEX({c.T_SCORES}[{name}],{_ROW})" for name in FIELDS)
    return f"CHOOSE({_CODE},{values})"


def _stopped() -> str:
    """The first thing that stops a correction, in words; "" where nothing does."""
    segment = f'OR({_NEW}="{w.OTHER_SEGMENT}",SUMPRODUCT(--({c.T_SEGMENTS}[Segment]={_NEW}))>0)'
    hundred = f'OR([@Field]="{w.POTENTIAL}",[@Field]="{w.LIKELIHOOD}")'
    tests = (
        (f'[@State]="{o.DECLINED}"', o.TURNED_DOWN),
        (f'[@State]="{o.WITHDRAWN}"', o.TAKEN_BACK),
        (f"IF(ISNUMBER({_ROW}),FALSE,{left_formula('[@Account]')}>0)", w.LEFT_EXPORT),
        (f"NOT(ISNUMBER({_ROW}))", o.NO_ACCOUNT),
        (f"ISNA({_CODE})", o.NO_FIELD),
        (f'{_NEW}=""', o.NO_VALUE),
        (f"AND({_SEGMENT},NOT({segment}))", o.NO_SEGMENT),
        (f"AND(NOT({_SEGMENT}),NOT(ISNUMBER({_NEW})))", o.NO_NUMBER),
        (f"AND({hundred},OR(N({_NEW})<0,N({_NEW})>100))", o.NOT_HUNDRED),
        (f"AND(NOT({_SEGMENT}),N({_NEW})<0)", o.BELOW_ZERO),
        (f"NOT({filled_formula('[@Reason]')})", o.NO_REASON),
        (f"NOT({filled_formula('[@Evidence]')})", o.NO_EVIDENCE),
        ('AND([@Date]<>"",NOT(ISNUMBER([@Date])))', o.NO_DATE),
        (f"N([@Date])>{c.N_TODAY}", o.FUTURE),
        (f'AND([@State]<>"{o.ACCEPTED}",OverridesAct<>"{AT_ONCE}")', o.WAITING),
    )
    formula = '""'
    for test, word in reversed(tests):
        formula = f'IF({test},"{word}",{formula})'
    return formula


def _colours(sheet: Sheet, table: Table) -> None:
    """Says by colour what Applies says in words."""
    column = table.columns.index("Applies")
    cells = (table.row + 1, column, table.row + table.rows, column)
    cell = table.cell(0, "Applies")
    looks = (
        (f'={cell}="yes"', styles.GOOD_FILL, styles.GOOD_INK),
        (
            f'=AND({cell}<>"",{cell}<>"{o.WAITING}",{cell}<>"{o.TURNED_DOWN}",'
            f'{cell}<>"{o.TAKEN_BACK}",{cell}<>"{o.LATER}",{cell}<>"{w.LEFT_EXPORT}")',
            styles.FLAG_FILL,
            styles.FLAG_INK,
        ),
    )
    for criteria, fill, ink in looks:
        look = sheet.book.rule_style(bg_color=fill, font_color=ink)
        sheet.ws.conditional_format(
            *cells, {"type": "formula", "criteria": criteria, "format": look}
        )
