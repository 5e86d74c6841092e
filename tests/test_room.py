"""Quadrant: whose room to grow is largest, live, and what their peers buy and they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from accountplan.addin import demo, planning
from accountplan.udfs import words as w
from accountplan.udfs.whitespace import PEERS_SHARE
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook
from accountplan.workbook_templates.round import Round
from accountplan.workbook_templates.sheets import my_week, plan, quadrant
from tests.support.office import Office
from tests.support.workbooks import WorkbookFile

HEAD = "Active accounts with the largest room to grow"
GAPS = "What their peers buy and they do not, as of the build"


@pytest.fixture(scope="module")
def data() -> Round:
    return planning.books(demo.sample_round())[1]


@pytest.fixture(scope="module")
def book(data: Round, tmp_path_factory: pytest.TempPathFactory) -> WorkbookFile:
    path = tmp_path_factory.mktemp("room") / "book.xlsx"
    write_workbook(data, path)
    return WorkbookFile(path)


def row_of(book: WorkbookFile, text: str) -> int:
    cells = book.cells[c.QUADRANT]
    return next(int(at.lstrip("ABCDEFGHIJKLMNO")) for at, x in cells.items() if x.value == text)


def test_the_list_holds_the_active_accounts_with_most_room(data: Round, book: WorkbookFile) -> None:
    accounts = data.accounts[data.accounts[w.STATUS] == w.ACTIVE]
    accounts = accounts[accounts[w.EXPANSION_MONEY] >= 0.1 * accounts[w.POTENTIAL_MONEY]]
    best = accounts.nlargest(quadrant.ROOM, w.EXPANSION_MONEY)
    first = row_of(book, HEAD) + 2
    cells = book.cells[c.QUADRANT]
    listed = [cells[f"A{first + at}"].value for at in range(len(best))]
    assert listed == best[w.ACCOUNT].tolist()


def test_a_correction_of_potential_changes_the_list(
    data: Round, book: WorkbookFile, office: Office
) -> None:
    active = data.accounts[data.accounts[w.STATUS] == w.ACTIVE]
    smallest = active.nsmallest(1, w.EXPANSION_MONEY)[w.ACCOUNT].iloc[0]
    row = {
        w.ACCOUNT: smallest,
        "Field": w.POTENTIAL_MONEY,
        "New value": 99_000_000,
        "Reason": "They bought a competitor",
        "Evidence": "Press release of the client",
        "State": "Accepted",
    }
    table = book.tables[c.T_OVERRIDES]
    changes = {table.cell(0, name): value for name, value in row.items()}
    found = office.recalculate(book.path, changes)
    assert found[c.QUADRANT][f"A{row_of(book, HEAD) + 2}"] == smallest


def test_the_heat_map_shows_the_shares_of_the_model(data: Round, book: WorkbookFile) -> None:
    """Peers come from the whole organisation, also for a rep's book."""
    whole = demo.sample_round().whitespace
    cells, head = book.cells[c.QUADRANT], row_of(book, GAPS) + 1
    names = data.accounts.set_index(w.ACCOUNT)[w.ACCOUNT_ID]
    shown = 0
    for at in range(head + 1, head + 1 + quadrant.ROOM):
        account = cells[f"G{at}"].value
        mine = whole[whole[w.ACCOUNT_ID] == names[account]].set_index(w.PRODUCT)[PEERS_SHARE]
        for column in "JKLMN":
            product = cells[f"{column}{head}"].value
            value = cells[f"{column}{at}"].value
            assert value == (pytest.approx(mine[product]) if product in mine else "-")
            shown += product in mine
    assert shown > 10


def test_without_products_there_is_no_heat_map(tmp_path: Path) -> None:
    export = demo.sample_export()
    export = replace(export, deals=export.deals.assign(**{w.PRODUCT: ""}))
    data = planning.books(planning.plan_round(export, demo.sample_round().settings))[0]
    write_workbook(data, tmp_path / "book.xlsx")
    book = WorkbookFile(tmp_path / "book.xlsx")
    texts = [x.value for x in book.cells[c.QUADRANT].values()]
    assert HEAD in texts
    assert GAPS not in texts
    tab = plan.tab_plans(data)[0][0]
    assert not {"A22", "B22"} & set(book.cells[tab])


def test_my_week_lists_the_customers_with_most_room(data: Round, book: WorkbookFile) -> None:
    active = data.accounts[data.accounts[w.STATUS] == w.ACTIVE]
    roomy = active[active[w.EXPANSION_MONEY] >= 0.1 * active[w.POTENTIAL_MONEY]]
    best = roomy.nlargest(my_week.ROOM, w.EXPANSION_MONEY)
    cells = book.cells[c.MY_WEEK]
    head = next(int(at[1:]) for at, cell in cells.items() if cell.value == my_week.ROOM_HEAD)
    for line, (_, account) in enumerate(best.iterrows(), start=head + 1):
        assert cells[f"B{line}"].value == account[w.ACCOUNT]
        assert cells[f"F{line}"].value == account[w.EXPANSION_MONEY]
        assert cells[f"E{line}"].value == account[w.EXPECTED_MONEY]
        sales = f"{account[w.PRIOR_YEAR_SALES]:,.0f}"
        assert str(cells[f"D{line}"].value).startswith(f"Bought {sales} last year of ")
    assert len(best)
