"""The path to the quota for the terminal and as JSON."""

import math
from typing import Any, Final

import pandas as pd
from rich.table import Table

from ..udfs import believable, funnel, moves, rates, timing, volume
from ..udfs import words as w
from ..udfs.odds import Odds
from ..udfs.outlook import Outlook
from ..workbook_templates.writer import money
from .path_reading import BookPath
from .terminal import literally, new_console, plain_table

MARKS: Final = {believable.HOLDS: "green", believable.FAILS: "red"}


def as_json(found: BookPath) -> dict[str, Any]:
    """The path as one object; what is not known is null."""
    plan, total = found.plan, found.total
    return {
        "workbook": str(found.file),
        "today": f"{found.facts.today:%Y-%m-%d}",
        "quota": _known(total[w.QUOTA]),
        "closed": _known(total[funnel.CLOSED]),
        "to_come": _known(total[funnel.TO_COME]),
        "gap": _known(total[funnel.GAP]),
        "deals": _known(plan.targets.deals),
        "gates": [
            {
                **target,
                "latest": f"{latest:%Y-%m-%d}",
                "done_a_week": _known(pace[volume.DONE_A_WEEK]),
                "stand": pace[volume.STAND],
                "upper_bound": _known(history[rates.BEST]),
            }
            for target, latest, pace, history in zip(
                plan.targets.report()["gates"][:-1],
                plan.latest,
                plan.pace.to_dict("records"),
                plan.history.to_dict("records"),
                strict=True,
            )
        ],
        "weeks": {f"{week:%Y-%m-%d}": plan.weekly[week].to_dict() for week in plan.weekly.columns},
        "leak": plan.leak.words if plan.leak else "",
        "capacity": capacity_json(plan.capacity),
        "odds": odds_json(plan.outlook.odds)
        | {"more": {f"{s:.0%}": _known(n) for s, n in plan.outlook.more.items()}}
        | {"unit": plan.outlook.basis.unit, "basis": plan.outlook.basis.words},
        "quarters": [
            {
                "quarter": row[timing.QUARTER],
                "quota": _known(row[w.QUOTA]),
                "expected": _known(row[timing.EXPECTED]),
            }
            for row in plan.quarters.quarters.to_dict("records")
        ],
        "forward": _deals(plan.forward, moves.REASON),
        "leave": _deals(plan.leave, moves.REASON),
        "signs": _deals(plan.signs, moves.STAND),
        "checks": [
            {"check": each.rule.label, "verdict": each.verdict, "why": each.words}
            for each in plan.verdicts
        ],
        "believable": plan.believed,
    }


def odds_json(odds: Odds) -> dict[str, Any]:
    """The odds as plain values."""
    return {
        "reach": _known(odds.reach),
        "p10": _known(odds.p10),
        "p50": _known(odds.p50),
        "p90": _known(odds.p90),
        "without_new_business": _known(odds.without_new),
    }


def capacity_json(found: volume.Capacity) -> dict[str, Any]:
    """Whether the work fits into the week, and the mends, as plain values."""
    return {
        "needed": _known(found.needed),
        "can_be_made": _known(found.capacity),
        "fits": found.fits,
        "raise_rate_of": found.gate,
        "raise_rate_to": _known(found.rate_to),
        "raise_average_deal_to": _known(found.average_deal_to),
        "more_weeks": _known(found.more_weeks),
    }


def funnel_json(
    targets: funnel.FunnelTargets,
    odds: Outlook,
    fits: volume.Capacity | None,
    reach: volume.Reach | None,
) -> dict[str, Any]:
    """The volume play with its odds, and what else was asked, as one object."""
    out: dict[str, Any] = dict(targets.report())
    out["odds"] = odds_json(odds.odds)
    out["odds"]["more"] = {f"{share:.0%}": _known(more) for share, more in odds.more.items()}
    out["odds"]["unit"] = odds.basis.unit
    out["note"] = targets.note
    if fits is not None:
        out["capacity"] = capacity_json(fits)
    if reach is not None:
        out["reach"] = {
            "deals": _known(reach.deals),
            "money": _known(reach.money),
            "note": reach.note,
        }
    return out


def show_funnel(
    targets: funnel.FunnelTargets,
    odds: Outlook,
    fits: volume.Capacity | None,
    reach: volume.Reach | None,
) -> None:
    """Prints the odds of a funnel, and what else was asked."""
    out = new_console()
    if targets.gap > 0:
        out.print(literally(odds.words))
    for line in capacity_words(fits) if fits is not None else ():
        out.print(line)
    if reach is not None:
        money_words = "" if math.isnan(reach.money) else f", {reach.money:,.0f}"
        out.print(reach.note or f"That many reach {reach.deals:,.1f} deals{money_words}.")


def _known(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)


def _deals(deals: pd.DataFrame, why: str) -> list[dict[str, Any]]:
    return [
        {
            "deal": row[w.DEAL_ID],
            "account": row[w.ACCOUNT],
            "weighted": _known(row[w.WEIGHTED]),
            "why": row[why],
        }
        for row in deals.to_dict("records")
    ]


def show(found: BookPath) -> None:
    """Prints the path: the odds and the verdict first, then what they rest on."""
    out, plan = new_console(), found.plan
    out.print(f"[bold]{plan.outlook.words}[/bold]")
    out.print(plan.believed, soft_wrap=True)
    out.print()
    _show_walk(found)
    _show_gates(found)
    for line in capacity_words(plan.capacity):
        out.print(line)
    if plan.leak:
        out.print(plan.leak.words, markup=False)
    out.print(plan.outlook.basis.words, markup=False)
    out.print()
    _show_quarters(found)
    for title, deals, why in (
        ("Bring forward", plan.forward, moves.REASON),
        ("Leave", plan.leave, moves.REASON),
        ("Early signs", plan.signs, moves.STAND),
    ):
        if len(deals):
            out.print(f"[bold]{title}[/bold]")
            for row in deals.to_dict("records"):
                name = row[w.ACCOUNT] or row[w.DEAL_ID]
                out.print(f"  {name}: {row[why]}", markup=False, soft_wrap=True)
    out.print()
    checks = _table("", "Is it believable?", "Verdict", "Why")
    for each in plan.verdicts:
        mark = MARKS.get(each.verdict, "dim")
        told = f"[{mark}]{each.verdict}[/{mark}]"
        checks.add_row(each.rule.label, told, literally(each.words))
    out.print(checks)


def capacity_words(found: volume.Capacity) -> list[str]:
    """Whether the work fits into the week, and the three mends where it does not."""
    if math.isnan(found.needed):
        return []
    if found.fits:
        return [
            f"The work fits into the week: {found.needed:,.1f} touches of {found.capacity:,.0f}."
        ]
    more = found.needed - found.capacity
    lines = [f"The plan needs {more:,.0f} touches a week more than can be made. To mend it,"]
    if found.gate:
        lines.append(f"  raise {found.gate} to {100 * found.rate_to:.0f} %,")
    if not math.isnan(found.average_deal_to):
        first = "or" if found.gate else "raise"
        lines.append(f"  {first} the average deal to {found.average_deal_to:,.0f},")
        lines.append(f"  or find {found.more_weeks:,.1f} more weeks.")
    return lines


def _show_walk(found: BookPath) -> None:
    walk = plain_table("Quota walk", "Rep", "Quota", "Closed", "Repeat", "Pipeline", "Gap")
    columns = (w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.GAP)
    for row in found.walk.to_dict("records"):
        walk.add_row(literally(row[w.REP]), *(money(row[column]) for column in columns))
    if len(found.walk) > 1:
        walk.add_row("Together", *(money(found.total[column]) for column in columns))
    new_console().print(walk)


def _show_gates(found: BookPath) -> None:
    plan = found.plan
    gates = plain_table(
        "\nVolume play",
        "Gate",
        "Rate",
        "At most",
        "Volume",
        "Per week",
        "Done a week",
        "By",
        "Stand",
    )
    for target, history, latest, pace in zip(
        plan.targets.gates,
        plan.history.to_dict("records"),
        plan.latest,
        plan.pace.to_dict("records"),
        strict=False,
    ):
        best = history[rates.BEST]
        gates.add_row(
            literally(target.gate),
            f"{100 * target.rate:.1f} %",
            "-" if math.isnan(best) else f"{100 * best:.1f} %",
            _whole(target.volume),
            _whole(target.per_week),
            f"{pace[volume.DONE_A_WEEK]:,.1f}",
            f"{latest:%Y-%m-%d}",
            pace[volume.STAND],
        )
    new_console().print(gates)
    if plan.targets.note:
        new_console().print(plan.targets.note)


def _whole(value: float) -> str:
    return "-" if math.isnan(value) else f"{math.ceil(round(value, 9)):,}"


def _show_quarters(found: BookPath) -> None:
    plan = found.plan
    quarters = plain_table(
        "The year by quarter", "Quarter", "Quota", "Expected", "Range", "Effort", "Stand"
    )
    rows = plan.quarters.quarters.to_dict("records")
    for place, (row, cover, effort) in enumerate(
        zip(rows, plan.coverage.to_dict("records"), plan.effort.to_dict("records"), strict=False)
    ):
        odds = plan.outlook.odds
        quarters.add_row(
            row[timing.QUARTER],
            money(row[w.QUOTA]),
            money(row[timing.EXPECTED]),
            f"{money(odds.low[place])} to {money(odds.high[place])}",
            f"{money(effort[moves.EFFORT])} of {money(effort[moves.ROOM])}",
            cover[moves.STAND],
        )
    new_console().print(quarters)


def _table(title: str, *columns: str) -> Table:
    """A table of words."""
    made = plain_table(title, *columns)
    for column in made.columns:
        column.justify = "left"
    return made
