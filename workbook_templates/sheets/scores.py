"""Scores: attribute scores, contributions and the model's values per account.

Rows stand in the order of Account ID, so that Accounts may be sorted freely
and finds its row here again.
"""

from typing import Final

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from ...udfs import words as w
from ...udfs.scoring import AXES, Attribute
from .. import contract as c
from ..round import Round
from ..writer import Book, Column, Sheet, escape_column

POINTS: Final = " (points)"
WEIGHTS_ROW: Final = 4
TABLE_ROW: Final = 5
IDENTITY: Final = 2


def write(book: Book, data: Round) -> None:
    """Writes the sheet; scores follow the weights by native formulas."""
    sheet = book.sheets[c.SCORES]
    sheet.heading(
        "Scores",
        "Each attribute's score of 0-100 comes from Score accounts; "
        "Potential and Likelihood follow the weights at once.",
    )
    order = np.argsort(data.accounts[c.SCORES_ROW].to_numpy(), kind="stable")
    columns = _columns(data, order)
    table = sheet.table(
        c.T_SCORES, TABLE_ROW, 0, columns, len(order), blank_rows=0, header_height=48
    )
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    _weights(sheet, data)
    sheet.ws.freeze_panes(table.row + 1, IDENTITY)
    sheet.ws.repeat_rows(table.row)


def _weights(sheet: Sheet, data: Round) -> None:
    """The weight in force above each attribute's column, by its name in Settings."""
    sheet.put(WEIGHTS_ROW, 0, "Weight", "label")
    sheet.put(WEIGHTS_ROW, 1, "from Settings", "note")
    for offset, attribute in enumerate(_by_axis(data)):
        col = IDENTITY + offset
        name = xl_rowcol_to_cell(TABLE_ROW, col)
        if c.scores_column(attribute.name) != attribute.name:
            name = f'"{attribute.name}"'
        sheet.live(
            WEIGHTS_ROW,
            col,
            f"=SUMPRODUCT(({c.T_ATTRIBUTES}[Attribute]={name})"
            f'*({c.T_ATTRIBUTES}[Axis]="{attribute.axis}"),{c.T_ATTRIBUTES}[Weight])',
            attribute.weight,
            "calculation",
            "number",
        )


def _by_axis(data: Round) -> list[Attribute]:
    return [a for axis in AXES for a in data.attributes if a.axis == axis]


def _columns(data: Round, order: np.ndarray) -> list[Column]:
    accounts, model = data.accounts.iloc[order], data.model.iloc[order]
    scores, points = data.scores.iloc[order], data.contributions.iloc[order]
    attributes = _by_axis(data)
    live = data.live and bool(attributes)
    spans = _spans(data)
    columns = [
        Column(w.ACCOUNT_ID, accounts[w.ACCOUNT_ID], width=18),
        Column(w.ACCOUNT, accounts[w.ACCOUNT], width=28),
    ]
    columns += [
        Column(
            c.scores_column(a.name),
            scores[a.name],
            kind="score",
            width=11,
            note=f"{a.axis}: score of 0-100 by {a.method}"
            + (", lower is better" if a.lower_is_better else ""),
        )
        for a in attributes
    ]
    columns.append(
        Column(
            w.COVERAGE,
            model[w.COVERAGE],
            formula=_coverage_formula(spans) if live else "",
            kind="percent",
            width=11,
            note="Share of the weight that has data, the smaller of the two axes",
        )
    )
    columns += [
        Column(
            axis,
            model[axis],
            formula=_axis_formula(spans[axis]) if live and axis in spans else "",
            kind="score",
            role="output",
            width=11,
            note=f"{axis}, 0-100, as the model sees it (before overrides)",
        )
        for axis in AXES
    ]
    columns += [
        Column(
            a.name + POINTS,
            points[a.name],
            kind="points",
            width=11,
            note="Points above or below the average account, as of Score accounts",
        )
        for a in attributes
    ]
    columns += [
        Column(w.SEGMENT, model[w.SEGMENT], width=18),
        Column(w.POTENTIAL_MONEY, model[w.POTENTIAL_MONEY], kind="money", width=14),
        Column(w.POTENTIAL_SOURCE, model[w.POTENTIAL_SOURCE], width=26),
        Column(
            w.BENCHMARK_MONEY,
            model[w.BENCHMARK_MONEY],
            kind="money",
            width=14,
            note="80th percentile of prior-year sales among the active accounts nearest in size",
        ),
        Column(w.PEERS, model[w.PEERS], kind="count", width=9, note="How many peers"),
        Column(w.PEERS_FROM, model[w.PEERS_FROM], kind="money", width=12),
        Column(w.PEERS_TO, model[w.PEERS_TO], kind="money", width=12),
    ]
    return columns


def _spans(data: Round) -> dict[str, tuple[str, str]]:
    """Per axis, the weights' cells and the scores' cells of the first data row."""
    spans, col = {}, IDENTITY
    for axis in AXES:
        count = sum(a.axis == axis for a in data.attributes)
        if count:
            first, last = col, col + count - 1
            weights = (
                xl_rowcol_to_cell(WEIGHTS_ROW, first, row_abs=True, col_abs=True)
                + ":"
                + xl_rowcol_to_cell(WEIGHTS_ROW, last, row_abs=True, col_abs=True)
            )
            names = [c.scores_column(a.name) for a in _by_axis(data)]
            cells = _row_span(names[first - IDENTITY], names[last - IDENTITY])
            spans[axis] = (weights, cells)
            col += count
    return spans


def _row_span(first: str, last: str) -> str:
    start, end = escape_column(first), escape_column(last)
    if first == last:
        return f"{c.T_SCORES}[[#This Row],[{start}]]"
    return f"{c.T_SCORES}[[#This Row],[{start}]:[{end}]]"


def _coverage_formula(spans: dict[str, tuple[str, str]]) -> str:
    shares = [
        f"IF(SUM({weights})=0,0,SUMPRODUCT({weights}*ISNUMBER({cells}))/SUM({weights}))"
        for weights, cells in spans.values()
    ]
    return f'=IF([@Account]="","",ROUND(MIN({",".join(shares)}),9))'


def _axis_formula(span: tuple[str, str]) -> str:
    weights, cells = span
    return (
        f'=IF([@Account]="","",IF([@Coverage]<LeastCoverage,"",'
        f'IF(SUMPRODUCT({weights}*ISNUMBER({cells}))=0,"",'
        f"ROUND(SUMPRODUCT({weights},{cells})/SUMPRODUCT({weights}*ISNUMBER({cells})),9))))"
    )
