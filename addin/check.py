"""``accountplan check``: which plans are incomplete or thin, one line per finding."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from ..udfs.plans import DRAFT, OFF, PLAN_FIELDS, PLAN_STATES, PLAN_TABLES, TABLE
from .plan_files import CheckedPlan, CheckReport, check_workbooks


def check(paths: Sequence[Path]) -> CheckReport:
    """Checks the plans in workbooks, and in all workbooks below folders.

    Raises:
        AccountPlanError: one line per workbook that cannot be read.
    """
    return check_workbooks(paths)


def as_json(report: CheckReport) -> dict[str, object]:
    """The report as one object."""
    return report.to_json()


def needs_a_look(report: CheckReport) -> bool:
    """Whether a plan is not good, a correction or split is wrong, or a workbook was not read."""
    wrong = any(each.serious for each in report.typed)
    return wrong or bool(report.unreadable) or not all(each.check.good for each in report.plans)


def show(report: CheckReport) -> None:
    """Prints ``file · tab · cell · what · mend`` per finding, grouped per plan, and a summary."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for each in report.plans:
        if each.check.findings:
            console.print(f"\n{_heading(each)}", style="bold")
        for finding in each.check.findings:
            where = (each.plan.file, each.plan.tab, finding.cell)
            told = (*filter(None, where), finding.what, finding.mend)
            console.print(f"  {' · '.join(told)}")
    if report.typed:
        console.print("\nCorrections and splits", style="bold")
    for wrong in report.typed:
        told = (wrong.file, wrong.sheet, wrong.cell, wrong.what, wrong.mend)
        console.print(f"  {' · '.join(filter(None, told))}")
    for line in report.unreadable:
        console.print(f"\nNot read: {line}")
    for line in report.skipped:
        console.print(f"Left out: {line}")
    console.print(f"\n{_summary(report)}")


def _heading(each: CheckedPlan) -> str:
    """Whose plan it is, how good, and how far on its way."""
    found = each.check
    share = found.completeness.share
    told = "good" if found.good else "thin" if found.complete else f"{share:.0%} complete"
    state = "" if each.plan.state == DRAFT else f", {each.plan.state.lower()}"
    return f"{each.plan.account} ({each.plan.owner or 'no owner'}): {told}{state}"


def _summary(report: CheckReport) -> str:
    """How many plans there are, and how they stand."""
    plans = report.plans
    complete = sum(each.check.complete for each in plans)
    good = sum(each.check.good for each in plans)
    findings = sum(len(each.check.findings) for each in plans)
    states = [
        f"{count:,} {state.lower()}"
        for state in PLAN_STATES
        if (count := sum(each.plan.state == state for each in plans))
    ]
    told = f"{len(plans):,} plans in {len(report.files):,} workbooks: {complete:,} complete, "
    told += f"{good:,} good. {findings:,} findings."
    wrong = sum(each.serious for each in report.typed)
    if wrong:
        told += f" {wrong:,} corrections and splits to mend."
    return f"{told} State: {', '.join(states)}." if states else told


def fields() -> dict[str, Any]:
    """What a plan tab asks for by default: fields, tables, columns, and which are required."""
    return {
        "fields": [
            {
                "key": field.key,
                "label": field.label,
                "section": field.section,
                "requirement": field.requirement,
                "kind": field.kind,
                "choices": list(field.choices),
            }
            for field in PLAN_FIELDS
            if field.requirement != OFF
        ],
        "tables": [
            {
                "table": key,
                "columns": [
                    {
                        "name": column.name,
                        "kind": column.kind,
                        "required": column.needed,
                        "choices": list(column.choices),
                    }
                    for column in columns
                ],
            }
            for key, columns in PLAN_TABLES.items()
        ],
    }


def show_fields(asked: dict[str, Any]) -> None:
    """Prints what a plan tab asks for."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    tables = {table["table"]: table["columns"] for table in asked["tables"]}
    for field in asked["fields"]:
        console.print(f"{field['label']}: {field['requirement']} (plan.{field['key']})")
        if field["kind"] == TABLE:
            for column in tables[field["key"]]:
                needed = ", needed in each row" if column["required"] else ""
                console.print(f"    {column['name']} ({column['kind']}{needed})")
