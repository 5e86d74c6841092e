"""Who pressed the button: the workbook, and where its user is told what went wrong.

Excel tells xlwings; Calc tells this module, while its macro runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import xlwings as xw

    from ..workbook import Workbook

TITLE: Final = "Account Plan"


class Caller(Protocol):
    """The workbook whose button was pressed, and its user."""

    @property
    def book(self) -> "xw.Book | Workbook":
        """The workbook."""
        ...

    def alert(self, text: str) -> None:
        """Tells the user why nothing was done."""
        ...


class ExcelCaller:
    """A button in Excel."""

    def __init__(self) -> None:
        import xlwings as xw

        self.book = xw.Book.caller()

    def alert(self, text: str) -> None:
        """Tells the user in a box."""
        self.book.app.alert(text, TITLE)


_caller: Caller | None = None


def calling() -> Caller:
    """Whoever pressed the button."""
    return ExcelCaller() if _caller is None else _caller


@contextmanager
def called_by(caller: Caller) -> Iterator[None]:
    """While this holds, it is this caller who pressed the button."""
    global _caller
    before, _caller = _caller, caller
    try:
        yield
    finally:
        _caller = before
