"""Fixtures that many tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pandas as pd
import pytest

from accountplan.addin.hosts.calc_program import Calc
from tests.support.office import Office


def pytest_collection_finish() -> None:
    """Lets the garbage collector pass over modules and tests, which stay, and come less often.

    It took a tenth of the time, and found next to nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def _strings_as_before() -> Iterator[None]:
    """A command that is run in this process sets how pandas keeps text; the next test must not."""
    before = pd.get_option("mode.string_storage")
    yield
    pd.set_option("mode.string_storage", before)


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """One LibreOffice for all tests of this process; it starts with the first question."""
    running = Office()
    yield running
    running.close()


@pytest.fixture(scope="session")
def calc() -> Iterator[Calc]:
    """One Calc with its door, for all tests of this process."""
    with Calc() as running:
        yield running
