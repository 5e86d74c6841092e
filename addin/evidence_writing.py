"""The sheet Evidence back into a workbook: what a test found, in place of the last one.

Formulas stay. Most tables have a fixed size; the last one, with sentences, grows.
"""

import pandas as pd

from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import evidence as sheet
from . import needs
from .crm.cells import as_text
from .hosts.reader import Reader
from .workbook import Workbook


def has_evidence(reader: Reader) -> bool:
    """Whether the workbook has the sheet Evidence; books have none.

    Raises:
        WorkbookError: one of its tables or columns is missing.
    """
    if reader.table(c.T_EVIDENCE) is None:
        return False
    needs.refuse_broken(reader, needs.EVIDENCE)
    return True


def write_evidence(book: Workbook, reader: Reader, data: Round) -> None:
    """Writes what a test found, or why there was none, in place of the last one.

    Args:
        book: the door.
        reader: of the workbook.
        data: the round, with its evidence.
    """
    test = data.evidence
    fixed = {
        c.T_EVIDENCE_GAINS: sheet.gains_rows(test),
        c.T_EVIDENCE_FIGURES: sheet.figure_rows(test),
        c.T_EVIDENCE_BANDS: sheet.band_rows(test),
        c.T_EVIDENCE_CURVES: sheet.curve_rows(test),
        c.T_EVIDENCE_INPUTS: _inputs(book, data),
    }
    for name, rows in fixed.items():
        book.write_columns(name, rows)
    _write_attributes(book, reader, sheet.attribute_rows(data))
    lines = pd.DataFrame({sheet.TO_KNOW: sheet.note_lines(data)}, dtype=object)
    book.replace_rows(c.T_EVIDENCE_NOTES, lines)
    book.write_names(sheet.words(data))


def _inputs(book: Workbook, data: Round) -> pd.DataFrame:
    """What the test rests on, beside its names: an older workbook watches other things."""
    names = book.read_table(c.T_EVIDENCE_INPUTS, [sheet.INPUT])[sheet.INPUT]
    return names.map(sheet.input_values(data)).dropna().to_frame(sheet.THEN)


def _write_attributes(book: Workbook, reader: Reader, rows: pd.DataFrame) -> None:
    """One row per attribute of Settings; a row keeps its looks, for each has its own unit."""
    held = reader.numbered_records(c.T_EVIDENCE)
    places = {as_text(row[sheet.ATTRIBUTE]).strip(): place for place, row in held.items()}
    was = [places.get(name) for name in rows[sheet.ATTRIBUTE]]
    size = book.tables()[c.T_EVIDENCE].rows
    book.replace_rows(c.T_EVIDENCE, rows, was=was, spare=max(size - len(rows), 0))
