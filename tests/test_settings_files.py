"""Settings out of a TOML file and out of a workbook: the same checks, every mistake at once."""

from pathlib import Path

import pytest

from accountplan.addin import demo, planning
from accountplan.addin.settings import read_settings
from accountplan.udfs.errors import SettingsError
from accountplan.udfs.settings import DEFAULT_ATTRIBUTES, SCALARS, Settings
from accountplan.workbook_templates import contract as c
from accountplan.workbook_templates.build import write_workbook

from .support.office import Office

GOOD = """
quarter_shares = [0.1, 0.2, 0.3, 0.4]

[model]
retention = 0.85
quota_counts = "new business"
plan_due = 2026-09-30

[[attributes]]
name = "Annual revenue"
axis = "Potential"
weight = 100
method = "bands"
scale = { 0 = 10, 1000 = 90 }

[[attributes]]
name = "Industry"
axis = "Likelihood"
weight = 100
method = "map"
scale = { Retail = 80 }

[[segments]]
name = "Large retail"
action = "Grow"
rules = [
  { attribute = "Industry", operator = "is", value = ["Retail", "Trade"] },
  { attribute = "Employees", operator = ">=", value = 1000, set = 2 },
]

[[gates]]
name = "Visits"
rate = 0.2

[plan_fields]
competitors = "required"

[plan_rules.thin]
bound = 50
serious = false
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(written(folder, text))
    return caught.value.lines


def test_what_a_file_names_holds_and_the_rest_keeps_its_default(tmp_path: Path) -> None:
    found = read_settings(written(tmp_path, GOOD))
    assert (found.retention, found.quota_counts) == (0.85, "new business")
    assert f"{found.plan_due:%Y-%m-%d}" == "2026-09-30"
    assert [a.name for a in found.attributes] == ["Annual revenue", "Industry"]
    assert found.attributes[0].scale == {"0": 10, "1000": 90}
    assert [len(rules) for rules in found.segments[0].rule_sets] == [1, 1]
    assert found.segments[0].rule_sets[0][0].value == "Retail; Trade"
    assert [(g.name, g.rate) for g in found.gates] == [("Visits", 0.2)]
    assert found.quarter_shares == (0.1, 0.2, 0.3, 0.4)
    fields = {f.key: f.requirement for f in found.plan_fields}
    assert (fields["competitors"], fields["position"]) == ("required", "required")
    thin = next(r for r in found.plan_rules if r.key == "thin")
    assert (thin.bound, thin.serious) == (50, False)
    assert found.likelihood_cut == Settings().likelihood_cut
    assert read_settings(written(tmp_path, "")) == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("modle = 1", "'modle' is unknown"),
        ("[model]\nretenshun = 1", "'retenshun' is unknown"),
        ("[model]\nretention = 1.2", "Retention: 1.2 is out of range; give 0 to 1"),
        ('[model]\nretention = "much"', "Retention: 'much' is not a number"),
        ("[model]\nfiscal_year_start = 4.5", "4.5 is not a whole number"),
        ('[model]\nplaced_by = "luck"', "Placed by: 'luck' is unknown"),
        ("quarter_shares = [1, 1]", "give four shares"),
        ("quarter_shares = [0.1, 0.1, 0.1, 0.1]", "total 40%"),
        ('[[attributes]]\nname = "Employees"\naxis = "Potential"\nweight = 90', "total 90"),
        (
            '[[attributes]]\nname = "Employees"\naxis = "Potential"\nweight = 50\n' * 2,
            "Employees stands there twice",
        ),
        ('[[attributes]]\nname = "Employees"\nweight = 50', "block 1: missing 1 required"),
        ('[[segments]]\nname = "A"\nrules = []', "segment A: it has no action"),
        ('[[segments]]\nname = "A"\naction = "Go"', "segment A: it has no rule"),
        (
            '[[segments]]\nname = "A"\naction = "Go"\n'
            'rules = [{ attribute = "Status", operator = "near", value = "x" }]',
            "'near' is not an operator",
        ),
        ('[[gates]]\nname = "Calls"\nrate = 0', "the rate is 0"),
        ('[plan_fields]\nposition = "maybe"', "requirement 'maybe' is unknown"),
        ("[model", "is no TOML"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path: Path, text: str, words: str) -> None:
    lines = mistakes(tmp_path, text)
    assert any(words in line for line in lines), lines
    assert all("\n" not in line and "settings.toml" in line for line in lines)


def test_all_mistakes_are_named_in_one_go(tmp_path: Path) -> None:
    lines = mistakes(tmp_path, "[model]\nretention = 7\nweeks_off = -1\nlikelihood_cut = 101")
    assert len(lines) == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        read_settings(tmp_path / "gone.toml")


def test_every_scalar_is_a_setting_with_a_valid_default() -> None:
    defaults = Settings()
    assert len({s.name for s in SCALARS}) == len({s.label for s in SCALARS}) == len(SCALARS)
    for scalar in SCALARS:
        scalar.check(getattr(defaults, scalar.key))


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("team") / "team.xlsx"
    write_workbook(demo.sample_round(), path)
    return path


def test_a_workbook_holds_the_settings_that_it_was_built_with(team: Path, tmp_path: Path) -> None:
    assert read_settings(team) == Settings()
    chosen = read_settings(written(tmp_path, GOOD))
    path = tmp_path / "chosen.xlsx"
    write_workbook(planning.empty_round(chosen), path)
    assert read_settings(path) == chosen


def cell(path: Path, table: str, row: int, column: str) -> tuple[str, str]:
    from accountplan.addin.hosts.package import PackageReader

    with PackageReader(path) as book:
        found = book.table(table)
        assert found is not None
        letter = chr(ord("A") + found.area.left + book.headers(found).index(column))
        return found.area.sheet, f"{letter}{found.area.top + 2 + row}"


def test_what_a_person_types_into_the_sheet_is_read_and_checked(
    team: Path, tmp_path: Path, office: Office
) -> None:
    retention = [s.key for s in SCALARS].index("retention")
    first = DEFAULT_ATTRIBUTES[0].weight
    typed = {
        cell(team, c.T_MODEL_SETTINGS, retention, "Your value"): 0.75,
        cell(team, c.T_ATTRIBUTES, 0, "Weight"): first + 5,
        cell(team, c.T_ATTRIBUTES, 1, "Weight"): DEFAULT_ATTRIBUTES[1].weight - 5,
    }
    path = office.set_cells_and_save(team, typed, tmp_path / "typed.xlsx")
    found = read_settings(path)
    assert found.retention == 0.75
    assert found.attributes[0].weight == first + 5
    wrong = {cell(team, c.T_ATTRIBUTES, 0, "Weight"): first + 5}
    path = office.set_cells_and_save(team, wrong, tmp_path / "wrong.xlsx")
    with pytest.raises(SettingsError, match=r"wrong\.xlsx: .*Potential total 105"):
        read_settings(path)
