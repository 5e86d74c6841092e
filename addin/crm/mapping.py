"""Which column and stage names does the user say the export has? (--columns MAP.toml)

A table per file, our column on the left, the export's header on the right, and
a table of stages:

    [accounts]
    Account = "Firma"
    "Annual revenue" = "Umsatz"

    [stages]
    won = ["Signed"]
    lost = ["Dead"]

A header "" says that the export has no such column.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...udfs import words as w
from . import headers as h
from .cells import clean, key
from .report import Journal

STAGES: Final = "stages"
_STATES: Final = {"won": w.WON, "lost": w.LOST, "open": w.OPEN}


@dataclass(frozen=True)
class Mapping:
    """What --columns says.

    Args:
        columns: role -> our column -> header; "" where the export has none.
        stages: stage name (as ``cells.key``) -> state.
    """

    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)

    def of(self, role: str) -> dict[str, str]:
        """Answer our column -> header for one file."""
        return self.columns.get(role, {})


def read_mapping(path: Path | None, journal: Journal) -> Mapping:
    """Answer what a --columns file says; mistakes in it go to the journal.

    Args:
        path: the TOML file; None means nothing is mapped.
        journal: told of unknown tables, columns and states, and of a file that is no TOML.
    """
    if path is None:
        return Mapping()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        journal.mistake(f"{path.name}: cannot be read ({error.strerror or error})")
        return Mapping()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        journal.mistake(f"{path.name}: is not TOML ({error}); mend the line")
        return Mapping()
    mapping = Mapping()
    for table, entries in told.items():
        if table not in (*h.ROLES, STAGES) or not isinstance(entries, dict):
            allowed = ", ".join(f"[{name}]" for name in (*h.ROLES, STAGES))
            journal.mistake(f"{path.name}: {table!r} is not a table of it; allowed are {allowed}")
        elif table == STAGES:
            mapping.stages.update(_stages(path.name, entries, journal))
        else:
            mapping.columns[table] = _columns(path.name, table, entries, journal)
    return mapping


def _columns(file: str, role: str, entries: dict[str, Any], journal: Journal) -> dict[str, str]:
    ours = {key(column): column for column in h.columns_of(role)}
    found: dict[str, str] = {}
    for name, header in entries.items():
        where = f"{file}, [{role}] {name}"
        if key(name) not in ours:
            journal.mistake(f"{where}: no such column; allowed are {', '.join(ours.values())}")
        elif not isinstance(header, str) or bool(header) != bool(clean(header)):
            journal.mistake(f'{where}: write the export\'s header in quotes, "" where it has none')
        elif header and any(h.same_header(header, other) for other in found.values()):
            journal.mistake(f"{where}: {header!r} already stands for another column; use it once")
        else:
            found[ours[key(name)]] = clean(header)
    return found


def _stages(file: str, entries: dict[str, Any], journal: Journal) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, stages in entries.items():
        where = f"{file}, [{STAGES}] {name}"
        if key(name) not in _STATES:
            journal.mistake(f"{where}: no such state; allowed are {', '.join(_STATES)}")
            continue
        if not isinstance(stages, list) or not all(isinstance(stage, str) for stage in stages):
            journal.mistake(f'{where}: write a list of stages, as ["Signed", "Delivered"]')
            continue
        for stage in stages:
            if found.setdefault(key(stage), _STATES[key(name)]) != _STATES[key(name)]:
                journal.mistake(f"{where}: {stage!r} stands under two states; keep one")
    return found
