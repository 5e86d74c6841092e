"""--columns: what the user says of an export's own column and stage names."""

from __future__ import annotations

from pathlib import Path

import pytest

from accountplan.addin import crm
from accountplan.udfs import words as w
from accountplan.udfs.errors import ImportFileError

NASTY = Path(__file__).parent / "data" / "crm"


def mapped(
    tmp_path: Path, toml: str, accounts: str = "Firma,Umsatz (Mio. EUR)\nMühle,5\n"
) -> crm.CrmExport:
    (tmp_path / "a.csv").write_text(accounts, encoding="utf-8")
    (tmp_path / "o.csv").write_text(
        "Kunde,Phase,Wert\nMühle,Signed,7\nMühle,Dead,8\nMühle,Talk,9\n", encoding="utf-8"
    )
    (tmp_path / "m.toml").write_text(toml, encoding="utf-8")
    return crm.read_export(tmp_path / "a.csv", tmp_path / "o.csv", columns=tmp_path / "m.toml")


ACCOUNTS = '[accounts]\naccount = "firma"\n"Annual revenue" = "Umsatz (Mio. EUR)"\n'
DEALS = '[opportunities]\nAccount = "Kunde"\nStage = "Phase"\nAmount = "Wert"\n'
STAGES = '[stages]\nwon = ["signed"]\nlost = ["Dead"]\n'


def test_mapped_columns_and_stages_are_used(tmp_path: Path) -> None:
    export = mapped(tmp_path, ACCOUNTS + DEALS + STAGES)
    assert export.accounts[w.ACCOUNT].tolist() == ["Mühle"]
    assert export.accounts[w.ANNUAL_REVENUE].tolist() == [5_000_000.0]
    assert export.currency == "EUR"
    assert export.deals[w.STATE].tolist() == [w.WON, w.LOST, w.OPEN]
    assert export.deals[w.AMOUNT].tolist() == [7.0, 8.0, 9.0]
    assert "Deal states derived from Phase and --columns" in export.report.derived


def test_a_mapped_column_goes_before_a_known_name(tmp_path: Path) -> None:
    export = mapped(
        tmp_path,
        '[accounts]\nAccount = "Firma"\n' + DEALS,
        accounts="Account,Firma\nA-1,Mühle\n",
    )
    assert export.accounts[w.ACCOUNT].tolist() == ["Mühle"]


def test_european_text_in_windows_1252_reads_with_a_map() -> None:
    export = crm.read_export(
        NASTY / "european_accounts_cp1252.csv", columns=NASTY / "european_columns.toml"
    )
    accounts = export.accounts
    assert accounts[w.ACCOUNT].tolist() == ["Mühle Nord", "Hafenkost"]
    assert accounts[w.ANNUAL_REVENUE].tolist() == [1234.5, 3_500_000.0]
    assert accounts[w.WALLET_SHARE].tolist() == [0.12, 0.075]
    assert accounts[w.EMPLOYEES].tolist() == [1200.0, 70.0]
    assert [day.isoformat()[:10] for day in accounts[w.CUSTOMER_SINCE]] == [
        "2015-03-14",
        "2019-11-02",
    ]
    assert accounts["Support"].tolist() == [3.5, 4.0]
    assert export.currency == "EUR"


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ('[acounts]\nAccount = "x"\n', "m.toml: 'acounts' is not a table of it; allowed are [acc"),
        (
            '[accounts]\nFirm = "x"\n',
            "m.toml, [accounts] Firm: no such column; allowed are Account,",
        ),
        ("[accounts]\nAccount = 3\n", "m.toml, [accounts] Account: write the export's header in"),
        (
            '[accounts]\nAccount = "Firma"\nParent = "firma"\n',
            "m.toml, [accounts] Parent: 'firma' already stands for another column; use it once",
        ),
        (
            '[stages]\nmaybe = ["x"]\n',
            "m.toml, [stages] maybe: no such state; allowed are won, lost",
        ),
        ('[stages]\nwon = "x"\n', "m.toml, [stages] won: write a list of stages"),
        ('[stages]\nwon = ["x"]\nlost = ["X"]\n', "m.toml, [stages] lost: 'X' stands under two"),
        ("[accounts\n", "m.toml: is not TOML"),
        ('[accounts]\nAccount = "Company"\n', "a.csv: --columns names a column 'Company', but it"),
    ],
)
def test_a_mistake_in_the_map_is_one_clear_line(tmp_path: Path, toml: str, line: str) -> None:
    with pytest.raises(ImportFileError) as caught:
        mapped(tmp_path, toml)
    assert any(found.startswith(line) for found in caught.value.lines), caught.value.lines


def test_a_map_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(ImportFileError, match=r"none\.toml: cannot be read"):
        crm.read_export(NASTY / "plain_accounts.csv", columns=NASTY / "none.toml")
