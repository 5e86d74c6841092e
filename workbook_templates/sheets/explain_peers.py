"""Explain, the peers and the family: whom the account is compared with, and who belongs to it."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from xlsxwriter.utility import xl_col_to_name

from ...udfs import words as w
from ...udfs.families import SUMMED
from ...udfs.money import BENCHMARK_PERCENTILE, LEAST_PEERS, PEER_COUNT
from .. import contract as c
from ..peers import MARK
from .explain_facts import (
    BLOCKS_ROW,
    FAMILY,
    MEMBER_AT,
    PEERS,
    PIECE_AT,
    RIGHT,
    ROW,
    SCORES_ROW,
    Explained,
    account,
    model,
    or_0,
)

PEERS_ROW: Final = BLOCKS_ROW + 12
FAMILY_ROW: Final = PEERS_ROW + PEER_COUNT + 6
MEMBERS: Final = 6
OTHERS: Final = "an account of another rep"
TOLD_OTHERS: Final = (
    " belong to other reps: their sales count, their names stay with their reps (Settings, "
    "Peers shown by name)."
)
NO_PEERS: Final = "No peers: its size is not known, or no active account is there to compare."
NO_FAMILY: Final = "It has neither a parent nor subsidiaries in the CRM export."


class Peers(Explained):
    """Whom the account is compared with for its Benchmark $."""

    def write(self) -> None:
        """The peers by name, and that their sales give Benchmark $."""
        sheet, row = self.sheet, PEERS_ROW
        basis, peers = _taken_apart("" if self.at is None else self.data.peers_told[self.at])
        sheet.section(row, RIGHT, "Whom it is compared with: its peers", 5)
        end = f"${xl_col_to_name(PIECE_AT)}$"
        sheet.live(
            row + 1,
            PIECE_AT,
            f'=IF({PEERS}="",0,IFERROR(FIND("{MARK}",{PEERS}),LEN({PEERS})+1))',
            float(len(basis) + 1) if basis else 0.0,
            "note",
            "general",
        )
        sheet.live(
            row + 1,
            RIGHT,
            f'=IF({ROW}="","",IF({PEERS}="","{NO_PEERS}",LEFT({PEERS},{end}{row + 2}-1)&":"))',
            "" if self.at is None else f"{basis}:" if basis else NO_PEERS,
            "note",
        )
        sheet.put(row + 2, RIGHT, "Peer, nearest first", "header", align="left", indent=1)
        sheet.put(row + 2, RIGHT + 1, w.PRIOR_YEAR_SALES, "header", align="right")
        ends = len(basis) + 1
        for place in range(PEER_COUNT):
            known = peers[place] if place < len(peers) else None
            ends += (len(known.text) + 1) if known else 0
            self._peer(row + 3 + place, place, known, float(ends))
        self._benchmark(row + 3 + PEER_COUNT, [peer.sales for peer in peers])
        others = sum(not peer.name for peer in peers)
        names = f"$I${row + 4}:$I${row + 3 + PEER_COUNT}"
        count = f'COUNTIF({names},"{OTHERS}")'
        sheet.live(
            row + 4 + PEER_COUNT,
            RIGHT,
            f'=IF({count}=0,"",{count}&"{TOLD_OTHERS}")',
            f"{others}{TOLD_OTHERS}" if others else "",
            "note",
        )

    def _peer(self, row: int, place: int, known: "Peer | None", ends: float) -> None:
        sheet, at = self.sheet, xl_col_to_name(PIECE_AT)
        before = f"${at}${row + 1 - (2 if place == 0 else 1)}"
        here, piece = f"${at}{row + 1}", f"${xl_col_to_name(PIECE_AT + 1)}{row + 1}"
        size = f"LEN({PEERS})"
        cells: tuple[tuple[int, str, Any, str, str], ...] = (
            (
                PIECE_AT,
                f"=IF(N({before})=0,0,IF({before}>{size},{before},"
                f'IFERROR(FIND("{MARK}",{PEERS},{before}+1),{size}+1)))',
                ends if self.at is not None and ends > 1 else 0.0,
                "note",
                "general",
            ),
            (
                PIECE_AT + 1,
                f'=IF({here}<={before},"",MID({PEERS},{before}+1,{here}-{before}-1))',
                known.text if known else "",
                "note",
                "general",
            ),
            (
                RIGHT,
                f'=IF({piece}="","",IF(LEN({piece})=FIND(" ",{piece}),"{OTHERS}",'
                f'MID({piece},FIND(" ",{piece})+1,{size})))',
                (known.name or OTHERS) if known else "",
                "calculation",
                "text",
            ),
            (
                RIGHT + 1,
                f'=IF({piece}="","",VALUE(LEFT({piece},FIND(" ",{piece})-1)))',
                known.sales if known else "",
                "calculation",
                "money",
            ),
        )
        for col, formula, value, role, kind in cells:
            look = {"border": 0} if role == "calculation" else {}
            sheet.live(row, col, formula, value, role, kind, **look)

    def _benchmark(self, row: int, sales: list[float]) -> None:
        """The 80th percentile, worked out here from what stands above."""
        sheet = self.sheet
        cells = f"$J${row + 1 - PEER_COUNT}:$J${row}"
        enough = len(sales) >= LEAST_PEERS
        share = BENCHMARK_PERCENTILE / 100
        value = float(np.percentile(sales, BENCHMARK_PERCENTILE)) if enough else ""
        sheet.put(row, RIGHT, f"{BENCHMARK_PERCENTILE}th percentile of them", "label")
        sheet.live(
            row,
            RIGHT + 1,
            f'=IF(COUNT({cells})<{LEAST_PEERS},"",PERCENTILE({cells},{share:g}))',
            value,
            "output",
            "money",
        )
        few = f"fewer than {LEAST_PEERS} peers: no Benchmark $"
        same, other = "is the account's Benchmark $", "is not its Benchmark $: press Score accounts"
        sheet.live(
            row,
            RIGHT + 2,
            f'=IF({SCORES_ROW}="","",IF($J${row + 1}="","{few}",'
            f'IF(ABS($J${row + 1}-N({model(w.BENCHMARK_MONEY)}))<0.005,"{same}","{other}")))',
            "" if self.at is None else same if enough else few,
            "note",
        )


class Family(Explained):
    """Parents and subsidiaries of the account, and what they bring together."""

    def write(self) -> int:
        """What the account's family brings, here and elsewhere; gives the first row below."""
        sheet, row, family = self.sheet, FAMILY_ROW, self.facts.get(w.FAMILY, "")
        sheet.section(row, RIGHT, "Its family: parent and subsidiaries", 5)
        sheet.live(row + 1, RIGHT, *self._family_sentence(), "note")
        heads = ("The family's", "This account", "In this workbook", "Elsewhere", "In all")
        for offset, head in enumerate(heads):
            look = {"align": "right"} if offset else {"align": "left", "indent": 1}
            sheet.put(row + 2, RIGHT + offset, head, "header", **look)
        for offset, total in enumerate(c.FAMILY_COLUMNS[1:], start=3):
            self._family_line(row + offset, total, bool(family))
        below = row + 3 + len(c.FAMILY_COLUMNS)
        return self._members(below, family)

    def _family_sentence(self) -> tuple[str, str]:
        away = f"N({model(c.elsewhere(w.FAMILY_ACCOUNTS))})"
        count = account(w.FAMILY_ACCOUNTS)
        rest = " of them in the workbooks of other reps: their money counts here."
        formula = (
            f'=IF({ROW}="","",IF({FAMILY}="","{NO_FAMILY}",{FAMILY}&": "&{count}'
            f'&IF({count}=1," account"," accounts")&IF({away}=0,".",", "&{away}&"{rest}")))'
        )
        if self.at is None:
            return formula, ""
        family = self.facts.get(w.FAMILY, "")
        if not family:
            return formula, NO_FAMILY
        number = self.facts[w.FAMILY_ACCOUNTS]
        others = or_0(self.found[c.elsewhere(w.FAMILY_ACCOUNTS)])
        told = f"{family}: {number:g} account{'' if number == 1 else 's'}"
        return formula, told + (f", {others:g}{rest}" if others else ".")

    def _family_line(self, row: int, total: str, known: bool) -> None:
        facts, number, kind = self.facts, row + 1, "money" if total in SUMMED else "count"
        column = SUMMED.get(total)
        every = facts.get(total, math.nan)
        away = or_0(self.found.get(c.elsewhere(total), 0.0))
        mine = or_0(facts.get(column, 0.0)) if column else 1.0
        cells: tuple[tuple[str, Any, str], ...] = (
            (f"N({account(column)})" if column else "1", mine, "calculation"),
            (f"$M{number}-$L{number}", every - away, "calculation"),
            (f"N({model(c.elsewhere(total))})", away, "calculation"),
            (account(total), every, "output"),
        )
        self.sheet.put(row, RIGHT, column or "Accounts", "label")
        for offset, (formula, value, role) in enumerate(cells, start=1):
            whole = f'=IF({FAMILY}="","",{formula})'
            self.sheet.live(row, RIGHT + offset, whole, value if known else "", role, kind)

    def _members(self, row: int, family: str) -> int:
        """The members that are in this workbook, and what each brings."""
        sheet, accounts = self.sheet, self.data.accounts
        columns = (w.ACCOUNT, *SUMMED.values())
        for offset, head in enumerate(("In this workbook", *SUMMED.values())):
            look = {"align": "right"} if offset else {"align": "left", "indent": 1}
            sheet.put(row, RIGHT + offset, head, "header", **look)
        families = f"{c.T_ACCOUNTS}[{w.FAMILY}]"
        places = f"ROW({families})-ROW(INDEX({families},1))+1"
        mine = accounts.index[accounts[w.FAMILY] == family] if family else accounts.index[:0]
        for place in range(MEMBERS):
            at = row + 1 + place
            where = f"${xl_col_to_name(MEMBER_AT)}{at + 1}"
            known = int(mine[place]) if place < len(mine) else None
            first = f"_xlfn.AGGREGATE(15,6,({places})/EXACT({families},{FAMILY}),{place + 1})"
            formula = f'=IF({FAMILY}="","",IFERROR({first},""))'
            value = "" if known is None else known + 1.0
            sheet.live(at, MEMBER_AT, formula, value, "note", "general")
            for offset, column in enumerate(columns):
                cell = f"INDEX({c.T_ACCOUNTS}[{column}],{where})"
                stored = "" if known is None else accounts[column].iloc[known]
                kind = "money" if offset else "text"
                whole = f'=IF({where}="","",IF({cell}="","",{cell}))'
                sheet.live(at, RIGHT + offset, whole, stored, "calculation", kind, border=0)
        below = row + 1 + MEMBERS
        here = f"SUMPRODUCT(--EXACT({families},{FAMILY}))"
        more = " more are here: filter Family on Accounts."
        left = len(mine) - MEMBERS
        formula = f'=IF({FAMILY}="","",IF({here}<={MEMBERS},"",{here}-{MEMBERS}&"{more}"))'
        sheet.live(below, RIGHT, formula, f"{left}{more}" if left > 0 else "", "note")
        return below + 1


@dataclass(frozen=True)
class Peer:
    """One peer: its part of the text, its name ("" where it is not told) and its sales."""

    text: str
    name: str
    sales: float


def _taken_apart(told: str) -> tuple[str, list[Peer]]:
    """What a text of peers says: whom they are among, and the peers."""
    if not told:
        return "", []
    basis, *parts = told.split(MARK)
    split = [(part, *part.split(" ", 1)) for part in parts]
    return basis, [Peer(part, name, float(sales)) for part, sales, name in split]
