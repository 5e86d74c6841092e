"""Every sheet, table, column and name of the workbook, spelled once.

The builder writes by it, macros read by it and tests hold the files to it.
Other people's files rely on these words: a name that stands here stays.
"""

from dataclasses import dataclass
from typing import Final

from ..udfs import plans
from ..udfs import words as w

BOOK: Final = "book"
TEAM: Final = "team"
TEMPLATE: Final = "template"
KINDS: Final = (BOOK, TEAM, TEMPLATE)

# Sheets, in the order of the tabs.
MY_WEEK: Final = "My week"
START: Final = "Start"
REVIEW: Final = "Review"
ACCOUNTS: Final = "Accounts"
EXPLAIN: Final = "Explain"
QUADRANT: Final = "Quadrant"
PATH: Final = "Path"
TRACKER: Final = "Tracker"
OVERRIDES: Final = "Overrides"
SPLITS: Final = "Splits"
EVIDENCE: Final = "Evidence"
LIBRARY: Final = "Library"
GUIDE: Final = "Guide"
REPS: Final = "Reps"
DEALS: Final = "Deals"
ACTIVITY: Final = "Activity"
SCORES: Final = "Scores"
SETTINGS: Final = "Settings"
CHECKS: Final = "Checks"
CHANGES: Final = "Changes"
HISTORY: Final = "History"
LOG: Final = "Log"
PLAN_PREFIX: Final = "Plan - "
SPARE_PLANS: Final = 2


@dataclass(frozen=True)
class SheetSpec:
    """One sheet: which workbooks have it, and what it is for, in one line."""

    name: str
    kinds: tuple[str, ...]
    tab: str
    purpose: str


SHEETS: Final = (
    SheetSpec(MY_WEEK, (BOOK,), "work", "The ten accounts to work on this week, and why"),
    SheetSpec(START, (TEAM, TEMPLATE), "work", "What this is, how it stands, where to go next"),
    SheetSpec(REVIEW, (TEAM, TEMPLATE), "work", "The manager's page: who, how good, what to ask"),
    SheetSpec(ACCOUNTS, KINDS, "work", "One row per account: answers first, then facts"),
    SheetSpec(EXPLAIN, KINDS, "work", "Why an account scores as it does, and its money"),
    SheetSpec(QUADRANT, KINDS, "work", "Potential against likelihood, and the risk profile"),
    SheetSpec(PATH, KINDS, "work", "From quota to gap to what to do each week and quarter"),
    SheetSpec(TRACKER, KINDS, "work", "One row per plan: complete, missing, due, turned in"),
    SheetSpec(OVERRIDES, KINDS, "work", "Corrections of the model, with reason and evidence"),
    SheetSpec(SPLITS, KINDS, "work", "Budget holders or opportunities, for small books"),
    SheetSpec(EVIDENCE, (TEAM, TEMPLATE), "work", "Does the score find the accounts that buy?"),
    SheetSpec(LIBRARY, (TEAM, TEMPLATE), "work", "The best plans, as examples"),
    SheetSpec(GUIDE, KINDS, "work", "How to fill in a good plan, with a worked example"),
    SheetSpec(REPS, (TEAM, TEMPLATE), "machinery", "Reps, managers, quotas"),
    SheetSpec(DEALS, KINDS, "machinery", "The deals behind the numbers"),
    SheetSpec(ACTIVITY, KINDS, "machinery", "E-mails, calls and demos per rep and week"),
    SheetSpec(SCORES, KINDS, "machinery", "Attribute scores and contributions per account"),
    SheetSpec(SETTINGS, KINDS, "machinery", "Inputs of the model, with units and notes"),
    SheetSpec(CHECKS, KINDS, "machinery", "Everything wrong as of the last check"),
    SheetSpec(CHANGES, KINDS, "machinery", "What changed with the last CRM export"),
    SheetSpec(HISTORY, (TEAM, TEMPLATE), "machinery", "Every version of a plan, and its contents"),
    SheetSpec(LOG, KINDS, "machinery", "What ran when"),
)
PURPOSE: Final = {sheet.name: sheet.purpose for sheet in SHEETS}

# Tables.
T_MY_WEEK: Final = "MyWeek"
T_CONTROL: Final = "ControlTotals"
T_IMPORT_REPORT: Final = "ImportReport"
T_REVIEWS: Final = "Reviews"
T_ACCOUNTS: Final = "Accounts"
T_WALK: Final = "Walk"
T_GATES: Final = "Gates"
T_QUARTERS: Final = "Quarters"
T_COVERAGE: Final = "QuarterCoverage"
T_MOVES: Final = "Moves"
T_SIGNS: Final = "EarlySigns"
T_ODDS: Final = "PathOdds"
T_PATH_INPUTS: Final = "PathInputs"
T_PATH_CHECKS: Final = "PathChecks"
T_GATE_RATES: Final = "GateRates"
T_PLANS: Final = "Plans"
T_OVERRIDES: Final = "Overrides"
T_SPLITS: Final = "Splits"
T_EVIDENCE: Final = "AttributeEvidence"
T_EVIDENCE_GAINS: Final = "EvidenceGains"
T_EVIDENCE_FIGURES: Final = "EvidenceFigures"
T_EVIDENCE_BANDS: Final = "EvidenceBands"
T_EVIDENCE_CURVES: Final = "EvidenceCurves"
T_EVIDENCE_INPUTS: Final = "EvidenceInputs"
T_EVIDENCE_NOTES: Final = "EvidenceNotes"
T_LIBRARY: Final = "Library"
T_REPS: Final = "Reps"
T_DEALS: Final = "Deals"
T_ACTIVITY: Final = "Activity"
T_SCORES: Final = "AttributeScores"
T_ATTRIBUTES: Final = "Attributes"
T_SEGMENTS: Final = "Segments"
T_SEGMENT_RULES: Final = "SegmentRules"
T_QUADRANT_ACTIONS: Final = "QuadrantActions"
T_MODEL_SETTINGS: Final = "ModelSettings"
T_PLAN_FIELDS: Final = "PlanFields"
T_PLAN_RULES: Final = "PlanRules"
T_PLAN_RUBRIC: Final = "PlanRubric"
T_PATH_RULES: Final = "PathRules"
T_CHECKS: Final = "Checks"
T_CHANGES: Final = "Changes"
T_HISTORY: Final = "PlanHistory"
T_ROUNDS: Final = "Rounds"
T_LOG: Final = "Log"
T_CONTACTS: Final = "Contacts"
T_OPPORTUNITIES: Final = "Opportunities"
T_ACTIONS: Final = "Actions"
T_TEAM: Final = "Team"

FITTED: Final = (T_CHECKS, T_PLANS, T_CHANGES, T_REVIEWS)
"""Tables that macros fill with sentences: their rows are as high as these need."""

TYPED_BENEATH: Final = (T_ACCOUNTS, T_DEALS, T_REPS, T_ACTIVITY, T_OVERRIDES, T_SPLITS)
"""Tables that people extend: rows typed directly beneath belong to them."""

PLAN_TABLES: Final = {
    plans.CONTACTS: T_CONTACTS,
    plans.OPPORTUNITIES: T_OPPORTUNITIES,
    plans.ACTIONS: T_ACTIONS,
    plans.TEAM: T_TEAM,
}
"""The tables of a plan tab; the tab's number follows the name."""
FLAG: Final = "Flag"

# Names of cells on a plan tab: this prefix and a key, known on that tab only.
# The keys of the fields are those of udfs.plans; these come on top.
PLAN_NAMES: Final = "plan."
P_ACCOUNT: Final = "account"
P_ACCOUNT_ID: Final = "account_id"
P_OWNER: Final = "owner"
P_FLAG: Final = "flag"
P_MISSING: Final = "missing"
P_COMPLETE: Final = "complete"
P_NEXT_ACTION: Final = "next_action"
P_NEXT_DUE: Final = "next_due"
P_STATE: Final = "state"
P_TURNED_IN_BY: Final = "turned_in_by"
P_TURNED_IN_ON: Final = "turned_in_on"
P_FEEDBACK: Final = "feedback"
P_STAMP: Final = "stamp"
P_RETURNED: Final = "returned"
P_EXAMPLE: Final = "example"

ACCOUNT_COLUMNS: Final = (
    w.ACCOUNT,
    w.OWNER,
    w.STATUS,
    w.SEGMENT,
    w.QUADRANT,
    w.ACTION,
    w.RANK,
    w.SCORE,
    w.POTENTIAL,
    w.LIKELIHOOD,
    w.POTENTIAL_MONEY,
    w.EXPANSION_MONEY,
    w.GROWTH,
    w.WIN_PROBABILITY,
    w.EXPECTED_MONEY,
    w.WHY,
    w.ACCOUNT_ID,
    w.MANAGER,
    w.PARENT,
    w.INDUSTRY,
    w.REGION,
    w.ANNUAL_REVENUE,
    w.EMPLOYEES,
    w.CUSTOMER_SINCE,
    w.TENURE,
    w.PRIOR_YEAR_SALES,
    w.WALLET_SHARE,
    w.OPEN_PIPELINE,
    w.WINS,
    w.LOSSES,
    w.WIN_RATE,
    w.LAST_WON,
    w.FISCAL_YEAR_END,
    w.SEGMENT_RANK,
    w.COVERAGE,
)
"""Columns of Accounts, in this order; further attributes follow."""

SCORES_ROW: Final = "Scores row"
OVERALL_RANK: Final = "Overall rank"
FAMILY_COLUMNS: Final = (
    w.FAMILY,
    w.FAMILY_ACCOUNTS,
    w.FAMILY_SALES,
    w.FAMILY_PIPELINE,
    w.FAMILY_POTENTIAL,
    w.FAMILY_EXPECTED,
)
"""Columns of Accounts behind the attributes: the family of an account, and its totals."""

WORKING_COLUMNS: Final = (
    *FAMILY_COLUMNS,
    w.CLOSED_THIS_YEAR,
    w.WEIGHTED_PIPELINE,
    w.STILL_TO_COME,
    OVERALL_RANK,
    SCORES_ROW,
    w.WHITESPACE,
)
"""Columns of Accounts behind the attributes: families, and what the other sheets look up."""

FROM_DEALS: Final = "From deals"
"""Column of AttributeScores: which facts of the account the deals gave, and what they were."""

PEERS_TOLD: Final = "Peers with sales"
"""Column of AttributeScores: the peers of Benchmark $ with their sales, as Explain shows them."""


def elsewhere(family_total: str) -> str:
    """The column of AttributeScores: what of a family's total is not in this workbook."""
    return f"{family_total} elsewhere"


MODEL_COLUMNS: Final = (
    w.ACCOUNT_ID,
    w.ACCOUNT,
    w.COVERAGE,
    w.POTENTIAL,
    w.LIKELIHOOD,
    w.SEGMENT,
    w.POTENTIAL_MONEY,
    w.POTENTIAL_SOURCE,
    w.BENCHMARK_MONEY,
    w.PEERS,
    w.PEERS_FROM,
    w.PEERS_TO,
    PEERS_TOLD,
    *(elsewhere(total) for total in FAMILY_COLUMNS[1:]),
    FROM_DEALS,
)
"""Columns of AttributeScores beside those of the attributes."""


AVERAGE_ACCOUNT: Final = "Average account"
"""Column of Attributes: what the attribute gives the average account, in points."""
IN_USE: Final = "In use"
"""Column of Attributes: yes where the attribute had data when it was scored."""


def scores_column(attribute: str) -> str:
    """The column of an attribute's scores: its name, unless the model has a column so called."""
    return f"{attribute} (score)" if attribute in MODEL_COLUMNS else attribute


DEAL_COLUMNS: Final = (
    w.DEAL_ID,
    w.ACCOUNT,
    w.REP,
    w.PRODUCT,
    w.STAGE,
    w.STATE,
    w.OPENED,
    w.CLOSE_DATE,
    w.AMOUNT,
    w.ESTIMATED,
    w.AGE,
    w.STALE,
    w.WEIGHTED,
    w.PATH_OF,
    w.ACCOUNT_ID,
    w.IN_TIME,
)

STRATEGY_PLAY: Final = "Our play"
STRATEGY_EFFORT: Final = "Where the effort goes"
STRATEGY_WHY: Final = "Why this path"
STRATEGY: Final = {
    STRATEGY_PLAY: "strategy.play",
    STRATEGY_EFFORT: "strategy.effort",
    STRATEGY_WHY: "strategy.why",
}
"""A book's strategy: the column of Reps, and the name of the book's cell on Path."""

UNATTACHED_CLOSED: Final = "Closed, no account"
UNATTACHED_WEIGHTED: Final = "Weighted, no account"
GAP_BEFORE: Final = "Gap before"
MOVED: Final = "Moved"

# Defined names of single cells.
N_TODAY: Final = "Today"
N_AS_OF: Final = "AsOf"
N_YEAR_START: Final = "YearStart"
N_YEAR_END: Final = "YearEnd"
N_PLACED_BY: Final = "PlacedBy"
N_CUT: Final = "PlacedCut"
N_SCORES_CURRENT: Final = "ScoresCurrent"
N_POTENTIAL_COMPARED: Final = "PotentialComparedWithin"
N_LIKELIHOOD_COMPARED: Final = "LikelihoodComparedWithin"
N_PLACED_BY_FOUND: Final = "PlacedByFound"
N_DATA_DAY: Final = "DataDay"
N_SCORED_TOGETHER: Final = "ScoredTogether"
N_EXPLAINED: Final = "ExplainAccount"
N_DEALS_NOT_LISTED: Final = "DealsNotListed"
N_NEEDED: Final = "NeededPerAccount"
N_FILLERS: Final = "FillerWords"
N_GAP: Final = "Gap"
N_AVERAGE_DEAL: Final = "AverageDeal"
N_WEEKS_LEFT: Final = "WeeksLeft"
N_AVERAGE_FOUND: Final = "AverageDealFound"
N_AVERAGE_TYPED: Final = "AverageDealTyped"
N_AVERAGE_SOURCE: Final = "AverageDealSource"
N_PLAY: Final = "PlayFound"
PLAY_REASONS: Final = tuple(f"PlayReason{line}" for line in (1, 2, 3, 4))
N_BASE_RATE: Final = "BaseWinRate"
N_CYCLE: Final = "TypicalCycle"
SOURCE: Final = "Source"
"""Behind the name of a number: where it comes from."""
N_RATES_SINCE: Final = "RatesSince"
N_GATE_WINS: Final = "GateWins"
N_LAST_WEEK: Final = "LastFullWeek"
N_PATH_CURRENT: Final = "PathCurrent"
N_ODDS: Final = "OddsSentence"
N_ODDS_BASIS: Final = "OddsBasis"
N_ODDS_DAY: Final = "OddsDay"
N_LISTS_CURRENT: Final = "ListsCurrent"
N_LISTS_DAY: Final = "ListsDay"
N_CHECKS_CURRENT: Final = "ChecksCurrent"
N_CHECKS_DAY: Final = "ChecksDay"
N_BELIEVED: Final = "Believed"
N_TWO_DEALS: Final = "TwoLargestDeals"
N_QUICK_WINS: Final = "QuickWinsEnough"
N_SHORT_QUARTER: Final = "ShortQuarter"
N_VERDICT: Final = "ScoreVerdict"
N_ALPHABETICAL: Final = "AgainstAlphabetical"
N_TESTED: Final = "TestedOn"
N_FORECAST: Final = "ForecastFrom"
N_EVIDENCE_DAY: Final = "EvidenceDay"
N_EVIDENCE_CURRENT: Final = "EvidenceCurrent"

LIVE_LIMIT: Final = 5_000
"""Up to so many accounts the workbook is live; above, it holds values."""
