"""What was done, for the terminal and as JSON: a sales manager reads it, ops ties it."""

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from rich.console import Console

from ..udfs import funnel
from ..udfs import words as w
from ..udfs.quadrants import quadrant_grid, risk_profile
from ..workbook_templates.parts import owners, without_book
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import checks
from ..workbook_templates.writer import money
from .files import Built
from .terminal import figures_table, list_item, literally, new_console, show_table

IMPORTED: Final = ("accounts", "opportunities")


def as_json(whole: Round, built: Built | None) -> dict[str, Any]:
    """The result of ``build``, ``demo`` and ``score`` as one object; missing money is null."""
    grid = quadrant_grid(whole.accounts[w.QUADRANT], whole.accounts[w.EXPECTED_MONEY])
    made: dict[str, Any] = {}
    if built is not None:
        made = {
            "team": str(built.team),
            "teams": [str(path) for path in built.teams],
            "books": [str(path) for path in built.books],
        }
    return {
        **made,
        "as_of": f"{whole.as_of:%Y-%m-%d}",
        "import": _import_json(whole),
        "quadrants": {
            str(name): {"accounts": int(row["Accounts"]), "expected": row[w.EXPECTED_MONEY]}
            for name, row in grid.iterrows()
        },
    }


def _import_json(whole: Round) -> dict[str, Any]:
    summary = whole.summary
    files = {f.role: f for f in summary.files}
    matched: dict[str, str] = {}
    for role in IMPORTED:
        for column, source in summary.matched.get(role, {}).items():
            matched.setdefault(column, source)
    main = [files[role] for role in IMPORTED if role in files]
    return {
        "accounts": files["accounts"].rows_read if "accounts" in files else 0,
        "opportunities": files["opportunities"].rows_read if "opportunities" in files else 0,
        "used": sum(f.rows_used for f in main),
        "dropped": [
            {"what": d.what, "count": d.count, "examples": list(d.examples)}
            for d in summary.dropped
            if d.role in IMPORTED
        ],
        "matched": matched,
        "blank": list(summary.blank),
        "files": [
            {"role": f.role, "file": f.file, "read": f.rows_read, "used": f.rows_used}
            for f in summary.files
        ],
        "notes": [*summary.derived, *summary.notes],
        "control_totals": [
            {str(key): _plain(value) for key, value in row.items()}
            for row in summary.control.to_dict("records")
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return None if math.isnan(value) else float(value)
    return value if isinstance(value, str) else int(value)


def show(whole: Round, built: Built) -> None:
    """Prints what a sales manager wants to know, and what to open next."""
    console = new_console()
    console.print(
        f"\n[bold]Account Plan[/bold]  as of {whole.as_of:%Y-%m-%d}, planning year "
        f"{whole.year.start:%Y-%m-%d} to {whole.year.end:%Y-%m-%d}"
    )
    _show_import(console, whole)
    _show_accounts(console, whole)
    _show_walk(console, whole)
    _show_plans(console, whole)
    _show_evidence(console, whole)
    _show_mends(console, whole)
    _show_next(console, built, whole)
    if built.backup is not None:
        _show_backup(console, built.backup)


def show_scores(whole: Round, out: Path) -> None:
    """Prints what ``score`` did."""
    console = new_console()
    _show_import(console, whole)
    _show_accounts(console, whole)
    console.print(
        f"\nScores of {len(whole.accounts):,} accounts: [bold]{out}[/bold]", soft_wrap=True
    )


def _show_import(console: Console, whole: Round) -> None:
    summary = whole.summary
    table = figures_table("\nWhat came in", "File", "Rows read", "Used", "Dropped")
    for file in summary.files:
        table.add_row(
            literally(file.file),
            f"{file.rows_read:,}",
            f"{file.rows_used:,}",
            f"{file.rows_read - file.rows_used:,}",
        )
    show_table(console, table)
    for drop in summary.dropped:
        console.print(
            f"  dropped {drop.count:,}: {literally(drop.what)} "
            f"({literally('; '.join(drop.examples))})"
        )
    if len(summary.control):
        table = figures_table(
            "\nControl totals, to tie to the CRM", "Stage", "State", "Rows", "Amount"
        )
        for row in summary.control.to_dict("records"):
            table.add_row(
                literally(row[w.STAGE]) or "(blank)",
                row[w.STATE],
                f"{row['Rows read']:,.0f}",
                money(row[w.AMOUNT]),
            )
        table.add_row(
            "Total",
            "",
            f"{summary.control['Rows read'].sum():,.0f}",
            money(float(summary.control[w.AMOUNT].sum())),
        )
        show_table(console, table)
    for note in (*summary.derived, *summary.notes):
        list_item(console, note)
    if summary.blank:
        list_item(console, f"Left blank, not in the export: {', '.join(summary.blank)}.")


def _show_accounts(console: Console, whole: Round) -> None:
    accounts = whole.accounts
    by_status = accounts[w.STATUS].value_counts()
    told = ", ".join(f"{by_status[s]:,} {s.lower()}" for s in w.STATUSES if s in by_status)
    console.print(f"\n[bold]{len(accounts):,} accounts[/bold]: {told}.")
    segments = accounts.groupby(w.SEGMENT)[w.EXPECTED_MONEY]
    counts, worth = segments.size(), segments.sum()
    table = figures_table("\nSegments", "Segment", "Accounts", w.EXPECTED_MONEY)
    names = [*(s.name for s in whole.settings.segments), w.OTHER_SEGMENT]
    for name in names:
        if name in counts.index:
            table.add_row(literally(name), f"{counts[name]:,}", money(float(worth[name])))
    show_table(console, table)
    grid = quadrant_grid(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    table = figures_table("\nQuadrants", "Quadrant", "Accounts", w.EXPECTED_MONEY)
    for quadrant, row in grid[grid["Accounts"] > 0].iterrows():
        money_there = money(float(row[w.EXPECTED_MONEY]))
        table.add_row(str(quadrant), f"{row['Accounts']:,.0f}", money_there)
    total = float(grid[w.EXPECTED_MONEY].sum())
    table.add_row("Total", f"{grid['Accounts'].sum():,.0f}", money(total))
    show_table(console, table)
    profile = risk_profile(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    console.print(f"  {profile.label}. {profile.check}.")


def _show_walk(console: Console, whole: Round) -> None:
    columns = (w.QUOTA, funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.GAP)
    table = figures_table("\nQuota walk per rep", "Rep", "Accounts", *columns)
    owned = whole.accounts[w.OWNER].value_counts()
    for row in whole.walk.to_dict("records"):
        table.add_row(
            literally(row[w.REP]),
            f"{owned.get(row[w.REP], 0):,}",
            *(money(row[column]) for column in columns),
        )
    if len(whole.walk):
        totals = (money(whole.total[column]) for column in columns)
        table.add_row("Total", f"{len(whole.accounts):,}", *totals)
    show_table(console, table)
    if whole.walk[w.QUOTA].isna().all() and len(whole.walk):
        console.print("  No quotas: give them in the teams file, or with --quota.")


def _show_plans(console: Console, whole: Round) -> None:
    if not whole.plans:
        return
    found = whole.check(whole.plans)
    owners = pd.Series([plan.owner for plan in whole.plans])
    frame = pd.DataFrame(
        {
            "plans": 1,
            "complete": [one.complete for one in found],
            "good": [one.good for one in found],
        }
    )
    counts = frame.groupby(owners).sum()
    table = figures_table("\nPlans", "Rep", "Plans", "Complete", "Good")
    for owner, row in counts.iterrows():
        table.add_row(literally(owner), str(row["plans"]), str(row["complete"]), str(row["good"]))
    total = counts.sum()
    table.add_row("Total", str(total["plans"]), str(total["complete"]), str(total["good"]))
    show_table(console, table)


def _show_evidence(console: Console, whole: Round) -> None:
    test = whole.evidence
    if test is None:
        console.print(f"\n[bold]Evidence[/bold]  The score is not tested. {whole.not_tested}")
        return
    console.print(
        f"\n[bold]Evidence[/bold]  Scored as of {test.as_of:%Y-%m-%d} and held against what came "
        f"by {test.until:%Y-%m-%d}: {test.sentence} {test.against_alphabetical}",
        soft_wrap=True,
    )


def _show_mends(console: Console, whole: Round) -> None:
    """Prints what makes the plan worth little, last, where a person in a hurry looks."""
    mends = [f"{what}. {mend}" for what, mend, _ in checks.lacking(whole.deals)]
    short = checks.short_sales(whole)
    if short:
        mends.append(f"{short}. {checks.SHORT_SALES_MEND}")
    idle = without_book(whole.reps, whole.accounts)
    if not owners(whole):
        mends.append(f"No account has an owner, so nobody gets a book. {checks.OWNERS_MEND}")
    elif idle:
        mends.append(
            f"{len(idle):,} of {len(whole.reps):,} reps get no book, since they own no account. "
            f"{checks.WITHOUT_BOOK_MEND}"
        )
    if mends:
        console.print("\n[bold]Mend first[/bold]")
    for mend in mends:
        list_item(console, mend)


def _show_next(console: Console, built: Built, whole: Round) -> None:
    console.print("\n[bold]Open next[/bold]")
    console.print(
        f"  {literally(built.team)}  the whole team; begin on the sheet Start", soft_wrap=True
    )
    if built.teams:
        where = built.teams[0].parent
        console.print(
            f"  {literally(where)}  one workbook per manager ({len(built.teams)})", soft_wrap=True
        )
    if built.books:
        where = built.books[0].parent
        console.print(
            f"  {literally(where)}  one workbook per rep with accounts ({len(built.books)} of "
            f"{len(whole.reps)}); begin on My week",
            soft_wrap=True,
        )


def _show_backup(console: Console, backup: Path) -> None:
    console.print(
        f"\n[bold]Kept[/bold]  {literally(backup)}  the workbooks that stood there; what was typed "
        "into their plans is not carried over",
        soft_wrap=True,
    )


def show_funnel(targets: funnel.FunnelTargets) -> None:
    """Prints the volume play, top gate first, whole things rounded up."""
    console = new_console()
    table = figures_table("", "Gate", "Rate", "Volume", "Per week")
    for gate in targets.gates:
        table.add_row(
            literally(gate.gate),
            "" if gate.gate == funnel.DEAL else f"{gate.rate:.1%}",
            _whole(gate.volume),
            _whole(gate.per_week),
        )
    show_table(console, table)
    if targets.note:
        console.print(targets.note)


def _whole(value: float) -> str:
    return "-" if math.isnan(value) else f"{math.ceil(round(value, 9)):,}"
