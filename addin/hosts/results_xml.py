"""Puts the results of formulas into a sheet's part, as the last program to calculate would.

Formulas stay as they are, and so does every other byte.

Source: ECMA-376, Office Open XML, part 1, section 18.3.1.4.
"""

import re
from collections.abc import Mapping
from typing import Final

from ..workbook import CellError
from .cells_xml import Stored
from .markup import escaped

_FORMULA_CELL: Final = re.compile(
    rb'<c r="(?P<at>[A-Z]+[0-9]+)"(?P<rest>[^>]*)>'
    rb"(?P<formula><f(?:\s[^>]*)?(?:/>|>[^<]*</f>))"
    rb"(?P<value><v(?:\s[^>]*)?(?:/>|>[^<]*</v>))?</c>"
)
_KIND: Final = re.compile(rb'\s+t="[^"]*"')


def with_results(content: bytes, results: Mapping[str, Stored]) -> bytes:
    """The part of a sheet with other results.

    Args:
        content: the part.
        results: cell, such as B7 -> what its formula gives; cells that are not
            named keep what they have.
    """

    def told(cell: re.Match[bytes]) -> bytes:
        at = cell["at"].decode()
        if at not in results:
            return cell[0]
        kind, value = _spelled(results[at])
        rest = _KIND.sub(b"", cell["rest"]) + kind
        return b'<c r="%s"%s>%s%s</c>' % (cell["at"], rest, cell["formula"], value)

    return _FORMULA_CELL.sub(told, content)


def _spelled(value: Stored) -> tuple[bytes, bytes]:
    """How a result is written: the cell's kind, and the value."""
    if value is None:
        return b' t="str"', b"<v></v>"
    if isinstance(value, CellError):
        return b' t="e"', b"<v>%s</v>" % escaped(value.text)
    if isinstance(value, bool):
        return b' t="b"', b"<v>%d</v>" % value
    if isinstance(value, str):
        return b' t="str"', b"<v>%s</v>" % escaped(value)
    number = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return b"", b"<v>%s</v>" % number.encode()
