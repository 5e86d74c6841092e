"""What the parts of Explain share: the account that is explained, and how formulas find it."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ...udfs import words as w
from .. import contract as c
from ..round import Round
from ..writer import Sheet

PICK_ROW: Final = 3
BLOCKS_ROW: Final = 11
RIGHT: Final = 8
LAST: Final = 12
# Columns of workings, hidden right of what is shown.
WORKINGS: Final = 14
ATTRIBUTE_AT: Final = WORKINGS + 1
SIZE_AT: Final = WORKINGS + 2
BAR_AT: Final = WORKINGS + 3
PIECE_AT: Final = WORKINGS + 7
MEMBER_AT: Final = WORKINGS + 9


def _working(line: int) -> str:
    return f"${xl_col_to_name(WORKINGS)}${PICK_ROW + 1 + line}"


PICKED: Final = f"$A${PICK_ROW + 2}"
ROW: Final = _working(0)
SCORES_ROW: Final = _working(1)
PEERS: Final = _working(2)
FAMILY: Final = _working(3)
"""Cells: the picked name, its row on Accounts, on Scores, the text of its peers, its family."""


def account(column: str) -> str:
    """A fact of the account from Accounts."""
    return f"INDEX({c.T_ACCOUNTS}[{column}],{ROW})"


def model(column: str) -> str:
    """What the model found of the account, from Scores."""
    return f"INDEX({c.T_SCORES}[{column}],{SCORES_ROW})"


def of_account(column: str) -> str:
    """The same as ``account``, as a cell's formula that is blank where the fact is."""
    return f'=IF({ROW}="","",IF({account(column)}="","",{account(column)}))'


def or_0(value: Any) -> float:
    """A number, 0 where it is missing, as N() gives it."""
    return 0.0 if value is None or pd.isna(value) else float(value)


class Explained:
    """The account that a panel explains.

    Args:
        sheet: to be written on.
        data: the round.
        picked: the account's name; "" explains the best by Score.

    Attributes:
        at: where it stands among the accounts; ``None`` where there is none.
        facts, found: its row of Accounts, and of the model; empty where there is none.
    """

    def __init__(self, sheet: Sheet, data: Round, picked: str = "") -> None:
        self.sheet, self.data, self.picked = sheet, data, picked
        self.at = _place(data.accounts, picked)
        empty: Mapping[Any, Any] = {}
        self.facts = empty if self.at is None else data.accounts.iloc[self.at].to_dict()
        self.found = empty if self.at is None else data.model.iloc[self.at].to_dict()


def _place(accounts: pd.DataFrame, picked: str) -> int | None:
    """Where the picked account stands, or the best by Score; ``None`` where there is none."""
    if picked:
        found = np.flatnonzero((accounts[w.ACCOUNT] == picked).to_numpy())
    else:
        found = np.flatnonzero((accounts[c.OVERALL_RANK] == 1).to_numpy())
        if not len(found):
            found = np.flatnonzero((accounts[w.ACCOUNT] != "").to_numpy())
    return int(found[0]) if len(found) else None
