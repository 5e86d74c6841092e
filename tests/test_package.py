"""Is a closed workbook read as it stands, whoever saved it last, and refused in one clear line?"""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from accountplan.addin.hosts.areas import Area
from accountplan.addin.hosts.package import NotOursError, PackageReader
from accountplan.addin.workbook import address
from accountplan.udfs.errors import WorkbookError
from tests.support.office import Office

SHEET = "Plan - Women's Care!"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workbook with everything that the reader looks at."""
    path = tmp_path_factory.mktemp("package") / "written.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, other = book.add_worksheet(SHEET), book.add_worksheet("Accounts")
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_string("B4", "Caf\u00e9 M\u00fcller")
    sheet.write_number("B5", 120000.5)
    sheet.write_datetime("B6", date(2026, 9, 30), dates)
    sheet.write_boolean("B7", True)
    sheet.write_formula("B8", "=B5*2", None, 240001)
    sheet.write_string("B9", "=1+1")
    columns = [{"header": "Account"}, {"header": "Employees"}, {"header": "Twice"}]
    other.add_table("C3:E6", {"name": "Accounts", "columns": columns})
    other.write_row("C4", ["One", 10])
    other.write_formula("E4", "=D4*2", None, 20)
    other.write_row("C6", ["Three", 30])
    book.define_name("Today", f"='{SHEET.replace(chr(39), chr(39) * 2)}'!$B$6")
    here = f"'{SHEET.replace(chr(39), chr(39) * 2)}'!"
    book.defined_names.append(["plan.account", sheet.index, f"{here}$B$4", False])
    book.defined_names.append(["plan.gone", sheet.index, "#REF!", False])
    book.close()
    return path


@pytest.fixture(scope="module", params=["as written", "LibreOffice", "openpyxl"])
def file(
    request: pytest.FixtureRequest,
    written: Path,
    office: Office,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The workbook, as each of these programs saves it."""
    target = tmp_path_factory.mktemp("saved") / "saved.xlsx"
    if request.param == "LibreOffice":
        return office.save_as(written, target)
    if request.param == "openpyxl":
        openpyxl.load_workbook(written).save(target)
        return target
    return written


def test_values_come_as_they_were_typed(file: Path) -> None:
    with PackageReader(file) as reader:
        column = [reader.value(SHEET, row, 1) for row in (3, 4, 5, 6, 8)]
    assert column == ["Caf\u00e9 M\u00fcller", 120000.5, date(2026, 9, 30), True, "=1+1"]


def test_empty_cells_and_those_beyond_the_sheet_hold_nothing(file: Path) -> None:
    with PackageReader(file) as reader:
        assert reader.value(SHEET, 0, 0) is None
        assert reader.value(SHEET, 5000, 300) is None


def test_names_are_found_in_their_scope(file: Path) -> None:
    with PackageReader(file) as reader:
        account = reader.name("Plan.Account", SHEET)
        assert account is not None and account.area == Area(SHEET, 3, 1, 3, 1)
        assert reader.name("plan.account") is None
        assert reader.named_value("Today") == date(2026, 9, 30)


def test_a_name_whose_cell_is_gone_has_no_area(written: Path) -> None:
    with PackageReader(written) as reader:
        gone = reader.name("plan.gone", SHEET)
        assert gone is not None and gone.area is None


def test_tables_give_their_place_and_their_rows(file: Path) -> None:
    with PackageReader(file) as reader:
        table = reader.table("ACCOUNTS")
        assert table is not None
        assert table.area == Area("Accounts", 2, 2, 5, 4)
        assert table.columns == ("Account", "Employees", "Twice")
        rows = reader.records("Accounts")
    assert [(row["Account"], row["Employees"]) for row in rows] == [("One", 10), ("Three", 30)]
    assert reader.records("Nothing") == []


def test_cells_with_a_formula_are_told_from_typed_ones(file: Path) -> None:
    with PackageReader(file) as reader:
        # LibreOffice saves a typed TRUE as the formula TRUE().
        assert reader.formula_cells(SHEET) - {(6, 1)} == {(7, 1)}
        assert (3, 4) in reader.formula_cells("Accounts")


def test_addresses_are_written_as_people_do() -> None:
    assert [address(0, 0), address(6, 25), address(9, 26), address(0, 16383)] == [
        "A1",
        "Z7",
        "AA10",
        "XFD1",
    ]


# --- What cannot be read --------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(WorkbookError) as caught:
        PackageReader(path)
    assert len(caught.value.lines) == 1 and "\n" not in caught.value.lines[0]
    assert str(path) in caught.value.lines[0]
    return caught.value.lines[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.xlsx")


def test_a_folder(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path)


def test_a_lock_file(tmp_path: Path) -> None:
    lock = tmp_path / "~$book.xlsx"
    lock.write_bytes(b"x" * 165)
    assert "lock file" in refused(lock)


def test_an_encrypted_workbook(tmp_path: Path) -> None:
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(2000))
    assert "password" in refused(locked)


@pytest.mark.parametrize("content", [b"Account,Owner\n", b"\xef\xbb\xbfAccount"])
def test_another_kind_of_file(content: bytes, tmp_path: Path) -> None:
    other = tmp_path / "book.xlsx"
    other.write_bytes(content)
    assert "no Excel workbook" in refused(other)


@pytest.mark.parametrize("content", [b"", bytes(4096)], ids=["no bytes", "a placeholder"])
def test_a_file_that_is_not_synchronised_yet(content: bytes, tmp_path: Path) -> None:
    waiting = tmp_path / "book.xlsx"
    waiting.write_bytes(content)
    assert "wait until the file is there" in refused(waiting)


def test_a_zip_file_that_is_no_workbook(tmp_path: Path) -> None:
    archive = tmp_path / "book.xlsx"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("readme.txt", "hello")
    assert "damaged" in refused(archive)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_workbook_that_was_cut_short(share: float, written: Path, tmp_path: Path) -> None:
    content = written.read_bytes()
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(content[: int(len(content) * share)])
    assert "damaged" in refused(cut)


def test_a_workbook_with_a_broken_part(written: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(broken, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            target.writestr(part, content[:-40] if part == "xl/workbook.xml" else content)
    assert "damaged" in refused(broken)


def test_a_workbook_of_somebody_else(tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    book = xlsxwriter.Workbook(str(other))
    book.add_worksheet("Budget")
    book.close()
    assert "no workbook of Account Plan" in refused(other)
    with pytest.raises(NotOursError):
        PackageReader(other)
