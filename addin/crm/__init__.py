"""CRM exports in: what do the accounts, opportunities, teams and activity files say?

Reads the exports of Salesforce, HubSpot, Dynamics 365 and plain spreadsheets as
they come, dirt included, and says how it read them.

Assumes: one row per account, deal, rep, or rep and week; column names as those
programs give them, or as --columns maps them. Nothing is guessed silently:
what was matched, derived, dropped or left blank stands in the report, and what
cannot be read with certainty is a mistake that names file, row, column and mend.
"""

from .read import CrmExport, empty_export, read_export, read_tables
from .report import Dropped, FileReport, ImportReport

__all__ = [
    "CrmExport",
    "Dropped",
    "FileReport",
    "ImportReport",
    "empty_export",
    "read_export",
    "read_tables",
]
