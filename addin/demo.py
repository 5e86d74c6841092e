"""The sample that ships with the product, as a planning round."""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import Any

import pandas as pd

from ..udfs.plans import PLAN_TABLES, Plan
from ..udfs.settings import Settings
from ..workbook_templates.round import Round
from .backtest import with_evidence
from .crm import CrmExport, read_export
from .planning import plan_round


def sample_round() -> Round:
    """The round of the sample team, its plans partly filled in."""
    export = sample_export()
    whole = plan_round(export, Settings(), plans=sample_plans())
    return with_evidence(whole, export)


def sample_export() -> CrmExport:
    """The sample's CRM export, as the import reads it."""
    with as_file(_samples()) as folder:
        return read_export(
            folder / "accounts.csv",
            folder / "opportunities.csv",
            folder / "teams.csv",
            folder / "activity.csv",
        )


def sample_plans() -> dict[str, Plan]:
    """The plans that the sample's reps have begun, by Account ID."""
    content = tomllib.loads((_samples() / "plans.toml").read_text(encoding="utf-8"))
    return {account_id: plan_from(account_id, held) for account_id, held in content.items()}


def _samples() -> Traversable:
    return files("accountplan.workbook_templates") / "samples"


def plan_from(account_id: str, content: Mapping[str, Any]) -> Plan:
    """A plan as ``plans.toml`` holds it: fields by key, tables as lists of rows."""
    tables = {
        key: pd.DataFrame([{name: _cell(v) for name, v in row.items()} for row in content[key]])
        for key in PLAN_TABLES
        if key in content
    }
    fields = {key: _cell(value) for key, value in content.items() if key not in PLAN_TABLES}
    return Plan(account_id, account_id, fields=fields, tables=tables)


def _cell(value: object) -> object:
    return pd.Timestamp(value) if isinstance(value, date) else value
