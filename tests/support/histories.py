"""Made-up CRM histories: years of deals whose outcomes are drawn from known odds, or from none.

Each account has a deal every year. Whether it is won is drawn from odds that
rest on some attributes with known weights, or on nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from accountplan.addin.crm import CrmExport
from accountplan.udfs import words as w
from accountplan.udfs.scoring import Attribute
from accountplan.udfs.settings import Settings

from . import books

FIRST_YEAR: Final = 2013
YEARS: Final = 5
AS_OF: Final = pd.Timestamp("2016-12-31")
"""The last year is what comes after."""
SIGNALS: Final = ("Visits", "Training days", "Sites", "Reference calls", "Support tickets")


@dataclass(frozen=True)
class History:
    """A history, and what stands behind it.

    Attributes:
        export: as an import gives it.
        settings: the signals in Likelihood, with equal weights.
        weights: the planted ones, total 100, aligned with ``SIGNALS``.
        chance: of each account, that its deal of a year is won.
        won: whether that of the last year was.
    """

    export: CrmExport
    settings: Settings
    weights: np.ndarray
    chance: np.ndarray
    won: np.ndarray


def planted(seed: int, accounts: int = 2000, strength: float = 8.0) -> History:
    """Odds that rest on the signals.

    Args:
        seed: of the draws.
        accounts: how many.
        strength: log odds between the worst and the best account; 0 is pure noise.
    """
    random = np.random.default_rng(seed)
    weights = random.dirichlet(np.full(len(SIGNALS), 1.5)) * 100
    values = np.exp(random.normal(3, 1, (accounts, len(SIGNALS)))).round(3)
    places = (values.argsort(axis=0).argsort(axis=0) + 0.5) / accounts
    score = places @ weights / 100
    chance = 1 / (1 + np.exp(-(strength * (score - 0.5) - 0.6)))
    columns = {name: values[:, at].tolist() for at, name in enumerate(SIGNALS)}
    columns[w.EMPLOYEES] = (np.floor(np.exp(random.normal(5, 1.5, accounts))) + 1).tolist()
    names = [f"Account {number:05}" for number in random.permutation(accounts)]
    book = books.accounts({w.ACCOUNT: names, **columns})
    sold, won = _deals(book, chance, random)
    attributes = (
        Attribute(w.EMPLOYEES, w.POTENTIAL, 100),
        *(Attribute(name, w.LIKELIHOOD, 100 / len(SIGNALS)) for name in SIGNALS),
    )
    export = books.export(book, sold, as_of=pd.Timestamp(f"{FIRST_YEAR + YEARS - 1}-12-31"))
    return History(export, Settings(attributes=attributes), weights, chance, won)


def noise(seed: int, accounts: int = 2000) -> History:
    """Outcomes that rest on nothing."""
    return planted(seed, accounts, strength=0.0)


def _deals(
    book: pd.DataFrame, chance: np.ndarray, random: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """A deal per account and year, and whether that of the last year was won."""
    accounts = len(book)
    years = np.repeat(np.arange(FIRST_YEAR, FIRST_YEAR + YEARS), accounts)
    won = random.random(len(years)) < np.tile(chance, YEARS)
    starts = pd.to_datetime(pd.Series(years.astype(str)) + "-01-01")
    opened = starts + pd.to_timedelta(random.integers(0, 200, len(years)), "D")
    closed = opened + pd.to_timedelta(random.integers(10, 160, len(years)), "D")
    ids = np.tile(book[w.ACCOUNT_ID].to_numpy(str), YEARS)
    state = np.where(won, w.WON, w.LOST)
    deals = pd.DataFrame(
        {
            w.DEAL_ID: [f"D{number:06}" for number in range(len(years))],
            w.ACCOUNT_ID: ids,
            w.ACCOUNT: np.tile(book[w.ACCOUNT].to_numpy(str), YEARS),
            w.REP: "Rep 1",
            w.PRODUCT: "",
            w.STAGE: state,
            w.STATE: state,
            w.OPENED: opened.to_numpy(),
            w.CLOSE_DATE: closed.to_numpy(),
            w.AMOUNT: np.exp(random.normal(8, 1, len(years))).round(2),
        }
    )
    return deals, won[-accounts:]
