"""Drives a Calc as a person sees it, for `live.py`: buttons, macros, what stands where on screen.

Run by any Python that can `import uno`; beside what the product's own `calc_server.py` answers.
Source: the LibreOffice 7 API, com.sun.star.accessibility and com.sun.star.deployment.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2] / "addin" / "hosts"))

import uno
import unohelper
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment

if TYPE_CHECKING:
    from accountplan.addin.hosts.calc_office import properties
    from accountplan.addin.hosts.calc_server import Server, main
else:
    from calc_office import properties
    from calc_server import Server, main

ALWAYS_RUN = 4  # com.sun.star.document.MacroExecMode
APPROVAL = "com.sun.star.task.XInteractionApprove"
ALERT, DIALOG, BUTTON, SHOWING = 1, 12, 44, 25
BOXES = (ALERT, DIALOG)
TABLE = 58  # com.sun.star.accessibility.AccessibleRole
WINDOW = (0, 0, 1440, 900)
POSITION_AND_SIZE = 15


class Approve(unohelper.Base, XInteractionHandler, XCommandEnvironment):  # type: ignore[misc]
    """Says yes to whatever the office asks."""

    def handle(self, request: Any) -> None:
        """Picks the answer that approves."""
        for answer in request.getContinuations():
            if answer.queryInterface(uno.getTypeByName(APPROVAL)):
                answer.select()

    def getInteractionHandler(self) -> Any:  # noqa: N802
        """This one."""
        return self

    def getProgressHandler(self) -> None:  # noqa: N802
        """Nobody looks at progress."""


class LiveServer(Server):
    """What tests ask of a live office, beside the product's own questions."""

    OWN = ("add_extension", "leave", "come_back", "open_live", "boxes")

    def do(self, what: str, document: int = 0, **arguments: Any) -> Any:
        """Answers for the office, for what is on screen, or lets a document do something."""
        if what in self.OWN:
            return getattr(self, what)(**arguments)
        if hasattr(self, f"live_{what}"):
            return getattr(self, f"live_{what}")(self.documents[document].model, **arguments)
        return super().do(what, document, **arguments)

    def add_extension(self, path: str) -> int:
        """Adds an extension, and starts the office anew, as a person is told to; its process."""
        manager = self.context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")
        url = uno.systemPathToFileUrl(path)
        manager.addExtension(url, (), "user", manager.createAbortChannel(), Approve())
        self.leave()
        return self.come_back([])

    def leave(self) -> None:
        """Closes the office, as a person does."""
        assert self.process is not None
        self._ask_to_go()
        self.process.wait(20)

    def come_back(self, options: list[str]) -> int:
        """Starts the office again on its profile, with further options; its process."""
        self._command += options
        self.launch()
        assert self.process is not None
        return self.process.pid

    def open_live(self, path: str) -> int | None:
        """Opens a file with its macros, in a window that fills the screen."""
        model = self.desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(path), "_blank", 0, properties(MacroExecutionMode=ALWAYS_RUN)
        )
        model.CurrentController.Frame.ContainerWindow.setPosSize(*WINDOW, POSITION_AND_SIZE)
        return self._laid(model)

    def boxes(self) -> list[list[int]]:
        """Where the boxes that wait for an answer have their first button."""
        toolkit = self.context.ServiceManager.createInstanceWithContext(
            "com.sun.star.awt.Toolkit", self.context
        )
        windows = (toolkit.getTopWindow(at) for at in range(toolkit.getTopWindowCount()))
        contexts = [each.getAccessibleContext() for each in windows]
        boxes = (each for each in contexts if each.getAccessibleRole() in BOXES)
        buttons = [_found(each, BUTTON) for each in boxes if _is_showing(each)]
        return [_place(each) for each in buttons if each is not None and _is_showing(each)]

    def live_macro(self, model: Any, module: str, procedure: str, arguments: list[Any]) -> Any:
        """Runs a procedure of the workbook's VBA."""
        place = f"{model.BasicLibraries.ProjectName}.{module}.{procedure}"
        script = model.getScriptProvider().getScript(
            f"vnd.sun.star.script:{place}?language=Basic&location=document"
        )
        return script.invoke(tuple(arguments), (), ())[0]

    def live_source(self, model: Any, module: str) -> str:
        """The text of a module of the workbook's VBA."""
        libraries = model.BasicLibraries
        return str(libraries.getByName(libraries.ProjectName).getByName(module))

    def live_bound(self, model: Any, sheet: str) -> dict[str, str]:
        """The form buttons of a sheet and the scripts that they are bound to."""
        found = {}
        forms = model.Sheets.getByName(sheet).DrawPage.Forms
        for number in range(forms.Count):
            form = forms.getByIndex(number)
            for at in range(form.Count):
                events = form.getScriptEvents(at)
                if events:
                    found[form.getByIndex(at).Label] = events[0].ScriptCode
        return found

    def live_press(self, model: Any, script: str) -> None:
        """Runs the script that a button is bound to, as a click does."""
        model.getScriptProvider().getScript(script).invoke((), (), ())

    def live_show(self, model: Any, sheet: str, cell: str) -> None:
        """Brings a sheet to the front, a cell into sight, and the cursor onto it."""
        controller, shown = model.CurrentController, model.Sheets.getByName(sheet)
        controller.setActiveSheet(shown)
        controller.select(shown.getCellRangeByName(cell))

    def live_control(self, model: Any, sheet: str, label: str) -> list[int] | None:
        """Where a form button is on screen: left, top, width, height."""
        page = model.Sheets.getByName(sheet).DrawPage
        for number in range(page.Count):
            shape = page.getByIndex(number)
            if shape.supportsService("com.sun.star.drawing.ControlShape"):
                control = model.CurrentController.getControl(shape.Control)
                if shape.Control.Label == label:
                    return _place(control.getAccessibleContext())
        return None

    def live_cell(self, model: Any, cell: str) -> list[int] | None:
        """Where a cell of the sheet in front is on screen: left, top, width, height.

        A sheet with frozen rows or columns has a pane for each part; the one that shows it counts.
        """
        window = model.CurrentController.Frame.ComponentWindow
        sheet = model.CurrentController.ActiveSheet
        at = sheet.getCellRangeByName(cell).RangeAddress
        for pane in _all(window.getAccessibleContext(), TABLE):
            shown = pane.getAccessibleCellAt(at.StartRow, at.StartColumn)
            place = _place(shown.getAccessibleContext())
            if place[2] > 0 and _is_inside(place, _place(pane)):
                return place
        return None

    def live_type(self, model: Any, sheet: str, cell: str, formula: str, rows: int) -> None:
        """Types a formula into a cell; into so many rows of it, as one array, where not 0."""
        start = model.Sheets.getByName(sheet).getCellRangeByName(cell)
        if rows:
            at = start.RangeAddress
            holder = model.Sheets.getByName(sheet)
            whole = holder.getCellRangeByPosition(
                at.StartColumn, at.StartRow, at.EndColumn, at.StartRow + rows - 1
            )
            whole.setArrayFormula(formula)
        else:
            start.getCellByPosition(0, 0).setFormula(formula)

    def live_text(self, model: Any, sheet: str, cell: str) -> list[str]:
        """What cells show, row by row."""
        cells = model.Sheets.getByName(sheet).getCellRangeByName(cell)
        at = cells.RangeAddress
        return [
            cells.getCellByPosition(col, row).String
            for row in range(at.EndRow - at.StartRow + 1)
            for col in range(at.EndColumn - at.StartColumn + 1)
        ]

    def live_is_modified(self, model: Any) -> bool:
        """Whether Calc would ask to save it."""
        return bool(model.isModified())

    def live_state(self, model: Any) -> dict[str, Any]:
        """What a macro changes for as long as it runs."""
        found, documents = self.desktop.Components.createEnumeration(), 0
        while found.hasMoreElements():
            found.nextElement()
            documents += 1
        return {
            "documents": documents,
            "views locked": bool(model.hasControllersLocked()),
            "undo locked": bool(model.UndoManager.isLocked()),
            "calculates": bool(model.isAutomaticCalculationEnabled()),
        }

    def live_undo(self, model: Any) -> list[str]:
        """What Edit, Undo would take back, newest first."""
        return list(model.UndoManager.getAllUndoActionTitles())


def _is_showing(context: Any) -> bool:
    return bool(context.getAccessibleStateSet().contains(SHOWING))


def _place(context: Any) -> list[int]:
    point, size = context.getLocationOnScreen(), context.getSize()
    return [point.X, point.Y, size.Width, size.Height]


def _is_inside(place: list[int], frame: list[int]) -> bool:
    """Whether the middle of a place lies in another."""
    left, top = place[0] + place[2] // 2, place[1] + place[3] // 2
    return 0 <= left - frame[0] < frame[2] and 0 <= top - frame[1] < frame[3]


def _found(context: Any, role: int) -> Any:
    """The first descendant with a role."""
    return next(_all(context, role), None)


def _all(context: Any, role: int) -> Iterator[Any]:
    """The descendants with a role, none of them within another."""
    if context.getAccessibleRole() == role:
        yield context
        return
    for number in range(min(context.getAccessibleChildCount(), 50)):
        yield from _all(context.getAccessibleChild(number).getAccessibleContext(), role)


if __name__ == "__main__":
    main(LiveServer())
