"""One worksheet as its part holds it: rows and cells, and the ranges that lie on them.

Changes what it is told to and nothing else: namespaces, extensions and elements
that are not known here stay as they came. Rows and columns count from 0.

Source: ECMA-376, Office Open XML, part 1, section 18.3.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, Final

from lxml import etree

from ..workbook import CellError, address
from .package import Area, column_number

SAFE: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DAY_ZERO: Final = datetime(1899, 12, 30)
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)
_FIRST_TRUE_DAY: Final = 61
_REF: Final = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")
_LOOKS_LIKE_REF: Final = re.compile(r"\$?[A-Za-z]{1,3}\$?\d|\b\d+:\$?\d|[A-Z]:\$?[A-Z]")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_ROWS: Final = b"<sheetData/>"
_NO_COMMENTS: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True
)
_PREFIX: Final = re.compile(rb"<(\w+):worksheet[\s>]")
_SPANS: Final = re.compile(rb' spans="[^"]*"')
_HIDDEN: Final = re.compile(rb' hidden="(?:1|true)"')
_FORMULA: Final = re.compile(rb"<f((?:\s[^>]*?)?)(?:/>|>([^<]*)</f>)")
_RESULT: Final = re.compile(
    rb"<c([^>]*)>\s*(<f(?:\s[^>]*?)?(?:/>|>[^<]*</f>))\s*(?:<v[^>]*/>|<v[^>]*>[^<]*</v>)?"
)
_TYPE: Final = re.compile(rb' t="[^"]*"')
_TEXT: Final = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)</t>")
_VALUE: Final = re.compile(rb"<v(?:\s[^>]*)?>([^<]*)</v>")
_PLAIN: Final = re.compile(rb'[A-Z]+\d+"(?: s="(\d+)")?(?: t="(\w+)")?><v>([^<]*)</v></c>')
_ENTITY: Final = re.compile(r"&(#x[0-9A-Fa-f]+|#\d+|\w+);")
_UNESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
Stored = str | float | bool | CellError | None


@dataclass(frozen=True)
class FormulaText:
    """A formula as a file holds it, without its equals sign."""

    text: str


def parsed(content: bytes) -> Any:
    """A part's XML."""
    return etree.fromstring(content, SAFE)


def written(root: Any) -> bytes:
    """A part's bytes."""
    return _DECLARATION + bytes(etree.tostring(root.getroottree(), encoding="UTF-8"))


def namespace(root: Any) -> str:
    """The namespace of a part's root, in braces."""
    return str(root.tag).rpartition("}")[0] + "}"


def serial(day: datetime, *, since_1904: bool = False) -> float | None:
    """A date as the file counts it; None for days that spreadsheets do not know."""
    passed = day - (_DAY_ZERO_1904 if since_1904 else _DAY_ZERO)
    number = passed.days + (passed.seconds + passed.microseconds / 1e6) / 86400
    # Excel counts a 29 February 1900 that never was.
    if not since_1904 and number < _FIRST_TRUE_DAY:
        number -= 1
    return number if number >= (0 if since_1904 else 1) else None


def escaped(text: str) -> bytes:
    """A text as a file holds it: what XML cannot hold is spelled _x0000_."""
    text = _ESCAPED.sub("_x005F_", text)
    text = _SURROGATE.sub("\ufffd", text)
    return _xml(_FORBIDDEN.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text))


def _xml(text: str) -> bytes:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;").encode("utf-8")


@lru_cache(maxsize=4096)
def moved_formula(formula: str, rows: int) -> str:
    """A formula as it reads when its cell is copied so many rows further down."""
    if rows == 0 or not _LOOKS_LIKE_REF.search(formula):
        return formula
    from openpyxl.formula.translate import Translator

    start = 500_000
    moved = Translator("=" + formula, f"A{start}").translate_formula(f"A{start + rows}")
    return str(moved).removeprefix("=")


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
    """

    area: Area
    bottom: int

    def fit(self, area: Area) -> Area | None:
        """Where a range that lies on the table ends now; None where it is gone."""
        old = self.area
        if area.right < old.left or area.left > old.right:
            return area
        if area.bottom == old.bottom and area.top <= old.top:
            return _ending(area, self.bottom)
        within = old.left <= area.left and area.right <= old.right and old.top <= area.top
        if not within or area.bottom > old.bottom or area.bottom <= self.bottom:
            return area
        return None if area.top > self.bottom else _ending(area, self.bottom)

    def fit_all(self, references: str) -> str:
        """The same for a list of references."""
        found = []
        for reference in references.split():
            area = area_of(reference)
            fitted = area and self.fit(area)
            if area is None or fitted == area:
                found.append(reference)
            elif fitted is not None:
                found.append(reference_of(fitted))
        return " ".join(found)


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

    def __init__(self, content: bytes, texts: "Texts") -> None:
        content = _canonical(_unprefixed(content))
        head, rows, tail = _cut(content)
        self.root = parsed(head + _NO_ROWS + tail)
        self.ns = namespace(self.root)
        self._texts = texts
        self._rows: dict[int, bytes | _Line] = {_row_of(raw): raw for raw in _split(rows)}
        if b't="shared"' in rows:
            self._spell_out_shared()

    def content(self) -> bytes:
        """The part as it is now; results of its formulas are dropped, since they may be stale."""
        rows = [
            raw if isinstance(raw := self._rows[row], bytes) else raw.joined()
            for row in sorted(self._rows)
        ]
        joined = b"".join(rows)
        if b"<f" in joined:
            joined = _RESULT.sub(_without_result, joined)
        head, tail = written(self.root).split(_NO_ROWS, 1)
        return b"".join((head, b"<sheetData>", joined, b"</sheetData>", tail))

    # --- Cells ----------------------------------------------------------------

    def value(self, row: int, col: int) -> Stored | datetime:
        """A cell's value; of a formula the result that is stored, None where there is none."""
        cell = self._cell(row, col)
        return None if cell is None else self._texts.value(cell)

    def values(self, row: int, columns: Sequence[int]) -> list[Stored | datetime]:
        """The values of a row in these columns."""
        line = self._line(row)
        if line is None:
            return [None] * len(columns)
        cells, value = line.cells, self._texts.value
        return [value(cells[col]) if col in cells else None for col in columns]

    def formula(self, row: int, col: int) -> str | None:
        """A cell's formula without its equals sign; None where it holds none."""
        cell = self._cell(row, col)
        if cell is None or b"<f" not in cell:
            return None
        found = _FORMULA.search(cell)
        return "" if found is None else unescaped(found[2])

    def is_filled(self, row: int, col: int) -> bool:
        """Whether anything stands in a cell."""
        cell = self._cell(row, col)
        return cell is not None and (b"<v" in cell or b"<f" in cell or b"<is" in cell)

    def style(self, row: int, col: int) -> int:
        """The number of a cell's format."""
        cell = self._cell(row, col)
        return 0 if cell is None else int(_attribute(cell, b"s") or b"0")

    def put(
        self, row: int, col: int, value: Stored | FormulaText, style: int | None = None
    ) -> None:
        """Writes a value into a cell, whose format stays unless another is given."""
        line = self._made_line(row)
        if style is None:
            old = line.cells.get(col)
            shown = b"" if old is None else _attribute(old, b"s")
        else:
            shown = b"%d" % style if style else b""
        styled = b' s="' + shown + b'"' if shown else b""
        line.cells[col] = b'%s%d"%s%s' % (_letters(col), row + 1, styled, _spelled(value))

    def drop(self, row: int, left: int, right: int) -> None:
        """Takes the cells of a row from one column to another off the sheet."""
        line = self._line(row)
        if line is not None:
            line.cells = {c: cell for c, cell in line.cells.items() if not left <= c <= right}

    def copies(self, row: int, left: int, right: int) -> dict[int, bytes]:
        """A row's cells by column."""
        line = self._line(row)
        cells = {} if line is None else line.cells
        return {col: cell for col, cell in cells.items() if left <= col <= right}

    def place(self, row: int, left: int, right: int, cells: Mapping[int, bytes]) -> None:
        """Puts cells that were copied elsewhere into a row, their formulas moved along."""
        self.drop(row, left, right)
        line = self._made_line(row)
        for col, cell in cells.items():
            name, _, rest = cell.partition(b'"')
            rows = row + 1 - int(name.lstrip(_ALPHABET))
            named = b"%s%d" % (_letters(col), row + 1)
            if b"<f" in rest:
                rest = _FORMULA.sub(partial(_moved, rows=rows), rest)
                rest = rest.replace(b' ref="' + name + b'"', b' ref="' + named + b'"')
            line.cells[col] = named + b'"' + rest

    def is_hidden(self, row: int) -> bool:
        """Whether a row is hidden, as by a filter."""
        line = self._line(row)
        return line is not None and _HIDDEN.search(line.start) is not None

    def hide(self, row: int, hidden: bool) -> None:
        """Hides a row, or shows it."""
        line = self._made_line(row)
        line.start = _HIDDEN.sub(b"", line.start)
        if hidden:
            line.start = line.start.rstrip()[:-1] + b' hidden="1">'

    # --- Rows -----------------------------------------------------------------

    def _line(self, row: int) -> "_Line | None":
        held = self._rows.get(row)
        if isinstance(held, bytes):
            held = self._rows[row] = _Line(held)
        return held

    def _made_line(self, row: int) -> "_Line":
        line = self._line(row)
        if line is None:
            line = self._rows[row] = _Line(b'<row r="%d"/>' % (row + 1))
        return line

    def _cell(self, row: int, col: int) -> bytes | None:
        line = self._line(row)
        return None if line is None else line.cells.get(col)

    def _spell_out_shared(self) -> None:
        """Gives each cell of a shared formula its own, so that one can change alone."""
        masters: dict[bytes, tuple[str, int, int]] = {}
        for row in sorted(self._rows):
            raw = self._rows[row]
            if isinstance(raw, bytes) and b't="shared"' not in raw:
                continue
            line = self._made_line(row)
            for col, cell in line.cells.items():
                found = _FORMULA.search(cell)
                if found is None or b't="shared"' not in found[1]:
                    continue
                group = _attribute(found[1] + b">", b"si")
                if found[2]:
                    masters[group] = (unescaped(found[2]), row, col)
                if group in masters:
                    text, from_row, from_col = masters[group]
                    own = _spelled_formula(_copied(text, from_row, from_col, row, col))
                    line.cells[col] = cell[: found.start()] + own + cell[found.end() :]

    # --- What lies on the cells -----------------------------------------------

    @property
    def is_protected(self) -> bool:
        """Whether the sheet is protected."""
        found = self.root.find(self.ns + "sheetProtection")
        return found is not None and found.get("sheet") in ("1", "true")

    def merged(self) -> Iterator[Area]:
        """The merged cells."""
        for each in self.root.iterfind(f"{self.ns}mergeCells/{self.ns}mergeCell"):
            area = area_of(each.get("ref"))
            if area is not None:
                yield area

    def stretch(self, change: Stretch) -> None:
        """Lets validations, conditional formats and the like end where the table now ends."""
        for holder in list(self.root):
            if holder.tag == self.ns + "sheetViews":
                continue
            for each in list(holder.iter()):
                if isinstance(each.tag, str) and each.get("sqref"):
                    _refit(each, change)
                elif isinstance(each.tag, str) and each.tag.endswith("}sqref"):
                    _refit_extension(each, change)
        self._widen(change.bottom, change.area.right)

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


def _spelled(value: Stored | FormulaText) -> bytes:
    """What follows a cell's name and format in the part."""
    if value is None:
        return b"/>"
    if isinstance(value, FormulaText):
        return b">" + _spelled_formula(value.text) + b"</c>"
    if isinstance(value, str):
        keep = b' xml:space="preserve"' if value != value.strip() or "\n" in value else b""
        return b' t="inlineStr"><is><t%s>%s</t></is></c>' % (keep, escaped(value))
    if isinstance(value, CellError):
        return b' t="e"><v>%s</v></c>' % escaped(value.text)
    if isinstance(value, bool):
        return b' t="b"><v>%d</v></c>' % value
    return b"><v>%s</v></c>" % _number(value).encode()


def _spelled_formula(text: str) -> bytes:
    return b"<f>" + _xml(text) + b"</f>"


def _moved(formula: re.Match[bytes], rows: int) -> bytes:
    """A formula as the part spells it, moved by so many rows."""
    if not formula[2]:
        return formula[0]
    return b"<f%s>%s</f>" % (formula[1], _xml(moved_formula(unescaped(formula[2]), rows)))


def _without_result(cell: re.Match[bytes]) -> bytes:
    return b"<c" + _TYPE.sub(b"", cell[1]) + b">" + cell[2]


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _copied(text: str, row: int, col: int, to_row: int, to_col: int) -> str:
    from openpyxl.formula.translate import Translator

    if (row, col) == (to_row, to_col):
        return text
    copied = Translator("=" + text, address(row, col)).translate_formula(address(to_row, to_col))
    return str(copied).removeprefix("=")


def _inside(area: Area, other: Area) -> bool:
    return (
        other.top <= area.top
        and area.bottom <= other.bottom
        and other.left <= area.left
        and area.right <= other.right
    )


class _Line:
    """One row: its tag, its cells by column, and what follows them."""

    __slots__ = ("cells", "rest", "start")

    def __init__(self, raw: bytes) -> None:
        start, *pieces = raw.split(b'<c r="')
        self.rest = b"</row>"
        if pieces:
            pieces[-1], self.rest = _last(pieces[-1])
        else:
            start, self.rest = _empty(start)
        self.start = start
        self.cells = _by_column(pieces)

    def joined(self) -> bytes:
        """The row as the part spells it."""
        columns = list(self.cells)
        if columns != sorted(columns):
            self.start = _SPANS.sub(b"", self.start)
            self.cells = {col: self.cells[col] for col in sorted(columns)}
        return b'<c r="'.join((self.start, *self.cells.values())) + self.rest


class Texts:
    """What cells refer to: the workbook's texts, and which formats are dates.

    Args:
        strings: gives the shared texts; asked once.
        is_date: whether a format shows dates.
        since_1904: whether dates count from 1904.
    """

    def __init__(
        self,
        strings: Callable[[], list[str]],
        is_date: Callable[[int], bool],
        *,
        since_1904: bool = False,
    ) -> None:
        self._read, self._is_date, self.since_1904 = strings, is_date, since_1904
        self._strings: list[str] | None = None

    def value(self, cell: bytes) -> Stored | datetime:
        """The value of a cell as the part spells it; "" is none."""
        if cell.endswith(b"/>"):
            return None
        plain = _PLAIN.match(cell)
        if plain is not None:
            style, kind, held = plain.groups()
        else:
            end = cell.index(b">")
            style, kind = _attribute(cell, b"s", end), _attribute(cell, b"t", end)
            found = _VALUE.search(cell)
            held = b"" if found is None else found[1]
        if kind == b"s" and held:
            if self._strings is None:
                self._strings = self._read()
            return self._strings[int(held)] or None
        if kind == b"inlineStr":
            return "".join(unescaped(text) for text in _TEXT.findall(cell)) or None
        if not held:
            return None
        if not kind or kind == b"n":
            number = float(held)
            if style and number >= 1 and self._is_date(int(style)):
                return moment(number, since_1904=self.since_1904)
            return number
        return _told(kind, held)


def shared_texts(content: bytes) -> list[str]:
    """The shared texts of a workbook in their order; readings for the eye left out."""
    root = parsed(content)
    ns = namespace(root)
    own, runs = f"{ns}t", f"{ns}r/{ns}t"
    return [
        _UNESCAPE.sub(_sign, "".join(t.text or "" for t in (*si.iterfind(own), *si.iterfind(runs))))
        for si in root.iterfind(ns + "si")
    ]


def _told(kind: bytes, held: bytes) -> Stored | datetime:
    """A value whose type the cell tells."""
    if kind == b"e":
        return CellError(unescaped(held))
    if kind == b"b":
        return held.strip() in (b"1", b"true")
    if kind == b"d":
        return datetime.fromisoformat(held.decode().strip()).replace(tzinfo=None)
    return unescaped(held) or None


def moment(number: float, *, since_1904: bool = False) -> datetime:
    """A date from the number that a file counts it by, to the millisecond."""
    if not since_1904 and number < _FIRST_TRUE_DAY - 1:
        number += 1
    start = _DAY_ZERO_1904 if since_1904 else _DAY_ZERO
    days = int(number)
    return start + timedelta(days=days, milliseconds=round((number - days) * 86_400_000))


def unescaped(text: bytes) -> str:
    """A text as people typed it, from a part's bytes."""
    held = text.decode("utf-8")
    if "&" in held:
        held = _ENTITY.sub(_entity, held)
    return _UNESCAPE.sub(_sign, held) if "_x" in held else held


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name.startswith("#x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:])) if name.startswith("#") else _NAMED[name]


def _sign(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _attribute(cell: bytes, name: bytes, end: int = -1) -> bytes:
    """An attribute of a cell's tag, which ends there; empty where it has none."""
    start = cell.find(b" " + name + b'="', 0, end if end >= 0 else cell.index(b">"))
    if start < 0:
        return b""
    start += len(name) + 3
    return cell[start : cell.index(b'"', start)]


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
    return _number_of(piece[: piece.index(b'"')].rstrip(b"0123456789"))


@lru_cache(maxsize=20_000)
def _number_of(letters: bytes) -> int:
    return column_number(letters.decode())


@lru_cache(maxsize=20_000)
def _letters(col: int) -> bytes:
    return address(0, col)[:-1].encode()


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


def _canonical(content: bytes) -> bytes:
    """A part in which each row and cell names its place first, which a file may leave out."""
    named = content.count(b"<row") == content.count(b'<row r="')
    named = named and content.count(b"<c ") + content.count(b"<c>") + content.count(
        b"<c/>"
    ) == content.count(b'<c r="')
    if named and b"<!" not in content:
        return content
    root = etree.fromstring(content, _NO_COMMENTS)
    ns, row = namespace(root), 0
    for line in root.find(ns + "sheetData"):
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
    end = content.index(b"</sheetData>", tag)
    return content[:start], content[tag:end], content[end + len(b"</sheetData>") :]


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
