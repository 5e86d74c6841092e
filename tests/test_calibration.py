"""Once a person accepts calibrated odds, Win probability differs by account, live and in Python."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from accountplan.addin import demo, planning
from accountplan.udfs import words as w
from accountplan.udfs.money import Odds, win_probability
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support.office import Office
from tests.support.workbooks import WorkbookFile, differences

CALIBRATED = {
    "WinProbabilityActive": 0.6,
    "WinProbabilityOthers": 0.15,
    "WinOddsPerTen": 1.4,
}
ODDS = Odds(*CALIBRATED.values())


def test_until_then_every_account_has_the_base_rate() -> None:
    likelihood = pd.Series([10.0, float("nan"), 90.0])
    status = pd.Series([w.ACTIVE, w.ACTIVE, w.LAPSED])
    assert win_probability(likelihood, status, 0.3, None).tolist() == [0.3] * 3
    assert Settings(win_probability_active=0.5, win_odds_per_ten=2).odds is None
    found = win_probability(likelihood, status, 0.3, ODDS)
    assert found[1] == 0.3
    odds_of_10 = 0.6 / 0.4 / 1.4**4
    assert found[0] == pytest.approx(odds_of_10 / (1 + odds_of_10), abs=1e-9)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> WorkbookFile:
    """A book that is not calibrated."""
    path = tmp_path_factory.mktemp("calibration") / "book.xlsx"
    write_workbook(planning.books(demo.sample_round())[0], path)
    return WorkbookFile(path)


def test_typed_on_settings_the_odds_act_at_once(book: WorkbookFile, office: Office) -> None:
    whole = planning.plan_round(
        demo.sample_export(),
        Settings(win_probability_active=0.6, win_probability_others=0.15, win_odds_per_ten=1.4),
    )
    accounts = planning.books(whole)[0].accounts
    changes = {}
    for name, value in CALIBRATED.items():
        sheet, cell = book.named(name)
        changes[sheet, cell.replace("D", "B")] = value
    found = office.recalculate(book.path, changes)
    table = book.tables[c.T_ACCOUNTS]
    for at in range(len(accounts)):
        for column in (w.WIN_PROBABILITY, w.EXPECTED_MONEY):
            sheet, cell = table.cell(at, column)
            name = found[sheet][table.cell(at, w.ACCOUNT)[1]]
            mine = accounts.loc[accounts[w.ACCOUNT] == name, column].iloc[0]
            assert found[sheet].get(cell, "") == pytest.approx(mine, abs=1e-6)
    assert accounts[w.WIN_PROBABILITY].nunique() > 10


def test_written_calibrated_every_formula_gives_its_value(tmp_path: Path, office: Office) -> None:
    settings = Settings(
        win_probability_active=0.6, win_probability_others=0.15, win_odds_per_ten=1.4
    )
    whole = planning.plan_round(demo.sample_export(), settings)
    path = tmp_path / "book.xlsx"
    write_workbook(planning.books(whole)[0], path)
    file = WorkbookFile(path)
    found = office.recalculate(path)
    assert not [line for line in differences(file, found) if line.startswith(("Accounts", "Setti"))]
