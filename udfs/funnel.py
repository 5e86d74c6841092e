"""How far is it to the quota, and how much work closes the distance?

The quota walk: quota - closed - repeat still to come - weighted pipeline = gap.
The volume play: gap / average deal = deals, and each gate's rate gives the
volume that the gate above it must deliver, up to the first touch.

Assumes:
1. A rep's path holds the accounts the rep owns, with every deal at them
   whoever works it, and the rep's deals that name no account.
2. An active account repeats its prior-year sales x retention. What it has
   closed this year, and what its open deals are worth, is part of that repeat
   and not on top of it.
3. An open deal is worth its amount x its rep's win rate; a stale one nothing.
4. Gates follow one another, and a rate stays the same at any volume. A unit
   takes its lag to become one of the next gate, so the first touch must be
   done the sum of all lags before the year ends.

Money is in the currency of the export, and ``Weighted`` and ``Closed`` of a
negative amount (a credit) are negative. Money is rounded to 9 decimals.
Volumes and weeks are not rounded at all, so that volumes multiply back to the
gap.

Source: the weighted pipeline is an expected value. Backing into a quota
through conversion rates is the arithmetic of every sales handbook; a worked
example stands at mysalesprocess.com/sales-math.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypedDict

import numpy as np
import pandas as pd

from . import words as w
from .errors import ModelInputError

__all__ = [
    "FunnelReport",
    "FunnelTargets",
    "Gate",
    "GateTarget",
    "beyond_deals",
    "check_gates",
    "closed",
    "funnel_targets",
    "lag_of_cycle",
    "latest_days",
    "movement",
    "quota_walk",
    "red_marks",
    "repeat_to_come",
    "roll_up",
    "selling_share",
    "still_to_come",
    "weeks_left",
    "weighted",
]

CLOSED: Final = "Closed"
REPEAT_TO_COME: Final = "Repeat to come"
TO_COME: Final = "To come"
GAP: Final = "Gap"
STALE_MONEY: Final = "Stale $"
ESTIMATED_MONEY: Final = "Estimated $"
TWO_LARGEST: Final = "Two largest"
TWO_LARGEST_SHARE: Final = "Two largest share"
REPS: Final = "Reps"
WITHOUT_QUOTA: Final = "Without quota"

DEAL: Final = "deal"
QUOTA_REACHED: Final = "Quota already reached: nothing more is needed."
NO_WEEKS_LEFT: Final = "No selling weeks left: there is no volume per week that closes the gap."
GAP_UNKNOWN: Final = "Gap not known: type the quota."
AVERAGE_UNKNOWN: Final = "Average deal not known: type it."
TOO_LATE: Final = "Too late for {}: what starts there now closes after the year's end."

WEEKS_OF_A_YEAR: Final = 52
LONGEST_LAG: Final = 520

Day: TypeAlias = dt.date | np.datetime64 | pd.Timestamp


def as_day(value: Day, what: str) -> pd.Timestamp:
    """The calendar day of a date or a time.

    Args:
        value: a date, datetime, ``datetime64`` or ``Timestamp``; the time of day is dropped.
        what: how the message calls the value.

    Raises:
        ModelInputError: the date is missing.
    """
    day = pd.Timestamp(value)
    if pd.isna(day):
        raise ModelInputError(f"{what}: the date is missing; give a date")
    return day.normalize()


# The volume play


@dataclass(frozen=True)
class Gate:
    """A step on the way to a deal.

    Args:
        name: what is counted there ("call"); not blank.
        rate: share of this gate's units that become one of the next gate, 0 < rate <= 1. The
            units of the last gate become deals; the deal itself is not a gate.
        lag_weeks: calendar weeks until a unit of this gate has become one of the next, 0-520.
        assumed: whether nobody typed the rate, so that history may say better.

    Raises:
        ModelInputError: blank name, a rate that is missing, 0, negative or above 1, or a lag
            that is missing or out of range.
    """

    name: str
    rate: float
    lag_weeks: float = 0.0
    assumed: bool = False

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ModelInputError("gates: a gate has no name; name what is counted there")
        if not 0 < self.rate <= 1:
            rate = "missing" if math.isnan(self.rate) else f"{self.rate:g}"
            raise ModelInputError(
                f"gate '{self.name}': the rate is {rate}; "
                "give a share above 0 and at most 1 (25 % is 0.25)"
            )
        if not 0 <= self.lag_weeks <= LONGEST_LAG:
            raise ModelInputError(
                f"gate '{self.name}': the lag is {self.lag_weeks:g} weeks; "
                f"give a number from 0 to {LONGEST_LAG}"
            )


@dataclass(frozen=True)
class GateTarget:
    """What one gate must deliver: volume in all, and per selling week while there is time.

    ``weeks`` are the selling weeks in which a unit of this gate can still become a deal before
    the year's end: 0 where it is too late, missing where the weeks left are not known.
    """

    gate: str
    rate: float
    volume: float
    per_week: float
    weeks: float


class GateReport(TypedDict):
    """One gate as it is printed by ``--json``; what is not known is None."""

    gate: str
    rate: float
    volume: float | None
    per_week: float | None
    weeks: float | None


class FunnelReport(TypedDict):
    """The volume play as it is printed by ``--json``; what is not known is None."""

    gap: float | None
    deals: float | None
    gates: list[GateReport]


@dataclass(frozen=True)
class FunnelTargets:
    """The volume play: what each gate must deliver to close a gap.

    ``gates`` runs from the first touch to the deal, whose rate is 1. ``note`` says in words why
    there is nothing to do or nothing to say, else it is "".
    """

    gap: float
    deals: float
    weeks: float
    gates: tuple[GateTarget, ...]
    note: str

    def report(self) -> FunnelReport:
        """The targets as plain values for JSON, which knows no NaN."""
        return {
            "gap": _or_none(self.gap),
            "deals": _or_none(self.deals),
            "gates": [
                {
                    "gate": g.gate,
                    "rate": g.rate,
                    "volume": _or_none(g.volume),
                    "per_week": _or_none(g.per_week),
                    "weeks": _or_none(g.weeks),
                }
                for g in self.gates
            ],
        }


def funnel_targets(
    gap: float,
    average_deal: float,
    gates: Sequence[Gate],
    weeks: float = math.nan,
    *,
    weeks_off: float = 0.0,
) -> FunnelTargets:
    """What each gate must deliver so that the gap closes.

    deals = gap / average deal; the volume of a gate = the volume below it / its rate. What is
    needed per week must be done in the weeks that are left less the lags from there to the deal.

    Args:
        gap: money still to be sold. 0 or less: the quota is reached, and every volume is 0.
            Missing (NaN): volumes are missing.
        average_deal: money, above 0. Missing: volumes are missing, unless the quota is reached.
        gates: at least one, first touch first, with distinct names; "deal" is added at the end.
        weeks: selling weeks left, 0 or more. 0 or missing: what is needed per week is missing,
            unless it is 0.
        weeks_off: weeks without selling per year of 52, 0-52; lags are calendar weeks, and so
            many selling weeks shorter.

    Raises:
        ModelInputError: no gates, a gate named twice or named "deal", an average deal of 0 or
            less, negative weeks, infinite numbers, or volumes too large to be computed.

    Source: see the module's docstring.
    """
    check_gates(gates)
    _check_funnel(gap, average_deal, weeks)
    share = selling_share(weeks_off)
    deals = 0.0 if gap <= 0 else gap / average_deal
    targets = [GateTarget(DEAL, 1.0, deals, _per_week(deals, weeks), weeks)]
    lag = 0.0
    for gate in reversed(gates):
        lag += gate.lag_weeks
        left = weeks if math.isnan(weeks) else max(0.0, weeks - lag * share)
        volume = targets[-1].volume / gate.rate
        targets.append(GateTarget(gate.name, gate.rate, volume, _per_week(volume, left), left))
    if math.isinf(targets[-1].volume):
        raise ModelInputError("gates: the volumes are too large; raise the rates or lower the gap")
    found = tuple(reversed(targets))
    return FunnelTargets(gap, deals, weeks, found, _note(gap, average_deal, weeks, found))


def check_gates(gates: Sequence[Gate]) -> None:
    """Raises ModelInputError where there is no gate, or one is named twice or "deal"."""
    if not gates:
        raise ModelInputError("gates: there is none; name at least one with its rate")
    names = [DEAL, *(g.name.strip().casefold() for g in gates)]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ModelInputError(
                f"gates: '{name}' stands there twice; give each gate its own name "
                f"('{DEAL}' is added by itself)"
            )


def _check_funnel(gap: float, average_deal: float, weeks: float) -> None:
    if math.isinf(gap):
        raise ModelInputError("gap: it is infinite; give an amount of money")
    if average_deal <= 0 or math.isinf(average_deal):
        raise ModelInputError(f"average deal: it is {average_deal:g}; give an amount above 0")
    if weeks < 0 or math.isinf(weeks):
        raise ModelInputError(f"weeks: there are {weeks:g}; give a number from 0 up")


def _per_week(volume: float, weeks: float) -> float:
    if volume == 0:
        return 0.0
    return volume / weeks if weeks > 0 else math.nan


def _note(gap: float, average_deal: float, weeks: float, targets: Sequence[GateTarget]) -> str:
    if math.isnan(gap):
        return GAP_UNKNOWN
    if gap <= 0:
        return QUOTA_REACHED
    if math.isnan(average_deal):
        return AVERAGE_UNKNOWN
    if weeks == 0:
        return NO_WEEKS_LEFT
    late = [target.gate for target in targets if target.weeks == 0]
    return TOO_LATE.format(", ".join(late)) if late else ""


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number


def weeks_left(today: Day, year_end: Day, weeks_off: float = 0.0) -> float:
    """How many selling weeks are left in the year.

    The calendar weeks from the day after ``today`` to ``year_end``, less the share of the year's
    weeks off that falls into them. The same in a cell:
    ``=MAX(0,(YearEnd-Today)/7*(1-WeeksOff/52))``.

    Args:
        today: the day that is just over.
        year_end: last day of the year; on or before ``today`` leaves 0 weeks.
        weeks_off: holidays, leave and other weeks without selling, per year of 52 weeks, 0-52.

    Raises:
        ModelInputError: a missing date, or weeks off outside 0-52.
    """
    share = selling_share(weeks_off)
    days = (as_day(year_end, "year end") - as_day(today, "today")).days
    return max(0.0, days / 7 * share)


def lag_of_cycle(cycle_days: float) -> float:
    """Weeks from the last gate to the deal, where a deal takes so many days to be won.

    Args:
        cycle_days: typical days to win; missing gives a missing lag.

    Returns:
        Weeks, rounded to one decimal, at most 520.
    """
    return min(round(cycle_days / 7, 1), LONGEST_LAG)


def selling_share(weeks_off: float) -> float:
    """Which share 0-1 of a year's weeks is for selling.

    Args:
        weeks_off: weeks without selling, per year of 52, 0-52.

    Raises:
        ModelInputError: weeks off outside 0-52.
    """
    if not 0 <= weeks_off <= WEEKS_OF_A_YEAR:
        raise ModelInputError(f"weeks off: there are {weeks_off:g}; give a number from 0 to 52")
    return 1 - weeks_off / WEEKS_OF_A_YEAR


def latest_days(gates: Sequence[Gate], year_end: Day) -> tuple[pd.Timestamp, ...]:
    """By which day a unit of each gate must be done to become a deal within the year.

    The year's end less the lags from the gate to the deal, in whole days.

    Args:
        gates: first touch first.
        year_end: last day of the year.

    Returns:
        One day per gate, in their order.

    Raises:
        ModelInputError: no year end.
    """
    end = as_day(year_end, "year end")
    lags = np.cumsum([gate.lag_weeks for gate in reversed(gates)])[::-1]
    return tuple(end - pd.Timedelta(math.ceil(round(7 * lag, 9)), "D") for lag in lags)


# The quota walk


def weighted(
    deals: pd.DataFrame,
    rep_win_rates: Mapping[str, float] | pd.Series,
    default_rate: float = math.nan,
) -> pd.Series:
    """What each open deal is worth today: amount x win rate of its rep.

    Args:
        deals: Rep, State, Stale and Amount. A missing amount counts 0; a deal that is not open,
            or stale, is worth 0.
        rep_win_rates: rep -> win rate 0-1, shrunk.
        default_rate: win rate 0-1 of the reps who have none (and of deals without a rep).

    Returns:
        Series of money, one per deal, named ``Weighted``.

    Raises:
        ModelInputError: a rate outside 0-1, or a live deal whose rep has no rate while there is
            no default.
    """
    live = (deals[w.STATE] == w.OPEN) & ~deals[w.STALE]
    by_rep = pd.Series(rep_win_rates, dtype="float64")
    rates = deals[w.REP].map(by_rep).astype("float64").fillna(default_rate)
    if not by_rep.dropna().between(0, 1).all() or default_rate < 0 or default_rate > 1:
        raise ModelInputError("win rates: one is outside 0-1; give shares (30 % is 0.3)")
    unknown = live & rates.isna()
    if unknown.any():
        rep = deals.loc[unknown, w.REP].iloc[0]
        raise ModelInputError(f"win rates: rep '{rep}' has an open deal but no win rate; give one")
    worth = (_known(deals[w.AMOUNT]) * rates).where(live, 0.0)
    return worth.round(9).rename(w.WEIGHTED)


def closed(deals: pd.DataFrame, year_start: Day, year_end: Day) -> pd.Series:
    """What each deal has brought within the year: the amount of a won deal, else 0.

    Args:
        deals: State, Close date and Amount. A missing amount counts 0, and a won deal without a
            close date is in no year.
        year_start: first day of the year.
        year_end: last day of the year, itself included.

    Returns:
        Series of money, one per deal, named ``Closed``.

    Raises:
        ModelInputError: a missing date, or a year that ends before it starts.
    """
    start, end = as_day(year_start, "year start"), as_day(year_end, "year end")
    if end < start:
        raise ModelInputError(f"year: it ends {end:%Y-%m-%d}, before it starts; swap the dates")
    dates = deals[w.CLOSE_DATE]
    won = (deals[w.STATE] == w.WON) & (dates >= start) & (dates < end + pd.Timedelta(1, "D"))
    return _known(deals[w.AMOUNT]).where(won, 0.0).round(9).rename(CLOSED)


def repeat_to_come(
    accounts: pd.DataFrame, retention: float, quota_counts: str = w.ALL_BOOKINGS
) -> pd.Series:
    """What each account should still repeat this year, beyond its weighted pipeline.

    Active accounts, where the quota counts all bookings: prior-year sales x retention, less what
    is closed there this year, less the weighted pipeline there, at least 0. All others: 0.

    Args:
        accounts: Status, Prior-year sales, Closed this year, Weighted pipeline. Missing money
            counts 0.
        retention: share 0-1 of a year's sales that comes again.
        quota_counts: "all bookings" or "new business".

    Returns:
        Series of money, one per account, named ``Repeat to come``.

    Raises:
        ModelInputError: retention outside 0-1 or missing, or another word for ``quota_counts``.
    """
    _check_walk(retention, quota_counts)
    repeats = (accounts[w.STATUS] == w.ACTIVE) & (quota_counts == w.ALL_BOOKINGS)
    left = _known(accounts[w.PRIOR_YEAR_SALES]) * retention - _known(accounts[w.CLOSED_THIS_YEAR])
    beyond = left.clip(lower=0) - _known(accounts[w.WEIGHTED_PIPELINE])
    return beyond.clip(lower=0).where(repeats, 0.0).round(9).rename(REPEAT_TO_COME)


def still_to_come(
    accounts: pd.DataFrame, retention: float, quota_counts: str = w.ALL_BOOKINGS
) -> pd.Series:
    """What each account should still bring this year: its repeat or its deals, the larger.

    Active accounts, where the quota counts all bookings: the larger of (prior-year sales x
    retention - closed there this year, at least 0) and the weighted pipeline. All others: the
    weighted pipeline.

    Args, Raises: as ``repeat_to_come``.

    Returns:
        Series of money, one per account, named ``Still to come``.
    """
    repeat = repeat_to_come(accounts, retention, quota_counts)
    return (repeat + _known(accounts[w.WEIGHTED_PIPELINE])).round(9).rename(w.STILL_TO_COME)


def quota_walk(
    accounts: pd.DataFrame,
    deals: pd.DataFrame,
    reps: pd.DataFrame,
    *,
    retention: float,
    year_start: Day,
    year_end: Day,
    quota_counts: str = w.ALL_BOOKINGS,
) -> pd.DataFrame:
    """How far each rep is from the quota: quota - closed - to come = gap.

    The weighted pipeline of a path is that of its deals, plus what its accounts have beyond the
    deals listed at them; so an account's own pipeline counts where the export has no deals, and
    no deal counts twice.

    Args:
        accounts: Account ID, Owner, Status, Prior-year sales, Closed this year, Weighted
            pipeline (the sum of Weighted of the account's deals, where it has any). Missing
            money counts 0.
        deals: Path of (whose path counts the deal: the account's owner, or the rep where there
            is none), Account ID, State, Amount, Weighted, Close date. Missing money counts 0.
        reps: Rep, Manager, Quota (yearly). A missing quota leaves quota and gap missing.
        retention: share 0-1 of a year's sales that comes again.
        year_start: first day of the planning year.
        year_end: last day of it.
        quota_counts: "all bookings" or "new business" (no repeat to come).

    Returns:
        One row per rep in the order of ``reps``, then one per other owner or path by name
        (manager "", no quota; "Unassigned" where nobody is named), so that nothing is lost.
        Columns Rep, Manager, Quota, Closed, Repeat to come, Weighted pipeline, To come (repeat +
        weighted), Gap (negative: beyond the quota).

    Raises:
        ModelInputError: a rep listed twice, a negative or infinite quota, retention outside 0-1,
            another word for ``quota_counts``, or a year that ends before it starts.

    Source: see the module's docstring.
    """
    _check_reps(reps)
    owner = _somebody(accounts[w.OWNER])
    path = _somebody(deals[w.PATH_OF])
    by_path = {
        CLOSED: closed(deals, year_start, year_end).groupby(path).sum(),
        REPEAT_TO_COME: repeat_to_come(accounts, retention, quota_counts).groupby(owner).sum(),
        w.WEIGHTED_PIPELINE: pd.concat(
            [
                _known(deals[w.WEIGHTED]).groupby(path).sum(),
                beyond_deals(accounts, deals).groupby(owner).sum(),
            ]
        )
        .groupby(level=0)
        .sum(),
    }
    everybody = pd.Index(pd.concat([owner, path]).unique())
    listed = pd.Index(reps[w.REP])
    names = listed.append(everybody[~everybody.isin(listed)].sort_values())
    walk = reps.set_index(w.REP)[[w.MANAGER, w.QUOTA]].reindex(names)
    walk[w.MANAGER] = walk[w.MANAGER].fillna("")
    for column, money in by_path.items():
        walk[column] = money.reindex(names, fill_value=0.0).round(9)
    walk = walk.rename_axis(w.REP).reset_index()
    return _with_gap(walk)


def roll_up(walk: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """The quota walk of each team, or of the organisation.

    Args:
        walk: what ``quota_walk`` returns.
        by: the column to add up by (``Manager``; "" is one group), or None for the organisation.

    Returns:
        One row per team by name (the organisation: one row, and no row of no reps), with the
        walk's money, ``Reps`` (how many) and ``Without quota`` (how many of them have no quota;
        "Unassigned" is nobody and not counted). The quota is the sum of the known ones, missing
        where none is known; the gap is the team's quota less all that the team closed and has to
        come, so that a rep without quota still helps the team.
    """
    keys = walk[by] if by else pd.Series("", index=walk.index, dtype="str")
    somebody = walk[w.REP] != w.UNASSIGNED
    columns = [w.QUOTA, CLOSED, REPEAT_TO_COME, w.WEIGHTED_PIPELINE]
    if by is None and len(walk):
        # One group needs no grouping, and every workbook asks for it.
        teams = walk[columns].sum(min_count=1).to_frame("").T.round(9)
    else:
        teams = walk.groupby(keys)[columns].sum(min_count=1).round(9)
    teams.insert(0, REPS, somebody.groupby(keys).sum().astype("float64"))
    no_quota = somebody & walk[w.QUOTA].isna()
    teams.insert(1, WITHOUT_QUOTA, no_quota.groupby(keys).sum().astype("float64"))
    return _with_gap(teams.reset_index(drop=by is None))


def red_marks(walk: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    """What a rep's walk does not count, or rests on too lightly.

    Args:
        walk: what ``quota_walk`` returns.
        deals: Path of, State, Stale, Estimated, Amount, Weighted.

    Returns:
        One row per row of the walk: Stale $ (amounts of stale deals, which count nothing),
        Estimated $ (weighted money whose amount is estimated), Two largest (weighted money of
        the two largest deals) and Two largest share (of what is to come, 0-1; NaN where nothing
        is). Missing money counts 0.
    """
    path = _somebody(deals[w.PATH_OF])
    stale = (deals[w.STATE] == w.OPEN) & deals[w.STALE].astype(bool)
    worth = _known(deals[w.WEIGHTED])
    largest = worth[worth > 0].sort_values(ascending=False).groupby(path).head(2)
    found = {
        STALE_MONEY: _known(deals[w.AMOUNT]).where(stale, 0.0).groupby(path).sum(),
        ESTIMATED_MONEY: worth.where(deals[w.ESTIMATED].astype(bool), 0.0).groupby(path).sum(),
        TWO_LARGEST: largest.groupby(path.reindex(largest.index)).sum(),
    }
    marks = pd.DataFrame(
        {name: walk[w.REP].map(money).astype("float64") for name, money in found.items()}
    )
    marks = marks.fillna(0.0).round(9)
    to_come = walk[TO_COME].where(walk[TO_COME] > 0)
    return marks.assign(**{TWO_LARGEST_SHARE: (marks[TWO_LARGEST] / to_come).round(9)})


def movement(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """How each rep's walk moved since it was last collected.

    Args:
        before, now: what ``quota_walk`` returned then and now.

    Returns:
        One row per row of ``now``: Rep, and the change of Quota, Closed, To come and Gap (now
        less before); NaN for a rep who was not there, or had no quota.
    """
    then = before.drop_duplicates(w.REP).set_index(w.REP).reindex(now[w.REP])
    moved = pd.DataFrame({w.REP: now[w.REP]})
    for column in (w.QUOTA, CLOSED, TO_COME, GAP):
        moved[column] = (now[column] - then[column].to_numpy()).round(9)
    return moved


def beyond_deals(accounts: pd.DataFrame, deals: pd.DataFrame) -> pd.Series:
    """The weighted pipeline of each account that no listed deal explains, in money.

    Args:
        accounts: Account ID, Weighted pipeline. Missing money counts 0.
        deals: Account ID, Weighted.
    """
    listed = _known(deals[w.WEIGHTED]).groupby(deals[w.ACCOUNT_ID]).sum()
    explained = _known(accounts[w.ACCOUNT_ID].map(listed))
    return (_known(accounts[w.WEIGHTED_PIPELINE]) - explained).round(9)


def _with_gap(walk: pd.DataFrame) -> pd.DataFrame:
    to_come = (walk[REPEAT_TO_COME] + walk[w.WEIGHTED_PIPELINE]).round(9)
    gap = (walk[w.QUOTA] - walk[CLOSED] - to_come).round(9)
    return walk.assign(**{TO_COME: to_come, GAP: gap})


def _check_walk(retention: float, quota_counts: str) -> None:
    if not 0 <= retention <= 1:
        raise ModelInputError(f"retention: it is {retention:g}; give a share from 0 to 1")
    if quota_counts not in (w.ALL_BOOKINGS, w.NEW_BUSINESS):
        raise ModelInputError(
            f"quota counts: '{quota_counts}' is not known; "
            f"write '{w.ALL_BOOKINGS}' or '{w.NEW_BUSINESS}'"
        )


def _check_reps(reps: pd.DataFrame) -> None:
    twice = reps.loc[reps[w.REP].duplicated(), w.REP]
    if len(twice):
        raise ModelInputError(
            f"reps: '{twice.iloc[0]}' is listed twice, and the quota would count twice; keep one"
        )
    wrong = reps.loc[(reps[w.QUOTA] < 0) | np.isinf(reps[w.QUOTA]), w.REP]
    if len(wrong):
        raise ModelInputError(f"reps: the quota of '{wrong.iloc[0]}' is not an amount from 0 up")


def _known(money: pd.Series) -> pd.Series:
    return money.astype("float64").fillna(0.0)


def _somebody(names: pd.Series) -> pd.Series:
    return names.where(names != "", w.UNASSIGNED)
