"""``accountplan impact``: what followed where plans were good and on time?

Which plans those were says the History of a team workbook; what followed says a
later CRM export, from the day after the plans were due.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ..udfs import impact as model
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.history import Event
from ..udfs.impact import Difference
from ..udfs.plans import TURNED_IN
from ..workbook_templates import contract as c
from . import plan_history
from .hosts.package_writer import PackageWorkbook
from .reading import read_workbook
from .team_tables import text_of

if TYPE_CHECKING:
    from .crm import CrmExport

__all__ = ["ImpactReport", "impact", "show"]


@dataclass(frozen=True)
class ImpactReport:
    """What followed, good plans on time against the others.

    Attributes:
        since: the day after which it is counted; ``until`` the last day of the export.
        plans: how many plans there were; ``good`` of them good and on time.
        revenue: won per account; ``win_rate`` of deals at them.
        attainment: won per rep, as a share of the quota.
    """

    since: date
    until: date
    plans: int
    good: int
    revenue: Difference
    win_rate: Difference
    attainment: Difference

    def lines(self) -> list[str]:
        """The report in sentences, the warning last."""
        return [
            f"{self.good:,} of {self.plans:,} plans were good and on time. Counted is what came "
            f"from {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}.",
            model.told("Won revenue per account", self.revenue),
            model.told("Share of deals won", self.win_rate, percent=True),
            model.told("Attainment per rep, of the quota", self.attainment, percent=True),
            model.WARNING,
        ]

    def to_json(self) -> dict[str, object]:
        """The report as ``impact --json`` prints it."""
        return {
            "since": f"{self.since:%Y-%m-%d}",
            "until": f"{self.until:%Y-%m-%d}",
            "plans": self.plans,
            "good": self.good,
            "revenue_per_account": _json(self.revenue),
            "win_rate": _json(self.win_rate),
            "attainment": _json(self.attainment),
            "warning": model.WARNING,
        }


def _json(found: Difference) -> dict[str, object]:
    def known(value: float) -> float | None:
        return None if value != value else value

    return {
        "good": {"count": found.good.count, "value": known(found.good.value)},
        "others": {"count": found.others.count, "value": known(found.others.value)},
        "difference": known(found.difference),
        "low": known(found.low),
        "high": known(found.high),
        "verdict": found.verdict,
    }


def impact(team: Path, export: "CrmExport") -> ImpactReport:
    """What followed the plans of a team workbook, by a later export.

    Args:
        team: the team workbook, with its plans collected.
        export: accounts and deals, from after the plans were due.

    Raises:
        WorkbookError: the workbook cannot be read, or the export ends before the
            plans were due.
    """
    facts = read_workbook(team)
    due = facts.due.date()
    if export.as_of is None or export.as_of.date() <= due:
        raise WorkbookError(
            f"{team}: its plans were due on {due}, and the export says nothing after that; export "
            "again later."
        )
    workbook = PackageWorkbook(team)
    rows = workbook.read_table(c.T_PLANS, [w.ACCOUNT, w.OWNER]).to_dict("records")
    planned = {text_of(row[w.ACCOUNT]): text_of(row[w.OWNER]) for row in rows}
    planned.pop("", None)
    events = [each for past in plan_history.read(workbook).values() for each in past]
    good = {each.account for each in events if _is_good_in_time(each, due)} & set(planned)
    deals = export.deals[export.deals[w.CLOSE_DATE] > facts.due]
    won = _sums(deals[deals[w.STATE] == w.WON], w.ACCOUNT)
    by_rep = {
        rep: [account in good for account, owner in planned.items() if owner == rep]
        for rep in dict.fromkeys(planned.values())
    }
    quotas = facts.walk.set_index(w.REP)[w.QUOTA]
    made = _sums(deals[deals[w.STATE] == w.WON], w.REP)
    attained = {rep: made.get(rep, 0.0) / quotas.get(rep, float("nan")) for rep in by_rep}
    return ImpactReport(
        since=(facts.due + pd.Timedelta(days=1)).date(),
        until=export.as_of.date(),
        plans=len(planned),
        good=len(good),
        revenue=model.mean_difference(
            [won.get(account, 0.0) for account in planned if account in good],
            [won.get(account, 0.0) for account in planned if account not in good],
        ),
        win_rate=model.rate_difference(*_won_of(deals, good), *_won_of(deals, set(planned) - good)),
        attainment=model.mean_difference(
            [attained[rep] for rep, held in by_rep.items() if all(held)],
            [attained[rep] for rep, held in by_rep.items() if not all(held)],
        ),
    )


def _is_good_in_time(event: Event, due: date) -> bool:
    """Whether a version was good when it was turned in, and turned in by the due date."""
    first = event.event == TURNED_IN and event.version == 1
    return first and event.good and (event.on or event.recorded.date()) <= due


def _sums(deals: pd.DataFrame, column: str) -> dict[str, float]:
    sums = deals.groupby(column)[w.AMOUNT].sum()
    return {str(name): float(amount) for name, amount in sums.items()}


def _won_of(deals: pd.DataFrame, accounts: set[str]) -> tuple[int, int]:
    """Deals won, and won or lost, at these accounts."""
    mine = deals[deals[w.ACCOUNT].isin(accounts)]
    wins = int((mine[w.STATE] == w.WON).sum())
    return wins, wins + int((mine[w.STATE] == w.LOST).sum())


def show(report: ImpactReport) -> None:
    """Prints the report."""
    for line in report.lines():
        print(line)
