"""A made-up book of any size, the same each time: facts, segments, some of them missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from accountplan.udfs import words as w

SEGMENTS = tuple(f"Segment {number}" for number in range(1, 9))
OWNERS = 200


def accounts(count: int, seed: int = 20171231) -> pd.DataFrame:
    """Accounts with the eight default attributes; one value in twenty is missing."""
    random = np.random.default_rng(seed)

    def amounts(middle: float, spread: float) -> np.ndarray:
        values = np.exp(random.normal(middle, spread, count)).round(2)
        return np.where(random.random(count) < 0.05, np.nan, values)

    numbers = pd.Series(np.arange(1, count + 1)).astype(str).str.zfill(8)
    opened = pd.Timestamp("2017-12-31") - pd.to_timedelta(random.integers(0, 4000, count), "D")
    return pd.DataFrame(
        {
            w.ACCOUNT_ID: "A" + numbers,
            w.ACCOUNT: "Account " + numbers,
            w.OWNER: np.char.add("Rep ", random.integers(1, OWNERS + 1, count).astype(str)),
            w.MANAGER: "",
            w.PARENT: "",
            w.INDUSTRY: random.choice(["Retail", "Steel", "Care", ""], count),
            w.REGION: random.choice(["North", "South", "East", "West"], count),
            w.SEGMENT: random.choice(SEGMENTS, count),
            w.STATUS: random.choice(w.STATUSES, count),
            w.ANNUAL_REVENUE: amounts(14, 2),
            w.EMPLOYEES: np.floor(amounts(5, 1.5)),
            w.CUSTOMER_SINCE: pd.Series(opened).astype("datetime64[ns]"),
            w.TENURE: amounts(1, 1),
            w.PRIOR_YEAR_SALES: amounts(9, 2),
            w.WALLET_SHARE: np.clip(amounts(-1, 0.7), 0.01, 1.0),
            w.OPEN_PIPELINE: amounts(8, 2),
            w.WINS: random.integers(0, 20, count).astype(float),
            w.LOSSES: random.integers(0, 20, count).astype(float),
            w.WIN_RATE: random.beta(6, 4, count).round(3),
            w.DAYS_SINCE_LAST_WON: random.integers(0, 1500, count).astype(float),
            w.FISCAL_YEAR_END: np.nan,
        }
    )
