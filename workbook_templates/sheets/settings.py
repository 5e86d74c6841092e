"""Settings: the inputs of the model, with units, ranges and where each number comes from."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ...udfs import words as w
from ...udfs.plans import FILLER_WORDS, REQUIREMENTS, RUBRIC
from ...udfs.scoring import AXES, METHODS, Attribute
from ...udfs.segments import OPERATORS
from ...udfs.settings import SCALARS, Scalar, Settings
from .. import contract as c
from ..round import Round
from ..writer import Book, Column, Sheet, Table, criterion, escape_column
from .deals import listed

UNITS: Final = {
    "share": "share, 0-1",
    "score": "0-100",
    "money": "money",
    "days": "days",
    "weeks": "weeks a year",
    "count": "number",
    "month": "month, 1-12",
    "word": "pick one",
    "date": "date",
    "factor": "times",
}
KINDS: Final = {
    "share": "percent",
    "score": "score",
    "money": "money",
    "word": "text",
    "factor": "auc",
}
CALIBRATED: Final = ("win_probability_active", "win_probability_others", "win_odds_per_ten")
UP_TO_DATE: Final = "up to date"
NO_DATA: Final = "no data: left out"
DUE_KEPT: Final = "set with an earlier export of this planning year"
WORKINGS: Final = 9
LAST_WORKING: Final = 13
"""What the attributes were when they were scored: read by formulas, not by people."""
FILLER_COLUMN: Final = 15


def write(book: Book, data: Round) -> None:
    """Writes the sheet, and the names that formulas everywhere read."""
    sheet = book.sheets[c.SETTINGS]
    sheet.heading("Settings", "What the model goes by. Yellow cells are yours; the rest follows.")
    sheet.widths(36, 36, 26, 18, 26, 52, 52, 14, 14, 24, 16, 18)
    sheet.ws.set_column(WORKINGS, LAST_WORKING, 16, None, {"hidden": True, "level": 1})
    sheet.ws.freeze_panes(2, 1)
    row = _inputs(sheet, data, 3)
    row = _dates(sheet, data, row + 1)
    row = _attributes(sheet, data, row + 1)
    row = _segments(sheet, data, row + 1)
    row = _quadrant_actions(sheet, data, row + 1)
    _plan_tables(sheet, data, row + 1)
    _fillers(sheet)


def _inputs(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "Numbers and choices", 7)
    sheet.put(
        row + 1, 0, "Leave your value blank to go by what was found or by the default.", "note"
    )
    defaults = Settings()
    known = [found(scalar, data, defaults) for scalar in SCALARS]
    typed = [_typed(scalar, data, defaults) for scalar in SCALARS]
    top = row + 2
    columns = [
        Column("Setting", [s.label for s in SCALARS], role="label", width=30),
        Column("Your value", [""] * len(SCALARS), role="input"),
        Column("Found or default", [""] * len(SCALARS)),
        Column("In force", [""] * len(SCALARS), role="output"),
        Column("Unit", [UNITS[s.kind] for s in SCALARS], role="note"),
        Column("What it means", [s.note for s in SCALARS], role="note", wrap=True, width=52),
        Column(
            "Where the number comes from",
            [source for _, source in known],
            role="note",
            wrap=True,
            width=52,
        ),
    ]
    table = sheet.table(c.T_MODEL_SETTINGS, top, 0, columns, len(SCALARS), filters=False)
    for offset, scalar in enumerate(SCALARS):
        at = top + 1 + offset
        kind = KINDS.get(scalar.kind, "date" if scalar.kind == "date" else "number")
        value, own = known[offset][0], typed[offset]
        sheet.put(at, 1, own, "input", kind, align="left")
        sheet.put(at, 2, value, "calculation", kind, align="left")
        sheet.live(
            at,
            3,
            _in_force(scalar, at + 1),
            value if _blank(own) else own,
            "output",
            kind,
            align="left",
        )
        sheet.name_cell(scalar.name, at, 3)
        _restrict(sheet, at, scalar)
    return table.below


def _in_force(scalar: Scalar, row: int) -> str:
    """What is typed where the setting can be that, else what was found or the default.

    Checked again here, for what is pasted goes past the validation.
    """
    if scalar.choices:
        words = ",".join(f'B{row}="{word}"' for word in scalar.choices)
        test = f"OR({words})"
    elif scalar.kind == "date":
        test = f"ISNUMBER(B{row})"
    else:
        most = "" if scalar.high is None else f",B{row}<={scalar.high:g}"
        test = f"IF(ISNUMBER(B{row}),AND(B{row}>={scalar.low:g}{most}),FALSE)"
    return f'=IF({test},B{row},IF(C{row}="","",C{row}))'


def _restrict(sheet: Sheet, row: int, scalar: Scalar) -> None:
    cell = f"B{row + 1}"
    prompt = f"{scalar.note}. Blank: {scalar.blank or 'the default beside it'}."
    if scalar.choices:
        sheet.choose(cell, scalar.choices, scalar.label, prompt)
        return
    if scalar.kind == "date":
        rule: dict[str, Any] = {
            "validate": "date",
            "criteria": ">=",
            "value": pd.Timestamp("2000-01-01").to_pydatetime(),
        }
    else:
        high = scalar.high if scalar.high is not None else 1e15
        rule = {
            "validate": "integer" if scalar.kind in ("month", "count") else "decimal",
            "criteria": "between",
            "minimum": scalar.low,
            "maximum": high,
            "error_message": f"{scalar.label}: {scalar.low:g} to {high:g}.",
        }
    sheet.restrict(cell, rule, scalar.label, prompt)


def found(scalar: Scalar, data: Round, defaults: Settings) -> tuple[object, str]:
    """What holds when nothing is typed, and where it comes from."""
    from_data = {
        "retention": data.retention,
        "win_probability": data.win_probability,
        "stale_after": data.stale,
    }
    if scalar.key in from_data:
        return from_data[scalar.key].value, from_data[scalar.key].source
    if scalar.key == "money_cut":
        if math.isnan(data.cuts.median):
            return None, "no account has a Potential $ yet"
        return data.cuts.median, "median Potential $ of all scored accounts"
    if scalar.key == "plan_due":
        is_new = data.due_found == data.due_anew
        return data.due_found, "30 days after the as-of date" if is_new else DUE_KEPT
    if scalar.key in CALIBRATED:
        return None, "not calibrated: Evidence suggests it where history can tell"
    return getattr(defaults, scalar.key), "default"


def _typed(scalar: Scalar, data: Round, defaults: Settings) -> object:
    value = getattr(data.settings, scalar.key)
    return None if value == getattr(defaults, scalar.key) else value


def _blank(value: object) -> bool:
    return value is None or value == ""


def _dates(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "The round", 7)
    needed = None if math.isnan(data.needed_per_account) else data.needed_per_account
    facts: list[tuple[str, object, str, str, str]] = [
        ("As-of date", data.as_of, "date", c.N_AS_OF, "The day that is planned from"),
        ("Latest day of the data", data.data_day, "date", c.N_DATA_DAY, "The day it speaks for"),
        ("Planning year from", data.year.start, "date", c.N_YEAR_START, "Its first day"),
        ("Planning year to", data.year.end, "date", c.N_YEAR_END, "Its last day"),
        (
            "Win rate of all closed deals",
            data.base_rate.value,
            "share",
            c.N_BASE_RATE,
            base_source(data),
        ),
        (
            "Days that a win takes",
            None if math.isnan(data.cycle.value) else data.cycle.value,
            "days",
            c.N_CYCLE,
            cycle_source(data),
        ),
        (
            "Average account must bring",
            needed,
            "money",
            c.N_NEEDED,
            "Sum of all quotas / number of all accounts, beside the money cut",
        ),
        (
            "Accounts scored together",
            data.scored_together,
            "count",
            c.N_SCORED_TOGETHER,
            "Scores compare so many accounts; where they are not all here, scores come from the "
            "team workbook",
        ),
        (
            "Deals not listed",
            len(data.deals) - len(listed(data)),
            "count",
            c.N_DEALS_NOT_LISTED,
            "Old closed deals that count in the numbers and do not stand on Deals",
        ),
    ]
    for offset, (label, value, kind, name, note) in enumerate(facts, start=1):
        sheet.put(row + offset, 0, label, "label")
        sheet.put(row + offset, 1, value, "calculation", kind, align="left")
        sheet.name_cell(name, row + offset, 1)
        sheet.put(row + offset, 5, note, "note")
        if name in (c.N_BASE_RATE, c.N_CYCLE):
            sheet.name_cell(name + c.SOURCE, row + offset, 5)
    at = row + len(facts) + 1
    sheet.put(at, 0, "Accounts are placed by", "label")
    sheet.live(
        at,
        1,
        f'=IF(PlacedBySetting="auto",{c.N_PLACED_BY_FOUND},PlacedBySetting)',
        data.cuts.placed_by,
        "output",
        align="left",
    )
    auto = data.cuts.placed_by if data.settings.placed_by == "auto" else w.POTENTIAL_MONEY
    sheet.put(at, 2, auto, "calculation")
    sheet.name_cell(c.N_PLACED_BY_FOUND, at, 2)
    sheet.put(
        at, 5, "What auto found; by Potential where fewer than 80 % have a Potential $", "note"
    )
    sheet.name_cell(c.N_PLACED_BY, at, 1)
    sheet.put(at + 1, 0, "Cut on that axis", "label")
    sheet.live(
        at + 1,
        1,
        f'=IF({c.N_PLACED_BY}="{w.POTENTIAL_MONEY}",N(MoneyCut),PotentialCut)',
        data.cuts.potential,
        "output",
        "money",
        align="left",
    )
    sheet.name_cell(c.N_CUT, at + 1, 1)
    return at + 2


def base_source(data: Round) -> str:
    """Where the win rate of all closed deals comes from."""
    return data.base_rate.source[:1].upper() + data.base_rate.source[1:]


def cycle_source(data: Round) -> str:
    """Where the days that a win takes come from."""
    return (data.cycle.source or "not known: 90 are assumed").capitalize()


def _attributes(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "Attributes: what is scored, and how much it weighs", 7)
    for offset, axis in enumerate(AXES):
        total = sum(a.weight for a in data.settings.attributes if a.axis == axis)
        at = row + 1 + offset
        sheet.put(at, 0, f"{axis} weights total", "label")
        sheet.live(
            at,
            1,
            f'=SUMIFS({c.T_ATTRIBUTES}[Weight],{c.T_ATTRIBUTES}[Axis],"{axis}")',
            total,
            "calculation",
            "number",
            align="left",
        )
        sheet.live(
            at,
            2,
            f'=IF(ABS(B{at + 1}-100)<0.000001,"ok","must total 100")',
            "ok",
            "output",
        )
    sheet.put(
        row + 3,
        0,
        "A changed weight acts at once. After any other change press Score accounts.",
        "note",
    )
    attributes = data.settings.attributes
    columns = _attribute_columns(attributes, data)
    table = sheet.table(c.T_ATTRIBUTES, row + 4, 0, columns, len(attributes), blank_rows=6)
    for offset, attribute in enumerate(attributes):
        sheet.live(
            table.row + 1 + offset,
            table.columns.index("Data now"),
            checksum_formula(attribute, data.accounts.columns),
            checksum(attribute, data.accounts),
            kind="general",
        )
    _scores_current(sheet, data, table)
    return table.below


def _attribute_columns(attributes: Sequence[Attribute], data: Round) -> list[Column]:
    checksums = [checksum(a, data.accounts) for a in attributes]
    with_data = [
        float(data.scores[a.name].notna().sum()) if a in data.attributes else 0.0
        for a in attributes
    ]
    states = [UP_TO_DATE if count else NO_DATA for count in with_data]
    defined = [definition(a) for a in attributes]
    defined_now = '[@Axis]&"|"&[@Method]&"|"&[@[Lower is better]]&"|"&[@Scale]'
    state = (
        f'=IF([@Attribute]="","",IF([@[Defined when scored]]="","new: press Score accounts",'
        f'IF({defined_now}<>[@[Defined when scored]],"definition changed",'
        f'IF([@Weight]<>[@[Weight when scored]],"weight changed",'
        f"IF(ABS([@[Data now]]-[@[Data when scored]])>0.000000001*MAX(1,ABS([@[Data now]])),"
        f'"data changed",IF([@[Accounts with data]]=0,"{NO_DATA}","{UP_TO_DATE}"))))))'
    )
    return [
        Column(
            "Attribute",
            [a.name for a in attributes],
            role="input",
            prompt="A column of Accounts, spelled as there.",
        ),
        Column("Axis", [a.axis for a in attributes], role="input", choices=AXES),
        Column(
            "Weight",
            [a.weight for a in attributes],
            role="input",
            kind="number",
            rule={
                "validate": "decimal",
                "criteria": "between",
                "minimum": 0,
                "maximum": 100,
            },
            prompt="0 to 100. The weights of an axis total 100.",
        ),
        Column("Method", [a.method for a in attributes], role="input", choices=METHODS),
        Column(
            "Lower is better",
            ["yes" if a.lower_is_better else "" for a in attributes],
            role="input",
            choices=("yes",),
        ),
        Column(
            "Scale",
            [_scale(a) for a in attributes],
            role="input",
            prompt="For bands: lower bound=score; for map: category=score; stand apart by ;",
        ),
        Column("State", states, formula=state, role="output"),
        Column("Accounts with data", with_data, kind="count"),
        Column(
            c.IN_USE,
            ["yes" if a in data.attributes else "" for a in attributes],
            note="yes: some account has a value; the weights of the others are shared out",
        ),
        Column(
            c.AVERAGE_ACCOUNT,
            [data.averages.get(a.name, math.nan) for a in attributes],
            kind="score",
            note="Points that the attribute gave the average account when it was scored",
        ),
        Column("Weight when scored", [a.weight for a in attributes], kind="number"),
        Column("Defined when scored", defined),
        Column("Data now", checksums, kind="general", note="A checksum."),
        Column("Data when scored", checksums, kind="general", note="The checksum then."),
    ]


def _scores_current(sheet: Sheet, data: Round, table: Table) -> None:
    compare = data.settings.compare
    at = table.row - 2
    sheet.put(at - 1, 4, "Scores up to date?", "label")
    sheet.live(
        at - 1,
        5,
        f'=IF({c.N_SCORES_CURRENT},"yes","no: press Score accounts")',
        "yes",
        "output",
    )
    sheet.live(
        at - 1,
        WORKINGS,
        f'=AND(COUNTIF({c.T_ATTRIBUTES}[State],"*changed")+COUNTIF({c.T_ATTRIBUTES}[State],"new*")'
        f"=0,PotentialCompare={c.N_POTENTIAL_COMPARED},"
        f"LikelihoodCompare={c.N_LIKELIHOOD_COMPARED})",
        True,
        "note",
        align="left",
    )
    sheet.name_cell(c.N_SCORES_CURRENT, at - 1, WORKINGS)
    then = ((w.POTENTIAL, c.N_POTENTIAL_COMPARED), (w.LIKELIHOOD, c.N_LIKELIHOOD_COMPARED))
    for offset, (axis, name) in enumerate(then):
        sheet.put(at + offset, 4, f"{axis} within", "label")
        sheet.put(at + offset, 5, compare[axis], "calculation")
        sheet.name_cell(name, at + offset, 5)


def definition(attribute: Attribute) -> str:
    """How an attribute is scored, in one text, as Attributes spells it out."""
    lower = "yes" if attribute.lower_is_better else ""
    return f"{attribute.axis}|{attribute.method}|{lower}|{_scale(attribute)}"


def _scale(attribute: Attribute) -> str:
    return "; ".join(f"{key}={score:.15g}" for key, score in attribute.scale.items())


def checksum_formula(attribute: Attribute, columns: Iterable[str]) -> str:
    """``checksum`` as a native formula; its own for each attribute, naming its column.

    Args:
        attribute: that is scored.
        columns: of Accounts.
    """
    if attribute.name not in columns:
        return "=0"
    column = f"{c.T_ACCOUNTS}[{escape_column(attribute.name)}]"
    row = f"{c.T_ACCOUNTS}[{c.SCORES_ROW}]"
    if attribute.method == "map":
        value = f'(LEN({column})*31+CODE({column}&" "))'
        return f"=SUMPRODUCT({value}*ISNUMBER({row}),{row})"
    return f"=SUMPRODUCT({column},{row})"


def checksum(attribute: Attribute, accounts: pd.DataFrame) -> float:
    """The native checksum of an attribute's column: each value times its account's row.

    Args:
        attribute: that is scored.
        accounts: one row per account, with the row of each on Scores.
    """
    if attribute.name not in accounts or accounts.empty:
        return 0.0
    values, rows = accounts[attribute.name], accounts[c.SCORES_ROW]
    if attribute.method == "map":
        if pd.api.types.is_numeric_dtype(values):
            text = values.map(lambda x: "" if pd.isna(x) else f"{x:.15g}").astype(str)
        else:
            text = values.fillna("").astype(str)
        first = text.map(lambda t: ord((t + " ")[0].encode("cp1252", "replace")))
        return float(((text.str.len() * 31 + first) * rows).sum())
    if not pd.api.types.is_numeric_dtype(values):
        return 0.0
    return float(np.nansum(values.to_numpy(float) * rows.to_numpy(float)))


def _segments(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "Segments: named groups of accounts, each with what it is for", 7)
    sheet.put(row + 1, 0, "The first segment whose rules match wins; the rest are Other.", "note")
    segments = data.settings.segments
    names = [s.name for s in segments]
    accounts = data.accounts
    live = f"{c.T_ACCOUNTS}[{w.SEGMENT}]"
    mine = criterion("[@Segment]")
    counts = [float((accounts[w.SEGMENT] == name).sum()) for name in names]
    money = [
        float(accounts.loc[accounts[w.SEGMENT] == name, w.EXPECTED_MONEY].sum()) for name in names
    ]
    table = sheet.table(
        c.T_SEGMENTS,
        row + 2,
        0,
        [
            Column("Segment", names, role="input", prompt="What to call the group."),
            Column(
                "Action",
                [s.action for s in segments],
                role="input",
                wrap=True,
                width=36,
                prompt="What the team does with these accounts.",
            ),
            Column(
                "Accounts",
                counts,
                formula=f'=IF([@Segment]="","",COUNTIFS({live},{mine}))',
                kind="count",
            ),
            Column(
                w.EXPECTED_MONEY,
                money,
                formula=f'=IF([@Segment]="","",SUMIFS({c.T_ACCOUNTS}[{w.EXPECTED_MONEY}],'
                f"{live},{mine}))",
                kind="money",
            ),
        ],
        len(segments),
        blank_rows=4,
    )
    row = table.below + 1
    rules = [
        (s.name, rule.attribute, rule.operator, rule.value, float(number))
        for s in segments
        for number, rule_set in enumerate(s.rule_sets, start=1)
        for rule in rule_set
    ]
    sheet.put(
        row,
        0,
        "All rules of one set must hold; a segment with several sets needs one of them.",
        "note",
    )
    table = sheet.table(
        c.T_SEGMENT_RULES,
        row + 1,
        0,
        [
            Column("Segment", [r[0] for r in rules], role="input", prompt="As in Segments above."),
            Column(
                "Attribute", [r[1] for r in rules], role="input", prompt="A column of Accounts."
            ),
            Column("Operator", [r[2] for r in rules], role="input", choices=tuple(OPERATORS)),
            Column(
                "Value",
                [r[3] for r in rules],
                role="input",
                prompt="Several values, or the two of between, stand apart by ;",
            ),
            Column("Set", [r[4] for r in rules], role="input", kind="number", prompt="1, 2, ..."),
        ],
        len(rules),
        blank_rows=10,
    )
    return table.below


def _quadrant_actions(sheet: Sheet, data: Round, row: int) -> int:
    sheet.section(row, 0, "What to do in each quadrant", 7)
    actions = data.settings.quadrant_actions
    table = sheet.table(
        c.T_QUADRANT_ACTIONS,
        row + 1,
        0,
        [
            Column("Quadrant", [a.quadrant for a in actions], role="label"),
            Column(
                "Active accounts", [a.active for a in actions], role="input", wrap=True, width=36
            ),
            Column(
                "Other accounts", [a.others for a in actions], role="input", wrap=True, width=26
            ),
        ],
        len(actions),
        filters=False,
    )
    return table.below


def _plan_tables(sheet: Sheet, data: Round, row: int) -> None:
    sheet.section(row, 0, "Plan tabs: which fields are asked for", 7)
    fields, rules = data.settings.plan_fields, data.settings.plan_rules
    table = sheet.table(
        c.T_PLAN_FIELDS,
        row + 1,
        0,
        [
            Column("Key", [f.key for f in fields], role="label"),
            Column("Field", [f.label for f in fields], role="calculation"),
            Column("Section", [f.section for f in fields], role="calculation"),
            Column(
                "Required",
                [f.requirement for f in fields],
                role="input",
                choices=REQUIREMENTS,
                prompt="required: the plan is incomplete without; wanted; off.",
            ),
            Column("Kind", [f.kind for f in fields], role="calculation"),
            Column("Prompt", [f.prompt for f in fields], role="note", wrap=True, width=52),
            Column("Example", [f.example for f in fields], role="note", wrap=True, width=52),
        ],
        len(fields),
        filters=False,
    )
    row = table.below + 1
    sheet.section(row, 0, "Plan rules: what makes a plan good", 7)
    table = sheet.table(
        c.T_PLAN_RULES,
        row + 1,
        0,
        [
            Column("Key", [r.key for r in rules], role="label"),
            Column("Rule", [r.label for r in rules], role="calculation", wrap=True, width=36),
            Column(
                "Serious",
                ["yes" if r.serious else "no" for r in rules],
                role="input",
                choices=("yes", "no"),
                prompt="yes: a plan that breaks it cannot be good.",
            ),
            Column(
                "Bound",
                [r.bound for r in rules],
                role="input",
                kind="general",
                prompt="Where it starts to matter, in the unit beside it.",
            ),
            Column("Unit", [r.unit for r in rules], role="note"),
            Column("Message", [r.message for r in rules], role="note", wrap=True, width=52),
        ],
        len(rules),
        filters=False,
    )
    _path_rules(sheet, data, _rubric(sheet, table.below + 1))


def _rubric(sheet: Sheet, row: int) -> int:
    """What the manager's ratings mean, for the team to put into its own words; the next row."""
    sheet.section(row, 0, "Ratings: what the manager's 1 to 5 on Tracker means", 7)
    meanings = [
        Column("Rating", [float(rating) for rating in RUBRIC], role="label", kind="count"),
        Column(
            "What it means",
            list(RUBRIC.values()),
            role="input",
            prompt="Say it in your team's own words.",
        ),
    ]
    table = sheet.table(c.T_PLAN_RUBRIC, row + 1, 0, meanings, len(RUBRIC), filters=False)
    return table.below + 1


def _path_rules(sheet: Sheet, data: Round, row: int) -> None:
    sheet.section(row, 0, "Path rules: what makes a path to the quota believable", 7)
    rules = data.settings.path_rules
    sheet.table(
        c.T_PATH_RULES,
        row + 1,
        0,
        [
            Column("Key", [r.key for r in rules], role="label"),
            Column("Rule", [r.label for r in rules], role="calculation", wrap=True, width=36),
            Column(
                "Asked",
                ["yes" if r.on else "no" for r in rules],
                role="input",
                choices=("yes", "no"),
                prompt="no: the path is not held to this rule.",
            ),
            Column(
                "Bar",
                [r.bar for r in rules],
                role="input",
                kind="percent",
                rule={"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 10},
                prompt="Where the line is; blank where the rule has none.",
            ),
            Column("What the bar means", [r.note for r in rules], role="note"),
        ],
        len(rules),
        filters=False,
    )


def _fillers(sheet: Sheet) -> None:
    column = FILLER_COLUMN
    sheet.ws.set_column(column, column, 26)
    sheet.put(3, column, "Words that are no answer", "section")
    for offset, word in enumerate(FILLER_WORDS):
        sheet.put(4 + offset, column, word, "input")
    letter = chr(ord("A") + column)
    sheet.book.define(c.N_FILLERS, f"'{c.SETTINGS}'!${letter}$5:${letter}${4 + len(FILLER_WORDS)}")
