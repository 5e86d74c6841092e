"""Does Account Plan work in xlwings Lite: within its limits, and from one pasted file?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlwings as xw

from accountplan.addin.hosts.excel import ExcelWorkbook
from accountplan.addin.hosts.lite import LiteWorkbook, formulas_of, press
from accountplan.addin.hosts.package import NotOursError
from accountplan.addin.workbook import Formula, Workbook, open_workbook
from accountplan.udfs.errors import ModelInputError, WorkbookError
from tests.support import engine, lite
from tests.test_hosts import make, make_plans

Step = Callable[[Workbook], object]
STEPS: dict[str, Step] = {
    "values": lambda door: door.write_columns("Accounts", pd.DataFrame({"Potential": [1.0, 2.0]})),
    "text": lambda door: door.write_columns("Accounts", pd.DataFrame({"Account": ["=1+1", "007"]})),
    "growing": lambda door: door.replace_rows(
        "Accounts", pd.DataFrame({"Account": list("abcdefg")}), [2, 0, 1, None, None, None, None]
    ),
    "shrinking": lambda door: door.replace_rows("Accounts", pd.DataFrame({"Account": ["a"]}), [1]),
    "turning": lambda door: door.replace_rows(
        "Accounts", pd.DataFrame({"Account": ["c", "b", "a"]}), [2, 1, 0]
    ),
    "adding": lambda door: door.append_rows(
        "Log", pd.DataFrame({"When": [datetime(2026, 7, 1)] * 3, "What": list("xyz")})
    ),
    "names": lambda door: door.write_names({"Today": datetime(2026, 7, 1)}),
    "formula": lambda door: door.write_columns(
        "Accounts", pd.DataFrame({"Account": [Formula('=HYPERLINK("#A1","there")')]})
    ),
}


def door_of(book: xw.Book) -> LiteWorkbook:
    return LiteWorkbook(book, asyncio.run(formulas_of(book)))


def held(book: xw.Book) -> dict[str, Any]:
    """All that a workbook holds: values, formulas, the edges of tables."""
    return {
        tab.title: (
            {place: value for place, value in tab.values.items() if value is not None},
            dict(tab.formulas),
            {table.label: table.bounds for table in tab.lists},
        )
        for tab in book.impl.tabs
    }


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_what_is_written_in_lite_is_what_is_written_in_excel(tmp_path: Path, step: Step) -> None:
    path = make(tmp_path / "book.xlsx")
    in_excel, in_lite = engine.open_book(path), lite.open_book(path)
    step(ExcelWorkbook(in_excel))
    step(door_of(in_lite))
    assert held(in_lite) == held(in_excel)
    assert held(in_lite) != held(engine.open_book(path))


def test_what_is_read_in_lite_is_what_is_read_in_excel(tmp_path: Path) -> None:
    path = make(tmp_path / "book.xlsx")
    in_excel, in_lite = ExcelWorkbook(engine.open_book(path)), door_of(lite.open_book(path))
    assert in_lite.sheets() == in_excel.sheets()
    assert in_lite.tables() == in_excel.tables()
    assert in_lite.live_columns("Accounts") == in_excel.live_columns("Accounts")
    assert in_lite.live_columns("Accounts") == {"Twice", "Mine"}
    pd.testing.assert_frame_equal(in_lite.read_table("Accounts"), in_excel.read_table("Accounts"))
    assert in_lite.read_names(["Today"]) == {"Today": datetime(2026, 6, 30)}


def test_a_macro_takes_the_door_for_a_workbook(tmp_path: Path) -> None:
    door = door_of(lite.open_book(make(tmp_path / "book.xlsx")))
    assert isinstance(door, Workbook)
    assert open_workbook(door) is door


def test_the_status_bar_and_protection_that_lite_does_not_have(tmp_path: Path) -> None:
    door = door_of(lite.open_book(make(tmp_path / "book.xlsx", protect=True)))
    door.status("working")
    door.status("")
    assert door.is_protected("Accounts") is False
    with pytest.raises(WorkbookError):
        door.is_protected("No such sheet")


def test_a_new_plan_tab_is_refused_in_one_line_with_the_way_round(tmp_path: Path) -> None:
    book = lite.open_book(make_plans(tmp_path / "book.xlsx"))
    before = held(book)
    with pytest.raises(WorkbookError, match="spare plan tabs") as refused:
        door_of(book).copy_plan_tab("Plan - spare 1", "Plan - Alder")
    assert "\n" not in str(refused.value)
    assert held(book) == before


def test_a_press_runs_the_macro_behind_its_decorator(tmp_path: Path) -> None:
    seen: list[tuple[Workbook, str]] = []

    def macro(book: Workbook, account: str = "") -> None:
        seen.append((book, account))

    async def decorated(*_: object) -> None:
        raise AssertionError("Lite's own wrapper expects another first argument")

    decorated.__wrapped__ = macro  # type: ignore[attr-defined]
    book = lite.open_book(make(tmp_path / "book.xlsx"))
    asyncio.run(press(decorated, book, account="Alder"))
    ((door, account),) = seen
    assert isinstance(door, LiteWorkbook)
    assert account == "Alder"


def test_a_users_mistake_is_shown_in_a_box(tmp_path: Path) -> None:
    def macro(book: Workbook) -> None:
        raise ModelInputError("Settings: the weights total 90.", ("And another.",))

    book = lite.open_book(make(tmp_path / "book.xlsx"))
    asyncio.run(press(macro, book))
    assert book.impl.app.boxes == ["Settings: the weights total 90.\nAnd another."]


def test_somebody_elses_workbook_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    pd.DataFrame({"a": [1]}).to_excel(other)
    book = lite.open_book(other)
    before = held(book)
    with pytest.raises(NotOursError):
        door_of(book)
    asyncio.run(press(lambda door: None, book))
    assert "is no workbook of Account Plan" in book.impl.app.boxes[0]
    assert held(book) == before
