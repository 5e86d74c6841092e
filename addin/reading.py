"""What does this workbook say, by its typed cells alone?

Everything that a formula works out is worked out again here, with the model's
own functions, from what people and macros typed: a stored result may come from
a program that never recalculated. Assumes that the typed facts (attribute
scores, fiscal year, deals) are those of the last build or button.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ..udfs import funnel, money, overrides, quadrants, review, scoring, timing
from ..udfs import words as w
from ..udfs.errors import ModelInputError, SettingsError, WorkbookError
from ..udfs.overrides import DATE, EVIDENCE, FIELD, FIELDS, NEW_VALUE, REASON
from ..udfs.scoring import AXES, Attribute
from ..udfs.settings import AT_ONCE, SCALARS, Scalar, Settings
from ..udfs.table_cells import cell_number, cell_text
from ..workbook_templates import contract as c
from .hosts.package import PackageReader
from .hosts.reader import Reader, sheetful
from .plan_files import left_accounts
from .workbook import address

FACT_NUMBERS: Final = (w.PRIOR_YEAR_SALES, w.CLOSED_THIS_YEAR, w.WEIGHTED_PIPELINE)
DEAL_NUMBERS: Final = (w.AMOUNT, w.AGE, w.WEIGHTED, w.IN_TIME)
DEAL_DATES: Final = (w.OPENED, w.CLOSE_DATE)
DEAL_FLAGS: Final = (w.ESTIMATED, w.STALE)
YES: Final = "yes"

YOUNGER: Final[Mapping[str, Mapping[str, str]]] = {
    c.T_DEALS: {w.IN_TIME: ""},
    c.T_ATTRIBUTES: {c.IN_USE: YES},
}
"""Columns that workbooks of older versions lack, and what their rows say all the same."""

FIRST_DAY: Final = pd.Timestamp("1899-12-30")
PLANS_DUE_AFTER: Final = pd.Timedelta(days=30)


@dataclass(frozen=True)
class WorkbookFacts:
    """What a workbook says today.

    Attributes:
        file: the workbook.
        kind: "book", "team" or "template".
        settings: the single values in force; its lists are the defaults.
        as_of: the day the data speaks for.
        today: the day of the reading, as the workbook has it.
        due: the day by which plans are turned in.
        year: the planning year.
        cuts: where high begins.
        accounts: one row per account: the typed columns, and the answers that
            follow from them, as on Accounts.
        walk: one row per rep, columns as in ``funnel.quota_walk``.
        deals: one row per deal, columns as in ``contract.DEAL_COLUMNS``.
    """

    file: Path
    kind: str
    settings: Settings
    as_of: pd.Timestamp
    today: pd.Timestamp
    due: pd.Timestamp
    year: timing.FiscalYear
    cuts: quadrants.Cuts
    accounts: pd.DataFrame
    walk: pd.DataFrame
    deals: pd.DataFrame

    def team(self, plans: pd.DataFrame) -> review.TeamFacts:
        """The same for a review, with the plans (``udfs.review.plan_lines``)."""
        return review.TeamFacts(
            accounts=self.accounts,
            walk=self.walk,
            deals=self.deals,
            plans=plans,
            year=self.year,
            as_of=self.as_of,
            today=self.today,
            due=self.due,
            plans_per_book=self.settings.plans_per_book,
            last_quarter_bar=self.settings.last_quarter_bar,
        )


def read_workbook(path: Path) -> WorkbookFacts:
    """What a book, team or template workbook says, recomputed from its typed cells.

    Args:
        path: the closed workbook, whoever saved it last.

    Raises:
        WorkbookError: it cannot be read, is not ours, or lacks a table or column.
        SettingsError: a setting in it is out of range.
    """
    with PackageReader(path) as reader:
        return read_facts(reader)


def whose(path: Path) -> tuple[str, tuple[str, ...]]:
    """Which kind of workbook this is, and the reps whose walk it holds; quick.

    Args:
        path: the closed workbook.

    Returns:
        "book", "team" or "template", and the names on Path.

    Raises:
        WorkbookError: it cannot be read, or is not ours.
    """
    with PackageReader(path) as reader:
        reps = (cell_text(row.get(w.REP)) for row in reader.records(c.T_WALK))
        return kind_of(reader), tuple(rep for rep in reps if rep)


def read_facts(reader: Reader) -> WorkbookFacts:
    """The same of a workbook that somebody has opened.

    Raises:
        WorkbookError: it lacks a table or column.
        SettingsError: a setting in it is out of range.
    """
    try:
        return _read(reader)
    except (SettingsError, ModelInputError) as mistake:
        lines = tuple(f"{reader.label}: {line}" for line in mistake.lines)
        raise type(mistake)(lines[0], lines[1:]) from None


def _read(reader: Reader) -> WorkbookFacts:
    settings = _settings(reader)
    as_of = _named_day(reader, c.N_AS_OF)
    if as_of is None:
        raise WorkbookError(
            f"{reader.label}: the cell {c.N_AS_OF} holds no date; type the as-of date on "
            f"{c.SETTINGS}."
        )
    today = _named_day(reader, c.N_TODAY) or as_of
    start = _named_day(reader, c.N_YEAR_START)
    year = (
        timing.planning_year(as_of, settings.fiscal_year_start)
        if start is None
        else timing.FiscalYear(start)
    )
    cuts = _cuts(reader, settings)
    people = _people(reader)
    accounts = _answers(reader, _typed_accounts(reader, people), settings, cuts, today)
    return WorkbookFacts(
        file=Path(reader.label),
        kind=kind_of(reader),
        settings=settings,
        as_of=as_of,
        today=today,
        due=settings.plan_due or as_of + PLANS_DUE_AFTER,
        year=year,
        cuts=cuts,
        accounts=accounts,
        walk=_walk(people, accounts, settings),
        deals=_deals(reader),
    )


def kind_of(reader: Reader) -> str:
    """Which kind of workbook this is: "book", "team" or "template"."""
    if c.MY_WEEK in reader.sheets:
        return c.BOOK
    if any(name.startswith(c.PLAN_PREFIX) for name in reader.sheets):
        return c.TEMPLATE
    return c.TEAM


# --- Cells -------------------------------------------------------------------


def _table(reader: Reader, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """The typed values of a table.

    Raises:
        WorkbookError: the table, or one of the columns, is not there.
    """
    table = reader.table(name)
    if table is None:
        raise WorkbookError(
            f"{reader.label}: the table {name} is missing; take the workbook from a backup, or "
            "build it anew."
        )
    if name in c.TYPED_BENEATH:
        held = sheetful(reader, name)
        frame = pd.DataFrame(held.columns, columns=list(held.columns), dtype=object)
        frame = frame[(frame != "").any(axis=1)].reset_index(drop=True)
    else:
        headers = reader.headers(table)
        frame = pd.DataFrame(reader.records(name), columns=headers, dtype=object)
    for column, value in YOUNGER.get(name, {}).items():
        if column not in frame.columns:
            frame[column] = value
    lost = [column for column in columns if column not in frame.columns]
    if lost:
        raise WorkbookError(
            f"{reader.label}: the table {name} has no column '{lost[0]}'; give the column its "
            "name back, or build the workbook anew if it comes from an older version."
        )
    return frame


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    return pd.Series([cell_text(value) for value in frame[column]], index=frame.index, dtype=str)


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    return pd.Series(
        [cell_number(value) for value in frame[column]], index=frame.index, dtype=float
    )


def day_of(value: object) -> pd.Timestamp | None:
    """A cell as a date; None where it is none. Some programs store the serial number alone."""
    if isinstance(value, date):
        return pd.Timestamp(value).normalize()
    number = cell_number(value)
    if math.isnan(number):
        return None
    return FIRST_DAY + pd.Timedelta(days=math.floor(number))


def _days(frame: pd.DataFrame, column: str) -> pd.Series:
    days = [day_of(value) for value in frame[column]]
    return pd.Series(days, index=frame.index, dtype="datetime64[ns]")


def _named_day(reader: Reader, name: str) -> pd.Timestamp | None:
    return day_of(reader.named_value(name))


def _first_of_each(keys: pd.Series) -> pd.Series:
    """Where each key stands first, capitals making no difference, as MATCH finds it."""
    folded = keys.str.casefold()
    return pd.Series(keys.index, index=folded)[~folded.duplicated().to_numpy()]


# --- Settings ----------------------------------------------------------------


def _settings(reader: Reader) -> Settings:
    """The single values in force: what is typed, else what was found, else the default."""
    table = _table(reader, c.T_MODEL_SETTINGS, ("Setting", "Your value", "Found or default"))
    cells = {
        cell_text(row["Setting"]).casefold(): (row["Your value"], row["Found or default"])
        for row in table.to_dict("records")
    }
    given: dict[str, Any] = {}
    for scalar in SCALARS:
        for value in cells.get(scalar.label.casefold(), ()):
            if cell_text(value) != "":
                given[scalar.key] = _setting(scalar, value)
                break
    return Settings(**given)


def _setting(scalar: Scalar, value: object) -> object:
    """A cell's value as the setting has it; ``Settings`` refuses what does not fit."""
    if scalar.kind == "word":
        folded = {choice.casefold(): choice for choice in scalar.choices}
        return folded.get(cell_text(value).casefold(), value)
    if scalar.kind == "date":
        return day_of(value) or value
    number = cell_number(value)
    if math.isnan(number):
        return value
    return int(number) if scalar.kind in ("count", "month") and number == int(number) else number


def _cuts(reader: Reader, settings: Settings) -> quadrants.Cuts:
    """The cuts in force; "auto" stands for what was found, beside the cell PlacedBy."""
    placed_by = settings.placed_by
    name = reader.name(c.N_PLACED_BY)
    area = name.area if name else None
    if placed_by == "auto" and area is not None:
        found = cell_text(reader.value(area.sheet, area.top, area.left + 1))
        placed_by = found if found in quadrants.PLACED_BY else quadrants.BY_MONEY
    money_cut = math.nan if settings.money_cut is None else settings.money_cut
    cut = money_cut if placed_by == quadrants.BY_MONEY else settings.potential_cut
    return quadrants.Cuts(placed_by, cut, settings.likelihood_cut, "in force", math.nan)


# --- People ------------------------------------------------------------------


def _people(reader: Reader) -> pd.DataFrame:
    """Rep, Manager, Quota and the money of deals without account, in the order of Walk.

    In a book the quota is typed on Path; elsewhere it is typed on Reps.
    """
    for name in (c.T_WALK, c.T_REPS):
        _refuse_two_spellings(reader, name)
    loose = (c.UNATTACHED_CLOSED, c.UNATTACHED_WEIGHTED)
    walk = _table(reader, c.T_WALK, (w.REP, w.MANAGER, w.QUOTA, *loose))
    people = pd.DataFrame(
        {
            w.REP: _texts(walk, w.REP).str.strip(),
            w.MANAGER: _texts(walk, w.MANAGER),
            w.QUOTA: _numbers(walk, w.QUOTA),
            **{column: _numbers(walk, column).fillna(0.0) for column in loose},
        }
    )
    people = people[people[w.REP] != ""].reset_index(drop=True)
    if reader.table(c.T_REPS) is None:
        return people
    reps = _table(reader, c.T_REPS, (w.REP, w.MANAGER, w.QUOTA))
    place = people[w.REP].str.casefold().map(_first_of_each(_texts(reps, w.REP)))
    people[w.QUOTA] = _numbers(reps, w.QUOTA).reindex(place).to_numpy()
    people[w.MANAGER] = _texts(reps, w.MANAGER).reindex(place).fillna("").to_numpy()
    return people


def _refuse_two_spellings(reader: Reader, name: str) -> None:
    """Raises WorkbookError where two lines are for one person, told apart by capitals alone.

    An import makes one person of them. Here both lines may hold a quota, and which of them
    counts is not for the program to say.
    """
    if reader.table(name) is None:
        return
    held = sheetful(reader, name, (w.REP,))
    seen: dict[str, int] = {}
    names = [cell_text(cell).strip() for cell in held.columns[w.REP]]
    col = held.left + held.headers.index(w.REP)
    for place, rep in enumerate(names):
        first = seen.setdefault(rep.casefold(), place)
        if rep != names[first]:
            cells = [address(held.first + at, col) for at in (first, place)]
            raise WorkbookError(
                f"{reader.label}: sheet {held.sheet}, {cells[0]} and {cells[1]}: '{names[first]}' "
                f"and '{rep}' differ in capitals only, so they are one rep; keep one line, or "
                "tell two people apart by their names."
            )


def _walk(people: pd.DataFrame, accounts: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The walk per rep: what the rep's accounts and the deals without account add up to."""
    retention = settings.retention
    if retention is None:
        raise SettingsError("Settings, Retention: it is blank; type a share, such as 0.9.")
    loose = pd.DataFrame(
        {
            w.REP: people[w.REP],
            w.QUOTA: people[w.QUOTA],
            funnel.CLOSED: people[c.UNATTACHED_CLOSED],
            funnel.REPEAT_TO_COME: 0.0,
            w.WEIGHTED_PIPELINE: people[c.UNATTACHED_WEIGHTED],
        }
    )
    repeat = funnel.repeat_to_come(accounts, retention, settings.quota_counts)
    at_accounts = pd.DataFrame(
        {
            w.REP: accounts[w.OWNER],
            w.QUOTA: math.nan,
            funnel.CLOSED: accounts[w.CLOSED_THIS_YEAR].fillna(0.0),
            funnel.REPEAT_TO_COME: repeat,
            w.WEIGHTED_PIPELINE: accounts[w.WEIGHTED_PIPELINE].fillna(0.0),
        }
    )
    added = funnel.roll_up(pd.concat([loose, at_accounts], ignore_index=True), by=w.REP)
    walk = people[[w.REP, w.MANAGER]].merge(added, on=w.REP, how="left")
    return walk.drop(columns=[funnel.REPS, funnel.WITHOUT_QUOTA])


# --- Accounts ----------------------------------------------------------------


def _typed_accounts(reader: Reader, people: pd.DataFrame) -> pd.DataFrame:
    """What is typed on Accounts, owners and statuses spelled as elsewhere."""
    table = _table(
        reader, c.T_ACCOUNTS, (w.ACCOUNT, w.ACCOUNT_ID, w.OWNER, w.STATUS, *FACT_NUMBERS)
    )
    accounts = table.copy()
    for column in (w.ACCOUNT, w.ACCOUNT_ID):
        accounts[column] = _texts(table, column)
    for column in FACT_NUMBERS:
        accounts[column] = _numbers(table, column)
    for column, known in ((w.OWNER, people[w.REP]), (w.STATUS, pd.Series(w.STATUSES))):
        spelling = dict(zip(known.str.casefold(), known, strict=True))
        typed = _texts(table, column)
        accounts[column] = typed.str.casefold().map(spelling).fillna(typed)
    return accounts[accounts[w.ACCOUNT] != ""].reset_index(drop=True)


def _answers(
    reader: Reader,
    accounts: pd.DataFrame,
    settings: Settings,
    cuts: quadrants.Cuts,
    today: pd.Timestamp,
) -> pd.DataFrame:
    """Everything on Accounts that follows from weights, cuts, overrides and facts."""
    out = accounts
    model = model_values(reader, settings)
    place = out[w.ACCOUNT_ID].str.casefold().map(_first_of_each(model[w.ACCOUNT_ID]))
    corrected = _corrected(reader, model, today, settings.overrides_act)
    for column in (*FIELDS, w.COVERAGE):
        out[column] = corrected[column].reindex(place).to_numpy()
    out[w.SEGMENT] = out[w.SEGMENT].fillna("").astype(str)
    out[w.SCORE] = scoring.combined_score(
        out[w.POTENTIAL], out[w.LIKELIHOOD], settings.potential_share
    )
    sales, worth = out[w.PRIOR_YEAR_SALES], out[w.POTENTIAL_MONEY]
    out[w.EXPANSION_MONEY] = money.expansion_money(worth, sales)
    out[w.GROWTH] = money.growth(
        out[w.STATUS], worth, out[w.EXPANSION_MONEY], settings.exhausted_below
    )
    out[w.WIN_PROBABILITY] = money.win_probability(
        out[w.LIKELIHOOD], out[w.STATUS], _share(settings.win_probability), settings.odds
    )
    out[w.EXPECTED_MONEY] = money.expected_money(
        sales, out[w.EXPANSION_MONEY], out[w.WIN_PROBABILITY], _share(settings.retention)
    )
    # Ties go by the order of Scores, as on the sheet, which is that of Account ID.
    order = (out[w.SCORE], out[w.EXPECTED_MONEY], place)
    groups = (
        (w.RANK, out[w.OWNER].str.casefold()),
        (w.SEGMENT_RANK, out[w.SEGMENT].str.casefold()),
        (c.OVERALL_RANK, pd.Series("", index=out.index)),
    )
    for column, group in groups:
        out[column] = scoring.ranks(group, *order)
    out[w.QUADRANT] = quadrants.quadrant(out[cuts.placed_by], out[w.LIKELIHOOD], cuts)
    out[w.ACTION] = actions(reader, out)
    out[w.STILL_TO_COME] = funnel.still_to_come(
        out, _share(settings.retention), settings.quota_counts
    )
    return out


def _share(value: float | None) -> float:
    return math.nan if value is None else value


def model_values(reader: Reader, settings: Settings) -> pd.DataFrame:
    """The model's own values per row of Scores, from the attribute scores and the weights."""
    known = (w.ACCOUNT_ID, w.ACCOUNT, w.COVERAGE, w.SEGMENT, w.POTENTIAL_MONEY)
    table = _table(reader, c.T_SCORES, known)
    headers = list(table.columns)
    names = headers[headers.index(w.ACCOUNT) + 1 : headers.index(w.COVERAGE)]
    scores = pd.DataFrame({name: _numbers(table, name) for name in names}, index=table.index)
    weights = _weights(reader, names)
    found = [scoring.axis_score(scores, [a for a in weights if a.axis == axis]) for axis in AXES]
    used = {a.axis for a in weights}
    in_use = [each.coverage for axis, each in zip(AXES, found, strict=True) if axis in used]
    coverage = scoring.least_axis_coverage(in_use, table.index)
    scored = coverage >= settings.least_coverage
    return pd.DataFrame(
        {
            w.ACCOUNT_ID: _texts(table, w.ACCOUNT_ID),
            w.ACCOUNT: _texts(table, w.ACCOUNT),
            w.COVERAGE: coverage,
            w.SEGMENT: _texts(table, w.SEGMENT),
            w.POTENTIAL_MONEY: _numbers(table, w.POTENTIAL_MONEY),
            **{axis: each.score.where(scored) for axis, each in zip(AXES, found, strict=True)},
        }
    )


def _weights(reader: Reader, names: Sequence[str]) -> list[Attribute]:
    """The scored attributes with the weight typed now, on the axis they were scored for."""
    columns = ("Attribute", "Axis", "Weight", "Defined when scored", c.IN_USE)
    table = _table(reader, c.T_ATTRIBUTES, columns)
    table = table[_texts(table, c.IN_USE).str.casefold() == YES]
    called = _texts(table, "Attribute").map(c.scores_column).str.casefold()
    axis_now = _texts(table, "Axis").str.casefold()
    axis_then = _texts(table, "Defined when scored").str.split("|").str[0]
    weight = _numbers(table, "Weight").fillna(0.0)
    found = []
    for name in names:
        mine = called == name.casefold()
        axes = [axis for axis in axis_then[mine] if axis in AXES]
        if axes:
            counts = mine & (axis_now == axes[0].casefold())
            found.append(Attribute(name, axes[0], float(weight[counts].sum())))
    return found


def actions(reader: Reader, accounts: pd.DataFrame) -> pd.Series:
    columns = ("Quadrant", "Active accounts", "Other accounts")
    table = _table(reader, c.T_QUADRANT_ACTIONS, columns)
    quadrant, active, others = (_texts(table, column) for column in columns)
    quadrants_now = accounts[w.QUADRANT]
    for_active = quadrants_now.map(dict(zip(quadrant, active, strict=True)))
    for_others = quadrants_now.map(dict(zip(quadrant, others, strict=True)))
    return for_active.where(accounts[w.STATUS] == w.ACTIVE, for_others).fillna("").astype(str)


# --- Overrides ---------------------------------------------------------------


def _corrected(reader: Reader, model: pd.DataFrame, today: pd.Timestamp, act: str) -> pd.DataFrame:
    """The model's values with the corrections that apply: per field the latest, then the last."""
    typed, found = corrections(reader, model[w.ACCOUNT], today, act)
    out = model.copy()
    for row, field, word, value in zip(
        found["Row"], found[FIELD], found["Applies"], typed[NEW_VALUE], strict=True
    ):
        if word == overrides.ACTS:
            out.loc[model.index[int(row)], str(field)] = value
    return out


def corrections(
    reader: Reader, accounts: pd.Series, today: pd.Timestamp, act: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The corrections as typed, and what becomes of each (``overrides.judged``).

    Args:
        reader: of the workbook.
        accounts: the names on Scores.
        today: as the workbook has it.
        act: when corrections act, of the settings.

    Returns:
        Both by the places of the rows in the table; blank rows are left out.
    """
    columns = (w.ACCOUNT, FIELD, NEW_VALUE, REASON, EVIDENCE, DATE, w.STATE)
    held = sheetful(reader, c.T_OVERRIDES, columns)
    typed = pd.DataFrame(held.columns, columns=list(held.columns), dtype=object)
    typed = typed[(typed[list(columns)] != "").any(axis=1)]
    segments = _texts(_table(reader, c.T_SEGMENTS, ("Segment",)), "Segment")
    found = overrides.judged(
        typed,
        accounts.tolist(),
        set(segments),
        today,
        at_once=act == AT_ONCE,
        left=left_accounts(reader) if len(typed) else (),
    )
    return typed, found


# --- Deals -------------------------------------------------------------------


def _deals(reader: Reader) -> pd.DataFrame:
    table = _table(reader, c.T_DEALS, c.DEAL_COLUMNS)
    columns: dict[str, pd.Series] = {}
    for column in c.DEAL_COLUMNS:
        if column in DEAL_NUMBERS:
            columns[column] = _numbers(table, column)
        elif column in DEAL_DATES:
            columns[column] = _days(table, column)
        elif column in DEAL_FLAGS:
            columns[column] = _texts(table, column).str.casefold() == YES
        else:
            columns[column] = _texts(table, column)
    return pd.DataFrame(columns)
