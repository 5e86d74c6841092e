"""The weights that history teaches, written beside those in force; a person accepts them."""

import pandas as pd

from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import evidence as sheet
from .backtest import with_evidence
from .desk import Desk, counted
from .working_round import read_working


def suggest(desk: Desk) -> None:
    """Tests the scores on the past, and writes verdicts and learned weights on Evidence.

    Nothing acts on them: Settings stays as it is.

    Raises:
        WorkbookError: the workbook has no sheet Evidence, or holds no accounts.
    """
    if c.T_EVIDENCE not in desk.door.tables():
        raise WorkbookError(
            f"{desk.reader.label}: there is no table {c.T_EVIDENCE}; press Suggest weights in the "
            "team workbook."
        )
    working = read_working(desk.reader)
    data = with_evidence(working.data, working.export)
    found = sheet.answers(data)
    places = {
        place: str(row["Attribute"])
        for place, row in desk.reader.numbered_records(c.T_EVIDENCE).items()
        if str(row["Attribute"]) in found.index
    }
    frame = found.loc[list(places.values())].set_axis(list(places), axis=0)
    desk.door.write_columns(c.T_EVIDENCE, frame)
    desk.rows = len(frame)
    _tell(desk, data.not_tested, sheet.learned_words(data), found)
    test = data.evidence
    if test is not None:
        desk.said.append(f"{test.sentence} {test.against_alphabetical}")
        odds = sheet.odds_words(data, test)
        if odds:
            desk.said.append(odds)
    missing = len(found) - len(frame)
    if missing:
        desk.warnings.append(
            f"{counted(missing, 'attribute', 'attributes')} of Settings {c.T_EVIDENCE} does not "
            "list; type the name beneath it."
        )


def _tell(desk: Desk, not_tested: str, learned: str, found: pd.DataFrame) -> None:
    """Which weights are suggested, or why none are."""
    suggested = found[sheet.LEARNED].dropna()
    if len(suggested):
        told = ", ".join(f"{name} {weight:g}" for name, weight in suggested.items())
        desk.said.append(f"Weights of Likelihood that history teaches: {told}.")
    desk.said.append(learned or f"No weights are suggested. {not_tested}")
