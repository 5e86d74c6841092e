"""Computers that are not here: the answers of Windows and of a Mac, planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from accountplan.addin.machine import MAC, WINDOWS, Machine

VERSIONS = {
    "accountplan": "0.1.0",
    "xlwings": "0.37.8",
    "pandas": "2.2.3",
    "pywin32": "306",
    "appscript": "1.2.5",
    "psutil": "5.9.0",
}
NEEDS = {
    "accountplan": ("pandas>=2.2", "xlwings>=0.33", 'pytest>=8; extra == "test"'),
    "xlwings": (
        'pywin32>=224 ; platform_system == "Windows"',
        'psutil>=2.0.0 ; platform_system == "Darwin"',
        'appscript>=1.0.1 ; platform_system == "Darwin"',
        "black ; extra == 'all'",
    ),
}


@dataclass(frozen=True)
class PlantedMachine(Machine):
    """A computer whose answers a test has laid down; its files are real, below ``home``."""

    versions: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))
    registry: dict[str, dict[str, str | int]] = field(default_factory=dict)
    preferred: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, Path] = field(default_factory=dict)
    prints: Mapping[str, str] = field(default_factory=dict)

    def version_of(self, package: str) -> str | None:
        return self.versions.get(package)

    def needs_of(self, package: str) -> tuple[str, ...]:
        return NEEDS.get(package, ())

    def registry_value(self, key: str, name: str) -> str | int | None:
        return self.registry.get(key, {}).get(name)

    def registry_keys(self, key: str) -> tuple[str, ...]:
        below = (each[len(key) + 1 :] for each in self.registry if each.startswith(f"{key}\\"))
        return tuple(dict.fromkeys(each.split("\\")[0] for each in below))

    def preferences(self, domain: str) -> Mapping[str, object]:
        return self.preferred.get(domain, {})

    def mark_of(self, path: Path) -> str | None:
        return self.marks.get(path.name)

    def program(self, name: str) -> Path | None:
        return self.programs.get(name)

    def said_by(self, *command: str) -> str | None:
        return self.prints.get(" ".join(command))


def windows(home: Path) -> PlantedMachine:
    """A laptop with Windows and a virtual environment in the user's folder."""
    environment = {"USERPROFILE": str(home), "APPDATA": str(home / "AppData" / "Roaming")}
    interpreter = home / "venv" / "Scripts" / "python.exe"
    return PlantedMachine(WINDOWS, home, environment, interpreter, (3, 12, 1))


def mac(home: Path) -> PlantedMachine:
    """A Mac with a virtual environment in the user's folder."""
    interpreter = home / "venv" / "bin" / "python"
    return PlantedMachine(MAC, home, {"HOME": str(home)}, interpreter, (3, 12, 1))


def linux(home: Path) -> PlantedMachine:
    """A computer with Linux."""
    return PlantedMachine("Linux", home, {"HOME": str(home)}, Path("/usr/bin/python3"), (3, 11, 2))
