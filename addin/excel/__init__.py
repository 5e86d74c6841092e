"""What Excel loads: the add-in with its ribbon, and the VBA project of workbooks with buttons.

Everything is built from text at hand: the table of ``buttons``, the worksheet
functions' own descriptions, the .bas and .cls files in ``vba`` and xlwings' VBA
module of the version that is installed.
"""
