"""A button is pressed: the macro behind it runs, and the user reads one message.

What VBA calls. A mistake of the user ends in its lines; a fault of the program
goes to the log file, and the user reads where that is. Arguments come as hex of
UTF-16, so that no quote and no letter can break VBA's call.
"""

from typing import TYPE_CHECKING, Any

from ..udfs.errors import AccountPlanError
from .faults import note_fault
from .hosts.caller import calling

if TYPE_CHECKING:
    import xlwings as xw

    from .workbook import Workbook


def press(name: str, **arguments: str) -> None:
    """Runs a macro on the workbook whose button was pressed.

    Args:
        name: of the macro.
        arguments: of the macro, each as hex of its UTF-16 code units, big endian.
    """
    caller = calling()
    told = attempt(name, caller.book, **{key: text_of(value) for key, value in arguments.items()})
    if told:
        caller.alert(told)


def attempt(name: str, book: "xw.Book | Workbook", **arguments: Any) -> str:
    """Runs a macro; gives what went wrong in words, "" where nothing did."""
    from .macros import MACROS

    try:
        MACROS[name](book, **arguments)
    except AccountPlanError as mistake:
        return "\n".join(mistake.lines)
    except Exception as fault:
        return note_fault(fault)
    return ""


def text_of(code: str) -> str:
    """The text of hex digits, four for each UTF-16 code unit: 004E006F is No."""
    return bytes.fromhex(code).decode("utf-16-be")
