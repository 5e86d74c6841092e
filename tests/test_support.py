"""Does the machinery see what it should see? Otherwise the tests that stand on it prove nothing."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.support import needs
from tests.support.office import Office, OfficeError, OfficeFailedError, column_letters
from tests.support.pictures import pictures
from tests.support.validator import validate

ROOT = Path(__file__).parents[1]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Inputs and formulas of each kind; every formula is stored with the wrong value 99."""
    path = tmp_path / "small book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet one")
        sheet.write("A1", 2)
        sheet.write_formula("B1", "=A1*2", None, 99)
        sheet.write_formula("C1", '=IF(A1>0,"","negative")', None, 99)
        sheet.write_formula("D1", "=1/(A1-2)", None, 99)
        sheet.write_formula("E1", "=NA()", None, 99)
        sheet.write_formula("F1", "=NOSUCHFUNCTION(1)", None, 99)
        sheet.write("A2", "#N/A as text")
        columns = [{"header": "Units"}, {"header": "Price $"}, {"header": "Sales"}]
        sheet.add_table("A4:C6", {"name": "Sales", "columns": columns, "data": [[1, 2], [3, 4]]})
        product = "=Sales[[#This Row],[Units]]*Sales[[#This Row],[Price $]]"
        for row in (5, 6):
            sheet.write_formula(f"C{row}", product, None, 99)
        locked = book.add_worksheet("Locked")
        locked.protect()
        locked.write("A1", 3)
        locked.write("B1", 4, book.add_format({"locked": False}))
        hidden = book.add_worksheet("Hidden")
        hidden.hide()
        hidden.write("A1", 1)
    return path


def test_stored_values_are_not_trusted(office: Office, workbook: Path) -> None:
    assert office.recalculate(workbook)["Sheet one"]["B1"] == 4


def test_a_changed_cell_changes_what_depends_on_it(office: Office, workbook: Path) -> None:
    cells = office.recalculate(workbook, {("Sheet one", "A1"): -7.5})["Sheet one"]
    assert (cells["A1"], cells["B1"], cells["C1"]) == (-7.5, -15, "negative")


def test_a_workbook_that_was_recalculated_before_is_read_anew_when_it_changed(
    office: Office, workbook: Path, tmp_path: Path
) -> None:
    first = office.recalculate(workbook)
    first["Sheet one"]["B1"] = 7.0
    assert office.recalculate(workbook)["Sheet one"]["B1"] == 4
    part, other = "xl/worksheets/sheet1.xml", tmp_path / "other.xlsx"
    _replace_in_part(workbook, other, part, b"<v>2</v>", b"<v>6</v>")
    other.replace(workbook)
    assert office.recalculate(workbook)["Sheet one"]["B1"] == 12


def test_every_kind_of_input_can_be_typed(office: Office, workbook: Path) -> None:
    typed = {
        ("Sheet one", "A1"): None,
        ("Sheet one", "H1"): "=A1",
        ("Sheet one", "H2"): True,
        ("Sheet one", "H3"): date(2024, 2, 29),
        ("Locked", "B1"): 5,
    }
    sheets = office.recalculate(workbook, typed)
    cells = sheets["Sheet one"]
    assert "A1" not in cells
    assert (cells["B1"], cells["H1"], cells["H2"]) == (0, "=A1", 1)
    # 45351 is what Excel shows for =DATE(2024,2,29) in the General format.
    assert (cells["H3"], sheets["Locked"]["B1"]) == (45351, 5)


def test_errors_are_errors_and_text_is_text(office: Office, workbook: Path) -> None:
    sheets = office.recalculate(workbook)
    assert sheets["Sheet one"]["E1"] == OfficeError("#N/A")
    assert sheets["Sheet one"]["A2"] == "#N/A as text"
    assert sorted(sheets.errors()) == [
        ("Sheet one", "D1", "#DIV/0!"),
        ("Sheet one", "E1", "#N/A"),
        ("Sheet one", "F1", "#NAME?"),
    ]


def test_a_formula_that_gives_empty_text_is_there(office: Office, workbook: Path) -> None:
    sheets = office.recalculate(workbook)
    assert sheets["Sheet one"]["C1"] == ""
    assert "C2" not in sheets["Sheet one"]
    assert sheets.formulas["Sheet one"] == {"B1", "C1", "D1", "E1", "F1", "C5", "C6"}
    assert sheets.formulas["Locked"] == set()


def test_structured_references_recalculate(office: Office, workbook: Path) -> None:
    cells = office.recalculate(workbook, {("Sheet one", "A6"): 10})["Sheet one"]
    assert (cells["C5"], cells["C6"]) == (2, 40)


@pytest.mark.parametrize(
    ("sheet", "cell", "message"),
    [
        ("Locked", "A1", "Locked!A1 is locked"),
        ("Sheet two", "A1", "no sheet 'Sheet two'; the sheets are Sheet one, Locked"),
        ("Sheet one", "first", "'first' is no cell"),
    ],
)
def test_what_nobody_could_type_is_refused(
    office: Office, workbook: Path, sheet: str, cell: str, message: str
) -> None:
    with pytest.raises(OfficeFailedError, match=message):
        office.recalculate(workbook, {(sheet, cell): 1})


def test_a_file_that_is_no_workbook_is_refused(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(OfficeFailedError, match=r"broken\.xlsx"):
        office.recalculate(path)


def test_recalculation_leaves_the_file_and_its_folder_alone(office: Office, workbook: Path) -> None:
    before = workbook.read_bytes()
    office.recalculate(workbook, {("Sheet one", "A1"): 5})
    assert workbook.read_bytes() == before
    assert list(workbook.parent.iterdir()) == [workbook]


def test_typing_and_saving_gives_a_workbook_with_the_new_values(
    office: Office, workbook: Path, tmp_path: Path
) -> None:
    saved = office.set_cells_and_save(workbook, {("Sheet one", "A1"): 5}, tmp_path / "saved.xlsx")
    sheet = openpyxl.load_workbook(saved, data_only=True)["Sheet one"]
    assert (sheet["A1"].value, sheet["B1"].value) == (5, 10)


def test_an_office_that_died_is_started_again(workbook: Path) -> None:
    office = Office()
    try:
        office.recalculate(workbook)
        assert office._office_group is not None
        os.killpg(office._office_group, signal.SIGKILL)
        typed = {("Sheet one", "A1"): 3}  # else the answer is remembered
        assert office.recalculate(workbook, typed)["Sheet one"]["B1"] == 6
    finally:
        office.close()


def test_the_office_ends_with_the_tests_even_when_they_are_killed() -> None:
    script = (
        "import os, signal\n"
        "from tests.support.office import Office\n"
        "office = Office()\n"
        "office._start()\n"
        "print(office._office_group, office._work, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    group, folder = killed.stdout.split()
    assert killed.returncode == -signal.SIGKILL
    end = time.monotonic() + 60
    while (_is_running(int(group)) or Path(folder).exists()) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _is_running(int(group))
    assert not Path(folder).exists()


def test_the_validator_passes_a_good_file_and_names_what_is_wrong_with_others(
    workbook: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.xlsx"
    part = "xl/worksheets/sheet2.xml"
    _replace_in_part(workbook, bad, part, b"<sheetData>", b"<rows/><sheetData>")
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no workbook")
    errors = validate([workbook, bad, broken])
    assert errors[workbook] == []
    assert part in errors[bad][0]
    assert "child element" in errors[bad][0]
    assert "broken.xlsx" in errors[broken][0]


@pytest.mark.parametrize("mode", ["sheet", "screen"])
def test_each_visible_sheet_becomes_a_picture_of_fixed_width(
    office: Office, workbook: Path, tmp_path: Path, mode: str
) -> None:
    drawn = pictures(office, workbook, tmp_path / mode, mode=mode, width=900)
    assert [picture.name for picture in drawn] == ["Sheet one.png", "Locked.png"]
    assert {_png_width(picture) for picture in drawn} == {900}
    assert drawn[0].read_bytes() != drawn[1].read_bytes()


def test_one_sheet_and_one_range_can_be_drawn_alone(
    office: Office, workbook: Path, tmp_path: Path
) -> None:
    drawn = pictures(office, workbook, tmp_path, mode="screen", only="Locked", area="A1:B2")
    assert [picture.name for picture in drawn] == ["Locked.png"]
    with pytest.raises(OfficeFailedError, match="no visible sheet 'Hidden'"):
        pictures(office, workbook, tmp_path, only="Hidden")


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        (
            "linux",
            "sudo apt-get install -y --no-install-recommends libreoffice-calc python3-uno",
        ),
        ("darwin", "brew install --cask libreoffice"),
    ],
)
def test_a_missing_tool_is_reported_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, line: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    error = needs.MissingToolError(needs.LIBREOFFICE, needs.UNO)
    assert str(error).startswith("missing: LibreOffice Calc; ")
    assert str(error).endswith(f"Install with: {line}")


@pytest.mark.parametrize(
    ("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_letters(number: int, letters: str) -> None:
    assert column_letters(number) == letters


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _replace_in_part(source: Path, target: Path, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new)
            after.writestr(name, data)


def _png_width(picture: Path) -> int:
    width: int = struct.unpack(">I", picture.read_bytes()[16:20])[0]
    return width
