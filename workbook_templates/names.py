"""Names of files and sheets that every system takes, distinct however alike they begin.

Windows refuses <>:"/\\|?* and names such as CON, and takes "a" and "A" for one
file; Excel refuses []:*?/\\ in sheets, an apostrophe at either end, and more
than 31 characters.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST_SHEET: Final = 31
LONGEST_FILE: Final = 80
_NOT_IN_FILES: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
_NOT_IN_SHEETS: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f-\x9f]")
# A file holds _x000D_ for a carriage return, also where somebody typed just that.
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# Devices on Windows; what a command takes for an option; an office program's lock file.
_RESERVED: Final = re.compile(
    r"^((con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)|-|~\$)", re.IGNORECASE
)


def file_names(names: Iterable[str]) -> list[str]:
    """A safe file name (without its ending) for each name, all distinct."""
    return _distinct((_file_name(name) for name in names), LONGEST_FILE)


def sheet_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """A safe sheet name for each name, all distinct, also from those already taken."""
    return _distinct((_sheet_name(name) for name in names), LONGEST_SHEET, taken)


def _file_name(name: str) -> str:
    text = _NOT_IN_FILES.sub("-", unicodedata.normalize("NFC", name))
    text = " ".join(_plain(text).split()).strip(". ")
    # Eastern scripts take three bytes a letter, and most systems allow 255 bytes.
    text = text[:LONGEST_FILE].encode()[:200].decode(errors="ignore").rstrip(". ")
    if not text.strip("-"):
        return "unnamed"
    return f"_{text}"[:LONGEST_FILE].rstrip(". ") if _RESERVED.match(text) else text


def _sheet_name(name: str) -> str:
    text = _NOT_IN_SHEETS.sub("-", unicodedata.normalize("NFC", name))
    text = _ESCAPE.sub("-", text)
    text = " ".join(_plain(text).split()).strip("'")
    return _cut(text, LONGEST_SHEET).strip("'") or "Sheet"


def _plain(text: str) -> str:
    """Without emoji and other signs that fonts, zip tools and old systems trip over."""
    unsafe = ("So", "Cs", "Cf", "Co")
    return "".join(sign for sign in text if unicodedata.category(sign) not in unsafe)


def _cut(text: str, longest: int) -> str:
    # Excel counts UTF-16 units, two for signs beyond the basic plane.
    while len(text.encode("utf-16-le")) // 2 > longest:
        text = text[:-1]
    return text.rstrip()


def _distinct(names: Iterable[str], longest: int, taken: Iterable[str] = ()) -> list[str]:
    used = {name.casefold() for name in taken}
    found = []
    for name in names:
        candidate, number = name, 2
        while candidate.casefold() in used:
            ending = f" ({number})"
            candidate, number = _cut(name, longest - len(ending)) + ending, number + 1
        used.add(candidate.casefold())
        found.append(candidate)
    return found
