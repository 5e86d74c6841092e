"""The door to a workbook that is open in Excel, through xlwings.

Talking to Excel is slow, so a table is read in one go, its header and the rows
typed beneath it included, and written in one go per run of neighbouring columns.
Excel itself calculates, extends formats and validations, and keeps references.

Source: xlwings 0.33 and later, classic API (Windows and Mac).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ...udfs.errors import AccountPlanError, WorkbookError
from ...workbook_templates import contract as c
from ..workbook import (
    ERRORS,
    LAST_ROW,
    LONGEST_TEXT,
    Cell,
    CellError,
    Cells,
    Formula,
    TableShape,
    address,
    cell_of,
    cells_of,
    cells_to_write,
    columns_at,
    header_text,
    name_trouble,
    occupied_trouble,
    protected_trouble,
    room_trouble,
    rows_to_replace,
    sheet_trouble,
    table_frame,
    table_trouble,
    taken_trouble,
    text_trouble,
)
from .areas import Area, DefinedName, PackageTable
from .reader import Reader

if TYPE_CHECKING:
    import xlwings as xw
    from xlwings.main import Table

BENEATH: Final = 50
"""How many rows under a table are read along, in case somebody typed there."""
_DAY_ZERO: Final = datetime(1899, 12, 30)
TITLE: Final = "Account Plan"
_BUGS: Final = (TypeError, ValueError, AttributeError, NotImplementedError, AssertionError)
# What Excel could take for a number, a date or a flag: it begins with no letter, or with a word
# and a number behind it ("May 5"), or is one word of those below.
_WORDS: Final = re.compile(r"^[^\W\d_]+(?=\D*$)|^[^\W\d_]{10,}")
_FLAGS: Final = frozenset(("TRUE", "FALSE", "WAHR", "FALSCH", "VRAI", "FAUX", "VERO", "FALSO"))
Grid = list[list[Cell]]


class ExcelWorkbook:
    """The door to an open workbook (``addin.workbook.Workbook``).

    Formats of rows stay where they are when rows are replaced; Excel moves
    values and formulas only.

    Args:
        book: as xlwings gives it.

    Raises:
        NotOursError: it has neither a plan tab nor a table of accounts.
    """

    def __init__(self, book: "xw.Book") -> None:
        self._book = book
        self._forget()
        if not self._is_ours():
            from .package import NotOursError

            raise NotOursError(
                f"{self.label}: is no workbook of Account Plan (no plan tab, no table "
                f"{c.T_ACCOUNTS}); open one that build or template wrote, and run this again."
            )

    # --- What is there --------------------------------------------------------

    @property
    def label(self) -> str:
        """The workbook's name."""
        return str(self._book.name)

    @property
    def place(self) -> str:
        """The workbook's full path; its name where it was never saved."""
        return str(self._book.fullname)

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return tuple(sheet.name for sheet in self._book.sheets)

    def tables(self) -> Mapping[str, TableShape]:
        """All tables by their names."""
        return {
            name: self._shape(name)
            for name, (_, table) in self._tables().items()
            if table.header_row_range is not None
        }

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values, as ``Workbook.read_table`` gives them."""
        shape, grid = self._read(name)
        places = columns_at(shape, columns, self.label) if columns else range(len(shape.columns))
        filled = [at for at, line in enumerate(grid) if _any(line)]
        cells = [[grid[at][place] for place in places] for at in filled]
        return table_frame(filled, cells, shape, list(places))

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        shape = self._shape(name)
        return frozenset(shape.columns[place].strip() for place in self._column_formulas(shape))

    def read_formulas(self, name: str) -> pd.DataFrame:
        """The formulas of a table, as ``Workbook.read_formulas`` gives them."""
        shape, grid = self._read(name)
        held = self._formulas(shape, shape.first, grid)
        texts = [[None if text is None else f"={text}" for text in line] for line in held]
        headers = [header.strip() for header in shape.columns]
        return pd.DataFrame(texts, columns=headers, dtype=object)

    def reader(self) -> "ExcelReader":
        """The cells, names and tables of the whole workbook as they are now."""
        return ExcelReader(self)

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Gives columns of a table new headers; Excel lets formulas that name them follow."""
        shape = self._writable(name)
        for place, header in zip(
            columns_at(shape, headers, self.label), headers.values(), strict=True
        ):
            self._put(self._range(shape, shape.top, 1, place, place), [[header]])
        self._shapes.pop(shape.name)

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells, of the workbook or of one sheet."""
        return {name: _read(self._values(self._named(name, sheet)[:1, :1])[0][0]) for name in names}

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        api = self._sheet(sheet).api
        if hasattr(api, "ProtectContents"):
            return bool(api.ProtectContents)
        return bool(api.protect_contents.get())

    def lock(self, sheet: str, locked: bool) -> bool:
        """Locks the cells of a sheet, without a password, or unlocks them (``Lockable``).

        False where Excel does not take it, as on a sheet that has a password of its owner.
        """
        if self.is_protected(sheet) == locked:
            return True
        api = self._sheet(sheet).api
        try:
            if hasattr(api, "ProtectContents"):
                # An empty password, else Excel for Windows would ask for the owner's.
                api.Protect("", True, True, True) if locked else api.Unprotect("")
            elif locked:
                api.protect_worksheet(drawing_objects=True, worksheet_contents=True, scenarios=True)
            else:
                api.unprotect(password="")
        except Exception:
            # Whatever keeps Excel from it: the user is asked to do it.
            return False
        return self.is_protected(sheet) == locked

    # --- Tables ---------------------------------------------------------------

    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows, and leaves everything else as it is."""
        shape = self._writable(name)
        told = cells_to_write(shape, frame, self.label)
        if not told.rows:
            return
        last = max(told.rows)
        if last >= shape.rows:
            shape, grid = self._read(name)
            if last >= len(grid):
                raise ValueError(f"the table {name} has no row {last}")
            shape = self._resize(shape, last + 1, taking_in=True)
        self._write(shape, _by_place(told))

    def replace_rows(
        self,
        name: str,
        frame: pd.DataFrame,
        was: Sequence[int | None] | None = None,
        spare: int = 0,
    ) -> None:
        """Gives a table exactly these rows, as ``Workbook.replace_rows`` says."""
        shape = self._writable(name)
        told, sources = rows_to_replace(shape, frame, was, spare, self.label)
        shape, grid = self._read(name)
        if len(grid) > shape.rows:
            shape = self._resize(shape, len(grid), taking_in=True)
        formulas = self._formulas(shape, shape.first, grid)
        shape = self._resize(shape, max(len(told.rows), shape.rows))
        cells = self._rearranged(shape, grid, formulas, sources, told.places)
        self._write(shape, cells | _by_place(told))
        if shape.name in c.FITTED and told.rows:
            with self._asking(shape.sheet):
                self._range(shape, shape.first, len(told.rows), 0, 0).rows.autofit()
        self._resize(shape, len(told.rows))

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled; the table grows where it is full."""
        shape = self._writable(name)
        columns_at(shape, frame.columns, self.label)
        live = self.live_columns(name)
        shape, grid = self._read(name)
        typed = [at for at, header in enumerate(shape.columns) if header.strip() not in live]
        filled = [row for row, line in enumerate(grid) if any(line[at] is not None for at in typed)]
        start = max(filled, default=-1) + 1
        if len(grid) > shape.rows:
            shape = self._resize(shape, len(grid), taking_in=True)
        self._resize(shape, max(start + len(frame), shape.rows))
        self.write_columns(name, frame.set_axis(range(start, start + len(frame)), axis=0))

    def write_names(self, values: Mapping[str, object], sheet: str = "") -> None:
        """Writes named cells, of the workbook or of one sheet."""
        cells = [self._named(name, sheet)[:1, :1] for name in values]
        for cell, value in zip(cells, cells_of(values.values()), strict=True):
            where = cell.sheet.name
            self._put(cell, [[self._told(value, "", where, cell.row - 1, cell.column - 1)]])

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Copies a plan tab with its names and tables, and puts it behind the last plan tab."""
        sheet = self._sheet(source)
        if name.casefold() in {known.casefold() for known in self.sheets()}:
            raise taken_trouble(name, self.label)
        tabs = [each for each in self._book.sheets if each.name.startswith(c.PLAN_PREFIX)]
        with self._asking(source):
            copied = sheet.copy(after=(tabs or [sheet])[-1], name=name)
        named = self._name_copies(sheet, copied)
        self._forget()
        return named

    # --- The user -------------------------------------------------------------

    def status(self, text: str) -> None:
        """Says in the status bar what is being done; "" gives the bar back to Excel."""
        self._book.app.status_bar = text or False

    def message(self, text: str) -> None:
        """Says in a box what was done."""
        self._book.app.alert(text, TITLE)

    def save(self) -> None:
        """Saves the workbook where it lies."""
        with self._asking(""):
            self._book.save()

    # --- The whole workbook, for its reader -------------------------------------

    def table_names(self) -> tuple[str, ...]:
        """What the tables are called."""
        return tuple(self._tables())

    def table_area(self, name: str) -> PackageTable:
        """Where a table stands, header and totals included."""
        sheet, table = self._tables()[name]
        area, totals = self._area(name), int(bool(table.show_totals))
        rows, width = area.shape
        top, left = area.row - 1, area.column - 1
        headers = 0 if table.header_row_range is None else 1
        whole = Area(sheet, top, left, top + rows - 1, left + width - 1)
        return PackageTable(name, whole, ("",) * width, headers, totals)

    def defined_names(self) -> Iterator[DefinedName]:
        """All names, of the workbook and of its sheets."""
        for each in self._book.names:
            sheet, _, name = each.name.rpartition("!")
            owner = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            yield DefinedName(name, owner, (each.refers_to or "").removeprefix("="))

    def sheet_values(self, sheet: str) -> Grid:
        """All values of a sheet from A1 on, in one go."""
        return [[_read(value) for value in line] for line in self._values(self._used(sheet))]

    def sheet_formulas(self, sheet: str) -> frozenset[tuple[int, int]]:
        """The cells of a sheet that hold a formula."""
        return frozenset(
            (row, col)
            for row, line in enumerate(self._formula_texts(self._used(sheet)))
            for col, text in enumerate(line)
            if isinstance(text, str) and text.startswith("=")
        )

    def _used(self, sheet: str) -> "xw.Range":
        found = self._sheet(sheet)
        last = found.used_range.last_cell
        return found.range((1, 1), (last.row, last.column))

    # --- Finding --------------------------------------------------------------

    def _forget(self) -> None:
        self._found: dict[str, tuple[str, Table]] = {}
        self._shapes: dict[str, TableShape] = {}

    def _is_ours(self) -> bool:
        if any(name.startswith(c.PLAN_PREFIX) for name in self.sheets()):
            return True
        return c.T_ACCOUNTS.casefold() in {name.casefold() for name in self._tables()}

    def _tables(self) -> dict[str, tuple[str, "Table"]]:
        if not self._found:
            for sheet in self._book.sheets:
                for table in sheet.tables:
                    self._found[table.name] = (sheet.name, table)
        return self._found

    def _sheet(self, name: str) -> "xw.Sheet":
        for sheet in self._book.sheets:
            if sheet.name.casefold() == name.casefold():
                return sheet
        raise sheet_trouble(name, self.label)

    def _spelled(self, name: str) -> str:
        """A table's name as the workbook spells it."""
        for known in self._tables():
            if known.casefold() == name.casefold():
                return known
        raise table_trouble(name, self.label)

    def _shape(self, name: str) -> TableShape:
        """A table's place and headers; asked of Excel once."""
        found = self._spelled(name)
        if found not in self._shapes:
            shape = self._place(found)
            (header,) = self._block(shape, shape.top, 1)
            self._shapes[found] = _headed(shape, header)
        return self._shapes[found]

    def _place(self, name: str) -> TableShape:
        """A table's place, its headers still to be read."""
        sheet, table = self._found[name]
        area = self._area(name)
        rows, width = area.shape
        if table.header_row_range is None:
            raise WorkbookError(
                f"{self.label}: sheet {sheet}: the header row of the table {name} is switched "
                "off; switch it on (Table Design, Header Row)."
            )
        rows -= 1 + bool(table.show_totals)
        return TableShape(name, sheet, area.row - 1, area.column - 1, ("",) * width, rows)

    def _area(self, name: str) -> "xw.Range":
        """All cells of a table, header and totals included."""
        return self._found[name][1].range

    def _named(self, name: str, sheet: str) -> "xw.Range":
        names = self._sheet(sheet).names if sheet else self._book.names
        for each in names:
            if each.name.rpartition("!")[2].casefold() != name.casefold():
                continue
            if "#REF!" not in (each.refers_to or ""):
                return each.refers_to_range
        raise name_trouble(name, sheet, self.label)

    # --- Reading --------------------------------------------------------------

    def _read(self, name: str) -> tuple[TableShape, Grid]:
        """A table and all its rows, those typed beneath included, in one go."""
        found = self._spelled(name)
        place = self._shapes.get(found) or self._place(found)
        room = min(place.rows + BENEATH, LAST_ROW - place.first)
        grid = self._block(place, place.top, 1 + room)
        shape = self._shapes[found] = _headed(place, grid[0])
        return shape, grid[1 : 1 + shape.rows + self._beneath(shape, grid[1 + shape.rows :])]

    def _beneath(self, shape: TableShape, grid: Grid) -> int:
        """How many rows typed directly beneath a table belong to it."""
        count = next((at for at, line in enumerate(grid) if not _any(line)), len(grid))
        if not count or self._found[shape.name][1].show_totals:
            return 0
        if count == len(grid) and shape.below + count < LAST_ROW:
            more = self._block(shape, shape.below, 2 * count)
            return self._beneath(shape, more)
        live = self.live_columns(shape.name)
        taken = self._taken_rows(shape)
        for at, formulas in enumerate(self._formulas(shape, shape.below, grid[:count])):
            strange = any(
                formula is not None and header.strip() not in live
                for header, formula in zip(shape.columns, formulas, strict=True)
            )
            if strange or shape.below + at in taken:
                return at
        return count

    def _taken_rows(self, shape: TableShape) -> set[int]:
        """Rows of a table's sheet where another table or a named cell begins."""
        tables = {
            each.top
            for each in (self._place(name) for name in self._found if name != shape.name)
            if each.sheet == shape.sheet
        }
        pattern = re.compile(r"^=?(?P<sheet>.+)!\$[A-Z]+\$(?P<row>\d+)(:|$)")
        places = (pattern.match(each.refers_to or "") for each in self._book.names)
        here = {shape.sheet, "'" + shape.sheet.replace("'", "''") + "'"}
        return tables | {int(at["row"]) - 1 for at in places if at and at["sheet"] in here}

    def _block(self, shape: TableShape, first: int, rows: int) -> Grid:
        """So many rows of a table's columns, from a row of the sheet on."""
        cells = self._range(shape, first, rows, 0, len(shape.columns) - 1)
        return [[_read(value) for value in line] for line in self._values(cells)]

    def _values(self, cells: "xw.Range") -> Sequence[Sequence[object]]:
        """What cells hold, in one go; errors by their names."""
        found: list[list[object]] = cells.options(ndim=2, err_to_str=True).value
        return found

    def _formulas(self, shape: TableShape, first: int, values: Grid) -> list[list[str | None]]:
        """The formulas of the rows that hold these values; None where there is none."""
        cells = self._range(shape, first, len(values), 0, len(shape.columns) - 1)
        held = self._formula_texts(cells)
        return [
            [_formula(each, value) for each, value in zip(line, cells, strict=True)]
            for line, cells in zip(held, values, strict=True)
        ]

    def _formula_texts(self, cells: "xw.Range") -> Sequence[Sequence[object]]:
        """What each cell's formula bar shows, in one go."""
        with self._asking(cells.sheet.name):
            held: Any = cells.formula
        if isinstance(held, str):
            return ((held,),)
        if held and isinstance(held[0], str):
            return (held,) if cells.shape[0] == 1 else tuple((each,) for each in held)
        return tuple(held)

    def _range(self, shape: TableShape, first: int, rows: int, left: int, right: int) -> "xw.Range":
        """Cells of a table's columns, which are counted from 0."""
        sheet = self._sheet_of(shape)
        start = (first + 1, shape.left + left + 1)
        return sheet.range(start, (first + rows, shape.left + right + 1))

    def _sheet_of(self, shape: TableShape) -> "xw.Sheet":
        return self._book.sheets[shape.sheet]

    # --- Writing --------------------------------------------------------------

    def _writable(self, name: str) -> TableShape:
        shape = self._shape(name)
        if self.is_protected(shape.sheet):
            raise protected_trouble(shape.sheet, self.label)
        return shape

    def _write(self, shape: TableShape, cells: Mapping[int, Mapping[int, Cell]]) -> None:
        """Writes cells (column -> row -> value), one block per run of neighbours."""
        for places in _runs(sorted(cells)):
            for rows in _runs(sorted(cells[places[0]])):
                block = [
                    [
                        self._told(
                            cells[place][row],
                            shape.name,
                            shape.sheet,
                            shape.first + row,
                            shape.left + place,
                        )
                        for place in places
                    ]
                    for row in rows
                ]
                first = shape.first + rows[0]
                self._put(self._range(shape, first, len(rows), places[0], places[-1]), block)

    def _put(self, cells: "xw.Range", block: list[list[object]]) -> None:
        with self._asking(cells.sheet.name):
            cells.value = block

    def _fill(self, cells: "xw.Range", formula: str) -> None:
        """Fills a column of cells with a formula, as the first of them has it."""
        cells.formula = formula

    def _clear(self, cells: "xw.Range") -> None:
        cells.clear()

    def _told(self, value: Cell, table: str, sheet: str, row: int, col: int) -> object:
        """A cell's value as Excel must be told it, so that text stays text."""
        if isinstance(value, CellError):
            return value.text
        if isinstance(value, Formula):
            return value.text
        if isinstance(value, str):
            if len(value) > LONGEST_TEXT:
                where = f"sheet {sheet}, cell {address(row, col)}"
                raise text_trouble(where, len(value), self.label)
            return value if _is_plainly_text(value) else "'" + value
        return value

    def _rearranged(
        self,
        shape: TableShape,
        grid: Grid,
        formulas: Sequence[Sequence[str | None]],
        sources: Sequence[int | None],
        places: Sequence[int],
    ) -> dict[int, dict[int, Cell]]:
        """The cells of the other typed columns, brought to where their rows go."""
        kept = [source if source is not None and source < len(grid) else None for source in sources]
        if all(
            source == at or (source is None and at >= len(grid)) for at, source in enumerate(kept)
        ):
            return {}
        moved: dict[int, dict[int, Cell]] = {}
        for place in range(len(shape.columns)):
            if place in places or formulas[0][place] is not None:
                continue
            moved[place] = {
                at: None if source is None else _moved(grid, formulas, source, place, at)
                for at, source in enumerate(kept)
            }
        return moved

    def _resize(self, shape: TableShape, rows: int, *, taking_in: bool = False) -> TableShape:
        """Gives a table so many data rows; what is taken in stands beneath it already."""
        if rows == shape.rows:
            return shape
        resized = replace(shape, rows=rows)
        table = self._found[shape.name][1]
        has_totals = bool(table.show_totals)
        if resized.below + has_totals > LAST_ROW:
            raise room_trouble(shape, self.label)
        if rows > shape.rows and not taking_in:
            self._refuse_occupied(shape, resized, has_totals)
        with self._asking(shape.sheet):
            live = self._column_formulas(shape) if rows > shape.rows else {}
            if has_totals:
                table.show_totals = False
            whole = rows + shape.headers
            table.resize(self._range(shape, shape.top, whole, 0, len(shape.columns) - 1))
            for place, formula in live.items():
                added = self._range(shape, shape.below, rows - shape.rows, place, place)
                self._fill(added, _shifted(formula, shape.rows))
            if rows < shape.rows:
                last = len(shape.columns) - 1
                self._clear(self._range(shape, resized.below, shape.rows - rows, 0, last))
            if has_totals:
                table.show_totals = True
        self._shapes[shape.name] = resized
        return resized

    def _refuse_occupied(self, shape: TableShape, resized: TableShape, has_totals: bool) -> None:
        start = shape.below + has_totals
        for at, line in enumerate(self._block(shape, start, resized.rows - shape.rows)):
            for offset, cell in enumerate(line):
                if cell is not None:
                    found = address(start + at, shape.left + offset)
                    raise occupied_trouble(shape, found, self.label)

    def _column_formulas(self, shape: TableShape) -> dict[int, str]:
        (line,) = self._formulas(shape, shape.first, self._block(shape, shape.first, 1))
        return {place: formula for place, formula in enumerate(line) if formula is not None}

    def _name_copies(self, sheet: "xw.Sheet", copied: "xw.Sheet") -> dict[str, str]:
        """Gives copied tables the names that a further plan tab's tables have."""
        originals = {table.range.address: table.name for table in sheet.tables}
        stems = {name: name.rstrip("0123456789") for name in originals.values()}
        copies = {originals[table.range.address]: table for table in copied.tables}
        given = {table.name.casefold() for table in copies.values()}
        taken = {
            table.name.casefold() for each in self._book.sheets for table in each.tables
        } - given
        number = 1
        while any(f"{stem}{number}".casefold() in taken for stem in stems.values()):
            number += 1
        for name, table in copies.items():
            table.name = f"{stems[name]}{number}"
        return {name: f"{stem}{number}" for name, stem in stems.items()}

    @contextmanager
    def _asking(self, sheet: str) -> Iterator[None]:
        """Turns what Excel refuses into one line: the sheet is protected, or Excel is busy."""
        try:
            yield
        except (AccountPlanError, *_BUGS):
            raise
        except Exception as trouble:
            if sheet and _quietly(lambda: self.is_protected(sheet)):
                raise protected_trouble(sheet, self.label) from trouble
            where = f", sheet {sheet}" if sheet else ""
            raise WorkbookError(
                f"{self.label}{where}: Excel does not take it now ({_first_line(trouble)}); "
                "finish the cell that is being edited, close open boxes, and run this again."
            ) from trouble


class ExcelReader(Reader):
    """What stands in an open workbook; each sheet is asked of Excel once.

    Args:
        door: to the workbook.
    """

    def __init__(self, door: ExcelWorkbook) -> None:
        self._door = door
        self._grids: dict[str, list[list[Any]]] = {}
        self._formulas: dict[str, frozenset[tuple[int, int]]] = {}

    @property
    def label(self) -> str:
        """The workbook's name."""
        return self._door.label

    @cached_property
    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return self._door.sheets()

    @cached_property
    def names(self) -> tuple[DefinedName, ...]:
        """All names, of the workbook and of its sheets."""
        return tuple(self._door.defined_names())

    @cached_property
    def tables(self) -> Mapping[str, PackageTable]:
        """All tables by name in small letters."""
        return {name.casefold(): self._door.table_area(name) for name in self._door.table_names()}

    def grid(self, sheet: str) -> list[list[Any]]:
        """All values of a sheet from A1 on; empty cells are ""."""
        if sheet not in self._grids:
            cells = self._door.sheet_values(sheet)
            self._grids[sheet] = [
                ["" if cell is None else _plain(cell) for cell in line] for line in cells
            ]
        return self._grids[sheet]

    def formula_cells(self, sheet: str) -> frozenset[tuple[int, int]]:
        """The cells of a sheet that hold a formula, as (row, column)."""
        if sheet not in self._formulas:
            self._formulas[sheet] = self._door.sheet_formulas(sheet)
        return self._formulas[sheet]


def _plain(cell: Cell) -> object:
    return cell.text if isinstance(cell, CellError) else cell


def _headed(shape: TableShape, header: Sequence[Cell]) -> TableShape:
    return replace(shape, columns=tuple(header_text(cell) for cell in header))


def _read(value: object) -> Cell:
    """A value of xlwings as a cell holds it."""
    if isinstance(value, str) and value in ERRORS:
        return CellError(value)
    if isinstance(value, datetime):
        passed = value.replace(tzinfo=None) - _DAY_ZERO
        return value.replace(tzinfo=None) if passed.days > 0 else passed / timedelta(days=1)
    return cell_of(value)


def _formula(held: object, value: Cell) -> str | None:
    """The formula that Excel gives for a cell, without its equals sign; None for a constant."""
    is_formula = isinstance(held, str) and held.startswith("=") and held != value
    return str(held)[1:] if is_formula else None


def _shifted(formula: str, rows: int) -> str:
    from .formulas import moved_formula

    return "=" + moved_formula(formula, rows)


def _moved(
    grid: Grid, formulas: Sequence[Sequence[str | None]], source: int, place: int, at: int
) -> Cell:
    """A cell that goes to another row, its formula moved along."""
    formula, value = formulas[source][place], grid[source][place]
    if formula is None:
        return value
    return Formula(_shifted(formula, at - source))


def _by_place(told: Cells) -> dict[int, dict[int, Cell]]:
    """What a table is told, by column and row."""
    return {
        place: dict(zip(told.rows, column, strict=True))
        for place, column in zip(told.places, told.columns, strict=True)
    }


def _any(line: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in line)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Numbers in order as runs of neighbours: 1 2 3 7 -> [1 2 3] [7]."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _is_plainly_text(text: str) -> bool:
    return bool(_WORDS.match(text)) and text.upper() not in _FLAGS


def _quietly(ask: Callable[[], bool]) -> bool:
    """An answer that may not come, as False."""
    try:
        return ask()
    except Exception:
        return False


def _first_line(trouble: Exception) -> str:
    return (str(trouble).split("\n")[0] or type(trouble).__name__)[:80]
