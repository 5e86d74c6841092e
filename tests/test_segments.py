"""Is each account in exactly one segment, the first whose rules it meets?

Oracles: rules read out in plain Python, and numpy's own percentile of whole numbers.
"""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError, SettingsError
from accountplan.udfs.segments import OPERATORS, Rule, Segment, assign_segments
from accountplan.udfs.settings import DEFAULT_SEGMENTS
from tests.support import books

NAN = math.nan
FEW = settings(max_examples=40, deadline=None)


def matches(values: list[object] | pd.Series, operator: str, value: str = "") -> list[bool]:
    """Which of the values a rule holds for."""
    frame = pd.DataFrame({"Attribute": values})
    segment = Segment("In", "do it", ((Rule("Attribute", operator, value),),))
    return (assign_segments(frame, [segment]) == "In").tolist()


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("is", "retail", [True, True, False, False]),
        ("is", "Retail; steel", [True, True, True, False]),
        ("is not", "retail", [False, False, True, False]),
        ("contains", "TAI", [True, True, False, False]),
        ("contains", ".", [False, False, False, False]),
        ("is blank", "", [False, False, False, True]),
        ("is filled", "", [True, True, True, False]),
    ],
)
def test_rules_on_text_do_not_mind_case_and_do_not_hold_on_blanks(
    operator: str, value: str, expected: list[bool]
) -> None:
    assert matches(["Retail", " retail ", "Steel", ""], operator, value) == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        (">", "10", [False, False, True, False]),
        (">=", "10", [False, True, True, False]),
        ("<", "10", [True, False, False, False]),
        ("<=", "10", [True, True, False, False]),
        ("between", "5; 10", [True, True, False, False]),
        ("is", "10", [False, True, False, False]),
        ("is not", "10; 5", [False, False, True, False]),
        ("is blank", "", [False, False, False, True]),
        ("is filled", "", [True, True, True, False]),
    ],
)
def test_rules_on_numbers_do_not_hold_on_blanks(
    operator: str, value: str, expected: list[bool]
) -> None:
    assert matches([5.0, 10.0, 1234567.0, NAN], operator, value) == expected


def test_is_reads_large_numbers_and_fractions_in_full() -> None:
    assert matches([1234567.0, 0.1, 1234570.0], "is", "1234567; 0.1") == [True, True, False]


def test_dates_are_blank_or_filled() -> None:
    dates = pd.to_datetime(pd.Series(["2017-01-31", None]))
    assert matches(dates, "is blank") == [False, True]
    assert matches(dates, "is", "2017-01-31") == [True, False]


@pytest.mark.parametrize("percent", range(1, 100))
def test_top_and_bottom_percent_take_the_boundary_itself(percent: int) -> None:
    """Of 0, 1, ... 100 the linear p-th percentile is p exactly."""
    values = [float(number) for number in range(101)]
    assert sum(matches(values, "bottom %", str(percent))) == percent + 1
    assert sum(matches(values, "top %", str(percent))) == percent + 1


def test_the_top_of_equal_values_is_all_of_them_and_of_none_nobody() -> None:
    assert matches([7.0, 7.0, NAN], "top %", "1") == [True, True, False]
    assert matches(pd.Series([NAN, NAN]), "top %", "50") == [False, False]
    assert matches([1e-12, 2e-12, 3e12], "top %", "50") == [False, True, True]


def test_all_rules_of_a_set_must_hold_and_one_set_is_enough() -> None:
    book = pd.DataFrame({"Size": [1.0, 9.0, 9.0], "Kind": ["a", "a", "b"]})
    large_a = (Rule("Size", ">", "5"), Rule("Kind", "is", "a"))
    small = (Rule("Size", "<", "5"),)
    both = Segment("S", "do it", (large_a, small))
    assert assign_segments(book, [both]).tolist() == ["S", "S", w.OTHER_SEGMENT]


def test_the_first_segment_that_matches_wins() -> None:
    book = pd.DataFrame({"Size": [1.0, 9.0]})
    segments = [
        Segment("Large", "do it", ((Rule("Size", ">", "5"),),)),
        Segment("Everybody", "do it", ((),)),
        Segment("Never", "do it", ((),)),
    ]
    assert assign_segments(book, segments).tolist() == ["Everybody", "Large"]
    assert assign_segments(book, []).tolist() == [w.OTHER_SEGMENT] * 2


RULES = st.one_of(
    st.builds(Rule, st.just("Size"), st.sampled_from([">", "<=", "top %", "is"]), st.just("3")),
    st.builds(Rule, st.just("Kind"), st.sampled_from(["is", "is not", "contains"]), st.just("a")),
    st.builds(Rule, st.sampled_from(["Size", "Kind"]), st.sampled_from(["is blank", "is filled"])),
)
SETS = st.lists(st.lists(RULES, max_size=3).map(tuple), min_size=1, max_size=2).map(tuple)
ROWS = st.lists(
    st.tuples(st.sampled_from([NAN, 1.0, 3.0, 5.0]), st.sampled_from(["", "a", "B"])), max_size=12
)


@FEW
@given(ROWS, st.lists(SETS, max_size=4), st.randoms(use_true_random=False))
def test_segments_split_the_accounts_whatever_their_order(rows, sets, random) -> None:
    segments = [Segment(f"S{n}", "do it", rule_sets) for n, rule_sets in enumerate(sets)]
    book = pd.DataFrame(
        {
            "Size": pd.Series([size for size, _ in rows], dtype=float),
            "Kind": pd.Series([kind for _, kind in rows], dtype=str),
        }
    )
    found = assign_segments(book, segments)
    assert len(found) == len(book)
    assert set(found) <= {segment.name for segment in segments} | {w.OTHER_SEGMENT}
    # Exactly one, and the first: each account is in no segment that stands before its own.
    alone = {s.name: assign_segments(book, [s]) == s.name for s in segments}
    for row, name in found.items():
        first = [s.name for s in segments if alone[s.name][row]]
        assert name == (first[0] if first else w.OTHER_SEGMENT)
    order = random.sample(range(len(book)), len(book))
    assert assign_segments(book.iloc[order], segments).loc[book.index].equals(found)


def test_the_default_segments_sort_customers_and_strangers_by_size() -> None:
    employees = [100.0, 200.0, 300.0, 400.0, NAN, 150.0, 500.0]
    status = [w.ACTIVE, w.ACTIVE, w.ACTIVE, w.PIPELINE, w.UNTOUCHED, w.LAPSED, w.ACTIVE]
    revenue = [1.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0]
    book = books.known_accounts(
        {w.EMPLOYEES: employees, w.STATUS: status, w.ANNUAL_REVENUE: revenue}
    )
    # The 75th percentile of the six known sizes is 375; of the revenues it is 1.
    assert assign_segments(book, DEFAULT_SEGMENTS).tolist() == [
        "Customers",
        "Customers",
        "Customers",
        "Large prospects",
        "Large prospects",
        "Win back",
        "Large customers",
    ]


@pytest.mark.parametrize("size", [0, 1])
def test_defaults_split_an_export_that_knows_nothing(size: int) -> None:
    book = books.known_accounts({}, size)
    assert assign_segments(book, DEFAULT_SEGMENTS).tolist() == ["Customers"] * size


def test_a_rule_on_a_column_that_is_not_there_says_which_are() -> None:
    with pytest.raises(ModelInputError, match=r"segment In, attribute Attribute.*Size"):
        assign_segments(
            pd.DataFrame({"Size": [1.0]}),
            [Segment("In", "do it", ((Rule("Attribute", "is", "x"),),))],
        )


@pytest.mark.parametrize(
    ("values", "operator", "value", "message"),
    [
        (["a"], ">", "5", "no numbers"),
        ([1.0], ">", "many", "'many' is not a number"),
        ([1.0], "between", "5", "two numbers"),
        ([1.0], "top %", "0", "above 0, up to 100"),
        ([1.0], "top %", "101", "above 0, up to 100"),
    ],
)
def test_a_rule_that_its_column_cannot_meet_is_refused(
    values: list[object], operator: str, value: str, message: str
) -> None:
    with pytest.raises(ModelInputError, match=message):
        matches(values, operator, value)


def test_an_unknown_operator_names_those_there_are() -> None:
    with pytest.raises(SettingsError, match="'like' is not an operator") as caught:
        Rule("Size", "like", "5")
    assert all(operator in str(caught.value) for operator in OPERATORS)


def test_a_rule_without_attribute_or_value_is_refused() -> None:
    with pytest.raises(SettingsError, match="no attribute"):
        Rule("", "is", "x")
    with pytest.raises(SettingsError, match="needs a value"):
        Rule("Size", "is", " ")


@pytest.mark.parametrize(
    ("name", "action", "sets", "message"),
    [
        (" ", "do it", ((),), "no name"),
        ("Large", " ", ((),), "segment Large: it has no action"),
        ("Large", "do it", (), "segment Large: it has no rule"),
    ],
)
def test_a_segment_without_name_action_or_rule_is_refused(
    name: str, action: str, sets: tuple[tuple[Rule, ...], ...], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        Segment(name, action, sets)
