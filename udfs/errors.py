"""The mistakes a user can make, as exceptions.

Every message says where (file, sheet, cell, row or column), what is wrong and
how to mend it, in one line. Anything that is not an ``AccountPlanError`` is a
bug in the program, not in the user's data.
"""


class AccountPlanError(Exception):
    """Base of every mistake that the user can mend.

    Args:
        message: one line: where, what, and how to mend it.
        more: further mistakes found in the same go, one line each.
    """

    def __init__(self, message: str, more: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.lines: tuple[str, ...] = (message, *more)


class SettingsError(AccountPlanError):
    """A setting is missing, out of range, or contradicts another."""


class ImportFileError(AccountPlanError):
    """A CRM export cannot be read as it is."""


class ModelInputError(AccountPlanError):
    """A model function was given values outside what it is defined for."""


class WorkbookError(AccountPlanError):
    """A workbook is not ours, is broken, or cannot be read."""


class SaveError(AccountPlanError):
    """A file cannot be written, or would overwrite somebody's work."""
