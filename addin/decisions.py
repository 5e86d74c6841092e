"""The manager's word on corrections goes from the team workbook into the reps' books.

A correction that is accepted or declined in the team workbook gets that state in
the book that it came from. One that says Accepted in a book, and was not accepted
in the team workbook, is set back to Proposed: only the manager accepts, unless
the setting lets corrections act at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..udfs import overrides as o
from ..udfs import words as w
from ..udfs.errors import AccountPlanError
from ..udfs.settings import AT_ONCE
from ..workbook_templates import contract as c
from .hosts.package import PackageReader
from .hosts.package_writer import PackageWorkbook
from .hosts.reader import sheetful
from .reading import kind_of
from .save import Backup, refuse_to_replace
from .settings import settings_of
from .team_tables import TeamTable, text_of, told
from .workbook import Workbook

KEY: Final = (w.ACCOUNT, o.FIELD, o.AUTHOR, o.DATE, o.NEW_VALUE, o.REASON, o.EVIDENCE)
CLAIM: Final = 5
"""So many of them say what is corrected; the others why."""
Key = tuple[str, ...]


def send(team: Workbook, books: Iterable[Path], backup: Backup) -> tuple[list[str], list[str]]:
    """Writes what was decided on Overrides of the team workbook into books.

    Args:
        team: the door to it.
        books: that may hold the corrections.
        backup: of the run.

    Returns:
        What was written, and what waits because a book could not be written.
    """
    states = _states(team)
    done: list[str] = []
    waiting: list[str] = []
    if not states:
        return done, waiting
    at_once = settings_of(team.reader()).overrides_act == AT_ONCE
    for path in dict.fromkeys(path.resolve() for path in books if path.exists()):
        try:
            done += _send_into(path, states, backup, at_once=at_once)
        except AccountPlanError as trouble:
            waiting.append(str(trouble))
    return done, waiting


def _states(team: Workbook) -> dict[Key, str]:
    """What the team workbook says of each correction; of equal ones the first, as for collect."""
    found: dict[Key, str] = {}
    for _, row in TeamTable(team, c.T_OVERRIDES).records():
        if any(_key(row)):
            found.setdefault(_key(row), text_of(row[w.STATE]))
    return found


def _key(row: Mapping[str, Any]) -> Key:
    return tuple(told(row.get(name)).casefold() for name in KEY)


def _said_of(rows: Sequence[Mapping[str, Any]], states: Mapping[Key, str]) -> list[str | None]:
    """What the team workbook says of each correction of a book; None where that is not sure.

    Reason and evidence may have been worded anew since: then it is the one that claims
    the same, where just one is left on either side.
    """
    keys = [_key(row) for row in rows]
    here = Counter(key[:CLAIM] for key in keys if key not in states)
    there: dict[Key, list[str]] = defaultdict(list)
    for key in states.keys() - set(keys):
        there[key[:CLAIM]].append(states[key])
    left = {claim: found[0] for claim, found in there.items() if len(found) == 1 == here[claim]}
    return [states[key] if key in states else left.get(key[:CLAIM]) for key in keys]


def _send_into(
    path: Path, states: Mapping[Key, str], backup: Backup, *, at_once: bool
) -> list[str]:
    with PackageReader(path) as reader:
        if kind_of(reader) != c.BOOK or reader.table(c.T_OVERRIDES) is None:
            return []
        held = sheetful(reader, c.T_OVERRIDES)
        if not any(cell != "" for cell in held.columns.get(w.ACCOUNT, ())):
            return []
    door = PackageWorkbook(path)
    table = TeamTable(door, c.T_OVERRIDES)
    lines = []
    rows = list(table.records())
    for (at, row), there in zip(rows, _said_of([row for _, row in rows], states), strict=True):
        state = _state_to_be(text_of(row[w.STATE]), there, at_once=at_once)
        if state:
            table.update(at, {w.STATE: state})
            lines.append(
                f"{path.name}: {text_of(row[w.ACCOUNT])}, {text_of(row[o.FIELD])} to "
                f"{text_of(row[o.NEW_VALUE])} is {state.lower()}."
            )
    if lines:
        refuse_to_replace(path)
        table.write()
        door.forget_results()
        backup.keep(path, door.save)
    return lines


def _state_to_be(here: str, there: str | None, *, at_once: bool) -> str:
    """The state that a correction gets in its book; "" where it stays as it is."""
    if there is None or here.casefold() == there.casefold():
        return ""
    if there.casefold() in o.DECIDED:
        return o.DECIDED[there.casefold()]
    accepted_here = here.casefold() == o.ACCEPTED.casefold()
    return o.PROPOSED if accepted_here and not at_once else ""
