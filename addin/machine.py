"""The computer, as far as the add-in's installer and the doctor ask about it.

Nothing else there looks at the system, the registry, preferences or versions,
so that all of it can be tried on any computer with planted answers.
"""

import contextlib
import os
import platform
import plistlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

WINDOWS: Final = "Windows"
MAC: Final = "Darwin"
MARK_STREAM: Final = ":Zone.Identifier"
QUARANTINE: Final = "com.apple.quarantine"
OFFICE_NAMES: Final = (
    "soffice",
    "libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)
"""What LibreOffice's program is called, on the path or in full."""


@dataclass(frozen=True)
class Machine:
    """The computer this runs on.

    Attributes:
        system: Windows, Darwin (a Mac) or another, such as Linux.
        home: the user's folder.
        environment: the environment variables.
        interpreter: the Python that runs this.
        python: its version.
    """

    system: str
    home: Path
    environment: Mapping[str, str]
    interpreter: Path
    python: tuple[int, int, int]

    def version_of(self, package: str) -> str | None:
        """The version of an installed Python package; None where there is none."""
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return None

    def needs_of(self, package: str) -> tuple[str, ...]:
        """The requirements of an installed package, as its metadata states them."""
        return tuple(metadata.requires(package) or ())

    def registry_value(self, key: str, name: str) -> str | int | None:
        r"""A value of Windows' registry, such as of ``HKCU\Software\...``; None without."""
        if sys.platform != "win32":
            return None
        import winreg

        hive, _, path = key.partition("\\")
        root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive]
        try:
            with winreg.OpenKey(root, path) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return None
        return value if isinstance(value, str | int) else None

    def registry_keys(self, key: str) -> tuple[str, ...]:
        """The names of the keys right below one of Windows' registry."""
        if sys.platform != "win32":
            return ()
        import winreg

        hive, _, path = key.partition("\\")
        root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive]
        try:
            with winreg.OpenKey(root, path) as opened:
                return tuple(
                    winreg.EnumKey(opened, at) for at in range(winreg.QueryInfoKey(opened)[0])
                )
        except OSError:
            return ()

    def preferences(self, domain: str) -> Mapping[str, object]:
        """A Mac's preferences of one domain; what the organisation has set goes first."""
        managed = Path("/Library/Managed Preferences")
        own = self.home / "Library" / "Preferences"
        found: dict[str, object] = {}
        for folder in (own, managed, managed / self.home.name):
            with contextlib.suppress(OSError, ValueError, plistlib.InvalidFileException):
                found |= plistlib.loads((folder / f"{domain}.plist").read_bytes())
        return found

    def mark_of(self, path: Path) -> str | None:
        """What the system has noted of a file that came from elsewhere; None without a note."""
        if self.system == WINDOWS:
            try:
                return Path(f"{path}{MARK_STREAM}").read_text(encoding="utf-8", errors="replace")
            except OSError:
                return None
        if self.system == MAC:
            return self.said_by("/usr/bin/xattr", "-p", QUARANTINE, str(path))
        return None

    def program(self, name: str) -> Path | None:
        """A program on the path, or at a full path."""
        found = shutil.which(name)
        return Path(found) if found else None

    def said_by(self, *command: str) -> str | None:
        """What a command prints; None where it fails or takes longer than 20 seconds."""
        try:
            ran = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=20, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return ran.stdout.strip()

    def expanded(self, text: str) -> str:
        """A path of a configuration, its %VARIABLES% or $HOME filled in as xlwings does."""
        if self.system != WINDOWS:
            return re.sub(r"^\$HOME(?=/|$)", lambda _: str(self.home), text)
        known = {name.casefold(): value for name, value in self.environment.items()}
        return re.sub(r"%([^%]+)%", lambda found: known.get(found[1].casefold(), found[0]), text)


def this_machine() -> Machine:
    """The computer that this runs on."""
    return Machine(
        platform.system(),
        Path.home(),
        dict(os.environ),
        Path(sys.executable),
        (sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
    )
