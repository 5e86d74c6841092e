"""A closed workbook through the door, Python's start included, as Score accounts uses it.

Reads the accounts, deals and settings of a team workbook, writes the answers of Accounts and all
rows of Scores, and saves; the model's own second is not in it. CPU seconds, the least of some
runs, since other programs can only add to them. Bars: 20,000 accounts 5 s, which leaves a second
for the model; 500 accounts 1.5 s; `import accountplan.udfs.worksheet` 0.5 s.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from workbook import export, ours

RUNS = 5
BARS = {20_000: 5.0, 500: 1.5}
IMPORT_BAR = 0.5
DOOR = """
import sys
from pathlib import Path
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs import words as w
from accountplan.workbook_templates import contract as c

book = PackageWorkbook(Path(sys.argv[1]), Path(sys.argv[2]))
accounts = book.read_table(c.T_ACCOUNTS)
book.read_table(c.T_DEALS)
for name in (c.T_ATTRIBUTES, c.T_SEGMENTS, c.T_SEGMENT_RULES, c.T_OVERRIDES, c.T_REPS):
    book.read_table(name)
typed = [name for name in accounts if name not in book.live_columns(c.T_ACCOUNTS)]
answers = accounts[typed[:16]].infer_objects().copy()
for name in answers.select_dtypes("number"):
    answers[name] *= 0.99
book.write_columns(c.T_ACCOUNTS, answers)
scores = book.read_table(c.T_SCORES).infer_objects()
typed = [name for name in scores if name not in book.live_columns(c.T_SCORES)]
scores = scores[typed].copy()
for name in scores.select_dtypes("number"):
    scores[name] *= 0.99
book.replace_rows(c.T_SCORES, scores)
book.save()
assert len(scores) == int(sys.argv[3])
"""


def least_cpu(*arguments: str) -> float:
    """The least CPU seconds that a new Python needs for this."""
    seconds = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        seconds.append(spent)
    return min(seconds)


def main() -> int:
    """Exit code 1 where one takes longer than its bar."""
    taken: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(prefix="accountplan-bench-") as folder:
        for count, bar in BARS.items():
            path, out = Path(folder) / f"{count}.xlsx", Path(folder) / "out.xlsx"
            ours(export(count), path)
            spent = least_cpu("-c", DOOR, str(path), str(out), str(count))
            taken[f"{count:,} accounts, read and written"] = spent, bar
    asked = least_cpu("-c", "import accountplan.udfs.worksheet")
    taken["import accountplan.udfs.worksheet"] = asked, IMPORT_BAR
    print(f"A closed workbook, CPU seconds, least of {RUNS} runs")
    for what, (spent, bar) in taken.items():
        print(f"  {what}: {spent:.2f} s (bar {bar:g} s)")
    return int(any(spent > bar for spent, bar in taken.values()))


if __name__ == "__main__":
    sys.exit(main())
