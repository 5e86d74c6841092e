"""Do the first sheets and the machinery say live what Python finds out?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import column_index_from_string, get_column_letter

from accountplan.addin import planning
from accountplan.addin.demo import sample_round
from accountplan.udfs import overrides as model_of_overrides
from accountplan.udfs import splits as model_of_splits
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import DroppedSummary, ImportSummary, Round
from accountplan.workbook_templates.sheets import checks, deals, front, overrides, start
from tests.support import books
from tests.support.office import CellInput, Office, Sheets
from tests.support.workbooks import WorkbookFile, differences, same

OURS: Final = (
    c.MY_WEEK,
    c.START,
    c.OVERRIDES,
    c.SPLITS,
    c.EVIDENCE,
    c.LIBRARY,
    c.REPS,
    c.DEALS,
    c.ACTIVITY,
    c.CHECKS,
    c.LOG,
)
DAY: Final = pd.Timestamp("1899-12-30")


@dataclass(frozen=True)
class Made:
    """A workbook that was written, with the round that it shows."""

    data: Round
    file: WorkbookFile

    @property
    def path(self) -> Path:
        return self.file.path

    def cell(self, table: str, row: int, column: str) -> tuple[str, str]:
        return self.file.tables[table].cell(row, column)

    def typed(
        self, table: str, rows: Sequence[Mapping[str, CellInput]]
    ) -> dict[tuple[str, str], CellInput]:
        """What typing the first rows of a table changes."""
        return {
            self.cell(table, at, column): value
            for at, row in enumerate(rows)
            for column, value in row.items()
        }


def made(data: Round, path: Path) -> Made:
    write_workbook(data, path)
    return Made(data, WorkbookFile(path))


@pytest.fixture(scope="module")
def whole() -> Round:
    return sample_round()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("front")


@pytest.fixture(scope="module")
def book(whole: Round, folder: Path) -> Made:
    return made(planning.books(whole)[0], folder / "book.xlsx")


@pytest.fixture(scope="module")
def team(whole: Round, folder: Path) -> Made:
    return made(whole, folder / "team.xlsx")


@pytest.fixture(scope="module")
def template(folder: Path) -> Made:
    return made(planning.empty_round(Settings()), folder / "template.xlsx")


def ours(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.partition("!")[0] in OURS]


def wrong(found: Sheets) -> list[tuple[str, str, str]]:
    """Errors on these sheets, but for what the chart's helper cells show where nothing is drawn."""
    helpers = column_index_from_string("Y")

    def is_helper(sheet: str, cell: str, error: str) -> bool:
        column = column_index_from_string(cell.rstrip("0123456789"))
        return sheet == c.SPLITS and error == "#N/A" and column >= helpers

    return [each for each in found.errors() if each[0] in OURS and not is_helper(*each)]


def value_of(sheets: Sheets, cell: tuple[str, str]) -> object:
    return sheets[cell[0]].get(cell[1], "")


# --- Every formula, as written ------------------------------------------------------


@pytest.mark.parametrize("kind", ["book", "team", "template"])
def test_every_formula_gives_the_value_stored_with_it(
    kind: str, office: Office, request: pytest.FixtureRequest
) -> None:
    it: Made = request.getfixturevalue(kind)
    found = office.recalculate(it.path)
    assert not ours(differences(it.file, found))
    assert not wrong(found)


def test_a_round_too_large_to_be_live_shows_the_same_first_sheets(
    whole: Round, folder: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "LIVE_LIMIT", 5)
    it = made(planning.books(whole)[0], folder / "large.xlsx")
    assert not it.data.live
    assert not ours(differences(it.file, office.recalculate(it.path)))


@pytest.mark.parametrize("kind", ["book", "team", "template"])
def test_input_cells_say_what_belongs_there(kind: str, request: pytest.FixtureRequest) -> None:
    it: Made = request.getfixturevalue(kind)
    workbook = openpyxl.load_workbook(it.path)
    silent = [
        f"{name}!{rule.sqref}"
        for name in set(OURS) & set(workbook.sheetnames)
        for rule in workbook[name].data_validations.dataValidation
        if not rule.prompt
    ]
    assert not silent
    today = it.file.named(c.N_TODAY)
    assert any(
        today[1] in rule.sqref
        for rule in workbook[today[0]].data_validations.dataValidation
        if rule.type == "date"
    )


@pytest.mark.parametrize("kind", ["book", "team", "template"])
def test_links_lead_to_cells_that_are_there(kind: str, request: pytest.FixtureRequest) -> None:
    it: Made = request.getfixturevalue(kind)
    workbook = openpyxl.load_workbook(it.path)
    targets = [
        (name, link.location)
        for name in set(OURS) & set(workbook.sheetnames)
        for row in workbook[name].iter_rows()
        for link in [cell.hyperlink for cell in row]
        if link is not None and link.target is None
    ]
    assert targets
    for name, location in targets:
        sheet, _, cell = location.rpartition("!")
        assert sheet.strip("'").replace("''", "'") in workbook.sheetnames, (name, location)
        assert cell[0].isalpha() and cell[-1].isdigit(), (name, location)


# --- Overrides ----------------------------------------------------------------------


def correction(account: str, value: CellInput, **others: CellInput) -> dict[str, CellInput]:
    """A correction of Potential that acts, but for what the test changes."""
    row: dict[str, CellInput] = {
        w.ACCOUNT: account,
        "Field": w.POTENTIAL,
        "New value": value,
        "Reason": "They opened a second plant",
        "Evidence": "Press release of the client",
        "Author": "Rep",
        "Date": pd.Timestamp("2026-06-01").date(),
        "State": "Accepted",
    }
    return row | {name.replace("_", " "): each for name, each in others.items()}


def applies(it: Made, sheets: Sheets, row: int) -> object:
    return value_of(sheets, it.cell(c.T_OVERRIDES, row, "Applies"))


def test_an_accepted_override_acts_and_a_proposed_one_does_not(book: Made, office: Office) -> None:
    accounts = book.data.accounts
    first, second = accounts[w.ACCOUNT].iloc[0], accounts[w.ACCOUNT].iloc[1]
    rows = (correction(first, 91.5), correction(second, 12, State="Proposed"))
    changes = book.typed(c.T_OVERRIDES, rows)
    found = office.recalculate(book.path, changes)
    place = accounts[c.SCORES_ROW].iloc[0]
    model = accounts[w.POTENTIAL].iloc[0]
    assert value_of(found, book.cell(c.T_OVERRIDES, 0, "Key")) == place * 10 + 1
    assert value_of(found, book.cell(c.T_OVERRIDES, 1, "Key")) == ""
    assert [applies(book, found, row) for row in range(3)] == ["yes", "proposed", ""]
    assert same(value_of(found, book.cell(c.T_OVERRIDES, 0, "Model value")), model)
    assert same(value_of(found, book.cell(c.T_OVERRIDES, 0, "Difference")), 91.5 - model)
    assert value_of(found, book.cell(c.T_ACCOUNTS, 0, w.POTENTIAL)) == 91.5
    assert same(
        value_of(found, book.cell(c.T_ACCOUNTS, 1, w.POTENTIAL)), accounts[w.POTENTIAL].iloc[1]
    )


def test_of_several_overrides_the_latest_applies_and_on_one_day_the_lower(
    book: Made, office: Office
) -> None:
    one, other = book.data.accounts[w.ACCOUNT].iloc[:2]
    early, late = pd.Timestamp("2026-03-01").date(), pd.Timestamp("2026-05-01").date()
    rows = (
        correction(one, 80, Date=late),
        correction(one, 70, Date=early),
        correction(one, 60, Date=None),
        correction(other, 50, Date=early),
        correction(other, 40, Date=early),
    )
    changes = book.typed(c.T_OVERRIDES, rows)
    found = office.recalculate(book.path, changes)
    word = "later one applies"
    assert [applies(book, found, row) for row in range(5)] == ["yes", word, word, word, "yes"]
    assert value_of(found, book.cell(c.T_ACCOUNTS, 0, w.POTENTIAL)) == 80
    assert value_of(found, book.cell(c.T_ACCOUNTS, 1, w.POTENTIAL)) == 40


def test_what_stops_an_override_stands_beside_it(book: Made, office: Office) -> None:
    name = book.data.accounts[w.ACCOUNT].iloc[0]
    after = (book.data.today + pd.Timedelta(days=1)).date()
    segment = book.data.settings.segments[0].name
    cases: tuple[tuple[dict[str, CellInput], str], ...] = (
        (correction(name, 50, State="Declined"), "declined"),
        (correction(name, 50, State="Withdrawn"), "withdrawn"),
        (correction(name, 50, State=None), "proposed"),
        (correction(name, 50, Reason=None), "no reason"),
        (correction(name, 50, Reason="tbd"), "no reason"),
        (correction(name, 50, Evidence=" "), "no evidence"),
        (correction("Nobody & Sons", 50), "no such account"),
        (correction(name, 50, Field="Size"), "no such field"),
        (correction(name, 50, Field="P*"), "no such field"),
        (correction(name, None), "no new value"),
        (correction(name, "high"), "not a number"),
        (correction(name, 101), "not 0-100"),
        (correction(name, -1, Field=w.LIKELIHOOD), "not 0-100"),
        (correction(name, -1, Field=w.POTENTIAL_MONEY), "below 0"),
        (correction(name, "Nowhere", Field=w.SEGMENT), "no such segment"),
        (correction(name, 50, Date=after), "date in the future"),
        (correction(name, 50, Date="soon"), "not a date"),
        (correction(name, 0, Field=w.LIKELIHOOD), "yes"),
        (correction(name, segment, Field=w.SEGMENT), "yes"),
        (correction(name, 1_000_000, Field=w.POTENTIAL_MONEY, Author=None), "yes"),
    )
    changes = book.typed(c.T_OVERRIDES, [row for row, _ in cases])
    found = office.recalculate(book.path, changes)
    assert [applies(book, found, at) for at in range(len(cases))] == [word for _, word in cases]
    assert not wrong(found)
    assert value_of(found, book.cell(c.T_ACCOUNTS, 0, w.SEGMENT)) == segment
    assert value_of(found, book.cell(c.T_ACCOUNTS, 0, w.POTENTIAL_MONEY)) == 1_000_000


def test_data_says_what_the_model_says_of_the_account_s_own_history(
    team: Made, office: Office
) -> None:
    """Oracle: the rule in Python, on means and sums that plain pandas makes."""
    data = team.data
    accounts = data.accounts.reset_index(drop=True)
    deals = data.deals[data.deals[w.STATE] == w.WON]
    two_years, one_year = (data.as_of - pd.DateOffset(years=back) for back in (2, 1))
    before = deals[(deals[w.CLOSE_DATE] > two_years) & (deals[w.CLOSE_DATE] <= one_year)]
    sold_before = before.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum()
    days = (data.as_of - accounts[w.LAST_WON]).dt.days.astype(float)
    rows, expected = [], []
    for at in range(0, 20):
        model = accounts[w.POTENTIAL].iloc[at]
        new = float(round(model)) + (7 if at % 3 else -7)
        rows.append(correction(accounts[w.ACCOUNT].iloc[at], new, State="Proposed"))
        alike = accounts[w.STATUS] == accounts[w.STATUS].iloc[at]
        history = model_of_overrides.History(
            win_rate=accounts[w.WIN_RATE].iloc[at],
            status_win_rate=accounts.loc[alike, w.WIN_RATE].mean(),
            sales=accounts[w.PRIOR_YEAR_SALES].iloc[at],
            sales_before=sold_before.get(accounts[w.ACCOUNT_ID].iloc[at], 0.0),
            days=days[at],
            status_days=days[alike].mean(),
        )
        expected.append(model_of_overrides.data_says(new - model, history))
    assert len(set(expected)) > 1
    found = office.recalculate(team.path, team.typed(c.T_OVERRIDES, rows))
    told = [
        str(value_of(found, team.cell(c.T_OVERRIDES, at, "Data says"))) for at in range(len(rows))
    ]
    assert [text.partition(":")[0] for text in told] == expected
    assert all("sales " in text and " after " in text for text in told)
    assert not wrong(found)
    verdicts = pd.Series(expected)
    authors = team.file.cells[c.OVERRIDES]
    at = next(address for address, cell in authors.items() if cell.value == "Everybody")
    column = column_index_from_string(at.rstrip("0123456789"))
    row = at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    counted = [found[c.OVERRIDES][f"{get_column_letter(column + n)}{row}"] for n in range(1, 7)]
    assert counted[:4] == [20, 0, 13, 7]
    assert counted[4:] == [(verdicts == word).sum() for word in ("supports", "contradicts")]


def test_corrections_act_at_once_where_the_setting_says_so(folder: Path, office: Office) -> None:
    data = replace(sample_round(), settings=Settings(overrides_act="at once"))
    it = made(planning.books(data)[0], folder / "at once.xlsx")
    name, other = it.data.accounts[w.ACCOUNT].iloc[:2]
    rows = (
        correction(name, 91, State="Proposed"),
        correction(other, 91, State="Declined"),
        correction(other, 91, Evidence=None),
    )
    found = office.recalculate(it.path, it.typed(c.T_OVERRIDES, rows))
    assert [applies(it, found, at) for at in range(3)] == ["yes", "declined", "no evidence"]
    assert value_of(found, it.cell(c.T_ACCOUNTS, 0, w.POTENTIAL)) == 91
    told = [str(value) for value in found[c.CHECKS].values()]
    assert f"1 correction is stopped; the first: {other}, no evidence" in told


def test_names_that_read_like_patterns_find_their_own_account(folder: Path, office: Office) -> None:
    names = ["Star Co", "Star*", "St?r Co", "ACME", "Acme", "North " * 48, "~Tilde"]
    accounts = books.accounts(
        {
            w.ACCOUNT: names,
            w.ACCOUNT_ID: names,
            w.OWNER: ["Rep 1"] * len(names),
            w.ANNUAL_REVENUE: [10.0 * place for place in range(1, len(names) + 1)],
            w.EMPLOYEES: [3.0 * place for place in range(1, len(names) + 1)],
        }
    )
    data = planning.books(planning.plan_round(books.export(accounts), Settings()))[0]
    it = made(data, folder / "patterns.xlsx")
    corrections = [correction(name, 10.0 + at, Date=None) for at, name in enumerate(names)]
    changes = it.typed(c.T_OVERRIDES, corrections)
    changes |= it.typed(c.T_SPLITS, [{w.ACCOUNT: name, w.POTENTIAL_MONEY: 5} for name in names])
    found = office.recalculate(it.path, changes)
    for at, name in enumerate(names):
        row = list(data.accounts[w.ACCOUNT]).index(name)
        assert (
            value_of(found, it.cell(c.T_OVERRIDES, at, "Scores row"))
            == (data.accounts[c.SCORES_ROW].iloc[row])
        )
        assert value_of(found, it.cell(c.T_SPLITS, at, "Row")) == row + 1
        assert value_of(found, it.cell(c.T_ACCOUNTS, row, w.POTENTIAL)) == 10.0 + at


# --- My week ------------------------------------------------------------------------


GROUPS: Final = {w.SLAM_DUNK: 1, w.BIG_BET: 2, w.QUICK_WIN: 2, w.NOT_ENOUGH_DATA: 3, w.SKIP: 4}
"""What a rep works on first; within a group by Score."""


def in_order(rows: list[tuple[str, str, float]]) -> list[str]:
    """Names of accounts by quadrant and overall rank, as a rep works them off."""
    return [name for name, _, _ in sorted(rows, key=lambda row: (GROUPS[row[1]], row[2]))]


def test_my_week_lists_slam_dunks_first_and_skips_last(book: Made) -> None:
    accounts = book.data.accounts
    assert accounts[c.OVERALL_RANK].notna().all()
    columns = (accounts[name] for name in (w.ACCOUNT, w.QUADRANT, c.OVERALL_RANK))
    expected = in_order(list(zip(*columns, strict=True)))
    assert expected != accounts.sort_values(c.OVERALL_RANK)[w.ACCOUNT].tolist()
    listed = [
        book.file.cells[c.MY_WEEK][book.cell(c.T_MY_WEEK, row, w.ACCOUNT)[1]].value
        for row in range(10)
    ]
    assert listed == expected[:10]


def test_my_week_follows_a_changed_rank_and_takes_the_plan_along(
    book: Made, office: Office
) -> None:
    planned = {plan.account for plan in book.data.plans}
    accounts = book.data.accounts
    idle = accounts[~accounts[w.ACCOUNT].isin(planned)].sort_values(c.OVERALL_RANK)
    name = idle[w.ACCOUNT].iloc[-1]
    rows = (correction(name, 100), correction(name, 100, Field=w.LIKELIHOOD))
    changes = book.typed(c.T_OVERRIDES, rows)
    found = office.recalculate(book.path, changes)
    now = book.file.frame(c.T_ACCOUNTS, found)
    columns = (now[each].tolist() for each in (w.ACCOUNT, w.QUADRANT, c.OVERALL_RANK))
    expected = in_order(list(zip(*columns, strict=True)))
    listed = [value_of(found, book.cell(c.T_MY_WEEK, at, w.ACCOUNT)) for at in range(10)]
    assert listed == expected[:10]
    row = listed.index(name)
    assert value_of(found, book.cell(c.T_MY_WEEK, row, "Plan")) == "no plan tab"
    for place in range(10):
        account = value_of(found, book.cell(c.T_MY_WEEK, place, w.ACCOUNT))
        opens = value_of(found, book.cell(c.T_MY_WEEK, place, "Open"))
        assert opens == ("open plan" if account in planned else "")


def test_today_moves_what_is_due(book: Made, office: Office) -> None:
    today = book.file.named(c.N_TODAY)
    strip = {
        cell.value: f"{address[0]}{int(address[1:]) + 1}"
        for address, cell in book.file.cells[c.MY_WEEK].items()
        if cell.value in ("Plans due", "Plans")
    }
    late = book.data.due + pd.Timedelta(days=12)
    found = office.recalculate(book.path, {today: late.date()})
    assert found[c.MY_WEEK][strip["Plans due"]] == "Overdue by 12 days"
    found = office.recalculate(book.path, {today: book.data.due.date()})
    assert found[c.MY_WEEK][strip["Plans due"]] == "Due today"
    dated = [
        row
        for row in range(10)
        if isinstance(value_of(found, book.cell(c.T_MY_WEEK, row, "Due")), float)
    ]
    assert dated, "no plan of the sample's book has a dated action"
    due = float(value_of(found, book.cell(c.T_MY_WEEK, dated[0], "Due")))  # type: ignore[arg-type]
    after = (DAY + pd.Timedelta(days=due + 1)).date()
    found = office.recalculate(book.path, {today: after})
    step = value_of(found, book.cell(c.T_MY_WEEK, dated[0], "Next step"))
    assert str(step).startswith("Overdue: ")


def test_accounts_without_a_score_still_stand_on_my_week(folder: Path, office: Office) -> None:
    accounts = books.accounts({w.OWNER: ["Rep 1"] * 3}, 3)
    data = planning.books(planning.plan_round(books.export(accounts), Settings()))[0]
    assert data.accounts[w.SCORE].isna().all()
    it = made(data, folder / "bare.xlsx")
    found = office.recalculate(it.path)
    assert not ours(differences(it.file, found))
    listed = [value_of(found, it.cell(c.T_MY_WEEK, row, w.ACCOUNT)) for row in range(4)]
    assert listed == [*data.accounts[w.ACCOUNT], ""]


def test_a_quota_typed_in_turns_the_light_and_the_sentence(folder: Path, office: Office) -> None:
    accounts = books.accounts(
        {w.OWNER: ["Rep 1"] * 2, w.ANNUAL_REVENUE: [5.0, 9.0], w.EMPLOYEES: [5.0, 9.0]}
    )
    data = planning.books(planning.plan_round(books.export(accounts), Settings()))[0]
    it = made(data, folder / "quota.xlsx")
    before = office.recalculate(it.path)
    assert "Type yours on Path" in before[c.MY_WEEK].values()
    assert str(before[c.MY_WEEK]["A3"]).endswith("Type your quota on Path to see the gap.")
    after = office.recalculate(it.path, {it.cell(c.T_WALK, 0, w.QUOTA): 1500})
    assert "Set" in after[c.MY_WEEK].values()
    assert str(after[c.MY_WEEK]["A3"]).endswith("Quota 1,500, gap 1,500.")


# --- Start --------------------------------------------------------------------------


def test_control_totals_tie_and_say_so_when_they_do_not(team: Made, office: Office) -> None:
    control = team.data.summary.control
    found = office.recalculate(team.path)
    total = team.file.tables[c.T_CONTROL].first - 2
    assert found[c.START][f"C{total}"] == control["Rows read"].sum()
    assert found[c.START][f"F{total}"] == pytest.approx(control[w.AMOUNT].sum())
    assert found[c.START][f"A{total - 1}"] == start.TIES
    short = {team.cell(c.T_CONTROL, 0, "Rows used"): 0}
    assert office.recalculate(team.path, short)[c.START][f"A{total - 1}"] == start.TIES_NOT


def test_lights_go_out_with_a_changed_weight_and_a_missing_quota(
    team: Made, office: Office
) -> None:
    changes = {team.cell(c.T_ATTRIBUTES, 0, "Weight"): 1, team.cell(c.T_REPS, 0, w.QUOTA): None}
    found = office.recalculate(team.path, changes)
    said = set(found[c.START].values())
    assert "Out of date: press Score accounts" in said
    assert "Do not total 100: mend them on Settings" in said
    assert f"1 of {len(team.data.walk)} missing: see Reps" in said
    weights = [str(text) for text in found[c.CHECKS].values() if "weights total" in str(text)]
    assert any(text.endswith("they must total 100") for text in weights)


def test_the_import_is_told_on_start(team: Made) -> None:
    said = [str(cell.value) for cell in team.file.cells[c.START].values()]
    for file in team.data.summary.files:
        assert any(file.file in text and f"{file.rows_read:,} rows read" in text for text in said)
    for dropped in team.data.summary.dropped:
        assert any(dropped.what in text for text in said)


def test_start_links_to_every_other_sheet(team: Made) -> None:
    workbook = openpyxl.load_workbook(team.path)
    linked = {
        cell.hyperlink.location.rpartition("!")[0].strip("'")
        for row in workbook[c.START].iter_rows()
        for cell in row
        if cell.hyperlink is not None
    }
    assert linked >= set(team.file.sheets) - {c.START}


# --- Checks -------------------------------------------------------------------------


def checks_of(it: Made) -> list[dict[str, object]]:
    table = it.file.tables[c.T_CHECKS]
    cells = it.file.cells[c.CHECKS]
    return [
        {
            column: cells[f"{letter}{row}"].value if f"{letter}{row}" in cells else ""
            for column, letter in table.columns.items()
        }
        for row in range(table.first, table.last + 1)
    ]


def test_checks_find_what_was_planted(whole: Round, folder: Path) -> None:
    walk, reps, accounts = whole.walk.copy(), whole.reps.copy(), whole.accounts.copy()
    walk.loc[1, w.QUOTA] = math.nan
    rep = str(walk.loc[1, w.REP])
    reps.loc[reps[w.REP] == rep, w.QUOTA] = math.nan
    accounts.loc[[2, 5], w.OWNER] = w.UNASSIGNED
    dropped = DroppedSummary("opportunities", "unreadable amount", 7, ("row 3: abc",))
    summary = replace(whole.summary, dropped=(dropped,))
    data = replace(whole, walk=walk, reps=reps, accounts=accounts, summary=summary)
    it = made(data, folder / "planted.xlsx")
    told = checks_of(it)
    by_text = {str(line["What"]): line for line in told}
    quota = next(line for text, line in by_text.items() if text.startswith(f"{rep} has no quota"))
    assert (quota["Kind"], quota["Serious"]) == ("Quota", "yes")
    row = list(reps[w.REP]).index(rep)
    assert quota["Where"] == ", ".join(it.cell(c.T_REPS, row, w.QUOTA))
    assert any(text.startswith("2 accounts without owner") for text in by_text)
    assert "Opportunities: 7 rows not used: unreadable amount (row 3: abc)" in by_text
    stale = whole.deals[whole.deals[w.STALE]]
    reps_with = [text for text in by_text if "which count nothing" in text]
    assert len(reps_with) == stale[w.PATH_OF].nunique()
    assert sum(int(text.split(": ")[1].split()[0]) for text in reps_with) == len(stale)


def test_a_book_checks_only_its_own(book: Made, whole: Round) -> None:
    others = set(whole.reps[w.REP]) - {book.data.name}
    for line in checks_of(book):
        assert not any(str(line["What"]).startswith(f"{other}:") for other in others)
    named = [line for line in checks_of(book) if line["Kind"] == "Plan"]
    assert named
    for line in named:
        assert str(line["Where"]).startswith(c.PLAN_PREFIX)


def test_nothing_wrong_reads_as_such(folder: Path, office: Office) -> None:
    teams = books.teams([("Rep 1", "Lead 1")])
    teams[w.QUOTA] = 1000.0
    accounts = books.accounts(
        {
            w.OWNER: ["Rep 1"] * 4,
            w.ANNUAL_REVENUE: [5.0, 9.0, 7.0, 2.0],
            w.EMPLOYEES: [5.0, 9.0, 8.0, 1.0],
            w.PRIOR_YEAR_SALES: [10.0, 20.0, 30.0, 5.0],
            w.POTENTIAL_MONEY: [40.0, 50.0, 60.0, 70.0],
            w.WINS: [2.0, 3.0, 4.0, 1.0],
            w.LOSSES: [1.0, 1.0, 1.0, 1.0],
            w.OPEN_PIPELINE: [1.0, 2.0, 3.0, 4.0],
            w.LAST_WON: list(pd.to_datetime(["2017-10-01"] * 4)),
        }
    )
    settings = replace(Settings(), plans_per_book=0)
    data = planning.plan_round(books.export(accounts, people=teams), settings)
    it = made(data, folder / "clean.xlsx")
    assert [line["What"] for line in checks_of(it)] == [checks.NOTHING]
    assert "Nothing serious" in office.recalculate(it.path)[c.START].values()


def test_many_alike_are_told_once_with_their_number(folder: Path) -> None:
    accounts = books.accounts({w.OWNER: ["Rep 1"] * 60}, 60)
    data = planning.plan_round(books.export(accounts), Settings())
    told = [str(line["What"]) for line in checks_of(made(data, folder / "many.xlsx"))]
    assert sum("too little data" in text for text in told) == checks.MOST_ALIKE
    assert f"and {60 - checks.MOST_ALIKE} more of this kind" in told
    assert any(text.startswith("60 accounts without Potential $") for text in told)


# --- Splits, Deals, Log, the empty template -----------------------------------------


def test_a_withdrawn_split_counts_no_more(team: Made, office: Office) -> None:
    account = team.data.accounts.iloc[0]
    whole = {w.ACCOUNT: account[w.ACCOUNT], w.POTENTIAL_MONEY: account[w.POTENTIAL_MONEY]}
    rows: tuple[dict[str, CellInput], ...] = (
        {**whole, w.LIKELIHOOD: 80},
        {**whole, w.LIKELIHOOD: 80, w.STATE: "Withdrawn"},
    )
    found = office.recalculate(team.path, team.typed(c.T_SPLITS, rows))
    seen = [value_of(found, team.cell(c.T_SPLITS, row, model_of_splits.CHECK)) for row in range(2)]
    assert seen == [model_of_splits.OK, model_of_splits.OFF]
    placed = [value_of(found, team.cell(c.T_SPLITS, row, w.QUADRANT)) for row in range(2)]
    assert placed[0] in w.QUADRANTS and placed[1] == ""


def test_deals_stand_open_ones_first_and_nothing_is_lost(book: Made) -> None:
    shown = deals.listed(book.data)
    assert sorted(shown[w.DEAL_ID]) == sorted(book.data.deals[w.DEAL_ID])
    is_open = shown[w.STATE] == w.OPEN
    assert is_open.is_monotonic_decreasing
    assert shown.loc[is_open, w.WEIGHTED].is_monotonic_decreasing
    assert shown.loc[~is_open, w.CLOSE_DATE].is_monotonic_decreasing


def test_very_many_deals_leave_out_old_closed_ones_and_say_so(
    book: Made, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deals, "MOST_ROWS", 10)
    monkeypatch.setattr(deals, "MONTHS_KEPT", 3)
    data = replace(book.data, name="Many deals")
    shown, every = deals.listed(data), data.deals
    oldest = data.as_of - pd.DateOffset(months=3)
    since = min(oldest, data.year.start)
    closed = shown[shown[w.STATE] != w.OPEN]
    assert (shown[w.STATE] == w.OPEN).sum() == (every[w.STATE] == w.OPEN).sum()
    assert (closed[w.CLOSE_DATE] >= since).all()
    assert len(shown) < len(every)
    it = made(data, folder / "cut.xlsx")
    told = str(it.file.cells[c.DEALS]["A3"].value)
    assert f"{len(every) - len(shown):,} more closed before {since:%Y-%m-%d}" in told


def test_reps_count_their_accounts_live(team: Made, office: Office) -> None:
    moved = team.data.accounts[w.OWNER].iloc[0]
    other = next(rep for rep in team.data.reps[w.REP] if rep != moved)
    found = office.recalculate(team.path, {team.cell(c.T_ACCOUNTS, 0, w.OWNER): other})
    names = list(team.data.reps[w.REP])
    count = team.data.accounts[w.OWNER].value_counts()
    for rep, change in ((moved, -1), (other, 1)):
        cell = team.cell(c.T_REPS, names.index(rep), "Accounts")
        assert value_of(found, cell) == count[rep] + change


def test_the_log_begins_with_the_build_dated_by_its_data(book: Made) -> None:
    cells = book.file.cells[c.LOG]
    when = cells[book.cell(c.T_LOG, 0, "When")[1]].value
    assert when == (book.data.as_of - DAY).days
    said = str(cells[book.cell(c.T_LOG, 0, "Result")[1]].value)
    assert said.startswith(f"{len(book.data.accounts)} accounts")


def test_the_empty_template_says_how_to_begin(template: Made) -> None:
    said = [str(cell.value) for cell in template.file.cells[c.START].values()]
    assert any("Paste your accounts into Accounts" in text for text in said)
    assert any("press Score accounts" in text for text in said)
    assert {"No accounts yet", "No reps yet", "No plans", start.NOTHING_READ} <= set(said)


@pytest.mark.parametrize(
    ("days", "words"),
    [(2, "Due in 2 days"), (1, "Due in 1 day"), (0, "Due today"), (-1, "Overdue by 1 day")],
)
def test_days_are_counted_in_words(whole: Round, days: int, words: str) -> None:
    data = replace(whole, today=whole.due - pd.Timedelta(days=days))
    assert front.due_light(data).value == words


def test_an_import_without_anything_to_tell_has_no_report() -> None:
    assert list(start.report_lines(ImportSummary())) == []


def test_each_field_that_can_be_corrected_is_a_column_of_the_scores() -> None:
    assert set(overrides.FIELDS) == {w.POTENTIAL, w.LIKELIHOOD, w.POTENTIAL_MONEY, w.SEGMENT}
