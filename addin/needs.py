"""Which tables and columns a macro cannot do without: asked for before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..udfs import review
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import checks, evidence, tracker
from ..workbook_templates.sheets.review import FEEDBACK, REVIEWED_ON
from .hosts.reader import Reader
from .workbook import address, table_trouble

WALK_COLUMNS: Final = (
    w.REP,
    w.MANAGER,
    w.QUOTA,
    c.UNATTACHED_CLOSED,
    c.UNATTACHED_WEIGHTED,
    w.TOUCHES_PER_WEEK,
)
_ACCOUNTS: Final = tuple(
    name for name in (*c.ACCOUNT_COLUMNS, *c.WORKING_COLUMNS) if name != w.WHITESPACE
)
"""Whitespace is younger than some workbooks; where it has no column, it is not written."""
MODEL: Final[Mapping[str, Sequence[str]]] = {
    c.T_ACCOUNTS: _ACCOUNTS,
    c.T_SCORES: c.MODEL_COLUMNS,
    c.T_DEALS: c.DEAL_COLUMNS,
    c.T_REPS: (w.REP, w.MANAGER, w.QUOTA),
    c.T_WALK: WALK_COLUMNS,
    c.T_CHECKS: checks.COLUMNS,
}
"""For scoring, importing and the path."""
GRID: Final[Mapping[str, Sequence[str]]] = {
    c.T_ACCOUNTS: _ACCOUNTS,
    c.T_SCORES: c.MODEL_COLUMNS,
    c.T_WALK: WALK_COLUMNS,
}
PLANS: Final[Mapping[str, Sequence[str]]] = {
    c.T_ACCOUNTS: (w.ACCOUNT, w.OWNER, w.QUADRANT, w.STATUS, w.POTENTIAL_MONEY),
    c.T_PLANS: (
        tracker.PLAN,
        w.ACCOUNT,
        w.OWNER,
        tracker.COMPLETE,
        tracker.MISSING,
        tracker.NEXT_ACTION,
        tracker.NEXT_DUE,
        tracker.STATE,
        tracker.TURNED_IN,
        tracker.FINDINGS,
        tracker.LINK,
    ),
    c.T_CHECKS: checks.COLUMNS,
}
REVIEW: Final[Mapping[str, Sequence[str]]] = {
    c.T_ACCOUNTS: _ACCOUNTS,
    c.T_WALK: WALK_COLUMNS,
}
EVIDENCE: Final[Mapping[str, Sequence[str]]] = {
    c.T_EVIDENCE: (*evidence.LOOKS,),
    c.T_EVIDENCE_GAINS: evidence.GAIN_COLUMNS,
    c.T_EVIDENCE_FIGURES: (evidence.VALUE, evidence.NOTE),
    c.T_EVIDENCE_BANDS: evidence.BAND_COLUMNS,
    c.T_EVIDENCE_CURVES: evidence.CURVE_COLUMNS,
    c.T_EVIDENCE_INPUTS: (evidence.INPUT, evidence.THEN),
    c.T_EVIDENCE_NOTES: (evidence.TO_KNOW,),
}
"""Of a workbook that has the sheet; books have none."""
REVIEW_TABLE: Final[Mapping[str, Sequence[str]]] = {
    c.T_REVIEWS: (w.REP, review.TALK_ABOUT, FEEDBACK, REVIEWED_ON)
}
"""Of a workbook that has been told from a book."""
ONLY_IN_SOME: Final = (c.T_REPS,)
"""A book has no such table."""


def refuse_broken(reader: Reader, needs: Mapping[str, Sequence[str]]) -> None:
    """Raises WorkbookError, all mistakes at once, where a table or a column is not there."""
    lines = [line for name, columns in needs.items() for line in _broken(reader, name, columns)]
    if lines:
        raise WorkbookError(lines[0], tuple(lines[1:]))


def _broken(reader: Reader, name: str, columns: Sequence[str]) -> Iterable[str]:
    table = reader.table(name)
    if table is None:
        if name not in ONLY_IN_SOME:
            yield str(table_trouble(name, reader.label))
        return
    headers = [header.strip() for header in reader.headers(table)]
    where = f"{address(table.area.top, table.area.left)}:"
    where += address(table.area.top, table.area.right)
    for column in columns:
        count = headers.count(column)
        if count != 1:
            has = "has no column" if not count else f"has {count} columns"
            yield (
                f"{reader.label}: sheet {table.area.sheet}, {where}: the table {name} {has} "
                f"'{column}'; give each column its own header back, or put the column back."
            )
