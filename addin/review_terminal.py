"""The review for the terminal: a table per team, and what to talk about with each rep."""

from pathlib import Path

from rich.markup import escape

from ..udfs import funnel
from ..udfs import review as model
from ..udfs import words as w
from ..workbook_templates.writer import money
from .review import ReviewReport
from .terminal import figures_table, new_console, show_table


def show(report: ReviewReport, out: Path | None = None) -> None:
    """Prints the report for the terminal, and where it was written."""
    console = new_console()
    counts = (model.PLANS, model.COMPLETE, model.GOOD, model.HANDED_IN, model.LATE)
    amounts = (w.EXPECTED_MONEY, funnel.GAP)
    for manager, reps in report.teams():
        table = figures_table(f"\n{escape(manager)}", w.REP, *counts, *amounts)
        for row in reps.to_dict("records"):
            figures = [f"{row[column]:,.0f}" for column in counts]
            figures += [money(row[column]) for column in amounts]
            table.add_row(escape(row[w.REP]), *figures)
        show_table(console, table)
        moved = report.moved(manager, reps)
        if moved is not None:
            console.print(moved.told, style="dim", soft_wrap=True)
        for row in reps.to_dict("records"):
            told = f"{row[model.RISK_PROFILE]}. {model.in_one_line(row[model.TALK_ABOUT])}."
            console.print(f"  [bold]{escape(row[w.REP])}[/bold]: {escape(told)}", soft_wrap=True)
    for note in report.notes:
        console.print(f"\n{escape(note)}", soft_wrap=True)
    if out is not None:
        console.print(f"\nWritten: [bold]{escape(str(out))}[/bold]", soft_wrap=True)
