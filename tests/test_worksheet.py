"""Do the worksheet functions answer what the model answers, and say what is wrong where it is?

Oracles: the model's own functions on the same numbers (they have tests of their own), examples
worked by hand in the docstrings, and xlwings' code for Windows, which registers and calls the
functions as Excel does.
"""

import datetime as dt
import math
import subprocess
import sys
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.addin.demo import sample_round
from accountplan.udfs import (
    evidence,
    facts,
    funnel,
    money,
    moves,
    odds,
    plans,
    quadrants,
    scoring,
    whitespace,
    worksheet,
)
from accountplan.udfs import words as w
from accountplan.udfs.cells import CellError
from accountplan.udfs.segments import assign_segments
from accountplan.udfs.settings import DEFAULT_ATTRIBUTES, DEFAULT_SEGMENTS
from accountplan.udfs.worksheet import FUNCTIONS, describe, error_reason
from accountplan.workbook_templates.round import Round
from tests.support.excel_functions import DIV0, MISSING, Seen, call_as_excel
from tests.support.formulas import constant, evaluate

FEW = settings(max_examples=60, deadline=None)
EVERY = pytest.mark.parametrize("name", FUNCTIONS)

NAMES = {
    "account_segment",
    "account_score",
    "quadrant",
    "quadrant_grid",
    "risk_profile",
    "win_rate",
    "benchmark",
    "expected_value",
    "expansion",
    "funnel_targets",
    "quota_walk",
    "funnel_reach",
    "quota_odds",
    "deal_odds",
    "timing_plan",
    "quarter_coverage",
    "plan_completeness",
    "error_reason",
    "score_lift",
    "score_why",
    "whitespace",
}


def column(values: Any) -> list[list[Any]]:
    """Values as a column of cells; missing ones are blank."""
    return [["" if value != value else value] for value in list(values)]


def with_headings(frame: pd.DataFrame) -> list[list[Any]]:
    """A frame as a range with its headings; missing values are blank."""
    cells = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return [list(frame.columns), *cells]


def as_cells(frame: pd.DataFrame) -> list[list[Any]]:
    return [["" if cell != cell else cell for cell in row] for row in frame.to_numpy(object)]


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    """The accounts of the sample, as the sheet Accounts holds them."""
    return sample_round().accounts.reset_index(drop=True)


# The functions, as Excel loads them


@pytest.fixture(scope="module")
def excel() -> Seen:
    """What Excel learns of the functions, and what a few calls bring."""
    return call_as_excel(
        [
            ("quadrant", [[[9.0], [None], [DIV0], ["abc"]], [[70.0], [None], [3.0], [3.0]], 5.0]),
            ("quadrant", [[[9.0, 1.0]], [[70.0, 70.0]], 5.0, MISSING]),
            ("quadrant", [9.0, 70.0, 5.0, [[None]]]),
            ("quadrant", [9.0, 70.0, "high", MISSING]),
            ("error_reason", ["quadrant", 9.0, 70.0, "high", MISSING]),
            ("win_rate", [[[1.0], [DIV0]], [[1.0], [1.0]], MISSING, MISSING]),
            ("risk_profile", [[["Skip"]], MISSING]),
        ]
    )


def test_the_functions_are_those_that_were_asked_for() -> None:
    assert set(FUNCTIONS) == NAMES


@EVERY
def test_excel_finds_every_function_in_our_category(name: str, excel: Seen) -> None:
    assert excel["registered"][name]["category"] == "Account Plan"
    assert excel["registered"].keys() == FUNCTIONS.keys()


@EVERY
def test_the_wizard_has_help_for_every_argument(name: str, excel: Seen) -> None:
    """Excel cuts help after 255 characters."""
    told = describe(FUNCTIONS[name])
    helps = excel["registered"][name]["arguments"]
    assert helps == {argument.name: argument.help for argument in told.arguments}
    assert all(text.endswith(".") and len(text) <= 255 for text in helps.values())
    assert 0 < len(told.summary) <= 255


@EVERY
def test_the_example_of_every_function_gives_what_it_says(name: str) -> None:
    told = describe(FUNCTIONS[name])
    assert told.example.startswith(f"={name}(")
    assert evaluate(told.example, FUNCTIONS) == constant(told.gives)


def test_excel_calls_with_ranges_and_the_answers_spill(excel: Seen) -> None:
    assert excel["results"][0] == [["Slam dunk"], [""], ["#DIV/0!"], ["#VALUE!"]]
    assert excel["results"][1] == [["Slam dunk", "Quick win"]]


def test_excel_gets_one_cell_for_single_values(excel: Seen) -> None:
    assert excel["results"][2] == [["Slam dunk"]]
    assert excel["results"][3] == [["#VALUE!"]]
    assert excel["results"][5] == [["#DIV/0!"]]


def test_excel_gets_the_reason_for_the_same_arguments(excel: Seen) -> None:
    assert excel["results"][4] == [
        ["potential_cut: 'high' is no number; type it as one, without separators or currency."]
    ]


def test_excel_gets_whole_numbers_and_texts_in_one_row(excel: Seen) -> None:
    assert excel["results"][6][0][:6] == [w.NO_PROFILE, "", 0, 0, "", ""]


def test_importing_the_functions_adds_little_to_importing_xlwings() -> None:
    """Excel waits for both. The fastest of several runs: the machine has other work, too."""
    code = (
        "import sys, time; sys.modules['polars'] = None; start = time.process_time(); "
        "import xlwings; between = time.process_time(); import accountplan.udfs.worksheet; "
        "print(between - start, time.process_time() - between)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    xlwings, ours = zip(*(map(float, run.stdout.split()) for run in runs), strict=True)
    assert min(ours) < 0.15 * min(xlwings)


# Shapes


@pytest.mark.parametrize(
    ("potential", "likelihood", "answer"),
    [
        (9, 70, "Slam dunk"),
        ([9, 1], [70, 70], ["Slam dunk", "Quick win"]),
        ([[9], [1]], [[70], [70]], [["Slam dunk"], ["Quick win"]]),
        ([[9, 1], [9, 1]], [[70, 70], [3, 3]], [["Slam dunk", "Quick win"], ["Big bet", "Skip"]]),
        (((9,), (1,)), ((70,), (70,)), [["Slam dunk"], ["Quick win"]]),
        ([[9], [1]], 70, [["Slam dunk"], ["Quick win"]]),
        ([[9]], [[70]], [["Slam dunk"]]),
    ],
    ids=["scalars", "row", "column", "block", "tuples", "one likelihood for all", "one cell"],
)
def test_answers_have_the_size_of_what_was_asked(
    potential: object, likelihood: object, answer: object
) -> None:
    assert worksheet.quadrant(potential, likelihood, 5) == answer


def test_ranges_of_different_sizes_are_refused() -> None:
    assert worksheet.quadrant([[9], [1]], [[70], [70], [3]], 5) == CellError.VALUE
    assert error_reason("quadrant", [[9], [1]], [[70], [70], [3]], 5) == (
        "likelihood: it has 3 x 1 cells, and potential has 2 x 1 cells; "
        "give ranges of the same size."
    )
    assert worksheet.quadrant([[9], [1]], [[70, 70]], 5) == CellError.VALUE


def test_rows_of_different_lengths_are_refused() -> None:
    assert worksheet.quadrant([[9, 1], [1]], 70, 5) == CellError.VALUE
    assert "different lengths" in error_reason("quadrant", [[9, 1], [1]], 70, 5)


# Blanks


@pytest.mark.parametrize("blank", [None, "", "  ", "\u00a0", math.nan])
def test_blank_rows_stay_blank(blank: object) -> None:
    potential, likelihood = [[9], [blank], [1]], [[70], [blank], [70]]
    assert worksheet.quadrant(potential, likelihood, 5)[1] == [""]
    assert worksheet.win_rate([[3], [blank]], [[1], [blank]])[1] == [""]
    assert worksheet.expected_value([[3], [blank]], [[1], [blank]])[1] == [""]
    assert worksheet.account_segment(
        [[w.STATUS, w.EMPLOYEES, w.ANNUAL_REVENUE], [blank] * 3, [w.LAPSED, 5, 5]]
    ) == [[""], ["Win back"]]


def test_blank_rows_stay_blank_where_an_argument_for_all_is_wrong() -> None:
    answer = worksheet.expected_value([[3], [None]], [[1], [None]], "half")
    assert answer == [[CellError.VALUE], [""]]


def test_blank_rows_among_accounts_do_not_count() -> None:
    rows = [["Alder", 900, 0.5], ["Birch", 20, 0.3]]
    heads = [["Account", "Employees", "Win rate"]]
    asked = [
        ["Attribute", "Axis", "Weight"],
        ["Employees", w.POTENTIAL, 100],
        ["Win rate", w.LIKELIHOOD, 100],
    ]
    dense = worksheet.account_score(heads + rows, asked, "all", "all")
    loose = [rows[0], ["", None, " "], rows[1], [None] * 3]
    spread = worksheet.account_score(heads + loose, asked, "all", "all")
    assert [spread[0], spread[2]] == dense
    assert spread[1] == spread[3] == [""] * 5


@pytest.mark.parametrize("left_out", [None, "", [[None]], [[""]]])
def test_a_blank_cell_for_an_optional_argument_means_its_default(left_out: object) -> None:
    assert worksheet.quadrant(9, 49, 5, left_out) == w.BIG_BET
    assert worksheet.expected_value(100, 100, left_out, left_out) == 120
    assert worksheet.win_rate(3, 1, left_out, left_out) == worksheet.win_rate(3, 1)
    assert worksheet.quadrant_grid([["Skip"]], left_out)[3] == ["Skip", 1]


def test_a_range_of_headings_alone_gives_one_blank_row() -> None:
    heads = [[w.STATUS, w.EMPLOYEES, w.ANNUAL_REVENUE, w.PRIOR_YEAR_SALES]]
    assert worksheet.account_segment(heads) == [[""]]
    assert worksheet.account_score(heads) == [[""] * 5]
    assert worksheet.benchmark(heads) == [[""] * 4]
    assert worksheet.plan_completeness([["position"]]) == [["", ""]]


# Numbers as text, errors, and what is out of range


@pytest.mark.parametrize(
    ("typed", "number"), [("12.5", 12.5), (" 12 ", 12), ("30%", 0.3), ("1e3", 1000), ("-.5", -0.5)]
)
def test_a_plain_number_typed_as_text_counts(typed: str, number: float) -> None:
    assert worksheet.expected_value(typed, 0, 0, 1) == number


@pytest.mark.parametrize(
    "typed",
    ["many", "1,200", "$5", "1 200", "nan", "inf", "1_000", "0x10", True, dt.date(2026, 1, 5)],
)
def test_what_is_no_plain_number_is_an_error(typed: object) -> None:
    """1,200 is either of two numbers, so it is not guessed."""
    assert worksheet.expected_value(typed, 1, 0.5) == CellError.VALUE
    assert "is no number" in error_reason("expected_value", typed, 1, 0.5)


@pytest.mark.parametrize(
    ("shown", "given_on"),
    [
        *((str(error), error) for error in CellError),
        ("#SPILL!", CellError.VALUE),
        ("#GETTING_DATA", CellError.VALUE),
        (-2146826245, CellError.VALUE),
    ],
)
def test_an_error_in_a_cell_passes_on(shown: object, given_on: CellError) -> None:
    """Excel hands the newer errors over as codes that xlwings does not name."""
    answer = worksheet.quadrant([[9], [shown]], [[70], [70]], 5)
    assert answer == [["Slam dunk"], [given_on]]
    assert "the cell itself shows" in error_reason("quadrant", [[9], [shown]], [[70], [70]], 5)
    assert worksheet.quadrant(9, 70, shown) == given_on
    assert worksheet.quadrant_grid([["Skip"], [shown]]) == given_on
    heads = [w.STATUS, w.EMPLOYEES, w.ANNUAL_REVENUE]
    assert worksheet.account_segment([heads, [w.ACTIVE, shown, 5]]) == given_on


def test_errors_in_columns_that_are_not_asked_for_do_not_matter() -> None:
    rows = [["Note", *(w.STATUS, w.EMPLOYEES, w.ANNUAL_REVENUE)], ["#REF!", w.LAPSED, 5, 5]]
    assert worksheet.account_segment(rows) == [["Win back"]]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("quadrant", (9, 101, 5)),
        ("quadrant", (9, 70, -5)),
        ("quadrant", (9, 70, 5, 500)),
        ("win_rate", (-1, 1)),
        ("win_rate", (1, 1, 30, 10)),
        ("expected_value", (9, -1)),
        ("expected_value", (9, 9, 30)),
        ("expected_value", (9, 9, 0.3, 90)),
        ("funnel_targets", (9, 9, [["Calls", 0.5]], -2)),
        ("account_score", ([["Win rate", "Status"], [1, "Active"]], None, None, None, 50)),
    ],
)
def test_a_number_out_of_range_is_a_number_error(name: str, arguments: tuple[Any, ...]) -> None:
    assert FUNCTIONS[name](*arguments) == CellError.NUM
    assert "is out of range; give" in error_reason(name, *arguments)


def test_errors_are_no_plain_text_for_python_either() -> None:
    answer = worksheet.quadrant("many", 70, 5)
    assert isinstance(answer, CellError)


def test_a_wrong_cell_spoils_its_own_row_only_where_rows_stand_alone() -> None:
    assert worksheet.win_rate([[3], ["x"]], [[1], [1]], 0.5, 10)[0] == [0.571428571]
    assert worksheet.win_rate([[3], ["x"]], [[1], [1]]) == CellError.VALUE


# Each function against the model


def test_account_segment_is_the_model_s(accounts: pd.DataFrame) -> None:
    answer = worksheet.account_segment(with_headings(accounts))
    assert answer == column(assign_segments(accounts, DEFAULT_SEGMENTS))
    assert answer == column(accounts[w.SEGMENT])


def test_account_segment_takes_the_tables_of_the_settings_sheet(accounts: pd.DataFrame) -> None:
    """As the sheet writes them: numbers as numbers, sets numbered, blank rows at the end."""
    segments = [["Segment", "Action"], *([s.name, s.action] for s in DEFAULT_SEGMENTS), ["", ""]]
    rules = [
        [s.name, rule.attribute, rule.operator, rule.value, float(number)]
        for s in DEFAULT_SEGMENTS
        for number, rule_set in enumerate(s.rule_sets, start=1)
        for rule in rule_set
    ]
    heads = ["Segment", "Attribute", "Operator", "Value", "Set"]
    typed = [
        [*row[:3], float(row[3]) if str(row[3]).isdigit() else row[3], row[4]] for row in rules
    ]
    answer = worksheet.account_segment(
        with_headings(accounts), segments, [heads, *typed, [None] * 5]
    )
    assert answer == column(accounts[w.SEGMENT])


def test_account_segment_names_what_is_wrong_with_the_rules() -> None:
    rows = [["Employees"], [5], ["few"]]
    segments = [["Segment", "Action"], ["Small", "Call"]]
    heads = ["Segment", "Attribute", "Operator", "Value"]

    def reason(*rule: object) -> str:
        return error_reason("account_segment", rows, segments, [heads, list(rule)])

    assert reason("Small", "Employees", "<", 9) == (
        "accounts, row 3, Employees: 'few' is no number; type it as one, without separators or "
        "currency."
    )
    assert "no column 'Size'; the first row reads: Employees." in reason("Small", "Size", "<", 9)
    assert "there is no segment 'Tiny'" in reason("Tiny", "Employees", "<", 9)
    assert "'about' is not an operator" in reason("Small", "Employees", "about", 9)
    assert "there is no column 'Segment'" in error_reason("account_segment", rows, segments)
    assert worksheet.account_segment(
        rows, segments, [heads, ["Small", "Employees", "is", "few"]]
    ) == [
        ["Other"],
        ["Small"],
    ]


def test_account_score_is_the_model_s(accounts: pd.DataFrame) -> None:
    compare = {w.POTENTIAL: "all", w.LIKELIHOOD: "status"}
    found = scoring.score_accounts(accounts, DEFAULT_ATTRIBUTES, compare=compare)
    score = scoring.combined_score(found.potential, found.likelihood)
    frame = pd.concat(
        [found.potential, found.likelihood, score, found.coverage, scoring.why(found)], axis=1
    )
    assert worksheet.account_score(with_headings(accounts)) == as_cells(frame)


def test_account_score_takes_every_option(accounts: pd.DataFrame) -> None:
    attributes = (
        scoring.Attribute(w.INDUSTRY, w.POTENTIAL, 40, "map", scale={"Energy": 90, "Retail": 20}),
        scoring.Attribute(w.EMPLOYEES, w.POTENTIAL, 60, "bands", scale={"0": 10, "100": 60}),
        scoring.Attribute(w.TENURE, w.LIKELIHOOD, 70, "linear", lower_is_better=True),
        scoring.Attribute(w.WIN_RATE, w.LIKELIHOOD, 30),
    )
    typed = [
        ["Attribute", "Axis", "Weight", "Method", "Lower is better", "Scale", "State"],
        [w.INDUSTRY, w.POTENTIAL, 40.0, "map", "", "Energy=90; Retail=20", "#N/A"],
        [w.EMPLOYEES, w.POTENTIAL, 60.0, "bands", "", "0=10; 100=60", ""],
        [w.TENURE, "likelihood", 70.0, "linear", "yes", "", ""],
        [w.WIN_RATE, w.LIKELIHOOD, 30.0, "", "", "", ""],
        [""] * 7,
    ]
    compare = {w.POTENTIAL: "segment", w.LIKELIHOOD: "book"}
    found = scoring.score_accounts(accounts, attributes, compare=compare, least_coverage=0.7)
    score = scoring.combined_score(found.potential, found.likelihood, 0.8)
    frame = pd.concat(
        [found.potential, found.likelihood, score, found.coverage, scoring.why(found)], axis=1
    )
    answer = worksheet.account_score(
        with_headings(accounts), typed, "Segment", "BOOK", 0.7, [[0.8]]
    )
    assert answer == as_cells(frame)
    assert "" in [row[0] for row in answer]


def test_account_score_names_what_is_wrong() -> None:
    rows = [["Employees", "Status"], [5, "Active"], [9, "Sleeping"]]
    heads = ["Attribute", "Axis", "Weight"]

    def reason(*attributes: list[object], likelihood: str = "all") -> str:
        return error_reason("account_score", rows, [heads, *attributes], "all", likelihood)

    potential: list[object] = ["Employees", w.POTENTIAL, 100]
    assert reason(potential, ["Charm", w.LIKELIHOOD, 100]).startswith(
        "accounts: there is no column 'Charm'"
    )
    assert "Likelihood has no attribute" in reason(potential)
    assert "weights of Potential total 90" in error_reason(
        "account_score",
        [["Employees", "Wins"], [5, 1]],
        [heads, ["Employees", w.POTENTIAL, 90], ["Wins", w.LIKELIHOOD, 100]],
        "all",
        "all",
    )
    assert "'Size' is not known; use one of: Potential, Likelihood." in reason(
        ["Employees", "Size", 100]
    )
    assert "give at least one for each axis" in reason()
    assert error_reason("account_score", rows) == (
        "accounts, row 3, Status: 'Sleeping' is not known; use one of: Active, Lapsed, Pipeline, "
        "Untouched."
    )
    assert "'near' is not known; use one of: all, status" in error_reason(
        "account_score", rows, None, "near"
    )
    assert "no column 'Owner'" in error_reason("account_score", rows, None, "book", "all")


def test_account_score_by_default_goes_by_the_columns_there_are() -> None:
    rows = [["Employees", "Win rate"], [900, 0.5], [20, 0.3]]
    assert worksheet.account_score(rows, None, "all", "all") == [
        [75, 75, 75, 1, "Lifted by Employees (+25.0) and Win rate (+25.0)"],
        [25, 25, 25, 1, "Held back by Win rate (-25.0)"],
    ]


def test_quadrant_is_the_model_s(accounts: pd.DataFrame) -> None:
    scored = accounts[w.LIKELIHOOD].notna()
    cuts = quadrants.find_cuts(accounts[w.POTENTIAL_MONEY], scored, placed_by=w.POTENTIAL_MONEY)
    expected = quadrants.quadrant(accounts[w.POTENTIAL_MONEY], accounts[w.LIKELIHOOD], cuts)
    answer = worksheet.quadrant(
        column(accounts[w.POTENTIAL_MONEY]), column(accounts[w.LIKELIHOOD]), cuts.potential
    )
    nothing = (accounts[w.POTENTIAL_MONEY].isna() & ~scored).to_numpy()
    assert answer == column(np.where(nothing, "", expected))


NUMBERS = st.none() | st.floats(0, 100) | st.sampled_from([0.0, 50.0, 100.0])


@FEW
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20), st.floats(0, 100))
def test_each_account_gets_the_quadrant_that_it_would_get_alone(rows, cut: float) -> None:
    together = worksheet.quadrant(
        [[potential] for potential, _ in rows], [[likelihood] for _, likelihood in rows], cut
    )
    assert together == [[worksheet.quadrant(*row, cut)] for row in rows]


def test_quadrant_needs_a_cut() -> None:
    assert worksheet.quadrant(9, 70, None) == CellError.VALUE
    assert "potential_cut: it is blank" in error_reason("quadrant", 9, 70, None)


def test_quadrant_grid_is_the_model_s(accounts: pd.DataFrame) -> None:
    amounts = [w.EXPECTED_MONEY, w.POTENTIAL_MONEY]
    grid = quadrants.quadrant_grid(accounts[w.QUADRANT], *(accounts[name] for name in amounts))
    answer = worksheet.quadrant_grid(
        column(accounts[w.QUADRANT]),
        [["" if cell != cell else cell for cell in row] for row in accounts[amounts].to_numpy()],
    )
    assert answer == [
        [label, *row] for label, row in zip(grid.index, grid.to_numpy().tolist(), strict=True)
    ]
    assert [row[:2] for row in worksheet.quadrant_grid(column(accounts[w.QUADRANT]))] == [
        row[:2] for row in answer
    ]


def test_quadrant_grid_loses_no_account_and_no_amount() -> None:
    assert worksheet.quadrant_grid([["slam DUNK "], [""]], [[5], [""]])[0] == [w.SLAM_DUNK, 1, 5]
    assert "'Slam-dunk' is not known; use one of: Slam dunk," in error_reason(
        "quadrant_grid", [["Skip"], ["Slam-dunk"]]
    )
    assert error_reason("quadrant_grid", [["Skip"], [""]], [[5], [6]]).startswith("labels, row 2: ")
    assert "amounts as tall" in error_reason("quadrant_grid", [["Skip"], ["Skip"]], [[5]])
    assert error_reason("quadrant_grid", [["Skip"], ["Skip"]], [[5, 1], [6, "x"]]).startswith(
        "amounts, column 2, row 2: 'x' is no number"
    )


def test_risk_profile_is_the_model_s(accounts: pd.DataFrame) -> None:
    found = quadrants.risk_profile(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    labels = column(accounts[w.QUADRANT])
    counts = [found.label, found.share, found.big_bets, found.quick_wins]
    amounts = [found.big_bet_money, found.quick_win_money]
    assert worksheet.risk_profile(labels, column(accounts[w.EXPECTED_MONEY])) == [
        [*counts, *amounts, found.check]
    ]
    assert worksheet.risk_profile(labels) == [[*counts, "", "", found.check]]


def test_win_rate_is_the_model_s(accounts: pd.DataFrame) -> None:
    wins, losses = accounts[w.WINS], accounts[w.LOSSES]
    base, k = facts.base_win_rate(wins, losses).value, facts.shrinkage(wins, losses)
    expected = column(facts.win_rate(wins, losses, base, k))
    assert worksheet.win_rate(column(wins), column(losses)) == expected
    assert worksheet.win_rate(column(wins), column(losses), 0.2, 4) == column(
        facts.win_rate(wins, losses, 0.2, 4)
    )


def test_benchmark_is_the_model_s(accounts: pd.DataFrame) -> None:
    expected = as_cells(money.benchmark(accounts))
    assert worksheet.benchmark(with_headings(accounts)) == expected
    assert any(row[0] != "" for row in expected)


def test_benchmark_needs_sales_status_and_a_size() -> None:
    heads = [w.ACCOUNT_ID, w.STATUS, w.EMPLOYEES, w.PRIOR_YEAR_SALES]
    row = ["A1", "active", 5, 7]
    for at in (1, 3):
        without = [[*heads[:at], *heads[at + 1 :]], [*row[:at], *row[at + 1 :]]]
        assert f"no column '{heads[at]}'" in error_reason("benchmark", without)
    assert "there is no size" in error_reason("benchmark", [heads[:2], row[:2]])
    assert worksheet.benchmark([heads, row]) == [["", 0, "", ""]]


def test_benchmark_without_ids_breaks_ties_by_row() -> None:
    """Sixteen others stand equally near; the last row is the one too many."""
    rows: list[list[object]] = [[w.ACTIVE, 10, float(sales)] for sales in range(17)]
    ids = [f"{number:02}" for number in range(17)]
    heads = [w.STATUS, w.EMPLOYEES, w.PRIOR_YEAR_SALES]
    named = [[w.ACCOUNT_ID, *heads], *([key, *row] for key, row in zip(ids, rows, strict=True))]
    assert worksheet.benchmark([heads, *rows]) == worksheet.benchmark(named)
    assert worksheet.benchmark([heads, *rows])[0] == [12.2, 15, 1, 15]


def test_score_why_is_the_model_s_and_adds_up(accounts: pd.DataFrame) -> None:
    compare = {w.POTENTIAL: "all", w.LIKELIHOOD: "status"}
    model = scoring.score_accounts(accounts, DEFAULT_ATTRIBUTES, compare=compare)
    cells = FUNCTIONS["score_why"](with_headings(accounts))
    points = model.contributions.reindex(columns=[a.name for a in DEFAULT_ATTRIBUTES])
    assert [row[:-1] for row in cells] == as_cells(points)
    assert [row[-1] for row in cells] == scoring.why(model).tolist()
    of_likelihood = [at for at, a in enumerate(DEFAULT_ATTRIBUTES) if a.axis == w.LIKELIHOOD]
    likelihood = model.likelihood - model.likelihood.mean()
    for row, score in zip(cells, likelihood, strict=True):
        if score == score:
            found = sum(row[at] for at in of_likelihood if row[at] != "")
            assert found == pytest.approx(score, abs=1e-6)


def test_expansion_is_the_model_s(accounts: pd.DataFrame) -> None:
    cells = FUNCTIONS["expansion"](
        column(accounts[w.POTENTIAL_MONEY]), column(accounts[w.PRIOR_YEAR_SALES])
    )
    assert cells == column(accounts[w.EXPANSION_MONEY])


def test_whitespace_is_the_model_s(accounts: pd.DataFrame) -> None:
    data = sample_round()
    cells = FUNCTIONS["whitespace"](
        with_headings(accounts), with_headings(data.deals), data.as_of.to_pydatetime()
    )
    model = whitespace.whitespace(accounts, data.deals, data.as_of)
    names = model[w.ACCOUNT_ID].map(accounts.set_index(w.ACCOUNT_ID)[w.ACCOUNT])
    assert len(model) > 10
    assert cells == as_cells(model.assign(**{w.ACCOUNT_ID: names}))


def test_whitespace_says_which_date_is_none() -> None:
    accounts = [[w.ACCOUNT, w.EMPLOYEES], ["A", 5]]
    deals = [[w.ACCOUNT, w.PRODUCT, w.STATE, w.CLOSE_DATE, w.AMOUNT], ["A", "X", "Won", "soon", 1]]
    assert FUNCTIONS["whitespace"](accounts, deals) == CellError.VALUE
    assert "'soon' is no date" in error_reason("whitespace", accounts, deals)
    deals[1][3] = 43000
    assert FUNCTIONS["whitespace"](accounts, deals) == [[""] * 4]


def test_score_lift_is_the_model_s() -> None:
    random = np.random.default_rng(1)
    scores = pd.DataFrame(random.random((300, 2)), columns=["Good", "Bad"])
    money = np.where(random.random(300) < scores["Good"], 100.0, 0.0)
    model = evidence.score_lift(scores, money > 0)
    cells = FUNCTIONS["score_lift"](
        with_headings(scores), [["Won"], *([value] for value in money.tolist())]
    )
    assert [row[0] for row in cells] == ["Good", "Bad"]
    assert [row[2] for row in cells] == model["AUC"].tolist()
    assert [row[-1] for row in cells] == model["Verdict"].tolist()
    assert cells[0][-1] == "finds"


def test_score_lift_wants_an_outcome_for_each_score() -> None:
    assert FUNCTIONS["score_lift"]([["A"], [1], [2]], [["Won"], [1]]) == CellError.VALUE
    assert "both with their headings" in error_reason(
        "score_lift", [["A"], [1], [2]], [["Won"], [1]]
    )


def test_expected_value_is_the_model_s(accounts: pd.DataFrame) -> None:
    sales, expansion = accounts[w.PRIOR_YEAR_SALES], accounts[w.EXPANSION_MONEY]
    found = worksheet.expected_value(column(sales), column(expansion), 0.4, 0.8)
    assert found == column(money.expected_money(sales, expansion, 0.4, 0.8))
    chances = np.linspace(0, 1, len(accounts)).round(9)
    found = worksheet.expected_value(column(sales), column(expansion), column(chances), 0.8)
    assert found == column(money.expected_money(sales, expansion, pd.Series(chances), 0.8))


def test_expected_value_by_default_assumes_what_the_model_assumes() -> None:
    chance, kept = facts.BASE_WIN_RATE_WITHOUT_HISTORY, facts.RETENTION_WITHOUT_HISTORY
    assert worksheet.expected_value(50, 70) == worksheet.expected_value(50, 70, chance, kept)
    helps = {each.name: each.help for each in describe(worksheet.expected_value).arguments}
    assert f"Left out: {chance:.0%}." in helps["win_probability"]
    assert f"Left out: {kept:.0%}." in helps["retention"]


def test_funnel_targets_are_the_model_s() -> None:
    gates = [["Emails", 0.1], ["Calls", "25%"], ["", None], ["Demos", 0.3]]
    found = funnel.funnel_targets(
        70_000,
        9_000,
        [funnel.Gate("Emails", 0.1), funnel.Gate("Calls", 0.25), funnel.Gate("Demos", 0.3)],
        20,
    )
    expected = [[g.gate, g.rate, g.volume, g.per_week] for g in found.gates]
    assert worksheet.funnel_targets(70_000, 9_000, gates, 20) == expected
    assert worksheet.funnel_targets(70_000, 9_000, [*gates, ["Deal", 1]], 20) == expected
    assert worksheet.funnel_targets(70_000, 9_000, [*gates, ["Deal", ""]], 20) == expected


def test_funnel_targets_are_blank_while_something_is_not_known() -> None:
    gates = [["Calls", 0.5]]
    assert worksheet.funnel_targets(None, 10, gates, 2)[0] == ["Calls", 0.5, "", ""]
    assert worksheet.funnel_targets(100, None, gates, 2)[0] == ["Calls", 0.5, "", ""]
    assert worksheet.funnel_targets(100, 10, gates)[0] == ["Calls", 0.5, 20, ""]
    assert worksheet.funnel_targets(-5, 10, gates, 2)[0] == ["Calls", 0.5, 0, 0]


def test_funnel_targets_name_what_is_wrong() -> None:
    def reason(gap: object, average: object, gates: object) -> str:
        return error_reason("funnel_targets", gap, average, gates)

    assert "give two, name and rate" in reason(9, 9, [["Calls"]])
    assert "gates, row 2, Rate: 'half' is no number" in reason(9, 9, [["A", 0.5], ["B", "half"]])
    assert "gate 'Calls': the rate is 5" in reason(9, 9, [["Calls", 5]])
    assert "average deal: it is 0" in reason(9, 0, [["Calls", 0.5]])
    assert "'deal' stands there twice" in reason(9, 9, [["Calls", 0.5], ["Deal", 0.5]])
    assert "gap: 2 x 1 cells were given; give one cell." in reason([[1], [2]], 9, [["Calls", 0.5]])


@pytest.fixture(scope="module")
def round_of_all() -> Round:
    return sample_round()


def test_quota_walk_is_the_model_s(round_of_all: Round) -> None:
    data = round_of_all
    found = worksheet.quota_walk(
        with_headings(data.walk[[w.REP, w.QUOTA]]),
        with_headings(data.accounts),
        with_headings(data.deals),
        data.year.start,
        data.year.end,
        data.retention.value,
    )
    columns = [w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.GAP]
    assert found == as_cells(data.walk[columns])


def test_quota_walk_names_dates_that_are_none() -> None:
    walk = [["Rep", "Quota"], ["Ann", 5.0]]
    accounts = [["Account ID", "Owner", "Status", *[w.PRIOR_YEAR_SALES, w.CLOSED_THIS_YEAR]]]
    accounts[0].append(w.WEIGHTED_PIPELINE)
    deals = [[w.PATH_OF, w.ACCOUNT_ID, w.STATE, w.CLOSE_DATE, w.AMOUNT, w.WEIGHTED]]
    arguments = (walk, accounts, [*deals, ["Ann", "", w.WON, "soon", 5.0, 0.0]])
    asked = (*arguments, "2026-01-01", "2026-12-31")
    assert worksheet.quota_walk(*asked) == CellError.VALUE
    assert error_reason("quota_walk", *asked) == (
        "deals, row 2, Close date: 'soon' is no date; type one, such as 2026-01-31."
    )
    assert "year_end: it is blank" in error_reason("quota_walk", *arguments[:2], deals, 46023, None)


def test_funnel_reach_undoes_funnel_targets() -> None:
    gates = [["Calls", 0.25], ["Demos", 0.3], ["Deal", 1.0]]
    targets = worksheet.funnel_targets(90_000, 10_000, gates, 20)
    for gate, _, _, per_week in targets:
        assert worksheet.funnel_reach(gate, per_week, 10_000, gates, 20) == [
            [pytest.approx(9), pytest.approx(90_000)]
        ]
    late = worksheet.funnel_reach("calls", 6, 10_000, gates, 20, [[3.0], [5.0], [""]])
    assert late == [[pytest.approx(6 * 12 * 0.075), pytest.approx(6 * 12 * 750)]]
    assert worksheet.funnel_reach("Lunch", 6, 10_000, gates, 20) == CellError.VALUE
    assert "use one of: Calls, Demos" in error_reason("funnel_reach", "Lunch", 6, 10_000, gates, 20)


def test_odds_are_the_model_s(round_of_all: Round) -> None:
    data = round_of_all
    deals = data.deals[data.deals[w.WEIGHTED] > 0]
    chances = (deals[w.WEIGHTED] / deals[w.AMOUNT]).to_numpy()
    amounts = deals[w.AMOUNT].to_numpy()
    expected = odds.deal_odds(amounts, chances, 500_000)
    given = column(data.deals[w.AMOUNT]), column(data.deals[w.WEIGHTED])
    assert worksheet.deal_odds(500_000, *given) == [
        [
            pytest.approx(expected.reach),
            pytest.approx(expected.expected),
            *(expected.p10, expected.p50, expected.p90),
        ]
    ]
    found = worksheet.quota_odds([[600_000.0], [400_000.0]], [[500_000.0]], *given, None, 0.0)
    assert found[0][0] == pytest.approx(expected.reach, abs=3 * math.sqrt(0.25 / 10_000))


def test_odds_refuse_what_is_no_chance() -> None:
    assert worksheet.deal_odds(10, [[5.0]], [[6.0]]) == CellError.NUM
    assert "cell 2: it is no share of its amount" in error_reason(
        "deal_odds", 10, [[5.0], [0.0]], [[1.0], [2.0]]
    )


def test_timing_plan_is_the_model_s(round_of_all: Round) -> None:
    data = round_of_all
    found = worksheet.timing_plan(
        with_headings(data.deals), data.year.start, data.as_of, data.cycle.value
    )
    live = data.deals[w.STATE] == w.OPEN
    placed = data.path.placed.set_index(w.DEAL_ID)
    assert [row == ["", "", ""] for row in found] == (~live).tolist()
    for deal, row in zip(data.deals.loc[live, w.DEAL_ID], np.array(found)[live], strict=True):
        assert row[0] == placed.loc[deal, "Quarter"]
        day = pd.Timestamp("1899-12-30") + pd.Timedelta(int(row[1]), "D")
        assert day == placed.loc[deal, "Expected close"]


def test_quarter_coverage_is_the_model_s(round_of_all: Round) -> None:
    data = round_of_all
    plan = data.path
    found = worksheet.quarter_coverage(
        with_headings(plan.quarters.quarters),
        column(plan.coverage["Open amount"]),
        0.4,
        data.today,
    )
    expected = moves.coverage_of(
        plan.quarters.quarters[:4], plan.coverage["Open amount"], 0.4, data.today
    )
    assert found == as_cells(expected[[moves.COVERED, moves.COVERAGE, moves.STAND]])


def test_plan_completeness_is_the_model_s() -> None:
    typed = pd.DataFrame(
        {
            "position": ["Two sites buy from us", "tbd", "#N/A"],
            plans.TARGET_KEY: [5000.0, math.nan, 1.0],
            plans.CONTACTS: [2.0, 0.0, math.nan],
            "Note": ["", "x", "y"],
        }
    )
    expected = as_cells(plans.plan_completeness(typed))
    assert worksheet.plan_completeness(with_headings(typed)) == expected
    labels = {each.key: each.label.upper() for each in plans.PLAN_FIELDS}
    by_label = with_headings(typed.rename(columns=labels))
    assert worksheet.plan_completeness(by_label) == expected


def test_plan_completeness_takes_the_fields_of_the_settings_sheet() -> None:
    answers = [["position"], ["Two sites buy"], [""], ["n/a"]]
    only = [
        ["Key", "Required"],
        *([f.key, "off"] for f in plans.PLAN_FIELDS if f.key != "position"),
    ]
    assert worksheet.plan_completeness(answers, only) == [
        [1, ""],
        ["", ""],
        [0, "Where we stand today"],
    ]
    assert "fields, row 2, Required: 'maybe' is not known" in error_reason(
        "plan_completeness", answers, [["Key", "Required"], ["position", "maybe"]]
    )
    assert "no heading is a field" in error_reason("plan_completeness", [["Colour"], ["red"]])


# Why a cell is in error


def test_the_reason_is_that_nothing_is_wrong_where_nothing_is() -> None:
    assert error_reason("quadrant", 9, 70, 5) == "Nothing is wrong."


def test_the_reasons_name_every_wrong_cell_up_to_ten() -> None:
    reasons = error_reason("quadrant", [[9, "x"], ["y", 9]], [[70, 70], [70, 200]], 5).split("\n")
    assert [reason.split(":")[0] for reason in reasons] == [
        "potential, row 1, column 2",
        "potential, row 2, column 1",
        "likelihood, row 2, column 2",
    ]
    many = error_reason("quadrant", [["x"]] * 25, [[70]] * 25, 5).split("\n")
    assert len(many) == 11
    assert many[-1] == "And 15 more."


def test_a_wrong_cell_for_all_rows_is_named_once() -> None:
    assert error_reason("expected_value", [[1], [2]], [[1], [2]], "half").count("\n") == 0


def test_all_wrong_cells_of_a_column_are_named_where_answers_rest_on_all() -> None:
    rows = [["Employees", "Win rate"], ["few", 0.5], ["many", 0.3], [5, 0.1]]
    reasons = error_reason("account_score", rows, None, "all", "all").split("\n")
    assert [reason.split(":")[0] for reason in reasons] == [
        "accounts, row 2, Employees",
        "accounts, row 3, Employees",
    ]


@pytest.mark.parametrize("name", ["quadrants", "", "error_reason"])
def test_the_reason_for_an_unknown_function_names_those_there_are(name: str) -> None:
    assert error_reason(name, 1).startswith(f"There is no function '{name}'; use one of: account_")


def test_the_reason_for_too_few_arguments_says_how_many_it_takes() -> None:
    assert error_reason("=Quadrant ", 9) == "quadrant takes 3 to 4 arguments; 1 were given."


def test_two_columns_of_one_heading_are_refused() -> None:
    rows = [["Status", "status", "Employees", "Annual revenue"], ["Active", "Lapsed", 1, 1]]
    assert error_reason("account_segment", rows) == (
        "accounts: 'Status' heads two columns; rename one of them."
    )


def test_a_mistake_of_ours_is_not_taken_for_the_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(quadrants, "quadrant", broken)
    with pytest.raises(ZeroDivisionError):
        worksheet.quadrant(9, 70, 5)


# Odd ranges


@pytest.mark.parametrize(
    ("gap", "average", "rate", "error"),
    [
        (9, 0, 0.5, "#NUM!"),
        (9, -1, 0.5, "#NUM!"),
        (9, 3, 0, "#NUM!"),
        (9, 3, 1.5, "#NUM!"),
        (9, 3, None, "#VALUE!"),
        ("x", 3, 0.5, "#VALUE!"),
        ("#N/A", 3, 0.5, "#N/A"),
    ],
)
def test_a_number_out_of_range_is_num_and_a_missing_one_value(
    gap: object, average: object, rate: object, error: str
) -> None:
    assert worksheet.funnel_targets(gap, average, [["Calls", rate]]) == error


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-2146826281, "#DIV/0!"),
        (-2146826246, "#N/A"),
        (-2146826259, "#NAME?"),
        (-2146826288, "#NULL!"),
        (-2146826252, "#NUM!"),
        (-2146826265, "#REF!"),
        (-2146826273, "#VALUE!"),
        (-2146826245, "#VALUE!"),
    ],
)
def test_an_error_that_comes_as_its_number_goes_on_as_itself(code: int, error: str) -> None:
    """The numbers are those of xlwings' own list, the last one is of a newer error."""
    assert worksheet.quadrant([[code], [9.0]], [[70.0], [70.0]], 5.0) == [[error], ["Slam dunk"]]


@pytest.mark.parametrize(
    "cells", [[], [[]], [[None]], [["", " "]], None, ((None,), ("",)), [[float("nan")]]]
)
def test_empty_ranges_of_every_shape_stay_blank(cells: object) -> None:
    answer = worksheet.expected_value(cells, cells)
    rows = answer if isinstance(answer, list) else [answer]
    flat = [cell for row in rows for cell in (row if isinstance(row, list) else [row])]
    assert set(flat) == {""}


def test_a_hundred_thousand_rows_have_their_answers() -> None:
    many = 100_000
    amounts = [[float(number % 1000)] for number in range(many)]
    found = worksheet.quadrant(amounts, [[70.0]] * many, 500.0)
    assert len(found) == many
    assert found[499:501] == [["Quick win"], ["Slam dunk"]]


def test_dates_and_flags_are_no_amounts() -> None:
    cells = [[True], [datetime(2026, 7, 1)], [9.0]]
    found = worksheet.quadrant(cells, [[70.0]] * 3, 5.0)
    assert found == [["#VALUE!"], ["#VALUE!"], ["Slam dunk"]]


def test_without_a_quota_there_is_no_chance_of_reaching_it() -> None:
    assert worksheet.quota_odds(None, 100, [[50], [40]], [[50], [0]]) == [["", 150, 150, 150]]
