"""Tables on narrow terminals: text gives way, figures stay whole."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from accountplan.addin.terminal import figures_table, show_table

FIGURES = ("3", "0", "12,345,678,901", "-12,345,678,901")


@pytest.mark.parametrize("width", [100, 80, 60, 40])
def test_no_figure_is_cut_or_broken(width: int) -> None:
    table = figures_table("", "Rep", "Plans", "Turned in", "Expected $", "Gap")
    table.add_row("Jonathan Berthelot-Smithson", *FIGURES)
    table.add_row("Ann", "1", "2", "3", "4")
    told = io.StringIO()
    show_table(Console(file=told, width=width), table)
    assert any(all(figure in line for figure in FIGURES) for line in told.getvalue().split("\n"))


def test_on_80_columns_no_line_is_wider() -> None:
    table = figures_table("", "Rep", "Plans", "Turned in", "Expected $", "Gap")
    table.add_row("Jonathan Berthelot-Smithson the elder of the two", *FIGURES)
    told = io.StringIO()
    show_table(Console(file=told, width=80), table)
    assert max(map(len, told.getvalue().split("\n"))) <= 80
