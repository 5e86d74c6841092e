"""What a workbook that is open in LibreOffice Calc is asked to do, block by block, over UNO.

This side runs in a Python that can `import uno`: the office's own, or the system's. It uses
the standard library alone, so that any Python from 3.8 on can run it. `hosts/calc.py` is the
other side; the two exchange JSON (`Desk.answer`). Rows and columns count from 0; an area
is [top, left, bottom, right], ends included.

Values are numbers, text, and None for an empty cell. Dates are numbers in cells that show
dates; which cells show dates, flags and errors is told beside the values.

Source: the LibreOffice 7 API, com.sun.star.sheet.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import DisposedException, IllegalArgumentException
from com.sun.star.table import CellAddress, CellRangeAddress
from com.sun.star.uno import Exception as UnoException

NUMBERS, DATES, TEXTS, NOTES, FORMULAS = 1, 2, 4, 8, 16  # com.sun.star.sheet.CellFlags
TYPED = NUMBERS | DATES | TEXTS
CONTENT = TYPED | FORMULAS
EVERYTHING = 1023
ERROR_RESULT = 4  # com.sun.star.sheet.FormulaResult
DATE, TIME, LOGICAL = 2, 4, 1024  # com.sun.star.util.NumberFormat
DAY, DAY_AND_TIME = "YYYY-MM-DD", "YYYY-MM-DD HH:MM:SS"
SHOWN = {"day": DATE, "moment": DATE, "flag": LOGICAL}  # numbers, and what their cells show
HIDDEN_DATABASE = "__Anonymous"

# Excel's words for what Calc numbers; the rest reads "Err:508", as in Calc's cells.
ERRORS = {
    503: "#NUM!",
    519: "#VALUE!",
    521: "#NULL!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}
CONSTANT_ERRORS = frozenset("=" + text for text in ERRORS.values())

if TYPE_CHECKING:
    Area = list[int]
    Rows = Sequence[Sequence[Any]]


def properties(**values: Any) -> tuple[Any, ...]:
    """Named values as UNO takes them."""
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


class Document:
    """One open workbook, and the operations on its blocks and tables.

    Args:
        model: the document, as UNO gives it.
        functions: what works out Calc's functions for this side (``FunctionAccess``), where
            the office is another process.
    """

    def __init__(self, model: Any, functions: Any = None) -> None:
        self.model, self._functions = model, functions
        self.stale = False
        self._undoing = False
        self._step = ""
        self._calculates = True
        self._kinds: dict[int, int] = {}

    # --- What is there --------------------------------------------------------

    def describe(self) -> dict[str, Any]:
        """Its title and path, its sheets and tables, and the day that counts as 0."""
        sheets = self.model.Sheets
        names = sheets.ElementNames
        return {
            "title": self.model.Title,
            "path": self._path(),
            "zero": self.zero(),
            "sheets": [[name, sheets.getByName(name).isProtected()] for name in names],
            "tables": [self._described(each, names) for each in self._tables()],
        }

    def zero(self) -> list[int]:
        """The day that counts as 0: year, month, day."""
        day = self.model.NullDate
        return [day.Year, day.Month, day.Day]

    def areas_of_names(self) -> list[list[Any]]:
        """Every name of cells: [the sheet it belongs to or "", name, sheet, area]."""
        found, sheets = [], self.model.Sheets.ElementNames
        for scope, holder in self._name_holders():
            for name in holder.ElementNames:
                cells = self._referred(holder.getByName(name))
                if cells is not None:
                    place = cells.RangeAddress
                    found.append([scope, name, sheets[place.Sheet], key(place)])
        return found

    def is_locked(self, sheet: str, row: int, col: int) -> bool:
        """Whether a cell may not be typed into while its sheet is protected."""
        return bool(self._sheet(sheet).getCellByPosition(col, row).CellProtection.IsLocked)

    def protect(self, sheet: str, protected: bool) -> bool:
        """Protects a sheet without a password, or lifts that; gives how it stands then."""
        held = self._sheet(sheet)
        # Refused where its owner gave it a password.
        with suppress(IllegalArgumentException):
            if protected:
                held.protect("")
            else:
                held.unprotect("")
        return bool(held.isProtected())

    def read(self, sheet: str, area: Area, fresh: bool = True) -> dict[str, Any]:
        """A block's values, and which cells hold formulas, dates, flags and errors.

        Args:
            sheet, area: the block.
            fresh: whether formulas are worked out first, where cells were written since. Not
                within a macro's step: macros read before they write, as on closed files.

        Returns:
            rows; formulas, dates and flags as areas within the sheet; errors as
            [row, column, text].
        """
        cells = self._cells(sheet, area)
        formulas = within(areas_in(cells.queryContentCells(FORMULAS)), area)
        if formulas and fresh and not self._undoing:
            self._settle()
        errors, constants = self._errors(cells)
        rows = [list(line) for line in cells.getDataArray()]
        found: dict[str, Any] = {"dates": [], "flags": []}
        for kind, formats in self._formats(cells):
            if kind & LOGICAL:
                found["flags"] += formats
            elif kind & (DATE | TIME):
                found["dates"] += formats
        found["flags"] += self._shown_flags(sheet, area, rows, formulas)
        for row, col, _ in errors:
            rows[row - area[0]][col - area[1]] = None
        return {
            "rows": [[None if cell == "" else cell for cell in line] for line in rows],
            "formulas": without(formulas, constants),
            "errors": errors,
            **found,
        }

    def formulas(self, sheet: str, area: Area) -> list[list[str]]:
        """The formulas of a block as Calc spells them; "" for a cell without."""
        cells = self._cells(sheet, area)
        _, constants = self._errors(cells)
        held = set(each_cell(without(areas_in(cells.queryContentCells(FORMULAS)), constants)))
        return [
            [
                text if (area[0] + row, area[1] + col) in held else ""
                for col, text in enumerate(line)
            ]
            for row, line in enumerate(cells.getFormulaArray())
        ]

    def used(self, sheet: str) -> Area:
        """The block from the first cell to the last that holds anything."""
        cursor = self._sheet(sheet).createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return [0, 0, end.EndRow, end.EndColumn]

    def first_occupied(self, sheet: str, area: Area) -> list[int] | None:
        """The first cell of a block that holds something or is merged, as [row, column]."""
        cells = self._cells(sheet, area)
        found = [each[:2] for each in areas_in(cells.queryContentCells(CONTENT))]
        if cells.getIsMerged():
            holder = self._sheet(sheet)
            top, left, bottom, right = area
            found += [
                [row, col]
                for row in range(top, bottom + 1)
                for col in range(left, right + 1)
                if holder.getCellByPosition(col, row).getIsMerged()
            ]
        return min(found, default=None)

    # --- Cells ----------------------------------------------------------------

    def write(self, sheet: str, top: int, left: int, rows: Rows, special: Rows) -> None:
        """Writes a block of numbers and texts.

        special: cells that need more, as [row, column, kind, value] within the block; kind is
        "day", "moment", "flag", "formula" or "error".
        """
        area = [top, left, top + len(rows) - 1, left + len(rows[0]) - 1]
        cells = self._cells(sheet, area)
        if self._undoing:
            # Calc does not take back what is written into cells that were empty, but for a copy.
            with self._all_visible(cells.RangeAddress.Sheet, area):
                self._copy(cells.RangeAddress.Sheet, area, area[0])
        formats = list(self._formats(cells))
        self._unflag(cells, rows, area, formats)
        filled = [["" if cell is None else cell for cell in line] for line in rows]
        for row, col, kind, value in special:
            if kind in SHOWN:
                filled[row][col] = value
        cells.setDataArray(tuple(map(tuple, filled)))
        self._show(cells, special, formats)
        for row, col, kind, value in special:
            if kind not in SHOWN:
                cells.getCellByPosition(col, row).setFormula(value)
        self.stale = True

    def _show(self, cells: Any, special: Rows, formats: Sequence[tuple[int, list[Area]]]) -> None:
        """Lets days, moments and flags show as such where their cells do not yet."""
        top, left = area_of(cells)[:2]
        shows = {
            (row - top, col - left): kind
            for kind, areas in formats
            for row, col in each_cell(areas)
        }
        for row, col, kind, _ in special:
            if kind not in SHOWN or shows.get((row, col), 0) & SHOWN[kind]:
                continue
            cell = cells.getCellByPosition(col, row)
            if kind == "flag":
                cell.NumberFormat = self._standard(LOGICAL)
            else:
                cell.NumberFormat = self._format(DAY if kind == "day" else DAY_AND_TIME)

    def _unflag(
        self, cells: Any, rows: Rows, area: Area, formats: Sequence[tuple[int, list[Area]]]
    ) -> None:
        """Lets numbers show as numbers where flags stood."""
        for kind, flagged in formats:
            if not kind & LOGICAL:
                continue
            for row, col in each_cell(flagged):
                if rows[row - area[0]][col - area[1]] is not None:
                    cell = cells.getCellByPosition(col - area[1], row - area[0])
                    cell.NumberFormat = self._standard(16)

    def fit(self, sheet: str, top: int, bottom: int) -> None:
        """Makes rows as high as their wrapped texts need."""
        self._cells(sheet, [top, 0, bottom, 0]).Rows.OptimalHeight = True

    # --- Tables ---------------------------------------------------------------

    def grow(self, table: str, rows: int, typed: int) -> None:
        """Gives a table more data rows, like its last one: formats, rules and formulas.

        Args:
            table: its name.
            rows: data rows from now on.
            typed: how many of the new ones somebody typed beneath it already; what
                stands there stays.
        """
        data = self._data(table)
        was, count = data[2] - data[0] + 1, rows - (data[2] - data[0] + 1)
        sheet = self._table(table).DataArea.Sheet
        block = [data[2] + 1, data[1], data[2] + count, data[3]]
        self._move_totals(table, count)
        kept = self._kept(sheet, [block[0], block[1], block[0] + typed - 1, block[3]])
        formulas = self._formula_rows(sheet, data)
        with self._all_visible(sheet, [data[0], data[1], block[2], data[3]]):
            self._copy_down(sheet, [data[2], data[1], data[2], data[3]], count)
            self._clear(sheet, block, NOTES)
            for col in range(data[1], data[3] + 1):
                column = [block[0], col, block[2], col]
                if formulas.get(col) is None:
                    self._clear(sheet, column, CONTENT)
                elif formulas[col] != data[2]:
                    self._copy(sheet, [formulas[col], col, formulas[col], col], block[0])
                    self._copy_down(sheet, [block[0], col, block[0], col], count - 1)
        self._put_back(sheet, kept)
        self._set_data(table, was + count)

    def shrink(self, table: str, rows: int) -> None:
        """Takes the last data rows off a table, with all that is in them."""
        data = self._data(table)
        area = self._table(table).DataArea
        gone = [data[0] + rows, data[1], data[2], data[3]]
        count = gone[2] - gone[0] + 1
        self._clear(area.Sheet, gone, EVERYTHING)
        self._move_totals(table, -count)
        self._set_data(table, rows)

    def rearrange(self, table: str, sources: Sequence[int | None], columns: Sequence[int]) -> None:
        """Brings rows with all their cells to new places, and blanks those of new rows.

        Args:
            table: its name.
            sources: per data row, which one it was before; None for a new one.
            columns: of the sheet, that are written anew afterwards.
        """
        data = self._data(table)
        sheet = self._table(table).DataArea.Sheet
        formulas = self._formula_rows(sheet, data)
        hidden = self._hidden(sheet, data)
        with self._all_visible(sheet, data):
            self._permute(sheet, data, sources)
            for first, last in runs(at for at, source in enumerate(sources) if source is None):
                for col in range(data[1], data[3] + 1):
                    if col not in columns:
                        block = [data[0] + first, col, data[0] + last, col]
                        self._blank(sheet, block, formulas.get(col))
        if hidden:
            for at, source in enumerate(sources):
                row = self._by_number(sheet).Rows.getByIndex(data[0] + at)
                row.IsVisible = source is None or data[0] + source not in hidden
        self.stale = True

    def copy_tab(self, source: str, name: str, place: int, tables: dict[str, str]) -> None:
        """Copies a sheet with its names and tables.

        Calc loses what formulas of the copy say of tables, so they are written anew.

        Args:
            source: the sheet to copy.
            name: of the copy.
            place: its place among the tabs.
            tables: what each table of the sheet is called on the copy.
        """
        sheets = self.model.Sheets
        # By way of the first place: when Calc 7.4 takes a sheet out of any other, as undo would,
        # the sheet in front loses its tables.
        sheets.copyByName(source, name, 0)
        sheets.moveByName(name, place + 1)
        origin, copied = sheets.getByName(source), sheets.getByName(name)
        places = {
            tuple(key(each.DataArea)): each
            for each in self._tables()
            if each.DataArea.Sheet == copied.RangeAddress.Sheet
        }
        for table in list(self._tables()):
            if table.Name in tables and table.DataArea.Sheet == origin.RangeAddress.Sheet:
                self._copy_table(table, copied, places.get(tuple(key(table.DataArea))), tables)
        self._copy_formulas(origin, copied, tables)
        self._copy_links(origin, copied)
        self.stale = True

    # --- The whole ------------------------------------------------------------

    def begin(self, title: str) -> None:
        """From here on everything is one step, which ``end`` or Edit, Undo takes back."""
        manager = self.model.UndoManager
        # Not called as the step before it, so that ``end`` can tell whether there is one: Calc
        # drops steps without anything in them, and the oldest where there are too many.
        self._step = title + " " * (self._last_step() == title)
        self._calculates = bool(self.model.isAutomaticCalculationEnabled())
        # Once at the end, not after each write.
        self.model.enableAutomaticCalculation(False)
        self.model.lockControllers()
        manager.enterUndoContext(self._step)
        self._undoing = True

    def end(self, keep: bool) -> None:
        """The step is over: it stays, or is taken back."""
        if not self._undoing:
            return
        self._undoing = False
        manager = self.model.UndoManager
        try:
            manager.leaveUndoContext()
            if not keep and self._last_step() == self._step:
                manager.undo()
                manager.clearRedo()
                self.stale = True
        finally:
            self.model.enableAutomaticCalculation(self._calculates)
            self._settle()
            while self.model.hasControllersLocked():
                self.model.unlockControllers()

    def _last_step(self) -> str:
        """What Edit, Undo would take back."""
        steps = self.model.UndoManager.getAllUndoActionTitles()
        return str(steps[0]) if steps else ""

    def recalculate(self) -> None:
        """Works out every formula anew."""
        self.model.calculateAll()
        self.stale = False

    def status(self, text: str) -> None:
        """Says in the status bar what is being done; "" clears it."""
        controller = self.model.CurrentController
        indicator = None if controller is None else controller.StatusIndicator
        if indicator is None:
            return
        if text:
            indicator.start(text, 0)
        else:
            indicator.end()

    def store(self) -> None:
        """Saves the workbook where it lies."""
        self.model.store()

    def store_as(self, target: str, filter_name: str) -> None:
        """Writes a copy in another format."""
        self.model.storeToURL(
            uno.systemPathToFileUrl(target), properties(FilterName=filter_name, Overwrite=True)
        )

    def close(self) -> None:
        """Closes the workbook; what was not saved is lost."""
        self.model.close(True)

    # --- How ------------------------------------------------------------------

    def _path(self) -> str:
        """Where it lies; "" where it was never saved, or lies on a server."""
        url = self.model.URL
        return str(uno.fileUrlToSystemPath(url)) if url.startswith("file:") else ""

    def _settle(self) -> None:
        """Works out what depends on cells that were written."""
        if self.stale:
            self.model.calculate()
            self.stale = False

    def _tables(self) -> Iterator[Any]:
        holder = self.model.DatabaseRanges
        for name in holder.ElementNames:
            if not name.startswith(HIDDEN_DATABASE):
                yield holder.getByName(name)

    def _table(self, name: str) -> Any:
        return self.model.DatabaseRanges.getByName(name)

    def _described(self, table: Any, sheets: Sequence[str]) -> dict[str, Any]:
        area = table.DataArea
        return {
            "name": table.Name,
            "sheet": sheets[area.Sheet],
            "area": key(area),
            "headers": int(table.ContainsHeader),
            "totals": int(table.TotalsRow),
        }

    def _data(self, name: str) -> Area:
        """Where a table's data rows stand."""
        table = self._table(name)
        top, left, bottom, right = key(table.DataArea)
        return [top + int(table.ContainsHeader), left, bottom - int(table.TotalsRow), right]

    def _name_holders(self) -> Iterator[tuple[str, Any]]:
        yield "", self.model.NamedRanges
        for name in self.model.Sheets.ElementNames:
            yield name, self._sheet(name).NamedRanges

    def _referred(self, name: Any) -> Any:
        with suppress(Exception):
            return name.getReferredCells()
        return None

    def _sheet(self, name: str) -> Any:
        return self.model.Sheets.getByName(name)

    def _by_number(self, number: int) -> Any:
        return self.model.Sheets.getByIndex(number)

    def _cells(self, sheet: Any, area: Area) -> Any:
        top, left, bottom, right = area
        holder = self._by_number(sheet) if isinstance(sheet, int) else self._sheet(sheet)
        return holder.getCellRangeByPosition(left, top, right, bottom)

    def _errors(self, cells: Any) -> tuple[list[list[Any]], list[tuple[int, int]]]:
        """The errors in a block, and where they were typed rather than worked out."""
        errors: list[list[Any]] = []
        constants: list[tuple[int, int]] = []
        areas = areas_in(cells.queryFormulaCells(ERROR_RESULT))
        if not areas:
            return errors, constants
        top, left, bottom, right = around(areas)
        block = self._cells(cells.RangeAddress.Sheet, [top, left, bottom, right])
        missing, formulas = self._missing(block), block.getFormulaArray()
        for row, col in each_cell(areas):
            at, place = row - top, col - left
            if missing is not None and missing[at][place]:
                text = "#N/A"
            else:
                code = block.getCellByPosition(place, at).getError()
                text = ERRORS.get(code, f"Err:{code}")
            errors.append([row, col, text])
            if formulas[at][place] in CONSTANT_ERRORS:
                constants.append((row, col))
        return errors, constants

    def _missing(self, cells: Any) -> Any:
        """Where a block shows #N/A, the error of nearly all cells that show one; None: not known.

        One question for all cells: from another process each costs a millisecond.
        """
        if self._functions is None:
            return None
        with suppress(UnoException):
            return self._functions.callFunction("ISNA", (cells,))
        return None

    def _formats(self, cells: Any) -> Iterator[tuple[int, list[Area]]]:
        """Where cells of a block show dates and flags: what they show, and the areas."""
        groups = cells.UniqueCellFormatRanges
        for number in range(groups.Count):
            group = groups.getByIndex(number)
            kind = self._shown_by(group.NumberFormat)
            if kind & (DATE | TIME | LOGICAL):
                yield kind, areas_in(group)

    def _shown_by(self, number_format: int) -> int:
        """What a number format shows; hours that are counted on are no time of day."""
        if number_format not in self._kinds:
            shown = self.model.NumberFormats.getByKey(number_format)
            is_counted = shown.Type & TIME and "[" in shown.FormatString.split(";")[0]
            self._kinds[number_format] = 0 if is_counted else shown.Type
        return self._kinds[number_format]

    def _shown_flags(
        self, sheet: str, area: Area, rows: Rows, formulas: Sequence[Area]
    ) -> list[Area]:
        """Formulas that give TRUE or FALSE, which Calc keeps as 1 and 0."""
        found, holder = [], self._sheet(sheet)
        for top, left, bottom, right in formulas:
            for row in range(top, bottom + 1):
                for col in range(left, right + 1):
                    value = rows[row - area[0]][col - area[1]]
                    if value in (0.0, 1.0) and not isinstance(value, str):
                        shown = holder.getCellByPosition(col, row).String
                        if shown.isalpha():
                            found.append([row, col, row, col])
        return found

    def _standard(self, kind: int) -> int:
        return int(self.model.NumberFormats.getStandardFormat(kind, self.model.CharLocale))

    def _format(self, code: str) -> int:
        formats, locale = self.model.NumberFormats, uno.createUnoStruct("com.sun.star.lang.Locale")
        locale.Language, locale.Country = "en", "US"
        found = formats.queryKey(code, locale, False)
        return int(found if found >= 0 else formats.addNew(code, locale))

    def _copy(self, sheet: int, source: Area, row: int) -> None:
        """Copies cells to another row of the same columns, with all that is in them."""
        top, left, bottom, right = source
        cells = CellRangeAddress(sheet, left, top, right, bottom)
        self._by_number(sheet).copyRange(CellAddress(sheet, left, row), cells)

    def _copy_down(self, sheet: int, row: Area, count: int) -> None:
        """Copies one row to so many rows beneath it, twice as many at a time."""
        made = 1
        while made <= count:
            step = min(made, count + 1 - made)
            self._copy(sheet, [row[0], row[1], row[0] + step - 1, row[3]], row[0] + made)
            made += step

    def _clear(self, sheet: int, area: Area, what: int) -> None:
        if area[2] >= area[0]:
            self._cells(sheet, area).clearContents(what)

    def _formula_rows(self, sheet: int, data: Area) -> dict[int, int]:
        """Per calculated column: a row whose formula is the column's, the last or the first."""
        found = {}
        for row in (data[0], data[2]):
            line = self._cells(sheet, [row, data[1], row, data[3]])
            for _, left, _, right in areas_in(line.queryContentCells(FORMULAS)):
                for col in range(left, right + 1):
                    cell = self._by_number(sheet).getCellByPosition(col, row)
                    if cell.Formula not in CONSTANT_ERRORS:
                        found[col] = row
        return found

    def _blank(self, sheet: int, column: Area, formula_row: int | None) -> None:
        """Empties cells of one column, or gives them its formula where they have none."""
        if formula_row is None:
            self._clear(sheet, column, CONTENT | NOTES)
            return
        cells = self._cells(sheet, column)
        has_formula = {
            row
            for top, _, bottom, _ in areas_in(cells.queryContentCells(FORMULAS))
            for row in range(top, bottom + 1)
        }
        for row in range(column[0], column[2] + 1):
            if row not in has_formula:
                self._copy(sheet, [formula_row, column[1], formula_row, column[3]], row)

    def _permute(self, sheet: int, data: Area, sources: Sequence[int | None]) -> None:
        """Brings rows to new places by way of free rows under everything on the sheet."""
        moves = [
            (at, source) for at, source in enumerate(sources) if source is not None and source != at
        ]
        if not moves:
            return
        spare = self.used(self._by_number(sheet).Name)[2] + 2
        rows = max(source for _, source in moves) + 1
        self._copy(sheet, [data[0], data[1], data[0] + rows - 1, data[3]], spare)
        for (first, source), count in steps(moves):
            top = spare + source
            self._copy(sheet, [top, data[1], top + count - 1, data[3]], data[0] + first)
        self._clear(sheet, [spare, data[1], spare + rows - 1, data[3]], EVERYTHING)

    def _kept(self, sheet: int, area: Area) -> list[tuple[int, int, Any, int]]:
        """What somebody typed beneath a table: row, column, value, and how it is shown."""
        kept = []
        for row in range(area[0], area[2] + 1):
            for col in range(area[1], area[3] + 1):
                cell = self._by_number(sheet).getCellByPosition(col, row)
                kind = cell.Type.value
                if kind == "FORMULA":
                    kept.append((row, col, cell.getTokens(), cell.NumberFormat))
                elif kind != "EMPTY":
                    value = cell.String if kind == "TEXT" else cell.Value
                    kept.append((row, col, value, cell.NumberFormat))
        return kept

    def _put_back(self, sheet: int, kept: Sequence[tuple[int, int, Any, int]]) -> None:
        for row, col, value, shown in kept:
            cell = self._by_number(sheet).getCellByPosition(col, row)
            if isinstance(value, tuple):
                cell.setTokens(value)
            elif isinstance(value, str):
                cell.setString(value)
            else:
                cell.setValue(value)
            if self._shown_by(shown) & (DATE | TIME | LOGICAL):
                cell.NumberFormat = shown

    def _move_totals(self, table: str, rows: int) -> None:
        """Moves a table's row of totals, to be out of the way or to close up."""
        found = self._table(table)
        if found.TotalsRow:
            area = found.DataArea
            line = CellRangeAddress(
                area.Sheet, area.StartColumn, area.EndRow, area.EndColumn, area.EndRow
            )
            target = CellAddress(area.Sheet, area.StartColumn, area.EndRow + rows)
            self._by_number(area.Sheet).moveRange(target, line)

    def _set_data(self, table: str, rows: int) -> None:
        """Tells a table, and the names of its cells, where it ends now."""
        found = self._table(table)
        before = self._data(table)
        area = found.DataArea
        area.EndRow = before[0] + rows - 1 + int(found.TotalsRow)
        # Moved totals may have carried the table's end along; it is told anew in any case.
        found.setDataArea(area)
        sheet = self._by_number(area.Sheet)
        self._stretch_names(sheet.Name, before, before[0] + rows - 1)
        printed = sheet.getPrintAreas()
        fitted = [fit(key(each), before, before[0] + rows - 1) for each in printed]
        if printed and [key(each) for each in printed] != fitted:
            sheet.setPrintAreas(
                tuple(
                    CellRangeAddress(area.Sheet, each[1], each[0], each[3], each[2])
                    for each in fitted
                    if each is not None
                )
            )
        self.stale = True

    def _stretch_names(self, sheet: str, data: Area, bottom: int) -> None:
        for _, holder in self._name_holders():
            for name in holder.ElementNames:
                named = holder.getByName(name)
                cells = self._referred(named)
                if cells is None or cells.Spreadsheet.Name != sheet:
                    continue
                area = area_of(cells)
                fitted = fit(area, data, bottom)
                if fitted is not None and fitted != area:
                    named.setContent(self._cells(sheet, fitted).AbsoluteName)

    def _hidden(self, sheet: int, area: Area) -> list[int]:
        """The rows that a filter or a person has hidden."""
        shown = {
            row
            for top, _, bottom, _ in areas_in(self._cells(sheet, area).queryVisibleCells())
            for row in range(top, bottom + 1)
        }
        return [row for row in range(area[0], area[2] + 1) if row not in shown]

    def _all_visible(self, sheet: int, area: Area) -> Shown:
        """While rows are copied none is hidden: Calc copies what it shows."""
        rows = self._by_number(sheet).Rows
        return Shown([rows.getByIndex(row) for row in self._hidden(sheet, area)])

    def _copy_table(self, table: Any, sheet: Any, made: Any, tables: dict[str, str]) -> None:
        """Gives a copied table its name; Calc has copied it, or it is made."""
        holder = self.model.DatabaseRanges
        if made is None:
            area = table.DataArea
            area.Sheet = sheet.RangeAddress.Sheet
            holder.addNewByName(tables[table.Name], area)
            made = holder.getByName(tables[table.Name])
            made.ContainsHeader, made.TotalsRow = table.ContainsHeader, table.TotalsRow
        else:
            made.setName(tables[table.Name])

    def _copy_formulas(self, origin: Any, copied: Any, tables: dict[str, str]) -> None:
        """Writes formulas of a copied sheet as its original has them, names exchanged."""
        sheets = (_quoted(origin.Name), _quoted(copied.Name))
        for top, left, bottom, right in areas_in(origin.queryContentCells(FORMULAS)):
            texts = origin.getCellRangeByPosition(left, top, right, bottom).getFormulaArray()
            for row, line in enumerate(texts, start=top):
                for col, text in enumerate(line, start=left):
                    anew = renamed(text, sheets, tables)
                    if "[" in text or anew != text:
                        copied.getCellByPosition(col, row).setFormula(anew)

    def _copy_links(self, origin: Any, copied: Any) -> None:
        """Lets links to the original sheet that stand on the copy lead to the copy."""
        old, new = _quoted(origin.Name), _quoted(copied.Name)
        for top, left, bottom, right in areas_in(copied.queryContentCells(TEXTS)):
            for row in range(top, bottom + 1):
                for col in range(left, right + 1):
                    fields = copied.getCellByPosition(col, row).TextFields
                    for number in range(fields.Count):
                        field = fields.getByIndex(number)
                        for mark in ("!", "."):
                            if f"#{old}{mark}" in field.URL:
                                field.URL = field.URL.replace(f"#{old}{mark}", f"#{new}{mark}")


class Shown:
    """Rows that are shown for a while."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = [(row, row.IsFiltered) for row in rows]

    def __enter__(self) -> None:
        for row, _ in self._rows:
            row.IsFiltered = False
            row.IsVisible = True

    def __exit__(self, *_: object) -> None:
        for row, filtered in self._rows:
            row.IsVisible = False
            row.IsFiltered = filtered


# --- Areas and runs ----------------------------------------------------------


def key(area: Any) -> Area:
    """A UNO address as an area."""
    return [area.StartRow, area.StartColumn, area.EndRow, area.EndColumn]


def area_of(cells: Any) -> Area:
    """Where cells stand."""
    return key(cells.RangeAddress)


def areas_in(cells: Any) -> list[Area]:
    """The areas of a collection of cells."""
    return [key(each) for each in cells.RangeAddresses]


def around(areas: Sequence[Area]) -> Area:
    """The smallest area that holds all of these."""
    near = [min(each[side] for each in areas) for side in (0, 1)]
    return near + [max(each[side] for each in areas) for side in (2, 3)]


def each_cell(areas: Iterable[Area]) -> Iterator[tuple[int, int]]:
    """Every cell of areas, as (row, column)."""
    for top, left, bottom, right in areas:
        for row in range(top, bottom + 1):
            for col in range(left, right + 1):
                yield row, col


def within(areas: Iterable[Area], area: Area) -> list[Area]:
    """What areas have in common with another one.

    Asked about columns that no cell was ever typed into, Calc 7.4 answers with cells of others.
    """
    common = (
        [max(top, area[0]), max(left, area[1]), min(bottom, area[2]), min(right, area[3])]
        for top, left, bottom, right in areas
    )
    return [each for each in common if each[0] <= each[2] and each[1] <= each[3]]


def without(areas: Sequence[Area], cells: Sequence[tuple[int, int]]) -> list[Area]:
    """Areas less some single cells."""
    if not cells:
        return [list(each) for each in areas]
    gone = set(cells)
    left: list[Area] = []
    for top, first, bottom, last in areas:
        if not any(top <= row <= bottom and first <= col <= last for row, col in gone):
            left.append([top, first, bottom, last])
            continue
        left += [
            [row, col, row, col]
            for row in range(top, bottom + 1)
            for col in range(first, last + 1)
            if (row, col) not in gone
        ]
    return left


def fit(area: Area, data: Area, bottom: int) -> Area | None:
    """Where a range that lies on a table's data rows ends, now that they end at ``bottom``.

    None where all of it is gone; a range that has nothing to do with them is as it was.
    """
    top, left, last, right = area
    if right < data[1] or left > data[3]:
        return area
    if last == data[2] and top <= data[0]:
        return [top, left, bottom, right]
    within = data[1] <= left and right <= data[3] and data[0] <= top
    if not within or last > data[2] or last <= bottom:
        return area
    return None if top > bottom else [top, left, bottom, right]


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers in order as runs of neighbours: 1 2 3 7 -> (1, 3), (7, 7)."""
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def steps(moves: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], int]]:
    """Moves (to, from) as blocks that move together: the first move of each, and how many."""
    start, count = moves[0], 1
    for to, source in moves[1:]:
        if (to, source) == (start[0] + count, start[1] + count):
            count += 1
            continue
        yield start, count
        start, count = (to, source), 1
    yield start, count


def renamed(formula: str, sheets: tuple[str, str], tables: dict[str, str]) -> str:
    """A formula in which a sheet and tables have other names; texts in it stay."""
    pieces = formula.split('"')
    for at in range(0, len(pieces), 2):
        pieces[at] = pieces[at].replace(sheets[0] + ".", sheets[1] + ".")
        for old, new in tables.items():
            pieces[at] = re.sub(rf"(?<![\w.]){re.escape(old)}(?=\[)", new, pieces[at])
    return '"'.join(pieces)


def _quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


# --- Questions and answers ---------------------------------------------------


class Desk:
    """Answers questions about the documents that lie on it.

    Attributes:
        documents: by the number that questions call them by.
    """

    def __init__(self) -> None:
        self.documents: dict[int, Document] = {}

    def answer(self, line: bytes) -> bytes:
        """One question as JSON -> one answer as JSON: {"result"}, or {"kind", "error"}.

        kind: "closed" where the document or the office is gone, "refused" where Calc does not
        take it, "bug" where it is none of Calc's making.
        """
        question = json.loads(line)
        try:
            told: dict[str, Any] = {"result": self.do(question.pop("do"), **question)}
        except DisposedException:
            told = {"kind": "closed", "error": ""}
        except UnoException as trouble:
            told = {"kind": "refused", "error": _said(trouble)}
        except Exception:
            told = {"kind": "bug", "error": traceback.format_exc()}
        return json.dumps(told).encode() + b"\n"

    def do(self, what: str, document: int, **arguments: Any) -> Any:
        """Lets a document do something."""
        if document not in self.documents:
            raise DisposedException("", None)
        return getattr(self.documents[document], what)(**arguments)


def _said(trouble: Any) -> str:
    """What UNO says is wrong, without the line of its own code."""
    text = str(trouble.Message).strip()
    return "" if text.startswith("at ./") else text.split("\n")[0]
