"""Scores: attribute scores, contributions and the model's values per account.

Rows stand in the order of Account ID, so that Accounts may be sorted freely
and finds its row here again. Every attribute of Settings has its column, also
one without data, and each axis has spare columns for attributes to come.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import words as w
from ...udfs.scoring import AXES, Attribute
from .. import contract as c
from ..round import Round
from ..writer import Book, Column, Sheet, escape_column

POINTS: Final = " (points)"
SPARE_COLUMNS: Final = 3
"""How many attributes an axis may be given later, without building anew."""
WEIGHTS_ROW: Final = 4
TABLE_ROW: Final = 5
IDENTITY: Final = 2
FAMILY_KINDS: Final = {w.FAMILY_ACCOUNTS: "count"}


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
        # What the model remembers for itself says nothing to people.
        memory = {"hidden": True, "level": 1} if column.name == c.FROM_DEALS else {}
        sheet.ws.set_column(offset, offset, column.width, None, memory)
    _weights(sheet, data)
    sheet.ws.freeze_panes(table.row + 1, IDENTITY)
    sheet.ws.repeat_rows(table.row)


def slots(data: Round) -> list[tuple[str, str, Attribute | None]]:
    """The columns of attribute scores: axis, header, and the attribute; spare ones have none."""
    found: list[tuple[str, str, Attribute | None]] = []
    for axis in AXES:
        mine = [a for a in data.settings.attributes if a.axis == axis]
        found += [(axis, c.scores_column(a.name), a) for a in mine]
        # One more than can be taken: the last one stays, and ends the axis.
        found += [(axis, spare_column(axis, number), None) for number in range(SPARE_COLUMNS + 1)]
    return found


def spare_column(axis: str, number: int) -> str:
    """What the spare columns of an axis are called, until an attribute takes one; from 0."""
    return f"{axis} spare {number + 1}"


def _weights(sheet: Sheet, data: Round) -> None:
    """The weight in force above each attribute's column; 0 for what has no data."""
    sheet.put(WEIGHTS_ROW, 0, "Weight", "label")
    sheet.put(WEIGHTS_ROW, 1, "from Settings, where in use", "note")
    for offset, (axis, header, attribute) in enumerate(slots(data)):
        col = IDENTITY + offset
        name = xl_rowcol_to_cell(TABLE_ROW, col)
        if attribute is not None and header != attribute.name:
            name = f'"{attribute.name}"'
        sheet.live(
            WEIGHTS_ROW,
            col,
            f"=SUMPRODUCT(({c.T_ATTRIBUTES}[Attribute]={name})"
            f'*({c.T_ATTRIBUTES}[Axis]="{axis}")*({c.T_ATTRIBUTES}[{c.IN_USE}]="yes"),'
            f"{c.T_ATTRIBUTES}[Weight])",
            attribute.weight if attribute in data.attributes and attribute else 0.0,
            "calculation",
            "number",
        )


def _columns(data: Round, order: np.ndarray) -> list[Column]:
    accounts, model = data.accounts.iloc[order], data.model.iloc[order]
    places = slots(data)
    spans = _spans(places)
    columns = [
        Column(w.ACCOUNT_ID, accounts[w.ACCOUNT_ID], width=18),
        Column(w.ACCOUNT, accounts[w.ACCOUNT], width=28),
    ]
    for axis, header, attribute in places:
        columns.append(
            Column(
                header,
                _found(data.scores, attribute, order),
                kind="score",
                width=11,
                note=f"{axis}: an attribute added on Settings takes this column"
                if attribute is None
                else f"{axis}: score of 0-100 by {attribute.method}"
                + (", lower is better" if attribute.lower_is_better else ""),
            )
        )
    columns.append(
        Column(
            w.COVERAGE,
            model[w.COVERAGE],
            formula=_coverage_formula(spans) if data.live else "",
            kind="percent",
            width=11,
            note="Share of the weight that has data, the smaller of the two axes",
        )
    )
    columns += [
        Column(
            axis,
            model[axis],
            formula=_axis_formula(spans[axis]) if data.live else "",
            kind="score",
            role="output",
            width=11,
            note=f"{axis}, 0-100, as the model sees it (before overrides)",
        )
        for axis in AXES
    ]
    columns += [
        Column(
            (header if attribute is None else attribute.name) + POINTS,
            _found(data.contributions, attribute, order),
            kind="points",
            width=11,
            note="Points above or below the average account, as of Score accounts",
        )
        for _, header, attribute in places
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
        Column(
            c.PEERS_TOLD,
            in_order(data.peers_told, order),
            width=30,
            note="The peers and their prior-year sales, in a form that Explain takes apart",
        ),
        *(
            Column(
                c.elsewhere(total),
                model[c.elsewhere(total)],
                kind=FAMILY_KINDS.get(total, "money"),
                width=12,
                note="What accounts in other workbooks add to the family; follows at the next "
                "build or refresh",
            )
            for total in c.FAMILY_COLUMNS[1:]
        ),
        Column(
            c.FROM_DEALS,
            model[c.FROM_DEALS],
            width=30,
            note="Facts that the deals gave, and what they were: Score accounts finds those anew, "
            "and leaves alone what somebody typed",
        ),
    ]
    return columns


def in_order(texts: Sequence[str], order: np.ndarray) -> list[str]:
    """Texts of the accounts in the sheet's order."""
    return [texts[at] for at in order.tolist()]


def _found(frame: pd.DataFrame, attribute: Attribute | None, order: np.ndarray) -> np.ndarray:
    """A column of scores or points in the sheet's order; blank for what is not in use."""
    if attribute is None or attribute.name not in frame:
        return np.full(len(order), np.nan)
    values: np.ndarray = frame[attribute.name].to_numpy(float)[order]
    return values


def _spans(places: Sequence[tuple[str, str, Attribute | None]]) -> dict[str, tuple[str, str]]:
    """Per axis, the weights' cells and the scores' cells of the same row."""
    spans = {}
    for axis in AXES:
        mine = [at for at, place in enumerate(places) if place[0] == axis]
        first, last = mine[0], mine[-1]
        weights = xl_range_abs(WEIGHTS_ROW, IDENTITY + first, WEIGHTS_ROW, IDENTITY + last)
        start, end = (escape_column(places[at][1]) for at in (first, last))
        spans[axis] = weights, f"{c.T_SCORES}[[#This Row],[{start}]:[{end}]]"
    return spans


def _coverage_formula(spans: dict[str, tuple[str, str]]) -> str:
    """The smaller coverage of the axes that have data; one without any counts nothing."""
    in_use = f'{c.T_ATTRIBUTES}[{c.IN_USE}],"yes"'
    shares = [
        f'IF(COUNTIFS({in_use},{c.T_ATTRIBUTES}[Axis],"{axis}")=0,1,IF(SUM({weights})=0,0,'
        f"SUMPRODUCT({weights}*ISNUMBER({cells}))/SUM({weights})))"
        for axis, (weights, cells) in spans.items()
    ]
    return f'=IF([@Account]="","",IF(COUNTIFS({in_use})=0,0,ROUND(MIN({",".join(shares)}),9)))'


def _axis_formula(span: tuple[str, str]) -> str:
    weights, cells = span
    return (
        f'=IF([@Account]="","",IF([@Coverage]<LeastCoverage,"",'
        f'IF(SUMPRODUCT({weights}*ISNUMBER({cells}))=0,"",'
        f"ROUND(SUMPRODUCT({weights},{cells})/SUMPRODUCT({weights}*ISNUMBER({cells})),9))))"
    )
