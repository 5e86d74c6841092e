"""Does the test of the scores say what really happened, and no more than it can know?

Oracles: plain pandas, scikit-learn, outcomes drawn from known odds and from none.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from accountplan.addin import backtest, planning
from accountplan.udfs import evidence as e
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.measures import Interval
from accountplan.udfs.scoring import Attribute
from accountplan.udfs.settings import Settings
from tests.support import books, histories
from tests.support.books import Deal

DAY = pd.Timestamp("2017-06-30")


def came(revenue: list[float]) -> pd.DataFrame:
    money = pd.Series(revenue)
    wins = (money > 0).astype(float)
    return pd.DataFrame(
        {e.LATER_REVENUE: money, e.LATER_WINS: wins, e.LATER_CLOSED: 1.0, e.BOUGHT: wins > 0}
    )


# --- What came ----------------------------------------------------------------------


def test_outcomes_are_what_was_closed_after_the_day_only() -> None:
    deals = books.deals(
        Deal("A", state=w.WON, amount=5, closed="2017-06-30"),
        Deal("A", state=w.WON, amount=7, closed="2017-07-01"),
        Deal("A", state=w.WON, closed="2017-08-01"),
        Deal("A", state=w.LOST, amount=9, closed="2017-08-01"),
        Deal("B", state=w.OPEN, amount=9, closed="2017-08-01"),
        Deal("B", state=w.LOST, amount=9, closed="2017-12-01"),
        Deal("", state=w.WON, amount=99, closed="2017-08-01"),
    )
    found = e.outcomes(pd.Series(["A", "B", "C"]), deals, DAY)
    assert found[e.LATER_REVENUE].tolist() == [7, 0, 0]
    assert found[e.LATER_WINS].tolist() == [2, 0, 0]
    assert found[e.LATER_CLOSED].tolist() == [3, 1, 0]
    assert found[e.BOUGHT].tolist() == [True, False, False]
    sooner = e.outcomes(pd.Series(["B"]), deals, DAY, pd.Timestamp("2017-11-30"))
    assert sooner[e.LATER_CLOSED].tolist() == [0]


def test_where_nearly_all_bought_the_question_is_who_bought_more() -> None:
    some = e.question(came([0.0] * 10 + [5.0] * 15))
    assert (some.asked, some.yes.sum()) == ("the accounts that buy", 15)
    everybody = e.question(came([float(n) for n in range(1, 31)]))
    assert everybody.asked == "the accounts that buy more than the median one"
    assert everybody.yes.tolist() == [False] * 15 + [True] * 15


# --- Verdicts -----------------------------------------------------------------------


def test_a_score_that_tells_buyers_apart_finds_and_one_of_chance_does_not() -> None:
    random = np.random.default_rng(1)
    yes = random.random(3000) < 0.3
    sound = e.tell_apart(yes + random.normal(0, 1, 3000), yes)
    assert sound.verdict == e.FINDS
    assert sound.auc.low < sound.auc.value < sound.auc.high
    chance = e.tell_apart(random.random(3000), yes)
    assert chance.verdict == e.DOES_NOT_FIND


def test_few_accounts_cannot_tell_and_say_how_many_there_are() -> None:
    score, yes = np.arange(12.0), np.array([False] * 9 + [True] * 3)
    few = e.tell_apart(score, yes)
    assert few.auc.value == 1.0
    assert few.words == "cannot tell yet (n = 12)"
    assert math.isnan(e.tell_apart(score, np.ones(12, dtype=bool)).auc.value)


def test_a_better_score_turned_round_does_not_find() -> None:
    random = np.random.default_rng(3)
    yes = random.random(2000) < 0.4
    assert e.tell_apart(-(yes + random.normal(0, 1, 2000)), yes).verdict == e.DOES_NOT_FIND


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """The AUC of two normals one standard deviation apart is Phi(1/sqrt 2) = 0.7602."""
    inside = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        yes = np.arange(200) < 80
        auc = e.tell_apart(yes + random.normal(0, 1, 200), yes).auc
        inside += auc.low <= 0.7602 <= auc.high
    # 38 of 40 are expected; fewer than 34 happen once in a hundred and fifty times.
    assert inside >= 34


# --- Leaks --------------------------------------------------------------------------


def leaks(columns: Mapping[str, object], revenue: np.ndarray, past: np.ndarray) -> dict[str, str]:
    frame = came(list(revenue))
    return e.find_leaks(
        pd.DataFrame(columns), frame, pd.Series(past), frame[e.BOUGHT].to_numpy(bool)
    )


def test_columns_that_carry_the_outcome_are_named_and_others_are_not() -> None:
    random = np.random.default_rng(4)
    good = random.random(400)
    past = random.exponential(100, 400) * (random.random(400) < good)
    revenue = random.exponential(100, 400) * (random.random(400) < good)
    found = leaks(
        {
            "Employees": np.exp(good + random.normal(0, 1, 400)),
            "Lifetime value": past + revenue,
            "Tier": np.where(revenue > 0, "Gold", "Basic"),
            "Lost interest": np.where(revenue > 0, 0.0, 1.0) + random.normal(0, 0.1, 400),
            "Next year": revenue * random.normal(1, 0.02, 400) + random.random(400),
            "Past": past,
            "Region": random.choice(["N", "S"], 400),
        },
        revenue,
        past,
    )
    assert set(found) == {"Lifetime value", "Tier", "Lost interest", "Next year"}


def test_what_a_column_says_is_judged_without_the_account_itself() -> None:
    """A word of its own for each account says nothing, though it would fit every outcome."""
    random = np.random.default_rng(6)
    revenue = random.exponential(100, 200) * (random.random(200) < 0.5)
    words = [f"Street {number}" for number in range(200)]
    assert leaks({"Address": words}, revenue, np.zeros(200)) == {}


# --- The whole test -------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted() -> histories.History:
    return histories.planted(11, accounts=600)


@pytest.fixture(scope="module")
def found(planted: histories.History) -> backtest.BackTest:
    return backtest.back_test(planted.export, planted.settings, histories.AS_OF)


def test_the_report_is_that_of_plain_pandas_and_scikit_learn(
    found: backtest.BackTest, planted: histories.History
) -> None:
    test, rows = found.evidence, found.tested
    deals = planted.export.deals
    later = deals[(deals[w.CLOSE_DATE] > histories.AS_OF) & (deals[w.STATE] == w.WON)]
    revenue = rows[w.ACCOUNT_ID].map(later.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum()).fillna(0)
    won = rows[w.ACCOUNT_ID].isin(later[w.ACCOUNT_ID])
    assert test.revenue == pytest.approx(later[w.AMOUNT].sum())
    assert (test.winners, test.outcomes) == (won.sum(), 600)
    assert test.score.auc.value == pytest.approx(roc_auc_score(won, rows[w.SCORE]))
    assert test.brier == pytest.approx(((rows[e.FORECAST] - won) ** 2).mean())
    assert test.brier_base == pytest.approx(won.mean() * (1 - won.mean()))
    for name, order in {
        e.BY_SCORE: rows[w.SCORE].sort_values(ascending=False),
        e.BY_NAME: rows[w.ACCOUNT].sort_values(),
        e.PERFECT: revenue.sort_values(ascending=False),
    }.items():
        for share in e.SHARES:
            first = order.index[: round(600 * share)]
            assert test.gains[name].revenue[share].value == pytest.approx(
                revenue[first].sum() / revenue.sum(), abs=2e-3
            )
            assert test.gains[name].winners[share].value == pytest.approx(
                won[first].sum() / won.sum(), abs=2e-3
            )
    scores = planning.score_as_of(planted.export, planted.settings, histories.AS_OF).found
    for each in test.attributes:
        plain = roc_auc_score(won, scores.attributes[each.attribute])
        assert each.tested is not None
        assert each.tested.auc.value == pytest.approx(plain)


def percentile(values: pd.Series) -> pd.Series:
    return 100 * (values.rank() - 0.5) / len(values)


def plain(history: histories.History, day: pd.Timestamp) -> pd.DataFrame:
    """Scores of a day and what came in the year after it, in plain pandas from DESIGN's words."""
    accounts, deals = history.export.accounts, history.export.deals
    won = deals[deals[w.STATE] == w.WON]
    age = (day - won[w.CLOSE_DATE]).dt.days
    active = accounts[w.ACCOUNT_ID].isin(won.loc[(age >= 0) & (age < 365), w.ACCOUNT_ID])

    likelihood = sum(
        accounts.groupby(active)[name].transform(percentile) for name in histories.SIGNALS
    ) / len(histories.SIGNALS)
    after = won[(age < 0) & (age >= -365)]
    return pd.DataFrame(
        {
            w.ACCOUNT_ID: accounts[w.ACCOUNT_ID],
            w.SCORE: (percentile(accounts[w.EMPLOYEES]) + likelihood) / 2,
            "Active": active,
            "Won": accounts[w.ACCOUNT_ID].isin(after[w.ACCOUNT_ID]),
            "Sales": accounts[w.ACCOUNT_ID].map(after.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum()),
        }
    ).fillna({"Sales": 0.0})


def test_scores_forecast_and_intervals_can_be_recomputed_from_scratch(
    found: backtest.BackTest, planted: histories.History
) -> None:
    """Oracles: pandas for the scores, scikit-learn for the forecast, a bootstrap by hand."""
    day = histories.AS_OF
    now, before = plain(planted, day), plain(planted, day - pd.Timedelta(days=365))
    test = found.evidence
    mine = found.tested.set_index(w.ACCOUNT_ID)
    assert mine[w.SCORE].to_numpy() == pytest.approx(
        now.set_index(w.ACCOUNT_ID).loc[mine.index, w.SCORE].to_numpy()
    )
    assert test.score.auc.value == pytest.approx(roc_auc_score(now["Won"], now[w.SCORE]))
    model = LogisticRegression(C=1e9, tol=1e-10, max_iter=2000)
    model.fit(before[[w.SCORE, "Active"]].astype(float) / [100, 1], before["Won"])
    chance = model.predict_proba(now[[w.SCORE, "Active"]].astype(float) / [100, 1])[:, 1]
    assert test.brier == pytest.approx(brier_score_loss(now["Won"], chance), abs=1e-5)
    score = test.score
    random, aucs, caught = np.random.default_rng(5), [], []
    for _ in range(500):
        drawn = now.iloc[random.integers(0, len(now), len(now))]
        aucs.append(roc_auc_score(drawn["Won"], drawn[w.SCORE]))
        part = drawn.sort_values(w.SCORE, ascending=False).head(len(now) // 5)
        caught.append(part["Sales"].sum() / drawn["Sales"].sum())
    assert (score.auc.low, score.auc.high) == pytest.approx(
        tuple(np.quantile(aucs, (0.025, 0.975))), abs=0.01
    )
    top = test.gains[e.BY_SCORE].revenue[0.2]
    assert (top.low, top.high) == pytest.approx(
        tuple(np.quantile(caught, (0.025, 0.975))), abs=0.02
    )
    first = test.attributes[1]
    signal = planted.export.accounts[first.attribute].groupby(now["Active"]).transform(percentile)
    best = signal.sort_values(ascending=False).index[: len(now) // 5]
    lift = now.loc[best, "Won"].mean() / now["Won"].mean()
    assert first.lift == pytest.approx(lift, abs=0.01)


def test_what_is_planted_is_found(found: backtest.BackTest) -> None:
    test = found.evidence
    assert test.likelihood.verdict == e.FINDS
    assert test.brier < test.brier_base
    assert test.calibration_error <= 0.07
    assert test.forecast == "Score and status, calibrated on the 365 days before the date"


def test_neither_row_order_nor_what_comes_after_the_day_changes_a_score(
    found: backtest.BackTest, planted: histories.History
) -> None:
    deals = planted.export.deals
    after = deals[w.CLOSE_DATE] > histories.AS_OF
    other = deals.assign(
        **{
            w.AMOUNT: deals[w.AMOUNT].mask(after, 1.0),
            w.STATE: deals[w.STATE].mask(after, w.WON),
        }
    )
    shuffled = planted.export.accounts.sample(frac=1, random_state=1).reset_index(drop=True)
    again = backtest.back_test(
        replace(planted.export, accounts=shuffled, deals=deals.sample(frac=1, random_state=2)),
        planted.settings,
        histories.AS_OF,
    )
    assert again.evidence == found.evidence
    assert again.learned == found.learned
    blind = backtest.back_test(
        replace(planted.export, deals=other), planted.settings, histories.AS_OF
    )
    for column in (w.SCORE, w.EXPECTED_MONEY, e.FORECAST, w.PRIOR_YEAR_SALES):
        pd.testing.assert_series_equal(blind.tested[column], found.tested[column])


def test_renaming_accounts_changes_the_alphabetical_order_only(
    found: backtest.BackTest, planted: histories.History
) -> None:
    accounts = planted.export.accounts
    renamed = accounts.assign(**{w.ACCOUNT: accounts[w.ACCOUNT].iloc[::-1].to_numpy()})
    again = backtest.back_test(
        replace(planted.export, accounts=renamed), planted.settings, histories.AS_OF
    )
    assert again.evidence.score == found.evidence.score
    assert again.evidence.attributes == found.evidence.attributes
    by_score, by_name = (again.evidence.gains[name] for name in (e.BY_SCORE, e.BY_NAME))
    assert by_score.curve == found.evidence.gains[e.BY_SCORE].curve
    assert by_name.curve != found.evidence.gains[e.BY_NAME].curve


def test_leaking_columns_of_the_export_are_named_and_change_nothing(
    found: backtest.BackTest, planted: histories.History
) -> None:
    accounts = planted.export.accounts
    later = pd.Series(planted.won, index=accounts.index)
    leaking = accounts.assign(
        **{
            w.PRIOR_YEAR_SALES: later * 1000.0,
            w.WINS: later * 3.0,
            w.WALLET_SHARE: 0.2 + 0.5 * later,
        }
    )
    again = backtest.back_test(
        replace(planted.export, accounts=leaking), planted.settings, histories.AS_OF
    )
    told = " ".join(again.evidence.notes)
    for name in (w.PRIOR_YEAR_SALES, w.WINS, w.WALLET_SHARE):
        assert name in told
    assert again.evidence.score == found.evidence.score


def test_an_attribute_that_leaks_is_left_out(planted: histories.History) -> None:
    accounts = planted.export.accounts
    sold = planted.won * 1000.0 + np.arange(len(accounts))
    attributes = (
        *planted.settings.attributes[:1],
        Attribute("Health", w.LIKELIHOOD, 50),
        Attribute(histories.SIGNALS[0], w.LIKELIHOOD, 50),
    )
    test = backtest.back_test(
        replace(planted.export, accounts=accounts.assign(Health=sold)),
        replace(planted.settings, attributes=attributes),
        histories.AS_OF,
    ).evidence
    health = next(a for a in test.attributes if a.attribute == "Health")
    assert health.tested is None
    assert health.verdict == "left out"
    assert "leaks" in health.known


def test_open_pipeline_is_left_out_where_deals_get_their_account_as_they_end() -> None:
    rows = []
    for number in range(1, 41):
        name = f"A{number:04}"
        rows.append(Deal(name, "R", w.WON, 50, "2016-01-05", f"2016-0{1 + number % 9}-20"))
        if number % 2:
            rows.append(Deal(name, "R", w.WON, 70, "2017-05-05", "2017-08-01"))
        else:
            rows.append(Deal("", "R", w.OPEN, 70, "2017-05-05"))
    book = books.accounts({w.EMPLOYEES: [float(n * 37 % 101) for n in range(40)]})
    export = books.export(book, books.deals(*rows), as_of=pd.Timestamp("2017-12-31"))
    test = backtest.back_test(export, Settings(), DAY).evidence
    pipeline = next(a for a in test.attributes if a.attribute == w.OPEN_PIPELINE)
    assert pipeline.tested is None
    assert "100% of those open on the date that ended since name one, 0%" in pipeline.known


def test_pure_noise_is_found_at_most_once_in_twenty_books() -> None:
    verdicts = []
    for seed in range(20):
        book = histories.noise(seed)
        scored = planning.score_as_of(book.export, book.settings, histories.AS_OF)
        verdicts.append(e.tell_apart(scored.accounts[w.SCORE].to_numpy(float), book.won).verdict)
    assert verdicts.count(e.FINDS) <= 1


def test_a_score_turned_round_does_not_find_and_is_said_to_point_the_other_way(
    planted: histories.History,
) -> None:
    turned = [replace(a, lower_is_better=True) for a in planted.settings.attributes]
    settings = replace(planted.settings, attributes=tuple(turned))
    test = backtest.back_test(planted.export, settings, histories.AS_OF).evidence
    assert test.verdict == e.DOES_NOT_FIND
    assert test.score.auc.high < 0.5
    assert test.sentence.endswith("it points the other way, those with less of it buy more.")
    assert test.against_alphabetical == e.NO_BETTER
    strongest = test.attributes[1 + int(planted.weights.argmax())]
    assert "points the other way" in strongest.known


def test_where_nobody_bought_nothing_is_said_of_the_score(planted: histories.History) -> None:
    deals = planted.export.deals
    lost = deals.assign(State=deals[w.STATE].mask(deals[w.CLOSE_DATE] > histories.AS_OF, w.LOST))
    found = backtest.back_test(
        replace(planted.export, deals=lost), planted.settings, histories.AS_OF
    )
    test = found.evidence
    assert (test.winners, test.revenue, test.verdict) == (0, 0, e.CANNOT_TELL)
    assert test.sentence == (
        "It cannot tell yet (n = 600) whether the score finds the accounts that buy: none of "
        "them did."
    )
    assert test.against_alphabetical.startswith("The score is not yet shown to be better")
    assert {each.monotone for each in test.attributes} == {None}
    assert "to try it on: no account bought" in found.learned.refused


def test_few_buyers_are_no_proof_and_money_alone_is_said_to_be_that(
    found: backtest.BackTest,
) -> None:
    above = Interval(0.2, 0.1, 0.3)
    few = e.Tested(Interval(0.8, 0.6, 1.0), 12, 4, e.CANNOT_TELL)
    test = replace(found.evidence, accounts=12, score=few, above_alphabetical=above)
    assert test.against_alphabetical == (
        "The score is not yet shown to be better than alphabetical order (n = 12)."
    )
    poor = e.Tested(Interval(0.49, 0.44, 0.53), 600, 260, e.DOES_NOT_FIND)
    test = replace(found.evidence, score=poor, above_alphabetical=above)
    assert test.against_alphabetical == e.MONEY_ONLY
    even = Interval(0.01, -0.02, 0.04)
    assert replace(test, above_alphabetical=even).against_alphabetical == e.NO_BETTER
    assert replace(test, score=found.evidence.score).against_alphabetical == e.BETTER


def test_chance_tells_few_accounts_apart_and_is_no_leak() -> None:
    revenue = np.array([5.0] * 4 + [0.0] * 8)
    assert leaks({"Size": revenue + np.arange(12)}, revenue, np.zeros(12)) == {}
    revenue = np.array([5.0] * 10 + [0.0] * 10)
    assert "Size" in leaks({"Size": revenue * 9 + np.arange(20)}, revenue, np.zeros(20))


def test_on_noise_it_says_that_the_score_is_no_better_than_the_alphabet() -> None:
    book = histories.noise(7, accounts=1500)
    found = backtest.back_test(book.export, book.settings, histories.AS_OF)
    assert found.evidence.verdict != e.FINDS
    assert "better than alphabetical order" in found.evidence.against_alphabetical
    assert found.evidence.against_alphabetical.startswith(("The score is no", "The score is not"))
    assert found.learned.refused


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2018-01-01", "no deal at these accounts was closed after it"),
        ("2012-01-01", "no deal at these accounts was closed by then"),
    ],
)
def test_a_day_without_a_before_and_an_after_is_refused(
    planted: histories.History, day: str, says: str
) -> None:
    with pytest.raises(ModelInputError, match=says):
        backtest.back_test(planted.export, planted.settings, pd.Timestamp(day))


def test_expected_money_is_held_against_what_came() -> None:
    expected = np.array([100.0, 200.0, math.nan, 400.0])
    found = e.money_came(expected, np.array([10.0, 0.0, 500.0, 300.0]), years=0.5)
    assert (found.accounts, found.expected, found.came) == (3, 350, 310)
    assert found.mean_error == pytest.approx((40 + 100 + 100) / 3)
    assert [count for count, _, _ in found.bands] == [1, 1, 1]
