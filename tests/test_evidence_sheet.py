"""Does the sheet Evidence say what happened, draw it, and own up where it cannot tell?"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from accountplan.addin import backtest, planning
from accountplan.udfs import evidence as e
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from tests.support import books, histories
from tests.support.books import Deal


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
