"""What does a package hold, and what will it hold once it is written?

Parts are changed in memory only; ``content`` gives the package with all that
changed, and every other part as it came.

Source: ECMA-376, Office Open XML, part 2 (Open Packaging Conventions).
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

from .markup import namespace, parsed, written
from .zips import rewritten

TYPES: Final = "[Content_Types].xml"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINK: Final = f"{{{_RELATION}}}id"
STRICT_LINK: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


class Parts:
    """A package in memory.

    Args:
        content: the file's bytes.
    """

    def __init__(self, content: bytes) -> None:
        self._archive = content
        self._zip = zipfile.ZipFile(BytesIO(content))
        self._changed: dict[str, bytes | None] = {}
        self._read: dict[str, bytes] = {}
        # Names of parts do not tell capitals apart.
        self._spellings = {name.casefold(): name for name in self._zip.NameToInfo}

    @property
    def content(self) -> bytes:
        """The package with all that changed."""
        return rewritten(self._archive, self._changed) if self._changed else self._archive

    @property
    def is_changed(self) -> bool:
        """Whether any part changed."""
        return bool(self._changed)

    def __contains__(self, part: str) -> bool:
        part = self._spelled(part)
        if part in self._changed:
            return self._changed[part] is not None
        return part in self._zip.NameToInfo

    def __getitem__(self, part: str) -> bytes:
        part = self._spelled(part)
        content = self._changed[part] if part in self._changed else self._unpacked(part)
        if content is None:
            raise KeyError(part)
        return content

    def size(self, part: str) -> int:
        """How many bytes a part has."""
        known = self._zip.NameToInfo.get(self._spelled(part))
        return len(self[part]) if known is None or part in self._changed else known.file_size

    def _unpacked(self, part: str) -> bytes:
        """A part as it came, unpacked once."""
        if part not in self._read:
            self._read[part] = self._zip.read(part)
        return self._read[part]

    def __setitem__(self, part: str, content: bytes) -> None:
        part = self._spelled(part)
        known = self._zip.NameToInfo.get(part)
        if known and (known.file_size, known.CRC) == (len(content), zlib.crc32(content)):
            # What was changed and changed back is as it came.
            self._changed.pop(part, None)
            return
        self._changed[part] = content
        self._spellings.setdefault(part.casefold(), part)

    def _spelled(self, part: str) -> str:
        """A part's name as the package spells it, which may differ in capitals and %20."""
        if part in self._zip.NameToInfo or part in self._changed:
            return part
        for name in (part, unquote(part)):
            if name.casefold() in self._spellings:
                return self._spellings[name.casefold()]
        return part

    def names(self) -> set[str]:
        """All parts."""
        return {part for part in {*self._zip.NameToInfo, *self._changed} if part in self}

    def relations(self, part: str) -> Iterator[Any]:
        """What a part is linked to, as elements."""
        rels = relations_of(part)
        if rels in self:
            yield from parsed(self[rels], comments=False)

    def target(self, part: str, identifier: str) -> str:
        """The part that a link of another part leads to."""
        for each in self.relations(part):
            if each.get("Id") == identifier:
                return resolved(part, each.get("Target"))
        raise KeyError(identifier)

    def linked(self, part: str, kind: str) -> list[str]:
        """The parts of a kind, such as "table", that a part is linked to."""
        return [
            resolved(part, each.get("Target"))
            for each in self.relations(part)
            if each.get("Type").endswith("/" + kind) and each.get("TargetMode") != "External"
        ]

    def free_name(self, part: str) -> str:
        """A name like a part's that is not taken: xl/tables/table3.xml -> table25.xml."""
        stem, ending = posixpath.splitext(part)
        stem = stem.rstrip("0123456789")
        taken = {name.casefold() for name in self.names()}
        number = 1
        while f"{stem}{number}{ending}".casefold() in taken:
            number += 1
        return f"{stem}{number}{ending}"

    def add_like(self, original: str, content: bytes) -> str:
        """Adds a part of the same type as another; returns its name."""
        part = self.free_name(original)
        self[part] = content
        types = parsed(self[TYPES])
        for each in types.iterchildren("{*}Override"):
            if self._spelled(each.get("PartName").lstrip("/")) == self._spelled(original):
                made = etree.SubElement(types, each.tag, dict(each.attrib))
                made.set("PartName", "/" + part)
                self[TYPES] = written(types)
                break
        return part

    def relate(self, part: str, kind: str, target: str) -> str:
        """Links a part to another; returns the link's id."""
        relations = parsed(self[relations_of(part)])
        taken = {each.get("Id") for each in relations.iterchildren("{*}Relationship")}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        attributes = {"Id": f"rId{number}", "Type": kind, "Target": "/" + target}
        etree.SubElement(relations, namespace(relations) + "Relationship", attributes)
        self[relations_of(part)] = written(relations)
        return f"rId{number}"

    def drop(self, part: str, owner: str) -> None:
        """Takes a part out, with its type and the owner's link to it."""
        relations = parsed(self[relations_of(owner)])
        for each in list(relations.iterchildren("{*}Relationship")):
            if self._spelled(resolved(owner, each.get("Target"))) == self._spelled(part):
                relations.remove(each)
        self[relations_of(owner)] = written(relations)
        types = parsed(self[TYPES])
        for each in list(types.iterchildren("{*}Override")):
            if self._spelled(each.get("PartName").lstrip("/")) == self._spelled(part):
                types.remove(each)
        self[TYPES] = written(types)
        self._changed[self._spelled(part)] = None


def relations_of(part: str) -> str:
    """The part that holds a part's links."""
    folder, file = posixpath.split(part)
    return posixpath.join(folder, "_rels", file + ".rels")


def resolved(part: str, target: str) -> str:
    """The part that a link's target means, seen from the part that holds it."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def link_of(element: Any) -> str:
    """The id of the link that an element holds."""
    return str(element.get(LINK) or element.get(STRICT_LINK))
