"""Named cell styles: Input, Calculation, Output and so on, in the program's own gallery.

XlsxWriter formats cells without naming the styles. Here the styles part gets
them: one named style per role, made of the format that the role's cells have,
and the cells' formats refer to it. Where Excel has a style of that name
already, it is that one, adapted.
"""

import re
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager

NAMED: Final = {
    "input": ("Input", 20),
    "calculation": ("Calculation", 22),
    "output": ("Output", 21),
    "note": ("Note", 10),
    "good": ("Good", 26),
    "flag": ("Flag", None),
}
"""Role -> name in the gallery, and Excel's own number for it where it has one."""

_XF: Final = re.compile(r"<xf [^>]*?(?:/>|>.*?</xf>)")


def style_number(role: str) -> int:
    """Which named style a role's cells refer to; 0 is Normal."""
    return [*NAMED].index(role) + 1 if role in NAMED else 0


class StyledWorkbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook whose styles have names. ``bases`` holds the plain format of each role."""

    bases: dict[str, Format]

    def name_styles(self, bases: dict[str, Format]) -> None:
        """Takes the plain format of each role; it is kept also where no cell has it."""
        self.bases = bases
        for base in bases.values():
            base._get_xf_index()

    def _get_packager(self) -> Packager:
        return _StyledPackager(self.bases)


class _StyledPackager(Packager):  # type: ignore[misc]
    def __init__(self, bases: dict[str, Format]) -> None:
        super().__init__()
        self._bases = bases

    def _write_styles_file(self) -> None:
        super()._write_styles_file()
        # The part that was written last, still in memory.
        part: Any = self.filenames[-1][0]
        text = part.getvalue()
        part.seek(0)
        part.truncate()
        part.write(with_names(text, [self._bases[role]._get_xf_index() for role in NAMED]))


def with_names(text: str, bases: list[int]) -> str:
    """The styles part with the named styles in it.

    Args:
        text: the part as XlsxWriter wrote it, its one named style Normal.
        bases: for each of ``NAMED`` the place of its format in cellXfs.
    """
    cells = text[text.index("<cellXfs") : text.index("</cellXfs>")]
    formats = _XF.findall(cells)
    named = [re.sub(r' xfId="\d+"', "", formats[place]) for place in bases]
    entries = []
    for number, (name, builtin) in enumerate(NAMED.values(), start=1):
        known = "" if builtin is None else f' builtinId="{builtin}" customBuiltin="1"'
        entries.append(f'<cellStyle name="{name}" xfId="{number}"{known}/>')
    count = 1 + len(named)
    text = text.replace('<cellStyleXfs count="1">', f'<cellStyleXfs count="{count}">')
    text = text.replace("</cellStyleXfs>", "".join(named) + "</cellStyleXfs>")
    text = text.replace('<cellStyles count="1">', f'<cellStyles count="{count}">')
    return text.replace("</cellStyles>", "".join(entries) + "</cellStyles>")
