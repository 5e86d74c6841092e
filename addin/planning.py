"""From a CRM export to a planning round: one way through the model, top to bottom."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypedDict

import numpy as np
import pandas as pd

from ..udfs import (
    facts,
    families,
    funnel,
    money,
    quadrants,
    rates,
    scoring,
    survival,
    timing,
    whitespace,
)
from ..udfs import words as w
from ..udfs.errors import SettingsError
from ..udfs.facts import Assumed
from ..udfs.plans import Plan
from ..udfs.segments import assign_segments
from ..udfs.settings import Settings
from ..udfs.splits import product_rates
from ..workbook_templates import contract as c
from ..workbook_templates.names import file_names
from ..workbook_templates.parts import book as book
from ..workbook_templates.parts import elsewhere, in_order, part_of, with_basis, without_book
from ..workbook_templates.parts import owners as owners
from ..workbook_templates.peers import Peers
from ..workbook_templates.round import DroppedSummary, FileSummary, ImportSummary, Round

if TYPE_CHECKING:
    from .crm import CrmExport

ALL_TEAMS = "All teams"
LONELY_DAYS = 180
TEMPLATE_DAY = pd.Timestamp(2025, 12, 31)


@dataclass(frozen=True)
class History:
    """What is known of deals that are not at hand any more, where a workbook does not list all.

    Attributes:
        stale, retention, win_rate: as found when all deals were there.
        reps: Rep, Wins, Losses.
    """

    stale: Assumed
    retention: Assumed
    win_rate: Assumed
    reps: pd.DataFrame


def plan_round(
    export: "CrmExport",
    settings: Settings,
    *,
    as_of: pd.Timestamp | None = None,
    today: pd.Timestamp | None = None,
    quota: float | None = None,
    plans: Mapping[str, Plan] | None = None,
    history: History | None = None,
) -> Round:
    """The planning round of the whole organisation.

    Args:
        export: what came in.
        settings: of the model.
        as_of: the day to plan from; ``None`` takes the day the data speaks for.
        today: the day of the reading; ``None`` takes the as-of date.
        quota: yearly quota of every rep that the teams file gives none.
        plans: plans already written, by Account ID; the others start empty.
        history: of deals that the export does not hold; ``None``: it holds all.

    Raises:
        SettingsError, ModelInputError: the settings do not fit the accounts.
    """
    scored = score_as_of(export, settings, as_of, history=history)
    day, accounts, base, retention = scored.day, scored.accounts, scored.base, scored.retention
    year = timing.planning_year(day, settings.fiscal_year_start)
    reps = _reps(export, accounts, scored.deals, settings, quota, history)
    deals = _weighted(scored.deals, accounts, reps, base.value, day, year)
    cuts = _cuts(accounts, settings)
    accounts = _placed(accounts, cuts, settings)
    accounts, reps = _year_money(accounts, reps, deals, year, export, base, retention, settings)
    accounts = _families(accounts)
    gaps = whitespace.whitespace(accounts, deals, day)
    accounts[w.WHITESPACE] = whitespace.in_words(gaps, accounts[w.ACCOUNT_ID])
    walk = funnel.quota_walk(
        accounts,
        deals,
        reps[[w.REP, w.MANAGER, w.QUOTA]],
        retention=retention.value,
        year_start=year.start,
        year_end=year.end,
        quota_counts=settings.quota_counts,
    )
    whole = Round(
        kind=c.TEAM,
        name=ALL_TEAMS,
        settings=settings,
        as_of=day,
        today=today if today is not None else day,
        year=year,
        currency=export.currency,
        accounts=in_order(accounts),
        averages=scored.found.averages,
        peers=Peers(accounts),
        attributes=scored.found.used,
        scores=scored.found.attributes,
        contributions=scored.found.contributions,
        model=elsewhere(scored.model, accounts, accounts),
        deals=deals[list(c.DEAL_COLUMNS)],
        reps=reps,
        walk=walk,
        quarters=pd.DataFrame(),
        season=(),
        activity=export.activity,
        **_gate_counts(export.activity, deals, settings, day),
        cuts=cuts,
        retention=retention,
        base_rate=base,
        win_probability=scored.win_probability,
        stale=scored.stale,
        average_deal=Assumed(float("nan"), "", True),
        cycle=Assumed(float("nan"), "", True),
        play="",
        play_reason="",
        needed_per_account=_needed(reps, accounts),
        plans=_plans(accounts, settings, plans or {}),
        book_files=_book_files(accounts),
        summary=_summary(export, accounts, deals, reps, scored.found, scored.ignored_shares, day),
        data_day=export.as_of if export.as_of is not None else day,
        scored_together=len(accounts),
        whitespace=gaps,
        product_rates=product_rates(deals, float("nan") if base.assumed else base.value),
    )
    return with_basis(whole)


@dataclass(frozen=True)
class Scored:
    """The accounts as the model sees them on a day, before they are placed in a grid.

    Attributes:
        day: the day.
        accounts: one row per account: facts and answers.
        deals: as known on the day, with their facts.
        found: attribute scores and contributions.
        model: the model's values, as ``Round.model``.
        base: the win rate of all closed deals.
        retention, win_probability, stale: what stands behind the money.
        ignored_shares: wallet shares that are none.
    """

    day: pd.Timestamp
    accounts: pd.DataFrame
    deals: pd.DataFrame
    found: scoring.Scores
    model: pd.DataFrame
    base: Assumed
    retention: Assumed
    win_probability: Assumed
    stale: Assumed
    ignored_shares: int


def score_as_of(
    export: "CrmExport",
    settings: Settings,
    as_of: pd.Timestamp | None = None,
    *,
    blank: Collection[str] = (),
    history: History | None = None,
) -> Scored:
    """The accounts scored as of a day, from what the deals say up to it.

    Args:
        export: what came in.
        settings: of the model.
        as_of: the day; ``None`` takes the day the data speaks for.
        blank: columns of numbers that are not to be used, whatever the data says of them.
        history: of deals that the export does not hold; ``None``: it holds all.

    Raises:
        SettingsError, ModelInputError: the settings do not fit the accounts.
    """
    day = as_of if as_of is not None else export.as_of
    if day is None:
        day = pd.Timestamp.today().normalize()
    deals = facts.as_known_at(export.deals, day) if as_of is not None else export.deals
    # A file of deals without a deal says nothing; it does not say that nobody bought.
    has_deals = len(deals) > 0
    stale = history.stale if history else facts.stale_after(deals, settings.stale_after)
    deals = facts.deal_facts(deals, day, stale.value)
    accounts, ignored_shares = _facts(export, deals, day)
    from_deals = _from_deals(export.accounts, accounts)
    retention = history.retention if history else facts.retention(deals, day, settings.retention)
    accounts, base = _win_rates(accounts, deals, has_deals, history)
    probability = _typed(settings.win_probability) or base
    _check_columns(accounts, settings)
    accounts[list(blank)] = np.nan
    accounts[w.SEGMENT] = assign_segments(accounts, settings.segments)
    found = scoring.score_accounts(
        accounts,
        settings.attributes,
        compare=settings.compare,
        least_coverage=settings.least_coverage,
    )
    accounts, model = _answers(accounts, found, settings, retention, probability)
    model[c.FROM_DEALS] = from_deals
    return Scored(
        day=day,
        accounts=accounts,
        deals=deals,
        found=found,
        model=model,
        base=base,
        retention=retention,
        win_probability=probability,
        stale=stale,
        ignored_shares=ignored_shares,
    )


def empty_round(settings: Settings) -> Round:
    """The round of the template: no accounts yet."""
    from .crm import empty_export

    # A fixed day, so that the template is the same whenever it is written; the
    # user types the real one on Start.
    whole = plan_round(empty_export(), settings, as_of=TEMPLATE_DAY)
    return replace(whole, kind=c.TEMPLATE, name="The team")


def _check_columns(accounts: pd.DataFrame, settings: Settings) -> None:
    """Every attribute that is scored or ruled on must be a column of the accounts."""
    rules = [
        rule.attribute for s in settings.segments for rule_set in s.rule_sets for rule in rule_set
    ]
    asked = [*((a.name, "Attributes") for a in settings.attributes)]
    asked += [(name, "SegmentRules") for name in dict.fromkeys(rules)]
    known = ", ".join(accounts.columns)
    lines = [
        f"{table}: the accounts have no column '{name}'; use one of: {known}."
        for name, table in asked
        if name not in accounts
    ]
    if lines:
        raise SettingsError(lines[0], tuple(lines[1:]))


def books(whole: Round) -> list[Round]:
    """One round per owner of at least one account, by name."""
    return [book(whole, owner) for owner in owners(whole)]


def teams(whole: Round) -> list[Round]:
    """One round per manager, where there is more than one; each holds only the manager's own."""
    return [team(whole, manager) for manager in managers(whole)]


def managers(whole: Round) -> list[str]:
    """The managers who have a workbook of their own, by name; none where there is only one."""
    found = sorted(set(whole.reps[w.MANAGER]) - {""})
    return found if len(found) > 1 else []


def team(whole: Round, manager: str) -> Round:
    """The round of one manager's reps."""
    mine = whole.reps.loc[whole.reps[w.MANAGER] == manager, w.REP]
    part = part_of(whole, c.TEAM, manager, list(mine))
    return replace(
        part,
        # Managers' workbooks lie in a folder of their own.
        book_files={owner: f"../{file}" for owner, file in whole.book_files.items()},
        summary=replace(ImportSummary(), control=control_totals(part.deals)),
    )


def control_totals(deals: pd.DataFrame) -> pd.DataFrame:
    """Rows and amounts by stage of the deals in a round, as the import report gives them."""
    known = deals.assign(amount=deals[w.AMOUNT].where(~deals[w.ESTIMATED]).fillna(0.0), rows=1.0)
    totals = known.groupby([w.STAGE, w.STATE], as_index=False).agg(
        rows=("rows", "sum"), amount=("amount", "sum")
    )
    place = totals[w.STATE].map({w.OPEN: 0, w.WON: 1, w.LOST: 2})
    totals = totals.assign(place=place).sort_values(["place", w.STAGE])
    return pd.DataFrame(
        {
            w.STAGE: totals[w.STAGE],
            w.STATE: totals[w.STATE],
            "Rows read": totals["rows"],
            "Rows used": totals["rows"],
            "Rows dropped": 0.0,
            w.AMOUNT: totals["amount"].round(9),
        }
    ).reset_index(drop=True)


def _typed(value: float | None) -> Assumed | None:
    return None if value is None else Assumed(float(value), "setting", False)


def _facts(export: "CrmExport", deals: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    accounts = export.accounts.copy()
    accounts[w.WALLET_SHARE], ignored = money.read_wallet_share(accounts[w.WALLET_SHARE])
    accounts[w.OWNER] = facts.owners(accounts, deals, day)
    managers = export.teams.drop_duplicates(w.REP).set_index(w.REP)[w.MANAGER]
    found = managers.reindex(accounts[w.OWNER]).fillna("").set_axis(accounts.index)
    accounts[w.MANAGER] = found.where(found != "", accounts[w.MANAGER])
    return facts.account_facts(accounts, deals, day, has_deals=len(deals) > 0), ignored


FROM_DEALS: Final = (
    w.OWNER,
    w.CUSTOMER_SINCE,
    w.PRIOR_YEAR_SALES,
    w.OPEN_PIPELINE,
    w.WINS,
    w.LOSSES,
    w.LAST_WON,
)
"""Facts of an account that the deals give where the export does not."""


def _from_deals(given: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Per account, the facts that its deals gave, as JSON: what they are called and what they are.

    So that scoring anew can tell them from what somebody typed.
    """
    facts: list[dict[str, object]] = [{} for _ in range(len(found))]
    for column in FROM_DEALS:
        values = found[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            told: list[object] = values.dt.strftime("%Y-%m-%d").astype(object).tolist()
        else:
            told = values.tolist()
        own = _present(given[column]) if column in given else np.zeros(len(found), dtype=bool)
        for at in np.flatnonzero(_present(values) & ~own):
            facts[at][column] = told[at]
    texts = [json.dumps(each, ensure_ascii=False) if each else "" for each in facts]
    return pd.Series(texts, index=found.index, dtype=str)


def _says_nothing(values: pd.Series) -> bool:
    return not _present(values.replace(w.UNASSIGNED, "")).any()


def _present(values: pd.Series) -> np.ndarray:
    return (values.notna() & (values != "")).to_numpy(bool)


def _win_rates(
    accounts: pd.DataFrame, deals: pd.DataFrame, has_deals: bool, history: History | None
) -> tuple[pd.DataFrame, Assumed]:
    if history:
        base = history.win_rate
    elif has_deals:
        won = pd.Series([float((deals[w.STATE] == w.WON).sum())])
        lost = pd.Series([float((deals[w.STATE] == w.LOST).sum())])
        base = facts.base_win_rate(won, lost)
    else:
        base = facts.base_win_rate(accounts[w.WINS], accounts[w.LOSSES])
    if base.assumed:
        accounts[w.WIN_RATE] = np.nan
    else:
        k = facts.shrinkage(accounts[w.WINS], accounts[w.LOSSES])
        accounts[w.WIN_RATE] = facts.win_rate(accounts[w.WINS], accounts[w.LOSSES], base.value, k)
    return accounts, base


def _reps(
    export: "CrmExport",
    accounts: pd.DataFrame,
    deals: pd.DataFrame,
    settings: Settings,
    quota: float | None,
    history: History | None,
) -> pd.DataFrame:
    """One row per rep: those of the teams file first, then whoever owns or works something."""
    listed = export.teams.drop_duplicates(w.REP)
    others = sorted(
        {*accounts[w.OWNER].unique(), *deals[w.REP].unique()} - {"", w.UNASSIGNED, *listed[w.REP]}
    )
    manager_of = accounts.drop_duplicates(w.OWNER).set_index(w.OWNER)[w.MANAGER]
    unlisted = pd.DataFrame({w.REP: pd.Series(others, dtype=str)})
    unlisted[w.MANAGER] = unlisted[w.REP].map(manager_of).fillna("").astype(str)
    reps = pd.concat([listed, unlisted], ignore_index=True)
    reps[w.REGION] = reps[w.REGION].fillna("").astype(str)
    reps[w.QUOTA] = reps[w.QUOTA].astype(float)
    if quota is not None:
        reps[w.QUOTA] = reps[w.QUOTA].fillna(float(quota))
    reps[w.TOUCHES_PER_WEEK] = (
        reps[w.TOUCHES_PER_WEEK].astype(float).fillna(settings.touches_per_week)
    )
    if history:
        then = history.reps.drop_duplicates(w.REP).set_index(w.REP)
        won, lost = then[w.WINS], then[w.LOSSES]
    else:
        won = deals[deals[w.STATE] == w.WON].groupby(w.REP).size()
        lost = deals[deals[w.STATE] == w.LOST].groupby(w.REP).size()
    reps[w.WINS] = reps[w.REP].map(won).fillna(0.0).astype(float)
    reps[w.LOSSES] = reps[w.REP].map(lost).fillna(0.0).astype(float)
    base = facts.base_win_rate(reps[w.WINS], reps[w.LOSSES]).value
    k = facts.shrinkage(reps[w.WINS], reps[w.LOSSES])
    reps[w.WIN_RATE] = facts.win_rate(reps[w.WINS], reps[w.LOSSES], base, k)
    return reps


def _weighted(
    deals: pd.DataFrame,
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    base: float,
    day: pd.Timestamp,
    year: timing.FiscalYear,
) -> pd.DataFrame:
    out = deals.copy()
    owner = out[w.ACCOUNT_ID].map(accounts.set_index(w.ACCOUNT_ID)[w.OWNER])
    worker = out[w.REP].where(out[w.REP] != "", w.UNASSIGNED)
    # An account that nobody owns leaves its deals with whoever works them.
    out[w.PATH_OF] = owner.where(owner.notna() & (owner != w.UNASSIGNED), worker).astype(str)
    out[w.WEIGHTED] = funnel.weighted(out, reps.set_index(w.REP)[w.WIN_RATE], base)
    out[w.IN_TIME] = survival.in_time(out, survival.won_by(out, day), day, year.end)
    return out


def _answers(
    accounts: pd.DataFrame,
    found: scoring.Scores,
    settings: Settings,
    retention: Assumed,
    probability: Assumed,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    out = accounts.copy()
    benchmarks = money.benchmark(out)
    potential = money.potential_money(out, benchmarks)
    out[w.POTENTIAL_MONEY] = potential[w.POTENTIAL_MONEY]
    out[w.POTENTIAL] = found.potential
    out[w.LIKELIHOOD] = found.likelihood
    out[w.COVERAGE] = found.coverage
    out[w.SCORE] = scoring.combined_score(
        found.potential, found.likelihood, settings.potential_share
    )
    out[w.EXPANSION_MONEY] = money.expansion_money(out[w.POTENTIAL_MONEY], out[w.PRIOR_YEAR_SALES])
    out[w.GROWTH] = money.growth(
        out[w.STATUS], out[w.POTENTIAL_MONEY], out[w.EXPANSION_MONEY], settings.exhausted_below
    )
    out[w.WIN_PROBABILITY] = money.win_probability(
        out[w.LIKELIHOOD], out[w.STATUS], probability.value, settings.odds
    )
    out[w.EXPECTED_MONEY] = money.expected_money(
        out[w.PRIOR_YEAR_SALES],
        out[w.EXPANSION_MONEY],
        out[w.WIN_PROBABILITY],
        retention.value,
    )
    order = (out[w.SCORE], out[w.EXPECTED_MONEY], out[w.ACCOUNT_ID])
    out[w.RANK] = scoring.ranks(out[w.OWNER], *order)
    out[w.WHY] = scoring.why(found)
    model = pd.concat(
        [
            out[[w.POTENTIAL, w.LIKELIHOOD, w.COVERAGE, w.SEGMENT]],
            potential,
            benchmarks,
        ],
        axis=1,
    )
    return out, model


def _cuts(accounts: pd.DataFrame, settings: Settings) -> quadrants.Cuts:
    return quadrants.find_cuts(
        accounts[w.POTENTIAL_MONEY],
        accounts[w.SCORE].notna(),
        placed_by=settings.placed_by,
        money_cut=settings.money_cut,
        potential_cut=settings.potential_cut,
        likelihood_cut=settings.likelihood_cut,
    )


def _placed(accounts: pd.DataFrame, cuts: quadrants.Cuts, settings: Settings) -> pd.DataFrame:
    out = accounts.copy()
    out[w.QUADRANT] = quadrants.quadrant(out[cuts.placed_by], out[w.LIKELIHOOD], cuts)
    active = {a.quadrant: a.active for a in settings.quadrant_actions}
    others = {a.quadrant: a.others for a in settings.quadrant_actions}
    out[w.ACTION] = (
        out[w.QUADRANT]
        .map(active)
        .where(out[w.STATUS] == w.ACTIVE, out[w.QUADRANT].map(others))
        .astype(str)
    )
    return out


def _year_money(
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    deals: pd.DataFrame,
    year: timing.FiscalYear,
    export: "CrmExport",
    base: Assumed,
    retention: Assumed,
    settings: Settings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is closed and what is still to come, at each account and at none."""
    out, people = accounts.copy(), reps.copy()
    this_year = funnel.closed(deals, year.start, year.end)

    def per_account(values: pd.Series) -> pd.Series:
        found = out[w.ACCOUNT_ID].map(values.groupby(deals[w.ACCOUNT_ID]).sum())
        return found.astype(float).fillna(0.0)

    out[w.CLOSED_THIS_YEAR] = per_account(this_year).round(9)
    out[w.WEIGHTED_PIPELINE] = per_account(deals[w.WEIGHTED]).round(9)
    if deals.empty:
        out[w.WEIGHTED_PIPELINE] = (out[w.OPEN_PIPELINE].fillna(0.0) * base.value).round(9)
    out[w.STILL_TO_COME] = funnel.still_to_come(out, retention.value, settings.quota_counts)
    # Deals at an account that nobody owns stay with whoever works them, so they
    # count like deals without an account.
    owned = deals[w.ACCOUNT_ID].isin(out.loc[out[w.OWNER] != w.UNASSIGNED, w.ACCOUNT_ID])
    for column, values in (
        (c.UNATTACHED_CLOSED, this_year),
        (c.UNATTACHED_WEIGHTED, deals[w.WEIGHTED]),
    ):
        loose = values[~owned].groupby(deals.loc[~owned, w.PATH_OF]).sum()
        people[column] = people[w.REP].map(loose).astype(float).fillna(0.0).round(9)
    return out, people


def _families(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts with their families, and what those bring together in the organisation."""
    heads = families.family_heads(accounts)
    return accounts.assign(**{w.FAMILY: heads}, **families.family_totals(accounts, heads))


class _GateCounts(TypedDict):
    everybody: pd.DataFrame
    rates_since: pd.Timestamp | None
    won_since: pd.Series


def _gate_counts(
    activity: pd.DataFrame, deals: pd.DataFrame, settings: Settings, day: pd.Timestamp
) -> _GateCounts:
    """What all reps did at each gate, and the deals each won, since activity was logged."""
    names = [gate.name for gate in settings.gates]
    since = rates.rates_since(activity, day)
    if since is None:
        nobody = pd.DataFrame(0.0, index=[], columns=[*names, funnel.DEAL])
        won = pd.Series(dtype="float64")
        return {
            "everybody": rates.everybodys_rates(nobody),
            "rates_since": None,
            "won_since": won,
        }
    counts = rates.counts_by_rep(activity, deals, names, since, day)
    return {
        "everybody": rates.everybodys_rates(counts),
        "rates_since": since,
        "won_since": counts[funnel.DEAL],
    }


def _needed(reps: pd.DataFrame, accounts: pd.DataFrame) -> float:
    if reps[w.QUOTA].notna().sum() == 0 or accounts.empty:
        return float("nan")
    return round(float(reps[w.QUOTA].sum()) / len(accounts), 9)


def _book_files(accounts: pd.DataFrame) -> dict[str, str]:
    """Where the book of each owner lies, seen from the team workbook."""
    owners = sorted(set(accounts[w.OWNER].unique()) - {w.UNASSIGNED})
    files = [f"books/{name}.xlsx" for name in file_names(owners)]
    return dict(zip(owners, files, strict=True))


def _plans(
    accounts: pd.DataFrame, settings: Settings, written: Mapping[str, Plan]
) -> tuple[Plan, ...]:
    """One plan for each top account of each book, and for each that is already written."""
    top = accounts[(accounts[w.RANK] <= settings.plans_per_book)]
    wanted = accounts[
        accounts.index.isin(top.index) | accounts[w.ACCOUNT_ID].isin(list(written))
    ].sort_values([w.OWNER, w.RANK])
    wanted = wanted[wanted[w.OWNER] != w.UNASSIGNED]
    found = []
    for row in wanted.to_dict("records"):
        plan = written.get(row[w.ACCOUNT_ID]) or Plan(row[w.ACCOUNT_ID], row[w.ACCOUNT])
        found.append(
            replace(
                plan,
                account=row[w.ACCOUNT],
                owner=row[w.OWNER],
                quadrant=row[w.QUADRANT],
                potential_money=row[w.POTENTIAL_MONEY],
                status=row[w.STATUS],
            )
        )
    return tuple(found)


def _summary(
    export: "CrmExport",
    accounts: pd.DataFrame,
    deals: pd.DataFrame,
    reps: pd.DataFrame,
    found: scoring.Scores,
    ignored_shares: int,
    day: pd.Timestamp,
) -> ImportSummary:
    report = export.report
    return ImportSummary(
        files=tuple(FileSummary(f.role, f.file, f.rows_read, f.rows_used) for f in report.files),
        dropped=tuple(
            DroppedSummary(f.role, d.what, d.count, d.examples)
            for f in report.files
            for d in f.dropped
        ),
        matched={f.role: dict(f.matched) for f in report.files},
        derived=(
            *report.derived,
            *_day_notes(export, day),
            *_first_sale_notes(export.accounts, accounts),
        ),
        notes=(
            *report.notes,
            *_owner_notes(export, accounts, deals, reps),
            *_deal_notes(deals),
            *_score_notes(found, accounts, ignored_shares),
        ),
        blank=tuple(column for column in report.blank if _says_nothing(accounts[column])),
        # Where the deals stayed as they were, no file said what they add up to.
        control=control_totals(deals) if report.control.empty else report.control,
    )


def _day_notes(export: "CrmExport", day: pd.Timestamp) -> list[str]:
    """What to know of the as-of date: nothing said it, or one date alone did."""
    if export.as_of is None:
        return [f"As-of date {day:%Y-%m-%d}: the export has no dates, so no other day is known."]
    closed = export.deals.loc[export.deals[w.STATE] != w.OPEN, w.CLOSE_DATE]
    dates = pd.concat([export.deals[w.OPENED], closed]).dropna().drop_duplicates().nlargest(2)
    if len(dates) == 2 and day == dates.iloc[0] and (day - dates.iloc[1]).days > LONELY_DAYS:
        return [
            f"As-of date {day:%Y-%m-%d}: one deal alone has it, the next date is "
            f"{dates.iloc[1]:%Y-%m-%d}; if it is a slip, mend it or give --as-of."
        ]
    return []


def _first_sale_notes(given: pd.DataFrame, accounts: pd.DataFrame) -> list[str]:
    derived = given[w.CUSTOMER_SINCE].isna() & accounts[w.CUSTOMER_SINCE].notna()
    if not derived.any():
        return []
    count = _counted(int(derived.sum()), "account", "accounts")
    return [f"{w.CUSTOMER_SINCE} of {count}: the day of the first deal that was won."]


def _owner_notes(
    export: "CrmExport", accounts: pd.DataFrame, deals: pd.DataFrame, reps: pd.DataFrame
) -> list[str]:
    notes = []
    derived = int((export.accounts[w.OWNER] == "").sum())
    if derived and export.has_deals:
        notes.append(
            f"{_counted(derived, 'account names', 'accounts name')} no owner: the rep with the "
            "most won revenue there in 12 months was taken, else the one with the most open deals."
        )
    owner = deals[w.ACCOUNT_ID].map(accounts.set_index(w.ACCOUNT_ID)[w.OWNER])
    won = deals[(deals[w.STATE] == w.WON) & owner.notna() & (deals[w.REP] != "")]
    sold = float(won[w.AMOUNT].sum())
    if sold > 0:
        others = float(won.loc[won[w.REP] != owner[won.index], w.AMOUNT].sum())
        if others:
            notes.append(
                f"{others / sold:.0%} of the accounts' won revenue was made by other reps."
            )
    nothing = without_book(reps, accounts)
    if nothing:
        reps_own = f"{len(nothing):,} of {_counted(len(reps), 'rep', 'reps')} own no account"
        notes.append(f"{reps_own}, and get no book: {', '.join(nothing)}.")
    unassigned = int((accounts[w.OWNER] == w.UNASSIGNED).sum())
    if unassigned:
        have = _counted(unassigned, "account has", "accounts have")
        notes.append(f"{have} no owner, and no book.")
    return notes


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _deal_notes(deals: pd.DataFrame) -> list[str]:
    stale = deals[deals[w.STALE]]
    estimated = deals[deals[w.ESTIMATED]]
    notes = []
    if len(stale):
        notes.append(
            f"{len(stale):,} open deals are stale: open longer than any deal took to win. They are "
            "shown, not weighted."
        )
    if len(estimated):
        notes.append(
            f"Estimated amounts of open deals: {len(estimated):,} (the average won amount of "
            "the product, else of all)."
        )
    return notes


def _score_notes(found: scoring.Scores, accounts: pd.DataFrame, ignored_shares: int) -> list[str]:
    notes = []
    if len(found.used):
        used = ", ".join(a.name for a in found.used)
        notes.append(f"Scored by {used}; attributes without data are left out, the rest rescaled.")
    silent = [axis for axis in scoring.AXES if not any(a.axis == axis for a in found.used)]
    if len(silent) == 1 and found.used:
        other = next(axis for axis in scoring.AXES if axis not in silent)
        notes.append(
            f"Nothing in the export speaks of {silent[0]}: accounts are ranked by {other} alone, "
            "and stand in no quadrant."
        )
    unscored = int(accounts[w.SCORE].isna().sum())
    if unscored:
        have = _counted(unscored, "account has", "accounts have")
        notes.append(f"{have} too little data to be scored.")
    if ignored_shares:
        notes.append(
            f"{ignored_shares:,} wallet shares are no share (0 < share <= 100 %) and were ignored."
        )
    return notes
