"""Is every workbook whole, does it say what Python says, and does it follow what people type?

LibreOffice is the judge of the formulas, Microsoft's Open XML SDK of the files, and the model
(``udfs``, ``planning``) of the numbers: what a workbook must show after a change is computed here
from the changed settings, never read from a sheet.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from accountplan.addin import demo, files, planning
from accountplan.addin.crm import CrmExport
from accountplan.udfs import funnel, money, plans, quadrants, scoring, timing
from accountplan.udfs import words as w
from accountplan.udfs.settings import SCALARS, Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round, plan_tabs
from accountplan.workbook_templates.sheets.accounts import LIVE
from accountplan.workbook_templates.sheets.plan import tab_plans
from accountplan.workbook_templates.sheets.quadrant import RISK_SENTENCE
from tests.support.office import CellInput, Office, Sheets
from tests.support.rounds import NASTY_NAMES, ROUNDS, template
from tests.support.validator import validate
from tests.support.workbooks import WorkbookFile, assert_same, differences, parts, same

Typed = dict[tuple[str, str], CellInput]
Correction = tuple[str, str, float | str]
CHART_HELPERS: Final = ((c.QUADRANT, "#N/A"), (c.SPLITS, "#N/A"))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Path]]:
    """All workbooks of a round of ``ROUNDS``, or the template, written once per process."""
    done: dict[str, list[Path]] = {}

    def write(name: str) -> list[Path]:
        if name not in done:
            folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
            if name == c.TEMPLATE:
                files.write_template(folder / "template.xlsx")
            else:
                files.build_folder(ROUNDS[name](), folder)
            done[name] = sorted(folder.rglob("*.xlsx"))
        return done[name]

    return write


@dataclass(frozen=True)
class Written:
    """A round of the sample and its workbook."""

    data: Round
    file: WorkbookFile


@pytest.fixture(scope="session")
def export() -> CrmExport:
    """The sample's import; tests copy what they change."""
    return demo.sample_export()


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory, export: CrmExport) -> Written:
    """The workbook of a team of the sample."""
    return _written(_team(export, Settings()), tmp_path_factory)


def _team(export: CrmExport, settings: Settings) -> Round:
    """The first team as the model has it with other settings or another export."""
    return planning.teams(planning.plan_round(export, settings))[0]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The sample's book with the emptiest plans."""
    rounds = planning.books(demo.sample_round())
    emptiest = min(rounds, key=lambda data: sum(len(plan.fields) for plan in data.plans))
    return _written(emptiest, tmp_path_factory)


def _written(data: Round, folders: pytest.TempPathFactory) -> Written:
    path = folders.mktemp(data.kind) / f"{data.kind}.xlsx"
    write_workbook(data, path)
    return Written(data, WorkbookFile(path))


# What is written is what the formulas give.


@pytest.mark.parametrize("name", [*ROUNDS, c.TEMPLATE])
def test_every_formula_gives_the_value_stored_with_it_and_no_cell_an_error(
    name: str, written: Callable[[str], list[Path]], office: Office
) -> None:
    wrong = []
    for path in written(name):
        recalculated = office.recalculate(path)
        found = differences(WorkbookFile(path), recalculated)
        found += [
            f"{sheet}!{cell} shows {text}"
            for sheet, cell, text in recalculated.errors()
            if (sheet, text) not in CHART_HELPERS
        ]
        wrong += [f"{path.name}: {line}" for line in found]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("name", ["nasty", c.TEMPLATE])
def test_the_open_xml_sdk_finds_no_error(name: str, written: Callable[[str], list[Path]]) -> None:
    found = validate(written(name))
    assert not {path.name: errors for path, errors in found.items() if errors}


def test_the_open_xml_sdk_finds_no_error_in_the_sample(tmp_path: Path) -> None:
    for name, data in _one_of_each(demo.sample_round()).items():
        write_workbook(data, tmp_path / f"{name}.xlsx")
    found = validate(tmp_path.iterdir())
    assert not {path.name: errors for path, errors in found.items() if errors}


def _one_of_each(whole: Round) -> dict[str, Round]:
    return {"all": whole, "team": planning.teams(whole)[0], "book": planning.books(whole)[0]}


@pytest.mark.parametrize("name", ["sample", "nasty"])
def test_the_open_xml_sdk_finds_no_error_in_written_scores(name: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.xlsx"
    files.write_scores(ROUNDS[name]().accounts, path)
    assert validate([path]) == {path: []}


def test_names_of_any_kind_are_text_in_the_file(tmp_path: Path) -> None:
    write_workbook(ROUNDS["nasty"](), tmp_path / "team.xlsx")
    team = WorkbookFile(tmp_path / "team.xlsx")
    column = team.tables[c.T_ACCOUNTS].columns[w.ACCOUNT]
    held = {
        cell.value: (cell.kind, cell.formula)
        for address, cell in team.cells[c.ACCOUNTS].items()
        if address.rstrip("0123456789") == column
    }
    assert {name: held.get(name) for name in NASTY_NAMES} == dict.fromkeys(NASTY_NAMES, ("s", ""))


# The contract.

TABLE_SHEETS: Final = {
    c.T_MY_WEEK: c.MY_WEEK,
    c.T_CONTROL: c.START,
    c.T_IMPORT_REPORT: c.START,
    c.T_REVIEWS: c.REVIEW,
    c.T_ACCOUNTS: c.ACCOUNTS,
    c.T_WALK: c.PATH,
    c.T_GATES: c.PATH,
    c.T_QUARTERS: c.PATH,
    c.T_COVERAGE: c.PATH,
    c.T_MOVES: c.PATH,
    c.T_SIGNS: c.PATH,
    c.T_ODDS: c.PATH,
    c.T_PATH_INPUTS: c.PATH,
    c.T_PATH_CHECKS: c.PATH,
    c.T_GATE_RATES: c.ACTIVITY,
    c.T_PLANS: c.TRACKER,
    c.T_OVERRIDES: c.OVERRIDES,
    c.T_SPLITS: c.SPLITS,
    c.T_EVIDENCE: c.EVIDENCE,
    c.T_EVIDENCE_GAINS: c.EVIDENCE,
    c.T_EVIDENCE_FIGURES: c.EVIDENCE,
    c.T_EVIDENCE_BANDS: c.EVIDENCE,
    c.T_EVIDENCE_CURVES: c.EVIDENCE,
    c.T_EVIDENCE_INPUTS: c.EVIDENCE,
    c.T_EVIDENCE_NOTES: c.EVIDENCE,
    c.T_LIBRARY: c.LIBRARY,
    c.T_REPS: c.REPS,
    c.T_DEALS: c.DEALS,
    c.T_ACTIVITY: c.ACTIVITY,
    c.T_SCORES: c.SCORES,
    c.T_ATTRIBUTES: c.SETTINGS,
    c.T_SEGMENTS: c.SETTINGS,
    c.T_SEGMENT_RULES: c.SETTINGS,
    c.T_QUADRANT_ACTIONS: c.SETTINGS,
    c.T_MODEL_SETTINGS: c.SETTINGS,
    c.T_PLAN_FIELDS: c.SETTINGS,
    c.T_PLAN_RULES: c.SETTINGS,
    c.T_PLAN_RUBRIC: c.SETTINGS,
    c.T_PATH_RULES: c.SETTINGS,
    c.T_CHECKS: c.CHECKS,
    c.T_CHANGES: c.CHANGES,
    c.T_HISTORY: c.HISTORY,
    c.T_ROUNDS: c.HISTORY,
    c.T_LOG: c.LOG,
}


def _constants(prefix: str) -> set[str]:
    return {value for name, value in vars(c).items() if name.startswith(prefix)}


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The template."""
    return _written(template(), tmp_path_factory)


@pytest.fixture(params=c.KINDS)
def of_each_kind(
    request: pytest.FixtureRequest, team: Written, book: Written, empty: Written
) -> Written:
    """A workbook of each kind."""
    return {c.TEAM: team, c.BOOK: book, c.TEMPLATE: empty}[request.param]


def test_sheets_stand_in_the_order_of_the_contract(of_each_kind: Written) -> None:
    data, expected = of_each_kind.data, []
    for sheet in c.SHEETS:
        expected += [sheet.name] if data.kind in sheet.kinds else []
        expected += plan_tabs(data) if sheet.name == c.PATH else []
    assert of_each_kind.file.sheets == expected


def test_tables_stand_on_their_sheets(of_each_kind: Written) -> None:
    kind, tabs = of_each_kind.data.kind, plan_tabs(of_each_kind.data)
    kinds = {sheet.name: sheet.kinds for sheet in c.SHEETS}
    expected = {table: sheet for table, sheet in TABLE_SHEETS.items() if kind in kinds[sheet]}
    for number, tab in enumerate(tabs, start=1):
        expected |= {f"{table}{number}": tab for table in c.PLAN_TABLES.values()}
    assert {name: table.sheet for name, table in of_each_kind.file.tables.items()} == expected
    assert set(TABLE_SHEETS) == _constants("T_") - set(c.PLAN_TABLES.values())


def test_columns_of_accounts_deals_and_plan_tabs_are_those_of_the_contract(
    of_each_kind: Written,
) -> None:
    data, tables = of_each_kind.data, of_each_kind.file.tables
    fixed = (*c.ACCOUNT_COLUMNS, *c.WORKING_COLUMNS)
    further = [name for name in data.accounts.columns if name not in fixed]
    expected = (*c.ACCOUNT_COLUMNS, *further, *c.WORKING_COLUMNS)
    assert tuple(tables[c.T_ACCOUNTS].columns) == expected
    assert tuple(tables[c.T_DEALS].columns) == c.DEAL_COLUMNS
    for number in range(1, len(plan_tabs(data)) + 1):
        for key, table in c.PLAN_TABLES.items():
            names = [column.name for column in plans.PLAN_TABLES[key]]
            assert list(tables[f"{table}{number}"].columns) == [*names, c.FLAG]


OF_EVIDENCE: Final = (
    c.N_VERDICT,
    c.N_ALPHABETICAL,
    c.N_TESTED,
    c.N_FORECAST,
    c.N_EVIDENCE_DAY,
    c.N_EVIDENCE_CURRENT,
)
"""Names of cells on Evidence, which books have not."""


def test_every_name_of_the_contract_is_defined(of_each_kind: Written) -> None:
    data, names = of_each_kind.data, of_each_kind.file.names
    expected = {("", name) for name in _constants("N_") | {scalar.name for scalar in SCALARS}}
    in_use = {field.key for field in data.settings.plan_fields if field.requirement != plans.OFF}
    for tab in plan_tabs(data):
        expected |= {(tab, c.PLAN_NAMES + key) for key in in_use | _constants("P_")}
    if data.kind == c.BOOK:
        expected -= {("", name) for name in OF_EVIDENCE}
    assert expected - set(names) == set()


def test_scores_name_every_attribute_that_was_scored(team: Written) -> None:
    assert set(team.data.scores.columns) <= set(team.file.tables[c.T_SCORES].columns)


# What is typed acts at once, as Python computes it.


def _setting(file: WorkbookFile, label: str) -> tuple[str, str]:
    return file.find(c.T_MODEL_SETTINGS, "Setting", label, "Your value")


def _label(key: str) -> str:
    return next(scalar.label for scalar in SCALARS if scalar.key == key)


SETTINGS: Final[Mapping[str, Any]] = {
    "likelihood_cut": 62.5,
    "money_cut": 250_000.0,
    "placed_by": w.POTENTIAL,
    "retention": 0.7,
    "win_probability": 0.55,
    "potential_share": 0.8,
    "least_coverage": 0.9,
    "exhausted_below": 0.6,
    "quota_counts": w.NEW_BUSINESS,
    "weeks_off": 12.0,
}


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_typed_over_acts_as_python_computes_it(
    key: str, team: Written, export: CrmExport, office: Office
) -> None:
    typed: Typed = {_setting(team.file, _label(key)): SETTINGS[key]}
    # Which cut is the median is found when accounts are scored, and stays until they are again.
    fixed: dict[str, Any] = {"money_cut": team.data.cuts.potential}
    settings = replace(Settings(), **(fixed | {key: SETTINGS[key]}))
    expected = _team(export, settings)
    assert_answers(team, office.recalculate(team.file.path, typed), expected)


def test_changed_weights_act_as_python_computes_them(
    team: Written, export: CrmExport, office: Office
) -> None:
    weights = {w.ANNUAL_REVENUE: 65.0, w.EMPLOYEES: 5.0, w.WIN_RATE: 10.0, w.TENURE: 50.0}
    typed: Typed = {
        team.file.find(c.T_ATTRIBUTES, "Attribute", name, "Weight"): weight
        for name, weight in weights.items()
    }
    attributes = tuple(
        replace(each, weight=weights.get(each.name, 15.0 if each.axis == w.POTENTIAL else 20.0))
        for each in Settings().attributes
    )
    typed |= {
        team.file.find(c.T_ATTRIBUTES, "Attribute", each.name, "Weight"): each.weight
        for each in attributes
    }
    settings = Settings(attributes=attributes, money_cut=team.data.cuts.potential)
    recalculated = office.recalculate(team.file.path, typed)
    assert_answers(team, recalculated, _team(export, settings))
    sheet, cell = team.file.named(c.N_SCORES_CURRENT)
    assert (team.file.cells[sheet][cell].value, recalculated[sheet][cell]) == (1.0, 0.0)


def test_a_changed_quota_acts_as_python_computes_it(
    team: Written, export: CrmExport, office: Office
) -> None:
    people = export.teams.copy()
    rep = str(people.loc[1, w.REP])
    people.loc[1, w.QUOTA] = 3_456_789.5
    typed: Typed = {team.file.find(c.T_REPS, w.REP, rep, w.QUOTA): 3_456_789.5}
    expected = _team(replace(export, teams=people), Settings())
    assert_answers(team, office.recalculate(team.file.path, typed), expected)


def test_a_quota_taken_away_leaves_the_rep_out_of_the_gap(
    team: Written, export: CrmExport, office: Office
) -> None:
    people = export.teams.copy()
    rep = str(people.loc[1, w.REP])
    people.loc[1, w.QUOTA] = np.nan
    typed: Typed = {team.file.find(c.T_REPS, w.REP, rep, w.QUOTA): None}
    expected = _team(replace(export, teams=people), Settings())
    assert_walk(team, office.recalculate(team.file.path, typed), expected)


def test_changed_gates_act_as_python_computes_them(
    team: Written, export: CrmExport, office: Office
) -> None:
    gates = Settings().gates
    changed = (gates[0], replace(gates[1], rate=0.4, assumed=False), *gates[2:])
    typed: Typed = {team.file.find(c.T_GATES, w.GATE, gates[1].name, "Your rate"): 0.4}
    expected = _team(export, Settings(gates=changed))
    assert_gates(team, office.recalculate(team.file.path, typed), _targets(expected))


def test_an_average_deal_of_ones_own_acts_as_python_computes_it(
    team: Written, office: Office
) -> None:
    sheet, in_force = team.file.named(c.N_AVERAGE_DEAL)
    own = f"B{int(in_force[1:]) - 1}"
    recalculated = office.recalculate(team.file.path, {(sheet, own): 12_345.0})
    assert_gates(team, recalculated, _targets(team.data, average=12_345.0))


def test_a_later_today_leaves_fewer_weeks_as_python_counts_them(
    team: Written, office: Office
) -> None:
    today = team.data.today + pd.Timedelta(days=45)
    recalculated = office.recalculate(team.file.path, {team.file.named(c.N_TODAY): today.date()})
    targets = _targets(replace(team.data, today=today))
    assert_gates(team, recalculated, targets)
    sheet, cell = team.file.named(c.N_WEEKS_LEFT)
    assert same(targets.weeks, recalculated[sheet][cell])


def test_changed_quarter_shares_act_as_python_computes_them(
    team: Written, export: CrmExport, office: Office
) -> None:
    shares = (0.1, 0.2, 0.3, 0.4)
    table = team.file.tables[c.T_QUARTERS]
    typed: Typed = {table.cell(row, timing.QUOTA_SHARE): share for row, share in enumerate(shares)}
    expected = _team(export, Settings(quarter_shares=shares))
    assert_quarters(team, office.recalculate(team.file.path, typed), expected)


def test_accepted_overrides_act_as_python_computes_them(team: Written, office: Office) -> None:
    best = team.data.accounts.sort_values(c.OVERALL_RANK)[w.ACCOUNT].to_list()
    corrections: tuple[Correction, ...] = (
        (best[20], w.POTENTIAL, 3.0),
        (best[2], w.LIKELIHOOD, 12.5),
        (best[4], w.POTENTIAL_MONEY, 1_234_567.0),
        (best[6], w.SEGMENT, "Prospects"),
    )
    typed: Typed = {}
    for row, (account, field, value) in enumerate(corrections):
        typed |= _override(team, row, account, field, value, "Accepted")
    recalculated = office.recalculate(team.file.path, typed)
    assert_accounts(team, recalculated, _corrected(team.data, corrections))


def test_overrides_that_are_not_accepted_or_not_shown_change_nothing(
    team: Written, office: Office
) -> None:
    table, typed = team.file.tables[c.T_OVERRIDES], Typed()
    lacking: tuple[dict[str, CellInput], ...] = (
        {"State": "Proposed"},
        {"State": "Declined"},
        {"State": "Withdrawn"},
        {"Evidence": None},
        {"Reason": " "},
        {"Date": (team.data.today + pd.Timedelta(days=1)).date()},
        {"New value": 100.5},
    )
    for row, change in enumerate(lacking):
        account = str(team.data.accounts.loc[row, w.ACCOUNT])
        typed |= _override(team, row, account, w.LIKELIHOOD, 1.0, "Accepted")
        typed |= {table.cell(row, column): value for column, value in change.items()}
    assert_accounts(team, office.recalculate(team.file.path, typed), team.data.accounts)


def test_rows_of_accounts_in_another_order_give_each_account_the_same_answers(
    team: Written, office: Office, tmp_path: Path
) -> None:
    data = team.data
    order = np.random.default_rng(1).permutation(len(data.accounts))

    def moved(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[order].reset_index(drop=True)

    shuffled = replace(
        data,
        accounts=moved(data.accounts),
        scores=moved(data.scores),
        contributions=moved(data.contributions),
        model=moved(data.model),
    )
    write_workbook(shuffled, tmp_path / "shuffled.xlsx")
    file = WorkbookFile(tmp_path / "shuffled.xlsx")
    recalculated = office.recalculate(file.path)
    assert_answers(Written(data, file), recalculated, data)
    assert differences(file, recalculated) == []


def assert_answers(workbook: Written, found: Sheets, expected: Round) -> None:
    """Holds accounts, quadrants and path against a round that Python made."""
    assert_accounts(workbook, found, expected.accounts)
    assert_grid(workbook, found, expected.accounts)
    assert_walk(workbook, found, expected)
    assert_quarters(workbook, found, expected)
    assert_gates(workbook, found, _targets(expected))


def assert_accounts(workbook: Written, found: Sheets, expected: pd.DataFrame) -> None:
    expected = _with_relatives_as_built(workbook.data, expected)
    assert_same(workbook.file.frame(c.T_ACCOUNTS, found), expected, LIVE, key=w.ACCOUNT)


def _with_relatives_as_built(data: Round, expected: pd.DataFrame) -> pd.DataFrame:
    """What accounts in other workbooks bring to a family does not follow what is typed here."""
    totals = expected.groupby(w.FAMILY)[w.EXPECTED_MONEY].transform("sum")
    away = data.model[c.elsewhere(w.FAMILY_EXPECTED)].set_axis(data.accounts[w.ACCOUNT])
    elsewhere = expected[w.ACCOUNT].map(away)
    return expected.assign(**{w.FAMILY_EXPECTED: totals + elsewhere})


def assert_grid(workbook: Written, found: Sheets, accounts: pd.DataFrame) -> None:
    """The 2x2 grid and the sentence on risk."""
    grid = quadrants.quadrant_grid(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    cells = found[c.QUADRANT]
    for name in w.QUADRANTS:
        head = next(
            cell
            for cell, value in cells.items()
            if value == name
            and cell[1:].isdigit()
            and str(cells.get(_beside(cell, 0, 1))).endswith((" account", " accounts"))
        )
        assert str(cells[_beside(head, 0, 1)]).split()[0] == f"{grid['Accounts'][name]:.0f}"
        assert same(grid.loc[name, w.EXPECTED_MONEY], cells[_beside(head, 1, 1)])
    profile = quadrants.risk_profile(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    sheet, cell = workbook.file.named(RISK_SENTENCE)
    told = str(found[sheet][cell])
    assert told.startswith(f"{profile.label}. {profile.check}.")
    assert f"Big bets: {profile.big_bets} worth {profile.big_bet_money:,.0f}." in told


def _beside(address: str, columns: int, rows: int) -> str:
    return f"{chr(ord(address[0]) + columns)}{int(address[1:]) + rows}"


def assert_walk(workbook: Written, found: Sheets, expected: Round) -> None:
    columns = (
        w.QUOTA,
        funnel.CLOSED,
        funnel.REPEAT_TO_COME,
        w.WEIGHTED_PIPELINE,
        funnel.TO_COME,
        funnel.GAP,
    )
    assert_same(workbook.file.frame(c.T_WALK, found), expected.walk, columns, key=w.REP)
    sheet, cell = workbook.file.named(c.N_GAP)
    assert same(funnel.roll_up(expected.walk).iloc[0][funnel.GAP], found[sheet][cell])


def assert_quarters(workbook: Written, found: Sheets, expected: Round) -> None:
    columns = (w.QUOTA, funnel.REPEAT_TO_COME, timing.EXPECTED, timing.GAP_TO_QUOTA)
    assert_same(workbook.file.frame(c.T_QUARTERS, found), expected.quarters, columns)


def assert_gates(workbook: Written, found: Sheets, targets: funnel.FunnelTargets) -> None:
    expected = pd.DataFrame(
        {
            "Volume": [gate.volume for gate in targets.gates],
            "Per week": [gate.per_week for gate in targets.gates],
        }
    )
    assert_same(workbook.file.frame(c.T_GATES, found), expected, expected.columns)


def _targets(data: Round, average: float | None = None) -> funnel.FunnelTargets:
    if average is not None:
        data = replace(data, average_deal=replace(data.average_deal, value=average))
    return data.path.targets


def _override(
    workbook: Written, row: int, account: str, field: str, value: CellInput, state: str
) -> Typed:
    table = workbook.file.tables[c.T_OVERRIDES]
    row_typed: dict[str, CellInput] = {
        w.ACCOUNT: account,
        "Field": field,
        "New value": value,
        "Reason": "The budget was cut in half",
        "Evidence": "Mail of the Head of IT, 2 March",
        "Author": "Rep North 1",
        "Date": workbook.data.today.date(),
        "State": state,
    }
    return {table.cell(row, column): value for column, value in row_typed.items()}


def _corrected(data: Round, corrections: tuple[Correction, ...]) -> pd.DataFrame:
    """The accounts as the model has them where people know better."""
    out, settings = data.accounts.copy(), data.settings
    for account, field, value in corrections:
        out.loc[out[w.ACCOUNT] == account, field] = value
    out[w.SCORE] = scoring.combined_score(
        out[w.POTENTIAL], out[w.LIKELIHOOD], settings.potential_share
    )
    out[w.EXPANSION_MONEY] = money.expansion_money(out[w.POTENTIAL_MONEY], out[w.PRIOR_YEAR_SALES])
    out[w.GROWTH] = money.growth(
        out[w.STATUS], out[w.POTENTIAL_MONEY], out[w.EXPANSION_MONEY], settings.exhausted_below
    )
    out[w.EXPECTED_MONEY] = money.expected_money(
        out[w.PRIOR_YEAR_SALES],
        out[w.EXPANSION_MONEY],
        data.win_probability.value,
        data.retention.value,
    )
    out[w.QUADRANT] = quadrants.quadrant(out[data.cuts.placed_by], out[w.LIKELIHOOD], data.cuts)
    actions = {each.quadrant: each for each in settings.quadrant_actions}
    out[w.ACTION] = [
        actions[quadrant].active if status == w.ACTIVE else actions[quadrant].others
        for quadrant, status in zip(out[w.QUADRANT], out[w.STATUS], strict=True)
    ]
    everyone = pd.Series("", index=out.index)
    for rank, groups in (
        (w.RANK, out[w.OWNER]),
        (w.SEGMENT_RANK, out[w.SEGMENT]),
        (c.OVERALL_RANK, everyone),
    ):
        out[rank] = scoring.ranks(groups, out[w.SCORE], out[w.EXPECTED_MONEY], out[w.ACCOUNT_ID])
    return out


# Books: the quota, and plans while they are filled in.


def test_a_quota_typed_into_a_book_moves_its_gap(book: Written, office: Office) -> None:
    typed: Typed = {book.file.tables[c.T_WALK].cell(0, w.QUOTA): 987_654.0}
    found = office.recalculate(book.file.path, typed)
    walk = book.data.walk.iloc[0]
    sheet, cell = book.file.named(c.N_GAP)
    assert same(987_654.0 - walk[funnel.CLOSED] - walk[funnel.TO_COME], found[sheet][cell])


def _plan(book: Written) -> tuple[str, plans.Plan]:
    """A plan of which much is missing, as its tab shows it."""
    fields = book.data.settings.plan_fields
    return min(
        tab_plans(book.data)[: len(book.data.plans)],
        key=lambda pair: plans.completeness(pair[1], fields).share,
    )


def _shown(book: Written, found: Sheets, tab: str) -> tuple[object, object, object]:
    """Complete and Missing on the tab, and Complete on the Tracker."""
    values = [
        found[sheet][cell]
        for sheet, cell in (
            book.file.named(c.PLAN_NAMES + key, tab) for key in (c.P_COMPLETE, c.P_MISSING)
        )
    ]
    tracker = book.file.frame(c.T_PLANS, found)
    place = plan_tabs(book.data).index(tab)
    return values[0], values[1], tracker.loc[place, "Complete"]


def _told(plan: plans.Plan, fields: tuple[plans.PlanField, ...]) -> tuple[float, str]:
    complete = plans.completeness(plan, fields)
    return complete.share, ", ".join(complete.missing)


ANSWERS: Final[Mapping[str, CellInput]] = {
    "position": "They buy service from us at two of five sites.",
    "priorities": "tbd",
    plans.TARGET_KEY: 120_000.0,
    plans.PLAY_KEY: plans.GROW,
    "strategy": "   ",
}


def test_answers_typed_into_a_plan_count_as_python_counts_them(
    book: Written, office: Office
) -> None:
    tab, plan = _plan(book)
    typed: Typed = {
        book.file.named(c.PLAN_NAMES + key, tab): value for key, value in ANSWERS.items()
    }
    answered = replace(plan, fields={**plan.fields, **ANSWERS})
    share, missing = _told(answered, book.data.settings.plan_fields)
    found = _shown(book, office.recalculate(book.file.path, typed), tab)
    assert all(same(*pair) for pair in zip((share, missing, share), found, strict=True)), found


def test_rows_typed_into_a_plan_count_as_python_counts_them(book: Written, office: Office) -> None:
    tab, plan = _plan(book)
    number = plan_tabs(book.data).index(tab) + 1
    day = date(2030, 2, 3)
    rows: dict[str, dict[str, CellInput]] = {
        plans.CONTACTS: {
            plans.NAME: "Buyer",
            "Position": "Head of IT",
            plans.ROLE: plans.CONTACT_ROLES[0],
        },
        plans.ACTIONS: {
            w.ACTION: "Visit the southern site",
            w.OWNER: "Rep North 1",
            plans.DUE: day,
        },
        plans.TEAM: {"Function": "Service"},
    }
    typed: Typed = {}
    for key, row in rows.items():
        table = f"{c.PLAN_TABLES[key]}{number}"
        blank = book.file.first_blank(table, next(iter(row)))
        typed |= {
            book.file.tables[table].cell(blank, column): value for column, value in row.items()
        }
    tables = dict(plan.tables)
    for key, row in rows.items():
        held = tables.get(key, pd.DataFrame())
        tables[key] = pd.concat([held, pd.DataFrame([row])], ignore_index=True)
    share, missing = _told(replace(plan, tables=tables), book.data.settings.plan_fields)
    found = _shown(book, office.recalculate(book.file.path, typed), tab)
    assert all(same(*pair) for pair in zip((share, missing, share), found, strict=True)), found


def test_a_field_asked_for_or_no_more_counts_as_python_counts_it(
    book: Written, office: Office
) -> None:
    tab, plan = _plan(book)
    changed = {"competitors": plans.REQUIRED, "risks": plans.REQUIRED, "position": plans.WANTED}
    typed: Typed = {
        book.file.find(c.T_PLAN_FIELDS, "Key", key, "Required"): requirement
        for key, requirement in changed.items()
    }
    fields = tuple(
        replace(field, requirement=changed.get(field.key, field.requirement))
        for field in book.data.settings.plan_fields
    )
    share, missing = _told(plan, fields)
    found = _shown(book, office.recalculate(book.file.path, typed), tab)
    assert all(same(*pair) for pair in zip((share, missing, share), found, strict=True)), found


# The same input gives the same bytes.

BUILD: Final = (
    "from tests.test_workbooks import write_one_of_each as write\n"
    "write('sample', {0!r}); write('nasty', {0!r})"
)
WORLDS: Final = (("0", "UTC", "C"), ("1234", "Asia/Kathmandu", "de_DE.UTF-8"))


def write_one_of_each(name: str, folder: str) -> None:
    """Writes a workbook of each kind, and scores, of a round of ``ROUNDS``."""
    data = ROUNDS[name]()
    for kind, part in _one_of_each(data).items():
        write_workbook(part, Path(folder) / f"{name} {kind}.xlsx")
    files.write_scores(data.accounts, Path(folder) / f"{name} scores.xlsx")
    files.write_template(Path(folder) / "template.xlsx")


def test_the_same_input_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    folders = [tmp_path / seed for seed, _, _ in WORLDS]
    running = []
    for folder, (seed, zone, locale) in zip(folders, WORLDS, strict=True):
        folder.mkdir()
        world = {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": locale, "LC_ALL": locale}
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", BUILD.format(str(folder))],
                cwd=Path(__file__).parents[1],
                env=os.environ | world,
            )
        )
    assert [process.wait() for process in running] == [0, 0]
    assert _content(folders[0]) == _content(folders[1])


def test_the_same_input_gives_the_same_bytes_twice_in_a_process(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write_one_of_each("nasty", str(tmp_path / folder))
    assert _content(tmp_path / "one") == _content(tmp_path / "two")


def _content(folder: Path) -> dict[str, object]:
    """Every file of a folder, also taken apart so that a failure names the part."""
    found: dict[str, object] = {}
    for path in sorted(folder.iterdir()):
        found[path.name] = path.read_bytes()
        found[f"{path.name}, its parts"] = parts(path)
    assert found
    return found
