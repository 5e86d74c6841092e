"""Account Plan inside LibreOffice Calc: an extension, by which buttons and functions reach Python.

`office/` runs in the office; `extension.py` packs and installs it.
"""

from typing import Final

IDENTIFIER: Final = "org.accountplan.calc"
"""What LibreOffice knows the extension by."""
