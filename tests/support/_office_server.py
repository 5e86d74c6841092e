"""Drives one headless LibreOffice over UNO, for `office.py`, which starts it as a process.

Run by any Python that can `import uno` (often the system's, not the tests'), so it uses the
standard library alone. Arguments: the office program, a folder of its own for profile and
copies. It reads one JSON request per line on standard input and answers with one JSON line on
standard output; when standard input ends, it closes the office and removes its folder.
Source: the LibreOffice 7 API, com.sun.star.sheet and com.sun.star.style.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.lang import DisposedException

VALUE, DATETIME, STRING, FORMULA = 1, 2, 4, 16  # com.sun.star.sheet.CellFlags
CONTENT = VALUE | DATETIME | STRING | FORMULA
ERROR_RESULT = 4  # com.sun.star.sheet.FormulaResult.ERROR

ALWAYS_RUN = 4  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN

WINDOW_WIDTH = 30_000  # 1/100 mm

KEPT = 3  # workbooks that stay open, since the next question is often about the same one

# Excel's words for what LibreOffice numbers; the rest reads "Err:508" as in LibreOffice's cells.
ERROR_TEXTS = {
    503: "#NUM!",
    519: "#VALUE!",
    521: "#NULL!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}

# A fixed locale, so that TEXT() and typed booleans read the same on every machine.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>en-US</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse">
<value>false</value></prop></item>
</oor:items>
"""


Held = tuple[contextlib.AbstractContextManager[Any], Any]  # what closes a document, and it


class RequestError(Exception):
    """The request cannot be done as asked; the office itself is well."""


class Server:
    """One office program and the requests it answers."""

    def __init__(self, soffice: str, work: Path) -> None:
        self.work = work
        self.copies = 0
        self.stopping = threading.Lock()
        profile = work / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
        pipe = f"accountplan{os.getpid()}"
        self.process = subprocess.Popen(
            [
                soffice,
                "--headless",
                "--invisible",
                "--norestore",
                "--nologo",
                "--nodefault",
                f"-env:UserInstallation={(work / 'profile').as_uri()}",
                f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.desktop: Any = None
        self.functions: Any = None
        self.pipe = pipe
        self.kept: dict[str, Held] = {}

    def connect(self, seconds: float) -> None:
        """Wait until the office answers; TimeoutError if it ends or takes over `seconds`."""
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        address = f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext"
        end = time.monotonic() + seconds
        while True:
            try:
                context = resolver.resolve(address)
                break
            except Exception:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise TimeoutError("the office did not answer") from None
                time.sleep(0.1)
        self.desktop, self.functions = (
            context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", context)
            for name in ("frame.Desktop", "sheet.FunctionAccess")
        )

    def stop(self, code: int) -> None:
        """Close the office, by force where it does not go by itself; remove the work folder."""
        with self.stopping:
            threading.Thread(target=self._ask_to_go, daemon=True).start()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(8)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            for socket in self._sockets():
                socket.unlink(missing_ok=True)
            shutil.rmtree(self.work, ignore_errors=True)
            os._exit(code)

    def _sockets(self) -> list[Path]:
        """What an office that was killed leaves in the system's temporary folder.

        Source of the names: LibreOffice 7.4, sal/osl/unx/pipe.cxx, desktop/officeipcthread.cxx.
        """
        profile = (self.work / "profile").as_uri().encode("utf-16-le")
        digest = "".join(f"{byte:x}" for byte in hashlib.md5(profile).digest())
        names = (self.pipe, f"SingleOfficeIPC_{digest}")
        return [Path(f"/tmp/OSL_PIPE_{os.getuid()}_{name}") for name in names]

    def _ask_to_go(self) -> None:
        with contextlib.suppress(Exception):
            self.desktop.terminate()

    @contextlib.contextmanager
    def opened(self, path: str, **how: Any) -> Iterator[Any]:
        """A copy of the file, open: the office never touches, nor locks, the file itself."""
        self.copies += 1
        folder = self.work / f"copy{self.copies}"
        folder.mkdir()
        copy = Path(shutil.copy(path, folder))
        document = self.desktop.loadComponentFromURL(
            copy.as_uri(), "_blank", 0, properties(Hidden=True, **how)
        )
        if document is None or not hasattr(document, "Sheets"):
            raise RequestError(f"LibreOffice cannot open {path} as a spreadsheet")
        try:
            yield document
        finally:
            document.close(True)
            shutil.rmtree(folder, ignore_errors=True)

    def recalculate(self, path: str, content: str, changes: list[list[Any]]) -> dict[str, Any]:
        """Every cell of the file after the changes and a hard recalculation.

        content: tells files apart whose names are the same.
        """
        key = f"{content} {Path(path).name}"
        holder, document = self.kept.pop(key) if key in self.kept else self._held(path)
        before: list[Before] = []
        try:
            put(document, changes, before)
            document.calculateAll()
            return {sheet.Name: content_of(sheet, self.functions) for sheet in each_sheet(document)}
        finally:
            if put_back(before):
                document.setModified(False)
                self.kept[key] = holder, document
            else:
                holder.__exit__(None, None, None)
            if len(self.kept) > KEPT:
                oldest, _ = self.kept.pop(next(iter(self.kept)))
                oldest.__exit__(None, None, None)

    def _held(self, path: str) -> Held:
        """A copy of the file that stays open, and what closes it."""
        holder = self.opened(path)
        document = holder.__enter__()
        document.enableAutomaticCalculation(False)
        return holder, document

    def save_as(
        self, path: str, changes: list[list[Any]], target: str, filter_name: str
    ) -> dict[str, Any]:
        """Type the changes, then store the file anew in the filter's format."""
        with self.opened(path) as document:
            put(document, changes)
            store(document, target, filter_name)
        return {}

    def run_macros(
        self, path: str, calls: list[list[Any]], replaced: dict[str, str]
    ) -> dict[str, Any]:
        """The modules of the file's VBA project, and what procedures of it give.

        replaced: module -> the text that stands in for its own before anything runs.
        """
        # LibreOffice does not know add-ins by their ending.
        how = {"FilterName": "Calc MS Excel 2007 VBA XML"} if path.endswith(".xlam") else {}
        with self.opened(path, MacroExecutionMode=ALWAYS_RUN, **how) as document:
            project = document.BasicLibraries
            if not project.VBACompatibilityMode:
                raise RequestError(f"{path} holds no VBA project")
            library = project.getByName(project.ProjectName)
            modules = {name: library.getByName(name) for name in library.ElementNames}
            for name, text in replaced.items():
                library.replaceByName(name, text)
            provider = document.getScriptProvider()
            answers: list[Any] = []
            for module, procedure, given in calls:
                place = f"{project.ProjectName}.{module}.{procedure}"
                script = provider.getScript(
                    f"vnd.sun.star.script:{place}?language=Basic&location=document"
                )
                try:
                    answers.append(script.invoke(tuple(given), (), ())[0])
                except Exception as error:
                    # A UNO exception must not leave the block: Python cannot mark it with it.
                    trouble = f"{place}: {error}"
                    break
            else:
                trouble = ""
        if trouble:
            raise RequestError(trouble)
        return {"modules": modules, "answers": answers}

    def buttons(self, path: str) -> dict[str, Any]:
        """Every form button: its sheet, its label, and the script that a press runs."""
        with self.opened(path, MacroExecutionMode=ALWAYS_RUN) as document:
            found = []
            for sheet in each_sheet(document):
                forms = sheet.DrawPage.Forms
                for form in (forms.getByIndex(number) for number in range(forms.Count)):
                    for number in range(form.Count):
                        label = form.getByIndex(number).Label
                        for event in form.getScriptEvents(number):
                            found.append([sheet.Name, label, event.ScriptCode])
            return {"buttons": found}

    def sheet_pdfs(
        self,
        path: str,
        folder: str,
        only: str | None,
        area: str | None,
        screen: bool,
        tallest: int,
    ) -> dict[str, str]:
        """One PDF per visible sheet, each fitted to the width of its page: sheet -> file.

        screen: the page is as large as the sheet's used area (at most `tallest` 1/100 mm high),
        whatever is set up for printing; else landscape as printed, print areas and all.
        """
        with self.opened(path) as document:
            sheets = each_sheet(document)
            visible = [sheet for sheet in sheets if sheet.IsVisible]
            wanted = [sheet for sheet in visible if only in (None, sheet.Name)]
            if not wanted:
                names = ", ".join(sheet.Name for sheet in visible)
                raise RequestError(f"{path} has no visible sheet {only!r}; it has {names}")
            areas = {sheet.Name: sheet.getPrintAreas() for sheet in wanted}
            for sheet in sheets:
                sheet.setPrintAreas(())
            files = {}
            for number, sheet in enumerate(wanted, start=1):
                if screen:
                    set_up_as_screen(document, sheet, area, tallest)
                else:
                    set_up_as_print(document, sheet, area, areas[sheet.Name])
                files[sheet.Name] = str(Path(folder) / f"{number}.pdf")
                store(document, files[sheet.Name], "calc_pdf_Export")
                sheet.setPrintAreas(())
            return files


def properties(**values: Any) -> tuple[Any, ...]:
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def each_sheet(document: Any) -> list[Any]:
    return [document.Sheets.getByIndex(number) for number in range(document.Sheets.Count)]


def store(document: Any, target: str, filter_name: str) -> None:
    document.storeToURL(
        Path(target).absolute().as_uri(), properties(FilterName=filter_name, Overwrite=True)
    )


class Before:
    """What a cell held before something was typed into it."""

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        self.text, self.shown = cell.getString(), cell.NumberFormat
        self.held = self._holds()

    def _holds(self) -> tuple[str, str, float]:
        kind = self.cell.Type.value
        return kind, self.cell.getFormula(), self.cell.getValue() if kind == "VALUE" else 0.0

    def is_back(self) -> bool:
        """Puts it back; whether the cell holds the same again."""
        kind, formula, value = self.held
        if kind == "EMPTY":
            self.cell.clearContents(CONTENT)
        elif kind == "VALUE":
            self.cell.setValue(value)
        elif kind == "TEXT":
            self.cell.setString(self.text)
        else:
            self.cell.setFormula(formula)
        self.cell.NumberFormat = self.shown
        return self._holds() == self.held


def put_back(before: list[Before]) -> bool:
    """Whether every cell holds again what it held before."""
    try:
        return all(cell.is_back() for cell in reversed(before))
    except Exception:  # a part of an array, say: such a workbook is read anew
        return False


def put(document: Any, changes: list[list[Any]], before: list[Before] | None = None) -> None:
    """Type values into cells; a cell that a person could not type into is refused.

    before: gets what the cells held.
    """
    for name, address, value in changes:
        if not document.Sheets.hasByName(name):
            names = ", ".join(document.Sheets.ElementNames)
            raise RequestError(f"no sheet {name!r}; the sheets are {names}")
        sheet = document.Sheets.getByName(name)
        try:
            cell = sheet.getCellRangeByName(address).getCellByPosition(0, 0)
        except Exception:
            raise RequestError(f"{address!r} is no cell of sheet {name!r}") from None
        if sheet.isProtected() and cell.CellProtection.IsLocked:
            raise RequestError(f"{name}!{address} is locked: nobody can type there")
        if before is not None:
            before.append(Before(cell))
        if value is None:
            cell.clearContents(CONTENT)
        elif isinstance(value, bool):
            cell.setFormula("TRUE" if value else "FALSE")
        elif isinstance(value, (int, float)):
            cell.setValue(value)
        else:
            cell.setString(value)


def content_of(sheet: Any, functions: Any) -> dict[str, Any]:
    """A sheet's filled block, its formulas and its errors, positions counted from 0.

    Rows hold numbers, text and None; formulas are ranges [column, row, last column, last row];
    errors are [column, row, text].
    """
    filled = sheet.queryContentCells(CONTENT).RangeAddresses
    if not filled:
        return {"left": 0, "top": 0, "rows": [], "formulas": [], "errors": []}
    left = min(place.StartColumn for place in filled)
    top = min(place.StartRow for place in filled)
    right = max(place.EndColumn for place in filled)
    bottom = max(place.EndRow for place in filled)
    formulas = sheet.queryContentCells(FORMULA).RangeAddresses
    return {
        "left": left,
        "top": top,
        "rows": sheet.getCellRangeByPosition(left, top, right, bottom).getDataArray(),
        "formulas": [[p.StartColumn, p.StartRow, p.EndColumn, p.EndRow] for p in formulas],
        "errors": errors_of(sheet, functions),
    }


def errors_of(sheet: Any, functions: Any) -> list[list[Any]]:
    """Every error on a sheet, as [column, row, text].

    Nearly all are #N/A, and those are asked for at once: cell by cell takes a millisecond each.
    """
    places = sheet.queryFormulaCells(ERROR_RESULT).RangeAddresses
    if not places:
        return []
    left, top = min(p.StartColumn for p in places), min(p.StartRow for p in places)
    right, bottom = max(p.EndColumn for p in places), max(p.EndRow for p in places)
    block = sheet.getCellRangeByPosition(left, top, right, bottom)
    missing = functions.callFunction("ISNA", (block,))
    errors = []
    for place in places:
        for row in range(place.StartRow, place.EndRow + 1):
            for column in range(place.StartColumn, place.EndColumn + 1):
                if missing[row - top][column - left]:
                    text = "#N/A"
                else:
                    code = sheet.getCellByPosition(column, row).getError()
                    text = ERROR_TEXTS.get(code, f"Err:{code}")
                errors.append([column, row, text])
    return errors


def page_of(document: Any, sheet: Any) -> Any:
    return document.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)


def set_up_as_print(
    document: Any, sheet: Any, area: str | None, print_areas: tuple[Any, ...]
) -> None:
    """Landscape, one page wide; print areas and repeated rows are the file's own."""
    if area:
        print_areas = (sheet.getCellRangeByName(area).RangeAddress,)
    sheet.setPrintAreas(print_areas or (used_area(sheet).RangeAddress,))
    page = page_of(document, sheet)
    if not page.IsLandscape:
        page.IsLandscape, page.Width, page.Height = True, page.Height, page.Width
    page.ScaleToPagesX, page.ScaleToPagesY = 1, 0


def set_up_as_screen(document: Any, sheet: Any, area: str | None, tallest: int) -> None:
    """A page of the size of the sheet's used area, gridlines where the window shows them."""
    shown = sheet.getCellRangeByName(area) if area else used_area(sheet)
    sheet.setPrintAreas((shown.RangeAddress,))
    sheet.setPrintTitleRows(False)
    sheet.setPrintTitleColumns(False)
    margin = 300
    page = page_of(document, sheet)
    page.HeaderIsOn = page.FooterIsOn = False
    page.LeftMargin = page.RightMargin = page.TopMargin = page.BottomMargin = margin
    page.CenterHorizontally = page.CenterVertically = False
    # A window has a width of its own: narrow sheets are not blown up to it.
    width = shown.Size.Width if area else max(shown.Size.Width, WINDOW_WIDTH)
    height = min(shown.Size.Height, tallest)
    page.IsLandscape = width > height
    page.Width, page.Height = width + 2 * margin + 100, height + 2 * margin + 100
    page.PrintGrid = shows_gridlines(document, sheet)
    page.PrintCharts = page.PrintObjects = page.PrintDrawing = True
    page.ScaleToPagesX, page.ScaleToPagesY = 1, 0
    for number in range(sheet.DrawPage.Count):
        shape = sheet.DrawPage.getByIndex(number)
        if hasattr(shape, "Control") and shape.Control is not None:
            shape.Control.Printable = True  # buttons do not print; a window shows them


def shows_gridlines(document: Any, sheet: Any) -> bool:
    view = {item.Name: item.Value for item in document.getViewData().getByIndex(0)}
    shown = {item.Name: item.Value for item in view["Tables"].getByName(sheet.Name)}
    return bool(shown["ShowGrid"])


def used_area(sheet: Any) -> Any:
    """The block from A1 to the last filled cell or the far corner of the last drawing."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    column, row = cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow
    page = sheet.DrawPage
    for number in range(page.Count):
        shape = page.getByIndex(number)
        right = shape.Position.X + shape.Size.Width
        bottom = shape.Position.Y + shape.Size.Height
        while right > sheet.getCellByPosition(column + 1, 0).Position.X:
            column += 1
        while bottom > sheet.getCellByPosition(0, row + 1).Position.Y:
            row += 1
    return sheet.getCellRangeByPosition(0, 0, column, row)


def listen(server: Server, requests: queue.SimpleQueue[str]) -> None:
    """Pass requests on; the end of input means that nobody waits for answers any more."""
    for line in sys.stdin:
        requests.put(line)
    server.stop(0)


def answer(server: Server, line: str) -> dict[str, Any]:
    request = json.loads(line)
    operation = getattr(server, request.pop("do"))
    try:
        return {"result": operation(**request)}
    except RequestError as error:
        return {"error": str(error)}
    except DisposedException:
        raise
    except Exception:
        return {"error": traceback.format_exc()}


def main() -> None:
    server = Server(sys.argv[1], Path(sys.argv[2]))
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(server, requests), daemon=True).start()
    try:
        server.connect(90)
        print(json.dumps({"result": {"office": server.process.pid}}), flush=True)
        while True:
            print(json.dumps(answer(server, requests.get())), flush=True)
    except Exception:
        traceback.print_exc()
        server.stop(1)


if __name__ == "__main__":
    main()
