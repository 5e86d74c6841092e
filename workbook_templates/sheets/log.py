"""Log: what ran when, newest at the bottom."""

from typing import Final

import pandas as pd

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column

BLANK_ROWS: Final = 30
TABLE_ROW: Final = 3
WHEN: Final = "When"
WHAT: Final = "What"
WHO: Final = "Who"
RESULT: Final = "Result"


def write(book: Book, data: Round) -> None:
    """Writes the sheet with the build as its first row, dated by the data."""
    sheet = book.sheets[c.LOG]
    sheet.heading("Log", "What ran when. Each button adds a row.")
    rows = 0 if data.kind == c.TEMPLATE else 1
    # No clock: the same input gives the same workbook, so the build is dated by its data.
    first = {WHEN: data.as_of, WHAT: "build", WHO: "", RESULT: _built(data)}
    columns = [
        Column(WHEN, [first[WHEN]][:rows], kind="date", width=13, note="As-of date of the build"),
        Column(WHAT, [first[WHAT]][:rows], width=22),
        Column(WHO, [first[WHO]][:rows], width=24),
        Column(RESULT, [first[RESULT]][:rows], width=90, wrap=True),
    ]
    table = sheet.table(c.T_LOG, TABLE_ROW, 0, columns, rows, blank_rows=BLANK_ROWS)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 0)
    sheet.ws.repeat_rows(table.row)


def _built(data: Round) -> str:
    scored = int(pd.notna(data.accounts[w.SCORE]).sum())
    return (
        f"{len(data.accounts):,} accounts, {scored:,} of them scored; {len(data.deals):,} deals; "
        f"{len(data.plans):,} plans. Data as of {data.as_of:%Y-%m-%d}."
    )
