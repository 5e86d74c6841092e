"""Rest for the garbage collector while much is made that lasts.

It would walk over every new module, or every new cell, again and again, and find nothing to
clear away: a tenth of the time that an import or a macro takes.
"""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector() -> Iterator[None]:
    """Lets the garbage collector rest; where it rested before, it goes on resting."""
    was_awake = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_awake:
            gc.enable()


def end_quickly() -> None:
    """Spares this Python its last walk over everything it holds when it ends."""
    atexit.register(gc.freeze)
