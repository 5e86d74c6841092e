"""What does each sheet of this workbook look like?

LibreOffice draws it, pdftoppm makes the PNG files. Three ways to look:
- `sheet` (the default): each sheet as it prints, turned to landscape and fitted to one page
  wide; its first pages, `Name.png`, `Name-2.png`.
- `screen`: each sheet as a window shows it, whatever its print set-up: from A1, gridlines as in
  the file, cut after the height of two windows; `--range A1:P40` looks at a part of one sheet.
- `print`: the whole workbook as it goes to a printer, `page-01.png` and so on.

    python -m tests.support.pictures WORKBOOK OUTDIR [--mode screen] [--sheet NAME]
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .needs import PDFTOPPM, MissingToolError
from .office import PDF, Office, OfficeFailedError

MODES = ("sheet", "screen", "print")
WIDTH = 1600
FIRST_PAGES = 2


def pictures(
    office: Office,
    workbook: Path | str,
    folder: Path | str,
    *,
    mode: str = "sheet",
    width: int = WIDTH,
    only: str | None = None,
    area: str | None = None,
) -> list[Path]:
    """The PNG files, in the order of the sheets, each `width` pixels wide.

    only: this sheet alone; area: this part of it, such as "A1:P40" (both but in `print`).
    Hidden sheets are not drawn. Raises MissingToolError where LibreOffice or pdftoppm lacks.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="accountplan-pictures-") as scratch:
        if mode == "print":
            pdf = office.save_as(workbook, Path(scratch) / "all.pdf", PDF)
            pages = _pages(pdf, width, last=None)
            return [_moved(page, target / f"page-{n:02}.png") for n, page in enumerate(pages, 1)]
        pdfs = office.sheet_pdfs(
            workbook, Path(scratch), only=only, area=area, screen=mode == "screen"
        )
        drawn = []
        for sheet, pdf in pdfs.items():
            pages = _pages(pdf, width, last=1 if mode == "screen" else FIRST_PAGES)
            for number, page in enumerate(pages, start=1):
                tail = "" if number == 1 else f"-{number}"
                drawn.append(_moved(page, target / f"{_file_name(sheet)}{tail}.png"))
        return drawn


def _pages(pdf: Path, width: int, last: int | None) -> list[Path]:
    """The pages of a PDF, up to the `last`, as PNG files beside it."""
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        raise MissingToolError(PDFTOPPM)
    size = ["-png", "-scale-to-x", str(width), "-scale-to-y", "-1"]
    cut = [] if last is None else ["-l", str(last)]
    subprocess.run([pdftoppm, *size, *cut, str(pdf), str(pdf.with_suffix(""))], check=True)
    return sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))


def _moved(page: Path, target: Path) -> Path:
    return Path(shutil.move(page, target))


def _file_name(sheet: str) -> str:
    return re.sub(r"[^\w .$-]", "_", sheet).strip()


def main(arguments: list[str] | None = None) -> int:
    """The command line; prints each picture's path."""
    parser = argparse.ArgumentParser(prog="pictures", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("workbook", type=Path)
    parser.add_argument("folder", type=Path, metavar="outdir")
    parser.add_argument("--mode", choices=MODES, default="sheet")
    parser.add_argument("--width", type=int, default=WIDTH, help="pixels (default %(default)s)")
    parser.add_argument("--sheet", help="this sheet alone")
    parser.add_argument("--range", dest="area", help="this part of the sheet, such as A1:P40")
    given = parser.parse_args(arguments)
    office = Office()
    try:
        for picture in pictures(
            office,
            given.workbook,
            given.folder,
            mode=given.mode,
            width=given.width,
            only=given.sheet,
            area=given.area,
        ):
            print(picture)
    except (MissingToolError, OfficeFailedError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        office.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
