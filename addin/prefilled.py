"""What the CRM filled in on plan tabs, and what becomes of it with a new export.

Most of a tab looks itself up. Two things stand there as text: the account's name,
and its live deals as opportunities. The name follows an account that is called
otherwise now, there and where people name accounts; opportunities are renewed where
they stand as they were filled in, on a plan that is not turned in. What somebody
typed over stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.plans import Plan
from ..workbook_templates import contract as c
from .crm.cells import as_text
from .hosts.package_writer import PackageWorkbook
from .hosts.reader import Reader
from .importing import Held
from .plan_files import read_open_plan_file
from .plan_tabs import crm_opportunities, fill_opportunities
from .reading import day_of, kind_of
from .team_tables import text_of

BY_NAME: Final = (c.T_OVERRIDES, c.T_SPLITS, c.T_LIBRARY)
"""Tables in which people name accounts."""
TEAM_BY_NAME: Final = (*BY_NAME, c.T_PLANS)
"""The same in a team workbook, whose Tracker names the plans in the books."""


@dataclass(frozen=True)
class _Opportunities:
    """A plan's table that stands as the CRM filled it in."""

    account_id: str
    table: str
    rows: list[dict[str, object]]


class PrefilledTabs:
    """What stands in a workbook as the CRM filled it in, before the new export is written.

    Args:
        reader: of the workbook as it was.
        held: its accounts then.
        places: of each account of the new export its row then; None for a new one.
        accounts: those of the new export.
    """

    def __init__(
        self, reader: Reader, held: Held, places: Sequence[int | None], accounts: pd.DataFrame
    ) -> None:
        pairs = zip(places, accounts[w.ACCOUNT], accounts[w.ACCOUNT_ID], strict=True)
        known = {held.names[place]: (name, who) for place, name, who in pairs if place is not None}
        self._renamed = {old: new for old, (new, _) in known.items() if old != new}
        plans = read_open_plan_file(reader).plans
        self._named = {
            plan.tab: new
            for plan in plans
            for old, new in self._renamed.items()
            if plan.account.casefold() == old.casefold()
        }
        ids = {old.casefold(): who for old, (_, who) in known.items()}
        self._untouched = list(_untouched(reader, plans, ids))
        self._by_name = TEAM_BY_NAME if kind_of(reader) == c.TEAM else BY_NAME

    def rename(self, door: PackageWorkbook) -> list[str]:
        """Lets tabs, corrections and splits go by the new names, before the new export is written.

        So that they act on their accounts, and are checked with them.

        Returns:
            What was left as it was, for a tab has a password.
        """
        left = []
        for tab, name in self._named.items():
            with _unlocked(door, tab) as is_open:
                try:
                    # A cell that may be typed into takes it under a password, too.
                    door.write_names({c.PLAN_NAMES + c.P_ACCOUNT: name}, tab)
                except WorkbookError:
                    if is_open:
                        raise
                    left.append(_has_password(door, tab, f"type the account's new name, '{name}'"))
        for table in self._by_name if self._renamed else ():
            left += self._rename_in(door, table)
        return left

    def renew(self, door: PackageWorkbook) -> list[str]:
        """Writes what follows from the new export, which is in the workbook by now.

        Returns:
            As ``rename``.
        """
        left = []
        if self._untouched:
            wanted = crm_opportunities(door.reader())
            for each in self._untouched:
                rows = wanted.get(each.account_id, [])
                if rows == each.rows or _has_more(door, each.table):
                    continue
                tab = door.tables()[each.table].sheet
                with _unlocked(door, tab) as is_open:
                    if is_open:
                        fill_opportunities(door, each.table, rows)
                    else:
                        left.append(_has_password(door, tab, "copy its open deals anew"))
        return left

    def _rename_in(self, door: PackageWorkbook, table: str) -> list[str]:
        if table not in door.tables():
            return []
        column = door.read_table(table, [w.ACCOUNT])[w.ACCOUNT]
        folded = {old.casefold(): new for old, new in self._renamed.items()}
        new = column.map(lambda name: folded.get(as_text(name).casefold()))
        if not new.notna().any():
            return []
        sheet = door.tables()[table].sheet
        with _unlocked(door, sheet) as is_open:
            if not is_open:
                names = ", ".join(new.dropna())
                return [_has_password(door, sheet, f"type the new names: {names}")]
            door.write_columns(table, new.dropna().to_frame())
        return []


@contextmanager
def _unlocked(door: PackageWorkbook, tab: str) -> Iterator[bool]:
    """Lifts what protects a tab for a while; False where it has a password of its owner."""
    was_locked = door.is_protected(tab)
    is_open = door.lock(tab, False)
    yield is_open
    if is_open:
        door.lock(tab, was_locked)


def _has_password(door: PackageWorkbook, tab: str, mend: str) -> str:
    return (
        f"{door.label}, sheet '{tab}': it has a password, so it stays as it was; unprotect it and "
        f"{mend}."
    )


def _untouched(
    reader: Reader, plans: Sequence[Plan], ids: Mapping[str, str]
) -> Iterator[_Opportunities]:
    """The tables of opportunities that nobody typed into, on plans that are still drafts."""
    filled_in = crm_opportunities(reader)
    for plan in plans:
        account_id = ids.get(plan.account.casefold())
        held = plan.tables.get(p.OPPORTUNITIES)
        is_draft = plan.state == p.DRAFT and not (plan.stamp or plan.returned)
        if account_id is None or held is None or not is_draft:
            continue
        rows = filled_in.get(plan.account_id, [])
        if [_typed(row) for row in held.to_dict("records")] == [_typed(row) for row in rows]:
            yield _Opportunities(account_id, _table_on(reader, plan.tab), rows)


def _has_more(door: PackageWorkbook, table: str) -> bool:
    """Whether something stands in a column of the rep's own; a formula of each row is no text."""
    mine = {column.name for column in p.PLAN_TABLES[p.OPPORTUNITIES]}
    values, formulas = door.read_table(table), door.read_formulas(table)
    live = door.live_columns(table)
    return any(
        text_of(value) != "" if formula is None else name not in live
        for name in values.columns
        if name not in mine
        for value, formula in zip(values[name], formulas[name].reindex(values.index), strict=True)
    )


def _typed(row: Mapping[Any, Any]) -> tuple[object, ...]:
    """A row of opportunities as it compares: numbers and days as such, all else as text."""
    found: list[object] = []
    for column in p.PLAN_TABLES[p.OPPORTUNITIES]:
        value = row.get(column.name)
        value = "" if value is None or value != value else value
        if column.kind == p.DATE:
            day = day_of(value)
            found.append(as_text(value) if day is None else day)
        elif column.kind == p.MONEY and isinstance(value, (int, float)):
            found.append(float(value))
        else:
            found.append(as_text(value))
    return tuple(found)


def _table_on(reader: Reader, tab: str) -> str:
    """What the table of opportunities is called on a tab."""
    stem = c.T_OPPORTUNITIES.casefold()
    return next(
        each.name
        for name, each in reader.tables.items()
        if each.area.sheet == tab and name.startswith(stem)
    )
