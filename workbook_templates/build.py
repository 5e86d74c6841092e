"""A planning round becomes a workbook."""

from pathlib import Path

from . import contract as c
from .form_buttons import Controls, place_buttons
from .round import Round, plan_tabs
from .sheets import (
    accounts,
    activity,
    changes,
    checks,
    deals,
    evidence,
    explain,
    guide,
    history,
    library,
    log,
    my_week,
    overrides,
    path,
    plan,
    quadrant,
    reps,
    review,
    scores,
    settings,
    splits,
    start,
    tracker,
)
from .writer import Book

# What stands behind comes first: formulas name tables, and links name cells,
# that must be there.
WRITERS = {
    c.SETTINGS: settings.write,
    c.SCORES: scores.write,
    c.ACCOUNTS: accounts.write,
    c.OVERRIDES: overrides.write,
    c.REPS: reps.write,
    c.DEALS: deals.write,
    c.ACTIVITY: activity.write,
    c.PATH: path.write,
    c.EXPLAIN: explain.write,
    c.QUADRANT: quadrant.write,
    c.SPLITS: splits.write,
    c.EVIDENCE: evidence.write,
    c.LIBRARY: library.write,
    c.PLAN_PREFIX: plan.write,
    c.TRACKER: tracker.write,
    c.GUIDE: guide.write,
    c.REVIEW: review.write,
    c.CHECKS: checks.write,
    c.CHANGES: changes.write,
    c.HISTORY: history.write,
    c.LOG: log.write,
    c.MY_WEEK: my_week.write,
    c.START: start.write,
}


def write_workbook(data: Round, path: Path, controls: Controls | None = None) -> None:
    """Writes the workbook of a round.

    Args:
        data: the round of a book, of a team, or an empty one for the template.
        path: where to; an existing file is overwritten.
        controls: buttons and macros, for a path that ends in .xlsm; ``None``: none.
    """
    book = Book(path, data.as_of.date(), f"Account Plan - {data.name}")
    tabs = plan_tabs(data)
    for spec in c.SHEETS:
        if data.kind in spec.kinds:
            book.sheet(spec.name, spec.tab)
        if spec.name == c.PATH:
            for tab in tabs:
                book.sheet(tab, "plan", landscape=False)
    for name, write in WRITERS.items():
        if name in book.sheets or (name == c.PLAN_PREFIX and tabs):
            write(book, data)
    if controls is not None:
        place_buttons(book, data.kind, controls)
    book.close()
