"""Product whitespace: what an account's peers buy from us and it does not.

Assumptions:

1. An account buys a product when a deal for it was won in the 12 months to the
   as-of date.
2. Its peers are those of its Benchmark $: the 15 other active accounts nearest
   in size. With fewer than 5 of them nothing is said.
3. What many of its peers buy, an account like them can use too: selling to a
   customer is cheaper than winning a new one.

Source: peer comparison as in Zoltners, A. A., Sinha, P., Lorimer, S. E. (2004),
Sales Force Design for Strategic Advantage, ch. 6.
"""

from typing import Final

import numpy as np
import pandas as pd

from . import facts
from . import words as w
from .money import LEAST_PEERS, nearest_peers

PEERS_SHARE: Final = "Peers who buy it"
MEDIAN_SPEND: Final = "Their median spend"
TOLD: Final = 3
"""So many products are named in words; how many more there are is said."""


def purchases(accounts: pd.DataFrame, deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """What each account spent on each product in the 12 months to the as-of date.

    Args:
        accounts: one row per account (Account ID).
        deals: one row per deal (Account ID, Product, State, Close date, Amount).
        as_of: the day the data speaks for.

    Returns:
        One row per account, one column per product that anybody bought, the
        one with most revenue first; NaN where an account did not buy it.
        Deals without a product are left out; an amount that is missing is 0.
    """
    won = deals[
        (deals[w.STATE] == w.WON)
        & (deals[w.PRODUCT] != "")
        & facts.in_prior_year(deals[w.CLOSE_DATE], as_of)
        & deals[w.ACCOUNT_ID].isin(accounts[w.ACCOUNT_ID])
    ]
    spent = won.assign(amount=won[w.AMOUNT].fillna(0.0)).pivot_table(
        index=w.ACCOUNT_ID, columns=w.PRODUCT, values="amount", aggfunc="sum"
    )
    spent = spent.reindex(accounts[w.ACCOUNT_ID]).set_axis(accounts.index)
    totals = spent.sum().round(9)
    order = sorted(spent.columns, key=lambda product: (-totals[product], product))
    return spent[order].astype(float).round(9)


def whitespace(accounts: pd.DataFrame, deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Which products the peers of each account buy and it does not.

    Args:
        accounts: one row per account (Account ID, Status, Segment, Employees,
            Annual revenue, Prior-year sales).
        deals: one row per deal (Account ID, Product, State, Close date, Amount).
        as_of: the day the data speaks for.

    Returns:
        One row per account and product that it does not buy and a peer does:
        Account ID, Product, Peers who buy it (share, 0-1), Their median spend
        (money, of those who buy it). Accounts in their order, the product that
        most peers buy first, then by median spend, then A-Z.
    """
    spent = purchases(accounts, deals, as_of)
    products, values = spent.columns.to_numpy(), spent.to_numpy(float)
    parts = []
    for rows, peers in nearest_peers(accounts):
        share, median = _of_peers(values, peers)
        gap = np.isnan(values[rows]) & (share > 0)
        at, product = np.nonzero(gap)
        parts.append(
            pd.DataFrame(
                {
                    "row": rows[at],
                    w.ACCOUNT_ID: accounts[w.ACCOUNT_ID].to_numpy()[rows[at]],
                    w.PRODUCT: products[product],
                    PEERS_SHARE: share[gap].round(9),
                    MEDIAN_SPEND: median[gap].round(9),
                }
            )
        )
    columns = [w.ACCOUNT_ID, w.PRODUCT, PEERS_SHARE, MEDIAN_SPEND]
    if not parts:
        empty: dict[str, list[object]] = {name: [] for name in columns}
        return pd.DataFrame(empty).astype({PEERS_SHARE: float, MEDIAN_SPEND: float})
    found = pd.concat(parts).sort_values(
        ["row", PEERS_SHARE, MEDIAN_SPEND, w.PRODUCT], ascending=[True, False, False, True]
    )
    return found[columns].reset_index(drop=True)


def in_words(found: pd.DataFrame, account_ids: pd.Series) -> pd.Series:
    """What the peers of each account buy and it does not, as a plan tab says it.

    Args:
        found: as ``whitespace`` gives it.
        account_ids: of the accounts, once each.

    Returns:
        On the same index, such as "Suite (80% of its peers, median 41,000 a year); Plus (...)":
        the first three products, and how many more; "" where there are none. Money that
        nobody knows is left out.
    """
    columns = (
        found[name].tolist() for name in (w.ACCOUNT_ID, w.PRODUCT, PEERS_SHARE, MEDIAN_SPEND)
    )
    told: dict[str, list[str]] = {}
    more: dict[str, int] = {}
    for account, product, share, money in zip(*columns, strict=True):
        mine = told.setdefault(account, [])
        if len(mine) == TOLD:
            more[account] = more.get(account, 0) + 1
            continue
        spend = f", median {money:,.0f} a year" if money > 0 else ""
        mine.append(f"{product} ({share:.0%} of its peers{spend})")
    for account, count in more.items():
        told[account].append(f"and {count} more")
    texts = ["; ".join(told.get(account, ())) for account in account_ids]
    return pd.Series(texts, index=account_ids.index, name=w.WHITESPACE, dtype=str)


def _of_peers(values: np.ndarray, peers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per account and product: the share of its peers who buy it, and their median spend."""
    share = np.zeros((len(peers), values.shape[1]))
    median = np.full(share.shape, np.nan)
    count = (peers >= 0).sum(axis=1)
    told = count >= LEAST_PEERS
    for product in range(values.shape[1]):
        spent = np.where(peers >= 0, values[peers, product], np.nan)
        buyers = (~np.isnan(spent)).sum(axis=1)
        asked = told & (buyers > 0)
        share[asked, product] = buyers[asked] / count[asked]
        # NaN sorts last, so the middle of those who buy can be read off.
        ordered = np.sort(spent[asked], axis=1)
        at, bought = np.arange(len(ordered)), buyers[asked]
        median[asked, product] = (ordered[at, (bought - 1) // 2] + ordered[at, bought // 2]) / 2
    return share, median
