"""The sheet Evidence, tested anew: verdicts, charts, and the weights that history teaches.

A person accepts the weights: nothing acts on them until they are typed on Settings.
"""

import pandas as pd

from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import checks
from ..workbook_templates.sheets import evidence as sheet
from . import needs
from .backtest import with_evidence
from .checking import MODEL_KINDS, write_checks
from .crm.cells import as_text
from .desk import Desk
from .hosts.reader import Reader
from .workbook import Workbook
from .working_round import lists_too_few_deals, read_working


def suggest(desk: Desk) -> None:
    """Tests the scores on the past, and writes Evidence anew; Settings stays as it is.

    Raises:
        WorkbookError: the workbook has no sheet Evidence, holds no accounts, or not all deals.
    """
    reader = desk.reader
    if not has_evidence(reader):
        raise WorkbookError(
            f"{reader.label}: there is no table {c.T_EVIDENCE}; press Suggest weights in the "
            "team workbook."
        )
    if lists_too_few_deals(reader):
        raise WorkbookError(
            f"{reader.label}: a test needs all deals, and this workbook does not list them all; "
            "import the CRM export (Import CRM export, or accountplan refresh), which tests anew."
        )
    working = read_working(reader)
    data = with_evidence(working.data, working.export)
    desk.rows = write_evidence(desk.door, reader, data)
    write_checks(desk.door, list(checks.evidence_checks(data)), MODEL_KINDS)
    _tell(desk, data)


def has_evidence(reader: Reader) -> bool:
    """Whether the workbook has the sheet Evidence; books have none.

    Raises:
        WorkbookError: one of its tables or columns is missing.
    """
    if reader.table(c.T_EVIDENCE) is None:
        return False
    needs.refuse_broken(reader, needs.EVIDENCE)
    return True


def write_evidence(book: Workbook, reader: Reader, data: Round) -> int:
    """Writes what a test found, or why there was none, in place of the last one.

    Args:
        book: the door.
        reader: of the workbook.
        data: the round, with its evidence.

    Returns:
        How many attributes it tells about.
    """
    test = data.evidence
    fixed = {
        c.T_EVIDENCE_GAINS: sheet.gains_rows(test),
        c.T_EVIDENCE_FIGURES: sheet.figure_rows(test),
        c.T_EVIDENCE_BANDS: sheet.band_rows(test),
        c.T_EVIDENCE_CURVES: sheet.curve_rows(test),
        c.T_EVIDENCE_INPUTS: pd.DataFrame({sheet.THEN: sheet.input_values(data)}),
    }
    for name, rows in fixed.items():
        book.write_columns(name, rows)
    rows = sheet.attribute_rows(data)
    _write_attributes(book, reader, rows)
    lines = pd.DataFrame({sheet.TO_KNOW: sheet.note_lines(data)}, dtype=object)
    book.replace_rows(c.T_EVIDENCE_NOTES, lines)
    book.write_names(sheet.words(data))
    return len(rows)


def _write_attributes(book: Workbook, reader: Reader, rows: pd.DataFrame) -> None:
    """One row per attribute of Settings; a row keeps its looks, for each has its own unit."""
    held = reader.numbered_records(c.T_EVIDENCE)
    places = {as_text(row[sheet.ATTRIBUTE]).strip(): place for place, row in held.items()}
    was = [places.get(name) for name in rows[sheet.ATTRIBUTE]]
    size = book.tables()[c.T_EVIDENCE].rows
    book.replace_rows(c.T_EVIDENCE, rows, was=was, spare=max(size - len(rows), 0))


def _tell(desk: Desk, data: Round) -> None:
    """The verdict, and which weights are suggested, or why none are."""
    test, learned = data.evidence, data.learned
    if test is not None:
        desk.said.append(f"{test.sentence} {test.against_alphabetical}")
    if learned is not None and learned.weights:
        told = ", ".join(f"{name} {weight:g}" for name, weight in learned.weights.items())
        desk.said.append(f"Weights of Likelihood that history teaches: {told}.")
    desk.said.append(sheet.learned_words(data) or f"No weights are suggested. {data.not_tested}")
    odds = sheet.odds_words(data)
    if odds:
        desk.said.append(odds)
