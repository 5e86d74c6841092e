"""The door to a workbook that is open in Excel, from within xlwings Lite.

xlwings Lite runs Python in the browser part of Excel (Pyodide) and speaks to
Excel through Office.js. Against xlwings on the desktop that means:

1. Formulas come only when one waits for them. So all of them are fetched before
   a macro runs (``formulas_of``); the macro itself waits for nothing.
2. What is written goes to Excel once the macro is through, and until then
   xlwings tells what was there before. So the door keeps its own picture of each
   sheet, and writes into that as well.
3. There is no status bar, and nobody tells whether a sheet is protected: then
   Excel refuses what was written, and Lite shows its message.
4. A copied sheet does not tell its names before the macro has ended.

Source: lite.xlwings.org, "Async API" and "Limitations"; the engine as the
wheel of xlwings 0.37 holds it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ...udfs.errors import AccountPlanError, WorkbookError
from ...workbook_templates import contract as c
from .excel import TITLE, ExcelWorkbook
from .formulas import moved_formula

if TYPE_CHECKING:
    import xlwings as xw

Place = tuple[int, int]
Formulas = Mapping[str, Sequence[Sequence[object]]]
"""The formulas of each sheet, from its first cell on."""
SPARE_TAB: Final = "use one of the spare plan tabs, or copy one (right-click it, Move or Copy)"


@dataclass
class _Picture:
    """What stands on a sheet, by row and column counted from 1."""

    values: dict[Place, object] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)

    def put(self, place: Place, told: object) -> None:
        """Puts into a cell what it is told; the results of formulas are not known any more."""
        self.values.pop(place, None)
        self.formulas.pop(place, None)
        if isinstance(told, str) and told.startswith("="):
            self.formulas[place] = told
        elif isinstance(told, str):
            self.values[place] = told.removeprefix("'")
        elif told is not None:
            self.values[place] = told

    def forget_results(self) -> None:
        """Excel calculates once the macro is through; nothing stale is believed until then."""
        for place in self.formulas:
            self.values.pop(place, None)


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
        self._pictures: dict[str, _Picture] = {}
        super().__init__(book)

    def is_protected(self, sheet: str) -> bool:
        """Always False: Office.js does not tell; Excel refuses the writing itself."""
        self._sheet(sheet)
        return False

    def lock(self, sheet: str, locked: bool) -> bool:
        """Always False: xlwings Lite gives no way to it; the user is asked to."""
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

    # --- The picture ----------------------------------------------------------

    def _picture(self, sheet: str) -> _Picture:
        """A sheet as it is, with what this macro has written."""
        if sheet not in self._pictures:
            used = super()._used(sheet)
            texts = self._fetched.get(sheet, ())
            self._pictures[sheet] = _pictured(super()._values(used), texts)
        return self._pictures[sheet]

    def _used(self, sheet: str) -> "xw.Range":
        picture = self._picture(sheet)
        places = [*picture.values, *picture.formulas, (1, 1)]
        last = max(row for row, _ in places), max(col for _, col in places)
        return self._sheet(sheet).range((1, 1), last)

    def _area(self, name: str) -> "xw.Range":
        """All cells of a table; one that this macro has resized is as it will be."""
        shape = self._shapes.get(name)
        if shape is None:
            return super()._area(name)
        totals = int(bool(self._found[name][1].show_totals))
        first = shape.top + 1, shape.left + 1
        return self._sheet_of(shape).range(first, (shape.below + totals, shape.right + 1))

    def _values(self, cells: "xw.Range") -> Sequence[Sequence[object]]:
        picture = self._picture(cells.sheet.name)
        return [[picture.values.get(place) for place in line] for line in _places(cells)]

    def _formula_texts(self, cells: "xw.Range") -> Sequence[Sequence[object]]:
        picture = self._picture(cells.sheet.name)
        return [[picture.formulas.get(place) for place in line] for line in _places(cells)]

    def _put(self, cells: "xw.Range", block: list[list[object]]) -> None:
        super()._put(cells, block)
        self._note(cells, block)

    def _fill(self, cells: "xw.Range", formula: str) -> None:
        super()._fill(cells, formula)
        rows, _ = cells.shape
        self._note(cells, [[f"={moved_formula(formula[1:], at)}"] for at in range(rows)])

    def _clear(self, cells: "xw.Range") -> None:
        super()._clear(cells)
        rows, width = cells.shape
        self._note(cells, [[None] * width] * rows)

    def _note(self, cells: "xw.Range", block: Sequence[Sequence[object]]) -> None:
        """Keeps in mind what cells were told."""
        picture = self._picture(cells.sheet.name)
        for places, line in zip(_places(cells), block, strict=True):
            for place, told in zip(places, line, strict=True):
                picture.put(place, told)
        picture.forget_results()


def _pictured(values: Sequence[Sequence[object]], texts: Sequence[Sequence[object]]) -> _Picture:
    """The picture of a sheet out of its values and its formulas, both from its first cell on."""
    picture = _Picture()
    for row, line in enumerate(values, start=1):
        picture.values |= {
            (row, col): value for col, value in enumerate(line, start=1) if value is not None
        }
    for row, line in enumerate(texts, start=1):
        for col, text in enumerate(line, start=1):
            is_formula = isinstance(text, str) and text.startswith("=")
            # Text that begins with "=" looks the same in the formula bar; then it is the value.
            if is_formula and text != picture.values.get((row, col)):
                picture.formulas[row, col] = str(text)
    return picture


def _places(cells: "xw.Range") -> list[list[Place]]:
    rows, width = cells.shape
    return [
        [(row, col) for col in range(cells.column, cells.column + width)]
        for row in range(cells.row, cells.row + rows)
    ]


async def formulas_of(book: "xw.Book") -> Formulas:
    """Fetches the formulas of all sheets.

    Args:
        book: as xlwings Lite gives it.
    """
    found: dict[str, Sequence[Sequence[object]]] = {}
    for sheet in book.sheets:
        last = sheet.used_range.last_cell
        block = sheet.range((1, 1), (last.row, last.column))
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
