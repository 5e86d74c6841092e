"""Putting the add-in where Excel loads it, and telling xlwings which Python to run.

Where to, and why there:

1. On Windows, the user's folder XLSTART. Excel opens what lies there by itself,
   and the folder is one of its trusted locations from the start, so that macros
   run without a question. The other way, the folder AddIns with an entry OPEN in
   the registry, is not trusted from the start, asks for the right to write to the
   registry, and an Excel that is running writes its own list of OPEN over ours
   when it closes. Neither needs an administrator; XLSTART needs less.
2. On a Mac, Excel's start-up folder in the container that all Office programs
   share; the settings of xlwings lie in Excel's own container, the only place
   that Excel may read unasked; and the AppleScript by which xlwings starts
   Python lies where Excel may run it.

The settings are a file of our own, which the add-in's VBA reads in place of
``xlwings.conf``: whoever uses xlwings for other work keeps their interpreter.
Every file that is replaced, and every setting, is remembered, so that removing
gives back what was there before. The memory is written first: a computer that
goes off in between loses nothing.

Source: xlwings' ``cli.py`` and ``addin/Config.bas``; Microsoft, "Plan and
configure Trusted Locations settings for Office".
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ..udfs.errors import SaveError, WorkbookError
from .excel.xlwings_vba import CONFIGURATION
from .machine import MAC, WINDOWS, Machine
from .save import writing

ADDIN: Final = "accountplan.xlam"
CONFIG: Final = f"{CONFIGURATION}.conf"
MEMORY: Final = "addin.json"
INTERPRETERS: Final = {WINDOWS: "INTERPRETER_WIN", MAC: "INTERPRETER_MAC"}
SEARCHED: Final = "ADD_WORKBOOK_TO_PYTHONPATH"
"""Whether Python code is looked for beside the workbook. Ours is installed, and the search fails
for a workbook that OneDrive or SharePoint keeps in step: Excel gives a web address for it."""
_LINE: Final = re.compile(r'^\s*"?(?P<key>[^",]+)"?\s*,\s*"?(?P<value>[^"]*)"?\s*$')

Builder = Callable[[Path], object]


@dataclass(frozen=True)
class Places:
    """Where things go on one computer.

    Attributes:
        addin: the add-in itself.
        config: the settings of xlwings.
        memory: the folder where is kept what was there before.
        scripts: the folder of AppleScripts that Excel may run; on a Mac only.
    """

    addin: Path
    config: Path
    memory: Path
    scripts: Path | None = None


@dataclass(frozen=True)
class Replaced:
    """A file that was written: what was there before, and what we wrote.

    Attributes:
        path: of the file.
        before: the name of its copy in the memory's folder; None where there was none.
        written: the SHA-256 of what we wrote.
    """

    path: str
    before: str | None
    written: str


@dataclass(frozen=True)
class Installed:
    """What an installation did, as the memory holds it.

    Attributes:
        version: of Account Plan.
        xlwings: the version of xlwings whose VBA is in the add-in.
        files: what was written.
        folders: that were made for it, outermost first.
        settings: what we set in xlwings' settings, and what each was before.
    """

    version: str
    xlwings: str
    files: tuple[Replaced, ...] = ()
    folders: tuple[str, ...] = ()
    settings: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)


def places(machine: Machine, to: Path | None = None) -> Places:
    """Where the add-in and its settings go.

    Args:
        machine: the computer.
        to: a folder for the add-in, instead of the one that Excel loads from by
            itself. Where there is no Excel, it takes everything else as well.

    Raises:
        WorkbookError: there is no Excel on this kind of computer, and no folder given.
    """
    if machine.system not in INTERPRETERS:
        return _elsewhere(machine, to)
    usual = _on_windows(machine) if machine.system == WINDOWS else _on_a_mac(machine)
    return usual if to is None else replace(usual, addin=to.absolute() / ADDIN)


def _elsewhere(machine: Machine, to: Path | None) -> Places:
    if to is None:
        raise WorkbookError(
            f"addin: there is no Excel on {machine.system}; run this on Windows or a Mac, or name "
            "a folder with --to DIR."
        )
    folder = to.absolute()
    return Places(folder / ADDIN, folder / CONFIG, folder / ".accountplan")


def _on_windows(machine: Machine) -> Places:
    return Places(
        _folder(machine, "APPDATA", "AppData/Roaming") / "Microsoft" / "Excel" / "XLSTART" / ADDIN,
        machine.home / f".{CONFIGURATION}" / CONFIG,
        _folder(machine, "LOCALAPPDATA", "AppData/Local") / "accountplan" / "addin",
    )


def _on_a_mac(machine: Machine) -> Places:
    library = machine.home / "Library"
    office = library / "Group Containers" / "UBF8T346G9.Office" / "User Content.localized"
    return Places(
        office / "Startup.localized" / "Excel" / ADDIN,
        library / "Containers" / "com.microsoft.Excel" / "Data" / CONFIG,
        library / "Application Support" / "accountplan" / "addin",
        library / "Application Scripts" / "com.microsoft.Excel",
    )


def _folder(machine: Machine, variable: str, usual: str) -> Path:
    named = machine.environment.get(variable)
    return Path(named) if named else machine.home / usual


def install(machine: Machine, where: Places, build: Builder) -> Installed:
    """Puts the add-in in its place and sets xlwings up for this interpreter.

    What an earlier installation did is undone first, so that what was there
    before the first one stays remembered.

    Args:
        machine: the computer.
        where: from ``places``.
        build: writes the add-in to a path.

    Raises:
        SaveError: a file cannot be written, or the interpreter's path has
            letters that Excel cannot read.
    """
    wanted = settings(machine)
    with TemporaryDirectory(prefix="accountplan-") as folder:
        built = Path(folder) / ADDIN
        build(built)
        addin = built.read_bytes()
    remove(where)
    held = _bytes(where.config)
    config = configured(held or b"", wanted, _line_end(machine))
    contents = {where.addin: addin, where.config: config, **_scripts(machine, where)}
    before = {key: value_in(held or b"", key) for key in wanted}
    folders = _missing_folders([*contents, where.memory / MEMORY])
    memory = Installed(
        machine.version_of("accountplan") or "",
        machine.version_of("xlwings") or "",
        tuple(_remembered(path, content, where) for path, content in contents.items()),
        folders,
        {key: (value, before[key]) for key, value in wanted.items()},
    )
    _write_memory(where, memory)
    try:
        for path, content in contents.items():
            with writing(path) as temporary:
                temporary.write_bytes(content)
    except BaseException:
        remove(where)
        raise
    return memory


def remove(where: Places) -> tuple[str, ...]:
    """Gives back what was there before the add-in was installed.

    A setting or a script that somebody changed since then is theirs, and stays. The
    add-in goes in any case, signed since or not: it shall load no more.

    Returns:
        The files that stay because they were changed since.

    Raises:
        SaveError: a file is open elsewhere; nothing is forgotten then.
    """
    memory = installed(where)
    if memory is None:
        return ()
    kept = [
        file.path for file in memory.files if not _given_back(Path(file.path), file, memory, where)
    ]
    shutil.rmtree(where.memory, ignore_errors=True)
    for folder in reversed(memory.folders):
        path = Path(folder)
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return tuple(kept)


def installed(where: Places) -> Installed | None:
    """What the memory holds; None where nothing is installed.

    Raises:
        WorkbookError: the memory cannot be read.
    """
    file = where.memory / MEMORY
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        return Installed(
            held["version"],
            held["xlwings"],
            tuple(Replaced(**each) for each in held["files"]),
            tuple(held["folders"]),
            {key: (ours, before) for key, (ours, before) in held["settings"].items()},
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkbookError(
            f"{file}: cannot be read; delete it, and run: accountplan addin install"
        ) from None


def as_installed(where: Places, memory: Installed | None) -> Places:
    """The places with the add-in where it was put, which may be a folder of the user's own."""
    addins = (
        [path for file in memory.files if (path := Path(file.path)).name == ADDIN] if memory else []
    )
    return replace(where, addin=addins[0]) if addins else where


def is_as_written(path: Path, memory: Installed) -> bool:
    """Whether a file still is what the installation wrote."""
    held = _bytes(path)
    ours = {file.path: file.written for file in memory.files}
    return held is not None and ours.get(str(path)) == _hash(held)


def settings(machine: Machine) -> dict[str, str]:
    """The settings of xlwings that the add-in needs on this computer.

    Raises:
        SaveError: the interpreter's path has letters that Excel cannot read.
    """
    key = INTERPRETERS.get(machine.system)
    interpreter = {key: _readable(machine)} if key else {}
    return {**interpreter, SEARCHED: "False"}


def _readable(machine: Machine) -> str:
    """The interpreter's path as VBA can read it from a file.

    VBA reads the file in the computer's old code page. The user's folder, which may hold any
    letter, goes by its variable, and xlwings fills it in.
    """
    path, home = str(machine.interpreter), str(machine.home)
    if not path.isascii() and machine.interpreter.is_relative_to(machine.home):
        path = ("%USERPROFILE%" if machine.system == WINDOWS else "$HOME") + path[len(home) :]
    if path.isascii() and '"' not in path:
        return path
    raise SaveError(
        f"{machine.interpreter}: Excel cannot read this path from a file of settings; "
        "install Python and accountplan in a folder whose name has plain letters only."
    )


def value_in(config: bytes, key: str) -> str | None:
    """A setting of xlwings' file; None where it is not set."""
    for line in config.decode("latin-1").splitlines():
        found = _LINE.match(line)
        if found and found["key"].strip().casefold() == key.casefold():
            return found["value"]
    return None


def configured(config: bytes, wanted: Mapping[str, str | None], line_end: str) -> bytes:
    """A file of settings with some of them set, or taken out (None), and the rest as it was."""
    lines, left = [], dict(wanted)
    for line in config.decode("latin-1").splitlines(keepends=True):
        found = _LINE.match(line)
        key = next((k for k in wanted if found and k.casefold() == found["key"].casefold()), None)
        if key is None:
            lines.append(line)
        elif (value := left.pop(key, None)) is not None:
            lines.append(_line(key, value, line_end))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += line_end
    lines += [_line(key, value, line_end) for key, value in left.items() if value is not None]
    return "".join(lines).encode("latin-1")


def _line(key: str, value: str, line_end: str) -> str:
    return f'"{key}","{value}"{line_end}'


def _line_end(machine: Machine) -> str:
    return "\r\n" if machine.system == WINDOWS else "\n"


def _scripts(machine: Machine, where: Places) -> dict[Path, bytes]:
    """The AppleScript that xlwings ships for its version, by which Excel starts Python."""
    if where.scripts is None:
        return {}
    import xlwings

    name = f"xlwings-{machine.version_of('xlwings')}.applescript"
    return {where.scripts / name: (Path(xlwings.__file__).parent / name).read_bytes()}


def _remembered(path: Path, content: bytes, where: Places) -> Replaced:
    """Keeps a copy of what is about to be replaced."""
    copy = None
    if (held := _bytes(path)) is not None:
        copy = f"before-{path.name}"
        with writing(where.memory / copy) as temporary:
            temporary.write_bytes(held)
    return Replaced(str(path), copy, _hash(content))


def _missing_folders(paths: Sequence[Path]) -> tuple[str, ...]:
    above = {up for path in paths for up in path.parents if not up.exists()}
    return tuple(str(folder) for folder in sorted(above))


def _given_back(path: Path, file: Replaced, memory: Installed, where: Places) -> bool:
    """Brings one file back; False where it stays, because it is no longer what we wrote."""
    held = _bytes(path)
    if held is None:
        return True
    before = None if file.before is None else (where.memory / file.before).read_bytes()
    if _hash(held) == file.written or path.name == ADDIN:
        _restore(path, before)
    elif path == where.config:
        ours = {
            key: was
            for key, (value, was) in memory.settings.items()
            if value_in(held, key) == value
        }
        line_end = "\r\n" if b"\r\n" in held else "\n"
        left = configured(held, ours, line_end)
        _restore(path, left if left or before is not None else None)
    else:
        return held == before
    return True


def _restore(path: Path, content: bytes | None) -> None:
    if content is not None:
        with writing(path) as temporary:
            temporary.write_bytes(content)
        return
    try:
        path.unlink()
    except OSError:
        raise SaveError(f"{path}: cannot be removed; close Excel, and run this again.") from None


def _write_memory(where: Places, memory: Installed) -> None:
    with writing(where.memory / MEMORY) as temporary:
        temporary.write_text(json.dumps(asdict(memory), indent=2), encoding="utf-8")


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as trouble:
        raise SaveError(f"{path}: cannot be read ({trouble.strerror}).") from None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
