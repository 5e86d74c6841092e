"""Numbers as people and programs write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplan.addin import crm
from accountplan.udfs.errors import ImportFileError

NASTY = Path(__file__).parent / "data" / "crm"
Read = Callable[..., list[float]]


def export_of(tmp_path: Path, cells: list[str], header: str = "Revenue") -> crm.CrmExport:
    path = tmp_path / "a.csv"
    lines = [f'Mill {i}\t"{cell}"' for i, cell in enumerate(cells)]
    path.write_text("\n".join([f"Account\t{header}", *lines]), encoding="utf-8")
    return crm.read_export(path)


@pytest.fixture
def revenue(tmp_path: Path) -> Read:
    def read(*cells: str, header: str = "Revenue") -> list[float]:
        values: list[float] = (
            export_of(tmp_path, list(cells), header).accounts["Annual revenue"].tolist()
        )
        return values

    return read


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("$1,234.50", 1234.5),
        ("1.234,50 EUR", 1234.5),
        ("EUR 1.234,50", 1234.5),
        ("€1.234,50", 1234.5),
        ("(1,234)", -1234.0),
        ("($1,234.50)", -1234.5),
        ("$(1,234.50)", -1234.5),
        ("-1,234.50", -1234.5),
        ("−12.5", -12.5),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("1,234-", -1234.0),
        ("+7", 7.0),
        ("12%", 0.12),
        ("7,5 %", 0.075),
        ("3.5M", 3_500_000.0),
        ("$3.5M", 3_500_000.0),
        ("2bn", 2e9),
        ("12k", 12_000.0),
        ("1.2 Mio", 1_200_000.0),
        ("1,2 Mio. €", 1_200_000.0),
        ("5 MXN", 5.0),
        ("5 KRW", 5.0),
        ("1 234 567", 1_234_567.0),
        ("1 234,50", 1234.5),
        ("1\u202f234,50", 1234.5),
        ("1\u00a0234.50", 1234.5),
        ("CHF 1'234.50", 1234.5),
        ("1’234’567", 1_234_567.0),
        ("12,34,567.00", 1_234_567.0),
        ("1.2E+06", 1_200_000.0),
        ("1,2E+06", 1_200_000.0),
        (".5", 0.5),
        ("0,5", 0.5),
        ("0,125", 0.125),
        ("0.125", 0.125),
        ("12,5", 12.5),
        ("1234,567", 1234.567),
        ("1,234,567", 1_234_567.0),
        ("1.234.567", 1_234_567.0),
        ("1,234", 1234.0),
        ("1.234", 1.234),
        ("0", 0.0),
    ],
)
def test_a_number_by_itself_reads_as(revenue: Read, cell: str, number: float) -> None:
    assert revenue(cell) == [number]


@pytest.mark.parametrize("cell", ["", "-", "n/a", "N/A", "#N/A", "null", "None", "--", "–", " "])
def test_cells_that_mean_nothing_are_missing(revenue: Read, cell: str) -> None:
    first, second = revenue("5", cell)
    assert first == 5.0
    assert second != second


@pytest.mark.parametrize(
    "cell", ["abc", "1,23,4", "1..2", "12 34", "5 apples", "(5", "5 6%", "--5", "1.234.56"]
)
def test_what_is_no_number_is_refused(revenue: Read, cell: str) -> None:
    with pytest.raises(ImportFileError, match="is not a number; mend or clear the cell"):
        revenue(cell)


def test_one_clear_value_decides_for_the_column(revenue: Read) -> None:
    assert revenue("1,234", "2,5") == [1.234, 2.5]
    assert revenue("1.234", "2,5") == [1234.0, 2.5]
    assert revenue("1,234", "2.5") == [1234.0, 2.5]
    assert revenue("1.234", "1.234.567") == [1234.0, 1_234_567.0]


def test_an_unclear_column_follows_the_other_columns_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account\tRevenue\tEmployees\nMills\t12,5\t1.234\n", encoding="utf-8")
    accounts = crm.read_export(path).accounts
    assert accounts["Employees"].tolist() == [1234.0]


def test_an_unclear_column_between_semicolons_is_in_thousands_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account;Revenue\nMills;1.234\nFoods;56.000\n", encoding="utf-8")
    export = crm.read_export(path)
    assert export.accounts["Annual revenue"].tolist() == [1234.0, 56_000.0]
    assert "a.csv, column Revenue: '1.234' was read as 1234" in export.report.notes


def test_a_column_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ImportFileError) as caught:
        crm.read_export(NASTY / "mixed_decimals.csv")
    assert caught.value.lines == (
        "mixed_decimals.csv, column Revenue: '1,234.50' has a decimal point, "
        "'1.234,50' a decimal comma; write all its numbers in one way",
    )


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("Annual Revenue (millions)", 1e6),
        ("revenue (in thousands)", 1e3),
        ("Revenue $M", 1e6),
        ("Revenue ($000s)", 1e3),
        ("Revenue (Mio. EUR)", 1e6),
        ("Revenue_k", 1e3),
        ("Revenue USD bn", 1e9),
        ("Revenue (US$)", 1.0),
        ("revenue", 1.0),
    ],
)
def test_a_unit_in_the_header_scales_the_numbers(revenue: Read, header: str, factor: float) -> None:
    assert revenue("1.1", header=header) == [1.1 * factor]


def test_a_unit_in_the_header_is_told(tmp_path: Path) -> None:
    derived = export_of(tmp_path, ["1.1"], "Revenue (millions)").report.derived
    assert (
        "a.csv, column Revenue (millions): numbers are in millions by the header, and scaled so"
        in derived
    )


def test_a_unit_in_the_cell_goes_before_the_one_in_the_header(revenue: Read) -> None:
    assert revenue("2", "3.5M", header="Revenue (thousands)") == [2000.0, 3_500_000.0]


def test_percent_in_a_header_makes_shares(tmp_path: Path) -> None:
    accounts = export_of(tmp_path, ["57", "7%"], "Wallet share (%)").accounts
    assert accounts["Wallet share"].tolist() == [0.57, 0.07]


def test_a_share_without_unit_stays_as_it_came(tmp_path: Path) -> None:
    assert export_of(tmp_path, ["57"], "Wallet share").accounts["Wallet share"].tolist() == [57.0]


@pytest.mark.parametrize(
    ("cells", "header", "currency"),
    [
        (["$5", "6"], "Revenue", "$"),
        (["$5", "6 USD"], "Revenue", "USD"),
        (["5 €"], "Revenue", "EUR"),
        (["5", "6"], "Revenue (GBP)", "GBP"),
        (["5", "6"], "Revenue", ""),
        (["5 kr", "6 SEK"], "Revenue", "SEK"),
    ],
)
def test_the_currency_is_known_from_cells_or_header(
    tmp_path: Path, cells: list[str], header: str, currency: str
) -> None:
    assert export_of(tmp_path, cells, header).currency == currency


def test_several_currencies_in_cells_are_refused_with_counts(revenue: Read) -> None:
    with pytest.raises(ImportFileError, match=r"several currencies \(a\.csv: EUR 2, USD 1\)"):
        revenue("5 €", "EUR 6", "7 USD", "8")


def test_several_currencies_in_a_column_of_their_own_count_only_amounts() -> None:
    with pytest.raises(ImportFileError) as caught:
        crm.read_export(NASTY / "plain_accounts.csv", NASTY / "several_currencies.csv")
    (line,) = caught.value.lines
    assert "several currencies (several_currencies.csv: EUR 2, USD 1)" in line


def test_currencies_are_compared_between_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Account,Revenue (USD)\nMills,5\n")
    (tmp_path / "o.csv").write_text("Account,Stage,Amount (EUR)\nMills,Won,5\n")
    with pytest.raises(ImportFileError, match=r"a\.csv: USD 1; o\.csv: EUR 1"):
        crm.read_export(tmp_path / "a.csv", tmp_path / "o.csv")


def test_the_converted_amount_of_salesforce_is_used_and_its_currency_only(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Account\nMills\n")
    (tmp_path / "o.csv").write_text(
        "Account,Stage,Amount Currency,Amount,Amount (converted) Currency,Amount (converted)\n"
        "Mills,Won,EUR,10,USD,11\nMills,Won,GBP,10,USD,12.5\n"
    )
    export = crm.read_export(tmp_path / "a.csv", tmp_path / "o.csv")
    assert export.deals["Amount"].tolist() == [11.0, 12.5]
    assert export.currency == "USD"


def test_extra_columns_are_numbers_where_all_cells_are_and_text_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Sites,Zip,Grade\nMills,4,01234,A\nFoods,,99999,3\n")
    accounts = crm.read_export(path).accounts
    assert accounts["Sites"].dtype == "float64"
    assert accounts["Zip"].tolist() == ["01234", "99999"]
    assert accounts["Grade"].tolist() == ["A", "3"]


@given(
    st.integers(min_value=-(10**12), max_value=10**12),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u00a0", ",")]),
)
def test_whatever_the_separators_cents_read_back(cents: int, style: tuple[str, str]) -> None:
    from accountplan.addin.crm import numbers
    from accountplan.addin.crm.cells import clean

    thousands, decimal = style
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", thousands)
    text = f"{'-' if cents < 0 else ''}{grouped}{decimal}{rest:02d}"
    assert numbers.number_of(numbers.written(clean(text)), decimal, 0) == cents / 100
