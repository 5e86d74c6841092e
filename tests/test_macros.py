"""The macros: what each writes, what it leaves alone, what it says, and how it is taken back.

The oracle of most tests is another way to the same numbers: the workbook that ``build``
writes, LibreOffice, or the same macro on another host.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import backtest, cli, desk, macros, planning, press, undo
from accountplan.addin.hosts.package import NotOursError
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.udfs import words as w
from accountplan.udfs.errors import AccountPlanError, WorkbookError
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from tests.support import engine, histories
from tests.support.office import Office
from tests.support.workbooks import WorkbookFile

SAMPLES = Path(__file__).parents[1] / "workbook_templates" / "samples"
EXPORT = {
    role: str(SAMPLES / f"{role}.csv")
    for role in ("accounts", "opportunities", "teams", "activity")
}
TEAM_MACROS = (
    "score_accounts",
    "build_quadrant_grid",
    "compute_funnel_targets",
    "compute_timing_plan",
    "check_plans",
    "review_summary",
    "suggest_weights",
)
BOOK = "books/Rep North 2.xlsx"
Cells = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of workbooks of the sample; copy what is to be changed."""
    folder = tmp_path_factory.mktemp("built") / "plan"
    assert cli.main(["demo", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template."""
    path = tmp_path_factory.mktemp("template") / "plan.xlsx"
    assert cli.main(["template", "--out", str(path)]) == 0
    return path


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is overwritten is kept in the test's own folder."""
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: _made(tmp_path / "log"))


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """The sample's workbooks, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "plan"))


@pytest.fixture
def team(folder: Path) -> Path:
    return folder / "team.xlsx"


@pytest.fixture
def template(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "template.xlsx"))


def run(path: Path, macro: str, **arguments: str) -> desk.Desk:
    """Runs a macro on a closed file, and saves it."""
    book = PackageWorkbook(path)
    with desk.listening() as heard:
        macros.MACROS[macro](book, **arguments)
    book.save()
    (done,) = heard
    return done


def typed(path: Path) -> Cells:
    """Every typed cell and formula of a workbook, by sheet and address."""
    return {
        sheet: {at: cell.formula or cell.value for at, cell in cells.items()}
        for sheet, cells in WorkbookFile(path).cells.items()
    }


def differences(one: Cells, other: Cells, *, without: tuple[str, ...] = (c.LOG,)) -> list[str]:
    """The cells that differ, sheet by sheet; numbers to 9 digits, blank is no value."""
    found = []
    for sheet in sorted({*one, *other} - {*without}):
        mine, others = one.get(sheet, {}), other.get(sheet, {})
        for cell in sorted({*mine, *others}):
            a, b = mine.get(cell), others.get(cell)
            if a in (None, "") and b in (None, ""):
                continue
            numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
            same = abs(a - b) <= 1e-9 * max(1.0, abs(a)) if numbers else a == b
            if not same:
                found.append(f"{sheet}!{cell}: {a!r} / {b!r}")
    return found


# --- The same numbers as build -------------------------------------------------------


@pytest.mark.parametrize("macro", TEAM_MACROS)
def test_a_macro_on_an_unchanged_team_workbook_changes_no_answer(
    macro: str, folder: Path, built: Path, office: Office
) -> None:
    run(folder / "team.xlsx", macro)
    before = office.recalculate(built / "team.xlsx")
    after = office.recalculate(folder / "team.xlsx")
    assert differences(before, after) == []


@pytest.mark.parametrize(
    "macro",
    ["build_quadrant_grid", "compute_funnel_targets", "compute_timing_plan", "check_plans"],
)
def test_a_macro_on_an_unchanged_book_changes_no_answer(
    macro: str, folder: Path, built: Path, office: Office
) -> None:
    run(folder / BOOK, macro)
    assert differences(office.recalculate(built / BOOK), office.recalculate(folder / BOOK)) == []


def test_the_template_with_the_export_imported_gives_what_build_gives(
    template: Path, built: Path, office: Office
) -> None:
    done = run(template, "import_crm", **EXPORT)
    assert done.rows == 110
    found, expected = office.recalculate(template), office.recalculate(built / "team.xlsx")
    sheets = (c.ACCOUNTS, c.SCORES, c.DEALS, c.REPS, c.SETTINGS, c.EVIDENCE)
    others = tuple({*found, *expected} - {*sheets})
    assert differences(expected, found, without=others) == []


def test_importing_twice_changes_nothing(template: Path, office: Office) -> None:
    run(template, "import_crm", **EXPORT)
    once = office.recalculate(template)
    run(template, "import_crm", **EXPORT)
    assert differences(once, office.recalculate(template)) == []


# --- The whole life of the template --------------------------------------------------


def paste(book: openpyxl.Workbook, table: str, frame: pd.DataFrame) -> None:
    """Types rows into a table, beginning at its first one, as a person pastes them."""
    sheet, held = next(
        (sheet, sheet.tables[name])
        for sheet in book.worksheets
        for name in sheet.tables
        if name == table
    )
    first = sheet[held.ref.split(":")[0]]
    headers = {
        sheet.cell(first.row, col).value: col
        for col in range(first.column, first.column + len(held.tableColumns))
    }
    for at, row in enumerate(frame.to_dict("records"), start=1):
        for name, value in row.items():
            if not pd.isna(value):
                sheet.cell(first.row + at, headers[str(name)], value)


def pasted(template: Path) -> None:
    """The sample pasted in: names, owners and a few facts, deals without states of their own."""
    book = openpyxl.load_workbook(template)
    accounts = pd.read_csv(EXPORT["accounts"]).rename(
        columns={
            "Account Name": w.ACCOUNT,
            "Account Owner": w.OWNER,
            "Annual Revenue": w.ANNUAL_REVENUE,
        }
    )
    paste(book, c.T_ACCOUNTS, accounts[[w.ACCOUNT, w.OWNER, w.ANNUAL_REVENUE, "Employees"]])
    deals = pd.read_csv(EXPORT["opportunities"]).rename(
        columns={
            "Account Name": w.ACCOUNT,
            "Opportunity Owner": w.REP,
            "Opportunity ID": w.DEAL_ID,
            "Created Date": w.OPENED,
            "Close Date": w.CLOSE_DATE,
        }
    )
    columns = [w.DEAL_ID, w.ACCOUNT, w.REP, w.STAGE, w.OPENED, w.CLOSE_DATE, w.AMOUNT]
    for day in (w.OPENED, w.CLOSE_DATE):
        deals[day] = pd.to_datetime(deals[day])
    paste(book, c.T_DEALS, deals[columns])
    reps = pd.read_csv(EXPORT["teams"])
    paste(book, c.T_REPS, reps[[w.REP, w.MANAGER, w.QUOTA]])
    book.save(template)


def test_the_whole_life_of_the_template_by_macros_alone(template: Path, office: Office) -> None:
    pasted(template)
    assert run(template, "score_accounts").rows == 110
    run(template, "build_quadrant_grid")
    run(template, "compute_funnel_targets")
    found = office.recalculate(template)
    quadrants = pd.Series([v for k, v in found[c.QUADRANT].items() if v in w.QUADRANTS])
    assert set(quadrants) == set(w.QUADRANTS)
    name = next(v for k, v in found[c.ACCOUNTS].items() if k == "A5")
    run(template, "add_plan_tab", account=name)
    tab = f"{c.PLAN_PREFIX}{name}"
    book = PackageWorkbook(template)
    book.write_names({"plan.position": "They buy two of five products from us today."}, tab)
    book.save()
    assert run(template, "check_plans").rows == 1
    done = run(template, "review_summary")
    assert done.rows == 6
    after = office.recalculate(template)
    review = set(map(str, after[c.REVIEW].values()))
    assert set(pd.read_csv(EXPORT["teams"])["Rep"]) <= review
    tracker = set(after[c.TRACKER].values())
    assert tab in tracker and name in tracker
    errors = [
        f"{sheet}!{cell}"
        for sheet, cells in after.items()
        for cell, value in cells.items()
        if isinstance(value, str)
        and value.startswith(("#DIV", "#VALUE", "#NAME", "#REF", "Err:"))
        and sheet != c.SETTINGS
    ]
    assert errors == []


# --- Taken back ----------------------------------------------------------------------


@pytest.mark.parametrize("macro", TEAM_MACROS)
def test_restore_last_brings_back_what_a_macro_overwrote(macro: str, team: Path) -> None:
    book = PackageWorkbook(team)
    accounts = book.read_table(c.T_ACCOUNTS, [w.PRIOR_YEAR_SALES])
    book.write_columns(c.T_ACCOUNTS, accounts * 2)
    book.replace_rows(c.T_REVIEWS, book.read_table(c.T_REVIEWS, [w.REP]).iloc[:3])
    book.replace_rows(c.T_CHECKS, pd.DataFrame({"Kind": ["Plan", "Quota"], "What": ["a", "b"]}))
    book.write_columns(c.T_EVIDENCE, book.read_table(c.T_EVIDENCE, ["Verdict"]) + "?")
    book.write_names({c.N_PLACED_BY_FOUND: "x", c.N_PLAY: "y"})
    book.save()
    before = typed(team)
    run(team, macro)
    assert differences(before, typed(team))
    done = run(team, "restore_last")
    assert differences(before, typed(team)) == []
    assert "Brought back" in done.message()


def test_restore_last_brings_back_the_rows_that_an_import_replaced(
    template: Path, tmp_path: Path
) -> None:
    run(template, "import_crm", **EXPORT)
    before = typed(template)
    less = tmp_path / "less.csv"
    pd.read_csv(EXPORT["accounts"], dtype=str).iloc[::-1].head(40).to_csv(less, index=False)
    done = run(template, "import_crm", accounts=str(less))
    assert any("70 accounts are not in the export any more" in line for line in done.warnings)
    run(template, "restore_last")
    assert differences(before, typed(template)) == []


def test_restore_last_twice_is_where_one_was(team: Path) -> None:
    book = PackageWorkbook(team)
    book.replace_rows(c.T_CHECKS, pd.DataFrame({"What": ["mine"]}))
    book.save()
    run(team, "check_plans")
    after = typed(team)
    run(team, "restore_last")
    run(team, "restore_last")
    assert differences(after, typed(team)) == []


def test_suggested_weights_stand_beside_those_in_force(tmp_path: Path) -> None:
    """Oracle: the back-test of the export that the workbook was built from."""
    history = histories.planted(41, accounts=300)
    whole = planning.plan_round(history.export, history.settings)
    path = tmp_path / "team.xlsx"
    write_workbook(whole, path)
    run(path, "suggest_weights")
    door = PackageWorkbook(path)
    told = door.read_table(c.T_EVIDENCE).set_index("Attribute")
    settings = door.read_table(c.T_ATTRIBUTES).set_index("Attribute")
    learned = told.loc[list(histories.SIGNALS), "Learned weight"].astype(float)
    tested = backtest.with_evidence(whole, history.export)
    assert tested.learned is not None
    assert learned.to_dict() == pytest.approx(dict(tested.learned.weights))
    assert learned.sum() == pytest.approx(100)
    assert tested.evidence is not None
    for each in tested.evidence.attributes:
        assert told.loc[each.attribute, "Verdict"] == each.verdict
    assert set(settings.loc[list(histories.SIGNALS), "Weight"]) == {20.0}


def test_weights_are_suggested_in_the_team_workbook_only(folder: Path) -> None:
    with pytest.raises(WorkbookError, match="press Suggest weights in the team workbook"):
        run(folder / BOOK, "suggest_weights")


def test_nothing_to_restore_is_said(team: Path) -> None:
    with pytest.raises(WorkbookError, match="nothing can be brought back"):
        run(team, "restore_last")


def test_a_macro_that_fails_in_the_middle_leaves_an_open_workbook_as_it_was(
    team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = PackageWorkbook(team)
    before = {name: book.read_table(name) for name in (c.T_ACCOUNTS, c.T_CHECKS, c.T_WALK)}

    def fail(*_: object, **__: object) -> None:
        raise WorkbookError("no")

    monkeypatch.setattr("accountplan.addin.write_back.write_path", fail)
    with pytest.raises(WorkbookError):
        macros.score_accounts(book)
    for name, frame in before.items():
        typed_columns = [each for each in frame if each not in book.live_columns(name)]
        pd.testing.assert_frame_equal(book.read_table(name)[typed_columns], frame[typed_columns])


# --- What belongs to the user --------------------------------------------------------


def test_columns_rows_sheets_and_formulas_of_the_user_stay(team: Path) -> None:
    held = openpyxl.load_workbook(team)
    accounts = held[c.ACCOUNTS]
    headers = {cell.value: cell.column for cell in accounts[4]}
    accounts.cell(7, headers[w.INDUSTRY]).value = '=UPPER("mine")'
    accounts.cell(9, headers[w.PRIOR_YEAR_SALES]).value = "=1000*12"
    held.create_sheet("Mine")["B2"] = "=SUM(1,2)"
    held.save(team)
    prior = typed(team)
    run_after_calc = PackageWorkbook(team)
    with pytest.raises(WorkbookError, match="has no result yet"):
        macros.score_accounts(run_after_calc)
    assert typed(team) == prior


def test_a_fact_that_somebody_typed_stays_and_one_from_deals_follows_them(template: Path) -> None:
    pasted(template)
    run(template, "score_accounts")
    book = PackageWorkbook(template)
    accounts = book.read_table(c.T_ACCOUNTS, [w.ACCOUNT, w.PRIOR_YEAR_SALES, w.WINS])
    mine = int(accounts[w.PRIOR_YEAR_SALES].astype(float).idxmax())
    other = int(accounts[w.WINS].astype(float).drop(mine).idxmax())
    book.write_columns(c.T_ACCOUNTS, pd.DataFrame({w.PRIOR_YEAR_SALES: [123456.0]}, index=[mine]))
    deals = book.read_table(c.T_DEALS)
    kept = deals[deals[w.ACCOUNT] != accounts.loc[other, w.ACCOUNT]]
    typed_columns = [name for name in kept if name not in book.live_columns(c.T_DEALS)]
    book.replace_rows(c.T_DEALS, kept[typed_columns])
    book.save()
    run(template, "score_accounts")
    after = PackageWorkbook(template).read_table(c.T_ACCOUNTS, [w.PRIOR_YEAR_SALES, w.WINS])
    assert after.loc[mine, w.PRIOR_YEAR_SALES] == 123456.0
    assert after.loc[other, w.WINS] == 0.0 and accounts.loc[other, w.WINS] > 0


def test_a_new_attribute_takes_a_spare_column(team: Path, office: Office) -> None:
    book = PackageWorkbook(team)
    attributes = book.read_table(c.T_ATTRIBUTES, ["Attribute", "Weight"])
    first = int(attributes.index[attributes["Attribute"] == "Annual revenue"][0])
    book.write_columns(c.T_ATTRIBUTES, pd.DataFrame({"Weight": [10.0]}, index=[first]))
    new = {"Attribute": ["Open pipeline "], "Axis": [w.POTENTIAL], "Weight": [20.0]}
    new = {**new, "Attribute": [w.LOSSES], "Method": ["percentile"]}
    book.append_rows(c.T_ATTRIBUTES, pd.DataFrame(new))
    book.save()
    run(team, "score_accounts")
    found = office.recalculate(team)
    headers = {v: k for k, v in found[c.SCORES].items() if k.endswith("6") and len(k) <= 3}
    assert w.LOSSES in headers and f"{w.LOSSES} (points)" in headers
    weight = found[c.SCORES][headers[w.LOSSES].rstrip("0123456789") + "5"]
    assert weight == 20.0
    states = [v for v in found[c.SETTINGS].values() if v in ("up to date", "no data: left out")]
    assert len(states) == len(attributes) + 1


# --- What is refused -----------------------------------------------------------------


def refused(path: Path, macro: str, **arguments: str) -> str:
    before = path.read_bytes()
    with pytest.raises(AccountPlanError) as caught:
        run(path, macro, **arguments)
    assert path.read_bytes() == before
    line = caught.value.lines[0]
    assert "\n" not in line and not line.startswith("Traceback")
    return line


@pytest.mark.parametrize("macro", [name for name in macros.MACROS if name != "import_crm"])
def test_a_workbook_of_somebody_else_is_not_touched(macro: str, tmp_path: Path) -> None:
    path = tmp_path / "budget.xlsx"
    openpyxl.Workbook().save(path)
    before = path.read_bytes()
    with pytest.raises(NotOursError, match="is no workbook of Account Plan"):
        run(path, macro)
    assert path.read_bytes() == before


def test_text_among_numbers_is_named_with_its_row_and_column(template: Path) -> None:
    pasted(template)
    book = PackageWorkbook(template)
    book.write_columns(c.T_ACCOUNTS, pd.DataFrame({w.EMPLOYEES: ["many"]}, index=[2]))
    book.save()
    line = refused(template, "score_accounts")
    assert "sheet Accounts, row 7, column Employees" in line and "'many'" in line


def test_a_renamed_header_is_named_with_its_mend(team: Path) -> None:
    held = openpyxl.load_workbook(team)
    cell = next(cell for cell in held[c.SETTINGS]["A"] if cell.value == "Attribute")
    held[c.SETTINGS].cell(cell.row, 3).value = "Wt."
    held.save(team)
    line = refused(team, "score_accounts")
    assert "Weight" in line and "header" in line and c.SETTINGS in line


def test_a_book_is_scored_in_the_team_workbook(folder: Path) -> None:
    line = refused(folder / BOOK, "score_accounts")
    assert "110" in line and "team workbook" in line
    assert "team workbook" in refused(folder / BOOK, "review_summary")


def test_an_empty_template_says_where_accounts_go(template: Path) -> None:
    assert "paste them in" in refused(template, "score_accounts")


def test_a_protected_sheet_is_named(team: Path) -> None:
    held = openpyxl.load_workbook(team)
    held[c.CHECKS].protection.sheet = True
    held.save(team)
    assert f"sheet {c.CHECKS} is protected" in refused(team, "score_accounts")


@pytest.mark.parametrize(
    ("account", "expected"),
    [("", "name the account"), ("Nobody", "no account 'Nobody'"), ("coralreach", "did you mean")],
)
def test_an_unknown_account_gets_no_plan(account: str, expected: str, folder: Path) -> None:
    assert expected in refused(folder / BOOK, "add_plan_tab", account=account)


def test_an_account_gets_one_plan(folder: Path) -> None:
    line = refused(folder / BOOK, "add_plan_tab", account="Candlewick Logistics")
    assert "has a plan already" in line


# --- In Excel ------------------------------------------------------------------------


@pytest.mark.parametrize("macro", TEAM_MACROS)
def test_excel_and_the_closed_file_get_the_same_cells(macro: str, folder: Path) -> None:
    path = folder / "team.xlsx"
    held = engine.open_book(path)
    macros.MACROS[macro](held)
    run(path, macro)
    closed, opened = PackageWorkbook(path), desk.open_workbook(held)
    for name in closed.tables():
        if name == c.T_LOG:
            continue
        skip = closed.live_columns(name) | {"Where"}
        mine, others = closed.read_table(name), opened.read_table(name)
        columns = [each for each in mine if each not in skip]
        pd.testing.assert_frame_equal(mine[columns], others[columns], check_exact=False)


# --- Pressed -------------------------------------------------------------------------


def test_a_press_shows_what_went_wrong_and_a_fault_goes_to_the_log(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = PackageWorkbook(folder / BOOK)
    assert "name the account" in press.attempt("add_plan_tab", book, account="")
    monkeypatch.setitem(macros.MACROS, "score_accounts", lambda _: 1 / 0)
    told = press.attempt("score_accounts", book)
    assert "ZeroDivisionError" in told and "faults.log" in told
    assert "ZeroDivisionError" in (tmp_path / "log" / "faults.log").read_text()


def test_arguments_come_as_hex_of_utf16() -> None:
    assert press.text_of("004E006F00FC") == "No\u00fc"
    assert press.text_of("D83DDE00") == "\U0001f600"


def test_run_on_the_command_line(
    team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = team.read_bytes()
    out = tmp_path / "scored.xlsx"
    assert cli.main(["run", "score_accounts", str(team), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"macro", "host", "rows", "warnings", "seconds"} <= told.keys()
    assert told["rows"] == 110 and told["host"] == "file"
    assert team.read_bytes() == before and out.exists()
    assert cli.main(["run", "score", str(team)]) == 2
    assert "use one of: import_crm" in capsys.readouterr().err
    assert cli.main(["run", "add_plan_tab", str(team), "name=x"]) == 2
    assert "account=" in capsys.readouterr().err


def test_what_is_kept_reads_back_exactly(tmp_path: Path) -> None:
    from datetime import datetime

    from accountplan.addin.workbook import CellError, Formula

    cells = [None, 0.1 + 0.2, "text", True, datetime(2026, 6, 30), CellError("#N/A"), Formula("=1")]
    table = undo._Table({"A": cells, "B": [1.5, None]}, 7, [0, None], {"A": [1]})
    notes = undo.Notes("x", "2026", {"T": table}, {("", "Today"): datetime(2026, 1, 1)})
    assert undo.keep("place", notes)
    back = undo.kept("place")
    assert back.tables["T"].columns["A"] == cells and back.tables["T"].columns["B"] == [1.5, None]
    assert back.names == notes.names and back.tables["T"].now == [0, None]


def test_books_are_looked_for_beside_the_workbook_not_beside_what_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "elsewhere.xlsx"
    assert cli.main(["run", "check_plans", str(folder / "team.xlsx"), "--out", str(out)]) == 0
    assert "18 plans" in capsys.readouterr().out
    assert cli.main(["run", "restore_last", str(folder / "team.xlsx")]) == 2
    assert cli.main(["run", "restore_last", str(out)]) == 0


def test_what_is_written_keeps_the_kind_of_the_workbook(team: Path, tmp_path: Path) -> None:
    out = tmp_path / "team.csv"
    assert cli.main(["run", "score_accounts", str(team), "--out", str(out)]) == 2
    assert not out.exists()


def test_what_was_typed_stays_when_the_export_says_nothing_of_it(
    template: Path, tmp_path: Path
) -> None:
    run(template, "import_crm", **EXPORT)
    few = tmp_path / "few.csv"
    names = pd.read_csv(EXPORT["accounts"], dtype=str)
    names[["Account ID", "Account Name"]].to_csv(few, index=False)
    book = PackageWorkbook(template)
    book.write_columns(c.T_ACCOUNTS, pd.DataFrame({w.EMPLOYEES: [4321.0]}, index=[3]))
    book.save()
    before = PackageWorkbook(template).read_table(c.T_ACCOUNTS, [w.INDUSTRY, w.EMPLOYEES, w.WINS])
    run(template, "import_crm", accounts=str(few))
    after = PackageWorkbook(template).read_table(c.T_ACCOUNTS, [w.INDUSTRY, w.EMPLOYEES, w.WINS])
    pd.testing.assert_frame_equal(after, before)
    assert after.loc[3, w.EMPLOYEES] == 4321.0


def test_restore_last_leaves_alone_what_was_typed_elsewhere_since(team: Path) -> None:
    book = PackageWorkbook(team)
    sales = book.read_table(c.T_ACCOUNTS, [w.WINS])
    book.write_columns(c.T_ACCOUNTS, sales * 0 + 77.0)
    book.save()
    run(team, "score_accounts")
    book = PackageWorkbook(team)
    book.write_columns(c.T_ACCOUNTS, pd.DataFrame({w.INDUSTRY: ["Typed since"]}, index=[5]))
    book.save()
    run(team, "restore_last")
    after = PackageWorkbook(team).read_table(c.T_ACCOUNTS, [w.INDUSTRY])
    assert after.loc[5, w.INDUSTRY] == "Typed since"


def test_feedback_of_a_rep_who_left_is_kept(team: Path) -> None:
    book = PackageWorkbook(team)
    reviews = book.read_table(c.T_REVIEWS, [w.REP])
    gone = pd.DataFrame({w.REP: ["Somebody"], "Feedback": ["keep me"]}, index=[0])
    book.write_columns(c.T_REVIEWS, gone)
    book.save()
    done = run(team, "review_summary")
    after = PackageWorkbook(team).read_table(c.T_REVIEWS, [w.REP, "Feedback"])
    kept = after[after["Feedback"] == "keep me"]
    assert kept[w.REP].tolist() == ["Somebody"] and len(after) == len(reviews) + 1
    assert any("Somebody" in line for line in done.warnings)


@pytest.mark.parametrize(
    ("sheet", "header", "macro"),
    [
        (c.ACCOUNTS, w.OWNER, "score_accounts"),
        (c.ACCOUNTS, w.WHY, "score_accounts"),
        (c.SCORES, w.COVERAGE, "score_accounts"),
        (c.CHECKS, "Serious", "check_plans"),
        (c.TRACKER, "Link", "check_plans"),
        (c.REVIEW, "Talk about", "review_summary"),
        (c.PATH, "Capacity", "compute_timing_plan"),
        (c.PATH, "Verdict", "compute_funnel_targets"),
    ],
)
def test_a_lost_column_is_named_before_anything_is_written(
    sheet: str, header: str, macro: str, team: Path
) -> None:
    held = openpyxl.load_workbook(team)
    cell = next(cell for row in held[sheet].iter_rows() for cell in row if cell.value == header)
    cell.value = "XX"
    held.save(team)
    line = refused(team, macro)
    assert f"'{header}'" in line and f"sheet {sheet}" in line and "header" in line
