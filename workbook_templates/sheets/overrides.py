"""Overrides: corrections of the model, each with its reason and evidence.

A rep proposes, the manager accepts. The accepted one of the latest date acts on
Accounts at once; the model's value stays beside it.
"""

from typing import Final

from ...udfs import words as w
from ...udfs.plans import filled_formula
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, literal, row_of
from . import rules

ROWS: Final = 25
TABLE_ROW: Final = 7
FIELDS: Final = (w.POTENTIAL, w.LIKELIHOOD, w.POTENTIAL_MONEY, w.SEGMENT)
"""What can be corrected; a field's code in Key is its place here, from 1."""
STATES: Final = ("Proposed", "Accepted", "Declined")
HOW: Final = (
    "1. Pick the account and what to correct, and type the value that you hold to be right.",
    "2. Say why, and what shows it: a signed offer, a budget figure, a meeting note. "
    "Without both a correction does not act.",
    "3. The rep sets State to Proposed; the manager turns it to Accepted or Declined. Accepted "
    "ones act on Accounts; of several for one field the latest date wins.",
)
FIRST_WORKING: Final = "Scores row"
KEY_BASE: Final = 10

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
    table = sheet.table(c.T_OVERRIDES, TABLE_ROW, 0, columns, 0, blank_rows=ROWS)
    workings = table.columns.index(FIRST_WORKING)
    sheet.put(TABLE_ROW - 1, workings, "Workings: leave them", "note")
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)
    sheet.ws.print_area(0, 0, table.below - 1, workings - 1)
    _colours(sheet, table)


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
            prompt="From which day on it holds. Of several the latest wins; one without a date "
            "comes first.",
        ),
        Column(
            "State",
            role="input",
            width=12,
            choices=STATES,
            prompt="The rep proposes; the manager accepts or declines.",
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
            'IF([@Key]="","later one applies","yes")))',
            role="output",
            width=20,
            note="yes: it acts on Accounts. Else what stops it",
        ),
        *_workings(),
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


def _model() -> str:
    """The model's value of the row's field; 0 or "" where it has none."""
    values = ",".join(f"INDEX({c.T_SCORES}[{name}],{_ROW})" for name in FIELDS)
    return f"CHOOSE({_CODE},{values})"


def _stopped() -> str:
    """The first thing that stops a correction, in words; "" where nothing does."""
    segment = f'OR({_NEW}="{w.OTHER_SEGMENT}",SUMPRODUCT(--({c.T_SEGMENTS}[Segment]={_NEW}))>0)'
    hundred = f'OR([@Field]="{w.POTENTIAL}",[@Field]="{w.LIKELIHOOD}")'
    tests = (
        ('[@State]="Declined"', "declined"),
        (f"NOT(ISNUMBER({_ROW}))", "no such account"),
        (f"ISNA({_CODE})", "no such field"),
        (f'{_NEW}=""', "no new value"),
        (f"AND({_SEGMENT},NOT({segment}))", "no such segment"),
        (f"AND(NOT({_SEGMENT}),NOT(ISNUMBER({_NEW})))", "not a number"),
        (f"AND({hundred},OR(N({_NEW})<0,N({_NEW})>100))", "not 0-100"),
        (f"AND(NOT({_SEGMENT}),N({_NEW})<0)", "below 0"),
        (f"NOT({filled_formula('[@Reason]')})", "no reason"),
        (f"NOT({filled_formula('[@Evidence]')})", "no evidence"),
        ('AND([@Date]<>"",NOT(ISNUMBER([@Date])))', "not a date"),
        (f"N([@Date])>{c.N_TODAY}", "date in the future"),
        ('[@State]<>"Accepted"', "proposed"),
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
            f'=AND({cell}<>"",{cell}<>"proposed",{cell}<>"declined")',
            styles.FLAG_FILL,
            styles.FLAG_INK,
        ),
    )
    for criteria, fill, ink in looks:
        look = sheet.book.rule_style(bg_color=fill, font_color=ink)
        sheet.ws.conditional_format(
            *cells, {"type": "formula", "criteria": criteria, "format": look}
        )
