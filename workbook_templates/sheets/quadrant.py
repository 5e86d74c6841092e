"""Quadrant: the book on two axes, the grid with its money and names, the risk profile."""

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from ...udfs import words as w
from ...udfs.quadrants import RISK_CHECKS, quadrant_grid, risk_profile
from ...udfs.whitespace import MEDIAN_SPEND, PEERS_SHARE
from .. import contract as c
from .. import styles
from ..round import Round
from ..writer import Book, Sheet, criterion, fixed
from . import grid_chart

RISK_SENTENCE: Final = "RiskSentence"
MOST_POINTS: Final = 500
MORE_POINTS: Final = 20
TOP: Final = 5
NAMES: Final = 5
ROOM: Final = 8
PRODUCTS: Final = 5
LONGEST_NAME: Final = 40
DATA_COLUMN: Final = 24
GRID_ROW: Final = 6
BLOCK_ROWS: Final = NAMES + 3
CHART_COLUMN: Final = 6
GUTTER: Final = 2
"""The narrow column between the left and the right half of the grid."""

_QUADRANT: Final = f"{c.T_ACCOUNTS}[{w.QUADRANT}]"
_RANK: Final = f"{c.T_ACCOUNTS}[{c.OVERALL_RANK}]"
_EXPECTED: Final = f"{c.T_ACCOUNTS}[{w.EXPECTED_MONEY}]"


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.QUADRANT]
    sheet.heading("Quadrant", f"{data.name}: potential against likelihood of success")
    sheet.widths(34, 15, 3, 34, 15, 3, *[12] * 8)
    grid = quadrant_grid(
        data.accounts[w.QUADRANT], data.accounts[w.EXPECTED_MONEY], data.accounts[w.POTENTIAL_MONEY]
    )
    _sentences(sheet, data)
    places = {
        w.BIG_BET: (GRID_ROW, 0),
        w.SLAM_DUNK: (GRID_ROW, 3),
        w.SKIP: (GRID_ROW + BLOCK_ROWS + 1, 0),
        w.QUICK_WIN: (GRID_ROW + BLOCK_ROWS + 1, 3),
    }
    for quadrant, (row, col) in places.items():
        _block(sheet, data, quadrant, row, col, grid)
    below = GRID_ROW + 2 * (BLOCK_ROWS + 1)
    below = _profile(sheet, data, below, grid)
    _segments(sheet, data, below + 1)
    room = below + 5 + len(data.settings.segments)
    _room_to_grow(sheet, data, room)
    _heat_map(sheet, data, room)
    _chart(sheet, data, _chart_data(sheet, data))
    sheet.ws.print_area(0, 0, room + 2 + ROOM, CHART_COLUMN + 7)


def _sentences(sheet: Sheet, data: Round) -> None:
    profile = risk_profile(data.accounts[w.QUADRANT], data.accounts[w.EXPECTED_MONEY])
    bets, wins = (f'COUNTIF({_QUADRANT},"{name}")' for name in (w.BIG_BET, w.QUICK_WIN))
    money = [f'SUMIF({_QUADRANT},"{name}",{_EXPECTED})' for name in (w.BIG_BET, w.QUICK_WIN)]

    def said(label: str) -> str:
        return f'"{label}. {RISK_CHECKS[label]}."'

    formula = (
        f"=IF({bets}+{wins}=0,{said(w.NO_PROFILE)},"
        f"IF(3*{bets}>=2*({bets}+{wins}),{said(w.MOSTLY_BIG_BETS)},"
        f"IF(3*{bets}<=({bets}+{wins}),{said(w.MOSTLY_QUICK_WINS)},{said(w.BALANCED)})))"
        f'&" Big bets: "&{bets}&" worth "&FIXED({money[0]},0)&". Quick wins: "&{wins}'
        f'&" worth "&FIXED({money[1]},0)&"."'
    )
    text = (
        f"{profile.label}. {profile.check}. Big bets: {profile.big_bets} worth "
        f"{fixed(profile.big_bet_money)}. Quick wins: {profile.quick_wins} worth "
        f"{fixed(profile.quick_win_money)}."
    )
    sheet.ws.set_row(2, 24)
    sheet.live(2, 0, formula, text, "sentence", bold=True)
    sheet.name_cell(RISK_SENTENCE, 2, 0)
    cut = data.cuts.potential
    needed = data.needed_per_account
    beside = (
        ""
        if math.isnan(needed)
        else f" To make the quotas, the average account must bring {fixed(needed)}."
    )
    sheet.live(
        3,
        0,
        f'="High potential begins at "&FIXED({c.N_CUT},0)&" ("&{c.N_PLACED_BY}&"), high '
        f'likelihood at "&LikelihoodCut&"."'
        f'&IF(NeededPerAccount="",""," To make the quotas, the average account must bring "'
        f'&FIXED(NeededPerAccount,0)&".")',
        f"High potential begins at {fixed(cut)} ({data.cuts.placed_by}), high likelihood at "
        f"{data.cuts.likelihood:g}.{beside}",
        "sentence",
    )
    sheet.put(4, 0, "The cut is the median of all scored accounts, or yours: see Settings.", "note")


def _block(
    sheet: Sheet, data: Round, quadrant: str, row: int, col: int, grid: pd.DataFrame
) -> None:
    """One quarter of the grid: how many, how much, and the best by Score."""
    look = styles.QUADRANT_LOOKS[quadrant]
    fill = {"bg_color": look.fill, "font_color": look.ink}
    sheet.ws.set_row(row, 20)
    sheet.put(row, col, quadrant, "header", bg_color=look.colour, font_size=12)
    sheet.put(row, col + 1, w.EXPECTED_MONEY, "header", bg_color=look.colour, align="right")
    count = int(grid["Accounts"][quadrant])
    sheet.live(
        row + 1,
        col,
        f'=COUNTIF({_QUADRANT},"{quadrant}")&IF(COUNTIF({_QUADRANT},"{quadrant}")=1,'
        '" account"," accounts")',
        f"{count} account{'' if count == 1 else 's'}",
        "output",
        **fill,
    )
    sheet.live(
        row + 1,
        col + 1,
        f'=SUMIF({_QUADRANT},"{quadrant}",{_EXPECTED})',
        grid.loc[quadrant, w.EXPECTED_MONEY],
        "output",
        "money",
        **fill,
    )
    best = data.accounts[data.accounts[w.QUADRANT] == quadrant].sort_values(c.OVERALL_RANK)
    for place in range(NAMES):
        at = row + 2 + place
        rank = (
            f'_xlfn.AGGREGATE(15,6,{_RANK}/(({_QUADRANT}="{quadrant}")*ISNUMBER({_RANK})),'
            f"{place + 1})"
        )
        position = f"MATCH({rank},{_RANK},0)"
        found = best.iloc[place] if place < len(best) else None
        for offset, (source, kind) in enumerate(((w.ACCOUNT, "text"), (w.EXPECTED_MONEY, "money"))):
            value = "" if found is None else found[source]
            formula = f'=IFERROR(INDEX({c.T_ACCOUNTS}[{source}],{position}),"")'
            sheet.live(at, col + offset, formula, value, "calculation", kind)


def _header(sheet: Sheet, row: int, heads: Sequence[str], figures: Sequence[int]) -> None:
    """The header of a block that runs across the gutter; over figures it stands on the right."""
    columns = [column for column in range(len(heads) + 1) if column != GUTTER]
    sheet.put(row, GUTTER, None, "header")
    for column, head in zip(columns, heads, strict=True):
        room: dict[str, Any] = (
            {"align": "right"} if column in figures else {"align": "left", "indent": 1}
        )
        sheet.put(row, column, head, "header", **room)


def _profile(sheet: Sheet, data: Round, row: int, grid: pd.DataFrame) -> int:
    sheet.section(row, 0, "The grid in figures", 5)
    heads = ("Quadrant", "Accounts", w.EXPECTED_MONEY, "Share of money")
    _header(sheet, row + 1, heads, figures=(1, 3, 4))
    total = float(grid[w.EXPECTED_MONEY].sum())
    for offset, quadrant in enumerate(grid.index):
        at = row + 2 + offset
        look = styles.QUADRANT_LOOKS[quadrant]
        money = float(grid.loc[quadrant, w.EXPECTED_MONEY])
        sheet.put(at, 0, quadrant, "label", bg_color=look.fill, font_color=look.ink)
        sheet.live(
            at,
            1,
            f"=COUNTIF({_QUADRANT},A{at + 1})",
            grid.loc[quadrant, "Accounts"],
            kind="count",
        )
        sheet.put(at, GUTTER, None, "calculation")
        sheet.live(at, 3, f"=SUMIF({_QUADRANT},A{at + 1},{_EXPECTED})", money, kind="money")
        sheet.live(
            at,
            4,
            f"=IF(SUM({_EXPECTED})=0,0,D{at + 1}/SUM({_EXPECTED}))",
            money / total if total else 0.0,
            kind="percent",
        )
    return row + 2 + len(grid)


def _segments(sheet: Sheet, data: Round, row: int) -> None:
    sheet.section(row, 0, "The segments, and what each is for", 5)
    heads = ("Segment", "Accounts", "What it is for", w.EXPECTED_MONEY)
    _header(sheet, row + 1, heads, figures=(1, 4))
    segment = f"{c.T_ACCOUNTS}[{w.SEGMENT}]"
    actions = [(s.name, s.action) for s in data.settings.segments]
    for offset, (name, action) in enumerate([*actions, (w.OTHER_SEGMENT, "Find out what fits")]):
        at = row + 2 + offset
        mine = data.accounts[data.accounts[w.SEGMENT] == name]
        sheet.put(at, 0, name, "label")
        test = criterion(f"A{at + 1}")
        sheet.live(at, 1, f"=COUNTIFS({segment},{test})", float(len(mine)), kind="count")
        sheet.put(at, GUTTER, None, "calculation")
        sheet.put(at, 3, action, "calculation", text_wrap=True)
        sheet.fit(at, (action, 34))
        sheet.live(
            at,
            4,
            f"=SUMIFS({_EXPECTED},{segment},{test})",
            float(mine[w.EXPECTED_MONEY].sum()),
            kind="money",
        )


def _room_to_grow(sheet: Sheet, data: Round, row: int) -> None:
    """The active accounts with the largest room to grow, live."""
    sheet.section(row, 0, "Active accounts with the largest room to grow", 5)
    heads = (w.ACCOUNT, w.EXPANSION_MONEY, w.SEGMENT, w.EXPECTED_MONEY)
    _header(sheet, row + 1, heads, figures=(1, 4))
    found = largest_room(data)
    for place in range(ROOM):
        at = row + 2 + place
        mine = xl_rowcol_to_cell(at, 1, col_abs=True)
        above = xl_range_abs(row + 2, 1, at, 1)
        first = room_row(mine, above)
        known = found.iloc[place] if place < len(found) else None
        sheet.put(at, GUTTER, None, "calculation")
        sheet.live(
            at,
            1,
            room_money(place),
            "" if known is None else known[w.EXPANSION_MONEY],
            "output",
            "money",
        )
        for offset, (column, kind) in (
            (0, (w.ACCOUNT, "text")),
            (3, (w.SEGMENT, "text")),
            (4, (w.EXPECTED_MONEY, "money")),
        ):
            sheet.live(
                at,
                offset,
                f'=IF({mine}="","",INDEX({c.T_ACCOUNTS}[{column}],{first}))',
                "" if known is None else known[column],
                "calculation",
                kind,
            )


_EXPANSION: Final = f"{c.T_ACCOUNTS}[{w.EXPANSION_MONEY}]"
_HAS_ROOM: Final = (
    f'({c.T_ACCOUNTS}[{w.STATUS}]="{w.ACTIVE}")'
    f'*({c.T_ACCOUNTS}[{w.GROWTH}]="{w.ROOM_TO_GROW}")*({_EXPANSION}>0)'
)


def room_money(place: int) -> str:
    """The Expansion $ of the active account with the largest room, or the next; from 0."""
    return f'=IFERROR(_xlfn.AGGREGATE(14,6,{_EXPANSION}/({_HAS_ROOM}),{place + 1}),"")'


def room_row(mine: str, above: str) -> str:
    """Where the account with that room stands on Accounts.

    Args:
        mine: the cell with its Expansion $.
        above: the cells of the list down to it, so that equal ones take turns.
    """
    return (
        f"_xlfn.AGGREGATE(15,6,(ROW({_EXPANSION})-ROW(INDEX({_EXPANSION},1))+1)"
        f"/(({_EXPANSION}={mine})*{_HAS_ROOM}),COUNTIF({above},{mine}))"
    )


def largest_room(data: Round) -> pd.DataFrame:
    """The active accounts with room to grow, the largest first; of equal ones the upper first."""
    accounts = data.accounts
    room = (accounts[w.STATUS] == w.ACTIVE) & (accounts[w.GROWTH] == w.ROOM_TO_GROW)
    open_ones = accounts[room & (accounts[w.EXPANSION_MONEY] > 0)]
    return open_ones.sort_values(w.EXPANSION_MONEY, ascending=False, kind="stable").head(ROOM)


def _heat_map(sheet: Sheet, data: Round, row: int) -> None:
    """What the peers of these accounts buy and they do not: account by product."""
    if data.whitespace.empty:
        return
    col = CHART_COLUMN
    sheet.section(row, col, "What their peers buy and they do not, as of the build", 8)
    gaps = data.whitespace.set_index([w.ACCOUNT_ID, w.PRODUCT])[PEERS_SHARE]
    worth = data.whitespace.assign(
        worth=data.whitespace[PEERS_SHARE] * data.whitespace[MEDIAN_SPEND]
    )
    products = worth.groupby(w.PRODUCT)["worth"].sum().nlargest(PRODUCTS).index
    sheet.put(row + 1, col, w.ACCOUNT, "header")
    for offset in (1, 2):
        sheet.put(row + 1, col + offset, None, "header")
    for offset, product in enumerate(products):
        sheet.put(row + 1, col + 3 + offset, product, "header", align="right")
    accounts = largest_room(data)
    for place, account in enumerate(accounts.to_dict("records")):
        at = row + 2 + place
        sheet.put(at, col, account[w.ACCOUNT][:LONGEST_NAME], "plain")
        for offset, product in enumerate(products):
            share = gaps.get((account[w.ACCOUNT_ID], product), math.nan)
            value = share if not math.isnan(share) else "-"
            sheet.put(at, col + 3 + offset, value, "calculation", "percent", align="right")
    if len(accounts):
        area = (row + 2, col + 3, row + 1 + len(accounts), col + 2 + len(products))
        scale: dict[str, Any] = {
            "type": "2_color_scale",
            "min_color": styles.PAPER,
            "max_color": "#7CC4BE",
        }
        scale |= {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
        sheet.ws.conditional_format(*area, scale)
    told = "Share of its 15 peers that buy the product; - : it buys it, or no peer does."
    sheet.put(row + 2 + len(accounts), col, told, "note")


def _chart_data(sheet: Sheet, data: Round) -> grid_chart.Block:
    """The helper block that the chart reads: one row per account, best first."""
    ranked = data.accounts.dropna(subset=[c.OVERALL_RANK]).sort_values(c.OVERALL_RANK)
    ranked = ranked.head(MOST_POINTS)
    points = _room(data, len(ranked))
    col = DATA_COLUMN
    sheet.put(3, col, "Chart data: leave it as it is", "note")
    heads = ("Rank", "Row", "Likelihood", "Value", "Quadrant", *w.QUADRANTS, "Account", "Expected")
    for offset, head in enumerate(heads):
        sheet.put(4, col + offset, head, "note")
    values = ranked[data.cuts.placed_by].tolist()
    likelihoods, quadrants = ranked[w.LIKELIHOOD].tolist(), ranked[w.QUADRANT].tolist()
    names, money = ranked[w.ACCOUNT].tolist(), ranked[w.EXPECTED_MONEY].tolist()
    rows = (ranked.index.to_numpy() + 1.0).tolist()
    value = (
        f'IF({c.N_PLACED_BY}="{w.POTENTIAL_MONEY}",INDEX({c.T_ACCOUNTS}[{w.POTENTIAL_MONEY}],#),'
        f"INDEX({c.T_ACCOUNTS}[{w.POTENTIAL}],#))"
    )
    likelihood = f"{c.T_ACCOUNTS}[{w.LIKELIHOOD}]"
    for place in range(points):
        at, known = 5 + place, place < len(ranked)
        found = xl_rowcol_to_cell(at, col + 1, col_abs=True)
        quadrant = xl_rowcol_to_cell(at, col + 4, col_abs=True)
        drawn = xl_rowcol_to_cell(at, col + 3, col_abs=True)
        sheet.put(at, col, place + 1, "note", "general")
        cells: list[tuple[str, Any]] = [
            (f'IFERROR(MATCH({place + 1},{_RANK},0),"")', rows[place] if known else ""),
            (
                f'IF({found}="",NA(),IF(INDEX({likelihood},{found})="",NA(),'
                f"INDEX({likelihood},{found})))",
                _or_missing(likelihoods[place]) if known else "#N/A",
            ),
            (
                f'IF({found}="","",{value.replace("#", found)})',
                _or_blank(values[place]) if known else "",
            ),
            (
                f'IF({found}="","",INDEX({_QUADRANT},{found}))',
                quadrants[place] if known else "",
            ),
            *(
                (
                    f'IF({quadrant}="{name}",{drawn},NA())',
                    values[place] if known and quadrants[place] == name else "#N/A",
                )
                for name in w.QUADRANTS
            ),
            (
                f'IF({found}="","",INDEX({c.T_ACCOUNTS}[{w.ACCOUNT}],{found}))',
                names[place] if known else "",
            ),
            (
                f'IF({found}="","",INDEX({_EXPECTED},{found}))',
                _or_blank(money[place]) if known else "",
            ),
        ]
        for offset, (formula, stored) in enumerate(cells, start=1):
            sheet.live(at, col + offset, "=" + formula, stored, "note", "general")
    block = grid_chart.Block(sheet, TOP, col, points)
    grid_chart.write_labels(block, _labels(data, ranked))
    highest = data.accounts[data.cuts.placed_by].max()
    cut = data.cuts.potential
    top = max((value for value in (highest, cut) if not math.isnan(value)), default=0.0)
    grid_chart.write_cuts(block, data.cuts.likelihood, c.N_CUT, cut, _axis(data)[0], top)
    sheet.ws.set_column(col - 1, col + grid_chart.COLUMNS, 12, None, {"hidden": True, "level": 1})
    return block


def _room(data: Round, drawn: int) -> int:
    """How many rows the helper block has: accounts to come are drawn without building anew."""
    more = MOST_POINTS if data.kind == c.TEMPLATE else drawn + max(MORE_POINTS, drawn // 4)
    return min(more, MOST_POINTS)


def _or_missing(value: float) -> float | str:
    # Text among the x of a scatter chart would turn all of them into 1, 2, 3.
    return "#N/A" if math.isnan(value) else value


def _or_blank(value: float) -> float | str:
    return "" if math.isnan(value) else value


def _labels(data: Round, ranked: pd.DataFrame) -> list[grid_chart.Label | None]:
    """The most valuable accounts of each quadrant by Expected $."""
    columns = [ranked[name].tolist() for name in (w.LIKELIHOOD, data.cuts.placed_by, w.ACCOUNT)]
    return [
        None if at is None else grid_chart.Label(at + 1.0, *(column[at] for column in columns))
        for at in grid_chart.to_name(ranked[w.QUADRANT], ranked[w.EXPECTED_MONEY])
    ]


def _axis(data: Round) -> tuple[float, bool]:
    """Where the potential axis begins, and whether it is logarithmic; it ends by itself."""
    values = data.accounts[w.POTENTIAL_MONEY].dropna()
    values = values[values > 0]
    if data.cuts.placed_by == w.POTENTIAL or values.empty:
        return 0.0, False
    most = float(max(values.max(), data.cuts.potential))
    least = float(min(values.min(), data.cuts.potential or values.min()))
    if least > 0 and most / least > 30:
        return 10.0 ** math.floor(math.log10(least)), True
    return 0.0, False


def _chart(sheet: Sheet, data: Round, block: grid_chart.Block) -> None:
    least, logarithmic = _axis(data)
    by_money = data.cuts.placed_by == w.POTENTIAL_MONEY
    grid_chart.insert_chart(
        block,
        GRID_ROW,
        CHART_COLUMN,
        title="Big bets top left, slam dunks top right",
        up=f"{data.cuts.placed_by} a year" if by_money else "Potential (0-100)",
        least=least,
        logarithmic=logarithmic,
        size=(690, 520),
        what="the accounts",
    )
    if len(data.accounts) > MOST_POINTS or data.kind == c.TEMPLATE:
        sheet.put(
            GRID_ROW - 1,
            CHART_COLUMN,
            f"The {MOST_POINTS} best accounts by Score are drawn.",
            "note",
        )
