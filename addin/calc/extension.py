"""The extension for LibreOffice Calc: packed from text, and added to whoever's Calc.

It holds the two modules that run in the office, the functions that are exchanged in a
workbook's VBA, and which Python to start.

Source: the LibreOffice Developer's Guide, chapters Extensions and Jobs.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ...udfs.errors import SaveError
from .. import hosts
from ..hosts.calc import CalcError
from ..hosts.calc_program import find_program
from ..save import writing
from . import IDENTIFIER

EXTENSION_FILE: Final = "accountplan.oxt"
_COMPONENT: Final = "accountplan_calc.py"
_FUNCTIONS: Final = "AccountPlanPython.bas"
_DESK: Final = "calc_office.py"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)

_MANIFEST: Final = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
<manifest:file-entry manifest:full-path="accountplan_calc.py"
 manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
<manifest:file-entry manifest:full-path="Jobs.xcu"
 manifest:media-type="application/vnd.sun.star.configuration-data"/>
</manifest:manifest>
"""
_DESCRIPTION: Final = """<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006"
 xmlns:xlink="http://www.w3.org/1999/xlink">
<identifier value="{identifier}"/>
<version value="{version}"/>
<display-name><name lang="en">Account Plan</name></display-name>
<publisher><name lang="en" xlink:href="">Account Plan</name></publisher>
</description>
"""
_JOBS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="Jobs" oor:package="org.openoffice.Office">
<node oor:name="Jobs"><node oor:name="AccountPlan" oor:op="replace">
<prop oor:name="Service"><value>org.accountplan.Calc</value></prop>
</node></node>
<node oor:name="Events"><node oor:name="OnLoad" oor:op="fuse"><node oor:name="JobList">
<node oor:name="AccountPlan" oor:op="replace"/>
</node></node></node>
</oor:component-data>
"""


def build_extension(path: Path, python: Sequence[str] = (sys.executable,)) -> None:
    """Writes the extension.

    Args:
        path: where to, with the ending .oxt.
        python: the command that starts the Python in which the product is installed.

    Raises:
        SaveError: another ending, or the file cannot be written.
    """
    if path.suffix.lower() != ".oxt":
        raise SaveError(f"{path}: LibreOffice adds extensions from .oxt files; give such a name.")
    office = files(__package__) / "office"
    parts = {
        "META-INF/manifest.xml": _MANIFEST,
        "description.xml": _DESCRIPTION.format(
            identifier=IDENTIFIER, version=version("accountplan")
        ),
        "Jobs.xcu": _JOBS,
        "python.json": json.dumps(list(python)),
        _COMPONENT: (office / _COMPONENT).read_text("utf-8"),
        _FUNCTIONS: (office / _FUNCTIONS).read_text("ascii"),
        f"pythonpath/{_DESK}": (files(hosts) / _DESK).read_text("utf-8"),
    }
    with writing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in parts.items():
            pack.writestr(zipfile.ZipInfo(name, _EPOCH), text)


def set_up(*where: str) -> None:
    """Adds the extension to this computer's Calc, in place of an older one.

    Args:
        where: options that name another profile than the user's own.

    Raises:
        CalcError: there is no LibreOffice, or it does not take the extension.
    """
    with TemporaryDirectory(prefix="accountplan-") as folder:
        path = Path(folder) / EXTENSION_FILE
        build_extension(path)
        _unopkg("add", "--force", "--suppress-license", *where, str(path))


def remove(*where: str) -> None:
    """Takes the extension out of Calc.

    Raises:
        CalcError: it is not there, or LibreOffice is not.
    """
    _unopkg("remove", *where, IDENTIFIER)


def _unopkg(task: str, *arguments: str) -> None:
    program = find_program().resolve().parent
    found = (path for name in ("unopkg", "unopkg.com") if (path := program / name).exists())
    unopkg = next(found, None)
    if unopkg is None:
        raise CalcError(f"{program}: LibreOffice's program unopkg is missing; install it anew.")
    # LibreOffice lets the administrator of a computer add extensions for everybody only.
    everybody = ["--shared"] if os.name == "posix" and os.geteuid() == 0 else []
    done = subprocess.run(
        [str(unopkg), task, *everybody, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().split("\n")[-1]
        raise CalcError(
            f"LibreOffice does not do it ({said}); close LibreOffice, and run this again."
        )
