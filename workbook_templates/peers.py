"""The peers of each account as one text, which formulas take apart again.

A text reads "Nearest in Employees of all active accounts|12E2 Alder Foods|77125E-2 ",
its parts divided by a broken bar. Sales are whole numbers with
a power of ten, since a decimal point is read as such in some countries only.
A peer whose name is not for this workbook has none.
"""

import re
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from ..udfs import words as w
from ..udfs.money import PEER_COUNT, nearest_peers, peers_of_segment, size_attribute

MARK: Final = "\u00a6"
"""Divides the parts; in names a plain | stands for it."""
_BEYOND: Final = re.compile("[^\u0000-\uffff]")


class Peers:
    """Whom the accounts of an organisation are compared with for their Benchmark $.

    Args:
        accounts: of the whole organisation, one row per account.
    """

    def __init__(self, accounts: pd.DataFrame) -> None:
        self._accounts = accounts

    @cached_property
    def places(self) -> np.ndarray:
        """(n, 15) rows of each account's peers, the nearest first; -1 where there are fewer."""
        found = np.full((len(self._accounts), PEER_COUNT), -1)
        for rows, chosen in nearest_peers(self._accounts):
            found[rows, : chosen.shape[1]] = chosen
        return found

    @cached_property
    def _sales(self) -> list[str]:
        return [_whole(value) for value in self._accounts[w.PRIOR_YEAR_SALES]]

    @cached_property
    def _bases(self) -> list[str]:
        size, segments = size_attribute(self._accounts), self._accounts[w.SEGMENT]
        return [
            f"Nearest in {size} of the active accounts in {name}"
            if within
            else f"Nearest in {size} of all active accounts"
            for name, within in zip(segments, peers_of_segment(self._accounts), strict=True)
        ]

    def told(self, account_ids: pd.Series, *, all_names: bool = False) -> list[str]:
        """The text of each account; "" where it has no peers.

        Args:
            account_ids: of a workbook's accounts; only their names are told.
            all_names: whether the names of other accounts are told too.
        """
        every = pd.Index(self._accounts[w.ACCOUNT_ID])
        asked = every.get_indexer(account_ids)
        here = np.full(len(every), all_names)
        here[asked] = True
        names = [
            _plain(name) if known else ""
            for name, known in zip(self._accounts[w.ACCOUNT], here, strict=True)
        ]
        parts = [f"{sales} {name}" for sales, name in zip(self._sales, names, strict=True)]
        return [
            MARK.join([_plain(self._bases[row]), *(parts[at] for at in mine if at >= 0)])
            if mine[0] >= 0
            else ""
            for row, mine in zip(asked.tolist(), self.places[asked].tolist(), strict=True)
        ]


def _plain(name: str) -> str:
    """A name as it may stand in a text: Excel counts signs such as emoji twice, Calc does not."""
    return _BEYOND.sub("?", name.replace(MARK, "|"))


def _whole(value: float) -> str:
    """A number without a decimal point, exactly: 771.25 is 77125E-2."""
    if value != value:
        return ""
    _, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    sign = "-" if value < 0 else ""
    return f"{sign}{''.join(map(str, digits))}E{exponent}"
