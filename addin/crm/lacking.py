"""Which columns do the deals lack without which a plan says little, and what could they be?

A file whose amounts or close dates stand under a name that nobody knows would
make a plan of noughts. Where it holds a column that could be the one, it is
refused, and nothing is guessed; where it holds none, the plan is made of what
is there.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ...udfs import words as w
from . import dates, numbers
from . import headers as h
from .columns import Columns
from .report import Journal


def _holds_numbers(columns: Columns, header: str) -> bool:
    return not numbers.scan(columns.table.cells(header)).bad


def _holds_dates(columns: Columns, header: str) -> bool:
    # A plain number in a workbook could be a day; whoever exports it formats it as one.
    if _holds_numbers(columns, header):
        return False
    read = dates.read(columns.table.cells(header), "", typed=columns.table.typed, years=False)
    return not read.bad


_ASKED: Final[tuple[tuple[str, str, str, str, Callable[[Columns, str], bool]], ...]] = (
    ("the amount", w.AMOUNT, h.ACTUAL_AMOUNT, "numbers", _holds_numbers),
    ("the close date", w.CLOSE_DATE, h.ACTUAL_CLOSE_DATE, "dates", _holds_dates),
)


def refuse_unnamed(columns: Columns, mapping: Mapping[str, str], journal: Journal) -> None:
    """Tell the journal of amounts and close dates that may stand under a name nobody knows.

    Args:
        columns: the opportunities file.
        mapping: our column -> header, from --columns; "" says that there is none.
        journal: told of mistakes.
    """
    table = columns.table
    headers = [*table.raw, *table.empty]
    known = h.match(table.role, headers, mapping)
    taken = {*known.columns.values(), *(header for header, _ in known.doubles)}
    for what, column, other, kind, could_be in _ASKED:
        if column in known.columns or other in known.columns or mapping.get(column) == "":
            continue
        unknown = [name for name in table.raw if name not in taken and could_be(columns, name)]
        if unknown:
            journal.mistake(
                f"{table.file}: no column is known as {what}; it has columns of {kind} that are "
                f"not known: {', '.join(unknown)}; call the one {column}, or say which in "
                f'--columns MAP.toml: [{table.role}] "{column}" = "...", "" if there is none '
                f"({h.looked_for(table.role, column)})"
            )
