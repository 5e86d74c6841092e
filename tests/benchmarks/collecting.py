"""500 books of five plans each: check and collect, against opening each with openpyxl.

Ours must be at least 8 times faster, take no more than 60 s on two processors,
and need no more memory for 500 books than for 100, but for what is told of
their plans. Opening is timed on some of the books, spread over the folder.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from accountplan.addin import planning
from accountplan.addin.collect import collect
from accountplan.addin.plan_files import check_workbooks
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from tests.support import books, team_folder

BOOKS = 500
FEW = 100
PLANS = 5
OPENED = 12
LEAST_RATIO = 8.0
MOST_SECONDS = 60.0
MOST_MEGABYTES = 40.0
NOW = datetime(2018, 1, 15, 9, 30)


def the_round(reps: int) -> Round:
    """Reps whose name, accounts and ids all carry the rep's mark, such as QZ0007."""
    marks = [f"QZ{number:04}" for number in range(reps)]
    owners = [f"Rep {mark}" for mark in marks for _ in range(PLANS)]
    names = [f"Client {mark}-{number}" for mark in marks for number in range(PLANS)]
    accounts = books.accounts(
        {
            w.ACCOUNT_ID: names,
            w.ACCOUNT: names,
            w.OWNER: owners,
            w.EMPLOYEES: [100.0 + number % 97 for number in range(len(names))],
        }
    )
    people = books.teams([(rep, "Manager") for rep in dict.fromkeys(owners)])
    settings = Settings(plans_per_book=PLANS, plan_due=team_folder.DUE)
    return planning.plan_round(books.export(accounts, books.deals(), people), settings)


def make(folder: Path, count: int) -> None:
    """A team workbook, and books that differ in their marks only."""
    warnings.simplefilter("ignore")
    whole = the_round(count)
    write_workbook(whole, folder / "team.xlsx")
    first = folder / "first.xlsx"
    write_workbook(planning.book(whole, "Rep QZ0000"), first)
    for tab in [tab for tab in openpyxl.load_workbook(first).sheetnames if "QZ0000" in tab]:
        team_folder.fill_tab(first, tab, "QZ0000")
    with zipfile.ZipFile(first) as package:
        parts = {info.filename: package.read(info) for info in package.infolist()}
    (folder / "books").mkdir()
    for number in range(count):
        mark = f"QZ{number:04}"
        with zipfile.ZipFile(
            folder / "books" / f"Rep {mark}.xlsx", "w", zipfile.ZIP_DEFLATED
        ) as package:
            for name, content in parts.items():
                package.writestr(name, content.replace(b"QZ0000", mark.encode()))
    first.unlink()


def seconds(what: str, folder: Path) -> tuple[float, float]:
    """The seconds that a command takes, and the megabytes of its largest process."""
    start = time.perf_counter()
    told = subprocess.run(
        [sys.executable, __file__, what, str(folder)], check=True, capture_output=True, text=True
    )
    taken = time.perf_counter() - start
    return taken, float(told.stdout.strip().splitlines()[-1])


def run(what: str, folder: Path) -> None:
    """One command in a process of its own; prints its memory."""
    pd.set_option("mode.string_storage", "python")
    if what == "check":
        plans = len(check_workbooks([folder / "books"]).plans)
    else:
        plans = PLANS * len(collect(folder / "books", folder / "team.xlsx", now=NOW).books)
    assert plans == PLANS * len(list((folder / "books").iterdir())), plans
    print(megabytes())


def megabytes() -> float:
    """The most memory that this process had; what its helpers hold does not grow."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: on Linux it counts what the process was forked from.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * (1024 if sys.platform == "darwin" else 1))


def opened(folder: Path) -> float:
    """The seconds that openpyxl takes for all books, from some of them."""
    paths = sorted((folder / "books").iterdir())
    some = paths[:: max(len(paths) // OPENED, 1)]
    start = time.perf_counter()
    for path in some:
        openpyxl.load_workbook(path)
    return (time.perf_counter() - start) * len(paths) / len(some)


def main() -> int:
    """Prints seconds, ratios and megabytes; 1 where a bar is missed."""
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        few, many = Path(temporary) / "few", Path(temporary) / "many"
        many.mkdir()
        make(many, BOOKS)
        # The same team workbook: its own size is not what grows with the folder.
        (few / "books").mkdir(parents=True)
        for path in [many / "team.xlsx", *sorted((many / "books").iterdir())[:FEW]]:
            shutil.copy(path, few / path.relative_to(many))
        plain = opened(many)
        print(f"{BOOKS} books of {PLANS} plans; opening each with openpyxl: {plain:.0f} s")
        for what in ("check", "collect"):
            _, little = seconds(what, few)
            taken, much = seconds(what, many)
            ratio = plain / taken
            print(
                f"  {what}: {taken:.1f} s, ratio {ratio:.1f}; {much:.0f} MB, "
                f"{little:.0f} MB for {FEW} books"
            )
            missed |= ratio < LEAST_RATIO or taken > MOST_SECONDS or much - little > MOST_MEGABYTES
    return int(missed)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        run(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main())
