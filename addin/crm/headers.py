"""Which column of an export is which of ours?

Knows the names that Salesforce (reports and API), HubSpot, Dynamics 365 and
plain exports give their columns. Capitals, punctuation and spaces make no
difference; a unit or currency at a header's end ("Annual Revenue (millions)",
"Amount (EUR)") is read as such. Aliases stand in order of preference: where
two headers name one column, the earlier alias wins.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...udfs import words as w
from .numbers import HEADER_POWERS, currency_code, is_currency

ACCOUNTS: Final = "accounts"
OPPORTUNITIES: Final = "opportunities"
TEAMS: Final = "teams"
ACTIVITY: Final = "activity"
ROLES: Final = (ACCOUNTS, OPPORTUNITIES, TEAMS, ACTIVITY)

CURRENCY: Final = "Currency"
IS_WON: Final = "Is won"
IS_CLOSED: Final = "Is closed"
ACTUAL_AMOUNT: Final = "Actual amount"
ACTUAL_CLOSE_DATE: Final = "Actual close date"

_CURRENCY_NAMES = (
    "Currency, Currency ISO Code, Currency Code, Account Currency, Opportunity Currency,"
    " Deal Currency, Transaction Currency, Transaction Currency Id"
)

# Per role: our column -> the exports' names for it, preferred ones first.
_ALIASES: Final[Mapping[str, Mapping[str, str]]] = {
    ACCOUNTS: {
        w.ACCOUNT: "Account Name, Account, Company Name, Company, Customer Name, Customer,"
        " Client Name, Client, Organization Name, Organisation Name, Organization, Organisation,"
        " Business Name, Name",
        w.ACCOUNT_ID: "Account ID, Account Id 18, 18 Digit Account ID, Case Safe ID,"
        " Account ID (Case Safe), (Do Not Modify) Account, Record ID, Record ID - Company,"
        " hs_object_id, Company ID, Customer ID, Client ID, Organization ID, Account Number,"
        " Account No, Customer Number, Customer No, ID",
        w.OWNER: "Account Owner, Account Owner Name, Company Owner, Owner, Owner Name,"
        " Owner Full Name, Owner: Full Name, Account Manager, Account Executive, Sales Rep,"
        " Sales Agent, Sales Person, Salesperson, Rep, Assigned To, Responsible",
        w.MANAGER: "Owner Manager, Account Owner Manager, Account Owner: Manager, Sales Manager,"
        " Manager",
        w.PARENT: "Parent Account, Parent Account Name, Parent Name, Parent Company,"
        " Parent Company Name, Subsidiary Of, Parent, Ultimate Parent, Ultimate Parent Account,"
        " Parent Account ID, Parent ID",
        w.INDUSTRY: "Industry, Sector, Vertical, Industry Name, Line of Business",
        w.REGION: "Region, Sales Region, Sales Territory, Territory, Territory Name,"
        " Billing Country, Billing Country/Region, Country, Country/Region,"
        " Billing Address Country, Address 1: Country/Region, Billing State/Province,"
        " Billing State, State/Region, State/Province, Address 1: State/Province,"
        " Office Location, Regional Office, Location",
        w.ANNUAL_REVENUE: "Annual Revenue (converted), Annual Revenue, Revenue, Yearly Revenue,"
        " Company Revenue, Annual Turnover, Turnover",
        w.EMPLOYEES: "Employees, Number of Employees, No. of Employees, Num Employees,"
        " Employee Count, Headcount, Number Employees, Staff, FTE",
        w.CUSTOMER_SINCE: "Customer Since, Client Since, Became a Customer Date, Close Date First,"
        " First Purchase Date, First Order Date, Customer Start Date, Customer Since Date",
        w.WALLET_SHARE: "Wallet Share, Share of Wallet, Our Share of Wallet, SOW",
        w.FISCAL_YEAR_END: "Fiscal Year End, Fiscal Year End Month, FYE, FY End, Year End",
        w.PRIOR_YEAR_SALES: "Prior-Year Sales, Prior Year Revenue, Previous Year Sales,"
        " Last Year Sales, Last Year Revenue, Sales Last Year, Sales Last 12 Months,"
        " LTM Sales, Sales LTM",
        w.POTENTIAL_MONEY: "Potential $, Potential Revenue, Account Potential, Sales Potential,"
        " Potential Value, Revenue Potential, Estimated Potential",
        w.OPEN_PIPELINE: "Open Pipeline, Pipeline Value, Open Opportunity Value,"
        " Open Pipeline Value, Total Open Deal Value",
        w.WINS: "Wins, Won Deals, Won Opportunities, Deals Won, Opportunities Won, Number of Wins",
        w.LOSSES: "Losses, Lost Deals, Lost Opportunities, Deals Lost, Opportunities Lost,"
        " Number of Losses",
        w.LAST_WON: "Last Won, Last Won Date, Last Won Close Date, Last Purchase Date,"
        " Last Order Date",
        CURRENCY: _CURRENCY_NAMES,
    },
    OPPORTUNITIES: {
        w.DEAL_ID: "Opportunity ID, Deal ID, (Do Not Modify) Opportunity, Record ID,"
        " Record ID - Deal, hs_object_id, 18 Digit Opportunity ID, Opportunity ID 18,"
        " Case Safe ID, Opportunity Number, Deal Number, ID",
        w.ACCOUNT_ID: "Account ID, Account: Account ID, Account: ID, Account ID 18,"
        " 18 Digit Account ID, Associated Company IDs (Primary), Associated Company IDs,"
        " Associated Company ID, Company ID, Customer ID, Client ID, Organization ID,"
        " Account Number, Customer Number",
        w.ACCOUNT: "Account Name, Account: Account Name, Account: Name, Account,"
        " Associated Company (Primary), Associated Company, Primary Associated Company,"
        " Associated Company Names, Primary Company, Potential Customer, Company Name, Company,"
        " Customer Name, Customer, Client Name, Client, Organization Name, Organization,"
        " Organisation",
        w.REP: "Opportunity Owner, Opportunity Owner: Full Name, Deal Owner, Sales Agent, Owner,"
        " Owner Name, Owner: Full Name, Owner Full Name, Rep, Sales Rep, Representative,"
        " Sales Person, Salesperson, Seller, Account Executive, Account Owner, Assigned To",
        w.PRODUCT: "Product Name, Product, Product: Product Name, Product: Name, Products,"
        " Product Line, Product Family, Item",
        w.STAGE: "Stage, Stage Name, Deal Stage, Sales Stage, Opportunity Stage, Pipeline Stage,"
        " Pipeline Phase, Step Name",
        w.STATE: "Status, Deal Status, Opportunity Status, State, State Code",
        IS_WON: "Is Won, Won, Is Closed Won, Is Deal Won, hs_is_closed_won",
        IS_CLOSED: "Is Closed, Closed, Is Deal Closed, hs_is_closed",
        w.OPENED: "Engage Date, Opened, Open Date, Opened Date, Date Opened, Created Date,"
        " Create Date, Created On, Created At, Created, Date Created, Creation Date,"
        " Opportunity Created Date, Deal Created Date, Start Date",
        w.CLOSE_DATE: "Close Date, Closed Date, Est. Close Date, Estimated Close Date,"
        " Expected Close Date, Closing Date, Date Closed, Closed At",
        ACTUAL_CLOSE_DATE: "Actual Close Date",
        w.AMOUNT: "Amount (converted), Amount in Company Currency, Est. Revenue (Base),"
        " Estimated Value Base, Amount, Close Value, Est. Revenue, Estimated Revenue,"
        " Estimated Value, Deal Amount, Deal Value, Opportunity Amount, Opportunity Value,"
        " Value, Deal Size, Revenue, Total Price, Price",
        ACTUAL_AMOUNT: "Actual Revenue (Base), Actual Value Base, Actual Revenue, Actual Value,"
        " Closed Amount",
        CURRENCY: _CURRENCY_NAMES,
    },
    TEAMS: {
        w.REP: "Rep, Sales Agent, Sales Rep, Representative, Sales Person, Salesperson, Seller,"
        " Account Executive, Owner, User, User Name, Full Name, Employee, Name",
        w.MANAGER: "Manager, Sales Manager, Manager Name, Reports To, Team Lead,"
        " Manager: Full Name",
        w.REGION: "Region, Regional Office, Sales Region, Territory, Office, Location",
        w.QUOTA: "Quota, Annual Quota, Yearly Quota, Quota Amount, Target, Annual Target,"
        " Yearly Target, Sales Target",
        w.START_DATE: "Start Date, Hire Date, Hired, Joined, Start, Employed Since",
        w.TOUCHES_PER_WEEK: "Touches per Week, Weekly Touches, Touches",
        CURRENCY: _CURRENCY_NAMES,
    },
    ACTIVITY: {
        w.REP: "Rep, Sales Agent, Sales Rep, Representative, Sales Person, Salesperson, Seller,"
        " Owner, Assigned To, User, Name",
        w.WEEK: "Week, Week Of, Week Starting, Week Beginning, Week Start, Date, Activity Date,"
        " Due Date",
        w.GATE: "Gate, Activity, Activity Type, Type, Kind",
        w.COUNT: "Count, Number, Volume, Quantity, Activities, Total, Record Count",
    },
}

MONEY: Final = frozenset(
    {w.ANNUAL_REVENUE, w.PRIOR_YEAR_SALES, w.POTENTIAL_MONEY, w.OPEN_PIPELINE}
    | {w.AMOUNT, ACTUAL_AMOUNT, w.QUOTA}
)
NUMBERS: Final = MONEY | {
    w.EMPLOYEES,
    w.WALLET_SHARE,
    w.WINS,
    w.LOSSES,
    w.TOUCHES_PER_WEEK,
    w.COUNT,
}

_NAMES_SHOWN: Final = 4

# Per role: each group of columns of which at least one must be there, and its name in a message.
_NEEDED: Final[Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    ACCOUNTS: (("the account's name", (w.ACCOUNT,)),),
    OPPORTUNITIES: (
        ("the account", (w.ACCOUNT, w.ACCOUNT_ID)),
        ("the stage", (w.STAGE, w.STATE, IS_WON)),
    ),
    TEAMS: (("the rep", (w.REP,)),),
    ACTIVITY: (
        ("the rep", (w.REP,)),
        ("the week", (w.WEEK,)),
        ("the gate", (w.GATE,)),
        ("the count", (w.COUNT,)),
    ),
}


@dataclass(frozen=True)
class Unit:
    """What a header's end says of its numbers.

    Args:
        power: power of ten by which they are to be multiplied.
        currency: code or sign, "" where none.
    """

    power: int = 0
    currency: str = ""


@dataclass(frozen=True)
class Match:
    """Which header each of our columns was found under.

    Args:
        columns: our column -> header.
        units: our column -> the unit in its header.
        doubles: (header, our column): headers that name a column already found.
    """

    columns: dict[str, str]
    units: dict[str, Unit]
    doubles: tuple[tuple[str, str], ...]


def columns_of(role: str) -> tuple[str, ...]:
    """Answer the columns of ours that a role's file can fill, for --columns."""
    return tuple(_ALIASES[role])


def _key(header: str) -> str:
    low = unicodedata.normalize("NFKC", header).casefold().removesuffix("__c")
    return "".join(c for c in low if c.isalnum() or c in "$€£¥%")


def _unit(header: str) -> tuple[str, Unit]:
    """Answer a header's key without the unit at its end, and the unit."""
    tokens = re.findall(r"us\$|[$€£¥%]|[^\W_]+", header.casefold())
    power, currency = 0, ""
    while len(tokens) > 1:
        last = tokens[-1]
        if last in HEADER_POWERS and not power:
            power = HEADER_POWERS[last]
        elif is_currency(last) and not currency:
            currency = currency_code(last)
        elif last not in ("in", "of"):
            break
        tokens.pop()
    return _key("".join(tokens)), Unit(power, currency)


def _lookup(role: str) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for column, aliases in _ALIASES[role].items():
        for rank, alias in enumerate(aliases.split(", ")):
            found.setdefault(_key(alias), (column, rank))
    return found


_LOOKUPS: Final = {role: _lookup(role) for role in ROLES}


def _candidate(role: str, header: str) -> tuple[str, int, Unit] | None:
    """Answer our column, the rank of the alias, and the unit of a header."""
    lookup = _LOOKUPS[role]
    found = lookup.get(_key(header))
    if found:
        return (*found, Unit())
    bare, unit = _unit(header)
    found = lookup.get(bare)
    if found and found[0] in NUMBERS:
        return (*found, unit)
    prefix, colon, rest = header.partition(":")
    if colon and _key(prefix) in ("account", "opportunity", "deal", "company"):
        return _candidate(role, rest)
    return None


def match(role: str, headers: Sequence[str], mapping: Mapping[str, str]) -> Match:
    """Answer which header each of our columns is found under.

    Args:
        role: one of ``ROLES``.
        headers: as in the file.
        mapping: our column -> header, from --columns; goes before the known names. ""
            says that the file has no such column.
    """
    wanted = {_key(header): column for column, header in mapping.items() if header}
    found: list[tuple[str, int, int, str, Unit]] = []
    for position, header in enumerate(headers):
        mapped = wanted.get(_key(header)) if header else None
        if mapped:
            unit = _unit(header)[1] if mapped in NUMBERS else Unit()
            found.append((mapped, -1, position, header, unit))
            continue
        known = _candidate(role, header) if header else None
        if known and mapping.get(known[0]) != "":
            found.append((known[0], known[1], position, header, known[2]))
    columns: dict[str, str] = {}
    units: dict[str, Unit] = {}
    doubles = []
    for column, _, _, header, unit in sorted(found, key=lambda item: item[:3]):
        if column in columns:
            doubles.append((header, column))
        else:
            columns[column], units[column] = header, unit
    return Match(columns, units, tuple(doubles))


def looked_for(role: str, column: str) -> str:
    """Answer, for a message, some of the names under which a column is looked for."""
    names = _ALIASES[role][column].split(", ")
    # Those with signs are variants of names that stand beside them.
    shown = [name for name in names if not set(name) & set("(:.")][:_NAMES_SHOWN]
    return f"looked for: {', '.join(shown)} and {len(names) - len(shown)} more"


def missing(role: str, columns: Mapping[str, str]) -> list[tuple[str, str]]:
    """Answer what a file lacks that its role needs, as (what, one of our columns for it)."""
    return [
        (what, group[0])
        for what, group in _NEEDED[role]
        if not any(column in columns for column in group)
    ]


def currency_header(headers: Sequence[str], money_header: str) -> str | None:
    """Answer the header of the currency column that belongs to one money column, if any."""
    wanted = _key(money_header) + "currency"
    return next((header for header in headers if _key(header) == wanted), None)


def is_converted(header: str) -> bool:
    """Answer whether a money column is in one currency by its name (converted, base)."""
    return any(word in header.casefold() for word in ("convert", "base", "company currency"))


def same_header(one: str, other: str) -> bool:
    """Answer whether two headers are one but for capitals and punctuation."""
    return _key(one) == _key(other)
