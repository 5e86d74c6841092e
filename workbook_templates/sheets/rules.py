"""What may be typed into a cell: the checks that several sheets share."""

from datetime import datetime
from typing import Any, Final

FIRST_DAY: Final = datetime(1990, 1, 1)


def a_date() -> dict[str, Any]:
    """A calendar date; what a person means who types 31.03. without a year is refused."""
    return {
        "validate": "date",
        "criteria": ">=",
        "value": FIRST_DAY,
        "error_message": "Type a date, such as 2024-03-31.",
    }


def between(least: float, most: float, error: str) -> dict[str, Any]:
    """A number of a range, both ends included.

    Args:
        least, most: the ends.
        error: what a person reads who typed something else.
    """
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": least,
        "maximum": most,
        "error_message": error,
    }
