"""Path, the timing play: the year by quarter, which deals to move, and which are late."""

import math
from typing import Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range_abs

from ...udfs import funnel, moves, timing
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Column, Sheet, Table, fixed, quote_sheet
from .path_volume import HELP_COLUMN

SEASON: Final = "Season"
LOW: Final = "One year in ten below"
HIGH: Final = "One year in ten above"
DO: Final = "Do"
FORWARD: Final = "Bring forward"
LEAVE: Final = "Leave"


def write(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    """Writes the section and gives the first row under it."""
    sheet.section(row, 0, "Timing play: the year by quarter", columns)
    table = _quarters(sheet, data, row + 1)
    _last_quarter(sheet, data, table)
    cover = _coverage(sheet, data, table, table.below + 2)
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
    plan = data.path
    cover, effort, found = plan.coverage, plan.effort, plan.outlook.odds

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
                cover[moves.OPEN_MONEY],
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
            Column(LOW, list(found.low), kind="money", note="Nine years in ten bring more"),
            Column(HIGH, list(found.high), kind="money", note="Nine years in ten bring less"),
            Column(
                moves.EFFORT,
                effort[moves.EFFORT],
                kind="count",
                note="Touches that new business and the open deals of the quarter take",
            ),
            Column(
                moves.ROOM,
                effort[moves.ROOM],
                kind="count",
                note="Touches that can be made in it from today on",
            ),
            Column(moves.STAND, cover[moves.STAND], role="note"),
        ],
        4,
        filters=False,
    )


def _two_deals(sheet: Sheet, data: Round, row: int) -> None:
    largest = data.path.largest
    text = "Nothing open is to come."
    if largest.names and not math.isnan(largest.share):
        text = (
            f"{' and '.join(largest.names)} bring {fixed(100 * largest.share)} % of what is to "
            f"come: {fixed(largest.money)}."
        )
    sheet.put(row, 0, text, "sentence")
    if data.path.quick_wins.accounts:
        sheet.put(row + 1, 0, data.path.quick_wins.words, "sentence", font_size=10)


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
    plan = data.path
    rows = pd.concat(
        [plan.forward.assign(**{DO: FORWARD}), plan.leave.assign(**{DO: LEAVE})],
        ignore_index=True,
    )
    short = moves.short_quarter(plan.quarters, data.today)
    told = (
        "No quarter that is left is short of its quota."
        if short is None
        else f"{timing.QUARTERS[short]} is short. Candidates, best first; you decide."
    )
    sheet.put(row + 1, 0, told, "note")
    table = sheet.table(
        c.T_MOVES,
        row + 2,
        0,
        [
            Column(DO, rows[DO], role="label"),
            *_deal_columns(rows),
            Column(moves.REASON, rows[moves.REASON], role="note"),
        ],
        len(rows),
        filters=False,
    )
    row = table.below + 1
    sheet.section(row, 0, "Early signs: which deal should be at which gate by when", columns)
    signs = plan.signs
    table = sheet.table(
        c.T_SIGNS,
        row + 1,
        0,
        [
            Column(moves.NEXT_GATE, signs[moves.NEXT_GATE], role="label"),
            *_deal_columns(signs),
            Column(moves.BY, signs[moves.BY], kind="date"),
            Column(moves.STAND, signs[moves.STAND], role="note"),
        ],
        len(signs),
        filters=False,
    )
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


def _deal_columns(deals: pd.DataFrame) -> list[Column]:
    blank = pd.Series(np.nan, index=deals.index) if deals.empty else None
    return [
        Column(w.ACCOUNT, deals[w.ACCOUNT]),
        Column(w.STAGE, deals[w.STAGE]),
        Column(w.DEAL_ID, deals[w.DEAL_ID]),
        Column(w.AMOUNT, deals[w.AMOUNT], kind="money"),
        Column(w.WEIGHTED, deals[w.WEIGHTED], kind="money"),
        Column(
            moves.EXPECTED_CLOSE,
            deals[moves.EXPECTED_CLOSE] if blank is None else blank,
            kind="date",
        ),
        Column(timing.QUARTER, deals[timing.QUARTER]),
    ]
