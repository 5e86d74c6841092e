"""What are the odds of reaching the quota, and how much volume makes them good?

Many years are played through: what is closed is certain; each open deal comes
or does not; each account's repeat business comes or does not; new business
comes through a funnel whose rates are known no better than history tells.

Assumes:
1. An open deal brings its amount with its rep's win rate, or nothing.
2. An account repeats in full with the chance of the retention, or not at all:
   the widest spread that the retention allows.
3. Each gate's rate is one draw a year from its Beta posterior; a unit of the
   first gate becomes a deal with the product of the rates; the deal's size is
   drawn from the sizes that were won.
4. Good and bad years strike everything at once: one standard normal factor Z a
   year, and chance p becomes Phi((Phi^-1(p) - sqrt(shock) Z) / sqrt(1 - shock)).
   On average over the years it stays p. ``shock`` is the correlation between
   deals behind that; 0 makes them independent. Its default of 0.10 was chosen
   with two past quarters in view (``outlook`` names them), not measured.
5. What falls after the year's end does not count for the year.

Money is in the currency of the export, chances are shares 0-1. The same input
and seed give the same answer, in whatever order the deals stand. The standard
error of a chance p after n years is at most sqrt(p (1 - p) / n).

References:
    Vasicek, O. (2002). The distribution of loan portfolio value. Risk,
    December, 160-162. (The shared factor.)
    Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., section 2.4.
    (The Beta posterior of a rate.)
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from .errors import ModelInputError

__all__ = [
    "Coins",
    "DealOdds",
    "NewBusiness",
    "Odds",
    "UncertainRate",
    "deal_odds",
    "quota_odds",
]

FloatArray = npt.NDArray[np.float64]

YEARS: Final = 100_000
SEED: Final = 20_180_101
SHOCK: Final = 0.10
CUSHIONS: Final = (0.50, 0.80, 0.90)
PERCENTILES: Final = (10.0, 50.0, 90.0)

CHUNK_YEARS: Final = 2_000
CUSHION_YEARS: Final = 20_000
MANY_DEALS: Final = 200
"""Above so many deals in a year the sum of their sizes is drawn from the normal distribution."""
CENT: Final = 1e-6
"""Sums that differ by less are equal: adding up in another order must not decide."""
MOST_SUMS: Final = 1 << 17

QUOTA_REACHED: Final = "Quota already reached."
NO_QUOTA: Final = "No quota: there is nothing to hold the odds against."
NO_SIZES: Final = "No deal was won yet: the size of new deals is not known."
NOTHING_OPEN: Final = "Nothing is open or planned: what is closed is all."


@dataclass(frozen=True)
class Coins:
    """What comes or does not: open deals, and accounts' repeat business.

    Args:
        chances: one each, 0-1.
        amounts: what each brings per period (rows: coins, columns: periods of the year), or one
            column of money. May be negative (a credit).

    Raises:
        ModelInputError: chances outside 0-1, missing or infinite money, or sizes that differ.
    """

    chances: FloatArray
    amounts: FloatArray

    def __post_init__(self) -> None:
        chances = np.asarray(self.chances, dtype=np.float64)
        amounts = np.asarray(self.amounts, dtype=np.float64)
        amounts = amounts.reshape(len(amounts), -1) if amounts.size else amounts.reshape(0, 1)
        if len(chances) != len(amounts):
            raise ModelInputError(
                f"odds: {len(chances)} chances and {len(amounts)} amounts; give one of each"
            )
        if not ((chances >= 0) & (chances <= 1)).all():
            raise ModelInputError("odds: a chance is missing or outside 0-1; give shares")
        if not np.isfinite(amounts).all():
            raise ModelInputError("odds: an amount is missing or infinite; give money")
        object.__setattr__(self, "chances", chances)
        object.__setattr__(self, "amounts", amounts)

    @property
    def expected(self) -> FloatArray:
        """What they bring on average, per period."""
        return np.asarray(self.chances @ self.amounts, dtype=np.float64)


@dataclass(frozen=True)
class UncertainRate:
    """A gate's rate as far as history tells it: a Beta distribution.

    Args:
        mean: 0 < mean <= 1.
        strength: how many tries stand behind it, above 0; infinite: the rate is certain.

    Raises:
        ModelInputError: either is out of range.
    """

    mean: float
    strength: float = math.inf

    def __post_init__(self) -> None:
        if not 0 < self.mean <= 1 or not self.strength > 0:
            raise ModelInputError(
                f"odds: a rate of {self.mean:g} on {self.strength:g} tries; "
                "give a share above 0 and a number of tries above 0"
            )


@dataclass(frozen=True)
class NewBusiness:
    """New deals that work still to be done will bring.

    Args:
        volume: units of the first gate that can still become deals this year, 0 or more.
        rates: of the gates from there to the deal.
        sizes: amounts of deals that were won, above 0; each is as likely for a new one.
        planned: whether ``volume`` is a number that will be done, or the average of what comes.
        periods: shares 0-1 of its money per period, together 1; none: all in one period.

    Raises:
        ModelInputError: any of them is out of range.
    """

    volume: float
    rates: tuple[UncertainRate, ...]
    sizes: FloatArray
    planned: bool = True
    periods: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        sizes = np.sort(np.asarray(self.sizes, dtype=np.float64))
        if not 0 <= self.volume < math.inf or not self.rates:
            raise ModelInputError(
                f"odds: a volume of {self.volume:g} through {len(self.rates)} gates; "
                "give 0 or more, and at least one rate"
            )
        if not (np.isfinite(sizes).all() and (sizes > 0).all()):
            raise ModelInputError("odds: a deal's size is not an amount above 0; leave it out")
        if not all(share >= 0 for share in self.periods) or abs(sum(self.periods) - 1) > 1e-6:
            raise ModelInputError("odds: the shares of new business do not make 100 %")
        object.__setattr__(self, "sizes", sizes)

    @property
    def deals(self) -> float:
        """How many deals it brings on average."""
        return self.volume * math.prod(rate.mean for rate in self.rates)


@dataclass(frozen=True)
class Odds:
    """The odds of a year.

    Attributes:
        reach: chance of the quota or more, 0-1; missing without quota.
        p10, p50, p90: one year in ten ends below p10, half below p50, nine in ten below p90.
        mean: the average year.
        without_new: the chance without any new business; missing without quota.
        cushion: odds -> volume of the first gate that gives them (0 where they stand without
            any), missing where no volume is known to.
        low, high: p10 and p90 of each period.
        years: how many were played.
        note: in words why there is nothing to say, else "".
    """

    reach: float
    p10: float
    p50: float
    p90: float
    mean: float
    without_new: float
    cushion: Mapping[float, float] = field(default_factory=dict)
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    years: int = 0
    note: str = ""

    @property
    def standard_error(self) -> float:
        """How far ``reach`` may be from the truth: one standard error of the simulation."""
        return math.sqrt(self.reach * (1 - self.reach) / self.years)


def quota_odds(
    quota: float,
    closed: float | Sequence[float],
    coins: Coins,
    new: NewBusiness | None = None,
    *,
    shock: float = SHOCK,
    years: int = YEARS,
    seed: int = SEED,
) -> Odds:
    """The odds of reaching a quota, the range of the year, and the volume for better odds.

    Args:
        quota: money of the year; missing (NaN): only the range is told.
        closed: money that is certain, per period of the year or in one sum.
        coins: open deals and repeat business, with as many periods.
        new: new business, with as many periods; None: none.
        shock: correlation 0-1 (1 not included) between deals through good and bad years.
        years: how many to play, 1,000 to 10,000,000.
        seed: any whole number from 0 up; the same one gives the same years.

    Raises:
        ModelInputError: numbers out of range, or periods that do not match.

    References: see the module's docstring.
    """
    certain = np.atleast_1d(np.asarray(closed, dtype=np.float64))
    _check(quota, certain, coins, new, shock, years)
    rng = np.random.default_rng(seed)
    luck = rng.standard_normal(years)
    base = certain + _toss(coins, luck, shock, rng)
    usable = new is not None and len(new.sizes) > 0
    chance = _chances(new, luck, shock, rng) if new is not None and usable else np.zeros(years)
    sold = _sold(new, chance, rng) if new is not None and usable else np.zeros(years)
    shares = new.periods if new is not None else (0.0,)
    periods = base + np.outer(sold, shares) if usable else base
    totals, sums = periods.sum(axis=1), base.sum(axis=1)
    p10, p50, p90 = np.percentile(totals, PERCENTILES)
    low, high = np.percentile(periods, (10.0, 90.0), axis=0)
    return Odds(
        reach=_reached(totals, quota),
        p10=float(p10),
        p50=float(p50),
        p90=float(p90),
        mean=float(totals.mean()),
        without_new=_reached(sums, quota),
        cushion=_cushion(quota, sums, new if usable else None, chance, rng),
        low=tuple(map(float, low)),
        high=tuple(map(float, high)),
        years=years,
        note=_note(quota, certain, coins, new),
    )


def _check(
    quota: float,
    closed: FloatArray,
    coins: Coins,
    new: NewBusiness | None,
    shock: float,
    years: int,
) -> None:
    if math.isinf(quota) or not np.isfinite(closed).all():
        raise ModelInputError("odds: quota or closed is not an amount of money")
    if not 0 <= shock < 1:
        raise ModelInputError(f"odds: the shared shock is {shock:g}; give a share from 0, below 1")
    if not 1_000 <= years <= 10_000_000:
        raise ModelInputError(f"odds: {years:,} years; play 1,000 to 10,000,000")
    periods = {len(closed)} | ({coins.amounts.shape[1]} if len(coins.chances) else set())
    if new is not None:
        periods.add(len(new.periods))
    if len(periods) > 1:
        raise ModelInputError("odds: closed, deals and new business have different periods")


def _note(quota: float, closed: FloatArray, coins: Coins, new: NewBusiness | None) -> str:
    if math.isnan(quota):
        return NO_QUOTA
    if closed.sum() >= quota - CENT and not (coins.amounts < 0).any():
        return QUOTA_REACHED
    if new is not None and new.volume > 0 and not len(new.sizes):
        return NO_SIZES
    nothing_new = new is None or new.volume == 0
    return NOTHING_OPEN if nothing_new and not len(coins.chances) else ""


def _reached(totals: FloatArray, quota: float) -> float:
    return math.nan if math.isnan(quota) else float((totals >= quota - CENT).mean())


# Coins


def _toss(coins: Coins, luck: FloatArray, shock: float, rng: np.random.Generator) -> FloatArray:
    """What the coins bring, per year and period.

    A coin comes up where a normal draw lies below its threshold; the year's luck moves all draws
    of that year. In single precision, some thousand years at a time, so that it stays in cache.
    """
    order = np.lexsort((*coins.amounts.T, coins.chances))
    chances, amounts = coins.chances[order], coins.amounts[order]
    out = np.zeros((len(luck), amounts.shape[1]))
    if not len(chances):
        return out
    bounds = (_quantile(chances) / math.sqrt(1 - shock)).astype(np.float32)
    pull = (math.sqrt(shock / (1 - shock)) * luck).astype(np.float32)
    draws = np.empty((CHUNK_YEARS, len(chances)), dtype=np.float32)
    for start in range(0, len(luck), CHUNK_YEARS):
        some = draws[: min(CHUNK_YEARS, len(luck) - start)]
        rng.standard_normal(dtype=np.float32, out=some)
        if shock:
            some += pull[start : start + len(some), None]
        out[start : start + len(some)] = (some < bounds).astype(np.float64) @ amounts
    return out


def _quantile(chances: FloatArray) -> FloatArray:
    """The standard normal's points with these chances below them; 0 and 1 lie at no point."""
    normal = NormalDist()
    return np.array(
        [-math.inf if p <= 0 else math.inf if p >= 1 else normal.inv_cdf(float(p)) for p in chances]
    )


# New business


@lru_cache(maxsize=1)
def _normal_table() -> tuple[FloatArray, FloatArray]:
    """The standard normal distribution, fine enough for straight lines between its points."""
    points = np.linspace(-8.0, 8.0, 16_001)
    normal = NormalDist()
    return points, np.array([normal.cdf(float(point)) for point in points])


def _chances(
    new: NewBusiness, luck: FloatArray, shock: float, rng: np.random.Generator
) -> FloatArray:
    """The chance of a unit of the first gate to become a deal, in each year."""
    chance = np.ones(len(luck))
    for rate in new.rates:
        if math.isinf(rate.strength) or rate.mean == 1:
            chance *= rate.mean
        else:
            won = rate.mean * rate.strength
            chance *= rng.beta(won, rate.strength - won, len(luck))
    if shock:
        points, below = _normal_table()
        moved = np.interp(chance, below, points) - math.sqrt(shock) * luck
        chance = np.interp(moved / math.sqrt(1 - shock), points, below)
    return chance


def _sold(new: NewBusiness, chance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """What new business brings in each year."""
    if new.planned:
        whole = math.floor(new.volume)
        units = whole + (rng.random(len(chance)) < new.volume - whole)
        deals = rng.binomial(units, chance)
    else:
        deals = rng.poisson(new.volume * chance)
    return _sizes(new.sizes, deals, rng)


def _sizes(sizes: FloatArray, deals: npt.NDArray[np.int64], rng: np.random.Generator) -> FloatArray:
    """The sum of so many sizes, each drawn by itself, in each year."""
    few = deals <= MANY_DEALS
    drawn = np.where(few, deals, 0)
    picked = sizes[rng.integers(0, len(sizes), int(drawn.sum()))]
    which = np.repeat(np.arange(len(deals)), drawn)
    sums = np.asarray(np.bincount(which, weights=picked, minlength=len(deals)), dtype=np.float64)
    if few.all():
        return sums
    spread = float(sizes.std()) * np.sqrt(deals) * rng.standard_normal(len(deals))
    return np.where(few, sums, np.maximum(deals * float(sizes.mean()) + spread, 0.0))


# The cushion


def _cushion(
    quota: float,
    base: FloatArray,
    new: NewBusiness | None,
    chance: FloatArray,
    rng: np.random.Generator,
) -> dict[float, float]:
    """The volume that reaches the quota with each of the odds.

    In each year, how many deals are missing, and how many units it takes until they are won; the
    volume for odds of 80 % is the one that is enough in 80 % of the years.
    """
    if math.isnan(quota) or new is None:
        return dict.fromkeys(CUSHIONS, math.nan)
    base, chance = base[:CUSHION_YEARS], chance[:CUSHION_YEARS]
    deals = _deals_missing(quota - base, new.sizes, rng)
    units = np.zeros(len(base))
    short, likely = deals > 0, np.maximum(chance, 1e-12)
    if new.planned:
        units[short] = deals[short] + rng.negative_binomial(deals[short], likely[short])
    else:
        units[short] = rng.standard_gamma(deals[short]) / likely[short]
    enough = np.quantile(units, CUSHIONS, method="inverted_cdf")
    return dict(zip(CUSHIONS, map(float, enough), strict=True))


def _deals_missing(
    short: FloatArray, sizes: FloatArray, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """How many deals of drawn sizes cover what is short in each year; beyond 200, on average."""
    left = short - CENT
    deals = np.zeros(len(short), dtype=np.int64)
    for _ in range(MANY_DEALS):
        open_years = np.flatnonzero(left > 0)
        if not len(open_years):
            return deals
        left[open_years] -= sizes[rng.integers(0, len(sizes), len(open_years))]
        deals[open_years] += 1
    beyond = np.ceil(np.maximum(left, 0.0) / float(sizes.mean()))
    return deals + beyond.astype(np.int64)


# Named deals, exactly


@dataclass(frozen=True)
class DealOdds:
    """What some deals bring together: chance of the target, expected money, and the range.

    ``exact`` is False where so many different sums can come up that they were put on a grid of
    1/131,072 of all the money.
    """

    reach: float
    expected: float
    p10: float
    p50: float
    p90: float
    exact: bool


def deal_odds(amounts: FloatArray, chances: FloatArray, target: float) -> DealOdds:
    """The odds that these deals, independent of each other, bring a target together.

    By adding one deal after the other to the distribution of the sum, so without simulation.

    Args:
        amounts: money of each deal; may be negative.
        chances: of each, 0-1.
        target: money; missing (NaN): the chance is missing.

    Raises:
        ModelInputError: as ``Coins``, or an infinite target.
    """
    coins = Coins(np.asarray(chances, np.float64), np.asarray(amounts, np.float64))
    if math.isinf(target):
        raise ModelInputError("odds: the target is infinite; give an amount of money")
    sums, weights, exact = np.zeros(1), np.ones(1), True
    step = float(np.abs(coins.amounts).sum()) / MOST_SUMS
    for place in np.argsort(coins.amounts[:, 0], kind="stable"):
        amount, chance = float(coins.amounts[place, 0]), float(coins.chances[place])
        both = np.concatenate([sums, sums + amount]).round(9)
        shares = np.concatenate([weights * (1 - chance), weights * chance])
        if exact and len(both) > MOST_SUMS:
            exact = len(np.unique(both)) <= MOST_SUMS
        if not exact:
            both = np.round(both / step) * step
        sums, places = np.unique(both, return_inverse=True)
        added = np.bincount(places, weights=shares, minlength=len(sums))
        weights = np.asarray(added, dtype=np.float64)
    below = np.cumsum(weights)
    p10, p50, p90 = (
        float(sums[min(int(np.searchsorted(below, share - 1e-12)), len(sums) - 1)])
        for share in (0.1, 0.5, 0.9)
    )
    reach = math.nan if math.isnan(target) else float(weights[sums >= target - CENT].sum())
    expected = float(coins.expected[0]) if len(coins.chances) else 0.0
    return DealOdds(round(reach, 9), round(expected, 9), p10, p50, p90, exact)
