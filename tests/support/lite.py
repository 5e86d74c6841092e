"""An Excel in memory as xlwings Lite sees it: what Office.js refuses or tells late, it does too.

What the real engine does was read in the wheel of xlwings: formulas are not read without waiting,
values are those from when the button was pressed, sheets tell nothing of their protection, and
there is no status bar.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlwings as xw
from xlwings.main import Engine as XlwingsEngine

from tests.support import engine


def open_book(path: Path, *, late: bool = True) -> xw.Book:
    """A workbook from a file, open in xlwings Lite.

    Args:
        path: of the file.
        late: whether what is read stays as it was at the start.
    """
    if engine.NAME not in [each.name for each in xw.engines]:
        xw.engines.add(XlwingsEngine(impl=engine.Engine()))
    book = Book(path)
    book._app = App()
    for tab in book.tabs:
        tab.__class__ = Sheet
        tab.first_values = dict(tab.values) if late else tab.values  # type: ignore[attr-defined]
    return xw.Book(impl=book)


def refresh(book: xw.Book) -> None:
    """What Lite does before the next button: it reads the workbook again."""
    for tab in book.impl.tabs:
        tab.first_values = dict(tab.values)


def _late() -> NotImplementedError:
    return NotImplementedError("Reading formulas synchronously isn't supported on this engine.")


class Book(engine.Book):
    """A workbook that does not tell where it lies."""

    @property
    def fullname(self) -> str:
        return self.path.name


class App(engine.App):
    """A program without a status bar."""

    @property
    def status_bar(self) -> Any:
        raise NotImplementedError("App.status_bar is not supported on this engine")

    @status_bar.setter
    def status_bar(self, value: Any) -> None:
        raise NotImplementedError("App.status_bar is not supported on this engine")


class Sheet(engine.Sheet):
    """A sheet that tells what it held when the button was pressed."""

    first_values: dict[engine.Place, Any]

    @property
    def api(self) -> Any:
        return {"name": self.name}

    def range(self, first: Any, last: Any = None) -> Range:
        found = super().range(first, last)
        return Range(found.sheet, (found.row, found.column), found.shape)

    def copy(self, before: Any, after: Any) -> None:
        raise AssertionError("a sheet was copied, whose names nobody could fill")


class Range(engine.Range):
    """A rectangle whose formulas one must wait for."""

    @property
    def raw_value(self) -> Any:
        self._sheet.book.reads += 1
        held = self._sheet.first_values  # type: ignore[attr-defined]
        return [[held.get(place) for place in row] for row in self._places()]

    @raw_value.setter
    def raw_value(self, told: Any) -> None:
        engine.Range.raw_value.fset(self, told)  # type: ignore[attr-defined]

    @property
    def formula(self) -> Any:
        raise _late()

    @formula.setter
    def formula(self, told: Any) -> None:
        engine.Range.formula.fset(self, told)  # type: ignore[attr-defined]

    async def get_formula(self) -> list[list[str]]:
        self._sheet.book.reads += 1
        return [[self._formula_at(place) for place in row] for row in self._places()]
