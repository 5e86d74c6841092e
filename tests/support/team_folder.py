"""A small team in a folder, and what its reps do to their books.

Reps type through the closed-file host, so that a book is changed in a tenth of
a second; what only an office program does to a file is done with openpyxl.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd

from accountplan.addin import files, planning
from accountplan.addin.crm import CrmExport
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.round import Round

from . import books

DUE: Final = pd.Timestamp("2018-01-31")


def team_round(reps: int, accounts_each: int = 2, plans_each: int = 1, **settings: Any) -> Round:
    """Reps with accounts and plans to write, due at the end of January 2018."""
    held = Settings(plans_per_book=plans_each, plan_due=DUE, **settings)
    return planning.plan_round(team_export(reps, accounts_each), held)


def team_export(
    reps: int, accounts_each: int = 2, as_of: pd.Timestamp = books.AS_OF, grown: float = 0.0
) -> CrmExport:
    """The CRM export of such a team.

    Args:
        reps, accounts_each: how many.
        as_of: the day that the data speaks for.
        grown: money that every second account is worth more.
    """
    count = reps * accounts_each
    owners = [f"Rep {number // accounts_each + 1:02}" for number in range(count)]
    accounts = books.accounts(
        {
            w.ACCOUNT: [f"Client {number + 1:03}" for number in range(count)],
            w.OWNER: owners,
            w.MANAGER: ["Manager"] * count,
            w.EMPLOYEES: [100.0 + 7 * (number * 31 % 97) for number in range(count)],
            w.POTENTIAL_MONEY: [
                50_000.0 + 1000 * (number * 17 % 89) + grown * (number % 2)
                for number in range(count)
            ],
        }
    )
    people = books.teams([(rep, "Manager") for rep in dict.fromkeys(owners)])
    people[w.QUOTA] = 100_000.0
    return books.export(accounts, books.deals(), people, as_of)


def build(folder: Path, whole: Round) -> Path:
    """Builds the team's folder; returns the team workbook."""
    return files.build_folder(whole, folder).team


def book_of(folder: Path, rep: int) -> Path:
    """The book of a rep, by number."""
    return folder / "books" / f"Rep {rep:02}.xlsx"


def tab_of(path: Path) -> str:
    """The first plan tab of a book."""
    return first_tab(PackageWorkbook(path))


def first_tab(workbook: PackageWorkbook) -> str:
    """The same of a book that is open."""
    return next(name for name in workbook.sheets() if name.startswith(c.PLAN_PREFIX))


def answers(number: int | str, version: int = 1) -> dict[str, object]:
    """A complete set of answers, each account's own."""
    own = f"at client {number}, step {version}"
    return {
        "position": f"They use one of our lines {own}, and a local supplier for the rest.",
        "priorities": f"Fewer stops in the night shift {own}, as their plant lead told us.",
        "revenue_target": 20_000,
        "objective_1": f"Put the second line under contract by October {own}.",
        "play": p.GROW,
        "strategy": f"Show the saved hours {own}, then let the plant lead present them.",
        "why_fit": f"Near to us and large enough to carry a service team {own}.",
    }


ROWS: Final[Mapping[str, list[dict[str, object]]]] = {
    p.CONTACTS: [
        {"Name": "Contact 1", "Position": "Plant lead", "Role": p.DECIDES, "Support": p.SUPPORTER}
    ],
    p.ACTIONS: [
        {"Action": "Walk the line", "Objective": 1, "Owner": "Rep", "Due": date(2018, 9, 1)},
        {"Action": "Offer the contract", "Objective": 1, "Owner": "Rep", "Due": date(2018, 10, 1)},
    ],
}


def fill(path: Path, number: int, version: int = 1, **fields: object) -> None:
    """Fills the first plan of a book, so that it is complete and good."""
    workbook = PackageWorkbook(path)
    fill_in(workbook, first_tab(workbook), number, version, **fields)
    workbook.save()


def fill_tab(path: Path, tab: str, number: int | str, version: int = 1, **fields: object) -> None:
    """Fills a plan tab, so that it is complete and good."""
    workbook = PackageWorkbook(path)
    fill_in(workbook, tab, number, version, **fields)
    workbook.save()


def fill_in(
    workbook: PackageWorkbook, tab: str, number: int | str, version: int = 1, **fields: object
) -> None:
    """The same in a book that is open; it is not saved."""
    type_fields(workbook, tab, {**answers(number, version), **fields})
    for key, rows in ROWS.items():
        name = table_on(workbook, tab, key)
        workbook.write_columns(name, pd.DataFrame(rows).astype(object))


def type_fields(workbook: PackageWorkbook, tab: str, fields: Mapping[str, object]) -> None:
    """Types into fields of a plan tab."""
    workbook.write_names({c.PLAN_NAMES + key: value for key, value in fields.items()}, tab)


def table_on(workbook: PackageWorkbook, tab: str, key: str) -> str:
    """What a plan's table is called on its tab."""
    stem = c.PLAN_TABLES[key]
    return next(
        name
        for name, shape in workbook.tables().items()
        if shape.sheet == tab and name.startswith(stem)
    )


def edit(path: Path, **fields: object) -> None:
    """Changes fields of the first plan of a book."""
    workbook = PackageWorkbook(path)
    type_fields(workbook, first_tab(workbook), fields)
    workbook.save()


def hand_in(path: Path, day: date | None, by: str = "Rep") -> None:
    """Turns the first plan of a book in by hand, as a rep without macros does."""
    edit(path, **handed_in(day, by))


def handed_in(day: date | None, by: str = "Rep") -> dict[str, object]:
    """What such a rep types at the foot of the tab."""
    return {"state": p.TURNED_IN, "turned_in_by": by, "turned_in_on": day}


def add_rows(path: Path, table: str, *rows: Mapping[str, object]) -> None:
    """Types rows into a table of a book."""
    workbook = PackageWorkbook(path)
    workbook.append_rows(table, pd.DataFrame(rows).astype(object))
    workbook.save()


def resave(path: Path, target: Path, change: Callable[[Any], None] = lambda _: None) -> None:
    """What another program makes of a workbook that somebody changes in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(target)


def rename_sheet(path: Path, old: str, new: str) -> None:
    """Renames a sheet wherever the workbook speaks of it, as Excel does."""

    def renamed(name: str, content: bytes) -> bytes:
        return content.replace(old.encode(), new.encode()) if name.endswith(".xml") else content

    _rewrite(path, renamed)


def dated(path: Path, saved: datetime) -> None:
    """Lets a workbook say that it was saved at this time."""

    def stamped(name: str, content: bytes) -> bytes:
        if name != "docProps/core.xml":
            return content
        tag = content.index(b">", content.index(b"<dcterms:modified")) + 1
        end = content.index(b"<", tag)
        return content[:tag] + f"{saved:%Y-%m-%dT%H:%M:%SZ}".encode() + content[end:]

    _rewrite(path, stamped)


def _rewrite(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as package:
        parts = {info.filename: package.read(info) for info in package.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, change(name, content))
