"""The door to a workbook that is open in Excel, from within xlwings Lite.

xlwings Lite runs Python in the browser part of Excel (Pyodide) and speaks to
Excel through Office.js. Against xlwings on the desktop that means:

1. Formulas come only when one waits for them. So those of all tables are
   fetched before a macro runs (``formulas_of``), and the macro itself, which
   waits for nothing, reads what was fetched.
2. What is read is the workbook as it was when the button was pressed; what is
   written goes to Excel once the macro is through. A macro reads once and
   writes once, so it does not notice.
3. There is no status bar, and nobody tells whether a sheet is protected: then
   Excel refuses what was written, and Lite shows its message.
4. A copied sheet does not tell its names before the macro has ended.

Source: lite.xlwings.org, "Async API" and "Limitations"; the engine as the
wheel of xlwings 0.37 holds it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ...udfs.errors import AccountPlanError, WorkbookError
from ...workbook_templates import contract as c
from ..workbook import LAST_ROW, TableShape
from .excel import BENEATH, TITLE, ExcelWorkbook, Grid, _formula

if TYPE_CHECKING:
    import xlwings as xw

Formulas = Mapping[str, Sequence[Sequence[object]]]
"""The formulas of each sheet with tables, from its first cell on."""
SPARE_TAB: Final = "use one of the spare plan tabs, or copy one (right-click it, Move or Copy)"


class LiteWorkbook(ExcelWorkbook):
    """The door to an open workbook (``addin.workbook.Workbook``) within xlwings Lite.

    Args:
        book: as xlwings gives it.
        formulas: from ``formulas_of``.

    Raises:
        NotOursError: it has neither a plan tab nor a table of accounts.
    """

    def __init__(self, book: "xw.Book", formulas: Formulas) -> None:
        self._fetched = formulas
        super().__init__(book)

    def is_protected(self, sheet: str) -> bool:
        """Always False: Office.js does not tell; Excel refuses the writing itself."""
        self._sheet(sheet)
        return False

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Refused, in one line: the names of a copy are known only after the macro."""
        self._sheet(source)
        raise WorkbookError(
            f"{self.label}: xlwings Lite cannot fill in a new plan tab; {SPARE_TAB}, rename it to "
            f"'{c.PLAN_PREFIX}' and the account, and type the account's name into it."
        )

    def status(self, text: str) -> None:
        """Says nothing: there is no status bar."""

    def _formulas(self, shape: TableShape, first: int, values: Grid) -> list[list[str | None]]:
        """The formulas of the rows that hold these values, out of those that were fetched."""
        fetched = self._fetched.get(shape.sheet, ())
        return [
            [
                _formula(_at(fetched, first + row, shape.left + col), value)
                for col, value in enumerate(line)
            ]
            for row, line in enumerate(values)
        ]


def _at(cells: Sequence[Sequence[object]], row: int, col: int) -> object:
    """A cell of a block; None beyond it."""
    return cells[row][col] if row < len(cells) and col < len(cells[row]) else None


async def formulas_of(book: "xw.Book") -> Formulas:
    """Fetches the formulas of all sheets with tables, and of the rows typed beneath them.

    Args:
        book: as xlwings Lite gives it.
    """
    found: dict[str, Sequence[Sequence[object]]] = {}
    for sheet in book.sheets:
        areas = [table.range for table in sheet.tables]
        if not areas:
            continue
        last = max(area.row + area.shape[0] - 1 for area in areas) + BENEATH
        right = max(area.column + area.shape[1] - 1 for area in areas)
        block = sheet.range((1, 1), (min(last, LAST_ROW), right))
        found[sheet.name] = await block.options(ndim=2).get_formula()
    return found


async def press(macro: Callable[..., object], book: "xw.Book", **given: object) -> None:
    """Runs a macro on the workbook in front; a mistake of the user is shown in a box.

    Args:
        macro: one of ``addin.macros``.
        book: as xlwings Lite gives it.
        given: the macro's further arguments.
    """
    try:
        door = LiteWorkbook(book, await formulas_of(book))
        inspect.unwrap(macro)(door, **given)
    except AccountPlanError as mistake:
        book.app.alert("\n".join(mistake.lines), TITLE)
