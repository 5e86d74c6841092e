"""The grid: slam dunks, big bets, quick wins and skips, and a book's risk profile.

Potential $ against a money cut, Likelihood against 50. Equal to the cut is
high. The money cut is the median Potential $ of all scored accounts, the same
in every book. Where fewer than 80 % of accounts have a Potential $, all are
placed by Potential (0-100) against 50 instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from . import words as w
from .errors import SettingsError

LEAST_SHARE_WITH_MONEY: Final = 0.80
BY_MONEY: Final = w.POTENTIAL_MONEY
BY_SCORE: Final = w.POTENTIAL
PLACED_BY: Final = ("auto", BY_MONEY, BY_SCORE)

WORK_FIRST: Final[Mapping[str, int]] = {
    w.SLAM_DUNK: 0,
    w.BIG_BET: 1,
    w.QUICK_WIN: 1,
    w.NOT_ENOUGH_DATA: 2,
    w.SKIP: 3,
}
"""What a rep works on first, from 0; big bets and quick wins go by Score, so that neither
starves. An account to skip never stands before one that deserves effort."""


@dataclass(frozen=True)
class Cuts:
    """Where high begins.

    Attributes:
        placed_by: the column on the potential axis: "Potential $" or "Potential".
        potential: the cut on that column.
        likelihood: the cut on Likelihood, 0-100.
        source: where the potential cut comes from, in words.
        median: the median Potential $ of all scored accounts, NaN where there is none.
    """

    placed_by: str
    potential: float
    likelihood: float
    source: str
    median: float


def find_cuts(
    potential_money: pd.Series,
    scored: pd.Series,
    *,
    placed_by: str = "auto",
    money_cut: float | None = None,
    potential_cut: float = 50.0,
    likelihood_cut: float = 50.0,
) -> Cuts:
    """Which column and which cuts place the accounts.

    Args:
        potential_money: Potential $ of every account of the organisation.
        scored: whether each account has a Score.
        placed_by: "auto", "Potential $" or "Potential".
        money_cut: money that a person typed; ``None`` takes the median
            Potential $ of the scored accounts.
        potential_cut: used when placed by Potential, 0-100.
        likelihood_cut: 0-100.

    Raises:
        SettingsError: an unknown placed_by, or a cut out of range.
    """
    if placed_by not in PLACED_BY:
        raise SettingsError(f"Placed by is '{placed_by}'; use one of: {', '.join(PLACED_BY)}.")
    for name, cut in (("Potential cut", potential_cut), ("Likelihood cut", likelihood_cut)):
        if not 0 <= cut <= 100:
            raise SettingsError(f"{name} is {cut:g}; give a number from 0 to 100.")
    if money_cut is not None and not money_cut >= 0:
        raise SettingsError(f"Money cut is {money_cut:g}; give 0 or more, or leave it blank.")
    known = potential_money.notna().mean() if len(potential_money) else 0.0
    median = round(float(potential_money[scored].median()), 9)
    by_money = placed_by == BY_MONEY or (
        placed_by == "auto" and known >= LEAST_SHARE_WITH_MONEY and not np.isnan(median)
    )
    if not by_money:
        too_few = f"only {known:.0%} have a Potential $"
        if known >= LEAST_SHARE_WITH_MONEY:
            too_few = "no account with a Potential $ is scored"
        reason = "setting" if placed_by == BY_SCORE else too_few
        return Cuts(BY_SCORE, potential_cut, likelihood_cut, reason, median)
    if money_cut is not None:
        return Cuts(BY_MONEY, float(money_cut), likelihood_cut, "setting", median)
    cut = 0.0 if np.isnan(median) else median
    return Cuts(BY_MONEY, cut, likelihood_cut, "median of all scored accounts", median)


def quadrant(placed_value: pd.Series, likelihood: pd.Series, cuts: Cuts) -> pd.Series:
    """The quadrant of each account.

    Args:
        placed_value: Potential $ or Potential, as ``cuts.placed_by`` says.
        likelihood: 0-100.
        cuts: where high begins; equal is high.

    Returns:
        One of ``words.QUADRANTS``, or "Not enough data" where either is NaN.
    """
    high, likely = placed_value >= cuts.potential, likelihood >= cuts.likelihood
    labels = np.select(
        [placed_value.isna() | likelihood.isna(), high & likely, high, likely],
        [w.NOT_ENOUGH_DATA, w.SLAM_DUNK, w.BIG_BET, w.QUICK_WIN],
        w.SKIP,
    )
    return pd.Series(labels, index=likelihood.index, name=w.QUADRANT)


def work_order(quadrants: pd.Series, ranks: pd.Series) -> np.ndarray:
    """In which order a rep works on these accounts.

    Args:
        quadrants: of the accounts.
        ranks: by Score, the best 1; NaN where there is no Score.

    Returns:
        Their positions: by ``WORK_FIRST``, then by rank; those without a rank last, as
        they stand.
    """
    group = quadrants.map(WORK_FIRST).to_numpy(float)
    rank = ranks.to_numpy(float)
    group[np.isnan(rank)] = np.inf
    return np.lexsort((rank, group))


def quadrant_grid(quadrants: pd.Series, *money: pd.Series) -> pd.DataFrame:
    """Accounts and money per quadrant.

    Args:
        quadrants: the quadrant of each account.
        money: columns to add up (NaN counts as 0), each under its own name.

    Returns:
        One row per quadrant, "Not enough data" last: Accounts, then the sums.
    """
    frame = pd.DataFrame({w.QUADRANT: quadrants, "Accounts": 1.0})
    for column in money:
        frame[column.name] = column.fillna(0.0)
    order = [*w.QUADRANTS, w.NOT_ENOUGH_DATA]
    return frame.groupby(w.QUADRANT).sum().reindex(order).fillna(0.0).round(9)


@dataclass(frozen=True)
class RiskProfile:
    """The balance of big bets and quick wins.

    Attributes:
        label: "Mostly big bets", "Balanced", "Mostly quick wins", or that there is neither.
        share: of big bets among big bets + quick wins, by accounts, 0-1; NaN with neither.
        big_bets, quick_wins: accounts.
        big_bet_money, quick_win_money: their Expected $.
        check: the question that belongs to the profile.
    """

    label: str
    share: float
    big_bets: int
    quick_wins: int
    big_bet_money: float
    quick_win_money: float
    check: str


RISK_CHECKS: Final = {
    w.MOSTLY_BIG_BETS: "Expect fewer deals early; agree the early indicators that show each bet "
    "is moving",
    w.MOSTLY_QUICK_WINS: "Deals are small; check that there is volume enough for the quota",
    w.BALANCED: "Quick wins carry the year while the big bets ripen; see that neither starves",
    w.NO_PROFILE: "All are slam dunks and skips, or lack data; check the cuts",
}


def risk_profile(quadrants: pd.Series, expected: pd.Series) -> RiskProfile:
    """The risk profile of a book, team or organisation.

    Args:
        quadrants: the quadrant of each account.
        expected: Expected $ of each account; NaN counts as 0.
    """
    bets, wins = quadrants == w.BIG_BET, quadrants == w.QUICK_WIN
    total = int(bets.sum() + wins.sum())
    share = float(bets.sum()) / total if total else float("nan")
    label = risk_label(int(bets.sum()), int(wins.sum()))
    return RiskProfile(
        label=label,
        share=round(share, 9),
        big_bets=int(bets.sum()),
        quick_wins=int(wins.sum()),
        big_bet_money=round(float(expected[bets].sum()), 9),
        quick_win_money=round(float(expected[wins].sum()), 9),
        check=RISK_CHECKS[label],
    )


def risk_label(big_bets: int, quick_wins: int) -> str:
    """The name of the balance: from 2/3 big bets on "mostly", up to 1/3 "mostly quick wins"."""
    total = big_bets + quick_wins
    if total == 0:
        return w.NO_PROFILE
    # Compared in whole accounts, so that exactly two thirds decides the same everywhere.
    if 3 * big_bets >= 2 * total:
        return w.MOSTLY_BIG_BETS
    if 3 * big_bets <= total:
        return w.MOSTLY_QUICK_WINS
    return w.BALANCED
