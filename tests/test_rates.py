"""Are gate rates what the counts say, and is their upper bound the published one?

Oracles: Newcombe's published intervals, and sums done by hand in the test.
"""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplan.udfs import facts, rates
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.funnel import DEAL

GATES = ("Emails", "Calls", "Demos")
SINCE, UNTIL = pd.Timestamp(2018, 1, 1), pd.Timestamp(2018, 6, 30)


def logged(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Activity: rep, Monday, gate, count."""
    return pd.DataFrame(
        {
            w.REP: pd.Series([row[0] for row in rows], dtype=str),
            w.WEEK: pd.Series(pd.to_datetime([row[1] for row in rows])),
            w.GATE: pd.Series([row[2] for row in rows], dtype=str),
            w.COUNT: pd.Series([row[3] for row in rows], dtype=float),
        }
    )


def won(*rows: tuple[str, str]) -> pd.DataFrame:
    """Won deals: rep, close date."""
    return pd.DataFrame(
        {
            w.REP: pd.Series([row[0] for row in rows], dtype=str),
            w.STATE: pd.Series([w.WON] * len(rows), dtype=str),
            w.CLOSE_DATE: pd.Series(pd.to_datetime([row[1] for row in rows])),
        }
    )


# The upper bound


@pytest.mark.parametrize(
    ("through", "done", "upper"),
    [(81, 263, 0.3662), (15, 148, 0.1605), (0, 20, 0.1611), (1, 29, 0.1718)],
)
def test_upper_bound_matches_newcombes_published_intervals(
    through: float, done: float, upper: float
) -> None:
    """Newcombe (1998), table I, method 3 (Wilson's score without correction), 95 % two-sided."""
    assert rates.upper_bound(through, done, z=1.959964) == pytest.approx(upper, abs=5e-5)


def test_upper_bound_is_where_the_counts_are_90_percent_unlikely() -> None:
    # Wilson's bound is the p at which the observed share lies z standard errors below p.
    bound = rates.upper_bound(30, 120)
    z = (bound - 30 / 120) / math.sqrt(bound * (1 - bound) / 120)
    assert 0.5 * (1 + math.erf(z / math.sqrt(2))) == pytest.approx(0.90, abs=1e-8)


def test_nothing_tried_leaves_the_bound_missing() -> None:
    assert math.isnan(rates.upper_bound(0, 0))


@given(done=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_bound_lies_above_the_rate_and_within_a_share(done: int, share: float) -> None:
    through = math.floor(done * share)
    assert through / done <= rates.upper_bound(through, done) + 1e-9 <= 1 + 2e-9


@pytest.mark.parametrize(("through", "done"), [(-1, 5), (6, 5), (math.nan, 5)])
def test_counts_that_cannot_be_are_refused(through: float, done: float) -> None:
    with pytest.raises(ModelInputError, match="counts"):
        rates.upper_bound(through, done)


# The counts


def test_counts_are_added_up_per_rep_and_gate_within_the_window() -> None:
    activity = logged(
        ("B", "2018-01-01", "Emails", 10),
        ("B", "2018-01-08", "emails ", 5),
        ("B", "2017-12-25", "Emails", 99),
        ("B", "2018-07-02", "Emails", 99),
        ("A", "2018-01-08", "Demos", 2),
        ("A", "2018-01-08", "Lunches", 7),
    )
    deals = won(("A", "2018-06-30"), ("A", "2018-07-01"), ("C", "2018-02-01"), ("", "2018-02-01"))
    counts = rates.counts_by_rep(activity, deals, GATES, SINCE, UNTIL)
    assert counts.to_dict("index") == {
        "A": {"Emails": 0, "Calls": 0, "Demos": 2, DEAL: 1},
        "B": {"Emails": 15, "Calls": 0, "Demos": 0, DEAL: 0},
        "C": {"Emails": 0, "Calls": 0, "Demos": 0, DEAL: 1},
    }


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ModelInputError, match="negative"):
        rates.counts_by_rep(logged(("A", "2018-01-01", "Calls", -1)), won(), GATES, SINCE, UNTIL)


def test_the_window_begins_with_the_first_week_logged_at_most_a_year_ago() -> None:
    assert rates.rates_since(logged(("A", "2018-03-05", "Calls", 1)), UNTIL) == pd.Timestamp(
        2018, 3, 5
    )
    # 52 weeks that end on 30 June 2018 begin on 2 July 2017.
    old = logged(("A", "2015-03-02", "Calls", 1))
    assert rates.rates_since(old, UNTIL) == pd.Timestamp(2017, 7, 2)
    assert rates.rates_since(logged(), UNTIL) is None


# The rates


def counts(**reps: tuple[float, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(reps, orient="index", columns=[*GATES, DEAL], dtype=float)


KNOWN = (0.1, 0.25, 0.3)


def rated(mine: pd.DataFrame, everybody: pd.DataFrame) -> pd.DataFrame:
    return rates.gate_rates(mine.sum().tolist(), rates.everybodys_rates(everybody), KNOWN)


def test_a_rate_is_ones_own_shrunk_towards_everybodys() -> None:
    # Two reps are too few to tell how much reps differ, so everybody's rate counts as 10 tries.
    everybody = counts(A=(200, 40, 20, 5), B=(300, 110, 30, 15))
    found = rated(everybody.loc[["A"]], everybody)
    assert found[rates.DONE].tolist() == [200, 40, 20]
    assert found[rates.THROUGH].tolist() == [40, 20, 5]
    assert found[rates.RATE].tolist() == pytest.approx(
        [(40 + 10 * 150 / 500) / 210, (20 + 10 * 50 / 150) / 50, (5 + 10 * 20 / 50) / 30], abs=1e-9
    )
    assert found[rates.NOTE].tolist() == ["", "", ""]


def test_everybodys_rate_counts_at_most_as_many_tries_as_there_were() -> None:
    # Twelve reps with the same rate: no variance beyond chance, so k would be without end.
    everybody = counts(**{f"R{n:02}": (100.0, 20.0, 10.0, 5.0) for n in range(12)})
    assert math.isinf(facts.shrinkage(everybody["Calls"], everybody["Emails"] - everybody["Calls"]))
    mine = counts(R00=(100, 50, 10, 5))
    found = rated(mine, everybody)
    assert found[rates.STRENGTH].tolist() == [1200, 240, 120]
    assert found[rates.RATE][0] == pytest.approx((50 + 1200 * 0.2) / 1300, abs=1e-9)


def test_without_history_the_known_rate_holds() -> None:
    nothing = counts(A=(0, 0, 0, 0))
    found = rated(nothing, nothing)
    assert found[rates.RATE].tolist() == list(KNOWN)
    assert set(found[rates.NOTE]) == {"nobody logged any"}
    assert found[rates.BEST].isna().all()


def test_a_gate_that_nothing_passed_is_no_rate_to_plan_with() -> None:
    everybody = counts(A=(50, 10, 0, 0))
    found = rated(everybody, everybody)
    assert found[rates.RATE][1] == 0.25
    assert found[rates.NOTE][1] == "nothing ever got through"


def test_a_rep_who_never_got_through_leans_on_everybody() -> None:
    everybody = counts(A=(0, 20, 0, 0), B=(0, 80, 40, 0))
    found = rated(everybody.loc[["A"]], everybody)
    assert found[rates.RATE][1] == pytest.approx((0 + 10 * 0.4) / 30, abs=1e-9)


def test_more_out_than_in_counts_as_all_and_says_so() -> None:
    everybody = counts(A=(5, 8, 4, 2))
    found = rated(everybody, everybody)
    assert found[rates.THROUGH][0] == 5
    assert found[rates.RATE][0] == 1
    assert found[rates.NOTE][0] == rates.MORE_CAME_OUT


rows = st.tuples(*[st.integers(0, 500)] * 4)


@given(reps=st.lists(rows, min_size=1, max_size=15))
def test_every_rate_is_a_share_above_0_whatever_was_logged(
    reps: list[tuple[int, int, int, int]],
) -> None:
    everybody = counts(**{f"R{n}": tuple(map(float, row)) for n, row in enumerate(reps)})
    found = rated(everybody.iloc[:1], everybody)
    assert found[rates.RATE].between(0, 1, inclusive="right").all()


# The last weeks


def test_full_weeks_are_counted_by_their_monday() -> None:
    activity = logged(
        ("A", "2018-06-11", "Calls", 6),
        ("A", "2018-06-18", "calls", 4),
        ("B", "2018-06-18", "Calls", 1),
        ("A", "2018-06-25", "Calls", 50),
    )
    # 30 June 2018 is a Saturday: its week is not over.
    table = rates.weekly_counts(activity, GATES, "2018-06-30", 2)  # type: ignore[arg-type]
    assert list(table.columns) == [pd.Timestamp(2018, 6, 11), pd.Timestamp(2018, 6, 18)]
    assert table.loc["Calls"].tolist() == [6, 5]
    assert table.loc["Demos"].tolist() == [0, 0]
    sunday = rates.weekly_counts(activity, GATES, pd.Timestamp(2018, 7, 1), 1)
    assert sunday.loc["Calls"].tolist() == [50]
    assert rates.per_week(activity, GATES, UNTIL, 2)["Calls"] == 5.5


def test_no_weeks_are_refused() -> None:
    with pytest.raises(ModelInputError, match="weeks"):
        rates.weekly_counts(logged(), GATES, UNTIL, 0)
