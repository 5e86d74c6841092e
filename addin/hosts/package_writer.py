"""How does a closed workbook change, without an office program, and lose nothing?

Only the parts that must change do: the sheets that are written and their tables,
the workbook part (names, and that it is to be recalculated), types and links
where a sheet is added, added formats. All other parts stay the same to the byte.
Results of formulas on written sheets are dropped, since nothing here calculates;
the workbook recalculates in full when it is opened. Notes stay at their cells.

Source: ECMA-376, Office Open XML, parts 1 and 2.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Final

import pandas as pd
from lxml import etree

from ...udfs.errors import SaveError
from ..save import writing
from ..workbook import (
    LAST_ROW,
    LONGEST_TEXT,
    Cell,
    Formula,
    TableShape,
    address,
    cells_of,
    columns_at,
    find_table,
    header_text,
    name_trouble,
    occupied_trouble,
    protected_trouble,
    room_trouble,
    sheet_trouble,
    sources_of,
    table_frame,
    text_trouble,
)
from .package import LOCK, Area, PackageReader, refuse
from .parts import Parts, link_of
from .plan_tab_copy import copy_tab
from .sheet_xml import (
    FormulaText,
    SheetXml,
    Stored,
    Stretch,
    Texts,
    area_of,
    moved_formula,
    namespace,
    parsed,
    reference_of,
    serial,
    shared_texts,
    written,
)
from .styles_xml import StylesXml

_LIBREOFFICE_LOCK: Final = ".~lock."
# What stands in the workbook part behind calcPr.
_BEHIND_CALC: Final = (
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
)


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
        content = path.read_bytes()
        self._reader = PackageReader(path, content)
        self._parts = Parts(content)
        self._reset()

    def _reset(self) -> None:
        """Forgets what was read, after the package changed as a whole."""
        self._docs: dict[str, SheetXml] = {}
        self._dirty: set[str] = set()
        (self._workbook_part,) = self._parts.linked("", "officeDocument")
        root = parsed(self._parts[self._workbook_part])
        properties = root.find(namespace(root) + "workbookPr")
        dated = "" if properties is None else properties.get("date1904", "")
        self._since_1904 = dated in ("1", "true")
        links = {
            each.get("name"): self._parts.target(self._workbook_part, link_of(each))
            for each in root.iterfind(f"{namespace(root)}sheets/{namespace(root)}sheet")
        }
        self._sheets = {name: links[name] for name in self._reader.sheets}
        self._styles: StylesXml | None = None
        self._texts = Texts(
            self._strings,
            lambda style: self._formats().is_date(style),
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

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return tuple(self._sheets)

    def tables(self) -> Mapping[str, TableShape]:
        """All tables by their names."""
        return {name: self._shape(name) for name in self._shapes}

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values, as ``Workbook.read_table`` gives them."""
        shape = self._shape(name)
        places = columns_at(shape, columns, self.label) if columns else range(len(shape.columns))
        rows = range(shape.first, shape.below + self._beneath(shape))
        doc, wanted = self._doc(shape.sheet), [shape.left + place for place in places]
        every = range(shape.left, shape.right + 1)
        lines = {}
        for at, row in enumerate(rows):
            line = doc.values(row, wanted)
            if _any(line) or _any(doc.values(row, every)):
                lines[at] = line
        return table_frame(lines, shape, list(places))

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        shape = self._shape(name)
        doc = self._doc(shape.sheet)
        return frozenset(
            header.strip()
            for offset, header in enumerate(shape.columns)
            if doc.formula(shape.first, shape.left + offset) is not None
        )

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells, of the workbook or of one sheet."""
        found: dict[str, Cell] = {}
        for name in names:
            area = self._named(name, sheet)
            found[name] = self._doc(area.sheet).value(area.top, area.left)
        return found

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        name = self._sheet(sheet)
        if name not in self._docs and b"sheetProtection" not in self._parts[self._sheets[name]]:
            return False
        return self._doc(name).is_protected

    # --- Tables ---------------------------------------------------------------

    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows, and leaves everything else as it is."""
        shape = self._writable(name)
        places = columns_at(shape, frame.columns, self.label)
        if frame.empty:
            return
        rows = [int(row) for row in frame.index]
        needed = max(rows) + 1
        if needed > shape.rows:
            if needed > shape.rows + self._beneath(shape):
                raise ValueError(f"the table {name} has no row {max(rows)}")
            shape = self._resize(shape, needed, taking_in=True)
        self._write(shape, rows, places, frame)

    def replace_rows(
        self,
        name: str,
        frame: pd.DataFrame,
        was: Sequence[int | None] | None = None,
        spare: int = 0,
    ) -> None:
        """Gives a table exactly these rows, as ``Workbook.replace_rows`` says."""
        shape = self._writable(name)
        places = columns_at(shape, frame.columns, self.label)
        sources = sources_of(frame, was)
        beneath = self._beneath(shape)
        if beneath:
            shape = self._resize(shape, shape.rows + beneath, taking_in=True)
        count = max(len(frame) + spare, 1)
        sources += [None] * (count - len(frame))
        known = shape.rows
        shape = self._resize(shape, max(count, known))
        self._rearrange(shape, sources, places)
        self._write(shape, range(count), places, frame.reset_index(drop=True).reindex(range(count)))
        self._resize(shape, count)

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled; the table grows where it is full."""
        shape = self._writable(name)
        places = columns_at(shape, frame.columns, self.label)
        typed = self.read_table(name).drop(columns=list(self.live_columns(name)))
        filled = typed.dropna(how="all").index
        start = int(filled.max()) + 1 if len(filled) else 0
        beneath = self._beneath(shape)
        if beneath:
            shape = self._resize(shape, shape.rows + beneath, taking_in=True)
        shape = self._resize(shape, max(start + len(frame), shape.rows))
        self._write(shape, range(start, start + len(frame)), places, frame)

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
        self._flush()
        tables = copy_tab(self._parts, self._workbook_part, sheet, name, self.label)
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

    def save(self) -> None:
        """Writes the file whole, then swaps it in.

        Raises:
            SaveError: it is open in another program, was changed meanwhile, or
                cannot be written.
        """
        self._flush()
        if self._parts.is_changed:
            self._recalculate_when_opened()
            self._drop_calculation_order()
        elif self._out == self._path:
            return
        target = self._out.resolve()
        if target == self._path.resolve():
            _refuse_open(self._path, self._stamp)
        with writing(target) as temporary:
            temporary.write_bytes(self._parts.content)
            if target.exists():
                shutil.copymode(target, temporary)
        if target == self._path.resolve():
            self._stamp = _stamp(self._path)

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
        parts = self._parts.linked(self._workbook_part, "sharedStrings")
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
            has_formula = doc.formula(row, shape.left + offset) is not None
            if has_formula and header.strip() not in live:
                return False
        here = Area(shape.sheet, row, shape.left, row, shape.right)
        taken = [each.area for each in self._reader.names if each.area is not None]
        taken += [_whole(each) for each in self._shapes.values() if each.name != shape.name]
        return not any(_overlap(here, area) and area.top >= row for area in taken)

    # --- Writing --------------------------------------------------------------

    def _writable(self, name: str) -> TableShape:
        shape = self._shape(name)
        if self.is_protected(shape.sheet):
            raise protected_trouble(shape.sheet, self.label)
        return shape

    def _formats(self) -> StylesXml:
        if self._styles is None:
            (part,) = self._parts.linked(self._workbook_part, "styles")
            self._styles = StylesXml(self._parts[part])
        return self._styles

    def _write(
        self, shape: TableShape, rows: Iterable[int], places: Sequence[int], frame: pd.DataFrame
    ) -> None:
        at, put = [shape.first + row for row in rows], self._doc(shape.sheet).put
        self._dirty.add(shape.sheet)
        for number, place in enumerate(places):
            col = shape.left + place
            for row, value in zip(at, cells_of(frame.iloc[:, number].tolist()), strict=True):
                if value is None or type(value) is float:
                    put(row, col, value)
                else:
                    self._put(shape.sheet, shape.name, row, col, value)

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
        goes = [(source, at) for at, source in enumerate(sources) if source is not None]
        copies = {
            source: doc.copies(first + source, left, right) for source, at in goes if source != at
        }
        hidden = [doc.is_hidden(first + row) for row in range(shape.rows)]
        formulas = self._column_formulas(shape)
        for at, source in enumerate(sources):
            if source is None:
                self._blank(doc, first + at, rewritten, formulas, shape)
            elif source != at:
                doc.place(first + at, left, right, copies[source])
            if any(hidden):
                doc.hide(first + at, source is not None and hidden[source])
        area = Area("", first, left, first + shape.rows - 1, right)
        doc.move_links({first + old: first + at for old, at in goes}, area, rewritten)
        self._dirty.add(shape.sheet)

    def _blank(
        self,
        doc: SheetXml,
        row: int,
        rewritten: set[int],
        formulas: Mapping[int, tuple[int, str]],
        shape: TableShape,
    ) -> None:
        """Empties a row's cells, but for the formulas of their columns."""
        for col in range(shape.left, shape.right + 1):
            if col in formulas and col not in rewritten:
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
        kept = doc.copies(shape.below, left, right) if totals else {}
        if totals:
            doc.drop(shape.below, left, right)
        if rows > shape.rows:
            self._add_rows(shape, resized)
        for row in range(resized.below, shape.below):
            doc.drop(row, left, right)
        if totals:
            doc.place(resized.below, left, right, kept)
        data = Area(shape.sheet, shape.first, left, shape.below - 1, right)
        change = Stretch(data, resized.below - 1)
        doc.stretch(change)
        self._stretch_names(change)
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
        others = [_whole(each) for each in self._shapes.values() if each.name != shape.name]
        blocked += [each for each in others if _overlap(each, new)]
        if blocked:
            found = blocked[0]
            raise occupied_trouble(shape, address(found.top, found.left), self.label)
        for row in range(new.top, new.bottom + 1):
            for col in range(new.left, new.right + 1):
                if doc.is_filled(row, col):
                    raise occupied_trouble(shape, address(row, col), self.label)

    def _add_rows(self, shape: TableShape, resized: TableShape) -> None:
        """Rows like the last one: its formats, and the formulas of its columns."""
        doc, last = self._doc(shape.sheet), shape.below - 1
        formulas = self._column_formulas(shape)
        styles = {col: doc.style(last, col) for col in range(shape.left, shape.right + 1)}
        for row in range(shape.below, resized.below):
            for col, style in styles.items():
                if doc.is_filled(row, col):
                    continue
                value = None
                if col in formulas:
                    origin, formula = formulas[col]
                    value = FormulaText(moved_formula(formula, row - origin))
                doc.put(row, col, value, style)

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
        self._parts[held.part] = written(root)

    def _stretch_names(self, change: Stretch) -> None:
        """Lets names of a table's cells, print areas among them, end where the table now ends."""
        root = parsed(self._parts[self._workbook_part])
        ns, is_changed = namespace(root), False
        for each in root.iterfind(f"{ns}definedNames/{ns}definedName"):
            sheet, _, cells = (each.text or "").rpartition("!")
            area = area_of(cells)
            if area is None or _unquoted(sheet) != change.area.sheet:
                continue
            fitted = change.fit(area)
            if fitted is not None and fitted != area:
                each.text = f"{sheet}!{_absolute(fitted)}"
                is_changed = True
        if is_changed:
            self._parts[self._workbook_part] = written(root)

    # --- The package ----------------------------------------------------------

    def _flush(self) -> None:
        """Puts the sheets and formats that changed into the package."""
        for sheet in sorted(self._dirty):
            self._parts[self._sheets[sheet]] = self._docs[sheet].content()
        if self._styles is not None and self._styles.is_changed:
            (part,) = self._parts.linked(self._workbook_part, "styles")
            self._parts[part] = self._styles.content()

    def _reopen(self) -> None:
        self._reader.close()
        self._reader = PackageReader(self._path, self._parts.content)
        self._dirty.clear()

    def _recalculate_when_opened(self) -> None:
        root = parsed(self._parts[self._workbook_part])
        ns = namespace(root)
        settings = root.find(ns + "calcPr")
        if settings is None:
            settings = etree.Element(ns + "calcPr")
            behind = [each for each in root if each.tag in {ns + tag for tag in _BEHIND_CALC}]
            root.insert(root.index(behind[0]) if behind else len(root), settings)
        if settings.get("fullCalcOnLoad") not in ("1", "true"):
            settings.set("fullCalcOnLoad", "1")
            self._parts[self._workbook_part] = written(root)

    def _drop_calculation_order(self) -> None:
        for part in self._parts.linked(self._workbook_part, "calcChain"):
            self._parts.drop(part, self._workbook_part)


def _any(line: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in line)


def _stored_formula(text: str, table: str) -> str:
    from ...workbook_templates.writer import expand

    return expand(text.removeprefix("="), table)


def _whole(shape: TableShape) -> Area:
    return Area(shape.sheet, shape.top, shape.left, shape.below - 1, shape.right)


def _overlap(one: Area, other: Area) -> bool:
    return (
        one.sheet == other.sheet
        and one.top <= other.bottom
        and other.top <= one.bottom
        and one.left <= other.right
        and other.left <= one.right
    )


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _absolute(area: Area) -> str:
    cells = [(area.top, area.left), (area.bottom, area.right)]
    names = [address(row, col) for row, col in dict.fromkeys(cells)]
    split = [(name.rstrip("0123456789"), name) for name in names]
    return ":".join(f"${letters}${name[len(letters) :]}" for letters, name in split)


def _stamp(path: Path) -> tuple[int, int]:
    held = path.stat()
    return held.st_mtime_ns, held.st_size


def _refuse_open(path: Path, stamp: tuple[int, int]) -> None:
    """Raises SaveError where somebody else has the file open, or changed it meanwhile."""
    for lock in (LOCK + path.name, f"{_LIBREOFFICE_LOCK}{path.name}#"):
        if (path.parent / lock).exists():
            raise SaveError(
                f"{path}: is open in another program; close it there, and run this again. If it "
                f"is open nowhere, delete {lock} beside it."
            )
    if not path.exists() or _stamp(path) != stamp:
        raise SaveError(f"{path}: was changed by another program meanwhile; run this again.")
