"""Library: the best plans, so that good work is seen and copied in spirit."""

from typing import Final

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column
from . import rules

BLANK_ROWS: Final = 10
GOOD_ABOUT_IT: Final = "What is good about it"
STRATEGY: Final = "Strategy"
MARKED_BY: Final = "Marked by"
MARKED_ON: Final = "Marked on"
PLAN: Final = "Plan"
TABLE_ROW: Final = 5
HOW: Final = (
    "When a plan is worth showing to others, say yes on Tracker, in the column Example, or "
    "without names. The next collection copies it here, as it was turned in.",
    "Before you write a plan, look here for an account of the same segment or quadrant. Take the "
    "way of thinking, not the sentences: copied text is found by the checks.",
)


def write(book: Book, data: Round) -> None:
    """Writes the sheet with blank rows for plans worth showing."""
    sheet = book.sheets[c.LIBRARY]
    sheet.heading("Library", "The best plans, as examples for the next ones.")
    for offset, line in enumerate(HOW):
        sheet.put(2 + offset, 0, line, "sentence", font_size=11)
    columns = _columns(data)
    table = sheet.table(c.T_LIBRARY, TABLE_ROW, 0, columns, 0, blank_rows=BLANK_ROWS)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    for row in range(table.rows):
        sheet.ws.set_row(table.row + 1 + row, 30)
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)


def _columns(data: Round) -> list[Column]:
    def typed(name: str, width: float, prompt: str, wrap: bool = False) -> Column:
        return Column(name, role="input", width=width, prompt=prompt, wrap=wrap)

    return [
        typed(w.ACCOUNT, 26, "The account that the plan is for."),
        Column(
            w.SEGMENT,
            role="input",
            width=18,
            choices=[s.name for s in data.settings.segments] + [w.OTHER_SEGMENT],
            prompt="The account's segment.",
        ),
        Column(
            w.QUADRANT,
            role="input",
            width=14,
            choices=w.QUADRANTS,
            prompt="The account's quadrant.",
        ),
        typed(w.INDUSTRY, 18, "What the client does."),
        typed(w.OWNER, 20, "Who wrote the plan."),
        typed(GOOD_ABOUT_IT, 44, "What others should learn from it.", wrap=True),
        typed(STRATEGY, 52, "The strategy, in the plan's own words.", wrap=True),
        typed(MARKED_BY, 18, "Who chose it."),
        Column(
            MARKED_ON,
            role="input",
            kind="date",
            width=12,
            rule=rules.a_date(),
            prompt="When it was chosen.",
        ),
        Column(PLAN, width=60, note="The whole plan as it was turned in; read it in the cell"),
    ]
