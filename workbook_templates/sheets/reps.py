"""Reps: who sells, for whom, with which quota; the walk to the quota starts here."""

from typing import Final

import pandas as pd

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column
from . import rules

BLANK_ROWS: Final = 5
BLANK_ROWS_IN_TEMPLATE: Final = 25
TABLE_ROW: Final = 4


def write(book: Book, data: Round) -> None:
    """Writes the sheet, with blank rows for new reps."""
    sheet = book.sheets[c.REPS]
    sheet.heading("Reps", "One row per rep: whom they report to, and what they are to bring.")
    sheet.put(
        2,
        0,
        "Type a quota and it counts on Path at once. A new rep goes into a blank row; a rep who "
        "owns no account still has a path.",
        "note",
    )
    columns = _columns(data)
    blank = BLANK_ROWS_IN_TEMPLATE if data.kind == c.TEMPLATE else BLANK_ROWS
    table = sheet.table(
        c.T_REPS, TABLE_ROW, 0, columns, len(data.reps), blank_rows=blank, header_height=34
    )
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)


def _columns(data: Round) -> list[Column]:
    reps = data.reps
    money = f"Money in {data.currency}" if data.currency else "Money"
    owned = reps[w.REP].map(data.accounts[w.OWNER].value_counts()).fillna(0.0)
    return [
        Column(w.REP, reps[w.REP], role="input", width=24, prompt="As Owner in Accounts says."),
        Column(
            w.MANAGER, reps[w.MANAGER], role="input", width=24, prompt="Whom the rep reports to."
        ),
        Column(w.REGION, reps[w.REGION], role="input", width=16, prompt="Where the rep sells."),
        Column(
            w.QUOTA,
            reps[w.QUOTA],
            role="input",
            kind="money",
            width=14,
            note=f"{money} for the planning year",
            rule=rules.between(0, 1e15, "A quota is a number, 0 or more."),
            prompt="For the whole planning year, 0 or more.",
        ),
        Column(
            w.START_DATE,
            reps[w.START_DATE],
            role="input",
            kind="date",
            width=12,
            rule=rules.a_date(),
            prompt="The rep's first day, where it matters: new reps need time.",
        ),
        Column(
            w.TOUCHES_PER_WEEK,
            reps[w.TOUCHES_PER_WEEK],
            role="input",
            kind="count",
            width=13,
            note="E-mails, calls and demos that the rep can make in a week",
            rule=rules.between(0, 10_000, "A number from 0 to 10,000."),
            prompt="E-mails, calls and demos in a week, 0 to 10,000.",
        ),
        *_found(reps, owned, money),
    ]


def _found(reps: pd.DataFrame, owned: pd.Series, money: str) -> list[Column]:
    """What the accounts and deals say about the rep."""
    return [
        Column(
            "Accounts",
            owned,
            formula=f'=IF([@{w.REP}]="","",'
            f"SUMPRODUCT(--EXACT({c.T_ACCOUNTS}[{w.OWNER}],[@{w.REP}])))",
            kind="count",
            width=11,
            note="How many accounts the rep owns",
        ),
        Column(
            w.WIN_RATE,
            reps[w.WIN_RATE],
            kind="share",
            width=10,
            note="Share of closed deals that were won, drawn towards that of all reps where there "
            "are few. As of the build",
        ),
        Column(w.WINS, reps[w.WINS], kind="count", width=9, note="Deals won, as of the build"),
        Column(w.LOSSES, reps[w.LOSSES], kind="count", width=9, note="Deals lost, as of the build"),
        Column(
            c.UNATTACHED_CLOSED,
            reps[c.UNATTACHED_CLOSED],
            kind="money",
            width=17,
            note=f"{money} won in the planning year in deals that name no account with an owner",
        ),
        Column(
            c.UNATTACHED_WEIGHTED,
            reps[c.UNATTACHED_WEIGHTED],
            kind="money",
            width=14,
            note=f"{money}: open deals that name no account with an owner, amount x win rate",
        ),
        *(
            Column(label, width=width, wrap=True, note="From the rep's book, by the collection")
            for label, width in zip(c.STRATEGY, (14, 34, 34), strict=True)
        ),
    ]
