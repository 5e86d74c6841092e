"""Is what followed compared rightly, and is nothing claimed that chance would do as well?

Oracles: Newcombe's published example, the normal approximation of a difference
of means, and a team whose outcome is written down here.
"""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from accountplan.addin import cli, collect
from accountplan.addin.impact import impact
from accountplan.udfs import impact as model
from accountplan.udfs import words as w
from accountplan.udfs.errors import WorkbookError

from .support import books, team_folder
from .support.books import Deal


def test_rates_match_the_published_example_of_newcombe() -> None:
    # Newcombe 1998, table II, example (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339.
    found = model.rate_difference(56, 70, 48, 80)
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    assert found.verdict == "more"


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation() -> None:
    random = np.random.default_rng(3)
    good, others = random.normal(110.0, 20.0, 400), random.normal(100.0, 20.0, 300)
    found = model.mean_difference(list(good), list(others))
    error = math.sqrt(good.var() / 400 + others.var() / 300)
    by = good.mean() - others.mean()
    assert found.difference == pytest.approx(by)
    assert found.low == pytest.approx(by - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(by + 1.96 * error, abs=0.15 * error)


def test_of_pure_chance_nothing_is_claimed_more_often_than_one_time_in_twenty() -> None:
    random = np.random.default_rng(11)
    claimed = sum(
        model.mean_difference(
            list(random.exponential(5, 40)), list(random.exponential(5, 40))
        ).verdict
        != "cannot tell"
        for _ in range(100)
    )
    assert claimed <= 10


def test_small_groups_are_shown_without_an_interval() -> None:
    found = model.mean_difference([10.0, 20.0], [5.0] * 9)
    assert found.difference == 10.0 and math.isnan(found.low)
    assert model.told("Won", found).endswith("; too few to say more.")
    none = model.mean_difference([], [5.0])
    assert (
        model.told("Won", none)
        == "Won: nothing to compare, there are none with good plans on time."
    )


def followed() -> pd.DataFrame:
    """After the due date reps 1 and 2 win 3,000 each, rep 3 loses; a won deal before counts not."""
    return books.deals(
        Deal("Client 001", "Rep 01", w.WON, 3000.0, "2018-01-02", "2018-03-01"),
        Deal("Client 002", "Rep 02", w.WON, 3000.0, "2018-01-02", "2018-03-01"),
        Deal("Client 003", "Rep 03", w.LOST, 900.0, "2018-01-02", "2018-03-01"),
        Deal("Client 003", "Rep 03", w.WON, 7777.0, "2017-10-02", "2018-01-15"),
    )


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three reps with a plan each: good in time, good but late, none."""
    folder = tmp_path_factory.mktemp("team")
    path = team_folder.build(folder, team_folder.team_round(3, accounts_each=1))
    for rep, day in ((1, date(2018, 1, 20)), (2, date(2018, 2, 20))):
        team_folder.fill(team_folder.book_of(folder, rep), rep)
        team_folder.hand_in(team_folder.book_of(folder, rep), day)
    collect.collect(folder / "books", path, now=datetime(2018, 2, 21))
    return path


def test_good_plans_on_time_are_held_against_the_others(team: Path) -> None:
    accounts = books.accounts({w.ACCOUNT: ["Client 001", "Client 002", "Client 003"]})
    export = books.export(accounts, followed(), as_of=pd.Timestamp("2018-06-30"))
    report = impact(team, export)
    assert (report.plans, report.good, report.since) == (3, 1, date(2018, 2, 1))
    assert report.revenue.good == model.Outcome(1, 3000.0)
    assert report.revenue.others == model.Outcome(2, 1500.0)
    assert report.win_rate.good == model.Outcome(1, 1.0)
    assert report.win_rate.others == model.Outcome(2, 0.5)
    assert report.attainment.good == model.Outcome(1, 0.03)
    assert report.lines()[-1].startswith("This is association, not proof")


def test_an_export_from_before_the_due_date_is_refused(team: Path) -> None:
    export = books.export(books.accounts({w.ACCOUNT: ["Client 001"]}), followed())
    with pytest.raises(WorkbookError, match="says nothing after that"):
        impact(team, export)


def test_the_command_reads_the_export(
    team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts, deals = tmp_path / "accounts.csv", tmp_path / "deals.csv"
    accounts.write_text("Account\nClient 001\nClient 002\nClient 003\n")
    deals.write_text(
        "Deal ID,Account,Rep,Stage,Amount,Created,Close date\n"
        "1,Client 001,Rep 01,Won,3000,2018-01-02,2018-03-01\n"
        "2,Client 003,Rep 03,Lost,900,2018-01-02,2018-06-30\n"
    )
    order = ["impact", str(team), "--accounts", str(accounts), "--opportunities", str(deals)]
    assert cli.main([*order, "--json"]) == cli.DONE
    told = json.loads(capsys.readouterr().out)
    assert told["revenue_per_account"]["good"] == {"count": 1, "value": 3000.0}
    assert told["warning"] == model.WARNING
