"""From a CRM export to a checked plan, as people go: command line, spreadsheet, command line."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from accountplan.addin import demo
from accountplan.addin.cli import main
from accountplan.udfs import words as w
from accountplan.udfs.plans import Plan
from accountplan.workbook_templates import contract as c
from tests.support.office import CellInput, Office
from tests.support.workbooks import WorkbookFile

OWNER, ACCOUNT_ID = "Rep South 3", "ACC-0102"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample's export through the command line, one plan asked of each rep; what it said."""
    folder, said = tmp_path_factory.mktemp("whole-way"), io.StringIO()
    with contextlib.redirect_stdout(said):
        _build(folder / "out", folder)
    return folder / "out", said.getvalue()


def _build(out: Path, folder: Path) -> None:
    (folder / "settings.toml").write_text("[model]\nplans_per_book = 1\n", encoding="utf-8")
    with as_file(files("accountplan.workbook_templates") / "samples") as sample:
        options = {
            "accounts": sample / "accounts.csv",
            "opportunities": sample / "opportunities.csv",
            "teams": sample / "teams.csv",
            "activity": sample / "activity.csv",
            "settings": folder / "settings.toml",
            "out": out,
        }
        written = [text for key, value in options.items() for text in (f"--{key}", str(value))]
        assert main(["build", *written]) == 0


def _typed(file: WorkbookFile, tab: str, plan: Plan) -> dict[tuple[str, str], CellInput]:
    """Where a person types the answers and rows of a plan."""
    typed: dict[tuple[str, str], CellInput] = {
        file.named(c.PLAN_NAMES + key, tab): _cell(value) for key, value in plan.fields.items()
    }
    for key, rows in plan.tables.items():
        name = next(
            name
            for name, table in file.tables.items()
            if table.sheet == tab and name.startswith(c.PLAN_TABLES[key])
        )
        for row, held in enumerate(rows.to_dict("records")):
            typed |= {
                file.tables[name].cell(row, str(column)): _cell(value)
                for column, value in held.items()
                if not pd.isna(value)
            }
    return typed


def _cell(value: object) -> Any:
    return value.date() if isinstance(value, pd.Timestamp) else value


def _plans(capsys: pytest.CaptureFixture[str], paths: Iterable[Path]) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["check", *map(str, paths), "--json"])
    return code, json.loads(capsys.readouterr().out)["plans"]


def test_from_an_export_to_a_plan_that_is_complete_and_good(
    built: tuple[Path, str],
    tmp_path: Path,
    office: Office,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = Path(shutil.copytree(built[0], tmp_path / "out"))
    book = out / "books" / f"{OWNER}.xlsx"
    code, (empty,) = _plans(capsys, [book])
    assert (code, empty["complete"], empty["good"], empty["state"]) == (1, 0.0, False, "Draft")
    assert {finding["kind"] for finding in empty["findings"]} == {"incomplete"}

    file = WorkbookFile(book)
    typed = _typed(file, empty["tab"], demo.sample_plans()[ACCOUNT_ID])
    office.set_cells_and_save(book, typed, book)

    code, (done,) = _plans(capsys, [book])
    assert done["account"] == empty["account"]
    assert (code, done["complete"], done["good"], done["findings"]) == (0, 1.0, True, [])
    recalculated = office.recalculate(book)
    sheet, cell = file.named(c.PLAN_NAMES + c.P_COMPLETE, empty["tab"])
    assert recalculated[sheet][cell] == 1.0

    code, all_plans = _plans(capsys, [out])
    assert code == 1
    assert {plan["account"] for plan in all_plans if plan["good"]} == {done["account"]}


def test_a_plan_in_the_words_of_the_terminal(
    built: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out, told = built
    file = WorkbookFile(out / "team.xlsx")
    accounts = file.tables[c.T_ACCOUNTS]
    assert f"{accounts.last - accounts.first + 1} accounts" in told
    for quadrant in (*w.QUADRANTS, OWNER):
        assert quadrant in told
    assert main(["check", str(out)]) == 1
    told = capsys.readouterr().out
    assert "Where we stand today" in told and "6 plans in 9 workbooks: 0 complete, 0 good" in told
