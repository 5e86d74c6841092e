"""Do the facts of an account follow from its deals?

Oracles: cases small enough to do by head, published numbers for the shrinkage, and the same
answer computed with plain loops.
"""

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import facts
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from tests.support import books
from tests.support.books import AS_OF, Deal

NAN = math.nan
# Enough for frames of a dozen deals; a loaded machine is not a failure.
FEW = settings(max_examples=40, deadline=None)


def owner_of(*rows: Deal, given_owner: str = "") -> str:
    book = books.accounts({w.ACCOUNT_ID: ["A"], w.OWNER: [given_owner]})
    return str(facts.owners(book, books.deals(*rows), AS_OF)[0])


def won(rep: str, amount: float, closed: str = "2017-06-01", account: str = "A") -> Deal:
    return Deal(account, rep, w.WON, amount, "2017-01-01", closed)


def still_open(rep: str, opened: str = "2017-10-01") -> Deal:
    return Deal("A", rep, w.OPEN, opened=opened)


def facts_of(*rows: Deal, has_deals: bool = True, **given_columns: list[object]) -> pd.Series:
    names = {"sales": w.PRIOR_YEAR_SALES, "last_won": w.LAST_WON, "since": w.CUSTOMER_SINCE}
    names |= {"wins": w.WINS, "pipeline": w.OPEN_PIPELINE}
    book = books.accounts({w.ACCOUNT_ID: ["A"]} | {names[k]: v for k, v in given_columns.items()})
    sold = facts.deal_facts(books.deals(*rows), AS_OF, 90)
    return facts.account_facts(book, sold, AS_OF, has_deals=has_deals).iloc[0]


# The owner


def test_the_owner_that_the_export_names_is_the_owner() -> None:
    assert owner_of(won("Rep B", 100), given_owner="Rep Z") == "Rep Z"


def test_the_rep_with_the_most_won_revenue_owns_the_account() -> None:
    assert owner_of(won("Rep A", 60), won("Rep A", 30), won("Rep B", 80)) == "Rep A"


def test_revenue_before_the_12_months_does_not_make_an_owner() -> None:
    assert owner_of(won("Rep A", 900, "2016-12-31"), won("Rep B", 1, "2017-01-01")) == "Rep B"


def test_of_equal_revenue_the_latest_close_owns() -> None:
    assert owner_of(won("Rep A", 50, "2017-05-01"), won("Rep B", 50, "2017-05-02")) == "Rep B"


def test_of_equal_revenue_and_close_the_name_decides() -> None:
    assert owner_of(won("Rep B", 50), won("Rep A", 50)) == "Rep A"


def test_without_revenue_the_most_open_deals_own() -> None:
    assert owner_of(still_open("Rep B"), still_open("Rep A"), still_open("Rep B")) == "Rep B"


def test_of_equally_many_open_deals_the_latest_opened_owns_and_none_comes_last() -> None:
    assert owner_of(still_open("Rep A", "2017-10-01"), still_open("Rep B", "2017-10-02")) == "Rep B"
    assert owner_of(still_open("Rep A", ""), still_open("Rep B", "2017-10-02")) == "Rep B"
    assert owner_of(still_open("Rep B", ""), still_open("Rep A", "")) == "Rep A"


def test_an_account_that_nobody_works_is_unassigned() -> None:
    lost = Deal("A", "Rep A", w.LOST, 0, "2017-01-01", "2017-02-01")
    assert owner_of() == owner_of(lost) == owner_of(won("", 10)) == w.UNASSIGNED


REPS = st.sampled_from(["Rep A", "Rep B", "Rep C", ""])
DAYS = st.sampled_from(["2016-12-31", "2017-01-01", "2017-06-30", "2017-12-31", ""])
DEALS = st.lists(
    st.builds(
        Deal,
        account=st.sampled_from(["A", "B", ""]),
        rep=REPS,
        state=st.sampled_from([w.WON, w.LOST, w.OPEN]),
        amount=st.sampled_from([0.0, 10.0, 10.0, 20.0, NAN]),
        opened=DAYS,
        closed=DAYS,
        product=st.sampled_from(["P", "Q", ""]),
    ),
    max_size=14,
)


def owner_by_hand(account: str, rows: list[Deal]) -> str:
    revenue: dict[str, list[float | str]] = {}
    opened: dict[str, list[int | str]] = {}
    for row in rows:
        if row.account != account or not row.rep:
            continue
        if row.state == w.WON and "2017-01-01" <= row.closed <= "2017-12-31":
            total, last = revenue.get(row.rep, [0.0, ""])
            amount = 0.0 if math.isnan(row.amount) else row.amount
            revenue[row.rep] = [total + amount, max(last, row.closed)]
        if row.state == w.OPEN:
            count, last = opened.get(row.rep, [0, ""])
            opened[row.rep] = [count + 1, max(last, row.opened)]
    for found in (revenue, opened):
        if found:
            best = max(found.values())
            return min(rep for rep, score in found.items() if score == best)
    return w.UNASSIGNED


@FEW
@given(DEALS, st.randoms(use_true_random=False))
def test_owners_are_what_a_loop_over_the_deals_finds_in_any_order(rows, random) -> None:
    shuffled = random.sample(rows, len(rows))
    book = books.accounts({w.ACCOUNT_ID: ["A", "B"]})
    found = facts.owners(book, books.deals(*shuffled), AS_OF)
    assert found.tolist() == [owner_by_hand("A", rows), owner_by_hand("B", rows)]


# Stale deals and estimated amounts


def test_a_deal_is_stale_when_older_than_the_longest_that_a_win_took() -> None:
    rows = [
        Deal("A", "R", w.WON, 10, "2017-01-01", "2017-04-01"),
        Deal("A", "R", w.LOST, 0, "2016-01-01", "2017-04-01"),
        Deal("A", "R", w.OPEN, 10, "2017-10-02"),
        Deal("A", "R", w.OPEN, 10, "2017-10-01"),
        Deal("A", "R", w.OPEN, 10),
    ]
    after = facts.stale_after(books.deals(*rows))
    assert (after.value, after.assumed) == (90, False)
    found = facts.deal_facts(books.deals(*rows), AS_OF, after.value)
    assert found[w.STALE].tolist() == [False, False, False, True, False]
    assert found[w.AGE].tolist()[2:4] == [90, 91]
    assert math.isnan(found[w.AGE].iloc[4])


def test_stale_after_is_180_days_without_history_and_the_setting_wins() -> None:
    assert facts.stale_after(books.deals()) == facts.stale_after(books.deals(Deal("A", "R", w.WON)))
    assert (facts.stale_after(books.deals()).value, facts.stale_after(books.deals()).assumed) == (
        180,
        True,
    )
    assert facts.stale_after(books.deals(won("R", 1)), 30).value == 30
    with pytest.raises(ModelInputError, match="-1 days"):
        facts.stale_after(books.deals(), -1)


def test_open_deals_without_amount_take_the_average_won_one_of_their_product_else_of_all() -> None:
    rows = [
        Deal("A", "R", w.WON, 100, product="P"),
        Deal("A", "R", w.WON, 300, product="P"),
        Deal("A", "R", w.WON, 1000, product="Q"),
        Deal("A", "R", w.LOST, 9999, product="P"),
        Deal("A", "R", w.OPEN, NAN, product="P"),
        Deal("A", "R", w.OPEN, NAN, product="Never won"),
        Deal("A", "R", w.OPEN, NAN),
        Deal("A", "R", w.OPEN, 0.0, product="P"),
        Deal("A", "R", w.WON, NAN, product="P"),
    ]
    found = facts.deal_facts(books.deals(*rows), AS_OF, 90)
    assert found[w.AMOUNT].tolist()[4:8] == pytest.approx([200, 1400 / 3, 1400 / 3, 0])
    assert found[w.ESTIMATED].tolist() == [False] * 4 + [True] * 3 + [False] * 2
    assert math.isnan(found[w.AMOUNT].iloc[8])


def test_without_any_won_deal_an_amount_stays_blank() -> None:
    found = facts.deal_facts(books.deals(Deal("A", "R")), AS_OF, 90)
    assert math.isnan(found[w.AMOUNT][0])
    assert not found[w.ESTIMATED][0]


# Status and the other facts


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([won("R", 10, "2017-01-01")], w.ACTIVE),
        ([won("R", 10, "2017-12-31")], w.ACTIVE),
        ([won("R", 10, "2016-12-31")], w.LAPSED),
        ([won("R", 10, "2016-12-31"), still_open("R")], w.LAPSED),
        ([still_open("R")], w.PIPELINE),
        ([still_open("R", "2015-01-01")], w.PIPELINE),
        ([Deal("A", "R", w.LOST, 0, "2017-01-01", "2017-02-01")], w.UNTOUCHED),
        ([], w.UNTOUCHED),
        ([won("R", 10, account="B")], w.UNTOUCHED),
    ],
)
def test_status_by_what_was_bought_when(rows: list[Deal], status: str) -> None:
    assert facts_of(*rows)[w.STATUS] == status


def test_status_from_the_accounts_file_alone() -> None:
    assert facts_of(has_deals=False, sales=[5.0])[w.STATUS] == w.ACTIVE
    assert facts_of(has_deals=False, last_won=[pd.Timestamp("2017-03-01")])[w.STATUS] == w.ACTIVE
    assert facts_of(has_deals=False, last_won=[pd.Timestamp("2016-03-01")])[w.STATUS] == w.LAPSED
    assert facts_of(has_deals=False, wins=[2.0])[w.STATUS] == w.LAPSED
    assert facts_of(has_deals=False, since=["2012-03-01"])[w.STATUS] == w.LAPSED
    assert facts_of(has_deals=False, pipeline=[9.0])[w.STATUS] == w.PIPELINE
    assert facts_of(has_deals=False)[w.STATUS] == w.UNTOUCHED


def test_what_happens_after_the_day_says_nothing_of_it() -> None:
    later = pd.Timestamp("2018-02-01")
    found = facts_of(has_deals=False, last_won=[later], since=["2018-02-01"])
    assert found[w.STATUS] == w.UNTOUCHED
    assert found[w.DAYS_SINCE_LAST_WON] == found[w.TENURE] == 0


def test_facts_of_one_account_add_up_by_hand() -> None:
    found = facts_of(
        won("R", 100, "2017-02-01"),
        won("R", 50.5, "2017-11-30"),
        won("R", 1000, "2016-01-31"),
        Deal("A", "R", w.LOST, 0, "2017-01-01", "2017-02-01"),
        Deal("A", "R", w.OPEN, 7, "2017-12-01"),
        Deal("A", "R", w.OPEN, 70, "2017-01-01"),
        Deal("A", "R", w.OPEN, 0.5),
    )
    assert found[w.PRIOR_YEAR_SALES] == 150.5
    assert found[w.OPEN_PIPELINE] == 7.5
    assert (found[w.WINS], found[w.LOSSES]) == (3, 1)
    assert found[w.LAST_WON] == pd.Timestamp("2017-11-30")
    assert found[w.DAYS_SINCE_LAST_WON] == 31
    assert found[w.CUSTOMER_SINCE] == pd.Timestamp("2016-01-31")
    assert found[w.TENURE] == pytest.approx(700 / 365.25, abs=1e-9)


def test_what_the_accounts_file_says_wins_over_the_deals() -> None:
    found = facts_of(won("R", 100), sales=[7.0], wins=[9.0], since=["2010-01-01"])
    assert (found[w.PRIOR_YEAR_SALES], found[w.WINS]) == (7, 9)
    assert found[w.CUSTOMER_SINCE] == pd.Timestamp("2010-01-01")
    assert facts_of(won("R", 100), sales=[NAN])[w.PRIOR_YEAR_SALES] == 100


def test_without_opportunities_counts_stay_blank_and_with_them_they_are_0() -> None:
    counts = [w.PRIOR_YEAR_SALES, w.OPEN_PIPELINE, w.WINS, w.LOSSES]
    assert facts_of(has_deals=False)[counts].isna().all()
    assert facts_of()[counts].tolist() == [0, 0, 0, 0]


@FEW
@given(DEALS)
def test_sales_and_pipeline_of_the_accounts_are_all_that_their_deals_have(rows: list[Deal]) -> None:
    book = books.accounts({w.ACCOUNT_ID: ["A", "B"]})
    sold = facts.deal_facts(books.deals(*rows), AS_OF, 90)
    found = facts.account_facts(book, sold, AS_OF, has_deals=True)
    attached = [row for row in rows if row.account]
    recent = [r for r in attached if r.state == w.WON and "2017-01-01" <= r.closed <= "2017-12-31"]
    assert found[w.PRIOR_YEAR_SALES].sum() == sum(
        row.amount for row in recent if not math.isnan(row.amount)
    )
    assert found[w.WINS].sum() == sum(row.state == w.WON for row in attached)
    assert found[w.LOSSES].sum() == sum(row.state == w.LOST for row in attached)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_no_deals_at_all_is_no_mistake(size: int) -> None:
    book = books.accounts({}, size)
    sold = facts.deal_facts(books.deals(), AS_OF, 90)
    found = facts.account_facts(book, sold, AS_OF, has_deals=True)
    assert len(found) == size
    assert facts.owners(book, sold, AS_OF).tolist() == [w.UNASSIGNED] * size


# As known at a day

THEN = pd.Timestamp("2017-06-30")


def test_a_deal_closed_later_is_open_then_and_keeps_nothing_of_its_end() -> None:
    rows = [Deal("A", "R", w.WON, 500, "2017-05-01", "2017-08-01"), won("R", 1, "2017-12-31")]
    found = facts.as_known_at(books.deals(*rows), THEN).iloc[0]
    assert (found[w.STATE], found[w.STAGE]) == (w.OPEN, w.OPEN)
    assert pd.isna(found[w.AMOUNT])
    assert pd.isna(found[w.CLOSE_DATE])


def test_of_closed_deals_the_future_cannot_be_read_off_the_past() -> None:
    """Two worlds that differ only in how their deals ended after the day look the same on it."""
    ends = [(w.WON, 500.0, "2017-08-01"), (w.LOST, 0.0, "2017-12-01")]
    past = won("R", 10, "2017-03-01")
    worlds = [
        facts.as_known_at(
            books.deals(past, Deal("A", "R", state, amount, "2017-05-01", closed)), THEN
        )
        for state, amount, closed in ends
    ]
    pd.testing.assert_frame_equal(*worlds)


def test_deals_that_no_date_places_before_the_day_are_left_out() -> None:
    rows = [
        Deal("A", "R", w.OPEN, 1, "2017-07-01"),
        Deal("B", "R", w.WON, 1, "", "2017-07-01"),
        Deal("C", "R", w.OPEN, 1),
        Deal("D", "R", w.WON, 1, "2017-06-30", "2017-06-30"),
        Deal("E", "R", w.LOST, 0, "", "2017-06-30"),
    ]
    found = facts.as_known_at(books.deals(*rows), THEN)
    assert found[w.ACCOUNT_ID].tolist() == ["D", "E"]
    assert found[w.STATE].tolist() == [w.WON, w.LOST]


@FEW
@given(DEALS)
def test_on_the_last_day_of_the_data_everything_is_known(rows: list[Deal]) -> None:
    sold = books.deals(*rows)
    pd.testing.assert_frame_equal(facts.as_known_at(sold, AS_OF), sold)


@FEW
@given(DEALS, st.sampled_from(["2016-12-31", "2017-03-01", "2017-06-30"]))
def test_nothing_known_at_a_day_is_dated_after_it(rows: list[Deal], day: str) -> None:
    sold = books.deals(*rows, won("R", 1, "2017-12-31"))
    found = facts.as_known_at(sold, pd.Timestamp(day))
    closed = found[found[w.STATE] != w.OPEN]
    assert (closed[w.CLOSE_DATE] <= day).all()
    assert not (found[w.OPENED] > day).any()
    assert found[w.DEAL_ID].is_unique


# Win rates

SAXONY = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]


def test_shrinkage_matches_the_published_moments_of_the_families_of_saxony() -> None:
    """Wikipedia, "Beta-binomial distribution", after Lindsey & Altham: boys among the first 12
    children of 6,115 families. Moments: alpha = 34.1350, beta = 31.6085, so k = 65.7435.

    The published estimate divides the variance by 6,115 where ours divides by 6,114; that
    shows in its overdispersion 1 + 11 rho and nowhere else.
    """
    boys = pd.Series(np.repeat(np.arange(13.0), SAXONY))
    families = sum(SAXONY)
    published = 34.1350 + 31.6085
    dispersion = (1 + 11 / (published + 1)) * families / (families - 1)
    correlation = (dispersion - 1) / 11
    expected = (1 - correlation) / correlation
    assert facts.shrinkage(boys, 12 - boys) == pytest.approx(expected, rel=1e-4)
    assert facts.base_win_rate(boys, 12 - boys).value == pytest.approx(
        34.1350 / published, rel=1e-5
    )


def test_shrinkage_finds_the_strength_that_made_the_data() -> None:
    random = np.random.default_rng(7)
    closed = random.integers(1, 60, 40_000)
    wins = random.binomial(closed, random.beta(0.6 * 25, 0.4 * 25, len(closed)))
    assert facts.shrinkage(pd.Series(wins), pd.Series(closed - wins)) == pytest.approx(25, rel=0.05)


def test_shrinkage_by_hand() -> None:
    """Ten accounts, half of them 5 of 5, half 0 of 5: p0 = 1/2, S = 10 x 5 x 1/4 = 12.5,
    rho = (50 - 9) / (50 - 5 - 9) = 41/36, more than 1, so nothing is shrunk."""
    wins = pd.Series([5.0] * 5 + [0.0] * 5)
    assert facts.shrinkage(wins, 5 - wins) == 0
    assert facts.win_rate(wins, 5 - wins, 0.5, 0).tolist() == [1.0] * 5 + [0.0] * 5


def test_accounts_that_differ_no_more_than_by_chance_all_take_the_base_rate() -> None:
    wins = pd.Series([6.0] * 12)
    assert facts.shrinkage(wins, wins) == math.inf
    assert facts.shrinkage(wins, 0 * wins) == math.inf
    assert facts.win_rate(wins, wins, 0.5, math.inf).tolist() == [0.5] * 12


def test_with_fewer_than_10_accounts_of_5_closed_deals_k_is_10() -> None:
    wins = pd.Series([5.0] * 9 + [4.0] * 50)
    assert facts.shrinkage(wins, 0 * wins) == 10
    assert facts.shrinkage(pd.Series(dtype=float), pd.Series(dtype=float)) == 10
    assert facts.win_rate(pd.Series([3.0]), pd.Series([1.0]), 0.3, 10)[0] == pytest.approx(6 / 14)


# Name in the paper, hits in 45 at bats, average over the rest of the season.
BASEBALL = {
    "first": [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7],
    "season": [
        *(0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269),
        *(0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.285, 0.316, 0.200),
    ],
}


def test_shrunk_rates_foretell_better_than_raw_ones_as_in_efron_and_morris() -> None:
    """Efron & Morris (1977), Stein's paradox in statistics: 18 batters, the first 45 at bats
    against the rest of the season. The pooled average is .265; the paper's estimates shrink each
    average by c = .212, and their total squared error is a third of that of the raw averages."""
    hits = pd.Series(BASEBALL["first"], dtype=float)
    season = pd.Series(BASEBALL["season"])
    base = facts.base_win_rate(hits, 45 - hits).value
    shrunk = facts.win_rate(hits, 45 - hits, base, facts.shrinkage(hits, 45 - hits))
    raw = hits / 45
    assert base == pytest.approx(0.265, abs=5e-4)
    assert ((shrunk - base).abs() <= (raw - base).abs() + 1e-9).all()
    assert shrunk.rank().tolist() == raw.rank().tolist() or shrunk.nunique() == 1
    assert ((shrunk - season) ** 2).sum() < ((raw - season) ** 2).sum() / 3


def test_the_base_rate_is_assumed_where_nothing_is_closed() -> None:
    none = pd.Series([0.0, NAN])
    assert facts.base_win_rate(none, none) == facts.Assumed(0.3, "assumed: no closed deals", True)
    assert facts.base_win_rate(pd.Series([3.0, NAN]), pd.Series([1.0, NAN])).value == 0.75


@FEW
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30),
    st.floats(0, 1),
    st.floats(0, 100),
)
def test_a_shrunk_rate_lies_between_the_raw_and_the_base_and_wins_never_lower_it(
    counts: list[tuple[int, int]], base: float, k: float
) -> None:
    wins = pd.Series([float(won) for won, _ in counts])
    losses = pd.Series([float(lost) for _, lost in counts])
    found = facts.win_rate(wins, losses, base, k)
    raw = (wins / (wins + losses)).fillna(base)
    assert (found >= np.minimum(raw, base) - 1e-9).all()
    assert (found <= np.maximum(raw, base) + 1e-9).all()
    assert (facts.win_rate(wins + 1, losses, base, k) >= found - 1e-9).all()


@pytest.mark.parametrize(("base", "k"), [(-0.1, 1), (1.1, 1), (NAN, 1), (0.5, -1), (0.5, NAN)])
def test_a_base_or_a_strength_out_of_range_is_refused(base: float, k: float) -> None:
    with pytest.raises(ModelInputError):
        facts.win_rate(pd.Series([1.0]), pd.Series([1.0]), base, k)


# Retention


def two_years(*rows: Deal) -> pd.DataFrame:
    return books.deals(Deal("", "R", w.LOST, 0, "2015-01-01", "2015-12-31"), *rows)


def test_retention_is_what_the_same_accounts_bought_again() -> None:
    """A bought 100 and then 150, B 100 and then 40, C 50 and then nothing: (100 + 40) / 250."""
    rows = [
        won("R", 100, "2016-05-01", "A"),
        won("R", 150, "2017-05-01", "A"),
        won("R", 100, "2016-12-31", "B"),
        won("R", 40, "2017-01-01", "B"),
        won("R", 50, "2016-05-01", "C"),
        won("R", 999, "2017-05-01", "D"),
        won("R", 999, "2016-05-01", ""),
    ]
    found = facts.retention(two_years(*rows), AS_OF)
    assert (found.value, found.assumed) == (pytest.approx(140 / 250), False)


def test_retention_is_assumed_without_two_years_of_history() -> None:
    rows = [won("R", 100, "2016-05-01"), won("R", 50, "2017-05-01")]
    assert facts.retention(books.deals(*rows), AS_OF).value == 0.9
    assert facts.retention(books.deals(*rows), AS_OF).assumed
    assert facts.retention(books.deals(), AS_OF).assumed
    assert facts.retention(two_years(), AS_OF).assumed


def test_a_typed_retention_wins_and_a_negative_one_is_refused() -> None:
    assert facts.retention(two_years(), AS_OF, 0.5).value == 0.5
    with pytest.raises(ModelInputError, match=r"-0\.1"):
        facts.retention(two_years(), AS_OF, -0.1)


@FEW
@given(DEALS)
def test_retention_is_a_share_for_any_history(rows: list[Deal]) -> None:
    kept = defaultdict(float)
    for row in rows:
        kept[row.account] += 0 if math.isnan(row.amount) else row.amount
    assert 0 <= facts.retention(two_years(*rows), AS_OF).value <= 1


@pytest.mark.parametrize(
    ("first", "told"),
    [
        # A year and more, eleven months to the day, and none at all are nothing to tell of.
        ("2024-06-01", ""),
        ("2025-01-31", ""),
        ("2025-02-01", "some 11 months and not twelve: no deal was closed before 2025-02-01"),
        ("2025-07-02", "some 6 months and not twelve: no deal was closed before 2025-07-02"),
        (None, ""),
    ],
)
def test_a_history_of_less_than_a_year_is_told(first: str | None, told: str) -> None:
    closes = [first, "2025-12-01", "2026-03-01"] if first else [None]
    deals = pd.DataFrame({w.STATE: w.WON, w.CLOSE_DATE: pd.to_datetime(closes)})
    found = facts.short_history(deals, pd.Timestamp(2025, 12, 31))
    assert found == (f"{w.PRIOR_YEAR_SALES} hold {told}" if told else "")
