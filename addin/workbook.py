"""The one door to a workbook: operations the size of a table, whoever opens it.

Macros speak to this protocol and never touch a cell. `hosts/excel.py` opens the
door in Excel, `hosts/package.py` reads closed files and `hosts/package_writer.py`
writes them. What a host cannot do ends in one line that says where and how to
mend it, with nothing half done in that table.

Values come and go as Cell: text, float, bool, datetime, CellError, and None for
an empty cell; a Formula may be written as well. Text is always text, whatever it
begins with. Rows count from 0 within a table.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from ..udfs.errors import WorkbookError

if TYPE_CHECKING:
    import xlwings as xw

    from .hosts.reader import Reader

ERRORS: Final = frozenset(
    ("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!")
)
LONGEST_TEXT: Final = 32_767
LAST_ROW: Final = 1_048_576
_LARGEST: Final = sys.float_info.max


@dataclass(frozen=True)
class CellError:
    """An error value in a cell, such as #N/A."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A formula to write, as a person types it in English Excel: =SUM([@Wins],1)."""

    text: str


Cell = str | float | bool | datetime | CellError | Formula | None


@dataclass(frozen=True)
class TableShape:
    """Where a table stands, and what its columns are called on the sheet.

    Attributes:
        name: as formulas call it.
        sheet: that it stands on.
        top, left: its first cell, counted from 0.
        columns: the headers as they stand on the sheet.
        rows: data rows, blank ones included; not those typed beneath the table.
        headers: 1, or 0 where the header row is switched off.
    """

    name: str
    sheet: str
    top: int
    left: int
    columns: tuple[str, ...]
    rows: int
    headers: int = 1

    @property
    def first(self) -> int:
        """The sheet's row of the first data row."""
        return self.top + self.headers

    @property
    def below(self) -> int:
        """The sheet's row under the last data row."""
        return self.first + self.rows

    @property
    def right(self) -> int:
        """The sheet's column of the last column."""
        return self.left + len(self.columns) - 1


@runtime_checkable
class Workbook(Protocol):
    """An open workbook of ours. Names of tables, sheets and cells do not tell capitals apart.

    Every operation raises WorkbookError, in one line, where the table, column,
    name or sheet is not there, or the sheet is protected.
    """

    @property
    def label(self) -> str:
        """The workbook as messages call it: its path, or its name."""
        ...

    @property
    def place(self) -> str:
        """Where the workbook lies: its full path, or its name where it was never saved."""
        ...

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        ...

    def tables(self) -> Mapping[str, TableShape]:
        """All tables, wherever the user moved them, by their names."""
        ...

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values; rows typed directly beneath the table belong to it.

        Args:
            name: of the table.
            columns: that are needed; all of them without.

        Returns:
            One object column per header. The index is the row's place in the
            table; rows without any value are left out. Formulas give the value
            that is stored with them, None where there is none.
        """
        ...

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        ...

    def read_formulas(self, name: str) -> pd.DataFrame:
        """The formulas of a table, as ``=SUM(A1:A2)``, None for a cell without; all its rows."""
        ...

    def reader(self) -> "Reader":
        """The cells, names and tables of the whole workbook as they are now, to be read only."""
        ...

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Gives columns of a table new headers; formulas that name them follow.

        Args:
            name: of the table.
            headers: old header -> new one, which no column has.
        """
        ...

    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows, and leaves everything else as it is.

        Args:
            name: of the table.
            frame: columns of the table; the index says which row each is, as
                ``read_table`` gave it. Rows typed beneath become rows of the table.
        """
        ...

    def replace_rows(
        self,
        name: str,
        frame: pd.DataFrame,
        was: Sequence[int | None] | None = None,
        spare: int = 0,
    ) -> None:
        """Gives a table exactly these rows; it grows or shrinks with what belongs to it.

        Args:
            name: of the table.
            frame: the rows in order, any index; columns of the table.
            was: for each row, which row of the table it was before: its cells in
                other columns, with their formats, come along. None for a new
                row: blank there, but for the formulas of its column. Without
                ``was`` all rows are new.
            spare: blank rows to leave at the end, to type into.
        """
        ...

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled; the table grows where it is full."""
        ...

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells, of the workbook or of one sheet."""
        ...

    def write_names(self, values: Mapping[str, object], sheet: str = "") -> None:
        """Writes named cells, of the workbook or of one sheet."""
        ...

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Copies a plan tab with its names and tables, and puts it behind the last plan tab.

        Args:
            source: the tab to copy, with all that is typed on it.
            name: of the new tab, no longer than 31 characters and not taken.

        Returns:
            What each table of the tab is called on the new one.
        """
        ...

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        ...

    def status(self, text: str) -> None:
        """Says what is being done; "" when it is over."""
        ...

    def message(self, text: str) -> None:
        """Says what was done, once, at the end."""
        ...

    def save(self) -> None:
        """Saves the workbook; a closed file is written whole, then swapped in."""
        ...


@runtime_checkable
class Lockable(Protocol):
    """A host that can lock a sheet; where one cannot, people are asked to."""

    def lock(self, sheet: str, locked: bool) -> bool:
        """Locks the cells of a sheet, without a password, or unlocks them.

        Cells whose format says so stay open to typing.

        Returns:
            Whether it could.
        """
        ...


def open_workbook(book: "xw.Book | Workbook") -> Workbook:
    """The door to a workbook that a macro was given: open in Excel, or closed.

    Raises:
        WorkbookError: it is not one of this product; nothing was touched.
    """
    if isinstance(book, Workbook):
        return book
    from .hosts.excel import ExcelWorkbook

    return ExcelWorkbook(book)


# --- What all hosts share ----------------------------------------------------


def cell_of(value: object) -> Cell:
    """A value of Python, numpy or pandas as a cell holds it; missing ones are None."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str):
        return value or None
    if isinstance(value, (bool, CellError, Formula)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (date, np.datetime64)):
        return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()
    if isinstance(value, (int, float, np.number)):
        number = float(value)
        if np.isinf(number):
            raise ValueError("a cell cannot hold an infinite number")
        return None if number != number else number
    raise TypeError(f"a cell cannot hold a {type(value).__name__}")


def cells_of(values: Iterable[object]) -> list[Cell]:
    """A column's values as cells hold them."""
    found: list[Cell] = []
    add = found.append
    for value in values:
        # Almost all values are plain numbers and texts, and there are many.
        kind = type(value)
        is_number = kind is float and -_LARGEST <= value <= _LARGEST  # type: ignore[operator]
        if is_number or value is None or (kind is str and value):
            add(value)  # type: ignore[arg-type]
        else:
            add(cell_of(value))
    return found


@dataclass(frozen=True)
class Cells:
    """What a table is told: which cells, and what goes into them.

    Attributes:
        rows: of the table.
        places: of the columns in the table.
        columns: per column, a cell for each row.
    """

    rows: list[int]
    places: list[int]
    columns: list[list[Cell]]


def cells_to_write(shape: TableShape, frame: pd.DataFrame, label: str) -> Cells:
    """What ``Workbook.write_columns`` is told, checked.

    Raises:
        WorkbookError: the table does not have a column, or has it twice.
    """
    places = columns_at(shape, frame.columns, label)
    return Cells([int(row) for row in frame.index], places, _columns_of(frame))


def rows_to_replace(
    shape: TableShape,
    frame: pd.DataFrame,
    was: Sequence[int | None] | None,
    spare: int,
    label: str,
) -> tuple[Cells, list[int | None]]:
    """What ``Workbook.replace_rows`` is told, checked, and where each row was before.

    Raises:
        WorkbookError: the table does not have a column, or has it twice.
    """
    places, sources = columns_at(shape, frame.columns, label), sources_of(frame, was)
    count = max(len(frame) + spare, 1)
    blank = count - len(frame)
    columns = [[*column, *[None] * blank] for column in _columns_of(frame)]
    return Cells(list(range(count)), places, columns), [*sources, *[None] * blank]


def _columns_of(frame: pd.DataFrame) -> list[list[Cell]]:
    return [_column_cells(frame.iloc[:, at]) for at in range(len(frame.columns))]


def _column_cells(column: "pd.Series[Any]") -> list[Cell]:
    if column.dtype == np.float64 and not np.isinf(column).any():
        values: list[Cell] = column.astype(object).where(column.notna(), None).tolist()
        return values
    return cells_of(column.tolist())


def columns_at(shape: TableShape, columns: Iterable[str], label: str) -> list[int]:
    """Which columns of the table these are, counted from 0.

    Raises:
        WorkbookError: the table does not have one, or has it twice.
    """
    places = []
    for column in columns:
        found = [at for at, header in enumerate(shape.columns) if header.strip() == column]
        if len(found) != 1:
            raise column_trouble(shape, column, len(found), label)
        places.append(found[0])
    return places


def find_table(tables: Mapping[str, TableShape], name: str, label: str) -> TableShape:
    """A table by its name.

    Raises:
        WorkbookError: there is none of that name.
    """
    for known, shape in tables.items():
        if known.casefold() == name.casefold():
            return shape
    raise table_trouble(name, label)


def sources_of(frame: pd.DataFrame, was: Sequence[int | None] | None) -> list[int | None]:
    """Where each row of a frame was before, as ``Workbook.replace_rows`` is told."""
    sources: list[int | None] = [None] * len(frame) if was is None else list(was)
    known = [source for source in sources if source is not None]
    if len(sources) != len(frame) or len(set(known)) != len(known):
        raise ValueError("say once for each row where it was")
    return sources


def table_trouble(name: str, label: str) -> WorkbookError:
    """A table is not there."""
    return WorkbookError(
        f"{label}: the table {name} is missing; take the workbook from a backup, or give the "
        "table its name back (Table Design, Table Name)."
    )


def column_trouble(shape: TableShape, column: str, found: int, label: str) -> WorkbookError:
    """A column is missing, or there twice."""
    where = f"{address(shape.top, shape.left)}:{address(shape.top, shape.right)}"
    what = "has no column" if not found else f"has {found} columns"
    mend = (
        "give the column its header back, or put the column back."
        if not found
        else "give each column a header of its own."
    )
    return WorkbookError(
        f"{label}: sheet {shape.sheet}, {where}: the table {shape.name} {what} '{column}'; {mend}"
    )


def protected_trouble(sheet: str, label: str) -> WorkbookError:
    """A sheet that should be written is protected."""
    return WorkbookError(
        f"{label}: the sheet {sheet} is protected; unprotect it (Review, Unprotect Sheet), and "
        "run this again."
    )


def occupied_trouble(shape: TableShape, cell: str, label: str) -> WorkbookError:
    """A table cannot grow because something stands beneath it."""
    return WorkbookError(
        f"{label}: sheet {shape.sheet}, cell {cell}: the table {shape.name} needs this room to "
        "grow; move what stands there, and run this again."
    )


def name_trouble(name: str, sheet: str, label: str) -> WorkbookError:
    """A named cell is not there."""
    where = f", sheet {sheet}" if sheet else ""
    return WorkbookError(
        f"{label}{where}: no cell has the name {name}; give the cell its name back (Formulas, "
        "Name Manager)."
    )


def sheet_trouble(name: str, label: str) -> WorkbookError:
    """A sheet is not there."""
    return WorkbookError(f"{label}: there is no sheet {name}; give the sheet its name back.")


def taken_trouble(name: str, label: str) -> WorkbookError:
    """A sheet cannot be called so."""
    return WorkbookError(
        f"{label}: there is a sheet {name} already; choose another name, or delete the sheet."
    )


def locked_trouble(label: str) -> WorkbookError:
    """Sheets cannot be added to the workbook."""
    return WorkbookError(
        f"{label}: the structure of the workbook is protected, so no sheet can be added; unprotect "
        "it (Review, Protect Workbook), and run this again."
    )


def room_trouble(shape: TableShape, label: str) -> WorkbookError:
    """A table would grow beyond the sheet."""
    return WorkbookError(
        f"{label}: sheet {shape.sheet}: the table {shape.name} would go beyond row {LAST_ROW:,}; "
        "split the data."
    )


def text_trouble(where: str, length: int, label: str) -> WorkbookError:
    """A text is longer than a cell can hold."""
    return WorkbookError(
        f"{label}: {where}: a text of {length:,} characters; a cell holds {LONGEST_TEXT:,}. "
        "Shorten it."
    )


def address(row: int, col: int) -> str:
    """A cell as people write it: (6, 2) -> C7."""
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def header_text(cell: Cell) -> str:
    """A header as text; one that is typed as a number has no decimals."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def table_frame(
    rows: Sequence[int], cells: Sequence[Sequence[Cell]], shape: TableShape, places: Sequence[int]
) -> pd.DataFrame:
    """A table's rows as ``read_table`` gives them.

    Args:
        rows: of the table, those that hold anything.
        cells: of each of these rows, those of the columns that were asked for.
        shape: of the table.
        places: of these columns.
    """
    grid = np.empty((len(rows), len(places)), dtype=object)
    if rows:
        grid[:] = cells
    names = pd.Index([shape.columns[place].strip() for place in places], dtype=object)
    return pd.DataFrame(grid, pd.Index(list(rows), dtype="int64"), names, dtype=object)
