"""Form buttons on the sheets of a workbook with macros.

They stand in the heading's rows, beside the title, where nothing is written and
where they stay in sight while the sheet scrolls.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from . import contract as c
from .writer import Book, Sheet

HEIGHT: Final = 24
GAP: Final = 8
LETTER: Final = 7
MARGIN: Final = 26


@dataclass(frozen=True)
class Place:
    """Where a sheet's first button stands: row, column, and pixels below the row's edge."""

    row: int
    col: int
    drop: int


PLACES: Final = {
    c.START: Place(0, 1, 8),
    c.MY_WEEK: Place(0, 2, 8),
    c.PATH: Place(0, 1, 8),
    c.REVIEW: Place(0, 1, 8),
    c.EVIDENCE: Place(0, 1, 8),
    # An account's name may be long; what stands beneath it is not.
    c.PLAN_PREFIX: Place(1, 3, 1),
}


@dataclass(frozen=True)
class FormButton:
    """A button: what it says, which Sub it calls, and on which sheets it stands.

    Attributes:
        caption: on it.
        sub: the VBA Sub.
        hint: what it does, for those who have it read out.
        sheets: their names, ``contract.PLAN_PREFIX`` for the plan tabs.
        kinds: the kinds of workbook that have it.
    """

    caption: str
    sub: str
    hint: str
    sheets: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Controls:
    """What makes a workbook one with macros.

    Attributes:
        buttons: in the order in which they stand.
        project: the VBA project of a workbook with so many sheets.
    """

    buttons: tuple[FormButton, ...]
    project: Callable[[int], bytes]


def place_buttons(book: Book, kind: str, controls: Controls) -> None:
    """Puts the buttons of this kind of workbook on its sheets, and the VBA into it."""
    for name, sheet in book.sheets.items():
        known = c.PLAN_PREFIX if name.startswith(c.PLAN_PREFIX) else name
        shown = [each for each in controls.buttons if kind in each.kinds and known in each.sheets]
        for each, left, width in _row_of(shown):
            _put(sheet, PLACES[known], each, left, width)
    book.carry_macros(controls.project(len(book.sheets)))


def _row_of(buttons: list[FormButton]) -> Iterator[tuple[FormButton, int, int]]:
    """Each button with its left edge and its width, in pixels."""
    left = 0
    for each in buttons:
        width = LETTER * len(each.caption) + MARGIN
        yield each, left, width
        left += width + GAP


def _put(sheet: Sheet, place: Place, button: FormButton, left: int, width: int) -> None:
    sheet.ws.insert_button(
        place.row,
        place.col,
        {
            "macro": button.sub,
            "caption": button.caption,
            "description": button.hint,
            "width": width,
            "height": HEIGHT,
            "x_offset": left,
            "y_offset": place.drop,
        },
    )
