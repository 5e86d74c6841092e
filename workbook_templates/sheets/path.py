"""Path: from the quota to the gap, from the gap to what to do each week and quarter."""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_range_abs

from ...udfs import funnel, timing
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, fixed, quote_sheet, row_of, sum_of

CHART_DATA_COLUMN: Final = 20
COLUMNS: Final = 12
PER_WEEK: Final = "Per week"
WHOLE: Final = "Per week (whole)"
SEASON: Final = "Season"


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.PATH]
    sheet.heading("Path", f"{data.name}: from the quota to what to do each week and each quarter")
    sheet.widths(28, 20, 24, *[14] * 10)
    row = _walk(sheet, data, 3)
    row = _play(sheet, data, row + 1)
    if data.kind == c.BOOK:
        row = _reps(sheet, data, row + 1).below
    row = _volume(sheet, data, row + 1)
    row = _quarters(sheet, data, row + 1)
    if data.kind != c.BOOK:
        # Last, so that the table has room for reps to come.
        row = _reps(sheet, data, row + 1).below
    sheet.ws.print_area(0, 0, row, COLUMNS)


def _walk(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "Quota walk", 4)
    total = data.total
    walk = c.T_WALK
    lines = (
        ("Quota", w.QUOTA, f'IF(COUNT({walk}[Quota])=0,"",SUM({walk}[Quota]))', "for the year"),
        ("- Closed", funnel.CLOSED, f"SUM({walk}[Closed])", "won in the planning year"),
        (
            "- Repeat still to come",
            funnel.REPEAT_TO_COME,
            f"SUM({walk}[Repeat to come])",
            "last year's sales x retention, beyond closed and pipeline",
        ),
        (
            "- Weighted pipeline",
            w.WEIGHTED_PIPELINE,
            f"SUM({walk}[Weighted pipeline])",
            "open deals x win rate; stale ones count nothing",
        ),
    )
    for offset, (label, column, formula, note) in enumerate(lines, start=1):
        value = total[column]
        stored = 0.0 if math.isnan(value) and column != w.QUOTA else value
        sheet.put(row + offset, 0, label, "label")
        sheet.live(row + offset, 1, "=" + formula, stored, "calculation", "money")
        sheet.put(row + offset, 2, note, "note")
    first, gap_row = row + 1, row + 5
    sheet.put(gap_row, 0, "= Gap", "label")
    cells = [f"B{first + offset + 1}" for offset in range(4)]
    gap = total[funnel.GAP]
    sheet.live(
        gap_row,
        1,
        f'=IF({cells[0]}="","",{"-".join(cells)})',
        gap,
        "output",
        "money",
    )
    sheet.name_cell(c.N_GAP, gap_row, 1)
    quota = total[w.QUOTA]
    formula = (
        f'=IF({cells[0]}="","Type the quota to see the gap.",IF({c.N_GAP}<=0,'
        f'"The quota is covered, "&FIXED(-{c.N_GAP},0)&" to spare.",'
        f'FIXED({c.N_GAP},0)&" is still to be found: "&FIXED(100*{c.N_GAP}/{cells[0]},0)'
        f'&" % of the quota."))' + _short_formula(data)
    )
    sheet.ws.set_row(gap_row + 1, 22)
    words = _gap_words(gap, quota) + _short_words(data)
    sheet.live(gap_row + 1, 0, formula, words, "sentence", bold=True)
    _waterfall(sheet, data, row, cells)
    return gap_row + 2


def _short_formula(data: Round) -> str:
    """Who is short: in a team, one rep's surplus does not close another's gap."""
    if data.kind == c.BOOK:
        return ""
    gaps = f"{c.T_WALK}[{funnel.GAP}]"
    return (
        f'&IF(COUNTIF({gaps},">0")=0,""," Reps who are short: "&COUNTIF({gaps},">0")'
        f'&", by "&FIXED(SUMIF({gaps},">0"),0)&" in all.")'
    )


def _short_words(data: Round) -> str:
    short = data.walk[funnel.GAP][data.walk[funnel.GAP] > 0]
    if data.kind == c.BOOK or short.empty:
        return ""
    return f" Reps who are short: {len(short)}, by {fixed(float(short.sum()))} in all."


def _gap_words(gap: float, quota: float) -> str:
    if math.isnan(quota):
        return "Type the quota to see the gap."
    if gap <= 0:
        return f"The quota is covered, {fixed(-gap)} to spare."
    return f"{fixed(gap)} is still to be found: {fixed(100 * gap / quota)} % of the quota."


def _waterfall(sheet: Sheet, data: Round, row: int, cells: list[str]) -> None:
    """The walk as a chart: each step hangs where the one before it ended."""
    col = CHART_DATA_COLUMN
    total = data.total
    sheet.put(row, col, "Chart data: leave it as it is", "note")
    quota, closed, repeat, live = (f"N(${cell[0]}${cell[1:]})" for cell in cells)
    numbers = [
        0.0 if math.isnan(total[column]) else float(total[column])
        for column in (w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE)
    ]
    left = [
        numbers[0],
        numbers[0] - numbers[1],
        numbers[0] - numbers[1] - numbers[2],
        numbers[0] - sum(numbers[1:]),
    ]
    steps: list[tuple[str, str, float, str, float]] = [
        ("Quota", "0", 0.0, quota, numbers[0]),
        ("Closed", f"MAX(0,{quota}-{closed})", max(0.0, left[1]), closed, numbers[1]),
        (
            "Repeat",
            f"MAX(0,{quota}-{closed}-{repeat})",
            max(0.0, left[2]),
            repeat,
            numbers[2],
        ),
        (
            "Pipeline",
            f"MAX(0,{quota}-{closed}-{repeat}-{live})",
            max(0.0, left[3]),
            live,
            numbers[3],
        ),
        (
            "Gap",
            "0",
            0.0,
            f"MAX(0,{quota}-{closed}-{repeat}-{live})",
            max(0.0, left[3]),
        ),
    ]
    for offset, (label, base, base_value, step, value) in enumerate(steps):
        # The amount stands in the category's name, readable whatever the bar's colour.
        sheet.live(
            row + 1 + offset,
            col,
            f'="{label}"&CHAR(10)&FIXED({step},0)',
            f"{label}\n{fixed(value)}",
            "note",
        )
        sheet.live(row + 1 + offset, col + 1, "=" + base, base_value, "note", "money")
        sheet.live(row + 1 + offset, col + 2, "=" + step, value, "note", "money")
    chart = sheet.book.chart("column", "stacked")
    name = quote_sheet(c.PATH)

    def area(column: int) -> str:
        return f"={name}!{xl_range_abs(row + 1, column, row + 5, column)}"

    chart.add_series(
        {
            "name": "Before",
            "categories": area(col),
            "values": area(col + 1),
            "fill": {"none": True},
            "border": {"none": True},
            "gap": 40,
        }
    )
    colours = (styles.NAVY, styles.TEAL, styles.TEAL, "#1F5FBF", "#C26A00")
    chart.add_series(
        {
            "name": "Money",
            "categories": area(col),
            "values": area(col + 2),
            "points": [{"fill": {"color": colour}} for colour in colours],
            "gap": 40,
        }
    )
    chart.show_hidden_data()
    sheet.ws.set_column(col, col + 2, 12, None, {"hidden": True, "level": 1})
    chart.set_legend({"none": True})
    chart.set_title({"name": "From quota to gap", "name_font": {"size": 12, "color": styles.NAVY}})
    chart.set_y_axis(
        {"visible": False, "major_gridlines": {"visible": False}, "num_format": "#,##0"}
    )
    chart.set_x_axis({"num_font": {"size": 9}})
    chart.set_size({"width": 600, "height": 300})
    sheet.ws.insert_chart(
        row,
        6,
        chart,
        {"description": "Waterfall: quota less closed, repeat and pipeline leaves the gap."},
    )


def _play(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "Which play fits", 4)
    sheet.put(row + 1, 0, "The numbers say", "label")
    sheet.put(row + 1, 1, data.play, "output")
    sheet.name_cell(c.N_PLAY, row + 1, 1)
    for offset, line in enumerate(reason_lines(data.play_reason)):
        sheet.put(row + 2 + offset, 0, line, "note")
        sheet.name_cell(c.PLAY_REASONS[offset], row + 2 + offset, 0)
    plays = (w.VOLUME_PLAY, w.TIMING_PLAY, "Both")
    asked = (
        (c.STRATEGY_PLAY, "Pick the play that this path follows."),
        (c.STRATEGY_EFFORT, "Say which accounts and gates get the time."),
        (c.STRATEGY_WHY, "Say why it leads to the quota."),
    )
    at = row + 6
    for offset, (label, prompt) in enumerate(asked):
        name = c.STRATEGY[label]
        sheet.put(at + offset, 0, label, "label")
        sheet.ws.merge_range(
            at + offset, 1, at + offset, 4, "", sheet.book.style("input", text_wrap=True)
        )
        sheet.name_cell(name, at + offset, 1)
        cell = f"B{at + offset + 1}"
        if label == c.STRATEGY_PLAY:
            sheet.choose(cell, plays, label, prompt)
        else:
            sheet.ws.set_row(at + offset, 30)
            sheet.restrict(cell, {"validate": "any"}, label, prompt)
    return at + len(asked)


def reason_lines(reason: str) -> list[str]:
    """Why a play fits, as four lines: up to three facts, and what follows from them."""
    facts, _, conclusion = reason.rpartition(": ")
    lines = [*facts.split("; ")[:3], conclusion]
    lines[1:1] = [""] * (len(c.PLAY_REASONS) - len(lines))
    return [line[:1].upper() + line[1:] for line in lines]


def _reps(sheet: Sheet, data: Round, row: int) -> Table:
    """The walk per rep; a book has one line."""
    sheet.section(row, 0, "The walk per rep", COLUMNS)
    walk, people = data.walk, data.reps.set_index(w.REP)
    loose = {
        column: walk[w.REP].map(people[column]).fillna(0.0)
        if column in people
        else pd.Series(0.0, index=walk.index)
        for column in (c.UNATTACHED_CLOSED, c.UNATTACHED_WEIGHTED)
    }

    def live(text: str) -> str:
        return f'=IF([@Rep]="","",{text})' if data.live else ""

    def over_accounts(column: str) -> str:
        return sum_of(f"{c.T_ACCOUNTS}[{column}]", f"{c.T_ACCOUNTS}[{w.OWNER}]", "[@Rep]")

    quota = f"INDEX({c.T_REPS}[{w.QUOTA}],{row_of('[@Rep]', f'{c.T_REPS}[{w.REP}]')})"
    in_book = data.kind == c.BOOK
    repeat = f"ROUND({over_accounts(w.STILL_TO_COME)}-{over_accounts(w.WEIGHTED_PIPELINE)},9)"
    covered = 1 - walk[funnel.GAP] / walk[w.QUOTA].where(walk[w.QUOTA] != 0)
    columns = [
        Column(w.REP, walk[w.REP], role="label", width=28),
        Column(w.MANAGER, walk[w.MANAGER]),
        Column(
            w.QUOTA,
            walk[w.QUOTA],
            formula=""
            if in_book or not data.live
            else f'=IF([@Rep]="","",IFERROR(IF({quota}="","",{quota}),""))',
            role="input" if in_book else "calculation",
            kind="money",
            note="Money for the planning year" + ("" if in_book else "; typed on the sheet Reps"),
            rule={"validate": "decimal", "criteria": ">=", "value": 0} if in_book else {},
            prompt="Your quota for the planning year." if in_book else "",
        ),
        Column(
            funnel.CLOSED,
            walk[funnel.CLOSED],
            formula=live(
                f"ROUND({over_accounts(w.CLOSED_THIS_YEAR)}+N([@[{c.UNATTACHED_CLOSED}]]),9)"
            ),
            kind="money",
            note="Won in the planning year at the rep's accounts, whoever won it, and at none",
        ),
        Column(
            funnel.REPEAT_TO_COME,
            walk[funnel.REPEAT_TO_COME],
            formula=live(repeat),
            kind="money",
            note="Repeat business still to come, beyond the weighted pipeline of the account",
        ),
        Column(
            w.WEIGHTED_PIPELINE,
            walk[w.WEIGHTED_PIPELINE],
            formula=live(
                f"ROUND({over_accounts(w.WEIGHTED_PIPELINE)}+N([@[{c.UNATTACHED_WEIGHTED}]]),9)"
            ),
            kind="money",
            note="Open deals x win rate of their rep",
        ),
        Column(
            funnel.TO_COME,
            walk[funnel.TO_COME],
            formula=live("ROUND([@[Repeat to come]]+[@[Weighted pipeline]],9)"),
            kind="money",
        ),
        Column(
            funnel.GAP,
            walk[funnel.GAP],
            formula=live('IF([@Quota]="","",ROUND([@Quota]-[@Closed]-[@[To come]],9))'),
            role="output",
            kind="money",
            note="Quota - closed - to come; below 0 is beyond the quota",
        ),
        Column(
            "Covered",
            covered,
            formula=live('IF(N([@Quota])=0,"",1-[@Gap]/[@Quota])'),
            role="output",
            kind="percent",
            note="Share of the quota that is closed or to come",
        ),
        Column(
            w.TOUCHES_PER_WEEK,
            walk[w.REP].map(people[w.TOUCHES_PER_WEEK]) if len(people) else [],
            role="input",
            kind="count",
            note="E-mails, calls and demos that the rep can make in a week",
            prompt="How many touches a week this rep can make.",
        ),
        Column(c.UNATTACHED_CLOSED, loose[c.UNATTACHED_CLOSED], kind="money"),
        Column(c.UNATTACHED_WEIGHTED, loose[c.UNATTACHED_WEIGHTED], kind="money"),
    ]
    blank = 5 if data.kind == c.TEMPLATE else 0
    return sheet.table(c.T_WALK, row + 1, 0, columns, len(walk), blank_rows=blank)


def _volume(sheet: Sheet, data: Round, row: int) -> int:
    """The volume play: the gates, worked back from the gap."""
    sheet.section(row, 0, "Volume play: back from the gap to what to do each week", COLUMNS)
    average = data.average_deal
    gap = data.total[funnel.GAP]
    weeks = funnel.weeks_left(data.today, data.year.end, data.settings.weeks_off)
    targets = funnel.funnel_targets(gap, average.value, data.settings.gates, weeks)
    at = row + 1
    sheet.put(at, 0, "Average deal, found", "label")
    sheet.put(at, 1, average.value, "calculation", "money")
    sheet.name_cell(c.N_AVERAGE_FOUND, at, 1)
    sheet.put(at, 2, average.source, "note")
    sheet.name_cell(c.N_AVERAGE_SOURCE, at, 2)
    sheet.put(at + 1, 0, "Average deal, yours", "label")
    sheet.put(at + 1, 1, None, "input", "money")
    sheet.restrict(
        f"B{at + 2}",
        {"validate": "decimal", "criteria": ">", "value": 0},
        "Average deal",
        "Money per deal. Blank: the average that was found.",
    )
    sheet.put(at + 2, 0, "Average deal in force", "label")
    sheet.live(
        at + 2,
        1,
        f'=IF(B{at + 2}="",IF(B{at + 1}="","",B{at + 1}),B{at + 2})',
        average.value,
        "output",
        "money",
    )
    sheet.name_cell(c.N_AVERAGE_DEAL, at + 2, 1)
    sheet.put(at + 3, 0, "Selling weeks left", "label")
    sheet.live(
        at + 3,
        1,
        f"=MAX(0,({c.N_YEAR_END}-{c.N_TODAY})/7*(1-WeeksOff/52))",
        weeks,
        "calculation",
        "weeks",
    )
    sheet.put(at + 3, 2, "to the end of the planning year, less weeks off", "note")
    sheet.name_cell(c.N_WEEKS_LEFT, at + 3, 1)
    sheet.put(at + 4, 0, "Deals needed", "label")
    sheet.live(
        at + 4,
        1,
        f'=IF({c.N_GAP}="","",IF({c.N_GAP}<=0,0,IF({c.N_AVERAGE_DEAL}="","",'
        f"{c.N_GAP}/{c.N_AVERAGE_DEAL})))",
        targets.deals,
        "output",
        "decimal",
    )
    sheet.name_cell("DealsNeeded", at + 4, 1)
    table = _gates(sheet, targets, at + 6)
    _capacity(sheet, data, targets, at)
    return table.below


def _gates(sheet: Sheet, targets: funnel.FunnelTargets, row: int) -> Table:
    gates = targets.gates
    last = f"INDEX({c.T_GATES}[Rate],ROWS({c.T_GATES}[Rate]))"
    below = f"INDEX({c.T_GATES}[Rate],ROW()-ROW({c.T_GATES}[[#Headers],[Rate]])):{last}"
    whole = [
        math.ceil(round(gate.per_week, 9)) if not math.isnan(gate.per_week) else math.nan
        for gate in gates
    ]
    return sheet.table(
        c.T_GATES,
        row,
        0,
        [
            Column(
                w.GATE,
                ["Deal" if g.gate == funnel.DEAL else g.gate for g in gates],
                role="input",
                prompt="What is counted. To add a gate, insert a row above Deal.",
            ),
            Column(
                "Rate",
                [g.rate for g in gates],
                role="input",
                kind="share",
                rule={
                    "validate": "decimal",
                    "criteria": "between",
                    "minimum": 0.0001,
                    "maximum": 1,
                    "error_message": "A rate is a share above 0 and at most 100 %.",
                },
                prompt="Share that becomes one of the next gate: 25 % of calls become a demo.",
            ),
            Column(
                "Source",
                ["" if g.gate == funnel.DEAL else "assumed: type your own" for g in gates],
                role="note",
            ),
            Column(
                "Volume",
                [g.volume for g in gates],
                formula='=IF(OR([@Gate]="",DealsNeeded=""),"",'
                f'IF(PRODUCT({below})>0,DealsNeeded/PRODUCT({below}),""))',
                kind="decimal",
                note="How many until the end of the planning year",
            ),
            Column(
                PER_WEEK,
                [g.per_week for g in gates],
                formula='=IF([@Volume]="","",IF([@Volume]=0,0,'
                f'IF({c.N_WEEKS_LEFT}>0,[@Volume]/{c.N_WEEKS_LEFT},"")))',
                kind="decimal",
                note="How many in each selling week",
            ),
            Column(
                WHOLE,
                whole,
                formula='=IF([@[Per week]]="","",ROUNDUP(ROUND([@[Per week]],9),0))',
                role="output",
                kind="count",
                note="The same, in whole numbers",
            ),
        ],
        len(gates),
        filters=False,
    )


def _capacity(sheet: Sheet, data: Round, targets: funnel.FunnelTargets, row: int) -> None:
    """Whether the touches that the gap needs fit into the week."""
    people = data.reps.set_index(w.REP)[w.TOUCHES_PER_WEEK]
    capacity = float(data.walk[w.REP].map(people).sum()) if len(people) else 0.0
    needed = sum(g.per_week for g in targets.gates[:-1])
    sheet.put(row, 6, "Touches needed a week", "label")
    per_week = f"{c.T_GATES}[{PER_WEEK}]"
    sheet.live(
        row,
        8,
        f'=IF(COUNT({per_week})<ROWS({per_week}),"",'
        f"SUM({per_week})-INDEX({per_week},ROWS({per_week})))",
        needed,
        "calculation",
        "decimal",
    )
    sheet.put(row, 7, None, "label")
    sheet.put(row + 1, 6, "Touches that can be made", "label")
    sheet.put(row + 1, 7, None, "label")
    sheet.live(
        row + 1,
        8,
        f"=SUM({c.T_WALK}[{w.TOUCHES_PER_WEEK}])",
        capacity,
        "calculation",
        "decimal",
    )
    cells = f"I{row + 1}", f"I{row + 2}"
    text = (
        f'=IF({cells[0]}="","",IF({cells[0]}<={cells[1]},"The work fits into the week.",'
        f'"The plan needs "&FIXED({cells[0]}-{cells[1]},0)&" touches a week more than can be made: '
        'raise a rate, the average deal, or start earlier."))'
    )
    sheet.live(row + 2, 6, text, _capacity_words(needed, capacity), "sentence", font_size=10)


def _capacity_words(needed: float, capacity: float) -> str:
    if math.isnan(needed):
        return ""
    if needed <= capacity:
        return "The work fits into the week."
    return (
        f"The plan needs {fixed(needed - capacity)} touches a week more than can be made: "
        "raise a rate, the average deal, or start earlier."
    )


def _quarters(sheet: Sheet, data: Round, row: int) -> int:
    """The year by quarter, with the quota beside what is expected."""
    sheet.section(row, 0, "Timing play: the year by quarter", COLUMNS)
    plan = data.quarters
    quarters = timing.QUARTERS
    if plan.empty:
        plan = pd.DataFrame({column: [math.nan] * len(quarters) for column in _QUARTER_COLUMNS})
        for column in (funnel.CLOSED, w.WEIGHTED_PIPELINE, funnel.REPEAT_TO_COME, timing.EXPECTED):
            plan[column] = 0.0
        starts, ends = zip(*data.year.quarters, strict=True)
        plan[timing.FROM] = [*starts, data.year.end + pd.Timedelta(days=1)]
        plan[timing.TO] = [*ends, pd.NaT]
        plan[timing.QUOTA_SHARE] = [*data.settings.quarter_shares, 0.0]
    walk_quota, walk_repeat = f"{c.T_WALK}[{w.QUOTA}]", f"{c.T_WALK}[{funnel.REPEAT_TO_COME}]"
    table = sheet.table(
        c.T_QUARTERS,
        row + 1,
        0,
        [
            Column(timing.QUARTER, list(quarters), role="label"),
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
                list(data.season) or [0.25, 0.25, 0.25, 0.25, 0.0],
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
        len(quarters),
        filters=False,
    )
    expected = plan[timing.EXPECTED].to_list()
    _last_quarter(sheet, data, table, expected)
    _quarter_chart(sheet, table)
    return table.below + 19


_QUARTER_COLUMNS: Final = (
    timing.FROM,
    timing.TO,
    timing.QUOTA_SHARE,
    w.QUOTA,
    funnel.CLOSED,
    w.WEIGHTED_PIPELINE,
    funnel.REPEAT_TO_COME,
    timing.EXPECTED,
    timing.GAP_TO_QUOTA,
)


def _last_quarter(sheet: Sheet, data: Round, table: Table, expected: Sequence[float]) -> None:
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


def _quarter_chart(sheet: Sheet, table: Table) -> None:
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
    chart.combine(line)
    chart.set_title({"name": "Expected by quarter, against the quota", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True}})
    chart.set_size({"width": 760, "height": 330})
    sheet.ws.insert_chart(
        table.below + 1,
        0,
        chart,
        {"description": "Stacked columns per quarter: closed, pipeline, repeat; quota as a line."},
    )
