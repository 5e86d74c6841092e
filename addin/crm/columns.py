"""The columns of a table with their types: text, numbers, dates, flags.

What cannot be read goes to the journal, with file, row, column and mend; what
was read in a way that the reader should know goes there as a note.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ...udfs import words as w
from . import dates, numbers
from . import headers as h
from .cells import Cells, as_text, each, flag, month
from .files import Table
from .report import Bools, Floats, Journal

_POWER_NAMES = {3: "thousands", 6: "millions", 9: "billions", -2: "percent"}


class Columns:
    """Typed access to one table by our column names; a column that is not there is missing.

    Args:
        table: the table.
        date_format: "" (find out), "iso", "us", "eu" or a strptime pattern.
        journal: told of mistakes, notes and derivations.
    """

    def __init__(self, table: Table, date_format: str, journal: Journal) -> None:
        self.table = table
        self.currencies: Counter[str] = Counter()
        self._date_format = date_format
        self._journal = journal
        self._scans = {
            column: numbers.scan(table.cells(header))
            for column, header in table.match.columns.items()
            if column in h.NUMBERS
        }
        self._evidence = {
            sign for one in self._scans.values() if len(one.evidence) == 1 for sign in one.evidence
        }

    def __len__(self) -> int:
        return len(self.table.rows)

    def has(self, column: str) -> bool:
        """Answer whether the file has the column, and anything in it."""
        return column in self.table.match.columns

    def header(self, column: str) -> str:
        """Answer the export's header of a column that is there."""
        return self.table.match.columns[column]

    def text(self, column: str) -> "pd.Series[str]":
        """Answer a text column, "" where missing."""
        if not self.has(column):
            return pd.Series([""] * len(self), dtype=str)
        return self._cells(column).texts()

    def number(self, column: str) -> Floats:
        """Answer a number column, NaN where missing; money is also counted by currency."""
        if not self.has(column):
            return np.full(len(self), np.nan)
        one = self._scans[column]
        self._bad(one.cells, one.bad, "a number")
        if len(one.evidence) > 1:
            first, second = one.evidence[numbers.POINT], one.evidence[numbers.COMMA]
            self._journal.mistake(
                f"{self.table.file}, column {one.cells.header}: {first!r} has a decimal point, "
                f"{second!r} a decimal comma; write all its numbers in one way"
            )
            return np.full(len(self), np.nan)
        decimal = numbers.decide(one, self._evidence, self.table.delimiter)
        unit = self.table.match.units[column]
        self._note_reading(one, decimal, unit)
        distinct = [numbers.number_of(item, decimal, unit.power) for item in one.items]
        values = np.array(distinct or [np.nan], dtype=np.float64)[one.cells.codes]
        if column in h.MONEY:
            self._count_currencies(one, unit.currency, ~np.isnan(values))
        return values

    def date(self, column: str) -> "pd.Series[pd.Timestamp]":
        """Answer a date column as days, NaT where missing."""
        if not self.has(column):
            return pd.Series(np.full(len(self), np.datetime64("NaT"), dtype=dates.DAYS))
        cells = self._cells(column)
        years = column == w.CUSTOMER_SINCE
        read = dates.read(cells, self._date_format, typed=self.table.typed, years=years)
        asked = f" in the format {self._date_format!r}" if self._date_format else ""
        self._bad(cells, read.bad, f"a date{asked}")
        where = f"{self.table.file}, column {cells.header}"
        if read.unclear:
            self._journal.mistake(
                f"{where}: {read.unclear!r} can be read day first or month first; say which with "
                "--date-format eu (day first) or --date-format us (month first)"
            )
        if read.clash:
            self._journal.mistake(
                f"{where}: {read.clash[0]!r} has the day first, {read.clash[1]!r} the month; "
                "write all its dates in one way"
            )
        if read.order:
            first = "day" if read.order == dates.EU else "month"
            self._journal.derived.append(f"{where}: dates read {first} first")
        if read.years_only:
            self._journal.derived.append(f"{where}: a year stands for its first day")
        return read.days

    def flag(self, column: str) -> Bools:
        """Answer a yes/no column; missing is no."""
        if not self.has(column):
            return np.zeros(len(self), dtype=bool)
        return np.asarray(self._parsed(column, flag, "yes or no") != 0, dtype=bool)

    def month(self, column: str) -> Floats:
        """Answer a column of months 1-12, NaN where missing."""
        if not self.has(column):
            return np.full(len(self), np.nan)
        return self._parsed(column, month, "a month")

    def extra(self, header: str) -> "pd.Series[Any]":
        """Answer a column that is none of ours: numbers where all its cells are, else text."""
        cells = self.table.cells(header)
        coded = any(isinstance(v, str) and len(v) > 1 and v[0] == "0" and v.isdigit()
                    for v in cells.values)  # fmt: skip
        one = numbers.scan(cells)
        if coded or one.bad or len(one.evidence) > 1 or not cells.present.any():
            return cells.texts()
        decimal = numbers.decide(one, self._evidence, self.table.delimiter)
        distinct = [numbers.number_of(item, decimal, 0) for item in one.items]
        return pd.Series(np.array(distinct, dtype=np.float64)[cells.codes])

    def _cells(self, column: str) -> Cells:
        return self.table.cells(self.table.match.columns[column])

    def _parsed(self, column: str, parse: Callable[[Any], float | None], what: str) -> Floats:
        cells = self._cells(column)
        distinct = [parse(value) for value in cells.values]
        self._bad(cells, [i for i, value in enumerate(distinct) if value is None], what)
        return np.array([value or 0 for value in distinct] or [0], dtype=np.float64)[cells.codes]

    def _bad(self, cells: Cells, bad: list[int], what: str) -> None:
        if not bad:
            return
        at = np.flatnonzero(np.isin(cells.codes, bad))
        found = [(int(self.table.rows[i]), as_text(cells.values[cells.codes[i]])) for i in at]
        self._journal.bad_cells(self.table.file, cells.header, found, what)

    def _note_reading(self, one: numbers.Scan, decimal: str, unit: h.Unit) -> None:
        where = f"{self.table.file}, column {one.cells.header}"
        if unit.power:
            self._journal.derived.append(
                f"{where}: numbers are in {_POWER_NAMES[unit.power]} by the header, and scaled so"
            )
        if one.unclear and not one.evidence:
            number = numbers.number_of(numbers.written(one.unclear[0]), decimal, 0)
            self._journal.notes.append(f"{where}: {one.unclear[0]!r} was read as {number:.10g}")

    def _count_currencies(self, one: numbers.Scan, in_header: str, present: Bools) -> None:
        """Count the amounts of a money column by the currency they are said to be in."""
        written = [item.currency if isinstance(item, numbers.Written) else "" for item in one.items]
        beside = self._currency_column(one.cells.header)
        if beside is None and not in_header and not any(written):
            return
        per_row = pd.Series(np.array(written, dtype=object)[one.cells.codes], dtype=str)
        per_row = per_row.where(per_row != "", in_header)
        if beside is not None:
            per_row = per_row.where(per_row != "", beside)
        counts = per_row[present].value_counts()
        self.currencies.update({str(code): int(n) for code, n in counts.items() if code})

    def _currency_column(self, money_header: str) -> "pd.Series[str] | None":
        """Answer per row the currency that a column of its own gives, or None."""
        own = h.currency_header(list(self.table.raw), money_header)
        if own is None and self.has(h.CURRENCY) and not h.is_converted(money_header):
            own = self.header(h.CURRENCY)
        if own is None:
            return None
        return each(self.table.cells(own).texts(), numbers.currency_code)
