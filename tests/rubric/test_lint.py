import pytest

from judge.errors import ConfigError
from judge.rubric import lint_rubric

CONCEPTS = frozenset({"SHOCK", "SHOCK_CG", "ACT_FLUID", "PACE"})
SETS = frozenset({"DISMISS"})


def lint(path):
    return lint_rubric(path, concepts=CONCEPTS, sets=SETS)


def errors(path):
    return [finding for finding in lint(path) if finding.severity == "error"]


def warnings(path):
    return [finding for finding in lint(path) if finding.severity == "warning"]


def test_a_sound_draft_has_no_error_and_one_warning(rubric_file, line_of):
    path = rubric_file()

    (only,) = lint(path)

    assert only.severity == "warning"
    assert "nobody has signed this rubric" in only.message
    assert only.line == line_of(path, "signoff:")
    assert "status, by, date" in only.way_out


def test_a_signed_rubric_is_warned_about_only_where_a_gate_is_not_signed(rubric_file, line_of):
    path = rubric_file(("status: draft", "status: signed\n  by: Dr A\n  date: 2026-11-24\n  signed: [S1]"))

    (only,) = lint(path)

    assert only.message == "gates.A1: 2 gates are not signed"
    assert only.line == line_of(path, "  A1:")


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        (
            "conditions: [SHOCK]",
            "conditions: [SHOK]",
            "gates.A1.hint.conditions[0]",
            'no concept "SHOK", did you mean "SHOCK"',
        ),
        ("conditions: [SHOCK]", "conditions: [SHOCK+NOPE]", "gates.A1.hint.conditions[0]", 'no concept "NOPE"'),
        (
            "[[SHOCK, DISMISS]]",
            "[[SHOCK, DISMIS]]",
            "gates.A1.hint.pairs[0].sets[0]",
            'set "DISMIS", did you mean "DISMISS"',
        ),
        ("[[SHOCK, DISMISS]]", "[[DISMISS, DISMISS]]", "gates.A1.hint.pairs[0].conditions[0]", 'no concept "DISMISS"'),
        (
            "[[SHOCK, DISMISS]]",
            "[{conditions: [SHOCK], sets: [DISMISS], unless: [XX], requires: [YY]}]",
            "gates.A1.hint.pairs[0].unless[0]",
            'no concept or set "XX"',
        ),
        ("acts: [ACT_FLUID]", "acts: [ACT_FLUIDS]", "gates.A1.acts.*[0]", 'set "ACT_FLUIDS", did you mean "ACT_FLUID"'),
        ("acts: [ACT_FLUID]", "acts: {SHOCC: [ACT_FLUID]}", "gates.A1.acts.SHOCC", 'no concept or set "SHOCC"'),
        (
            "acts: [ACT_FLUID]",
            "exceptions: [PAACE]",
            "gates.A1.exceptions[0]",
            'no concept "PAACE", did you mean "PACE"',
        ),
        ("conditions: [SHOCK]", "requires_any: [SYNC]", "gates.A1.hint.requires_any[0]", 'no concept "SYNC"'),
        ("conditions: [SHOCK]", "equivalents: [SYNC]", "gates.A1.hint.equivalents[0]", 'no concept "SYNC"'),
    ],
)
def test_an_id_that_the_lexicon_does_not_know_is_an_error_with_its_line(rubric_file, line_of, old, new, field, message):
    path = rubric_file((old, new))

    found = [finding for finding in errors(path) if finding.message.startswith(f"{field}: ")]

    assert len(found) == 1
    assert message in found[0].message
    assert found[0].line == line_of(path, new)
    assert "id of the lexicon" in found[0].way_out


def test_both_parts_of_a_joint_condition_and_any_patient_are_known(rubric_file):
    assert errors(rubric_file(("conditions: [SHOCK]", "conditions: [SHOCK+PACE]"))) == []
    assert errors(rubric_file(("[[SHOCK, DISMISS]]", '[["*", DISMISS]]'))) == []
    assert errors(rubric_file(("[[SHOCK, DISMISS]]", "[[SHOCK, ACT_FLUID]]"))) == []


def test_structural_faults_are_errors_beside_the_others(rubric_file, line_of):
    path = rubric_file(("{UR: 60, TO: 40}", "{UR: 60, TO: 41}"), ("acts: [ACT_FLUID]", "acts: [ACT_FLUIDS]"))

    found = errors(path)

    assert {finding.line for finding in found} == {line_of(path, "TO: 41"), line_of(path, "ACT_FLUIDS")}


def test_broken_yaml_is_one_error_with_its_line(tmp_path):
    path = tmp_path / "v1.yaml"
    path.write_text("id: x\nlevels: [1, 2\nversion: 1\n", encoding="utf-8")

    (only,) = lint(path)

    assert (only.severity, only.line) == ("error", 3)
    assert "not readable as YAML" in only.message


def test_a_file_that_is_not_there_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        lint(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Names the category", "Names the category and states the vital signs", 'joined by "and"'),
        ("Names the category", "Names the category as well as the reason", 'joined by "as well as"'),
        ("写明类别", "写明类别以及生命体征", 'joined by "以及"'),
        ("写明类别", "写明类别并说明理由", 'joined by "并"'),
        ("Names the category", "Obviously names the category", '"Obviously" praises, blames or leads'),
        ("Right category", "Excellent choice of category", '"Excellent" praises, blames or leads'),
        ("类别正确", "完美的类别", '"完美" praises, blames or leads'),
        ("Off by one step", "Category right", "cannot be told from the anchor of level 2"),
        ("相差一级", "正确类别", "cannot be told from the anchor of level 2"),
    ],
)
def test_doubtful_wording_is_a_warning_with_its_line(rubric_file, line_of, old, new, message):
    path = rubric_file((old, new))

    found = [finding for finding in warnings(path) if message in finding.message]

    assert len(found) == 1
    assert found[0].line == line_of(path, new)
    assert found[0].way_out
    assert errors(path) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Names the category", "Weighs the alternative, for and against"),
        ("Names the category", "Handles the standard category"),
        ("写明类别", "结合合并症写明类别"),
        ("写明类别", "同时给出互斥的结论"),
    ],
)
def test_one_check_in_other_words_is_not_called_compound(rubric_file, old, new):
    assert [finding.message for finding in warnings(rubric_file((old, new)))] == [
        "signoff: nobody has signed this rubric"
    ]


def test_a_dimension_that_may_be_left_out_says_when(rubric_file, line_of):
    path = rubric_file(('    na_when: {en: "No urgency is asked for", zh: "未问紧急程度"}\n', ""))

    found = [finding for finding in warnings(path) if "not applicable" in finding.message]

    assert [finding.line for finding in found] == [line_of(path, "na_allowed")]


def test_a_file_name_with_another_version_or_folder_is_a_warning(rubric_file):
    path = rubric_file(("version: 1", "version: 2"), ("id: triage", "id: other"))

    messages = [finding.message for finding in warnings(path)]

    assert "version: version 2 in a file named v1.yaml" in messages
    assert 'id: the id "other" in a folder named "triage"' in messages
