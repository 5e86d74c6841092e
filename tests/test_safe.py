"""Is nobody's work lost, and nobody's machine harmed, by what is written?

Names of files and sheets after Microsoft's naming rules (learn.microsoft.com, "Naming Files,
Paths, and Namespaces", and Excel's for sheets); text that a spreadsheet would run after OWASP's
page on CSV injection.
"""

from __future__ import annotations

import csv
import os
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplan.addin import crm, files, planning, save
from accountplan.udfs import words as w
from accountplan.udfs.errors import SaveError
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.names import file_names, sheet_names
from tests.support import books
from tests.support.rounds import NASTY_NAMES
from tests.support.workbooks import WorkbookFile

RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
ANY_NAMES = st.lists(
    st.one_of(
        st.text(max_size=120),
        st.sampled_from(NASTY_NAMES),
        st.sampled_from(["con", "Con.x", "LPT1", "~$lock", "...", "'", "History", "a" * 31]),
    ),
    max_size=12,
)


# Names of files and sheets.


@given(ANY_NAMES)
def test_file_names_are_safe_on_every_system_and_distinct_where_capitals_are_not(
    names: list[str],
) -> None:
    found = file_names(names)
    assert len(found) == len(names)
    assert len({name.casefold() for name in found}) == len(names)
    for name in found:
        assert name and not set(name) & set('<>:"/\\|?*')
        assert not any(unicodedata.category(sign) in ("Cc", "Cs", "So") for sign in name)
        assert name == name.strip(". ") and not name.startswith(("-", "~$"))
        assert name.partition(".")[0].casefold() not in RESERVED
        assert len(f"{name}.xlsx".encode()) <= 255


@given(ANY_NAMES)
def test_sheet_names_are_safe_in_excel_and_distinct_where_capitals_are_not(
    names: list[str],
) -> None:
    taken = [sheet.name for sheet in c.SHEETS]
    found = sheet_names(names, taken)
    assert len(found) == len(names)
    assert len({name.casefold() for name in (*found, *taken)}) == len(names) + len(taken)
    for name in found:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'") and not name.endswith("'")


@given(ANY_NAMES)
def test_the_same_names_give_the_same_files_and_sheets(names: list[str]) -> None:
    assert file_names(names) == file_names(list(names))
    assert sheet_names(names) == sheet_names(list(names))


def test_a_plain_name_stays_as_it_is() -> None:
    names = ["Rep North 1", "Jörg-Åsa O'Neil", "ООО Ромашка", "株式会社"]
    assert file_names(names) == names
    assert sheet_names(names) == names


def test_one_odd_name_does_not_change_the_others() -> None:
    assert file_names(["a/b", "CON", "Plain"])[2] == "Plain"
    assert file_names(["Acme", "ACME", "acme"]) == ["Acme", "ACME (2)", "acme (3)"]


def test_a_book_lies_where_the_team_workbook_links_to_it(tmp_path: Path) -> None:
    people = {w.OWNER: ["a/b", "A/B", "CON", "🚀", "-2"]}
    whole = planning.plan_round(books.export(books.accounts(people)), Settings())
    built = files.build_folder(whole, tmp_path / "out")
    assert {tmp_path / "out" / file for file in whole.book_files.values()} == set(built.books)


# Writing one file.


def test_a_failure_while_writing_leaves_the_old_file_whole_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_text("a week of work")
    with pytest.raises(RuntimeError), save.writing(target) as temporary:
        temporary.write_text("half of")
        raise RuntimeError
    assert target.read_text() == "a week of work"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_is_swapped_in_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "plan.xlsx"
    with save.writing(target) as temporary:
        temporary.write_text("all of it")
        assert not target.exists()
    assert target.read_text() == "all of it"
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SaveError, match="cannot be written"), save.writing(tmp_path / "file" / "x"):
        pass


# Writing a folder.


def _fill(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name.replace('_', '/')}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_a_folder_with_workbooks_is_refused_and_left_alone(tmp_path: Path) -> None:
    _fill(tmp_path, books_Rep="typed for a week")
    told = r"holds 1 workbooks already, such as Rep\.xlsx.*--force"
    with pytest.raises(SaveError, match=told), save.writing_folder(tmp_path):
        pytest.fail("nothing may be written")
    assert _files(tmp_path) == {"books/Rep.xlsx": "typed for a week"}


def test_force_keeps_what_it_replaces_in_a_dated_backup(tmp_path: Path) -> None:
    _fill(tmp_path, team="old", books_Gone="left the team", books_Same="same")
    (tmp_path / "notes.txt").write_text("mine")
    with save.writing_folder(tmp_path, force=True) as folder:
        _fill(folder, team="new", books_Same="same", books_New="new")
    (dated,) = (tmp_path / "backup").iterdir()
    pd.to_datetime(dated.name, format="%Y-%m-%d %H%M%S")
    kept = {"team.xlsx": "old", "books/Gone.xlsx": "left the team"}
    assert _files(dated) == kept
    assert _files(tmp_path) == {
        "team.xlsx": "new",
        "books/Same.xlsx": "same",
        "books/New.xlsx": "new",
        "notes.txt": "mine",
        **{f"backup/{dated.name}/{name}": text for name, text in kept.items()},
    }


def test_the_same_workbooks_again_leave_no_backup(tmp_path: Path) -> None:
    for _ in range(2):
        with save.writing_folder(tmp_path, force=True) as folder:
            _fill(folder, team="same", books_Rep="same")
    assert _files(tmp_path) == {"team.xlsx": "same", "books/Rep.xlsx": "same"}


def test_two_builds_within_a_second_keep_a_backup_each(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        with save.writing_folder(tmp_path, force=True) as folder:
            _fill(folder, team=text)
    kept = sorted(_files(tmp_path / "backup").values())
    assert kept == ["first", "second"]


def test_a_failure_while_a_folder_is_made_changes_nothing(tmp_path: Path) -> None:
    _fill(tmp_path / "old", team="old")
    for folder in ("old", "new"):
        with (
            pytest.raises(RuntimeError),
            save.writing_folder(tmp_path / folder, force=True) as made,
        ):
            _fill(made, team="half")
            raise RuntimeError
    assert _files(tmp_path) == {"old/team.xlsx": "old"}
    assert not (tmp_path / "new").exists()


def test_a_workbook_open_elsewhere_undoes_the_whole_swap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(tmp_path, books_A="old A", books_B="old B", team="old team")
    replace = os.replace

    def locked(source: os.PathLike[str], goal: os.PathLike[str]) -> None:
        if Path(goal) == tmp_path / "team.xlsx" and ".accountplan-" in str(source):
            raise PermissionError(13, "in use", str(goal))
        replace(source, goal)

    monkeypatch.setattr(Path, "replace", locked)
    told = r"team\.xlsx: cannot be replaced; close it.*Nothing was changed"
    with pytest.raises(SaveError, match=told), save.writing_folder(tmp_path, force=True) as folder:
        _fill(folder, books_A="new A", books_C="new C", team="new team")
    monkeypatch.undo()
    assert _files(tmp_path) == {
        "books/A.xlsx": "old A",
        "books/B.xlsx": "old B",
        "team.xlsx": "old team",
    }
    assert {path.name for path in tmp_path.iterdir()} == {"books", "team.xlsx"}


def test_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    files.refuse_existing(path, force=False)
    path.touch()
    files.refuse_existing(path, force=True)
    with pytest.raises(SaveError, match="is there already"):
        files.refuse_existing(path, force=False)
    with pytest.raises(SaveError, match="is a folder"):
        files.refuse_existing(tmp_path, force=True)


# Text that a spreadsheet would run.

RUNS = ("=", "+", "-", "@", "\t", "\r")
COMMANDS = (
    "=SUM(A1)",
    "+1+1",
    "@x",
    "-2+3",
    '=HYPERLINK("http://example.com")',
    "=cmd|' /C calc'!A0",
)


def _crm_export(folder: Path) -> crm.CrmExport:
    """An import of accounts and people whose names are commands, as a CRM gives them."""
    with (folder / "accounts.csv").open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["Account", "Owner", "Industry", "Annual revenue", "=Note"])
        rows.writerows([name, name, name, 1000, name] for name in COMMANDS)
    return crm.read_export(folder / "accounts.csv")


def test_commands_are_plain_text_in_scores_as_xlsx(tmp_path: Path) -> None:
    whole = planning.plan_round(_crm_export(tmp_path), Settings())
    files.write_scores(whole.accounts, tmp_path / "scores.xlsx")
    cells = WorkbookFile(tmp_path / "scores.xlsx").cells[c.ACCOUNTS].values()
    assert {cell.value for cell in cells} >= {*COMMANDS, "=Note"}
    assert {cell.kind for cell in cells if isinstance(cell.value, str)} == {"s"}
    assert not any(cell.formula for cell in cells)


def test_commands_are_plain_text_in_every_workbook(tmp_path: Path) -> None:
    whole = planning.plan_round(_crm_export(tmp_path), Settings())
    built = files.build_folder(whole, tmp_path / "out")
    for path in (built.team, *built.books):
        for sheet, cells in WorkbookFile(path).cells.items():
            for address, cell in cells.items():
                typed = isinstance(cell.value, str) and not cell.formula
                assert not typed or cell.kind == "s", f"{path.name}, {sheet}!{address}"
                assert cell.formula.lstrip("=") not in {name[1:] for name in COMMANDS}


def test_commands_get_an_apostrophe_in_csv_and_nothing_else_does(tmp_path: Path) -> None:
    whole = planning.plan_round(_crm_export(tmp_path), Settings())
    files.write_scores(whole.accounts, tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(newline="", encoding="utf-8-sig") as held:
        rows = list(csv.DictReader(held))
    numbers = whole.accounts.select_dtypes("number").columns
    texts = [
        text for row in rows for name, text in row.items() if name.removeprefix("'") not in numbers
    ]
    assert not [text for text in (*rows[0], *texts) if text.startswith(RUNS)]
    assert {row[w.ACCOUNT] for row in rows} == {f"'{name}" for name in COMMANDS}
    assert {row["'=Note"] for row in rows} == {f"'{name}" for name in COMMANDS}
    assert {row[w.STATUS] for row in rows} == {w.UNTOUCHED}


def test_scores_as_csv_come_back_through_the_import_with_keys_that_join(tmp_path: Path) -> None:
    export = _crm_export(tmp_path)
    whole = planning.plan_round(export, Settings())
    files.write_scores(whole.accounts, tmp_path / "scores.csv")
    again = crm.read_export(tmp_path / "scores.csv")
    for column in (w.ACCOUNT_ID, w.ACCOUNT, w.OWNER, w.INDUSTRY):
        assert again.accounts[column].tolist() == whole.accounts[column].tolist(), column
    assert "=Note" in again.accounts


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_scores_have_the_columns_of_accounts(ending: str, tmp_path: Path) -> None:
    whole = planning.plan_round(_crm_export(tmp_path), Settings())
    path = tmp_path / f"scores{ending}"
    files.write_scores(whole.accounts, path)
    if ending == ".xlsx":
        names = list(WorkbookFile(path).tables[c.T_ACCOUNTS].columns)
    else:
        names = list((pd.read_csv if ending == ".csv" else pd.read_parquet)(path).columns)
    found = [name.removeprefix("'") for name in names]
    columns = [name for name in whole.accounts.columns if name not in c.WORKING_COLUMNS]
    assert found == columns
    assert {*c.ACCOUNT_COLUMNS, "=Note"} <= set(found)


def test_another_ending_for_scores_is_refused(tmp_path: Path) -> None:
    whole = planning.plan_round(_crm_export(tmp_path), Settings())
    with pytest.raises(SaveError, match=r"\.csv, \.xlsx or \.parquet"):
        files.write_scores(whole.accounts, tmp_path / "scores.ods")
    assert not (tmp_path / "scores.ods").exists()
