"""Turning plans in, collecting them and sending them back, as macros do it."""

import getpass
from datetime import datetime
from pathlib import Path

from ..udfs.errors import WorkbookError
from ..workbook_templates import contract as c
from . import collect, returning, turn_in
from .desk import Desk, counted, listed
from .files import BOOKS_FOLDER, home_of
from .plan_files import read_open_plan_file


def hand_in(desk: Desk, account: str, author: str) -> None:
    """Turns a plan of the open book in.

    Raises:
        WorkbookError: there is no such plan, or it is not complete.
    """
    file = read_open_plan_file(desk.reader)
    name = author.strip() or _user()
    done = turn_in.turn_in(desk.door, file, account, name, datetime.now().date())
    desk.rows = 1
    desk.said.append(done.told)
    if not done.is_locked:
        desk.warnings.append(
            f"To lock the tab '{done.plan.tab}', protect it without a password (Review, Protect "
            "Sheet)."
        )


def gather(desk: Desk, folder: str) -> None:
    """Brings the books into the open team workbook.

    Raises:
        WorkbookError: it is no team workbook, is not saved yet, or there is no such folder.
    """
    place = _saved(desk)
    books = Path(folder.strip()) if folder.strip() else home_of(place) / BOOKS_FOLDER
    now = datetime.now().replace(microsecond=0)
    report, _ = collect.collect_into(desk.door, place, books, now=now)
    desk.rows = report.plans["plans"]
    desk.said.append(
        f"{counted(len(report.books), 'book', 'books')} read, "
        f"{counted(desk.rows, 'plan', 'plans')}; new: {report.told_news}."
    )
    desk.warnings += [*report.unreadable, *report.duplicates, *report.gone]
    desk.warnings += [*report.behind, *report.notes]
    if report.missing:
        desk.warnings.append(f"No book found of {listed(list(report.missing), 6)}.")


def send_back(desk: Desk) -> None:
    """Puts the decisions on Tracker into the books.

    Raises:
        WorkbookError: a decision is none, or the workbook is not saved yet.
    """
    now = datetime.now().replace(microsecond=0)
    report = returning.return_from(desk.door, _saved(desk), now=now)
    desk.rows = len(report.done)
    desk.said.append(f"{counted(len(report.done), 'plan was', 'plans were')} sent back.")
    if report.corrections:
        told = counted(len(report.corrections), "correction has", "corrections have")
        desk.said.append(f"{told} your decision in the reps' books.")
    if report.examples:
        desk.said.append(
            f"{counted(report.examples, 'plan tab names', 'plan tabs name')} another example from "
            "the Library."
        )
    if report.moved_on:
        told = counted(report.moved_on, "book counts", "books count")
        desk.said.append(f"{told} its days from the {c.N_TODAY} of this workbook now.")
    desk.warnings += report.waiting


def _saved(desk: Desk) -> Path:
    place = Path(desk.door.place)
    if not place.is_absolute():
        place = place.absolute()
    if not place.exists():
        raise WorkbookError(
            f"{desk.door.label}: is not saved on this computer, so its books cannot be found; "
            "save it in the folder that build filled."
        )
    return place


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
