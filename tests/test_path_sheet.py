"""Does Path follow what people type, and does it tell the same in Python, the cells and the CLI?

LibreOffice recalculates; what must come out is worked out here by the model from the changed
numbers, never read from the sheet.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import openpyxl
import pandas as pd
import pytest

from accountplan.addin import demo, path_writing, planning
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.macros import MACROS
from accountplan.addin.path_reading import read_path
from accountplan.addin.running import run
from accountplan.udfs import funnel, moves, rates, timing, volume
from accountplan.udfs import words as w
from accountplan.udfs.errors import WorkbookError
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from accountplan.workbook_templates.sheets import path_odds, path_stamps, path_timing, path_volume
from accountplan.workbook_templates.sheets.activity import AGAINST, FOUND
from tests.support import packages
from tests.support.office import CellInput, Office, Sheets
from tests.support.rounds import ROUNDS, template
from tests.support.workbooks import WorkbookFile, assert_same, same

Typed = dict[tuple[str, str], CellInput]
BUSY: Final = "Rep North 1"


@dataclass(frozen=True)
class Built:
    """A round of the sample and its workbook."""

    data: Round
    file: WorkbookFile

    def cell(self, found: Sheets, name: str) -> object:
        """The value of a named cell."""
        sheet, cell = self.file.named(name)
        return found[sheet][cell]

    def gates(self, found: Sheets) -> pd.DataFrame:
        return self.file.frame(c.T_GATES, found)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The book of a rep whose plan does not fit into the week."""
    data = planning.book(demo.sample_round(), BUSY)
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    write_workbook(data, path)
    assert not data.path.capacity.fits
    return Built(data, WorkbookFile(path))


def gate_cell(book: Built, gate: str, column: str) -> tuple[str, str]:
    return book.file.find(c.T_GATES, w.GATE, gate, column)


def texts(found: Sheets) -> set[str]:
    return {value for value in found[c.PATH].values() if isinstance(value, str)}


# Rates


def test_the_cells_find_the_rates_that_the_model_finds(book: Built, office: Office) -> None:
    found = book.file.frame(c.T_GATE_RATES, office.recalculate(book.file.path))
    expected = book.data.path.history.rename(columns={rates.RATE: FOUND})
    assert_same(found, expected, (rates.DONE, rates.THROUGH, FOUND, rates.BEST))
    leak = book.data.path.leak
    assert leak is not None
    ratios = dict(zip(found[w.GATE], found[AGAINST], strict=True))
    assert min(ratios, key=lambda gate: float(ratios[gate])) == leak.gate


def test_activity_typed_in_moves_rates_and_pace_as_python_counts_it(
    book: Built, office: Office
) -> None:
    table = book.file.tables[c.T_ACTIVITY]
    blank = book.file.first_blank(c.T_ACTIVITY, w.REP)
    monday = pd.Timestamp(2026, 6, 15)
    typed: Typed = {}
    rows = [(BUSY, monday, "Calls", 30.0), (BUSY, monday, "demos", 12.0)]
    for place, row in enumerate(rows):
        for column, value in zip((w.REP, w.WEEK, w.GATE, w.COUNT), row, strict=True):
            cell = value.date() if isinstance(value, pd.Timestamp) else value
            typed[table.cell(blank + place, column)] = cell
    more = pd.DataFrame(rows, columns=[w.REP, w.WEEK, w.GATE, w.COUNT])
    activity = pd.concat([book.data.activity, more], ignore_index=True)
    expected = replace(book.data, activity=activity).path
    found = office.recalculate(book.file.path, typed)
    table_found = book.file.frame(c.T_GATE_RATES, found)
    assert_same(table_found, expected.history.rename(columns={rates.RATE: FOUND}), (FOUND,))
    gates = book.gates(found)[:3]
    assert_same(gates, expected.pace, (volume.DONE_A_WEEK, volume.STAND))
    shown = found[c.ACTIVITY]
    calls = next(cell for cell, value in shown.items() if value == "Calls" and cell[0] == "F")
    below = [cell for cell, value in shown.items() if value == "Calls" and cell[0] == "F"]
    week = [shown[f"{letter}{below[-1][1:]}"] for letter in "HIJK"]
    assert calls != below[-1]
    assert week == expected.weekly.loc["Calls"].tolist()
    assert book.cell(found, c.N_PATH_CURRENT) == 0


def test_a_rate_better_than_ever_is_flagged_and_a_fair_one_is_not(
    book: Built, office: Office
) -> None:
    best = dict(
        zip(book.data.path.history[w.GATE], book.data.path.history[rates.BEST], strict=True)
    )
    typed: Typed = {
        gate_cell(book, "Calls", path_volume.YOURS): best["Calls"] + 0.001,
        gate_cell(book, "Demos", path_volume.YOURS): best["Demos"] - 0.001,
        gate_cell(book, "Emails", path_volume.YOURS): 25.0,
    }
    gates = book.gates(office.recalculate(book.file.path, typed)).set_index(w.GATE)
    assert gates[path_volume.SOURCE].tolist()[:3] == [
        "no share: not used",
        path_volume.BETTER,
        "yours",
    ]
    found = book.data.path.targets.gates[0].rate
    assert gates[path_volume.RATE].tolist()[:3] == pytest.approx(
        [found, best["Calls"] + 0.001, best["Demos"] - 0.001]
    )


# Lags


def test_lags_typed_in_move_the_latest_days_as_python_counts_them(
    book: Built, office: Office
) -> None:
    lags = {"Emails": 0.5, "Calls": 2.0, "Demos": 30.0}
    typed: Typed = {gate_cell(book, gate, path_volume.LAG): lag for gate, lag in lags.items()}
    gates = tuple(
        replace(gate, lag_weeks=lags[gate.name], assumed=False, rate=gate.rate)
        for gate in book.data.path.gates
    )
    settings = replace(book.data.settings, gates=gates)
    expected = replace(book.data, settings=settings).path
    found = office.recalculate(book.file.path, typed)
    shown = book.gates(found)
    assert [pd.Timestamp("1899-12-30") + pd.Timedelta(day, "D") for day in shown["Latest day"]] == [
        *expected.latest,
        book.data.year.end,
    ]
    for column, values in (
        (path_volume.WEEKS, [gate.weeks for gate in expected.targets.gates]),
        (path_volume.PER_WEEK, [gate.per_week for gate in expected.targets.gates]),
    ):
        held = zip(values, shown[column], strict=True)
        assert all(same(value, cell) for value, cell in held), column
    assert set(shown[volume.STAND][:3]) == {volume.TOO_LATE}
    assert "Too late for Emails to Demos: what starts there now closes after the year's end." in (
        texts(found)
    )


# Capacity, and the other direction


def test_each_mend_on_the_sheet_makes_the_plan_fit(book: Built, office: Office) -> None:
    plan = book.data.path
    said = texts(office.recalculate(book.file.path))
    assert {
        f"Raise {plan.capacity.gate} from 18 % to {100 * plan.capacity.rate_to:.0f} %,",
        f"or the average deal to {plan.capacity.average_deal_to:,.0f},",
        f"or find {volume.tenths(plan.capacity.more_weeks)} more weeks.",
    } <= said
    walk = book.file.tables[c.T_WALK].cell(0, w.TOUCHES_PER_WEEK)
    enough = office.recalculate(book.file.path, {walk: math.ceil(plan.capacity.needed)})
    assert "The work fits into the week." in texts(enough)
    assert not any(text.startswith("or find") for text in texts(enough))


@pytest.mark.parametrize("touches", [3.0, 70.0])
def test_mends_follow_the_touches_that_are_typed(
    book: Built, office: Office, touches: float
) -> None:
    walk = book.file.tables[c.T_WALK].cell(0, w.TOUCHES_PER_WEEK)
    found = texts(office.recalculate(book.file.path, {walk: touches}))
    plan = book.data.path
    expected = volume.capacity_check(plan.targets, book.data.average_deal.value, touches)
    assert f"or find {volume.tenths(expected.more_weeks)} more weeks." in found
    (raised,) = [text for text in found if text.startswith("Raise ")]
    if expected.gate:
        assert raised.endswith(f"to {100 * expected.rate_to:.0f} %,")
    else:
        assert raised == f"Raise the average deal to {expected.average_deal_to:,.0f},"


@pytest.mark.parametrize("gate", ["Emails", "Deal"])
def test_the_other_direction_on_the_sheet_undoes_the_first(
    gate: str, book: Built, office: Office
) -> None:
    targets = {
        ("Deal" if g.gate == funnel.DEAL else g.gate): g for g in book.data.path.targets.gates
    }
    typed: Typed = {
        book.file.named("ReachGate"): gate,
        book.file.named("ReachPerWeek"): targets[gate].per_week,
    }
    found = office.recalculate(book.file.path, typed)
    assert book.cell(found, "ReachMoney") == pytest.approx(float(book.data.total[funnel.GAP]))
    assert "100 % of the gap." in texts(found)


def test_sixty_calls_a_week_reach_what_python_says(book: Built, office: Office) -> None:
    typed: Typed = {
        book.file.named("ReachGate"): "Calls",
        book.file.named("ReachPerWeek"): 60.0,
    }
    plan = book.data.path
    expected = volume.funnel_reach(
        "Calls",
        60,
        book.data.average_deal.value,
        plan.gates,
        plan.targets.weeks,
        weeks_off=book.data.settings.weeks_off,
    )
    found = office.recalculate(book.file.path, typed)
    assert book.cell(found, "ReachDeals") == pytest.approx(expected.deals)
    assert book.cell(found, "ReachMoney") == pytest.approx(expected.money)


# The odds and their stamp


def test_the_sentence_on_the_sheet_is_the_models(book: Built, office: Office) -> None:
    found = office.recalculate(book.file.path)
    assert book.cell(found, c.N_ODDS) == book.data.path.outlook.words
    assert book.cell(found, c.N_BELIEVED) == book.data.path.believed
    assert book.cell(found, c.N_PATH_CURRENT) == 1


ALL: Final = {"odds", "lists", "checks"}


def deal_cell(book: Built, column: str) -> tuple[str, str]:
    """A cell of the first open deal."""
    return book.file.tables[c.T_DEALS].cell(0, column)


def in_settings(book: Built, label: str) -> tuple[str, str]:
    return book.file.find(c.T_MODEL_SETTINGS, "Setting", label, "Your value")


CHANGES: Final[dict[str, tuple[Callable[[Built], Typed], set[str]]]] = {
    "quota": (lambda b: {b.file.tables[c.T_WALK].cell(0, w.QUOTA): 999_999.0}, ALL),
    "rate": (lambda b: {gate_cell(b, "Demos", path_volume.YOURS): 0.5}, ALL),
    "touches": (lambda b: {b.file.tables[c.T_WALK].cell(0, w.TOUCHES_PER_WEEK): 500.0}, ALL),
    "today": (
        lambda b: {b.file.named(c.N_TODAY): (b.data.today + pd.Timedelta(9, "D")).date()},
        ALL,
    ),
    "a deal's amount": (lambda b: {deal_cell(b, w.AMOUNT): 7.0}, ALL),
    "a deal's day": (
        lambda b: {deal_cell(b, w.CLOSE_DATE): (b.data.today + pd.Timedelta(77, "D")).date()},
        ALL,
    ),
    "a deal's stage": (lambda b: {deal_cell(b, w.STAGE): "Somewhere else"}, ALL),
    "a deal is lost": (lambda b: {deal_cell(b, w.STATE): w.LOST}, ALL),
    "two lags change places": (
        lambda b: {
            gate_cell(b, "Calls", path_volume.LAG): b.data.path.gates[2].lag_weeks,
            gate_cell(b, "Demos", path_volume.LAG): b.data.path.gates[1].lag_weeks,
        },
        ALL,
    ),
    "touches a deal": (lambda b: {in_settings(b, "Touches per open deal"): 20}, {"lists"}),
    "win probability": (lambda b: {in_settings(b, "Win probability"): 0.9}, {"checks"}),
    "play": (
        lambda b: {b.file.named(c.STRATEGY[c.STRATEGY_PLAY]): w.TIMING_PLAY},
        {"checks"},
    ),
    "bar": (lambda b: {b.file.find(c.T_PATH_RULES, "Key", "odds", "Bar"): 0.01}, {"checks"}),
    "rule": (
        lambda b: {b.file.find(c.T_PATH_RULES, "Key", "capacity", "Asked"): "no"},
        {"checks"},
    ),
    "a word that counts for nothing": (
        lambda b: {b.file.named(c.STRATEGY[c.STRATEGY_WHY]): "Because it does."},
        set(),
    ),
}


def out_of_date(book: Built, found: Sheets) -> set[str]:
    return {stamp.key for stamp in path_stamps.STAMPS if book.cell(found, stamp.current) != 1}


@pytest.mark.parametrize("change", CHANGES)
def test_what_rests_on_an_input_is_out_of_date_once_it_changes(
    change: str, book: Built, office: Office
) -> None:
    typed, stale = CHANGES[change]
    found = office.recalculate(book.file.path, typed(book))
    assert out_of_date(book, found) == stale
    told = texts(found)
    for stamp in path_stamps.STAMPS:
        by_the_button = {each.out_of_date for each in path_stamps.STAMPS if each.key in stale}
        assert (stamp.out_of_date in told) == (stamp.out_of_date in by_the_button)
        assert (stamp.words(book.data.today) in told) == (stamp.key not in stale)


def test_what_is_out_of_date_turns_grey_before_any_other_colour(book: Built) -> None:
    """Each table that only Python fills has a rule of its own stamp, the first of its cells."""
    sheet = openpyxl.load_workbook(book.file.path)[c.PATH]
    rules = {
        str(area.sqref): sorted(area.rules, key=lambda rule: rule.priority)[0]
        for area in sheet.conditional_formatting
    }
    stamped = {
        path_stamps.ODDS: ((c.T_ODDS, path_odds.VALUE), (c.T_COVERAGE, path_timing.LOW)),
        path_stamps.LISTS: (
            (c.T_MOVES, moves.REASON),
            (c.T_SIGNS, moves.STAND),
            (c.T_QUARTERS, w.WEIGHTED_PIPELINE),
            (c.T_COVERAGE, moves.EFFORT),
        ),
        path_stamps.CHECKS: (
            (c.T_PATH_CHECKS, path_odds.VERDICT),
            (c.T_WALK, funnel.TWO_LARGEST_SHARE),
        ),
    }
    for stamp, columns in stamped.items():
        for table, column in columns:
            held = book.file.tables[table]
            _, first = held.cell(0, column)
            (rule,) = [rule for area, rule in rules.items() if area.split(":")[0] == first]
            assert rule.formula == [f"{stamp.current}=0"], (table, column)
            assert rule.stopIfTrue


def test_the_timing_plan_renews_the_lists_and_leaves_the_odds_as_they_were(
    book: Built, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    later = book.data.today + pd.Timedelta(20, "D")
    office.set_cells_and_save(book.file.path, {book.file.named(c.N_TODAY): later.date()}, path)
    for macro, stale in (
        ("compute_timing_plan", {"odds", "checks"}),
        ("compute_funnel_targets", set()),
    ):
        door = PackageWorkbook(path)
        MACROS[macro](door)
        door.save()
        held = Built(book.data, WorkbookFile(path))
        found = office.recalculate(path)
        assert out_of_date(held, found) == stale
        assert path_stamps.LISTS.words(later) in texts(found)


# The same in a workbook that is read again


@pytest.mark.parametrize("name", ["sample", "no deals"])
def test_a_workbook_read_again_has_the_path_it_was_built_with(name: str, tmp_path: Path) -> None:
    whole = ROUNDS[name]()
    parts = {"team": whole, "book": planning.books(whole)[0]}
    for kind, data in parts.items():
        path = tmp_path / f"{kind}.xlsx"
        write_workbook(data, path)
        found = read_path(path).plan
        assert found.outlook.words == data.path.outlook.words
        assert found.outlook.odds == data.path.outlook.odds
        assert found.believed == data.path.believed
        assert [each.words for each in found.verdicts] == [e.words for e in data.path.verdicts]
        assert repr(found.targets) == repr(data.path.targets)
        for table in ("pace", "coverage", "effort", "forward", "leave", "signs"):
            ours, theirs = getattr(data.path, table), getattr(found, table)
            columns = [name for name in ours.columns if name in theirs.columns]
            assert_same(theirs[columns], ours[columns], columns)


def test_what_is_typed_into_a_workbook_moves_its_path(
    book: Built, office: Office, tmp_path: Path
) -> None:
    typed: Typed = {
        gate_cell(book, "Demos", path_volume.YOURS): 0.5,
        book.file.named(c.N_AVERAGE_TYPED): 50_000.0,
        book.file.named(c.STRATEGY[c.STRATEGY_PLAY]): w.TIMING_PLAY,
        book.file.find(c.T_PATH_RULES, "Key", "odds", "Bar"): 0.01,
        book.file.find(c.T_PATH_RULES, "Key", "capacity", "Asked"): "no",
    }
    path = tmp_path / "typed.xlsx"
    office.set_cells_and_save(book.file.path, typed, path)
    found = read_path(path)
    demos = next(gate for gate in found.plan.gates if gate.name == "Demos")
    assert demos.rate == 0.5
    assert found.plan.targets.deals == pytest.approx(float(book.data.total[funnel.GAP]) / 50_000)
    verdicts = {each.rule.key: each.verdict for each in found.plan.verdicts}
    assert (verdicts["gates"], verdicts["odds"], verdicts["strategy"]) == (
        "does not hold",
        "holds",
        "holds",
    )
    assert "capacity" not in verdicts


def test_a_template_without_reps_has_no_path_and_says_where_they_go(tmp_path: Path) -> None:
    write_workbook(template(), tmp_path / "template.xlsx")
    with pytest.raises(WorkbookError, match="list them on Reps"):
        read_path(tmp_path / "template.xlsx")


# Bad input has an answer in words


def test_a_year_that_is_over_and_a_quota_that_is_reached_are_told_in_words(
    book: Built, office: Office
) -> None:
    over: Typed = {book.file.named(c.N_TODAY): book.data.year.end.date()}
    found = office.recalculate(book.file.path, over)
    assert funnel.NO_WEEKS_LEFT in texts(found)
    reached: Typed = {book.file.tables[c.T_WALK].cell(0, w.QUOTA): 1_000.0}
    found = office.recalculate(book.file.path, reached)
    assert funnel.QUOTA_REACHED in texts(found)
    assert set(book.gates(found)[volume.STAND][:3]) == {volume.NOTHING_NEEDED}
    none: Typed = {book.file.tables[c.T_WALK].cell(0, w.QUOTA): None}
    found = office.recalculate(book.file.path, none)
    assert funnel.GAP_UNKNOWN in texts(found)
    assert not [text for text in texts(found) if text.startswith("#")]


BAD: Final[dict[str, Callable[[Built], Typed]]] = {
    "rates of 0, above 1 and none": lambda b: {
        gate_cell(b, "Emails", path_volume.YOURS): 0.0,
        gate_cell(b, "Calls", path_volume.YOURS): 1.5,
        gate_cell(b, "Demos", path_volume.YOURS): "a third",
    },
    "negative money": lambda b: {
        b.file.named(c.N_AVERAGE_TYPED): -5.0,
        b.file.tables[c.T_WALK].cell(0, w.QUOTA): -100.0,
        deal_cell(b, w.AMOUNT): -70_000.0,
    },
    "no history, no average, no touches": lambda b: {
        b.file.named(c.N_AVERAGE_FOUND): None,
        b.file.named(c.N_RATES_SINCE): None,
        b.file.tables[c.T_WALK].cell(0, w.TOUCHES_PER_WEEK): None,
    },
    "lags and counts that cannot be": lambda b: {
        gate_cell(b, "Emails", path_volume.LAG): 9_999.0,
        gate_cell(b, "Calls", path_volume.LAG): "soon",
        b.file.named("ReachPerWeek"): -60.0,
        b.file.named("ReachGate"): "Nobody's gate",
        b.file.tables[c.T_WALK].cell(0, w.TOUCHES_PER_WEEK): 0.0,
    },
    "deals and days that are missing": lambda b: {
        deal_cell(b, w.CLOSE_DATE): None,
        deal_cell(b, w.OPENED): None,
        deal_cell(b, w.STAGE): None,
        b.file.named(c.N_TODAY): None,
    },
    "shares of quarters that are none": lambda b: {
        b.file.tables[c.T_QUARTERS].cell(place, timing.QUOTA_SHARE): None for place in range(4)
    },
    "the odds are gone": lambda b: {
        b.file.tables[c.T_ODDS].cell(place, path_odds.VALUE): None for place in range(9)
    },
}


@pytest.mark.parametrize("what", BAD)
def test_nothing_typed_into_the_path_shows_an_error_or_an_infinite_number(
    what: str, book: Built, office: Office
) -> None:
    found = office.recalculate(book.file.path, BAD[what](book))
    wrong = [line for line in found.errors() if line[0] in (c.PATH, c.ACTIVITY, c.MY_WEEK)]
    assert not wrong
    huge = {
        cell: value
        for cell, value in found[c.PATH].items()
        if isinstance(value, float) and not abs(value) < 1e12
    }
    assert not huge
    assert not {text for text in texts(found) if text.startswith(("#", "Err:"))}


def test_rolled_up_managers_add_up_to_the_whole(office: Office, tmp_path: Path) -> None:
    data = demo.sample_round()
    write_workbook(data, tmp_path / "team.xlsx")
    found = office.recalculate(tmp_path / "team.xlsx")[c.PATH]
    rolled = funnel.roll_up(data.walk, by=w.MANAGER)
    for row in rolled.to_dict("records"):
        at = next(
            cell for cell, value in found.items() if value == row[w.MANAGER] and cell[0] == "A"
        )
        assert found[f"B{at[1:]}"] == pytest.approx(row[w.QUOTA])
        assert found[f"G{at[1:]}"] == pytest.approx(row[funnel.GAP])


def test_the_sample_has_six_believable_or_broken_paths_with_reasons() -> None:
    for data in planning.books(demo.sample_round()):
        plan = data.path
        assert 0 <= plan.outlook.odds.reach <= 1
        assert len(plan.verdicts) == len(Settings().path_rules)
        assert all(each.words.endswith(".") for each in plan.verdicts)
        assert plan.quarters.quarters[timing.EXPECTED].notna().all()


# Written back into a workbook, as the macros do


@pytest.mark.parametrize(
    ("table", "column", "typed"),
    [
        (c.T_GATES, path_volume.YOURS, 0.0),
        (c.T_GATES, path_volume.YOURS, 1.5),
        (c.T_GATES, path_volume.YOURS, "one in five"),
        (c.T_GATES, path_volume.LAG, -1.0),
        (c.T_WALK, w.QUOTA, -5.0),
        (c.T_WALK, w.QUOTA, "lots"),
        (c.T_WALK, w.TOUCHES_PER_WEEK, -4.0),
        (c.T_DEALS, w.AMOUNT, "abc"),
    ],
)
def test_what_nobody_can_mean_is_refused_with_its_cell(
    book: Built, tmp_path: Path, table: str, column: str, typed: object
) -> None:
    path = Path(shutil.copy(book.file.path, tmp_path / "typed.xlsx"))
    door = PackageWorkbook(path)
    cells = door.read_table(table)[[column]].astype(object)
    cells.iloc[0, 0] = typed
    door.write_columns(table, cells)
    door.save()
    sheet, cell = book.file.tables[table].cell(0, column)
    for refused in (
        lambda: read_path(path),
        lambda: run("compute_funnel_targets", path, {}),
        lambda: run("compute_timing_plan", path, {}),
    ):
        with pytest.raises(WorkbookError) as caught:
            refused()
        (line,) = caught.value.lines
        shown = f"{typed:g}" if isinstance(typed, float) else typed
        assert f"sheet {sheet}, {cell}: {column} is '{shown}'; type " in line


def test_a_path_that_an_older_version_built_is_written_without_its_stamps(
    book: Built, tmp_path: Path
) -> None:
    path = Path(shutil.copy(book.file.path, tmp_path / "older.xlsx"))
    header = path_stamps.CHECKS.then.encode()
    for part, content in packages.parts(path).items():
        if header in content:
            packages.edit(path, part, lambda held: held.replace(header, b"Checked then"))
    done = run("compute_funnel_targets", path, {})
    assert done.warnings.count(path_writing.STAMPS_TOLD) == 1
    assert read_path(path).plan.believed in done.message


def test_what_is_written_back_is_current_and_says_what_the_model_says(
    book: Built, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    typed: Typed = {
        book.file.tables[c.T_WALK].cell(0, w.QUOTA): 1_700_000.0,
        gate_cell(book, "Demos", path_volume.YOURS): 0.2,
        book.file.named(c.N_TODAY): (book.data.today + pd.Timedelta(20, "D")).date(),
    }
    office.set_cells_and_save(book.file.path, typed, path)
    found = read_path(path)
    door = PackageWorkbook(path)
    written = path_writing.write_path(door, found.facts, found.plan)
    door.save()
    assert written == 5 + 4 + 12 + 6 + 9 + 8
    recalculated = office.recalculate(path)
    held = Built(book.data, WorkbookFile(path))
    assert held.cell(recalculated, c.N_PATH_CURRENT) == 1
    assert held.cell(recalculated, c.N_ODDS) == found.plan.outlook.words
    assert held.cell(recalculated, c.N_BELIEVED) == found.plan.believed
    assert held.cell(recalculated, c.N_SHORT_QUARTER) == path_timing.short_words(
        found.plan, found.facts.today
    )
    assert f"Played through on {found.facts.today:%Y-%m-%d}." in texts(recalculated)
    columns = (moves.OPEN_MONEY, path_timing.LOW, path_timing.HIGH, moves.EFFORT, moves.STAND)
    assert_same(
        held.file.frame(c.T_COVERAGE, recalculated), path_timing.cover_rows(found.plan), columns
    )
    for table, rows in (
        (c.T_MOVES, path_timing.move_rows(found.plan)),
        (c.T_SIGNS, path_timing.sign_rows(found.plan)),
    ):
        shown = held.file.frame(table, recalculated)
        names = [name for name in rows.columns if name not in (moves.EXPECTED_CLOSE, moves.BY)]
        assert_same(shown, rows, names)
    quarters = held.file.frame(c.T_QUARTERS, recalculated)
    expected = found.plan.quarters.quarters
    assert_same(quarters, expected, (timing.EXPECTED, timing.GAP_TO_QUOTA))
