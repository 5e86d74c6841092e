"""Guide: how to fill in a good plan, what a manager looks for, and a worked example."""

from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from ...udfs import plans as p
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Sheet

LABELS: Final = 30
TEXT: Final = 104
CODE_FONT: Final = "Consolas"

# Who reads it, where to start.
STEPS: Final[dict[str, Sequence[tuple[str, str]]]] = {
    c.BOOK: (
        (
            "1  My week (1 minute)",
            "Start there: it names the ten accounts that deserve your time, and why: slam dunks "
            "first, accounts to skip last.",
        ),
        (
            "2  Open a plan tab (1 minute)",
            "One tab per key account. Facts, open deals and what its peers also buy stand on top, "
            "from the CRM; leave them. Yellow cells are yours: click one, and a note says what to "
            "type. For one more account take a spare tab and pick the account at its top.",
        ),
        (
            "3  People first (2 minutes)",
            "List who decides, who controls the budget, who supports us and who blocks. If you do "
            "not know who decides, finding out is your first action. No row left? Insert one above "
            "the table's last row.",
        ),
        (
            "4  Where you stand (1 minute)",
            "Two sentences each: what they buy from us and elsewhere, and what they want to "
            "achieve this year, in their words.",
        ),
        (
            "5  One objective, then the actions (2 minutes)",
            "An objective says what will be different, how much, and by when. Give it at least two "
            "actions, each with one owner and one date.",
        ),
        (
            "6  The play, and why it fits (1 minute)",
            "Grow, Win, Maintain or Exit. The quadrant on top of the tab tells where effort pays; "
            "the grey starting point helps you to begin.",
        ),
        (
            "7  Read the top of the tab (1 minute)",
            "It counts the required fields that are missing, leads to each by a click (Go to), and "
            "says what is thin. Wanted fields make a plan better, but do not hold it back.",
        ),
        (
            "8  Turn it in (1 minute)",
            "At the foot of the tab: pick 'Turned in', add your name and the date, save. Your "
            "manager approves it, or returns it with feedback; then change what was asked for, and "
            "turn it in again with the new date.",
        ),
    ),
    c.TEAM: (
        (
            "1  Send out the books (1 minute)",
            "Each rep gets one workbook from the folder books. It opens with the ten accounts to "
            "work on, and has a plan tab for each key account.",
        ),
        (
            "2  Bring them in (1 minute)",
            "'accountplan collect' reads every book below a folder, whatever it is called by now, "
            "and names what it could not read. Today moves on to the day of it. Do it as often as "
            "you like.",
        ),
        (
            "3  Watch the Tracker (1 minute)",
            "One row per plan: how complete, what is missing, turned in or late, changed since. A "
            "click opens the rep's book.",
        ),
        (
            "4  Read, rate, decide (4 minutes a plan)",
            "Hold the plan against 'What a manager looks for'. On Tracker give it 1 to 5 (Settings "
            "says what each means), write the feedback, pick Approve or Return.",
        ),
        (
            "5  Send it back (1 minute)",
            "'accountplan return' puts state and feedback into the rep's tab, keeps both in "
            "History, and moves Today on in the books. A book that is open gets its turn at the "
            "next run.",
        ),
        (
            "6  Talk about the path (2 minutes)",
            "The sheet Path walks from quota to gap, and from the gap to what has to happen each "
            "week. A plan that does not close the gap is the thing to talk about.",
        ),
        (
            "7  Keep the best",
            "Say yes in the column Example on Tracker: the next collection copies the plan into "
            "Library, with its names or without.",
        ),
    ),
}
STEPS[c.TEMPLATE] = (
    (
        "1  Bring in the accounts",
        "Paste them into the sheet Accounts, one row each, and the deals into Deals. Then press "
        "Score accounts.",
    ),
    (
        "2  Take a spare plan tab",
        "Pick the account at the top: its facts and open deals look themselves up. Add plan tab "
        "makes more of them.",
    ),
    *(
        (f"{number}  {title[3:]}", text)
        for number, (title, text) in enumerate(STEPS[c.BOOK][2:], 3)
    ),
)

LOOKED_FOR: Final = (
    (
        "It is about this account",
        "The text would make no sense in another account's plan. Copied text is found across all "
        "plans, even where only the name was changed.",
    ),
    (
        "Somebody decides",
        "At least one contact decides or controls the budget, and at least one of those supports "
        "us. If nobody does yet, an action changes that.",
    ),
    (
        "Objectives can be checked",
        "A figure and a date, so that on that day anyone can say yes or no.",
    ),
    (
        "Actions will happen",
        "Each has one owner and a date in the planning year. None is overdue.",
    ),
    (
        "The target is believable",
        "The revenue target lies below Potential $, and is large enough to be worth a plan.",
    ),
    (
        "The play fits the quadrant",
        "Grow or Win where potential or likelihood is high; Maintain for a quick win or a skip; "
        "Exit for a skip only.",
    ),
    (
        "Required means answered",
        "'tbd', 'n/a', dashes and the example itself do not count as an answer, and neither do "
        "words where a figure or a date is asked for.",
    ),
)

WORDS: Final = (
    (w.SLAM_DUNK, "High potential, high likelihood. Close, then ask for the next order."),
    (w.BIG_BET, "High potential, low likelihood. Invest with care, and watch early signs."),
    (w.QUICK_WIN, "Low potential, high likelihood. Be quick: a small offer, little effort."),
    (w.SKIP, "Low on both. Serve those who buy, and do not invest."),
    (
        w.ACTIVE,
        "Bought in the 12 months to the as-of date. Lapsed bought before, Pipeline never bought "
        "but has an open deal, Untouched has neither: these three still need nurturing.",
    ),
    ("Potential", "0 to 100: how much an account like this could buy, compared with the others."),
    ("Likelihood", "0 to 100: how likely it is to buy, compared with accounts of its kind."),
    (w.POTENTIAL_MONEY, "The year's revenue that an account like this can give."),
    (w.EXPANSION_MONEY, "Potential $ less what they bought in the last 12 months."),
    (w.EXPECTED_MONEY, "What the next 12 months should bring, by retention and win probability."),
    (
        "Gap",
        "Quota, less what is closed, less repeat business still to come, less the weighted "
        "pipeline. It is what your plans have to bring.",
    ),
    ("Stale deal", "Open longer than any deal ever took to win. It is shown, but not counted."),
    (
        w.WHITESPACE,
        "A product that a part of the client could use and does not buy from us yet. The plan tab "
        "names those that its peers buy.",
    ),
    (
        "Correction",
        "On Overrides: what you hold to be right instead of what the model says, with reason and "
        "evidence. It acts once the manager accepts it. Later the sheet says who was nearer.",
    ),
    (
        "Split",
        "A part of an account: a budget holder, or an opportunity. Where there are few accounts, "
        "Splits places the parts on a grid, and counts the money of each account once.",
    ),
    ("Complete and good", "Complete: every required field is filled. Good: and nothing is thin."),
)

EXAMPLE: Final = (
    (
        "The account",
        "A logistics company with seven depots: a slam dunk. It bought for 176,700 in the last 12 "
        "months; an account like it can give 706,800.",
    ),
    (
        "Where we stand today",
        "Head office runs on our Platform, renewed in December, and two depots bought Plus since "
        "October. The other five depots work with a regional supplier; our service is rated best, "
        "our prices second.",
    ),
    (
        "What the client wants to achieve",
        "Have every depot on one set of live figures before the Christmas peak, and cut late "
        "deliveries from 6 % to 3 % (Operations Director, June review).",
    ),
    (
        "Contacts",
        "Operations Director: decides, high influence, supporter. Finance Director: controls "
        "budget, neutral. Depot manager of the first Plus site: uses, supporter. Head of "
        "Purchasing: blocks, opponent.",
    ),
    (
        "Opportunities",
        "Plus for five depots on old contracts: whitespace, 100,000, by 30 October. Suite for "
        "transport planning: whitespace, 60,000, by 15 October.",
    ),
    ("Revenue target", "290,000"),
    (
        "Objective 1",
        "Bring the five remaining depots onto Plus, 100,000 in all, signed before their old "
        "contracts end on 31 October.",
    ),
    (
        "Actions",
        "Write the savings report of the two Plus depots and walk the Operations Director through "
        "it: account owner, 17 July. Hold an open day at the first Plus site for the five other "
        "depot managers: customer success, 20 August. Hand over one offer for all seven depots: "
        "account owner, 11 September.",
    ),
    ("Play for this account", "Grow"),
    (
        "Strategy",
        "Show the Operations Director what the two Plus depots have saved so far, let the depot "
        "managers tell it to the other five, then offer one contract for all seven before the old "
        "ones run out. The Suite follows from the same figures.",
    ),
    (
        "Why it fits the quadrant",
        "A slam dunk: we hold a quarter of what they spend and win most of what we offer here. "
        "Five contracts end in one month, so a full effort now pays within this year.",
    ),
    (
        "Risks",
        "Finance may put all depots out to tender. An early sign is a request for a price list; we "
        "answer with the signed savings report and a visit by our management.",
    ),
    (
        "Why this plan is good",
        "The figures are this account's own, somebody who decides supports us, every action has an "
        "owner and a date, and the offer is tied to a day that matters to the client.",
    ),
)

# How each worksheet function is asked on this workbook's own tables, and what it answers.
ASKED: Final = {
    "account_segment": (
        "=account_segment(Accounts[#All],Segments[#All],SegmentRules[#All])",
        "The segment of every account, one beneath the other, as the rules on Settings make it.",
    ),
    "account_score": (
        "=account_score(Accounts[#All],Attributes[[#All],[Attribute]:[Scale]],"
        "PotentialComparedWithin,LikelihoodComparedWithin,LeastCoverage,PotentialShare)",
        "Potential, Likelihood, Score, Coverage and why: five columns, one row per account.",
    ),
    "score_why": (
        "=score_why(Accounts[#All],Attributes[[#All],[Attribute]:[Scale]])",
        "The points that each attribute gives or takes, in the order of Settings, and the same in "
        "words: one row per account.",
    ),
    "quadrant": (
        "=quadrant(Accounts[Potential $],Accounts[Likelihood],50000)",
        "Where every account would stand if the cut were 50,000. Settings stay as they are.",
    ),
    "quadrant_grid": (
        "=quadrant_grid(Accounts[Quadrant],Accounts[[Potential $]:[Expansion $]])",
        "Five rows: each quadrant, its accounts, its Potential $ and its Expansion $.",
    ),
    "risk_profile": (
        "=risk_profile(Accounts[Quadrant],Accounts[Expected $])",
        "One row: the balance in words, the share of big bets, counts, money and what to check.",
    ),
    "win_rate": (
        "=win_rate(Accounts[Wins],Accounts[Losses])",
        "The win rate of every account, careful with those where few deals are closed.",
    ),
    "benchmark": (
        "=benchmark(Accounts[#All])",
        "What customers of its size buy, how many they are, the lowest and the highest: four "
        "columns, one row per account.",
    ),
    "expansion": (
        "=expansion(Accounts[Potential $],Accounts[Prior-year sales])",
        "The room to grow at every account, money a year.",
    ),
    "whitespace": (
        "=whitespace(Accounts[#All],Deals[#All],AsOf)",
        "Which products its peers buy and an account does not: account, product, how many of its "
        "peers buy it, what they spend. One row each.",
    ),
    "score_lift": (
        "=score_lift(Accounts[[#All],[Potential]:[Likelihood]],Accounts[[#All],[Closed this "
        "year]])",
        "How well the two tell the accounts that bought this year. Only scores older than the "
        "year can tell; see Evidence.",
    ),
    "expected_value": (
        "=expected_value(Accounts[Prior-year sales],Accounts[Expansion $],0.4,Retention)",
        "What the next 12 months would bring at each account if 40 % of its expansion were won. "
        "With SUM( ) around it: in all.",
    ),
    "funnel_targets": (
        "=funnel_targets(Gap,AverageDeal,Gates[[Gate]:[Rate]],WeeksLeft)",
        "The work that closes the gap: gate, rate, volume and volume per week. Put a number of "
        "your own for any of them.",
    ),
    "quota_walk": (
        "=quota_walk(Walk[#All],Accounts[#All],Deals[#All],YearStart,YearEnd,Retention,QuotaCounts)",
        "Quota, closed, repeat to come, weighted pipeline and gap of each rep. Put a retention of "
        "your own.",
    ),
    "funnel_reach": (
        '=funnel_reach("Calls",60,AverageDeal,Gates[[Gate]:[Rate]],WeeksLeft,Gates[Lag weeks])',
        "The deals and the money that 60 calls a week bring by the year's end.",
    ),
    "quota_odds": (
        "=quota_odds(Walk[Quota],Walk[Closed],Deals[Amount],Deals[Weighted],Walk[Repeat to come])",
        "The chance of the quota from what is open alone, and where the year may end. Path counts "
        "new business too.",
    ),
    "deal_odds": (
        "=deal_odds(100000,Deals[Amount],Deals[Weighted])",
        "The chance that the open deals bring 100,000 together, what they bring on average, and "
        "the range.",
    ),
    "timing_plan": (
        "=timing_plan(Deals[#All],YearStart,AsOf,TypicalCycle,Today)",
        "Quarter, day and weight of every open deal, one row per deal.",
    ),
    "quarter_coverage": (
        "=quarter_coverage(Quarters[#All],QuarterCoverage[Open amount],BaseWinRate,Today)",
        "Four rows: how far each quarter is covered, by what is expected and by the pipeline.",
    ),
    "plan_completeness": (
        '=plan_completeness({"position","strategy";"Two sites buy","tbd"},PlanFields[#All])',
        "The share of required fields that are filled, and the names of those that are missing. "
        "'tbd' is no answer.",
    ),
    "error_reason": (
        '=error_reason("quadrant",Accounts[Potential $],Accounts[Likelihood],"high")',
        "Why a function shows an error, in words: the same arguments behind the function's name. "
        "Here: potential_cut: 'high' is no number.",
    ),
}


REVIEWED: Final = (
    (
        "The plan as it came",
        "Complete, and nothing was flagged. Objective 1: 'Bring the three northern sites onto one "
        "Standard contract by the end of September.' Two actions: 'Walk the sites' in July and "
        "'Offer the contract' in August. Contacts: the Head of Logistics, who decides.",
    ),
    (
        "Is it about this account?",
        "Yes: the sites and the Head of Logistics are theirs. No other plan could say it.",
    ),
    (
        "Who says no?",
        "The plan has nobody who controls the budget. The Head of Logistics will not sign three "
        "sites alone: this is the hole.",
    ),
    (
        "What if it slips?",
        "Between walking the sites and the offer nothing shows whether it works. One early sign, "
        "with a date, is missing.",
    ),
    ("The rating", "3, workable: an objective with a date, people, actions that lead there."),
    (
        "The feedback",
        "'Good that it starts with the sites. Who signs for three at once? Find the Finance "
        "Director by 15 July, and add what we should hear after the first site if it works. Then "
        "turn it in again.' Decision: Return.",
    ),
    (
        "What came of it",
        "A week later: the Finance Director is a contact, an action names the date of the first "
        "figures. Rated 4, approved, and marked as an example.",
    ),
)
"""How a manager reads one plan, from what came in to what came of it."""


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.GUIDE]
    sheet.heading("Guide", "A good plan in ten minutes: what to do, in which order, and why.")
    sheet.widths(LABELS, TEXT)
    sheet.ws.set_portrait()
    sheet.ws.freeze_panes(2, 0)
    row = _part(sheet, 3, "In ten minutes, step by step", STEPS[data.kind])
    row = _fields(sheet, row, data)
    row = _part(sheet, row, "What a manager looks for", LOOKED_FOR)
    rated = [(f"{rating} of {len(p.RUBRIC)}", meaning) for rating, meaning in p.RUBRIC.items()]
    row = _part(sheet, row, "How a plan is rated", rated)
    row = _part(sheet, row, "The words", WORDS)
    row = _part(sheet, row, "A worked example", EXAMPLE)
    if data.kind != c.BOOK:
        row = _part(sheet, row, "A worked example for a manager", REVIEWED)
    row = _functions(sheet, row)
    _links(sheet, row, data)


def _part(sheet: Sheet, row: int, title: str, lines: Sequence[tuple[str, str]]) -> int:
    """A heading and its lines; gives the row of the next part."""
    sheet.section(row, 0, title, 2)
    for offset, (label, text) in enumerate(lines, start=1):
        _line(sheet, row + offset, label, text)
    return row + len(lines) + 2


def _line(sheet: Sheet, row: int, label: str, text: str) -> None:
    rule: dict[str, Any] = {
        "bottom": 1,
        "bottom_color": styles.RULE,
        "text_wrap": True,
        "valign": "vcenter",
    }
    sheet.put(row, 0, label, "plain", bold=True, **rule)
    sheet.put(row, 1, text, "plain", **rule)
    lines = max(ceil(len(text) / (TEXT * 1.1)), ceil(len(label) / LABELS))
    sheet.ws.set_row(row, 13.5 * lines + 5)


def _fields(sheet: Sheet, row: int, data: Round) -> int:
    """What each field asks for, and whether a plan is incomplete without it."""
    asked = [each for each in data.settings.plan_fields if each.requirement != p.OFF]
    lines = [(f"{each.label} ({each.requirement})", each.prompt) for each in asked]
    return _part(sheet, row, "The fields of a plan tab", lines)


def _functions(sheet: Sheet, row: int) -> int:
    """Each worksheet function: its question, how it is asked here, and what it answers."""
    from ...udfs.worksheet import FUNCTIONS, describe

    sheet.section(row, 0, "Functions for your own questions", 2)
    note = (
        "Type them in any empty cell, with cells free below and beside: answers of several cells "
        "spill (Excel 2021 and 365; before, select the cells and press Ctrl+Shift+Enter). They "
        "need the Account Plan add-in; without it they show #NAME?, and nothing else in this "
        "workbook needs them."
    )
    sheet.put(row + 1, 0, "With the add-in", "note", align="left", indent=0)
    sheet.put(row + 1, 1, note, "note", text_wrap=True, align="left", indent=0)
    sheet.ws.set_row(row + 1, _height(note, TEXT * 1.25))
    row += 2
    for name, function in FUNCTIONS.items():
        formula, gives = ASKED[name]
        _function(sheet, row, name, describe(function).summary, formula, gives)
        row += 3
    return row + 1


def _function(sheet: Sheet, row: int, name: str, summary: str, formula: str, gives: str) -> None:
    """Three rows: what a function answers, the formula to copy, and what that gives."""
    wrapped: dict[str, Any] = {"text_wrap": True, "valign": "vcenter"}
    code: dict[str, Any] = {"font_name": CODE_FONT, "bg_color": styles.BAND, **wrapped}
    sheet.put(row, 0, name, "plain", bold=True, font_name=CODE_FONT, valign="vcenter")
    sheet.put(row, 1, summary, "plain", **wrapped)
    sheet.ws.set_row(row, _height(summary, TEXT * 1.25))
    sheet.put(row + 1, 0, "Type", "note", align="right", indent=1)
    sheet.put(row + 1, 1, formula, "plain", **code)
    sheet.ws.set_row(row + 1, _height(formula, TEXT * 0.95))
    rule: dict[str, Any] = {"bottom": 1, "bottom_color": styles.RULE}
    sheet.put(row + 2, 0, "Gives", "note", align="right", indent=1, **rule)
    sheet.put(row + 2, 1, gives, "plain", **wrapped, **rule)
    sheet.ws.set_row(row + 2, _height(gives, TEXT * 1.25))


def _height(text: str, letters: float) -> float:
    """How tall a row is whose text wraps after so many letters."""
    return 13.5 * ceil(len(text) / letters) + 5


def _links(sheet: Sheet, row: int, data: Round) -> None:
    sheet.section(row, 0, "Where to find what", 2)
    shown = [
        each
        for each in c.SHEETS
        if each.name in sheet.book.sheets and each.tab == "work" and each.name != c.GUIDE
    ]
    for offset, each in enumerate(shown, start=1):
        sheet.link(row + offset, 0, each.name, each.name)
        sheet.put(row + offset, 1, each.purpose)
