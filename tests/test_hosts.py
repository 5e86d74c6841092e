"""Does every host keep what the door to a workbook promises?

The same tests run on a closed file and on a workbook open in an Excel in memory, reached through
the real xlwings API. Oracles: what the workbook was made of, and what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from accountplan.addin.hosts.excel import ExcelWorkbook
from accountplan.addin.hosts.package import NotOursError
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.workbook import CellError, Formula, Lockable, Workbook, open_workbook
from accountplan.udfs.errors import WorkbookError
from accountplan.workbook_templates import contract
from tests.support import engine

HEADERS = ("Account", "Owner", "Potential", "Employees", "Twice", "Mine")
ROWS = (
    ("=Alpha", "Rep North 1", 10.5, 100.0),
    ("Beta <&> \u00fcn\u00ef", "Rep North 1", 0.125, 200.0),
    ("00123", "Rep South 1", 1e300, 300.0),
)
TOP, LEFT, LAST = 4, 2, 9
Opener = Callable[[Path], Workbook]


def make(path: Path, *, headers: tuple[str, ...] = HEADERS, protect: bool = False) -> Path:
    """A workbook with a table off the corner: 3 rows filled, 2 blank, formulas, a user's column."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheet, log, free = (book.add_worksheet(name) for name in ("Accounts", "Log", "Mine"))
    table = {"name": "Accounts", "columns": [{"header": header} for header in headers]}
    sheet.add_table(TOP, LEFT, LAST - 1, LEFT + len(headers) - 1, table)
    for at, row in enumerate(ROWS):
        for col, value in enumerate(row):
            sheet.write(TOP + 1 + at, LEFT + col, value)
        cell = f"F{TOP + 2 + at}"
        sheet.write_formula(TOP + 1 + at, LEFT + 5, f'=IF({cell}="","",{cell}*2+1)', None, 7)
    own = f"Accounts[[#This Row],[{headers[3]}]]"
    for at in range(4):
        result = ROWS[at][3] * 2 if at < len(ROWS) else ""
        formula = f'=IF({own}="","",{own}*2)'
        sheet.write_formula(TOP + 1 + at, LEFT + 4, formula, None, result)
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    log.add_table(0, 0, 2, 1, {"name": "Log", "columns": [{"header": "When"}, {"header": "What"}]})
    log.write_datetime(1, 0, datetime(2026, 6, 30), dated)
    log.write(1, 1, "build")
    free.write(0, 0, "my own sheet")
    free.write_datetime(1, 0, datetime(2026, 6, 30), dated)
    free.write_formula(2, 0, "=NA()", None, "#N/A")
    free.write_boolean(3, 0, True)
    book.define_name("Today", "='Mine'!$A$2")
    book.define_name("Broken", "='Mine'!$A$3")
    book.define_name("Flag", "='Mine'!$A$4")
    book.defined_names.append(["plan.account", free.index, "'Mine'!$A$1", False])
    if protect:
        sheet.protect()
    book.close()
    return path


@pytest.fixture(params=["package", "excel", "calc"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens a file with the host under test."""
    if request.param == "package":
        yield PackageWorkbook
    elif request.param == "calc":
        yield request.getfixturevalue("calc").open
    else:
        yield _opened_in_excel


def _opened_in_excel(path: Path) -> Workbook:
    return open_workbook(engine.open_book(path))


@pytest.fixture
def book(opened: Opener, tmp_path: Path) -> Workbook:
    return opened(make(tmp_path / "book.xlsx"))


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


# --- Reading --------------------------------------------------------------------------


def test_a_door_is_what_the_protocol_says(book: Workbook) -> None:
    assert isinstance(book, Workbook)
    assert open_workbook(book) is book


def test_sheets_and_tables_are_found_wherever_they_stand(book: Workbook) -> None:
    assert book.sheets() == ("Accounts", "Log", "Mine")
    shape = book.tables()["Accounts"]
    assert (shape.sheet, shape.top, shape.left, shape.rows) == ("Accounts", TOP, LEFT, 4)
    assert shape.columns == HEADERS


def test_a_table_is_read_without_its_blank_rows(book: Workbook) -> None:
    read = book.read_table("ACCOUNTS")
    assert list(read.columns) == list(HEADERS)
    assert list(read.index) == [0, 1, 2]
    assert [tuple(row) for row in read[list(HEADERS[:4])].to_numpy()] == list(ROWS)
    assert read["Twice"].tolist() == [200.0, 400.0, 600.0]


def test_columns_come_in_the_order_in_which_they_are_asked_for(book: Workbook) -> None:
    read = book.read_table("Accounts", ["Potential", "Account"])
    assert list(read.columns) == ["Potential", "Account"]
    assert read["Potential"].tolist() == [row[2] for row in ROWS]


def test_live_columns_are_those_with_formulas(book: Workbook) -> None:
    assert book.live_columns("Accounts") == {"Twice", "Mine"}


def test_named_cells_are_read_as_what_they_hold(book: Workbook) -> None:
    assert book.read_names(["today", "Broken", "Flag"]) == {
        "today": datetime(2026, 6, 30),
        "Broken": CellError("#N/A"),
        "Flag": True,
    }
    assert book.read_names(["plan.account"], "Mine") == {"plan.account": "my own sheet"}


# --- Writing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "=1+1"),
        ("+1", "+1"),
        ("-x", "-x"),
        ("@SUM", "@SUM"),
        ("'quoted", "'quoted"),
        ("00123", "00123"),
        ("1/2", "1/2"),
        ("May 5", "May 5"),
        ("TRUE", "TRUE"),
        ("5%", "5%"),
        ("_x0041_ <&> \u00fc", "_x0041_ <&> \u00fc"),
        (" two\nlines ", " two\nlines "),
        ("", None),
        (0.1 + 0.2, 0.1 + 0.2),
        (np.float64(-1e-300), -1e-300),
        (np.int64(7), 7.0),
        (123456789012345, 123456789012345.0),
        (True, True),
        (np.False_, False),
        (None, None),
        (float("nan"), None),
        (pd.NaT, None),
        (date(2026, 9, 30), datetime(2026, 9, 30)),
        (pd.Timestamp("2026-09-30 13:45:30"), datetime(2026, 9, 30, 13, 45, 30)),
        (CellError("#N/A"), CellError("#N/A")),
    ],
)
def test_values_come_back_as_they_were_written(
    book: Workbook, value: object, expected: object
) -> None:
    values = pd.DataFrame({"Owner": pd.Series([value], dtype=object, index=[1])})
    book.write_columns("Accounts", values)
    found = book.read_table("Accounts").loc[1, "Owner"]
    assert found == expected and type(found) is type(expected)


def test_only_the_cells_that_are_written_change(book: Workbook) -> None:
    before = book.read_table("Accounts")
    book.write_columns("Accounts", pd.DataFrame({"Potential": [1.0, 2.0]}, index=[0, 2]))
    after = book.read_table("Accounts")
    assert after["Potential"].tolist() == [1.0, before.loc[1, "Potential"], 2.0]
    same = ["Account", "Owner", "Employees"]
    pd.testing.assert_frame_equal(after[same], before[same])
    assert book.live_columns("Accounts") == {"Twice", "Mine"}


def test_rows_typed_directly_beneath_a_table_become_its_rows(
    opened: Opener, tmp_path: Path
) -> None:
    path = make(tmp_path / "book.xlsx")
    typed = PackageWorkbook(path)
    typed.replace_rows("Accounts", frame(Account=["One"]), was=[0])
    typed.save()
    import openpyxl

    held = openpyxl.load_workbook(path)
    held["Accounts"].cell(TOP + 3, LEFT + 1, "Typed")
    held["Accounts"].cell(TOP + 4, LEFT + 1, "Typed too")
    held.save(path)
    book = opened(path)
    assert book.tables()["Accounts"].rows == 1
    read = book.read_table("Accounts")
    assert read["Account"].tolist() == ["One", "Typed", "Typed too"]
    book.write_columns("Accounts", frame(Potential=[1.0, 2.0, 3.0]))
    assert book.tables()["Accounts"].rows == 3
    assert book.read_table("Accounts")["Potential"].tolist() == [1.0, 2.0, 3.0]


def test_a_table_grows_with_its_formulas(book: Workbook) -> None:
    names = [f"Account {number}" for number in range(30)]
    book.replace_rows("Accounts", frame(Account=names, Employees=range(30)))
    assert book.tables()["Accounts"].rows == 30
    assert book.read_table("Accounts")["Account"].tolist() == names
    assert book.live_columns("Accounts") == {"Twice", "Mine"}


def test_a_table_shrinks_and_leaves_nothing_behind(book: Workbook) -> None:
    book.replace_rows("Accounts", frame(Account=["Only"]))
    assert book.tables()["Accounts"].rows == 1
    read = book.read_table("Accounts")
    assert read["Account"].tolist() == ["Only"] and read.loc[0, "Owner"] is None
    book.replace_rows("Accounts", frame(Account=["a", "b", "c", "d", "e"]))
    assert book.read_table("Accounts")["Owner"].tolist() == [None] * 5


def test_a_table_without_rows_keeps_a_blank_one(book: Workbook) -> None:
    book.replace_rows("Accounts", frame(Account=[]))
    assert book.tables()["Accounts"].rows == 1
    assert book.read_table("Accounts").empty


def test_spare_rows_stay_blank(book: Workbook) -> None:
    book.replace_rows("Accounts", frame(Account=["Only"]), spare=9)
    assert book.tables()["Accounts"].rows == 10
    assert list(book.read_table("Accounts").index) == [0]


def test_cells_of_other_columns_go_with_their_rows(book: Workbook) -> None:
    book.replace_rows("Accounts", frame(Account=["c", "new", "a"]), was=[2, None, 0])
    read = book.read_table("Accounts")
    assert read["Owner"].tolist() == ["Rep South 1", None, "Rep North 1"]
    assert read["Employees"].tolist() == [300.0, None, 100.0]
    assert book.live_columns("Accounts") == {"Twice", "Mine"}


def test_rows_are_appended_behind_the_last_filled_one(book: Workbook) -> None:
    for number in range(3):
        book.append_rows("Log", frame(When=[date(2026, 7, number + 1)], What=[f"run {number}"]))
    read = book.read_table("Log")
    assert read["What"].tolist() == ["build", "run 0", "run 1", "run 2"]
    assert read["When"].tolist() == [datetime(2026, 6, 30)] + [
        datetime(2026, 7, day) for day in (1, 2, 3)
    ]


def test_named_cells_are_written(book: Workbook) -> None:
    book.write_names({"Today": date(2026, 7, 1), "Flag": False})
    book.write_names({"plan.account": "=Alpha"}, "Mine")
    assert book.read_names(["Today", "Flag"]) == {"Today": datetime(2026, 7, 1), "Flag": False}
    assert book.read_names(["plan.account"], "Mine") == {"plan.account": "=Alpha"}


def test_a_formula_is_written_as_one(book: Workbook) -> None:
    book.write_columns("Accounts", frame(Owner=[Formula("=1+1")]))
    assert "Owner" in book.live_columns("Accounts")


# --- What is refused ------------------------------------------------------------------


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(WorkbookError) as caught:
        act()
    (line,) = caught.value.lines
    assert "\n" not in line and "book.xlsx" in line
    return line


def test_a_renamed_header_is_named_with_its_place(opened: Opener, tmp_path: Path) -> None:
    headers = ("Account", "Owner", "Pot.", "Employees", "Twice", "Mine")
    book = opened(make(tmp_path / "book.xlsx", headers=headers))
    for act in (
        lambda: book.read_table("Accounts", ["Account", "Potential"]),
        lambda: book.write_columns("Accounts", frame(Potential=[1.0])),
        lambda: book.replace_rows("Accounts", frame(Potential=[1.0])),
    ):
        line = refused(act)
        assert "sheet Accounts, C5:H5" in line and "'Potential'" in line and "header" in line
    assert book.read_table("Accounts")["Pot."].tolist() == [row[2] for row in ROWS]


def test_a_table_that_is_gone_is_named(book: Workbook) -> None:
    assert "Scores" in refused(lambda: book.read_table("Scores"))
    assert "Scores" in refused(lambda: book.write_columns("Scores", frame(A=[1])))


def test_a_name_or_a_sheet_that_is_gone_is_named(book: Workbook) -> None:
    assert "AsOf" in refused(lambda: book.read_names(["AsOf"]))
    assert "plan.owner" in refused(lambda: book.read_names(["plan.owner"], "Mine"))
    assert "Nowhere" in refused(lambda: book.is_protected("Nowhere"))


def test_a_protected_sheet_is_left_alone(opened: Opener, tmp_path: Path) -> None:
    book = opened(make(tmp_path / "book.xlsx", protect=True))
    assert book.is_protected("Accounts") and not book.is_protected("Log")
    line = refused(lambda: book.write_columns("Accounts", frame(Potential=[1.0])))
    assert "sheet Accounts is protected" in line
    refused(lambda: book.replace_rows("Accounts", frame(Potential=[1.0])))
    assert book.read_table("Accounts")["Potential"].tolist() == [row[2] for row in ROWS]


@pytest.fixture
def plan_book(opened: Opener, tmp_path: Path) -> Workbook:
    """A sheet with one cell that is open to typing, named, and one that is not."""
    held = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet, other = held.add_worksheet("Plan - A"), held.add_worksheet("Log")
    sheet.write("A1", "strategy")
    sheet.write("A2", "Draft", held.add_format({"locked": False}))
    other.write("A1", "free")
    for name, cell in (("plan.strategy", "$A$1"), ("plan.state", "$A$2")):
        held.defined_names.append([name, sheet.index, f"'Plan - A'!{cell}", False])
    held.close()
    return opened(tmp_path / "book.xlsx")


def test_a_locked_tab_takes_only_what_is_open_until_it_is_unlocked(plan_book: Workbook) -> None:
    assert isinstance(plan_book, Lockable)
    for _ in range(2):
        assert plan_book.lock("plan - a", True)
        assert plan_book.is_protected("Plan - A") and not plan_book.is_protected("Log")
    plan_book.write_names({"plan.state": "Turned in"}, "Plan - A")
    line = refused(lambda: plan_book.write_names({"plan.strategy": "New"}, "Plan - A"))
    assert "sheet Plan - A is protected" in line
    for _ in range(2):
        assert plan_book.lock("Plan - A", False)
        assert not plan_book.is_protected("Plan - A")
    plan_book.write_names({"plan.strategy": "New"}, "Plan - A")
    assert plan_book.read_names(["plan.strategy", "plan.state"], "Plan - A") == {
        "plan.strategy": "New",
        "plan.state": "Turned in",
    }


def test_a_password_of_the_owner_stays(opened: Opener, tmp_path: Path) -> None:
    held = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    held.add_worksheet("Plan - A").protect("secret")
    held.close()
    book = opened(tmp_path / "book.xlsx")
    assert isinstance(book, Lockable)
    assert book.lock("Plan - A", True)
    assert not book.lock("Plan - A", False) and book.is_protected("Plan - A")


def test_a_table_does_not_grow_over_what_stands_beneath(opened: Opener, tmp_path: Path) -> None:
    import openpyxl

    path = make(tmp_path / "book.xlsx")
    held = openpyxl.load_workbook(path)
    held["Accounts"]["D12"] = "my own total"
    held.save(path)
    book = opened(path)
    line = refused(lambda: book.replace_rows("Accounts", frame(Account=list("abcdefgh"))))
    assert "sheet Accounts, cell D12" in line
    assert book.tables()["Accounts"].rows == 4
    assert book.read_table("Accounts")["Account"].tolist() == [row[0] for row in ROWS]


def test_a_text_too_long_for_a_cell_is_refused(book: Workbook) -> None:
    line = refused(lambda: book.write_columns("Accounts", frame(Owner=["x" * 32_768])))
    assert "cell D6" in line


def test_a_workbook_of_somebody_else_is_not_touched(opened: Opener, tmp_path: Path) -> None:
    other = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    other.add_worksheet("Budget")
    other.close()
    before = (tmp_path / "book.xlsx").read_bytes()
    with pytest.raises(NotOursError):
        opened(tmp_path / "book.xlsx")
    assert (tmp_path / "book.xlsx").read_bytes() == before


# --- Plan tabs ------------------------------------------------------------------------


def make_plans(path: Path) -> Path:
    """Two plan tabs, each with a table and a name, a sheet between tabs and names behind them."""
    book = xlsxwriter.Workbook(str(path))
    for number, name in enumerate(("Plan - A", "Plan - spare 1"), start=1):
        sheet = book.add_worksheet(name)
        sheet.write("B2", f"account {number}")
        columns = [{"header": "Name"}, {"header": "Flag"}]
        sheet.add_table("A4:B6", {"name": f"Contacts{number}", "columns": columns})
        formula = f'=IF(Contacts{number}[[#This Row],[Name]]="","",\'{name}\'!$B$2)'
        sheet.write_formula("B5", formula, None, "")
        book.defined_names.append(["plan.account", sheet.index, f"'{name}'!$B$2", False])
    log = book.add_worksheet("Log")
    log.write("A1", "kept")
    book.defined_names.append(["mine", log.index, "'Log'!$A$1", False])
    book.close()
    return path


def test_a_plan_tab_is_copied_with_its_names_and_tables(opened: Opener, tmp_path: Path) -> None:
    book = opened(make_plans(tmp_path / "book.xlsx"))
    named = book.copy_plan_tab("Plan - spare 1", "Plan - O'Neil")
    assert named == {"Contacts2": "Contacts3"}
    assert book.sheets() == ("Plan - A", "Plan - spare 1", "Plan - O'Neil", "Log")
    assert book.tables()["Contacts3"].sheet == "Plan - O'Neil"
    book.write_names({"plan.account": "Neil"}, "Plan - O'Neil")
    for sheet, account in (("Plan - O'Neil", "Neil"), ("Plan - spare 1", "account 2")):
        assert book.read_names(["plan.account"], sheet) == {"plan.account": account}
    assert book.read_names(["mine"], "Log") == {"mine": "kept"}
    assert "plan - a" in refused(lambda: book.copy_plan_tab("Plan - spare 1", "plan - a"))


# --- Excel alone ----------------------------------------------------------------------


def test_excel_is_asked_once_and_told_once_per_table(tmp_path: Path) -> None:
    held = engine.open_book(make(tmp_path / "book.xlsx"))
    book, impl = ExcelWorkbook(held), held.impl
    assert (impl.reads, impl.writes) == (0, 0)
    read = book.read_table("Accounts")
    assert (impl.reads, impl.writes) == (1, 0)
    book.write_columns("Accounts", read[["Account", "Owner", "Potential"]])
    assert (impl.reads, impl.writes) == (1, 1)


def test_excel_fits_rows_of_sentences_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = engine.open_book(make(tmp_path / "book.xlsx"))
    book, shape = ExcelWorkbook(held), ExcelWorkbook(held).tables()["Accounts"]
    book.replace_rows("Accounts", frame(Account=["Alder", "Birch"]))
    fitted = held.sheets[shape.sheet].impl.fitted
    assert fitted == set()
    monkeypatch.setattr(contract, "FITTED", ("Accounts",))
    book.replace_rows("Accounts", frame(Account=["Alder", "Birch"]))
    assert fitted == {shape.first + 1, shape.first + 2}


def test_excel_shows_what_is_done_and_what_was_done(tmp_path: Path) -> None:
    held = engine.open_book(make(tmp_path / "book.xlsx"))
    book = ExcelWorkbook(held)
    book.status("Scoring accounts")
    book.status("")
    book.message("3 accounts scored.")
    book.save()
    assert held.impl.app.bar == ["Scoring accounts", False]
    assert held.impl.app.boxes == ["3 accounts scored."]
    assert held.impl.saves == 1


def test_excel_that_is_busy_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = ExcelWorkbook(engine.open_book(make(tmp_path / "book.xlsx")))
    read = book.read_table("Accounts", ["Owner"])

    def busy(*_: object) -> None:
        raise engine.RefusedError("Call was rejected by callee.")

    monkeypatch.setattr(engine.Sheet, "tell", busy)
    assert "cell that is being edited" in refused(lambda: book.write_columns("Accounts", read))
