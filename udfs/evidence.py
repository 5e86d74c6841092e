"""Does a score find the accounts that buy? The test of the hypothesis on what really happened.

Assumptions:

1. Accounts are scored as of a day, from what was known on that day; what they
   bought after it is the outcome. Nothing of the outcome is in the score.
2. An account "bought" when a deal with it was won after the day. Where nearly
   all accounts did, that question tells nothing apart; asked is then who
   bought more than the median account.
3. "Finds" is said only where even the 99 % interval of the AUC lies above one
   half, because many attributes are read at once; "does not find" where the
   95 % interval ends below 0.55, so that what could be there is of no use;
   else "cannot tell yet".
4. An account without score comes last.

References:
    Kaufman, S., Rosset, S., Perlich, C. (2012). Leakage in data mining. ACM
    Transactions on Knowledge Discovery from Data 6(4), 15. (What leaks.)
    The measures and their sources stand in ``measures``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from . import words as w
from .errors import ModelInputError
from .measures import (
    CELLS,
    UNKNOWN,
    Band,
    Interval,
    Order,
    auc,
    brier,
    calibration,
    calibration_error,
    drawn_aucs,
    draws,
    equal_groups,
    fifths,
    interval,
    is_monotone,
    lift,
    read_off,
)
from .scoring import Attribute

Array = np.ndarray

FINDS: Final = "finds"
DOES_NOT_FIND: Final = "does not find"
CANNOT_TELL: Final = "cannot tell yet"
BETTER: Final = "The score is better than alphabetical order."
NO_BETTER: Final = "The score is no better than alphabetical order."
MONEY_ONLY: Final = (
    "The score is better than alphabetical order in money only: it does not tell who buys."
)
OTHER_WAY: Final = "it points the other way, those with less of it buy more"
VERDICTS: Final = (FINDS, DOES_NOT_FIND, CANNOT_TELL)

# Columns of what is tested and of what came.
LATER_REVENUE: Final = "Later revenue"
LATER_WINS: Final = "Later wins"
LATER_CLOSED: Final = "Later closed deals"
BOUGHT: Final = "Bought"
FORECAST: Final = "Forecast"

# The orders that are compared.
BY_SCORE: Final = "score"
BY_NAME: Final = "alphabetical"
BY_SALES: Final = "prior_year_sales"
PERFECT: Final = "perfect"
ORDERS: Final = (BY_SCORE, BY_SALES, BY_NAME, PERFECT)

SHARES: Final = (0.10, 0.20, 0.50)
CURVE: Final = tuple(round(step / 20, 2) for step in range(21))
LEAST_OF_A_KIND: Final = 10
NO_USE: Final = 0.55

# How far an attribute that only the export of today knows may go along with the
# outcome before it is taken for a part of it.
TOO_GOOD_AUC: Final = 0.95
TOO_GOOD_RANKS: Final = 0.90
COUNTS_LATER: Final = 0.95


@dataclass(frozen=True)
class Tested:
    """How well a number of 0-100 tells buyers from others.

    Attributes:
        auc: the chance that of a buyer and another the buyer has the higher
            number, 0-1; one half is no better than chance.
        accounts: how many have the number.
        buyers: how many of them bought.
        verdict: one of ``VERDICTS``.
    """

    auc: Interval
    accounts: int
    buyers: int
    verdict: str

    @property
    def few(self) -> bool:
        """Whether there are too few of one kind to say anything."""
        return min(self.buyers, self.accounts - self.buyers) < LEAST_OF_A_KIND

    @property
    def other_way(self) -> bool:
        """Whether buyers surely have the lower number."""
        return not self.few and self.auc.high < 0.5

    @property
    def words(self) -> str:
        """The verdict for people: with how many accounts it rests on, where it cannot tell."""
        few = f" (n = {self.accounts:,})" if self.verdict == CANNOT_TELL else ""
        return self.verdict + few


@dataclass(frozen=True)
class Gains:
    """What an order of the accounts catches.

    Attributes:
        revenue: share of later won revenue in the first part of the accounts,
            by the part (``SHARES``).
        winners: share of the accounts that bought, likewise.
        curve: share of revenue caught at each step of ``CURVE``.
    """

    revenue: Mapping[float, Interval]
    winners: Mapping[float, Interval]
    curve: tuple[float, ...]


@dataclass(frozen=True)
class AttributeEvidence:
    """What the outcomes say of one attribute.

    Attributes:
        attribute: its name; ``axis`` and ``weight`` as it was scored.
        tested: AUC and verdict of its score; ``None`` where it was left out.
        lift: how many times the average share of buyers its best fifth holds.
        rates: the share of buyers in each fifth, from its worst to its best.
        monotone: whether the share never falls from one fifth to the next.
        known: when its values are from, or why it was left out.
    """

    attribute: str
    axis: str
    weight: float
    tested: Tested | None
    lift: float
    rates: tuple[float, ...]
    monotone: bool | None
    known: str

    @property
    def verdict(self) -> str:
        """The verdict in words; what was left out has none."""
        return self.tested.words if self.tested else "left out"


@dataclass(frozen=True)
class MoneyCame:
    """Expected $ against what came, over the accounts that have an Expected $.

    Attributes:
        accounts: how many.
        years: how long the time after the date is; Expected $ speaks of one year.
        expected: the sum of Expected $ for that time.
        came: the revenue won in it.
        mean_error: the mean of |expected - came| per account.
        bands: up to five groups by Expected $, least first: accounts, expected, came.
    """

    accounts: int
    years: float
    expected: float
    came: float
    mean_error: float
    bands: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Evidence:
    """The whole test.

    Attributes:
        as_of: the day of the scores; ``until`` the last day of the outcomes.
        accounts: how many were tested; ``outcomes`` deals closed with them after the day.
        winners: accounts with a won deal after the day; ``revenue`` what they brought.
        asked: which question tells buyers from others, in words.
        score, potential, likelihood: how well each tells them.
        brier, brier_base, brier_raw: mean squared error, on the question asked, of
            the forecast, of the base rate for every account, and of Score / 100.
        forecast: where the forecast comes from, in words.
        bands: forecast against what happened; ``calibration_error`` the mean
            distance of the two, weighted by accounts.
        gains: what each order of ``ORDERS`` catches.
        above_alphabetical: area under the score's revenue curve less that
            under the alphabetical order's; 0 is no better.
        money: Expected $ against what came.
        attributes: one each.
        notes: what a reader should know, in sentences.
    """

    as_of: pd.Timestamp
    until: pd.Timestamp
    accounts: int
    outcomes: int
    winners: int
    revenue: float
    asked: str
    score: Tested
    potential: Tested
    likelihood: Tested
    brier: float
    brier_base: float
    brier_raw: float
    forecast: str
    bands: tuple[Band, ...]
    calibration_error: float
    gains: Mapping[str, Gains]
    above_alphabetical: Interval
    money: MoneyCame
    attributes: tuple[AttributeEvidence, ...]
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict on the score: "finds", "does not find" or "cannot tell yet"."""
        return self.score.verdict

    @property
    def against_alphabetical(self) -> str:
        """Whether the score catches more of the later revenue than the order from A to Z."""
        difference = self.above_alphabetical
        enough = not self.score.few and self.revenue > 0
        if enough and difference.low > 0:
            return MONEY_ONLY if self.verdict == DOES_NOT_FIND else BETTER
        if enough and (difference.value <= 0 or self.verdict == DOES_NOT_FIND):
            return NO_BETTER
        return (
            "The score is not yet shown to be better than alphabetical order "
            f"(n = {self.accounts:,})."
        )

    @property
    def sentence(self) -> str:
        """The verdict on the score as a sentence."""
        auc = self.score.auc
        start = {
            FINDS: "The score finds",
            DOES_NOT_FIND: "The score does not find",
            CANNOT_TELL: f"It {self.score.words} whether the score finds",
        }[self.verdict]
        if np.isnan(auc.value):
            kind = "all of them did" if self.score.buyers else "none of them did"
            return f"{start} {self.asked}: {kind}."
        way = f"; {OTHER_WAY}" if self.score.other_way else ""
        return (
            f"{start} {self.asked}: AUC {auc.value:.2f} ({auc.low:.2f} to {auc.high:.2f}; "
            f"0.50 is chance){way}."
        )


# --- What came --------------------------------------------------------------------


def outcomes(
    account_ids: pd.Series,
    deals: pd.DataFrame,
    after: pd.Timestamp,
    until: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """What each account brought after a day.

    Args:
        account_ids: one per account.
        deals: one row per deal (Account ID, State, Close date, Amount).
        after: the day; deals closed on it are not an outcome.
        until: the last day of the outcomes; ``None``: as far as the deals go.

    Returns:
        Later revenue (amounts of won deals, missing ones count 0; at least 0),
        Later wins, Later closed deals and Bought, aligned with ``account_ids``.
    """
    closed = deals[(deals[w.STATE] != w.OPEN) & (deals[w.CLOSE_DATE] > after)]
    if until is not None:
        closed = closed[closed[w.CLOSE_DATE] <= until]
    won = closed[closed[w.STATE] == w.WON]

    def per_account(values: pd.Series) -> pd.Series:
        return account_ids.map(values).astype(float).fillna(0.0)

    revenue = per_account(won.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum()).clip(lower=0).round(9)
    wins = per_account(won.groupby(w.ACCOUNT_ID).size())
    return pd.DataFrame(
        {
            LATER_REVENUE: revenue,
            LATER_WINS: wins,
            LATER_CLOSED: per_account(closed.groupby(w.ACCOUNT_ID).size()),
            BOUGHT: wins > 0,
        },
        index=account_ids.index,
    )


@dataclass(frozen=True)
class Question:
    """What the test asks of each account.

    Attributes:
        asked: in words.
        yes: one flag per account.
    """

    asked: str
    yes: Array


def question(came: pd.DataFrame) -> Question:
    """Who bought; where hardly anybody did not: who bought more than the median account.

    Args:
        came: what ``outcomes`` gave.
    """
    bought = came[BOUGHT].to_numpy(bool)
    others = int((~bought).sum())
    if others >= LEAST_OF_A_KIND or len(came) < 2 * LEAST_OF_A_KIND:
        return Question("the accounts that buy", bought)
    revenue = came[LATER_REVENUE].to_numpy(float)
    return Question("the accounts that buy more than the median one", revenue > np.median(revenue))


# --- AUC and verdict ----------------------------------------------------------------


def tell_apart(score: Array, yes: Array) -> Tested:
    """How well a score tells yes from no, with its verdict.

    Args:
        score: (n,) numbers; rows without are left out.
        yes: (n,) flags.

    Returns:
        AUC with the 95 % bootstrap interval, and the verdict: "cannot tell
        yet" where either kind has fewer than 10 accounts.
    """
    known = ~np.isnan(score)
    score, yes = score[known], yes[known]
    total, hits = len(score), int(yes.sum())
    value = auc(score, yes)
    if min(hits, total - hits) == 0:
        return Tested(UNKNOWN, total, hits, CANNOT_TELL)
    drawn = drawn_aucs(score, yes)
    low, high = np.quantile(drawn, (0.025, 0.975))
    surely = float(np.quantile(drawn, 0.005))
    found = Tested(Interval(round(value, 9), float(low), float(high)), total, hits, CANNOT_TELL)
    if not found.few and surely > 0.5:
        return replace(found, verdict=FINDS)
    if not found.few and high < NO_USE:
        return replace(found, verdict=DOES_NOT_FIND)
    return found


def compare_orders(
    orders: Mapping[str, Array], revenue: Array, bought: Array
) -> tuple[dict[str, Gains], Interval]:
    """What each order catches, and how far the score is above the alphabetical one.

    Args:
        orders: per name of ``ORDERS``, numbers to sort by, the highest first.
        revenue: (n,) later won revenue, 0 or more.
        bought: (n,) flags.

    Returns:
        Gains per order, and the difference of the areas under the revenue
        curves of score and alphabetical order, all with bootstrap intervals
        from the same draws.
    """
    # Which account a draw picks must not rest on the order of the rows.
    alike = np.lexsort((*orders.values(), revenue))
    orders = {name: values[alike] for name, values in orders.items()}
    revenue, bought = revenue[alike], bought[alike]
    worths = (revenue, bought.astype(float))
    exact = {name: Order(values) for name, values in orders.items()}
    coarse = {name: Order(values, CELLS) for name, values in orders.items()}
    one = np.ones((1, len(revenue)))
    areas: dict[str, list[Array]] = {name: [] for name in orders}
    caught: dict[tuple[str, int], list[Array]] = {(n, k): [] for n in orders for k in (0, 1)}
    for drawn in draws(len(revenue)):
        for name, order in coarse.items():
            counted = order.sums(drawn)
            for kind, worth in enumerate(worths):
                summed = order.sums(drawn * worth)
                caught[name, kind].append(read_off(counted, summed, SHARES))
                if kind == 0:
                    areas[name].append(order.area(counted, summed))

    def at_shares(name: str, kind: int) -> dict[float, Interval]:
        values = exact[name].caught(one, worths[kind], SHARES)[0]
        ends = np.concatenate(caught[name, kind])
        return {share: interval(values[at], ends[:, at]) for at, share in enumerate(SHARES)}

    found = {
        name: Gains(
            at_shares(name, 0),
            at_shares(name, 1),
            tuple(exact[name].caught(one, revenue, CURVE)[0].tolist()),
        )
        for name in orders
    }
    area = {n: float(o.area(o.sums(one), o.sums(one * revenue))[0]) for n, o in exact.items()}
    difference = np.concatenate(areas[BY_SCORE]) - np.concatenate(areas[BY_NAME])
    return found, interval(area[BY_SCORE] - area[BY_NAME], difference)


def money_came(expected: Array, revenue: Array, years: float, bands: int = 5) -> MoneyCame:
    """Expected $ against what came.

    Args:
        expected: (n,) Expected $ of a year; NaN rows are left out.
        revenue: (n,) won after the day.
        years: how long the time is that the revenue is of; Expected $ is
            scaled to it.
        bands: groups by Expected $, of about as many accounts each.
    """
    known = ~np.isnan(expected)
    told, came = expected[known] * years, revenue[known]
    group = equal_groups(told, bands)
    groups = [group == each for each in range(int(group.max(initial=-1)) + 1)]
    return MoneyCame(
        accounts=int(known.sum()),
        years=years,
        expected=round(float(told.sum()), 9),
        came=round(float(came.sum()), 9),
        mean_error=round(float(np.abs(told - came).mean()), 9) if known.any() else float("nan"),
        bands=tuple(
            (int(g.sum()), round(float(told[g].sum()), 9), round(float(came[g].sum()), 9))
            for g in groups
        ),
    )


# --- Attributes -----------------------------------------------------------------------


def score_lift(scores: pd.DataFrame, yes: Array) -> pd.DataFrame:
    """How well each column of scores tells yes from no.

    Args:
        scores: (n, m) attribute scores or any numbers, the higher the better.
        yes: (n,) flags.

    Returns:
        One row per column: Lift, AUC, AUC from, AUC to, Monotone (flag),
        Accounts, Verdict.
    """
    rows = {}
    for name in scores.columns:
        values = scores[name].to_numpy(float)
        tested, rates = tell_apart(values, yes), fifths(values, yes)
        rows[name] = {
            "Lift": lift(values, yes),
            "AUC": tested.auc.value,
            "AUC from": tested.auc.low,
            "AUC to": tested.auc.high,
            "Monotone": is_monotone(rates),
            "Accounts": tested.accounts,
            "Verdict": tested.words,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def find_leaks(
    values: pd.DataFrame, came: pd.DataFrame, past: pd.Series, yes: Array
) -> dict[str, str]:
    """Which columns that only today's export knows carry the outcome in them.

    A column is named where it tells at least 10 buyers from at least 10 others
    with an AUC of 0.95 or more, either way round; where among those that bought
    its ranks go with the later revenue at 0.90 or more; or where it counts all
    revenue, also the later: ranks that go with past and later revenue together
    at 0.95 or more, and less with the past alone.

    Args:
        values: (n, m) numbers or texts of the accounts export.
        came: what ``outcomes`` gave.
        past: won revenue up to the day, per account.
        yes: (n,) flags of the question asked.

    Returns:
        Column -> why it leaks, in words.
    """
    revenue = came[LATER_REVENUE]
    found = {}
    for name in values.columns:
        words = not pd.api.types.is_numeric_dtype(values[name])
        numbers = _as_numbers(values[name], yes)
        known = numbers.notna().to_numpy()
        apart = _known_apart(numbers.to_numpy(float), yes)
        bought = known & (revenue > 0).to_numpy()
        with_later = _rank_correlation(numbers[bought], revenue[bought])
        with_all = _rank_correlation(numbers[known], (past + revenue)[known])
        with_past = _rank_correlation(numbers[known], past[known])
        # The rate of the others of a word is lower for those that bought, so words
        # that say nothing seem to go against buying.
        if (apart if words else max(apart, 1 - apart)) >= TOO_GOOD_AUC:
            found[name] = f"tells the outcome too well to have been known (AUC {apart:.2f})"
        elif not words and abs(with_later) >= TOO_GOOD_RANKS and abs(with_later) > abs(with_past):
            found[name] = f"goes with the later revenue (rank correlation {with_later:.2f})"
        elif not words and with_all >= COUNTS_LATER and with_all > with_past + 0.01:
            found[name] = "counts what was sold after the date too"
    return found


def _known_apart(numbers: Array, yes: Array) -> float:
    """AUC; one half with fewer than 10 accounts of a kind, whom chance tells apart too easily."""
    hits = int(yes[~np.isnan(numbers)].sum())
    if min(hits, int((~np.isnan(numbers)).sum()) - hits) < LEAST_OF_A_KIND:
        return 0.5
    return auc(numbers, yes)


def _as_numbers(values: pd.Series, yes: Array) -> pd.Series:
    """Numbers as they are; words by the share of yes among the other accounts of the word."""
    if pd.api.types.is_numeric_dtype(values):
        return values.astype(float)
    words = values.astype(str)
    flags = pd.Series(yes.astype(float), index=values.index)
    groups = flags.groupby(words)
    others = groups.transform("size") - 1
    rates = (groups.transform("sum") - flags) / others.where(others > 0)
    return rates.where(words != "")


def _rank_correlation(left: pd.Series, right: pd.Series) -> float:
    """Spearman's rank correlation; 0 with fewer than 20 pairs, or where one does not vary."""
    if len(left) < 2 * LEAST_OF_A_KIND or left.nunique() < 2 or right.nunique() < 2:
        return 0.0
    return float(np.corrcoef(left.rank(), right.rank())[0, 1])


# --- The whole test -------------------------------------------------------------------


def back_test(
    tested: pd.DataFrame,
    scores: pd.DataFrame,
    attributes: Sequence[Attribute],
    came: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    until: pd.Timestamp,
    forecast_source: str,
    known: Mapping[str, str],
    notes: Sequence[str] = (),
) -> Evidence:
    """Holds scores of a day against what came after it.

    Args:
        tested: one row per account (Account, Score, Potential, Likelihood,
            Prior-year sales, Expected $, and Forecast: the chance, 0-1, that
            the question asked comes true), made only from what was known on
            the day.
        scores: attribute scores, aligned.
        attributes: what was scored, and what was to be but was left out.
        came: what ``outcomes`` gave, aligned.
        as_of, until: the day of the scores, and the last of the outcomes.
        forecast_source: where Forecast comes from, in words.
        known: per attribute, when its values are from, or why it was left out.
        notes: what a reader should know.

    Raises:
        ModelInputError: no account, or nothing was closed after the day.
    """
    if len(tested) == 0:
        raise ModelInputError("There is no account to test.")
    if came[LATER_CLOSED].sum() == 0:
        raise ModelInputError(
            f"No deal of these accounts was closed after {as_of:%Y-%m-%d}; give an earlier date."
        )
    asked = question(came)
    revenue, bought = came[LATER_REVENUE].to_numpy(float), came[BOUGHT].to_numpy(bool)
    score = tested[w.SCORE].to_numpy(float)
    forecast = tested[FORECAST].to_numpy(float)
    told = ~np.isnan(forecast)
    base = float(asked.yes[told].mean()) if told.any() else float("nan")
    bands = calibration(forecast, asked.yes)
    orders = {
        BY_SCORE: score,
        BY_SALES: tested[w.PRIOR_YEAR_SALES].fillna(0.0).to_numpy(float),
        BY_NAME: -_alphabetical(tested[w.ACCOUNT]),
        PERFECT: revenue,
    }
    caught, above = compare_orders(orders, revenue, bought)
    return Evidence(
        as_of=as_of,
        until=until,
        accounts=len(tested),
        outcomes=int(came[LATER_CLOSED].sum()),
        winners=int(bought.sum()),
        revenue=round(float(revenue.sum()), 9),
        asked=asked.asked,
        score=tell_apart(score, asked.yes),
        potential=tell_apart(tested[w.POTENTIAL].to_numpy(float), asked.yes),
        likelihood=tell_apart(tested[w.LIKELIHOOD].to_numpy(float), asked.yes),
        brier=brier(forecast, asked.yes),
        brier_base=brier(np.where(told, base, np.nan), asked.yes),
        brier_raw=brier(score / 100, asked.yes),
        forecast=forecast_source,
        bands=bands,
        calibration_error=calibration_error(bands),
        gains=caught,
        above_alphabetical=above,
        money=money_came(
            tested[w.EXPECTED_MONEY].to_numpy(float), revenue, (until - as_of).days / 365.25
        ),
        attributes=tuple(_attribute(a, scores, asked.yes, known) for a in attributes),
        notes=tuple(notes),
    )


def _alphabetical(names: pd.Series) -> Array:
    """The place of each name from A to Z, capitals not minded; equal names share a place."""
    return pd.factorize(names.str.casefold(), sort=True)[0].astype(float)


def _attribute(
    attribute: Attribute, scores: pd.DataFrame, yes: Array, known: Mapping[str, str]
) -> AttributeEvidence:
    told = known.get(attribute.name, "")
    if attribute.name in scores and scores[attribute.name].nunique() == 1:
        told += "; the same for every account"
    if attribute.name not in scores:
        return AttributeEvidence(
            attribute.name, attribute.axis, attribute.weight, None, float("nan"), (), None, told
        )
    values = scores[attribute.name].to_numpy(float)
    tested, rates = tell_apart(values, yes), fifths(values, yes)
    if tested.other_way:
        told += f"; {OTHER_WAY}"
    return AttributeEvidence(
        attribute.name,
        attribute.axis,
        attribute.weight,
        tested,
        lift(values, yes),
        rates,
        None if math.isnan(tested.auc.value) else is_monotone(rates),
        told,
    )
