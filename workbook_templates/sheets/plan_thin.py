"""What is thin about a plan, in one line at the top of its tab, live.

The rules are those of ``udfs.plans``, with the bounds that stand on Settings;
here are the ones that a formula can tell from the tab alone. A spare part of a
rule, such as filler in place of an action, only the check sees.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ...udfs import plans as p
from ...udfs import words as w
from ...udfs.plans import Plan, PlanCheck, PlanField
from .. import contract as c

QUADRANT: Final = "$B$10"
POTENTIAL: Final = "$B$12"
SHORT: Final = "is short"
FEW: Final = "has too few actions"
NOBODY: Final = "nobody decides"
TOO_HIGH: Final = "target above Potential $"
CONTRADICTS: Final = "play contradicts the quadrant"
COUNTED: Final[Mapping[str, str]] = {
    "action_incomplete": "actions without owner or date",
    "action_past": "actions overdue",
    "action_outside": "actions outside the year",
}


def told(plan: Plan, check: PlanCheck, fields: Sequence[PlanField]) -> Iterator[str]:
    """What the formulas say, from the findings of a check."""
    labels = {plan.cells.get(each.key, ""): each.label for each in fields}
    found = [each for each in check.findings if each.kind == p.QUALITY]
    for rule, word in (("thin", SHORT), ("few_actions", FEW)):
        yield from (f"{labels.get(each.cell, '')} {word}" for each in found if each.rule == rule)
    counts = Counter(each.rule for each in found)
    yield from (f"{word}: {counts[rule]}" for rule, word in COUNTED.items() if counts[rule])
    for rule, word in (
        ("nobody_decides", NOBODY),
        ("target_high", TOO_HIGH),
        ("play_contradicts", CONTRADICTS),
    ):
        if counts[rule]:
            yield word


def formulas(
    fields: Sequence[PlanField], rows: Mapping[str, int], tables: Mapping[str, str]
) -> list[str]:
    """Pieces of a formula, each ", " and a few words where something is thin, else "".

    Args:
        fields: of the tab.
        rows: the row of each field, counted from 0.
        tables: what each table is called on the tab.
    """
    cells = {key: row + 1 for key, row in rows.items()}
    return [
        *_short(fields, cells),
        *_few_actions(fields, cells, tables),
        *_actions(tables),
        *_people(tables),
        *_target(cells),
        *_play(cells),
    ]


def bound(rule: str) -> str:
    """A rule's bound as it stands on Settings; the default where the rule is gone."""
    default = next(each.bound for each in p.PLAN_RULES if each.key == rule)
    table = c.T_PLAN_RULES
    return f'IFERROR(INDEX({table}[Bound],MATCH("{rule}",{table}[Key],0)),{default:g})'


def _short(fields: Sequence[PlanField], cells: Mapping[str, int]) -> Iterator[str]:
    for each in fields:
        if each.kind == p.TEXT and each.requirement == p.REQUIRED:
            row = cells[each.key]
            test = f'AND($H${row}="ok",LEN(TRIM($B${row}))<{bound("thin")})'
            yield f'IF({test},", "&$A${row}&" {SHORT}","")'


def _few_actions(
    fields: Sequence[PlanField], cells: Mapping[str, int], tables: Mapping[str, str]
) -> Iterator[str]:
    if p.ACTIONS not in tables:
        return
    table = tables[p.ACTIONS]
    for each in fields:
        number = each.key.removeprefix(p.OBJECTIVE_KEY)
        if number == each.key:
            continue
        row = cells[each.key]
        serving = (
            f'SUMPRODUCT(--({table}[{p.OBJECTIVE}]&""="{number}"),--({table}[{w.ACTION}]<>""))'
        )
        test = f'AND($H${row}="ok",{serving}<{bound("few_actions")})'
        yield f'IF({test},", "&$A${row}&" {FEW}","")'


def _actions(tables: Mapping[str, str]) -> Iterator[str]:
    if p.ACTIONS not in tables:
        return
    table = tables[p.ACTIONS]
    due, flag = f"{table}[{p.DUE}]", f"{table}[{c.FLAG}]"
    is_open = f'ISNUMBER({due})*({table}[{w.STATE}]<>"{p.DONE}")'
    late = f'IF({c.N_TODAY}="",0,SUMPRODUCT({is_open}*({due}<{c.N_TODAY}-{bound("action_past")})))'
    beyond = f"({due}>{c.N_YEAR_END}+{bound('action_outside')})"
    before = f"({due}<{c.N_YEAR_START}-{bound('action_outside')})*({due}>={c.N_TODAY})"
    counts = {
        "action_incomplete": f'SUMPRODUCT(--({flag}<>""),--({flag}<>"{p.ROW_OK}"))',
        "action_past": late,
        "action_outside": f"SUMPRODUCT({is_open}*({beyond}+{before}>0))",
    }
    for rule, count in counts.items():
        yield f'IF({count}>0,", {COUNTED[rule]}: "&{count},"")'


def _people(tables: Mapping[str, str]) -> Iterator[str]:
    if p.CONTACTS not in tables:
        return
    table = tables[p.CONTACTS]
    named = f'{table}[{p.NAME}]<>""'
    roles = "+".join(f'({table}[{p.ROLE}]="{role}")' for role in p.DECIDING_ROLES)
    deciding = f"SUMPRODUCT(({named})*({roles}))"
    test = f"AND(SUMPRODUCT(--({named}))>0,{deciding}<{bound('nobody_decides')})"
    yield f'IF({test},", {NOBODY}","")'


def _target(cells: Mapping[str, int]) -> Iterator[str]:
    if p.TARGET_KEY in cells:
        target = f"$B${cells[p.TARGET_KEY]}"
        test = f"AND(ISNUMBER({target}),ISNUMBER({POTENTIAL}))"
        above = f"IF({test},{target}>{bound('target_high')}*{POTENTIAL},FALSE)"
        yield f'IF({above},", {TOO_HIGH}","")'


def _play(cells: Mapping[str, int]) -> Iterator[str]:
    if p.PLAY_KEY not in cells:
        return
    play = f"$B${cells[p.PLAY_KEY]}"
    clashes = [
        f'AND({QUADRANT}="{quadrant}",{play}="{unfit}")'
        for quadrant, fitting in p.FITTING_PLAYS.items()
        for unfit in p.PLAYS
        if unfit not in fitting
    ]
    yield f'IF(OR({",".join(clashes)}),", {CONTRADICTS}","")'
