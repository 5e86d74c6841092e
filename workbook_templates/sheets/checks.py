"""Checks: everything wrong as of the build, each with a link to where it is mended.

What is alike is told once, with its number, so that the list can be worked off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Protocol

import numpy as np
import pandas as pd

from ...udfs import evidence as e
from ...udfs import overrides as o
from ...udfs import plans as p
from ...udfs import splits as s
from ...udfs import timing
from ...udfs import words as w
from ...udfs.facts import short_history
from ...udfs.scoring import AXES
from .. import contract as c
from .. import styles
from ..parts import without_book
from ..round import Round
from ..writer import Book, Column, Sheet, Table, fixed, link_formula, quote_sheet
from . import deals as deal_sheet
from . import splits as split_sheet
from . import tracker
from .front import counted

TABLE_ROW: Final = 8
MOST_ALIKE: Final = 20
MOST: Final = 200
DATA: Final = "Data"
IMPORT: Final = "Import"
PLAN: Final = "Plan"
QUOTA: Final = "Quota"
SETTINGS: Final = "Settings"
MODEL: Final = "Model"
OVERRIDE: Final = "Override"
SPLIT: Final = "Split"
NUMBER: Final = "#"
KIND: Final = "Kind"
WHAT: Final = "What"
WHERE: Final = "Where"
MEND: Final = "Mend"
WITHOUT_BOOK_MEND: Final = (
    "Name them as owners of accounts in the CRM (a column Account Owner), and build again."
)
SHORT_SALES_MEND: Final = (
    f"Export the deals of the whole year, or {w.PRIOR_YEAR_SALES} with the accounts."
)
STAGES_NAMED: Final = 8
OWNERS_MEND: Final = (
    "Export accounts with a column Account Owner, or deals with a column Opportunity Owner."
)
NO_MISTAKES: Final = (o.WAITING, o.TURNED_DOWN, o.TAKEN_BACK, w.LEFT_EXPORT)
"""What stops a correction without anything being wrong with it."""
KINDS: Final = (IMPORT, DATA, MODEL, QUOTA, SETTINGS, OVERRIDE, SPLIT, PLAN)
SERIOUS: Final = "Serious"
COLUMNS: Final = (NUMBER, KIND, WHAT, WHERE, MEND, SERIOUS)
NOTHING: Final = "Nothing wrong."
AS_OF_CHECK: Final = "as of the last check (Log says when). A click leads to the cell."
NOTHING_NOW: Final = "Nothing wrong as of the last check."


@dataclass(frozen=True)
class Check:
    """One thing that is wrong.

    Attributes:
        kind: one of ``KINDS``.
        what: is wrong, one line.
        mend: how to mend it.
        url: where, as XlsxWriter's links are written; "" for nowhere.
        where: the same in words.
        serious: whether numbers or plans are wrong with it.
    """

    kind: str
    what: str
    mend: str
    url: str
    where: str
    serious: bool


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.CHECKS]
    found = checks(book, data)
    sheet.heading("Checks", "")
    sheet.live(1, 0, _told_formula(), _told(found), "subtitle")
    _live_lines(sheet, data)
    columns = _columns(found, data.kind)
    table = sheet.table(c.T_CHECKS, TABLE_ROW, 0, columns, max(len(found), 1))
    for row, check in enumerate(found):
        _link(sheet, table, row, check)
    sheet.widths(*(column.width for column in columns))
    sheet.ws.freeze_panes(table.row + 1, 0)
    sheet.ws.repeat_rows(table.row)
    _colours(sheet, table)


class HasTables(Protocol):
    """Where tables stand: in a workbook that is written, or in one that is open."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        ...


@lru_cache(maxsize=1)
def checks(book: Book, data: Round) -> list[Check]:
    """Everything wrong with a round, serious things first, at most ``MOST`` and a last line.

    Args:
        book: what is written so far; links lead into its tables.
        data: the round.
    """
    lines = [line for line in tracker.tracked(data) if line.plan.account]
    splits = split_checks(book.tables[c.T_SPLITS], *split_sheet.as_written(data))
    return in_order([*data_checks(book, data), *splits, *plan_checks(lines, data.kind)])


def in_order(found: list[Check]) -> list[Check]:
    """Serious things first, at most ``MOST`` and a last line."""
    ordered = sorted(found, key=lambda check: (not check.serious, place_of(check.kind)))
    return _capped(ordered, MOST)


def place_of(kind: str) -> int:
    """Which kind comes first among those that are equally serious."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def data_checks(book: HasTables, data: Round) -> list[Check]:
    """What is wrong with accounts, deals, quotas and settings."""
    sources = (
        _import(book, data),
        _says_little(book, data),
        _short_history(book, data),
        _owners(book, data),
        _without_book(book, data),
        _too_little(book, data),
        _potential(book, data),
        evidence_checks(data),
        quota_checks(book, data.walk, data.reps, data.kind),
        quarter_checks(book, data.quarters, data.settings.last_quarter_bar),
        _stale(book, data),
        _estimated(book, data),
        _no_account(book, data),
    )
    return [check for source in sources for check in source]


def plan_checks(lines: list[tracker.Line], kind: str) -> Iterator[Check]:
    """What is wrong with plans: cell by cell where their tabs are, else plan by plan."""
    yield from _team_plans(lines) if kind == c.TEAM else _own_plans(lines)


SPLIT_MENDS: Final = {
    s.NOBODY: (w.ACCOUNT, "Pick the account.", True),
    s.NO_ACCOUNT: (w.ACCOUNT, "Pick an account from the list.", True),
    w.LEFT_EXPORT: (w.ACCOUNT, "Nothing to mend: it counts nothing; delete the row.", False),
    s.NO_MONEY: (w.POTENTIAL_MONEY, "Type the money a year that this part can give.", True),
    s.NO_CHANCE: (w.LIKELIHOOD, "Type a number from 0 to 100.", True),
    s.TWICE: (s.SPLIT, "Delete one of them, or call it by another name.", True),
    s.CLOSED: (s.SPLIT, "Delete the row, or make it a part that is still to be won.", False),
    s.UNKNOWN: (w.ACCOUNT, "Give the account a Potential $, on Overrides or in the CRM.", False),
    s.TOO_MUCH: (
        w.POTENTIAL_MONEY,
        "Lower its splits, or say on Overrides that the account can give more, with evidence.",
        True,
    ),
}
"""What is wrong with a split: the column that is to be mended, how, and whether it is serious."""


def split_checks(table: Table, rows: pd.DataFrame, found: pd.DataFrame) -> Iterator[Check]:
    """What is wrong with splits, each with its cell; what is wrong with an account once.

    Args:
        table: where the splits stand.
        rows: as typed, by their places in the table.
        found: as ``udfs.splits.judged`` gives it.
    """
    told: set[tuple[str, float]] = set()
    for place, name, split, word, account in zip(
        rows.index.to_numpy(int),
        rows[w.ACCOUNT],
        rows[s.SPLIT],
        found[s.CHECK],
        found[s.ROW],
        strict=True,
    ):
        kind = next((each for each in SPLIT_MENDS if str(word).startswith(each)), "")
        if not kind or (kind, account) in told:
            continue
        if kind in (s.TOO_MUCH, s.UNKNOWN):
            told.add((kind, account))
        column, mend, serious = SPLIT_MENDS[kind]
        whose = (
            f"{name}: its splits are {word}" if kind == s.TOO_MUCH else f"{name}, {split}: {word}"
        )
        yield Check(SPLIT, whose, mend, *_cell(table, int(place), column), serious)


def _told_formula() -> str:
    every, yes = (f'COUNTIF({c.T_CHECKS}[{SERIOUS}],"{word}")' for word in ("?*", "yes"))
    return (
        f'=IF({every}=0,"{NOTHING_NOW}",{every}&IF({every}=1," thing"," things")'
        f'&" to look at, "&{yes}&" of them serious, {AS_OF_CHECK}")'
    )


def _told(found: list[Check]) -> str:
    if not found:
        return NOTHING_NOW
    serious = sum(check.serious for check in found)
    things = "thing" if len(found) == 1 else "things"
    return f"{len(found)} {things} to look at, {serious} of them serious, {AS_OF_CHECK}"


def _columns(found: list[Check], kind: str) -> list[Column]:
    # In a team workbook a place is a book and a tab in it.
    where = 48 if kind == c.TEAM else 34
    if not found:
        found = [Check("", NOTHING, "", "", "", False)]
    real = [bool(check.kind) for check in found]
    numbers = [float(number) if is_one else "" for number, is_one in enumerate(real, 1)]
    return [
        Column(NUMBER, numbers, kind="count", width=6),
        Column(KIND, [check.kind for check in found], width=10),
        Column(WHAT, [check.what for check in found], width=92, wrap=True),
        Column(WHERE, [check.where for check in found], width=where, wrap=True),
        Column(MEND, [check.mend for check in found], width=60, wrap=True),
        Column(
            SERIOUS,
            [
                ("yes" if check.serious else "no") if is_one else ""
                for check, is_one in zip(found, real, strict=True)
            ],
            width=10,
            note="yes: a number or a plan is wrong with it",
        ),
    ]


def _live_lines(sheet: Sheet, data: Round) -> None:
    """What changes while somebody types: whether weights total 100 and scores are current."""
    sheet.put(2, 0, "Now:", "note")
    for row, axis in enumerate(AXES, start=2):
        total = sum(a.weight for a in data.settings.attributes if a.axis == axis)
        weights = f'SUMIFS({c.T_ATTRIBUTES}[Weight],{c.T_ATTRIBUTES}[Axis],"{axis}")'
        sheet.live(
            row,
            2,
            f'=IF(ABS({weights}-100)<0.000001,"{axis} weights total 100: ok",'
            f'"{axis} weights total "&FIXED({weights},1)&": they must total 100")',
            f"{axis} weights total 100: ok"
            if abs(total - 100) < 1e-6
            else f"{axis} weights total {total:,.1f}: they must total 100",
        )
        sheet.link(row, 3, c.SETTINGS, "Settings")
    row = 2 + len(AXES)
    sheet.live(
        row,
        2,
        f'=IF({c.N_SCORES_CURRENT},"Scores are up to date: ok",'
        '"Scores are out of date: press Score accounts")',
        "Scores are up to date: ok",
    )
    sheet.link(row, 3, c.SETTINGS, "Settings")
    row += 1
    _corrections_line(sheet, row)
    if data.kind != c.BOOK:
        row += 1
        _evidence_line(sheet, row)
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    rule = {"type": "text", "criteria": "not containing", "value": ": ok", "format": flag}
    sheet.ws.conditional_format(2, 2, row, 2, rule)


def _evidence_line(sheet: Sheet, row: int) -> None:
    """Whether the test of the scores is that of these data and settings."""
    sheet.live(
        row,
        2,
        f'=IF({c.N_EVIDENCE_CURRENT}=1,"Evidence is up to date: ok",'
        '"Evidence is out of date: press Suggest weights")',
        "Evidence is up to date: ok",
    )
    sheet.link(row, 3, c.EVIDENCE, c.EVIDENCE)


def _corrections_line(sheet: Sheet, row: int) -> None:
    """How many corrections are stopped, the first of them in words, and a link to its row."""
    stopped = f"{c.T_OVERRIDES}[Stopped by]"
    wrong = "*".join(f'({stopped}<>"{word}")' for word in ("", *NO_MISTAKES))
    first = f"_xlfn.AGGREGATE(15,6,(ROW({stopped})-ROW(INDEX({stopped},1))+1)/({wrong}),1)"
    formula = (
        f'=IF(SUMPRODUCT({wrong})=0,"Corrections: none is stopped: ok",SUMPRODUCT({wrong})&'
        f'IF(SUMPRODUCT({wrong})=1," correction is"," corrections are")&" stopped; the first: "&'
        f'INDEX({c.T_OVERRIDES}[{w.ACCOUNT}],{first})&", "&INDEX({stopped},{first}))'
    )
    sheet.live(row, 2, formula, "Corrections: none is stopped: ok")
    top = f"\"#'{c.OVERRIDES}'!A\"&ROW(INDEX({stopped},1))"
    link = f'=HYPERLINK({top}+IFERROR({first},1)-1,"{c.OVERRIDES}")'
    sheet.live(row, 3, link, c.OVERRIDES, "link")


def _import(book: HasTables, data: Round) -> Iterator[Check]:
    if data.kind == c.BOOK:
        return
    for dropped in data.summary.dropped:
        examples = f" ({'; '.join(dropped.examples)})" if dropped.examples else ""
        yield Check(
            IMPORT,
            f"{dropped.role.capitalize()}: {counted(dropped.count, 'row')} not used: "
            f"{dropped.what}{examples}",
            "Mend them in the CRM and import it again; control totals stand on Start.",
            _url(c.START, "A1"),
            c.START,
            True,
        )
    for note in data.summary.notes:
        if "wallet share" in note.lower() and "ignored" in note:
            mend = "Give wallet shares as 0-100 %, above 0, and import them again."
            yield _at_column(book, DATA, note, mend, w.WALLET_SHARE, 0)


def _says_little(book: HasTables, data: Round) -> Iterator[Check]:
    """What no deal has at all, though the plan rests on it."""
    for what, mend, column in lacking(data.deals):
        yield Check(DATA, what, mend, *_cell(book.tables[c.T_DEALS], 0, column), True)


def _short_history(book: HasTables, data: Round) -> Iterator[Check]:
    told = short_sales(data) if data.kind == c.TEAM else ""
    if told:
        at = _first(_sales_from_deals(data))
        yield _at_column(book, DATA, told, SHORT_SALES_MEND, w.PRIOR_YEAR_SALES, at, serious=True)


def short_sales(data: Round) -> str:
    """That the deals tell of a part of the year's sales only; "" where they tell of all."""
    return short_history(data.deals, data.as_of) if _sales_from_deals(data).any() else ""


def _sales_from_deals(data: Round) -> pd.Series:
    return data.model[c.FROM_DEALS].str.contains(w.PRIOR_YEAR_SALES, regex=False)


def lacking(deals: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """What no deal has at all, though the plan rests on it: what, how to mend it, the column."""
    closed = deals[deals[w.STATE] != w.OPEN]
    if len(deals) and closed.empty:
        stages = ", ".join(sorted({*deals[w.STAGE]} - {""})[:STAGES_NAMED])
        yield (
            f"No deal counts as won or lost: every stage is read as open ({stages})",
            'Say which stages are in --columns MAP.toml: [stages] won = ["..."], lost = ["..."].',
            w.STAGE,
        )
    if len(deals) and deals[w.AMOUNT].isna().all():
        yield (
            "No deal has an amount: sales, pipeline and all money from deals stay blank",
            f"Export the deals with their amounts, in a column {w.AMOUNT}.",
            w.AMOUNT,
        )
    if len(closed) and closed[w.CLOSE_DATE].isna().all():
        yield (
            "No closed deal has a close date: nothing counts as sold in any year",
            f"Export the deals with the day each was closed, in a column {w.CLOSE_DATE}.",
            w.CLOSE_DATE,
        )


def _without_book(book: HasTables, data: Round) -> Iterator[Check]:
    """Reps who own no account, and so get no book."""
    reps = without_book(data.reps, data.accounts) if data.kind == c.TEAM else []
    if reps:
        first = _first(data.reps[w.REP] == reps[0])
        yield Check(
            DATA,
            f"{counted(len(reps), 'rep')} without accounts, who get no book: {', '.join(reps)}",
            WITHOUT_BOOK_MEND,
            *_cell(book.tables[c.T_REPS], first, w.REP),
            True,
        )


def _owners(book: HasTables, data: Round) -> Iterator[Check]:
    nobody = data.accounts[w.OWNER].isin(["", w.UNASSIGNED])
    if nobody.any():
        names = _examples(data.accounts.loc[nobody, w.ACCOUNT])
        yield _at_column(
            book,
            DATA,
            f"{counted(int(nobody.sum()), 'account')} without owner, in nobody's book: {names}",
            "Name an owner in the CRM and import it again.",
            w.OWNER,
            _first(nobody),
            serious=True,
        )


def _too_little(book: HasTables, data: Round) -> Iterator[Check]:
    """Accounts that are not scored, each with the attributes that it lacks."""
    names = data.accounts[w.ACCOUNT].to_list()
    unscored = np.flatnonzero(data.accounts[w.SCORE].isna().to_numpy()).tolist()
    blank = {a.name: data.scores[a.name].isna().to_list() for a in data.attributes}
    lines = []
    for row in unscored[: MOST_ALIKE + 1]:
        lacks = [name for name, flags in blank.items() if flags[row]]
        named = f": no {', '.join(lacks)}" if lacks else ""
        lines.append(
            _at_column(
                book,
                DATA,
                f"{names[row]} has too little data to be scored{named}",
                "Fill in the missing facts in the CRM, then import it again.",
                w.QUADRANT,
                row,
            )
        )
    yield from _capped(lines, MOST_ALIKE, len(unscored))


def _potential(book: HasTables, data: Round) -> Iterator[Check]:
    unknown = data.accounts[w.POTENTIAL_MONEY].isna()
    if unknown.any():
        names = _examples(data.accounts.loc[unknown, w.ACCOUNT])
        yield _at_column(
            book,
            DATA,
            f"{counted(int(unknown.sum()), 'account')} without {w.POTENTIAL_MONEY}: {names}",
            "Give a wallet share or a Potential $ in the CRM, or an override here.",
            w.POTENTIAL_MONEY,
            _first(unknown),
        )


def evidence_checks(data: Round) -> Iterator[Check]:
    """A score that is not shown to find anything is no reason to work on an account."""
    test = data.evidence
    if test is None or data.kind == c.BOOK:
        return
    if test.against_alphabetical != e.BETTER:
        yield Check(
            MODEL,
            test.against_alphabetical,
            "Rank by prior-year sales or by your own knowledge until it is; try other weights.",
            _url(c.EVIDENCE, "A4"),
            f"{c.EVIDENCE}, A4",
            test.against_alphabetical == e.NO_BETTER,
        )
    if test.verdict != e.FINDS:
        yield Check(
            MODEL,
            test.sentence,
            "See on Evidence which attributes find them, and give those the weight.",
            _url(c.EVIDENCE, "A3"),
            f"{c.EVIDENCE}, A3",
            test.verdict == e.DOES_NOT_FIND,
        )


def quota_checks(
    book: HasTables, walk: pd.DataFrame, reps: pd.DataFrame, kind: str
) -> Iterator[Check]:
    """Reps of a walk who have no quota.

    Args:
        book: where the tables stand.
        walk, reps: as in a round.
        kind: of the workbook; in a book the quota is typed on Path.
    """
    names = walk[w.REP].to_list()
    # The walk also has a line for what belongs to nobody.
    known = walk[w.REP].isin(reps[w.REP])
    without = np.flatnonzero((walk[w.QUOTA].isna() & known).to_numpy()).tolist()
    table = book.tables[c.T_WALK if kind == c.BOOK else c.T_REPS]
    lines = []
    for row in without[: MOST_ALIKE + 1]:
        rep = names[row]
        at = row if kind == c.BOOK else _first(reps[w.REP] == rep)
        lines.append(
            Check(
                QUOTA,
                f"{rep} has no quota: the path to it cannot be shown",
                f"Type the quota for the planning year on {table.sheet}.",
                *_cell(table, at, w.QUOTA),
                True,
            )
        )
    yield from _capped(lines, MOST_ALIKE, len(without))


def quarter_checks(book: HasTables, quarters: pd.DataFrame, bar: float) -> Iterator[Check]:
    """Whether too much of the year falls into its last quarter.

    Args:
        book: where the tables stand.
        quarters: of a round.
        bar: share of the year, 0-1.
    """
    if quarters.empty:
        return
    expected = quarters[timing.EXPECTED].to_list()[:4]
    year = sum(expected)
    if year > 0 and expected[3] / year > bar:
        yield Check(
            QUOTA,
            f"{fixed(100 * expected[3] / year)} % of the year's money is expected in the last "
            f"quarter, more than {fixed(100 * bar)} %",
            "Bring some of it forward, or raise the bar on Settings.",
            *_cell(book.tables[c.T_QUARTERS], 3, timing.EXPECTED),
            False,
        )


def _stale(book: HasTables, data: Round) -> Iterator[Check]:
    """Open deals that nobody closed, rep by rep."""
    stale = data.deals[data.deals[w.STALE].astype(bool)]
    for rep in _per_rep(stale, data):
        yield Check(
            DATA,
            f"{rep.name}: {counted(rep.deals, 'open deal')} worth {fixed(rep.amount)} open for "
            f"more than {fixed(data.stale.value)} days, which count nothing",
            "Close them in the CRM as lost, or open them anew with a date.",
            *_cell(book.tables[c.T_DEALS], rep.first, w.DEAL_ID),
            False,
        )


def _estimated(book: HasTables, data: Round) -> Iterator[Check]:
    estimated = data.deals[data.deals[w.ESTIMATED].astype(bool)]
    reps = _per_rep(estimated, data)
    if reps:
        yield Check(
            DATA,
            f"{counted(len(estimated), 'open deal')} without amount: the average won amount of "
            "the product stands in, else of all",
            "Give amounts in the CRM and import it again.",
            *_cell(book.tables[c.T_DEALS], min(rep.first for rep in reps), w.DEAL_ID),
            False,
        )


def _no_account(book: HasTables, data: Round) -> Iterator[Check]:
    """Open deals that name no account, rep by rep."""
    deals = data.deals
    loose = deals[(deals[w.STATE] == w.OPEN) & (deals[w.ACCOUNT_ID] == "")]
    for rep in _per_rep(loose, data):
        yield Check(
            DATA,
            f"{rep.name}: {counted(rep.deals, 'open deal')} without account, worth "
            f"{fixed(rep.weighted)} weighted; they count on Path only",
            "Name the account in the CRM and import it again.",
            *_cell(book.tables[c.T_DEALS], rep.first, w.DEAL_ID),
            False,
        )


def _own_plans(lines: list[tracker.Line]) -> Iterator[Check]:
    """Each finding with its cell; a plan that nobody has begun is told once."""
    for line in lines:
        missing = [f for f in line.check.findings if f.rule == p.REQUIRED_RULE]
        begun = line.check.completeness.share > 0
        if missing and not begun:
            yield Check(
                PLAN,
                f"{line.plan.account}: the plan is not begun; {len(missing)} required fields "
                "are to be filled in",
                missing[0].mend,
                _url(line.tab, missing[0].cell),
                line.tab,
                True,
            )
        for finding in line.check.findings:
            if begun or finding.rule != p.REQUIRED_RULE:
                yield Check(
                    PLAN,
                    f"{line.plan.account}: {finding.what}",
                    finding.mend,
                    _url(line.tab, finding.cell),
                    f"{line.tab}, {finding.cell}" if finding.cell else line.tab,
                    finding.serious,
                )


def _team_plans(lines: list[tracker.Line]) -> Iterator[Check]:
    """One line per rep for plans not begun, and what the checks found in the others."""
    idle: dict[str, list[tracker.Line]] = {}
    for line in lines:
        if line.check.completeness.share == 0:
            idle.setdefault(line.plan.owner, []).append(line)
        elif line.check.findings:
            yield from _begun_plan(line)
    for owner, mine in idle.items():
        names = ", ".join(line.plan.account for line in mine)
        yield Check(
            PLAN,
            f"{owner}: {counted(len(mine), 'plan')} not begun: {names}",
            "Agree with the rep which plan comes first, and by when.",
            mine[0].url,
            mine[0].plan.file or mine[0].tab,
            True,
        )


def _begun_plan(line: tracker.Line) -> Iterator[Check]:
    """What is missing in a plan, in one line, and each other finding with its cell."""
    whose = f"{line.plan.owner}, {line.plan.account}"
    lacking = [f for f in line.check.findings if f.rule == p.REQUIRED_RULE]
    if lacking:
        missing = ", ".join(line.check.completeness.missing)
        yield _in_book(line, lacking[0], f"{whose}: missing: {missing}")
    for finding in line.check.findings:
        if finding.rule != p.REQUIRED_RULE:
            yield _in_book(line, finding, f"{whose}: {finding.what}")


def _in_book(line: tracker.Line, finding: p.Finding, what: str) -> Check:
    """A finding in a plan that lies in a book; the link leads to its cell there.

    A build does not know the cells of books; the button Check plans does.
    """
    where = f"{line.plan.file}, {line.tab}" if line.plan.file else line.tab
    url = line.url.removesuffix("!A1") + f"!{finding.cell or 'A1'}" if line.url else ""
    return Check(PLAN, what, finding.mend, url, where, finding.serious)


@dataclass(frozen=True)
class _Rep:
    """Some deals of one rep: how many, their money, and the uppermost one's row on Deals."""

    name: str
    deals: int
    amount: float
    weighted: float
    first: int


def _per_rep(deals: pd.DataFrame, data: Round) -> list[_Rep]:
    """The deals of each rep, those with most money first."""
    listed = deal_sheet.listed(data)[w.DEAL_ID]
    place = pd.Series(range(len(listed)), index=listed)
    place = place[~place.index.duplicated()]
    # Every deal that is asked for here is open, and open ones are all listed.
    found = deals.assign(place=deals[w.DEAL_ID].map(place)).groupby(w.PATH_OF, sort=True)
    totals = found.agg(
        deals=(w.DEAL_ID, "size"),
        amount=(w.AMOUNT, "sum"),
        weighted=(w.WEIGHTED, "sum"),
        first=("place", "min"),
    ).sort_values("amount", ascending=False, kind="stable")
    return [
        _Rep(str(name), int(row[0]), float(row[1]), float(row[2]), int(row[3]))
        for name, row in zip(totals.index, totals.to_numpy().tolist(), strict=True)
    ]


def _capped(lines: list[Check], most: int, total: int | None = None) -> list[Check]:
    """The first lines, and one that says how many more there are.

    Args:
        lines: all of them, or the first ``most`` + 1.
        most: how many are listed.
        total: how many there are; ``None``: as many as ``lines``.
    """
    more = (len(lines) if total is None else total) - most
    if more <= 0:
        return lines
    last = lines[most - 1]
    rest = replace(last, what=f"and {more:,} more of this kind", where="", url="")
    if total is None:
        rest = replace(rest, what=f"and {more:,} more", mend="Mend those above, then check again.")
    return [*lines[:most], rest]


def _at_column(
    book: HasTables,
    kind: str,
    what: str,
    mend: str,
    column: str,
    row: int,
    *,
    serious: bool = False,
) -> Check:
    """A check whose cell stands on Accounts."""
    return Check(kind, what, mend, *_cell(book.tables[c.T_ACCOUNTS], row, column), serious)


def _cell(table: Table, row: int, column: str) -> tuple[str, str]:
    """A table's cell as a link and in words."""
    cell = table.cell(row, column)
    return _url(table.sheet, cell), f"{table.sheet}, {cell}"


def _url(sheet: str, cell: str) -> str:
    return f"internal:{quote_sheet(sheet)}!{cell or 'A1'}"


def _link(sheet: Sheet, table: Table, row: int, check: Check) -> None:
    if check.url:
        at = table.columns.index(WHERE)
        formula = link_formula(check.url, check.where)
        sheet.live(table.row + 1 + row, at, formula, check.where, "cell_link", text_wrap=True)


def _first(flags: pd.Series) -> int:
    return int(flags.to_numpy().argmax())


def _examples(names: pd.Series) -> str:
    """Up to three names, and that there are more."""
    listed = ", ".join(names.head(3))
    return listed + (", ..." if len(names) > 3 else "")


def _colours(sheet: Sheet, table: Table) -> None:
    first, last = table.row + 1, table.row + table.rows
    at = table.columns.index(SERIOUS)
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK, bold=True)
    rule = {"type": "cell", "criteria": "==", "value": '"yes"', "format": flag}
    sheet.ws.conditional_format(first, at, last, at, rule)
