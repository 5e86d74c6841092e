"""The model: every planning question is a function of numpy and pandas values.

Knows no Excel, no files, no clock and no global state.

Conventions of every data frame that goes in or comes out: text that is
missing is ``""``, numbers are ``float64`` with ``NaN``, dates are
``datetime64`` with ``NaT``, flags are ``bool``. Columns carry the names in
``words``. Money is in the currency of the export; shares and rates are 0-1,
scores 0-100.
"""
