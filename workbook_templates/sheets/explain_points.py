"""Explain, the points: what each attribute gives the account, as a list and as a chart."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_col_to_name, xl_range_abs

from ...udfs import words as w
from ...udfs.scoring import AXES, Attribute
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Sheet, fixed, literal, quote_sheet
from .explain_facts import (
    ATTRIBUTE_AT,
    BAR_AT,
    BLOCKS_ROW,
    ROW,
    SCORES_ROW,
    SIZE_AT,
    Explained,
    account,
    model,
)
from .scores import POINTS, SPARE_COLUMNS

CHART_ROWS: Final = 15
POINTS_ROW: Final = BLOCKS_ROW + CHART_ROWS + 2
LEAST_BARS: Final = 8
VALUE: Final = "[>=100]#,##0;[>=2]#,##0.0;0.00"
SHOWN_BARS: Final = "+0.0;-0.0;;"
AXIS_COLOURS: Final = {w.POTENTIAL: "#1F5FBF", w.LIKELIHOOD: styles.TEAL}
NO_DATA: Final = "no data"
HEADS: Final = ("Its value", "Weight", "Score 0-100", "Gives", "Average", "Points")


@dataclass(frozen=True)
class Term:
    """What an attribute gives an account, in points.

    Attributes:
        attribute: that is in use.
        value: of the account.
        score: 0-100; NaN without data.
        gives: weight x score / sum of the weights with data; NaN where not scored.
        points: that less the average account's; NaN where not scored.
    """

    attribute: Attribute
    value: Any
    score: float
    gives: float
    points: float


class Points(Explained):
    """What each attribute gives the account, in points."""

    def __init__(self, sheet: Sheet, data: Round, picked: str = "") -> None:
        super().__init__(sheet, data, picked)
        self.totals: dict[str, int] = {}

    def write(self) -> None:
        """Writes the list and the chart."""
        self._points()
        self._chart()

    def sentence(self, axis: str) -> tuple[str, str]:
        """The axis score as the average account's and this one's points; a correction is told."""
        row = self.totals[axis] + 1
        gives, average, points = f"$E${row}", f"$F${row}", f"$G${row}"
        force = account(axis)
        formula = (
            f'=IF({gives}="",IF({ROW}="","","{axis}: not enough data to score it."),'
            f'"{axis} "&FIXED({gives},1)&IF(ABS({gives}-{average}-{points})<0.000001," = ",'
            f'" now; when last scored ")&"the average account\'s "&FIXED({average},1)'
            f'&IF({points}<0," less "," and ")&FIXED(ABS({points}),1)&" points."'
            f'&IF({force}="","",IF(ABS({force}-{gives})<0.000001,"",'
            f'" In force is "&FIXED({force},1)&", a correction accepted on Overrides.")))'
        )
        total = self.total(axis)
        if self.at is None:
            return formula, ""
        if math.isnan(total.gives):
            return formula, f"{axis}: not enough data to score it."
        turn = "less" if total.points < 0 else "and"
        mean = self._average(axis)
        return formula, (
            f"{axis} {fixed(total.gives, 1)} = the average account's {fixed(mean, 1)} {turn} "
            f"{fixed(abs(total.points), 1)} points."
        )

    # --- Point by point ---------------------------------------------------------------

    @cached_property
    def terms(self) -> Mapping[str, list[Term]]:
        """Per axis what each attribute in use gives, in the order of Settings."""
        return {axis: self._terms(axis) for axis in AXES}

    def _terms(self, axis: str) -> list[Term]:
        data, at = self.data, self.at
        used = [a for a in data.settings.attributes if a.axis == axis and a in data.attributes]
        if at is None:
            return [Term(a, "", math.nan, math.nan, math.nan) for a in used]
        scores = [float(data.scores[a.name].iloc[at]) for a in used]
        weight = sum(a.weight for a, s in zip(used, scores, strict=True) if not math.isnan(s))
        scored = not pd.isna(self.found[axis])
        return [
            Term(
                a,
                self.facts[a.name],
                score,
                (0.0 if math.isnan(score) else a.weight * score / weight) if scored else math.nan,
                float(data.contributions[a.name].iloc[at]),
            )
            for a, score in zip(used, scores, strict=True)
        ]

    def total(self, axis: str) -> Term:
        """What all attributes of an axis give together; its score is their weight."""
        terms = self.terms[axis]
        weight = sum(t.attribute.weight for t in terms if not math.isnan(t.score))
        scored = self.at is not None and not pd.isna(self.found[axis])
        gives = sum(t.gives for t in terms) if scored else math.nan
        points = sum(t.points for t in terms) if scored else math.nan
        return Term(Attribute(axis, axis, 0), "", float(weight), gives, points)

    def _average(self, axis: str) -> float:
        return sum(float(self.data.averages[t.attribute.name]) for t in self.terms[axis])

    def _points(self) -> None:
        sheet, row = self.sheet, POINTS_ROW
        sheet.section(row, 0, "Point by point: what each attribute gives", 7)
        sheet.put(row + 1, 0, "Attribute", "header", align="left", indent=1)
        for offset, head in enumerate(HEADS, start=1):
            sheet.put(row + 1, offset, head, "header", align="right")
        row += 2
        for axis in AXES:
            mine = [a for a in self.data.settings.attributes if a.axis == axis]
            count = len(mine) + SPARE_COLUMNS
            self.totals[axis] = row
            self._axis_total(axis, row, count)
            for place in range(count):
                self._term(axis, row + 1 + place, place)
            row += 1 + count
        sheet.put(
            row,
            0,
            "Gives: weight x score / sum of the weights with data. Points: that less what it gives "
            "the average account.",
            "note",
        )
        sheet.put(
            row + 1,
            0,
            "All add up to the lines on top. Without data an attribute gives nothing, and its "
            "weight goes to the others.",
            "note",
        )

    def _axis_total(self, axis: str, row: int, count: int) -> None:
        total, first, last = self.total(axis), row + 2, row + 1 + count
        unknown = f'IF({SCORES_ROW}="",TRUE,{model(axis)}="")'

        def added(column: str) -> str:
            return f'=IF({unknown},"",SUM({column}{first}:{column}{last}))'

        known = not math.isnan(total.gives)
        average = self._average(axis) if known else ""
        self.sheet.put(row, 0, axis, "output")
        for blank in (1, 3):
            self.sheet.put(row, blank, None, "output")
        weight = f"=SUMPRODUCT(--ISNUMBER(D{first}:D{last}),C{first}:C{last})"
        cells: tuple[tuple[int, str, Any, str], ...] = (
            (2, weight, total.score, "number"),
            (4, added("E"), total.gives, "score"),
            (5, added("F"), average, "score"),
            (6, added("G"), total.points, "points"),
        )
        for col, formula, value, kind in cells:
            self.sheet.live(row, col, formula, value, "output", kind)

    def _term(self, axis: str, row: int, place: int) -> None:
        """One attribute: the line, and in the workings where it is found."""
        sheet, number, terms = self.sheet, row + 1, self.terms[axis]
        term = terms[place] if place < len(terms) else None
        where = f"${xl_col_to_name(ATTRIBUTE_AT)}{number}"
        listed = f"{c.T_ATTRIBUTES}[Attribute]"
        places = f"ROW({listed})-ROW(INDEX({listed},1))+1"
        used = f'({c.T_ATTRIBUTES}[Axis]="{axis}")*({c.T_ATTRIBUTES}[{c.IN_USE}]="yes")'
        data = self.data.settings.attributes
        sheet.live(
            row,
            ATTRIBUTE_AT,
            f'=IFERROR(_xlfn.AGGREGATE(15,6,({places})/({used}),{place + 1}),"")',
            data.index(term.attribute) + 1.0 if term else "",
            "note",
            "general",
        )
        name, weight = f"$A{number}", f"$C{number}"
        known = f'OR({where}="",{SCORES_ROW}="")'
        own = ",".join(f'"{column}"' for column in c.MODEL_COLUMNS)
        header = f'IF(ISNUMBER(MATCH({literal(name)},{{{own}}},0)),{name}&" (score)",{name})'
        score = self._from_scores(header)
        points = self._from_scores(f'{name}&"{POINTS}"')
        value = f"INDEX({c.T_ACCOUNTS}[],{ROW},MATCH({literal(name)},{c.T_ACCOUNTS}[[#Headers]],0))"
        total = f"$C${self.totals[axis] + 1}"
        axis_blank = f'IF({SCORES_ROW}="",TRUE,{model(axis)}="")'
        cells: tuple[tuple[int, str, Any, str], ...] = (
            (
                0,
                f'=IF({where}="","",INDEX({listed},{where}))',
                term.attribute.name if term else "",
                "text",
            ),
            (
                1,
                f'=IF(OR({where}="",{ROW}=""),"",IFERROR(IF({value}="","{NO_DATA}",{value}),""))',
                self._value(term),
                "general",
            ),
            (
                2,
                f'=IF({where}="","",INDEX({c.T_ATTRIBUTES}[Weight],{where}))',
                term.attribute.weight if term else "",
                "number",
            ),
            (3, f'=IF({known},"",{score})', term.score if term else "", "score"),
            (
                4,
                f'=IF({known},"",IF({axis_blank},"",'
                f"IF(ISNUMBER($D{number}),{weight}*$D{number}/{total},0)))",
                term.gives if term else "",
                "score",
            ),
            (
                5,
                f'=IF({known},"",IF({axis_blank},"",'
                f"INDEX({c.T_ATTRIBUTES}[{c.AVERAGE_ACCOUNT}],{where})))",
                self._term_average(term),
                "score",
            ),
            (6, f'=IF({known},"",{points})', term.points if term else "", "points"),
        )
        for col, formula, stored, kind in cells:
            look: dict[str, Any] = {"border": 0, "indent": 1} if col == 0 else {"border": 0}
            if col == 1:
                look |= {"num_format": VALUE, "align": "right"}
            sheet.live(row, col, formula, stored, "calculation", kind, **look)
        size = abs(term.points) + row * 1e-9 if term and not math.isnan(term.points) else ""
        sheet.live(
            row,
            SIZE_AT,
            f'=IF(ISNUMBER($G{number}),ABS($G{number})+{row}*0.000000001,"")',
            size,
            "note",
            "general",
        )

    def _from_scores(self, header: str) -> str:
        """A cell of the account's row on Scores, blank where it is."""
        found = f"MATCH({literal(header)},{c.T_SCORES}[[#Headers]],0)"
        cell = f"INDEX({c.T_SCORES}[],{SCORES_ROW},{found})"
        return f'IFERROR(IF({cell}="","",{cell}),"")'

    def _value(self, term: Term | None) -> Any:
        if term is None or self.at is None:
            return ""
        blank = term.value is None or term.value == "" or pd.isna(term.value)
        return NO_DATA if blank else term.value

    def _term_average(self, term: Term | None) -> Any:
        if term is None or self.at is None or math.isnan(term.gives):
            return ""
        return self.data.averages[term.attribute.name]

    # --- The chart --------------------------------------------------------------------

    def _chart(self) -> None:
        """Bars of the attributes that move the scores most, from a block of workings."""
        sheet = self.sheet
        sheet.section(BLOCKS_ROW, 0, "Why: points above and below the average account", 7)
        bars = max(len(self.data.settings.attributes), LEAST_BARS)
        self._bars(bars)
        first = BLOCKS_ROW + 1
        chart = sheet.book.chart("bar")
        for offset, (axis, colour) in enumerate(AXIS_COLOURS.items(), start=2):
            chart.add_series(
                {
                    "name": axis,
                    "categories": self._cells(first, BAR_AT + 1, bars),
                    "values": self._cells(first, BAR_AT + offset, bars),
                    "fill": {"color": colour},
                    "gap": 45,
                    # One axis of the two is 0 in each bar, so they may lie upon each other.
                    "overlap": 100,
                    "data_labels": {
                        "value": True,
                        "num_format": SHOWN_BARS,
                        "position": "outside_end",
                    },
                }
            )
        chart.set_y_axis(
            {
                "reverse": True,
                "label_position": "low",
                "num_font": {"size": 9},
                "line": {"color": styles.GREY_TEXT},
            }
        )
        chart.set_x_axis(
            {
                "num_format": "+0;-0;0",
                "major_gridlines": {"visible": True, "line": {"color": styles.RULE}},
                "label_position": "high",
            }
        )
        chart.set_legend({"position": "bottom"})
        chart.show_hidden_data()
        chart.set_size({"width": 740, "height": CHART_ROWS * 20 - 6})
        description = (
            "Bar chart: the points that each attribute gives the account above or below the "
            "average account, the largest first, one colour for Potential and one for Likelihood."
        )
        sheet.ws.insert_chart(first, 0, chart, {"description": description, "y_offset": 3})

    def _bars(self, bars: int) -> None:
        rows = list(self._point_rows())
        first, last = min(rows) + 1, max(rows) + 1
        sizes = f"${xl_col_to_name(SIZE_AT)}${first}:${xl_col_to_name(SIZE_AT)}${last}"
        turn = self.totals[AXES[1]] + 1 - first + 1
        drawn = sorted(
            (
                (abs(term.points) + row * 1e-9, row - first + 2.0, term)
                for row, term in self._point_rows().items()
                if term is not None and not math.isnan(term.points)
            ),
            key=lambda bar: -bar[0],
        )
        for place in range(bars):
            row = BLOCKS_ROW + 1 + place
            known = drawn[place] if place < len(drawn) else None
            where = f"${xl_col_to_name(BAR_AT)}{row + 1}"
            points = f"INDEX($G${first}:$G${last},{where})"
            cells: list[tuple[str, Any]] = [
                (
                    f'=IFERROR(MATCH(LARGE({sizes},{place + 1}),{sizes},0),"")',
                    known[1] if known else "",
                ),
                (
                    f'=IF({where}="","",INDEX($A${first}:$A${last},{where})'
                    f'&IF(INDEX($D${first}:$D${last},{where})=""," ({NO_DATA})",""))',
                    _bar_name(known[2]) if known else "",
                ),
            ]
            for axis, test in zip(AXES, (f"{where}<{turn}", f"{where}>{turn}"), strict=True):
                mine = known is not None and known[2].attribute.axis == axis
                value = known[2].points if known and mine else (0.0 if known else "")
                cells.append((f'=IF({where}="","",IF({test},{points},0))', value))
            for offset, (formula, stored) in enumerate(cells):
                self.sheet.live(row, BAR_AT + offset, formula, stored, "note", "general")

    def _point_rows(self) -> dict[int, Term | None]:
        """The row of each line of Point by point, and what stands there."""
        found: dict[int, Term | None] = {}
        for axis in AXES:
            terms: list[Term | None] = [*self.terms[axis]]
            mine = sum(a.axis == axis for a in self.data.settings.attributes) + SPARE_COLUMNS
            for place in range(mine):
                term = terms[place] if place < len(terms) else None
                found[self.totals[axis] + 1 + place] = term
        return found

    def _cells(self, row: int, col: int, rows: int) -> str:
        cells = xl_range_abs(row, col, row + rows - 1, col)
        return f"={quote_sheet(self.sheet.name)}!{cells}"


def _bar_name(term: Term) -> str:
    return term.attribute.name + (f" ({NO_DATA})" if math.isnan(term.score) else "")
