"""Path, the volume play: gates, whether the work fits, the other direction, the leak.

Everything here is live. The other direction, the mends and the pace follow what
is typed as ``udfs.volume`` works them out.
"""

import math
from typing import Final

from ...udfs import funnel, rates, volume
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Column, Sheet, Table, criterion, fixed, literal, quote_sheet
from .activity import AGAINST, FOUND

PER_WEEK: Final = "Per week"
WHOLE: Final = "Per week (whole)"
YOURS: Final = "Your rate"
LAG: Final = "Lag weeks"
LATEST: Final = "Latest day"
WEEKS: Final = "Weeks left"
VOLUME: Final = "Volume"
RATE: Final = "Rate"
SOURCE: Final = "Source"
BETTER: Final = "yours: better than you have ever done"
ASSUMED: Final = "assumed: type your own"

RIGHT: Final = 6
HELP_COLUMN: Final = 20
MOST_GATES: Final = 12
NEWTON_CELLS: Final = 30
EASY_WEEKS: Final = 4

GATES: Final = c.T_GATES
HERE: Final = f"(ROW()-ROW({GATES}[[#Headers],[{w.GATE}]]))"
COUNT: Final = f"ROWS({GATES}[{w.GATE}])"
IS_DEAL: Final = f"{HERE}={COUNT}"


def column(name: str) -> str:
    """A whole column of Gates, as formulas call it."""
    return f"{GATES}[{name}]"


def from_here(name: str) -> str:
    """A column of Gates from this row to the last."""
    return f"INDEX({column(name)},{HERE}):INDEX({column(name)},{COUNT})"


def touches(name: str) -> str:
    """A column of Gates without the deal."""
    return f"INDEX({column(name)},1):INDEX({column(name)},{COUNT}-1)"


def write(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    """Writes the section and gives the first row under it."""
    sheet.section(row, 0, "Volume play: back from the gap to what to do each week", columns)
    at = row + 1
    _inputs(sheet, data, at)
    _capacity(sheet, data, at)
    table = _gates(sheet, data, at + 7)
    _leak(sheet, data, table.below)
    below = _reach(sheet, data, table.below + 2)
    _funnel_chart(sheet, data, table.below + 1)
    return max(below, table.below + 16)


def _inputs(sheet: Sheet, data: Round, at: int) -> None:
    average, targets = data.average_deal, data.path.targets
    sheet.put(at, 0, "Average deal, found", "label")
    sheet.put(at, 1, average.value, "calculation", "money")
    sheet.name_cell(c.N_AVERAGE_FOUND, at, 1)
    sheet.put(at, 2, average.source, "note")
    sheet.name_cell(c.N_AVERAGE_SOURCE, at, 2)
    sheet.put(at + 1, 0, "Average deal, yours", "label")
    sheet.put(at + 1, 1, None, "input", "money")
    sheet.name_cell(c.N_AVERAGE_TYPED, at + 1, 1)
    sheet.restrict(
        f"B{at + 2}",
        {"validate": "decimal", "criteria": ">", "value": 0},
        "Average deal",
        "Money per deal. Blank: the average that was found.",
    )
    sheet.put(at + 2, 0, "Average deal in force", "label")
    yours = f"IF(ISNUMBER(B{at + 2}),B{at + 2}>0,FALSE)"
    sheet.live(
        at + 2,
        1,
        f'=IF({yours},B{at + 2},IF(B{at + 1}="","",B{at + 1}))',
        average.value,
        "output",
        "money",
    )
    sheet.name_cell(c.N_AVERAGE_DEAL, at + 2, 1)
    sheet.put(at + 3, 0, "Selling weeks left", "label")
    sheet.live(
        at + 3,
        1,
        f"=MAX(0,({c.N_YEAR_END}-{c.N_TODAY})/7*(1-WeeksOff/52))",
        targets.weeks,
        "calculation",
        "weeks",
    )
    sheet.put(at + 3, 2, "to the end of the planning year, less weeks off", "note")
    sheet.name_cell(c.N_WEEKS_LEFT, at + 3, 1)
    sheet.put(at + 4, 0, "Deals needed", "label")
    sheet.live(
        at + 4,
        1,
        f'=IF({c.N_GAP}="","",IF({c.N_GAP}<=0,0,IF({c.N_AVERAGE_DEAL}="","",'
        f"{c.N_GAP}/{c.N_AVERAGE_DEAL})))",
        targets.deals,
        "output",
        "decimal",
    )
    sheet.name_cell("DealsNeeded", at + 4, 1)
    _state(sheet, data, at + 5)


def _state(sheet: Sheet, data: Round, row: int) -> None:
    """Why there is nothing to do, or nothing that can be done any more."""
    late = f"SUMPRODUCT(--({column(WEEKS)}=0))"
    first_late = f'INDEX({column(w.GATE)},1)&IF({late}=1,""," to "&INDEX({column(w.GATE)},{late}))'
    told = funnel.TOO_LATE.split("{}")
    sheet.live(
        row,
        0,
        f'=IF({c.N_GAP}="","{funnel.GAP_UNKNOWN}",IF({c.N_GAP}<=0,"{funnel.QUOTA_REACHED}",'
        f'IF({c.N_AVERAGE_DEAL}="","{funnel.AVERAGE_UNKNOWN}",IF({c.N_WEEKS_LEFT}=0,'
        f'"{funnel.NO_WEEKS_LEFT}",IF({late}=0,"","{told[0]}"&{first_late}&"{told[1]}")))))',
        _state_words(data),
        "sentence",
        font_size=10,
        font_color=styles.FLAG_INK,
    )


def _state_words(data: Round) -> str:
    targets = data.path.targets
    late = [gate.gate for gate in targets.gates if gate.weeks == 0]
    if targets.note != funnel.TOO_LATE.format(", ".join(late)):
        return targets.note
    named = late[0] if len(late) == 1 else f"{late[0]} to {late[-1]}"
    return funnel.TOO_LATE.format(named)


# The gates


def _gates(sheet: Sheet, data: Round, row: int) -> Table:
    plan = data.path
    targets = plan.targets.gates
    names = ["Deal" if each.gate == funnel.DEAL else each.gate for each in targets]
    typed = [math.nan if gate.assumed else gate.rate for gate in data.gates]
    whole = [
        math.ceil(round(each.per_week, 9)) if not math.isnan(each.per_week) else math.nan
        for each in targets
    ]
    weekly = plan.weekly.mean(axis=1).round(9)
    done = f"{c.T_ACTIVITY}[{w.COUNT}]"
    columns = [
        Column(
            w.GATE,
            names,
            role="input",
            prompt="What is counted. To add a gate, insert a row above Deal, and type its rate.",
        ),
        Column(
            RATE,
            [each.rate for each in targets],
            formula=_rate_formula(),
            kind="share",
            note="Share that becomes one of the next gate: yours, else what was done, else assumed",
        ),
        Column(SOURCE, _sources(data), formula=_source_formula(), role="note"),
        Column(
            YOURS,
            [*typed, math.nan],
            role="input",
            kind="share",
            rule={
                "validate": "decimal",
                "criteria": "between",
                "minimum": 0.0001,
                "maximum": 1,
                "error_message": "A rate is a share above 0 and at most 100 %.",
            },
            prompt="Share that becomes one of the next gate. Blank: what was done counts.",
        ),
        Column(
            LAG,
            [*(gate.lag_weeks for gate in plan.gates), math.nan],
            role="input",
            kind="weeks",
            rule={
                "validate": "decimal",
                "criteria": "between",
                "minimum": 0,
                "maximum": funnel.LONGEST_LAG,
                "error_message": "Weeks from this gate to the next, 0 to 520.",
            },
            prompt="Weeks from this gate to the next. What stands here is assumed: type your own.",
        ),
        Column(
            LATEST,
            [*plan.latest, data.year.end],
            formula=f'=IF({c.N_YEAR_END}="","",'
            f"{c.N_YEAR_END}-ROUNDUP(ROUND(7*SUM({from_here(LAG)}),9),0))",
            kind="date",
            note="What is done later closes after the year",
        ),
        Column(
            WEEKS,
            [each.weeks for each in targets],
            formula=f"=MAX(0,{c.N_WEEKS_LEFT}-SUM({from_here(LAG)})*(1-WeeksOff/52))",
            kind="weeks",
            note="Selling weeks until the latest day",
        ),
        Column(
            VOLUME,
            [each.volume for each in targets],
            formula=f'=IF(OR([@Gate]="",DealsNeeded="",'
            f'COUNT({from_here(RATE)})<ROWS({from_here(RATE)})),"",'
            f"DealsNeeded/PRODUCT({from_here(RATE)}))",
            kind="decimal",
            note="How many until the latest day",
        ),
        Column(
            PER_WEEK,
            [each.per_week for each in targets],
            formula='=IF([@Volume]="","",IF([@Volume]=0,0,'
            f'IF([@[{WEEKS}]]>0,[@Volume]/[@[{WEEKS}]],"")))',
            kind="decimal",
            note="How many in each selling week",
        ),
        Column(
            WHOLE,
            whole,
            formula='=IF([@[Per week]]="","",ROUNDUP(ROUND([@[Per week]],9),0))',
            role="output",
            kind="count",
            note="The same, in whole numbers",
        ),
        Column(
            volume.DONE_A_WEEK,
            [*weekly, math.nan],
            formula=f'=IF(OR({IS_DEAL},{c.N_LAST_WEEK}=""),"",ROUND(SUMIFS({done},'
            f"{c.T_ACTIVITY}[{w.GATE}],{criterion(f'[@{w.GATE}]')},"
            f'{c.T_ACTIVITY}[{w.WEEK}],">="&({c.N_LAST_WEEK}-{7 * (EASY_WEEKS - 1)}),'
            f'{c.T_ACTIVITY}[{w.WEEK}],"<"&({c.N_LAST_WEEK}+7))/{EASY_WEEKS},9))',
            kind="decimal",
            note=f"On average in the last {EASY_WEEKS} full weeks, from the sheet Activity",
        ),
        Column(
            volume.STAND,
            [*plan.pace[volume.STAND], ""],
            formula=_stand_formula(),
            role="output",
            note="Plan against actual",
        ),
    ]
    table = sheet.table(c.T_GATES, row, 0, columns, len(targets), filters=False)
    _flags(sheet, table)
    return table


def _yours() -> str:
    return f"AND(N([@[{YOURS}]])>0,N([@[{YOURS}]])<=1)"


def _found(name: str) -> str:
    """What GateRates knows of this row's gate."""
    table = c.T_GATE_RATES
    return f"INDEX({table}[{name}],MATCH({literal(f'[@{w.GATE}]')},{table}[{w.GATE}],0))"


def _rate_formula() -> str:
    return f'=IF({IS_DEAL},1,IF({_yours()},[@[{YOURS}]],IFERROR({_found(FOUND)},"")))'


def _source_formula() -> str:
    done, through = _found(rates.DONE), _found(rates.THROUGH)
    counts = (
        f'IF(N({_found(rates.ALL_THROUGH)})=0,"{ASSUMED}",IF({done}=0,"everybody\'s",'
        f'FIXED({through},0)&" of "&FIXED({done},0)&" got through"))'
    )
    better = f"IF(N({_found(rates.BEST)})>0,[@[{YOURS}]]>{_found(rates.BEST)}+0.000000001,FALSE)"
    return (
        f'=IF({IS_DEAL},"",IF({_yours()},IF(IFERROR({better},FALSE),"{BETTER}","yours"),'
        f'IF([@[{YOURS}]]<>"","no share: not used",IFERROR({counts},"type your rate"))))'
    )


def _sources(data: Round) -> list[str]:
    told = []
    for gate, row in zip(data.gates, data.path.history.to_dict("records"), strict=True):
        if not gate.assumed:
            told.append(BETTER if gate.rate > row[rates.BEST] + 1e-9 else "yours")
        elif not row[rates.ALL_THROUGH]:
            told.append(ASSUMED)
        elif not row[rates.DONE]:
            told.append("everybody's")
        else:
            told.append(f"{fixed(row[rates.THROUGH])} of {fixed(row[rates.DONE])} got through")
    return [*told, ""]


def _stand_formula() -> str:
    done = f"[@[{volume.DONE_A_WEEK}]]"
    behind = f"[@[{PER_WEEK}]]-{done}"
    return (
        f'=IF(OR({IS_DEAL},[@Volume]=""),"",IF([@Volume]=0,"{volume.NOTHING_NEEDED}",'
        f'IF([@[{WEEKS}]]=0,"{volume.TOO_LATE}",'
        f'IF(SUM({column(volume.DONE_A_WEEK)})=0,"{volume.NOTHING_LOGGED}",'
        f'IF({behind}<=0.000000001,"{volume.ON_PACE}",'
        f'"behind by "&FIXED({behind},1)&" a week")))))'
    )


def _flags(sheet: Sheet, table: Table) -> None:
    """What needs attention stands out, and says so in words too."""
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    cell = table.cell(0, SOURCE)
    sheet.ws.conditional_format(
        f"{cell}:{table.cell(table.rows - 1, SOURCE)}",
        {"type": "formula", "criteria": f'=LEFT({cell},7)="yours: "', "format": flag},
    )
    cell = table.cell(0, volume.STAND)
    sheet.ws.conditional_format(
        f"{cell}:{table.cell(table.rows - 1, volume.STAND)}",
        {
            "type": "formula",
            "criteria": f'=OR(LEFT({cell},6)="behind",{cell}="{volume.TOO_LATE}")',
            "format": flag,
        },
    )


# Capacity


def _capacity(sheet: Sheet, data: Round, row: int) -> None:
    """Whether the touches that the gap needs fit into the week, and what would make them fit."""
    found = data.path.capacity
    for offset, text in enumerate(("Touches needed a week", "Touches that can be made")):
        sheet.put(row + offset, RIGHT, text, "label")
        sheet.put(row + offset, RIGHT + 1, None, "label")
    per_week = column(PER_WEEK)
    needed, capacity = f"$I${row + 1}", f"$I${row + 2}"
    sheet.live(
        row,
        RIGHT + 2,
        f'=IF(COUNT({per_week})<{COUNT},"",SUM({per_week})-INDEX({per_week},{COUNT}))',
        found.needed,
        "calculation",
        "decimal",
    )
    sheet.live(
        row + 1,
        RIGHT + 2,
        f"=SUM({c.T_WALK}[{w.TOUCHES_PER_WEEK}])",
        found.capacity,
        "calculation",
        "decimal",
    )
    fits = f"{needed}<={capacity}+0.000000001"
    helpers = _mend_helpers(sheet, data, row, needed, capacity)
    lines = (
        (
            f'=IF({needed}="","",IF({fits},"The work fits into the week.",'
            f'"The plan needs "&FIXED({needed}-{capacity},0)'
            f'&" touches a week more than can be made."))',
            _fit_words(found),
        ),
        (
            f'=IF({helpers.best}="","","Raise "&INDEX({column(w.GATE)},{helpers.place})&" from "'
            f'&FIXED(100*INDEX({column(RATE)},{helpers.place}),0)&" % to "'
            f'&FIXED(100*INDEX({column(RATE)},{helpers.place})*{helpers.best},0)&" %,")',
            _rate_words(data),
        ),
        (
            f'=IF({helpers.short},IF({helpers.best}="","Raise","or")&" the average deal to "'
            f'&FIXED({c.N_AVERAGE_DEAL}*{needed}/{capacity},0)&",","")',
            _average_words(found),
        ),
        (
            f'=IF({helpers.short},"or find "&FIXED({helpers.weeks},1)&" more weeks.","")',
            _weeks_words(found),
        ),
    )
    for offset, (formula, words) in enumerate(lines):
        sheet.live(row + 2 + offset, RIGHT, formula, words, "sentence", font_size=10)


class _Helpers:
    """Where the workings of the mends stand."""

    def __init__(self, best: str, place: str, weeks: str, short: str) -> None:
        self.best, self.place, self.weeks, self.short = best, place, weeks, short


def _mend_helpers(sheet: Sheet, data: Round, row: int, needed: str, capacity: str) -> _Helpers:
    """The workings of the mends, in hidden columns: each gate's rise, and Newton's steps."""
    found = data.path.capacity
    short = f"IF(ISNUMBER({needed}),AND({needed}>{capacity}+0.000000001,{capacity}>0),FALSE)"
    per_week = column(PER_WEEK)
    plan = data.path.targets.gates[:-1]
    wrong = not found.fits and not math.isnan(found.needed) and found.capacity > 0
    upstream, first = 0.0, row + 1
    for place in range(1, MOST_GATES + 1):
        at = first + place - 1
        known = wrong and place <= len(plan)
        upstream += plan[place - 1].per_week if known else 0.0
        room = found.capacity - (found.needed - upstream)
        rise = upstream / room if known and room > 0 else math.nan
        fine = known and rise * plan[place - 1].rate <= 1
        above = f"SUM(INDEX({per_week},1):INDEX({per_week},{place}))"
        left = f"({capacity}-({needed}-{above}))"
        sheet.live(
            at,
            HELP_COLUMN,
            f"=IF({short},IF({place}<{COUNT},IF({left}>0,IF(INDEX({column(RATE)},{place})"
            f'*{above}/{left}<=1,{above}/{left},""),""),""),"")',
            rise if fine else "",
            "note",
            "decimal",
        )
    area = f"$U${first + 1}:$U${first + MOST_GATES}"
    steps = _newton(data)
    volumes, weeks = touches(VOLUME), touches(WEEKS)
    for step in range(NEWTON_CELLS + 1):
        before = f"$V${first + step}"
        gone = (
            f"{before}+(SUMPRODUCT({volumes}/({weeks}+{before}))-{capacity})"
            f"/SUMPRODUCT({volumes}/({weeks}+{before})^2)"
        )
        formula = f'=IF({short},{0 if step == 0 else gone},"")'
        sheet.live(first + step, HELP_COLUMN + 1, formula, steps[step], "note", "decimal")
    return _Helpers(
        best=f'IF(COUNT({area})=0,"",MIN({area}))',
        place=f"MATCH(MIN({area}),{area},0)",
        weeks=f"$V${first + NEWTON_CELLS + 1}",
        short=short,
    )


def _newton(data: Round) -> list[float | str]:
    """The steps as the cells take them."""
    found, plan = data.path.capacity, data.path.targets.gates[:-1]
    if found.fits or math.isnan(found.needed) or found.capacity <= 0:
        return [""] * (NEWTON_CELLS + 1)
    steps = [0.0]
    for _ in range(NEWTON_CELLS):
        x = steps[-1]
        excess = math.fsum(t.volume / (t.weeks + x) for t in plan) - found.capacity
        steps.append(x + excess / math.fsum(t.volume / (t.weeks + x) ** 2 for t in plan))
    return list(steps)


def _fit_words(found: volume.Capacity) -> str:
    if math.isnan(found.needed):
        return ""
    if found.fits:
        return "The work fits into the week."
    more = fixed(found.needed - found.capacity)
    return f"The plan needs {more} touches a week more than can be made."


def _rate_words(data: Round) -> str:
    found = data.path.capacity
    if not found.gate:
        return ""
    rate = next(t.rate for t in data.path.targets.gates if t.gate == found.gate)
    return f"Raise {found.gate} from {fixed(100 * rate)} % to {fixed(100 * found.rate_to)} %,"


def _average_words(found: volume.Capacity) -> str:
    first = "or" if found.gate else "Raise"
    known = not math.isnan(found.average_deal_to)
    return f"{first} the average deal to {fixed(found.average_deal_to)}," if known else ""


def _weeks_words(found: volume.Capacity) -> str:
    known = not math.isnan(found.more_weeks)
    return f"or find {fixed(found.more_weeks, 1)} more weeks." if known else ""


# The leak, and the other direction


def _leak(sheet: Sheet, data: Round, row: int) -> None:
    table = c.T_GATE_RATES
    ratio = f"{table}[{AGAINST}]"
    at = f"MATCH(MIN({ratio}),{ratio},0)"

    def of(name: str) -> str:
        return f"INDEX({table}[{name}],{at})"

    own = f"FIXED(100*{of(rates.THROUGH)}/{of(rates.DONE)},0)"
    average = f"FIXED(100*{of(rates.ALL_THROUGH)}/{of(rates.ALL_DONE)},0)"
    found = data.path.leak
    words = ""
    if found is not None:
        words = (
            f"{found.gate} leak most: {fixed(100 * found.rate)} % of {fixed(found.done)} got "
            f"through, everybody's {fixed(100 * found.average)} %."
        )
    sheet.live(
        row,
        0,
        f'=IF(COUNT({ratio})=0,"",IF(MIN({ratio})>=1,"",{of(w.GATE)}&" leak most: "&{own}'
        f'&" % of "&FIXED({of(rates.DONE)},0)&" got through, everybody\'s "&{average}&" %."))',
        words,
        "sentence",
        bold=True,
    )


def _reach(sheet: Sheet, data: Round, row: int) -> int:
    """With so many a week, what do I reach?"""
    gates = data.path.targets.gates
    asked = gates[min(1, len(gates) - 2)].gate
    sheet.put(row, 0, "With so many a week, what do I reach?", "label")
    sheet.put(row, 1, None, "label")
    sheet.put(row + 1, 0, "Of which gate", "label")
    sheet.put(row + 1, 1, asked, "input")
    sheet.choose(
        f"B{row + 2}",
        f"={quote_sheet(c.PATH)}!{_gate_cells(sheet)}",
        "Which gate",
        "The gate that you count.",
    )
    sheet.name_cell("ReachGate", row + 1, 1)
    sheet.put(row + 2, 0, "How many a week", "label")
    sheet.put(row + 2, 1, None, "input", "decimal")
    sheet.restrict(
        f"B{row + 3}",
        {"validate": "decimal", "criteria": ">=", "value": 0},
        "How many a week",
        "As many as you can do: 60 calls a week.",
    )
    sheet.name_cell("ReachPerWeek", row + 2, 1)
    at = f"MATCH({literal('ReachGate')},{column(w.GATE)},0)"
    known = f"AND(ISNUMBER(ReachPerWeek),ISNUMBER({at}))"
    rate = f"INDEX({column(RATE)},{at}):INDEX({column(RATE)},{COUNT})"
    sheet.put(row + 3, 0, "Deals by the year's end", "label")
    sheet.live(
        row + 3,
        1,
        f"=IF({known},IF(AND(ReachPerWeek>=0,COUNT({rate})=ROWS({rate})),"
        f'ReachPerWeek*INDEX({column(WEEKS)},{at})*PRODUCT({rate}),""),"")',
        "",
        "output",
        "decimal",
    )
    sheet.name_cell("ReachDeals", row + 3, 1)
    sheet.put(row + 4, 0, "Money by the year's end", "label")
    sheet.live(
        row + 4,
        1,
        f'=IF(OR(ReachDeals="",{c.N_AVERAGE_DEAL}=""),"",ReachDeals*{c.N_AVERAGE_DEAL})',
        "",
        "output",
        "money",
    )
    sheet.name_cell("ReachMoney", row + 4, 1)
    sheet.live(
        row + 5,
        0,
        '=IF(ReachMoney="","Type how many a week to see what they bring.",'
        f'IF(N({c.N_GAP})<=0,"That is on top of the quota.",'
        f'FIXED(100*ReachMoney/{c.N_GAP},0)&" % of the gap."))',
        "Type how many a week to see what they bring.",
        "sentence",
        font_size=10,
    )
    return row + 7


def _gate_cells(sheet: Sheet) -> str:
    """The names of the gates, as a list to pick from."""
    return sheet.book.tables[c.T_GATES].area(w.GATE).rpartition("!")[2]


def _funnel_chart(sheet: Sheet, data: Round, row: int) -> None:
    """The funnel: each gate a bar, as wide as its volume, hung in the middle."""
    targets = data.path.targets.gates
    top = max((t.volume for t in targets if not math.isnan(t.volume)), default=0.0)
    col, first = HELP_COLUMN + 2, row
    widest = f"MAX({column(VOLUME)})"
    for place, target in enumerate(targets, start=1):
        value = 0.0 if math.isnan(target.volume) else target.volume
        name = "Deal" if target.gate == funnel.DEAL else target.gate
        held = f"N(INDEX({column(VOLUME)},{place}))"
        at = first + place - 1
        sheet.live(
            at,
            col,
            f'=INDEX({column(w.GATE)},{place})&": "&FIXED({held},0)',
            f"{name}: {fixed(value)}",
            "note",
        )
        sheet.live(at, col + 1, f"=({widest}-{held})/2", (top - value) / 2, "note", "decimal")
        sheet.live(at, col + 2, f"={held}", value, "note", "decimal")
    chart = sheet.book.chart("bar", "stacked")
    last = first + len(targets) - 1

    def area(offset: int) -> list[object]:
        return [c.PATH, first, col + offset, last, col + offset]

    chart.add_series(
        {
            "name": "Edge",
            "categories": area(0),
            "values": area(1),
            "fill": {"none": True},
            "border": {"none": True},
            "gap": 25,
        }
    )
    chart.add_series(
        {
            "name": VOLUME,
            "categories": area(0),
            "values": area(2),
            "fill": {"color": styles.TEAL},
            "gap": 25,
        }
    )
    chart.show_hidden_data()
    chart.set_legend({"none": True})
    chart.set_title(
        {
            "name": "The funnel: how many at each gate",
            "name_font": {"size": 12, "color": styles.NAVY},
        }
    )
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_size({"width": 620, "height": 260})
    sheet.ws.insert_chart(
        row + 1,
        4,
        chart,
        {"description": "Funnel: one bar per gate, as wide as the volume that closes the gap."},
    )
