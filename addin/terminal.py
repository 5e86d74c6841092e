"""How the terminal is written to: plain tables, lists, and the user's text taken literally."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.table import Table


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


def plain_table(title: str, *columns: str) -> Table:
    """A plain table: the first column is text, the others are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        # Folded, never cut: half a figure is a wrong figure.
        side: Literal["left", "right"] = "right" if place else "left"
        table.add_column(column, justify=side, header_style="dim", overflow="fold")
    return table


def literally(value: object) -> str:
    """Text of the user's, with rich's own signs taken literally."""
    from rich.markup import escape

    return escape(str(value))


def list_item(console: Console, text: str) -> None:
    """One line of a list, its further lines set in under it."""
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row("  -", literally(text))
    console.print(line)
