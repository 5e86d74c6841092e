"""Is a closed workbook whole after every save, also one that was killed or had no room?

The processes here are real: one is killed by the system in the middle of writing, one just before
the new file takes the place of the old one, and one meets a limit on the size of files.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from accountplan.addin.hosts.package_writer import PackageWorkbook
from accountplan.addin.save import refuse_to_replace
from accountplan.udfs.errors import SaveError

NEW = 4321.0
# Writes one cell, with something in the way that is said before.
CHILD = """
import os, resource, signal, sys
from pathlib import Path
from accountplan.addin.hosts.package_writer import PackageWorkbook
import pandas as pd
{before}
book = PackageWorkbook(Path(sys.argv[1]))
book.write_columns("Accounts", pd.DataFrame({{"Sales": [4321.0]}}))
book.save()
"""
# The system kills a process whose file grows beyond the limit.
KILLED_WHILE_WRITING = """
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
"""
KILLED_BEFORE_THE_SWAP = """
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""
NO_ROOM = """
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
"""


def make(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Accounts")
    columns = [{"header": "Account"}, {"header": "Sales"}]
    sheet.add_table("A1:B30", {"name": "Accounts", "columns": columns})
    sheet.write_row("A2", ["one", 1.0])
    book.close()
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "Kundenpläne für Jörg"
    folder.mkdir()
    return make(folder / "Plan – Größe & Co (1).xlsx")


def write(path: Path, out: Path | None = None, value: float = NEW) -> None:
    book = PackageWorkbook(path, out)
    book.write_columns("Accounts", pd.DataFrame({"Sales": [value]}))
    book.save()


def sales(path: Path) -> float:
    return float(PackageWorkbook(path).read_table("Accounts")["Sales"].iloc[0])


def in_a_child(path: Path, before: str) -> subprocess.CompletedProcess[str]:
    code = CHILD.format(before=before)
    return subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("moment", [KILLED_WHILE_WRITING, KILLED_BEFORE_THE_SWAP])
def test_a_process_that_is_killed_leaves_the_file_as_it_was(moment: str, file: Path) -> None:
    before = file.read_bytes()
    assert len(before) > 3000
    ran = in_a_child(file, moment)
    assert ran.returncode in (-signal.SIGXFSZ, -signal.SIGKILL), ran.stderr
    assert file.read_bytes() == before
    (left,) = (each for each in file.parent.iterdir() if each != file)
    assert left.name.startswith(".accountplan-")
    write(file)
    assert sales(file) == NEW
    # What was left goes once nobody can be writing there any more, and not before.
    assert left.exists()
    long_ago = time.time() - 7200
    os.utime(left, (long_ago, long_ago))
    write(file, value=1.0)
    assert list(file.parent.iterdir()) == [file]


def test_a_full_disk_is_told_in_one_line_and_leaves_the_file_as_it_was(file: Path) -> None:
    before = file.read_bytes()
    ran = in_a_child(file, NO_ROOM)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert "SaveError" in last and str(file) in last and "make room on the disk" in last
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 3000


def test_a_read_only_file_is_not_replaced(file: Path) -> None:
    before = file.read_bytes()
    file.chmod(0o444)
    with pytest.raises(SaveError, match="is read-only"):
        write(file)
    assert file.read_bytes() == before
    other = file.with_name("other.xlsx")
    write(file, other)
    assert sales(other) == NEW


def test_a_saved_file_keeps_its_rights(file: Path) -> None:
    file.chmod(0o640)
    write(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_stays_a_link_and_its_file_is_written(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(file)
    write(link)
    assert link.is_symlink() and sales(file) == NEW
    (file.parent / f"~${file.name}").write_bytes(b"")
    with pytest.raises(SaveError, match="open in another program"):
        write(link, value=1.0)


@pytest.mark.parametrize("lock", ["~${}", ".~lock.{}#"])
def test_a_target_that_is_open_elsewhere_is_not_replaced(lock: str, file: Path) -> None:
    target = make(file.with_name("target.xlsx"))
    before = target.read_bytes()
    held = file.with_name(lock.format(target.name))
    held.write_bytes(b"")
    with pytest.raises(SaveError, match="is open in another program") as caught:
        write(file, target)
    assert held.name in str(caught.value) and "\n" not in str(caught.value)
    assert target.read_bytes() == before
    held.unlink()
    write(file, target)
    assert sales(target) == NEW


def test_a_file_that_went_meanwhile_is_told(file: Path) -> None:
    book = PackageWorkbook(file)
    book.write_columns("Accounts", pd.DataFrame({"Sales": [NEW]}))
    shutil.move(file, file.with_name("elsewhere.xlsx"))
    with pytest.raises(SaveError, match="changed by another program"):
        book.save()
    assert not file.exists()


def test_saving_twice_writes_what_came_between(file: Path) -> None:
    book = PackageWorkbook(file)
    for value in (1.5, 2.5):
        book.write_columns("Accounts", pd.DataFrame({"Sales": [value]}))
        book.save()
        assert sales(file) == value
    refuse_to_replace(file)
