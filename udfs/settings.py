"""What a person may set about the model: defaults, units, ranges, and checks.

One list, ``SCALARS``, describes every single-valued setting; the TOML file,
the Settings sheet and the defined names in the workbook all follow it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from . import words as w
from .believable import PATH_RULES, PathRule
from .errors import SettingsError
from .funnel import Gate
from .money import Odds
from .odds import SHOCK
from .plans import PLAN_FIELDS, PLAN_RULES, PlanField, PlanRule
from .quadrants import PLACED_BY
from .scoring import AXES, COMPARE_WITHIN, Attribute, check_weights
from .segments import Rule, Segment

LONGEST_SEGMENT: Final = 100
WHEN_ACCEPTED: Final = "when accepted"
AT_ONCE: Final = "at once"
OWN_PEERS: Final = "own"
ALL_PEERS: Final = "all"
PEERS_SHOWN: Final = (OWN_PEERS, ALL_PEERS)

Kind = Literal[
    "share", "score", "money", "days", "weeks", "count", "month", "word", "date", "factor"
]


@dataclass(frozen=True)
class Scalar:
    """One single-valued setting.

    Attributes:
        key: its name in TOML and in ``Settings``.
        label: its name on the Settings sheet.
        name: the defined name of the cell that holds the value in force.
        kind: what it is measured in.
        note: what it means, for the sheet.
        low, high: the range; ``None`` is unbounded.
        choices: the words it may be.
        blank: what happens when it is left blank, "" where it has a default.
    """

    key: str
    label: str
    name: str
    kind: Kind
    note: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    blank: str = ""

    def check(self, value: object) -> None:
        """Raises SettingsError where the value is not one that the setting can have."""
        if value is None and self.blank:
            return
        if self.kind == "word":
            if value not in self.choices:
                raise SettingsError(
                    f"Settings, {self.label}: '{value}' is unknown; "
                    f"use one of: {', '.join(self.choices)}."
                )
        elif self.kind == "date":
            if not isinstance(value, pd.Timestamp):
                raise SettingsError(f"Settings, {self.label}: '{value}' is not a date.")
        else:
            self._check_number(value)

    def _check_number(self, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            raise SettingsError(f"Settings, {self.label}: '{value}' is not a number.")
        too_low = self.low is not None and value < self.low
        too_high = self.high is not None and value > self.high
        if too_low or too_high:
            span = f"{self.low:g} " + ("or more" if self.high is None else f"to {self.high:g}")
            raise SettingsError(f"Settings, {self.label}: {value:g} is out of range; give {span}.")
        if self.kind in ("month", "count") and value != int(value):
            raise SettingsError(f"Settings, {self.label}: {value:g} is not a whole number.")


SCALARS: Final = (
    Scalar(
        "potential_share",
        "Potential's share of Score",
        "PotentialShare",
        "share",
        "Score = share x Potential + (1 - share) x Likelihood",
        0,
        1,
    ),
    Scalar(
        "likelihood_cut",
        "Likelihood cut",
        "LikelihoodCut",
        "score",
        "Likelihood at or above it is high",
        0,
        100,
    ),
    Scalar(
        "money_cut",
        "Money cut",
        "MoneyCut",
        "money",
        "Potential $ at or above it is high; the same in every book",
        0,
        blank="the median Potential $ of all scored accounts",
    ),
    Scalar(
        "potential_cut",
        "Potential cut",
        "PotentialCut",
        "score",
        "Used where accounts are placed by Potential instead of money",
        0,
        100,
    ),
    Scalar(
        "placed_by",
        "Placed by",
        "PlacedBySetting",
        "word",
        "auto: by Potential $ where 80 % of accounts have one, else by Potential",
        choices=PLACED_BY,
    ),
    Scalar(
        "peers_shown",
        "Peers shown by name",
        "PeersShown",
        "word",
        "own: a workbook names the peers that are in it, and gives the sales of the others without "
        "their names; all: it names all. At the next build or refresh",
        choices=PEERS_SHOWN,
    ),
    Scalar(
        "retention",
        "Retention",
        "Retention",
        "share",
        "Share of last year's sales that comes again",
        0,
        1,
        blank="from two years of history, else 90 %",
    ),
    Scalar(
        "win_probability",
        "Win probability",
        "WinProbability",
        "share",
        "Chance that expansion is won, the same for every account until calibrated",
        0,
        1,
        blank="the win rate of all closed deals, else 30 %",
    ),
    Scalar(
        "win_probability_active",
        "Win probability at Likelihood 50, active",
        "WinProbabilityActive",
        "share",
        "Calibrated on history (Evidence suggests it); type all three, and each account has a "
        "Win probability of its own",
        0,
        1,
        blank="Win probability is the same for every account",
    ),
    Scalar(
        "win_probability_others",
        "Win probability at Likelihood 50, others",
        "WinProbabilityOthers",
        "share",
        "The same for accounts that are not active",
        0,
        1,
        blank="Win probability is the same for every account",
    ),
    Scalar(
        "win_odds_per_ten",
        "Odds per 10 points of Likelihood",
        "WinOddsPerTen",
        "factor",
        "What each 10 points of Likelihood multiply the odds of winning by; 1: nothing",
        1,
        blank="Win probability is the same for every account",
    ),
    Scalar(
        "overrides_act",
        "Corrections act",
        "OverridesAct",
        "word",
        "when accepted: the manager's word is needed; at once: a rep's own word is enough, until "
        "it is declined",
        choices=(WHEN_ACCEPTED, AT_ONCE),
    ),
    Scalar(
        "exhausted_below",
        "Exhausted below",
        "ExhaustedBelow",
        "share",
        "An active account with less room than this share of its Potential $ is exhausted",
        0,
        1,
    ),
    Scalar(
        "least_coverage",
        "Least coverage",
        "LeastCoverage",
        "share",
        "An account with data for less of the weight than this is not scored",
        0,
        1,
    ),
    Scalar(
        "quota_counts",
        "Quota counts",
        "QuotaCounts",
        "word",
        "all bookings: repeat business counts; new business: only deals do",
        choices=(w.ALL_BOOKINGS, w.NEW_BUSINESS),
    ),
    Scalar(
        "weeks_off",
        "Weeks off a year",
        "WeeksOff",
        "weeks",
        "Holidays and leave; selling weeks left shrink by this share of 52",
        0,
        52,
    ),
    Scalar(
        "last_quarter_bar",
        "Most in the last quarter",
        "LastQuarterBar",
        "share",
        "A year with more than this share of its money in the last quarter is flagged",
        0,
        1,
    ),
    Scalar(
        "potential_compare",
        "Compare Potential within",
        "PotentialCompare",
        "word",
        "Whom an account is compared with; press Score accounts after a change",
        choices=COMPARE_WITHIN,
    ),
    Scalar(
        "likelihood_compare",
        "Compare Likelihood within",
        "LikelihoodCompare",
        "word",
        "status: active accounts and the others apart; press Score accounts after a change",
        choices=COMPARE_WITHIN,
    ),
    Scalar(
        "stale_after",
        "Stale after",
        "StaleAfter",
        "days",
        "An open deal older than this is shown, but not weighted",
        0,
        blank="the longest time a won deal took, else 180 days",
    ),
    Scalar(
        "fiscal_year_start",
        "Fiscal year starts in month",
        "FiscalYearStart",
        "month",
        "1 is January; the planning year is the fiscal year after the as-of date",
        1,
        12,
    ),
    Scalar(
        "plans_per_book",
        "Plans per book",
        "PlansPerBook",
        "count",
        "How many top accounts of each book get a plan tab",
        0,
        50,
    ),
    Scalar(
        "few_accounts",
        "Few accounts",
        "FewAccounts",
        "count",
        "A book with fewer accounts than this starts with a split per open deal on Splits",
        0,
        1000,
    ),
    Scalar(
        "plan_due",
        "Plans due",
        "PlansDue",
        "date",
        "By when plans are turned in",
        blank="30 days after the as-of date",
    ),
    Scalar(
        "touches_per_week",
        "Touches per week",
        "TouchesPerWeek",
        "count",
        "E-mails, calls and demos one rep can make in a week, unless Reps says otherwise",
        1,
        10000,
    ),
    Scalar(
        "touches_per_deal",
        "Touches per open deal",
        "TouchesPerDeal",
        "count",
        "How many touches it takes to bring an open deal to its end, for the effort per quarter",
        0,
        10000,
    ),
    Scalar(
        "shared_shock",
        "Shared luck of a year",
        "SharedShock",
        "share",
        "How far deals win or lose together in good and bad years: 0 is each by itself",
        0,
        0.9,
    ),
)


@dataclass(frozen=True)
class QuadrantAction:
    """What to do with the accounts of a quadrant.

    Args:
        quadrant: one of ``words.QUADRANTS`` or "Not enough data".
        active: the action for active accounts.
        others: the action for accounts that are not customers now.
    """

    quadrant: str
    active: str
    others: str


DEFAULT_ATTRIBUTES: Final = (
    Attribute(w.ANNUAL_REVENUE, w.POTENTIAL, 30),
    Attribute(w.EMPLOYEES, w.POTENTIAL, 30),
    Attribute(w.PRIOR_YEAR_SALES, w.POTENTIAL, 20),
    Attribute(w.WALLET_SHARE, w.POTENTIAL, 20, lower_is_better=True),
    Attribute(w.WIN_RATE, w.LIKELIHOOD, 40),
    Attribute(w.OPEN_PIPELINE, w.LIKELIHOOD, 20),
    Attribute(w.DAYS_SINCE_LAST_WON, w.LIKELIHOOD, 20, lower_is_better=True),
    Attribute(w.TENURE, w.LIKELIHOOD, 20),
)

_LARGE: Final = (Rule(w.EMPLOYEES, "top %", "25"),)
_LARGE_BY_REVENUE: Final = (Rule(w.EMPLOYEES, "is blank"), Rule(w.ANNUAL_REVENUE, "top %", "25"))
_CUSTOMER: Final = Rule(w.STATUS, "is", w.ACTIVE)

DEFAULT_SEGMENTS: Final = (
    Segment(
        "Large customers",
        "Grow: map the whole account, win a sponsor, sell to the next business unit",
        ((_CUSTOMER, *_LARGE), (_CUSTOMER, *_LARGE_BY_REVENUE)),
    ),
    Segment(
        "Customers",
        "Keep and extend: renew early, offer the next product",
        ((_CUSTOMER,),),
    ),
    Segment(
        "Win back",
        "Win back: find out why they left, make one offer that answers it",
        ((Rule(w.STATUS, "is", w.LAPSED),),),
    ),
    Segment(
        "Large prospects",
        "Land: one team, one entry product, one budget holder",
        (
            (Rule(w.STATUS, "is not", w.ACTIVE), *_LARGE),
            (Rule(w.STATUS, "is not", w.ACTIVE), *_LARGE_BY_REVENUE),
        ),
    ),
    Segment(
        "Prospects",
        "Nurture: one useful contact a month until there is a need",
        ((Rule(w.STATUS, "is", f"{w.PIPELINE}; {w.UNTOUCHED}"),),),
    ),
)

DEFAULT_QUADRANT_ACTIONS: Final = (
    QuadrantAction(
        w.SLAM_DUNK,
        "Close: ask for the order, then the next one",
        "Close: book the decision meeting",
    ),
    QuadrantAction(
        w.BIG_BET,
        "Invest: win a sponsor, agree a joint plan with dates",
        "Invest with care: qualify hard, find who holds the budget",
    ),
    QuadrantAction(
        w.QUICK_WIN,
        "Be quick: a small offer, little effort, this month",
        "Be quick: a starter offer by phone",
    ),
    QuadrantAction(
        w.SKIP,
        "Maintain: serve, do not invest",
        "Skip: leave it to marketing",
    ),
    QuadrantAction(
        w.NOT_ENOUGH_DATA,
        "Ask: fill in the missing facts first",
        "Ask: fill in the missing facts first",
    ),
)

DEFAULT_GATES: Final = (
    Gate("Emails", 0.10, lag_weeks=1, assumed=True),
    Gate("Calls", 0.25, lag_weeks=1, assumed=True),
    Gate("Demos", 0.30, lag_weeks=7, assumed=True),
)
"""Rates until activity tells better; the last lag until won deals tell how long they take."""


@dataclass(frozen=True)
class Settings:
    """Everything a person may set, checked as a whole.

    Raises:
        SettingsError: a value out of range, weights that do not total 100, a
            name twice, a quadrant without action.
    """

    attributes: tuple[Attribute, ...] = DEFAULT_ATTRIBUTES
    segments: tuple[Segment, ...] = DEFAULT_SEGMENTS
    quadrant_actions: tuple[QuadrantAction, ...] = DEFAULT_QUADRANT_ACTIONS
    gates: tuple[Gate, ...] = DEFAULT_GATES
    plan_fields: tuple[PlanField, ...] = tuple(PLAN_FIELDS)
    plan_rules: tuple[PlanRule, ...] = tuple(PLAN_RULES)
    path_rules: tuple[PathRule, ...] = PATH_RULES
    quarter_shares: tuple[float, float, float, float] = (0.25, 0.25, 0.25, 0.25)

    potential_share: float = 0.5
    likelihood_cut: float = 50.0
    money_cut: float | None = None
    potential_cut: float = 50.0
    placed_by: str = "auto"
    peers_shown: str = OWN_PEERS
    retention: float | None = None
    win_probability: float | None = None
    win_probability_active: float | None = None
    win_probability_others: float | None = None
    win_odds_per_ten: float | None = None
    overrides_act: str = WHEN_ACCEPTED
    exhausted_below: float = 0.10
    least_coverage: float = 0.50
    quota_counts: str = w.ALL_BOOKINGS
    weeks_off: float = 6
    last_quarter_bar: float = 0.40
    potential_compare: str = "all"
    likelihood_compare: str = "status"
    stale_after: float | None = None
    fiscal_year_start: int = 1
    plans_per_book: int = 3
    few_accounts: int = 8
    plan_due: pd.Timestamp | None = None
    touches_per_week: float = 60
    touches_per_deal: float = 8
    shared_shock: float = SHOCK

    def __post_init__(self) -> None:
        mistakes = []
        for scalar in SCALARS:
            try:
                scalar.check(getattr(self, scalar.key))
            except SettingsError as mistake:
                mistakes.append(str(mistake))
        for check in (self._check_attributes, self._check_names, self._check_shares):
            try:
                check()
            except SettingsError as mistake:
                mistakes.append(str(mistake))
        if mistakes:
            raise SettingsError(mistakes[0], tuple(mistakes[1:]))

    def _check_attributes(self) -> None:
        check_weights(self.attributes)

    def _check_names(self) -> None:
        segments = [s.name.casefold() for s in self.segments]
        twice = sorted({s.name for s in self.segments if segments.count(s.name.casefold()) > 1})
        if twice:
            raise SettingsError(
                f"Segments: {', '.join(twice)} stands there twice; keep one row per segment."
            )
        if w.OTHER_SEGMENT.casefold() in segments:
            raise SettingsError(
                f"Segments: '{w.OTHER_SEGMENT}' is what no segment matches; use another name."
            )
        # Excel's COUNTIF refuses a criterion of more than 255 characters.
        long = [s.name for s in self.segments if len(s.name) > LONGEST_SEGMENT]
        if long:
            raise SettingsError(
                f"Segments: the name '{long[0][:40]}...' is too long; give it at most "
                f"{LONGEST_SEGMENT} characters."
            )
        missing = {*w.QUADRANTS, w.NOT_ENOUGH_DATA} - {a.quadrant for a in self.quadrant_actions}
        if missing:
            raise SettingsError(f"QuadrantActions: no row for {', '.join(sorted(missing))}.")

    def _check_shares(self) -> None:
        if min(self.quarter_shares) < 0 or not abs(sum(self.quarter_shares) - 1) <= 1e-6:
            raise SettingsError(
                f"Quarters: the shares total {sum(self.quarter_shares):.0%}; make them total 100 %."
            )

    @property
    def odds(self) -> Odds | None:
        """How Win probability follows Likelihood; ``None`` until all three numbers are given."""
        active, others = self.win_probability_active, self.win_probability_others
        if active is None or others is None or self.win_odds_per_ten is None:
            return None
        return Odds(active, others, self.win_odds_per_ten)

    @property
    def compare(self) -> Mapping[str, str]:
        """Per axis, whom accounts are compared with."""
        return dict(zip(AXES, (self.potential_compare, self.likelihood_compare), strict=True))
