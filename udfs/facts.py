"""What the deals say of each account: status, owner, sales, pipeline, wins.

Assumptions:

1. "The 12 months to the as-of date" is the open-closed interval
   (as-of - 1 year, as-of].
2. An account's own columns in the export (prior-year sales, wins, ...) win
   over what the deals say, cell by cell: finance knows better than the CRM.
3. An open deal is stale when it is open longer than any deal ever took to win.
4. Win rates are shrunk towards the win rate of all closed deals by a
   beta-binomial model whose strength comes from the method of moments.

References:
    Kleinman, J. C. (1973). Proportions with extraneous variance: single and
    independent samples. Journal of the American Statistical Association
    68(341), 46-54. (Moment estimator of the beta-binomial.)
    Efron, B., Morris, C. (1977). Stein's paradox in statistics. Scientific
    American 236(5), 119-127. (Why shrink at all.)
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from . import words as w
from .errors import ModelInputError

DAYS_PER_YEAR: Final = 365.25
STALE_WITHOUT_HISTORY: Final = 180
BASE_WIN_RATE_WITHOUT_HISTORY: Final = 0.30
RETENTION_WITHOUT_HISTORY: Final = 0.90
SHRINKAGE_WITHOUT_HISTORY: Final = 10.0
LEAST_ACCOUNTS: Final = 10
LEAST_CLOSED_DEALS: Final = 5


@dataclass(frozen=True)
class Assumed:
    """A number of the model and where it comes from.

    Args:
        value: the number.
        source: how it was found, in words a sheet can show.
        assumed: whether there was no history to find it from.
    """

    value: float
    source: str
    assumed: bool


def as_known_at(deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Which deals were known on a day, in the state they had then.

    Args:
        deals: one row per deal (Opened, Close date, State, Stage, Amount).
        as_of: the day.

    Returns:
        A new frame. All deals as they are, where none was opened or closed
        after the day. Else deals opened later are left out, and those that no
        date places on or before the day; deals not closed by then are open
        again, and what their end brought is blank: close date, amount, stage.
        Deals open to this day keep what the export says of them now.
    """
    ended = deals[w.CLOSE_DATE].where(deals[w.STATE] != w.OPEN)
    if not pd.concat([deals[w.OPENED], ended]).max() > as_of:
        return deals.reset_index(drop=True)
    opened = deals[w.OPENED] <= as_of
    known = deals[opened | (deals[w.OPENED].isna() & (ended <= as_of))].copy()
    later = (known[w.STATE] != w.OPEN) & ~(known[w.CLOSE_DATE] <= as_of)
    known.loc[later, [w.STATE, w.STAGE]] = w.OPEN
    known.loc[later, w.CLOSE_DATE] = pd.NaT
    known.loc[later, w.AMOUNT] = np.nan
    return known.reset_index(drop=True)


def stale_after(deals: pd.DataFrame, setting: float | None = None) -> Assumed:
    """After how many days an open deal is stale.

    Args:
        deals: one row per deal (State, Opened, Close date).
        setting: days; ``None`` takes the longest time a won deal took, else 180.

    Raises:
        ModelInputError: the setting is negative.
    """
    if setting is not None:
        if setting < 0:
            raise ModelInputError(
                f"Stale after is {setting:g} days; give 0 or more, or leave it blank."
            )
        return Assumed(float(setting), "setting", False)
    won = deals[deals[w.STATE] == w.WON]
    longest = (won[w.CLOSE_DATE] - won[w.OPENED]).dt.days.max()
    if pd.isna(longest):
        return Assumed(float(STALE_WITHOUT_HISTORY), "assumed: no won deal has both dates", True)
    return Assumed(float(max(longest, 0)), "the longest time a won deal took", False)


def deal_facts(deals: pd.DataFrame, as_of: pd.Timestamp, stale_after_days: float) -> pd.DataFrame:
    """How old each deal is, whether it is stale, and what it is worth.

    Args:
        deals: one row per deal, as imported.
        as_of: the day the data speaks for.
        stale_after_days: open deals older than this are stale.

    Returns:
        The deals with Age (days, NaN without an opening date), Stale (never
        for a deal without an opening date), and Amount filled for open deals
        that have none (Estimated): the average won amount of the product, else
        of all products, else left blank.
    """
    out = deals.copy()
    is_open = (out[w.STATE] == w.OPEN).to_numpy()
    until = out[w.CLOSE_DATE].where(~is_open, as_of)
    out[w.AGE] = (until - out[w.OPENED]).dt.days.astype(float)
    out[w.STALE] = is_open & (out[w.AGE] > stale_after_days).to_numpy()
    won = out[out[w.STATE] == w.WON]
    by_product = out[w.PRODUCT].map(won.groupby(w.PRODUCT)[w.AMOUNT].mean())
    by_product = by_product.where(out[w.PRODUCT] != "")
    estimate = by_product.fillna(won[w.AMOUNT].mean())
    out[w.ESTIMATED] = is_open & out[w.AMOUNT].isna().to_numpy() & estimate.notna().to_numpy()
    out[w.AMOUNT] = np.round(out[w.AMOUNT].where(~out[w.ESTIMATED], estimate).astype(float), 9)
    return out


def owners(accounts: pd.DataFrame, deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Who owns each account.

    The export's owner; else the rep with the most won revenue at the account
    in the 12 months to the as-of date (ties: latest close, then name A-Z);
    else the rep with the most open deals there (ties: latest opened, then name
    A-Z); else "Unassigned".

    Args:
        accounts: one row per account (Account ID, Owner).
        deals: one row per deal (Account ID, Rep, State, Amount, dates).
        as_of: the day the data speaks for.

    Returns:
        Owner per account, aligned with ``accounts``.
    """
    named = deals[(deals[w.ACCOUNT_ID] != "") & (deals[w.REP] != "")]
    won = named[(named[w.STATE] == w.WON) & in_prior_year(named[w.CLOSE_DATE], as_of)]
    still_open = named[named[w.STATE] == w.OPEN]
    by_revenue = _first_rep(won.assign(size=won[w.AMOUNT].fillna(0.0)), w.CLOSE_DATE)
    by_open_deals = _first_rep(still_open.assign(size=1.0), w.OPENED)
    found = accounts[w.OWNER].where(accounts[w.OWNER] != "")
    for reps in (by_revenue, by_open_deals):
        found = found.where(found.notna(), _looked_up(accounts[w.ACCOUNT_ID], reps))
    return found.where(found.notna(), w.UNASSIGNED).astype(str)


def _looked_up(ids: pd.Series, found: pd.Series) -> pd.Series:
    """The value found for each account; unlike ``map`` it keeps the type where none is found."""
    return found.reindex(ids).set_axis(ids.index)


def _first_rep(deals: pd.DataFrame, date: str) -> pd.Series:
    """The rep with the largest total size per account; ties by latest date, then name."""
    totals = deals.groupby([w.ACCOUNT_ID, w.REP], as_index=False).agg(
        size=("size", "sum"), last=(date, "max")
    )
    totals["size"] = totals["size"].round(9)
    best = totals.sort_values(
        [w.ACCOUNT_ID, "size", "last", w.REP],
        ascending=[True, False, False, True],
        na_position="last",
    )
    return best.drop_duplicates(w.ACCOUNT_ID).set_index(w.ACCOUNT_ID)[w.REP]


def in_prior_year(dates: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """Which dates lie in the 12 months to the as-of date (NaT never does)."""
    return (dates > as_of - pd.DateOffset(years=1)) & (dates <= as_of)


def short_history(deals: pd.DataFrame, as_of: pd.Timestamp) -> str:
    """How much of a year Prior-year sales hold, where the deals do not go back so far.

    Args:
        deals: one row per deal (State, Close date).
        as_of: the day the data speaks for.

    Returns:
        A sentence without its stop; "" where deals were closed a year ago, give or take a
        month, or none was closed at all.
    """
    closed = deals.loc[deals[w.STATE] != w.OPEN, w.CLOSE_DATE]
    first = closed[closed <= as_of].min()
    if pd.isna(first) or first <= as_of - pd.DateOffset(months=11):
        return ""
    months = round((as_of - first).days / DAYS_PER_YEAR * 12)
    return (
        f"{w.PRIOR_YEAR_SALES} hold some {months} months and not twelve: no deal was closed "
        f"before {first:%Y-%m-%d}"
    )


def account_facts(
    accounts: pd.DataFrame, deals: pd.DataFrame, as_of: pd.Timestamp, *, has_deals: bool
) -> pd.DataFrame:
    """Everything the deals say of each account, beside what the export says.

    Args:
        accounts: one row per account, as imported.
        deals: one row per deal, from ``deal_facts``.
        as_of: the day the data speaks for.
        has_deals: whether the export came with opportunities. Without, counts
            and amounts that the accounts file does not carry stay blank; so do
            amounts where no deal has any.

    Returns:
        The accounts with Prior-year sales, Open pipeline, Wins, Losses, Last
        won, Days since last won, Customer since, Tenure (years) and Status.
    """
    out = accounts.copy()
    ids = out[w.ACCOUNT_ID]
    won = deals[deals[w.STATE] == w.WON]
    recent = won[in_prior_year(won[w.CLOSE_DATE], as_of)]
    is_open = deals[deals[w.STATE] == w.OPEN]
    live = is_open[~is_open[w.STALE]]

    def counted(rows: pd.DataFrame, column: str | None = None) -> pd.Series:
        if column is not None and len(deals) and deals[column].isna().all():
            return pd.Series(np.nan, index=out.index)
        groups = rows.groupby(w.ACCOUNT_ID)
        per_account = groups.size() if column is None else groups[column].sum()
        counts = ids.map(per_account.astype(float)).astype(float)
        return counts.fillna(0.0 if has_deals else np.nan)

    def own_or(column: str, found: pd.Series) -> pd.Series:
        return out[column].where(out[column].notna(), found) if column in out else found

    lost = deals[deals[w.STATE] == w.LOST]
    out[w.PRIOR_YEAR_SALES] = own_or(w.PRIOR_YEAR_SALES, counted(recent, w.AMOUNT)).round(9)
    out[w.OPEN_PIPELINE] = own_or(w.OPEN_PIPELINE, counted(live, w.AMOUNT)).round(9)
    out[w.WINS] = own_or(w.WINS, counted(won))
    out[w.LOSSES] = own_or(w.LOSSES, counted(lost))
    closes = won.groupby(w.ACCOUNT_ID)[w.CLOSE_DATE]
    last_won = _looked_up(ids, closes.max())
    out[w.LAST_WON] = pd.to_datetime(own_or(w.LAST_WON, last_won))
    out[w.DAYS_SINCE_LAST_WON] = (as_of - out[w.LAST_WON]).dt.days.astype(float).clip(lower=0)
    first_won = _looked_up(ids, closes.min())
    out[w.CUSTOMER_SINCE] = pd.to_datetime(own_or(w.CUSTOMER_SINCE, first_won))
    out[w.TENURE] = ((as_of - out[w.CUSTOMER_SINCE]).dt.days / DAYS_PER_YEAR).clip(lower=0).round(9)
    bought_lately = (counted(recent) > 0) | in_prior_year(out[w.LAST_WON], as_of)
    out[w.STATUS] = _status(out, as_of, bought_lately, open_deals=counted(is_open) > 0)
    return out


def _status(
    facts: pd.DataFrame, as_of: pd.Timestamp, bought_lately: pd.Series, open_deals: pd.Series
) -> pd.Series:
    active = bought_lately | (facts[w.PRIOR_YEAR_SALES] > 0)
    customer = (facts[w.LAST_WON] <= as_of) | (facts[w.CUSTOMER_SINCE] <= as_of)
    bought = (facts[w.WINS] > 0) | customer
    pipeline = open_deals | (facts[w.OPEN_PIPELINE] > 0)
    return pd.Series(
        np.select([active, bought, pipeline], [w.ACTIVE, w.LAPSED, w.PIPELINE], w.UNTOUCHED),
        index=facts.index,
    )


def base_win_rate(wins: pd.Series, losses: pd.Series) -> Assumed:
    """The win rate of all closed deals, 0-1; 30 %, assumed, where none is closed.

    Args:
        wins: won deals per account, rep or any other group; NaN counts as 0.
        losses: lost deals, likewise.
    """
    won, lost = float(wins.sum()), float(losses.sum())
    if won + lost == 0:
        return Assumed(BASE_WIN_RATE_WITHOUT_HISTORY, "assumed: no closed deals", True)
    rate = round(won / (won + lost), 9)
    return Assumed(rate, f"{won:,.0f} of {won + lost:,.0f} closed deals were won", False)


def shrinkage(wins: pd.Series, losses: pd.Series) -> float:
    """How many closed deals the base rate is worth (k), by the method of moments.

    With n closed deals and win rate p per group, N their sum, p0 the pooled
    rate and S = sum n (p - p0)^2, the intra-group correlation is
    rho = (S / (p0 (1 - p0)) - (I - 1)) / (N - sum n^2 / N - (I - 1)), and
    k = (1 - rho) / rho.

    Args:
        wins: won deals per group; NaN counts as 0.
        losses: lost deals per group, likewise. Groups without closed deals
            say nothing and are left out.

    Returns:
        k, 0 or more; ``inf`` where the groups differ no more than chance would have
        it; 10 where fewer than 10 groups have 5 closed deals.

    References: Kleinman (1973).
    """
    won = wins.fillna(0.0).to_numpy(float)
    closed = won + losses.fillna(0.0).to_numpy(float)
    if (closed >= LEAST_CLOSED_DEALS).sum() < LEAST_ACCOUNTS:
        return SHRINKAGE_WITHOUT_HISTORY
    won, closed = won[closed > 0], closed[closed > 0]
    total = closed.sum()
    rate = won.sum() / total
    if rate in (0.0, 1.0):
        return float("inf")
    spread = (closed * (won / closed - rate) ** 2).sum() / (rate * (1 - rate))
    freedom = len(closed) - 1
    room = total - (closed**2).sum() / total - freedom
    correlation = (spread - freedom) / room if room > 0 else 0.0
    if correlation <= 0:
        return float("inf")
    return max((1 - correlation) / correlation, 0.0)


def win_rate(wins: pd.Series, losses: pd.Series, base: float, k: float) -> pd.Series:
    """The shrunk win rate, 0-1: (wins + k base) / (wins + losses + k).

    Args:
        wins: won deals; NaN makes the result NaN.
        losses: lost deals, likewise.
        base: the win rate to shrink towards, 0-1.
        k: how many closed deals the base is worth; ``inf`` gives the base.

    Raises:
        ModelInputError: base outside 0-1, or k negative.
    """
    if not 0 <= base <= 1:
        raise ModelInputError(f"The base win rate is {base:g}; give a share between 0 and 1.")
    if not k >= 0:
        raise ModelInputError(f"The shrinkage is {k:g}; give 0 or more.")
    closed = wins + losses
    if np.isinf(k):
        return closed.where(closed.isna(), base).round(9)
    return ((wins + k * base) / (closed + k)).fillna(closed.where(closed.isna(), base)).round(9)


def retention(deals: pd.DataFrame, as_of: pd.Timestamp, setting: float | None = None) -> Assumed:
    """Which share of a year's sales the same accounts buy again (gross revenue retention).

    Sum over accounts of the smaller of this year's and last year's won
    revenue, over last year's: growth at one account does not hide the loss of
    another. Needs two years of history, else 90 %, assumed.

    Args:
        deals: one row per deal (Account ID, State, Amount, Close date).
        as_of: the day the data speaks for.
        setting: a share of 0 or more that a person typed; wins over history.

    Raises:
        ModelInputError: the setting is negative.
    """
    if setting is not None:
        if setting < 0:
            raise ModelInputError(
                f"Retention is {setting:g}; give a share of 0 or more, such as 0.9."
            )
        return Assumed(float(setting), "setting", False)
    won = deals[(deals[w.STATE] == w.WON) & (deals[w.ACCOUNT_ID] != "")]
    two_years_ago = as_of - pd.DateOffset(years=2)
    closed = deals.loc[deals[w.STATE] != w.OPEN, w.CLOSE_DATE]
    before = won[in_prior_year(won[w.CLOSE_DATE], as_of - pd.DateOffset(years=1))]
    sold_before = before.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum().clip(lower=0)
    if not (closed.min() <= two_years_ago + pd.DateOffset(months=1)) or sold_before.sum() == 0:
        return Assumed(
            RETENTION_WITHOUT_HISTORY, "assumed: less than two years of closed deals", True
        )
    lately = won[in_prior_year(won[w.CLOSE_DATE], as_of)]
    sold_lately = lately.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum().clip(lower=0)
    kept = np.minimum(sold_before, sold_lately.reindex(sold_before.index).fillna(0.0))
    share = round(float(kept.sum() / sold_before.sum()), 9)
    return Assumed(share, "sales of the year before that the same accounts bought again", False)
