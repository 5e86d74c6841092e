"""What an import did, and every mistake it met.

Answers: which files and columns were used, what was dropped and why, what was
derived or left blank, and whether the totals tie to the CRM. Mistakes are
gathered while files are read and raised together, so that one run shows all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...udfs import words as w
from ...udfs.errors import ImportFileError

EXAMPLES = 3
LISTED = 5
_MEND = "mend or clear"

Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

ROWS_READ = "Rows read"
ROWS_USED = "Rows used"
ROWS_DROPPED = "Rows dropped"
CONTROL_COLUMNS = (w.STAGE, w.STATE, ROWS_READ, ROWS_USED, ROWS_DROPPED, w.AMOUNT)


@dataclass(frozen=True)
class Dropped:
    """Rows that were not used, and why.

    Args:
        what: the reason, as a noun phrase ("opportunity of an unknown account").
        count: how many rows.
        examples: up to three, as "row 17: Acme".
    """

    what: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class FileReport:
    """What was read of one file.

    Args:
        role: "accounts", "opportunities", "teams" or "activity".
        file: file name without folders.
        sheet: sheet read; "" for csv and parquet.
        encoding: "" for xlsx and parquet.
        delimiter: the character between fields; "" for xlsx and parquet.
        rows_read: records of the table (no titles, footers or blank rows).
        rows_used: rows_read less the rows dropped.
        dropped: one entry per reason.
        matched: our column -> the export's header.
        unmatched: headers that are kept as attributes (accounts) or ignored.
    """

    role: str
    file: str
    sheet: str
    encoding: str
    delimiter: str
    rows_read: int
    rows_used: int
    dropped: tuple[Dropped, ...]
    matched: dict[str, str]
    unmatched: tuple[str, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, for the terminal and the Start sheet.

    Args:
        files: one report per file, in the order accounts, opportunities, teams, activity.
        derived: sentences on values that the export does not carry as such.
        blank: columns of an account that the export leaves blank throughout.
        notes: sentences on anything else that a careful reader wants to know.
        control: totals of the opportunities by Stage and State (columns
            ``CONTROL_COLUMNS``); Amount sums the amounts of all rows read, as they
            came; states in the order Open, Won, Lost, stages A-Z.
    """

    files: tuple[FileReport, ...]
    derived: tuple[str, ...]
    blank: tuple[str, ...]
    notes: tuple[str, ...]
    control: pd.DataFrame


def no_rows() -> Ints:
    """Answer the rows of nothing."""
    return np.array([], dtype=np.int64)


class Journal:
    """Gathers mistakes, notes and derivations while the files are read."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.notes: list[str] = []
        self.derived: list[str] = []

    def mistake(self, line: str) -> None:
        """Note one mistake, as the line that the user will read."""
        if line not in self.mistakes:
            self.mistakes.append(line)

    def bad_cells(
        self, file: str, column: str, cells: Sequence[tuple[int, str]], what: str
    ) -> None:
        """Note the cells of one column that cannot be read: a few by line, many in one.

        Args:
            file: file name.
            column: the export's header.
            cells: spreadsheet row and text of each bad cell.
            what: what they are not, as "a number".
        """
        if len(cells) <= LISTED:
            for row, text in cells:
                where = f"{file}, row {row}, column {column}"
                self.mistake(f"{where}: {text!r} is not {what}; {_MEND} the cell")
            return
        shown = ", ".join(f"row {row}: {text!r}" for row, text in cells[:EXAMPLES])
        said = f"{len(cells):,} cells do not hold {what} ({shown}, ...)"
        self.mistake(f"{file}, column {column}: {said}; {_MEND} them")

    def raise_mistakes(self) -> None:
        """Raise all mistakes as one ImportFileError; do nothing where there are none."""
        if self.mistakes:
            raise ImportFileError(self.mistakes[0], tuple(self.mistakes[1:]))
