"""Workbooks taken apart and put together again, with parts in them that no library here writes.

What a program other than ours may have put into a package: pivot tables, slicers, timelines,
threaded comments, a data model, links to other workbooks, and parts that nobody knows. The XML
follows what Excel saves (ECMA-376 part 1; MS-XLSX for what is newer).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_2007: Final = "http://schemas.microsoft.com/office/2007/relationships"
_2011: Final = "http://schemas.microsoft.com/office/2011/relationships"
_2017: Final = "http://schemas.microsoft.com/office/2017/10/relationships"
_X14: Final = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_XM: Final = "http://schemas.microsoft.com/office/excel/2006/main"
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_EXCEL: Final = "application/vnd.ms-excel"
TYPES: Final = "[Content_Types].xml"
BOOK: Final = "xl/workbook.xml"


def parts(path: Path) -> dict[str, bytes]:
    """All parts of a package in their order; every one is whole."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def pack(path: Path, held: dict[str, bytes]) -> Path:
    """Writes parts as a package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in held.items():
            package.writestr(name, content)
    return path


def changed(before: Path, after: Path) -> set[str]:
    """The parts that differ, came or went."""
    one, other = parts(before), parts(after)
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def edit(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Rewrites one part of a package, which must change."""
    held = parts(path)
    after = change(held[part])
    assert after != held[part]
    return pack(path, held | {part: after})


def sheet_part(path: Path, sheet: str) -> str:
    """The part of a sheet, from the workbook's own list."""
    held = parts(path)
    book, rels = held[BOOK].decode(), held["xl/_rels/workbook.xml.rels"].decode()
    tag = next(each for each in re.findall(r"<sheet [^>]*>", book) if f'name="{sheet}"' in each)
    (link,) = re.findall(r'r:id="([^"]+)"', tag)
    entry = next(e for e in re.findall(r"<Relationship [^>]*>", rels) if f'Id="{link}"' in e)
    (target,) = re.findall(r'Target="([^"]+)"', entry)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


class Package:
    """A package in pieces, to put strange things into.

    Attributes:
        parts: by name.
        added: those that were put in.
    """

    def __init__(self, path: Path) -> None:
        self.parts, self.added = parts(path), dict[str, bytes]()

    def put(self, part: str, content: str | bytes, kind: str = "") -> str:
        """Puts a part in; returns its name."""
        held = content.encode() if isinstance(content, str) else content
        self.parts[part] = self.added[part] = held
        if kind:
            entry = f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'
            self.parts[TYPES] = self.parts[TYPES].replace(b"</Types>", entry.encode())
        return part

    def link(self, owner: str, target: str, kind: str, name: str) -> None:
        """Links a part to another."""
        folder, file = posixpath.split(owner)
        rels = posixpath.join(folder, "_rels", file + ".rels")
        empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        held = self.parts.get(rels, empty)
        entry = f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/></Relationships>'
        self.parts[rels] = held.replace(b"</Relationships>", entry.encode())

    def rewrite(self, part: str, old: str, new: str) -> None:
        """Replaces a piece of a part, which must be there."""
        held = self.parts[part].decode()
        assert old in held, old
        self.parts[part] = held.replace(old, new, 1).encode()

    def pack(self, path: Path) -> Path:
        """Writes the package."""
        return pack(path, self.parts)


def lived_in(source: Path, target: Path, sheet: str) -> dict[str, bytes]:
    """A workbook as somebody has it who has used it for months.

    Args:
        source: any workbook written by XlsxWriter.
        target: where to write it.
        sheet: the sheet that the pivot table, slicers, validations and so on are put on.

    Returns:
        The parts that were put in.
    """
    package, here = Package(source), sheet_part(source, sheet)
    _pivot(package, here, sheet)
    _slicer_and_timeline(package, here)
    _threaded_comment(package, here)
    _links_and_models(package)
    _on_sheet(package, here)
    package.pack(target)
    return package.added


def _pivot(package: Package, here: str, sheet: str) -> None:
    records = package.put(
        "xl/pivotCache/pivotCacheRecords1.xml",
        f'<pivotCacheRecords xmlns="{MAIN}" count="1"><r><x v="0"/></r></pivotCacheRecords>',
        f"{_SHEET}.pivotCacheRecords+xml",
    )
    cache = package.put(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{LINKS}" r:id="rId1" recordCount="1">'
        '<cacheSource type="worksheet"><worksheetSource name="Accounts"/></cacheSource>'
        '<cacheFields count="1"><cacheField name="Account" numFmtId="0"><sharedItems count="1">'
        '<s v="Somebody"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>',
        f"{_SHEET}.pivotCacheDefinition+xml",
    )
    package.link(cache, posixpath.basename(records), f"{LINKS}/pivotCacheRecords", "rId1")
    table = package.put(
        "xl/pivotTables/pivotTable1.xml",
        f'<pivotTableDefinition xmlns="{MAIN}" name="Mine" cacheId="77" dataCaption="Values">'
        '<location ref="BA4:BA6" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
        '<pivotFields count="1"><pivotField axis="axisRow" showAll="0"><items count="2">'
        '<item x="0"/><item t="default"/></items></pivotField></pivotFields>'
        '<rowFields count="1"><field x="0"/></rowFields><rowItems count="2"><i><x/></i>'
        '<i t="grand"><x/></i></rowItems></pivotTableDefinition>',
        f"{_SHEET}.pivotTable+xml",
    )
    package.link(table, "/" + cache, f"{LINKS}/pivotCacheDefinition", "rId1")
    package.link(here, "../pivotTables/pivotTable1.xml", f"{LINKS}/pivotTable", "rIdPivot")
    package.link(BOOK, "/" + cache, f"{LINKS}/pivotCacheDefinition", "rIdCache")
    package.rewrite(
        BOOK,
        "</workbook>",
        '<pivotCaches><pivotCache cacheId="77" r:id="rIdCache"/></pivotCaches></workbook>',
    )


def _slicer_and_timeline(package: Package, here: str) -> None:
    x15 = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"
    slicers = package.put(
        "xl/slicers/slicer1.xml",
        f'<slicers xmlns="{_X14}"><slicer name="Owner" cache="Slicer_Owner" rowHeight="241300"/>'
        "</slicers>",
        f"{_EXCEL}.slicer+xml",
    )
    cache = package.put(
        "xl/slicerCaches/slicerCache1.xml",
        f'<slicerCacheDefinition xmlns="{_X14}" name="Slicer_Owner" sourceName="Owner"/>',
        f"{_EXCEL}.slicerCache+xml",
    )
    package.link(here, "/" + slicers, f"{_2007}/slicer", "rIdSlicer")
    package.link(BOOK, "/" + cache, f"{_2007}/slicerCache", "rIdSlicerCache")
    line = package.put(
        "xl/timelines/timeline1.xml",
        f'<timelines xmlns="{x15}"><timeline name="Close date" cache="NativeTimeline_Close" '
        'level="2" selectionLevel="2" scrollPosition="2026-01-01T00:00:00"/></timelines>',
        f"{_EXCEL}.timeline+xml",
    )
    held = package.put(
        "xl/timelineCaches/timelineCache1.xml",
        f'<timelineCacheDefinition xmlns="{x15}" name="NativeTimeline_Close" sourceName="Close">'
        '<state minimalRefreshVersion="6" lastRefreshVersion="6" pivotCacheId="77" '
        'filterType="unknown"><bounds startDate="2026-01-01T00:00:00" '
        'endDate="2027-01-01T00:00:00"/></state></timelineCacheDefinition>',
        f"{_EXCEL}.timelineCache+xml",
    )
    package.link(here, "../timelines/timeline1.xml", f"{_2011}/timeline", "rIdTimeline")
    package.link(BOOK, "/" + held, f"{_2011}/timelineCache", "rIdTimelineCache")
    assert line


def _threaded_comment(package: Package, here: str) -> None:
    people = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    somebody, remark = (
        "{11111111-2222-4333-8444-555555555555}",
        "{66666666-7777-4888-9999-AAAAAAAAAAAA}",
    )
    package.put(
        "xl/persons/person.xml",
        f'<personList xmlns="{people}"><person displayName="Somebody" id="{somebody}" '
        'userId="S::somebody" providerId="AD"/></personList>',
        f"{_EXCEL}.person+xml",
    )
    package.put(
        "xl/threadedComments/threadedComment1.xml",
        f'<ThreadedComments xmlns="{people}"><threadedComment ref="A6" dT="2026-07-01T09:00:00.00" '
        f'personId="{somebody}" id="{remark}"><text>Is this right?</text></threadedComment>'
        "</ThreadedComments>",
        f"{_EXCEL}.threadedcomments+xml",
    )
    package.link(BOOK, "persons/person.xml", f"{_2017}/person", "rIdPerson")
    package.link(
        here, "../threadedComments/threadedComment1.xml", f"{_2017}/threadedComment", "rIdThread"
    )


def _links_and_models(package: Package) -> None:
    package.put("customXml/item1.xml", "<mine xmlns='urn:mine'>\n  <a b='c'/>\n</mine>")
    package.link(BOOK, "../customXml/item1.xml", f"{LINKS}/customXml", "rIdCustom")
    package.put("xl/model/item.data", bytes(range(256)) * 9, f"{_EXCEL}.model+data")
    package.link(BOOK, "model/item.data", f"{LINKS}/powerPivotData", "rIdModel")
    package.put("xl/printerSettings/printerSettings9.bin", b"\0\1printer" * 50)
    package.put("xl/unheardOf/thing7.bin", bytes(reversed(range(256))))
    package.put("docMetadata/LabelInfo.xml", "<clbl:labelList xmlns:clbl='urn:label'/>")
    package.rewrite(
        TYPES, "<Default ", '<Default Extension="bin" ContentType="application/x"/><Default '
    )
    outside = package.put(
        "xl/externalLinks/externalLink1.xml",
        f'<externalLink xmlns="{MAIN}" xmlns:r="{LINKS}"><externalBook r:id="rId1"><sheetNames>'
        '<sheetName val="Accounts"/></sheetNames></externalBook></externalLink>',
        f"{_SHEET}.externalLink+xml",
    )
    package.parts[f"xl/externalLinks/_rels/{posixpath.basename(outside)}.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{LINKS}/externalLinkPath" Target="other%20book.xlsx" '
        'TargetMode="External"/></Relationships>'
    ).encode()
    package.link(BOOK, "externalLinks/externalLink1.xml", f"{LINKS}/externalLink", "rIdOutside")
    package.rewrite(
        BOOK,
        "</sheets>",
        '</sheets><externalReferences><externalReference r:id="rIdOutside"/></externalReferences>',
    )
    package.rewrite(
        BOOK,
        "<definedNames>",
        '<definedNames><definedName name="Away">[1]Accounts!$A$5:$A$9</definedName>'
        '<definedName name="Lost">#REF!</definedName>'
        '<definedName name="LostCells">#REF!$A$5:$A$9</definedName>'
        '<definedName name="Rate">0.25</definedName>',
    )
    chain = f'<calcChain xmlns="{MAIN}"><c r="D5" i="3"/></calcChain>'
    package.put("xl/calcChain.xml", chain, f"{_SHEET}.calcChain+xml")
    package.link(BOOK, "calcChain.xml", f"{LINKS}/calcChain", "rIdChain")


def _on_sheet(package: Package, here: str) -> None:
    """What lies on the cells: newer validations, sparklines, extensions that nobody knows."""
    package.rewrite(here, "<worksheet ", f'<worksheet xmlns:xm="{_XM}" ')
    package.rewrite(
        here,
        "<extLst>",
        f'<extLst><ext xmlns:x14="{_X14}" uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">'
        "<x14:sparklineGroups><x14:sparklineGroup><x14:sparklines><x14:sparkline>"
        "<xm:f>Accounts!H5:J5</xm:f><xm:sqref>BC5</xm:sqref></x14:sparkline></x14:sparklines>"
        "</x14:sparklineGroup></x14:sparklineGroups></ext>"
        f'<ext xmlns:x14="{_X14}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}">'
        '<x14:dataValidations count="1"><x14:dataValidation type="list" allowBlank="1">'
        "<x14:formula1><xm:f>Settings!$A$5:$A$9</xm:f></x14:formula1>"
        "<xm:sqref>BD5:BD9</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
        '<ext uri="{00000000-0000-0000-0000-00000000BEEF}" xmlns:who="urn:who">'
        '<who:knows what="&quot;this&quot; is &#10;"/></ext>',
    )
