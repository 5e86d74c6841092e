"""Activity: what was done per rep, week and gate, to hold against what the path asks for."""

from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from ...udfs import rates
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, criterion
from . import rules

BLANK_ROWS: Final = 20
TABLE_ROW: Final = 4
RATES_COLUMN: Final = 5
FOUND: Final = "Found rate"
AGAINST: Final = "Against everybody"


def write(book: Book, data: Round) -> None:
    """Writes the sheet, newest week first, with blank rows to type into."""
    sheet = book.sheets[c.ACTIVITY]
    sheet.heading("Activity", "E-mails, calls and demos that were made, per rep and week.")
    sheet.put(2, 0, "One row per rep, week and gate, with the gates as Path names them.", "note")
    sheet.put(3, 0, "Type here, or bring the CRM's activity export to the next build.", "note")
    done = data.activity.sort_values([w.WEEK, w.REP], ascending=[False, True], kind="stable")
    columns = _columns(done)
    table = sheet.table(c.T_ACTIVITY, TABLE_ROW, 0, columns, len(done), blank_rows=BLANK_ROWS)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    _window(sheet, data)
    _weeks(sheet, data, _rates(sheet, data) + 2)
    sheet.ws.freeze_panes(table.row + 1, 0)
    sheet.ws.repeat_rows(table.row)


def _window(sheet: Sheet, data: Round) -> None:
    """From which day on the rates are read, and the deals that were won since."""
    since = data.rates_since
    sheet.put(1, RATES_COLUMN, "Rates read since", "label")
    sheet.put(1, RATES_COLUMN + 1, since, "calculation", "date", align="left")
    sheet.name_cell(c.N_RATES_SINCE, 1, RATES_COLUMN + 1)
    sheet.put(2, RATES_COLUMN, "Deals won since", "label")
    sheet.put(2, RATES_COLUMN + 1, data.path_facts().won, "calculation", "count", align="left")
    sheet.name_cell(c.N_GATE_WINS, 2, RATES_COLUMN + 1)
    sheet.put(3, RATES_COLUMN, "Last full week", "label")
    day = f"WEEKDAY({c.N_TODAY},2)"
    sheet.live(
        3,
        RATES_COLUMN + 1,
        f'=IF({c.N_TODAY}="","",{c.N_TODAY}-{day}+1-IF({day}=7,0,7))',
        data.path.weekly.columns[-1],
        "calculation",
        "date",
        align="left",
    )
    sheet.name_cell(c.N_LAST_WEEK, 3, RATES_COLUMN + 1)
    told = "By these counts Path finds the rates; to the as-of date, when deals are known too."
    sheet.put(1, RATES_COLUMN + 2, told, "note")


def _rates(sheet: Sheet, data: Round) -> int:
    """What was done at each gate, by whom, and the rate that follows; gives the row beneath."""
    found = data.path.history
    here = f"ROW()-ROW({c.T_GATE_RATES}[[#Headers],[{w.GATE}]])"
    last = f"{here}=ROWS({c.T_GATE_RATES}[{w.GATE}])"
    own = f"[@[{rates.THROUGH}]]"
    done, k = f"[@{rates.DONE}]", f"[@{rates.STRENGTH}]"
    all_done, all_through = f"[@[{rates.ALL_DONE}]]", f"N([@[{rates.ALL_THROUGH}]])"
    z = repr(rates.ONE_SIDED_90)
    share = f"{own}/{done}"
    bound = (
        f"({share}+{z}^2/(2*{done})+{z}*SQRT({share}*(1-{share})/{done}+{z}^2/(4*{done}^2)))"
        f"/(1+{z}^2/{done})"
    )
    against = (found[rates.THROUGH] / found[rates.DONE].where(found[rates.DONE] > 0)) / (
        found[rates.ALL_THROUGH].where(found[rates.ALL_THROUGH] > 0) / found[rates.ALL_DONE]
    )
    columns = [
        Column(w.GATE, found[w.GATE], role="label", width=22),
        Column(
            rates.DONE,
            found[rates.DONE],
            formula=f'=IF({c.N_RATES_SINCE}="",0,SUMIFS({c.T_ACTIVITY}[{w.COUNT}],'
            f"{c.T_ACTIVITY}[{w.GATE}],{criterion(f'[@{w.GATE}]')},"
            f'{c.T_ACTIVITY}[{w.WEEK}],">="&{c.N_RATES_SINCE},'
            f'{c.T_ACTIVITY}[{w.WEEK}],"<="&{c.N_AS_OF}))',
            kind="count",
            note="How many were done here since then",
        ),
        Column(
            rates.THROUGH,
            found[rates.THROUGH],
            formula=f"=MIN({done},IF({last},{c.N_GATE_WINS},"
            f"INDEX({c.T_GATE_RATES}[{rates.DONE}],{here}+1)))",
            kind="count",
            note="How many of the next gate were done, at most as many as here",
        ),
        Column(rates.ALL_DONE, found[rates.ALL_DONE], kind="count", note="All reps of the export"),
        Column(rates.ALL_THROUGH, found[rates.ALL_THROUGH], kind="count"),
        Column(
            rates.STRENGTH,
            found[rates.STRENGTH],
            kind="decimal",
            note="How many tries everybody's rate is worth: the less reps differ, the more",
        ),
        Column(
            "Assumed",
            [gate.rate for gate in data.gates],
            kind="share",
            note="What holds where nobody ever got anything through",
        ),
        Column(
            FOUND,
            found[rates.RATE],
            formula=f"=IF({all_through}=0,[@Assumed],"
            f"ROUND(({own}+{k}*{all_through}/{all_done})/({done}+{k}),9))",
            role="output",
            kind="share",
            note="(got through + strength x everybody's rate) / (done + strength)",
        ),
        Column(
            rates.BEST,
            found[rates.BEST],
            formula=f'=IF({done}=0,"",ROUND({bound},9))',
            kind="share",
            note="90 % sure that the rate is not above it (Wilson's bound)",
        ),
        Column(
            AGAINST,
            against.round(9),
            formula=f'=IF(OR({done}=0,{all_through}=0),"",'
            f"ROUND(({share})/({all_through}/{all_done}),9))",
            kind="percent",
            note="This rate as a share of everybody's; what is furthest below 100 % leaks most",
        ),
    ]
    table = sheet.table(c.T_GATE_RATES, TABLE_ROW, RATES_COLUMN, columns, len(found), filters=False)
    sheet.widths(*(column.width + 2 for column in columns), first=RATES_COLUMN)
    return table.below


def _weeks(sheet: Sheet, data: Round, row: int) -> None:
    """Plan against actual: what each gate needs a week, and what the last full weeks brought."""
    weekly, first = data.path.weekly, RATES_COLUMN
    counts = weekly.to_numpy(float)
    sheet.put(row, first, "Plan against actual", "header", align="left", indent=1)
    sheet.put(row, first + 1, "Needed a week", "header", align="right")
    weeks = range(len(weekly.columns))
    for week in weeks:
        back = 7 * (len(weekly.columns) - 1 - week)
        sheet.live(
            row,
            first + 2 + week,
            f'=IF({c.N_LAST_WEEK}="","",{c.N_LAST_WEEK}-{back})',
            weekly.columns[week],
            "header",
            "date",
            align="right",
        )
    for place, (gate, target) in enumerate(
        zip(weekly.index, data.path.targets.gates, strict=False), start=1
    ):
        at = row + place
        names, needed = f"{c.T_GATES}[{w.GATE}]", f"{c.T_GATES}[Per week]"
        sheet.live(at, first, f'=IFERROR(INDEX({names},{place}),"")', gate, "label")
        sheet.live(
            at,
            first + 1,
            f'=IFERROR(INDEX({needed},{place}),"")',
            target.per_week,
            "calculation",
            "decimal",
        )
        name = xl_rowcol_to_cell(at, first)
        for week in weeks:
            monday = xl_rowcol_to_cell(row, first + 2 + week)
            sheet.live(
                at,
                first + 2 + week,
                f'=IF({monday}="","",SUMIFS({c.T_ACTIVITY}[{w.COUNT}],'
                f"{c.T_ACTIVITY}[{w.GATE}],{criterion(name)},"
                f'{c.T_ACTIVITY}[{w.WEEK}],">="&{monday},{c.T_ACTIVITY}[{w.WEEK}],"<"&({monday}+7)))',
                counts[place - 1, week],
                "calculation",
                "count",
            )
        cells = xl_range(at, first + 2, at, first + 1 + len(weekly.columns))
        behind = xl_rowcol_to_cell(at, first + 1, col_abs=True)
        start = xl_rowcol_to_cell(at, first + 2)
        sheet.ws.conditional_format(
            cells,
            {
                "type": "formula",
                "criteria": f"={start}<N({behind})",
                "format": sheet.book.rule_style(
                    bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK
                ),
            },
        )
    told = "Weeks below what is needed stand out; Path says by how much on average."
    sheet.put(row + len(weekly) + 1, first, told, "note")


def _columns(done: pd.DataFrame) -> list[Column]:
    return [
        Column(w.REP, done[w.REP], role="input", width=26, prompt="As Owner in Accounts says."),
        Column(
            w.WEEK,
            done[w.WEEK],
            role="input",
            kind="date",
            width=14,
            note="The week's Monday",
            rule=rules.a_date(),
            prompt="The Monday of the week.",
        ),
        Column(
            w.GATE, done[w.GATE], role="input", width=18, prompt="A gate of Path, such as Call."
        ),
        Column(
            w.COUNT,
            done[w.COUNT],
            role="input",
            kind="count",
            width=12,
            note="How many in that week",
            rule=rules.between(0, 1e9, "A number, 0 or more."),
            prompt="How many in that week, 0 or more.",
        ),
    ]
