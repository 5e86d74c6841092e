"""Does history teach what is true, and nothing where nothing is?

Twenty books of 2,000 accounts whose deals are drawn from known weights, and twenty of pure
noise, each through the whole back-test. Bars: learned and planted weights correlate at 0.9 on
average; the AUC of what was learned, in a later year, is within 0.02 of that of the true chances;
forecasts there are off by 0.05 at most, on average over ten bands; "finds" on noise once at most.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).parents[2]))

from accountplan.addin import backtest
from accountplan.udfs import evidence as e
from tests.support import histories

BOOKS = 20
CORRELATION, SHORT, APART, FOUND = 0.9, 0.02, 0.05, 1


def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per book: how learned and planted weights correlate, what AUC lacks, and how far off."""
    alike, short, apart = [], [], []
    for seed in range(BOOKS):
        book = histories.planted(seed)
        learned = backtest.back_test(book.export, book.settings, histories.AS_OF).learned
        weights = [learned.weights.get(name, 0.0) for name in histories.SIGNALS]
        alike.append(np.corrcoef(weights, book.weights)[0, 1] if learned.weights else 0.0)
        short.append(roc_auc_score(book.won, book.chance) - learned.auc.value)
        apart.append(learned.calibration_error)
    return np.array(alike), np.array(short), np.array(apart)


def noise() -> tuple[int, int, int]:
    """How many books the score finds, is better than the alphabet in, and teach weights."""
    tests = []
    for seed in range(BOOKS):
        book = histories.noise(seed)
        tests.append(backtest.back_test(book.export, book.settings, histories.AS_OF))
    finds = sum(test.evidence.verdict == e.FINDS for test in tests)
    better = sum(test.evidence.against_alphabetical == e.BETTER for test in tests)
    return finds, better, sum(not test.learned.refused for test in tests)


def main() -> int:
    alike, short, apart = planted()
    finds, better, taught = noise()
    print(f"{BOOKS} books with known weights:")
    print(f"  correlation of the weights: mean {alike.mean():.3f}, least {alike.min():.3f}")
    print(f"  AUC below the best possible: mean {short.mean():.4f}, most {short.max():.4f}")
    print(f"  forecasts off by: mean {apart.mean():.4f}, most {apart.max():.4f}")
    print(f"{BOOKS} books of noise: finds {finds}, better than A to Z {better}, weights {taught}")
    good = alike.mean() >= CORRELATION and short.mean() <= SHORT and apart.mean() <= APART
    return 0 if good and finds <= FOUND else 1


if __name__ == "__main__":
    sys.exit(main())
