"""Evidence: does a score find the accounts that buy? Not tested yet; here is what it rests on.

Says per scored attribute how many accounts have data and how they spread. An
attribute that few accounts have, or in which all are alike, cannot tell
accounts apart, whatever its weight.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from ...udfs.scoring import Attribute
from .. import contract as c
from ..round import Round
from ..writer import Book, Column
from .accounts import KINDS

TABLE_ROW: Final = 7
WITH_DATA: Final = "Accounts with data"
SHARE: Final = "Share with data"
SPREAD: Final = ("Least", "Median", "Most")
VERDICT: Final = "Verdict"
NOT_TESTED: Final = "not tested yet"
NO_DATA: Final = "no data: left out"

TOLD: Final = (
    "The scores are a hypothesis: accounts with a high Likelihood should buy more often, and those "
    "with a high Potential should buy more.",
    "This workbook has not tested it. A test needs scores as of an earlier date, made only from "
    "what was known on that day, and what each account bought in the year after it.",
    "With two years of dated deals this can be done: score as of a year ago, then compare the "
    "accounts that the score put first with those that bought.",
    "Until then the table shows what the scores rest on. An attribute that few accounts have, or "
    "in which most are alike, tells accounts apart poorly.",
)


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.EVIDENCE]
    sheet.heading("Evidence", "Does the score find the accounts that buy? Not tested yet.")
    for offset, line in enumerate(TOLD):
        sheet.put(2 + offset, 0, line, "sentence", font_size=11)
    attributes = data.settings.attributes
    values = [_values(a, data) for a in attributes]
    columns = _columns(attributes, values, data)
    table = sheet.table(c.T_EVIDENCE, TABLE_ROW, 0, columns, len(attributes), filters=False)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    first = [column.name for column in columns].index(SPREAD[0])
    for row, (attribute, found) in enumerate(zip(attributes, values, strict=True)):
        kind, _ = KINDS.get(attribute.name, ("general", 0))
        for offset, value in enumerate(_spread(found)):
            # Each row has its own unit, so its own number format.
            sheet.put(table.row + 1 + row, first + offset, value, "calculation", kind)
    sheet.ws.freeze_panes(table.row + 1, 1)


def _values(attribute: Attribute, data: Round) -> pd.Series:
    """What the accounts say about an attribute, without those that say nothing."""
    if attribute.name not in data.accounts:
        return pd.Series(dtype=float)
    values = data.accounts[attribute.name]
    return values[values.notna() & (values.astype(str) != "")]


def _spread(values: pd.Series) -> list[float]:
    """Least, median and most of a number; NaN of words and of nothing."""
    if values.empty or not pd.api.types.is_numeric_dtype(values):
        return [np.nan] * len(SPREAD)
    return [float(values.min()), float(values.median()), float(values.max())]


def _columns(
    attributes: Sequence[Attribute], values: Sequence[pd.Series], data: Round
) -> list[Column]:
    counts = [float(len(found)) for found in values]
    accounts = len(data.accounts)
    blank = [np.nan] * len(attributes)
    return [
        Column("Attribute", [a.name for a in attributes], role="label", width=24),
        Column("Axis", [a.axis for a in attributes], width=13),
        Column(
            "Weight",
            [a.weight for a in attributes],
            formula=f"=SUMPRODUCT(({c.T_ATTRIBUTES}[Attribute]=[@Attribute])"
            f"*({c.T_ATTRIBUTES}[Axis]=[@Axis]),{c.T_ATTRIBUTES}[Weight])",
            kind="general",
            width=10,
            note="Of 100 per axis, as on Settings now",
        ),
        Column(WITH_DATA, counts, kind="count", width=12, note="As of the build"),
        Column(
            SHARE,
            [count / accounts if accounts else np.nan for count in counts],
            kind="percent",
            width=12,
            note="Share of all accounts here",
        ),
        *(
            Column(
                name,
                blank,
                kind="general",
                width=16,
                note="Of the accounts with data, in the column's unit",
            )
            for name in SPREAD
        ),
        Column(
            VERDICT,
            [NOT_TESTED if count else NO_DATA for count in counts],
            role="output",
            width=20,
            note="Whether the attribute finds the accounts that buy",
        ),
    ]
