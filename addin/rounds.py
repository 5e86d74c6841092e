"""The table Rounds of a team workbook: how the plans of each manager stood, collection by
collection.

A collection adds rows where the figures are others than at the one before; so the last rows
that differ from now are what now is to be held against.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from ..udfs import review as model
from ..udfs import words as w
from ..workbook_templates import contract as c
from .hosts.reader import Reader
from .team_tables import text_of
from .workbook import Workbook

_COLUMNS: Final = (model.COLLECTED, w.MANAGER, *model.GLANCE)


def read(reader: Reader) -> pd.DataFrame:
    """The rows of a workbook; none where it has no such table."""
    if reader.table(c.T_ROUNDS) is None:
        return as_rounds(())
    return as_rounds(reader.records(c.T_ROUNDS))


def as_rounds(rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Rows of the table as ``udfs.review.moved_since`` takes them; broken ones are left out."""
    frame = pd.DataFrame(list(rows), columns=list(_COLUMNS))
    when = pd.to_datetime(frame[model.COLLECTED], errors="coerce")
    frame[model.COLLECTED] = when.astype("datetime64[ns]")
    frame[w.MANAGER] = frame[w.MANAGER].map(text_of).astype(str)
    for name in model.GLANCE:
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    return frame.dropna(subset=[model.COLLECTED, *model.GLANCE]).reset_index(drop=True)


def remember(team: Workbook, now: pd.DataFrame, at: datetime) -> bool:
    """Adds how the plans stand now, where that is not what the last rows say.

    Args:
        team: the door to the team workbook.
        now: one row per manager (the index) with the figures of ``GLANCE``.
        at: the time of the collection.

    Returns:
        Whether rows were added.
    """
    if c.T_ROUNDS.casefold() not in {name.casefold() for name in team.tables()}:
        return False
    held = as_rounds(team.read_table(c.T_ROUNDS).to_dict("records"))
    last = held[held[model.COLLECTED] == held[model.COLLECTED].max()].set_index(w.MANAGER)
    # A manager without any plan left counts none, which is to be remembered once.
    managers = now.index.union(last.index).unique()
    last, now = (_by_manager(each).reindex(managers, fill_value=0.0) for each in (last, now))
    if last.equals(now):
        return False
    rows = now.rename_axis(w.MANAGER).reset_index()
    when = pd.Timestamp(at.replace(microsecond=0))
    if len(last):
        # Two collections within a second stay two.
        when = max(when, held[model.COLLECTED].max() + pd.Timedelta(seconds=1))
    rows.insert(0, model.COLLECTED, when)
    team.append_rows(c.T_ROUNDS, rows.astype(object))
    return True


def _by_manager(figures: pd.DataFrame) -> pd.DataFrame:
    return figures[[*model.GLANCE]].astype(float).groupby(level=0).sum()
