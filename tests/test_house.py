"""Are the rules of the house kept: which room may know which, what every module must have?"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("udfs", "workbook_templates", "addin")
FOLDERS = {*ROOMS, "tests", "docs", ".ci"}

# The arrows go one way: addin -> workbook_templates -> udfs.
FORBIDDEN = {
    "udfs": ("accountplan.addin", "accountplan.workbook_templates"),
    "workbook_templates": ("accountplan.addin",),
    "addin": (),
}
# The model knows no Excel; its worksheet face imports xlwings alone.
OFFICE_LIBRARIES = ("xlwings", "openpyxl", "xlsxwriter", "python_calamine")


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[str]:
    """The full names of what a module imports, at its top or within its functions."""
    package = ["accountplan", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def is_within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def files() -> list[Path]:
    """Every file of the project, but what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("path", modules(*ROOMS), ids=name_of)
def test_no_room_imports_from_a_room_above_it(path: Path) -> None:
    forbidden = FORBIDDEN[path.relative_to(ROOT).parts[0]]
    assert [name for name in imported(path) if is_within(name, *forbidden)] == []


@pytest.mark.parametrize("path", modules("udfs"), ids=name_of)
def test_the_model_knows_no_excel(path: Path) -> None:
    allowed = ("xlwings",) if path.name == "worksheet.py" else ()
    found = [name for name in imported(path) if is_within(name, *OFFICE_LIBRARIES)]
    assert [name for name in found if not is_within(name, *allowed)] == []


@pytest.mark.parametrize("path", modules(*ROOMS), ids=name_of)
def test_nothing_rests_on_the_part_of_xlwings_that_is_not_free(path: Path) -> None:
    assert [name for name in imported(path) if is_within(name, "xlwings.pro")] == []


@pytest.mark.parametrize("path", modules("udfs", "workbook_templates"), ids=name_of)
def test_model_and_templates_read_no_clock(path: Path) -> None:
    asked = [
        f"{ast.unparse(node)} in line {node.lineno}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"today", "now", "utcnow"}
    ]
    assert asked == []
    assert [name for name in imported(path) if is_within(name, "time")] == []


@pytest.mark.parametrize("path", modules(*ROOMS), ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize("path", modules("udfs"), ids=name_of)
def test_every_public_part_of_the_model_is_documented(path: Path) -> None:
    kinds = (ast.FunctionDef, ast.ClassDef)
    top = [node for node in tree_of(path).body if isinstance(node, kinds)]
    within = [
        node
        for parent in top
        if isinstance(parent, ast.ClassDef) and not parent.name.startswith("_")
        for node in parent.body
        if isinstance(node, ast.FunctionDef)
    ]
    public = [node for node in [*top, *within] if not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
    found = []
    for path in files():
        data = path.read_bytes()
        if b"\0" not in data and marks.search(data.decode("utf-8", errors="replace")):
            found.append(name_of(path))
    assert found == []


def test_the_root_holds_the_rooms_of_the_house_only() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in files() if path.parent != ROOT}
    assert folders <= FOLDERS


def commands(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, set[str]]]:
    """Each command with its long options: ("accountplan build", {"--accounts", ...})."""
    options: set[str] = set()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from commands(below, f"{name} {word}")
        elif not isinstance(action, argparse._HelpAction):
            options |= {option for option in action.option_strings if option.startswith("--")}
    yield name, options


def test_the_readme_names_every_command_and_option() -> None:
    from accountplan.addin.cli import build_parser

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = []
    for command, options in commands(build_parser(), "accountplan"):
        if not re.search(rf"{re.escape(command)}(?![\w-])", readme):
            missing.append(command)
        for option in sorted(options):
            if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", readme):
                missing.append(f"{command} {option}")
    assert missing == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from a copy, so that nothing built before leaks into it."""
    source = tmp_path_factory.mktemp("source")
    for path in files():
        if path.parent == ROOT or path.relative_to(ROOT).parts[0] in ROOMS:
            target = source / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(built), "."]
    ran = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (file,) = built.glob("*.whl")
    return zipfile.ZipFile(file).namelist()


def test_the_wheel_puts_one_name_into_site_packages(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"accountplan"}


def test_the_wheel_holds_every_file_of_the_rooms(wheel: list[str]) -> None:
    ours = [path.relative_to(ROOT) for path in files()]
    expected = {f"accountplan/{path.as_posix()}" for path in ours if path.parts[0] in ROOMS}
    assert expected - set(wheel) == set()
