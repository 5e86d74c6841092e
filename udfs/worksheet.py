"""The worksheet functions: every planning question, asked from a cell.

The one module that Excel imports. It reads cells, asks the model, and gives
cells back; what the answers mean stands in the model's own modules.

What holds for every function:

1. Ranges go in whole, and the answers spill: one per row, or per cell. A
   single value in gives a single value out.
2. Blank rows stay blank. An optional argument that is left out, or points to
   a blank cell, takes its default.
3. A wrong input gives an error that sums carry on: #VALUE! for what is no
   number, no known word or no such column, #NUM! for what is out of range,
   and an input's own error. Where each row has its own answer, only its row
   shows the error; where answers rest on all rows, the whole answer does.
4. ``error_reason`` says why, given the name of the function and the same
   arguments. It asks again instead of remembering, so it never speaks of
   another cell or another time.
"""

import functools
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

from .resting import resting_collector

with resting_collector():
    import numpy as np
    import pandas as pd
    import xlwings as xw

    from . import words as w
    from .cells import (
        Aligned,
        Answer,
        CellError,
        Cells,
        Headed,
        InputError,
        in_a_cell,
        in_days,
        is_left_out,
        one_date,
        one_number,
        one_text,
        one_word,
        rows_of,
    )
    from .errors import AccountPlanError

# The model's modules are imported where they are asked, so that Excel waits for xlwings alone.
if TYPE_CHECKING:
    from .funnel import Gate
    from .odds import Coins
    from .plans import PlanField
    from .scoring import Attribute, Scores
    from .segments import Rule, Segment

__all__ = [
    "CATEGORY",
    "FUNCTIONS",
    "Argument",
    "Description",
    "account_score",
    "account_segment",
    "benchmark",
    "deal_odds",
    "describe",
    "error_reason",
    "expansion",
    "expected_value",
    "funnel_reach",
    "funnel_targets",
    "plan_completeness",
    "quadrant",
    "quadrant_grid",
    "quarter_coverage",
    "quota_odds",
    "quota_walk",
    "risk_profile",
    "score_lift",
    "score_why",
    "timing_plan",
    "whitespace",
    "win_rate",
]

CATEGORY: Final = "Account Plan"
NOTHING_WRONG: Final = "Nothing is wrong."
MOST_REASONS: Final = 10
WORD_OPERATORS: Final = ("is", "is not", "contains", "is blank", "is filled")
RULE_COLUMNS: Final = ("Segment", "Attribute", "Operator")
LABELS: Final = (*w.QUADRANTS, w.NOT_ENOUGH_DATA)


def _range(doc: str) -> dict[str, object]:
    """What xlwings is to know of an argument: its help, and that errors are not blanks."""
    return {"doc": doc, "ndim": 2, "err_to_str": True}


def _in_cells(function: Callable[..., Answer]) -> Callable[..., Any]:
    """A worksheet function out of one that answers or raises: wrong input becomes an error."""

    @functools.wraps(function)
    def in_cells(*arguments: Cells) -> Cells:
        try:
            return function(*arguments).cells
        except InputError as mistake:
            return mistake.error
        except AccountPlanError:
            return CellError.VALUE

    # xlwings would look for a converter of what the inner function returns.
    in_cells.__annotations__ = {**function.__annotations__, "return": Cells}
    registered: Callable[..., Any] = xw.func(category=CATEGORY)(in_cells)
    return registered


# --- Segments and scores -------------------------------------------------------


@_in_cells
def account_segment(
    accounts: Annotated[
        Cells,
        _range(
            "Accounts with their headings, such as Accounts[#All]. Needed are the columns that "
            "the rules name."
        ),
    ],
    segments: Annotated[
        Cells,
        _range("Segments[#All]: columns Segment and Action, in order. Left out: the defaults."),
    ] = None,
    rules: Annotated[
        Cells,
        _range("SegmentRules[#All]: columns Segment, Attribute, Operator, Value and Set."),
    ] = None,
) -> Answer:
    """Which segment each account is in. The first segment whose rules match wins; what matches
    none is in Other.

    One answer per row below the headings. All rules of one set must hold; a segment with several
    sets needs one of them. A rule on a blank value does not hold.

    Example:
        =account_segment({"Account","Status","Employees","Annual revenue";
        "Alder","Active",900,80;"Birch","Active",20,3;"Cedar","Lapsed",50,9},
        {"Segment","Action";"Keep","Renew early"},
        {"Segment","Attribute","Operator","Value";"Keep","Status","is","Active"})
        gives {"Keep";"Keep";"Other"}
    """
    from .segments import assign_segments
    from .settings import DEFAULT_SEGMENTS

    table = Headed("accounts", accounts)
    found = DEFAULT_SEGMENTS if is_left_out(segments) else _segments(segments, rules)
    asked = [rule for segment in found for rules_ in segment.rule_sets for rule in rules_]
    numeric = {rule.attribute for rule in asked if rule.operator not in WORD_OPERATORS}
    frame = _columns(table, [rule.attribute for rule in asked], numeric)
    return table.answer(assign_segments(frame, found).to_frame())


def _columns(table: Headed, names: Sequence[str], numeric: set[str]) -> pd.DataFrame:
    """Columns of a range under the names asked for; those that must be numbers as numbers."""
    columns = {
        name: table.numbers(name) if name in numeric else table.values(name)
        for name in dict.fromkeys(names)
    }
    return pd.DataFrame(columns, index=range(len(table)))


def _optional(table: Headed, heading: str) -> "pd.Series[str]":
    """The texts of a column that need not be there."""
    return table.texts(heading) if heading in table else pd.Series([""] * len(table), dtype="str")


def _segments(segments: Cells, rules: Cells) -> "tuple[Segment, ...]":
    from .segments import Segment

    table, rule_table = Headed("segments", segments), Headed("rules", rules)
    rows = pd.DataFrame({head: rule_table.texts(head) for head in RULE_COLUMNS})
    rows["Value"] = _optional(rule_table, "Value")
    rows["Set"] = rule_table.numbers("Set").fillna(1.0) if "Set" in rule_table else 1.0
    names = table.texts("Segment").tolist()
    strangers = sorted(set(rows["Segment"]) - set(names))
    if strangers:
        raise InputError(f"rules: there is no segment '{strangers[0]}'; add it to the segments.")
    return tuple(
        Segment(name, action, _rule_sets(rows[rows["Segment"] == name]))
        for name, action in zip(names, table.texts("Action"), strict=True)
    )


def _rule_sets(rows: pd.DataFrame) -> "tuple[tuple[Rule, ...], ...]":
    from .segments import Rule

    return tuple(
        tuple(
            Rule(attribute, operator, value)
            for attribute, operator, value in zip(
                rule_set["Attribute"], rule_set["Operator"], rule_set["Value"], strict=True
            )
        )
        for _, rule_set in rows.groupby("Set", sort=True)
    )


@_in_cells
def account_score(
    accounts: Annotated[
        Cells,
        _range(
            "Accounts with their headings, such as Accounts[#All]. Needed are the columns of the "
            "attributes, and Status, Segment or Owner where accounts are compared within it."
        ),
    ],
    attributes: Annotated[
        Cells,
        _range(
            "Attributes[#All]: columns Attribute, Axis and Weight (an axis totals 100), and where "
            "wanted Method, Lower is better and Scale. Left out: the defaults."
        ),
    ] = None,
    compare_potential: Annotated[
        Cells,
        _range("Whom Potential is compared with: all, status, segment or book. Left out: all."),
    ] = None,
    compare_likelihood: Annotated[
        Cells,
        _range("Whom Likelihood is compared with: all, status, segment or book. Left out: status."),
    ] = None,
    least_coverage: Annotated[
        Cells,
        _range("Share of the weight that needs data, 0 to 1, for a score. Left out: 50%."),
    ] = None,
    potential_share: Annotated[
        Cells, _range("Weight of Potential in Score, 0 to 1. Left out: 50%.")
    ] = None,
) -> Answer:
    """How good each account is: Potential, Likelihood and Score (0-100), Coverage (0-1) and why,
    in five columns.

    One row of answers per row below the headings. An account without data for enough of the
    weight has no scores, and the last column says what is missing. Attributes without data for
    any account are left out, and the rest rescaled.

    Example:
        =account_score({"Account","Employees","Win rate";"Alder",900,0.5;"Birch",20,0.3},
        {"Attribute","Axis","Weight";"Employees","Potential",100;"Win rate","Likelihood",100},
        "all","all")
        gives {75,75,75,1,"Lifted by Employees (+25.0) and Win rate (+25.0)";
        25,25,25,1,"Held back by Win rate (-25.0)"}
    """
    from . import scoring

    table, found = _scores(
        accounts, attributes, compare_potential, compare_likelihood, least_coverage
    )
    share = one_number("potential_share", potential_share, 0.5, low=0, high=1)
    score = scoring.combined_score(found.potential, found.likelihood, share)
    answers = [found.potential, found.likelihood, score.rename(w.SCORE), found.coverage]
    return table.answer(pd.concat([*answers, scoring.why(found).rename(w.WHY)], axis=1))


@_in_cells
def score_why(
    accounts: Annotated[
        Cells,
        _range(
            "Accounts with their headings, such as Accounts[#All]. Needed are the columns of the "
            "attributes, and Status, Segment or Owner where accounts are compared within it."
        ),
    ],
    attributes: Annotated[
        Cells,
        _range(
            "Attributes[#All]: columns Attribute, Axis and Weight (an axis totals 100), and where "
            "wanted Method, Lower is better and Scale. Left out: the defaults."
        ),
    ] = None,
    compare_potential: Annotated[
        Cells,
        _range("Whom Potential is compared with: all, status, segment or book. Left out: all."),
    ] = None,
    compare_likelihood: Annotated[
        Cells,
        _range("Whom Likelihood is compared with: all, status, segment or book. Left out: status."),
    ] = None,
    least_coverage: Annotated[
        Cells,
        _range("Share of the weight that needs data, 0 to 1, for a score. Left out: 50%."),
    ] = None,
) -> Answer:
    """Why each account scores as it does: the points that each attribute adds or takes, and the
    same in words in the last column.

    One row of answers per row below the headings, one column per attribute, in the order of the
    attributes. Points are against the average account; those of an axis add up to its score less
    the mean score. Blank where an account is not scored or an attribute has no data at all.

    Example:
        =score_why({"Account","Employees","Win rate";"Alder",900,0.5;"Birch",20,0.3},
        {"Attribute","Axis","Weight";"Employees","Potential",100;"Win rate","Likelihood",100},
        "all","all")
        gives {25,25,"Lifted by Employees (+25.0) and Win rate (+25.0)";
        -25,-25,"Held back by Win rate (-25.0)"}
    """
    from . import scoring
    from .settings import DEFAULT_ATTRIBUTES

    table, found = _scores(
        accounts, attributes, compare_potential, compare_likelihood, least_coverage
    )
    asked = DEFAULT_ATTRIBUTES if is_left_out(attributes) else _attributes(attributes)
    points = found.contributions.reindex(columns=[a.name for a in asked])
    return table.answer(pd.concat([points, scoring.why(found).rename(w.WHY)], axis=1))


def _scores(
    accounts: Cells,
    attributes: Cells,
    compare_potential: Cells,
    compare_likelihood: Cells,
    least_coverage: Cells,
) -> "tuple[Headed, Scores]":
    """The accounts of a range, scored."""
    from . import scoring
    from .settings import DEFAULT_ATTRIBUTES

    table = Headed("accounts", accounts)
    own = not is_left_out(attributes)
    asked = _attributes(attributes) if own else DEFAULT_ATTRIBUTES
    compare = {
        w.POTENTIAL: one_word(
            "compare_potential", compare_potential, scoring.COMPARE_WITHIN, "all"
        ),
        w.LIKELIHOOD: one_word(
            "compare_likelihood", compare_likelihood, scoring.COMPARE_WITHIN, "status"
        ),
    }
    frame = _columns(
        table,
        [a.name for a in asked if own or a.name in table],
        {a.name for a in asked if a.method != "map"},
    ).assign(**_groups(table, compare))
    found = scoring.score_accounts(
        frame,
        asked,
        compare=compare,
        least_coverage=one_number("least_coverage", least_coverage, 0.5, low=0, high=1),
    )
    return table, found


def _groups(table: Headed, compare: Mapping[str, str]) -> dict[str, "pd.Series[str]"]:
    """The columns that say whom an account is compared with."""
    known = {"segment": w.SEGMENT, "book": w.OWNER}
    found = {known[each]: table.texts(known[each]) for each in compare.values() if each in known}
    if "status" in compare.values():
        found[w.STATUS] = table.words(w.STATUS, w.STATUSES)
    return found


def _attributes(cells: Cells) -> "tuple[Attribute, ...]":
    from .scoring import AXES, Attribute

    table = Headed("attributes", cells)
    if not len(table):
        raise InputError("attributes: there is none; give at least one for each axis.")
    rows = zip(
        table.texts("Attribute"),
        (one_word("attributes, Axis", axis, AXES, "") for axis in table.typed("Axis")),
        table.numbers("Weight").fillna(0.0),
        _optional(table, "Method").str.lower().replace("", "percentile"),
        _optional(table, "Lower is better").str.lower().isin(("yes", "true")),
        _optional(table, "Scale"),
        strict=True,
    )
    return tuple(
        Attribute(name, axis, weight, method, lower, _scale(scale, name))
        for name, axis, weight, method, lower, scale in rows
    )


def _scale(text: str, attribute: str) -> dict[str, float]:
    """A scale as typed: "0=20; 100=50"."""
    steps = [step.rpartition("=") for step in text.split(";") if step.strip()]
    where = f"attributes, {attribute}, Scale"
    return {key.strip(): one_number(where, score, math.nan) for key, _, score in steps}


# --- Money, quadrants and odds --------------------------------------------------


@_in_cells
def quadrant(
    potential: Annotated[
        Cells, _range("Potential $ of each account, or Potential (0-100), as the cut is.")
    ],
    likelihood: Annotated[Cells, _range("Likelihood of each account, 0 to 100.")],
    potential_cut: Annotated[
        Cells, _range("From where potential is high; the money cut on Settings is named MoneyCut.")
    ],
    likelihood_cut: Annotated[
        Cells, _range("From where likelihood is high, 0 to 100. Left out: 50.")
    ] = None,
) -> Answer:
    """Where each account stands: Slam dunk, Big bet, Quick win or Skip. Equal to a cut is high.

    One answer per account. Where only one of potential and likelihood is there, the answer is
    Not enough data.

    Example:
        =quadrant({90000;20000;50000},{70;30;50},50000) gives {"Slam dunk";"Skip";"Slam dunk"}
    """
    from . import quadrants

    cells = Aligned(potential=potential, likelihood=likelihood)
    placed, likely = cells.numbers("potential"), cells.numbers("likelihood", low=0, high=100)
    if is_left_out(potential_cut):
        raise InputError("potential_cut: it is blank; give the value from which potential is high.")
    cuts = quadrants.find_cuts(
        placed,
        likely.notna(),
        placed_by=quadrants.BY_MONEY,
        money_cut=one_number("potential_cut", potential_cut, low=0),
        likelihood_cut=one_number("likelihood_cut", likelihood_cut, 50.0, low=0, high=100),
    )
    return cells.answer(quadrants.quadrant(placed, likely, cuts))


@_in_cells
def quadrant_grid(
    labels: Annotated[Cells, _range("The quadrant of each account, in one column.")],
    amounts: Annotated[
        Cells,
        _range("Columns to add up by quadrant, as tall as the labels: Expected $, Potential $."),
    ] = None,
) -> Answer:
    """How many accounts, and how much money, stand in each quadrant: five rows, without headings.

    The rows are Slam dunk, Big bet, Quick win, Skip and Not enough data; the columns the name,
    the number of accounts, and the total of each column of amounts. Blank amounts count 0.

    Example:
        =quadrant_grid({"Skip";"Big bet";"Big bet"},{100;2000;3000}) gives {"Slam dunk",0,0;
        "Big bet",2,5000;"Quick win",0,0;"Skip",1,100;"Not enough data",0,0}
    """
    from . import quadrants

    columns = {"labels": labels, **_amount_columns(labels, amounts)}
    cells = Aligned(**columns)
    found = cells.words("labels", LABELS)
    sums = [cells.numbers(name).rename(name) for name in columns if name != "labels"]
    cells.refuse_wrong()
    _refuse_unplaced(found, sums)
    known = found != ""
    grid = quadrants.quadrant_grid(found[known], *(each[known] for each in sums))
    rows = zip(grid.index, grid.to_numpy().tolist(), strict=True)
    return Answer([[label, *row] for label, row in rows])


def _refuse_unplaced(labels: "pd.Series[str]", amounts: Sequence["pd.Series[float]"]) -> None:
    """Raises InputError for an amount without quadrant, which would be in no total."""
    for column in amounts:
        lost = (labels == "") & column.notna()
        if lost.any():
            raise InputError(
                f"labels, row {lost.to_numpy().argmax() + 1}: blank, but there is an amount in "
                "its row; give the quadrant, or clear the amount."
            )


def _amount_columns(labels: Cells, amounts: Cells) -> dict[str, Cells]:
    """Each column of the amounts by itself, named for the messages."""
    if is_left_out(amounts):
        return {}
    rows, beside = rows_of(amounts, "amounts"), rows_of(labels, "labels")
    if (len(beside), len(beside[0])) != (len(rows), 1):
        raise InputError(
            f"amounts: {len(rows)} rows for labels of {len(beside)} x {len(beside[0])} cells; "
            "give the labels in one column, and amounts as tall."
        )
    return {
        f"amounts, column {number}": [[cell] for cell in column]
        for number, column in enumerate(zip(*rows, strict=True), start=1)
    }


@_in_cells
def risk_profile(
    labels: Annotated[Cells, _range("The quadrant of each account.")],
    expected: Annotated[
        Cells, _range("Expected $ of each account, the same size. Left out: no money is shown.")
    ] = None,
) -> Answer:
    """The balance of big bets and quick wins of a book, in one row of seven cells.

    The cells are the profile in words, the share of big bets among big bets and quick wins, the
    number of big bets, of quick wins, the money of each, and the check that belongs to the
    profile. Blank labels are passed over, blank amounts count 0.

    Example:
        =risk_profile({"Big bet";"Quick win";"Big bet";"Skip"},{500;200;100;50})
        gives {"Mostly big bets",0.666666667,2,1,600,200,"Expect fewer deals early; agree the early
        indicators that show each bet is moving"}
    """
    from . import quadrants

    with_money = not is_left_out(expected)
    cells = Aligned(labels=labels, **({"expected": expected} if with_money else {}))
    found = cells.words("labels", LABELS)
    amounts = cells.numbers("expected") if with_money else pd.Series(np.nan, index=found.index)
    cells.refuse_wrong()
    profile = quadrants.risk_profile(found, amounts)
    sums = [profile.big_bet_money, profile.quick_win_money] if with_money else ["", ""]
    share = in_a_cell(profile.share)
    row = [profile.label, share, profile.big_bets, profile.quick_wins, *sums, profile.check]
    return Answer([row])


@_in_cells
def win_rate(
    wins: Annotated[Cells, _range("Won deals of each account, or of each rep or any other group.")],
    losses: Annotated[Cells, _range("Lost deals of each, the same size.")],
    base: Annotated[
        Cells, _range("Win rate to lean towards, 0 to 1. Left out: that of all these deals.")
    ] = None,
    strength: Annotated[
        Cells,
        _range(
            "How many closed deals the base is worth. Left out: found from how much these rates "
            "differ (10 where fewer than 10 of them have 5 closed deals)."
        ),
    ] = None,
) -> Answer:
    """The win rate of each account, 0 to 1, leaning towards the base where few deals are closed.

    (wins + strength x base) / (wins + losses + strength). Blank where wins or losses are. With
    base and strength given, each row has its own answer; else the answers rest on all rows.

    Example:
        =win_rate({3;0},{1;1},0.5,10) gives {0.571428571;0.454545455}
    """
    from . import facts

    cells = Aligned(wins=wins, losses=losses)
    won, lost = cells.numbers("wins", low=0), cells.numbers("losses", low=0)
    if is_left_out(base) or is_left_out(strength):
        cells.refuse_wrong()
    towards = one_number("base", base, facts.base_win_rate(won, lost).value, low=0, high=1)
    worth = one_number("strength", strength, facts.shrinkage(won, lost), low=0)
    return cells.answer(facts.win_rate(won, lost, towards, worth))


@_in_cells
def benchmark(
    accounts: Annotated[
        Cells,
        _range(
            "Accounts with their headings, such as Accounts[#All]: Status, Prior-year sales, and "
            "Employees or Annual revenue; where there, Segment and Account ID."
        ),
    ],
) -> Answer:
    """What customers of about this size buy in a year (80th percentile of the 15 nearest), in four
    columns: the benchmark, how many peers, and their lowest and highest sales.

    One row of answers per row below the headings. Peers are the other Active accounts with a size
    and prior-year sales, within the segment where it has 15 of them, else among all. Fewer than 5
    peers, or no size: no benchmark.

    Example:
        =benchmark({"Status","Employees","Prior-year sales";"Active",10,100;"Active",20,200;
        "Active",30,300;"Active",40,400;"Active",50,500;"Untouched",25,0})
        gives {"",4,"","";"",4,"","";"",4,"","";"",4,"","";"",4,"","";420,5,100,500}
    """
    from . import money

    table = Headed("accounts", accounts)
    sizes = [name for name in (w.EMPLOYEES, w.ANNUAL_REVENUE) if name in table]
    if not sizes:
        raise InputError(f"accounts: there is no size; give {w.EMPLOYEES} or {w.ANNUAL_REVENUE}.")
    frame = _columns(table, [*sizes, w.PRIOR_YEAR_SALES], {*sizes, w.PRIOR_YEAR_SALES})
    frame = frame.reindex(columns=[w.EMPLOYEES, w.ANNUAL_REVENUE, w.PRIOR_YEAR_SALES])
    frame[w.STATUS] = table.words(w.STATUS, w.STATUSES)
    frame[w.SEGMENT] = _optional(table, w.SEGMENT)
    # Of equally near peers the model takes the first by id; without ids, by row.
    by_row = pd.Series([f"{row:09}" for row in range(len(table))], dtype="str")
    frame[w.ACCOUNT_ID] = table.texts(w.ACCOUNT_ID) if w.ACCOUNT_ID in table else by_row
    return table.answer(money.benchmark(frame))


@_in_cells
def expected_value(
    prior_year_sales: Annotated[Cells, _range("Sales of the last 12 months at each account.")],
    expansion: Annotated[
        Cells, _range("Expansion $ of each account: Potential $ less prior-year sales.")
    ],
    win_probability: Annotated[
        Cells, _range("Chance that expansion is won, 0 to 1: one cell, or one each. Left out: 30%.")
    ] = None,
    retention: Annotated[
        Cells, _range("Share of last year's sales that comes again, 0 to 1. Left out: 90%.")
    ] = None,
) -> Answer:
    """What the next 12 months should bring at each account: prior-year sales x retention +
    expansion x win probability.

    One answer per account. Blank sales count 0; without expansion the answer is blank.

    Example:
        =expected_value({1000;0},{500;2000},0.3,0.9) gives {1050;600}
    """
    from . import facts, money

    chance = (
        facts.BASE_WIN_RATE_WITHOUT_HISTORY if is_left_out(win_probability) else win_probability
    )
    cells = Aligned(prior_year_sales=prior_year_sales, expansion=expansion, win_probability=chance)
    found = money.expected_money(
        cells.numbers("prior_year_sales"),
        cells.numbers("expansion", low=0),
        cells.numbers("win_probability", low=0, high=1),
        one_number("retention", retention, facts.RETENTION_WITHOUT_HISTORY, low=0, high=1),
    )
    return cells.answer(found)


@_in_cells
def expansion(
    potential: Annotated[Cells, _range("Potential $ of each account: money a year.")],
    prior_year_sales: Annotated[
        Cells, _range("Sales of the last 12 months at each, the same size. Blank counts 0.")
    ],
) -> Answer:
    """The room to grow at each account, money a year: Potential $ less prior-year sales, at least
    0.

    One answer per account; without Potential $ it is blank.

    Example:
        =expansion({1000;500;300},{400;800;""}) gives {600;0;300}
    """
    from . import money

    cells = Aligned(potential=potential, prior_year_sales=prior_year_sales)
    found = money.expansion_money(
        cells.numbers("potential", low=0), cells.numbers("prior_year_sales")
    )
    return cells.answer(found)


@_in_cells
def whitespace(
    accounts: Annotated[
        Cells,
        _range(
            "Accounts with their headings, such as Accounts[#All]: Account, and Employees or "
            "Annual revenue; where there, Account ID, Status, Segment and Prior-year sales."
        ),
    ],
    deals: Annotated[
        Cells,
        _range(
            "Deals with their headings, such as Deals[#All]: Account, Product, State (Won, Lost or "
            "Open), Close date and Amount; where there, Account ID."
        ),
    ],
    as_of: Annotated[
        Cells,
        _range("The day to look back 12 months from. Left out: that of the latest closed deal."),
    ] = None,
) -> Answer:
    """Which products the peers of each account buy and it does not, in four columns: account,
    product, share of its peers who buy it, and what they spend on it (median).

    One row per account and product, the product that most peers buy first. To buy is to have a won
    deal in the 12 months to the day. Peers are the 15 other Active accounts nearest in size, as
    for benchmark; with fewer than 5 nothing is said.

    Example:
        =whitespace({"Account","Employees";"A",10;"B",11;"C",12;"D",13;"E",14;"F",15},
        {"Account","Product","State","Close date","Amount";"A","X","Won","2026-01-31",5;
        "B","X","Won","2026-01-31",7;"C","X","Won","2026-01-31",9;"D","X","Won","2026-01-31",9;
        "E","X","Won","2026-01-31",9;"F","Y","Won","2026-01-31",9})
        gives {"A","Y",0.2,9;"B","Y",0.2,9;"C","Y",0.2,9;"D","Y",0.2,9;"E","Y",0.2,9;"F","X",1,9}
    """
    from . import whitespace as model

    table, sold = Headed("accounts", accounts), Headed("deals", deals)
    key = w.ACCOUNT_ID if w.ACCOUNT_ID in table and w.ACCOUNT_ID in sold else w.ACCOUNT
    frame = pd.DataFrame(
        {
            w.ACCOUNT_ID: sold.texts(key),
            w.PRODUCT: sold.texts(w.PRODUCT),
            w.STATE: sold.words(w.STATE, w.DEAL_STATES),
            w.CLOSE_DATE: sold.dates(w.CLOSE_DATE),
            w.AMOUNT: sold.numbers(w.AMOUNT),
        }
    )
    given = one_date("as_of", as_of)
    day = frame.loc[frame[w.STATE] != w.OPEN, w.CLOSE_DATE].max() if pd.isna(given) else given
    book = _book(table, key, frame, day)
    found = model.whitespace(book, frame, day)
    found[w.ACCOUNT_ID] = found[w.ACCOUNT_ID].map(
        dict(zip(book[w.ACCOUNT_ID], table.texts(w.ACCOUNT), strict=True))
    )
    rows = [[in_a_cell(cell) for cell in row] for row in found.to_numpy(object).tolist()]
    return Answer(rows or [[""] * len(found.columns)])


def _book(table: Headed, key: str, deals: pd.DataFrame, day: "pd.Timestamp") -> pd.DataFrame:
    """The accounts of a range with what peers are found by; what is not there, the deals tell."""
    from . import facts

    sizes = [name for name in (w.EMPLOYEES, w.ANNUAL_REVENUE) if name in table]
    if not sizes:
        raise InputError(f"accounts: there is no size; give {w.EMPLOYEES} or {w.ANNUAL_REVENUE}.")
    book = _columns(table, sizes, set(sizes)).reindex(columns=[w.EMPLOYEES, w.ANNUAL_REVENUE])
    book[w.ACCOUNT_ID] = table.texts(key)
    book[w.SEGMENT] = _optional(table, w.SEGMENT)
    won = deals[(deals[w.STATE] == w.WON) & facts.in_prior_year(deals[w.CLOSE_DATE], day)]
    by_account = won.groupby(w.ACCOUNT_ID)[w.AMOUNT]
    sales = book[w.ACCOUNT_ID].map(by_account.sum()).astype(float).fillna(0.0)
    bought = book[w.ACCOUNT_ID].isin(won[w.ACCOUNT_ID])
    own = w.PRIOR_YEAR_SALES in table
    book[w.PRIOR_YEAR_SALES] = table.numbers(w.PRIOR_YEAR_SALES) if own else sales
    status = bought.map({True: w.ACTIVE, False: w.UNTOUCHED})
    book[w.STATUS] = table.words(w.STATUS, w.STATUSES) if w.STATUS in table else status
    return book


# --- Evidence ---------------------------------------------------------------------


@_in_cells
def score_lift(
    scores: Annotated[
        Cells,
        _range(
            "Scores with their headings, one row per account and one column per score, the higher "
            "the better, such as AttributeScores[[#All],[Employees]:[Tenure]]."
        ),
    ],
    outcomes: Annotated[
        Cells,
        _range(
            "What came of each account, in one column with its heading: the money won since, or 1 "
            "and 0. Above 0 it bought."
        ),
    ],
) -> Answer:
    """How well each score tells the accounts that bought, one row per score: its name, lift of its
    best fifth, AUC, the ends of its 95% interval, whether it is monotone, and the verdict.

    The scores must be older than the outcomes, else they find what they were told. AUC 0.5 and
    lift 1 are chance. The verdict is finds, does not find, or cannot tell yet.

    Example:
        =score_lift({"Employees";1;2;3;4;5},{"Won";0;0;0;0;900})
        gives {"Employees",5,1,1,1,"yes","cannot tell yet (n = 5)"}
    """
    from .evidence import score_lift as model

    rows, came = rows_of(scores, "scores"), rows_of(outcomes, "outcomes")
    if len(rows) != len(came) or len(came[0]) != 1 or len(rows) < 2:
        raise InputError(
            f"outcomes: it has {len(came)} x {len(came[0])} cells, and scores {len(rows)} rows; "
            "give one column of as many rows, both with their headings."
        )
    names = [str(in_a_cell(name)) or f"Score {at}" for at, name in enumerate(rows[0], 1)]
    bought = Aligned(outcomes=came[1:])
    money = bought.numbers("outcomes")
    bought.refuse_wrong()
    told = []
    for at, name in enumerate(names):
        column = Aligned(scores=[[row[at]] for row in rows[1:]])
        values = column.numbers("scores")
        column.refuse_wrong()
        known = money.notna().to_numpy()
        frame = pd.DataFrame({name: values[known]})
        told.append(model(frame, (money[known] > 0).to_numpy()).iloc[0].tolist())
    return Answer([_lift_row(name, row) for name, row in zip(names, told, strict=True)])


def _lift_row(name: str, row: list[Any]) -> list[Any]:
    lift, auc, low, high, monotone, _, verdict = row
    word = {True: "yes", False: "no"}.get(monotone, "")
    return [name, *(in_a_cell(value) for value in (lift, auc, low, high)), word, verdict]


# --- The way to the quota, and the plans -----------------------------------------


@_in_cells
def funnel_targets(
    gap: Annotated[Cells, _range("Money still to be sold; 0 or less: the quota is reached.")],
    average_deal: Annotated[Cells, _range("Money that one deal brings, above 0.")],
    gates: Annotated[
        Cells,
        _range(
            "Two columns, first touch first: what is counted, and the share of it that becomes one "
            "of the next gate. Such as Gates[[Gate]:[Rate]]; the deal itself may stand last."
        ),
    ],
    weeks: Annotated[
        Cells, _range("Selling weeks left. Left out: no volume per week is shown.")
    ] = None,
) -> Answer:
    """How much work closes the gap: for each gate its name, rate, volume and volume per week, in
    four columns; the last row is the deal.

    deals = gap / average deal; the volume of a gate = the volume below it / its rate. Nothing is
    rounded. Blank rows among the gates are passed over; volumes are blank while the gap or the
    average deal is.

    Example:
        =funnel_targets(60000,20000,{"Calls",0.25;"Demos",0.5},12)
        gives {"Calls",0.25,24,2;"Demos",0.5,6,0.5;"deal",1,3,0.25}
    """
    from . import funnel

    short, average = one_number("gap", gap), one_number("average_deal", average_deal)
    steps, left = _gates(gates), one_number("weeks", weeks, low=0)
    with _in_range(not average <= 0):
        found = funnel.funnel_targets(short, average, steps, left)
    rows = [[gate.gate, gate.rate, gate.volume, gate.per_week] for gate in found.gates]
    return Answer([[in_a_cell(value) for value in row] for row in rows])


@contextmanager
def _in_range(is_within: bool) -> Iterator[None]:
    """Shows what the model refuses as #NUM! where a number is out of range."""
    try:
        yield
    except AccountPlanError as mistake:
        error = CellError.VALUE if is_within else CellError.NUM
        raise InputError(mistake.lines[0], error, mistake.lines[1:]) from None


def _gates(cells: Cells) -> "tuple[Gate, ...]":
    from .funnel import DEAL, Gate

    rows = rows_of(cells, "gates")
    if len(rows[0]) != 2:
        raise InputError(f"gates: {len(rows[0])} columns were given; give two, name and rate.")
    table = Headed("gates", [["Gate", "Rate"], *rows], first_row=1)
    names, rates = table.texts("Gate").tolist(), table.numbers("Rate").tolist()
    # The table of the workbook ends with the deal, which the model adds by itself.
    if names and names[-1].casefold() == DEAL and not rates[-1] < 1:
        names, rates = names[:-1], rates[:-1]
    gates = []
    for name, rate in zip(names, rates, strict=True):
        with _in_range(math.isnan(rate) or 0 < rate <= 1):
            gates.append(Gate(name, rate))
    return tuple(gates)


@_in_cells
def quota_walk(
    reps: Annotated[Cells, _range("Walk[#All] or Reps[#All]: columns Rep and Quota.")],
    accounts: Annotated[
        Cells,
        _range(
            "Accounts[#All]: columns Account ID, Owner, Status, Prior-year sales, Closed this year "
            "and Weighted pipeline."
        ),
    ],
    deals: Annotated[
        Cells,
        _range("Deals[#All]: columns Path of, Account ID, State, Close date, Amount and Weighted."),
    ],
    year_start: Annotated[Cells, _range("First day of the planning year: YearStart.")],
    year_end: Annotated[Cells, _range("Last day of the planning year: YearEnd.")],
    retention: Annotated[
        Cells, _range("Share of last year's sales that comes again, 0 to 1. Left out: 90%.")
    ] = None,
    quota_counts: Annotated[
        Cells, _range("all bookings, or new business. Left out: all bookings.")
    ] = None,
) -> Answer:
    """How far each rep is from the quota: quota, closed, repeat to come, weighted pipeline and gap,
    in five columns.

    One row of answers per rep. quota - closed - repeat - pipeline = gap; below 0 is beyond the
    quota. Repeat is what an active account should still buy beyond its weighted pipeline. No deal
    counts twice.

    Example:
        =quota_walk({"Rep","Quota";"Ann",1000},{"Account ID","Owner","Status","Prior-year sales",
        "Closed this year","Weighted pipeline";"A","Ann","Active",500,100,50},{"Path of",
        "Account ID","State","Close date","Amount","Weighted";"Ann","A","Won","2026-02-03",100,0;
        "Ann","A","Open","",200,50},"2026-01-01","2026-12-31",0.8)
        gives {1000,100,250,50,600}
    """
    from . import facts, funnel

    people = Headed("reps", reps)
    named = people.texts(w.REP)
    walk = funnel.quota_walk(
        _walked_accounts(Headed("accounts", accounts)),
        _walked_deals(Headed("deals", deals)),
        pd.DataFrame({w.REP: named, w.MANAGER: "", w.QUOTA: people.numbers(w.QUOTA)}),
        retention=one_number(
            "retention", retention, facts.RETENTION_WITHOUT_HISTORY, low=0, high=1
        ),
        year_start=_day("year_start", year_start),
        year_end=_day("year_end", year_end),
        quota_counts=one_word(
            "quota_counts", quota_counts, (w.ALL_BOOKINGS, w.NEW_BUSINESS), w.ALL_BOOKINGS
        ),
    )
    columns = [w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.GAP]
    return people.answer(walk.loc[: len(named) - 1, columns])


def _walked_accounts(table: Headed) -> pd.DataFrame:
    numbers = (w.PRIOR_YEAR_SALES, w.CLOSED_THIS_YEAR, w.WEIGHTED_PIPELINE)
    frame = _columns(table, [w.ACCOUNT_ID, *numbers], set(numbers))
    frame[w.ACCOUNT_ID] = table.texts(w.ACCOUNT_ID)
    return frame.assign(
        **{w.OWNER: table.texts(w.OWNER), w.STATUS: table.words(w.STATUS, w.STATUSES)}
    )


def _walked_deals(table: Headed) -> pd.DataFrame:
    return pd.DataFrame(
        {
            w.PATH_OF: table.texts(w.PATH_OF),
            w.ACCOUNT_ID: table.texts(w.ACCOUNT_ID),
            w.STATE: table.words(w.STATE, w.DEAL_STATES),
            w.CLOSE_DATE: table.dates(w.CLOSE_DATE),
            w.AMOUNT: table.numbers(w.AMOUNT),
            w.WEIGHTED: table.numbers(w.WEIGHTED),
        }
    )


def _day(name: str, cells: Cells) -> pd.Timestamp:
    """A day that must be given."""
    day = one_date(name, cells)
    if pd.isna(day):
        raise InputError(f"{name}: it is blank; give a date, such as 2026-01-31.")
    return day


@_in_cells
def funnel_reach(
    gate: Annotated[Cells, _range("The gate that you count, such as Calls; or Deal.")],
    per_week: Annotated[Cells, _range("How many of it in a selling week, 0 or more.")],
    average_deal: Annotated[Cells, _range("Money that one deal brings, above 0.")],
    gates: Annotated[
        Cells,
        _range(
            "Two columns, first touch first: what is counted, and the share of it that becomes one "
            "of the next gate. Such as Gates[[Gate]:[Rate]]; the deal itself may stand last."
        ),
    ],
    weeks: Annotated[Cells, _range("Selling weeks left, 0 or more.")],
    lags: Annotated[
        Cells,
        _range(
            "Weeks from each gate to the next, in the order of the gates: Gates[Lag weeks]. What "
            "starts too late brings nothing. Left out: none."
        ),
    ] = None,
) -> Answer:
    """What so many units of a gate a week bring by the year's end: deals and money, in two columns.

    The other direction of funnel_targets: both undo each other. Without an average deal the money
    is blank.

    Example:
        =funnel_reach("Calls",2,20000,{"Calls",0.25;"Demos",0.5},12) gives {3,60000}
    """
    from . import volume

    average = one_number("average_deal", average_deal)
    asked, done = one_text("gate", gate), one_number("per_week", per_week, low=0)
    left = one_number("weeks", weeks, low=0)
    if math.isnan(done) or math.isnan(left):
        raise InputError("per_week, weeks: one is blank; give both.")
    with _in_range(not average <= 0):
        found = volume.funnel_reach(asked, done, average, _lagged(_gates(gates), lags), left)
    return Answer([[found.deals, in_a_cell(found.money)]])


def _lagged(gates: "tuple[Gate, ...]", lags: Cells) -> "tuple[Gate, ...]":
    """The gates with their lags; the deal's own, which stands last on Path, is none."""
    if is_left_out(lags):
        return gates
    weeks = Aligned(lags=lags).numbers("lags", low=0).fillna(0.0).tolist()
    if len(weeks) not in (len(gates), len(gates) + 1):
        raise InputError(f"lags: {len(weeks)} for {len(gates)} gates; give one for each.")
    lagged = []
    for gate, lag in zip(gates, weeks, strict=False):
        with _in_range(False):
            lagged.append(replace(gate, lag_weeks=lag))
    return tuple(lagged)


@_in_cells
def quota_odds(
    quota: Annotated[
        Cells, _range("Money of the year; several cells are added up. Blank: no chance is told.")
    ],
    closed: Annotated[Cells, _range("Money that is won already; several cells are added up.")],
    amounts: Annotated[Cells, _range("Amount of each open deal: Deals[Amount].")],
    weighted: Annotated[
        Cells,
        _range("Amount x chance of each, the same size: Deals[Weighted]. 0 or blank: not counted."),
    ],
    repeat: Annotated[
        Cells, _range("Repeat business still to come, added up as certain. Left out: none.")
    ] = None,
    shock: Annotated[
        Cells,
        _range(
            "How far deals win or lose together in good and bad years, 0 to 0.9. Left out: 0.1."
        ),
    ] = None,
) -> Answer:
    """The odds of reaching a quota: the chance, and where one year in ten, half the years and nine
    in ten end, in four columns.

    Many years are played, each deal won or lost by its chance; the same input gives the same
    answer. Path has the odds with new business and uncertain repeat; this is for open deals alone.

    Example:
        =quota_odds(120,100,{50;40},{50;0}) gives {1,150,150,150}
    """
    from . import odds, outlook

    target = _total("quota", quota, none=math.nan)
    certain = _total("closed", closed) + _total("repeat", repeat)
    coins = _coins(amounts, weighted)
    luck = one_number("shock", shock, odds.SHOCK, low=0, high=0.9)
    found = odds.quota_odds(target, certain, coins, shock=luck, years=outlook.YEARS_SHOWN)
    row = [found.reach, found.p10, found.p50, found.p90]
    return Answer([[in_a_cell(round(value, 9)) for value in row]])


@_in_cells
def deal_odds(
    target: Annotated[Cells, _range("Money that the deals are to bring together.")],
    amounts: Annotated[Cells, _range("Amount of each deal.")],
    weighted: Annotated[
        Cells, _range("Amount x chance of each, the same size. 0 or blank: not counted.")
    ],
) -> Answer:
    """The odds that some deals together bring a target: the chance, what they bring on average, and
    where one case in ten, half the cases and nine in ten end, in five columns.

    Worked out exactly, each deal by itself. For many deals of all sizes the sums are put on a grid
    of 1/131,072 of the money.

    Example:
        =deal_odds(60,{50;40},{25;10}) gives {0.125,35,0,40,90}
    """
    from . import odds

    coins = _coins(amounts, weighted)
    wanted = one_number("target", target)
    found = odds.deal_odds(coins.amounts[:, 0], coins.chances, wanted)
    row = [found.reach, found.expected, found.p10, found.p50, found.p90]
    return Answer([[in_a_cell(value) for value in row]])


def _total(name: str, cells: Cells, none: float = 0.0) -> float:
    """The sum of what an argument holds, ``none`` where it holds nothing; blanks count nothing."""
    given = Aligned(**{name: cells})
    found = given.numbers(name)
    given.refuse_wrong()
    return float(found.sum()) if found.notna().any() else none


def _coins(amounts: Cells, weighted: Cells) -> "Coins":
    """Deals as coins: those that are worth something, each with its chance."""
    from .odds import Coins

    cells = Aligned(amounts=amounts, weighted=weighted)
    money, worth = cells.numbers("amounts"), cells.numbers("weighted").fillna(0.0)
    cells.refuse_wrong()
    live = worth != 0
    share = (worth / money.where(money != 0))[live]
    if not share.between(0, 1 + 1e-9).all():
        place = int(live.to_numpy().nonzero()[0][(~share.between(0, 1 + 1e-9)).to_numpy()][0]) + 1
        raise InputError(
            f"weighted, cell {place}: it is no share of its amount; give amount x chance.",
            CellError.NUM,
        )
    return Coins(
        np.asarray(share.clip(0, 1), dtype=np.float64), np.asarray(money[live], dtype=np.float64)
    )


@_in_cells
def timing_plan(
    deals: Annotated[
        Cells, _range("Deals[#All]: columns State, Close date and, where wanted, Weighted.")
    ],
    year_start: Annotated[Cells, _range("First day of the planning year: YearStart.")],
    as_of: Annotated[Cells, _range("The day the data speaks for: AsOf.")],
    cycle_days: Annotated[
        Cells, _range("Days that a win takes, for deals without a date to come. Left out: 90.")
    ] = None,
    today: Annotated[Cells, _range("The day of the reading. Left out: the as-of date.")] = None,
) -> Answer:
    """In which quarter each open deal should close (Q1 to Q4, or Later), on which day, and what it
    is worth, in three columns.

    One row of answers per row below the headings; deals that are closed stay blank. The day is a
    number: format it as a date. A date that is over or missing says nothing: such a deal closes
    the typical time to win after the as-of date.

    Example:
        =timing_plan({"State","Close date","Weighted";"Open","2026-05-20",500;"Open","",300;
        "Won","2026-02-01",0},"2026-01-01","2026-03-31",60)
        gives {"Q2",46162,500;"Q2",46172,300;"","",""}
    """
    from . import timing

    table = Headed("deals", deals)
    frame = pd.DataFrame(
        {
            w.STATE: table.words(w.STATE, w.DEAL_STATES),
            w.CLOSE_DATE: table.dates(w.CLOSE_DATE),
            w.WEIGHTED: table.numbers(w.WEIGHTED) if w.WEIGHTED in table else math.nan,
        }
    )
    year = timing.FiscalYear(_day("year_start", year_start))
    known = _day("as_of", as_of)
    now = one_date("today", today)
    close = timing.expected_close(
        frame,
        year,
        known,
        known if pd.isna(now) else now,
        one_number("cycle_days", cycle_days, low=0, high=timing.LONGEST_CYCLE_DAYS),
    )
    live = frame[w.STATE] == w.OPEN
    names = dict(enumerate(timing.QUARTERS, start=1))
    quarter = timing.quarter_of(close, year).clip(1, 5).map(names)
    answers = pd.DataFrame(
        {
            timing.QUARTER: quarter.where(live, ""),
            timing.FROM: pd.Series([in_days(day) for day in close], dtype=object).where(live, ""),
            w.WEIGHTED: frame[w.WEIGHTED].astype(object).where(live, ""),
        }
    )
    return table.answer(answers)


@_in_cells
def quarter_coverage(
    quarters: Annotated[
        Cells,
        _range(
            "Quarters[#All]: columns Quarter, To, Quota, Closed, Repeat to come and Expected; "
            "Later is passed over."
        ),
    ],
    open_amounts: Annotated[
        Cells,
        _range("Money that is open in each quarter, not weighted: QuarterCoverage[Open amount]."),
    ],
    win_rate: Annotated[Cells, _range("Share of deals that are won, 0 to 1: BaseWinRate.")],
    today: Annotated[Cells, _range("The day of the reading: Today.")],
) -> Answer:
    """Whether each quarter is covered: what is expected as a share of the quota, open pipeline as a
    multiple of what is missing, and how that stands, in three columns.

    One row per quarter. Missing is the quota less what is closed or repeated; the pipeline should
    be 1 / win rate times that.

    Example:
        =quarter_coverage({"Quarter","To","Quota","Closed","Repeat to come","Expected";"Q2",
        "2026-06-30",1000,100,100,700},{1600},0.5,"2026-04-15")
        gives {0.7,2,"pipeline enough"}
    """
    from . import funnel, moves, timing

    table = Headed("quarters", quarters)
    money = (w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, timing.EXPECTED)
    frame = _columns(table, money, set(money))
    frame[timing.QUARTER] = table.texts(timing.QUARTER)
    frame[timing.TO] = table.dates(timing.TO)
    frame = frame[frame[timing.QUARTER].str.casefold() != timing.LATER.casefold()]
    cells = Aligned(open_amounts=open_amounts)
    amounts = cells.numbers("open_amounts").fillna(0.0)
    cells.refuse_wrong()
    if len(amounts) != len(frame):
        raise InputError(
            f"open_amounts: {len(amounts)} for {len(frame)} quarters; give one for each."
        )
    rate = one_number("win_rate", win_rate, low=0, high=1)
    found = moves.coverage_of(frame, amounts, rate, _day("today", today))
    rows = found[[moves.COVERED, moves.COVERAGE, moves.STAND]].to_numpy(object).tolist()
    return Answer([[in_a_cell(value) for value in row] for row in rows])


@_in_cells
def plan_completeness(
    answers: Annotated[
        Cells,
        _range(
            "Plans with headings: one row per plan, one column per field, under the field's key or "
            "label. Tables of a plan (contacts, actions, ...): the number of complete rows."
        ),
    ],
    fields: Annotated[
        Cells,
        _range("PlanFields[#All]: columns Key and Required. Left out: the defaults."),
    ] = None,
) -> Answer:
    """How complete each plan is: the share of required fields that are filled (0-1), and the names
    of those that are missing, in two columns.

    One row of answers per row below the headings. Filler (tbd, n/a, ...) and the field's own
    example are no answer; a field without column is missing in every plan; other columns are
    passed over.

    Example:
        =plan_completeness({"Account","position","strategy";"Alder","Two sites buy","tbd"},
        {"Key","Required";"position","required";"strategy","required";"priorities","off";
        "contacts","off";"revenue_target","off";"objective_1","off";"actions","off";"play","off";
        "why_fit","off"})
        gives {0.5,"Strategy"}
    """
    from . import plans

    table = Headed("answers", answers)
    asked = plans.PLAN_FIELDS if is_left_out(fields) else _plan_fields(fields)
    headings = {each.key: each.key if each.key in table else each.label for each in asked}
    columns = {key: table.typed(head) for key, head in headings.items() if head in table}
    if not columns:
        raise InputError(f"answers: no heading is a field; use keys such as {plans.TARGET_KEY}.")
    frame = pd.DataFrame(columns, index=range(len(table)))
    return table.answer(plans.plan_completeness(frame, asked))


def _plan_fields(cells: Cells) -> "tuple[PlanField, ...]":
    from .plans import PLAN_FIELDS, REQUIREMENTS

    table = Headed("fields", cells)
    keys = [each.key for each in PLAN_FIELDS]
    asked = dict(zip(table.words("Key", keys), table.words("Required", REQUIREMENTS), strict=True))
    return tuple(
        replace(each, requirement=asked.get(each.key) or each.requirement) for each in PLAN_FIELDS
    )


# --- Why a cell is in error, and what the functions are ------------------------------


@xw.func(category=CATEGORY)
def error_reason(
    function: Annotated[str, {"doc": 'Name of the function that gave the error: "quadrant".'}],
    *arguments: Annotated[Cells, _range("The same arguments, in the same order.")],
) -> str:
    """Why a function of Account Plan gives an error: which argument and cell, what is wrong, and
    how to mend it.

    Change =quadrant(A2:A9,B2:B9,C1) into =error_reason("quadrant",A2:A9,B2:B9,C1). The first ten
    reasons are named, one per line.

    Example:
        =error_reason("quadrant",{90000;"many"},{70;30},50000) gives "potential, row 2: 'many' is
        no number; type it as one, without separators or currency."
    """
    name = str(function).strip().lstrip("=").casefold()
    if name not in FUNCTIONS or name == error_reason.__name__:
        known = ", ".join(each for each in FUNCTIONS if each != error_reason.__name__)
        return f"There is no function '{function}'; use one of: {known}."
    asked = inspect.unwrap(FUNCTIONS[name])
    try:
        given = inspect.signature(asked).bind(*arguments)
    except TypeError:
        least, most = _argument_counts(asked)
        return f"{name} takes {least} to {most} arguments; {len(arguments)} were given."
    try:
        reasons: tuple[str, ...] = asked(*given.args).reasons
    except AccountPlanError as mistake:
        reasons = mistake.lines
    more = [f"And {len(reasons) - MOST_REASONS} more."] if len(reasons) > MOST_REASONS else []
    return "\n".join([*reasons[:MOST_REASONS], *more]) or NOTHING_WRONG


def _argument_counts(function: Callable[..., Any]) -> tuple[int, int]:
    parameters = inspect.signature(function).parameters.values()
    needed = [each for each in parameters if each.default is inspect.Parameter.empty]
    return len(needed), len(parameters)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    function.__name__: function
    for function in (
        account_segment,
        account_score,
        score_why,
        quadrant,
        quadrant_grid,
        risk_profile,
        win_rate,
        benchmark,
        expansion,
        expected_value,
        whitespace,
        score_lift,
        funnel_targets,
        quota_walk,
        funnel_reach,
        quota_odds,
        deal_odds,
        timing_plan,
        quarter_coverage,
        plan_completeness,
        error_reason,
    )
}


@dataclass(frozen=True)
class Argument:
    """One argument of a worksheet function, as the function wizard shows it."""

    name: str
    help: str
    optional: bool
    repeats: bool


@dataclass(frozen=True)
class Description:
    """What the wizard, the VBA wrappers and the Guide say of a worksheet function.

    Attributes:
        name: as typed in a cell.
        summary: what it answers, up to 255 characters.
        details: the rest, in paragraphs; "" where there is none.
        arguments: in order.
        example: a formula that can be typed as it stands.
        gives: what the example shows, as a value or an array.
    """

    name: str
    summary: str
    details: str
    arguments: tuple[Argument, ...]
    example: str
    gives: str


def describe(function: Callable[..., Any]) -> Description:
    """What a worksheet function is for, read from its docstring and annotations.

    Args:
        function: one of ``FUNCTIONS``.
    """
    text, _, example = (inspect.getdoc(function) or "").partition("Example:")
    summary, *details = [re.sub(r"\s+", " ", part) for part in text.strip().split("\n\n")]
    formula, _, gives = re.sub(r"\s+", " ", example.strip()).partition(" gives ")
    # Lines of an example break after the commas and semicolons of its arrays.
    formula = re.sub(r'(?<=[,;]) (?=["{])', "", formula)
    return Description(
        name=function.__name__,
        summary=summary,
        details="\n".join(details),
        arguments=_arguments(function),
        example=formula,
        gives=gives,
    )


def _arguments(function: Callable[..., Any]) -> tuple[Argument, ...]:
    hints = get_type_hints(function, include_extras=True)
    return tuple(
        Argument(
            name,
            hints[name].__metadata__[0]["doc"],
            optional=each.default is not inspect.Parameter.empty,
            repeats=each.kind is inspect.Parameter.VAR_POSITIONAL,
        )
        for name, each in inspect.signature(function).parameters.items()
    )
