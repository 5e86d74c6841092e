"""Do the buttons for plans do on an open workbook what the commands do on closed ones?"""

from __future__ import annotations

import shutil
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from accountplan.addin import macros
from accountplan.addin.hosts.calc_program import Calc
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.plan_files import read_plan_file
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.errors import WorkbookError
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import history, tracker
from accountplan.workbook_templates.sheets.log import WHAT

from .support import engine
from .support import team_folder as team
from .support.office import Office
from .support.same_cells import differing


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    team.build(folder, team.team_round(2))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Path(shutil.copytree(built, tmp_path / "team"))


def pressed(macro: str, path: Path, **arguments: str) -> str:
    """What the button says, after it was saved."""
    door = PackageWorkbook(path)
    macros.MACROS[macro](door, **arguments)
    door.save()
    return "\n".join(door.messages)


def test_a_plan_goes_to_the_manager_and_back_by_buttons(folder: Path) -> None:
    book, whole = team.book_of(folder, 1), folder / "team.xlsx"
    team.fill(book, 1)
    told = pressed("turn_in_plan", book, author="Rep 01")
    held = read_plan_file(book).plans[0]
    assert f"The plan for {held.account} is turned in." in told
    assert (held.state, held.stamp) == (p.TURNED_IN, p.fingerprint(held))
    assert PackageWorkbook(book).is_protected(held.tab)

    told = pressed("collect_plans", whole)
    assert "2 books read, 2 plans; new: 1 turned in" in told
    door = PackageWorkbook(whole)
    plans = door.read_table(c.T_PLANS, [w.OWNER])
    mine = plans[plans[w.OWNER] == "Rep 01"]
    cells = {tracker.DECISION: "Return", tracker.FEEDBACK: "Who signs?"}
    door.write_columns(c.T_PLANS, mine[[]].assign(**cells))
    door.save()

    assert "1 plan was sent back." in pressed("return_plans", whole)
    held = read_plan_file(book).plans[0]
    assert (held.state, held.fields[c.P_FEEDBACK]) == (p.RETURNED, "Who signs?")
    events = PackageWorkbook(whole).read_table(c.T_HISTORY)[history.EVENT].tolist()
    assert events == [p.TURNED_IN, p.RETURNED]
    log = PackageWorkbook(whole).read_table(c.T_LOG)[WHAT].tolist()
    assert log[-2:] == ["Collect plans", "Return plans"]


def test_an_incomplete_plan_leaves_the_book_as_it_was(folder: Path) -> None:
    book = team.book_of(folder, 1)
    before = book.read_bytes()
    with pytest.raises(WorkbookError, match="the plan is not complete"):
        pressed("turn_in_plan", book)
    assert book.read_bytes() == before


def test_collecting_belongs_to_the_team_workbook(folder: Path) -> None:
    with pytest.raises(WorkbookError, match="is no team workbook"):
        pressed("collect_plans", team.book_of(folder, 1), folder=str(folder / "books"))


# --- The same in Excel and in Calc -----------------------------------------------------


def test_in_excel_the_tab_is_locked_nothing_else_is_and_restore_last_unlocks_it(
    folder: Path,
) -> None:
    path = team.book_of(folder, 1)
    team.fill(path, 1)
    tab = read_plan_file(path).plans[0].tab
    book = engine.open_book(path)
    macros.turn_in_plan(book, author="Rep 01")
    assert [each.name for each in book.sheets if each.api.ProtectContents] == [tab]
    # The state is open to typing, the strategy is not.
    sheet = book.sheets[tab]
    sheet.names[f"'{tab}'!plan.state"].refers_to_range.value = p.DRAFT
    with pytest.raises(engine.RefusedError):
        sheet.names[f"'{tab}'!plan.strategy"].refers_to_range.value = "New"
    macros.restore_last(book)
    assert not any(each.api.ProtectContents for each in book.sheets)
    macros.restore_last(book)
    assert sheet.api.ProtectContents


def decided(whole: Path) -> None:
    """The manager returns one plan, and approves the other."""
    door = PackageWorkbook(whole)
    plans = door.read_table(c.T_PLANS, [w.OWNER])[[]]
    cells = {
        tracker.DECISION: [tracker.RETURN, tracker.APPROVE],
        tracker.FEEDBACK: ["Who signs?", "Show it to others."],
        tracker.RATING: [2.0, 5.0],
        tracker.EXAMPLE: [None, tracker.WITHOUT_NAMES],
    }
    door.write_columns(c.T_PLANS, plans.assign(**cells))
    door.save()


@pytest.fixture(scope="module")
def stages(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The team's folder as it stands before each of the buttons."""
    made = {name: tmp_path_factory.mktemp("stage") / "team" for name in STAGES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        now = Path(shutil.copytree(built, made["turn_in_plan"]))
        for rep in (1, 2):
            team.fill(team.book_of(now, rep), rep)
        now = Path(shutil.copytree(now, made["collect_plans"]))
        for rep in (1, 2):
            pressed("turn_in_plan", team.book_of(now, rep))
        now = Path(shutil.copytree(now, made["return_plans"]))
        pressed("collect_plans", now / "team.xlsx")
        decided(now / "team.xlsx")
    return made


STAGES = ("turn_in_plan", "collect_plans", "return_plans")


def in_books(folder: Path) -> list[tuple[object, ...]]:
    """How the plans in the books stand."""
    plans = [read_plan_file(team.book_of(folder, rep)).plans[0] for rep in (1, 2)]
    return [(plan.state, plan.fields, plan.stamp, plan.returned) for plan in plans]


@pytest.mark.parametrize("macro", STAGES)
def test_a_button_for_plans_gives_the_same_in_calc_as_on_the_closed_file(
    calc: Calc,
    office: Office,
    stages: dict[str, Path],
    macro: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls(2018, 1, 20, 12, 0, 0, tzinfo=tz)

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for place in ("desk", "plan_buttons"):
        monkeypatch.setattr(f"accountplan.addin.{place}.datetime", Clock)
    folder = tmp_path / "team"
    path = team.book_of(folder, 1) if macro == "turn_in_plan" else folder / "team.xlsx"
    shutil.copytree(stages[macro], folder)
    closed = PackageWorkbook(path, tmp_path / "closed.xlsx")
    macros.MACROS[macro](closed)
    closed.save()
    written = in_books(folder)
    shutil.rmtree(folder)
    shutil.copytree(stages[macro], folder)
    book = calc.open(path)
    macros.MACROS[macro](book)

    assert book.messages == closed.messages and "Not read" not in closed.messages[0]
    calc.ask("recalculate", document=book.number)
    expected = office.recalculate(tmp_path / "closed.xlsx")
    assert list(expected) == list(book.sheets())
    for sheet in book.sheets():
        assert differing(calc, book, expected, sheet) == [], sheet
    locked = [sheet for sheet in book.sheets() if book.is_protected(sheet)]
    assert locked == [sheet for sheet in closed.sheets() if closed.is_protected(sheet)]
    assert bool(locked) == (macro == "turn_in_plan")
    assert in_books(folder) == written
    book.close()
