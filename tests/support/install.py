"""Is everything here that the tests need from outside Python? If not: install it, or say how.

`python -m tests.support.install` installs through apt-get (as root, or where sudo asks for no
password) and npm; elsewhere, as on macOS, it stops with the line that a person would type.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import browser, office, validator
from .needs import (
    APT,
    CHROMIUM,
    FONTS,
    HERE,
    LIBREOFFICE,
    NPM,
    NPM_INSTALL,
    PDFTOPPM,
    UNO,
    WINDOWS,
    XDOTOOL,
    XVFB,
    MissingToolError,
)


def missing_tools() -> list[str]:
    """The tools that are not on this machine, in the order of installation."""
    missing = []
    finders = (
        (LIBREOFFICE, office.soffice_program),
        (UNO, office.uno_python),
        (CHROMIUM, browser.program),
    )
    for tool, find in finders:
        try:
            find()
        except MissingToolError:
            missing.append(tool)
    tools = [PDFTOPPM, NPM]
    if sys.platform != "darwin":
        tools += [XVFB, XDOTOOL]
        missing += [] if LIBREOFFICE in missing or _has_windows() else [WINDOWS]
        missing += [] if _has_fonts() else [FONTS]
    return missing + [tool for tool in tools if not shutil.which(tool.split()[0])]


def install() -> None:
    """Install what lacks; MissingToolError with the line that would, where this may not."""
    missing = missing_tools()
    if missing:
        _apt_get_install(missing)
        still = missing_tools()
        if still:
            raise MissingToolError(*still)
    try:
        validator.program()
    except MissingToolError:
        subprocess.run(NPM_INSTALL.split(), cwd=HERE.parents[1], check=False)
        validator.program()


def _has_windows() -> bool:
    """Whether LibreOffice can open windows; servers have one that cannot."""
    program = Path(office.soffice_program()).resolve().parent
    return any(program.glob("libvclplug_*lo.so"))


def _has_fonts() -> bool:
    return all(
        any(Path("/usr/share/fonts").rglob(f"{name}-Regular.ttf"))
        for name in ("Carlito", "LiberationSans")
    )


def _apt_get_install(tools: list[str]) -> None:
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        raise MissingToolError(*tools)
    command = [apt_get]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        # -n: a password prompt in the middle of a test run would only hang it.
        if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True).returncode:
            raise MissingToolError(*tools)
        command = [sudo, "-n", "env", "DEBIAN_FRONTEND=noninteractive", apt_get]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    packages = [package for tool in tools for package in APT[tool].split()]
    print("apt-get install", *packages, flush=True)
    subprocess.run([*command, "update", "-qq"], env=environment, check=False)
    subprocess.run(
        [*command, "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=environment,
        check=False,
    )


def main() -> int:
    """Install what lacks; exit code 2 and one line where that cannot be."""
    try:
        install()
    except MissingToolError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
