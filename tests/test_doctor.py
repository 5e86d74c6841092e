"""Does the doctor see what is wrong on a computer with Excel, and name the mend?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from accountplan.addin import doctor
from accountplan.addin import install as setup
from accountplan.addin.doctor import BROKEN, FINE, LOOK, NOT_HERE, Finding
from accountplan.udfs.errors import WorkbookError
from tests.support.machines import VERSIONS, PlantedMachine, linux, mac, windows

SECURITY = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security"
EXCEL = r"HKLM\Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
FROM_THE_INTERNET = "[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.com/\r\n"
MAC_EXCEL = "/Applications/Microsoft Excel.app/Contents/MacOS/Microsoft Excel"


LISTED = """Identifier: org.accountplan.calc
  Version: {version}
  URL: vnd.sun.star.expand:$UNO_USER_PACKAGES_CACHE/uno_packages/lu1.tmp_/accountplan.oxt
  is registered: {registered}
  bundled Packages: {{
      is registered: yes
  }}
"""


def healthy_windows(home: Path) -> PlantedMachine:
    """A laptop on which everything stands as it should."""
    machine = windows(home)
    startup = home / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
    machine.registry[EXCEL] = {"": r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"}
    machine.registry[rf"{SECURITY}\Trusted Locations\Location2"] = {"Path": f"{startup}\\"}
    machine.interpreter.parent.mkdir(parents=True)
    machine.interpreter.touch()
    (machine.interpreter.parents[1] / "xlwings64-0.37.8.dll").touch()
    setup.install(machine, setup.places(machine), lambda path: path.write_bytes(b"add-in"))
    office = home / "soffice"
    return replace(
        machine,
        programs={"soffice": office},
        prints={
            f"{office} --version": "LibreOffice 7.4.7.2 40(Build:2)",
            f"{home / 'unopkg'} list org.accountplan.calc": LISTED.format(
                version="0.1.0", registered="yes"
            ),
        },
    )


def healthy_mac(home: Path, monkeypatch: pytest.MonkeyPatch) -> PlantedMachine:
    machine = replace(mac(home), programs={MAC_EXCEL: Path(MAC_EXCEL)})
    machine.interpreter.parent.mkdir(parents=True)
    machine.interpreter.touch()
    where = setup.places(machine)
    assert where.scripts is not None
    script = where.scripts / "xlwings-0.37.8.applescript"
    monkeypatch.setattr(setup, "_scripts", lambda *_: {script: b"on VbaHandler"})
    setup.install(machine, where, lambda path: path.write_bytes(b"add-in"))
    return machine


def wrong(findings: Sequence[Finding]) -> dict[str, Finding]:
    """What is broken or worth a look, by its check."""
    return {each.check: each for each in findings if each.verdict in (LOOK, BROKEN)}


def only(machine: PlantedMachine, *paths: Path) -> Finding:
    """The one thing that is wrong."""
    (found,) = wrong(doctor.examine(machine, paths)).values()
    assert found.mend
    return found


def planted(
    machine: PlantedMachine, values: Mapping[str, Mapping[str, str | int]]
) -> PlantedMachine:
    for key, named in values.items():
        machine.registry[key] = {**machine.registry.get(key, {}), **named}
    return machine


def test_a_healthy_laptop_is_fine(tmp_path: Path) -> None:
    findings = doctor.examine(healthy_windows(tmp_path))
    assert {each.verdict for each in findings} == {FINE}
    assert not doctor.needs_a_look(findings)
    assert {"Python", "pandas", "xlwings", "pywin32", "Excel", "Add-in", "Settings"} <= {
        each.check for each in findings
    }
    assert "appscript" not in {each.check for each in findings}


def test_a_healthy_mac_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = doctor.examine(healthy_mac(tmp_path, monkeypatch))
    assert wrong(findings) == {}
    assert {"appscript", "psutil", "AppleScript"} <= {each.check for each in findings}
    functions = [each for each in findings if each.check == "Worksheet functions"]
    assert [each.verdict for each in functions] == [NOT_HERE]


def test_on_linux_what_concerns_excel_is_not_here(tmp_path: Path) -> None:
    findings = doctor.examine(linux(tmp_path))
    assert {each.check for each in findings if each.verdict == NOT_HERE} == {
        "Excel",
        "LibreOffice",
    }
    assert not doctor.needs_a_look(findings)


def test_before_the_installation_the_mend_is_to_install(tmp_path: Path) -> None:
    machine = windows(tmp_path)
    found = wrong(doctor.examine(machine))
    assert found["Add-in"].verdict == found["Settings"].verdict == BROKEN
    assert found["Add-in"].mend == found["Settings"].mend == "Run: accountplan addin install"


@pytest.mark.parametrize(
    ("package", "version", "what"),
    [
        ("pandas", "2.1.4", "2.1.4; needs 2.2 or newer"),
        ("pandas", None, "not installed; needs 2.2 or newer"),
        ("pywin32", "223", "223; needs 224 or newer"),
    ],
)
def test_a_package_that_is_too_old_or_missing(
    tmp_path: Path, package: str, version: str | None, what: str
) -> None:
    versions = {name: held for name, held in VERSIONS.items() if name != package}
    if version:
        versions[package] = version
    machine = replace(healthy_windows(tmp_path), versions=versions)
    found = only(machine)
    assert (found.check, found.verdict, found.what) == (package, BROKEN, what)
    assert found.mend == f'Run: "{machine.interpreter}" -m pip install --upgrade {package}'


@pytest.mark.parametrize("version", ["2.2", "2.2.0", "2.10.1", "3.0.0rc1", "2.2.post1"])
def test_versions_compare_as_numbers(tmp_path: Path, version: str) -> None:
    machine = replace(healthy_windows(tmp_path), versions={**VERSIONS, "pandas": version})
    assert wrong(doctor.examine(machine)) == {}


def test_an_old_python(tmp_path: Path) -> None:
    found = only(replace(healthy_windows(tmp_path), python=(3, 10, 4)))
    assert (found.check, found.verdict) == ("Python", BROKEN)
    assert "3.11 or newer" in found.mend


def test_another_interpreter_than_the_settings_name(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    other = machine.interpreter.with_name("python3.exe")
    other.touch()
    found = only(replace(machine, interpreter=other))
    assert (found.check, found.verdict) == ("Settings", BROKEN)
    assert str(other) in found.what and str(machine.interpreter) in found.what


def test_an_interpreter_that_is_gone(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    machine.interpreter.unlink()
    assert only(machine).what == f"{machine.interpreter}: is no longer there"


@pytest.mark.parametrize("package", ["accountplan", "xlwings"])
def test_an_add_in_of_another_version(tmp_path: Path, package: str) -> None:
    # Without LibreOffice, whose extension would be of another version too.
    machine = replace(healthy_windows(tmp_path), programs={})
    (machine.interpreter.parents[1] / "xlwings64-9.9.9.dll").touch()
    found = only(replace(machine, versions={**VERSIONS, package: "9.9.9"}))
    assert found.what == f"made by {package} {VERSIONS[package]}, but 9.9.9 is installed"


def test_an_add_in_that_was_changed(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    setup.places(machine).addin.write_bytes(b"other")
    assert only(machine).what.endswith("changed since it was installed")


def test_an_add_in_in_a_folder_of_ones_own_is_found(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    where = setup.places(machine, tmp_path / "Trusted")
    setup.install(machine, where, lambda path: path.write_bytes(b"add-in"))
    found = wrong(doctor.examine(machine))
    assert set(found) == {"Trusted locations"}
    assert str(where.addin.parent) in found["Trusted locations"].what


def test_a_dll_of_another_version(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    folder = machine.interpreter.parents[1]
    (folder / "xlwings64-0.37.8.dll").rename(folder / "xlwings64-0.36.0.dll")
    found = only(machine)
    assert (found.check, found.verdict) == ("xlwings DLL", BROKEN)
    assert found.what.endswith("there is xlwings64-0.36.0.dll")
    assert found.mend.endswith("xlwings==0.37.8")


def test_a_dll_that_pip_put_into_the_users_own_folder(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    name = "xlwings64-0.37.8.dll"
    own = Path(machine.environment["APPDATA"]) / "Python"
    own.mkdir()
    (machine.interpreter.parents[1] / name).rename(own / name)
    assert "venv" in only(machine).mend


def test_a_mac_without_the_script_that_starts_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = healthy_mac(tmp_path, monkeypatch)
    where = setup.places(machine)
    assert where.scripts is not None
    (where.scripts / "xlwings-0.37.8.applescript").unlink()
    assert (only(machine).check, only(machine).verdict) == ("AppleScript", BROKEN)


@pytest.mark.parametrize(
    ("values", "check", "verdict", "word"),
    [
        ({SECURITY: {"VBAWarnings": 1}}, "Macros", LOOK, "all run"),
        ({SECURITY: {"VBAWarnings": 3}}, "Macros", LOOK, "signed ones only"),
        ({SECURITY: {"VBAWarnings": 4}}, "Macros", LOOK, "none run"),
        (
            {SECURITY: {"VBAWarnings": 1}, POLICY: {"VBAWarnings": 4}},
            "Macros",
            LOOK,
            "your organisation has set",
        ),
        ({POLICY: {"RequireAddinSig": 1}}, "Macros", BROKEN, "must be signed"),
        (
            {POLICY.replace("Microsoft", r"Microsoft\Cloud", 1): {"VBAWarnings": 3}},
            "Macros",
            LOOK,
            "your organisation has set",
        ),
        ({POLICY: {"DisableAllAddins": 1}}, "Macros", BROKEN, "no add-ins"),
        (
            {r"HKCU\Software\Policies\Microsoft\Office\16.0\Common": {"VBAOff": 1}},
            "Macros",
            BROKEN,
            "switched off for all of Office",
        ),
        (
            {rf"{POLICY}\Trusted Locations": {"AllLocationsDisabled": 1}},
            "Trusted locations",
            LOOK,
            "AllLocationsDisabled",
        ),
    ],
)
def test_what_the_settings_and_policies_forbid(
    tmp_path: Path,
    values: Mapping[str, Mapping[str, str | int]],
    check: str,
    verdict: str,
    word: str,
) -> None:
    found = only(planted(healthy_windows(tmp_path), values))
    assert (found.check, found.verdict) == (check, verdict)
    assert word in found.what


def test_a_policy_wins_over_the_users_own_setting(tmp_path: Path) -> None:
    values = {SECURITY: {"VBAWarnings": 4}, POLICY: {"VBAWarnings": 2}}
    assert wrong(doctor.examine(planted(healthy_windows(tmp_path), values))) == {}


@pytest.mark.parametrize(("setting", "verdict"), [(2, LOOK), (4, BROKEN)])
def test_a_start_up_folder_that_is_not_trusted(tmp_path: Path, setting: int, verdict: str) -> None:
    machine = healthy_windows(tmp_path)
    machine.registry[rf"{SECURITY}\Trusted Locations\Location2"] = {"Path": r"C:\Elsewhere"}
    machine.registry[SECURITY] = {"VBAWarnings": setting}
    found = wrong(doctor.examine(machine))["Trusted locations"]
    assert found.verdict == verdict
    assert "Add new location" in found.mend


def test_a_trusted_location_may_hold_variables_and_folders(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    machine.registry[rf"{SECURITY}\Trusted Locations\Location2"] = {
        "Path": "%AppData%\\Microsoft\\",
        "AllowSubFolders": 1,
    }
    assert wrong(doctor.examine(machine)) == {}


def test_the_newest_excel_that_was_started_counts(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    older = {key.replace("16.0", "15.0"): value for key, value in machine.registry.items()}
    older[SECURITY.replace("16.0", "15.0")] = {"VBAWarnings": 4}
    assert "none run" in only(replace(machine, registry=older)).what


@pytest.mark.parametrize(
    ("preference", "value", "word"),
    [
        ("VisualBasicMacroExecutionState", "DisabledWithoutWarnings", "none run"),
        ("VisualBasicEntirelyDisabled", True, "switched off"),
        ("DisableVisualBasicMacScript", True, "no AppleScript"),
    ],
)
def test_what_a_macs_preferences_forbid(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    preference: str,
    value: object,
    word: str,
) -> None:
    machine = healthy_mac(tmp_path, monkeypatch)
    found = only(replace(machine, preferred={"com.microsoft.office": {preference: value}}))
    assert (found.check, found.verdict) == ("Macros", BROKEN)
    assert word in found.what


def test_files_from_the_internet(tmp_path: Path) -> None:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    for name in ("plain.xlsx", "buttons.xlsm", "own.xlsm", "intranet.xlsm", "~$buttons.xlsm"):
        (folder / name).touch()
    marks = {
        "plain.xlsx": FROM_THE_INTERNET,
        "buttons.xlsm": FROM_THE_INTERNET,
        "intranet.xlsm": FROM_THE_INTERNET.replace("=3", "=1"),
    }
    machine = replace(healthy_windows(tmp_path), marks=marks)
    found = {
        Path(each.what.split(":")[0]).name: each.verdict
        for each in doctor.examine(machine, [folder])
        if each.check == "Blocked files"
    }
    assert found == {"plain.xlsx": LOOK, "buttons.xlsm": BROKEN}
    trusted = rf"{SECURITY}\Trusted Locations\Location7"
    assert wrong(doctor.examine(planted(machine, {trusted: {"Path": str(folder)}}), [folder])) == {}


def test_where_the_organisation_lets_excel_ask_about_files_from_the_internet(
    tmp_path: Path,
) -> None:
    book = tmp_path / "buttons.xlsm"
    book.touch()
    machine = replace(healthy_windows(tmp_path), marks={book.name: FROM_THE_INTERNET})
    assert only(machine, book).verdict == BROKEN
    planted(machine, {POLICY: {"blockcontentexecutionfrominternet": 0}})
    assert only(machine, book).verdict == LOOK


def test_a_blocked_add_in(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    machine.registry[rf"{SECURITY}\Trusted Locations\Location2"] = {"Path": r"C:\Elsewhere"}
    machine = replace(machine, marks={"accountplan.xlam": FROM_THE_INTERNET})
    found = wrong(doctor.examine(machine))["Blocked files"]
    assert found.verdict == BROKEN
    assert "Unblock" in found.mend


def test_a_macs_quarantine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "book.xlsm"
    book.touch()
    machine = healthy_mac(tmp_path, monkeypatch)
    found = only(replace(machine, marks={"book.xlsm": "0083;665c9b1e;Mail;"}), book)
    assert (found.verdict, found.mend) == (
        LOOK,
        f"If you trust it, run: xattr -d com.apple.quarantine '{book}'",
    )


def test_workbooks_in_a_synced_folder(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    personal, team = tmp_path / "OneDrive - Firm", tmp_path / "Firm" / "Sales - Documents"
    for folder in (personal, team):
        folder.mkdir(parents=True)
        (folder / "team.xlsx").touch()
    (tmp_path / "local.xlsx").touch()
    engines = r"HKCU\Software\SyncEngines\Providers\OneDrive\0123"
    machine.registry[engines] = {"MountPoint": str(team)}
    environment = {**machine.environment, "OneDriveCommercial": str(personal)}
    machine = replace(machine, environment=environment)
    found = [
        each
        for each in doctor.examine(machine, [personal, team, tmp_path / "local.xlsx"])
        if each.check == "OneDrive"
    ]
    assert [each.verdict for each in found] == [LOOK, LOOK]
    assert all("AutoSave" in each.mend for each in found)
    assert {str(personal), str(team)} == {
        folder for folder in (str(personal), str(team)) if any(folder in f.what for f in found)
    }


def test_a_synced_workbook_whose_place_is_searched_for(tmp_path: Path) -> None:
    machine = healthy_windows(tmp_path)
    book = tmp_path / "OneDrive" / "team.xlsx"
    book.parent.mkdir()
    book.touch()
    machine = replace(machine, environment={**machine.environment, "OneDrive": str(book.parent)})
    config = setup.places(machine).config
    config.write_bytes(config.read_bytes().replace(b'"False"', b'"True"'))
    assert (only(machine, book).check, only(machine, book).verdict) == ("OneDrive", BROKEN)


def test_a_folder_that_the_system_keeps_shut_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = healthy_mac(tmp_path, monkeypatch)
    config = setup.places(machine).config
    look = Path.exists

    def shut(self: Path) -> bool:
        if self == config:
            raise PermissionError(1, "Operation not permitted", str(self))
        return look(self)

    monkeypatch.setattr(Path, "exists", shut)
    found = only(machine)
    assert (found.check, found.verdict) == ("Settings", LOOK)
    assert "Full Disk Access" in found.mend


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="is not there"):
        doctor.examine(linux(tmp_path), [tmp_path / "missing.xlsx"])


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("LibreOffice 24.2.1.2 abc", FINE), ("LibreOffice 6.0.7.3", LOOK), ("", LOOK)],
)
def test_libreoffice_and_its_version(tmp_path: Path, said: str, verdict: str) -> None:
    office = tmp_path / "soffice"
    machine = replace(
        linux(tmp_path),
        programs={"libreoffice": office},
        prints={f"{office} --version": said} if said else {},
    )
    found = [each for each in doctor.examine(machine) if each.check == "LibreOffice"]
    assert [each.verdict for each in found] == [verdict]


@pytest.mark.parametrize(
    ("version", "registered", "where", "verdict", "what"),
    [
        ("0.1.0", "yes", "", FINE, "0.1.0, registered"),
        ("0.1.0", "yes", "--shared ", FINE, "0.1.0, registered"),
        ("0.1.0", "no", "", BROKEN, "0.1.0, but it is switched off"),
        ("0.0.9", "yes", "", BROKEN, "made by accountplan 0.0.9, but 0.1.0 is installed"),
    ],
)
def test_the_extension_for_calc(
    tmp_path: Path, version: str, registered: str, where: str, verdict: str, what: str
) -> None:
    office = tmp_path / "soffice"
    listed = LISTED.format(version=version, registered=registered)
    prints = {f"{tmp_path / 'unopkg'} list {where}org.accountplan.calc": listed}
    machine = replace(linux(tmp_path), programs={"soffice": office}, prints=prints)
    found = [each for each in doctor.examine(machine) if each.check == "Calc extension"]
    assert [(each.verdict, each.what) for each in found] == [(verdict, what)]
    assert bool(found[0].mend) == (verdict == BROKEN)


def test_an_extension_that_is_not_there_is_nothing_to_worry_about(tmp_path: Path) -> None:
    machine = replace(linux(tmp_path), programs={"soffice": tmp_path / "soffice"})
    found = [each for each in doctor.examine(machine) if each.check == "Calc extension"]
    assert [each.verdict for each in found] == [NOT_HERE]
    assert found[0].mend == "If you want those: run: accountplan addin install --calc"


def test_the_report_is_one_object_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = doctor.examine(windows(tmp_path))
    told = json.loads(json.dumps(doctor.as_json(findings)))
    assert told["verdict"] == BROKEN
    assert set(told["checks"][0]) == {"check", "verdict", "what", "mend"}
    doctor.show(findings)
    page = capsys.readouterr().out
    assert "broken    Add-in: not in" in page
    assert page.rstrip().endswith("look.")


def test_the_doctor_comes_when_packages_are_missing() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['pandas', 'numpy', 'xlwings', 'rich']));"
        "from accountplan.addin import doctor, machine;"
        "doctor.show(doctor.examine(machine.this_machine()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Python" in ran.stdout


def test_every_requirement_of_the_package_is_understood() -> None:
    from importlib.metadata import requires

    for requirement in requires("accountplan") or ():
        if "extra" not in requirement:
            name, oldest = doctor._needed(requirement, "Linux")
            assert name.isprintable() and doctor._numbers(oldest), requirement
