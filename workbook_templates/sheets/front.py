"""What the first sheets share: the input named Today, the status lights, links to the sheets.

A light is a sentence first and a colour second: it says what is well, or what
to do about it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from xlsxwriter.utility import xl_rowcol_to_cell

from ...udfs import evidence as e
from ...udfs import words as w
from ...udfs.scoring import AXES
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Sheet
from . import rules, tracker

PLANS_COUNT: Final = f'SUMPRODUCT(--({c.T_PLANS}[{w.ACCOUNT}]<>""))'
PLANS_COMPLETE: Final = f"COUNTIF({c.T_PLANS}[Complete],1)"


@dataclass(frozen=True)
class Light:
    """Something that is well or not.

    Attributes:
        label: what it is about.
        formula: gives the sentence.
        value: the sentence that it gives as written.
        good: how the sentence begins where all is well.
        sheet: where to look.
    """

    label: str
    formula: str
    value: str
    good: tuple[str, ...]
    sheet: str


@dataclass(frozen=True)
class PlanCount:
    """How many plans there are, and how many are complete."""

    plans: int
    complete: int

    @classmethod
    def of(cls, data: Round) -> "PlanCount":
        """Counts the plans of a round."""
        lines = [line for line in tracker.tracked(data) if line.plan.account]
        return cls(len(lines), sum(line.check.complete for line in lines))


def today_input(sheet: Sheet, row: int, col: int, data: Round) -> None:
    """Writes the cell named Today: the one clock of the workbook."""
    sheet.put(row, col, data.today, "input", "date")
    sheet.name_cell(c.N_TODAY, row, col)
    sheet.restrict(
        xl_rowcol_to_cell(row, col),
        rules.a_date(),
        "Today",
        "The day from which days and weeks are counted. Type the day on which you work.",
    )


def light(sheet: Sheet, row: int, col: int, each: Light, last: int | None = None) -> None:
    """Writes a light's sentence, across columns where ``last`` is given."""
    style = sheet.book.style("good", text_wrap=True)
    if last is not None and last > col:
        sheet.ws.merge_range(row, col, row, last, "", style)
    sheet.live(row, col, each.formula, each.value, "good", text_wrap=True)
    cell = xl_rowcol_to_cell(row, col, row_abs=True, col_abs=True)
    well = ",".join(f'LEFT({cell},{len(word)})="{word}"' for word in each.good)
    look = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    rule = {"type": "formula", "criteria": f"=NOT(OR({well}))", "format": look}
    sheet.ws.conditional_format(row, col, row, col if last is None else last, rule)


def scores_light(data: Round) -> Light:
    """Are the scores those of the settings and the accounts as they stand?"""
    good, nobody = "Up to date", "No accounts yet"
    formula = (
        f'=IF(COUNTIF({c.T_ACCOUNTS}[{w.ACCOUNT}],"?*")=0,"{nobody}",'
        f'IF({c.N_SCORES_CURRENT},"{good}","Out of date: press Score accounts"))'
    )
    return Light(
        "Scores", formula, good if len(data.accounts) else nobody, (good, nobody), c.SETTINGS
    )


def weights_light(data: Round) -> Light:
    """Do the weights of both axes total 100?"""
    good, bad = "Total 100 on both axes", "Do not total 100: mend them on Settings"
    tests = [
        f'ABS(SUMIFS({c.T_ATTRIBUTES}[Weight],{c.T_ATTRIBUTES}[Axis],"{axis}")-100)<0.000001'
        for axis in AXES
    ]
    totals = [sum(a.weight for a in data.settings.attributes if a.axis == axis) for axis in AXES]
    value = good if all(abs(total - 100) < 1e-6 for total in totals) else bad
    formula = f'=IF(AND({",".join(tests)}),"{good}","{bad}")'
    return Light("Weights", formula, value, (good,), c.SETTINGS)


def evidence_light(data: Round) -> Light:
    """Does the score do better than the alphabet, and is that said of these data?"""
    untested, test = "Not tested yet", data.evidence
    value = SHORT.get(test.against_alphabetical, UNSHOWN) if test else untested
    told = f'"{UNSHOWN}"'
    for sentence, short in SHORT.items():
        told = f'IF({c.N_ALPHABETICAL}="{sentence}","{short}",{told})'
    formula = (
        f'=IF({c.N_EVIDENCE_CURRENT}=0,"Out of date: press Suggest weights",'
        f'IF({c.N_EVIDENCE_DAY}="","{untested}",{told}))'
    )
    return Light("Evidence", formula, value, (untested, SHORT[e.BETTER]), c.EVIDENCE)


UNSHOWN: Final = "Not shown to be better than A to Z yet"
SHORT: Final = {
    e.BETTER: "Score better than alphabetical order",
    e.NO_BETTER: "Score no better than alphabetical order",
    e.MONEY_ONLY: "Better in money only, not in who buys",
}
"""What a light has room for."""


def plans_light(data: Round) -> Light:
    """How many of the plans are complete?"""
    none, every = "No plans", "All complete"
    count = PlanCount.of(data)
    value = f"{count.complete} of {count.plans} complete"
    if count.complete == count.plans:
        value = every if count.plans else none
    formula = (
        f'=IF({PLANS_COUNT}=0,"{none}",IF({PLANS_COMPLETE}={PLANS_COUNT},"{every}",'
        f'{PLANS_COMPLETE}&" of "&{PLANS_COUNT}&" complete"))'
    )
    return Light("Plans", formula, value, (none, every), c.TRACKER)


def due_light(data: Round) -> Light:
    """How long until plans are due?"""
    days = f"(PlansDue-{c.N_TODAY})"
    formula = (
        f'=IF(OR(PlansDue="",{c.N_TODAY}=""),"Type Today",IF({days}<0,'
        f'"Overdue by "&-{days}&IF({days}=-1," day"," days"),IF({days}=0,"Due today",'
        f'"Due in "&{days}&IF({days}=1," day"," days"))))'
    )
    left = (data.due - data.today).days
    plural = "" if abs(left) == 1 else "s"
    value = f"Due in {left} day{plural}" if left > 0 else "Due today"
    if left < 0:
        value = f"Overdue by {-left} day{plural}"
    return Light("Plans due", formula, value, ("Due in",), c.TRACKER)


def quotas_light(data: Round) -> Light:
    """Has everybody a quota?"""
    everybody, nobody = "Set" if data.kind == c.BOOK else "All set", "No reps yet"
    people = f'COUNTIF({c.T_WALK}[{w.REP}],"?*")'
    without = f"({people}-COUNT({c.T_WALK}[{w.QUOTA}]))"
    book = data.kind == c.BOOK
    told = '"Type yours on Path"' if book else f'{without}&" of "&{people}&" missing: see Reps"'
    formula = f'=IF({people}=0,"{nobody}",IF({without}=0,"{everybody}",{told}))'
    missing, total = int(data.walk[w.QUOTA].isna().sum()), len(data.walk)
    value = "Type yours on Path" if book else f"{missing} of {total} missing: see Reps"
    if not missing:
        value = everybody if total else nobody
    return Light("Quotas", formula, value, (everybody, nobody), c.PATH if book else c.REPS)


def checks_light(serious: int, total: int) -> Light:
    """How much is there to mend, as of the last check?"""
    good = "Nothing serious"
    yes, every = f'COUNTIF({c.T_CHECKS}[Serious],"yes")', f'COUNTIF({c.T_CHECKS}[Serious],"?*")'
    formula = (
        f'=IF({yes}=0,"{good}"&IF({every}=0,"",", "&{every}&" to look at"),'
        f'{yes}&" serious, "&{every}&" in all")'
    )
    value = f"{serious} serious, {total} in all"
    if not serious:
        value = good + (f", {total} to look at" if total else "")
    return Light("Checks", formula, value, (good,), c.CHECKS)


def sheet_links(
    sheet: Sheet, row: int, col: int, names: Iterable[str], say: Callable[[int, str], None]
) -> int:
    """Writes a link to each sheet that is there, and what it is for; gives the next row.

    Args:
        sheet: written on.
        row, col: of the first link.
        names: of the sheets.
        say: writes, on a row, what a sheet is for.
    """
    for name in names:
        if name in sheet.book.sheets and name != sheet.name:
            sheet.link(row, col, name, name)
            say(row, c.PURPOSE[name])
            row += 1
    return row


def counted(number: int, thing: str) -> str:
    """How many things, in words: "1 deal", "2 deals"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
