"""The command line: exit codes, one line per mistake, and JSON that others rely on."""

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from accountplan.addin import cli
from accountplan.addin.cli import DONE, LOOK, WRONG
from accountplan.udfs import words as w
from accountplan.workbook_templates import contract as c
from tests.support.machines import linux, windows

ACCOUNTS = """Account Name,Account Owner,Employees,Annual Revenue
Alder Foods,Rep A,100,1000000
Birch Works,Rep B,50,400000
Cedar Bank,Rep A,900,9000000
"""
DEALS = """Opportunity ID,Account Name,Opportunity Owner,Stage,Created Date,Close Date,Amount
1,Alder Foods,Rep A,Closed Won,2025-01-10,2025-03-01,1000
2,Birch Works,Rep B,Closed Lost,2025-02-10,2025-04-01,500
3,Cedar Bank,Rep A,Prospecting,2025-05-10,2025-09-01,700
4,Unknown Ltd,Rep A,Prospecting,2025-05-11,2025-09-02,300
"""
TEAMS = """Rep,Manager,Quota
Rep A,Lead,5000
Rep B,Lead,
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    for name, text in (("accounts", ACCOUNTS), ("deals", DEALS), ("teams", TEAMS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def build(export: Path, out: Path, *more: str) -> int:
    return cli.main(
        [
            "build",
            *("--accounts", str(export / "accounts.csv")),
            *("--opportunities", str(export / "deals.csv")),
            *("--teams", str(export / "teams.csv")),
            *("--out", str(out)),
            *more,
        ]
    )


def test_build_writes_the_workbooks_and_says_what_came_in(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(export, tmp_path / "out", "--quota", "2,000", "--json") == DONE
    told = json.loads(capsys.readouterr().out)
    assert {Path(path).name for path in told["books"]} == {"Rep A.xlsx", "Rep B.xlsx"}
    assert all(Path(path).exists() for path in [told["team"], *told["books"]])
    assert told["teams"] == []
    assert told["as_of"] == "2025-05-11"
    came = told["import"]
    assert (came["accounts"], came["opportunities"]) == (3, 4)
    assert came["used"] + sum(d["count"] for d in came["dropped"]) == 7
    assert came["dropped"][0]["examples"] == ["row 5: Unknown Ltd"]
    assert came["matched"]["Account"] == "Account Name"
    assert "Industry" in came["blank"]
    assert sum(q["accounts"] for q in told["quadrants"].values()) == 3


def test_reps_without_accounts_are_named_with_the_mend_where_one_looks(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (export / "teams.csv").open("a", encoding="utf-8") as file:
        file.write("Rep C,Lead,\nRep D,Lead,\n")
    assert build(export, tmp_path / "out") == DONE
    told = capsys.readouterr().out
    assert "2 of 4 reps own no account, and get no book: Rep C, Rep D." in told
    assert "Name them as owners of accounts" in told.split("Mend first")[1]
    assert "one workbook per rep with accounts (2 of 4)" in told
    found = pd.read_excel(
        tmp_path / "out" / "team.xlsx", sheet_name=c.CHECKS, header=None, engine="calamine"
    )
    assert found[2].eq("2 reps without accounts, who get no book: Rep C, Rep D").sum() == 1


def test_the_teams_quota_wins_over_the_option(export: Path, tmp_path: Path) -> None:
    assert build(export, tmp_path / "out", "--quota", "2000") == DONE
    walk = pd.read_excel(
        tmp_path / "out" / "team.xlsx", sheet_name=c.REPS, header=None, engine="calamine"
    )
    rows = walk[walk[0].isin(["Rep A", "Rep B"])]
    assert rows[3].tolist() == [5000, 2000]


def test_a_folder_with_workbooks_is_refused_before_anything_is_read(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(export, tmp_path / "out") == DONE
    before = (tmp_path / "out" / "team.xlsx").read_bytes()
    assert build(export, tmp_path / "out") == WRONG
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "out" / "team.xlsx").read_bytes() == before
    assert build(export, tmp_path / "out", "--force") == DONE


@pytest.mark.parametrize(
    "more",
    [
        ["--as-of", "31.12.2025"],
        ["--quota", "lots"],
        ["--quota", "-5"],
        ["--settings", "gone.toml"],
        ["--columns", "gone.toml"],
        ["--activity", "gone.csv"],
    ],
)
def test_wrong_input_is_one_line_exit_code_2_and_no_file(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert build(export, tmp_path / "out", *more) == WRONG
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1
    assert told.startswith("accountplan: ")
    assert "Traceback" not in told
    assert not (tmp_path / "out").exists()


def test_a_fault_of_the_program_goes_to_a_log_with_its_traceback(
    export: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(cli, "_run_funnel", broken)
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path, raising=True)
    arguments = ["funnel", "--gap", "1", "--average-deal", "1", "--rate", "calls=1"]
    assert cli.main(arguments) == cli.FAULT
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "faults.log" in told
    assert "Traceback" in (tmp_path / "faults.log").read_text()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_score_writes_the_columns_of_accounts(export: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"scores.{ending}"
    arguments = ["score", str(export / "accounts.csv"), "--out", str(out)]
    assert cli.main([*arguments, "--opportunities", str(export / "deals.csv")]) == DONE
    if ending == "xlsx":
        found = pd.read_excel(out, engine="calamine")
    else:
        found = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert list(found.columns)[: len(c.ACCOUNT_COLUMNS)] == list(c.ACCOUNT_COLUMNS)
    assert found[w.ACCOUNT].tolist() == ["Alder Foods", "Birch Works", "Cedar Bank"]
    assert found[w.PRIOR_YEAR_SALES].tolist() == [1000, 0, 0]
    assert cli.main(arguments) == WRONG
    assert cli.main([*arguments, "--force"]) == DONE


def test_score_refuses_an_ending_that_it_cannot_write(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.ods"
    assert cli.main(["score", str(export / "accounts.csv"), "--out", str(out)]) == WRONG
    assert ".csv, .xlsx or .parquet" in capsys.readouterr().err


def test_funnel_backs_into_the_gap(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["funnel", "--gap", "150,000", "--average-deal", "12000", "--weeks", "26"]
    rates = ["--rate", "emails=10%", "--rate", "calls=0.25", "--rate", "demos=0.3"]
    assert cli.main([*arguments, *rates, "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["deals"] == 12.5
    assert [gate["gate"] for gate in told["gates"]] == ["emails", "calls", "demos", "deal"]
    assert told["gates"][0]["volume"] == pytest.approx(12.5 / 0.3 / 0.25 / 0.1)
    assert told["gates"][3]["per_week"] == pytest.approx(12.5 / 26)
    assert cli.main([*arguments, *rates]) == DONE
    assert "1,667" in capsys.readouterr().out


FUNNEL = [
    "funnel",
    "--gap",
    "150000",
    "--average-deal",
    "12000",
    "--rate",
    "emails=0.1",
    "--rate",
    "calls=25%",
    "--rate",
    "demos=0.3",
    "--weeks",
    "26",
    "--lag",
    "demos=6",
    "--weeks-off",
    "0",
    "--tries",
    "demos=40",
    "--json",
]


def test_funnel_tells_odds_mends_and_the_other_direction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main([*FUNNEL, "--capacity", "60", "--reach", "calls=20"]) == DONE
    told = json.loads(capsys.readouterr().out)
    # 20 weeks are left for the gates, 26 for the deal: 20 x 20 x 0.25 x 0.3 deals.
    assert [gate["weeks"] for gate in told["gates"]] == [20, 20, 20, 26]
    assert told["reach"]["deals"] == pytest.approx(30)
    assert told["reach"]["money"] == pytest.approx(360_000)
    assert told["odds"]["p10"] <= told["odds"]["p50"] <= told["odds"]["p90"]
    assert 0.3 < told["odds"]["reach"] < 0.7
    needed = sum(gate["per_week"] for gate in told["gates"][:-1])
    assert told["capacity"]["needed"] == pytest.approx(needed)
    assert told["capacity"]["raise_average_deal_to"] == pytest.approx(12_000 * needed / 60)


@pytest.mark.parametrize("gap", ["150.000", "150.000,50", "1,5", "15,0000", "abc", "1.234.567"])
def test_a_number_that_can_be_read_in_two_ways_is_refused(
    gap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = ["--average-deal", "12,000.50", "--rate", "calls=0.125"]
    assert cli.main(["funnel", "--gap", gap, *rest]) == WRONG
    assert f"--gap {gap}: " in capsys.readouterr().err
    assert cli.main(["funnel", "--gap", "1,234,567", *rest]) == DONE


@pytest.mark.parametrize(
    ("typed", "readings"), [("1.255", (1255, 1.255)), ("12.500%", (125, 0.125))]
)
def test_what_is_proposed_for_such_a_number_is_taken_and_means_the_one_or_the_other(
    typed: str, readings: tuple[float, float], capsys: pytest.CaptureFixture[str]
) -> None:
    rest = ["--average-deal", "1", "--rate", "calls=0.5", "--json"]
    assert cli.main(["funnel", "--gap", typed, *rest]) == WRONG
    proposed = capsys.readouterr().err.rpartition("such as ")[2].strip().removesuffix(".")
    for text, meant in zip(proposed.split(" or "), readings, strict=True):
        assert cli.main(["funnel", "--gap", text, *rest]) == DONE
        told = json.loads(capsys.readouterr().out)
        assert told["gates"][-1]["volume"] == pytest.approx(meant)


def test_funnel_takes_weeks_off_out_of_the_weeks(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["funnel", "--gap", "100", "--average-deal", "1", "--rate", "calls=0.5"]
    weeks = ["--weeks", "26", "--weeks-off", "13", "--lag", "calls=4", "--json"]
    assert cli.main([*arguments, *weeks]) == DONE
    told = json.loads(capsys.readouterr().out)
    # A quarter of each year is off: of 26 weeks 19.5 are left, and 16.5 of the 22 before the lag.
    assert [gate["weeks"] for gate in told["gates"]] == [16.5, 19.5]
    assert told["gates"][0]["per_week"] == pytest.approx(200 / 16.5)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--lag", "lunch=2"], "there is no such gate; use one of: emails, calls, demos"),
        (["--rate", "calls=0.5"], "'calls' is given twice"),
        (["--reach", "lunch=2"], "use one of: emails, calls, demos, deal"),
        (["--tries", "demos"], "write it as --tries NAME=NUMBER"),
    ],
)
def test_funnel_refuses_what_it_cannot_place(
    more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*FUNNEL, *more]) == WRONG
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == ""


def test_path_tells_whether_a_workbook_is_believable(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(export, tmp_path / "out") == DONE
    capsys.readouterr()
    file = str(tmp_path / "out" / "books" / "Rep A.xlsx")
    assert cli.main(["path", file, "--json"]) == LOOK
    told = json.loads(capsys.readouterr().out)
    # Rep A sold 1,000 in March and has 700 and 300 open; nothing else stands against 5,000.
    assert (told["quota"], told["closed"]) == (5_000, 1_000)
    assert told["odds"]["reach"] <= 1
    assert "does not hold" in {check["verdict"] for check in told["checks"]}
    assert cli.main(["path", file, "--today", "2025-12-31"]) == LOOK
    assert "No selling weeks left" in capsys.readouterr().out


def test_path_refuses_what_is_no_workbook_of_ours(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["path", str(export / "nothing.xlsx")]) == WRONG
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("rate", ["calls", "calls=0", "calls=1.5", "calls=often", "=0.5"])
def test_funnel_refuses_rates_that_are_none(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["funnel", "--gap", "1", "--average-deal", "1", "--rate", rate]) == WRONG
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_check_finds_the_plans_that_are_not_begun(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(export, tmp_path / "out") == DONE
    capsys.readouterr()
    assert cli.main(["check", str(tmp_path / "out" / "books"), "--json"]) == LOOK
    told = json.loads(capsys.readouterr().out)
    assert {plan["account"] for plan in told["plans"]} == {
        "Alder Foods",
        "Birch Works",
        "Cedar Bank",
    }
    assert {plan["state"] for plan in told["plans"]} == {"Draft"}
    assert all(plan["complete"] == 0 and not plan["good"] for plan in told["plans"])
    kinds = {finding["kind"] for plan in told["plans"] for finding in plan["findings"]}
    assert "incomplete" in kinds
    assert cli.main(["check", str(tmp_path / "out" / "books")]) == LOOK
    assert "3 plans in 2 workbooks: 0 complete, 0 good." in capsys.readouterr().out


def test_check_tells_what_a_plan_tab_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--fields", "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    position = next(field for field in told["fields"] if field["key"] == "position")
    assert position["requirement"] == "required"
    actions = next(table for table in told["tables"] if table["table"] == "actions")
    needed = {column["name"] for column in actions["columns"] if column["required"]}
    assert needed == {"Action", "Owner", "Due"}


def test_check_without_a_workbook_says_what_to_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check"]) == WRONG
    assert "name a workbook" in capsys.readouterr().err


def test_template_is_written_once_and_not_over_somebodys_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.xlsx"
    assert cli.main(["template", "--out", str(out)]) == DONE
    assert cli.main(["template", "--out", str(out)]) == WRONG
    assert "is there already" in capsys.readouterr().err


def test_review_of_a_built_folder(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(export, tmp_path / "out", "--quota", "2000") == DONE
    capsys.readouterr()
    out = tmp_path / "review.html"
    assert cli.main(["review", str(tmp_path / "out"), "--out", str(out), "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    reps = {rep["owner"]: rep for rep in told["reps"]}
    assert (reps["Rep A"]["quota"], reps["Rep A"]["plans"]) == (5000, 2)
    assert "Rep A" in out.read_text(encoding="utf-8")


def test_the_add_in_goes_into_a_folder_and_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("accountplan.addin.machine.this_machine", lambda: linux(tmp_path))
    out = tmp_path / "out"
    assert cli.main(["addin", "install", "--to", str(out)]) == DONE
    assert zipfile.is_zipfile(out / "accountplan.xlam")
    assert cli.main(["addin", "remove", "--to", str(out)]) == DONE
    assert not out.exists()
    assert cli.main(["addin", "remove", "--to", str(out)]) == DONE
    assert "Nothing to remove" in capsys.readouterr().out


def test_the_add_in_goes_where_excel_loads_it_and_the_doctor_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = windows(tmp_path)
    monkeypatch.setattr("accountplan.addin.machine.this_machine", lambda: machine)
    assert cli.main(["doctor"]) == LOOK
    assert "Run: accountplan addin install" in capsys.readouterr().out
    assert cli.main(["addin", "install"]) == DONE
    assert (tmp_path / "AppData/Roaming/Microsoft/Excel/XLSTART/accountplan.xlam").exists()
    assert cli.main(["doctor", "--json"]) == LOOK
    told = capsys.readouterr().out
    checks = json.loads(told[told.index("{") :])["checks"]
    assert [each["verdict"] for each in checks if each["check"] == "Add-in"] == ["fine"]
    assert cli.main(["addin", "remove"]) == DONE
    assert list(tmp_path.iterdir()) == []


def test_without_excel_the_add_in_needs_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("accountplan.addin.machine.this_machine", lambda: linux(tmp_path))
    assert cli.main(["addin", "install"]) == WRONG
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1 and "no Excel on Linux" in told[0] and "--to DIR" in told[0]
    assert cli.main(["doctor", str(tmp_path / "missing.xlsx")]) == WRONG
    assert cli.main(["doctor"]) == DONE
