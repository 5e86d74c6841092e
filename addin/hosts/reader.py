"""What stands in a workbook, sheet by sheet: for whoever reads it as a whole.

The door of ``addin.workbook`` is made for tables; plan tabs, settings and old
workbooks are read cell by cell, names included. A host gives the cells of a
sheet in one go, and this answers from them.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from .package import Cell, DefinedName, PackageTable


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
