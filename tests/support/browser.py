"""What does a real browser make of a page: how wide is it, what does it fetch, what does it say?

Headless Chromium (or Chrome). The page stands in a frame of the asked width, so that a phone's
width can be tried; what the page asked for is what the browser's timings list, failed or not.
The browser's own calls home lead nowhere.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .needs import CHROMIUM, MissingToolError

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
SECONDS = 120
QUIET = (
    *("--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage"),
    *("--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND"),
)

_PROBE = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe id="page" src="{url}" style="width:{width}px;height:800px;border:0"></iframe>
<script>
document.getElementById("page").addEventListener("load", (event) => {{
  const inner = event.target.contentDocument;
  const seen = {{
    width: inner.documentElement.scrollWidth,
    text: inner.body.innerText,
    details: inner.querySelectorAll("details").length,
    bars: inner.querySelectorAll("svg[role=img] title").length,
    scripts: inner.querySelectorAll("script").length,
    links: [...inner.querySelectorAll("a")].map((each) => each.href),
    fetched: inner.defaultView.performance.getEntriesByType("resource").map((each) => each.name),
    small: [...inner.querySelectorAll("p, li, dd, h3")].filter(
      (each) => parseFloat(inner.defaultView.getComputedStyle(each).fontSize) < 12).length,
  }};
  const told = document.createElement("pre");
  told.id = "seen";
  told.textContent = JSON.stringify(seen);
  document.body.append(told);
}});
</script>"""


@dataclass(frozen=True)
class Seen:
    """What a browser saw of a page.

    Attributes:
        width: of all that is on it; wider than the frame means sideways scrolling.
        text: as a reader sees it.
        details, bars, scripts: how many parts to unfold, charts with words, and scripts.
        small: how many paragraphs are in letters under 12 pixels.
        fetched: addresses that the page asked for besides itself.
        links: where the links lead, as the browser understands them.
    """

    width: int
    text: str
    details: int
    bars: int
    scripts: int
    small: int
    fetched: list[str]
    links: list[str]


def program() -> str:
    """The browser; MissingToolError with the installing line where there is none."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        raise MissingToolError(CHROMIUM)
    return found


def look(page: Path, width: int) -> Seen:
    """Opens a page in a window of so many pixels."""
    with tempfile.TemporaryDirectory(prefix="browser-") as folder:
        probe = Path(folder) / "probe.html"
        probe.write_text(_PROBE.format(url=page.absolute().as_uri(), width=width), "utf-8")
        dom = _run(Path(folder), "--virtual-time-budget=5000", "--dump-dom", probe.as_uri())
        told = re.search(r'<pre id="seen">(.*?)</pre>', dom, re.DOTALL)
        assert told, f"the browser did not open {page}"
        seen: dict[str, Any] = json.loads(html.unescape(told[1]))
        return Seen(**seen)


def picture(page: Path, target: Path, width: int, height: int) -> Path:
    """A picture of a page, as large as the window."""
    with tempfile.TemporaryDirectory(prefix="browser-") as folder:
        size = f"--window-size={width},{height}"
        _run(Path(folder), size, f"--screenshot={target.absolute()}", page.absolute().as_uri())
    return target


def print_pdf(page: Path, target: Path) -> Path:
    """A page as it is printed."""
    with tempfile.TemporaryDirectory(prefix="browser-") as folder:
        _run(Path(folder), f"--print-to-pdf={target.absolute()}", page.absolute().as_uri())
    return target


def _run(folder: Path, *order: str) -> str:
    command = [program(), *QUIET, f"--user-data-dir={folder / 'profile'}", *order]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout
