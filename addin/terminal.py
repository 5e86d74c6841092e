"""How the terminal is written to: plain tables, lists, and the user's text taken literally."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal, TypeVar

from rich.console import Console
from rich.table import Table

AnyTable = TypeVar("AnyTable", bound=Table)


def new_console() -> Console:
    """Where to print: as wide as the terminal."""
    # Into a file or another program there is no edge to fold at.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


@contextmanager
def progress(steps: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on stderr, where that is a terminal; it goes when all is done.

    Args:
        steps: how many there will be.

    Yields:
        What to call as each step begins, with what it does.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    look = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*look, console=Console(stderr=True), transient=True) as bar:
        task, begun = bar.add_task("", total=steps), 0

        def step(doing: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, description=doing)
            begun += 1

        yield step


_LOOK: Final[dict[str, Any]] = {
    "title_justify": "left",
    "title_style": "bold",
    "box": None,
    "pad_edge": False,
}


class FiguresTable(Table):
    """A table whose first column is text and gives way; the others are figures and stay whole."""

    def add_row(self, *cells: str) -> None:  # type: ignore[override]
        """A row more; each column of figures is as wide as its widest."""
        super().add_row(*cells)
        for column, cell in zip(self.columns[1:], cells[1:], strict=True):
            column.min_width = max(column.min_width or 0, len(cell))
            column.no_wrap = column.min_width >= len(str(column.header))


def plain_table(title: str, *columns: str) -> Table:
    """A plain table: the first column is text, the others are short."""
    return _with_columns(Table(title=title, **_LOOK), columns)


def figures_table(title: str, *columns: str) -> FiguresTable:
    """A plain table with figures in all columns but the first."""
    return _with_columns(FiguresTable(title=title, **_LOOK), columns)


def _with_columns(table: AnyTable, columns: Sequence[str]) -> AnyTable:
    for place, column in enumerate(columns):
        side: Literal["left", "right"] = "right" if place else "left"
        table.add_column(column, justify=side, header_style="dim", overflow="fold")
    return table


def show_table(console: Console, table: Table) -> None:
    """Prints a table, wider than the terminal if it must be: half a figure is a wrong figure."""
    console.print(table, crop=False)


def literally(value: object) -> str:
    """Text of the user's, with rich's own signs taken literally."""
    from rich.markup import escape

    return escape(str(value))


def list_item(console: Console, text: str) -> None:
    """One line of a list, its further lines set in under it."""
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row("  -", literally(text))
    console.print(line)
