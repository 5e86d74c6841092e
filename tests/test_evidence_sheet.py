"""Does the sheet Evidence say what happened, draw it, and own up where it cannot tell?"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from accountplan.addin import backtest, macros, planning
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs import evidence as e
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from tests.support import books, histories
from tests.support.books import Deal
from tests.support.office import Office, Sheets
from tests.support.workbooks import WorkbookFile


def whole(history: histories.History) -> Round:
    return backtest.with_evidence(
        planning.plan_round(history.export, history.settings), history.export
    )


def written(data: Round, folder: Path) -> openpyxl.Workbook:
    path = folder / "team.xlsx"
    write_workbook(data, path)
    return openpyxl.load_workbook(path, data_only=True)


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def row_of(sheet: Worksheet, label: str) -> list[object]:
    """The cells of the first row that begins with a label."""
    return next([cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == label)


@pytest.fixture(scope="module")
def planted() -> histories.History:
    return histories.planted(31, accounts=300)


@pytest.fixture(scope="module")
def tested(
    planted: histories.History, tmp_path_factory: pytest.TempPathFactory
) -> openpyxl.Workbook:
    return written(whole(planted), tmp_path_factory.mktemp("planted"))


def test_the_gains_are_those_of_plain_pandas(
    tested: openpyxl.Workbook, planted: histories.History
) -> None:
    """The day is a year before the last one of the deals; alphabetical needs no score."""
    deals = planted.export.deals
    day = pd.Timestamp("2016-12-31")
    later = deals[(deals[w.STATE] == w.WON) & (deals[w.CLOSE_DATE] > day)]
    revenue = later.groupby(w.ACCOUNT)[w.AMOUNT].sum()
    names = sorted(planted.export.accounts[w.ACCOUNT])
    sheet = tested[c.EVIDENCE]
    _, ten, twenty, half, *_ = row_of(sheet, "Alphabetical order")
    for share, shown in ((0.1, ten), (0.2, twenty), (0.5, half)):
        first = names[: round(300 * share)]
        assert shown == pytest.approx(revenue.reindex(first).sum() / revenue.sum())
    best = revenue.sort_values(ascending=False).head(60).sum() / revenue.sum()
    assert row_of(sheet, "Perfect foresight")[2] == pytest.approx(best)
    assert row_of(sheet, "What came")[1] == pytest.approx(revenue.sum())
    assert any("held against what came by 2017-12-31" in text for text in texts(sheet))


def test_two_charts_draw_the_cells_of_the_sheet(planted: histories.History, tmp_path: Path) -> None:
    data = whole(planted)
    path = tmp_path / "team.xlsx"
    write_workbook(data, path)
    sheet = openpyxl.load_workbook(path)[c.EVIDENCE]
    gains, calibration = sheet._charts
    assert len(gains.series) == 4
    for series in gains.series:
        drawn = sheet[series.yVal.numRef.f.rpartition("!")[2].replace("$", "")]
        values = [cell.value for (cell,) in drawn]
        assert (values[0], values[-1]) == (0, pytest.approx(1))
        assert values == sorted(values)
    bands = sheet[calibration.series[0].xVal.numRef.f.rpartition("!")[2].replace("$", "")]
    assert data.evidence is not None
    assert [cell.value for (cell,) in bands] == [b.forecast for b in data.evidence.bands]


def test_each_attribute_has_its_verdict_and_the_weight_that_history_teaches(
    tested: openpyxl.Workbook, planted: histories.History
) -> None:
    sheet = tested[c.EVIDENCE]
    head = row_of(sheet, "Attribute")
    learned, verdict = head.index("Learned weight"), head.index("Verdict")
    rows = [row_of(sheet, name) for name in histories.SIGNALS]
    assert sum(float(str(row[learned])) for row in rows) == pytest.approx(100)
    strongest = histories.SIGNALS[int(planted.weights.argmax())]
    assert row_of(sheet, strongest)[verdict] == e.FINDS
    assert max(rows, key=lambda row: float(str(row[learned])))[0] == strongest
    assert row_of(sheet, w.EMPLOYEES)[learned] is None


def test_a_score_of_chance_is_called_no_better_than_the_alphabet(tmp_path: Path) -> None:
    for seed in range(3):
        data = whole(histories.noise(seed, accounts=1200))
        assert data.evidence is not None
        if data.evidence.against_alphabetical == e.NO_BETTER:
            break
    book = written(data, tmp_path)
    assert e.NO_BETTER == "The score is no better than alphabetical order."
    assert e.NO_BETTER in texts(book[c.EVIDENCE])
    assert e.NO_BETTER in texts(book[c.CHECKS])
    assert any(
        text.startswith("No weights of Likelihood are suggested")
        for text in texts(book[c.EVIDENCE])
    )


def test_where_no_test_can_be_made_the_sheet_says_why(tmp_path: Path) -> None:
    sold = books.deals(
        Deal("A0001", "R", w.WON, 5, "2017-10-01", "2017-11-01"),
        Deal("A0001", "R", w.LOST, 5, "2017-10-01", "2017-12-31"),
    )
    export = books.export(books.accounts({w.EMPLOYEES: [5.0, 7.0]}), sold)
    data = backtest.with_evidence(planning.plan_round(export, Settings()), export)
    told = texts(written(data, tmp_path)[c.EVIDENCE])
    assert "The deals cover 91 days; a test needs 182." in told
    assert "not tested yet" in told


def test_deals_after_the_as_of_date_are_not_part_of_the_test(planted: histories.History) -> None:
    day = pd.Timestamp("2016-06-30")
    data = backtest.with_evidence(
        planning.plan_round(planted.export, planted.settings, as_of=day), planted.export
    )
    known = planted.export.deals[planted.export.deals[w.CLOSE_DATE] <= day]
    blind = books.export(planted.export.accounts, known, as_of=day)
    again = backtest.with_evidence(planning.plan_round(blind, planted.settings, as_of=day), blind)
    assert data.evidence is not None
    assert again.evidence is not None
    assert data.evidence.gains == again.evidence.gains
    assert data.evidence.until == day


# --- Up to date? --------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(planted: histories.History, tmp_path_factory: pytest.TempPathFactory) -> WorkbookFile:
    path = tmp_path_factory.mktemp("live") / "team.xlsx"
    write_workbook(whole(planted), path)
    return WorkbookFile(path)


def weight_of(file: WorkbookFile, attribute: str) -> tuple[str, str]:
    """Where its weight is typed on Settings."""
    return file.find(c.T_ATTRIBUTES, "Attribute", attribute, "Weight")


def told(found: Sheets) -> tuple[str, list[str]]:
    """What Evidence says of its age, and what Start and Checks do."""
    others = [str(v) for sheet in (c.START, c.CHECKS) for v in found[sheet].values()]
    return str(found[c.EVIDENCE]["A6"]), others


def test_what_the_test_rests_on_is_watched_while_one_types(
    file: WorkbookFile, office: Office
) -> None:
    """Two weights exchanged, so that their sum stays; a fact, a deal's money, a setting."""
    same = office.recalculate(file.path)
    assert told(same)[0] == "Up to date: data and settings are those of the test."
    assert "Evidence is up to date: ok" in told(same)[1]
    first, second = (weight_of(file, name) for name in histories.SIGNALS[:2])
    share, cell = file.named("PotentialShare")
    changes = {
        first: 25.0,
        second: 15.0,
        file.tables[c.T_ACCOUNTS].cell(0, w.EMPLOYEES): 12_345.0,
        file.find(c.T_DEALS, w.STATE, w.WON, w.AMOUNT): 1.0,
        (share, cell.replace("D", "B")): 0.3,
    }
    found = office.recalculate(file.path, changes)
    age, others = told(found)
    assert age.startswith("Out of date") and "press Suggest weights" in age
    assert "(weights or definitions of attributes)" in age
    assert "Out of date: press Suggest weights" in others
    assert "Evidence is out of date: press Suggest weights" in others
    inputs = file.frame(c.T_EVIDENCE_INPUTS, found)
    assert set(inputs.loc[inputs["Changed"] == "changed", "Rests on"]) == {
        "weights or definitions of attributes",
        "facts of the accounts",
        "money of the won deals",
        "Potential's share of Score",
    }
    rows = file.frame(c.T_EVIDENCE, found).set_index("Attribute")["Since the test"]
    assert set(rows[rows == "changed"].index) == set(histories.SIGNALS[:2])


def test_odds_that_change_and_add_up_to_the_same_are_seen(
    file: WorkbookFile, office: Office, tmp_path: Path
) -> None:
    """From blank, over what the button writes, to two exchanged; and a 0 is no blank."""
    names = ("WinProbabilityActive", "WinProbabilityOthers", "WinOddsPerTen")
    cells = [(place, at.replace("D", "B")) for place, at in map(file.named, names)]

    def watched(path: Path, *odds: float) -> tuple[str, set[str]]:
        found = office.recalculate(path, dict(zip(cells, odds, strict=False)))
        inputs = WorkbookFile(path).frame(c.T_EVIDENCE_INPUTS, found)
        return told(found)[0], set(inputs.loc[inputs["Changed"] == "changed", "Rests on"])

    assert watched(file.path, 0.0)[1] == {"Win probability of active accounts"}
    typed = dict(zip(cells, (0.5, 0.25, 1.25), strict=True))
    path = office.set_cells_and_save(file.path, typed, tmp_path / "odds.xlsx")
    door = PackageWorkbook(path)
    macros.MACROS["suggest_weights"](door)
    door.save()
    assert watched(path) == ("Up to date: data and settings are those of the test.", set())
    said, changed = watched(path, 0.25, 0.5)
    assert said.startswith("Out of date")
    assert {"Win probability of active accounts", "Win probability of other accounts"} <= changed


def test_a_workbook_that_watches_the_odds_as_one_is_renewed_as_well(
    file: WorkbookFile, tmp_path: Path
) -> None:
    path = Path(shutil.copy(file.path, tmp_path))
    door = PackageWorkbook(path)
    names = door.read_table(c.T_EVIDENCE_INPUTS, ["Rests on"])
    last = int(names.index[-1])
    older = pd.DataFrame({"Rests on": "odds of winning", "When tested": 9.0}, index=[last])
    door.write_columns(c.T_EVIDENCE_INPUTS, older)
    macros.MACROS["suggest_weights"](door)
    then = door.read_table(c.T_EVIDENCE_INPUTS, ["When tested"])["When tested"]
    assert then[last] == 0.0


def test_from_the_suggestion_to_a_win_probability_for_each_account(
    file: WorkbookFile, planted: histories.History, office: Office, tmp_path: Path
) -> None:
    """Oracle: the odds with a calculator; the Likelihood that Calc finds under the new weights."""
    before = file.frame(c.T_ACCOUNTS, office.recalculate(file.path))
    assert before[w.WIN_PROBABILITY].nunique() == 1
    said = re.search(
        r"active, (0\.\d+); others, (0\.\d+); odds per 10 points (\d\.\d+)",
        " ".join(str(cell.value) for cell in file.cells[c.EVIDENCE].values()),
    )
    assert said
    active, others, factor = map(float, said.groups())
    places = {
        n: file.find(c.T_EVIDENCE, "Attribute", n, "Learned weight") for n in histories.SIGNALS
    }
    learned = {name: file.cells[sheet][cell].value for name, (sheet, cell) in places.items()}
    typed = {weight_of(file, name): value for name, value in learned.items()}
    for name, value in zip(
        ("WinProbabilityActive", "WinProbabilityOthers", "WinOddsPerTen"),
        (active, others, factor),
        strict=True,
    ):
        sheet, cell = file.named(name)
        typed[sheet, cell.replace("D", "B")] = value
    accepted = office.set_cells_and_save(file.path, typed, tmp_path / "accepted.xlsx")
    found = office.recalculate(accepted)
    assert told(found)[0].startswith("Out of date")
    after = WorkbookFile(accepted).frame(c.T_ACCOUNTS, found)
    middle = after[w.STATUS].map(lambda status: active if status == w.ACTIVE else others)
    odds = middle / (1 - middle) * factor ** ((after[w.LIKELIHOOD].astype(float) - 50) / 10)
    assert after[w.WIN_PROBABILITY].astype(float).to_numpy() == pytest.approx(
        (odds / (1 + odds)).to_numpy(float), abs=1e-6
    )
    assert after[w.WIN_PROBABILITY].nunique() > 100
    door = PackageWorkbook(accepted)
    macros.MACROS["suggest_weights"](door)
    door.save()
    again = office.recalculate(accepted)
    assert told(again)[0].startswith("Up to date")
    renewed = WorkbookFile(accepted).frame(c.T_EVIDENCE, again).set_index("Attribute")
    assert set(renewed["Since the test"].dropna()) <= {"as tested", ""}
    for name in histories.SIGNALS:
        assert renewed.loc[name, "Weight when tested"] == learned[name]
