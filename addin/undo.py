"""What a macro overwrites is kept, so that it can be brought back: Excel forgets it.

A recorder stands between a macro and the door. Before a table or a named cell
is written for the first time, it notes what stood there; at the end the notes
go to a file of this computer, one per workbook: the last macro's. Brought back
are tables, with the formulas of single cells, and named cells. What a restoring
overwrites is noted in turn, so that restoring twice is back where one was.
"""

import base64
import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from .hosts.reader import Reader, Sheetful, sheetful
from .save import write_whole
from .workbook import (
    ERRORS,
    Cell,
    CellError,
    Formula,
    Lockable,
    TableShape,
    Workbook,
    cell_of,
    column_trouble,
    find_table,
)

NOT_KEPT: Final = (c.T_LOG,)
"""Tables that only ever get longer."""


@dataclass
class _Table:
    """What was overwritten of a table.

    Attributes:
        columns: header -> cells as they stood, those of calculated columns left out.
        rows: how many there were.
        now: of each of them the present place; None for one that is gone.
        touched: header -> the rows that were written, where only cells were.
        is_whole: whether rows came, went or changed places.
        left: how many rows the macro left; None where that is not known.
    """

    columns: dict[str, list[Cell]]
    rows: int
    now: list[int | None]
    touched: dict[str, list[int]] = field(default_factory=dict)
    is_whole: bool = False
    left: int | None = None


@dataclass
class Notes:
    """What one macro overwrote."""

    macro: str
    when: str
    tables: dict[str, _Table] = field(default_factory=dict)
    names: dict[tuple[str, str], Cell] = field(default_factory=dict)
    renamed: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    locks: dict[str, bool] = field(default_factory=dict)


class Recorder:
    """A door (``addin.workbook.Workbook``) that remembers what stood where it writes.

    Args:
        door: to the workbook.
        macro: who writes.
        before: of the workbook as it is now.
    """

    def __init__(self, door: Workbook, macro: str, before: Reader) -> None:
        self._door, self._before = door, before
        self._read_formulas: dict[str, dict[str, dict[int, str]]] = {}
        now = datetime.now().replace(microsecond=0)
        self.notes = Notes(macro, now.isoformat(" "))

    @property
    def label(self) -> str:
        """The workbook as messages call it."""
        return self._door.label

    @property
    def place(self) -> str:
        """Where the workbook lies."""
        return self._door.place

    def sheets(self) -> tuple[str, ...]:
        """The names of the worksheets, in the order of their tabs."""
        return self._door.sheets()

    def tables(self) -> Mapping[str, TableShape]:
        """All tables by their names."""
        return self._door.tables()

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """A table's values."""
        return self._door.read_table(name, columns)

    def live_columns(self, name: str) -> frozenset[str]:
        """The columns of a table that hold a formula in their first row."""
        return self._door.live_columns(name)

    def read_formulas(self, name: str) -> pd.DataFrame:
        """The formulas of a table."""
        return self._door.read_formulas(name)

    def reader(self) -> "Reader":
        """The cells, names and tables of the whole workbook as they are now."""
        return self._door.reader()

    def read_names(self, names: Sequence[str], sheet: str = "") -> dict[str, Cell]:
        """The values of named cells."""
        return self._door.read_names(names, sheet)

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        return self._door.is_protected(sheet)

    def status(self, text: str) -> None:
        """Says what is being done."""
        self._door.status(text)

    def message(self, text: str) -> None:
        """Says what was done."""
        self._door.message(text)

    def save(self) -> None:
        """Saves the workbook."""
        self._door.save()

    def lock(self, sheet: str, locked: bool) -> bool:
        """Locks or unlocks a sheet where the host can (``Lockable``)."""
        was = self._door.is_protected(sheet)
        done = isinstance(self._door, Lockable) and self._door.lock(sheet, locked)
        if done and sheet not in self.notes.added:
            self.notes.locks.setdefault(sheet, was)
        return done

    # --- Writing ----------------------------------------------------------------

    def write_columns(self, name: str, frame: pd.DataFrame) -> None:
        """Writes some columns of some rows."""
        headers = [str(header) for header in frame.columns]
        held = self._note(name, headers)
        self._door.write_columns(name, frame)
        if held is not None:
            rows = [int(row) for row in frame.index]
            for header in headers:
                held.touched[header] = sorted({*held.touched.get(header, ()), *rows})

    def replace_rows(
        self,
        name: str,
        frame: pd.DataFrame,
        was: Sequence[int | None] | None = None,
        spare: int = 0,
    ) -> None:
        """Gives a table exactly these rows."""
        held = self._note(name)
        self._door.replace_rows(name, frame, was, spare)
        if held is not None:
            held.is_whole, held.left = True, max(len(frame) + spare, 1)
            places = {old: at for at, old in enumerate(was or ()) if old is not None}
            held.now = [None if at is None else places.get(at) for at in held.now]

    def append_rows(self, name: str, frame: pd.DataFrame) -> None:
        """Adds rows behind the last one that is filled."""
        held = self._note(name)
        self._door.append_rows(name, frame)
        if held is not None:
            held.is_whole, held.left = True, None

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Gives columns of a table new headers."""
        self._note(name)
        self._door.rename_columns(name, headers)
        self.notes.renamed.append((self._spelled(name), dict(headers)))

    def write_names(self, values: Mapping[str, object], sheet: str = "") -> None:
        """Writes named cells."""
        if sheet not in self.notes.added:
            new = [name for name in values if (sheet, name) not in self.notes.names]
            for name, value in self._door.read_names(new, sheet).items() if new else ():
                self.notes.names[sheet, name] = value
        self._door.write_names(values, sheet)

    def copy_plan_tab(self, source: str, name: str) -> dict[str, str]:
        """Copies a plan tab."""
        named = self._door.copy_plan_tab(source, name)
        self.notes.added.append(name)
        return named

    def _spelled(self, name: str) -> str:
        table = self._before.table(name)
        return name if table is None else table.name

    def _note(self, name: str, wanted: Sequence[str] | None = None) -> _Table | None:
        """Notes columns of a table as they stood before anything was written; all without."""
        table = self._before.table(name)
        if table is None or table.name in NOT_KEPT or table.area.sheet in self.notes.added:
            return None
        noted = self.notes.tables.get(table.name)
        new = None if wanted is None else [each for each in wanted if each]
        if noted is not None and new is not None and set(new) <= noted.columns.keys():
            return noted
        before = sheetful(self._before, name)
        if noted is None:
            noted = _Table({}, before.rows, list(range(before.rows)))
            self.notes.tables[table.name] = noted
        formulas = self._formulas(before)
        for header, cells in before.columns.items():
            if not header or header in noted.columns or (new is not None and header not in new):
                continue
            own = formulas.get(header, {})
            # One formula in every row is the column's: the table itself knows it. One that
            # reads no column, as a link does, is its cell's.
            if len(own) == before.rows and len(set(own.values())) == 1:
                (text,) = set(own.values())
                if "[" in text:
                    continue
            kept = [None if cell == "" else _cell(cell) for cell in cells]
            for row, text in own.items():
                if row < len(kept):
                    kept[row] = Formula(text)
            noted.columns[header] = kept
        return noted

    def _formulas(self, before: Sheetful) -> dict[str, dict[int, str]]:
        """The formulas of a table, by header and row."""
        if before.name in self._read_formulas:
            return self._read_formulas[before.name]
        right = before.left + len(before.columns) - 1
        last = before.first + before.rows - 1
        found: dict[str, dict[int, str]] = {}
        if any(
            before.first <= row <= last and before.left <= col <= right
            for row, col in self._before.formula_cells(before.sheet)
        ):
            held = self._door.read_formulas(before.name)
            found = {
                str(header): {
                    row: text for row, text in enumerate(held[header].tolist()) if text is not None
                }
                for header in held.columns
                if held[header].notna().any()
            }
        self._read_formulas[before.name] = found
        return found


def _cell(value: object) -> Cell:
    """A cell of a reader as the door writes it."""
    if isinstance(value, str):
        return CellError(value) if value in ERRORS else value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, (time, timedelta)):
        return _as_serial(value)
    return cell_of(value)


def _as_serial(value: time | timedelta) -> float:
    if isinstance(value, time):
        value = timedelta(
            hours=value.hour,
            minutes=value.minute,
            seconds=value.second,
            microseconds=value.microsecond,
        )
    return value / timedelta(days=1)


def bring_back(door: Workbook, notes: Notes) -> list[str]:
    """Writes what stood before a macro, and gives the tabs that the macro added, which stay.

    Args:
        door: to the workbook.
        notes: what the macro overwrote.

    Raises:
        WorkbookError: a table or column is gone by now, or rows came and went since; nothing
            is written then.
    """
    shapes = door.tables()
    renamed = dict(notes.renamed)
    for name, held in notes.tables.items():
        _refuse_changed(find_table(shapes, name, door.label), held, renamed.get(name, {}), door)
    for name, headers in reversed(notes.renamed):
        door.rename_columns(name, {new: old for old, new in headers.items()})
    _lock_again(door, notes, False)
    _write_names(door, notes)
    for name, held in notes.tables.items():
        _write_table(door, name, held)
    _lock_again(door, notes, True)
    return [tab for tab in notes.added if tab in door.sheets()]


def roll_back(door: Workbook, notes: Notes) -> list[str]:
    """Writes what stood before a macro that failed; gives what could not be brought back."""
    failed = []
    steps: list[Callable[[], object]] = [
        *(
            partial(door.rename_columns, name, {new: old for old, new in headers.items()})
            for name, headers in reversed(notes.renamed)
        ),
        partial(_lock_again, door, notes, False),
        partial(_write_names, door, notes),
        *(
            partial(_write_table, door, name, held)
            for name, held in notes.tables.items()
            if held.is_whole or held.touched
        ),
        partial(_lock_again, door, notes, True),
    ]
    for step in steps:
        try:
            step()
        except WorkbookError as trouble:
            failed.append(str(trouble))
    return failed


def _refuse_changed(
    shape: TableShape, held: _Table, renamed: Mapping[str, str], door: Workbook
) -> None:
    here = {header.strip() for header in shape.columns}
    for header in held.columns:
        if renamed.get(header, header) not in here:
            raise column_trouble(shape, header, 0, door.label)
    moved = held.is_whole and held.left is not None and held.left != shape.rows
    beyond = max((max(rows, default=-1) for rows in held.touched.values()), default=-1)
    if moved or (not held.is_whole and beyond >= shape.rows):
        raise WorkbookError(
            f"{door.label}: sheet {shape.sheet}: rows of the table {shape.name} came or went since "
            "the last button; what it overwrote cannot be put back in its place. Nothing was "
            "changed."
        )


def _lock_again(door: Workbook, notes: Notes, locked: bool) -> None:
    """Unlocks the sheets that were unlocked, or locks those that were locked."""
    if isinstance(door, Lockable):
        for sheet, was in notes.locks.items():
            if was == locked:
                door.lock(sheet, locked)


def _write_names(door: Workbook, notes: Notes) -> None:
    for sheet in dict.fromkeys(sheet for sheet, _ in notes.names):
        door.write_names({name: v for (s, name), v in notes.names.items() if s == sheet}, sheet)


def _write_table(door: Workbook, name: str, held: _Table) -> None:
    if held.is_whole:
        frame = pd.DataFrame(
            {header: pd.Series(cells, dtype=object) for header, cells in held.columns.items()},
            index=range(held.rows),
        )
        here = door.tables()[name].rows
        was = [at if at is not None and at < here else None for at in held.now]
        door.replace_rows(name, frame, was=was)
        return
    alike: dict[tuple[int, ...], list[str]] = {}
    for header, touched in held.touched.items():
        if header in held.columns:
            alike.setdefault(tuple(touched), []).append(header)
    for rows, headers in alike.items():
        cells = {each: [_at(held.columns[each], row) for row in rows] for each in headers}
        door.write_columns(name, pd.DataFrame(cells, index=list(rows), dtype=object))


def _at(cells: Sequence[Cell], row: int) -> Cell:
    return cells[row] if row < len(cells) else None


# --- The file -------------------------------------------------------------------


def keep(place: str, notes: Notes) -> bool:
    """Keeps the notes of a workbook's last macro on this computer; False where that fails."""
    content = {
        "place": place,
        "macro": notes.macro,
        "when": notes.when,
        "tables": {
            name: {
                "rows": held.rows,
                "now": held.now,
                "touched": held.touched,
                "whole": held.is_whole,
                "left": held.left,
                "columns": {header: _coded(cells) for header, cells in held.columns.items()},
            }
            for name, held in notes.tables.items()
        },
        "names": [[sheet, name, _code(v)] for (sheet, name), v in notes.names.items()],
        "renamed": notes.renamed,
        "added": notes.added,
        "locks": notes.locks,
    }
    try:
        path = _path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(content, ensure_ascii=False).encode())
    except (OSError, WorkbookError):
        return False
    return True


def kept(place: str) -> Notes:
    """The notes of a workbook's last macro.

    Raises:
        WorkbookError: there are none on this computer, or they cannot be read.
    """
    nothing = WorkbookError(
        f"{place}: nothing can be brought back; no macro has run on this workbook on this computer."
    )
    try:
        held = json.loads(_path(place).read_text(encoding="utf-8"))
        return Notes(
            held["macro"],
            held["when"],
            {
                name: _Table(
                    {header: _decoded(cells) for header, cells in table["columns"].items()},
                    table["rows"],
                    table["now"],
                    table["touched"],
                    table["whole"],
                    table["left"],
                )
                for name, table in held["tables"].items()
            },
            {(sheet, name): _decode(value) for sheet, name, value in held["names"]},
            [(name, dict(headers)) for name, headers in held["renamed"]],
            list(held["added"]),
            {str(sheet): bool(was) for sheet, was in held.get("locks", {}).items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise nothing from None


@contextlib.contextmanager
def unless_it_fails(place: str, out: str = "") -> Iterator[None]:
    """Keeps the notes that there were where a macro, or the saving after it, fails.

    Args:
        place: of the workbook that the macro works on.
        out: where it is saved to, if elsewhere: the new notes belong to that one.
    """
    path = _path(place)
    before = path.read_bytes() if path.exists() else None
    try:
        yield
    except BaseException:
        _put_back(path, before)
        raise
    if out and out != place:
        with contextlib.suppress(OSError):
            path.replace(_path(out))
        _put_back(path, before)


def _put_back(path: Path, before: bytes | None) -> None:
    with contextlib.suppress(OSError):
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)


def _path(place: str) -> Path:
    from platformdirs import user_state_path

    name = hashlib.sha256(place.encode()).hexdigest()[:32]
    return user_state_path("accountplan") / "last" / f"{name}.json"


def _coded(cells: list[Cell]) -> Any:
    """A column for JSON; numbers as the bytes of doubles, which is quick and exact."""
    if all(cell is None or type(cell) is float for cell in cells):
        numbers = np.array([np.nan if cell is None else cell for cell in cells], dtype="<f8")
        return base64.b64encode(numbers.tobytes()).decode()
    if all(cell is None or type(cell) is str for cell in cells):
        return cells
    return [_code(cell) for cell in cells]


def _decoded(held: Any) -> list[Cell]:
    if isinstance(held, str):
        numbers = np.frombuffer(base64.b64decode(held), dtype="<f8")
        return [None if number != number else number for number in numbers.tolist()]
    return [_decode(cell) for cell in held]


def _code(value: object) -> Any:
    cell = cell_of(value)
    if isinstance(cell, Formula):
        return {"formula": cell.text}
    if isinstance(cell, CellError):
        return {"error": cell.text}
    return {"day": cell.isoformat()} if isinstance(cell, datetime) else cell


def _decode(held: Any) -> Cell:
    if not isinstance(held, dict):
        return float(held) if isinstance(held, int) and not isinstance(held, bool) else held
    if "formula" in held:
        return Formula(held["formula"])
    return CellError(held["error"]) if "error" in held else datetime.fromisoformat(held["day"])
