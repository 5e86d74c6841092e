"""Path, the odds: how likely the quota is, what more it takes, and whether to believe it.

What only Python plays through carries the day it was played, and turns grey
once something that it rests on has changed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from ...udfs import believable, funnel
from ...udfs import words as w
from ...udfs.outlook import Outlook
from ...udfs.path_plan import PathFacts, PathPlan
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Column, Sheet, Table, fixed
from .path_volume import HELP_COLUMN, LAG, RATE, column

FIGURE: Final = "Figure"
VALUE: Final = "Value"
MEANING: Final = "What it means"
REACH: Final = "Chance to reach the quota"
WITHOUT: Final = "Without new business"
MORE: Final = "More for {} %"
SHARES: Final = (0.5, 0.8, 0.9)

INPUT: Final = "Rests on"
NOW: Final = "Now"
THEN: Final = "When played"
CHANGED: Final = "Changed"
CHANGED_WORD: Final = "changed"

CHECK: Final = "Is it believable?"
VERDICT: Final = "Verdict"
BAR: Final = "Bar"
WHY: Final = "Why"

INPUTS_COLUMN: Final = 5
OUT_OF_DATE: Final = (
    "Out of date since something it rests on changed: press Compute funnel targets."
)


@dataclass(frozen=True)
class Input:
    """Something that the odds rest on: what it is called, its formula, and its value."""

    name: str
    formula: str
    value: Callable[[PathFacts, PathPlan], float]


RESTS_ON: Final = (
    Input(w.QUOTA, f"SUM({c.T_WALK}[{w.QUOTA}])", lambda f, _: _number(f.walk[w.QUOTA])),
    Input("Gap", f"N({c.N_GAP})", lambda f, _: _number(f.walk[funnel.GAP])),
    Input("Average deal", f"N({c.N_AVERAGE_DEAL})", lambda f, _: _number(f.average_deal)),
    Input("Weeks left", f"N({c.N_WEEKS_LEFT})", lambda _, p: p.targets.weeks),
    Input(
        "Touches a week", f"SUM({c.T_WALK}[{w.TOUCHES_PER_WEEK}])", lambda f, _: float(f.capacity)
    ),
    Input(
        "All rates",
        f"PRODUCT({column(RATE)})",
        lambda _, p: math.prod(target.rate for target in p.targets.gates),
    ),
    Input(
        "All lags",
        f"SUM({column(LAG)})",
        lambda _, p: math.fsum(gate.lag_weeks for gate in p.gates),
    ),
    Input(
        "Activity",
        f"SUM({c.T_ACTIVITY}[{w.COUNT}])",
        lambda f, _: float(f.activity[w.COUNT].sum()),
    ),
    Input("Retention", "Retention", lambda f, _: f.retention),
    Input("Win probability", "WinProbability", lambda f, _: f.win_probability),
    Input("Shared luck", "SharedShock", lambda f, _: f.shock),
    Input("Touches a deal", "TouchesPerDeal", lambda f, _: f.touches_per_deal),
)


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else float(value)


def input_values(facts: PathFacts, plan: PathPlan) -> list[float]:
    """What the odds rest on, in the order of PathInputs."""
    return [each.value(facts, plan) for each in RESTS_ON]


@dataclass(frozen=True)
class Line:
    """One line of PathOdds."""

    figure: str
    value: float
    kind: str
    meaning: str


def odds_lines(found: Outlook) -> list[Line]:
    """The lines of PathOdds."""
    odds, unit = found.odds, found.basis.unit
    more = [
        Line(MORE.format(fixed(100 * share)), found.more.get(share, math.nan), "decimal", unit)
        for share in SHARES
    ]
    played = f"of {odds.years:,} years that were played through"
    return [
        Line(REACH, odds.reach, "share", "or more, by the end of the planning year"),
        Line(WITHOUT, odds.without_new, "share", "if no new deal is begun from today on"),
        Line("One year in ten ends below", odds.p10, "money", ""),
        Line("Half the years end below", odds.p50, "money", ""),
        Line("Nine years in ten end below", odds.p90, "money", ""),
        Line("On average", odds.mean, "money", played),
        *more,
    ]


def check_rows(plan: PathPlan) -> pd.DataFrame:
    """The rows of PathChecks, and blank rows for rules that are not asked."""
    rows = pd.DataFrame(
        {
            CHECK: pd.Series([each.rule.label for each in plan.verdicts], dtype=object),
            VERDICT: pd.Series([each.verdict for each in plan.verdicts], dtype=object),
            BAR: pd.Series([_bar(each.rule) for each in plan.verdicts], dtype="float64"),
            WHY: pd.Series([each.words for each in plan.verdicts], dtype=object),
        }
    )
    return rows.reindex(range(len(believable.PATH_RULES)))


def write(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    """Writes the section and gives the first row under it."""
    sheet.section(row, 0, "The odds of the year", columns)
    figures = _figures(sheet, data, row + 1)
    inputs = _inputs(sheet, data, row + 1)
    below = max(figures.below, inputs.below)
    sheet.put(below, 0, data.path.outlook.basis.words, "note")
    sheet.name_cell(c.N_ODDS_BASIS, below, 0)
    _grey(sheet, figures)
    return _checks(sheet, data, below + 2, columns)


def _figures(sheet: Sheet, data: Round, row: int) -> Table:
    lines = odds_lines(data.path.outlook)
    table = sheet.table(
        c.T_ODDS,
        row,
        0,
        [
            Column(FIGURE, [line.figure for line in lines], role="label"),
            Column(VALUE, [line.value for line in lines], role="output", kind="general"),
            Column(MEANING, [line.meaning for line in lines], role="note"),
        ],
        len(lines),
        filters=False,
    )
    for place, line in enumerate(lines):
        sheet.put(table.row + 1 + place, 1, line.value, "output", line.kind)
    return table


def _inputs(sheet: Sheet, data: Round, row: int) -> Table:
    now = input_values(data.path_facts(), data.path)
    difference = f"ABS(N([@{NOW}])-N([@[{THEN}]]))"
    table = sheet.table(
        c.T_PATH_INPUTS,
        row,
        INPUTS_COLUMN,
        [
            Column(INPUT, [each.name for each in RESTS_ON], role="label"),
            Column(NOW, now, kind="general"),
            Column(THEN, now, kind="general"),
            Column(
                CHANGED,
                [""] * len(now),
                formula=f"=IF({difference}>0.000001*MAX(1,ABS(N([@[{THEN}]]))),"
                f'"{CHANGED_WORD}","")',
                role="note",
            ),
        ],
        len(RESTS_ON),
        filters=False,
    )
    # Each row has a formula of its own.
    for place, (each, value) in enumerate(zip(RESTS_ON, now, strict=True)):
        kind = "money" if abs(value) >= 1000 else "decimal" if abs(value) > 1 else "fine"
        at = table.row + 1 + place
        sheet.live(at, INPUTS_COLUMN + 1, f"={each.formula}", value, "calculation", kind)
        sheet.put(at, INPUTS_COLUMN + 2, value, "calculation", kind)
    return table


def _grey(sheet: Sheet, figures: Table) -> None:
    """What is out of date turns grey; a sentence says so as well."""
    grey = sheet.book.rule_style(font_color=styles.STALE_INK, italic=True, bg_color="#E9ECEF")
    rule = {"type": "formula", "criteria": f"={c.N_PATH_CURRENT}=0", "format": grey}
    sheet.ws.conditional_format(
        f"{figures.cell(0, VALUE)}:{figures.cell(figures.rows - 1, VALUE)}", rule
    )
    sheet.ws.conditional_format("A3", rule)


def headline(sheet: Sheet, data: Round, row: int) -> None:
    """The odds as one large sentence, and when they were played."""
    found = data.path.outlook
    sheet.ws.set_row(row, 30)
    sheet.live(row, 0, f"={_sentence_formula()}", found.words, "figure")
    sheet.name_cell(c.N_ODDS, row, 0)
    changed = f"{c.T_PATH_INPUTS}[{CHANGED}]"
    sheet.live(
        row + 1,
        HELP_COLUMN + 1,
        f'=IF(COUNTIF({changed},"{CHANGED_WORD}")=0,1,0)',
        1.0,
        "note",
        "count",
    )
    sheet.name_cell(c.N_PATH_CURRENT, row + 1, HELP_COLUMN + 1)
    sheet.put(row + 1, HELP_COLUMN, f"{data.today:%Y-%m-%d}", "note")
    sheet.name_cell(c.N_ODDS_DAY, row + 1, HELP_COLUMN)
    sheet.live(row + 2, 0, f"={c.N_BELIEVED}", data.path.believed, "sentence", font_size=10)
    sheet.live(
        row + 1,
        0,
        f'=IF({c.N_PATH_CURRENT}=1,"Played through on "&{c.N_ODDS_DAY}&".","{OUT_OF_DATE}")',
        f"Played through on {data.today:%Y-%m-%d}.",
        "note",
    )


def _sentence_formula() -> str:
    def figure(name: str) -> str:
        return f'INDEX({c.T_ODDS}[{VALUE}],MATCH("{name}",{c.T_ODDS}[{FIGURE}],0))'

    reach, quota = figure(REACH), f"INDEX({c.T_PATH_INPUTS}[{THEN}],1)"

    def more(share: float) -> str:
        held = figure(MORE.format(fixed(100 * share)))
        percent = fixed(100 * share)
        unit = f"LOWER(INDEX({c.T_ODDS}[{MEANING}],ROWS({c.T_ODDS}[{MEANING}])))"
        return (
            f'IF({held}="","; what would give {percent} % is not known.",'
            f'"; for {percent} % you need "&FIXED(ROUNDUP(ROUND({held},6),0),0)'
            f'&" more "&{unit}&".")'
        )

    return (
        f'IF({reach}="","Type the quota to see the odds of reaching it.",'
        f'FIXED(100*{reach},0)&" % to reach "&FIXED({quota},0)'
        f'&IF({reach}>=0.9,".",IF({reach}>=0.8,{more(0.9)},{more(0.8)})))'
    )


def _checks(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    """The manager's checks, one line each."""
    sheet.section(row, 0, "Is this path believable?", columns)
    found = check_rows(data.path)
    sheet.put(row + 1, 0, data.path.believed, "sentence", bold=True)
    sheet.name_cell(c.N_BELIEVED, row + 1, 0)
    table = sheet.table(
        c.T_PATH_CHECKS,
        row + 2,
        0,
        [
            Column(CHECK, found[CHECK], role="label"),
            Column(VERDICT, found[VERDICT], role="output"),
            Column(BAR, found[BAR], kind="percent"),
            Column(WHY, found[WHY], role="note"),
        ],
        len(found),
        filters=False,
    )
    first = table.cell(0, VERDICT)
    area = f"{first}:{table.cell(table.rows - 1, VERDICT)}"
    for verdict, fill, ink in (
        (believable.FAILS, styles.FLAG_FILL, styles.FLAG_INK),
        (believable.HOLDS, styles.GOOD_FILL, styles.GOOD_INK),
    ):
        sheet.ws.conditional_format(
            area,
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{verdict}"',
                "format": sheet.book.rule_style(bg_color=fill, font_color=ink),
            },
        )
    return table.below


def _bar(rule: believable.PathRule) -> float:
    return math.nan if rule.bar is None else rule.bar
