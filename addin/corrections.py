"""Corrections on Overrides, as buttons and commands see them.

What the model said when a correction was first seen is kept beside it, for
later scores know what has happened since. What stops a correction, or makes a
split wrong, is told with its cell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ..udfs import overrides as o
from ..udfs import splits
from ..udfs import words as w
from ..udfs.table_cells import cell_number
from ..workbook_templates import contract as c
from ..workbook_templates.sheets import checks
from ..workbook_templates.sheets.checks import Check
from ..workbook_templates.sheets.overrides import KEPT_BETWEEN, KEPT_OF, NOTED, THEN
from ..workbook_templates.writer import quote_sheet
from . import checking
from .hosts.reader import Reader, Sheetful, sheetful
from .plan_files import left_accounts
from .reading import corrections, day_of, kind_of, model_values, read_facts
from .settings import settings_of
from .team_tables import text_of
from .workbook import Workbook, address

MENDS: Final[Mapping[str, tuple[str, str]]] = {
    o.NO_ACCOUNT: (w.ACCOUNT, "Pick an account from the list."),
    w.LEFT_EXPORT: (w.ACCOUNT, "Nothing to mend: it stays on record, without effect."),
    o.NO_FIELD: (o.FIELD, f"Pick one of {', '.join(o.FIELDS)}."),
    o.NO_VALUE: (o.NEW_VALUE, "Type the value that you hold to be right."),
    o.NO_SEGMENT: (o.NEW_VALUE, f"Type the name of a segment on {c.SETTINGS}."),
    o.NO_NUMBER: (o.NEW_VALUE, "Type a number."),
    o.NOT_HUNDRED: (o.NEW_VALUE, "Type a number from 0 to 100."),
    o.BELOW_ZERO: (o.NEW_VALUE, "Type money a year, 0 or more."),
    o.NO_REASON: (o.REASON, "Say why the model is wrong here."),
    o.NO_EVIDENCE: (o.EVIDENCE, "Say what shows it: an offer, a budget figure, a meeting note."),
    o.NO_DATE: (o.DATE, "Type a date."),
    o.FUTURE: (
        o.DATE,
        f"Type the day of the correction, or move {c.N_TODAY} on {c.SETTINGS} on to today.",
    ),
    o.LATER: (w.ACCOUNT, "Nothing to mend: the later one applies, and this one stays on record."),
}
"""What stops a correction: the column that is to be mended, and how."""
QUIET: Final = (o.LATER, w.LEFT_EXPORT)
"""What stops a correction, and is nobody's mistake."""
SPLIT_COLUMNS: Final = (
    w.ACCOUNT,
    splits.SPLIT,
    w.POTENTIAL_MONEY,
    w.LIKELIHOOD,
    w.DEAL_ID,
    w.STATE,
)
TYPED: Final = (w.ACCOUNT, o.FIELD, o.NEW_VALUE, o.REASON, o.EVIDENCE)


def faults(reader: Reader) -> list[Check]:
    """Everything wrong with the corrections and splits of a workbook, row by row."""
    return [*_stopped(reader), *_wrong_splits(reader)]


def acting(reader: Reader) -> bool:
    """Whether any correction of a workbook acts."""
    return any(each.word == o.ACTS for each in _judged(reader))


def counted(found: Sequence[Check]) -> str:
    """How many corrections and splits are wrong, in words."""
    kinds = ((checks.OVERRIDE, "correction"), (checks.SPLIT, "split"))
    counts = [(sum(each.serious for each in found if each.kind == k), one) for k, one in kinds]
    return " and ".join(f"{n:,} {one}{'s' if n != 1 else ''}" for n, one in counts if n)


def _wrong_splits(reader: Reader) -> Iterator[Check]:
    """What is wrong with the splits."""
    if reader.table(c.T_SPLITS) is None or reader.table(c.T_DEALS) is None:
        return
    held = sheetful(reader, c.T_SPLITS)
    typed = [name for name in SPLIT_COLUMNS if name in held.headers]
    rows = pd.DataFrame({name: held.columns[name] for name in typed}, dtype=object)
    rows = rows[(rows != "").any(axis=1)]
    if rows.empty or not set(SPLIT_COLUMNS[:4]) <= set(typed):
        return
    rows = rows.reindex(columns=list(SPLIT_COLUMNS), fill_value="")
    accounts = read_facts(reader).accounts
    deals = sheetful(reader, c.T_DEALS, (w.DEAL_ID, w.STATE)).columns
    states = {
        text_of(deal): text_of(state)
        for deal, state in zip(deals[w.DEAL_ID], deals[w.STATE], strict=True)
    }
    found = splits.judged(
        rows,
        accounts[w.ACCOUNT],
        accounts[w.POTENTIAL_MONEY],
        states,
        left_accounts(reader),
    )
    yield from checks.split_checks(checking.tables_of(reader)[c.T_SPLITS], rows, found)


def _stopped(reader: Reader) -> Iterator[Check]:
    """Corrections that are stopped, and how many wait for the manager."""
    found = _judged(reader)
    if not found:
        return
    held = sheetful(reader, c.T_OVERRIDES)
    for each in found:
        if each.word not in MENDS:
            continue
        column, mend = MENDS[each.word]
        what = f"{_called(each.line)}: {each.word}"
        yield Check(
            checks.OVERRIDE, what, mend, *_cell(held, each.place, column), each.word not in QUIET
        )
    waiting = [each for each in found if each.word == o.WAITING]
    if waiting and kind_of(reader) != c.BOOK:
        count = len(waiting)
        yield Check(
            checks.OVERRIDE,
            f"{count:,} {'correction waits' if count == 1 else 'corrections wait'} for the "
            f"manager, the first: {_called(waiting[0].line)}",
            "Turn State to Accepted or Declined; Data says what the account's history says.",
            *_cell(held, waiting[0].place, w.STATE),
            False,
        )


def _called(line: Mapping[str, Any]) -> str:
    """A correction in words: account, field, value, author."""
    account = text_of(line[w.ACCOUNT]) or "A correction without account"
    told = f"{account}, {text_of(line[o.FIELD]) or 'no field'} to {_value(line[o.NEW_VALUE])}"
    author = text_of(line.get(o.AUTHOR))
    return f"{told} by {author}" if author else told


def _value(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.9g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return text_of(value) or "nothing"


def _cell(held: Sheetful, place: int, column: str) -> tuple[str, str]:
    """A cell as a link and in words."""
    cell = address(held.first + place, held.left + held.headers.index(column))
    return f"internal:{quote_sheet(held.sheet)}!{cell}", f"{held.sheet}, {cell}"


@dataclass(frozen=True)
class _Judged:
    """A correction as typed, and what becomes of it.

    Attributes:
        place: its row in the table, from 0.
        line: its cells by their headers.
        row: the account's place on Scores; -1 for none.
        field: as in ``overrides.FIELDS``; "" for none.
        word: what Applies says.
    """

    place: int
    line: Mapping[str, Any]
    row: int
    field: str
    word: str


def _judged(reader: Reader) -> list[_Judged]:
    """The corrections of a workbook; none where nothing is typed, or a table is missing."""
    if reader.table(c.T_OVERRIDES) is None or reader.table(c.T_SCORES) is None:
        return []
    held = sheetful(reader, c.T_OVERRIDES).columns
    if not any(cell != "" for name in TYPED for cell in held.get(name, ())):
        return []
    names = sheetful(reader, c.T_SCORES, (w.ACCOUNT,)).columns[w.ACCOUNT]
    today = day_of(reader.named_value(c.N_TODAY)) or day_of(reader.named_value(c.N_AS_OF))
    typed, found = corrections(
        reader,
        pd.Series(names, dtype=object),
        pd.Timestamp.max if today is None else today,
        settings_of(reader).overrides_act,
    )
    lines: list[dict[str, Any]] = [
        {str(name): cell for name, cell in line.items()} for line in typed.to_dict("records")
    ]
    rows = zip(typed.index, lines, found["Row"], found[o.FIELD], found["Applies"], strict=True)
    return [
        _Judged(int(place), line, int(row), str(field), str(word))
        for place, line, row, field, word in rows
    ]


# --- What the model said then -----------------------------------------------------


def keep_model_values(book: Workbook, reader: Reader) -> int:
    """Keeps what the model says beside each correction that has nothing kept yet.

    A row that was typed over since, for another account or field, has nothing kept.
    Call it before scores are renewed.

    Args:
        book: the door.
        reader: of the workbook as it is.

    Returns:
        Beside how many corrections it was kept.
    """
    as_of = day_of(reader.named_value(c.N_AS_OF))
    found = _judged(reader)
    subjects = _subjects(reader, found)
    kept = _kept(reader, subjects)
    if as_of is None or kept is None:
        return 0
    new = [each for each in found if each.place in subjects and kept[each.place] == ""]
    if not new:
        return 0
    model = model_values(reader, settings_of(reader))
    values = {each.place: model[each.field].iloc[each.row] for each in new}
    known = {place: value for place, value in values.items() if value != "" and value == value}
    # What was kept of another account or field goes, also where the model has no word on this one.
    gone = dict.fromkeys(
        each.place for each in new if each.line[NOTED] != "" and each.place not in known
    )
    if known or gone:
        days = dict.fromkeys(known, as_of)
        cells: dict[str, object] = {THEN: known | gone, NOTED: days | gone}
        if KEPT_OF in sheetful(reader, c.T_OVERRIDES).columns:
            cells[KEPT_OF] = {place: subjects[place] for place in known} | gone
        book.write_columns(c.T_OVERRIDES, pd.DataFrame(cells, dtype=object))
    return len(known)


def _subjects(reader: Reader, found: Sequence[_Judged]) -> dict[int, str]:
    """What each correction is about, as the sheet has it: the account's ID and the field."""
    if not found:
        return {}
    ids = sheetful(reader, c.T_SCORES, (w.ACCOUNT_ID,)).columns[w.ACCOUNT_ID]
    return {
        each.place: (text_of(ids[each.row]) or text_of(each.line[w.ACCOUNT]))
        + KEPT_BETWEEN
        + each.field
        for each in found
        if each.row >= 0 and each.field
    }


def _kept(reader: Reader, subjects: Mapping[int, str]) -> list[Any] | None:
    """The days whose scores are kept beside the corrections; None in an older workbook.

    Args:
        reader: of the workbook.
        subjects: what each correction is about; "" stands where a value was kept of
            something else.
    """
    table = reader.table(c.T_OVERRIDES)
    if table is None or not {THEN, NOTED} <= {name.strip() for name in reader.headers(table)}:
        return None
    held = sheetful(reader, c.T_OVERRIDES, (THEN, NOTED)).columns
    if KEPT_OF not in held:
        return held[NOTED]
    return [
        day if text_of(of).casefold() == subjects.get(place, "").casefold() else ""
        for place, (day, of) in enumerate(zip(held[NOTED], held[KEPT_OF], strict=True))
    ]


def outcomes(reader: Reader, deals: pd.DataFrame, as_of: pd.Timestamp) -> dict[int, o.Outcome]:
    """What came of each correction whose model value is kept, by its place in the table.

    Args:
        reader: of the workbook.
        deals: all of them: Account ID, State, Close date and Amount.
        as_of: the day they speak for.
    """
    judged = _judged(reader)
    kept = _kept(reader, _subjects(reader, judged))
    if kept is None or not any(cell != "" for cell in kept):
        return {}
    ids = sheetful(reader, c.T_SCORES, (w.ACCOUNT_ID,)).columns[w.ACCOUNT_ID]
    mine = {str(who): part for who, part in deals.groupby(deals[w.ACCOUNT_ID].str.casefold())}
    found = {}
    for each in judged:
        noted, on = day_of(kept[each.place]), day_of(each.line[o.DATE])
        if noted is None or each.row < 0 or not each.field:
            continue
        found[each.place] = o.outcome(
            each.field,
            cell_number(each.line[o.NEW_VALUE]),
            cell_number(each.line[THEN]),
            noted if on is None else max(noted, on),
            as_of,
            mine.get(text_of(ids[each.row]).casefold(), deals.iloc[:0]),
        )
    return found


def told(reader: Reader, deals: pd.DataFrame, as_of: pd.Timestamp) -> str:
    """Who was nearer by now, in a sentence; "" where nothing is known yet."""
    verdicts = [each.verdict for each in outcomes(reader, deals, as_of).values()]
    theirs, ours = verdicts.count(o.THEIRS), verdicts.count(o.OURS)
    if not theirs + ours:
        return ""
    return (
        f"Of {theirs + ours + verdicts.count(o.ALIKE):,} corrections whose outcome is known, the "
        f"correction was nearer in {theirs:,}, the model in {ours:,}; Overrides says which."
    )
