"""Is everything here that the tests need from outside Python? If not, install it or say how.

LibreOffice Calc, python3-uno, poppler-utils and a font come through apt-get (Debian, Ubuntu),
the Open XML SDK validator through npm into this folder. `python -m tests.support.needs` looks,
installs what lacks, and stops with the line that would install it where it may not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

# What can lack -> Debian's package, Homebrew's package.
LIBREOFFICE = "LibreOffice Calc"
UNO = "python3-uno (LibreOffice's bridge to Python)"
PDFTOPPM = "pdftoppm (poppler)"
FONT = "a legible font"
NPM = "npm"
PACKAGES = {
    LIBREOFFICE: ("libreoffice-calc-nogui", "--cask libreoffice"),
    UNO: ("python3-uno", "--cask libreoffice"),
    PDFTOPPM: ("poppler-utils", "poppler"),
    FONT: ("fonts-liberation", "--cask font-liberation"),
    NPM: ("npm", "node"),
}
VALIDATOR = "the Open XML SDK validator"
VALIDATOR_LINE = "npm install --no-package-lock --no-audit --no-fund --prefix tests/support"


class Missing(RuntimeError):
    """Something the tests need is not on this machine; the message holds the line that mends it."""

    def __init__(self, *what: str) -> None:
        super().__init__(f"missing: {'; '.join(what)}. Install with: {installing_line(what)}")


def installing_line(what: tuple[str, ...]) -> str:
    """The command line that a person would type to install what lacks."""
    if VALIDATOR in what:
        return VALIDATOR_LINE
    if sys.platform == "darwin":
        return " && ".join(f"brew install {p}" for p in dict.fromkeys(PACKAGES[w][1] for w in what))
    return (
        f"sudo apt-get install -y --no-install-recommends {' '.join(PACKAGES[w][0] for w in what)}"
    )
