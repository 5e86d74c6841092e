"""Planning rounds that a workbook must survive: the sample, nasty names, and hardly any data.

Each is made anew, by name, so that two processes and two tests never share one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from accountplan.addin import demo, planning
from accountplan.addin.backtest import with_evidence
from accountplan.udfs import words as w
from accountplan.udfs.funnel import Gate
from accountplan.udfs.scoring import Attribute
from accountplan.udfs.segments import Rule, Segment
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates.round import Round

from . import books
from .books import Deal

NASTY_NAMES: Final = (
    "=SUM(A1)",
    "+1",
    "@x",
    "-2",
    "\tTab",
    "a/b",
    "CON",
    "x" * 300,
    "🚀 Rocket",
    "Acme",
    "ACME",
    'O\'Brien & "Sons" <AG> [Nord]',
    "Wild*?~card",
    "Wild~*card",
    "'quoted'",
    "0012",
    "TRUE",
    ">100",
    "1e5",
    "=",
    "*",
    "?",
    "Straße",
    "STRASSE",
    "Ünïcode 株式会社",
    "Yahoo!",
)
"""What a spreadsheet runs, takes for a wildcard, a comparison or a number, or cannot tell apart."""

NASTY_REPS: Final = ("=cmd()", "Rep A", "REP A", "y" * 300, "")
NASTY_ATTRIBUTE: Final = "P # ['$]"


def nasty() -> Round:
    """Names of accounts, reps, managers, segments, gates and columns that break careless files."""
    export = books.export(_nasty_accounts(), _nasty_deals(), _nasty_people())
    return with_evidence(planning.plan_round(export, _nasty_settings()), export)


def one_account() -> Round:
    """One account of which nothing is known, in nobody's book; no deals, no quotas."""
    return planning.plan_round(books.export(books.accounts({w.ACCOUNT: ["Only one"]})), Settings())


def bare_list() -> Round:
    """A list of accounts with owner and revenue; nothing else, so placed by Potential."""
    return planning.plan_round(books.export(_bare_accounts()), Settings())


def no_deals() -> Round:
    """The same with an empty opportunities file, two managers and quotas for some."""
    people = books.teams([("Rep 1", "Manager 1"), ("Rep 2", "Manager 2"), ("Rep 3", "Manager 2")])
    people[w.QUOTA] = [100_000.0, math.nan, 0.0]
    return planning.plan_round(books.export(_bare_accounts(), books.deals(), people), Settings())


def no_money() -> Round:
    """Placed by Potential $, though no account has one; and nobody is to write a plan."""
    settings = Settings(placed_by=w.POTENTIAL_MONEY, plans_per_book=0)
    return planning.plan_round(books.export(_bare_accounts()), settings)


def known_money() -> Round:
    """The export's own Potential $, and nothing that speaks of likelihood."""
    accounts = _bare_accounts().assign(**{w.POTENTIAL_MONEY: [1000.0 * n for n in range(1, 13)]})
    return planning.plan_round(books.export(accounts), Settings())


def template() -> Round:
    """The empty one."""
    return planning.empty_round(Settings())


ROUNDS: Final[Mapping[str, Callable[[], Round]]] = {
    "sample": demo.sample_round,
    "nasty": nasty,
    "one account": one_account,
    "bare list": bare_list,
    "no deals": no_deals,
    "no money": no_money,
    "known money": known_money,
}


def _bare_accounts() -> pd.DataFrame:
    revenue = [5e6 * number for number in range(1, 13)]
    return books.accounts({w.ANNUAL_REVENUE: revenue, w.OWNER: ["Rep 1", "Rep 2"] * 6})


def _nasty_accounts() -> pd.DataFrame:
    numbers = range(len(NASTY_NAMES))

    def every(words: tuple[str, ...]) -> list[str]:
        return [words[number % len(words)] for number in numbers]

    return books.accounts(
        {
            w.ACCOUNT_ID: list(NASTY_NAMES),
            w.ACCOUNT: list(NASTY_NAMES),
            w.OWNER: every(NASTY_REPS),
            w.INDUSTRY: every(("=Retail", "*", "", "retail")),
            w.PARENT: every(("", "", "@x")),
            w.REGION: every(("", "-1")),
            w.EMPLOYEES: [math.nan if n % 5 == 4 else float(7 * n * n % 331) for n in numbers],
            w.WALLET_SHARE: [0.2 if n % 4 == 0 else math.nan for n in numbers],
            NASTY_ATTRIBUTE: [math.nan if n % 6 == 1 else float(n * 37 % 11) - 3 for n in numbers],
            "=1+1": every(("", "+x")),
        }
    )


def _nasty_deals() -> pd.DataFrame:
    sold = []
    for number, name in enumerate(NASTY_NAMES):
        rep = ("=cmd()", "Rep A", "REP A", "", "Nobody's*")[number % 5]
        month = 1 + number % 12
        sold += [
            Deal(
                name if number % 7 else "",
                rep,
                w.WON if number % 3 else w.LOST,
                math.nan if number % 8 == 7 else 100.0 * (number + 1),
                "2017-01-05",
                f"2017-{month:02}-11",
                "=P*",
            ),
            Deal(
                name,
                rep,
                w.OPEN,
                math.nan if number % 2 else 333.3 * number,
                "2017-11-05" if number % 4 else "",
                "",
                "-Q",
            ),
            Deal(name, rep, w.WON, 70.0 * number, "2016-01-05", f"2016-{month:02}-11", "=P*"),
        ]
    return books.deals(*sold)


def _nasty_people() -> pd.DataFrame:
    people = books.teams(
        [
            ("=cmd()", "=Boss"),
            ("Rep A", "a/b"),
            ("REP A", "A/B"),
            ("Nobody's*", "=Boss"),
            ("y" * 300, "=Boss"),
        ]
    )
    people[w.QUOTA] = [1000.0, math.nan, 3000.0, math.nan, 0.0]
    return people


def _nasty_settings() -> Settings:
    return Settings(
        attributes=(
            Attribute(NASTY_ATTRIBUTE, w.POTENTIAL, 40),
            Attribute(w.EMPLOYEES, w.POTENTIAL, 30, "bands", scale={"0": 10, "100": 60}),
            Attribute(w.INDUSTRY, w.POTENTIAL, 30, "map", scale={"=Retail": 80, "*": 20}),
            Attribute(w.WIN_RATE, w.LIKELIHOOD, 70),
            Attribute(w.OPEN_PIPELINE, w.LIKELIHOOD, 30, "linear"),
        ),
        segments=(
            Segment(">100", "=1+1: call them", ((Rule(w.EMPLOYEES, ">", "100"),),)),
            Segment("*", "- nothing", ((Rule(w.INDUSTRY, "is", "*"),),)),
        ),
        gates=(Gate("=Mails*", 0.1), Gate("@calls", 0.5)),
    )
