"""The cells' roles are named styles in the program's gallery."""

import warnings
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from accountplan.addin import planning
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.named_styles import NAMED
from accountplan.workbook_templates.writer import Book


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path: Path = tmp_path_factory.mktemp("template") / "template.xlsx"
    write_workbook(planning.empty_round(Settings()), path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


def test_a_style_is_there_also_where_no_cell_has_it(tmp_path: Path) -> None:
    book = Book(tmp_path / "bare.xlsx", date(2026, 1, 1), "bare")
    book.sheet("One", "work").put(0, 0, "text", "plain")
    book.close()
    assert len(openpyxl.load_workbook(tmp_path / "bare.xlsx").named_styles) == 1 + len(NAMED)


def test_every_role_has_its_style(template: openpyxl.Workbook) -> None:
    assert set(template.named_styles) == {"Normal", *(name for name, _ in NAMED.values())}


def test_cells_refer_to_the_style_of_their_role(template: openpyxl.Workbook) -> None:
    sheet = template[c.SETTINGS]
    header = next(row for row in sheet.iter_rows() if row[0].value == "Setting")
    below = {cell.value: sheet.cell(cell.row + 1, cell.column).style for cell in header}
    assert below["Your value"] == "Input"
    assert below["Found or default"] == "Calculation"
    assert below["In force"] == "Output"
    assert below["What it means"] == "Note"
