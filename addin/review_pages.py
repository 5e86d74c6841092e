"""The review as a page per team: as a web page, as sheets, and printed."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from ..udfs import funnel
from ..udfs import review as model
from ..udfs import words as w
from ..udfs.errors import SaveError
from ..workbook_templates import styles
from ..workbook_templates.names import sheet_names
from ..workbook_templates.sheets import tracker
from ..workbook_templates.sheets.review import BARS, STILL_TO_FIND, still_to_find, walk_chart
from ..workbook_templates.writer import Book, Column, Sheet, link_formula, money, quote_sheet
from .machine import OFFICE_NAMES
from .save import relative_to

NO_MANAGER: Final = "No manager"
FINDINGS: Final = "Findings"
WHERE: Final = "Where"
OFFICE_SECONDS: Final = 180


@dataclass(frozen=True)
class ReviewReport:
    """How each rep stands.

    Attributes:
        reps: what ``udfs.review.review_reps`` gives.
        as_of: the day the data speaks for.
        today: the day of the reading.
        due: the day by which plans are turned in.
        notes: what could not be read, or is older than the rest.
        plans: one row per plan, as ``udfs.review.plan_lines`` gives them; may be empty.
        rounds: how the plans stood at past collections (``addin.rounds``); may be empty.
    """

    reps: pd.DataFrame
    as_of: pd.Timestamp
    today: pd.Timestamp
    due: pd.Timestamp
    notes: tuple[str, ...] = ()
    plans: pd.DataFrame = field(default_factory=pd.DataFrame)
    rounds: pd.DataFrame = field(default_factory=pd.DataFrame)

    def moved(self, manager: str, reps: pd.DataFrame) -> model.Moved | None:
        """What moved in a team since the last collection that counted otherwise."""
        if self.rounds.empty:
            return None
        mine = self.rounds[self.rounds[w.MANAGER] == ("" if manager == NO_MANAGER else manager)]
        return model.moved_since({name: reps[name].sum() for name in model.GLANCE}, mine)

    def of(self, rep: str) -> list[dict[str, Any]]:
        """The plans of a rep, as ``udfs.review.plan_lines`` gives them."""
        if self.plans.empty:
            return []
        mine = self.plans[self.plans[w.OWNER] == rep]
        return [{str(name): held for name, held in row.items()} for row in mine.to_dict("records")]

    def seen_from(self, folder: Path) -> "ReviewReport":
        """The same with the files of the plans as links from a folder name them."""
        if model.FILE not in self.plans:
            return self
        files = self.plans[model.FILE].map(
            lambda file: relative_to(Path(file), folder) if isinstance(file, str) and file else ""
        )
        return replace(self, plans=self.plans.assign(**{model.FILE: files}))

    def teams(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Each manager with the manager's reps, by name."""
        for manager, reps in self.reps.groupby(w.MANAGER, sort=True):
            yield str(manager) or NO_MANAGER, reps.reset_index(drop=True)

    @property
    def dates(self) -> str:
        """In one sentence, what day this speaks for."""
        return (
            f"CRM data as of {self.as_of:%Y-%m-%d}. Plans are due on {self.due:%Y-%m-%d}; "
            f"read on {self.today:%Y-%m-%d}."
        )


def _totals(reps: pd.DataFrame) -> dict[str, str]:
    """The team in figures: label -> what to show."""
    quota = reps[w.QUOTA].sum(min_count=1)
    return {
        "Reps": f"{len(reps):,}",
        model.ACCOUNTS: f"{reps[model.ACCOUNTS].sum():,.0f}",
        w.EXPECTED_MONEY: money(reps[w.EXPECTED_MONEY].sum()),
        w.QUOTA: money(quota),
        funnel.CLOSED: money(reps[funnel.CLOSED].sum()),
        funnel.TO_COME: money(reps[funnel.TO_COME].sum()),
        funnel.GAP: money(quota - reps[funnel.CLOSED].sum() - reps[funnel.TO_COME].sum()),
    }


_ROUND: Final = (model.REQUIRED, *model.GLANCE, model.CHANGED_SINCE)


def _round(reps: pd.DataFrame) -> dict[str, str]:
    """The round at a glance: how many plans are how far."""
    return {column: f"{reps[column].sum():,.0f}" for column in _ROUND}


# --- Web page ----------------------------------------------------------------

_STYLE: Final = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 72rem; padding: 1rem; background: {styles.PAPER};
  color: {styles.INK}; font: 1rem/1.45 Calibri, "Segoe UI", Roboto, Arial, sans-serif; }}
h1 {{ margin: 0; color: {styles.NAVY}; font-size: 1.7rem; }}
h2 {{ margin: 2rem 0 .5rem; padding-bottom: .25rem; color: {styles.NAVY};
  border-bottom: 3px solid {styles.TEAL}; }}
h3 {{ margin: 0; font-size: 1.1rem; }}
p {{ margin: .25rem 0; }}
.quiet {{ color: {styles.GREY_TEXT}; }}
nav a {{ margin-right: 1rem; color: {styles.LINK_INK}; }}
dl {{ display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .5rem 0; }}
dl div {{ flex: 0 0 auto; min-width: 4.8rem; }}
dt {{ color: {styles.GREY_TEXT}; font-size: .85rem; }}
dd {{ margin: 0; font-weight: bold; font-variant-numeric: tabular-nums; }}
dd small {{ font-size: .85rem; font-weight: normal; color: {styles.GREY_TEXT}; }}
.team > dl dd {{ color: {styles.NAVY}; font-size: 1.25rem; }}
.reps {{ display: flex; flex-wrap: wrap; align-items: flex-start; gap: .75rem;
  margin-top: 1rem; }}
article {{ flex: 1 1 20rem; max-width: 36rem; padding: .75rem; break-inside: avoid;
  border: 1px solid {styles.RULE}; border-radius: .4rem; }}
.profile {{ display: inline-block; padding: 0 .5rem; border-radius: .25rem;
  background: {styles.OUTPUT_FILL}; }}
.late {{ padding: 0 .35rem; background: {styles.FLAG_FILL}; color: {styles.FLAG_INK}; }}
svg {{ display: block; width: 100%; height: 1rem; margin: .5rem 0; }}
ul {{ margin: .5rem 0 0; padding-left: 1.1rem; }}
details {{ margin-top: .5rem; }}
summary {{ cursor: pointer; color: {styles.LINK_INK}; }}
details > ul {{ list-style: none; padding: 0; }}
details li {{ margin-bottom: .5rem; overflow-wrap: anywhere; }}
details li ul {{ margin: 0; padding-left: 1.1rem; }}
details li li {{ margin: 0; }}
.key span {{ margin-left: .75rem; white-space: nowrap; }}
.key i {{ display: inline-block; width: .8rem; height: .8rem; margin-right: .25rem; }}
@page {{ size: A4; margin: 12mm; }}
@media print {{
  html {{ font-size: 72%; }}
  body {{ max-width: none; padding: 0; }}
  nav {{ display: none; }}
  .team + .team {{ break-before: page; }}
  .team > h2 {{ margin-top: 0; }}
  .reps {{ display: block; columns: 2; column-gap: .75rem; }}
  article {{ margin-bottom: .75rem; }}
  * {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""


def write_html(report: ReviewReport, path: Path) -> None:
    """Writes one web page that needs nothing else: no script, no font, no request."""
    teams = list(report.teams())
    links = "".join(
        f'<a href="#team-{number}">{escape(name)}</a>' for number, (name, _) in enumerate(teams)
    )
    nav = f'<nav aria-label="Teams">{links}</nav>' if len(teams) > 1 else ""
    notes = "".join(f'<p class="quiet">{escape(note)}</p>' for note in report.notes)
    sections = "".join(
        _section(number, name, reps, report) for number, (name, reps) in enumerate(teams)
    )
    path.write_text(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Account Plan - review</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<header><h1>Review</h1><p class="quiet">{escape(report.dates)}</p>{notes}{nav}</header>\n'
        f"<main>{sections}</main>\n</body>\n</html>\n",
        encoding="utf-8",
    )


def _section(number: int, name: str, reps: pd.DataFrame, report: ReviewReport) -> str:
    key = "".join(
        f'<span><i style="background:{colour}"></i>{escape(label)}</span>' for label, colour in BARS
    )
    cards = "".join(_card(row, report.of(row[w.REP])) for row in reps.to_dict("records"))
    moved = report.moved(name, reps)
    since = "" if moved is None else f'<p class="quiet">{escape(moved.told)}</p>'
    return (
        f'<section class="team" id="team-{number}"><h2>{escape(name)}</h2>'
        f"{_figures(_totals(reps))}"
        f"{_figures(_round(reps), {} if moved is None else moved.changes)}{since}"
        f'<p class="key quiet">Bars show the walk to the quota:{key}</p>'
        f'<div class="reps">{cards}</div></section>\n'
    )


def _figures(figures: Mapping[str, str], changes: Mapping[str, float] | None = None) -> str:
    """Figures side by side, with what moved since the last collection behind each."""
    pairs = (
        f"<div><dt>{escape(label)}</dt><dd>{escape(text)}{_change(label, changes or {})}</dd></div>"
        for label, text in figures.items()
    )
    return f"<dl>{''.join(pairs)}</dl>"


def _change(label: str, changes: Mapping[str, float]) -> str:
    change = changes.get(label, 0.0)
    return f" <small>{change:+,.0f}</small>" if change else ""


def _card(rep: Mapping[Any, Any], plans: list[dict[str, Any]]) -> str:
    """One rep: the profile, the walk as a bar and in figures, the points, the plans."""
    points = rep[model.TALK_ABOUT] or (model.NOTHING,)
    items = "".join(f"<li>{escape(point)}</li>" for point in points)
    figures = {
        model.ACCOUNTS: f"{rep[model.ACCOUNTS]:,.0f}",
        **{
            column: money(rep[column])
            for column in (w.EXPECTED_MONEY, w.QUOTA, funnel.CLOSED, funnel.TO_COME, funnel.GAP)
        },
    }
    return (
        f"<article><h3>{escape(rep[w.REP])}</h3>"
        f'<p><span class="profile">{escape(rep[model.RISK_PROFILE])}</span></p>'
        f"{_bar(rep)}{_figures(figures)}<p>{_plans(rep)}</p><ul>{items}</ul>"
        f"{_each_plan(plans)}</article>"
    )


MOST_FINDINGS: Final = 3


def _each_plan(plans: list[dict[str, Any]]) -> str:
    """The plans one by one, folded away: state, what is missing or thin, and where."""
    if not plans:
        return ""
    items = "".join(f"<li>{_plan(plan)}</li>" for plan in plans)
    return f"<details><summary>The plans one by one</summary><ul>{items}</ul></details>"


def _plan(plan: Mapping[str, Any]) -> str:
    """A plan: how it stands, the first things to mend, and where it is."""
    good = "good" if plan[model.GOOD] else "thin" if plan[model.COMPLETE] >= 1 else ""
    on = plan.get(model.TURNED_IN_ON)
    told = [
        f"{100 * plan[model.COMPLETE]:.0f} % complete",
        good,
        str(plan[w.STATE]).lower(),
        f"on {on:%Y-%m-%d}" if isinstance(on, pd.Timestamp) and not pd.isna(on) else "",
        "changed since" if plan.get(model.CHANGED_SINCE) is True else "",
    ]
    found = plan.get(model.FINDINGS)
    findings = found if isinstance(found, tuple) else ()
    lines = [
        f"{escape(what)}{f' ({_linked(cell, plan, cell)})' if cell else ''}"
        for cell, what in findings[:MOST_FINDINGS]
    ]
    if len(findings) > MOST_FINDINGS:
        lines.append(f"and {len(findings) - MOST_FINDINGS} more")
    items = "".join(f"<li>{line}</li>" for line in lines)
    place = " · ".join(part for part in (Path(_file(plan)).name, _tab(plan)) if part)
    return (
        f"<b>{escape(str(plan[w.ACCOUNT]))}</b>: {escape(', '.join(filter(None, told)))}"
        + (f"<ul>{items}</ul>" if items else "")
        + (f'<span class="quiet">{_linked(place, plan, "A1")}</span>' if place else "")
    )


def _linked(text: str, plan: Mapping[str, Any], cell: str) -> str:
    """A text that leads to a cell of a plan; plain where nobody knows the file."""
    if not (_file(plan) and _tab(plan)):
        return escape(text)
    address = f"{tracker.escaped(_file(plan))}#{quote(f'{quote_sheet(_tab(plan))}!{cell}')}"
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def _file(plan: Mapping[str, Any]) -> str:
    """The plan's file; rows of a Tracker have none."""
    held = plan.get(model.FILE)
    return held if isinstance(held, str) else ""


def _tab(plan: Mapping[str, Any]) -> str:
    held = plan.get(model.TAB)
    return held if isinstance(held, str) else ""


def _plans(rep: Mapping[Any, Any]) -> str:
    plans, complete, good, handed_in, late = (
        int(rep[column])
        for column in (model.PLANS, model.COMPLETE, model.GOOD, model.HANDED_IN, model.LATE)
    )
    if plans == 0:
        return "No plans"
    told = f"{plans} plan{'s' * (plans != 1)}: {complete} complete, {good} good, {handed_in} "
    return f"{told}turned in" + (f', <span class="late">{late} late</span>' if late else "")


def _bar(rep: Mapping[Any, Any]) -> str:
    """The walk as a bar, with the same in words for those who do not see it."""
    values = {
        funnel.CLOSED: max(0.0, rep[funnel.CLOSED]),
        funnel.TO_COME: max(0.0, rep[funnel.TO_COME]),
        STILL_TO_FIND: still_to_find(rep[funnel.GAP]),
    }
    total = sum(values.values())
    told = ", ".join(f"{label.lower()} {money(value)}" for label, value in values.items())
    told = f"{told}; quota {money(rep[w.QUOTA])}".capitalize()
    pieces, left = [], 0.0
    for label, colour in BARS:
        width = 1000 * values[label] / total if total > 0 else 0.0
        pieces.append(
            f'<rect x="{left:.1f}" y="0" width="{width:.1f}" height="20" fill="{colour}"/>'
        )
        left += width
    return (
        '<svg role="img" viewBox="0 0 1000 20" preserveAspectRatio="none">'
        f"<title>{escape(told)}</title>"
        f'<rect x="0" y="0" width="1000" height="20" fill="{styles.BAND}"/>{"".join(pieces)}</svg>'
    )


# --- Sheets ------------------------------------------------------------------

_COUNTS: Final = (
    model.ACCOUNTS,
    *model.QUADRANT_COLUMNS.values(),
    model.PLANS,
    model.COMPLETE,
    model.GOOD,
    model.HANDED_IN,
    model.LATE,
)
_AMOUNTS: Final = (w.EXPECTED_MONEY, w.QUOTA, funnel.CLOSED, funnel.TO_COME, funnel.GAP)
_TABLE_ROW: Final = 10
# Which columns each figure above the table spans: money needs two.
_SPANS: Final = ((0, 0), (1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12))
_ROUND_SPANS: Final = (
    *((0, 0), (1, 2), (3, 4), (5, 6), (7, 7), (8, 8), (9, 9), (10, 10), (11, 11)),
    *((12, 13), (14, 15)),
)


def write_xlsx(report: ReviewReport, path: Path) -> None:
    """Writes a workbook with one sheet per team."""
    book = Book(path, report.as_of.date(), "Account Plan - review")
    teams = list(report.teams())
    names = sheet_names([FINDINGS, *(name for name, _ in teams)])
    for number, (tab, (name, reps)) in enumerate(zip(names[1:], teams, strict=True), start=1):
        _team_sheet(book.sheet(tab, "work"), number, name, reps, report)
    found = list(_findings(report))
    if found:
        _findings_sheet(book.sheet(names[0], "work"), found)
    if not teams:
        book.sheet("Review", "work").heading("Review", "No reps.")
    book.close()


def _team_sheet(
    sheet: Sheet, number: int, name: str, reps: pd.DataFrame, report: ReviewReport
) -> None:
    sheet.heading(f"Review: {name}", " ".join([report.dates, *report.notes]))
    columns = _sheet_columns(reps)
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    moved = report.moved(name, reps)
    changes = {} if moved is None else moved.changes
    figures = {
        label: text + (f" ({changes[label]:+,.0f})" if changes.get(label) else "")
        for label, text in _round(reps).items()
    }
    _sheet_figures(sheet, 3, _SPANS, _totals(reps))
    _sheet_figures(sheet, 6, _ROUND_SPANS, figures)
    if moved is not None:
        sheet.put(8, 0, moved.told, "note", indent=0)
    table = sheet.table(
        f"Review{number}", _TABLE_ROW, 0, columns, len(reps), filters=False, header_height=34
    )
    sheet.ws.freeze_panes(_TABLE_ROW + 1, 1)
    sheet.ws.repeat_rows(_TABLE_ROW)
    bottom = walk_chart(sheet, table, len(columns) - 1)
    sheet.ws.print_area(0, 0, bottom, len(columns) - 2)


def _findings(report: ReviewReport) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Everything found in the plans: the plan, the cell, and what is wrong there."""
    for rep in report.reps[w.REP]:
        for plan in report.of(rep):
            found = plan.get(model.FINDINGS)
            for cell, what in found if isinstance(found, tuple) else ():
                yield plan, cell, what


def _findings_sheet(sheet: Sheet, found: Sequence[tuple[dict[str, Any], str, str]]) -> None:
    """One row per finding, with a link to its file, tab and cell."""
    sheet.heading(FINDINGS, "What the plans lack, and what is thin. A click opens the cell.")
    links = [
        f"external:{tracker.escaped(_file(plan))}#{quote_sheet(_tab(plan))}!{cell or 'A1'}"
        if _file(plan)
        else ""
        for plan, cell, _ in found
    ]
    columns = [
        Column(w.REP, [plan[w.OWNER] for plan, *_ in found], role="label", width=22),
        Column(w.ACCOUNT, [plan[w.ACCOUNT] for plan, *_ in found], width=28),
        Column(w.STATE, [plan[w.STATE] for plan, *_ in found], width=12),
        Column("What", [what for *_, what in found], width=70, wrap=True),
        Column(WHERE, [""] * len(found), role="cell_link", width=40),
    ]
    table = sheet.table(FINDINGS, 3, 0, columns, len(found))
    for offset, column in enumerate(columns):
        sheet.ws.set_column(offset, offset, column.width)
    for at, ((plan, cell, _), link) in enumerate(zip(found, links, strict=True)):
        text = f"{_tab(plan)} {cell}".strip()
        if link:
            formula = link_formula(link, text)
            sheet.live(table.row + 1 + at, len(columns) - 1, formula, text, "cell_link")
    sheet.ws.freeze_panes(table.row + 1, 1)
    sheet.ws.repeat_rows(table.row)


def _sheet_figures(
    sheet: Sheet, row: int, spans: Sequence[tuple[int, int]], figures: Mapping[str, str]
) -> None:
    """Figures side by side, each with its label above."""
    sheet.ws.set_row(row + 1, 24)
    for (first, last), (label, text) in zip(spans, figures.items(), strict=True):
        sheet.put(row, first, label, "note", indent=0)
        if last > first:
            sheet.ws.merge_range(row + 1, first, row + 1, last, "", sheet.book.style("figure"))
        sheet.put(row + 1, first, text, "figure")


def _sheet_columns(reps: pd.DataFrame) -> list[Column]:
    counted = [Column(name, reps[name], kind="count", width=9.5) for name in _COUNTS]
    amounts = [
        Column(
            name,
            reps[name],
            kind="money",
            role="output" if name == funnel.GAP else "calculation",
            width=12,
        )
        for name in _AMOUNTS
    ]
    book, plans = counted[: -len(_COUNTS) + 5], counted[5:]
    return [
        Column(w.REP, reps[w.REP], role="label", width=22),
        *book,
        Column(model.RISK_PROFILE, reps[model.RISK_PROFILE], role="output", width=19, wrap=True),
        *amounts,
        *plans,
        Column(
            model.TALK_ABOUT,
            reps[model.TALK_ABOUT].map(model.in_one_line),
            role="output",
            width=60,
            wrap=True,
        ),
        Column(STILL_TO_FIND, reps[funnel.GAP].map(still_to_find), kind="money", role="note"),
    ]


# --- Print -------------------------------------------------------------------


def write_pdf(report: ReviewReport, path: Path) -> None:
    """Writes the sheets as a PDF, by LibreOffice.

    Raises:
        SaveError: LibreOffice is not there, or does not make the file.
    """
    office = next((found for name in OFFICE_NAMES if (found := shutil.which(name))), None)
    if office is None:
        raise SaveError(
            f"{path.name}: a PDF needs LibreOffice, which is not installed; install it, or choose "
            "an .html file and print that."
        )
    with tempfile.TemporaryDirectory(prefix="accountplan-") as folder:
        sheets = Path(folder) / "review.xlsx"
        # On paper nobody clicks on a finding.
        write_xlsx(replace(report, plans=pd.DataFrame()), sheets)
        # A profile of its own: else an open office would take the request, and do nothing.
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        order = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                [*order, str(sheets)], capture_output=True, timeout=OFFICE_SECONDS, check=False
            )
        made = sheets.with_suffix(".pdf")
        if not made.exists():
            raise SaveError(
                f"{path.name}: LibreOffice made no PDF; choose an .html file and print that."
            )
        shutil.copyfile(made, path)
