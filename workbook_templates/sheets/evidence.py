"""Evidence: does the score find the accounts that buy? The verdict first, then what it rests on.

The scores were made as of a day that is past, and held against what came
after it. What is drawn: how much of the later revenue the first accounts hold,
in several orders, and forecasts against what happened. Where no such test can
be made the sheet says why, and shows what the scores rest on.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range_abs

from ...udfs import evidence as e
from ...udfs import words as w
from ...udfs.scoring import Attribute
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, fixed, quote_sheet
from .accounts import KINDS

WITH_DATA: Final = "Accounts with data"
SHARE: Final = "Share with data"
SPREAD: Final = ("Least", "Median", "Most")
VERDICT: Final = "Verdict"
LEARNED: Final = "Learned weight"
KNOWN: Final = "What was tested"
NOT_TESTED: Final = "not tested yet"
NO_DATA: Final = "no data: left out"

FIRST_ROW: Final = 7
YEAR: Final = 365
CHART_ROW: Final = 22
CHART_ROWS: Final = 22
BANDS_COLUMN: Final = 8
DATA_COLUMN: Final = 26
DATA_ROW: Final = 3

TOLD: Final = (
    "The scores are a hypothesis: accounts with a high Likelihood should buy more often, and those "
    "with a high Potential should buy more.",
    "A test needs scores as of an earlier date, made only from what was known on that day, and "
    "what each account bought after it.",
    "Until then the table shows what the scores rest on. An attribute that few accounts have, or "
    "in which most are alike, tells accounts apart poorly.",
)

ORDERS: Final = {
    e.BY_SCORE: ("Score", styles.TEAL, "solid"),
    e.BY_SALES: (w.PRIOR_YEAR_SALES, "#1F5FBF", "dash"),
    e.BY_NAME: ("Alphabetical order", "#C26A00", "square_dot"),
    e.PERFECT: ("Perfect foresight", styles.GREY_TEXT, "long_dash"),
}


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.EVIDENCE]
    test = data.evidence
    if test is None:
        table_row = _untested(sheet, data)
    else:
        _verdict(sheet, test)
        _gains(sheet, test)
        _money(sheet, test)
        _bands(sheet, test)
        _chart_data(sheet, test)
        _gains_chart(sheet)
        _calibration_chart(sheet, test)
        table_row = CHART_ROW + CHART_ROWS + 2
        sheet.section(table_row - 1, 0, "Attribute by attribute", 16)
    below = _attributes(sheet, data, table_row)
    if test is not None:
        _notes(sheet, data, test, below + 1)
        sheet.ws.print_area(0, 0, below + 4 + len(test.notes), 15)


def _untested(sheet: Sheet, data: Round) -> int:
    """Says that there was no test, and why; gives the row of the table's header."""
    sheet.heading("Evidence", "Does the score find the accounts that buy? Not tested yet.")
    for offset, line in enumerate((*TOLD[:2], data.not_tested, TOLD[2])):
        sheet.put(2 + offset, 0, line, "sentence", font_size=11)
    return FIRST_ROW


def _verdict(sheet: Sheet, test: e.Evidence) -> None:
    sheet.heading(
        "Evidence",
        f"Does the score find the accounts that buy? Scored as of {test.as_of:%Y-%m-%d}, held "
        f"against what came by {test.until:%Y-%m-%d}",
    )
    said = (
        (test.sentence, test.verdict == e.FINDS),
        (test.against_alphabetical, test.against_alphabetical == e.BETTER),
    )
    for offset, (sentence, good) in enumerate(said):
        sheet.ws.set_row(2 + offset, 24)
        role = "good" if good else "flag"
        style = sheet.book.style(role, font_size=12)
        sheet.ws.merge_range(2 + offset, 0, 2 + offset, 10, sentence, style)
    sheet.put(
        4,
        0,
        f"{test.accounts:,} accounts; {test.outcomes:,} deals with them were closed after the "
        f"date; {test.winners:,} accounts bought, for {fixed(test.revenue)}. Made with the "
        "settings of the build, from what was known on the date only.",
        "sentence",
        font_size=11,
    )
    sheet.put(
        5,
        0,
        "AUC: the chance that of a buyer and another account the buyer has the higher score; 0.50 "
        "is chance. Intervals hold the truth 95 times of 100 (bootstrap over accounts).",
        "note",
    )


def _gains(sheet: Sheet, test: e.Evidence) -> None:
    """How much of the later revenue the first 10, 20 and 50 % of accounts hold."""
    sheet.section(FIRST_ROW, 0, "Share of later revenue that the first accounts hold", 7)
    heads = ["In order of", *(f"Top {share:.0%}" for share in e.SHARES)]
    heads += ["Top 20%: from", "to", "Buyers in top 20%"]
    for offset, head in enumerate(heads):
        sheet.put(FIRST_ROW + 1, offset, head, "header", align="right" if offset else "left")
    sheet.ws.set_row(FIRST_ROW + 1, 32)
    for offset, (order, (name, _, _)) in enumerate(ORDERS.items()):
        at, found = FIRST_ROW + 2 + offset, test.gains[order]
        sheet.put(at, 0, name, "label")
        role = "output" if order == e.BY_SCORE else "calculation"
        middle = found.revenue[0.20]
        values = [found.revenue[share].value for share in e.SHARES]
        values += [middle.low, middle.high, found.winners[0.20].value]
        for col, value in enumerate(values, 1):
            sheet.put(at, col, value, role, "share")


def _money(sheet: Sheet, test: e.Evidence) -> None:
    """Expected $ against what came, and the forecast's error."""
    row, came = FIRST_ROW + 7, test.money
    sheet.section(row, 0, "Money and forecasts", 7)
    lines: tuple[tuple[str, float, str, str], ...] = (
        (
            w.EXPECTED_MONEY,
            came.expected,
            "money",
            f"of {came.accounts:,} accounts, for {came.years:.2f} years",
        ),
        ("What came", came.came, "money", "won revenue of the same accounts"),
        ("Brier score", test.brier, "general", "mean squared error of the forecast; 0 is perfect"),
        ("of the base rate", test.brier_base, "general", "the same forecast for every account"),
        ("Forecast off by", test.calibration_error, "share", "on average, over the bands"),
    )
    for offset, (label, value, kind, note) in enumerate(lines):
        at = row + 1 + offset
        sheet.put(at, 0, label, "label")
        shown = round(value, 4) if kind == "general" else value
        sheet.put(at, 1, shown, "calculation", kind)
        sheet.put(at, 2, note, "note")


def _bands(sheet: Sheet, test: e.Evidence) -> None:
    """Forecast against what happened, band by band."""
    col = BANDS_COLUMN
    sheet.section(FIRST_ROW, col, f"Forecast: {test.forecast}", 5)
    for offset, head in enumerate(("Accounts", "Forecast", "Came true", "From", "To")):
        sheet.put(FIRST_ROW + 1, col + offset, head, "header", align="right")
    for offset, band in enumerate(test.bands):
        values = (band.accounts, band.forecast, band.observed, band.low, band.high)
        for place, value in enumerate(values):
            kind = "share" if place else "count"
            sheet.put(FIRST_ROW + 2 + offset, col + place, value, "calculation", kind)


# --- Charts -------------------------------------------------------------------------


def _chart_data(sheet: Sheet, test: e.Evidence) -> None:
    """The helper block that the charts read: the curves, then the bands' distances."""
    col = DATA_COLUMN
    sheet.put(DATA_ROW - 1, col, "Chart data: leave it as it is", "note")
    heads = ["Accounts", *(name for name, _, _ in ORDERS.values()), "Diagonal", "Below", "Above"]
    for offset, head in enumerate(heads):
        sheet.put(DATA_ROW, col + offset, head, "note")
    for place, share in enumerate(e.CURVE):
        at = DATA_ROW + 1 + place
        sheet.put(at, col, share, "note", "percent")
        for offset, order in enumerate(ORDERS, 1):
            sheet.put(at, col + offset, test.gains[order].curve[place], "note", "share")
    for place in (0, 1):
        sheet.put(DATA_ROW + 1 + place, col + 5, float(place), "note", "percent")
    for place, band in enumerate(test.bands):
        at = DATA_ROW + 1 + place
        sheet.put(at, col + 6, band.observed - band.low, "note", "share")
        sheet.put(at, col + 7, band.high - band.observed, "note", "share")
    sheet.ws.set_column(col - 1, col + 7, 12, None, {"hidden": True, "level": 1})


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


def _gains_chart(sheet: Sheet) -> None:
    chart = sheet.book.chart("scatter", "straight")
    first, count = DATA_ROW + 1, len(e.CURVE)
    for offset, (name, colour, dash) in enumerate(ORDERS.values(), 1):
        chart.add_series(
            {
                "name": name,
                "categories": _cells(first, DATA_COLUMN, count),
                "values": _cells(first, DATA_COLUMN + offset, count),
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


def _calibration_chart(sheet: Sheet, test: e.Evidence) -> None:
    chart = sheet.book.chart("scatter", "marker_only")
    first, count = FIRST_ROW + 2, max(len(test.bands), 1)
    chart.add_series(
        {
            "name": "Bands of accounts, with 95 % intervals",
            "categories": _cells(first, BANDS_COLUMN + 1, count),
            "values": _cells(first, BANDS_COLUMN + 2, count),
            "marker": {
                "type": "circle",
                "size": 8,
                "fill": {"color": styles.TEAL},
                "border": {"color": styles.PAPER},
            },
            "y_error_bars": {
                "type": "custom",
                "minus_values": _cells(DATA_ROW + 1, DATA_COLUMN + 6, count),
                "plus_values": _cells(DATA_ROW + 1, DATA_COLUMN + 7, count),
                "line": {"color": styles.TEAL},
            },
        }
    )
    diagonal = _cells(DATA_ROW + 1, DATA_COLUMN + 5, 2)
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


def _attributes(sheet: Sheet, data: Round, row: int) -> int:
    """The table of attributes; gives the row below it."""
    attributes = data.settings.attributes
    values = [_values(a, data) for a in attributes]
    columns = _columns(attributes, values, data)
    table = sheet.table(c.T_EVIDENCE, row, 0, columns, len(attributes), filters=False)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    first = [column.name for column in columns].index(SPREAD[0])
    for at, (attribute, found) in enumerate(zip(attributes, values, strict=True)):
        kind, _ = KINDS.get(attribute.name, ("general", 0))
        for offset, value in enumerate(_spread(found)):
            # Each row has its own unit, so its own number format.
            sheet.put(table.row + 1 + at, first + offset, value, "calculation", kind)
    if data.evidence is None:
        sheet.ws.freeze_panes(table.row + 1, 1)
    _colours(sheet, table.row + 1, table.row + table.rows, table.columns.index(VERDICT))
    return table.below


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


def _columns(
    attributes: Sequence[Attribute], values: Sequence[pd.Series], data: Round
) -> list[Column]:
    counts = [float(len(found)) for found in values]
    accounts = len(data.accounts)
    blank = [np.nan] * len(attributes)
    return [
        Column("Attribute", [a.name for a in attributes], role="label", width=24),
        Column("Axis", [a.axis for a in attributes], width=13),
        Column(
            "Weight",
            [a.weight for a in attributes],
            formula=f"=SUMPRODUCT(({c.T_ATTRIBUTES}[Attribute]=[@Attribute])"
            f"*({c.T_ATTRIBUTES}[Axis]=[@Axis]),{c.T_ATTRIBUTES}[Weight])",
            kind="general",
            width=10,
            note="Of 100 per axis, as on Settings now",
        ),
        Column(WITH_DATA, counts, kind="count", width=12, note="As of the build"),
        Column(
            SHARE,
            [count / accounts if accounts else np.nan for count in counts],
            kind="percent",
            width=12,
            note="Share of all accounts here",
        ),
        *(
            Column(
                name,
                blank,
                kind="general",
                width=14,
                note="Of the accounts with data, in the column's unit",
            )
            for name in SPREAD
        ),
        *_tested_columns(attributes, counts, data),
    ]


def _tested_columns(
    attributes: Sequence[Attribute], counts: Sequence[float], data: Round
) -> list[Column]:
    """What the test says of each attribute; blank where there was none."""
    found = {a.attribute: a for a in data.evidence.attributes} if data.evidence else {}
    told = [found.get(a.name) for a in attributes]
    nan = float("nan")
    aucs = [each.tested.auc if each and each.tested else None for each in told]
    learned = data.learned.weights if data.learned else {}
    return [
        Column(
            "AUC",
            [auc.value if auc else nan for auc in aucs],
            kind="auc",
            width=11,
            note="The chance that of a buyer and another account the buyer scores higher; 0.50 is "
            "chance",
        ),
        Column("AUC from", [auc.low if auc else nan for auc in aucs], kind="auc", width=11),
        Column("AUC to", [auc.high if auc else nan for auc in aucs], kind="auc", width=11),
        Column(
            "Lift",
            [each.lift if each else nan for each in told],
            kind="auc",
            width=11,
            note="How many times the average share of buyers its best fifth holds",
        ),
        Column(
            "Monotone",
            [_monotone(each) for each in told],
            width=11,
            note="yes: the share of buyers never falls from one fifth of the accounts to the next",
        ),
        Column(
            LEARNED,
            [learned.get(a.name, nan) if a.axis == w.LIKELIHOOD else nan for a in attributes],
            kind="general",
            width=11,
            note="What history would make it, of 100; nothing happens until you type it on "
            "Settings",
        ),
        Column(
            VERDICT,
            [
                each.verdict if each else NOT_TESTED if count else NO_DATA
                for each, count in zip(told, counts, strict=True)
            ],
            role="output",
            width=26,
            note="Whether the attribute finds the accounts that buy",
        ),
        Column(KNOWN, [each.known if each else "" for each in told], width=60, wrap=True),
    ]


def answers(data: Round) -> pd.DataFrame:
    """What the test says of each attribute, by its name: the columns that a test fills."""
    attributes = data.settings.attributes
    counts = [float(len(_values(each, data))) for each in attributes]
    columns = _tested_columns(attributes, counts, data)
    names = [each.name for each in attributes]
    return pd.DataFrame({column.name: list(column.values) for column in columns}, index=names)


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


def _notes(sheet: Sheet, data: Round, test: e.Evidence, row: int) -> None:
    """What history teaches, and what a reader should know."""
    lines = [learned_words(data), odds_words(data, test), *test.notes]
    for offset, line in enumerate(line for line in lines if line):
        sheet.put(row + offset, 0, line, "sentence", font_size=11)


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


def odds_words(data: Round, test: e.Evidence) -> str:
    """The odds of a year that Settings takes; of a shorter time there are none for a year."""
    odds = data.learned.odds if data.learned else None
    if odds is None:
        return ""
    if (test.until - test.as_of).days < YEAR:
        return "The test is of less than a year, so it suggests no Win probability of a year."
    return (
        "With the learned weights, Settings could have: Win probability at Likelihood 50, active, "
        f"{odds.active:.3f}; others, {odds.others:.3f}; odds per 10 points {odds.per_ten:.3f}. "
        "Then each account has a Win probability of its own."
    )
