"""Do the scores follow from the attributes, and do the reasons add up to the scores?

Oracles: the definitions of the design done with plain loops over one account at a time, pandas'
own rank and quantile, cases by hand, and properties that must hold for any book.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import scoring
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError, SettingsError
from accountplan.udfs.scoring import Attribute, Scores
from accountplan.udfs.settings import DEFAULT_ATTRIBUTES
from tests.support import books

NAN = math.nan
FEW = settings(max_examples=60, deadline=None)
COMPARE = {w.POTENTIAL: "all", w.LIKELIHOOD: "status"}


def score_of(values: Sequence[object], **how: object) -> list[float]:
    attribute = Attribute("X", w.POTENTIAL, 100, **how)  # type: ignore[arg-type]
    column = pd.Series(values)
    return scoring.attribute_scores(column, attribute, np.zeros(len(column), int)).tolist()


# The score of one attribute


def test_percentile_is_100_times_average_rank_less_a_half_over_n() -> None:
    """Ranks 1, 2.5, 2.5, 4 of 4."""
    assert score_of([10.0, 20.0, 20.0, 90.0]) == [12.5, 50, 50, 87.5]
    assert score_of([10.0, NAN, 20.0]) == pytest.approx([25, NAN, 75], nan_ok=True)
    assert score_of([10.0, 20.0], lower_is_better=True) == [75, 25]
    assert score_of([5.0]) == [50]
    assert score_of([5.0] * 7) == [50] * 7


NUMBERS = st.lists(
    st.tuples(
        st.sampled_from([NAN, -1e12, 0.0, 1e-12, 2e-12, 1.0, 3.0, 1e12]) | st.floats(-1e9, 1e9),
        st.integers(0, 3),
    ),
    max_size=30,
)


@FEW
@given(NUMBERS)
def test_percentile_is_what_pandas_ranks_within_each_group(rows) -> None:
    frame = pd.DataFrame(rows, columns=["value", "group"]).astype({"value": float, "group": int})
    ranked = frame.groupby("group")["value"].rank()
    expected = 100 * (ranked - 0.5) / frame.groupby("group")["value"].transform("count")
    found = scoring.percentile_scores(frame["value"].to_numpy(), frame["group"].to_numpy())
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_many_groups_are_kept_apart() -> None:
    """More groups than fit into 16 bits."""
    groups = np.repeat(np.arange(70_000), 2)
    found = scoring.percentile_scores(np.tile([1.0, 2.0], 70_000), groups)
    assert np.array_equal(found, np.tile([25.0, 75.0], 70_000))


def test_linear_runs_between_the_5th_and_the_95th_percentile() -> None:
    """Of 0, 1, ... 100 these are 5 and 95, so 50 is half way and 14 a tenth."""
    found = score_of([float(number) for number in range(101)], method="linear")
    assert [found[number] for number in (0, 5, 14, 50, 95, 100)] == [0, 0, 10, 50, 100, 100]


def test_linear_of_equal_values_is_the_middle_and_of_none_is_nothing() -> None:
    assert score_of([3.0, 3.0, NAN], method="linear") == pytest.approx([50, 50, NAN], nan_ok=True)
    assert score_of([3.0], method="linear") == [50]
    assert np.isnan(score_of([NAN, NAN], method="linear")).all()
    assert score_of(np.array([]), method="linear") == []


@FEW
@given(NUMBERS)
def test_linear_is_what_numpy_finds_group_by_group(rows) -> None:
    values = np.array([value for value, _ in rows], dtype=float)
    groups = np.array([group for _, group in rows], dtype=int)
    found = scoring.linear_scores(values, groups)
    for group in set(groups):
        known = values[(groups == group) & ~np.isnan(values)]
        for row in np.flatnonzero(groups == group):
            if math.isnan(values[row]):
                assert math.isnan(found[row])
                continue
            low, high = np.percentile(known, [5, 95])
            if high - low > 1e-6 * max(abs(high), abs(low), 1e-12):
                expected = min(max(100 * (values[row] - low) / (high - low), 0), 100)
                assert found[row] == pytest.approx(expected, abs=1e-5)
            assert 0 <= found[row] <= 100


def test_bands_begin_at_their_lower_bound_and_score_0_below_the_first() -> None:
    bands = {"100": 50.0, "1000": 90.0, "10": 20.0}
    found = score_of([9.9, 10.0, 99.0, 100.0, 5000.0, NAN], method="bands", scale=bands)
    assert found == pytest.approx([0, 20, 20, 50, 90, NAN], nan_ok=True)


def test_map_scores_categories_without_regard_to_case_and_nothing_else() -> None:
    scale = {"Retail": 80.0, " steel ": 30.0}
    found = score_of(["retail", "STEEL", "Mining", ""], method="map", scale=scale)
    assert found == pytest.approx([80, 30, NAN, NAN], nan_ok=True)


def test_map_scores_whole_numbers_as_they_are_typed() -> None:
    found = score_of([12.0, NAN, 1234567.0], method="map", scale={"12": 70.0, "1234567": 10.0})
    assert found == pytest.approx([70, NAN, 10], nan_ok=True)


@pytest.mark.parametrize("method", ["percentile", "linear"])
def test_text_cannot_be_ranked(method: str) -> None:
    with pytest.raises(ModelInputError, match=r"attribute X.*text"):
        score_of(["a", "b"], method=method)


# The axes, against a loop over accounts

ATTRIBUTES = (
    Attribute(w.ANNUAL_REVENUE, w.POTENTIAL, 50),
    Attribute(w.EMPLOYEES, w.POTENTIAL, 30, "linear"),
    Attribute(w.WALLET_SHARE, w.POTENTIAL, 20, lower_is_better=True),
    Attribute(w.WIN_RATE, w.LIKELIHOOD, 70, "bands", scale={"0": 10.0, "0.5": 60.0}),
    Attribute(w.OPEN_PIPELINE, w.LIKELIHOOD, 30),
)
SCORED = [attribute.name for attribute in ATTRIBUTES]
VALUES = st.sampled_from([NAN, 0.0, 0.25, 0.5, 0.75, 1.0])
LINES = st.lists(
    st.tuples(
        st.tuples(*[VALUES] * len(SCORED)),
        st.sampled_from(w.STATUSES),
        st.sampled_from(["Large", "Small"]),
        st.sampled_from(["Rep 1", "Rep 2"]),
    ),
    min_size=1,
    max_size=15,
)


def book_of(lines: Sequence[tuple[Sequence[float], str, str, str]]) -> pd.DataFrame:
    columns: dict[str, Sequence[object]] = {
        name: [values[place] for values, *_ in lines] for place, name in enumerate(SCORED)
    }
    for place, name in enumerate((w.STATUS, w.SEGMENT, w.OWNER), start=1):
        columns[name] = [line[place] for line in lines]
    return books.known_accounts(columns)


def scored(
    book: pd.DataFrame, compare: Mapping[str, str] = COMPARE, least_coverage: float = 0.5
) -> Scores:
    return scoring.score_accounts(book, ATTRIBUTES, compare=compare, least_coverage=least_coverage)


def like(one: pd.Series, other: pd.Series, within: str) -> bool:
    """Whether two accounts are compared with each other."""
    if within == "status":
        return (one[w.STATUS] == w.ACTIVE) == (other[w.STATUS] == w.ACTIVE)
    column = {"segment": w.SEGMENT, "book": w.OWNER}.get(within)
    return column is None or one[column] == other[column]


def axes_by_hand(book: pd.DataFrame, compare: Mapping[str, str]) -> list[dict[str, float]]:
    """Score and coverage per axis of each account, one at a time."""
    rows = [row for _, row in book.iterrows()]
    found = []
    for row in rows:
        answer = {}
        for axis in scoring.AXES:
            ours = [a for a in ATTRIBUTES if a.axis == axis and book[a.name].notna().any()]
            total = points = 0.0
            for attribute in ours:
                value = row[attribute.name]
                if math.isnan(value):
                    continue
                peers = [r[attribute.name] for r in rows if like(row, r, compare[axis])]
                peers = [peer for peer in peers if not math.isnan(peer)]
                score = one_score(value, peers, attribute)
                total += attribute.weight
                points += attribute.weight * score
            answer[axis] = points / total if total else NAN
            weight = sum(attribute.weight for attribute in ours)
            answer[f"{axis} coverage"] = total / weight if weight else 0.0
        found.append(answer)
    return found


def one_score(value: float, peers: list[float], attribute: Attribute) -> float:
    if attribute.method == "bands":
        reached = [float(bound) for bound in attribute.scale if float(bound) <= value]
        return max((attribute.scale[f"{bound:g}"] for bound in reached), default=0.0)
    if attribute.method == "linear":
        low, high = np.percentile(peers, [5, 95])
        return 50.0 if low == high else min(max(100 * (value - low) / (high - low), 0.0), 100.0)
    below, equal = sum(p < value for p in peers), sum(p == value for p in peers)
    score = 100 * (below + equal / 2) / len(peers)
    return 100 - score if attribute.lower_is_better else score


@FEW
@given(LINES, st.sampled_from(scoring.COMPARE_WITHIN), st.sampled_from(scoring.COMPARE_WITHIN))
def test_axis_scores_and_coverage_are_what_a_loop_over_accounts_finds(
    lines, potential: str, likelihood: str
) -> None:
    book, compare = book_of(lines), {w.POTENTIAL: potential, w.LIKELIHOOD: likelihood}
    found = scored(book, compare)
    for row, answer in enumerate(axes_by_hand(book, compare)):
        in_use = {a.axis for a in ATTRIBUTES if book[a.name].notna().any()}
        coverage = min((answer[f"{axis} coverage"] for axis in in_use), default=0.0)
        assert found.coverage[row] == pytest.approx(coverage, abs=1e-9)
        for axis, series in ((w.POTENTIAL, found.potential), (w.LIKELIHOOD, found.likelihood)):
            expected = answer[axis] if round(coverage, 9) >= 0.5 else NAN
            assert series[row] == pytest.approx(expected, abs=1e-8, nan_ok=True)


@FEW
@given(LINES)
def test_contributions_add_up_to_the_axis_score_less_its_mean(lines) -> None:
    found = scored(book_of(lines))
    for axis, series in ((w.POTENTIAL, found.potential), (w.LIKELIHOOD, found.likelihood)):
        names = [a.name for a in found.used if a.axis == axis]
        points = found.contributions[names].sum(axis=1)[series.notna()]
        np.testing.assert_allclose(points, (series - series.mean()).dropna(), atol=1e-7)
    unscored = found.potential.isna() & found.likelihood.isna()
    assert found.contributions[unscored].isna().all(axis=None)


@FEW
@given(LINES, st.data())
def test_a_better_attribute_never_lowers_a_score(lines, data) -> None:
    book = book_of(lines)
    row = data.draw(st.integers(0, len(book) - 1))
    attribute = data.draw(st.sampled_from(ATTRIBUTES))
    value = book[attribute.name][row]
    if math.isnan(value):
        return
    better = book.copy()
    better.loc[row, attribute.name] = value - 0.25 if attribute.lower_is_better else value + 0.25
    # Between percentiles of so few accounts the mover moves the bounds, too.
    before, after = scored(book), scored(better)
    axis = {w.POTENTIAL: "potential", w.LIKELIHOOD: "likelihood"}[attribute.axis]
    if getattr(before, axis).notna()[row] and attribute.method != "linear":
        assert getattr(after, axis)[row] >= getattr(before, axis)[row] - 1e-9


@FEW
@given(LINES, st.data())
def test_a_missing_attribute_never_raises_coverage(lines, data) -> None:
    book = book_of(lines)
    row = data.draw(st.integers(0, len(book) - 1))
    name = data.draw(st.sampled_from(SCORED))
    blanked = book.copy()
    blanked.loc[row, name] = NAN
    if blanked[name].notna().any():
        assert scored(blanked).coverage[row] <= scored(book).coverage[row]


@FEW
@given(LINES, st.randoms(use_true_random=False))
def test_neither_order_nor_names_of_accounts_change_a_score(lines, random) -> None:
    book = book_of(lines)
    order = random.sample(range(len(book)), len(book))
    other = book.iloc[order].assign(**{w.ACCOUNT: "renamed", w.ACCOUNT_ID: "other"})
    first, second = scored(book), scored(other)
    for one, two in zip(first[:5], second[:5], strict=True):
        np.testing.assert_allclose(two.loc[book.index], one, atol=1e-8)
    assert scoring.why(second).loc[book.index].tolist() == scoring.why(first).tolist()


@FEW
@given(LINES)
def test_scores_lie_between_0_and_100(lines) -> None:
    found = scored(book_of(lines), least_coverage=0)
    for scores in (found.potential, found.likelihood, found.attributes.stack()):
        assert scores.dropna().between(0, 100).all()
    assert found.coverage.between(0, 1).all()


def test_attributes_without_data_are_left_out_and_the_rest_rescaled() -> None:
    """Only revenue (30) and employees (30) of Potential: each counts half."""
    book = books.known_accounts(
        {
            w.ANNUAL_REVENUE: [1.0, 2.0],
            w.EMPLOYEES: [20.0, 10.0],
            w.WIN_RATE: [0.2, 0.4],
            w.TENURE: [1.0, 1.0],
        }
    ).drop(columns=w.OPEN_PIPELINE)
    found = scoring.score_accounts(book, DEFAULT_ATTRIBUTES, compare=COMPARE)
    assert [a.name for a in found.used] == [w.ANNUAL_REVENUE, w.EMPLOYEES, w.WIN_RATE, w.TENURE]
    assert found.coverage.tolist() == [1, 1]
    assert found.potential.tolist() == [50, 50]
    assert found.likelihood.tolist() == pytest.approx([(40 * 25 + 20 * 50) / 60, 200 / 3])


def test_below_the_least_coverage_nothing_is_guessed() -> None:
    """Half of Potential's weight is enough for 50 %, and too little for 51 %."""
    book = book_of([((1.0, NAN, NAN, 0.5, 1.0), w.ACTIVE, "", ""), ((0.5,) * 5, "", "", "")])
    assert scored(book).coverage[0] == 0.5
    assert scored(book).potential.notna().all()
    strict = scored(book, least_coverage=0.51)
    assert math.isnan(strict.potential[0])
    assert math.isnan(strict.likelihood[0])
    assert scoring.why(strict)[0] == "Not enough data: no Employees, Wallet share"


def test_an_axis_without_any_data_is_left_out_and_the_other_ranks_alone() -> None:
    book = books.known_accounts({w.ANNUAL_REVENUE: [1.0, 2.0, NAN]})
    found = scoring.score_accounts(book, DEFAULT_ATTRIBUTES, compare=COMPARE)
    assert found.potential[:2].tolist() == [25, 75]
    assert math.isnan(found.potential[2])
    assert found.likelihood.isna().all()
    assert found.coverage.tolist() == [1, 1, 0]
    assert scoring.why(found).tolist() == [
        "Held back by Annual revenue (-25.0)",
        "Lifted by Annual revenue (+25.0)",
        "Not enough data: no data for Likelihood, Annual revenue",
    ]


@pytest.mark.parametrize("size", [0, 1, 2])
def test_an_export_that_knows_nothing_is_scored_as_nothing(size: int) -> None:
    found = scoring.score_accounts(
        books.known_accounts({}, size), DEFAULT_ATTRIBUTES, compare=COMPARE
    )
    assert found.used == ()
    assert found.potential.isna().all()
    assert found.coverage.tolist() == [0] * size
    assert scoring.why(found).tolist() == ["Not enough data: no attribute has values."] * size


def test_equal_accounts_are_all_average() -> None:
    found = scored(book_of([((0.5,) * 5, w.ACTIVE, "", "")] * 4))
    assert set(found.potential) == {50}
    assert found.contributions.to_numpy().tolist() == [[0] * 5] * 4
    assert scoring.why(found).tolist() == ["Average on every attribute"] * 4


def test_huge_and_tiny_values_rank_like_any_others() -> None:
    book = books.known_accounts(
        {
            w.ANNUAL_REVENUE: [1e-12, 2e-12, 9e17],
            w.EMPLOYEES: [5e-324, 1e300, 1.0],
            w.WIN_RATE: [0.1, 0.2, 0.3],
        }
    )
    found = scoring.score_accounts(book, DEFAULT_ATTRIBUTES, compare=COMPARE)
    sixth = 100 / 6
    assert found.potential.tolist() == pytest.approx([sixth, 4 * sixth, 4 * sixth], abs=1e-8)


# Why


def test_why_names_the_two_that_lift_and_the_one_that_drags_most() -> None:
    """Terms w s of the first account against the second: revenue 37.5 and 12.5, employees 30 and
    0, wallet share 5 and 15, pipeline 22.5 and 7.5; half of each difference is above the mean."""
    lines = [((1.0, 1.0, 1.0, 0.5, 1.0), w.ACTIVE, "", ""), ((0.5,) * 5, w.ACTIVE, "", "")]
    assert scoring.why(scored(book_of(lines))).tolist() == [
        "Lifted by Employees (+15.0) and Annual revenue (+12.5); held back by Wallet share (-5.0)",
        "Lifted by Wallet share (+5.0); held back by Employees (-15.0)",
    ]


def test_what_is_missing_neither_lifts_nor_drags() -> None:
    lines = [((NAN, 0.5, 0.5, 0.5, 0.5), w.ACTIVE, "", ""), ((1.0,) * 5, w.ACTIVE, "", "")]
    told = scoring.why(scored(book_of(lines)))
    assert w.ANNUAL_REVENUE not in told[0]


# One number, and the order


def test_score_is_half_potential_and_half_likelihood_unless_set() -> None:
    potential, likelihood = pd.Series([80.0, NAN, 50.0]), pd.Series([40.0, 10.0, NAN])
    assert scoring.combined_score(potential, likelihood)[0] == 60
    assert scoring.combined_score(potential, likelihood, 0.75)[0] == 70


def test_score_is_the_one_axis_that_is_known_where_the_other_is_not() -> None:
    potential, likelihood = pd.Series([NAN, 50.0, NAN]), pd.Series([10.0, NAN, NAN])
    assert scoring.combined_score(potential, likelihood)[:2].tolist() == [10, 50]
    assert math.isnan(scoring.combined_score(potential, likelihood)[2])


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.sampled_from([NAN, 10.0, 20.0]),
            st.sampled_from([NAN, 1.0, 2.0]),
        ),
        max_size=12,
    )
)
def test_ranks_go_by_score_then_money_then_account_id(rows) -> None:
    ids = [f"{(7 * place) % 13:02}" for place in range(len(rows))]
    frame = pd.DataFrame(rows, columns=["group", "score", "money"]).astype(
        {"score": float, "money": float}
    )
    found = scoring.ranks(frame["group"], frame["score"], frame["money"], pd.Series(ids, dtype=str))

    def key(row: int) -> tuple[float, float, str]:
        money = rows[row][2]
        return (-rows[row][1], math.inf if math.isnan(money) else -money, ids[row])

    for row, (group, score, _) in enumerate(rows):
        if math.isnan(score):
            assert math.isnan(found[row])
            continue
        rivals = [n for n, (g, s, _) in enumerate(rows) if g == group and not math.isnan(s)]
        assert found[row] == 1 + sum(key(rival) < key(row) for rival in rivals)


# Mistakes


@pytest.mark.parametrize("weight", [69, 71])
def test_weights_that_do_not_total_100_are_refused_with_their_total(weight: float) -> None:
    wrong = [*ATTRIBUTES[:3], replace(ATTRIBUTES[3], weight=weight), ATTRIBUTES[4]]
    with pytest.raises(SettingsError, match=f"weights of Likelihood total {weight + 30}"):
        scoring.score_accounts(book_of([]), wrong, compare=COMPARE)


def test_an_axis_without_attributes_and_a_name_twice_are_refused() -> None:
    with pytest.raises(SettingsError, match="Likelihood has no attribute"):
        scoring.check_weights(ATTRIBUTES[:3])
    twice = Attribute(w.EMPLOYEES, w.LIKELIHOOD, 0)
    with pytest.raises(SettingsError, match="Employees stands there twice"):
        scoring.check_weights([*ATTRIBUTES, twice])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " "}, "no name"),
        ({"axis": "Luck"}, "axis 'Luck' is unknown"),
        ({"method": "magic"}, "method 'magic' is unknown"),
        ({"weight": -1}, "weight is -1"),
        ({"weight": 101}, "weight is 101"),
        ({"weight": NAN}, "weight is nan"),
        ({"method": "bands"}, "needs a scale"),
        ({"method": "map", "scale": {"a": 101.0}}, "'a' scores 101"),
        ({"method": "bands", "scale": {"a": 10.0}}, "lower bounds of bands are numbers"),
    ],
)
def test_an_attribute_out_of_range_is_refused(wrong: dict[str, object], message: str) -> None:
    right: dict[str, object] = {"name": "X", "axis": w.POTENTIAL, "weight": 10}
    with pytest.raises(SettingsError, match=message):
        Attribute(**(right | wrong))  # type: ignore[arg-type]


def test_another_word_for_whom_to_compare_with_is_refused() -> None:
    with pytest.raises(SettingsError, match="'region'; use one of: all, status, segment, book"):
        scoring.comparison_groups(book_of([]), "region")
