"""Deals whose amounts or close dates stand under a name that nobody knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from accountplan.addin import crm, planning
from accountplan.udfs import words as w
from accountplan.udfs.errors import ImportFileError
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates.sheets import checks

HEADER = "Deal ID,Account,Owner,Stage,Created Date,{close},{amount},Note\n"
ROWS = (
    "1,Mills,Ann,Won,2025-01-10,2025-03-31,{0},first\n"
    "2,Foods,Ann,Lost,2025-02-10,2025-04-30,{1},\n"
    "3,Foods,Ann,Proposal,2025-05-10,2025-09-30,{2},late\n"
)


def export_of(
    folder: Path, close: str, amount: str, amounts: tuple[str, str, str], toml: str = ""
) -> crm.CrmExport:
    (folder / "a.csv").write_text("Account\nMills\nFoods\nBanks\n", encoding="utf-8")
    text = HEADER.format(close=close, amount=amount) + ROWS.format(*amounts)
    (folder / "o.csv").write_text(text, encoding="utf-8")
    (folder / "m.toml").write_text(toml, encoding="utf-8")
    return crm.read_export(folder / "a.csv", folder / "o.csv", columns=folder / "m.toml")


MONEY = ("100", "250.5", "70")


@pytest.mark.parametrize(
    ("close", "amount", "said"),
    [
        ("Close Date", "Wert", "amount; it has columns of numbers that are not known: Wert; call"),
        ("Ende", "Amount", "close date; it has columns of dates that are not known: Ende; call"),
    ],
)
def test_a_column_that_could_be_the_one_is_asked_for_and_not_guessed(
    tmp_path: Path, close: str, amount: str, said: str
) -> None:
    with pytest.raises(ImportFileError) as caught:
        export_of(tmp_path, close, amount, MONEY)
    (line,) = caught.value.lines
    assert line.startswith(f"o.csv: no column is known as the {said}")
    assert "[opportunities]" in line
    assert "looked for: " in line


def test_once_it_is_named_it_is_used(tmp_path: Path) -> None:
    named = '[opportunities]\nAmount = "Wert"\n"Close date" = "Ende"\n'
    deals = export_of(tmp_path, "Ende", "Wert", MONEY, named).deals
    assert deals[w.AMOUNT].tolist() == [100.0, 250.5, 70.0]
    assert deals[w.CLOSE_DATE][0] == pd.Timestamp(2025, 3, 31)


def test_an_export_may_say_that_it_has_none_even_of_a_known_name(tmp_path: Path) -> None:
    export = export_of(tmp_path, "Close Date", "Amount", MONEY, '[opportunities]\nAmount = ""\n')
    assert export.deals[w.AMOUNT].isna().all()


def test_without_any_amount_money_is_blank_and_not_nought_and_checks_say_so(
    tmp_path: Path,
) -> None:
    whole = planning.plan_round(export_of(tmp_path, "Close Date", "Amount", ("",) * 3), Settings())
    assert whole.accounts[w.PRIOR_YEAR_SALES].isna().all()
    assert whole.accounts[w.OPEN_PIPELINE].isna().all()
    assert whole.accounts[w.POTENTIAL_MONEY].isna().all()
    # What can be counted without amounts still is.
    assert np.array_equal(whole.accounts[w.WINS], [1.0, 0.0, 0.0])
    (told,) = checks.lacking(whole.deals)
    assert told[0].startswith("No deal has an amount")


def test_without_any_close_date_checks_say_so(tmp_path: Path) -> None:
    toml = '[opportunities]\n"Close date" = ""\n'
    whole = planning.plan_round(export_of(tmp_path, "Ende", "Amount", MONEY, toml), Settings())
    (told,) = checks.lacking(whole.deals)
    assert told[0].startswith("No closed deal has a close date")


def test_only_what_is_blank_is_called_blank(tmp_path: Path) -> None:
    whole = planning.plan_round(export_of(tmp_path, "Close Date", "Amount", MONEY), Settings())
    assert not {w.OWNER, w.CUSTOMER_SINCE} & set(whole.summary.blank)
    assert w.INDUSTRY in whole.summary.blank
    # Mills alone has won a deal.
    assert f"{w.CUSTOMER_SINCE} of 1 account: the day of the first deal that was won." in (
        whole.summary.derived
    )


def test_deals_of_which_none_is_closed_by_its_stage_say_how_to_name_the_stages(
    tmp_path: Path,
) -> None:
    export = export_of(tmp_path, "Close Date", "Amount", MONEY)
    deals = export.deals.assign(**{w.STATE: w.OPEN, w.STAGE: ["Gewonnen", "Verloren", ""]})
    what, mend, _ = next(checks.lacking(deals))
    assert what.endswith("every stage is read as open (Gewonnen, Verloren)")
    assert "[stages]" in mend
