"""The parts of a planning round: one rep's book, a team's workbook, and the path of its reps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from ..udfs import facts, families, funnel, scoring, timing
from ..udfs import words as w
from ..udfs.facts import Assumed
from ..udfs.path_plan import PathPlan
from ..udfs.settings import Settings
from . import contract as c
from .round import Round


def without_book(reps: pd.DataFrame, accounts: pd.DataFrame) -> list[str]:
    """The reps who own no account, by name; nobody makes a book for them."""
    return sorted({*reps[w.REP]} - {*accounts[w.OWNER]})


def owners(whole: Round) -> list[str]:
    """The reps who have a book, those who own an account, by name."""
    return sorted(set(whole.accounts[w.OWNER]) - {w.UNASSIGNED})


def book(whole: Round, owner: str) -> Round:
    """The round of one rep's book."""
    return part_of(whole, c.BOOK, owner, [owner])


MOST_PATHS: Final = 30
"""So many paths are worked out for one workbook; each takes a twentieth of a second."""


def rep_paths(data: Round) -> Mapping[str, PathPlan]:
    """The path to the quota of each rep who has a book, as the book has it.

    Those that were worked out before, and the others where they are not too many.
    """
    mine = owners(data)
    known = {owner: data.paths[owner] for owner in mine if owner in data.paths}
    missing = [owner for owner in mine if owner not in known]
    if len(missing) > MOST_PATHS:
        return known
    return known | {owner: book(data, owner).path for owner in missing}


def part_of(whole: Round, kind: str, name: str, reps: Sequence[str]) -> Round:
    """The round of some of the reps: their accounts, deals and plans, and their own path."""
    mine = whole.accounts[whole.accounts[w.OWNER].isin(reps)]

    def kept(frame: pd.DataFrame, column: str) -> pd.DataFrame:
        return frame[frame[column].isin(reps)].reset_index(drop=True)

    return with_basis(
        replace(
            whole,
            kind=kind,
            name=name,
            accounts=in_order(mine),
            scores=whole.scores.loc[mine.index].reset_index(drop=True),
            contributions=whole.contributions.loc[mine.index].reset_index(drop=True),
            model=elsewhere(whole.model.loc[mine.index], mine, whole.accounts).reset_index(
                drop=True
            ),
            deals=kept(whole.deals, w.PATH_OF),
            whitespace=_of_accounts(whole.whitespace, mine),
            reps=kept(whole.reps, w.REP),
            walk=kept(whole.walk, w.REP),
            activity=kept(whole.activity, w.REP),
            plans=tuple(plan for plan in whole.plans if plan.owner in set(reps)),
            paths={rep: whole.paths[rep] for rep in reps if rep in whole.paths},
        )
    )


def _of_accounts(found: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    if found.empty:
        return found
    return found[found[w.ACCOUNT_ID].isin(accounts[w.ACCOUNT_ID])].reset_index(drop=True)


def elsewhere(model: pd.DataFrame, mine: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    """The model's values with what of each family is not among these accounts.

    Args:
        model, mine: aligned.
        every: account of the organisation.
    """
    here = families.family_totals(mine, mine[w.FAMILY])
    totals = list(here.columns)
    rest = (every.loc[mine.index, totals] - here).round(9)
    return model.assign(**{c.elsewhere(total): rest[total].to_numpy() for total in totals})


def in_order(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts as their sheet has them, with their places within this workbook."""
    out = accounts.copy()
    order = (out[w.SCORE], out[w.EXPECTED_MONEY], out[w.ACCOUNT_ID])
    out[w.SEGMENT_RANK] = scoring.ranks(out[w.SEGMENT], *order)
    out[c.OVERALL_RANK] = scoring.ranks(pd.Series("", index=out.index), *order)
    by_id = out[w.ACCOUNT_ID].sort_values(kind="stable").index
    out[c.SCORES_ROW] = pd.Series(np.arange(1.0, len(out) + 1), index=by_id)
    extra = [
        name
        for name in out.columns
        if name not in c.ACCOUNT_COLUMNS and name not in c.WORKING_COLUMNS
    ]
    return out[[*c.ACCOUNT_COLUMNS, *extra, *c.WORKING_COLUMNS]].reset_index(drop=True)


@dataclass(frozen=True)
class PathBasis:
    """What a path to the quota rests on, as ``Round`` has it."""

    average_deal: Assumed
    cycle: Assumed
    quarters: pd.DataFrame
    season: tuple[float, ...]
    play: str
    play_reason: str


def path_basis(
    deals: pd.DataFrame,
    walk: pd.DataFrame,
    settings: Settings,
    year: timing.FiscalYear,
    *,
    accounts: int,
    as_of: pd.Timestamp,
    today: pd.Timestamp,
    average_deal: Assumed,
    cycle: Assumed,
) -> PathBasis:
    """The path of some reps: average deal, cycle, quarters, play.

    Args:
        deals, walk: of these reps.
        settings, year, as_of, today: of the round.
        accounts: how many these reps own.
        average_deal, cycle: what holds where their own deals say nothing.
    """
    won = deals[deals[w.STATE] == w.WON]
    recent = won[facts.in_prior_year(won[w.CLOSE_DATE], as_of)]
    size = recent[w.AMOUNT][recent[w.AMOUNT] > 0]
    if len(size):
        source = f"{len(size):,} deals won in 12 months"
        average_deal = Assumed(round(float(size.mean()), 9), source, False)
    days = timing.typical_cycle(deals)
    if not np.isnan(days):
        cycle = Assumed(days, "median days of won deals", False)
    quarters = pd.DataFrame()
    season: tuple[float, ...] = (0.25, 0.25, 0.25, 0.25, 0.0)
    rolled = funnel.roll_up(walk)
    quota = float(rolled.iloc[0][w.QUOTA]) if len(rolled) else float("nan")
    if len(walk):
        plan = timing.quarter_plan(
            rolled.iloc[0],
            deals,
            year,
            as_of=as_of,
            today=today,
            cycle_days=cycle.value,
            quota_shares=settings.quarter_shares,
            bar=settings.last_quarter_bar,
        )
        quarters, season = plan.quarters, plan.season
    play = timing.suggest_play(
        accounts,
        average_deal.value,
        quota,
        cycle.value,
        few_deals=12.0 * max(walk[w.QUOTA].notna().sum(), 1),
        few_accounts=30 * max(len(walk), 1),
    )
    return PathBasis(average_deal, cycle, quarters, season, play.play, play.reason)


def with_basis(part: Round) -> Round:
    """The round with the path of its own reps."""
    found = path_basis(
        part.deals,
        part.walk,
        part.settings,
        part.year,
        accounts=len(part.accounts),
        as_of=part.as_of,
        today=part.today,
        average_deal=part.average_deal,
        cycle=part.cycle,
    )
    return replace(part, **vars(found))
