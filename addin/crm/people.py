"""Who is on the teams, what did they do each week, and how are they spelled?"""

from collections.abc import Iterable
from typing import Final

import pandas as pd

from ...udfs import words as w
from . import dates
from .accounts import drop
from .cells import each, key
from .columns import Columns
from .report import EXAMPLES, Dropped, Journal

TEAM_COLUMNS: Final = (
    w.REP,
    w.MANAGER,
    w.REGION,
    w.QUOTA,
    w.START_DATE,
    w.TOUCHES_PER_WEEK,
)
ACTIVITY_COLUMNS: Final = (w.REP, w.WEEK, w.GATE, w.COUNT)


def no_teams() -> pd.DataFrame:
    """Answer an empty teams frame with all its columns."""
    kinds = {w.QUOTA: "float64", w.START_DATE: dates.DAYS, w.TOUCHES_PER_WEEK: "float64"}
    return pd.DataFrame({c: pd.Series([], dtype=kinds.get(c, "str")) for c in TEAM_COLUMNS})


def no_activity() -> pd.DataFrame:
    """Answer an empty activity frame with all its columns."""
    kinds = {w.WEEK: dates.DAYS, w.COUNT: "float64"}
    return pd.DataFrame({c: pd.Series([], dtype=kinds.get(c, "str")) for c in ACTIVITY_COLUMNS})


def read_teams(columns: Columns) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Answer the reps (the first row of each), and the rows not used."""
    frame = pd.DataFrame(
        {
            w.REP: columns.text(w.REP),
            w.MANAGER: columns.text(w.MANAGER),
            w.REGION: columns.text(w.REGION),
            w.QUOTA: columns.number(w.QUOTA),
            w.START_DATE: columns.date(w.START_DATE),
            w.TOUCHES_PER_WEEK: columns.number(w.TOUCHES_PER_WEEK),
        }
    )
    blank = (frame[w.REP] == "").to_numpy()
    repeated = each(frame[w.REP], key).duplicated().to_numpy() & ~blank
    rows = columns.table.rows
    dropped = drop("row without a rep", blank, rows, frame[w.MANAGER])
    dropped += drop("duplicate rep", repeated, rows, frame[w.REP])
    return frame[~(blank | repeated)].reset_index(drop=True), dropped


def read_activity(columns: Columns) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Answer what each rep did per week (its Monday) and gate, and the rows not used."""
    day = columns.date(w.WEEK)
    frame = pd.DataFrame(
        {
            w.REP: columns.text(w.REP),
            w.WEEK: (day - pd.to_timedelta(day.dt.day_of_week, unit="D")).astype(dates.DAYS),
            w.GATE: columns.text(w.GATE),
            w.COUNT: columns.number(w.COUNT),
        }
    )
    blank_text = (frame[w.REP] == "") | (frame[w.GATE] == "")
    blank = (blank_text | frame[w.WEEK].isna() | frame[w.COUNT].isna()).to_numpy()
    rows = columns.table.rows
    dropped = drop("row without rep, week, gate or count", blank, rows, frame[w.REP])
    return frame[~blank].reset_index(drop=True), dropped


def spell_alike(people: Iterable[tuple[pd.DataFrame, str]], journal: Journal) -> None:
    """Give every person one spelling, in place: the first one met, capitals and spaces aside.

    Args:
        people: (frame, column of names) pairs, the one with the best spelling first.
        journal: told which names were spelled in another way.
    """
    spelling: dict[str, str] = {"": ""}
    other: set[str] = set()
    for frame, column in people:
        names = frame[column]
        for name in names.unique():
            if spelling.setdefault(key(name), name) != name:
                other.add(name)
        frame[column] = each(names, lambda name: spelling[key(name)])
    if other:
        shown = ", ".join(repr(name) for name in sorted(other)[:EXAMPLES])
        journal.notes.append(f"Spellings of a person's name made one: {len(other):,} ({shown})")


def note_strangers(
    teams: pd.DataFrame, people: Iterable[tuple[pd.DataFrame, str, str]], journal: Journal
) -> None:
    """Note reps who are not on any team.

    Args:
        teams: the teams frame, not empty.
        people: (frame, column of names, what they have there, as "with deals").
        journal: told of them.
    """
    known = set(teams[w.REP])
    for frame, column, what in people:
        strangers = sorted(set(frame[column].unique()) - known - {""})
        if strangers:
            shown = ", ".join(strangers[:EXAMPLES]) + ", ..." * (len(strangers) > EXAMPLES)
            journal.notes.append(
                f"Reps {what} who are not in the teams file: {len(strangers):,} ({shown})"
            )
