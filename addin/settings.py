"""Settings out of a TOML file or a workbook, checked, with every mistake named in one go."""

import datetime
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pandas as pd

from ..udfs.believable import PathRule
from ..udfs.errors import AccountPlanError, ModelInputError, SettingsError
from ..udfs.funnel import Gate
from ..udfs.plans import PlanField, PlanRule
from ..udfs.scoring import Attribute
from ..udfs.segments import Rule, Segment
from ..udfs.settings import SCALARS, QuadrantAction, Settings
from ..workbook_templates import contract as c

if TYPE_CHECKING:
    from .hosts.reader import Reader

TABLES: Final = (
    "model",
    "attributes",
    "segments",
    "quadrant_actions",
    "gates",
    "plan_fields",
    "plan_rules",
    "path_rules",
    "quarter_shares",
)
Made = TypeVar("Made")


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file or in a workbook's sheet Settings.

    Args:
        path: a workbook of ours (.xlsx, .xlsm), or TOML: what it does not name
            keeps its default; with ``[model]`` for the single values, ``[[attributes]]``,
            ``[[segments]]`` (with ``rules``), ``[[quadrant_actions]]``,
            ``[[gates]]``, ``[plan_fields]`` (key = requirement),
            ``[plan_rules.<key>]`` (serious, bound), ``[path_rules.<key>]`` (on, bar) and
            ``quarter_shares``.

    Raises:
        SettingsError: the file cannot be read, or anything in it is wrong; one
            line per mistake.
    """
    workbook = path.suffix.lower() in (".xlsx", ".xlsm")
    content = _from_workbook(path) if workbook else _from_toml(path)
    try:
        return settings_from(content)
    except SettingsError as mistake:
        lines = [f"{path.name}: {line}" for line in mistake.lines]
        raise SettingsError(lines[0], tuple(lines[1:])) from None


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as trouble:
        raise SettingsError(f"{path}: cannot be read ({trouble.strerror}).") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is no UTF-8 text; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as mistake:
        raise SettingsError(f"{path}: is no TOML: {mistake}.") from None


def _from_workbook(path: Path) -> dict[str, Any]:
    """What the sheets Settings and Path of a workbook hold, as a TOML file would say it."""
    from .hosts.package import PackageReader

    with PackageReader(path) as book:
        return _from_reader(book)


def settings_of(reader: "Reader") -> Settings:
    """The settings in a workbook that somebody has opened.

    Raises:
        SettingsError: anything in it is wrong; one line per mistake.
    """
    try:
        return settings_from(_from_reader(reader))
    except SettingsError as mistake:
        lines = [f"{reader.label}: {line}" for line in mistake.lines]
        raise SettingsError(lines[0], tuple(lines[1:])) from None


def _from_reader(book: "Reader") -> dict[str, Any]:
    from .workbook import address

    def rows(table: str, *columns: str) -> list[dict[str, Any]]:
        """The rows of a table whose first of these columns is filled."""
        found = book.table(table)
        if found is None:
            raise SettingsError(f"the table {table} is missing; restore it.")
        lost = [column for column in columns if column not in book.headers(found)]
        if lost:
            where = address(found.area.top, found.area.left)
            raise SettingsError(
                f"sheet {found.area.sheet}, cell {where}: the table {table} has no column "
                f"'{lost[0]}'; give the column its header back."
            )
        return [row for row in book.records(table) if not _blank(row[columns[0]])]

    labels = {scalar.label: scalar.key for scalar in SCALARS}
    return {
        "model": {
            labels[row["Setting"]]: row["Your value"]
            for row in rows(c.T_MODEL_SETTINGS, "Setting", "Your value")
            if row["Setting"] in labels and not _blank(row["Your value"])
        },
        "attributes": [
            _attribute_row(row)
            for row in rows(
                c.T_ATTRIBUTES, "Attribute", "Axis", "Weight", "Method", "Lower is better", "Scale"
            )
        ],
        "segments": _segment_rows(
            rows(c.T_SEGMENTS, "Segment", "Action"),
            rows(c.T_SEGMENT_RULES, "Segment", "Attribute", "Operator", "Value", "Set"),
        ),
        "quadrant_actions": [
            {
                "quadrant": row["Quadrant"],
                "active": _text(row["Active accounts"]),
                "others": _text(row["Other accounts"]),
            }
            for row in rows(c.T_QUADRANT_ACTIONS, "Quadrant", "Active accounts", "Other accounts")
        ],
        # The last gate is the deal itself.
        "gates": _gate_rows(rows(c.T_GATES, "Gate")[:-1], rows(c.T_GATE_RATES, "Gate")),
        "plan_fields": {r["Key"]: r["Required"] for r in rows(c.T_PLAN_FIELDS, "Key", "Required")},
        "plan_rules": {
            row["Key"]: {"serious": row["Serious"] == "yes"}
            | (
                {}
                if _blank(row["Bound"])
                else {"bound": _number(row["Bound"], f"PlanRules, rule {row['Key']}, Bound")}
            )
            for row in rows(c.T_PLAN_RULES, "Key", "Serious", "Bound")
        },
        "path_rules": {
            row["Key"]: {"on": row["Asked"] == "yes"}
            | (
                {}
                if _blank(row["Bar"])
                else {"bar": _number(row["Bar"], f"PathRules, rule {row['Key']}, Bar")}
            )
            for row in rows(c.T_PATH_RULES, "Key", "Asked", "Bar")
        },
        "quarter_shares": [
            row["Quota share"] for row in rows(c.T_QUARTERS, "Quarter", "Quota share")[:4]
        ],
    }


def _blank(value: Any) -> bool:
    return value is None or value == "" or value != value


def _gate_rows(gates: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gates: with the rate that was typed, else the assumed one, which history may better."""
    assumed = {_text(row["Gate"]): row["Assumed"] for row in found}
    made = []
    for row in gates:
        name, yours = _text(row["Gate"]), row["Your rate"]
        lag = 0.0 if _blank(row["Lag weeks"]) else row["Lag weeks"]
        rate = assumed.get(name) if _blank(yours) else yours
        gate = {"name": name, "rate": rate, "lag_weeks": lag}
        made.append(gate | ({"assumed": True} if _blank(yours) else {}))
    return made


def _attribute_row(row: Mapping[str, Any]) -> dict[str, Any]:
    name = _text(row["Attribute"])
    return {
        "name": name,
        "axis": _text(row["Axis"]),
        "weight": _number(row["Weight"], f"Attributes, attribute {name}, Weight"),
        "method": _text(row["Method"]) or "percentile",
        "lower_is_better": row["Lower is better"] == "yes",
        "scale": _scale(_text(row["Scale"]), name),
    }


def _scale(text: str, name: str) -> dict[str, float]:
    where = f"Attributes, attribute {name}, Scale"
    found = {}
    for part in text.split(";"):
        if part.strip():
            key, _, score = part.rpartition("=")
            found[key.strip()] = _number(score, where)
    return found


def _number(value: Any, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{where}: '{value}' is not a number.") from None


def _segment_rows(
    segments: list[dict[str, Any]], rules: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    known = [_text(row["Segment"]) for row in segments]
    strangers = sorted({_text(r["Segment"]) for r in rules} - set(known))
    if strangers:
        raise SettingsError(
            f"SegmentRules: there is no segment {', '.join(strangers)}; add it to Segments."
        )
    return [
        {
            "name": name,
            "action": _text(row["Action"]),
            "rules": [
                {
                    "attribute": _text(rule["Attribute"]),
                    "operator": _text(rule["Operator"]),
                    "value": _text(rule["Value"]),
                    "set": 1
                    if _blank(rule["Set"])
                    else int(_number(rule["Set"], f"SegmentRules, segment {name}, Set")),
                }
                for rule in rules
                if _text(rule["Segment"]) == name
            ],
        }
        for name, row in zip(known, segments, strict=True)
    ]


def settings_from(content: Mapping[str, Any]) -> Settings:
    """The settings in a parsed TOML document.

    Raises:
        SettingsError: one line per mistake.
    """
    mistakes: list[str] = []
    _unknown(content, TABLES, "", mistakes)
    for key in ("model", "plan_fields", "plan_rules", "path_rules"):
        if not isinstance(content.get(key, {}), Mapping):
            raise SettingsError(f"{key}: write it as a table that begins with [{key}].")
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
    if "path_rules" in content:
        given["path_rules"] = _path_rules(content["path_rules"], defaults.path_rules, mistakes)
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
        except AttributeError:
            mistakes.append(f"{key}, block {number}: a number stands where text belongs.")
    return tuple(made)


def _attribute(item: Mapping[str, Any]) -> Attribute:
    if not isinstance(item.get("scale", {}), Mapping):
        raise SettingsError('attributes: write a scale as a table: scale = {"0" = 20, "100" = 90}.')
    scale = {str(key): float(score) for key, score in item.get("scale", {}).items()}
    plain = {key: value for key, value in item.items() if key != "scale"}
    if not isinstance(plain.get("lower_is_better", False), bool):
        raise SettingsError("attributes: lower_is_better is true or false, without quotes.")
    return Attribute(**plain, scale=scale)


def _segment(item: Mapping[str, Any]) -> Segment:
    sets: dict[int, list[Rule]] = {}
    rules_given = item.get("rules", [])
    if not isinstance(rules_given, list) or not all(isinstance(r, Mapping) for r in rules_given):
        raise SettingsError("segments: write each rule as its own [[segments.rules]] block.")
    for rule in rules_given:
        plain = {key: value for key, value in rule.items() if key != "set"}
        plain["value"] = _text(plain.get("value", ""))
        sets.setdefault(int(rule.get("set", 1)), []).append(Rule(**plain))
    rules = tuple(tuple(sets[number]) for number in sorted(sets))
    return Segment(str(item.get("name", "")), str(item.get("action", "")), rules)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_text(part) for part in value)
    if _blank(value):
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _quadrant_action(item: Mapping[str, Any]) -> QuadrantAction:
    return QuadrantAction(**item)


def _gate(item: Mapping[str, Any]) -> Gate:
    if item.get("rate") is None:
        raise SettingsError(f"gates: '{item.get('name', '')}' has no rate; type one.")
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
        if not isinstance(content.get(rule.key, {}), Mapping):
            mistakes.append(f"plan_rules: write it as a table that begins [plan_rules.{rule.key}].")
            continue
        changes = dict(content.get(rule.key, {}))
        _unknown(changes, ("serious", "bound"), f"plan_rules.{rule.key}: ", mistakes)
        known = {key: changes[key] for key in ("serious", "bound") if key in changes}
        try:
            made.append(replace(rule, **known))
        except (SettingsError, TypeError) as mistake:
            mistakes.append(str(mistake))
    return tuple(made)


def _path_rules(
    content: Mapping[str, Mapping[str, Any]],
    defaults: tuple[PathRule, ...],
    mistakes: list[str],
) -> tuple[PathRule, ...]:
    _unknown(content, tuple(r.key for r in defaults), "path_rules: ", mistakes)
    made = []
    for rule in defaults:
        changes = content.get(rule.key, {})
        if not isinstance(changes, Mapping):
            mistakes.append(f"path_rules: write it as a table that begins [path_rules.{rule.key}].")
            continue
        _unknown(changes, ("on", "bar"), f"path_rules.{rule.key}: ", mistakes)
        if "bar" in changes and rule.bar is None:
            mistakes.append(f"path_rules.{rule.key}: this rule has no bar; leave it out.")
            continue
        try:
            made.append(replace(rule, **{k: changes[k] for k in ("on", "bar") if k in changes}))
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
