"""Is an account worth what its peers say?

Oracles: the definitions of the design with plain loops and numpy's percentile, and cases by hand.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import money
from accountplan.udfs import words as w
from tests.support import books

NAN = math.nan
FEW = settings(max_examples=60, deadline=None)


def bench_of(
    sizes: Sequence[float], sales: Sequence[float], ids: Sequence[str] | None = None
) -> pd.DataFrame:
    columns: dict[str, Sequence[object]] = {w.EMPLOYEES: sizes, w.PRIOR_YEAR_SALES: sales}
    if ids is not None:
        columns[w.ACCOUNT_ID] = ids
    return money.benchmark(books.known_accounts(columns))


# The benchmark


def test_benchmark_is_the_80th_percentile_of_the_others() -> None:
    """Six others sell 10, 20, ... 60: the linear 80th percentile stands at 1 + 0.8 x 5 = 5th."""
    found = bench_of([100.0] * 7, [1000.0, 10, 20, 30, 40, 50, 60]).iloc[0]
    assert found.tolist() == [50, 6, 10, 60]


def test_fewer_than_5_peers_are_no_benchmark() -> None:
    assert bench_of([100.0] * 6, [1.0] * 6)[w.BENCHMARK_MONEY].tolist() == [1] * 6
    few = bench_of([100.0] * 5, [1.0] * 5)
    assert few[w.BENCHMARK_MONEY].isna().all()
    assert few[w.PEERS].tolist() == [4] * 5
    assert few[[w.PEERS_FROM, w.PEERS_TO]].isna().all(axis=None)


def test_peers_are_the_15_nearest_in_log_size() -> None:
    """1,000 is nearer to 2,000 (a factor of 2) than to 400 (2.5), though not in employees."""
    sizes = [1000.0, *[2000.0] * 15, *[400.0] * 15]
    found = bench_of(sizes, [0.0, *[7.0] * 15, *[9.0] * 15]).iloc[0]
    assert found.tolist() == [7, 15, 7, 7]


def test_of_equally_near_peers_the_first_by_account_id_is_taken() -> None:
    """10 and 40 are as far from 20; fifteen of them have ids before the rest."""
    sizes = [20.0, *[40.0, 10.0] * 15]
    first = ["M", *[f"{'A' if place < 15 else 'Z'}{place:02}" for place in range(30)]]
    sales = [0.0, *[5.0] * 15, *[8.0] * 15]
    assert bench_of(sizes, sales, first).iloc[0].tolist() == [5, 15, 5, 5]
    last = [identity.translate(str.maketrans("AZ", "ZA")) for identity in first]
    assert bench_of(sizes, sales, last).iloc[0].tolist() == [8, 15, 8, 8]


def test_peers_are_of_the_segment_where_it_has_15_others() -> None:
    for others, expected in ((15, 1.0), (14, 2.0)):
        size = others + 1
        book = books.known_accounts(
            {
                w.EMPLOYEES: [100.0] * size + [101.0] * 30,
                w.PRIOR_YEAR_SALES: [1.0] * size + [2.0] * 30,
                w.SEGMENT: ["Mine"] * size + ["Theirs"] * 30,
            }
        )
        book.loc[1, w.EMPLOYEES] = 5000.0
        found = money.benchmark(book)
        assert found[w.PEERS][0] == 15
        assert found[w.PEERS_TO][0] == expected


def test_who_is_no_customer_or_has_no_size_is_no_peer() -> None:
    book = books.known_accounts(
        {
            w.EMPLOYEES: [100.0] * 6 + [NAN, 0.0, 100.0, 100.0],
            w.PRIOR_YEAR_SALES: [1.0] * 6 + [9.0, 9.0, NAN, 9.0],
            w.STATUS: [w.ACTIVE] * 9 + [w.LAPSED],
        }
    )
    found = money.benchmark(book)
    assert found[w.PEERS].tolist() == [5] * 6 + [0, 0, 6, 6]
    assert found[w.PEERS_TO].dropna().unique().tolist() == [1]


def test_size_is_revenue_where_more_accounts_have_that() -> None:
    book = books.known_accounts({w.EMPLOYEES: [1.0, NAN], w.ANNUAL_REVENUE: [5.0, NAN]})
    assert money.size_attribute(book) == w.EMPLOYEES
    book.loc[1, w.ANNUAL_REVENUE] = 3.0
    assert money.size_attribute(book) == w.ANNUAL_REVENUE
    book.loc[1, w.ANNUAL_REVENUE] = 0.0
    assert money.size_attribute(book) == w.EMPLOYEES


def benchmark_by_hand(book: pd.DataFrame) -> list[list[float]]:
    """Benchmark, peers, least and most of each account, one at a time."""
    rows = book.to_dict("records")
    column = money.size_attribute(book)
    found = []
    for mine in rows:
        others = [
            row
            for row in rows
            if row[w.ACCOUNT_ID] != mine[w.ACCOUNT_ID]
            and row[w.STATUS] == w.ACTIVE
            and row[column] > 0
            and not math.isnan(row[w.PRIOR_YEAR_SALES])
        ]
        near = [row for row in others if row[w.SEGMENT] == mine[w.SEGMENT]]
        pool = near if len(near) >= 15 else others
        if not mine[column] > 0:
            pool = []
        distance = {r[w.ACCOUNT_ID]: abs(math.log(r[column] / mine[column])) for r in pool}
        pool.sort(key=lambda r: (round(distance[r[w.ACCOUNT_ID]], 8), r[w.ACCOUNT_ID]))
        sales = [row[w.PRIOR_YEAR_SALES] for row in pool[:15]]
        enough = len(sales) >= 5
        found.append(
            [np.percentile(sales, 80), len(sales), min(sales), max(sales)]
            if enough
            else [NAN, len(sales), NAN, NAN]
        )
    return found


@st.composite
def sized_books(draw: st.DrawFn) -> pd.DataFrame:
    count = draw(st.integers(0, 45))

    def column(*values: object) -> list[object]:
        return draw(st.lists(st.sampled_from(values), min_size=count, max_size=count))

    ids = draw(st.permutations([f"A{number:02}" for number in range(count)]))
    return books.known_accounts(
        {
            w.ACCOUNT_ID: ids,
            w.EMPLOYEES: column(NAN, 0.0, 1.0, 10.0, 20.0, 40.0, 80.0, 1e9),
            w.ANNUAL_REVENUE: column(NAN, 0.5, 1.0, 2.0, 1e12),
            w.PRIOR_YEAR_SALES: column(NAN, 0.0, 1.0, 2.5, 100.0, 1e9),
            w.STATUS: column(w.ACTIVE, w.ACTIVE, w.ACTIVE, w.LAPSED),
            w.SEGMENT: column("Large", "Large", "Large", "Small"),
        }
    )


@FEW
@given(sized_books())
def test_benchmarks_are_what_a_loop_over_the_peers_finds(book: pd.DataFrame) -> None:
    expected = np.array(benchmark_by_hand(book), dtype=float).reshape(-1, 4)
    np.testing.assert_allclose(money.benchmark(book), expected, rtol=1e-12)


@FEW
@given(sized_books(), st.randoms(use_true_random=False))
def test_benchmarks_do_not_depend_on_the_order_of_accounts(book: pd.DataFrame, random) -> None:
    order = random.sample(range(len(book)), len(book))
    found = money.benchmark(book.iloc[order]).loc[book.index]
    pd.testing.assert_frame_equal(found, money.benchmark(book))


# Potential $


def test_wallet_shares_are_read_as_shares_or_as_percent() -> None:
    shares, ignored = money.read_wallet_share(pd.Series([0.2, 1.0, NAN, 0.0, -0.1, 1.2]))
    assert shares.tolist() == pytest.approx([0.2, 1.0, NAN, NAN, NAN, NAN], nan_ok=True)
    assert ignored == 3
    shares, ignored = money.read_wallet_share(pd.Series([20.0, 100.0, NAN, 0.5, 120.0, 0.0]))
    assert shares.tolist() == pytest.approx([0.2, 1.0, NAN, 0.005, NAN, NAN], nan_ok=True)
    assert ignored == 2
    assert money.read_wallet_share(pd.Series([NAN, NAN]))[1] == 0


def potential_of(
    own: float = NAN, sales: float = NAN, share: float = NAN, benchmark: float = NAN
) -> tuple[float, str]:
    book = pd.DataFrame(
        {w.POTENTIAL_MONEY: [own], w.PRIOR_YEAR_SALES: [sales], w.WALLET_SHARE: [share]}
    )
    found = money.potential_money(book, pd.DataFrame({w.BENCHMARK_MONEY: [benchmark]}))
    return found[w.POTENTIAL_MONEY][0], found[w.POTENTIAL_SOURCE][0]


def test_potential_takes_the_first_source_there_is() -> None:
    assert potential_of(own=7, sales=100, share=0.5, benchmark=300) == (7, "CRM export")
    assert potential_of(sales=100, share=0.4, benchmark=300) == (250, "wallet share")
    assert potential_of(sales=100, benchmark=300) == (300, "peers' sales")
    assert potential_of(sales=400, benchmark=300) == (400, "own sales, above its peers")
    assert potential_of(benchmark=300) == (300, "peers' sales")
    assert potential_of(sales=0, share=0.5, benchmark=300) == (300, "peers' sales")
    assert potential_of(sales=100) == (100, "own sales, no peers to compare with")
    for nothing in (0, NAN):
        value, source = potential_of(sales=nothing)
        assert math.isnan(value)
        assert source == ""


def test_potential_without_a_column_of_the_exports_own() -> None:
    book = books.known_accounts({w.PRIOR_YEAR_SALES: [100.0] * 6, w.EMPLOYEES: [5.0] * 6})
    found = money.potential_money(book, money.benchmark(book))
    assert found[w.POTENTIAL_MONEY].tolist() == [100] * 6


def test_expansion_is_what_potential_has_above_sales_and_never_below_0() -> None:
    potential, sales = pd.Series([300.0, 100.0, 300.0, NAN]), pd.Series([100.0, 300.0, NAN, 5.0])
    found = money.expansion_money(potential, sales).tolist()
    assert found == pytest.approx([200, 0, 300, NAN], nan_ok=True)


def test_exhausted_is_an_active_account_with_under_a_tenth_of_its_potential_left() -> None:
    status = pd.Series([w.ACTIVE, w.ACTIVE, w.LAPSED, w.ACTIVE])
    potential, expansion = pd.Series([100.0, 100, 100, NAN]), pd.Series([9.99, 10, 0, NAN])
    found = money.growth(status, potential, expansion).tolist()
    assert found == [w.EXHAUSTED, w.ROOM_TO_GROW, w.ROOM_TO_GROW, ""]


def test_expected_is_sales_kept_plus_expansion_won() -> None:
    """100 x 0.9 + 200 x 0.3."""
    sales, expansion = pd.Series([100.0, NAN, 100.0]), pd.Series([200.0, 200.0, NAN])
    found = money.expected_money(sales, expansion, 0.3, 0.9).tolist()
    assert found == pytest.approx([150, 60, NAN], nan_ok=True)
    odds = pd.Series([0.5, 0.25, 1.0])
    assert money.expected_money(sales, expansion, odds, 1.0).tolist()[:2] == [200, 50]


@FEW
@given(sized_books())
def test_potential_holds_sales_and_expansion_together(book: pd.DataFrame) -> None:
    """Without figures of the export's own, potential is at least last year's sales."""
    potential = money.potential_money(book, money.benchmark(book))[w.POTENTIAL_MONEY]
    sales = book[w.PRIOR_YEAR_SALES].fillna(0.0)
    known = potential.notna()
    assert (potential[known] >= sales[known]).all()
    expansion = money.expansion_money(potential, book[w.PRIOR_YEAR_SALES])
    np.testing.assert_allclose(sales[known] + expansion[known], potential[known], rtol=1e-12)
    expected = money.expected_money(book[w.PRIOR_YEAR_SALES], expansion, 1.0, 1.0)
    np.testing.assert_allclose(expected, potential, rtol=1e-12)
