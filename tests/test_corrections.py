"""Are corrections judged as they should be, and who was nearer in the end?

The numbers were worked out by hand, or by plain pandas from the deals.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest
from openpyxl.utils import column_index_from_string, get_column_letter
from sklearn.metrics import brier_score_loss

from accountplan.addin import collect, corrections, macros, refresh, returning
from accountplan.addin.demo import sample_round
from accountplan.addin.hosts.package import PackageReader
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.reading import read_workbook
from accountplan.udfs import overrides as o
from accountplan.udfs import words as w
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from accountplan.workbook_templates.sheets import overrides as sheet
from tests.support import team_folder
from tests.support.office import CellInput, Office, Sheets
from tests.support.workbooks import WorkbookFile

SINCE: Final = pd.Timestamp("2025-03-31")
AS_OF: Final = pd.Timestamp("2026-03-31")


def deals(*lines: tuple[str, str, float]) -> pd.DataFrame:
    """Deals by state, close date and amount."""
    frame = pd.DataFrame(lines, columns=[w.STATE, w.CLOSE_DATE, w.AMOUNT])
    return frame.astype({w.CLOSE_DATE: "datetime64[ns]"})


HELD: Final = deals(
    (w.WON, "2025-03-31", 900.0),  # on the day itself: known by then
    (w.WON, "2025-04-01", 100.0),
    (w.LOST, "2025-09-30", 70.0),
    (w.WON, "2026-03-31", 250.0),
    (w.LOST, "2026-03-15", 40.0),
    (w.OPEN, "2025-12-31", 500.0),
    (w.WON, "2026-04-01", 800.0),  # after the twelve months
)


def test_likelihood_is_held_to_each_deal_that_closed_by_its_brier_score() -> None:
    # Two of four won. (0.8-1)^2, (0.8-0)^2, twice each: 0.34. (0.3-1)^2, (0.3-0)^2: 0.29.
    found = o.outcome(w.LIKELIHOOD, 80.0, 30.0, SINCE, pd.Timestamp("2026-09-30"), HELD)
    assert (found.deals, found.came) == (4, 0.5)
    assert found.theirs == pytest.approx(0.34)
    assert found.ours == pytest.approx(0.29)
    assert found.verdict == o.OURS


def test_the_brier_score_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    won = rng.random(37) < 0.3
    held = deals(*((w.WON if one else w.LOST, "2025-06-01", 1.0) for one in won))
    for new, model in ((12.0, 55.0), (99.0, 30.0)):
        found = o.outcome(w.LIKELIHOOD, new, model, SINCE, AS_OF, held)
        theirs, ours = (brier_score_loss(won, np.full(37, x / 100)) for x in (new, model))
        assert found.theirs == pytest.approx(theirs)
        assert found.ours == pytest.approx(ours)
        assert found.verdict == (o.THEIRS if theirs < ours else o.OURS)


def test_money_is_held_to_what_was_won_once_the_year_is_over() -> None:
    early = o.outcome(w.POTENTIAL_MONEY, 300.0, 500.0, SINCE, pd.Timestamp("2026-03-30"), HELD)
    assert early.verdict == o.TOO_EARLY
    assert np.isnan(early.came)
    found = o.outcome(w.POTENTIAL_MONEY, 300.0, 500.0, SINCE, AS_OF, HELD)
    assert (found.came, found.theirs, found.ours) == (350.0, 50.0, 150.0)
    assert found.verdict == o.THEIRS
    assert o.outcome(w.POTENTIAL_MONEY, 200.0, 500.0, SINCE, AS_OF, HELD).verdict == o.ALIKE


def test_what_cannot_be_measured_says_why() -> None:
    cases = (
        (w.POTENTIAL, 80.0, 30.0, o.NOT_MEASURED),
        (w.SEGMENT, np.nan, np.nan, o.NOT_MEASURED),
        (w.LIKELIHOOD, 80.0, np.nan, o.NOT_NOTED),
        (w.LIKELIHOOD, 101.0, 30.0, ""),
        (w.LIKELIHOOD, np.nan, 30.0, ""),
        (w.POTENTIAL_MONEY, -1.0, 30.0, ""),
    )
    for field, new, model, word in cases:
        assert o.outcome(field, new, model, SINCE, AS_OF, HELD).verdict == word
    nothing = o.outcome(w.LIKELIHOOD, 80.0, 30.0, SINCE, AS_OF, HELD.iloc[[0, 5, 6]])
    assert (nothing.deals, nothing.verdict) == (0, o.NO_DEALS)


def test_a_correction_without_account_is_no_correction_of_a_blank_row() -> None:
    line = correction("", w.POTENTIAL, 60.0, Date=date(2018, 1, 1))
    rows = pd.DataFrame([line | {w.ACCOUNT: blank} for blank in ("", None)], dtype=object)
    for names in (["Alpha", "", ""], ["Alpha", None, None]):
        found = o.judged(rows, names, {"Key"}, pd.Timestamp("2018-02-01"), at_once=False)
        assert found["Applies"].tolist() == [o.NO_ACCOUNT] * 2
        assert found["Row"].tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("new", "model", "came", "word"),
    [
        (10.0, 20.0, 14.0, o.THEIRS),
        (10.0, 20.0, 16.0, o.OURS),
        (10.0, 20.0, 15.0, o.ALIKE),
        (np.nan, 20.0, 15.0, ""),
        (10.0, np.nan, 15.0, ""),
        (10.0, 20.0, np.nan, ""),
    ],
)
def test_nearer_is_who_is_less_far_off(new: float, model: float, came: float, word: str) -> None:
    assert o.nearer(new, model, came) == word


# --- On the sheet ---------------------------------------------------------------------


class Written:
    """The sample's team workbook, and what typing into Overrides does to it."""

    def __init__(self, path: Path, data: Round) -> None:
        write_workbook(data, path)
        self.path, self.data, self.file = path, data, WorkbookFile(path)

    def typed(self, *rows: Mapping[str, CellInput]) -> dict[tuple[str, str], CellInput]:
        table = self.file.tables[c.T_OVERRIDES]
        return {table.cell(at, name): row[name] for at, row in enumerate(rows) for name in row}

    def cells(self, found: Sheets, column: str, count: int) -> list[object]:
        table = self.file.tables[c.T_OVERRIDES]
        places = [table.cell(at, column) for at in range(count)]
        return [found[name].get(cell, "") for name, cell in places]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("corrections") / "team.xlsx", sample_round())


def correction(
    account: str, field: str, value: CellInput, **more: CellInput
) -> dict[str, CellInput]:
    row: dict[str, CellInput] = {
        w.ACCOUNT: account,
        "Field": field,
        "New value": value,
        "Reason": "They opened a second plant",
        "Evidence": "Press release of the client",
        "Author": "Rep",
        "State": "Accepted",
    }
    return row | {name.replace("_", " "): each for name, each in more.items()}


def test_the_sheet_says_who_was_nearer_as_plain_pandas_finds_it(
    team: Written, office: Office
) -> None:
    data = team.data
    noted = pd.Timestamp(data.as_of - pd.DateOffset(months=13))
    end = noted + pd.DateOffset(months=12)
    kept: dict[str, CellInput] = {sheet.NOTED: noted.date(), "Date": date(2016, 1, 1)}
    rows, expected = [], []
    for at in range(20):
        account = data.accounts.iloc[at]
        mine = data.deals[data.deals[w.ACCOUNT_ID] == account[w.ACCOUNT_ID]]
        mine = mine[(mine[w.CLOSE_DATE] > noted) & (mine[w.CLOSE_DATE] <= end)]
        closed = mine[mine[w.STATE] != w.OPEN]
        won = closed[w.STATE] == w.WON
        errors: tuple[float, float] | None = None
        if at % 2:
            field, new, model = w.POTENTIAL_MONEY, 40_000.0 + 1_000 * at, 90_000.0 - 2_000 * at
            came = closed.loc[won, w.AMOUNT].sum()
            errors = abs(new - came), abs(model - came)
        else:
            field, new, model = w.LIKELIHOOD, 85.0, 35.0
            if len(closed):
                errors = ((0.85 - won) ** 2).mean(), ((0.35 - won) ** 2).mean()
        row = correction(account[w.ACCOUNT], field, new)
        of = f"{account[w.ACCOUNT_ID]} | {field}"
        rows.append(row | {sheet.THEN: model, sheet.KEPT_OF: of} | kept)
        word = o.NO_DEALS
        if errors:
            word = o.THEIRS if errors[0] < errors[1] else o.OURS
        expected.append((word, errors))
    words = {word for word, _ in expected}
    assert {o.THEIRS, o.OURS} <= words
    found = office.recalculate(team.path, team.typed(*rows))
    told = [str(text) for text in team.cells(found, sheet.NEARER, 20)]
    assert [text.partition(":")[0] for text in told] == [word for word, _ in expected]
    for column, side in ((sheet.OFF, 0), (sheet.MODEL_OFF, 1)):
        cells = team.cells(found, column, 20)
        for cell, (_, errors) in zip(cells, expected, strict=True):
            assert cell == ("" if errors is None else pytest.approx(errors[side]))
    authors = by_author(team, found)
    assert list(authors) == [sheet.EVERYBODY, "Rep"]
    assert authors["Rep"] == authors[sheet.EVERYBODY]
    line = authors["Rep"]
    assert line["Correction nearer"] == sum(word == o.THEIRS for word, _ in expected)
    assert line["Model nearer"] == sum(word == o.OURS for word, _ in expected)
    for field, heads in (
        (w.LIKELIHOOD, ("Brier, corrections", "Brier, model")),
        (w.POTENTIAL_MONEY, ("$ off, corrections", "$ off, model")),
    ):
        pairs = zip(expected, rows, strict=True)
        known = [errors for (_, errors), row in pairs if errors and row["Field"] == field]
        for side, head in enumerate(heads):
            assert line[head] == pytest.approx(np.mean([each[side] for each in known]))


def by_author(it: Written, found: Sheets) -> dict[str, dict[str, object]]:
    """The table By author, as far as it is filled."""
    cells = found[c.OVERRIDES]
    corner = next(at for at, value in cells.items() if value == sheet.EVERYBODY)
    letters, row = corner.rstrip("0123456789"), int(corner.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    first = column_index_from_string(letters)
    heads = [head for head, *_ in sheet.BY_AUTHOR]
    lines = {}
    while name := cells.get(f"{letters}{row}", ""):
        values = [cells.get(f"{get_column_letter(first + n)}{row}", "") for n in range(1, 13)]
        lines[str(name)] = dict(zip(heads, values, strict=True))
        row += 1
    return lines


def test_the_sheet_says_why_nobody_was_nearer(team: Written, office: Office) -> None:
    data = team.data
    name, who = (data.accounts[column].iloc[0] for column in (w.ACCOUNT, w.ACCOUNT_ID))
    other = data.accounts[w.ACCOUNT_ID].iloc[1]

    def kept(field: str, of: str = who) -> dict[str, CellInput]:
        noted = {sheet.NOTED: data.as_of.date(), sheet.THEN: 40}
        return noted | {sheet.KEPT_OF: f"{of} | {field}"}

    rows = (
        correction(name, w.LIKELIHOOD, 80),
        correction(name, w.LIKELIHOOD, 80) | kept(w.LIKELIHOOD),
        correction(name, w.POTENTIAL_MONEY, 80_000) | kept(w.POTENTIAL_MONEY),
        correction(name, w.POTENTIAL, 80) | kept(w.POTENTIAL),
        correction(name, w.SEGMENT, data.settings.segments[0].name),
        correction(name, w.LIKELIHOOD, 180, State="Declined") | kept(w.LIKELIHOOD),
        correction("Nobody & Sons", w.LIKELIHOOD, 80) | kept(w.LIKELIHOOD),
        # Typed over since: what is kept is that of another field, or of another account.
        correction(name, w.LIKELIHOOD, 80) | kept(w.POTENTIAL_MONEY),
        correction(name, w.LIKELIHOOD, 80) | kept(w.LIKELIHOOD, other),
    )
    found = office.recalculate(team.path, team.typed(*rows))
    assert team.cells(found, sheet.NEARER, 10) == [
        o.NOT_NOTED,
        o.NO_DEALS,
        o.TOO_EARLY,
        o.NOT_MEASURED,
        o.NOT_MEASURED,
        "",
        "",
        o.NOT_NOTED,
        o.NOT_NOTED,
        "",
    ]


def test_a_book_without_corrections_says_so_in_a_line(team: Written, office: Office) -> None:
    found = office.recalculate(team.path)
    assert sheet.NOBODY_YET in found[c.OVERRIDES].values()
    assert by_author(team, found).keys() == {sheet.EVERYBODY}
    rows = (
        correction(team.data.accounts[w.ACCOUNT].iloc[0], w.POTENTIAL, 99.9),
        correction(team.data.accounts[w.ACCOUNT].iloc[1], w.POTENTIAL, 0.1, State="Proposed"),
    )
    found = office.recalculate(team.path, team.typed(*rows))
    (told,) = [v for v in found[c.OVERRIDES].values() if str(v).startswith("2 corrections: ")]
    assert str(told).startswith("2 corrections: 1 act, 1 wait for the manager, 1 up, 1 down, ")


# --- Kept, listed and told by the buttons -------------------------------------------------


NOW: Final = datetime(2018, 1, 15, 9, 30)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a team of two reps, as built."""
    folder = tmp_path_factory.mktemp("team")
    team_folder.build(folder, team_folder.team_round(2))
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "team"))


def typed(account: str, field: str, value: object, **more: object) -> dict[str, object]:
    """A correction as a rep types it into a closed book."""
    row = {
        w.ACCOUNT: account,
        "Field": field,
        "New value": value,
        "Reason": "They build a second plant.",
        "Evidence": "Budget sheet of 3 January",
        "Author": "Rep 01",
        "Date": datetime(2017, 12, 20),
        "State": "Proposed",
    }
    return row | more


def lines_of(path: Path, table: str) -> list[dict[str, object]]:
    frame = PackageWorkbook(path).read_table(table)
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def listed(path: Path) -> dict[str, str]:
    """What Checks says of corrections: the cell, and the first words of what is wrong there."""
    workbook = PackageWorkbook(path)
    rows = workbook.read_table(c.T_CHECKS)
    where = workbook.read_formulas(c.T_CHECKS)["Where"]
    return {
        str(where.iloc[int(str(at))]).split("!")[1].split('"')[0]: str(row["What"])
        for at, row in zip(rows.index, rows.to_dict("records"), strict=True)
        if row["Kind"] == "Override"
    }


def test_check_plans_keeps_the_model_s_value_and_lists_each_stopped_correction_with_its_cell(
    folder: Path,
) -> None:
    book = team_folder.book_of(folder, 1)
    later = datetime(2999, 1, 1)
    team_folder.add_rows(
        book,
        c.T_OVERRIDES,
        typed("Client 001", w.POTENTIAL_MONEY, 90_000.0),
        typed("Nobody & Sons", w.POTENTIAL, 50.0),
        typed("Client 001", w.LIKELIHOOD, 130.0),
        typed("Client 001", "Size", 50.0),
        typed("Client 002", w.POTENTIAL_MONEY, 70_000.0, Date=later),
        typed("Client 002", w.POTENTIAL_MONEY, 70_000.0, Evidence=None),
        typed("Client 002", w.POTENTIAL_MONEY, 61_000.0, State="Accepted"),
        typed("Client 002", w.POTENTIAL_MONEY, 62_000.0, State="Accepted"),
        typed("Client 002", w.POTENTIAL_MONEY, 63_000.0, State="Declined"),
    )
    before = {row[w.ACCOUNT]: row[w.POTENTIAL_MONEY] for row in lines_of(book, c.T_SCORES)}
    macro_runs(book, "check_plans")
    kept = lines_of(book, c.T_OVERRIDES)
    as_of = PackageWorkbook(book).read_names([c.N_AS_OF])[c.N_AS_OF]
    money = [row for row in kept if row["Field"] == w.POTENTIAL_MONEY]
    assert [row[sheet.THEN] for row in money] == [before[row[w.ACCOUNT]] for row in money]
    assert {row[sheet.NOTED] for row in money} == {as_of}
    assert [row[sheet.THEN] for row in kept if row[w.ACCOUNT] == "Nobody & Sons"] == [None]
    found = listed(book)
    assert found == {
        "A10": "Nobody & Sons, Potential to 50 by Rep 01: no such account",
        "C11": "Client 001, Likelihood to 130 by Rep 01: not 0-100",
        "B12": "Client 001, Size to 50 by Rep 01: no such field",
        "G13": "Client 002, Potential $ to 70,000 by Rep 01: date in the future",
        "E14": "Client 002, Potential $ to 70,000 by Rep 01: no evidence",
        "A15": "Client 002, Potential $ to 61,000 by Rep 01: later one applies",
    }
    macro_runs(book, "check_plans")
    assert lines_of(book, c.T_OVERRIDES) == kept, "what is kept stays as it is"


def test_a_row_that_is_typed_over_is_not_held_to_what_the_model_said_of_another(
    folder: Path,
) -> None:
    book = team_folder.book_of(folder, 1)
    team_folder.add_rows(book, c.T_OVERRIDES, typed("Client 001", w.POTENTIAL_MONEY, 90_000.0))
    macro_runs(book, "check_plans")
    model = {row[w.ACCOUNT]: row for row in lines_of(book, c.T_SCORES)}
    assert model["Client 001"][w.LIKELIHOOD] is None, "then nothing is left"
    for account, field in (("Client 001", w.LIKELIHOOD), ("Client 002", w.POTENTIAL_MONEY)):
        workbook = PackageWorkbook(book)
        over = pd.DataFrame({w.ACCOUNT: [account], "Field": [field], "New value": [60.0]})
        workbook.write_columns(c.T_OVERRIDES, over)
        workbook.save()
        with PackageReader(book) as reader:
            year_on = pd.Timestamp("2019-03-01")
            none = pd.DataFrame(columns=[w.ACCOUNT_ID, w.STATE, w.CLOSE_DATE, w.AMOUNT], dtype=str)
            assert corrections.outcomes(reader, none, year_on) == {}
        macro_runs(book, "check_plans")
        (held,) = lines_of(book, c.T_OVERRIDES)
        value = model[account][field]
        assert held[sheet.THEN] == value
        of = f"{model[account][w.ACCOUNT_ID]} | {field}"
        assert held[sheet.KEPT_OF] == (None if value is None else of)


def macro_runs(path: Path, name: str, **given: object) -> None:
    workbook = PackageWorkbook(path)
    getattr(macros, name)(workbook, **given)
    workbook.save()


def test_collect_keeps_the_model_s_value_and_refresh_leaves_it(folder: Path) -> None:
    team_file, book = folder / "team.xlsx", team_folder.book_of(folder, 1)
    team_folder.add_rows(book, c.T_OVERRIDES, typed("Client 002", w.POTENTIAL_MONEY, 90_000.0))
    collect.collect(folder / "books", team_file, now=NOW)
    (first,) = lines_of(team_file, c.T_OVERRIDES)
    model = {row[w.ACCOUNT]: row[w.POTENTIAL_MONEY] for row in lines_of(team_file, c.T_SCORES)}
    assert first[sheet.THEN] == model["Client 002"] == 67_000.0
    # A new export, in which the account is worth more: the model's first word stays.
    later = pd.Timestamp("2018-03-31")
    refresh.refresh(folder, team_folder.team_export(2, as_of=later, grown=9_000.0))
    model = {row[w.ACCOUNT]: row[w.POTENTIAL_MONEY] for row in lines_of(team_file, c.T_SCORES)}
    assert model["Client 002"] == 76_000.0
    for path in (team_file, book):
        (held,) = lines_of(path, c.T_OVERRIDES)
        assert held[sheet.THEN] == 67_000.0, path.name
        assert held[sheet.NOTED] == first[sheet.NOTED] < later


def test_a_correction_goes_to_the_manager_and_the_word_comes_back_and_acts(folder: Path) -> None:
    team_file, book = folder / "team.xlsx", team_folder.book_of(folder, 1)
    yes = typed("Client 001", w.POTENTIAL_MONEY, 90_000.0)
    # A rep cannot accept a correction of their own.
    no = typed("Client 002", w.POTENTIAL_MONEY, 95_000.0, State="Accepted")
    team_folder.add_rows(book, c.T_OVERRIDES, yes, no)
    collect.collect(folder / "books", team_file, now=NOW)
    assert states(team_file) == ["Proposed", "Proposed"]
    assert collect.collect(folder / "books", team_file, now=NOW).backup is None
    returning.return_plans(team_file, now=NOW)
    assert states(book) == ["Proposed", "Proposed"], "set back in the book"
    before = potential_of(team_file)
    decide(team_file, "Accepted", "Declined")
    report = returning.return_plans(team_file, now=NOW)
    assert report.corrections == (
        "Rep 01.xlsx: Client 001, Potential $ to 90000 is accepted.",
        "Rep 01.xlsx: Client 002, Potential $ to 95000 is declined.",
    )
    assert states(book) == ["Accepted", "Declined"]
    for path in (team_file, book):
        now = potential_of(path)
        assert now["Client 001"] == 90_000.0, path.name
        assert now["Client 002"] == before["Client 002"], path.name
    assert returning.return_plans(team_file, now=NOW).corrections == ()
    collect.collect(folder / "books", team_file, now=NOW)
    assert states(team_file) == ["Accepted", "Declined"]


def test_of_two_corrections_that_differ_in_their_reason_each_gets_its_own_decision(
    folder: Path,
) -> None:
    team_file, book = folder / "team.xlsx", team_folder.book_of(folder, 1)
    plant = typed("Client 001", w.POTENTIAL_MONEY, 90_000.0)
    team_folder.add_rows(book, c.T_OVERRIDES, plant, plant | {"Reason": "They hire."})
    collect.collect(folder / "books", team_file, now=NOW)
    decide(team_file, "Accepted", "Declined")
    returning.return_plans(team_file, now=NOW)
    assert states(book) == ["Accepted", "Declined"]
    # The second is worded anew: it is the only one left that claims the same. Of two it is not.
    reword(book, "They build a second plant.", "They hire 40 people.")
    decide(team_file, "Accepted", "Accepted")
    returning.return_plans(team_file, now=NOW)
    assert states(book) == ["Accepted", "Accepted"]
    reword(book, "They build a third plant.", "They hire 50 people.")
    decide(team_file, "Declined", "Declined")
    assert returning.return_plans(team_file, now=NOW).corrections == ()


def reword(path: Path, *reasons: str) -> None:
    """The rep types other reasons for the first corrections."""
    workbook = PackageWorkbook(path)
    frame = pd.DataFrame({"Reason": list(reasons)}, dtype=object)
    workbook.write_columns(c.T_OVERRIDES, frame)
    workbook.save()


def test_where_corrections_act_at_once_a_rep_s_own_word_comes_in(
    tmp_path: Path,
) -> None:
    team_folder.build(tmp_path, team_folder.team_round(1, overrides_act="at once"))
    book = team_folder.book_of(tmp_path, 1)
    team_folder.add_rows(
        book, c.T_OVERRIDES, typed("Client 001", w.POTENTIAL_MONEY, 90_000.0, State="Accepted")
    )
    assert potential_of(book)["Client 001"] == 90_000.0
    collect.collect(tmp_path / "books", tmp_path / "team.xlsx", now=NOW)
    assert states(tmp_path / "team.xlsx") == ["Accepted"]


def states(path: Path) -> list[object]:
    return [row["State"] for row in lines_of(path, c.T_OVERRIDES)]


def decide(path: Path, *words: str) -> None:
    """The manager types states into the first corrections."""
    workbook = PackageWorkbook(path)
    held = workbook.read_table(c.T_OVERRIDES, ["State"]).iloc[: len(words)]
    workbook.write_columns(c.T_OVERRIDES, held.assign(State=list(words)))
    workbook.save()


def potential_of(path: Path) -> dict[str, float]:
    """Potential $ in force, by account."""
    accounts = read_workbook(path).accounts
    return dict(zip(accounts[w.ACCOUNT], accounts[w.POTENTIAL_MONEY], strict=True))


def test_corrections_act_when_scores_are_renewed_where_accounts_hold_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "LIVE_LIMIT", 2)
    path = team_folder.build(tmp_path, team_folder.team_round(2))
    accepted = typed("Client 002", w.POTENTIAL_MONEY, 950_000.0, State="Accepted")
    team_folder.add_rows(path, c.T_OVERRIDES, accepted)
    before = {row[w.ACCOUNT]: row for row in lines_of(path, c.T_ACCOUNTS)}
    macro_runs(path, "score_accounts")
    after = {row[w.ACCOUNT]: row for row in lines_of(path, c.T_ACCOUNTS)}
    assert before["Client 002"][w.POTENTIAL_MONEY] == 67_000.0
    assert after["Client 002"][w.POTENTIAL_MONEY] == 950_000.0
    assert after["Client 002"][w.EXPANSION_MONEY] == 950_000.0
    assert after["Client 001"] == before["Client 001"]
    (held,) = lines_of(path, c.T_OVERRIDES)
    assert held[sheet.THEN] == 67_000.0
    # Taken back, the model's value is there again.
    decide(path, "Withdrawn")
    macro_runs(path, "score_accounts")
    again = {row[w.ACCOUNT]: row for row in lines_of(path, c.T_ACCOUNTS)}
    assert again["Client 002"] == before["Client 002"]
