"""Do the plan tabs of a closed workbook come back as typed, and is what is broken named?"""

from __future__ import annotations

import json
import re
import shutil
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import planning
from accountplan.addin.demo import sample_round
from accountplan.addin.hosts.package import PackageReader
from accountplan.addin.plan_files import (
    PlanFile,
    check_plan_files,
    check_workbooks,
    find_workbooks,
    read_plan_file,
    read_planning_inputs,
    read_plans,
)
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.errors import SettingsError, WorkbookError
from accountplan.udfs.plans import Finding, Plan
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from accountplan.workbook_templates.sheets import plan
from tests.support.office import Office

FULL: Final = "Plan - Candlewick Logistics"
LONG: Final = "Replace the two old lines before the summer, with the service team on the site."


@pytest.fixture(scope="module")
def data() -> Round:
    """The book of the rep whose plans are complete, half filled and empty."""
    return next(
        each
        for each in planning.books(sample_round())
        if any(held.account_id == "ACC-0080" for held in each.plans)
    )


@pytest.fixture(scope="module")
def book(data: Round, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "book.xlsx"
    write_workbook(data, path)
    return path


def resaved(book: Path, target: Path, change: Callable[[Any], None]) -> PlanFile:
    """The plans after somebody changed the workbook with openpyxl."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(book)
    change(workbook)
    workbook.save(target)
    return read_plan_file(target)


def of(file: PlanFile, tab: str) -> tuple[Plan, tuple[Finding, ...]]:
    return next(
        (held, broken)
        for held, broken in zip(file.plans, file.broken, strict=True)
        if held.tab == tab
    )


def typed_rows(held: Plan, key: str) -> list[list[object]]:
    """A table's rows as plain values: dates as dates, blanks as ""."""
    rows = held.tables.get(key)
    if rows is None:
        return []
    names = [column.name for column in p.PLAN_TABLES[key]]
    return [
        [plain(value) for value in row]
        for row in rows.reindex(columns=names).astype(object).to_numpy().tolist()
    ]


def plain(value: object) -> object:
    if value is None or value == "" or value is pd.NaT or value != value:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date()
    return f"{value:g}" if isinstance(value, float) and value < 10 else value


# --- What was typed comes back -------------------------------------------------------


@pytest.fixture(scope="module", params=["as written", "LibreOffice", "openpyxl"])
def saved(
    request: pytest.FixtureRequest,
    book: Path,
    office: Office,
    tmp_path_factory: pytest.TempPathFactory,
) -> PlanFile:
    """The plans as read from the book that each of these programs saved."""
    target = tmp_path_factory.mktemp("saved") / "saved.xlsx"
    if request.param == "LibreOffice":
        return read_plan_file(office.save_as(book, target))
    if request.param == "openpyxl":
        return resaved(book, target, lambda workbook: None)
    return read_plan_file(book)


def test_plans_come_back_as_they_were_built(saved: PlanFile, data: Round) -> None:
    expected = [(tab, held) for tab, held in plan.tab_plans(data) if held.account]
    assert [held.tab for held in saved.plans] == [tab for tab, _ in expected]
    for found, (_, held) in zip(saved.plans, expected, strict=True):
        assert (found.account_id, found.account, found.owner, found.state) == (
            held.account_id,
            held.account,
            held.owner,
            p.DRAFT,
        )
        for each in p.PLAN_FIELDS:
            if each.kind == p.TABLE:
                assert typed_rows(found, each.key) == typed_rows(held, each.key)
            else:
                assert plain(found.fields[each.key]) == plain(held.fields.get(each.key))
            assert found.cells[each.key] == held.cells[each.key]
    assert saved.broken == ((),) * len(expected)


def test_settings_and_dates_come_from_the_workbook(saved: PlanFile, data: Round) -> None:
    assert (saved.fields, saved.rules) == (p.PLAN_FIELDS, p.PLAN_RULES)
    assert saved.inputs.today == data.today.date()
    assert saved.inputs.year_start == data.year.start.date()
    assert saved.inputs.year_end == data.year.end.date()
    assert saved.inputs.due == data.due.date()


def test_quadrant_and_potential_come_from_the_accounts(book: Path, data: Round) -> None:
    facts = data.accounts.set_index(w.ACCOUNT_ID)
    for held in read_plans(book):
        assert held.quadrant == facts.at[held.account_id, w.QUADRANT]
        assert held.potential_money == pytest.approx(facts.at[held.account_id, w.POTENTIAL_MONEY])


def test_what_is_typed_in_an_office_program_is_read(
    book: Path, data: Round, office: Office, tmp_path: Path
) -> None:
    tab, spare = plan.tab_plans(data)[-2]
    account = str(data.accounts[w.ACCOUNT].iloc[-1])
    due, cells = date(2026, 9, 1), spare.cells

    def at(key: str, down: int = 0) -> tuple[str, str]:
        match = re.fullmatch(r"([A-Z]+)(\d+)", cells[key])
        assert match is not None
        return tab, f"{match[1]}{int(match[2]) + down}"

    blank = plan.BLANK_ROWS[p.ACTIONS]
    changes: dict[tuple[str, str], Any] = {
        (tab, "B4"): account,
        at("position"): LONG,
        at(p.TARGET_KEY): 120000,
        at("contacts.Name"): "Head of IT",
        # A row is left out, and one is typed under the table.
        at("actions.Action", 1): "Walk the sites",
        at("actions.Objective", 1): 1,
        at("actions.Due", 1): due,
        at("actions.Action", blank): "Send the report",
        at("actions.Owner", blank): "Rep North 2",
    }
    with PackageReader(book) as reader:
        for key, value in ((c.P_STATE, "turned in"), (c.P_TURNED_IN_ON, due)):
            name = reader.name(c.PLAN_NAMES + key, tab)
            assert name is not None and name.area is not None
            changes[tab, f"B{name.area.top + 1}"] = value
    held, broken = of(
        read_plan_file(office.set_cells_and_save(book, changes, tmp_path / "typed.xlsx")), tab
    )
    assert (held.account, held.state, held.turned_in_on) == (account, p.TURNED_IN, due)
    assert held.account_id == data.accounts[w.ACCOUNT_ID].iloc[-1]
    assert (held.fields["position"], held.fields[p.TARGET_KEY]) == (LONG, 120000)
    assert held.tables[p.CONTACTS][p.NAME].tolist() == ["Head of IT"]
    actions = held.tables[p.ACTIONS]
    assert actions.index.tolist() == [1, blank]
    assert actions[w.ACTION].tolist() == ["Walk the sites", "Send the report"]
    assert plain(actions[p.DUE].iloc[0]) == due
    assert p.row_flags(p.ACTIONS, actions).tolist() == ["owner missing", "date missing"]
    assert broken == ()


def test_a_cell_that_was_moved_is_read_where_its_name_went(book: Path, tmp_path: Path) -> None:
    def move(workbook: Any) -> None:
        sheet = workbook[FULL]
        sheet["K5"] = LONG
        sheet.defined_names["plan.position"].attr_text = f"'{FULL}'!$K$5"

    held, broken = of(resaved(book, tmp_path / "moved.xlsx", move), FULL)
    assert (held.fields["position"], held.cells["position"], broken) == (LONG, "K5", ())


def test_a_tab_that_was_renamed_is_still_a_plan_tab(book: Path, tmp_path: Path) -> None:
    def rename(workbook: Any) -> None:
        sheet = workbook[FULL]
        sheet.title = "Our best account"
        for name in sheet.defined_names.values():
            name.attr_text = name.attr_text.replace(FULL, "Our best account")

    held, broken = of(resaved(book, tmp_path / "renamed.xlsx", rename), "Our best account")
    assert (held.account, broken) == ("Candlewick Logistics", ())
    assert p.completeness(held).share == 1


def test_a_sheet_of_the_users_own_is_no_plan_tab(book: Path, tmp_path: Path) -> None:
    def add(workbook: Any) -> None:
        workbook.create_sheet("Plan - my holidays")["A1"] = "August"

    file = resaved(book, tmp_path / "own.xlsx", add)
    assert "Plan - my holidays" not in [held.tab for held in file.plans]


def test_rows_under_a_table_end_where_the_next_section_begins(book: Path, tmp_path: Path) -> None:
    held, _ = of(read_plan_file(book), FULL)
    top = int(held.cells[p.OPPORTUNITIES][1:])
    rows = plan.BLANK_ROWS[p.OPPORTUNITIES]

    def fill(workbook: Any) -> None:
        for row in range(top, top + rows + 2):
            workbook[FULL].cell(row, 1, f"Suite {row}")

    found, _ = of(resaved(book, tmp_path / "full.xlsx", fill), FULL)
    names = found.tables[p.OPPORTUNITIES][w.PRODUCT].tolist()
    assert names == [f"Suite {row}" for row in range(top, top + rows + 2)]


def test_answers_on_a_spare_tab_without_account_are_not_lost(
    book: Path, data: Round, tmp_path: Path
) -> None:
    tab, spare = plan.tab_plans(data)[-1]

    def answer(workbook: Any) -> None:
        workbook[tab][spare.cells["position"]] = LONG

    held, broken = of(resaved(book, tmp_path / "nameless.xlsx", answer), tab)
    assert held.account == ""
    assert [(each.rule, each.cell) for each in broken] == [("account", "B4")]


# --- What is broken is named -----------------------------------------------------------


def only(broken: tuple[Finding, ...]) -> Finding:
    assert len(broken) == 1
    assert (broken[0].kind, broken[0].serious) == (p.BROKEN, True)
    return broken[0]


def test_a_deleted_name_is_named(book: Path, tmp_path: Path) -> None:
    def delete(workbook: Any) -> None:
        del workbook[FULL].defined_names["plan.strategy"]

    held, broken = of(resaved(book, tmp_path / "name.xlsx", delete), FULL)
    finding = only(broken)
    assert "'Strategy'" in finding.what and "plan.strategy" in finding.mend
    assert p.completeness(held).missing == ("Strategy",)


def test_a_deleted_cell_is_named(book: Path, tmp_path: Path) -> None:
    def delete(workbook: Any) -> None:
        workbook[FULL].defined_names["plan.risks"].attr_text = "#REF!"

    _, broken = of(resaved(book, tmp_path / "cell.xlsx", delete), FULL)
    assert only(broken).what == "'Risks': its cell was deleted"


def test_a_lost_account_name_is_told_and_the_tab_still_read(book: Path, tmp_path: Path) -> None:
    def delete(workbook: Any) -> None:
        del workbook[FULL].defined_names["plan.account"]

    held, broken = of(resaved(book, tmp_path / "account.xlsx", delete), FULL)
    assert held.account == "Candlewick Logistics"
    assert "plan.account" in only(broken).what


def test_a_renamed_header_is_named_and_its_column_still_read(book: Path, tmp_path: Path) -> None:
    def rename(workbook: Any) -> None:
        sheet = workbook[FULL]
        table = next(each for each in sheet.tables.values() if each.name.startswith(c.T_ACTIONS))
        header = sheet[table.ref.split(":")[0]].offset(0, 2)
        header.value = "Who"
        table.tableColumns[2].name = "Who"

    held, broken = of(resaved(book, tmp_path / "header.xlsx", rename), FULL)
    finding = only(broken)
    assert finding.what == "Actions: the column 'Owner' is called 'Who'"
    assert finding.mend == "Call it 'Owner' again."
    assert held.tables[p.ACTIONS][w.OWNER].tolist()[0] == "Rep North 2"


def test_a_table_turned_into_plain_cells_is_read_by_its_name(book: Path, tmp_path: Path) -> None:
    def convert(workbook: Any) -> None:
        sheet = workbook[FULL]
        for name in [name for name in sheet.tables if name.startswith(c.T_CONTACTS)]:
            del sheet.tables[name]

    held, broken = of(resaved(book, tmp_path / "plain.xlsx", convert), FULL)
    assert (len(held.tables[p.CONTACTS]), broken) == (4, ())


def test_a_table_that_is_gone_is_named(book: Path, tmp_path: Path) -> None:
    def delete(workbook: Any) -> None:
        sheet = workbook[FULL]
        for name in [name for name in sheet.tables if name.startswith(c.T_CONTACTS)]:
            del sheet.tables[name]
        del sheet.defined_names["plan.contacts"]

    held, broken = of(resaved(book, tmp_path / "gone.xlsx", delete), FULL)
    assert only(broken).what == "The table Contacts is gone"
    assert p.completeness(held).missing == ("Contacts",)


def test_a_formula_without_a_result_is_no_answer(book: Path, tmp_path: Path) -> None:
    held, _ = of(read_plan_file(book), FULL)

    def calculate(workbook: Any) -> None:
        workbook[FULL][held.cells[p.TARGET_KEY]] = "=B12/2"

    found, broken = of(resaved(book, tmp_path / "formula.xlsx", calculate), FULL)
    assert "formula" in only(broken).what
    assert p.completeness(found).missing == ("Revenue target",)


def test_an_unknown_state_and_a_date_in_words_are_named(book: Path, tmp_path: Path) -> None:
    def turn_in(workbook: Any) -> None:
        sheet = workbook[FULL]
        for key, value in ((c.P_STATE, "sent"), (c.P_TURNED_IN_ON, "yesterday")):
            cell = sheet.defined_names[c.PLAN_NAMES + key].attr_text.rpartition("!")[2]
            sheet[cell.replace("$", "")] = value

    held, broken = of(resaved(book, tmp_path / "state.xlsx", turn_in), FULL)
    assert (held.state, held.turned_in_on) == (p.DRAFT, None)
    assert [each.rule for each in broken] == ["state", "turned_in_on"]


def test_an_account_that_is_not_in_the_book_is_named(book: Path, tmp_path: Path) -> None:
    def rename(workbook: Any) -> None:
        workbook[FULL]["B4"] = "Candlewik"

    _, broken = of(resaved(book, tmp_path / "account.xlsx", rename), FULL)
    assert "'Candlewik'" in only(broken).what


# --- Settings and dates -----------------------------------------------------------------


def settings_cell(workbook: Any, key: str, column: str) -> Any:
    """A cell of the table PlanFields by key and column."""
    sheet = workbook[c.SETTINGS]
    area = sheet[sheet.tables[c.T_PLAN_FIELDS].ref]
    headers = [cell.value for cell in area[0]]
    return next(row[headers.index(column)] for row in area if row[0].value == key)


def test_a_changed_requirement_is_read(book: Path, tmp_path: Path) -> None:
    def change(workbook: Any) -> None:
        settings_cell(workbook, "risks", "Required").value = "Required"
        settings_cell(workbook, "strategy", "Required").value = "off"

    file = resaved(book, tmp_path / "required.xlsx", change)
    asked = {each.key: each.requirement for each in file.fields}
    assert (asked["risks"], asked["strategy"]) == (p.REQUIRED, p.OFF)
    assert "strategy" not in of(file, FULL)[0].fields


def test_a_wrong_requirement_is_one_clear_line(book: Path, tmp_path: Path) -> None:
    def change(workbook: Any) -> None:
        settings_cell(workbook, "risks", "Required").value = "maybe"

    with pytest.raises(SettingsError, match=r"wrong\.xlsx: .*risks.*maybe"):
        resaved(book, tmp_path / "wrong.xlsx", change)


def test_today_as_typed_is_taken_and_the_as_of_date_where_it_is_blank(
    book: Path, data: Round, tmp_path: Path
) -> None:
    def change(value: object) -> Callable[[Any], None]:
        def today(workbook: Any) -> None:
            where = workbook.defined_names[c.N_TODAY].attr_text
            sheet, _, cell = where.rpartition("!")
            workbook[sheet.strip("'")][cell.replace("$", "")] = value

        return today

    assert resaved(book, tmp_path / "a.xlsx", change(date(2026, 8, 3))).inputs.today == date(
        2026, 8, 3
    )
    assert resaved(book, tmp_path / "b.xlsx", change(None)).inputs.today == data.as_of.date()


def test_inputs_survive_without_stored_results(book: Path, data: Round, tmp_path: Path) -> None:
    resaved(book, tmp_path / "saved.xlsx", lambda workbook: None)
    with PackageReader(tmp_path / "saved.xlsx") as reader:
        assert read_planning_inputs(reader).due == data.due.date()


# --- Many workbooks ------------------------------------------------------------------------


def test_the_report_has_the_shape_that_others_rely_on(book: Path) -> None:
    report = check_workbooks([book])
    shape = json.loads(json.dumps(report.to_json()))
    assert [each["tab"] for each in shape["plans"]] == [each.plan.tab for each in report.plans]
    full = next(each for each in shape["plans"] if each["tab"] == FULL)
    assert set(full) == {"file", "tab", "account", "complete", "good", "state", "findings"}
    assert (full["complete"], full["good"], full["file"]) == (1.0, True, str(book))
    worst = min(shape["plans"], key=lambda each: each["complete"])
    assert set(worst["findings"][0]) == {"kind", "serious", "rule", "cell", "what", "mend"}


def test_a_broken_tab_is_not_good(book: Path, tmp_path: Path) -> None:
    def delete(workbook: Any) -> None:
        del workbook[FULL].defined_names["plan.risks"]

    file = resaved(book, tmp_path / "broken.xlsx", delete)
    checked = next(each for each in check_plan_files([file]) if each.plan.tab == FULL)
    assert checked.check.complete and not checked.check.good
    assert checked.check.findings[0].kind == p.BROKEN


def test_text_copied_between_two_books_is_found_in_both(data: Round, tmp_path: Path) -> None:
    for number in (1, 2):
        plans = tuple(
            replace(held, fields={"strategy": LONG}, tables={})
            for held in data.plans[number - 1 : number]
        )
        # Each person's own day makes no difference to what is a copy.
        today = data.today + pd.Timedelta(days=number)
        write_workbook(replace(data, plans=plans, today=today), tmp_path / f"{number}.xlsx")
    report = check_workbooks([tmp_path])
    copied = [
        [each.rule for each in checked.check.findings].count("copied") for checked in report.plans
    ]
    assert copied == [1, 1]
    assert len(report.files) == 2


def test_folders_are_walked_without_locks_backups_and_other_files(
    book: Path, tmp_path: Path
) -> None:
    (tmp_path / "backup" / "2026-07-01").mkdir(parents=True)
    (tmp_path / "books").mkdir()
    shutil.copy(book, tmp_path / "books" / "one.xlsx")
    shutil.copy(book, tmp_path / "backup" / "2026-07-01" / "one.xlsx")
    (tmp_path / "books" / "~$one.xlsx").write_bytes(b"lock")
    (tmp_path / "notes.txt").write_text("hello")
    found = find_workbooks([tmp_path])
    assert found.files == (tmp_path / "books" / "one.xlsx",)
    assert len(found.skipped) == 3


def test_a_workbook_of_somebody_else_in_a_folder_is_skipped_and_a_damaged_one_reported(
    book: Path, tmp_path: Path
) -> None:
    shutil.copy(book, tmp_path / "one.xlsx")
    openpyxl.Workbook().save(tmp_path / "budget.xlsx")
    (tmp_path / "cut.xlsx").write_bytes(book.read_bytes()[:5000])
    report = check_workbooks([tmp_path])
    assert report.files == (str(tmp_path / "one.xlsx"),)
    assert ["budget.xlsx" in line for line in report.skipped] == [True]
    assert ["cut.xlsx" in line for line in report.unreadable] == [True]


def test_named_workbooks_that_cannot_be_read_are_one_line_each(book: Path, tmp_path: Path) -> None:
    cut, other = tmp_path / "cut.xlsx", tmp_path / "other.xlsx"
    cut.write_bytes(book.read_bytes()[:5000])
    openpyxl.Workbook().save(other)
    with pytest.raises(WorkbookError) as caught:
        check_workbooks([book, cut, other])
    assert len(caught.value.lines) == 2
    with pytest.raises(WorkbookError, match="no such file"):
        check_workbooks([tmp_path / "missing"])


def test_a_template_and_a_team_workbook_hold_no_plan_yet(tmp_path: Path) -> None:
    write_workbook(planning.empty_round(Settings()), tmp_path / "template.xlsx")
    assert read_plans(tmp_path / "template.xlsx") == []


def test_a_foreign_part_in_the_package_does_not_matter(book: Path, tmp_path: Path) -> None:
    copy = tmp_path / "extra.xlsx"
    shutil.copy(book, copy)
    with zipfile.ZipFile(copy, "a") as package:
        package.writestr("customXml/item9.xml", "<note/>")
    assert len(read_plans(copy)) == len(read_plans(book))
