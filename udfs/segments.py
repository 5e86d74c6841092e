"""Which segment is this account in, and what is the segment for?

A segment is a named group of accounts made by rules on attributes. All rules
of one set must hold; a segment with several sets needs one of them; the first
segment that matches wins; what matches none is in "Other". A rule on a blank
value does not hold (but "is blank" does).

Source: the practice of rule-based tiering, e.g. Zoltners, A. A., Sinha, P.,
Lorimer, S. E. (2009), Building a Winning Sales Force, chapter 5.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from . import words as w
from .errors import ModelInputError, SettingsError

Mask = np.ndarray


def _numbers(values: pd.Series, text: str, what: str) -> tuple[pd.Series, list[float]]:
    if not pd.api.types.is_numeric_dtype(values):
        raise ModelInputError(f"{what}: the column holds no numbers; use is, is not or contains.")
    try:
        bounds = [float(part) for part in text.split(";")]
    except ValueError:
        raise ModelInputError(f"{what}: '{text}' is not a number.") from None
    return values, bounds


def as_text(values: pd.Series) -> pd.Series:
    """Values as a person types them, without regard to case: 12.0 is "12", a missing one ""."""
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda x: "" if pd.isna(x) else f"{x:.15g}").astype(str)
    return values.astype(str).where(values.notna(), "").str.strip().str.casefold()


def _is_one_of(values: pd.Series, text: str, what: str) -> Mask:
    wanted = [part.strip().casefold() for part in text.split(";") if part.strip()]
    return as_text(values).isin(wanted).to_numpy()


def _contains(values: pd.Series, text: str, what: str) -> Mask:
    return as_text(values).str.contains(text.strip().casefold(), regex=False).to_numpy(bool)


def _compare(test: Callable[[pd.Series, float], pd.Series]) -> Callable[..., Mask]:
    def apply(values: pd.Series, text: str, what: str) -> Mask:
        numbers, bounds = _numbers(values, text, what)
        if len(bounds) != 1:
            raise ModelInputError(f"{what}: give one number, not '{text}'.")
        return test(numbers, bounds[0]).to_numpy(bool)

    return apply


def _between(values: pd.Series, text: str, what: str) -> Mask:
    numbers, bounds = _numbers(values, text, what)
    if len(bounds) != 2:
        raise ModelInputError(f"{what}: between needs two numbers, such as 100; 999.")
    return numbers.between(bounds[0], bounds[1]).to_numpy(bool)


def _share(values: pd.Series, text: str, what: str, *, top: bool) -> Mask:
    numbers, bounds = _numbers(values, text, what)
    if not 0 < bounds[0] <= 100:
        raise ModelInputError(f"{what}: give a percentage above 0, up to 100.")
    if numbers.notna().sum() == 0:
        return np.zeros(len(numbers), dtype=bool)
    cut = _percentile(numbers.dropna().to_numpy(float), 100 - bounds[0] if top else bounds[0])
    return (numbers >= cut if top else numbers <= cut).to_numpy(bool)


def _percentile(values: np.ndarray, percent: float) -> float:
    """The linear percentile; where it falls on one of the values, exactly that value.

    numpy's misses the value by floating point noise (the 7th of 0, 1, ... 100 is above 7).
    """
    ordered = np.sort(values)
    place = round((len(ordered) - 1) * percent / 100, 9)
    low = int(place)
    above = ordered[min(low + 1, len(ordered) - 1)]
    return float(ordered[low] + (above - ordered[low]) * (place - low))


def _is_blank(values: pd.Series, text: str, what: str) -> Mask:
    return (values.isna() | (as_text(values) == "")).to_numpy(bool)


OPERATORS: Final[dict[str, Callable[..., Mask]]] = {
    "is": _is_one_of,
    "is not": lambda v, t, what: ~_is_one_of(v, t, what) & ~_is_blank(v, t, what),
    "contains": _contains,
    ">": _compare(lambda v, bound: v > bound),
    ">=": _compare(lambda v, bound: v >= bound),
    "<": _compare(lambda v, bound: v < bound),
    "<=": _compare(lambda v, bound: v <= bound),
    "between": _between,
    "top %": lambda v, t, what: _share(v, t, what, top=True),
    "bottom %": lambda v, t, what: _share(v, t, what, top=False),
    "is blank": _is_blank,
    "is filled": lambda v, t, what: ~_is_blank(v, t, what),
}
NO_VALUE: Final = ("is blank", "is filled")


@dataclass(frozen=True)
class Rule:
    """One condition on one attribute.

    Args:
        attribute: a column of the accounts.
        operator: one of ``OPERATORS``.
        value: what to compare with, as text; several texts for "is", and the
            two bounds of "between", stand apart by ``;``.

    Raises:
        SettingsError: an unknown operator, or a value missing.
    """

    attribute: str
    operator: str
    value: str = ""

    def __post_init__(self) -> None:
        if not self.attribute:
            raise SettingsError("SegmentRules: a rule has no attribute; name a column of Accounts.")
        if self.operator not in OPERATORS:
            raise SettingsError(
                f"SegmentRules, attribute {self.attribute}: '{self.operator}' is not an operator; "
                f"use one of: {', '.join(OPERATORS)}."
            )
        if self.operator not in NO_VALUE and not self.value.strip():
            raise SettingsError(
                f"SegmentRules, attribute {self.attribute}: '{self.operator}' needs a value."
            )


@dataclass(frozen=True)
class Segment:
    """A named group of accounts and the action it is for.

    Args:
        name: what to call it.
        action: what it is for: what the team does with these accounts.
        rule_sets: alternatives; within one, every rule must hold. An empty
            one matches every account.

    Raises:
        SettingsError: no name, no action, or no rule.
    """

    name: str
    action: str
    rule_sets: tuple[tuple[Rule, ...], ...]

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise SettingsError("Segments: a segment has no name; type one, or clear the row.")
        if not self.action.strip():
            raise SettingsError(
                f"Segments, segment {self.name}: it has no action; say what the team does with it."
            )
        if not self.rule_sets:
            raise SettingsError(
                f"Segments, segment {self.name}: it has no rule; add one to SegmentRules."
            )


def assign_segments(accounts: pd.DataFrame, segments: Sequence[Segment]) -> pd.Series:
    """Which segment each account is in.

    Args:
        accounts: one row per account, one column per attribute.
        segments: in order; the first that matches wins.

    Returns:
        Segment name per account ("Other" where none matches).

    Raises:
        ModelInputError: a rule names a column that is not there, or compares
            text with a number.
    """
    names = np.full(len(accounts), w.OTHER_SEGMENT, dtype=object)
    free = np.ones(len(accounts), dtype=bool)
    for segment in segments:
        matches = np.zeros(len(accounts), dtype=bool)
        for rule_set in segment.rule_sets:
            holds = np.ones(len(accounts), dtype=bool)
            for rule in rule_set:
                holds &= _holds(accounts, rule, segment.name)
            matches |= holds
        names[free & matches] = segment.name
        free &= ~matches
    return pd.Series(names, index=accounts.index, name=w.SEGMENT).astype(str)


def _holds(accounts: pd.DataFrame, rule: Rule, segment: str) -> Mask:
    what = f"SegmentRules, segment {segment}, attribute {rule.attribute}"
    if rule.attribute not in accounts.columns:
        raise ModelInputError(
            f"{what}: the accounts have no such column; they have: {', '.join(accounts.columns)}."
        )
    return OPERATORS[rule.operator](accounts[rule.attribute], rule.value, what)
