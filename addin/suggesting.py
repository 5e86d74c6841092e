"""The sheet Evidence, tested anew: verdicts, charts, and the weights that history teaches.

A person accepts the weights: nothing acts on them until they are typed on Settings.
"""

from dataclasses import replace

from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import evidence as sheet
from .backtest import with_evidence
from .checking import DATA_KINDS, MODEL_KINDS
from .desk import Desk
from .evidence_writing import has_evidence, write_evidence
from .importing import write_working
from .working_round import lists_too_few_deals, read_working


def suggest(desk: Desk) -> None:
    """Scores the accounts, tests the scores on the past, and writes Evidence anew.

    What is typed on Settings stays as it is.

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
    # Scored first, so that the test is of what the workbook shows.
    write_working(desk, replace(working, data=data), (*DATA_KINDS, *MODEL_KINDS))
    write_evidence(desk.door, reader, data)
    _tell(desk, data)


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
