"""Which deals are there, whose are they, and of which account?

A deal that names no account is used: it counts in its rep's path. A deal of an
account that is not in the accounts file is not used, and neither is one whose
account's name belongs to several accounts; the report counts both.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ...udfs import words as w
from . import dates
from . import headers as h
from .accounts import AMBIGUOUS, UNKNOWN, AccountBook, drop, find
from .columns import Columns
from .report import (
    CONTROL_COLUMNS,
    ROWS_DROPPED,
    ROWS_READ,
    ROWS_USED,
    Bools,
    Dropped,
    Ints,
    Journal,
)
from .states import stage_and_state

DEAL_COLUMNS: Final = (
    w.DEAL_ID,
    w.ACCOUNT_ID,
    w.ACCOUNT,
    w.REP,
    w.PRODUCT,
    w.STAGE,
    w.STATE,
    w.OPENED,
    w.CLOSE_DATE,
    w.AMOUNT,
)
ROW_ID: Final = "Row "
"""What the ID of a deal begins with that the export gives none: the row it stands in follows."""
_STATE_ORDER: Final = (w.OPEN, w.WON, w.LOST)
_NO_ACCOUNT: Final = -3
# A date this long after all others, of at least so many, is more often a slip than a deal.
_LONELY_DAYS: Final = 92
_ENOUGH_DAYS: Final = 20


@dataclass(frozen=True)
class Deals:
    """The deals of an export.

    Args:
        frame: deals used, columns ``DEAL_COLUMNS``.
        dropped: rows not used.
        control: totals of all rows read, columns ``CONTROL_COLUMNS``.
        last_day: the day the data speaks for; None where no deal has a date.
        rows: shape (deals used,), where each stands in a spreadsheet.
    """

    frame: pd.DataFrame
    dropped: tuple[Dropped, ...]
    control: pd.DataFrame
    last_day: pd.Timestamp | None
    rows: Ints


def no_deals() -> pd.DataFrame:
    """Answer an empty deals frame with all its columns."""
    kinds = {w.OPENED: dates.DAYS, w.CLOSE_DATE: dates.DAYS, w.AMOUNT: "float64"}
    return pd.DataFrame(
        {column: pd.Series([], dtype=kinds.get(column, "str")) for column in DEAL_COLUMNS}
    )


def no_control() -> pd.DataFrame:
    """Answer control totals of no deals."""
    kinds = {w.STAGE: "str", w.STATE: "str", w.AMOUNT: "float64"}
    return pd.DataFrame(
        {column: pd.Series([], dtype=kinds.get(column, "int64")) for column in CONTROL_COLUMNS}
    )


def read_deals(
    columns: Columns, book: AccountBook, stages: dict[str, str], journal: Journal
) -> Deals:
    """Answer the deals of an export.

    Args:
        columns: the opportunities file.
        book: the accounts that they may belong to.
        stages: stage name (as ``cells.key``) -> state, from --columns.
        journal: told of mistakes, notes and derivations.
    """
    rows = columns.table.rows
    ids, names = columns.text(w.ACCOUNT_ID), columns.text(w.ACCOUNT)
    frame = _as_given(columns, stages, journal)
    given_id = columns.text(w.DEAL_ID)
    owner = find(book, ids, names)
    owner[((ids == "") & (names == "")).to_numpy()] = _NO_ACCOUNT
    repeated = (given_id.duplicated() & (given_id != "")).to_numpy()
    unknown = (owner == UNKNOWN) & ~repeated
    ambiguous = (owner == AMBIGUOUS) & ~repeated
    both = (names != "") & (ids != "")
    named = (names + " (" + ids + ")").where(both, names + ids)
    dropped = (
        *drop("duplicate opportunity id", repeated, rows, given_id),
        *drop("opportunity of an unknown account", unknown, rows, named),
        *drop("opportunity of an account whose name several have", ambiguous, rows, named),
    )
    used = ~(repeated | unknown | ambiguous)
    has_account = used & (owner >= 0)
    for column in (w.ACCOUNT_ID, w.ACCOUNT):
        values = np.full(len(owner), "", dtype=object)
        values[has_account] = book.frame[column].to_numpy(dtype=object)[owner[has_account]]
        frame[column] = pd.Series(values, dtype=str)
    deals = frame.loc[used, list(DEAL_COLUMNS)].reset_index(drop=True)
    _note_oddities(deals, journal)
    last_day = _last_day(frame, columns, journal)
    return Deals(deals, dropped, _control(frame, used), last_day, rows[used])


def _as_given(columns: Columns, stages: dict[str, str], journal: Journal) -> pd.DataFrame:
    """Answer every row read, with its state and without its account."""
    stage, state = stage_and_state(columns, stages, journal)
    closed = (state != w.OPEN).to_numpy()
    amount = columns.number(w.AMOUNT)
    close = columns.date(w.CLOSE_DATE)
    if columns.has(h.ACTUAL_AMOUNT):
        actual = columns.number(h.ACTUAL_AMOUNT)
        amount = np.where(closed & ~np.isnan(actual), actual, amount)
        _note_actual(columns, h.ACTUAL_AMOUNT, w.AMOUNT, journal)
    if columns.has(h.ACTUAL_CLOSE_DATE):
        day = columns.date(h.ACTUAL_CLOSE_DATE)
        close = close.where(~(closed & day.notna().to_numpy()), day)
        _note_actual(columns, h.ACTUAL_CLOSE_DATE, w.CLOSE_DATE, journal)
    ids = columns.text(w.DEAL_ID)
    blank = ids == ""
    if blank.any():
        ids = ids.where(~blank, ROW_ID + pd.Series(columns.table.rows).astype(str))
        journal.derived.append(f"Deal IDs of {int(blank.sum()):,} deals are their row numbers")
    given: dict[str, Any] = {
        w.DEAL_ID: ids,
        w.REP: columns.text(w.REP),
        w.PRODUCT: columns.text(w.PRODUCT),
        w.STAGE: stage,
        w.STATE: state,
        w.OPENED: columns.date(w.OPENED),
        w.CLOSE_DATE: close,
        w.AMOUNT: amount,
    }
    return pd.DataFrame(given)


def _note_actual(columns: Columns, actual: str, planned: str, journal: Journal) -> None:
    rest = f", of all others {columns.header(planned)}" if columns.has(planned) else ""
    journal.derived.append(f"{planned} of closed deals is {columns.header(actual)}{rest}")


def _note_oddities(deals: pd.DataFrame, journal: Journal) -> None:
    """Note what is used as it is, but that a careful reader would ask about."""
    won, closed = deals[w.STATE] == w.WON, deals[w.STATE] != w.OPEN
    amount, opened, close = deals[w.AMOUNT], deals[w.OPENED], deals[w.CLOSE_DATE]
    for mask, what in (
        (won & amount.isna(), "Won deals without an amount, which count as 0"),
        (~closed & amount.isna(), "Open deals without an amount"),
        (closed & close.isna(), "Closed deals without a close date, which count in no period"),
        (opened.isna(), "Deals without a date on which they were opened"),
        (closed & (close < opened), "Deals closed before they were opened"),
        (amount < 0, "Deals with a negative amount, used as it is"),
        (deals[w.ACCOUNT_ID] == "", "Deals of no account, which count in their rep's path only"),
        (deals[w.REP] == "", "Deals of no rep"),
        (
            (deals[w.ACCOUNT_ID] == "") & (deals[w.REP] == ""),
            "Deals of neither account nor rep, which count nowhere",
        ),
    ):
        count = int(mask.sum())
        if count:
            journal.notes.append(f"{what}: {count:,}")


def _control(frame: pd.DataFrame, used: Bools) -> pd.DataFrame:
    """Answer rows and amounts by stage and state, of all rows read."""
    counted = frame[[w.STAGE, w.STATE, w.AMOUNT]].copy()
    counted[ROWS_READ], counted[ROWS_USED] = 1, used.astype(int)
    counted[ROWS_DROPPED] = (~used).astype(int)
    totals = counted.groupby([w.STAGE, w.STATE], as_index=False).sum()
    order = totals[w.STATE].map({state: i for i, state in enumerate(_STATE_ORDER)})
    totals = totals.assign(order=order).sort_values(["order", w.STAGE], kind="stable")
    return totals[list(CONTROL_COLUMNS)].reset_index(drop=True)


def _last_day(frame: pd.DataFrame, columns: Columns, journal: Journal) -> pd.Timestamp | None:
    """Answer the latest day on which a deal was opened or closed; note one that stands alone."""
    closed = frame[w.CLOSE_DATE].where(frame[w.STATE] != w.OPEN)
    latest = pd.concat([frame[w.OPENED], closed], axis=1).max(axis=1)
    days = latest.dropna().drop_duplicates()
    if days.empty:
        return None
    last, enough = pd.Timestamp(days.max()), len(days) >= _ENOUGH_DAYS
    days = days.nlargest(2)
    if enough and (last - days.iloc[1]).days > _LONELY_DAYS:
        row = columns.table.rows[int(days.index[0])]
        journal.notes.append(
            f"{columns.table.file}, row {row}: {last:%Y-%m-%d} is long after every other date; "
            "if it is wrong, mend it or give --as-of"
        )
    return last
