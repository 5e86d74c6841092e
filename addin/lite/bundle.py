"""Writing ``main.py`` and ``requirements.txt`` for xlwings Lite from the installed sources.

``main.py`` has the buttons at its top, where one can read them, one per macro
with the macro's own arguments and help; beneath them a packed block with the
modules behind, and nothing that those do not import. The same version of
Account Plan gives the same text.
"""

import ast
import base64
import bz2
import importlib.util
import inspect
import json
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from ...udfs import worksheet
from ..excel.buttons import BUTTONS
from ..save import writing

MAIN: Final = "main.py"
REQUIREMENTS: Final = "requirements.txt"
PACKAGE: Final = "accountplan"
MACROS: Final = "accountplan.addin.macros"
DOOR: Final = "accountplan.addin.hosts.lite"
FUNCTIONS: Final = "accountplan.udfs.worksheet"
ENTRIES: Final = (MACROS, DOOR, FUNCTIONS)
NOT_NEEDED: Final = frozenset(("pyarrow", "rich", "uno"))
"""Libraries for files and screens that there are none of in xlwings Lite."""
HINT_MODULES: Final = ("typing", "datetime", "collections.abc")
LONGEST_LINE: Final = 100


@dataclass(frozen=True)
class Lite:
    """What is pasted into xlwings Lite.

    Attributes:
        main: the text of ``main.py``.
        requirements: the text of ``requirements.txt``.
    """

    main: str
    requirements: str


def write_lite(folder: Path) -> tuple[Path, Path]:
    """Writes both texts into a folder, and gives their paths.

    Raises:
        SaveError: the folder cannot be written.
    """
    made = lite()
    paths = folder / MAIN, folder / REQUIREMENTS
    for path, text in zip(paths, (made.main, made.requirements), strict=True):
        with writing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return paths


def lite() -> Lite:
    """What is pasted into xlwings Lite, of the version that is installed."""
    sources = needed_modules(ENTRIES)
    return Lite(_main(sources), _requirements(sources))


# --- Which modules --------------------------------------------------------------------


def needed_modules(entries: Iterable[str]) -> dict[str, Path]:
    """The modules of this package that some of them import, in the end, and their files.

    Imports within functions count; those that only type checkers see do not.
    """
    found: dict[str, Path] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = _file_of(name)
        if path is None:
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0], *_imported(name, path)]
    return dict(sorted(found.items()))


def libraries(sources: Mapping[str, Path]) -> frozenset[str]:
    """The libraries, other than Python's own, that these modules import."""
    names = (each for name, path in sources.items() for each in _imported(name, path))
    tops = {name.partition(".")[0] for name in names}
    return frozenset(tops - set(sys.stdlib_module_names) - {PACKAGE})


def _file_of(name: str) -> Path | None:
    """The file of one of our modules; None for what is none."""
    if not name.startswith(f"{PACKAGE}."):
        return None
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _imported(name: str, path: Path) -> Iterator[str]:
    """The full names that a module imports; of ``from a import b`` both a and a.b."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield start
            yield from (f"{start}.{alias.name}" for alias in node.names)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those within ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from _running(node)


# --- The texts ------------------------------------------------------------------------


def _requirements(sources: Mapping[str, Path]) -> str:
    """A line per library. Only xlwings has a version: the others are as Pyodide has them."""
    known = metadata.packages_distributions()
    asked = {known[name][0] for name in libraries(sources) - NOT_NEEDED if name in known}
    needed = (line for line in metadata.requires(PACKAGE) or () if "extra" not in line)
    names = [name for line in needed if (name := line.partition(">=")[0]) and _is_in(name, asked)]
    return "".join(
        f"{name}=={metadata.version(name)}\n" if name == "xlwings" else f"{name}\n"
        for name in sorted(names, key=str.casefold)
    )


def _is_in(name: str, names: Iterable[str]) -> bool:
    return name.casefold() in {each.casefold() for each in names}


def _main(sources: Mapping[str, Path]) -> str:
    scripts = list(_macros(sources[MACROS]))
    functions = "".join(f"    {name},\n" for name in sorted(worksheet.FUNCTIONS))
    return "\n".join(
        [
            _TOP.format(version=metadata.version(PACKAGE), imports=_imports(scripts)),
            *(_script(macro) for macro in scripts),
            _BLOCK.format(packed=_packed(sources), package=PACKAGE),
            f"from {FUNCTIONS} import (  # noqa: E402, F401\n{functions})\n",
        ]
    )


_TOP: Final = '''"""
# Account Plan

Choose a button above, fill in what it asks, and press it. The next step is in the box that
appears at the end. In a cell, type `=` and the name of a function, such as `=quadrant(`.
"""

# Account Plan {version} for xlwings Lite, written by: accountplan addin lite
# Paste all of it into main.py, and requirements.txt into the tab of that name; then Menu, Restart.
# The block at the end holds the product's own sources, packed (bz2, base64), and nothing else.

{imports}
'''

_BLOCK: Final = '''
def _unpack(packed: str) -> None:
    """Lays the product's sources where Python finds them."""
    folder = Path(tempfile.mkdtemp(prefix="{package}-"))
    sources = json.loads(bz2.decompress(base64.b64decode(packed)))
    for name, text in sources.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))


_unpack("""
{packed}
""")

'''


@dataclass(frozen=True)
class _Macro:
    """A macro as ``main.py`` shows it: its name, its arguments after the book, its help."""

    name: str
    arguments: tuple[tuple[str, str, str], ...]
    help: str
    imports: tuple[str, ...]


def _macros(path: Path) -> Iterator[_Macro]:
    """The scripts of ``addin.macros``, in the order in which they stand there."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    module = importlib.import_module(MACROS)
    imports = _names_imported(tree)
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not _is_script(node):
            continue
        signature = inspect.signature(inspect.unwrap(getattr(module, node.name)))
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs][1:]
        hints = [each.annotation for each in arguments if each.annotation is not None]
        named = {n.id for hint in hints for n in ast.walk(hint) if isinstance(n, ast.Name)}
        yield _Macro(
            node.name,
            tuple(
                (
                    each.arg,
                    _as_written(source, each.annotation) if each.annotation else "str",
                    _default(signature.parameters[each.arg]),
                )
                for each in arguments
            ),
            ast.get_docstring(node) or "",
            tuple(imports[name] for name in sorted(named & set(imports))),
        )


def _is_script(node: ast.FunctionDef) -> bool:
    return any(
        ast.unparse(each).partition("(")[0].endswith("script") for each in node.decorator_list
    )


def _names_imported(tree: ast.Module) -> dict[str, str]:
    """The names that annotations may use, each with the line that imports it."""
    return {
        alias.asname or alias.name: f"from {node.module} import {alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in HINT_MODULES
        for alias in node.names
    }


def _as_written(source: str, node: ast.AST) -> str:
    """A part of a source on one line, its quotes as they are."""
    return " ".join((ast.get_source_segment(source, node) or "").split())


def _default(parameter: inspect.Parameter) -> str:
    """A default as one writes it; "" without."""
    if parameter.default is parameter.empty:
        return ""
    is_text = isinstance(parameter.default, str)
    return f" = {json.dumps(parameter.default) if is_text else repr(parameter.default)}"


def _imports(macros: Sequence[_Macro]) -> str:
    modules = ("base64", "bz2", "json", "sys", "tempfile")
    hints = {line for macro in macros for line in macro.imports} | {"from pathlib import Path"}
    imports = [*(f"import {name}" for name in modules), *sorted(hints)]
    return "\n".join([*imports, "", "import xlwings as xw", "from xlwings import script"])


def _script(macro: _Macro) -> str:
    arguments = ["book: xw.Book", *(f"{n}: {hint}{value}" for n, hint, value in macro.arguments)]
    given = ["macro", "book", *(f"{name}={name}" for name, _, _ in macro.arguments)]
    help_text = textwrap.indent(f'"""{macro.help}"""', "    ")
    return (
        f'\n@script(name="{_label(macro.name)}")\n'
        f"async def {macro.name}({_listed(arguments, 1, '    ')}) -> None:\n"
        f"{help_text}\n"
        f"    from {DOOR} import press\n"
        f"    from {MACROS} import {macro.name} as macro\n\n"
        f"    await press({_listed(given, 3, ' ' * 8)})\n"
    )


def _label(macro: str) -> str:
    """What the macro's button says in Excel."""
    return next(button.label for button in BUTTONS if button.macro == macro)


def _listed(parts: Sequence[str], few: int, indent: str) -> str:
    """Parts on one line where there are few, else on a line each."""
    if len(parts) <= few:
        return ", ".join(parts)
    return "\n" + "".join(f"{indent}{each},\n" for each in parts) + indent[4:]


def _packed(sources: Mapping[str, Path]) -> str:
    """The sources by their names as JSON, compressed as one, in lines that an editor can show."""
    texts = {
        _name_in(name, path): path.read_text(encoding="utf-8") for name, path in sources.items()
    }
    packed = bz2.compress(json.dumps(texts).encode())
    return "\n".join(textwrap.wrap(base64.b64encode(packed).decode(), LONGEST_LINE))


def _name_in(name: str, path: Path) -> str:
    """Where a module goes in the folder of sources."""
    tail = "/__init__.py" if path.name == "__init__.py" else ".py"
    return name.replace(".", "/") + tail
