"""Writing files so that nobody's work is lost.

A file is written whole beside its target and swapped in at the end; a folder
that already holds workbooks is left alone unless it is asked for, and then
what stood there is kept in a dated backup.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from ..udfs.errors import SaveError

WORKBOOKS: Final = (".xlsx", ".xlsm")
BACKUP: Final = "backup"


@contextlib.contextmanager
def writing(target: Path) -> Iterator[Path]:
    """Gives a path beside the target to write to, and swaps it in when all went well.

    Args:
        target: the file to be there in the end; its folder is made.

    Yields:
        A path with the target's ending. It is gone if anything fails.

    Raises:
        SaveError: the folder cannot be written, or the target is open elsewhere.
    """
    target = target.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".accountplan-", dir=target.parent))
    except OSError as trouble:
        raise SaveError(f"{target.parent}: cannot be written ({trouble.strerror}).") from None
    try:
        temporary = folder / target.name
        yield temporary
        try:
            temporary.replace(target)
        except OSError:
            raise SaveError(
                f"{target}: cannot be replaced; close it in the program that has it open, "
                "and run this again."
            ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def writing_folder(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Gives an empty folder to fill, and moves what is in it into the target at the end.

    Args:
        target: the folder to be there in the end. Workbooks already there are
            refused, or kept in ``target/backup/<date and time>`` with ``force``.
            Files of other kinds, and those the same to the byte, stay as they are.
        force: whether workbooks may be replaced: those of the same names, and the
            others in the folders that are filled. The rest of the target stays.

    Raises:
        SaveError: the folder holds workbooks, cannot be written, or one is open.
    """
    target = target.absolute()
    refuse_workbooks(target, force=force)
    if target.exists() and not target.is_dir():
        raise SaveError(f"{target}: is a file; give the name of a folder.")
    there = target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".accountplan-", dir=target))
    except OSError as trouble:
        raise SaveError(f"{target}: cannot be written ({trouble.strerror}).") from None
    try:
        yield folder
        _swap_in(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not there and not any(target.iterdir()):
            target.rmdir()


def refuse_workbooks(folder: Path, *, force: bool) -> None:
    """Raises SaveError where a folder holds workbooks that may not be replaced."""
    if not force and (found := _workbooks(folder)):
        raise SaveError(
            f"{folder}: holds {len(found)} workbooks already, such as {found[0].name}; "
            "choose another folder, or add --force (they are kept in a dated backup)."
        )


def _workbooks(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in WORKBOOKS
        and not path.name.startswith("~$")
        and BACKUP not in path.relative_to(folder).parts
    )


def _swap_in(folder: Path, target: Path) -> None:
    made = sorted(path for path in folder.rglob("*") if path.is_file())
    new = {path.relative_to(folder) for path in made}
    # Only what stands where the new files go, or beside them in folders that they fill:
    # other workbooks in the folder are somebody's own.
    filled = {name.parent for name in new} - {Path()}
    old = {path.relative_to(target) for path in _workbooks(target)} - _inside(folder, target)
    old = {name for name in old if name in new or name.parent in filled}
    same = {
        name for name in new & old if (folder / name).read_bytes() == (target / name).read_bytes()
    }
    replaced = sorted(old - same)
    backup = _new_backup(target)
    moves = [(target / name, backup / name) for name in replaced]
    moves += [(folder / name, target / name) for name in sorted(new - same)]
    done: list[tuple[Path, Path]] = []
    try:
        for source, goal in moves:
            goal.parent.mkdir(parents=True, exist_ok=True)
            source.replace(goal)
            done.append((source, goal))
    except BaseException as trouble:
        for source, goal in reversed(done):
            goal.replace(source)
        _drop_empty({goal.parent for _, goal in moves}, target)
        if not isinstance(trouble, OSError):
            raise
        name = Path(str(trouble.filename)).name
        raise SaveError(
            f"{name}: cannot be replaced; close it in the program that has it open, "
            "and run this again. Nothing was changed."
        ) from None
    _drop_empty({source.parent for source, _ in moves}, target)


def backups(target: Path) -> set[Path]:
    """The dated backups in a folder."""
    folder = target / BACKUP
    return {path for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()


def _new_backup(target: Path) -> Path:
    """A folder for what is replaced now; two builds within a second have one each."""
    first = target / BACKUP / datetime.now().strftime("%Y-%m-%d %H%M%S")
    backup, number = first, 2
    while backup.exists():
        backup, number = first.with_name(f"{first.name} ({number})"), number + 1
    return backup


def _drop_empty(folders: set[Path], target: Path) -> None:
    """Removes folders below the target, and those above them, that hold nothing any more."""
    above = {up for folder in folders for up in folder.parents}
    for folder in sorted(folders | above, reverse=True):
        if target in folder.parents and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _inside(folder: Path, target: Path) -> set[Path]:
    return {path.relative_to(target) for path in folder.rglob("*")}
