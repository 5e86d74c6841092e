"""Evidence on 100,000 accounts and 1,000,000 opportunities, from two .csv files to the verdict.

Bars: 60 s and 4 GB. Prints the seconds on the clock, the seconds of CPU, and the largest memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ACCOUNTS, DEALS = 100_000, 1_000_000
SECONDS, GIGABYTES = 60, 4


def write_export(folder: Path) -> None:
    """Five years of deals, won the more often the larger the account."""
    random = np.random.default_rng(20171231)
    employees = np.floor(np.exp(random.normal(5, 1.5, ACCOUNTS))) + 1
    numbers = pd.Series(np.arange(ACCOUNTS)).astype(str).str.zfill(6)
    accounts = pd.DataFrame(
        {
            "Account ID": "A" + numbers,
            "Account Name": "Account " + numbers,
            "Account Owner": np.char.add("Rep ", random.integers(1, 201, ACCOUNTS).astype(str)),
            "Industry": random.choice(["Retail", "Steel", "Care"], ACCOUNTS),
            "Annual Revenue": np.exp(random.normal(14, 2, ACCOUNTS)).round(),
            "Employees": employees,
        }
    )
    at = random.integers(0, ACCOUNTS, DEALS)
    place = pd.Series(employees).rank(pct=True).to_numpy()[at]
    opened = pd.Timestamp("2013-01-01") + pd.to_timedelta(random.integers(0, 1700, DEALS), "D")
    closed = opened + pd.to_timedelta(random.integers(5, 125, DEALS), "D")
    won = random.random(DEALS) < 0.2 + 0.5 * place
    deals = pd.DataFrame(
        {
            "Opportunity ID": "D" + pd.Series(np.arange(DEALS)).astype(str).str.zfill(7),
            "Account ID": accounts["Account ID"].to_numpy()[at],
            "Opportunity Owner": accounts["Account Owner"].to_numpy()[at],
            "Stage": np.where(won, "Closed Won", "Closed Lost"),
            "Created Date": opened.strftime("%Y-%m-%d"),
            "Close Date": closed.strftime("%Y-%m-%d"),
            "Amount": np.exp(random.normal(8, 1, DEALS)).round(2),
        }
    )
    accounts.to_csv(folder / "accounts.csv", index=False)
    deals.to_csv(folder / "deals.csv", index=False)


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_export(folder)
        begun = time.monotonic()
        files = ["--accounts", "accounts.csv", "--opportunities", "deals.csv"]
        command = [sys.executable, "-m", "accountplan.addin", "evidence", *files]
        subprocess.run([*command, "--as-of", "2016-12-31"], check=True, cwd=folder)
        seconds = time.monotonic() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2
    print(
        f"\n{ACCOUNTS:,} accounts, {DEALS:,} opportunities: {seconds:.1f} s ({cpu:.1f} s of CPU; "
        f"bar {SECONDS}), {memory:.2f} GB (bar {GIGABYTES})"
    )
    return 0 if seconds <= SECONDS and memory <= GIGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
