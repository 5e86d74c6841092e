"""What is thin about a plan, in one line at the top of its tab, live.

The rules are those of ``udfs.plans``, with the bounds that stand on Settings: a
rule that is taken out there says nothing here. A formula sees one tab as it is
now, so what needs other plans, or an earlier version of this one, only the
check sees (``UNSEEN``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ...udfs import plans as p
from ...udfs import words as w
from ...udfs.cells import LAST_DAY
from ...udfs.plans import Plan, PlanCheck, PlanField
from .. import contract as c
from ..writer import literal

QUADRANT: Final = "$B$10"
POTENTIAL: Final = "$B$12"
FILLERS: Final = "FillerWords"
_NO_BREAK_SPACE: Final = "\u00a0"

NAMED: Final[Mapping[str, str]] = {"thin": "is short", "few_actions": "has too few actions"}
COUNTED: Final[Mapping[str, str]] = {
    "action_incomplete": "actions without owner or date",
    "action_past": "actions overdue",
    "action_outside": "actions outside the year",
    "row_incomplete": "incomplete rows",
    "entry": "entries of the wrong kind",
    "filler": "filler in optional fields",
}
SAID: Final[Mapping[str, str]] = {
    "nobody_decides": "nobody decides",
    "no_supporter": "no supporter among those who decide",
    "target_high": "target above Potential $",
    "target_low": "target far below Potential $",
    "play_contradicts": "play contradicts the quadrant",
}
"""What the line says of each rule: of a field, with a number, or once."""
ORDER: Final = (
    *("thin", "few_actions", "action_incomplete", "action_past", "action_outside"),
    *("nobody_decides", "no_supporter", "target_high", "target_low", "play_contradicts"),
    *("entry", "filler", "row_incomplete"),
)
UNSEEN: Final = ("copied", "unchanged", "changed_since")
"""The rules that no formula on a tab can tell."""


def told(plan: Plan, check: PlanCheck, fields: Sequence[PlanField]) -> dict[str, str]:
    """What the formula of each rule says, from the findings of a check."""
    labels = {plan.cells.get(each.key, ""): each.label for each in fields}
    found = [each for each in check.findings if each.kind == p.QUALITY]
    counts = Counter(each.rule for each in found)
    said = dict.fromkeys(ORDER, "")
    for rule in ORDER:
        if rule in NAMED:
            mine = [each for each in found if each.rule == rule]
            said[rule] = "".join(f", {labels.get(each.cell, '')} {NAMED[rule]}" for each in mine)
        elif counts[rule]:
            said[rule] = f", {SAID[rule]}" if rule in SAID else f", {COUNTED[rule]}: {counts[rule]}"
    return said


def formulas(
    fields: Sequence[PlanField], rows: Mapping[str, int], tables: Mapping[str, str]
) -> dict[str, str]:
    """By rule a formula that says ", " and a few words where something is thin, else "".

    Args:
        fields: of the tab.
        rows: the row of each field, counted from 0.
        tables: what each table is called on the tab.

    Returns:
        In the order of ``ORDER``, each without its =. A rule that is not on
        Settings, or that a cell in error leaves open, says nothing.
    """
    tab = _Tab(fields, {key: row + 1 for key, row in rows.items()}, tables)
    parts = {
        "thin": tab.short(),
        "few_actions": tab.few_actions(),
        **{rule: tab.counted(rule, count) for rule, count in tab.counts().items()},
        **{rule: tab.said(rule, test) for rule, test in tab.tests().items()},
    }
    return {rule: f'IFERROR({parts[rule]},"")' for rule in ORDER if parts.get(rule)}


def bound(rule: str) -> str:
    """A rule's bound as it stands on Settings; an error where the rule is not there."""
    return f'INDEX({c.T_PLAN_RULES}[Bound],MATCH("{rule}",{c.T_PLAN_RULES}[Key],0))'


def holds(rule: str) -> str:
    """Whether a rule stands on Settings."""
    return f'ISNUMBER(MATCH("{rule}",{c.T_PLAN_RULES}[Key],0))'


def _word(cells: str) -> str:
    """``udfs.plans.trimmed`` for what holds no line breaks between words; shorter."""
    return f'TRIM(CLEAN(SUBSTITUTE({cells},"{_NO_BREAK_SPACE}"," ")))'


def _filled(cells: str) -> str:
    """``udfs.plans.is_filled`` for each cell of a column: 1 or 0."""
    text = _word(cells)
    filler = f"ISNUMBER(MATCH({literal(text)},{FILLERS},0))"
    return f"SIGN(ISNUMBER({cells})+(LEN({text})>1)*(1-{filler}))"


def _is_one_of(cells: str, words: Sequence[str]) -> str:
    """Whether a cell holds one of these words, blanks and capitals aside."""
    known = ",".join(f'"{word}"' for word in words)
    return f"ISNUMBER(MATCH({literal(_word(cells))},{{{known}}},0))"


def _is_figure(cells: str, kind: str) -> str:
    """``udfs.plans.is_answer`` for each cell of a column of numbers or dates: 1 or 0."""
    if kind == p.MONEY:
        return f"ISNUMBER({cells})"
    return f"ISNUMBER({cells})*({cells}>=1)*({cells}<{LAST_DAY})"


class _Tab:
    """The formulas of one tab; where a part of it is off, "" or nothing."""

    def __init__(
        self, fields: Sequence[PlanField], cells: Mapping[str, int], tables: Mapping[str, str]
    ) -> None:
        self.fields, self.cells, self.tables = fields, cells, tables

    # --- What is said of a rule -----------------------------------------------------

    def counted(self, rule: str, count: str) -> str:
        # The format says nothing of 0, so that the count stands in the formula once.
        return f'IF({holds(rule)},TEXT({count},""", {COUNTED[rule]}: ""0;;"),"")'

    def said(self, rule: str, test: str) -> str:
        return f'IF(AND({holds(rule)},{test}),", {SAID[rule]}","")'

    def _of_fields(self, rule: str, tests: Mapping[int, str]) -> str:
        return "&".join(
            f'IF({test},", "&$A${row}&" {NAMED[rule]}","")' for row, test in tests.items()
        )

    # --- Texts and goals ------------------------------------------------------------

    def short(self) -> str:
        tests = {}
        for each in self.fields:
            if each.kind == p.TEXT:
                row = self.cells[each.key]
                asked = f'$G${row}="{p.REQUIRED}",$H${row}="ok",ISTEXT($B${row})'
                tests[row] = f"AND({asked},LEN({p.trimmed_formula(f'$B${row}')})<{bound('thin')})"
        return self._of_fields("thin", tests)

    def few_actions(self) -> str:
        tests = {}
        for each in self.fields:
            number = each.key.removeprefix(p.OBJECTIVE_KEY)
            if number != each.key and p.ACTIONS in self.tables:
                row, table = self.cells[each.key], self.tables[p.ACTIONS]
                serves = _is_one_of(f"{table}[{p.OBJECTIVE}]", [number])
                count = f"SUMPRODUCT({serves}*{self._has(p.ACTIONS, w.ACTION)})"
                tests[row] = f'AND($H${row}="ok",{count}<{bound("few_actions")})'
        return self._of_fields("few_actions", tests)

    # --- What is counted ------------------------------------------------------------

    def counts(self) -> dict[str, str]:
        """Of the rules that tell a number: how many there are."""
        found = {"entry": self._entries(), "filler": self._filler()}
        if p.ACTIONS in self.tables:
            found["action_incomplete"] = self._incomplete([p.ACTIONS])
            found |= self._dates(self.tables[p.ACTIONS])
        others = [key for key in self.tables if key != p.ACTIONS]
        if others:
            found["row_incomplete"] = self._incomplete(others)
        return {rule: f"({count})" for rule, count in found.items() if count}

    def _incomplete(self, tables: Sequence[str]) -> str:
        flags = [f"{self.tables[key]}[{c.FLAG}]" for key in tables]
        return "+".join(f'SUMPRODUCT(({flag}<>"")*({flag}<>"{p.ROW_OK}"))' for flag in flags)

    def _dates(self, table: str) -> dict[str, str]:
        due, state = f"{table}[{p.DUE}]", f"{table}[{w.STATE}]"
        is_open = f"ISNUMBER({due})*({due}>=1)*(1-{_is_one_of(state, [p.DONE])})"
        late = f"({due}<{c.N_TODAY}-{bound('action_past')})"
        days = bound("action_outside")
        beyond = f"({due}>={c.N_YEAR_END}+INT({days})+1)"
        before = f"({due}<{c.N_YEAR_START}-{days})*({due}>={c.N_TODAY})"
        counts = {
            "action_past": f"SUMPRODUCT({is_open}*{late})",
            "action_outside": f"SUMPRODUCT({is_open}*SIGN({beyond}+{before}))",
        }
        return {rule: f'IF({c.N_TODAY}="",0,{count})' for rule, count in counts.items()}

    def _filler(self) -> str:
        """Optional fields in which something is typed that is no answer at all."""
        found = []
        for each in self.fields:
            if each.kind != p.TABLE:
                row = self.cells[each.key]
                typed = f'($H${row}="{p.WANTED}")*(LEN({p.trimmed_formula(f"$B${row}")})>0)'
                is_other = f"*(1-{self._is_typed(each)})" if each.kind in p.FIGURES else ""
                found.append(typed + is_other)
        return "+".join(found)

    def _is_typed(self, each: PlanField) -> str:
        """``udfs.plans.is_filled`` of a field, whatever its kind."""
        row = self.cells[each.key]
        return p.filled_formula(f"$B${row}", f"$D${row}")

    def _entries(self) -> str:
        """Cells that hold an answer of the wrong kind; a needed figure then is missing."""
        found = []
        for each in self.fields:
            row = self.cells[each.key]
            if each.kind == p.LIST:
                wrong = self._wrong(f"$B${row}", each.kind, each.choices)
                found.append(f'($H${row}="ok")*{wrong}')
            elif each.kind in p.FIGURES:
                found.append(f'($H${row}="{p.WANTED}")*{self._is_typed(each)}')
        for key, table in self.tables.items():
            for column in p.PLAN_TABLES[key]:
                if column.kind != p.TEXT and not (column.needed and column.kind in p.FIGURES):
                    cells = f"{table}[{column.name}]"
                    wrong = self._wrong(cells, column.kind, column.choices)
                    found.append(f"SUMPRODUCT({_filled(cells)}*{wrong})")
        return "+".join(found)

    def _wrong(self, cells: str, kind: str, choices: Sequence[str]) -> str:
        if kind == p.LIST:
            return f"(1-{_is_one_of(cells, choices)})"
        return f"(1-{_is_figure(cells, kind)})"

    # --- What is said once ----------------------------------------------------------

    def tests(self) -> dict[str, str]:
        """Of the rules that are said once: when they are."""
        return {**self._people(), **self._target(), **self._play()}

    def _people(self) -> dict[str, str]:
        if p.CONTACTS not in self.tables:
            return {}
        table = self.tables[p.CONTACTS]
        named = self._has(p.CONTACTS, p.NAME)
        decides = f"{named}*{_is_one_of(f'{table}[{p.ROLE}]', p.DECIDING_ROLES)}"
        supports = f"{decides}*{_is_one_of(f'{table}[{p.SUPPORT}]', [p.SUPPORTER])}"
        people, deciding, supporting = (
            f"SUMPRODUCT({each})" for each in (f"{named}*1", decides, supports)
        )
        return {
            "nobody_decides": f"{people}>0,{deciding}<{bound('nobody_decides')}",
            "no_supporter": f"{deciding}>0,{supporting}<{bound('no_supporter')}",
        }

    def _target(self) -> dict[str, str]:
        if p.TARGET_KEY not in self.cells:
            return {}
        row = self.cells[p.TARGET_KEY]
        target = f"$B${row}"
        both = f'$H${row}="ok",ISNUMBER({target}),ISNUMBER({POTENTIAL})'
        modest = "FALSE"
        if p.PLAY_KEY in self.cells:
            play = self.cells[p.PLAY_KEY]
            modest = f'AND($H${play}="ok",{_is_one_of(f"$B${play}", (p.MAINTAIN, p.EXIT))})'
        low = f"{target}<{bound('target_low')}*{POTENTIAL}"
        return {
            "target_high": f"{both},{target}>{bound('target_high')}*{POTENTIAL}",
            "target_low": f"{both},{low},NOT({modest})",
        }

    def _play(self) -> dict[str, str]:
        if p.PLAY_KEY not in self.cells:
            return {}
        row = self.cells[p.PLAY_KEY]
        clashes = []
        for quadrant, fitting in p.FITTING_PLAYS.items():
            unfit = [play for play in p.PLAYS if play not in fitting]
            if unfit:
                clashes.append(f'({QUADRANT}="{quadrant}")*{_is_one_of(f"$B${row}", unfit)}')
        return {"play_contradicts": f'$H${row}="ok",{"+".join(clashes)}>0'}

    def _has(self, table: str, column: str) -> str:
        """Which rows of a table hold a needed column: their flag does not say it is missing."""
        flag = f"{self.tables[table]}[{c.FLAG}]"
        called = next(each.called for each in p.PLAN_TABLES[table] if each.name == column)
        return f'({flag}<>"")*ISERROR(SEARCH("{called}",{flag}))'
