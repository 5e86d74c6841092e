"""What every macro does alike: open, say what it is doing, note what it overwrites, report.

A macro that fails in the middle leaves the workbook as it was: what it had
written is brought back, and a closed file is not saved at all.
"""

import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pandas as pd

from ..workbook_templates import contract as c
from ..workbook_templates.sheets.log import RESULT, WHAT, WHEN, WHO
from . import undo
from .hosts.reader import Reader
from .needs import refuse_broken
from .undo import Recorder
from .workbook import Workbook, open_workbook

if TYPE_CHECKING:
    import xlwings as xw

LONGEST_NAME: Final = 60
"""So many letters of an account's name are told in a message."""


@dataclass
class Desk:
    """A workbook while a macro is at work on it.

    Attributes:
        door: to the workbook; it notes what is overwritten.
        reader: of the workbook as it was before.
        said: what was done, in sentences; ``next``: what to do now.
        rows: how many rows of tables the macro has worked through.
        warnings: what the user should know besides.
    """

    door: Recorder
    reader: Reader
    said: list[str] = field(default_factory=list)
    next: str = ""
    rows: int = 0
    warnings: list[str] = field(default_factory=list)

    def message(self) -> str:
        """What the user reads at the end: done, to know, next."""
        return "\n".join(part for part in (" ".join(self.said), *self.warnings, self.next) if part)


_LISTENING: ContextVar[tuple[list[Desk], ...]] = ContextVar("listening", default=())


@contextmanager
def listening() -> Iterator[list[Desk]]:
    """Gives the desks of the macros that are run meanwhile, as each is done."""
    heard: list[Desk] = []
    token = _LISTENING.set((*_LISTENING.get(), heard))
    try:
        yield heard
    finally:
        _LISTENING.reset(token)


@contextmanager
def at_desk(
    book: "xw.Book | Workbook",
    name: str,
    doing: str,
    needs: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Desk]:
    """Opens a workbook for a macro, and reports at the end: Log, message, what was overwritten.

    Args:
        book: as the macro was given it.
        name: of the button, as its user knows it.
        doing: what the status bar says meanwhile.
        needs: tables, and the columns without which the macro cannot do its work.

    Yields:
        The desk; the macro says there what it did.

    Raises:
        WorkbookError: it is no workbook of this product, or lacks what the macro needs;
            nothing was touched.
    """
    door = open_workbook(book)
    before = door.reader()
    before.read_ahead(needs or ())
    refuse_broken(before, needs or {})
    desk = Desk(Recorder(door, name, before), before)
    door.status(f"Account Plan: {doing} ...")
    try:
        try:
            yield desk
            _log(desk, name)
        except BaseException as trouble:
            for line in undo.roll_back(door, desk.door.notes):
                trouble.add_note(line)
            raise
        if not undo.keep(door.place, desk.door.notes):
            desk.warnings.append("What was overwritten could not be kept for Restore last.")
        for heard in _LISTENING.get():
            heard.append(desk)
        door.message(desk.message())
    finally:
        door.status("")


def _log(desk: Desk, name: str) -> None:
    """Adds a line to Log, where the workbook still has it."""
    if desk.reader.table(c.T_LOG) is None:
        return
    now = datetime.now().replace(microsecond=0)
    line = {WHEN: now, WHAT: name, WHO: _user(), RESULT: " ".join([*desk.said, *desk.warnings])}
    desk.door.append_rows(c.T_LOG, pd.DataFrame([line]))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def counted(number: float, one: str, many: str) -> str:
    """How many things, in words: "1 account", "1,200 accounts"."""
    return f"{number:,.0f} {one if number == 1 else many}"


def listed(names: list[str], most: int = 3) -> str:
    """Up to so many names, and how many there are besides."""
    more = len(names) - most
    return ", ".join(map(shortened, names[:most])) + (f" and {more:,} more" if more > 0 else "")


def shortened(name: str) -> str:
    """A name as a message has room for it."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3].rstrip()}..."
