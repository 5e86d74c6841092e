"""The door to a closed workbook that Calc calculates.

A macro reads what Calc works out, and writes into both: the workbook in Calc, so that what it
reads next is up to date, and the closed file, part by part. In the end the results of all
formulas go from Calc into the file. So the numbers are complete at once, and yet nothing of the
user's goes through Calc, which would drop what it does not know (slicers, sparklines, threads,
newer formats) if it saved the file itself.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from ..workbook import Cell, TableShape
from .calc import CalcWorkbook
from .calc_program import Calc
from .package_writer import PackageWorkbook
from .reader import Reader


class CalcFile:
    """A closed workbook, calculated by Calc (``addin.workbook.Workbook``).

    Args:
        calc: the office that calculates.
        path: the file.
        out: where ``save`` writes to; the file itself without.
        show: what to do with ``status``; nothing without.

    Attributes:
        messages: what the macro said at its end.

    Raises:
        WorkbookError: it is not there, or cannot be read.
        NotOursError: it is no workbook of this product.
    """

    def __init__(
        self,
        calc: Calc,
        path: Path,
        out: Path | None = None,
        show: Callable[[str], None] | None = None,
    ) -> None:
        self._file = PackageWorkbook(path, out, show)
        self._calc: CalcWorkbook = calc.open(path)
        self._calc.recalculate()
        self.messages = self._file.messages

    @property
    def label(self) -> str:
        """The file, as it was named."""
        return self._file.label

    @property
    def place(self) -> str:
        """Where the file lies."""
        return self._file.place

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return self._file.sheets()

    def tables(self) -> Mapping[str, TableShape]:
        """All tables by their names."""
        return self._file.tables()

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values, those of formulas as they are now."""
        return self._calc.read_table(name, columns)

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        return self._file.live_columns(name)

    def read_formulas(self, name: str) -> pd.DataFrame:
        """The formulas of a table."""
        return self._file.read_formulas(name)

    def reader(self) -> Reader:
        """The cells, names and tables of the whole workbook as they are now."""
        return self._calc.reader()

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Gives columns of a table new headers."""
        self._file.rename_columns(name, headers)
        self._calc.rename_columns(name, headers)

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells, those of formulas as they are now."""
        return self._calc.read_names(names, sheet)

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        return self._file.is_protected(sheet)

    def lock(self, sheet: str, locked: bool) -> bool:
        """Locks the cells of a sheet, or unlocks them (``Lockable``)."""
        return self._file.lock(sheet, locked) and self._calc.lock(sheet, locked)

    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows."""
        self._file.write_columns(name, frame)
        self._calc.write_columns(name, frame)

    def replace_rows(
        self,
        name: str,
        frame: pd.DataFrame,
        was: Sequence[int | None] | None = None,
        spare: int = 0,
    ) -> None:
        """Gives a table exactly these rows."""
        self._file.replace_rows(name, frame, was, spare)
        self._calc.replace_rows(name, frame, was, spare)

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled."""
        self._file.append_rows(name, frame)
        self._calc.append_rows(name, frame)

    def write_names(self, values: Mapping[str, object], sheet: str = "") -> None:
        """Writes named cells."""
        self._file.write_names(values, sheet)
        self._calc.write_names(values, sheet)

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Copies a plan tab."""
        named = self._file.copy_plan_tab(source, name)
        self._calc.copy_plan_tab(source, name)
        return named

    def status(self, text: str) -> None:
        """Says what is being done."""
        self._file.status(text)

    def message(self, text: str) -> None:
        """Keeps what the macro says, for whoever ran it."""
        self._file.message(text)

    def save(self) -> None:
        """Writes the file with the results of all its formulas."""
        self._file.put_results(self._calc.results())
        self._file.save()

    def close(self) -> None:
        """Closes the workbook in Calc."""
        self._calc.close()
