"""Is the shipped sample what the demo, the Guide and the other tests take it for?

Read with plain pandas, so that the sample is judged without the import that it
is there to show. The figures that each book is held to are its character in
the story: a book of big bets, one of quick wins, a small one, and three between.
"""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import accountplan.workbook_templates
from accountplan.addin.crm import CrmExport, read_export
from accountplan.addin.planning import plan_round
from accountplan.udfs import plans as p
from accountplan.udfs import words as w
from accountplan.udfs.settings import Settings
from accountplan.workbook_templates.round import Round

SAMPLES = Path(accountplan.workbook_templates.__file__).parent / "samples"
AS_OF = pd.Timestamp("2026-06-30")
REPS = ("Rep North 1", "Rep North 2", "Rep North 3", "Rep South 1", "Rep South 2", "Rep South 3")
BIG_BETS, SMALL_BOOK, QUICK_WINS = "Rep North 1", "Rep North 3", "Rep South 1"
BALANCED = ("Rep North 2", "Rep South 2", "Rep South 3")
WORKED_EXAMPLE = "ACC-0080"
GOOD = (WORKED_EXAMPLE, "ACC-0102", "ACC-0056", "ACC-0084")
THIN = ("ACC-0055", "ACC-0066")
HALF_FILLED = ("ACC-0078", "ACC-0060")


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    return table("accounts")


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    """The deals, each once, with dates, amounts and states."""
    found = table("opportunities").drop_duplicates("Opportunity ID").reset_index(drop=True)
    for column in ("Created Date", "Close Date"):
        found[column] = pd.to_datetime(found[column], format="%Y-%m-%d")
    found["Amount"] = pd.to_numeric(found["Amount"])
    closed = {"Closed Won": "Won", "Closed Lost": "Lost"}
    found["State"] = found["Stage"].map(closed).fillna("Open")
    return found


@pytest.fixture(scope="module")
def written() -> dict[str, dict[str, object]]:
    return tomllib.loads((SAMPLES / "plans.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def export() -> CrmExport:
    names = ("accounts", "opportunities", "teams", "activity")
    return read_export(*(SAMPLES / f"{name}.csv" for name in names))


@pytest.fixture(scope="module")
def planned(export: CrmExport, written: dict[str, dict[str, object]]) -> Round:
    return plan_round(export, Settings(), plans={key: plan(key, written[key]) for key in written})


def plan(account_id: str, typed: dict[str, object]) -> p.Plan:
    tables = {key: pd.DataFrame(rows) for key, rows in typed.items() if key in p.PLAN_TABLES}
    fields = {key: value for key, value in typed.items() if key not in tables}
    return p.Plan(account_id, account_id, fields=fields, tables=tables)


@pytest.fixture(scope="module")
def checks(planned: Round) -> dict[str, p.PlanCheck]:
    found = p.check_plans(
        planned.plans,
        p.PLAN_FIELDS,
        p.PLAN_RULES,
        AS_OF.date(),
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    return {each.account_id: check for each, check in zip(planned.plans, found, strict=True)}


# --- The files ------------------------------------------------------------------


def test_files_are_small_utf8_with_unix_line_ends() -> None:
    files = [path for path in SAMPLES.iterdir() if path.suffix in (".csv", ".toml")]
    assert len(files) == 5
    assert sum(path.stat().st_size for path in files if path.suffix == ".csv") < 250_000
    for path in files:
        text = path.read_bytes().decode("utf-8")
        assert "\r" not in text and not text.startswith("\ufeff") and text.endswith("\n")


def test_no_text_that_a_spreadsheet_would_run() -> None:
    for name in ("accounts", "opportunities", "teams", "activity"):
        cells = table(name).stack()
        assert not cells.str.match(r"[=+\-@\t']").any()
        assert (cells == cells.str.strip()).all()


def test_ids_are_unique_but_for_one_deal_exported_twice(accounts: pd.DataFrame) -> None:
    assert accounts["Account ID"].is_unique and accounts["Account Name"].is_unique
    exported = table("opportunities")
    assert exported.duplicated("Opportunity ID").sum() == 1
    assert exported.duplicated().sum() == 1


def test_keys_join(accounts: pd.DataFrame, deals: pd.DataFrame) -> None:
    names = accounts.set_index("Account ID")["Account Name"]
    named = deals[deals["Account ID"] != ""]
    assert (named["Account ID"].map(names) == named["Account Name"]).all()
    assert set(accounts["Account Owner"]) == set(deals["Opportunity Owner"]) == set(REPS)
    assert tuple(table("teams")["Rep"]) == REPS
    assert set(table("activity")["Rep"]) == set(REPS)
    assert set(accounts["Parent Account"]) - {""} <= set(accounts["Account Name"])


# --- The story --------------------------------------------------------------------


def test_speaks_for_the_middle_of_2026_with_history_from_2023(deals: pd.DataFrame) -> None:
    closed = deals[deals["State"] != "Open"]
    assert max(deals["Created Date"].max(), closed["Close Date"].max()) == AS_OF
    assert deals["Created Date"].min().year == 2023
    assert (closed["Close Date"] <= AS_OF).all()
    assert (deals["Close Date"] > deals["Created Date"]).all()


def test_size_of_the_export(accounts: pd.DataFrame, deals: pd.DataFrame) -> None:
    assert len(accounts) == 110
    assert 1_200 <= len(deals) <= 1_400


def test_what_is_not_clean_in_it(accounts: pd.DataFrame, deals: pd.DataFrame) -> None:
    is_open = deals["State"] == "Open"
    longest_win = (deals["Close Date"] - deals["Created Date"])[deals["State"] == "Won"].max()
    stale = is_open & (AS_OF - deals["Created Date"] > longest_win)
    assert 5 <= stale.sum() <= 15
    assert deals["Amount"].isna().sum() == deals.loc[is_open, "Amount"].isna().sum() == 2
    assert 3 <= (deals["Account ID"] == "").sum() <= 8
    assert (accounts["Parent Account"] != "").sum() == 3
    assert accounts.loc[accounts["Parent Account"] != "", "Account Owner"].nunique() == 2
    for column in ("Industry", "Annual Revenue", "Employees", "Fiscal Year End"):
        assert 1 <= (accounts[column] == "").sum() <= 20
    customers = accounts["Customer Since"] != ""
    assert 0.3 <= (accounts.loc[customers, "Wallet Share"] != "").mean() <= 0.6


def test_every_status_is_there(accounts: pd.DataFrame, deals: pd.DataFrame) -> None:
    won = deals[deals["State"] == "Won"]
    recent = set(won.loc[won["Close Date"] > AS_OF - pd.DateOffset(years=1), "Account ID"])
    ever = set(won["Account ID"])
    is_open = set(deals.loc[deals["State"] == "Open", "Account ID"])
    ids = set(accounts["Account ID"])
    counts = [len(ids & recent), len(ids & ever - recent)]
    counts += [len(ids & is_open - ever), len(ids - ever - is_open)]
    assert min(counts) >= 10
    since = set(accounts.loc[accounts["Customer Since"] != "", "Account ID"])
    assert since == ids & ever


def test_books_have_their_own_character(accounts: pd.DataFrame, deals: pd.DataFrame) -> None:
    owner = deals["Account ID"].map(accounts.set_index("Account ID")["Account Owner"])
    won = deals[deals["State"] == "Won"]
    size = won.groupby(owner)["Amount"].mean()
    count = deals.groupby(owner).size()
    books = accounts.groupby("Account Owner").size()
    assert books[SMALL_BOOK] == 6
    assert size.idxmax() == BIG_BETS and size[BIG_BETS] > 80_000
    assert size.idxmin() == QUICK_WINS and size[QUICK_WINS] < 10_000
    assert count.idxmax() == QUICK_WINS and count[QUICK_WINS] > 3 * count[BIG_BETS]
    assert (count / books).idxmin() == BIG_BETS


def test_win_rates_differ_between_accounts_beyond_chance(deals: pd.DataFrame) -> None:
    # Pearson's chi-square of won against account has as mean its degrees of
    # freedom, and as variance twice that, where all accounts win alike.
    closed = deals[(deals["State"] != "Open") & (deals["Account ID"] != "")]
    counts = closed.groupby("Account ID")["State"].agg([lambda s: (s == "Won").sum(), "size"])
    wins, tries = counts.to_numpy(dtype=float)[counts["size"] >= 5].T
    rate = wins.sum() / tries.sum()
    chi_square = ((wins - tries * rate) ** 2 / (tries * rate * (1 - rate))).sum()
    freedom = len(wins) - 1
    assert chi_square > freedom + 3 * np.sqrt(2 * freedom)


def test_sales_follow_size(accounts: pd.DataFrame, deals: pd.DataFrame) -> None:
    won = deals[deals["State"] == "Won"].groupby("Account ID")["Amount"].sum()
    sales = accounts["Account ID"].map(won)
    employees = pd.to_numeric(accounts["Employees"])
    assert sales.rank().corr(employees.rank()) > 0.3


def test_activity_covers_the_26_whole_weeks_before_the_as_of_date() -> None:
    activity = table("activity")
    weeks = pd.to_datetime(activity["Week"])
    assert (weeks.dt.day_of_week == 0).all()
    assert weeks.nunique() == 26 and weeks.max() == pd.Timestamp("2026-06-22")
    assert set(activity["Gate"]) == {"Emails", "Calls", "Demos"}
    assert len(activity) == 26 * len(REPS) * 3
    totals = activity.assign(n=activity["Count"].astype(int)).groupby("Gate")["n"].sum()
    assert totals["Emails"] > totals["Calls"] > totals["Demos"] > 0


# --- What the product makes of it ---------------------------------------------------


def test_import_drops_only_the_deal_that_was_exported_twice(
    export: CrmExport, accounts: pd.DataFrame
) -> None:
    dropped = {file.role: [d.count for d in file.dropped] for file in export.report.files}
    assert dropped == {"accounts": [], "opportunities": [1], "teams": [], "activity": []}
    assert export.as_of == AS_OF
    assert len(export.accounts) == len(accounts)


def test_risk_profiles_of_the_books(planned: Round) -> None:
    found = planned.accounts.groupby(w.OWNER)[w.QUADRANT].value_counts().unstack(fill_value=0)
    share = found[w.BIG_BET] / (found[w.BIG_BET] + found[w.QUICK_WIN])
    assert share[BIG_BETS] >= 2 / 3
    assert share[QUICK_WINS] <= 1 / 3
    assert all(1 / 3 < share[rep] < 2 / 3 for rep in BALANCED)


def test_some_reps_reach_the_quota_and_some_do_not(planned: Round) -> None:
    walk = planned.walk.set_index(w.REP)
    gap = walk["Gap"] / walk[w.QUOTA]
    assert (gap <= 0).any()
    assert ((gap >= 0.1) & (gap <= 0.4)).sum() >= 3
    assert gap.max() <= 0.4


def test_one_account_has_not_enough_data(planned: Round) -> None:
    assert (planned.accounts[w.QUADRANT] == w.NOT_ENOUGH_DATA).sum() == 1


# --- The plans ----------------------------------------------------------------------


def test_plans_speak_the_words_of_the_plan_tab(written: dict[str, dict[str, object]]) -> None:
    known = {each.key for each in p.PLAN_FIELDS}
    for typed in written.values():
        assert set(typed) <= known
        for key, rows in typed.items():
            if key in p.PLAN_TABLES:
                columns = {column.name for column in p.PLAN_TABLES[key]}
                assert all(set(row) <= columns for row in rows)


def test_plans_belong_to_the_first_three_accounts_of_their_books(
    planned: Round, written: dict[str, dict[str, object]]
) -> None:
    rank = planned.accounts.set_index(w.ACCOUNT_ID)[w.RANK]
    assert set(written) == {*GOOD, *THIN, *HALF_FILLED}
    assert (rank[list(written)] <= 3).all()


@pytest.mark.parametrize("account_id", GOOD)
def test_good_plans_have_no_finding_at_all(checks: dict[str, p.PlanCheck], account_id: str) -> None:
    assert checks[account_id].complete
    assert not checks[account_id].findings


@pytest.mark.parametrize("account_id", THIN)
def test_thin_plans_are_complete_but_not_good(
    checks: dict[str, p.PlanCheck], account_id: str
) -> None:
    assert checks[account_id].complete
    assert not checks[account_id].good


@pytest.mark.parametrize("account_id", HALF_FILLED)
def test_half_filled_plans_lack_something(checks: dict[str, p.PlanCheck], account_id: str) -> None:
    assert 0.2 <= checks[account_id].completeness.share <= 0.7


def test_the_worked_example_fills_every_field(written: dict[str, dict[str, object]]) -> None:
    example = plan(WORKED_EXAMPLE, written[WORKED_EXAMPLE])
    assert all(p.completeness(example).filled.values())


def test_actions_lie_in_the_four_months_after_the_as_of_date(
    written: dict[str, dict[str, object]],
) -> None:
    due = [
        row["Due"] for typed in written.values() for row in typed.get("actions", ()) if "Due" in row
    ]
    assert date(2026, 7, 1) <= min(due) and max(due) <= date(2026, 10, 31)
