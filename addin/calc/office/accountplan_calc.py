"""What runs inside LibreOffice Calc: it hands button presses and questions on to Python.

The office loads this as a part of the extension, in its own Python. When a workbook of Account
Plan opens, functions of its VBA are exchanged for ours, in memory only. They call `execute`
here, which runs the macro in the product's own Python, a process that is started once and
serves until the office ends. Meanwhile this side answers its questions about the workbook
(`calc_office`), within one step of undo: when Python fails, or is killed, the step is taken
back, and the user reads one line.

Source: the LibreOffice 7 API, com.sun.star.task.XJob; the extension's Jobs.xcu.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import unohelper
from com.sun.star.awt.MessageBoxType import INFOBOX
from com.sun.star.lang import DisposedException, XServiceInfo
from com.sun.star.task import XJob
from com.sun.star.util import CloseVetoException, XCloseListener

if TYPE_CHECKING:
    from ...hosts.calc_office import ERRORS, Desk, Document, area_of
else:
    from calc_office import ERRORS, Desk, Document, area_of

SERVICE = "org.accountplan.Calc"
MODULE = "AccountPlanPython"
FUNCTIONS = "AccountPlanFunctions"
TITLE = "Account Plan"
HERE = Path(__file__).resolve().parent
CHILD = "accountplan.addin.hosts.calc_press"
VALUE_ERROR = "#VALUE!"
NOT_A_NUMBER = 0x7FF8000000000000
ERROR_CODES = {text: code for code, text in ERRORS.items()}
NO_PYTHON = (
    "The Python of Account Plan is no longer where it was. Run 'accountplan addin install --calc' "
    "in a terminal, then start Calc and press the button again."
)
NO_PRODUCT = (
    "Account Plan is no longer in the Python that Calc starts. Install it there, or run "
    "'accountplan addin install --calc' where it is; then start Calc and press the button again."
)
ENDED = "Python ended in the middle; the workbook is as it was. Press the button again."
_MUST = re.compile(r"(?<!Optional )ByVal")
_FUNCTION = re.compile(
    r"^[ \t]*Public Function (?P<name>\w+)\(.*?^[ \t]*End Function[^\n]*",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


class EndedError(Exception):
    """Python has ended before it was done."""


class NeverBegunError(EndedError):
    """Python has ended before it said anything."""


class Python:
    """The product's Python, which answers for as long as this office runs."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._has_spoken = False

    def tell(self, told: dict[str, Any], desk: Desk) -> dict[str, Any]:
        """Tells it what to do, answers its questions meanwhile, and gives what came of it.

        Raises:
            OSError: there is no such Python.
            NeverBegunError: it has ended at once, as where the product is not installed.
            EndedError: it has ended before it was done.
        """
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()
            while True:
                line = process.stdout.readline()
                if not line:
                    raise EndedError
                said: dict[str, Any] = json.loads(line)
                self._has_spoken = True
                if "do" not in said:
                    return said
                process.stdin.write(desk.answer(line))
                process.stdin.flush()
        except (OSError, ValueError, EndedError):
            raise (EndedError if self._has_spoken else NeverBegunError) from None
        finally:
            if process.poll() is not None:
                self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._has_spoken = False
        command = json.loads((HERE / "python.json").read_text(encoding="utf-8"))
        hidden = {"creationflags": 0x08000000} if os.name == "nt" else {}  # CREATE_NO_WINDOW
        self._process = subprocess.Popen(
            [*command, "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=own_environment(),
            **hidden,  # type: ignore[call-overload]
        )
        return self._process


PYTHON = Python()


class Calc(unohelper.Base, XJob, XServiceInfo):  # type: ignore[misc]
    """The service that Calc's events and the exchanged functions call."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def execute(self, arguments: Any) -> Any:
        """Adopts a workbook that was opened, runs a macro, or asks a function."""
        given = {each.Name: each.Value for each in arguments}
        try:
            if "Environment" in given:
                event = {each.Name: each.Value for each in given["Environment"]}
                adopt(event.get("Model"))
                return None
            if "Command" in given:
                return self._press(given["Workbook"], given["Command"])
            return asked(Document(given["Workbook"]), given["Function"], given["Arguments"])
        except Exception:
            traceback.print_exc(file=sys.stderr)
            raise

    def _press(self, model: Any, command: str) -> str:
        """Runs a macro on a workbook; gives "", or one line that says why it could not."""
        with StaysOpen(model):
            return self._pressed(model, command)

    def _pressed(self, model: Any, command: str) -> str:
        document, desk = Document(model), Desk()
        desk.documents[1] = document
        document.begin(TITLE)
        done = False
        try:
            said = PYTHON.tell({"run": command, "document": 1}, desk)
            done = "trouble" not in said
        except OSError:
            said = {"trouble": NO_PYTHON}
        except NeverBegunError:
            said = {"trouble": NO_PRODUCT}
        except EndedError:
            said = {"trouble": ENDED}
        finally:
            with suppress(DisposedException):
                document.status("")
                document.end(done)
        if done and said.get("message"):
            self._show(model, str(said["message"]))
        return str(said.get("trouble", ""))

    def _show(self, model: Any, text: str) -> None:
        toolkit = self.context.ServiceManager.createInstanceWithContext(
            "com.sun.star.awt.Toolkit", self.context
        )
        window = model.CurrentController.Frame.ContainerWindow
        toolkit.createMessageBox(window, INFOBOX, 1, TITLE, text).execute()

    # --- What UNO asks of a service -------------------------------------------

    def getImplementationName(self) -> str:  # noqa: N802
        """The service's name."""
        return SERVICE

    def supportsService(self, name: str) -> bool:  # noqa: N802
        """Whether this is that service."""
        return name == SERVICE

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802
        """The service's names."""
        return (SERVICE,)


class StaysOpen(unohelper.Base, XCloseListener):  # type: ignore[misc]
    """While its macro runs, a workbook is not closed: Calc 7.4 would crash.

    Args:
        model: the workbook.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __enter__(self) -> None:
        self._model.addCloseListener(self)

    def __exit__(self, *_: object) -> None:
        with suppress(DisposedException):
            self._model.removeCloseListener(self)

    def queryClosing(self, _: Any, __: bool) -> None:  # noqa: N802
        """Says no."""
        raise CloseVetoException("Account Plan is at work on this workbook.", self._model)

    def notifyClosing(self, _: Any) -> None:  # noqa: N802
        """Does not come to this."""

    def disposing(self, _: Any) -> None:
        """Does not come to this."""


def adopt(model: Any) -> None:
    """Exchanges functions of a workbook's VBA for ours; the file is not changed by it.

    The two that reach Python call us, and worksheet functions can be called with too little.
    """
    libraries = getattr(model, "BasicLibraries", None)
    if libraries is None or not getattr(libraries, "VBACompatibilityMode", False):
        return
    library = libraries.getByName(libraries.ProjectName)
    if not library.hasByName(MODULE):
        return
    was = model.isModified()
    ours = {each["name"]: each[0] for each in _FUNCTION.finditer(_our_functions())}
    text = library.getByName(MODULE)
    _exchange(library, MODULE, _FUNCTION.sub(lambda each: ours.get(each["name"], each[0]), text))
    if library.hasByName(FUNCTIONS):
        # Where an argument lacks Excel does not take the formula; Calc calls the function, which
        # would end without an answer.
        text = library.getByName(FUNCTIONS)
        _exchange(library, FUNCTIONS, _MUST.sub("Optional ByVal", text))
    model.setModified(was)


def _exchange(library: Any, module: str, text: str) -> None:
    if text != library.getByName(module):
        library.replaceByName(module, text)


def asked(document: Document, function: str, arguments: Any) -> Any:
    """What a worksheet function answers, as cells; errors are their names."""
    try:
        cells = [cells_of(document, each) for each in arguments]
        said = PYTHON.tell({"function": function, "arguments": cells}, Desk())
    except (EndedError, OSError):
        return shown_by_cell(VALUE_ERROR)
    answer = said["answer"]
    if isinstance(answer, list):
        return tuple(tuple(map(shown_by_cell, line)) for line in answer)
    return shown_by_cell(answer)


def shown_by_cell(value: Any) -> Any:
    """A value as Calc takes it from Basic: an error is a number of a kind that is none.

    Basic's own errors arrive in cells as texts. Source: LibreOffice,
    include/formula/errorcodes.hxx, CreateDoubleError.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value in ERROR_CODES:
        return struct.unpack("<d", struct.pack("<Q", NOT_A_NUMBER | ERROR_CODES[value]))[0]
    return value


def cells_of(document: Document, argument: Any) -> Any:
    """An argument of a function: a range with what stands in it, rows of cells, or a cell."""
    if hasattr(argument, "RangeAddress"):
        sheet, area = argument.Spreadsheet.Name, area_of(argument)
        used = document.used(sheet)
        area[2], area[3] = max(area[0], min(area[2], used[2])), max(area[1], min(area[3], used[3]))
        zero = document.zero()
        return {"held": document.read(sheet, area), "area": area, "zero": zero}
    if isinstance(argument, tuple):
        lines = argument if argument and isinstance(argument[0], tuple) else (argument,)
        return [list(line) for line in lines]
    return argument


def own_environment() -> dict[str, str]:
    """The user's environment without what the office set for its own Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _our_functions() -> str:
    return (HERE / f"{MODULE}.bas").read_text(encoding="ascii")


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
g_ImplementationHelper.addImplementation(Calc, SERVICE, (SERVICE,))
