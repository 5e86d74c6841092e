"""The door to a workbook that is open in LibreOffice Calc.

This side decides what is to be done, `calc_office.py` on the office's side does it over UNO.
Each question crosses over as one line of JSON, so a table is read in one go and written in one
go per run of neighbouring columns. Calc itself keeps references, formats and rules.

Calc knows tables as database ranges; it neither grows them while somebody types beneath, nor
shows a name box for them.

Source: the LibreOffice 7 API.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

import pandas as pd

from ...udfs.errors import AccountPlanError, WorkbookError
from ...workbook_templates import contract as c
from ..workbook import (
    LAST_ROW,
    LONGEST_TEXT,
    Cell,
    CellError,
    Cells,
    Formula,
    TableShape,
    address,
    cells_of,
    cells_to_write,
    columns_at,
    find_table,
    header_text,
    name_trouble,
    occupied_trouble,
    protected_trouble,
    room_trouble,
    rows_to_replace,
    sheet_trouble,
    table_frame,
    taken_trouble,
    text_trouble,
)
from .areas import Area, DefinedName, PackageTable
from .cells_xml import Stored
from .reader import Reader

BENEATH: Final = 50
"""How many rows under a table are read along, in case somebody typed there."""
_AREA = tuple[int, int, int, int]
_NOT_KNOWN: Final = re.compile(r"#NAME\?|Err:\d+")
# In a formula: a sheet in front of a reference, an error, a column of a table, a separator.
_TOKEN: Final = re.compile(
    r"'(?:[^']|'')+'!|#[A-Z0-9/]+[!?]?|[^\W\d][\w.]*!|\[(?:[^\[\]']|'.)*\]|[,;{}]"
)
_CALC_TOKEN: Final = re.compile(
    r"\$?'(?:[^']|'')+'\.(?=\$?[A-Z])|\$[^\W\d]\w*\.(?=\$?[A-Z]{1,3}\$?\d)"
    r"|\[(?:[^\[\]']|'.)*\]|[;|]"
)


class Ask(Protocol):
    """How questions reach the office."""

    def __call__(self, do: str, **arguments: Any) -> Any:
        """Asks for one operation of `calc_office.Document`."""
        ...


class CalcError(AccountPlanError):
    """Calc is not there, does not answer, or has closed the workbook."""


class CalcRefusedError(Exception):
    """Calc does not take what it was asked to do; the door says so in its own words."""


def told(line: bytes) -> Any:
    """What an answer of the office holds.

    Raises:
        CalcError: the workbook or the office is gone.
        CalcRefusedError: Calc does not take it.
    """
    answer = json.loads(line)
    if "result" in answer:
        return answer["result"]
    if answer["kind"] == "closed":
        raise CalcError(
            answer["error"] or "The workbook was closed meanwhile; open it, and run this again."
        )
    if answer["kind"] == "refused":
        raise CalcRefusedError(answer["error"])
    raise RuntimeError(answer["error"])


@dataclass(frozen=True)
class _Block:
    """Rows of a table as Calc holds them.

    Attributes:
        rows: their values.
        formulas: cells (row, column) that hold a formula, counted within the block.
    """

    rows: list[list[Cell]]
    formulas: frozenset[tuple[int, int]]


class CalcWorkbook:
    """The door to a workbook in Calc (``addin.workbook.Workbook``).

    Args:
        ask: how questions reach the office.
        number: that the office gave the workbook.
        label: what messages call it; its title without.

    Attributes:
        number: what the office calls it by.
        messages: what the macro said at its end.

    Raises:
        NotOursError: it has neither a plan tab nor a table of accounts.
    """

    def __init__(self, ask: Ask, number: int, label: str = "") -> None:
        self._ask_office, self.number = ask, number
        self.messages: list[str] = []
        self._label = self._given = label
        self._describe()
        self._label = label or self._title
        if not self._is_ours():
            from .package import NotOursError

            raise NotOursError(
                f"{self.label}: is no workbook of Account Plan (no plan tab, no table "
                f"{c.T_ACCOUNTS}); open one that build or template wrote, and run this again."
            )

    # --- What is there --------------------------------------------------------

    @property
    def label(self) -> str:
        """The workbook's path, or its title."""
        return self._label

    @property
    def place(self) -> str:
        """The workbook's full path, or its title where it was never saved."""
        return str(Path(self._given).absolute()) if self._given else self._path or self._label

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return tuple(self._protected)

    def tables(self) -> Mapping[str, TableShape]:
        """All tables by their names."""
        return {name: self._shape(name) for name in self._places}

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values, as ``Workbook.read_table`` gives them."""
        shape, block = self._read(name, fresh=True)
        places = columns_at(shape, columns, self.label) if columns else range(len(shape.columns))
        filled = [at for at, line in enumerate(block.rows) if _any(line)]
        cells = [[block.rows[at][place] for place in places] for at in filled]
        return table_frame(filled, cells, shape, list(places))

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        shape = self._shape(name)
        block = self._block(shape, shape.first, 1)
        return frozenset(shape.columns[place].strip() for _, place in block.formulas)

    def read_formulas(self, name: str) -> pd.DataFrame:
        """The formulas of a table, as ``Workbook.read_formulas`` gives them."""
        shape, block = self._read(name)
        area = (shape.first, shape.left, shape.first + len(block.rows) - 1, shape.right)
        held = self._ask("formulas", sheet=shape.sheet, area=area)
        headers = [header.strip() for header in shape.columns]
        texts = [[_as_excel_spells_it(text) if text else None for text in line] for line in held]
        return pd.DataFrame(texts, columns=headers, dtype=object)

    def reader(self) -> "CalcReader":
        """The cells, names and tables of the whole workbook as they are now."""
        return CalcReader(self)

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Gives columns of a table new headers; Calc lets formulas that name them follow."""
        shape = self._writable(name)
        for place, header in zip(
            columns_at(shape, headers, self.label), headers.values(), strict=True
        ):
            self._put(shape.sheet, "", shape.top, shape.left + place, [[header]])
        self._headed.discard(shape.name)

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells, of the workbook or of one sheet."""
        found: dict[str, Cell] = {}
        for name in names:
            where, row, col = self._named(name, sheet)
            found[name] = self._cells(where, (row, col, row, col)).rows[0][0]
        return found

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        return self._protected[self._sheet(sheet)]

    def lock(self, sheet: str, locked: bool) -> bool:
        """Locks the cells of a sheet, without a password, or unlocks them (``Lockable``).

        False where Calc does not take it, as on a sheet that has a password of its owner.
        """
        name = self._sheet(sheet)
        if self._protected[name] != locked:
            self._protected[name] = bool(self._ask("protect", sheet=name, protected=locked))
        return self._protected[name] == locked

    # --- Tables ---------------------------------------------------------------

    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows, and leaves everything else as it is."""
        shape = self._writable(name)
        cells = cells_to_write(shape, frame, self.label)
        if not cells.rows:
            return
        last = max(cells.rows)
        if last >= shape.rows:
            if last >= shape.rows + self._beneath(shape):
                raise ValueError(f"the table {name} has no row {last}")
            shape = self._resize(shape, last + 1, taking_in=True)
        self._write(shape, cells)

    def replace_rows(
        self,
        name: str,
        frame: pd.DataFrame,
        was: Sequence[int | None] | None = None,
        spare: int = 0,
    ) -> None:
        """Gives a table exactly these rows, as ``Workbook.replace_rows`` says."""
        shape = self._writable(name)
        cells, sources = rows_to_replace(shape, frame, was, spare, self.label)
        self._refuse_long(shape, cells)
        count, beneath = len(cells.rows), self._beneath(shape)
        if beneath:
            shape = self._resize(shape, shape.rows + beneath, taking_in=True)
        shape = self._resize(shape, max(count, shape.rows))
        sources += [None] * (shape.rows - count)
        with self._asking(shape.sheet):
            columns = [shape.left + place for place in cells.places]
            self._ask("rearrange", table=shape.name, sources=sources, columns=columns)
        self._write(shape, cells)
        if shape.name in c.FITTED and count:
            with self._asking(shape.sheet):
                self._ask("fit", sheet=shape.sheet, top=shape.first, bottom=shape.first + count - 1)
        self._resize(shape, count)

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled; the table grows where it is full."""
        shape = self._writable(name)
        columns_at(shape, frame.columns, self.label)
        live = self.live_columns(name)
        shape, block = self._read(name)
        typed = [at for at, header in enumerate(shape.columns) if header.strip() not in live]
        filled = [
            row for row, line in enumerate(block.rows) if any(line[at] is not None for at in typed)
        ]
        start = max(filled, default=-1) + 1
        if len(block.rows) > shape.rows:
            shape = self._resize(shape, len(block.rows), taking_in=True)
        self._resize(shape, max(start + len(frame), shape.rows))
        self.write_columns(name, frame.set_axis(range(start, start + len(frame)), axis=0))

    def write_names(self, values: Mapping[str, object], sheet: str = "") -> None:
        """Writes named cells, of the workbook or of one sheet."""
        cells = [self._named(name, sheet) for name in values]
        for where, row, col in cells:
            if self._protected[where] and self._ask("is_locked", sheet=where, row=row, col=col):
                raise protected_trouble(where, self.label)
        for (where, row, col), value in zip(cells, cells_of(values.values()), strict=True):
            self._put(where, "", row, col, [[value]])

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Copies a plan tab with its names and tables, and puts it behind the last plan tab."""
        sheet = self._sheet(source)
        if name.casefold() in {known.casefold() for known in self.sheets()}:
            raise taken_trouble(name, self.label)
        tables = self._names_for_copies(sheet)
        plans = [at for at, each in enumerate(self.sheets()) if each.startswith(c.PLAN_PREFIX)] or [
            self.sheets().index(sheet)
        ]
        with self._asking(source):
            self._ask("copy_tab", source=sheet, name=name, place=max(plans) + 1, tables=tables)
        self._describe()
        return tables

    # --- The user -------------------------------------------------------------

    def status(self, text: str) -> None:
        """Says in the status bar what is being done."""
        self._ask("status", text=text)

    def message(self, text: str) -> None:
        """Keeps what the macro says, for whoever pressed the button."""
        self.messages.append(text)

    def recalculate(self) -> None:
        """Works out every formula anew."""
        self._ask("recalculate")

    def results(self) -> dict[str, dict[str, Stored]]:
        """What every formula gives: sheet -> cell, such as B7 -> value; dates are numbers.

        Formulas that Calc cannot work out, as those with functions that it does not know, are
        left out.
        """
        self.recalculate()
        return {sheet: self._results(sheet) for sheet in self.sheets()}

    def save(self) -> None:
        """Saves the workbook where it lies."""
        with self._asking(""):
            self._ask("store")

    def close(self) -> None:
        """Closes the workbook; what was not saved is lost."""
        self._ask("close")

    # --- The whole workbook, for its reader -------------------------------------

    def table_areas(self) -> Iterator[PackageTable]:
        """Where each table stands, header and totals included."""
        for each in self._places.values():
            totals = self._totals[each.name]
            bottom = each.below - 1 + totals
            area = Area(each.sheet, each.top, each.left, bottom, each.right)
            yield PackageTable(each.name, area, each.columns, each.headers, totals)

    def defined_names(self) -> Iterator[DefinedName]:
        """All names of cells, of the workbook and of its sheets."""
        for scope, name, sheet, area in self._ask("areas_of_names"):
            cells = [f"${letters}${row}" for letters, row in map(_split, _corners(area))]
            quoted = sheet.replace("'", "''")
            yield DefinedName(name, scope, f"'{quoted}'!{':'.join(dict.fromkeys(cells))}")

    def sheet_block(self, sheet: str) -> tuple[list[list[Cell]], frozenset[tuple[int, int]]]:
        """All values of a sheet from A1 on, and the cells that hold formulas."""
        top, left, bottom, right = self._ask("used", sheet=self._sheet(sheet))
        block = self._cells(self._sheet(sheet), (top, left, bottom, right))
        return block.rows, block.formulas

    # --- Finding --------------------------------------------------------------

    def _ask(self, do: str, **arguments: Any) -> Any:
        return self._ask_office(do, document=self.number, **arguments)

    def _describe(self) -> None:
        """Learns anew what the workbook holds."""
        held = self._ask("describe")
        self._title, self._path = str(held["title"]), str(held["path"])
        self._zero = datetime(*held["zero"])
        self._protected: dict[str, bool] = dict(held["sheets"])
        self._places: dict[str, TableShape] = {}
        self._totals: dict[str, int] = {}
        self._headed: set[str] = set()
        self._names: dict[tuple[str, str], tuple[str, _AREA]] | None = None
        for each in held["tables"]:
            top, left, bottom, right = each["area"]
            rows = bottom - top + 1 - each["headers"] - each["totals"]
            self._totals[each["name"]] = each["totals"]
            self._places[each["name"]] = TableShape(
                each["name"],
                each["sheet"],
                top,
                left,
                ("",) * (right - left + 1),
                rows,
                each["headers"],
            )

    def _is_ours(self) -> bool:
        if any(name.startswith(c.PLAN_PREFIX) for name in self.sheets()):
            return True
        return c.T_ACCOUNTS.casefold() in {name.casefold() for name in self._places}

    def _sheet(self, name: str) -> str:
        for known in self._protected:
            if known.casefold() == name.casefold():
                return known
        raise sheet_trouble(name, self.label)

    def _shape(self, name: str) -> TableShape:
        """A table's place, with the headers that stand on the sheet."""
        shape = find_table(self._places, name, self.label)
        if not shape.headers:
            raise WorkbookError(
                f"{self.label}: sheet {shape.sheet}: the header row of the table {shape.name} is "
                "switched off; switch it on (Data, Define Range, Contains column labels)."
            )
        if shape.name not in self._headed:
            self._headed.add(shape.name)
            shape = _headed(shape, self._block(shape, shape.top, 1).rows[0])
            self._places[shape.name] = shape
        return shape

    def _all_names(self) -> dict[tuple[str, str], tuple[str, _AREA]]:
        if self._names is None:
            self._names = {
                (scope.casefold(), name.casefold()): (sheet, tuple(area))
                for scope, name, sheet, area in self._ask("areas_of_names")
            }
        return self._names

    def _named(self, name: str, sheet: str) -> tuple[str, int, int]:
        """The first of the cells that have a name: sheet, row, column."""
        scope = self._sheet(sheet) if sheet else ""
        found = self._all_names().get((scope.casefold(), name.casefold()))
        if found is None:
            raise name_trouble(name, sheet, self.label)
        return found[0], found[1][0], found[1][1]

    def _names_for_copies(self, sheet: str) -> dict[str, str]:
        """Names for the copies of a tab's tables: their stem and the next number free for all."""
        names = [shape.name for shape in self._places.values() if shape.sheet == sheet]
        stems = {name: name.rstrip("0123456789") for name in names}
        taken = {name.casefold() for name in self._places}
        number = 1
        while any(f"{stem}{number}".casefold() in taken for stem in stems.values()):
            number += 1
        return {name: f"{stem}{number}" for name, stem in stems.items()}

    # --- Reading --------------------------------------------------------------

    def _read(self, name: str, *, fresh: bool = False) -> tuple[TableShape, _Block]:
        """A table and all its rows, those typed beneath included."""
        shape = self._shape(name)
        room = min(shape.rows + BENEATH, LAST_ROW - shape.first)
        block = self._block(shape, shape.first, room, fresh=fresh)
        return shape, _first(block, shape.rows + self._count_beneath(shape, block, shape.rows))

    def _beneath(self, shape: TableShape) -> int:
        """How many rows typed directly beneath a table belong to it."""
        room = min(BENEATH, LAST_ROW - shape.below)
        if room <= 0:
            return 0
        return self._count_beneath(shape, self._block(shape, shape.below, room), 0)

    def _count_beneath(self, shape: TableShape, block: _Block, start: int) -> int:
        """The same, of a block that was read with the rows beneath from ``start`` on."""
        lines = block.rows[start:]
        count = next((at for at, line in enumerate(lines) if not _any(line)), len(lines))
        if not count or self._totals[shape.name]:
            return 0
        if count == len(lines) and shape.below + count < LAST_ROW:
            room = min(2 * count, LAST_ROW - shape.below)
            return self._count_beneath(shape, self._block(shape, shape.below, room), 0)
        live, taken = self.live_columns(shape.name), self._taken_rows(shape)
        for at in range(count):
            strange = any(
                row == start + at and shape.columns[place].strip() not in live
                for row, place in block.formulas
            )
            if strange or shape.below + at in taken:
                return at
        return count

    def _taken_rows(self, shape: TableShape) -> set[int]:
        """Rows of a table's sheet where another table or named cells begin, in its columns."""
        others = [
            (each.sheet, (each.top, each.left, each.below - 1, each.right))
            for each in self._places.values()
            if each.name != shape.name
        ]
        return {
            area[0]
            for sheet, area in [*others, *self._all_names().values()]
            if sheet == shape.sheet and area[1] <= shape.right and area[3] >= shape.left
        }

    def _block(self, shape: TableShape, first: int, rows: int, *, fresh: bool = False) -> _Block:
        """So many rows of a table's columns, from a row of the sheet on."""
        area = (first, shape.left, first + rows - 1, shape.right)
        return self._cells(shape.sheet, area, fresh=fresh)

    def _cells(self, sheet: str, area: _AREA, *, fresh: bool = True) -> _Block:
        """A block of cells; not fresh: as they were before cells were written, if that will do."""
        held = self._ask("read", sheet=sheet, area=area, fresh=fresh)
        rows = values_of(held, area, self._zero)
        return _Block(rows, frozenset(_each(held["formulas"], area)))

    def _results(self, sheet: str) -> dict[str, Stored]:
        area: _AREA = tuple(self._ask("used", sheet=sheet))
        held = self._ask("read", sheet=sheet, area=area)
        rows = values_of({**held, "dates": []}, area, self._zero)
        given: dict[str, Stored] = {}
        for row, col in _each(held["formulas"], area):
            value = rows[row][col]
            is_unknown = isinstance(value, CellError) and _NOT_KNOWN.fullmatch(value.text)
            if not is_unknown and not isinstance(value, (datetime, Formula)):
                given[address(row, col)] = value
        return given

    # --- Writing --------------------------------------------------------------

    def _writable(self, name: str) -> TableShape:
        shape = self._shape(name)
        if self.is_protected(shape.sheet):
            raise protected_trouble(shape.sheet, self.label)
        return shape

    def _write(self, shape: TableShape, cells: Cells) -> None:
        """Writes cells, one block per run of neighbouring rows and columns."""
        columns = dict(zip(cells.places, cells.columns, strict=True))
        order = sorted(range(len(cells.rows)), key=cells.rows.__getitem__)
        for places in _runs(sorted(columns)):
            start = 0
            for rows in _runs([cells.rows[at] for at in order]):
                wanted = order[start : start + len(rows)]
                start += len(rows)
                block = [[columns[place][at] for place in places] for at in wanted]
                top, left = shape.first + rows[0], shape.left + places[0]
                self._put(shape.sheet, shape.name, top, left, block)

    def _put(self, sheet: str, table: str, top: int, left: int, block: list[list[Cell]]) -> None:
        """Writes a block of cells."""
        special: list[tuple[int, int, str, object]] = []
        plain = [
            [
                self._plain(value, (row, col), (sheet, top, left), table, special)
                for col, value in enumerate(line)
            ]
            for row, line in enumerate(block)
        ]
        with self._asking(sheet):
            self._ask("write", sheet=sheet, top=top, left=left, rows=plain, special=special)

    def _plain(
        self,
        value: Cell,
        at: tuple[int, int],
        start: tuple[str, int, int],
        table: str,
        special: list[tuple[int, int, str, object]],
    ) -> str | float | None:
        """A value as Calc takes it in a block; what needs more goes on the list."""
        if isinstance(value, bool):
            special.append((*at, "flag", float(value)))
        elif isinstance(value, datetime):
            number = (value - self._zero) / timedelta(days=1)
            if number < 1:
                return value.isoformat(" ")
            special.append((*at, "day" if value.time() == time() else "moment", number))
        elif isinstance(value, CellError):
            special.append((*at, "error", "=" + value.text))
        elif isinstance(value, Formula):
            special.append((*at, "formula", _as_calc_types_it(value.text, table)))
        elif isinstance(value, str):
            if len(value) > LONGEST_TEXT:
                where = f"sheet {start[0]}, cell {address(start[1] + at[0], start[2] + at[1])}"
                raise text_trouble(where, len(value), self.label)
            return value
        else:
            return value
        return None

    def _refuse_long(self, shape: TableShape, cells: Cells) -> None:
        """Finds texts that no cell can hold before anything is touched."""
        for place, column in zip(cells.places, cells.columns, strict=True):
            for row, value in zip(cells.rows, column, strict=True):
                if isinstance(value, str) and len(value) > LONGEST_TEXT:
                    cell = address(shape.first + row, shape.left + place)
                    raise text_trouble(f"sheet {shape.sheet}, cell {cell}", len(value), self.label)

    # --- Growing and shrinking ------------------------------------------------

    def _resize(self, shape: TableShape, rows: int, *, taking_in: bool = False) -> TableShape:
        """Gives a table so many data rows; what is taken in stands beneath it already."""
        if rows == shape.rows:
            return shape
        resized = replace(shape, rows=rows)
        totals = self._totals[shape.name]
        if resized.below + totals > LAST_ROW:
            raise room_trouble(shape, self.label)
        if rows > shape.rows and not taking_in:
            self._refuse_occupied(shape, resized, totals)
        with self._asking(shape.sheet):
            if rows > shape.rows:
                typed = rows - shape.rows if taking_in else 0
                self._ask("grow", table=shape.name, rows=rows, typed=typed)
            else:
                self._ask("shrink", table=shape.name, rows=rows)
        self._places[shape.name] = resized
        self._names = None
        return resized

    def _refuse_occupied(self, shape: TableShape, resized: TableShape, totals: int) -> None:
        top, bottom = shape.below + totals, resized.below + totals - 1
        for each in self._places.values():
            if (
                each.name != shape.name
                and each.sheet == shape.sheet
                and each.top <= bottom
                and each.below > top
                and each.left <= shape.right
                and each.right >= shape.left
            ):
                raise occupied_trouble(shape, address(each.top, each.left), self.label)
        found = self._ask(
            "first_occupied", sheet=shape.sheet, area=(top, shape.left, bottom, shape.right)
        )
        if found is not None:
            raise occupied_trouble(shape, address(*found), self.label)

    @contextmanager
    def _asking(self, sheet: str) -> Iterator[None]:
        """Turns what Calc refuses into one line."""
        try:
            yield
        except CalcRefusedError as trouble:
            with suppress(CalcError, CalcRefusedError):
                self._describe()
            if sheet and self._protected.get(sheet):
                raise protected_trouble(sheet, self.label) from trouble
            where = f", sheet {sheet}" if sheet else ""
            said = f" ({trouble})" if str(trouble) else ""
            raise WorkbookError(
                f"{self.label}{where}: Calc does not take it now{said}; finish the cell that is "
                "being edited, close open boxes, and run this again."
            ) from trouble


class CalcReader(Reader):
    """What stands in a workbook in Calc; each sheet is asked of Calc once.

    Args:
        door: to the workbook.
    """

    def __init__(self, door: CalcWorkbook) -> None:
        self._door = door
        self._blocks: dict[str, tuple[list[list[Any]], frozenset[tuple[int, int]]]] = {}

    @property
    def label(self) -> str:
        """The workbook's path, or its title."""
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
        return {each.name.casefold(): each for each in self._door.table_areas()}

    def grid(self, sheet: str) -> list[list[Any]]:
        """All values of a sheet from A1 on; empty cells are ""."""
        return self._block(sheet)[0]

    def formula_cells(self, sheet: str) -> frozenset[tuple[int, int]]:
        """The cells of a sheet that hold a formula, as (row, column)."""
        return self._block(sheet)[1]

    def _block(self, sheet: str) -> tuple[list[list[Any]], frozenset[tuple[int, int]]]:
        if sheet not in self._blocks:
            rows, formulas = self._door.sheet_block(sheet)
            plain = [["" if cell is None else _plain(cell) for cell in line] for line in rows]
            self._blocks[sheet] = plain, formulas
        return self._blocks[sheet]


def _plain(cell: Cell) -> object:
    return cell.text if isinstance(cell, CellError) else cell


def _corners(area: Sequence[int]) -> tuple[str, str]:
    return address(area[0], area[1]), address(area[2], area[3])


def _split(cell: str) -> tuple[str, str]:
    letters = cell.rstrip("0123456789")
    return letters, cell[len(letters) :]


def values_of(held: Mapping[str, Any], area: _AREA, zero: datetime) -> list[list[Cell]]:
    """A block's values as cells, out of what the office says of it.

    Args:
        held: what `calc_office.Document.read` gives.
        area: of the block.
        zero: the day that counts as 0.
    """
    rows: list[list[Cell]] = held["rows"]
    for row, col in _each(held["dates"], area):
        value = rows[row][col]
        if isinstance(value, float):
            rows[row][col] = _moment(value, zero)
    for row, col in _each(held["flags"], area):
        value = rows[row][col]
        if isinstance(value, float):
            rows[row][col] = bool(value)
    for row, col, text in held["errors"]:
        rows[row - area[0]][col - area[1]] = CellError(text)
    return rows


def _moment(number: float, zero: datetime) -> Cell:
    """A number as the day and time that it shows; a time of day alone stays a number."""
    if number < 1:
        return number
    try:
        found = zero + timedelta(days=number, microseconds=500)
    except OverflowError:
        return number
    # Days are kept as numbers that are good for milliseconds.
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _headed(shape: TableShape, header: Sequence[Cell]) -> TableShape:
    return replace(shape, columns=tuple(header_text(cell) for cell in header))


def _first(block: _Block, rows: int) -> _Block:
    return _Block(block.rows[:rows], frozenset(at for at in block.formulas if at[0] < rows))


def _each(areas: Iterable[_AREA], within: _AREA) -> Iterator[tuple[int, int]]:
    """The cells of areas, counted within another one."""
    for top, left, bottom, right in areas:
        for row in range(max(top, within[0]), min(bottom, within[2]) + 1):
            for col in range(max(left, within[1]), min(right, within[3]) + 1):
                yield row - within[0], col - within[1]


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


def _as_calc_types_it(formula: str, table: str) -> str:
    """A formula of Excel as Calc's own grammar spells it.

    ``SUM([@Wins],'Plan - A'!B4)`` -> ``SUM(T[[#This Row];[Wins]];$'Plan - A'.B4)``
    """
    from ...workbook_templates.writer import expand

    pieces = expand(formula, table).split('"')
    return '"'.join(_respelled(piece) if at % 2 == 0 else piece for at, piece in enumerate(pieces))


def _respelled(piece: str) -> str:
    """A piece of a formula without texts in it, spelled Calc's way."""
    depth = 0

    def spelled(match: re.Match[str]) -> str:
        nonlocal depth
        found = match[0]
        if found in "{}":
            depth += 1 if found == "{" else -1
        elif found == ",":
            return ";"
        elif found == ";" and depth:
            return "|"
        elif found.endswith("!") and not found.startswith("#"):
            return "$" + found[:-1] + "."
        return found

    return _TOKEN.sub(spelled, piece)


def _as_excel_spells_it(formula: str) -> str:
    """A formula of Calc as Excel spells it: the other way round."""
    pieces = formula.split('"')
    spelled = (_excel_spelled(piece) if at % 2 == 0 else piece for at, piece in enumerate(pieces))
    return '"'.join(spelled)


def _excel_spelled(piece: str) -> str:
    def spelled(match: re.Match[str]) -> str:
        found = match[0]
        if found == ";":
            return ","
        if found == "|":
            return ";"
        return found if found.startswith("[") else found[:-1].removeprefix("$") + "!"

    return _CALC_TOKEN.sub(spelled, piece)
