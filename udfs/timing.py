"""When does the year's revenue come, and is this book one for timing or for volume?

Assumes:
1. A fiscal year is twelve calendar months from the first of a month; a
   quarter is three of them.
2. An open deal closes on its expected date. A date that is over or missing
   says nothing: such a deal closes the typical time to win after the as-of
   date, and never before today.
3. Repeat business comes in the quarters in which last year's business came.

Dates are days. Shares are 0-1, money is in the currency of the export and
rounded to 9 decimals.

Source: phasing by last year's season and reading the year by expected close
date are the trade's conventions. The bars (40 % of the year in the last
quarter, a deal a month, 90 days, 30 accounts) are this product's judgement,
and arguments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import funnel
from . import words as w
from .errors import ModelInputError
from .funnel import Day, as_day

__all__ = [
    "FiscalYear",
    "Play",
    "QuarterPlan",
    "closed_by_quarter",
    "expected_close",
    "last_quarter_shares",
    "planning_year",
    "quarter_of",
    "quarter_plan",
    "suggest_play",
    "typical_cycle",
]

QUARTER: Final = "Quarter"
FROM: Final = "From"
TO: Final = "To"
QUOTA_SHARE: Final = "Quota share"
EXPECTED: Final = "Expected"
GAP_TO_QUOTA: Final = "Gap to quota"
LATER: Final = "Later"
QUARTERS: Final = ("Q1", "Q2", "Q3", "Q4", LATER)

EVEN_SHARES: Final = (0.25, 0.25, 0.25, 0.25)
LAST_QUARTER_BAR: Final = 0.40
ASSUMED_CYCLE_DAYS: Final = 90.0
LONGEST_CYCLE_DAYS: Final = 36_500.0
SECONDS_OF_A_DAY: Final = 86_400

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


# The fiscal calendar


@dataclass(frozen=True)
class FiscalYear:
    """Twelve months from the first day of a month.

    Args:
        start: first day of the year.

    Raises:
        ModelInputError: ``start`` is missing or not the first of a month.
    """

    start: pd.Timestamp

    def __post_init__(self) -> None:
        if as_day(self.start, "fiscal year") != self.start or self.start.day != 1:
            raise ModelInputError(
                f"fiscal year: it starts {self.start:%Y-%m-%d}; give the first day of a month"
            )

    @property
    def end(self) -> pd.Timestamp:
        """Last day of the year."""
        return self.quarters[-1][1]

    @cached_property
    def quarters(self) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
        """First and last day of each of the four quarters."""
        firsts = [self.start + pd.DateOffset(months=3 * n) for n in range(5)]
        return tuple((firsts[n], firsts[n + 1] - pd.Timedelta(1, "D")) for n in range(4))

    @cached_property
    def previous(self) -> "FiscalYear":
        """The fiscal year before this one."""
        return FiscalYear(self.start - pd.DateOffset(years=1))


def planning_year(as_of: Day, start_month: int = 1) -> FiscalYear:
    """The fiscal year that contains the day after the as-of date.

    Args:
        as_of: the day the data speaks for.
        start_month: month 1-12 in which fiscal years start; 1 is the calendar year.

    Raises:
        ModelInputError: a missing date, or a month outside 1-12.
    """
    if start_month not in range(1, 13):
        raise ModelInputError(f"fiscal year: month {start_month} does not exist; give 1 to 12")
    first_day = as_day(as_of, "as-of date") + pd.Timedelta(1, "D")
    year = first_day.year if first_day.month >= start_month else first_day.year - 1
    return FiscalYear(pd.Timestamp(year, int(start_month), 1))


def quarter_of(dates: pd.Series, year: FiscalYear) -> pd.Series:
    """Which quarter of the year each date falls into.

    Args:
        dates: datetimes; the time of day does not matter.
        year: the fiscal year.

    Returns:
        Series of 1-4, 0 before the year, 5 after it, missing where the date is.
    """
    bounds = pd.DatetimeIndex([start for start, _ in year.quarters] + [_day_after(year.end)])
    places = np.searchsorted(bounds.to_numpy(), dates.to_numpy(), side="right")
    return pd.Series(places, index=dates.index, dtype="float64").where(dates.notna())


# The year by quarter


def typical_cycle(deals: pd.DataFrame) -> float:
    """How many days a deal typically takes to win: the median over the won deals.

    Args:
        deals: State, Opened, Close date. Deals without both dates, or closed before they were
            opened, do not count.

    Returns:
        Days, 0 or more; missing (NaN) where no won deal has both dates.
    """
    return float(np.round(_cycles(deals).median(), 9))


def _cycles(deals: pd.DataFrame) -> pd.Series:
    """How many days each won deal took, missing for those that do not count."""
    days = (deals[w.CLOSE_DATE] - deals[w.OPENED]).dt.total_seconds() / SECONDS_OF_A_DAY
    return days.where((deals[w.STATE] == w.WON) & (days >= 0))


def expected_close(
    deals: pd.DataFrame, year: FiscalYear, as_of: Day, today: Day, cycle_days: float
) -> pd.Series:
    """The day on which each deal should close, read for the year's plan.

    Args:
        deals: State, Close date. An open deal keeps its date; where that is before today or
            missing, it is the as-of date plus the typical cycle. No open deal closes before
            today, nor before the year. A closed deal keeps its date.
        year: the planning year.
        as_of: the day the data speaks for.
        today: the day of the reading.
        cycle_days: typical days to win, 0-36,500; missing: 90, assumed.

    Returns:
        Series of dates, one per deal.

    Raises:
        ModelInputError: a missing date, or ``cycle_days`` out of range.
    """
    undated = _undated_close(year, as_of, today, cycle_days)
    return _close_of(deals, pd.Series(undated, index=deals.index), year, today)


def _close_of(deals: pd.DataFrame, undated: pd.Series, year: FiscalYear, today: Day) -> pd.Series:
    """The same, where it is known per deal when one without date should close."""
    dates = deals[w.CLOSE_DATE]
    now = as_day(today, "today")
    earliest = max(now, year.start)
    likely = dates.where(dates >= now, undated)
    likely = likely.where(likely >= earliest, earliest)
    return dates.where(deals[w.STATE] != w.OPEN, likely)


def _undated_close(year: FiscalYear, as_of: Day, today: Day, cycle_days: float) -> pd.Timestamp:
    if cycle_days < 0 or cycle_days > LONGEST_CYCLE_DAYS:
        raise ModelInputError(f"cycle: it is {cycle_days:g} days; give 0 to 36,500")
    days = ASSUMED_CYCLE_DAYS if math.isnan(cycle_days) else cycle_days
    likely = as_day(as_of, "as-of date") + pd.Timedelta(math.floor(days), "D")
    return max(likely, as_day(today, "today"), year.start)


@dataclass(frozen=True)
class QuarterPlan:
    """The year by quarter.

    ``quarters`` has five rows, Q1 to Q4 and Later, with columns Quarter, From, To, Quota share,
    Quota, Closed, Weighted pipeline, Repeat to come, Expected (their sum) and Gap to quota
    (quota - expected). Later is what is expected after the year's end; it has no end and no
    quota. ``last_quarter_share`` is the share 0-1 of the year's expected (without Later) in Q4,
    missing where nothing is expected; ``back_loaded``: it is above the bar. ``season`` is how
    repeat business was spread over the five rows (shares 0-1).
    """

    quarters: pd.DataFrame
    last_quarter_share: float
    back_loaded: bool
    season: tuple[float, ...]


def quarter_plan(
    walk: pd.Series,
    deals: pd.DataFrame,
    year: FiscalYear,
    *,
    as_of: Day,
    today: Day,
    cycle_days: float,
    quota_shares: Sequence[float] = EVEN_SHARES,
    bar: float = LAST_QUARTER_BAR,
) -> QuarterPlan:
    """In which quarter the quota walk's money is closed or expected.

    Closed, repeat and weighted add up over the five rows to the walk's. Pipeline that the walk
    has from accounts and no deal explains has no date, and is read like a deal without one.
    Repeat is spread over the quarters that are not over in proportion to what was won in them
    last year (evenly where nothing was); once the year is over, it is Later.

    Args:
        walk: one row of ``quota_walk`` or ``roll_up``. A missing quota leaves quotas and gaps
            missing.
        deals: the deals in that path (or those paths): State, Close date, Amount, Weighted.
            Missing money counts 0.
        year: the planning year, the one that the walk was made for.
        as_of: the day the data speaks for.
        today: the day of the reading.
        cycle_days: typical days to win, 0-36,500; missing: 90, assumed.
        quota_shares: four shares of the year's quota, 0 or more, together 1.
        bar: the share 0-1 of the year in the last quarter above which it is flagged.

    Raises:
        ModelInputError: shares that are not four, negative or not 1 in all, a bar outside 0-1,
            a missing date, ``cycle_days`` out of range, or deals that do not give the walk's
            closed money.

    Source: see the module's docstring.
    """
    _check_shares(quota_shares, bar)
    _check_same_path(float(walk[funnel.CLOSED]), closed_by_quarter(deals, year))
    found = _by_quarters(
        walk.to_frame().T, deals, _one_path(deals), year, as_of, today, [cycle_days]
    )
    closed, live, repeat, season = (each[0] for each in found)
    table = _quarter_table(float(walk[w.QUOTA]), quota_shares, year)
    expected = np.round(closed + live + repeat, 9)
    table[funnel.CLOSED] = np.round(closed, 9)
    table[w.WEIGHTED_PIPELINE] = np.round(live, 9)
    table[funnel.REPEAT_TO_COME] = np.round(repeat, 9)
    table[EXPECTED] = expected
    table[GAP_TO_QUOTA] = (table[w.QUOTA] - table[EXPECTED]).round(9)
    share = float(_last_share(expected[np.newaxis])[0])
    return QuarterPlan(table, share, share > bar, tuple(season.tolist()))


def last_quarter_shares(
    walks: pd.DataFrame, deals: pd.DataFrame, year: FiscalYear, *, as_of: Day, today: Day
) -> pd.Series:
    """Which share of its year each rep expects in the last quarter.

    ``last_quarter_share`` of ``quarter_plan`` for many reps at once, each with the typical cycle
    of the deals in the own path.

    Args:
        walks: rows of ``quota_walk``: Rep, Weighted pipeline, Repeat to come.
        deals: Path of, State, Opened, Close date, Amount, Weighted. Those in nobody's path of
            these are left out; missing money counts 0.
        year: the planning year, the one that the walks were made for.
        as_of: the day the data speaks for.
        today: the day of the reading.

    Returns:
        Series of shares 0-1 by rep, missing where nothing is expected.

    Raises:
        ModelInputError: a missing date.

    Source: see the module's docstring.
    """
    reps = pd.Index(walks[w.REP])
    path = reps.get_indexer(pd.Index(deals[w.PATH_OF]))
    deals, path = deals[path >= 0], path[path >= 0]
    cycles = _cycles(deals).groupby(path).median().round(9).reindex(range(len(reps)))
    closed, live, repeat, _ = _by_quarters(walks, deals, path, year, as_of, today, cycles.tolist())
    expected = np.round(closed + live + repeat, 9)
    return pd.Series(_last_share(expected), index=reps, dtype="float64")


def _last_share(expected: FloatArray) -> FloatArray:
    """Share of each path's year in its fourth quarter; missing where nothing is expected."""
    in_year = expected[:, :4].sum(axis=1)
    in_year[~(in_year > 0)] = math.nan
    shares: FloatArray = np.round(expected[:, 3] / in_year, 9)
    return shares


def _by_quarters(
    walks: pd.DataFrame,
    deals: pd.DataFrame,
    path: IntArray,
    year: FiscalYear,
    as_of: Day,
    today: Day,
    cycles: Sequence[float],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Closed, weighted pipeline, repeat to come and its season: a row per path, Q1 to Later.

    Args:
        walks: one row per path.
        path: per deal, which row of the walks it belongs to.
        cycles: typical days to win, per path.
    """
    count = len(walks)
    undated = pd.Series([_undated_close(year, as_of, today, days) for days in cycles])
    close = _close_of(deals, undated.take(path).set_axis(deals.index), year, today)
    worth = deals[w.WEIGHTED].astype("float64").fillna(0.0)
    explained = np.bincount(path, weights=worth, minlength=count)
    unexplained = np.round(walks[w.WEIGHTED_PIPELINE].to_numpy(float) - explained, 9)
    live = _by_quarter(worth, close, year, path, count)
    live += _by_quarter(pd.Series(unexplained), undated, year, np.arange(count), count)
    repeat = walks[funnel.REPEAT_TO_COME].to_numpy(float)[:, np.newaxis]
    closed = _closed_by_quarter(deals, year, path, count)
    seasons = _seasons(deals, year, today, path, count)
    return closed, live, repeat * seasons, seasons


def _quarter_table(quota: float, shares: Sequence[float], year: FiscalYear) -> pd.DataFrame:
    starts, ends = zip(*year.quarters, strict=True)
    return pd.DataFrame(
        {
            QUARTER: QUARTERS,
            FROM: pd.DatetimeIndex([*starts, _day_after(year.end)]),
            TO: pd.DatetimeIndex([*ends, pd.NaT]),
            QUOTA_SHARE: [*map(float, shares), 0.0],
            w.QUOTA: [*(round(quota * share, 9) for share in shares), math.nan],
        }
    )


def _by_quarter(
    money: pd.Series, dates: pd.Series, year: FiscalYear, path: IntArray, count: int
) -> FloatArray:
    """Money per path, quarter and Later; what lies before the year or has no date is left out."""
    places = quarter_of(dates, year).fillna(0).to_numpy(dtype="int64") + 6 * path
    sums = np.bincount(places, weights=money.to_numpy(dtype="float64"), minlength=6 * count)
    return sums.reshape(count, 6)[:, 1:].astype("float64")


def closed_by_quarter(deals: pd.DataFrame, year: FiscalYear) -> FloatArray:
    """What was won in Q1 to Q4 of a year (and 0 for Later), in money.

    Args:
        deals: State, Close date, Amount. A missing amount counts 0.
        year: the fiscal year.
    """
    found: FloatArray = _closed_by_quarter(deals, year, _one_path(deals), 1)[0]
    return found


def _one_path(deals: pd.DataFrame) -> IntArray:
    return np.zeros(len(deals), dtype="int64")


def _closed_by_quarter(
    deals: pd.DataFrame, year: FiscalYear, path: IntArray, count: int
) -> FloatArray:
    won = funnel.closed(deals, year.start, year.end)
    return _by_quarter(won, deals[w.CLOSE_DATE], year, path, count)


def _seasons(
    deals: pd.DataFrame, year: FiscalYear, today: Day, path: IntArray, count: int
) -> FloatArray:
    """In which shares the repeat business of each path falls into Q1 to Q4 and Later.

    In proportion to what was won in the same quarter of the year before, over the quarters that
    have days left after today; evenly over them where nothing was won; all Later once the year is
    over. A quarter of last year that was over before the first close on record tells nothing, and
    counts as the average of the others. A missing amount counts 0, and a quarter whose sum is
    negative (credits) 0.

    Returns:
        One row per path, five shares 0-1, together 1, not rounded.
    """
    now = as_day(today, "today")
    ahead = np.array([end > now for _, end in year.quarters])
    if not ahead.any():
        return np.tile([0.0, 0.0, 0.0, 0.0, 1.0], (count, 1))
    won = np.where(ahead, _last_years(deals, year.previous, path, count), 0.0)
    base = np.where(won.sum(axis=1, keepdims=True) > 0, won, ahead.astype("float64"))
    return np.hstack([base / base.sum(axis=1, keepdims=True), np.zeros((count, 1))])


def _last_years(deals: pd.DataFrame, year: FiscalYear, path: IntArray, count: int) -> FloatArray:
    """What was won in each quarter of a year; the average of the others where none is on record."""
    won = _closed_by_quarter(deals, year, path, count)[:, :4].clip(min=0)
    over = (deals[w.STATE] != w.OPEN).to_numpy()
    first = deals[w.CLOSE_DATE][over].groupby(path[over]).min().reindex(range(count))
    ends = pd.DatetimeIndex([end for _, end in year.quarters]).to_numpy()
    known = ~(ends < first.to_numpy()[:, np.newaxis])
    quarters = known.sum(axis=1, keepdims=True)
    average = np.where(known, won, 0.0).sum(axis=1, keepdims=True) / np.maximum(quarters, 1)
    return np.where(known | (quarters == 0), won, average)


def _check_shares(shares: Sequence[float], bar: float) -> None:
    total = math.fsum(shares)
    if len(shares) != 4 or not all(share >= 0 for share in shares) or abs(total - 1) > 1e-6:
        raise ModelInputError(
            f"quota shares: {len(shares)} shares make {total:.2%}; "
            "give four, none negative, that make 100 %"
        )
    if not 0 <= bar <= 1:
        raise ModelInputError(f"last-quarter bar: it is {bar:g}; give a share from 0 to 1")


def _check_same_path(walked: float, by_quarter: FloatArray) -> None:
    found = float(by_quarter.sum())
    if not math.isclose(walked, found, rel_tol=1e-9, abs_tol=1e-6):
        raise ModelInputError(
            f"quarters: the walk has {walked:,.2f} closed and the deals {found:,.2f}; "
            "give the deals of the same path and year"
        )


def _day_after(day: pd.Timestamp) -> pd.Timestamp:
    return day + pd.Timedelta(1, "D")


# Which play


@dataclass(frozen=True)
class Play:
    """Which play fits a book (``Timing play`` or ``Volume play``), and why, in a sentence."""

    play: str
    reason: str


def suggest_play(
    accounts: int,
    average_deal: float,
    target: float,
    cycle_days: float,
    *,
    few_deals: float = 12,
    long_cycle_days: float = 90,
    few_accounts: int = 30,
) -> Play:
    """Which play fits this book: timing for few large deals, volume for many small ones.

    Timing where the target takes at most ``few_deals`` deals, or where deals take longer than
    ``long_cycle_days`` and the book has at most ``few_accounts`` accounts. Volume otherwise, and
    where neither can be told.

    Args:
        accounts: number of accounts in the book, 0 or more.
        average_deal: money, above 0; missing (NaN): the deals needed are not known.
        target: money to be sold, the year's quota or the gap; 0 or less takes no deals; missing:
            the deals needed are not known.
        cycle_days: typical days to win, 0 or more; missing: the cycle does not count.
        few_deals: at most so many deals are few; 12 is one a month.
        long_cycle_days: above so many days a cycle is long; 90 is a quarter.
        few_accounts: at most so many accounts can be worked one by one.

    Raises:
        ModelInputError: an average deal of 0 or less, negative accounts or days, or an infinite
            number.

    Source: see the module's docstring.
    """
    _check_play(accounts, average_deal, target, cycle_days)
    deals = _whole_deals(target, average_deal)
    by_deals = deals <= few_deals
    by_cycle = cycle_days > long_cycle_days and accounts <= few_accounts
    facts = "; ".join(
        (
            _deals_in_words(deals, target, average_deal, few_deals),
            _cycle_in_words(cycle_days, long_cycle_days),
            _accounts_in_words(accounts, few_accounts),
        )
    )
    if by_deals or by_cycle:
        return Play(w.TIMING_PLAY, f"{facts}: each deal counts, so plan when it comes.")
    if math.isnan(deals) and math.isnan(cycle_days):
        return Play(w.VOLUME_PLAY, f"{facts}: nothing says few large deals, so count the volume.")
    return Play(w.VOLUME_PLAY, f"{facts}: many deals make the year, so count the volume.")


def _whole_deals(target: float, average_deal: float) -> float:
    if target <= 0:
        return 0.0
    deals = round(target / average_deal, 9)
    return deals if math.isnan(deals) else float(math.ceil(deals))


def _deals_in_words(deals: float, target: float, average_deal: float, few: float) -> str:
    if math.isnan(deals):
        return "Deals needed not known (no quota or no average deal)"
    if deals == 0:
        return "No further deal needed, the quota is reached"
    size = "at most" if deals <= few else "more than"
    noun = "deal" if deals == 1 else "deals"
    return f"{target:,.0f} takes {deals:,.0f} {noun} of {average_deal:,.0f}, {size} {few:g} a year"


def _cycle_in_words(cycle_days: float, long: float) -> str:
    if math.isnan(cycle_days):
        return "time to win not known"
    size = "more than" if cycle_days > long else "at most"
    return f"{cycle_days:,.0f} days to win, {size} {long:g}"


def _accounts_in_words(accounts: int, few: int) -> str:
    noun = "account" if accounts == 1 else "accounts"
    return f"{accounts:,} {noun}, {'at most' if accounts <= few else 'more than'} {few:,}"


def _check_play(accounts: int, average_deal: float, target: float, cycle_days: float) -> None:
    if accounts < 0:
        raise ModelInputError(f"accounts: there are {accounts:,}; give a number from 0 up")
    if average_deal <= 0 or math.isinf(average_deal):
        raise ModelInputError(f"average deal: it is {average_deal:g}; give an amount above 0")
    if math.isinf(target):
        raise ModelInputError("target: it is infinite; give the quota or the gap")
    if cycle_days < 0 or math.isinf(cycle_days):
        raise ModelInputError(f"cycle: it is {cycle_days:g} days; give a number from 0 up")
