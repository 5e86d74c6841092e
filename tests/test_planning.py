"""Does one round hold together: books, teams and the whole, and does no day know the next?

Oracles: the quota walk done deal by deal in plain Python, and sums that must tie out.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accountplan.addin import planning
from accountplan.addin.crm import CrmExport
from accountplan.udfs import funnel
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.round import Round
from tests.support import books
from tests.support.books import Deal

NAN = math.nan
DAY = pd.Timestamp("2017-06-30")
QUOTA = 1000.0
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TEAM = [(f"Rep {n}", "Manager South" if n > 3 else "Manager North") for n in range(1, 7)]
PRODUCTS = ("Basic", "Pro", "")
WALK_MONEY = [funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.TO_COME, funnel.GAP]


def some_deals(random: np.random.Generator, count: int, accounts: int) -> list[Deal]:
    """Deals of 2016 and the first half of 2017, a tenth of them of no account or no rep."""
    rows = []
    for _ in range(count):
        opened = pd.Timestamp("2016-01-01") + pd.Timedelta(days=int(random.integers(0, 540)))
        state = str(random.choice([w.WON, w.LOST, w.OPEN], p=[0.4, 0.3, 0.3]))
        closed = opened + pd.Timedelta(days=int(random.integers(0, 120)))
        if state != w.OPEN and closed > DAY:
            state = w.OPEN
        account = f"A{random.integers(1, accounts + 1):04}" if random.random() > 0.1 else ""
        amount = float(random.integers(1, 100)) if state == w.WON or random.random() > 0.5 else NAN
        rows.append(
            Deal(
                account,
                f"Rep {random.integers(1, 8)}" if random.random() > 0.1 else "",
                state,
                amount,
                f"{opened:%Y-%m-%d}",
                f"{closed:%Y-%m-%d}",
                str(random.choice(PRODUCTS)),
            )
        )
    return rows


def some_export(seed: int, accounts: int = 40, count: int = 300) -> CrmExport:
    """An import of a made-up organisation; Rep 7 works deals, and stands in no team."""
    random = np.random.default_rng(seed)
    book = books.accounts(
        {
            w.ANNUAL_REVENUE: np.exp(random.normal(10, 2, accounts)).round(),
            w.EMPLOYEES: np.where(
                random.random(accounts) < 0.1, NAN, np.exp(random.normal(5, 1.5, accounts)).round()
            ),
            w.INDUSTRY: random.choice(["Retail", "Steel", ""], accounts),
        }
    )
    sold = books.deals(*some_deals(random, count, accounts))
    return books.export(book, sold, books.teams(TEAM), DAY)


@pytest.fixture(scope="module")
def whole() -> Round:
    return planning.plan_round(some_export(1), Settings(), quota=QUOTA)


# The whole and its parts


def test_every_owned_account_is_in_exactly_one_book(whole: Round) -> None:
    owned = whole.accounts[whole.accounts[w.OWNER] != w.UNASSIGNED]
    in_books = pd.concat([book.accounts for book in planning.books(whole)])
    assert sorted(in_books[w.ACCOUNT_ID]) == sorted(owned[w.ACCOUNT_ID])
    assert [b.name for b in planning.books(whole)] == sorted(set(owned[w.OWNER]))


@pytest.mark.parametrize(
    "column", [w.EXPECTED_MONEY, w.PRIOR_YEAR_SALES, w.POTENTIAL_MONEY, w.STILL_TO_COME]
)
def test_money_adds_up_from_books_to_teams_to_the_whole(whole: Round, column: str) -> None:
    owned = whole.accounts[whole.accounts[w.OWNER] != w.UNASSIGNED]
    of_books = {book.name: book.accounts[column].sum() for book in planning.books(whole)}
    assert sum(of_books.values()) == pytest.approx(owned[column].sum(), rel=1e-12)
    for team in planning.teams(whole):
        reps = [rep for rep, manager in TEAM if manager == team.name]
        expected = sum(of_books.get(rep, 0.0) for rep in reps)
        assert team.accounts[column].sum() == pytest.approx(expected, rel=1e-12)


def test_the_walk_ties_out_across_books_teams_and_the_whole(whole: Round) -> None:
    all_reps = whole.walk.set_index(w.REP)
    for book in planning.books(whole):
        assert book.walk[w.REP].tolist() == [book.name]
        np.testing.assert_array_equal(
            book.walk[WALK_MONEY].iloc[0].astype(float),
            all_reps.loc[book.name, WALK_MONEY].astype(float),
        )
    teams = {team.name: funnel.roll_up(team.walk).iloc[0] for team in planning.teams(whole)}
    total = funnel.roll_up(whole.walk).iloc[0]
    outside = whole.walk[~whole.walk[w.MANAGER].isin(list(teams))]
    for column in WALK_MONEY[:-1]:
        expected = sum(team[column] for team in teams.values()) + outside[column].sum()
        assert total[column] == pytest.approx(expected, rel=1e-12)


def test_every_deal_is_in_exactly_one_path(whole: Round) -> None:
    in_books = pd.concat([book.deals for book in planning.books(whole)])
    assert in_books[w.DEAL_ID].is_unique
    owners = {book.name for book in planning.books(whole)}
    rest = whole.deals[~whole.deals[w.PATH_OF].isin(owners)]
    assert len(in_books) + len(rest) == len(whole.deals)
    owner = whole.accounts.set_index(w.ACCOUNT_ID)[w.OWNER]
    for deal in whole.deals.to_dict("records"):
        expected = owner.get(deal[w.ACCOUNT_ID], w.UNASSIGNED)
        if expected == w.UNASSIGNED:
            expected = deal[w.REP] or w.UNASSIGNED
        assert deal[w.PATH_OF] == expected


def test_scores_and_reasons_stay_with_their_account(whole: Round) -> None:
    """Each part keeps the values of the whole, row by row."""
    of_whole = pd.concat([whole.accounts[[w.ACCOUNT_ID]], whole.scores], axis=1)
    of_whole = of_whole.set_index(w.ACCOUNT_ID)
    for part in (*planning.books(whole), *planning.teams(whole)):
        ids = part.accounts[w.ACCOUNT_ID]
        np.testing.assert_array_equal(part.scores, of_whole.loc[ids])
        np.testing.assert_array_equal(part.model[w.POTENTIAL], part.accounts[w.POTENTIAL])
        assert part.cuts == whole.cuts


def test_ranks_count_from_1_within_book_and_segment(whole: Round) -> None:
    for part in (whole, *planning.books(whole)):
        for group, rank in ((w.OWNER, w.RANK), (w.SEGMENT, w.SEGMENT_RANK)):
            for _, found in part.accounts.groupby(group):
                places = found.sort_values(rank)[[rank, w.SCORE]].dropna()
                assert places[rank].tolist() == list(range(1, len(places) + 1))
                assert places[w.SCORE].is_monotonic_decreasing


# The walk, deal by deal


def walk_by_hand(found: Round, export: CrmExport, kept: float) -> dict[str, list[float]]:
    """Closed, repeat to come and weighted pipeline per rep."""
    sold = export.deals.to_dict("records")
    accounts = {row[w.ACCOUNT_ID]: row for row in found.accounts.to_dict("records")}
    wins, ends = {}, {}
    for deal in sold:
        if deal[w.STATE] != w.OPEN:
            ends[deal[w.REP]] = ends.get(deal[w.REP], 0) + 1
            wins[deal[w.REP]] = wins.get(deal[w.REP], 0) + (deal[w.STATE] == w.WON)
    of_reps = sum(n for rep, n in wins.items() if rep), sum(n for rep, n in ends.items() if rep)
    all_wins = sum(wins.values()) / sum(ends.values())
    longest = max(
        (deal[w.CLOSE_DATE] - deal[w.OPENED]).days for deal in sold if deal[w.STATE] == w.WON
    )
    won_amounts: dict[str, list[float]] = {}
    for deal in sold:
        if deal[w.STATE] == w.WON:
            won_amounts.setdefault(deal[w.PRODUCT], []).append(deal[w.AMOUNT])
    every = [amount for amounts in won_amounts.values() for amount in amounts]
    at_account: dict[str, list[float]] = {identity: [0.0, 0.0] for identity in accounts}
    walk: dict[str, list[float]] = {}
    for deal in sold:
        rep = deal[w.REP]
        account = accounts.get(deal[w.ACCOUNT_ID])
        owner = account[w.OWNER] if account else w.UNASSIGNED
        path = owner if owner != w.UNASSIGNED else rep or w.UNASSIGNED
        closed = weighted = 0.0
        if deal[w.STATE] == w.WON and deal[w.CLOSE_DATE].year == 2017:
            closed = deal[w.AMOUNT]
        if deal[w.STATE] == w.OPEN and (DAY - deal[w.OPENED]).days <= longest:
            amount = deal[w.AMOUNT]
            if math.isnan(amount):
                known = won_amounts.get(deal[w.PRODUCT], []) if deal[w.PRODUCT] else []
                known = known or every
                amount = sum(known) / len(known)
            rate = (wins.get(rep, 0) + 10 * of_reps[0] / of_reps[1]) / (ends.get(rep, 0) + 10)
            weighted = amount * (rate if rep else all_wins)
        row = walk.setdefault(path, [0.0, 0.0, 0.0])
        row[0] += closed
        row[2] += weighted
        if account:
            at_account[deal[w.ACCOUNT_ID]][0] += closed
            at_account[deal[w.ACCOUNT_ID]][1] += weighted
    for identity, (closed, weighted) in at_account.items():
        account = accounts[identity]
        if account[w.STATUS] == w.ACTIVE:
            repeat = max(account[w.PRIOR_YEAR_SALES] * kept - closed, 0.0)
            to_come = max(repeat, weighted)
            walk.setdefault(account[w.OWNER], [0.0, 0.0, 0.0])[1] += to_come - weighted
    return walk


@FEW
@given(st.integers(0, 10_000), st.integers(1, 15), st.integers(5, 60))
def test_the_walk_is_what_a_loop_over_the_deals_finds(seed: int, accounts: int, count: int) -> None:
    export = some_export(seed, accounts, count)
    states = set(export.deals[w.STATE])
    named = export.deals[(export.deals[w.STATE] != w.OPEN) & (export.deals[w.REP] != "")]
    if not {w.WON, w.LOST} <= states or named.empty:
        return
    found = planning.plan_round(export, Settings(retention=0.8), quota=QUOTA)
    expected = walk_by_hand(found, export, 0.8)
    for row in found.walk.to_dict("records"):
        closed, repeat, weighted = expected.pop(row[w.REP], [0.0, 0.0, 0.0])
        assert row[funnel.CLOSED] == pytest.approx(closed, abs=1e-6)
        assert row[funnel.REPEAT_TO_COME] == pytest.approx(repeat, abs=1e-6)
        assert row[w.WEIGHTED_PIPELINE] == pytest.approx(weighted, abs=1e-6)
        gap = row[w.QUOTA] - closed - repeat - weighted
        assert row[funnel.GAP] == pytest.approx(gap, abs=1e-6, nan_ok=True)
    assert expected == {}


def test_new_business_counts_no_repeat() -> None:
    found = planning.plan_round(some_export(1), Settings(quota_counts=w.NEW_BUSINESS), quota=QUOTA)
    assert (found.walk[funnel.REPEAT_TO_COME] == 0).all()
    np.testing.assert_allclose(found.walk[funnel.TO_COME], found.walk[w.WEIGHTED_PIPELINE])


# What must not matter


@FEW
@given(st.integers(0, 10_000))
def test_neither_order_nor_names_of_accounts_change_an_answer(seed: int) -> None:
    export = some_export(seed, 25, 120)
    random = np.random.default_rng(seed)
    other = replace(
        export,
        accounts=export.accounts.iloc[random.permutation(25)]
        .assign(**{w.ACCOUNT: lambda book: "Company " + book[w.ACCOUNT_ID]})
        .reset_index(drop=True),
        deals=export.deals.iloc[random.permutation(120)].reset_index(drop=True),
    )
    one = planning.plan_round(export, Settings()).accounts.set_index(w.ACCOUNT_ID)
    two = planning.plan_round(other, Settings()).accounts.set_index(w.ACCOUNT_ID).loc[one.index]
    pd.testing.assert_frame_equal(
        one.drop(columns=w.ACCOUNT), two.drop(columns=w.ACCOUNT), check_exact=False, rtol=1e-9
    )


def test_as_of_an_earlier_day_nothing_later_matters() -> None:
    """Two worlds alike until the day, in one of which everything open then is won, in the other
    lost: their rounds as of the day are the same."""
    export = some_export(3)
    then = pd.Timestamp("2017-01-31")
    later = export.deals[w.STATE].ne(w.OPEN) & (export.deals[w.CLOSE_DATE] > then)
    assert later.sum() > 20
    rounds = []
    for state, amount in ((w.WON, 5000.0), (w.LOST, 0.0)):
        sold = export.deals.copy()
        sold.loc[later, [w.STATE, w.STAGE]] = state
        sold.loc[later, w.AMOUNT] = amount
        rounds.append(planning.plan_round(replace(export, deals=sold), Settings(), as_of=then))
    pd.testing.assert_frame_equal(rounds[0].accounts, rounds[1].accounts)
    pd.testing.assert_frame_equal(rounds[0].walk, rounds[1].walk)
    assert rounds[0].as_of == then


# Thin exports


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize("sold", [None, books.deals()], ids=["no opportunities", "none yet"])
def test_a_bare_list_of_accounts_makes_a_round(size: int, sold: pd.DataFrame | None) -> None:
    found = planning.plan_round(books.export(books.accounts({}, size), sold), Settings())
    assert len(found.accounts) == size
    # A file of deals without a deal says no more than no file.
    assert found.accounts[w.QUADRANT].tolist() == [w.NOT_ENOUGH_DATA] * size
    assert found.accounts[w.EXPECTED_MONEY].isna().all()
    assert found.accounts[list(c.ACCOUNT_COLUMNS)].shape == (size, len(c.ACCOUNT_COLUMNS))
    assert (found.win_probability.value, found.retention.value, found.stale.value) == (
        0.3,
        0.9,
        180,
    )
    assert planning.books(found) == []


def test_a_bare_list_with_revenue_is_ranked_by_it_and_stands_in_no_quadrant() -> None:
    revenue = [5e6, 20e6, 1e6, 8e6]
    book = books.accounts({w.ANNUAL_REVENUE: revenue}, 4)
    found = planning.plan_round(books.export(book, None), Settings())
    assert found.accounts[c.OVERALL_RANK].tolist() == [3, 1, 4, 2]
    assert found.accounts[w.POTENTIAL].tolist() == [37.5, 87.5, 12.5, 62.5]
    assert found.accounts[w.LIKELIHOOD].isna().all()
    assert set(found.accounts[w.QUADRANT]) == {w.NOT_ENOUGH_DATA}
    assert any("ranked by Potential alone" in note for note in found.summary.notes)


def test_without_a_rep_there_is_a_round_and_no_book() -> None:
    sold = books.deals(Deal("A0001", "", w.WON, 10, "2017-01-01", "2017-02-01"))
    found = planning.plan_round(books.export(books.accounts({}, 2), sold), Settings())
    assert found.accounts[w.OWNER].tolist() == [w.UNASSIGNED] * 2
    assert planning.books(found) == []


def test_equal_accounts_share_one_quadrant_and_rank_by_their_id() -> None:
    size = 12
    rows = [
        Deal(f"A{n:04}", "Rep 1", w.WON, 100, "2017-01-01", "2017-02-01")
        for n in range(1, size + 1)
    ]
    book = books.accounts({w.EMPLOYEES: [50.0] * size, w.ANNUAL_REVENUE: [1e6] * size})
    found = planning.plan_round(books.export(book, books.deals(*rows)), Settings()).accounts
    assert set(found[w.QUADRANT]) == {w.SLAM_DUNK}
    assert set(found[w.SCORE]) == {50}
    assert found[w.RANK].tolist() == list(range(1, size + 1))
    assert set(found[w.POTENTIAL_MONEY]) == {100}
    assert set(found[w.GROWTH]) == {w.EXHAUSTED}
    assert set(found[w.EXPECTED_MONEY]) == {90}


def test_an_export_with_facts_of_its_own_needs_no_opportunities() -> None:
    """Sales, wins and losses stand in the accounts file; sales of 100 at a wallet share of 25 %
    leave 300 to win; 30 of 60 deals were won: 100 x 0.9 + 300 x 0.5 = 240."""
    size = 10
    book = books.accounts(
        {
            w.OWNER: ["Rep 1"] * size,
            w.PRIOR_YEAR_SALES: [100.0] * size,
            w.WALLET_SHARE: [25.0] * size,
            w.WINS: [3.0] * size,
            w.LOSSES: [3.0] * size,
            w.ANNUAL_REVENUE: [float(n) for n in range(size)],
        }
    )
    found = planning.plan_round(books.export(book), Settings(), quota=QUOTA)
    assert set(found.accounts[w.WALLET_SHARE]) == {0.25}
    assert set(found.accounts[w.POTENTIAL_MONEY]) == {400}
    assert set(found.accounts[w.EXPECTED_MONEY]) == {240}
    assert found.walk[funnel.REPEAT_TO_COME].tolist() == [900]
    assert found.walk[funnel.GAP].tolist() == [100]


def test_control_totals_hold_every_deal_read(whole: Round) -> None:
    export = some_export(1)
    found = planning.control_totals(export.deals.assign(**{w.ESTIMATED: False}))
    assert found["Rows used"].sum() == len(export.deals)
    assert found[w.AMOUNT].sum() == export.deals[w.AMOUNT].sum()
