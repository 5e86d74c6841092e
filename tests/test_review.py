"""Does the review say how each rep stands, on the sheet, as JSON and as pages?

Oracles: counts made by hand on small made-up teams, LibreOffice for the live cells, Python's own
HTML parser for the page.
"""

import json
import math
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import demo, planning, review_pages
from accountplan.addin.files import Built, build_folder
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.macros import MACROS
from accountplan.addin.review import ReviewReport, as_json, review, write_review
from accountplan.addin.review_terminal import show
from accountplan.udfs import believable, funnel, timing
from accountplan.udfs import review as model
from accountplan.udfs import words as w
from accountplan.udfs.errors import SaveError, WorkbookError
from accountplan.udfs.path_plan import PathPlan
from accountplan.udfs.plans import APPROVED, DRAFT, RETURNED, TURNED_IN
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from tests.support import browser
from tests.support.office import Office
from tests.support.validator import validate
from tests.support.workbooks import WorkbookFile, assert_same, differences

AS_OF = pd.Timestamp("2017-12-31")
DUE = pd.Timestamp("2018-01-30")
LIVE = (
    *(w.MANAGER, model.ACCOUNTS, *model.QUADRANT_COLUMNS.values(), model.RISK_PROFILE),
    *(w.EXPECTED_MONEY, w.QUOTA, funnel.CLOSED, funnel.TO_COME, funnel.GAP),
)
COUNTS = (model.PLANS, model.STARTED, model.COMPLETE, model.GOOD, model.HANDED_IN, model.LATE)


# --- The model ---------------------------------------------------------------


def team_of(
    quadrants: dict[str, list[str]],
    *,
    plans: list[tuple[str, str, float, bool, str]] | None = None,
    quota: float = 1000.0,
    weighted: float = 1000.0,
    deals: pd.DataFrame | None = None,
    today: pd.Timestamp = AS_OF,
    plans_per_book: int = 0,
) -> model.TeamFacts:
    """A team whose reps own accounts of these quadrants, each expected to bring 100."""
    rows = [(rep, name) for rep, names in quadrants.items() for name in names]
    accounts = pd.DataFrame(rows, columns=[w.OWNER, w.QUADRANT], dtype=str)
    accounts[w.ACCOUNT] = [f"Account {number}" for number in range(1, len(rows) + 1)]
    accounts[w.RANK] = accounts.groupby(w.OWNER).cumcount() + 1.0
    accounts[w.EXPECTED_MONEY] = 100.0
    reps = list(quadrants)
    walk = pd.DataFrame({w.REP: pd.Series(reps, dtype=str), w.MANAGER: "Manager North"})
    walk[w.QUOTA], walk[funnel.CLOSED], walk[funnel.REPEAT_TO_COME] = quota, 0.0, 0.0
    walk[w.WEIGHTED_PIPELINE] = walk[funnel.TO_COME] = weighted
    walk[funnel.GAP] = quota - weighted
    lines = pd.DataFrame(
        plans or [], columns=[w.OWNER, w.ACCOUNT, model.COMPLETE, model.GOOD, w.STATE]
    ).astype({model.COMPLETE: float, model.GOOD: bool})
    return model.TeamFacts(
        accounts=accounts,
        walk=walk,
        deals=deals_of() if deals is None else deals,
        plans=lines,
        year=timing.FiscalYear(pd.Timestamp("2018-01-01")),
        as_of=AS_OF,
        today=today,
        due=DUE,
        plans_per_book=plans_per_book,
        last_quarter_bar=0.4,
    )


def deals_of(*rows: tuple[str, str, float, str, str, bool, float]) -> pd.DataFrame:
    """Path of, State, Amount, Opened, Close date, Stale, Weighted."""
    columns = [w.PATH_OF, w.STATE, w.AMOUNT, w.OPENED, w.CLOSE_DATE, w.STALE, w.WEIGHTED]
    frame = pd.DataFrame(list(rows), columns=columns)
    for column in (w.OPENED, w.CLOSE_DATE):
        frame[column] = pd.to_datetime(frame[column].replace("", None)).astype("datetime64[ns]")
    return frame.astype({w.AMOUNT: float, w.WEIGHTED: float, w.STALE: bool})


def points_of(team: model.TeamFacts) -> tuple[str, ...]:
    (points,) = model.review_reps(team)[model.TALK_ABOUT]
    return tuple(points)


def test_a_rep_with_nothing_wrong_has_no_points() -> None:
    plans = [("Rep 1", "Account 1", 1.0, True, TURNED_IN)]
    team = team_of({"Rep 1": [w.SLAM_DUNK]}, plans=plans, plans_per_book=1)
    assert points_of(team) == ()
    assert model.in_one_line(()) == "Nothing stands out"


def test_plans_are_counted_by_state_completeness_and_day() -> None:
    plans = [
        ("Rep 1", "Account 1", 1.0, True, APPROVED),
        ("Rep 1", "Account 2", 1.0, False, TURNED_IN),
        ("Rep 1", "Account 3", 0.5, False, DRAFT),
        ("Rep 1", "Account 4", 0.0, False, RETURNED),
    ]
    before = model.review_reps(team_of({"Rep 1": [w.SKIP] * 4}, plans=plans, today=DUE))
    after = model.review_reps(
        team_of({"Rep 1": [w.SKIP] * 4}, plans=plans, today=DUE + pd.Timedelta(days=1))
    )
    assert before[list(COUNTS)].iloc[0].tolist() == [4, 3, 2, 1, 2, 0]
    assert after[list(COUNTS)].iloc[0].tolist() == [4, 3, 2, 1, 2, 1]


def test_late_plans_come_first_and_take_the_place_of_incomplete_ones() -> None:
    plans = [("Rep 1", f"Account {n}", 0.5, False, DRAFT) for n in (1, 2)]
    team = team_of(
        {"Rep 1": [w.SKIP] * 2}, plans=plans, weighted=0.0, today=pd.Timestamp("2018-02-01")
    )
    assert points_of(team) == (
        "2 of 2 plans are late: due 2018-01-30",
        "Gap of 1,000, 100 % of the quota: agree what closes it",
    )


@pytest.mark.parametrize(
    ("quadrants", "told"),
    [
        ([w.BIG_BET, w.BIG_BET, w.QUICK_WIN], "mostly big bets (2 of 3): agree early signs"),
        ([w.BIG_BET, w.QUICK_WIN], "100 % of the quota: agree what closes it"),
        ([w.QUICK_WIN, w.SKIP], "mostly quick wins (1 of 1): that takes 4 deals of 300"),
    ],
)
def test_a_gap_is_read_with_the_risk_profile(quadrants: list[str], told: str) -> None:
    won = deals_of(("Rep 1", w.WON, 300.0, "2017-01-01", "2017-06-01", False, 0.0))
    (point,) = points_of(team_of({"Rep 1": quadrants}, weighted=0.0, deals=won))
    assert told in point


def test_a_gap_of_a_tenth_of_the_quota_is_not_worth_a_point() -> None:
    assert points_of(team_of({"Rep 1": [w.SLAM_DUNK]}, weighted=900.0)) == ()
    assert points_of(team_of({"Rep 1": [w.SLAM_DUNK]}, weighted=899.0)) != ()


def test_a_rep_without_quota_is_asked_for_it() -> None:
    (point,) = points_of(team_of({"Rep 1": [w.SLAM_DUNK] * 3}, quota=math.nan))
    assert point == "No quota: 300 is expected, and nothing says whether that is enough"


def test_a_rep_without_accounts_is_named_first() -> None:
    first, *_ = points_of(team_of({"Rep 1": []}, weighted=0.0))
    assert first.startswith("Owns no account but has a quota of 1,000")


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ((0.0, 0.0), "None of the 2 plans is started"),
        ((1.0, 0.5), "1 of 2 plans is not complete"),
        ((1.0, 1.0), "2 of 2 complete plans are thin: see the findings"),
    ],
)
def test_plans_are_told_apart_by_how_far_they_are(shares: tuple[float, float], told: str) -> None:
    plans = [
        ("Rep 1", f"Account {n}", share, False, DRAFT) for n, share in enumerate(shares, start=1)
    ]
    assert told in points_of(team_of({"Rep 1": [w.SLAM_DUNK] * 2}, plans=plans))


def test_a_single_plan_is_not_counted_but_named() -> None:
    plans = [("Rep 1", "Account 1", 1.0, False, DRAFT)]
    team = team_of({"Rep 1": [w.SLAM_DUNK]}, plans=plans, today=pd.Timestamp("2018-02-01"))
    assert points_of(team) == (
        "The plan is late: due 2018-01-30",
        "The complete plan is thin: see the findings",
    )


def test_top_accounts_without_plan_are_named_by_rank() -> None:
    plans = [("Rep 1", "Account 2", 1.0, True, TURNED_IN)]
    team = team_of({"Rep 1": [w.SLAM_DUNK] * 6}, plans=plans, plans_per_book=5)
    assert points_of(team) == ("4 top accounts without plan: Account 1, Account 3 and 2 more",)


def test_a_year_that_comes_at_its_end_is_named_with_its_share() -> None:
    late = deals_of(
        ("Rep 1", w.OPEN, 1.0, "2017-12-01", "2018-11-01", False, 600.0),
        ("Rep 1", w.OPEN, 1.0, "2017-12-01", "2018-02-01", False, 400.0),
    )
    (point,) = points_of(team_of({"Rep 1": [w.SLAM_DUNK]}, deals=late))
    assert point == "60 % of the year falls into its last quarter: bring some forward"


def test_five_stale_deals_are_worth_a_point_and_four_are_not() -> None:
    stale = ("Rep 1", w.OPEN, 50.0, "2016-01-01", "", True, 0.0)
    five, four = (team_of({"Rep 1": [w.SKIP]}, deals=deals_of(*[stale] * n)) for n in (5, 4))
    assert points_of(five) == ("5 stale deals worth 250: revive or close them",)
    assert points_of(four) == ()


def test_no_rep_has_more_than_five_points() -> None:
    stale = [("Rep 1", w.OPEN, 50.0, "2016-01-01", "", True, 0.0)] * 9
    plans = [
        ("Rep 1", "Account 9", 0.5, False, DRAFT),
        ("Rep 1", "Account 8", 1.0, False, DRAFT),
        ("Rep 1", "Account 7", 1.0, True, RETURNED),
    ]
    team = team_of(
        {"Rep 1": [w.BIG_BET] * 4},
        plans=plans,
        weighted=0.0,
        deals=deals_of(*stale),
        plans_per_book=3,
    )
    points = points_of(team)
    assert points == (
        "1 of 3 plans is returned and not answered yet",
        "Gap of 1,000, 100 % of the quota, and mostly big bets (4 of 4): agree early signs",
        "1 of 3 plans is not complete",
        "3 top accounts without plan: Account 1, Account 2 and 1 more",
        "1 of 2 complete plans is thin: see the findings",
    )


def test_plans_on_their_way_are_counted_by_date_and_state() -> None:
    lines = [
        (TURNED_IN, "2018-01-30", False),
        (TURNED_IN, "2018-01-31", True),
        (APPROVED, "2018-01-02", False),
        (RETURNED, "2018-02-02", False),
        (DRAFT, "2018-01-02", False),
        (TURNED_IN, None, False),
    ]
    plans = [("Rep 1", f"Account {n}", 1.0, True, state) for n, (state, *_) in enumerate(lines)]
    team = team_of({"Rep 1": [w.SKIP]}, plans=plans)
    held = team.plans.assign(
        **{
            model.TURNED_IN_ON: pd.to_datetime(pd.Series([on for _, on, _ in lines])),
            model.CHANGED_SINCE: [changed for *_, changed in lines],
        }
    )
    (row,) = model.review_reps(replace(team, plans=held)).to_dict("records")
    assert {name: row[name] for name in model.WAY} == {
        model.ON_TIME: 2.0,
        model.TURNED_IN_LATE: 2.0,
        model.IS_APPROVED: 1.0,
        model.IS_RETURNED: 1.0,
        model.CHANGED_SINCE: 1.0,
    }
    assert row[model.TALK_ABOUT][:2] == (
        "1 of 6 plans is changed after turning in: read anew",
        "1 of 6 plans is returned and not answered yet",
    )


def test_now_is_held_against_the_last_collection_that_counted_otherwise() -> None:
    days = pd.to_datetime(["2018-01-08", "2018-01-15", "2018-01-01"])
    figures = {name: [2.0, 3.0, 1.0] if name == model.COMPLETE else 4.0 for name in model.GLANCE}
    rounds = pd.DataFrame({model.COLLECTED: days, **figures})
    now = dict.fromkeys(model.GLANCE, 4.0)
    # As at the last collection: against the one before it. Moved on since: against the last.
    for complete, day, change in ((3.0, "2018-01-08", 1.0), (5.0, "2018-01-15", 2.0)):
        moved = model.moved_since({**now, model.COMPLETE: complete}, rounds)
        assert moved is not None and moved.day == pd.Timestamp(day)
        assert {name: held for name, held in moved.changes.items() if held} == {
            model.COMPLETE: change
        }
        assert moved.told == f"Moved since the collection of {day}: complete {change:+.0f}."
    assert model.moved_since(now | {model.COMPLETE: 2.0}, rounds.iloc[:1]) is None
    assert model.moved_since(now, rounds.iloc[:0]) is None


def test_reps_stand_by_manager_then_name_without_unassigned() -> None:
    team = team_of({"Rep 2": [w.SKIP], w.UNASSIGNED: [w.SKIP], "Rep 1": [], "Rep 3": [w.SKIP]})
    team.walk[w.MANAGER] = ["Manager South", "", "Manager South", "Manager North"]
    assert model.review_reps(team)[w.REP].tolist() == ["Rep 3", "Rep 1", "Rep 2"]


def test_points_read_as_one_sentence() -> None:
    assert model.in_one_line(("Gap of 5", "None is started")) == "Gap of 5; none is started"


# --- The sheet ---------------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> Round:
    return demo.sample_round()


@pytest.fixture(scope="module")
def built(whole: Round, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build_folder(whole, tmp_path_factory.mktemp("review") / "out")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "template.xlsx"
    write_workbook(planning.empty_round(Settings()), path)
    return path


def on_review(found: list[str]) -> list[str]:
    return [line for line in found if line.startswith(f"{c.REVIEW}!")]


def test_every_formula_gives_its_stored_value(built: Built, template: Path, office: Office) -> None:
    for path in (built.team, *built.teams[:1], template):
        assert on_review(differences(WorkbookFile(path), office.recalculate(path))) == []


def test_live_columns_follow_a_changed_quota_cut_and_owner(
    built: Built, whole: Round, office: Office, tmp_path: Path
) -> None:
    file = WorkbookFile(built.team)
    first, second = whole.walk[w.REP].iloc[[0, 1]]
    account = whole.accounts.loc[whole.accounts[w.OWNER] == first, w.ACCOUNT].iloc[0]
    changes = {
        file.find(c.T_REPS, w.REP, first, w.QUOTA): 5_000_000,
        file.find("ModelSettings", "Setting", "Likelihood cut", "Your value"): 35,
        file.find(c.T_ACCOUNTS, w.ACCOUNT, account, w.OWNER): second,
    }
    path = office.set_cells_and_save(built.team, changes, tmp_path / "team.xlsx")
    found = WorkbookFile(path).frame(c.T_REVIEWS, office.recalculate(path))
    expected = review([path]).reps
    assert_same(found, expected, LIVE, key=w.REP)
    before = WorkbookFile(built.team).frame(c.T_REVIEWS, office.recalculate(built.team))
    assert (found[funnel.GAP] != before[funnel.GAP]).sum() == 2


def test_figures_on_top_count_what_the_round_holds(
    built: Built, whole: Round, office: Office
) -> None:
    cells = office.recalculate(built.team)[c.REVIEW]
    figures = {cells[f"{col}4"]: cells.get(f"{col}5") for col in "ABCFIKNOQR"}
    assert figures["Reps"] == len(whole.walk[whole.walk[w.REP] != w.UNASSIGNED])
    assert figures[model.ACCOUNTS] == len(whole.accounts)
    assert figures[model.PLANS] == len(whole.plans)
    assert figures[w.EXPECTED_MONEY] == pytest.approx(whole.accounts[w.EXPECTED_MONEY].sum())
    assert figures[funnel.GAP] == pytest.approx(funnel.roll_up(whole.walk)[funnel.GAP].iloc[0])


def test_a_round_of_many_accounts_holds_values_instead_of_formulas_per_rep(
    whole: Round, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "LIVE_LIMIT", 3)
    write_workbook(whole, tmp_path / "large.xlsx")
    file = WorkbookFile(tmp_path / "large.xlsx")
    sheet, cell = file.tables[c.T_REVIEWS].cell(0, w.EXPECTED_MONEY)
    assert file.cells[sheet][cell].formula == ""
    assert isinstance(file.cells[sheet][cell].value, float)


# --- Reading workbooks -------------------------------------------------------


def test_a_built_folder_gives_every_rep_of_the_round(built: Built, whole: Round) -> None:
    told = as_json(review([built.team.parent]))
    json.dumps(told, allow_nan=False)
    reps = {rep["owner"]: rep for rep in told["reps"]}
    walk = whole.walk[whole.walk[w.REP] != w.UNASSIGNED].set_index(w.REP)
    assert set(reps) == set(walk.index)
    for owner, rep in reps.items():
        mine = whole.accounts[whole.accounts[w.OWNER] == owner]
        assert rep["expected"] == pytest.approx(mine[w.EXPECTED_MONEY].sum())
        assert rep["gap"] == pytest.approx(walk.loc[owner, funnel.GAP], nan_ok=True)
        assert rep["plans"] == sum(plan.owner == owner for plan in whole.plans)
    assert told["notes"] == []
    assert told["as_of"] == f"{whole.as_of:%Y-%m-%d}"


def test_folder_team_workbook_and_books_alone_agree(built: Built) -> None:
    folder = review([built.team.parent]).reps
    team = review([built.team]).reps
    pd.testing.assert_frame_equal(folder, team)
    books = review([built.books[0].parent]).reps.set_index(w.REP)
    owners = folder[folder[model.ACCOUNTS] > 0].set_index(w.REP)
    pd.testing.assert_frame_equal(books, owners)


def test_a_managers_workbook_holds_only_the_managers_reps(built: Built, whole: Round) -> None:
    path = built.teams[0]
    report = review([path])
    assert set(report.reps[w.MANAGER]) == {path.stem}
    everybody = review([built.team]).reps
    mine = everybody[everybody[w.MANAGER] == path.stem].reset_index(drop=True)
    pd.testing.assert_frame_equal(report.reps, mine)


def copied(built: Built, folder: Path) -> Path:
    shutil.copytree(built.team.parent, folder / "copy")
    return folder / "copy"


def test_a_plan_turned_in_counts_from_the_book_and_today_makes_the_others_late(
    built: Built, whole: Round, office: Office, tmp_path: Path
) -> None:
    folder = copied(built, tmp_path)
    book = folder / "books" / built.books[0].name
    file = WorkbookFile(book)
    tab = next(name for name in file.sheets if name.startswith(c.PLAN_PREFIX))
    changes: dict[tuple[str, str], Any] = {
        file.named("plan.state", tab): TURNED_IN,
        file.named(c.N_TODAY): whole.due.date().replace(year=2030),
    }
    office.set_cells_and_save(book, changes, tmp_path / "typed.xlsx")
    shutil.move(tmp_path / "typed.xlsx", book)
    report = review([folder])
    row = report.reps.set_index(w.REP).loc[book.stem]
    drafts = sum(plan.owner == book.stem and plan.state == DRAFT for plan in whole.plans)
    assert row[model.HANDED_IN] == 1
    assert row[model.LATE] == drafts - 1
    assert report.today.year == 2030
    assert "late" in row[model.TALK_ABOUT][0]


def test_without_books_the_tracker_speaks_and_the_report_says_so(
    built: Built, tmp_path: Path
) -> None:
    alone = tmp_path / "team.xlsx"
    shutil.copy(built.team, alone)
    report, full = review([alone]), review([built.team])
    assert "plans as of the last build" in report.notes[0]
    columns = [w.REP, *COUNTS]
    pd.testing.assert_frame_equal(report.reps[columns], full.reps[columns])


def test_a_broken_book_in_a_folder_is_noted_and_a_named_one_refused(
    built: Built, tmp_path: Path
) -> None:
    folder = copied(built, tmp_path)
    broken = folder / "books" / built.books[0].name
    broken.write_bytes(b"PK no workbook")
    notes = review([folder]).notes
    assert any(broken.name in note for note in notes)
    with pytest.raises(WorkbookError, match="damaged"):
        review([broken])


def test_copies_of_a_book_and_of_the_team_workbook_count_once(
    built: Built, whole: Round, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(built.team.parent, tmp_path / "out"))
    before = review([folder])
    book = sorted((folder / "books").glob("*.xlsx"))[0]
    shutil.copy(book, book.with_stem(f"{book.stem} (1)"))
    shutil.copy(folder / "team.xlsx", folder / "books" / "team copy.xlsx")
    sorted((folder / "books").glob("*.xlsx"))[-2].unlink()
    report = review([folder])
    assert report.reps[model.PLANS].tolist() == before.reps[model.PLANS].tolist()
    (told,) = [note for note in report.notes if "is another book of" in note]
    assert book.with_stem(f"{book.stem} (1)").name in told.split(":")[0]
    assert len(report.notes) == len(set(report.notes))


def test_a_book_of_a_stranger_is_left_out_with_a_word(
    built: Built, whole: Round, tmp_path: Path
) -> None:
    folder = copied(built, tmp_path)
    data = planning.books(whole)[0]
    other = replace(
        data,
        walk=data.walk.assign(**{w.REP: "Rep Elsewhere"}),
        accounts=data.accounts.assign(**{w.OWNER: "Rep Elsewhere"}),
        reps=data.reps.assign(**{w.REP: "Rep Elsewhere"}),
        plans=(),
    )
    write_workbook(other, folder / "books" / "Rep Elsewhere.xlsx")
    report = review([folder])
    assert "Rep Elsewhere" not in set(report.reps[w.REP])
    assert any("its rep is not in the team workbook" in note for note in report.notes)


def test_a_folder_without_workbooks_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="holds no workbook of Account Plan"):
        review([tmp_path])


def test_the_terminal_shows_every_rep_and_note(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    report = replace(review([built.team]), notes=("A note [with brackets].",))
    show(report, Path("out.html"))
    told = capsys.readouterr().out
    assert all(rep in told for rep in report.reps[w.REP])
    assert "A note [with brackets]." in told
    assert "out.html" in told


# --- Pages -------------------------------------------------------------------


@pytest.fixture
def nasty() -> ReviewReport:
    """Two teams, one without manager, names that a page or a sheet could trip over."""
    names = ('<script>alert("1")</script>', "=1+1", "Rep & Co: 'North'/South")
    team = team_of({name: [w.BIG_BET, w.SKIP] for name in names}, weighted=400.0)
    team.walk[w.MANAGER] = ["Women's [team]", "", "Women's [team]"]
    return ReviewReport(model.review_reps(team), AS_OF, AS_OF, DUE, ("A <b>note</b>",))


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def test_the_page_has_a_section_per_team_and_runs_nothing(
    nasty: ReviewReport, tmp_path: Path
) -> None:
    write_review(nasty, tmp_path / "review.html")
    page = Page(tmp_path / "review.html")
    assert (page.count("section"), page.count("article"), page.count("svg")) == (2, 3, 3)
    assert (page.count("script"), page.count("b"), page.count("link"), page.count("img")) == (
        (0, 0, 0, 0)
    )
    assert all(name in page.text for name in nasty.reps[w.REP])
    assert "Women's [team]" in page.text and "No manager" in page.text
    targets = [a["href"] for _, a in page.elements if "href" in a]
    assert targets == ["#team-0", "#team-1"]
    assert not re.search(r"https?:|url\(", (tmp_path / "review.html").read_text("utf-8"))


def test_each_bar_says_in_words_what_it_shows(nasty: ReviewReport, tmp_path: Path) -> None:
    write_review(nasty, tmp_path / "review.html")
    text = (tmp_path / "review.html").read_text(encoding="utf-8")
    told = "<title>Closed 0, to come 400, still to find 600; quota 1,000</title>"
    assert text.count(told) == 3
    widths = re.findall(r'width="([\d.]+)" height="20" fill="#(?:0B6E69|C26A00)"', text)
    assert widths == ["400.0", "600.0"] * 3


def test_the_workbook_has_a_sheet_per_team_and_is_valid(
    nasty: ReviewReport, tmp_path: Path
) -> None:
    path = tmp_path / "review.xlsx"
    write_review(nasty, path)
    assert validate([path]) == {path: []}
    file = openpyxl.load_workbook(path)
    assert file.sheetnames == ["No manager", "Women's -team-"]
    assert file["No manager"]["A12"].value == "=1+1"
    assert file["No manager"]["A12"].data_type == "s"


def test_the_pdf_has_a_page_per_team(nasty: ReviewReport, tmp_path: Path) -> None:
    write_review(nasty, tmp_path / "review.pdf")
    content = (tmp_path / "review.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 2


def test_without_libreoffice_a_pdf_is_one_clear_error_and_leaves_nothing(
    nasty: ReviewReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_pages.shutil, "which", lambda _: None)
    with pytest.raises(SaveError, match=r"needs LibreOffice.*\.html"):
        write_review(nasty, tmp_path / "review.pdf")
    assert list(tmp_path.iterdir()) == []


def test_another_ending_is_refused(nasty: ReviewReport, tmp_path: Path) -> None:
    with pytest.raises(SaveError, match=r"written as \.html, \.xlsx, \.pdf"):
        write_review(nasty, tmp_path / "review.docx")


def test_the_same_report_gives_the_same_bytes(nasty: ReviewReport, tmp_path: Path) -> None:
    for ending in (".html", ".xlsx"):
        one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
        write_review(nasty, one)
        write_review(nasty, two)
        assert one.read_bytes() == two.read_bytes()


def test_no_reps_make_a_page_too(template: Path, tmp_path: Path) -> None:
    report = review([template])
    for ending in (".html", ".xlsx"):
        write_review(report, tmp_path / f"review{ending}")
    assert as_json(report)["reps"] == []
    assert report.as_of.date() >= date(2020, 1, 1)


# --- In a browser --------------------------------------------------------------


def test_on_a_phone_the_page_fits_and_fetches_nothing(
    nasty: ReviewReport, built: Built, tmp_path: Path
) -> None:
    for report in (nasty, review([built.team])):
        write_review(report, tmp_path / "review.html")
        seen = browser.look(tmp_path / "review.html", 390)
        assert seen.width <= 390 and seen.small == 0
        assert (seen.fetched, seen.scripts) == ([], 0)
        assert seen.bars == len(report.reps)
        for rep in report.reps[w.REP]:
            assert " ".join(rep.split()) in " ".join(seen.text.split())


def test_the_plans_of_each_rep_can_be_unfolded(built: Built, tmp_path: Path) -> None:
    report = review([built.team])
    write_review(report, tmp_path / "review.html")
    page = (tmp_path / "review.html").read_text("utf-8")
    assert browser.look(tmp_path / "review.html", 1200).details == report.plans[w.OWNER].nunique()
    for plan in report.plans.to_dict("records"):
        assert f"<b>{plan[w.ACCOUNT]}</b>: {100 * plan[model.COMPLETE]:.0f} % complete" in page
        assert f"{Path(plan[model.FILE]).name} · {plan[model.TAB]}" in page


def test_the_browser_would_have_told_of_a_request(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<!doctype html><body><img src="http://127.0.0.1:9/a.png"><p>Text', "utf-8")
    assert browser.look(page, 390).fetched == ["http://127.0.0.1:9/a.png"]


def test_the_page_prints(nasty: ReviewReport, tmp_path: Path) -> None:
    write_review(nasty, tmp_path / "review.html")
    printed = browser.print_pdf(tmp_path / "review.html", tmp_path / "review.pdf")
    pages = re.findall(rb"/Type\s*/Page\b", printed.read_bytes())
    assert len(pages) >= nasty.reps[w.MANAGER].nunique()


# --- Is the path believable? -------------------------------------------------


def verdicts_of(*broken: tuple[str, str]) -> tuple[believable.Verdict, ...]:
    """All rules, of which these do not hold, each with where it breaks."""
    words = dict(broken)
    return tuple(
        believable.Verdict(rule, believable.FAILS, "Why.", words[rule.key])
        if rule.key in words
        else believable.Verdict(rule, believable.HOLDS, "Why.")
        for rule in believable.PATH_RULES
    )


@pytest.fixture(scope="module")
def some_path(whole: Round) -> PathPlan:
    return planning.books(whole)[0].path


def test_a_path_that_is_not_believable_is_one_point_that_says_where_it_breaks(
    some_path: PathPlan,
) -> None:
    team = team_of({"Rep 1": [w.SKIP] * 4})
    broken = verdicts_of(("gates", "Demos at 35 %"), ("quarters", "Q3 at 20 %"), ("odds", "3 %"))
    odds = replace(some_path.outlook.odds, reach=0.031)
    plan = replace(some_path, verdicts=broken, outlook=replace(some_path.outlook, odds=odds))
    (told,) = set(points_of(replace(team, paths={"Rep 1": plan}))) - set(points_of(team))
    assert told == "Path not believable, 3 % to reach the quota: Demos at 35 %, Q3 at 20 %"
    unlikely = replace(plan, verdicts=verdicts_of(("odds", "3 %")))
    points = points_of(replace(team, paths={"Rep 1": unlikely}))
    assert "Path not believable, 3 % to reach the quota" in points
    believed = replace(plan, verdicts=verdicts_of())
    assert points_of(replace(team, paths={"Rep 1": believed})) == points_of(team)


def test_what_does_not_hold_of_the_book_itself_is_a_point_each(some_path: PathPlan) -> None:
    team = team_of({"Rep 1": [w.SKIP] * 4})
    broken = verdicts_of(("potential", "Potential"), ("likelihood", "Odds"), ("strategy", "Play"))
    plan = replace(some_path, verdicts=broken)
    points = points_of(replace(team, paths={"Rep 1": plan}))
    assert set(points) - set(points_of(team)) == {"Potential", "Odds", "Play"}
    assert not any(point.startswith("Path") for point in points)


def told_in(path: Path, office: Office) -> dict[str, str]:
    """What the sheet Review has to talk about, per rep."""
    held = WorkbookFile(path).frame(c.T_REVIEWS, office.recalculate(path))
    return dict(zip(held[w.REP], held[model.TALK_ABOUT], strict=True))


def pressed(path: Path) -> None:
    """Presses Review summary in a closed workbook."""
    door = PackageWorkbook(path)
    MACROS["review_summary"](door)
    door.save()


def told_by(report: ReviewReport) -> dict[str, str]:
    reps = report.reps
    return dict(zip(reps[w.REP], reps[model.TALK_ABOUT].map(model.in_one_line), strict=True))


@pytest.mark.parametrize("beside", ["books", "no books"])
def test_the_sheet_the_command_and_the_macro_have_the_same_to_talk_about(
    built: Built, office: Office, tmp_path: Path, beside: str
) -> None:
    folder = copied(built, tmp_path)
    if beside == "no books":
        shutil.rmtree(folder / "books")
    for file in (folder / "team.xlsx", *sorted((folder / "teams").iterdir())):
        on_sheet = told_in(file, office)
        assert any("ath not believable, " in told for told in on_sheet.values())
        assert told_by(review([file])) == on_sheet
        pressed(file)
        assert told_in(file, office) == on_sheet


def test_what_is_typed_into_a_book_breaks_its_path_on_the_review(
    built: Built, whole: Round, office: Office, tmp_path: Path
) -> None:
    folder = copied(built, tmp_path)
    rep = "Rep North 1"
    book = next((folder / "books").glob(f"{rep}*"))
    file = WorkbookFile(book)
    sheet, cell = file.named(c.STRATEGY[c.STRATEGY_PLAY])
    suggested = planning.book(whole, rep).play
    other = w.TIMING_PLAY if suggested == w.VOLUME_PLAY else w.VOLUME_PLAY
    typed = {
        file.find(c.T_GATES, w.GATE, "Demos", "Your rate"): 0.99,
        (sheet, cell): other,
        # Nothing else to talk about takes the place of these.
        file.named("PlansDue"): (AS_OF + pd.Timedelta(9_999, "D")).date(),
    }
    office.set_cells_and_save(book, typed, tmp_path / "typed.xlsx")
    shutil.move(tmp_path / "typed.xlsx", book)
    pressed(folder / "team.xlsx")
    told = told_in(folder / "team.xlsx", office)[rep]
    assert "Demos at 99 % against" in told
    assert f"the strategy does not fit the book: {other.lower()}" in told.casefold()
