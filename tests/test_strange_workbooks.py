"""Does a closed workbook that somebody has lived in keep all that is in it?

The workbooks here hold what no library in this project writes. Oracles: the bytes of the parts,
the XML around the rows in canonical form, and LibreOffice, which recalculates what was written.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from lxml import etree

from accountplan.addin import demo
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.workbook import CellError
from accountplan.udfs import words as w
from accountplan.udfs.errors import WorkbookError
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support.office import Office
from tests.support.packages import (
    BOOK,
    MAIN,
    TYPES,
    changed,
    edit,
    lived_in,
    pack,
    parts,
    sheet_part,
)
from tests.support.validator import validate

CHAIN = "xl/calcChain.xml"
RELS = "xl/_rels/workbook.xml.rels"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("team") / "team.xlsx"
    write_workbook(demo.sample_round(), path)
    return path


@pytest.fixture
def strange(team: Path, tmp_path: Path) -> Path:
    path = tmp_path / "My plan – Größe 1.xlsx"
    lived_in(team, path, c.ACCOUNTS)
    return path


def around_rows(content: bytes) -> str:
    """A sheet's XML without its rows, in canonical form."""
    root = etree.fromstring(content)
    root.find(f"{{{MAIN}}}sheetData").clear()
    return etree.tostring(root, method="c14n2").decode()


def score(path: Path) -> None:
    """What Score accounts does: columns of Accounts, all rows of Scores, a line on Log."""
    held = PackageWorkbook(path)
    accounts = held.read_table(c.T_ACCOUNTS, [w.ACCOUNT, w.EMPLOYEES])
    accounts[w.EMPLOYEES] = np.arange(len(accounts), dtype=float)
    held.write_columns(c.T_ACCOUNTS, accounts)
    held.replace_rows(c.T_SCORES, held.read_table(c.T_SCORES)[[w.ACCOUNT_ID, w.SEGMENT]])
    held.append_rows(c.T_LOG, pd.DataFrame({"When": [datetime(2026, 7, 1)], "What": ["score"]}))
    held.save()


# --- What somebody else put in ----------------------------------------------------------


def test_a_workbook_that_was_lived_in_keeps_every_part(
    team: Path, strange: Path, tmp_path: Path
) -> None:
    before = Path(shutil.copy(strange, tmp_path / "before.xlsx"))
    added = lived_in(team, tmp_path / "again.xlsx", c.ACCOUNTS)
    score(strange)
    written = {sheet_part(team, sheet) for sheet in (c.ACCOUNTS, c.SCORES, c.LOG)}
    assert changed(before, strange) == {*written, CHAIN, RELS, TYPES}
    after = parts(strange)
    assert len(added) > 15
    assert {name: after[name] for name in added if name != CHAIN} == {
        name: content for name, content in added.items() if name != CHAIN
    }
    assert list(after) == [name for name in parts(before) if name != CHAIN]
    assert validate([strange])[strange] == []


def test_what_lies_around_the_rows_of_a_written_sheet_stays(strange: Path, tmp_path: Path) -> None:
    before = parts(strange)
    score(strange)
    after = parts(strange)
    for sheet in (c.ACCOUNTS, c.SCORES, c.LOG):
        part = sheet_part(strange, sheet)
        assert around_rows(after[part]) == around_rows(before[part])


def test_types_and_links_lose_the_order_of_calculation_alone(strange: Path) -> None:
    before = parts(strange)
    score(strange)
    after = parts(strange)
    for part in (TYPES, RELS):
        one, other = (
            {tuple(sorted(each.attrib.items())) for each in etree.fromstring(held[part])}
            for held in (before, after)
        )
        assert other < one
        ((gone),) = one - other
        assert "calcChain" in str(gone)


def test_names_that_mean_other_files_or_nothing_stay(strange: Path) -> None:
    held = PackageWorkbook(strange)
    names = held.read_table(c.T_ACCOUNTS, [w.ACCOUNT])
    held.replace_rows(c.T_ACCOUNTS, names, was=list(names.index), spare=7)
    held.save()
    book = parts(strange)[BOOK].decode()
    for name, text in (
        ("Away", "[1]Accounts!$A$5:$A$9"),
        ("Lost", "#REF!"),
        ("LostCells", "#REF!$A$5:$A$9"),
        ("Rate", "0.25"),
    ):
        assert f'<definedName name="{name}">{text}</definedName>' in book
    with pytest.raises(WorkbookError, match="no cell has the name Lost"):
        held.read_names(["Lost"])
    with pytest.raises(WorkbookError, match="no cell has the name LostCells"):
        held.read_names(["LostCells"])


def test_the_zip_file_keeps_dates_and_the_bytes_of_untouched_parts(
    strange: Path, tmp_path: Path
) -> None:
    before = Path(shutil.copy(strange, tmp_path / "before.xlsx"))
    score(strange)
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(strange) as other:
        for info in other.infolist():
            old = one.getinfo(info.filename)
            assert info.date_time == old.date_time
            if info.CRC == old.CRC:
                assert info.compress_size == old.compress_size


def test_the_structure_of_a_workbook_may_be_locked(strange: Path) -> None:
    lock = b'<workbookProtection lockStructure="1"/><bookViews'
    edit(strange, BOOK, lambda content: content.replace(b"<bookViews", lock))
    held = PackageWorkbook(strange)
    with pytest.raises(WorkbookError, match="structure of the workbook is protected"):
        held.copy_plan_tab(c.ACCOUNTS, "Plan - New")


# --- Tables that grow, shrink and have totals ------------------------------------------------

TOP, ROWS = 3, 4
RULE = "xl/worksheets/sheet1.xml"


def small(path: Path, *, totals: bool = True) -> Path:
    """A table of 4 rows with totals; rules, names and formulas of every kind lie on it."""
    made = xlsxwriter.Workbook(str(path))
    sheet, other = made.add_worksheet("Accounts"), made.add_worksheet("My own")
    columns: list[dict[str, Any]] = [
        {"header": "Account"},
        {"header": "Sales"},
        {"header": "Share"},
        {"header": "Rank"},
    ]
    last = TOP + ROWS
    sheet.add_table(
        TOP, 0, last + totals, 3, {"name": "Accounts", "columns": columns, "total_row": totals}
    )
    for at in range(ROWS):
        row = TOP + 2 + at
        sheet.write(row - 1, 0, f"Account {at}")
        sheet.write(row - 1, 1, 10.0 * (at + 1))
        sheet.write_formula(row - 1, 2, f"=B{row}/SUM($B$5:$B$8)", None, 0.5)
        sheet.write_formula(row - 1, 3, f"=SUM(B$5:B{row})", None, 7)
    if totals:
        sheet.write(last + 1, 0, "Total")
        sheet.write_formula(last + 1, 1, "=SUM(B5:B8)", None, 100)
        sheet.write_formula(last + 1, 2, "=B9/2", None, 50)
    sheet.write_formula("F1", "=SUM(B5:B8)", None, 100)
    sheet.write_formula("F2", "=B9*1", None, 100)
    sheet.write_formula("F3", "=B5", None, 10)
    other.write_formula("A1", "=Accounts!B9+Accounts!$B$9", None, 200)
    other.write_formula("A2", "=Accounts!B8", None, 40)
    sheet.data_validation("B5:B8", {"validate": "decimal", "criteria": ">", "value": 0})
    sheet.data_validation("A7:A8", {"validate": "list", "source": "=$B$5:$B$8"})
    red = made.add_format({"font_color": "#FF0000"})
    above = {"type": "formula", "criteria": "=$B5>AVERAGE($B$5:$B$8)", "format": red}
    sheet.conditional_format("A5:D8", above)
    sheet.conditional_format("B5:B8", {"type": "data_bar_2010"} | {"type": "data_bar"})
    sheet.conditional_format("B5:B8", {"type": "data_bar", "data_bar_2010": True})
    sheet.set_row(last, 33, red)
    made.define_name("AllSales", "=Accounts!$B$5:$B$8")
    made.define_name("FirstSales", "=Accounts!$B$5")
    made.define_name("Whole", "=Accounts!$A$4:$D$9")
    made.define_name("Both", "=Accounts!$A$5:$A$8,'My own'!$A$1:$A$2")
    made.close()
    return path


def grow(path: Path, count: int) -> None:
    held = PackageWorkbook(path)
    rows = pd.DataFrame({"Account": [f"N{n}" for n in range(count)], "Sales": [1.0] * count})
    held.replace_rows("Accounts", rows)
    held.save()


def formula(sheet: Any, cell: str) -> str:
    value = sheet[cell].value
    return str(getattr(value, "text", value))


@pytest.mark.parametrize("count", [9, 2, 1])
def test_totals_move_with_a_table_and_add_up_what_is_there(
    count: int, tmp_path: Path, office: Office
) -> None:
    path = small(tmp_path / "small.xlsx")
    grow(path, count)
    total = 5 + count
    cells = office.recalculate(path)
    own, other = cells["Accounts"], cells["My own"]
    assert own[f"A{total}"] == "Total"
    assert own[f"B{total}"] == count
    assert own[f"C{total}"] == pytest.approx(count / 2)
    assert own["F1"] == count and own["F2"] == count and own["F3"] == 1
    assert other["A1"] == 2 * count
    assert [own[f"C{row}"] for row in range(5, total)] == pytest.approx([1 / count] * count)
    assert [own[f"D{row}"] for row in range(5, total)] == [*range(1, count + 1)]
    book = openpyxl.load_workbook(path)
    assert book["Accounts"].tables["Accounts"].ref == f"A4:D{total}"
    assert book["Accounts"].cell(total + 1, 1).value is None
    assert validate([path])[path] == []
    if count < 4:
        assert own.get("A9") in (None, "Total") and own.get("B8") in (None, count)


def test_rules_and_names_end_where_the_table_ends(tmp_path: Path) -> None:
    path = small(tmp_path / "small.xlsx")
    grow(path, 9)
    book = openpyxl.load_workbook(path)
    sheet = book["Accounts"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    # What the last row had, the new rows have: also a rule that began further down.
    assert set(rules) == {"B5:B13", "A7:A13"}
    assert rules["A7:A13"].formula1 == "$B$5:$B$13"
    held = parts(path)[SHEET].decode()
    assert "AVERAGE($B$5:$B$13)" in held
    assert re.findall(r"<xm:sqref>([^<]*)", held) == ["B5:B13"]
    names = {name: each.value for name, each in book.defined_names.items()}
    assert names["AllSales"] == "Accounts!$B$5:$B$13"
    assert names["FirstSales"] == "Accounts!$B$5"
    assert names["Whole"] == "Accounts!$A$4:$D$14"
    assert names["Both"] == "Accounts!$A$5:$A$13,'My own'!$A$1:$A$2"
    # A row's own height goes on, as its formats do.
    assert [sheet.row_dimensions[row].height for row in (9, 13)] == [33, 33]


def test_a_table_that_shrank_to_one_row_grows_again_with_all_that_lies_on_it(
    tmp_path: Path,
) -> None:
    path = small(tmp_path / "small.xlsx")
    grow(path, 1)
    grow(path, 6)
    book = openpyxl.load_workbook(path)
    sheet = book["Accounts"]
    assert {str(rule.sqref) for rule in sheet.data_validations.dataValidation} == {"B5:B10"}
    names = {name: each.value for name, each in book.defined_names.items()}
    assert names["AllSales"] == "Accounts!$B$5:$B$10"
    assert names["FirstSales"] == "Accounts!$B$5"
    assert formula(sheet, "F1") == "=SUM(B5:B10)"
    assert formula(sheet, "B11") == "=SUM(B5:B10)"
    assert formula(sheet, "D10") == "=SUM(B$5:B10)"


def test_a_sheet_that_only_mentions_the_table_is_not_touched(tmp_path: Path) -> None:
    path = small(tmp_path / "small.xlsx", totals=False)
    before = parts(path)["xl/worksheets/sheet2.xml"]
    grow(path, 9)
    assert parts(path)["xl/worksheets/sheet2.xml"] == before


def test_rows_that_a_filter_hides_stay_hidden_and_the_filter_stays(tmp_path: Path) -> None:
    path = tmp_path / "filtered.xlsx"
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet("Accounts")
    columns = [{"header": "Account"}, {"header": "Sales"}]
    sheet.add_table("A4:B8", {"name": "Accounts", "columns": columns})
    for row, (name, sales) in enumerate([("a", 1), ("b", 2), ("c", 3), ("d", 4)], start=4):
        sheet.write_row(row, 0, [name, sales])
        sheet.set_row(row, None, None, {"hidden": sales > 2, "level": 1})
    sheet.set_column("D:E", 9, None, {"hidden": True})
    made.close()
    criteria = (
        b'<autoFilter ref="A4:B8"><filterColumn colId="1"><customFilters><customFilter '
        b'operator="lessThan" val="3"/></customFilters></filterColumn></autoFilter>'
        b'<sortState ref="A5:B8"><sortCondition descending="1" ref="B5:B8"/></sortState>'
    )
    edit(
        path,
        "xl/tables/table1.xml",
        lambda content: content.replace(b'<autoFilter ref="A4:B8"/>', criteria),
    )
    held = PackageWorkbook(path)
    held.write_columns("Accounts", pd.DataFrame({"Sales": [9.0]}, index=[3]))
    held.save()
    assert parts(path)["xl/tables/table1.xml"].count(criteria) == 1
    rows = parts(path)[SHEET].decode()
    assert re.findall(r'<row r="(\d+)"[^>]*hidden="1"', rows) == ["7", "8"]
    assert '<col min="4" max="5"' in rows and rows.count('outlineLevel="1"') == 4
    held.replace_rows("Accounts", pd.DataFrame({"Account": list("dxabc")}), was=[3, None, 0, 1, 2])
    held.save()
    table = parts(path)["xl/tables/table1.xml"].decode()
    assert 'ref="A4:B9"' in table and '<sortState ref="A5:B9">' in table
    assert 'customFilter operator="lessThan" val="3"' in table
    # Each row stays hidden wherever it goes; a new row is seen.
    rows = parts(path)[SHEET].decode()
    assert re.findall(r'<row r="(\d+)"[^>]*hidden="1"', rows) == ["5", "9"]


# --- Cells of every kind --------------------------------------------------------------------


def with_rows(path: Path, rows: str, *, shared: str = "", before: str = "") -> Path:
    """A workbook whose sheet holds these rows beneath the headers of a table in A1:C5."""
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet("Accounts")
    columns = [{"header": header} for header in ("Account", "Sales", "Mine")]
    sheet.add_table("A1:C5", {"name": "Accounts", "columns": columns})
    sheet.write("F1", "seen")
    made.close()
    held = parts(path)
    texts = held["xl/sharedStrings.xml"].decode()
    held["xl/sharedStrings.xml"] = texts.replace("</sst>", shared + "</sst>").encode()
    content = held[SHEET].decode().replace("<sheetData>", before + "<sheetData>")
    head, tail = content.split("</sheetData>")
    held[SHEET] = (head + rows + "</sheetData>" + tail).encode()
    return pack(path, held)


RICH = (
    '<si><r><rPr><b/></rPr><t>Bold</t></r><r><t xml:space="preserve"> and plain</t></r></si>'
    '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="0"/></si>'
)
KINDS = (
    '<row r="2" spans="1:3" ht="20" customHeight="1">'
    '<c r="A2" t="s"><v>4</v></c><c r="B2"><v>1E3</v></c>'
    '<c r="C2" t="str"><f>A2&amp;"!"</f><v>Bold and plain!</v></c></row>'
    '<row r="3"><c r="A3" t="s"><v>5</v></c><c r="B3" t="e"><v>#N/A</v></c>'
    '<c r="C3" t="b"><v>1</v></c></row>'
    '<row r="4"><c r="A4" t="inlineStr"><is><r><rPr><i/></rPr><t xml:space="preserve">in </t></r>'
    '<r><t>line</t></r><rPh sb="0" eb="1"><t>reading</t></rPh></is></c><c r="B4" t="n"><v> 7 </v>'
    '</c><c r="C4" t="d"><v>2026-07-01T00:00:00Z</v></c></row>'
    '<row r="5"><c r="A5" cm="1" t="str"><f t="array" ref="A5">"x"</f><v>x</v></c></row>'
)


def test_cells_of_every_kind_are_read_as_what_they_hold(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "kinds.xlsx", KINDS, shared=RICH)
    read = PackageWorkbook(path).read_table("Accounts")
    assert read.to_numpy().tolist() == [
        ["Bold and plain", 1000.0, "Bold and plain!"],
        ["東京", CellError("#N/A"), True],
        ["in line", 7.0, datetime(2026, 7, 1)],
        ["x", None, None],
    ]


def test_a_text_that_stays_keeps_the_formats_of_its_letters(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "kinds.xlsx", KINDS, shared=RICH)
    held = PackageWorkbook(path)
    read = held.read_table("Accounts", ["Account"])
    read.loc[3, "Account"] = "other"
    held.write_columns("Accounts", read)
    held.save()
    rows = parts(path)[SHEET].decode()
    assert '<c r="A2" t="s"><v>4</v></c>' in rows and '<c r="A3" t="s"><v>5</v></c>' in rows
    assert "<rPh sb=" in rows and "<rPr><i/></rPr>" in rows
    assert '<c r="A5" t="inlineStr"><is><t>other</t></is></c>' in rows
    assert parts(path)["xl/sharedStrings.xml"].count("東京".encode()) == 1


def test_a_cell_beyond_the_last_date_of_excel_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    made = xlsxwriter.Workbook(str(path))
    sheet, dated = made.add_worksheet("Accounts"), made.add_format({"num_format": "yyyy-mm-dd"})
    sheet.add_table("A1:A4", {"name": "Accounts", "columns": [{"header": "Day"}]})
    for row, value in enumerate((2958465.5, 2958466, 1e12), start=1):
        sheet.write_number(row, 0, value, dated)
    made.close()
    read = PackageWorkbook(path).read_table("Accounts")["Day"].tolist()
    assert read == [datetime(9999, 12, 31, 12), 2958466.0, 1e12]


def test_formulas_that_fill_several_cells_drop_all_their_results(
    tmp_path: Path, office: Office
) -> None:
    """Old array formulas, those that spill, and what-if tables."""
    rows = (
        '<row r="2"><c r="A2"><v>1</v></c><c r="F2"><f t="array" ref="F2:F4">A2:A4*2</f><v>2</v>'
        '</c><c r="H2" cm="1"><f t="array" ref="H2:I2">A2:B2+1</f><v>2</v></c><c r="I2"><v>1</v>'
        '</c></row><row r="3"><c r="A3"><v>2</v></c><c r="F3"><v>4</v></c></row>'
        '<row r="4"><c r="A4"><v>3</v></c><c r="F4" s="0"><v>6</v></c><c r="G4"><v>5</v></c></row>'
    )
    path = with_rows(tmp_path / "array.xlsx", rows)
    held = PackageWorkbook(path)
    held.write_columns("Accounts", pd.DataFrame({"Account": [10.0, 20.0, 30.0]}))
    held.save()
    sheet = parts(path)[SHEET].decode()
    assert '<c r="F2"><f t="array" ref="F2:F4">A2:A4*2</f></c>' in sheet
    assert '<c r="H2" cm="1"><f t="array" ref="H2:I2">A2:B2+1</f></c>' in sheet
    assert [re.search(rf'<c r="{cell}"[^>]*>(?!<v>)', sheet) is None for cell in ("F3", "I2")] == [
        False,
        False,
    ]
    assert '<c r="G4"><v>5</v></c>' in sheet
    cells = office.recalculate(path)["Accounts"]
    assert [cells[f"F{row}"] for row in (2, 3, 4)] == [20, 40, 60]


def test_one_cell_of_a_shared_formula_may_change_alone(tmp_path: Path, office: Office) -> None:
    rows = (
        '<row r="2"><c r="B2"><v>1</v></c><c r="C2"><f t="shared" ref="C2:C5" si="0">B2*2</f>'
        '<v>2</v></c><c r="F2"><f t="shared" si="3" ref="F2:G2">SUM(B$2:B2)</f></c><c r="G2">'
        '<f t="shared" si="3"/></c></row><row r="3"><c r="B3"><v>2</v></c><c r="C3">'
        '<f t="shared" si="0"/><v>4</v></c></row><row r="4"><c r="B4"><v>3</v></c><c r="C4">'
        '<f t="shared" si="0"/><v>6</v></c></row><row r="5"><c r="B5"><v>4</v></c><c r="C5">'
        '<f t="shared" si="0"/><v>8</v></c></row>'
    )
    path = with_rows(tmp_path / "shared.xlsx", rows)
    held = PackageWorkbook(path)
    held.write_columns("Accounts", pd.DataFrame({"Mine": [99.0]}, index=[0]))
    held.save()
    cells = office.recalculate(path)["Accounts"]
    assert [cells[f"C{row}"] for row in range(2, 6)] == [99, 4, 6, 8]
    assert (cells["F2"], cells["G2"]) == (1, 99)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "single quotes", "comments"])
def test_parts_may_be_spelled_in_rare_ways(encoding: str, tmp_path: Path, office: Office) -> None:
    path = with_rows(tmp_path / "rare.xlsx", KINDS, shared=RICH)
    original = PackageWorkbook(path).read_table("Accounts").to_numpy().tolist()

    def rare(content: bytes) -> bytes:
        text = content.decode()
        if encoding == "single quotes":
            return re.sub(r'="([^"]*)"', r"='\1'", text).encode()
        if encoding == "comments":
            return text.replace("<c r", "<!-- <c r='Z9'/> --><c r").encode()
        return text.replace("UTF-8", encoding.upper().removesuffix("-SIG")).encode(encoding)

    edit(path, SHEET, rare)
    held = PackageWorkbook(path)
    assert held.read_table("Accounts").to_numpy().tolist() == original
    held.write_columns("Accounts", pd.DataFrame({"Sales": [5.0]}, index=[2]))
    held.save()
    cells = office.recalculate(path)["Accounts"]
    assert cells["B4"] == 5 and cells["A2"] == "Bold and plain"


def moved_parts(path: Path) -> None:
    """The same workbook with its parts elsewhere, linked from the root, and oddly spelled."""
    held = parts(path)
    rels = held.pop(RELS).decode()
    rels = re.sub(r'Target="(?!/)([^"]+)"', r'Target="/xl/\1"', rels)
    rels = rels.replace("/xl/worksheets/sheet1.xml", "/Somewhere/The%20Sheet.xml")
    sheet = held.pop(SHEET)
    sheet_rels = held.pop("xl/worksheets/_rels/sheet1.xml.rels").decode()
    held["somewhere/The%20Sheet.xml"] = sheet
    held["somewhere/_rels/the%20sheet.xml.rels"] = sheet_rels.replace("../", "/xl/").encode()
    held[TYPES] = held[TYPES].replace(b"/xl/worksheets/sheet1.xml", b"/somewhere/The%20Sheet.xml")
    held["xl/_rels/workbook.xml.rels"] = rels.encode()
    pack(path, held)


def strict(path: Path) -> None:
    """The same workbook in the strict form of the standard."""
    held = parts(path)
    for name, content in held.items():
        if not name.endswith((".xml", ".rels")) or name == TYPES:
            continue
        text = content.decode()
        text = text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        text = re.sub(
            r"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
            text,
        )
        held[name] = text.encode()
    pack(path, held)


def bare(path: Path) -> None:
    """The same workbook without dimension, formats, places of cells and content of its own."""
    held = parts(path)
    sheet = re.sub(r"<dimension [^>]*>", "", held[SHEET].decode())
    held[SHEET] = re.sub(r' (?:spans|s)="[^"]*"', "", sheet).encode()
    del held["xl/styles.xml"]
    held[RELS] = re.sub(rb"<Relationship [^>]*styles.xml\"/>", b"", held[RELS])
    held[TYPES] = re.sub(rb"<Override PartName=\"/xl/styles.xml\"[^>]*>", b"", held[TYPES])
    pack(path, held)


@pytest.mark.parametrize("twist", [moved_parts, strict, bare])
def test_packages_may_be_built_in_other_ways(
    twist: Callable[[Path], None], tmp_path: Path, office: Office
) -> None:
    path = tmp_path / "twisted.xlsx"
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet("Accounts")
    columns = [{"header": "Account"}, {"header": "Seen"}, {"header": "Twice"}]
    sheet.add_table("A1:C3", {"name": "Accounts", "columns": columns})
    sheet.write_column("A2", ["one", "two"])
    sheet.write_formula("C2", "=LEN(A2)*2", None, 0)
    made.close()
    twist(path)
    before = Path(shutil.copy(path, tmp_path / "before.xlsx"))
    held = PackageWorkbook(path)
    rows = pd.DataFrame({"Account": list("abc"), "Seen": [datetime(2026, 7, 1)] * 3})
    held.replace_rows("Accounts", rows)
    held.save()
    again = PackageWorkbook(path).read_table("Accounts", ["Account", "Seen"])
    assert again.to_numpy().tolist() == [[each, datetime(2026, 7, 1)] for each in "abc"]
    untouched = parts(before).keys() - changed(before, path)
    assert "xl/theme/theme1.xml" in untouched and "docProps/core.xml" in untouched
    assert held.live_columns("Accounts") == {"Twice"}
    if twist is bare:  # LibreOffice finds no part whose name differs in capitals, as Excel does.
        cells = office.recalculate(path)["Accounts"]
        assert [cells[f"C{row}"] for row in (2, 3, 4)] == [2, 2, 2]


def test_dates_count_from_1904_where_the_workbook_says_so(tmp_path: Path, office: Office) -> None:
    path = tmp_path / "mac.xlsx"
    made = xlsxwriter.Workbook(str(path), {"date_1904": True})
    sheet, dated = made.add_worksheet("Accounts"), made.add_format({"num_format": "yyyy-mm-dd"})
    sheet.add_table("A1:B3", {"name": "Accounts", "columns": [{"header": "Day"}, {"header": "x"}]})
    sheet.write_datetime("A2", datetime(2026, 6, 30), dated)
    made.close()
    held = PackageWorkbook(path)
    assert held.read_table("Accounts")["Day"].tolist() == [datetime(2026, 6, 30)]
    held.write_columns("Accounts", pd.DataFrame({"x": [datetime(2026, 7, 1)]}))
    held.save()
    read = openpyxl.load_workbook(path)["Accounts"]["B2"].value
    assert read == datetime(2026, 7, 1)
