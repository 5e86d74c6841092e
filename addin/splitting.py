"""Splits are filled in from open deals; rows that are there stay as people left them.

A deal is offered once: a rep who deletes its row does not get it again. New are
the deals that were opened after the day until which the sheet was filled, and
those of accounts that are new.
"""

from collections.abc import Collection
from typing import Final

import pandas as pd

from ..udfs import splits as s
from ..udfs import words as w
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets.splits import N_FILLED, prefilled
from .hosts.reader import Reader, sheetful
from .reading import day_of
from .team_tables import text_of
from .workbook import Workbook

WRITTEN: Final = (
    w.ACCOUNT,
    s.SPLIT,
    s.KIND,
    w.POTENTIAL_MONEY,
    w.LIKELIHOOD,
    s.NOTE,
    w.DEAL_ID,
)


def fill(book: Workbook, reader: Reader, data: Round, new: Collection[str] = ()) -> int:
    """Adds a split per open deal that was not offered yet, in small books.

    Args:
        book: the door.
        reader: of the workbook, its splits as they are now.
        data: the round of the workbook.
        new: accounts that were not here before.

    Returns:
        How many rows were added.
    """
    table = reader.table(c.T_SPLITS)
    if table is None or reader.name(N_FILLED) is None:
        return 0
    if not set(WRITTEN) <= {header.strip() for header in reader.headers(table)}:
        return 0
    rows = prefilled(data)
    if rows.empty:
        return 0
    until = day_of(reader.named_value(N_FILLED))
    if until is not None:
        opened = data.deals.drop_duplicates(w.DEAL_ID).set_index(w.DEAL_ID)[w.OPENED]
        late = rows[w.DEAL_ID].map(opened) > until
        rows = rows[late | rows[w.ACCOUNT].isin(list(new))]
    held = sheetful(reader, c.T_SPLITS).columns
    rows = rows[~rows[w.DEAL_ID].isin([text_of(cell) for cell in held[w.DEAL_ID]])]
    if len(rows):
        book.append_rows(c.T_SPLITS, _renamed(rows, held[w.ACCOUNT], held[s.SPLIT])[list(WRITTEN)])
    if until != data.as_of:
        book.write_names({N_FILLED: data.as_of})
    return len(rows)


def _renamed(
    rows: pd.DataFrame, accounts: Collection[object], splits: Collection[object]
) -> pd.DataFrame:
    """The rows, called by their deals where a split of the account is called so already."""
    there = {
        (text_of(account).casefold(), text_of(split).casefold())
        for account, split in zip(accounts, splits, strict=True)
    }
    names = [
        f"{split}, deal {deal}" if (account.casefold(), split.casefold()) in there else split
        for account, split, deal in zip(
            rows[w.ACCOUNT], rows[s.SPLIT], rows[w.DEAL_ID], strict=True
        )
    ]
    return rows.assign(**{s.SPLIT: names})
