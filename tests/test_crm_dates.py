"""Dates as people and programs write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from accountplan.addin import crm
from accountplan.udfs.errors import ImportFileError

NASTY = Path(__file__).parent / "data" / "crm"
Read = Callable[..., list[date | None]]


@pytest.fixture
def closed(tmp_path: Path) -> Read:
    def read(*cells: str, date_format: str | None = None) -> list[date | None]:
        (tmp_path / "a.csv").write_text("Account\nMills\n")
        rows = "".join(f'Mills,Open,"{cell}"\n' for cell in cells)
        (tmp_path / "o.csv").write_text(f"Account,Stage,Close Date\n{rows}", encoding="utf-8")
        export = crm.read_export(tmp_path / "a.csv", tmp_path / "o.csv", date_format=date_format)
        return [None if pd.isna(day) else day.date() for day in export.deals["Close date"]]

    return read


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-14",
        "2024/03/14",
        "2024.3.14",
        "20240314",
        "2024-03-14T09:15:23Z",
        "2024-03-14T23:59:59.000+0000",
        "2024-03-14 23:59",
        "14/03/2024",
        "3/14/2024",
        "14.3.2024",
        "14-03-2024",
        "14.03.24",
        "3/14/24",
        "3/14/2024, 9:15 AM",
        "14/03/2024 09:15",
        "14 Mar 2024",
        "14-Mar-24",
        "14. March 2024",
        "Mar 14, 2024",
        "March 14th, 2024",
        "Thu, 14 Mar 2024 09:15:00 GMT",
    ],
)
def test_each_way_to_write_a_day_reads_as_that_day(closed: Read, cell: str) -> None:
    assert closed(cell) == [date(2024, 3, 14)]


@pytest.mark.parametrize("cell", ["2024-02-30", "31/02/2024", "14/14/2024", "soon", "14", "43968"])
def test_what_is_no_day_is_refused(closed: Read, cell: str) -> None:
    with pytest.raises(ImportFileError, match="is not a date; mend or clear the cell"):
        closed(cell)


def test_missing_and_zero_dates_are_missing(closed: Read) -> None:
    assert closed("", "0000-00-00", "n/a", "2024-03-14")[:3] == [None, None, None]


def test_one_clear_value_decides_for_the_column(closed: Read) -> None:
    assert closed("03/04/2024", "25/12/2024") == [date(2024, 4, 3), date(2024, 12, 25)]
    assert closed("03/04/2024", "12/25/2024") == [date(2024, 3, 4), date(2024, 12, 25)]


def test_a_column_that_reads_both_ways_asks_for_the_date_format() -> None:
    with pytest.raises(ImportFileError) as caught:
        crm.read_export(NASTY / "plain_accounts.csv", NASTY / "ambiguous_dates.csv")
    assert caught.value.lines == (
        "ambiguous_dates.csv, column Close Date: '03/04/2024' can be read day first or month "
        "first; say which with --date-format eu (day first) or --date-format us (month first)",
    )


@pytest.mark.parametrize(
    ("told", "month"), [("eu", 4), ("EU", 4), ("us", 3), ("%d/%m/%Y", 4), ("%m/%d/%Y", 3)]
)
def test_the_date_format_decides(closed: Read, told: str, month: int) -> None:
    (day,) = closed("03/04/2024", date_format=told)
    assert day is not None
    assert day.month == month


def test_it_does_not_matter_where_both_readings_agree(closed: Read) -> None:
    assert closed("04/04/2024", "05/05/2024") == [date(2024, 4, 4), date(2024, 5, 5)]


def test_with_points_between_the_day_comes_first(closed: Read) -> None:
    assert closed("03.04.2024") == [date(2024, 4, 3)]


def test_a_column_that_mixes_both_orders_is_refused(closed: Read) -> None:
    with pytest.raises(ImportFileError) as caught:
        closed("25/12/2024", "12/25/2024")
    assert caught.value.lines == (
        "o.csv, column Close Date: '25/12/2024' has the day first, '12/25/2024' the month; "
        "write all its dates in one way",
    )


def test_a_value_against_the_told_format_is_refused(closed: Read) -> None:
    with pytest.raises(ImportFileError, match="'25/12/2024' is not a date in the format 'us'"):
        closed("25/12/2024", date_format="us")
    with pytest.raises(ImportFileError, match="is not a date in the format 'iso'"):
        closed("03/04/2024", date_format="iso")


def test_iso_dates_read_under_every_format(closed: Read) -> None:
    for told in ("iso", "us", "eu", "%d.%m.%Y"):
        assert closed("2024-03-14", date_format=told) == [date(2024, 3, 14)]


def test_an_unknown_format_names_those_allowed(closed: Read) -> None:
    with pytest.raises(ImportFileError) as caught:
        closed("2024-03-14", date_format="german")
    assert caught.value.lines[0] == (
        "--date-format 'german': allowed are iso, us, eu or a pattern such as %d.%m.%Y"
    )


def test_two_digit_years_turn_at_1969(closed: Read) -> None:
    assert closed("31/12/68", "31/12/69") == [date(2068, 12, 31), date(1969, 12, 31)]


def test_dates_far_off_are_kept(closed: Read) -> None:
    assert closed("9999-12-31") == [date(9999, 12, 31)]


def test_a_year_is_enough_for_customer_since(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Customer Since\nMills,2015\nFoods,2016-07\n")
    export = crm.read_export(path)
    assert export.accounts["Customer since"].tolist() == [
        pd.Timestamp(2015, 1, 1),
        pd.Timestamp(2016, 7, 1),
    ]
    assert "a.csv, column Customer Since: a year stands for its first day" in export.report.derived


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("12", 12),
        ("December", 12),
        ("Dec 31", 12),
        ("12/31", 12),
        ("31/12", 12),
        ("31.3.", 3),
        ("2024-06-30", 6),
        ("30 June", 6),
    ],
)
def test_the_fiscal_year_end_is_a_month(tmp_path: Path, cell: str, month: float) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Account,Fiscal Year End\nMills,{cell}\n")
    assert crm.read_export(path).accounts["Fiscal year end"].tolist() == [month]


def test_a_fiscal_year_end_that_is_no_month_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Account,Fiscal Year End\nMills,13\n")
    with pytest.raises(ImportFileError, match="'13' is not a month"):
        crm.read_export(path)
