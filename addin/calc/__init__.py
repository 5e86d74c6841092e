"""Account Plan inside LibreOffice Calc: an extension, by which buttons and functions reach Python.

`office/` runs in the office; `extension.py` packs and installs it.
"""
