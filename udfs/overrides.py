"""Does an account's own history speak for a correction of the model, or against it?

Assumptions:

1. A correction that raises Potential, Likelihood or Potential $ is supported by
   an account that does better than the others of its status, one that lowers
   it by an account that does worse.
2. Three figures speak, each with one voice: the shrunk win rate against the
   mean of its status; sales of the 12 months to the as-of date against those
   of the 12 months before; days since the last won deal against the mean of
   its status (fewer is better). A figure that is missing, or the same, is silent.
3. More voices for than against: supports. More against: contradicts. Else
   there is no data that decides.
4. A correction of the segment is no matter of figures: no data.

The sheet Overrides does the same with native formulas while one types.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

SUPPORTS: Final = "supports"
CONTRADICTS: Final = "contradicts"
NO_DATA: Final = "no data"
WITHDRAWN: Final = "Withdrawn"
"""The state of a correction that its author has taken back: on record, without effect."""


@dataclass(frozen=True)
class History:
    """What an account's history says; NaN where it says nothing.

    Attributes:
        win_rate: shrunk, 0-1; ``status_win_rate`` the mean of its status.
        sales: of the 12 months to the as-of date; ``sales_before`` of the 12 before.
        days: since the last won deal; ``status_days`` the mean of its status.
    """

    win_rate: float
    status_win_rate: float
    sales: float
    sales_before: float
    days: float
    status_days: float


def voices(history: History) -> int:
    """How many of the three figures speak for the account, less those that speak against it."""
    pairs = (
        (history.win_rate, history.status_win_rate),
        (history.sales, history.sales_before),
        (history.status_days, history.days),
    )
    return sum(_sign(better - other) for better, other in pairs)


def _sign(difference: float) -> int:
    return 0 if np.isnan(difference) else int(np.sign(round(difference, 6)))


def data_says(difference: float, history: History) -> str:
    """Whether the history supports or contradicts a correction.

    Args:
        difference: new value less the model's, in any unit; NaN for a segment.
        history: of the account.

    Returns:
        "supports", "contradicts" or "no data".
    """
    balance = _sign(difference) * voices(history)
    if balance > 0:
        return SUPPORTS
    return CONTRADICTS if balance < 0 else NO_DATA


def nearer(new_value: float, model_value: float, came: float) -> str:
    """Which was nearer to what came: the correction, the model, or both alike.

    Args:
        new_value, model_value: money, or a chance of 0-1.
        came: money, or whether it came true (1 or 0). The squared error of a
            chance (its Brier score) and the absolute error of money put the
            two in the same order.

    Returns:
        "correction", "model" or "alike"; "" where any is not known.
    """
    theirs, ours = abs(new_value - came), abs(model_value - came)
    if np.isnan(theirs) or np.isnan(ours):
        return ""
    if round(theirs - ours, 9) == 0:
        return "alike"
    return "correction" if theirs < ours else "model"
