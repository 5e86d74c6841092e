"""Evidence: does the score find the accounts that buy? The verdict first, then what it rests on.

The scores were made as of a day that is past, and held against what came
after it. What is drawn: how much of the later revenue the first accounts hold,
in several orders, and forecasts against what happened. Where no such test can
be made the sheet says why, and shows what the scores rest on. Its tables are there
either way and have their sizes, so that macros can renew them; once something
that the test rests on has changed, a formula says so and all of it turns grey.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range_abs

from ...udfs import evidence as e
from ...udfs import words as w
from ...udfs.measures import BANDS
from ...udfs.scoring import Attribute
from ...udfs.table_cells import day_number
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, fixed, quote_sheet
from .accounts import KINDS
from .deals import listed
from .settings import checksum, definition

ATTRIBUTE: Final = "Attribute"
WITH_DATA: Final = "Accounts with data"
SHARE: Final = "Share with data"
SPREAD: Final = ("Least", "Median", "Most")
VERDICT: Final = "Verdict"
LEARNED: Final = "Learned weight"
KNOWN: Final = "What was tested"
WEIGHT_THEN: Final = "Weight when tested"
DEFINED_THEN: Final = "Defined when tested"
SINCE: Final = "Since the test"
CHANGED: Final = "changed"
SAME: Final = "as tested"
NOT_TESTED: Final = "not tested yet"
NO_DATA: Final = "no data: left out"
SPARE_ROWS: Final = 6
"""As many attributes as Settings has blank rows for."""

ORDER: Final = "In order of"
TOPS: Final = tuple(f"Top {share:.0%}" for share in e.SHARES)
ENDS: Final = ("Top 20%: from", "to")
BUYERS: Final = "Buyers in top 20%"
GAIN_COLUMNS: Final = (*TOPS, *ENDS, BUYERS)
FIGURE: Final = "Figure"
VALUE: Final = "Value"
NOTE: Final = "What it is"
BAND_COLUMNS: Final = ("Accounts", "Forecast", "Came true", "From", "To")
OF_ACCOUNTS: Final = "Of accounts"
TO_KNOW: Final = "What to know"
INPUT: Final = "Rests on"
NOW: Final = "Now"
THEN: Final = "When tested"
DIFFERENT: Final = "Changed"

FIRST_ROW: Final = 8
YEAR: Final = 365
CHART_ROW: Final = 24
CHART_ROWS: Final = 22
BANDS_COLUMN: Final = 8
LAST_COLUMN: Final = 15
DATA_COLUMN: Final = 26
INPUTS_COLUMN: Final = 36
DATA_ROW: Final = 3

UNTESTED: Final = "The score is not tested yet."
TOLD: Final = (
    "The scores are a hypothesis: accounts with a high Likelihood should buy more often, and those "
    "with a high Potential should buy more. A test needs scores as of an earlier date, made only "
    "from what was known on that day, and what each account bought after it."
)
FORECAST: Final = "Forecast against what happened"
PRESS: Final = "press Suggest weights"
UP_TO_DATE: Final = "Up to date: data and settings are those of the test."
TRIED: Final = "Data and settings are those of the last try."
NOTHING_YET: Final = (
    "Import a CRM export with deals; or paste accounts and deals in, and press Suggest weights."
)
FINDS_STARTS: Final = "The score finds"

ORDERS: Final = {
    e.BY_SCORE: ("Score", styles.TEAL, "solid"),
    e.BY_SALES: (w.PRIOR_YEAR_SALES, "#1F5FBF", "dash"),
    e.BY_NAME: ("Alphabetical order", "#C26A00", "square_dot"),
    e.PERFECT: ("Perfect foresight", styles.GREY_TEXT, "long_dash"),
}
CURVE_COLUMNS: Final = tuple(name for name, _, _ in ORDERS.values())


def write(book: Book, data: Round) -> None:
    """Writes the sheet: the same tables and charts, whether there was a test or not."""
    sheet = book.sheets[c.EVIDENCE]
    sheet.heading("Evidence", "Does the score find the accounts that buy?")
    _verdict(sheet, data)
    _gains(sheet, data)
    _figures(sheet, data)
    bands = _bands(sheet, data)
    curves = _curves(sheet, data, bands)
    _gains_chart(sheet, curves)
    _calibration_chart(sheet, bands)
    row = CHART_ROW + CHART_ROWS + 1
    sheet.section(row, 0, "Attribute by attribute", LAST_COLUMN + 1)
    attributes = _attributes(sheet, data, row + 1)
    _inputs(sheet, data)
    _grey(sheet, attributes)
    below = _notes(sheet, data, attributes.below + 1)
    sheet.ws.set_column(DATA_COLUMN - 1, INPUTS_COLUMN + 4, 12, None, {"hidden": True, "level": 1})
    sheet.ws.print_area(0, 0, below, LAST_COLUMN)


def _verdict(sheet: Sheet, data: Round) -> None:
    """The verdict in words, and whether it is still that of these data and settings."""
    told = words(data)
    tests = (
        f'LEFT({c.N_VERDICT},{len(FINDS_STARTS)})="{FINDS_STARTS}"',
        f'{c.N_ALPHABETICAL}="{e.BETTER}"',
    )
    for row, name, good in zip((2, 3), (c.N_VERDICT, c.N_ALPHABETICAL), tests, strict=True):
        sheet.ws.set_row(row, 24)
        style = sheet.book.style("output", font_size=12)
        sheet.ws.merge_range(row, 0, row, 10, told[name], style)
        sheet.name_cell(name, row, 0)
        _verdict_looks(sheet, row, good)
    sheet.put(4, 0, told[c.N_TESTED], "sentence", font_size=11)
    sheet.name_cell(c.N_TESTED, 4, 0)
    _age(sheet, data)
    sheet.put(
        6,
        0,
        "AUC: the chance that of a buyer and another account the buyer has the higher score; 0.50 "
        "is chance. Intervals hold the truth 95 times of 100 (bootstrap over accounts).",
        "note",
    )


def _verdict_looks(sheet: Sheet, row: int, good: str) -> None:
    """Green where the words are good, else orange; grey where they are out of date."""
    looks = (
        (f"={c.N_EVIDENCE_CURRENT}=0", styles.STALE_FILL, styles.STALE_INK),
        (f'={c.N_EVIDENCE_DAY}=""', styles.PAPER, styles.INK),
        (f"={good}", styles.GOOD_FILL, styles.GOOD_INK),
        (f"=NOT({good})", styles.FLAG_FILL, styles.FLAG_INK),
    )
    for formula, fill, ink in looks:
        style = sheet.book.rule_style(bg_color=fill, font_color=ink)
        rule = {"type": "formula", "criteria": formula, "format": style, "stop_if_true": True}
        sheet.ws.conditional_format(row, 0, row, 10, rule)


def _age(sheet: Sheet, data: Round) -> None:
    """Whether the test is of what the workbook holds now; else what has changed, and the mend."""
    changed = f"{c.T_EVIDENCE_INPUTS}[{DIFFERENT}]"
    first = f'INDEX({c.T_EVIDENCE_INPUTS}[{INPUT}],MATCH("{CHANGED}",{changed},0))'
    formula = (
        f'=IF({c.N_EVIDENCE_CURRENT}=0,"Out of date, something it rests on has changed ("&{first}'
        f'&"): {PRESS}, which tests anew.",IF({c.N_EVIDENCE_DAY}="","{TRIED}","{UP_TO_DATE}"))'
    )
    value = TRIED if data.evidence is None else UP_TO_DATE
    sheet.live(5, 0, formula, value, "sentence", font_size=11, bold=True)
    flag = sheet.book.rule_style(font_color=styles.FLAG_INK)
    rule = {"type": "formula", "criteria": f"={c.N_EVIDENCE_CURRENT}=0", "format": flag}
    sheet.ws.conditional_format("A6", rule)


def words(data: Round) -> dict[str, str]:
    """What the sheet says in sentences, by the names of their cells."""
    test = data.evidence
    if test is None:
        return {
            c.N_VERDICT: UNTESTED,
            c.N_ALPHABETICAL: data.not_tested or NOTHING_YET,
            c.N_TESTED: TOLD,
            c.N_FORECAST: FORECAST,
            c.N_EVIDENCE_DAY: "",
        }
    return {
        c.N_VERDICT: test.sentence,
        c.N_ALPHABETICAL: test.against_alphabetical,
        c.N_TESTED: f"Scored as of {test.as_of:%Y-%m-%d}, from what was known on that day only, "
        f"and held against what came by {test.until:%Y-%m-%d}: {test.accounts:,} accounts; "
        f"{test.outcomes:,} deals with them were closed; {test.winners:,} accounts bought, for "
        f"{fixed(test.revenue)}.",
        c.N_FORECAST: f"Forecast: {test.forecast}",
        c.N_EVIDENCE_DAY: f"{test.as_of:%Y-%m-%d}",
    }


# --- Tables -------------------------------------------------------------------------


def gains_rows(test: e.Evidence | None) -> pd.DataFrame:
    """The figures of EvidenceGains: what each order catches."""
    if test is None:
        return _blank(GAIN_COLUMNS, len(ORDERS))
    rows = []
    for order in ORDERS:
        found = test.gains[order]
        middle = found.revenue[0.20]
        tops = [found.revenue[share].value for share in e.SHARES]
        rows.append([*tops, middle.low, middle.high, found.winners[0.20].value])
    return pd.DataFrame(rows, columns=list(GAIN_COLUMNS), dtype=float)


def _blank(columns: Sequence[str], rows: int) -> pd.DataFrame:
    return pd.DataFrame(np.nan, index=range(rows), columns=list(columns))


def _gains(sheet: Sheet, data: Round) -> None:
    """How much of the later revenue the first 10, 20 and 50 % of accounts hold."""
    sheet.section(FIRST_ROW, 0, "Share of later revenue that the first accounts hold", 7)
    rows = gains_rows(data.evidence)
    columns = [Column(ORDER, CURVE_COLUMNS, role="label")]
    columns += [Column(name, rows[name], kind="share") for name in GAIN_COLUMNS]
    table = sheet.table(c.T_EVIDENCE_GAINS, FIRST_ROW + 1, 0, columns, len(ORDERS), filters=False)
    for col, value in enumerate(rows.iloc[0], 1):
        sheet.put(table.row + 1, col, value, "output", "share")


FIGURE_KINDS: Final = {
    w.EXPECTED_MONEY: "money",
    "What came": "money",
    "Brier score": "fine",
    "of the base rate": "fine",
    "Forecast off by": "share",
}


def figure_rows(test: e.Evidence | None) -> pd.DataFrame:
    """The figures of EvidenceFigures: Expected $ against what came, and the forecast's error."""
    if test is None:
        empty = {VALUE: [np.nan] * len(FIGURE_KINDS), NOTE: [""] * len(FIGURE_KINDS)}
        return pd.DataFrame(empty)
    came = test.money
    rows = (
        (came.expected, f"of {came.accounts:,} accounts, for {came.years:.2f} years"),
        (came.came, "won revenue of the same accounts"),
        (test.brier, "mean squared error of the forecast; 0 is perfect"),
        (test.brier_base, "the same forecast for every account"),
        (test.calibration_error, "on average, over the bands"),
    )
    return pd.DataFrame(rows, columns=[VALUE, NOTE])


def _figures(sheet: Sheet, data: Round) -> None:
    row, rows = FIRST_ROW + 7, figure_rows(data.evidence)
    sheet.section(row, 0, "Money and forecasts", 7)
    table = sheet.table(
        c.T_EVIDENCE_FIGURES,
        row + 1,
        0,
        [
            Column(FIGURE, list(FIGURE_KINDS), role="label"),
            Column(VALUE, rows[VALUE]),
            Column(NOTE, rows[NOTE], role="note"),
        ],
        len(FIGURE_KINDS),
        filters=False,
        header_height=None,
    )
    for place, (kind, value) in enumerate(zip(FIGURE_KINDS.values(), rows[VALUE], strict=True)):
        sheet.put(table.row + 1 + place, 1, value, "calculation", kind)


def band_rows(test: e.Evidence | None) -> pd.DataFrame:
    """The rows of EvidenceBands, and blank ones up to its size."""
    found = [
        (band.accounts, band.forecast, band.observed, band.low, band.high)
        for band in (test.bands if test else ())
    ]
    return pd.DataFrame(found, columns=list(BAND_COLUMNS), dtype=float).reindex(range(BANDS))


def _bands(sheet: Sheet, data: Round) -> Table:
    """Forecast against what happened, band by band."""
    sheet.section(FIRST_ROW, BANDS_COLUMN, words(data)[c.N_FORECAST], 6)
    sheet.name_cell(c.N_FORECAST, FIRST_ROW, BANDS_COLUMN)
    rows = band_rows(data.evidence)
    columns = [
        Column(name, rows[name], kind="share" if at else "count")
        for at, name in enumerate(BAND_COLUMNS)
    ]
    return sheet.table(
        c.T_EVIDENCE_BANDS, FIRST_ROW + 1, BANDS_COLUMN, columns, BANDS, filters=False
    )


def curve_rows(test: e.Evidence | None) -> pd.DataFrame:
    """The points of EvidenceCurves: the share of revenue caught at each share of the accounts."""
    if test is None:
        return _blank(CURVE_COLUMNS, len(e.CURVE))
    curves = {ORDERS[order][0]: list(test.gains[order].curve) for order in ORDERS}
    return pd.DataFrame(curves, dtype=float)


def _curves(sheet: Sheet, data: Round, bands: Table) -> Table:
    """What the charts read, in hidden columns: the curves, and how far each interval reaches."""
    rows, col = curve_rows(data.evidence), DATA_COLUMN
    sheet.put(DATA_ROW - 1, col, "Chart data: leave it as it is", "note")
    columns = [Column(OF_ACCOUNTS, list(e.CURVE), role="note", kind="percent")]
    columns += [Column(name, rows[name], role="note", kind="share") for name in CURVE_COLUMNS]
    table = sheet.table(
        c.T_EVIDENCE_CURVES, DATA_ROW, col, columns, len(rows), filters=False, header_height=None
    )
    for place, end in enumerate((0.0, 1.0)):
        sheet.put(table.row + 1 + place, col + 6, end, "note", "percent")
    found = band_rows(data.evidence)
    below = (found["Came true"] - found["From"]).fillna(0.0).to_list()
    above = (found["To"] - found["Came true"]).fillna(0.0).to_list()
    for place in range(BANDS):
        low, middle, high = (bands.cell(place, name) for name in ("From", "Came true", "To"))
        at = table.row + 1 + place
        for offset, ends, value in (
            (7, (middle, low), below[place]),
            (8, (high, middle), above[place]),
        ):
            formula = f"=IF(ISNUMBER({middle}),{ends[0]}-{ends[1]},0)"
            sheet.live(at, col + offset, formula, value, "note", "share")
    return table


# --- Up to date? --------------------------------------------------------------------


@dataclass(frozen=True)
class Input:
    """Something that the test rests on: what it is called, its formula, and its value."""

    name: str
    formula: str
    value: Callable[[Round], float]


def _deals(state: str, column: str) -> str:
    return f'SUMIF({c.T_DEALS}[{w.STATE}],"{state}",{c.T_DEALS}[{column}])'


def _closed(data: Round) -> float:
    return float((listed(data)[w.STATE] != w.OPEN).sum())


def _won_money(data: Round) -> float:
    deals = listed(data)
    return float(deals.loc[deals[w.STATE] == w.WON, w.AMOUNT].sum())


def _won_days(data: Round) -> float:
    deals = listed(data)
    days = deals.loc[deals[w.STATE] == w.WON, w.CLOSE_DATE].dropna()
    return float(sum(map(day_number, days)))


def _compared(data: Round) -> float:
    # The words differ in length, and a formula can tell that.
    compare = data.settings.compare
    return float(10 * len(compare[w.POTENTIAL]) + len(compare[w.LIKELIHOOD]))


def _odd(label: str, name: str, value: Callable[[Round], float | None]) -> Input:
    """An odd that may be blank: 0 where it is, else 1 and what is typed, for 0 is no blank."""

    def told(data: Round) -> float:
        typed = value(data)
        return 0.0 if typed is None else 1.0 + typed

    return Input(label, f"IF(ISNUMBER({name}),1+{name},0)", told)


RESTS_ON: Final = (
    Input(
        "weights or definitions of attributes",
        f'COUNTIF({c.T_EVIDENCE}[{SINCE}],"{CHANGED}")',
        lambda _: 0.0,
    ),
    Input(
        "number of attributes",
        f'COUNTIF({c.T_ATTRIBUTES}[{ATTRIBUTE}],"?*")',
        lambda data: float(len(data.settings.attributes)),
    ),
    Input("day of the data", f"N({c.N_AS_OF})", lambda data: day_number(data.as_of)),
    Input(
        "accounts",
        f'COUNTIF({c.T_ACCOUNTS}[{w.ACCOUNT}],"?*")',
        lambda data: float(len(data.accounts)),
    ),
    Input(
        "facts of the accounts",
        f"SUM({c.T_ATTRIBUTES}[Data now])",
        lambda data: float(sum(checksum(a, data.accounts) for a in data.settings.attributes)),
    ),
    Input(
        "closed deals",
        f'COUNTIF({c.T_DEALS}[{w.STATE}],"{w.WON}")+COUNTIF({c.T_DEALS}[{w.STATE}],"{w.LOST}")',
        _closed,
    ),
    Input("money of the won deals", _deals(w.WON, w.AMOUNT), _won_money),
    Input("days of the won deals", _deals(w.WON, w.CLOSE_DATE), _won_days),
    Input(
        "Potential's share of Score",
        "N(PotentialShare)",
        lambda data: data.settings.potential_share,
    ),
    Input("least coverage", "N(LeastCoverage)", lambda data: data.settings.least_coverage),
    Input("what is compared", "10*LEN(PotentialCompare)+LEN(LikelihoodCompare)", _compared),
    Input("retention", "N(Retention)", lambda data: data.retention.value),
    Input("Win probability", "N(WinProbability)", lambda data: data.win_probability.value),
    _odd(
        "Win probability of active accounts",
        "WinProbabilityActive",
        lambda data: data.settings.win_probability_active,
    ),
    _odd(
        "Win probability of other accounts",
        "WinProbabilityOthers",
        lambda data: data.settings.win_probability_others,
    ),
    _odd("odds per 10 points", "WinOddsPerTen", lambda data: data.settings.win_odds_per_ten),
)


ONCE: Final = (
    Input(
        "odds of winning",
        "",
        lambda data: math.fsum(
            odd or 0.0
            for odd in (
                data.settings.win_probability_active,
                data.settings.win_probability_others,
                data.settings.win_odds_per_ten,
            )
        ),
    ),
)
"""What older workbooks watch: their formulas stay, so their values are still worked out."""


def input_values(data: Round) -> dict[str, float]:
    """What the test rests on, by its name in EvidenceInputs; what older workbooks watch last."""
    return {each.name: each.value(data) for each in (*RESTS_ON, *ONCE)}


def _inputs(sheet: Sheet, data: Round) -> None:
    """What the test rests on, then and now, in hidden columns."""
    known, col = input_values(data), INPUTS_COLUMN
    values = [known[each.name] for each in RESTS_ON]
    difference = f"ABS(N([@{NOW}])-N([@[{THEN}]]))"
    table = sheet.table(
        c.T_EVIDENCE_INPUTS,
        DATA_ROW,
        col,
        [
            Column(INPUT, [each.name for each in RESTS_ON], role="note"),
            Column(NOW, values, role="note", kind="general"),
            Column(THEN, values, role="note", kind="general"),
            Column(
                DIFFERENT,
                [""] * len(values),
                formula=f'=IF({difference}>0.000001*MAX(1,ABS(N([@[{THEN}]]))),"{CHANGED}","")',
                role="note",
            ),
        ],
        len(RESTS_ON),
        filters=False,
        header_height=None,
    )
    # Each row has a formula of its own.
    for place, (each, value) in enumerate(zip(RESTS_ON, values, strict=True)):
        sheet.live(table.row + 1 + place, col + 1, f"={each.formula}", value, "note", "general")
    at = table.below + 1
    formula = f'=IF(COUNTIF({c.T_EVIDENCE_INPUTS}[{DIFFERENT}],"{CHANGED}")=0,1,0)'
    sheet.put(at, col, "Up to date, tested as of", "note")
    sheet.live(at, col + 1, formula, 1.0, "note", "count")
    sheet.name_cell(c.N_EVIDENCE_CURRENT, at, col + 1)
    sheet.put(at, col + 2, words(data)[c.N_EVIDENCE_DAY], "note")
    sheet.name_cell(c.N_EVIDENCE_DAY, at, col + 2)


def _grey(sheet: Sheet, attributes: Table) -> None:
    """Figures that are out of date turn grey; a sentence above says so as well."""
    grey = sheet.book.rule_style(
        font_color=styles.STALE_INK, italic=True, bg_color=styles.STALE_FILL
    )
    rule = {"type": "formula", "criteria": f"={c.N_EVIDENCE_CURRENT}=0", "format": grey}
    tables = (c.T_EVIDENCE_GAINS, c.T_EVIDENCE_FIGURES, c.T_EVIDENCE_BANDS)
    for table in (sheet.book.tables[name] for name in tables):
        first, last = table.columns[0 if table.name == c.T_EVIDENCE_BANDS else 1], table.columns[-1]
        cells = f"{table.cell(0, first)}:{table.cell(table.rows - 1, last)}"
        sheet.ws.conditional_format(cells, rule)
    for column in (LEARNED, *AUCS, VERDICT):
        cells = f"{attributes.cell(0, column)}:{attributes.cell(attributes.rows - 1, column)}"
        sheet.ws.conditional_format(cells, rule)


# --- Charts -------------------------------------------------------------------------


def _cells(row: int, col: int, count: int) -> str:
    return f"={quote_sheet(c.EVIDENCE)}!{xl_range_abs(row, col, row + count - 1, col)}"


def _axis(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "min": 0,
        "max": 1,
        "major_unit": 0.2,
        "num_format": "0%",
        "num_font": {"size": 9, "color": styles.GREY_TEXT},
        "major_gridlines": {"visible": True, "line": {"color": "#E5E9ED", "width": 0.5}},
    }


def _gains_chart(sheet: Sheet, curves: Table) -> None:
    chart = sheet.book.chart("scatter", "straight")
    for name, colour, dash in ORDERS.values():
        chart.add_series(
            {
                "name": name,
                "categories": f"={curves.area(OF_ACCOUNTS)}",
                "values": f"={curves.area(name)}",
                "line": {"color": colour, "width": 2.25, "dash_type": dash},
                "marker": {"type": "none"},
            }
        )
    _finish(chart, "Which order catches the money?", 640)
    chart.set_x_axis(_axis("Share of accounts, best first"))
    chart.set_y_axis(_axis("Share of later won revenue"))
    sheet.ws.insert_chart(
        CHART_ROW,
        0,
        chart,
        {
            "description": "Line chart: the share of later won revenue that the first accounts "
            "hold, by score, by prior-year sales, in alphabetical order and with perfect "
            "foresight."
        },
    )


def _calibration_chart(sheet: Sheet, bands: Table) -> None:
    chart = sheet.book.chart("scatter", "marker_only")
    chart.add_series(
        {
            "name": "Bands of accounts, with 95 % intervals",
            "categories": f"={bands.area('Forecast')}",
            "values": f"={bands.area('Came true')}",
            "marker": {
                "type": "circle",
                "size": 8,
                "fill": {"color": styles.TEAL},
                "border": {"color": styles.PAPER},
            },
            "y_error_bars": {
                "type": "custom",
                "minus_values": _cells(DATA_ROW + 1, DATA_COLUMN + 7, BANDS),
                "plus_values": _cells(DATA_ROW + 1, DATA_COLUMN + 8, BANDS),
                "line": {"color": styles.TEAL},
            },
        }
    )
    diagonal = _cells(DATA_ROW + 1, DATA_COLUMN + 6, 2)
    chart.add_series(
        {
            "name": "As forecast",
            "categories": diagonal,
            "values": diagonal,
            "marker": {"type": "none"},
            "line": {"color": styles.NAVY, "width": 1.25, "dash_type": "dash"},
        }
    )
    _finish(chart, "Does what is forecast come true?", 560)
    chart.set_x_axis(_axis("Forecast"))
    chart.set_y_axis(_axis("Share that came true"))
    sheet.ws.insert_chart(
        CHART_ROW,
        BANDS_COLUMN - 1,
        chart,
        {
            "description": "Scatter chart: forecast across, the share that came true up, one "
            "point with its interval per band of accounts; on the dashed diagonal the two agree.",
            "x_offset": 10,
        },
    )


def _finish(chart: Any, title: str, width: int) -> None:
    chart.set_title(
        {"name": title, "name_font": {"size": 12, "color": styles.NAVY}, "overlay": False}
    )
    chart.set_legend({"position": "bottom"})
    chart.show_hidden_data()
    chart.set_size({"width": width, "height": 430})


# --- Attributes -----------------------------------------------------------------------

AUCS: Final = ("AUC", "AUC from", "AUC to", "Lift", "Monotone")


def _attributes(sheet: Sheet, data: Round, row: int) -> Table:
    """The table of attributes, with blank rows for those to come."""
    attributes = data.settings.attributes
    columns = _columns(data)
    table = sheet.table(
        c.T_EVIDENCE, row, 0, columns, len(attributes), blank_rows=SPARE_ROWS, filters=False
    )
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    then = [table.columns.index(name) for name in (WEIGHT_THEN, DEFINED_THEN)]
    sheet.ws.set_column(*then, 12, None, {"hidden": True, "level": 1})
    for at, attribute in enumerate(attributes):
        kind, _ = KINDS.get(attribute.name, ("general", 0))
        for name in SPREAD:
            # Each row has its own unit, so its own number format.
            col = table.columns.index(name)
            value = columns[col].values[at]
            sheet.put(table.row + 1 + at, col, value, "calculation", kind)
    _colours(sheet, table.row + 1, table.row + table.rows, table.columns.index(VERDICT))
    return table


def _values(attribute: Attribute, data: Round) -> pd.Series:
    """What the accounts say about an attribute, without those that say nothing."""
    if attribute.name not in data.accounts:
        return pd.Series(dtype=float)
    values = data.accounts[attribute.name]
    return values[values.notna() & (values.astype(str) != "")]


def _spread(values: pd.Series) -> list[float]:
    """Least, median and most of a number; NaN of words and of nothing."""
    if values.empty or not pd.api.types.is_numeric_dtype(values):
        return [np.nan] * len(SPREAD)
    return [float(values.min()), float(values.median()), float(values.max())]


def _columns(data: Round) -> list[Column]:
    """The columns of AttributeEvidence."""
    rows = attribute_rows(data)
    weights = [a.weight for a in data.settings.attributes]
    mine = f"({c.T_ATTRIBUTES}[Attribute]=[@Attribute])*({c.T_ATTRIBUTES}[Axis]=[@Axis])"
    defined = '&"|"&'.join(
        f"{c.T_ATTRIBUTES}[{name}]" for name in ("Axis", "Method", "Lower is better", "Scale")
    )
    as_tested = (
        f"({c.T_ATTRIBUTES}[Attribute]=[@Attribute])*({defined}=[@[{DEFINED_THEN}]])"
        f"*({c.T_ATTRIBUTES}[Weight]=[@[{WEIGHT_THEN}]])"
    )
    live: dict[str, tuple[str, Sequence[Any]]] = {
        "Weight": (
            f'=IF([@Attribute]="","",SUMPRODUCT({mine},{c.T_ATTRIBUTES}[Weight]))',
            weights,
        ),
        SINCE: (
            f'=IF([@Attribute]="","",IF(SUMPRODUCT({as_tested})=1,"{SAME}","{CHANGED}"))',
            [SAME] * len(weights),
        ),
    }
    found = []
    for name, look in LOOKS.items():
        formula, values = live[name] if name in live else ("", rows[name].to_list())
        found.append(replace(look, values=values, formula=formula))
    return found


LOOKS: Final = {
    column.name: column
    for column in (
        Column(ATTRIBUTE, role="label", width=24),
        Column("Axis", width=13),
        Column("Weight", kind="general", width=10, note="Of 100 per axis, as on Settings now"),
        Column(
            LEARNED,
            kind="general",
            width=11,
            note="What history would make it, of 100; nothing happens until you type it on "
            "Settings",
        ),
        Column(WITH_DATA, kind="count", width=12, note="As of the test"),
        Column(SHARE, kind="percent", width=12, note="Share of all accounts here"),
        *(
            Column(
                name,
                kind="general",
                width=14,
                note="Of the accounts with data, in the column's unit",
            )
            for name in SPREAD
        ),
        Column(
            "AUC",
            kind="auc",
            width=11,
            note="The chance that of a buyer and another account the buyer scores higher; 0.50 is "
            "chance",
        ),
        Column("AUC from", kind="auc", width=11),
        Column("AUC to", kind="auc", width=11),
        Column(
            "Lift",
            kind="auc",
            width=11,
            note="How many times the average share of buyers its best fifth holds",
        ),
        Column(
            "Monotone",
            width=11,
            note="yes: the share of buyers never falls from one fifth of the accounts to the next",
        ),
        Column(
            VERDICT,
            role="output",
            width=26,
            note="Whether the attribute finds the accounts that buy",
        ),
        Column(KNOWN, width=60, wrap=True),
        Column(
            SINCE, role="note", width=14, note="Whether Settings still scores it as it was tested"
        ),
        Column(WEIGHT_THEN, role="note", kind="general", width=12),
        Column(DEFINED_THEN, role="note", width=24),
    )
}
"""The columns of AttributeEvidence, without their values."""


def attribute_rows(data: Round) -> pd.DataFrame:
    """What AttributeEvidence says of each attribute of Settings, but for its formulas."""
    attributes, accounts = data.settings.attributes, len(data.accounts)
    values = [_values(a, data) for a in attributes]
    counts = [float(len(found)) for found in values]
    spreads = [_spread(found) for found in values]
    rows = pd.DataFrame(
        {
            ATTRIBUTE: [a.name for a in attributes],
            "Axis": [a.axis for a in attributes],
            WITH_DATA: counts,
            SHARE: [count / accounts if accounts else np.nan for count in counts],
            **{name: [each[at] for each in spreads] for at, name in enumerate(SPREAD)},
            WEIGHT_THEN: [float(a.weight) for a in attributes],
            DEFINED_THEN: [definition(a) for a in attributes],
        }
    )
    return rows.assign(**_tested_columns(attributes, counts, data))


def _tested_columns(
    attributes: Sequence[Attribute], counts: Sequence[float], data: Round
) -> dict[str, list[Any]]:
    """What the test says of each attribute; blank where there was none."""
    found = {a.attribute: a for a in data.evidence.attributes} if data.evidence else {}
    told = [found.get(a.name) for a in attributes]
    nan = float("nan")
    aucs = [each.tested.auc if each and each.tested else None for each in told]
    learned = data.learned.weights if data.learned else {}
    return {
        LEARNED: [learned.get(a.name, nan) if a.axis == w.LIKELIHOOD else nan for a in attributes],
        "AUC": [auc.value if auc else nan for auc in aucs],
        "AUC from": [auc.low if auc else nan for auc in aucs],
        "AUC to": [auc.high if auc else nan for auc in aucs],
        "Lift": [each.lift if each else nan for each in told],
        "Monotone": [_monotone(each) for each in told],
        VERDICT: [
            each.verdict if each else NOT_TESTED if count else NO_DATA
            for each, count in zip(told, counts, strict=True)
        ],
        KNOWN: [each.known if each else "" for each in told],
    }


def _monotone(each: e.AttributeEvidence | None) -> str:
    if each is None or each.monotone is None:
        return ""
    return "yes" if each.monotone else "no"


def _colours(sheet: Sheet, first: int, last: int, col: int) -> None:
    """Says by colour what the verdict says in words."""
    looks = (
        (e.FINDS, styles.GOOD_FILL, styles.GOOD_INK),
        (e.DOES_NOT_FIND, styles.FLAG_FILL, styles.FLAG_INK),
    )
    for word, fill, ink in looks:
        style = sheet.book.rule_style(bg_color=fill, font_color=ink)
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style}
        sheet.ws.conditional_format(first, col, last, col, rule)


def note_lines(data: Round) -> list[str]:
    """What history teaches, and what a reader should know."""
    notes = data.evidence.notes if data.evidence else ()
    lines = [learned_words(data), odds_words(data), *notes]
    return [line for line in lines if line] or ["Nothing besides."]


def _notes(sheet: Sheet, data: Round, row: int) -> int:
    """The last table, so that it can grow; gives the row below it."""
    lines = note_lines(data)
    column = Column(TO_KNOW, lines, role="sentence")
    table = sheet.table(
        c.T_EVIDENCE_NOTES, row, 0, [column], len(lines), filters=False, header_height=None
    )
    return table.below


def learned_words(data: Round) -> str:
    learned = data.learned
    if learned is None:
        return ""
    if learned.refused:
        return f"No weights of Likelihood are suggested: {learned.refused}."
    better = (
        ""
        if math.isnan(learned.brier)
        else (f" (Brier score {learned.brier:.4f}, base rate {learned.brier_base:.4f})")
    )
    return (
        f"The learned weights come from {learned.accounts:,} outcomes and were tried on "
        f"{learned.later:,} later ones: AUC {learned.auc.value:.2f}{better}. They stand beside "
        "yours; type them on Settings if you trust them."
    )


def odds_words(data: Round) -> str:
    """The odds of a year that Settings takes; of a shorter time there are none for a year."""
    odds, test = data.learned.odds if data.learned else None, data.evidence
    if odds is None or test is None:
        return ""
    if (test.until - test.as_of).days < YEAR:
        return "The test is of less than a year, so it suggests no Win probability of a year."
    return (
        "With the learned weights, Settings could have: Win probability at Likelihood 50, active, "
        f"{odds.active:.3f}; others, {odds.others:.3f}; odds per 10 points {odds.per_ten:.3f}. "
        "Then each account has a Win probability of its own."
    )
