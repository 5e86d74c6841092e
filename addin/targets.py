"""The path to the quota, as its macro works it out: the walk, the quarters, the week's volume."""

import math
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ..udfs import funnel
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.facts import Assumed
from ..udfs.timing import ASSUMED_CYCLE_DAYS
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import checks
from ..workbook_templates.sheets.path import reason_lines
from ..workbook_templates.writer import money
from . import checking
from .desk import Desk, counted, listed
from .planning import path_facts
from .reading import WorkbookFacts, read_facts
from .settings import settings_of
from .write_back import write_quarters, write_walk

PER_REP: Final = (funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.GAP)


def compute(desk: Desk) -> None:
    """Works out the path of the workbook's reps, and writes it to Path.

    Raises:
        WorkbookError: nobody is there to walk.
        ModelInputError, SettingsError: a number on Path or Settings cannot be.
    """
    facts, settings = read_facts(desk.reader), settings_of(desk.reader)
    if facts.walk.empty:
        raise WorkbookError(
            f"{desk.reader.label}: sheet {c.PATH}: there are no reps yet; list them on "
            f"{c.REPS}, and press Score accounts."
        )
    average = _number(desk.reader.named_value(c.N_AVERAGE_FOUND))
    source = str(desk.reader.named_value(c.N_AVERAGE_SOURCE) or "")
    found = path_facts(
        facts.deals,
        facts.walk,
        settings,
        facts.year,
        accounts=len(facts.accounts),
        as_of=facts.as_of,
        today=facts.today,
        average_deal=Assumed(average, source, True),
        cycle=Assumed(ASSUMED_CYCLE_DAYS, "assumed", True),
    )
    write_walk(desk.door, desk.reader, facts.walk)
    write_quarters(desk.door, found.quarters, found.season)
    reasons = zip(c.PLAY_REASONS, reason_lines(found.play_reason), strict=True)
    desk.door.write_names(
        {
            c.N_AVERAGE_FOUND: found.average_deal.value,
            c.N_AVERAGE_SOURCE: found.average_deal.source,
            c.N_PLAY: found.play,
            **dict(reasons),
        }
    )
    desk.rows = len(facts.walk)
    _tell(desk, facts, found.average_deal.value)
    _check(desk, facts, found.quarters, settings.last_quarter_bar)


def _tell(desk: Desk, facts: WorkbookFacts, average_found: float) -> None:
    settings = settings_of(desk.reader)
    typed = _number(desk.reader.named_value(c.N_AVERAGE_TYPED))
    average = average_found if math.isnan(typed) else typed
    gap = float(funnel.roll_up(facts.walk).iloc[0][funnel.GAP])
    weeks = funnel.weeks_left(facts.today, facts.year.end, settings.weeks_off)
    targets = funnel.funnel_targets(gap, average, settings.gates, weeks)
    if math.isnan(gap):
        desk.said.append("Nobody has a quota yet, so there is no gap to work back from.")
    elif gap <= 0:
        desk.said.append(f"The quota is covered, {money(-gap)} to spare.")
    else:
        desk.said.append(f"{money(gap)} is still to be found")
        if not math.isnan(targets.deals):
            first = targets.gates[0]
            week = "" if math.isnan(first.per_week) else f", {_whole(first.per_week):,} a week"
            desk.said[-1] += (
                f": {targets.deals:,.1f} deals of {money(average)}, from {first.volume:,.0f} "
                f"{first.gate.lower()}{week}"
            )
        desk.said[-1] += "."
    short = facts.walk[facts.walk[funnel.GAP] > 0]
    if len(facts.walk) > 1 and len(short):
        desk.said.append(
            f"{counted(len(short), 'rep is', 'reps are')} short, by "
            f"{money(float(short[funnel.GAP].sum()))} in all."
        )
    without = facts.walk.loc[
        facts.walk[w.QUOTA].isna() & (facts.walk[w.REP] != w.UNASSIGNED), w.REP
    ].tolist()
    if without and not math.isnan(gap):
        desk.warnings.append(f"Without quota: {listed(without)}; type theirs.")


def _check(desk: Desk, facts: WorkbookFacts, quarters: pd.DataFrame, bar: float) -> None:
    """What is wrong with quotas and quarters goes onto Checks."""
    shapes = desk.door.tables()
    reps = facts.walk[[w.REP]]
    places: dict[str, list[int]] = {}
    if c.T_REPS in shapes:
        known = desk.door.read_table(c.T_REPS, [w.REP])[w.REP]
        reps = pd.DataFrame({w.REP: known.astype(str).to_numpy()})
        places[c.T_REPS] = [int(row) for row in known.index]
    stand = checking.stand(shapes, MappingProxyType(places))
    found = [
        *checks.quota_checks(stand, facts.walk, reps, facts.kind),
        *checks.quarter_checks(stand, quarters, bar),
    ]
    checking.write_checks(desk.door, found, (checks.QUOTA,))


def _whole(number: float) -> int:
    return math.ceil(round(number, 9))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value)
