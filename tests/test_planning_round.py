"""A planning round of fifty reps over four weeks ends as it was played, plan by plan.

The reps are of ten kinds, by the last digit of their number; what each kind
does, and how its plan must stand in the end, is written down here beforehand.
In between there are copies, damaged files, returns and answers, and a new CRM export.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from accountplan.addin import collect, refresh, returning
from accountplan.addin.collect import CollectReport
from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.reading import read_workbook
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.sheets import history, tracker

from .support import team_folder as team

REPS: Final = 50
KINDS: Final = 10
DUE: Final = date(2018, 1, 31)


@dataclass(frozen=True)
class End:
    """How a plan must stand after four weeks.

    Attributes:
        state: on the Tracker.
        events: in the history, in their order.
        late: days from the due date to the first turning in.
        changed: whether it was changed after it was turned in.
        complete: whether nothing required is missing.
    """

    state: str
    events: tuple[str, ...]
    late: int = 0
    changed: bool = False
    complete: bool = True


TI, AP, RE = p.TURNED_IN, p.APPROVED, p.RETURNED
ENDS: Final = {
    0: End(AP, (TI, AP)),  # in time, approved
    1: End(AP, (TI, RE, TI, AP)),  # in time, returned, answered, approved
    2: End(TI, (TI,), late=6),  # late
    3: End(p.DRAFT, (), complete=False),  # never begun
    4: End(TI, (TI,)),  # a second copy of the book, older, lies beside it
    5: End(TI, (TI,)),  # turned in; later the file is damaged and stays so
    6: End(TI, (TI, TI)),  # turned in, and turned in again with a better strategy
    7: End(TI, (TI,), changed=True),  # turned in, then changed without a word
    8: End(RE, (TI, RE)),  # returned, and never answered
    9: End(TI, (TI,), complete=False),  # turned in by hand though the strategy is missing
}


def of_kind(kind: int) -> list[int]:
    return [number for number in range(1, REPS + 1) if number % KINDS == kind]


class Play:
    """The folder of the round, and the collections of its weeks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reports: list[CollectReport] = []
        team.build(folder, team.team_round(REPS, accounts_each=1))

    def book(self, rep: int) -> Path:
        return team.book_of(self.folder, rep)

    def hand_in(self, kind: int, day: date, **fields: object) -> None:
        for rep in of_kind(kind):
            team.fill(self.book(rep), rep, **fields, **team.handed_in(day, f"Rep {rep:02}"))

    def collect(self, when: datetime) -> None:
        self.reports.append(
            collect.collect(self.folder / "books", self.folder / "team.xlsx", now=when)
        )

    def decide(self, kind: int, decision: str, when: datetime, feedback: str = "") -> None:
        workbook = PackageWorkbook(self.folder / "team.xlsx")
        plans = workbook.read_table(c.T_PLANS, [w.OWNER])
        owners = {f"Rep {rep:02}" for rep in of_kind(kind)}
        mine = plans[plans[w.OWNER].isin(owners)]
        cells = {tracker.DECISION: decision, tracker.FEEDBACK: feedback or None}
        workbook.write_columns(c.T_PLANS, mine[[]].assign(**cells))
        workbook.save()
        report = returning.return_plans(self.folder / "team.xlsx", now=when)
        assert (len(report.done), report.waiting) == (len(owners), ())


def first_week(round_: Play) -> None:
    for kind in (0, 1, 4):
        round_.hand_in(kind, date(2018, 1, 10))
    for rep in of_kind(4):
        copy = round_.book(rep).with_name(f"Rep {rep:02} (1).xlsx")
        shutil.copy(round_.book(rep), copy)
        team.edit(copy, strategy="An older thought that was given up again.")
        team.dated(copy, datetime(2018, 1, 9))
        team.dated(round_.book(rep), datetime(2018, 1, 10))
    round_.collect(datetime(2018, 1, 12, 18))


def second_week(round_: Play) -> None:
    round_.decide(0, "Approve", datetime(2018, 1, 15, 9))
    round_.decide(1, "Return", datetime(2018, 1, 15, 10), "Who signs the order?")
    for kind in (5, 6, 7, 8):
        round_.hand_in(kind, date(2018, 1, 17))
    round_.hand_in(9, date(2018, 1, 18), strategy="tbd")
    round_.collect(datetime(2018, 1, 19, 18))


def third_week(round_: Play) -> None:
    for rep in of_kind(1):
        answer = {"strategy": team.answers(rep, 2)["strategy"]}
        team.edit(round_.book(rep), **answer, **team.handed_in(date(2018, 1, 24)))
    for rep in of_kind(5):
        content = round_.book(rep).read_bytes()
        round_.book(rep).write_bytes(content[: len(content) // 2])
    for rep in of_kind(6):
        answer = {"strategy": team.answers(rep, 2)["strategy"]}
        team.edit(round_.book(rep), **answer, **team.handed_in(date(2018, 1, 25)))
    for rep in of_kind(7):
        team.edit(round_.book(rep), strategy=team.answers(rep, 3)["strategy"])
    round_.decide(8, "Return", datetime(2018, 1, 26, 9), "Too thin to stand on.")
    round_.collect(datetime(2018, 1, 26, 18))


def fourth_week(round_: Play) -> None:
    later = pd.Timestamp("2018-01-28")
    report = refresh.refresh(round_.folder, team.team_export(REPS, 1, later, grown=40_000.0))
    # The five damaged books wait; the five copies are renewed like the others.
    assert (len(report.done), len(report.waiting)) == (1 + 45 + 5, 5)
    assert read_workbook(round_.book(1)).as_of == later
    round_.decide(1, "Approve", datetime(2018, 1, 29, 9))
    round_.hand_in(2, date(2018, 2, 6))
    round_.collect(datetime(2018, 2, 7, 18))
    round_.collect(datetime(2018, 2, 7, 19))


def rows(round_: Play, table: str) -> list[dict[str, Any]]:
    frame = PackageWorkbook(round_.folder / "team.xlsx").read_table(table)
    return [dict(row) for row in frame.to_dict("records")]


def events(round_: Play) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(round_, c.T_HISTORY):
        found.setdefault(row[w.OWNER], []).append(row)
    return found


def ends(round_: Play) -> dict[str, End]:
    """How each rep's plan stands in the end, by the team workbook alone."""
    told = events(round_)
    found = {}
    for row in rows(round_, c.T_PLANS):
        mine = told.get(row[w.OWNER], [])
        first = mine[0][history.TURNED_IN_ON].date() if mine else DUE
        found[row[w.OWNER]] = End(
            row[tracker.STATE],
            tuple(event[history.EVENT] for event in mine),
            max(0, (first - DUE).days),
            row[tracker.CHANGED_SINCE] == tracker.YES,
            row[tracker.COMPLETE] == 1.0,
        )
    return found


def every_plan_ends_as_it_was_played(play: Play) -> None:
    expected = {f"Rep {rep:02}": ENDS[rep % KINDS] for rep in range(1, REPS + 1)}
    assert ends(play) == expected


def the_last_collection_counts_them(play: Play) -> None:
    states = Counter(end.state.lower() for end in ENDS.values())
    plans = play.reports[-1].plans
    assert {state: plans[state] for state in states} == {
        state: count * REPS // KINDS for state, count in states.items()
    }
    assert (plans["plans"], plans["complete"], plans["changed since"]) == (50, 40, 5)


def damaged_and_doubled_books_are_named_each_time(play: Play) -> None:
    doubled = [len(report.duplicates) for report in play.reports]
    damaged = [len(report.unreadable) for report in play.reports]
    assert (doubled, damaged) == ([5, 5, 5, 5, 5], [0, 0, 5, 5, 5])
    assert play.reports[-1].missing == tuple(f"Rep {rep:02}" for rep in of_kind(5))


def collecting_again_at_the_end_changes_nothing(play: Play) -> None:
    last = play.reports[-1]
    assert (sum(last.news.values()), last.backup) == (0, None)


def no_version_is_lost(play: Play) -> None:
    for rep in of_kind(1):
        told = events(play)[f"Rep {rep:02}"]
        prints = [row[history.FINGERPRINT] for row in told]
        assert prints[0] == prints[1] and prints[2] == prints[3] and prints[0] != prints[2]
        assert all(row[history.CONTENTS] for row in told)
        assert told[1][history.FEEDBACK] == "Who signs the order?"


def feedback_stands_in_the_books(play: Play) -> None:
    for rep in of_kind(8):
        book = PackageWorkbook(play.book(rep))
        tab = team.tab_of(play.book(rep))
        told = book.read_names(["plan.state", "plan.feedback"], tab)
        assert told == {"plan.state": p.RETURNED, "plan.feedback": "Too thin to stand on."}


def test_a_round_of_fifty_reps_ends_as_it_was_played(tmp_path: Path) -> None:
    # One test, since the round takes a while to play.
    play = Play(tmp_path)
    for week in (first_week, second_week, third_week, fourth_week):
        week(play)
    every_plan_ends_as_it_was_played(play)
    the_last_collection_counts_them(play)
    damaged_and_doubled_books_are_named_each_time(play)
    collecting_again_at_the_end_changes_nothing(play)
    no_version_is_lost(play)
    feedback_stands_in_the_books(play)
