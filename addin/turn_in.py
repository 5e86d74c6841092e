"""Turning a plan in: checked, stamped with author and day, fingerprinted, and locked.

A plan that is not complete is not turned in, and the reason is named; one that
is complete but thin is, and what is thin is told. What was turned in is known by
its fingerprint, so that a later change shows.
"""

from dataclasses import dataclass
from datetime import date

from ..udfs import plans as p
from ..udfs.errors import WorkbookError
from ..udfs.plans import Plan, PlanCheck
from ..workbook_templates import contract as c
from .plan_files import PlanFile, check_plan_files
from .workbook import Lockable, Workbook


@dataclass(frozen=True)
class TurnedIn:
    """What became of a plan that was to be turned in.

    Attributes:
        plan: as it was before.
        check: what was found about it.
        is_locked: whether the tab is locked now; some programs do not let a macro do it.
    """

    plan: Plan
    check: PlanCheck
    is_locked: bool

    @property
    def told(self) -> str:
        """In words, what was done, and what is thin."""
        found = self.check.findings
        thin = "" if self.check.good else " It is thin:"
        more = f" and {len(found) - 2:,} more" if len(found) > 2 else ""
        what = "; ".join(each.what for each in found[:2])
        noted = f"{thin or ' To look at:'} {what}{more}." if found else ""
        return f"The plan for {self.plan.account} is turned in.{noted}"


def turn_in(door: Workbook, file: PlanFile, account: str, author: str, day: date) -> TurnedIn:
    """Turns the plan for an account in.

    Args:
        door: to the book.
        file: the plans in it, as read through the same door.
        account: whose plan; "" where the book has one only that is not turned in.
        author: who turns it in.
        day: on which.

    Raises:
        WorkbookError: there is no such plan, it is not complete, or it is turned
            in already; nothing was changed.
    """
    plan = plan_for(file, account)
    checks = {each.plan.tab: each.check for each in check_plan_files([file])}
    check = checks[plan.tab]
    _refuse(plan, check)
    names: dict[str, object] = {
        c.P_STATE: p.TURNED_IN,
        c.P_TURNED_IN_BY: author,
        c.P_TURNED_IN_ON: day,
    }
    names |= stamps(door, plan, {c.P_STAMP: p.fingerprint(plan)})
    write_fields(door, plan.tab, names)
    return TurnedIn(plan, check, lock(door, plan.tab, True))


def plan_for(file: PlanFile, account: str) -> Plan:
    """The plan for an account in a book.

    Raises:
        WorkbookError: there is none, or no account is named and several could be meant.
    """
    wanted = account.strip().casefold()
    found = [
        plan
        for plan in file.plans
        if (plan.account.casefold() == wanted if wanted else plan.state not in _DONE)
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(plan.account for plan in file.plans) or "none"
    if found:
        what = f"{len(found)} plans could be meant; name the account"
    else:
        what = f"has no plan for {account}" if wanted else "every plan is turned in already"
    raise WorkbookError(f"{file.file}: {what}. Plans here: {names}.")


_DONE = (p.TURNED_IN, p.APPROVED)


def _refuse(plan: Plan, check: PlanCheck) -> None:
    where = f"{plan.file}: sheet {plan.tab}"
    broken = [each for each in check.findings if each.kind == p.BROKEN]
    lacking = [each for each in check.findings if each.kind == p.INCOMPLETE]
    if broken or lacking:
        first = (*broken, *lacking)[0]
        more = len(broken) + len(lacking) - 1
        besides = f" and {more} more" if more else ""
        cell = f", cell {first.cell}" if first.cell else ""
        raise WorkbookError(
            f"{where}{cell}: the plan is not complete, so it was not turned in: {first.what}"
            f"{besides}. {first.mend}"
        )
    if plan.state in _DONE and plan.stamp == p.fingerprint(plan):
        done = "approved" if plan.state == p.APPROVED else "turned in"
        raise WorkbookError(f"{where}: the plan is {done} already, and nothing changed since.")
    if any(each.rule == "unchanged" for each in check.findings):
        raise WorkbookError(
            f"{where}: nothing changed since the plan was returned; answer the feedback at the "
            "foot of the tab first."
        )


def stamps(door: Workbook, plan: Plan, values: dict[str, object]) -> dict[str, object]:
    """Of these stamps the ones that the tab has a cell for; older templates have none."""
    held: dict[str, object] = {}
    for key, value in values.items():
        try:
            door.read_names([c.PLAN_NAMES + key], plan.tab)
        except WorkbookError:
            continue
        held[key] = value
    return held


def write_fields(door: Workbook, tab: str, values: dict[str, object]) -> None:
    """Writes named cells of a plan tab."""
    door.write_names({c.PLAN_NAMES + key: value for key, value in values.items()}, tab)


def lock(door: Workbook, tab: str, locked: bool) -> bool:
    """Locks or unlocks a plan tab; False where this program does not let a macro do it."""
    return isinstance(door, Lockable) and door.lock(tab, locked)
