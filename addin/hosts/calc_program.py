"""LibreOffice Calc as a program: where it is, how it is started, and how it is gone again.

A headless office with a profile of its own serves workbooks to `hosts/calc.py`. Python reaches
it by way of `calc_server.py`, which the office's own Python runs (or the system's, where a
distribution keeps `uno` there), so that this Python need not be able to `import uno`.

Whoever is killed, nothing stays: the server ends its office when this process is gone; when the
server is killed, this process ends the office; when both are, the next start finds their
folder and clears up.
"""

import atexit
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from ...udfs.errors import WorkbookError
from .calc import CalcError, CalcWorkbook, told

START_SECONDS: Final = 120.0
ANSWER_SECONDS: Final = 180.0
_FOLDER: Final = "accountplan-calc-"
_PROGRAMS: Final = (
    "soffice",
    "libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
INSTALL: Final = (
    "install LibreOffice (libreoffice.org; on Debian and Ubuntu: sudo apt-get install "
    "libreoffice-calc python3-uno)"
)


def find_program() -> Path:
    """LibreOffice's program.

    Raises:
        CalcError: there is none.
    """
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise CalcError(f"LibreOffice is not on this machine; {INSTALL}, or leave out --host calc.")


def pythons(program: Path) -> Iterator[str]:
    """Pythons that may know `uno`: the office's own ones first."""
    folder = program.resolve().parent
    for path in (
        folder / "python.exe",
        folder / "python",
        folder.parent / "Resources" / "python",
        Path("/usr/bin/python3"),
        Path(sys.executable),
    ):
        if path.exists():
            yield str(path)


class Calc:
    """An office that serves workbooks; use it in a ``with``, or call ``close``.

    Args:
        address: of a running office that listens, such as ``pipe,name=calc``;
            without one, a headless office is started.

    Raises:
        CalcError: there is no LibreOffice, no Python for it, or nobody listens.
    """

    _script = Path(__file__).with_name("calc_server.py")
    _options: tuple[str, ...] = ("--headless", "--invisible")

    def __init__(self, address: str = "") -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._office: int | None = None
        self._folder: Path | None = None
        self._copies = 0
        if not address:
            clear_up()
        atexit.register(self.close)
        program = find_program()
        for python in pythons(program):
            if self._start(python, program, address):
                return
        self.close()
        raise CalcError(f"{program}: has no Python that can speak to it (python3-uno); {INSTALL}.")

    def __enter__(self) -> "Calc":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- Workbooks ------------------------------------------------------------

    def open(self, path: Path) -> CalcWorkbook:
        """The door to a copy of a file; the file itself is neither changed nor locked.

        Raises:
            WorkbookError: Calc cannot open it.
            NotOursError: it is no workbook of this product.
        """
        from .package import refuse

        refuse(path)
        folder = self._work_folder()
        copy = Path(shutil.copy(path, folder))
        number = self.ask("open_file", path=str(copy))
        if number is None:
            raise WorkbookError(f"{path}: LibreOffice cannot open it as a workbook.")
        return CalcWorkbook(self.ask, number, str(path))

    def take(self, path: Path) -> CalcWorkbook:
        """The door to a workbook that is open in Calc.

        Raises:
            WorkbookError: it is not.
        """
        number = self.ask("take", path=str(path.absolute()))
        if number is None:
            raise WorkbookError(f"{path}: is not open in this Calc; open it, and run this again.")
        return CalcWorkbook(self.ask, number, str(path))

    def ask(self, do: str, **arguments: Any) -> Any:
        """One question to the office.

        Raises:
            CalcError: it is gone, or gives no answer.
            WorkbookError: Calc does not take what it is asked to do.
        """
        if self._server is None or self._server.stdin is None:
            raise CalcError("LibreOffice has ended; run this again.")
        try:
            self._server.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
            self._server.stdin.flush()
        except OSError:
            self.close()
            raise CalcError("LibreOffice has ended; run this again.") from None
        return self._answer(ANSWER_SECONDS)

    # --- The end --------------------------------------------------------------

    def close(self) -> None:
        """Ends the office that was started, and removes its folder."""
        server, self._server = self._server, None
        if server is not None:
            if server.stdin is not None:
                with contextlib.suppress(OSError):
                    server.stdin.close()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            if server.stdout is not None:
                server.stdout.close()
        if self._office is not None:
            end_group(self._office)
            self._office = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        atexit.unregister(self.close)

    # --- How ------------------------------------------------------------------

    def _start(self, python: str, program: Path, address: str) -> bool:
        """Starts the server; False where this Python does not know `uno`."""
        self._folder = folder = Path(tempfile.mkdtemp(prefix=_FOLDER))
        (folder / "owner").write_text(str(os.getpid()), encoding="ascii")
        start = ["start", str(program), str(folder), *self._options]
        self._server = subprocess.Popen(
            [python, str(self._script), *(["attach", address] if address else start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(folder),
            # A session of its own: Ctrl-C reaches this process, which then closes the office.
            start_new_session=True,
        )
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        reader = threading.Thread(
            target=_read_lines, args=(self._server.stdout, self._answers), daemon=True
        )
        reader.start()
        first = self._line(START_SECONDS)
        if not first:
            self._server.wait()
            shutil.rmtree(folder, ignore_errors=True)
            return False
        self._office = told(first)["office"]
        return True

    def _work_folder(self) -> Path:
        assert self._folder is not None
        self._copies += 1
        folder = self._folder / f"copy{self._copies}"
        folder.mkdir()
        return folder

    def _line(self, seconds: float) -> bytes:
        """The next line of the server; empty where it has ended or is silent too long."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return b""

    def _answer(self, seconds: float) -> Any:
        line = self._line(seconds)
        if not line:
            self.close()
            raise CalcError("LibreOffice has ended, or does not answer; run this again.")
        return told(line)


def clear_up() -> None:
    """Ends offices, and removes folders, whose owner was killed together with its server."""
    for folder in Path(tempfile.gettempdir()).glob(_FOLDER + "*"):
        with contextlib.suppress(OSError, ValueError):
            owner = int((folder / "owner").read_text(encoding="ascii"))
            if not _is_alive(owner):
                with contextlib.suppress(OSError, ValueError):
                    office = int((folder / "office").read_text(encoding="ascii"))
                    if str(folder) in _command(office):
                        end_group(office)
                shutil.rmtree(folder, ignore_errors=True)


def end_group(leader: int) -> None:
    """Ends a process that we started, and those that it started."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(leader, signal.SIGKILL)
        else:
            os.kill(leader, signal.SIGTERM)


def _is_alive(process: int) -> bool:
    try:
        if os.name == "posix":
            os.kill(process, 0)
        else:
            return str(process) in _said(["tasklist", "/FI", f"PID eq {process}", "/NH"])
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command(process: int) -> str:
    """The command line of a process; empty where there is none, or it cannot be known."""
    return _said(["ps", "-ww", "-o", "args=", "-p", str(process)]) if os.name == "posix" else ""


def _said(command: list[str]) -> str:
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return ""


def _environment(folder: Path) -> dict[str, str]:
    """For another Python: nothing of this one's, and a home that goes with the folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    home = {"HOME": str(folder), "TMPDIR": str(folder)}
    home |= {f"XDG_{kind}_HOME": str(folder) for kind in ("CACHE", "CONFIG", "DATA")}
    return kept | home


def _read_lines(stream: IO[bytes], lines: "queue.SimpleQueue[bytes]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(b"")
