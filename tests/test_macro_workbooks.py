"""Are workbooks with macros those without, plus buttons that work and cover nothing?"""

from __future__ import annotations

import itertools
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import olefile
import openpyxl
import pandas as pd
import pytest
from lxml import etree
from oletools.olevba import VBA_Parser

from accountplan.addin import cli, files, planning
from accountplan.addin.excel import packages
from accountplan.addin.excel.buttons import BUTTONS
from accountplan.addin.excel.vba_project import Kind
from accountplan.addin.hosts.package import PackageReader
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support.office import Office
from tests.support.rounds import ROUNDS
from tests.support.validator import validate
from tests.support.workbooks import parts

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
VML = "{urn:schemas-microsoft-com:vml}"
EXCEL = "{urn:schemas-microsoft-com:office:excel}"

ACCOUNTS = """Account Name,Account Owner,Employees
Alder Foods,Rep A,100
Birch Works,Rep B,50
"""


@dataclass(frozen=True)
class Pair:
    """The same workbook without macros and with them."""

    kind: str
    plain: Path
    live: Path


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    folder = tmp_path_factory.mktemp("macros")
    controls = packages.controls()
    whole = ROUNDS["sample"]()
    live = files.build_folder(whole, folder / "live", controls=controls)
    first = planning.owners(whole)[0]
    write_workbook(whole, folder / "team.xlsx")
    write_workbook(planning.book(whole, first), folder / "book.xlsx")
    files.write_template(folder / "template.xlsx")
    files.write_template(folder / "template.xlsm", controls=controls)
    return [
        Pair(c.TEAM, folder / "team.xlsx", live.team),
        Pair(c.BOOK, folder / "book.xlsx", live.books[0]),
        Pair(c.TEMPLATE, folder / "template.xlsx", folder / "template.xlsm"),
    ]


@dataclass(frozen=True)
class Placed:
    """A button as the file has it: columns and rows from 0, pixels within them."""

    sheet: str
    caption: str
    macro: str
    column: int
    left: int
    row: int
    top: int
    last_column: int
    right: int
    last_row: int
    bottom: int


def placed(path: Path) -> Iterator[Placed]:
    with zipfile.ZipFile(path) as package:
        book = etree.fromstring(package.read("xl/workbook.xml"))
        names = [each.get("name") for each in book.iter(f"{MAIN}sheet")]
        for number, name in enumerate(names, start=1):
            links = f"xl/worksheets/_rels/sheet{number}.xml.rels"
            if links not in package.namelist():
                continue
            found = re.search(r"drawings/(vmlDrawing\d+\.vml)", package.read(links).decode())
            if not found:
                continue
            drawing = etree.fromstring(package.read(f"xl/drawings/{found[1]}"))
            for shape in drawing.iter(f"{VML}shape"):
                data = shape.find(f"{EXCEL}ClientData")
                if data.get("ObjectType") == "Button":
                    anchor = [int(each) for each in data.findtext(f"{EXCEL}Anchor").split(",")]
                    caption = "".join(shape.find(f"{VML}textbox").itertext())
                    yield Placed(name, caption, data.findtext(f"{EXCEL}FmlaMacro"), *anchor)


@cache
def shown(path: Path) -> openpyxl.Workbook:
    """The workbook's stored values, read once."""
    return openpyxl.load_workbook(path, data_only=True)


def test_workbooks_with_macros_are_valid(pairs: list[Pair]) -> None:
    live = [pair.live for pair in pairs]
    assert validate(live) == {path: [] for path in live}


def test_the_same_round_gives_the_same_bytes(pairs: list[Pair], tmp_path: Path) -> None:
    again = tmp_path / "again.xlsm"
    files.write_template(again, controls=packages.controls())
    (first,) = (pair.live for pair in pairs if pair.kind == c.TEMPLATE)
    assert again.read_bytes() == first.read_bytes()


def test_workbooks_without_macros_have_no_trace_of_them(pairs: list[Pair]) -> None:
    for pair in pairs:
        held = parts(pair.plain)
        assert not [name for name in held if "vba" in name.lower()]
        assert b"codeName" not in held["xl/workbook.xml"]
        assert list(placed(pair.plain)) == []


def test_cells_tables_and_styles_are_the_same_with_macros(pairs: list[Pair]) -> None:
    """Only buttons, code names and what links to them differ; and the ending of linked files."""
    for pair in pairs:
        plain, live = parts(pair.plain), parts(pair.live)
        for name, content in plain.items():
            if name.endswith((".rels", ".vml")) or name == "[Content_Types].xml":
                continue
            before = content.replace(b".xlsx", b".xlsm")
            after = re.sub(rb' codeName="[^"]+"', b"", live[name])
            after = after.replace(b"<sheetPr/>", b"")
            after = re.sub(rb'<legacyDrawing r:id="rId\d+"/>', b"", after)
            before = re.sub(rb'<legacyDrawing r:id="rId\d+"/>', b"", before)
            numbers = re.compile(rb'(r:id="rId)\d+')
            assert numbers.sub(rb"\1", after) == numbers.sub(rb"\1", before), (pair.kind, name)


def test_every_sheet_has_its_module(pairs: list[Pair]) -> None:
    for pair in pairs:
        held = parts(pair.live)
        book = etree.fromstring(held["xl/workbook.xml"])
        count = len(list(book.iter(f"{MAIN}sheet")))
        names = [
            etree.fromstring(held[f"xl/worksheets/sheet{number}.xml"])
            .find(f"{MAIN}sheetPr")
            .get("codeName")
            for number in range(1, count + 1)
        ]
        assert book.find(f"{MAIN}workbookPr").get("codeName") == "ThisWorkbook"
        with olefile.OleFileIO(held["xl/vbaProject.bin"]) as project:
            listed = project.openstream("PROJECT").read().decode("cp1252")
        documents = re.findall(r"^Document=(\w+)/", listed, re.MULTILINE)
        assert documents == ["ThisWorkbook", *names]


def test_every_module_reads_back_unchanged(pairs: list[Pair]) -> None:
    for pair in pairs:
        count = len(shown(pair.live).sheetnames)
        parser = VBA_Parser(str(pair.live))
        found = {name.rpartition("/")[2]: text for _, _, name, text in parser.extract_all_macros()}
        parser.close()
        assert {name: text.encode("cp1252") for name, text in found.items()} == {
            f"{each.name}{'.bas' if each.kind is Kind.STANDARD else '.cls'}": each.source
            for each in packages.workbook_modules(count)
        }


# --- The buttons --------------------------------------------------------------------


def test_each_sheet_has_the_buttons_of_the_table(pairs: list[Pair]) -> None:
    for pair in pairs:
        sheets = shown(pair.live).sheetnames
        expected = [
            (sheet, each.label, f"[0]!{each.sub}")
            for sheet in sheets
            for each in BUTTONS
            if pair.kind in each.kinds
            and (c.PLAN_PREFIX if sheet.startswith(c.PLAN_PREFIX) else sheet) in each.sheets
        ]
        assert [(each.sheet, each.caption, each.macro) for each in placed(pair.live)] == expected
        carrying = {sheet.split(" - ")[0] for sheet, *_ in expected}
        whole = {c.START, c.REVIEW, c.EVIDENCE}
        on = {c.TEAM: whole, c.BOOK: {c.MY_WEEK}, c.TEMPLATE: whole}
        plans = set() if pair.kind == c.TEAM else {"Plan"}
        assert carrying == {c.PATH, *on[pair.kind], *plans}


def test_every_button_calls_a_sub_of_its_own_workbook(pairs: list[Pair]) -> None:
    text = next(each.text for each in packages.workbook_modules(1) if each.name[-7:] == "Buttons")
    known = set(re.findall(r"^Public Sub (\w+)\(\)$", text, re.MULTILINE))
    assert {each.macro for pair in pairs for each in placed(pair.live)} <= {
        f"[0]!{name}" for name in known
    }


def test_buttons_cover_no_cell_with_content_and_no_other_button(pairs: list[Pair]) -> None:
    for pair in pairs:
        book = shown(pair.live)
        buttons = list(placed(pair.live))
        for each in buttons:
            assert each.row == each.last_row <= 1, each
            beneath = book[each.sheet].iter_cols(
                each.column + 1, each.last_column + 1, each.row + 1, each.row + 1, values_only=True
            )
            assert [value for (value,) in beneath if value is not None] == [], each
        for one, other in itertools.pairwise(buttons):
            if one.sheet == other.sheet:
                assert (one.last_column, one.right) < (other.column, other.left)


def test_titles_end_before_the_first_button(pairs: list[Pair]) -> None:
    """Titles run over into empty cells. 20 points bold take at most 15 pixels a letter, 11 plain
    points 7."""
    for pair in pairs:
        book = shown(pair.live)
        for each in placed(pair.live):
            sheet = book[each.sheet]
            columns = [chr(ord("A") + at) for at in range(each.column)]
            room = sum(7 * sheet.column_dimensions[letter].width + 5 for letter in columns)
            text = str(sheet.cell(each.row + 1, 1).value)
            assert len(text) * (15 if each.row == 0 else 7) < room + each.left, each


def test_buttons_stand_within_the_printed_width(pairs: list[Pair]) -> None:
    for pair in pairs:
        book = shown(pair.live)
        for each in placed(pair.live):
            sheet = book[each.sheet]
            last = max(cell.column for row in sheet.iter_rows() for cell in row if cell.value)
            assert each.last_column < last, each


def test_a_button_fits_into_its_row(pairs: list[Pair]) -> None:
    for pair in pairs:
        book = shown(pair.live)
        for each in placed(pair.live):
            height = book[each.sheet].row_dimensions[each.row + 1].height * 4 / 3
            assert 0 <= each.top < each.bottom <= height, each


def test_libreoffice_finds_the_sub_behind_every_button(pairs: list[Pair], office: Office) -> None:
    for pair in pairs:
        expected = [
            (
                each.sheet,
                each.caption,
                "vnd.sun.star.script:AccountPlan.AccountPlanButtons."
                f"{each.macro.removeprefix('[0]!')}?language=Basic&location=document",
            )
            for each in placed(pair.live)
        ]
        assert office.buttons(pair.live) == expected


def test_libreoffice_runs_what_stands_behind_the_buttons(pairs: list[Pair], office: Office) -> None:
    # It gives nothing where any module of the workbook does not parse.
    for pair in pairs:
        _, (answer,) = office.run_macros(pair.live, [("AccountPlanPress", "HexOf", ("Ok",))])
        assert answer == "004F006B"


# --- Everything that looks for workbooks ----------------------------------------------


def test_links_lead_to_the_books_with_macros(pairs: list[Pair]) -> None:
    (team,) = (pair.live for pair in pairs if pair.kind == c.TEAM)
    texts = b"".join(parts(team).values()).decode("utf-8", errors="replace")
    linked = set(re.findall(r"books/([^\"&<>]+?\.xls\w)", texts))
    there = {path.name for path in (team.parent / "books").iterdir()}
    assert {name.replace("%20", " ") for name in linked} == there
    assert all(name.endswith(".xlsm") for name in there)


def test_plans_are_found_and_reviewed_in_workbooks_with_macros(
    pairs: list[Pair], capsys: pytest.CaptureFixture[str]
) -> None:
    (team,) = (pair.live for pair in pairs if pair.kind == c.TEAM)
    assert cli.main(["check", str(team.parent)]) == cli.LOOK
    assert "in 9 workbooks" in capsys.readouterr().out
    for source in (team.parent, team):
        assert cli.main(["review", str(source)]) == cli.DONE
        assert "Rep South 2" in capsys.readouterr().out


def test_a_closed_workbook_keeps_its_macros_and_takes_another_plan_tab(
    pairs: list[Pair], tmp_path: Path, office: Office
) -> None:
    (book,) = (pair.live for pair in pairs if pair.kind == c.BOOK)
    path = Path(shutil.copy(book, tmp_path / "book.xlsm"))
    held = PackageWorkbook(path)
    held.copy_plan_tab("Plan - spare 1", "Plan - Somebody's")
    held.save()
    assert parts(path)["xl/vbaProject.bin"] == parts(book)["xl/vbaProject.bin"]
    assert validate([path]) == {path: []}
    copied = [each for each in placed_anywhere(path) if each == "[0]!CheckPlans"]
    assert len(copied) == sum(each.macro == "[0]!CheckPlans" for each in placed(book)) + 1
    names = re.findall(rb'codeName="(Sheet\d+)"', b"".join(parts(path).values()))
    assert len(names) == len(set(names))
    _, (answer,) = office.run_macros(path, [("AccountPlanPress", "HexOf", ("Ok",))])
    assert answer == "004F006B"


def placed_anywhere(path: Path) -> list[str]:
    """The macro of every button in the file."""
    drawings = (content for name, content in parts(path).items() if name.endswith(".vml"))
    return re.findall(r"<x:FmlaMacro>(.*?)</x:FmlaMacro>", b"".join(drawings).decode())


@pytest.fixture
def export(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    return tmp_path / "accounts.csv"


def test_a_build_with_macros_takes_the_place_of_one_without(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build = ["build", "--accounts", str(export), "--out", str(out)]
    assert cli.main(build) == cli.DONE
    assert cli.main([*build, "--macros"]) == cli.WRONG
    assert cli.main([*build, "--macros", "--force"]) == cli.DONE
    found = {path.relative_to(out).as_posix() for path in out.rglob("*.xls*")}
    kept = {name for name in found if name.startswith("backup/")}
    assert found - kept == {"team.xlsm", "books/Rep A.xlsm", "books/Rep B.xlsm"}
    assert {name.split("/", 2)[2] for name in kept} == {
        "team.xlsx",
        "books/Rep A.xlsx",
        "books/Rep B.xlsx",
    }


def test_a_template_is_named_by_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["template", "--macros"]) == cli.DONE
    assert "xl/vbaProject.bin" in parts(tmp_path / "account-plan.xlsm")
    capsys.readouterr()
    for name, more, needed in (("a.xlsx", ["--macros"], ".xlsm"), ("a.xlsm", [], ".xlsx")):
        assert cli.main(["template", "--out", name, *more]) == cli.WRONG
        assert f"end in {needed}" in capsys.readouterr().err
        assert not Path(name).exists()


def test_what_reads_tables_reads_them_with_macros(pairs: list[Pair]) -> None:
    for pair in pairs:
        plain = PackageReader(pair.plain).tables
        assert PackageReader(pair.live).tables.keys() == plain.keys()
        frames = [
            PackageWorkbook(path).read_table(c.T_ACCOUNTS) for path in (pair.plain, pair.live)
        ]
        pd.testing.assert_frame_equal(*frames)
