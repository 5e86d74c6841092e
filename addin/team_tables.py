"""A table of a workbook, brought up to date row by row, and written in few goes.

Cells are compared as people read them: blanks around text and the format of a
number or a date make no difference, so that what an office program saved
unchanged counts as unchanged. Rows are found without regard to capitals.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from ..udfs.plans import trimmed
from ..udfs.table_cells import cell_text
from .workbook import Workbook, address, cell_of, find_table


def text_of(value: object) -> str:
    """A cell as text, without blanks around it; a whole number has no decimals."""
    return trimmed(cell_text(value))


def told(value: object) -> str:
    """What two cells share that say the same."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return "" if value != value else f"{float(value):.12g}"
    return text_of(value)


def _key(row: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(told(row[name]).casefold() for name in names)


class TeamTable:
    """A table, read once; changes are kept until ``write``.

    Args:
        workbook: that it stands in.
        name: of the table.

    Raises:
        WorkbookError: it is not there.
    """

    def __init__(self, workbook: Workbook, name: str) -> None:
        self._workbook, self._name = workbook, name
        self._frame = workbook.read_table(name)
        self.columns = tuple(self._frame.columns)
        self._shape = find_table(workbook.tables(), name, workbook.label)
        self._changed: dict[str, dict[int, object]] = {}
        self._added: list[dict[str, object]] = []
        self._added_keys: set[tuple[str, ...]] = set()
        self._found: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}

    def records(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The rows with their places in the table."""
        for at, row in zip(self._frame.index, self._frame.to_dict("records"), strict=True):
            yield int(at), {str(name): value for name, value in row.items()}

    def value(self, at: int, column: str) -> object:
        """A cell as it will be."""
        changed = self._changed.get(column, {})
        return changed[at] if at in changed else self._frame.at[at, column]

    def where(self, at: int, column: str) -> str:
        """A cell in words, workbook and sheet included."""
        headers = [header.strip() for header in self._shape.columns]
        cell = address(self._shape.first + at, self._shape.left + headers.index(column))
        return f"{self._workbook.label}: sheet {self._shape.sheet}, cell {cell}"

    def find_all(self, row: Mapping[str, object], keys: Sequence[str]) -> set[int]:
        """The rows that say the same as this one in these columns."""
        names = tuple(keys)
        if names not in self._found:
            index: dict[tuple[str, ...], list[int]] = {}
            for at, held in self.records():
                index.setdefault(_key(held, names), []).append(at)
            self._found[names] = index
        return set(self._found[names].get(_key(row, names), ()))

    def places(
        self,
        rows: Sequence[Mapping[str, object]],
        keyings: Iterable[Sequence[str]],
        allows: Callable[[int], bool],
        before: Sequence[int | None] = (),
    ) -> list[int | None]:
        """Which row of the table each of these is; no row of the table is taken twice.

        Args:
            rows: to be found.
            keyings: the columns to go by, the most exact first.
            allows: whether a row of the table may be one of them.
            before: where they were found already.
        """
        found = list(before or [None] * len(rows))
        taken = {at for at in found if at is not None}
        for keys in keyings:
            for number, row in enumerate(rows):
                if found[number] is None:
                    free = filter(allows, self.find_all(row, keys) - taken)
                    found[number] = at = min(free, default=None)
                    taken |= set() if at is None else {at}
        return found

    def find(self, row: Mapping[str, object], keys: Sequence[str]) -> int | None:
        """The first such row; None where there is none."""
        return min(self.find_all(row, keys), default=None)

    def differs(self, at: int, row: Mapping[str, object]) -> bool:
        """Whether a row says something else than these values."""
        return any(told(self.value(at, name)) != told(held) for name, held in row.items())

    def update(self, at: int, row: Mapping[str, object]) -> None:
        """Lets a row say these values."""
        for name, held in row.items():
            if told(self.value(at, name)) != told(held):
                self._changed.setdefault(name, {})[at] = held

    def add(self, row: Mapping[str, object]) -> None:
        """Adds a row at the end; one that is added already is not added again."""
        key = _key(row, tuple(row))
        if key not in self._added_keys:
            self._added_keys.add(key)
            self._added.append(dict(row))

    def write(self) -> int:
        """Writes what changed, and says in how many rows."""
        for name, cells in self._changed.items():
            frame = pd.DataFrame({name: pd.Series(cells, dtype=object)})
            self._workbook.write_columns(self._name, frame)
        if self._added:
            frame = pd.DataFrame(self._added).astype(object)
            self._workbook.append_rows(self._name, frame.where(frame.notna(), None))
        return len({at for cells in self._changed.values() for at in cells}) + len(self._added)

    def replace(
        self, columns: Sequence[str], rows: Sequence[tuple[int | None, Mapping[str, object]]]
    ) -> None:
        """Gives the table exactly these rows.

        Args:
            columns: that are written.
            rows: where each was before, and its values; what a row does not say
                stays as it was.
        """
        lines = [
            [cell_of(row[name] if name in row else self._held(at, name)) for name in columns]
            for at, row in rows
        ]
        frame = pd.DataFrame(lines, columns=list(columns), dtype=object)
        self._workbook.replace_rows(self._name, frame, [at for at, _ in rows])

    def _held(self, at: int | None, name: str) -> object:
        return None if at is None else self._frame.at[at, name]
