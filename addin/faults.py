"""Faults of the program: their details go to a log file, the user reads where it is."""

import traceback
from datetime import datetime


def note_fault(fault: BaseException) -> str:
    """Notes a fault in the log file; gives the line that the user reads.

    Where no log can be written, the details come with the line.
    """
    from platformdirs import user_log_path

    details = "".join(traceback.format_exception(fault))
    last = details.strip().splitlines()[-1]
    try:
        log = user_log_path("accountplan", ensure_exists=True) / "faults.log"
        with log.open("a", encoding="utf-8") as out:
            out.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}\n{details}\n")
    except OSError:
        return f"{details}\na fault in the program; please report the lines above."
    return f"a fault in the program ({last}). Please report it; details are in {log}."
