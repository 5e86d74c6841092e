"""What stands in a range of cells, as values that the model reads, and its answers as cells again.

Conventions:

1. A range comes as a single value, as a list (one row) or as a list of rows.
   Blank is an empty cell, and text of nothing but blanks (what a formula that
   gives "" leaves).
2. A text that is a plain number counts as that number ("12.5", "30%"); text
   with separators or a currency does not: 1,200 may be either of two numbers.
3. A cell in error passes its own error on. Excel's newer errors (#SPILL! and
   the like) pass on as #VALUE!.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import pandas as pd

from .errors import ModelInputError

Cells: TypeAlias = Any
"""A cell, a row of cells, or rows of cells. A plain union would be more exact, but xlwings
chooses its converter by the annotation, and has none for unions."""

Read = TypeVar("Read")


class CellError(StrEnum):
    """An error, as the cell shows it.

    Python cannot put an error into a cell of Excel: pywin32 gives every
    VT_ERROR the same code (xlwings issue 776). So an error leaves Python as
    its name, which xlwings hands on as it is (``prepare_xl_data_element`` in
    its ``_xlwindows.py`` changes dates, numpy's numbers and missing values, and
    ends in ``else: return x``), and the host makes it real: xlwings Lite does
    so by itself, in Excel the function's VBA wrapper does with ``CVErr``.
    """

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"


_NEWER_ERRORS: Final = (
    *("#SPILL!", "#CALC!", "#FIELD!", "#GETTING_DATA", "#UNKNOWN!", "#BLOCKED!", "#CONNECT!"),
    *("#BUSY!", "#EXTERNAL!", "#PYTHON!", "#TIMEOUT!"),
)
_ERRORS: Final[Mapping[str, CellError]] = {
    **dict.fromkeys(_NEWER_ERRORS, CellError.VALUE),
    **{str(error): error for error in CellError},
}
# Excel on Windows passes an error as a whole number, while every real number comes as a float;
# xlwings names those that it knows.
_FIRST_CODE: Final = -2_146_828_288
_ERROR_CODES: Final = range(_FIRST_CODE + 2000, _FIRST_CODE + 2100)
_BY_CODE: Final = {
    _FIRST_CODE + number: error
    for number, error in zip((2000, 2007, 2015, 2023, 2029, 2036, 2042), CellError, strict=True)
}

FIRST_DAY: Final = dt.datetime(1899, 12, 30)
LAST_DAY: Final = 2_958_466
"""Excel's days end with the year 9999."""

_NUMBER: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?) ?(%?)")


class InputError(ModelInputError):
    """What was given to a worksheet function is not what the function takes.

    Args:
        message: one line: which argument and cell, what is wrong, how to mend it.
        error: what the cell shows.
        more: further mistakes found in the same go, one line each.
    """

    def __init__(
        self, message: str, error: CellError = CellError.VALUE, more: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, more)
        self.error = error


class Answer(NamedTuple):
    """What a worksheet function gives: cells to spill, and why any of them are errors."""

    cells: Cells
    reasons: tuple[str, ...] = ()


class _BadCellError(Exception):
    def __init__(self, error: CellError, what: str) -> None:
        super().__init__(what)
        self.error = error
        self.what = what


def _trimmed(text: str) -> str:
    return " ".join(text.split())


def is_blank(cell: Any) -> bool:
    """Whether a cell is empty, or holds nothing but blanks."""
    if isinstance(cell, str):
        return not _trimmed(cell)
    return cell is None or bool(cell != cell)


def _refuse_error(cell: Any) -> None:
    name = cell.strip().upper() if isinstance(cell, str) and "#" in cell else ""
    is_code = type(cell) is int and cell in _ERROR_CODES
    name = str(_BY_CODE.get(cell, "")) if is_code else name
    unnamed = is_code and not name
    if name in _ERRORS or unnamed:
        shown = "an error" if unnamed else name
        raise _BadCellError(
            _ERRORS.get(name, CellError.VALUE), f"the cell itself shows {shown}; mend it there."
        )


def _text(cell: Any) -> str:
    """A cell as a person types it: 12.0 is "12", a date 2026-01-31, a blank one ""."""
    if is_blank(cell):
        return ""
    _refuse_error(cell)
    if isinstance(cell, str):
        return _trimmed(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (int, float)):
        return f"{cell:.15g}"
    return str(cell.date() if isinstance(cell, dt.datetime) else cell)


def _number(cell: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """A cell as a number, NaN where it is blank."""
    if is_blank(cell):
        return math.nan
    _refuse_error(cell)
    value = cell
    if isinstance(cell, str):
        found = _NUMBER.fullmatch(_trimmed(cell))
        value = float(found[1]) / (100 if found[2] else 1) if found else cell
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _BadCellError(
            CellError.VALUE,
            f"'{_text(cell)}' is no number; type it as one, without separators or currency.",
        )
    if not low <= value <= high or math.isinf(value):
        raise _BadCellError(CellError.NUM, f"{value:g} is out of range; give {_span(low, high)}.")
    return float(value)


def _date(cell: Any) -> pd.Timestamp:
    """A cell as a day, NaT where it is blank: a date, its number, or text such as 2026-01-31."""
    if is_blank(cell):
        return pd.NaT  # type: ignore[return-value]
    _refuse_error(cell)
    day = cell
    if isinstance(cell, str):
        day = pd.to_datetime(_trimmed(cell), format="%Y-%m-%d", errors="coerce")
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 < cell < LAST_DAY:
        day = FIRST_DAY + dt.timedelta(days=math.floor(cell))
    if isinstance(day, (bool, int, float)) or pd.isna(day):
        raise _BadCellError(
            CellError.VALUE, f"'{_text(cell)}' is no date; type one, such as 2026-01-31."
        )
    return pd.Timestamp(day).normalize()


def _span(low: float, high: float) -> str:
    if math.isinf(high):
        return "a number" if math.isinf(low) else f"{low:g} or more"
    return f"{low:g} to {high:g}"


def _word(cell: Any, words: Collection[str]) -> str:
    """The one of these words that a cell holds, whatever its capitals; "" where it is blank."""
    typed = _text(cell)
    known = {word.casefold(): word for word in words}
    if typed and typed.casefold() not in known:
        raise _BadCellError(
            CellError.VALUE, f"'{typed}' is not known; use one of: {', '.join(words)}."
        )
    return known.get(typed.casefold(), "")


def rows_of(cells: Cells, name: str) -> list[list[Any]]:
    """A range as a list of rows of the same length.

    Args:
        cells: a single value, a list (one row) or a list of rows.
        name: the argument, for the message.

    Raises:
        InputError: rows of different lengths.
    """
    if not isinstance(cells, (list, tuple)):
        return [[cells]]
    rows = [
        list(row) for row in (cells if cells and isinstance(cells[0], (list, tuple)) else [cells])
    ]
    if len({len(row) for row in rows}) > 1:
        raise InputError(f"{name}: the rows have different lengths; give a rectangle.")
    return rows if rows[0] else [[None]]


def is_left_out(cells: Cells) -> bool:
    """Whether an argument was left out, or points to one blank cell."""
    rows = rows_of(cells, "")
    return len(rows) == len(rows[0]) == 1 and is_blank(rows[0][0])


def one_number(
    name: str,
    cells: Cells,
    default: float = math.nan,
    *,
    low: float = -math.inf,
    high: float = math.inf,
) -> float:
    """The number in an argument that takes a single cell.

    Args:
        name: the argument, for the message.
        cells: what was given.
        default: what a blank cell, or none, means.
        low, high: the range, both included.

    Raises:
        InputError: more than one cell, no number, or out of range.
    """
    value = _one(name, cells, lambda cell: _number(cell, low, high))
    return default if math.isnan(value) else value


def one_text(name: str, cells: Cells) -> str:
    """The text in an argument that takes a single cell, "" where it is blank.

    Args:
        name: the argument, for the message.
        cells: what was given.

    Raises:
        InputError: more than one cell, or a cell in error.
    """
    return _one(name, cells, _text)


def one_date(name: str, cells: Cells) -> pd.Timestamp:
    """The day in an argument that takes a single cell; NaT where it is blank.

    Args:
        name: the argument, for the message.
        cells: what was given.

    Raises:
        InputError: more than one cell, or no date.
    """
    return _one(name, cells, _date)


def in_days(day: pd.Timestamp) -> Any:
    """A day as a cell holds it, a number that is shown as a date; blank where there is none."""
    return "" if pd.isna(day) else (day - pd.Timestamp(FIRST_DAY)).days


def one_word(name: str, cells: Cells, words: Collection[str], default: str) -> str:
    """The word in an argument that takes a single cell; capitals make no difference.

    Args:
        name: the argument, for the message.
        cells: what was given.
        words: what it may be.
        default: what a blank cell, or none, means.

    Raises:
        InputError: more than one cell, or another word.
    """
    return _one(name, cells, lambda cell: _word(cell, words)) or default


def _one(name: str, cells: Cells, read: Callable[[Any], Read]) -> Read:
    rows = rows_of(cells, name)
    if len(rows) > 1 or len(rows[0]) > 1:
        raise InputError(f"{name}: {_size(rows)} were given; give one cell.")
    try:
        return read(rows[0][0])
    except _BadCellError as wrong:
        raise InputError(f"{name}: {wrong.what}", wrong.error) from None


def _size(rows: Sequence[Sequence[Any]]) -> str:
    return f"{len(rows)} x {len(rows[0])} cells"


def in_a_cell(value: Any) -> Any:
    """A value of the model as a cell shows it: missing ones are blank."""
    return "" if is_blank(value) else value


class Aligned:
    """Ranges that belong together cell by cell: the first of one and the first of the other.

    Args:
        given: each argument by name. All have the same size, but for single
            cells, which then count for every place.

    Raises:
        InputError: ranges of different sizes.
    """

    def __init__(self, **given: Cells) -> None:
        blocks = {name: rows_of(cells, name) for name, cells in given.items()}
        large = {name: rows for name, rows in blocks.items() if len(rows) * len(rows[0]) > 1}
        large = large or blocks
        first = next(iter(large))
        self._rows, self._columns = len(large[first]), len(large[first][0])
        for name, rows in large.items():
            if (len(rows), len(rows[0])) != (self._rows, self._columns):
                raise InputError(
                    f"{name}: it has {_size(rows)}, and {first} has {_size(large[first])}; "
                    "give ranges of the same size."
                )
        places = range(self._rows * self._columns)
        flat = {name: [cell for row in rows for cell in row] for name, rows in blocks.items()}
        self._single = set(blocks) - set(large)
        self._cells = {n: flat[n] * (len(places) if n in self._single else 1) for n in blocks}
        self._depth = max(_depth(cells) for cells in given.values())
        self._blank = [all(is_blank(flat[name][place]) for name in large) for place in places]
        self._wrong: dict[int, CellError] = {}
        self._reasons: list[str] = []

    def numbers(
        self, name: str, *, low: float = -math.inf, high: float = math.inf
    ) -> "pd.Series[float]":
        """The numbers of an argument, NaN where it is blank or wrong.

        Args:
            name: the argument.
            low, high: the range, both included.
        """
        return pd.Series(self._read(name, lambda cell: _number(cell, low, high), math.nan))

    def words(self, name: str, words: Collection[str]) -> "pd.Series[str]":
        """The words of an argument, "" where it is blank or wrong.

        Args:
            name: the argument.
            words: what they may be; capitals make no difference.
        """
        return pd.Series(self._read(name, lambda cell: _word(cell, words), ""))

    def _read(self, name: str, read: Callable[[Any], Read], missing: Read) -> list[Read]:
        found = []
        for place, cell in enumerate(self._cells[name]):
            try:
                found.append(read(cell))
            except _BadCellError as wrong:
                found.append(missing)
                self._wrong.setdefault(place, wrong.error)
                where = "" if name in self._single else self._where(place)
                self._reasons.append(f"{name}{where}: {wrong.what}")
        return found

    def _where(self, place: int) -> str:
        row, column = divmod(place, self._columns)
        in_row = f", row {row + 1}" if self._rows > 1 else ""
        return in_row + (f", column {column + 1}" if self._columns > 1 else "")

    def refuse_wrong(self) -> None:
        """Raises InputError where any cell read so far was wrong: each answer rests on all."""
        if self._wrong:
            reasons = tuple(dict.fromkeys(self._reasons))
            raise InputError(reasons[0], next(iter(self._wrong.values())), reasons[1:])

    def answer(self, values: "pd.Series[Any]") -> Answer:
        """One answer per place, in the size that was given.

        Args:
            values: one per place. Blank places stay blank, wrong ones show their error.
        """
        cells = [
            "" if self._blank[place] else self._wrong.get(place, in_a_cell(value))
            for place, value in enumerate(values.tolist())
        ]
        reasons = tuple(dict.fromkeys(self._reasons))
        if self._depth == 0:
            return Answer(cells[0], reasons)
        if self._depth == 1:
            return Answer(cells, reasons)
        starts = range(0, len(cells), self._columns)
        return Answer([cells[start : start + self._columns] for start in starts], reasons)


def _depth(cells: Cells) -> int:
    if not isinstance(cells, (list, tuple)):
        return 0
    return 2 if cells and isinstance(cells[0], (list, tuple)) else 1


class Headed:
    """A range with headings in its first row, such as ``Accounts[#All]``.

    Args:
        name: the argument, for messages.
        cells: the range. Rows without any entry are passed over.
        first_row: the number of the first row below the headings, for messages.

    Raises:
        InputError: not a rectangle.
    """

    def __init__(self, name: str, cells: Cells, first_row: int = 2) -> None:
        rows = rows_of(cells, name)
        self._name = name
        self._first_row = first_row
        self._headings = ["" if is_blank(cell) else _trimmed(str(cell)) for cell in rows[0]]
        self._body = rows[1:]
        self._filled = [
            at for at, row in enumerate(self._body) if not all(is_blank(cell) for cell in row)
        ]

    def __len__(self) -> int:
        return len(self._filled)

    def __contains__(self, heading: str) -> bool:
        return heading.casefold() in (each.casefold() for each in self._headings)

    def numbers(self, heading: str) -> "pd.Series[float]":
        """The numbers of a column, NaN where it is blank.

        Raises:
            InputError: no such column, or a cell that is no number; one line per cell.
        """
        return pd.Series(self._read(heading, _number), dtype="float64")

    def dates(self, heading: str) -> "pd.Series[pd.Timestamp]":
        """The days of a column, NaT where it is blank.

        Raises:
            InputError: no such column, or a cell that is no date; one line per cell.
        """
        return pd.Series(self._read(heading, _date), dtype="datetime64[ns]")

    def words(self, heading: str, words: Collection[str]) -> "pd.Series[str]":
        """The words of a column, "" where it is blank; capitals make no difference.

        Args:
            heading: the column's.
            words: what they may be.

        Raises:
            InputError: no such column, or another word; one line per cell.
        """
        return pd.Series(self._read(heading, lambda cell: _word(cell, words)), dtype="str")

    def texts(self, heading: str) -> "pd.Series[str]":
        """The texts of a column, "" where it is blank.

        Raises:
            InputError: no such column, or a cell in error; one line per cell.
        """
        return pd.Series(self._read(heading, _text), dtype="str")

    def values(self, heading: str) -> "pd.Series[Any]":
        """A column as numbers where all that stands there are numbers, else as texts.

        Raises:
            InputError: no such column, or a cell in error.
        """
        filled = [cell for cell in self._column(heading) if not is_blank(cell)]
        plain = all(
            isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in filled
        )
        return self.numbers(heading) if plain else self.texts(heading)

    def typed(self, heading: str) -> "pd.Series[Any]":
        """A column as it was typed, None where it is blank.

        Raises:
            InputError: no such column.
        """
        cells = [None if is_blank(cell) else cell for cell in self._column(heading)]
        return pd.Series(cells, dtype=object)

    def _read(self, heading: str, read: Callable[[Any], Read]) -> list[Read]:
        found, reasons, errors = [], [], []
        for at, cell in zip(self._filled, self._column(heading), strict=True):
            try:
                found.append(read(cell))
            except _BadCellError as wrong:
                row = at + self._first_row
                reasons.append(f"{self._name}, row {row}, {heading}: {wrong.what}")
                errors.append(wrong.error)
        if reasons:
            raise InputError(reasons[0], errors[0], tuple(reasons[1:]))
        return found

    def _column(self, heading: str) -> Iterable[Any]:
        wanted = heading.casefold()
        places = [at for at, each in enumerate(self._headings) if each.casefold() == wanted]
        if not places:
            raise InputError(
                f"{self._name}: there is no column '{heading}'; "
                f"the first row reads: {', '.join(filter(None, self._headings)) or 'nothing'}."
            )
        if len(places) > 1:
            raise InputError(f"{self._name}: '{heading}' heads two columns; rename one of them.")
        return [self._body[at][places[0]] for at in self._filled]

    def answer(self, frame: pd.DataFrame) -> Answer:
        """One row of answers per row below the headings.

        Args:
            frame: one row per row that is filled. Rows without any entry stay blank.
        """
        width = len(frame.columns)
        cells = [[""] * width for _ in self._body] or [[""] * width]
        columns = [frame[name].tolist() for name in frame.columns]
        for at, row in zip(self._filled, zip(*columns, strict=True), strict=True):
            cells[at] = [in_a_cell(value) for value in row]
        return Answer(cells)
