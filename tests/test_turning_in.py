"""Is a plan turned in only when it is complete, and does the manager's answer reach the book?"""

from __future__ import annotations

import shutil
import warnings
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from accountplan.addin import collect, library, returning, turn_in
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.plan_files import check_workbooks, read_plan_file
from accountplan.addin.review import review
from accountplan.udfs import plans as p
from accountplan.udfs import review as model
from accountplan.udfs import words as w
from accountplan.udfs.errors import SaveError, WorkbookError
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import history, tracker

from .support import team_folder as team
from .support.office import Office, OfficeFailedError
from .support.validator import validate

NOW: Final = datetime(2018, 1, 15, 9, 30)
DAY: Final = date(2018, 1, 12)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    team.build(folder, team.team_round(2))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "team"))


def by_macro(book: Path, account: str = "") -> turn_in.TurnedIn:
    door = PackageWorkbook(book)
    done = turn_in.turn_in(door, read_plan_file(book), account, "Rep 01", DAY)
    door.save()
    return done


def plan_of(book: Path) -> p.Plan:
    return read_plan_file(book).plans[0]


# --- Turning in ----------------------------------------------------------------------


def test_a_complete_plan_is_stamped_and_locked(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    done = by_macro(book)
    held = plan_of(book)
    assert (held.state, held.turned_in_on) == (p.TURNED_IN, DAY)
    assert held.fields[c.P_TURNED_IN_BY] == "Rep 01"
    assert held.stamp == p.fingerprint(held)
    assert done.told == f"The plan for {held.account} is turned in." and done.is_locked
    assert PackageWorkbook(book).is_protected(held.tab)
    assert validate([book]) == {book: []}


def test_what_is_locked_cannot_be_typed_into_but_the_state_can(
    folder: Path, office: Office, tmp_path: Path
) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    by_macro(book)
    held = plan_of(book)
    saved = tmp_path / "saved.xlsx"
    with pytest.raises(OfficeFailedError, match="locked"):
        office.set_cells_and_save(book, {(held.tab, held.cells["strategy"]): "New"}, saved)
    office.set_cells_and_save(book, {(held.tab, held.cells[c.P_STATE]): p.DRAFT}, saved)
    assert plan_of(saved).state == p.DRAFT


def test_an_incomplete_plan_is_not_turned_in_and_the_reason_named(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1, strategy="tbd")
    before = book.read_bytes()
    with pytest.raises(WorkbookError) as told:
        by_macro(book)
    held = plan_of(book)
    assert str(told.value).startswith(f"{book}: sheet {held.tab}, cell {held.cells['strategy']}: ")
    assert "'Strategy' holds only 'tbd'" in str(told.value)
    assert book.read_bytes() == before


def test_a_thin_plan_is_turned_in_and_told(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1, strategy="Sell them more")
    done = by_macro(book)
    assert "It is thin: 'Strategy' is only 14 characters long" in done.told
    assert plan_of(book).state == p.TURNED_IN


def test_a_plan_turned_in_already_is_not_turned_in_again(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1)
    by_macro(book)
    with pytest.raises(WorkbookError, match="every plan is turned in already"):
        by_macro(book)
    with pytest.raises(WorkbookError, match="turned in already, and nothing changed since"):
        by_macro(book, plan_of(book).account)


def test_an_account_without_plan_is_named(folder: Path) -> None:
    with pytest.raises(WorkbookError, match="has no plan for Nobody"):
        by_macro(team.book_of(folder, 1), "Nobody")


def test_one_turned_in_by_hand_though_incomplete_is_flagged(folder: Path) -> None:
    book = team.book_of(folder, 1)
    team.fill(book, 1, strategy="")
    team.hand_in(book, DAY)
    collect.collect(folder / "books", folder / "team.xlsx", now=NOW)
    (row,) = [row for row in tracked(folder) if row[w.OWNER] == "Rep 01"]
    assert (row[tracker.STATE], row[tracker.GOOD]) == (p.TURNED_IN, "no")
    assert row[tracker.MISSING] == "Strategy"
    (plan,) = [each for each in check_workbooks([book]).plans if each.plan.state == p.TURNED_IN]
    assert not plan.check.complete


# --- The manager's answer ----------------------------------------------------------------


def tracked(folder: Path) -> list[dict[str, Any]]:
    frame = PackageWorkbook(folder / "team.xlsx").read_table(c.T_PLANS)
    return [dict(row) for row in frame.to_dict("records")]


def decide(folder: Path, owner: str, **cells: object) -> None:
    workbook = PackageWorkbook(folder / "team.xlsx")
    plans = workbook.read_table(c.T_PLANS, [w.OWNER])
    at = plans.index[plans[w.OWNER] == owner]
    for name, value in cells.items():
        workbook.write_columns(c.T_PLANS, plans.loc[at, []].assign(**{name: value}))
    workbook.save()


@pytest.fixture
def handed_in(folder: Path) -> Path:
    """Both plans are turned in and collected."""
    for rep in (1, 2):
        team.fill(team.book_of(folder, rep), rep)
        by_macro(team.book_of(folder, rep))
    collect.collect(folder / "books", folder / "team.xlsx", now=NOW)
    return folder


def test_a_returned_plan_reaches_the_book_with_its_feedback(handed_in: Path) -> None:
    book = team.book_of(handed_in, 1)
    decide(handed_in, "Rep 01", Decision="Return", Feedback="Who signs?", Rating=2.0)
    report = returning.return_plans(handed_in / "team.xlsx", now=NOW.replace(hour=10))
    held = plan_of(book)
    assert report.done == (f"Rep 01: the plan for {held.account} is returned.",)
    assert (held.state, held.fields[c.P_FEEDBACK]) == (p.RETURNED, "Who signs?")
    assert held.returned == p.fingerprint(held)
    assert not PackageWorkbook(book).is_protected(held.tab)
    row = tracked(handed_in)[0]
    assert (row[tracker.STATE], row[tracker.DECISION]) == (p.RETURNED, None)
    assert (row[tracker.RATING], row[tracker.FEEDBACK]) == (2.0, "Who signs?")
    events = PackageWorkbook(handed_in / "team.xlsx").read_table(c.T_HISTORY)
    assert events[history.EVENT].tolist() == [p.TURNED_IN, p.TURNED_IN, p.RETURNED]
    assert events[history.RATING].tolist()[2] == 2.0
    # A collection records nothing twice; it only finds that nothing has changed yet.
    collected = collect.collect(handed_in / "books", handed_in / "team.xlsx", now=NOW)
    assert collected.news == {"plans": 1}
    assert tracked(handed_in)[0][tracker.FINDINGS] == 1.0
    with pytest.raises(WorkbookError, match="nothing changed since the plan was returned"):
        by_macro(book)
    team.edit(book, strategy=team.answers(1, 2)["strategy"])
    by_macro(book)
    news = collect.collect(handed_in / "books", handed_in / "team.xlsx", now=NOW).news
    assert news["turned in"] == 1


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_version_is_as_good_as_on_the_day_that_it_was_collected(
    folder: Path, is_changed: bool
) -> None:
    book, into = team.book_of(folder, 1), folder / "team.xlsx"
    team.fill(book, 1)
    team.hand_in(book, DAY)
    # The actions are due in 2018: what was good on the book's own day is so no longer.
    assert check_workbooks([book]).plans[0].check.good
    late = datetime(2019, 1, 2, 9, 30)
    collect.collect(folder / "books", into, now=late)
    if is_changed:
        team.edit(book, strategy=team.answers(1, 2)["strategy"])
    decide(folder, "Rep 01", Decision="Return", Feedback="Who signs?")
    returning.return_plans(into, now=late)
    events = PackageWorkbook(into).read_table(c.T_HISTORY)
    assert events[history.EVENT].tolist() == [p.TURNED_IN, p.RETURNED]
    assert events[history.FINGERPRINT].nunique() == 1 + is_changed
    assert events[history.GOOD].tolist() == ["no", "no"]


def test_a_decision_typed_into_a_book_keeps_the_verdict_of_its_version(folder: Path) -> None:
    book, into = team.book_of(folder, 1), folder / "team.xlsx"
    team.fill(book, 1)
    by_macro(book)
    collect.collect(folder / "books", into, now=NOW)
    team.edit(book, **{c.P_STATE: p.APPROVED})
    collect.collect(folder / "books", into, now=datetime(2019, 1, 2, 9, 30))
    events = PackageWorkbook(into).read_table(c.T_HISTORY)
    assert events[history.EVENT].tolist() == [p.TURNED_IN, p.APPROVED]
    assert events[history.GOOD].tolist() == ["yes", "yes"]
    assert tracked(folder)[0][tracker.GOOD] == "no"


def test_a_returned_plan_keeps_the_password_that_the_rep_gave_it(handed_in: Path) -> None:
    book = team.book_of(handed_in, 1)
    tab = plan_of(book).tab

    def protect(held: Any) -> None:
        held[tab].protection.password = "secret"

    team.resave(book, book, protect)
    decide(handed_in, "Rep 01", Decision="Return", Feedback="Who signs?")
    (told,) = returning.return_plans(handed_in / "team.xlsx", now=NOW.replace(hour=10)).done
    assert told.endswith(f"is returned. '{tab}' stays locked: it has a password.")
    assert plan_of(book).state == p.RETURNED and PackageWorkbook(book).is_protected(tab)


def test_an_approved_plan_is_locked_and_a_later_change_shows(handed_in: Path) -> None:
    book = team.book_of(handed_in, 2)
    decide(handed_in, "Rep 02", Decision="Approve")
    returning.return_plans(handed_in / "team.xlsx", now=NOW)
    held = plan_of(book)
    assert held.state == p.APPROVED and PackageWorkbook(book).is_protected(held.tab)
    door = PackageWorkbook(book)
    door.lock(held.tab, False)
    team.type_fields(door, held.tab, {"risks": "Their new lead may ask for offers."})
    door.save()
    collected = collect.collect(handed_in / "books", handed_in / "team.xlsx", now=NOW)
    assert collected.plans["changed since"] == 1
    (plan,) = [each for each in check_workbooks([book]).plans if each.plan.state == p.APPROVED]
    assert [each.what for each in plan.check.findings] == ["Changed since it was approved"]


def test_plan_tabs_name_the_example_that_fits_and_stay_as_turned_in(
    handed_in: Path, office: Office
) -> None:
    decide(handed_in, "Rep 01", Decision="Approve", Example="without names")
    collect.collect(handed_in / "books", handed_in / "team.xlsx", now=NOW)
    report = returning.return_plans(handed_in / "team.xlsx", now=NOW)
    # Rep 01's other account has no plan; only the plan of Rep 02 is another's.
    assert report.examples == 1
    one, two = (team.book_of(handed_in, rep) for rep in (1, 2))
    example, plan = plan_of(one), plan_of(two)
    door = PackageWorkbook(two)
    (held,) = door.read_names(["plan.example"], plan.tab).values()
    strategy = str(team.answers(1)["strategy"])
    assert str(held).startswith(f"{example.account}, same ") and strategy in str(held)
    assert plan.state == p.TURNED_IN and plan.stamp == p.fingerprint(plan)
    shown = office.recalculate(two)[plan.tab].values()
    assert [str(cell) for cell in shown if f"From the Library: {held}" in str(cell)]
    before = two.read_bytes()
    again = returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert (again.examples, again.done) == (0, ()) and two.read_bytes() == before


def test_of_several_examples_the_most_alike_is_named_and_never_the_own_plan() -> None:
    held = [
        {w.ACCOUNT: "Near", w.QUADRANT: w.BIG_BET, w.SEGMENT: "Large", w.INDUSTRY: "Retail"},
        {w.ACCOUNT: "Nearer", w.QUADRANT: w.BIG_BET, w.SEGMENT: "Small", w.INDUSTRY: "Retail"},
        {w.ACCOUNT: "Own", w.QUADRANT: w.BIG_BET, w.SEGMENT: "Small", w.INDUSTRY: "Steel"},
    ]
    facts = {w.QUADRANT: w.BIG_BET, w.SEGMENT: "Small", w.INDUSTRY: "Retail"}
    assert library.fitting("own", facts, held) == "Nearer, same segment and quadrant and industry"
    assert library.fitting("own", {w.SEGMENT: "Large"}, held) == "Near, same segment"
    assert library.fitting("own", {w.SEGMENT: "Middle"}, held) == ""


def test_a_plan_that_came_back_is_as_late_as_its_first_version(handed_in: Path) -> None:
    into, book = handed_in / "team.xlsx", team.book_of(handed_in, 1)
    decide(handed_in, "Rep 01", Decision="Return", Feedback="Who signs?")
    returning.return_plans(into, now=NOW)
    late = date(2018, 2, 9)
    team.edit(book, strategy=team.answers(1, 2)["strategy"], **team.handed_in(late))
    collect.collect(handed_in / "books", into, now=datetime(2018, 2, 10))
    events = PackageWorkbook(into).read_table(c.T_HISTORY)
    assert events[history.VERSION].tolist()[-1] == 2.0
    # Due on 31 January, first turned in on the 12th.
    assert tracked(handed_in)[0][tracker.TURNED_IN] == datetime(2018, 1, 12)
    found = review([into])
    mine = found.reps[found.reps[w.REP] == "Rep 01"].iloc[0]
    assert (mine[model.ON_TIME], mine[model.TURNED_IN_LATE]) == (1, 0)


def test_an_open_book_keeps_its_decision_for_the_next_run(handed_in: Path) -> None:
    decide(handed_in, "Rep 01", Decision="Approve")
    decide(handed_in, "Rep 02", Decision="Approve")
    lock = handed_in / "books" / "~$Rep 01.xlsx"
    lock.write_bytes(b"\x05owner")
    report = returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert len(report.done) == 1 and "is open in another program" in report.waiting[0]
    assert [row[tracker.DECISION] for row in tracked(handed_in)] == ["Approve", None]
    lock.unlink()
    assert len(returning.return_plans(handed_in / "team.xlsx", now=NOW).done) == 1
    assert [row[tracker.STATE] for row in tracked(handed_in)] == [p.APPROVED, p.APPROVED]


def test_what_was_not_read_is_not_approved(handed_in: Path) -> None:
    book = team.book_of(handed_in, 1)
    door = PackageWorkbook(book)
    door.lock(plan_of(book).tab, False)
    team.type_fields(door, plan_of(book).tab, {"strategy": "Something else than was turned in."})
    door.save()
    decide(handed_in, "Rep 01", Decision="Approve")
    report = returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert report.done == () and "was changed after it was turned in" in report.waiting[0]
    assert plan_of(book).state == p.TURNED_IN


def test_all_decisions_that_are_none_are_told_at_once_each_with_its_cell(handed_in: Path) -> None:
    into = handed_in / "team.xlsx"
    decide(handed_in, "Rep 01", Decision="Return", Feedback="tbd", Rating=7.0)
    decide(handed_in, "Rep 02", Decision="Perhaps", Feedback="Well done.")
    with pytest.raises(WorkbookError) as told:
        returning.return_plans(into, now=NOW)
    one, two = (plan_of(team.book_of(handed_in, rep)).account for rep in (1, 2))
    first, second = cells_of(handed_in, 0), cells_of(handed_in, 1)
    assert told.value.lines == (
        f"{into}: sheet Tracker, cell {first['Feedback']}: the plan for {one} is to be returned "
        "without feedback; say here what to change.",
        f"{into}: sheet Tracker, cell {first['Rating']}: the plan for {one}: the rating '7' is "
        "none; type 1 to 5.",
        f"{into}: sheet Tracker, cell {second['Decision']}: the plan for {two}: the decision "
        "'Perhaps' is none; pick Approve or Return.",
    )


def cells_of(folder: Path, plan: int) -> dict[str, str]:
    """Where openpyxl finds each column of a plan on the Tracker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = openpyxl.load_workbook(folder / "team.xlsx")["Tracker"]
    (head,) = (row for row in sheet.iter_rows() if row[0].value == "Plan")
    return {str(cell.value): f"{cell.column_letter}{cell.row + 1 + plan}" for cell in head}


@pytest.mark.parametrize("feedback", [None, "tbd"])
def test_one_wrong_decision_stops_them_all(handed_in: Path, feedback: str | None) -> None:
    decide(handed_in, "Rep 01", Decision="Return", Feedback=feedback)
    decide(handed_in, "Rep 02", Decision="Approve")
    before = {path: path.read_bytes() for path in handed_in.rglob("*.xlsx")}
    with pytest.raises(WorkbookError, match="is to be returned without feedback"):
        returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert {path: path.read_bytes() for path in handed_in.rglob("*.xlsx")} == before


# --- One day for rep and manager -----------------------------------------------------------


def test_a_return_moves_the_day_on_in_the_books_but_never_back(handed_in: Path) -> None:
    behind, ahead = team.book_of(handed_in, 1), team.book_of(handed_in, 2)
    door = PackageWorkbook(ahead)
    door.write_names({c.N_TODAY: date(2018, 3, 1)})
    door.save()
    (told,) = collect.collect(handed_in / "books", handed_in / "team.xlsx", now=NOW).behind
    assert told.startswith("Today is 2018-01-15 in this team workbook now, and earlier in 1 of 2 ")
    assert "(2017-12-31 in Rep 01.xlsx)" in told
    report = returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert (report.done, report.today, report.moved_on) == ((), date(2018, 1, 15), 1)
    days = [PackageWorkbook(book).read_names([c.N_TODAY])[c.N_TODAY] for book in (behind, ahead)]
    assert days == [datetime(2018, 1, 15), datetime(2018, 3, 1)]
    assert collect.collect(handed_in / "books", handed_in / "team.xlsx", now=NOW).behind == ()
    again = returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert (again.moved_on, again.backup) == (0, None)


def test_a_return_keeps_all_workbooks_as_they_were_in_one_folder(handed_in: Path) -> None:
    decide(handed_in, "Rep 01", Decision="Approve")
    decide(handed_in, "Rep 02", Decision="Return", Feedback="Who signs?")
    names = ("team.xlsx", "books/Rep 01.xlsx", "books/Rep 02.xlsx")
    before = {name: (handed_in / name).read_bytes() for name in names}
    backup = returning.return_plans(handed_in / "team.xlsx", now=NOW).backup
    assert backup is not None and backup.parent == handed_in / "backup"
    kept = {path.relative_to(backup).as_posix(): path for path in backup.rglob("*.xlsx")}
    assert {name: path.read_bytes() for name, path in kept.items()} == before


def test_an_open_team_workbook_stops_before_any_book_is_written(handed_in: Path) -> None:
    decide(handed_in, "Rep 01", Decision="Approve")
    (handed_in / "~$team.xlsx").write_bytes(b"\x05owner")
    with pytest.raises(SaveError, match="is open in another program"):
        returning.return_plans(handed_in / "team.xlsx", now=NOW)
    assert plan_of(team.book_of(handed_in, 1)).state == p.TURNED_IN
