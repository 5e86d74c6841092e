"""The two things that carry VBA: the add-in, and workbooks with buttons.

Both hold the same modules, so that a workbook's buttons work where no add-in is
installed. Only the add-in has the ribbon, and xlwings' module for add-ins, which
speaks to the workbook in front; a workbook's own speaks to that workbook.
"""

import zipfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from ...udfs.errors import SaveError
from ...workbook_templates.form_buttons import Controls, FormButton
from ..save import writing
from . import xlwings_vba
from .buttons import BUTTONS
from .ribbon import ribbon
from .vba_project import (
    Module,
    class_module,
    sheet_modules,
    standard_module,
    vba_project,
    workbook_module,
)
from .vba_text import buttons_module, functions_module, ribbon_module, wizard_module

ADDIN_FILE: Final = "accountplan.xlam"
PROJECT: Final = "AccountPlan"
_OWN: Final = ("AccountPlanPython.bas", "AccountPlanPress.bas", "AccountPlanAnswers.bas")


def build_addin(path: Path) -> None:
    """Writes the add-in.

    Raises:
        SaveError: another ending than .xlam, or the file cannot be written.
    """
    if path.suffix.lower() != ".xlam":
        raise SaveError(f"{path}: Excel loads add-ins from .xlam files; give a name with .xlam.")
    with writing(path) as temporary:
        _write_package(temporary, addin_parts())


def controls() -> Controls:
    """What workbooks with buttons carry."""
    buttons = tuple(
        FormButton(each.label, each.sub, f"{each.tip}. {each.help}", each.sheets, each.kinds)
        for each in BUTTONS
    )
    return Controls(buttons, workbook_project)


def workbook_project(sheets: int) -> bytes:
    """The vbaProject.bin of a workbook with so many sheets."""
    return vba_project(PROJECT, workbook_modules(sheets))


def workbook_modules(sheets: int) -> list[Module]:
    """The modules of a workbook with buttons."""
    return [*_modules(xlwings_vba.IN_WORKBOOKS), *sheet_modules(sheets)]


def addin_modules() -> list[Module]:
    """The modules of the add-in."""
    ribbon_calls = standard_module(ribbon_module(BUTTONS))
    return [*_modules(xlwings_vba.IN_ADDINS), ribbon_calls, *sheet_modules(1)]


@cache
def _modules(bridge: str) -> tuple[Module, ...]:
    return (
        workbook_module(_own("ThisWorkbook.cls")),
        *(standard_module(_own(name)) for name in _OWN),
        standard_module(buttons_module(BUTTONS)),
        standard_module(functions_module()),
        standard_module(wizard_module()),
        standard_module(xlwings_vba.bridge(bridge)),
        class_module(xlwings_vba.dictionary()),
    )


def _own(name: str) -> str:
    return (files(__package__) / "vba" / name).read_text(encoding="ascii")


# --- The add-in as a package --------------------------------------------------------

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MICROSOFT: Final = "http://schemas.microsoft.com/office/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_PROPERTIES: Final = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every entry: the same input gives the same bytes."""


def addin_parts() -> dict[str, bytes]:
    """The parts of the add-in's file, by name: one empty sheet, the VBA and the ribbon."""
    texts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
            (f"{_LINKS}/metadata/core-properties", "docProps/core.xml"),
            (f"{_MICROSOFT}/ui/extensibility", "customUI/customUI.xml"),
        ),
        "docProps/core.xml": (
            f'<cp:coreProperties xmlns:cp="{_PROPERTIES}" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Account Plan</dc:title>'
            "<dc:description>Buttons and worksheet functions for account planning"
            "</dc:description></cp:coreProperties>"
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
            '<workbookPr codeName="ThisWorkbook"/><sheets><sheet name="Account Plan" '
            'sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relationships(
            (f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
            (f"{_MICROSOFT}/vbaProject", "vbaProject.bin"),
        ),
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet1"/><sheetData/></worksheet>'
        ),
    }
    parts = {name: (_DECLARATION + text).encode() for name, text in texts.items()}
    parts["xl/vbaProject.bin"] = vba_project(PROJECT, addin_modules())
    parts["customUI/customUI.xml"] = ribbon(BUTTONS)
    return parts


def _content_types() -> str:
    spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    package = "application/vnd.openxmlformats-package"
    types = {
        "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
        "/xl/worksheets/sheet1.xml": f"{spreadsheet}.worksheet+xml",
        "/docProps/core.xml": f"{package}.core-properties+xml",
    }
    listed = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in types.items()
    )
    return (
        f'<Types xmlns="{_TYPES}">'
        f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f"{listed}</Types>"
    )


def _relationships(*links: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, start=1)
    )
    return f'<Relationships xmlns="{_LINKS}">{listed}</Relationships>'


def _write_package(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 0
            package.writestr(entry, content)
