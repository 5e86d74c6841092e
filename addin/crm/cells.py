"""Cells of one column, as they came, each distinct value once.

A column of a million opportunities holds few distinct values; parsing those
and spreading them over the rows is what keeps the import fast.

Assumes: a cell is text, a number, a flag, a date or missing. "n/a", "-",
"null" and their like mean missing. In .csv a leading apostrophe before
= + - @ or a tab only guards the text from being run by a spreadsheet.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .report import Bools

BLANKS = frozenset(
    {"", "-", "--", "–", "—", "n/a", "#n/a", "na()", "null", "(null)", "<null>", "none"}
    | {"nan", "(blank)", "(leer)", "#null!"}
)
_LONGEST_BLANK = max(len(text) for text in BLANKS)
_YES = frozenset({"true", "yes", "y", "1", "x", "t", "wahr"})
_NO = frozenset({"false", "no", "n", "0", "f", "falsch"})
_GUARDED = re.compile(r"'[=+\-@\t\r]")
_INVISIBLE = dict.fromkeys(
    [i for i in range(32) if chr(i) not in "\t\n\r"]
    + [*range(127, 160), 0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF]
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST_MONTH = 12


def clean(text: str, guarded: bool = False) -> str:
    """Answer the text without what the eye does not see; blank-like text becomes "".

    Args:
        text: the cell as it came. No-break and other spaces, tabs and line breaks
            become single spaces; control and zero-width characters go; accents are composed.
        guarded: take off an apostrophe that only keeps a spreadsheet from running the text.
    """
    plain = text.isascii() and text.isprintable()
    if plain and " " not in text and not text.startswith("'"):
        return "" if len(text) <= _LONGEST_BLANK and text.casefold() in BLANKS else text
    if not plain:
        text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    text = text.strip()
    if guarded and _GUARDED.match(text):
        text = text[1:]
    text = " ".join(text.split())
    return "" if text.casefold() in BLANKS else text


def _tidy(value: Any, guarded: bool) -> Any:
    if type(value) is float:
        return value if value == value else ""
    if isinstance(value, str):
        return clean(value, guarded)
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, dt.date | dt.datetime):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return clean(str(value))


def as_text(value: Any) -> str:
    """Answer a tidied cell as text: whole numbers without ".0", dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)


@dataclass(frozen=True)
class Cells:
    """One column: the distinct tidied values, and which of them each row holds.

    Args:
        header: the export's header.
        codes: shape (rows,), positions in ``values``.
        values: distinct cells: "" (missing), text, float or date.
    """

    header: str
    codes: NDArray[np.intp]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, header: str, raw: "pd.Series[Any]", guarded: bool) -> "Cells":
        """Answer the cells of a raw column; ``guarded`` as in ``clean``."""
        codes, distinct = pd.factorize(raw, use_na_sentinel=False)
        values = tuple(_tidy(value, guarded) for value in distinct.tolist())
        return cls(header, np.asarray(codes, dtype=np.intp), values)

    @property
    def present(self) -> Bools:
        """Answer per row whether the cell holds anything."""
        return np.array([value != "" for value in self.values], dtype=bool)[self.codes]

    def texts(self) -> "pd.Series[str]":
        """Answer the column as text, "" where missing."""
        distinct = np.array([as_text(value) for value in self.values] or [""], dtype=object)
        return pd.Series(distinct[self.codes], dtype=str)


def key(text: str) -> str:
    """Answer what two spellings of one name have in common: case and spaces aside."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def each(texts: "pd.Series[str]", to_text: Callable[[str], str]) -> "pd.Series[str]":
    """Answer ``to_text`` of every text, computed once per distinct value."""
    codes, distinct = pd.factorize(texts)
    found = np.array([to_text(str(text)) for text in distinct.tolist()] or [""], dtype=object)
    return pd.Series(found[codes], index=texts.index, dtype=str)


def flag(value: Any) -> bool | None:
    """Answer whether a tidied cell says yes; None where it says neither; missing is no."""
    text = as_text(value).casefold()
    if text in _YES:
        return True
    return False if text in _NO or text == "" else None


def month(value: Any) -> float | None:
    """Answer the month 1-12 in which a fiscal year ends; None where the cell names none.

    Args:
        value: a tidied cell: 12, "12", "December", "Dec 31", "12/31", "31.12.", a date;
            missing gives NaN.
    """
    if isinstance(value, dt.date):
        return float(value.month)
    text = as_text(value).casefold()
    if text == "":
        return float("nan")
    named = [i + 1 for i, name in enumerate(_MONTHS) if re.search(rf"\b{name}[a-z]*", text)]
    if named:
        return float(named[0]) if len(named) == 1 else None
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    year_first = re.match(r"\d{4}-\d{1,2}", text)
    day_first = re.fullmatch(r"\d{1,2}\.\d{1,2}\.?", text)
    if year_first or day_first or (len(numbers) > 1 and numbers[0] > _LAST_MONTH):
        numbers = numbers[1:]
    return float(numbers[0]) if numbers and 1 <= numbers[0] <= _LAST_MONTH else None
