"""The palette and the named styles: how a cell looks says what it is.

Inputs, workings and outputs stand apart, as in the FAST and ICAEW modelling
standards: what a person may type is yellow, what is calculated is white, what
one came to read is tinted. Every pair of text and fill has a contrast of at
least 4.5:1, and no colour speaks alone: there is always a word or a shape too.
"""

from dataclasses import dataclass
from typing import Any, Final

from ..udfs import words as w

INK: Final = "#1F2933"
NAVY: Final = "#17324D"
TEAL: Final = "#0B6E69"
GREY_TEXT: Final = "#5A6673"
RULE: Final = "#C9D1DA"
PAPER: Final = "#FFFFFF"
BAND: Final = "#F4F6F8"
INPUT_FILL: Final = "#FFF8DB"
INPUT_INK: Final = "#1B3F8B"
OUTPUT_FILL: Final = "#E3F2F1"
FLAG_FILL: Final = "#FDE7D3"
FLAG_INK: Final = "#8A3B00"
GOOD_FILL: Final = "#DDF1E2"
GOOD_INK: Final = "#1B5E33"
STALE_INK: Final = "#6B7480"
STALE_FILL: Final = "#E9ECEF"
LINK_INK: Final = "#0B5CAD"

FONT: Final = "Calibri"


@dataclass(frozen=True)
class QuadrantLook:
    """How a quadrant looks: marker shape and colour in charts, fill in cells."""

    colour: str
    marker: str
    fill: str
    ink: str


QUADRANT_LOOKS: Final = {
    w.SLAM_DUNK: QuadrantLook("#0B7A53", "circle", "#D9F0E5", "#0A5238"),
    w.BIG_BET: QuadrantLook("#1F5FBF", "triangle", "#DCE8FA", "#173F80"),
    w.QUICK_WIN: QuadrantLook("#C26A00", "diamond", "#FBE9D0", "#7A4300"),
    w.SKIP: QuadrantLook("#6B7480", "square", "#E9ECEF", "#454D57"),
    w.NOT_ENOUGH_DATA: QuadrantLook("#9B2C6F", "x", "#F8E3EF", "#7A1F56"),
}

TABS: Final = {"work": TEAL, "plan": "#C26A00", "machinery": "#AEB7C1"}

NUMBER_FORMATS: Final = {
    "text": "@",
    "general": "General",
    "number": "#,##0",
    "decimal": "#,##0.0",
    "money": "#,##0",
    "share": "0.0%",
    "percent": "0%",
    "score": "0.0",
    "auc": "0.00",
    "points": "+0.0;-0.0;0.0",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "change": '+#,##0;-#,##0;"no change"',
    "days": "#,##0",
    "years": "0.0",
    "month": "0",
    "count": "#,##0",
    "weeks": "0.0",
    "fine": "0.0000",
}
"""How each kind of value is shown. Nothing is rounded before it is shown."""

_BASE: Final[dict[str, Any]] = {"font_name": FONT, "font_size": 10, "font_color": INK}
_CELL: Final[dict[str, Any]] = {"valign": "vcenter", "border": 1, "border_color": RULE}

ROLES: Final[dict[str, dict[str, Any]]] = {
    "plain": {"valign": "top"},
    "title": {"bold": True, "font_size": 20, "font_color": NAVY, "valign": "vcenter"},
    "subtitle": {"font_size": 11, "font_color": GREY_TEXT, "valign": "vcenter"},
    "section": {
        "bold": True,
        "font_size": 13,
        "font_color": NAVY,
        "bottom": 2,
        "bottom_color": TEAL,
        "valign": "vcenter",
    },
    "header": {
        "bold": True,
        "font_color": PAPER,
        "bg_color": NAVY,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": RULE,
    },
    "label": {"bold": True, **_CELL, "bg_color": BAND},
    "input": {"bg_color": INPUT_FILL, "font_color": INPUT_INK, **_CELL},
    "calculation": {**_CELL},
    "output": {"bg_color": OUTPUT_FILL, "bold": True, **_CELL},
    "flag": {"bg_color": FLAG_FILL, "font_color": FLAG_INK, "bold": True, **_CELL},
    "good": {"bg_color": GOOD_FILL, "font_color": GOOD_INK, "bold": True, **_CELL},
    "note": {"italic": True, "font_color": GREY_TEXT, "valign": "vcenter"},
    "link": {"font_color": LINK_INK, "underline": 1, "valign": "vcenter"},
    "cell_link": {"font_color": LINK_INK, "underline": 1, **_CELL},
    "sentence": {"font_size": 12, "font_color": INK, "valign": "vcenter"},
    "figure": {"bold": True, "font_size": 16, "font_color": NAVY, "align": "left"},
}

INDENTED: Final = ("label", "input", "calculation", "output", "flag", "good", "note", "cell_link")
"""Roles whose text stands a little off the edge of its cell."""

ROOM: Final = "_)"
"""What keeps a figure off the rule on its right: the width of a bracket. An indent would say the
same, but LibreOffice leaves it out in some columns and not in others."""

LEGEND: Final = (
    ("input", "Input: type here"),
    ("calculation", "Calculation: leave it"),
    ("output", "Output: what to read"),
    ("flag", "Flag: needs attention"),
    ("good", "Good: nothing to do"),
    ("note", "Note: how to use it"),
)


def properties(role: str, kind: str = "text", **extra: Any) -> dict[str, Any]:
    """What XlsxWriter needs to know about a cell of a role that holds a kind of value.

    Args:
        role: one of ``ROLES``.
        kind: one of ``NUMBER_FORMATS``.
        extra: further XlsxWriter format properties.
    """
    # "@" would turn what a person types into a number-like cell into text.
    number_format = "General" if kind == "text" else NUMBER_FORMATS[kind]
    if role in INDENTED and kind not in ("text", "general", "date"):
        number_format = ";".join(f"{part}{ROOM}" for part in number_format.split(";"))
    # Text beside a column of figures needs a little room.
    side = extra.get("align", "left" if kind in ("text", "date") else "")
    room = {"align": side, "indent": 1} if side == "left" and role in INDENTED else {}
    return {**_BASE, **ROLES[role], **room, "num_format": number_format, **extra}
