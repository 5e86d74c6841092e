"""Are the learned weights those that were planted, and refused where there is nothing to learn?

Oracles: scikit-learn's logistic regression where no bound binds, odds that the test draws from.
"""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from accountplan.udfs import learning
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.learning import Period
from accountplan.udfs.money import Odds
from accountplan.udfs.scoring import Attribute

NAMES = ("A", "B", "C", "D")
ATTRIBUTES = tuple(Attribute(name, w.LIKELIHOOD, 25) for name in NAMES)


def period(
    random: np.random.Generator, weights: np.ndarray, count: int = 2000, strength: float = 8.0
) -> tuple[Period, np.ndarray]:
    """Scores, and who bought by the planted weights; with the chance that each would."""
    scores = pd.DataFrame(random.uniform(0, 100, (count, len(NAMES))), columns=NAMES)
    active = random.random(count) < 0.5
    good = scores.to_numpy() @ weights / 100
    chance = 1 / (1 + np.exp(-(strength * (good / 100 - 0.5) + np.where(active, 0.3, -0.9))))
    return Period(scores, active, random.random(count) < chance), chance


def test_planted_weights_are_learned_on_twenty_books() -> None:
    alike, short, apart = [], [], []
    for seed in range(20):
        random = np.random.default_rng(seed)
        weights = random.dirichlet(np.full(len(NAMES), 1.5)) * 100
        earlier, _ = period(random, weights)
        later, chance = period(random, weights)
        found = learning.learn(ATTRIBUTES, [earlier], later)
        assert found.refused == ""
        learned = np.array([found.weights[name] for name in NAMES])
        assert learned.sum() == pytest.approx(100)
        assert learned.min() >= 0
        alike.append(np.corrcoef(learned, weights)[0, 1])
        short.append(roc_auc_score(later.bought, chance) - found.auc.value)
        apart.append(found.calibration_error)
    assert np.mean(alike) >= 0.9
    assert np.mean(short) <= 0.02
    assert max(short) <= 0.03
    assert np.mean(apart) <= 0.05


def test_without_a_bound_that_binds_the_coefficients_are_scikit_learns() -> None:
    random = np.random.default_rng(3)
    features = random.normal(0, 1, (800, 3))
    yes = random.random(800) < 1 / (1 + np.exp(-(features @ [0.8, 0.5, 0.3] - 0.4)))
    penalty = 0.01
    ours = learning.fit_logistic(features, np.ones((800, 1)), yes, penalty)
    # scikit-learn's C weighs the sum of the losses against half the squares.
    theirs = LogisticRegression(C=1 / (penalty * 800), tol=1e-10, max_iter=1000)
    assert ours == pytest.approx(theirs.fit(features, yes).coef_[0], abs=1e-4)


def test_an_attribute_that_goes_against_buying_gets_no_weight() -> None:
    random = np.random.default_rng(4)
    features = random.normal(0, 1, (1000, 2))
    yes = random.random(1000) < 1 / (1 + np.exp(-(features @ [1.0, -1.0])))
    found = learning.fit_logistic(features, np.ones((1000, 1)), yes, 0.001)
    assert found[0] > 0.5
    assert found[1] == 0
    scores = pd.DataFrame(50 + 10 * features, columns=["Good", "Bad"])
    weights = learning.fit_weights(Period(scores, np.ones(1000, dtype=bool), yes))
    assert weights == {"Good": 100.0, "Bad": 0.0}


def test_learned_weights_do_not_rest_on_the_order_of_the_rows() -> None:
    random = np.random.default_rng(5)
    earlier, _ = period(random, np.array([50.0, 30, 20, 0]), 400)
    later, _ = period(random, np.array([50.0, 30, 20, 0]), 400)
    order = random.permutation(400)
    turned = Period(earlier.scores.iloc[order], earlier.active[order], earlier.bought[order])
    assert learning.learn(ATTRIBUTES, [turned], later) == learning.learn(
        ATTRIBUTES, [earlier], later
    )


def test_odds_are_those_of_the_score_and_the_status() -> None:
    random = np.random.default_rng(6)
    score, active = random.uniform(0, 100, 20_000), random.random(20_000) < 0.4
    truth = Odds(active=0.6, others=0.2, per_ten=1.5)
    odds = learning.fit_odds(
        score, active, random.random(20_000) < truth.probability(score, active)
    )
    assert odds is not None
    assert odds.per_ten == pytest.approx(1.5, abs=0.04)
    assert (odds.active, odds.others) == pytest.approx((0.6, 0.2), abs=0.02)


def test_odds_can_be_redone_with_a_calculator() -> None:
    """60 % is 1.5 to 1; ten points more at 2 a time make it 3 to 1, ten less 0.75 to 1."""
    odds = Odds(active=0.6, others=0.5, per_ten=2.0)
    found = odds.probability(
        np.array([50.0, 60.0, 40.0, 70.0]), np.array([True, True, True, False])
    )
    assert found == pytest.approx([0.6, 3 / 4, 0.75 / 1.75, 4 / 5], abs=1e-9)


def test_a_higher_score_that_buys_less_has_no_odds() -> None:
    score = np.arange(100.0)
    everybody = np.ones(100, dtype=bool)
    assert learning.fit_odds(score, everybody, score < 40) is None
    assert learning.fit_odds(score, everybody, everybody) is None


@pytest.mark.parametrize(
    ("count", "strength", "kind", "says"),
    [
        (49, 8, "drawn", "only 49 outcomes; it takes 50"),
        (400, 8, "all", "one kind of outcome only in the period to learn from: every account"),
        (400, 8, "none", "one kind of outcome only in the period to learn from: no account"),
        (400, 8, "few", "too few of one kind"),
        (400, 0, "drawn", "goes with buying|does not beat the base rate"),
    ],
)
def test_it_refuses_in_words(count: int, strength: float, kind: str, says: str) -> None:
    random = np.random.default_rng(8)
    weights = np.array([40.0, 30, 20, 10])
    earlier, _ = period(random, weights, count, strength)
    later, _ = period(random, weights, 400, strength)
    flags = {"all": np.ones(count), "none": np.zeros(count), "few": np.arange(count) < 9}
    if kind in flags:
        earlier = Period(earlier.scores, earlier.active, flags[kind].astype(bool))
    found = learning.learn(ATTRIBUTES, [earlier], later)
    assert re.search(says, found.refused)
    assert (dict(found.weights), found.odds) == ({}, None)


def test_few_closed_deals_teach_nothing_however_many_accounts_there_are() -> None:
    random, weights = np.random.default_rng(8), np.array([40.0, 30, 20, 10])
    earlier, later = (replace(period(random, weights)[0], closed=24) for _ in range(2))
    found = learning.learn(ATTRIBUTES, [earlier], later)
    assert found.refused == "only 48 deals were closed; it takes 50"
    later = replace(later, closed=26)
    assert learning.learn(ATTRIBUTES, [earlier], later).refused == ""


def test_it_refuses_without_a_second_period_and_without_attributes() -> None:
    later, _ = period(np.random.default_rng(1), np.array([40.0, 30, 20, 10]), 100)
    assert "too short" in learning.learn(ATTRIBUTES, [], later).refused
    assert "too short" in learning.learn(ATTRIBUTES, [later], None).refused
    assert "no attribute" in learning.learn([], [later], later).refused


def test_one_kind_of_outcome_is_refused_by_the_fit_itself() -> None:
    scores = pd.DataFrame({"A": [1.0, 2.0]})
    with pytest.raises(ModelInputError, match="one kind"):
        learning.fit_weights(Period(scores, np.ones(2, dtype=bool), np.ones(2, dtype=bool)))
