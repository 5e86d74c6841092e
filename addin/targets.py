"""The path to the quota, as its macro works it out: the walk, the quarters, the week's volume."""

import math
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from ..udfs import funnel
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.facts import Assumed
from ..udfs.path_plan import PathPlan, path_plan
from ..udfs.table_cells import cell_number
from ..udfs.timing import ASSUMED_CYCLE_DAYS
from ..workbook_templates import contract as c
from ..workbook_templates.parts import path_basis
from ..workbook_templates.sheets import checks, path_timing
from ..workbook_templates.sheets.path import reason_lines
from ..workbook_templates.sheets.path_stamps import STAMPS, Stamp
from ..workbook_templates.writer import money
from . import checking, path_reading, path_writing
from .desk import Desk, counted, listed
from .needs import refuse_broken
from .path_typed import refuse_mistyped
from .reading import WorkbookFacts, read_facts
from .settings import settings_of
from .write_back import write_walk

PER_REP: Final = (funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.GAP)


def compute(desk: Desk) -> None:
    """Works out the path of the workbook's reps, and writes it to Path.

    Raises:
        WorkbookError: nobody is there to walk, or a table or column of Path is missing.
        ModelInputError, SettingsError: a number on Path or Settings cannot be.
    """
    refuse_broken(desk.reader, path_writing.NEEDS)
    refuse_mistyped(desk.reader)
    facts, settings = read_facts(desk.reader), settings_of(desk.reader)
    _refuse_nobody(desk, facts)
    average = cell_number(desk.reader.named_value(c.N_AVERAGE_FOUND))
    source = str(desk.reader.named_value(c.N_AVERAGE_SOURCE) or "")
    found = path_basis(
        facts.deals,
        facts.walk,
        settings,
        facts.year,
        accounts=len(facts.accounts),
        as_of=facts.as_of,
        today=facts.today,
        average_deal=Assumed(average, source, True),
        cycle=_known_cycle(desk),
    )
    asked = replace(
        path_reading.path_facts(desk.reader, facts, settings),
        cycle_days=found.cycle.value,
        suggested=found.play,
    )
    if math.isnan(average_typed(desk)):
        asked = replace(asked, average_deal=found.average_deal.value)
    plan = path_plan(asked)
    write_walk(desk.door, desk.reader, facts.walk)
    rows = len(facts.walk) + path_writing.write_gate_rates(desk.door, asked)
    rows += path_writing.write_path(desk.door, asked, plan, _stamps(desk))
    reasons = zip(c.PLAY_REASONS, reason_lines(found.play_reason), strict=True)
    desk.door.write_names(
        {
            c.N_AVERAGE_FOUND: found.average_deal.value,
            c.N_AVERAGE_SOURCE: found.average_deal.source,
            c.N_PLAY: found.play,
            c.N_CYCLE: None if math.isnan(found.cycle.value) else found.cycle.value,
            **dict(reasons),
        }
    )
    desk.rows = rows
    _tell(desk, facts, plan, asked.average_deal)
    _check(desk, facts, found.quarters, settings.last_quarter_bar)


def compute_timing(desk: Desk) -> None:
    """Works out the timing play of the workbook's reps, and writes it to Path.

    Raises:
        WorkbookError: nobody is there to walk, or a table or column of Path is missing.
        ModelInputError, SettingsError: a number on Path or Settings cannot be.
    """
    refuse_broken(desk.reader, path_writing.NEEDS)
    refuse_mistyped(desk.reader)
    facts, settings = read_facts(desk.reader), settings_of(desk.reader)
    _refuse_nobody(desk, facts)
    asked = path_reading.path_facts(desk.reader, facts, settings)
    plan = path_plan(asked)
    desk.rows = path_writing.write_timing(desk.door, asked, plan, _stamps(desk))
    desk.said.append(path_timing.short_words(plan, facts.today))
    desk.said.append(
        f"{counted(len(plan.forward), 'deal', 'deals')} to bring forward, "
        f"{counted(len(plan.leave), 'deal', 'deals')} to leave, "
        f"{counted(len(plan.signs), 'deal', 'deals')} to watch."
    )
    _check(desk, facts, plan.quarters.quarters, settings.last_quarter_bar)


def _stamps(desk: Desk) -> tuple[Stamp, ...]:
    """The stamps that the workbook can keep; told where an older version left some out."""
    found = path_writing.stamps_of(desk.reader)
    if found != STAMPS:
        desk.warnings.append(path_writing.STAMPS_TOLD)
    return found


def _known_cycle(desk: Desk) -> Assumed:
    """The days that a win takes as the workbook has them; of its own deals there may be none."""
    days = cell_number(desk.reader.named_value(c.N_CYCLE))
    if math.isnan(days):
        return Assumed(ASSUMED_CYCLE_DAYS, "assumed", True)
    return Assumed(days, str(desk.reader.named_value(c.N_CYCLE + c.SOURCE) or ""), False)


def average_typed(desk: Desk) -> float:
    """The average deal that somebody typed; NaN where nobody did, or what is there is none."""
    typed = cell_number(desk.reader.named_value(c.N_AVERAGE_TYPED))
    return typed if typed > 0 else math.nan


def _refuse_nobody(desk: Desk, facts: WorkbookFacts) -> None:
    if facts.walk.empty:
        raise WorkbookError(
            f"{desk.reader.label}: sheet {c.PATH}: there are no reps yet; list them on "
            f"{c.REPS}, and press Score accounts."
        )


def _tell(desk: Desk, facts: WorkbookFacts, plan: PathPlan, average: float) -> None:
    targets = plan.targets
    gap = targets.gap
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
    if not math.isnan(plan.outlook.odds.reach):
        desk.said.append(plan.outlook.words)
    desk.said.append(plan.believed)
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
    shapes = checking.tables_of(desk.reader)
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
