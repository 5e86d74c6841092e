"""How well numbers tell what came: AUC, gains, Brier score, calibration, lift, and intervals.

Assumptions:

1. Accounts are the units that chance draws: intervals come from the bootstrap
   over accounts, percentile method.
2. Of accounts with the same number none comes first: what a group of ties
   holds is spread evenly over its places. NaN comes last, or is left out.
3. The draws start from a fixed seed, so the same data gives the same ends.

References:
    Fawcett, T. (2006). An introduction to ROC analysis. Pattern Recognition
    Letters 27(8), 861-874. (AUC, ties.)
    Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 13.
    Brier, G. W. (1950). Verification of forecasts expressed in terms of
    probability. Monthly Weather Review 78(1), 1-3.
    Wilson, E. B. (1927). Probable inference, the law of succession, and
    statistical inference. Journal of the American Statistical Association
    22(158), 209-212.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from .errors import ModelInputError

Array = np.ndarray

BANDS: Final = 10
BOOTSTRAPS: Final = 2000
MANY_ACCOUNTS: Final = 10_000
CELLS: Final = 200
"""Groups of scores in a bootstrap; finer ones would not move its ends."""
_SEED: Final = 19581
_CHUNK: Final = 2_000_000


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval; NaN where it cannot be found.

    Args:
        value: the figure.
        low, high: the ends of the interval.
    """

    value: float
    low: float
    high: float


UNKNOWN: Final = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Band:
    """Accounts of about the same forecast.

    Attributes:
        accounts: how many.
        forecast: their mean forecast, 0-1.
        observed: the share of them that bought.
        low, high: the 95 % interval of that share (Wilson).
    """

    accounts: int
    forecast: float
    observed: float
    low: float
    high: float


# --- AUC ----------------------------------------------------------------------------


def auc(score: Array, yes: Array) -> float:
    """The chance that of a yes and a no the yes has the higher score; ties count half.

    Args:
        score: (n,) numbers; NaN rows are left out.
        yes: (n,) flags.

    Returns:
        0-1; NaN where one of the two kinds is missing.

    References: Fawcett (2006).
    """
    known = ~np.isnan(score)
    return float(_auc(*_cells(score[known], yes[known], most=None)))


def _cells(score: Array, yes: Array, most: int | None) -> tuple[Array, Array]:
    """How many yes and no have each score, lowest first, in at most so many groups."""
    group = _groups(score, most)
    size = int(group.max(initial=-1)) + 1
    hits = np.bincount(group, weights=yes.astype(float), minlength=size)
    return hits, np.bincount(group, minlength=size) - hits


def _groups(score: Array, most: int | None) -> Array:
    """The place of each score among the distinct ones, coarsened to at most so many."""
    values, group = np.unique(score, return_inverse=True)
    if most is None or len(values) <= most:
        return group
    below = np.cumsum(np.bincount(group)) - 1
    coarse = below * most // len(score)
    return np.unique(coarse[group], return_inverse=True)[1]


def _auc(yes: Array, no: Array) -> Array:
    """AUC per row of counts, groups along the last axis, lowest score first."""
    below = np.cumsum(no, axis=-1) - no / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = (yes * below).sum(axis=-1) / (yes.sum(axis=-1) * no.sum(axis=-1))
    return found


def drawn_aucs(score: Array, yes: Array) -> Array:
    """AUCs of accounts drawn anew with replacement: as counts per score, which is the same."""
    hits, misses = _cells(score, yes, CELLS)
    counts = np.r_[hits, misses]
    random = np.random.default_rng(_SEED)
    drawn = random.multinomial(len(score), counts / counts.sum(), size=BOOTSTRAPS)
    found = _auc(drawn[:, : len(hits)], drawn[:, len(hits) :])
    known: Array = found[~np.isnan(found)]
    return known


# --- Gains --------------------------------------------------------------------------


def gains(order: Array, worth: Array, share: float) -> float:
    """The share of all worth that the first part of the accounts holds.

    Args:
        order: (n,) numbers, the highest first; NaN comes last.
        worth: (n,) money, or 1 for each account that bought; 0 or more.
        share: how large the part is, 0-1. A part of an account counts in part,
            and what ties hold is spread evenly over them.

    Returns:
        0-1; NaN where there is no worth.

    Raises:
        ModelInputError: the share is outside 0-1.
    """
    if not 0 <= share <= 1:
        raise ModelInputError(f"The share of accounts is {share:g}; give 0 to 1.")
    return float(Order(order).caught(np.ones((1, len(order))), worth, (share,))[0, 0])


class Order:
    """An order of the accounts, ties together, best first."""

    def __init__(self, values: Array, most: int | None = None) -> None:
        group = _groups(-np.where(np.isnan(values), -np.inf, values), most)
        self.order = np.argsort(group, kind="stable")
        self.starts = np.searchsorted(group[self.order], np.arange(int(group.max(initial=-1)) + 1))

    def sums(self, weights: Array) -> Array:
        """Cumulative sums of weights (draws, n) over the groups, with a 0 before the first."""
        per_group = np.add.reduceat(weights[:, self.order], self.starts, axis=1)
        return np.pad(np.cumsum(per_group, axis=1), ((0, 0), (1, 0)))

    def caught(self, draws: Array, worth: Array, shares: Sequence[float]) -> Array:
        """The share of worth in the first part of the accounts, (draws, shares)."""
        return read_off(self.sums(draws), self.sums(draws * worth), shares)

    def area(self, counted: Array, summed: Array) -> Array:
        """The area under the curve, from cumulative accounts and worth, per draw."""
        width = np.diff(counted, axis=1)
        height = (summed[:, 1:] + summed[:, :-1]) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Array = (width * height).sum(axis=1) / (counted[:, -1] * summed[:, -1])
        return found


def read_off(counted: Array, summed: Array, shares: Sequence[float]) -> Array:
    """Reads curves off at parts of the accounts, in a straight line between two groups."""
    rows = np.arange(len(counted))
    found = np.empty((len(counted), len(shares)))
    for at, share in enumerate(shares):
        wanted = share * counted[:, -1]
        after = np.clip((counted < wanted[:, None]).sum(axis=1), 1, counted.shape[1] - 1)
        left, right = counted[rows, after - 1], counted[rows, after]
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where(right > left, (wanted - left) / (right - left), 0.0)
            below = summed[rows, after - 1]
            inside = below + part * (summed[rows, after] - below)
            found[:, at] = inside / summed[:, -1]
    return found


def draws(count: int) -> Iterator[Array]:
    """How often each account is drawn, (draws, accounts), some draws at a time."""
    random = np.random.default_rng(_SEED)
    # Where there are many accounts, fewer draws give the same ends of the interval.
    total = BOOTSTRAPS if count <= MANY_ACCOUNTS else BOOTSTRAPS // 5
    at_once = max(1, _CHUNK // max(count, 1))
    for start in range(0, total, at_once):
        size = min(at_once, total - start)
        picked = random.integers(0, count, (size, count))
        picked += np.arange(size)[:, None] * count
        counts = np.bincount(picked.ravel(), minlength=size * count)
        yield counts.reshape(size, count).astype(float)


def interval(value: float, drawn: Array) -> Interval:
    """A figure with the ends between which 95 % of its draws lie."""
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or len(known) == 0:
        return UNKNOWN
    low, high = np.quantile(known, (0.025, 0.975))
    return Interval(round(float(value), 9), float(low), float(high))


# --- Forecasts ----------------------------------------------------------------------


def brier(forecast: Array, yes: Array) -> float:
    """The mean squared error of a forecast, 0-1; 0 is perfect.

    Args:
        forecast: (n,) probabilities, 0-1; NaN rows are left out.
        yes: (n,) flags.

    References: Brier (1950).
    """
    known = ~np.isnan(forecast)
    if not known.any():
        return float("nan")
    return round(float(np.mean((forecast[known] - yes[known]) ** 2)), 9)


def calibration(forecast: Array, yes: Array, bands: int = BANDS) -> tuple[Band, ...]:
    """Forecast against what happened, in bands of about as many accounts each.

    Args:
        forecast: (n,) probabilities, 0-1; NaN rows are left out.
        yes: (n,) flags.
        bands: at most how many; accounts of the same forecast stay together.

    Returns:
        The bands, the lowest forecast first.
    """
    known = ~np.isnan(forecast)
    forecast, yes = forecast[known], yes[known]
    group = equal_groups(forecast, bands)
    found = []
    for each in range(int(group.max(initial=-1)) + 1):
        mine = group == each
        count, hits = int(mine.sum()), int(yes[mine].sum())
        low, high = wilson(hits, count)
        mean = round(float(forecast[mine].mean()), 9)
        found.append(Band(count, mean, round(hits / count, 9), low, high))
    return tuple(found)


def equal_groups(values: Array, most: int) -> Array:
    """At most so many groups of about the same size, lowest first; ties stay together."""
    _, tied = np.unique(values, return_inverse=True)
    counts = np.bincount(tied)
    middle = np.cumsum(counts) - counts / 2
    coarse = np.minimum((middle * most / max(len(values), 1)).astype(int), most - 1)
    if len(values) == 0:
        return tied
    return np.unique(coarse[tied], return_inverse=True)[1]


def wilson(hits: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share, 0-1.

    References: Wilson (1927).
    """
    if count == 0:
        return float("nan"), float("nan")
    share, scale = hits / count, 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def calibration_error(bands: Sequence[Band]) -> float:
    """The mean distance of forecast and observed share, weighted by accounts, 0-1."""
    total = sum(band.accounts for band in bands)
    if total == 0:
        return float("nan")
    apart = sum(band.accounts * abs(band.forecast - band.observed) for band in bands)
    return round(apart / total, 9)


def fifths(score: Array, yes: Array) -> tuple[float, ...]:
    """The share of yes in each fifth of the accounts by score, from the worst to the best.

    Args:
        score: (n,) numbers; NaN rows are left out; ties stay together, so
            there may be fewer than five.
        yes: (n,) flags.
    """
    known = ~np.isnan(score)
    group, hits = equal_groups(score[known], 5), yes[known]
    return tuple(
        float(hits[group == each].mean()) for each in range(int(group.max(initial=-1)) + 1)
    )


def lift(score: Array, yes: Array, share: float = 0.20) -> float:
    """How many times the average share of yes the best part of the accounts by score holds.

    Args:
        score: (n,) numbers; NaN rows are left out.
        yes: (n,) flags.
        share: how large the part is, 0-1.

    Returns:
        1 is no better than chance; NaN without a yes.
    """
    known = ~np.isnan(score)
    if not known.any():
        return float("nan")
    return round(gains(score[known], yes[known].astype(float), share) / share, 9)


def is_monotone(rates: Sequence[float]) -> bool | None:
    """Whether rates never fall; ``None`` of fewer than two."""
    if len(rates) < 2:
        return None
    return all(later >= earlier for earlier, later in pairwise(rates))
