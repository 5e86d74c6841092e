"""What followed where plans were good and on time, and what where they were not?

Compares two groups of accounts, and two of reps, by what came after the plans
were due. A difference is association, not proof: whoever plans well may sell
well without a plan, and good accounts may be the ones that get good plans.
``WARNING`` says so wherever the figures are shown.

Assumes:

1. Accounts are compared with accounts and reps with reps, each counted once.
2. The difference of means has a bootstrap interval (percentiles, resampled
   within each group, seeded); the difference of win rates has Newcombe's, from
   the Wilson intervals of both.
3. Groups of fewer than ``FEW`` are shown, and no interval is given.

Money is in the currency of the export, shares are 0-1.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter
13; Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["WARNING", "Difference", "Outcome", "mean_difference", "rate_difference", "told"]

FEW: Final = 5
RESAMPLES: Final = 4000
SEED: Final = 20_260_101
_Z95: Final = 1.959963984540054
WARNING: Final = (
    "This is association, not proof: reps who plan well may sell well without a plan, and the "
    "accounts that promise most may be the ones that get good plans."
)


@dataclass(frozen=True)
class Outcome:
    """One group: how many, and what came of them (a mean, or a share); NaN for none."""

    count: int
    value: float


@dataclass(frozen=True)
class Difference:
    """What followed in the two groups.

    Args:
        good: with good plans on time.
        others: without.
        difference: good less others; NaN where a group is empty.
        low, high: its 95 % interval; NaN where a group is too small for one.
    """

    good: Outcome
    others: Outcome
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """ "more", "less", or "cannot tell" where the interval holds 0 or there is none."""
        if self.low > 0:
            return "more"
        return "less" if self.high < 0 else "cannot tell"


def mean_difference(good: Sequence[float], others: Sequence[float]) -> Difference:
    """How much more did the one group bring on average?

    Args:
        good, others: what each brought; missing values are left out.
    """
    ours, theirs = _known(good), _known(others)
    first, second = _outcome(ours), _outcome(theirs)
    difference = round(first.value - second.value, 9)
    if min(first.count, second.count) < FEW:
        return Difference(first, second, difference, math.nan, math.nan)
    random = np.random.default_rng(SEED)
    spread = _resampled(ours, random) - _resampled(theirs, random)
    low, high = np.percentile(spread, [2.5, 97.5])
    return Difference(first, second, difference, round(float(low), 9), round(float(high), 9))


def rate_difference(
    good_wins: int, good_closed: int, other_wins: int, other_closed: int
) -> Difference:
    """How much higher was the share of deals won?

    Args:
        good_wins, good_closed: deals won, and won or lost, of the one group.
        other_wins, other_closed: of the other.
    """
    first = Outcome(good_closed, good_wins / good_closed if good_closed else math.nan)
    second = Outcome(other_closed, other_wins / other_closed if other_closed else math.nan)
    difference = round(first.value - second.value, 9)
    if min(good_closed, other_closed) < FEW:
        return Difference(first, second, difference, math.nan, math.nan)
    (low1, high1), (low2, high2) = _wilson(first), _wilson(second)
    low = difference - math.hypot(first.value - low1, high2 - second.value)
    high = difference + math.hypot(high1 - first.value, second.value - low2)
    return Difference(first, second, difference, round(low, 9), round(high, 9))


def told(what: str, found: Difference, *, percent: bool = False) -> str:
    """A comparison in a sentence.

    Args:
        what: was compared, such as "won revenue per account".
        found: the comparison.
        percent: whether the values are shares.
    """
    if found.good.count == 0 or found.others.count == 0:
        group = "good plans on time" if found.good.count == 0 else "other plans"
        return f"{what}: nothing to compare, there are none with {group}."
    values = (found.good.value, found.others.value, found.difference, found.low, found.high)
    ours, theirs, by, low, high = (_shown(value, percent=percent) for value in values)
    groups = f"{ours} with good plans on time ({found.good.count:,}), {theirs} without "
    groups += f"({found.others.count:,})"
    if math.isnan(found.low):
        return f"{what}: {groups}; too few to say more."
    verdict = "" if found.verdict != "cannot tell" else ", so it cannot be told from chance"
    return f"{what}: {groups}; difference {by} (95 %: {low} to {high}){verdict}."


def _shown(value: float, *, percent: bool) -> str:
    return f"{100 * value:,.0f} %" if percent else f"{value:,.0f}"


def _known(values: Sequence[float]) -> npt.NDArray[np.float64]:
    held = np.asarray(list(values), dtype=float)
    known: npt.NDArray[np.float64] = held[~np.isnan(held)]
    return known


def _outcome(values: npt.NDArray[np.float64]) -> Outcome:
    return Outcome(len(values), round(float(values.mean()), 9) if len(values) else math.nan)


def _resampled(
    values: npt.NDArray[np.float64], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    drawn = random.integers(0, len(values), (RESAMPLES, len(values)))
    means: npt.NDArray[np.float64] = values[drawn].mean(axis=1)
    return means


def _wilson(rate: Outcome) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    n, p, z2 = rate.count, rate.value, _Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half
