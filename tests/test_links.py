"""Does a click on a plan or a finding lead to its file, tab and cell, whatever they are called?

The links are followed as a program follows them: split at #, signs put back, seen from the folder
of the file that holds them; a real browser says how it understands those of the page.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import openpyxl
import pytest

from accountplan.addin import collect, macros, planning
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.plan_files import check_workbooks
from accountplan.addin.review import review, write_review
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import checks, tracker

from .support import browser
from .support import team_folder as team
from .support.office import Office
from .support.validator import validate
from .support.workbooks import WorkbookFile

FOLDER = "R&D 100% (new) #1, 'north' \u00fc"
BOOK = "Rep 01's book & plan #2 (final).xlsx"
ACCOUNT = "O'Neil & Sons #1 (50%)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team below a folder that a link could trip over, with a thin plan, collected and checked.

    The book and its tab are called so, too.
    """
    folder = tmp_path_factory.mktemp("links") / FOLDER
    export = team.team_export(1, 1)
    named = replace(export, accounts=export.accounts.assign(**{w.ACCOUNT: ACCOUNT}))
    settings = Settings(plans_per_book=1, plan_due=team.DUE)
    team.build(folder, planning.plan_round(named, settings))
    book = Path(shutil.move(team.book_of(folder, 1), folder / "books" / BOOK))
    team.fill(book, 1, strategy="Sell them more", risks="tbd")
    team.hand_in(book, date(2018, 1, 10))
    whole = folder / "team.xlsx"
    collect.collect(folder / "books", whole, now=datetime(2018, 1, 15))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        door = PackageWorkbook(whole)
        macros.check_plans(door)
        door.save()
    return folder


def found(folder: Path) -> set[tuple[Path, str, str]]:
    """What the check finds: file, tab and cell."""
    (book,) = (folder / "books").glob("*.xlsx")
    return {
        (book.resolve(), each.plan.tab, finding.cell)
        for each in check_workbooks([book]).plans
        for finding in each.check.findings
        if finding.cell
    }


def followed(link: str, folder: Path) -> tuple[Path, str, str]:
    """Where a link leads: the file, its tab and the cell; they are there."""
    file, _, place = link.partition("#")
    path = (folder / unquote(file)).resolve()
    tab, _, cell = unquote(place).rpartition("!")
    name = tab.removeprefix("'").removesuffix("'").replace("''", "'")
    assert name in openpyxl.load_workbook(path, read_only=True).sheetnames
    return path, name, cell


def test_tracker_and_checks_lead_into_the_book(folder: Path, office: Office) -> None:
    whole = folder / "team.xlsx"
    assert validate([whole]) == {whole: []}
    file = WorkbookFile(whole)
    recalculated = office.recalculate(whole)
    (at,) = PackageWorkbook(whole).read_table(c.T_PLANS).index
    sheet, cell = file.tables[c.T_PLANS].cell(int(at), tracker.LINK)
    assert recalculated[sheet][cell] == tracker.OPEN
    # The formula of the Tracker puts its link together from the cells beside it.
    row = PackageWorkbook(whole).read_table(c.T_PLANS).loc[at]
    assert row[tracker.BOOK] == f"books/{BOOK}"
    typed = row[tracker.BOOK].replace("%", "%25").replace("#", "%23")
    quoted = row[tracker.PLAN].replace("'", "''")
    path, tab, cell = followed(f"{typed}#'{quoted}'!A1", folder)
    assert {(path, tab)} == {each[:2] for each in found(folder)} and cell == "A1"
    held = PackageWorkbook(whole).read_formulas(c.T_CHECKS)[checks.WHERE].dropna()
    links = [re.match(r'=HYPERLINK\("((?:[^"]|"")*)"', each) for each in held]
    into = [each[1].replace('""', '"') for each in links if each and ".xlsx" in each[1]]
    assert {followed(link, folder) for link in into} == found(folder)


def test_the_page_and_its_workbook_lead_to_each_finding(folder: Path) -> None:
    out = folder / "sent round"
    report = review([folder / "team.xlsx"])
    write_review(report, out / "review.html")
    seen = browser.look(out / "review.html", 390)
    assert seen.width <= 390 and seen.fetched == []
    assert all(link.startswith("file://") for link in seen.links)
    led = set()
    for link in seen.links:
        parts = urlsplit(link)
        led.add(followed(f"{parts.path}#{parts.fragment}", Path("/")))
    assert {each for each in led if each[2] != "A1"} == found(folder)
    write_review(report, out / "review.xlsx")
    assert validate([out / "review.xlsx"]) == {out / "review.xlsx": []}
    sheet = openpyxl.load_workbook(out / "review.xlsx")["Findings"]
    formulas = [str(row[4].value) for row in sheet.iter_rows(min_row=5)]
    links = [re.match(r'=HYPERLINK\("((?:[^"]|"")*)"', each) for each in formulas]
    assert {followed(each[1], out) for each in links if each} == found(folder)
