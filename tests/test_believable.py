"""Does each of the manager's checks fail where it should, and say why?"""

import math
from dataclasses import replace

import pandas as pd
import pytest

from accountplan.udfs import believable, funnel, moves, rates, timing, volume
from accountplan.udfs import words as w
from accountplan.udfs.believable import FAILS, HOLDS, PATH_RULES, UNKNOWN, Evidence
from accountplan.udfs.errors import SettingsError
from accountplan.udfs.funnel import DEAL, Gate

TODAY = pd.Timestamp(2018, 4, 15)


def history(calls: float = 100, won: float = 20) -> pd.DataFrame:
    everybody = pd.DataFrame([[calls, won]], columns=["Calls", DEAL])
    return rates.gate_rates([calls, won], rates.everybodys_rates(everybody), (0.2,))


QUARTERS = pd.DataFrame(
    {
        timing.QUARTER: timing.QUARTERS,
        timing.TO: pd.to_datetime(["2018-03-31", "2018-06-30", "2018-09-30", "2018-12-31", None]),
        w.QUOTA: [100.0, 100.0, 100.0, 100.0, math.nan],
        timing.EXPECTED: [10.0, 90.0, 80.0, 120.0, 50.0],
    }
)

GOOD = Evidence(
    accounts=pd.DataFrame(
        {
            w.ACCOUNT: ["Alder", "Birch", "Cedar", "Dogwood"],
            w.POTENTIAL_MONEY: [90.0, 50.0, 10.0, math.nan],
            w.PEERS_TO: [100.0, 100.0, 100.0, 100.0],
        }
    ),
    won=40,
    closed=100,
    win_probability=0.42,
    play=w.VOLUME_PLAY,
    suggested=w.VOLUME_PLAY,
    gates=(Gate("Calls", 0.20),),
    history=history(),
    capacity=volume.Capacity(50, 60),
    quarters=QUARTERS,
    today=TODAY,
    largest=moves.Concentration(500, 0.3, ("Alder", "Birch")),
    reach=0.6,
)


WHERE = {
    "2 of 3 accounts are above every peer, 25 % may be: Alder, Birch.": (
        "Potential $ of 2 of 3 accounts is above every peer's: Alder, Birch"
    ),
    "55 % is expected; 40 of 100 were won, so at most 46 %.": (
        "Likelihood is not in line with history: 55 % is expected, 40 of 100 deals were won"
    ),
    "Timing play is picked, the numbers say volume play.": (
        "The strategy does not fit the book: Timing play is picked, the numbers say volume play"
    ),
    "Above your own average: Calls 30 % against 20 %, better than you have ever done.": (
        "Calls at 30 % against 20 % on average"
    ),
    "Above your own average: Calls 22 % against 20 %.": "Calls at 22 % against 20 % on average",
    "75.0 touches a week are needed, 60 can be made.": "75 touches a week where 60 can be made",
    "Expected of the quota: Q2 90 %, Q3 79 %, Q4 120 %.": "Q3 at 79 % of its quota",
    "80 % of what is to come: Alder.": "80 % of what is to come is Alder",
    "31 % to reach the quota, 50 % is the bar.": "31 % to reach the quota",
}
"""Why a rule fails, and where the manager's page says that it breaks."""


def verdict(evidence: Evidence, key: str) -> tuple[str, str]:
    found = {each.rule.key: each for each in believable.verdicts(evidence)}
    return found[key].verdict, found[key].words


def test_a_sound_path_holds_in_everything() -> None:
    found = believable.verdicts(GOOD)
    assert [each.rule.key for each in found] == [rule.key for rule in PATH_RULES]
    assert {each.verdict for each in found} == {HOLDS}
    assert believable.believed(found) == "Believable."


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (
            {"accounts": GOOD.accounts.assign(**{w.PEERS_TO: 40.0})},
            believable.POTENTIAL,
            "2 of 3 accounts are above every peer, 25 % may be: Alder, Birch.",
        ),
        (
            {"win_probability": 0.55},
            believable.LIKELIHOOD,
            # Wilson's upper bound of 40 of 100, 90 % one-sided: 46.4 %.
            "55 % is expected; 40 of 100 were won, so at most 46 %.",
        ),
        (
            {"play": w.TIMING_PLAY},
            believable.STRATEGY,
            "Timing play is picked, the numbers say volume play.",
        ),
        (
            # Wilson's upper bound of 20 of 100: 25.6 %.
            {"gates": (Gate("Calls", 0.30),)},
            believable.GATES,
            "Above your own average: Calls 30 % against 20 %, better than you have ever done.",
        ),
        (
            {"gates": (Gate("Calls", 0.22),)},
            believable.GATES,
            "Above your own average: Calls 22 % against 20 %.",
        ),
        (
            {"capacity": volume.Capacity(75, 60)},
            believable.CAPACITY,
            "75.0 touches a week are needed, 60 can be made.",
        ),
        (
            {"quarters": QUARTERS.assign(**{timing.EXPECTED: [10.0, 90.0, 79.0, 120.0, 50.0]})},
            believable.QUARTERS,
            "Expected of the quota: Q2 90 %, Q3 79 %, Q4 120 %.",
        ),
        (
            {"largest": moves.Concentration(800, 0.8, ("Alder",))},
            believable.TWO_DEALS,
            "80 % of what is to come: Alder.",
        ),
        ({"reach": 0.31}, believable.ODDS, "31 % to reach the quota, 50 % is the bar."),
    ],
)
def test_each_rule_fails_where_it_should(change: dict[str, object], key: str, words: str) -> None:
    evidence = replace(GOOD, **change)  # type: ignore[arg-type]
    assert verdict(evidence, key) == (FAILS, words)
    failed = [each.rule.key for each in believable.verdicts(evidence) if each.verdict == FAILS]
    assert failed == [key]
    (where,) = (each.breaks for each in believable.verdicts(evidence) if each.breaks)
    assert where == WHERE[words]
    assert "What does not hold: " in believable.believed(believable.verdicts(evidence))


def test_what_is_not_known_is_not_held_against_a_path() -> None:
    unknown = replace(
        GOOD,
        accounts=GOOD.accounts.assign(**{w.PEERS_TO: math.nan}),
        won=0,
        closed=0,
        play="",
        history=history(0, 0),
        capacity=volume.Capacity(math.nan, 60),
        quarters=QUARTERS.assign(**{w.QUOTA: math.nan}),
        largest=moves.Concentration(0, math.nan, ()),
        reach=math.nan,
    )
    found = believable.verdicts(unknown)
    assert {each.verdict for each in found} == {UNKNOWN}
    assert believable.believed(found) == "Cannot tell whether this path is believable."
    partly = believable.verdicts(replace(GOOD, play=""))
    assert believable.believed(partly) == "Believable, as far as can be told (1 cannot be)."


def test_both_plays_fit_any_book() -> None:
    assert verdict(replace(GOOD, play=believable.BOTH_PLAYS), believable.STRATEGY)[0] == HOLDS


def test_a_year_that_is_over_has_no_quarter_to_cover() -> None:
    over = replace(GOOD, today=pd.Timestamp(2018, 12, 31))
    assert verdict(over, believable.QUARTERS) == (UNKNOWN, "The year is over.")


def test_bars_and_rules_are_settings() -> None:
    strict = believable.with_bar(PATH_RULES, {believable.ODDS: 0.9, believable.STRATEGY: 0.5})
    found = {each.rule.key: each for each in believable.verdicts(GOOD, strict)}
    assert found[believable.ODDS].verdict == FAILS
    assert found[believable.STRATEGY].rule.bar is None
    off = tuple(replace(rule, on=rule.key == believable.GATES) for rule in PATH_RULES)
    assert [each.rule.key for each in believable.verdicts(GOOD, off)] == [believable.GATES]


@pytest.mark.parametrize("bar", [-0.1, 11, math.nan])
def test_a_bar_out_of_range_is_refused(bar: float) -> None:
    with pytest.raises(SettingsError, match="PathRules"):
        replace(PATH_RULES[0], bar=bar)


def test_a_reached_quota_fits_into_any_week() -> None:
    reached = funnel.funnel_targets(-1, 100, (Gate("Calls", 0.2),), 20)
    fits = volume.capacity_check(reached, 100, 0)
    assert verdict(replace(GOOD, capacity=fits), believable.CAPACITY)[0] == HOLDS
