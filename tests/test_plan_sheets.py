"""Do plan tabs, the Tracker and the Guide say live what Python finds out about a plan?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import planning
from accountplan.addin.demo import sample_round
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.plans import Plan
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import plan_tabs, write_workbook
from accountplan.workbook_templates.round import Round
from accountplan.workbook_templates.sheets import guide, plan, tracker
from accountplan.workbook_templates.sheets import plan_thin as thin
from tests.support import books
from tests.support.office import Office, Sheets
from tests.support.workbooks import WorkbookFile, differences, same

LONG: Final = "We replace the two old lines before the summer, with the service team on site."
LONGEST_NAME: Final = "Northern " * 33
NASTY: Final = ("Women's Care", "Yahoo! Partners", "ACME", "Acme", "Who? [*] ~co", LONGEST_NAME)
OURS: Final = (c.PLAN_PREFIX, c.TRACKER, c.GUIDE)


@dataclass(frozen=True)
class Made:
    """A workbook that was written, with the round that it shows."""

    data: Round
    path: Path

    @property
    def file(self) -> WorkbookFile:
        return WorkbookFile(self.path)

    def cell(self, tab: str, key: str) -> tuple[str, str]:
        """Sheet and address of what a name of a plan tab stands for."""
        return self.file.named(c.PLAN_NAMES + key, tab)


def made(data: Round, folder: Path) -> Made:
    path = folder / f"{data.kind}.xlsx"
    write_workbook(data, path)
    return Made(data, path)


@pytest.fixture(scope="module")
def whole() -> Round:
    return sample_round()


@pytest.fixture(scope="module")
def book(whole: Round, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The book of the rep whose plans are complete, half filled and empty."""
    mine = next(
        each
        for each in planning.books(whole)
        if any(held.account_id == "ACC-0080" for held in each.plans)
    )
    return made(mine, tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def team(whole: Round, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(whole, tmp_path_factory.mktemp("team"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(planning.empty_round(Settings()), tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A book of accounts with names that formulas, sheets and links trip over."""
    owned = books.accounts(
        {w.ACCOUNT: NASTY, w.OWNER: ["Rep 1"] * len(NASTY), w.ANNUAL_REVENUE: range(1, 7)}
    )
    sold = books.deals(
        *(
            books.Deal(account_id, "Rep 1", state, amount, "2017-03-01", "2017-06-01", "Plus")
            for account_id, amount in zip(owned[w.ACCOUNT_ID], range(100, 700, 100), strict=True)
            for state in (w.WON, w.OPEN)
        )
    )
    export = books.export(owned, sold, books.teams([("Rep 1", "Manager")]))
    data = planning.plan_round(export, Settings(plans_per_book=6), quota=1000.0)
    return made(planning.books(data)[0], tmp_path_factory.mktemp("nasty"))


def ours(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(OURS)]


# --- As written -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["book", "team", "template", "nasty"])
def test_every_formula_gives_the_value_that_is_stored_with_it(
    name: str, request: pytest.FixtureRequest, office: Office
) -> None:
    file = request.getfixturevalue(name).path
    found = office.recalculate(file)
    assert ours(differences(WorkbookFile(file), found)) == []
    assert [error for error in found.errors() if error[0].startswith(OURS)] == []


def test_every_field_has_a_name_on_its_own_tab(book: Made, template: Made) -> None:
    keys = {each.key for each in p.PLAN_FIELDS} | {
        *(c.P_ACCOUNT, c.P_ACCOUNT_ID, c.P_OWNER, c.P_FLAG, c.P_MISSING, c.P_COMPLETE),
        *(c.P_NEXT_ACTION, c.P_NEXT_DUE, c.P_STATE, c.P_TURNED_IN_BY, c.P_TURNED_IN_ON),
        c.P_FEEDBACK,
    }
    for each in (book, template):
        for tab in plan_tabs(each.data):
            names = {name for sheet, name in each.file.names if sheet == tab}
            assert {c.PLAN_NAMES + key for key in keys} <= names


def test_every_tab_has_its_four_tables_with_blank_rows(book: Made) -> None:
    tables = book.file.tables
    for number, (tab, held) in enumerate(plan.tab_plans(book.data), start=1):
        for key, title in c.PLAN_TABLES.items():
            table = tables[f"{title}{number}"]
            names = [column.name for column in p.PLAN_TABLES[key]]
            assert (table.sheet, list(table.columns)) == (tab, [*names, c.FLAG])
            assert table.last - table.first + 1 > len(held.tables.get(key, ()))


def test_every_input_has_a_prompt_and_lists_offer_their_choices(book: Made) -> None:
    tab, held = plan.tab_plans(book.data)[0]
    sheet = openpyxl.load_workbook(book.path)[tab]
    rules = {cell: rule for rule in validations(sheet) for cell in cells_of(rule)}
    for each in p.PLAN_FIELDS:
        if each.kind == p.TABLE:
            for number, column in enumerate(p.PLAN_TABLES[each.key]):
                rule = rules[held.cells[f"{each.key}.{column.name}"]]
                assert rule.prompt.startswith(column.prompt), number
                if column.choices:
                    assert rule.formula1 == f'"{",".join(column.choices)}"'
        else:
            assert rules[held.cells[each.key]].prompt == each.prompt
    assert rules[held.cells[p.PLAY_KEY]].formula1 == f'"{",".join(p.PLAYS)}"'
    state = book.cell(tab, c.P_STATE)[1]
    assert rules[state].formula1 == f'"{",".join(p.PLAN_STATES)}"'


def validations(sheet: Any) -> Iterator[Any]:
    yield from sheet.data_validations.dataValidation


def cells_of(rule: Any) -> Iterator[str]:
    for area in rule.sqref.ranges:
        yield from (f"{openpyxl.utils.get_column_letter(col)}{row}" for row, col in area.cells)


def test_no_formula_of_a_tab_is_longer_than_excel_takes() -> None:
    rows = {each.key: 100 + 10 * number for number, each in enumerate(p.PLAN_FIELDS)}
    tables = {key: f"{name}999" for key, name in c.PLAN_TABLES.items()}
    parts = thin.formulas(p.PLAN_FIELDS, rows, tables)
    assert tuple(parts) == thin.ORDER
    assert {rule: len(part) for rule, part in parts.items() if len(part) > 8000} == {}


def test_a_plan_that_was_written_before_stands_on_its_tab(book: Made, office: Office) -> None:
    found = office.recalculate(book.path)
    tab, held = next(each for each in plan.tab_plans(book.data) if each[1].account_id == "ACC-0080")
    for each in p.PLAN_FIELDS:
        if each.kind != p.TABLE:
            assert same(found[tab].get(held.cells[each.key]), held.fields[each.key])
    assert found[tab]["F4"] == "Complete"


def test_open_deals_stand_on_the_tab_and_fill_opportunities_only_while_wanted(book: Made) -> None:
    empty = next(held for held in book.data.plans if not held.tables)
    deals = book.data.deals
    mine = deals[
        (deals[w.ACCOUNT_ID] == empty.account_id) & (deals[w.STATE] == w.OPEN) & ~deals[w.STALE]
    ]
    shown = plan.prefilled(empty, book.data)
    assert len(shown.tables[p.OPPORTUNITIES]) == min(len(mine), plan.PREFILLED_DEALS) > 0
    required = tuple(
        replace(each, requirement=p.REQUIRED) if each.key == p.OPPORTUNITIES else each
        for each in p.PLAN_FIELDS
    )
    data = replace(book.data, settings=Settings(plan_fields=required))
    assert plan.prefilled(empty, data) == empty


def test_a_field_that_is_off_does_not_stand_on_the_tab(book: Made, tmp_path: Path) -> None:
    fields = tuple(
        replace(each, requirement=p.OFF) if each.key in ("risks", p.TEAM) else each
        for each in p.PLAN_FIELDS
    )
    changed = made(replace(book.data, settings=Settings(plan_fields=fields)), tmp_path)
    names = {name for _, name in changed.file.names}
    assert "plan.risks" not in names and "plan.strategy" in names
    assert not any(name.startswith(c.T_TEAM) for name in changed.file.tables)


# --- Live ---------------------------------------------------------------------------

ANSWERS: Final[Mapping[str, object]] = {
    "position": LONG,
    "priorities": f"  {LONG}\n",
    "competitors": "none",
    p.TARGET_KEY: "a lot",
    "objective_1": "TBD ",
    "strategy": "???",
    "why_fit": next(each.example for each in p.PLAN_FIELDS if each.key == "why_fit").upper(),
    p.PLAY_KEY: p.GROW,
    "risks": "x",
}
ROWS: Final[Mapping[str, list[dict[str, object]]]] = {
    p.CONTACTS: [{"Name": "Head of IT", "Position": "IT", "Role": p.DECIDES}, {"Name": "n/a"}],
    p.OPPORTUNITIES: [{w.PRODUCT: "Suite"}],
    p.ACTIONS: [
        {w.ACTION: "Walk the sites", w.OWNER: "Rep North 2", p.DUE: date(2026, 9, 1)},
        {w.ACTION: "Call the Head of IT", w.OWNER: "Rep North 2", p.DUE: date(2026, 8, 1)},
        {w.ACTION: "Send the report", p.DUE: date(2026, 7, 1), w.STATE: p.DONE},
        {w.ACTION: "Book the visit", p.DUE: "soon"},
    ],
}


def typed(book: Made, tab: str, held: Plan) -> dict[tuple[str, str], Any]:
    """What a person types who gives these answers on a tab."""
    changes: dict[tuple[str, str], Any] = {
        (tab, held.cells[key]): value for key, value in ANSWERS.items()
    }
    for key, rows in ROWS.items():
        for number, row in enumerate(rows):
            for column, value in row.items():
                match = re.fullmatch(r"([A-Z]+)(\d+)", held.cells[f"{key}.{column}"])
                assert match is not None
                changes[tab, f"{match[1]}{int(match[2]) + number}"] = value
    return changes


def answered(account: str) -> Plan:
    tables = {key: pd.DataFrame(rows, dtype=object).fillna("") for key, rows in ROWS.items()}
    return Plan("", account, fields=ANSWERS, tables=tables)


@pytest.fixture(scope="module")
def filled(book: Made, office: Office) -> tuple[str, Plan, Sheets]:
    """The first spare tab after somebody picked an account and answered."""
    tab, held = plan.tab_plans(book.data)[-2]
    account = str(book.data.accounts[w.ACCOUNT].iloc[-1])
    changes = {(tab, "B4"): account, **typed(book, tab, held)}
    return tab, answered(account), office.recalculate(book.path, changes)


def test_complete_and_missing_follow_what_is_typed(
    filled: tuple[str, Plan, Sheets],
) -> None:
    tab, held, found = filled
    expected = p.completeness(held)
    assert 0 < expected.share < 1
    assert same(found[tab]["F6"], expected.share)
    assert found[tab]["B5"] == ", ".join(expected.missing)
    assert found[tab]["F4"] == f"{len(expected.missing)} of 9 required fields missing"


def test_each_field_is_flagged_like_python_flags_it(
    book: Made, filled: tuple[str, Plan, Sheets]
) -> None:
    tab, held, found = filled
    at = plan.layout(plan.tab_plans(book.data)[-2][1], book.data)
    expected = p.completeness(held).filled
    words = {p.REQUIRED: "missing", p.WANTED: "wanted"}
    for each in p.PLAN_FIELDS:
        flag = "ok" if expected[each.key] else words[each.requirement]
        assert found[tab][f"H{at.fields[each.key] + 1}"] == flag, each.key


def test_each_row_is_flagged_like_python_flags_it(
    book: Made, filled: tuple[str, Plan, Sheets]
) -> None:
    _, held, found = filled
    number = len(book.data.plans) + 1
    for key, rows in held.tables.items():
        shown = book.file.frame(f"{c.PLAN_TABLES[key]}{number}", found)[c.FLAG]
        assert shown.head(len(rows)).tolist() == p.row_flags(key, rows).tolist()
        assert set(shown[len(rows) :]) == {""}


def test_the_next_action_is_the_earliest_that_is_not_done(
    filled: tuple[str, Plan, Sheets],
) -> None:
    tab, _, found = filled
    assert found[tab]["B15"] == "Call the Head of IT"
    assert same(found[tab]["F11"], pd.Timestamp("2026-08-01"))


def test_a_spare_tab_looks_its_account_up(book: Made, filled: tuple[str, Plan, Sheets]) -> None:
    tab, held, found = filled
    facts = book.data.accounts.set_index(w.ACCOUNT).loc[held.account]
    assert found[tab]["A1"] == held.account
    cells = {"B7": w.ACCOUNT_ID, "B10": w.QUADRANT, "B12": w.POTENTIAL_MONEY, "B11": w.RANK}
    cells |= {"B17": w.WHY, "B22": w.WHITESPACE}
    assert [
        cell for cell, column in cells.items() if not same(found[tab].get(cell), facts[column])
    ] == []
    assert facts[w.WHITESPACE] and found[tab]["A22"] == plan.PEERS_ALSO_BUY
    other, _ = plan.tab_plans(book.data)[-1]
    assert found[other].get("B22", "") == ""


def test_a_changed_requirement_acts_at_once(book: Made, office: Office) -> None:
    tab, held = plan.tab_plans(book.data)[-1]
    file = book.file
    changes = {
        (tab, "B4"): str(book.data.accounts[w.ACCOUNT].iloc[0]),
        file.find(c.T_PLAN_FIELDS, "Key", "competitors", "Required"): p.REQUIRED,
        file.find(c.T_PLAN_FIELDS, "Key", "strategy", "Required"): p.OFF,
        file.find(c.T_PLAN_FIELDS, "Key", "position", "Required"): p.WANTED,
        file.find(c.T_PLAN_FIELDS, "Key", p.TARGET_KEY, "Required"): p.WANTED,
        (tab, held.cells[p.TARGET_KEY]): "a lot",
    }
    found = office.recalculate(book.path, changes)
    missing = str(found[tab]["B5"]).split(", ")
    assert "Competitors" in missing
    assert not {"Strategy", "Where we stand today"} & set(missing)
    assert found[tab]["F4"] == "7 of 7 required fields missing"
    assert found[tab]["B19"] == "entries of the wrong kind: 1"


def test_the_example_of_the_target_names_the_account_s_potential(
    book: Made, filled: tuple[str, Plan, Sheets]
) -> None:
    tab, held, found = filled
    row = plan.layout(plan.tab_plans(book.data)[-2][1], book.data).fields[p.TARGET_KEY] + 1
    potential = book.data.accounts.set_index(w.ACCOUNT).loc[held.account, w.POTENTIAL_MONEY]
    assert found[tab][f"D{row}"] == f"About half of the account's Potential $ of {potential:,.0f}"
    other, _ = plan.tab_plans(book.data)[-1]
    assert found[other][f"D{row}"] == "About half of the account's Potential $"


def test_the_tracker_follows_the_tab(book: Made, filled: tuple[str, Plan, Sheets]) -> None:
    tab, held, found = filled
    rows = book.file.frame(c.T_PLANS, found).set_index(tracker.PLAN)
    expected = p.completeness(held)
    row = rows.loc[tab]
    assert row[w.ACCOUNT] == held.account
    assert same(row[tracker.COMPLETE], expected.share)
    assert row[tracker.MISSING] == ", ".join(expected.missing)
    assert row[tracker.NEXT_ACTION] == "Call the Head of IT"


@pytest.mark.parametrize(
    ("state", "today", "complete"),
    [
        ("Draft", "2026-07-29", True),
        ("Draft", "2026-07-30", False),
        ("Draft", "2026-07-31", False),
        ("Draft", "2026-08-09", True),
        ("Turned in", "2026-08-09", False),
        ("Returned", "2026-07-01", True),
    ],
)
def test_the_verdict_follows_state_and_day(
    state: str, today: str, complete: bool, book: Made, office: Office
) -> None:
    lines = tracker.tracked(book.data)
    line = next(each for each in lines if each.plan.account and each.check.complete == complete)
    changes = {
        book.file.named(c.N_TODAY): date.fromisoformat(today),
        book.cell(line.tab, c.P_STATE): state,
    }
    found = office.recalculate(book.path, changes)
    rows = book.file.frame(c.T_PLANS, found).set_index(tracker.PLAN)
    days = (book.data.due - pd.Timestamp(today)).days
    expected = tracker.verdict(line.plan.account, state, line.check.completeness.share, float(days))
    assert rows.loc[line.tab, tracker.VERDICT] == expected
    assert rows.loc[line.tab, tracker.DAYS_LEFT] == days


def test_verdicts_in_words() -> None:
    assert tracker.verdict("", p.DRAFT, 0, 3) == ""
    assert tracker.verdict("A", p.DRAFT, 0.5, 1) == "Due in 1 day"
    assert tracker.verdict("A", p.DRAFT, 0.5, -1) == "Overdue by 1 day"
    assert tracker.verdict("A", p.DRAFT, 1, -12) == "Overdue by 12 days, only to turn in"
    assert tracker.verdict("A", p.TURNED_IN, 1, -9) == "Turned in"
    assert tracker.verdict("A", p.APPROVED, 1, -9) == "Approved"


# --- Team, template, names ------------------------------------------------------------


def test_the_team_tracker_links_into_the_books(team: Made, whole: Round, office: Office) -> None:
    table = team.file.tables[c.T_PLANS]
    frame = team.file.frame(c.T_PLANS, office.recalculate(team.path))
    assert frame[tracker.BOOK].tolist() == [f"books/{held.owner}.xlsx" for held in whole.plans]
    assert set(frame[tracker.LINK]) == {"Open"}
    formula = team.file.cells[c.TRACKER][table.cell(0, tracker.LINK)[1]].formula
    file, tab = f"[[#This Row],[{tracker.BOOK}]]", f"[[#This Row],[{tracker.PLAN}]]"
    assert formula == (
        f'IF(Plans{file}="","",HYPERLINK('
        f'SUBSTITUTE(SUBSTITUTE(Plans{file},"%","%25"),"#","%23")'
        f'&"#\'"&SUBSTITUTE(Plans{tab},"\'","\'\'")&"\'!A1","Open"))'
    )


def test_a_managers_links_lead_out_of_their_folder_first(whole: Round) -> None:
    mine = planning.teams(whole)[0]
    urls = [line.url for line in tracker.tracked(mine)]
    assert urls and all(url.startswith("external:../books/") for url in urls)


def test_an_empty_template_asks_for_an_account(template: Made, office: Office) -> None:
    found = office.recalculate(template.path)
    for tab in plan_tabs(template.data):
        assert found[tab]["F4"] == plan.NO_ACCOUNT
    rows = template.file.frame(c.T_PLANS, found)
    assert rows[tracker.VERDICT].tolist() == [""] * c.SPARE_PLANS


def test_accounts_that_differ_in_capitals_only_have_their_own_facts(
    nasty: Made, office: Office
) -> None:
    found = office.recalculate(nasty.path)
    for tab, held in plan.tab_plans(nasty.data):
        if held.account:
            assert found[tab]["B7"] == held.account_id
            facts = nasty.data.accounts.set_index(w.ACCOUNT_ID).loc[held.account_id]
            assert same(found[tab]["F12"], facts[w.PRIOR_YEAR_SALES])


def test_the_guide_names_every_field_and_no_made_up_link(book: Made) -> None:
    cells = [str(cell.value) for cell in book.file.cells[c.GUIDE].values()]
    for each in p.PLAN_FIELDS:
        assert f"{each.label} ({each.requirement})" in cells
        assert each.prompt in cells
    assert set(guide.STEPS) == set(c.KINDS)
