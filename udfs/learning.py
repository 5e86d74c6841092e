"""Weights and odds learned from history, beside those that people set.

Assumptions:

1. In each period that is past, the accounts were scored as of its first day,
   and whether each bought in it is known.
2. The log odds of buying are linear in the attribute scores, with a level of
   their own for active accounts and for the others, who are only compared
   among themselves:
   log(p / (1 - p)) = level of the status + sum(b s), b >= 0.
   No b is negative, so a better attribute never lowers the score.
3. The b are held small by an L2 penalty, as strong as five-fold
   cross-validation finds best. The weights are the b, made to total 100.
4. Odds are learned on the Likelihood that the weights give, from accounts
   that did not take part in learning them (Platt's sigmoid).
5. What is learned is kept only where it beats the base rate of each status in
   a later period than those it learned from, by more than chance.

Found with SciPy's L-BFGS-B: scikit-learn's LogisticRegression knows no lower
bound of its coefficients. Where none of them would be negative the two agree.

References:
    Hastie, T., Tibshirani, R., Friedman, J. (2009). The Elements of
    Statistical Learning, 2nd ed., ch. 4.4, 7.10.
    Byrd, R. H., Lu, P., Nocedal, J., Zhu, C. (1995). A limited memory
    algorithm for bound constrained optimization. SIAM Journal on Scientific
    Computing 16(5), 1190-1208.
    Platt, J. (1999). Probabilistic outputs for support vector machines.
    Advances in Large Margin Classifiers, 61-74.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from . import measures
from . import words as w
from .errors import ModelInputError
from .evidence import tell_apart
from .money import Odds
from .scoring import Attribute, axis_score

Array = np.ndarray

NOTHING_GOES: Final = "no attribute of Likelihood goes with buying"
LEAST_OUTCOMES: Final = 50
LEAST_OF_A_KIND: Final = 10
FOLDS: Final = 5
PENALTIES: Final = (1e-4, 1e-3, 1e-2, 1e-1)
"""L2 penalties tried, per account, on scores of -1 to 1."""
MOST_TRIED: Final = 20_000
"""Accounts on which the penalty is chosen; more would only take longer."""
BEYOND_CHANCE: Final = 1.645
"""One-sided 95 % point of the normal distribution."""


@dataclass(frozen=True)
class Period:
    """What is known of one past period.

    Attributes:
        scores: (n, m) attribute scores as of its first day, 0-100; NaN where
            an account has no data.
        active: (n,) whether each account was active on that day.
        bought: (n,) whether it bought in the period.
        closed: deals that were closed in it, where that is known.
    """

    scores: pd.DataFrame
    active: Array
    bought: Array
    closed: int | None = None


@dataclass(frozen=True)
class Learned:
    """What history teaches.

    Attributes:
        weights: per attribute of Likelihood, 0-100, total 100; empty where refused.
        odds: of the Likelihood that these weights give; ``None`` where refused.
        accounts: outcomes learned from; ``later`` those it was held against.
        auc: of the learned chance of buying in the later period.
        brier, brier_base: mean squared error there, of what was learned and of
            the base rate of each status.
        calibration_error: the mean distance of forecast and share there.
        refused: why nothing is suggested, in words; "" where something is.
    """

    weights: Mapping[str, float]
    odds: Odds | None
    accounts: int
    later: int
    auc: measures.Interval
    brier: float
    brier_base: float
    calibration_error: float
    refused: str


def learn(
    attributes: Sequence[Attribute], earlier: Sequence[Period], later: Period | None
) -> Learned:
    """Learns the weights of Likelihood, and tries them on a later period.

    Args:
        attributes: those of Likelihood that have data.
        earlier: the periods to learn from.
        later: one after them, to hold what was learned against; what is
            suggested in the end was learned from all of them.

    Returns:
        Weights and odds; or, in words, why nothing is suggested: fewer than 50
        outcomes or closed deals, one kind of outcome only, no later period, or
        no better than the base rate there.
    """
    from threadpoolctl import threadpool_limits

    refused = _refused(attributes, earlier, later)
    if refused or later is None:
        return _nothing(refused, earlier, later)
    # Of so few columns one thread is ten times as quick as several that wait for each other.
    with threadpool_limits(limits=1):
        return _learned(attributes, earlier, later)


def _learned(attributes: Sequence[Attribute], earlier: Sequence[Period], later: Period) -> Learned:
    names = [a.name for a in attributes]
    past = _together(earlier, names)
    found = _weights_and_odds(past)
    if found is None:
        return _nothing(NOTHING_GOES, earlier, later)
    tried = _tried(_likelihood(later.scores, found[0]), found[1], past, later)
    if tried.refused:
        return tried
    found = _weights_and_odds(_together([*earlier, later], names))
    if found is None:
        return _nothing(NOTHING_GOES, earlier, later)
    return replace(tried, weights=found[0], odds=found[1])


def _weights_and_odds(period: Period) -> tuple[dict[str, float], Odds] | None:
    """What one stretch of history teaches; ``None`` where no attribute goes with buying."""
    penalty = _best_penalty(period)
    weights, odds = fit_weights(period, penalty), _cross_fitted_odds(period, penalty)
    return None if weights is None or odds is None else (weights, odds)


def _refused(
    attributes: Sequence[Attribute], earlier: Sequence[Period], later: Period | None
) -> str:
    """Why nothing can be learned, before trying; "" where it can."""
    if not attributes:
        return "no attribute of Likelihood has data"
    if not earlier or later is None:
        return "the history is too short: it takes two periods, one to learn from and one to try"
    bought = np.concatenate([period.bought for period in earlier])
    if len(bought) < LEAST_OUTCOMES:
        return f"only {len(bought)} outcomes; it takes {LEAST_OUTCOMES}"
    closed = sum(len(p.bought) if p.closed is None else p.closed for p in (*earlier, later))
    if closed < LEAST_OUTCOMES:
        return f"only {closed} deals were closed; it takes {LEAST_OUTCOMES}"
    for told, flags in (("to learn from", bought), ("to try it on", later.bought)):
        hits = int(flags.sum())
        if min(hits, len(flags) - hits) == 0:
            kind = "every account bought" if hits else "no account bought"
            return f"one kind of outcome only in the period {told}: {kind}"
        if min(hits, len(flags) - hits) < LEAST_OF_A_KIND:
            return (
                f"too few of one kind of outcome in the period {told}: {hits:,} of "
                f"{len(flags):,} accounts bought; it takes {LEAST_OF_A_KIND} of each kind"
            )
    return ""


def _nothing(why: str, earlier: Sequence[Period], later: Period | None) -> Learned:
    nan = float("nan")
    return Learned(
        weights={},
        odds=None,
        accounts=sum(len(period.bought) for period in earlier),
        later=0 if later is None else len(later.bought),
        auc=measures.UNKNOWN,
        brier=nan,
        brier_base=nan,
        calibration_error=nan,
        refused=why,
    )


def _tried(likelihood: Array, odds: Odds, past: Period, later: Period) -> Learned:
    """How what was learned does in the later period."""
    known = ~np.isnan(likelihood)
    forecast = odds.probability(likelihood, later.active)
    base = np.where(later.active, _rate(past.bought[past.active]), _rate(past.bought[~past.active]))
    base = np.where(np.isnan(base), _rate(past.bought), base)
    gain = (base - later.bought)[known] ** 2 - (forecast - later.bought)[known] ** 2
    error = float(gain.std(ddof=1)) / np.sqrt(max(len(gain), 1)) if len(gain) > 1 else np.inf
    found = Learned(
        weights={},
        odds=None,
        accounts=len(past.bought),
        later=int(known.sum()),
        auc=tell_apart(forecast, later.bought).auc,
        brier=measures.brier(forecast, later.bought),
        brier_base=measures.brier(np.where(known, base, np.nan), later.bought),
        calibration_error=measures.calibration_error(measures.calibration(forecast, later.bought)),
        refused="",
    )
    if gain.mean() > BEYOND_CHANCE * error:
        return found
    return replace(
        found,
        refused="it does not beat the base rate in the later period by more than chance "
        f"(Brier score {found.brier:.4f}, base rate {found.brier_base:.4f})",
    )


def _rate(flags: Array) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _together(periods: Sequence[Period], names: Sequence[str]) -> Period:
    """Periods as one, its rows in an order that does not rest on theirs."""
    scores = pd.concat([period.scores.reindex(columns=list(names)) for period in periods])
    active = np.concatenate([period.active for period in periods])
    bought = np.concatenate([period.bought for period in periods])
    order = np.lexsort((*scores.to_numpy(float).T, active, bought))
    return Period(scores.iloc[order].reset_index(drop=True), active[order], bought[order])


def _likelihood(scores: pd.DataFrame, weights: Mapping[str, float]) -> Array:
    """The weighted mean of the scores that an account has, 0-100, as the axis takes it."""
    attributes = [Attribute(name, w.LIKELIHOOD, weight) for name, weight in weights.items()]
    return axis_score(scores, attributes).score.to_numpy(float)


# --- Weights ------------------------------------------------------------------------


def fit_weights(period: Period, penalty: float | None = None) -> dict[str, float] | None:
    """The weights under which buyers stand out most, none below 0.

    Args:
        period: scores and who bought.
        penalty: on the squares of the coefficients, per account; ``None``:
            the best by five-fold cross-validation.

    Returns:
        Per attribute 0-100, total 100, whole tenths; ``None`` where no
        attribute goes with buying.

    Raises:
        ModelInputError: one kind of outcome only.
    """
    hits = int(period.bought.sum())
    if min(hits, len(period.bought) - hits) == 0:
        raise ModelInputError("Weights cannot be learned from one kind of outcome only.")
    strength = _best_penalty(period) if penalty is None else penalty
    found = fit_logistic(_centred(period.scores), _levels(period.active), period.bought, strength)
    if found.sum() <= 1e-6:
        return None
    tenths = _shared_out(found / found.sum(), 1000)
    return dict(zip(period.scores.columns, (tenths / 10).tolist(), strict=True))


def _shared_out(shares: Array, whole: int) -> Array:
    """Whole parts that add up, by the largest remainder."""
    exact = shares * whole
    parts: Array = np.floor(exact)
    missing = round(whole - parts.sum())
    parts[np.argsort(-(exact - parts), kind="stable")[:missing]] += 1
    return parts


def _centred(scores: pd.DataFrame) -> Array:
    """Scores as -1 to 1; an account without data stands in the middle."""
    return np.nan_to_num((scores.to_numpy(float) - 50) / 50, nan=0.0)


def _levels(active: Array) -> Array:
    """One column of 0 and 1 per status that there is."""
    both = np.column_stack([active, ~active]).astype(float)
    return both[:, both.any(axis=0)]


def fit_logistic(features: Array, levels: Array, yes: Array, penalty: float) -> Array:
    """Coefficients of 0 or more of a logistic regression with free levels.

    Least mean log loss + penalty / 2 x sum of squares of the coefficients;
    levels are not held small.

    Args:
        features: (n, m) numbers.
        levels: (n, k) columns of 0 and 1, one of them 1 in each row.
        yes: (n,) flags.
        penalty: 0 or more.

    Returns:
        (m,) coefficients.

    References: Byrd et al. (1995).
    """
    return _fit(features, levels, yes, penalty)[0]


def _fit(features: Array, levels: Array, yes: Array, penalty: float) -> tuple[Array, Array]:
    from scipy.optimize import minimize

    count, width = features.shape
    design = np.hstack([features, levels])
    target = yes.astype(float)
    held = np.r_[np.full(width, penalty), np.zeros(levels.shape[1])]

    def loss(found: Array) -> tuple[float, Array]:
        log_odds = design @ found
        # log(1 + exp(x)) without running over
        value = np.mean(np.logaddexp(0.0, log_odds) - target * log_odds)
        slope = design.T @ (1 / (1 + np.exp(-log_odds)) - target) / count
        return float(value + (held * found**2).sum() / 2), slope + held * found

    least = [0.0] * width + [None] * levels.shape[1]
    start = np.zeros(design.shape[1])
    done = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, None) for low in least],
        options={"ftol": 1e-12, "gtol": 1e-7, "maxiter": 500},
    )
    return np.asarray(done.x[:width]), np.asarray(done.x[width:])


def _folds(count: int) -> Array:
    """Which fold each row is in; rows stand in an order of outcome and scores."""
    return np.arange(count) % FOLDS


def _best_penalty(period: Period) -> float:
    """The penalty with the least log loss over the folds."""
    step = max(1, len(period.bought) // MOST_TRIED)
    features, levels = _centred(period.scores)[::step], _levels(period.active)[::step]
    yes = period.bought[::step]
    fold = _folds(len(yes))
    losses = []
    for penalty in PENALTIES:
        total = 0.0
        for each in range(FOLDS):
            train, held_out = fold != each, fold == each
            found, level = _fit(features[train], levels[train], yes[train], penalty)
            log_odds = features[held_out] @ found + levels[held_out] @ level
            total += float(np.sum(np.logaddexp(0.0, log_odds) - yes[held_out] * log_odds))
        losses.append(total)
    return PENALTIES[int(np.argmin(losses))]


# --- Odds -----------------------------------------------------------------------------


def _cross_fitted_odds(period: Period, penalty: float) -> Odds | None:
    """Odds of a Likelihood whose weights each account took no part in learning."""
    fold = _folds(len(period.bought))
    likelihood = np.full(len(period.bought), np.nan)
    for each in range(FOLDS):
        rest = fold != each
        weights = fit_weights(
            Period(period.scores[rest], period.active[rest], period.bought[rest]), penalty
        )
        if weights is None:
            return None
        likelihood[~rest] = _likelihood(period.scores[~rest], weights)
    return fit_odds(likelihood, period.active, period.bought)


def fit_odds(score: Array, active: Array, bought: Array) -> Odds | None:
    """The odds of buying by score and status (Platt's sigmoid).

    Args:
        score: (n,) numbers of 0-100; NaN rows are left out.
        active: (n,) flags: active accounts and the others have levels of
            their own, where each kind bought and did not.
        bought: (n,) flags.

    Returns:
        ``None`` where there is one kind of outcome only, or where those with a
        higher score did not buy more often.

    References: Platt (1999).
    """
    known = ~np.isnan(score)
    score, active, bought = score[known], active[known], bought[known]
    if len(np.unique(bought)) < 2:
        return None
    apart = all(
        len(np.unique(bought[flags])) == 2 and flags.sum() >= LEAST_OF_A_KIND
        for flags in (active, ~active)
    )
    levels = _levels(active) if apart else np.ones((len(score), 1))
    slope, level = _fit((score[:, None] - 50) / 50, levels, bought, 0.0)
    if slope[0] <= 1e-6:
        return None
    # From scores of -1 to 1, on which it is learned: 50 is 0, and 10 points are a fifth.
    at_50 = 1 / (1 + np.exp(-np.broadcast_to(level, 2)))
    return Odds(float(at_50[0]), float(at_50[1]), float(np.exp(slope[0] / 5)))
