"""A macro on a workbook that nobody has open: `accountplan run`."""

import inspect
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..udfs.errors import WorkbookError
from . import undo
from .desk import listening
from .macros import MACROS

FILE, CALC, EXCEL = "file", "calc", "excel"


@dataclass(frozen=True)
class Done:
    """What a macro did.

    Attributes:
        macro, host: which, and where.
        rows: how many rows of tables it worked through.
        message: what the user reads.
        warnings: what to look at besides.
        seconds: how long it took, the saving included.
    """

    macro: str
    host: str
    rows: int
    message: str
    warnings: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The same for ``--json``."""
        return {
            "macro": self.macro,
            "host": self.host,
            "rows": self.rows,
            "warnings": list(self.warnings),
            "seconds": round(self.seconds, 3),
            "message": self.message,
        }


def arguments_of(macro: str, given: Sequence[str]) -> dict[str, str]:
    """The arguments of a macro out of NAME=VALUE texts.

    Raises:
        WorkbookError: no such macro, or no such argument.
    """
    if macro not in MACROS:
        raise WorkbookError(f"run: there is no macro {macro}; use one of: {', '.join(MACROS)}.")
    known = list(inspect.signature(MACROS[macro]).parameters)[1:]
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or name not in known:
            asks = f"it takes {', '.join(f'{each}=...' for each in known)}" if known else "none"
            raise WorkbookError(f"run {macro}: '{text}' is no argument of it; {asks}.")
        found[name] = value
    return found


def run(
    macro: str,
    workbook: Path,
    arguments: Mapping[str, Any],
    *,
    host: str = FILE,
    out: Path | None = None,
    force: bool = False,
) -> Done:
    """Runs a macro on a workbook, and saves it.

    Args:
        macro: its name.
        workbook: the file.
        arguments: of the macro.
        host: "file": closed, without an office program; "calc": closed, while LibreOffice
            calculates; "excel": Excel opens it.
        out: where to write to; the file itself without.
        force: whether ``out`` may be replaced.

    Raises:
        AccountPlanError: the workbook, or what stands in it, is wrong; nothing is written.
    """
    from .save import refuse_existing

    if out is not None:
        if out.suffix.lower() != workbook.suffix.lower():
            raise WorkbookError(
                f"{out}: what is written is of the same kind as {workbook.name}; name it "
                f"{out.stem}{workbook.suffix}."
            )
        refuse_existing(out, force=force)
    started = time.perf_counter()
    with listening() as desks:
        _HOSTS[host](MACROS[macro], workbook, arguments, out)
    (desk,) = desks
    return Done(
        macro,
        host,
        desk.rows,
        desk.message(),
        tuple(desk.warnings),
        time.perf_counter() - started,
    )


def _closed(
    macro: Callable[..., None], workbook: Path, arguments: Mapping[str, Any], out: Path | None
) -> None:
    from .hosts.package_writer import PackageWorkbook

    show = _show if sys.stderr.isatty() else None
    book = PackageWorkbook(workbook, out, show)
    with undo.unless_it_fails(book.place, _full(out)):
        macro(book, **arguments)
        book.save()


def _in_calc(
    macro: Callable[..., None], workbook: Path, arguments: Mapping[str, Any], out: Path | None
) -> None:
    from .hosts.calc_file import CalcFile
    from .hosts.calc_program import Calc

    show = _show if sys.stderr.isatty() else None
    with Calc() as calc:
        book = CalcFile(calc, workbook, out, show)
        with undo.unless_it_fails(book.place, _full(out)):
            macro(book, **arguments)
            book.save()


def _full(out: Path | None) -> str:
    return "" if out is None else str(out.resolve())


def _show(text: str) -> None:
    if text:
        print(text, file=sys.stderr)


def _in_excel(
    macro: Callable[..., None], workbook: Path, arguments: Mapping[str, Any], out: Path | None
) -> None:
    import xlwings as xw

    from .hosts.excel import ExcelWorkbook
    from .hosts.package import refuse

    class _Unattended(ExcelWorkbook):
        """The door without boxes: nobody is there to close them."""

        def message(self, text: str) -> None:
            """Says nothing: the message is printed at the end."""

    refuse(workbook)
    if sys.platform not in ("win32", "darwin"):
        raise WorkbookError(
            "run --host excel: there is no Excel on this computer; leave --host out, and the "
            "closed file is worked on."
        )
    with xw.App(visible=False, add_book=False) as app:
        app.display_alerts = False
        try:
            book = app.books.open(workbook)
        except Exception as trouble:
            raise WorkbookError(
                f"{workbook}: Excel cannot open it ({str(trouble).splitlines()[0][:80]})."
            ) from trouble
        door = _Unattended(book)
        with undo.unless_it_fails(door.place, _full(out)):
            macro(door, **arguments)
            book.save(out)
        book.close()


_HOSTS: Final = {FILE: _closed, CALC: _in_calc, EXCEL: _in_excel}
