"""How high is a row whose text goes over several lines?

Programs fit rows only while somebody types, so that whoever writes a file says how
high they are.
"""

import math
from collections.abc import Iterable
from typing import Final

LINE_HEIGHT: Final = 13.5


def height_for(cells: Iterable[tuple[str, float]]) -> float | None:
    """The height in points that these wrapped texts need.

    Args:
        cells: each text, and the width of its column in characters.

    Returns:
        None where each fits on one line, and the usual height does.
    """
    lines = max((_lines(text, width) for text, width in cells), default=1)
    return 3 + LINE_HEIGHT * lines if lines > 1 else None


def _lines(text: str, width: float) -> int:
    # Words do not fill a line to its end.
    room = max(width * 0.95, 1)
    return sum(max(1, math.ceil(len(part) / room)) for part in str(text).split("\n"))
