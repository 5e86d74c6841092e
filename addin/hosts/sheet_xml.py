"""One worksheet as its part holds it: rows and cells, and the ranges that lie on them.

Changes what it is told to and nothing else: namespaces, extensions and elements
that are not known here stay as they came. Rows and columns count from 0.

Source: ECMA-376, Office Open XML, part 1, section 18.3.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from lxml import etree

from ..workbook import address
from .areas import Area, column_number
from .cells_xml import (
    FormulaText,
    RowReader,
    Stored,
    Texts,
    attribute,
    letters_of,
    number_of,
    spelled,
    spelled_formula,
    write_rows,
)
from .formulas import Reference, moved_formula, refitted
from .markup import in_utf8, namespace, parsed, plainly_escaped, plainly_unescaped, written

_REF: Final = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")
_NO_ROWS: Final = b"<sheetData/>"
_PREFIX: Final = re.compile(rb"<(\w+):worksheet[\s>]")
_UNNAMED: Final = re.compile(rb'<(?:row|c)(?! r=")[\s/>]')
_SPANS: Final = re.compile(rb' spans="[^"]*"')
_HIDDEN: Final = re.compile(rb' hidden="(?:1|true)"')
_USUAL_WIDTH: Final = 8.43
_HEIGHT: Final = re.compile(rb' (?:ht|customHeight)="[^"]*"')
_FORMULA: Final = re.compile(rb"<f((?:\s[^>]*?)?)(?:/>|>([^<]*)</f>)")
_BLOCK: Final = re.compile(rb'<f\s[^>]*t="(?:array|dataTable)"[^>]*>')
_RESULT: Final = re.compile(
    rb"<c([^>]*)>\s*(<f(?:\s[^>]*?)?(?:/>|>[^<]*</f>))\s*(?:<v[^>]*/>|<v[^>]*>[^<]*</v>)?"
)
# A result's type, and what a data type of Excel tells of it.
_TOLD: Final = re.compile(rb' (?:t|vm)="[^"]*"')
_FORMULAS: Final = frozenset(("f", "formula", "formula1", "formula2"))


def area_of(reference: str, sheet: str = "") -> Area | None:
    """A reference such as A1 or A1:C9 as an area; None for whole rows and columns."""
    match = _REF.match(reference)
    if match is None:
        return None
    top, left = int(match[2]) - 1, column_number(match[1])
    if match[3] is None:
        return Area(sheet, top, left, top, left)
    return Area(sheet, top, left, int(match[4]) - 1, column_number(match[3]))


def reference_of(area: Area) -> str:
    """An area as files spell it."""
    first, last = address(area.top, area.left), address(area.bottom, area.right)
    return first if first == last else f"{first}:{last}"


@dataclass(frozen=True)
class Stretch:
    """A table's data rows end elsewhere than before.

    Attributes:
        area: the data rows as they were.
        bottom: the last data row from now on.
        totals: how many rows of totals stand beneath, and move along.
    """

    area: Area
    bottom: int
    totals: int = 0

    def fit_rule(self, area: Area) -> Area | None:
        """Where a validation or a format of cells lies now; new rows have what the last had."""
        old = self.area
        is_within = old.left <= area.left and area.right <= old.right
        if area.bottom == old.bottom and (is_within or self._spans(area)):
            return self._cut(_ending(area, self.bottom))
        return self.fit(area)

    def fit(self, area: Area) -> Area | None:
        """Where a range lies now that a name or a formula means; None where it is gone."""
        old, moved = self.area, self.bottom - self.area.bottom
        if area.right < old.left or area.left > old.right:
            return area
        is_within = old.left <= area.left and area.right <= old.right
        if self.totals and is_within and self.is_totals(area):
            return Area(area.sheet, area.top + moved, area.left, area.bottom + moved, area.right)
        if self._spans(area) and area.bottom in (old.bottom, old.bottom + self.totals):
            return _ending(area, area.bottom + moved)
        if is_within and old.top <= area.top and area.bottom <= old.bottom:
            return self._cut(area)
        return area

    def is_totals(self, area: Area) -> bool:
        """Whether a range lies in the rows of totals."""
        last = self.area.bottom
        is_beneath = last < area.top and area.bottom <= last + self.totals
        return is_beneath and self.area.left <= area.left and area.right <= self.area.right

    def fit_all(self, references: str) -> str:
        """The ranges of a validation or a format of cells."""
        found = []
        for reference in references.split():
            area = area_of(reference)
            fitted = area and self.fit_rule(area)
            if area is None or fitted == area:
                found.append(reference)
            elif fitted is not None:
                found.append(reference_of(fitted))
        return " ".join(found)

    def fit_reference(self, reference: Reference) -> Area | None:
        """Where the cells of a formula are that stands beside the table or in its totals."""
        area = reference.area
        if area is None or not (reference.is_range or self.is_totals(area)):
            return area
        return self.fit(area) or area

    def fit_fixed(self, reference: Reference) -> Area | None:
        """The same for a formula of the table's rows, whose own rows are not meant."""
        return self.fit_reference(reference) if reference.is_fixed else reference.area

    def fit_totals(self, reference: Reference) -> Area | None:
        """The same for a formula far away, which only follows the totals."""
        area = reference.area
        return area if area is None or not self.is_totals(area) else self.fit(area)

    def _spans(self, area: Area) -> bool:
        """Whether a range begins at the first data row or above."""
        return area.top <= self.area.top

    def _cut(self, area: Area) -> Area | None:
        if area.top > self.bottom:
            return None
        return _ending(area, min(area.bottom, self.bottom))


def _ending(area: Area, bottom: int) -> Area:
    return Area(area.sheet, area.top, area.left, bottom, area.right)


class SheetXml:
    """A worksheet's part, to be read and changed.

    Rows are held as the part spells them and taken apart when they are asked
    for, since sheets can be large; what lies around them is held as a tree.

    Args:
        content: the part's bytes.
        texts: the workbook's shared texts and date formats.
    """

    def __init__(self, content: bytes, texts: Texts) -> None:
        head, rows, tail = _cut(_unprefixed(in_utf8(content)))
        if _is_unusual(rows):
            head, rows, tail = _cut(_canonical(head + b"<sheetData>" + rows + _ROWS_END + tail))
        self.root = parsed(head + _NO_ROWS + tail)
        self.ns = namespace(self.root)
        self._texts = texts
        self._rows: dict[int, bytes | _Line] = {_row_of(raw): raw for raw in _split(rows)}
        self._has_shared = b't="shared"' in rows
        self._has_blocks = b't="array"' in rows or b't="dataTable"' in rows

    def content(self) -> bytes:
        """The part as it is now; results of its formulas are dropped, since they may be stale."""
        self._blank_blocks()
        rows = []
        for row in sorted(self._rows):
            held = self._rows[row]
            raw = held if isinstance(held, bytes) else held.joined()
            rows.append(_RESULT.sub(_without_result, raw) if b"<f" in raw else raw)
        head, tail = written(self.root).split(_NO_ROWS, 1)
        return b"".join((head, b"<sheetData>", *rows, _ROWS_END, tail))

    # --- Cells ----------------------------------------------------------------

    def value(self, row: int, col: int) -> Stored | datetime:
        """A cell's value; of a formula the result that is stored, None where there is none."""
        cell = self._cell(row, col)
        return None if cell is None else self._texts.value(cell)

    def values(self, row: int, columns: Sequence[int]) -> list[Stored | datetime]:
        """The values of a row in these columns."""
        return self.rows_of_values([row], columns)[0]

    def rows_of_values(
        self, rows: Iterable[int], columns: Sequence[int]
    ) -> list[list[Stored | datetime]]:
        """The values of these rows in these columns."""
        reader, found = RowReader(columns, self._texts), []
        for row in rows:
            line = self._line(row)
            found.append(reader.read(_NO_CELLS if line is None else line.cells, row))
        return found

    def formula(self, row: int, col: int) -> str | None:
        """A cell's formula without its equals sign; None where it holds none."""
        cell = self._cell(row, col)
        if cell is None or b"<f" not in cell:
            return None
        if b't="shared"' in cell:
            self._spell_out_shared()
            cell = self._cell(row, col) or b""
        found = _FORMULA.search(cell)
        return "" if found is None else plainly_unescaped(found[2] or b"")

    def has_formula(self, row: int, col: int) -> bool:
        """Whether a cell holds a formula."""
        cell = self._cell(row, col)
        return cell is not None and b"<f" in cell

    def is_filled(self, row: int, col: int) -> bool:
        """Whether anything stands in a cell."""
        cell = self._cell(row, col)
        return cell is not None and (b"<v" in cell or b"<f" in cell or b"<is" in cell)

    def filled(self, area: Area) -> tuple[int, int] | None:
        """The first cell of an area that anything stands in."""
        for row in sorted(row for row in self._rows if area.top <= row <= area.bottom):
            for col in range(area.left, area.right + 1):
                if self.is_filled(row, col):
                    return row, col
        return None

    def style(self, row: int, col: int) -> int:
        """The number of a cell's format."""
        cell = self._cell(row, col)
        return 0 if cell is None else int(attribute(cell, b"s") or b"0")

    def put(
        self, row: int, col: int, value: Stored | FormulaText, style: int | None = None
    ) -> None:
        """Writes a value into a cell, whose format stays unless another is given."""
        line = self._made_line(row)
        if style is None:
            old = line.cells.get(col)
            shown = b"" if old is None else attribute(old, b"s")
        else:
            shown = b"%d" % style if style else b""
        styled = b' s="' + shown + b'"' if shown else b""
        line.cells[col] = b'%s%d"%s%s' % (letters_of(col), row + 1, styled, spelled(value))

    def put_columns(self, rows: Iterable[int], columns: Mapping[int, Sequence[Stored]]) -> None:
        """Writes a value for each of these rows into columns, whose formats stay."""
        write_rows(((row, self._made_line(row).cells) for row in rows), columns, self._texts)

    def drop(self, row: int, left: int, right: int) -> None:
        """Takes the cells of a row from one column to another off the sheet."""
        line = self._changed_line(row)
        if line is not None:
            line.cells = {c: cell for c, cell in line.cells.items() if not left <= c <= right}

    def copies(self, row: int, left: int, right: int) -> dict[int, bytes]:
        """A row's cells by column."""
        line = self._changed_line(row)
        cells = {} if line is None else line.cells
        return {col: cell for col, cell in cells.items() if left <= col <= right}

    def place(
        self,
        row: int,
        left: int,
        right: int,
        cells: Mapping[int, bytes],
        read: Callable[..., str] = moved_formula,
    ) -> None:
        """Puts cells that were copied elsewhere into a row.

        Args:
            row, left, right: where to; what stands there goes.
            cells: by column.
            read: gives a formula as it reads so many ``rows`` further down.
        """
        self.drop(row, left, right)
        line = self._made_line(row)
        for col, cell in cells.items():
            name, _, rest = cell.partition(b'"')
            rows = row + 1 - int(name.lstrip(_ALPHABET))
            named = b"%s%d" % (letters_of(col), row + 1)
            if b"<f" in rest:
                rest = _FORMULA.sub(partial(_rewritten, read=partial(read, rows=rows)), rest)
                rest = rest.replace(b' ref="' + name + b'"', b' ref="' + named + b'"')
            line.cells[col] = named + b'"' + rest

    # --- Rows -----------------------------------------------------------------

    def is_hidden(self, row: int) -> bool:
        """Whether a row is hidden, as by a filter."""
        held = self._rows.get(row)
        if held is None:
            return False
        tag = held[: held.index(b">")] if isinstance(held, bytes) else held.start
        return _HIDDEN.search(tag) is not None

    def hide(self, row: int, hidden: bool) -> None:
        """Hides a row, or shows it."""
        line = self._made_line(row)
        line.start = _HIDDEN.sub(b"", line.start)
        if hidden:
            line.start = line.start.rstrip()[:-1] + b' hidden="1">'

    def width(self, col: int) -> float:
        """The width of a column, in characters."""
        for each in self.root.iterfind(f"{self.ns}cols/{self.ns}col"):
            if int(each.get("min")) <= col + 1 <= int(each.get("max")):
                return float(each.get("width", _USUAL_WIDTH))
        return _USUAL_WIDTH

    def fit(self, row: int, height: float | None) -> None:
        """Makes a row so many points high; without, as high as a program makes it by itself."""
        line = self._line(row)
        if line is not None:
            line.start = _HEIGHT.sub(b"", line.start)
            if height is not None:
                told = b' ht="%g" customHeight="1"' % height
                line.start = line.start.rstrip()[:-1] + told + b">"

    def make_like(self, row: int, model: int) -> None:
        """Gives a row in which nothing stands the height of another."""
        line, made = self._line(model), self._line(row)
        if line is None or b' customHeight="' not in line.start or (made and made.cells):
            return
        height = b"".join(_HEIGHT.findall(line.start))
        start = b'<row r="%d">' % (row + 1) if made is None else _HEIGHT.sub(b"", made.start)
        if made is None:
            made = self._rows[row] = _Line(start[:-1] + b"/>")
        made.start = start.rstrip()[:-1] + height + b">"

    def _line(self, row: int) -> "_Line | None":
        held = self._rows.get(row)
        if isinstance(held, bytes):
            held = self._rows[row] = _Line(held)
        return held

    def _changed_line(self, row: int) -> "_Line | None":
        """A row that is to change, and with it perhaps a shared formula."""
        if self._has_shared:
            self._spell_out_shared()
        return self._line(row)

    def _made_line(self, row: int) -> "_Line":
        line = self._changed_line(row)
        if line is None:
            line = self._rows[row] = _Line(b'<row r="%d"/>' % (row + 1))
        return line

    def _cell(self, row: int, col: int) -> bytes | None:
        held = self._rows.get(row)
        if isinstance(held, bytes):
            held = self._rows[row] = _Line(held)
        return None if held is None else held.cells.get(col)

    # --- Formulas -------------------------------------------------------------

    def _spell_out_shared(self) -> None:
        """Gives each cell of a shared formula its own, so that one can change alone."""
        if not self._has_shared:
            return
        self._has_shared = False
        masters: dict[bytes, tuple[str, int, int]] = {}
        early = []
        for row, col in [*self._formula_cells(b't="shared"')]:
            if not self._spell_out(row, col, masters):
                early.append((row, col))
        for row, col in early:
            self._spell_out(row, col, masters)

    def _spell_out(self, row: int, col: int, masters: dict[bytes, tuple[str, int, int]]) -> bool:
        """Spells one cell out; False where its group's formula has not come yet."""
        line = self._line(row)
        assert line is not None
        cell = line.cells[col]
        found = _FORMULA.search(cell)
        if found is None or b't="shared"' not in found[1]:
            return True
        group = attribute(found[1] + b">", b"si")
        if found[2]:
            masters[group] = (plainly_unescaped(found[2]), row, col)
        if group not in masters:
            return False
        text, from_row, from_col = masters[group]
        own = spelled_formula(moved_formula(text, row - from_row, col - from_col))
        line.cells[col] = cell[: found.start()] + own + cell[found.end() :]
        return True

    def _formula_cells(self, sign: bytes = b"<f") -> Iterator[tuple[int, int]]:
        """The cells with a formula whose row holds this sign, row by row."""
        for row in sorted(self._rows):
            held = self._rows[row]
            if isinstance(held, bytes) and sign not in held:
                continue
            line = self._line(row)
            assert line is not None
            yield from ((row, col) for col in sorted(line.cells) if b"<f" in line.cells[col])

    def _blank_blocks(self) -> None:
        """Drops the results of formulas that fill more than their own cell."""
        if not self._has_blocks:
            return
        for row, col in [*self._formula_cells(b'ref="')]:
            found = _BLOCK.search(self._cell(row, col) or b"")
            area = found and area_of(attribute(found[0], b"ref").decode())
            if area and (area.top, area.left) != (area.bottom, area.right):
                self._blank_results(area)

    def _blank_results(self, area: Area) -> None:
        for row in [row for row in self._rows if area.top <= row <= area.bottom]:
            for col in range(area.left, area.right + 1):
                if self.is_filled(row, col) and not self.has_formula(row, col):
                    self.put(row, col, None)

    def refit_formulas(self, here: str, change: Stretch) -> bool:
        """Lets formulas follow the cells of a table; whether any did.

        Args:
            here: this sheet's name; ``change`` may be of another.
            change: the table's.
        """
        self._spell_out_shared()
        is_own = here == change.area.sheet
        changed = False
        for row, col in [*self._formula_cells()]:
            cell = self._cell(row, col) or b""
            if not change.totals and b":" not in cell:
                continue
            if is_own and change.is_totals(Area(here, row, col, row, col)):
                continue
            inside = is_own and _inside(Area(here, row, col, row, col), change.area)
            fit = change.fit_fixed if inside else change.fit_reference
            if not is_own:
                fit = change.fit_totals
            read = partial(refitted, here=here, sheet=change.area.sheet, fit=fit)
            after = _FORMULA.sub(partial(_rewritten, read=read), cell)
            if after != cell:
                self._made_line(row).cells[col] = after
                changed = True
        return changed

    # --- What lies on the cells -----------------------------------------------

    @property
    def is_protected(self) -> bool:
        """Whether the sheet is protected."""
        found = self.root.find(self.ns + "sheetProtection")
        return found is not None and found.get("sheet") in ("1", "true")

    @property
    def has_password(self) -> bool:
        """Whether the sheet is protected with a password."""
        found = self.root.find(self.ns + "sheetProtection")
        return found is not None and any(found.get(each) for each in ("password", "hashValue"))

    def protect(self, protected: bool) -> None:
        """Protects the sheet without a password, or lifts the protection."""
        for each in self.root.findall(self.ns + "sheetProtection"):
            self.root.remove(each)
        if protected:
            made = etree.Element(self.ns + "sheetProtection", sheet="1", objects="1", scenarios="1")
            before = [self.root.find(self.ns + tag) for tag in ("sheetCalcPr", "sheetData")]
            before_it = next(each for each in before if each is not None)
            before_it.addnext(made)

    def merged(self) -> Iterator[Area]:
        """The merged cells."""
        for each in self.root.iterfind(f"{self.ns}mergeCells/{self.ns}mergeCell"):
            area = area_of(each.get("ref"))
            if area is not None:
                yield area

    def stretch(self, change: Stretch) -> None:
        """Lets validations, conditional formats and the like end where the table now ends."""
        here = change.area.sheet
        for holder in list(self.root):
            if holder.tag == self.ns + "sheetViews":
                continue
            for each in list(holder.iter()):
                if not isinstance(each.tag, str):
                    continue
                if etree.QName(each).localname in _FORMULAS and each.text:
                    is_line = etree.QName(each.getparent()).localname == "sparkline"
                    fit = change.fit_reference if is_line else change.fit_fixed
                    each.text = refitted(each.text, here, here, fit)
                if each.get("sqref"):
                    _refit(each, change)
                elif each.tag.endswith("}sqref"):
                    _refit_extension(each, change)
        self._widen(change.bottom + change.totals, change.area.right)

    def move_links(self, rows: dict[int, int], area: Area, rewritten: Iterable[int]) -> None:
        """Lets links of cells follow their rows; links of rows and columns gone are dropped.

        Args:
            rows: row of the sheet before -> row from now on.
            area: the data rows.
            rewritten: columns of the sheet that are written anew.
        """
        holder = self.root.find(self.ns + "hyperlinks")
        gone = set(rewritten)
        if holder is None:
            return
        for link in list(holder):
            at = area_of(link.get("ref"))
            if at is None or not _inside(at, area):
                continue
            if at.left in gone or at.top not in rows:
                holder.remove(link)
            else:
                row = rows[at.top]
                link.set("ref", reference_of(Area("", row, at.left, row, at.right)))
        if len(holder) == 0:
            self.root.remove(holder)

    def _widen(self, bottom: int, right: int) -> None:
        holder = self.root.find(self.ns + "dimension")
        area = None if holder is None else area_of(holder.get("ref"))
        if area is not None and (area.bottom < bottom or area.right < right):
            wider = Area("", area.top, area.left, max(area.bottom, bottom), max(area.right, right))
            holder.set("ref", reference_of(wider))


def _refit(holder: Any, change: Stretch) -> None:
    """Refits the ranges of an element; one that lies on nothing any more goes."""
    before = holder.get("sqref")
    after = change.fit_all(before)
    if after and after != before:
        holder.set("sqref", after)
    elif not after:
        _remove(holder)


def _refit_extension(holder: Any, change: Stretch) -> None:
    """The same for a newer kind of rule, whose ranges are an element of its own."""
    rule = holder.getparent()
    if etree.QName(rule).localname not in ("conditionalFormatting", "dataValidation"):
        return
    after = change.fit_all(holder.text or "")
    if after and after != holder.text:
        holder.text = after
    elif not after:
        _remove(rule)


def _remove(element: Any) -> None:
    """Takes an element out of its list, and the list where nothing else is on it."""
    holder = element.getparent()
    holder.remove(element)
    counted = holder.get("count")
    if counted is not None:
        holder.set("count", str(len(holder)))
    if len(holder) == 0 and etree.QName(holder).localname != "worksheet":
        outer = holder.getparent()
        outer.remove(holder)
        if etree.QName(outer).localname == "ext" and len(outer) == 0:
            _remove(outer)


def _rewritten(formula: re.Match[bytes], read: Callable[[str], str]) -> bytes:
    """A formula as the part spells it, read in another way."""
    if not formula[2]:
        return formula[0]
    return b"<f%s>%s</f>" % (formula[1], plainly_escaped(read(plainly_unescaped(formula[2]))))


def without_results(content: bytes) -> bytes:
    """A sheet's part without what its formulas gave; cells that are spelled unusually stay."""
    return _RESULT.sub(_without_result, content) if b"<f" in content else content


def _without_result(cell: re.Match[bytes]) -> bytes:
    return b"<c" + _TOLD.sub(b"", cell[1]) + b">" + cell[2]


def _inside(area: Area, other: Area) -> bool:
    return (
        other.top <= area.top
        and area.bottom <= other.bottom
        and other.left <= area.left
        and area.right <= other.right
    )


# --- The part's bytes ----------------------------------------------------------

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROWS_END: Final = b"</sheetData>"
_NO_CELLS: Final[dict[int, bytes]] = {}


class _Line:
    """One row: its tag, its cells by column, and what follows them."""

    __slots__ = ("_ends", "cells", "rest", "start")

    def __init__(self, raw: bytes) -> None:
        start, *pieces = raw.split(b'<c r="')
        self.rest = b"</row>"
        if pieces:
            pieces[-1], self.rest = _last(pieces[-1])
        else:
            start, self.rest = _empty(start)
        self.start = start
        self.cells = _by_column(pieces)
        self._ends = _ends(self.cells)

    def joined(self) -> bytes:
        """The row as the part spells it."""
        columns = list(self.cells)
        if columns != sorted(columns):
            self.cells = {col: self.cells[col] for col in sorted(columns)}
        if _ends(self.cells) != self._ends:
            self.start = _SPANS.sub(b"", self.start)
        return b'<c r="'.join((self.start, *self.cells.values())) + self.rest


def _ends(cells: dict[int, bytes]) -> tuple[int, int]:
    """The first and the last column, where the cells stand in order."""
    return (next(iter(cells)), next(reversed(cells))) if cells else (0, -1)


def _last(piece: bytes) -> tuple[bytes, bytes]:
    """A row's last cell, and what stands behind it."""
    tag = piece.index(b">")
    end = tag + 1 if piece[tag - 1 : tag] == b"/" else piece.index(b"</c>") + len(b"</c>")
    return piece[:end], piece[end:]


def _empty(start: bytes) -> tuple[bytes, bytes]:
    """The tag of a row without cells, and what stands behind it."""
    tag = start.index(b">") + 1
    if start[tag - 2 : tag] == b"/>":
        return start[: tag - 2] + b">", b"</row>"
    return start[:tag], start[tag:]


def _by_column(pieces: Sequence[bytes]) -> dict[int, bytes]:
    """A row's cells by column; in a row without gaps only the ends need be looked at."""
    if not pieces:
        return {}
    first, last = _column_of(pieces[0]), _column_of(pieces[-1])
    if last - first + 1 == len(pieces):
        return dict(zip(range(first, last + 1), pieces, strict=True))
    return {_column_of(piece): piece for piece in pieces}


def _column_of(piece: bytes) -> int:
    return number_of(piece[: piece.index(b'"')].rstrip(b"0123456789"))


def _row_of(raw: bytes) -> int:
    start = raw.index(b'r="') + 3
    return int(raw[start : raw.index(b'"', start)]) - 1


def _unprefixed(content: bytes) -> bytes:
    """A part whose own elements have no prefix; some programs write x:row for row."""
    found = _PREFIX.search(content, 0, 4096)
    if found is None:
        return content
    prefix = found[1] + b":"
    content = content.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
    return content.replace(b"xmlns:" + found[1] + b"=", b"xmlns=")


def _is_unusual(rows: bytes) -> bool:
    """Whether rows or cells do not name their place first, or XML is spelled in rare ways."""
    rare = (b"!" in rows and b"<!" in rows) or (b"?" in rows and b"<?" in rows)
    return rare or (b"'" in rows and b"='" in rows) or _UNNAMED.search(rows) is not None


def _canonical(content: bytes) -> bytes:
    """A part in which each row and cell names its place first, which a file may leave out."""
    root = parsed(content, comments=False)
    ns, row = namespace(root), 0
    for line in root.iterfind(f"{ns}sheetData/{ns}row"):
        row = int(line.get("r", row + 1))
        _name_first(line, str(row))
        col = -1
        for cell in line.iterfind(ns + "c"):
            given = cell.get("r")
            col = column_number(given.rstrip("0123456789")) if given else col + 1
            _name_first(cell, address(row - 1, col))
    return written(root)


def _name_first(element: Any, name: str) -> None:
    others = {key: value for key, value in element.attrib.items() if key != "r"}
    element.attrib.clear()
    element.set("r", name)
    for key, value in others.items():
        element.set(key, value)


def _cut(content: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the rows, the rows, and what stands behind them."""
    start = content.index(b"<sheetData")
    tag = content.index(b">", start) + 1
    if content[tag - 2 : tag] == b"/>":
        return content[:start], b"", content[tag:]
    end = content.index(_ROWS_END, tag)
    return content[:start], content[tag:end], content[end + len(_ROWS_END) :]


def _split(rows: bytes) -> Iterator[bytes]:
    """The rows one by one."""
    for piece in rows.split(b"</row>"):
        *empty, last = piece.split(b"<row ")[1:] or [b""]
        for each in empty:
            yield b"<row " + each.strip()
        if last:
            yield b"<row " + (
                last.strip()
                if last.rstrip().endswith(b"/>") and b"<c" not in last
                else last + b"</row>"
            )
