"""Path, the timing play: the year by quarter, which deals to move, and which are late."""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import funnel, moves, timing
from ...udfs import words as w
from ...udfs.path_plan import PathPlan
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Column, Sheet, Table, fixed, quote_sheet
from . import path_stamps
from .path_volume import HELP_COLUMN

SEASON: Final = "Season"
LOW: Final = "One year in ten below"
HIGH: Final = "One year in ten above"
LISTED: Final = (moves.OPEN_MONEY, moves.EFFORT, moves.ROOM, moves.STAND)
PLAYED: Final = (LOW, HIGH)
"""The columns of QuarterCoverage that no formula gives: with the lists, and with the odds."""
DO: Final = "Do"
FORWARD: Final = "Bring forward"
LEAVE: Final = "Leave"
MOST_SHOWN: Final = 6
DEAL_COLUMNS: Final = (
    w.ACCOUNT,
    w.STAGE,
    w.DEAL_ID,
    w.AMOUNT,
    w.WEIGHTED,
    moves.EXPECTED_CLOSE,
    timing.QUARTER,
)


def write(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    """Writes the section and gives the first row under it."""
    sheet.section(row, 0, "Timing play: the year by quarter", columns)
    path_stamps.put(sheet, data, path_stamps.LISTS, row + 1)
    table = _quarters(sheet, data, row + 2)
    found = (timing.FROM, timing.TO, funnel.CLOSED, w.WEIGHTED_PIPELINE, SEASON)
    path_stamps.grey(sheet, path_stamps.LISTS, *map(table.cells, found))
    _last_quarter(sheet, data, table)
    cover = _coverage(sheet, data, table, table.below + 2)
    path_stamps.grey(sheet, path_stamps.LISTS, *map(cover.cells, LISTED))
    path_stamps.grey(sheet, path_stamps.ODDS, *map(cover.cells, PLAYED))
    _two_deals(sheet, data, cover.below)
    _quarter_chart(sheet, data, table, cover, cover.below + 2)
    return _lists(sheet, data, cover.below + 2 + 18, columns)


def _quarters(sheet: Sheet, data: Round, row: int) -> Table:
    plan = data.path.quarters.quarters
    walk_quota, walk_repeat = f"{c.T_WALK}[{w.QUOTA}]", f"{c.T_WALK}[{funnel.REPEAT_TO_COME}]"
    return sheet.table(
        c.T_QUARTERS,
        row,
        0,
        [
            Column(timing.QUARTER, list(timing.QUARTERS), role="label"),
            Column(timing.FROM, plan[timing.FROM], kind="date"),
            Column(timing.TO, plan[timing.TO], kind="date"),
            Column(
                timing.QUOTA_SHARE,
                plan[timing.QUOTA_SHARE],
                role="input",
                kind="percent",
                prompt="Share of the year's quota. The four make 100 %.",
                rule={"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1},
            ),
            Column(
                w.QUOTA,
                plan[w.QUOTA],
                formula=f'=IF(OR([@Quarter]="{timing.LATER}",COUNT({walk_quota})=0),"",'
                f"ROUND(SUM({walk_quota})*[@[Quota share]],9))",
                kind="money",
            ),
            Column(funnel.CLOSED, plan[funnel.CLOSED], kind="money"),
            Column(
                w.WEIGHTED_PIPELINE,
                plan[w.WEIGHTED_PIPELINE],
                kind="money",
                note="By expected close; deals without a date close after a typical cycle",
            ),
            Column(
                SEASON,
                list(data.path.season),
                kind="percent",
                note="Share of repeat business that falls into the quarter, as last year",
            ),
            Column(
                funnel.REPEAT_TO_COME,
                plan[funnel.REPEAT_TO_COME],
                formula=f"=ROUND(SUM({walk_repeat})*[@Season],9)",
                kind="money",
            ),
            Column(
                timing.EXPECTED,
                plan[timing.EXPECTED],
                formula="=ROUND([@Closed]+[@[Weighted pipeline]]+[@[Repeat to come]],9)",
                role="output",
                kind="money",
            ),
            Column(
                timing.GAP_TO_QUOTA,
                plan[timing.GAP_TO_QUOTA],
                formula='=IF([@Quota]="","",ROUND([@Quota]-[@Expected],9))',
                role="output",
                kind="money",
            ),
        ],
        len(timing.QUARTERS),
        filters=False,
    )


def _last_quarter(sheet: Sheet, data: Round, table: Table) -> None:
    expected = data.path.quarters.quarters[timing.EXPECTED].to_list()
    cells = [table.cell(place, timing.EXPECTED) for place in range(4)]
    year = f"SUM({cells[0]}:{cells[3]})"
    in_year = float(sum(expected[:4]))
    share = expected[3] / in_year if in_year > 0 else 0.0
    formula = (
        f'=IF({year}<=0,"Nothing is expected this year yet.",'
        f'FIXED(100*{cells[3]}/{year},0)&" % of the year falls into the last quarter"'
        f'&IF({cells[3]}/{year}>LastQuarterBar,": more than "&FIXED(100*LastQuarterBar,0)'
        '&" %, bring some of it forward.","."))'
    )
    if in_year <= 0:
        text = "Nothing is expected this year yet."
    else:
        text = f"{fixed(100 * share)} % of the year falls into the last quarter"
        bar = data.settings.last_quarter_bar
        text += (
            f": more than {fixed(100 * bar)} %, bring some of it forward." if share > bar else "."
        )
    sheet.live(table.below, 0, formula, text, "sentence", bold=True)


def _coverage(sheet: Sheet, data: Round, quarters: Table, row: int) -> Table:
    """How each quarter is covered, what range it may come to, and the effort it takes."""
    cover, held = data.path.coverage, cover_rows(data.path)

    def of(name: str) -> str:
        place = f"ROW()-ROW({c.T_COVERAGE}[[#Headers],[{timing.QUARTER}]])"
        return f"INDEX({c.T_QUARTERS}[{name}],{place})"

    missing = f"(N({of(w.QUOTA)})-{of(funnel.CLOSED)}-{of(funnel.REPEAT_TO_COME)})"
    return sheet.table(
        c.T_COVERAGE,
        row,
        0,
        [
            Column(timing.QUARTER, list(timing.QUARTERS[:4]), role="label"),
            Column(
                moves.COVERED,
                cover[moves.COVERED],
                formula=f'=IF(N({of(w.QUOTA)})=0,"",ROUND({of(timing.EXPECTED)}/{of(w.QUOTA)},9))',
                role="output",
                kind="percent",
                note="What is expected, as a share of the quota",
            ),
            Column(
                moves.OPEN_MONEY,
                held[moves.OPEN_MONEY],
                kind="money",
                note="Amounts of the open deals that should close in it, not weighted, none stale",
            ),
            Column(
                moves.COVERAGE,
                cover[moves.COVERAGE],
                formula=f'=IF({of(w.QUOTA)}="","",IF({missing}<=0,"",'
                f"ROUND([@[{moves.OPEN_MONEY}]]/{missing},9)))",
                kind="decimal",
                note="Open amount, as a multiple of what is neither closed nor repeated",
            ),
            Column(LOW, held[LOW], kind="money", note="Nine years in ten bring more"),
            Column(HIGH, held[HIGH], kind="money", note="Nine years in ten bring less"),
            Column(
                moves.EFFORT,
                held[moves.EFFORT],
                kind="count",
                note="Touches that new business and the open deals of the quarter take",
            ),
            Column(
                moves.ROOM,
                held[moves.ROOM],
                kind="count",
                note="Touches that can be made in it from today on",
            ),
            Column(moves.STAND, held[moves.STAND], role="note"),
        ],
        4,
        filters=False,
    )


def _two_deals(sheet: Sheet, data: Round, row: int) -> None:
    sheet.put(row, 0, two_deals_words(data.path), "sentence", font_size=10)
    sheet.name_cell(c.N_TWO_DEALS, row, 0)
    sheet.put(row + 1, 0, data.path.quick_wins.words, "sentence", font_size=10)
    sheet.name_cell(c.N_QUICK_WINS, row + 1, 0)
    told = [xl_rowcol_to_cell(at, 0) for at in (row, row + 1)]
    path_stamps.grey(sheet, path_stamps.LISTS, *told)


def two_deals_words(plan: PathPlan) -> str:
    """How much of what is to come hangs on two deals."""
    largest = plan.largest
    if not largest.names or math.isnan(largest.share):
        return "Nothing open is to come."
    bring = "bring" if len(largest.names) > 1 else "brings"
    share = f"{fixed(100 * largest.share)} %" if largest.share >= 0.01 else "under 1 %"
    return (
        f"{largest.words[:1].upper()}{largest.words[1:]} {bring} {share} of what is to come: "
        f"{fixed(largest.money)}."
    )


def cover_rows(plan: PathPlan) -> pd.DataFrame:
    """The columns of QuarterCoverage that no formula gives, one row per quarter."""
    odds = plan.outlook.odds
    return pd.DataFrame(
        {
            moves.OPEN_MONEY: plan.coverage[moves.OPEN_MONEY],
            LOW: list(odds.low),
            HIGH: list(odds.high),
            moves.EFFORT: plan.effort[moves.EFFORT],
            moves.ROOM: plan.effort[moves.ROOM],
            moves.STAND: plan.coverage[moves.STAND],
        }
    )


def short_words(plan: PathPlan, today: pd.Timestamp) -> str:
    """Which quarter the candidates are for."""
    short = moves.short_quarter(plan.quarters, today)
    if plan.quarters.quarters[w.QUOTA].isna().all():
        return "Type the quota to see which quarter is short."
    if short is None:
        return "No quarter that is left is short of its quota."
    return f"{timing.QUARTERS[short]} is short. Candidates, best first; you decide."


def move_rows(plan: PathPlan) -> pd.DataFrame:
    """The rows of Moves: what to bring forward, what to leave, and blank rows up to its size."""
    forward = plan.forward.head(MOST_SHOWN).assign(**{DO: FORWARD})
    leave = plan.leave.head(MOST_SHOWN).assign(**{DO: LEAVE})
    rows = pd.concat([forward, leave], ignore_index=True)
    return _sized(rows, (DO, *DEAL_COLUMNS, moves.REASON), 2 * MOST_SHOWN)


def sign_rows(plan: PathPlan) -> pd.DataFrame:
    """The rows of EarlySigns, and blank rows up to its size."""
    columns = (moves.NEXT_GATE, *DEAL_COLUMNS, moves.BY, moves.STAND)
    return _sized(plan.signs.head(MOST_SHOWN), columns, MOST_SHOWN)


def _sized(rows: pd.DataFrame, columns: Sequence[str], size: int) -> pd.DataFrame:
    """So many rows: the tables stand one above the other, and none may grow into the next."""
    return rows[list(columns)].reset_index(drop=True).reindex(range(size))


def _quarter_chart(sheet: Sheet, data: Round, table: Table, cover: Table, row: int) -> None:
    """What is expected per quarter, with the quota as a line and the range as a band."""
    helpers = _band(sheet, data, table, cover)
    chart = sheet.book.chart("column", "stacked")

    def area(column: str) -> str:
        col = table.columns.index(column)
        return f"={quote_sheet(c.PATH)}!{xl_range_abs(table.row + 1, col, table.row + 4, col)}"

    for column, colour in (
        (funnel.CLOSED, styles.NAVY),
        (w.WEIGHTED_PIPELINE, "#1F5FBF"),
        (funnel.REPEAT_TO_COME, styles.TEAL),
    ):
        chart.add_series(
            {
                "name": column,
                "categories": area(timing.QUARTER),
                "values": area(column),
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    line = sheet.book.chart("line")
    line.add_series(
        {
            "name": w.QUOTA,
            "categories": area(timing.QUARTER),
            "values": area(w.QUOTA),
            "line": {"color": "#C26A00", "width": 2.25},
            "marker": {"type": "diamond", "size": 7, "fill": {"color": "#C26A00"}},
        }
    )
    line.add_series(
        {
            "name": "Eight years in ten, new business included",
            "categories": area(timing.QUARTER),
            "values": area(timing.EXPECTED),
            "line": {"none": True},
            "marker": {"type": "none"},
            "y_error_bars": {
                "type": "custom",
                "plus_values": helpers[0],
                "minus_values": helpers[1],
                "end_style": 1,
                "line": {"color": styles.INK, "width": 1.75},
            },
        }
    )
    # Seen by nobody, it makes the axis reach as high as the range does.
    line.add_series(
        {
            "name": HIGH,
            "categories": area(timing.QUARTER),
            "values": f"={cover.area(HIGH)}",
            "line": {"none": True},
            "marker": {"type": "none"},
        }
    )
    chart.combine(line)
    chart.show_hidden_data()
    chart.set_title(
        {
            "name": "The year by quarter, against the quota",
            "name_font": {"size": 12, "color": styles.NAVY},
        }
    )
    chart.set_legend({"position": "bottom", "delete_series": [5]})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True}})
    chart.set_size({"width": 900, "height": 340})
    told = "Columns per quarter: closed, pipeline, repeat; quota as a line; the range as bars."
    sheet.ws.insert_chart(row, 0, chart, {"description": told})


def _band(sheet: Sheet, data: Round, table: Table, cover: Table) -> tuple[str, str]:
    """How far the range goes up and down from what is expected, in hidden columns."""
    expected = data.path.quarters.quarters[timing.EXPECTED].to_list()
    found, col, areas = data.path.outlook.odds, HELP_COLUMN + 5, []
    for offset, (name, sign, bounds) in enumerate(((HIGH, 1, found.high), (LOW, -1, found.low))):
        for place in range(4):
            centre, bound = table.cell(place, timing.EXPECTED), cover.cell(place, name)
            ends = (bound, centre) if sign > 0 else (centre, bound)
            value = max(0.0, sign * (bounds[place] - expected[place]))
            formula = f'=IF({bound}="",0,MAX(0,{ends[0]}-{ends[1]}))'
            sheet.live(cover.row + 1 + place, col + offset, formula, value, "note", "money")
        cells = xl_range_abs(cover.row + 1, col + offset, cover.row + 4, col + offset)
        areas.append(f"={quote_sheet(c.PATH)}!{cells}")
    return areas[0], areas[1]


# Which deals


def _lists(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    sheet.section(row, 0, "Which deals: bring forward, or leave", columns)
    sheet.put(row + 1, 0, short_words(data.path, data.today), "note")
    sheet.name_cell(c.N_SHORT_QUARTER, row + 1, 0)
    path_stamps.grey(sheet, path_stamps.LISTS, xl_rowcol_to_cell(row + 1, 0))
    path_stamps.put(sheet, data, path_stamps.LISTS, row + 2)
    table = _deal_table(sheet, c.T_MOVES, row + 3, move_rows(data.path))
    row = table.below + 1
    sheet.section(row, 0, "Early signs: which deal should be at which gate by when", columns)
    path_stamps.put(sheet, data, path_stamps.LISTS, row + 1)
    table = _deal_table(sheet, c.T_SIGNS, row + 2, sign_rows(data.path))
    cell = table.cell(0, moves.STAND)
    sheet.ws.conditional_format(
        f"{cell}:{table.cell(table.rows - 1, moves.STAND)}",
        {
            "type": "formula",
            "criteria": f'=OR(LEFT({cell},4)="late",LEFT({cell},4)="date")',
            "format": sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK),
        },
    )
    return table.below


KINDS: Final = {
    w.AMOUNT: "money",
    w.WEIGHTED: "money",
    moves.EXPECTED_CLOSE: "date",
    moves.BY: "date",
}
NOTES: Final = (moves.REASON, moves.STAND)


def _deal_table(sheet: Sheet, name: str, row: int, deals: pd.DataFrame) -> Table:
    first = deals.columns[0]
    made = []
    for column in deals.columns:
        role = "label" if column == first else "note" if column in NOTES else "calculation"
        values = deals[column].where(deals[column].notna(), None)
        made.append(Column(column, values, role=role, kind=KINDS.get(column, "text")))
    table = sheet.table(name, row, 0, made, len(deals), filters=False)
    path_stamps.grey(sheet, path_stamps.LISTS, *map(table.cells, deals.columns))
    return table
