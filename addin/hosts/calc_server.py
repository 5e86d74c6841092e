"""Opens workbooks in a LibreOffice Calc of its own, or in one that runs, for `hosts/calc.py`.

Run as a script by a Python that can `import uno`; uses the standard library alone. It reads
one question per line on standard input and answers each with one line (`calc_office.Desk`).
When standard input ends, nobody needs it any more: it closes the office that it started and
removes its folder.

    calc_server.py start PROGRAM FOLDER [OPTION ...]    an office, its profile in this folder
    calc_server.py attach ADDRESS                       one that listens, such as pipe,name=calc

Source: the LibreOffice 7 API, com.sun.star.frame.Desktop; LibreOffice 7.4,
sal/osl/unx/pipe.cxx and desktop/officeipcthread.cxx for the names of sockets.
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
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import uno

if TYPE_CHECKING:
    from .calc_office import Desk, Document, properties
else:
    # Run as a script: what lies beside it is on the path, the product is not.
    from calc_office import Desk, Document, properties

START_SECONDS = 90
NO_MACROS = 0  # com.sun.star.document.MacroExecMode

# A fixed locale, so that values read the same on every machine.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>en-US</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse">
<value>false</value></prop><prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value>
</prop></item>
</oor:items>
"""


class Server(Desk):
    """One office and the workbooks that are open in it."""

    def __init__(self) -> None:
        super().__init__()
        self.process: subprocess.Popen[bytes] | None = None
        self.folder: Path | None = None
        self.context: Any = None
        self.desktop: Any = None
        self.functions: Any = None
        self._command: list[str] = []
        self._sockets: list[Path] = []
        self._stopping = threading.Lock()

    # --- The office -----------------------------------------------------------

    def start(self, program: str, folder: str, *options: str) -> None:
        """Starts an office that nobody else uses, its profile in this folder."""
        self.folder = Path(folder)
        self._command = [program, "--norestore", "--nologo", "--nodefault", *options]
        user = self._profile() / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
        self.launch()

    def launch(self) -> None:
        """Starts the office on its profile, and connects to it."""
        pipe = f"accountplan{os.getpid()}"
        self._sockets = sockets(pipe, self._profile())
        options = {"start_new_session": True} if os.name == "posix" else {}
        self.process = subprocess.Popen(
            [
                *self._command,
                f"-env:UserInstallation={self._profile().as_uri()}",
                f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **options,  # type: ignore[call-overload]
        )
        assert self.folder is not None
        (self.folder / "office").write_text(str(self.process.pid), encoding="ascii")
        self.attach(f"pipe,name={pipe}")

    def _profile(self) -> Path:
        assert self.folder is not None
        return self.folder / "profile"

    def attach(self, address: str) -> None:
        """Connects to an office that listens there."""
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        end = time.monotonic() + (START_SECONDS if self.process else 0)
        while True:
            try:
                context = resolver.resolve(f"uno:{address};urp;StarOffice.ComponentContext")
                break
            except Exception:
                ended = self.process is not None and self.process.poll() is not None
                if ended or time.monotonic() > end:
                    raise TimeoutError("the office did not answer") from None
                time.sleep(0.05)
        self.context = context
        self.desktop, self.functions = (
            context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", context)
            for name in ("frame.Desktop", "sheet.FunctionAccess")
        )

    def stop(self, code: int) -> NoReturn:
        """Closes the office that was started here, by force where it does not go by itself."""
        with self._stopping:
            if self.process is not None:
                threading.Thread(target=self._ask_to_go, daemon=True).start()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(8)
                kill_group(self.process)
                for socket in self._sockets:
                    with contextlib.suppress(OSError):
                        socket.unlink()
            if self.folder is not None:
                shutil.rmtree(self.folder, ignore_errors=True)
            # Python's own way out would wait for UNO, and may crash there.
            os._exit(code)

    def _ask_to_go(self) -> None:
        with contextlib.suppress(Exception):
            self.desktop.terminate()

    # --- Questions ------------------------------------------------------------

    def do(self, what: str, document: int = 0, **arguments: Any) -> Any:
        """Answers for the office itself, or lets a document do something."""
        if what in ("open_file", "take"):
            return getattr(self, what)(**arguments)
        answer = super().do(what, document, **arguments)
        if what == "close":
            del self.documents[document]
        return answer

    def open_file(self, path: str) -> int | None:
        """Opens a file, without its macros; None where it is no spreadsheet.

        With a window, which nobody sees in a headless office: without one Calc 7.4 crashes when a
        copied sheet is undone.
        """
        model = self.desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(path),
            "_blank",
            0,
            properties(MacroExecutionMode=NO_MACROS),
        )
        return self._laid(model)

    def take(self, path: str) -> int | None:
        """Takes a workbook that is open already; None where it is not."""
        found = self.desktop.Components.createEnumeration()
        while found.hasMoreElements():
            model = found.nextElement()
            url = getattr(model, "URL", "")
            if url and same_file(uno.fileUrlToSystemPath(url), path):
                return self._laid(model)
        return None

    def _laid(self, model: Any) -> int | None:
        if model is None or not hasattr(model, "Sheets"):
            if model is not None:
                model.close(True)
            return None
        number = max(self.documents, default=0) + 1
        self.documents[number] = Document(model, self.functions)
        return number


def sockets(pipe: str, profile: Path) -> list[Path]:
    """What an office that was killed leaves in the system's temporary folder."""
    if os.name != "posix":
        return []
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le")).digest()
    names = (pipe, "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest))
    return [Path(f"/tmp/OSL_PIPE_{os.getuid()}_{name}") for name in names]


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and those that it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def same_file(one: str, other: str) -> bool:
    """Whether two paths lead to the same file."""
    with contextlib.suppress(OSError):
        return Path(one).samefile(other)
    return False


def listen(server: Server, questions: queue.SimpleQueue[bytes]) -> None:
    """Passes questions on; the end of input means that nobody waits for answers any more."""
    for line in sys.stdin.buffer:
        questions.put(line)
    server.stop(0)


def main(server: Server) -> None:
    """Answers questions until there are none."""
    output = sys.stdout.buffer
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(server, questions), daemon=True).start()
    try:
        what, *arguments = sys.argv[1:]
        (server.start if what == "start" else server.attach)(*arguments)
        office = server.process.pid if server.process else None
        output.write(json.dumps({"result": {"office": office}}).encode() + b"\n")
        while True:
            output.flush()
            output.write(server.answer(questions.get()))
    except Exception as trouble:
        output.write(json.dumps({"kind": "closed", "error": str(trouble)}).encode() + b"\n")
        output.flush()
        server.stop(1)


if __name__ == "__main__":
    main(Server())
