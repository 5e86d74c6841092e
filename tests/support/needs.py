"""What do the tests need from outside Python, and which line installs it?

Debian's and Ubuntu's packages through apt-get, Homebrew's on macOS, and one npm package into
this folder. `install.py` beside this installs them.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent

LIBREOFFICE = "LibreOffice Calc"
WINDOWS = "LibreOffice with windows"
UNO = "LibreOffice's bridge to Python (uno)"
PDFTOPPM = "pdftoppm (poppler)"
FONTS = "fonts as wide as Calibri and Arial"
CHROMIUM = "Chromium or Chrome"
XVFB = "Xvfb"
XDOTOOL = "xdotool"
NPM = "npm"
VALIDATOR = "the Open XML SDK validator"

APT = {
    LIBREOFFICE: "libreoffice-calc",
    WINDOWS: "libreoffice-calc",
    UNO: "python3-uno",
    PDFTOPPM: "poppler-utils",
    FONTS: "fonts-crosextra-carlito fonts-liberation",
    CHROMIUM: "chromium",
    XVFB: "xvfb",
    XDOTOOL: "xdotool",
    NPM: "npm",
}
BREW = {
    LIBREOFFICE: "brew install --cask libreoffice",
    UNO: "brew install --cask libreoffice",
    PDFTOPPM: "brew install poppler",
    CHROMIUM: "brew install --cask chromium",
    NPM: "brew install node",
}
NPM_INSTALL = "npm install --no-package-lock --no-audit --no-fund --prefix tests/support"


class MissingToolError(RuntimeError):
    """A tool that the tests need is not on this machine; the message holds the installing line."""

    def __init__(self, *tools: str) -> None:
        super().__init__(f"missing: {'; '.join(tools)}. Install with: {installing_line(*tools)}")


def installing_line(*tools: str) -> str:
    """The command that a person would type, in the clone, to install these tools."""
    if VALIDATOR in tools:
        return NPM_INSTALL
    if sys.platform == "darwin":
        return " && ".join(dict.fromkeys(BREW[tool] for tool in tools))
    packages = " ".join(APT[tool] for tool in tools)
    return f"sudo apt-get install -y --no-install-recommends {packages}"
