"""Scoring 1,000,000 accounts x 8 attributes within 8 segments: ours, plain pandas, polars.

Every way gives attribute scores, contributions, coverage and both axis scores, and the numbers
are held together before the clock starts. Ours must be at least as fast as pandas.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import polars as pl
from race import race, tell
from synthetic import accounts

from accountplan.udfs import words as w
from accountplan.udfs.scoring import AXES, Attribute, score_accounts
from accountplan.udfs.settings import DEFAULT_ATTRIBUTES

COUNT = 1_000_000
RUNS = 5
LEAST_COVERAGE = 0.5
WITHIN = dict.fromkeys(AXES, "segment")


def of_axis(axis: str) -> list[Attribute]:
    return [a for a in DEFAULT_ATTRIBUTES if a.axis == axis]


def ours(book: pd.DataFrame) -> pd.DataFrame:
    found = score_accounts(book, DEFAULT_ATTRIBUTES, compare=WITHIN, least_coverage=LEAST_COVERAGE)
    points = found.contributions.add_suffix(" points")
    return pd.concat(
        [found.attributes, points, found.coverage, found.potential, found.likelihood], axis=1
    )


def with_pandas(book: pd.DataFrame) -> pd.DataFrame:
    segments = book[w.SEGMENT]
    out = pd.DataFrame(index=book.index)
    coverage = pd.Series(1.0, index=book.index)
    for attribute in DEFAULT_ATTRIBUTES:
        by_segment = book[attribute.name].groupby(segments)
        score = 100 * (by_segment.rank() - 0.5) / by_segment.transform("count")
        out[attribute.name] = 100 - score if attribute.lower_is_better else score
    for axis in AXES:
        names = [a.name for a in of_axis(axis)]
        weights = pd.Series({a.name: a.weight for a in of_axis(axis)})
        weight = out[names].notna().mul(weights).sum(axis=1)
        terms = out[names].fillna(0.0).mul(weights).div(weight, axis=0)
        out[[f"{name} points" for name in names]] = terms
        out[axis] = terms.sum(axis=1, min_count=1)
        coverage = coverage.clip(upper=weight / weights.sum())
    points = [f"{a.name} points" for a in DEFAULT_ATTRIBUTES]
    scored = coverage >= LEAST_COVERAGE
    out[[*points, *AXES]] = out[[*points, *AXES]].where(scored)
    out[points] -= out[points].mean()
    return out.assign(**{w.COVERAGE: coverage})


def with_polars(book: pl.DataFrame) -> pl.DataFrame:
    def score(a: Attribute) -> pl.Expr:
        column = pl.col(a.name)
        ranked = 100 * (column.rank().over(w.SEGMENT) - 0.5) / column.count().over(w.SEGMENT)
        return (100 - ranked if a.lower_is_better else ranked).alias(a.name)

    def weight(axis: str) -> pl.Expr:
        return pl.sum_horizontal(
            pl.col(a.name).is_not_null().cast(pl.Float64) * a.weight for a in of_axis(axis)
        )

    def term(a: Attribute) -> pl.Expr:
        scored = pl.col(a.name).fill_null(0.0) * a.weight / pl.col(f"{a.axis} weight")
        enough = pl.col(w.COVERAGE) >= LEAST_COVERAGE
        return pl.when(enough).then(scored).alias(f"{a.name} points")

    def total(axis: str) -> pl.Expr:
        names = [f"{a.name} points" for a in of_axis(axis)]
        some = pl.all_horizontal(pl.col(name).is_not_null() for name in names)
        return pl.when(some).then(pl.sum_horizontal(names)).alias(axis)

    points = [pl.col(f"{a.name} points") for a in DEFAULT_ATTRIBUTES]
    shares = [pl.col(f"{axis} weight") / sum(a.weight for a in of_axis(axis)) for axis in AXES]
    return (
        book.lazy()
        .select([w.SEGMENT, *[a.name for a in DEFAULT_ATTRIBUTES]])
        .with_columns([score(a) for a in DEFAULT_ATTRIBUTES])
        .with_columns([weight(axis).alias(f"{axis} weight") for axis in AXES])
        .with_columns(pl.min_horizontal(shares).alias(w.COVERAGE))
        .with_columns([term(a) for a in DEFAULT_ATTRIBUTES])
        .with_columns([total(axis) for axis in AXES])
        .with_columns([column - column.mean() for column in points])
        .collect()
    )


def main() -> int:
    """Exit code 1 where plain pandas is faster."""
    book = accounts(COUNT)
    columns = [w.SEGMENT, *[a.name for a in DEFAULT_ATTRIBUTES]]
    frame = pl.from_pandas(book[columns], nan_to_null=True)
    found, plain, fast = ours(book), with_pandas(book), with_polars(frame).to_pandas()
    for other in (plain, fast):
        np.testing.assert_allclose(other[found.columns], found, rtol=0, atol=2e-8)
    medians = race(
        {
            "accountplan": lambda: ours(book),
            "plain pandas": lambda: with_pandas(book),
            "polars by hand": lambda: with_polars(frame),
        },
        RUNS,
    )
    what = f"Scoring {COUNT:,} accounts x {len(DEFAULT_ATTRIBUTES)} attributes in 8 segments"
    tell(what, medians, RUNS)
    return int(medians["accountplan"] > medians["plain pandas"])


if __name__ == "__main__":
    sys.exit(main())
