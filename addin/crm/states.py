"""Is a deal won, lost or open?

In this order: the user's own [stages] of --columns; the flags "Is won" and "Is
closed"; a status that reads won, lost or open; the stage's name. A stage that
is not known counts as open, and the report names it.
"""

import re

import numpy as np
import pandas as pd

from ...udfs import words as w
from . import headers as h
from .cells import each, key
from .columns import Columns
from .report import Journal

_WON = re.compile(r"(closed|close|deal|opportunity) ?won\b(?!.*\blost\b).*|won( closed)?")
_LOST = re.compile(r"(closed|close|deal|opportunity) ?lost\b.*|lost( closed)?")


_UNCLEAR = "unclear"


def known_state(name: str) -> str:
    """Answer the state that a stage or status names by itself; "" where it names none.

    Args:
        name: "Closed Won", "closedwon", "6 - Closed Lost", "Won", "Open", ...
    """
    bare = re.sub(r"[^a-z]+", " ", name.casefold()).strip()
    if _WON.fullmatch(bare):
        return w.WON
    if _LOST.fullmatch(bare):
        return w.LOST
    return w.OPEN if bare == "open" else ""


def stage_and_state(
    columns: Columns, stages: dict[str, str], journal: Journal
) -> tuple["pd.Series[str]", "pd.Series[str]"]:
    """Answer stage (as it came; the status where there is none) and state of every deal.

    Args:
        columns: the opportunities.
        stages: stage name (as ``cells.key``) -> state, from --columns.
        journal: told what the states rest on, and which stages were read as open.
    """
    status = columns.text(w.STATE)
    stage = columns.text(w.STAGE) if columns.has(w.STAGE) else status
    state = each(stage, known_state)
    if columns.has(w.STAGE) and columns.has(w.STATE):
        state = _prefer(each(status, known_state), state, columns.header(w.STATE), journal)
    if columns.has(h.IS_WON) or columns.has(h.IS_CLOSED):
        state = _with_flags(columns, state, journal)
    told = each(stage, lambda name: stages.get(key(name), ""))
    state = state.where(told == "", told)
    _refuse_unclear(columns, stage, state, journal)
    _note_open(stage, state, journal)
    sources = [c for c in (h.IS_WON, h.IS_CLOSED, w.STATE, w.STAGE) if columns.has(c)]
    headers = ", ".join(columns.header(c) for c in sources)
    journal.derived.append(f"Deal states derived from {headers}{' and --columns' * bool(stages)}")
    return stage, pd.Series(state.where(state != "", w.OPEN), dtype=str)


def _prefer(
    first: "pd.Series[str]", second: "pd.Series[str]", header: str, journal: Journal
) -> "pd.Series[str]":
    """Answer ``first`` where it says anything, and note where the two contradict."""
    against = int(((first != "") & (second != "") & (first != second)).sum())
    if against:
        journal.notes.append(
            f"Deals whose stage contradicts {header}, which was followed: {against:,}"
        )
    return first.where(first != "", second)


def _with_flags(columns: Columns, state: "pd.Series[str]", journal: Journal) -> "pd.Series[str]":
    """Answer the states by the flags; closed deals that nothing calls won or lost are unclear."""
    won, closed = columns.flag(h.IS_WON), columns.flag(h.IS_CLOSED)
    header = columns.header(h.IS_WON if columns.has(h.IS_WON) else h.IS_CLOSED)
    if not columns.has(h.IS_CLOSED):
        by_flag = np.where(won, w.WON, np.where(state == w.WON, w.OPEN, ""))
    elif not columns.has(h.IS_WON):
        by_flag = np.where(~closed, w.OPEN, np.where(state.isin([w.WON, w.LOST]), state, _UNCLEAR))
    else:
        by_flag = np.where(won, w.WON, np.where(closed, w.LOST, w.OPEN))
    return _prefer(pd.Series(by_flag, dtype=str), state, header, journal)


def _refuse_unclear(
    columns: Columns, stage: "pd.Series[str]", state: "pd.Series[str]", journal: Journal
) -> None:
    names = sorted(set(stage[state == _UNCLEAR]))
    if names:
        journal.mistake(
            f"{columns.table.file}: closed deals in the stages {', '.join(map(repr, names))} are "
            "neither won nor lost by name; say which in --columns MAP.toml: [stages] lost = [...]"
        )


def _note_open(stage: "pd.Series[str]", state: "pd.Series[str]", journal: Journal) -> None:
    """Note the stages that count as open because nothing says that they are closed."""
    counts = stage[state == ""].value_counts()
    if len(counts):
        names = ", ".join(f"{name or '(blank)'} ({n:,})" for name, n in sorted(counts.items()))
        journal.notes.append(f"Stages read as open: {names}")
