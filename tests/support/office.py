"""What does this workbook say when an office program recalculates it?

One headless LibreOffice per test process, in a profile of its own, driven over UNO by
`_office_server.py`, which runs in whichever Python can `import uno`; the tests' own Python need
not. Linux and macOS. Dates are serial numbers, as in the file; booleans are 1.0 and 0.0.
Source: LibreOffice 7 API.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .needs import LIBREOFFICE, UNO, MissingToolError

CellInput = float | int | str | bool | date | None
Changes = Mapping[tuple[str, str], CellInput]

XLSX = "Calc MS Excel 2007 XML"
PDF = "calc_pdf_Export"

START_SECONDS = 120.0
REQUEST_SECONDS = 180.0
KEPT = 24
"""So many recalculated workbooks are remembered: many tests ask about the same one."""


class OfficeFailedError(RuntimeError):
    """The office program could not do what was asked; the message says why."""


@dataclass(frozen=True)
class OfficeError:
    """An error value in a cell, in Excel's words: "#N/A", "#DIV/0!", else "Err:508" and so on."""

    text: str

    def __str__(self) -> str:
        return self.text


CellValue = float | str | OfficeError


class Sheets(dict[str, dict[str, CellValue]]):
    """All cells of a workbook: sheet -> "A1" -> value, without the empty ones.

    formulas: sheet -> the cells that hold a formula; those are never left out, so that a formula
    that gives "" stands there as "".
    """

    def __init__(self) -> None:
        super().__init__()
        self.formulas: dict[str, set[str]] = {}

    def copied(self) -> Sheets:
        """The same cells, apart."""
        other = Sheets()
        other.update({sheet: dict(cells) for sheet, cells in self.items()})
        other.formulas = {sheet: set(cells) for sheet, cells in self.formulas.items()}
        return other

    def errors(self) -> list[tuple[str, str, str]]:
        """Every error in the workbook as (sheet, cell, text)."""
        return [
            (sheet, cell, value.text)
            for sheet, cells in self.items()
            for cell, value in cells.items()
            if isinstance(value, OfficeError)
        ]


class Office:
    """A LibreOffice that starts with the first question and is gone with `close`.

    Raises MissingToolError with the line that installs it where LibreOffice or python3-uno lacks,
    OfficeFailedError where a request fails. An office that died or hangs is started again once.
    """

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._office_group: int | None = None
        self._work: Path | None = None
        self._unread = b""
        self._recalculated: dict[tuple[str, ...], Sheets] = {}

    def recalculate(self, path: Path | str, changes: Changes | None = None) -> Sheets:
        """All cells after typing `changes` and recalculating every formula; the file stays.

        changes: (sheet, cell) -> number, text, bool, date, or None to clear the cell. A locked
        cell of a protected sheet is refused.
        """
        typed = _listed(changes)
        content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        asked = (content, Path(path).suffix, json.dumps(typed))
        sheets = self._recalculated.pop(asked, None)
        if sheets is None:
            sheets = Sheets()
            answer = self._ask("recalculate", path=_absolute(path), content=content, changes=typed)
            for name, block in answer.items():
                sheets[name], sheets.formulas[name] = _cells(block)
        self._recalculated[asked] = sheets
        if len(self._recalculated) > KEPT:
            del self._recalculated[next(iter(self._recalculated))]
        return sheets.copied()

    def save_as(self, path: Path | str, target: Path | str, filter_name: str = XLSX) -> Path:
        """Store the workbook anew, by LibreOffice, as XLSX or PDF; returns the target."""
        return self._store(path, {}, target, filter_name)

    def set_cells_and_save(self, path: Path | str, changes: Changes, target: Path | str) -> Path:
        """What a person gets who types `changes` and saves as .xlsx; returns the target."""
        return self._store(path, changes, target, XLSX)

    def run_macros(
        self,
        path: Path | str,
        calls: Iterable[tuple[str, str, tuple[CellInput, ...]]] = (),
        replaced: Mapping[str, str] | None = None,
    ) -> tuple[dict[str, str], list[Any]]:
        """The modules of a workbook's VBA project as LibreOffice holds them, and what its
        procedures give: one answer per (module, procedure, arguments).

        replaced: module -> text that stands in for its own. Where any module does not compile,
        procedures give nothing: "" or None.
        """
        asked = [(module, procedure, list(given)) for module, procedure, given in calls]
        answer = self._ask(
            "run_macros", path=_absolute(path), calls=asked, replaced=dict(replaced or {})
        )
        return answer["modules"], answer["answers"]

    def buttons(self, path: Path | str) -> list[tuple[str, str, str]]:
        """Every form button that runs a script: its sheet, its label, and that script."""
        answer = self._ask("buttons", path=_absolute(path))
        return [(sheet, label, script) for sheet, label, script in answer["buttons"]]

    def sheet_pdfs(
        self,
        path: Path | str,
        folder: Path,
        *,
        only: str | None = None,
        area: str | None = None,
        screen: bool = False,
        tallest_mm: float = 600.0,
    ) -> dict[str, Path]:
        """One PDF per visible sheet, fitted to the width of its page: sheet -> file in `folder`.

        only: this sheet alone. screen: a page as large as the used area, or as `area` such as
        "A1:P40", at most `tallest_mm` high; else landscape, with the sheet's own print set-up.
        """
        answer = self._ask(
            "sheet_pdfs",
            path=_absolute(path),
            folder=_absolute(folder),
            only=only,
            area=area,
            screen=screen,
            tallest=round(tallest_mm * 100),
        )
        return {sheet: Path(file) for sheet, file in answer.items()}

    def close(self) -> None:
        """End the office and whatever it started, and remove its folder."""
        server, self._server = self._server, None
        if server is None:
            return
        if server.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                server.stdin.close()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            _kill_group(server.pid)
            server.wait()
        if self._office_group is not None:
            _kill_group(self._office_group)
        if server.stdout is not None:
            server.stdout.close()
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)
        atexit.unregister(self.close)

    def _store(
        self, path: Path | str, changes: Changes, target: Path | str, filter_name: str
    ) -> Path:
        self._ask(
            "save_as",
            path=_absolute(path),
            changes=_listed(changes),
            target=_absolute(target),
            filter_name=filter_name,
        )
        return Path(target)

    def _ask(self, do: str, **request: Any) -> dict[str, Any]:
        line = json.dumps({"do": do, **request}).encode() + b"\n"
        try:
            return self._ask_once(line)
        except (OSError, EOFError):
            self.close()
        try:
            return self._ask_once(line)
        except (OSError, EOFError) as error:
            self.close()
            raise OfficeFailedError(
                f"LibreOffice failed twice at {do} {request['path']}"
            ) from error

    def _ask_once(self, line: bytes) -> dict[str, Any]:
        if self._server is None:
            self._start()
        assert self._server is not None and self._server.stdin is not None
        self._server.stdin.write(line)
        self._server.stdin.flush()
        return self._answer(REQUEST_SECONDS)

    def _start(self) -> None:
        python, soffice = uno_python(), soffice_program()
        self._work = Path(tempfile.mkdtemp(prefix="accountplan-office-"))
        self._unread = b""
        self._office_group = None
        # The work folder is its home too: caches and settings of libraries die with it.
        home = {"HOME": str(self._work), "TMPDIR": str(self._work)}
        home |= {f"XDG_{kind}_HOME": str(self._work) for kind in ("CACHE", "CONFIG", "DATA")}
        script = Path(__file__).with_name("_office_server.py")
        self._server = subprocess.Popen(
            [python, str(script), soffice, str(self._work)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | home,
            # A session of its own: Ctrl-C reaches the tests, and they close the office.
            start_new_session=True,
        )
        atexit.register(self.close)
        self._office_group = self._answer(START_SECONDS)["office"]

    def _answer(self, seconds: float) -> dict[str, Any]:
        answer = json.loads(self._read_line(seconds))
        if "error" in answer:
            raise OfficeFailedError(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def _read_line(self, seconds: float) -> bytes:
        """The next line of the server; EOFError if it died, TimeoutError if it takes longer."""
        assert self._server is not None and self._server.stdout is not None
        pipe = self._server.stdout.fileno()
        parts = [self._unread]
        end = time.monotonic() + seconds
        while b"\n" not in parts[-1]:
            if not select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"LibreOffice gave no answer within {seconds:.0f} s")
            part = os.read(pipe, 1 << 20)
            if not part:
                raise EOFError("LibreOffice ended")
            parts.append(part)
        line, _, self._unread = b"".join(parts).partition(b"\n")
        return line


def soffice_program() -> str:
    """The path of LibreOffice's program; MissingToolError where there is none."""
    for name in (
        "soffice",
        "libreoffice",
        "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    ):
        found = shutil.which(name)
        if found:
            return found
    raise MissingToolError(LIBREOFFICE)


@functools.cache
def uno_python() -> str:
    """A Python that can `import uno`; MissingToolError where there is none."""
    for python in (
        sys.executable,
        "/usr/bin/python3",
        "/Applications/LibreOffice.app/Contents/Resources/python",
    ):
        if shutil.which(python):
            # To import uno makes a settings folder in the home: let that be one that goes.
            with tempfile.TemporaryDirectory(prefix="accountplan-home-") as home:
                tried = subprocess.run(
                    [python, "-c", "import uno"],
                    env=os.environ | {"HOME": home},
                    capture_output=True,
                    check=False,
                )
            if tried.returncode == 0:
                return python
    raise MissingToolError(UNO)


def _absolute(path: Path | str) -> str:
    return str(Path(path).absolute())


def _listed(changes: Changes | None) -> list[tuple[str, str, float | str | bool | None]]:
    return [(sheet, cell, _typed(value)) for (sheet, cell), value in (changes or {}).items()]


def _typed(value: CellInput) -> float | str | bool | None:
    """A value as JSON has it: dates as serial numbers, numpy's numbers as Python's."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, datetime):
        return (value - datetime(1899, 12, 30)).total_seconds() / 86400
    if isinstance(value, date):
        return float((value - date(1899, 12, 30)).days)
    return float(value)


def _cells(block: Mapping[str, Any]) -> tuple[dict[str, CellValue], set[str]]:
    """A sheet's block as the server sends it -> its cells and the names of its formulas."""
    left, top = block["left"], block["top"]
    cells: dict[str, CellValue] = {}
    width = len(block["rows"][0]) if block["rows"] else 0
    letters = [column_letters(left + number) for number in range(width)]
    for number, row in enumerate(block["rows"], start=top + 1):
        for letter, value in zip(letters, row, strict=True):
            if value is not None and value != "":
                cells[f"{letter}{number}"] = value
    for column, row, text in block["errors"]:
        cells[f"{column_letters(column)}{row + 1}"] = OfficeError(text)
    formulas = set(_names(block["formulas"]))
    for name in formulas - cells.keys():
        cells[name] = ""
    return cells, formulas


def _names(ranges: Iterable[tuple[int, int, int, int]]) -> Iterable[str]:
    for left, top, right, bottom in ranges:
        for column in range(left, right + 1):
            letters = column_letters(column)
            for row in range(top, bottom + 1):
                yield f"{letters}{row + 1}"


@functools.cache
def column_letters(number: int) -> str:
    """The letters of a column counted from 0: 0 -> A, 26 -> AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
