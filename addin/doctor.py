"""The doctor: does what the add-in needs stand as it should, and if not, what mends it?

Each check is a small function that asks the computer (``machine.Machine``) and
gives findings: a verdict, what was found, and the mend in one sentence. The
order is the order in which one would mend things. Only the standard library is
imported here: the doctor must come when a package is missing.

Verdicts: ``fine``; ``look``: works, but look at it; ``broken``: does not work;
``not here``: does not concern this computer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ..udfs.errors import WorkbookError
from . import install as setup
from .calc import IDENTIFIER
from .machine import MAC, OFFICE_NAMES, WINDOWS, Machine
from .save import WORKBOOKS
from .trust import ASK, RUN_ALL, SIGNED_ONLY, Trust, excel_key, trust

Verdict = Literal["fine", "look", "broken", "not here"]
FINE: Final = "fine"
LOOK: Final = "look"
BROKEN: Final = "broken"
NOT_HERE: Final = "not here"
OLDEST_PYTHON: Final = (3, 11)
OLDEST_OFFICE: Final = (7, 4)
INSTALL: Final = "Run: accountplan addin install"
INSTALL_CALC: Final = f"{INSTALL} --calc"
EXCEL_FILES: Final = (*WORKBOOKS, ".xlam")
WITH_MACROS: Final = (".xlsm", ".xlam")
INTERNET, UNTRUSTED = 3, 4


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name.
        verdict: fine, look, broken, or not here.
        what: what was found.
        mend: what to do about it, in a sentence; "" where there is nothing to do.
    """

    check: str
    verdict: Verdict
    what: str
    mend: str = ""


@dataclass(frozen=True)
class Patient:
    """What the checks look at.

    Attributes:
        machine: the computer.
        places: where the add-in and its settings are, or belong; None where there is no Excel.
        memory: what the installation noted; None where nothing is installed.
        trust: what Excel does with macros; None where there is no Excel.
        files: the workbooks to look at.
    """

    machine: Machine
    places: setup.Places | None
    memory: setup.Installed | None
    trust: Trust | None
    files: tuple[Path, ...] = ()


Check = Callable[[Patient], Iterable[Finding]]


def examine(machine: Machine, paths: Sequence[Path] = ()) -> tuple[Finding, ...]:
    """Runs every check.

    Args:
        machine: the computer.
        paths: workbooks to look at as well, or folders of them.

    Raises:
        WorkbookError: a path is not there.
    """
    files = tuple(_files(paths))
    if machine.system in (WINDOWS, MAC):
        usual = setup.places(machine)
        memory = setup.installed(usual)
        where = setup.as_installed(usual, memory)
        patient = Patient(machine, where, memory, trust(machine), files)
    else:
        patient = Patient(machine, None, None, None, files)
    return tuple(finding for check in CHECKS for finding in _tried(check, patient))


def _tried(check: Check, patient: Patient) -> Iterator[Finding]:
    """A check's findings; a folder that the system does not let us into is one as well."""
    try:
        yield from check(patient)
    except OSError as trouble:
        name = check.__name__.removeprefix("check_").capitalize()
        yield Finding(
            name,
            LOOK,
            f"{trouble.filename}: cannot be looked at ({trouble.strerror})",
            "Allow the Terminal (Mac: System Settings, Privacy & Security, Full Disk Access), and "
            "run this again.",
        )


def needs_a_look(findings: Iterable[Finding]) -> bool:
    """Whether anything is broken, or worth a look."""
    return any(finding.verdict in (LOOK, BROKEN) for finding in findings)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as one object; ``verdict`` is the worst of them."""
    verdicts = {finding.verdict for finding in findings}
    worst = next((each for each in (BROKEN, LOOK) if each in verdicts), FINE)
    return {"verdict": worst, "checks": [asdict(finding) for finding in findings]}


def show(findings: Sequence[Finding]) -> None:
    """Prints a line per finding, its mend beneath, and a summary."""
    for finding in findings:
        print(f"{finding.verdict:<9} {finding.check}: {finding.what}")
        if finding.mend:
            print(f"{'':<9} -> {finding.mend}")
    counts = {each: sum(f.verdict == each for f in findings) for each in (BROKEN, LOOK)}
    told = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    print(f"\n{', '.join(told).capitalize()}." if told else "\nAll is fine.")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise WorkbookError(f"{path}: is not there; check the name.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (
            each.absolute()
            for each in inside
            if each.suffix.lower() in EXCEL_FILES and not each.name.startswith("~$")
        )


# --- Python -------------------------------------------------------------------


def check_python(patient: Patient) -> Iterator[Finding]:
    """The interpreter: is it new enough, and one that Excel can start?"""
    machine = patient.machine
    version = ".".join(map(str, machine.python))
    what = f"Python {version}, {machine.interpreter}"
    if machine.python[:2] < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        yield Finding("Python", BROKEN, what, f"Install Python {oldest} or newer and accountplan.")
    elif machine.system == WINDOWS and "WindowsApps" in str(machine.interpreter):
        yield Finding(
            "Python",
            LOOK,
            f"{what}, from the Microsoft Store: Excel cannot load what it keeps to itself",
            "Install Python from python.org (for this user, no administrator needed), then "
            "accountplan there.",
        )
    else:
        yield Finding("Python", FINE, what)


def check_packages(patient: Patient) -> Iterator[Finding]:
    """Each package that is needed: is it there, and new enough?"""
    machine = patient.machine
    yield Finding("accountplan", FINE, machine.version_of("accountplan") or "not installed")
    for package in ("accountplan", "xlwings"):
        for requirement in machine.needs_of(package):
            name, oldest = _needed(requirement, machine.system)
            if name:
                yield _package(name, oldest, machine)


def _needed(requirement: str, system: str) -> tuple[str, str]:
    """A package's name and oldest version; "" for what this computer does not need."""
    package, _, marker = requirement.partition(";")
    if "extra" in marker or ("platform_system" in marker and system not in marker):
        return "", ""
    name, _, oldest = package.partition(">=")
    return name.strip(), oldest.strip()


def _package(name: str, oldest: str, machine: Machine) -> Finding:
    version = machine.version_of(name)
    needed = f"needs {oldest} or newer" if oldest else "any version will do"
    mend = f"Run: {_pip(machine)} install --upgrade {name}"
    if version is None:
        return Finding(name, BROKEN, f"not installed; {needed}", mend)
    if oldest and _numbers(version) < _numbers(oldest):
        return Finding(name, BROKEN, f"{version}; {needed}", mend)
    return Finding(name, FINE, version)


def _pip(machine: Machine) -> str:
    """How to call pip for this very interpreter."""
    return f'"{machine.interpreter}" -m pip'


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, zeros at its end left out: "3.10.0rc1" is 3, 10."""
    found: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if digits:
            found.append(int(digits))
        if digits != part:
            break
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


# --- The add-in ---------------------------------------------------------------


def check_excel(patient: Patient) -> Iterator[Finding]:
    """Excel: is it installed?"""
    machine = patient.machine
    if machine.system == WINDOWS:
        key = r"Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
        places = (machine.registry_value(rf"{hive}\{key}", "") for hive in ("HKCU", "HKLM"))
        found = next((str(place) for place in places if place), None)
    elif machine.system == MAC:
        app = machine.program("/Applications/Microsoft Excel.app/Contents/MacOS/Microsoft Excel")
        found = str(app) if app else None
    else:
        yield Finding(
            "Excel",
            NOT_HERE,
            f"there is none on {machine.system}",
            "Run the macros on closed files or in LibreOffice Calc.",
        )
        return
    if found:
        yield Finding("Excel", FINE, found)
    else:
        yield Finding(
            "Excel", LOOK, "not found where it usually is", "Install Excel, and start it once."
        )


def check_addin(patient: Patient) -> Iterator[Finding]:
    """The add-in: is it where Excel loads it, as it was installed, and of this version?"""
    where, memory = patient.places, patient.memory
    if where is None:
        return
    if not where.addin.exists():
        yield Finding("Add-in", BROKEN, f"not in {where.addin.parent}", INSTALL)
        return
    if memory is None:
        yield Finding("Add-in", LOOK, f"{where.addin}: put there by somebody else", INSTALL)
        return
    now = [patient.machine.version_of(name) or "" for name in ("accountplan", "xlwings")]
    then = [memory.version, memory.xlwings]
    for name, installed, version in zip(("accountplan", "xlwings"), then, now, strict=True):
        if installed != version:
            yield Finding(
                "Add-in", BROKEN, f"made by {name} {installed}, but {version} is installed", INSTALL
            )
            return
    if not setup.is_as_written(where.addin, memory):
        yield Finding(
            "Add-in",
            LOOK,
            f"{where.addin}: changed since it was installed",
            "If you have not signed it yourself, run: accountplan addin install",
        )
        return
    yield Finding("Add-in", FINE, f"{where.addin}, of this version")


def check_settings(patient: Patient) -> Iterator[Finding]:
    """The settings that the add-in gives to xlwings: do they name this interpreter?"""
    where, machine = patient.places, patient.machine
    if where is None:
        return
    key = setup.INTERPRETERS[machine.system]
    held = where.config.read_bytes() if where.config.exists() else b""
    named = setup.value_in(held, key)
    if named is None:
        yield Finding("Settings", BROKEN, f"{where.config}: names no interpreter ({key})", INSTALL)
        return
    interpreter = machine.expanded(named)
    if not _same(interpreter, str(machine.interpreter), machine):
        yield Finding(
            "Settings",
            BROKEN,
            f"{where.config}: {key} is {interpreter}, but this is {machine.interpreter}",
            "Run accountplan addin install with the Python that Excel shall use.",
        )
    elif not Path(interpreter).exists():
        yield Finding("Settings", BROKEN, f"{interpreter}: is no longer there", INSTALL)
    else:
        yield Finding("Settings", FINE, f"{where.config} names this interpreter")


def _same(one: str, other: str, machine: Machine) -> bool:
    if machine.system == WINDOWS:
        one, other = (path.replace("\\", "/").casefold() for path in (one, other))
    return one == other


def check_bridge(patient: Patient) -> Iterator[Finding]:
    """What carries xlwings' calls: the DLL on Windows, the AppleScript on a Mac."""
    machine = patient.machine
    version = machine.version_of("xlwings")
    if machine.system == WINDOWS:
        folders = machine.interpreter.parents[:2]
        name = f"xlwings64-{version}.dll"
        if any((folder / name).exists() for folder in folders):
            yield Finding("xlwings DLL", FINE, name)
            return
        if (_users_own(machine) / name).exists():
            yield Finding(
                "xlwings DLL",
                BROKEN,
                f"{name} is in {_users_own(machine)}, where Excel does not look",
                "Install accountplan into an environment of its own (python -m venv), then run "
                "accountplan addin install from there.",
            )
            return
        others = sorted(path.name for each in folders for path in each.glob("xlwings64-*.dll"))
        what = f"{name} is in neither {folders[0]} nor {folders[1]}"
        yield Finding(
            "xlwings DLL",
            BROKEN,
            f"{what}; there is {others[-1]}" if others else what,
            f"Run: {_pip(machine)} install --force-reinstall --no-deps xlwings=={version}",
        )
    elif patient.places is not None and patient.places.scripts is not None:
        script = patient.places.scripts / f"xlwings-{version}.applescript"
        if script.exists():
            yield Finding("AppleScript", FINE, str(script))
        else:
            yield Finding("AppleScript", BROKEN, f"{script}: is not there", INSTALL)


def _users_own(machine: Machine) -> Path:
    """Where pip puts what it may not put beside Python."""
    return Path(machine.environment.get("APPDATA", str(machine.home))) / "Python"


def check_functions(patient: Patient) -> Iterator[Finding]:
    """Worksheet functions, which xlwings has on Windows only."""
    if patient.machine.system == MAC:
        yield Finding(
            "Worksheet functions",
            NOT_HERE,
            "xlwings has them on Windows only; a cell shows #NAME?",
            "Use xlwings Lite for those; buttons work here.",
        )


# --- What Excel allows --------------------------------------------------------


def check_macros(patient: Patient) -> Iterator[Finding]:
    """Macros: do the settings and the organisation's policies let them run?"""
    allowed, where = patient.trust, patient.places
    if allowed is None or where is None:
        return
    yield from _switched_off(allowed)
    who = "your organisation has set" if allowed.by_policy else "set in the Trust Center"
    if patient.machine.system == WINDOWS:
        yield _startup_folder(patient.machine, allowed, where)
    if allowed.macros == RUN_ALL:
        yield Finding(
            "Macros",
            LOOK,
            f"all run, from any file ({who})",
            "Choose 'Disable all macros with notification' (File, Options, Trust Center, Macro "
            "Settings); Account Plan does not need more.",
        )
    elif allowed.macros == ASK:
        yield Finding("Macros", FINE, "Excel asks before it runs those of a workbook")
    else:
        yield _refused(patient.machine, allowed, who)


def _refused(machine: Machine, allowed: Trust, who: str) -> Finding:
    if machine.system == MAC:
        return Finding(
            "Macros",
            BROKEN,
            f"none run, without a question ({who})",
            "Choose 'Disable all macros with notification' (Excel, Settings, Security).",
        )
    kind = "signed ones only" if allowed.macros == SIGNED_ONLY else "none"
    return Finding(
        "Macros",
        LOOK,
        f"outside trusted locations, {kind} run, without a question ({who})",
        "Keep workbooks with buttons in a trusted location, or use the add-in with plain .xlsx "
        "workbooks (README, Blocked macros).",
    )


def _switched_off(allowed: Trust) -> Iterator[Finding]:
    """What no trusted folder gets round."""
    ask = "Ask your IT to allow the add-in, or use xlwings Lite (README, Blocked macros)."
    if allowed.vba_off:
        yield Finding("Macros", BROKEN, "VBA is switched off for all of Office", ask)
    if allowed.addins_off:
        yield Finding("Macros", BROKEN, "Excel may load no add-ins (DisableAllAddins)", ask)
    elif allowed.addins_signed:
        yield Finding(
            "Macros",
            BROKEN,
            "add-ins must be signed (RequireAddinSig)",
            "Sign the add-in (README, Blocked macros), or use xlwings Lite.",
        )
    if allowed.macscript_off:
        yield Finding(
            "Macros",
            BROKEN,
            "VBA may run no AppleScript (DisableVisualBasicMacScript), which starts Python",
            ask,
        )


def _startup_folder(machine: Machine, allowed: Trust, where: setup.Places) -> Finding:
    """Whether the folder that the add-in is in is trusted."""
    folder = where.addin.parent
    if allowed.covers(where.addin):
        return Finding("Trusted locations", FINE, f"{folder} is one of them")
    if allowed.locations_off:
        return Finding(
            "Trusted locations",
            LOOK if allowed.macros in (RUN_ALL, ASK) else BROKEN,
            "switched off (AllLocationsDisabled)",
            "Sign the add-in (README, Blocked macros), or ask your IT to trust its folder.",
        )
    if not machine.registry_keys(f"{excel_key(machine)}\\Security\\Trusted Locations"):
        return Finding("Trusted locations", FINE, "Excel's own, which its start-up folder is in")
    return Finding(
        "Trusted locations",
        LOOK if allowed.macros in (RUN_ALL, ASK) else BROKEN,
        f"{folder} is not one of them",
        "Add it: File, Options, Trust Center, Trusted Locations, Add new location.",
    )


def check_projects(patient: Patient) -> Iterator[Finding]:
    """The right to change VBA projects, which Account Plan does not need."""
    if patient.trust is None:
        return
    state = "allowed" if patient.trust.projects_open else "not allowed"
    yield Finding("VBA project access", FINE, f"{state} to programs; Account Plan does not need it")


# --- Files --------------------------------------------------------------------


def check_marks(patient: Patient) -> Iterator[Finding]:
    """Files that came from elsewhere: does Excel block their macros?"""
    where = patient.places
    own = (where.addin,) if where is not None and where.addin.exists() else ()
    blocked = [
        finding for path in (*own, *patient.files) if (finding := _mark(path, patient)) is not None
    ]
    yield from blocked
    count = len(own) + len(patient.files)
    if count and not blocked and where is not None:
        yield Finding("Blocked files", FINE, f"none of {count}")


def _mark(path: Path, patient: Patient) -> Finding | None:
    mark = patient.machine.mark_of(path)
    has_macros = path.suffix.lower() in WITH_MACROS
    if mark is None:
        return None
    if patient.machine.system == MAC:
        if not has_macros:
            return None
        return Finding(
            "Blocked files",
            LOOK,
            f"{path}: macOS has marked it as downloaded",
            f"If you trust it, run: xattr -d com.apple.quarantine '{path}'",
        )
    if _zone(mark) not in (INTERNET, UNTRUSTED):
        return None
    if patient.trust is not None and patient.trust.covers(path):
        return None
    asks = patient.trust is not None and patient.trust.internet_asks
    blocks = has_macros and not asks
    return Finding(
        "Blocked files",
        BROKEN if blocks else LOOK,
        f"{path}: marked as from the internet; "
        + ("Excel blocks its macros" if blocks else "it opens in Protected View"),
        "If you trust it: right-click it in the Explorer, Properties, tick Unblock, OK.",
    )


def _zone(mark: str) -> int | None:
    for line in mark.splitlines():
        name, _, value = line.partition("=")
        if name.strip().casefold() == "zoneid" and value.strip().isdigit():
            return int(value)
    return None


def check_synced(patient: Patient) -> Iterator[Finding]:
    """Workbooks in a synced folder: Excel then gives xlwings a web address, not a path."""
    for folder in _synced_folders(patient.machine):
        found = [path for path in patient.files if path.is_relative_to(folder)]
        if not found:
            continue
        what = f"{len(found)} of these workbooks in {folder}, such as {found[0].name}"
        if _searches(patient):
            yield Finding(
                "OneDrive",
                BROKEN,
                f"{what}: buttons look for their place on disk, which Excel does not tell",
                INSTALL,
            )
        else:
            yield Finding(
                "OneDrive",
                LOOK,
                f"{what}: while AutoSave is on, every step is saved, and others may write too",
                "Switch AutoSave off before you press a button, and save when you are content.",
            )


def _searches(patient: Patient) -> bool:
    """Whether xlwings looks for Python code beside the workbook."""
    where = patient.places
    if where is None:
        return False
    held = where.config.read_bytes() if where.config.exists() else b""
    return (setup.value_in(held, setup.SEARCHED) or "True").casefold() == "true"


def _synced_folders(machine: Machine) -> Iterator[Path]:
    """The folders that OneDrive and SharePoint keep in step, each once."""
    named = [
        machine.environment.get(name)
        for name in ("OneDriveCommercial", "OneDriveConsumer", "OneDrive")
    ]
    engines = r"HKCU\Software\SyncEngines\Providers\OneDrive"
    named += [
        str(machine.registry_value(f"{engines}\\{key}", "MountPoint") or "")
        for key in machine.registry_keys(engines)
    ]
    cloud = machine.home / "Library" / "CloudStorage"
    if machine.system == MAC and cloud.is_dir():
        named += [str(path) for path in cloud.glob("OneDrive*")]
    folders = sorted({Path(name) for name in named if name})
    # A folder within another one that is listed too says nothing more.
    yield from (each for each in folders if not any(up in folders for up in each.parents))


# --- LibreOffice --------------------------------------------------------------


def check_libreoffice(patient: Patient) -> Iterator[Finding]:
    """LibreOffice, for .pdf files and for those who have no Excel."""
    machine = patient.machine
    program = _office(machine)
    if program is None:
        yield Finding(
            "LibreOffice",
            NOT_HERE,
            "not found; only .pdf files and macros in Calc need it",
            "Install it from libreoffice.org if you want those.",
        )
        return
    said = machine.said_by(str(program), "--version") or ""
    version = next((word for word in said.split() if word[:1].isdigit()), "")
    oldest = ".".join(map(str, OLDEST_OFFICE))
    if not version:
        yield Finding(
            "LibreOffice", LOOK, f"{program}: does not tell its version", "Start it once by hand."
        )
    elif _numbers(version) < OLDEST_OFFICE:
        yield Finding(
            "LibreOffice", LOOK, f"{version}; tried with {oldest} and newer", "Install a newer one."
        )
    else:
        yield Finding("LibreOffice", FINE, f"{version}, {program}")


def _office(machine: Machine) -> Path | None:
    return next((p for name in OFFICE_NAMES if (p := machine.program(name))), None)


def check_extension(patient: Patient) -> Iterator[Finding]:
    """The extension for Calc: is it added, switched on, and of this version?"""
    machine = patient.machine
    program = _office(machine)
    if program is None:
        return
    unopkg = str(program.resolve().with_name("unopkg"))
    # Added for this user, or by an administrator for everybody.
    said = machine.said_by(unopkg, "list", IDENTIFIER)
    said = said or machine.said_by(unopkg, "list", "--shared", IDENTIFIER)
    if not said:
        yield Finding(
            "Calc extension",
            NOT_HERE,
            "not added; only buttons and worksheet functions in Calc need it",
            f"If you want those: {INSTALL_CALC.lower()}",
        )
        return
    found, now = _told(said, "Version"), machine.version_of("accountplan") or ""
    if _told(said, "is registered") == "no":
        yield Finding("Calc extension", BROKEN, f"{found}, but it is switched off", INSTALL_CALC)
    elif found != now:
        what = f"made by accountplan {found}, but {now} is installed"
        yield Finding("Calc extension", BROKEN, what, INSTALL_CALC)
    else:
        yield Finding("Calc extension", FINE, f"{found}, registered")


def _told(said: str, name: str) -> str:
    """What a line of LibreOffice's extension manager says; of several, the first."""
    lines = (line.partition(":") for line in said.splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), "")


CHECKS: Final[tuple[Check, ...]] = (
    check_python,
    check_packages,
    check_excel,
    check_addin,
    check_settings,
    check_bridge,
    check_functions,
    check_macros,
    check_projects,
    check_marks,
    check_synced,
    check_libreoffice,
    check_extension,
)
