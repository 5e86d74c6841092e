"""What is in this closed workbook? Its sheets, names, tables and cells, without an office program.

Assumes an Office Open XML workbook (.xlsx, .xlsm), whoever saved it last: parts
may be named and ordered in any way, and links between them absolute or
relative. Values come from calamine, the structure from the parts themselves.
A cell's value next to a formula is what the last program stored; callers that
need answers ask ``formula_cells`` which cells these are.

Source: ECMA-376, Office Open XML, parts 1 and 2.
"""

import contextlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ...udfs.errors import WorkbookError
from ...workbook_templates import contract as c
from ..save import LOCK as LOCK
from .areas import Area, Cell, DefinedName, PackageTable, column_number
from .markup import parsed
from .parts import Parts, link_of, resolved
from .reader import Reader

_LARGE: Final = 4_000_000
"""From so many bytes on, sheets are read beside one another."""
ENDINGS: Final = (".xlsx", ".xlsm")
_OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_PLAIN_FORMULA: Final = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[\s/>]')
_CELL: Final = re.compile(r"^([A-Z]{1,3})(\d+)$")


class NotOursError(WorkbookError):
    """A sound workbook, but not one of this product."""


class PackageReader(Reader):
    """An opened, closed workbook of ours. Use it in a ``with``, or call ``close``.

    Args:
        path: the file.
        content: what the file is to hold, where that is not yet written.

    Raises:
        WorkbookError: it is not there, encrypted, damaged, or no such workbook.
        NotOursError: it has neither a plan tab nor a table of accounts.
    """

    def __init__(self, path: Path, content: bytes | Parts | None = None) -> None:
        self.path = path
        if content is None:
            refuse(path)
            content = _read(path)
        self.parts = content if isinstance(content, Parts) else _opened(path, content)
        try:
            self._sheets = self._read_sheets()
            self._names = tuple(self._read_names())
            self._check_ours()
        except _DAMAGE as trouble:
            raise _damaged(path, trouble) from None
        self._grids: dict[str, list[list[Any]]] = {}
        self._formulas: dict[str, frozenset[Cell]] = {}
        self._ahead: dict[str, Future[CalamineSheet]] = {}

    def __enter__(self) -> "PackageReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the cells that were read."""
        self._grids.clear()
        self._ahead.clear()

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return tuple(self._sheets)

    @property
    def names(self) -> tuple[DefinedName, ...]:
        """All names, of the workbook and of its sheets."""
        return self._names

    @cached_property
    def saved(self) -> datetime | None:
        """When the last program says that it saved the file; None where none says so.

        A folder that is synchronised gives files other dates; this one stays.
        """
        for target, kind in self._links("").values():
            if kind.endswith("/core-properties"):
                for each in self._xml(target).iter("{http://purl.org/dc/terms/}modified"):
                    with contextlib.suppress(ValueError):
                        told = datetime.fromisoformat((each.text or "").strip())
                        return told.replace(tzinfo=None)
        return None

    @cached_property
    def tables(self) -> Mapping[str, PackageTable]:
        """All tables by name in small letters, as names do not tell capitals apart."""
        found = {}
        for sheet, part in self._sheets.items():
            for target, kind in self._links(part).values():
                if kind.endswith("/table"):
                    table = self._read_table(sheet, target)
                    found[table.name.casefold()] = table
        return found

    def name(self, name: str, sheet: str = "") -> DefinedName | None:
        """A name of the workbook, or of a sheet; None where there is none."""
        return self._by_name.get((name.casefold(), sheet.casefold()))

    @property
    def label(self) -> str:
        """The file, as messages call it."""
        return str(self.path)

    def grid(self, sheet: str) -> list[list[Any]]:
        """All values of a sheet from A1 on; empty cells are ""."""
        if sheet not in self._grids:
            try:
                ahead = self._ahead.pop(sheet, None)
                cells = ahead.result() if ahead else self._values.get_sheet_by_name(sheet)
                self._grids[sheet] = cells.to_python(skip_empty_area=False)
            except _DAMAGE as trouble:
                raise _damaged(self.path, trouble) from None
        return self._grids[sheet]

    def read_ahead(self, names: Iterable[str]) -> None:
        """Begins to read the large sheets of some tables on the other processors."""
        tables = [table for name in names if (table := self.table(name))]
        sheets = dict.fromkeys(table.area.sheet for table in tables)
        large = [name for name in sheets if self.parts.size(self._sheets[name]) > _LARGE]
        if len(large) < 2 or self._grids or self._ahead:
            return
        pool = ThreadPoolExecutor(os.cpu_count())
        self._ahead = {sheet: pool.submit(self._parsed, sheet) for sheet in large}
        pool.shutdown(wait=False)

    def _parsed(self, sheet: str) -> CalamineSheet:
        """The cells of a sheet, from an opened workbook of its own."""
        opened = CalamineWorkbook.from_filelike(BytesIO(self.parts.content))
        return opened.get_sheet_by_name(sheet)

    def formula_cells(self, sheet: str) -> frozenset[Cell]:
        """The cells of a sheet that hold a formula, as (row, column)."""
        if sheet not in self._formulas:
            self._formulas[sheet] = frozenset(self._find_formulas(self._sheets[sheet]))
        return self._formulas[sheet]

    # --- Parts --------------------------------------------------------------

    @cached_property
    def _values(self) -> CalamineWorkbook:
        return CalamineWorkbook.from_filelike(BytesIO(self.parts.content))

    def _xml(self, part: str) -> Any:
        try:
            return parsed(self.parts[part])
        except (*_TORN, etree.XMLSyntaxError) as trouble:
            raise _damaged(self.path, trouble) from None

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part is linked to: id -> (part, type). Links out of the workbook are left out."""
        return {
            each.get("Id"): (resolved(part, each.get("Target")), each.get("Type"))
            for each in self.parts.relations(part)
            if each.get("TargetMode") != "External"
        }

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], DefinedName]:
        return {(each.name.casefold(), each.sheet.casefold()): each for each in self.names}

    @cached_property
    def _workbook(self) -> tuple[str, Any]:
        for target, kind in self._links("").values():
            if kind.endswith("/officeDocument"):
                return target, self._xml(target)
        raise KeyError("officeDocument")

    def _read_sheets(self) -> dict[str, str]:
        part, workbook = self._workbook
        links = self._links(part)
        found = {}
        for each in _all(workbook, "sheet"):
            target, kind = links[link_of(each)]
            if kind.endswith("/worksheet"):
                found[each.get("name")] = target
        return found

    def _read_names(self) -> Iterator[DefinedName]:
        _, workbook = self._workbook
        order = [each.get("name") for each in _all(workbook, "sheet")]
        for each in _all(workbook, "definedName"):
            scope = each.get("localSheetId")
            sheet = order[int(scope)] if scope is not None else ""
            yield DefinedName(each.get("name"), sheet, (each.text or "").strip())

    def _read_table(self, sheet: str, part: str) -> PackageTable:
        table = self._xml(part)
        first, _, last = table.get("ref").partition(":")
        top, left = _position(first)
        bottom, right = _position(last or first)
        return PackageTable(
            table.get("displayName") or table.get("name"),
            Area(sheet, top, left, bottom, right),
            tuple(each.get("name") for each in _all(table, "tableColumn")),
            int(table.get("headerRowCount", "1")),
            int(table.get("totalsRowCount", "0")),
        )

    def _find_formulas(self, part: str) -> Iterator[Cell]:
        content = self.parts[part]
        rows = content[: content.rfind(b"</sheetData>") + 1]
        # Sheets can be large; only those that are spelled in rare ways are read as XML.
        names = _plain_formulas(rows) if b"<sheetData>" in rows else None
        if names is not None:
            yield from (_position(name.decode()) for name in names)
            return
        for formula in _all(parsed(content), "f"):
            where = formula.getparent().get("r")
            if where:
                yield _position(where)

    def _check_ours(self) -> None:
        has_plans = any(name.startswith(c.PLAN_PREFIX) for name in self._sheets)
        has_names = any(each.name.casefold().startswith("plan.") for each in self.names)
        if has_plans or has_names or self.table(c.T_ACCOUNTS):
            return
        raise NotOursError(
            f"{self.path}: is no workbook of Account Plan (no plan tab, no table "
            f"{c.T_ACCOUNTS}); choose one that build or template wrote."
        )


def _plain_formulas(rows: bytes) -> list[bytes] | None:
    """The names of the cells that hold a formula; None where not all are spelled as usual."""
    names = []
    at = rows.find(b"<f")
    while at >= 0:
        cell = rows.rfind(b"<c ", 0, at)
        found = _PLAIN_FORMULA.match(rows, cell, at + 3) if cell >= 0 else None
        if found is None or found.end() != at + 3:
            return None
        names.append(found[1])
        at = rows.find(b"<f", at + 3)
    return names


_TORN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)
_DAMAGE: Final = (
    *_TORN,
    etree.XMLSyntaxError,
    CalamineError,
    KeyError,
    ValueError,
    IndexError,
    AttributeError,
)


def refuse(path: Path) -> None:
    """Raises WorkbookError for what one can tell without looking inside the package."""
    if path.name.startswith(LOCK):
        raise WorkbookError(
            f"{path}: is the lock file of a workbook that is open; name the workbook itself."
        )
    if path.is_dir():
        raise WorkbookError(f"{path}: is a folder; name a workbook.")
    try:
        with path.open("rb") as file:
            start = file.read(len(_OLE))
    except FileNotFoundError:
        raise WorkbookError(f"{path}: there is no such file; check the name.") from None
    except OSError as trouble:
        raise WorkbookError(
            f"{path}: cannot be read ({trouble.strerror}); close it where it is open, and check "
            "the rights."
        ) from None
    if start == _OLE:
        raise WorkbookError(
            f"{path}: is encrypted, or in the old .xls format; save it as .xlsx without a password."
        )
    if not start.strip(b"\0"):
        raise WorkbookError(
            f"{path}: is empty; where a folder is synchronised, wait until the file is there, "
            "and run this again."
        )
    if not start.startswith(b"PK"):
        raise WorkbookError(f"{path}: is no Excel workbook; save it as .xlsx.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as trouble:
        raise _damaged(path, trouble) from None


def _opened(path: Path, content: bytes) -> Parts:
    try:
        return Parts(content)
    except (*_TORN, ValueError) as trouble:
        raise _damaged(path, trouble) from None


def _damaged(path: Path, trouble: BaseException) -> WorkbookError:
    first = str(trouble).split("\n")[0] or type(trouble).__name__
    return WorkbookError(
        f"{path}: is damaged or no .xlsx workbook ({first[:80]}); open it in a spreadsheet "
        "program and save it anew, or take it from a backup."
    )


def _all(tree: Any, tag: str) -> Iterator[Any]:
    return tree.iter(_MAIN + tag, _STRICT + tag)  # type: ignore[no-any-return]


def _position(cell: str) -> Cell:
    match = _CELL.match(cell.replace("$", ""))
    if match is None:
        raise ValueError(f"{cell} is no cell")
    return int(match[2]) - 1, column_number(match[1])
