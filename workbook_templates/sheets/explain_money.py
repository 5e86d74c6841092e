"""Explain, the money: from last year's sales to Expected $, line by line."""

import math
from typing import Any, Final

from ...udfs import words as w
from ...udfs.money import BENCHMARK_PERCENTILE
from ...udfs.settings import SCALARS, Settings
from .. import contract as c
from ..writer import fixed
from . import settings as settings_sheet
from .explain_facts import (
    BLOCKS_ROW,
    RIGHT,
    ROW,
    SCORES_ROW,
    Explained,
    account,
    model,
    of_account,
    or_0,
)

BY_LIKELIHOOD: Final = "by its Likelihood, calibrated on history"
TYPED: Final = "typed on Settings"
ADDS_UP: Final = "adds up to Expected $ on Accounts"


class Money(Explained):
    """Where the account's money comes from."""

    def write(self) -> None:
        """From last year's sales to Expected $, line by line."""
        sheet, row, facts = self.sheet, BLOCKS_ROW, self.facts
        sheet.section(row, RIGHT, "Where its money comes from", 5)
        for offset, (label, formula, value, kind, note, told) in enumerate(self._walk(), start=1):
            role = "output" if label == w.EXPECTED_MONEY else "calculation"
            sheet.put(row + offset, RIGHT, label, "label")
            sheet.live(row + offset, RIGHT + 1, formula, value if facts else "", role, kind)
            sheet.live(row + offset, RIGHT + 2, note, told if facts else "", "note")

    def _walk(self) -> tuple[tuple[str, str, Any, str, str, Any], ...]:
        """Label, formula, value, kind, note's formula and value of each line of the money."""
        facts, retention = self.facts, self.data.retention.value
        potential = facts.get(w.POTENTIAL_MONEY, math.nan)
        sales = or_0(facts.get(w.PRIOR_YEAR_SALES, math.nan))
        expansion = facts.get(w.EXPANSION_MONEY, math.nan)
        probability = facts.get(w.WIN_PROBABILITY, math.nan)
        cells = [f"$J${BLOCKS_ROW + 2 + line}" for line in range(9)]
        prior, kept, again, most, less, room, chance, won, expected = cells
        known = f'=IF({most}="","",'
        there = f'=IF({ROW}="","",'
        more = math.nan if math.isnan(potential) else expansion * probability
        reached = math.nan if math.isnan(potential) else facts.get(w.EXPECTED_MONEY, math.nan)
        return (
            (
                w.PRIOR_YEAR_SALES,
                f"{there}N({account(w.PRIOR_YEAR_SALES)}))",
                sales,
                "money",
                there + '"won in the 12 months to the as-of date")',
                "won in the 12 months to the as-of date",
            ),
            ("x Retention", f"{there}Retention)", retention, "share", *self._source("retention")),
            (
                "= comes again",
                f"{there}{prior}*{kept})",
                sales * retention,
                "money",
                there + '"")',
                "",
            ),
            (
                w.POTENTIAL_MONEY,
                of_account(w.POTENTIAL_MONEY),
                potential,
                "money",
                *self._potential_source(),
            ),
            (
                "less prior-year sales",
                f"{known}-{prior})",
                math.nan if math.isnan(potential) else -sales,
                "money",
                there + '"")',
                "",
            ),
            (
                f"= {w.EXPANSION_MONEY}",
                f"{known}ROUND(MAX(0,{most}+{less}),9))",
                expansion,
                "money",
                there + '"the room that is left, at least 0")',
                "the room that is left, at least 0",
            ),
            (
                "x Win probability",
                f"{there}{account(w.WIN_PROBABILITY)})",
                probability,
                "share",
                *self._probability_source(),
            ),
            ("= won of it", f"{known}{room}*{chance})", more, "money", there + '"")', ""),
            (
                w.EXPECTED_MONEY,
                f"{known}ROUND({again}+{won},9))",
                reached,
                "money",
                *self._adds_up(expected, most),
            ),
        )

    def _adds_up(self, expected: str, potential: str) -> tuple[str, str]:
        none = "without a Potential $ nothing can be expected"
        other = f"is not {w.EXPECTED_MONEY} on Accounts: press Score accounts"
        formula = (
            f'=IF({ROW}="","",IF({potential}="","{none}",'
            f'IF(ABS({expected}-N({account(w.EXPECTED_MONEY)}))<0.005,"{ADDS_UP}","{other}")))'
        )
        blank = math.isnan(self.facts.get(w.POTENTIAL_MONEY, math.nan))
        return formula, none if blank else ADDS_UP

    def _source(self, key: str) -> tuple[str, str]:
        """Where a setting's number comes from."""
        scalar = next(each for each in SCALARS if each.key == key)
        row = f'MATCH("{scalar.label}",{c.T_MODEL_SETTINGS}[Setting],0)'
        typed = f"INDEX({c.T_MODEL_SETTINGS}[Your value],{row})"
        source = f"INDEX({c.T_MODEL_SETTINGS}[Where the number comes from],{row})"
        formula = f'=IF({ROW}="","",IFERROR(IF({typed}="",{source}&"","{TYPED}"),""))'
        own = getattr(self.data.settings, key)
        told = settings_sheet.found(scalar, self.data, Settings())[1] if own is None else TYPED
        return formula, told

    def _probability_source(self) -> tuple[str, str]:
        formula, told = self._source("win_probability")
        same = "for every account: "
        calibrated = "COUNT(WinProbabilityActive,WinProbabilityOthers,WinOddsPerTen)=3"
        whole = f'=IF({ROW}="","",IF({calibrated},"{BY_LIKELIHOOD}","{same}"&{formula[1:]}))'
        by_score = self.data.settings.odds is not None
        return whole, BY_LIKELIHOOD if by_score else same + told

    def _potential_source(self) -> tuple[str, str]:
        """Where Potential $ comes from, with the figures that it rests on."""
        found, source = self.found, model(w.POTENTIAL_SOURCE)
        bench, share, peers = model(w.BENCHMARK_MONEY), account(w.WALLET_SHARE), model(w.PEERS)
        own, force = model(w.POTENTIAL_MONEY), account(w.POTENTIAL_MONEY)
        of = f"{BENCHMARK_PERCENTILE}th percentile of its"
        told = {
            "peers' sales": (
                f'"Benchmark $: the {of} "&{peers}&" peers, below"',
                f"Benchmark $: the {of} {or_0(found.get(w.PEERS, 0.0)):g} peers, below",
            ),
            "wallet share": (
                f'"prior-year sales / wallet share of "&FIXED(100*N({share}),1)&" %"',
                "prior-year sales / wallet share of "
                f"{fixed(100 * or_0(self.facts.get(w.WALLET_SHARE, 0.0)), 1)} %",
            ),
            "CRM export": ('"as the CRM export has it"', "as the CRM export has it"),
            "own sales, above its peers": (
                f'"its own sales, above Benchmark $ of "&FIXED(N({bench}),0)',
                "its own sales, above Benchmark $ of "
                f"{fixed(or_0(found.get(w.BENCHMARK_MONEY, 0.0)))}",
            ),
            "own sales, no peers to compare with": (
                '"its own sales: there are no peers to compare with"',
                "its own sales: there are no peers to compare with",
            ),
        }
        unknown = "not known: no size, wallet share or figure of its own"
        formula = f'"{unknown}"'
        for word, (text, _) in told.items():
            formula = f'IF({source}="{word}",{text},{formula})'
        corrected = (
            f'"typed, or corrected on Overrides; the model says "'
            f'&IF({own}="","nothing",FIXED(N({own}),0))'
        )
        same = f'IF({force}&""={own}&"",TRUE,ABS(N({force})-N({own}))<0.005)'
        whole = f'=IF({SCORES_ROW}="","",IF({same},{formula},{corrected}))'
        return whole, told.get(found.get(w.POTENTIAL_SOURCE, ""), ("", unknown))[1]
