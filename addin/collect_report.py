"""What a collection found and changed, for the terminal."""

from collections.abc import Sequence

from rich.console import Console

from .collect import CollectReport


def show(report: CollectReport) -> None:
    """Prints what was read, what is new, how the plans stand, and what needs a look."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    plans = report.plans
    console.print(f"{len(report.books):,} books read; {plans['plans']:,} plans:", style="bold")
    told = [f"{count:,} {word}" for word, count in plans.items() if word != "plans" and count]
    console.print(f"  {', '.join(told) or 'nothing on them yet'}")
    console.print(f"New since the last collection: {report.told_news}")
    for title, lines in (
        ("Not read", report.unreadable),
        ("Twice there", report.duplicates),
        ("No book found of", report.missing),
        ("Gone", report.gone),
        ("Older template", report.older),
        ("Open, read as last saved", report.open_books),
        ("To know", report.behind),
        ("To know", report.notes),
        ("Left out", report.left_out),
    ):
        _list(console, title, lines)
    if report.backup is None:
        console.print("\nNothing new: the team workbook was left as it is.")
    else:
        console.print(f"\nWritten: {report.into}. As it was: {report.backup}")


def _list(console: Console, title: str, lines: Sequence[str]) -> None:
    for line in lines:
        console.print(f"{title}: {line}")
