"""Activity: what was done per rep, week and gate, to hold against what the path asks for."""

from typing import Final

import pandas as pd

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column
from . import rules

BLANK_ROWS: Final = 20
TABLE_ROW: Final = 4


def write(book: Book, data: Round) -> None:
    """Writes the sheet, newest week first, with blank rows to type into."""
    sheet = book.sheets[c.ACTIVITY]
    sheet.heading("Activity", "E-mails, calls and demos that were made, per rep and week.")
    sheet.put(
        2,
        0,
        "One row per rep, week and gate, with the gates as Path names them. "
        "Type here, or bring the CRM's activity export to the next build.",
        "note",
    )
    done = data.activity.sort_values([w.WEEK, w.REP], ascending=[False, True], kind="stable")
    columns = _columns(done)
    table = sheet.table(c.T_ACTIVITY, TABLE_ROW, 0, columns, len(done), blank_rows=BLANK_ROWS)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 0)
    sheet.ws.repeat_rows(table.row)


def _columns(done: pd.DataFrame) -> list[Column]:
    return [
        Column(w.REP, done[w.REP], role="input", width=26, prompt="As Owner in Accounts says."),
        Column(
            w.WEEK,
            done[w.WEEK],
            role="input",
            kind="date",
            width=14,
            note="The week's Monday",
            rule=rules.a_date(),
            prompt="The Monday of the week.",
        ),
        Column(
            w.GATE, done[w.GATE], role="input", width=18, prompt="A gate of Path, such as Call."
        ),
        Column(
            w.COUNT,
            done[w.COUNT],
            role="input",
            kind="count",
            width=12,
            note="How many in that week",
            rule=rules.between(0, 1e9, "A number, 0 or more."),
            prompt="How many in that week, 0 or more.",
        ),
    ]
