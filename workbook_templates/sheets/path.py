"""Path: from the quota to the gap, from the gap to what to do each week and quarter."""

import math
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ...udfs import believable, funnel
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, fixed, row_of, sum_of
from . import path_odds, path_stamps, path_timing, path_volume

HELPERS: Final = path_volume.HELP_COLUMN
LAST_HELPER: Final = HELPERS + 6
COLUMNS: Final = 17


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.PATH]
    sheet.heading("Path", f"{data.name}: from the quota to what to do each week and each quarter")
    sheet.widths(30, 20, 33, *[14] * 14)
    path_odds.headline(sheet, data, 2)
    row = _walk(sheet, data, 6)
    row = _play(sheet, data, row + 1)
    if data.kind == c.BOOK:
        row = _reps(sheet, data, row + 1).below
    row = path_volume.write(sheet, data, row + 1, COLUMNS)
    row = path_timing.write(sheet, data, row + 1, COLUMNS)
    row = path_odds.write(sheet, data, row + 1, COLUMNS)
    row = path_stamps.write(sheet, data, row + 1, COLUMNS)
    if data.kind != c.BOOK:
        row = _teams(sheet, data, row + 1)
        # Last, so that the table has room for reps to come.
        row = _reps(sheet, data, row + 1).below
    sheet.ws.set_column(HELPERS, LAST_HELPER, 12, None, {"hidden": True, "level": 1})
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


@dataclass(frozen=True)
class _Bar:
    """A bar of the waterfall: its name, its amount, and between which heights it hangs.

    Each is a formula and its value.
    """

    name: str
    amount: tuple[str, float]
    before: tuple[str, float]
    after: tuple[str, float]

    def lengths(self) -> list[tuple[str, float]]:
        """Four stacked lengths: unseen and seen above the line, unseen and seen below it."""
        low = f"MIN({self.before[0]},{self.after[0]})"
        high = f"MAX({self.before[0]},{self.after[0]})"
        under, over = sorted((self.before[1], self.after[1]))
        return [
            (f"MAX(0,{low})", max(0.0, under)),
            (f"MAX(0,{high})-MAX(0,{low})", max(0.0, over) - max(0.0, under)),
            (f"MIN(0,{high})", min(0.0, over)),
            (f"MIN(0,{low})-MIN(0,{high})", min(0.0, under) - min(0.0, over)),
        ]


def _bars(data: Round, cells: list[str]) -> list[_Bar]:
    """The walk, each step from where the one before it ended; without a quota, from their sum."""
    known = [
        0.0 if math.isnan(data.total[column]) else float(data.total[column])
        for column in (w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE)
    ]
    quota, *parts = (
        (f"N(${cell[0]}${cell[1:]})", value) for cell, value in zip(cells, known, strict=True)
    )
    together = "+".join(formula for formula, _ in parts)
    has_none = math.isnan(data.total[w.QUOTA])
    left = (
        f'IF(${cells[0][0]}${cells[0][1:]}="",{together},{quota[0]})',
        sum(known[1:]) if has_none else quota[1],
    )
    bars, nothing = [_Bar("Quota", quota, ("0", 0.0), quota)], ("0", 0.0)
    for name, part in zip(("Closed", "Repeat", "Pipeline"), parts, strict=True):
        after = (f"{left[0]}-{part[0]}", left[1] - part[1])
        bars.append(_Bar(name, part, left, after))
        left = after
    return [*bars, _Bar("Gap", left, nothing, left)]


def _waterfall(sheet: Sheet, data: Round, row: int, cells: list[str]) -> None:
    """The walk as a chart: each step hangs where the one before it ended, below 0 too."""
    col = HELPERS
    sheet.put(row, col, "Chart data: leave it as it is", "note")
    bars = _bars(data, cells)
    for at, bar in enumerate(bars, start=row + 1):
        # The amount stands in the category's name, readable whatever the bar's colour.
        formula, value = bar.amount
        name = f'="{bar.name}"&CHAR(10)&FIXED({formula},0)'
        sheet.live(at, col, name, f"{bar.name}\n{fixed(value)}", "note")
        for step, (formula, value) in enumerate(bar.lengths(), start=1):
            sheet.live(at, col + step, f"={formula}", value, "note", "money")
    chart = sheet.book.chart("column", "stacked")
    colours = (styles.NAVY, styles.TEAL, styles.TEAL, "#1F5FBF", "#C26A00")
    seen: dict[str, Any] = {"points": [{"fill": {"color": colour}} for colour in colours]}
    unseen: dict[str, Any] = {"fill": {"none": True}, "border": {"none": True}}
    for step, (name, look) in enumerate(
        (
            ("Before", unseen),
            ("Money", seen),
            ("Before, beyond the quota", unseen),
            ("Money beyond the quota", seen),
        ),
        start=1,
    ):
        chart.add_series(
            {
                "name": name,
                "categories": [c.PATH, row + 1, col, row + len(bars), col],
                "values": [c.PATH, row + 1, col + step, row + len(bars), col + step],
                "gap": 40,
                **look,
            }
        )
    chart.show_hidden_data()
    chart.set_legend({"none": True})
    chart.set_title({"name": "From quota to gap", "name_font": {"size": 12, "color": styles.NAVY}})
    chart.set_y_axis(
        {"visible": False, "major_gridlines": {"visible": False}, "num_format": "#,##0"}
    )
    chart.set_x_axis({"num_font": {"size": 9}, "label_position": "low"})
    chart.set_size({"width": 600, "height": 300})
    told = "Waterfall: quota less closed, repeat and pipeline leaves the gap; below 0 is to spare."
    sheet.ws.insert_chart(row, 6, chart, {"description": told})


def _play(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "Which play fits", 4)
    sheet.put(row + 1, 0, "The numbers say", "label")
    sheet.put(row + 1, 1, data.play, "output")
    sheet.name_cell(c.N_PLAY, row + 1, 1)
    found = [xl_rowcol_to_cell(row + 1, 1)]
    found += [xl_rowcol_to_cell(row + 2 + offset, 0) for offset in range(len(c.PLAY_REASONS))]
    path_stamps.grey(sheet, path_stamps.CHECKS, *found)
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
    marks = funnel.red_marks(walk, data.deals)
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
        Column(
            funnel.STALE_MONEY,
            marks[funnel.STALE_MONEY],
            kind="money",
            note="Open deals older than any win took: they count nothing",
        ),
        Column(
            funnel.ESTIMATED_MONEY,
            marks[funnel.ESTIMATED_MONEY],
            kind="money",
            note="Weighted pipeline whose amount the CRM does not give",
        ),
        Column(
            funnel.TWO_LARGEST_SHARE,
            marks[funnel.TWO_LARGEST_SHARE],
            kind="percent",
            note="Share of what is to come that hangs on the two largest deals",
        ),
        Column(
            c.GAP_BEFORE,
            pd.Series(math.nan, index=walk.index),
            kind="money",
            note="The gap at the last collection",
        ),
        Column(
            c.MOVED,
            pd.Series(math.nan, index=walk.index),
            formula=live(
                f'IF(OR([@[{c.GAP_BEFORE}]]="",[@Gap]=""),"",ROUND([@Gap]-[@[{c.GAP_BEFORE}]],9))'
            ),
            kind="money",
            note="Below 0: the gap has become smaller since",
        ),
        Column(c.UNATTACHED_CLOSED, loose[c.UNATTACHED_CLOSED], kind="money"),
        Column(c.UNATTACHED_WEIGHTED, loose[c.UNATTACHED_WEIGHTED], kind="money"),
    ]
    blank = 5 if data.kind == c.TEMPLATE else 0
    table = sheet.table(c.T_WALK, row + 1, 0, columns, len(walk), blank_rows=blank)
    _red(sheet, table, data)
    return table


def _red(sheet: Sheet, table: Table, data: Round) -> None:
    """What a walk rests on too lightly stands out."""
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    bars = {rule.key: rule.bar for rule in data.settings.path_rules}
    two = bars.get(believable.TWO_DEALS)
    for name, bar in (
        (funnel.STALE_MONEY, 0.0),
        (funnel.ESTIMATED_MONEY, 0.0),
        (funnel.TWO_LARGEST_SHARE, 1.0 if two is None else two),
    ):
        path_stamps.grey(sheet, path_stamps.CHECKS, table.cells(name))
        sheet.ws.conditional_format(
            table.cells(name), {"type": "cell", "criteria": ">", "value": bar, "format": flag}
        )


def _teams(sheet: Sheet, data: Round, row: int) -> int:
    """The walk rolled up by manager, where there is more than one."""
    managers = sorted(set(data.walk[w.MANAGER]) - {""})
    if len(managers) < 2:
        return row - 1
    sheet.section(row, 0, "The walk per manager", COLUMNS)
    rolled = funnel.roll_up(data.walk, by=w.MANAGER).set_index(w.MANAGER)
    columns = (
        w.QUOTA,
        funnel.CLOSED,
        funnel.REPEAT_TO_COME,
        w.WEIGHTED_PIPELINE,
        funnel.TO_COME,
    )
    for offset, name in enumerate((w.MANAGER, *columns, funnel.GAP)):
        sheet.put(row + 1, offset, name, "header", align="right" if offset else "left")
    for place, manager in enumerate(managers):
        at = row + 2 + place
        sheet.put(at, 0, manager, "label")
        for offset, name in enumerate(columns, start=1):
            formula = sum_of(f"{c.T_WALK}[{name}]", f"{c.T_WALK}[{w.MANAGER}]", f"$A{at + 1}")
            value = rolled.loc[manager, name]
            if name == w.QUOTA:
                known = f"--ISNUMBER({c.T_WALK}[{name}])"
                mine = f"--EXACT({c.T_WALK}[{w.MANAGER}],$A{at + 1})"
                formula = f'IF(SUMPRODUCT({known},{mine})=0,"",{formula})'
            sheet.live(at, offset, f"={formula}", value, "calculation", "money")
        sheet.live(
            at,
            len(columns) + 1,
            f'=IF(B{at + 1}="","",ROUND(B{at + 1}-C{at + 1}-F{at + 1},9))',
            rolled.loc[manager, funnel.GAP],
            "output",
            "money",
        )
    return row + 3 + len(managers)
