"""The manager's page, as its macro renews it."""

from collections.abc import Sequence

import pandas as pd

from ..udfs import review as model
from ..udfs import words as w
from ..workbook_templates import contract as c
from ..workbook_templates.sheets.review import FEEDBACK, REVIEWED_ON
from .crm.cells import as_text, key
from .desk import Desk, counted, listed
from .hosts.reader import Sheetful, live_headers, sheetful
from .needs import REVIEW_TABLE, refuse_broken
from .review import review_open


def summarise(desk: Desk) -> None:
    """Renews the table of the sheet Review; feedback stays with its rep.

    Raises:
        WorkbookError: the workbook is a book, or lacks a table or column.
    """
    report = review_open(desk.reader, desk.door.place)
    refuse_broken(desk.reader, REVIEW_TABLE)
    held = sheetful(desk.reader, c.T_REVIEWS)
    live = live_headers(desk.reader, c.T_REVIEWS)
    reps = report.reps
    columns = [name for name in reps.columns if name in held.columns and name not in live]
    frame = reps[columns].copy()
    frame[model.TALK_ABOUT] = frame[model.TALK_ABOUT].map(model.in_one_line)
    places: dict[str, int] = {}
    for place, rep in enumerate(held.columns[w.REP]):
        if as_text(rep):
            places.setdefault(key(as_text(rep)), place)
    was = [places.get(key(rep)) for rep in frame[w.REP]]
    order = sorted(range(len(frame)), key=lambda at: (was[at] is None, was[at] or 0))
    frame = frame.iloc[order].reset_index(drop=True)
    was = [was[at] for at in order]
    left = _with_feedback(held, was)
    frame = pd.concat([frame, left[[w.REP]]], ignore_index=True)
    was += [int(place) for place in left.index]
    desk.door.replace_rows(c.T_REVIEWS, frame, was=was, spare=max(held.rows - len(frame), 0))
    desk.rows = len(reps)
    desk.warnings += report.notes
    if len(left):
        desk.warnings.append(
            f"Not on Path any more, their feedback kept at the end: {listed(left[w.REP].tolist())}."
        )
    _tell(desk, reps)


def _with_feedback(held: Sheetful, taken: Sequence[int | None]) -> pd.DataFrame:
    """Rows of reps who are gone, where a manager has written something."""
    rows = pd.DataFrame({name: held.columns[name] for name in (w.REP, FEEDBACK, REVIEWED_ON)})
    written = (rows[FEEDBACK] != "") | (rows[REVIEWED_ON] != "")
    return rows[written & ~rows.index.isin([place for place in taken if place is not None])]


def _tell(desk: Desk, reps: pd.DataFrame) -> None:
    plans, complete, good = (
        int(reps[name].sum()) for name in (model.PLANS, model.COMPLETE, model.GOOD)
    )
    late = int(reps[model.LATE].sum())
    desk.said.append(
        f"{counted(len(reps), 'rep', 'reps')}, {counted(plans, 'plan', 'plans')}: {complete:,} "
        f"complete, {good:,} good, {late:,} late."
    )
