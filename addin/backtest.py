"""The back-test: scores as of a day that is past, held against what happened after it.

What today's export says of an account is not what it said on the day. Deals
have dates, so whatever comes from them is taken as it stood; the accounts
file has none, so what it says of sales is left out, and what it says of the
account itself (size, industry) is marked as of today.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..udfs import evidence, facts, learning
from ..udfs import words as w
from ..udfs.errors import ModelInputError
from ..udfs.evidence import Evidence
from ..udfs.scoring import has_data
from ..udfs.settings import Settings
from ..workbook_templates.round import Round
from .planning import Scored, score_as_of

if TYPE_CHECKING:
    from .crm import CrmExport

SALES_COLUMNS: Final = (
    w.PRIOR_YEAR_SALES,
    w.OPEN_PIPELINE,
    w.WINS,
    w.LOSSES,
    w.LAST_WON,
    w.WALLET_SHARE,
    w.POTENTIAL_MONEY,
)
"""What the accounts file may say of sales: as of the export, so also of what came after the day."""
FROM_DEALS: Final = (
    w.PRIOR_YEAR_SALES,
    w.OPEN_PIPELINE,
    w.WINS,
    w.LOSSES,
    w.WIN_RATE,
    w.DAYS_SINCE_LAST_WON,
    w.TENURE,
)
AS_IT_STOOD: Final = "from deals before the date"
AS_OF_EXPORT: Final = "as of the export: may have been another on the date"
NO_DATA: Final = "no data before the date"
LEAKS: Final = "left out, it leaks: "
NOT_KNOWN: Final = "as of the export, so not known on the date"
LEAST_DAYS: Final = 30
LENGTHS: Final = (365, 182, 91)
"""Days that a test of a round may take, the longest first."""
STEPS: Final = 4
"""Of a back-test; some take long where there are many accounts."""
NAMED_LATE: Final = 0.10
"""By how much more often ended deals may name an account than open ones."""
RAW_FORECAST: Final = "Score / 100, which is no probability"


@dataclass(frozen=True)
class BackTest:
    """What a back-test found.

    Attributes:
        evidence: the test.
        learned: what history up to the date would have taught.
        tested: one row per account: scores of the day, forecast, what came.
    """

    evidence: Evidence
    learned: learning.Learned
    tested: pd.DataFrame


def back_test(
    export: "CrmExport",
    settings: Settings,
    as_of: pd.Timestamp,
    until: pd.Timestamp | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> BackTest:
    """Scores the accounts as of a day and tests the scores on what came after it.

    Args:
        export: what came in, up to today.
        settings: of the model.
        as_of: the day of the scores.
        until: the last day of the outcomes; ``None``: as far as the data goes.
        step: is told what is being done, as each of the ``STEPS`` begins.

    Raises:
        ModelInputError: no deals, none before the day, or none after it.
        SettingsError: the settings do not fit the accounts.
    """
    last = _last_day(export, as_of, until)
    step(f"scoring the accounts as of {as_of:%Y-%m-%d}")
    then, left_out = _as_known(export, settings, as_of, last)
    blank = _named_at_the_end(export.deals, as_of)
    left_out |= blank
    scored = score_as_of(then, settings, as_of, blank=blank)
    ids = scored.accounts[w.ACCOUNT_ID]
    came = evidence.outcomes(ids, export.deals, as_of, last)
    step("scoring them as of earlier days")
    earlier = _earlier(then, settings, as_of, last, blank)
    step("holding the scores against what came")
    forecast, source = _forecast(scored, earlier)
    tested = scored.accounts.assign(**{evidence.FORECAST: forecast})
    found = evidence.back_test(
        tested,
        scored.found.attributes,
        settings.attributes,
        came,
        as_of=as_of,
        until=last,
        forecast_source=source,
        known={a.name: _known(a.name, left_out, scored, export) for a in settings.attributes},
        notes=_notes(export, left_out, scored, as_of, last),
    )
    step("learning weights")
    periods = [_period(each) for each in earlier]
    mine = [a for a in scored.found.used if a.axis == w.LIKELIHOOD]
    learned = learning.learn(mine, periods, _period(_Window(scored, came)))
    return BackTest(found, learned, pd.concat([tested, came], axis=1))


def with_evidence(whole: Round, export: "CrmExport") -> Round:
    """The round with the test of its scores on the last year, half year or quarter.

    The test takes the longest of them that the deals cover twice: once to make
    scores from, once to hold them against.

    Args:
        whole: of the organisation.
        export: what it was made from.
    """
    deals = facts.as_known_at(export.deals, whole.as_of)
    closed = deals.loc[(deals[w.STATE] != w.OPEN) & (deals[w.ACCOUNT_ID] != ""), w.CLOSE_DATE]
    if closed.notna().sum() == 0 or len(whole.accounts) == 0:
        return replace(whole, not_tested="There are no closed deals with dates to test it on.")
    days = (whole.as_of - pd.concat([deals[w.OPENED], closed]).min()).days
    length = next((each for each in LENGTHS if days >= 2 * each), None)
    if length is None:
        told = f"The deals cover {days:,} days; a test needs {2 * LENGTHS[-1]:,}."
        return replace(whole, not_tested=told)
    then = whole.as_of - pd.Timedelta(days=length)
    try:
        found = back_test(replace(export, deals=deals), whole.settings, then, whole.as_of)
    except ModelInputError as mistake:
        return replace(whole, not_tested=str(mistake))
    return replace(whole, evidence=found.evidence, learned=found.learned)


def _last_day(export: "CrmExport", as_of: pd.Timestamp, until: pd.Timestamp | None) -> pd.Timestamp:
    """The last day of the outcomes: the one asked for, at most the last that the data speaks of."""
    deals = export.deals
    closed = deals.loc[(deals[w.STATE] != w.OPEN) & (deals[w.ACCOUNT_ID] != ""), w.CLOSE_DATE]
    first, last = closed.min(), closed.max()
    if pd.isna(last):
        raise ModelInputError(
            "The opportunities have no closed deal with a date at an account; the test needs "
            "deals that were won or lost before and after the date."
        )
    if not as_of < last:
        raise ModelInputError(
            f"{as_of:%Y-%m-%d}: no deal at these accounts was closed after it, the last one on "
            f"{last:%Y-%m-%d}; give an earlier date."
        )
    if not first <= as_of:
        raise ModelInputError(
            f"{as_of:%Y-%m-%d}: no deal at these accounts was closed by then, the first one on "
            f"{first:%Y-%m-%d}; give a later date."
        )
    last_day = pd.Timestamp(last if export.as_of is None else max(last, export.as_of))
    if until is None:
        return last_day
    if not until > as_of:
        raise ModelInputError(
            f"--until {until:%Y-%m-%d}: is not after --as-of {as_of:%Y-%m-%d}; give a later date."
        )
    return min(until, last_day)


# --- What was known ---------------------------------------------------------------------


def _as_known(
    export: "CrmExport", settings: Settings, as_of: pd.Timestamp, until: pd.Timestamp
) -> tuple["CrmExport", dict[str, str]]:
    """The export without what was not known on the day, and why each column is left out."""
    accounts = export.accounts.copy()
    left_out = {
        name: NOT_KNOWN
        for name in SALES_COLUMNS
        if name in accounts and accounts[name].notna().any()
    }
    accounts = accounts.drop(columns=[n for n in left_out if n != w.WALLET_SHARE])
    accounts[w.WALLET_SHARE] = np.nan
    late = accounts[w.CUSTOMER_SINCE] > as_of
    accounts[w.CUSTOMER_SINCE] = accounts[w.CUSTOMER_SINCE].mask(late)
    came = evidence.outcomes(accounts[w.ACCOUNT_ID], export.deals, as_of, until)
    names = [a.name for a in settings.attributes if a.name in accounts and has_data(accounts, a)]
    names = [name for name in names if accounts[name].dtype.kind != "M"]
    leaks = evidence.find_leaks(
        accounts[names], came, _past(export.deals, accounts, as_of), evidence.question(came).yes
    )
    for name, why in leaks.items():
        numeric = pd.api.types.is_numeric_dtype(accounts[name])
        accounts[name] = np.nan if numeric else ""
        left_out[name] = why
    return replace(export, accounts=accounts, deals=_without_amounts(export.deals, as_of)), left_out


def _past(deals: pd.DataFrame, accounts: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """What each account brought up to the day."""
    won = deals[(deals[w.STATE] == w.WON) & (deals[w.CLOSE_DATE] <= as_of)]
    sums = won.groupby(w.ACCOUNT_ID)[w.AMOUNT].sum()
    return accounts[w.ACCOUNT_ID].map(sums).astype(float).fillna(0.0)


def _without_amounts(deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Deals open to this day lose their amounts: those that ended since have lost theirs,
    and an amount would tell which of the deals open on the day were to end."""
    still_open = (deals[w.STATE] == w.OPEN) & (deals[w.OPENED] <= as_of)
    return deals.assign(**{w.AMOUNT: deals[w.AMOUNT].mask(still_open)})


def _named_at_the_end(deals: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, str]:
    """Open pipeline, where deals get their account only as they end; else nothing.

    Of the deals open on the day, those that ended since would then count at
    their account and those still open would not, which tells what was to come.
    """
    ended = (deals[w.STATE] != w.OPEN) & (deals[w.CLOSE_DATE] > as_of)
    named = deals[w.ACCOUNT_ID] != ""
    was_open = deals[w.OPENED] <= as_of
    since, still = named[was_open & ended], named[was_open & (deals[w.STATE] == w.OPEN)]
    if len(since) == 0 or len(still) == 0 or since.mean() - still.mean() < NAMED_LATE:
        return {}
    return {
        w.OPEN_PIPELINE: f"deals get their account as they end: {since.mean():.0%} of those open "
        f"on the date that ended since name one, {still.mean():.0%} of those still open"
    }


def _known(name: str, left_out: Mapping[str, str], scored: Scored, export: "CrmExport") -> str:
    if name in FROM_DEALS and name in scored.found.attributes:
        return AS_IT_STOOD
    if name in left_out:
        return LEAKS + left_out[name]
    if name not in scored.found.attributes:
        return NO_DATA
    return AS_OF_EXPORT if name in export.accounts else AS_IT_STOOD


def _notes(
    export: "CrmExport",
    left_out: Mapping[str, str],
    scored: Scored,
    as_of: pd.Timestamp,
    until: pd.Timestamp,
) -> list[str]:
    notes = []
    for name, why in left_out.items():
        instead = name in scored.accounts and scored.accounts[name].replace("", None).notna().any()
        notes.append(
            f"{name}: {why}. "
            + ("The deals before the date stand in for it." if instead else "It is left out.")
        )
    deals = export.deals
    later = deals[
        (deals[w.STATE] == w.WON) & (deals[w.CLOSE_DATE] > as_of) & (deals[w.CLOSE_DATE] <= until)
    ]
    nobody = later[~later[w.ACCOUNT_ID].isin(scored.accounts[w.ACCOUNT_ID])]
    if len(nobody):
        notes.append(
            f"Not in it, for they name no account: {len(nobody):,} deals won after the date."
        )
    undated = int(((deals[w.STATE] != w.OPEN) & deals[w.CLOSE_DATE].isna()).sum())
    if undated:
        notes.append(f"Not in it, for they have no close date: {undated:,} closed deals.")
    short = facts.short_history(deals, as_of)
    if short:
        notes.append(f"{short}; what rests on them is tested on less than they are meant to say.")
    unscored = int(scored.accounts[w.SCORE].isna().sum())
    if unscored:
        notes.append(
            f"Too little data on the date to be scored: {unscored:,} of the accounts; by score "
            "they come last."
        )
    return notes


# --- Earlier periods ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Window:
    """A period: the scores of its first day, and what came in it."""

    scored: Scored
    came: pd.DataFrame


def _earlier(
    then: "CrmExport",
    settings: Settings,
    as_of: pd.Timestamp,
    until: pd.Timestamp,
    blank: Collection[str],
) -> list[_Window]:
    """Up to two periods before the day, each as long as the one after it, the oldest first."""
    length = until - as_of
    deals = facts.as_known_at(then.deals, as_of)
    first = pd.concat([deals[w.OPENED], deals[w.CLOSE_DATE]]).min()
    found: list[_Window] = []
    for back in (1, 2):
        start = as_of - back * length
        # Scores need deals to rest on, as long a time of them as comes after.
        if length.days < LEAST_DAYS or start - length < first:
            break
        scored = score_as_of(replace(then, deals=deals), settings, start, blank=blank)
        ids = scored.accounts[w.ACCOUNT_ID]
        found.insert(0, _Window(scored, evidence.outcomes(ids, deals, start, start + length)))
    return found


def _period(window: _Window) -> learning.Period:
    """What a period teaches of Likelihood; accounts that are not scored teach nothing."""
    accounts = window.scored.accounts
    mine = [a.name for a in window.scored.found.used if a.axis == w.LIKELIHOOD]
    known = accounts[w.LIKELIHOOD].notna()
    return learning.Period(
        window.scored.found.attributes.loc[known, mine],
        (accounts[w.STATUS] == w.ACTIVE).to_numpy()[known.to_numpy()],
        window.came[evidence.BOUGHT].to_numpy(bool)[known.to_numpy()],
        int(window.came[evidence.LATER_CLOSED].sum()),
    )


def _forecast(scored: Scored, earlier: Sequence[_Window]) -> tuple[np.ndarray, str]:
    """The chance that each account buys, as the period before would have told from its score."""
    score = scored.accounts[w.SCORE].to_numpy(float)
    for window in earlier[-1:]:
        before = window.scored.accounts
        odds = learning.fit_odds(
            before[w.SCORE].to_numpy(float),
            (before[w.STATUS] == w.ACTIVE).to_numpy(),
            evidence.question(window.came).yes,
        )
        if odds is not None:
            active = (scored.accounts[w.STATUS] == w.ACTIVE).to_numpy()
            days = (scored.day - window.scored.day).days
            source = f"Score and status, calibrated on the {days} days before the date"
            return odds.probability(score, active), source
    return score / 100, RAW_FORECAST
