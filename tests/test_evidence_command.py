"""`accountplan evidence`: its JSON, its words, its table of accounts, its mistakes."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from accountplan.addin import cli
from accountplan.addin.cli import DONE, WRONG
from accountplan.udfs import words as w
from tests.support import histories


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history as a CRM would export it."""
    folder = tmp_path_factory.mktemp("export")
    export = histories.planted(21, accounts=200).export
    export.accounts[[w.ACCOUNT_ID, w.ACCOUNT, w.EMPLOYEES, *histories.SIGNALS]].to_csv(
        folder / "accounts.csv", index=False
    )
    deals = export.deals.drop(columns=[w.ACCOUNT, w.STATE, w.PRODUCT])
    deals.assign(**{w.STAGE: "Closed " + deals[w.STAGE]}).to_csv(folder / "deals.csv", index=False)
    rows = "".join(
        f'[[attributes]]\nname = "{name}"\naxis = "Likelihood"\nweight = 20\n'
        for name in histories.SIGNALS
    )
    potential = '[[attributes]]\nname = "Employees"\naxis = "Potential"\nweight = 100\n'
    (folder / "settings.toml").write_text(potential + rows, encoding="utf-8")
    return folder


def evidence(files: Path, *more: str) -> int:
    return cli.main(
        [
            "evidence",
            *("--accounts", str(files / "accounts.csv")),
            *("--opportunities", str(files / "deals.csv")),
            *("--settings", str(files / "settings.toml")),
            *more,
        ]
    )


def test_the_json_has_what_others_rely_on_and_ties_to_the_table(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tested.csv"
    assert evidence(files, "--as-of", "2016-12-31", "--out", str(out), "--json") == DONE
    told = json.loads(capsys.readouterr().out)
    rows = pd.read_csv(out)
    assert (told["accounts"], told["outcomes"]) == (200, 200)
    assert told["auc"] == pytest.approx(roc_auc_score(rows["Bought"], rows[w.SCORE]))
    assert told["auc_low"] < told["auc"] < told["auc_high"]
    assert told["brier"] == pytest.approx(((rows["Forecast"] - rows["Bought"]) ** 2).mean())
    assert told["brier_base"] == pytest.approx(rows["Bought"].mean() * (1 - rows["Bought"].mean()))
    best = rows.sort_values(w.SCORE, ascending=False).head(40)["Later revenue"].sum()
    assert told["revenue_caught"]["score"]["20"] == pytest.approx(
        best / rows["Later revenue"].sum(), abs=5e-3
    )
    assert set(told["revenue_caught"]) >= {"score", "alphabetical", "prior_year_sales"}
    assert set(told["revenue_caught"]["alphabetical"]) == {"10", "20", "50"}
    assert [a["attribute"] for a in told["attributes"]] == ["Employees", *histories.SIGNALS]
    assert {"auc", "verdict"} <= set(told["attributes"][0])
    assert told["verdict"] in ("finds", "does not find", "cannot tell yet")
    assert np.isclose(told["later_revenue"], rows["Later revenue"].sum())


def test_the_terminal_says_the_verdict_and_whether_the_alphabet_does_as_well(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evidence(files, "--as-of", "2016-12-31", "--until", "2017-06-30") == DONE
    told = capsys.readouterr().out
    assert "outcomes to 2017-06-30" in told
    assert "alphabetical order" in told
    assert "Learned weights of Likelihood" in told
    for name in histories.SIGNALS:
        assert name in told


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--as-of", "2020-01-01"), "was closed after it"),
        (("--as-of", "2016-31-12"), "--as-of 2016-31-12: is no date"),
        (("--as-of", "2016-12-31", "--until", "2016-01-01"), "--until 2016-01-01: is not after"),
        (("--as-of", "2016-12-31", "--out", "x.txt"), "written as .csv, .xlsx or .parquet"),
    ],
)
def test_mistakes_are_one_line_each(
    files: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], says: str
) -> None:
    assert evidence(files, *options) == WRONG
    told = capsys.readouterr()
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_deals_that_were_never_closed_cannot_be_tested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "accounts.csv").write_text("Account,Employees\nA,5\n", encoding="utf-8")
    deals = "Deal ID,Account,Stage,Created,Amount\n1,A,Prospecting,2016-01-01,5\n"
    (tmp_path / "deals.csv").write_text(deals, encoding="utf-8")
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    assert evidence(tmp_path, "--as-of", "2016-12-31") == WRONG
    assert "no closed deal with a date" in capsys.readouterr().err


def test_a_terminal_sees_how_far_it_is_and_what_is_read_by_programs_stays_clean(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    seen = Terminal()
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", seen)
        patched.setenv("TERM", "xterm")
        assert evidence(files, "--as-of", "2016-12-31", "--json") == DONE
    assert "learning weights" in seen.getvalue()
    assert json.loads(capsys.readouterr().out)["accounts"] == 200
    assert evidence(files, "--as-of", "2016-12-31", "--json") == DONE
    assert capsys.readouterr().err == ""
