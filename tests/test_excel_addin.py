"""Does the add-in hold what Excel needs: modules that parse, a ribbon whose buttons all work?

LibreOffice stands in for Excel's VBA: it parses every module and runs what can run there.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
import xlwings
from lxml import etree
from oletools.olevba import VBA_Parser

from accountplan.addin.cli import main
from accountplan.addin.excel import packages, xlwings_vba
from accountplan.addin.excel.buttons import BUTTONS, GROUPS, Account, File
from accountplan.addin.excel.vba_project import Kind, Module
from accountplan.addin.excel.vba_text import (
    RESERVED,
    argument_names,
    functions_module,
    wizard_module,
)
from accountplan.udfs import words as w
from accountplan.udfs import worksheet
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.form_buttons import PLACES
from tests.support.office import Office
from tests.support.validator import validate

UI = "{http://schemas.microsoft.com/office/2006/01/customui}"

# Icons that Excel has had since 2007 under the names of its own commands, as in Microsoft's
# "Office Fluent User Interface Control Identifiers", ExcelControls.
KNOWN_ICONS = {
    "ChartTypeXYScatterInsertGallery",
    "ConditionalFormattingDataBarsGallery",
    "Consolidate",
    "DataValidation",
    "FileSendAsAttachment",
    "Filter",
    "GetExternalDataFromText",
    "ImportSavedImports",
    "Reply",
    "ReviewShowAllComments",
    "SheetInsert",
    "Undo",
    "WhatIfAnalysisMenu",
}

# What a host other than Excel puts in the place of AccountPlanPython. It remembers what it is
# asked, and answers as xlwings does: errors by their names.
STAND_IN = """Option VBASupport 1
Private Heard As String
Private Wanted As Variant

Public Function RunPythonOf(ByVal Command As String) As String
    Heard = Command
End Function

Public Function AskPython(ByVal FunctionName As String, ByVal Arguments As Variant) As Variant
    Dim Place As Long
    Heard = FunctionName
    For Place = 0 To UBound(Arguments)
        If IsMissing(Arguments(Place)) Then
            Heard = Heard & "|missing"
        Else
            Heard = Heard & "|" & Arguments(Place)
        End If
    Next Place
    AskPython = Wanted
End Function

Public Function OnMac() As Boolean
End Function

Public Function LastHeard() As String
    LastHeard = Heard
End Function

Public Sub WantText(ByVal Answer As String)
    Wanted = Answer
End Sub

Public Sub WantTable()
    Dim Table(1 To 2, 1 To 2) As Variant
    Table(1, 1) = "#NUM!"
    Table(1, 2) = 2
    Table(2, 1) = "Slam dunk"
    Table(2, 2) = "#N/A"
    Wanted = Table
End Sub

Public Function Shown() As String
    Dim Given As Variant
    Dim Row As Long
    Dim Column As Long
    Given = quadrant(1, 2, 3)
    If Not IsArray(Given) Then
        Shown = IIf(IsError(Given), "error", Given)
        Exit Function
    End If
    For Row = LBound(Given) To UBound(Given)
        For Column = LBound(Given, 2) To UBound(Given, 2)
            If IsError(Given(Row, Column)) Then
                Shown = Shown & "error "
            Else
                Shown = Shown & Given(Row, Column) & " "
            End If
        Next Column
    Next Row
End Function
"""


@pytest.fixture(scope="module")
def addin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("addin") / "accountplan.xlam"
    packages.build_addin(path)
    return path


@cache
def modules() -> Mapping[str, Module]:
    return {module.name: module for module in packages.addin_modules()}


def procedures(text: str) -> Iterator[tuple[str, str, str]]:
    """Each procedure that a module makes public: kind, name, arguments."""
    yield from re.findall(r"^(?:Public )?(Sub|Function) (\w+)\((.*?)\)", text, re.MULTILINE)


def subs() -> dict[str, str]:
    """Every public Sub of the modules that we write: name -> arguments."""
    return {
        name: arguments
        for module in modules().values()
        if module.name.startswith("AccountPlan")
        for kind, name, arguments in procedures(module.text)
        if kind == "Sub"
    }


def ribbon(addin: Path) -> etree._Element:
    with zipfile.ZipFile(addin) as package:
        return etree.fromstring(package.read("customUI/customUI.xml"))


# --- The file -----------------------------------------------------------------------


def test_the_add_in_is_valid(addin: Path) -> None:
    assert validate([addin]) == {addin: []}


def test_two_builds_are_the_same_to_the_byte(addin: Path, tmp_path: Path) -> None:
    packages.build_addin(tmp_path / "again.xlam")
    assert (tmp_path / "again.xlam").read_bytes() == addin.read_bytes()


def test_every_module_reads_back_unchanged(addin: Path) -> None:
    parser = VBA_Parser(str(addin))
    found = {name.rpartition("/")[2]: text for _, _, name, text in parser.extract_all_macros()}
    parser.close()
    ending = {Kind.STANDARD: ".bas", Kind.CLASS: ".cls", Kind.DOCUMENT: ".cls"}
    expected = {name + ending[each.kind]: each.source for name, each in modules().items()}
    assert {name: text.encode("cp1252") for name, text in found.items()} == expected


def test_no_line_is_longer_than_vba_allows() -> None:
    # The editor takes 1,023 letters a line and 24 continued lines.
    for module in modules().values():
        lines = module.text.splitlines()
        assert max(len(line) for line in lines) <= 1023, module.name
        runs = re.findall(r"(?:.* _\n){25,}", module.text)
        assert runs == [], module.name


def test_the_command_writes_the_add_in(
    tmp_path: Path, addin: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made.xlam"
    assert main(["addin", "build", "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert out.read_bytes() == addin.read_bytes()
    assert main(["addin", "build", "--out", str(out)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["addin", "build", "--out", str(tmp_path / "made.xlsx")]) == 2
    assert ".xlam" in capsys.readouterr().err
    assert not (tmp_path / "made.xlsx").exists()


# --- xlwings' part ------------------------------------------------------------------


def test_xlwings_vba_is_that_of_the_installed_version() -> None:
    for name in (xlwings_vba.IN_WORKBOOKS, xlwings_vba.IN_ADDINS):
        text = xlwings_vba.bridge(name)
        assert f'Public Const XLWINGS_VERSION As String = "{xlwings.__version__}"' in text
        assert "xlwings is distributed under a BSD 3-clause license." in text
    assert "@license: MIT" in xlwings_vba.dictionary()


def test_our_settings_are_read_and_nobody_elses() -> None:
    text = xlwings_vba.bridge(xlwings_vba.IN_ADDINS)
    assert 'Public Const PROJECT_NAME As String = "accountplan"' in text
    assert text.count("Public Const PROJECT_NAME") == 1


def test_what_is_known_of_the_program_is_settled_and_the_rest_stays() -> None:
    for name in (xlwings_vba.IN_WORKBOOKS, xlwings_vba.IN_ADDINS):
        text = xlwings_vba.bridge(name)
        assert not re.search(r"#(Else)?If App\b", text)
        assert "Microsoft Word" not in text
        assert text.count("#If ") == text.count("#End If") > 10
        # For Excel: the same procedures as shipped, but those that only xlwings' ribbon calls.
        shipped = Path(xlwings.__file__).with_name(name).read_text(encoding="utf-8")
        before = {each for _, each, _ in procedures(shipped)}
        after = {each for _, each, _ in procedures(text)}
        assert after < before
        called = set(re.findall(r"\w+", re.sub(r"'.*", "", text)))
        assert (before - after) & called == set()


# --- The buttons --------------------------------------------------------------------


def test_every_button_is_on_the_ribbon_in_the_group_of_its_user(addin: Path) -> None:
    groups = {
        group.get("label"): [button.get("label") for button in group]
        for group in ribbon(addin).iter(f"{UI}group")
    }
    assert groups == {
        name: [each.label for each in BUTTONS if each.group == name] for name in GROUPS
    }
    assert [tab.get("label") for tab in ribbon(addin).iter(f"{UI}tab")] == ["Account Plan"]


def test_the_ribbon_is_complete_and_unambiguous(addin: Path) -> None:
    root = ribbon(addin)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    keys = [each.get("keytip") for each in root.iter(f"{UI}button")]
    assert len(set(ids)) == len(ids)
    assert len(set(keys)) == len(keys) == len(BUTTONS)
    for button in root.iter(f"{UI}button"):
        assert button.get("imageMso") in KNOWN_ICONS
        assert 0 < len(button.get("keytip")) <= 3
        assert 0 < len(button.get("screentip")) <= 1024
        assert 0 < len(button.get("supertip")) <= 1024


def test_every_button_of_the_ribbon_calls_a_sub_that_is_there(addin: Path) -> None:
    for button in ribbon(addin).iter(f"{UI}button"):
        module, _, name = button.get("onAction").partition(".")
        assert ("Sub", name, "control As IRibbonControl") in [*procedures(modules()[module].text)]


def test_excel_offers_the_buttons_as_macros_and_nothing_else_of_ours() -> None:
    offered = {
        name
        for module in modules().values()
        if module.name.startswith("AccountPlan") and "Option Private Module" not in module.text
        for kind, name, arguments in procedures(module.text)
        if kind == "Sub" and not arguments
    }
    assert offered == {button.sub for button in BUTTONS}


def test_excel_offers_the_worksheet_functions_and_nothing_else_of_ours() -> None:
    offered = {
        name
        for module in modules().values()
        if module.name.startswith("AccountPlan") and "Option Private Module" not in module.text
        for kind, name, _ in procedures(module.text)
        if kind == "Function"
    }
    assert offered == set(worksheet.FUNCTIONS)


def test_every_button_has_a_sub_without_arguments() -> None:
    for button in BUTTONS:
        assert subs()[button.sub] == ""


def test_the_table_names_each_macro_sheet_and_argument_as_they_are() -> None:
    assert len({each.macro for each in BUTTONS}) == len(BUTTONS)
    for button in BUTTONS:
        assert button.group in GROUPS
        assert set(button.sheets) <= set(PLACES)
        assert set(button.kinds) <= set(c.KINDS)
    first = {
        "import_crm",
        "score_accounts",
        "build_quadrant_grid",
        "compute_funnel_targets",
        "add_plan_tab",
        "check_plans",
        "review_summary",
        "restore_last",
    }
    assert first <= {each.macro for each in BUTTONS}


@pytest.mark.skipif(
    importlib.util.find_spec("accountplan.addin.macros") is None, reason="macros come with it"
)
def test_every_macro_has_a_button_and_every_question_an_argument() -> None:
    macros = importlib.import_module("accountplan.addin.macros")
    scripts = {
        name: each
        for name, each in vars(macros).items()
        if inspect.isfunction(each) and each.__module__ == macros.__name__ and name[0] != "_"
    }
    assert {each.macro for each in BUTTONS} == set(scripts)
    for button in BUTTONS:
        first, *takes = inspect.signature(scripts[button.macro]).parameters.values()
        assert first.name == "book"
        asked = {each.argument for each in button.asks}
        assert asked <= {each.name for each in takes}
        needed = {each.name for each in takes if each.default is inspect.Parameter.empty}
        assert needed <= asked


def test_a_press_tells_python_the_macro(office: Office, addin: Path) -> None:
    plain = [each for each in BUTTONS if not each.asks]
    calls = []
    for button in plain:
        calls.append(("AccountPlanButtons", button.sub, ()))
        calls.append(("AccountPlanPython", "LastHeard", ()))
    _, answers = office.run_macros(addin, calls, {"AccountPlanPython": STAND_IN})
    assert answers[1::2] == [
        f"from accountplan.addin.press import press; press('{each.macro}')" for each in plain
    ]


def test_a_text_reaches_python_as_its_utf_16_code_units(office: Office, addin: Path) -> None:
    texts = ["Nö 'quoted' \"1\"", "Łódź & Søn", "東京", "C:\\Daten\\konten.csv", ""]
    calls = [("AccountPlanPress", "HexOf", (text,)) for text in texts]
    _, answers = office.run_macros(addin, calls)
    assert answers == [text.encode("utf-16-be").hex().upper() for text in texts]


def test_questions_become_arguments_by_name(office: Office, addin: Path) -> None:
    answering = """Option VBASupport 1
Public Function AskFile(Given As String, ByVal Name As String, ByVal Text As String) As Boolean
    Given = Given & ", " & Name & "='file'"
    AskFile = True
End Function
Public Sub AskMore(Given As String, ByVal Name As String, ByVal Text As String)
    Given = Given & ", " & Name & "='more'"
End Sub
Public Function AskAccount(Given As String, ByVal Name As String, ByVal Text As String) As Boolean
    Given = Given & ", " & Name & "='account'"
    AskAccount = True
End Function
Public Sub PressMacro(ByVal Macro As String, ByVal Given As String)
    RunPythonOf Macro & Given
End Sub
Public Sub TellError(ByVal Description As String)
    RunPythonOf Description
End Sub
"""
    asking = [each for each in BUTTONS if each.asks]
    calls = []
    for button in asking:
        calls.append(("AccountPlanButtons", button.sub, ()))
        calls.append(("AccountPlanPython", "LastHeard", ()))
    stand_ins = {"AccountPlanPython": STAND_IN, "AccountPlanPress": answering}
    _, answers = office.run_macros(addin, calls, stand_ins)

    def answer(each: File | Account) -> str:
        if isinstance(each, Account):
            return f", {each.argument}='account'"
        return f", {each.argument}='{'more' if each.optional else 'file'}'"

    assert answers[1::2] == [each.macro + "".join(map(answer, each.asks)) for each in asking]


@pytest.mark.parametrize(
    ("interpreter", "told"),
    [
        ("", "does not know its Python"),
        ("C:\\Python\\python.exe", "no longer where it was"),
        ("python", ""),
    ],
)
def test_where_python_is_not_set_up_a_button_says_so_in_one_line(
    office: Office, addin: Path, interpreter: str, told: str
) -> None:
    of_xlwings = f"""Option VBASupport 1
Private Ran As String
Public Function GetConfig(Key As String, Optional default As String = "") As Variant
    If Key = "INTERPRETER_WIN" Then GetConfig = "{interpreter}" Else GetConfig = default
End Function
Public Function RunPython(Command As String)
    Ran = Command
End Function
Public Function LastRun() As String
    LastRun = Ran
End Function
"""
    calls = [("AccountPlanPython", "RunPythonOf", ("pass",)), ("xlwings", "LastRun", ())]
    _, (answer, ran) = office.run_macros(addin, calls, {"xlwings": of_xlwings})
    assert told in answer
    assert ("accountplan addin install" in answer) == bool(told)
    assert "\n" not in answer
    assert ran == ("" if told else "pass")


def test_texts_in_vba_are_those_of_the_contract() -> None:
    text = modules()["AccountPlanPress"].text
    assert f'ACCOUNT_COLUMN As String = "{w.ACCOUNT}"' in text
    python = modules()["AccountPlanPython"].text
    assert f'FUNCTIONS As String = "{worksheet.__name__}"' in python
    answers = modules()["AccountPlanAnswers"].text
    assert f'CATEGORY As String = "{worksheet.CATEGORY}"' in answers


def test_no_branch_of_ours_rests_on_conditional_compilation() -> None:
    # LibreOffice reads all branches.
    for module in modules().values():
        if module.name.startswith("AccountPlan"):
            assert "#If" not in re.sub(r"'.*", "", module.text), module.name


# --- The worksheet functions --------------------------------------------------------


def test_every_function_has_a_wrapper_with_its_arguments() -> None:
    found = {
        name: arguments
        for kind, name, arguments in re.findall(
            r"^Public (Sub|Function) (\w+)\((.*)\) As Variant$", functions_module(), re.MULTILINE
        )
        if kind == "Function"
    }
    assert set(found) == set(worksheet.FUNCTIONS)
    for name, function in worksheet.FUNCTIONS.items():
        described = worksheet.describe(function)
        given = found[name].split(", ")
        assert len(given) == len(described.arguments)
        for text, argument in zip(given, described.arguments, strict=True):
            assert text.startswith("Optional ") == (argument.optional and not argument.repeats)
            assert text.startswith("ParamArray ") == argument.repeats
        assert {each.casefold() for each in argument_names(described)} & RESERVED == set()


def test_the_wizard_learns_every_function_and_argument() -> None:
    text = wizard_module()
    for name, function in worksheet.FUNCTIONS.items():
        described = worksheet.describe(function)
        body = re.search(rf"^Private Sub Describe_{name}\(\)\n(.*?)^End Sub", text, re.M | re.S)
        assert body
        assert f"    Describe_{name}\n" in text
        texts = re.findall(r'"((?:[^"]|"")*)"', body[1])
        told = [each.replace('""', '"') for each in texts]
        assert told == [name, described.summary, *(each.help for each in described.arguments)]


def test_arguments_reach_python_in_their_order(office: Office, addin: Path) -> None:
    calls: list[tuple[str, str, tuple[float, ...]]] = []
    expected = []
    for name, function in worksheet.FUNCTIONS.items():
        known = worksheet.describe(function).arguments
        every = tuple(float(at) for at in range(1, len(known) + 1))
        needed = tuple(float(at) for at, each in enumerate(known, 1) if not each.optional)
        for given in {every, needed}:
            calls.append(("AccountPlanFunctions", name, given))
            calls.append(("AccountPlanPython", "LastHeard", ()))
            missing = 0 if known[-1].repeats else len(known) - len(given)
            expected.append("|".join([name, *(f"{v:g}" for v in given), *["missing"] * missing]))
    _, answers = office.run_macros(addin, calls, {"AccountPlanPython": STAND_IN})
    assert answers[1::2] == expected


def test_errors_become_real_ones_and_other_answers_stay(office: Office, addin: Path) -> None:
    calls: list[tuple[str, str, tuple[str, ...]]] = []
    for text in ("#VALUE!", "#NAME?", "#DIV/0!", "Big bet", "#VALUE! is no error"):
        calls.append(("AccountPlanPython", "WantText", (text,)))
        calls.append(("AccountPlanPython", "Shown", ()))
    calls.append(("AccountPlanPython", "WantTable", ()))
    calls.append(("AccountPlanPython", "Shown", ()))
    _, answers = office.run_macros(addin, calls, {"AccountPlanPython": STAND_IN})
    assert answers[1::2] == [
        "error",
        "error",
        "error",
        "Big bet",
        "#VALUE! is no error",
        "error 2 Slam dunk error ",
    ]


def test_without_python_a_function_gives_an_error(office: Office, addin: Path) -> None:
    failing = STAND_IN.replace("    AskPython = Wanted\n", "    Err.Raise 1000\n")
    assert failing != STAND_IN
    _, answers = office.run_macros(
        addin, [("AccountPlanPython", "Shown", ())], {"AccountPlanPython": failing}
    )
    assert answers == ["error"]


def test_every_error_of_the_model_has_its_number() -> None:
    from accountplan.udfs.cells import CellError

    # Excel's XlCVError, as xlwings has it too.
    numbers = {
        "#NULL!": 2000,
        "#DIV/0!": 2007,
        "#VALUE!": 2015,
        "#REF!": 2023,
        "#NAME?": 2029,
        "#NUM!": 2036,
        "#N/A": 2042,
    }
    found = re.findall(
        r'Case "(#.*?)": ErrorOr = CVErr\((\d+)\)', modules()["AccountPlanAnswers"].text
    )
    assert {name: int(number) for name, number in found} == numbers
    assert {str(each) for each in CellError} == set(numbers)
