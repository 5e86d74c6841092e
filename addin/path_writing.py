"""The path to the quota back into a workbook: what only Python can work out, and its stamp.

What formulas give stays theirs. The tables on Path have a fixed size, so each is written in one
go and none grows into the next.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from ..udfs import funnel, moves, timing
from ..udfs import words as w
from ..udfs.path_plan import PathFacts, PathPlan
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import path_odds, path_stamps, path_timing
from ..workbook_templates.sheets.path_stamps import Stamp
from .hosts.reader import Reader
from .path_reading import EVERYBODY
from .workbook import Workbook

QUARTER_COLUMNS: Final = (timing.FROM, timing.TO, funnel.CLOSED, w.WEIGHTED_PIPELINE)
NEEDS: Final[Mapping[str, Sequence[str]]] = {
    c.T_QUARTERS: (timing.QUOTA_SHARE, *QUARTER_COLUMNS, path_timing.SEASON),
    c.T_COVERAGE: (*path_timing.LISTED, *path_timing.PLAYED),
    c.T_MOVES: (path_timing.DO, *path_timing.DEAL_COLUMNS, moves.REASON),
    c.T_SIGNS: (moves.NEXT_GATE, *path_timing.DEAL_COLUMNS, moves.BY, moves.STAND),
    c.T_ODDS: (path_odds.VALUE, path_odds.MEANING),
    c.T_PATH_CHECKS: (path_odds.CHECK, path_odds.VERDICT, path_odds.BAR, path_odds.WHY),
    c.T_GATE_RATES: (w.GATE, *EVERYBODY),
}
"""Tables and columns of Path that are written here: asked for before anything is."""


STAMPS_TOLD: Final = (
    "Path cannot tell from now on when something that it rests on has changed: its table "
    f"{c.T_PATH_INPUTS} is not as this version writes it; build the workbook anew to have that."
)


def stamps_of(reader: Reader) -> tuple[Stamp, ...]:
    """The stamps that a workbook can keep; fewer where an older version built it.

    Args:
        reader: of the workbook.
    """
    inputs = [str(row.get(path_stamps.INPUT, "")) for row in reader.records(c.T_PATH_INPUTS)]
    if inputs != [each.name for each in path_stamps.RESTS_ON]:
        return ()
    table = reader.table(c.T_PATH_INPUTS)
    headers = [header.strip() for header in reader.headers(table)] if table else []
    return tuple(
        stamp
        for stamp in path_stamps.STAMPS
        if headers.count(stamp.then) == 1 and reader.name(stamp.day) is not None
    )


def write_path(
    book: Workbook, facts: PathFacts, plan: PathPlan, stamps: Sequence[Stamp] = path_stamps.STAMPS
) -> int:
    """Writes all of it: the timing play, the odds, and the manager's checks.

    Args:
        book: the door.
        facts: what the path rests on.
        plan: what follows.
        stamps: those that the workbook can keep, as ``stamps_of``.

    Returns:
        How many rows of tables were written.
    """
    tables = _timing_tables(plan) | _odds_tables(plan)
    tables[c.T_COVERAGE] = path_timing.cover_rows(plan)
    names = _timing_names(facts, plan) | {
        c.N_ODDS_BASIS: plan.outlook.basis.words,
        c.N_BELIEVED: plan.believed,
    }
    return _write(book, tables, names, facts, plan, stamps)


def write_timing(
    book: Workbook, facts: PathFacts, plan: PathPlan, stamps: Sequence[Stamp] = path_stamps.STAMPS
) -> int:
    """Writes the timing play: the quarters, which deals to move, and which are late.

    Args, Returns: as ``write_path``.
    """
    tables, names = _timing_tables(plan), _timing_names(facts, plan)
    lists = [stamp for stamp in stamps if stamp == path_stamps.LISTS]
    return _write(book, tables, names, facts, plan, lists)


def _write(
    book: Workbook,
    tables: dict[str, pd.DataFrame],
    names: dict[str, Any],
    facts: PathFacts,
    plan: PathPlan,
    stamps: Sequence[Stamp],
) -> int:
    """Writes tables and named cells, and stamps them."""
    kept = {c.T_PATH_INPUTS: path_stamps.rested_on(facts, plan, stamps)} if stamps else {}
    for name, rows in (tables | kept).items():
        book.write_columns(name, rows.reset_index(drop=True))
    book.write_names(names | {stamp.day: f"{facts.today:%Y-%m-%d}" for stamp in stamps})
    return sum(map(len, tables.values()))


def _timing_tables(plan: PathPlan) -> dict[str, pd.DataFrame]:
    quarters = plan.quarters.quarters
    return {
        c.T_QUARTERS: quarters[list(QUARTER_COLUMNS)].assign(
            **{path_timing.SEASON: list(plan.season)}
        ),
        c.T_COVERAGE: path_timing.cover_rows(plan)[list(path_timing.LISTED)],
        c.T_MOVES: path_timing.move_rows(plan),
        c.T_SIGNS: path_timing.sign_rows(plan),
    }


def _timing_names(facts: PathFacts, plan: PathPlan) -> dict[str, Any]:
    return {
        c.N_TWO_DEALS: path_timing.two_deals_words(plan),
        c.N_QUICK_WINS: plan.quick_wins.words,
        c.N_SHORT_QUARTER: path_timing.short_words(plan, facts.today),
    }


def _odds_tables(plan: PathPlan) -> dict[str, pd.DataFrame]:
    lines = path_odds.odds_lines(plan.outlook)
    odds = {
        path_odds.VALUE: [line.value for line in lines],
        path_odds.MEANING: [line.meaning for line in lines],
    }
    return {c.T_ODDS: pd.DataFrame(odds), c.T_PATH_CHECKS: path_odds.check_rows(plan)}


def write_gate_rates(book: Workbook, facts: PathFacts) -> int:
    """Writes what everybody did at each gate, and from which day on the rates are read.

    Args, Returns: as ``write_path``.
    """
    held = book.read_table(c.T_GATE_RATES, [w.GATE])[w.GATE].astype(str).str.casefold()
    known = facts.everybody.set_index(facts.everybody[w.GATE].str.casefold())
    rows = known.reindex(held).set_axis(held.index)[list(EVERYBODY)]
    book.write_columns(c.T_GATE_RATES, rows)
    book.write_names({c.N_RATES_SINCE: facts.rates_since, c.N_GATE_WINS: facts.won})
    return len(rows)
