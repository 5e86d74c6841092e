"""Control totals of a refresh: what the team workbook added up to before, and adds up to now."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ..udfs import funnel
from ..udfs import words as w
from ..udfs.table_cells import cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.writer import money
from .hosts.reader import Reader
from .reading import WorkbookFacts

USED: Final = "Rows used"
Deals = Mapping[str, tuple[float, float]]
"""State -> rows and amount, as on Start."""


@dataclass(frozen=True)
class Total:
    """One total.

    Attributes:
        what: is added up.
        before: the refresh; NaN where nobody knows.
        now: after it.
    """

    what: str
    before: float
    now: float

    @property
    def told(self) -> str:
        """In words: ``Accounts 110 -> 112 (+2)``."""
        before, now = money(self.before), money(self.now)
        if before == now:
            return f"{self.what} {now}"
        step = self.now - self.before
        by = "" if math.isnan(step) else f" ({'+' if step > 0 else '-'}{money(abs(step))})"
        return f"{self.what} {before} -> {now}{by}"

    def to_json(self) -> dict[str, object]:
        """The total as ``refresh --json`` prints it."""
        before = None if math.isnan(self.before) else self.before
        return {"what": self.what, "before": before, "now": self.now}


def deals_on_start(reader: Reader) -> Deals:
    """The deals of a workbook by state, as its control totals have them."""
    return _by_state(reader.records(c.T_CONTROL))


def totals(
    before: WorkbookFacts, deals_before: Deals, now: WorkbookFacts, whole: Round
) -> tuple[tuple[Total, ...], ...]:
    """What the accounts, deals and quotas of a team add up to, before and now.

    Args:
        before, now: the team workbook, as it was and as it is.
        deals_before: as ``deals_on_start`` found them.
        whole: the round of now.

    Returns:
        What belongs together in one line: accounts, deals of each state, quotas.
    """
    deals_now = _by_state(whole.summary.control.to_dict("records"))
    worth, quota, closed, gap = (
        Total(what, *(float(getattr(each, table)[column].sum()) for each in (before, now)))
        for what, table, column in (
            (w.EXPECTED_MONEY, "accounts", w.EXPECTED_MONEY),
            ("Quotas", "walk", w.QUOTA),
            ("closed this year", "walk", funnel.CLOSED),
            ("gap", "walk", funnel.GAP),
        )
    )
    accounts = Total("Accounts", float(len(before.accounts)), float(len(now.accounts)))
    deals = (_of_state(state, deals_before, deals_now) for state in (w.WON, w.LOST, w.OPEN))
    return (accounts, worth), *deals, (quota, closed, gap)


def _of_state(state: str, before: Deals, now: Deals) -> tuple[Total, ...]:
    nothing, unknown = (0.0, 0.0), (math.nan, math.nan)
    # A workbook that was built without deals has no totals of them.
    rows, amount = before.get(state, nothing if before else unknown)
    rows_now, amount_now = now.get(state, nothing)
    word = state.lower()
    return Total(f"Deals {word}", rows, rows_now), Total(f"amount {word}", amount, amount_now)


def _by_state(rows: Iterable[Mapping[Any, Any]]) -> dict[str, tuple[float, float]]:
    frame = pd.DataFrame(list(rows), columns=[w.STATE, USED, w.AMOUNT])
    for name in (USED, w.AMOUNT):
        frame[name] = [cell_number(cell) for cell in frame[name]]
    sums = frame.groupby(w.STATE)[[USED, w.AMOUNT]].sum()
    return {str(state): (float(row[USED]), float(row[w.AMOUNT])) for state, row in sums.iterrows()}
