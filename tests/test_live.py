"""Does a click in a running Calc do what it says, and does Calc survive whatever goes wrong?

A built workbook with macros is opened in Calc with the extension; its buttons are pressed through
the scripts that they are bound to, and with a mouse on a screen in memory. Pictures of that screen
are kept under build/live/. Oracles: the same macro on the closed file, the worksheet functions'
own examples, and what stood in the workbook before.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from accountplan.addin import demo, files, planning
from accountplan.addin.calc import extension
from accountplan.addin.excel import packages
from accountplan.addin.excel.buttons import BUTTONS
from accountplan.addin.hosts.calc import CalcWorkbook
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.macros import MACROS
from accountplan.addin.plan_files import read_plan_file
from accountplan.addin.workbook import TableShape, address
from accountplan.udfs.worksheet import FUNCTIONS
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support import team_folder as team
from tests.support.live import LiveCalc, Screen, eventually, extension_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs an X server in memory")

TALK_ABOUT = "Talk about"
ERRORS_SHOWN = ("#VALUE!", "#N/A", "#NUM!", "#DIV/0!", "#REF!", "#NULL!")
PICTURES = Path(__file__).parents[1] / "build" / "live"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's team workbook, a book and the empty template, with buttons."""
    folder, whole = tmp_path_factory.mktemp("live"), demo.sample_round()
    write_workbook(whole, folder / "team.xlsm", controls=packages.controls())
    book = planning.book(whole, "Rep North 2")
    write_workbook(book, folder / "book.xlsm", controls=packages.controls())
    files.write_template(folder / "template.xlsm", controls=packages.controls())
    return folder


@pytest.fixture(scope="module")
def headless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCalc]:
    with LiveCalc(extension_for(tmp_path_factory.mktemp("oxt")), screen=False) as calc:
        yield calc


def text(calc: LiveCalc, book: int, sheet: str, cell: str) -> list[str]:
    found: list[str] = calc.ask("text", document=book, sheet=sheet, cell=cell)
    return found


# --- Worksheet functions --------------------------------------------------------------


def test_a_typed_function_is_answered_by_python_and_follows_its_inputs(
    headless: LiveCalc, built: Path
) -> None:
    book = headless.open_live(built / "team.xlsm")

    def typed(cell: str, formula: str, rows: int = 0) -> None:
        headless.ask("type", document=book, sheet="Log", cell=cell, formula=formula, rows=rows)

    for cell, formula in (("R1", "80"), ("R2", "20"), ("R3", "x")):
        typed(cell, formula)
    typed("S1", "=quadrant(80;20;50)")
    typed("S2", "=win_rate(3;4)*7")
    typed("S3", '=SUM(win_rate("x";4);1)')
    typed("S4", '=error_reason("win_rate";"x";4)')
    typed("S5", "=quadrant(NA();20;50)")
    typed("T1", "=quadrant(R1:R3;R1:R3;50)", rows=3)
    assert text(headless, book, "Log", "S1") == ["Big bet"]
    assert float(text(headless, book, "Log", "S2")[0]) == pytest.approx(3)
    assert text(headless, book, "Log", "S3") == ["#VALUE!"]
    assert text(headless, book, "Log", "S4")[0].startswith("wins: 'x' is no number")
    assert text(headless, book, "Log", "S5") == ["#N/A"]
    assert text(headless, book, "Log", "T1:T3") == ["Slam dunk", "Skip", "#VALUE!"]
    typed("R3", "70")
    assert text(headless, book, "Log", "T1:T3") == ["Slam dunk", "Skip", "Slam dunk"]
    headless.ask("close", document=book)


# --- Buttons --------------------------------------------------------------------------


def table(calc: LiveCalc, book: int, name: str) -> pd.DataFrame:
    return CalcWorkbook(calc.ask, book).read_table(name)


def everything(calc: LiveCalc, book: int) -> dict[str, list[list[Any]]]:
    """All cells of a workbook, sheet by sheet."""
    door = CalcWorkbook(calc.ask, book)
    return {sheet: door.reader().grid(sheet) for sheet in door.sheets()}


def command(calc: LiveCalc, book: int, line: str) -> str:
    """What the function in RunPython's place gives for a line of Python."""
    given = {"module": "AccountPlanPython", "procedure": "RunPythonOf", "arguments": [line]}
    return str(calc.ask("macro", document=book, **given))


def children(calc: LiveCalc) -> list[int]:
    """The Pythons that this office has started."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pgid=,pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    found = (line.split(maxsplit=2) for line in listed.splitlines())
    return [
        int(pid)
        for group, pid, args in found
        if group == str(calc._office) and "calc_press" in args
    ]


def test_only_the_two_functions_that_reach_python_are_exchanged(
    headless: LiveCalc, built: Path
) -> None:
    book = headless.open_live(built / "team.xlsm")
    own = {each.name: each.text for each in packages.workbook_modules(1)}
    functions = str(headless.ask("source", document=book, module="AccountPlanFunctions"))
    assert "Optional ByVal" in functions and "(ByVal" not in functions
    for module in ("AccountPlanAnswers", "AccountPlanPress", "AccountPlanButtons"):
        shown = str(headless.ask("source", document=book, module=module))
        assert shown.split()[-20:] == own[module].split()[-20:]
    shown = str(headless.ask("source", document=book, module="AccountPlanPython"))
    assert "org.accountplan.Calc" in shown and "Function OnMac" in shown
    assert headless.ask("is_modified", document=book) is False
    headless.ask("close", document=book)


def test_the_script_behind_review_summary_fills_the_sheet_as_on_the_closed_file(
    headless: LiveCalc, built: Path, tmp_path: Path
) -> None:
    closed = PackageWorkbook(built / "team.xlsm", tmp_path / "team.xlsm")
    MACROS["review_summary"](closed)
    book = headless.open_live(built / "team.xlsm")
    # What the button is there to renew is gone before it is pressed.
    door = CalcWorkbook(headless.ask, book)
    gone = door.read_table(c.T_REVIEWS)[[TALK_ABOUT]].assign(**{TALK_ABOUT: None})
    door.write_columns(c.T_REVIEWS, gone)
    script = headless.ask("bound", document=book, sheet="Review")["Review summary"]
    headless.ask("press", document=book, script=script)
    expected, found = closed.read_table(c.T_REVIEWS), table(headless, book, c.T_REVIEWS)
    assert found[TALK_ABOUT].tolist() == expected[TALK_ABOUT].tolist()
    assert any(found[TALK_ABOUT])
    assert headless.ask("undo", document=book)[0] == "Account Plan"
    headless.ask("close", document=book)


FAILURES = {
    "a mistake of the user": (
        "book.write_names({'Today': None}); raise WorkbookError('Plan - A, B4: mend it.')",
        "Plan - A, B4: mend it.",
    ),
    "a fault of the program": ("book.write_names({'Today': 'x'}); 1 / 0", "a fault in the program"),
    "Python is killed": (
        "book.message = lambda text: os.kill(os.getpid(), 9); press('score_accounts')",
        "Python ended in the middle; the workbook is as it was.",
    ),
}
PRELUDE = (
    "import os; from accountplan.addin.hosts.caller import calling; book = calling().book; "
    "from accountplan.addin.press import press; from accountplan.udfs.errors import WorkbookError; "
)


def test_after_any_failure_calc_lives_and_the_workbook_is_as_before(
    headless: LiveCalc, built: Path
) -> None:
    book = headless.open_live(built / "team.xlsm")
    headless.ask("recalculate", document=book)
    before = everything(headless, book)
    for what, (line, told) in FAILURES.items():
        said = command(headless, book, PRELUDE + line)
        assert told in said and "\n" not in said, what
        assert headless.ask("undo", document=book) == [], what
        assert everything(headless, book) == before, what
    assert command(headless, book, "pass") == ""
    headless.ask("close", document=book)


MIDDLE = """
book = calling().book
ask = book._ask_office
def then(do, **arguments):
    told = ask(do, **arguments)
    if do == {do!r}:
        {then}
    return told
book._ask_office = then
{line}
"""
DOVECOTE = "Dovecote Outfitters".encode("utf-16-be").hex()
IN_THE_MIDDLE = {
    "write": "press('compute_funnel_targets')",
    "rearrange": "press('check_plans')",
    "copy_tab": f"press('add_plan_tab', account='{DOVECOTE}')",
    "grow": f"book.append_rows({c.T_OVERRIDES!r}, pd.DataFrame({{'Account': ['x'] * 90}}))",
}


def whole(calc: LiveCalc, book: int) -> dict[str, Any]:
    """All cells, tables, names and steps of undo of a workbook, and what macros lock."""
    asked = ("describe", "areas_of_names", "state", "undo")
    return {"cells": everything(calc, book)} | {
        each: calc.ask(each, document=book) for each in asked
    }


def test_a_python_that_is_killed_in_the_middle_leaves_the_workbook_as_before(
    headless: LiveCalc, built: Path
) -> None:
    book = headless.open_live(built / "book.xlsm")
    headless.ask("recalculate", document=book)
    # More steps than Calc keeps: it drops the oldest for each further one.
    for number in range(105):
        headless.ask("type", document=book, sheet="Log", cell="R1", formula=str(number), rows=0)
    before = whole(headless, book)
    assert len(before["undo"]) == 100
    for do, line in IN_THE_MIDDLE.items():
        kill = MIDDLE.format(do=do, then="os.kill(os.getpid(), 9)", line=line)
        said = command(headless, book, PRELUDE + "import pandas as pd" + kill)
        assert said.startswith("Python ended in the middle; the workbook is as it was."), do
        after = whole(headless, book)
        # The oldest step went when the macro's own began.
        after["undo"] = [*after["undo"], *before["undo"][len(after["undo"]) :]]
        assert after == before, do
    headless.ask("close", document=book)


def test_a_workbook_stays_open_while_its_macro_runs(headless: LiveCalc, built: Path) -> None:
    book = headless.open_live(built / "book.xlsm")
    log = len(table(headless, book, c.T_LOG))
    close = "try: ask('close', document=1)\n        except Exception as no: said.append(str(no))"
    line = "press('compute_funnel_targets'); assert 'at work' in said[0]"
    closing = MIDDLE.format(do="write", then=close, line=line)
    assert command(headless, book, PRELUDE + "said = []" + closing) == ""
    assert len(table(headless, book, c.T_LOG)) == log + 1
    headless.ask("close", document=book)


def test_a_python_that_is_not_there_is_told_in_one_line(headless: LiveCalc, built: Path) -> None:
    book = headless.open_live(built / "team.xlsm")
    assert headless._folder is not None
    (setting,) = headless._folder.rglob("python.json")
    right = setting.read_text()
    for python, told in (
        ([sys.executable, "-S"], "Account Plan is no longer in the Python that Calc starts."),
        (["/nowhere/python"], "The Python of Account Plan is no longer where it was."),
    ):
        setting.write_text(json.dumps(python))
        for child in children(headless):
            os.kill(child, signal.SIGKILL)
        assert eventually(lambda told=told: command(headless, book, "pass").startswith(told))
        said = command(headless, book, "pass")
        assert "addin install --calc'" in said and "\n" not in said
    headless.ask("type", document=book, sheet="Log", cell="R1", formula="=win_rate(3;4)", rows=0)
    assert text(headless, book, "Log", "R1") == ["#VALUE!"]
    setting.write_text(right)
    assert command(headless, book, "pass") == ""
    headless.ask("close", document=book)


def test_many_presses_leave_no_trace_but_their_lines_in_the_log(
    headless: LiveCalc, built: Path
) -> None:
    book = headless.open_live(built / "team.xlsm")
    line = "from accountplan.addin.press import press; press('review_summary')"
    presses, log = 12, len(table(headless, book, c.T_LOG))
    seen = []
    for _ in range(presses):
        assert command(headless, book, line) == ""
        seen.append(table(headless, book, c.T_REVIEWS).to_numpy().tolist())
    assert all(each == seen[0] for each in seen)
    assert len(children(headless)) == 1
    assert len(table(headless, book, c.T_LOG)) == log + presses
    headless.ask("close", document=book)


# --- Installed ------------------------------------------------------------------------


def test_what_addin_install_adds_works_after_a_start_and_is_gone_after_remove(built: Path) -> None:
    with LiveCalc(None, screen=False) as calc:
        calc.between(lambda: extension.set_up(*calc.profile()))
        book = calc.open_live(built / "book.xlsm")
        log = len(table(calc, book, c.T_LOG))
        script = calc.ask("bound", document=book, sheet="Path")["Compute funnel targets"]
        calc.ask("press", document=book, script=script)
        assert len(table(calc, book, c.T_LOG)) == log + 1
        place = {"document": book, "sheet": "Log", "cell": "R1"}
        calc.ask("type", **place, formula="=quadrant(80;20;50)", rows=0)
        assert text(calc, book, "Log", "R1") == ["Big bet"]
        calc.ask("close", document=book)
        calc.between(lambda: extension.remove(*calc.profile()))
        book = calc.open_live(built / "book.xlsm")
        assert "org.accountplan.Calc" not in calc.ask(
            "source", document=book, module="AccountPlanPython"
        )
        calc.ask("close", document=book)


# --- Every button and every function ---------------------------------------------------


def test_every_button_is_bound_to_the_sub_of_its_macro(headless: LiveCalc, built: Path) -> None:
    subs = {each.label: each.sub for each in BUTTONS}
    seen = set()
    for name in ("book.xlsm", "team.xlsm", "template.xlsm"):
        book = headless.open_live(built / name)
        for sheet in CalcWorkbook(headless.ask, book).sheets():
            for label, script in headless.ask("bound", document=book, sheet=sheet).items():
                assert f".{subs[label]}?" in script, (name, sheet, label)
                seen.add(label)
        headless.ask("close", document=book)
    assert seen == {each.label for each in BUTTONS if each.sheets}


def test_every_function_answers_bad_input_with_a_real_error_or_a_value(
    headless: LiveCalc, built: Path
) -> None:
    book = headless.open_live(built / "book.xlsm")

    def shown(cell: str, formula: str) -> str:
        place = {"document": book, "sheet": "Log", "cell": cell}
        headless.ask("type", **place, formula=formula, rows=0)
        return text(headless, book, "Log", cell)[0]

    # AZ: a column that Calc has never had a cell in.
    for function in FUNCTIONS:
        for given in ("", '"x"', "NA();1;2", "-1;-1;-1;-1", "AZ1:AZ3;AZ1:AZ3;AZ1:AZ3"):
            answer = shown("R1", f"={function}({given})")
            is_error = shown("S1", '=IF(ISERROR(R1);"yes";"no")') == "yes"
            assert is_error == (answer in ERRORS_SHOWN), (function, given, answer)
            assert is_error or not answer.startswith(("#", "Err:", "Error ")), (function, given)
            if not given and function != "error_reason":
                assert answer == "#VALUE!", function
            if given.startswith("NA()"):
                assert answer == "#N/A", function
    headless.ask("close", document=book)


# --- With a mouse ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as shown:
        yield shown


@pytest.fixture(scope="module")
def window(screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCalc]:
    with LiveCalc(extension_for(tmp_path_factory.mktemp("window")), screen=True) as calc:
        yield calc


def click(calc: LiveCalc, screen: Screen, book: int, sheet: str, label: str) -> None:
    """Clicks a form button, once it stands still on screen."""

    def place() -> Any:
        return calc.ask("control", document=book, sheet=sheet, label=label)

    def at_rest() -> Any:
        found = place()
        time.sleep(0.3)
        return found if found and found[2] > 0 and found == place() else None

    screen.click(eventually(at_rest))


def confirm(calc: LiveCalc, screen: Screen, book: int, lines: int, picture: str) -> None:
    """Waits for the line in Log, looks at the message, and puts it away."""
    written = eventually(lambda: len(table(calc, book, c.T_LOG)) == lines)
    if not written:
        screen.picture(PICTURES / picture)
    assert written
    assert eventually(lambda: calc.ask("boxes"))
    time.sleep(0.3)  # The box has its place before it is drawn.
    screen.picture(PICTURES / picture)

    def is_gone() -> bool:
        for button in calc.ask("boxes"):
            screen.click(button)
            time.sleep(0.5)
        return not calc.ask("boxes")

    assert eventually(is_gone)


def test_a_click_on_review_summary_fills_the_sheet(
    window: LiveCalc, screen: Screen, built: Path, tmp_path: Path
) -> None:
    closed = PackageWorkbook(built / "team.xlsm", tmp_path / "team.xlsm")
    MACROS["review_summary"](closed)
    book = window.open_live(built / "team.xlsm")
    log = len(table(window, book, c.T_LOG))
    window.ask("show", document=book, sheet="Review", cell="A10")
    screen.picture(PICTURES / "review-1-before.png")
    click(window, screen, book, "Review", "Review summary")
    confirm(window, screen, book, log + 1, "review-2-message.png")
    screen.picture(PICTURES / "review-3-after.png")
    expected, found = closed.read_table(c.T_REVIEWS), table(window, book, c.T_REVIEWS)
    assert found[TALK_ABOUT].tolist() == expected[TALK_ABOUT].tolist()
    window.ask("close", document=book)


# --- A day in the life ----------------------------------------------------------------


def go(calc: LiveCalc, screen: Screen, book: int, sheet: str, cell: str, picture: str) -> None:
    """Goes to a cell, clicks it, and keeps what is on screen.

    The click gives the window the keys: no window manager does so here once a box is closed, and
    a button of a window without them loses the first click.
    """
    calc.ask("show", document=book, sheet=sheet, cell=cell)
    screen.click(eventually(lambda: calc.ask("cell", document=book, cell=cell)))
    screen.picture(PICTURES / picture)


def shows(calc: LiveCalc, book: int, sheet: str, cell: str, value: str) -> bool:
    # The format of figures ends in the room of a bracket, which Calc shows as a space.
    return bool(eventually(lambda: [t.rstrip() for t in text(calc, book, sheet, cell)] == [value]))


def named(calc: LiveCalc, book: int, sheet: str, name: str) -> str:
    """The cell that has a name on a sheet, such as B4."""
    found = CalcWorkbook(calc.ask, book).reader().name(name, sheet)
    assert found is not None and found.area is not None
    return address(found.area.top, found.area.left)


def enter(calc: LiveCalc, screen: Screen, book: int, sheet: str, cell: str, value: str) -> None:
    """Clicks a cell and types a value."""
    calc.ask("show", document=book, sheet=sheet, cell=cell)
    time.sleep(0.8)  # Two clicks that are close would edit what is there.
    screen.click(eventually(lambda: calc.ask("cell", document=book, cell=cell)))
    screen.type(value)
    screen.press("Return")


def pick(calc: LiveCalc, screen: Screen, book: int, sheet: str, cell: str) -> None:
    """Picks the first value of a cell's list."""

    def is_picked() -> bool:
        calc.ask("show", document=book, sheet=sheet, cell=cell)
        time.sleep(0.8)
        screen.click(eventually(lambda: calc.ask("cell", document=book, cell=cell)))
        screen.press("alt+Down")
        time.sleep(0.5)  # The list has to be there before it hears keys.
        screen.press("Down", "Up", "Return")
        return text(calc, book, sheet, cell) != [""]

    assert eventually(is_picked)


def cell_of(shape: TableShape, column: str, row: int) -> str:
    """A cell of a table by its column, its data rows counted from 0."""
    return address(shape.first + row, shape.left + shape.columns.index(column))


def test_a_rep_fills_in_a_plan_and_sees_the_flags_change(
    window: LiveCalc, screen: Screen, built: Path
) -> None:
    book, tab = window.open_live(built / "book.xlsm"), "Plan - spare 1"
    go(window, screen, book, "My week", "A1", "rep-1-my-week.png")
    accounts = table(window, book, c.T_ACCOUNTS)["Account"].tolist()
    planned = set(table(window, book, c.T_PLANS)["Account"].dropna())
    account = next(each for each in accounts if each not in planned)
    place = named(window, book, tab, "plan.account")
    go(window, screen, book, tab, place, "rep-2-spare-plan.png")
    before = CalcWorkbook(window.ask, book).read_names(["plan.complete"], tab)["plan.complete"]
    enter(window, screen, book, tab, place, account)
    assert shows(window, book, tab, place, account)
    for name in ("plan.position", "plan.priorities", "plan.competitors"):
        cell = named(window, book, tab, name)
        enter(window, screen, book, tab, cell, "Two sites use us, the third is open from May")
    held = {
        name: each
        for each in CalcWorkbook(window.ask, book).tables().values()
        for name in (c.T_CONTACTS, c.T_ACTIONS)
        if each.sheet == tab and each.name.startswith(name)
    }
    name, role = (cell_of(held[c.T_CONTACTS], column, 0) for column in ("Name", "Role"))
    enter(window, screen, book, tab, name, "Site manager")
    pick(window, screen, book, tab, role)
    assert shows(window, book, tab, role, "Decides")
    screen.picture(PICTURES / "rep-3-contact.png")
    flag = cell_of(held[c.T_ACTIONS], "Flag", 0)
    for column, value, told in (
        ("Action", "Visit the site manager", "owner, date missing"),
        ("Owner", "Rep North 2", "date missing"),
        ("Due", "2025-09-30", "ok"),
    ):
        cell = cell_of(held[c.T_ACTIONS], column, 0)
        enter(window, screen, book, tab, cell, value)
        assert shows(window, book, tab, cell, value)
        assert shows(window, book, tab, flag, told)
    screen.picture(PICTURES / "rep-4-action.png")
    after = CalcWorkbook(window.ask, book).read_names(["plan.complete"], tab)["plan.complete"]
    assert isinstance(before, float) and isinstance(after, float) and after > before
    go(window, screen, book, "Tracker", "A1", "rep-5-tracker.png")
    assert account in table(window, book, c.T_PLANS)["Account"].tolist()
    window.ask("close", document=book)


def test_ops_changes_a_weight_and_sees_quadrants_move(
    window: LiveCalc, screen: Screen, built: Path
) -> None:
    book = window.open_live(built / "team.xlsm")
    go(window, screen, book, "Quadrant", "A1", "ops-1-quadrant.png")
    attributes = CalcWorkbook(window.ask, book).tables()[c.T_ATTRIBUTES]
    weights = CalcWorkbook(window.ask, book).read_table(c.T_ATTRIBUTES)
    likely = weights.index[(weights["Axis"] == "Likelihood") & (weights["Weight"] > 0)][:2]
    before = table(window, book, c.T_ACCOUNTS)["Quadrant"].tolist()
    col = address(0, attributes.left + attributes.columns.index("Weight"))[:-1]
    for at, value in zip(likely, ("0", str(int(weights.loc[likely, "Weight"].sum()))), strict=True):
        cell = f"{col}{attributes.first + at + 1}"
        go(window, screen, book, "Settings", cell, "ops-2-settings.png")
        enter(window, screen, book, "Settings", cell, value)
        assert shows(window, book, "Settings", cell, value)
    screen.picture(PICTURES / "ops-3-weights.png")
    after = table(window, book, c.T_ACCOUNTS)["Quadrant"].tolist()
    assert sum(one != other for one, other in zip(before, after, strict=True)) > 0
    go(window, screen, book, "Quadrant", "A1", "ops-4-quadrant.png")
    window.ask("close", document=book)


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team of two with buttons; both plans are turned in, nothing is collected yet."""
    folder, whole = tmp_path_factory.mktemp("managed"), team.team_round(2)
    paths = {rep: f"books/Rep {rep:02}.xlsx" for rep in (1, 2)}
    (folder / "books").mkdir()
    for rep, path in paths.items():
        write_workbook(planning.book(whole, f"Rep {rep:02}"), folder / path)
        team.fill(folder / path, rep)
        team.hand_in(folder / path, date(2018, 1, 10), by=f"Rep {rep:02}")
    files = {f"Rep {rep:02}": path for rep, path in paths.items()}
    write_workbook(replace(whole, book_files=files), folder / "team.xlsm", packages.controls())
    return folder


def test_a_manager_collects_rates_and_sends_plans_back(
    window: LiveCalc, screen: Screen, managed: Path
) -> None:
    book = window.open_live(managed / "team.xlsm")
    folder = Path(CalcWorkbook(window.ask, book).place).parent
    shutil.copytree(managed / "books", folder / "books")
    lines = len(table(window, book, c.T_LOG))
    for number, label in enumerate(("Collect plans", "Review summary"), start=1):
        go(window, screen, book, "Review", "A10", f"manager-{number}-review.png")
        click(window, screen, book, "Review", label)
        confirm(window, screen, book, lines + number, f"manager-{number}-message.png")
    go(window, screen, book, "Review", "A10", "manager-3-renewed.png")
    plans = table(window, book, c.T_PLANS)
    assert plans["State"].tolist() == ["Turned in", "Turned in"]
    shape = CalcWorkbook(window.ask, book).tables()[c.T_PLANS]
    answers = {
        "Rating": ["2", "5"],
        "Decision": ["Return", "Approve"],
        "Feedback": ["Who signs?", "Go ahead."],
    }
    for column, values in answers.items():
        for row, value in enumerate(values):
            cell = cell_of(shape, column, row)
            enter(window, screen, book, "Tracker", cell, value)
            assert shows(window, book, "Tracker", cell, value)
    go(window, screen, book, "Tracker", "R8", "manager-4-decided.png")
    window.ask("show", document=book, sheet="Review", cell="A10")
    click(window, screen, book, "Review", "Return plans")
    confirm(window, screen, book, lines + 3, "manager-5-returned.png")
    held = [read_plan_file(folder / "books" / f"Rep {rep:02}.xlsx").plans[0] for rep in (1, 2)]
    assert [plan.state for plan in held] == ["Returned", "Approved"]
    assert [plan.fields[c.P_FEEDBACK] for plan in held] == answers["Feedback"]
    after = table(window, book, c.T_PLANS)
    assert after["State"].tolist() == ["Returned", "Approved"]
    assert after["Decision"].tolist() == [None, None] and after["Rating"].tolist() == [2.0, 5.0]
    go(window, screen, book, "History", "A4", "manager-6-history.png")
    window.ask("close", document=book)
