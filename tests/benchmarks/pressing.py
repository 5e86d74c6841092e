"""From a press to the finished sheet in a running Calc, and a hundred presses in a row.

A team workbook of 500 accounts is open in a headless Calc with the extension; the scripts behind
its buttons run as a click runs them. Bars: 2.5 s for a press, the slowest button's median; after
a hundred presses the sheet is the same, and office and Python together have grown by less than
80 MB since the tenth.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from workbook import export

from accountplan.addin.excel import packages
from accountplan.addin.hosts.calc import CalcWorkbook
from accountplan.addin.planning import plan_round
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support.live import LiveCalc, extension_for

COUNT, RUNS, PRESSES, SETTLED = 500, 5, 100, 10
BAR, GROWTH = 2.5, 80.0
BUTTONS = ("Score accounts", "Build quadrant grid", "Compute funnel targets", "Review summary")


def memory(calc: LiveCalc) -> float:
    """Megabytes that the office and the Python that it started hold."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,rss="], capture_output=True, text=True, check=True
    ).stdout
    pairs = (line.split() for line in listed.splitlines())
    return sum(int(held) for group, held in pairs if group == str(calc._office)) / 1024


def main() -> int:
    """Exit code 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(prefix="accountplan-bench-") as name:
        folder = Path(name)
        path = folder / "team.xlsm"
        write_workbook(
            plan_round(export(COUNT), Settings(), quota=1_000_000.0),
            path,
            controls=packages.controls(),
        )
        with LiveCalc(extension_for(folder), screen=False) as calc:
            book = calc.open_live(path)
            scripts = calc.ask("bound", document=book, sheet="Start")
            scripts |= calc.ask("bound", document=book, sheet="Path")
            return int(not (_is_quick(calc, book, scripts) & _is_steady(calc, book, scripts)))


def _is_quick(calc: LiveCalc, book: int, scripts: dict[str, str]) -> bool:
    print(f"From press to finished sheet, {COUNT} accounts, median of {RUNS}")
    slowest = 0.0
    for label in BUTTONS:
        taken = []
        for _ in range(RUNS):
            started = time.perf_counter()
            calc.ask("press", document=book, script=scripts[label])
            taken.append(time.perf_counter() - started)
        print(f"  {label}: {statistics.median(taken):.2f} s, the first {taken[0]:.2f} s")
        slowest = max(slowest, statistics.median(taken))
    print(f"  bar {BAR:g} s")
    return slowest <= BAR


def _is_steady(calc: LiveCalc, book: int, scripts: dict[str, str]) -> bool:
    door = CalcWorkbook(calc.ask, book)
    first = settled = None
    for press in range(1, PRESSES + 1):
        calc.ask("press", document=book, script=scripts["Review summary"])
        shown = door.read_table(c.T_REVIEWS).to_numpy().tolist()
        first = first or shown
        settled = memory(calc) if press == SETTLED else settled
    assert settled is not None
    grown = memory(calc) - settled
    print(f"{PRESSES} presses: {grown:+.0f} MB since the tenth (bar {GROWTH:g})")
    return shown == first and grown < GROWTH


if __name__ == "__main__":
    sys.exit(main())
