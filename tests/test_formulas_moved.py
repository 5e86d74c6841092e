"""How do formulas read once their cells, or the cells they mean, have moved?

Oracles: openpyxl's translator of copied formulas, and what Excel writes in the same place.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator

from accountplan.addin.hosts.areas import Area
from accountplan.addin.hosts.formulas import moved_formula, refitted, renamed
from accountplan.addin.hosts.sheet_xml import Stretch

FORMULAS = [
    'IF(A1="A1","$B$2 is text",$B$2+C$3)',
    "SUM(Accounts[[#This Row],[Q1]])+$A5",
    "'My A1 sheet'!B2+Sheet1!C3:D4",
    "LOG10(A1)+ATAN2(B1,C1)",
    "SUM(A:A)+SUM(1:3)+SUM($A:B)",
    "Q1_total+_A1+TBL1[Col]+X1.Y2",
    "[1]Sheet1!A1+'[Book.xlsx]S'!A1",
    "1E10+2*E10-1.5E5",
    "OFFSET(A1,1,1):B7",
    "'It''s'!A1&\"it's\"&Names!$A1",
]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(("rows", "cols"), [(1, 0), (10, 2), (0, 3)])
def test_a_copied_formula_reads_as_openpyxl_reads_it(formula: str, rows: int, cols: int) -> None:
    start = Translator("=" + formula, "F50")
    expected = start.translate_formula(f"{chr(ord('F') + cols)}{50 + rows}")
    assert "=" + moved_formula(formula, rows, cols) == expected


@pytest.mark.parametrize(
    ("formula", "rows", "cols", "expected"),
    [
        ("A1#+@B2", 1, 0, "A2#+@B3"),
        ("A1:INDEX(B:B,3)", 10, 2, "C11:INDEX(D:D,3)"),
        ("#REF!+A1", 1, 0, "#REF!+A2"),
        ("A1+B5", -1, 0, "#REF!+B4"),
        ("XFD1", 0, 1, "#REF!"),
        ("SUM(A1048576)", 1, 0, "SUM(#REF!)"),
        ("Accounts['#A1]+A1", 1, 0, "Accounts['#A1]+A2"),
        ("SUM(A1:B2 B2:C3)", 1, 1, "SUM(B2:C3 C3:D4)"),
        ("{1,2;3,4}*A1", 1, 0, "{1,2;3,4}*A2"),
    ],
)
def test_a_copied_formula_reads_as_excel_reads_it(
    formula: str, rows: int, cols: int, expected: str
) -> None:
    assert moved_formula(formula, rows, cols) == expected


@settings(max_examples=200, deadline=None)
@given(st.text("AB1$:![]'\"#(),. +é_", max_size=25), st.integers(0, 5))
def test_no_text_breaks_it_and_standing_still_changes_nothing(text: str, rows: int) -> None:
    assert moved_formula(text, 0) == text
    moved_formula(text, rows, rows)
    assert renamed(text, {}, {}) == text


def test_sheets_and_tables_get_their_new_names_outside_of_texts() -> None:
    formula = "'Plan - A'!B2&Contacts1[Name]&\"Contacts1 'Plan - A'!B2\"&Plan!A1&contacts1&Data!A1"
    assert renamed(formula, {"Plan - A": "O'Neil", "Data": "D 2"}, {"Contacts1": "Contacts9"}) == (
        "'O''Neil'!B2&Contacts9[Name]&\"Contacts1 'Plan - A'!B2\"&Plan!A1&Contacts9&'D 2'!A1"
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(B5:B8)", "SUM(B5:B20)"),
        ("SUM($B$4:$B$8)", "SUM($B$4:$B$20)"),
        ("SUM(A1:B8)", "SUM(A1:B20)"),
        ("B9+$B$9", "B21+$B$21"),
        ("SUM(B5:B9)", "SUM(B5:B21)"),
        ("B8", "B8"),
        ("SUM(B6:B8)", "SUM(B6:B8)"),
        ("SUM(B5:B7)", "SUM(B5:B7)"),
        ("SUM(G5:G8)", "SUM(G5:G8)"),
        ("SUM(Other!B5:B8)", "SUM(Other!B5:B8)"),
        ("SUM([1]Here!B5:B8)", "SUM([1]Here!B5:B8)"),
        ("SUM(here!B5:B8,B:B)", "SUM(here!B5:B20,B:B)"),
        ('"B5:B8"&SUM(B5:B8)', '"B5:B8"&SUM(B5:B20)'),
    ],
)
def test_a_formula_beside_a_table_means_the_rows_that_are_there_now(
    formula: str, expected: str
) -> None:
    """A table in A4:D8 with totals in row 9 grows to row 20."""
    change = Stretch(Area("Here", 4, 0, 7, 3), 19, 1)
    assert refitted(formula, "Here", "Here", change.fit_reference) == expected
