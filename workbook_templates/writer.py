"""A thin layer over XlsxWriter: cells with a role, tables with live columns.

Every formula is written together with its computed value, so that previewers,
pandas and programs without a calculation engine see numbers too.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import (
    xl_range,
    xl_range_abs,
    xl_rowcol_to_cell,
    xl_rowcol_to_cell_fast,
)
from xlsxwriter.worksheet import Worksheet

from ..udfs.table_cells import day_number
from . import styles
from .heights import height_for
from .named_styles import NAMED, StyledWorkbook, style_number

LONGEST_TEXT: Final = 32_767
LONGEST_CRITERION: Final = 120
"""Excel compares 255 letters at most; ~ before a wildcard can double a name's length."""
_THIS_ROW: Final = re.compile(r"\[@(?:\[((?:[^\[\]']|'.)+)\]|([^\[\]@]+))\]")
Value = Any


def escape_column(name: str) -> str:
    """A column's name as structured references spell it ([, ], # and ' after a ')."""
    return re.sub(r"(['\[\]#])", r"'\1", name)


def criterion(reference: str) -> str:
    """A COUNTIFS/SUMIFS criterion that means "equal to this text" and nothing else.

    Without the = a segment named ">100" would be a comparison, and without the
    ~ the characters * and ? would be wildcards.
    """
    return f'"="&{literal(reference)}'


def literal(reference: str) -> str:
    """The text of a cell as MATCH must be given it, its * ? ~ taken literally."""
    return f'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({reference},"~","~~"),"*","~*"),"?","~?")'


def row_of(reference: str, column: str) -> str:
    """Which row of a table's column holds a cell's text, as a formula; #N/A where none does.

    MATCH takes "ACME" for "Acme" and, in Excel, no more than 255 letters. EXACT tells them apart
    but reads the whole column, so it only runs where MATCH has not found the very same text.
    """
    match = f"MATCH({literal(reference)},{column},0)"
    same = f"EXACT({column},{reference})"
    number = f"(ROW({column})-ROW(INDEX({column},1))+1)"
    return (
        f"IFERROR(IF(EXACT(INDEX({column},{match}),{reference}),{match},NA()),"
        f"IF(SUMPRODUCT(--{same})=1,SUMPRODUCT({same}*{number}),{match}))"
    )


def sum_of(column: str, names: str, reference: str) -> str:
    """The sum of a column where a column of names has a cell's text, capitals and all."""
    return f"SUMPRODUCT(--EXACT({names},{reference}),{column})"


def countable(names: Iterable[str]) -> bool:
    """Whether COUNTIFS can tell the names apart: not by capitals alone, not by their length."""
    distinct = set(names)
    folded = {name.casefold() for name in distinct}
    return len(folded) == len(distinct) and max(map(len, distinct), default=0) <= LONGEST_CRITERION


def fixed(value: float, decimals: int = 0) -> str:
    """A number as FIXED(value,decimals) shows it: with thousands, halves away from 0."""
    step = Decimal(1).scaleb(-decimals)
    shown = Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP)
    # Adding 0 takes the sign off a Decimal's -0.
    return f"{shown + 0:,.{decimals}f}"


def money(value: float) -> str:
    """Money for people: whole, with thousands; a dash where it is not known."""
    return "-" if math.isnan(value) else f"{value:,.0f}"


def iso_day(reference: str) -> str:
    """A date cell as 2026-09-30; TEXT(..,"yyyy-mm-dd") does so in English programs only."""
    return f'YEAR({reference})&"-"&TEXT(MONTH({reference}),"00")&"-"&TEXT(DAY({reference}),"00")'


def quote_sheet(name: str) -> str:
    """A sheet's name as references spell it."""
    return "'" + name.replace("'", "''") + "'"


def link_formula(url: str, text: str) -> str:
    """A link as a formula: one that goes with its row, and that a macro can write too.

    Args:
        url: as XlsxWriter writes links: internal:'Sheet'!A1, or external:file#place.
        text: to be clicked on; cut after 255 letters, as Excel wants it.
    """
    kind, _, target = url.partition(":")
    place = f"#{target}" if kind == "internal" else target
    quoted = (part.replace('"', '""') for part in (place, text[:255]))
    return '=HYPERLINK("{}","{}")'.format(*quoted)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: the header.
        values: one per row; of a live column the value that the formula gives.
        formula: of a live column, with ``[@Name]`` for cells of the same row.
        role, kind: how it looks (``styles``).
        width: in characters.
        note: what it is and its unit, for the header's note.
        choices: a list to pick from: words, or a reference such as "=Reps[Rep]".
        prompt: shown when a cell of an input column is selected.
        rule: further options of XlsxWriter's data validation.
        wrap: whether long text goes over several lines.
        align: "left", "right" or "center" where it is not the kind's own.
    """

    name: str
    values: Sequence[Value] | np.ndarray | pd.Series = ()
    formula: str = ""
    role: str = "calculation"
    kind: str = "text"
    width: float = 12
    note: str = ""
    choices: Sequence[str] | str = ()
    prompt: str = ""
    rule: dict[str, Any] = field(default_factory=dict)
    wrap: bool = False
    align: str = ""


@dataclass(frozen=True)
class Table:
    """Where a table stands on its sheet (0-based), header row included.

    Attributes:
        name: of the table.
        sheet: it stands on.
        row, col: of the header's first cell.
        rows: data rows, blank ones included.
        columns: the headers in order.
    """

    name: str
    sheet: str
    row: int
    col: int
    rows: int
    columns: tuple[str, ...]

    def cell(self, row: int, column: str) -> str:
        """The address of a data cell (row 0 is the first), such as C7."""
        col = self.col + self.columns.index(column)
        return str(xl_rowcol_to_cell(self.row + 1 + row, col))

    def cells(self, column: str) -> str:
        """The data cells of a column, such as C7:C9."""
        return f"{self.cell(0, column)}:{self.cell(self.rows - 1, column)}"

    def area(self, column: str) -> str:
        """The data cells of a column as an absolute reference with the sheet."""
        col = self.col + self.columns.index(column)
        cells = xl_range_abs(self.row + 1, col, self.row + self.rows, col)
        return f"{quote_sheet(self.sheet)}!{cells}"

    @property
    def below(self) -> int:
        """The first row under the table."""
        return self.row + self.rows + 1


class _PlainWorksheet(Worksheet):  # type: ignore[misc]
    """A worksheet that takes cells and formulas as they are.

    Cells go in by the inner methods (``_write_number`` and so on): the outer ones
    find out first whether they were given "A1" or a row and a column, which takes
    longer than the writing. And XlsxWriter looks in each formula for 30 newer
    functions that need a prefix in the file; ours use none but AGGREGATE, which is
    written with its prefix. Looking takes half the time of a workbook.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        # The plain cells in one go, and numbers in full: XlsxWriter cuts them to 16 digits,
        # and a double needs up to 17 to come back as it was.
        kind = cell.__class__.__name__
        if cell.format is None or kind not in ("Number", "Datetime", "String", "Blank"):
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{cell.format._get_xf_index()}"'
        if kind == "Blank":
            self.fh.write(start + "/>")
        elif kind == "String":
            self.fh.write(f'{start} t="s"><v>{cell.string}</v></c>')
        else:
            self.fh.write(f"{start}><v>{cell.number!r}</v></c>")


class Book:
    """A workbook being written.

    Args:
        path: where to.
        as_of: the day that the document properties carry, so that the same
            input gives the same bytes.
        title: for the document properties.
    """

    def __init__(self, path: Path, as_of: date, title: str) -> None:
        self._book = StyledWorkbook(str(path), {"strings_to_numbers": False, "in_memory": True})
        self._book.set_size(2400, 1500)
        self._book.set_properties(
            {"title": title, "author": "Account Plan", "created": datetime(*as_of.timetuple()[:3])}
        )
        self._book.set_calc_mode("auto")
        self._formats: dict[tuple[Any, ...], Format] = {}
        self.tables: dict[str, Table] = {}
        self.sheets: dict[str, Sheet] = {}
        self._book.name_styles({role: self.style(role) for role in NAMED})

    def style(self, role: str, kind: str = "text", **extra: Any) -> Format:
        """The format of a role and kind, made once."""
        key = (role, kind, *sorted(extra.items()))
        if key not in self._formats:
            made = self._book.add_format(styles.properties(role, kind, **extra))
            made.xf_id = style_number(role)
            self._formats[key] = made
        return self._formats[key]

    def rule_style(self, **properties: Any) -> Format:
        """A format for conditional formatting: only what it changes."""
        key = ("rule", *sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def sheet(self, name: str, tab: str, *, landscape: bool = True) -> "Sheet":
        """Adds a sheet, set up to print fit to width."""
        sheet = Sheet(self, self._book.add_worksheet(name, _PlainWorksheet), name)
        sheet.ws.hide_gridlines(2)
        sheet.ws.set_tab_color(styles.TABS[tab])
        if landscape:
            sheet.ws.set_landscape()
        sheet.ws.set_paper(9)
        sheet.ws.fit_to_pages(1, 0)
        sheet.ws.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.ws.set_footer("&L&F&C&A&RPage &P of &N")
        self.sheets[name] = sheet
        return sheet

    def define(self, name: str, refers_to: str, sheet: "Sheet | None" = None) -> None:
        """Gives a cell or range a name, for the whole workbook or for one sheet only."""
        if sheet is None:
            self._book.define_name(name, "=" + refers_to)
        else:
            # define_name takes "Sheet!name" apart, and fails at sheets called Women's or Yahoo!.
            self._book.defined_names.append([name, sheet.ws.index, refers_to, False])

    def chart(self, kind: str, subtype: str | None = None) -> Any:
        """A new chart; the caller puts it on a sheet."""
        options = {"type": kind} | ({"subtype": subtype} if subtype else {})
        return self._book.add_chart(options)

    def carry_macros(self, project: bytes) -> None:
        """Puts a VBA project in; its modules behind the sheets are Sheet1, Sheet2, ..."""
        self._book.add_vba_project(BytesIO(project), is_stream=True)

    def close(self) -> None:
        """Writes the file."""
        self._book.close()


class Sheet:
    """One sheet being written. Rows and columns count from 0."""

    def __init__(self, book: Book, ws: Worksheet, name: str) -> None:
        self.book, self.ws, self.name = book, ws, name

    def put(
        self,
        row: int,
        col: int,
        value: Value,
        role: str = "plain",
        kind: str = "text",
        **extra: Any,
    ) -> None:
        """Writes a value; text is always text, whatever it begins with."""
        _write(self.ws, row, col, value, self.book.style(role, kind, **extra))

    def live(
        self,
        row: int,
        col: int,
        formula: str,
        value: Value,
        role: str = "calculation",
        kind: str = "text",
        **extra: Any,
    ) -> None:
        """Writes a formula with the value it gives."""
        self.ws.write_formula(
            row, col, formula, self.book.style(role, kind, **extra), _result(value)
        )

    def name_cell(self, name: str, row: int, col: int, *, scoped: bool = False) -> None:
        """Gives a cell a name, for the whole workbook or for its sheet only."""
        cell = xl_rowcol_to_cell(row, col, row_abs=True, col_abs=True)
        self.name_range(name, cell, scoped=scoped)

    def name_range(self, name: str, cells: str, *, scoped: bool = False) -> None:
        """Gives cells of this sheet, such as "$A$1:$B$9", a name."""
        self.book.define(name, f"{quote_sheet(self.name)}!{cells}", self if scoped else None)

    def link(
        self, row: int, col: int, sheet: str, text: str, cell: str = "A1", role: str = "link"
    ) -> None:
        """Writes a link to a cell of this workbook."""
        target = f"internal:{quote_sheet(sheet)}!{cell}"
        self.ws.write_url(row, col, target, self.book.style(role), text[:255])

    def heading(self, title: str, subtitle: str, columns: int = 8) -> None:
        """Writes the sheet's title and what it is for, in rows 0 and 1."""
        self.ws.set_row(0, 30)
        self.ws.set_row(1, 20)
        self.put(0, 0, title, "title")
        self.put(1, 0, subtitle, "subtitle")

    def section(self, row: int, col: int, text: str, columns: int) -> None:
        """Writes a section's heading with a rule across its columns."""
        self.ws.set_row(row, 20)
        for offset in range(columns):
            self.put(row, col + offset, text if offset == 0 else None, "section")

    def widths(self, *characters: float, first: int = 0) -> None:
        """Sets the widths of columns from the first on."""
        for offset, width in enumerate(characters):
            self.ws.set_column(first + offset, first + offset, width)

    def choose(
        self, cells: str, choices: Sequence[str] | str, title: str = "", prompt: str = ""
    ) -> None:
        """Lets cells take only what a list offers."""
        source = choices if isinstance(choices, str) else list(choices)
        self.ws.data_validation(
            cells, {"validate": "list", "source": source, **_prompt(title, prompt)}
        )

    def restrict(self, cells: str, rule: dict[str, Any], title: str = "", prompt: str = "") -> None:
        """Checks what is typed into cells (XlsxWriter's options), with a prompt."""
        self.ws.data_validation(cells, {**rule, **_prompt(title, prompt)})

    def table(
        self,
        name: str,
        row: int,
        col: int,
        columns: Sequence[Column],
        rows: int,
        *,
        blank_rows: int = 0,
        filters: bool = True,
        header_height: float | None = 32,
    ) -> Table:
        """Writes a table: header, data rows, and blank rows to type into.

        Args:
            name: of the table; references in column formulas use it.
            row, col: of the header's first cell.
            columns: with as many values as ``rows``.
            rows: how many rows hold data.
            blank_rows: how many more are there to be filled; at least one row
                is always there, since a table cannot be empty.
            filters: whether the header has filter buttons.
            header_height: in points; ``None`` leaves it.
        """
        total = max(rows + blank_rows, 1)
        last = row + total
        specs = []
        for spec in columns:
            side = spec.align or ("left" if spec.kind in ("text", "date") else "right")
            room: dict[str, Any] = {"indent": 1} if side == "left" else {}
            style = self.book.style("header", align=side, **room)
            specs.append({"header": spec.name, "header_format": style})
        self.ws.add_table(
            row,
            col,
            last,
            col + len(columns) - 1,
            {
                "name": name,
                "columns": specs,
                "style": None,
                "autofilter": filters,
                "banded_rows": False,
            },
        )
        # Set behind its back: given the formula at once, XlsxWriter writes every cell of
        # the column, which is written below with its value.
        for column, spec in zip(self.ws.tables[-1]["columns"], columns, strict=True):
            column["formula"] = expand(spec.formula, name)
        if header_height is not None:
            self.ws.set_row(row, header_height)
        for offset, spec in enumerate(columns):
            self._column(name, row, col + offset, spec, rows, total)
        self._fit_rows(row + 1, columns)
        made_table = Table(name, self.name, row, col, total, tuple(c.name for c in columns))
        self.book.tables[name] = made_table
        return made_table

    def _fit_rows(self, first: int, columns: Sequence[Column]) -> None:
        """Heights for rows with text that goes over several lines."""
        wrapped = [spec for spec in columns if spec.wrap]
        if wrapped:
            texts_of = zip_longest(*(spec.values for spec in wrapped), fillvalue="")
            for offset, texts in enumerate(texts_of):
                cells = zip(texts, (spec.width for spec in wrapped), strict=True)
                self.fit(first + offset, *cells)

    def fit(self, row: int, *cells: tuple[str, float]) -> None:
        """Makes a row high enough for wrapped texts in columns of these widths."""
        height = height_for(cells)
        if height is not None:
            self.ws.set_row(row, height)

    def _column(self, table: str, row: int, col: int, spec: Column, rows: int, total: int) -> None:
        extra: dict[str, Any] = {"text_wrap": True} if spec.wrap else {}
        if spec.align:
            extra |= {"align": spec.align, **({"indent": 1} if spec.align == "left" else {})}
        style = self.book.style(spec.role, spec.kind, **extra)
        first = row + 1
        if spec.formula:
            formula = expand(spec.formula, table)
            values = [_result(value) for value in spec.values]
            values += [""] * (total - len(values))
            for offset, value in enumerate(values):
                self.ws._write_formula(first + offset, col, formula, style, value)
        else:
            write_cells(self.ws, first, col, spec.values, style)
            for offset in range(len(spec.values), total):
                self.ws._write_blank(first + offset, col, None, style)
        if spec.note:
            self.ws.write_comment(row, col, spec.note, {"x_scale": 1.6, "y_scale": 0.8})
        cells = xl_range(first, col, row + total, col)
        if spec.choices:
            self.choose(cells, spec.choices, spec.name, spec.prompt)
        elif spec.rule or spec.prompt:
            self.restrict(cells, spec.rule or {"validate": "any"}, spec.name, spec.prompt)


def expand(formula: str, table: str) -> str:
    """Spells ``[@Column]`` out as ``Table[[#This Row],[Column]]``, as files hold it."""

    def full(match: re.Match[str]) -> str:
        return f"{table}[[#This Row],[{match[1] or match[2]}]]"

    return _THIS_ROW.sub(full, formula)


def write_cells(ws: Worksheet, row: int, col: int, values: Iterable[Value], style: Format) -> None:
    """Writes values down a column, missing ones as blank cells of the style."""
    if isinstance(values, pd.Series):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        # Day numbers at once: one date at a time takes ten times as long.
        values = (values - np.datetime64("1899-12-30")) / np.timedelta64(1, "D")
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        for offset, value in enumerate(values.tolist()):
            if value == value:
                ws._write_number(row + offset, col, value, style)
            else:
                ws._write_blank(row + offset, col, None, style)
        return
    for offset, value in enumerate(values):
        _write(ws, row + offset, col, value, style)


def _write(ws: Worksheet, row: int, col: int, value: Value, style: Format) -> None:
    if isinstance(value, str):
        if value:
            ws._write_string(row, col, value[:LONGEST_TEXT], style)
        else:
            ws._write_blank(row, col, None, style)
    elif value is None or pd.isna(value):
        ws._write_blank(row, col, None, style)
    elif isinstance(value, (bool, np.bool_)):
        ws.write_boolean(row, col, bool(value), style)
    elif isinstance(value, (datetime, date, np.datetime64)):
        ws.write_datetime(row, col, pd.Timestamp(value).to_pydatetime(), style)
    else:
        ws._write_number(row, col, float(value), style)


def _result(value: Value) -> Value:
    """A value as a formula's stored result: "" for missing, serial numbers for dates."""
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (datetime, date, np.datetime64)):
        return day_number(value)
    return float(value)


def _prompt(title: str, prompt: str) -> dict[str, Any]:
    if not prompt:
        return {}
    return {"input_title": title[:32], "input_message": prompt[:255]}
