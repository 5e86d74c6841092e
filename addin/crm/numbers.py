"""Which number does this text say?

Assumes: one column is written in one way. Whether "1,234" is a thousand or
one and a bit is decided for the whole column, from the values that can only be
read one way ("1.234,50", "12,5", "1,234,567"); failing these from the other
number columns of the file; failing these a comma before three digits separates
thousands and a point is a decimal point, but for a file whose fields are
separated by semicolons (written so where the comma is the decimal sign), in
which a column of nothing but "1.234" is in thousands.

Currency signs and codes, K/M/B suffixes, (1,234) and 1,234- for negative
numbers, % (a share: 12% = 0.12), and spaces or apostrophes between thousands
are understood.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from .cells import Cells, as_text

POINT: Final = "."
COMMA: Final = ","

_SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "rs": "INR", "rs.": "INR", "r$": "BRL"}
_SYMBOLS |= {"us$": "USD", "a$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD"}
_SYMBOLS |= {"s$": "SGD", "zł": "PLN", "₽": "RUB", "₩": "KRW", "₺": "TRY", "fr.": "CHF"}
_SYMBOLS |= {"$": "$", "¥": "¥", "kr": "kr", "kr.": "kr"}
_CODE_LIST = """
AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW
KWD MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR
"""
_CODES = frozenset(_CODE_LIST.split())
_NAMES = {"us dollar": "USD", "euro": "EUR", "pound sterling": "GBP", "british pound": "GBP"}
_FAMILIES = {"$": {c for c in _CODES if c.endswith("D")}, "¥": {"JPY", "CNY"}}
_FAMILIES["kr"] = {"SEK", "NOK", "DKK", "ISK"}

_POWERS = dict.fromkeys(("k", "tsd", "thousand", "thousands"), 3)
_POWERS |= dict.fromkeys(("m", "mm", "mn", "mio", "mill", "million", "millions"), 6)
_POWERS |= dict.fromkeys(("b", "bn", "mrd", "billion", "billions"), 9)
HEADER_POWERS: Final = _POWERS | {"000": 3, "000s": 3, "%": -2}


def _either(words: "frozenset[str] | dict[str, Any]") -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CURRENCY = f"{_either(_SYMBOLS)}|{_either(_CODES)}"
_NUMBER = re.compile(
    rf"""(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?:(?P<before>{_CURRENCY})\s*(?P<inner>[-+−])?)?\s*
    (?P<open2>\()?\s*(?P<core>\d[\d.,'’ ]*|[.,]\d+)(?P<exponent>e[-+]?\d+)?\s*
    (?:(?P<suffix>{_either(_POWERS)})\.?)?\s*(?P<after>{_CURRENCY})?\s*(?P<percent>%)?\s*
    (?P<minus>[-−])?\s*(?P<close>\))?""",
    re.IGNORECASE | re.VERBOSE,
)
# Digits that say the same in every reading but one with a decimal comma.
_PLAIN = re.compile(r"-?\d+(?:\.(?:\d{1,2}|\d{4,}))?")
_SPACED = re.compile(r"\d{1,3}([ '’])\d{3}(?:\1\d{3})*(?:([.,])\d+)?")
_GROUPED = {
    COMMA: r"(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})",
    POINT: r"\d{1,3}(?:\.\d{3})+",
}


class Written(NamedTuple):
    """A number as written: ``core`` still has its separators.

    Args:
        core: digits and separators.
        decimal: "." or "," where only one reading is possible, "" where both agree,
            "?" where a single separator stands before exactly three digits.
        negative: by a minus or parentheses.
        power: the power of ten that suffix, percent and exponent make.
        currency: code or sign; "" where none is written.
        suffixed: whether the cell itself says thousands, millions or percent.
    """

    core: str
    decimal: str
    negative: bool
    power: int
    currency: str
    suffixed: bool


def currency_code(text: str) -> str:
    """Answer the code of a currency written as code, sign or name; else the text in capitals."""
    low = text.casefold()
    return _SYMBOLS.get(low) or _NAMES.get(low) or text.upper()


def is_currency(text: str) -> bool:
    """Answer whether the text is a known currency code or sign."""
    return text.casefold() in _SYMBOLS or text.upper() in _CODES


def family(sign: str) -> set[str]:
    """Answer the codes that a sign such as "$" may stand for."""
    return _FAMILIES.get(sign, set())


def _decimal_of(core: str) -> str | None:
    """Answer the decimal sign that ``core`` shows (as in ``Written``); None: no number."""
    if re.search(r"[ '’]", core):
        spaced = _SPACED.fullmatch(core)
        return (spaced.group(2) or "") if spaced else None
    if COMMA in core and POINT in core:
        decimal = COMMA if core.rfind(COMMA) > core.rfind(POINT) else POINT
        groups = _GROUPED[POINT if decimal == COMMA else COMMA]
        return decimal if re.fullmatch(rf"{groups}\{decimal}\d*", core) else None
    for sign, other in ((COMMA, POINT), (POINT, COMMA)):
        if core.count(sign) > 1:
            return other if re.fullmatch(_GROUPED[sign], core) else None
        if sign in core:
            return "?" if re.fullmatch(rf"[1-9]\d{{0,2}}\{sign}\d{{3}}", core) else sign
    return ""


def written(text: str) -> Written | None:
    """Answer how a number is written in a tidied cell, or None where it is no number."""
    found = _NUMBER.fullmatch(text)
    if not found or bool(found["open"] or found["open2"]) != bool(found["close"]):
        return None
    core = found["core"].strip()
    decimal = _decimal_of(core)
    signs = [found["sign"], found["inner"], found["minus"], found["close"] and "-"]
    negatives = sum(sign in ("-", "−") for sign in signs if sign)
    if decimal is None or negatives > 1 or (found["before"] and found["after"]):
        return None
    if found["exponent"] and decimal == "?":
        decimal = COMMA if COMMA in core else POINT
    power = _POWERS[found["suffix"].casefold()] if found["suffix"] else 0
    power += int(found["exponent"][1:]) if found["exponent"] else 0
    power -= 2 if found["percent"] else 0
    money = found["before"] or found["after"] or ""
    suffixed = bool(found["suffix"] or found["percent"])
    code = currency_code(money) if money else ""
    return Written(core, decimal, negatives > 0, power, code, suffixed)


@dataclass(frozen=True)
class Scan:
    """A number column before its decimal sign is decided.

    Args:
        cells: the column.
        items: per distinct value: a float (a number cell, NaN where missing), how it is
            written, or None (no number).
        evidence: decimal sign -> an example that can only be read so.
    """

    cells: Cells
    items: tuple[Written | float | None, ...]
    evidence: dict[str, str]

    @property
    def bad(self) -> list[int]:
        """Answer the positions of distinct values that are no numbers."""
        return [i for i, item in enumerate(self.items) if item is None]

    @property
    def unclear(self) -> list[str]:
        """Answer the values that are a thousandfold apart in the two readings."""
        return [i.core for i in self.items if isinstance(i, Written) and i.decimal == "?"]


def scan(cells: Cells) -> Scan:
    """Answer how the numbers of a column are written."""
    items: list[Written | float | None] = []
    evidence: dict[str, str] = {}
    for value in cells.values:
        if value == "":
            items.append(float("nan"))
            continue
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            items.append(float(value))
            if POINT in value:
                evidence.setdefault(POINT, value)
            continue
        item = value if isinstance(value, float) else written(as_text(value))
        items.append(item)
        if isinstance(item, Written) and item.decimal in (POINT, COMMA):
            evidence.setdefault(item.decimal, as_text(value))
    return Scan(cells, tuple(items), evidence)


def decide(one: Scan, file_evidence: set[str], delimiter: str) -> str:
    """Answer the decimal sign of a column whose own evidence does not contradict itself.

    Args:
        one: the column.
        file_evidence: decimal signs seen in the number columns of the same file.
        delimiter: what separates the file's fields.
    """
    if one.evidence:
        return next(iter(one.evidence))
    if len(file_evidence) == 1:
        return next(iter(file_evidence))
    all_points = all(POINT in core for core in one.unclear)
    return COMMA if delimiter == ";" and all_points else POINT


def number_of(item: Written | float | None, decimal: str, header_power: int) -> float:
    """Answer the number; the header's power of ten counts unless the cell has its own."""
    if item is None:
        return float("nan")
    if isinstance(item, float):
        # The decimal text shifts exactly; 1.1 times a million would not always.
        return float(Decimal(repr(item)).scaleb(header_power)) if header_power else item
    thousands = COMMA if decimal == POINT else POINT
    digits = re.sub(r"[ '’]", "", item.core).replace(thousands, "").replace(decimal, ".")
    power = item.power if item.suffixed else item.power + header_power
    number = float(f"{digits}e{power}")
    return -number if item.negative else number
