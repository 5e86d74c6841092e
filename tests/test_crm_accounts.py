"""Which accounts are there: ids, names, duplicates, attributes, known headers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.addin import crm
from accountplan.udfs import words as w
from accountplan.udfs.errors import ImportFileError

NASTY = Path(__file__).parent / "data" / "crm"


def accounts_of(tmp_path: Path, text: str) -> crm.CrmExport:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return crm.read_export(path)


def test_a_plain_export_is_matched_by_its_snake_case_names() -> None:
    export = crm.read_export(NASTY / "plain_accounts.csv")
    assert export.report.files[0].matched == {
        w.ACCOUNT: "account",
        w.PARENT: "subsidiary_of",
        w.INDUSTRY: "sector",
        w.REGION: "office_location",
        w.ANNUAL_REVENUE: "revenue",
        w.EMPLOYEES: "employees",
    }
    # The year in which a company was founded is not when it became a customer.
    assert export.accounts["year_established"].tolist() == [1996.0, 1999.0, 2001.0]
    assert export.accounts[w.CUSTOMER_SINCE].isna().all()
    assert export.accounts[w.INDUSTRY].tolist()[0] == "technolgy"
    assert export.report.blank == (
        w.OWNER,
        w.CUSTOMER_SINCE,
        w.WALLET_SHARE,
        w.FISCAL_YEAR_END,
    )


def test_a_salesforce_report_is_matched() -> None:
    export = crm.read_export(NASTY / "salesforce_accounts.csv")
    first = export.accounts.iloc[0]
    assert first[w.ACCOUNT_ID] == "001A000001AbCdE"
    assert first[w.OWNER] == "Rep North 1"
    assert first[w.REGION] == "Norway"
    assert first[w.ANNUAL_REVENUE] == 1_234_567.5
    assert first[w.EMPLOYEES] == 2822.0
    assert first[w.CUSTOMER_SINCE] == pd.Timestamp(2015, 3, 14)
    assert first["Rating"] == "Hot"


def test_hubspot_companies_are_matched() -> None:
    accounts = crm.read_export(NASTY / "hubspot_companies.csv").accounts
    assert accounts[w.ACCOUNT_ID].tolist() == ["9001", "9002"]
    assert accounts[w.OWNER].tolist() == ["Rep North 1", "Rep South 1"]
    assert accounts[w.EMPLOYEES].tolist() == [2822.0, 495.0]
    assert accounts["Phone Number"].tolist() == ["0047 22 00", ""]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("ACCOUNT.OWNER", w.OWNER),
        ("Account Owner", w.OWNER),
        ("account_owner", w.OWNER),
        ("No. of Employees", w.EMPLOYEES),
        ("NumberOfEmployees", w.EMPLOYEES),
        ("AnnualRevenue", w.ANNUAL_REVENUE),
        ("Billing State/Province", w.REGION),
        ("Address 1: Country/Region", w.REGION),
        ("(Do Not Modify) Account", w.ACCOUNT_ID),
        ("Wallet_Share__c", w.WALLET_SHARE),
        ("Potential $", w.POTENTIAL_MONEY),
        ("Prior Year Sales", w.PRIOR_YEAR_SALES),
    ],
)
def test_known_headers_are_found_in_any_case_and_punctuation(
    tmp_path: Path, header: str, column: str
) -> None:
    export = accounts_of(tmp_path, f"{header},Name\n7,Mills\n")
    assert export.report.files[0].matched == {column: header, w.ACCOUNT: "Name"}


def test_of_two_headers_for_one_column_the_better_known_is_used_and_the_other_kept(
    tmp_path: Path,
) -> None:
    export = accounts_of(tmp_path, "State/Province,Billing Country,Account\nHessen,Germany,Mills\n")
    assert export.accounts[w.REGION].tolist() == ["Germany"]
    assert export.accounts["State/Province"].tolist() == ["Hessen"]
    assert "a.csv: State/Province could be Region too; Billing Country was used" in (
        export.report.notes
    )


def test_an_empty_column_does_not_hide_a_filled_one(tmp_path: Path) -> None:
    export = accounts_of(tmp_path, "State/Province,Billing Country,Account\nHessen,,Mills\n")
    assert export.accounts[w.REGION].tolist() == ["Hessen"]


def test_optional_columns_are_there_only_where_the_export_has_them(tmp_path: Path) -> None:
    bare = accounts_of(tmp_path, "Account\nMills\n").accounts
    assert w.PRIOR_YEAR_SALES not in bare
    full = accounts_of(tmp_path, "Account,Prior-year sales,Wins,Last won\nMills,5,2,2024-01-05\n")
    assert full.accounts[w.PRIOR_YEAR_SALES].tolist() == [5.0]
    assert full.accounts[w.WINS].tolist() == [2.0]
    assert full.as_of == pd.Timestamp(2024, 1, 5)


def test_repeated_ids_and_blank_names_are_dropped_with_examples() -> None:
    report = crm.read_export(NASTY / "duplicate_accounts.csv").report.files[0]
    assert report.dropped == (
        crm.Dropped("account without a name", 1, ("row 6: A4",)),
        crm.Dropped(
            "duplicate account", 2, ("row 4: Northern Mills (old)", "row 7: Northern Mills")
        ),
    )
    assert (report.rows_read, report.rows_used) == (7, 4)


def test_without_ids_names_that_differ_in_case_and_spaces_are_one_account() -> None:
    export = crm.read_export(NASTY / "duplicate_names.csv")
    assert export.accounts[w.ACCOUNT].tolist() == ["Northern Mills", "Harbour Foods"]
    assert export.accounts[w.ACCOUNT_ID].tolist() == ["Northern Mills", "Harbour Foods"]
    assert "Account IDs are the account names: the export has no ids" in export.report.derived


def test_two_accounts_of_one_name_stay_two_and_carry_their_ids() -> None:
    export = crm.read_export(NASTY / "duplicate_accounts.csv")
    assert export.accounts[w.ACCOUNT].tolist() == [
        "Northern Mills",
        "Harbour Foods (A2)",
        "HARBOUR foods (A3)",
        "Plain Paper",
    ]
    assert any("share a name with another" in note for note in export.report.notes)


def test_composed_and_decomposed_accents_are_one_name(tmp_path: Path) -> None:
    export = accounts_of(tmp_path, "Account\nCafe\u0301 Nord\nCaf\u00e9 Nord\n")
    assert export.accounts[w.ACCOUNT].tolist() == ["Caf\u00e9 Nord"]


def test_a_parent_given_by_id_is_named(tmp_path: Path) -> None:
    export = accounts_of(tmp_path, "Id,Name,ParentId\n1,Mills,\n2,Foods,1\n3,Paper,77\n")
    assert export.accounts[w.PARENT].tolist() == ["", "Mills", "77"]


def test_no_account_with_a_name_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="no row has an account's name"):
        accounts_of(tmp_path, "Account,Revenue\n,5\nn/a,6\n")


def test_a_missing_name_column_names_the_headers_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as caught:
        accounts_of(tmp_path, "Firma,Umsatz\nMühle,5\n")
    assert caught.value.lines == (
        "a.csv: no column is known as the account's name; it has: Firma, Umsatz; "
        'say which in --columns MAP.toml: [accounts] "Account" = "..." '
        "(looked for: Account Name, Account, Company Name, Company and 10 more)",
    )


def test_frames_have_the_types_that_the_model_reads() -> None:
    export = crm.read_export(NASTY / "plain_accounts.csv")
    texts = [w.ACCOUNT_ID, w.ACCOUNT, w.OWNER, w.MANAGER, w.PARENT, w.INDUSTRY, w.REGION]
    for column in texts:
        assert all(isinstance(value, str) for value in export.accounts[column]), column
    for column in (w.ANNUAL_REVENUE, w.EMPLOYEES, w.WALLET_SHARE, w.FISCAL_YEAR_END):
        assert export.accounts[column].dtype == "float64", column
    assert export.accounts[w.CUSTOMER_SINCE].dtype.kind == "M"
    for frame in (export.deals, export.teams, export.activity):
        assert len(frame) == 0
        assert len(frame.columns) > 0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "A", "a", "B", "A (1)"])
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_account_has_an_id_and_a_name_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    if not any(name for _, name in rows):
        rows = [*rows, ("", "B")]
    path = tmp_path_factory.mktemp("crm") / "a.csv"
    path.write_text("Id,Name,Sites\n" + "".join(f"{i},{name},1\n" for i, name in rows))
    export = crm.read_export(path)
    accounts, report = export.accounts, export.report.files[0]
    assert accounts[w.ACCOUNT_ID].is_unique
    assert accounts[w.ACCOUNT].is_unique
    assert (accounts[w.ACCOUNT] != "").all()
    assert report.rows_read == len(rows)
    assert report.rows_used == len(accounts)
    assert report.rows_read == report.rows_used + sum(reason.count for reason in report.dropped)


def test_names_that_differ_in_signs_alone_are_noted_with_their_rows(tmp_path: Path) -> None:
    export = accounts_of(tmp_path, "Account\nACME Corp.\nBeta\nAcme-Corp\nbeta\n")
    assert export.accounts[w.ACCOUNT].tolist() == ["ACME Corp.", "Beta", "Acme-Corp"]
    assert (
        "Accounts whose names differ in signs alone: 2 (row 2: 'ACME Corp.', row 4: 'Acme-Corp'); "
        "if they are one, merge them in the CRM"
    ) in export.report.notes
