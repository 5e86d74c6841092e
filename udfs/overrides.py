"""Corrections of the model: which of them act, what history says of them, and who was right.

Assumptions of what history says:

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

Assumptions of who was nearer:

5. The model is held to what it said when the correction was first seen, since
   later scores know what has happened meanwhile. What counts is the 12 months
   after the later of the correction's date and the day of those scores.
6. Likelihood is read as the chance that a deal of the account is won, as Win
   probability is: each deal that closed in that time is one trial, and both
   are held to it by their Brier score.
7. Potential $ is money of a year, so it is held to what was won once the year
   is over, by the absolute error.
8. Potential (0-100) and segment promise nothing that can be measured.

The sheet Overrides does the same with native formulas while one types.

References:
    Brier, G. W. (1950). Verification of forecasts expressed in terms of
    probability. Monthly Weather Review 78(1), 1-3.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from . import words as w
from .plans import is_filled
from .table_cells import cell_number, cell_text, day_number

SUPPORTS: Final = "supports"
CONTRADICTS: Final = "contradicts"
NO_DATA: Final = "no data"

FIELDS: Final = (w.POTENTIAL, w.LIKELIHOOD, w.POTENTIAL_MONEY, w.SEGMENT)
"""What can be corrected."""
FIELD: Final = "Field"
NEW_VALUE: Final = "New value"
REASON: Final = "Reason"
EVIDENCE: Final = "Evidence"
AUTHOR: Final = "Author"
DATE: Final = "Date"

# What the column State says.
PROPOSED: Final = "Proposed"
ACCEPTED: Final = "Accepted"
DECLINED: Final = "Declined"
WITHDRAWN: Final = "Withdrawn"
"""Its author has taken the correction back: on record, without effect."""
DECIDED: Final = {word.casefold(): word for word in (ACCEPTED, DECLINED)}
"""By the manager; as read without regard to capitals."""

# What the column Applies says.
ACTS: Final = "yes"
LATER: Final = "later one applies"
TURNED_DOWN: Final = "declined"
TAKEN_BACK: Final = "withdrawn"
NO_ACCOUNT: Final = "no such account"
NO_FIELD: Final = "no such field"
NO_VALUE: Final = "no new value"
NO_SEGMENT: Final = "no such segment"
NO_NUMBER: Final = "not a number"
NOT_HUNDRED: Final = "not 0-100"
BELOW_ZERO: Final = "below 0"
NO_REASON: Final = "no reason"
NO_EVIDENCE: Final = "no evidence"
NO_DATE: Final = "not a date"
FUTURE: Final = "date in the future"
WAITING: Final = "proposed"

# Who was nearer.
THEIRS: Final = "correction"
OURS: Final = "model"
ALIKE: Final = "alike"
NO_DEALS: Final = "no deal closed since"
TOO_EARLY: Final = "too early"
NOT_NOTED: Final = "model value not kept yet"
NOT_MEASURED: Final = "not measured"
NOT_LISTED: Final = "deals of then are not listed"
MONTHS: Final = 12
"""For so long a correction is held to what comes."""


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
        came: money, or the share of deals that were won (0-1). The Brier scores
            of two chances on the same deals differ as their squared distances
            from that share do, so nearer is the same as the smaller score.

    Returns:
        "correction", "model" or "alike"; "" where any is not known.
    """
    theirs, ours = abs(new_value - came), abs(model_value - came)
    if np.isnan(theirs) or np.isnan(ours):
        return ""
    if round(theirs - ours, 9) == 0:
        return ALIKE
    return THEIRS if theirs < ours else OURS


# --- Which of them act? ----------------------------------------------------------


def judged(
    typed: pd.DataFrame,
    accounts: Sequence[str],
    segments: Collection[str],
    today: pd.Timestamp,
    *,
    at_once: bool,
    left: Collection[str] = (),
) -> pd.DataFrame:
    """What stops each correction, and which of several for one field applies.

    Args:
        typed: one row per correction, cells as they are: Account, Field, New
            value, Reason, Evidence, Date and State. Blank ones are None or "".
        accounts: the names of the accounts; capitals make no difference.
        segments: the names of the segments.
        today: a later date than that lies in the future.
        at_once: whether a proposed correction acts too.
        left: accounts that the export no longer has, in small letters: nobody
            can mend that, so it is told in other words.

    Returns:
        One row per correction: Row (the account's place, -1 for none), Field (as
        in ``FIELDS``, "" for none) and Applies: "yes", what stops it, "later one
        applies", or "" for a row in which nothing is typed. The latest date
        wins; of one date the lower row; one without a date comes first.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(accounts):
        # A blank row of a template is nobody's.
        if cell_text(name):
            places.setdefault(cell_text(name).casefold(), place)
    spelled = {field.casefold(): field for field in FIELDS}
    named = {each.casefold() for each in (*segments, w.OTHER_SEGMENT)} - {""}
    lines = typed.to_dict("records")
    rows = [places.get(cell_text(line[w.ACCOUNT]).casefold(), -1) for line in lines]
    fields = [spelled.get(cell_text(line[FIELD]).casefold(), "") for line in lines]
    told = [
        ""
        if _is_empty(line)
        else _stopped(line, row, field, named, serial(today), at_once=at_once, left=left) or ACTS
        for line, row, field in zip(lines, rows, fields, strict=True)
    ]
    latest: dict[tuple[int, str], tuple[float, int]] = {}
    for at, line in enumerate(lines):
        key = rows[at], fields[at]
        if told[at] == ACTS:
            latest[key] = max(latest.get(key, (-1.0, -1)), (serial(line[DATE]), at))
    wins = {at for _, at in latest.values()}
    applies = [LATER if word == ACTS and at not in wins else word for at, word in enumerate(told)]
    return pd.DataFrame({"Row": rows, FIELD: fields, "Applies": applies}, index=typed.index)


def serial(value: object) -> float:
    """A date as a serial number: 0 without one, NaN for what is none."""
    if cell_text(value) == "":
        return 0.0
    if isinstance(value, date):
        return day_number(value)
    return cell_number(value)


def _stopped(
    line: Mapping[Any, Any],
    row: int,
    field: str,
    segments: Collection[str],
    today: float,
    *,
    at_once: bool,
    left: Collection[str],
) -> str:
    """The first thing that stops a correction; "" where nothing does."""
    value, since = line[NEW_VALUE], serial(line[DATE])
    state = cell_text(line[w.STATE]).casefold()
    number = cell_number(value)
    if state in (TURNED_DOWN, TAKEN_BACK):
        return state
    if row < 0:
        return w.LEFT_EXPORT if cell_text(line[w.ACCOUNT]).casefold() in left else NO_ACCOUNT
    if not field:
        return NO_FIELD
    if cell_text(value) == "":
        return NO_VALUE
    if field == w.SEGMENT:
        if not isinstance(value, str) or value.casefold() not in segments:
            return NO_SEGMENT
    elif np.isnan(number):
        return NO_NUMBER
    elif field in (w.POTENTIAL, w.LIKELIHOOD) and not 0 <= number <= 100:
        return NOT_HUNDRED
    elif number < 0:
        return BELOW_ZERO
    if not is_filled(line[REASON]):
        return NO_REASON
    if not is_filled(line[EVIDENCE]):
        return NO_EVIDENCE
    if np.isnan(since):
        return NO_DATE
    if since > today:
        return FUTURE
    return "" if at_once or state == ACCEPTED.casefold() else WAITING


def _is_empty(line: Mapping[Any, Any]) -> bool:
    cells = (line[name] for name in (w.ACCOUNT, FIELD, NEW_VALUE, REASON, EVIDENCE))
    return all(cell_text(cell) == "" for cell in cells)


# --- Who was nearer? ---------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What came after a correction.

    Attributes:
        deals: how many deals of the account closed in the time that counts.
        came: the share of them that was won (0-1), or the money won; NaN where
            that is not known.
        theirs, ours: the error of the correction and of the model: Brier score
            (0-1), or money; NaN where it is not known.
        verdict: "correction", "model", "alike", or why there is none; "" where
            the correction is not a value of its field.
    """

    deals: int
    came: float
    theirs: float
    ours: float
    verdict: str


def outcome(
    field: str,
    new_value: float,
    model_value: float,
    since: pd.Timestamp,
    as_of: pd.Timestamp,
    deals: pd.DataFrame,
) -> Outcome:
    """What came of a correction, and whether it or the model was nearer.

    Args:
        field: one of ``FIELDS``.
        new_value: of the field, in its unit.
        model_value: likewise, when the correction was first seen; NaN: not known.
        since: the later of the correction's date and the day of the scores that
            it corrected; what closed after it counts.
        as_of: the day the deals speak for.
        deals: of the account: State, Close date and Amount.
    """
    end = since + pd.DateOffset(months=MONTHS)
    in_time = (deals[w.CLOSE_DATE] > since) & (deals[w.CLOSE_DATE] <= min(as_of, end))
    closed = deals[in_time & (deals[w.STATE] != w.OPEN)]
    won = closed[closed[w.STATE] == w.WON]
    unknown = (len(closed), np.nan, np.nan, np.nan)
    if field not in (w.LIKELIHOOD, w.POTENTIAL_MONEY):
        return Outcome(*unknown, NOT_MEASURED)
    if not 0 <= new_value <= (100 if field == w.LIKELIHOOD else np.inf):
        return Outcome(*unknown, "")
    if np.isnan(model_value):
        return Outcome(*unknown, NOT_NOTED)
    if field == w.POTENTIAL_MONEY:
        if as_of < end:
            return Outcome(*unknown, TOO_EARLY)
        came = float(won[w.AMOUNT].sum())
        errors = abs(new_value - came), abs(model_value - came)
        return Outcome(len(closed), came, *errors, nearer(new_value, model_value, came))
    if not len(closed):
        return Outcome(*unknown, NO_DEALS)
    came = len(won) / len(closed)
    theirs, ours = new_value / 100, model_value / 100
    # The mean of (p - o)^2 over the deals, each o being 1 or 0.
    spread = came * (1 - came)
    errors = (theirs - came) ** 2 + spread, (ours - came) ** 2 + spread
    return Outcome(len(closed), came, *errors, nearer(theirs, ours, came))
