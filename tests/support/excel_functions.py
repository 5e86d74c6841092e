"""Worksheet functions called as Excel on Windows calls them, on any machine.

The code that runs is xlwings' own for Windows: registration, conversion of
what COM delivers, the call, conversion of what goes back. Only pywin32 is
played by stand-ins, so this runs in a process of its own: as a script it
reads calls from stdin as JSON, and writes what came of them to stdout.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict
from unittest.mock import MagicMock

MISSING = -2147352572
"""What COM delivers for an optional argument that was left out."""
DIV0 = -2146826281
"""What COM delivers for a cell that shows #DIV/0!."""

PYWIN32 = (
    *("pythoncom", "pywintypes", "win32api", "win32con", "win32gui", "win32process"),
    *("win32timezone", "win32event", "win32com", "win32com.client", "win32com.server"),
    *("win32com.server.dispatcher", "win32com.server.policy", "win32com.server.util"),
)


class Seen(TypedDict):
    """What Excel learns of the functions, by name, and what each call put into the cells."""

    registered: dict[str, dict[str, Any]]
    results: list[list[list[Any]]]


def call_as_excel(calls: Sequence[tuple[str, Sequence[Any]]]) -> Seen:
    """Registers the functions and calls some of them.

    Args:
        calls: function and arguments, as COM delivers them: numbers as floats,
            ranges as rows of cells, blank cells as None.
    """
    ran = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=Path(__file__).parents[2],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    seen: Seen = json.loads(ran.stdout)
    return seen


def _play_windows() -> None:
    stand_ins = {name: MagicMock(name=name) for name in PYWIN32}
    stand_ins["pythoncom"].__file__ = "pythoncom.dll"
    stand_ins["pywintypes"].TimeType = datetime
    stand_ins["pywintypes"].com_error = type("com_error", (Exception,), {})
    sys.modules.update(stand_ins)
    for name in ("oledll", "windll", "PyDLL", "WINFUNCTYPE"):
        setattr(ctypes, name, MagicMock(name=name))


def _functions_in_excel() -> ModuleType:
    """The module of the functions, loaded where xlwings registers them."""
    import xlwings
    from xlwings import _xlwindows, udfs

    from accountplan.udfs import worksheet

    xlwings._xlwindows = _xlwindows
    xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
    _xlwindows.is_range_instance = lambda argument: False
    vars(xlwings)["func"] = udfs.xlfunc
    assert worksheet.__file__
    spec = importlib.util.spec_from_file_location(
        "accountplan.udfs.worksheet_in_excel", worksheet.__file__
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    udfs.udf_modules[spec.name] = {"filename": "", "filetime": None, "module": module}
    return module


def _main() -> None:
    _play_windows()
    module = _functions_in_excel()
    from xlwings import udfs

    def com(argument: Any) -> Any:
        return tuple(map(com, argument)) if isinstance(argument, list) else argument

    seen: Seen = {"registered": {}, "results": []}
    for name, function in vars(module).items():
        if hasattr(function, "__xlfunc__"):
            told = function.__xlfunc__
            helps = {each["name"]: each["doc"] for each in told["args"]}
            seen["registered"][name] = {"category": told["category"], "arguments": helps}
    call: Any = udfs.call_udf
    for name, arguments in json.load(sys.stdin):
        given = tuple(map(com, arguments))
        seen["results"].append(call(module.__name__, name, given, None, MagicMock()))
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    _main()
