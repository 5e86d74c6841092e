"""How well does each gate convert, by what was really done?

Assumes:
1. What became of a gate in a window is what was counted at the next gate in
   the same window: over half a year, lags between gates hardly matter.
2. The last gate's units become won deals of the same rep.
3. A gate at which more came out than went in was not fully logged; it counts
   as 100 %, and says so.
4. A rep's rate is shrunk towards everybody's: (through + k p) / (done + k),
   by the same beta-binomial model as win rates. k is at most everybody's
   count, since everybody's rate is not known better than that.

Counts are 0 or more, rates shares 0-1, rounded to 9 decimals.

References:
    Kleinman, J. C. (1973), as in ``facts``, for k.
    Wilson, E. B. (1927). Probable inference, the law of succession, and
    statistical inference. Journal of the American Statistical Association
    22(158), 209-212. (The bound.)
    Newcombe, R. G. (1998). Two-sided confidence intervals for the single
    proportion. Statistics in Medicine 17, 857-872. (Worked examples.)
"""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from . import facts
from . import words as w
from .errors import ModelInputError
from .funnel import DEAL, Day, as_day

__all__ = [
    "counts_by_rep",
    "everybodys_rates",
    "gate_rates",
    "per_week",
    "rates_since",
    "upper_bound",
    "weekly_counts",
]

DONE: Final = "Done"
THROUGH: Final = "Got through"
ALL_DONE: Final = "Everybody did"
ALL_THROUGH: Final = "Everybody got through"
STRENGTH: Final = "Strength"
RATE: Final = "Rate"
BEST: Final = "Upper bound"
NOTE: Final = "Note"

WINDOW_WEEKS: Final = 52
ONE_SIDED_90: Final = 1.2815515655446004
"""The standard normal's 90 % point: 90 % sure that the rate is not above the bound."""
MORE_CAME_OUT: Final = "more came out than was logged; counted as 100 %"


def rates_since(activity: pd.DataFrame, until: Day) -> pd.Timestamp | None:
    """The first day of the window that rates are read from; None where nothing was logged.

    The first week that anybody logged, but at most 52 weeks before ``until``.

    Args:
        activity: Week (its Monday), for everybody.
        until: the last day of the window.

    Raises:
        ModelInputError: ``until`` is missing.
    """
    last = as_day(until, "until")
    weeks = activity.loc[activity[w.WEEK] <= last, w.WEEK]
    if weeks.empty:
        return None
    return max(pd.Timestamp(weeks.min()), last - pd.Timedelta(WINDOW_WEEKS * 7 - 1, "D"))


def counts_by_rep(
    activity: pd.DataFrame, deals: pd.DataFrame, gates: Sequence[str], since: Day, until: Day
) -> pd.DataFrame:
    """What each rep did at each gate, and how many deals the rep won, within a window.

    Args:
        activity: Rep, Week, Gate, Count. Gates are known by name, capitals aside; weeks belong
            to the window by their Monday.
        deals: Rep, State, Close date.
        gates: names, first touch first.
        since: first day of the window.
        until: last day of it.

    Returns:
        One row per rep who did or won something, by name; a column per gate and "deal".

    Raises:
        ModelInputError: a missing date, or a negative count.
    """
    first, last = as_day(since, "since"), as_day(until, "until")
    if (activity[w.COUNT] < 0).any():
        raise ModelInputError("activity: a count is negative; give 0 or more")
    done = activity[activity[w.WEEK].between(first, last)]
    spelled = _spelled(done[w.GATE], gates)
    counts = done.groupby([done[w.REP], spelled])[w.COUNT].sum().unstack()
    within = (deals[w.CLOSE_DATE] >= first) & (deals[w.CLOSE_DATE] < last + pd.Timedelta(1, "D"))
    won = deals[(deals[w.STATE] == w.WON) & within & (deals[w.REP] != "")].groupby(w.REP).size()
    table = counts.reindex(columns=list(gates), fill_value=0.0).fillna(0.0)
    table = table.reindex(sorted({*table.index, *won.index}), fill_value=0.0)
    table[DEAL] = won.reindex(table.index, fill_value=0.0).astype("float64")
    return table.rename_axis(index=w.REP, columns=None).astype("float64")


def _spelled(names: pd.Series, gates: Sequence[str]) -> pd.Series:
    """Gates as the funnel spells them; "" for what is no gate of it."""
    known = {gate.strip().casefold(): gate for gate in gates}
    return names.str.strip().str.casefold().map(known).fillna("").rename(w.GATE)


def everybodys_rates(everybody: pd.DataFrame) -> pd.DataFrame:
    """What everybody did at each gate, and how far that tells what one of them will do.

    Args:
        everybody: what ``counts_by_rep`` found.

    Returns:
        One row per gate: Gate, Everybody did, Everybody got through (rep by rep at most what was
        done), Strength (how many tries everybody's rate is worth; NaN without history).
    """
    rows = []
    for place, gate in enumerate(everybody.columns[:-1]):
        tried = everybody[gate]
        got = everybody[everybody.columns[place + 1]].clip(upper=tried)
        done = float(tried.sum())
        strength = min(facts.shrinkage(got, tried - got), done) if done else math.nan
        rows.append(
            {
                w.GATE: gate,
                ALL_DONE: done,
                ALL_THROUGH: float(got.sum()),
                STRENGTH: round(strength, 9),
            }
        )
    return pd.DataFrame(rows, columns=[w.GATE, ALL_DONE, ALL_THROUGH, STRENGTH])


def gate_rates(
    counts: Sequence[float], everybody: pd.DataFrame, known: Sequence[float]
) -> pd.DataFrame:
    """The rate of each gate: one's own, shrunk towards everybody's, with the counts behind it.

    Args:
        counts: what one did at each gate, and the deals one won: one more than there are gates.
        everybody: what ``everybodys_rates`` found, a row per gate.
        known: the rate to go by, 0 < rate <= 1, where nobody ever got anything through.

    Returns:
        The rows of ``everybody`` with Done, Got through (at most Done), Rate, Upper bound (NaN
        where nothing was done) and Note ("" or what is wrong with the counts). A rate of 0, where
        nothing ever got through, is no rate to plan with: ``known`` holds, and the note says so.
    """
    rows = []
    for place, row in enumerate(everybody.to_dict("records")):
        done, out = float(counts[place]), float(counts[place + 1])
        through = min(out, done)
        rate = known[place]
        if row[ALL_THROUGH]:
            k = row[STRENGTH]
            rate = (through + k * row[ALL_THROUGH] / row[ALL_DONE]) / (done + k)
        rows.append(
            {
                **row,
                DONE: done,
                THROUGH: through,
                RATE: round(rate, 9),
                BEST: upper_bound(through, done),
                NOTE: _note(done, out, row[ALL_DONE], row[ALL_THROUGH]),
            }
        )
    columns = [*everybody.columns, DONE, THROUGH, RATE, BEST, NOTE]
    return pd.DataFrame(rows, columns=columns)


def _note(done: float, out: float, all_done: float, all_through: float) -> str:
    if all_done == 0:
        return "nobody logged any"
    if all_through == 0:
        return "nothing ever got through"
    return MORE_CAME_OUT if out > done > 0 else ""


def upper_bound(through: float, done: float, z: float = ONE_SIDED_90) -> float:
    """The highest rate that the counts leave room for: Wilson's upper bound.

    The same in a cell, with p = through/done:
    ``=(p+z^2/(2*done)+z*SQRT(p*(1-p)/done+z^2/(4*done^2)))/(1+z^2/done)``.

    Args:
        through: how many got through, 0 to ``done``.
        done: how many were tried; 0 leaves the bound missing.
        z: how sure: 1.2816 is 90 % sure that the rate is not above the bound.

    Raises:
        ModelInputError: negative counts, or more through than done.

    References: Wilson (1927).
    """
    if not 0 <= through <= done:
        raise ModelInputError(f"counts: {through:g} of {done:g} got through; give 0 up to done")
    if done == 0:
        return math.nan
    rate = through / done
    spread = math.sqrt(rate * (1 - rate) / done + z * z / (4 * done * done))
    return round((rate + z * z / (2 * done) + z * spread) / (1 + z * z / done), 9)


def weekly_counts(
    activity: pd.DataFrame, gates: Sequence[str], today: Day, weeks: int
) -> pd.DataFrame:
    """What was done at each gate in each of the last full weeks.

    Args:
        activity: Week (any day of it), Gate, Count, of those who are asked about.
        gates: names, first touch first.
        today: the day of the reading; the week that holds it counts once it is over (Sunday).
        weeks: how many, 1 or more.

    Returns:
        One row per gate, one column per week (its Monday), oldest first.

    Raises:
        ModelInputError: no weeks asked for, or ``today`` missing.
    """
    if weeks < 1:
        raise ModelInputError(f"weeks: {weeks:g} were asked for; give 1 or more")
    now = as_day(today, "today")
    monday = now - pd.Timedelta(now.day_of_week, "D")
    last = monday if now.day_of_week == 6 else monday - pd.Timedelta(7, "D")
    mondays = [last - pd.Timedelta(7 * back, "D") for back in reversed(range(weeks))]
    spelled = _spelled(activity[w.GATE], gates)
    begun = activity[w.WEEK] - pd.to_timedelta(activity[w.WEEK].dt.day_of_week, unit="D")
    counts = activity.groupby([spelled, begun])[w.COUNT].sum()
    table = counts.unstack().reindex(index=list(gates), columns=mondays)
    return table.fillna(0.0).astype("float64").rename_axis(index=w.GATE, columns=None)


def per_week(
    activity: pd.DataFrame, gates: Sequence[str], today: Day, weeks: int
) -> "pd.Series[float]":
    """How many a week were done at each gate in the last full weeks, on average.

    Args, Raises: as ``weekly_counts``.
    """
    return weekly_counts(activity, gates, today, weeks).mean(axis=1).round(9)
