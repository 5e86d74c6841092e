"""Formulas of array constants, as a cell works them out: =win_rate({3;0},{1;1},0.5,10).

Knows what Excel takes in an array constant: numbers, percentages, texts in
quotes, TRUE and FALSE; commas part columns, semicolons part rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>[+-]?\d+(?:\.\d+)?%?)|(?P<word>[A-Za-z_]+)"""
    r"""|(?P<sign>[{}(),;=]))\s*"""
)


def evaluate(formula: str, functions: Mapping[str, Callable[..., Any]]) -> Any:
    """What a formula of one call gives.

    Args:
        formula: as typed, with its =.
        functions: what may be called, by name.
    """
    tokens = _tokens(formula)
    assert tokens[0] == ("sign", "=") and tokens[2] == ("sign", "("), formula
    arguments, at = [], 3
    while tokens[at] != ("sign", ")"):
        value, at = _value(tokens, at)
        arguments.append(value)
        at += tokens[at] == ("sign", ",")
    assert at == len(tokens) - 1, formula
    return functions[tokens[1][1]](*arguments)


def constant(text: str) -> Any:
    """A value or an array constant, as rows of cells."""
    tokens = _tokens(text)
    value, at = _value(tokens, 0)
    assert at == len(tokens), text
    return value


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match and match.lastgroup, f"not a constant: {text[at:]}"
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _value(tokens: list[tuple[str, str]], at: int) -> tuple[Any, int]:
    if tokens[at] != ("sign", "{"):
        return _scalar(*tokens[at]), at + 1
    rows: list[list[Any]] = [[]]
    while tokens[at] != ("sign", "}"):
        if tokens[at] == ("sign", ";"):
            rows.append([])
        rows[-1].append(_scalar(*tokens[at + 1]))
        at += 2
    return rows, at + 1


def _scalar(kind: str, text: str) -> Any:
    if kind == "text":
        return text[1:-1].replace('""', '"')
    if kind == "number":
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    return {"TRUE": True, "FALSE": False}[text]
