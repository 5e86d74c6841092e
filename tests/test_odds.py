"""Are the odds what exact answers say they are?

Oracles: distributions that are known exactly, worked out here by themselves: the convolution of
named deals, the binomial, Poisson and beta-binomial distributions, and the shared factor's
integral by Gauss-Hermite quadrature. The simulation must lie within 3 standard errors of them.
"""

import math
import time
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import odds
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.odds import Coins, NewBusiness, UncertainRate, deal_odds, quota_odds

NO_COINS = Coins(np.array([]), np.array([]))
ONES = np.array([1.0])


def within(found: odds.Odds, exact: float) -> bool:
    """Whether the simulated chance lies within 3 standard errors of the exact one."""
    error = math.sqrt(exact * (1 - exact) / found.years)
    return abs(found.reach - exact) <= 3 * error


def convolution(amounts: list[int], chances: list[float]) -> dict[int, float]:
    """The distribution of the sum of independent deals, one deal after the other."""
    known = {0: 1.0}
    for amount, chance in zip(amounts, chances, strict=True):
        after: dict[int, float] = defaultdict(float)
        for total, weight in known.items():
            after[total] += weight * (1 - chance)
            after[total + amount] += weight * chance
        known = after
    return known


def binomial_tail(n: int, p: float, k: int) -> float:
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def poisson_tail(mean: float, k: int) -> float:
    return 1 - math.fsum(math.exp(-mean) * mean**i / math.factorial(i) for i in range(k))


def log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def beta_binomial_tail(n: int, a: float, b: float, k: int) -> float:
    return math.fsum(
        math.comb(n, i) * math.exp(log_beta(i + a, n - i + b) - log_beta(a, b))
        for i in range(k, n + 1)
    )


# Named deals against the exact distribution

AMOUNTS = [12, 150, 34, 8, 90, 41, 55, 23, 60, 77, 18, 120, 5, 66, 29]
CHANCES = [0.5, 0.2, 0.7, 0.9, 0.35, 0.5, 0.6, 0.45, 0.1, 0.8, 0.33, 0.25, 0.95, 0.4, 0.55]


@pytest.mark.parametrize("quota", [250, 333, 401, 500])
def test_independent_deals_match_the_exact_distribution(quota: int) -> None:
    exact = math.fsum(p for total, p in convolution(AMOUNTS, CHANCES).items() if total >= quota)
    coins = Coins(np.array(CHANCES), np.array(AMOUNTS, dtype=float))
    assert within(quota_odds(quota, 0.0, coins, shock=0), exact)
    assert within(quota_odds(quota + 1000, 1000.0, coins, shock=0), exact)
    assert deal_odds(coins.amounts[:, 0], coins.chances, quota).reach == pytest.approx(exact)


def test_p10_p50_and_p90_match_the_exact_distribution() -> None:
    known = sorted(convolution(AMOUNTS, CHANCES).items())
    coins = Coins(np.array(CHANCES), np.array(AMOUNTS, dtype=float))
    found = quota_odds(400, 0.0, coins, shock=0)
    named = deal_odds(coins.amounts[:, 0], coins.chances, 400)
    for share, simulated, listed in (
        (0.1, found.p10, named.p10),
        (0.5, found.p50, named.p50),
        (0.9, found.p90, named.p90),
    ):
        error = 3 * math.sqrt(share * (1 - share) / found.years)
        below = math.fsum(p for total, p in known if total < simulated)
        up_to = math.fsum(p for total, p in known if total <= simulated)
        assert below - error <= share <= up_to + error
        reached = np.cumsum([p for _, p in known])
        assert listed == known[int(np.searchsorted(reached, share))][0]
    assert found.mean == pytest.approx(np.dot(AMOUNTS, CHANCES), rel=0.005)


@pytest.mark.parametrize("shock", [0.05, 0.3])
def test_a_shared_shock_matches_the_integral_over_good_and_bad_years(shock: float) -> None:
    """Vasicek (2002): given Z the deals are independent with chance Phi((c - sqrt(r) z)/...)."""
    n, p, k = 40, 0.4, 20
    points, weights = np.polynomial.hermite_e.hermegauss(120)
    threshold = -0.2533471031357997  # Phi^-1(0.4)
    exact = 0.0
    for z, weight in zip(points, weights, strict=True):
        x = (threshold - math.sqrt(shock) * z) / math.sqrt(1 - shock)
        exact += weight * binomial_tail(n, 0.5 * math.erfc(-x / math.sqrt(2)), k)
    exact /= math.sqrt(2 * math.pi)
    coins = Coins(np.full(n, p), np.ones(n))
    found = quota_odds(k, 0.0, coins, shock=shock)
    assert within(found, exact)
    assert found.mean == pytest.approx(n * p, rel=0.01)


def test_certain_and_hopeless_deals_need_no_luck() -> None:
    coins = Coins(np.array([1.0, 0.0]), np.array([100.0, 900.0]))
    found = quota_odds(100, 0.0, coins)
    assert (found.reach, found.p10, found.p90) == (1, 100, 100)
    assert quota_odds(101, 0.0, coins).reach == 0


def test_sums_that_only_differ_by_how_they_are_added_up_are_equal() -> None:
    coins = Coins(np.ones(3), np.array([0.1, 0.2, 0.3]))
    assert quota_odds(0.6, 0.0, coins).reach == 1
    assert deal_odds(coins.amounts[:, 0], coins.chances, 0.6).reach == 1


# Pure funnels against closed forms


@pytest.mark.parametrize("deals", [10, 15, 20])
def test_a_planned_volume_with_fixed_rates_matches_the_binomial(deals: int) -> None:
    new = NewBusiness(500, (UncertainRate(0.1), UncertainRate(0.3)), ONES)
    assert within(quota_odds(deals, 0.0, NO_COINS, new, shock=0), binomial_tail(500, 0.03, deals))


@pytest.mark.parametrize("deals", [3, 6, 9])
def test_deals_that_come_by_chance_match_the_poisson(deals: int) -> None:
    new = NewBusiness(20, (UncertainRate(0.3),), ONES, planned=False)
    assert within(quota_odds(deals, 0.0, NO_COINS, new, shock=0), poisson_tail(6.0, deals))


@pytest.mark.parametrize("deals", [10, 14, 18])
def test_an_uncertain_rate_matches_the_beta_binomial(deals: int) -> None:
    # 14 of 40 got through: Beta(14, 26).
    new = NewBusiness(40, (UncertainRate(14 / 40, 40),), ONES)
    exact = beta_binomial_tail(40, 14, 26, deals)
    assert within(quota_odds(deals, 0.0, NO_COINS, new, shock=0), exact)


def test_an_uneven_volume_is_the_one_below_or_the_one_above() -> None:
    new = NewBusiness(10.25, (UncertainRate(0.5),), ONES)
    exact = 0.75 * binomial_tail(10, 0.5, 6) + 0.25 * binomial_tail(11, 0.5, 6)
    assert within(quota_odds(6, 0.0, NO_COINS, new, shock=0), exact)


def test_a_shock_on_a_funnel_matches_the_integral() -> None:
    points, weights = np.polynomial.hermite_e.hermegauss(120)
    exact = 0.0
    for z, weight in zip(points, weights, strict=True):
        x = (-1.2815515655446004 - math.sqrt(0.1) * z) / math.sqrt(0.9)  # Phi^-1(0.1)
        exact += weight * binomial_tail(100, 0.5 * math.erfc(-x / math.sqrt(2)), 12)
    exact /= math.sqrt(2 * math.pi)
    new = NewBusiness(100, (UncertainRate(0.1),), ONES)
    assert within(quota_odds(12, 0.0, NO_COINS, new, shock=0.1), exact)


def test_sizes_are_drawn_from_those_that_were_won() -> None:
    # Two deals for sure, each 1 or 3: 6 with chance 1/4, 4 or more with 3/4.
    new = NewBusiness(2, (UncertainRate(1.0),), np.array([3.0, 1.0]))
    assert within(quota_odds(6, 0.0, NO_COINS, new), 0.25)
    assert within(quota_odds(4, 0.0, NO_COINS, new), 0.75)


def test_very_many_deals_keep_their_mean_and_spread() -> None:
    new = NewBusiness(10_000, (UncertainRate(0.3),), np.array([1.0, 3.0]))
    found = quota_odds(6_000, 0.0, NO_COINS, new, shock=0, years=20_000)
    # Variance of a compound binomial: n p var + n p (1 - p) mean^2.
    spread = math.sqrt(3_000 * 1 + 3_000 * 0.7 * 4)
    assert found.mean == pytest.approx(6_000, abs=4 * spread / math.sqrt(20_000))
    assert (found.p90 - found.p10) / 2 == pytest.approx(1.2816 * spread, rel=0.03)


# The cushion


@pytest.mark.parametrize(("planned", "share"), [(True, 0.8), (True, 0.9), (False, 0.8)])
def test_the_cushion_is_the_volume_that_gives_the_odds(planned: bool, share: float) -> None:
    new = NewBusiness(0, (UncertainRate(0.05),), ONES, planned=planned)
    volume = quota_odds(12, 2.0, NO_COINS, new, shock=0).cushion[share]
    reached = binomial_tail(int(volume), 0.05, 10) if planned else poisson_tail(volume * 0.05, 10)
    error = math.sqrt(share * (1 - share) / odds.CUSHION_YEARS)
    assert reached == pytest.approx(share, abs=3 * error + 0.005)


def test_doing_the_cushions_volume_gives_the_cushions_odds() -> None:
    coins = Coins(np.full(12, 0.4), np.linspace(10, 60, 12))
    sizes = np.array([8.0, 15.0, 22.0, 60.0])
    new = NewBusiness(100, (UncertainRate(0.2, 90), UncertainRate(0.3, 40)), sizes)
    cushion = quota_odds(400, 50.0, coins, new).cushion
    assert cushion[0.5] < cushion[0.8] < cushion[0.9]
    for share, volume in cushion.items():
        done = quota_odds(400, 50.0, coins, replace(new, volume=volume))
        assert done.reach == pytest.approx(share, abs=0.015)


def test_a_reached_quota_takes_no_volume() -> None:
    new = NewBusiness(10, (UncertainRate(0.2),), ONES)
    found = quota_odds(5, 5.0, NO_COINS, new)
    assert (found.reach, found.without_new, found.note) == (1, 1, odds.QUOTA_REACHED)
    assert set(found.cushion.values()) == {0}


# What must hold for any book

books = st.lists(
    st.tuples(st.floats(0, 1), st.integers(-50, 5_000).map(float)), min_size=1, max_size=12
)
few = {"years": 1_000}


@settings(max_examples=40, deadline=None)
@given(book=books, quota=st.floats(0, 20_000), data=st.data())
def test_the_order_of_the_deals_does_not_matter(
    book: list[tuple[float, float]], quota: float, data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(book))
    one, other = (
        quota_odds(quota, 0.0, Coins(*map(np.array, zip(*deals, strict=True))), years=1_000)
        for deals in (book, mixed)
    )
    assert one == other


@settings(max_examples=40, deadline=None)
@given(book=books, quota=st.floats(0, 20_000), more=st.floats(0, 5_000))
def test_a_higher_quota_is_never_likelier(
    book: list[tuple[float, float]], quota: float, more: float
) -> None:
    coins = Coins(*map(np.array, zip(*book, strict=True)))
    low, high = (
        quota_odds(quota, 0.0, coins, years=1_000),
        quota_odds(quota + more, 0.0, coins, years=1_000),
    )
    assert 0 <= high.reach <= low.reach <= 1
    assert low.p10 <= low.p50 <= low.p90


def test_the_same_seed_gives_the_same_years_and_another_seed_others() -> None:
    coins = Coins(np.array(CHANCES), np.array(AMOUNTS, dtype=float))
    new = NewBusiness(50, (UncertainRate(0.2, 30),), ONES)
    first = quota_odds(420, 0.0, coins, new, years=2_000)
    assert first == quota_odds(420, 0.0, coins, new, years=2_000)
    assert first.reach != quota_odds(420, 0.0, coins, new, years=2_000, seed=7).reach


def test_periods_add_up_and_each_has_its_range() -> None:
    coins = Coins(np.array([0.5, 0.5]), np.array([[100.0, 0.0], [0.0, 40.0]]))
    new = NewBusiness(4, (UncertainRate(0.5),), np.array([10.0]), periods=(0.25, 0.75))
    found = quota_odds(100, [30.0, 0.0], coins, new, shock=0)
    assert found.mean == pytest.approx(30 + 50 + 20 + 20, rel=0.01)
    assert (found.low[0], found.low[1]) == (pytest.approx(32.5), pytest.approx(7.5))
    assert found.high[0] == pytest.approx(30 + 100 + 7.5)
    whole = quota_odds(
        100, 30.0, Coins(coins.chances, np.array([100.0, 40.0])), replace(new, periods=(1.0,))
    )
    assert abs(found.reach - whole.reach) < 0.01


def test_a_hundred_thousand_years_of_200_deals_take_under_a_second() -> None:
    draw = np.random.default_rng(3)
    coins = Coins(draw.random(200), draw.integers(1_000, 90_000, 200).astype(float))
    gates = (UncertainRate(0.1, 400), UncertainRate(0.25, 90), UncertainRate(0.3, 40))
    new = NewBusiness(600, gates, draw.integers(1_000, 90_000, 80).astype(float))
    begun = time.process_time()
    found = quota_odds(9e6, 4e6, coins, new)
    # CPU time: other tests share the machine.
    assert time.process_time() - begun < 1.0
    assert found.years == 100_000


# Bad input, and nothing to go by


def test_without_quota_only_the_range_is_told() -> None:
    new = NewBusiness(5, (UncertainRate(0.2),), ONES)
    found = quota_odds(math.nan, 10.0, NO_COINS, new)
    assert math.isnan(found.reach)
    assert all(math.isnan(volume) for volume in found.cushion.values())
    assert found.p50 >= 10
    assert found.note == odds.NO_QUOTA


def test_without_sizes_new_business_brings_nothing_and_says_so() -> None:
    new = NewBusiness(50, (UncertainRate(0.2),), np.array([]))
    found = quota_odds(20, 10.0, NO_COINS, new)
    assert (found.reach, found.note) == (0, odds.NO_SIZES)
    assert all(math.isnan(volume) for volume in found.cushion.values())


def test_nothing_open_and_nothing_planned_says_so() -> None:
    found = quota_odds(20, 10.0, NO_COINS)
    assert (found.reach, found.p10, found.p90, found.note) == (0, 10, 10, odds.NOTHING_OPEN)


def test_deals_that_can_be_lost_again_leave_a_reached_quota_open() -> None:
    found = quota_odds(10, 10.0, Coins(np.array([0.5]), np.array([-5.0])), shock=0)
    assert within(found, 0.5)
    assert found.note == ""


@pytest.mark.parametrize("chance", [-0.1, 1.1, math.nan])
def test_a_chance_that_is_no_share_is_refused(chance: float) -> None:
    with pytest.raises(ModelInputError, match="chance"):
        Coins(np.array([chance]), np.array([1.0]))


@pytest.mark.parametrize("amount", [math.nan, math.inf])
def test_an_amount_that_is_no_money_is_refused(amount: float) -> None:
    with pytest.raises(ModelInputError, match="amount"):
        Coins(np.array([0.5]), np.array([amount]))


def test_chances_and_amounts_that_do_not_match_are_refused() -> None:
    with pytest.raises(ModelInputError, match="2 chances and 1 amounts"):
        Coins(np.array([0.5, 0.5]), np.array([1.0]))


@pytest.mark.parametrize(("mean", "strength"), [(0, 10), (1.1, 10), (math.nan, 10), (0.5, 0)])
def test_a_rate_of_nothing_is_refused(mean: float, strength: float) -> None:
    with pytest.raises(ModelInputError, match="a rate of"):
        UncertainRate(mean, strength)


@pytest.mark.parametrize(
    ("volume", "sizes", "periods"),
    [
        (-1, [1.0], (1.0,)),
        (math.nan, [1.0], (1.0,)),
        (math.inf, [1.0], (1.0,)),
        (1, [0.0], (1.0,)),
        (1, [math.nan], (1.0,)),
        (1, [1.0], (0.5, 0.4)),
    ],
)
def test_new_business_that_cannot_be_is_refused(
    volume: float, sizes: list[float], periods: tuple[float, ...]
) -> None:
    with pytest.raises(ModelInputError, match="odds"):
        NewBusiness(volume, (UncertainRate(0.5),), np.array(sizes), periods=periods)


@pytest.mark.parametrize(
    ("quota", "closed", "shock", "years"),
    [
        (math.inf, 0.0, 0.05, 1_000),
        (1.0, math.nan, 0.05, 1_000),
        (1.0, 0.0, 1.0, 1_000),
        (1.0, 0.0, -0.1, 1_000),
        (1.0, 0.0, 0.05, 10),
        (1.0, [0.0, 0.0], 0.05, 1_000),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(
    quota: float, closed: float, shock: float, years: int
) -> None:
    coins = Coins(np.array([0.5]), np.array([1.0]))
    with pytest.raises(ModelInputError, match="odds"):
        quota_odds(quota, closed, coins, shock=shock, years=years)


def test_many_different_amounts_go_onto_a_grid_and_say_so() -> None:
    draw = np.random.default_rng(5)
    amounts, chances = draw.random(60) * 1e5, draw.random(60)
    found = deal_odds(amounts, chances, float(amounts @ chances))
    assert not found.exact
    simulated = quota_odds(float(amounts @ chances), 0.0, Coins(chances, amounts), shock=0)
    assert within(simulated, found.reach)
    assert found.expected == pytest.approx(float(amounts @ chances))


def test_no_deals_bring_nothing() -> None:
    found = deal_odds(np.array([]), np.array([]), 5.0)
    assert (found.reach, found.expected, found.p50, found.exact) == (0, 0, 0, True)
    assert math.isnan(deal_odds(np.array([]), np.array([]), math.nan).reach)
