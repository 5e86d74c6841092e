"""Account Plan without any Python installed: the two texts that are pasted into xlwings Lite.

xlwings Lite is an add-in from Microsoft's store that brings its own Python
(Pyodide) and keeps a workbook's code in the workbook: ``main.py`` and
``requirements.txt``. Account Plan is not on PyPI, a wheel would have to lie on
a web server that lets add-ins in (CORS), and Lite's personal modules stay on
one computer and go with Office's cache. So ``main.py`` carries the sources it
needs: whoever gets the workbook has all of it.

Source: lite.xlwings.org, "Python Dependencies", "Personal Modules", "Scripts",
"App Mode" and "Limitations".
"""
