"""The product's Python, as Calc starts it: it runs macros and answers worksheet functions.

It reads what to do on standard input, one line each, asks Calc about the workbook on standard
output, and ends when Calc does. The other end is `calc/office/accountplan_calc.py`.
"""

import json
import os
import sys
from datetime import datetime
from typing import IO, Any

from ...udfs.errors import AccountPlanError
from ..faults import note_fault
from .calc import CalcWorkbook, told, values_of
from .caller import called_by


class Office:
    """The office, at the other end of the line.

    Args:
        questions: what it says.
        answers: where it is told.
    """

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions, self._answers = questions, answers

    def serve(self) -> None:
        """Does what it is told until there is nobody any more."""
        for line in self._questions:
            self._say(self._done(json.loads(line)))

    def ask(self, do: str, **arguments: Any) -> Any:
        """One question about the workbook."""
        self._say({"do": do, **arguments})
        line = self._questions.readline()
        if not line:
            sys.exit(0)
        return told(line)

    def _say(self, what: dict[str, Any]) -> None:
        self._answers.write(json.dumps(what).encode() + b"\n")
        self._answers.flush()

    def _done(self, todo: dict[str, Any]) -> dict[str, Any]:
        if "function" in todo:
            return {"answer": _answer_or_error(todo["function"], todo["arguments"])}
        try:
            pressed = Pressed(CalcWorkbook(self.ask, todo["document"]))
            with called_by(pressed):
                # A line of Python, as RunPython runs it in Excel.
                exec(todo["run"], {})
            return pressed.told()
        except AccountPlanError as mistake:
            return {"trouble": "\n".join(mistake.lines)}
        except Exception as fault:
            return {"trouble": f"Account Plan: {note_fault(fault)}"}


class Pressed:
    """A button in Calc: the workbook, and what its user is to read.

    Args:
        book: the door to the workbook.
    """

    def __init__(self, book: CalcWorkbook) -> None:
        self.book, self._trouble = book, ""

    def alert(self, text: str) -> None:
        """Notes why nothing was done."""
        self._trouble = text

    def told(self) -> dict[str, Any]:
        """What came of it."""
        if self._trouble:
            return {"trouble": self._trouble}
        return {"message": "\n".join(self.book.messages)}


def _answer_or_error(function: str, arguments: list[Any]) -> Any:
    """What a function answers; #VALUE! where it cannot, as for too few arguments."""
    try:
        return _plain(_answer(function, arguments))
    except TypeError:
        return "#VALUE!"
    except Exception as fault:
        note_fault(fault)
        return "#VALUE!"


def _answer(function: str, arguments: list[Any]) -> Any:
    from ...udfs.worksheet import FUNCTIONS

    cells = [_cells(argument) for argument in arguments]
    while cells and cells[-1] is None:
        cells.pop()
    return FUNCTIONS[function](*cells)


def _cells(argument: Any) -> Any:
    """An argument as a function takes it: rows of cells, one cell, or None if it is left out."""
    if isinstance(argument, dict):
        rows = values_of(argument["held"], argument["area"], datetime(*argument["zero"]))
        return [[getattr(cell, "text", cell) for cell in line] for line in rows]
    return argument


def _plain(answer: Any) -> Any:
    """An answer as JSON has it: a value, or rows of values."""
    if isinstance(answer, (list, tuple)):
        lines = answer if answer and isinstance(answer[0], (list, tuple)) else [answer]
        return [[_plain(cell) for cell in line] for line in lines]
    if isinstance(answer, str):
        return str(answer)
    if isinstance(answer, float) and answer != answer:
        return None
    return answer.item() if hasattr(answer, "item") else answer


def main() -> None:
    """Serves the office that started this process."""
    answers = os.fdopen(os.dup(1), "wb")
    # What a macro or a library prints must not come between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    Office(sys.stdin.buffer, answers).serve()


if __name__ == "__main__":
    main()
