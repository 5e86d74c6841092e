"""Plan tabs with known defects: what a person might type, and what a reader would object to.

Each defect says itself what is wrong with the tab, in the words of the rules'
names; nothing here asks the rules. A tab is cut into slots that do not touch
each other (the goals with their actions, the target with the play, ...), and
gets at most one defect per slot, so that the truth of a tab is the sum of its
defects.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

TODAY: Final = date(2018, 3, 1)
YEAR_END: Final = date(2018, 12, 31)
REQUIRED: Final = "required"

# Typed to be left alone: each of them in a spelling that no list can hold in full.
NOTHING: Final = (
    "",
    "   ",
    "\u00a0",
    "tbd",
    " T.B.D. ",
    "TBD\n",
    "n/a",
    "N/A ",
    "?",
    "???",
    "xxx",
    "XXX",
    "x",
    "-",
    "to be  defined",
)

_WHO: Final = ("depots", "plants", "branches", "workshops", "offices", "stores", "labs")
_WHAT: Final = ("waste", "rework", "delays", "downtime", "returns", "overtime", "breakage")
_HOW: Final = ("a pilot", "a joint audit", "weekly reports", "a fixed crew", "one contract")
_WHEN: Final = ("by June", "by August", "before the audit", "in the third quarter", "by November")


def sentence(number: int, opening: str) -> str:
    """A sentence of its own for every number and opening, longer than forty characters."""
    number, who = divmod(number, len(_WHO))
    number, what = divmod(number, len(_WHAT))
    number, how = divmod(number, len(_HOW))
    number, when = divmod(number, len(_WHEN))
    tail = f" in region {number + 1}" if number else ""
    return (
        f"{opening} cut {_WHAT[what]} in the {_WHO[who]} through {_HOW[how]} {_WHEN[when]}{tail}."
    )


@dataclass(frozen=True)
class Facts:
    """What is known of the account that a tab is for."""

    name: str
    quadrant: str
    potential_money: float


@dataclass
class Tab:
    """What is typed on a tab, and what is wrong with it.

    Attributes:
        fields, tables: as typed; a table's rows with their column names.
        truth: (rule, where): a field's or table's key, or (table, column, row).
        missing: required fields that a reader would call empty.
    """

    fields: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]
    truth: list[tuple[str, Any]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def lacks(self, key: str) -> None:
        self.missing.add(key)
        self.truth.append((REQUIRED, key))


Defect = Callable[[random.Random, Tab, Facts], None]
"""Plants itself into a tab, and notes there what is wrong now."""

FITS: Final[Mapping[str, str]] = {
    "Slam dunk": "Grow",
    "Big bet": "Win",
    "Quick win": "Maintain",
    "Skip": "Exit",
}
CLASHES: Final[Mapping[str, Sequence[str]]] = {
    "Slam dunk": ("Maintain", "Exit"),
    "Big bet": ("Maintain", "Exit"),
    "Quick win": ("Exit",),
    "Skip": ("Grow", "Win"),
}


def good_tab(number: int, facts: Facts) -> Tab:
    """A tab that nobody would object to; every text is the account's own."""
    texts = {
        "position": "They buy for a third of the sites and",
        "priorities": "Their operations lead wants to",
        "strategy": "Our service lead shows how we",
        "why_fit": "It suits this account because they",
        "risks": "A new purchasing lead could stop us, so we",
        "competitors": "A local supplier claims to",
        "objective_1": "Let the client",
        "objective_2": "Have the second site",
    }
    fields: dict[str, Any] = {
        key: sentence(number * 8 + at, opening) for at, (key, opening) in enumerate(texts.items())
    }
    fields |= {
        "revenue_target": round(facts.potential_money * 0.5),
        "play": FITS[facts.quadrant],
        "objective_3": None,
    }
    return Tab(fields, _good_tables(number))


def _good_tables(number: int) -> dict[str, list[dict[str, Any]]]:
    day = TODAY + timedelta(days=number % 300)
    return {
        "contacts": [
            {
                "Name": f"Contact {number}-1",
                "Position": "Head of Operations",
                "Role": "Decides" if number % 2 else "Controls budget",
                "Support": "Supporter",
            },
            {"Name": f"Contact {number}-2", "Position": "Site lead", "Role": "Uses"},
        ],
        "opportunities": [{"Product": "Suite", "State": "Whitespace", "Amount": 1000.0}],
        "actions": [
            _action(f"Visit site {number}", "1", day),
            _action("Show the result", 1.0, YEAR_END),
            _action("Agree the pilot", 2, TODAY),
            _action("Book the review", "2", day),
        ],
        "team": [{"Function": "Service", "Member": "Service lead"}],
    }


def _action(what: str, objective: object, due: date) -> dict[str, Any]:
    return {"Action": what, "Objective": objective, "Owner": "Rep 1", "Due": due, "State": "Open"}


# --- Texts ---------------------------------------------------------------------


def empty_text(key: str, example: str) -> Defect:
    """A required text that says nothing, the field's own example included."""

    def plant(rng: random.Random, tab: Tab, _facts: Facts) -> None:
        tab.fields[key] = rng.choice([*NOTHING, example, example.upper(), f" {example} "])
        tab.lacks(key)

    return plant


def thin_text(key: str) -> Defect:
    def plant(rng: random.Random, tab: Tab, _facts: Facts) -> None:
        tab.fields[key] = rng.choice(["Sell more", "Keep them happy", "Win it", "a" * 19])
        tab.truth.append(("thin", key))

    return plant


def filler_text(key: str, example: str) -> Defect:
    def plant(rng: random.Random, tab: Tab, _facts: Facts) -> None:
        tab.fields[key] = rng.choice([each for each in NOTHING if each.strip()] + [example])
        tab.truth.append(("filler", key))

    return plant


# --- Target and play -------------------------------------------------------------


def no_target(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.fields["revenue_target"] = rng.choice(["", "tbd", "?", "n/a"])
    tab.lacks("revenue_target")


def target_in_words(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    in_words = ["about 60k", "120,000 EUR", "twice last year", "a lot", "60000"]
    tab.fields["revenue_target"] = rng.choice(in_words)
    tab.lacks("revenue_target")


def target_too_high(rng: random.Random, tab: Tab, facts: Facts) -> None:
    tab.fields["revenue_target"] = round(facts.potential_money * rng.choice([1.01, 1.5, 4])) + 1
    tab.truth.append(("target_high", "revenue_target"))


def target_too_low(rng: random.Random, tab: Tab, facts: Facts) -> None:
    tab.fields["revenue_target"] = int(facts.potential_money * rng.choice([0.01, 0.05, 0.09]))
    if tab.fields["play"] in ("Grow", "Win"):
        tab.truth.append(("target_low", "revenue_target"))


def clashing_play(rng: random.Random, tab: Tab, facts: Facts) -> None:
    tab.fields["play"] = rng.choice(CLASHES[facts.quadrant])
    tab.truth.append(("play_contradicts", "play"))


def no_play(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.fields["play"] = rng.choice(["", "?", "tbd"])
    tab.lacks("play")


def other_play(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.fields["play"] = rng.choice(["Farm", "Attack", "Grow them"])
    tab.truth.append(("entry", "play"))


# --- People ----------------------------------------------------------------------


def no_contacts(_rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["contacts"] = []
    tab.lacks("contacts")


def contacts_without_role(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    for row, contact in enumerate(tab.tables["contacts"]):
        contact["Role"] = rng.choice(["", "?", "tbd"])
        tab.truth.append(("row_incomplete", ("contacts", "Role", row)))
    tab.truth.append(("nobody_decides", ("contacts", "Role", 0)))
    tab.lacks("contacts")


def nobody_decides(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["contacts"][0]["Role"] = rng.choice(["Influences", "Uses", "Blocks"])
    tab.truth.append(("nobody_decides", ("contacts", "Role", 0)))


def no_supporter(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["contacts"][0]["Support"] = rng.choice(["Neutral", "Opponent", ""])
    tab.tables["contacts"][1]["Support"] = "Supporter"
    tab.truth.append(("no_supporter", ("contacts", "Support", 0)))


def half_a_contact(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["contacts"].append(
        {"Name": "Contact 3", "Role": "Uses", "Position": rng.choice(NOTHING)}
    )
    tab.truth.append(("row_incomplete", ("contacts", "Position", 2)))


def half_an_opportunity(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["opportunities"][0]["Product"] = rng.choice(["", "n/a", "?"])
    tab.truth.append(("row_incomplete", ("opportunities", "Product", 0)))


def amount_in_words(_rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["opportunities"][0]["Amount"] = "about ten thousand"
    tab.truth.append(("entry", ("opportunities", "Amount", 0)))


# --- Goals and actions -------------------------------------------------------------


def no_objective(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.fields["objective_1"] = rng.choice(NOTHING)
    tab.lacks("objective_1")


def no_actions(_rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["actions"] = []
    tab.lacks("actions")
    tab.truth += [("few_actions", "objective_1"), ("few_actions", "objective_2")]


def one_action(_rng: random.Random, tab: Tab, _facts: Facts) -> None:
    del tab.tables["actions"][1]
    tab.truth.append(("few_actions", "objective_1"))


def objective_without_actions(_rng: random.Random, tab: Tab, facts: Facts) -> None:
    tab.fields["objective_3"] = f"Win the third site of {facts.name[-3:]} before the year is over."
    tab.truth.append(("few_actions", "objective_3"))


def action_without(column: str) -> Defect:
    def plant(rng: random.Random, tab: Tab, _facts: Facts) -> None:
        row = rng.randrange(4)
        tab.tables["actions"][row][column] = rng.choice(["", "?", "tbd", " "])
        tab.truth.append(("action_incomplete", ("actions", column, row)))
        if column == "Action":
            # What nobody can do is no action of its objective.
            tab.truth.append(("few_actions", "objective_1" if row < 2 else "objective_2"))

    return plant


def action_past(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    row = rng.randrange(4)
    tab.tables["actions"][row]["Due"] = TODAY - timedelta(days=rng.choice([1, 30, 400]))
    tab.truth.append(("action_past", ("actions", "Due", row)))


def action_done_in_the_past(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    """No defect at all: it is done."""
    tab.tables["actions"][rng.randrange(4)] |= {"Due": TODAY - timedelta(days=9), "State": "Done"}


def action_beyond(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    row = rng.randrange(4)
    tab.tables["actions"][row]["Due"] = YEAR_END + timedelta(days=rng.choice([1, 90, 4000]))
    tab.truth.append(("action_outside", ("actions", "Due", row)))


def action_some_day(rng: random.Random, tab: Tab, _facts: Facts) -> None:
    row = rng.randrange(4)
    tab.tables["actions"][row]["Due"] = rng.choice(["next week", "end of May", "soon", 0, -3])
    tab.truth.append(("action_incomplete", ("actions", "Due", row)))


def all_actions_some_day(_rng: random.Random, tab: Tab, _facts: Facts) -> None:
    for row, action in enumerate(tab.tables["actions"]):
        action["Due"] = "soon"
        tab.truth.append(("action_incomplete", ("actions", "Due", row)))
    tab.lacks("actions")


def contact_some_day(_rng: random.Random, tab: Tab, _facts: Facts) -> None:
    tab.tables["contacts"][0]["Last contact"] = "last week"
    tab.truth.append(("entry", ("contacts", "Last contact", 0)))


def slots(examples: Mapping[str, str]) -> list[list[Defect]]:
    """The defects of each part of a tab that touches no other part.

    Args:
        examples: the example of each field, as the tab shows it in grey.
    """
    texts: list[list[Defect]] = [
        [empty_text(key, examples[key]), thin_text(key)]
        for key in ("position", "priorities", "strategy", "why_fit")
    ]
    optional = [[filler_text(key, examples[key])] for key in ("competitors", "risks")]
    money: list[Defect] = [
        no_target,
        target_in_words,
        target_too_high,
        target_too_low,
        clashing_play,
    ]
    people: list[Defect] = [
        no_contacts,
        contacts_without_role,
        nobody_decides,
        no_supporter,
        half_a_contact,
        contact_some_day,
    ]
    goals: list[Defect] = [no_objective, no_actions, one_action, objective_without_actions]
    goals += [action_without("Owner"), action_without("Due"), action_without("Action")]
    goals += [action_past, action_past, action_beyond, action_beyond]
    goals += [action_some_day, all_actions_some_day, action_done_in_the_past]
    sold: list[Defect] = [half_an_opportunity, amount_in_words]
    return [*texts, *optional, [*money, no_play, other_play], people, goals, sold]


def planted_tab(number: int, facts: Facts, examples: Mapping[str, str]) -> Tab:
    """A tab with none to three defects; the same number gives the same tab."""
    rng = random.Random(number)
    tab = good_tab(number, facts)
    for slot in rng.sample(slots(examples), number % 4):
        rng.choice(slot)(rng, tab, facts)
    return tab


def copy_between(one: Tab, other: Tab, key: str, names: tuple[str, str]) -> None:
    """Lets a text of one tab stand on another as well, with the account's name exchanged."""
    text = f"For {names[0]} we do what works at its size: start small, prove it, then grow."
    one.fields[key] = text
    other.fields[key] = text.replace(names[0], names[1])
    for tab in (one, other):
        tab.truth.append(("copied", key))


def frames(tab: Tab, columns: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """The tables as a plan holds them."""
    return {
        key: pd.DataFrame(rows, columns=list(columns[key]), dtype=object)
        for key, rows in tab.tables.items()
    }
