"""The columns and labels that the model speaks, each spelled once.

Sheets, code, documents and error messages take their words from here.
"""

from typing import Final

# Who an account is.
ACCOUNT_ID: Final = "Account ID"
ACCOUNT: Final = "Account"
OWNER: Final = "Owner"
MANAGER: Final = "Manager"
PARENT: Final = "Parent"
INDUSTRY: Final = "Industry"
REGION: Final = "Region"

# Facts of an account.
STATUS: Final = "Status"
ANNUAL_REVENUE: Final = "Annual revenue"
EMPLOYEES: Final = "Employees"
CUSTOMER_SINCE: Final = "Customer since"
TENURE: Final = "Tenure"
PRIOR_YEAR_SALES: Final = "Prior-year sales"
WALLET_SHARE: Final = "Wallet share"
OPEN_PIPELINE: Final = "Open pipeline"
WINS: Final = "Wins"
LOSSES: Final = "Losses"
WIN_RATE: Final = "Win rate"
LAST_WON: Final = "Last won"
DAYS_SINCE_LAST_WON: Final = "Days since last won"
FISCAL_YEAR_END: Final = "Fiscal year end"
CLOSED_THIS_YEAR: Final = "Closed this year"
WEIGHTED_PIPELINE: Final = "Weighted pipeline"
STILL_TO_COME: Final = "Still to come"

# Answers of the model.
SEGMENT: Final = "Segment"
QUADRANT: Final = "Quadrant"
ACTION: Final = "Action"
RANK: Final = "Rank"
SEGMENT_RANK: Final = "Segment rank"
SCORE: Final = "Score"
POTENTIAL: Final = "Potential"
LIKELIHOOD: Final = "Likelihood"
POTENTIAL_MONEY: Final = "Potential $"
EXPANSION_MONEY: Final = "Expansion $"
EXPECTED_MONEY: Final = "Expected $"
BENCHMARK_MONEY: Final = "Benchmark $"
PEERS: Final = "Peers"
PEERS_FROM: Final = "Peers from"
PEERS_TO: Final = "Peers to"
POTENTIAL_SOURCE: Final = "Potential $ from"
GROWTH: Final = "Growth"
WIN_PROBABILITY: Final = "Win probability"
WHY: Final = "Why"
COVERAGE: Final = "Coverage"

# A family: an account, its parents and its subsidiaries.
FAMILY: Final = "Family"
FAMILY_ACCOUNTS: Final = "Family accounts"
FAMILY_SALES: Final = "Family prior-year sales"
FAMILY_PIPELINE: Final = "Family open pipeline"
FAMILY_POTENTIAL: Final = "Family Potential $"
FAMILY_EXPECTED: Final = "Family Expected $"

# What the peers of an account buy and it does not, in words.
WHITESPACE: Final = "Whitespace"

# Status of an account.
ACTIVE: Final = "Active"
LAPSED: Final = "Lapsed"
PIPELINE: Final = "Pipeline"
UNTOUCHED: Final = "Untouched"
STATUSES: Final = (ACTIVE, LAPSED, PIPELINE, UNTOUCHED)

# Quadrants, in the order in which a rep should read them.
SLAM_DUNK: Final = "Slam dunk"
BIG_BET: Final = "Big bet"
QUICK_WIN: Final = "Quick win"
SKIP: Final = "Skip"
NOT_ENOUGH_DATA: Final = "Not enough data"
QUADRANTS: Final = (SLAM_DUNK, BIG_BET, QUICK_WIN, SKIP)

# Growth.
ROOM_TO_GROW: Final = "Room to grow"
EXHAUSTED: Final = "Exhausted"

# Risk profiles.
MOSTLY_BIG_BETS: Final = "Mostly big bets"
BALANCED: Final = "Balanced"
MOSTLY_QUICK_WINS: Final = "Mostly quick wins"
NO_PROFILE: Final = "No big bets or quick wins"

OTHER_SEGMENT: Final = "Other"
UNASSIGNED: Final = "Unassigned"

# Deals.
DEAL_ID: Final = "Deal ID"
REP: Final = "Rep"
PRODUCT: Final = "Product"
STAGE: Final = "Stage"
STATE: Final = "State"
OPENED: Final = "Opened"
CLOSE_DATE: Final = "Close date"
AMOUNT: Final = "Amount"
ESTIMATED: Final = "Estimated"
AGE: Final = "Age"
STALE: Final = "Stale"
WEIGHTED: Final = "Weighted"
IN_TIME: Final = "In time"
PATH_OF: Final = "Path of"

WON: Final = "Won"
LOST: Final = "Lost"
OPEN: Final = "Open"
DEAL_STATES: Final = (WON, LOST, OPEN)

# Reps.
QUOTA: Final = "Quota"
START_DATE: Final = "Start date"
TOUCHES_PER_WEEK: Final = "Touches per week"

# What became of an account that is no longer on Accounts.
LEFT_EXPORT: Final = "account left the export"

# Activity.
WEEK: Final = "Week"
GATE: Final = "Gate"
COUNT: Final = "Count"

# What a quota counts.
ALL_BOOKINGS: Final = "all bookings"
NEW_BUSINESS: Final = "new business"

# Plays.
VOLUME_PLAY: Final = "Volume play"
TIMING_PLAY: Final = "Timing play"
