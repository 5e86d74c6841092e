"""What an account is worth: potential $, expansion $ and expected $.

Assumptions:

1. An account can give in a year what the better ones among its peers give:
   the 80th percentile of prior-year sales among the 15 other active accounts
   nearest in size.
2. Size is employees, or annual revenue where more accounts have that, on a
   log scale: 10 to 20 employees is as far as 1,000 to 2,000.
3. Until a model is calibrated on history, every account's expansion is won
   with the same probability, the base win rate.

Source: peer benchmarking of account potential as in Zoltners, A. A., Sinha,
P., Lorimer, S. E. (2004), Sales Force Design for Strategic Advantage, ch. 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from . import words as w

PEER_COUNT: Final = 15
LEAST_PEERS: Final = 5
BENCHMARK_PERCENTILE: Final = 80
_CHUNK: Final = 50_000


def size_attribute(accounts: pd.DataFrame) -> str:
    """Which column measures size: Employees, or Annual revenue where more accounts have that."""
    known = {name: (accounts[name] > 0).sum() for name in (w.EMPLOYEES, w.ANNUAL_REVENUE)}
    return w.ANNUAL_REVENUE if known[w.ANNUAL_REVENUE] > known[w.EMPLOYEES] else w.EMPLOYEES


def benchmark(accounts: pd.DataFrame) -> pd.DataFrame:
    """What comparable customers spend in a year.

    Args:
        accounts: one row per account (Account ID, Status, Segment, Employees,
            Annual revenue, Prior-year sales). Peers are active accounts with a
            size and prior-year sales, never the account itself; within the
            segment where that has 15 of them, else among all.

    Returns:
        Benchmark $ (80th percentile, linear; NaN with fewer than 5 peers or
        without a size), Peers (how many), Peers from and Peers to (the range
        of their prior-year sales), aligned with ``accounts``.
    """
    sales = accounts[w.PRIOR_YEAR_SALES].to_numpy(float)
    found = np.full((len(accounts), 4), np.nan)
    for rows, chosen in nearest_peers(accounts):
        found[rows] = _summary(np.where(chosen >= 0, sales[chosen], np.nan))
    columns = [w.BENCHMARK_MONEY, w.PEERS, w.PEERS_FROM, w.PEERS_TO]
    out = pd.DataFrame(np.round(found, 9), index=accounts.index, columns=columns)
    out[w.PEERS] = out[w.PEERS].fillna(0.0)
    return out


def nearest_peers(accounts: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The other active accounts nearest in size, for every account that has a size.

    Args:
        accounts: as for ``benchmark``.

    Yields:
        Some accounts at a time: their positions (n,), and those of their peers
        (n, 15), the nearest first; -1 where there are fewer.
    """
    size = _log_size(accounts)
    peer = _can_be_peers(accounts, size)
    by_id = np.empty(len(accounts), dtype=np.int64)
    by_id[np.argsort(accounts[w.ACCOUNT_ID].to_numpy(str), kind="stable")] = np.arange(
        len(accounts)
    )
    segments, _ = pd.factorize(accounts[w.SEGMENT])
    within = _within_segment(segments, peer)
    for segment in np.unique(segments[within]):
        asked = np.flatnonzero(within & (segments == segment) & ~np.isnan(size))
        yield from _peers(asked, np.flatnonzero(peer & (segments == segment)), size, by_id)
    asked = np.flatnonzero(~within & ~np.isnan(size))
    yield from _peers(asked, np.flatnonzero(peer), size, by_id)


def peers_of_segment(accounts: pd.DataFrame) -> np.ndarray:
    """Whether each account's peers are those of its segment, not of all: (n,) flags.

    Args:
        accounts: as for ``benchmark``.
    """
    segments, _ = pd.factorize(accounts[w.SEGMENT])
    return _within_segment(segments, _can_be_peers(accounts, _log_size(accounts)))


def _log_size(accounts: pd.DataFrame) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log(accounts[size_attribute(accounts)].to_numpy(float))
    found: np.ndarray = np.where(np.isfinite(size), size, np.nan)
    return found


def _can_be_peers(accounts: pd.DataFrame, size: np.ndarray) -> np.ndarray:
    sales = accounts[w.PRIOR_YEAR_SALES].to_numpy(float)
    active = (accounts[w.STATUS] == w.ACTIVE).to_numpy()
    found: np.ndarray = active & ~np.isnan(size) & ~np.isnan(sales)
    return found


def _within_segment(segments: np.ndarray, peer: np.ndarray) -> np.ndarray:
    """Whether an account's segment has enough other accounts that can be peers."""
    in_segment = np.bincount(segments[peer], minlength=segments.max(initial=0) + 1)[segments]
    found: np.ndarray = in_segment - peer >= PEER_COUNT
    return found


def _peers(
    asked: np.ndarray, pool: np.ndarray, size: np.ndarray, by_id: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The nearest of a pool of accounts, for each account asked about."""
    if len(pool) == 0:
        if len(asked):
            yield asked, np.full((len(asked), PEER_COUNT), -1)
        return
    # Nearest below reads backwards from the account, so equal sizes stand there Z-A:
    # either way, of equally near accounts the first by Account ID is taken.
    upward = pool[np.lexsort((by_id[pool], size[pool]))]
    downward = pool[np.lexsort((-by_id[pool], size[pool]))]
    reach = np.arange(PEER_COUNT + 1)
    for start in range(0, len(asked), _CHUNK):
        rows = asked[start : start + _CHUNK]
        at = np.searchsorted(size[upward], size[rows], side="left")[:, None]
        above, below = at + reach, at - 1 - reach
        places = np.concatenate([above, below], axis=1)
        inside = (places >= 0) & (places < len(pool))
        places = np.clip(places, 0, len(pool) - 1)
        peers = np.where(np.arange(places.shape[1]) <= PEER_COUNT, upward[places], downward[places])
        inside &= peers != rows[:, None]
        distance = np.where(inside, np.abs(size[peers] - size[rows][:, None]), np.inf)
        distance = np.round(distance, 9)
        nearest = np.lexsort((by_id[peers], distance), axis=1)[:, :PEER_COUNT]
        chosen = np.take_along_axis(peers, nearest, axis=1)
        yield rows, np.where(np.take_along_axis(inside, nearest, axis=1), chosen, -1)


def _summary(sales: np.ndarray) -> np.ndarray:
    """80th percentile, count, least and most per row; no benchmark below 5 peers."""
    count = (~np.isnan(sales)).sum(axis=1)
    enough = count >= LEAST_PEERS
    out = np.full((len(sales), 4), np.nan)
    out[:, 1] = count
    if enough.any():
        # numpy's nanpercentile goes row by row in Python; sorting puts NaN last, so
        # the linear percentile is read off at (n - 1) x 0.8.
        ordered = np.sort(sales[enough], axis=1)
        place = (count[enough] - 1) * BENCHMARK_PERCENTILE / 100
        low = np.floor(place).astype(int)
        rows = np.arange(len(ordered))
        high = np.minimum(low + 1, count[enough] - 1)
        share = place - low
        out[enough, 0] = ordered[rows, low] * (1 - share) + ordered[rows, high] * share
        out[enough, 2] = ordered[:, 0]
        out[enough, 3] = ordered[rows, count[enough] - 1]
    return out


def read_wallet_share(values: pd.Series) -> tuple[pd.Series, int]:
    """Wallet share as a share, 0 < share <= 1.

    Args:
        values: as it came. A column is in percent, and read so, where most of
            its values above 0 are above 1; a single 1.2 among shares is an
            error of that account, not another unit.

    Returns:
        The shares (NaN where missing, or outside what a share can be), and how
        many values were ignored for that.
    """
    shares = values / 100 if values[values > 0].median() > 1 else values
    sound = (shares > 0) & (shares <= 1)
    return shares.where(sound).round(9), int((values.notna() & ~sound).sum())


def potential_money(accounts: pd.DataFrame, benchmarks: pd.DataFrame) -> pd.DataFrame:
    """The year's revenue that an account like this can give, and where the figure comes from.

    The export's own Potential $; else prior-year sales / wallet share, where
    there are such sales; else the larger of Benchmark $ and prior-year sales
    (an account without benchmark is worth at least what it bought); else blank.

    Args:
        accounts: one row per account (Prior-year sales, Wallet share as a share
            of 0-1, and Potential $ where the export has it).
        benchmarks: what ``benchmark`` gave.

    Returns:
        Potential $ (NaN where nothing is known) and Potential $ from (words).
    """
    own = accounts.get(w.POTENTIAL_MONEY, pd.Series(np.nan, index=accounts.index))
    sales = accounts[w.PRIOR_YEAR_SALES]
    share = accounts[w.WALLET_SHARE]
    by_wallet = (sales / share).where((share > 0) & (share <= 1) & (sales > 0))
    bench = benchmarks[w.BENCHMARK_MONEY]
    bought = sales.where(sales > 0)
    by_peers = bench.clip(lower=sales.fillna(0.0)).fillna(bought)
    from_sales = bench.notna() & (sales > bench)
    value = own.fillna(by_wallet).fillna(by_peers).round(9)
    source = np.select(
        [own.notna(), by_wallet.notna(), from_sales, bench.notna(), bought.notna()],
        [
            "CRM export",
            "wallet share",
            "own sales, above its peers",
            "peers' sales",
            "own sales, no peers to compare with",
        ],
        "",
    )
    return pd.DataFrame(
        {w.POTENTIAL_MONEY: value, w.POTENTIAL_SOURCE: source}, index=accounts.index
    )


def expansion_money(potential: pd.Series, prior_year_sales: pd.Series) -> pd.Series:
    """Room above last year's sales: Potential $ - prior-year sales, at least 0.

    Args:
        potential: money a year; NaN makes the result NaN.
        prior_year_sales: money; NaN counts as 0.
    """
    return (potential - prior_year_sales.fillna(0.0)).clip(lower=0).round(9)


def growth(
    status: pd.Series, potential: pd.Series, expansion: pd.Series, exhausted_below: float = 0.10
) -> pd.Series:
    """Whether there is room to grow.

    Args:
        status: of the account; only Active ones can be exhausted.
        potential: money a year; NaN makes the result "".
        expansion: money a year.
        exhausted_below: share of potential, 0-1.
    """
    exhausted = (status == w.ACTIVE) & (expansion < (exhausted_below * potential).round(9))
    words = np.select([potential.isna(), exhausted], ["", w.EXHAUSTED], w.ROOM_TO_GROW)
    return pd.Series(words, index=status.index, name=w.GROWTH)


@dataclass(frozen=True)
class Odds:
    """From a score to the chance of buying, as a person can read it.

    Attributes:
        active, others: the chance of an account of score 50, 0-1, by its status.
        per_ten: what each 10 points of score multiply the odds by, 1 or more.
    """

    active: float
    others: float
    per_ten: float

    def probability(self, score: np.ndarray, active: np.ndarray) -> np.ndarray:
        """The chance of buying, 0-1; NaN where there is no score.

        Args:
            score: (n,) numbers of 0-100.
            active: (n,) flags.
        """
        chance = np.where(active, self.active, self.others)
        against = (1 - chance) * np.power(self.per_ten, -(score - 50) / 10)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: np.ndarray = np.round(chance / (chance + against), 9)
        return found


def win_probability(
    likelihood: pd.Series, status: pd.Series, base: float, odds: Odds | None
) -> pd.Series:
    """The chance that the expansion of each account is won.

    Args:
        likelihood: 0-100; accounts without one get the base.
        status: of the account.
        base: 0-1, the same for every account while nothing is calibrated.
        odds: calibrated on history, and accepted by a person; ``None``: the base for all.

    Returns:
        0-1, aligned with ``likelihood``.
    """
    if odds is None:
        return pd.Series(base, index=likelihood.index)
    active = (status == w.ACTIVE).to_numpy()
    found = odds.probability(likelihood.to_numpy(float), active)
    return pd.Series(found, index=likelihood.index).fillna(base)


def expected_money(
    prior_year_sales: pd.Series,
    expansion: pd.Series,
    win_probability: pd.Series | float,
    retention: float,
) -> pd.Series:
    """What the next 12 months should bring: sales x retention + expansion x win probability.

    Args:
        prior_year_sales: money; NaN counts as 0.
        expansion: money; NaN (no potential) makes the result NaN.
        win_probability: 0-1.
        retention: share of last year's sales that comes again, 0 or more.
    """
    return (prior_year_sales.fillna(0.0) * retention + expansion * win_probability).round(9)
