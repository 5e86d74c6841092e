"""Fixtures that many tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accountplan.addin.hosts.calc_program import Calc
from tests.support.office import Office


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
