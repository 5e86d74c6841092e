"""History: every version of a plan, when it was seen, and what it said.

``accountplan collect`` and ``accountplan return`` add rows; nothing takes one out. Beside it
stands how the round stood at each collection, so that Review can say what moved since.
"""

from typing import Final

from ...udfs import review
from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column, Sheet

TABLE_ROW: Final = 3
RECORDED: Final = "Recorded"
EVENT: Final = "Event"
VERSION: Final = "Version"
FINGERPRINT: Final = "Fingerprint"
TURNED_IN_BY: Final = "Turned in by"
TURNED_IN_ON: Final = "Turned in on"
COMPLETE: Final = "Complete"
GOOD: Final = "Good"
RATING: Final = "Rating"
FEEDBACK: Final = "Feedback"
BOOK: Final = "Book"
CONTENTS: Final = "Contents"
ROUND_BEFORE: Final = "RoundBefore"
"""In a team workbook, the name of the cell with the collection that now is held against."""
ROUNDS_AT: Final = 16
"""The column in which the table of rounds begins."""


def write(book: Book, data: Round) -> None:
    """Writes the sheet, with nothing on it yet."""
    sheet = book.sheets[c.HISTORY]
    sheet.heading("History", "What became of each plan. A collection adds rows; none is taken out.")
    columns = _columns()
    table = sheet.table(c.T_HISTORY, TABLE_ROW, 0, columns, 0)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 3)
    sheet.ws.repeat_rows(table.row)
    sheet.ws.print_area(0, 0, table.below, len(columns) - 2)
    _rounds(sheet)


def _rounds(sheet: Sheet) -> None:
    """How the round stood at each collection that found something moved."""
    columns = [
        Column(review.COLLECTED, kind="moment", width=17, note="When the books were collected"),
        Column(w.MANAGER, width=20),
        *(Column(name, kind="count", width=9.5) for name in review.GLANCE),
    ]
    sheet.put(TABLE_ROW - 1, ROUNDS_AT, "The round, collection by collection", "section")
    sheet.table(c.T_ROUNDS, TABLE_ROW, ROUNDS_AT, columns, 0, filters=False)
    for offset, column in enumerate(columns, ROUNDS_AT):
        sheet.ws.set_column(offset, offset, column.width)


def before(figures: dict[str, str]) -> str:
    """The formula of the collection to compare with: the last one that counted otherwise than now.

    Args:
        figures: for each of ``review.GLANCE`` the cell that counts it now.
    """
    when = f"{c.T_ROUNDS}[{review.COLLECTED}]"
    # Managers may differ where all together count the same: each collection by its sums.
    other = "+".join(
        f"(SUMIF({when},{when},{c.T_ROUNDS}[{name}])<>{cell})" for name, cell in figures.items()
    )
    return f"=SUMPRODUCT(MAX(({other}>0)*{when}))"


def counted(name: str, day: str) -> str:
    """The formula part of a figure as a collection counted it, all managers together."""
    return f"SUMPRODUCT(({c.T_ROUNDS}[{review.COLLECTED}]={day})*{c.T_ROUNDS}[{name}])"


def _columns() -> list[Column]:
    return [
        Column(RECORDED, kind="date", width=13, note="When the collection saw it"),
        Column(w.OWNER, width=20),
        Column(w.ACCOUNT, width=26),
        Column(w.ACCOUNT_ID, width=14),
        Column(EVENT, width=12, note="Turned in, Approved or Returned"),
        Column(VERSION, kind="count", width=9, note="How many times it was turned in by then"),
        Column(FINGERPRINT, width=19, note="The same for the same contents"),
        Column(TURNED_IN_BY, width=20),
        Column(TURNED_IN_ON, kind="date", width=13, note="As typed in the book"),
        Column(COMPLETE, kind="percent", width=11, note="Required fields filled"),
        Column(GOOD, width=8, note="yes: complete, and no serious finding"),
        Column(RATING, kind="count", width=9, note="1-5, as the manager gave it"),
        Column(FEEDBACK, width=44, wrap=True),
        Column(BOOK, width=30, note="The file, seen from the team workbook"),
        Column(CONTENTS, width=30, note="All that the plan said, as JSON"),
    ]
