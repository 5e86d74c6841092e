"""Start: what this workbook is, how it stands, what to do next, and what came in from the CRM."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ...udfs import funnel
from ...udfs import words as w
from .. import contract as c
from .. import styles
from ..round import ImportSummary, Round
from ..writer import Book, Column, Sheet
from . import checks, front

WIDTHS: Final = (26, 18, 16, 16, 16, 18, 3, 16, 56)
LEFT_COLUMNS: Final = 6
RIGHT: Final = 7
FIGURES_ROW: Final = 5
BODY_ROW: Final = 8

READ: Final = "Rows read"
USED: Final = "Rows used"
DROPPED: Final = "Rows dropped"
COUNTS: Final = (READ, USED, DROPPED)
ABOUT: Final = "About"
TOLD: Final = "What the import says"
NOTHING_IMPORTED: Final = "Nothing came in yet."
TIES: Final = "Ties: rows read = used + dropped"
NOTHING_READ: Final = "No deals read yet"
TIES_NOT: Final = "Does not tie: rows read are not used + dropped"

TEAM_STEPS: Final = (
    "Hold the control totals below against your CRM: rows and amounts, stage by stage.",
    "Open Checks and mend what is serious, in the CRM where it came from there.",
    "Open Reps: give everybody a quota and the touches a week that they can make.",
    "Open Quadrant and Settings: do the cuts and the weights say what you believe?",
    "Send each rep their book. My week, its first sheet, tells them where to begin.",
)
TEMPLATE_STEPS: Final = (
    "Type today's date into the yellow cell Today above.",
    "Paste your accounts into Accounts, one row each: a name is enough, more facts score better.",
    "Paste your deals into Deals, and your reps with their quotas into Reps.",
    "Press Score accounts: scores, quadrants and money appear, and Checks lists what is wrong.",
    "Pick your key accounts on the Plan tabs; Add plan tab makes more, and Guide shows one.",
)


def write(book: Book, data: Round) -> None:
    """Writes the sheet."""
    sheet = book.sheets[c.START]
    sheet.widths(*WIDTHS)
    sheet.heading("Account Plan", _subtitle(data))
    if data.kind == c.TEMPLATE:
        names = f'COUNTIF({c.T_ACCOUNTS}[{w.ACCOUNT}],"?*")'
        formula = f'=IF({names}=0,"{_subtitle(data)}","{TEMPLATE_IN_USE}")'
        sheet.live(1, 0, formula, _subtitle(data), "subtitle")
    sheet.put(
        2,
        0,
        "Each account stands on two axes: how much it can give, and how likely it is to buy. From "
        "that follow where the time goes, what to expect, and how each rep makes the quota.",
        "sentence",
    )
    sheet.put(3, 0, "Yellow cells are yours to type in; the rest follows at once.", "sentence")
    _figures(sheet, data)
    row = _lights(sheet, book, data)
    row = _steps(sheet, data, row + 1)
    row = _control(sheet, data, row + 1)
    right = _index(sheet)
    right = _legend(sheet, right + 1)
    right = _report(sheet, data.summary, right + 1)
    sheet.ws.freeze_panes(2, 0)
    sheet.ws.print_area(0, 0, max(row, right), len(WIDTHS) - 1)


TEMPLATE_IN_USE: Final = "One workbook for the whole team: accounts, plans and review"


def _subtitle(data: Round) -> str:
    if data.kind == c.TEMPLATE:
        return "The empty workbook: paste your accounts in, then press Score accounts"
    return f"{data.name}: the planning year {data.year.start:%Y-%m-%d} to {data.year.end:%Y-%m-%d}"


# --- How it stands --------------------------------------------------------------


def _figures(sheet: Sheet, data: Round) -> None:
    """The six figures that one asks for first."""
    accounts, plans = data.accounts, front.PlanCount.of(data)
    quota, gap = data.total[w.QUOTA], data.total[funnel.GAP]
    quotas = f"{c.T_WALK}[{w.QUOTA}]"
    figures: Sequence[tuple[str, str, object, str]] = (
        (
            "Accounts",
            f'=COUNTIF({c.T_ACCOUNTS}[{w.ACCOUNT}],"?*")',
            float(len(accounts)),
            "count",
        ),
        (
            "Active",
            f'=COUNTIF({c.T_ACCOUNTS}[{w.STATUS}],"{w.ACTIVE}")',
            float((accounts[w.STATUS] == w.ACTIVE).sum()),
            "count",
        ),
        (
            "Expected in 12 months",
            f"=SUM({c.T_ACCOUNTS}[{w.EXPECTED_MONEY}])",
            float(accounts[w.EXPECTED_MONEY].sum()),
            "money",
        ),
        ("Quota", f'=IF(COUNT({quotas})=0,"",SUM({quotas}))', quota, "money"),
        ("Gap to the quota", f'=IF({c.N_GAP}="","",{c.N_GAP})', gap, "money"),
        (
            "Plans complete",
            f'={front.PLANS_COMPLETE}&" of "&{front.PLANS_COUNT}',
            f"{plans.complete} of {plans.plans}",
            "text",
        ),
    )
    sheet.ws.set_row(FIGURES_ROW, 30)
    sheet.ws.set_row(FIGURES_ROW + 1, 26)
    for col, (label, formula, value, kind) in enumerate(figures):
        name = f"{label}, {data.currency}" if kind == "money" and data.currency else label
        sheet.put(FIGURES_ROW, col, name, "label", text_wrap=True)
        edge = {"border": 1, "border_color": styles.RULE, "indent": 1, "valign": "vcenter"}
        sheet.live(FIGURES_ROW + 1, col, formula, value, "figure", kind, **edge)


def _lights(sheet: Sheet, book: Book, data: Round) -> int:
    row = BODY_ROW
    sheet.section(row, 0, "How it stands", LEFT_COLUMNS)
    found = checks.checks(book, data)
    serious = sum(check.serious for check in found)
    sheet.put(row + 1, 0, "Today", "label")
    front.today_input(sheet, row + 1, 1, data)
    sheet.put(row + 1, 2, "Type the day: due dates and weeks left count from it.", "note")
    sheet.put(row + 2, 0, "Data as of", "label")
    sheet.live(row + 2, 1, f"={c.N_AS_OF}", data.as_of, "calculation", "date")
    sheet.put(row + 2, 2, "The day the data speaks for: the latest that happened in it.", "note")
    lights = (
        front.scores_light(data),
        front.weights_light(data),
        front.evidence_light(data),
        front.quotas_light(data),
        front.plans_light(data),
        front.due_light(data),
        front.checks_light(serious, len(found)),
    )
    for at, each in enumerate(lights, start=row + 3):
        sheet.put(at, 0, each.label, "label")
        front.light(sheet, at, 1, each, 3)
        sheet.link(at, 4, each.sheet, f"to {each.sheet}")
    return row + 3 + len(lights)


def _steps(sheet: Sheet, data: Round, row: int) -> int:
    template = data.kind == c.TEMPLATE
    title = "How to begin" if template else "Five minutes: what to do next"
    sheet.section(row, 0, title, LEFT_COLUMNS)
    steps = TEMPLATE_STEPS if template else TEAM_STEPS
    for number, step in enumerate(steps, start=1):
        sheet.put(row + number, 0, f"{number}. {step}", "sentence", font_size=11)
    return row + len(steps) + 1


# --- Where things are -----------------------------------------------------------


def _index(sheet: Sheet) -> int:
    row = BODY_ROW
    sheet.section(row, RIGHT, "Sheets", 2)

    def say(at: int, purpose: str) -> None:
        sheet.put(at, RIGHT + 1, purpose, "note")

    names = [spec.name for spec in c.SHEETS]
    row = front.sheet_links(sheet, row + 1, RIGHT, names, say)
    tabs = [name for name in sheet.book.sheets if name.startswith(c.PLAN_PREFIX)]
    for tab in tabs:
        sheet.link(row, RIGHT, tab, tab)
        say(row, "A plan tab: pick an account on it")
        row += 1
    if tabs:
        sheet.link(row, RIGHT, c.TRACKER, "Added plan tabs")
        say(row, "Tracker has a link to each plan tab, also those that Add plan tab makes")
        row += 1
    return row


def _legend(sheet: Sheet, row: int) -> int:
    sheet.section(row, RIGHT, "How cells look", 2)
    for offset, (role, meaning) in enumerate(styles.LEGEND, start=1):
        word, told = meaning.split(": ")
        sheet.put(row + offset, RIGHT, word, role)
        sheet.put(row + offset, RIGHT + 1, told, "note")
    return row + 1 + len(styles.LEGEND)


# --- What came in ---------------------------------------------------------------


def _control(sheet: Sheet, data: Round, row: int) -> int:
    """The control totals: the total and whether it ties on top, the stages beneath.

    Nothing stands under the table, so that it can grow with the next import.
    """
    sheet.section(row, 0, "Control totals: hold them against the CRM", LEFT_COLUMNS)
    control = data.summary.control
    if control.empty:
        control = pd.DataFrame({name: [] for name in (w.STAGE, w.STATE, *COUNTS, w.AMOUNT)})
    _total(sheet, row + 2, control)
    money = f"Money in {data.currency}" if data.currency else "Money"
    columns = [
        Column(w.STAGE, control[w.STAGE], note="As the CRM calls it"),
        Column(w.STATE, control[w.STATE], note="Won, Lost or Open"),
        *(Column(name, control[name].astype(float), kind="count") for name in COUNTS),
        Column(
            w.AMOUNT,
            control[w.AMOUNT].astype(float),
            kind="money",
            note=f"{money}, of the rows used, before anything is estimated",
        ),
    ]
    table = sheet.table(c.T_CONTROL, row + 3, 0, columns, len(control), filters=False)
    return table.below


def _total(sheet: Sheet, row: int, control: pd.DataFrame) -> None:
    """The sums of the table beneath, and above them whether rows read = used + dropped."""
    sheet.put(row, 0, "Total", "label")
    sheet.put(row, 1, None, "label")
    totals = {name: float(control[name].sum()) for name in (*COUNTS, w.AMOUNT)}
    for offset, (name, value) in enumerate(totals.items(), start=2):
        kind = "money" if name == w.AMOUNT else "count"
        sheet.live(row, offset, f"=SUM({c.T_CONTROL}[{name}])", value, "output", kind)
    read, used, dropped = (xl_rowcol_to_cell(row, col) for col in (2, 3, 4))
    ties = abs(totals[READ] - totals[USED] - totals[DROPPED]) < 0.5
    each = front.Light(
        "",
        f'=IF({read}=0,"{NOTHING_READ}",IF({read}={used}+{dropped},"{TIES}","{TIES_NOT}"))',
        (TIES if ties else TIES_NOT) if totals[READ] else NOTHING_READ,
        (TIES, NOTHING_READ),
        c.START,
    )
    front.light(sheet, row - 1, 0, each, LEFT_COLUMNS - 1)


def _report(sheet: Sheet, summary: ImportSummary, row: int) -> int:
    """What the import read, dropped, matched, derived and left blank; the table may grow."""
    sheet.section(row, RIGHT, "What came in from the CRM", 2)
    lines = list(report_lines(summary)) or [("", NOTHING_IMPORTED)]
    columns = [
        Column(ABOUT, [label for label, _ in lines], role="label", wrap=True, width=16),
        Column(TOLD, [text for _, text in lines], wrap=True, width=WIDTHS[RIGHT + 1]),
    ]
    table = sheet.table(c.T_IMPORT_REPORT, row + 1, RIGHT, columns, len(lines), filters=False)
    return table.below


def report_lines(summary: ImportSummary) -> Iterator[tuple[str, str]]:
    """What the import says of itself: a label and a sentence per line, none where it is silent."""
    for file in summary.files:
        dropped = file.rows_read - file.rows_used
        yield (
            f"Read: {file.role}",
            f"{file.file}: {file.rows_read:,} rows read, {file.rows_used:,} used, "
            f"{dropped:,} dropped.",
        )
    for drop in summary.dropped:
        examples = f" For example: {'; '.join(drop.examples)}." if drop.examples else ""
        yield f"Dropped: {drop.role}", f"{front.counted(drop.count, 'row')}, {drop.what}.{examples}"
    for role, matched in summary.matched.items():
        pairs = [
            ours if ours == theirs else f"{ours} from '{theirs}'"
            for ours, theirs in matched.items()
        ]
        if pairs:
            yield f"Matched: {role}", f"{', '.join(pairs)}."
    for text in summary.derived:
        yield "Derived", text
    for text in summary.notes:
        yield "Note", text
    if summary.blank:
        yield "Left blank", f"The export says nothing about: {', '.join(summary.blank)}."
