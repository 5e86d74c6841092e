"""Which deals are there: states, accounts, amounts, control totals, the as-of date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from accountplan.addin import crm
from accountplan.udfs import words as w
from accountplan.udfs.errors import ImportFileError

NASTY = Path(__file__).parent / "data" / "crm"
PLAIN = (NASTY / "plain_accounts.csv", NASTY / "plain_pipeline.csv", NASTY / "plain_teams.csv")


def deals_of(tmp_path: Path, text: str, accounts: str = "Account\nMills\nFoods\n") -> crm.CrmExport:
    (tmp_path / "a.csv").write_text(accounts, encoding="utf-8")
    (tmp_path / "o.csv").write_text(text, encoding="utf-8")
    return crm.read_export(tmp_path / "a.csv", tmp_path / "o.csv")


def test_a_plain_pipeline_reads_as_it_came() -> None:
    export = crm.read_export(*PLAIN)
    assert export.has_deals
    assert export.has_teams
    assert export.deals[w.STATE].tolist() == [w.WON, w.LOST, w.OPEN, w.OPEN, w.WON]
    assert export.deals[w.ACCOUNT].tolist() == [
        "Northern Mills",
        "Harbour Foods",
        "",
        "Plain Paper",
        "Plain Paper",
    ]
    assert export.deals[w.ACCOUNT_ID].tolist()[2] == ""
    assert np.isnan(export.deals[w.AMOUNT][2])
    assert export.as_of == pd.Timestamp(2017, 12, 31)
    assert export.report.files[1].dropped == ()


def test_control_totals_add_up_by_stage_and_state() -> None:
    control = crm.read_export(*PLAIN).report.control
    assert list(control.columns) == [
        "Stage",
        "State",
        "Rows read",
        "Rows used",
        "Rows dropped",
        "Amount",
    ]
    assert control.to_numpy().tolist() == [
        ["Engaging", "Open", 1, 1, 0, 0.0],
        ["Prospecting", "Open", 1, 1, 0, 0.0],
        ["Won", "Won", 2, 2, 0, 1604.0],
        ["Lost", "Lost", 1, 1, 0, 0.0],
    ]


def test_salesforce_flags_decide_states_that_stage_names_do_not() -> None:
    export = crm.read_export(
        NASTY / "salesforce_accounts.csv", NASTY / "salesforce_opportunities.csv"
    )
    assert export.deals[w.STAGE].tolist() == ["Closed Won", "Closed - No decision", "Proposal"]
    assert export.deals[w.STATE].tolist() == [w.WON, w.LOST, w.OPEN]
    assert "Deal states derived from Is Won, Is Closed, Stage" in export.report.derived


def test_account_ids_go_before_names_and_repeated_deal_ids_are_dropped() -> None:
    report = crm.read_export(
        NASTY / "salesforce_accounts.csv", NASTY / "salesforce_opportunities.csv"
    ).report
    assert report.files[1].dropped == (
        crm.Dropped("duplicate opportunity id", 1, ("row 8: 006A1",)),
        crm.Dropped(
            "opportunity of an unknown account", 1, ("row 7: Northern Mills (001A000001ZZZZZ)",)
        ),
    )
    assert report.control["Rows read"].sum() == 5
    assert report.control["Rows used"].sum() == 3
    assert report.control["Rows dropped"].sum() == 2
    # 12,500 twice, 9,000, 5,000 and 7,000: amounts of all rows read, to tie to the CRM.
    assert report.control["Amount"].sum() == 46_000.0


def test_hubspot_deals_are_matched_by_name_and_times_are_cut_off() -> None:
    export = crm.read_export(NASTY / "hubspot_companies.csv", NASTY / "hubspot_deals.csv")
    assert export.deals[w.STATE].tolist() == [w.WON, w.LOST, w.OPEN]
    assert export.deals[w.ACCOUNT_ID].tolist() == ["9001", "9002", ""]
    assert export.deals[w.CLOSE_DATE][0] == pd.Timestamp(2023, 6, 30)


def test_dynamics_takes_actual_figures_for_closed_deals_and_estimates_for_open_ones() -> None:
    export = crm.read_export(NASTY / "hubspot_companies.csv", NASTY / "dynamics_opportunities.csv")
    deals = export.deals
    assert deals[w.STATE].tolist() == [w.WON, w.LOST, w.OPEN]
    assert deals[w.AMOUNT].tolist() == [12_500.0, 9_000.0, 4_000.0]
    assert deals[w.CLOSE_DATE].tolist() == [
        pd.Timestamp(2023, 6, 30),
        pd.Timestamp(2023, 7, 31),
        pd.Timestamp(2024, 7, 31),
    ]
    assert deals[w.DEAL_ID].tolist() == ["Row 2", "Row 3", "Row 4"]
    assert "Amount of closed deals is Actual Revenue, of all others Est. Revenue" in (
        export.report.derived
    )


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        ("Closed Won", w.WON),
        ("closedwon", w.WON),
        ("Closed won", w.WON),
        ("6 - Closed Won (100%)", w.WON),
        ("Won", w.WON),
        ("WON", w.WON),
        ("Closed Lost", w.LOST),
        ("closedlost", w.LOST),
        ("Lost", w.LOST),
        ("Closed Lost to competitor", w.LOST),
        ("Not won yet", w.OPEN),
        ("Closed Won/Lost", w.OPEN),
        ("Negotiation", w.OPEN),
        ("", w.OPEN),
    ],
)
def test_a_stage_by_itself_reads_as(tmp_path: Path, stage: str, state: str) -> None:
    assert deals_of(tmp_path, f"Account,Stage,Amount\nMills,Won,1\nMills,{stage},1\n").deals[
        w.STATE
    ].tolist() == [w.WON, state]


def test_stages_read_as_open_are_named_with_counts(tmp_path: Path) -> None:
    export = deals_of(tmp_path, "Account,Stage\nMills,Signed\nMills,Signed\nFoods,\nFoods,Open\n")
    assert "Stages read as open: (blank) (1), Signed (2)" in export.report.notes


def test_closed_deals_that_nothing_calls_won_or_lost_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        deals_of(tmp_path, "Account,Stage,IsClosed\nMills,Signed,true\nFoods,Won,true\n")
    assert caught.value.lines == (
        "o.csv: closed deals in the stages 'Signed' are neither won nor lost by name; "
        "say which in --columns MAP.toml: [stages] lost = [...]",
    )


def test_a_flag_alone_tells_the_won_deals(tmp_path: Path) -> None:
    export = deals_of(tmp_path, "Account,Is Won\nMills,1\nMills,0\nFoods,yes\n")
    assert export.deals[w.STATE].tolist() == [w.WON, w.OPEN, w.WON]


def test_a_flag_that_is_neither_yes_nor_no_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="'perhaps' is not yes or no"):
        deals_of(tmp_path, "Account,Is Won\nMills,perhaps\n")


def test_a_status_goes_before_the_stage_and_contradictions_are_noted(tmp_path: Path) -> None:
    export = deals_of(tmp_path, "Account,Stage,Status\nMills,Propose,Won\nMills,Closed Won,Lost\n")
    assert export.deals[w.STATE].tolist() == [w.WON, w.LOST]
    assert "Deals whose stage contradicts Status, which was followed: 1" in export.report.notes


def test_deals_of_no_account_are_used_and_those_of_unknown_accounts_dropped() -> None:
    export = crm.read_export(NASTY / "plain_accounts.csv", NASTY / "deals_of_accounts.csv")
    assert export.deals[w.DEAL_ID].tolist() == ["D1", "D2", "D4", "D5"]
    report = export.report.files[1]
    assert report.dropped == (
        crm.Dropped("opportunity of an unknown account", 1, ("row 4: Nobody Ltd",)),
    )
    notes = export.report.notes
    assert "Deals of no account, which count in their rep's path only: 1" in notes
    assert "Won deals without an amount, which count as 0: 1" in notes
    assert "Closed deals without a close date, which count in no period: 1" in notes
    assert "Deals with a negative amount, used as it is: 1" in notes


def test_names_join_whatever_their_case_and_spaces(tmp_path: Path) -> None:
    export = deals_of(
        tmp_path, "Account,Stage\n  northern\u00a0 MILLS ,Won\n", "Account\nNorthern Mills\u00a0\n"
    )
    assert export.deals[w.ACCOUNT].tolist() == ["Northern Mills"]


def test_guarded_names_join_on_both_sides(tmp_path: Path) -> None:
    export = deals_of(tmp_path, "Account,Stage\n=Mills,Won\n", "Account\n'=Mills\n")
    assert export.deals[w.ACCOUNT].tolist() == ["=Mills"]


def test_ids_of_fifteen_letters_join_those_of_eighteen(tmp_path: Path) -> None:
    export = deals_of(
        tmp_path,
        "Account ID,Stage\n001A000001AbCdE,Won\n001A000001abcde,Won\n",
        "Account ID,Account Name\n001A000001AbCdEXYZ,Mills\n",
    )
    assert export.deals[w.ACCOUNT].tolist() == ["Mills"]


def test_a_name_that_several_accounts_have_is_not_guessed(tmp_path: Path) -> None:
    export = deals_of(
        tmp_path, "Account,Stage\nMills,Won\nFoods,Won\n", "Id,Name\n1,Mills\n2,Mills\n3,Foods\n"
    )
    assert export.deals[w.ACCOUNT].tolist() == ["Foods"]
    (dropped,) = export.report.files[1].dropped
    assert dropped.what == "opportunity of an account whose name several have"


def test_deals_of_a_repeated_account_row_go_to_the_row_that_was_kept(tmp_path: Path) -> None:
    export = deals_of(
        tmp_path, "Account,Stage\nOld Mills,Won\n", "Id,Name\n1,Mills\n1,Old Mills\n2,Foods\n"
    )
    assert export.deals[w.ACCOUNT].tolist() == ["Mills"]


def test_opportunity_account_and_plain_ids_are_not_mixed_up(tmp_path: Path) -> None:
    export = deals_of(
        tmp_path,
        "ID,Account ID,Name,Stage\n77,1,a deal,Won\n",
        "Account ID,Account Name\n1,Mills\n77,Foods\n",
    )
    assert export.deals[w.DEAL_ID].tolist() == ["77"]
    assert export.deals[w.ACCOUNT].tolist() == ["Mills"]


def test_the_as_of_date_ignores_the_close_dates_of_open_deals(tmp_path: Path) -> None:
    text = "Account,Stage,Created Date,Close Date\nMills,Won,2024-01-01,2024-02-01\n"
    export = deals_of(tmp_path, text + "Mills,Open,2024-01-15,2025-12-31\n")
    assert export.as_of == pd.Timestamp(2024, 2, 1)


def test_the_as_of_date_is_none_without_any_date(tmp_path: Path) -> None:
    assert deals_of(tmp_path, "Account,Stage\nMills,Won\n").as_of is None


def test_a_told_as_of_date_holds_and_later_data_is_noted() -> None:
    export = crm.read_export(*PLAIN, as_of=date(2017, 6, 30))
    assert export.as_of == pd.Timestamp(2017, 6, 30)
    assert "the data goes on after the as-of date 2017-06-30, to 2017-12-31" in export.report.notes


def test_one_day_long_after_all_others_is_questioned(tmp_path: Path) -> None:
    rows = "".join(f"Mills,Won,2024-01-{day:02d}\n" for day in range(1, 25))
    export = deals_of(tmp_path, f"Account,Stage,Close Date\n{rows}Mills,Won,2042-01-05\n")
    assert export.as_of == pd.Timestamp(2042, 1, 5)
    assert any(note.startswith("o.csv, row 26: 2042-01-05 is long after") for note in (
        export.report.notes
    ))  # fmt: skip


def test_opportunities_without_account_or_stage_column_name_what_they_have(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        deals_of(tmp_path, "Deal Name,Amount\nrenewal,5\n")
    assert [line.split(";")[0] for line in caught.value.lines] == [
        "o.csv: no column is known as the account",
        "o.csv: no column is known as the stage",
    ]


def test_row_order_does_not_change_the_totals(tmp_path: Path) -> None:
    header, *rows = (NASTY / "plain_pipeline.csv").read_text().splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([header, *reversed(rows)]))
    first = crm.read_export(PLAIN[0], PLAIN[1]).report.control
    pd.testing.assert_frame_equal(first, crm.read_export(PLAIN[0], turned).report.control)
