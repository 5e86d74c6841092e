"""What does a path to the quota look like, from the gap to the verdict of its manager?

One question after the other, each answered by the module that knows: the gap
(``funnel``), the gates' rates (``rates``), the volume and whether it fits
(``volume``), the year by quarter (``timing``), which deals to move (``moves``),
the odds (``outlook``, ``odds``), and whether to believe it (``believable``).

Sheets, macros and the command line all ask here, so they tell the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from . import believable, funnel, moves, odds, outlook, rates, survival, timing, volume
from . import words as w
from .believable import PathRule, Verdict
from .funnel import Gate
from .odds import UncertainRate
from .timing import FiscalYear

__all__ = ["PathFacts", "PathPlan", "gates_in_force", "path_plan"]

PACE_WEEKS: Final = 4
WIN_RATE_STRENGTH: Final = 10.0


@dataclass(frozen=True)
class PathFacts:
    """What is known of a path: of one rep, a team, or everybody.

    Attributes:
        accounts: Account ID, Account, Status, Quadrant, Fiscal year end, Prior-year sales, Closed
            this year, Weighted pipeline, Potential $, Peers to.
        deals: of this path, columns as in ``moves.place_deals``, with Rep.
        walk: one row of the walk: the rep's own, or the roll-up.
        activity: Rep, Week, Gate, Count of these reps.
        everybody: what ``rates.everybodys_rates`` found for all reps.
        rates_since: first day of the window of the rates; None without activity.
        won: deals these reps won within that window.
        capacity: touches a week that these reps can make.
        gates: rates typed or assumed, and lags.
        average_deal: money; missing where none was won or typed.
        cycle_days: typical days to win; missing: 90, assumed.
        as_of, today: the day the data speaks for, and of the reading.
        year: the planning year.
        retention: share of a year's sales that comes again.
        base_rate: win rate of all closed deals.
        win_probability: the one in force.
        stale_after: days.
        play: the play that was picked, "" where none was.
        suggested: the play that the numbers say.
        quota_counts, weeks_off, quarter_shares, last_quarter_bar, touches_per_deal, shock, rules:
            settings.
    """

    accounts: pd.DataFrame
    deals: pd.DataFrame
    walk: "pd.Series[float]"
    activity: pd.DataFrame
    everybody: pd.DataFrame
    rates_since: pd.Timestamp | None
    won: float
    capacity: float
    gates: Sequence[Gate]
    average_deal: float
    cycle_days: float
    as_of: pd.Timestamp
    today: pd.Timestamp
    year: FiscalYear
    retention: float
    base_rate: float
    win_probability: float
    stale_after: float
    play: str = ""
    suggested: str = ""
    quota_counts: str = w.ALL_BOOKINGS
    weeks_off: float = 0.0
    quarter_shares: Sequence[float] = timing.EVEN_SHARES
    last_quarter_bar: float = timing.LAST_QUARTER_BAR
    touches_per_deal: float = 8.0
    shock: float = odds.SHOCK
    rules: Sequence[PathRule] = believable.PATH_RULES


@dataclass(frozen=True)
class PathPlan:
    """A path to the quota, from the gap to the verdict.

    Attributes:
        gates: with the rates in force.
        history: what was done at each gate (``rates.gate_rates``).
        targets: the volume play.
        latest: by which day each gate must be done.
        weekly: what was done in each of the last weeks (``rates.weekly_counts``).
        pace: plan against actual (``volume.pace``).
        leak: the gate that leaks most, or None.
        capacity: whether it fits, and the mends.
        season: the shares of repeat business, Q1 to Later.
        quarters: the year by quarter.
        coverage: how each quarter is covered (``moves.quarter_coverage``).
        effort: touches per quarter (``moves.effort_by_quarter``).
        placed: the open deals with quarter (``moves.place_deals``).
        forward, leave, signs: which to bring forward, to leave, to watch.
        largest: what hangs on the two largest.
        quick_wins: whether they are enough.
        outlook: the odds, and what they rest on.
        verdicts: the manager's checks.
    """

    gates: tuple[Gate, ...]
    history: pd.DataFrame
    targets: funnel.FunnelTargets
    latest: tuple[pd.Timestamp, ...]
    weekly: pd.DataFrame
    pace: pd.DataFrame
    leak: volume.Leak | None
    capacity: volume.Capacity
    season: tuple[float, ...]
    quarters: timing.QuarterPlan
    coverage: pd.DataFrame
    effort: pd.DataFrame
    placed: pd.DataFrame
    forward: pd.DataFrame
    leave: pd.DataFrame
    signs: pd.DataFrame
    largest: moves.Concentration
    quick_wins: moves.QuickWinCheck
    outlook: outlook.Outlook
    verdicts: tuple[Verdict, ...]

    @property
    def believed(self) -> str:
        """The verdicts in one sentence."""
        return believable.believed(self.verdicts)


def gates_in_force(gates: Sequence[Gate], history: pd.DataFrame) -> tuple[Gate, ...]:
    """The gates with the rate of history where nobody typed one and there is a history.

    Args:
        gates: as set; an assumed rate gives way to history.
        history: what ``rates.gate_rates`` found for them.
    """
    found = zip(history[rates.RATE], history[rates.ALL_THROUGH], strict=True)
    return tuple(
        replace(gate, rate=rate, assumed=False) if gate.assumed and through else gate
        for gate, (rate, through) in zip(gates, found, strict=True)
    )


def own_counts(facts: PathFacts) -> list[float]:
    """What these reps did at each gate within the window, and the deals they won."""
    names = [gate.name for gate in facts.gates]
    if facts.rates_since is None:
        return [0.0] * (len(names) + 1)
    none = facts.deals.iloc[:0]
    counts = rates.counts_by_rep(facts.activity, none, names, facts.rates_since, facts.as_of).sum()
    return [*(float(counts[name]) for name in names), facts.won]


def path_plan(facts: PathFacts) -> PathPlan:
    """Everything that can be said of a path.

    Args:
        facts: what is known.

    Raises:
        ModelInputError: what any of the modules refuses, such as a gate named twice.
    """
    names = [gate.name for gate in facts.gates]
    history = rates.gate_rates(
        own_counts(facts), facts.everybody, [gate.rate for gate in facts.gates]
    )
    gates = gates_in_force(facts.gates, history)
    gap = float(facts.walk[funnel.GAP])
    weeks = funnel.weeks_left(facts.today, facts.year.end, facts.weeks_off)
    targets = funnel.funnel_targets(
        gap, facts.average_deal, gates, weeks, weeks_off=facts.weeks_off
    )
    weekly = rates.weekly_counts(facts.activity, names, facts.today, PACE_WEEKS)
    lately = weekly.mean(axis=1).round(9)
    capacity = volume.capacity_check(targets, facts.average_deal, facts.capacity)
    timed = _timing(facts)
    expected = _outlook(facts, targets, gates, history, lately, timed.season)
    placed = moves.place_deals(
        facts.deals,
        facts.accounts,
        facts.year,
        as_of=facts.as_of,
        today=facts.today,
        cycle_days=facts.cycle_days,
    )
    largest = moves.largest_two(placed, float(facts.walk[funnel.TO_COME]))
    closed_deals = facts.deals[facts.deals[w.STATE].isin((w.WON, w.LOST))]
    won = float((closed_deals[w.STATE] == w.WON).sum())
    seen = believable.Evidence(
        accounts=facts.accounts[[w.ACCOUNT, w.POTENTIAL_MONEY, w.PEERS_TO]],
        won=won,
        closed=float(len(closed_deals)),
        win_probability=facts.win_probability,
        play=facts.play,
        suggested=facts.suggested,
        gates=gates,
        history=history,
        capacity=capacity,
        quarters=timed.quarters,
        today=facts.today,
        largest=largest,
        reach=expected.odds.reach,
    )
    return PathPlan(
        gates=gates,
        history=history,
        targets=targets,
        latest=funnel.latest_days(gates, facts.year.end),
        weekly=weekly,
        pace=volume.pace(targets, lately),
        leak=volume.leak(history),
        capacity=capacity,
        season=timed.season,
        quarters=timed,
        coverage=moves.quarter_coverage(timed, placed, _win_rate(facts).mean, facts.today),
        effort=moves.effort_by_quarter(
            targets,
            gates,
            placed,
            facts.year,
            facts.today,
            touches_per_deal=facts.touches_per_deal,
            touches_per_week=facts.capacity,
            weeks_off=facts.weeks_off,
        ),
        placed=placed,
        forward=moves.pull_forward(placed, timed, facts.today, facts.cycle_days),
        leave=moves.to_leave(placed, facts.average_deal, facts.year, facts.stale_after),
        signs=moves.early_signs(placed, gates, outlook.won_cycles(facts.deals), facts.today),
        largest=largest,
        quick_wins=_quick_wins(facts, gap),
        outlook=expected,
        verdicts=believable.verdicts(seen, facts.rules),
    )


def _timing(facts: PathFacts) -> timing.QuarterPlan:
    return timing.quarter_plan(
        facts.walk,
        facts.deals,
        facts.year,
        as_of=facts.as_of,
        today=facts.today,
        cycle_days=facts.cycle_days,
        quota_shares=facts.quarter_shares,
        bar=facts.last_quarter_bar,
    )


def _outlook(
    facts: PathFacts,
    targets: funnel.FunnelTargets,
    gates: Sequence[Gate],
    history: pd.DataFrame,
    lately: "pd.Series[float]",
    season: Sequence[float],
) -> outlook.Outlook:
    coins = outlook.path_coins(
        facts.accounts,
        facts.deals,
        facts.year,
        as_of=facts.as_of,
        today=facts.today,
        cycle_days=facts.cycle_days,
        retention=facts.retention,
        base_rate=facts.base_rate,
        season=season,
        quota_counts=facts.quota_counts,
    )
    closed = timing.closed_by_quarter(facts.deals, facts.year)
    basis = _basis(facts, targets, gates, history, lately)
    return outlook.year_outlook(
        float(facts.walk[w.QUOTA]), closed[:4].tolist(), coins, basis, shock=facts.shock
    )


def _basis(
    facts: PathFacts,
    targets: funnel.FunnelTargets,
    gates: Sequence[Gate],
    history: pd.DataFrame,
    lately: "pd.Series[float]",
) -> outlook.Basis:
    """Logged activity first; without it deals as they were opened; else the plan alone."""
    sizes = outlook.won_sizes(facts.deals, facts.as_of)
    by_gates = outlook.planned_work(
        targets,
        gates,
        history,
        sizes,
        facts.year,
        today=facts.today,
        capacity=facts.capacity,
        lately=lately,
    )
    if by_gates.source == outlook.FROM_ACTIVITY:
        return by_gates
    repeat = funnel.repeat_to_come(facts.accounts, facts.retention, facts.quota_counts)
    repeating = facts.deals[w.ACCOUNT_ID].isin(facts.accounts.loc[repeat > 0, w.ACCOUNT_ID])
    by_deals = outlook.opened_deals(
        facts.deals,
        repeating,
        _win_rate(facts),
        sizes,
        survival.won_by(facts.deals, facts.as_of),
        outlook.won_cycles(facts.deals),
        facts.year,
        as_of=facts.as_of,
        today=facts.today,
    )
    return by_deals if by_deals.source == outlook.FROM_DEALS else by_gates


def _win_rate(facts: PathFacts) -> UncertainRate:
    """The win rate of this path, shrunk towards that of all closed deals, worth ten of them."""
    won = float((facts.deals[w.STATE] == w.WON).sum())
    closed = won + float((facts.deals[w.STATE] == w.LOST).sum())
    strength = closed + WIN_RATE_STRENGTH
    mean = (won + WIN_RATE_STRENGTH * facts.base_rate) / strength
    return UncertainRate(min(max(mean, 1e-9), 1.0), strength)


def _quick_wins(facts: PathFacts, gap: float) -> moves.QuickWinCheck:
    ids = facts.accounts.loc[facts.accounts[w.QUADRANT] == w.QUICK_WIN, w.ACCOUNT_ID]
    at = facts.deals[facts.deals[w.ACCOUNT_ID].isin(ids)]
    sizes = outlook.won_sizes(at, facts.as_of)
    size = float(np.mean(sizes)) if len(sizes) else math.nan
    return moves.quick_win_check(len(ids), size, _win_rate(facts).mean, gap)
