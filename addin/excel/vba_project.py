"""A VBA project out of the text of its modules, as vbaProject.bin.

Only text goes in. The version 0xFFFF says that there is no compiled code, so
Excel compiles the text itself, as xlwings' own add-in has it too. Ids that
Office draws by chance are fixed here: the same modules give the same bytes.

Source: MS-OVBA, Office VBA File Format Structure, sections 2.2, 2.3 and 2.4.3.
"""

import struct
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .compound_file import compound_file
from .vba_compression import compressed

CODE_PAGE: Final = "cp1252"
_WORKBOOK_BASE: Final = "0{00020819-0000-0000-C000-000000000046}"
_SHEET_BASE: Final = "0{00020820-0000-0000-C000-000000000046}"
_CLASS_BASE: Final = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"

_NOT_COMPILED: Final = struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0)
_REFERENCES: Final = (
    ("stdole", r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#stdole2.tlb#OLE Automation"),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#MSO.DLL#"
        "Microsoft Office 16.0 Object Library",
    ),
)
"""Libraries are found by their id; VBA's own and Excel's are always there."""


class Kind(Enum):
    """What a module is: in the project's list, and in the directory of modules."""

    STANDARD = "Module"
    CLASS = "Class"
    DOCUMENT = "Document"


@dataclass(frozen=True)
class Module:
    """A module and its text, Attribute lines first."""

    name: str
    kind: Kind
    text: str

    @property
    def source(self) -> bytes:
        """The text as VBA keeps it: Windows' line ends and code page."""
        return "\r\n".join([*self.text.splitlines(), ""]).encode(CODE_PAGE)


def standard_module(text: str) -> Module:
    """A module out of the text of a .bas file."""
    return Module(_name_in(text), Kind.STANDARD, text)


def class_module(text: str) -> Module:
    """A class out of the text of a .cls file, without the header that only files have."""
    lines = text.splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith("Attribute VB_Name"))
    exposed = next(at for at, line in enumerate(lines) if line.startswith("Attribute VB_Exposed"))
    whole = [
        lines[begin],
        f'Attribute VB_Base = "{_CLASS_BASE}"',
        *lines[begin + 1 : exposed + 1],
        "Attribute VB_TemplateDerived = False",
        "Attribute VB_Customizable = False",
        *lines[exposed + 1 :],
    ]
    return Module(_name_in(text), Kind.CLASS, "\n".join(whole))


def workbook_module(text: str = "") -> Module:
    """The module behind the workbook itself, with its events."""
    return _document("ThisWorkbook", _WORKBOOK_BASE, text)


def sheet_modules(count: int) -> list[Module]:
    """The modules behind the sheets: Sheet1, Sheet2, ..., in the order of the sheets."""
    return [_document(f"Sheet{number}", _SHEET_BASE, "") for number in range(1, count + 1)]


def _document(name: str, base: str, text: str) -> Module:
    attributes = (
        f'Attribute VB_Name = "{name}"',
        f'Attribute VB_Base = "{base}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        "Attribute VB_PredeclaredId = True",
        "Attribute VB_Exposed = True",
        "Attribute VB_TemplateDerived = False",
        "Attribute VB_Customizable = True",
    )
    return Module(name, Kind.DOCUMENT, "\n".join([*attributes, *text.splitlines()]))


def _name_in(text: str) -> str:
    start = 'Attribute VB_Name = "'
    line = next(line for line in text.splitlines() if line.startswith(start))
    return line.removeprefix(start).rstrip('"')


def vba_project(name: str, modules: Sequence[Module]) -> bytes:
    """The bytes of vbaProject.bin.

    Args:
        name: of the project, unlike that of any module.
        modules: the document modules too: that of the workbook and one per sheet.
    """
    streams = {
        "PROJECT": _project(name, modules),
        "PROJECTwm": _names_of(modules),
        "VBA/_VBA_PROJECT": _NOT_COMPILED,
        "VBA/dir": compressed(_directory(name, modules)),
        **{f"VBA/{module.name}": compressed(module.source) for module in modules},
    }
    return compound_file(streams)


# --- The directory of modules -------------------------------------------------------


def _directory(name: str, modules: Sequence[Module]) -> bytes:
    """What the project is, what it refers to, and its modules (section 2.3.4.2)."""
    records = [
        _record(0x0001, struct.pack("<I", 3)),  # 64-bit Windows
        _record(0x0002, struct.pack("<I", 0x0409)),
        _record(0x0014, struct.pack("<I", 0x0409)),
        _record(0x0003, struct.pack("<H", 1252)),
        _record(0x0004, name.encode(CODE_PAGE)),
        _both(0x0005, 0x0040, ""),
        _record(0x0006, b"") + _record(0x003D, b""),
        _record(0x0007, struct.pack("<I", 0)),
        _record(0x0008, struct.pack("<I", 0)),
        struct.pack("<HIIH", 0x0009, 4, 1, 1),
        _both(0x000C, 0x003C, ""),
        *(_reference(*each) for each in _REFERENCES),
        _record(0x000F, struct.pack("<H", len(modules))),
        _record(0x0013, struct.pack("<H", 0xFFFF)),
        *(_listed(module) for module in modules),
        _record(0x0010, b""),
    ]
    return b"".join(records)


def _reference(name: str, library: str) -> bytes:
    where = library.encode(CODE_PAGE)
    registered = struct.pack("<I", len(where)) + where + bytes(6)
    return _both(0x0016, 0x003E, name) + _record(0x000D, registered)


def _listed(module: Module) -> bytes:
    standard = module.kind is Kind.STANDARD
    return b"".join(
        (
            _record(0x0019, module.name.encode(CODE_PAGE)),
            _record(0x0047, module.name.encode("utf-16-le")),
            _both(0x001A, 0x0032, module.name),
            _both(0x001C, 0x0048, ""),
            _record(0x0031, struct.pack("<I", 0)),  # the text begins at once
            _record(0x001E, struct.pack("<I", 0)),
            _record(0x002C, struct.pack("<H", 0xFFFF)),
            _record(0x0021 if standard else 0x0022, b""),
            _record(0x002B, b""),
        )
    )


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HI", number, len(content)) + content


def _both(number: int, unicode_number: int, text: str) -> bytes:
    """A text in the code page, and again in UTF-16."""
    narrow, wide = text.encode(CODE_PAGE), text.encode("utf-16-le")
    return _record(number, narrow) + _record(unicode_number, wide)


def _names_of(modules: Iterable[Module]) -> bytes:
    """The names of the modules in the code page and in UTF-16 (section 2.3.3)."""
    pairs = (
        module.name.encode(CODE_PAGE) + b"\0" + module.name.encode("utf-16-le") + b"\0\0"
        for module in modules
    )
    return b"".join(pairs) + b"\0\0"


# --- The project's properties -------------------------------------------------------


def _project(name: str, modules: Iterable[Module]) -> bytes:
    """Modules and properties as lines of text (section 2.3.1): not locked, no password."""
    project_id = "{" + str(uuid.uuid5(uuid.NAMESPACE_OID, f"vba:{name}")).upper() + "}"
    lines = [f'ID="{project_id}"']
    for module in modules:
        place = "/&H00000000" if module.kind is Kind.DOCUMENT else ""
        lines.append(f"{module.kind.value}={module.name}{place}")
    lines += [
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{encrypted(bytes(4), project_id)}"',
        f'DPB="{encrypted(bytes(1), project_id)}"',
        f'GC="{encrypted(bytes([0xFF]), project_id)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
    ]
    return "\r\n".join(lines).encode(CODE_PAGE)


def encrypted(data: bytes, project_id: str, seed: int = 0x08) -> str:
    """A property that Office writes disguised (section 2.4.3.2), as hexadecimal digits.

    Args:
        data: its bytes.
        project_id: in braces; the disguise rests on it.
        seed: what Office draws by chance; fixed here.
    """
    key = sum(project_id.encode(CODE_PAGE)) & 0xFF
    out = [seed, seed ^ 2, seed ^ key]
    plain, before, last = key, out[1], out[2]
    ignored = bytes((seed & 6) // 2)
    for byte in ignored + struct.pack("<I", len(data)) + data:
        hidden = byte ^ (before + plain & 0xFF)
        plain, before, last = byte, last, hidden
        out.append(hidden)
    return bytes(out).hex().upper()
