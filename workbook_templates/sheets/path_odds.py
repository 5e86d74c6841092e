"""Path, the odds: how likely the quota is, what more it takes, and whether to believe it."""

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ...udfs import believable
from ...udfs.outlook import Outlook
from ...udfs.path_plan import PathPlan
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Column, Sheet, Table, fixed
from . import path_stamps

FIGURE: Final = "Figure"
VALUE: Final = "Value"
MEANING: Final = "What it means"
REACH: Final = "Chance to reach the quota"
WITHOUT: Final = "Without new business"
MORE: Final = "More for {} %"
SHARES: Final = (0.5, 0.8, 0.9)

CHECK: Final = "Is it believable?"
VERDICT: Final = "Verdict"
BAR: Final = "Bar"
WHY: Final = "Why"


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
    below = _figures(sheet, data, row + 1).below
    sheet.put(below, 0, data.path.outlook.basis.words, "note")
    sheet.name_cell(c.N_ODDS_BASIS, below, 0)
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
    path_stamps.grey(sheet, path_stamps.ODDS, table.cells(VALUE))
    return table


def headline(sheet: Sheet, data: Round, row: int) -> None:
    """The odds as one large sentence, and when they were played."""
    found = data.path.outlook
    sheet.ws.set_row(row, 30)
    sheet.live(row, 0, f"={_sentence_formula()}", found.words, "figure")
    sheet.name_cell(c.N_ODDS, row, 0)
    path_stamps.grey(sheet, path_stamps.ODDS, xl_rowcol_to_cell(row, 0))
    path_stamps.put(sheet, data, path_stamps.ODDS, row + 1)
    path_stamps.write_states(sheet, data, row + 1)
    sheet.live(row + 2, 0, f"={c.N_BELIEVED}", data.path.believed, "sentence", font_size=10)
    path_stamps.grey(sheet, path_stamps.CHECKS, xl_rowcol_to_cell(row + 2, 0))


def _sentence_formula() -> str:
    def figure(name: str) -> str:
        return f'INDEX({c.T_ODDS}[{VALUE}],MATCH("{name}",{c.T_ODDS}[{FIGURE}],0))'

    reach, quota = figure(REACH), f"INDEX({c.T_PATH_INPUTS}[{path_stamps.ODDS.then}],1)"

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
    path_stamps.put(sheet, data, path_stamps.CHECKS, row + 2)
    table = sheet.table(
        c.T_PATH_CHECKS,
        row + 3,
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
    believed, area = xl_rowcol_to_cell(row + 1, 0), table.cells(VERDICT)
    path_stamps.grey(sheet, path_stamps.CHECKS, believed, area, table.cells(WHY))
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
