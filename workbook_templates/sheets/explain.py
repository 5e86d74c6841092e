"""Explain: one account from a list, why it scores as it does, where its money comes from.

Everything follows the picked account by native formulas. Attribute scores,
points and peers are those of the last Score accounts; money, families and
corrections are live.
"""

import math
from typing import Any, Final

from ...udfs import words as w
from ...udfs.scoring import AXES
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, row_of
from .explain_facts import (
    MEMBER_AT,
    PICK_ROW,
    PICKED,
    ROW,
    SCORES_ROW,
    WORKINGS,
    Explained,
    account,
    model,
    of_account,
)
from .explain_money import Money
from .explain_peers import Family, Peers
from .explain_points import Points

WIDTHS: Final = (32, 15, 10, 11, 11, 11, 11, 3, 34, 15, 15, 15, 15)
NAME_ROW: Final = 5
WHY_ROW: Final = 6
PICK: Final = "Pick an account (blank: the best)"
NOBODY: Final = "There are no accounts yet"
NOT_SCORED: Final = "Not scored yet: press Score accounts."
STALE: Final = (
    "Out of date: weights or data have changed since the last scoring; points and peers are of "
    "then. Press Score accounts (reps: it is done in the team workbook)."
)
STRIP: Final = (
    (w.OWNER, "text"),
    (w.STATUS, "text"),
    (w.SEGMENT, "text"),
    (w.QUADRANT, "text"),
    (w.RANK, "count"),
    (w.SCORE, "score"),
)


def write(book: Book, data: Round) -> None:
    """Writes the sheet; nothing is picked, so it explains the best account by Score."""
    sheet = book.sheets[c.EXPLAIN]
    Panel(sheet, data).write()
    sheet.name_cell(c.N_EXPLAINED, PICK_ROW + 1, 0)


class Panel(Explained):
    """The explanation of one account."""

    def write(self) -> None:
        """Writes everything."""
        sheet, same = self.sheet, (self.sheet, self.data, self.picked)
        sheet.heading("Explain", "Why an account scores as it does, and where its money comes from")
        sheet.widths(*WIDTHS)
        sheet.ws.set_column(WORKINGS - 1, MEMBER_AT, 10, None, {"hidden": True, "level": 1})
        self._workings()
        self._pick()
        points = Points(*same)
        points.write()
        self._sentences(points)
        Money(*same).write()
        Peers(*same).write()
        below = Family(*same).write()
        sheet.ws.freeze_panes(NAME_ROW + 1, 0)
        sheet.ws.print_area(0, 0, below, len(WIDTHS) - 1)

    def _workings(self) -> None:
        names, rank = (f"{c.T_ACCOUNTS}[{name}]" for name in (w.ACCOUNT, c.OVERALL_RANK))
        best = f'IFERROR(MATCH(1,{rank},0),IFERROR(MATCH("?*",{names},0),""))'
        number = account(c.SCORES_ROW)
        row = None if self.at is None else self.at + 1.0
        scored = self.facts.get(c.SCORES_ROW, math.nan)
        peers = "" if self.at is None else self.data.peers_told[self.at]
        cells: tuple[tuple[str, Any], ...] = (
            (f'=IF({PICKED}="",{best},IFERROR({row_of(PICKED, names)},""))', row),
            (f'=IF({ROW}="","",IF(ISNUMBER({number}),{number},""))', scored),
            (f'=IF({SCORES_ROW}="","",{model(c.PEERS_TOLD)}&"")', peers),
            (f'=IF({ROW}="","",{account(w.FAMILY)}&"")', self.facts.get(w.FAMILY, "")),
        )
        self.sheet.put(PICK_ROW - 1, WORKINGS, "Workings: leave them", "note")
        for offset, (formula, value) in enumerate(cells):
            self.sheet.live(PICK_ROW + offset, WORKINGS, formula, value, "note", "general")

    def _pick(self) -> None:
        sheet, names = self.sheet, self.sheet.book.tables[c.T_ACCOUNTS].area(w.ACCOUNT)
        sheet.put(PICK_ROW, 0, PICK, "label")
        sheet.put(PICK_ROW + 1, 0, self.picked or None, "input")
        prompt = "Pick an account of Accounts. Left blank, the best by Score is explained."
        sheet.choose(PICKED.replace("$", ""), f"={names}", w.ACCOUNT, prompt)
        sheet.ws.set_row(PICK_ROW + 1, 30)
        for offset, (column, kind) in enumerate(STRIP, start=1):
            sheet.put(PICK_ROW, offset, column, "label")
            value = self.facts.get(column, "")
            formula = of_account(column)
            look: dict[str, Any] = {"text_wrap": True, "align": "left", "indent": 1}
            sheet.live(PICK_ROW + 1, offset, formula, value, kind=kind, **look)
        name = self.facts.get(w.ACCOUNT, self.picked or NOBODY)
        unknown = "" if self.at is not None or not self.picked else " is not on Accounts"
        formula = (
            f'=IF({ROW}<>"",{account(w.ACCOUNT)},IF({PICKED}="","{NOBODY}",'
            f'{PICKED}&" is not on Accounts"))'
        )
        sheet.ws.set_row(NAME_ROW, 24)
        sheet.live(NAME_ROW, 0, formula, f"{name}{unknown}", "figure")

    def _sentences(self, points: Points) -> None:
        sheet = self.sheet
        sheet.live(WHY_ROW, 0, of_account(w.WHY), self.facts.get(w.WHY, ""), "sentence", bold=True)
        for offset, axis in enumerate(AXES, start=1):
            sheet.live(WHY_ROW + offset, 0, *points.sentence(axis), "sentence")
        state = (
            f'=IF({ROW}="","",IF({SCORES_ROW}="","{NOT_SCORED}",'
            f'IF({c.N_SCORES_CURRENT},"","{STALE}")))'
        )
        sheet.live(WHY_ROW + 3, 0, state, "", "note", font_color=styles.FLAG_INK, bold=True)
