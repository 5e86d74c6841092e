"""The workbook's own part: its sheets, its names, and how it is calculated.

Source: ECMA-376, Office Open XML, part 1, section 18.2.
"""

import re
from typing import Any, Final

from lxml import etree

from ..workbook import address
from .areas import Area
from .formulas import unquoted
from .markup import namespace, parsed, written
from .parts import Parts, link_of
from .sheet_xml import Stretch, area_of

_ON = ("1", "true")
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
# One range of a name: a sheet, and cells behind its exclamation mark.
_CELL: Final = r"\$?[A-Z]{1,3}\$?\d+"
_RANGE: Final = re.compile(rf"('(?:[^']|'')+'|[^'!,()\s]+)!({_CELL}(?::{_CELL})?)")


class WorkbookXml:
    """The part, read anew each time, since sheets and names may change.

    Args:
        parts: the package.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        (self.part,) = parts.linked("", "officeDocument")

    def _root(self) -> tuple[Any, str]:
        root = parsed(self._parts[self.part])
        return root, namespace(root)

    def since_1904(self) -> bool:
        """Whether dates count from 1904."""
        root, ns = self._root()
        properties = root.find(ns + "workbookPr")
        return properties is not None and properties.get("date1904", "") in _ON

    def is_locked(self) -> bool:
        """Whether sheets may not be added, as a password or the user says."""
        root, ns = self._root()
        protection = root.find(ns + "workbookProtection")
        return protection is not None and protection.get("lockStructure", "") in _ON

    def sheets(self) -> dict[str, str]:
        """The sheets' parts by their names, in the order of their tabs."""
        root, ns = self._root()
        return {
            each.get("name"): self._parts.target(self.part, link_of(each))
            for each in root.iterfind(f"{ns}sheets/{ns}sheet")
        }

    def stretch_names(self, change: Stretch) -> None:
        """Lets names of a table's cells, print areas among them, end where the table now ends."""
        root, ns = self._root()
        is_changed = False
        for each in root.iterfind(f"{ns}definedNames/{ns}definedName"):
            before = each.text or ""
            each.text = _RANGE.sub(lambda found: _fitted(found, change), before)
            is_changed = is_changed or each.text != before
        if is_changed:
            self._parts[self.part] = written(root)

    def recalculate_when_opened(self) -> None:
        """Asks whoever opens the workbook to calculate all of it."""
        root, ns = self._root()
        settings = root.find(ns + "calcPr")
        if settings is None:
            settings = etree.Element(ns + "calcPr")
            behind = [each for each in root if each.tag in {ns + tag for tag in _BEHIND_CALC}]
            root.insert(root.index(behind[0]) if behind else len(root), settings)
        if settings.get("fullCalcOnLoad") not in _ON:
            settings.set("fullCalcOnLoad", "1")
            self._parts[self.part] = written(root)

    def drop_calculation_order(self) -> None:
        """Takes the order of calculation out, which may name cells without formula now."""
        for part in self._parts.linked(self.part, "calcChain"):
            self._parts.drop(part, self.part)


def _fitted(found: re.Match[str], change: Stretch) -> str:
    """One range of a name, where its cells are now."""
    sheet, cells = found.groups()
    area = area_of(cells, change.area.sheet)
    if area is None or unquoted(sheet) != change.area.sheet:
        return found[0]
    if ":" not in cells and not change.is_totals(area):
        return found[0]
    fitted = change.fit(area)
    return found[0] if fitted in (None, area) else f"{sheet}!{_absolute(fitted, ':' in cells)}"


def _absolute(area: Area | None, is_range: bool) -> str:
    assert area is not None
    ends = [(area.top, area.left), (area.bottom, area.right)]
    # A range stays one even of a single cell, so that it can grow again.
    return ":".join(_dollars(address(row, col)) for row, col in ends[: 2 if is_range else 1])


def _dollars(cell: str) -> str:
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell[len(letters) :]}"
