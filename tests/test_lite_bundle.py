"""Is what one pastes into xlwings Lite whole, and does it run with nothing but what Lite has?"""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from accountplan.addin import macros
from accountplan.addin.lite import bundle
from accountplan.udfs import worksheet
from accountplan.workbook_templates import contract as c

ROOT = Path(__file__).parents[1]
# Compiled libraries that Pyodide ships (its pyodide-lock.json, 0.27 to 314); others must be pure.
IN_PYODIDE = {"lxml", "numpy", "pandas", "python-calamine", "scikit-learn", "scipy"}
# Parts of Python that Pyodide does not have (tried in 314.0.7).
NOT_IN_PYODIDE = ("_multiprocessing", "curses", "grp", "pwd", "readline", "resource", "winreg")

# Lets a program import Python's own modules and named libraries only, as Lite does.
FENCE = r"""
import re
import sys
from importlib import metadata

def family(names):
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop().lower()
        try:
            needed = metadata.requires(name) or ()
        except metadata.PackageNotFoundError:
            continue
        if name not in found:
            found.add(name)
            plain = (each for each in needed if "extra" not in each)
            waiting += [re.match(r"[A-Za-z0-9._-]+", each)[0] for each in plain]
    return found

allowed = family({requirements!r})
tops = {{
    top for top, names in metadata.packages_distributions().items()
    if allowed & {{name.lower() for name in names}}
}}
tops |= set(sys.stdlib_module_names) | {{"accountplan", "main", "tests"}}

class Fence:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in tops or name in {forbidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}} in xlwings Lite", name=name)

sys.meta_path = [Fence(), *(each for each in sys.meta_path if "editable" not in repr(each))]
sys.path_hooks = [each for each in sys.path_hooks if "editable" not in repr(each)]
sys.path = [each for each in sys.path if "editable" not in each]
"""


@pytest.fixture(scope="module")
def made() -> bundle.Lite:
    return bundle.lite()


@pytest.fixture(scope="module")
def folder(made: bundle.Lite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("lite")
    paths = bundle.write_lite(found)
    assert [path.read_text(encoding="utf-8") for path in paths] == [made.main, made.requirements]
    return found


def names(requirements: str) -> list[str]:
    return [line.partition("==")[0] for line in requirements.split()]


def in_lite(folder: Path, code: str, *more: str) -> object:
    """What a program prints, as JSON, that runs with nothing but what Lite has (and ``more``)."""
    requirements = [*names((folder / bundle.REQUIREMENTS).read_text()), *more]
    fence = FENCE.format(requirements=requirements, forbidden=NOT_IN_PYODIDE)
    program = f"{fence}\nsys.path[:0] = {[str(folder), str(ROOT)]!r}\n{code}"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=folder
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout)


def scripts(text: str) -> dict[str, ast.AsyncFunctionDef]:
    return {
        node.name: node
        for node in ast.parse(text).body
        if isinstance(node, ast.AsyncFunctionDef) and "script" in ast.dump(node.decorator_list[0])
    }


def test_every_macro_has_its_script_with_the_same_arguments_and_help(made: bundle.Lite) -> None:
    found = scripts(made.main)
    tree = ast.parse(Path(macros.__file__).read_text(encoding="utf-8"))
    expected = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("script" in ast.dump(each) for each in node.decorator_list)
    ]
    assert list(found) == expected
    for name, script in found.items():
        signature = inspect.signature(inspect.unwrap(getattr(macros, name)))
        assert [each.arg for each in script.args.args] == list(signature.parameters)
        needed = [p for p in signature.parameters.values() if p.default is p.empty]
        assert len(script.args.args) - len(script.args.defaults) == len(needed)
        assert ast.get_docstring(script) == inspect.getdoc(getattr(macros, name))


def test_it_runs_with_nothing_but_what_lite_has(folder: Path) -> None:
    told = in_lite(
        folder,
        "import inspect, json, main\n"
        "from accountplan.udfs import worksheet\n"
        "print(json.dumps({\n"
        "    'file': worksheet.__file__,\n"
        "    'scripts': [n for n, f in vars(main).items() if inspect.iscoroutinefunction(f)],\n"
        "    'functions': sorted(n for n in worksheet.FUNCTIONS if hasattr(main, n)),\n"
        "    'quadrant': main.quadrant([[900.0], [10.0]], [[80.0], [80.0]], 100.0),\n"
        "}))",
    )
    assert isinstance(told, dict)
    assert "site-packages" not in told["file"] and "accountplan-" in told["file"]
    assert told["scripts"] == list(scripts((folder / bundle.MAIN).read_text()))
    assert told["functions"] == sorted(worksheet.FUNCTIONS)
    assert told["quadrant"] == [["Slam dunk"], ["Quick win"]]


def test_no_module_is_missing_in_it(folder: Path) -> None:
    modules = sorted(bundle.needed_modules(bundle.ENTRIES))
    told = in_lite(
        folder,
        f"import importlib, json, main\nprint(json.dumps([importlib.import_module(name).__file__ "
        f"for name in {modules!r}]))",
    )
    assert isinstance(told, list)
    assert [path for path in told if "accountplan-" not in path] == []


def test_a_button_works_with_nothing_but_what_lite_has(folder: Path, tmp_path: Path) -> None:
    from accountplan.addin.files import write_template

    path = tmp_path / "template.xlsx"
    write_template(path)
    told = in_lite(
        folder,
        "import asyncio, json, main\n"
        "from pathlib import Path\n"
        "from tests.support import lite\n"
        f"book = lite.open_book(Path({str(path)!r}))\n"
        "asyncio.run(main.check_plans(book))\n"
        "print(json.dumps(book.impl.app.boxes))",
        "openpyxl",  # reads the file for the Excel in memory
    )
    assert isinstance(told, list) and len(told) == 1
    assert "plan" in told[0]


def test_each_requirement_is_one_that_lite_can_install(made: bundle.Lite) -> None:
    assert f"xlwings=={metadata.version('xlwings')}\n" in made.requirements
    for name in names(made.requirements):
        wheel = metadata.distribution(name).read_text("WHEEL") or ""
        # xlwings has a pure wheel beside those for desktops.
        assert name in {*IN_PYODIDE, "xlwings"} or "Root-Is-Purelib: true" in wheel, name


def test_it_stays_small_enough_to_paste(made: bundle.Lite) -> None:
    # A workbook keeps it, and an editor shows it.
    assert len(made.main) < 600_000
    assert max(map(len, made.main.splitlines())) < 1_000
    assert made.main.isascii()


def test_the_same_version_gives_the_same_text(made: bundle.Lite) -> None:
    assert bundle.lite() == made


def test_the_packed_sources_are_those_that_are_installed(made: bundle.Lite) -> None:
    found = bundle.needed_modules(bundle.ENTRIES)
    assert {"accountplan.addin.macros", "accountplan.addin.hosts.excel"} <= set(found)
    assert not any("accountplan.addin.cli" in name for name in found)
    assert c.__name__ in found
