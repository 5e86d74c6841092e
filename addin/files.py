"""The files that a round becomes: folders of workbooks, the template, scores."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pandas as pd

from ..udfs.errors import SaveError
from ..udfs.path_plan import PathPlan
from ..udfs.settings import Settings
from ..workbook_templates import contract as c
from ..workbook_templates.build import write_workbook
from ..workbook_templates.form_buttons import Controls
from ..workbook_templates.names import file_names
from ..workbook_templates.round import Round
from ..workbook_templates.writer import Book, Column
from . import planning
from .save import backups, refuse_existing, refuse_workbooks, writing, writing_folder

__all__ = [
    "Built",
    "build_folder",
    "refuse_existing",
    "refuse_workbooks",
    "write_scores",
    "write_template",
]

TEAM_NAME: Final = "team"
PLAIN: Final = ".xlsx"
WITH_MACROS: Final = ".xlsm"
TEAMS_FOLDER: Final = "teams"
BOOKS_FOLDER: Final = "books"
SPREADSHEET_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Built:
    """The workbooks of a round; ``backup``: where those are that stood there before."""

    team: Path
    teams: tuple[Path, ...]
    books: tuple[Path, ...]
    backup: Path | None = None


def build_folder(
    whole: Round, out: Path, *, force: bool = False, controls: Controls | None = None
) -> Built:
    """Writes the team workbook, one per manager and one book per rep.

    Args:
        whole: the round of the organisation.
        out: the folder.
        force: whether workbooks that are there may be replaced (kept in a backup).
        controls: buttons and macros, for .xlsm workbooks; ``None``: .xlsx without.

    Raises:
        SaveError: as ``save.writing_folder``.
    """
    teams, books = planning.managers(whole), planning.owners(whole)
    ending = ending_of(controls)
    team_file = TEAM_NAME + ending
    team_files = [f"{TEAMS_FOLDER}/{name}{ending}" for name in file_names(teams)]
    book_files = [f"{BOOKS_FOLDER}/{name}{ending}" for name in file_names(books)]
    whole = replace(whole, book_files=_with_ending(whole.book_files, ending))

    def jobs(
        whole: Round, parts: Sequence[Round], folder: Path
    ) -> Iterator[tuple[Round, Path, Controls | None]]:
        yield whole, folder / team_file, controls
        for manager, file in zip(teams, team_files, strict=True):
            yield planning.team(whole, manager), folder / file, controls
        for owner, part, file in zip(books, parts, book_files, strict=True):
            own = {owner: whole.paths[owner]}
            yield replace(part, paths=own), folder / file, controls

    before = backups(out)
    with writing_folder(out, force=force) as temporary:
        for folder in (TEAMS_FOLDER, BOOKS_FOLDER):
            (temporary / folder).mkdir()
        with _workers(1 + len(teams) + len(books)) as run:
            parts = [planning.book(whole, owner) for owner in books]
            paths = run(_path_of, ((part,) for part in parts))
            known = replace(whole, paths=dict(zip(books, paths, strict=True)))
            run(_write_one, jobs(known, parts, temporary))
    return Built(
        out / team_file,
        tuple(out / file for file in team_files),
        tuple(out / file for file in book_files),
        next(iter(backups(out) - before), None),
    )


def home_of(team: Path) -> Path:
    """The folder that build filled, of the team workbook in it or of a manager's below it."""
    return team.parent.parent if team.parent.name == TEAMS_FOLDER else team.parent


def ending_of(controls: Controls | None) -> str:
    """How the files of workbooks end, with macros and without."""
    return PLAIN if controls is None else WITH_MACROS


def _with_ending(files: Mapping[str, str], ending: str) -> dict[str, str]:
    return {owner: str(PurePosixPath(file).with_suffix(ending)) for owner, file in files.items()}


@contextmanager
def _workers(count: int) -> Iterator[Callable[..., list[Any]]]:
    """What runs a function for many arguments, on several processors where there are many."""
    workers = min(os.cpu_count() or 1, count // 4)
    if workers < 2:
        yield lambda function, jobs: [function(*job) for job in jobs]
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers, initializer=_rest_collector) as pool:

        def run(function: Callable[..., Any], jobs: Iterable[tuple[Any, ...]]) -> list[Any]:
            waiting = [pool.submit(function, *job) for job in jobs]
            return [job.result() for job in waiting]

        yield run


def _rest_collector() -> None:
    """Lets the garbage collector rest in a process that writes workbooks.

    It would walk over all cells again and again while they are made, a sixth of
    the time. What is there already is left out of later collections.
    """
    gc.freeze()
    gc.disable()


def _path_of(book: Round) -> PathPlan:
    """A book's path to the quota: the team workbook tells of it too."""
    return book.path


def _write_one(part: Round, path: Path, controls: Controls | None) -> None:
    """Writes a workbook, and clears up after it."""
    write_workbook(part, path, controls)
    gc.collect()


def write_template(
    path: Path, settings: Settings | None = None, controls: Controls | None = None
) -> None:
    """Writes the empty workbook for a team that works in a single file.

    Args:
        path: where to.
        settings: of the model; the defaults where there are none.
        controls: buttons and macros, for an .xlsm workbook; ``None``: .xlsx without.

    Raises:
        SaveError: the name ends otherwise, or the file cannot be written.
    """
    ending = ending_of(controls)
    if path.suffix.lower() != ending:
        kind = "without macros" if controls is None else "with macros"
        raise SaveError(f"{path}: workbooks {kind} end in {ending}; give it such a name.")
    with writing(path) as temporary:
        write_workbook(planning.empty_round(settings or Settings()), temporary, controls)


def write_scores(accounts: pd.DataFrame, path: Path) -> None:
    """Writes the scored accounts, columns as in the table Accounts.

    Args:
        accounts: of a round.
        path: .csv, .xlsx or .parquet.

    Raises:
        SaveError: another ending, or the file cannot be written.
    """
    columns = [name for name in accounts.columns if name not in c.WORKING_COLUMNS]
    frame = accounts[columns]
    ending = path.suffix.lower()
    if ending not in (".csv", ".xlsx", ".parquet"):
        raise SaveError(f"{path}: scores are written as .csv, .xlsx or .parquet; use one of them.")
    with writing(path) as temporary:
        if ending == ".csv":
            _plain_text(frame).to_csv(
                temporary, index=False, encoding="utf-8-sig", date_format="%Y-%m-%d"
            )
        elif ending == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            _write_sheet(frame, temporary)


def _plain_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe, which the import takes off again."""
    out = frame.copy()
    for name in out.columns:
        if not pd.api.types.is_numeric_dtype(out[name]) and out[name].dtype.kind != "M":
            text = out[name].astype(str)
            runs = text.str.startswith(SPREADSHEET_SIGNS)
            out[name] = text.where(~runs, "'" + text)
    out.columns = [f"'{n}" if str(n).startswith(SPREADSHEET_SIGNS) else n for n in out.columns]
    return out


def _write_sheet(frame: pd.DataFrame, path: Path) -> None:
    from ..workbook_templates.sheets.accounts import KINDS, WIDTHS

    # The document's date says nothing here, and a fixed one keeps the bytes the same.
    book = Book(path, pd.Timestamp("2000-01-01").date(), "Account Plan - scores")
    sheet = book.sheet(c.ACCOUNTS, "work")
    columns = [
        Column(name, frame[name], kind=KINDS.get(name, _kind(frame[name]))[0])
        for name in frame.columns
    ]
    sheet.table(c.T_ACCOUNTS, 0, 0, columns, len(frame))
    for offset, name in enumerate(frame.columns):
        width = KINDS[name][1] if name in KINDS else WIDTHS.get(name, 14)
        sheet.ws.set_column(offset, offset, width)
    sheet.ws.freeze_panes(1, 1)
    book.close()


def _kind(values: pd.Series) -> tuple[str, float]:
    if values.dtype.kind == "M":
        return "date", 12
    return ("general", 12) if pd.api.types.is_numeric_dtype(values) else ("text", 14)
