"""What do the plan tabs in these workbooks hold, and is it complete and good?

Only what people typed is read: fields by the names of their cells, which move
along when somebody inserts rows or renames a tab; tables by where they stand,
together with rows typed directly beneath them, since not every program lets a
table grow. Complete % and flags on the sheet are never read, but worked out
anew. What cannot be read as it stands is a finding of kind "broken".
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd

from ..udfs import plans as p
from ..udfs import words as w
from ..udfs.errors import AccountPlanError, SettingsError, WorkbookError
from ..udfs.plans import Finding, Plan, PlanCheck, PlanField, PlanRule, PlanTexts
from ..udfs.settings import SCALARS
from ..udfs.table_cells import cell_date, cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import changes
from .hosts.areas import Area, PackageTable
from .hosts.package import ENDINGS, LOCK, NotOursError, PackageReader
from .hosts.reader import Reader
from .save import BACKUP
from .team_tables import text_of
from .workbook import address

COPIED: Final = "copied"
PART: Final = 16
"""So many workbooks are read at a time; fewer would not be worth a process of their own."""
Result = TypeVar("Result")
_Standard = tuple[tuple[PlanField, ...], tuple[PlanRule, ...], "PlanningInputs"]
_DUE_LABEL: Final = next(each.label for each in SCALARS if each.key == "plan_due")
_AGAIN: Final = "Take the tab from a backup, or copy its answers onto a spare plan tab."


@dataclass(frozen=True)
class PlanningInputs:
    """The dates that plans are held against.

    Attributes:
        today: the day on which dates are past.
        year_start, year_end: first and last day of the planning year.
        due: by when plans are turned in; None where nobody set it.
    """

    today: date
    year_start: date
    year_end: date
    due: date | None = None


@dataclass(frozen=True)
class PlanFile:
    """One workbook's plans, and what they are held against.

    Attributes:
        file: its path, as given.
        plans: one per plan tab that is in use.
        broken: per plan what could not be read as it stands.
        fields, rules: as the workbook's own settings have them.
        inputs: its dates.
        left: plans of accounts that the export no longer has, one line each; nothing is asked
            of them any more.
    """

    file: str
    plans: tuple[Plan, ...]
    broken: tuple[tuple[Finding, ...], ...]
    fields: tuple[PlanField, ...]
    rules: tuple[PlanRule, ...]
    inputs: PlanningInputs
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedPlan:
    """A plan with what its check found, broken parts first."""

    plan: Plan
    check: PlanCheck

    def to_json(self) -> dict[str, object]:
        """The plan as ``check --json`` prints it."""
        return {
            "file": self.plan.file,
            "tab": self.plan.tab,
            "account": self.plan.account,
            "complete": self.check.completeness.share,
            "good": self.check.good,
            "state": self.plan.state,
            "findings": [
                {
                    "kind": each.kind,
                    "serious": each.serious,
                    "rule": each.rule,
                    "cell": each.cell,
                    "what": each.what,
                    "mend": each.mend,
                }
                for each in self.check.findings
            ],
        }


@dataclass(frozen=True)
class TypedFinding:
    """Something wrong with a correction or a split.

    Attributes:
        file: the workbook, as given.
        kind: "Override" or "Split".
        sheet, cell: where.
        what: is wrong, one line; ``mend`` how to mend it.
        serious: whether it changes what the workbook says.
    """

    file: str
    kind: str
    sheet: str
    cell: str
    what: str
    mend: str
    serious: bool


@dataclass(frozen=True)
class CheckedFile:
    """One workbook's plans, checked, and what it takes to find their copies elsewhere.

    Attributes:
        file: its path, as given.
        plans: in the order of their tabs.
        texts: of each plan.
        copied: the rule for copies; None where the workbook has none.
        rules: the keys of its rules, in their order.
        typed: what is wrong with its corrections and splits, where that was asked.
        left: as ``PlanFile`` has it.
    """

    file: str
    plans: tuple[CheckedPlan, ...]
    texts: tuple[PlanTexts, ...]
    copied: PlanRule | None
    rules: tuple[str, ...]
    typed: tuple[TypedFinding, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckReport:
    """What a check of many workbooks found.

    Attributes:
        plans: in the order of the workbooks and their tabs.
        files: the workbooks that were read.
        skipped: files in the folders that were not looked at, and why; plans likewise.
        unreadable: workbooks in the folders that could not be read, and why.
        typed: what is wrong with corrections and splits.
    """

    plans: tuple[CheckedPlan, ...]
    files: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    typed: tuple[TypedFinding, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The report as ``check --json`` prints it."""
        return {
            "plans": [each.to_json() for each in self.plans],
            "corrections": [asdict(each) for each in self.typed],
        }


@dataclass(frozen=True)
class FoundWorkbooks:
    """Workbooks among files and folders.

    Attributes:
        files: in the order given; those of a folder by name.
        walked: of these, the ones found in folders rather than named.
        skipped: what was left out, and why.
        spoilt: of these, what may be somebody's book all the same: in another format, not
            whole, or not on this computer.
    """

    files: tuple[Path, ...]
    walked: frozenset[Path] = frozenset()
    skipped: tuple[str, ...] = ()
    spoilt: tuple[str, ...] = ()


# --- Which workbooks? ----------------------------------------------------------


def find_workbooks(paths: Iterable[Path]) -> FoundWorkbooks:
    """Which workbooks are meant by these files and folders?

    Args:
        paths: files are taken as they are; folders are walked, without
            backups, lock files, hidden files, and files of other kinds.

    Raises:
        WorkbookError: a path is not there.
    """
    files: dict[Path, None] = {}
    walked: set[Path] = set()
    skipped: list[str] = []
    spoilt: list[str] = []
    for path in paths:
        if not path.is_dir():
            if not path.exists():
                raise WorkbookError(f"{path}: there is no such file or folder; check the name.")
            files.setdefault(path)
            continue
        for each in sorted(path.rglob("*")):
            why = _why_not(each, path)
            if why:
                skipped.append(f"{each}: {why}")
                spoilt += skipped[-1:] if why in (_OTHER_FORMAT, _ELSEWHERE) else []
            elif why is None:
                files.setdefault(each)
                walked.add(each)
    return FoundWorkbooks(tuple(files), frozenset(walked), tuple(skipped), tuple(spoilt))


_OTHER_FORMAT: Final = (
    "is no whole .xlsx or .xlsm workbook; if it is a book, save it as .xlsx, or wait until it is "
    "there"
)
_ELSEWHERE: Final = "is not on this computer; let the cloud bring it, and run this again"
_SHEETS: Final = (".ods", ".fods", ".numbers", ".et")


def _why_not(path: Path, folder: Path) -> str | None:
    """Why a file in a folder is left out: "" without a word, None where it is not."""
    inside, name = path.relative_to(folder).parts, path.name.casefold()
    if name.endswith(".icloud") or (path.is_symlink() and not path.exists()):
        return _ELSEWHERE if ".xls" in name else ""
    if not path.is_file() or any(part.startswith(".") for part in inside):
        return ""
    if path.name.startswith(LOCK):
        return "the lock file of a workbook that is open"
    is_backup = BACKUP in (part.casefold() for part in inside[:-1])
    if path.suffix.lower() not in ENDINGS:
        is_table = ".xls" in name or name.endswith(_SHEETS)
        return _OTHER_FORMAT if is_table and not is_backup else "no workbook"
    return "a backup" if is_backup else None


# --- Check -----------------------------------------------------------------------


def check_workbooks(paths: Iterable[Path]) -> CheckReport:
    """Are the plans in these workbooks complete, and are they good?

    Each workbook is held against its own settings and dates. Copied text is
    found across all of them.

    Args:
        paths: workbooks, and folders that hold them.

    Raises:
        WorkbookError: a named workbook cannot be read; one line for each. In a
            folder such a workbook is reported instead. Or there is no workbook.
        SettingsError: the plan settings in a workbook are wrong.
    """
    named = list(paths)
    found = find_workbooks(named)
    if not found.files:
        where = ", ".join(str(path) for path in named)
        raise WorkbookError(
            f"{where}: no workbook is there; name the folder that the books are in."
        )
    checked: list[CheckedFile] = []
    skipped = list(found.skipped)
    unreadable: list[str] = []
    mistakes: list[str] = []
    for path, read in zip(found.files, in_parts(check_some, found.files), strict=True):
        if isinstance(read, NotOursError):
            (skipped if path in found.walked else mistakes).append(str(read))
        elif isinstance(read, WorkbookError):
            (unreadable if path in found.walked else mistakes).append(str(read))
        elif isinstance(read, AccountPlanError):
            raise read
        else:
            checked.append(read)
            skipped += read.left
    if mistakes:
        raise WorkbookError(mistakes[0], tuple(mistakes[1:]))
    files = tuple(each.file for each in checked)
    typed = tuple(finding for each in checked for finding in each.typed)
    return CheckReport(tuple(with_copies(checked)), files, tuple(skipped), tuple(unreadable), typed)


def in_parts(
    read: Callable[[Sequence[Path]], Sequence[Result]], paths: Sequence[Path]
) -> Iterator[Result]:
    """What a function says of many workbooks, on several processors where it is worth it.

    Args:
        read: a function of a module; of some paths, one result for each.
        paths: the workbooks.

    Yields:
        The results in the order of the paths. No more than a few parts are held.
    """
    parts = [paths[at : at + PART] for at in range(0, len(paths), PART)]
    workers = min(os.cpu_count() or 1, len(parts))
    if workers < 2:
        for part in parts:
            yield from read(part)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        for results in pool.map(read, parts):
            yield from results


def check_some(paths: Sequence[Path]) -> list[CheckedFile | AccountPlanError]:
    """Checks some workbooks: plans, corrections, splits; the mistake where one cannot be read."""
    read: list[PlanFile | AccountPlanError] = []
    typed: dict[str, tuple[TypedFinding, ...]] = {}
    for path in paths:
        try:
            with PackageReader(path) as reader:
                file = read_open_plan_file(reader)
                typed[file.file] = _typed_findings(reader, file.file)
            read.append(file)
        except AccountPlanError as mistake:
            read.append(mistake)
    checked = checked_files([each for each in read if isinstance(each, PlanFile)])
    found = (replace(each, typed=typed[each.file]) for each in checked)
    return [next(found) if isinstance(each, PlanFile) else each for each in read]


def _typed_findings(reader: Reader, file: str) -> tuple[TypedFinding, ...]:
    """What is wrong with the corrections and splits of a workbook."""
    # Those who write on Checks build on this module.
    from .corrections import faults

    try:
        wrong = faults(reader)
    except AccountPlanError as trouble:
        # The plans can be checked all the same.
        return (TypedFinding(file, "Override", "", "", str(trouble), "", True),)
    found = []
    for each in wrong:
        sheet, _, cell = each.where.rpartition(", ")
        found.append(TypedFinding(file, each.kind, sheet, cell, each.what, each.mend, each.serious))
    return tuple(found)


def checked_files(files: Sequence[PlanFile]) -> Iterator[CheckedFile]:
    """Checks the plans of workbooks that were read, and keeps no more than is told of them."""
    checks = iter(_checks(files))
    for file in files:
        slim = [replace(plan, fields={}, tables={}, cells={}) for plan in file.plans]
        yield _checked(file, [CheckedPlan(plan, next(checks)) for plan in slim])


def _checked(file: PlanFile, plans: Sequence[CheckedPlan]) -> CheckedFile:
    return CheckedFile(
        file.file,
        tuple(plans),
        tuple(p.plan_texts(plan, file.fields) for plan in file.plans),
        next((rule for rule in file.rules if rule.key == COPIED), None),
        tuple(rule.key for rule in file.rules),
        left=file.left,
    )


def check_plan_files(files: Sequence[PlanFile]) -> list[CheckedPlan]:
    """Checks plans that were read, each against its own workbook's settings and dates."""
    checks = iter(_checks(files))
    return with_copies(
        [_checked(file, [CheckedPlan(plan, next(checks)) for plan in file.plans]) for file in files]
    )


def with_copies(files: Sequence[CheckedFile]) -> list[CheckedPlan]:
    """The plans of all files, with the texts that several of them share."""
    texts = [text for file in files for text in file.texts]
    rules = [file.copied for file in files for _ in file.texts]
    orders = [file.rules for file in files for _ in file.texts]
    plans = [each for file in files for each in file.plans]
    copies = p.copied_texts(texts, rules)
    return [
        replace(each, check=_with_copies(each.check, copied, order)) if copied else each
        for each, copied, order in zip(plans, copies, orders, strict=True)
    ]


def _with_copies(check: PlanCheck, copied: Sequence[Finding], order: Sequence[str]) -> PlanCheck:
    """A check with the copies where their rule stands among the others."""
    place = {key: number for number, key in enumerate(order)}
    # What is broken, and what is required, comes before any rule.
    both = sorted((*check.findings, *copied), key=lambda each: place.get(each.rule, -1))
    return replace(check, findings=tuple(both))


def _checks(files: Sequence[PlanFile]) -> list[PlanCheck]:
    """Every check but for copies, in the order of the plans."""
    plans = [plan for file in files for plan in file.plans]
    broken = [findings for file in files for findings in file.broken]
    checks: dict[int, PlanCheck] = {}
    groups: dict[_Standard, list[int]] = {}
    at = 0
    for file in files:
        standard = (file.fields, file.rules, file.inputs)
        groups.setdefault(standard, []).extend(range(at, at + len(file.plans)))
        at += len(file.plans)
    for (fields, rules, inputs), numbers in groups.items():
        made = p.check_plans(
            [plans[number] for number in numbers],
            fields,
            [rule for rule in rules if rule.key != COPIED],
            inputs.today,
            inputs.year_start,
            inputs.year_end,
        )
        checks |= dict(zip(numbers, made, strict=True))
    return [
        replace(checks[number], findings=(*broken[number], *checks[number].findings))
        for number in range(len(plans))
    ]


# --- Read ------------------------------------------------------------------------


def read_plans(path: Path) -> list[Plan]:
    """The plans in a workbook, those on spare tabs that are in use included.

    Args:
        path: a book or a template workbook; a team workbook holds none.

    Raises:
        WorkbookError: the workbook cannot be read.
        SettingsError: its plan settings are wrong.
    """
    return list(read_plan_file(path).plans)


def read_plan_file(path: Path) -> PlanFile:
    """The plans in a workbook, what is broken in them, and what they are held against.

    Args:
        path: a workbook of ours.

    Raises:
        WorkbookError: the workbook cannot be read.
        SettingsError: its plan settings are wrong.
    """
    with PackageReader(path) as reader:
        return read_open_plan_file(reader)


def read_open_plan_file(reader: Reader) -> PlanFile:
    """The same of a workbook that somebody has opened.

    Raises:
        SettingsError: its plan settings are wrong.
    """
    try:
        fields, rules = read_plan_settings(reader)
    except AccountPlanError as mistake:
        raise SettingsError(f"{reader.label}: {mistake}") from None
    accounts = _accounts(reader)
    found = [
        tab
        for sheet in plan_sheets(reader)
        if (tab := _TabReader(reader, sheet, fields, accounts).read()) is not None
    ]
    unknown = {name for plan, _ in found if (name := plan.account.casefold()) not in accounts}
    left = unknown & left_accounts(reader) if accounts and unknown else frozenset()
    read = [each for each in found if each[0].account.casefold() not in left]
    return PlanFile(
        reader.label,
        tuple(plan for plan, _ in read),
        tuple(findings for _, findings in read),
        fields,
        rules,
        read_planning_inputs(reader),
        tuple(_left(plan) for plan, _ in found if plan.account.casefold() in left),
    )


def _left(plan: Plan) -> str:
    return (
        f"{plan.file}: sheet {plan.tab}: {plan.account} has left the export, so nothing is asked "
        "of its plan any more; keep it, or pick another account at the top of the tab."
    )


def unused_tabs(reader: Reader) -> list[str]:
    """The plan tabs on which nobody has typed anything yet.

    Raises:
        SettingsError: the plan settings are wrong.
    """
    fields, _ = read_plan_settings(reader)
    return [
        sheet
        for sheet in plan_sheets(reader)
        if _TabReader(reader, sheet, fields, {}).read() is None
    ]


def read_plan_settings(
    reader: Reader,
) -> tuple[tuple[PlanField, ...], tuple[PlanRule, ...]]:
    """The plan fields and rules of a workbook; the defaults where it has no such table.

    Raises:
        SettingsError: a requirement, a kind or a bound is wrong.
    """
    fields = [_field(row) for row in _keyed(reader.records(c.T_PLAN_FIELDS))]
    rules = [_rule(row) for row in _keyed(reader.records(c.T_PLAN_RULES))]
    return tuple(fields) or p.PLAN_FIELDS, tuple(rules) or p.PLAN_RULES


def read_planning_inputs(reader: Reader) -> PlanningInputs:
    """The dates of a workbook, from what was typed into it.

    Raises:
        WorkbookError: it names no day at all.
    """
    as_of = cell_date(reader.named_value(c.N_AS_OF))
    today = cell_date(reader.named_value(c.N_TODAY)) or as_of
    if today is None:
        raise WorkbookError(
            f"{reader.label}: the cell named {c.N_TODAY} holds no date; type the day there, such "
            "as 2026-09-30."
        )
    start = cell_date(reader.named_value(c.N_YEAR_START)) or date(today.year, 1, 1)
    end = cell_date(reader.named_value(c.N_YEAR_END)) or date(today.year, 12, 31)
    return PlanningInputs(today, start, end, plan_due(reader))


def plan_due(reader: Reader) -> date | None:
    """The due date in force: the person's own, else the one that was found."""
    row = due_row(reader)
    if row:
        return cell_date(row.get("Your value")) or cell_date(row.get("Found or default"))
    return cell_date(reader.named_value("PlansDue"))


def due_row(reader: Reader) -> Mapping[str, Any]:
    """What Settings says of the due date of plans, by column; empty where it has no such row."""
    rows = reader.records(c.T_MODEL_SETTINGS)
    return next((row for row in rows if row.get("Setting") == _DUE_LABEL), {})


def left_accounts(reader: Reader) -> frozenset[str]:
    """The accounts that the export no longer has, as Changes lists them, in small letters."""
    rows = reader.records(c.T_CHANGES)
    gone = (row for row in rows if text_of(row.get(changes.WHAT)) == changes.GONE)
    return frozenset(text_of(row.get(w.ACCOUNT)).casefold() for row in gone) - {""}


def _keyed(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if text_of(row.get("Key")))


def _field(row: Mapping[str, Any]) -> PlanField:
    key = text_of(row["Key"])
    known = next((each for each in p.PLAN_FIELDS if each.key == key), None)
    kind = text_of(row.get("Kind")).lower() or (known.kind if known else p.TEXT)
    choices = known.choices if known else ()
    if kind == p.LIST and not choices:
        kind = p.TEXT
    return PlanField(
        key,
        text_of(row.get("Field")) or (known.label if known else key),
        text_of(row.get("Section")) or (known.section if known else ""),
        text_of(row.get("Required")).lower() or p.OFF,
        kind,
        text_of(row.get("Prompt")) or (known.prompt if known else ""),
        text_of(row.get("Example")),
        choices,
    )


def _rule(row: Mapping[str, Any]) -> PlanRule:
    bound = row.get("Bound")
    return PlanRule(
        text_of(row["Key"]),
        text_of(row.get("Rule")),
        text_of(row.get("Serious")).lower() == "yes",
        # The one NaN, so that the rules of two workbooks compare as equal.
        float(bound) if isinstance(bound, (int, float)) else np.nan,
        text_of(row.get("Unit")),
        text_of(row.get("Message")),
    )


def _accounts(reader: Reader) -> Mapping[str, Mapping[str, Any]]:
    """The facts of each account by its name, and by its name in small letters."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in reader.records(c.T_ACCOUNTS):
        if name := text_of(row.get(w.ACCOUNT)):
            found.setdefault(name, row)
    for name, facts in list(found.items()):
        found.setdefault(name.casefold(), facts)
    return found


def plan_sheets(reader: Reader) -> list[str]:
    """The sheets that are plan tabs: by the names of their cells, their tables, or their look."""
    ours = {each.sheet for each in reader.names if each.name.casefold().startswith(c.PLAN_NAMES)}
    stems = [name.casefold() for name in c.PLAN_TABLES.values()]

    def looks_ours(sheet: str) -> bool:
        if sheet.startswith(c.PLAN_PREFIX) and reader.value(sheet, 3, 0) == w.ACCOUNT:
            return True
        # One such table may be somebody's own; two kinds of them on a sheet are a plan's.
        names = [name for name, each in reader.tables.items() if each.area.sheet == sheet]
        return sum(any(name.startswith(stem) for name in names) for stem in stems) > 1

    return [sheet for sheet in reader.sheets if sheet in ours or looks_ours(sheet)]


class _TabReader:
    """Reads one plan tab."""

    def __init__(
        self,
        reader: Reader,
        sheet: str,
        fields: Sequence[PlanField],
        accounts: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.reader, self.sheet, self.accounts = reader, sheet, accounts
        self.fields = [each for each in fields if each.requirement != p.OFF]
        self.sections = {each.section for each in fields}
        self.found: list[Finding] = []
        self.cells: dict[str, str] = {}

    def read(self) -> tuple[Plan, tuple[Finding, ...]] | None:
        """The plan and what is broken in it; None for a spare tab that nobody uses."""
        account = text_of(self._named(c.P_ACCOUNT, "the account"))
        nameless = bool(self.found)
        if nameless:
            account = self._account_of_title()
        values: dict[str, object] = {}
        tables: dict[str, pd.DataFrame] = {}
        for each in self.fields:
            if each.kind == p.TABLE:
                rows = self._table(each)
                if rows is not None:
                    tables[each.key] = rows
            else:
                values[each.key] = self._named(each.key, f"'{each.label}'")
        if not account and not nameless and not self._in_use(values, tables):
            return None
        for key in (c.P_TURNED_IN_BY, c.P_FEEDBACK):
            values[key] = self._named(key, _TURN_IN_LABELS[key])
        state, on = self._state(), self._turned_in_on()
        facts = self._facts(account)
        plan = Plan(
            account_id=self._account_id(facts) or account,
            account=account,
            owner=text_of(facts.get(w.OWNER)),
            fields=values,
            tables=tables,
            cells=self.cells,
            state=state,
            turned_in_on=on,
            stamp=self._quiet(c.P_STAMP),
            returned=self._quiet(c.P_RETURNED),
            file=str(self.reader.label),
            tab=self.sheet,
            quadrant=text_of(facts.get(w.QUADRANT)),
            potential_money=cell_number(facts.get(w.POTENTIAL_MONEY)),
            status=text_of(facts.get(w.STATUS)),
        )
        return plan, tuple(self.found)

    def _account_of_title(self) -> str:
        """The account that the tab is called after; "" where Accounts knows none."""
        facts = self.accounts.get(self.sheet.removeprefix(c.PLAN_PREFIX).casefold(), {})
        return text_of(facts.get(w.ACCOUNT))

    def _in_use(self, values: Mapping[str, object], tables: Mapping[str, pd.DataFrame]) -> bool:
        """Whether anything is typed on a tab without account; the account then is what lacks."""
        typed = any(text_of(value) for value in values.values()) or any(map(len, tables.values()))
        if typed:
            self._broken("account", self.cells.get(c.P_ACCOUNT, ""), *_NO_ACCOUNT)
        return typed

    def _broken(self, rule: str, cell: str, what: str, mend: str) -> None:
        self.found.append(Finding(p.BROKEN, True, rule, cell, what, mend))

    def _area(self, key: str) -> Area | None:
        """The cells that a name of this tab leads to; None where there are none."""
        found = self.reader.name(c.PLAN_NAMES + key, self.sheet)
        area = found.area if found else None
        if area is not None and area.sheet not in self.reader.sheets:
            # Some programs rename a tab and leave its names behind, which are of this tab alone.
            return replace(area, sheet=self.sheet)
        return area

    # --- Fields -------------------------------------------------------------------

    def _named(self, key: str, label: str) -> object:
        """What is typed into the cell of a name; the cell is noted, and told of if it is gone."""
        name = c.PLAN_NAMES + key
        area = self._area(key)
        if area is None:
            is_there = self.reader.name(name, self.sheet) is not None
            gone = "its cell was deleted" if is_there else f"its name {name} is gone"
            mend = f"Give its cell the name {name}, known on this sheet only. Or: {_AGAIN}"
            self._broken("name", "", f"{label[:1].upper()}{label[1:]}: {gone}", mend)
            return None
        cell = address(area.top, area.left)
        self.cells[key] = cell
        value = self.reader.value(area.sheet, area.top, area.left)
        formula = (area.top, area.left) in self.reader.formula_cells(area.sheet)
        if formula and value is None:
            what = f"{label} holds a formula without a stored result"
            self._broken("formula", cell, what, "Type the answer itself.")
        return value

    def _quiet(self, key: str) -> str:
        """What a macro left in a cell; "" where an older template has no such cell."""
        area = self._area(key)
        if area is None:
            return ""
        return text_of(self.reader.value(area.sheet, area.top, area.left))

    def _state(self) -> str:
        typed = text_of(self._named(c.P_STATE, "the plan's state"))
        for state in p.PLAN_STATES:
            if typed.casefold() == state.casefold():
                return state
        if typed:
            mend = f"Pick one of: {', '.join(p.PLAN_STATES)}."
            what = f"The plan's state is '{typed}', which is none"
            self._broken("state", self.cells.get(c.P_STATE, ""), what, mend)
        return p.DRAFT

    def _turned_in_on(self) -> date | None:
        typed = self._named(c.P_TURNED_IN_ON, "the day on which the plan was turned in")
        day = cell_date(typed)
        if day is None and text_of(typed):
            what = (
                f"The day on which the plan was turned in is '{text_of(typed)}', which is no date"
            )
            mend = "Type a date, such as 2026-09-30."
            self._broken("turned_in_on", self.cells.get(c.P_TURNED_IN_ON, ""), what, mend)
        return day

    def _facts(self, account: str) -> Mapping[str, Any]:
        facts = self.accounts.get(account) or self.accounts.get(account.casefold())
        if facts is None and account and self.accounts:
            what = f"The account '{account}' is not on the sheet {c.ACCOUNTS}"
            mend = "Pick it from the list, or spell it as it stands there."
            self._broken("account", self.cells.get(c.P_ACCOUNT, ""), what, mend)
        return facts or {}

    def _account_id(self, facts: Mapping[str, Any]) -> str:
        """The account's id: of the sheet Accounts, else as it was typed on the tab."""
        if facts:
            return text_of(facts.get(w.ACCOUNT_ID))
        area = self._area(c.P_ACCOUNT_ID)
        if area is None:
            return ""
        if (area.top, area.left) in self.reader.formula_cells(area.sheet):
            return ""
        return text_of(self.reader.value(area.sheet, area.top, area.left))

    # --- Tables -------------------------------------------------------------------

    def _table(self, each: PlanField) -> pd.DataFrame | None:
        """The typed rows of a table, those directly beneath it included; None if it is gone."""
        place = self._place(each.key)
        if place is None:
            what = f"The table {c.PLAN_TABLES[each.key]} is gone"
            self._broken("table", "", what, _AGAIN)
            return None
        headers, area = place
        columns = self._columns(each.key, headers, area)
        self.cells[each.key] = address(area.top + 1, area.left)
        for name, col in columns.items():
            self.cells[f"{each.key}.{name}"] = address(area.top + 1, col)
        rows = {row - area.top - 1: self._cells(row, columns) for row in self._rows(area, columns)}
        typed = {at: cells for at, cells in rows.items() if any(text_of(cell) for cell in cells)}
        names = [column.name for column in p.PLAN_TABLES[each.key]]
        held = [dict(zip(columns, cells, strict=True)) for cells in typed.values()]
        values = [[row.get(name, "") for name in names] for row in held]
        return pd.DataFrame(values, index=list(typed), columns=names, dtype=object)

    def _place(self, key: str) -> tuple[list[str], Area] | None:
        """A table's headers, and its area from the header to the last row."""
        stem = c.PLAN_TABLES[key].casefold()
        area = self._area(key)
        here = [each for each in self.reader.tables.values() if each.area.sheet == self.sheet]
        for table in here:
            if table.name.casefold().startswith(stem) or (area and _overlap(table.area, area)):
                return self.reader.headers(table), _without_totals(table)
        if area is None or area.sheet != self.sheet:
            return None
        columns = range(area.left, area.right + 1)
        return [text_of(self.reader.value(area.sheet, area.top, col)) for col in columns], area

    def _columns(self, key: str, headers: Sequence[str], area: Area) -> dict[str, int]:
        """Where each column stands; one whose header was changed is taken by its place."""
        expected = [column.name for column in p.PLAN_TABLES[key]]
        found = {
            header.strip(): area.left + number
            for number, header in enumerate(headers)
            if header.strip() in expected
        }
        title = c.PLAN_TABLES[key]
        for number, name in enumerate(expected):
            if name in found:
                continue
            there = headers[number].strip() if number < len(headers) else ""
            cell = address(area.top, area.left + number)
            if there and there not in expected and there != c.FLAG:
                found[name] = area.left + number
                what = f"{title}: the column '{name}' is called '{there}'"
                self._broken("header", cell, what, f"Call it '{name}' again.")
            else:
                mend = f"Put a column with the header '{name}' there. Or: {_AGAIN}"
                self._broken("header", cell, f"{title}: the column '{name}' is gone", mend)
        return found

    def _rows(self, area: Area, columns: Mapping[str, int]) -> Iterator[int]:
        yield from range(area.top + 1, area.bottom + 1)
        row = area.bottom + 1
        while self._belongs(row, area, columns):
            yield row
            row += 1

    def _belongs(self, row: int, area: Area, columns: Mapping[str, int]) -> bool:
        """Whether a row under a table was typed there as one more of its rows."""
        cells = self._cells(row, columns)
        texts = [text_of(cell) for cell in cells]
        if not any(texts) or texts[0] in self.sections:
            return False
        # The rows of fields hold formulas right of the answer, and their cells have names.
        flag = area.right
        formulas = self.reader.formula_cells(self.sheet)
        if any(at == row and col != flag for at, col in formulas):
            return False
        return row not in self._named_rows()

    def _named_rows(self) -> set[int]:
        areas = [each.area for each in self.reader.names if each.sheet == self.sheet]
        return {area.top for area in areas if area is not None}

    def _cells(self, row: int, columns: Mapping[str, int]) -> list[object]:
        values = [self.reader.value(self.sheet, row, col) for col in columns.values()]
        return ["" if value is None else value for value in values]


_TURN_IN_LABELS: Final[Mapping[str, str]] = {
    c.P_TURNED_IN_BY: "who turned the plan in",
    c.P_FEEDBACK: "the feedback",
}
_NO_ACCOUNT: Final = (
    "The tab is filled in, but no account is picked",
    "Pick the account that the plan is for, at the top of the tab.",
)


def _overlap(one: Area, other: Area) -> bool:
    return (
        one.top <= other.bottom
        and other.top <= one.bottom
        and one.left <= other.right
        and other.left <= one.right
    )


def _without_totals(table: PackageTable) -> Area:
    # A table without its header row begins where the header would stand.
    return replace(
        table.area,
        top=table.area.top if table.headers else table.area.top - 1,
        bottom=table.area.bottom - table.totals,
    )
