"""Does reading a workbook give what its formulas give, whoever saved it last?

Oracles: the round that a workbook was built from, and LibreOffice's own results after cells
were changed. What openpyxl saves has no stored results at all, so that nothing can be copied.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import demo, planning
from accountplan.addin.crm import read_export
from accountplan.addin.reading import WorkbookFacts, read_workbook
from accountplan.udfs import funnel
from accountplan.udfs import words as w
from accountplan.udfs.errors import SettingsError, WorkbookError
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from tests.support.office import Changes, Office
from tests.support.workbooks import WorkbookFile, assert_same

ANSWERS = (
    *(w.SEGMENT, w.QUADRANT, w.ACTION, w.RANK, w.SCORE, w.POTENTIAL, w.LIKELIHOOD),
    *(w.POTENTIAL_MONEY, w.EXPANSION_MONEY, w.GROWTH, w.WIN_PROBABILITY, w.EXPECTED_MONEY),
    *(w.SEGMENT_RANK, w.COVERAGE, w.STILL_TO_COME, c.OVERALL_RANK),
)
WALK = (
    *(w.MANAGER, w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE),
    *(funnel.TO_COME, funnel.GAP),
)


@dataclass(frozen=True)
class Built:
    """A workbook, and the round that it shows."""

    data: Round
    path: Path


@pytest.fixture(scope="module")
def whole() -> Round:
    return demo.sample_round()


@pytest.fixture(scope="module")
def team(whole: Round, tmp_path_factory: pytest.TempPathFactory) -> Built:
    path = tmp_path_factory.mktemp("reading") / "team.xlsx"
    write_workbook(whole, path)
    return Built(whole, path)


@pytest.fixture(scope="module")
def book(whole: Round, tmp_path_factory: pytest.TempPathFactory) -> Built:
    data = planning.books(whole)[0]
    path = tmp_path_factory.mktemp("reading") / "book.xlsx"
    write_workbook(data, path)
    return Built(data, path)


def assert_reads(facts: WorkbookFacts, data: Round) -> None:
    assert_same(facts.accounts, data.accounts, ANSWERS, key=w.ACCOUNT_ID)
    assert_same(facts.walk, data.walk, WALK, key=w.REP)


@pytest.mark.parametrize("kind", [c.TEAM, c.BOOK])
def test_a_built_workbook_reads_as_the_round_it_shows(kind: str, team: Built, book: Built) -> None:
    built = team if kind == c.TEAM else book
    facts = read_workbook(built.path)
    assert facts.kind == kind
    assert (facts.as_of, facts.today, facts.due) == (
        built.data.as_of,
        built.data.today,
        built.data.due,
    )
    assert facts.year == built.data.year
    assert_reads(facts, built.data)
    assert len(facts.deals) == len(built.data.deals)
    assert facts.deals[w.WEIGHTED].sum() == pytest.approx(built.data.deals[w.WEIGHTED].sum())


def test_an_empty_template_reads_as_no_accounts_and_no_reps(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_workbook(planning.empty_round(Settings()), path)
    facts = read_workbook(path)
    assert (facts.kind, len(facts.accounts), len(facts.walk)) == (c.TEMPLATE, 0, 0)


def test_what_openpyxl_saved_reads_the_same_although_no_result_is_stored(
    team: Built, tmp_path: Path
) -> None:
    path = tmp_path / "saved.xlsx"
    saved = openpyxl.load_workbook(team.path)
    saved.save(path)
    stored = openpyxl.load_workbook(path, data_only=True)[c.ACCOUNTS]
    assert stored["O5"].value is None, "openpyxl is expected to drop stored results"
    assert_reads(read_workbook(path), team.data)


def setting(file: WorkbookFile, label: str) -> tuple[str, str]:
    return file.find("ModelSettings", "Setting", label, "Your value")


def override(
    file: WorkbookFile, row: int, **typed: str | float | date
) -> Iterator[tuple[tuple[str, str], str | float | date]]:
    """One row of Overrides, accepted and with its reasons unless the test says otherwise."""
    line: dict[str, str | float | date] = {
        "Reason": "They signed for three more sites",
        "Evidence": "Signed offer of last month",
        "State": "Accepted",
        **{name.replace("_", " "): value for name, value in typed.items()},
    }
    for column, value in line.items():
        yield file.tables[c.T_OVERRIDES].cell(row, column), value


def many_changes(team: Built) -> Changes:
    """Weights, cuts, a quota, and corrections that do and do not apply."""
    file = WorkbookFile(team.path)
    names = team.data.accounts[w.ACCOUNT].tolist()
    used = [a.name for a in team.data.attributes]
    rep = team.data.walk[w.REP].iloc[0]
    changes: dict[tuple[str, str], str | float | date] = {
        file.find(c.T_ATTRIBUTES, "Attribute", used[0], "Weight"): 70,
        file.find(c.T_ATTRIBUTES, "Attribute", used[-1], "Weight"): 5,
        setting(file, "Likelihood cut"): 41.5,
        setting(file, "Money cut"): 60_000,
        setting(file, "Retention"): 0.8,
        setting(file, "Potential's share of Score"): 0.3,
        file.find(c.T_REPS, w.REP, rep, w.QUOTA): 777_000,
    }
    corrections = (
        {"Account": names[0], "Field": "Potential", "New_value": 99.5},
        {"Account": names[1].upper(), "Field": "likelihood", "New_value": 1},
        {"Account": names[2], "Field": "Potential $", "New_value": 1_234_567},
        {"Account": names[3], "Field": "Segment", "New_value": "Customers"},
        # The later of two wins, wherever it stands.
        {"Account": names[4], "Field": "Potential", "New_value": 80, "Date": date(2016, 3, 2)},
        {"Account": names[4], "Field": "Potential", "New_value": 20, "Date": date(2016, 3, 1)},
        # Of one date, and of none, the lower row wins.
        {"Account": names[5], "Field": "Likelihood", "New_value": 10},
        {"Account": names[5], "Field": "Likelihood", "New_value": 90},
        # None of these applies.
        {"Account": names[6], "Field": "Potential", "New_value": 1, "State": "Proposed"},
        {"Account": names[7], "Field": "Potential", "New_value": 1, "Evidence": "tbd"},
        {"Account": names[8], "Field": "Potential", "New_value": 101},
        {"Account": names[9], "Field": "Potential", "New_value": "high"},
        {"Account": names[10], "Field": "Segment", "New_value": "No such segment"},
        {"Account": names[11], "Field": "Potential $", "New_value": -1},
        {"Account": names[12], "Field": "Potential", "New_value": 1, "Date": date(2999, 1, 1)},
        {"Account": names[13], "Field": "Potential", "New_value": 1, "Date": "some day"},
        {"Account": "Nobody at all", "Field": "Potential", "New_value": 1},
    )
    for row, correction in enumerate(corrections):
        changes.update(override(file, row, **correction))
    return changes


def test_changed_inputs_read_as_libreoffice_recalculates_them(
    team: Built, office: Office, tmp_path: Path
) -> None:
    path = office.set_cells_and_save(team.path, many_changes(team), tmp_path / "changed.xlsx")
    file, cells = WorkbookFile(path), office.recalculate(path)
    facts = read_workbook(path)
    assert_same(file.frame(c.T_ACCOUNTS, cells), facts.accounts, ANSWERS, key=w.ACCOUNT_ID)
    assert_same(file.frame(c.T_WALK, cells), facts.walk, WALK, key=w.REP)
    before = read_workbook(team.path)
    assert (facts.accounts[w.QUADRANT] != before.accounts[w.QUADRANT]).any()
    applied = file.frame(c.T_OVERRIDES, cells)["Applies"]
    assert (applied == "yes").sum() == 6, "the changes are meant to test corrections that apply"


def test_a_quota_typed_into_a_book_reads_as_libreoffice_recalculates_it(
    book: Built, office: Office, tmp_path: Path
) -> None:
    cell = WorkbookFile(book.path).tables[c.T_WALK].cell(0, w.QUOTA)
    path = office.set_cells_and_save(book.path, {cell: 123_456}, tmp_path / "typed.xlsx")
    cells = office.recalculate(path)
    facts = read_workbook(path)
    assert facts.walk[w.QUOTA].tolist() == [123_456]
    assert_same(WorkbookFile(path).frame(c.T_WALK, cells), facts.walk, WALK, key=w.REP)


def test_a_setting_out_of_range_is_one_clear_error_with_the_file(
    team: Built, office: Office, tmp_path: Path
) -> None:
    cell = setting(WorkbookFile(team.path), "Retention")
    path = office.set_cells_and_save(team.path, {cell: 7}, tmp_path / "wrong.xlsx")
    with pytest.raises(SettingsError, match=r"wrong\.xlsx: Settings, Retention: 7 is out of range"):
        read_workbook(path)


def test_a_renamed_column_is_named(team: Built, office: Office, tmp_path: Path) -> None:
    place = WorkbookFile(team.path).tables[c.T_ACCOUNTS]
    header = f"{place.columns[w.OWNER]}{place.first - 1}"
    changes: Changes = {(c.ACCOUNTS, header): "Who"}
    path = office.set_cells_and_save(team.path, changes, tmp_path / "renamed.xlsx")
    with pytest.raises(WorkbookError, match="the table Accounts has no column 'Owner'"):
        read_workbook(path)


def test_the_same_day_reads_alike_as_a_date_and_as_a_serial_number(
    team: Built, tmp_path: Path
) -> None:
    saved = openpyxl.load_workbook(team.path)
    today = saved.defined_names[c.N_TODAY].attr_text
    sheet, cell = today.replace("'", "").replace("$", "").split("!")
    saved[sheet][cell].value = 43_101
    saved[sheet][cell].number_format = "General"
    saved.save(tmp_path / "serial.xlsx")
    assert read_workbook(tmp_path / "serial.xlsx").today == pd.Timestamp("2018-01-01")


# Reps who differ in capitals only


@pytest.mark.parametrize(("table", "sheet"), [(c.T_REPS, c.REPS), (c.T_WALK, c.PATH)])
def test_two_lines_for_one_rep_are_refused_in_one_line_that_names_both(
    table: str, sheet: str, team: Built, tmp_path: Path
) -> None:
    file = WorkbookFile(team.path)
    cells = [file.tables[table].cell(place, w.REP)[1] for place in (0, 1)]
    path = tmp_path / "two.xlsx"
    saved = openpyxl.load_workbook(team.path)
    name = str(saved[sheet][cells[0]].value)
    saved[sheet][cells[1]] = name.upper()
    saved.save(path)
    with pytest.raises(WorkbookError, match="differ in capitals only") as refused:
        read_workbook(path)
    (line,) = refused.value.lines
    for part in (f"sheet {sheet}", *cells, f"'{name}'", f"'{name.upper()}'"):
        assert part in line


def test_an_export_that_spells_a_rep_in_two_ways_makes_one_line_with_the_first_quota(
    tmp_path: Path,
) -> None:
    (tmp_path / "accounts.csv").write_text(
        "Account,Owner,Prior-year sales\nAlder,Ann Lee,1000\nBirch,ANN LEE,3000\n"
    )
    (tmp_path / "reps.csv").write_text("Rep,Manager,Quota\nAnn Lee,Bo,5000\nANN LEE,Bo,7000\n")
    export = read_export(tmp_path / "accounts.csv", None, tmp_path / "reps.csv")
    whole = planning.plan_round(export, Settings())
    assert whole.walk[[w.REP, w.QUOTA]].to_numpy().tolist() == [["Ann Lee", 5000.0]]
    assert set(whole.accounts[w.OWNER]) == {"Ann Lee"}
    assert any("ANN LEE" in note for note in whole.summary.notes)
    write_workbook(planning.book(whole, "Ann Lee"), tmp_path / "book.xlsx")
    assert_reads(read_workbook(tmp_path / "book.xlsx"), planning.book(whole, "Ann Lee"))
