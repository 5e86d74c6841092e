"""An Excel in memory for xlwings: what would a macro do to this workbook, and in how many trips?

Subclasses xlwings' own base classes, so that tests go through the real xlwings API. It keeps
values, formulas, tables and names, nothing else. It does not calculate: where a sheet is told
something, the results of its formulas are gone. What is told to a cell is taken as Excel takes it:
"=..." is a formula, "'..." is text, "00123" is a number and "1/2" a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter, range_boundaries
from xlwings import base_classes
from xlwings.main import Engine as XlwingsEngine

NAME = "memory"
ERRORS = frozenset(("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))
Place = tuple[int, int]


class RefusedError(Exception):
    """What Excel answers when it does not take something."""


def open_book(path: Path) -> xw.Book:
    """A workbook from a file, open in the Excel in memory."""
    if NAME not in [engine.name for engine in xw.engines]:
        xw.engines.add(XlwingsEngine(impl=Engine()))
    return xw.Book(impl=Book(path))


class Engine:
    """The engine that xlwings asks for conversions."""

    name = NAME
    type = "desktop"

    @property
    def apps(self) -> list[App]:
        return []

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None or value != value else value

    @staticmethod
    def clean_value_data(
        rows: Any, dates: Any, empty: Any, numbers: Any, err_to_str: bool
    ) -> list[list[Any]]:
        def clean(value: Any) -> Any:
            if value is None or value == "":
                return empty
            if isinstance(value, str) and value in ERRORS and not err_to_str:
                return None
            return value

        return [[clean(value) for value in row] for row in rows]


class App(base_classes.App):
    """The program: its status bar, and the boxes that it showed."""

    def __init__(self) -> None:
        self.bar: list[Any] = []
        self.boxes: list[str] = []

    engine = Engine()
    pid = 1
    screen_updating = True
    display_alerts = True

    @property
    def status_bar(self) -> Any:
        return self.bar[-1] if self.bar else False

    @status_bar.setter
    def status_bar(self, value: Any) -> None:
        self.bar.append(value)

    def alert(self, prompt: str, *others: Any) -> str:
        self.boxes.append(prompt)
        return "ok"


class Book(base_classes.Book):
    """A workbook; counts how often values and formulas are asked for and told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reads = self.writes = self.saves = 0
        self._app = App()
        formulas, values = (
            openpyxl.load_workbook(path),
            openpyxl.load_workbook(path, data_only=True),
        )
        self.tabs = [Sheet(self, each, values[each.title]) for each in formulas.worksheets]
        self.defined = [Name(self, None, n, d.value) for n, d in formulas.defined_names.items()]
        for tab, each in zip(self.tabs, formulas.worksheets, strict=True):
            self.defined += [Name(self, tab, n, d.value) for n, d in each.defined_names.items()]

    api = object()

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def fullname(self) -> str:
        return str(self.path)

    @property
    def app(self) -> App:
        return self._app

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self.defined)

    def save(self, path: Any = None, password: Any = None) -> None:
        self.saves += 1

    def tab(self, name: str) -> Sheet:
        """A sheet by its name."""
        return next(each for each in self.tabs if each.title.casefold() == name.casefold())


class Sheets(base_classes.Sheets):
    """The sheets of a workbook."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name_or_index: str | int) -> Sheet:
        if isinstance(name_or_index, int):
            return self.book.tabs[name_or_index - 1]
        return self.book.tab(name_or_index)

    def __len__(self) -> int:
        return len(self.book.tabs)

    def __iter__(self) -> Iterator[Sheet]:
        return iter(self.book.tabs)


class _Protection:
    """A sheet's native object, as Excel for Windows has it."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def ProtectContents(self) -> bool:  # noqa: N802
        return self._sheet.is_protected

    def Protect(  # noqa: N802
        self, password: str, drawings: bool, contents: bool, scenarios: bool
    ) -> None:
        assert drawings and contents and scenarios
        self._sheet.is_protected, self._sheet.password = True, password

    def Unprotect(self, password: str) -> None:  # noqa: N802
        if self._sheet.is_protected and password != self._sheet.password:
            raise RefusedError("The password you supplied is not correct")
        self._sheet.is_protected, self._sheet.password = False, ""


class Sheet(base_classes.Sheet):
    """A sheet: cells by place, each a value and, where it has one, its formula."""

    def __init__(self, book: Book, formulas: Any, values: Any) -> None:
        self._book, self.title = book, formulas.title
        self.values: dict[Place, Any] = {}
        self.formulas: dict[Place, str] = {}
        self.open_cells: set[Place] = set()
        self.fitted: set[int] = set()
        for row in formulas.iter_rows():
            for cell in row:
                place = cell.row, cell.column
                if cell.has_style and not cell.protection.locked:
                    self.open_cells.add(place)
                if cell.data_type == "f":
                    self.formulas[place] = getattr(cell.value, "text", cell.value)
                    self.values[place] = values.cell(*place).value
                elif cell.value is not None:
                    self.values[place] = cell.value
        self.lists = [Table(self, n, range_boundaries(ref)) for n, ref in formulas.tables.items()]
        self.is_protected = bool(formulas.protection.sheet)
        # What the file holds is a hash: no text that one could type.
        self.password = str(formulas.protection.password or formulas.protection.hashValue or "")

    @property
    def api(self) -> _Protection:
        return _Protection(self)

    @property
    def name(self) -> str:
        return str(self.title)

    @name.setter
    def name(self, value: str) -> None:
        old, self.title = self.title, value
        for each in self._book.defined:
            each.text = each.text.replace(f"'{old}'!", f"'{value}'!")

    @property
    def book(self) -> Book:
        return self._book

    @property
    def index(self) -> int:
        return self._book.tabs.index(self) + 1

    @property
    def tables(self) -> Tables:
        return Tables(self.lists)

    @property
    def names(self) -> Names:
        return Names([each for each in self._book.defined if each.tab is self])

    @property
    def used_range(self) -> Range:
        places = [*self.values, *self.formulas] or [(1, 1)]
        last = (max(row for row, _ in places), max(col for _, col in places))
        return self.range((1, 1), last)

    def range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, Range):
            first, last = (first.row, first.column), (last.row, last.column)
        last = last or first
        return Range(self, first, (last[0] - first[0] + 1, last[1] - first[1] + 1))

    def copy(self, before: Any, after: Sheet) -> None:
        made = object.__new__(Sheet)
        made._book, made.title = self._book, f"{self.title} (2)"
        made.values, made.formulas = dict(self.values), dict(self.formulas)
        made.is_protected, made.password = self.is_protected, self.password
        made.open_cells = set(self.open_cells)
        made.lists = [
            Table(made, f"{each.label}{number}", each.bounds)
            for number, each in enumerate(self.lists, start=90)
        ]
        self._book.tabs.insert(self._book.tabs.index(after) + 1, made)
        for each in [known for known in self._book.defined if known.tab is self]:
            text = each.text.replace(f"'{self.title}'!", f"'{made.title}'!")
            self._book.defined.append(Name(self._book, made, each.label, text))

    def tell(self, place: Place, told: Any) -> None:
        """Puts into a cell what Excel makes of what it is told."""
        if self.is_protected and place not in self.open_cells:
            raise RefusedError("The cell is on a protected sheet")
        self.formulas.pop(place, None)
        self.values.pop(place, None)
        self.values |= dict.fromkeys(self.formulas)
        if isinstance(told, str) and told.startswith("="):
            self.formulas[place] = told
            self.values[place] = None
        elif told not in (None, ""):
            self.values[place] = _taken(told)


class Range(base_classes.Range):
    """A rectangle of cells, counted from 1."""

    def __init__(self, sheet: Sheet, first: Place, shape: Place) -> None:
        self._sheet, self._first, self._shape = sheet, first, shape
        self.options: dict[str, Any] = {}

    api = object()
    max_cells_per_read = None
    max_cells_per_write = None

    @property
    def sheet(self) -> Sheet:
        return self._sheet

    @property
    def row(self) -> int:
        return self._first[0]

    @property
    def column(self) -> int:
        return self._first[1]

    @property
    def shape(self) -> Place:
        return self._shape

    @property
    def address(self) -> str:
        (row, col), (rows, cols) = self._first, self._shape
        last = f"${get_column_letter(col + cols - 1)}${row + rows - 1}"
        return f"${get_column_letter(col)}${row}:{last}"

    def __len__(self) -> int:
        return self._shape[0] * self._shape[1]

    def __call__(self, row: int, col: int | None = None) -> Range:
        if col is None:
            row, col = (row - 1) // self._shape[1] + 1, (row - 1) % self._shape[1] + 1
        return Range(self._sheet, (self.row + row - 1, self.column + col - 1), (1, 1))

    def _places(self) -> list[list[Place]]:
        rows, cols = self._shape
        return [[(self.row + r, self.column + k) for k in range(cols)] for r in range(rows)]

    @property
    def raw_value(self) -> Any:
        self._sheet.book.reads += 1
        return [[self._sheet.values.get(place) for place in row] for row in self._places()]

    @raw_value.setter
    def raw_value(self, told: Any) -> None:
        self._sheet.book.writes += 1
        if not isinstance(told, (list, tuple)):
            told = [[told] * self._shape[1]] * self._shape[0]
        for places, values in zip(self._places(), told, strict=True):
            for place, value in zip(places, values, strict=True):
                self._sheet.tell(place, value)

    @property
    def formula(self) -> Any:
        self._sheet.book.reads += 1
        held = tuple(tuple(self._formula_at(place) for place in row) for row in self._places())
        return held[0][0] if len(self) == 1 else held

    @formula.setter
    def formula(self, told: Any) -> None:
        self._sheet.book.writes += 1
        rows = told if isinstance(told, (list, tuple)) else None
        origin = f"{get_column_letter(self.column)}{self.row}"
        for places in self._places():
            for place in places:
                cell = f"{get_column_letter(place[1])}{place[0]}"
                own = told if rows is None else rows[place[0] - self.row][place[1] - self.column]
                filled = Translator(own, origin).translate_formula(cell) if rows is None else own
                self._sheet.tell(place, filled)

    def _formula_at(self, place: Place) -> str:
        value = self._sheet.values.get(place)
        return self._sheet.formulas.get(place, "" if value is None else str(value))

    def autofit(self, axis: str | None = None) -> None:
        assert axis == "r"
        self._sheet.fitted.update(row[0][0] for row in self._places())

    def clear(self) -> None:
        for row in self._places():
            for place in row:
                self._sheet.tell(place, None)


class Tables(base_classes.Tables):
    """The tables of a sheet."""

    def __init__(self, held: list[Table]) -> None:
        self.held = held

    def __call__(self, name_or_index: str | int) -> Table:
        if isinstance(name_or_index, int):
            return self.held[name_or_index - 1]
        return next(each for each in self.held if each.label == name_or_index)

    def __len__(self) -> int:
        return len(self.held)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.held)


class Table(base_classes.Table):
    """A table: its name and its edges (left, top, right, bottom), counted from 1."""

    show_totals = False

    def __init__(self, sheet: Sheet, name: str, bounds: Any) -> None:
        self.sheet, self.label, self.bounds = sheet, name, tuple(bounds)

    @property
    def name(self) -> str:
        return self.label

    @name.setter
    def name(self, value: str) -> None:
        self.label = value

    @property
    def parent(self) -> Sheet:
        return self.sheet

    @property
    def range(self) -> Range:
        left, top, right, bottom = self.bounds
        return self.sheet.range((top, left), (bottom, right))

    @property
    def header_row_range(self) -> Range:
        left, top, right, _ = self.bounds
        return self.sheet.range((top, left), (top, right))

    def resize(self, cells: Any) -> None:
        rows, cols = cells.shape
        self.bounds = cells.column, cells.row, cells.column + cols - 1, cells.row + rows - 1


class Names(base_classes.Names):
    """The names of a workbook, or those of a sheet."""

    def __init__(self, held: list[Name]) -> None:
        self.held = held

    def __call__(self, name_or_index: str | int) -> Name:
        if isinstance(name_or_index, int):
            return self.held[name_or_index - 1]
        return next(each for each in self.held if each.name == name_or_index)

    def __len__(self) -> int:
        return len(self.held)

    def contains(self, name: str) -> bool:
        return name in [each.name for each in self.held]


class Name(base_classes.Name):
    """A name, of the workbook or of one sheet."""

    def __init__(self, book: Book, tab: Sheet | None, label: str, text: str) -> None:
        self.book, self.tab, self.label, self.text = book, tab, label, text

    @property  # type: ignore[misc]
    def name(self) -> str:
        return self.label if self.tab is None else f"'{self.tab.title}'!{self.label}"

    @property  # type: ignore[misc]
    def refers_to(self) -> str:
        return f"={self.text}"

    @property
    def refers_to_range(self) -> Range:
        sheet, _, cells = self.text.rpartition("!")
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        title = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        return self.book.tab(title).range((top, left), (bottom, right))


def _taken(told: Any) -> Any:
    """What a cell holds that was told this; text that looks like something else becomes it."""
    if not isinstance(told, str):
        return told
    if told.startswith("'"):
        return told[1:]
    if told.upper() in ("TRUE", "FALSE"):
        return told.upper() == "TRUE"
    if re.fullmatch(r"[-+]?[\d,]*\.?\d+(e[-+]?\d+)?%?", told, re.IGNORECASE):
        return float(told.replace(",", "").rstrip("%"))
    if re.fullmatch(r"\d{1,2}/\d{1,2}(/\d{2,4})?|[A-Z][a-z]{2} \d{1,2}", told):
        return datetime(2026, 1, 1)
    return told
