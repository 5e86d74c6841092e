"""How long do different ways to the same answer take, side by side in one run?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def race(ways: Mapping[str, Callable[[], Any]], runs: int) -> dict[str, float]:
    """The median seconds of each way; the ways take turns, so that a busy moment hits all."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def tell(what: str, medians: Mapping[str, float], runs: int) -> None:
    """Prints the medians and how many times faster than each other way the first one is."""
    ours, *others = medians
    print(f"{what}, medians of {runs} runs")
    print(f"  {ours}: {medians[ours]:.2f} s")
    for name in others:
        print(f"  {name}: {medians[name]:.2f} s, ratio {medians[name] / medians[ours]:.2f}")
