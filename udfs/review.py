"""What should a manager talk about with each rep?

One row per rep: the book by quadrant, the risk profile, the walk to the quota,
the plans, and at most five points to talk about, worst first.

Assumes:

1. A plan is turned in when its state is Turned in or Approved. A draft is late
   once its due date is over; a returned plan was in time, and is with the rep.
2. Some things weigh more than others whatever their size: what is overdue or
   missing altogether comes before what is thin (``talking_points`` gives the
   order). Five points are what one conversation holds.

Money is in the currency of the export, shares are 0-1.

Source: the order and the bars (a gap of 10 % of the quota, five stale deals)
are this product's judgement, and constants.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from . import believable, facts, funnel, timing
from . import words as w
from .path_plan import PathPlan
from .plans import (
    APPROVED,
    DRAFT,
    RETURNED,
    TURNED_IN,
    Plan,
    PlanCheck,
    is_changed_since,
)
from .quadrants import risk_label

__all__ = [
    "Moved",
    "TeamFacts",
    "in_one_line",
    "moved_since",
    "plan_flags",
    "plan_lines",
    "review_reps",
    "talking_points",
]

ACCOUNTS: Final = "Accounts"
SLAM_DUNKS: Final = "Slam dunks"
BIG_BETS: Final = "Big bets"
QUICK_WINS: Final = "Quick wins"
SKIPS: Final = "Skips"
QUADRANT_COLUMNS: Final = dict(
    zip(w.QUADRANTS, (SLAM_DUNKS, BIG_BETS, QUICK_WINS, SKIPS), strict=True)
)
RISK_PROFILE: Final = "Risk profile"
PLANS: Final = "Plans"
STARTED: Final = "Started"
COMPLETE: Final = "Complete"
GOOD: Final = "Good"
REQUIRED: Final = "Required"
HANDED_IN: Final = TURNED_IN
LATE: Final = "Late"
ON_TIME: Final = "On time"
TURNED_IN_LATE: Final = "Turned in late"
IS_APPROVED: Final = APPROVED
IS_RETURNED: Final = RETURNED
CHANGED_SINCE: Final = "Changed since"
WAY: Final = (ON_TIME, TURNED_IN_LATE, IS_APPROVED, IS_RETURNED, CHANGED_SINCE)
"""How many of the plans are how far on their way."""
GLANCE: Final = (
    *(PLANS, COMPLETE, GOOD, HANDED_IN, ON_TIME, LATE, TURNED_IN_LATE, IS_APPROVED, IS_RETURNED),
)
"""What a round is told by, and held against the last collection."""
COLLECTED: Final = "Collected"
TURNED_IN_ON: Final = "Turned in on"
FINDINGS: Final = "Findings"
FILE: Final = "File"
TAB: Final = "Tab"
TALK_ABOUT: Final = "Talk about"
WITHOUT_PLAN: Final = "Without plan"
LAST_QUARTER: Final = "Last quarter"
STALE_DEALS: Final = "Stale deals"
STALE_MONEY: Final = "Stale $"
AVERAGE_DEAL: Final = "Average deal"

HANDED_IN_STATES: Final = (TURNED_IN, APPROVED)
MOST_POINTS: Final = 5
GAP_BAR: Final = 0.10
STALE_BAR: Final = 5
NOTHING: Final = "Nothing stands out"


@dataclass(frozen=True)
class TeamFacts:
    """What there is to know about the books of some reps.

    Args:
        accounts: Account, Owner, Quadrant, Rank (in the owner's book), Expected $.
        walk: one row per rep, as ``funnel.quota_walk`` gives it.
        deals: Path of, State, Stale, Opened, Close date, Amount, Weighted.
        plans: one row per plan, as ``plan_lines`` gives it.
        year: the planning year.
        as_of: the day the data speaks for.
        today: the day of the reading.
        due: the day by which plans are turned in.
        plans_per_book: how many top accounts of each book should have a plan.
        last_quarter_bar: share 0-1 of the year in its last quarter that is too much.
        paths: each rep's path to the quota (``path_plan.path_plan``), where it is known.
    """

    accounts: pd.DataFrame
    walk: pd.DataFrame
    deals: pd.DataFrame
    plans: pd.DataFrame
    year: timing.FiscalYear
    as_of: pd.Timestamp
    today: pd.Timestamp
    due: pd.Timestamp
    plans_per_book: int
    last_quarter_bar: float
    paths: Mapping[str, PathPlan] = field(default_factory=dict)


def plan_lines(plans: Sequence[Plan], checks: Sequence[PlanCheck]) -> pd.DataFrame:
    """One row per plan: whose it is and how it stands.

    Args:
        plans: the plans.
        checks: what ``plans.check_plans`` found about each.

    Returns:
        Owner, Account, Complete (0-1), Good (bool), State, Turned in on (NaT
        where it was not), Changed since (bool), File, Tab, and Findings: per
        plan a tuple of (cell, what is wrong), the serious ones first.
    """
    return pd.DataFrame(
        {
            w.OWNER: pd.Series([plan.owner for plan in plans], dtype=str),
            w.ACCOUNT: pd.Series([plan.account for plan in plans], dtype=str),
            COMPLETE: pd.Series([check.completeness.share for check in checks], dtype=float),
            GOOD: pd.Series([check.good for check in checks], dtype=bool),
            w.STATE: pd.Series([plan.state for plan in plans], dtype=str),
            TURNED_IN_ON: pd.to_datetime(
                pd.Series([plan.turned_in_on for plan in plans], dtype=object)
            ).astype("datetime64[ns]"),
            CHANGED_SINCE: pd.Series([is_changed_since(plan) for plan in plans], dtype=bool),
            FILE: pd.Series([plan.file for plan in plans], dtype=str),
            TAB: pd.Series([plan.tab for plan in plans], dtype=str),
            FINDINGS: pd.Series([_found(check) for check in checks], dtype=object),
        }
    )


def _found(check: PlanCheck) -> tuple[tuple[str, str], ...]:
    ordered = sorted(check.findings, key=lambda each: not each.serious)
    return tuple((each.cell, each.what) for each in ordered)


def review_reps(team: TeamFacts) -> pd.DataFrame:
    """How each rep stands, and what to talk about.

    Args:
        team: what there is to know.

    Returns:
        One row per rep of the walk without "Unassigned", by manager, then rep:
        Rep, Manager, Accounts, Slam dunks, Big bets, Quick wins, Skips, Risk
        profile, Expected $, Quota, Closed, To come, Gap (both NaN without
        quota), Required (top accounts of the book), Plans, Started, Complete, Good,
        Turned in, Late, On time, Turned in late, Approved, Returned, Changed since
        (numbers of plans; on time goes by the date of turning in), Without plan
        (top accounts that have none, by rank, a tuple),
        Last quarter (share 0-1, NaN where nothing is expected
        or no account owned), Stale deals,
        Stale $, Average deal (won in 12 months, NaN without), Talk about (a
        tuple of sentences). A missing Expected $ counts 0.
    """
    walk = team.walk[team.walk[w.REP] != w.UNASSIGNED]
    out = walk[[w.REP, w.MANAGER, w.QUOTA, funnel.CLOSED, funnel.TO_COME, funnel.GAP]]
    out = out.sort_values([w.MANAGER, w.REP], kind="stable").reset_index(drop=True)
    for found in (_accounts(team), _plans(team), _deals(team)):
        out = out.join(found.reindex(out[w.REP]).reset_index(drop=True))
    counts = [
        *(ACCOUNTS, *QUADRANT_COLUMNS.values(), w.EXPECTED_MONEY),
        *(REQUIRED, PLANS, STARTED, COMPLETE, GOOD, HANDED_IN, LATE, *WAY),
        *(STALE_DEALS, STALE_MONEY),
    ]
    out[counts] = out[counts].fillna(0.0)
    pairs = zip(out[BIG_BETS].astype(int), out[QUICK_WINS].astype(int), strict=True)
    out[RISK_PROFILE] = pd.Series([risk_label(bets, wins) for bets, wins in pairs], dtype=str)
    out[WITHOUT_PLAN] = _named(out[w.REP], _without_plan(team))
    out[LAST_QUARTER] = _last_quarter(team).reindex(out[w.REP]).to_numpy(float)
    points = [talking_points(row, team) for row in out.to_dict("records")]
    out[TALK_ABOUT] = pd.Series(points, index=out.index, dtype=object)
    return out


def _accounts(team: TeamFacts) -> pd.DataFrame:
    accounts = team.accounts
    found = pd.DataFrame({ACCOUNTS: accounts.groupby(w.OWNER).size().astype(float)})
    for quadrant, column in QUADRANT_COLUMNS.items():
        found[column] = (accounts[w.QUADRANT] == quadrant).groupby(accounts[w.OWNER]).sum()
    money = accounts[w.EXPECTED_MONEY].fillna(0.0)
    top = accounts[w.RANK] <= team.plans_per_book
    found[REQUIRED] = top.groupby(accounts[w.OWNER]).sum()
    found[w.EXPECTED_MONEY] = money.groupby(accounts[w.OWNER]).sum().round(9)
    return found.astype(float)


def _plans(team: TeamFacts) -> pd.DataFrame:
    return plan_flags(team.plans, team.today, team.due).groupby(team.plans[w.OWNER]).sum()


def plan_flags(plans: pd.DataFrame, today: pd.Timestamp, due: pd.Timestamp) -> pd.DataFrame:
    """What each plan counts for.

    Args:
        plans: one row per plan, as ``plan_lines`` gives it; Turned in on and Changed since
            may lack.
        today: the day of the reading.
        due: the day by which plans are turned in.

    Returns:
        1.0 or 0.0 for Plans, Started, Complete, Good, Turned in, Late, On time, Turned in late,
        Approved, Returned and Changed since.
    """
    handed_in = plans[w.STATE].isin(HANDED_IN_STATES)
    late = (plans[w.STATE] == DRAFT) & (today > due)
    # Rows of a Tracker say less than plans that were read.
    on = pd.to_datetime(plans.get(TURNED_IN_ON, pd.Series(pd.NaT, index=plans.index)))
    changed = plans.get(CHANGED_SINCE, pd.Series(False, index=plans.index))
    on = on.where(plans[w.STATE] != DRAFT)
    flags = {
        PLANS: pd.Series(1.0, index=plans.index),
        STARTED: plans[COMPLETE] > 0,
        COMPLETE: plans[COMPLETE] >= 1,
        GOOD: plans[GOOD],
        HANDED_IN: handed_in,
        LATE: late,
        ON_TIME: on <= due,
        TURNED_IN_LATE: on > due,
        IS_APPROVED: plans[w.STATE] == APPROVED,
        IS_RETURNED: plans[w.STATE] == RETURNED,
        CHANGED_SINCE: changed.eq(True),
    }
    return pd.DataFrame(flags, index=plans.index).astype(float)


@dataclass(frozen=True)
class Moved:
    """What moved since a collection.

    Attributes:
        day: when it was.
        changes: each of ``GLANCE``: now, less then.
    """

    day: pd.Timestamp
    changes: Mapping[str, float]

    @property
    def told(self) -> str:
        """In one sentence."""
        moved = [
            f"{name.lower()} {change:+,.0f}" for name, change in self.changes.items() if change
        ]
        return f"Moved since the collection of {self.day:%Y-%m-%d}: {', '.join(moved)}."


def moved_since(now: Mapping[str, float], rounds: pd.DataFrame) -> Moved | None:
    """What moved since the last collection that counted otherwise than now?

    A collection is remembered where its figures are others than those of the one before.
    So right after one this is against the one before it, and between two against the last.

    Args:
        now: each figure of ``GLANCE``: a number of plans.
        rounds: one row per collection, any order: Collected (timestamps), and ``GLANCE``.

    Returns:
        None where no collection counted otherwise.
    """
    for row in rounds.sort_values(COLLECTED, ascending=False, kind="stable").to_dict("records"):
        changes = {name: float(now[name] - row[name]) for name in GLANCE}
        if any(changes.values()):
            return Moved(pd.Timestamp(row[COLLECTED]), changes)
    return None


def _deals(team: TeamFacts) -> pd.DataFrame:
    deals = team.deals
    stale = deals[(deals[w.STATE] == w.OPEN) & deals[w.STALE].astype(bool)]
    won = deals[(deals[w.STATE] == w.WON) & (deals[w.AMOUNT] > 0)]
    won = won[facts.in_prior_year(won[w.CLOSE_DATE], team.as_of)]
    return pd.DataFrame(
        {
            STALE_DEALS: stale.groupby(w.PATH_OF).size().astype(float),
            STALE_MONEY: stale.groupby(w.PATH_OF)[w.AMOUNT].sum().round(9),
            AVERAGE_DEAL: won.groupby(w.PATH_OF)[w.AMOUNT].mean().round(9),
        }
    )


def _without_plan(team: TeamFacts) -> pd.Series:
    """Per owner, the top accounts that have no plan."""
    top = team.accounts[team.accounts[w.RANK] <= team.plans_per_book]
    planned = set(zip(team.plans[w.OWNER], team.plans[w.ACCOUNT], strict=True))
    pairs = zip(top[w.OWNER], top[w.ACCOUNT], strict=True)
    missing = pd.Series([pair not in planned for pair in pairs], index=top.index, dtype=bool)
    bare = top[missing].sort_values(w.RANK, kind="stable")
    return bare.groupby(w.OWNER)[w.ACCOUNT].agg(tuple)


def _named(reps: pd.Series, found: pd.Series) -> pd.Series:
    return pd.Series([found.get(rep, ()) for rep in reps], index=reps.index, dtype=object)


def _last_quarter(team: TeamFacts) -> pd.Series:
    """Share of the year in its last quarter, as the rep's own Path shows it, per owner."""
    deals = team.deals[[w.PATH_OF, w.STATE, w.OPENED, w.CLOSE_DATE, w.AMOUNT, w.WEIGHTED]]
    owners = team.walk[team.walk[w.REP].isin(set(team.accounts[w.OWNER]))]
    return timing.last_quarter_shares(owners, deals, team.year, as_of=team.as_of, today=team.today)


def talking_points(rep: Mapping[Any, Any], team: TeamFacts) -> tuple[str, ...]:
    """At most five points to talk about with a rep, worst first.

    In this order: plans that are late; plans that were changed after they were
    turned in; plans that were returned and not answered; no account; no quota; a gap above 10 %
    of the quota, with what the risk profile makes of it; a path to the quota that
    is not believable, with where it breaks; potential above peers', likelihood
    above history, a strategy that does not fit; plans not started or
    incomplete (where none is late); top accounts without plan; complete plans
    that are thin; too much of the year in its last quarter; five stale deals
    or more.

    Args:
        rep: a row of ``review_reps`` (all but Talk about).
        team: for its dates and bars.

    Returns:
        Sentences without a full stop; none where nothing stands out.
    """
    found = (point for points in _POINTS for point in points(rep, team))
    return tuple(point for point, _ in zip(found, range(MOST_POINTS), strict=False))


def in_one_line(points: Sequence[str]) -> str:
    """The points as one sentence; words for it where there is none."""
    first, *others = points or (NOTHING,)
    return "; ".join([first, *(point[:1].lower() + point[1:] for point in others)])


def _late(rep: Mapping[Any, Any], team: TeamFacts) -> Iterator[str]:
    if rep[LATE]:
        yield f"{_some(rep[LATE], rep[PLANS], 'plan')} late: due {team.due:%Y-%m-%d}"


def _changed(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    changed = rep.get(CHANGED_SINCE, 0)
    if changed:
        yield f"{_some(changed, rep[PLANS], 'plan')} changed after turning in: read anew"


def _unanswered(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    returned = rep.get(IS_RETURNED, 0)
    if returned:
        yield f"{_some(returned, rep[PLANS], 'plan')} returned and not answered yet"


def _no_account(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    if rep[ACCOUNTS] == 0:
        quota = f" but has a quota of {_money(rep[w.QUOTA])}" if rep[w.QUOTA] > 0 else ""
        yield f"Owns no account{quota}: agree which accounts to work"


def _no_quota(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    if math.isnan(rep[w.QUOTA]):
        expected = _money(rep[w.EXPECTED_MONEY])
        yield f"No quota: {expected} is expected, and nothing says whether that is enough"


def _gap(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    quota, gap = rep[w.QUOTA], rep[funnel.GAP]
    if not (quota > 0 and gap > GAP_BAR * quota):
        return
    told = f"Gap of {_money(gap)}, {_percent(gap / quota)} of the quota"
    bets, wins = int(rep[BIG_BETS]), int(rep[QUICK_WINS])
    if rep[RISK_PROFILE] == w.MOSTLY_BIG_BETS:
        told += f", and mostly big bets ({bets} of {bets + wins}): agree early signs"
    elif rep[RISK_PROFILE] == w.MOSTLY_QUICK_WINS:
        told += f", and mostly quick wins ({wins} of {bets + wins}): {_volume(gap, rep)}"
    else:
        told += ": agree what closes it"
    yield told


def _volume(gap: float, rep: Mapping[Any, Any]) -> str:
    average = rep[AVERAGE_DEAL]
    if not average > 0:
        return "check that there is volume enough"
    deals = _count(math.ceil(round(gap / average, 9)), "deal")
    return f"that takes {deals} of {_money(average)}"


def _path(rep: Mapping[Any, Any], team: TeamFacts) -> Iterator[str]:
    """Where the way to the quota breaks: at which gate, in which week, quarter or deal."""
    broken = _broken(rep, team, of_the_path=True)
    if not broken:
        return
    reach = team.paths[rep[w.REP]].outlook.odds.reach
    odds = "" if math.isnan(reach) else f", {_percent(reach)} to reach the quota"
    where = [each.breaks for each in broken if each.rule.key != believable.ODDS]
    yield f"Path not believable{odds}{': ' if where else ''}{', '.join(where)}"


def _book_checks(rep: Mapping[Any, Any], team: TeamFacts) -> Iterator[str]:
    """What of the book itself does not hold: its potential, its win rates, its strategy."""
    for each in _broken(rep, team, of_the_path=False):
        yield each.breaks


def _broken(
    rep: Mapping[Any, Any], team: TeamFacts, *, of_the_path: bool
) -> list[believable.Verdict]:
    plan = team.paths.get(rep[w.REP])
    return [
        each
        for each in (plan.verdicts if plan else ())
        if each.verdict == believable.FAILS
        and (each.rule.key in believable.OF_THE_PATH) == of_the_path
    ]


def _unfinished(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    plans, missing = rep[PLANS], rep[PLANS] - rep[COMPLETE]
    if rep[LATE] or missing == 0:
        return
    if rep[STARTED]:
        yield f"{_some(missing, plans, 'plan')} not complete"
    else:
        yield (
            "The plan is not started" if plans == 1 else f"None of the {plans:.0f} plans is started"
        )


def _bare(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    names = rep[WITHOUT_PLAN]
    if names:
        accounts = _count(len(names), "top account")
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        yield f"{accounts} without plan: {', '.join(names[:2])}{more}"


def _thin(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    thin = rep[COMPLETE] - rep[GOOD]
    if thin > 0:
        yield f"{_some(thin, rep[COMPLETE], 'complete plan')} thin: see the findings"


def _heavy_end(rep: Mapping[Any, Any], team: TeamFacts) -> Iterator[str]:
    share = rep[LAST_QUARTER]
    if share > team.last_quarter_bar:
        yield f"{_percent(share)} of the year falls into its last quarter: bring some forward"


def _stale(rep: Mapping[Any, Any], _: TeamFacts) -> Iterator[str]:
    deals = int(rep[STALE_DEALS])
    if deals >= STALE_BAR:
        yield f"{deals:,} stale deals worth {_money(rep[STALE_MONEY])}: revive or close them"


_POINTS: Final = (
    _late,
    _changed,
    _unanswered,
    _no_account,
    _no_quota,
    _gap,
    _path,
    _book_checks,
    _unfinished,
    _bare,
    _thin,
    _heavy_end,
    _stale,
)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _some(part: float, whole: float, noun: str) -> str:
    """How many of them, up to the verb: "2 of 3 plans are"."""
    if whole == 1:
        return f"The {noun} is"
    return f"{part:,.0f} of {whole:,.0f} {noun}s {'is' if part == 1 else 'are'}"


def _money(value: float) -> str:
    return f"{value:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:,.0f} %"
