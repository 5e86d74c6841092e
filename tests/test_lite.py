"""Does Account Plan work in xlwings Lite: within its limits, and from one pasted file?"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlwings as xw

from accountplan.addin import demo, macros, planning
from accountplan.addin.files import write_template
from accountplan.addin.hosts.excel import ExcelWorkbook
from accountplan.addin.hosts.lite import LiteWorkbook, formulas_of, press
from accountplan.addin.hosts.package import NotOursError
from accountplan.addin.workbook import Formula, Workbook, open_workbook
from accountplan.udfs.errors import ModelInputError, WorkbookError
from accountplan.workbook_templates import round
from accountplan.workbook_templates.build import write_workbook
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


# --- Every button -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def rep_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rep's book of the sample."""
    whole = demo.sample_round()
    path = tmp_path_factory.mktemp("books") / "book.xlsx"
    write_workbook(planning.book(whole, planning.owners(whole)[0]), path)
    return path


@pytest.fixture(scope="module")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.xlsx"
    write_template(path)
    return path


def pressed_in_excel(path: Path, presses: Sequence[tuple[str, dict[str, str]]]) -> xw.Book:
    book = engine.open_book(path)
    for name, given in presses:
        inspect.unwrap(macros.MACROS[name])(book, **given)
    return book


def pressed_in_lite(path: Path, presses: Sequence[tuple[str, dict[str, str]]]) -> xw.Book:
    book = lite.open_book(path)
    for name, given in presses:
        asyncio.run(press(macros.MACROS[name], book, **given))
        lite.refresh(book)
    return book


def timeless(thing: object) -> object:
    """Texts without the time of day that they tell."""
    return re.sub(r"\d\d:\d\d:\d\d", "now", thing) if isinstance(thing, str) else thing


def assert_the_same(in_lite: xw.Book, in_excel: xw.Book) -> None:
    said, wanted = ([timeless(box) for box in book.impl.app.boxes] for book in (in_lite, in_excel))
    assert said == wanted
    told, expected = held(in_lite), held(in_excel)
    for sheet, (values, *others) in expected.items():
        found, *rest = told[sheet]
        assert {at: timeless(value) for at, value in found.items()} == {
            at: timeless(value) for at, value in values.items()
        }, sheet
        assert rest == others, sheet


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stops the clock, and keeps what is overwritten in a folder of the test."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls(2026, 7, 1, 12, 0, 0, tzinfo=tz)

    monkeypatch.setattr("accountplan.addin.desk.datetime", Clock)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.usefixtures("one_moment")
@pytest.mark.parametrize(
    "name",
    ["build_quadrant_grid", "compute_funnel_targets", "compute_timing_plan", "check_plans"],
)
def test_a_button_leaves_the_same_book_in_lite_as_in_excel(rep_file: Path, name: str) -> None:
    presses = [(name, {})]
    in_excel = pressed_in_excel(rep_file, presses)
    assert_the_same(pressed_in_lite(rep_file, presses), in_excel)
    assert in_excel.impl.app.boxes


@pytest.mark.usefixtures("one_moment")
def test_a_template_lives_in_lite_as_in_excel(template_file: Path) -> None:
    samples = Path(round.__file__).parent / "samples"
    files = {name: str(samples / f"{name}.csv") for name in ("accounts", "opportunities", "teams")}
    presses: list[tuple[str, dict[str, str]]] = [
        ("import_crm", files),
        ("score_accounts", {}),
        ("review_summary", {}),
        ("suggest_weights", {}),
        ("restore_last", {}),
    ]
    in_excel = pressed_in_excel(template_file, presses)
    assert_the_same(pressed_in_lite(template_file, presses), in_excel)
    assert len(in_excel.impl.app.boxes) == len(presses)


def test_every_button_is_tried_here_or_told_not_to_work() -> None:
    tried = {
        "score_accounts",
        "build_quadrant_grid",
        "compute_funnel_targets",
        "compute_timing_plan",
        "check_plans",
        "import_crm",
        "review_summary",
        "suggest_weights",
        "restore_last",
    }
    # Those of the plans in books need files beside the workbook, which a browser does not see.
    in_files = {"collect_plans", "return_plans", "turn_in_plan"}
    assert set(macros.MACROS) == {*tried, *in_files, "add_plan_tab"}


@pytest.mark.usefixtures("one_moment")
def test_a_plan_tab_that_lite_cannot_add_leaves_the_book_as_it_was(rep_file: Path) -> None:
    book = lite.open_book(rep_file)
    before = held(book)
    accounts = ExcelWorkbook(engine.open_book(rep_file)).read_table("Accounts", ["Account"])
    asyncio.run(press(macros.add_plan_tab, book, account=str(accounts["Account"].iloc[-1])))
    (told,) = book.impl.app.boxes
    assert "spare plan tabs" in told
    assert held(book) == before
