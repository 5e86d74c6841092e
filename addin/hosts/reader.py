"""What stands in a workbook, sheet by sheet: for whoever reads it as a whole.

The door of ``addin.workbook`` is made for tables; plan tabs, settings and old
workbooks are read cell by cell, names included. A host gives the cells of a
sheet in one go, and this answers from them.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

from ...udfs.errors import WorkbookError
from ..workbook import address, table_trouble
from .areas import Cell, DefinedName, PackageTable


class Reader(Protocol):
    """The cells, names and tables of a workbook; empty cells are ""."""

    @property
    @abstractmethod
    def label(self) -> str:
        """The workbook as messages call it."""

    @property
    @abstractmethod
    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""

    @property
    @abstractmethod
    def names(self) -> tuple[DefinedName, ...]:
        """All names, of the workbook and of its sheets."""

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, PackageTable]:
        """All tables by name in small letters, as names do not tell capitals apart."""

    @abstractmethod
    def grid(self, sheet: str) -> list[list[Any]]:
        """All values of a sheet from A1 on; empty cells are ""."""

    @abstractmethod
    def formula_cells(self, sheet: str) -> frozenset[Cell]:
        """The cells of a sheet that hold a formula, as (row, column)."""

    def read_ahead(self, names: Iterable[str]) -> None:
        """Begins to read some tables beside what is done meanwhile, where the host can."""
        return

    def table(self, name: str) -> PackageTable | None:
        """A table by name; None where there is none."""
        return self.tables.get(name.casefold())

    def name(self, name: str, sheet: str = "") -> DefinedName | None:
        """A name of the workbook, or of a sheet; None where there is none."""
        wanted = (name.casefold(), sheet.casefold())
        for each in self.names:
            if (each.name.casefold(), each.sheet.casefold()) == wanted:
                return each
        return None

    def value(self, sheet: str, row: int, col: int) -> object:
        """A cell's value: text, number, date, bool; None where it is empty."""
        grid = self.grid(sheet)
        if row >= len(grid) or col >= len(grid[row]):
            return None
        value = grid[row][col]
        return None if value == "" else value

    def named_value(self, name: str, sheet: str = "") -> object:
        """The value of a named cell; None where there is none."""
        found = self.name(name, sheet)
        area = found.area if found else None
        if area is None or area.sheet not in self.sheets:
            return None
        return self.value(area.sheet, area.top, area.left)

    def records(self, name: str) -> list[dict[str, Any]]:
        """A table's rows by the headers that stand on the sheet; empty cells are "".

        Rows without any value are left out.

        Args:
            name: of the table; one that is not there gives no rows.
        """
        return list(self.numbered_records(name).values())

    def numbered_records(self, name: str) -> dict[int, dict[str, Any]]:
        """The same, by the place of each row in the table, counted from 0."""
        table = self.table(name)
        if table is None:
            return {}
        area, headers = table.area, self.headers(table)
        last = area.bottom - table.totals
        rows = (
            line[area.left : area.right + 1]
            for line in self.grid(area.sheet)[area.top + table.headers : last + 1]
        )
        return {
            place: dict(zip(headers, row, strict=False))
            for place, row in enumerate(rows)
            if any(cell != "" for cell in row)
        }

    def headers(self, table: PackageTable) -> list[str]:
        """The headers of a table as they stand on the sheet."""
        if not table.headers:
            return list(table.columns)
        area = table.area
        cells = [self.value(area.sheet, area.top, col) for col in range(area.left, area.right + 1)]
        return ["" if cell is None else str(cell) for cell in cells]


@dataclass(frozen=True)
class Sheetful:
    """A table's cells, column by column, rows typed directly beneath it included.

    Attributes:
        name: of the table.
        sheet: it stands on.
        first: the sheet's row of its first data row, counted from 0.
        left: the sheet's column of its first one, counted from 0.
        rows: how many.
        headers: of its columns, as they stand.
        columns: header -> cells; empty ones are "". Shared: not to be changed.
    """

    name: str
    sheet: str
    first: int
    left: int
    rows: int
    headers: tuple[str, ...]
    columns: dict[str, list[Any]]


_READ: Final["WeakKeyDictionary[Reader, dict[str, Sheetful]]"] = WeakKeyDictionary()


def sheetful(reader: Reader, name: str, needed: Sequence[str] = ()) -> Sheetful:
    """A table's cells, rows typed directly beneath it included; read once per reader.

    Args:
        reader: of the workbook.
        name: of the table.
        needed: columns without which nothing can be done.

    Raises:
        WorkbookError: the table, or a needed column, is not there, or a column is there twice.
    """
    read = _READ.setdefault(reader, {})
    known = name.casefold()
    if known not in read:
        read[known] = _sheetful(reader, name)
    held = read[known]
    for column in needed:
        if held.headers.count(column) != 1:
            raise WorkbookError(
                f"{reader.label}: sheet {held.sheet}, cell {address(held.first - 1, held.left)}: "
                f"the table {name} has {'no' if column not in held.headers else 'more than one'} "
                f"column '{column}'; give each column its own header back."
            )
    return held


def _sheetful(reader: Reader, name: str) -> Sheetful:
    table = reader.table(name)
    if table is None:
        raise table_trouble(name, reader.label)
    area, headers = table.area, [header.strip() for header in reader.headers(table)]
    first, last = area.top + table.headers, area.bottom - table.totals
    grid = reader.grid(area.sheet)
    if not table.totals:
        last += _beneath(reader, table.name, first, last)
    width = area.right - area.left + 1
    rows = last - first + 1
    lines = grid[first : last + 1]
    lines += [[]] * (rows - len(lines))
    if min(map(len, lines), default=0) <= area.right:
        lines = [[*line, *[""] * (area.left + width - len(line))] for line in lines]
    cells = zip(*lines, strict=False) if lines else ([] for _ in range(area.left + width))
    mine = islice(cells, area.left, area.left + width)
    columns = {header: list(column) for header, column in zip(headers, mine, strict=False)}
    return Sheetful(table.name, area.sheet, first, area.left, len(lines), tuple(headers), columns)


def _beneath(reader: Reader, name: str, first: int, last: int) -> int:
    """How many rows typed directly beneath a table belong to it."""
    table = reader.table(name)
    assert table is not None
    area, grid = table.area, reader.grid(table.area.sheet)
    formulas = reader.formula_cells(area.sheet) if last + 1 < len(grid) else frozenset()
    live = {col for row, col in formulas if row == first}
    count = 0
    while last + 1 + count < len(grid):
        row = last + 1 + count
        columns = range(area.left, area.right + 1)
        if not any(cell != "" for cell in grid[row][area.left : area.right + 1]):
            break
        if any((row, col) in formulas and col not in live for col in columns):
            break
        count += 1
    return count


def live_headers(reader: Reader, name: str) -> frozenset[str]:
    """The calculated columns of a table: formulas stand in half of their rows, or more.

    Somebody may have typed over some of them, or put a formula into a column of facts.
    """
    table = reader.table(name)
    if table is None:
        return frozenset()
    area, headers = table.area, reader.headers(table)
    first, last = area.top + table.headers, area.bottom - table.totals
    counts = Counter(
        col
        for row, col in reader.formula_cells(area.sheet)
        if first <= row <= last and area.left <= col <= area.right
    )
    rows = last - first + 1
    return frozenset(
        headers[col - area.left].strip() for col, count in counts.items() if 2 * count >= rows
    )
