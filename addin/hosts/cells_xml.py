"""How does a sheet's part spell a cell, and what does the cell hold?

A cell is held as the bytes behind ``<c r="``: ``B7" s="3"><v>1</v></c>``. Columns
are read and written as a whole, since sheets can be large.

Source: ECMA-376, Office Open XML, part 1, section 18.3.1.4.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from ..workbook import CellError, address
from .areas import column_number
from .markup import escaped, namespace, parsed, plainly_escaped, unescaped, unspelled

_DAY_ZERO: Final = datetime(1899, 12, 30)
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)
_FIRST_TRUE_DAY: Final = 61
_LAST_DAY: Final = 2_958_466
_DAY_IN_MILLISECONDS: Final = 86_400_000
_VALUE: Final = re.compile(rb"<v(?:\s[^>]*)?>([^<]*)</v>")
_TEXT: Final = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)</t>")
_READING: Final = re.compile(rb"<rPh[\s>].*?</rPh>", re.DOTALL)
_PLAIN_END: Final = b"</v></c>"
_EMPTY: Final = b"/>"
Stored = str | float | bool | CellError | None


@dataclass(frozen=True)
class FormulaText:
    """A formula as a file holds it, without its equals sign."""

    text: str


# --- Reading -----------------------------------------------------------------


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
        self._days: dict[bytes, datetime] = {}

    @cached_property
    def strings(self) -> list[str]:
        """The shared texts, in their order."""
        return self._read()

    def value(self, cell: bytes) -> Stored | datetime:
        """The value of a cell; "" is none."""
        end = cell.index(b">")
        if cell[end - 1 : end] == b"/":
            return None
        kind = attribute(cell, b"t", end)
        if kind == b"inlineStr":
            return inline_text(cell) or None
        found = _VALUE.search(cell, end)
        held = b"" if found is None else found[1].strip() if kind != b"str" else found[1]
        if not held:
            return None
        if kind == b"s":
            return self.strings[int(held)] or None
        if kind and kind != b"n":
            return _told(kind, held)
        number = float(held)
        is_date = 1 <= number < _LAST_DAY and self.is_date(attribute(cell, b"s", end))
        return moment(number, since_1904=self.since_1904) if is_date else number

    def is_date(self, style: bytes) -> bool:
        """Whether a cell's format, as its tag tells it, shows dates."""
        return bool(style) and self._is_date(int(style))

    def shared(self, held: bytes) -> Stored:
        """The shared text of a number; "" is none."""
        return self.strings[int(held)] or None

    def day(self, held: bytes) -> Stored | datetime:
        """The date that a cell in a format for dates holds; the same ones come again and again."""
        found = self._days.get(held)
        if found is None:
            number = float(held)
            if not 1 <= number < _LAST_DAY:
                return number
            found = self._days[held] = moment(number, since_1904=self.since_1904)
        return found


class RowReader:
    """Reads the same columns of many rows.

    Args:
        columns: of the sheet.
        texts: of the workbook.
    """

    def __init__(self, columns: Sequence[int], texts: Texts) -> None:
        self._texts = texts
        self._slots = [_Slot(at, col, len(letters_of(col))) for at, col in enumerate(columns)]

    def read(self, cells: Mapping[int, bytes], row: int) -> list[Stored | datetime]:
        """The values of a row's cells."""
        digits, get = len(b"%d" % (row + 1)), cells.get
        found: list[Stored | datetime] = []
        for at, col, letters, tag, size, read in self._slots:
            cell = get(col)
            if cell is None or cell.endswith(b'"/>'):
                found.append(None)
                continue
            end = letters + digits
            if cell.startswith(tag, end):
                try:
                    found.append(read(cell[end + size : -8]))
                    continue
                except ValueError:
                    pass
            else:
                self._learn(at, cell, end)
            found.append(self._texts.value(cell))
        return found

    def _learn(self, at: int, cell: bytes, end: int) -> None:
        """Remembers what follows the tag of a cell: a number, a date or a shared text."""
        head, behind, _ = cell[end:].partition(b"><v>")
        tag, kind = head + behind, attribute(head + b">", b"t") or b"n"
        if not behind or b">" in head or kind not in (b"n", b"s"):
            return
        read: Callable[[bytes], Stored | datetime] = float
        if kind == b"s":
            read = self._texts.shared
        elif self._texts.is_date(attribute(head + b">", b"s")):
            read = self._texts.day
        self._slots[at] = self._slots[at]._replace(tag=tag, size=len(tag), read=read)


class _Slot(NamedTuple):
    """A column to be read. Neighbours mostly have the same tag, which says how to read the rest."""

    at: int
    col: int
    letters: int
    tag: bytes = b"\0"
    size: int = 1
    read: Callable[[bytes], Stored | datetime] = float


def inline_text(cell: bytes) -> str:
    """The text that a cell holds itself; readings for the eye left out."""
    if b"<rPh" in cell:
        cell = _READING.sub(b"", cell)
    return "".join(unescaped(text) for text in _TEXT.findall(cell))


def shared_texts(content: bytes) -> list[str]:
    """The shared texts of a workbook in their order; readings for the eye left out."""
    root = parsed(content)
    ns = namespace(root)
    own, runs = f"{ns}t", f"{ns}r/{ns}t"
    found = []
    for item in root.iterfind(ns + "si"):
        if len(item) == 1 and item[0].tag == own:
            found.append(item[0].text or "")
        else:
            pieces = (*item.iterfind(own), *item.iterfind(runs))
            found.append("".join(each.text or "" for each in pieces))
    return [unspelled(text) for text in found]


def _told(kind: bytes, held: bytes) -> Stored | datetime:
    """A value whose type the cell tells."""
    if kind == b"e":
        return CellError(unescaped(held))
    if kind == b"b":
        return held in (b"1", b"true")
    if kind == b"d":
        return _iso_moment(held.decode())
    return unescaped(held) or None


def _iso_moment(held: str) -> Stored | datetime:
    try:
        return datetime.fromisoformat(held).replace(tzinfo=None)
    except ValueError:
        return held


def moment(number: float, *, since_1904: bool = False) -> datetime:
    """A date from the number that a file counts it by, to the millisecond."""
    if not since_1904 and number < _FIRST_TRUE_DAY - 1:
        number += 1
    start = _DAY_ZERO_1904 if since_1904 else _DAY_ZERO
    days = int(number)
    return start + timedelta(days, milliseconds=round((number - days) * _DAY_IN_MILLISECONDS))


def serial(day: datetime, *, since_1904: bool = False) -> float | None:
    """A date as the file counts it; None for days that spreadsheets do not know."""
    passed = day - (_DAY_ZERO_1904 if since_1904 else _DAY_ZERO)
    number = passed.days + (passed.seconds + passed.microseconds / 1e6) / 86400
    # Excel counts a 29 February 1900 that never was.
    if not since_1904 and number < _FIRST_TRUE_DAY:
        number -= 1
    return number if number >= (0 if since_1904 else 1) else None


def attribute(cell: bytes, name: bytes, end: int = -1) -> bytes:
    """An attribute of a cell's tag, which ends there; empty where it has none."""
    start = cell.find(b" " + name + b'="', 0, end if end >= 0 else cell.index(b">"))
    if start < 0:
        return b""
    start += len(name) + 3
    return cell[start : cell.index(b'"', start)]


# --- Writing -----------------------------------------------------------------


def spelled(value: Stored | FormulaText) -> bytes:
    """What follows a cell's name and format in the part."""
    if value is None:
        return _EMPTY
    if isinstance(value, FormulaText):
        return b">" + spelled_formula(value.text) + b"</c>"
    if isinstance(value, str):
        keep = b' xml:space="preserve"' if value != value.strip() or "\n" in value else b""
        return b' t="inlineStr"><is><t%s>%s</t></is></c>' % (keep, escaped(value))
    if isinstance(value, CellError):
        return b' t="e"><v>%s</v></c>' % escaped(value.text)
    if isinstance(value, bool):
        return b' t="b"><v>%d</v></c>' % value
    text = repr(float(value))
    return b"><v>%s</v></c>" % text.removesuffix(".0").encode()


def spelled_formula(text: str) -> bytes:
    """A formula as the part spells it."""
    return b"<f>" + plainly_escaped(text) + b"</f>"


def spelled_column(values: Sequence[Stored]) -> list[bytes]:
    """What follows the names and formats of a column's cells."""
    kinds = set(map(type, values))
    if kinds <= {float, type(None)}:
        # Arrow writes numbers as Python does, shortest and exact, but all in one go.
        import pyarrow as pa

        numbers = pa.array(values, pa.float64()).cast(pa.string()).cast(pa.binary()).to_pylist()
        return [_EMPTY if each is None else b"><v>" + each + _PLAIN_END for each in numbers]
    if kinds <= {str, type(None)}:
        known = {value: spelled(value) for value in set(values)}
        return [known[value] for value in values]
    return [spelled(value) for value in values]


def write_rows(
    lines: Iterable[tuple[int, dict[int, bytes]]],
    columns: Mapping[int, Sequence[Stored]],
    texts: Texts,
) -> None:
    """Writes values into the same columns of many rows; formats of cells stay.

    A text that stands there already stays as it is, with the formats of its letters.

    Args:
        lines: each row's number and its cells, which change.
        columns: column of the sheet -> a value for each row.
        texts: of the workbook.
    """
    places = [_Written(col, values) for col, values in columns.items()]
    told = [spelled_column(values) for values in columns.values()]
    for at, ((row, cells), spellings) in enumerate(
        zip(lines, zip(*told, strict=True), strict=True)
    ):
        number = b"%d" % (row + 1)
        digits = len(number)
        for place, spelling in zip(places, spellings, strict=True):
            cell = cells.get(place.col)
            if cell is None:
                cells[place.col] = place.letters + number + b'"' + spelling
                continue
            end = place.length + digits
            if not cell.startswith(place.tag, end):
                place.learn(cell, end)
            if place.values and b"<f" not in cell and texts.value(cell) == place.values[at]:
                continue
            cells[place.col] = place.letters + number + place.style + spelling


class _Written:
    """A column to be written: the tag of its last cell with its format, and values if texts."""

    __slots__ = ("col", "length", "letters", "style", "tag", "values")

    def __init__(self, col: int, values: Sequence[Stored]) -> None:
        self.col, self.letters = col, letters_of(col)
        self.length = len(self.letters)
        self.tag, self.style = b"\0", b""
        self.values = values if str in set(map(type, values)) else ()

    def learn(self, cell: bytes, end: int) -> None:
        """Remembers the tag of a cell, which its neighbours mostly have too."""
        self.tag = cell[end : cell.index(b">") + 1]
        style = attribute(self.tag, b"s")
        self.style = b'" s="' + style + b'"' if style else b'"'


@lru_cache(maxsize=20_000)
def number_of(letters: bytes) -> int:
    """A column's number counted from 0, from its letters."""
    return column_number(letters.decode())


@lru_cache(maxsize=20_000)
def letters_of(col: int) -> bytes:
    """A column's letters."""
    return address(0, col)[:-1].encode()
