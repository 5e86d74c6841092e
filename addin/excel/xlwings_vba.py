"""xlwings' VBA, of the version that is installed, in words that LibreOffice reads too.

LibreOffice passes over ``#If`` and reads all branches, and where one module does
not parse, no button of the workbook works there. So what is known here already is
settled here (the program is Excel), what our buttons never call is left out, and
two declarations are said once. For Excel the meaning stays the same.

xlwings' VBA is BSD licensed, its Dictionary MIT; their notices stay in.
"""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CONFIGURATION: Final = "accountplan"
"""Whose configuration xlwings reads: .accountplan/accountplan.conf in the user's folder, so that
somebody's own xlwings.conf stays untouched."""
IN_WORKBOOKS: Final = "xlwings.bas"
IN_ADDINS: Final = "xlwings_custom_addin.bas"
"""The module for workbooks speaks to its own workbook, that for add-ins to the one in front."""

_PROJECT: Final = "Public Const PROJECT_NAME As String = "
_CONSTANT: Final = re.compile(r"#Const (\w+) = (\"[^\"]*\"|\w+)")
_IF: Final = re.compile(r"#(?:Else)?If (\w+) = (\"[^\"]*\") Then")
_UNCALLED: Final = (
    "GetUdfModules",
    "ImportPythonUDFs",
    "ImportPythonUDFsBase",
    "ImportPythonUDFsToAddin",
    "ImportXlwingsUdfsModule",
    "RunFrozenPython",
    "SaveConfigToFile",
    "sql",
)
"""What belongs to xlwings' own ribbon and extensions."""
_TWICE: Final = re.compile(
    r"^( *)#If Mac Then\n *Dim (\w+) As Dictionary\n(.*?#Else\n) *Dim \2 As Object\n",
    re.MULTILINE | re.DOTALL,
)
_COMPARE: Final = {"VBA.vbBinaryCompare": "0", "VBA.vbTextCompare": "1"}
_COMPARE_DATABASE: Final = {"VBA.vbDatabaseCompare": "2"}


def bridge(name: str) -> str:
    """The module that runs Python.

    Args:
        name: ``IN_WORKBOOKS`` or ``IN_ADDINS``.
    """
    text = _settled(_shipped(name))
    for procedure in _UNCALLED:
        text = _without(text, procedure)
    text = _TWICE.sub(r"\1Dim \2 As Object\n\1#If Mac Then\n\3", text)
    lines = text.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith(_PROJECT))
    lines[at] = f'{_PROJECT}"{CONFIGURATION}"'
    return "\n".join(lines)


def dictionary() -> str:
    """The class that the bridge uses on a Mac."""
    text = _shipped("addin/Dictionary.cls")
    for name, value in {**_COMPARE, **_COMPARE_DATABASE}.items():
        text = text.replace(name, value)
    return text


def _shipped(name: str) -> str:
    found = importlib.util.find_spec("xlwings")
    assert found is not None and found.origin is not None
    text = (Path(found.origin).parent / name).read_text(encoding="utf-8-sig")
    return text.replace("\r\n", "\n")


def _settled(text: str) -> str:
    """The text with the ``#If`` of its own text constants decided."""
    constants = {name: value for name, value in _CONSTANT.findall(text) if value.startswith('"')}
    return "\n".join(_decided(text.split("\n"), constants))


def _decided(lines: list[str], constants: dict[str, str]) -> Iterator[str]:
    # For each open #If: whether it is decided here, was true before, and is true now.
    open_: list[tuple[bool, bool, bool]] = []
    for line in lines:
        directive = line.strip()
        asked = _IF.match(directive)
        known = asked is not None and asked[1] in constants
        if directive.startswith("#If "):
            true = known and asked is not None and constants[asked[1]] == asked[2]
            open_.append((known, true, true or not known))
            if known:
                continue
        elif directive.startswith(("#Else", "#End If")) and open_ and open_[-1][0]:
            _, before, _ = open_.pop()
            if not directive.startswith("#End"):
                now = asked is None or constants[asked[1]] == asked[2]
                open_.append((True, before or now, now and not before))
            continue
        elif directive.startswith("#End If"):
            if all(now for *_, now in open_):
                yield line
            open_.pop()
            continue
        if all(now for *_, now in open_):
            yield line


def _without(text: str, procedure: str) -> str:
    """The text without a Sub or Function of this name."""
    whole = re.compile(
        rf"^(?:Public |Private )?(Sub|Function) {procedure}\b.*?^End \1\n",
        re.MULTILINE | re.DOTALL,
    )
    return whole.sub("", text)
