"""What does a written workbook hold, and what does an office program make of it?

Reads the parts of the package themselves with lxml, not through a library that also writes them,
so that a formula, the value stored with it and the type of a cell are seen as they stand in the
file. Source: ECMA-376, part 1 (SpreadsheetML).
"""

from __future__ import annotations

import math
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from lxml import etree

from .office import CellValue, OfficeError, Sheets, column_letters

MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
NEAR: Final = 1e-9


@dataclass(frozen=True)
class Cell:
    """A cell as the file holds it.

    Attributes:
        kind: the cell's type in the file: "n", "s" (shared text), "inlineStr", "str" (a
            formula's text), "b" or "e".
        value: number, text or error; booleans are 1.0 and 0.0, as in ``office.Sheets``.
        formula: "" where the cell holds none.
    """

    kind: str
    value: CellValue
    formula: str


@dataclass(frozen=True)
class TableIn:
    """A table of a workbook: where its data rows stand, and its columns' letters by name."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, str]

    def cell(self, row: int, column: str) -> tuple[str, str]:
        """Sheet and address of a data cell; row 0 is the first."""
        return self.sheet, f"{self.columns[column]}{self.first + row}"


class WorkbookFile:
    """The cells, tables and names of an .xlsx file.

    Attributes:
        sheets: the names of the sheets, in the order of their tabs.
        cells: sheet -> address -> cell, those with a value or a formula.
        tables: by name.
        names: (sheet or "" for the whole workbook, name) -> what it refers to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as package:
            book = etree.fromstring(package.read("xl/workbook.xml"))
            parts = _targets(package, "xl/workbook.xml")
            texts = _shared_texts(package)
            listed = [(s.get("name"), parts[s.get(RELATION)]) for s in book.iter(f"{MAIN}sheet")]
            self.sheets = [name for name, _ in listed]
            self.cells = {name: dict(_cells(package, part, texts)) for name, part in listed}
            self.tables = dict(
                table for sheet, part in listed for table in _tables(package, sheet, part)
            )
        self.names = dict(self._name(each) for each in book.iter(f"{MAIN}definedName"))

    def _name(self, element: Any) -> tuple[tuple[str, str], str]:
        local = element.get("localSheetId")
        sheet = "" if local is None else self.sheets[int(local)]
        return (sheet, element.get("name")), element.text

    def named(self, name: str, sheet: str = "") -> tuple[str, str]:
        """Sheet and address of the one cell that a name stands for."""
        where, _, cell = self.names[sheet, name].rpartition("!")
        return where.strip("'").replace("''", "'"), cell.replace("$", "")

    def find(self, table: str, column: str, value: CellValue, wanted: str) -> tuple[str, str]:
        """The cell of column ``wanted`` in the row where ``column`` holds a value."""
        place = self.tables[table]
        for row in range(place.last - place.first + 1):
            sheet, address = place.cell(row, column)
            cell = self.cells[sheet].get(address)
            if cell is not None and cell.value == value:
                return place.cell(row, wanted)
        raise LookupError(f"{table}: no row with {column} {value!r}")

    def first_blank(self, table: str, column: str) -> int:
        """The first data row of a table without a value in a column."""
        place = self.tables[table]
        for row in range(place.last - place.first + 1):
            sheet, address = place.cell(row, column)
            if address not in self.cells[sheet]:
                return row
        raise LookupError(f"{table}: no blank row")

    def frame(self, table: str, values: Sheets) -> pd.DataFrame:
        """A table as an office program computed it: numbers, text, errors; None where empty."""
        place = self.tables[table]
        rows = range(place.first, place.last + 1)
        found = values[place.sheet]
        return pd.DataFrame(
            {
                name: pd.Series([found.get(f"{letters}{row}") for row in rows], dtype=object)
                for name, letters in place.columns.items()
            }
        )

    def formulas(self) -> Iterator[tuple[str, str, Cell]]:
        """Every cell with a formula, as (sheet, address, cell)."""
        for sheet, cells in self.cells.items():
            for address, cell in cells.items():
                if cell.formula:
                    yield sheet, address, cell


def differences(file: WorkbookFile, recalculated: Sheets) -> list[str]:
    """Where a formula does not give the value stored with it, one line each.

    Numbers may be apart by 1e-9 of their size (or by 1e-9 where they are smaller than 1: all are
    rounded there); text must be equal. A formula that one side has and the other has not counts.
    """
    found = []
    for sheet, address, cell in file.formulas():
        if address not in recalculated.formulas[sheet]:
            found.append(f"{sheet}!{address}: no formula any more, was {cell.formula}")
            continue
        value = recalculated[sheet][address]
        if not same(cell.value, value):
            found.append(
                f"{sheet}!{address}: stored {cell.value!r}, recalculated {value!r}: {cell.formula}"
            )
    return found


def same(one: object, other: object) -> bool:
    """Whether two values are the same to the ninth digit; a missing one is like ""."""
    one, other = _plain(one), _plain(other)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    return type(one) is type(other) and one == other


def assert_same(
    found: pd.DataFrame, expected: pd.DataFrame, columns: Iterable[str], key: str | None = None
) -> None:
    """Holds a recalculated table against what Python computed.

    Args:
        found: of ``WorkbookFile.frame``.
        expected: with at least ``columns``, and ``key``.
        columns: those that must be the same.
        key: the column that says which row is which; ``None`` goes by the order of rows.
    """
    if key is not None:
        found = found[found[key].isin(list(expected[key]))].set_index(key)
        expected = expected.set_index(key)
        assert sorted(found.index) == sorted(expected.index)
        found = found.loc[expected.index]
    assert len(found) == len(expected)
    wrong = [
        f"{name} of {row}: Python {want!r}, workbook {got!r}"
        for name in columns
        for row, want, got in zip(expected.index, expected[name], found[name], strict=True)
        if not same(want, got)
    ]
    assert not wrong, "\n".join(wrong[:20])


def _plain(value: object) -> object:
    """A value as cells have it: dates as serial numbers, numbers as floats, nothing as ""."""
    if isinstance(value, (str, OfficeError)):
        return value
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return (value - pd.Timestamp(1899, 12, 30)) / pd.Timedelta(days=1)
    return float(value)  # type: ignore[arg-type]


def _targets(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    """The parts that a part refers to, by the id of the relationship."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in package.namelist():
        return {}
    return {
        each.get("Id"): posixpath.normpath(posixpath.join("/", folder, each.get("Target")))[1:]
        for each in etree.fromstring(package.read(relations))
        if each.get("TargetMode") != "External"
    }


def _shared_texts(package: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in package.namelist():
        return []
    items = etree.fromstring(package.read("xl/sharedStrings.xml"))
    return [_text("".join(t.text or "" for t in item.iter(f"{MAIN}t"))) for item in items]


def _text(text: str) -> str:
    """Text with its escaped signs put back (_x000D_ and the like)."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def _cells(package: zipfile.ZipFile, part: str, texts: Sequence[str]) -> Iterator[tuple[str, Cell]]:
    with package.open(part) as stream:
        for _, cell in etree.iterparse(stream, tag=f"{MAIN}c"):
            formula, value = cell.findtext(f"{MAIN}f"), cell.findtext(f"{MAIN}v")
            if cell.get("t") == "inlineStr":
                value = "".join(text.text or "" for text in cell.iter(f"{MAIN}t"))
            if value is not None or formula is not None:
                kind = cell.get("t", "n")
                yield cell.get("r"), Cell(kind, _value(kind, value or "", texts), formula or "")
            cell.clear()


def _value(kind: str, text: str, texts: Sequence[str]) -> CellValue:
    if kind == "s":
        return texts[int(text)]
    if kind in ("str", "inlineStr") or not text:
        return _text(text)
    return OfficeError(text) if kind == "e" else float(text)


def _tables(package: zipfile.ZipFile, sheet: str, part: str) -> Iterator[tuple[str, TableIn]]:
    for target in _targets(package, part).values():
        if not target.startswith("xl/tables/"):
            continue
        table = etree.fromstring(package.read(target))
        start, _, end = table.get("ref").partition(":")
        names = [_text(column.get("name")) for column in table.iter(f"{MAIN}tableColumn")]
        left, top = _column_number(start), _row(start)
        letters = [column_letters(left + offset) for offset in range(len(names))]
        columns = dict(zip(names, letters, strict=True))
        yield table.get("name"), TableIn(sheet, top + 1, _row(end), columns)


def _row(address: str) -> int:
    return int(re.sub(r"\D", "", address))


def _column_number(address: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", address):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def parts(path: Path) -> dict[str, Any]:
    """The bytes of every part of a package, by name."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}
