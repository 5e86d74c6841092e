"""Few accounts: what parts is each made of, and does the money still count once?

Assumptions:

1. A book of few accounts is too coarse for a grid, so its accounts are split:
   into those who hold their budgets, or into what could be sold there.
2. An open deal that is not stale is one part: what it is worth is the deal's
   amount. Its Likelihood is the mean of the account's Likelihood and of the win
   rate of its product, in percent, shrunk as that of accounts; where one of the
   two is not known the other stands alone.
3. High potential begins at the median of the splits, as that of accounts begins
   at the median of the accounts, unless a person says otherwise: parts are
   smaller than wholes, and by the cut of wholes all of them would be small.
4. The money of an account counts once: by its splits where it has some, and by
   the account itself where it has none. Splits that add up to more than their
   account can give are told, and never made smaller.

The sheet Splits does the same with native formulas while one types.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from . import words as w
from .facts import shrinkage, win_rate
from .table_cells import cell_number, cell_text

SPLIT: Final = "Split"
KIND: Final = "Kind"
NOTE: Final = "Note"
BUDGET_HOLDER: Final = "Budget holder"
OPPORTUNITY: Final = "Opportunity"
KINDS: Final = (BUDGET_HOLDER, OPPORTUNITY)
CLOSED_DEALS: Final = "Closed deals"

# What the column Check says.
OK: Final = "ok"
OFF: Final = "withdrawn"
NOBODY: Final = "no account"
NO_ACCOUNT: Final = "no such account"
NO_MONEY: Final = f"no {w.POTENTIAL_MONEY}"
NO_CHANCE: Final = "Likelihood is not 0-100"
TWICE: Final = "the same split twice"
CLOSED: Final = "its deal is closed"
UNKNOWN: Final = f"account has no {w.POTENTIAL_MONEY}"
TOO_MUCH: Final = f"more than the account's {w.POTENTIAL_MONEY}"

# Columns of ``per_split`` and ``judged``.
ROW: Final = "Row"
COUNTS_FOR: Final = "Counts for"
CHECK: Final = "Check"
MOST: Final = "Account can give"
TOGETHER: Final = "Its splits"
LEFT: Final = "Left of it"
FIRST: Final = "First"


def product_rates(deals: pd.DataFrame, base: float) -> pd.DataFrame:
    """How often deals of each product are won.

    Args:
        deals: one row per deal: Product ("" for none) and State.
        base: the win rate of all closed deals (0-1), which small products are
            shrunk towards; NaN where there is no history.

    Returns:
        Index product; Win rate (0-1, shrunk) and Closed deals. No rows without
        history.
    """
    closed = deals[deals[w.STATE].isin((w.WON, w.LOST)) & (deals[w.PRODUCT] != "")]
    if closed.empty or np.isnan(base):
        return no_rates()
    won = (closed[w.STATE] == w.WON).groupby(closed[w.PRODUCT]).agg(["sum", "size"])
    wins, losses = won["sum"].astype(float), (won["size"] - won["sum"]).astype(float)
    rates = win_rate(wins, losses, base, shrinkage(wins, losses))
    return pd.DataFrame({w.WIN_RATE: rates, CLOSED_DEALS: won["size"].astype(float)})


def no_rates() -> pd.DataFrame:
    """Rates of no product at all."""
    return pd.DataFrame({w.WIN_RATE: [], CLOSED_DEALS: []}, dtype=float)


def from_deals(accounts: pd.DataFrame, deals: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """One split per open deal that is not stale, account by account, the largest first.

    A deal below 0 takes money back: it is no part of what an account can give.

    Args:
        accounts: that are to be split, in their order: Account ID, Account and
            Likelihood (0-100, NaN: not scored).
        deals: Deal ID, Account ID, Product, Stage, State, Stale, Estimated, Amount.
        rates: of the products, as ``product_rates`` gives them.

    Returns:
        Account, Split (the product, with the deal's ID where the account has
        several of it), Kind, Potential $ (money), Likelihood (0-100, NaN where
        nothing is known), Note and Deal ID.
    """
    open_ones = deals[(deals[w.STATE] == w.OPEN) & ~deals[w.STALE].astype(bool)]
    open_ones = open_ones[~(open_ones[w.AMOUNT] < 0)]
    known = accounts.drop_duplicates(w.ACCOUNT_ID).set_index(w.ACCOUNT_ID)
    place = pd.Series(range(len(known)), index=known.index)
    mine = open_ones[open_ones[w.ACCOUNT_ID].isin(known.index)]
    mine = mine.assign(place=mine[w.ACCOUNT_ID].map(place)).sort_values(
        ["place", w.AMOUNT, w.DEAL_ID], ascending=[True, False, True]
    )
    account = mine[w.ACCOUNT_ID].map(known[w.LIKELIHOOD]).astype(float)
    product = 100 * mine[w.PRODUCT].map(rates[w.WIN_RATE]).astype(float)
    several = mine.duplicated([w.ACCOUNT_ID, w.PRODUCT], keep=False)
    named = mine[w.PRODUCT].where(~several, mine[w.PRODUCT] + ", deal " + mine[w.DEAL_ID])
    found = pd.DataFrame(
        {
            w.ACCOUNT: mine[w.ACCOUNT_ID].map(known[w.ACCOUNT]),
            SPLIT: named.where(mine[w.PRODUCT] != "", "Deal " + mine[w.DEAL_ID]),
            KIND: OPPORTUNITY,
            w.POTENTIAL_MONEY: mine[w.AMOUNT].astype(float),
            w.LIKELIHOOD: pd.concat([account, product], axis=1).mean(axis=1).round(9),
            NOTE: [
                _note(*cells)
                for cells in zip(
                    mine[w.STAGE],
                    account,
                    product,
                    mine[w.PRODUCT].map(rates[CLOSED_DEALS]),
                    mine[w.ESTIMATED].astype(bool),
                    strict=True,
                )
            ],
            w.DEAL_ID: mine[w.DEAL_ID],
        }
    )
    return found.reset_index(drop=True)


def _note(stage: str, account: float, product: float, closed: float, estimated: bool) -> str:
    """Where the numbers of a split come from."""
    parts = []
    if not np.isnan(account):
        parts.append(f"account {account:.0f}")
    if not np.isnan(product):
        parts.append(f"product {product:.0f} % ({closed:,.0f} deals)")
    told = ("mean of " if len(parts) == 2 else "") + ", ".join(parts)
    lines = [stage, told, "amount estimated" if estimated else ""]
    return "; ".join(line for line in lines if line)


def money_cut(money: pd.Series, typed: float | None = None) -> float:
    """Where high potential begins among splits: what a person typed, else the median.

    Args:
        money: Potential $ of the splits that count; NaN is left out.
        typed: money; None for nothing typed.

    Returns:
        Money; NaN where there is nothing to go by.
    """
    if typed is not None:
        return typed
    return round(float(money.median()), 9) if money.notna().any() else np.nan


def per_split(places: pd.Series, money: pd.Series, potential: "pd.Series[float]") -> pd.DataFrame:
    """What each split's account can give, and what is left of it.

    Args:
        places: of each split the account's place in ``potential``; NaN for a
            split that does not count.
        money: Potential $ of each split; NaN counts as nothing.
        potential: Potential $ of the accounts, by place; NaN: not known.

    Returns:
        One row per split: Account can give; Its splits (what all splits of the
        account add up to); Left of it (less than 0: they are too much); First
        (whether it is the account's first split). NaN where it does not count.
    """
    total = money.fillna(0.0).groupby(places).sum()
    most, together = places.map(potential), places.map(total)
    return pd.DataFrame(
        {
            MOST: most,
            TOGETHER: together,
            LEFT: (most - together).round(6),
            FIRST: (~places.duplicated() & places.notna()).astype(float).where(places.notna()),
        }
    )


def judged(
    rows: pd.DataFrame,
    accounts: pd.Series,
    potential: pd.Series,
    states: Mapping[str, str],
    left: Collection[str] = (),
) -> pd.DataFrame:
    """Which splits count, for which account, and what is wrong with each.

    Args:
        rows: one per split, cells as they are: Account, Split, Potential $,
            Likelihood, Deal ID, and State where it has one. Blank ones are None,
            NaN or "".
        accounts: the names of the accounts.
        potential: Potential $ of each account (money, NaN: not known).
        states: of each deal, by its ID.
        left: accounts that the export no longer has, in small letters.

    Returns:
        As ``per_split``, and Row (the account's place from 1), Counts for (the
        same where the split counts) and Check (the first thing that is wrong, in
        words, else "ok"; "" for a row in which nothing is typed).
    """
    places = pd.Series(range(1, len(accounts) + 1), index=accounts.astype(str), dtype=float)
    exact, folded = _firsts(places, str), _firsts(places, str.casefold)
    names = [cell_text(cell) for cell in rows[w.ACCOUNT]]
    row = pd.Series(
        [exact.get(name, folded.get(name.casefold(), np.nan)) for name in names],
        index=rows.index,
        dtype=float,
    )
    money, chance = _numbers(rows[w.POTENTIAL_MONEY]), _numbers(rows[w.LIKELIHOOD])
    empty = pd.Series([""] * len(rows), index=rows.index)
    state = rows.get(w.STATE, empty)
    off = pd.Series(
        [cell_text(cell).casefold() == OFF for cell in state], index=rows.index, dtype=bool
    )
    parts = row.where((money >= 0) & ~off)
    worth = pd.Series(potential.to_numpy(float), index=range(1, len(potential) + 1))
    found = per_split(parts, money, worth)
    splits = [cell_text(cell) for cell in rows[SPLIT]]
    stands = Counter(
        pair for pair, gone in zip(zip(names, splits, strict=True), off, strict=True) if not gone
    )
    words = []
    for at, (name, split, deal) in enumerate(zip(names, splits, rows[w.DEAL_ID], strict=True)):
        closed = states.get(cell_text(deal), w.OPEN)
        most, together = found[MOST].iloc[at], found[TOGETHER].iloc[at]
        typed = name or split or cell_text(rows[w.POTENTIAL_MONEY].iloc[at])
        tests = (
            (not (typed or cell_text(rows[w.LIKELIHOOD].iloc[at])), ""),
            (off.iloc[at], OFF),
            (not name, NOBODY),
            (np.isnan(row.iloc[at]) and name.casefold() in left, w.LEFT_EXPORT),
            (np.isnan(row.iloc[at]), NO_ACCOUNT),
            (np.isnan(parts.iloc[at]), NO_MONEY),
            (not 0 <= chance.iloc[at] <= 100, NO_CHANCE),
            (split and stands[name, split] > 1, TWICE),
            (closed != w.OPEN, f"{CLOSED}: {closed}"),
            (np.isnan(most), UNKNOWN),
            (round(together - most, 6) > 0, f"{TOO_MUCH}: {_money(together)} of {_money(most)}"),
        )
        words.append(next((word for test, word in tests if test), OK))
    return found.assign(**{ROW: row, COUNTS_FOR: parts}).assign(**{CHECK: words})


def _firsts(places: "pd.Series[float]", spell: Callable[[str], str]) -> dict[str, float]:
    """Where each name stands first."""
    found: dict[str, float] = {}
    for name, place in zip(places.index, places, strict=True):
        found.setdefault(spell(str(name)), place)
    return found


def _numbers(cells: pd.Series) -> "pd.Series[float]":
    """Cells as numbers; NaN for what is none."""
    return pd.Series([cell_number(cell) for cell in cells], index=cells.index, dtype=float)


def _money(value: float) -> str:
    """Whole money, halves away from 0, as the sheet shows it."""
    return "" if np.isnan(value) else f"{np.floor(value + 0.5):,.0f}"


@dataclass(frozen=True)
class Money:
    """The Potential $ of a book, counted once.

    ``splits + left + whole - beyond - unknown`` is ``accounts``.

    Attributes:
        splits: what all splits add up to.
        left: of accounts that are split, what no split holds.
        whole: of accounts that are not split.
        beyond: what splits add up to beyond what their account can give.
        unknown: splits of accounts whose Potential $ is not known.
        accounts: Potential $ of all accounts.
    """

    splits: float
    left: float
    whole: float
    beyond: float
    unknown: float
    accounts: float


def counted_once(places: pd.Series, money: pd.Series, potential: pd.Series) -> Money:
    """The money of a book by its splits, each account counted once; as ``per_split``."""
    found = per_split(places, money, potential)
    stand, first = places.notna(), found[FIRST] == 1
    gaps = found.loc[first, LEFT]
    whole = ~potential.index.isin(places.dropna())
    return Money(
        splits=float(money[stand].sum()),
        left=float(gaps[gaps > 0].sum()),
        whole=float(potential[whole].sum()),
        beyond=float(-gaps[gaps < 0].sum()),
        unknown=float(money[stand & found[MOST].isna()].sum()),
        accounts=float(potential.sum()),
    )
