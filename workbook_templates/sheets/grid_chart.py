"""The scatter chart of a grid, and the block of cells that it reads.

Likelihood across, potential up, one series per quadrant, two lines where high
begins, and by name the most valuable points of each quadrant that deserves effort:
more names would lie on each other where accounts cluster. LibreOffice draws no series given
as names, so everything stands in a fixed block beside the sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import words as w
from .. import styles
from ..writer import Sheet, quote_sheet

NAMED: Final = {w.SLAM_DUNK: "above", w.BIG_BET: "above", w.QUICK_WIN: "below"}
"""Quadrants whose points have names, and where: away from the cut, where accounts are dense."""
NAMED_EACH: Final = 2
"""So many points of each of these quadrants have a name."""
LABELS: Final = NAMED_EACH * len(NAMED)

# Where the columns of the block stand, from its first one.
X: Final = 2
Y: Final = 3
QUADRANT: Final = 4
SERIES: Final = 5
NAME: Final = 9
WORTH: Final = 10
LABEL: Final = 13
CUTS: Final = 18
COLUMNS: Final = 22


@dataclass(frozen=True)
class Block:
    """The helper block of a chart.

    Attributes:
        sheet: that it stands on.
        top, col: of its first row and column, 0-based; headers stand above.
        points: how many rows it has.
    """

    sheet: Sheet
    top: int
    col: int
    points: int

    def area(self, offset: int) -> str:
        """A column of the block, absolute."""
        col = self.col + offset
        return str(xl_range_abs(self.top, col, self.top + self.points - 1, col))

    def series(self, offset: int, rows: int) -> str:
        """The first rows of a column, as charts want them."""
        col = self.col + offset
        cells = xl_range_abs(self.top, col, self.top + rows - 1, col)
        return f"={quote_sheet(self.sheet.name)}!{cells}"

    def one(self, place: int, offset: int) -> str:
        """One cell of a column, for a series of one point."""
        cell = xl_rowcol_to_cell(self.top + place, self.col + offset, row_abs=True, col_abs=True)
        return f"={quote_sheet(self.sheet.name)}!{cell}"


@dataclass(frozen=True)
class Label:
    """A point that is named: its place in the block from 1, x, y and name."""

    place: float
    x: float | str
    y: float | str
    name: str


def to_name(quadrants: pd.Series, worth: pd.Series) -> list[int | None]:
    """Which points are named, the most valuable of a quadrant; None where it has fewer.

    Args:
        quadrants, worth: of the points; one that is worth nothing has no name.

    Returns:
        Their positions, in the order of the labels.
    """
    by_place = worth.set_axis(range(len(worth)), axis=0)
    found: list[int | None] = []
    for quadrant in NAMED:
        mine = by_place[(quadrants == quadrant).to_numpy() & (by_place > 0)]
        best = mine.sort_values(ascending=False, kind="stable").index[:NAMED_EACH].tolist()
        found += [*best, *[None] * (NAMED_EACH - len(best))]
    return found


def write_labels(block: Block, known: Sequence[Label | None]) -> None:
    """The points that are named, by the column WORTH: place, x, y and name."""
    sheet, col = block.sheet, block.col + LABEL
    for offset, head in enumerate(("Label", "x", "y", "Name")):
        sheet.put(block.top - 1, col + offset, head, "note")
    worth, drawn = block.area(WORTH), block.area(Y)
    here = f"(ROW({worth})-{block.top})"
    for place in range(LABELS):
        at = block.top + place
        cell = xl_rowcol_to_cell(at, col, col_abs=True)
        at_quadrant, nth = divmod(place, NAMED_EACH)
        series = w.QUADRANTS.index(list(NAMED)[at_quadrant])
        mine = f"ISNUMBER({block.area(SERIES + series)})"
        kth = f"_xlfn.AGGREGATE(14,6,{worth}/({mine}*({worth}>0)),{nth + 1})"
        above = xl_range_abs(block.top - 1, col, at - 1, col)
        taken = f"*(COUNTIF({above},{here[1:-1]})=0)" if nth else ""
        first = f"_xlfn.AGGREGATE(15,6,{here}/(({worth}={kth})*{mine}{taken}),1)"
        label = known[place]
        stored = label.place if label else ""
        sheet.live(at, col, f'=IFERROR({first},"")', stored, "note", "general")
        for offset, (source, missing, value) in enumerate(
            (
                (block.area(X), "NA()", label.x if label else "#N/A"),
                (drawn, "NA()", label.y if label else "#N/A"),
                (block.area(NAME), '""', label.name if label else ""),
            ),
            start=1,
        ):
            formula = f'=IF({cell}="",{missing},INDEX({source},{cell}))'
            sheet.live(at, col + offset, formula, value, "note", "general")


def write_cuts(
    block: Block, likelihood: float, cut: str, cut_now: float | str, least: float, top: float
) -> None:
    """The end points of the two lines; the upright one as high as the highest point.

    Args:
        block: of the chart.
        likelihood: where high likelihood begins now, 0-100.
        cut: the name of the cell with the potential where high begins; ``cut_now``
            what stands there now.
        least: where the potential axis begins.
        top: the highest point now.
    """
    sheet, col = block.sheet, block.col + CUTS
    for offset, head in enumerate(("Cut x", "Cut y", "Line x", "Line y")):
        sheet.put(block.top - 1, col + offset, head, "note")
    for place, x in enumerate((0.0, 100.0)):
        at = block.top + place
        sheet.live(at, col, "=LikelihoodCut", likelihood, "note", "general")
        sheet.put(at, col + 2, x, "note", "general")
        sheet.live(at, col + 3, f"={cut}", cut_now, "note", "general")
    sheet.put(block.top, col + 1, least, "note", "general")
    highest = f"=MAX({block.area(Y)},N({cut}))"
    sheet.live(block.top + 1, col + 1, highest, top, "note", "general")


def insert_chart(
    block: Block,
    row: int,
    col: int,
    *,
    title: str,
    up: str,
    least: float,
    logarithmic: bool,
    size: tuple[int, int],
    what: str,
) -> None:
    """Draws the chart of a block onto its sheet.

    Args:
        block: that it reads.
        row, col: of its upper left corner.
        title: of the chart; ``up`` of the axis of potential.
        least: where that axis begins; ``logarithmic`` whether it is.
        size: width and height, in pixels.
        what: the points are, for whoever cannot see it.
    """
    chart = block.sheet.book.chart("scatter", "marker_only")
    for offset, quadrant in enumerate(w.QUADRANTS):
        look = styles.QUADRANT_LOOKS[quadrant]
        chart.add_series(
            {
                "name": quadrant,
                "categories": block.series(X, block.points),
                "values": block.series(SERIES + offset, block.points),
                "marker": {
                    "type": look.marker,
                    "size": 8,
                    "fill": {"color": look.colour},
                    "border": {"color": styles.PAPER},
                },
            }
        )
    for name, x in (("Likelihood cut", CUTS), ("Potential cut", CUTS + 2)):
        chart.add_series(
            {
                "name": name,
                "categories": block.series(x, 2),
                "values": block.series(x + 1, 2),
                "marker": {"type": "none"},
                "line": {"color": styles.NAVY, "width": 1.25, "dash_type": "dash"},
            }
        )
    # One series per label, named by its cell: every program shows a series' name.
    for place in range(LABELS):
        chart.add_series(
            {
                "name": block.one(place, LABEL + 3),
                "categories": block.one(place, LABEL + 1),
                "values": block.one(place, LABEL + 2),
                # Unseen, but as large as the point, so that the name stands clear of it.
                "marker": {
                    "type": "circle",
                    "size": 8,
                    "fill": {"none": True},
                    "border": {"none": True},
                },
                "data_labels": {
                    "value": False,
                    "series_name": True,
                    "position": list(NAMED.values())[place // NAMED_EACH],
                    "font": {"size": 8, "color": styles.INK},
                },
            }
        )
    axis_font = {"num_font": {"size": 9, "color": styles.GREY_TEXT}}
    grid = {"major_gridlines": {"visible": True, "line": {"color": "#E5E9ED", "width": 0.5}}}
    chart.set_x_axis({"name": "Likelihood (0-100)", "min": 0, "max": 100, **axis_font, **grid})
    y_axis = {
        "name": up,
        "num_format": "#,##0",
        "min": least,
        "crossing": least,
        **axis_font,
        **grid,
    }
    if logarithmic:
        y_axis["log_base"] = 10
    chart.set_y_axis(y_axis)
    chart.set_legend({"position": "bottom", "delete_series": list(range(4, 6 + LABELS))})
    chart.set_title(
        {
            "name": title,
            "name_font": {"size": 12, "color": styles.NAVY},
            "overlay": False,
        }
    )
    chart.show_hidden_data()
    chart.set_size({"width": size[0], "height": size[1]})
    alt = (
        f"Scatter chart of {what}: likelihood across, potential up, with the two cut lines; one "
        "colour and marker shape per quadrant."
    )
    block.sheet.ws.insert_chart(row, col, chart, {"description": alt})
