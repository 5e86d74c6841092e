"""Does the plan model tell complete from incomplete, and good from thin?

One good plan is the base; each test plants one defect in it and expects that
finding and no other. The native formulas are recalculated by LibreOffice and
held against the Python rule, cell by cell.
"""

import dataclasses
import itertools
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError, SettingsError

from .support.office import Office

TODAY = date(2026, 7, 1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))

FIELDS: dict[str, object] = {
    "position": "They buy the Starter package for two depots and nothing for the other four.",
    "priorities": "Fewer late deliveries in the peak season, told by the Head of Logistics.",
    "competitors": "",
    "revenue_target": 60_000.0,
    "objective_1": "Move both depots to the Standard package by the end of October.",
    "objective_2": "",
    "objective_3": None,
    "play": "Grow",
    "strategy": "Show the saved hours at depot one, then let the depot lead present them.",
    "why_fit": "Large and close to us: the first depot already asks for more.",
    "risks": "",
}
TABLES: dict[str, pd.DataFrame] = {
    p.CONTACTS: pd.DataFrame(
        {
            "Name": ["Contact 1", "Contact 2"],
            "Position": ["Head of Logistics", "Depot lead"],
            "Role": ["Decides", "Uses"],
            "Influence": ["High", "Low"],
            "Support": ["Supporter", "Neutral"],
            "Our contact owner": ["Rep North 1", ""],
            "Last contact": [datetime(2026, 6, 3), pd.NaT],
        }
    ),
    p.OPPORTUNITIES: pd.DataFrame(
        {"Product": ["Standard"], "State": ["Whitespace"], "Amount": [40_000.0]}
    ),
    p.ACTIONS: pd.DataFrame(
        {
            "Action": ["Measure hours at depot one", "Present the result"],
            "Objective": ["1", 1.0],
            "Owner": ["Rep North 1", "Service lead"],
            "Due": [datetime(2026, 7, 1), datetime(2026, 12, 31)],
            "State": ["Open", "Doing"],
        }
    ),
    p.TEAM: pd.DataFrame({"Function": ["Service"], "Member": ["Service lead"]}),
}
CELLS = {
    "position": "C6",
    "strategy": "C60",
    "play": "C59",
    "revenue_target": "C38",
    "objective_1": "C39",
    "objective_2": "C40",
    "risks": "C64",
    "contacts": "B12",
    "contacts.Role": "D12",
    "contacts.Support": "F12",
    "actions": "B45",
    "actions.Action": "B45",
    "actions.Owner": "D45",
    "actions.Due": "E45",
    "opportunities.State": "D25",
    "opportunities.Product": "B25",
    "state": "C77",
    "feedback": "C80",
}
GOOD_PLAN = p.Plan(
    "A-1",
    "Alder Foods",
    "Rep North 1",
    FIELDS,
    TABLES,
    CELLS,
    quadrant=w.SLAM_DUNK,
    potential_money=100_000.0,
    status=w.ACTIVE,
)


def with_fields(plan: p.Plan, **fields: object) -> p.Plan:
    return dataclasses.replace(plan, fields={**plan.fields, **fields})


def with_cell(table: str, row: int, column: str, value: object) -> p.Plan:
    rows = TABLES[table].astype(object).copy()
    rows.loc[row, column] = value
    return dataclasses.replace(GOOD_PLAN, tables={**TABLES, table: rows})


def check(plan: p.Plan, fields: tuple[p.PlanField, ...] = p.PLAN_FIELDS) -> p.PlanCheck:
    return p.check_plan(plan, fields, p.PLAN_RULES, TODAY, *YEAR)


def rule(key: str, **changes: object) -> tuple[p.PlanRule, ...]:
    chosen = next(each for each in p.PLAN_RULES if each.key == key)
    return (dataclasses.replace(chosen, **changes),)  # type: ignore[arg-type]


# --- fields -------------------------------------------------------------------


def test_every_prompt_is_short_and_no_example_is_filler() -> None:
    for each in p.PLAN_FIELDS:
        assert 0 < len(each.prompt) <= 200
        assert p.is_filled(each.example)
        assert each.example == p.trimmed(each.example), "the native formula compares it untrimmed"


def test_examples_of_required_texts_are_not_thin_themselves() -> None:
    bound = next(each.bound for each in p.PLAN_RULES if each.key == "thin")
    texts = [each for each in p.PLAN_FIELDS if each.kind == p.TEXT]
    assert all(len(each.example) >= bound for each in texts)


def test_sections_stand_together_on_the_tab() -> None:
    sections = [each.section for each in p.PLAN_FIELDS]
    assert len(list(itertools.groupby(sections))) == len(set(sections))


def test_filler_words_are_what_the_formula_compares_with() -> None:
    assert len(set(p.FILLER_WORDS)) == len(p.FILLER_WORDS)
    for each in p.FILLER_WORDS:
        assert each == p.trimmed(each).lower() and len(each) > 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"requirement": "maybe"}, "maybe"),
        ({"kind": "picture"}, "picture"),
        ({"kind": "table", "key": "pets"}, "no such table"),
        ({"kind": "list", "choices": ()}, "without choices"),
        ({"kind": "list", "choices": ("Grow",), "example": "Grow"}, "one of the choices"),
    ],
)
def test_a_field_that_does_not_fit_together_is_refused(
    changes: Mapping[str, object], word: str
) -> None:
    with pytest.raises(SettingsError, match=word):
        dataclasses.replace(p.PLAN_FIELDS[0], **changes)  # type: ignore[arg-type]


def test_two_fields_of_one_key_are_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="position stands there more than once"):
        p.completeness(GOOD_PLAN, (*p.PLAN_FIELDS, p.PLAN_FIELDS[0]))


# --- filled -------------------------------------------------------------------

BLANKS = st.text(alphabet=" \t\n\r\u00a0", max_size=8)


@given(BLANKS, st.sampled_from(["", "x", "?", "…", *p.FILLER_WORDS]), BLANKS)
def test_blanks_around_filler_never_fill_a_cell(before: str, filler: str, after: str) -> None:
    assert not p.is_filled(before + filler + after)
    assert not p.is_filled(before + filler.upper() + after)


@given(BLANKS, BLANKS)
def test_the_example_with_other_blanks_and_capitals_is_not_filled(a: str, b: str) -> None:
    example = "Prove weekend service first."
    typed = a + example.upper().replace(" ", f" {b}") + a
    assert not p.is_filled(typed, example)
    assert p.is_filled(typed + "x", example)


@pytest.mark.parametrize(
    "value", [0, 0.0, -1.5, True, date(2026, 7, 1), pd.Timestamp("2026-07-01")]
)
def test_numbers_and_dates_are_filled(value: object) -> None:
    assert p.is_filled(value)


@pytest.mark.parametrize("value", [None, np.nan, pd.NaT, pd.NA, np.datetime64("NaT")])
def test_missing_values_are_not_filled(value: object) -> None:
    assert not p.is_filled(value)


CELL_VALUES = st.one_of(
    st.none(),
    st.floats(),
    st.datetimes(),
    st.just(pd.NaT),
    st.text(max_size=6),
    st.sampled_from(p.FILLER_WORDS),
)


@given(st.lists(CELL_VALUES))
def test_filled_equals_is_filled_value_by_value(values: list[object]) -> None:
    found = p.filled(pd.Series(values, dtype=object), "example")
    assert found.tolist() == [p.is_filled(value, "example") for value in values]
    assert found.dtype == bool


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series([1.0, np.nan]), [True, False]),
        (pd.Series([pd.Timestamp("2026-07-01"), pd.NaT]), [True, False]),
        (pd.Series(["tbd", "an answer"], dtype="string"), [False, True]),
        (pd.Series([], dtype=object), []),
    ],
)
def test_filled_reads_typed_columns(values: "pd.Series[object]", expected: list[bool]) -> None:
    assert p.filled(values).tolist() == expected


@pytest.mark.parametrize(
    "value", ["a lot", "120,000", "about 60k", True, None, np.nan, "tbd", pd.NaT]
)
def test_only_a_number_is_an_answer_where_money_is_asked_for(value: object) -> None:
    assert not p.is_answer(value, p.MONEY)


@pytest.mark.parametrize(
    "value", ["soon", "2026-09-30", 0, -4.0, 0.5, 2_958_466, date(1899, 12, 30)]
)
def test_only_a_day_that_a_spreadsheet_knows_is_an_answer_where_a_date_is_asked_for(
    value: object,
) -> None:
    assert not p.is_answer(value, p.DATE)


@pytest.mark.parametrize("value", [0, -1.5, np.float64(3), date(2026, 9, 30)])
def test_what_a_spreadsheet_keeps_as_a_number_is_an_answer_of_money(value: object) -> None:
    assert p.is_answer(value, p.MONEY)


@given(st.lists(CELL_VALUES), st.sampled_from([p.TEXT, p.MONEY, p.DATE, p.LIST]))
def test_answers_equals_is_answer_value_by_value(values: list[object], kind: str) -> None:
    found = p.answers(pd.Series(values, dtype=object), kind, "example")
    assert found.tolist() == [p.is_answer(value, kind, "example") for value in values]


# --- rows ---------------------------------------------------------------------


def test_row_flags_name_what_is_missing() -> None:
    rows = pd.DataFrame(
        {
            "Action": ["Call them", "Call them", "tbd", "", "\u00a0", ""],
            "Owner": ["Rep North 1", "", "", "", " ", ""],
            "Due": [datetime(2026, 8, 1), pd.NaT, pd.NaT, pd.NaT, pd.NaT, pd.NaT],
            "State": ["", "", "", "", "\t", "Open"],
        }
    )
    assert p.row_flags(p.ACTIONS, rows).tolist() == [
        "ok",
        "owner, date missing",
        "action, owner, date missing",
        "",
        "",
        "action, owner, date missing",
    ]


def test_row_flags_count_absent_columns_as_empty() -> None:
    rows = pd.DataFrame({"Name": ["Contact 1"]}, index=[7])
    flags = p.row_flags(p.CONTACTS, rows)
    assert flags.to_dict() == {7: "position, role missing"}


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(ModelInputError, match="pets"):
        p.row_flags("pets", pd.DataFrame())


def test_a_row_formula_needs_a_cell_for_each_needed_column() -> None:
    with pytest.raises(ModelInputError, match="Position, Role"):
        p.row_flag_formula(p.CONTACTS, {"Name": "A1"})


# --- the native twins ----------------------------------------------------------

EXAMPLE = "Prove weekend service first, then offer one contract."
NASTY: list[object] = [
    *("", " ", "  \u00a0 ", "\t\n", "\r\r", "a", " a ", "ab", "é", "éé", "日", "日本", "ß", "ßß"),
    *(
        "TBD",
        " tbd ",
        "tBd.",
        "\u00a0xxx\u00a0",
        "XXX\n",
        "n/a",
        "N/A",
        "nA\t",
        "none",
        "None of it",
    ),
    *("?", "??", "???", "a?", "t?d", "tb?", "*", "**", "***", "t*", "*bd", "~", "~~", "~?", "xx?"),
    *("to  do", "to\u00a0do", "to\ndo", "to do it", "don't know", '""', '"', "'quoted", "=1+1"),
    *("-", "--", "- -", "...", "....", ".......", "…", "……", "<>", "<b>", "&amp;", "#N/A", "#n/a?"),
    *("0", "12", "1,000", "TRUE", "later", "LATER", "later on", "ok", "Okay", "co-op", "T B D"),
    *(EXAMPLE, EXAMPLE.upper(), f"  {EXAMPLE}\n", EXAMPLE.replace(" ", "\u00a0"), EXAMPLE + "!"),
    *("x" * 5000, "\u2003\u2003", "tbd\u200b", "😀", "😀😀", 5, 0, -1.5, True, None),
    datetime(2026, 7, 1),
]


class Sheet:
    """A workbook with inputs and the native formulas over them."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(str(path))
        self._sheet = self._book.add_worksheet("Plan")
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        words = self._book.add_worksheet("Words")
        for row, word in enumerate(p.FILLER_WORDS):
            words.write_string(row, 0, word)
        words.write_string(0, 1, EXAMPLE)
        self._book.define_name("FillerWords", f"=Words!$A$1:$A${len(p.FILLER_WORDS)}")

    def put(self, cell: str, value: object) -> None:
        if isinstance(value, datetime):
            self._sheet.write_datetime(cell, value, self._date)
        elif isinstance(value, bool):
            self._sheet.write_boolean(cell, value)
        elif isinstance(value, str):
            self._sheet.write_string(cell, value)
        elif value is not None and value is not pd.NaT:
            self._sheet.write_number(cell, value)

    def formula(self, cell: str, text: str) -> None:
        self._sheet.write_formula(cell, f"={text}")

    def close(self) -> None:
        self._book.close()


def test_the_native_rule_for_a_filled_cell_equals_python(tmp_path: Path, office: Office) -> None:
    path = tmp_path / "filled.xlsx"
    sheet = Sheet(path)
    for row, value in enumerate(NASTY, start=1):
        sheet.put(f"A{row}", value)
        sheet.formula(f"B{row}", p.filled_formula(f"A{row}", "Words!$B$1"))
        sheet.formula(f"C{row}", p.filled_formula(f"A{row}"))
    sheet.formula("A200", "NA()")
    sheet.formula("B200", p.filled_formula("A200"))
    sheet.close()

    cells = office.recalculate(path)["Plan"]
    for row, value in enumerate(NASTY, start=1):
        assert cells[f"B{row}"] == float(p.is_filled(value, EXAMPLE)), repr(value)
        assert cells[f"C{row}"] == float(p.is_filled(value)), repr(value)
    assert cells["B200"] == 0.0, "a cell in error is no answer"


@pytest.mark.parametrize("kind", [p.TEXT, p.MONEY, p.DATE, p.LIST])
def test_the_native_rule_for_an_answer_of_its_kind_equals_python(
    tmp_path: Path, office: Office, kind: str
) -> None:
    # Calc takes TRUE for a number, Excel and Python do not.
    values = [each for each in (*NASTY, 0.5, 1, 2_958_465, 2_958_466) if each is not True]
    path = tmp_path / "answers.xlsx"
    sheet = Sheet(path)
    for row, value in enumerate(values, start=1):
        sheet.put(f"A{row}", value)
        sheet.formula(f"B{row}", p.answer_formula(f"A{row}", kind, "Words!$B$1"))
    sheet.formula("A200", "NA()")
    sheet.formula("B200", p.answer_formula("A200", kind))
    sheet.close()

    cells = office.recalculate(path)["Plan"]
    for row, value in enumerate(values, start=1):
        assert cells[f"B{row}"] == float(p.is_answer(value, kind, EXAMPLE)), repr(value)
    assert cells["B200"] == 0.0, "a cell in error is no answer"


@pytest.mark.parametrize("table", list(p.PLAN_TABLES))
def test_the_native_row_flag_equals_python(tmp_path: Path, office: Office, table: str) -> None:
    columns = p.PLAN_TABLES[table]
    kinds: list[object] = ["An answer", "", "tbd", "\u00a0", "?", None, 12.5, datetime(2026, 8, 1)]
    generator = np.random.default_rng(7)
    picks = generator.integers(len(kinds), size=(60, len(columns)))
    picks[0], picks[1] = 0, 1
    rows = pd.DataFrame(
        [[kinds[pick] for pick in row] for row in picks],
        columns=[column.name for column in columns],
        dtype=object,
    )
    path = tmp_path / "rows.xlsx"
    sheet = Sheet(path)
    for number, values in enumerate(rows.to_numpy().tolist(), start=1):
        refs = {column.name: f"{chr(65 + at)}{number}" for at, column in enumerate(columns)}
        for ref, value in zip(refs.values(), values, strict=True):
            sheet.put(ref, value)
        sheet.formula(f"Z{number}", p.row_flag_formula(table, refs))
    sheet.close()

    cells = office.recalculate(path)["Plan"]
    expected = p.row_flags(table, rows).tolist()
    assert [cells[f"Z{number}"] for number in range(1, len(rows) + 1)] == expected
    assert {"ok", ""} <= set(expected)


def test_native_formulas_stay_within_what_excel_takes() -> None:
    for table, columns in p.PLAN_TABLES.items():
        refs = {each.name: f"Opportunities99[[#This Row],[{each.name}]]" for each in columns}
        assert len(p.row_flag_formula(table, refs)) < 8192


# --- complete -------------------------------------------------------------------


def test_a_full_plan_is_complete() -> None:
    found = p.completeness(GOOD_PLAN)
    assert (found.share, found.missing) == (1.0, ())
    assert found.filled["contacts"] and not found.filled["risks"]


def test_missing_names_the_required_fields_in_the_order_of_the_tab() -> None:
    plan = with_fields(GOOD_PLAN, strategy=" tbd", position=None)
    plan = dataclasses.replace(plan, tables={**TABLES, p.ACTIONS: TABLES[p.ACTIONS].iloc[:0]})
    found = p.completeness(plan)
    assert found.missing == ("Where we stand today", "Actions", "Strategy")
    # Nine fields are required by default, and three of them are not filled.
    assert found.share == pytest.approx(6 / 9, abs=1e-9)


def test_an_empty_plan_is_zero_complete() -> None:
    assert p.completeness(p.Plan("A-1", "Alder Foods")).share == 0.0


def test_a_table_counts_only_with_a_complete_row() -> None:
    found = p.completeness(with_cell(p.CONTACTS, 0, "Role", ""))
    assert found.filled["contacts"]
    plan = with_cell(p.CONTACTS, 0, "Role", "")
    half = plan.tables[p.CONTACTS].iloc[:1]
    found = p.completeness(dataclasses.replace(plan, tables={**TABLES, p.CONTACTS: half}))
    assert not found.filled["contacts"]


def test_nothing_required_is_complete() -> None:
    fields = [dataclasses.replace(each, requirement=p.WANTED) for each in p.PLAN_FIELDS]
    assert p.completeness(p.Plan("A-1", "Alder Foods"), fields).share == 1.0


def test_a_field_that_is_off_is_ignored() -> None:
    fields = [
        dataclasses.replace(each, requirement=p.OFF) if each.key == "strategy" else each
        for each in p.PLAN_FIELDS
    ]
    found = p.completeness(with_fields(GOOD_PLAN, strategy=""), fields)
    assert found.share == 1.0 and "strategy" not in found.filled


FIELD_VALUES = st.dictionaries(
    st.sampled_from([each.key for each in p.PLAN_FIELDS if each.kind != p.TABLE]),
    st.one_of(st.none(), st.floats(), st.sampled_from(["", "tbd", "x", "An answer"])),
)


@given(FIELD_VALUES, st.sampled_from([each.key for each in p.PLAN_FIELDS if each.kind != p.TABLE]))
def test_filling_a_field_never_lowers_completeness(values: dict[str, object], key: str) -> None:
    answer: object = 60_000.0 if key == p.TARGET_KEY else "Answered"
    before = p.completeness(p.Plan("A-1", "Alder Foods", fields=values)).share
    after = p.completeness(p.Plan("A-1", "Alder Foods", fields={**values, key: answer})).share
    assert 0.0 <= before <= after <= 1.0


def test_completeness_of_many_plans_equals_that_of_each() -> None:
    variants = [GOOD_PLAN, with_fields(GOOD_PLAN, strategy="?"), p.Plan("A-2", "Birch")]
    frame = pd.DataFrame([plan.fields for plan in variants], index=["a", "b", "c"])
    frame[p.CONTACTS], frame[p.ACTIONS] = [2, 1, 0], [2.0, 2.0, np.nan]
    found = p.plan_completeness(frame)
    each = [p.completeness(plan) for plan in variants]
    assert found[p.COMPLETE].tolist() == [one.share for one in each]
    assert found[p.MISSING].tolist() == [", ".join(one.missing) for one in each]
    assert found.index.tolist() == ["a", "b", "c"]


def test_completeness_of_no_plans_is_an_empty_table() -> None:
    found = p.plan_completeness(pd.DataFrame(columns=["position"]))
    assert found.columns.tolist() == [p.COMPLETE, p.MISSING] and found.empty


# --- good -----------------------------------------------------------------------


def test_a_good_plan_has_no_findings() -> None:
    found = check(GOOD_PLAN)
    assert found.findings == () and found.complete and found.good


# What is planted, the rule that must find it, the cell it must name, words of
# what is wrong, and whether the plan may still be called good.
PLANTED: list[tuple[p.Plan, str, str, str, bool]] = [
    (with_cell(p.CONTACTS, 0, "Last contact", "in May"), "entry", "B12", "'in May'", False),
    (with_fields(GOOD_PLAN, play="Farm"), "entry", "C59", "'Farm'", False),
    (
        with_cell(p.ACTIONS, 1, "Due", "next week"),
        "action_incomplete",
        "E46",
        "Row 2 of actions: date missing; 'next week' is no date",
        False,
    ),
    (with_cell(p.OPPORTUNITIES, 0, "State", "Hot"), "entry", "D25", "'Hot'", False),
    (with_fields(GOOD_PLAN, risks="t.b.d."), "filler", "C64", "only 't.b.d.'", True),
    (with_fields(GOOD_PLAN, strategy="Sell them more"), "thin", "C60", "14 characters", False),
    (with_cell(p.ACTIONS, 1, "Objective", "2"), "few_actions", "C39", ": 1", False),
    (
        with_fields(GOOD_PLAN, objective_2="Win the third depot by the end of the year."),
        "few_actions",
        "C40",
        "Objective 2': none",
        False,
    ),
    (with_cell(p.ACTIONS, 1, "Owner", "?"), "action_incomplete", "D46", "owner missing", False),
    (with_cell(p.ACTIONS, 0, "Due", pd.NaT), "action_incomplete", "E45", "date missing", False),
    (with_cell(p.CONTACTS, 1, "Role", ""), "row_incomplete", "D13", "role missing", True),
    (
        with_cell(p.OPPORTUNITIES, 0, "Product", "n/a"),
        "row_incomplete",
        "B25",
        "product missing",
        True,
    ),
    (with_cell(p.ACTIONS, 0, "Due", datetime(2026, 6, 30)), "action_past", "E45", "06-30", False),
    (with_cell(p.ACTIONS, 1, "Due", date(2027, 1, 1)), "action_outside", "E46", "2027", False),
    (with_cell(p.ACTIONS, 1, "Due", datetime(3026, 7, 1)), "action_outside", "E46", "3026", False),
    (with_cell(p.CONTACTS, 0, "Role", "Influences"), "nobody_decides", "D12", "none of 2", False),
    (with_cell(p.CONTACTS, 0, "Support", "Neutral"), "no_supporter", "F12", "none of 1", True),
    (with_fields(GOOD_PLAN, revenue_target=100_001.0), "target_high", "C38", "100%", False),
    (with_fields(GOOD_PLAN, revenue_target=9_999.0), "target_low", "C38", "under 10%", True),
    (with_fields(GOOD_PLAN, play="Exit"), "play_contradicts", "C59", "Slam dunk", False),
    (
        dataclasses.replace(GOOD_PLAN, state=p.RETURNED, returned=p.fingerprint(GOOD_PLAN)),
        "unchanged",
        "C80",
        "Nothing changed",
        False,
    ),
    (
        dataclasses.replace(GOOD_PLAN, state=p.APPROVED, stamp="0123456789abcdef"),
        "changed_since",
        "C77",
        "since it was approved",
        True,
    ),
]


@pytest.mark.parametrize(
    ("plan", "key", "cell", "what", "good"), PLANTED, ids=[f"{x[1]}-{x[3]}" for x in PLANTED]
)
def test_a_planted_defect_is_the_one_finding(
    plan: p.Plan, key: str, cell: str, what: str, good: bool
) -> None:
    found = check(plan)
    assert [each.rule for each in found.findings] == [key]
    finding = found.findings[0]
    assert (finding.kind, finding.cell) == (p.QUALITY, cell)
    assert what in finding.what
    assert finding.mend.endswith(".")
    assert found.good is good


def test_every_rule_has_a_planted_defect() -> None:
    tested = {planted[1] for planted in PLANTED} | {"copied"}
    assert tested == {each.key for each in p.PLAN_RULES}


@pytest.mark.parametrize(
    "plan",
    [
        with_fields(GOOD_PLAN, revenue_target=100_000.0),
        with_fields(GOOD_PLAN, revenue_target=10_000.0),
        with_fields(GOOD_PLAN, strategy="x" * 20),
        with_fields(GOOD_PLAN, play=" grow "),
        with_cell(p.CONTACTS, 0, "Role", "Controls budget"),
        with_cell(p.ACTIONS, 0, "Due", 46204.0),
    ],
    ids=["all potential", "tenth of potential", "20 characters", "case", "budget", "day number"],
)
def test_values_on_the_right_side_of_a_bound_are_no_finding(plan: p.Plan) -> None:
    assert check(plan).findings == ()


def test_a_done_action_may_lie_in_the_past() -> None:
    rows = TABLES[p.ACTIONS].assign(State="Done", Due=datetime(2025, 3, 1))
    assert check(dataclasses.replace(GOOD_PLAN, tables={**TABLES, p.ACTIONS: rows})).findings == ()


def test_an_action_before_the_year_is_outside_when_planning_ahead() -> None:
    plan = with_cell(p.ACTIONS, 0, "Due", date(2025, 12, 31))
    found = p.check_plan(plan, p.PLAN_FIELDS, p.PLAN_RULES, date(2025, 12, 1), *YEAR)
    assert [(each.rule, each.cell) for each in found.findings] == [("action_outside", "E45")]


def test_plays_that_only_serve_may_aim_low() -> None:
    plan = dataclasses.replace(
        with_fields(GOOD_PLAN, play="Maintain", revenue_target=100.0), quadrant=w.QUICK_WIN
    )
    assert check(plan).findings == ()


@pytest.mark.parametrize(
    ("quadrant", "fitting"),
    [
        (w.SLAM_DUNK, {"Grow", "Win"}),
        (w.BIG_BET, {"Grow", "Win"}),
        (w.QUICK_WIN, {"Grow", "Win", "Maintain"}),
        (w.SKIP, {"Maintain", "Exit"}),
        (w.NOT_ENOUGH_DATA, set(p.PLAYS)),
        ("", set(p.PLAYS)),
    ],
)
def test_plays_fit_their_quadrants(quadrant: str, fitting: set[str]) -> None:
    def fits(play: str) -> bool:
        plan = dataclasses.replace(with_fields(GOOD_PLAN, play=play), quadrant=quadrant)
        rules = rule("play_contradicts")
        return not p.check_plan(plan, p.PLAN_FIELDS, rules, TODAY, *YEAR).findings

    assert {play for play in p.PLAYS if fits(play)} == fitting


def test_target_rules_rest_where_the_potential_is_not_known() -> None:
    plan = with_fields(GOOD_PLAN, revenue_target=10_000_000.0)
    assert check(dataclasses.replace(plan, potential_money=np.nan)).findings == ()


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("", "is empty"),
        (None, "is empty"),
        ("\u00a0", "is empty"),
        (" TBD ", "holds only 'TBD'"),
        (p.PLAN_FIELDS[0].example.upper(), "still holds the example"),
    ],
)
def test_a_required_field_that_is_not_filled_is_incomplete(value: object, what: str) -> None:
    found = check(with_fields(GOOD_PLAN, position=value))
    assert found.findings == (
        p.Finding(
            p.INCOMPLETE,
            True,
            p.REQUIRED_RULE,
            "C6",
            f"'Where we stand today' {what}",
            p.PLAN_FIELDS[0].prompt,
        ),
    )
    assert not found.complete and not found.good


def test_a_required_figure_of_the_wrong_kind_is_missing_and_says_what_is_wanted() -> None:
    found = check(with_fields(GOOD_PLAN, revenue_target="a lot"))
    assert found.completeness.missing == ("Revenue target",)
    assert found.findings == (
        p.Finding(
            p.INCOMPLETE,
            True,
            p.REQUIRED_RULE,
            "C38",
            "'Revenue target' holds 'a lot', which is no number",
            "Type a plain number, such as 120000.",
        ),
    )


def test_a_wanted_figure_of_the_wrong_kind_is_no_filler() -> None:
    fields = tuple(
        dataclasses.replace(each, requirement=p.WANTED) if each.key == p.TARGET_KEY else each
        for each in p.PLAN_FIELDS
    )
    for value, rule_key in (("a lot", "entry"), ("tbd", "filler"), (60_000, None)):
        found = check(with_fields(GOOD_PLAN, revenue_target=value), fields)
        assert [each.rule for each in found.findings] == ([rule_key] if rule_key else [])
        assert found.complete


def test_a_required_table_says_whether_it_was_started() -> None:
    contacts = pd.DataFrame({"Name": ["Contact 1"]})
    started = dataclasses.replace(GOOD_PLAN, tables={**TABLES, p.CONTACTS: contacts})
    empty = dataclasses.replace(GOOD_PLAN, tables={**TABLES, p.CONTACTS: contacts.iloc[:0]})
    assert check(started).findings[0].what == "'Contacts' has no complete row"
    assert check(empty).findings[0].what == "'Contacts' is empty"


def test_findings_without_cells_still_say_what_and_mend() -> None:
    plan = dataclasses.replace(with_fields(GOOD_PLAN, position=""), cells={})
    finding = check(plan).findings[0]
    assert finding.cell == "" and finding.what and finding.mend


def test_a_finding_finds_its_row_where_blank_rows_were_left_out() -> None:
    rows = TABLES[p.ACTIONS].assign(Owner=["Rep North 1", ""])
    rows.index = pd.Index([0, 9])
    found = check(dataclasses.replace(GOOD_PLAN, tables={**TABLES, p.ACTIONS: rows}))
    assert [each.cell for each in found.findings] == ["D54"]


def test_rules_for_tables_that_are_off_rest() -> None:
    fields = tuple(
        dataclasses.replace(each, requirement=p.OFF) if each.kind == p.TABLE else each
        for each in p.PLAN_FIELDS
    )
    assert check(dataclasses.replace(GOOD_PLAN, tables={}), fields).findings == ()


def test_bounds_and_seriousness_are_settings() -> None:
    plan = with_cell(p.ACTIONS, 0, "Due", date(2026, 6, 24))
    week = rule("action_past", bound=7)
    assert not p.check_plan(plan, p.PLAN_FIELDS, week, TODAY, *YEAR).findings
    lenient = rule("action_past", bound=6, serious=False)
    found = p.check_plan(plan, p.PLAN_FIELDS, lenient, TODAY, *YEAR)
    assert [each.serious for each in found.findings] == [False] and found.good


def test_a_rule_without_its_bound_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"thin: .* characters"):
        rule("thin", bound=np.nan)


def test_an_unknown_rule_is_refused_by_name() -> None:
    rules = [dataclasses.replace(p.PLAN_RULES[0], key="nice")]
    with pytest.raises(SettingsError, match="nice"):
        p.check_plan(GOOD_PLAN, p.PLAN_FIELDS, rules, TODAY, *YEAR)


# --- across plans -----------------------------------------------------------------


def at_another_account(number: int) -> p.Plan:
    texts = {
        each.key: f"Text {number * 'i'} of its own, as long as honest answers are, {each.key}"
        for each in p.PLAN_FIELDS
        if each.kind == p.TEXT and each.requirement == p.REQUIRED
    }
    plan = dataclasses.replace(GOOD_PLAN, account_id=f"B-{number}", account=f"Birch {number}")
    return with_fields(plan, **texts)


def check_all(*plans: p.Plan) -> list[list[tuple[str, str, str]]]:
    found = p.check_plans(plans, p.PLAN_FIELDS, p.PLAN_RULES, TODAY, *YEAR)
    return [[(each.rule, each.cell, each.what) for each in one.findings] for one in found]


def test_plans_of_their_own_words_are_no_copies() -> None:
    assert check_all(GOOD_PLAN, at_another_account(1), at_another_account(2)) == [[], [], []]


def test_a_copied_text_is_found_in_every_plan_that_holds_it() -> None:
    text = "Show the saved hours at depot one; then let the DEPOT lead present them"
    copy = with_fields(at_another_account(1), strategy=text)
    third = with_fields(at_another_account(2), risks=text)
    assert check_all(GOOD_PLAN, copy, third) == [
        [("copied", "C60", "'Strategy' is the same text as in the plan for Birch 1 and 1 more")],
        [
            (
                "copied",
                "C60",
                "'Strategy' is the same text as in the plan for Alder Foods and 1 more",
            )
        ],
        [("copied", "C64", "'Risks' is the same text as in the plan for Alder Foods and 1 more")],
    ]


def test_a_copy_with_only_the_name_exchanged_is_found() -> None:
    text = "Alder Foods trusts our service team and will trust our systems next."
    first = with_fields(GOOD_PLAN, why_fit=text)
    second = with_fields(at_another_account(1), why_fit=text.replace("Alder Foods", "Birch 1"))
    assert [[rule for rule, *_ in one] for one in check_all(first, second)] == [["copied"]] * 2


def test_short_texts_and_versions_of_one_plan_are_no_copies() -> None:
    short = "Renew the yearly contract early."
    first = with_fields(GOOD_PLAN, why_fit=short)
    second = with_fields(at_another_account(1), why_fit=short)
    assert check_all(first, second) == [[], []]
    assert check_all(GOOD_PLAN, dataclasses.replace(GOOD_PLAN, file="other.xlsx")) == [[], []]


def test_checking_together_finds_what_checking_apart_finds() -> None:
    plans = [
        dataclasses.replace(
            plan,
            account_id=f"C-{number}",
            account=f"Cedar {number}",
            fields={
                key: f"{value} {number * 'i'}"
                if key in {"position", "priorities", "objective_1", "why_fit"}
                or (key == "strategy" and len(str(value)) > 20)
                else value
                for key, value in plan.fields.items()
            },
        )
        for number, (plan, *_) in enumerate(PLANTED, start=1)
    ]
    together = p.check_plans(plans, p.PLAN_FIELDS, p.PLAN_RULES, TODAY, *YEAR)
    assert together == [check(plan) for plan in plans]


def test_no_plans_give_no_checks() -> None:
    assert p.check_plans([], p.PLAN_FIELDS, p.PLAN_RULES, TODAY, *YEAR) == []


# --- Which version is this? ---------------------------------------------------------


@pytest.mark.parametrize(
    "same",
    [
        with_fields(GOOD_PLAN, strategy=f"  {FIELDS['strategy']}\n"),
        with_fields(GOOD_PLAN, revenue_target=60_000),
        with_fields(GOOD_PLAN, risks=None, extra=" "),
        with_fields(GOOD_PLAN, feedback="Good.", turned_in_by="Rep North 1"),
        with_cell(p.ACTIONS, 0, "Due", 46204.0),
        with_cell(p.ACTIONS, 0, "Objective", 1.0),
        dataclasses.replace(
            GOOD_PLAN,
            tables={**TABLES, p.ACTIONS: TABLES[p.ACTIONS].set_axis([2, 5])},
            state=p.TURNED_IN,
            turned_in_on=date(2026, 7, 1),
            tab="Other tab",
        ),
    ],
    ids=["blanks", "whole number", "empty", "feedback", "day number", "list number", "moved"],
)
def test_versions_that_read_the_same_have_one_fingerprint(same: p.Plan) -> None:
    assert p.fingerprint(same) == p.fingerprint(GOOD_PLAN)


@pytest.mark.parametrize(
    "other",
    [
        with_fields(GOOD_PLAN, strategy="Sell the hours saved, not the package, to both depots."),
        with_fields(GOOD_PLAN, revenue_target=60_001.0),
        with_fields(GOOD_PLAN, priorities="", risks=FIELDS["priorities"]),
        with_cell(p.ACTIONS, 0, "Due", datetime(2026, 7, 2)),
        with_cell(p.CONTACTS, 1, "Name", "Contact 3"),
        dataclasses.replace(GOOD_PLAN, tables={}),
    ],
    ids=["text", "number", "moved to another field", "date", "cell", "no tables"],
)
def test_a_changed_answer_changes_the_fingerprint(other: p.Plan) -> None:
    assert p.fingerprint(other) != p.fingerprint(GOOD_PLAN)


def test_a_plan_is_changed_since_only_while_it_is_with_the_manager() -> None:
    stamped = dataclasses.replace(GOOD_PLAN, stamp=p.fingerprint(GOOD_PLAN), state=p.TURNED_IN)
    edited = with_fields(stamped, risks="Their new purchasing lead may ask for offers.")
    assert not p.is_changed_since(stamped) and p.is_changed_since(edited)
    for state in (p.DRAFT, p.RETURNED):
        assert not p.is_changed_since(dataclasses.replace(edited, state=state))


def test_an_answered_return_is_a_new_version() -> None:
    returned = dataclasses.replace(GOOD_PLAN, returned=p.fingerprint(GOOD_PLAN), state=p.RETURNED)
    answered = with_fields(returned, risks="Their new purchasing lead may ask for offers.")
    assert check(answered).findings == ()
