"""A team workbook of 20,000 accounts: from import to file, against pandas and openpyxl.

Ours plans the round and writes the whole workbook with its formats and checks. The other way is
handed the finished values and only writes them: each sheet's cells, read back from our file, with
`to_excel` and the engine openpyxl. Ours must be at least 1.5 times faster.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import python_calamine
from race import race, tell
from synthetic import accounts

from accountplan.addin.crm import CrmExport, ImportReport
from accountplan.addin.planning import plan_round
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates.build import write_workbook

COUNT = 20_000
RUNS = 3
LEAST_RATIO = 1.5
QUOTA = 1_000_000.0
GIVEN_LATER = (w.SEGMENT, w.STATUS, w.TENURE, w.WIN_RATE, w.DAYS_SINCE_LAST_WON)


def export(count: int) -> CrmExport:
    """An import of accounts that carry their own sales, and one deal for each."""
    book = accounts(count).drop(columns=list(GIVEN_LATER))
    random = np.random.default_rng(count)
    opened = pd.Timestamp("2017-12-31") - pd.to_timedelta(random.integers(90, 400, count), "D")
    deals = pd.DataFrame(
        {
            w.DEAL_ID: "D" + book[w.ACCOUNT_ID],
            w.ACCOUNT_ID: book[w.ACCOUNT_ID],
            w.ACCOUNT: book[w.ACCOUNT],
            w.REP: book[w.OWNER],
            w.PRODUCT: random.choice(["Basic", "Pro"], count),
            w.STAGE: "",
            w.STATE: random.choice([w.WON, w.LOST, w.OPEN], count),
            w.OPENED: pd.Series(opened).astype("datetime64[ns]"),
            w.CLOSE_DATE: pd.Series(opened + pd.Timedelta(days=90)).astype("datetime64[ns]"),
            w.AMOUNT: random.integers(100, 100_000, count).astype(float),
        }
    )
    deals[w.STAGE] = deals[w.STATE]
    reps = sorted(set(book[w.OWNER]))
    missing = pd.Series(np.nan, index=range(len(reps)))
    teams = pd.DataFrame(
        {
            w.REP: reps,
            w.MANAGER: [f"Manager {number % 10}" for number in range(len(reps))],
            w.REGION: "",
            w.QUOTA: missing,
            w.START_DATE: pd.Series(pd.NaT, index=missing.index, dtype="datetime64[ns]"),
            w.TOUCHES_PER_WEEK: missing,
        }
    )
    activity = pd.DataFrame(
        {
            w.REP: pd.Series(dtype=str),
            w.WEEK: pd.Series(dtype="datetime64[ns]"),
            w.GATE: pd.Series(dtype=str),
            w.COUNT: pd.Series(dtype=float),
        }
    )
    return CrmExport(
        accounts=book,
        deals=deals,
        teams=teams,
        activity=activity,
        has_deals=True,
        has_teams=True,
        has_activity=False,
        as_of=pd.Timestamp("2017-12-31"),
        currency="",
        report=ImportReport(files=(), derived=(), blank=(), notes=(), control=pd.DataFrame()),
    )


def ours(crm: CrmExport, path: Path) -> None:
    write_workbook(plan_round(crm, Settings(), quota=QUOTA), path)


def cells(path: Path) -> dict[str, pd.DataFrame]:
    """Every sheet's cells, as they stand in a workbook."""
    workbook = python_calamine.CalamineWorkbook.from_path(path)
    return {
        name: pd.DataFrame(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
        for name in workbook.sheet_names
    }


def with_openpyxl(sheets: dict[str, pd.DataFrame], path: Path) -> None:
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, header=False, index=False)


def main() -> int:
    """Exit code 1 where ours is less than 1.5 times as fast."""
    crm = export(COUNT)
    with tempfile.TemporaryDirectory(prefix="accountplan-bench-") as folder:
        mine, theirs = Path(folder) / "ours.xlsx", Path(folder) / "theirs.xlsx"
        ours(crm, mine)
        sheets = cells(mine)
        medians = race(
            {
                "accountplan, planning and writing": lambda: ours(crm, mine),
                "pandas to_excel, openpyxl": lambda: with_openpyxl(sheets, theirs),
            },
            RUNS,
        )
    total = sum(frame.size for frame in sheets.values())
    tell(f"A team workbook of {COUNT:,} accounts, {total:,} cells", medians, RUNS)
    first, second = medians.values()
    return int(second < LEAST_RATIO * first)


if __name__ == "__main__":
    sys.exit(main())
