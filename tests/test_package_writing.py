"""Does writing into a closed workbook change what it must, and nothing else?

Oracles: the bytes of the parts before and after, LibreOffice, the Open XML validator, and openpyxl
as a second reader.
"""

from __future__ import annotations

import re
import shutil
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from accountplan.addin import demo, planning
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs import words as w
from accountplan.udfs.errors import SaveError
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support.office import Office
from tests.support.validator import validate

CUSTOM = "customXml/item1.xml"
UNKNOWN = "xl/unheardOf/thing7.bin"
THREAD = "xl/threadedComments/threadedComment1.xml"
PICTURE = "xl/media/image9.png"
CHAIN = "xl/calcChain.xml"
CHAIN_XML = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<calcChain xmlns="http://schemas.'
    b'openxmlformats.org/spreadsheetml/2006/main"><c r="D5" i="3"/></calcChain>'
)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("team") / "team.xlsx"
    write_workbook(demo.sample_round(), path)
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    write_workbook(planning.books(demo.sample_round())[0], path)
    return path


@pytest.fixture
def copy(team: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(team, tmp_path / "team.xlsx"))


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def changed(before: Path, after: Path) -> set[str]:
    one, other = parts(before), parts(after)
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def write_both(path: Path) -> None:
    """What a macro does: some columns of Accounts, and a row on Log."""
    held = PackageWorkbook(path)
    accounts = held.read_table(c.T_ACCOUNTS, [w.ACCOUNT, w.EMPLOYEES])
    accounts[w.EMPLOYEES] = np.arange(len(accounts), dtype=float)
    held.write_columns(c.T_ACCOUNTS, accounts[[w.EMPLOYEES]])
    held.append_rows(c.T_LOG, pd.DataFrame({"When": [datetime(2026, 7, 1)], "What": ["=press"]}))
    held.save()


def sheet_part(path: Path, sheet: str) -> str:
    return f"xl/worksheets/sheet{openpyxl.load_workbook(path).sheetnames.index(sheet) + 1}.xml"


def assert_sound(path: Path, office: Office) -> None:
    """LibreOffice recalculates it without an error, the validator finds nothing."""
    errors = office.recalculate(path).errors()
    assert [each for each in errors if each[2] != "#N/A"] == []
    assert validate([path])[path] == []


def test_all_other_parts_stay_the_same_to_the_byte(team: Path, copy: Path, office: Office) -> None:
    write_both(copy)
    assert changed(team, copy) == {sheet_part(team, c.ACCOUNTS), sheet_part(team, c.LOG)}
    assert_sound(copy, office)


def test_nothing_is_written_where_nothing_changed(team: Path, copy: Path) -> None:
    held = PackageWorkbook(copy)
    held.read_table(c.T_ACCOUNTS)
    held.save()
    assert copy.read_bytes() == team.read_bytes()


def test_parts_that_nobody_here_knows_survive(copy: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.xlsx"
    added = {CUSTOM: b"<a/>", UNKNOWN: bytes(range(256)), THREAD: b"<b/>", PICTURE: b"\x89PNG"}
    with zipfile.ZipFile(copy) as source, zipfile.ZipFile(strange, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        for name, content in added.items():
            target.writestr(name, content)
    before = parts(strange)
    write_both(strange)
    after = parts(strange)
    assert list(after) == list(before)
    assert {name: after[name] for name in added} == added


def with_chain(source: Path, target: Path) -> Path:
    held = parts(source)
    rels, types = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    link = f'<Relationship Id="rId999" Type="{kind}" Target="calcChain.xml"/></Relationships>'
    held[rels] = held[rels].replace(b"</Relationships>", link.encode())
    named = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    entry = f'<Override PartName="/{CHAIN}" ContentType="{named}"/></Types>'
    held[types] = held[types].replace(b"</Types>", entry.encode())
    held[CHAIN] = CHAIN_XML
    book = held["xl/workbook.xml"]
    held["xl/workbook.xml"] = book.replace(b' fullCalcOnLoad="1"', b"")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in held.items():
            package.writestr(name, content)
    return target


def test_the_order_of_calculation_goes_and_the_workbook_recalculates(
    team: Path, tmp_path: Path, office: Office
) -> None:
    path = with_chain(team, tmp_path / "chain.xlsx")
    write_both(path)
    after = parts(path)
    assert CHAIN not in after
    assert all(b"calcChain" not in after[name] for name in ("xl/_rels/workbook.xml.rels",))
    assert b"calcChain" not in after["[Content_Types].xml"]
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]
    assert_sound(path, office)


def test_results_of_formulas_on_written_sheets_are_dropped(copy: Path) -> None:
    write_both(copy)
    values = openpyxl.load_workbook(copy, data_only=True)
    formulas = openpyxl.load_workbook(copy)[c.ACCOUNTS]
    stale = [
        cell.coordinate
        for row in formulas.iter_rows()
        for cell in row
        if cell.data_type == "f" and values[c.ACCOUNTS][cell.coordinate].value is not None
    ]
    assert stale == []
    assert values[c.SCORES]["A7"].value is not None


def test_a_table_grows_with_validations_formats_and_names(copy: Path, office: Office) -> None:
    held = PackageWorkbook(copy)
    before = held.tables()[c.T_OVERRIDES]
    grown = before.rows + 40
    frame = pd.DataFrame({w.ACCOUNT: [f"Account {at}" for at in range(grown)]})
    held.replace_rows(c.T_OVERRIDES, frame)
    held.save()
    sheet = openpyxl.load_workbook(copy)[c.OVERRIDES]
    last = before.first + grown
    ends = [area.max_row for rule in sheet.data_validations.dataValidation for area in rule.sqref]
    assert ends and set(ends) == {last}
    ends = [area.max_row for rule in sheet.conditional_formatting for area in rule.sqref.ranges]
    assert set(ends) <= {last}
    assert sheet.tables[c.T_OVERRIDES].ref.endswith(str(last))
    assert str(last) in sheet.print_area
    assert_sound(copy, office)


def test_rows_of_sentences_are_as_high_as_the_new_ones_need(copy: Path) -> None:
    before = openpyxl.load_workbook(copy)
    tables = {c.CHECKS: c.T_CHECKS, c.OVERRIDES: c.T_OVERRIDES}
    for sheet in tables:
        before[sheet].row_dimensions[12].height = 48
    before.save(copy)
    held = PackageWorkbook(copy)
    held.replace_rows(c.T_CHECKS, pd.DataFrame({"What": ["Two lines of it... " * 9] * 9}))
    held.replace_rows(c.T_OVERRIDES, pd.DataFrame({w.ACCOUNT: ["Alder"] * 9}))
    held.save()
    after = openpyxl.load_workbook(copy)
    # What a person made higher stays so, but where a macro writes its own sentences:
    # 162 characters in a column of 92 take two lines of 13.5 points, and 3 points between them.
    assert [after[sheet].row_dimensions[12].height for sheet in tables] == [30, 48]


def test_a_table_shrinks_with_them(copy: Path, office: Office) -> None:
    held = PackageWorkbook(copy)
    names = held.read_table(c.T_ACCOUNTS, [w.ACCOUNT])
    held.replace_rows(c.T_ACCOUNTS, names.head(10), was=list(names.index[:10]))
    held.save()
    sheet = openpyxl.load_workbook(copy)[c.ACCOUNTS]
    assert sheet.tables[c.T_ACCOUNTS].ref.endswith("14")
    ends = [area.max_row for rule in sheet.conditional_formatting for area in rule.sqref.ranges]
    assert set(ends) == {14}
    assert sheet["A15"].value is None
    assert_sound(copy, office)


def test_formulas_go_with_their_rows_in_libreoffice(copy: Path, office: Office) -> None:
    held = PackageWorkbook(copy)
    before = held.read_table(c.T_ACCOUNTS)
    turned = before.iloc[::-1]
    held.replace_rows(c.T_ACCOUNTS, turned[[w.ACCOUNT]], was=list(turned.index))
    held.save()
    cells = office.recalculate(copy)[c.ACCOUNTS]
    shape = held.tables()[c.T_ACCOUNTS]
    col = shape.columns.index(w.EXPECTED_MONEY)
    column = openpyxl.utils.get_column_letter(shape.left + col + 1)
    found = [cells.get(f"{column}{shape.first + at + 1}") for at in range(len(turned))]
    expected = turned[w.EXPECTED_MONEY].tolist()
    known = [(a, b) for a, b in zip(found, expected, strict=True) if b is not None]
    assert len(known) > 100
    assert [a for a, _ in known] == pytest.approx([b for _, b in known], rel=1e-9)


@pytest.mark.parametrize("program", ["LibreOffice", "openpyxl"])
def test_files_that_other_programs_saved_are_written_too(
    program: str, team: Path, tmp_path: Path, office: Office
) -> None:
    path = tmp_path / "saved.xlsx"
    if program == "LibreOffice":
        office.save_as(team, path)
    else:
        openpyxl.load_workbook(team).save(path)
    original = Path(shutil.copy(path, tmp_path / "before.xlsx"))
    write_both(path)
    assert sum(name.startswith("xl/worksheets/") for name in changed(original, path)) == 2
    errors = office.recalculate(path).errors()
    assert [each for each in errors if each[2] != "#N/A"] == []
    read = PackageWorkbook(path).read_table(c.T_ACCOUNTS, [w.EMPLOYEES])
    assert read[w.EMPLOYEES].tolist() == list(range(len(read)))


def test_a_plan_tab_is_copied_whole(book: Path, tmp_path: Path, office: Office) -> None:
    path = Path(shutil.copy(book, tmp_path / "book.xlsx"))
    held = PackageWorkbook(path)
    named = held.copy_plan_tab("Plan - spare 1", "Plan - Somebody's")
    held.write_names({"plan.account": "Quince Surveyors"}, "Plan - Somebody's")
    held.save()
    assert len(named) == len(c.PLAN_TABLES)
    assert_sound(path, office)
    original = openpyxl.load_workbook(path)
    assert len(original["Plan - Somebody's"].defined_names) == len(
        original["Plan - spare 1"].defined_names
    )
    title = office.recalculate(path)["Plan - Somebody's"]["A1"]
    assert title == "Quince Surveyors"


# --- What other programs write ----------------------------------------------------------


def hand_made(path: Path, edit: Callable[[bytes], bytes]) -> Path:
    """A small workbook whose sheet was rewritten by hand."""
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet("Accounts")
    columns = [{"header": "Account"}, {"header": "Twice"}]
    sheet.add_table("A1:B4", {"name": "Accounts", "columns": columns})
    sheet.write_column("A2", [1, 2, 3])
    for row in range(2, 5):
        sheet.write_formula(f"B{row}", f"=A{row}*2", None, 0)
    made.close()
    held = parts(path)
    name = "xl/worksheets/sheet1.xml"
    after = edit(held[name])
    assert after != held[name]
    with zipfile.ZipFile(path, "w") as package:
        for part, content in held.items():
            package.writestr(part, after if part == name else content)
    return path


def shared(content: bytes) -> bytes:
    first = b'<f t="shared" ref="B2:B4" si="0">A2*2</f>'
    content = content.replace(b"<f>A2*2</f>", first)
    for row in (3, 4):
        content = content.replace(b"<f>A%d*2</f>" % row, b'<f t="shared" si="0"/>')
    return content


def prefixed(content: bytes) -> bytes:
    content = re.sub(rb"<(/?)(?=[A-Za-z]+[\s/>])", rb"<\1x:", content)
    return content.replace(b" xmlns=", b" xmlns:x=")


def unnamed(content: bytes) -> bytes:
    for row in range(1, 5):
        content = content.replace(b' r="%d"' % row, b"")
        for column in (b"A", b"B"):
            content = content.replace(b' r="%s%d"' % (column, row), b"")
    return content


@pytest.mark.parametrize("edit", [shared, prefixed, unnamed])
def test_other_spellings_of_a_sheet_are_read_and_written(
    edit: Callable[[bytes], bytes], tmp_path: Path, office: Office
) -> None:
    path = hand_made(tmp_path / "odd.xlsx", edit)
    held = PackageWorkbook(path)
    assert held.read_table("Accounts")["Account"].tolist() == [1.0, 2.0, 3.0]
    held.replace_rows("Accounts", pd.DataFrame({"Account": [10, 20, 30, 40, 50]}))
    held.save()
    cells = office.recalculate(path)["Accounts"]
    assert [cells[f"B{row}"] for row in range(2, 7)] == [20, 40, 60, 80, 100]


# --- Saving ------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", ["~$team.xlsx", ".~lock.team.xlsx#"])
def test_a_file_open_elsewhere_is_not_replaced(lock: str, copy: Path) -> None:
    before = copy.read_bytes()
    (copy.parent / lock).write_bytes(b"")
    with pytest.raises(SaveError, match="open in another program"):
        write_both(copy)
    assert copy.read_bytes() == before


def test_a_file_changed_meanwhile_is_not_replaced(copy: Path) -> None:
    held = PackageWorkbook(copy)
    held.write_names({"Today": datetime(2026, 7, 1)})
    with copy.open("ab") as file:
        file.write(b" ")
    with pytest.raises(SaveError, match="changed by another program"):
        held.save()


def test_another_file_can_be_written(team: Path, copy: Path, tmp_path: Path) -> None:
    held = PackageWorkbook(copy, tmp_path / "out" / "new.xlsx")
    held.write_names({"Today": datetime(2026, 7, 1)})
    held.save()
    assert copy.read_bytes() == team.read_bytes()
    read = PackageWorkbook(tmp_path / "out" / "new.xlsx").read_names(["Today"])
    assert read == {"Today": datetime(2026, 7, 1)}


def test_the_same_changes_give_the_same_bytes(team: Path, tmp_path: Path) -> None:
    made = [Path(shutil.copy(team, tmp_path / f"{name}.xlsx")) for name in "ab"]
    for path in made:
        write_both(path)
        time.sleep(0.01)
    assert made[0].read_bytes() == made[1].read_bytes()
