"""Cells of a workbook's tables as the model reads them, as a formula beside them would.

Unlike the arguments of a worksheet function (``cells``), nothing is refused: a
cell that is not what its column asks for counts as an empty one.
"""

import datetime as dt
import math
from typing import Final

import numpy as np
import pandas as pd

from .cells import FIRST_DAY, LAST_DAY

_FIRST_DAY: Final = pd.Timestamp(FIRST_DAY)


def cell_text(cell: object) -> str:
    """A cell as text, as SUBSTITUTE gives it: "" for an empty one, 1001 for 1001.0."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def cell_number(cell: object) -> float:
    """A cell as a number, NaN where it is none; text that looks like one is none."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return math.nan
    return float(cell)


def cell_date(cell: object) -> dt.date | None:
    """The day of a date, or of a day number as spreadsheets count; ``None`` for the rest."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    number = cell_number(cell)
    return FIRST_DAY.date() + dt.timedelta(int(number)) if 1 <= number < LAST_DAY else None


def day_number(day: dt.date | np.datetime64) -> float:
    """A date, or a time of a day, as the number of days that a spreadsheet keeps it as."""
    return float((pd.Timestamp(day) - _FIRST_DAY) / pd.Timedelta(days=1))
