"""Does the quota walk add up, and does the volume play lead back to the gap?

Oracles: published worked examples, sums done by hand in the test, and properties that must hold
for any book.
"""

import json
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountplan.udfs import funnel
from accountplan.udfs import words as w
from accountplan.udfs.errors import ModelInputError
from accountplan.udfs.funnel import Gate

YEAR_START, YEAR_END = pd.Timestamp(2018, 1, 1), pd.Timestamp(2018, 12, 31)
GATES = (Gate("email", 0.1), Gate("call", 0.25), Gate("demo", 0.3))

NAN = math.nan
WALK_MONEY = [funnel.CLOSED, funnel.REPEAT_TO_COME, w.WEIGHTED_PIPELINE, funnel.TO_COME]


def volumes(targets: funnel.FunnelTargets) -> dict[str, float]:
    return {g.gate: g.volume for g in targets.gates}


# The volume play


def test_volumes_match_the_published_example_of_sales_math() -> None:
    """mysalesprocess.com/sales-math: 14 deals; 40 % of proposals close -> 35 proposals; 50 % of
    second meetings -> 70; 35 % of first meetings -> 200; 10 % of cold calls -> 2,000 calls."""
    gates = [
        Gate("cold call", 0.10),
        Gate("initial meeting", 0.35),
        Gate("second meeting", 0.50),
        Gate("proposal", 0.40),
    ]
    assert volumes(funnel.funnel_targets(14, 1, gates)) == pytest.approx(
        {
            "cold call": 2000,
            "initial meeting": 200,
            "second meeting": 70,
            "proposal": 35,
            "deal": 14,
        },
        rel=1e-12,
    )


def test_deals_and_opportunities_match_the_published_example_of_brightgauge() -> None:
    """brightgauge.com, "How we help our sales team hit their annual quota": 64,000 of new
    business at 250 is 256 deals; at 50 % closed that is 512 opportunities."""
    targets = funnel.funnel_targets(64_000, 250, [Gate("opportunity", 0.5)])
    assert volumes(targets) == {"opportunity": 512, "deal": 256}


def test_top_gate_comes_first_and_the_deal_last_with_rate_1() -> None:
    targets = funnel.funnel_targets(90_000, 10_000, GATES, weeks=30)
    assert [(g.gate, g.rate) for g in targets.gates] == [
        ("email", 0.1),
        ("call", 0.25),
        ("demo", 0.3),
        ("deal", 1.0),
    ]


def test_volume_per_week_is_volume_over_weeks() -> None:
    # 90,000 / 10,000 = 9 deals; / 0.3 = 30 demos; / 0.25 = 120 calls; / 0.1 = 1,200 e-mails.
    targets = funnel.funnel_targets(90_000, 10_000, GATES, weeks=30)
    assert [g.per_week for g in targets.gates] == pytest.approx([40, 4, 1, 0.3], rel=1e-12)


rates = st.floats(0.001, 1)
money = st.floats(0.01, 1e9)


@given(gap=money, average=money, chosen=st.lists(rates, min_size=1, max_size=8))
def test_volumes_multiply_back_to_the_gap(gap: float, average: float, chosen: list[float]) -> None:
    gates = [Gate(f"gate {n}", rate) for n, rate in enumerate(chosen)]
    targets = funnel.funnel_targets(gap, average, gates)
    for position, target in enumerate(targets.gates):
        back = target.volume * math.prod(g.rate for g in targets.gates[position:]) * average
        assert back == pytest.approx(gap, rel=1e-12)


@given(gap=money, average=money, weeks=st.floats(0.1, 52))
def test_twice_the_gap_takes_twice_the_volume(gap: float, average: float, weeks: float) -> None:
    once = funnel.funnel_targets(gap, average, GATES, weeks)
    twice = funnel.funnel_targets(2 * gap, average, GATES, weeks)
    assert [g.volume for g in twice.gates] == [2 * g.volume for g in once.gates]
    assert [g.per_week for g in twice.gates] == [2 * g.per_week for g in once.gates]


@pytest.mark.parametrize("gap", [0, -5_000])
@pytest.mark.parametrize("average", [10_000, NAN])
@pytest.mark.parametrize("weeks", [20, 0, NAN])
def test_a_reached_quota_takes_nothing(gap: float, average: float, weeks: float) -> None:
    targets = funnel.funnel_targets(gap, average, GATES, weeks)
    assert targets.deals == 0
    assert [(g.volume, g.per_week) for g in targets.gates] == [(0, 0)] * 4
    assert targets.note == funnel.QUOTA_REACHED


def test_without_weeks_left_volumes_stand_and_volumes_per_week_are_missing() -> None:
    targets = funnel.funnel_targets(90_000, 10_000, GATES, weeks=0)
    assert targets.gates[-1].volume == 9
    assert all(math.isnan(g.per_week) for g in targets.gates)
    assert targets.note == funnel.NO_WEEKS_LEFT


def test_weeks_that_are_not_given_need_no_note() -> None:
    targets = funnel.funnel_targets(90_000, 10_000, GATES)
    assert math.isnan(targets.gates[0].per_week)
    assert targets.note == ""


@pytest.mark.parametrize(
    ("gap", "average", "note"),
    [
        (NAN, 10_000, funnel.GAP_UNKNOWN),
        (90_000, NAN, funnel.AVERAGE_UNKNOWN),
    ],
)
def test_missing_money_leaves_volumes_missing(gap: float, average: float, note: str) -> None:
    targets = funnel.funnel_targets(gap, average, GATES, 20)
    assert all(math.isnan(g.volume) and math.isnan(g.per_week) for g in targets.gates)
    assert targets.note == note


def test_report_is_json_without_nan() -> None:
    report = funnel.funnel_targets(90_000, 10_000, [Gate("demo", 0.3)]).report()
    assert json.loads(json.dumps(report, allow_nan=False)) == {
        "gap": 90_000,
        "deals": 9,
        "gates": [
            {"gate": "demo", "rate": 0.3, "volume": 30, "per_week": None, "weeks": None},
            {"gate": "deal", "rate": 1, "volume": 9, "per_week": None, "weeks": None},
        ],
    }


@pytest.mark.parametrize("rate", [0, -0.1, 1.01, 25, NAN, math.inf])
def test_a_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(ModelInputError, match="gate 'call': the rate is"):
        Gate("call", rate)


@pytest.mark.parametrize("name", ["", "  ", "\t"])
def test_a_gate_without_name_is_refused(name: str) -> None:
    with pytest.raises(ModelInputError, match="no name"):
        Gate(name, 0.5)


@pytest.mark.parametrize(
    ("gates", "name"),
    [
        ((Gate("call", 0.5), Gate("Call ", 0.4)), "call"),
        ((Gate("call", 0.5), Gate("Deal", 1)), "deal"),
    ],
)
def test_a_gate_named_twice_is_refused(gates: tuple[Gate, ...], name: str) -> None:
    with pytest.raises(ModelInputError, match=f"gates: '{name}' stands there twice"):
        funnel.funnel_targets(1_000, 100, gates)


def test_a_funnel_without_gates_is_refused() -> None:
    with pytest.raises(ModelInputError, match="gates: there is none"):
        funnel.funnel_targets(1_000, 100, ())


@pytest.mark.parametrize("average", [0, -1, math.inf])
def test_an_average_deal_that_is_no_amount_is_refused(average: float) -> None:
    with pytest.raises(ModelInputError, match="average deal"):
        funnel.funnel_targets(1_000, average, GATES)


@pytest.mark.parametrize("weeks", [-1, math.inf])
def test_weeks_that_are_no_number_of_weeks_are_refused(weeks: float) -> None:
    with pytest.raises(ModelInputError, match="weeks"):
        funnel.funnel_targets(1_000, 100, GATES, weeks)


def test_an_infinite_gap_is_refused() -> None:
    with pytest.raises(ModelInputError, match="gap"):
        funnel.funnel_targets(math.inf, 100, GATES)


def test_a_volume_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(ModelInputError, match="too large"):
        funnel.funnel_targets(1e300, 1, [Gate("email", 1e-300)])


# Weeks left


def test_a_whole_year_has_its_weeks_less_those_off() -> None:
    # 365 / 7 = 52.142857...; 46/52 of it are left when 6 weeks are off.
    left = funnel.weeks_left(pd.Timestamp(2017, 12, 31), pd.Timestamp(2018, 12, 31), 6)
    assert left == pytest.approx(365 / 7 * 46 / 52, rel=1e-15)


def test_the_last_week_of_the_year_is_one_week() -> None:
    assert funnel.weeks_left(np.datetime64("2018-12-24"), np.datetime64("2018-12-31")) == 1


@pytest.mark.parametrize("today", ["2018-12-31", "2019-02-01"])
def test_no_weeks_are_left_once_the_year_is_over(today: str) -> None:
    assert funnel.weeks_left(pd.Timestamp(today), pd.Timestamp(2018, 12, 31), 6) == 0


def test_weeks_left_takes_no_notice_of_the_time_of_day() -> None:
    end = pd.Timestamp(2018, 12, 31)
    morning, evening = pd.Timestamp("2018-06-01 08:00"), pd.Timestamp("2018-06-01 20:00")
    assert funnel.weeks_left(morning, end) == funnel.weeks_left(evening, end)


@pytest.mark.parametrize("weeks_off", [-1, 53, NAN])
def test_weeks_off_outside_a_year_are_refused(weeks_off: float) -> None:
    with pytest.raises(ModelInputError, match="weeks off"):
        funnel.weeks_left(pd.Timestamp(2018, 1, 1), pd.Timestamp(2018, 12, 31), weeks_off)


def test_weeks_left_without_a_date_is_refused() -> None:
    with pytest.raises(ModelInputError, match="today: the date is missing"):
        funnel.weeks_left(np.datetime64("NaT"), pd.Timestamp(2018, 12, 31))


# Weighted pipeline


def some_deals(*rows: Mapping[str, object]) -> pd.DataFrame:
    """Deals with what a test does not care about filled in."""
    blank: dict[str, object] = {
        w.ACCOUNT_ID: "",
        w.REP: "Rep North 1",
        w.STATE: w.OPEN,
        w.STALE: False,
        w.AMOUNT: 0.0,
        w.WEIGHTED: 0.0,
        w.CLOSE_DATE: pd.NaT,
    }
    filled = [{**blank, **row} for row in rows]
    filled = [{w.PATH_OF: row[w.REP]} | row for row in filled]
    deals = pd.DataFrame(filled, columns=[*blank, w.PATH_OF])
    dates = pd.to_datetime(deals[w.CLOSE_DATE], format="ISO8601")
    return deals.assign(**{w.CLOSE_DATE: dates}).astype(
        {w.STALE: bool, w.AMOUNT: float, w.WEIGHTED: float}
    )


def test_only_live_deals_are_weighted_by_the_rate_of_their_rep() -> None:
    deals = some_deals(
        {w.AMOUNT: 1_000},
        {w.AMOUNT: 1_000, w.REP: "Rep South 1"},
        {w.AMOUNT: 1_000, w.STALE: True},
        {w.AMOUNT: 1_000, w.STATE: w.WON},
        {w.AMOUNT: 1_000, w.STATE: w.LOST},
        {w.AMOUNT: NAN},
    )
    found = funnel.weighted(deals, {"Rep North 1": 0.6, "Rep South 1": 0.25})
    assert list(found) == [600, 250, 0, 0, 0, 0]
    assert found.name == w.WEIGHTED


def test_reps_without_a_rate_take_the_default() -> None:
    deals = some_deals({w.AMOUNT: 100, w.REP: "Rep New"}, {w.AMOUNT: 100, w.REP: ""})
    assert list(funnel.weighted(deals, pd.Series({"Rep New": NAN}), 0.3)) == [30, 30]


def test_a_live_deal_without_any_rate_is_refused() -> None:
    deals = some_deals({w.AMOUNT: 100, w.REP: "Rep New"})
    with pytest.raises(ModelInputError, match="'Rep New'"):
        funnel.weighted(deals, {"Rep North 1": 0.5})


@pytest.mark.parametrize(("rate", "default"), [(1.2, 0.3), (-0.1, 0.3), (0.5, 1.2), (0.5, -1)])
def test_a_win_rate_that_is_no_share_is_refused(rate: float, default: float) -> None:
    with pytest.raises(ModelInputError, match="win rates"):
        funnel.weighted(some_deals({}), {"Rep North 1": rate}, default)


def test_no_deals_weigh_nothing() -> None:
    assert funnel.weighted(some_deals(), {}).empty


# Closed


def test_closed_takes_won_deals_from_the_first_day_to_the_last() -> None:
    days = ["2017-12-31", "2018-01-01", "2018-12-31 17:30", "2019-01-01", None]
    deals = some_deals(*({w.STATE: w.WON, w.AMOUNT: 10, w.CLOSE_DATE: day} for day in days))
    assert list(funnel.closed(deals, YEAR_START, YEAR_END)) == [0, 10, 10, 0, 0]


def test_lost_and_open_deals_and_missing_amounts_close_nothing() -> None:
    deals = some_deals(
        {w.STATE: w.LOST, w.AMOUNT: 10, w.CLOSE_DATE: "2018-05-01"},
        {w.STATE: w.OPEN, w.AMOUNT: 10, w.CLOSE_DATE: "2018-05-01"},
        {w.STATE: w.WON, w.AMOUNT: NAN, w.CLOSE_DATE: "2018-05-01"},
    )
    assert list(funnel.closed(deals, YEAR_START, YEAR_END)) == [0, 0, 0]


def test_a_year_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ModelInputError, match="before it starts"):
        funnel.closed(some_deals(), pd.Timestamp(2018, 1, 1), pd.Timestamp(2017, 1, 1))


# Repeat and still to come


def some_accounts(*rows: dict[str, object]) -> pd.DataFrame:
    """Accounts with what a test does not care about filled in."""
    blank: dict[str, object] = {
        w.OWNER: "Rep North 1",
        w.STATUS: w.ACTIVE,
        w.PRIOR_YEAR_SALES: 0.0,
        w.CLOSED_THIS_YEAR: 0.0,
        w.WEIGHTED_PIPELINE: 0.0,
    }
    filled = [{w.ACCOUNT_ID: f"A{n}"} | blank | row for n, row in enumerate(rows)]
    accounts = pd.DataFrame(filled, columns=[w.ACCOUNT_ID, *blank])
    return accounts.astype(
        {w.PRIOR_YEAR_SALES: float, w.CLOSED_THIS_YEAR: float, w.WEIGHTED_PIPELINE: float}
    )


@pytest.mark.parametrize(
    ("sales", "closed", "pipeline", "status", "repeat", "to_come"),
    [
        (1_000, 0, 0, w.ACTIVE, 900, 900),  # nothing but repeat: 1,000 x 0.9
        (1_000, 400, 0, w.ACTIVE, 500, 500),  # 400 of it has come already
        (1_000, 400, 200, w.ACTIVE, 300, 500),  # 200 of it stands in the pipeline
        (1_000, 400, 700, w.ACTIVE, 0, 700),  # the pipeline is larger than the repeat
        (1_000, 1_500, 100, w.ACTIVE, 0, 100),  # all repeated, the pipeline is on top
        (1_000, 0, 100, w.LAPSED, 0, 100),  # a lapsed account repeats nothing
        (NAN, NAN, NAN, w.ACTIVE, 0, 0),  # missing money counts 0
    ],
)
def test_an_account_brings_its_repeat_or_its_deals_whichever_is_larger(
    sales: float, closed: float, pipeline: float, status: str, repeat: float, to_come: float
) -> None:
    accounts = some_accounts(
        {
            w.STATUS: status,
            w.PRIOR_YEAR_SALES: sales,
            w.CLOSED_THIS_YEAR: closed,
            w.WEIGHTED_PIPELINE: pipeline,
        }
    )
    assert list(funnel.repeat_to_come(accounts, 0.9)) == [repeat]
    assert list(funnel.still_to_come(accounts, 0.9)) == [to_come]


def test_a_quota_of_new_business_counts_no_repeat() -> None:
    accounts = some_accounts({w.PRIOR_YEAR_SALES: 1_000, w.WEIGHTED_PIPELINE: 200})
    assert list(funnel.repeat_to_come(accounts, 0.9, w.NEW_BUSINESS)) == [0]
    assert list(funnel.still_to_come(accounts, 0.9, w.NEW_BUSINESS)) == [200]


@pytest.mark.parametrize("retention", [-0.1, 1.1, NAN])
def test_a_retention_that_is_no_share_is_refused(retention: float) -> None:
    with pytest.raises(ModelInputError, match="retention"):
        funnel.still_to_come(some_accounts({}), retention)


def test_another_way_of_counting_quota_is_refused() -> None:
    with pytest.raises(ModelInputError, match="'renewals' is not known"):
        funnel.still_to_come(some_accounts({}), 0.9, "renewals")


# The quota walk


def some_reps(*rows: tuple[str, str, float]) -> pd.DataFrame:
    reps = pd.DataFrame(rows, columns=[w.REP, w.MANAGER, w.QUOTA])
    return reps.astype({w.QUOTA: float})


def walked(
    accounts: pd.DataFrame,
    deals: pd.DataFrame,
    reps: pd.DataFrame,
    counts: str = w.ALL_BOOKINGS,
) -> pd.DataFrame:
    return funnel.quota_walk(
        accounts,
        deals,
        reps,
        retention=0.9,
        year_start=YEAR_START,
        year_end=YEAR_END,
        quota_counts=counts,
    )


REPS = some_reps(("Rep North 1", "Manager North", 3_000), ("Rep South 1", "Manager South", NAN))


def test_the_walk_matches_one_done_by_hand() -> None:
    accounts = some_accounts(
        # 1,000 x 0.9 - 100 closed = 800 to repeat, of which 300 stand in the pipeline.
        {w.PRIOR_YEAR_SALES: 1_000, w.CLOSED_THIS_YEAR: 100, w.WEIGHTED_PIPELINE: 300},
        {w.STATUS: w.PIPELINE, w.WEIGHTED_PIPELINE: 50},
    )
    deals = some_deals(
        {w.ACCOUNT_ID: "A0", w.STATE: w.WON, w.AMOUNT: 100, w.CLOSE_DATE: "2018-02-01"},
        # Worked by somebody else, at an account of Rep North 1.
        {w.ACCOUNT_ID: "A0", w.REP: "Rep South 1", w.PATH_OF: "Rep North 1", w.WEIGHTED: 300},
        {w.ACCOUNT_ID: "A1", w.WEIGHTED: 50},
        # Without an account.
        {w.STATE: w.WON, w.AMOUNT: 40, w.CLOSE_DATE: "2018-03-01"},
        {w.WEIGHTED: 60},
        {w.REP: "Rep South 1", w.WEIGHTED: 7},
    )
    walk = walked(accounts, deals, REPS)
    expected = pd.DataFrame(
        {
            w.REP: ["Rep North 1", "Rep South 1"],
            w.MANAGER: ["Manager North", "Manager South"],
            w.QUOTA: [3_000, NAN],
            funnel.CLOSED: [140.0, 0],
            funnel.REPEAT_TO_COME: [500.0, 0],
            w.WEIGHTED_PIPELINE: [410.0, 7],
            funnel.TO_COME: [910.0, 7],
            funnel.GAP: [3_000 - 140 - 910.0, NAN],
        }
    )
    pd.testing.assert_frame_equal(walk, expected)


def test_the_walk_counts_the_pipeline_of_accounts_whose_deals_are_not_listed() -> None:
    accounts = some_accounts({w.WEIGHTED_PIPELINE: 500})
    walk = walked(accounts, some_deals(), REPS)
    assert list(walk[w.WEIGHTED_PIPELINE]) == [500, 0]


def test_deals_at_an_account_that_nobody_owns_count_where_path_of_says() -> None:
    accounts = some_accounts({w.OWNER: w.UNASSIGNED, w.WEIGHTED_PIPELINE: 80})
    deals = some_deals({w.ACCOUNT_ID: "A0", w.PATH_OF: "Rep South 1", w.WEIGHTED: 80})
    walk = walked(accounts, deals, REPS).set_index(w.REP)
    assert walk.loc["Rep South 1", w.WEIGHTED_PIPELINE] == 80
    assert walk.loc[w.UNASSIGNED, w.WEIGHTED_PIPELINE] == 0


def test_whoever_is_not_listed_follows_the_listed_reps_without_quota() -> None:
    accounts = some_accounts({w.OWNER: ""}, {w.OWNER: "Rep East 1", w.PRIOR_YEAR_SALES: 100})
    deals = some_deals({w.REP: "", w.PATH_OF: "", w.WEIGHTED: 9})
    walk = walked(accounts, deals, REPS)
    assert list(walk[w.REP])[2:] == ["Rep East 1", w.UNASSIGNED]
    assert list(walk[w.MANAGER])[2:] == ["", ""]
    assert list(walk[funnel.TO_COME])[2:] == [90, 9]
    assert walk[w.QUOTA][2:].isna().all()


def test_a_book_beyond_its_quota_has_a_negative_gap() -> None:
    deals = some_deals({w.STATE: w.WON, w.AMOUNT: 3_500, w.CLOSE_DATE: "2018-02-01"})
    walk = walked(some_accounts(), deals, REPS)
    assert walk[funnel.GAP][0] == -500


def test_a_rep_listed_twice_is_refused() -> None:
    with pytest.raises(ModelInputError, match="'Rep North 1' is listed twice"):
        twice = pd.concat([REPS, REPS[:1]])
        walked(some_accounts(), some_deals(), twice)


@pytest.mark.parametrize("quota", [-1, math.inf])
def test_a_quota_that_is_no_amount_is_refused(quota: float) -> None:
    with pytest.raises(ModelInputError, match="the quota of 'Rep West 1'"):
        reps = some_reps(("Rep West 1", "", quota))
        walked(some_accounts(), some_deals(), reps)


def test_roll_up_adds_the_reps_of_each_manager() -> None:
    walk = pd.DataFrame(
        {
            w.REP: ["Rep North 1", "Rep North 2", "Rep South 1"],
            w.MANAGER: ["Manager North", "Manager North", "Manager South"],
            w.QUOTA: [1_000.0, 2_000, 500],
            funnel.CLOSED: [100.0, 0, 50],
            funnel.REPEAT_TO_COME: [200.0, 300, 0],
            w.WEIGHTED_PIPELINE: [10.0, 20, 30],
        }
    )
    teams = funnel.roll_up(walk, w.MANAGER)
    assert list(teams[w.MANAGER]) == ["Manager North", "Manager South"]
    assert list(teams[funnel.REPS]) == [2, 1]
    assert list(teams[funnel.TO_COME]) == [530, 30]
    assert list(teams[funnel.GAP]) == [3_000 - 100 - 530, 500 - 50 - 30]


def test_a_rep_without_quota_helps_the_team_and_is_counted() -> None:
    deals = some_deals(
        {w.REP: "Rep South 1", w.STATE: w.WON, w.AMOUNT: 400, w.CLOSE_DATE: "2018-02-01"},
        {w.REP: "", w.PATH_OF: ""},
    )
    walk = walked(some_accounts(), deals, REPS)
    whole = funnel.roll_up(walk)
    assert whole.to_dict("records") == [
        {
            funnel.REPS: 2,
            funnel.WITHOUT_QUOTA: 1,
            w.QUOTA: 3_000,
            funnel.CLOSED: 400,
            funnel.REPEAT_TO_COME: 0,
            w.WEIGHTED_PIPELINE: 0,
            funnel.TO_COME: 0,
            funnel.GAP: 2_600,
        }
    ]


def test_a_team_without_any_quota_has_no_gap() -> None:
    walk = walked(some_accounts(), some_deals(), REPS)
    teams = funnel.roll_up(walk, w.MANAGER).set_index(w.MANAGER)
    assert teams.loc["Manager South", [w.QUOTA, funnel.GAP]].isna().all()


def test_no_reps_roll_up_to_nothing() -> None:
    walk = walked(some_accounts(), some_deals(), REPS[:0])
    assert walk.empty
    assert funnel.roll_up(walk).empty


# Properties of any book


PEOPLE = ["Rep North 1", "Rep North 2", "Rep South 1", "Rep East 1", ""]
amounts = st.one_of(st.just(NAN), st.integers(0, 100_000).map(lambda cents: cents / 100))
days = st.one_of(
    st.just(pd.NaT), st.dates(pd.Timestamp(2017, 6, 1).date(), pd.Timestamp(2019, 6, 1).date())
)


@st.composite
def books(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Accounts, deals and reps as the import would deliver them: money ties, paths are set."""
    owners = draw(st.lists(st.sampled_from(PEOPLE), max_size=6))
    accounts = some_accounts(
        *(
            {
                w.OWNER: owner,
                w.STATUS: draw(st.sampled_from(w.STATUSES)),
                w.PRIOR_YEAR_SALES: draw(amounts),
            }
            for owner in owners
        )
    )
    ids = st.sampled_from(["", "unknown", *accounts[w.ACCOUNT_ID]])
    deals = some_deals(
        *(
            {
                w.ACCOUNT_ID: draw(ids),
                w.REP: draw(st.sampled_from(PEOPLE)),
                w.STATE: draw(st.sampled_from(w.DEAL_STATES)),
                w.STALE: draw(st.booleans()),
                w.AMOUNT: draw(amounts),
                w.CLOSE_DATE: draw(days),
            }
            for _ in range(draw(st.integers(0, 12)))
        )
    )
    owner_of = accounts.set_index(w.ACCOUNT_ID)[w.OWNER]
    deals[w.PATH_OF] = deals[w.ACCOUNT_ID].map(owner_of).astype(object).fillna(deals[w.REP])
    deals[w.WEIGHTED] = funnel.weighted(deals, {"Rep North 1": 0.6}, 0.3)
    for column, money_of in (
        (w.CLOSED_THIS_YEAR, funnel.closed(deals, YEAR_START, YEAR_END)),
        (w.WEIGHTED_PIPELINE, deals[w.WEIGHTED]),
    ):
        per_account = money_of.groupby(deals[w.ACCOUNT_ID]).sum()
        accounts[column] = accounts[w.ACCOUNT_ID].map(per_account).astype(float).fillna(0.0)
    reps = some_reps(
        *(
            (name, f"Manager {name[4:9]}", draw(amounts))
            for name in PEOPLE[: draw(st.integers(0, 3))]
        )
    )
    return accounts, deals, reps


Book = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


@given(book=books(), counts=st.sampled_from([w.ALL_BOOKINGS, w.NEW_BUSINESS]))
@settings(max_examples=40, deadline=None)
def test_no_deal_counts_twice_and_none_is_lost(book: Book, counts: str) -> None:
    accounts, deals, reps = book
    walk = walked(accounts, deals, reps, counts)
    live = deals[(deals[w.STATE] == w.OPEN) & ~deals[w.STALE]]
    worth = live[w.AMOUNT].fillna(0) * np.where(live[w.REP] == "Rep North 1", 0.6, 0.3)
    won = deals[(deals[w.STATE] == w.WON) & (deals[w.CLOSE_DATE].dt.year == 2018)]
    assert walk[w.WEIGHTED_PIPELINE].sum() == pytest.approx(worth.sum(), abs=1e-6)
    assert walk[funnel.CLOSED].sum() == pytest.approx(won[w.AMOUNT].sum(), abs=1e-6)
    to_come = funnel.still_to_come(accounts, 0.9, counts).sum()
    elsewhere = ~deals[w.ACCOUNT_ID].isin(accounts[w.ACCOUNT_ID])
    loose = deals.loc[elsewhere, w.WEIGHTED].sum()
    assert walk[funnel.TO_COME].sum() == pytest.approx(to_come + loose, abs=1e-6)


@given(book=books())
@settings(max_examples=40, deadline=None)
def test_the_walk_adds_up_from_rep_to_team_to_organisation(book: Book) -> None:
    walk = walked(*book)
    teams = funnel.roll_up(walk, w.MANAGER)
    whole = funnel.roll_up(walk)
    for column in [w.QUOTA, *WALK_MONEY]:
        assert teams[column].sum() == pytest.approx(walk[column].sum(), abs=1e-6)
        assert whole[column].sum() == pytest.approx(walk[column].sum(), abs=1e-6)
    for level in (walk, teams, whole):
        left = level[w.QUOTA] - level[funnel.CLOSED] - level[funnel.TO_COME]
        assert list(level[funnel.GAP]) == pytest.approx(list(left), abs=1e-6, nan_ok=True)


@given(book=books())
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_rows_does_not_matter(book: Book) -> None:
    accounts, deals, reps = book
    walk = walked(accounts, deals, reps)
    turned = walked(accounts[::-1].reset_index(drop=True), deals[::-1].reset_index(drop=True), reps)
    pd.testing.assert_frame_equal(walk, turned)
