"""Teams and activity: who there is, and one spelling for each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from accountplan.addin import crm
from accountplan.udfs import words as w

NASTY = Path(__file__).parent / "data" / "crm"


def read(
    tmp_path: Path, *, teams: str = "", activity: str = "", accounts: str = ""
) -> crm.CrmExport:
    files: list[Path | None] = []
    for name, text in (("a", accounts or "Account\nMills\n"), ("t", teams), ("x", activity)):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        files.append(path if text else None)
    return crm.read_export(tmp_path / "a.csv", None, *files[1:])


def test_a_plain_teams_file_is_matched() -> None:
    teams = crm.read_export(NASTY / "plain_accounts.csv", teams=NASTY / "plain_teams.csv").teams
    assert teams[w.REP].tolist() == ["Rep North 1", "Rep South 1", "Rep South 2"]
    assert teams[w.MANAGER].tolist() == ["Manager North", "Manager South", "Manager South"]
    assert teams[w.REGION].tolist() == ["Oslo", "Rome", "Rome"]
    assert teams[[w.QUOTA, w.TOUCHES_PER_WEEK]].isna().all(axis=None)


def test_quota_start_and_touches_are_read(tmp_path: Path) -> None:
    text = (
        'Rep,Manager,Annual Quota,Hire Date,Touches per week\nRep A,Boss,"$300,000",2020-05-01,40\n'
    )
    teams = read(tmp_path, teams=text).teams
    assert teams.iloc[0].tolist()[3:] == [300_000.0, pd.Timestamp(2020, 5, 1), 40.0]


def test_repeated_and_nameless_reps_are_dropped(tmp_path: Path) -> None:
    export = read(tmp_path, teams="Rep,Manager\nRep A,Boss\nrep  a,Other\n,Boss\n")
    assert export.teams[w.REP].tolist() == ["Rep A"]
    assert [reason.what for reason in export.report.files[1].dropped] == [
        "row without a rep",
        "duplicate rep",
    ]


def test_activity_counts_by_the_monday_of_the_week() -> None:
    export = crm.read_export(
        NASTY / "plain_accounts.csv",
        teams=NASTY / "plain_teams.csv",
        activity=NASTY / "plain_activity.csv",
    )
    # 1 November 2017 was a Wednesday.
    assert export.activity[w.WEEK].tolist() == [
        pd.Timestamp(2017, 10, 30),
        pd.Timestamp(2017, 11, 6),
        pd.Timestamp(2017, 11, 6),
    ]
    assert export.activity[w.COUNT].tolist() == [40.0, 35.0, 12.0]
    assert export.has_activity


def test_reps_who_are_on_no_team_are_kept_and_noted() -> None:
    export = crm.read_export(
        NASTY / "plain_accounts.csv",
        teams=NASTY / "plain_teams.csv",
        activity=NASTY / "plain_activity.csv",
    )
    assert "Rep West 9" in set(export.activity[w.REP])
    assert "Reps with activity who are not in the teams file: 1 (Rep West 9)" in export.report.notes


def test_rows_of_activity_without_a_count_are_dropped(tmp_path: Path) -> None:
    export = read(
        tmp_path, activity="Rep,Week,Gate,Count\nRep A,2024-01-01,Email,\nRep A,2024-01-01,Call,3\n"
    )
    assert export.activity[w.GATE].tolist() == ["Call"]
    assert not np.isnan(export.activity[w.COUNT]).any()


def test_a_person_has_one_spelling_in_all_files(tmp_path: Path) -> None:
    export = read(
        tmp_path,
        accounts="Account,Owner\nMills,REP  a\nFoods,rep B\n",
        teams="Rep,Manager\nRep A,Boss\n",
    )
    assert export.accounts[w.OWNER].tolist() == ["Rep A", "rep B"]
    assert "Spellings of a person's name made one: 1 ('REP a')" in export.report.notes
