"""What a back-test found: for the terminal, as JSON, and as a table of accounts."""

import dataclasses
import math
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from ..udfs import evidence as e
from ..udfs import words as w
from ..udfs.measures import UNKNOWN, Interval
from ..workbook_templates.writer import money
from .backtest import LEAKS, BackTest
from .files import write_scores
from .terminal import list_item, literally, new_console, plain_table

ORDER_NAMES: Final = {
    e.BY_SCORE: "Score",
    e.BY_SALES: "Prior-year sales",
    e.BY_NAME: "Alphabetical",
    e.PERFECT: "Perfect",
}
COLUMNS: Final = (
    w.ACCOUNT_ID,
    w.ACCOUNT,
    w.OWNER,
    w.STATUS,
    w.SEGMENT,
    w.SCORE,
    w.POTENTIAL,
    w.LIKELIHOOD,
    w.COVERAGE,
    w.POTENTIAL_MONEY,
    w.EXPECTED_MONEY,
    w.PRIOR_YEAR_SALES,
    e.FORECAST,
    e.LATER_REVENUE,
    e.LATER_WINS,
    e.LATER_CLOSED,
    e.BOUGHT,
)


def write_tested(found: BackTest, path: Path) -> None:
    """Writes one row per account: the scores of the day, the forecast, and what came.

    Raises:
        SaveError: an unknown ending, or the file cannot be written.
    """
    write_scores(found.tested[list(COLUMNS)], path)


def as_json(found: BackTest) -> dict[str, Any]:
    """The result as one object; what cannot be known is null."""
    test = found.evidence
    return {
        "as_of": f"{test.as_of:%Y-%m-%d}",
        "until": f"{test.until:%Y-%m-%d}",
        "accounts": test.accounts,
        "outcomes": test.outcomes,
        "winners": test.winners,
        "later_revenue": test.revenue,
        "asked": test.asked,
        "auc": _number(test.score.auc.value),
        "auc_low": _number(test.score.auc.low),
        "auc_high": _number(test.score.auc.high),
        "auc_potential": _number(test.potential.auc.value),
        "auc_likelihood": _number(test.likelihood.auc.value),
        "brier": _number(test.brier),
        "brier_base": _number(test.brier_base),
        "brier_raw": _number(test.brier_raw),
        "forecast": test.forecast,
        "calibration_error": _number(test.calibration_error),
        "calibration": [
            {
                "accounts": band.accounts,
                "forecast": band.forecast,
                "observed": band.observed,
                "low": band.low,
                "high": band.high,
            }
            for band in test.bands
        ],
        "revenue_caught": {name: _shares(g.revenue) for name, g in test.gains.items()},
        "revenue_caught_intervals": {name: _ends(g.revenue) for name, g in test.gains.items()},
        "winners_caught": {name: _shares(g.winners) for name, g in test.gains.items()},
        "winners_caught_intervals": {name: _ends(g.winners) for name, g in test.gains.items()},
        "above_alphabetical": _interval(test.above_alphabetical),
        "against_alphabetical": test.against_alphabetical,
        "expected": {
            "accounts": test.money.accounts,
            "years": test.money.years,
            "expected": test.money.expected,
            "came": test.money.came,
            "mean_error": _number(test.money.mean_error),
        },
        "attributes": [_attribute(each) for each in test.attributes],
        "learned": _learned(found),
        "notes": list(test.notes),
        "n": test.score.accounts,
        "verdict": test.verdict,
        "sentence": test.sentence,
    }


def _attribute(each: e.AttributeEvidence) -> dict[str, Any]:
    tested = each.tested
    auc = tested.auc if tested else UNKNOWN
    return {
        "attribute": each.attribute,
        "axis": each.axis,
        "weight": each.weight,
        "known": each.known,
        "accounts": tested.accounts if tested else 0,
        "auc": _number(auc.value),
        "auc_low": _number(auc.low),
        "auc_high": _number(auc.high),
        "lift": _number(each.lift),
        "rates": list(each.rates),
        "monotone": each.monotone,
        "verdict": tested.verdict if tested else each.verdict,
    }


def _learned(found: BackTest) -> dict[str, Any]:
    learned = found.learned
    return {
        "weights": dict(learned.weights),
        "refused": learned.refused,
        "accounts": learned.accounts,
        "later_accounts": learned.later,
        "auc": _number(learned.auc.value),
        "auc_low": _number(learned.auc.low),
        "auc_high": _number(learned.auc.high),
        "brier": _number(learned.brier),
        "brier_base": _number(learned.brier_base),
        "calibration_error": _number(learned.calibration_error),
        "odds": None if learned.odds is None else dataclasses.asdict(learned.odds),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _interval(found: Interval) -> dict[str, float | None]:
    return {
        "value": _number(found.value),
        "low": _number(found.low),
        "high": _number(found.high),
    }


def _percent(share: float) -> str:
    return f"{share:.0%}".rstrip("%")


def _shares(found: Any) -> dict[str, float | None]:
    return {_percent(share): _number(each.value) for share, each in found.items()}


def _ends(found: Any) -> dict[str, list[float | None]]:
    return {
        _percent(share): [_number(each.low), _number(each.high)] for share, each in found.items()
    }


# --- For the terminal -----------------------------------------------------------------


def show(found: BackTest, out: Path | None) -> None:
    """Prints the verdict first, then what it rests on."""
    test, console = found.evidence, new_console()
    console.print(
        f"\n[bold]Evidence[/bold]  scores as of {test.as_of:%Y-%m-%d}, outcomes to "
        f"{test.until:%Y-%m-%d}: {test.accounts:,} accounts, {test.outcomes:,} deals closed, "
        f"{test.winners:,} accounts bought for {money(test.revenue)}"
    )
    console.print(f"\n[bold]{test.sentence}[/bold]")
    console.print(f"[bold]{test.against_alphabetical}[/bold]")
    _show_gains(console, test)
    _show_forecast(console, test)
    _show_attributes(console, test)
    _show_learned(console, found)
    for note in test.notes:
        list_item(console, note)
    if out is not None:
        console.print(f"\nPer account: [bold]{literally(out)}[/bold]", soft_wrap=True)


def _show_gains(console: Console, test: e.Evidence) -> None:
    heads = [f"Top {_percent(share)} %" for share in e.SHARES]
    told = "Share of later won revenue that the first accounts hold (95 % interval)"
    console.print(f"\n[bold]{told}[/bold]")
    table = plain_table("", "Order", *heads)
    for name in e.ORDERS:
        table.add_row(ORDER_NAMES[name], *(_told(i) for i in test.gains[name].revenue.values()))
    console.print(table)
    if 0 < test.winners < test.accounts:
        table = plain_table("\nShare of the accounts that bought", "Order", *heads)
        for name in (e.BY_SCORE, e.BY_SALES, e.BY_NAME):
            table.add_row(ORDER_NAMES[name], *(_told(i) for i in test.gains[name].winners.values()))
        console.print(table)


def _told(found: Interval) -> str:
    if math.isnan(found.value):
        return "-"
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def _show_forecast(console: Console, test: e.Evidence) -> None:
    console.print(f"\n[bold]Forecast against what happened[/bold] ({test.forecast})")
    table = plain_table("", "Forecast", "Accounts", "Came true")
    for band in test.bands:
        table.add_row(f"{band.forecast:.0%}", f"{band.accounts:,}", f"{band.observed:.0%}")
    console.print(table)
    console.print(
        f"  Brier score {test.brier:.4f}, the base rate's {test.brier_base:.4f}; forecasts are off "
        f"by {test.calibration_error:.1%} on average."
    )
    came = test.money
    console.print(
        f"  {w.EXPECTED_MONEY} of {came.accounts:,} accounts for {came.years:.2f} years: "
        f"{money(came.expected)}; came: {money(came.came)}."
    )


def _show_attributes(console: Console, test: e.Evidence) -> None:
    table = plain_table("\nAttributes", "Attribute", "Weight", "AUC", "Lift", "Monotone", "Verdict")
    for each in test.attributes:
        auc = each.tested.auc if each.tested else UNKNOWN
        known = not math.isnan(auc.value)
        table.add_row(
            literally(each.attribute),
            f"{each.axis[0]} {each.weight:g}",
            f"{auc.value:.2f} ({auc.low:.2f} to {auc.high:.2f})" if known else "-",
            f"{each.lift:.2f}" if known else "-",
            {True: "yes", False: "no", None: "-"}[each.monotone],
            each.verdict if each.tested else f"left out: {_why(each)}",
        )
    console.print(table)
    for each in test.attributes:
        if each.tested and each.tested.other_way:
            list_item(console, f"{each.attribute}: {e.OTHER_WAY}.")


def _why(each: e.AttributeEvidence) -> str:
    return "it leaks" if each.known.startswith(LEAKS) else "no data"


def _show_learned(console: Console, found: BackTest) -> None:
    learned = found.learned
    if learned.refused:
        console.print(f"\nLearned weights of Likelihood: none, {learned.refused}.")
        return
    told = ", ".join(f"{name} {weight:g}" for name, weight in learned.weights.items())
    console.print(
        f"\nLearned weights of Likelihood: {told}. Learned from {learned.accounts:,} outcomes, in "
        f"the later period AUC {learned.auc.value:.2f}, Brier score {learned.brier:.4f} against "
        f"{learned.brier_base:.4f} of the base rate."
    )
