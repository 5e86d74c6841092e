"""Are AUC, gains, Brier score, calibration and lift what they are elsewhere?

Oracles: scikit-learn, plain pandas, cases small enough to do by head.
"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score

from accountplan.udfs import measures as m
from accountplan.udfs.errors import ModelInputError

FEW = settings(max_examples=60, deadline=None)
# For oracles that draw many times themselves.
VERY_FEW = settings(max_examples=6, deadline=None)
BOOKS = st.integers(0, 10_000).map(np.random.default_rng)


def drawn(random: np.random.Generator, ties: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Scores, some of them alike, and who bought: at least one of each kind."""
    count = int(random.integers(2, 60))
    score = random.integers(0, 12, count).astype(float) if ties else random.random(count)
    yes = random.random(count) < 0.4
    yes[:2] = [True, False]
    return score, yes


@FEW
@given(BOOKS)
def test_auc_is_scikit_learns(random: np.random.Generator) -> None:
    score, yes = drawn(random)
    assert m.auc(score, yes) == pytest.approx(roc_auc_score(yes, score), abs=1e-12)


def test_auc_leaves_accounts_without_score_out_and_needs_both_kinds() -> None:
    score = np.array([3.0, math.nan, 1.0, 2.0])
    assert m.auc(score, np.array([True, False, False, False])) == 1.0
    assert math.isnan(m.auc(score, np.array([True, True, True, True])))
    assert math.isnan(m.auc(np.array([]), np.array([], dtype=bool)))


@VERY_FEW
@given(BOOKS)
def test_drawn_aucs_are_those_of_accounts_drawn_anew(random: np.random.Generator) -> None:
    """Counts per score say the same as the accounts themselves: the means and spreads agree."""
    score, yes = drawn(random)
    plain = []
    for _ in range(150):
        at = random.integers(0, len(score), len(score))
        if 0 < yes[at].sum() < len(at):
            plain.append(m.auc(score[at], yes[at]))
    ours = m.drawn_aucs(score, yes)
    spread = np.std(plain) / math.sqrt(len(plain)) + 1e-9
    assert abs(np.mean(plain) - ours.mean()) < 6 * spread + 0.01


@FEW
@given(BOOKS)
def test_gains_without_ties_are_plain_pandas(random: np.random.Generator) -> None:
    score, _ = drawn(random, ties=False)
    money = random.exponential(100, len(score)).round(2)
    for first in range(len(score) + 1):
        best = pd.Series(money)[pd.Series(score).sort_values(ascending=False).index[:first]]
        share = first / len(score)
        assert m.gains(score, money, share) == pytest.approx(best.sum() / money.sum(), abs=1e-9)


@VERY_FEW
@given(BOOKS)
def test_gains_of_ties_are_the_mean_over_their_orders(random: np.random.Generator) -> None:
    score, _ = drawn(random)
    money = random.exponential(100, len(score))
    share = float(random.random())
    shuffled = []
    for _ in range(200):
        nudged = score + random.random(len(score)) * 0.5
        shuffled.append(m.gains(nudged, money, share))
    error = np.std(shuffled) / math.sqrt(len(shuffled))
    assert abs(m.gains(score, money, share) - np.mean(shuffled)) < 5 * error + 1e-9


def test_a_part_of_an_account_counts_in_part_and_no_score_comes_last() -> None:
    money = np.array([60.0, 30.0, 10.0])
    assert m.gains(np.array([3.0, 2.0, 1.0]), money, 0.5) == pytest.approx(0.6 + 0.3 / 2)
    assert m.gains(np.array([math.nan, 2.0, 1.0]), money, 2 / 3) == pytest.approx(0.4)
    assert math.isnan(m.gains(np.array([3.0, 2.0, 1.0]), money * 0, 0.5))


def test_a_share_of_accounts_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ModelInputError, match="give 0 to 1"):
        m.gains(np.array([1.0]), np.array([1.0]), 1.2)


@FEW
@given(BOOKS)
def test_brier_is_scikit_learns(random: np.random.Generator) -> None:
    score, yes = drawn(random, ties=False)
    assert m.brier(score, yes) == pytest.approx(brier_score_loss(yes, score), abs=1e-9)


def test_calibration_bands_are_scikit_learns() -> None:
    random = np.random.default_rng(5)
    forecast = random.random(1000)
    yes = random.random(1000) < forecast**2
    observed, told = calibration_curve(yes, forecast, n_bins=10, strategy="quantile")
    bands = m.calibration(forecast, yes)
    assert [band.accounts for band in bands] == [100] * 10
    assert [band.observed for band in bands] == pytest.approx(list(observed))
    assert [band.forecast for band in bands] == pytest.approx(list(told))
    apart = np.abs(np.array(observed) - np.array(told)).mean()
    assert m.calibration_error(bands) == pytest.approx(apart, abs=1e-9)


def test_accounts_of_one_forecast_stay_in_one_band() -> None:
    bands = m.calibration(np.array([0.3] * 30 + [0.8] * 2), np.array([True] * 8 + [False] * 24))
    assert [(band.accounts, round(band.forecast, 9)) for band in bands] == [(30, 0.3), (2, 0.8)]
    assert m.calibration(np.array([]), np.array([], dtype=bool)) == ()


def test_wilson_matches_the_published_example() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, and 15 of 148."""
    assert m.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert m.wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_lift_is_the_rate_of_the_best_fifth_over_the_rate_of_all() -> None:
    score = np.arange(20.0)
    yes = np.isin(score, [19, 18, 17, 3])
    assert m.lift(score, yes) == pytest.approx((3 / 4) / (4 / 20))
    assert math.isnan(m.lift(score, np.zeros(20, dtype=bool)))


def test_fifths_are_plain_pandas_and_tell_whether_they_ever_fall() -> None:
    random = np.random.default_rng(2)
    score, yes = random.random(500), random.random(500) < 0.3
    plain = pd.Series(yes.astype(float)).groupby(pd.qcut(score, 5, labels=False)).mean()
    assert m.fifths(score, yes) == pytest.approx(tuple(plain))
    assert m.is_monotone((0.1, 0.1, 0.4)) is True
    assert m.is_monotone((0.1, 0.3, 0.2)) is False
    assert m.is_monotone((0.1,)) is None
