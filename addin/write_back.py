"""A planning round back into the workbook that it was read from.

Only what the model works out is written, and only where no formula stands: the
user's own columns, formulas, order, filters and formats stay. Tables grow with
what is new; rows keep their places.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from operator import ne
from typing import Any, Final

import numpy as np
import pandas as pd

from ..udfs import funnel, timing
from ..udfs import words as w
from ..udfs.errors import SettingsError
from ..udfs.scoring import AXES, Attribute
from ..udfs.settings import SCALARS, Settings
from ..workbook_templates import contract as c
from ..workbook_templates.round import Round
from ..workbook_templates.sheets import settings as settings_sheet
from ..workbook_templates.sheets.path import reason_lines
from ..workbook_templates.sheets.path_timing import SEASON
from ..workbook_templates.sheets.scores import POINTS, SPARE_COLUMNS, in_order, spare_column
from .crm.accounts import ANSWERS
from .crm.cells import as_text
from .hosts.reader import Reader, Sheetful, live_headers, sheetful
from .planning import FROM_DEALS
from .reading import day_of
from .workbook import Cell, Formula, Workbook, cells_of

FOUND: Final = ("retention", "win_probability", "stale_after", "money_cut", "plan_due")
"""Settings whose number is found in the data."""
YES: Final = "yes"


# --- Accounts and their scores ---------------------------------------------------


def write_accounts(
    book: Workbook, reader: Reader, data: Round, places: Sequence[int], *, facts: bool = False
) -> None:
    """Writes what the model finds of each account.

    Args:
        book: the door.
        reader: of the workbook as it was read.
        data: the round.
        places: of each account its row in the table, from 0.
        facts: whether facts came in too, as by an import.
    """
    filled = (w.ACCOUNT, w.ACCOUNT_ID, w.MANAGER, *FROM_DEALS, *ANSWERS, w.POTENTIAL_MONEY)
    # So many accounts would make formulas slow: they get values, as in a workbook that is built.
    live = live_headers(reader, c.T_ACCOUNTS) if data.live else frozenset[str]()
    columns = [
        name
        for name in sheetful(reader, c.T_ACCOUNTS).columns
        if (facts or name in filled) and name in data.accounts and name not in live
    ]
    frame = data.accounts[columns].set_axis(list(places), axis=0)
    if facts:
        frame = _unblanked(frame, sheetful(reader, c.T_ACCOUNTS))
    if not data.live and live_headers(reader, c.T_ACCOUNTS):
        book.write_columns(c.T_ACCOUNTS, frame)
        return
    write_around_formulas(book, reader, c.T_ACCOUNTS, frame)


def _unblanked(frame: pd.DataFrame, held: Sheetful) -> pd.DataFrame:
    """The frame, with what stands in the table where a fact of the export is blank."""
    out = frame.copy()
    for column in frame.columns:
        if column in ANSWERS or column in FROM_DEALS:
            continue
        cells = held.columns[str(column)]
        old = pd.Series([cells[row] for row in frame.index], index=frame.index, dtype=object)
        blank = frame[column].isna() | (frame[column] == "")
        keep = blank & (old != "")
        if keep.any():
            out[column] = frame[column].astype(object).where(~keep, old)
    return out


def write_around_formulas(book: Workbook, reader: Reader, name: str, frame: pd.DataFrame) -> None:
    """Writes what has changed in columns of a table, but not over somebody's own formulas.

    Args:
        book: the door.
        reader: of the workbook as it was read.
        name: of the table.
        frame: columns of the table; the index says which row each is.
    """
    table = reader.table(name)
    if table is None or frame.empty:
        return
    held = sheetful(reader, name)
    first = held.first
    own: dict[str, set[int]] = {}
    columns = {held.left + at: header for at, header in enumerate(held.columns)}
    for row, col in reader.formula_cells(held.sheet):
        if col in columns and first <= row:
            own.setdefault(columns[col], set()).add(row - first)
    rows = set(frame.index)
    apart = [str(name) for name in frame.columns if own.get(str(name), set()) & rows]
    for plain in (frame.drop(columns=apart), *(frame[[column]] for column in apart)):
        if len(plain.columns) == 1 and plain.columns[0] in apart:
            plain = plain.loc[~plain.index.isin(list(own[str(plain.columns[0])]))]
        changed = _changed(plain, held)
        if changed.size:
            book.write_columns(name, changed)


def _changed(frame: pd.DataFrame, held: Sheetful) -> pd.DataFrame:
    """The rows and columns of a frame in which anything differs from what a table holds."""
    at = frame.index.tolist()
    is_all = at == list(range(held.rows))
    flags = {}
    for name in frame.columns:
        cells = held.columns.get(str(name))
        if cells is None:
            flags[name] = np.ones(len(frame), dtype=bool)
            continue
        old = cells if is_all else [cells[row] if row < len(cells) else None for row in at]
        flags[name] = _differs(frame[name], old)
    differs = pd.DataFrame(flags, index=frame.index)
    return frame.loc[differs.any(axis=1), differs.any(axis=0)]


def _differs(values: pd.Series, old: Sequence[Any]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        plain = old
        if not {*map(type, old)} <= {float, int}:
            plain = [x if type(x) is float or type(x) is int else np.nan for x in old]
        then, now = np.array(plain, dtype=float), values.to_numpy(float, na_value=np.nan)
        blank = np.isnan(then)
        blank[blank] = [old[at] == "" or old[at] is None for at in np.flatnonzero(blank).tolist()]
        same = (then == now) | (blank & np.isnan(now))
        return np.asarray(~same, dtype=bool)
    if isinstance(values.dtype, pd.StringDtype):
        texts = values.fillna("").tolist()
        if texts == old:
            return np.zeros(len(old), dtype=bool)
        return np.fromiter(map(ne, texts, old), bool, len(old))
    new = cells_of(values.tolist())
    stood = [None if x == "" else x for x in old]
    if new == stood and [*map(type, new)] == [*map(type, stood)]:
        return np.zeros(len(old), dtype=bool)
    return np.array([not _is_same(a, b) for a, b in zip(new, old, strict=True)], dtype=bool)


def _is_same(new: Cell, old: Any) -> bool:
    if new is None:
        return old in ("", None)
    if isinstance(new, datetime):
        if isinstance(old, date):
            return datetime(old.year, old.month, old.day) == new
        return day_of(old) == new
    return type(new) is type(old) and new == old


def write_scores(book: Workbook, reader: Reader, data: Round) -> None:
    """Writes the sheet Scores: one row per account, in the order of their ids.

    Raises:
        SettingsError: an attribute has no column there, and no spare one is left.
    """
    held = sheetful(reader, c.T_SCORES, (w.ACCOUNT_ID, w.ACCOUNT, w.COVERAGE))
    changes, headers = _slots(list(held.columns), data.settings.attributes)
    if changes:
        book.rename_columns(c.T_SCORES, changes)
    order = np.argsort(data.accounts[c.SCORES_ROW].to_numpy(), kind="stable")
    accounts, model = data.accounts.iloc[order], data.model.iloc[order]
    scores, points = data.scores.iloc[order], data.contributions.iloc[order]
    live = live_headers(reader, c.T_SCORES) if data.live else frozenset[str]()
    columns: dict[str, Any] = {
        w.ACCOUNT_ID: accounts[w.ACCOUNT_ID].to_numpy(),
        w.ACCOUNT: accounts[w.ACCOUNT].to_numpy(),
    }
    blank = np.full(len(order), np.nan)
    for header, attribute in headers.items():
        used = attribute is not None and attribute.name in scores
        columns[header] = scores[attribute.name].to_numpy() if used and attribute else blank
        named = (attribute.name if attribute else header) + POINTS
        columns[named] = points[attribute.name].to_numpy() if used and attribute else blank
    for name in c.MODEL_COLUMNS:
        if name not in columns and name not in live:
            told = name == c.PEERS_TOLD
            columns[name] = in_order(data.peers_told, order) if told else model[name].to_numpy()
    known = {changes.get(header, header) for header in held.columns}
    frame = pd.DataFrame({name: cells for name, cells in columns.items() if name in known})
    if not changes and frame[w.ACCOUNT_ID].tolist() == held.columns[w.ACCOUNT_ID]:
        write_around_formulas(book, reader, c.T_SCORES, frame)
    else:
        book.replace_rows(c.T_SCORES, frame)


def _slots(
    headers: Sequence[str], attributes: Sequence[Attribute]
) -> tuple[dict[str, str], dict[str, Attribute | None]]:
    """Which columns get a new name, and whose each column of attribute scores is then.

    A new attribute takes a spare column of its axis.
    """
    axes = _axes_of(headers)
    changes = _renamed(axes, attributes)
    named = {(a.axis, c.scores_column(a.name)): a for a in attributes}
    owners = {
        changes.get(header, header): named.get((axis, changes.get(header, header)))
        for axis, mine in axes.items()
        for header in mine
    }
    points = {old + POINTS: new + POINTS for old, new in changes.items()}
    return {**changes, **points}, owners


def _axes_of(headers: Sequence[str]) -> dict[str, list[str]]:
    """The headers of the attribute scores per axis; the last spare column ends an axis."""
    found = list(headers[headers.index(w.ACCOUNT) + 1 : headers.index(w.COVERAGE)])
    fence = spare_column(AXES[0], SPARE_COLUMNS)
    cut = found.index(fence) + 1 if fence in found else len(found)
    return {AXES[0]: found[:cut], AXES[1]: found[cut:]}


def _renamed(slots: Mapping[str, Sequence[str]], attributes: Sequence[Attribute]) -> dict[str, str]:
    """Which columns get a new name, so that every attribute has one on its axis."""
    wanted = {
        axis: {c.scores_column(a.name) for a in attributes if a.axis == axis} for axis in AXES
    }
    free = {
        axis: [
            header
            for header in slots[axis]
            if header not in wanted[axis] and header != spare_column(axis, SPARE_COLUMNS)
        ]
        for axis in AXES
    }
    changes: dict[str, str] = {}
    for axis in AXES:
        new = [name for name in sorted(wanted[axis]) if name not in slots[axis]]
        if len(new) > len(free[axis]):
            raise SettingsError(
                f"sheet {c.SCORES}: no column is left for the attribute '{new[-1]}' of {axis}; "
                f"delete another of {axis} on {c.SETTINGS}, or build the workbook anew."
            )
        # Spare columns first: a column that lost its attribute may get it back.
        places = sorted(free[axis], key=lambda name: (" spare " not in name, name))
        changes |= dict(zip(places, new, strict=False))
        taken = {*slots[AXES[0]], *slots[AXES[1]]}
        other = [name for name in new if any(name in slots[each] for each in AXES)]
        for name in other:
            elsewhere = AXES[1] if axis == AXES[0] else AXES[0]
            number = next(n for n in range(99) if spare_column(elsewhere, n) not in taken)
            changes[name] = spare_column(elsewhere, number)
    return changes


# --- Settings ----------------------------------------------------------------------


def write_settings(book: Workbook, reader: Reader, data: Round) -> None:
    """Writes what was found in the data, and what the scores rest on."""
    defaults = Settings()
    labels = {scalar.label: scalar for scalar in SCALARS if scalar.key in FOUND}
    rows = reader.numbered_records(c.T_MODEL_SETTINGS)
    found = {
        place: settings_sheet.found(labels[row["Setting"]], data, defaults)
        for place, row in rows.items()
        if row.get("Setting") in labels
    }
    book.write_columns(
        c.T_MODEL_SETTINGS,
        pd.DataFrame(
            {
                "Found or default": [value for value, _ in found.values()],
                "Where the number comes from": [source for _, source in found.values()],
            },
            index=list(found),
            dtype=object,
        ),
    )
    compare = data.settings.compare
    known: dict[str, object] = {
        c.N_AS_OF: data.as_of,
        c.N_DATA_DAY: data.data_day,
        c.N_YEAR_START: data.year.start,
        c.N_YEAR_END: data.year.end,
        c.N_NEEDED: data.needed_per_account,
        c.N_SCORED_TOGETHER: data.scored_together,
        c.N_POTENTIAL_COMPARED: compare[w.POTENTIAL],
        c.N_LIKELIHOOD_COMPARED: compare[w.LIKELIHOOD],
        c.N_TODAY: data.today,
        c.N_BASE_RATE: data.base_rate.value,
        c.N_BASE_RATE + c.SOURCE: settings_sheet.base_source(data),
        c.N_CYCLE: data.cycle.value,
        c.N_CYCLE + c.SOURCE: settings_sheet.cycle_source(data),
    }
    if data.settings.placed_by == "auto":
        known[c.N_PLACED_BY_FOUND] = data.cuts.placed_by
    book.write_names(known)
    _write_attributes(book, reader, data)


def _write_attributes(book: Workbook, reader: Reader, data: Round) -> None:
    """What each attribute was when it was scored, so that a change shows."""
    by_name = {a.name: a for a in data.settings.attributes}
    rows = {
        place: by_name[name]
        for place, row in reader.numbered_records(c.T_ATTRIBUTES).items()
        if (name := str(row.get("Attribute", "")).strip()) in by_name
    }
    sums = [settings_sheet.checksum(a, data.accounts) for a in rows.values()]
    columns = data.accounts.columns
    frame = pd.DataFrame(
        {
            "Accounts with data": [
                float(data.scores[a.name].notna().sum()) if a in data.attributes else 0.0
                for a in rows.values()
            ],
            c.IN_USE: [YES if a in data.attributes else "" for a in rows.values()],
            c.AVERAGE_ACCOUNT: [data.averages.get(a.name, np.nan) for a in rows.values()],
            "Weight when scored": [a.weight for a in rows.values()],
            "Defined when scored": [settings_sheet.definition(a) for a in rows.values()],
            "Data now": [
                Formula(settings_sheet.checksum_formula(a, columns)) for a in rows.values()
            ],
            "Data when scored": sums,
        },
        index=list(rows),
    )
    known = sheetful(reader, c.T_ATTRIBUTES).columns
    book.write_columns(c.T_ATTRIBUTES, frame[[name for name in frame if name in known]])


# --- Deals, people, path -------------------------------------------------------------


def write_deals(book: Workbook, reader: Reader, data: Round, places: Sequence[int]) -> None:
    """Writes what the model finds of each deal."""
    if not places:
        return
    frame = data.deals[
        [
            w.DEAL_ID,
            w.ACCOUNT,
            w.STATE,
            w.AMOUNT,
            w.ESTIMATED,
            w.AGE,
            w.STALE,
            w.WEIGHTED,
            w.PATH_OF,
            w.ACCOUNT_ID,
        ]
    ].set_axis(list(places), axis=0)
    write_around_formulas(book, reader, c.T_DEALS, with_flags(frame))


def with_flags(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals with their flags as the sheet spells them: yes, or nothing."""
    out = deals.copy()
    for column in (w.ESTIMATED, w.STALE):
        out[column] = out[column].map({True: YES, False: ""}).astype(object)
    return out


REP_COLUMNS: Final = (
    w.WIN_RATE,
    w.WINS,
    w.LOSSES,
    c.UNATTACHED_CLOSED,
    c.UNATTACHED_WEIGHTED,
)


def write_reps(book: Workbook, reader: Reader, data: Round) -> None:
    """Writes what accounts and deals say of each rep; reps who are not listed are added."""
    if reader.table(c.T_REPS) is None:
        return
    places = rows_by(reader, c.T_REPS, w.REP)
    known = data.reps[data.reps[w.REP].isin(list(places))]
    frame = known[list(REP_COLUMNS)].set_axis([places[rep] for rep in known[w.REP]], axis=0)
    write_around_formulas(book, reader, c.T_REPS, frame)
    new = data.reps[~data.reps[w.REP].isin(list(places))]
    if len(new):
        book.append_rows(c.T_REPS, new[[w.REP, w.MANAGER, *REP_COLUMNS]])


def write_path(book: Workbook, reader: Reader, data: Round) -> None:
    """Writes the walk's reps, the year by quarter, the average deal and the play that fits."""
    places = rows_by(reader, c.T_WALK, w.REP)
    people, walk = data.reps.set_index(w.REP), data.walk
    frame = walk_columns(walk, live_headers(reader, c.T_WALK))
    for column in (c.UNATTACHED_CLOSED, c.UNATTACHED_WEIGHTED):
        frame[column] = walk[w.REP].map(people[column]).fillna(0.0)
    frame[w.TOUCHES_PER_WEEK] = _typed_or(
        reader, c.T_WALK, w.TOUCHES_PER_WEEK, frame[w.REP], people[w.TOUCHES_PER_WEEK]
    )
    book.replace_rows(c.T_WALK, frame, was=[places.get(rep) for rep in frame[w.REP]])
    write_quarters(book, data.quarters, data.season)
    reasons = dict(zip(c.PLAY_REASONS, reason_lines(data.play_reason), strict=True))
    book.write_names(
        {
            c.N_AVERAGE_FOUND: data.average_deal.value,
            c.N_AVERAGE_SOURCE: data.average_deal.source,
            c.N_PLAY: data.play,
            **reasons,
        }
    )


def walk_columns(walk: pd.DataFrame, live: Collection[str]) -> pd.DataFrame:
    """The columns of a walk that hold no formula on the sheet."""
    covered = 1 - walk[funnel.GAP] / walk[w.QUOTA].where(walk[w.QUOTA] != 0)
    columns = {
        w.REP: walk[w.REP],
        w.MANAGER: walk[w.MANAGER],
        w.QUOTA: walk[w.QUOTA],
        funnel.CLOSED: walk[funnel.CLOSED],
        funnel.REPEAT_TO_COME: walk[funnel.REPEAT_TO_COME],
        w.WEIGHTED_PIPELINE: walk[w.WEIGHTED_PIPELINE],
        funnel.TO_COME: walk[funnel.TO_COME],
        funnel.GAP: walk[funnel.GAP],
        "Covered": covered,
    }
    return pd.DataFrame({name: cells for name, cells in columns.items() if name not in live})


def write_walk(book: Workbook, reader: Reader, walk: pd.DataFrame) -> None:
    """Writes the walk of reps who are on Path already."""
    places = rows_by(reader, c.T_WALK, w.REP)
    frame = walk_columns(walk, live_headers(reader, c.T_WALK)).drop(
        columns=w.QUOTA, errors="ignore"
    )
    known = walk[w.REP].isin(list(places))
    frame = frame[known].set_axis([places[rep] for rep in walk.loc[known, w.REP]], axis=0)
    write_around_formulas(book, reader, c.T_WALK, frame)


def write_quarters(book: Workbook, quarters: pd.DataFrame, season: Sequence[float]) -> None:
    """Writes what is closed and what is likely in each quarter."""
    if quarters.empty:
        return
    frame = quarters[[timing.FROM, timing.TO, funnel.CLOSED, w.WEIGHTED_PIPELINE]].copy()
    frame[SEASON] = list(season)
    book.write_columns(c.T_QUARTERS, frame.reset_index(drop=True))


def _typed_or(
    reader: Reader, name: str, column: str, keys: pd.Series, found: pd.Series
) -> pd.Series:
    """What stands in a column for each key of the first column, else what was found."""
    rows = reader.numbered_records(name).values()
    typed = {
        str(row.get(w.REP)): row.get(column)
        for row in rows
        if isinstance(row.get(column), (int, float)) and row.get(column) != ""
    }
    return keys.map(typed).astype(float).fillna(keys.map(found).astype(float))


def rows_by(reader: Reader, name: str, column: str) -> dict[str, int]:
    """Where each key stands first in a table, rows typed beneath it included."""
    found: dict[str, int] = {}
    for place, cell in enumerate(sheetful(reader, name, (column,)).columns[column]):
        key = as_text(cell).strip()
        if key:
            found.setdefault(key, place)
    return found
