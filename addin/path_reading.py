"""The path to the quota that a workbook holds, worked out anew from what is typed in it."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..udfs import funnel, path_plan, rates
from ..udfs import words as w
from ..udfs.errors import WorkbookError
from ..udfs.facts import Assumed
from ..udfs.funnel import Gate
from ..udfs.path_plan import PathFacts, PathPlan
from ..udfs.settings import Settings
from ..udfs.table_cells import cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.parts import MOST_PATHS, path_basis
from .hosts.package import PackageReader
from .hosts.reader import Reader
from .path_typed import refuse_mistyped
from .reading import WorkbookFacts, read_facts
from .settings import settings_of
from .working_round import is_part

EVERYBODY: Final = (rates.ALL_DONE, rates.ALL_THROUGH, rates.STRENGTH)


@dataclass(frozen=True)
class BookPath:
    """The path that a workbook holds.

    Attributes:
        file: the workbook.
        walk: one row per rep.
        total: the walk of all of them.
        facts: what the path rests on; ``plan`` what follows.
    """

    file: Path
    walk: pd.DataFrame
    total: "pd.Series[float]"
    facts: PathFacts
    plan: PathPlan


def read_path(path: Path, today: pd.Timestamp | None = None) -> BookPath:
    """The path of a book, team or template workbook.

    Args:
        path: the closed workbook.
        today: the day of the reading; None: the workbook's own.

    Raises:
        WorkbookError: it cannot be read, is not ours, lacks a table, or nobody is on its Path.
        SettingsError, ModelInputError: a number in it cannot be.
    """
    with PackageReader(path) as reader:
        return path_of(reader, path, today)


def path_of(reader: Reader, path: Path, today: pd.Timestamp | None = None) -> BookPath:
    """The same of a workbook that somebody has opened.

    Args, Raises: as ``read_path``.
    """
    refuse_mistyped(reader)
    facts, typed = read_facts(reader), settings_of(reader)
    if today is not None:
        facts = replace(facts, today=today)
    if facts.walk.empty:
        raise WorkbookError(
            f"{path}: sheet {c.PATH}: there are no reps yet; list them on {c.REPS}."
        )
    asked = path_facts(reader, facts, typed)
    return BookPath(path, facts.walk, asked.walk, asked, path_plan.path_plan(asked))


def rep_paths(
    reader: Reader, facts: WorkbookFacts, without: Collection[str], notes: list[str]
) -> dict[str, PathPlan]:
    """The path of each rep who owns accounts here, as a workbook of several reps knows it.

    Rates, average deal and lags that a rep typed into a book of their own are not known here;
    nor are, in one manager's workbook, deals that the rep won at other teams' accounts.

    Args:
        reader: of a team workbook or the template.
        facts: what it says, worked out anew.
        without: reps whose path is known already.
        notes: told where there are too many to be worked out.
    """
    owners = set(facts.accounts[w.OWNER]) - {w.UNASSIGNED, *without}
    reps = [rep for rep in facts.walk[w.REP] if rep in owners]
    if len(reps) > MOST_PATHS:
        notes.append(
            f"Whether their path to the quota holds is not worked out here for {len(reps):,} reps "
            f"without a book, more than {MOST_PATHS}; it stands on Path of their books."
        )
    if not 0 < len(reps) <= MOST_PATHS:
        return {}
    typed = settings_of(reader)
    whole = path_facts(reader, facts, typed)
    people = {
        name: {str(row[w.REP]).strip(): row for row in reader.records(name)}
        for name in (c.T_WALK, c.T_REPS)
    }
    won = _gate_history(reader, facts, typed, whole.activity).won_by
    return {
        rep: path_plan.path_plan(
            replace(
                _of_rep(reader, facts, typed, whole, rep),
                won=float(won.get(rep, 0.0)),
                capacity=_known(people[c.T_WALK].get(rep, {}).get(w.TOUCHES_PER_WEEK)),
                play=str(people[c.T_REPS].get(rep, {}).get(c.STRATEGY_PLAY) or ""),
            )
        )
        for rep in reps
    }


def _of_rep(
    reader: Reader, facts: WorkbookFacts, typed: Settings, whole: PathFacts, rep: str
) -> PathFacts:
    """One rep's share of what the path of all rests on; their own deals first."""
    accounts = whole.accounts[whole.accounts[w.OWNER] == rep].reset_index(drop=True)
    deals = facts.deals[facts.deals[w.PATH_OF] == rep].reset_index(drop=True)
    walk = facts.walk[facts.walk[w.REP] == rep]
    everybodys = cell_number(reader.named_value(c.N_CYCLE))
    found = path_basis(
        deals,
        walk,
        typed,
        facts.year,
        accounts=len(accounts),
        as_of=facts.as_of,
        today=facts.today,
        average_deal=Assumed(cell_number(reader.named_value(c.N_AVERAGE_FOUND)), "", True),
        cycle=Assumed(everybodys, "", True),
    )
    return replace(
        whole,
        accounts=accounts,
        deals=deals,
        walk=funnel.roll_up(walk).iloc[0],
        activity=whole.activity[whole.activity[w.REP] == rep].reset_index(drop=True),
        gates=_with_cycle(typed.gates, everybodys, found.cycle.value),
        average_deal=found.average_deal.value,
        cycle_days=found.cycle.value,
        suggested=found.play,
    )


def _with_cycle(gates: Sequence[Gate], everybodys: float, own: float) -> tuple[Gate, ...]:
    """The gates; where the last one takes as long as everybody's deals do, the rep's own."""
    *first, last = gates
    if last.lag_weeks == funnel.lag_of_cycle(everybodys):
        last = replace(last, lag_weeks=funnel.lag_of_cycle(own))
    return (*first, last)


def path_facts(reader: Reader, facts: WorkbookFacts, typed: Settings) -> PathFacts:
    """What the path of a workbook rests on, from its typed cells.

    Args:
        reader: of the workbook.
        facts: what it says, worked out anew.
        typed: its settings as typed, for gates, rules and quota shares.
    """
    settings, activity = facts.settings, _activity(reader)
    history = _gate_history(reader, facts, typed, activity)
    average = cell_number(reader.named_value(c.N_AVERAGE_TYPED))
    if not average > 0:
        average = cell_number(reader.named_value(c.N_AVERAGE_FOUND))
    return PathFacts(
        accounts=_accounts(reader, facts),
        deals=facts.deals,
        walk=funnel.roll_up(facts.walk).iloc[0],
        activity=activity,
        everybody=history.everybody,
        rates_since=history.since,
        won=history.won,
        capacity=sum(_known(row[w.TOUCHES_PER_WEEK]) for row in reader.records(c.T_WALK)),
        gates=typed.gates,
        average_deal=average,
        cycle_days=cell_number(reader.named_value(c.N_CYCLE)),
        as_of=facts.as_of,
        today=facts.today,
        year=facts.year,
        retention=_known(settings.retention),
        base_rate=_known(reader.named_value(c.N_BASE_RATE)),
        win_probability=cell_number(settings.win_probability),
        stale_after=_known(settings.stale_after),
        play=str(reader.named_value(c.STRATEGY[c.STRATEGY_PLAY]) or ""),
        suggested=str(reader.named_value(c.N_PLAY) or ""),
        quota_counts=settings.quota_counts,
        weeks_off=settings.weeks_off,
        quarter_shares=typed.quarter_shares,
        last_quarter_bar=settings.last_quarter_bar,
        touches_per_deal=settings.touches_per_deal,
        shock=settings.shared_shock,
        rules=typed.path_rules,
    )


@dataclass(frozen=True)
class GateHistory:
    """What all reps did at each gate, and from which day on.

    Attributes:
        everybody: as ``rates.everybodys_rates`` gives it.
        since: the first day; None without activity.
        won: deals won since by those who are here; ``won_by`` each of them.
    """

    everybody: pd.DataFrame
    since: pd.Timestamp | None
    won: float
    won_by: "pd.Series[float]"


def _gate_history(
    reader: Reader, facts: WorkbookFacts, typed: Settings, activity: pd.DataFrame
) -> GateHistory:
    """As it was built, where this workbook holds only some of the reps; else found anew."""
    names = [gate.name for gate in typed.gates]
    part = is_part(reader)
    since = (
        _day(reader.named_value(c.N_RATES_SINCE))
        if part
        else rates.rates_since(activity, facts.as_of)
    )
    if since is None:
        counts = pd.DataFrame(0.0, index=[], columns=[*names, funnel.DEAL])
    else:
        counts = rates.counts_by_rep(activity, facts.deals, names, since, facts.as_of)
    won = counts[funnel.DEAL].reindex(facts.walk[w.REP]).fillna(0.0)
    if part:
        wins = _known(reader.named_value(c.N_GATE_WINS))
        return GateHistory(_everybody(reader, typed), since, wins, won)
    return GateHistory(rates.everybodys_rates(counts), since, float(won.sum()), won)


def _everybody(reader: Reader, typed: Settings) -> pd.DataFrame:
    """What all reps did at each gate; of a gate that somebody added, nothing."""
    known = {str(row[w.GATE]).casefold(): row for row in reader.records(c.T_GATE_RATES)}
    rows = []
    for gate in typed.gates:
        row = known.get(gate.name.casefold(), {})
        counts = {name: cell_number(row.get(name)) for name in EVERYBODY}
        done = {name: 0.0 if math.isnan(counts[name]) else counts[name] for name in EVERYBODY[:2]}
        rows.append({w.GATE: gate.name, **counts, **done})
    return pd.DataFrame(rows, columns=[w.GATE, *EVERYBODY])


def _accounts(reader: Reader, facts: WorkbookFacts) -> pd.DataFrame:
    """The accounts with their peers' highest sales and the end of their fiscal year."""
    peers = {
        str(row[w.ACCOUNT_ID]): cell_number(row.get(w.PEERS_TO))
        for row in reader.records(c.T_SCORES)
    }
    out = facts.accounts.copy()
    out[w.PEERS_TO] = out[w.ACCOUNT_ID].map(peers).astype("float64")
    months = pd.to_numeric(out[w.FISCAL_YEAR_END], errors="coerce")
    out[w.FISCAL_YEAR_END] = months.where(months.isin(range(1, 13)))
    return out


def _activity(reader: Reader) -> pd.DataFrame:
    """The rows of Activity that say who did how much of what and when."""
    rows = []
    for row in reader.records(c.T_ACTIVITY):
        day, count = _day(row[w.WEEK]), cell_number(row[w.COUNT])
        if day is not None and not math.isnan(count):
            rows.append((str(row[w.REP]), day, str(row[w.GATE]), count))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return pd.DataFrame(
        {
            w.REP: pd.Series(columns[0], dtype=str),
            w.WEEK: pd.Series(columns[1], dtype="datetime64[ns]"),
            w.GATE: pd.Series(columns[2], dtype=str),
            w.COUNT: pd.Series(columns[3], dtype="float64"),
        }
    )


def _known(value: Any) -> float:
    number = cell_number(value)
    return 0.0 if math.isnan(number) else number


def _day(value: Any) -> pd.Timestamp | None:
    """A cell as a date; None where it is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value:
        return pd.Timestamp("1899-12-30") + pd.Timedelta(math.floor(value), "D")
    day = pd.to_datetime(value, errors="coerce") if value not in (None, "") else pd.NaT
    return None if pd.isna(day) else pd.Timestamp(day).normalize()
