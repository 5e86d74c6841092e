"""A Calc as a person has it: with the extension, on a screen that nobody sees, with a mouse.

`Screen` is an X server in memory; its pictures are what a person would see. `LiveCalc` is the
product's own way to Calc, with windows and with macros. Linux only: elsewhere a person looks.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from accountplan.addin.calc.extension import build_extension
from accountplan.addin.hosts.calc_program import Calc

from .needs import XDOTOOL, XVFB, MissingToolError

SIZE = (1440, 900)
SECONDS = 60.0


class Screen:
    """A screen in memory; use it in a ``with``."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._before = os.environ.get("DISPLAY")

    def __enter__(self) -> Screen:
        program = shutil.which("Xvfb")
        if program is None:
            raise MissingToolError(XVFB)
        self._folder = Path(tempfile.mkdtemp(prefix="accountplan-screen-"))
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        where = ["-screen", "0", size, "-fbdir", str(self._folder), "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(
            [program, "-displayfd", "1", *where],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._server.stdout is not None
        self.display = f":{self._server.stdout.readline().decode().strip()}"
        os.environ["DISPLAY"] = self.display
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is None:
            os.environ.pop("DISPLAY", None)
        else:
            os.environ["DISPLAY"] = self._before
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
            assert self._server.stdout is not None
            self._server.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def click(self, place: list[int], *, times: int = 1) -> None:
        """Clicks the middle of a place: left, top, width, height."""
        left, top, width, height = place
        self._do("mousemove", str(left + width // 2), str(top + height // 2))
        self._do("click", "--repeat", str(times), "--delay", "60", "1")

    def type(self, text: str) -> None:
        """Types a text."""
        self._do("type", "--delay", "15", text)

    def press(self, *keys: str) -> None:
        """Presses keys, such as Return or ctrl+Home."""
        for key in keys:
            self._do("key", key)

    def picture(self, path: Path) -> Path:
        """What is on screen, as a PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_png((self._folder / "Xvfb_screen0").read_bytes()))
        return path

    def _do(self, *order: str) -> None:
        program = shutil.which("xdotool")
        if program is None:
            raise MissingToolError(XDOTOOL)
        subprocess.run([program, *order], check=True, env=os.environ | {"DISPLAY": self.display})


class LiveCalc(Calc):
    """A Calc with windows, the extension, and macros that run; headless with ``screen=False``.

    Args:
        extension: the file, added as the extension manager does; None: `install` is called.
        screen: whether it has windows.
    """

    _script = Path(__file__).with_name("_live_server.py")

    def __init__(self, extension: Path | None, *, screen: bool) -> None:
        self._options = () if screen else Calc._options
        super().__init__()
        if extension is not None:
            self._office = self.ask("add_extension", path=str(extension))

    def profile(self) -> tuple[str, str]:
        """What tells LibreOffice's programs to keep to this office's own folder."""
        assert self._folder is not None
        user, shared = self._folder / "profile", self._folder / "shared"
        return (
            f"-env:UserInstallation={user.as_uri()}",
            f"-env:UNO_SHARED_PACKAGES_CACHE={shared.as_uri()}",
        )

    def between(self, task: Callable[[], Any]) -> None:
        """Does something while the office is closed, and starts it again."""
        self.ask("leave")
        task()
        self._office = self.ask("come_back", options=list(self.profile()))

    def open_live(self, path: Path) -> int:
        """Opens a copy of a file for a person; gives the number to ask by."""
        copy = shutil.copy(path, self._work_folder())
        number: int = self.ask("open_live", path=str(copy))
        return number


def extension_for(folder: Path) -> Path:
    """The extension, built for this Python."""
    path = folder / "accountplan.oxt"
    build_extension(path)
    return path


def eventually(is_so: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What a question gives as soon as it is true; else what it gives in the end."""
    end = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _png(dump: bytes) -> bytes:
    """A picture out of a window dump of X. Source: XWDFile.h, version 7; PNG, third edition."""
    header = struct.unpack(">25I", dump[:100])
    start = header[0] + header[19] * 12
    width, height, bytes_per_line, is_big = header[4], header[5], header[12], header[7]
    red, green, blue = (1, 2, 3) if is_big else (2, 1, 0)
    rows = bytearray()
    for row in range(height):
        line = dump[start + row * bytes_per_line :][: 4 * width]
        colours = bytearray(3 * width)
        colours[0::3], colours[1::3], colours[2::3] = line[red::4], line[green::4], line[blue::4]
        rows += b"\0" + colours
    size = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, held) for kind, held in parts)


def _chunk(kind: bytes, held: bytes) -> bytes:
    return struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))
