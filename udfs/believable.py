"""Is this path to the quota believable? The manager's checks, each with its numbers.

Each rule has a name, where it needs one a bar, and a verdict: holds, does not
hold, or cannot be told. Rules can be switched off, and bars set.

Source: the questions are those of every account review. The bars are this
product's judgement, and settings.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from . import moves, rates, timing, volume
from . import words as w
from .errors import SettingsError
from .funnel import Gate

__all__ = ["PATH_RULES", "Evidence", "PathRule", "Verdict", "believed", "verdicts", "with_bar"]

HOLDS: Final = "holds"
FAILS: Final = "does not hold"
UNKNOWN: Final = "cannot tell"

POTENTIAL: Final = "potential"
LIKELIHOOD: Final = "likelihood"
STRATEGY: Final = "strategy"
GATES: Final = "gates"
CAPACITY: Final = "capacity"
QUARTERS: Final = "quarters"
TWO_DEALS: Final = "two_deals"
ODDS: Final = "odds"
OF_THE_PATH: Final = (GATES, CAPACITY, QUARTERS, TWO_DEALS, ODDS)
"""The rules that ask whether the way to the quota holds; the others ask about the book."""
BOTH_PLAYS: Final = "Both"


@dataclass(frozen=True)
class PathRule:
    """One check of a path.

    Args:
        key: its name in TOML.
        label: what it asks, for people.
        bar: where the line is, a share from 0 to 10; None where the rule has none.
        note: what the bar means.
        on: whether the rule is asked.

    Raises:
        SettingsError: a bar where there is none, or one out of range.
    """

    key: str
    label: str
    bar: float | None
    note: str
    on: bool = True

    def __post_init__(self) -> None:
        if self.bar is not None and not 0 <= self.bar <= 10:
            raise SettingsError(
                f"PathRules, {self.label}: the bar is {self.bar:g}; give a share from 0 to 10."
            )


PATH_RULES: Final = (
    PathRule(
        POTENTIAL,
        "Potential is in line with peers",
        0.25,
        "At most this share of accounts has a Potential $ above every peer's",
    ),
    PathRule(
        LIKELIHOOD,
        "Win rates are in line with history",
        None,
        "The win probability in force is at most the upper 90 % bound of what was won",
    ),
    PathRule(STRATEGY, "The strategy fits the book", None, "The play is the one the numbers say"),
    PathRule(
        GATES,
        "Rates are no better than your own",
        1.0,
        "Each rate is at most this share of what your own activity shows, shrunk to everybody's",
    ),
    PathRule(
        CAPACITY,
        "The work fits into the week",
        1.0,
        "Touches needed are at most this share of those that can be made",
    ),
    PathRule(
        QUARTERS,
        "The quarters are covered",
        0.80,
        "Each quarter that is not over expects at least this share of its quota",
    ),
    PathRule(
        TWO_DEALS,
        "It does not rest on two deals",
        0.50,
        "The two largest deals are at most this share of what is to come",
    ),
    PathRule(ODDS, "The odds are good enough", 0.50, "At least this chance to reach the quota"),
)


@dataclass(frozen=True)
class Verdict:
    """What one rule says.

    Attributes:
        rule: the rule.
        verdict: holds, does not hold or cannot tell.
        words: why, in a sentence.
        breaks: where it breaks, in a few words for a page of many reps; "" where it does not.
    """

    rule: PathRule
    verdict: str
    words: str
    breaks: str = ""


@dataclass(frozen=True)
class Evidence:
    """What the rules look at.

    Attributes:
        accounts: Account, Potential $, and Peers to (the highest of the peers' sales).
        won, closed: deals won, and won or lost, in this path.
        win_probability: the one in force, 0-1.
        play: the play that was picked, "" where none was.
        suggested: the play that the numbers say.
        gates: with the rates in force.
        history: what ``rates.gate_rates`` found for them.
        capacity: what ``volume.capacity_check`` found.
        quarters: the year by quarter.
        today: the day of the reading.
        largest: what hangs on the two largest deals.
        reach: the odds of the quota, missing without one.
    """

    accounts: pd.DataFrame
    won: float
    closed: float
    win_probability: float
    play: str
    suggested: str
    gates: Sequence[Gate]
    history: pd.DataFrame
    capacity: volume.Capacity
    quarters: pd.DataFrame
    today: pd.Timestamp
    largest: moves.Concentration
    reach: float


def with_bar(rules: Sequence[PathRule], bars: Mapping[str, float | None]) -> tuple[PathRule, ...]:
    """The rules with other bars, by key; a rule without bar keeps none."""
    return tuple(
        replace(rule, bar=bars.get(rule.key, rule.bar)) if rule.bar is not None else rule
        for rule in rules
    )


def verdicts(evidence: Evidence, rules: Sequence[PathRule] = PATH_RULES) -> tuple[Verdict, ...]:
    """What each rule that is on says of a path, in the order of the rules.

    Args:
        evidence: what they look at.
        rules: which, with their bars.
    """
    return tuple(
        Verdict(rule, *_ASK[rule.key](evidence, 1.0 if rule.bar is None else rule.bar))
        for rule in rules
        if rule.on
    )


def believed(found: Sequence[Verdict]) -> str:
    """All verdicts as one sentence: what the path breaks at, or that it holds."""
    broken = [each.rule.label for each in found if each.verdict == FAILS]
    if broken:
        told = "; ".join(label[:1].lower() + label[1:] for label in broken)
        return f"Not believable yet. What does not hold: {told}."
    unknown = sum(each.verdict == UNKNOWN for each in found)
    if unknown == len(found):
        return "Cannot tell whether this path is believable."
    return "Believable" + (f", as far as can be told ({unknown} cannot be)." if unknown else ".")


Answer = tuple[str, str, str]
"""The verdict, why, and where it breaks."""


def _answer(holds: bool, words: str, breaks: str) -> Answer:
    return (HOLDS, words, "") if holds else (FAILS, words, breaks)


def _unknown(words: str) -> Answer:
    return UNKNOWN, words, ""


def _potential(evidence: Evidence, bar: float) -> Answer:
    known = evidence.accounts[
        evidence.accounts[w.POTENTIAL_MONEY].notna() & evidence.accounts[w.PEERS_TO].notna()
    ]
    if known.empty:
        return _unknown("No account has a Potential $ and peers.")
    above = known[known[w.POTENTIAL_MONEY] > known[w.PEERS_TO]]
    share = len(above) / len(known)
    told = f"{len(above):,} of {len(known):,} accounts are above every peer, {_percent(bar)} may be"
    names = ", ".join(above.sort_values(w.POTENTIAL_MONEY, ascending=False)[w.ACCOUNT].head(2))
    breaks = f"Potential $ of {len(above):,} of {len(known):,} accounts is above every peer's"
    return _answer(
        share <= bar + 1e-9, f"{told}: {names}." if names else f"{told}.", f"{breaks}: {names}"
    )


def _likelihood(evidence: Evidence, _: float) -> Answer:
    bound = rates.upper_bound(evidence.won, evidence.closed)
    if math.isnan(bound) or math.isnan(evidence.win_probability):
        return _unknown("No deal was closed yet.")
    told = (
        f"{_percent(evidence.win_probability)} is expected; {evidence.won:,.0f} of "
        f"{evidence.closed:,.0f} were won, so at most {_percent(bound)}."
    )
    breaks = (
        f"Likelihood is not in line with history: {_percent(evidence.win_probability)} is "
        f"expected, {evidence.won:,.0f} of {evidence.closed:,.0f} deals were won"
    )
    return _answer(evidence.win_probability <= bound + 1e-9, told, breaks)


def _strategy(evidence: Evidence, _: float) -> Answer:
    if not evidence.play:
        return _unknown(f"No play is picked; the numbers say {evidence.suggested.lower()}.")
    fits = evidence.play in (evidence.suggested, BOTH_PLAYS)
    told = f"{evidence.play} is picked, the numbers say {evidence.suggested.lower()}"
    return _answer(fits, f"{told}.", f"The strategy does not fit the book: {told}")


def _gates(evidence: Evidence, bar: float) -> Answer:
    found = evidence.history.set_index(w.GATE)
    known = [gate for gate in evidence.gates if found[rates.DONE].get(gate.name, 0.0) > 0]
    if not known:
        return _unknown("No activity is logged to hold the rates against.")
    # Where nobody ever got anything through, the rate found is the assumed one: the bound counts.
    best = found[rates.BEST]
    most = (bar * found[rates.RATE]).where(found[rates.ALL_THROUGH] > 0, best)
    over = [gate for gate in known if gate.rate > most[gate.name] + 1e-9]
    if not over:
        return _answer(True, "No rate is above your own average.", "")
    own = found[rates.RATE].where(found[rates.ALL_THROUGH] > 0, 0.0)
    told = ", ".join(
        f"{gate.name} {_percent(gate.rate)} against {_percent(own[gate.name])}"
        + (", better than you have ever done" if gate.rate > best[gate.name] + 1e-9 else "")
        for gate in over
    )
    breaks = ", ".join(
        f"{gate.name} at {_percent(gate.rate)} against {_percent(own[gate.name])} on average"
        for gate in over
    )
    return _answer(False, f"Above your own average: {told}.", breaks)


def _capacity(evidence: Evidence, bar: float) -> Answer:
    found = evidence.capacity
    if math.isnan(found.needed):
        return _unknown("What is needed a week cannot be told.")
    told = f"{found.needed:,.1f} touches a week are needed, {found.capacity:,.0f} can be made."
    breaks = f"{found.needed:,.0f} touches a week where {found.capacity:,.0f} can be made"
    return _answer(found.needed <= bar * found.capacity + 1e-9, told, breaks)


def _quarters(evidence: Evidence, bar: float) -> Answer:
    table = evidence.quarters
    if table.empty or table[w.QUOTA].iloc[:4].isna().all():
        return _unknown("Without a quota there is nothing to cover.")
    ahead = table[:4][(table[:4][timing.TO] > evidence.today) & (table[:4][w.QUOTA] > 0)]
    if ahead.empty:
        return _unknown("The year is over.")
    share = ahead[timing.EXPECTED] / ahead[w.QUOTA]
    told = ", ".join(
        f"{name} {_percent(each)}" for name, each in zip(ahead[timing.QUARTER], share, strict=True)
    )
    thin = share < bar - 1e-9
    breaks = ", ".join(
        f"{name} at {_percent(each)} of its quota"
        for name, each in zip(ahead[timing.QUARTER][thin], share[thin], strict=True)
    )
    return _answer(not thin.any(), f"Expected of the quota: {told}.", breaks)


def _two_deals(evidence: Evidence, bar: float) -> Answer:
    largest = evidence.largest
    if math.isnan(largest.share):
        return _unknown("Nothing is to come.")
    names = largest.words or "no deal"
    told = f"{_percent(largest.share)} of what is to come: {names}."
    breaks = f"{_percent(largest.share)} of what is to come is {names}"
    return _answer(largest.share <= bar + 1e-9, told, breaks)


def _odds(evidence: Evidence, bar: float) -> Answer:
    if math.isnan(evidence.reach):
        return _unknown("Without a quota there are no odds.")
    told = f"{_percent(evidence.reach)} to reach the quota, {_percent(bar)} is the bar."
    breaks = f"{_percent(evidence.reach)} to reach the quota"
    return _answer(evidence.reach >= bar - 1e-9, told, breaks)


_ASK: Final = {
    POTENTIAL: _potential,
    LIKELIHOOD: _likelihood,
    STRATEGY: _strategy,
    GATES: _gates,
    CAPACITY: _capacity,
    QUARTERS: _quarters,
    TWO_DEALS: _two_deals,
    ODDS: _odds,
}


def _percent(share: float) -> str:
    return f"{100 * share:,.0f} %"
