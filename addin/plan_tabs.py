"""Plan tabs, as macros add and check them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from ..workbook_templates.names import sheet_names
from ..workbook_templates.sheets import checks
from ..workbook_templates.sheets.plan import PREFILLED_DEALS
from . import checking, corrections, library
from .crm.cells import as_text
from .desk import Desk, counted, listed, shortened
from .hosts.reader import Reader
from .plan_files import (
    CheckedPlan,
    check_plan_files,
    plan_sheets,
    read_open_plan_file,
    read_plan_file,
    read_plan_settings,
    unused_tabs,
)
from .reading import day_of, kind_of
from .review import books_of
from .workbook import Workbook, protected_trouble

YES = "yes"


# --- Add ----------------------------------------------------------------------------


def add(desk: Desk, account: str) -> str:
    """Adds a plan tab for an account, filled in with its open deals; gives the tab's name.

    Raises:
        WorkbookError: no such account, it has a plan already, or plans live elsewhere.
    """
    reader, door = desk.reader, desk.door
    if kind_of(reader) == c.TEAM:
        raise WorkbookError(
            f"{reader.label}: plans live in the reps' books; open the book of the account's owner, "
            "and add the plan there."
        )
    name = _known_account(reader, account)
    held = read_open_plan_file(reader).plans
    for plan in held:
        if plan.account.casefold() == name.casefold():
            raise WorkbookError(
                f"{reader.label}: {shortened(name)} has a plan already, on the sheet "
                f"'{plan.tab}'; open that."
            )
    tabs = plan_sheets(reader)
    if not tabs:
        raise WorkbookError(
            f"{reader.label}: there is no plan tab to copy; take the workbook from a backup."
        )
    unused = unused_tabs(reader)
    source = unused[0] if unused else tabs[-1]
    _refuse_protected(door, reader)
    (tab,) = sheet_names([c.PLAN_PREFIX + name], taken=reader.sheets)
    tables = door.copy_plan_tab(source, tab)
    if not unused:
        _blank(door, reader, source, tab, tables)
    door.write_names({c.PLAN_NAMES + c.P_ACCOUNT: name}, tab)
    deals = _prefill(door, reader, name, source, tables)
    door.append_rows(c.T_PLANS, pd.DataFrame([checking.own_row(tab)]).astype(object))
    desk.rows = 1
    desk.said.append(f"A plan for {shortened(name)} stands on the sheet '{tab}'.")
    if deals:
        desk.said.append(f"{counted(deals, 'open deal is', 'open deals are')} filled in.")
    return tab


def _refuse_protected(door: Workbook, reader: Reader) -> None:
    """Before the tab is there: what cannot be told to Tracker afterwards is not begun."""
    tracker = reader.table(c.T_PLANS)
    if tracker is not None and door.is_protected(tracker.area.sheet):
        raise protected_trouble(tracker.area.sheet, reader.label)


def _known_account(reader: Reader, account: str) -> str:
    """The account as Accounts spells it."""
    wanted = account.strip()
    names = [as_text(row.get(w.ACCOUNT)) for row in reader.records(c.T_ACCOUNTS)]
    if not wanted:
        raise WorkbookError(
            f"{reader.label}: Add plan tab: name the account, as on Accounts (account=NAME on the "
            "command line)."
        )
    for same in (str.__eq__, lambda one, other: one.casefold() == other.casefold()):
        for name in names:
            if name and same(name, wanted):
                return name
    near = [name for name in names if wanted.casefold() in name.casefold()]
    hint = f"; did you mean {listed(near)}?" if near else "; spell it as Accounts does."
    raise WorkbookError(f"{reader.label}: there is no account '{shortened(wanted)}'{hint}")


def _blank(
    door: Workbook, reader: Reader, source: str, tab: str, tables: Mapping[str, str]
) -> None:
    """Empties a copied tab of what somebody typed on the one that it comes from."""
    fields, _ = read_plan_settings(reader)
    typed = {each.key for each in fields if each.kind != p.TABLE}
    typed |= {c.P_STATE, c.P_TURNED_IN_BY, c.P_TURNED_IN_ON, c.P_FEEDBACK, c.P_ACCOUNT}
    typed |= {c.P_STAMP, c.P_RETURNED, c.P_EXAMPLE}
    there = {
        each.name.removeprefix(c.PLAN_NAMES)
        for each in reader.names
        if each.sheet == source and each.name.startswith(c.PLAN_NAMES)
    }
    door.write_names({c.PLAN_NAMES + key: None for key in sorted(typed & there)}, tab)
    for copied in tables.values():
        live = door.live_columns(copied)
        shape = door.tables()[copied]
        columns = [name.strip() for name in shape.columns if name.strip() not in live]
        door.replace_rows(copied, pd.DataFrame({name: [] for name in columns}), spare=shape.rows)


def _prefill(
    door: Workbook, reader: Reader, account: str, source: str, tables: Mapping[str, str]
) -> int:
    """Fills in the account's live deals as opportunities, where such are wanted."""
    stem = c.T_OPPORTUNITIES.casefold()
    table = next((new for old, new in tables.items() if old.casefold().startswith(stem)), None)
    ids = (
        as_text(row.get(w.ACCOUNT_ID))
        for row in reader.records(c.T_ACCOUNTS)
        if as_text(row.get(w.ACCOUNT)) == account
    )
    rows = crm_opportunities(reader).get(next(ids, ""), [])
    if table is None or not rows:
        return 0
    fill_opportunities(door, table, rows)
    return len(rows)


def crm_opportunities(reader: Reader) -> dict[str, list[dict[str, object]]]:
    """What the CRM fills in as opportunities, by Account ID; nothing where it is not to.

    The first live deals of each account in the order of Deals, as a new build has them.
    """
    fields, _ = read_plan_settings(reader)
    asked = next((each.requirement for each in fields if each.key == p.OPPORTUNITIES), p.OFF)
    found: dict[str, list[dict[str, object]]] = {}
    for row in reader.records(c.T_DEALS) if asked == p.WANTED else ():
        account = as_text(row.get(w.ACCOUNT_ID))
        is_live = row.get(w.STATE) == w.OPEN and str(row.get(w.STALE)).casefold() != YES
        if account and is_live and len(found.setdefault(account, [])) < PREFILLED_DEALS:
            found[account].append(_opportunity(row))
    return {account: rows for account, rows in found.items() if rows}


def fill_opportunities(door: Workbook, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Puts these opportunities into a plan's table, and keeps its blank rows."""
    shape = door.tables()[table]
    spare = max(shape.rows - len(rows), 0)
    columns = [name for name in p.OPPORTUNITY_COLUMNS if name in shape.columns]
    frame = pd.DataFrame(list(rows), columns=columns, dtype=object)
    door.replace_rows(table, frame, spare=spare)


def _opportunity(deal: Mapping[str, Any]) -> dict[str, object]:
    estimated = str(deal.get(w.ESTIMATED)).casefold() == YES
    return {
        w.PRODUCT: deal.get(w.PRODUCT) or None,
        w.STATE: w.OPEN,
        w.AMOUNT: None if estimated or deal.get(w.AMOUNT) == "" else deal.get(w.AMOUNT),
        w.CLOSE_DATE: day_of(deal.get(w.CLOSE_DATE)),
    }


# --- Check --------------------------------------------------------------------------


def check(desk: Desk) -> int:
    """Checks the plans, renews Tracker and Checks; gives how many findings there are.

    Raises:
        WorkbookError, SettingsError: a plan tab or the settings cannot be read.
    """
    reader, kind = desk.reader, kind_of(desk.reader)
    if kind == c.TEAM:
        checked = _in_books(desk)
        lines = checking.book_lines(checked, Path(desk.door.place))
        checking.track_books(desk.door, reader, lines)
    else:
        checked = check_plan_files([read_open_plan_file(reader)])
        lines = checking.own_lines(checked)
        checking.track_own(desk.door, reader, lines)
        if kind == c.TEMPLATE:
            held = library.examples(reader)
            facts = library.facts_of(reader) if held else {}
            library.name_examples(desk.door, [each.plan for each in checked], facts, held)
    corrections.keep_model_values(desk.door, reader)
    wrong = corrections.faults(reader)
    found = [*checks.plan_checks(lines, kind), *wrong]
    checking.write_checks(desk.door, found, checking.PLAN_KINDS)
    complete = sum(each.check.complete for each in checked)
    good = sum(each.check.good for each in checked)
    desk.rows = len(checked)
    desk.said.append(
        f"{counted(len(checked), 'plan', 'plans')}: {complete:,} complete, {good:,} good."
    )
    findings = sum(len(each.check.findings) for each in checked)
    if findings:
        desk.warnings.append(
            f"{counted(findings, 'finding', 'findings')}: Checks names each, with its cell."
        )
    if any(fault.serious for fault in wrong):
        desk.warnings.append(f"{corrections.counted(wrong)} to mend: Checks names each.")
    return findings


def _in_books(desk: Desk) -> list[CheckedPlan]:
    """The plans in the books beside a team workbook."""
    reps = {as_text(row.get(w.REP)) for row in desk.reader.records(c.T_WALK)}
    files = []
    for path in books_of(Path(desk.door.place), reps, desk.warnings):
        try:
            files.append(read_plan_file(path))
        except WorkbookError as trouble:
            desk.warnings.append(str(trouble))
    if "://" in desk.door.place:
        desk.warnings.append(
            "This workbook is opened from the cloud, so the books beside it cannot be read; open "
            "it from the synced folder."
        )
    elif not files:
        desk.warnings.append("No book lies beside this workbook, in the folder books.")
    return check_plan_files(files)
