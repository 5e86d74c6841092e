"""Files as CRMs write them: encodings, delimiters, titles, footers, sheets, broken files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from accountplan.addin import crm
from accountplan.udfs.errors import ImportFileError

NASTY = Path(__file__).parent / "data" / "crm"
ACCOUNTS = "Account Name;Umsatz;Ort\nMühle Süd;100;Köln\nCafé Nord;200;Orléans\n"


def mistakes(*paths: Path | None, **options: object) -> tuple[str, ...]:
    with pytest.raises(ImportFileError) as caught:
        crm.read_export(*paths, **options)  # type: ignore[arg-type]
    return caught.value.lines


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as out:
        for name, rows in sheets.items():
            sheet = out.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_each_encoding_reads_the_same_and_is_named(tmp_path: Path, codec: str, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(ACCOUNTS.encode(codec))
    export = crm.read_export(path)
    assert export.accounts["Account"].tolist() == ["Mühle Süd", "Café Nord"]
    assert export.accounts["Ort"].tolist() == ["Köln", "Orléans"]
    assert export.report.files[0].encoding == name


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ACCOUNTS.replace(";", delimiter), encoding="utf-8")
    export = crm.read_export(path)
    assert export.accounts["Umsatz"].tolist() == [100.0, 200.0]
    assert export.report.files[0].delimiter == delimiter


def test_excels_unicode_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ACCOUNTS.replace(";", "\t").replace("\n", "\r\n").encode("utf-16"))
    assert crm.read_export(path).accounts["Ort"].tolist() == ["Köln", "Orléans"]


def test_a_first_line_that_names_the_delimiter_is_obeyed_and_left_out() -> None:
    export = crm.read_export(NASTY / "told_delimiter.csv")
    assert export.accounts["Annual revenue"].tolist() == [1.5]
    assert export.report.files[0].delimiter == ";"


def test_commas_within_titles_do_not_decide_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Report, by region, by rep, by month\nAccount;Revenue\nMills;5\n")
    assert crm.read_export(path).accounts["Annual revenue"].tolist() == [5.0]


def test_salesforce_titles_and_footers_are_left_out_but_a_company_named_total_stays() -> None:
    export = crm.read_export(NASTY / "salesforce_accounts.csv")
    assert export.accounts["Account"].tolist() == ["Northern Mills", "Harbour Foods", "Total"]
    assert export.report.files[0].rows_read == 3
    notes = " | ".join(export.report.notes)
    assert "title rows left out: 3 (header in row 5)" in notes
    assert "footer rows left out: 5" in notes


def test_a_footer_that_counts_other_records_than_were_read_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Revenue\nMills,5\nGrand Totals (2 records),5\n")
    assert (
        "a.csv: its footer speaks of 2 records, 1 were read" in crm.read_export(path).report.notes
    )


def test_a_total_with_sums_beside_it_is_a_footer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Account,Industry,Revenue\nMills,Food,5\nTotal,,"$5.00"\n')
    assert crm.read_export(path).accounts["Account"].tolist() == ["Mills"]


def test_accounts_with_nothing_but_a_name_at_the_end_are_no_footers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Revenue\nMills,5\nFoods,\nPaper,\n\n\n")
    assert len(crm.read_export(path).accounts) == 3


def test_a_list_of_names_alone_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Company\nMills\nCopyright Agency\nTotal\nFoods\n")
    names = crm.read_export(path).accounts["Account"].tolist()
    assert names == ["Mills", "Copyright Agency", "Total", "Foods"]


def test_line_breaks_guards_and_odd_spaces_in_text_are_mended() -> None:
    accounts = crm.read_export(NASTY / "odd_text.csv").accounts
    assert accounts["Account"].tolist() == [
        "Northern Mills",
        "=SUM(A1)",
        "Harbour Foods",
        "Plain Paper",
    ]
    assert accounts["notes"].tolist() == ["two lines", "@home", "plain", ""]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    assert mistakes(NASTY / "bad_cell_below_line_break.csv") == (
        "bad_cell_below_line_break.csv, row 4, column revenue: 'lots' is not a number; "
        "mend or clear the cell",
    )


def test_a_row_with_too_many_cells_is_a_mistake_and_one_with_too_few_is_not() -> None:
    assert mistakes(NASTY / "ragged.csv") == (
        "ragged.csv, row 3: 4 cells where the header has 3; "
        "put quotes around the cell that holds the delimiter",
    )


def test_empty_cells_beyond_the_header_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Revenue,,\nMills,5,,,,\nFoods\n")
    accounts = crm.read_export(path).accounts
    assert accounts["Account"].tolist() == ["Mills", "Foods"]
    assert np.isnan(accounts["Annual revenue"][1])


def test_quotes_that_do_not_pair_up_are_a_mistake_with_their_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Account,Revenue\nMills,5\n"Foods,6\nPaper,7\n')
    (line,) = mistakes(path)
    assert line.startswith("a.csv: row 3: the quotes do not pair up")


def test_empty_columns_are_left_out_and_named() -> None:
    export = crm.read_export(NASTY / "clashing_headers.csv")
    assert "Empty" not in export.accounts
    assert "clashing_headers.csv: empty columns left out: Empty" in export.report.notes


def test_a_second_column_of_one_name_and_columns_that_the_plan_fills_get_names_of_their_own() -> (
    None
):
    export = crm.read_export(NASTY / "clashing_headers.csv")
    assert export.accounts["Account (2)"].tolist() == ["NM", "HF"]
    assert export.accounts["Score (export)"].tolist() == [7.0, 8.0]
    assert export.accounts["Status (export)"].tolist() == ["Hot", "Cold"]
    assert export.report.files[0].unmatched == ("Account (2)", "Score", "Status")


def test_a_column_without_header_is_not_read_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,,Revenue\nMills,loose,5\n")
    assert "a.csv: column B has no header; not read" in crm.read_export(path).report.notes


def test_a_workbook_reads_typed_cells_and_the_sheet_with_a_known_header(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        {
            "Notes": [["nothing to see"]],
            "Export": [
                ["Account ID", "Account Name", "Revenue", "Customer Since", "Active"],
                [1001, "Mills", 1.234, date(2020, 5, 17), True],
                [1002, "Foods", "1,500", 43968, False],
            ],
        },
    )
    export = crm.read_export(path)
    accounts = export.accounts
    assert accounts["Account ID"].tolist() == ["1001", "1002"]
    assert accounts["Annual revenue"].tolist() == [1.234, 1500.0]
    # 43968 is 17 May 2020 in Excel's 1900 date system.
    assert accounts["Customer since"].tolist() == [pd.Timestamp(2020, 5, 17)] * 2
    assert accounts["Active"].tolist() == ["TRUE", "FALSE"]
    assert export.report.files[0].sheet == "Export"
    assert "a.xlsx: sheet 'Export' was read; not read: 'Notes'" in export.report.notes


def test_one_workbook_can_hold_accounts_and_opportunities(tmp_path: Path) -> None:
    path = book(
        tmp_path / "crm.xlsx",
        {
            "Opportunities": [
                ["Opportunity ID", "Account Name", "Stage", "Owner"],
                ["D1", "Mills", "Won", "Rep North 1"],
            ],
            "Accounts": [["Account Name", "Owner"], ["Mills", "Rep North 1"], ["Foods", ""]],
        },
    )
    export = crm.read_export(path, path)
    assert len(export.accounts) == 2
    assert export.deals["Account"].tolist() == ["Mills"]


def test_text_in_a_workbook_keeps_its_apostrophe(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"S": [["Account"], ["'=Mills"]]})
    assert crm.read_export(path).accounts["Account"].tolist() == ["'=Mills"]


def test_parquet_reads_its_own_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame(
        {
            "account": ["Mills", None],
            "Account ID": [7.0, 8.0],
            "revenue": [5, 6],
            "customer_since": [pd.Timestamp("2020-05-17 23:30", tz="America/New_York"), pd.NaT],
        }
    ).to_parquet(path)
    export = crm.read_export(path)
    assert export.accounts["Account ID"].tolist() == ["7"]
    assert export.accounts["Customer since"].tolist() == [pd.Timestamp(2020, 5, 17)]
    assert export.report.files[0].dropped == (
        crm.Dropped("account without a name", 1, ("row 3: 8",)),
    )


def test_the_same_table_reads_the_same_from_csv_workbook_and_parquet(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "Account": ["Mills", "Foods"],
            "Revenue": [1234.5, 99.0],
            "Customer since": [datetime(2020, 5, 17), datetime(2021, 1, 2)],
        }
    )
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_parquet(tmp_path / "a.parquet")
    rows = [list(table.columns), *(list(row) for row in table.itertuples(index=False))]
    book(tmp_path / "a.xlsx", {"S": rows})
    first, *others = (
        crm.read_export(tmp_path / name).accounts for name in ("a.csv", "a.xlsx", "a.parquet")
    )
    for other in others:
        pd.testing.assert_frame_equal(first, other)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"  \n \n", "is empty"),
        ("a.csv", b"Account,Revenue\n", "no rows below the header"),
        ("a.csv", b"PK\x03\x04....", "is a workbook with the wrong ending"),
        ("a.csv", b"<html><table></table></html>", "is a web page"),
        ("a.csv", bytes(range(256)) * 8, "is not text"),
        ("a.xlsx", b"", "is empty"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 and so on", "is protected with a password"),
        ("a.xlsx", b"Account,Revenue\n", "is not an .xlsx workbook"),
        ("a.xlsx", b"PK\x03\x04 broken", "the workbook is damaged"),
        ("a.parquet", b"PAR1 broken", "is not a parquet table"),
        ("a.xls", b"x", ".xls is not a kind of file that can be read"),
        ("a.pdf", b"x", ".pdf is not a kind of file that can be read"),
    ],
)
def test_a_file_that_is_no_table_is_one_clear_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    (line,) = mistakes(path)
    assert line.startswith(f"{name}: {says}")
    assert "\n" not in line


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "none.csv") == ("none.csv: there is no such file",)


def test_mistakes_of_all_files_are_told_in_one_go() -> None:
    lines = mistakes(NASTY / "bad_cells.csv", NASTY / "ambiguous_dates.csv", NASTY / "none.csv")
    assert [line.split(",")[0].split(":")[0] for line in lines] == [
        *["bad_cells.csv"] * 5,
        "ambiguous_dates.csv",
        "none.csv",
    ]


def test_many_bad_cells_of_one_column_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Revenue\n" + "".join(f"Mill {i},x{i}\n" for i in range(20)))
    assert mistakes(path) == (
        "a.csv, column Revenue: 20 cells do not hold a number "
        "(row 2: 'x0', row 3: 'x1', row 4: 'x2', ...); mend or clear them",
    )


def test_a_file_without_any_known_name_is_still_taken_apart_by_its_delimiter(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_text("Account\nMills\n", encoding="utf-8")
    (tmp_path / "o.csv").write_text(
        "Kunde;Phase;Wert\nMills;Talk;7,50\nMills;Talk;8,50\n", encoding="utf-8"
    )
    with pytest.raises(ImportFileError, match="it has: Kunde, Phase, Wert; "):
        crm.read_export(tmp_path / "a.csv", tmp_path / "o.csv")
