r"""What Excel on this computer does with macros, as its settings and policies say.

On Windows they stand in the registry: the user's own below
``HKCU\Software\Microsoft\Office``, what the organisation has set below
``...\Policies\...``, which wins. On a Mac they are preferences of the domain
``com.microsoft.office``; what the organisation has set wins there too. A Mac
knows no trusted locations, no signatures of VBA, and no policy on files from
the internet.

Source: Microsoft, "Macros from the internet will be blocked by default in
Office", "Trusted Locations for Office files" and "Set preferences for macro
security in Office for Mac".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .machine import WINDOWS, Machine

OFFICES: Final = ("16.0", "15.0", "14.0")
"""Excel 2016 and all later ones, 2013, 2010."""
USER: Final = r"HKCU\Software\Microsoft\Office\{office}\Excel"
POLICIES: Final = (
    r"HKCU\Software\Policies\Microsoft\Office\{office}\Excel",
    r"HKCU\Software\Policies\Microsoft\Cloud\Office\{office}\Excel",
    r"HKLM\Software\Policies\Microsoft\Office\{office}\Excel",
)
MAC_DOMAIN: Final = "com.microsoft.office"

RUN_ALL, ASK, SIGNED_ONLY, NONE = 1, 2, 3, 4
MAC_STATES: Final = {
    "EnabledWithoutWarnings": RUN_ALL,
    "DisabledWithWarnings": ASK,
    "DisabledWithoutWarnings": NONE,
}


@dataclass(frozen=True)
class TrustedFolder:
    """A trusted location."""

    path: str
    with_folders: bool


@dataclass(frozen=True)
class Trust:
    """The settings that decide whether macros run.

    Attributes:
        macros: 1 all run, 2 Excel asks, 3 signed ones only, 4 none; 2 where nothing is set.
        by_policy: whether the organisation has set that.
        locations: the trusted locations.
        locations_off: whether the organisation has switched them off.
        addins_signed: whether add-ins must be signed to load.
        addins_off: whether no add-in may load at all.
        vba_off: whether VBA as a whole is switched off.
        macscript_off: on a Mac: whether VBA may not run the AppleScripts that xlwings needs.
        projects_open: whether programs may change VBA projects.
        internet_asks: whether Excel only asks about macros in files from the internet.
    """

    macros: int
    by_policy: bool
    locations: tuple[TrustedFolder, ...] = ()
    locations_off: bool = False
    addins_signed: bool = False
    addins_off: bool = False
    vba_off: bool = False
    macscript_off: bool = False
    projects_open: bool = False
    internet_asks: bool = False

    def covers(self, path: Path) -> bool:
        """Whether a file lies in a trusted location."""
        if self.locations_off:
            return False
        return any(_is_in(path, folder) for folder in self.locations)


def trust(machine: Machine) -> Trust:
    """Reads the settings that decide whether macros run."""
    return _on_windows(machine) if machine.system == WINDOWS else _on_a_mac(machine)


def excel_key(machine: Machine) -> str:
    """The registry's key of the newest Excel that the user has started."""
    for office in OFFICES:
        if machine.registry_keys(USER.format(office=office)):
            return USER.format(office=office)
    return USER.format(office=OFFICES[0])


def _on_windows(machine: Machine) -> Trust:
    own = excel_key(machine)
    office = own.split("\\")[4]
    policies = tuple(policy.format(office=office) for policy in POLICIES)

    def policy(below: str, name: str) -> str | int | None:
        found = (machine.registry_value(f"{key}\\{below}", name) for key in policies)
        return next((value for value in found if value is not None), None)

    def setting(name: str) -> str | int | None:
        ruled = policy("Security", name)
        return ruled if ruled is not None else machine.registry_value(f"{own}\\Security", name)

    ruled = policy("Security", "VBAWarnings")
    macros = setting("VBAWarnings")
    return Trust(
        macros if macros in (RUN_ALL, ASK, SIGNED_ONLY, NONE) else ASK,
        ruled is not None,
        tuple(
            folder
            for key in (own, *policies)
            for folder in _folders(machine, f"{key}\\Security\\Trusted Locations")
        ),
        locations_off=policy(r"Security\Trusted Locations", "AllLocationsDisabled") == 1
        or machine.registry_value(f"{own}\\Security\\Trusted Locations", "AllLocationsDisabled")
        == 1,
        addins_signed=setting("RequireAddinSig") == 1,
        addins_off=setting("DisableAllAddins") == 1,
        vba_off=_vba_off(machine, office),
        projects_open=setting("AccessVBOM") == 1,
        internet_asks=policy("Security", "blockcontentexecutionfrominternet") == 0,
    )


def _vba_off(machine: Machine, office: str) -> bool:
    """Whether the policy "Disable VBA for Office applications" is set."""
    keys = (
        rf"{hive}\Software\{branch}Microsoft\Office\{office}\Common"
        for hive in ("HKCU", "HKLM")
        for branch in ("Policies\\", "")
    )
    return any(machine.registry_value(key, "VBAOff") == 1 for key in keys)


def _folders(machine: Machine, key: str) -> Iterator[TrustedFolder]:
    for name in machine.registry_keys(key):
        path = machine.registry_value(f"{key}\\{name}", "Path")
        if isinstance(path, str) and path:
            inside = machine.registry_value(f"{key}\\{name}", "AllowSubFolders") == 1
            yield TrustedFolder(machine.expanded(path), inside)


def _is_in(path: Path, folder: TrustedFolder) -> bool:
    """Whether a file lies in a folder, which may be spelled with either slash and any case."""
    trusted = _spelled(folder.path)
    parent = _spelled(str(path.parent))
    return parent == trusted or (folder.with_folders and parent.startswith(f"{trusted}/"))


def _spelled(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").casefold()


def _on_a_mac(machine: Machine) -> Trust:
    chosen = machine.preferences(MAC_DOMAIN)
    state = chosen.get("VisualBasicMacroExecutionState")
    return Trust(
        MAC_STATES.get(str(state), ASK),
        by_policy=False,
        vba_off=chosen.get("VisualBasicEntirelyDisabled") is True,
        macscript_off=chosen.get("DisableVisualBasicMacScript") is True,
        projects_open=chosen.get("VBAObjectModelIsTrusted") is True,
    )
