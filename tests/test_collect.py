"""Does everything that reps write come into the team workbook, and is all else named?"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import cli, collect
from accountplan.addin.collect import CollectReport
from accountplan.addin.files import write_template
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.plan_files import check_workbooks
from accountplan.addin.returning import return_plans
from accountplan.addin.review import review, write_review
from accountplan.udfs import funnel
from accountplan.udfs import plans as p
from accountplan.udfs import review as model
from accountplan.udfs import words as w
from accountplan.udfs.errors import SaveError, WorkbookError
from accountplan.udfs.history import contents_of
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import history, tracker

from .support import team_folder as team
from .support.office import Office

DAY: Final = date(2018, 1, 15)
NOW: Final = datetime(2018, 1, 15, 9, 30)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a team of three reps, as built."""
    folder = tmp_path_factory.mktemp("team")
    team.build(folder, team.team_round(3))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "team"))


def collected(folder: Path, now: datetime = NOW) -> CollectReport:
    return collect.collect(folder / "books", folder / "team.xlsx", now=now)


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    frame = PackageWorkbook(folder / "team.xlsx").read_table(table)
    return [dict(row) for row in frame.to_dict("records")]


def plan_rows(folder: Path) -> dict[str, dict[str, Any]]:
    return {row[w.OWNER]: row for row in rows(folder, c.T_PLANS)}


# --- What comes in -----------------------------------------------------------------


def test_a_plan_comes_in_with_its_version(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.hand_in(book, date(2018, 1, 10), by="Rep 01")
    report = collected(folder)
    assert report.news == {"plans": 1, "turned in": 1}
    row = plan_rows(folder)["Rep 01"]
    assert (row[tracker.COMPLETE], row[tracker.GOOD]) == (1.0, "yes")
    assert (row[tracker.STATE], row[tracker.FINDINGS]) == (p.TURNED_IN, 0.0)
    assert row[tracker.TURNED_IN] == datetime(2018, 1, 10)
    assert row[tracker.FIRST_SEEN] == datetime(2018, 1, 15)
    assert row[tracker.NEXT_ACTION] == "Walk the line"
    assert row[tracker.BOOK] == "books/Rep 01.xlsx"
    (version,) = rows(folder, c.T_HISTORY)
    assert (version[history.EVENT], version[history.VERSION]) == (p.TURNED_IN, 1.0)
    assert (version[history.RECORDED], version[w.OWNER]) == (NOW, "Rep 01")
    fields, tables = contents_of(version[history.CONTENTS])
    assert fields["strategy"] == team.answers(1)["strategy"]
    assert [row["Action"] for row in tables[p.ACTIONS]] == ["Walk the line", "Offer the contract"]


def test_collecting_twice_changes_nothing(folder: Path) -> None:
    for rep in (1, 2):
        team.fill(team.book_of(folder, rep), rep)
    team.hand_in(team.book_of(folder, 1), date(2018, 1, 10))
    team.add_rows(team.book_of(folder, 2), c.T_ACTIVITY, ACTIVITY)
    assert collected(folder).backup is not None
    once = (folder / "team.xlsx").read_bytes()
    again = collected(folder, NOW.replace(hour=18))
    assert (again.backup, sum(again.news.values())) == (None, 0)
    assert (folder / "team.xlsx").read_bytes() == once


def test_review_holds_the_round_against_the_last_collection(
    folder: Path, office: Office, tmp_path: Path
) -> None:
    whole = folder / "team.xlsx"
    one, two = team.book_of(folder, 1), team.book_of(folder, 2)
    collected(folder)
    team.fill(one, 1)
    team.hand_in(one, date(2018, 1, 10))
    # Before the second collection, against the first; after it, too, and not against itself.
    expected = {model.COMPLETE: 1.0, model.GOOD: 1.0, model.HANDED_IN: 1.0, model.ON_TIME: 1.0}
    for _ in range(2):
        moved = review([folder]).moved("Manager", review([folder]).reps)
        assert moved is not None and f"{moved.day:%Y-%m-%d}" == "2018-01-15"
        assert {name: held for name, held in moved.changes.items() if held} == expected
        collected(folder, NOW.replace(day=22))
    assert shown_changes(office, whole) == ("2018-01-15", expected)
    # A third one, at which the day for turning in is over.
    team.fill(two, 2)
    collected(folder, NOW.replace(month=2, day=1))
    late = {model.COMPLETE: 1.0, model.GOOD: 1.0, model.LATE: 2.0}
    assert shown_changes(office, whole) == ("2018-01-22", late)
    page = tmp_path / "review.html"
    write_review(review([folder]), page)
    assert "complete +1, good +1, late +2." in page.read_text("utf-8")
    assert "<dt>Late</dt><dd>2 <small>+2</small></dd>" in page.read_text("utf-8")
    assert len(rows(folder, c.T_ROUNDS)) == 3
    # What two managers gained and lost moves nothing in all.
    workbook = PackageWorkbook(whole)
    last = workbook.read_table(c.T_ROUNDS).iloc[-1:]
    when = last[model.COLLECTED] + pd.Timedelta(days=7)
    more, less = last.assign(**{model.COMPLETE: 3.0}), last.assign(**dict.fromkeys(model.GLANCE, 0))
    both = pd.concat([more, less.assign(**{w.MANAGER: "Other", model.COMPLETE: -1.0})])
    workbook.append_rows(c.T_ROUNDS, both.assign(**{model.COLLECTED: when}).astype(object))
    workbook.save()
    assert shown_changes(office, whole) == ("2018-01-22", late)


def shown_changes(office: Office, path: Path) -> tuple[str, dict[str, float]]:
    """What the Review sheet says has moved, and since when."""
    cells = office.recalculate(path)[c.REVIEW]
    since = next(str(cells[f"{col}7"]) for col in "NOP" if f"{col}7" in cells)
    found = {str(cells[f"{col}4"]): cells.get(f"{col}6") for col in "NOPQRSTUVW"}
    assert set(found) == {*model.GLANCE, model.REQUIRED}
    return since[-11:-1], {
        name: held for name, held in found.items() if isinstance(held, float) and held
    }


OVERRIDE: Final = {
    w.ACCOUNT: "Client 001",
    "Field": w.POTENTIAL_MONEY,
    "New value": 90_000.0,
    "Reason": "They build a second plant.",
    "Evidence": "Budget sheet of 3 January",
    "Author": "Rep 01",
    "Date": datetime(2018, 1, 5),
    "State": "Proposed",
}
ACTIVITY: Final = {w.REP: "Rep 02", w.WEEK: datetime(2018, 1, 8), w.GATE: "Call", w.COUNT: 40.0}
SPLIT: Final = {w.ACCOUNT: "Client 003", "Split": "Plant north", "Kind": "Budget holder"}


def test_the_walk_shows_how_each_gap_moved_since_the_last_collection(folder: Path) -> None:
    from accountplan.addin.reading import read_workbook

    path = folder / "team.xlsx"
    before = read_workbook(path).walk.set_index(w.REP)[funnel.GAP]
    team.fill(team.book_of(folder, 1), 1)
    assert collected(folder).backup is not None
    held = {row[w.REP]: row[c.GAP_BEFORE] for row in rows(folder, c.T_WALK)}
    assert held == pytest.approx(before.to_dict(), nan_ok=True)
    workbook = PackageWorkbook(path)
    reps = workbook.read_table(c.T_REPS, [w.REP, w.QUOTA])
    raised = reps[[w.QUOTA]].iloc[:1].astype(float) + 1_000.0
    workbook.write_columns(c.T_REPS, raised)
    workbook.save()
    now = read_workbook(path).walk.set_index(w.REP)[funnel.GAP]
    rep = str(reps[w.REP].iloc[0])
    assert now[rep] - held[rep] == pytest.approx(1_000.0)


def test_corrections_splits_activity_and_strategy_come_in(folder: Path) -> None:
    one, two = team.book_of(folder, 1), team.book_of(folder, 2)
    team.add_rows(one, c.T_OVERRIDES, OVERRIDE)
    team.add_rows(two, c.T_ACTIVITY, ACTIVITY, {**ACTIVITY, w.REP: None, w.GATE: "Demo"})
    team.add_rows(two, c.T_SPLITS, SPLIT)
    workbook = PackageWorkbook(one)
    workbook.write_names({"strategy.play": "Timing play", "strategy.why": "Two large renewals."})
    workbook.save()
    report = collected(folder)
    assert report.news == {"plans": 0, "overrides": 1, "activity": 2, "splits": 1, "strategies": 1}
    (override,) = rows(folder, c.T_OVERRIDES)
    assert {name: override[name] for name in OVERRIDE} == OVERRIDE
    assert [(row[w.REP], row[w.GATE]) for row in rows(folder, c.T_ACTIVITY)] == [
        ("Rep 02", "Call"),
        ("Rep 02", "Demo"),
    ]
    assert [row["Split"] for row in rows(folder, c.T_SPLITS)] == ["Plant north"]
    reps = {row[w.REP]: row for row in rows(folder, c.T_REPS)}
    assert reps["Rep 01"][c.STRATEGY_PLAY] == "Timing play"
    assert reps["Rep 01"][c.STRATEGY_WHY] == "Two large renewals."


def test_what_a_rep_takes_out_of_the_book_is_withdrawn_and_kept_on_record(folder: Path) -> None:
    one, two = team.book_of(folder, 1), team.book_of(folder, 2)
    other = {**OVERRIDE, "Field": w.LIKELIHOOD, "New value": 80.0}
    team.add_rows(one, c.T_OVERRIDES, OVERRIDE, other)
    team.add_rows(two, c.T_SPLITS, SPLIT)
    collected(folder)
    # One row the manager typed in the team workbook; the rep's first one is accepted.
    team.add_rows(folder / "team.xlsx", c.T_OVERRIDES, {**OVERRIDE, "Author": "Manager"})
    decide_overrides(folder, "Accepted", "Proposed", "Accepted")
    before = two.read_bytes()
    emptied(one, c.T_OVERRIDES)
    emptied(two, c.T_SPLITS)
    report = collected(folder)
    assert (report.news["overrides"], report.news["splits"]) == (2, 1)
    assert states(folder, c.T_OVERRIDES) == ["Withdrawn", "Withdrawn", "Accepted"]
    assert states(folder, c.T_SPLITS) == ["Withdrawn"]
    assert [row["New value"] for row in rows(folder, c.T_OVERRIDES)] == [90_000.0, 80.0, 90_000.0]
    assert len([line for line in report.notes if "kept as Withdrawn" in line]) == 3
    assert collected(folder).backup is None
    # What comes back is proposed anew.
    team.add_rows(one, c.T_OVERRIDES, OVERRIDE)
    two.write_bytes(before)
    collected(folder)
    assert states(folder, c.T_OVERRIDES) == ["Proposed", "Withdrawn", "Accepted"]
    assert states(folder, c.T_SPLITS) == [None]
    assert collected(folder).backup is None
    # A rep may say so in the book, too.
    decide_overrides(folder, "Accepted")
    decide(one, "Withdrawn")
    collected(folder)
    assert states(folder, c.T_OVERRIDES)[0] == "Withdrawn"


def test_rows_of_the_same_name_are_told_apart(folder: Path) -> None:
    one = team.book_of(folder, 1)
    north = {**SPLIT, w.ACCOUNT: "Client 001", "Note": "Deal 1"}
    team.add_rows(one, c.T_SPLITS, north, {**north, "Note": "Deal 2"}, north)
    other = {**OVERRIDE, "Reason": "They hire."}
    team.add_rows(one, c.T_OVERRIDES, OVERRIDE, other)
    for backup in (True, False):
        assert (collected(folder).backup is not None) == backup
        assert [row["Note"] for row in rows(folder, c.T_SPLITS)] == ["Deal 1", "Deal 2"]
        assert [row["Reason"] for row in rows(folder, c.T_OVERRIDES)] == [
            OVERRIDE["Reason"],
            "They hire.",
        ]
        assert states(folder, c.T_SPLITS) == [None, None]
    emptied(one, c.T_SPLITS)
    team.add_rows(one, c.T_SPLITS, {**north, "Note": "Deal 2"})
    collected(folder)
    assert states(folder, c.T_SPLITS) == ["Withdrawn", None]


def test_splits_of_an_account_that_moved_come_from_the_book_of_its_owner(folder: Path) -> None:
    one, two = team.book_of(folder, 1), team.book_of(folder, 2)
    mine = {**SPLIT, w.ACCOUNT: "Client 002", "Note": "Ask the mayor"}
    nobody = {**SPLIT, w.ACCOUNT: "Client 999"}
    team.add_rows(one, c.T_SPLITS, mine, {**mine, "Split": "Plant south"}, nobody)
    collected(folder)
    workbook = PackageWorkbook(folder / "team.xlsx")
    accounts = workbook.read_table(c.T_ACCOUNTS, [w.ACCOUNT, w.OWNER])
    moved = accounts[accounts[w.ACCOUNT] == "Client 002"]
    workbook.write_columns(c.T_ACCOUNTS, moved[[w.OWNER]].assign(**{w.OWNER: "Rep 02"}))
    workbook.save()
    team.add_rows(two, c.T_SPLITS, {**mine, "Note": None}, nobody)
    report = collected(folder)
    assert len([line for line in report.notes if line.startswith("Rep 01: Client 002 is ano")]) == 1
    expected = [
        ("Client 002", "Plant north", None, "Rep 02", None),
        ("Client 002", "Plant south", "Ask the mayor", "Rep 01", None),
        ("Client 999", "Plant north", None, "Rep 01", None),
        ("Client 999", "Plant north", None, "Rep 02", None),
    ]
    names = (w.ACCOUNT, "Split", "Note", "Book of", w.STATE)
    assert [tuple(row[name] for name in names) for row in rows(folder, c.T_SPLITS)] == expected
    assert collected(folder).backup is None
    # What the former owner clears is withdrawn, but for what the new one has, too.
    emptied(one, c.T_SPLITS)
    collected(folder)
    assert states(folder, c.T_SPLITS) == [None, "Withdrawn", "Withdrawn", None]


def test_a_table_that_is_not_there_withdraws_nothing(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.add_rows(book, c.T_OVERRIDES, OVERRIDE)
    collected(folder)

    def without_the_author(held: Any) -> None:
        sheet = held[c.OVERRIDES]
        top = int(sheet.tables[c.T_OVERRIDES].ref.split(":")[0][1:])
        sheet.cell(top, 6).value = "Who"
        sheet.tables[c.T_OVERRIDES].tableColumns[5].name = "Who"

    team.resave(book, book, without_the_author)
    report = collected(folder)
    assert "the column 'Author' of Overrides" in report.older[0]
    assert states(folder, c.T_OVERRIDES)[0] == "Proposed"


def states(folder: Path, table: str) -> list[object]:
    return [row[w.STATE] for row in rows(folder, table)]


def emptied(path: Path, table: str) -> None:
    """A rep deletes all rows of a table."""
    workbook = PackageWorkbook(path)
    workbook.replace_rows(table, workbook.read_table(table).iloc[:0, :1], spare=5)
    workbook.save()


def decide(path: Path, *states: str) -> None:
    """Types states into the first corrections of a workbook."""
    workbook = PackageWorkbook(path)
    held = workbook.read_table(c.T_OVERRIDES, [w.STATE]).iloc[: len(states)]
    workbook.write_columns(c.T_OVERRIDES, held.assign(State=list(states)))
    workbook.save()


def decide_overrides(folder: Path, *states: str) -> None:
    decide(folder / "team.xlsx", *states)


def test_what_the_manager_decided_stays(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.add_rows(book, c.T_OVERRIDES, OVERRIDE)
    collected(folder)
    workbook = PackageWorkbook(folder / "team.xlsx")
    workbook.write_columns(
        c.T_OVERRIDES,
        workbook.read_table(c.T_OVERRIDES, ["State"]).assign(State="Accepted"),
    )
    workbook.save()
    assert collected(folder).news == {"plans": 0}
    (override,) = rows(folder, c.T_OVERRIDES)
    assert override["State"] == "Accepted"
    # A value that is changed later is a new proposal; the decision stays on record.
    workbook = PackageWorkbook(book)
    workbook.write_columns(
        c.T_OVERRIDES,
        workbook.read_table(c.T_OVERRIDES, ["New value"]).assign(**{"New value": 95_000.0}),
    )
    workbook.save()
    collected(folder)
    assert [(row["New value"], row["State"]) for row in rows(folder, c.T_OVERRIDES)] == [
        (90_000.0, "Accepted"),
        (95_000.0, "Proposed"),
    ]


def test_a_decided_correction_is_withdrawn_beside_another_that_is_decided(folder: Path) -> None:
    book = team.book_of(folder, 1)
    newer = {**OVERRIDE, "New value": 95_000.0, "Date": datetime(2018, 1, 9)}
    team.add_rows(book, c.T_OVERRIDES, OVERRIDE, newer)
    collected(folder)
    decide_overrides(folder, "Declined", "Accepted")
    emptied(book, c.T_OVERRIDES)
    team.add_rows(book, c.T_OVERRIDES, OVERRIDE)
    collected(folder)
    assert states(folder, c.T_OVERRIDES) == ["Declined", "Withdrawn"]
    assert collected(folder).backup is None


def test_ratings_and_feedback_move_with_their_plan(folder: Path) -> None:
    workbook = PackageWorkbook(folder / "team.xlsx")
    plans = workbook.read_table(c.T_PLANS, [w.OWNER])
    at = plans.index[plans[w.OWNER] == "Rep 03"]
    frame = plans.loc[at].assign(**{tracker.RATING: 4.0, tracker.FEEDBACK: "Good start."})
    workbook.write_columns(c.T_PLANS, frame[[tracker.RATING, tracker.FEEDBACK]])
    workbook.save()
    book = team.book_of(folder, 1)
    spare = next(name for name in PackageWorkbook(book).sheets() if "spare 1" in name)
    held = PackageWorkbook(book)
    held.write_names({"plan.account": "Client 002"}, spare)
    held.save()
    (line,) = collected(folder).duplicates
    assert line == f"{book}: Plan - Client 002, {spare} are all for Client 002; keep one of them."
    found = rows(folder, c.T_PLANS)
    assert [row[w.OWNER] for row in found] == ["Rep 01", "Rep 01", "Rep 02", "Rep 03"]
    assert (found[3][tracker.RATING], found[3][tracker.FEEDBACK]) == (4.0, "Good start.")
    assert found[1][tracker.RATING] is None
    # Each of the two tabs has its own rating, whatever else is collected.
    assert [row[tracker.PLAN] for row in found[:2]] == ["Plan - Client 002", spare]
    workbook = PackageWorkbook(folder / "team.xlsx")
    workbook.write_columns(c.T_PLANS, pd.DataFrame({tracker.RATING: [1.0, 2.0]}))
    workbook.save()
    report = collected(folder)
    assert (report.gone, report.backup) == ((), None)
    team.fill(book, 1)
    assert collected(folder, NOW.replace(hour=18)).gone == ()
    shutil.move(book, folder / "Rep 01.xlsx")
    team.fill(team.book_of(folder, 2), 2)
    assert collected(folder, NOW.replace(hour=20)).missing == ("Rep 01",)
    assert [row[tracker.RATING] for row in rows(folder, c.T_PLANS)] == [1.0, 2.0, None, 4.0]


def test_every_version_stays_in_the_history(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    for version in (1, 2, 3):
        team.edit(book, strategy=team.answers(1, version)["strategy"])
        team.hand_in(book, date(2018, 1, 10 + version))
        collected(folder, NOW.replace(day=15 + version))
    found = rows(folder, c.T_HISTORY)
    assert [(row[history.VERSION], row[history.RECORDED].day) for row in found] == [
        (1.0, 16),
        (2.0, 17),
        (3.0, 18),
    ]
    assert len({row[history.FINGERPRINT] for row in found}) == 3
    told = [contents_of(row[history.CONTENTS])[0]["strategy"] for row in found]
    assert told == [team.answers(1, version)["strategy"] for version in (1, 2, 3)]


def test_a_plan_changed_after_turning_in_says_so(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.hand_in(book, date(2018, 1, 10))
    collected(folder)
    team.edit(book, strategy=team.answers(1, 2)["strategy"])
    report = collected(folder)
    assert plan_rows(folder)["Rep 01"][tracker.CHANGED_SINCE] == "yes"
    assert (report.plans["changed since"], len(rows(folder, c.T_HISTORY))) == (1, 1)


def test_a_date_typed_earlier_than_it_was_seen_shows_both(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.hand_in(book, date(2018, 1, 2))
    collected(folder, datetime(2018, 2, 20, 8))
    row = plan_rows(folder)["Rep 01"]
    assert row[tracker.TURNED_IN] == datetime(2018, 1, 2)
    assert row[tracker.FIRST_SEEN] == datetime(2018, 2, 20)


def marked(folder: Path, owner: str, **cells: object) -> None:
    workbook = PackageWorkbook(folder / "team.xlsx")
    plans = workbook.read_table(c.T_PLANS, [w.OWNER])
    mine = plans[plans[w.OWNER] == owner]
    workbook.write_columns(c.T_PLANS, mine[[]].assign(**cells))
    workbook.save()


def test_an_example_is_copied_into_the_library_once(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    marked(folder, "Rep 01", Example="yes", Feedback="Says who signs.")
    (note,) = collected(folder).notes
    assert "was not turned in" in note and rows(folder, c.T_LIBRARY) == []
    team.hand_in(book, date(2018, 1, 10))
    assert collected(folder).news["examples"] == 1
    (example,) = rows(folder, c.T_LIBRARY)
    accounts = {row[w.ACCOUNT]: row for row in rows(folder, c.T_ACCOUNTS)}
    assert example[w.QUADRANT] == accounts[example[w.ACCOUNT]][w.QUADRANT]
    assert (example[w.OWNER], example["Strategy"]) == ("Rep 01", team.answers(1)["strategy"])
    assert example["What is good about it"] == "Says who signs."
    assert "- Contact 1, Plant lead, Decides, Supporter" in example["Plan"]
    assert collected(folder).backup is None


def test_a_collection_renews_what_checks_and_other_sheets_say_of_plans(
    folder: Path, office: Office, tmp_path: Path
) -> None:
    for rep in (1, 2):
        team.fill(team.book_of(folder, rep), rep)
        team.hand_in(team.book_of(folder, rep), date(2018, 1, 10))
    team.edit(team.book_of(folder, 1), strategy="Sell more.")
    team.book_of(folder, 3).rename(tmp_path / "away.xlsx")
    before = {row["What"] for row in rows(folder, c.T_CHECKS) if row["Kind"] == "Plan"}
    assert collected(folder).missing == ("Rep 03",)
    after = {row["What"] for row in rows(folder, c.T_CHECKS) if row["Kind"] == "Plan"}
    one, two = (plan_rows(folder)[f"Rep 0{rep}"][w.ACCOUNT] for rep in (1, 2))
    assert f"Rep 01: 1 plan not begun: {one}" in before - after
    assert f"Rep 02: 1 plan not begun: {two}" in before - after
    assert f"Rep 01, {one}: 'Strategy' is only 10 characters long: 'Sell more.'" in after
    # Nobody looked at the book that is away.
    assert {told for told in before if told.startswith("Rep 03")} <= after
    # A program that calculates nothing by itself shows no figures of before.
    assert stored(folder / "team.xlsx", c.REVIEW) == {None}
    assert 2.0 in office.recalculate(folder / "team.xlsx")[c.REVIEW].values()


def stored(path: Path, sheet: str) -> set[object]:
    """What openpyxl finds as results of a sheet's formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formulas, values = (openpyxl.load_workbook(path, data_only=only) for only in (False, True))
    return {
        values[sheet][cell.coordinate].value
        for line in formulas[sheet].iter_rows()
        for cell in line
        if cell.data_type == "f"
    }


def test_a_returned_plan_is_no_example_until_it_is_turned_in_again(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.hand_in(book, date(2018, 1, 10))
    collected(folder)
    marked(folder, "Rep 01", Example="yes", Decision="Return", Feedback="Who signs?")
    for _ in range(2):
        # First the return is only decided, then it is done.
        (note,) = collected(folder).notes
        assert "but is returned" in note and rows(folder, c.T_LIBRARY) == []
        return_plans(folder / "team.xlsx", now=NOW)
    team.edit(book, strategy=team.answers(1, 2)["strategy"], **team.handed_in(date(2018, 1, 12)))
    assert collected(folder).news["examples"] == 1
    (example,) = rows(folder, c.T_LIBRARY)
    assert example["Strategy"] == team.answers(1, 2)["strategy"]
    # What the plan was returned with is not what is good about it.
    assert example["What is good about it"] is None


def test_an_example_without_names_names_nobody(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1, strategy="Let Contact 1 present the saved hours to their own board first.")
    team.hand_in(book, date(2018, 1, 10), by="Rep 01")
    marked(folder, "Rep 01", Example="without names", Feedback="Rep 01 asks for Contact 1.")
    collected(folder)
    (example,) = rows(folder, c.T_LIBRARY)
    assert example["What is good about it"] == "[name] asks for [name]."
    assert example["Strategy"].startswith("Let [name] present the saved hours")
    assert example[w.OWNER] is None
    assert "Contact 1" not in example["Plan"] and "Rep 01" not in example["Plan"]


# --- What lies in such folders -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Rep 01.xls", "save it as .xlsx"),
        ("Rep 01.xlsb", "save it as .xlsx"),
        ("Rep 01.ods", "save it as .xlsx"),
        ("Rep 01.xlsx.crdownload", "wait until it is there"),
        (".Rep 01.xlsx.icloud", "is not on this computer"),
    ],
)
def test_what_may_be_a_book_in_another_shape_is_named(folder: Path, name: str, told: str) -> None:
    book = team.book_of(folder, 1)
    book.rename(book.with_name(name))
    report = collected(folder)
    assert [told in line and str(book.with_name(name)) in line for line in report.unreadable] == [
        True
    ]
    assert report.missing == ("Rep 01",) and report.needs_a_look


def test_tabs_whose_names_were_left_behind_are_read_all_the_same(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.hand_in(book, date(2018, 1, 10))

    def rename(workbook: Any) -> None:
        # openpyxl leaves the old title in the names of a tab.
        for sheet in workbook.worksheets:
            sheet.title = sheet.title.replace(c.PLAN_PREFIX, "My ")

    team.resave(book, book, rename)
    report = collected(folder)
    assert (report.duplicates, report.gone, report.plans["turned in"]) == ((), (), 1)
    row = plan_rows(folder)["Rep 01"]
    assert (row[tracker.COMPLETE], row[tracker.PLAN][:3]) == (1.0, "My ")


def test_a_renamed_book_is_read_by_what_stands_in_it(folder: Path) -> None:
    team.fill(team.book_of(folder, 1), 1)
    target = folder / "books" / "old stuff" / "my plans FINAL v2.xlsx"
    target.parent.mkdir()
    team.book_of(folder, 1).rename(target)
    report = collected(folder)
    row = plan_rows(folder)["Rep 01"]
    assert (row[tracker.COMPLETE], report.missing) == (1.0, ())
    assert row[tracker.BOOK] == "books/old stuff/my plans FINAL v2.xlsx"


def test_of_two_books_the_one_saved_last_is_read_and_the_other_named(folder: Path) -> None:
    book = team.book_of(folder, 1)
    old, laptop = book.with_name("Rep 01 (1).xlsx"), book.with_name("Rep 01-LAPTOP.xlsx")
    shutil.copy(book, old)
    team.fill(book, 1)
    team.dated(book, datetime(2018, 1, 9, 12))
    team.dated(old, datetime(2018, 1, 8, 12))
    shutil.copy(book, laptop)
    report = collected(folder)
    assert plan_rows(folder)["Rep 01"][tracker.COMPLETE] == 1.0
    assert [name.split(":")[0] for name in report.duplicates] == [str(laptop), str(old)]
    same, differs = report.duplicates
    assert "says the same as Rep 01.xlsx" in same
    assert "saved 2018-01-08 12:00; Rep 01.xlsx, saved 2018-01-09 12:00, was read" in differs
    assert "differ in the plan for Client 00" in differs


def test_a_newer_copy_wins_over_the_plain_name(folder: Path) -> None:
    book = team.book_of(folder, 1)
    copy = book.with_name("Rep 01 (1).xlsx")
    shutil.copy(book, copy)
    team.fill(copy, 1)
    team.dated(book, datetime(2018, 1, 8, 12))
    team.dated(copy, datetime(2018, 1, 9, 12))
    collected(folder)
    assert plan_rows(folder)["Rep 01"][tracker.BOOK] == "books/Rep 01 (1).xlsx"


def encrypt(path: Path) -> None:
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(2000))


def halve(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def zero(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def garble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(2000, len(content) - 3000, 500):
        content[at] ^= 0xFF
    path.write_bytes(bytes(content))


def date_ahead(path: Path) -> None:
    """A package that says of a part that it needs a program of version 23.5."""
    held = path.read_bytes()
    entry = held.index(b"PK\x01\x02")
    path.write_bytes(held[: entry + 6] + bytes([235]) + held[entry + 7 :])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (encrypt, "is encrypted"),
        (halve, "is damaged"),
        (zero, "is empty"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (garble, "is damaged"),
        (date_ahead, "is damaged"),
        (lambda path: path.write_text("no workbook"), "is no Excel workbook"),
    ],
    ids=["password", "half synced", "not synced", "no bytes", "corrupt", "unknown", "text"],
)
def test_a_book_that_cannot_be_read_is_named_and_its_plans_stay(
    damage: Callable[[Path], object], told: str, folder: Path
) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    collected(folder)
    damage(book)
    report = collected(folder)
    (line,) = report.unreadable
    assert line.startswith(f"{book}: {told}")
    assert report.missing == ("Rep 01",) and report.needs_a_look
    assert plan_rows(folder)["Rep 01"][tracker.COMPLETE] == 1.0


def test_other_files_are_named_and_left_out(folder: Path, tmp_path: Path) -> None:
    where = folder / "books"
    (where / "~$Rep 01.xlsx").write_bytes(b"\x05owner")
    (where / "notes.txt").write_text("no workbook")
    shutil.copy(folder / "team.xlsx", where / "team.xlsx")
    write_template(where / "template.xlsx")
    other = team.team_round(4)
    team.build(tmp_path / "other", other)
    shutil.copy(team.book_of(tmp_path / "other", 4), where / "stranger.xlsx")
    team.resave(where / "Rep 03.xlsx", where / "sums.xlsx", strip)
    report = collected(folder)
    told = {Path(line.split(":")[0]).name: line for line in report.left_out}
    assert "is a team workbook" in told["team.xlsx"]
    assert "is a template workbook" in told["template.xlsx"]
    assert "the book of Rep 04, who is not in this team" in told["stranger.xlsx"]
    assert "is no workbook of Account Plan" in told["sums.xlsx"]
    assert len(told) == 4
    assert report.open_books == (str(team.book_of(folder, 1)),)
    assert (report.unreadable, report.duplicates, len(report.books)) == ((), (), 3)


def strip(workbook: Any) -> None:
    """Leaves nothing of ours in a workbook."""
    for sheet in workbook.worksheets[1:]:
        workbook.remove(sheet)
    workbook.worksheets[0].title = "Sums"
    for name in list(workbook.defined_names):
        del workbook.defined_names[name]


def test_a_book_of_another_year_is_left_out(folder: Path) -> None:
    book = team.book_of(folder, 1)
    workbook = PackageWorkbook(book)
    workbook.write_names({c.N_YEAR_START: date(2017, 1, 1)})
    workbook.save()
    (line,) = collected(folder).left_out
    assert "is for the planning year from 2017-01-01, not from 2018-01-01" in line


def test_an_older_book_is_read_and_what_it_lacks_is_named(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)

    def older(workbook: Any) -> None:
        del workbook[c.SPLITS].tables[c.T_SPLITS]
        del workbook.defined_names["strategy.why"]
        for sheet in workbook.worksheets:
            for name in ("plan.stamp", "plan.returned"):
                sheet.defined_names.pop(name, None)

    team.resave(book, book, older)
    report = collected(folder)
    (line,) = report.older
    assert line == f"{book}: has not the table Splits, the name strategy.why; the rest was read."
    assert plan_rows(folder)["Rep 01"][tracker.COMPLETE] == 1.0


def test_a_renamed_tab_and_moved_columns_are_read(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.add_rows(book, c.T_OVERRIDES, OVERRIDE)

    def rearrange(workbook: Any) -> None:
        sheet = workbook[c.OVERRIDES]
        table = sheet.tables[c.T_OVERRIDES]
        top = int(table.ref.split(":")[0][1:])
        for row in range(top, top + 2):
            one, other = sheet.cell(row, 4), sheet.cell(row, 5)
            one.value, other.value = other.value, one.value
        columns = table.tableColumns
        columns[3].name, columns[4].name = columns[4].name, columns[3].name

    team.resave(book, book, rearrange)
    team.rename_sheet(book, team.tab_of(book), "the big one")
    collected(folder)
    row = plan_rows(folder)["Rep 01"]
    assert (row[tracker.PLAN], row[tracker.COMPLETE]) == ("the big one", 1.0)
    (override,) = rows(folder, c.T_OVERRIDES)
    assert {name: override[name] for name in OVERRIDE} == OVERRIDE


def test_a_plan_that_is_no_longer_in_the_book_is_named(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    team.hand_in(book, date(2018, 1, 10))
    collected(folder)
    tab = team.tab_of(book)
    team.resave(book, book, lambda workbook: workbook.remove(workbook[tab]))
    report = collected(folder)
    (line,) = report.gone
    assert line.startswith("Rep 01: the plan for Client 00")
    assert "Rep 01" not in plan_rows(folder)
    assert len(rows(folder, c.T_HISTORY)) == 1


def test_the_last_plan_that_is_gone_is_told_once(folder: Path) -> None:
    collected(folder)
    for rep in (1, 2, 3):
        book = team.book_of(folder, rep)
        workbook = PackageWorkbook(book)
        tabs = [name for name in workbook.sheets() if name.startswith(c.PLAN_PREFIX)]
        for tab in tabs:
            workbook.write_names({"plan.account": None}, tab)
        workbook.save()
    report = collected(folder, NOW.replace(hour=12))
    assert (len(report.gone), report.plans["plans"], report.backup is None) == (3, 0, False)
    counts = [row[model.PLANS] for row in rows(folder, c.T_ROUNDS)]
    assert counts[-1] == 0.0
    again = collected(folder, NOW.replace(hour=18))
    assert (again.gone, again.backup, sum(again.news.values())) == ((), None, 0)
    assert len(rows(folder, c.T_ROUNDS)) == len(counts)


# --- Writing ---------------------------------------------------------------------------


def test_a_team_workbook_that_is_open_is_left_alone(folder: Path) -> None:
    team.fill(team.book_of(folder, 1), 1)
    (folder / "~$team.xlsx").write_bytes(b"\x05owner")
    before = (folder / "team.xlsx").read_bytes()
    with pytest.raises(SaveError, match="is open in another program"):
        collected(folder)
    assert (folder / "team.xlsx").read_bytes() == before
    assert not (folder / "backup").exists()


def test_the_team_workbook_as_it_was_is_kept(folder: Path) -> None:
    team.fill(team.book_of(folder, 1), 1)
    before = (folder / "team.xlsx").read_bytes()
    backup = collected(folder).backup
    assert backup is not None and backup.read_bytes() == before
    assert backup.parent.parent == folder.absolute() / "backup"


def test_books_are_never_written(folder: Path) -> None:
    before = {path: path.read_bytes() for path in (folder / "books").iterdir()}
    collected(folder)
    assert {path: path.read_bytes() for path in (folder / "books").iterdir()} == before


@pytest.mark.parametrize("name", ["books/Rep 01.xlsx", "missing.xlsx"])
def test_only_into_a_team_workbook(name: str, folder: Path) -> None:
    with pytest.raises(WorkbookError):
        collect.collect(folder / "books", folder / name, now=NOW)


def test_the_command_prints_what_is_new_and_what_needs_a_look(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    team.fill(team.book_of(folder, 1), 1)
    order = ["collect", str(folder / "books"), "--into", str(folder / "team.xlsx")]
    order += ["--today", "2018-01-15"]
    assert cli.main(order) == cli.DONE
    assert "3 books read; 3 plans:" in capsys.readouterr().out
    halve(team.book_of(folder, 2))
    assert cli.main([*order, "--json"]) == cli.LOOK
    told = json.loads(capsys.readouterr().out)
    assert (told["missing"], len(told["unreadable"])) == (["Rep 02"], 1)
    assert told["plans"]["complete"] == 1 and told["backup"] is None


def test_a_folder_without_the_teams_books_changes_nothing(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    before = (folder / "team.xlsx").read_bytes()
    report = collect.collect(elsewhere, folder / "team.xlsx", now=NOW)
    assert (folder / "team.xlsx").read_bytes() == before
    assert report.needs_a_look and report.backup is None
    assert "no book of this team was read" in report.notes[0]


def test_the_decisions_are_sought_in_a_team_workbook(folder: Path) -> None:
    with pytest.raises(WorkbookError, match="is a rep's book; name the team workbook"):
        return_plans(team.book_of(folder, 1), now=NOW)


def test_a_folder_without_workbooks_is_no_folder_to_check(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="no workbook is there"):
        check_workbooks([tmp_path])
