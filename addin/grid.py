"""The quadrant grid, as its macro builds it: the cuts found anew, every account placed."""

import math
from typing import Final

import pandas as pd

from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.quadrants import Cuts, find_cuts, quadrant, risk_profile
from ..udfs.scoring import combined_score
from ..workbook_templates import contract as c
from ..workbook_templates.writer import money
from .desk import Desk, counted, listed
from .hosts.reader import live_headers, sheetful
from .importing import in_words
from .reading import WorkbookFacts, actions, model_values, read_facts
from .settings import settings_of
from .working_round import is_part
from .write_back import write_around_formulas

MONEY_CUT: Final = "Money cut"


def place(desk: Desk) -> None:
    """Finds the cuts, places every account, and says how many stand where.

    Raises:
        WorkbookError: there are no accounts, or none is scored yet.
    """
    facts = read_facts(desk.reader)
    accounts = facts.accounts
    if accounts.empty or accounts[w.SCORE].isna().all():
        what = "there are no accounts yet" if accounts.empty else "no account is scored yet"
        raise WorkbookError(f"{desk.reader.label}: {what}; press Score accounts first.")
    cuts = facts.cuts if is_part(desk.reader) else _found_cuts(desk, facts)
    accounts[w.QUADRANT] = quadrant(accounts[cuts.placed_by], accounts[w.LIKELIHOOD], cuts)
    accounts[w.ACTION] = actions(desk.reader, accounts)
    names = sheetful(desk.reader, c.T_ACCOUNTS, (w.ACCOUNT,)).columns[w.ACCOUNT]
    places = [place for place, name in enumerate(names) if name not in ("", None)]
    live = live_headers(desk.reader, c.T_ACCOUNTS)
    columns = [name for name in (w.QUADRANT, w.ACTION) if name not in live]
    if columns:
        frame = accounts[columns].set_axis(places, axis=0)
        write_around_formulas(desk.door, desk.reader, c.T_ACCOUNTS, frame)
    desk.rows = len(accounts)
    _tell(desk, accounts, cuts)


def _found_cuts(desk: Desk, facts: WorkbookFacts) -> Cuts:
    """The cuts by all accounts, written to Settings where they are found and not typed."""
    settings, model = settings_of(desk.reader), model_values(desk.reader, facts.settings)
    score = combined_score(model[w.POTENTIAL], model[w.LIKELIHOOD], settings.potential_share)
    cuts = find_cuts(
        model[w.POTENTIAL_MONEY],
        score.notna(),
        placed_by=settings.placed_by,
        money_cut=settings.money_cut,
        potential_cut=settings.potential_cut,
        likelihood_cut=settings.likelihood_cut,
    )
    for place, row in desk.reader.numbered_records(c.T_MODEL_SETTINGS).items():
        if row.get("Setting") == MONEY_CUT:
            found = None if math.isnan(cuts.median) else cuts.median
            frame = pd.DataFrame({"Found or default": [found]}, index=[place], dtype=object)
            desk.door.write_columns(c.T_MODEL_SETTINGS, frame)
    names: dict[str, object] = {}
    if settings.placed_by == "auto":
        names[c.N_PLACED_BY_FOUND] = cuts.placed_by
    quotas = facts.walk[w.QUOTA].dropna()
    if len(quotas):
        names[c.N_NEEDED] = round(float(quotas.sum()) / len(facts.accounts), 9)
    if names:
        desk.door.write_names(names)
    return cuts


def _tell(desk: Desk, accounts: pd.DataFrame, cuts: Cuts) -> None:
    profile = risk_profile(accounts[w.QUADRANT], accounts[w.EXPECTED_MONEY])
    high = money(cuts.potential) if cuts.placed_by == w.POTENTIAL_MONEY else f"{cuts.potential:g}"
    desk.said += [
        in_words(accounts),
        f"High potential begins at {high} ({cuts.placed_by}, {cuts.source}), high likelihood at "
        f"{cuts.likelihood:g}.",
        f"{profile.label}: big bets {money(profile.big_bet_money)}, quick wins "
        f"{money(profile.quick_win_money)} expected.",
    ]
    nowhere = accounts.loc[accounts[w.QUADRANT] == w.NOT_ENOUGH_DATA, w.ACCOUNT].tolist()
    if nowhere:
        stand = counted(len(nowhere), "account stands", "accounts stand")
        desk.warnings.append(f"{stand} in no quadrant, for lack of data: {listed(nowhere)}.")
