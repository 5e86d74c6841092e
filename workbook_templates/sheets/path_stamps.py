"""Path, the stamps: when Python worked something out, and whether what it rests on has changed.

Three things come from Python together: the odds, the lists of deals with the year
by quarter, and the manager's checks. Each remembers the numbers it rested on. A
native formula holds them against those of now, so what is out of date turns grey.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ...udfs import believable, funnel, timing
from ...udfs import words as w
from ...udfs.path_plan import PathFacts, PathPlan
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Column, Sheet
from . import deals
from .path_volume import HELP_COLUMN, LAG, RATE

INPUT: Final = "Rests on"
NOW: Final = "Now"
CHANGED: Final = "Changed since"
FIRST_DAY: Final = pd.Timestamp("1899-12-30")
LEAST: Final = "0.000000001"


@dataclass(frozen=True)
class Stamp:
    """What is worked out together.

    Attributes:
        key: what Changed since calls it.
        then: the column of PathInputs with what it rested on.
        done: how its sentence begins.
        button: what renews it.
        current: the name of the cell that is 1 while nothing has changed; ``day`` that of its day.
    """

    key: str
    then: str
    done: str
    button: str
    current: str
    day: str

    @property
    def out_of_date(self) -> str:
        """What its sentence says once something has changed."""
        return f"Out of date since something it rests on changed: press {self.button}."

    def words(self, day: pd.Timestamp) -> str:
        """What its sentence says until then."""
        return f"{self.done} on {day:%Y-%m-%d}."


ODDS: Final = Stamp(
    "odds",
    "When played",
    "Played through",
    "Compute funnel targets",
    c.N_PATH_CURRENT,
    c.N_ODDS_DAY,
)
LISTS: Final = Stamp(
    "lists", "When listed", "Worked out", "Compute timing plan", c.N_LISTS_CURRENT, c.N_LISTS_DAY
)
CHECKS: Final = Stamp(
    "checks",
    "When checked",
    "Checked",
    "Compute funnel targets",
    c.N_CHECKS_CURRENT,
    c.N_CHECKS_DAY,
)
STAMPS: Final = (ODDS, LISTS, CHECKS)
PLAYED: Final = (ODDS, CHECKS)


@dataclass(frozen=True)
class Input:
    """Something that a stamp holds: what it is called, its formula, its value, and for which."""

    name: str
    formula: str
    value: Callable[[PathFacts, PathPlan], float]
    stamps: tuple[Stamp, ...] = STAMPS


def _weighed(name: str, table: str) -> str:
    """A column as one number that knows the order of its rows."""
    cells = f"{table}[{name}]"
    return f"SUMPRODUCT(ROW({cells})-ROW({table}[[#Headers],[{name}]]),{cells})"


def _in_order(values: Sequence[float]) -> float:
    return math.fsum(place * _number(value) for place, value in enumerate(values, start=1))


def _of_deals(name: str, state: str) -> str:
    return f'SUMIFS({c.T_DEALS}[{name}],{c.T_DEALS}[{w.STATE}],"{state}")'


def _sum_of_deals(name: str, state: str) -> Callable[[PathFacts, PathPlan], float]:
    def value(facts: PathFacts, _: PathPlan) -> float:
        cells = facts.deals.loc[facts.deals[w.STATE] == state, name]
        if name in (w.OPENED, w.CLOSE_DATE):
            cells = (cells.dropna() - FIRST_DAY) / pd.Timedelta(1, "D")
        return float(cells.sum())

    return value


def _letters(facts: PathFacts, _: PathPlan) -> float:
    stages = facts.deals.loc[facts.deals[w.STATE] == w.OPEN, w.STAGE]
    return float(sum(len(stage.encode("utf-16-le")) // 2 for stage in stages))


def _months(facts: PathFacts, _: PathPlan) -> float:
    months = pd.to_numeric(facts.accounts[w.FISCAL_YEAR_END], errors="coerce")
    return float(months[months.between(1, 12)].sum())


PLAYS: Final = (w.VOLUME_PLAY, w.TIMING_PLAY, believable.BOTH_PLAYS)


def _play(facts: PathFacts, _: PathPlan) -> float:
    return float(PLAYS.index(facts.play) + 1) if facts.play in PLAYS else 0.0


def _rules_formula() -> str:
    """The bars and which rules are asked; a blank bar is the default."""
    bar, asked = f"{c.T_PATH_RULES}[Bar]", f"{c.T_PATH_RULES}[Asked]"
    place = f"ROW({bar})-ROW({c.T_PATH_RULES}[[#Headers],[Bar]])"
    defaults = ";".join(f"{rule.bar or 0:.15g}" for rule in believable.PATH_RULES)
    return (
        f"IFERROR(SUMPRODUCT({place},{bar})"
        f'+SUMPRODUCT(({place})*({bar}="")*{{{defaults}}})'
        f'+100*SUMPRODUCT(({place})*({asked}="yes")),0)'
    )


def _rules(facts: PathFacts, _: PathPlan) -> float:
    bars = [math.nan if rule.bar is None else rule.bar for rule in facts.rules]
    return _in_order(bars) + 100 * _in_order([float(rule.on) for rule in facts.rules])


def _play_formula() -> str:
    plays = ",".join(f'"{play}"' for play in PLAYS)
    return f"IFERROR(MATCH({c.STRATEGY[c.STRATEGY_PLAY]},{{{plays}}},0),0)"


RESTS_ON: Final = (
    Input(w.QUOTA, f"SUM({c.T_WALK}[{w.QUOTA}])", lambda f, _: _number(f.walk[w.QUOTA])),
    Input("Gap", f"N({c.N_GAP})", lambda f, _: _number(f.walk[funnel.GAP])),
    Input(
        funnel.REPEAT_TO_COME,
        f"SUM({c.T_WALK}[{funnel.REPEAT_TO_COME}])",
        lambda f, _: _number(f.walk[funnel.REPEAT_TO_COME]),
    ),
    Input("Average deal", f"N({c.N_AVERAGE_DEAL})", lambda f, _: _number(f.average_deal)),
    Input(
        "Days to the year's end",
        f"N({c.N_YEAR_END})-N({c.N_TODAY})",
        lambda f, _: float((f.year.end - f.today).days),
    ),
    Input("Weeks left", f"N({c.N_WEEKS_LEFT})", lambda _, p: p.targets.weeks),
    Input(
        "Touches a week", f"SUM({c.T_WALK}[{w.TOUCHES_PER_WEEK}])", lambda f, _: float(f.capacity)
    ),
    Input(
        "Rates, by gate",
        _weighed(RATE, c.T_GATES),
        lambda _, p: _in_order([target.rate for target in p.targets.gates]),
    ),
    Input(
        "Lags, by gate",
        _weighed(LAG, c.T_GATES),
        lambda _, p: _in_order([gate.lag_weeks for gate in p.gates]),
    ),
    Input(
        "Activity",
        f"SUM({c.T_ACTIVITY}[{w.COUNT}])",
        lambda f, _: float(f.activity[w.COUNT].sum()),
        PLAYED,
    ),
    Input(
        "Quarter shares, in order",
        _weighed(timing.QUOTA_SHARE, c.T_QUARTERS),
        lambda f, _: _in_order(f.quarter_shares),
        (LISTS, CHECKS),
    ),
    Input("Retention", "N(Retention)", lambda f, _: f.retention, PLAYED),
    Input("Shared luck", "N(SharedShock)", lambda f, _: f.shock, PLAYED),
    Input("Touches a deal", "N(TouchesPerDeal)", lambda f, _: f.touches_per_deal, (LISTS,)),
    Input("Stale after", "N(StaleAfter)", lambda f, _: _number(f.stale_after), (LISTS,)),
    Input("Days to win", f"N({c.N_CYCLE})", lambda f, _: _number(f.cycle_days)),
    Input("Win rate of all", f"N({c.N_BASE_RATE})", lambda f, _: _number(f.base_rate)),
    Input(
        "Open deals",
        f'COUNTIF({c.T_DEALS}[{w.STATE}],"{w.OPEN}")',
        lambda f, _: float((f.deals[w.STATE] == w.OPEN).sum()),
    ),
    Input("Their amounts", _of_deals(w.AMOUNT, w.OPEN), _sum_of_deals(w.AMOUNT, w.OPEN)),
    Input("Their weights", _of_deals(w.WEIGHTED, w.OPEN), _sum_of_deals(w.WEIGHTED, w.OPEN)),
    Input(
        "Their close dates", _of_deals(w.CLOSE_DATE, w.OPEN), _sum_of_deals(w.CLOSE_DATE, w.OPEN)
    ),
    Input("Their first days", _of_deals(w.OPENED, w.OPEN), _sum_of_deals(w.OPENED, w.OPEN)),
    Input(
        "Letters of their stages",
        f'SUMPRODUCT(({c.T_DEALS}[{w.STATE}]="{w.OPEN}")*LEN({c.T_DEALS}[{w.STAGE}]))',
        _letters,
    ),
    Input("Won deals, amounts", _of_deals(w.AMOUNT, w.WON), _sum_of_deals(w.AMOUNT, w.WON)),
    Input(
        "Lost deals",
        f'COUNTIF({c.T_DEALS}[{w.STATE}],"{w.LOST}")',
        lambda f, _: float((f.deals[w.STATE] == w.LOST).sum()),
    ),
    Input(
        "Quick wins",
        f'COUNTIF({c.T_ACCOUNTS}[{w.QUADRANT}],"{w.QUICK_WIN}")',
        lambda f, _: float((f.accounts[w.QUADRANT] == w.QUICK_WIN).sum()),
        (LISTS,),
    ),
    Input(
        "Clients' year ends",
        f'SUMIFS({c.T_ACCOUNTS}[{w.FISCAL_YEAR_END}],{c.T_ACCOUNTS}[{w.FISCAL_YEAR_END}],">=1",'
        f'{c.T_ACCOUNTS}[{w.FISCAL_YEAR_END}],"<=12")',
        _months,
        (LISTS,),
    ),
    Input(
        w.POTENTIAL_MONEY,
        f"SUM({c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}])",
        lambda f, _: float(f.accounts[w.POTENTIAL_MONEY].sum()),
        (CHECKS,),
    ),
    Input(
        "Peers' highest sales",
        f"SUM({c.T_SCORES}[{w.PEERS_TO}])",
        lambda f, _: float(f.accounts[w.PEERS_TO].sum()),
        (CHECKS,),
    ),
    Input("Win probability", "N(WinProbability)", lambda f, _: f.win_probability, (CHECKS,)),
    Input(
        "Our play",
        _play_formula(),
        _play,
        (CHECKS,),
    ),
    Input("Rules of the checks", _rules_formula(), _rules, (CHECKS,)),
)


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else float(value)


def rested_on(facts: PathFacts, plan: PathPlan, stamps: Sequence[Stamp]) -> pd.DataFrame:
    """The columns of PathInputs that say what these stamps rest on now.

    Args:
        facts: what is known of a path, with the deals that its workbook lists.
        plan: what follows.
        stamps: which.
    """
    values = [_number(each.value(facts, plan)) for each in RESTS_ON]
    return pd.DataFrame(
        {
            stamp.then: [
                value if stamp in each.stamps else math.nan
                for each, value in zip(RESTS_ON, values, strict=True)
            ]
            for stamp in stamps
        }
    )


def write(sheet: Sheet, data: Round, row: int, columns: int) -> int:
    """Writes what the stamps rest on, and gives the first row under it."""
    sheet.section(row, 0, "What odds, lists and checks rest on", columns)
    told = "Python worked them out with these numbers. Once one changes, what rests on it is grey."
    sheet.put(row + 1, 0, told, "note")
    facts = replace(data.path_facts(), deals=deals.listed(data))
    held = rested_on(facts, data.path, STAMPS)
    now = held.bfill(axis=1).iloc[:, 0].to_list()
    table = sheet.table(
        c.T_PATH_INPUTS,
        row + 2,
        0,
        [
            Column(INPUT, [each.name for each in RESTS_ON], role="label"),
            Column(NOW, now, kind="general"),
            *(Column(stamp.then, held[stamp.then], kind="general") for stamp in STAMPS),
            Column(CHANGED, [""] * len(now), formula=_changed_formula(), role="note"),
        ],
        len(RESTS_ON),
        filters=False,
    )
    # Each row has a formula of its own, and looks of its own.
    for place, (each, value) in enumerate(zip(RESTS_ON, now, strict=True)):
        kind = _kind(value)
        at = table.row + 1 + place
        sheet.live(at, 1, f"={each.formula}", value, "calculation", kind)
        for offset, stamp in enumerate(STAMPS, start=2):
            then = held[stamp.then].iloc[place]
            sheet.put(at, offset, None if math.isnan(then) else then, "calculation", kind)
    return table.below


def _kind(value: float) -> str:
    return "money" if abs(value) >= 1000 else "decimal" if abs(value) > 1 else "fine"


def _changed_formula() -> str:
    """Which of them have changed, named one after the other."""
    parts = "&".join(
        f'IF([@[{stamp.then}]]="","",IF(ABS(N([@{NOW}])-[@[{stamp.then}]])'
        f'>{LEAST}*MAX(1,ABS([@[{stamp.then}]])),", {stamp.key}",""))'
        for stamp in STAMPS
    )
    return f"=MID({parts},3,99)"


def write_states(sheet: Sheet, data: Round, row: int) -> None:
    """Writes whether each is current and of which day it is, into hidden columns."""
    changed = f"{c.T_PATH_INPUTS}[{CHANGED}]"
    for offset, stamp in enumerate(STAMPS):
        sheet.put(row + offset, HELP_COLUMN, f"{data.today:%Y-%m-%d}", "note")
        sheet.name_cell(stamp.day, row + offset, HELP_COLUMN)
        sheet.live(
            row + offset,
            HELP_COLUMN + 1,
            f'=IF(COUNTIF({changed},"*{stamp.key}*")=0,1,0)',
            1.0,
            "note",
            "count",
        )
        sheet.name_cell(stamp.current, row + offset, HELP_COLUMN + 1)


def put(sheet: Sheet, data: Round, stamp: Stamp, row: int, col: int = 0) -> None:
    """Writes a stamp's sentence: of which day it is, or that it is out of date."""
    sheet.live(
        row,
        col,
        f'=IF({stamp.current}=1,"{stamp.done} on "&{stamp.day}&".","{stamp.out_of_date}")',
        stamp.words(data.today),
        "note",
    )
    grey(sheet, stamp, xl_rowcol_to_cell(row, col))


def grey(sheet: Sheet, stamp: Stamp, *areas: str) -> None:
    """Lets cells turn grey once what they rest on has changed; before any other rule of theirs."""
    look = sheet.book.rule_style(
        font_color=styles.STALE_INK, italic=True, bg_color=styles.STALE_FILL
    )
    for cells in areas:
        sheet.ws.conditional_format(
            cells,
            {
                "type": "formula",
                "criteria": f"={stamp.current}=0",
                "format": look,
                "stop_if_true": True,
            },
        )
