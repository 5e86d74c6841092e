"""Does a new CRM export renew the facts, and leave everything that people typed?"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.table import TableColumn

from accountplan.addin import cli, collect, files, planning, refresh
from accountplan.addin.crm import CrmExport
from accountplan.addin.excel.packages import controls
from accountplan.addin.hosts.package import PackageReader
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.plan_files import check_workbooks, read_plan_file
from accountplan.addin.reading import read_workbook
from accountplan.addin.working_round import read_working
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.errors import WorkbookError
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import changes as sheet
from accountplan.workbook_templates.sheets import tracker

from .support import books, team_folder
from .support.books import Deal
from .support.office import Office
from .support.validator import validate

REPS: Final = 3
# The order of calculation, which a program works out anew, is left out of what is written.
CALCULATION: Final = {"xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
LATER: Final = pd.Timestamp("2018-03-31")


def export(
    owners: list[str], employees: list[float], deals: pd.DataFrame, as_of: pd.Timestamp
) -> CrmExport:
    """Accounts by number, from Client 001 on; an account without owner is not in the export."""
    numbers = [number for number, owner in enumerate(owners, 1) if owner]
    accounts = books.accounts(
        {
            w.ACCOUNT_ID: [f"A{number:04}" for number in numbers],
            w.ACCOUNT: [f"Client {number:03}" for number in numbers],
            w.OWNER: [owners[number - 1] for number in numbers],
            w.EMPLOYEES: [employees[number - 1] for number in numbers],
            w.POTENTIAL_MONEY: [1000.0 * employees[number - 1] for number in numbers],
        }
    )
    people = books.teams([(f"Rep {number:02}", "Manager") for number in range(1, REPS + 1)])
    people[w.QUOTA] = 100_000.0
    return books.export(accounts, deals, people, as_of)


OWNERS: Final = ["Rep 01", "Rep 01", "Rep 02", "Rep 02", "Rep 03", "Rep 03"]
SIZES: Final = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
OPEN: Final = (
    Deal("A0001", "Rep 01", w.OPEN, 4000.0, "2017-12-01", "2018-03-01"),
    Deal("A0003", "Rep 02", w.OPEN, 900.0, "2017-12-01", "2018-03-01"),
)


def deals(*rows: Deal) -> pd.DataFrame:
    held = books.deals(*rows)
    names = {f"A{number:04}": f"Client {number:03}" for number in range(1, 9)}
    held[w.ACCOUNT] = held[w.ACCOUNT_ID].map(names).fillna("")
    return held


def before() -> CrmExport:
    return export(OWNERS, SIZES, deals(*OPEN), books.AS_OF)


def after() -> CrmExport:
    """Client 006 is gone, 007 is new, 004 moved to Rep 01, 001 has grown; a deal won, one lost."""
    owners = ["Rep 01", "Rep 01", "Rep 02", "Rep 01", "Rep 03", "", "Rep 03"]
    closed = (
        replace(OPEN[0], state=w.WON, amount=5000.0, closed="2018-02-20"),
        replace(OPEN[1], state=w.LOST, closed="2018-03-30"),
    )
    return export(owners, [99.0, *SIZES[1:], 70.0], deals(*closed), LATER)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    settings = Settings(plans_per_book=1, plan_due=team_folder.DUE)
    team_folder.build(folder, planning.plan_round(before(), settings))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "team"))


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in PackageWorkbook(path).read_table(table).to_dict("records")]


def test_each_workbook_says_what_a_new_build_would_say(
    folder: Path, tmp_path: Path, office: Office
) -> None:
    refresh.refresh(folder, after())
    settings = Settings(plans_per_book=1, plan_due=team_folder.DUE)
    fresh = tmp_path / "fresh"
    team_folder.build(fresh, planning.plan_round(after(), settings))
    for name in ("team.xlsx", "books/Rep 01.xlsx", "books/Rep 03.xlsx"):
        assert validate([folder / name]) == {folder / name: []}
        ours, theirs = read_workbook(folder / name), read_workbook(fresh / name)
        assert ours.as_of == theirs.as_of == LATER
        columns = [w.ACCOUNT, w.OWNER, w.QUADRANT, w.POTENTIAL_MONEY, w.SCORE, w.EXPECTED_MONEY]
        columns += [w.STATUS, w.PRIOR_YEAR_SALES, w.RANK]
        tables = [each.accounts[columns].sort_values(w.ACCOUNT) for each in (ours, theirs)]
        pd.testing.assert_frame_equal(*(each.reset_index(drop=True) for each in tables))
        pd.testing.assert_frame_equal(ours.walk, theirs.walk)
    # Charts have #N/A in their own cells, where there is no point to draw.
    errors = office.recalculate(folder / "books" / "Rep 01.xlsx").errors()
    assert {text for _, _, text in errors} <= {"#N/A"}


def test_what_changed_is_listed_where_it_concerns_somebody(folder: Path) -> None:
    report = refresh.refresh(folder, after())
    assert report.counts == {
        sheet.NEW: 1,
        sheet.GONE: 1,
        sheet.RENAMED: 0,
        sheet.MOVED_OWNER: 1,
        sheet.MOVED_QUADRANT: report.counts[sheet.MOVED_QUADRANT],
        sheet.WON: 1,
        sheet.LOST: 1,
    }
    assert (len(report.done), report.new, report.waiting) == (4, (), ())

    def told(name: str) -> set[tuple[str, str]]:
        return {
            (row[sheet.WHAT], row[w.ACCOUNT])
            for row in rows(folder / name, c.T_CHANGES)
            if row[sheet.WHAT] != sheet.MOVED_QUADRANT
        }

    moved = (sheet.MOVED_OWNER, "Client 004")
    assert told("books/Rep 01.xlsx") == {moved, (sheet.WON, "Client 001")}
    assert told("books/Rep 02.xlsx") == {moved, (sheet.LOST, "Client 003")}
    assert told("books/Rep 03.xlsx") == {(sheet.NEW, "Client 007"), (sheet.GONE, "Client 006")}
    assert len(told("team.xlsx")) == 5


def test_control_totals_are_told_before_and_now(folder: Path) -> None:
    report = refresh.refresh(folder, after())
    found = {each.what: (each.before, each.now) for line in report.totals for each in line}
    # By hand, from ``before`` and ``after``: two open deals of 4,000 and 900; one is won as 5,000.
    assert found.pop("Accounts") == (6.0, 6.0)
    assert (found.pop("Deals won"), found.pop("amount won")) == ((0.0, 1.0), (0.0, 5000.0))
    assert (found.pop("Deals lost"), found.pop("amount lost")) == ((0.0, 1.0), (0.0, 900.0))
    assert (found.pop("Deals open"), found.pop("amount open")) == ((2.0, 0.0), (4900.0, 0.0))
    assert (found.pop("Quotas"), found.pop("closed this year")) == ((3e5, 3e5), (0.0, 5000.0))
    assert list(found) == [w.EXPECTED_MONEY, "gap"]
    assert report.totals[1][1].told == "amount won 0 -> 5,000 (+5,000)"
    again = refresh.refresh(folder, after())
    assert all(each.before == each.now for line in again.totals for each in line)


def test_deals_that_stay_keep_their_control_totals(folder: Path) -> None:
    held = rows(folder / "team.xlsx", c.T_CONTROL)
    refresh.refresh(folder, replace(before(), has_deals=False, deals=books.deals()))
    assert rows(folder / "team.xlsx", c.T_CONTROL) == held and held


def test_a_refresh_keeps_all_workbooks_as_they_were_in_one_folder(folder: Path) -> None:
    held = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.xlsx")
    }
    backup = refresh.refresh(folder, after()).backup
    assert backup is not None and backup.parent == folder / "backup"
    kept = {
        path.relative_to(backup).as_posix(): path.read_bytes() for path in backup.rglob("*.xlsx")
    }
    assert kept == held


def test_what_people_wrote_of_an_account_that_is_gone_is_told_and_nobodys_mistake(
    folder: Path, office: Office
) -> None:
    book, team = team_folder.book_of(folder, 3), folder / "team.xlsx"
    plan = read_plan_file(book).plans[0]
    assert plan.account == "Client 006"
    team_folder.fill(book, 3)
    team_folder.add_rows(
        book,
        c.T_OVERRIDES,
        {
            w.ACCOUNT: "Client 006",
            "Field": w.LIKELIHOOD,
            "New value": 80.0,
            "Reason": "Their new lead knows us.",
            "Evidence": "Mail of 3 January",
            "State": "Accepted",
        },
        # One that never was there is a mistake still.
        {
            w.ACCOUNT: "Klient 005",
            "Field": w.LIKELIHOOD,
            "New value": 80.0,
            "Reason": "Their new lead knows us.",
            "Evidence": "Mail of 3 January",
            "State": "Proposed",
        },
    )
    part = {w.ACCOUNT: "Client 006", "Split": "Plant", "Kind": "Budget holder"}
    team_folder.add_rows(book, c.T_SPLITS, {**part, w.POTENTIAL_MONEY: 10.0, w.LIKELIHOOD: 50.0})
    collect.collect(folder / "books", team, now=datetime(2018, 1, 12))
    refresh.refresh(folder, after())
    # A second export does not forget who is gone.
    later = replace(after(), as_of=LATER + pd.Timedelta(days=30))
    refresh.refresh(folder, later)
    for path in (book, team):
        found = check_workbooks([path])
        told = {each.what: each.serious for each in found.typed}
        assert told == {
            "Client 006, Likelihood to 80: account left the export": False,
            "Klient 005, Likelihood to 80: no such account": True,
            "Client 006, Plant: account left the export": False,
        }
        shown = office.recalculate(path)
        (words,) = {
            cell for cell in shown[c.OVERRIDES].values() if str(cell).startswith("account left")
        }
        assert words == w.LEFT_EXPORT and w.LEFT_EXPORT in shown[c.SPLITS].values()
        assert "no such account" in shown[c.OVERRIDES].values()
    found = check_workbooks([book])
    (line,) = found.skipped
    assert found.plans == () and "Client 006 has left the export" in line
    report = collect.collect(folder / "books", team, now=datetime(2018, 5, 1))
    assert (report.gone, line in report.notes) == ((), True)
    assert "Client 006" not in [row[w.ACCOUNT] for row in rows(team, c.T_PLANS)]
    # Once the account is back, all of it counts again.
    back = replace(before(), as_of=LATER + pd.Timedelta(days=60))
    refresh.refresh(folder, back)
    assert [each.plan.account for each in check_workbooks([book]).plans] == ["Client 006"]
    assert sheet.GONE not in [
        row[sheet.WHAT] for row in rows(book, c.T_CHANGES) if row[w.ACCOUNT] == "Client 006"
    ]


def test_everything_that_people_typed_stays(folder: Path) -> None:
    book = team_folder.book_of(folder, 2)
    team_folder.fill(book, 2)
    team_folder.hand_in(book, date(2018, 1, 10))
    account = read_plan_file(book).plans[0].account
    override = {
        w.ACCOUNT: account,
        "Field": w.POTENTIAL_MONEY,
        "New value": 1.0,
        "Reason": "They cut the budget.",
        "Evidence": "Mail of 3 January",
        "State": "Proposed",
    }
    team_folder.add_rows(book, c.T_OVERRIDES, override)
    collect.collect(folder / "books", folder / "team.xlsx", now=datetime(2018, 1, 12))
    held = read_plan_file(book).plans[0]
    team_folder.resave(book, book, lambda workbook: workbook.create_sheet("My notes"))
    tabs = PackageWorkbook(book).sheets()
    refresh.refresh(folder, after())
    now = read_plan_file(book).plans[0]
    assert (p.fingerprint(now), now.state) == (p.fingerprint(held), p.TURNED_IN)
    assert PackageWorkbook(book).sheets() == tabs and "My notes" in tabs
    assert rows(book, c.T_OVERRIDES)[0]["Reason"] == "They cut the budget."
    assert len(rows(folder / "team.xlsx", c.T_HISTORY)) == 1
    assert rows(folder / "team.xlsx", c.T_OVERRIDES)[0]["Reason"] == "They cut the budget."
    kept = list((folder / "backup").rglob("Rep 02.xlsx"))
    assert len(kept) == 1


def test_accounts_keep_their_rows_and_new_ones_come_last(folder: Path) -> None:
    book = team_folder.book_of(folder, 1)
    first = [row[w.ACCOUNT] for row in rows(book, c.T_ACCOUNTS)]
    refresh.refresh(folder, after())
    assert [row[w.ACCOUNT] for row in rows(book, c.T_ACCOUNTS)] == [*first, "Client 004"]


def test_a_plan_whose_account_moved_stays_where_it_was_written(folder: Path) -> None:
    book = team_folder.book_of(folder, 2)
    workbook = PackageWorkbook(book)
    spare = next(name for name in workbook.sheets() if "spare 1" in name)
    team_folder.type_fields(workbook, spare, {"account": "Client 004", "strategy": "Stay close."})
    workbook.save()
    refresh.refresh(folder, after())
    (plan,) = [plan for plan in read_plan_file(book).plans if plan.tab == spare]
    assert plan.fields["strategy"] == "Stay close."
    collect.collect(folder / "books", folder / "team.xlsx", now=datetime(2018, 4, 1))
    tracked = {row[tracker.PLAN] for row in rows(folder / "team.xlsx", c.T_PLANS)}
    assert spare in tracked


def test_an_open_workbook_gets_its_turn_at_the_next_run(folder: Path) -> None:
    lock = folder / "books" / "~$Rep 01.xlsx"
    lock.write_bytes(b"\x05owner")
    before_it = team_folder.book_of(folder, 1).read_bytes()
    report = refresh.refresh(folder, after())
    assert "is open in another program" in report.waiting[0] and len(report.done) == 3
    assert team_folder.book_of(folder, 1).read_bytes() == before_it
    lock.unlink()
    assert refresh.refresh(folder, after()).waiting == ()
    assert read_workbook(team_folder.book_of(folder, 1)).as_of == LATER


def test_a_rep_who_owns_accounts_for_the_first_time_gets_a_book(folder: Path) -> None:
    book = team_folder.book_of(folder, 3)
    book.unlink()
    report = refresh.refresh(folder, after())
    assert report.new == (str(book),)
    assert read_workbook(book).as_of == LATER


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.xls?")}


def test_the_same_export_once_more_changes_nothing(folder: Path) -> None:
    first = refresh.refresh(folder, after())
    held = files_of(folder)
    again = refresh.refresh(folder, after())
    assert files_of(folder) == held
    assert (again.done, len(again.same), again.counts) == ((), 4, first.counts)


def test_a_workbook_that_was_open_is_told_later_what_changed_meanwhile(folder: Path) -> None:
    lock = folder / "books" / "~$Rep 01.xlsx"
    lock.write_bytes(b"\x05owner")
    refresh.refresh(folder, after())
    lock.unlink()
    report = refresh.refresh(folder, after())
    assert report.done == (str(team_folder.book_of(folder, 1)),) and len(report.same) == 3
    told = {row[sheet.WHAT] for row in rows(team_folder.book_of(folder, 1), c.T_CHANGES)}
    assert {sheet.MOVED_OWNER, sheet.WON} <= told


def test_a_correction_that_was_accepted_moves_no_quadrant(folder: Path) -> None:
    row = {
        w.ACCOUNT: "Client 002",
        "Field": w.POTENTIAL_MONEY,
        "New value": 1_000_000.0,
        "Reason": "They open a second plant.",
        "Evidence": "Mail of 3 January",
        "State": "Accepted",
        "Date": date(2017, 12, 30),
    }
    team_folder.add_rows(folder / "team.xlsx", c.T_OVERRIDES, row)
    assert len(set(read_workbook(folder / "team.xlsx").accounts[w.QUADRANT])) > 1
    report = refresh.refresh(folder, before())
    assert not any(report.counts.values())


def test_corrections_in_a_large_workbook_act_by_the_cuts_and_days_of_the_new_round(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "LIVE_LIMIT", 2)
    team = team_folder.build(folder / "large", planning.plan_round(before(), Settings()))
    for name, worth, day in (
        ("Client 002", 25_000.0, date(2017, 12, 1)),
        ("Client 003", 31_000.0, date(2018, 2, 1)),  # before the new as-of date, after the old
    ):
        row = {
            w.ACCOUNT: name,
            "Field": w.POTENTIAL_MONEY,
            "New value": worth,
            "Reason": "They open a second plant.",
            "Evidence": "Mail of 3 January",
            "State": "Accepted",
            "Date": day,
        }
        team_folder.add_rows(team, c.T_OVERRIDES, row)
    # All are worth ten times more, and so is the median, where high potential begins.
    later = export(OWNERS, [10 * size for size in SIZES], deals(*OPEN), LATER)
    refresh.refresh(team.parent, later)
    first = {row[w.ACCOUNT]: row for row in rows(team, c.T_ACCOUNTS)}
    worth = {name: row[w.POTENTIAL_MONEY] for name, row in first.items()}
    assert (worth["Client 002"], worth["Client 003"]) == (25_000.0, 31_000.0)
    high = {name for name, row in first.items() if row[w.QUADRANT] in (w.SLAM_DUNK, w.BIG_BET)}
    assert high == {"Client 004", "Client 005", "Client 006"}
    again = refresh.refresh(team.parent, later)
    assert (again.done, len(again.same)) == ((), 4)


def test_deals_on_a_plan_tab_are_renewed_but_not_over_what_somebody_typed(
    folder: Path, office: Office
) -> None:
    book = team_folder.book_of(folder, 1)
    tab = team_folder.tab_of(book)
    (plan,) = read_plan_file(book).plans
    assert len(plan.tables[p.OPPORTUNITIES]) == 1, "the deal that is open before"
    newer = Deal(plan.account_id, "Rep 01", w.OPEN, 700.0, "2018-03-01", "2018-06-01", "Suite")
    older = replace(newer, product="Basic", amount=50.0)
    now = replace(after(), deals=deals(newer, older))
    refresh.refresh(folder, now)
    (plan,) = read_plan_file(book).plans
    held = plan.tables[p.OPPORTUNITIES]
    assert [held[w.PRODUCT].to_list(), held[w.AMOUNT].to_list()] == [["Suite", "Basic"], [700, 50]]
    cells = office.recalculate(book)[tab]
    shown = {name for name, value in cells.items() if value in ("Suite", "Basic")}
    assert len(shown) == 4 and {name[0] for name in shown} == {"A"}
    # A next step of the rep's own: the table is theirs from now on.
    workbook = PackageWorkbook(book)
    table = team_folder.table_on(workbook, tab, p.OPPORTUNITIES)
    workbook.write_columns(table, pd.DataFrame({"Next step": ["Call them"]}, index=[0]))
    workbook.save()
    later = replace(after(), deals=deals(newer), as_of=LATER + pd.Timedelta(days=1))
    refresh.refresh(folder, later)
    held = read_plan_file(book).plans[0].tables[p.OPPORTUNITIES]
    assert held[w.PRODUCT].to_list() == ["Suite", "Basic"]


@pytest.mark.parametrize(
    ("own", "amount"), [("Ask Anna first", OPEN[0].amount), ("=COLUMN()", 7777.0)]
)
def test_what_stands_in_a_column_of_the_rep_s_own_beside_the_deals_stays(
    own: str, amount: float, folder: Path
) -> None:
    """Such a table is the rep's; with a formula in each row it is still the CRM's."""
    book = team_folder.book_of(folder, 1)
    tab = team_folder.tab_of(book)
    name = team_folder.table_on(PackageWorkbook(book), tab, p.OPPORTUNITIES)

    def add_a_column(workbook: Any) -> None:
        sheet, table = workbook[tab], workbook[tab].tables[name]
        left, top, right, below = range_boundaries(table.ref)
        table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right + 1)}{below}"
        table.tableColumns.append(TableColumn(id=99, name="My note"))
        sheet.cell(top, right + 1).value = "My note"
        for row in range(top + 1, below + 1 if own.startswith("=") else top + 2):
            sheet.cell(row, right + 1).value = own

    team_folder.resave(book, book, add_a_column)
    now = replace(before(), deals=deals(replace(OPEN[0], amount=7777.0), OPEN[1]))
    refresh.refresh(folder, now)
    workbook = PackageWorkbook(book)
    (held,) = workbook.read_table(name, [w.AMOUNT, "My note"]).dropna(subset=w.AMOUNT).to_numpy()
    assert held[0] == amount
    if amount != 7777.0:
        assert held[1] == own
    else:
        assert workbook.read_formulas(name)["My note"].iloc[0] == own


@pytest.mark.parametrize("password", [None, "secret"])
def test_a_draft_that_a_rep_protected_does_not_keep_the_book_from_being_renewed(
    password: str | None, folder: Path
) -> None:
    book = team_folder.book_of(folder, 1)
    tab = team_folder.tab_of(book)

    def protect(workbook: Any) -> None:
        workbook[tab].protection.sheet = True
        if password:
            workbook[tab].protection.password = password

    team_folder.resave(book, book, protect)
    now = replace(before(), deals=deals(replace(OPEN[0], amount=7777.0), OPEN[1]))
    report = refresh.refresh(folder, now)
    assert not report.waiting and str(book) in report.done
    assert {row[w.AMOUNT] for row in rows(book, c.T_DEALS)} == {7777.0}
    (plan,) = read_plan_file(book).plans
    on_tab = plan.tables[p.OPPORTUNITIES][w.AMOUNT].to_list()
    assert PackageWorkbook(book).is_protected(tab)
    if password:
        assert on_tab == [4000.0]
        assert [line.split(";")[0] for line in report.left] == [
            f"{book}, sheet '{tab}': it has a password, so it stays as it was"
        ]
    else:
        assert on_tab == [7777.0] and not report.left


def test_an_account_with_a_new_name_keeps_its_plan_and_corrections(
    folder: Path, office: Office
) -> None:
    book = team_folder.book_of(folder, 2)
    team_folder.fill(book, 2)
    (plan,) = read_plan_file(book).plans
    workbook = PackageWorkbook(book)
    workbook.lock(plan.tab, True)
    workbook.save()
    team_folder.add_rows(book, c.T_OVERRIDES, {w.ACCOUNT: plan.account, "Field": w.SEGMENT})
    team = folder / "team.xlsx"
    said = {tracker.RATING: 4.0, tracker.DECISION: "Return", tracker.FEEDBACK: "Say who decides."}
    tracked = PackageWorkbook(team)
    (at,) = (at for at, row in enumerate(rows(team, c.T_PLANS)) if row[w.OWNER] == "Rep 02")
    tracked.write_columns(c.T_PLANS, pd.DataFrame([said], index=[at]).astype(object))
    tracked.append_rows(c.T_LIBRARY, pd.DataFrame([{w.ACCOUNT: plan.account}]))
    tracked.lock(c.LIBRARY, True)
    tracked.save()
    stale = book.read_bytes()
    export = before()
    names = export.accounts[w.ACCOUNT].replace({plan.account: "Client GmbH"})
    report = refresh.refresh(
        folder, replace(export, accounts=export.accounts.assign(Account=names))
    )
    assert report.counts[sheet.RENAMED] == 1 and sum(report.counts.values()) == 1
    (now,) = read_plan_file(book).plans
    assert (now.account, now.account_id, now.fields["strategy"]) == (
        "Client GmbH",
        plan.account_id,
        plan.fields["strategy"],
    )
    assert PackageWorkbook(book).is_protected(plan.tab)
    assert rows(book, c.T_OVERRIDES)[0][w.ACCOUNT] == "Client GmbH"
    cells = office.recalculate(book)[plan.tab]
    assert (cells["A1"], cells["B6"]) == ("Client GmbH", "Rep 02")
    # What the manager said stays with the plan, also if the book is one of before the new name.
    for content in (book.read_bytes(), stale):
        book.write_bytes(content)
        assert collect.collect(folder / "books", team, now=datetime(2018, 1, 12)).gone == ()
        (row,) = (row for row in rows(team, c.T_PLANS) if row[w.OWNER] == "Rep 02")
        assert {w.ACCOUNT: "Client GmbH", **said}.items() <= row.items()
    assert [row[w.ACCOUNT] for row in rows(team, c.T_LIBRARY)] == ["Client GmbH"]
    assert PackageWorkbook(team).is_protected(c.LIBRARY)
    corrected = [(row[w.ACCOUNT], row[w.STATE]) for row in rows(team, c.T_OVERRIDES)]
    assert corrected == [("Client GmbH", None)]


def test_a_deal_that_was_closed_late_in_the_crm_is_listed_all_the_same(folder: Path) -> None:
    late = replace(OPEN[0], state=w.WON, closed="2017-12-20")
    report = refresh.refresh(folder, replace(before(), deals=deals(late, OPEN[1])))
    assert (report.counts[sheet.WON], report.counts[sheet.LOST]) == (1, 0)


def test_deals_without_an_id_are_not_taken_for_others(folder: Path) -> None:
    def numbered(*given: Deal) -> CrmExport:
        held = deals(*given)
        held[w.DEAL_ID] = [f"Row {number}" for number in range(2, 2 + len(held))]
        return replace(before(), deals=held)

    refresh.refresh(folder, numbered(*OPEN))
    lost = replace(OPEN[1], state=w.LOST, closed="2017-03-01")
    report = refresh.refresh(folder, numbered(lost, OPEN[0]))
    assert (report.counts[sheet.WON], report.counts[sheet.LOST]) == (0, 0)


def test_a_column_that_has_no_place_is_named(folder: Path) -> None:
    export = before()
    accounts = export.accounts.assign(Fleet=7.0, Depots=2.0)
    report = refresh.refresh(folder, replace(export, accounts=accounts))
    assert [line.split("'")[1] for line in report.notes] == ["Fleet", "Depots"]


def test_the_day_that_somebody_typed_does_not_go_back(folder: Path) -> None:
    book = PackageWorkbook(team_folder.book_of(folder, 1))
    book.write_names({c.N_TODAY: datetime(2018, 5, 2)})
    book.save()
    refresh.refresh(folder, after())
    assert read_workbook(team_folder.book_of(folder, 1)).today == pd.Timestamp("2018-05-02")
    assert read_workbook(team_folder.book_of(folder, 2)).today == LATER


def test_plans_stay_due_on_the_day_that_was_set_until_the_year_changes(tmp_path: Path) -> None:
    folder = tmp_path / "team"
    team_folder.build(folder, planning.plan_round(before(), Settings(plans_per_book=1)))
    workbooks = [folder / "team.xlsx", team_folder.book_of(folder, 1)]

    def due() -> list[pd.Timestamp]:
        return [read_workbook(path).due for path in workbooks]

    # 30 days after the last day of 2017; in 2018 a later export does not move it.
    set_first = pd.Timestamp("2018-01-30")
    assert due() == [set_first, set_first]
    for day in ("2018-01-10", "2018-03-31"):
        report = refresh.refresh(folder, before(), as_of=pd.Timestamp(day))
        assert (due(), report.due) == ([set_first, set_first], "")
    # Nor do the scores, when they are worked out anew in the workbook.
    with PackageReader(workbooks[0]) as reader:
        assert read_working(reader).data.due == set_first
    report = refresh.refresh(folder, before(), as_of=pd.Timestamp("2019-01-10"))
    assert due() == [pd.Timestamp("2019-02-09")] * 2
    assert report.due == (
        "Plans are due on 2019-02-09, no longer on 2018-01-30: the planning year from 2019-01-01 "
        "has begun."
    )


def older(path: Path, columns: Mapping[str, str]) -> None:
    """The workbook as an older version made it, which did not know some columns."""
    workbook = PackageWorkbook(path)
    for table, column in columns.items():
        workbook.rename_columns(table, {column: "Somebody's own"})
    workbook.save()


def test_workbooks_of_an_older_version_are_renewed_or_named(folder: Path) -> None:
    younger = {c.T_DEALS: w.IN_TIME, c.T_ATTRIBUTES: c.IN_USE}
    older(folder / "team.xlsx", younger)
    older(team_folder.book_of(folder, 1), younger)
    older(team_folder.book_of(folder, 2), {c.T_SCORES: w.COVERAGE})
    held = team_folder.book_of(folder, 2).read_bytes()
    report = refresh.refresh(folder, after())
    assert len(report.done) == 3
    (line,) = report.waiting
    assert "Rep 02.xlsx" in line and f"{c.T_SCORES} has no column '{w.COVERAGE}'" in line
    assert team_folder.book_of(folder, 2).read_bytes() == held
    now = read_workbook(folder / "team.xlsx")
    whole = planning.plan_round(after(), Settings(plans_per_book=1, plan_due=team_folder.DUE))
    score = [
        frame.sort_values(w.ACCOUNT)[w.SCORE].to_list() for frame in (now.accounts, whole.accounts)
    ]
    assert score[0] == pytest.approx(score[1], abs=1e-8)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_macros_and_buttons_stay_part_by_part(tmp_path: Path) -> None:
    settings = Settings(plans_per_book=1, plan_due=team_folder.DUE)
    whole = planning.plan_round(before(), settings)
    files.build_folder(whole, tmp_path / "team", controls=controls())
    folder = tmp_path / "team"
    names = ["team.xlsm", "books/Rep 01.xlsm", "books/Rep 03.xlsm"]
    (folder / "books" / "Rep 02.xlsm").unlink()
    were = {name: parts_of(folder / name) for name in names}
    report = refresh.refresh(folder, after())
    assert report.new == (str(folder / "books" / "Rep 02.xlsm"),)
    for name in names:
        was, now = were[name], parts_of(folder / name)
        assert was.keys() == now.keys()
        changed = {part for part in was if was[part] != now[part]}
        allowed = r"xl/(worksheets/sheet\d+|tables/table\d+|workbook|styles)\.xml"
        assert {part for part in changed if not re.fullmatch(allowed, part)} <= CALCULATION
        assert "xl/vbaProject.bin" in was and any("vmlDrawing" in part for part in was)
        # A sheet that was written still leads to its buttons, tables and notes.
        for part in changed:
            links = [sorted(re.findall(rb'r:id="[^"]*"', each[part])) for each in (was, now)]
            assert links[0] == links[1], part
    made = [*(folder / name for name in names), folder / "books" / "Rep 02.xlsm"]
    assert validate(made) == {path: [] for path in made}


def test_a_folder_without_team_workbook_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"has no team\.xlsx"):
        refresh.refresh(tmp_path, after())


def test_the_command_reads_the_export(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(
        "Account ID,Account,Owner,Employees\nA0001,Client 001,Rep 01,99\n"
        "A0003,Client 003,Rep 02,30\nA0005,Client 005,Rep 03,50\n"
    )
    assert cli.main(["refresh", str(folder), "--accounts", str(accounts)]) == cli.DONE
    told = capsys.readouterr().out
    assert "4 workbooks renewed" in told and "3 gone" in told
