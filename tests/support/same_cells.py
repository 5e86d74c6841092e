"""Does a workbook in Calc show the same as one that LibreOffice recalculated from a file?"""

from __future__ import annotations

import math
import re
from typing import Any

from accountplan.addin.hosts.calc import CalcWorkbook
from accountplan.addin.hosts.calc_program import Calc

from .office import Sheets, column_letters


def cells(calc: Calc, book: CalcWorkbook, sheet: str) -> dict[str, Any]:
    """What a sheet shows in Calc: "A1" -> number, text or error, without the empty cells."""
    area = calc.ask("used", document=book.number, sheet=sheet)
    held = calc.ask("read", document=book.number, sheet=sheet, area=area)
    found = {
        f"{column_letters(col)}{row + 1}": value
        for row, line in enumerate(held["rows"])
        for col, value in enumerate(line)
        if value is not None
    }
    return found | {f"{column_letters(col)}{row + 1}": text for row, col, text in held["errors"]}


def untimed(value: Any) -> Any:
    """A value without the time of day that a message may tell."""
    return re.sub(r"\d\d:\d\d:\d\d", "", value) if isinstance(value, str) else value


def same(one: Any, other: Any) -> bool:
    """Whether two cells show the same, but for the last digits of a number."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)
    return str(one) == str(other)


def differing(
    calc: Calc, book: CalcWorkbook, expected: Sheets, sheet: str, without: tuple[str, ...] = ()
) -> list[tuple[str, Any, Any]]:
    """The cells of a sheet that differ: where, as recalculated, as in Calc."""
    wanted = {at: value for at, value in expected[sheet].items() if value != ""}
    found = cells(calc, book, sheet)
    return [
        (at, wanted.get(at), found.get(at))
        for at in sorted((wanted.keys() | found.keys()) - set(without))
        if not same(untimed(wanted.get(at)), untimed(found.get(at)))
    ]
