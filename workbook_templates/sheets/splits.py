"""Splits: a small book, one level deeper: the budget holders or opportunities of an account.

A book of a few accounts is too coarse for a grid. Where each account is split
into those who hold its budgets, or into what could be sold, the grid works
again. Its money counts once: by the splits where there are some, and by the
account where there are none.
"""

import math
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ...udfs import splits as s
from ...udfs import words as w
from ...udfs.overrides import WITHDRAWN
from ...udfs.quadrants import BY_MONEY, Cuts
from ...udfs.quadrants import quadrant as placed
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Column, Sheet, Table, fixed, row_of
from . import grid_chart, rules
from .changes import left_formula
from .overrides import book_of

ROWS: Final = 20
BLANK_ROWS: Final = 10
GRID_ROW: Final = 6
CHART_COLUMN: Final = 6
CHART_SIZE: Final = (700, 400)
TABLE_ROW: Final = 27
DATA_COLUMN: Final = 24
DATA_TOP: Final = 5
LEAST_POINTS: Final = 60
SPREAD: Final = 30

NOT_PLACED: Final = "Not placed yet"
ONCE_ROW: Final = GRID_ROW + 8

SPLIT: Final = s.SPLIT
KIND: Final = s.KIND
NOTE: Final = s.NOTE
CHECK: Final = s.CHECK
COUNTS_FOR: Final = s.COUNTS_FOR
N_CUT: Final = "SplitsCut"
N_TYPED: Final = "SplitsCutTyped"
N_FILLED: Final = "SplitsFilled"

_FOUND: Final = row_of("[@Account]", f"{c.T_ACCOUNTS}[{w.ACCOUNT}]")
_ROW: Final = "[@Row]"
_PART: Final = f"[@[{COUNTS_FOR}]]"
_MONEY: Final = f"{c.T_SPLITS}[{w.POTENTIAL_MONEY}]"
_PARTS: Final = f"{c.T_SPLITS}[{COUNTS_FOR}]"
_LEFT: Final = f"{c.T_SPLITS}[{s.LEFT}]"
_FIRST: Final = f"{c.T_SPLITS}[{s.FIRST}]"

HOW: Final = (
    "One row per budget holder (a business unit, a department head) or per opportunity (a product "
    "that could be sold there). An account's own row does not count beside its splits."
)


def write(book: Book, data: Round) -> None:
    """Writes the sheet; a small book starts with its open deals."""
    sheet = book.sheets[c.SPLITS]
    sheet.heading("Splits", "Few accounts? Split them, and place each part on the grid.")
    sheet.put(2, 0, HOW, "sentence", font_size=11)
    rows, found = as_written(data)
    sheet.put(3, 0, _told(data, rows), "note")
    columns = _columns(rows, found, data, book.tables[c.T_ACCOUNTS])
    blank = max(ROWS - len(rows), BLANK_ROWS)
    table = sheet.table(c.T_SPLITS, TABLE_ROW, 0, columns, len(rows), blank_rows=blank)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    hidden = [table.columns.index(name) for name in ("Row", s.FIRST)]
    sheet.ws.set_column(hidden[0], hidden[1], 8, None, {"hidden": True, "level": 1})
    sheet.ws.freeze_panes(0, 1)
    sheet.ws.repeat_rows(table.row)
    sheet.ws.print_area(0, 0, table.below - 1, hidden[0] - 1)
    _cut(sheet, found, data)
    _grid(sheet, found, data)
    _counted_once(sheet, found, data)
    _chart(sheet, found, data, table)
    _colours(sheet, table)


def prefilled(data: Round) -> pd.DataFrame:
    """One split per open deal of the accounts of small books, the best account first.

    Returns:
        As ``udfs.splits.from_deals``; no rows for larger books and for teams, who
        collect the splits of their reps.
    """
    accounts = data.accounts[in_small_books(data)]
    order = accounts[c.OVERALL_RANK].fillna(math.inf).sort_values(kind="stable").index
    return s.from_deals(accounts.loc[order], data.deals, data.product_rates)


def in_small_books(data: Round) -> pd.Series:
    """Which accounts belong to somebody with fewer accounts than the setting says."""
    owners = data.accounts[w.OWNER]
    owned = data.accounts.groupby(owners)[w.ACCOUNT_ID].transform("size")
    few = (owned < data.settings.few_accounts) & ~owners.isin(["", w.UNASSIGNED])
    return few & (data.kind != c.TEAM)


def _told(data: Round, rows: pd.DataFrame) -> str:
    few = data.settings.few_accounts
    if not len(rows):
        return (
            f"Worth the while in a book of fewer than {few} accounts (Settings), whose open deals "
            "then stand here as a start; in a larger one, for the few accounts that are many in "
            "one."
        )
    mine = data.deals[data.deals[w.ACCOUNT_ID].isin(data.accounts[w.ACCOUNT_ID])]
    stale = int(mine[w.STALE].astype(bool).sum())
    left_out = f" {stale:,} stale ones are left out: they count nothing." if stale else ""
    return (
        f"Each open deal stands here as a start: change, replace or delete the rows.{left_out} "
        "Likelihood: the mean of the account's and of its product's win rate; Note has both."
    )


# --- What the formulas give now -------------------------------------------------------


def as_written(data: Round) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The splits that a workbook starts with, and what is found of each."""
    rows = prefilled(data)
    return rows, _found(rows, data)


def _found(rows: pd.DataFrame, data: Round) -> pd.DataFrame:
    """What the formulas beside each split give."""
    accounts = data.accounts
    states = dict(zip(data.deals[w.DEAL_ID], data.deals[w.STATE], strict=True))
    out = s.judged(rows, accounts[w.ACCOUNT], accounts[w.POTENTIAL_MONEY], states)
    money, likelihood = rows[w.POTENTIAL_MONEY].astype(float), rows[w.LIKELIHOOD].astype(float)
    cut = s.money_cut(money[out[COUNTS_FOR].notna()])
    cuts = Cuts(BY_MONEY, cut, data.settings.likelihood_cut, "", cut)
    quadrants = placed(money, likelihood, cuts)
    out[w.QUADRANT] = quadrants.where(quadrants.isin(w.QUADRANTS), "")
    out["money"], out["likelihood"] = money, likelihood
    out["name"] = rows[SPLIT] + " (" + rows[w.ACCOUNT] + ")"
    return out


# --- The table ----------------------------------------------------------------------------


def _columns(rows: pd.DataFrame, found: pd.DataFrame, data: Round, accounts: Table) -> list[Column]:
    # In a team workbook, rows that a rep took out of the book stay, without effect.
    off = f'[@{w.STATE}]="{WITHDRAWN}",' if data.kind == c.TEAM else ""
    return [
        Column(
            w.ACCOUNT,
            rows[w.ACCOUNT],
            role="input",
            width=28,
            choices=f"={accounts.area(w.ACCOUNT)}",
            prompt="Pick the account.",
        ),
        Column(
            SPLIT,
            rows[SPLIT],
            role="input",
            width=30,
            prompt="The budget holder, or what could be sold.",
        ),
        Column(
            KIND, rows[KIND], role="input", width=15, choices=s.KINDS, prompt="Which of the two."
        ),
        Column(
            w.POTENTIAL_MONEY,
            rows[w.POTENTIAL_MONEY],
            role="input",
            kind="money",
            width=14,
            note="Money a year that this part can give",
            rule=rules.between(0, 1e15, "Money, 0 or more."),
            prompt="Money a year that this part of the account can give.",
        ),
        Column(
            w.LIKELIHOOD,
            rows[w.LIKELIHOOD],
            role="input",
            kind="score",
            width=14,
            note="0-100: how likely you are to win it",
            rule=rules.between(0, 100, "A number from 0 to 100."),
            prompt="0 to 100: how likely you are to win it.",
        ),
        Column(
            w.QUADRANT,
            found[w.QUADRANT],
            formula=f'=IF(OR({off}[@Account]="",NOT(ISNUMBER([@[Potential $]])),'
            f'NOT(ISNUMBER([@Likelihood])),NOT(ISNUMBER({N_CUT}))),"",'
            f'IF([@[Potential $]]>={N_CUT},IF([@Likelihood]>=LikelihoodCut,"{w.SLAM_DUNK}",'
            f'"{w.BIG_BET}"),IF([@Likelihood]>=LikelihoodCut,"{w.QUICK_WIN}","{w.SKIP}")))',
            role="output",
            width=14,
            note="High potential begins at the cut above, high likelihood where it does for "
            "accounts (Settings)",
        ),
        Column(NOTE, rows[NOTE], role="input", wrap=True, width=66, prompt="What to remember."),
        Column(
            CHECK,
            found[CHECK],
            formula=_check_formula(data.kind),
            width=46,
            note="ok, or what is wrong with the row: above all whether the account's splits add up "
            "to more than its Potential $. Nothing is made smaller for you",
        ),
        Column(
            s.MOST,
            found[s.MOST],
            formula=f'=IF({_PART}="","",IF(ISNUMBER(INDEX({c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}],'
            f'{_PART})),INDEX({c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}],{_PART}),""))',
            kind="money",
            width=14,
            note="Potential $ of the account, as on Accounts",
        ),
        Column(
            s.TOGETHER,
            found[s.TOGETHER],
            formula=f'=IF({_PART}="","",SUMIFS({_MONEY},{_PARTS},{_PART}))',
            kind="money",
            width=14,
            note="What all splits of the account add up to",
        ),
        Column(
            s.LEFT,
            found[s.LEFT],
            formula=f'=IF(OR({_PART}="",[@[{s.MOST}]]=""),"",'
            f"ROUND([@[{s.MOST}]]-[@[{s.TOGETHER}]],6))",
            kind="money",
            width=14,
            note="Less than 0: the splits are too much",
        ),
        Column(
            "Row",
            found["Row"],
            formula=f'=IF([@Account]="","",IFERROR({_FOUND},""))',
            role="note",
            width=8,
            note="Where the account stands on Accounts",
        ),
        Column(
            COUNTS_FOR,
            found[COUNTS_FOR],
            formula=f'=IF(OR({off}{_ROW}="",NOT(ISNUMBER([@[{w.POTENTIAL_MONEY}]]))),"",'
            f'IF([@[{w.POTENTIAL_MONEY}]]<0,"",{_ROW}))',
            role="note",
            width=8,
            note="The row of the account whose part it is; blank where it does not count",
        ),
        Column(
            s.FIRST,
            found[s.FIRST],
            formula=f'=IF({_PART}="","",IF(MATCH({_PART},{_PARTS},0)=ROW()-ROW(INDEX({_PARTS},1))'
            "+1,1,0))",
            role="note",
            width=8,
            note="1 on the first split of an account, so that each account counts once",
        ),
        Column(
            w.DEAL_ID,
            rows[w.DEAL_ID],
            role="note",
            width=20,
            note="The deal that it was filled in from; Check says when that is closed",
        ),
        *(_team_columns() if data.kind == c.TEAM else ()),
    ]


def _team_columns() -> list[Column]:
    return [
        Column(
            w.STATE,
            role="input",
            width=12,
            choices=[WITHDRAWN],
            prompt="Withdrawn: the rep took the row out of the book. It stays here, without "
            "effect.",
        ),
        book_of(),
    ]


def _check_formula(kind: str) -> str:
    """The first thing that is wrong with a split, in words."""
    deal = f"INDEX({c.T_DEALS}[{w.STATE}],MATCH([@[{w.DEAL_ID}]],{c.T_DEALS}[{w.DEAL_ID}],0))"
    stands = f'*({c.T_SPLITS}[{w.STATE}]<>"{WITHDRAWN}")' if kind == c.TEAM else ""
    same = (
        f"SUMPRODUCT(EXACT({c.T_SPLITS}[{w.ACCOUNT}],[@Account])"
        f"*EXACT({c.T_SPLITS}[{SPLIT}],[@{SPLIT}]){stands})"
    )
    together, most = f"[@[{s.TOGETHER}]]", f"[@[{s.MOST}]]"
    money, chance = f"[@[{w.POTENTIAL_MONEY}]]", f"[@{w.LIKELIHOOD}]"
    tests = [
        ('[@Account]=""', f'"{s.NOBODY}"'),
        (f'IF({_ROW}="",{left_formula("[@Account]")}>0,FALSE)', f'"{w.LEFT_EXPORT}"'),
        (f'{_ROW}=""', f'"{s.NO_ACCOUNT}"'),
        (f'{_PART}=""', f'"{s.NO_MONEY}"'),
        (
            f"OR(NOT(ISNUMBER({chance})),N({chance})<0,N({chance})>100)",
            f'"{s.NO_CHANCE}"',
        ),
        (f'AND([@{SPLIT}]<>"",{same}>1)', f'"{s.TWICE}"'),
        (
            f'IF([@[{w.DEAL_ID}]]="",FALSE,IFERROR({deal}<>"{w.OPEN}",FALSE))',
            f'"{s.CLOSED}: "&{deal}',
        ),
        (f'{most}=""', f'"{s.UNKNOWN}"'),
        (
            f"ROUND({together}-{most},6)>0",
            f'"{s.TOO_MUCH}: "&FIXED({together},0)&" of "&FIXED({most},0)',
        ),
    ]
    if kind == c.TEAM:
        tests.insert(0, (f'[@{w.STATE}]="{WITHDRAWN}"', f'"{s.OFF}"'))
    formula = f'"{s.OK}"'
    for test, word in reversed(tests):
        formula = f"IF({test},{word},{formula})"
    return f'=IF([@Account]&[@{SPLIT}]&{money}&{chance}="","",{formula})'


# --- The grid ---------------------------------------------------------------------------


def _cut(sheet: Sheet, found: pd.DataFrame, data: Round) -> None:
    """Where high potential begins among splits, in a sentence, and a cell to say otherwise."""
    cut = s.money_cut(found.loc[found[COUNTS_FOR].notna(), "money"])
    whole = data.settings.money_cut
    whole = data.cuts.median if whole is None else whole
    likelihood = data.settings.likelihood_cut

    def told(of: str, money: str, wholes: str, likely: str) -> str:
        return (
            f'"High potential begins at "&{money}&"{of} (of whole accounts at "&{wholes}&"), high '
            f'likelihood at "&{likely}&"."'
        )

    median, own = (
        told(of, f"FIXED({N_CUT},0)", "FIXED(N(MoneyCut),0)", "LikelihoodCut")
        for of in (", the median of the splits", ", as you say")
    )
    nothing = "Type a split, and the grid begins to fill."
    formula = f'=IF(NOT(ISNUMBER({N_CUT})),"{nothing}",IF(ISNUMBER({N_TYPED}),{own},{median}))'
    wholes = 0.0 if math.isnan(whole) else whole
    text = (
        f"High potential begins at {fixed(cut)}, the median of the splits (of whole accounts at "
        f"{fixed(wholes)}), high likelihood at {likelihood:g}."
        if not math.isnan(cut)
        else nothing
    )
    sheet.live(4, 0, formula, text, "sentence")
    sheet.put(5, 0, "Your own cut (blank: the median)", "label")
    sheet.put(5, 1, None, "input", "money")
    sheet.name_cell(N_TYPED, 5, 1)
    sheet.restrict(
        "B6",
        rules.between(0, 1e15, "Money, 0 or more."),
        "High potential",
        "Money: a split of so much or more has high potential. Blank: the median of the splits.",
    )
    median = f'IFERROR(ROUND(_xlfn.AGGREGATE(16,6,{_MONEY}/ISNUMBER({_PARTS}),0.5),9),"")'
    sheet.live(5, 2, f"=IF(ISNUMBER({N_TYPED}),{N_TYPED},{median})", cut, kind="money")
    sheet.name_cell(N_CUT, 5, 2)


def _whole() -> str:
    """Which accounts have no split, as an array of a formula."""
    column = f"{c.T_ACCOUNTS}[{w.ACCOUNT}]"
    return f'({column}<>"")*ISNA(MATCH(ROW({column})-ROW(INDEX({column},1))+1,{_PARTS},0))'


def _grid(sheet: Sheet, found: pd.DataFrame, data: Round) -> None:
    """Splits, and accounts that are not split, by quadrant."""
    sheet.section(GRID_ROW, 0, "The grid: splits, and accounts that are not split", 6)
    heads = ("Quadrant", "Splits", w.POTENTIAL_MONEY, "Whole accounts", "Their $", "Together")
    for offset, head in enumerate(heads):
        align = "right" if offset else "left"
        sheet.put(GRID_ROW + 1, offset, head, "header", align=align)
    part = found[found[COUNTS_FOR].notna()]
    accounts = data.accounts[~_is_split(found, data)]
    quadrant = f"{c.T_ACCOUNTS}[{w.QUADRANT}]"
    worth = f"{c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}]"
    top = GRID_ROW + 2
    for offset, name in enumerate((*w.QUADRANTS, NOT_PLACED)):
        at = top + offset
        look = styles.QUADRANT_LOOKS.get(name)
        fill = {"bg_color": look.fill, "font_color": look.ink} if look else {}
        sheet.put(at, 0, name, "label", **fill)
        mine = part[part[w.QUADRANT] == (name if look else "")]
        wholes = accounts[accounts[w.QUADRANT] == name]
        splits = f'{_PARTS},">0",{c.T_SPLITS}[{w.QUADRANT}],"{name}"'
        tests = f'({quadrant}="{name}")*{_whole()}'
        formulas = [
            f"=COUNTIFS({splits})",
            f"=SUMIFS({_MONEY},{splits})",
            f"=SUMPRODUCT({tests})",
            f"=SUMPRODUCT({tests},{worth})",
        ]
        if not look:
            wholes = accounts[~accounts[w.QUADRANT].isin(w.QUADRANTS)]
            above = [f"SUM({col}{top + 1}:{col}{at})" for col in "BCDE"]
            every = f'{_PARTS},">0"'
            formulas = [
                f"=COUNTIFS({every})-{above[0]}",
                f"=ROUND(SUMIFS({_MONEY},{every})-{above[1]},6)",
                f"=SUMPRODUCT({_whole()})-{above[2]}",
                f"=ROUND(SUMPRODUCT({_whole()},{worth})-{above[3]},6)",
            ]
        values = (
            float(len(mine)),
            float(mine["money"].sum()),
            float(len(wholes)),
            float(wholes[w.POTENTIAL_MONEY].sum()),
        )
        for place, (formula, value) in enumerate(zip(formulas, values, strict=True), 1):
            kind = "count" if place % 2 else "money"
            sheet.live(at, place, formula, value, kind=kind)
        total = values[1] + values[3]
        sheet.live(at, 5, f"=C{at + 1}+E{at + 1}", total, "output", "money")


def _is_split(found: pd.DataFrame, data: Round) -> "pd.Series[bool]":
    places = pd.Series(range(1, len(data.accounts) + 1), index=data.accounts.index, dtype=float)
    return places.isin(found[COUNTS_FOR].dropna())


def _counted_once(sheet: Sheet, found: pd.DataFrame, data: Round) -> None:
    """The book's money, counted once, and tied to Accounts."""
    potential = pd.Series(
        data.accounts[w.POTENTIAL_MONEY].to_numpy(float), index=range(1, len(data.accounts) + 1)
    )
    money = s.counted_once(found[COUNTS_FOR], found["money"], potential)
    worth = f"{c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}]"
    sheet.section(ONCE_ROW, 0, f"{w.POTENTIAL_MONEY}, each account counted once", 6)
    known = f'(ISNUMBER({_PARTS})*({c.T_SPLITS}[{s.MOST}]=""))'
    lines = (
        ("In splits", money.splits, f'=SUMIFS({_MONEY},{_PARTS},">0")'),
        (
            "+ left of accounts that are split",
            money.left,
            f'=SUMIFS({_LEFT},{_FIRST},1,{_LEFT},">0")',
        ),
        ("+ accounts that are not split", money.whole, f"=SUMPRODUCT({_whole()},{worth})"),
        (
            "- beyond what accounts can give",
            -money.beyond,
            f'=SUMIFS({_LEFT},{_FIRST},1,{_LEFT},"<0")',
        ),
        (
            f"- of accounts without {w.POTENTIAL_MONEY}",
            -money.unknown,
            f"=-SUMPRODUCT(--{known},{_MONEY})",
        ),
    )
    first = ONCE_ROW + 1
    for offset, (label, value, formula) in enumerate(lines):
        sheet.put(first + offset, 0, label, "label")
        sheet.live(first + offset, 2, formula, value, kind="money")
    last = first + len(lines)
    sheet.put(last, 0, f"= {w.POTENTIAL_MONEY} on Accounts", "label")
    total = f"SUM(C{first + 1}:C{last})"
    sheet.live(last, 2, f"={total}", money.accounts, "output", "money")
    ties = f"ABS({total}-SUM({worth}))<0.01"
    sheet.live(
        last, 3, f'=IF({ties},"ties to Accounts: ok","does not tie")', "ties to Accounts: ok"
    )
    _too_full(sheet, first + 3, found)


def _too_full(sheet: Sheet, row: int, found: pd.DataFrame) -> None:
    """How many accounts are split into more than they can give."""
    count = int(((found[s.FIRST] == 1) & (found[s.LEFT] < 0)).sum())
    formula = f'COUNTIFS({_FIRST},1,{_LEFT},"<0")'
    sheet.live(
        row,
        3,
        f'=IF({formula}=0,"",{formula}&IF({formula}=1," account"," accounts")'
        '&" too full: see Check")',
        f"{count} account{'' if count == 1 else 's'} too full: see Check" if count else "",
    )
    flag = sheet.book.rule_style(font_color=styles.FLAG_INK, bg_color=styles.FLAG_FILL, bold=True)
    rule = {"type": "formula", "criteria": f"=$C${row + 1}<0", "format": flag}
    sheet.ws.conditional_format(row, 0, row, 5, rule)


# --- The chart ---------------------------------------------------------------------------


def _chart(sheet: Sheet, found: pd.DataFrame, data: Round, table: Table) -> None:
    points = max(LEAST_POINTS, table.rows + ROWS)
    block = grid_chart.Block(sheet, DATA_TOP, DATA_COLUMN, points)
    cut = s.money_cut(found.loc[found[COUNTS_FOR].notna(), "money"])
    _block(block, found, data.as_of if in_small_books(data).any() else None)
    drawn = found[found[w.QUADRANT] != ""]
    money = drawn["money"].astype(float)
    least, logarithmic = _axis(money)
    rows = drawn.index.tolist()
    likelihoods, names = drawn["likelihood"].astype(float), drawn["name"].astype(str)
    labels = [
        None
        if at is None
        else grid_chart.Label(rows[at] + 1.0, likelihoods.iloc[at], money.iloc[at], names.iloc[at])
        for at in grid_chart.to_name(drawn[w.QUADRANT], money)
    ]
    grid_chart.write_labels(block, labels)
    highest = max([0.0, *money, *([] if math.isnan(cut) else [cut])])
    now: float | str = "" if math.isnan(cut) else cut
    grid_chart.write_cuts(block, data.settings.likelihood_cut, N_CUT, now, least, highest)
    last = DATA_COLUMN + grid_chart.COLUMNS
    sheet.ws.set_column(DATA_COLUMN - 1, last, 12, None, {"hidden": True, "level": 1})
    grid_chart.insert_chart(
        block,
        GRID_ROW,
        CHART_COLUMN,
        title="Big bets top left, slam dunks top right",
        up=f"{w.POTENTIAL_MONEY} of each split",
        least=least,
        logarithmic=logarithmic,
        size=CHART_SIZE,
        what="the splits",
    )


def _block(block: grid_chart.Block, found: pd.DataFrame, filled: pd.Timestamp | None) -> None:
    """The helper block: one row per split, in the order of the table."""
    sheet, col = block.sheet, block.col
    sheet.put(block.top - 2, col, "Chart data: leave it as it is", "note")
    sheet.put(block.top - 3, col, "Deals opened until then are filled in", "note")
    sheet.put(block.top - 3, col + 1, filled, "note", "date")
    sheet.name_cell(N_FILLED, block.top - 3, col + 1)
    heads = ("Split", "Row", "Likelihood", "Value", "Quadrant", *w.QUADRANTS, "Name", "Worth")
    for offset, head in enumerate(heads):
        sheet.put(block.top - 1, col + offset, head, "note")
    letters = [xl_col_to_name(col + offset) for offset in range(len(heads))]
    for place in range(block.points):
        at = block.top + place
        row, quadrant, value = (f"${letters[n]}{at + 1}" for n in (1, 4, 3))

        def pick(column: str, row: str = row) -> str:
            return f"INDEX({c.T_SPLITS}[{column}],{row})"

        known = place < len(found) and found[w.QUADRANT].iloc[place] != ""
        split = found.iloc[place] if known else None
        name = f'{pick(SPLIT)}&" ("&{pick(w.ACCOUNT)}&")"'
        here = f"INDEX({c.T_SPLITS}[{w.QUADRANT}],{place + 1})"
        cells: list[tuple[str, object]] = [
            (
                f'IF({place + 1}>ROWS({c.T_SPLITS}[{w.QUADRANT}]),"",IF({here}="","",{place + 1}))',
                place + 1.0 if known else "",
            ),
            (
                f'IF({row}="",NA(),{pick(w.LIKELIHOOD)})',
                "#N/A" if split is None else split["likelihood"],
            ),
            (f'IF({row}="","",{pick(w.POTENTIAL_MONEY)})', "" if split is None else split["money"]),
            (f'IF({row}="","",{pick(w.QUADRANT)})', "" if split is None else split[w.QUADRANT]),
            *(
                (
                    f'IF({quadrant}="{each}",{value},NA())',
                    "#N/A" if split is None or split[w.QUADRANT] != each else split["money"],
                )
                for each in w.QUADRANTS
            ),
            (f'IF({row}="","",{name})', "" if split is None else split["name"]),
            (f'IF({row}="","",{value})', "" if split is None else split["money"]),
        ]
        sheet.put(at, col, place + 1, "note", "general")
        for offset, (formula, stored) in enumerate(cells, start=1):
            sheet.live(at, col + offset, "=" + formula, stored, "note", "general")


def _axis(money: "pd.Series[float]") -> tuple[float, bool]:
    """Where the potential axis begins, and whether it is logarithmic."""
    values = money[money > 0]
    if len(values) and len(values) == len(money) and values.max() / values.min() > SPREAD:
        return 10.0 ** math.floor(math.log10(values.min())), True
    return 0.0, False


def _colours(sheet: Sheet, table: Table) -> None:
    first, last = table.row + 1, table.row + table.rows
    column = table.columns.index(w.QUADRANT)
    for name, look in styles.QUADRANT_LOOKS.items():
        style = sheet.book.rule_style(bg_color=look.fill, font_color=look.ink)
        rule = {"type": "cell", "criteria": "==", "value": f'"{name}"', "format": style}
        sheet.ws.conditional_format(first, column, last, column, rule)
    column, cell = table.columns.index(CHECK), table.cell(0, CHECK)
    flag = sheet.book.rule_style(bg_color=styles.FLAG_FILL, font_color=styles.FLAG_INK)
    rule = {
        "type": "formula",
        "criteria": f'=AND({cell}<>"",{cell}<>"{s.OK}",{cell}<>"{s.OFF}")',
        "format": flag,
    }
    sheet.ws.conditional_format(first, column, last, column, rule)
