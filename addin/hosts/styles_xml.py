"""Which formats are there in a closed workbook, and which one shows dates?

Formats are added at the end and never renumbered.

Source: ECMA-376, Office Open XML, part 1, sections 18.8.10 and 18.8.30.
"""

import re
from copy import deepcopy
from functools import cached_property
from typing import Any, Final

from lxml import etree

from .markup import namespace, parsed, written
from .parts import TYPES, Parts

_DATES: Final = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
_DAY: Final = "14"
_DAY_AND_TIME: Final = "22"
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_PLAIN: Final = (
    "<fonts><font/></fonts>"
    '<fills><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
    '<cellXfs count="1"><xf/></cellXfs>'
    '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
)
_NO_CODE: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


class StylesXml:
    """The part with the formats.

    Args:
        content: the part's bytes.
    """

    def __init__(self, content: bytes) -> None:
        self.root = parsed(content)
        self.ns = namespace(self.root)
        self.is_changed = False
        self._dated: dict[tuple[int, bool], int] = {}
        self._known: dict[int, bool] = {}

    def content(self) -> bytes:
        """The part as it is now."""
        return written(self.root)

    def for_date(self, style: int, *, has_time: bool) -> int:
        """A format for a date, like the given one; the same where it shows dates."""
        if self.is_date(style):
            return style
        key = (style, has_time)
        if key not in self._dated:
            self._dated[key] = self._add(style, _DAY_AND_TIME if has_time else _DAY)
        return self._dated[key]

    def is_date(self, style: int) -> bool:
        """Whether a format shows dates; one that counts hours on does not."""
        if style not in self._known:
            found = style < len(self._formats) and self._shows_dates(self._formats[style])
            self._known[style] = found
        return self._known[style]

    def is_unlocked(self, style: int) -> bool:
        """Whether cells of a format may be typed into on a protected sheet."""
        if style >= len(self._formats):
            return False
        protection = self._formats[style].find(self.ns + "protection")
        return protection is not None and protection.get("locked") in ("0", "false")

    def is_wrapped(self, style: int) -> bool:
        """Whether the text of a format goes over several lines."""
        if style >= len(self._formats):
            return False
        alignment = self._formats[style].find(self.ns + "alignment")
        return alignment is not None and alignment.get("wrapText") in ("1", "true")

    @property
    def _formats(self) -> Any:
        return self.root.find(self.ns + "cellXfs")

    @cached_property
    def _codes(self) -> dict[str, str]:
        path = f"{self.ns}numFmts/{self.ns}numFmt"
        return {each.get("numFmtId"): each.get("formatCode") for each in self.root.iterfind(path)}

    def _shows_dates(self, style: Any) -> bool:
        number = style.get("numFmtId", "0")
        if number in self._codes:
            code = self._codes[number].split(";")[0]
            if _ELAPSED.search(code):
                return False
            code = _NO_CODE.sub("", code)
            return re.search("[dmyhs]", code, re.IGNORECASE) is not None
        return int(number) in _DATES

    def _add(self, style: int, number: str) -> int:
        formats = self._formats
        made = deepcopy(formats[style])
        made.set("numFmtId", number)
        made.set("applyNumberFormat", "1")
        formats.append(made)
        formats.set("count", str(len(formats)))
        self.is_changed = True
        return len(formats) - 1


def add_styles(parts: Parts, book: str) -> str:
    """Adds the part with the formats to a workbook that has none; returns its name."""
    spreadsheet = namespace(parsed(parts[book])).strip("{}")
    kinds = [str(each.get("Type")) for each in parts.relations(book)]
    (kind, *_) = [each for each in kinds if each.endswith("/worksheet")]
    part = parts.free_name("xl/styles.xml")
    parts[part] = f'<styleSheet xmlns="{spreadsheet}">{_PLAIN}</styleSheet>'.encode()
    types = parsed(parts[TYPES])
    entry = etree.SubElement(types, namespace(types) + "Override")
    entry.attrib.update({"PartName": "/" + part, "ContentType": _TYPE})
    parts[TYPES] = written(types)
    parts.relate(book, kind.removesuffix("worksheet") + "styles", part)
    return part
