"""Review: the manager's page. Who has planned, which paths to quota hold, what to ask."""

import math
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import funnel, review
from ...udfs import words as w
from ...udfs.plans import DRAFT
from .. import contract as c
from .. import styles
from ..parts import rep_paths
from ..round import Round
from ..writer import Book, Column, Sheet, Table, iso_day, quote_sheet, row_of, sum_of
from . import history
from .tracker import COMPLETE, DUE, GOOD, TURNED_IN, VERDICT, YES

FEEDBACK: Final = "Feedback"
REVIEWED_ON: Final = "Reviewed on"
STILL_TO_FIND: Final = "Still to find"

BARS: Final = (
    (funnel.CLOSED, styles.NAVY),
    (funnel.TO_COME, styles.TEAL),
    (STILL_TO_FIND, "#C26A00"),
)
"""What makes up a quota in charts, and in which colour."""

FIGURES_ROW: Final = 3
TABLE_ROW: Final = 8
BLANK_ROWS_IN_TEMPLATE: Final = 20
MOST_BARS: Final = 40
TALK_WIDTH: Final = 58
AS_OF_BUILD: Final = "As of the build; Review summary renews it"

LINE: Final[dict[str, Any]] = {"top": 2, "top_color": styles.TEAL, "indent": 0}
_OWNER: Final = f"{c.T_ACCOUNTS}[{w.OWNER}]"
_OWNED: Final = f"EXACT({_OWNER},[@Rep])"


def write(book: Book, data: Round) -> None:
    """Writes the sheet: the round in figures, one row per rep, and a chart of the walks."""
    sheet = book.sheets[c.REVIEW]
    told = "who has planned, how far it is to the quota, what to talk about"
    template = data.kind == c.TEMPLATE
    sheet.heading("Review", told.capitalize() if template else f"{data.name}: {told}")
    reps = review.review_reps(team_facts(data))
    people = book.tables[c.T_REPS].area(w.REP)
    columns = [*_book_columns(data, reps, people), *_walk_columns(data, reps), *_plan_columns(reps)]
    blank = BLANK_ROWS_IN_TEMPLATE if template else 0
    table = sheet.table(
        c.T_REVIEWS, TABLE_ROW, 0, columns, len(reps), blank_rows=blank, filters=False
    )
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    _figures(sheet, data, reps, len(columns) + 2)
    _flag_late(sheet, table)
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)
    bottom = _chart(sheet, table, reps, beside=template)
    sheet.ws.print_area(0, 0, bottom, len(columns) - 1)


def team_facts(data: Round) -> review.TeamFacts:
    """What the model knows of the reps of a round."""
    settings = data.settings
    checks = data.check(data.plans)
    return review.TeamFacts(
        accounts=data.accounts,
        walk=data.walk,
        deals=data.deals,
        plans=review.plan_lines(data.plans, checks),
        year=data.year,
        as_of=data.as_of,
        today=data.today,
        due=data.due,
        plans_per_book=settings.plans_per_book,
        last_quarter_bar=settings.last_quarter_bar,
        paths=rep_paths(data),
    )


def _live(data: Round, formula: str) -> str:
    return f'=IF([@Rep]="","",{formula})' if data.live else ""


def _book_columns(data: Round, reps: pd.DataFrame, people: str) -> list[Column]:
    """The rep and the book by quadrant."""
    manager = f"INDEX({c.T_REPS}[{w.MANAGER}],{row_of('[@Rep]', f'{c.T_REPS}[{w.REP}]')})"
    bets, wins = f"[@[{review.BIG_BETS}]]", f"[@[{review.QUICK_WINS}]]"
    profile = (
        f'IF({bets}+{wins}=0,"{w.NO_PROFILE}",IF(3*{bets}>=2*({bets}+{wins}),'
        f'"{w.MOSTLY_BIG_BETS}",IF(3*{bets}<={bets}+{wins},"{w.MOSTLY_QUICK_WINS}",'
        f'"{w.BALANCED}")))'
    )
    template = data.kind == c.TEMPLATE
    counts = [
        Column(
            column,
            reps[column],
            formula=_live(
                data, f'SUMPRODUCT({_OWNED}*({c.T_ACCOUNTS}[{w.QUADRANT}]="{quadrant}"))'
            ),
            kind="count",
            width=8,
        )
        for quadrant, column in review.QUADRANT_COLUMNS.items()
    ]
    return [
        Column(
            w.REP,
            reps[w.REP],
            role="input" if template else "label",
            width=20,
            choices=f"={people}" if template else "",
            prompt="Pick a rep." if template else "",
        ),
        Column(
            w.MANAGER,
            reps[w.MANAGER],
            formula=_live(data, f'IFERROR({manager}&"","")'),
            width=18,
        ),
        Column(
            review.ACCOUNTS,
            reps[review.ACCOUNTS],
            formula=_live(data, f"SUMPRODUCT(--{_OWNED})"),
            kind="count",
            width=9,
        ),
        *counts,
        Column(
            review.RISK_PROFILE,
            reps[review.RISK_PROFILE],
            formula=_live(data, profile),
            role="output",
            width=17,
            wrap=True,
            note="Share of big bets among big bets and quick wins: mostly from two thirds on",
        ),
    ]


def _walk_columns(data: Round, reps: pd.DataFrame) -> list[Column]:
    """Money: what is expected, and the walk to the quota as Path has it."""

    def walked(column: str) -> str:
        cell = f"INDEX({c.T_WALK}[{column}],{row_of('[@Rep]', f'{c.T_WALK}[{w.REP}]')})"
        return _live(data, f'IFERROR(IF({cell}="","",{cell}),"")')

    notes = {
        w.QUOTA: "Money for the planning year",
        funnel.CLOSED: "Money won in the planning year",
        funnel.TO_COME: "Repeat business and weighted pipeline still to come",
        funnel.GAP: "Quota - closed - to come; below 0 is beyond the quota",
    }
    return [
        Column(
            w.EXPECTED_MONEY,
            reps[w.EXPECTED_MONEY],
            formula=_live(data, sum_of(f"{c.T_ACCOUNTS}[{w.EXPECTED_MONEY}]", _OWNER, "[@Rep]")),
            kind="money",
            width=11,
            note="Money that the accounts should bring in the next 12 months",
        ),
        *(
            Column(
                column,
                reps[column],
                formula=walked(column),
                role="output" if column == funnel.GAP else "calculation",
                kind="money",
                width=11,
                note=note,
            )
            for column, note in notes.items()
        ),
    ]


def _plan_columns(reps: pd.DataFrame) -> list[Column]:
    """The plans, what to talk about, and the manager's answer."""
    counts = (
        *(review.PLANS, review.COMPLETE, review.GOOD, review.HANDED_IN, review.LATE),
        *review.WAY,
    )
    return [
        *(Column(name, reps[name], kind="count", width=9.5, note=AS_OF_BUILD) for name in counts),
        Column(
            review.TALK_ABOUT,
            reps[review.TALK_ABOUT].map(review.in_one_line),
            role="output",
            width=TALK_WIDTH,
            wrap=True,
            note=f"At most five points, worst first. {AS_OF_BUILD}",
        ),
        Column(
            FEEDBACK,
            [""] * len(reps),
            role="input",
            width=34,
            wrap=True,
            prompt="What you agreed with the rep, and what you want to see next time.",
        ),
        Column(
            REVIEWED_ON,
            role="input",
            kind="date",
            width=12,
            rule={
                "validate": "date",
                "criteria": ">=",
                "value": pd.Timestamp("2000-01-01").to_pydatetime(),
                "error_message": "A date, such as 2024-03-31.",
            },
            prompt="The day of the talk.",
        ),
    ]


def _figures(sheet: Sheet, data: Round, reps: pd.DataFrame, helper: int) -> None:
    """The round at a glance: each figure spans a few columns, so that none is cut."""
    walk, plans = c.T_WALK, c.T_PLANS
    quota, gap = data.total[w.QUOTA], data.total[funnel.GAP]
    closed = float(data.walk[funnel.CLOSED].sum())
    planned = f'SUMPRODUCT(--({plans}[{w.ACCOUNT}]<>""))'
    handed_in = "+".join(
        f'COUNTIF({plans}[{w.STATE}],"{state}")' for state in review.HANDED_IN_STATES
    )
    complete = f'COUNTIF({plans}[{COMPLETE}],">=1")'
    late = f'COUNTIF({plans}[{VERDICT}],"Overdue*")'
    counted = (review.PLANS, review.COMPLETE, review.HANDED_IN, review.LATE, review.GOOD)
    sums = reps[[*counted, *review.WAY]].sum()
    state, on = f"{plans}[{w.STATE}]", f"{plans}[{TURNED_IN}]"
    dated = f'ISNUMBER({on})*ISNUMBER({plans}[{DUE}])*({state}<>"{DRAFT}")'
    rep_count = f'SUMPRODUCT(--({c.T_REVIEWS}[{w.REP}]<>""))'
    account_count = f'SUMPRODUCT(--({c.T_ACCOUNTS}[{w.ACCOUNT}]<>""))'
    expected = data.accounts[w.EXPECTED_MONEY].sum()
    rank, per_book = f"{c.T_ACCOUNTS}[{w.RANK}]", "PlansPerBook"
    required = (
        f'SUMPRODUCT(--ISNUMBER({rank}),--({rank}<={per_book}),--({_OWNER}<>"{w.UNASSIGNED}"))'
    )
    figures = (
        (0, 0, "Reps", rep_count, len(reps), "count"),
        (1, 1, "Accounts", account_count, len(data.accounts), "count"),
        (2, 4, w.EXPECTED_MONEY, f"SUM({c.T_ACCOUNTS}[{w.EXPECTED_MONEY}])", expected, "money"),
        (5, 7, w.QUOTA, f'IF(COUNT({walk}[Quota])=0,"",SUM({walk}[Quota]))', quota, "money"),
        (8, 9, funnel.CLOSED, f"SUM({walk}[Closed])", closed, "money"),
        (10, 12, funnel.GAP, c.N_GAP, gap, "money"),
        (13, 13, review.PLANS, planned, sums[review.PLANS], "count"),
        (14, 14, review.REQUIRED, required, reps[review.REQUIRED].sum(), "count"),
        (15, 15, review.COMPLETE, complete, sums[review.COMPLETE], "count"),
        (16, 16, review.HANDED_IN, handed_in, sums[review.HANDED_IN], "count"),
        (17, 17, review.LATE, late, sums[review.LATE], "count"),
        (18, 18, review.GOOD, f'COUNTIF({plans}[{GOOD}],"{YES}")', sums[review.GOOD], "count"),
        (
            19,
            19,
            review.ON_TIME,
            f"SUMPRODUCT({dated}*({on}<={plans}[{DUE}]))",
            sums[review.ON_TIME],
            "count",
        ),
        (
            20,
            20,
            review.TURNED_IN_LATE,
            f"SUMPRODUCT({dated}*({on}>{plans}[{DUE}]))",
            sums[review.TURNED_IN_LATE],
            "count",
        ),
        *(
            (col, col, name, f'COUNTIF({state},"{name}")', sums[name], "count")
            for col, name in ((21, review.IS_APPROVED), (22, review.IS_RETURNED))
        ),
    )
    sheet.ws.set_row(FIGURES_ROW, 28)
    sheet.ws.set_row(FIGURES_ROW + 1, 26)
    for first, last, label, formula, value, kind in figures:
        # A label over one narrow column goes over two lines; over several it runs on.
        over = LINE | {"text_wrap": first == last}
        for col in range(first, last + 1):
            sheet.put(FIGURES_ROW, col, label if col == first else None, "note", **over)
        if last > first:
            look = sheet.book.style("figure", kind)
            sheet.ws.merge_range(FIGURES_ROW + 1, first, FIGURES_ROW + 1, last, "", look)
        sheet.live(FIGURES_ROW + 1, first, f"={formula}", value, "figure", kind)
    _dates(sheet, data)
    if data.kind == c.TEAM:
        places = {label: first for first, _, label, *_ in figures}
        _changes(sheet, {name: places[name] for name in review.GLANCE}, helper)


def _changes(sheet: Sheet, places: dict[str, int], helper: int) -> None:
    """Under each figure of the plans what moved since the last collection that counted otherwise.

    Args:
        sheet: of the team workbook.
        places: of each figure of ``review.GLANCE`` the column.
        helper: the column beside the table, in which the collection stands that is compared with.
    """
    now = {
        name: xl_rowcol_to_cell(FIGURES_ROW + 1, col, row_abs=True, col_abs=True)
        for name, col in places.items()
    }
    sheet.put(FIGURES_ROW, helper, "Compared with the collection of", "note")
    sheet.live(FIGURES_ROW + 1, helper, history.before(now), 0.0, "note", "general")
    sheet.name_cell(history.ROUND_BEFORE, FIGURES_ROW + 1, helper)
    for name, col in places.items():
        moved = f"{now[name]}-{history.counted(name, history.ROUND_BEFORE)}"
        formula = f'=IF({history.ROUND_BEFORE}=0,"",{moved})'
        sheet.live(FIGURES_ROW + 2, col, formula, "", "note", "change", indent=0, align="left")
    sheet.live(
        FIGURES_ROW + 3,
        min(places.values()),
        f'=IF({history.ROUND_BEFORE}=0,"","Moved since the collection of "&'
        f'{iso_day(history.ROUND_BEFORE)}&".")',
        "",
        "note",
        indent=0,
    )


def _dates(sheet: Sheet, data: Round) -> None:
    days = [iso_day(name) for name in (c.N_AS_OF, "PlansDue", c.N_TODAY)]
    sheet.live(
        FIGURES_ROW + 2,
        0,
        f'="CRM data as of "&{days[0]}&". Plans are due on "&{days[1]}&"; today is "&{days[2]}&"."',
        f"CRM data as of {data.as_of:%Y-%m-%d}. Plans are due on {data.due:%Y-%m-%d}; "
        f"today is {data.today:%Y-%m-%d}.",
        "plain",
        indent=0,
    )
    sheet.put(
        FIGURES_ROW + 3,
        0,
        "Accounts, money and risk profile are live. Plans and Talk about stand as of the build or "
        "the last Review summary; press it to renew them. Yellow cells are yours.",
        "note",
        indent=0,
    )
    told = "Each finding in the plans, with a link to its file, tab and cell: Checks"
    sheet.link(FIGURES_ROW + 4, 0, c.CHECKS, told)


def _flag_late(sheet: Sheet, table: Table) -> None:
    col = table.columns.index(review.LATE)
    sheet.ws.conditional_format(
        table.row + 1,
        col,
        table.row + table.rows,
        col,
        {
            "type": "formula",
            "criteria": f"=N({table.cell(0, review.LATE)})>0",
            "format": sheet.book.rule_style(
                bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK, bold=True
            ),
        },
    )


def _chart(sheet: Sheet, table: Table, reps: pd.DataFrame, *, beside: bool) -> int:
    """The chart of the walks, and beside the table what it reads; returns its last row."""
    helper = len(table.columns) + 2
    sheet.put(TABLE_ROW, helper, f"{STILL_TO_FIND} (chart data)", "note")
    for offset in range(table.rows):
        gap = reps[funnel.GAP].iloc[offset] if offset < len(reps) else math.nan
        formula = f"=MAX(0,N({table.cell(offset, funnel.GAP)}))"
        sheet.live(table.row + 1 + offset, helper, formula, still_to_find(gap), "note", "money")
    return walk_chart(sheet, table, helper, beside=beside)


def still_to_find(gap: float) -> float:
    """The gap as a bar: nothing where the quota is reached, or not known."""
    return 0.0 if math.isnan(gap) else max(0.0, gap)


def walk_chart(
    sheet: Sheet, table: Table, still_to_find_column: int, *, beside: bool = False
) -> int:
    """Puts a bar per rep under a table: closed, to come, and what is still to find.

    Args:
        sheet: that the table stands on.
        table: with Rep, Closed and To come.
        still_to_find_column: where the third figure stands, in the table's rows.
        beside: whether it stands right of the table, which then has room to grow.

    Returns:
        The last row that the chart covers.
    """
    bars = min(table.rows, MOST_BARS)
    chart = sheet.book.chart("bar", "stacked")

    def area(col: int) -> str:
        cells = xl_range_abs(table.row + 1, col, table.row + bars, col)
        return f"={quote_sheet(sheet.name)}!{cells}"

    columns = [table.columns.index(name) for name in (funnel.CLOSED, funnel.TO_COME)]
    for (name, colour), col in zip(BARS, (*columns, still_to_find_column), strict=True):
        chart.add_series(
            {
                "name": name,
                "categories": area(table.columns.index(w.REP)),
                "values": area(col),
                "fill": {"color": colour},
                "border": {"color": styles.PAPER},
                "gap": 45,
            }
        )
    more = "" if table.rows <= MOST_BARS else f" (the first {MOST_BARS} reps)"
    title = {"name": f"The walk to the quota, per rep{more}"}
    chart.set_title({**title, "name_font": {"size": 12, "color": styles.NAVY}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "crossing": "max"})
    lines = {"visible": True, "line": {"color": styles.RULE}}
    chart.set_x_axis({"num_format": "#,##0", "num_font": {"size": 9}, "major_gridlines": lines})
    height = 130 + 22 * bars
    chart.set_size({"width": 1100, "height": height})
    told = "Stacked bars per rep: closed, still to come, and what is still to find of the quota."
    if beside:
        right = still_to_find_column + 2
        sheet.ws.insert_chart(table.row, right, chart, {"description": told})
        return table.below
    sheet.ws.insert_chart(table.below + 1, 0, chart, {"description": told})
    return table.below + 1 + math.ceil(height / 20)
