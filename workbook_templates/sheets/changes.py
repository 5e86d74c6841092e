"""Changes: what the last CRM export changed, so that nobody has to look for it."""

from typing import Final

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column

TABLE_ROW: Final = 3
WHEN: Final = "When"
WHAT: Final = "What"
BEFORE: Final = "Before"
NOW: Final = "Now"
NOTE: Final = "Note"

NEW: Final = "New account"
GONE: Final = "Gone"
RENAMED: Final = "Renamed"
MOVED_OWNER: Final = "Moved owner"
MOVED_QUADRANT: Final = "Moved quadrant"
WON: Final = "Deal won"
LOST: Final = "Deal lost"
KINDS: Final = (NEW, GONE, RENAMED, MOVED_OWNER, MOVED_QUADRANT, WON, LOST)


def left_formula(account: str) -> str:
    """Whether an account is listed here as gone, as a formula: 0 where it is not."""
    return f'SUMPRODUCT(({c.T_CHANGES}[{WHAT}]="{GONE}")*({c.T_CHANGES}[{w.ACCOUNT}]={account}))'


def write(book: Book, data: Round) -> None:
    """Writes the sheet, with nothing on it yet."""
    sheet = book.sheets[c.CHANGES]
    sheet.heading(
        "Changes",
        "What the last CRM export changed; the next one replaces the list, but for accounts that "
        "are gone.",
    )
    columns = [
        Column(WHEN, kind="date", width=12, note="As-of date of the export"),
        Column(WHAT, role="output", width=18),
        Column(w.ACCOUNT, width=30),
        Column(w.OWNER, width=22, note="Who owns it by now"),
        Column(BEFORE, width=24),
        Column(NOW, width=24),
        Column(w.AMOUNT, kind="money", width=14, note="Of a deal that was won or lost"),
        Column(NOTE, width=60, wrap=True),
    ]
    table = sheet.table(c.T_CHANGES, TABLE_ROW, 0, columns, 0)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 0)
    sheet.ws.repeat_rows(table.row)
