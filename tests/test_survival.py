"""How likely is a deal to be won in time? Held to a life table done by hand.

Oracles: Kaplan and Meier's product limit and Aalen and Johansen's sum, worked out deal by deal in
the test, and what is certain when nothing is censored.
"""

import numpy as np
import pandas as pd
import pytest

from accountplan.udfs import survival
from accountplan.udfs import words as w

AS_OF = pd.Timestamp(2018, 6, 30)


def deals_of(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """Deals: state, days from opening to now, days until it ended (of an open one: none)."""
    opened = [AS_OF - pd.Timedelta(days, "D") for _, days, _ in rows]
    closed = [
        pd.NaT if state == w.OPEN else start + pd.Timedelta(lasted, "D")
        for start, (state, _, lasted) in zip(opened, rows, strict=True)
    ]
    return pd.DataFrame(
        {
            w.STATE: pd.Series([row[0] for row in rows], dtype=str),
            w.OPENED: pd.Series(opened, dtype="datetime64[ns]"),
            w.CLOSE_DATE: pd.Series(closed, dtype="datetime64[ns]"),
        }
    )


def chance(found: survival.WonBy | None, age: float, days: float) -> float:
    assert found is not None
    return float(found.chance(np.array([age]), np.array([days]))[0])


# 40 deals won after 10 days, 20 lost after 20, 20 won after 30; 20 opened 15 days ago, still open.
BOOK = deals_of(
    *[(w.WON, 60, 10)] * 40,
    *[(w.LOST, 60, 20)] * 20,
    *[(w.WON, 60, 30)] * 20,
    *[(w.OPEN, 15, 0)] * 20,
)


def test_a_deal_just_opened_is_won_as_the_life_table_says() -> None:
    found = survival.won_by(BOOK, AS_OF)
    # 100 at risk, 40 won: 0.4. Then 40 of the 60 that lasted are known past day 15 (20 are not):
    # 20 of 40 lost at day 20, and the last 20 won at day 30: 0.6 x 0.5.
    assert chance(found, -1, 9) == 0
    assert chance(found, -1, 10) == pytest.approx(0.4)
    assert chance(found, -1, 29) == pytest.approx(0.4)
    assert chance(found, -1, 30) == pytest.approx(0.4 + 0.6 * 0.5)


def test_an_older_deal_has_the_chance_of_those_that_lasted_as_long() -> None:
    found = survival.won_by(BOOK, AS_OF)
    assert chance(found, 15, 15) == pytest.approx(0.5)
    assert chance(found, 20, 9) == 0
    assert chance(found, 20, 10) == pytest.approx(1)
    assert chance(found, 200, 10) == 0


def test_without_open_deals_it_is_the_share_that_was_won_by_then() -> None:
    draw = np.random.default_rng(2)
    lasted = draw.integers(0, 60, 200)
    states = np.where(draw.random(200) < 0.4, w.WON, w.LOST)
    found = survival.won_by(
        deals_of(*((str(s), 90, int(d)) for s, d in zip(states, lasted, strict=True))), AS_OF
    )
    for day in (0, 7, 30, 60):
        share = float(((states == w.WON) & (lasted <= day)).mean())
        assert chance(found, -1, day) == pytest.approx(share)


def test_a_deal_opened_before_the_window_counts_from_the_age_it_had_then() -> None:
    # 50 deals were open 182 days ago, at an age of 118; 30 of them were won at 200.
    young = [*[(w.LOST, 100, 5)] * 20, *[(w.OPEN, 100, 0)] * 20]
    old = deals_of(*[(w.WON, 300, 200)] * 30, *[(w.OPEN, 300, 0)] * 20, *young)
    found = survival.won_by(old, AS_OF)
    assert chance(found, 150, 60) == pytest.approx(30 / 50)


def test_few_closed_deals_say_nothing() -> None:
    assert survival.won_by(BOOK.iloc[:29], AS_OF) is None
    times = survival.in_time(BOOK, None, AS_OF, pd.Timestamp(2018, 12, 31))
    assert (times == 1).all()


def test_deals_with_a_date_to_come_are_taken_at_their_word() -> None:
    deals = pd.concat([BOOK, deals_of((w.OPEN, 15, 0), (w.OPEN, 15, 0), (w.OPEN, 15, 0))])
    deals = deals.reset_index(drop=True)
    deals.loc[100, w.CLOSE_DATE] = pd.Timestamp(2018, 7, 20)
    deals.loc[101, w.CLOSE_DATE] = pd.Timestamp(2018, 6, 1)
    found = survival.won_by(BOOK, AS_OF)
    times = survival.in_time(deals, found, AS_OF, pd.Timestamp(2018, 7, 15))
    # 15 days more: chance 0.5, and 60 of 80 closed deals were won.
    assert times[100] == 1
    assert times[[101, 102]].tolist() == pytest.approx([0.5 / 0.75] * 2)
    assert (times[:80] == 1).all()
    over = survival.in_time(deals, found, AS_OF, AS_OF)
    assert over[102] == 0
