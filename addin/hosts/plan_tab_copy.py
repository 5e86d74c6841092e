"""A further plan tab, made from one that is there, in a closed workbook.

Tables get names of their own, formulas on the new tab speak of it and of its
tables, and its names are known on it alone. Notes, buttons, drawings and charts
are copied along; pictures are shared, as Excel does.

Source: ECMA-376, Office Open XML, part 1, sections 18.2.5, 18.2.19 and 18.5.1.2.
"""

import posixpath
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from lxml import etree

from ...udfs.errors import WorkbookError
from ...workbook_templates import contract as c
from ..workbook import taken_trouble
from .formulas import renamed
from .markup import namespace, parsed, written
from .parts import LINK, STRICT_LINK, Parts, link_of, relations_of, resolved

_COPIED: Final = frozenset(
    (
        "chart",
        "chartColorStyle",
        "chartStyle",
        "comments",
        "ctrlProp",
        "drawing",
        "printerSettings",
        "vmlDrawing",
    )
)
_SHARED: Final = frozenset(("image", "hyperlink"))
_FORMULAS: Final = frozenset(
    ("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula")
)
_REVISION: Final = "http://schemas.microsoft.com/office/spreadsheetml/20"


def copy_tab(
    parts: Parts, workbook_part: str, source: str, name: str, label: str
) -> dict[str, str]:
    """Adds the copy of a plan tab behind the last plan tab.

    Args:
        parts: the package.
        workbook_part: its workbook part.
        source: the tab to copy.
        name: of the new one.
        label: the workbook, as messages call it.

    Returns:
        What each table of the tab is called on the new one.

    Raises:
        WorkbookError: the name is taken, or the tab holds what cannot be copied.
    """
    workbook = parsed(parts[workbook_part])
    ns = namespace(workbook)
    sheets = workbook.find(ns + "sheets")
    known = [each.get("name") for each in sheets]
    if name.casefold() in {each.casefold() for each in known}:
        raise taken_trouble(name, label)
    origin = parts.target(workbook_part, link_of(sheets[known.index(source)]))
    _refuse_uncopied(parts, origin, source, label)
    tables = _new_table_names(parts, workbook_part, origin)
    made = _copy_sheet(parts, origin, {source: name}, tables)
    (kind,) = {
        each.get("Type")
        for each in parts.relations(workbook_part)
        if resolved(workbook_part, each.get("Target")) == origin
    }
    link = parts.relate(workbook_part, kind, made)
    _enter(workbook, known.index(source), name, link, tables)
    parts[workbook_part] = written(workbook)
    return tables


def _refuse_uncopied(parts: Parts, origin: str, source: str, label: str) -> None:
    for each in parts.relations(origin):
        kind = posixpath.basename(each.get("Type"))
        if kind not in _COPIED | _SHARED | {"table", "threadedComment"}:
            raise WorkbookError(
                f"{label}: the sheet {source} holds a part of kind {kind} that cannot be copied; "
                "copy another plan tab, or copy this one in Excel."
            )


def _new_table_names(parts: Parts, workbook_part: str, origin: str) -> dict[str, str]:
    """Names for the copies of a tab's tables: their stem and the next number free for all."""
    taken = set()
    for sheet in parts.linked(workbook_part, "worksheet"):
        for part in parts.linked(sheet, "table"):
            taken.add(parsed(parts[part]).get("displayName").casefold())
    names = [parsed(parts[part]).get("displayName") for part in parts.linked(origin, "table")]
    stems = {name: name.rstrip("0123456789") for name in names}
    number = 1
    while any(f"{stem}{number}".casefold() in taken for stem in stems.values()):
        number += 1
    return {name: f"{stem}{number}" for name, stem in stems.items()}


def _copy_sheet(parts: Parts, origin: str, sheets: dict[str, str], tables: dict[str, str]) -> str:
    root = parsed(parts[origin])
    ns = namespace(root)
    for view in root.iter(ns + "sheetView"):
        view.attrib.pop("tabSelected", None)
    for properties in root.iter(ns + "sheetPr"):
        properties.attrib.pop("codeName", None)
    _rename(root, sheets, tables)
    _without_revision(root)
    made = parts.add_like(origin, written(root))
    _copy_relations(parts, origin, made, sheets, tables)
    return made


def _copy_relations(
    parts: Parts, origin: str, made: str, sheets: dict[str, str], tables: dict[str, str]
) -> None:
    """Gives a copied part copies of its own of what it is linked to."""
    if relations_of(origin) not in parts:
        return
    relations = parsed(parts[relations_of(origin)])
    for each in list(relations):
        kind = posixpath.basename(each.get("Type"))
        if each.get("TargetMode") == "External":
            continue
        target = resolved(origin, each.get("Target"))
        if kind == "threadedComment":
            relations.remove(each)
        elif kind == "table":
            each.set("Target", "/" + _copy_table(parts, target, sheets, tables))
        elif kind in _COPIED:
            each.set("Target", "/" + _copy_part(parts, target, sheets, tables))
        else:
            each.set("Target", "/" + target)
    parts[relations_of(made)] = written(relations)


def _copy_part(parts: Parts, origin: str, sheets: dict[str, str], tables: dict[str, str]) -> str:
    content = parts[origin]
    if origin.endswith(".xml") and "/charts/" in origin:
        root = parsed(content)
        _rename(root, sheets, tables)
        content = written(root)
    made = parts.add_like(origin, content)
    _copy_relations(parts, origin, made, sheets, tables)
    return made


def _copy_table(parts: Parts, origin: str, sheets: dict[str, str], tables: dict[str, str]) -> str:
    root = parsed(parts[origin])
    name = tables[root.get("displayName")]
    root.set("displayName", name)
    root.set("name", name)
    root.set("id", str(_highest_table(parts) + 1))
    _rename(root, sheets, tables)
    _without_revision(root)
    return parts.add_like(origin, written(root))


def _highest_table(parts: Parts) -> int:
    folder = re.compile(r"/tables/[^/]+\.xml$")
    found = (name for name in parts.names() if folder.search("/" + name))
    return max(int(parsed(parts[name]).get("id", "0")) for name in found)


def _rename(root: Any, sheets: dict[str, str], tables: dict[str, str]) -> None:
    """Lets every formula in a part speak of the new tab and its tables."""
    for each in root.iter():
        if not isinstance(each.tag, str):
            continue
        if etree.QName(each).localname in _FORMULAS and each.text:
            each.text = renamed(each.text, sheets, tables)
        location = each.get("location")
        if location:
            each.set("location", renamed(location, sheets, tables))


def _without_revision(root: Any) -> None:
    """Takes the ids out that Excel gives to sheets and tables, since each must be unique."""
    for each in [root, *root.iter("{*}autoFilter"), *root.iter("{*}tableColumn")]:
        for name in list(each.attrib):
            if name.startswith("{" + _REVISION) and name.endswith("}uid"):
                del each.attrib[name]


def _enter(workbook: Any, source: int, name: str, link: str, tables: Mapping[str, str]) -> None:
    """Lists the new sheet in the workbook, with the names that its original has."""
    ns = namespace(workbook)
    sheets = workbook.find(ns + "sheets")
    plans = [at for at, each in enumerate(sheets) if each.get("name").startswith(c.PLAN_PREFIX)]
    place = max([source, *plans]) + 1
    original = sheets[source]
    made = deepcopy(original)
    made.attrib.pop("state", None)
    made.set("name", name)
    made.set("sheetId", str(max(int(each.get("sheetId")) for each in sheets) + 1))
    made.set(LINK if original.get(LINK) else STRICT_LINK, link)
    sheets.insert(place, made)
    for view in workbook.iter(ns + "workbookView"):
        for key in ("activeTab", "firstSheet"):
            if int(view.get(key, "0")) >= place:
                view.set(key, str(int(view.get(key)) + 1))
    _copy_names(workbook, source, place, original.get("name"), name, dict(tables))


def _copy_names(
    workbook: Any, source: int, place: int, old: str, new: str, tables: dict[str, str]
) -> None:
    """Copies a sheet's names; sheets behind the new one move on by one."""
    ns = namespace(workbook)
    names = workbook.find(ns + "definedNames")
    for each in [] if names is None else list(names):
        scope = each.get("localSheetId")
        if scope is None:
            continue
        if int(scope) >= place:
            each.set("localSheetId", str(int(scope) + 1))
        if int(scope) == source:
            copied = deepcopy(each)
            copied.set("localSheetId", str(place))
            copied.text = renamed(each.text or "", {old: new}, tables)
            names.append(copied)
