"""A planning round: everything that a workbook shows, as typed data.

What the model found is put together once, for the whole organisation; the
round of a team or of one rep's book is a part of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from ..udfs import words as w
from ..udfs.evidence import Evidence
from ..udfs.facts import Assumed
from ..udfs.funnel import CLOSED, GAP, REPEAT_TO_COME, TO_COME, Gate, lag_of_cycle, roll_up
from ..udfs.learning import Learned
from ..udfs.path_plan import PathFacts, PathPlan, path_plan
from ..udfs.plans import Plan, PlanCheck, check_plans
from ..udfs.quadrants import Cuts
from ..udfs.scoring import Attribute
from ..udfs.settings import ALL_PEERS, Settings
from ..udfs.splits import no_rates
from ..udfs.timing import FiscalYear
from . import contract as c
from .names import sheet_names
from .peers import Peers


@dataclass(frozen=True)
class FileSummary:
    """One imported file: how many rows were read and used."""

    role: str
    file: str
    rows_read: int
    rows_used: int


@dataclass(frozen=True)
class DroppedSummary:
    """Rows of a file that were not used, why, and up to three of them."""

    role: str
    what: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ImportSummary:
    """What came in from the CRM, so that it can be tied to it.

    Attributes:
        files: what was read.
        dropped: what was not used.
        matched: our column -> the export's, for each file's role.
        derived, notes: sentences.
        blank: columns of Accounts that the export says nothing about.
        control: per stage: Stage, State, Rows read, Rows used, Rows dropped, Amount.
    """

    files: tuple[FileSummary, ...] = ()
    dropped: tuple[DroppedSummary, ...] = ()
    matched: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    control: pd.DataFrame = field(default_factory=pd.DataFrame)


# Compared by identity, so that what sheets share can be worked out once per round.
@dataclass(frozen=True, eq=False)
class Round:
    """What one workbook shows.

    Attributes:
        kind: "book", "team" or "template".
        name: the rep, the manager, or what the organisation is called.
        settings: of the model.
        as_of: the day the data speaks for; ``today`` the day of the reading.
        year: the planning year.
        currency: code or symbol, "" where unknown.
        accounts: one row per account, columns as in ``contract``.
        attributes: those scored, in order.
        scores: attribute scores (0-100), aligned with ``accounts``.
        contributions: points, likewise.
        model: Potential, Likelihood, Coverage, Segment, Potential $, Potential $
            from, Benchmark $, Peers, Peers from, Peers to, From deals: the model's
            values, before overrides; and what of a family is in other workbooks.
        deals: one row per deal, columns as in ``contract``.
        reps: Rep, Manager, Region, Quota, Start date, Touches per week, Win
            rate, and the money of deals that name no account.
        walk: the quota walk, one row per rep.
        quarters: the year by quarter; ``season``: the share of repeat business
            that falls into each of its rows.
        activity: Rep, Week, Gate, Count.
        everybody: what all reps did at each gate (``rates.everybodys_rates``);
            ``rates_since``: from which day on, None without activity.
        won_since: deals won from that day on, per rep.
        cuts: where high begins, the same in every book.
        retention, base_rate (of all closed deals), win_probability, stale,
            average_deal, cycle: the numbers that stand behind the money, and
            where each comes from.
        play: which play fits; ``play_reason`` why.
        needed_per_account: sum of quotas / number of accounts, of the organisation.
        plans: one per plan tab.
        book_files: where the book of each owner lies, seen from this workbook.
        summary: what came in.
        whitespace: as ``udfs.whitespace`` gives it, of these accounts.
        evidence: the test of the scores on what happened, of the whole
            organisation; ``None`` where there was none, and ``not_tested`` why.
        product_rates: how often deals of each product are won, of the whole
            organisation (``udfs.splits.product_rates``).
        learned: the weights that history teaches, or why it teaches none.
        data_day: the latest day that the data speaks of.
        scored_together: how many accounts the scores compare, those of other
            workbooks included.
        paths: the way to the quota of reps, where it was worked out before.
        averages: per attribute the points of the average account.
        peers: whom accounts are compared with, in the whole organisation.
        due_kept: the due date of plans that this planning year has already; ``None``
            finds it anew.
    """

    kind: str
    name: str
    settings: Settings
    as_of: pd.Timestamp
    today: pd.Timestamp
    year: FiscalYear
    currency: str
    accounts: pd.DataFrame
    attributes: tuple[Attribute, ...]
    scores: pd.DataFrame
    contributions: pd.DataFrame
    model: pd.DataFrame
    deals: pd.DataFrame
    reps: pd.DataFrame
    walk: pd.DataFrame
    quarters: pd.DataFrame
    season: tuple[float, ...]
    activity: pd.DataFrame
    everybody: pd.DataFrame
    rates_since: pd.Timestamp | None
    won_since: pd.Series
    cuts: Cuts
    retention: Assumed
    base_rate: Assumed
    win_probability: Assumed
    stale: Assumed
    average_deal: Assumed
    cycle: Assumed
    play: str
    play_reason: str
    needed_per_account: float
    plans: tuple[Plan, ...] = ()
    book_files: Mapping[str, str] = field(default_factory=dict)
    summary: ImportSummary = field(default_factory=ImportSummary)
    whitespace: pd.DataFrame = field(default_factory=pd.DataFrame)
    product_rates: pd.DataFrame = field(default_factory=no_rates)
    evidence: Evidence | None = None
    not_tested: str = ""
    learned: Learned | None = None
    data_day: pd.Timestamp | None = None
    scored_together: int = 0
    paths: Mapping[str, PathPlan] = field(default_factory=dict)
    averages: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    peers: Peers | None = None
    due_kept: pd.Timestamp | None = None

    @cached_property
    def peers_told(self) -> list[str]:
        """The peers of each account as Scores keeps them, aligned with the accounts."""
        if self.peers is None:
            return [""] * len(self.accounts)
        by_name = self.settings.peers_shown == ALL_PEERS
        return self.peers.told(self.accounts[w.ACCOUNT_ID], all_names=by_name)

    @property
    def live(self) -> bool:
        """Whether the workbook holds formulas; very large ones hold values."""
        return len(self.accounts) <= c.LIVE_LIMIT

    @property
    def due(self) -> pd.Timestamp:
        """By when plans are turned in."""
        return self.settings.plan_due or self.due_found

    @property
    def due_found(self) -> pd.Timestamp:
        """The same where nobody typed a day."""
        return self.due_kept or self.due_anew

    @property
    def due_anew(self) -> pd.Timestamp:
        """The day that a new round finds."""
        return self.as_of + pd.Timedelta(days=30)

    @cached_property
    def total(self) -> pd.Series:
        """The quota walk of all reps of this workbook together; no quota where there are none."""
        rolled = roll_up(self.walk)
        if len(rolled):
            return rolled.iloc[0]
        money = dict.fromkeys((CLOSED, REPEAT_TO_COME, w.WEIGHTED_PIPELINE, TO_COME), 0.0)
        return pd.Series({w.QUOTA: math.nan, **money, GAP: math.nan})

    @cached_property
    def path(self) -> PathPlan:
        """Everything that can be said of the way to the quota of these reps together."""
        known = self.paths.get(self.name) if self.kind == c.BOOK else None
        return path_plan(self.path_facts()) if known is None else known

    def path_facts(self) -> PathFacts:
        """What is known of that way."""
        settings, reps = self.settings, self.walk[w.REP]
        people = self.reps.drop_duplicates(w.REP).set_index(w.REP)
        peers = pd.Series(self.model[w.PEERS_TO].to_numpy(float), index=self.accounts.index)
        return PathFacts(
            accounts=self.accounts.assign(**{w.PEERS_TO: peers}),
            deals=self.deals,
            walk=self.total,
            activity=self.activity,
            everybody=self.everybody,
            rates_since=self.rates_since,
            won=float(self.won_since.reindex(reps).fillna(0.0).sum()),
            capacity=float(reps.map(people[w.TOUCHES_PER_WEEK]).astype(float).sum()),
            gates=self.gates,
            average_deal=self.average_deal.value,
            cycle_days=self.cycle.value,
            as_of=self.as_of,
            today=self.today,
            year=self.year,
            retention=self.retention.value,
            base_rate=self.base_rate.value,
            win_probability=self.win_probability.value,
            stale_after=self.stale.value,
            suggested=self.play,
            quota_counts=settings.quota_counts,
            weeks_off=settings.weeks_off,
            quarter_shares=settings.quarter_shares,
            last_quarter_bar=settings.last_quarter_bar,
            touches_per_deal=settings.touches_per_deal,
            shock=settings.shared_shock,
            rules=settings.path_rules,
        )

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates as set; an assumed last one takes as long as a deal takes to be won."""
        *first, last = self.settings.gates
        if last.assumed and not math.isnan(self.cycle.value):
            last = replace(last, lag_weeks=lag_of_cycle(self.cycle.value))
        return (*first, last)

    def check(self, plans: Sequence[Plan]) -> tuple[PlanCheck, ...]:
        """What is missing in plans, and what is thin, by the settings and dates of the round."""
        found = check_plans(
            plans,
            self.settings.plan_fields,
            self.settings.plan_rules,
            self.today.date(),
            self.year.start.date(),
            self.year.end.date(),
        )
        return tuple(found)


def plan_tabs(data: Round) -> list[str]:
    """The names of the plan tabs, spare ones last; plans live in books and in the template."""
    if data.kind == c.TEAM:
        return []
    spare = [f"{c.PLAN_PREFIX}spare {number}" for number in range(1, c.SPARE_PLANS + 1)]
    names = [c.PLAN_PREFIX + plan.account for plan in data.plans]
    return sheet_names([*names, *spare], taken=[spec.name for spec in c.SHEETS])
