"""The manager's page, as its macro renews it."""

import pandas as pd

from ..udfs import review as model
from ..udfs import words as w
from ..workbook_templates import contract as c
from .desk import Desk, counted
from .review import review_open
from .write_back import rows_by

NO_COLUMNS = (model.STARTED, model.WITHOUT_PLAN, model.LAST_QUARTER)


def summarise(desk: Desk) -> None:
    """Renews the table of the sheet Review; feedback stays with its rep.

    Raises:
        WorkbookError: the workbook is a book, or lacks a table.
    """
    report = review_open(desk.reader, desk.door.place)
    reps = report.reps
    live = desk.door.live_columns(c.T_REVIEWS)
    known = {header.strip() for header in desk.door.tables()[c.T_REVIEWS].columns}
    columns = [name for name in reps.columns if name in known and name not in live]
    frame = reps[columns].copy()
    frame[model.TALK_ABOUT] = frame[model.TALK_ABOUT].map(model.in_one_line)
    places = rows_by(desk.reader, c.T_REVIEWS, w.REP)
    order = sorted(
        range(len(frame)), key=lambda at: places.get(frame[w.REP].iloc[at], len(places) + at)
    )
    frame = frame.iloc[order].reset_index(drop=True)
    table = desk.reader.table(c.T_REVIEWS)
    rows = 0 if table is None else table.area.bottom - table.area.top
    was = [places.get(rep) for rep in frame[w.REP]]
    desk.door.replace_rows(c.T_REVIEWS, frame, was=was, spare=max(rows - len(frame), 0))
    desk.rows = len(frame)
    desk.warnings += report.notes
    _tell(desk, reps)


def _tell(desk: Desk, reps: pd.DataFrame) -> None:
    plans, complete, good = (
        int(reps[name].sum()) for name in (model.PLANS, model.COMPLETE, model.GOOD)
    )
    late = int(reps[model.LATE].sum())
    desk.said.append(
        f"{counted(len(reps), 'rep', 'reps')}, {counted(plans, 'plan', 'plans')}: {complete:,} "
        f"complete, {good:,} good, {late:,} late."
    )
