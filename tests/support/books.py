"""Made-up accounts, deals and teams for tests: the frames of an import, from a few words.

What a test does not name is missing, as an import leaves it: text "", numbers
NaN, dates NaT. Every account has an id, and all are active, in one segment and
in one book, unless the test says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from accountplan.addin.crm import CrmExport, ImportReport
from accountplan.udfs import words as w

AS_OF: Final = pd.Timestamp("2017-12-31")

TEXTS: Final = (w.OWNER, w.MANAGER, w.PARENT, w.INDUSTRY, w.REGION)
NUMBERS: Final = (w.ANNUAL_REVENUE, w.EMPLOYEES, w.WALLET_SHARE, w.FISCAL_YEAR_END)
DATES: Final = (w.CUSTOMER_SINCE, w.LAST_WON)
FACTS: Final = (w.PRIOR_YEAR_SALES, w.OPEN_PIPELINE, w.WINS, w.LOSSES, w.WIN_RATE)


def accounts(columns: Mapping[str, Sequence[Any]], count: int | None = None) -> pd.DataFrame:
    """What an import knows of the accounts: identity and given facts.

    Args:
        columns: the columns that matter to the test, by name.
        count: how many accounts, where no column says it.
    """
    size = len(next(iter(columns.values()))) if columns else count or 0
    ids = [f"A{number:04}" for number in range(1, size + 1)]
    frame = pd.DataFrame({w.ACCOUNT_ID: pd.Series(columns.get(w.ACCOUNT_ID, ids), dtype=str)})
    frame[w.ACCOUNT] = columns.get(w.ACCOUNT, frame[w.ACCOUNT_ID])
    for name in TEXTS:
        frame[name] = pd.Series(columns.get(name, [""] * size), dtype=str)
    for name in NUMBERS:
        frame[name] = pd.Series(columns.get(name, [math.nan] * size), dtype=float)
    frame[w.CUSTOMER_SINCE] = pd.Series(
        pd.to_datetime(pd.Series(columns.get(w.CUSTOMER_SINCE, [None] * size), dtype=object))
    ).astype("datetime64[ns]")
    for name in columns:
        if name not in frame:
            frame[name] = columns[name]
    return frame


def known_accounts(columns: Mapping[str, Sequence[Any]], count: int | None = None) -> pd.DataFrame:
    """The same with everything that scoring and money read, as if the deals had told it."""
    frame = accounts(columns, count)
    for name in FACTS:
        frame[name] = pd.Series(columns.get(name, [math.nan] * len(frame)), dtype=float)
    for name, word in ((w.STATUS, w.ACTIVE), (w.SEGMENT, w.OTHER_SEGMENT), (w.OWNER, "Rep 1")):
        frame[name] = pd.Series(columns.get(name, [word] * len(frame)), dtype=str)
    return frame


@dataclass(frozen=True)
class Deal:
    """One deal; dates as ISO text, "" where there is none."""

    account: str = ""
    rep: str = ""
    state: str = w.OPEN
    amount: float = math.nan
    opened: str = ""
    closed: str = ""
    product: str = ""


def deals(*rows: Deal) -> pd.DataFrame:
    """The deals frame of an import."""

    def dates(texts: list[str]) -> pd.Series:
        column = pd.Series([text or None for text in texts], dtype=object)
        return pd.to_datetime(column).astype("datetime64[ns]")

    def words(texts: list[str]) -> pd.Series:
        return pd.Series(texts, dtype=str)

    return pd.DataFrame(
        {
            w.DEAL_ID: words([f"D{number:04}" for number in range(1, len(rows) + 1)]),
            w.ACCOUNT_ID: words([row.account for row in rows]),
            w.ACCOUNT: words([row.account for row in rows]),
            w.REP: words([row.rep for row in rows]),
            w.PRODUCT: words([row.product for row in rows]),
            w.STAGE: words([row.state for row in rows]),
            w.STATE: words([row.state for row in rows]),
            w.OPENED: dates([row.opened for row in rows]),
            w.CLOSE_DATE: dates([row.closed for row in rows]),
            w.AMOUNT: pd.Series([row.amount for row in rows], dtype=float),
        }
    )


def teams(rows: Sequence[tuple[str, str]] = ()) -> pd.DataFrame:
    """The teams frame of an import: each rep with a manager."""
    size = len(rows)
    return pd.DataFrame(
        {
            w.REP: pd.Series([rep for rep, _ in rows], dtype=str),
            w.MANAGER: pd.Series([manager for _, manager in rows], dtype=str),
            w.REGION: pd.Series([""] * size, dtype=str),
            w.QUOTA: pd.Series([math.nan] * size, dtype=float),
            w.START_DATE: pd.Series([pd.NaT] * size, dtype="datetime64[ns]"),
            w.TOUCHES_PER_WEEK: pd.Series([math.nan] * size, dtype=float),
        }
    )


def export(
    book: pd.DataFrame,
    sold: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    as_of: pd.Timestamp | None = AS_OF,
) -> CrmExport:
    """A whole import; without ``sold`` the export came without opportunities."""
    return CrmExport(
        accounts=book,
        deals=deals() if sold is None else sold,
        teams=teams() if people is None else people,
        activity=pd.DataFrame(
            {
                w.REP: pd.Series(dtype=str),
                w.WEEK: pd.Series(dtype="datetime64[ns]"),
                w.GATE: pd.Series(dtype=str),
                w.COUNT: pd.Series(dtype=float),
            }
        ),
        has_deals=sold is not None,
        has_teams=people is not None,
        has_activity=False,
        as_of=as_of,
        currency="",
        report=ImportReport(files=(), derived=(), blank=(), notes=(), control=pd.DataFrame()),
    )
