"""Explain: does the sheet say of every account what the model says, and does it all add up?

A workbook is written with one panel per account, each with that account picked, and recalculated
by an office program. Oracles: the round's own accounts and contributions, the definition of the
terms (weight x score / sum of weights), numpy's percentile, and plain sums over families.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from accountplan.addin import planning
from accountplan.udfs import words as w
from accountplan.udfs.scoring import AXES
from accountplan.udfs.settings import ALL_PEERS, Settings
from accountplan.workbook_templates import build
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.peers import MARK, Peers
from accountplan.workbook_templates.round import Round
from accountplan.workbook_templates.sheets import explain
from accountplan.workbook_templates.sheets.explain_money import ADDS_UP
from accountplan.workbook_templates.sheets.explain_peers import (
    FAMILY_ROW,
    NO_FAMILY,
    NO_PEERS,
    OTHERS,
    PEERS_ROW,
)
from accountplan.workbook_templates.sheets.explain_points import NO_DATA, POINTS_ROW
from accountplan.workbook_templates.writer import Book
from tests.support import books
from tests.support.office import CellValue, Office, Sheets
from tests.support.rounds import ROUNDS
from tests.support.workbooks import WorkbookFile, differences

MONEY_ROW = 13
"""Where the money begins: the row of prior-year sales."""
Cells = dict[str, CellValue]


@dataclass(frozen=True)
class Shown:
    """A workbook with a panel per account, as recalculated."""

    data: Round
    file: WorkbookFile
    values: Sheets

    def panels(self) -> Iterator[tuple[int, Cells]]:
        for at in range(len(self.data.accounts)):
            yield at, self.values[f"Explain {at}"]


def shown(data: Round, path: Path, office: Office, monkeypatch: pytest.MonkeyPatch) -> Shown:
    def panels(book: Book, round_: Round) -> None:
        explain.write(book, round_)
        for at, name in enumerate(round_.accounts[w.ACCOUNT]):
            explain.Panel(book.sheet(f"Explain {at}", "work"), round_, name).write()

    monkeypatch.setitem(build.WRITERS, c.EXPLAIN, panels)
    write_workbook(data, path)
    return Shown(data, WorkbookFile(path), office.recalculate(path))


def family_round() -> Round:
    """Forty accounts of three reps, half of them in families, some without size or data."""
    random = np.random.default_rng(11)
    count = 40
    sizes = random.integers(5, 5000, count).astype(float)
    sizes[::9] = math.nan
    sales = random.integers(0, 90_000, count) + random.integers(0, 100, count) / 100
    share = np.where(random.random(count) < 0.3, 0.25, math.nan)
    accounts = books.accounts(
        {
            w.PARENT: ["" if n % 2 else f"a{1 + n % 7:04}" for n in range(count)],
            w.OWNER: [f"Rep {n % 3}" for n in range(count)],
            w.EMPLOYEES: sizes.tolist(),
            w.WALLET_SHARE: share.tolist(),
            w.PRIOR_YEAR_SALES: sales.tolist(),
            w.OPEN_PIPELINE: random.integers(0, 9000, count).astype(float).tolist(),
            w.LAST_WON: pd.to_datetime(["2017-05-05"] * 36 + [None] * 4),
        }
    )
    return planning.plan_round(books.export(accounts), Settings())


@pytest.fixture(scope="module")
def whole() -> Round:
    return family_round()


@pytest.fixture(scope="module")
def book(whole: Round, tmp_path_factory: pytest.TempPathFactory, office: Office) -> Iterator[Shown]:
    """One rep's book of it: peers and relatives are elsewhere too."""
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("explain") / "book.xlsx"
        yield shown(planning.book(whole, "Rep 0"), path, office, patch)


def number(value: CellValue | None) -> float:
    return value if isinstance(value, float) else math.nan


def test_every_cell_of_every_panel_is_what_was_stored(book: Shown) -> None:
    assert differences(book.file, book.values) == []


def test_the_points_of_each_attribute_are_those_of_the_model_and_add_up(book: Shown) -> None:
    for at, cells in book.panels():
        row = POINTS_ROW + 3
        for axis in AXES:
            assert cells[f"A{row}"] == axis
            scored = not math.isnan(book.data.model[axis].iloc[at])
            mine = [a for a in book.data.attributes if a.axis == axis]
            scores = {a.name: book.data.scores[a.name].iloc[at] for a in mine}
            weights = sum(a.weight for a in mine if not math.isnan(scores[a.name]))
            for offset, attribute in enumerate(mine, start=1):
                name, score = attribute.name, scores[attribute.name]
                assert cells[f"A{row + offset}"] == name
                assert number(cells[f"D{row + offset}"]) == pytest.approx(score, nan_ok=True)
                if not scored:
                    assert cells[f"E{row + offset}"] == cells[f"G{row + offset}"] == ""
                    continue
                gives = 0.0 if math.isnan(score) else attribute.weight * score / weights
                points = book.data.contributions[name].iloc[at]
                assert number(cells[f"E{row + offset}"]) == pytest.approx(gives)
                assert number(cells[f"G{row + offset}"]) == pytest.approx(points, abs=1e-8)
                average = number(cells[f"F{row + offset}"])
                assert gives - average == pytest.approx(points, abs=1e-7)
                if math.isnan(score):
                    assert cells[f"B{row + offset}"] == NO_DATA
            found, average, points = (number(cells[f"{col}{row}"]) for col in "EFG")
            if not scored:
                assert math.isnan(found) and math.isnan(points)
            assert not scored or found == pytest.approx(book.data.model[axis].iloc[at], abs=1e-7)
            assert not scored or found == pytest.approx(average + points, abs=1e-7)
            total = sum(a.axis == axis for a in book.data.settings.attributes)
            row += 1 + total + 3


def test_the_average_is_the_mean_of_all_accounts_not_of_the_book(whole: Round, book: Shown) -> None:
    for axis in AXES:
        mine = [a.name for a in whole.attributes if a.axis == axis]
        mean = whole.model[axis].mean()
        assert whole.averages[mine].sum() == pytest.approx(mean, abs=1e-7)
        assert book.data.averages[mine].sum() == pytest.approx(mean, abs=1e-7)


def test_the_money_is_that_of_accounts_line_by_line(book: Shown) -> None:
    for at, cells in book.panels():
        facts = book.data.accounts.iloc[at]
        sales, potential = facts[w.PRIOR_YEAR_SALES], facts[w.POTENTIAL_MONEY]
        lines = [number(cells.get(f"J{MONEY_ROW + line}")) for line in range(9)]
        assert lines[0] == (0 if math.isnan(sales) else sales)
        assert lines[2] == pytest.approx(lines[0] * book.data.retention.value)
        if math.isnan(potential):
            assert all(math.isnan(each) for each in (lines[3], lines[5], lines[8]))
            continue
        assert lines[3] == potential
        assert lines[5] == pytest.approx(max(0.0, potential - lines[0]))
        assert lines[7] == pytest.approx(lines[5] * facts[w.WIN_PROBABILITY])
        assert lines[8] == pytest.approx(facts[w.EXPECTED_MONEY])
        assert lines[8] == pytest.approx(lines[2] + lines[7])
        assert cells[f"K{MONEY_ROW + 8}"] == ADDS_UP


def test_peers_are_named_where_they_are_the_reps_own_and_give_benchmark(book: Shown) -> None:
    names = book.data.accounts[w.ACCOUNT].tolist()
    seen = set()
    for at, cells in book.panels():
        model = book.data.model.iloc[at]
        rows = range(PEERS_ROW + 4, PEERS_ROW + 19)
        sales = [cells[f"J{row}"] for row in rows if cells[f"I{row}"] != ""]
        peers = {str(cells[f"I{row}"]) for row in rows} - {""}
        assert len(sales) == model[w.PEERS]
        assert peers <= {*names, OTHERS} - {names[at]}
        seen |= peers
        if not sales:
            assert cells[f"I{PEERS_ROW + 2}"] == NO_PEERS
            continue
        percentile = np.percentile([number(each) for each in sales], 80)
        assert number(cells[f"J{PEERS_ROW + 19}"]) == pytest.approx(percentile)
        assert percentile == pytest.approx(model[w.BENCHMARK_MONEY])
        assert min(sales) == model[w.PEERS_FROM] and max(sales) == model[w.PEERS_TO]
    assert OTHERS in seen and len(seen) > 2


def test_a_family_is_told_with_what_is_elsewhere(whole: Round, book: Shown) -> None:
    families = whole.accounts[w.FAMILY]
    assert (families != "").any()
    for at, cells in book.panels():
        facts = book.data.accounts.iloc[at]
        row = FAMILY_ROW + 4
        if not facts[w.FAMILY]:
            assert cells[f"I{FAMILY_ROW + 2}"] == NO_FAMILY
            assert cells[f"M{row}"] == ""
            continue
        every = whole.accounts[families == facts[w.FAMILY]]
        mine = every[every[w.OWNER] == "Rep 0"]
        columns = (None, w.PRIOR_YEAR_SALES, w.OPEN_PIPELINE, w.POTENTIAL_MONEY, w.EXPECTED_MONEY)
        for line, column in enumerate(columns):
            here, away, all_ = (number(cells[f"{col}{row + line}"]) for col in "KLM")
            if column is None:
                assert (here, all_) == (len(mine), len(every))
            else:
                assert here == pytest.approx(mine[column].sum())
                assert all_ == pytest.approx(every[column].sum())
            assert here + away == pytest.approx(all_)
        listed = {str(cells[f"I{row + 7 + place}"]) for place in range(6)} - {""}
        assert listed == set(mine[w.ACCOUNT][:6])


def test_a_correction_and_a_changed_weight_show_at_once(book: Shown, office: Office) -> None:
    scored = book.data.accounts.dropna(subset=[w.POTENTIAL, w.LIKELIHOOD])
    name = str(scored[w.ACCOUNT].iloc[1])
    override = {
        w.ACCOUNT: name,
        "Field": w.POTENTIAL_MONEY,
        "New value": 123_456,
        "Reason": "They opened two sites",
        "Evidence": "Minutes of the meeting in May",
        "State": "Accepted",
    }
    table = book.file.tables[c.T_OVERRIDES]
    changes = {table.cell(0, column): value for column, value in override.items()}
    weights = book.file.tables[c.T_ATTRIBUTES]
    changes[weights.cell(1, "Weight")] = 40
    changes[weights.cell(2, "Weight")] = 10
    changes[c.EXPLAIN, "A5"] = name
    cells = office.recalculate(book.file.path, changes)[c.EXPLAIN]
    assert cells["A6"] == name
    assert cells[f"J{MONEY_ROW + 3}"] == 123_456
    assert str(cells[f"K{MONEY_ROW + 3}"]).startswith("typed, or corrected on Overrides; the model")
    assert cells[f"K{MONEY_ROW + 8}"] == ADDS_UP
    assert str(cells["A10"]).startswith("Out of date")
    assert "now; when last scored" in str(cells["A8"])


def test_an_unknown_account_is_said_to_be_unknown(book: Shown, office: Office) -> None:
    found = office.recalculate(book.file.path, {(c.EXPLAIN, "A5"): "Nobody Ltd"})
    assert found[c.EXPLAIN]["A6"] == "Nobody Ltd is not on Accounts"
    assert [e for e in found.errors() if e[0] == c.EXPLAIN] == []


def test_names_that_formulas_trip_over_are_explained_too(
    tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown(ROUNDS["nasty"](), tmp_path / "odd.xlsx", office, monkeypatch)
    wrong = [line for line in differences(found.file, found.values) if line.startswith("Explain")]
    assert wrong == []


# --- The text of the peers ----------------------------------------------------------------


def test_names_of_other_reps_accounts_are_in_no_cell_of_a_book(whole: Round, book: Shown) -> None:
    others = set(whole.accounts[w.ACCOUNT]) - set(book.data.accounts[w.ACCOUNT])
    held = "\n".join(
        str(cell.value) for cell in book.file.cells[c.SCORES].values() if cell.value != ""
    )
    assert [name for name in others if f" {name}" in held] == []


def test_a_setting_names_all_peers(whole: Round) -> None:
    told = replace(whole, settings=replace(whole.settings, peers_shown=ALL_PEERS))
    part = planning.book(told, "Rep 0")
    known = [text for text in part.peers_told if text]
    assert known and not any(f" {MARK}" in text or text.endswith(" ") for text in known)


def test_sales_are_told_exactly_and_without_a_decimal_point() -> None:
    sales = [0.0, 771.25, 1e-7, 1 / 3, 123_456_789.01, 9e17, 5.0]
    accounts = books.known_accounts({w.EMPLOYEES: [float(n) for n in range(1, 8)]})
    accounts[w.PRIOR_YEAR_SALES] = sales
    accounts[w.ACCOUNT] = [f"A{MARK}B {n}" for n in range(7)]
    (text, *_) = Peers(accounts).told(accounts[w.ACCOUNT_ID])
    _, *parts = text.split(MARK)
    split = [part.split(" ", 1) for part in parts]
    assert [float(number) for number, _ in split] == sales[1:]
    assert not any("." in number for number, _ in split)
    assert [name for _, name in split] == [f"A|B {n}" for n in range(1, 7)]
