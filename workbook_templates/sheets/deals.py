"""Deals: the deals behind the numbers, open ones first, most weighty on top."""

from functools import lru_cache
from typing import Final

import pandas as pd

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Book, Column

MOST_ROWS: Final = 20_000
MONTHS_KEPT: Final = 24
BLANK_ROWS_IN_TEMPLATE: Final = 20
TABLE_ROW: Final = 4

LOOKS: Final = {
    w.DEAL_ID: ("text", 14),
    w.ACCOUNT: ("text", 28),
    w.REP: ("text", 22),
    w.PRODUCT: ("text", 20),
    w.STAGE: ("text", 16),
    w.STATE: ("text", 9),
    w.OPENED: ("date", 12),
    w.CLOSE_DATE: ("date", 12),
    w.AMOUNT: ("money", 13),
    w.ESTIMATED: ("text", 11),
    w.AGE: ("days", 9),
    w.STALE: ("text", 8),
    w.WEIGHTED: ("money", 13),
    w.PATH_OF: ("text", 22),
    w.ACCOUNT_ID: ("text", 20),
    w.IN_TIME: ("share", 10),
}
"""How each column is shown, and its width in characters."""
NOTES: Final = {
    w.STAGE: "As the CRM calls it",
    w.STATE: "Won, Lost or Open",
    w.CLOSE_DATE: "When it closed; of an open deal the day it is expected to",
    w.ESTIMATED: "yes: the CRM gives no amount; the average won amount of the product stands here, "
    "else that of all",
    w.AGE: "Days from the opening to the close, of an open deal to the as-of date",
    w.STALE: "yes: open longer than any deal took to win. Shown, not weighted",
    w.PATH_OF: "In whose path to quota it counts: the account's owner, else the rep",
    w.IN_TIME: "Of an open deal without a date to come: how likely deals of its age were to be won "
    "by the end of the planning year, against being won at all. The odds on Path use it",
}
INPUTS: Final = (
    w.DEAL_ID,
    w.ACCOUNT,
    w.REP,
    w.PRODUCT,
    w.STAGE,
    w.STATE,
    w.OPENED,
    w.CLOSE_DATE,
    w.AMOUNT,
    w.ACCOUNT_ID,
)
"""What one pastes into the template; the rest comes from Score accounts."""


def write(book: Book, data: Round) -> None:
    """Writes the sheet: values only, as of the build."""
    sheet = book.sheets[c.DEALS]
    shown = listed(data)
    sheet.heading("Deals", "The deals behind the numbers, open ones first.")
    sheet.live(2, 0, *_told(data, shown), "note")
    columns = [_column(name, shown, data) for name in c.DEAL_COLUMNS]
    blank = BLANK_ROWS_IN_TEMPLATE if data.kind == c.TEMPLATE else 0
    table = sheet.table(c.T_DEALS, TABLE_ROW, 0, columns, len(shown), blank_rows=blank)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    sheet.ws.freeze_panes(table.row + 1, 2)
    sheet.ws.repeat_rows(table.row)


@lru_cache(maxsize=1)
def listed(data: Round) -> pd.DataFrame:
    """The deals as the sheet lists them: open ones by weight, then closed ones, newest first.

    Args:
        data: the round; beyond ``MOST_ROWS`` deals, old closed ones are left out.
    """
    deals = data.deals
    is_open = deals[w.STATE] == w.OPEN
    if len(deals) > MOST_ROWS:
        kept = is_open | (deals[w.CLOSE_DATE] >= _oldest(data))
        deals, is_open = deals[kept], is_open[kept]
    first = deals[is_open].sort_values([w.WEIGHTED, w.DEAL_ID], ascending=[False, True])
    then = deals[~is_open].sort_values([w.CLOSE_DATE, w.DEAL_ID], ascending=[False, True])
    return pd.concat([first, then], ignore_index=True)


def _oldest(data: Round) -> pd.Timestamp:
    before = data.as_of - pd.DateOffset(months=MONTHS_KEPT)
    return min(pd.Timestamp(before), data.year.start)


def _told(data: Round, shown: pd.DataFrame) -> tuple[str, str]:
    """How many deals of which state there are, as a formula and as it reads now."""
    none = (
        "Paste deals here: one row each. State is Won, Lost or Open."
        if data.kind == c.TEMPLATE
        else "The export held no deals."
    )
    states = (w.OPEN, w.WON, w.LOST)
    counts = [f'COUNTIF({c.T_DEALS}[{w.STATE}],"{state}")' for state in states]
    left_out = len(data.deals) - len(shown)
    rest = (
        f" {left_out:,} more closed before {_oldest(data):%Y-%m-%d}: they count in the numbers, "
        "and are not listed."
    )
    words = '&", "&'.join(
        f'{count}&" {state.lower()}"' for count, state in zip(counts, states, strict=True)
    )
    formula = (
        f'=IF({"+".join(counts)}=0,"{none}","Deals: "&{words}&"."'
        f'&IF({c.N_DEALS_NOT_LISTED}=0,"","{rest}"))'
    )
    found = shown[w.STATE].value_counts()
    told = ", ".join(f"{found.get(state, 0)} {state.lower()}" for state in states)
    return formula, f"Deals: {told}.{rest if left_out else ''}" if len(shown) else none


def _column(name: str, deals: pd.DataFrame, data: Round) -> Column:
    kind, width = LOOKS[name]
    values = deals[name]
    if name in (w.ESTIMATED, w.STALE):
        values = values.map({True: "yes", False: ""}).astype(object)
    money = f"Money in {data.currency}" if data.currency else "Money"
    notes = NOTES | {
        w.AMOUNT: money,
        w.WEIGHTED: f"{money}: amount x win rate of the rep; 0 for stale deals",
    }
    typed = data.kind == c.TEMPLATE and name in INPUTS
    return Column(
        name,
        values,
        role="input" if typed else "output" if name == w.WEIGHTED else "calculation",
        kind=kind,
        width=width,
        note=notes.get(name, ""),
        choices=w.DEAL_STATES if typed and name == w.STATE else (),
        prompt=f"{name}, as the CRM gives it." if typed else "",
    )
