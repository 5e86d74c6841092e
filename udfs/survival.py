"""How likely is a deal to be won within so many days, as old as it is?

Assumes that what ended deals of an age in the last half-year will end them
again: won, lost, or not yet. Deals that are still open say how long they have
held out, which the win rate of closed deals alone does not: it takes for
granted that every deal ends.

Days are calendar days since the deal was opened.

References:
    Brenner, H., Gefeller, O. (1996). An alternative approach to monitoring
    cancer patient survival. Cancer 78, 2004-2010. (Counting a recent period
    only, each case from the age it had at its beginning.)
    Aalen, O. O., Johansen, S. (1978). An empirical transition matrix for
    non-homogeneous Markov chains based on censored observations. Scandinavian
    Journal of Statistics 5, 141-150. (Chance of one end among several.)
    Kaplan, E. L., Meier, P. (1958). Nonparametric estimation from incomplete
    observations. Journal of the American Statistical Association 53, 457-481.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import words as w
from .funnel import Day, as_day

__all__ = ["WonBy", "in_time", "won_by"]

FloatArray = npt.NDArray[np.float64]

WINDOW_DAYS: Final = 182
LEAST_CLOSED: Final = 30
"""With fewer closed deals nothing can be said about when deals end."""


@dataclass(frozen=True)
class WonBy:
    """When deals are won: for each age at which any deal ended, what became of it.

    Attributes:
        ages: days, rising.
        lasted: share of deals still open after that age.
        won: share of deals won up to that age.
    """

    ages: FloatArray
    lasted: FloatArray
    won: FloatArray

    def chance(self, age: FloatArray, days: FloatArray) -> FloatArray:
        """The chance 0-1 that a deal open at an age is won within so many days more.

        Args:
            age: days since it was opened, 0 or more; -1 for a deal that opens today, which may
                still end on its first day.
            days: 0 or more, as many.
        """
        ages = np.concatenate([[-1.0], self.ages])
        lasted = np.concatenate([[1.0], self.lasted])
        won = np.concatenate([[0.0], self.won])
        now = np.searchsorted(ages, age, side="right") - 1
        then = np.searchsorted(ages, np.maximum(age, 0) + days, side="right") - 1
        left = lasted[np.maximum(now, 0)]
        gained = won[np.maximum(then, 0)] - won[np.maximum(now, 0)]
        chance = np.divide(gained, left, out=np.zeros(len(gained)), where=left > 0)
        return np.asarray(np.clip(chance, 0.0, 1.0), dtype=np.float64)


def won_by(deals: pd.DataFrame, as_of: Day) -> WonBy | None:
    """When deals are won, by the last half-year; None with fewer than 30 closed deals in it.

    Args:
        deals: State, Opened, Close date. Deals without an opening date, closed ones without a
            close date, and deals closed before they were opened say nothing.
        as_of: the day the data speaks for; open deals have held out until then.

    References: Aalen and Johansen (1978).
    """
    still = deals[w.STATE] == w.OPEN
    end = deals[w.CLOSE_DATE].where(~still, as_day(as_of, "as-of date"))
    days = (end - deals[w.OPENED]).dt.days
    known = days.notna() & (days >= 0)
    if int((known & ~still).sum()) < LEAST_CLOSED:
        return None
    # What ended before the window, or before the first end on record, tells nothing: a deal that
    # was opened earlier counts from the age it had then.
    window = as_day(as_of, "as-of date") - pd.Timedelta(WINDOW_DAYS, "D")
    first = max(pd.Timestamp(deals.loc[known & ~still, w.CLOSE_DATE].min()), window)
    known = known & (still | (deals[w.CLOSE_DATE] >= first))
    entered = np.asarray((first - deals.loc[known, w.OPENED]).dt.days, dtype=np.float64)
    lengths = np.asarray(days[known], dtype=np.float64)
    ages, place = np.unique(lengths, return_inverse=True)
    ages = np.asarray(ages, dtype=np.float64)
    at_risk = _at_risk(ages, lengths, entered)
    ends = np.bincount(place, weights=(~still[known]).to_numpy(np.float64))
    wins = np.bincount(place, weights=(deals.loc[known, w.STATE] == w.WON).to_numpy(np.float64))
    lasted = np.asarray(np.cumprod(1 - ends / at_risk), dtype=np.float64)
    before = np.concatenate([[1.0], lasted[:-1]])
    return WonBy(ages, lasted, np.asarray(np.cumsum(before * wins / at_risk), dtype=np.float64))


def _at_risk(ages: FloatArray, lengths: FloatArray, entered: FloatArray) -> FloatArray:
    """How many deals were open, and on record, just before each age."""
    gone = np.searchsorted(np.sort(lengths), ages, side="left")
    not_yet = len(entered) - np.searchsorted(np.sort(entered), ages, side="right")
    return np.asarray(np.maximum(len(lengths) - gone - not_yet, 1), dtype=np.float64)


def in_time(deals: pd.DataFrame, found: WonBy | None, as_of: Day, until: Day) -> "pd.Series[float]":
    """How likely each open deal is to be won in time, as a multiple of being won at all.

    A deal with a date to come is taken at its word: 1. A deal whose date is over or missing is
    won by ``until`` as deals of its age were, against the share of closed deals that were won.

    Args:
        deals: State, Opened, Close date.
        found: what ``won_by`` found; None: nothing is known, and every deal has 1.
        as_of: the day the data speaks for.
        until: the last day that is in time.

    Returns:
        Series of 0 or more, 1 for deals that are not open; rounded to 9 decimals.
    """
    now, last = as_day(as_of, "as-of date"), as_day(until, "until")
    asked = (deals[w.STATE] == w.OPEN) & ~(deals[w.CLOSE_DATE] > now) & deals[w.OPENED].notna()
    times = pd.Series(1.0, index=deals.index)
    closed = deals[w.STATE].isin((w.WON, w.LOST))
    rate = float((deals[w.STATE] == w.WON).sum()) / max(int(closed.sum()), 1)
    if found is None or rate == 0 or not asked.any():
        return times
    age = (now - deals.loc[asked, w.OPENED]).dt.days.to_numpy(np.float64)
    days = np.full(len(age), float(max(0, (last - now).days)))
    times[asked] = np.round(found.chance(age, days) / rate, 9)
    return times
