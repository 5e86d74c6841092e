"""Where tables and names stand on the sheets of a workbook, whichever program holds it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_RANGE: Final = re.compile(
    r"^\$?(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!"
    r"\$?(?P<col>[A-Z]{1,3})\$?(?P<row>\d+)(?::\$?(?P<col2>[A-Z]{1,3})\$?(?P<row2>\d+))?$"
)
Cell = tuple[int, int]


@dataclass(frozen=True)
class Area:
    """A cell or a rectangle of cells, counted from 0, ends included.

    Attributes:
        sheet: the sheet's name.
        top, left, bottom, right: its edges.
    """

    sheet: str
    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class PackageTable:
    """A table, as its part describes it.

    Attributes:
        name: as formulas call it.
        area: header and totals included.
        columns: the headers as the part holds them.
        headers, totals: how many rows of each there are.
    """

    name: str
    area: Area
    columns: tuple[str, ...]
    headers: int
    totals: int


@dataclass(frozen=True)
class DefinedName:
    """A name of the workbook, or of one sheet.

    Attributes:
        name: the name.
        sheet: the sheet that it belongs to; "" where it holds everywhere.
        refers_to: as the file spells it, such as 'Plan - A'!$B$4.
    """

    name: str
    sheet: str
    refers_to: str

    @cached_property
    def area(self) -> Area | None:
        """The cells that it names; None where they are gone or it names none."""
        match = _RANGE.match(self.refers_to)
        if match is None:
            return None
        sheet = match["plain"] or match["quoted"].replace("''", "'")
        top, left = int(match["row"]) - 1, column_number(match["col"])
        if match["row2"] is None:
            return Area(sheet, top, left, top, left)
        return Area(sheet, top, left, int(match["row2"]) - 1, column_number(match["col2"]))


def column_number(letters: str) -> int:
    """The number of a column counted from 0: A -> 0, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
