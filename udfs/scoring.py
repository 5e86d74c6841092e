"""Potential and likelihood of each account, and why.

Assumptions:

1. Each attribute gets a score of 0-100; an axis score is the weighted mean of
   its attributes' scores over those that have data (a weighted additive value
   model: Keeney and Raiffa, Decisions with Multiple Objectives, 1976).
2. Accounts are compared with their like: within all accounts, status (Active
   and the others apart), segment or book, one setting per axis.
3. An account with data for less than the least coverage of the weight is not
   scored: nothing is guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from . import words as w
from .errors import ModelInputError, SettingsError
from .segments import as_text

AXES: Final = (w.POTENTIAL, w.LIKELIHOOD)
METHODS: Final = ("percentile", "linear", "bands", "map")
COMPARE_WITHIN: Final = ("all", "status", "segment", "book")
Array = np.ndarray


@dataclass(frozen=True)
class Attribute:
    """A column that is scored, and how.

    Args:
        name: a column of the accounts.
        axis: "Potential" or "Likelihood".
        weight: 0-100; the weights of an axis total 100.
        method: "percentile" 100 (average rank - 0.5) / n; "linear" 0-100
            between the 5th and 95th percentile; "bands" by lower bounds;
            "map" a score per category.
        lower_is_better: turns the score s into 100 - s.
        scale: for "bands" lower bound -> score, for "map" category -> score.

    Raises:
        SettingsError: any of these is not what it should be.
    """

    name: str
    axis: str
    weight: float
    method: str = "percentile"
    lower_is_better: bool = False
    scale: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = f"Attributes, attribute {self.name}"
        if not self.name.strip():
            raise SettingsError("Attributes: an attribute has no name; name a column of Accounts.")
        if self.axis not in AXES:
            raise SettingsError(f"{where}: axis '{self.axis}' is unknown; use {' or '.join(AXES)}.")
        if self.method not in METHODS:
            raise SettingsError(
                f"{where}: method '{self.method}' is unknown; use one of: {', '.join(METHODS)}."
            )
        if not 0 <= self.weight <= 100:
            raise SettingsError(f"{where}: weight is {self.weight:g}; give a number from 0 to 100.")
        if self.method in ("bands", "map"):
            self._check_scale(where)

    def _check_scale(self, where: str) -> None:
        if not self.scale:
            raise SettingsError(
                f"{where}: method {self.method} needs a scale, such as 0=20; 100=50; 1000=90."
            )
        for key, score in self.scale.items():
            if not 0 <= score <= 100:
                raise SettingsError(f"{where}: '{key}' scores {score:g}; give 0 to 100.")
        if self.method == "bands":
            try:
                [float(key) for key in self.scale]
            except ValueError:
                raise SettingsError(f"{where}: the lower bounds of bands are numbers.") from None


def check_weights(attributes: Sequence[Attribute]) -> None:
    """Raises SettingsError where the weights of an axis do not total 100, or a name is twice."""
    names = [attribute.name for attribute in attributes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(
            f"Attributes: {', '.join(twice)} stands there twice; keep one row per attribute."
        )
    for axis in AXES:
        total = sum(a.weight for a in attributes if a.axis == axis)
        if not any(a.axis == axis for a in attributes):
            raise SettingsError(f"Attributes: {axis} has no attribute; give it at least one.")
        if abs(total - 100) > 1e-6:
            raise SettingsError(
                f"Attributes: the weights of {axis} total {total:g}; make them total 100."
            )


def percentile_scores(values: Array, groups: Array) -> Array:
    """100 x (average rank - 0.5) / n within each group.

    Args:
        values: (n,) numbers; NaN stays NaN and does not count.
        groups: (n,) integer codes from 0.

    Returns:
        (n,) scores between 0 and 100, the best value highest.
    """
    scores = np.full(len(values), np.nan)
    present = np.flatnonzero(~np.isnan(values))
    if len(present) == 0:
        return scores
    found, codes = values[present], groups[present]
    order = np.argsort(found)
    if codes.max() > 0:
        small = codes.astype(np.uint16) if codes.max() < 2**16 else codes
        order = order[np.argsort(small[order], kind="stable")]
    found, codes = found[order], codes[order]
    new_group = np.r_[True, codes[1:] != codes[:-1]]
    new_run = new_group | np.r_[True, found[1:] != found[:-1]]
    run_start = np.flatnonzero(new_run)
    run_length = np.diff(np.r_[run_start, len(found)])
    group_start = np.flatnonzero(new_group)
    group_length = np.diff(np.r_[group_start, len(found)])
    group_of_run = np.searchsorted(group_start, run_start, side="right") - 1
    middle = run_start - group_start[group_of_run] + run_length / 2
    of_run = np.round(100 * middle / group_length[group_of_run], 9)
    scores[present[order]] = np.repeat(of_run, run_length)
    return scores


def linear_scores(values: Array, groups: Array) -> Array:
    """0-100 between the 5th and the 95th percentile of each group, clipped; 50 where they meet.

    Args:
        values: (n,) numbers; NaN stays NaN and does not count.
        groups: (n,) integer codes from 0.
    """
    if len(values) == 0:
        return np.empty(0)
    frame = pd.DataFrame({"value": values, "group": groups})
    by_group = frame.groupby("group")["value"]
    low, high = (by_group.quantile(q).reindex(groups).to_numpy() for q in (0.05, 0.95))
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = 100 * (values - low) / (high - low)
    scores = np.where((high == low) & ~np.isnan(values), 50.0, scores)
    return np.round(np.clip(scores, 0, 100), 9)


def _band_scores(values: Array, scale: Mapping[str, float]) -> Array:
    bounds = sorted((float(bound), score) for bound, score in scale.items())
    lower = np.array([bound for bound, _ in bounds])
    score = np.array([0.0, *(s for _, s in bounds)])
    return np.where(np.isnan(values), np.nan, score[np.searchsorted(lower, values, side="right")])


def attribute_scores(values: pd.Series, attribute: Attribute, groups: Array) -> Array:
    """The score of one attribute for each account, 0-100.

    Args:
        values: the attribute per account.
        attribute: how it is scored.
        groups: (n,) integer codes: whom each account is compared with (not
            used by bands and map).

    Returns:
        (n,) scores; NaN where the value is missing, or a category has no score.

    Raises:
        ModelInputError: the values are text and the method needs numbers.
    """
    if attribute.method == "map":
        scale = {key.strip().casefold(): score for key, score in attribute.scale.items()}
        scores = as_text(values).map(scale).to_numpy(float)
    else:
        if not pd.api.types.is_numeric_dtype(values):
            raise ModelInputError(
                f"Attributes, attribute {attribute.name}: method {attribute.method} needs numbers "
                "and the column holds text; use method map."
            )
        numbers = values.to_numpy(float, na_value=np.nan)
        if attribute.method == "percentile":
            scores = percentile_scores(numbers, groups)
        elif attribute.method == "linear":
            scores = linear_scores(numbers, groups)
        else:
            scores = _band_scores(numbers, attribute.scale)
    return np.round(100 - scores, 9) if attribute.lower_is_better else scores


def comparison_groups(accounts: pd.DataFrame, within: str) -> Array:
    """Whom each account is compared with, as integer codes.

    Args:
        accounts: one row per account (Status, Segment, Owner).
        within: "all", "status" (Active and the others apart), "segment" or "book".

    Raises:
        SettingsError: any other word.
    """
    if within == "all":
        return np.zeros(len(accounts), dtype=np.int64)
    if within == "status":
        return (accounts[w.STATUS] != w.ACTIVE).to_numpy(np.int64)
    if within == "segment":
        return pd.factorize(accounts[w.SEGMENT])[0]
    if within == "book":
        return pd.factorize(accounts[w.OWNER])[0]
    raise SettingsError(f"Compare within is '{within}'; use one of: {', '.join(COMPARE_WITHIN)}.")


class Scores(NamedTuple):
    """What scoring gives, each aligned with the accounts.

    Attributes:
        attributes: (n, m) attribute scores, 0-100, NaN without data.
        contributions: (n, m) points: w s / sum(w) less the mean of that term
            over the scored accounts; they add up to the axis score less its
            mean. NaN where the account is not scored.
        coverage: (n,) share of weight with data, the smaller of the axes in use.
        potential: (n,) 0-100, NaN where not scored.
        likelihood: (n,) likewise.
        used: the attributes that have data anywhere, in order.
        averages: per attribute that mean, in points: what the average account has.
    """

    attributes: pd.DataFrame
    contributions: pd.DataFrame
    coverage: pd.Series
    potential: pd.Series
    likelihood: pd.Series
    used: tuple[Attribute, ...]
    averages: pd.Series


def score_accounts(
    accounts: pd.DataFrame,
    attributes: Sequence[Attribute],
    *,
    compare: Mapping[str, str],
    least_coverage: float = 0.5,
) -> Scores:
    """Potential and likelihood of each account.

    Args:
        accounts: one row per account, one column per attribute.
        attributes: what is scored. Those without data for any account, or
            without a column, are left out and the rest rescaled.
        compare: per axis, whom accounts are compared with (``COMPARE_WITHIN``).
        least_coverage: share of weight, 0-1; below it an account is not scored.

    Raises:
        SettingsError: weights of an axis do not total 100; an attribute twice.
        ModelInputError: an attribute cannot be scored.
    """
    check_weights(attributes)
    used = tuple(a for a in attributes if has_data(accounts, a))
    groups = {axis: comparison_groups(accounts, compare[axis]) for axis in AXES}
    columns = {a.name: attribute_scores(accounts[a.name], a, groups[a.axis]) for a in used}
    scores = pd.DataFrame(columns, index=accounts.index, dtype=float)
    found = {axis: axis_score(scores, [a for a in used if a.axis == axis]) for axis in AXES}
    coverage = least_axis_coverage(
        [found[axis].coverage for axis in AXES if any(a.axis == axis for a in used)],
        accounts.index,
    )
    scored = coverage >= least_coverage
    contributions = pd.concat([found[axis].terms for axis in AXES], axis=1)[list(columns)]
    contributions = contributions.where(scored)
    averages = contributions.mean()
    contributions = (contributions - averages).round(9)
    return Scores(
        attributes=scores,
        contributions=contributions,
        coverage=coverage.rename(w.COVERAGE),
        potential=found[w.POTENTIAL].score.where(scored).rename(w.POTENTIAL),
        likelihood=found[w.LIKELIHOOD].score.where(scored).rename(w.LIKELIHOOD),
        used=used,
        averages=averages.round(9),
    )


def has_data(accounts: pd.DataFrame, attribute: Attribute) -> bool:
    """Whether any account has a value of the attribute."""
    if attribute.name not in accounts:
        return False
    values = accounts[attribute.name]
    if pd.api.types.is_numeric_dtype(values):
        return bool(values.notna().any())
    return bool((as_text(values) != "").any())


def least_axis_coverage(coverages: Sequence[pd.Series], index: pd.Index) -> pd.Series:
    """The smaller coverage of the axes that have data for any account, 0-1; 0 with none.

    An axis on which the whole export is silent is left out, like an attribute:
    the accounts are then ranked by the other axis alone.

    Args:
        coverages: one per axis that has data.
        index: of the accounts.
    """
    if not coverages:
        return pd.Series(0.0, index=index)
    return pd.concat(coverages, axis=1).min(axis=1)


class AxisScore(NamedTuple):
    """One axis: score (0-100, NaN without data), coverage (0-1), terms w s / sum(w)."""

    score: pd.Series
    coverage: pd.Series
    terms: pd.DataFrame


def axis_score(scores: pd.DataFrame, attributes: Sequence[Attribute]) -> AxisScore:
    """The weighted mean of attribute scores over those that have data.

    Args:
        scores: (n, m) attribute scores, 0-100; NaN is no data.
        attributes: those of the axis; with none, nothing is scored.
    """
    names = [a.name for a in attributes]
    weights = np.array([a.weight for a in attributes], dtype=float)
    values = scores[names].to_numpy(float)
    present = ~np.isnan(values)
    weight = present @ weights if names else np.zeros(len(scores))
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.where(present, values, 0.0) * weights / weight[:, None]
        coverage = weight / weights.sum() if weights.sum() > 0 else np.zeros(len(scores))
    score = np.where(weight > 0, terms.sum(axis=1), np.nan)
    return AxisScore(
        pd.Series(np.round(score, 9), index=scores.index),
        pd.Series(np.round(coverage, 9), index=scores.index),
        pd.DataFrame(terms, index=scores.index, columns=names),
    )


def combined_score(potential: pd.Series, likelihood: pd.Series, share: float = 0.5) -> pd.Series:
    """One number to sort by: share x potential + (1 - share) x likelihood, 0-100.

    Args:
        potential: 0-100; where it is missing, likelihood alone counts.
        likelihood: 0-100, likewise; where both are missing, so is the result.
        share: the weight of potential, 0-1.
    """
    both = share * potential + (1 - share) * likelihood
    return both.fillna(potential).fillna(likelihood).round(9)


def ranks(
    groups: pd.Series, score: pd.Series, expected: pd.Series, account_ids: pd.Series
) -> pd.Series:
    """The place of each account in its group: best score first.

    Args:
        groups: the book or segment of each account.
        score: 0-100; accounts without score have no rank.
        expected: money; breaks ties, larger first, blank last.
        account_ids: unique; breaks what ties are left, A-Z.

    Returns:
        1 for the best of each group; NaN without score.
    """
    frame = pd.DataFrame(
        {"group": groups, "score": score, "expected": expected, "id": account_ids}
    ).dropna(subset="score")
    frame = frame.sort_values(
        ["score", "expected", "id"], ascending=[False, False, True], na_position="last"
    )
    return (frame.groupby("group").cumcount() + 1.0).reindex(score.index)


def why(scores: Scores) -> pd.Series:
    """The two attributes that lift an account most and the one that drags most, in words.

    Args:
        scores: what ``score_accounts`` gave.

    Returns:
        One sentence per account. Attributes without data are not named as
        lifting or dragging; an account that is not scored says what is missing.
    """
    names = np.array([a.name for a in scores.used], dtype=object)
    index = scores.coverage.index
    if len(names) == 0:
        return pd.Series("Not enough data: no attribute has values.", index=index)
    points = scores.contributions[list(names)].to_numpy(float)
    points = np.where(np.isnan(scores.attributes[list(names)].to_numpy(float)), np.nan, points)
    order = np.argsort(-np.nan_to_num(points, nan=0.0), axis=1, kind="stable")
    rows = np.arange(len(points))

    def named(position: int, sign: int) -> Array:
        column = order[:, position]
        value = np.nan_to_num(points[rows, column], nan=0.0)
        told = np.array([f" ({v:+.1f})" for v in value], dtype=object)
        return np.where(sign * value >= 0.05, names[column] + told, "")

    first = named(0, 1)
    second = named(1, 1) if len(names) > 1 else np.full(len(points), "", dtype=object)
    drag = named(-1, -1)
    lifts = first + np.where((first != "") & (second != ""), " and ", "") + second
    lifts = np.where(lifts != "", "Lifted by " + lifts, "")
    drags = np.where(drag != "", "held back by " + drag, "")
    both = np.where((lifts != "") & (drags != ""), "; ", "")
    drags = np.where((lifts == "") & (drags != ""), "Held back by " + drag, drags)
    text = lifts + both + drags
    text = np.where(text == "", "Average on every attribute", text)
    unscored = scores.potential.isna() & scores.likelihood.isna()
    return pd.Series(text, index=index).where(~unscored, _missing(scores)).astype(str)


def _missing(scores: Scores) -> pd.Series:
    known = {attribute.axis for attribute in scores.used}
    empty = "".join(f", data for {axis}" for axis in AXES if axis not in known)
    text = pd.Series(empty, index=scores.coverage.index)
    for attribute in scores.used:
        blank = scores.attributes[attribute.name].isna()
        text = text.where(~blank, text + ", " + attribute.name)
    return "Not enough data: no " + text.str.slice(2)
