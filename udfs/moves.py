"""Which deals could come earlier, which should be left, and which are late?

Lists for a person to decide by, each line with its reason; nothing is moved.

Assumes:
1. A client spends what is left of a budget before its fiscal year ends, so a
   deal there can be had by then.
2. A deal that has been open as long as a win takes is far along, whatever its
   stage is called.
3. Open deals take about the same effort each, whatever they are worth.

Money is in the currency of the export; days are calendar days.

Source: closing before the client's year end, and the early signs of large
deals, are the trade's advice. The bars are this product's judgement, and
arguments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import funnel, timing
from . import words as w
from .errors import ModelInputError
from .funnel import Day, Gate, as_day
from .timing import FiscalYear, QuarterPlan

__all__ = [
    "Concentration",
    "QuickWinCheck",
    "client_year_ends",
    "coverage_of",
    "early_signs",
    "effort_by_quarter",
    "largest_two",
    "place_deals",
    "pull_forward",
    "quarter_coverage",
    "quick_win_check",
    "to_leave",
]

FloatArray = npt.NDArray[np.float64]

EXPECTED_CLOSE: Final = "Expected close"
CLIENT_YEAR_END: Final = "Client's year end"
REASON: Final = "Reason"
NEXT_GATE: Final = "Gate"
BY: Final = "By"
STAND: Final = "Stand"
OPEN_MONEY: Final = "Open amount"
COVERAGE: Final = "Coverage"
COVERED: Final = "Covered"
EFFORT: Final = "Effort"
ROOM: Final = "Capacity"

MOST_MOVES: Final = 10
SMALL_SHARE: Final = 0.25
"""A deal below this share of the average is small."""
SHORT_SHARE: Final = 0.05
"""A quarter that lacks no more than this share of its quota is not short."""
BUDGET_DAYS: Final = 92
LATE_STAGES: Final = ("proposal", "quote", "negotiat", "contract", "commit", "verbal", "closing")
"""Words of stages that come after every gate before the deal, in any CRM."""
QUICKEST: Final = 0.10
SLOWEST: Final = 0.90


def client_year_ends(months: pd.Series, today: Day) -> pd.Series:
    """The next day on which each client's fiscal year ends, after today.

    Args:
        months: the month 1-12 in which it ends; missing: the year end is missing.
        today: the day of the reading.

    Raises:
        ModelInputError: a month outside 1-12, or ``today`` missing.
    """
    now = as_day(today, "today") + pd.Timedelta(1, "D")
    known = months.dropna()
    if not known.isin(range(1, 13)).all():
        wrong = known[~known.isin(range(1, 13))].iloc[0]
        raise ModelInputError(f"fiscal year end: month {wrong:g} does not exist; give 1 to 12")
    ends = {
        month: pd.Timestamp(now.year + (month < now.month), month, 1) + pd.offsets.MonthEnd(0)
        for month in range(1, 13)
    }
    return pd.to_datetime(months.map(ends))


def place_deals(
    deals: pd.DataFrame,
    accounts: pd.DataFrame,
    year: FiscalYear,
    *,
    as_of: Day,
    today: Day,
    cycle_days: float,
) -> pd.DataFrame:
    """Every open deal with the day and quarter it should close in, and its client's year end.

    Args:
        deals: Deal ID, Account ID, Account, Stage, State, Opened, Close date, Amount, Stale,
            Weighted.
        accounts: Account ID, Quadrant, Fiscal year end (month).
        year: the planning year.
        as_of, today, cycle_days: as for ``timing.expected_close``.

    Returns:
        The open deals with Expected close, Quarter (Q1 to Q4, or Later), Client's year end,
        Quadrant ("" without account), and Age counted to today; by Weighted, largest first.
    """
    live = deals[deals[w.STATE] == w.OPEN].copy()
    live[EXPECTED_CLOSE] = timing.expected_close(live, year, as_of, today, cycle_days)
    places = timing.quarter_of(live[EXPECTED_CLOSE], year).clip(1, 5)
    live[timing.QUARTER] = places.map(dict(enumerate(timing.QUARTERS, start=1))).astype(str)
    at = accounts.drop_duplicates(w.ACCOUNT_ID).set_index(w.ACCOUNT_ID)
    months = live[w.ACCOUNT_ID].map(at[w.FISCAL_YEAR_END]).astype("float64")
    live[CLIENT_YEAR_END] = client_year_ends(months, today)
    quadrants = live[w.ACCOUNT_ID].map(at[w.QUADRANT]).astype(object)
    live[w.QUADRANT] = quadrants.where(quadrants.notna(), "").astype(str)
    live[w.AGE] = (as_day(today, "today") - live[w.OPENED]).dt.days.astype("float64")
    order = [w.WEIGHTED, w.AMOUNT, w.DEAL_ID]
    found: pd.DataFrame = live.sort_values(order, ascending=[False, False, True])
    return found.reset_index(drop=True)


def short_quarter(plan: QuarterPlan, today: Day) -> int | None:
    """The first quarter (0-3) that is short of its quota and has days left; None where none is."""
    now = as_day(today, "today")
    for place, row in enumerate(plan.quarters.to_dict("records")[:4]):
        if row[timing.TO] > now and row[timing.GAP_TO_QUOTA] > SHORT_SHARE * row[w.QUOTA]:
            return place
    return None


def pull_forward(
    placed: pd.DataFrame, plan: QuarterPlan, today: Day, cycle_days: float
) -> pd.DataFrame:
    """Deals that could come earlier, for the first quarter that is short.

    Live deals expected later than that quarter. First those whose client's year ends within it
    (or up to a quarter later), then those open as long as a win takes, then the largest.

    Args:
        placed: what ``place_deals`` gives.
        plan: the year by quarter.
        today: the day of the reading.
        cycle_days: typical days to win; missing: 90, assumed.

    Returns:
        At most ten rows of ``placed``, best first, with Reason, a sentence. None where no
        quarter is short.
    """
    short = short_quarter(plan, today)
    columns = [*placed.columns, REASON]
    if short is None:
        return pd.DataFrame(columns=columns)
    row = plan.quarters.iloc[short]
    later = placed[(placed[EXPECTED_CLOSE] > row[timing.TO]) & (placed[w.WEIGHTED] > 0)].copy()
    window = (later[CLIENT_YEAR_END] >= row[timing.FROM]) & (
        later[CLIENT_YEAR_END] <= row[timing.TO] + pd.Timedelta(BUDGET_DAYS, "D")
    )
    cycle = timing.ASSUMED_CYCLE_DAYS if math.isnan(cycle_days) else cycle_days
    far = later[w.AGE] >= cycle
    later = later.assign(window=window, far=far).sort_values(
        ["window", "far", w.WEIGHTED, w.DEAL_ID], ascending=[False, False, False, True]
    )
    best = later.head(MOST_MOVES)
    gap = float(row[timing.GAP_TO_QUOTA])
    reasons = [_forward_reason(deal, row[timing.QUARTER], gap, cycle) for deal in _rows(best)]
    best = best.assign(**{REASON: pd.Series(reasons, index=best.index, dtype=str)})
    found: pd.DataFrame = best[columns]
    return found.reset_index(drop=True)


def _forward_reason(deal: dict[str, object], quarter: str, gap: float, cycle: float) -> str:
    parts = []
    if deal["window"]:
        parts.append(f"their year ends {_date(deal[CLIENT_YEAR_END])}, so the budget goes by then")
    if deal["far"]:
        parts.append(f"open {_number(deal[w.AGE])} days, a win takes {cycle:,.0f}")
    if deal[w.STAGE]:
        parts.append(f"at {deal[w.STAGE]}")
    share = float(str(deal[w.WEIGHTED])) / gap
    part = "more than" if share > 1 else f"{100 * share:,.0f} % of"
    parts.append(f"closes {part} what {quarter} is short")
    return _sentence(parts)


def to_leave(
    placed: pd.DataFrame, average_deal: float, year: FiscalYear, stale_after: float
) -> pd.DataFrame:
    """Deals to leave, or to close as lost: stale ones, and small ones that take the same effort.

    Args:
        placed: what ``place_deals`` gives.
        average_deal: money; missing: no deal is small.
        year: the planning year.
        stale_after: days after which a deal is stale, for the sentence.

    Returns:
        At most ten rows of ``placed``, clearest first (stale, then smallest), with Reason.
    """
    stale = placed[w.STALE].astype(bool)
    small = ~stale & (placed[w.AMOUNT].fillna(0.0) < SMALL_SHARE * average_deal)
    chosen = placed.assign(stale=stale)[stale | small]
    chosen = chosen.sort_values(["stale", w.AMOUNT, w.DEAL_ID], ascending=[False, True, True])
    best = chosen.head(MOST_MOVES)
    reasons = [_leave_reason(deal, average_deal, year, stale_after) for deal in _rows(best)]
    best = best.assign(**{REASON: pd.Series(reasons, index=best.index, dtype=str)})
    return best[[*placed.columns, REASON]].reset_index(drop=True)


def _leave_reason(
    deal: dict[str, object], average: float, year: FiscalYear, stale_after: float
) -> str:
    if deal["stale"]:
        return _sentence(
            [
                f"open {_number(deal[w.AGE])} days, no win took more than {stale_after:,.0f}",
                "revive it with a dated step or close it as lost",
            ]
        )
    amount = float(str(deal[w.AMOUNT])) if deal[w.AMOUNT] == deal[w.AMOUNT] else 0.0
    parts = [f"{100 * amount / average:,.0f} % of an average deal for the same effort"]
    close = deal[EXPECTED_CLOSE]
    if isinstance(close, pd.Timestamp) and close > year.end:
        parts.append("comes after the year")
    return _sentence(parts)


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _date(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else "unknown"


def _number(value: object) -> str:
    return f"{float(str(value)):,.0f}"


def _sentence(parts: Sequence[str]) -> str:
    told = "; ".join(parts)
    return f"{told[:1].upper()}{told[1:]}."


# How much hangs on how little


@dataclass(frozen=True)
class Concentration:
    """How much of what is still to come hangs on the two largest deals.

    Attributes:
        money: weighted, of the two (or the one, or none) together.
        share: of the year's money still to come, 0-1; missing where nothing is to come.
        names: of their accounts, or deals where there is none.
    """

    money: float
    share: float
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """The two in words; "" where there is none."""
        if len(set(self.names)) < len(self.names):
            return f"two deals at {self.names[0]}"
        return " and ".join(self.names)


def largest_two(placed: pd.DataFrame, to_come: float) -> Concentration:
    """How much of what is to come hangs on the two deals that are worth most.

    Args:
        placed: what ``place_deals`` gives.
        to_come: the walk's money still to come.
    """
    two = placed[placed[w.WEIGHTED] > 0].head(2)
    money = round(float(two[w.WEIGHTED].sum()), 9)
    ids = two[w.DEAL_ID].astype(str)
    named = two[w.ACCOUNT].where(two[w.ACCOUNT] != "", "deal " + ids)
    share = round(money / to_come, 9) if to_come > 0 else math.nan
    return Concentration(money, share, tuple(named))


def quarter_coverage(
    plan: QuarterPlan, placed: pd.DataFrame, win_rate: float, today: Day
) -> pd.DataFrame:
    """Whether each quarter is covered: what is expected, and how much pipeline stands for it.

    Args:
        plan: the year by quarter.
        placed: what ``place_deals`` gives.
        win_rate: share 0-1 of deals that are won; the pipeline should be 1 / win rate of what
            it has to bring.
        today: the day of the reading.

    Returns:
        One row per quarter, Q1 to Q4: Quarter, Covered (expected / quota; NaN without quota),
        Open amount (of deals that are not stale), Coverage (open amount / what is not closed or
        repeated of the quota; NaN where nothing is missing) and Stand, in words.
    """
    live = placed[~placed[w.STALE].astype(bool)]
    money = live.groupby(timing.QUARTER)[w.AMOUNT].sum()
    quarters = plan.quarters[:4]
    amounts = quarters[timing.QUARTER].map(money).astype("float64").fillna(0.0)
    return coverage_of(quarters, amounts, win_rate, today)


def coverage_of(
    quarters: pd.DataFrame, amounts: pd.Series, win_rate: float, today: Day
) -> pd.DataFrame:
    """The same from the quarters and the open amounts in each.

    Args:
        quarters: Quarter, To, Quota, Closed, Repeat to come, Expected.
        amounts: money that is open in each.
        win_rate, today: as for ``quarter_coverage``.

    Raises:
        ModelInputError: a win rate outside 0-1, or no day.
    """
    if not 0 <= win_rate <= 1:
        raise ModelInputError(f"win rate: it is {win_rate:g}; give a share from 0 to 1")
    rows = []
    now = as_day(today, "today")
    for row, amount in zip(quarters.to_dict("records"), amounts, strict=True):
        quota, expected = row[w.QUOTA], row[timing.EXPECTED]
        missing = quota - row[funnel.CLOSED] - row[funnel.REPEAT_TO_COME]
        covered = expected / quota if quota > 0 else math.nan
        coverage = amount / missing if missing > 0 else math.nan
        rows.append(
            {
                timing.QUARTER: row[timing.QUARTER],
                COVERED: round(covered, 9),
                OPEN_MONEY: round(amount, 9),
                COVERAGE: round(coverage, 9),
                STAND: _stand(row, missing, coverage, win_rate, now),
            }
        )
    return pd.DataFrame(rows)


def _stand(
    row: dict[object, object],
    missing: float,
    coverage: float,
    win_rate: float,
    now: pd.Timestamp,
) -> str:
    end = row[timing.TO]
    if math.isnan(missing):
        return "no quota"
    if isinstance(end, pd.Timestamp) and end <= now:
        return "over: reached" if missing <= 0 else f"over: {missing:,.0f} short"
    if missing <= 0:
        return "covered without pipeline"
    if win_rate > 0 and coverage >= 1 / win_rate:
        return "pipeline enough"
    needed = f"{1 / win_rate:.1f}" if win_rate > 0 else "more"
    return f"thin: {coverage:.1f} times what is missing, {needed} are needed"


def effort_by_quarter(
    targets: funnel.FunnelTargets,
    gates: Sequence[Gate],
    placed: pd.DataFrame,
    year: FiscalYear,
    today: Day,
    *,
    touches_per_deal: float,
    touches_per_week: float,
    weeks_off: float,
) -> pd.DataFrame:
    """How many touches each quarter takes, against those that can be made in it.

    Touches of new business until it is too late for each gate, and ``touches_per_deal`` for each
    live deal in the quarter in which it should close.

    Args:
        targets: what ``funnel_targets`` found for these gates.
        gates: with lags.
        placed: what ``place_deals`` gives.
        year: the planning year.
        today: the day of the reading.
        touches_per_deal: to bring an open deal to its end, 0 or more.
        touches_per_week: that can be made.
        weeks_off: per year of 52.

    Returns:
        One row per quarter: Quarter, Effort, Capacity (both in touches from today on).
    """
    now = as_day(today, "today")
    share = funnel.selling_share(weeks_off)
    latest = funnel.latest_days(gates, year.end)
    live = placed[~placed[w.STALE].astype(bool)].groupby(timing.QUARTER).size()
    rows = []
    for name, (start, end) in zip(timing.QUARTERS, year.quarters, strict=False):
        begin = max(now, start - pd.Timedelta(1, "D"))
        touches = touches_per_deal * float(live.get(name, 0))
        for target, last in zip(targets.gates[:-1], latest, strict=True):
            weeks = max(0, (min(end, last) - begin).days) / 7 * share
            touches += target.per_week * weeks if target.weeks > 0 else 0.0
        room = touches_per_week * max(0, (end - begin).days) / 7 * share
        rows.append({timing.QUARTER: name, EFFORT: round(touches, 9), ROOM: round(room, 9)})
    return pd.DataFrame(rows)


# Big bets and quick wins


def early_signs(
    placed: pd.DataFrame,
    gates: Sequence[Gate],
    cycles: FloatArray,
    today: Day,
    quadrant: str = w.BIG_BET,
) -> pd.DataFrame:
    """Which big bets should be at which gate by when, and which are late.

    Args:
        placed: what ``place_deals`` gives.
        gates: with lags; a gate must be done its lags before the deal closes.
        cycles: days that won deals took.
        today: the day of the reading.
        quadrant: whose deals to look at; where there are none, the five largest.

    Returns:
        The live deals with Gate (the first that is not due yet, else the last), By (its day) and
        Stand: late, with the reason, or on the way. A deal in a stage such as Proposal or
        Negotiation is past its gates.
    """
    now = as_day(today, "today")
    live = placed[~placed[w.STALE].astype(bool) & (placed[w.WEIGHTED] > 0)]
    chosen = live[live[w.QUADRANT] == quadrant]
    chosen = (chosen if len(chosen) else live).head(MOST_MOVES if len(chosen) else 5).copy()
    due, names = [], []
    for close in chosen[EXPECTED_CLOSE]:
        days = funnel.latest_days(gates, close)
        ahead = [place for place, day in enumerate(days) if day >= now]
        place = ahead[0] if ahead else len(gates) - 1
        names.append(gates[place].name)
        due.append(days[place])
    chosen[NEXT_GATE] = pd.Series(names, index=chosen.index, dtype=str)
    chosen[BY] = pd.Series(due, index=chosen.index, dtype="datetime64[ns]")
    stands = [_sign(deal, cycles, now) for deal in _rows(chosen)]
    chosen[STAND] = pd.Series(stands, index=chosen.index, dtype=str)
    return chosen.reset_index(drop=True)


def _sign(deal: dict[str, object], cycles: FloatArray, now: pd.Timestamp) -> str:
    close, opened, due = deal[EXPECTED_CLOSE], deal[w.OPENED], deal[BY]
    if isinstance(close, pd.Timestamp) and isinstance(opened, pd.Timestamp) and len(cycles):
        days = (close - opened).days
        quicker = float((cycles <= days).mean())
        if quicker < QUICKEST:
            return f"date too early: {100 * quicker:.0f} % of wins took {days:,} days or less"
        age = (now - opened).days
        younger = float((cycles < age).mean())
        if younger > SLOWEST:
            return f"late: {100 * younger:.0f} % of wins took less than its {age:,} days"
    past = any(word in str(deal[w.STAGE]).casefold() for word in LATE_STAGES)
    if isinstance(due, pd.Timestamp) and due < now and not past:
        return f"late, unless past {deal[NEXT_GATE]}: due by {due:%Y-%m-%d}"
    return "on the way"


@dataclass(frozen=True)
class QuickWinCheck:
    """Whether quick wins are enough to offset their small size.

    Attributes:
        accounts: quick wins in the book.
        size: an average deal there.
        expected: what they bring if each has one more deal at the win rate.
        covers: share of the gap, 0 or more; missing where there is no gap.
        more: how many more accounts like these the gap takes; missing where it cannot be told.
        words: the check in a sentence.
    """

    accounts: int
    size: float
    expected: float
    covers: float
    more: float
    words: str


def quick_win_check(accounts: int, size: float, win_rate: float, gap: float) -> QuickWinCheck:
    """Is there volume enough to offset the small size of quick wins?

    Args:
        accounts: quick wins in the book, 0 or more.
        size: money of an average deal there, above 0; missing: it cannot be told.
        win_rate: share 0-1.
        gap: money still to be found; 0 or less, or missing: no gap to close.

    Raises:
        ModelInputError: negative accounts, a size of 0 or less, or a win rate outside 0-1.
    """
    if accounts < 0 or size <= 0 or not 0 <= win_rate <= 1:
        raise ModelInputError(
            f"quick wins: {accounts:,} accounts, deals of {size:g}, win rate {win_rate:g}; "
            "give 0 or more, an amount above 0 and a share"
        )
    if math.isnan(size):
        return QuickWinCheck(
            accounts, size, math.nan, math.nan, math.nan, "No deal was won at quick wins yet."
        )
    expected = round(accounts * size * win_rate, 9)
    told = f"{accounts:,} quick wins x {100 * win_rate:.0f} % x {size:,.0f} = {expected:,.0f}"
    if not gap > 0:
        return QuickWinCheck(
            accounts, size, expected, math.nan, math.nan, f"{told}; there is no gap to close."
        )
    covers = round(expected / gap, 9)
    worth = size * win_rate
    more = math.ceil(round((gap - expected) / worth, 9)) if worth > 0 and covers < 1 else math.nan
    if covers >= 1:
        return QuickWinCheck(
            accounts, size, expected, covers, 0.0, f"{told}: enough for the gap of {gap:,.0f}."
        )
    tail = (
        f"; it takes {more:,.0f} more like these: one offer to all of them at once, a partner, "
        "or sales by phone."
        if not math.isnan(more)
        else "."
    )
    return QuickWinCheck(
        accounts,
        size,
        expected,
        covers,
        float(more),
        f"{told}: {100 * covers:.0f} % of the gap{tail}",
    )
