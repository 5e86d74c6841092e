"""How does a closed workbook change, without an office program, and lose nothing?

Only the parts that must change do: the sheets that are written and their tables,
the workbook part (names, and that it is to be recalculated), types and links
where a sheet is added, added formats. All other parts stay the same to the byte.
Results of formulas on written sheets are dropped, since nothing here calculates;
the workbook recalculates in full when it is opened. Notes stay at their cells.

Source: ECMA-376, Office Open XML, parts 1 and 2.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import TypeGuard
from xml.sax.saxutils import escape

import pandas as pd

from ...udfs.errors import SaveError
from ...udfs.resting import resting_collector
from ...workbook_templates import contract as c
from ...workbook_templates.heights import height_for
from ..save import refuse_to_replace, write_whole
from ..workbook import (
    LAST_ROW,
    LONGEST_TEXT,
    Cell,
    Cells,
    Formula,
    TableShape,
    address,
    cells_of,
    cells_to_write,
    columns_at,
    find_table,
    header_text,
    locked_trouble,
    name_trouble,
    occupied_trouble,
    protected_trouble,
    room_trouble,
    rows_to_replace,
    sheet_trouble,
    table_frame,
    text_trouble,
)
from .areas import Area
from .cells_xml import FormulaText, Stored, Texts, serial, shared_texts
from .formulas import moved_formula, refitted
from .markup import namespace, parsed, plainly_escaped, written
from .package import PackageReader, refuse
from .plan_tab_copy import copy_tab
from .results_xml import with_results
from .sheet_xml import SheetXml, Stretch, reference_of, without_results
from .styles_xml import StylesXml, add_styles
from .workbook_xml import WorkbookXml


@dataclass(frozen=True)
class _TablePart:
    """A table's part, and its rows of totals."""

    part: str
    totals: int


class PackageWorkbook:
    """The door to a closed workbook (``addin.workbook.Workbook``).

    Args:
        path: the file.
        out: where ``save`` writes to; the file itself without.
        show: what to do with ``status``; nothing without.

    Attributes:
        messages: what the macro said at its end.

    Raises:
        WorkbookError: it is not there, encrypted, damaged, or no such workbook.
        NotOursError: it has neither a plan tab nor a table of accounts.
    """

    def __init__(
        self, path: Path, out: Path | None = None, show: Callable[[str], None] | None = None
    ) -> None:
        self._path, self._out, self._show = path, out or path, show
        self.messages: list[str] = []
        refuse(path)
        self._stamp = _stamp(path)
        self._reader = PackageReader(path)
        self._parts = self._reader.parts
        self._reset()

    def _reset(self) -> None:
        """Forgets what was read, after the package changed as a whole."""
        self._docs: dict[str, SheetXml] = {}
        self._dirty: set[str] = set()
        self._book = WorkbookXml(self._parts)
        self._since_1904 = self._book.since_1904()
        links = self._book.sheets()
        self._sheets = {name: links[name] for name in self._reader.sheets}
        self._styles: StylesXml | None = None
        self._texts = Texts(
            self._strings,
            self._is_date,
            since_1904=self._since_1904,
        )
        self._find_tables()

    def _find_tables(self) -> None:
        self._shapes: dict[str, TableShape] = {}
        self._table_parts: dict[str, _TablePart] = {}
        self._headed: set[str] = set()
        for table in self._reader.tables.values():
            area = table.area
            self._shapes[table.name] = TableShape(
                table.name,
                area.sheet,
                area.top,
                area.left,
                table.columns,
                area.bottom - area.top + 1 - table.headers - table.totals,
                table.headers,
            )
        for part in self._sheets.values():
            for target in self._parts.linked(part, "table"):
                root = parsed(self._parts[target])
                name = root.get("displayName") or root.get("name")
                totals = int(root.get("totalsRowCount", "0"))
                self._table_parts[name] = _TablePart(target, totals)

    # --- What is there --------------------------------------------------------

    @property
    def label(self) -> str:
        """The file, as it was named."""
        return str(self._path)

    @property
    def place(self) -> str:
        """The workbook's full path."""
        return str(self._path.resolve())

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return tuple(self._sheets)

    def tables(self) -> Mapping[str, TableShape]:
        """All tables by their names."""
        return {name: self._shape(name) for name in self._shapes}

    @resting_collector()
    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values, as ``Workbook.read_table`` gives them."""
        shape = self._shape(name)
        places = columns_at(shape, columns, self.label) if columns else range(len(shape.columns))
        rows = range(shape.first, shape.below + self._beneath(shape))
        doc = self._doc(shape.sheet)
        lines = doc.rows_of_values(rows, [shape.left + place for place in places])
        every = range(shape.left, shape.right + 1)
        filled = [
            at
            for at, line in enumerate(lines)
            if line.count(None) < len(line) or _any(doc.values(rows[at], every))
        ]
        cells = [lines[at] for at in filled]
        return table_frame(filled, cells, shape, list(places))

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        shape = self._shape(name)
        doc = self._doc(shape.sheet)
        return frozenset(
            header.strip()
            for offset, header in enumerate(shape.columns)
            if doc.has_formula(shape.first, shape.left + offset)
        )

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells, of the workbook or of one sheet."""
        found: dict[str, Cell] = {}
        for name in names:
            area = self._named(name, sheet)
            found[name] = self._doc(area.sheet).value(area.top, area.left)
        return found

    def read_formulas(self, name: str) -> pd.DataFrame:
        """The formulas of a table, as ``Workbook.read_formulas`` gives them."""
        shape = self._shape(name)
        doc = self._doc(shape.sheet)
        rows = range(shape.first, shape.below + self._beneath(shape))
        cells = [
            [doc.formula(row, shape.left + place) for place in range(len(shape.columns))]
            for row in rows
        ]
        texts = [[None if text is None else f"={text}" for text in line] for line in cells]
        headers = [header.strip() for header in shape.columns]
        return pd.DataFrame(texts, columns=headers, dtype=object)

    def reader(self) -> PackageReader:
        """The cells, names and tables of the whole workbook as they are now."""
        if self._dirty:
            self._flush()
            self._reopen()
            self._reset()
        return self._reader

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Gives columns of a table new headers; formulas that name them follow."""
        shape = self._writable(name)
        places = columns_at(shape, headers, self.label)
        for place, header in zip(places, headers.values(), strict=True):
            self._put(shape.sheet, "", shape.top, shape.left + place, header)
        self._flush()
        renamed = _Renamed(shape.name, headers)
        for part in (self._book.part, *self._sheets.values()):
            self._rename_in(part, renamed)
            for table in self._parts.linked(part, "table"):
                self._rename_in(table, renamed)
        part = self._table_parts[shape.name].part
        root = parsed(self._parts[part])
        ns = namespace(root)
        columns = list(root.iterfind(f"{ns}tableColumns/{ns}tableColumn"))
        for place, header in zip(places, headers.values(), strict=True):
            columns[place].set("name", header)
        self._parts[part] = written(root)
        self._reopen()
        self._reset()

    def _rename_in(self, part: str, renamed: "_Renamed") -> None:
        content = self._parts[part]
        changed = renamed.in_part(content)
        if changed != content:
            self._parts[part] = changed

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        name = self._sheet(sheet)
        if name not in self._docs and b"sheetProtection" not in self._parts[self._sheets[name]]:
            return False
        return self._doc(name).is_protected

    def lock(self, sheet: str, locked: bool) -> bool:
        """Locks the cells of a sheet, without a password, or unlocks them (``Lockable``).

        False on a sheet that has a password of its owner.
        """
        name = self._sheet(sheet)
        if self.is_protected(name) == locked:
            return True
        if self._doc(name).has_password:
            return False
        self._doc(name).protect(locked)
        self._dirty.add(name)
        return True

    # --- Tables ---------------------------------------------------------------

    @resting_collector()
    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows, and leaves everything else as it is."""
        shape = self._writable(name)
        told = cells_to_write(shape, frame, self.label)
        if not told.rows:
            return
        needed = max(told.rows) + 1
        if needed > shape.rows:
            if needed > shape.rows + self._beneath(shape):
                raise ValueError(f"the table {name} has no row {max(told.rows)}")
            shape = self._resize(shape, needed, taking_in=True)
        self._write(shape, told)

    @resting_collector()
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
        beneath = self._beneath(shape)
        if beneath:
            shape = self._resize(shape, shape.rows + beneath, taking_in=True)
        shape = self._resize(shape, max(len(told.rows), shape.rows))
        self._rearrange(shape, sources, told.places)
        self._write(shape, told)
        if shape.name in c.FITTED:
            for row in told.rows:
                self._fit(shape, shape.first + row)
        self._resize(shape, len(told.rows))

    def _fit(self, shape: TableShape, row: int) -> None:
        """Makes a row of a table as high as its wrapped texts need."""
        doc, formats = self._doc(shape.sheet), self._formats()
        columns = range(shape.left, shape.left + len(shape.columns))
        texts = ((col, doc.value(row, col)) for col in columns)
        wrapped = [
            (text, doc.width(col))
            for col, text in texts
            if isinstance(text, str) and formats.is_wrapped(doc.style(row, col))
        ]
        doc.fit(row, height_for(wrapped))

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled; the table grows where it is full."""
        shape = self._writable(name)
        columns_at(shape, frame.columns, self.label)
        typed = self.read_table(name).drop(columns=list(self.live_columns(name)))
        filled = typed.dropna(how="all").index
        start = int(filled.max()) + 1 if len(filled) else 0
        beneath = self._beneath(shape)
        if beneath:
            shape = self._resize(shape, shape.rows + beneath, taking_in=True)
        told = cells_to_write(shape, frame, self.label)
        rows = list(range(start, start + len(frame)))
        shape = self._resize(shape, max(start + len(frame), shape.rows))
        self._write(shape, replace(told, rows=rows))

    def write_names(self, values: Mapping[str, object], sheet: str = "") -> None:
        """Writes named cells, of the workbook or of one sheet."""
        areas = [self._named(name, sheet) for name in values]
        for area in areas:
            if self.is_protected(area.sheet):
                style = self._doc(area.sheet).style(area.top, area.left)
                if not self._formats().is_unlocked(style):
                    raise protected_trouble(area.sheet, self.label)
        for area, value in zip(areas, cells_of(values.values()), strict=True):
            self._put(area.sheet, "", area.top, area.left, value)

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Copies a plan tab with its names and tables, and puts it behind the last plan tab."""
        sheet = self._sheet(source)
        if self._book.is_locked():
            raise locked_trouble(self.label)
        self._flush()
        tables = copy_tab(self._parts, self._book.part, sheet, name, self.label)
        self._reopen()
        self._reset()
        return tables

    # --- The user -------------------------------------------------------------

    def status(self, text: str) -> None:
        """Says what is being done."""
        if self._show is not None:
            self._show(text)

    def message(self, text: str) -> None:
        """Keeps what the macro says, for whoever ran it."""
        self.messages.append(text)

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the file as it was read."""
        self._flush()
        return self._parts.is_changed

    @resting_collector()
    def save(self) -> None:
        """Writes the file whole, then swaps it in.

        Raises:
            SaveError: it is open in another program, was changed meanwhile, or
                cannot be written.
        """
        self._flush()
        if self._parts.is_changed:
            self._book.recalculate_when_opened()
            self._book.drop_calculation_order()
        elif self._out == self._path:
            return
        target = self._out.resolve()
        is_own = target == self._path.resolve()
        refuse_to_replace(target)
        if is_own and (not target.exists() or _stamp(target) != self._stamp):
            raise SaveError(
                f"{self._path}: was changed by another program meanwhile; run this again."
            )
        write_whole(target, self._parts.content)
        if is_own:
            self._stamp = _stamp(target)

    def forget_results(self, sheets: Collection[str] = ()) -> None:
        """Drops what formulas gave on these sheets, or on all, where anything changed.

        Excel calculates all of it when it opens the file; LibreOffice believes what is stored on
        sheets that were not written, so that a review would show what was before.
        """
        self._flush()
        if not self._parts.is_changed:
            return
        for sheet, part in self._sheets.items():
            content = self._parts[part]
            fresh = without_results(content)
            if fresh != content and (not sheets or sheet in sheets):
                self._parts[part] = fresh

    def put_results(self, results: Mapping[str, Mapping[str, Stored]]) -> None:
        """Puts in what the formulas give, as another program has worked it out.

        Args:
            results: sheet -> cell, such as B7 -> value.
        """
        self._flush()
        for sheet, given in results.items():
            part = self._sheets[sheet]
            content = with_results(self._parts[part], given)
            if content != self._parts[part]:
                self._parts[part] = content
        self._docs.clear()
        self._dirty.clear()

    # --- Reading --------------------------------------------------------------

    def _sheet(self, name: str) -> str:
        for known in self._sheets:
            if known.casefold() == name.casefold():
                return known
        raise sheet_trouble(name, self.label)

    def _doc(self, sheet: str) -> SheetXml:
        if sheet not in self._docs:
            content = self._parts[self._sheets[sheet]]
            self._docs[sheet] = SheetXml(content, self._texts)
        return self._docs[sheet]

    def _strings(self) -> list[str]:
        parts = self._parts.linked(self._book.part, "sharedStrings")
        return [text for part in parts for text in shared_texts(self._parts[part])]

    def _shape(self, name: str) -> TableShape:
        """A table's place, with the headers that stand on the sheet."""
        shape = find_table(self._shapes, name, self.label)
        if shape.headers and shape.name not in self._headed:
            line = self._doc(shape.sheet).values(shape.top, range(shape.left, shape.right + 1))
            shape = replace(shape, columns=tuple(header_text(cell) for cell in line))
            self._shapes[shape.name] = shape
            self._headed.add(shape.name)
        return shape

    def _named(self, name: str, sheet: str) -> Area:
        found = self._reader.name(name, sheet)
        area = found.area if found else None
        if area is None or area.sheet not in self._sheets:
            raise name_trouble(name, sheet, self.label)
        return area

    def _beneath(self, shape: TableShape) -> int:
        """How many rows typed directly beneath a table belong to it."""
        if self._table_parts[shape.name].totals:
            return 0
        count = 0
        while self._is_typed_beneath(shape, shape.below + count):
            count += 1
        return count

    def _is_typed_beneath(self, shape: TableShape, row: int) -> bool:
        doc = self._doc(shape.sheet)
        if not _any(doc.values(row, range(shape.left, shape.right + 1))):
            return False
        live = self.live_columns(shape.name)
        for offset, header in enumerate(shape.columns):
            if doc.has_formula(row, shape.left + offset) and header.strip() not in live:
                return False
        here = Area(shape.sheet, row, shape.left, row, shape.right)
        taken = [each.area for each in self._reader.names if each.area is not None]
        taken += [self._whole(each) for each in self._shapes.values() if each.name != shape.name]
        return not any(_overlap(here, area) and area.top >= row for area in taken)

    # --- Writing --------------------------------------------------------------

    def _writable(self, name: str) -> TableShape:
        shape = self._shape(name)
        if self.is_protected(shape.sheet):
            raise protected_trouble(shape.sheet, self.label)
        return shape

    def _formats(self) -> StylesXml:
        if self._styles is None:
            self._styles = StylesXml(self._parts[self._styles_part()])
        return self._styles

    def _styles_part(self) -> str:
        found = self._parts.linked(self._book.part, "styles")
        return found[0] if found else add_styles(self._parts, self._book.part)

    def _is_date(self, style: int) -> bool:
        has_styles = self._styles or self._parts.linked(self._book.part, "styles")
        return bool(has_styles) and self._formats().is_date(style)

    def _write(self, shape: TableShape, told: Cells) -> None:
        rows = [shape.first + row for row in told.rows]
        doc = self._doc(shape.sheet)
        self._dirty.add(shape.sheet)
        plain: dict[int, Sequence[Stored]] = {}
        for place, column in zip(told.places, told.columns, strict=True):
            col = shape.left + place
            if _is_plain(column):
                plain[col] = column
                continue
            for row, value in zip(rows, column, strict=True):
                self._put(shape.sheet, shape.name, row, col, value)
        if plain:
            doc.put_columns(rows, plain)

    def _put(self, sheet: str, table: str, row: int, col: int, value: Cell) -> None:
        self._dirty.add(sheet)
        doc, style = self._doc(sheet), None
        stored: Stored | FormulaText
        if isinstance(value, datetime):
            number = serial(value, since_1904=self._since_1904)
            stored = value.isoformat(" ") if number is None else number
            has_time = value.time() != time()
            if number is not None:
                style = self._formats().for_date(doc.style(row, col), has_time=has_time)
        elif isinstance(value, Formula):
            stored = FormulaText(_stored_formula(value.text, table))
        else:
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                where = f"sheet {sheet}, cell {address(row, col)}"
                raise text_trouble(where, len(value), self.label)
            stored = value
        doc.put(row, col, stored, style)

    def _rearrange(
        self, shape: TableShape, sources: Sequence[int | None], places: Sequence[int]
    ) -> None:
        """Brings cells of other columns to where their rows go, and blanks those of new rows."""
        doc, left, right = self._doc(shape.sheet), shape.left, shape.right
        first, rewritten = shape.first, {left + place for place in places}
        kept = [col for col in range(left, right + 1) if col not in rewritten]
        new = [first + at for at, source in enumerate(sources) if source is None]
        formulas = self._column_formulas(shape) if new and kept else {}
        goes = [(source, at) for at, source in enumerate(sources) if source is not None]
        copies = {
            source: doc.copies(first + source, left, right) for source, at in goes if source != at
        }
        for source, at in goes:
            if source != at:
                doc.place(first + at, left, right, copies[source])
        self._blank(doc, new, kept, formulas)
        hidden = [doc.is_hidden(first + row) for row in range(shape.rows)]
        if any(hidden):
            for at, was in enumerate(sources):
                doc.hide(first + at, was is not None and hidden[was])
        area = Area("", first, left, first + shape.rows - 1, right)
        doc.move_links({first + old: first + at for old, at in goes}, area, rewritten)
        self._dirty.add(shape.sheet)

    def _blank(
        self,
        doc: SheetXml,
        rows: Sequence[int],
        columns: Sequence[int],
        formulas: Mapping[int, tuple[int, str]],
    ) -> None:
        """Empties columns of some rows, but for the formulas of these columns."""
        for col in columns:
            for row in rows:
                if col in formulas:
                    origin, formula = formulas[col]
                    doc.put(row, col, FormulaText(moved_formula(formula, row - origin)))
                elif doc.is_filled(row, col):
                    doc.put(row, col, None)

    def _column_formulas(self, shape: TableShape) -> dict[int, tuple[int, str]]:
        """Per column of the sheet that is calculated: the formula, and the row that it is for."""
        doc, last = self._doc(shape.sheet), shape.below - 1
        root = parsed(self._parts[self._table_parts[shape.name].part])
        ns = namespace(root)
        found = {}
        for offset, column in enumerate(root.iterfind(f"{ns}tableColumns/{ns}tableColumn")):
            col = shape.left + offset
            told = column.findtext(ns + "calculatedColumnFormula")
            for row in (last, shape.first):
                formula = doc.formula(row, col)
                if formula:
                    found[col] = (row, formula)
                    break
            else:
                if told:
                    found[col] = (shape.first, told)
        return found

    # --- Growing and shrinking ------------------------------------------------

    def _resize(self, shape: TableShape, rows: int, *, taking_in: bool = False) -> TableShape:
        """Gives a table so many data rows.

        Args:
            shape: the table.
            rows: at least 1.
            taking_in: whether what stands beneath it is to become part of it.
        """
        if rows == shape.rows:
            return shape
        resized = replace(shape, rows=rows)
        doc, totals = self._doc(shape.sheet), self._table_parts[shape.name].totals
        if resized.below + totals > LAST_ROW:
            raise room_trouble(shape, self.label)
        if not taking_in:
            self._refuse_occupied(shape, resized, totals)
        left, right = shape.left, shape.right
        data = Area(shape.sheet, shape.first, left, shape.below - 1, right)
        change = Stretch(data, resized.below - 1, totals)
        doc.refit_formulas(shape.sheet, change)
        lines = [doc.copies(shape.below + at, left, right) for at in range(totals)]
        for row in range(min(shape.below, resized.below), shape.below + totals):
            doc.drop(row, left, right)
        self._add_rows(shape, resized)
        for at, cells in enumerate(lines):
            doc.place(resized.below + at, left, right, cells, partial(_in_totals, change))
        doc.stretch(change)
        self._book.stretch_names(change)
        self._follow_totals(change)
        self._write_table_part(resized, change)
        self._shapes[shape.name] = resized
        self._dirty.add(shape.sheet)
        return resized

    def _refuse_occupied(self, shape: TableShape, resized: TableShape, totals: int) -> None:
        doc = self._doc(shape.sheet)
        new = Area(
            shape.sheet, shape.below + totals, shape.left, resized.below + totals - 1, shape.right
        )
        if new.bottom < new.top:
            return
        blocked = [each for each in doc.merged() if _overlap(replace(each, sheet=new.sheet), new)]
        others = [self._whole(each) for each in self._shapes.values() if each.name != shape.name]
        blocked += [each for each in others if _overlap(each, new)]
        places = [(each.top, each.left) for each in blocked]
        found = doc.filled(new)
        if found or places:
            raise occupied_trouble(shape, address(*(found or places[0])), self.label)

    def _whole(self, shape: TableShape) -> Area:
        """All of a table: headers, rows and totals."""
        bottom = shape.below - 1 + self._table_parts[shape.name].totals
        return Area(shape.sheet, shape.top, shape.left, bottom, shape.right)

    def _add_rows(self, shape: TableShape, resized: TableShape) -> None:
        """Rows like the last one: its formats, and the formulas of its columns."""
        doc, last = self._doc(shape.sheet), shape.below - 1
        formulas = self._column_formulas(shape) if resized.below > shape.below else {}
        styles = {col: doc.style(last, col) for col in range(shape.left, shape.right + 1)}
        for row in range(shape.below, resized.below):
            doc.make_like(row, last)
            for col, style in styles.items():
                if doc.is_filled(row, col):
                    continue
                value = None
                if col in formulas:
                    origin, formula = formulas[col]
                    value = FormulaText(moved_formula(formula, row - origin))
                doc.put(row, col, value, style)

    def _follow_totals(self, change: Stretch) -> None:
        """Lets formulas of other sheets that refer to a table's totals follow them."""
        if not change.totals:
            return
        named = {
            plainly_escaped(change.area.sheet),
            plainly_escaped(change.area.sheet.replace("'", "''")),
        }
        for sheet, part in self._sheets.items():
            if sheet == change.area.sheet or not any(name in self._parts[part] for name in named):
                continue
            if self._doc(sheet).refit_formulas(sheet, change):
                self._dirty.add(sheet)

    def _write_table_part(self, shape: TableShape, change: Stretch) -> None:
        held = self._table_parts[shape.name]
        root = parsed(self._parts[held.part])
        ns = namespace(root)
        whole = Area("", shape.top, shape.left, shape.below - 1 + held.totals, shape.right)
        root.set("ref", reference_of(whole))
        root.attrib.pop("insertRow", None)
        filters = root.find(ns + "autoFilter")
        if filters is not None:
            filters.set("ref", reference_of(replace(whole, bottom=shape.below - 1)))
        for each in [*root.iter(ns + "sortState"), *root.iter(ns + "sortCondition")]:
            each.set("ref", change.fit_all(each.get("ref")) or each.get("ref"))
        for tag, fit in (
            ("calculatedColumnFormula", change.fit_fixed),
            ("totalsRowFormula", change.fit_reference),
        ):
            for each in root.iter(ns + tag):
                each.text = refitted(each.text or "", shape.sheet, shape.sheet, fit)
        self._parts[held.part] = written(root)

    # --- The package ----------------------------------------------------------

    def _flush(self) -> None:
        """Puts the sheets and formats that changed into the package."""
        for sheet in sorted(self._dirty):
            self._parts[self._sheets[sheet]] = self._docs[sheet].content()
        if self._styles is not None and self._styles.is_changed:
            self._parts[self._styles_part()] = self._styles.content()

    def _reopen(self) -> None:
        self._reader = PackageReader(self._path, self._parts)
        self._dirty.clear()


class _Renamed:
    """Columns of a table under their new names, wherever a formula names them.

    Args:
        table: its name.
        headers: old header -> new one.
    """

    def __init__(self, table: str, headers: Mapping[str, str]) -> None:
        from ...workbook_templates.writer import escape_column

        def spelled(header: str) -> bytes:
            return escape(escape_column(header)).encode()

        self._new = {spelled(old): spelled(new) for old, new in headers.items()}
        name = re.escape(table.encode())
        inner = rb"(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*"
        self._reference = re.compile(rb"(?<![\w.])" + name + rb"\[" + inner + rb"\]", re.IGNORECASE)
        self._column = re.compile(rb"\[((?:[^\[\]']|'.)+)\]")

    def in_part(self, content: bytes) -> bytes:
        """A part of the package, all columns renamed at once."""
        return self._reference.sub(self._in_reference, content)

    def _in_reference(self, found: re.Match[bytes]) -> bytes:
        def column(match: re.Match[bytes]) -> bytes:
            return b"[" + self._new.get(match[1], match[1]) + b"]"

        return self._column.sub(column, found[0])


def _any(line: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in line)


def _stored_formula(text: str, table: str) -> str:
    from ...workbook_templates.writer import expand

    return expand(text.removeprefix("="), table)


def _in_totals(change: Stretch, formula: str, rows: int) -> str:
    """A formula of the totals: it adds up the rows that are there now, and moves with its row."""
    sheet = change.area.sheet
    return refitted(formula, sheet, sheet, change.fit_reference)


def _is_plain(column: Sequence[Cell]) -> TypeGuard[Sequence[Stored]]:
    """Whether values can be written as they are, whatever the formats of their cells."""
    if not set(map(type, column)) <= {float, str, bool, type(None)}:
        return False
    return all(len(value) <= LONGEST_TEXT for value in column if isinstance(value, str))


def _overlap(one: Area, other: Area) -> bool:
    return (
        one.sheet == other.sheet
        and one.top <= other.bottom
        and other.top <= one.bottom
        and one.left <= other.right
        and other.left <= one.right
    )


def _stamp(path: Path) -> tuple[int, int]:
    held = path.stat()
    return held.st_mtime_ns, held.st_size
