"""Settings out of a TOML file, checked, with every mistake named in one go."""

import datetime
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import pandas as pd

from ..udfs.errors import AccountPlanError, ModelInputError, SettingsError
from ..udfs.funnel import Gate
from ..udfs.plans import PlanField, PlanRule
from ..udfs.scoring import Attribute
from ..udfs.segments import Rule, Segment
from ..udfs.settings import SCALARS, QuadrantAction, Settings

TABLES: Final = (
    "model",
    "attributes",
    "segments",
    "quadrant_actions",
    "gates",
    "plan_fields",
    "plan_rules",
    "quarter_shares",
)
Made = TypeVar("Made")


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file; what it does not name keeps its default.

    Args:
        path: with ``[model]`` for the single values, ``[[attributes]]``,
            ``[[segments]]`` (with ``rules``), ``[[quadrant_actions]]``,
            ``[[gates]]``, ``[plan_fields]`` (key = requirement),
            ``[plan_rules.<key>]`` (serious, bound) and ``quarter_shares``.

    Raises:
        SettingsError: the file cannot be read, or anything in it is wrong; one
            line per mistake.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as trouble:
        raise SettingsError(f"{path}: cannot be read ({trouble.strerror}).") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is no UTF-8 text; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as mistake:
        raise SettingsError(f"{path}: is no TOML: {mistake}.") from None
    try:
        return settings_from(content)
    except SettingsError as mistake:
        lines = [f"{path.name}: {line}" for line in mistake.lines]
        raise SettingsError(lines[0], tuple(lines[1:])) from None


def settings_from(content: Mapping[str, Any]) -> Settings:
    """The settings in a parsed TOML document.

    Raises:
        SettingsError: one line per mistake.
    """
    mistakes: list[str] = []
    _unknown(content, TABLES, "", mistakes)
    given: dict[str, Any] = _scalars(content.get("model", {}), mistakes)
    for key, make in (
        ("attributes", _attribute),
        ("segments", _segment),
        ("quadrant_actions", _quadrant_action),
        ("gates", _gate),
    ):
        if key in content:
            given[key] = _each(content[key], key, make, mistakes)
    defaults = Settings()
    if "plan_fields" in content:
        given["plan_fields"] = _plan_fields(content["plan_fields"], defaults.plan_fields, mistakes)
    if "plan_rules" in content:
        given["plan_rules"] = _plan_rules(content["plan_rules"], defaults.plan_rules, mistakes)
    if "quarter_shares" in content:
        given["quarter_shares"] = _shares(content["quarter_shares"], mistakes)
    try:
        settings = Settings(**given)
    except SettingsError as mistake:
        mistakes.extend(mistake.lines)
    if mistakes:
        raise SettingsError(mistakes[0], tuple(mistakes[1:]))
    return settings


def _unknown(
    content: Mapping[str, Any], known: tuple[str, ...], where: str, mistakes: list[str]
) -> None:
    for key in content:
        if key not in known:
            mistakes.append(f"{where}'{key}' is unknown; use one of: {', '.join(known)}.")


def _scalars(content: Mapping[str, Any], mistakes: list[str]) -> dict[str, Any]:
    keys = tuple(scalar.key for scalar in SCALARS)
    _unknown(content, keys, "model: ", mistakes)
    given: dict[str, Any] = {}
    for scalar in SCALARS:
        if scalar.key not in content:
            continue
        value = content[scalar.key]
        if isinstance(value, datetime.date):
            value = pd.Timestamp(value)
        try:
            scalar.check(value)
        except SettingsError as mistake:
            mistakes.append(str(mistake))
        else:
            given[scalar.key] = value
    return given


def _each(
    content: Any, key: str, make: Callable[[Mapping[str, Any]], Made], mistakes: list[str]
) -> tuple[Made, ...]:
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        mistakes.append(f"{key}: write each as its own [[{key}]] block.")
        return ()
    made = []
    for number, item in enumerate(content, start=1):
        try:
            made.append(make(item))
        except AccountPlanError as mistake:
            mistakes.extend(mistake.lines)
        except TypeError as trouble:
            told = str(trouble).split("__init__() ")[-1]
            mistakes.append(f"{key}, block {number}: {told}.")
        except ValueError as trouble:
            mistakes.append(f"{key}, block {number}: {trouble}.")
    return tuple(made)


def _attribute(item: Mapping[str, Any]) -> Attribute:
    scale = {str(key): float(score) for key, score in item.get("scale", {}).items()}
    plain = {key: value for key, value in item.items() if key != "scale"}
    return Attribute(**plain, scale=scale)


def _segment(item: Mapping[str, Any]) -> Segment:
    sets: dict[int, list[Rule]] = {}
    for rule in item.get("rules", []):
        plain = {key: value for key, value in rule.items() if key != "set"}
        plain["value"] = _text(plain.get("value", ""))
        sets.setdefault(int(rule.get("set", 1)), []).append(Rule(**plain))
    rules = tuple(tuple(sets[number]) for number in sorted(sets))
    return Segment(str(item.get("name", "")), str(item.get("action", "")), rules)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quadrant_action(item: Mapping[str, Any]) -> QuadrantAction:
    return QuadrantAction(**item)


def _gate(item: Mapping[str, Any]) -> Gate:
    try:
        return Gate(**item)
    except ModelInputError as mistake:
        raise SettingsError(f"gates: {mistake}.") from None


def _plan_fields(
    content: Mapping[str, str], defaults: tuple[PlanField, ...], mistakes: list[str]
) -> tuple[PlanField, ...]:
    _unknown(content, tuple(f.key for f in defaults), "plan_fields: ", mistakes)
    made = []
    for field in defaults:
        try:
            made.append(replace(field, requirement=content.get(field.key, field.requirement)))
        except SettingsError as mistake:
            mistakes.append(str(mistake))
    return tuple(made)


def _plan_rules(
    content: Mapping[str, Mapping[str, Any]],
    defaults: tuple[PlanRule, ...],
    mistakes: list[str],
) -> tuple[PlanRule, ...]:
    _unknown(content, tuple(r.key for r in defaults), "plan_rules: ", mistakes)
    made = []
    for rule in defaults:
        changes = dict(content.get(rule.key, {}))
        _unknown(changes, ("serious", "bound"), f"plan_rules.{rule.key}: ", mistakes)
        known = {key: changes[key] for key in ("serious", "bound") if key in changes}
        try:
            made.append(replace(rule, **known))
        except (SettingsError, TypeError) as mistake:
            mistakes.append(str(mistake))
    return tuple(made)


def _shares(content: Any, mistakes: list[str]) -> tuple[float, float, float, float]:
    if (
        not isinstance(content, list)
        or len(content) != 4
        or not all(isinstance(share, (int, float)) for share in content)
    ):
        mistakes.append(
            "quarter_shares: give four shares that total 1, such as [0.2, 0.2, 0.2, 0.4]."
        )
        return (0.25, 0.25, 0.25, 0.25)
    first, second, third, fourth = map(float, content)
    return first, second, third, fourth
