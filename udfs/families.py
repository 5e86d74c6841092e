"""Families: accounts that belong together, and what they bring together.

Assumptions:

1. An account belongs to the parent that the export names; parents are followed
   upwards to the head of the family.
2. Names are compared without regard to capitals and spaces. An account that
   names itself has no parent.
3. A parent that is not among the accounts heads its family all the same: its
   subsidiaries belong together.
4. Parents that form a circle are one family; its head is the account that
   comes first by Account ID.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from . import words as w

SUMMED: Final[Mapping[str, str]] = {
    w.FAMILY_SALES: w.PRIOR_YEAR_SALES,
    w.FAMILY_PIPELINE: w.OPEN_PIPELINE,
    w.FAMILY_POTENTIAL: w.POTENTIAL_MONEY,
    w.FAMILY_EXPECTED: w.EXPECTED_MONEY,
}
"""A family's total -> the column of its members that adds up to it."""


def family_heads(accounts: pd.DataFrame) -> pd.Series:
    """The family of each account: the name of its head.

    Args:
        accounts: one row per account (Account ID, Account, Parent). A name that
            two accounts share is nobody's: as a parent it stands outside.

    Returns:
        The head's name, spelled as its account (an outside parent as the
        account first by Account ID spells it); "" for an account with neither
        parent nor subsidiaries.
    """
    parents = accounts[w.PARENT].fillna("").astype(str).tolist()
    if not any(parent.strip() for parent in parents):
        return pd.Series("", index=accounts.index, name=w.FAMILY, dtype=str)
    order = np.argsort(accounts[w.ACCOUNT_ID].to_numpy(str), kind="stable").tolist()
    places = {row: place for place, row in enumerate(order)}
    names = accounts[w.ACCOUNT].astype(str).tolist()
    up, outside = _links(names, parents, order)
    tops = _tops(up, places)
    related = set(up) | set(up.values())
    found = [
        "" if row not in related else _name(tops.get(row, row), names, outside)
        for row in range(len(names))
    ]
    return pd.Series(found, index=accounts.index, name=w.FAMILY, dtype=str)


def _links(
    names: Sequence[str], parents: Sequence[str], order: Sequence[int]
) -> tuple[dict[int, int], list[str]]:
    """Row -> row of its parent; parents who are no account have rows of their own from -1 down."""
    keys = [_key(name) for name in names]
    row_of: dict[str, int | None] = {}
    for row, key in enumerate(keys):
        row_of[key] = None if key in row_of else row
    strangers: dict[str, int] = {}
    outside: list[str] = []
    up = {}
    for row in order:
        key = _key(parents[row])
        if not key or key == keys[row]:
            continue
        known = row_of.get(key)
        if known is None:
            if key not in strangers:
                outside.append(" ".join(parents[row].split()))
                strangers[key] = -len(outside)
            known = strangers[key]
        up[row] = known
    return up, outside


def _tops(up: Mapping[int, int], places: Mapping[int, int]) -> dict[int, int]:
    """The head above each row that has a parent; each link is followed once."""
    tops: dict[int, int] = {}
    for start in up:
        way: list[int] = []
        seen: set[int] = set()
        at = start
        while at in up and at not in tops and at not in seen:
            way.append(at)
            seen.add(at)
            at = up[at]
        if at in seen:
            circle = way[way.index(at) :]
            top = min(circle, key=places.__getitem__)
        else:
            top = tops.get(at, at)
        tops |= dict.fromkeys(way, top)
    return tops


def _name(top: int, names: Sequence[str], outside: Sequence[str]) -> str:
    return names[top] if top >= 0 else outside[-top - 1]


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def family_totals(accounts: pd.DataFrame, family: pd.Series) -> pd.DataFrame:
    """What the family of each account brings together.

    Args:
        accounts: one row per account (Prior-year sales, Open pipeline,
            Potential $, Expected $; missing ones count nothing).
        family: of each account, "" for none.

    Returns:
        Family accounts, Family prior-year sales, Family open pipeline, Family
        Potential $, Family Expected $, aligned with ``accounts``; NaN where
        there is no family.
    """
    ours = family != ""
    columns = {total: accounts[column].fillna(0.0) for total, column in SUMMED.items()}
    frame = pd.DataFrame({w.FAMILY_ACCOUNTS: 1.0, **columns}, index=accounts.index)
    return frame.groupby(family).transform("sum").round(9).where(ours)


__all__ = ["SUMMED", "family_heads", "family_totals"]
