"""What people type on the way to the quota: refused, with its cell, where it cannot be.

A formula takes text for an empty cell and goes on. What Python works out is kept for days, so it
says first what nobody meant.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.funnel import LONGEST_LAG
from ..udfs.table_cells import cell_number, cell_text
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import path_volume
from .hosts.reader import Reader, sheetful
from .workbook import address


@dataclass(frozen=True)
class _Asked:
    """What a column of numbers takes; a blank cell is always fine.

    Attributes:
        table, column: where.
        low, high: the smallest and the largest number.
        above: whether the smallest is itself too small.
        mend: what to type.
    """

    table: str
    column: str
    low: float
    mend: str
    high: float = math.inf
    above: bool = False

    def takes(self, number: float) -> bool:
        """Whether a number can be; a missing one cannot."""
        return (number > self.low if self.above else number >= self.low) and number <= self.high


_AMOUNT: Final = "type an amount of 0 or more, or clear the cell"
_RATE: Final = "type a share above 0 and at most 1, such as 25 %, or clear the cell"
_ASKED: Final = (
    _Asked(c.T_WALK, w.QUOTA, 0, _AMOUNT),
    _Asked(c.T_REPS, w.QUOTA, 0, _AMOUNT),
    _Asked(c.T_WALK, w.TOUCHES_PER_WEEK, 0, "type a number of 0 or more, or clear the cell"),
    _Asked(c.T_REPS, w.TOUCHES_PER_WEEK, 0, "type a number of 0 or more, or clear the cell"),
    _Asked(c.T_GATES, path_volume.YOURS, 0, _RATE, 1, above=True),
    _Asked(c.T_GATES, path_volume.LAG, 0, f"type weeks from 0 to {LONGEST_LAG}, or 0", LONGEST_LAG),
    _Asked(c.T_DEALS, w.AMOUNT, -math.inf, "type the amount as a number, or clear the cell"),
)


def refuse_mistyped(reader: Reader) -> None:
    """Raises WorkbookError, all mistakes at once, where a typed number cannot be.

    Args:
        reader: of a workbook with a sheet Path.
    """
    lines = [line for asked in _ASKED for line in _mistyped(reader, asked)]
    if lines:
        raise WorkbookError(lines[0], tuple(lines[1:]))


def _mistyped(reader: Reader, asked: _Asked) -> Iterator[str]:
    if reader.table(asked.table) is None:
        return
    held = sheetful(reader, asked.table)
    if asked.column not in held.headers:
        return
    col = held.left + held.headers.index(asked.column)
    for place, cell in enumerate(held.columns[asked.column]):
        text = cell_text(cell).strip()
        # An error in a formula's cell is told where it comes from.
        if text and not text.startswith("#") and not asked.takes(cell_number(cell)):
            yield (
                f"{reader.label}: sheet {held.sheet}, {address(held.first + place, col)}: "
                f"{asked.column} is '{text}'; {asked.mend}."
            )
