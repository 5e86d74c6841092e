"""Does each account stand where its numbers put it, and does the profile follow from the grid?

Oracles: the definitions of the design read out in plain Python, and cases by hand.
"""

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import quadrants
from accountplan.udfs import words as w
from accountplan.udfs.errors import SettingsError

NAN = math.nan
FEW = settings(max_examples=100, deadline=None)


def placed(values: list[float], likelihood: list[float], **how: object) -> list[str]:
    """The quadrants of accounts, by the cuts that their own Potential $ give."""
    money, likely = pd.Series(values, dtype=float), pd.Series(likelihood, dtype=float)
    cuts = quadrants.find_cuts(money, likely.notna(), **how)  # type: ignore[arg-type]
    return quadrants.quadrant(money, likely, cuts).tolist()


# The order of work


def test_slam_dunks_come_first_and_skips_never_before_what_deserves_effort() -> None:
    names = [w.SKIP, w.QUICK_WIN, w.NOT_ENOUGH_DATA, w.BIG_BET, w.SLAM_DUNK, w.QUICK_WIN, w.SKIP]
    ranks = pd.Series([1.0, 5, 3, 4, 6, 2, NAN])
    order = quadrants.work_order(pd.Series(names), ranks).tolist()
    assert order == [4, 5, 3, 1, 2, 0, 6]


def test_every_quadrant_has_its_place_in_the_order_of_work() -> None:
    assert set(quadrants.WORK_FIRST) == {*w.QUADRANTS, w.NOT_ENOUGH_DATA}
    assert quadrants.work_order(pd.Series([], dtype=str), pd.Series([], dtype=float)).tolist() == []


# The cuts


def test_the_money_cut_is_the_median_of_the_scored_accounts() -> None:
    """10, 20 and 60 are scored; the account of 1,000 is not."""
    money = pd.Series([10.0, 60.0, 1000.0, 20.0])
    cuts = quadrants.find_cuts(money, pd.Series([True, True, False, True]))
    assert (cuts.placed_by, cuts.potential, cuts.likelihood) == (w.POTENTIAL_MONEY, 20, 50)
    assert cuts.median == 20


@pytest.mark.parametrize(("known", "by"), [(8, w.POTENTIAL_MONEY), (7, w.POTENTIAL)])
def test_with_fewer_than_80_percent_known_all_are_placed_by_potential(known: int, by: str) -> None:
    money = pd.Series([5.0] * known + [NAN] * (10 - known))
    cuts = quadrants.find_cuts(money, pd.Series([True] * 10), potential_cut=40)
    assert cuts.placed_by == by
    assert cuts.potential == (5 if by == w.POTENTIAL_MONEY else 40)
    if by == w.POTENTIAL:
        assert "70%" in cuts.source


def test_typed_cuts_win() -> None:
    money, yes = pd.Series([5.0, 7.0]), pd.Series([True, True])
    assert quadrants.find_cuts(money, yes, money_cut=9).potential == 9
    assert quadrants.find_cuts(money, yes, money_cut=0).potential == 0
    assert quadrants.find_cuts(money, yes, placed_by=w.POTENTIAL).potential == 50
    assert quadrants.find_cuts(money, yes, likelihood_cut=30).likelihood == 30


def test_without_accounts_or_scores_there_are_cuts_all_the_same() -> None:
    none, no = pd.Series(dtype=float), pd.Series(dtype=bool)
    assert quadrants.find_cuts(none, no).placed_by == w.POTENTIAL
    unscored = quadrants.find_cuts(pd.Series([5.0]), pd.Series([False]))
    assert (unscored.placed_by, unscored.potential) == (w.POTENTIAL, 50)
    assert unscored.source == "no account with a Potential $ is scored"
    assert quadrants.find_cuts(none, no, placed_by=w.POTENTIAL_MONEY).potential == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"placed_by": "luck"},
        {"money_cut": -1.0},
        {"money_cut": NAN},
        {"potential_cut": 101.0},
        {"likelihood_cut": -1.0},
        {"likelihood_cut": NAN},
    ],
)
def test_a_cut_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        placed([1.0], [50.0], **wrong)


# The quadrants


def test_equal_to_the_cut_is_high() -> None:
    """The median of 10, 20, 30 is 20."""
    assert placed([20.0, 10.0, 30.0], [50.0, 50.0, 49.999999999]) == [
        w.SLAM_DUNK,
        w.QUICK_WIN,
        w.BIG_BET,
    ]
    assert placed([1.0, 2.0], [0.0, 0.0]) == [w.SKIP, w.BIG_BET]


def test_without_one_of_the_two_there_is_not_enough_data() -> None:
    assert placed([5.0, 5.0, 5.0, 5.0, NAN], [50.0, NAN, 50.0, 50.0, 50.0]) == [
        w.SLAM_DUNK,
        w.NOT_ENOUGH_DATA,
        w.SLAM_DUNK,
        w.SLAM_DUNK,
        w.NOT_ENOUGH_DATA,
    ]


ACCOUNTS = st.lists(
    st.tuples(
        st.sampled_from([NAN, 0.0, 1e-9, 10.0, 20.0, 1e12]),
        st.sampled_from([NAN, 0.0, 49.9, 50.0, 100.0]),
    ),
    max_size=20,
)


@FEW
@given(ACCOUNTS, st.randoms(use_true_random=False))
def test_each_account_is_in_one_quadrant_whatever_the_order(rows, random) -> None:
    found = placed(
        [m for m, _ in rows], [s for _, s in rows], money_cut=10, placed_by="Potential $"
    )
    names = {(True, True): w.SLAM_DUNK, (True, False): w.BIG_BET, (False, True): w.QUICK_WIN}
    for (money, likely), quadrant in zip(rows, found, strict=True):
        unknown = math.isnan(money) or math.isnan(likely)
        expected = names.get((money >= 10, likely >= 50), w.SKIP)
        assert quadrant == (w.NOT_ENOUGH_DATA if unknown else expected)
    order = random.sample(range(len(rows)), len(rows))
    free = placed([m for m, _ in rows], [s for _, s in rows])
    shuffled = placed([rows[n][0] for n in order], [rows[n][1] for n in order])
    assert shuffled == [free[n] for n in order]


@FEW
@given(ACCOUNTS)
def test_the_grid_holds_every_account_and_all_the_money(rows) -> None:
    where = pd.Series(placed([m for m, _ in rows], [s for _, s in rows]), dtype=str)
    money = pd.Series([m for m, _ in rows], dtype=float, name=w.EXPECTED_MONEY)
    grid = quadrants.quadrant_grid(where, money)
    assert grid.index.tolist() == [*w.QUADRANTS, w.NOT_ENOUGH_DATA]
    assert grid["Accounts"].sum() == len(rows)
    assert grid[w.EXPECTED_MONEY].sum() == pytest.approx(money.sum(), rel=1e-12)
    for name, row in grid.iterrows():
        assert row["Accounts"] == (where == name).sum()
        assert row[w.EXPECTED_MONEY] == pytest.approx(money[where == name].sum(), rel=1e-12)


# The risk profile


@pytest.mark.parametrize(
    ("big_bets", "quick_wins", "label"),
    [
        (2, 1, w.MOSTLY_BIG_BETS),
        (1, 2, w.MOSTLY_QUICK_WINS),
        (1, 1, w.BALANCED),
        (1, 0, w.MOSTLY_BIG_BETS),
        (0, 1, w.MOSTLY_QUICK_WINS),
        (0, 0, w.NO_PROFILE),
        (20_000, 10_001, w.BALANCED),
        (10_001, 20_000, w.BALANCED),
    ],
)
def test_thirds_belong_to_the_extremes(big_bets: int, quick_wins: int, label: str) -> None:
    assert quadrants.risk_label(big_bets, quick_wins) == label


@FEW
@given(st.integers(0, 300), st.integers(0, 300))
def test_the_label_follows_the_exact_share(big_bets: int, quick_wins: int) -> None:
    label = quadrants.risk_label(big_bets, quick_wins)
    if big_bets + quick_wins == 0:
        assert label == w.NO_PROFILE
        return
    share = Fraction(big_bets, big_bets + quick_wins)
    if share >= Fraction(2, 3):
        assert label == w.MOSTLY_BIG_BETS
    elif share <= Fraction(1, 3):
        assert label == w.MOSTLY_QUICK_WINS
    else:
        assert label == w.BALANCED


def test_the_profile_quotes_accounts_and_money() -> None:
    where = pd.Series([w.BIG_BET, w.BIG_BET, w.QUICK_WIN, w.SLAM_DUNK, w.BIG_BET])
    found = quadrants.risk_profile(where, pd.Series([100.0, 50.0, 7.0, 900.0, NAN]))
    assert (found.label, found.share) == (w.MOSTLY_BIG_BETS, 0.75)
    assert (found.big_bets, found.quick_wins) == (3, 1)
    assert (found.big_bet_money, found.quick_win_money) == (150, 7)
    assert "early indicators" in found.check


def test_a_book_without_either_has_no_profile() -> None:
    found = quadrants.risk_profile(pd.Series(dtype=str), pd.Series(dtype=float))
    assert found.label == w.NO_PROFILE
    assert math.isnan(found.share)
    assert (found.big_bets, found.big_bet_money) == (0, 0)
