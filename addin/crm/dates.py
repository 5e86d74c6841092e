"""Which day does this text say?

Assumes: one column is written in one way. Whether 03/04/2024 is in March or in
April is decided for the whole column, from the values that can only be read
one way; with points between (03.04.2024) the day comes first, as nobody writes
the month first so, unless the column proves it. Where both readings are
possible and differ, nothing is guessed. Years of two digits: 69-99 are
1969-1999, 00-68 are 2000-2068 (POSIX strptime). Times and time zones are cut
off: the day is the one that the export shows.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from .cells import Cells, as_text

ISO: Final = "iso"
US: Final = "us"
EU: Final = "eu"
FORMATS: Final = (ISO, US, EU)
DAYS: Final = "datetime64[us]"

_TIME = r"(?:(?:T|,? )\s*\d{1,2}[:.h]\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_ISO_DAY = re.compile(rf"\d{{4}}-\d\d-\d\d{_TIME}")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_DAY_MONTH = re.compile(
    r"(?:[a-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th|\.)?[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d{2})" + _TIME,
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    r"(?:[a-z]{3,9},? )?([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + _TIME,
    re.IGNORECASE,
)
_NEVER = frozenset({"0000-00-00", "0000-00-00 00:00:00", "00/00/0000"})
_HALF_YEAR = ("january", "february", "march", "april", "may", "june")
_MONTHS = (*_HALF_YEAR, "july", "august", "september", "october", "november", "december")
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_LAST_SERIAL = 2_958_465
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Either:
    """A date with the year last: two numbers, of which one is the day.

    Args:
        day_first: the day in that reading; None where there is no such day.
        month_first: the same the other way round.
        pointed: written with points.
    """

    day_first: dt.date | None
    month_first: dt.date | None
    pointed: bool

    @property
    def unclear(self) -> bool:
        """Answer whether both readings are days, and different ones."""
        both = self.day_first is not None and self.month_first is not None
        return both and self.day_first != self.month_first

    def day(self, order: str) -> dt.date | None:
        """Answer the day in an order ("eu", "us"; "": in the one that is possible)."""
        if order == EU:
            return self.day_first
        return self.month_first if order == US else self.day_first or self.month_first


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _iso_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year > 68 else 2000)


def _month(name: str) -> int | None:
    low = "september" if name.casefold() == "sept" else name.casefold()
    return next((i + 1 for i, month in enumerate(_MONTHS) if month.startswith(low)), None)


def _named(text: str) -> dt.date | None:
    found = _DAY_MONTH.fullmatch(text)
    if found:
        day, name, year = found.group(1), found.group(2), found.group(3)
    else:
        found = _MONTH_DAY.fullmatch(text)
        if not found:
            return None
        name, day, year = found.group(1), found.group(2), found.group(3)
    month = _month(name)
    return _day(_year(year), month, int(day)) if month else None


def read_text(text: str) -> dt.date | Either | None:
    """Answer the day that a text says, both readings where it has two, None where none."""
    if _ISO_DAY.fullmatch(text):
        return _iso_day(text[:10])
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _day(int(found.group(1)), int(found.group(3)), int(found.group(4)))
    found = _YEAR_LAST.fullmatch(text)
    if found:
        first, second, year = int(found.group(1)), int(found.group(3)), _year(found.group(4))
        days = _day(year, second, first), _day(year, first, second)
        return Either(*days, found.group(2) == ".") if any(days) else None
    found = _COMPACT.fullmatch(text)
    if found:
        return _day(*(int(part) for part in found.groups()))
    return _named(text)


def _read_number(value: float, typed: bool) -> dt.date | None:
    whole = int(value)
    if _COMPACT.fullmatch(str(whole)):
        return read_text(str(whole))  # type: ignore[return-value]
    if typed and 1 <= whole <= _LAST_SERIAL:
        return _EXCEL_EPOCH + dt.timedelta(days=whole)
    return None


def _year_only(value: Any) -> dt.date | None:
    text = as_text(value)
    if re.fullmatch(r"\d{4}", text) and _FIRST_YEAR <= int(text) <= _LAST_YEAR:
        return dt.date(int(text), 1, 1)
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text)
    return _day(int(found.group(1)), int(found.group(2)), 1) if found else None


def _by_pattern(text: str, pattern: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, pattern).date()
    except ValueError:
        return None


@dataclass(frozen=True)
class Read:
    """A date column, read.

    Args:
        days: shape (rows,), NaT where missing or bad.
        bad: positions of distinct values that are no dates.
        unclear: an example that can be read both ways, where that is undecided.
        clash: an example of each order, where the column mixes both.
        order: "eu" or "us" where the column was read in that order; "" where it did not matter.
        years_only: whether some cells held only a year (or a year and month).
    """

    days: "pd.Series[pd.Timestamp]"
    bad: list[int]
    unclear: str
    clash: tuple[str, str] | None
    order: str
    years_only: bool


def _first_look(value: Any, date_format: str, typed: bool) -> dt.date | Either | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, float):
        return _read_number(value, typed)
    if "%" in date_format:
        by_pattern = _by_pattern(value, date_format)
        return by_pattern or (read_text(value) if _YEAR_FIRST.fullmatch(value) else None)
    looked = read_text(value)
    return None if date_format == ISO and isinstance(looked, Either) else looked


def _order(looks: list[tuple[str, Either]], date_format: str) -> tuple[str, list[str]]:
    """Answer the order ("" where undecided) and examples of each order that must be."""
    if date_format in (US, EU):
        return date_format, []
    day_first = [text for text, look in looks if look.month_first is None]
    month_first = [text for text, look in looks if look.day_first is None]
    if day_first and month_first:
        return "", [day_first[0], month_first[0]]
    if day_first or month_first:
        return (EU if day_first else US), []
    return (EU if looks and all(look.pointed for _, look in looks) else ""), []


def read(cells: Cells, date_format: str, *, typed: bool, years: bool) -> Read:
    """Answer the days of a column.

    Args:
        cells: the column.
        date_format: "" (find out), "iso", "us", "eu" or a strptime pattern.
        typed: numbers are Excel's serial days (a workbook).
        years: a bare year, or year and month, means its first day.
    """
    looks: list[dt.date | Either | None] = []
    years_only = False
    for value in cells.values:
        look = None if value == "" else _year_only(value) if years else None
        years_only = years_only or look is not None
        looks.append(look or (None if value == "" else _first_look(value, date_format, typed)))
    pairs = [
        (as_text(value), look)
        for value, look in zip(cells.values, looks, strict=True)
        if isinstance(look, Either)
    ]
    order, clash = _order(pairs, date_format)
    unclear = next((text for text, look in pairs if look.unclear), "")
    found = [look.day(order) if isinstance(look, Either) else look for look in looks]
    bad = [
        i
        for i, (value, day) in enumerate(zip(cells.values, found, strict=True))
        if day is None and value not in _NEVER and value != ""
    ]
    days = np.array(found or [None], dtype="datetime64[D]")[cells.codes].astype(DAYS)
    return Read(
        pd.Series(days),
        bad,
        unclear if order == "" and not clash else "",
        (clash[0], clash[1]) if clash else None,
        order if unclear else "",
        years_only,
    )
