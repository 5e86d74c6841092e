"""Do splits count the money of a few accounts once, and stay as people left them?

The numbers were worked out by hand.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplan.addin import checking, cli, files, planning, refresh
from accountplan.addin.crm import CrmExport
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs import splits as s
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.sheets import checks
from accountplan.workbook_templates.sheets import splits as sheet
from tests.support import books, team_folder
from tests.support.books import Deal
from tests.support.office import CellInput, Office, Sheets
from tests.support.workbooks import WorkbookFile, differences

OPEN_ONES: Final = (
    Deal("Alpha", "Rep 1", amount=30_000.0, opened="2017-12-01", product="Gears"),
    Deal("Alpha", "Rep 1", amount=90_000.0, opened="2017-12-02", product="Gears"),
    Deal("Beta", "Rep 1", amount=20_000.0, opened="2017-12-03"),
    Deal("Beta", "Rep 1", amount=70_000.0, opened="2015-01-01", product="Belts"),  # stale
)
CLOSED: Final = (
    *(Deal("Alpha", "Rep 1", w.WON, 9_000.0, "2017-05-01", "2017-06-01", "Gears"),) * 3,
    Deal("Beta", "Rep 1", w.LOST, 8_000.0, "2017-05-01", "2017-07-01", "Gears"),
)


def export(*more: Deal, as_of: pd.Timestamp = books.AS_OF) -> CrmExport:
    """Three accounts of one rep, with what each can give; one without any deal."""
    accounts = books.accounts(
        {
            w.ACCOUNT: ["Alpha", "Beta", "Gamma"],
            w.ACCOUNT_ID: ["Alpha", "Beta", "Gamma"],
            w.OWNER: ["Rep 1"] * 3,
            w.EMPLOYEES: [300.0, 200.0, 100.0],
            w.POTENTIAL_MONEY: [100_000.0, 50_000.0, 40_000.0],
        }
    )
    sold = books.deals(*OPEN_ONES, *CLOSED, *more)
    return books.export(accounts, sold, books.teams([("Rep 1", "Manager")]), as_of)


# --- The model --------------------------------------------------------------------------


def test_a_product_s_win_rate_is_shrunk_towards_that_of_all() -> None:
    # 3 of 4 deals won; ten deals' worth of the base rate of 0.5: (3 + 5) / (4 + 10).
    rates = s.product_rates(books.deals(*OPEN_ONES, *CLOSED), 0.5)
    assert rates[w.WIN_RATE].to_dict() == {"Gears": pytest.approx(8 / 14)}
    assert rates[s.CLOSED_DEALS].to_dict() == {"Gears": 4.0}
    assert s.product_rates(books.deals(*OPEN_ONES), 0.5).empty
    assert s.product_rates(books.deals(*CLOSED), math.nan).empty


def test_each_open_deal_that_is_not_stale_is_a_split() -> None:
    deals = books.deals(*OPEN_ONES, *CLOSED).assign(
        **{w.STALE: [False, False, False, True, *[False] * 4], w.ESTIMATED: False}
    )
    accounts = pd.DataFrame(
        {
            w.ACCOUNT_ID: ["Beta", "Alpha", "Gamma"],
            w.ACCOUNT: ["Beta", "Alpha", "Gamma"],
            w.LIKELIHOOD: [math.nan, 40.0, 80.0],
        }
    )
    rows = s.from_deals(accounts, deals, s.product_rates(deals, 0.5))
    assert rows[[w.ACCOUNT, s.SPLIT, w.DEAL_ID]].to_numpy().tolist() == [
        ["Beta", "Deal D0003", "D0003"],
        ["Alpha", "Gears, deal D0002", "D0002"],
        ["Alpha", "Gears, deal D0001", "D0001"],
    ]
    assert rows[w.POTENTIAL_MONEY].tolist() == [20_000.0, 90_000.0, 30_000.0]
    # The mean of 40 and 100 x 8/14; of Beta's deal nothing is known.
    assert rows[w.LIKELIHOOD].tolist() == pytest.approx(
        [math.nan, (40 + 800 / 14) / 2, (40 + 800 / 14) / 2], nan_ok=True
    )
    assert rows[s.NOTE].iloc[1] == "Open; mean of account 40, product 57 % (4 deals)"


def test_money_counts_once() -> None:
    # Alpha can give 100 and is split into 90 + 30; Beta 50, split into 20; Gamma 40, whole;
    # the fourth is split into 5, and nobody knows what it can give.
    places = pd.Series([1.0, 1.0, 2.0, 4.0, math.nan])
    money = pd.Series([90.0, 30.0, 20.0, 5.0, 999.0])
    potential = pd.Series([100.0, 50.0, 40.0, math.nan], index=[1, 2, 3, 4])
    found = s.counted_once(places, money, potential)
    assert found == s.Money(
        splits=145.0, left=30.0, whole=40.0, beyond=20.0, unknown=5.0, accounts=190.0
    )
    beside = s.per_split(places, money, potential)
    assert beside[s.LEFT].tolist() == pytest.approx(
        [-20.0, -20.0, 30.0, math.nan, math.nan], nan_ok=True
    )
    assert beside[s.FIRST].tolist() == pytest.approx([1, 0, 1, 1, math.nan], nan_ok=True)


@given(
    st.lists(
        st.tuples(st.sampled_from([1.0, 2.0, 3.0, math.nan]), st.integers(0, 10**6)), max_size=12
    ),
    st.lists(st.one_of(st.just(math.nan), st.integers(0, 10**6)), min_size=3, max_size=3),
)
def test_the_parts_always_tie_to_the_accounts(
    parts: list[tuple[float, int]], worth: list[float]
) -> None:
    places = pd.Series([place for place, _ in parts], dtype=float)
    money = pd.Series([float(each) for _, each in parts], dtype=float)
    potential = pd.Series(worth, index=[1, 2, 3], dtype=float)
    found = s.counted_once(places, money, potential)
    whole = found.splits + found.left + found.whole - found.beyond - found.unknown
    assert whole == pytest.approx(found.accounts)
    assert found.accounts == pytest.approx(potential.sum())


# --- On the sheet -------------------------------------------------------------------------


class Written:
    """A book of three accounts."""

    def __init__(self, path: Path) -> None:
        self.data = planning.books(planning.plan_round(export(), Settings()))[0]
        write_workbook(self.data, path)
        self.path, self.file = path, WorkbookFile(path)

    def typed(self, first: int, *rows: Mapping[str, CellInput]) -> dict[tuple[str, str], CellInput]:
        table = self.file.tables[c.T_SPLITS]
        return {
            table.cell(first + at, name): row[name] for at, row in enumerate(rows) for name in row
        }

    def column(self, found: Sheets, name: str, count: int) -> list[Any]:
        table = self.file.tables[c.T_SPLITS]
        places = [table.cell(at, name) for at in range(count)]
        return [found[where].get(cell, "") for where, cell in places]


def test_an_account_that_is_split_too_far_is_told_once_wherever_its_first_good_split_stands(
    book: Written,
) -> None:
    columns = [w.ACCOUNT, s.SPLIT, w.POTENTIAL_MONEY, w.LIKELIHOOD, w.DEAL_ID]
    lines = [
        ("Alpha", "North", 80.0, 50.0, "D1"),  # its deal is closed
        ("Alpha", "South", 80.0, 50.0, ""),
        ("Alpha", "West", 80.0, 50.0, ""),
        ("Beta", "Plant", 5.0, 50.0, "D1"),
        ("Beta", "Office", 5.0, 150.0, ""),
        ("Beta", "Depot", 5.0, 50.0, ""),
        ("Beta", "Yard", 5.0, 50.0, ""),
    ]
    rows = pd.DataFrame(lines, columns=columns, dtype=object)
    found = s.judged(
        rows, pd.Series(["Alpha", "Beta"]), pd.Series([100.0, math.nan]), {"D1": w.WON}
    )
    table = checking.tables_of(PackageWorkbook(book.path).reader())[c.T_SPLITS]
    told = list(checks.split_checks(table, rows, found))
    assert [each.what for each in told] == [
        f"Alpha, North: {s.CLOSED}: {w.WON}",
        f"Alpha: its splits are {s.TOO_MUCH}: 240 of 100",
        f"Beta, Plant: {s.CLOSED}: {w.WON}",
        f"Beta, Office: {s.NO_CHANCE}",
        f"Beta, Depot: {s.UNKNOWN}",
    ]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("splits") / "book.xlsx")


def grid(found: Sheets) -> dict[str, list[Any]]:
    """The grid by its labels: splits, money, whole accounts, their money, together."""
    cells = found[c.SPLITS]
    rows = range(sheet.GRID_ROW + 3, sheet.GRID_ROW + 8)
    return {str(cells[f"A{row}"]): [cells[f"{letter}{row}"] for letter in "BCDEF"] for row in rows}


def once(found: Sheets) -> list[Any]:
    """The money counted once: six lines, the last one the total."""
    first = sheet.ONCE_ROW + 2
    return [found[c.SPLITS].get(f"C{row}", "") for row in range(first, first + 6)]


def test_a_small_book_starts_with_its_open_deals_and_libreoffice_agrees(
    book: Written, office: Office
) -> None:
    found = office.recalculate(book.path)
    assert not [line for line in differences(book.file, found) if line.startswith(c.SPLITS)]
    deals = book.column(found, w.DEAL_ID, 4)
    assert sorted(deals[:3]) == ["D0001", "D0002", "D0003"]
    assert deals[3] == ""
    # Alpha's splits of 120,000 are 20,000 too much; 30,000 of Beta is left; Gamma is whole.
    assert once(found) == [140_000.0, 30_000.0, 40_000.0, -20_000.0, 0.0, 190_000.0]
    assert "ties to Accounts: ok" in found[c.SPLITS].values()
    assert "1 account too full: see Check" in found[c.SPLITS].values()
    told = book.column(found, s.CHECK, 4)
    flagged = "more than the account's Potential $: 120,000 of 100,000"
    names = book.column(found, w.ACCOUNT, 3)
    assert told == [flagged if name == "Alpha" else s.OK for name in names] + [""]
    listed = [str(cell) for cell in found[c.CHECKS].values()]
    assert f"Alpha: its splits are {flagged}" in listed
    assert [line[0] for line in grid(found).values()][:5].count("") == 0
    assert sum(line[0] for line in grid(found).values()) == 3
    assert sum(line[1] for line in grid(found).values()) == 140_000.0
    assert sum(line[2] for line in grid(found).values()) == 1, "Gamma alone is not split"
    assert sum(line[3] for line in grid(found).values()) == 40_000.0


def test_splits_that_are_typed_are_placed_counted_and_checked(
    book: Written, office: Office
) -> None:
    table = book.file.tables[c.T_SPLITS]
    blank = {
        table.cell(at, name): None
        for at in range(3)
        for name in (w.ACCOUNT, s.SPLIT, s.KIND, w.POTENTIAL_MONEY, w.LIKELIHOOD, w.DEAL_ID)
    }
    rows: tuple[dict[str, CellInput], ...] = (
        {w.ACCOUNT: "Alpha", s.SPLIT: "North", w.POTENTIAL_MONEY: 40_000, w.LIKELIHOOD: 50},
        {w.ACCOUNT: "Alpha", s.SPLIT: "South", w.POTENTIAL_MONEY: 60_000, w.LIKELIHOOD: 49},
        {w.ACCOUNT: "Beta", s.SPLIT: "Plant", w.POTENTIAL_MONEY: 10_000, w.LIKELIHOOD: 80},
        {w.ACCOUNT: "Beta", s.SPLIT: "Plant", w.POTENTIAL_MONEY: 5_000, w.LIKELIHOOD: 10},
        {w.ACCOUNT: "Nobody", s.SPLIT: "A", w.POTENTIAL_MONEY: 50, w.LIKELIHOOD: 10},
        {w.ACCOUNT: "Gamma", s.SPLIT: "B", w.POTENTIAL_MONEY: None, w.LIKELIHOOD: 10},
        {w.ACCOUNT: "Gamma", s.SPLIT: "C", w.POTENTIAL_MONEY: 7, w.LIKELIHOOD: 130},
        {w.ACCOUNT: None, s.SPLIT: "D", w.POTENTIAL_MONEY: 7, w.LIKELIHOOD: 13},
        {
            w.ACCOUNT: "Gamma",
            s.SPLIT: "E",
            w.POTENTIAL_MONEY: 9,
            w.LIKELIHOOD: 9,
            w.DEAL_ID: "D0005",
        },
    )
    changes = blank | book.typed(0, *rows)
    found = office.recalculate(book.path, changes)
    assert book.column(found, s.CHECK, 10) == [
        s.OK,
        s.OK,
        s.TWICE,
        s.TWICE,
        s.NO_ACCOUNT,
        s.NO_MONEY,
        s.NO_CHANCE,
        s.NOBODY,
        f"{s.CLOSED}: {w.WON}",
        "",
    ]
    # The splits that count: 40,000, 60,000, 10,000, 5,000, 7, 9; their median is 7,500.
    assert book.column(found, w.QUADRANT, 4) == [w.SLAM_DUNK, w.BIG_BET, w.SLAM_DUNK, w.SKIP]
    assert once(found) == [115_016.0, 35_000.0 + 39_984.0, 0.0, 0.0, 0.0, 190_000.0]
    assert grid(found)[w.SLAM_DUNK] == [2, 50_000.0, 0, 0, 50_000.0]
    assert grid(found)[w.BIG_BET] == [1, 60_000.0, 0, 0, 60_000.0]
    changes[book.file.named(sheet.N_TYPED)] = 50_000
    found = office.recalculate(book.path, changes)
    assert book.column(found, w.QUADRANT, 4) == [w.QUICK_WIN, w.BIG_BET, w.QUICK_WIN, w.SKIP]
    told = [str(cell) for cell in found[c.SPLITS].values()]
    assert any(text.startswith("High potential begins at 50,000, as you say") for text in told)
    # What the model finds of the same rows.
    frame = pd.DataFrame(rows).reindex(
        columns=[w.ACCOUNT, s.SPLIT, w.POTENTIAL_MONEY, w.LIKELIHOOD, w.DEAL_ID]
    )
    states = dict(zip(book.data.deals[w.DEAL_ID], book.data.deals[w.STATE], strict=True))
    accounts = book.data.accounts
    judged = s.judged(frame, accounts[w.ACCOUNT], accounts[w.POTENTIAL_MONEY], states)
    assert judged[s.CHECK].tolist() == book.column(found, s.CHECK, 9)
    for name in (s.ROW, s.COUNTS_FOR, s.MOST, s.TOGETHER, s.LEFT, s.FIRST):
        seen = [math.nan if cell == "" else cell for cell in book.column(found, name, 9)]
        assert judged[name].tolist() == pytest.approx(seen, nan_ok=True), name


def test_who_has_many_accounts_and_who_leads_a_team_starts_blank(book: Written) -> None:
    assert len(sheet.prefilled(book.data)) == 3
    many = replace(book.data, settings=Settings(few_accounts=3))
    assert sheet.prefilled(many).empty
    assert sheet.prefilled(replace(book.data, kind=c.TEAM)).empty


# --- New deals come, what people typed stays ------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.build_folder(planning.plan_round(export(), Settings()), tmp_path)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, Any]]:
    frame = PackageWorkbook(path).read_table(c.T_SPLITS)
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def test_refresh_adds_new_deals_and_keeps_what_people_typed_and_deleted(folder: Path) -> None:
    path = folder / "books" / "Rep 1.xlsx"
    workbook = PackageWorkbook(path)
    held = workbook.read_table(c.T_SPLITS)
    kept = held[held[w.DEAL_ID] != "D0003"].reset_index(drop=True)
    mine = kept.iloc[:2][[w.ACCOUNT, s.SPLIT, s.KIND, w.POTENTIAL_MONEY, w.LIKELIHOOD, w.DEAL_ID]]
    mine[w.POTENTIAL_MONEY] = [11_111.0, 22_222.0]
    workbook.replace_rows(c.T_SPLITS, mine, spare=6)
    workbook.save()
    team_folder.add_rows(path, c.T_SPLITS, {w.ACCOUNT: "Gamma", s.SPLIT: "The mayor"})
    later = pd.Timestamp("2018-01-31")
    new = Deal("Alpha", "Rep 1", amount=5_000.0, opened="2018-01-15", product="Gears")
    for _ in range(2):
        refresh.refresh(folder, export(new, as_of=later))
    rows = rows_of(path)
    assert [row[w.POTENTIAL_MONEY] for row in rows] == [11_111.0, 22_222.0, None, 5_000.0]
    assert [row[w.DEAL_ID] for row in rows] == [*mine[w.DEAL_ID], None, "D0009"]
    assert rows[3][s.SPLIT] == "Gears"
    assert PackageWorkbook(path).read_names([sheet.N_FILLED])[sheet.N_FILLED] == datetime(
        2018, 1, 31
    )


def test_check_names_each_split_and_correction_with_its_cell(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "books" / "Rep 1.xlsx"
    first = WorkbookFile(path).tables[c.T_SPLITS].first
    team_folder.add_rows(path, c.T_SPLITS, {w.ACCOUNT: "Nobody", s.SPLIT: "x", w.LIKELIHOOD: 5.0})
    team_folder.add_rows(
        path, c.T_OVERRIDES, {w.ACCOUNT: "Alpha", "Field": w.POTENTIAL, "New value": 130.0}
    )
    copy = shutil.copy(path, folder / "copy.xlsx")
    assert cli.main(["check", str(copy), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["corrections"]
    lines = {(each["sheet"], each["cell"]): each["what"] for each in found}
    assert lines[c.SPLITS, f"A{first + 3}"] == "Nobody, x: no such account"
    assert lines[c.OVERRIDES, "C9"] == "Alpha, Potential to 130: not 0-100"
    (full,) = [cell for (_, cell), what in lines.items() if "120,000 of 100,000" in what]
    assert full.startswith("D")
    assert cli.main(["check", str(copy)]) == 1
    told = capsys.readouterr().out
    assert f"{copy} · Overrides · C9 · Alpha, Potential to 130: not 0-100 · " in told
