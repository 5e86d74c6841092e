"""The path to the quota back into a workbook: what only Python can work out, and its stamp.

What formulas give stays theirs. The tables on Path have a fixed size, so each is written in one
go and none grows into the next.
"""

import pandas as pd

from ..udfs import funnel, timing
from ..udfs import words as w
from ..udfs.path_plan import PathFacts, PathPlan
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import path_odds, path_timing
from .path_reading import EVERYBODY
from .workbook import Workbook


def write_timing(book: Workbook, facts: PathFacts, plan: PathPlan) -> int:
    """Writes the timing play: the quarters, which deals to move, and which are late.

    Args:
        book: the door.
        facts: what the path rests on.
        plan: what follows.

    Returns:
        How many rows of tables were written.
    """
    quarters = plan.quarters.quarters
    columns = [timing.FROM, timing.TO, funnel.CLOSED, w.WEIGHTED_PIPELINE]
    year = quarters[columns].assign(**{path_timing.SEASON: list(plan.season)})
    cover = path_timing.cover_rows(plan)
    deals, signs = path_timing.move_rows(plan), path_timing.sign_rows(plan)
    tables = {c.T_QUARTERS: year, c.T_COVERAGE: cover, c.T_MOVES: deals, c.T_SIGNS: signs}
    for name, rows in tables.items():
        book.write_columns(name, rows.reset_index(drop=True))
    book.write_names(
        {
            c.N_TWO_DEALS: path_timing.two_deals_words(plan),
            c.N_QUICK_WINS: plan.quick_wins.words,
            c.N_SHORT_QUARTER: path_timing.short_words(plan, facts.today),
        }
    )
    return sum(map(len, tables.values()))


def write_gate_rates(book: Workbook, facts: PathFacts) -> int:
    """Writes what everybody did at each gate, and from which day on the rates are read.

    Args, Returns: as ``write_timing``.
    """
    held = book.read_table(c.T_GATE_RATES, [w.GATE])[w.GATE].astype(str).str.casefold()
    known = facts.everybody.set_index(facts.everybody[w.GATE].str.casefold())
    rows = known.reindex(held).set_axis(held.index)[list(EVERYBODY)]
    book.write_columns(c.T_GATE_RATES, rows)
    book.write_names({c.N_RATES_SINCE: facts.rates_since, c.N_GATE_WINS: facts.won})
    return len(rows)


def write_odds(book: Workbook, facts: PathFacts, plan: PathPlan) -> int:
    """Writes the odds, the manager's checks, and what both rest on, with the day.

    Args, Returns: as ``write_timing``.
    """
    lines = path_odds.odds_lines(plan.outlook)
    odds = pd.DataFrame(
        {
            path_odds.VALUE: [line.value for line in lines],
            path_odds.MEANING: [line.meaning for line in lines],
        }
    )
    inputs = pd.DataFrame({path_odds.THEN: path_odds.input_values(facts, plan)})
    checks = path_odds.check_rows(plan)
    tables = {c.T_ODDS: odds, c.T_PATH_INPUTS: inputs, c.T_PATH_CHECKS: checks}
    for name, rows in tables.items():
        book.write_columns(name, rows)
    book.write_names(
        {
            c.N_ODDS_DAY: f"{facts.today:%Y-%m-%d}",
            c.N_ODDS_BASIS: plan.outlook.basis.words,
            c.N_BELIEVED: plan.believed,
        }
    )
    return sum(map(len, tables.values()))
