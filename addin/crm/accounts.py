"""Which accounts are there, and what does the export say of each?

An account is one row: rows that repeat an id (or, without ids, a name) are
dropped, rows without a name too. Two accounts of one name stay two, and their
ids tell them apart.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ...udfs import words as w
from ...workbook_templates import contract as c
from . import headers as h
from .cells import each, key
from .columns import Columns
from .report import EXAMPLES, Bools, Dropped, Ints, Journal

GIVEN: Final = (
    w.ACCOUNT_ID,
    w.ACCOUNT,
    w.OWNER,
    w.MANAGER,
    w.PARENT,
    w.INDUSTRY,
    w.REGION,
    w.ANNUAL_REVENUE,
    w.EMPLOYEES,
    w.CUSTOMER_SINCE,
    w.WALLET_SHARE,
    w.FISCAL_YEAR_END,
)
OPTIONAL: Final = (
    w.PRIOR_YEAR_SALES,
    w.POTENTIAL_MONEY,
    w.OPEN_PIPELINE,
    w.WINS,
    w.LOSSES,
    w.LAST_WON,
)
# Columns of the Accounts sheet that the model fills: an export's own column of that
# name is another thing, and says so.
ANSWERS: Final = (
    w.STATUS,
    w.SEGMENT,
    w.QUADRANT,
    w.ACTION,
    w.RANK,
    w.SEGMENT_RANK,
    w.SCORE,
    w.POTENTIAL,
    w.LIKELIHOOD,
    w.EXPANSION_MONEY,
    w.EXPECTED_MONEY,
    w.BENCHMARK_MONEY,
    w.PEERS,
    w.PEERS_FROM,
    w.PEERS_TO,
    w.POTENTIAL_SOURCE,
    w.GROWTH,
    w.WIN_PROBABILITY,
    w.WHY,
    w.COVERAGE,
    w.TENURE,
    w.WIN_RATE,
    w.DAYS_SINCE_LAST_WON,
    *c.WORKING_COLUMNS,
)
_DATES: Final = frozenset({w.CUSTOMER_SINCE, w.LAST_WON})
AMBIGUOUS: Final = -2
UNKNOWN: Final = -1


@dataclass(frozen=True)
class AccountBook:
    """The accounts, and how to find one.

    Args:
        frame: one row per account.
        by_id: the export's id -> row; empty where it has none.
        by_name: name (as ``cells.key``) -> row, or AMBIGUOUS where several have it.
        dropped: rows not used.
        rows: shape (accounts,), where each stands in a spreadsheet.
    """

    frame: pd.DataFrame
    by_id: dict[str, int]
    by_name: dict[str, int]
    dropped: tuple[Dropped, ...]
    rows: Ints


def drop(what: str, mask: Bools, rows: Ints, labels: "pd.Series[str]") -> tuple[Dropped, ...]:
    """Answer the record of the rows in ``mask``, or nothing where there are none."""
    at = np.flatnonzero(mask)
    if not len(at):
        return ()
    shown = (f"row {rows[i]}: {labels.iloc[i]}".rstrip(": ") for i in at[:EXAMPLES])
    return (Dropped(what, len(at), tuple(shown)),)


def read_accounts(columns: Columns, journal: Journal) -> AccountBook:
    """Answer the accounts of an export.

    Args:
        columns: the accounts file.
        journal: told of mistakes, notes and derivations.
    """
    rows = columns.table.rows
    names, ids = columns.text(w.ACCOUNT), columns.text(w.ACCOUNT_ID)
    name_keys = each(names, key)
    blank = (names == "").to_numpy()
    identity = ids.where(ids != "", name_keys)
    # A row without an id is the account that already has its name.
    named_before = name_keys.duplicated() & (ids == "")
    repeated = (identity.mask(names == "").duplicated() | named_before).to_numpy() & ~blank
    kept = ~(blank | repeated)
    dropped = drop("account without a name", blank, rows, ids)
    dropped += drop("duplicate account", repeated, rows, names)
    if not kept.any():
        journal.mistake(f"{columns.table.file}: no row has an account's name; export it again")
    frame = pd.DataFrame(_given(columns, kept) | _extras(columns, kept, journal))
    frame[w.ACCOUNT_ID] = ids.where(ids != "", names)[kept].to_numpy()
    if not columns.has(w.ACCOUNT_ID):
        journal.derived.append("Account IDs are the account names: the export has no ids")
    _note_alike(names[kept], rows[kept], journal)
    frame[w.ACCOUNT] = _distinct_names(names[kept], name_keys[kept], frame[w.ACCOUNT_ID], journal)
    frame[w.PARENT] = _parent_names(frame)
    position = {who: row for row, who in enumerate(identity[kept].tolist())}
    return AccountBook(
        frame,
        {given: position[given] for given in ids[kept].tolist() if given},
        _by_name(name_keys[~blank], identity[~blank], position),
        dropped,
        rows[kept],
    )


def _given(columns: Columns, kept: Bools) -> dict[str, Any]:
    """Answer our columns of an account as the export gives them."""
    found: dict[str, Any] = {}
    for column in (*GIVEN, *(name for name in OPTIONAL if columns.has(name))):
        if column == w.FISCAL_YEAR_END:
            found[column] = columns.month(column)[kept]
        elif column in _DATES:
            found[column] = columns.date(column).to_numpy()[kept]
        elif column in h.NUMBERS:
            found[column] = columns.number(column)[kept]
        else:
            found[column] = columns.text(column)[kept].reset_index(drop=True)
    return found


def _extras(columns: Columns, kept: Bools, journal: Journal) -> dict[str, Any]:
    """Answer the export's further columns, under names that none of ours has."""
    table = columns.table
    taken = {key(column) for column in (*GIVEN, *OPTIONAL, *ANSWERS)}
    found: dict[str, Any] = {}
    for header in unmatched(columns):
        name = header
        if key(name) in taken:
            name = f"{header} (export)"
            journal.notes.append(
                f"{table.file}: column {header} is kept as {name!r}: the plan fills {header}"
            )
        values = columns.extra(header)
        if (values != "").any() and values.notna().any():
            found[name] = values[kept].reset_index(drop=True)
    return found


def unmatched(columns: Columns) -> tuple[str, ...]:
    """Answer the headers, of columns that hold anything, that are none of our columns."""
    ours = set(columns.table.match.columns.values())
    return tuple(header for header in columns.table.raw if header not in ours)


def _distinct_names(
    names: "pd.Series[str]", name_keys: "pd.Series[str]", ids: "pd.Series[str]", journal: Journal
) -> "pd.Series[str]":
    """Answer the names, those that several accounts have with the account's id after them."""
    names = names.reset_index(drop=True)
    shared = name_keys.reset_index(drop=True).duplicated(keep=False)
    if shared.any():
        examples = ", ".join(repr(name) for name in names[shared].unique()[:EXAMPLES])
        journal.notes.append(
            f"Accounts that share a name with another, their ids put after the names: "
            f"{int(shared.sum()):,} ({examples})"
        )
    while shared.any():
        names = names.where(~shared, names + " (" + ids + ")")
        shared = names.duplicated(keep=False)
    return names


def _note_alike(names: "pd.Series[str]", rows: Ints, journal: Journal) -> None:
    """Note accounts whose names differ in signs alone: only the CRM can know if they are one."""
    first = ~each(names, key).duplicated().to_numpy()
    names, rows = names[first], rows[first]
    letters = each(names, lambda name: "".join(filter(str.isalnum, key(name))))
    alike = (letters.duplicated(keep=False) & (letters != "")).to_numpy()
    if alike.any():
        order = letters[alike].argsort(kind="stable")
        pairs = zip(rows[alike][order], names[alike].iloc[order], strict=True)
        shown = ", ".join(f"row {row}: {name!r}" for row, name in list(pairs)[:EXAMPLES])
        journal.notes.append(
            f"Accounts whose names differ in signs alone: {int(alike.sum()):,} ({shown}); "
            "if they are one, merge them in the CRM"
        )


def _parent_names(frame: pd.DataFrame) -> "pd.Series[str]":
    """Answer the parents by name, also where the export gives the parent's account id."""
    names = dict(zip(frame[w.ACCOUNT_ID].tolist(), frame[w.ACCOUNT].tolist(), strict=True))
    return each(frame[w.PARENT], lambda parent: names.get(parent, parent))


def _by_name(
    name_keys: "pd.Series[str]", identity: "pd.Series[str]", position: dict[str, int]
) -> dict[str, int]:
    """Answer name -> row; rows dropped for their id still lend their names to it."""
    found: dict[str, int] = {}
    for name, who in zip(name_keys.tolist(), identity.tolist(), strict=True):
        row = position.get(who)
        if row is not None and found.setdefault(name, row) != row:
            found[name] = AMBIGUOUS
    return found


def find(book: AccountBook, ids: "pd.Series[str]", names: "pd.Series[str]") -> Ints:
    """Answer the account's row per deal: UNKNOWN where there is none, AMBIGUOUS where several.

    Args:
        book: the accounts.
        ids: account ids of the deals, "" where missing; used where any of them is known.
        names: account names of the deals.
    """
    by_name = each(names, key).map(book.by_name)
    found: Ints = np.array(by_name.fillna(UNKNOWN), dtype=np.int64)
    known = ids.map(book.by_id)
    if not known.notna().any():
        known = ids.str[:15].map({i[:15]: row for i, row in book.by_id.items() if len(i) == 18})
    if known.notna().any():
        given = (ids != "").to_numpy()
        found[given] = known.fillna(UNKNOWN).to_numpy(dtype=np.int64)[given]
    return found
