"""Do the functions that the Guide shows answer, asked as it says, on the workbook's own tables?

Oracle: the functions themselves, which tests of their own hold to the model; here each reference
of an example is looked up in the workbook that shows it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from accountplan.addin import demo, planning
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs.cells import CellError
from accountplan.udfs.worksheet import FUNCTIONS, describe
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.sheets import guide
from tests.support.formulas import constant
from tests.support.workbooks import WorkbookFile

EVERY = pytest.mark.parametrize("name", FUNCTIONS)
CALL = re.compile(r"=(\w+)\((.*)\)")
ARGUMENT = re.compile(r'(?:"[^"]*"|\{[^}]*\}|\[(?:[^\[\]]|\[[^\]]*\])*\]|[^,])+')
COLUMNS = re.compile(r"\[([^\[\]#]+)\](?::\[([^\[\]]+)\])?\]?$")


@pytest.fixture(scope="module", params=[c.TEAM, c.BOOK, c.TEMPLATE])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("guide") / f"{request.param}.xlsx"
    if request.param == c.TEMPLATE:
        from accountplan.udfs.settings import Settings

        data = planning.empty_round(Settings())
    else:
        team = demo.sample_round()
        data = team if request.param == c.TEAM else planning.books(team)[0]
    write_workbook(data, file)
    return file


def looked_up(book: PackageWorkbook, text: str) -> Any:
    """What Excel would hand to a function for an argument as typed."""
    if text[0] in '"{' or text[0].isdigit():
        return float(text) if text[0].isdigit() else constant(text)
    table, _, inner = text.partition("[")
    if not inner:
        return book.read_names([text])[text]
    shape = book.tables()[table]
    read = book.read_table(table).reindex(range(shape.rows)).astype(object)
    found = COLUMNS.search("[" + inner)
    if found:
        first, last = found[1], found[2] or found[1]
        assert first in read.columns and last in read.columns, text
        read = read.loc[:, first:last]
    cells = read.where(pd.notna(read), None).to_numpy().tolist()
    return [list(read.columns), *cells] if "#All" in text else cells


def flat(answer: Any) -> list[Any]:
    return [cell for row in answer for cell in flat(row)] if isinstance(answer, list) else [answer]


def test_the_guide_shows_every_function() -> None:
    assert set(guide.ASKED) == set(FUNCTIONS)


def test_each_function_stands_on_the_sheet_with_its_question_and_formula(path: Path) -> None:
    cells = WorkbookFile(path).cells[c.GUIDE]
    texts = {cell.value for cell in cells.values()}
    assert not any(cell.formula for cell in cells.values())
    for name, (formula, gives) in guide.ASKED.items():
        assert {name, formula, gives, describe(FUNCTIONS[name]).summary} <= texts


@EVERY
def test_asked_as_the_guide_says_it_answers(name: str, path: Path) -> None:
    called = CALL.fullmatch(guide.ASKED[name][0])
    assert called is not None and called[1] == name
    book = PackageWorkbook(path)
    given = [looked_up(book, text) for text in ARGUMENT.findall(called[2])]
    answer = FUNCTIONS[name](*given)
    if path.stem == c.TEMPLATE and name != "error_reason":
        assert {str(cell) for cell in flat(answer)} & {each.value for each in CellError} <= {
            "#VALUE!"
        }
        return
    errors = [cell for cell in flat(answer) if isinstance(cell, CellError)]
    assert errors == []
    assert any(cell not in ("", None) for cell in flat(answer))
    if name == "error_reason":
        assert answer.startswith(guide.ASKED[name][1].rpartition("Here: ")[2].rstrip("."))
