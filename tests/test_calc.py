"""Does Calc do what the door asks, with all that belongs to a table, and leave nothing behind?

Oracles: openpyxl as a second reader of what Calc saved, the same operation on the closed file
recalculated by another LibreOffice, and the operating system's list of processes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import demo, planning
from accountplan.addin.hosts.calc import CalcError, CalcWorkbook
from accountplan.addin.hosts.calc_file import CalcFile
from accountplan.addin.hosts.calc_program import Calc, clear_up
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.macros import MACROS
from accountplan.udfs import words as w
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support.office import Office, column_letters
from tests.support.same_cells import cells, differing, same, untimed
from tests.support.validator import validate
from tests.support.workbooks import parts

XLSX = "Calc MS Excel 2007 XML"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    write_workbook(planning.books(demo.sample_round())[0], path)
    return path


def saved(calc: Calc, book: CalcWorkbook, target: Path) -> openpyxl.Workbook:
    """The workbook as Calc saves it, read by openpyxl."""
    calc.ask("store_as", document=book.number, target=str(target), filter_name=XLSX)
    return openpyxl.load_workbook(target)


# --- Tables ---------------------------------------------------------------------------


def test_a_table_grows_with_its_formats_rules_and_formulas(
    calc: Calc, path: Path, tmp_path: Path
) -> None:
    book = calc.open(path)
    shape = book.tables()[c.T_OVERRIDES]
    accounts = book.read_table(c.T_ACCOUNTS)[w.ACCOUNT].tolist()
    typed = pd.DataFrame({w.ACCOUNT: [accounts[0]] * (shape.rows + 40)})
    book.append_rows(c.T_OVERRIDES, typed)
    held = saved(calc, book, tmp_path / "grown.xlsx")[shape.sheet]
    last, row = shape.below, shape.below + 40
    for col in range(shape.left + 1, shape.right + 2):
        one, other = held.cell(last, col), held.cell(row, col)
        assert one.number_format == other.number_format
        assert one.fill.fgColor.rgb == other.fill.fgColor.rgb
        assert (one.data_type == "f") == (other.data_type == "f")
    cell = f"{column_letters(shape.left)}{row}"
    rules = [each for each in held.data_validations.dataValidation if cell in each.sqref]
    assert len(rules) == 1
    shown = [each for each in held.conditional_formatting if f"K{row}" in each.sqref]
    assert len(shown) == 1 and len(shown[0].rules) == 2
    book.close()


def test_rows_take_their_formats_and_stay_hidden_where_they_go(
    calc: Calc, path: Path, tmp_path: Path
) -> None:
    held = openpyxl.load_workbook(path)
    sheet = held["Activity"]
    table = sheet.tables[c.T_ACTIVITY]
    first = int("".join(filter(str.isdigit, table.ref.split(":")[0]))) + 1
    for at, name in enumerate(("one", "two", "three")):
        sheet.cell(first + at, 1, name)
    sheet.cell(first + 2, 1).fill = openpyxl.styles.PatternFill("solid", fgColor="FF123456")
    sheet.row_dimensions[first].hidden = True
    held.save(tmp_path / "coloured.xlsx")
    book = calc.open(tmp_path / "coloured.xlsx")
    read = book.read_table(c.T_ACTIVITY)
    column = str(read.columns[0])
    assert read[column].tolist()[:3] == ["one", "two", "three"]
    other = str(read.columns[-1])
    book.replace_rows(c.T_ACTIVITY, pd.DataFrame({other: [3.0, 1.0, 2.0]}), was=[2, 0, 1])
    after = book.read_table(c.T_ACTIVITY)
    assert after[column].tolist() == ["three", "one", "two"]
    assert after[other].tolist() == [3.0, 1.0, 2.0]
    sheet = saved(calc, book, tmp_path / "moved.xlsx")["Activity"]
    filled = [sheet.cell(first + at, 1).fill.fgColor.rgb == "FF123456" for at in range(3)]
    assert filled == [True, False, False]
    assert [bool(sheet.row_dimensions[first + at].hidden) for at in range(3)] == [
        False,
        True,
        False,
    ]
    book.close()


def test_rows_of_sentences_are_as_high_as_the_new_ones_need(
    calc: Calc, path: Path, tmp_path: Path
) -> None:
    book = calc.open(path)
    told = ["One line.", "Two lines of it... " * 9, "Four lines of it... " * 18]
    book.replace_rows(c.T_CHECKS, pd.DataFrame({"What": told}))
    first = book.tables()[c.T_CHECKS].first
    rows = saved(calc, book, tmp_path / "fitted.xlsx")[c.CHECKS].row_dimensions
    one, two, four = (rows[first + 1 + at].height for at in range(3))
    assert one < two < four and 2 * one < four
    book.close()


def test_a_copied_plan_tab_gives_the_same_cells_as_one_copied_in_the_closed_file(
    calc: Calc, office: Office, path: Path, tmp_path: Path
) -> None:
    source, name = "Plan - spare 1", "Plan - O'Neil & Sons"
    closed = PackageWorkbook(path, tmp_path / "copied.xlsx")
    book = calc.open(path)
    tables = book.copy_plan_tab(source, name)
    assert tables == closed.copy_plan_tab(source, name)
    account = str(book.read_table(c.T_ACCOUNTS)[w.ACCOUNT].iloc[0])
    for door in (closed, book):
        door.write_names({"plan.account": account}, name)
    closed.save()
    expected = office.recalculate(tmp_path / "copied.xlsx")[name]
    found = cells(calc, book, name)
    filled = {at: value for at, value in expected.items() if value != ""}
    assert {at: str(value) for at, value in found.items()} == {
        at: str(value) for at, value in filled.items()
    }
    assert account in found.values()
    assert len(found) > 60
    book.close()


def test_one_step_of_undo_takes_a_macro_back(calc: Calc, path: Path) -> None:
    book = calc.open(path)
    calc.ask("recalculate", document=book.number)
    before = {sheet: cells(calc, book, sheet) for sheet in book.sheets()}
    calc.ask("begin", document=book.number, title="Score accounts")
    rows = book.tables()[c.T_OVERRIDES].rows
    book.append_rows(c.T_OVERRIDES, pd.DataFrame({w.ACCOUNT: ["x"] * (rows + 5)}))
    book.replace_rows(c.T_LOG, pd.DataFrame({"What": ["y"]}))
    book.copy_plan_tab("Plan - spare 1", "Plan - New")
    calc.ask("end", document=book.number, keep=False)
    again = CalcWorkbook(calc.ask, book.number)
    assert again.sheets() == tuple(before)
    assert again.tables()[c.T_OVERRIDES].rows == rows
    assert {sheet: cells(calc, again, sheet) for sheet in again.sheets()} == before
    book.close()


# --- Processes ------------------------------------------------------------------------

SCRIPT = """
import sys, time
from accountplan.addin.hosts.calc_file import CalcFile
from accountplan.addin.hosts.calc_program import Calc
calc = Calc()
print(calc._server.pid, calc._office, calc._folder, flush=True)
time.sleep(300)
"""


def started(folder: Path) -> tuple[subprocess.Popen[str], int, int, Path]:
    """A Python that has started Calc: it, the server, the office, and their folder."""
    python = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
    )
    assert python.stdout is not None
    server, office, work = python.stdout.readline().split()
    python.stdout.close()
    return python, int(server), int(office), Path(work)


def eventually(is_so: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    return is_so()


def runs_in(group: int) -> bool:
    """Whether a process of a group is left, zombies aside."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    pairs = (line.split() for line in listed.splitlines())
    return any(pair[0] == str(group) and not pair[1].startswith("Z") for pair in pairs)


def test_a_killed_python_leaves_no_office_behind(tmp_path: Path) -> None:
    python, _, office, work = started(tmp_path)
    assert runs_in(office) and work.is_dir()
    python.kill()
    python.wait()
    assert eventually(lambda: not runs_in(office) and not work.exists())


def test_what_is_left_when_all_were_killed_goes_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, server, office, work = started(tmp_path)
    os.kill(server, signal.SIGSTOP)
    python.kill()
    python.wait()
    os.kill(server, signal.SIGKILL)
    assert eventually(lambda: not runs_in(server)) and runs_in(office) and work.is_dir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    clear_up()
    assert eventually(lambda: not runs_in(office)) and not work.exists()


def test_a_server_that_is_killed_is_told_in_one_line(path: Path) -> None:
    with Calc() as calc:
        book = calc.open(path)
        server, office, work = calc._server, calc._office, calc._folder
        assert server is not None and office is not None and work is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(CalcError, match="LibreOffice has ended") as caught:
            book.read_table(c.T_ACCOUNTS)
        assert len(caught.value.lines) == 1
        assert eventually(lambda: not runs_in(office)) and not work.exists()


# --- Closed files that Calc calculates ------------------------------------------------


def with_newer_function(path: Path, target: Path) -> Path:
    """A copy of a workbook with a formula on Log that Calc 7.4 does not know, and its result."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        names = re.findall(r'<sheet name="([^"]+)"', source.read("xl/workbook.xml").decode())
        log = f"xl/worksheets/sheet{names.index('Log') + 1}.xml"
        for item in source.infolist():
            content = source.read(item)
            if item.filename == log:
                cell = b'<c r="P2"><f>_xlfn.XLOOKUP(1,A1:A2,A1:A2)</f><v>42</v></c>'
                content = re.sub(rb'(<row r="2"[^>]*>.*?)(</row>)', rb"\1" + cell + rb"\2", content)
                assert cell in content
            copy.writestr(item, content)
    return target


def test_a_closed_file_gets_what_calc_works_out_and_nothing_else_of_calc(
    calc: Calc, office: Office, path: Path, tmp_path: Path
) -> None:
    source = with_newer_function(path, tmp_path / "source.xlsx")
    book = CalcFile(calc, source, tmp_path / "out.xlsx")
    accounts = book.read_table(c.T_ACCOUNTS, [w.ACCOUNT])
    typed = {w.ACCOUNT: accounts[w.ACCOUNT].iloc[:2].tolist(), "Field": [w.POTENTIAL] * 2}
    typed |= {"New value": [99.0, 1.0], "Reason": ["seen on site"] * 2, "Evidence": ["visit"] * 2}
    typed |= {"State": ["Accepted"] * 2, "Author": ["Rep"] * 2}
    typed |= {"Date": [pd.Timestamp("2026-06-30")] * 2}
    book.append_rows(c.T_OVERRIDES, pd.DataFrame(typed))
    in_force = book.read_table(c.T_ACCOUNTS, [w.POTENTIAL])
    book.save()
    book.close()
    assert (
        in_force[w.POTENTIAL].tolist()
        != PackageWorkbook(path).read_table(c.T_ACCOUNTS, [w.POTENTIAL])[w.POTENTIAL].tolist()
    )
    expected = office.recalculate(tmp_path / "out.xlsx")
    held = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)
    assert held["Log"]["P2"].value == 42
    differ = [
        (sheet, cell, value, found)
        for sheet, formulas in expected.formulas.items()
        for cell in formulas
        if (sheet, cell) != ("Log", "P2")
        for value in [expected[sheet][cell]]
        for found in [shown(held[sheet][cell].value)]
        if not same(value, found)
    ]
    assert differ == []
    assert sum(map(len, expected.formulas.values())) > 1_000
    assert validate([tmp_path / "out.xlsx"])[tmp_path / "out.xlsx"] == []
    before, after = parts(source), parts(tmp_path / "out.xlsx")
    changed = {name for name in before if after.get(name) != before[name]}
    assert all(name.startswith(("xl/worksheets/sheet", "xl/workbook.xml")) for name in changed)


def shown(value: Any) -> Any:
    """A value of openpyxl as LibreOffice tells it: dates are serial numbers."""
    if isinstance(value, datetime):
        return (value - datetime(1899, 12, 30)).total_seconds() / 86_400
    return "" if value is None else value


# --- Macros ---------------------------------------------------------------------------

SAMPLES = Path(demo.__file__).parents[1] / "workbook_templates" / "samples"
ARGUMENTS = {
    "import_crm": {
        "accounts": str(SAMPLES / "accounts.csv"),
        "opportunities": str(SAMPLES / "opportunities.csv"),
    },
    "add_plan_tab": {"account": "Dovecote Outfitters"},
}
IN_BOOKS = (
    "compute_funnel_targets",
    "compute_timing_plan",
    "add_plan_tab",
    "check_plans",
    "restore_last",
)
BEFORE = {"restore_last": "compute_funnel_targets"}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The sample's team workbook (True), and a book (False)."""
    folder, whole = tmp_path_factory.mktemp("sources"), demo.sample_round()
    made = {True: folder / "team.xlsx", False: folder / "book.xlsx"}
    write_workbook(whole, made[True])
    write_workbook(planning.book(whole, "Rep North 2"), made[False])
    return made


# These need books that are filled in; test_plan_buttons has them.
WITH_FILES = ("turn_in_plan", "collect_plans", "return_plans")


@pytest.mark.parametrize("macro", [each for each in MACROS if each not in WITH_FILES])
def test_a_macro_gives_the_same_cells_in_calc_as_on_the_closed_file(
    calc: Calc, office: Office, sources: dict[bool, Path], tmp_path: Path, macro: str
) -> None:
    path = Path(shutil.copy(sources[macro not in IN_BOOKS], tmp_path))
    pressed = [each for each in (BEFORE.get(macro), macro) if each]
    closed, book = PackageWorkbook(path, tmp_path / "closed.xlsx"), calc.open(path)
    for door in (closed, book):
        for each in pressed:
            MACROS[each](door, **ARGUMENTS.get(each, {}))
    closed.save()
    assert list(map(untimed, book.messages)) == list(map(untimed, closed.messages))
    calc.ask("recalculate", document=book.number)
    expected = office.recalculate(tmp_path / "closed.xlsx")
    assert list(expected) == list(book.sheets())
    for sheet in book.sheets():
        when: tuple[str, ...] = ()
        if sheet == c.LOG:
            # The second at which a macro was done differs.
            last = book.tables()[c.T_LOG].first + len(book.read_table(c.T_LOG))
            when = tuple(f"A{last - at}" for at in range(len(pressed)))
            shown = cells(calc, book, sheet)
            assert all(abs(shown[at] - float(str(expected[sheet][at]))) < 0.01 for at in when)
        assert differing(calc, book, expected, sheet, when) == [], sheet
    book.close()
