"""How does a sheet's part spell a cell, and what does the cell hold?

A cell is held as the bytes behind ``<c r="``: ``B7" s="3"><v>1</v></c>``. Columns
are read and written as a whole, since sheets can be large.

Source: ECMA-376, Office Open XML, part 1, section 18.3.1.4.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from ..workbook import CellError, address
from .markup import escaped, namespace, parsed, plainly_escaped, unescaped, unspelled
from .package import column_number

_DAY_ZERO: Final = datetime(1899, 12, 30)
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)
_FIRST_TRUE_DAY: Final = 61
_LAST_DAY: Final = 2_958_466
_DAY_IN_MILLISECONDS: Final = 86_400_000
_VALUE: Final = re.compile(rb"<v(?:\s[^>]*)?>([^<]*)</v>")
_TEXT: Final = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)</t>")
_READING: Final = re.compile(rb"<rPh[\s>].*?</rPh>", re.DOTALL)
_PLAIN_END: Final = b"</v></c>"
_EXACT: Final = 1e15
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
        self._strings: list[str] | None = None
        self._kinds: dict[bytes, bytes] = {}

    @property
    def strings(self) -> list[str]:
        """The shared texts, in their order."""
        if self._strings is None:
            self._strings = self._read()
        return self._strings

    def values(self, cells: Iterable[bytes | None]) -> list[Stored | datetime]:
        """The values of cells, such as a column's."""
        found: list[Stored | datetime] = []
        kinds, add, value = self._kinds, found.append, self.value
        for cell in cells:
            if cell is None:
                add(None)
                continue
            head, _, held = cell.partition(b"><v>")
            attributes = head[head.index(b'"') :]
            kind = kinds.get(attributes, b"")
            if not held.endswith(_PLAIN_END) or not kind:
                if held and b"<" not in attributes:
                    self._learn(attributes)
                add(value(cell))
                continue
            if kind == b"n":
                add(float(held[:-8]))
            elif kind == b"s":
                add(self.strings[int(held[:-8])] or None)
            else:
                add(value(cell))
        return found

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
        style = attribute(cell, b"s", end)
        if style and 1 <= number < _LAST_DAY and self._is_date(int(style)):
            return moment(number, since_1904=self.since_1904)
        return number

    def _learn(self, attributes: bytes) -> None:
        """Remembers what cells with these attributes hold: numbers, shared texts or others."""
        if attributes not in self._kinds:
            tag = attributes + b">"
            kind, style = attribute(tag, b"t") or b"n", attribute(tag, b"s")
            is_date = kind == b"n" and style and self._is_date(int(style))
            self._kinds[attributes] = b"" if is_date or kind not in (b"n", b"s") else kind


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
        return b"/>"
    if isinstance(value, FormulaText):
        return b">" + spelled_formula(value.text) + b"</c>"
    if isinstance(value, str):
        keep = b' xml:space="preserve"' if value != value.strip() or "\n" in value else b""
        return b' t="inlineStr"><is><t%s>%s</t></is></c>' % (keep, escaped(value))
    if isinstance(value, CellError):
        return b' t="e"><v>%s</v></c>' % escaped(value.text)
    if isinstance(value, bool):
        return b' t="b"><v>%d</v></c>' % value
    if value.is_integer() and abs(value) < _EXACT:
        return b"><v>%d</v></c>" % int(value)
    return b"><v>%s</v></c>" % repr(value).encode()


def spelled_formula(text: str) -> bytes:
    """A formula as the part spells it."""
    return b"<f>" + plainly_escaped(text) + b"</f>"


def column_written(
    old: Sequence[bytes | None],
    values: Sequence[Stored],
    name: Callable[[int], bytes],
    texts: Texts,
) -> list[bytes]:
    """Cells of a column with other values, their formats kept.

    A text that stands there already stays as it is, with the formats of its letters.

    Args:
        old: the cells as they are.
        values: one for each.
        name: gives the name, such as B7, of a cell that is not there.
        texts: of the workbook.
    """
    known: dict[str, bytes] = {}
    styles: dict[bytes, bytes] = {}
    made = []
    for at, (cell, value) in enumerate(zip(old, values, strict=True)):
        if type(value) is str:
            if cell is not None and b"<f" not in cell and texts.value(cell) == value:
                made.append(cell)
                continue
            told = known.get(value)
            if told is None:
                told = known[value] = spelled(value)
        else:
            told = spelled(value)
        if cell is None:
            made.append(name(at) + b'"' + told)
            continue
        end = cell.index(b'"')
        tag = cell[end : cell.index(b">")]
        style = styles.get(tag)
        if style is None:
            shown = attribute(tag + b">", b"s")
            style = styles[tag] = b'" s="' + shown + b'"' if shown else b'"'
        made.append(cell[:end] + style + told)
    return made


@lru_cache(maxsize=20_000)
def number_of(letters: bytes) -> int:
    """A column's number counted from 0, from its letters."""
    return column_number(letters.decode())


@lru_cache(maxsize=20_000)
def letters_of(col: int) -> bytes:
    """A column's letters."""
    return address(0, col)[:-1].encode()
