"""What does a formula refer to, and how does it read once cells have moved?

Formulas are taken apart into references, sheets, names and the rest, and put
together again; nothing is calculated. Texts, names of sheets in quotes and the
brackets of tables are never mistaken for references.

Source: ECMA-376, Office Open XML, part 1, section 18.17.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..workbook import LAST_ROW, address
from .areas import Area, column_number

_LAST_COLUMN: Final = 16_384
_GONE: Final = "#REF!"
_CELL: Final = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_PIECE: Final = re.compile(
    r"""
    "(?:[^"]|"")*"                                          # a text
    | \#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!)        # an error
    | (?P<sheet>'(?:[^']|'')*'|(?:\[\d+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?)!
    | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]             # columns of a table, a file's number
    | (?P<ref>CELL(?::CELL)?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7})
      (?![\w.(\[!])
    | (?P<word>[\w.\\?]+)
    """.replace("CELL", _CELL),
    re.VERBOSE,
)
_REF: Final = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


@dataclass(frozen=True)
class _Corner:
    """One end of a reference: A1, $A$1, or the A of A:C, the 1 of 1:3."""

    col: int | None
    row: int | None
    fixed_col: bool
    fixed_row: bool

    def moved(self, rows: int, cols: int) -> str:
        """The end so many cells further; "" where that is off the sheet."""
        row = self.row if self.row is None or self.fixed_row else self.row + rows
        col = self.col if self.col is None or self.fixed_col else self.col + cols
        if row is not None and not 0 <= row < LAST_ROW:
            return ""
        if col is not None and not 0 <= col < _LAST_COLUMN:
            return ""
        letters = "" if col is None else "$" * self.fixed_col + column_letters(col)
        return letters if row is None else f"{letters}{'$' * self.fixed_row}{row + 1}"


@dataclass(frozen=True)
class Reference:
    """Cells that a formula refers to, with the sheet that it names ("" for its own)."""

    text: str
    sheet: str
    ends: tuple[_Corner, ...]

    @property
    def area(self) -> Area | None:
        """The cells; None for whole rows and columns."""
        first, last = self.ends[0], self.ends[-1]
        if first.col is None or first.row is None or last.col is None or last.row is None:
            return None
        rows, cols = sorted((first.row, last.row)), sorted((first.col, last.col))
        return Area(self.sheet, rows[0], cols[0], rows[1], cols[1])

    @property
    def is_range(self) -> bool:
        """Whether it names two ends, even of a single cell."""
        return len(self.ends) == 2

    @property
    def is_fixed(self) -> bool:
        """Whether its rows stay the same in a copy further down."""
        return all(end.fixed_row for end in self.ends)

    def moved(self, rows: int, cols: int) -> str:
        """The reference as it reads in a copy so many cells further."""
        ends = [end.moved(rows, cols) for end in self.ends]
        return ":".join(ends) if all(ends) else _GONE

    def at(self, area: Area) -> str:
        """The reference to other cells, with its dollar signs."""
        first, last = self.ends[0], self.ends[-1]
        ends = [
            _Corner(area.left, area.top, first.fixed_col, first.fixed_row),
            _Corner(area.right, area.bottom, last.fixed_col, last.fixed_row),
        ]
        return ":".join(end.moved(0, 0) for end in ends[: len(self.ends)])


@dataclass(frozen=True)
class _Sheet:
    """The name of a sheet before a reference, with its exclamation mark."""

    text: str
    name: str


@dataclass(frozen=True)
class _Word:
    """A function, a number, or the name of a table or of cells."""

    text: str


_Piece = str | Reference | _Sheet | _Word


@lru_cache(maxsize=2048)
def _pieces(formula: str) -> tuple[_Piece, ...]:
    """A formula taken apart; its pieces in order are the formula again."""
    found: list[_Piece] = []
    sheet, end = "", 0
    for match in _PIECE.finditer(formula):
        if match.start() > end:
            found.append(formula[end : match.start()])
            sheet = ""
        end = match.end()
        if match["sheet"]:
            sheet = unquoted(match["sheet"])
            found.append(_Sheet(match[0], sheet))
            continue
        if match["ref"]:
            ends = tuple(_corner(each) for each in match[0].split(":"))
            found.append(Reference(match[0], sheet, ends))
        else:
            found.append(_Word(match[0]) if match["word"] else match[0])
        sheet = ""
    return (*found, formula[end:])


@lru_cache(maxsize=20_000)
def column_letters(col: int) -> str:
    """The letters of a column counted from 0: 26 -> AA."""
    return address(0, col)[:-1]


def _corner(text: str) -> _Corner:
    match = _REF.fullmatch(text)
    assert match is not None
    first, letters, second, number = match.groups()
    return _Corner(
        column_number(letters.upper()) if letters else None,
        int(number) - 1 if number else None,
        bool(letters and first),
        bool(number and (second if letters else first or second)),
    )


def moved_formula(formula: str, rows: int, cols: int = 0) -> str:
    """A formula as it reads when its cell is copied so many rows down and columns across."""
    if not rows and not cols:
        return formula
    return "".join(
        each.moved(rows, cols) if isinstance(each, Reference) else _text(each)
        for each in _pieces(formula)
    )


Fit = Callable[[Reference], Area | None]


def refitted(formula: str, here: str, sheet: str, fit: Fit) -> str:
    """A formula whose references to a sheet follow its cells.

    Args:
        formula: without its equals sign.
        here: the sheet that it stands on.
        sheet: the sheet whose cells moved.
        fit: where the cells of a reference are now; None where it names none.
    """
    return "".join(_refit(each, here, sheet, fit) for each in _pieces(formula))


def _refit(piece: _Piece, here: str, sheet: str, fit: Fit) -> str:
    if not isinstance(piece, Reference) or (piece.sheet or here).casefold() != sheet.casefold():
        return _text(piece)
    area, fitted = piece.area, fit(piece)
    return piece.text if fitted is None or fitted == area else piece.at(fitted)


def renamed(formula: str, sheets: Mapping[str, str], tables: Mapping[str, str]) -> str:
    """A formula, range or link in which sheets and tables have other names."""
    pieces = _pieces(formula)
    known = {old.casefold(): new for old, new in tables.items()}
    found = []
    for each, behind in zip(pieces, (*pieces[1:], ""), strict=True):
        text = _text(each)
        if isinstance(each, _Sheet) and each.name in sheets:
            text = quoted(sheets[each.name]) + "!"
        elif isinstance(each, _Word) and not _text(behind).startswith("("):
            text = known.get(text.casefold(), text)
        found.append(text)
    return "".join(found)


def _text(piece: _Piece) -> str:
    return piece if isinstance(piece, str) else piece.text


def quoted(sheet: str) -> str:
    """A sheet's name as references spell it."""
    return "'" + sheet.replace("'", "''") + "'"


def unquoted(sheet: str) -> str:
    """A sheet's name from how a reference spells it."""
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
