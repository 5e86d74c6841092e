"""Does the volume fit into the week, where does the funnel leak, and what does so much bring?

Assumes what ``funnel`` assumes, and:
1. A touch is a unit of any gate but the deal; every touch takes about as long.
2. A mend changes one thing and leaves the rest as it is.

Money is in the currency of the export. Nothing is rounded, so that the two
directions (what is needed, what is reached) undo each other.

Source: the arithmetic of ``funnel``, solved for something else.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import pandas as pd

from . import funnel, rates
from . import words as w
from .errors import ModelInputError
from .funnel import Gate, GateTarget

__all__ = ["Capacity", "Leak", "Reach", "capacity_check", "funnel_reach", "leak", "pace"]

NEEDED: Final = "Needed a week"
DONE_A_WEEK: Final = "Done a week"
BEHIND: Final = "Behind by"
STAND: Final = "Stand"
ON_PACE: Final = "on pace"
NOTHING_LOGGED: Final = "nothing logged"
TOO_LATE: Final = "too late"
NOTHING_NEEDED: Final = "nothing needed"
NEWTON_STEPS: Final = 60


# The other direction


@dataclass(frozen=True)
class Reach:
    """What a volume brings: deals and money to the year's end, and each gate's volume.

    ``gates`` runs from the first touch to the deal; above the gate that was asked about it is
    what must be done there for it. ``note`` says in words why nothing is reached, else "".
    """

    deals: float
    money: float
    gates: tuple[GateTarget, ...]
    note: str


def funnel_reach(
    gate: str,
    per_week: float,
    average_deal: float,
    gates: Sequence[Gate],
    weeks: float,
    *,
    weeks_off: float = 0.0,
) -> Reach:
    """What so many units of a gate a week bring by the year's end: ``funnel_targets`` backwards.

    deals = per week x the weeks in which the gate can still become a deal x all rates from there.

    Args:
        gate: the name of a gate, capitals aside, or "deal".
        per_week: units of it in a selling week, 0 or more.
        average_deal: money, above 0; missing (NaN): the money is missing.
        gates: at least one, first touch first, with distinct names.
        weeks: selling weeks left, 0 or more.
        weeks_off: weeks without selling per year of 52, as for ``funnel_targets``.

    Raises:
        ModelInputError: a gate that is not there, a negative, missing or infinite volume or number
            of weeks, or what ``funnel_targets`` refuses.
    """
    funnel.check_gates(gates)
    names = [each.name.strip().casefold() for each in gates] + [funnel.DEAL]
    asked = gate.strip().casefold()
    if asked not in names:
        known = ", ".join([*(each.name for each in gates), funnel.DEAL])
        raise ModelInputError(f"gate '{gate}': there is none; use one of: {known}")
    if not (0 <= per_week < math.inf and 0 <= weeks < math.inf):
        raise ModelInputError(
            f"reach: {per_week:g} a week in {weeks:g} weeks; give numbers from 0 up"
        )
    place = names.index(asked)
    # The funnel of one deal shows in how many weeks each gate counts, and how many a deal takes.
    of_one = funnel.funnel_targets(1.0, 1.0, gates, weeks, weeks_off=weeks_off)
    deals = per_week * of_one.gates[place].weeks / of_one.gates[place].volume
    if deals > 0:
        targets = funnel.funnel_targets(deals, 1.0, gates, weeks, weeks_off=weeks_off).gates
    else:
        targets = funnel.funnel_targets(0.0, 1.0, gates, weeks, weeks_off=weeks_off).gates
    late = per_week > 0 and deals == 0
    note = funnel.TOO_LATE.format(targets[place].gate) if late else ""
    return Reach(deals, deals * average_deal, targets, note)


# Capacity


@dataclass(frozen=True)
class Capacity:
    """Whether the touches fit into the week, and what would make them fit.

    Attributes:
        needed: touches a week that the plan takes; missing where it cannot be told.
        capacity: touches a week that can be made.
        gate: the gate whose rate needs the smallest relative rise, "" where none can mend it.
        rate_to: the rate it needs, 0-1; missing without ``gate``.
        average_deal_to: the average deal that makes it fit; missing where nothing does.
        more_weeks: further selling weeks that make it fit; missing where nothing does.
    """

    needed: float
    capacity: float
    gate: str = ""
    rate_to: float = math.nan
    average_deal_to: float = math.nan
    more_weeks: float = math.nan

    @property
    def fits(self) -> bool:
        """Whether what is needed can be made; not where what is needed is not known."""
        return self.needed <= self.capacity + 1e-9


def capacity_check(targets: funnel.FunnelTargets, average_deal: float, capacity: float) -> Capacity:
    """Whether the plan fits into the week, and the three mends where it does not.

    Raise a rate: the volumes of its gate and those above it shrink in proportion. Raise the
    average deal: all volumes do. Find more weeks: each gate has so many more.

    Args:
        targets: what ``funnel_targets`` found.
        average_deal: the average deal they rest on.
        capacity: touches a week that can be made, 0 or more.

    Raises:
        ModelInputError: a negative, missing or infinite capacity.
    """
    if not 0 <= capacity < math.inf:
        raise ModelInputError(f"capacity: it is {capacity:g} touches a week; give 0 or more")
    touches = targets.gates[:-1]
    needed = math.fsum(target.per_week for target in touches)
    found = Capacity(needed, capacity)
    if found.fits or math.isnan(needed) or capacity == 0:
        return found
    gate, rate = _rate_mend(touches, needed, capacity)
    return Capacity(
        needed,
        capacity,
        gate,
        rate,
        average_deal * needed / capacity,
        _more_weeks(touches, capacity),
    )


def _rate_mend(touches: Sequence[GateTarget], needed: float, capacity: float) -> tuple[str, float]:
    """The gate whose rate must rise least, in proportion, and the rate it needs."""
    best, best_rise, rate = "", math.inf, math.nan
    upstream = 0.0
    for target in touches:
        upstream += target.per_week
        room = capacity - (needed - upstream)
        rise = upstream / room if room > 0 else math.inf
        if rise < best_rise and target.rate * rise <= 1:
            best, best_rise, rate = target.gate, rise, target.rate * rise
    return best, rate


def _more_weeks(touches: Sequence[GateTarget], capacity: float) -> float:
    """Newton's steps from 0: the sum of volume / (weeks + x) falls and is convex in x."""
    x = 0.0
    for _ in range(NEWTON_STEPS):
        excess = math.fsum(t.volume / (t.weeks + x) for t in touches) - capacity
        slope = math.fsum(t.volume / (t.weeks + x) ** 2 for t in touches)
        x += excess / slope
        if abs(excess) <= 1e-12 * capacity:
            break
    return x


# Plan against actual


def pace(targets: funnel.FunnelTargets, done: "pd.Series[float]") -> pd.DataFrame:
    """Plan against actual: what each gate needs a week, and what was done a week lately.

    Args:
        targets: what ``funnel_targets`` found.
        done: units a week per gate, as ``rates.per_week`` gives them.

    Returns:
        One row per gate (not the deal): Gate, Needed a week, Done a week, Behind by (0 where on
        pace, NaN where what is needed is not known) and Stand, in words: on pace, behind by so
        many a week, nothing logged, nothing needed, or too late.
    """
    rows = []
    for target in targets.gates[:-1]:
        made = float(done.get(target.gate, 0.0))
        behind = max(0.0, target.per_week - made) if not math.isnan(target.per_week) else math.nan
        rows.append(
            {
                w.GATE: target.gate,
                NEEDED: target.per_week,
                DONE_A_WEEK: made,
                BEHIND: behind,
                STAND: _stand(target, made, behind, logged=bool(done.sum() > 0)),
            }
        )
    return pd.DataFrame(rows)


def _stand(target: GateTarget, made: float, behind: float, *, logged: bool) -> str:
    if math.isnan(target.volume):
        return ""
    if target.volume == 0:
        return NOTHING_NEEDED
    if target.weeks == 0:
        return TOO_LATE
    if not logged:
        return NOTHING_LOGGED
    return ON_PACE if behind <= 1e-9 else f"behind by {tenths(behind)} a week"


def tenths(value: float) -> str:
    """A number with one decimal, halves away from 0, as FIXED(value,1) shows it in a cell."""
    return f"{Decimal(repr(value)).quantize(Decimal('0.1'), ROUND_HALF_UP):,}"


@dataclass(frozen=True)
class Leak:
    """The gate that leaks most against the average: its own rate, everybody's, and the counts."""

    gate: str
    rate: float
    average: float
    done: float

    @property
    def ratio(self) -> float:
        """One's own rate as a multiple of everybody's."""
        return round(self.rate / self.average, 9)

    @property
    def words(self) -> str:
        """The leak as a sentence."""
        return (
            f"{self.gate} leak most: {100 * self.rate:.0f} % of {self.done:,.0f} got through, "
            f"everybody's {100 * self.average:.0f} %."
        )


def leak(found: pd.DataFrame) -> Leak | None:
    """The gate at which most is lost against everybody's rate; None where none is below it.

    Args:
        found: what ``rates.gate_rates`` found. Compared are the plain rates, not shrunk; a gate
            at which nothing was done says nothing.
    """
    best = None
    for row in found.to_dict("records"):
        if row[rates.DONE] == 0 or row[rates.ALL_THROUGH] == 0:
            continue
        own = row[rates.THROUGH] / row[rates.DONE]
        each = Leak(row[w.GATE], own, row[rates.ALL_THROUGH] / row[rates.ALL_DONE], row[rates.DONE])
        if best is None or each.ratio < best.ratio:
            best = each
    return best if best is not None and best.ratio < 1 else None
