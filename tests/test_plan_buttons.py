"""Do the buttons for plans do on an open workbook what the commands do on closed ones?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accountplan.addin import macros
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.plan_files import read_plan_file
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.errors import WorkbookError
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import history, tracker
from accountplan.workbook_templates.sheets.log import WHAT

from .support import team_folder as team


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
