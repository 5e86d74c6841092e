"""What may a book's year come to, and what does that rest on?

Puts the quota walk into coins (open deals, repeat business) and the work that
is planned into new business, so that ``odds`` can play the year.

Assumes:
1. The coins' average is the walk's "to come", deal by deal and account by
   account, but for deals that are not likely to be won in time; so nothing
   counts that the walk does not count, and nothing twice.
2. New business is the work that is counted on: what the plan needs a week, but
   no more than fits into the week, and no more than was done a week lately
   where anything was logged. Its rates are those of history, also where
   somebody typed better ones.
3. Without logged activity, new business is deals as they were opened in the
   past, at accounts from which no repeat is counted; each wins as deals of
   this path won, and closes in time as quickly as deals were won.
4. An open deal with a date to come is taken at its word. Without one it is
   won in the year as deals of its age were (its In time).
5. Where there is neither, the plan's rates stand in, each worth ten tries.

The corrections in 3 (no repeat counted there, closed in time) and 4 (In time)
were chosen with two quarters of one export in view (Maven Analytics' CRM sales
opportunities): planned as of 2017-09-30, 18 of 23 books came out inside
P10-P90, as of 2017-06-30 16 of 23. No other quarter has tested them.

Money is in the currency of the export.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import facts, funnel, odds, rates, survival, timing
from . import words as w
from .errors import ModelInputError
from .funnel import Day, Gate, as_day
from .odds import Coins, NewBusiness, Odds, UncertainRate
from .timing import FiscalYear

__all__ = [
    "Basis",
    "Outlook",
    "funnel_odds",
    "opened_deals",
    "path_coins",
    "planned_work",
    "year_outlook",
]

FloatArray = npt.NDArray[np.float64]

FROM_ACTIVITY: Final = "activity"
FROM_DEALS: Final = "deals"
FROM_PLAN: Final = "plan"
FROM_NOTHING: Final = "nothing"

ASSUMED_STRENGTH: Final = 10.0
OPENING_WEEKS: Final = 26
LEAST_WON: Final = 10
YEARS_SHOWN: Final = 10_000
"""So many years are played for a workbook: one standard error is half a percent."""
DEALS_OPENED: Final = "deals opened"


def path_coins(
    accounts: pd.DataFrame,
    deals: pd.DataFrame,
    year: FiscalYear,
    *,
    as_of: Day,
    today: Day,
    cycle_days: float,
    retention: float,
    base_rate: float,
    season: Sequence[float],
    quota_counts: str = w.ALL_BOOKINGS,
) -> Coins:
    """Open deals, pipeline that no deal explains, and repeat business, each with its chance.

    Args:
        accounts: Account ID, Status, Prior-year sales, Closed this year, Weighted pipeline of the
            path's accounts.
        deals: Account ID, State, Close date, Amount, Weighted of the path's deals, and where it
            is known In time (``survival.in_time``).
        year: the planning year.
        as_of: the day the data speaks for.
        today: the day of the reading.
        cycle_days: typical days to win; missing: 90, assumed.
        retention: share 0-1 of a year's sales that comes again.
        base_rate: win rate 0-1 of pipeline that no deal explains.
        season: five shares of repeat business, as ``timing.quarter_plan`` gives them.
        quota_counts: "all bookings" or "new business".

    Returns:
        Coins with five periods, Q1 to Q4 and Later. Where every deal has the In time of 1, they
        bring on average what the quota walk has to come.

    Raises:
        ModelInputError: what ``funnel`` and ``timing`` refuse.
    """
    live = deals[deals[w.WEIGHTED].fillna(0.0) != 0]
    amount = live[w.AMOUNT].to_numpy(float)
    places = timing.quarter_of(timing.expected_close(live, year, as_of, today, cycle_days), year)
    chance = live[w.WEIGHTED].to_numpy(float) / amount
    if w.IN_TIME in live:
        chance = chance * live[w.IN_TIME].fillna(1.0).to_numpy(float)
    own = np.clip(chance, 0.0, 1.0), _placed(amount, places)
    undated = pd.DataFrame({w.STATE: [w.OPEN], w.CLOSE_DATE: [pd.NaT]}).astype(
        {w.CLOSE_DATE: "datetime64[ns]"}
    )
    close = timing.expected_close(undated, year, as_of, today, cycle_days)
    beyond = funnel.beyond_deals(accounts, deals).to_numpy(float)
    beyond = beyond[beyond != 0] / base_rate if base_rate > 0 else np.zeros(0)
    whole = pd.Series(np.full(len(beyond), timing.quarter_of(close, year).iloc[0]))
    repeat = funnel.repeat_to_come(accounts, retention, quota_counts).to_numpy(float)
    repeat = repeat[repeat > 0] / retention if retention > 0 else np.zeros(0)
    return Coins(
        np.concatenate([own[0], np.full(len(beyond), base_rate), np.full(len(repeat), retention)]),
        np.concatenate([own[1], _placed(beyond, whole), np.outer(repeat, np.asarray(season))]),
    )


def _placed(amounts: FloatArray, quarters: pd.Series) -> FloatArray:
    """Each amount in the column of its quarter; what has none, or is before the year, in Q1."""
    out = np.zeros((len(amounts), len(timing.QUARTERS)))
    columns = quarters.fillna(1).clip(1, 5).to_numpy("int64") - 1
    out[np.arange(len(amounts)), columns] = amounts
    return out


# New business


@dataclass(frozen=True)
class Basis:
    """What new business rests on.

    Attributes:
        source: "activity", "deals", "plan" or "nothing".
        new: what ``odds`` plays, in four quarters; None where there is nothing.
        unit: what is counted when more of it is needed ("Demos").
        unit_share: how many of ``unit`` one unit of ``new.volume`` makes.
        words: the basis in a sentence.
    """

    source: str
    new: NewBusiness | None
    unit: str
    unit_share: float
    words: str


NO_BASIS: Final = Basis(FROM_NOTHING, None, "", math.nan, "No new business is counted.")


def planned_work(
    targets: funnel.FunnelTargets,
    gates: Sequence[Gate],
    history: pd.DataFrame,
    sizes: FloatArray,
    year: FiscalYear,
    *,
    today: Day,
    capacity: float,
    lately: "pd.Series[float] | None" = None,
) -> Basis:
    """New business from the gates: the work that is counted on, and what history makes of it.

    Args:
        targets: what ``funnel.funnel_targets`` found for these gates.
        gates: with the rates in force.
        history: what ``rates.gate_rates`` found for them.
        sizes: amounts of deals that were won, above 0.
        year: the planning year.
        today: the day of the reading.
        capacity: touches a week that can be made; missing: no bound.
        lately: units a week that were done lately, per gate; None: nothing was logged.

    Returns:
        The basis; "nothing" where every gate is too late or nothing is needed.
    """
    open_gates = [place for place, target in enumerate(targets.gates[:-1]) if target.weeks > 0]
    if not open_gates:
        return NO_BASIS
    first = open_gates[0]
    target = targets.gates[first]
    a_week, why = _counted_on(targets, first, capacity, lately)
    if math.isnan(a_week):
        return NO_BASIS
    known = (history[rates.ALL_THROUGH] > 0).tolist()
    gate_rates = tuple(
        UncertainRate(
            row[rates.RATE] if has else gates[place].rate,
            row[rates.DONE] + row[rates.STRENGTH] if has else ASSUMED_STRENGTH,
        )
        for place, (row, has) in enumerate(zip(history.to_dict("records"), known, strict=True))
    )[first:]
    lag = math.fsum(gate.lag_weeks for gate in gates[first:])
    new = NewBusiness(
        a_week * target.weeks,
        gate_rates,
        sizes,
        periods=_landing(np.array([7 * lag]), year, today),
    )
    logged = all(known[first:])
    told = f"New business: {a_week:,.1f} {target.gate} a week, {why}, " + (
        "at the rates of history." if logged else "at rates that are partly assumed."
    )
    to_last = math.prod(rate.mean for rate in gate_rates[:-1])
    return Basis(FROM_ACTIVITY if logged else FROM_PLAN, new, targets.gates[-2].gate, to_last, told)


def _counted_on(
    targets: funnel.FunnelTargets,
    first: int,
    capacity: float,
    lately: "pd.Series[float] | None",
) -> tuple[float, str]:
    """Units a week of the first gate still open: the plan's, what fits, or what was done lately."""
    needed = targets.gates[first].per_week
    touches = math.fsum(target.per_week for target in targets.gates[first:-1])
    best, why = needed, "what the plan needs"
    if touches > capacity:
        best, why = needed * capacity / touches, "what fits into the week"
    if lately is not None and lately.sum() > 0:
        done = float(lately[targets.gates[first].gate])
        if math.isnan(best) or done < best:
            best, why = done, "as many as were done lately"
    return best, why


def opened_deals(
    deals: pd.DataFrame,
    repeating: "pd.Series[bool]",
    win_rate: UncertainRate,
    sizes: FloatArray,
    timely: survival.WonBy | None,
    cycles: FloatArray,
    year: FiscalYear,
    *,
    as_of: Day,
    today: Day,
) -> Basis:
    """New business without gates: deals will be opened, and won, as they were.

    Args:
        deals: Opened of the path's deals.
        repeating: for each deal, whether its account's repeat business is counted already.
        win_rate: of this path.
        sizes: amounts of deals that were won, above 0.
        timely: when deals are won (``survival.won_by``); None: not known.
        cycles: days that won deals took.
        year: the planning year.
        as_of: the day the data speaks for.
        today: the day of the reading.

    Returns:
        The basis; "nothing" where no deal was opened, too few were closed to tell when deals are
        won, or the year is over.
    """
    last, now = as_day(as_of, "as-of date"), as_day(today, "today")
    opened = deals.loc[deals[w.OPENED] <= last, w.OPENED]
    left = (year.end - now).days
    if opened.empty or left <= 0 or timely is None or not len(cycles) or not len(sizes):
        return NO_BASIS
    since = max(pd.Timestamp(opened.min()), last - pd.Timedelta(OPENING_WEEKS * 7 - 1, "D"))
    weeks = ((last - since).days + 1) / 7
    lately = (deals[w.OPENED] >= since) & (deals[w.OPENED] <= last)
    fresh, again = float((lately & ~repeating).sum()), float((lately & repeating).sum())
    begun = np.arange(left, dtype=np.float64)
    in_time = float(timely.chance(np.full(left, -1.0), begun).mean()) / win_rate.mean
    a_week = fresh / weeks
    new = NewBusiness(
        a_week * left / 7 * in_time,
        (win_rate,),
        sizes,
        planned=False,
        periods=_landing(cycles, year, today),
    )
    beside = f", beside {again / weeks:,.1f} at accounts that repeat anyway" if again else ""
    told = (
        f"New business: {a_week:,.1f} deals opened a week, as many as since {since:%Y-%m-%d}"
        f"{beside}; {100 * win_rate.mean * in_time:.0f} % of them won in time."
    )
    return Basis(FROM_DEALS, new, DEALS_OPENED, 1 / in_time if in_time > 0 else math.nan, told)


def _landing(waits: FloatArray, year: FiscalYear, today: Day) -> tuple[float, ...]:
    """In which shares what begins evenly until the year's end comes in Q1 to Q4.

    Args:
        waits: days from the beginning to the money; each as likely.
        year: the planning year.
        today: begins the day after.
    """
    now = as_day(today, "today")
    left = (year.end - now).days
    shares = []
    for start, end in year.quarters:
        first, last = (start - now).days - 1, (end - now).days
        overlap = np.minimum(last, left) - np.maximum(np.maximum(first, waits), 0)
        shares.append(float(np.clip(overlap, 0.0, None).sum()))
    total = math.fsum(shares)
    if total <= 0:
        return (0.0, 0.0, 0.0, 1.0)
    return tuple(share / total for share in shares)


# The year


@dataclass(frozen=True)
class Outlook:
    """The odds of a year, and what they rest on.

    Attributes:
        quota: money; missing where there is none.
        odds: of the year.
        basis: of its new business.
        more: odds -> how many more of ``basis.unit`` they take, 0 where none, missing where no
            number is known to give them.
    """

    quota: float
    odds: Odds
    basis: Basis
    more: dict[float, float]

    @property
    def words(self) -> str:
        """The odds as one sentence."""
        return odds_sentence(self.odds.reach, self.quota, self.more, self.basis.unit)


def odds_sentence(reach: float, quota: float, more: dict[float, float], unit: str) -> str:
    """The odds as one sentence: "62 % to reach 1,000,000; for 80 % you need 14 more demos."

    Args:
        reach: chance of the quota, 0-1; missing: there is no quota.
        quota: money.
        more: odds -> how many more units they take.
        unit: what is counted.
    """
    if math.isnan(reach):
        return "Type the quota to see the odds of reaching it."
    told = f"{100 * reach:.0f} % to reach {quota:,.0f}"
    for share in sorted(more):
        if share > reach and share > 0.5:
            extra = more[share]
            if math.isnan(extra):
                return f"{told}; what would give {100 * share:.0f} % is not known."
            return (
                f"{told}; for {100 * share:.0f} % you need {math.ceil(round(extra, 6)):,} "
                f"more {unit.lower()}."
            )
    return f"{told}."


def year_outlook(
    quota: float,
    closed: Sequence[float],
    coins: Coins,
    basis: Basis,
    *,
    shock: float = odds.SHOCK,
    years: int = YEARS_SHOWN,
    seed: int = odds.SEED,
) -> Outlook:
    """The odds of a year: closed, coins and new business together.

    Args:
        quota: money of the year; missing: only the range is told.
        closed: money per quarter, Q1 to Q4.
        coins: what ``path_coins`` made; what comes Later is left out.
        basis: of new business.
        shock, years, seed: as for ``odds.quota_odds``.

    Raises:
        ModelInputError: what ``odds.quota_odds`` refuses.
    """
    in_year = Coins(coins.chances, coins.amounts[:, :4] if len(coins.chances) else coins.amounts)
    found = odds.quota_odds(quota, closed, in_year, basis.new, shock=shock, years=years, seed=seed)
    volume = basis.new.volume if basis.new is not None else 0.0
    more = {
        share: max(0.0, need - volume) * basis.unit_share for share, need in found.cushion.items()
    }
    return Outlook(quota, found, basis, more)


def funnel_odds(
    targets: funnel.FunnelTargets,
    average_deal: float,
    tries: Sequence[float] = (),
    *,
    shock: float = odds.SHOCK,
    years: int = YEARS_SHOWN,
    seed: int = odds.SEED,
) -> Outlook:
    """The odds that a funnel alone closes its gap, if its volumes are done.

    Args:
        targets: what ``funnel.funnel_targets`` found.
        average_deal: money of each deal.
        tries: how many tries stand behind each gate's rate, above 0 (infinite: it is certain);
            none: the rates are certain.
        shock, years, seed: as for ``odds.quota_odds``.

    Raises:
        ModelInputError: not one number of tries per gate, or what ``odds`` refuses.
    """
    gates = targets.gates[:-1]
    strengths = list(tries) or [math.inf] * len(gates)
    if len(strengths) != len(gates):
        raise ModelInputError(f"tries: {len(strengths)} for {len(gates)} gates; give one for each")
    first = next((place for place, gate in enumerate(gates) if gate.weeks != 0), None)
    basis = NO_BASIS
    if first is not None and not math.isnan(targets.deals) and average_deal > 0:
        rates_in_force = tuple(
            UncertainRate(gate.rate, strength)
            for gate, strength in zip(gates[first:], strengths[first:], strict=True)
        )
        new = NewBusiness(gates[first].volume, rates_in_force, np.array([average_deal]))
        share = math.prod(rate.mean for rate in rates_in_force[:-1])
        basis = Basis(FROM_PLAN, new, gates[-1].gate, share, "")
    nothing = Coins(np.zeros(0), np.zeros(0))
    return year_outlook(targets.gap, [0.0], nothing, basis, shock=shock, years=years, seed=seed)


def won_sizes(deals: pd.DataFrame, as_of: pd.Timestamp) -> FloatArray:
    """Amounts above 0 of the deals won in the 12 months to the as-of date.

    Args:
        deals: State, Close date, Amount.
        as_of: the day the data speaks for.
    """
    won = deals[(deals[w.STATE] == w.WON) & (deals[w.AMOUNT] > 0)]
    recent = facts.in_prior_year(won[w.CLOSE_DATE], as_of)
    return np.asarray(won.loc[recent, w.AMOUNT], dtype=np.float64)


def won_cycles(deals: pd.DataFrame) -> FloatArray:
    """Days from opening to winning of the won deals that have both dates.

    Args:
        deals: State, Opened, Close date.
    """
    won = deals[deals[w.STATE] == w.WON]
    days = (won[w.CLOSE_DATE] - won[w.OPENED]).dt.days
    return np.asarray(days[days >= 0], dtype=np.float64)
