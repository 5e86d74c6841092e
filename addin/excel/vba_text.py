"""The VBA that is written from tables: a Sub per button, a Function per worksheet function.

What Excel should not offer to users, as macros or functions, stands in private modules.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ...udfs import worksheet
from ...udfs.worksheet import Description
from .buttons import Account, Button, File

BUTTONS_MODULE: Final = "AccountPlanButtons"
FUNCTIONS_MODULE: Final = "AccountPlanFunctions"
WIZARD_MODULE: Final = "AccountPlanWizard"
RIBBON_MODULE: Final = "AccountPlanRibbon"
RIBBON_CALL: Final = "Ribbon"
LONGEST_HELP: Final = 255
"""Excel cuts descriptions of functions and arguments there."""

# Words that VBA keeps for itself. Source: MS-VBAL, section 3.3.5.2, and Base of Option Base.
_RESERVED_WORDS: Final = """
abs addressof and any array as attribute base boolean byref byte byval call case cbool cbyte
ccur cdate cdbl cdecl cdec cint circle clng clnglng clngptr close const csng cstr currency cvar
cverr date debug decimal declare defbool defbyte defcur defdate defdbl defint deflng deflnglng
deflngptr defobj defsng defstr defvar dim do doevents double each else elseif empty end endif
enum eqv erase event exit false fix for friend function get global gosub goto if imp implements
in input inputb int integer is lbound len lenb let like linestring lock long longlong longptr
loop lset me mod new next not nothing null on open option optional or paramarray preserve print
private pset public put raiseevent redim rem resume return rset scale seek select set sgn shared
single spc static stop string sub tab then to true type typeof ubound unlock until variant wend
while width with withevents write xor
"""
RESERVED: Final = frozenset(_RESERVED_WORDS.split())


def buttons_module(buttons: Iterable[Button]) -> str:
    """A Sub per button: it asks what the macro needs to know, and presses it."""
    return _module(BUTTONS_MODULE, [_sub(button) for button in buttons])


def _sub(button: Button) -> str:
    lines = [f"' {button.tip}.", f"Public Sub {button.sub}()"]
    if button.asks:
        lines.append("    Dim Given As String")
    lines.append("    On Error GoTo Failed")
    lines += [f"    {_question(each)}" for each in button.asks]
    lines += [
        f"    PressMacro {_text(button.macro)}, {'Given' if button.asks else _text('')}",
        "    Exit Sub",
        "Failed:",
        "    TellError Err.Description",
        "End Sub",
    ]
    return "\n".join(lines)


def _question(asked: File | Account) -> str:
    arguments = f"Given, {_text(asked.argument)}, {_text(asked.question)}"
    if isinstance(asked, Account):
        return f"If Not AskAccount({arguments}) Then Exit Sub"
    if asked.optional:
        return f"AskMore {arguments}"
    return f"If Not AskFile({arguments}) Then Exit Sub"


def ribbon_module(buttons: Iterable[Button]) -> str:
    """What the ribbon calls: the Subs again, with the argument that it passes."""
    subs = (
        f"Public Sub {ribbon_call(button)}(control As IRibbonControl)\n    {button.sub}\nEnd Sub"
        for button in buttons
    )
    return _module(RIBBON_MODULE, subs)


def ribbon_call(button: Button) -> str:
    """The Sub that the ribbon calls for a button."""
    return RIBBON_CALL + button.sub


def functions_module() -> str:
    """A Function per worksheet function."""
    return _module(FUNCTIONS_MODULE, map(_wrapper, _described()))


def wizard_module() -> str:
    """What the function wizard says of each worksheet function and its arguments."""
    known = _described()
    calls = [f"    Describe_{each.name}" for each in known]
    every = "\n".join(["Public Sub DescribeFunctions()", *calls, "End Sub"])
    return _module(WIZARD_MODULE, [every, *map(_describing, known)], private=True)


def _described() -> list[Description]:
    return [worksheet.describe(each) for each in worksheet.FUNCTIONS.values()]


def _wrapper(function: Description) -> str:
    """A Function that hands its arguments on, whole ranges as they are."""
    names = argument_names(function)
    plain = [name for name, each in zip(names, function.arguments, strict=True) if not each.repeats]
    signature = ", ".join(
        f"ParamArray {name}() As Variant"
        if each.repeats
        else f"{'Optional ' if each.optional else ''}ByVal {name} As Variant"
        for name, each in zip(names, function.arguments, strict=True)
    )
    lines = [f"Public Function {function.name}({signature}) As Variant"]
    if len(plain) == len(names):
        lines.append(
            f'    {function.name} = AnswerOf("{function.name}", Array({", ".join(plain)}))'
        )
    else:
        lines += _repeating(function.name, plain, names[-1])
    return "\n".join([*lines, "End Function"])


def _repeating(function: str, plain: Sequence[str], rest: str) -> Iterator[str]:
    """Arguments that repeat come as an array of their own, behind the others."""
    yield "    Dim Given() As Variant"
    yield "    Dim Place As Long"
    yield f"    ReDim Given(0 To {len(plain)} + UBound({rest}))"
    for place, name in enumerate(plain):
        yield f"    PutInto Given({place}), {name}"
    yield f"    For Place = 0 To UBound({rest})"
    yield f"        PutInto Given({len(plain)} + Place), {rest}(Place)"
    yield "    Next Place"
    yield f'    {function} = AnswerOf("{function}", Given)'


def argument_names(function: Description) -> list[str]:
    """The names of a function's arguments, those that VBA keeps for itself with a mark."""
    return [
        f"{each.name}_" if each.name.casefold() in RESERVED else each.name
        for each in function.arguments
    ]


def _describing(function: Description) -> str:
    helps = [_help(each.help, f"{function.name}, {each.name}") for each in function.arguments]
    listed = ", _\n        ".join(_text(each) for each in helps)
    return (
        f"Private Sub Describe_{function.name}()\n"
        f'    DescribeFunction "{function.name}", _\n'
        f"        {_text(_help(function.summary, function.name))}, _\n"
        f"        Array({listed})\n"
        "End Sub"
    )


def _help(text: str, where: str) -> str:
    if len(text) > LONGEST_HELP:
        raise ValueError(f"{where}: the help has {len(text)} letters, Excel takes {LONGEST_HELP}.")
    return text


def _text(text: str) -> str:
    """A text as VBA writes it. Only plain letters: VBA's own text knows one alphabet."""
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"{text!r}: VBA takes plain ASCII text only.")
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _module(name: str, parts: Iterable[str], *, private: bool = False) -> str:
    options = "Option Explicit\nOption Private Module" if private else "Option Explicit"
    return "\n\n".join([f'Attribute VB_Name = "{name}"\n{options}', *parts]) + "\n"
