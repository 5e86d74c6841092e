"""Writing files so that nobody's work is lost.

A file is written whole beside its target and swapped in at the end; a folder
that already holds workbooks is left alone unless it is asked for, and then
what stood there is kept in a dated backup.
"""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from ..udfs.errors import SaveError

WORKBOOKS: Final = (".xlsx", ".xlsm")
BACKUP: Final = "backup"
LOCK: Final = "~$"
LIBREOFFICE_LOCK: Final = ".~lock."
_TEMPORARY: Final = ".accountplan-"
_LEFT_AFTER: Final = 3600.0
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


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
        _clear_leftovers(target.parent)
        folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=target.parent))
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


def write_whole(target: Path, content: bytes) -> None:
    """Writes a file so that it is there whole or as it was, even where the power fails.

    Raises:
        SaveError: there is no room, the folder cannot be written, or the file is
            open elsewhere; the file is as it was.
    """
    with writing(target) as temporary:
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, temporary)
        except OSError as trouble:
            raise SaveError(
                f"{target}: cannot be written ({trouble.strerror}); make room on the disk, or "
                "choose another place. The file is as it was."
            ) from None


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raises SaveError where a file is there and may not be replaced."""
    if path.is_dir():
        raise SaveError(f"{path}: is a folder; give the name of a file.")
    if path.exists() and not force:
        raise SaveError(f"{path}: is there already; choose another name, or add --force.")


def refuse_to_replace(path: Path) -> None:
    """Raises SaveError where another program has a workbook open, or it may not be changed."""
    for lock in (LOCK + path.name, f"{LIBREOFFICE_LOCK}{path.name}#"):
        if (path.parent / lock).exists():
            raise SaveError(
                f"{path}: is open in another program; close it there, and run this again. If it "
                f"is open nowhere, delete {lock} beside it."
            )
    if path.exists() and not (path.stat().st_mode & _WRITABLE and os.access(path, os.W_OK)):
        raise SaveError(
            f"{path}: is read-only; allow changes in its properties, or write to another file."
        )


def _clear_leftovers(folder: Path) -> None:
    """Removes what a program that was killed while it wrote has left in a folder."""
    for left in folder.glob(_TEMPORARY + "*"):
        with contextlib.suppress(OSError):
            if left.is_dir() and time.time() - left.stat().st_mtime > _LEFT_AFTER:
                shutil.rmtree(left, ignore_errors=True)


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
        _clear_leftovers(target)
        folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=target))
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
        and not path.name.startswith(LOCK)
        and not _is_set_apart(path.relative_to(folder))
    )


def _is_set_apart(path: Path) -> bool:
    """Whether a path in a folder leads to a backup, or to what a killed program left."""
    return any(part == BACKUP or part.startswith(_TEMPORARY) for part in path.parts)


def _swap_in(folder: Path, target: Path) -> None:
    made = sorted(path for path in folder.rglob("*") if path.is_file())
    new = {path.relative_to(folder) for path in made}
    # Only what stands where the new files go, or beside them in folders that they fill:
    # other workbooks in the folder are somebody's own.
    filled = {name.parent for name in new} - {Path()}
    old = {path.relative_to(target) for path in _workbooks(target)} - _inside(folder, target)
    # A workbook with macros takes the place of the one without, and the other way round.
    named = {name.with_suffix("") for name in new if name.suffix.lower() in WORKBOOKS}
    old = {name for name in old if name.with_suffix("") in named or name.parent in filled}
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


class Backup:
    """One dated folder in which a run keeps workbooks as they were before it.

    Args:
        root: the folder of the workbooks. One that lies elsewhere is kept beside itself.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._folders: dict[Path, Path] = {}

    @property
    def folder(self) -> Path | None:
        """Where the workbooks of the root are kept; None where none of them was saved."""
        folder = self._folders.get(self._root)
        return folder if folder is not None and folder.exists() else None

    def keep(self, path: Path, save: Callable[[], None]) -> Path:
        """Saves a workbook anew, and keeps it as it was before the run's first saving.

        Args:
            path: the workbook.
            save: puts the new one in its place, whole or not at all.

        Returns:
            The backup.

        Raises:
            SaveError: the backup cannot be written, or what ``save`` raises; then
                nothing changed, and no backup is left.
        """
        path = path.parent.resolve() / path.name
        root = self._root if self._root in path.parents else path.parent
        folder = self._folders.setdefault(root, _new_backup(root))
        kept = folder / path.relative_to(root)
        if kept.exists():
            save()
            return kept
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, kept)
        except OSError as trouble:
            self._drop(kept, root)
            raise SaveError(f"{folder}: cannot be written ({trouble.strerror}).") from None
        try:
            save()
        except BaseException:
            self._drop(kept, root)
            raise
        return kept

    def _drop(self, kept: Path, root: Path) -> None:
        with contextlib.suppress(OSError):
            kept.unlink(missing_ok=True)
            _drop_empty({kept.parent}, root)


def keep_backup(path: Path, save: Callable[[], None]) -> Path:
    """Saves a workbook anew, and keeps it as it was in a dated backup beside it.

    As ``Backup.keep``, for a run that saves one workbook.
    """
    return Backup(path.parent).keep(path, save)


def relative_to(path: Path, folder: Path) -> str:
    """A file as links from a folder name it: with / between, and .. where it lies elsewhere."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        # Another drive of Windows.
        return path.resolve().as_posix()


def _drop_empty(folders: set[Path], target: Path) -> None:
    """Removes folders below the target, and those above them, that hold nothing any more."""
    above = {up for folder in folders for up in folder.parents}
    for folder in sorted(folders | above, reverse=True):
        if target in folder.parents and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _inside(folder: Path, target: Path) -> set[Path]:
    return {path.relative_to(target) for path in folder.rglob("*")}
