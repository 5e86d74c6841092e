"""The command line: ``accountplan COMMAND``.

Exit codes: 0 done; 1 done, and there is something to look at; 2 wrong input,
nothing written; 3 a fault of the program, with its traceback in a log file.

Everything heavy is imported where it is used, so that ``--help`` is quick.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..udfs.errors import AccountPlanError
from ..udfs.resting import end_quickly, resting_collector

if TYPE_CHECKING:
    import pandas as pd

    from ..workbook_templates.form_buttons import Controls
    from ..workbook_templates.round import Round
    from .crm import CrmExport

DONE, LOOK, WRONG, FAULT, STOPPED = 0, 1, 2, 3, 130


def build_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="accountplan",
        description="Turn a CRM export into a sales team's account plan, in spreadsheets.",
        epilog="Start with: accountplan demo",
    )
    parser.add_argument("--version", action="version", version=_Version())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _demo(commands)
    _template(commands)
    _build(commands)
    _score(commands)
    _check(commands)
    _collect(commands)
    _refresh(commands)
    _return(commands)
    _impact(commands)
    _review(commands)
    _evidence(commands)
    _funnel(commands)
    _path(commands)
    _run_macro(commands)
    _addin(commands)
    _doctor(commands)
    return parser


class _Version(str):
    """Looked up only when it is printed."""

    def __mod__(self, _: object) -> str:
        from importlib.metadata import version

        return f"accountplan {version('accountplan')}"


Commands = Any


def _command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], help_text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=help_text[:1].upper() + help_text[1:] + "."
    )
    parser.set_defaults(run=run)
    return parser


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def _macros_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--macros", action="store_true", help="with buttons that run macros in Excel, as .xlsm"
    )


def _controls(options: argparse.Namespace) -> "Controls | None":
    if not options.macros:
        return None
    from .excel.packages import controls

    return controls()


def _export_options(parser: argparse.ArgumentParser) -> None:
    file: dict[str, Any] = {"type": Path, "metavar": "FILE"}
    parser.add_argument("--opportunities", **file, help="deals: .csv, .xlsx or .parquet")
    parser.add_argument("--teams", **file, help="reps with manager, region and quota")
    parser.add_argument("--activity", **file, help="e-mails, calls, demos per rep and week")
    parser.add_argument("--columns", **file, help="which column is which, where names are unusual")
    parser.add_argument("--settings", **file, help="settings of the model, as TOML")
    parser.add_argument(
        "--as-of", metavar="DATE", help="plan from this day (YYYY-MM-DD), not from the latest one"
    )
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="iso, us, eu, or a pattern such as %%d.%%m.%%Y"
    )


def _demo(commands: Commands) -> None:
    parser = _command(
        commands, "demo", _run_demo, "build everything from the sample that comes with it"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="where to (default: demo)"
    )
    _json_option(parser)


def _template(commands: Commands) -> None:
    parser = _command(
        commands, "template", _run_template, "write the empty workbook, to paste accounts into"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="default: account-plan.xlsx, with macros account-plan.xlsm",
    )
    _macros_option(parser)
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings, as TOML")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")


def _build(commands: Commands) -> None:
    parser = _command(
        commands,
        "build",
        _run_build,
        "turn a CRM export into a team workbook and one book workbook per rep",
    )
    parser.add_argument("--accounts", type=Path, required=True, metavar="FILE", help="accounts")
    _export_options(parser)
    parser.add_argument(
        "--quota", metavar="N", help="yearly quota of each rep; one in the teams file wins"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to fill")
    parser.add_argument(
        "--force", action="store_true", help="replace workbooks there, keeping dated backups"
    )
    _macros_option(parser)
    _json_option(parser)


def _score(commands: Commands) -> None:
    parser = _command(commands, "score", _run_score, "score accounts, without any workbook")
    parser.add_argument("accounts", type=Path, metavar="ACCOUNTS", help="the accounts file")
    _export_options(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".csv, .xlsx or .parquet"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")
    _json_option(parser)


def _check(commands: Commands) -> None:
    parser = _command(commands, "check", _run_check, "list incomplete and thin plan tabs")
    parser.add_argument(
        "paths", type=Path, nargs="*", metavar="WORKBOOK|DIR", help="workbooks, or folders of them"
    )
    parser.add_argument(
        "--fields", action="store_true", help="list the fields and tables of a plan tab instead"
    )
    _json_option(parser)


def _collect(commands: Commands) -> None:
    parser = _command(
        commands, "collect", _run_collect, "bring the reps' books into the team workbook"
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the books are")
    parser.add_argument(
        "--into", type=Path, required=True, metavar="TEAM.xlsx", help="the team workbook"
    )
    parser.add_argument(
        "--today", metavar="DATE", help="the day to judge by (YYYY-MM-DD), not this one"
    )
    _json_option(parser)


def _refresh(commands: Commands) -> None:
    parser = _command(
        commands, "refresh", _run_refresh, "put a new CRM export into workbooks that are in use"
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that build filled")
    file: dict[str, Any] = {"type": Path, "metavar": "FILE"}
    parser.add_argument("--accounts", **file, required=True, help="accounts")
    parser.add_argument("--opportunities", **file, help="deals; without, those that are there stay")
    parser.add_argument("--teams", **file, help="reps with manager, region and quota")
    parser.add_argument("--activity", **file, help="e-mails, calls, demos per rep and week")
    parser.add_argument("--columns", **file, help="which column is which, where names are unusual")
    parser.add_argument("--as-of", metavar="DATE", help="plan from this day (YYYY-MM-DD)")
    parser.add_argument("--date-format", metavar="FORMAT", help="iso, us, eu, or a pattern")
    _json_option(parser)


def _return(commands: Commands) -> None:
    parser = _command(
        commands, "return", _run_return, "put the manager's decisions and feedback into the books"
    )
    parser.add_argument("team", type=Path, metavar="TEAM.xlsx", help="the team workbook")
    _json_option(parser)


def _impact(commands: Commands) -> None:
    parser = _command(
        commands, "impact", _run_impact, "compare what followed good plans on time with the rest"
    )
    file: dict[str, Any] = {"type": Path, "metavar": "FILE"}
    parser.add_argument("team", type=Path, metavar="TEAM.xlsx", help="the team workbook")
    parser.add_argument("--accounts", **file, required=True, help="accounts, exported later")
    parser.add_argument("--opportunities", **file, required=True, help="deals, exported later")
    parser.add_argument("--columns", **file, help="which column is which")
    parser.add_argument("--date-format", metavar="FORMAT", help="iso, us, eu, or a pattern")
    _json_option(parser)


def _review(commands: Commands) -> None:
    parser = _command(
        commands, "review", _run_review, "write the manager's review summary, one page per team"
    )
    parser.add_argument(
        "source", type=Path, metavar="TEAM.xlsx|DIR", help="a team workbook, or a built folder"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=".html, .xlsx or .pdf; only printed without it"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")
    _json_option(parser)


def _evidence(commands: Commands) -> None:
    parser = _command(
        commands,
        "evidence",
        _run_evidence,
        "score as of a past day, and test the scores on what came after it",
    )
    file: dict[str, Any] = {"type": Path, "metavar": "FILE"}
    parser.add_argument("--accounts", **file, required=True, help="accounts")
    parser.add_argument("--opportunities", **file, required=True, help="deals, with their dates")
    parser.add_argument("--teams", **file, help="reps with manager, region and quota")
    parser.add_argument("--columns", **file, help="which column is which, where names are unusual")
    parser.add_argument("--settings", **file, help="settings of the model, as TOML")
    parser.add_argument(
        "--as-of", metavar="DATE", required=True, help="the day of the scores (YYYY-MM-DD)"
    )
    parser.add_argument(
        "--until", metavar="DATE", help="last day of the outcomes; as far as the deals go without"
    )
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="iso, us, eu, or a pattern such as %%d.%%m.%%Y"
    )
    parser.add_argument(
        "--out", **file, help="scores and outcomes per account: .csv, .xlsx or .parquet"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")
    _json_option(parser)


def _funnel(commands: Commands) -> None:
    parser = _command(
        commands, "funnel", _run_funnel, "back into a gap: how many e-mails, calls, demos"
    )
    parser.add_argument("--gap", required=True, metavar="N", help="money still to be found")
    parser.add_argument("--average-deal", required=True, metavar="N", help="money per deal")
    parser.add_argument(
        "--rate",
        action="append",
        required=True,
        metavar="NAME=RATE",
        help="a gate and the share that gets through, top gate first: calls=0.25 or calls=25%%",
    )
    parser.add_argument("--weeks", metavar="N", help="weeks left")
    parser.add_argument(
        "--weeks-off",
        metavar="N",
        help="weeks without selling, per year of 52: their share of --weeks is taken out "
        "(default: none)",
    )
    parser.add_argument(
        "--lag",
        action="append",
        default=[],
        metavar="NAME=WEEKS",
        help="weeks from a gate to the next; what starts too late is told",
    )
    parser.add_argument(
        "--tries",
        action="append",
        default=[],
        metavar="NAME=N",
        help="how many tries stand behind a rate, for the odds (default: it is certain)",
    )
    parser.add_argument(
        "--capacity", metavar="N", help="touches a week that can be made; tells the mends"
    )
    parser.add_argument(
        "--reach",
        metavar="NAME=N",
        help="the other direction: what so many a week of a gate bring, as calls=60",
    )
    _json_option(parser)


def _path(commands: Commands) -> None:
    parser = _command(
        commands, "path", _run_path, "tell whether a workbook's path to the quota is believable"
    )
    parser.add_argument("workbook", type=Path, metavar="BOOK.xlsx", help="a book, team or template")
    parser.add_argument(
        "--today", metavar="DATE", help="read it on this day (YYYY-MM-DD), not the workbook's own"
    )
    _json_option(parser)


def _addin(commands: Commands) -> None:
    parser = commands.add_parser(
        "addin", help="the Excel add-in", description="The add-in that puts the buttons into Excel."
    )
    tasks = parser.add_subparsers(dest="task", metavar="TASK", required=True)
    build = _command(
        tasks, "build", _run_addin_build, "write the add-in: ribbon, macros, worksheet functions"
    )
    build.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="default: accountplan.xlam, or accountplan.oxt for Calc",
    )
    build.add_argument("--force", action="store_true", help="replace the file if it is there")
    install = _command(
        tasks,
        "install",
        _run_addin_install,
        "put the add-in where Excel loads it, and set it up for this Python",
    )
    remove = _command(
        tasks, "remove", _run_addin_remove, "take the add-in away, and give back what was there"
    )
    for task in (install, remove):
        task.add_argument(
            "--to", type=Path, metavar="DIR", help="a folder of yours, instead of Excel's own"
        )
    for task in (build, install, remove):
        task.add_argument(
            "--calc", action="store_true", help="for LibreOffice Calc instead: an extension"
        )
    lite = _command(
        tasks, "lite", _run_addin_lite, "write what is pasted into xlwings Lite, without Python"
    )
    lite.add_argument(
        "--out", type=Path, default=Path("lite"), metavar="DIR", help="where to (default: lite)"
    )
    lite.add_argument("--force", action="store_true", help="replace the files if they are there")


def _doctor(commands: Commands) -> None:
    parser = _command(
        commands, "doctor", _run_doctor, "say what keeps the add-in from working, and what mends it"
    )
    parser.add_argument(
        "paths",
        type=Path,
        nargs="*",
        metavar="WORKBOOK|DIR",
        help="workbooks to look at too: are they blocked, are they in a synced folder?",
    )
    _json_option(parser)


def _run_macro(commands: Commands) -> None:
    parser = _command(commands, "run", _run_run, "press a button without anyone there")
    parser.add_argument("macro", metavar="MACRO", help="such as score_accounts")
    parser.add_argument("workbook", type=Path, metavar="WORKBOOK", help="a book, team or template")
    parser.add_argument(
        "arguments",
        nargs="*",
        metavar="NAME=VALUE",
        help="what the macro asks for: account=Acme, accounts=accounts.csv",
    )
    parser.add_argument(
        "--host",
        choices=("file", "calc", "excel"),
        default="file",
        help="who opens it: nobody (default), LibreOffice Calc, which works out all formulas too, "
        "or Excel",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write here, not over WORKBOOK")
    parser.add_argument("--force", action="store_true", help="replace --out if it is there")
    _json_option(parser)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit code."""
    _use_utf8()
    end_quickly()
    options = build_parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except AccountPlanError as mistake:
        for line in mistake.lines:
            print(f"accountplan: {line}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("accountplan: stopped; nothing was left half written.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read the output has gone; what was to be written is written.
        sys.stderr.close()
        return DONE
    except Exception as fault:
        return _fault(fault)
    return code


def _use_utf8() -> None:
    """A Windows console's own encoding has no room for every customer's name."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _fault(fault: Exception) -> int:
    from .faults import note_fault

    print(f"accountplan: {note_fault(fault)}", file=sys.stderr)
    return FAULT


def _print_json(result: object) -> None:
    print(json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False))


def _day(text: str, option: str = "--as-of") -> "pd.Timestamp":
    import pandas as pd

    from ..udfs.errors import ModelInputError

    try:
        return pd.Timestamp(pd.to_datetime(text, format="%Y-%m-%d"))
    except ValueError:
        raise ModelInputError(
            f"{option} {text}: is no date; write it as YYYY-MM-DD, such as 2026-06-30."
        ) from None


def _amount(text: str, option: str) -> float:
    from ..udfs.errors import ModelInputError

    plain = text.strip()
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?%?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}%?", plain):
        sign = "%" * plain.endswith("%")
        raise ModelInputError(
            f"{option} {text}: could be thousands or a decimal; write it plainly, such as "
            f"{plain.replace('.', '')} or {plain.removesuffix('%')}0{sign}."
        )
    share = plain.endswith("%")
    try:
        value = float(plain.removesuffix("%"))
    except ValueError:
        raise ModelInputError(
            f"{option} {text}: is no number; write it plainly, such as 300000 or 0.25."
        ) from None
    return value / 100 if share else value


def _plain_strings() -> None:
    """Workbooks are written cell by cell, which plain strings do a fifth quicker than Arrow's."""
    import pandas as pd

    pd.set_option("mode.string_storage", "python")


def _run_demo(options: argparse.Namespace) -> int:
    from . import demo, summary
    from .files import build_folder

    _plain_strings()
    whole = demo.sample_round()
    built = build_folder(whole, options.out, force=True)
    if options.json:
        _print_json(summary.as_json(whole, built))
    else:
        summary.show(whole, built)
    return DONE


def _run_template(options: argparse.Namespace) -> int:
    from .files import ending_of, refuse_existing, write_template
    from .settings import read_settings

    settings = read_settings(options.settings) if options.settings else None
    controls = _controls(options)
    out = options.out or Path("account-plan").with_suffix(ending_of(controls))
    refuse_existing(out, force=options.force)
    write_template(out, settings, controls)
    print(f"Written: {out}. Open it, and start on the sheet Start.")
    return DONE


def _run_build(options: argparse.Namespace) -> int:
    from . import summary
    from .backtest import with_evidence
    from .files import build_folder, refuse_workbooks

    _plain_strings()
    refuse_workbooks(options.out, force=options.force)
    whole, export = _round(options, options.accounts, options.quota)
    whole = with_evidence(whole, export)
    built = build_folder(whole, options.out, force=options.force, controls=_controls(options))
    if options.json:
        _print_json(summary.as_json(whole, built))
    else:
        summary.show(whole, built)
    return DONE


def _round(
    options: argparse.Namespace, accounts: Path, quota: str | None = None
) -> "tuple[Round, CrmExport]":
    from ..udfs.errors import ModelInputError
    from ..udfs.settings import Settings
    from .crm import read_export
    from .planning import plan_round
    from .settings import read_settings

    as_of = _day(options.as_of) if options.as_of else None
    money = None if quota is None else _amount(quota, "--quota")
    if money is not None and not money >= 0:
        raise ModelInputError(f"--quota {quota}: is negative; give 0 or more.")
    settings = read_settings(options.settings) if options.settings else Settings()
    export = read_export(
        accounts,
        options.opportunities,
        options.teams,
        options.activity,
        columns=options.columns,
        date_format=options.date_format,
    )
    return plan_round(export, settings, as_of=as_of, quota=money), export


def _run_score(options: argparse.Namespace) -> int:
    from . import summary
    from .files import refuse_existing, write_scores

    refuse_existing(options.out, force=options.force)
    whole, _ = _round(options, options.accounts)
    write_scores(whole.accounts, options.out)
    if options.json:
        result = summary.as_json(whole, None)
        _print_json({"out": str(options.out), **result})
    else:
        summary.show_scores(whole, options.out)
    return DONE


def _run_check(options: argparse.Namespace) -> int:
    from ..udfs.errors import WorkbookError
    from . import check

    if options.fields:
        fields = check.fields()
        if options.json:
            _print_json(fields)
        else:
            check.show_fields(fields)
        return DONE
    if not options.paths:
        raise WorkbookError("check: name a workbook, or a folder of them.")
    report = check.check(options.paths)
    if options.json:
        _print_json(check.as_json(report))
    else:
        check.show(report)
    return LOOK if check.needs_a_look(report) else DONE


def _run_collect(options: argparse.Namespace) -> int:
    from datetime import datetime

    from . import collect, collect_report

    day = _day(options.today, "--today") if options.today else None
    report = collect.collect(
        options.folder,
        options.into,
        now=datetime.now().replace(microsecond=0),
        today=None if day is None else day.date(),
    )
    if options.json:
        _print_json(report.to_json())
    else:
        collect_report.show(report)
    return LOOK if report.needs_a_look else DONE


def _run_refresh(options: argparse.Namespace) -> int:
    from . import refresh
    from .crm import read_export

    export = read_export(
        options.accounts,
        options.opportunities,
        options.teams,
        options.activity,
        columns=options.columns,
        date_format=options.date_format,
    )
    day = _day(options.as_of) if options.as_of else None
    report = refresh.refresh(options.folder, export, as_of=day)
    if options.json:
        _print_json(report.to_json())
    else:
        refresh.show(report)
    return LOOK if report.waiting else DONE


def _run_return(options: argparse.Namespace) -> int:
    from datetime import datetime

    from . import returning

    report = returning.return_plans(options.team, now=datetime.now().replace(microsecond=0))
    if options.json:
        _print_json(report.to_json())
    else:
        returning.show(report)
    return LOOK if report.waiting else DONE


def _run_impact(options: argparse.Namespace) -> int:
    from . import impact
    from .crm import read_export

    export = read_export(
        options.accounts,
        options.opportunities,
        columns=options.columns,
        date_format=options.date_format,
    )
    report = impact.impact(options.team, export)
    if options.json:
        _print_json(report.to_json())
    else:
        impact.show(report)
    return DONE


def _run_review(options: argparse.Namespace) -> int:
    from . import review, review_terminal
    from .files import refuse_existing

    if options.out:
        refuse_existing(options.out, force=options.force)
    report = review.review([options.source])
    if options.out:
        review.write_review(report, options.out)
    if options.json:
        _print_json(review.as_json(report))
    else:
        review_terminal.show(report, options.out)
    return DONE


def _run_evidence(options: argparse.Namespace) -> int:
    from ..udfs.settings import Settings
    from . import backtest, evidence_pages
    from .crm import read_export
    from .files import refuse_existing
    from .settings import read_settings
    from .terminal import progress

    as_of = _day(options.as_of)
    until = _day(options.until, "--until") if options.until else None
    if options.out:
        refuse_existing(options.out, force=options.force)
    settings = read_settings(options.settings) if options.settings else Settings()
    with progress(1 + backtest.STEPS) as step:
        step("reading the files")
        export = read_export(
            options.accounts,
            options.opportunities,
            options.teams,
            columns=options.columns,
            date_format=options.date_format,
        )
        found = backtest.back_test(export, settings, as_of, until, step)
    if options.out:
        evidence_pages.write_tested(found, options.out)
    if options.json:
        _print_json(evidence_pages.as_json(found))
    else:
        evidence_pages.show(found, options.out)
    return DONE


def _run_run(options: argparse.Namespace) -> int:
    with resting_collector():
        from . import running

        done = running.run(
            options.macro,
            options.workbook,
            running.arguments_of(options.macro, options.arguments),
            host=options.host,
            out=options.out,
            force=options.force,
        )
    if options.json:
        _print_json(done.as_json())
    else:
        print(done.message)
    return DONE


def _run_funnel(options: argparse.Namespace) -> int:
    from ..udfs.funnel import Gate, funnel_targets, selling_share
    from ..udfs.outlook import funnel_odds
    from ..udfs.volume import capacity_check, funnel_reach
    from . import path_pages, summary

    rates = _named_amounts(options.rate, "--rate", "calls=0.25")
    lags = _per_gate(options.lag, "--lag", "calls=2", rates, 0.0)
    tries = _per_gate(options.tries, "--tries", "calls=120", rates, float("inf"))
    gates = [Gate(name, rate, lags[name]) for name, rate in rates.items()]
    weeks = float("nan") if options.weeks is None else _amount(options.weeks, "--weeks")
    off = 0.0 if options.weeks_off is None else _amount(options.weeks_off, "--weeks-off")
    weeks *= selling_share(off)
    average = _amount(options.average_deal, "--average-deal")
    targets = funnel_targets(_amount(options.gap, "--gap"), average, gates, weeks, weeks_off=off)
    odds = funnel_odds(targets, average, list(tries.values()))
    fits = reach = None
    if options.capacity is not None:
        fits = capacity_check(targets, average, _amount(options.capacity, "--capacity"))
    if options.reach is not None:
        ((name, a_week),) = _named_amounts([options.reach], "--reach", "calls=60").items()
        reach = funnel_reach(name, a_week, average, gates, weeks, weeks_off=off)
    if options.json:
        _print_json(path_pages.funnel_json(targets, odds, fits, reach))
    else:
        summary.show_funnel(targets)
        path_pages.show_funnel(targets, odds, fits, reach)
    return DONE


def _named_amounts(texts: Sequence[str], option: str, example: str) -> dict[str, float]:
    """NAME=NUMBER options by name, in their order."""
    from ..udfs.errors import ModelInputError

    found: dict[str, float] = {}
    for text in texts:
        name, sign, amount = text.partition("=")
        if not sign:
            raise ModelInputError(
                f"{option} {text}: write it as {option} NAME=NUMBER, such as {option} {example}."
            )
        if name.strip() in found:
            raise ModelInputError(f"{option} {text}: '{name.strip()}' is given twice; keep one.")
        found[name.strip()] = _amount(amount, f"{option} {name}=")
    return found


def _per_gate(
    texts: Sequence[str], option: str, example: str, gates: Mapping[str, float], default: float
) -> dict[str, float]:
    """What an option says of each gate, else its default."""
    from ..udfs.errors import ModelInputError

    found = _named_amounts(texts, option, example)
    strangers = [name for name in found if name not in gates]
    if strangers:
        raise ModelInputError(
            f"{option} {strangers[0]}=: there is no such gate; use one of: {', '.join(gates)}."
        )
    return {name: found.get(name, default) for name in gates}


def _run_path(options: argparse.Namespace) -> int:
    from ..udfs.believable import FAILS
    from . import path_pages
    from .path_reading import read_path

    today = None if options.today is None else _day(options.today, "--today")
    found = read_path(options.workbook, today)
    if options.json:
        _print_json(path_pages.as_json(found))
    else:
        path_pages.show(found)
    broken = any(each.verdict == FAILS for each in found.plan.verdicts)
    return LOOK if broken else DONE


def _run_addin_build(options: argparse.Namespace) -> int:
    from .excel.packages import build_addin
    from .files import refuse_existing

    if options.calc:
        from .calc.extension import EXTENSION_FILE, build_extension

        out = options.out or Path(EXTENSION_FILE)
        refuse_existing(out, force=options.force)
        build_extension(out)
        print(f"Written: {out}. In LibreOffice: Tools, Extension Manager, Add; then start it anew.")
        return DONE
    out = options.out or Path("accountplan.xlam")
    refuse_existing(out, force=options.force)
    build_addin(out)
    print(
        f"Written: {out}. In Excel: File, Options, Add-ins, Go, Browse; "
        "the tab Account Plan then stands on the ribbon."
    )
    return DONE


def _run_addin_install(options: argparse.Namespace) -> int:
    from . import install as setup
    from .machine import this_machine

    if options.calc:
        from .calc import extension

        extension.set_up()
        print("Installed: the extension Account Plan of LibreOffice.")
        print("Start LibreOffice again: the buttons of .xlsm workbooks then work in Calc.")
        return DONE
    machine = this_machine()
    where = setup.places(machine, options.to)
    setup.install(machine, where, _built_addin)
    print(f"Installed: {where.addin}")
    print(f"Settings:  {where.config}")
    print(_next_step(machine.system, options.to))
    return DONE


def _built_addin(path: Path) -> None:
    from .excel.packages import build_addin

    build_addin(path)


def _next_step(system: str, to: Path | None) -> str:
    from .machine import MAC, WINDOWS

    close = {WINDOWS: "Close Excel", MAC: "Quit Excel (Cmd-Q)"}.get(system)
    if close is None:
        return "This computer has no Excel; on one that has: accountplan addin install."
    if to is not None:
        return "In Excel: File, Options, Add-ins, Go, Browse, and choose the file."
    return f"{close} and start it again: the tab Account Plan is on the ribbon."


def _run_addin_remove(options: argparse.Namespace) -> int:
    from . import install as setup
    from .machine import this_machine

    if options.calc:
        from .calc import extension

        extension.remove()
        print("Removed: the extension Account Plan of LibreOffice. Start LibreOffice again.")
        return DONE
    where = setup.places(this_machine(), options.to)
    memory = setup.installed(where)
    if memory is None:
        print("Nothing to remove: accountplan addin install has put nothing there.")
        return DONE
    for path in setup.remove(where):
        print(f"Left where it is, because it was changed since: {path}")
    print(f"Removed: {setup.as_installed(where, memory).addin}. Start Excel again.")
    return DONE


def _run_addin_lite(options: argparse.Namespace) -> int:
    from .files import refuse_existing
    from .lite.bundle import MAIN, REQUIREMENTS, write_lite

    for name in (MAIN, REQUIREMENTS):
        refuse_existing(options.out / name, force=options.force)
    main_file, requirements = write_lite(options.out)
    print(
        f"Written: {main_file} and {requirements}. In Excel, open xlwings Lite and paste each into "
        "the tab of its name; then Menu, Restart."
    )
    return DONE


def _run_doctor(options: argparse.Namespace) -> int:
    from . import doctor
    from .machine import this_machine

    findings = doctor.examine(this_machine(), options.paths)
    if options.json:
        _print_json(doctor.as_json(findings))
    else:
        doctor.show(findings)
    return LOOK if doctor.needs_a_look(findings) else DONE
