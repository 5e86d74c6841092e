"""Does the add-in go where Excel finds it, and does removing give back what was there?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xlwings

from accountplan.addin import install as setup
from accountplan.addin.machine import Machine, this_machine
from accountplan.udfs.errors import SaveError, WorkbookError
from tests.support.machines import PlantedMachine, linux, mac, windows

# Somebody's own settings, as xlwings' ribbon writes them on Windows.
OWN = (
    b'"INTERPRETER_WIN","C:\\Anaconda\\python.exe"\r\n'
    b'"SHOW CONSOLE","False"\r\n'
    b'"LICENSE_KEY","abc"\r\n'
)


def build(path: Path) -> None:
    path.write_bytes(b"an add-in")


def put(machine: Machine, content: bytes = b"an add-in") -> setup.Places:
    where = setup.places(machine)
    setup.install(machine, where, lambda path: path.write_bytes(content))
    return where


def files(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_on_windows_it_goes_to_the_trusted_start_up_folder(tmp_path: Path) -> None:
    machine = windows(tmp_path)
    where = put(machine)
    assert where.addin == tmp_path / "AppData/Roaming/Microsoft/Excel/XLSTART/accountplan.xlam"
    assert where.addin.read_bytes() == b"an add-in"
    assert where.config == tmp_path / ".accountplan/accountplan.conf"
    assert (
        where.config.read_bytes()
        == (
            f'"INTERPRETER_WIN","{machine.interpreter}"\r\n"ADD_WORKBOOK_TO_PYTHONPATH","False"\r\n'
        ).encode()
    )


def test_on_a_mac_it_goes_to_the_containers_with_the_script_that_starts_python(
    tmp_path: Path,
) -> None:
    version = xlwings.__version__
    machine = replace(mac(tmp_path), versions={"accountplan": "0.1.0", "xlwings": version})
    where = put(machine)
    office = tmp_path / "Library/Group Containers/UBF8T346G9.Office/User Content.localized"
    assert where.addin == office / "Startup.localized/Excel/accountplan.xlam"
    container = tmp_path / "Library/Containers/com.microsoft.Excel/Data"
    assert (container / "accountplan.conf").read_bytes() == (
        f'"INTERPRETER_MAC","{machine.interpreter}"\n"ADD_WORKBOOK_TO_PYTHONPATH","False"\n'
    ).encode()
    name = f"xlwings-{version}.applescript"
    script = tmp_path / "Library/Application Scripts/com.microsoft.Excel" / name
    assert script.read_bytes() == (Path(xlwings.__file__).parent / name).read_bytes()


def test_xlwings_itself_reads_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = windows(tmp_path)
    where = put(machine)
    monkeypatch.setattr("xlwings.USER_CONFIG_FILE", str(where.config))
    from xlwings.utils import read_user_config

    assert read_user_config() == {
        "interpreter_win": str(machine.interpreter),
        "add_workbook_to_pythonpath": "False",
    }


def test_the_settings_are_where_the_add_ins_vba_looks_for_them() -> None:
    # xlwings' Config.bas: its own file, with PROJECT_NAME in place of "xlwings".
    machine = (mac if sys.platform == "darwin" else windows)(Path.home())
    config = setup.places(machine).config
    assert str(config).replace("accountplan", "xlwings") == xlwings.USER_CONFIG_FILE
    vba = (Path(xlwings.__file__).parent / "addin" / "Config.bas").read_text(encoding="utf-8-sig")
    assert r'"\." & PROJECT_NAME & "\" & PROJECT_NAME & ".conf"' in vba
    assert 'GetMacDir("$HOME", False) & "/" & PROJECT_NAME & ".conf"' in vba


def test_the_settings_have_names_that_xlwings_knows(tmp_path: Path) -> None:
    vba = (Path(xlwings.__file__).parent / "xlwings.bas").read_text(encoding="utf-8-sig")
    for machine in (windows(tmp_path), mac(tmp_path)):
        for key in setup.settings(machine):
            assert f'GetConfig("{key}"' in vba


@pytest.mark.parametrize("make", [windows, mac])
@pytest.mark.parametrize("own", [None, b"", OWN, OWN.replace(b"\r\n", b"\n"), OWN.rstrip()])
def test_removing_gives_back_every_byte(
    tmp_path: Path, make: Callable[[Path], PlantedMachine], own: bytes | None
) -> None:
    versions = {"accountplan": "0.1.0", "xlwings": xlwings.__version__}
    machine = replace(make(tmp_path), versions=versions)
    where = setup.places(machine)
    if own is not None:
        where.config.parent.mkdir(parents=True)
        where.config.write_bytes(own)
        where.addin.parent.mkdir(parents=True)
        where.addin.write_bytes(b"somebody's own file of that name")
    before = files(tmp_path)
    for _ in range(2):
        setup.install(machine, where, build)
    assert where.addin.read_bytes() == b"an add-in"
    assert setup.remove(where) == ()
    assert files(tmp_path) == before


def test_what_else_is_in_the_settings_stays(tmp_path: Path) -> None:
    machine = windows(tmp_path)
    where = setup.places(machine)
    where.config.parent.mkdir(parents=True)
    where.config.write_bytes(OWN)
    put(machine)
    held = where.config.read_bytes()
    assert setup.value_in(held, "SHOW CONSOLE") == "False"
    assert setup.value_in(held, "license_key") == "abc"
    assert setup.value_in(held, "INTERPRETER_WIN") == str(machine.interpreter)
    assert held.count(b"INTERPRETER_WIN") == 1


def test_settings_made_after_the_installation_survive_its_removal(tmp_path: Path) -> None:
    where = setup.places(windows(tmp_path))
    where.config.parent.mkdir(parents=True)
    where.config.write_bytes(OWN)
    put(windows(tmp_path))
    held = where.config.read_bytes().replace(b'CONSOLE","False"', b'CONSOLE","True"')
    where.config.write_bytes(held + b'"ONEDRIVE_WIN","D:\\OneDrive"\r\n')
    assert setup.remove(where) == ()
    assert where.config.read_bytes() == (
        OWN.replace(b'CONSOLE","False"', b'CONSOLE","True"') + b'"ONEDRIVE_WIN","D:\\OneDrive"\r\n'
    )


def test_a_setting_that_the_user_changed_since_stays_theirs(tmp_path: Path) -> None:
    where = put(windows(tmp_path))
    theirs = b'"INTERPRETER_WIN","D:\\python.exe"\r\n'
    where.config.write_bytes(theirs + b'"ADD_WORKBOOK_TO_PYTHONPATH","False"\r\n')
    setup.remove(where)
    assert where.config.read_bytes() == theirs


def test_settings_that_held_nothing_else_go_even_when_they_were_rearranged(tmp_path: Path) -> None:
    where = put(windows(tmp_path))
    where.config.write_bytes(b"".join(reversed(where.config.read_bytes().splitlines(True))))
    setup.remove(where)
    assert files(tmp_path) == {}


def test_an_add_in_that_was_signed_since_goes_all_the_same(tmp_path: Path) -> None:
    where = put(windows(tmp_path))
    where.addin.write_bytes(b"an add-in with a signature")
    assert setup.remove(where) == ()
    assert files(tmp_path) == {}


def test_a_script_that_was_changed_since_stays_and_is_told(tmp_path: Path) -> None:
    versions = {"accountplan": "0.1.0", "xlwings": xlwings.__version__}
    where = put(replace(mac(tmp_path), versions=versions))
    (script,) = where.scripts.iterdir() if where.scripts else ()
    script.write_bytes(b"theirs")
    assert setup.remove(where) == (str(script),)
    assert script.read_bytes() == b"theirs"
    assert setup.installed(where) is None


def test_a_newer_version_replaces_the_older_ones_script(tmp_path: Path) -> None:
    version = xlwings.__version__
    machine = replace(mac(tmp_path), versions={"accountplan": "0.1.0", "xlwings": version})
    where = put(machine)
    (script,) = where.scripts.iterdir() if where.scripts else ()
    old = script.rename(script.with_name("xlwings-0.1.0.applescript"))
    memory = where.memory / setup.MEMORY
    memory.write_text(memory.read_text().replace(script.name, old.name))
    put(machine, b"a newer add-in")
    assert [path.name for path in script.parent.iterdir()] == [script.name]
    assert where.addin.read_bytes() == b"a newer add-in"


def test_a_file_that_cannot_be_written_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = windows(tmp_path)
    where = setup.places(machine)
    where.addin.parent.mkdir(parents=True)
    where.addin.write_bytes(b"in use")
    before = files(tmp_path)
    swap = Path.replace

    def locked(self: Path, target: Path) -> Path:
        if Path(target) == where.config:
            raise PermissionError(13, "in use", str(target))
        return swap(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(SaveError, match=r"accountplan\.conf: cannot be replaced; close it"):
        setup.install(machine, where, build)
    assert files(tmp_path) == before


def test_a_builder_that_fails_changes_nothing(tmp_path: Path) -> None:
    machine = windows(tmp_path)

    def fails(path: Path) -> None:
        raise SaveError("no")

    with pytest.raises(SaveError):
        setup.install(machine, setup.places(machine), fails)
    assert files(tmp_path) == {}


def test_a_user_folder_with_any_letters_goes_by_its_variable(tmp_path: Path) -> None:
    home = tmp_path / "Zoë Müller"
    assert setup.settings(windows(home))["INTERPRETER_WIN"] == (
        "%USERPROFILE%/venv/Scripts/python.exe"
    )
    assert setup.settings(mac(home))["INTERPRETER_MAC"] == "$HOME/venv/bin/python"
    machine = windows(home)
    assert machine.expanded("%userprofile%/venv/Scripts/python.exe") == str(machine.interpreter)
    assert mac(home).expanded("$HOME/venv/bin/python") == str(mac(home).interpreter)


def test_a_path_that_excel_cannot_read_is_refused(tmp_path: Path) -> None:
    machine = replace(windows(tmp_path), interpreter=Path("/Programme für alle/python.exe"))
    with pytest.raises(SaveError, match="plain letters"):
        setup.install(machine, setup.places(machine), build)
    assert files(tmp_path) == {}


def test_linux_has_no_excel_but_a_named_folder_takes_everything(tmp_path: Path) -> None:
    machine = linux(tmp_path)
    with pytest.raises(WorkbookError, match=r"no Excel on Linux.*--to DIR"):
        setup.places(machine)
    where = setup.places(machine, tmp_path / "out")
    setup.install(machine, where, build)
    assert (tmp_path / "out/accountplan.xlam").read_bytes() == b"an add-in"
    assert (tmp_path / "out/accountplan.conf").read_bytes() == (
        b'"ADD_WORKBOOK_TO_PYTHONPATH","False"\n'
    )
    setup.remove(where)
    assert files(tmp_path) == {}


def test_a_folder_of_ones_own_takes_the_add_in_alone(tmp_path: Path) -> None:
    machine = windows(tmp_path)
    own = tmp_path / "Trusted"
    where = setup.places(machine, own)
    usual = setup.places(machine)
    memory = setup.install(machine, where, build)
    assert (own / "accountplan.xlam").exists() and not usual.addin.exists()
    assert usual.config.exists()
    assert setup.as_installed(usual, memory) == where
    setup.remove(usual)
    assert files(tmp_path) == {}


def test_removing_what_was_never_installed_does_nothing(tmp_path: Path) -> None:
    assert setup.remove(setup.places(windows(tmp_path))) == ()
    assert files(tmp_path) == {}


def test_a_broken_memory_names_its_file(tmp_path: Path) -> None:
    where = put(windows(tmp_path))
    (where.memory / setup.MEMORY).write_text("{")
    with pytest.raises(WorkbookError, match=r"addin\.json: cannot be read; delete it"):
        setup.remove(where)


def test_this_computer_answers_for_itself() -> None:
    machine = this_machine()
    assert machine.version_of("xlwings") == xlwings.__version__
    assert machine.version_of("no such package") is None
    assert any(need.startswith("pandas") for need in machine.needs_of("accountplan"))
