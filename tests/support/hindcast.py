"""Would the odds have held? Plans from a past day, and holds the range against what came.

    python -m tests.support.hindcast accounts.csv deals.csv reps.csv 2017-09-30 2017-12-31

Each book is planned with what was known on the first day, for a fiscal year that
ends on the second; what its deals brought in between should lie between P10 and
P90 in eight books of ten.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from accountplan.addin import planning
from accountplan.addin.crm import CrmExport, read_export
from accountplan.udfs import funnel
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings

P10: Final = "P10"
P50: Final = "P50"
P90: Final = "P90"
CAME: Final = "Came"
INSIDE: Final = "Inside"


def hindcast(export: CrmExport, as_of: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """One row per book: Rep, P10, P50, P90 of what was to come, what came, and whether inside.

    Args:
        export: with deals that closed after the day to plan from.
        as_of: the day to plan from.
        until: the last day of the fiscal year that is planned, the end of a month.
    """
    settings = Settings(fiscal_year_start=until.month % 12 + 1)
    whole = planning.plan_round(export, settings, as_of=as_of)
    owner = whole.accounts.set_index(w.ACCOUNT_ID)[w.OWNER]
    deals = export.deals
    later = deals[
        (deals[w.STATE] == w.WON) & (deals[w.CLOSE_DATE] > as_of) & (deals[w.CLOSE_DATE] <= until)
    ]
    came = later[w.AMOUNT].groupby(later[w.ACCOUNT_ID].map(owner)).sum()
    rows = []
    for book in planning.books(whole):
        odds, closed = book.path.outlook.odds, float(book.total[funnel.CLOSED])
        low, middle, high = (each - closed for each in (odds.p10, odds.p50, odds.p90))
        rows.append((book.name, low, middle, high, float(came.get(book.name, 0.0))))
    found = pd.DataFrame(rows, columns=[w.REP, P10, P50, P90, CAME])
    return found.assign(**{INSIDE: found[CAME].between(found[P10], found[P90])})


def main() -> None:
    """Prints the table and the share of books inside."""
    accounts, deals, reps, as_of, until = sys.argv[1:]
    export = read_export(Path(accounts), Path(deals), Path(reps))
    found = hindcast(export, pd.Timestamp(as_of), pd.Timestamp(until))
    figures = found.select_dtypes("number").columns
    print(found.assign(**{name: found[name].round() for name in figures}).to_string(index=False))
    inside = found[INSIDE].to_numpy()
    below = int(np.sum(found[CAME] < found[P10]))
    print(
        f"{inside.sum()} of {len(found)} books inside ({inside.mean():.0%}), {below} below P10, "
        f"{len(found) - inside.sum() - below} above P90; together {found[CAME].sum():,.0f} came, "
        f"{found[P50].sum():,.0f} was the middle."
    )


if __name__ == "__main__":
    main()
