import contextlib
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judge.errors import ConfigError
from judge.rubric import RubricError, load_rubric

# (what it shows, text replaced, by what, a mark on the line named, field, words of the message, words of the way out)
FAULTS = [
    (
        "a missing anchor",
        '      1: {en: "Off by one step", zh: "相差一级"}\n',
        "",
        "    anchors:\n      2:",
        "dimensions.urgency.anchors",
        "level 1 has no anchor",
        "give every level an anchor",
    ),
    (
        "an anchor without a language",
        '{en: "Off by one step", zh: "相差一级"}',
        '{en: "Off by one step"}',
        "Off by one step",
        "dimensions.urgency.anchors.1.zh",
        'the text in "zh" is missing',
        "write `zh: …`",
    ),
    (
        "an anchor that is blank",
        '{en: "Off by one step", zh: "相差一级"}',
        '{en: "Off by one step", zh: " "}',
        "Off by one step",
        "dimensions.urgency.anchors.1.zh",
        "is missing",
        "write `zh: …`",
    ),
    (
        "an anchor off the scale",
        '      0: {en: "Rude at any point"',
        '      2: {en: "Rude at any point", zh: "无礼"}\n      0: {en: "Rude at any point"',
        '2: {en: "Rude at any point"',
        "dimensions.tone.anchors.2",
        "level 2 is not on the scale",
        "the levels are 0, 1",
    ),
    (
        "a criterion's text without a language",
        ', zh: "写明类别"',
        "",
        "id: UR1",
        "criteria[UR1].zh",
        'the text in "zh" is missing',
        "write `zh: …`",
    ),
    (
        "a text in a language that the file does not list",
        '{en: "Triage notes", ',
        '{en: "Triage notes", de: "Triage", ',
        "Triage notes",
        "title.de",
        'unknown key "de"',
        "add it to `languages`",
    ),
    (
        "a criterion without a dimension",
        "id: UR2, dim: UR",
        "id: UR2, dim: UX",
        "id: UR2",
        "criteria[UR2].dim",
        'no dimension with the code "UX"',
        "known: UR, TO",
    ),
    (
        "weights that do not sum to 100",
        "{UR: 80, TO: 20}",
        "{UR: 80, TO: 25}",
        "UR: 80",
        "tasks.brief.weights",
        "the weights sum to 105, not to 100",
        "change them by -5",
    ),
    (
        "a dimension without a weight",
        "{UR: 60, TO: 40}",
        "{UR: 100}",
        "UR: 100",
        "tasks.default.weights",
        "TO has no weight",
        "write `TO: 0`",
    ),
    (
        "a weight for no dimension",
        "{UR: 60, TO: 40}",
        "{UR: 60, TO: 40, ZZ: 0}",
        "ZZ: 0",
        "tasks.default.weights.ZZ",
        'no dimension with the code "ZZ"',
        "known: UR, TO",
    ),
    (
        "a level that coverage never gives",
        "[[0.8, 2], [0.4, 1], [0.0, 0]]",
        "[[0.8, 2], [0.0, 0]]",
        "level_from_coverage: [[",
        "level_from_coverage",
        "level 1 is unreachable",
        "add a step",
    ),
    (
        "a coverage step that an earlier one hides",
        "[[0.8, 2], [0.4, 1], [0.0, 0]]",
        "[[0.8, 2], [0.9, 1], [0.0, 0]]",
        "level_from_coverage: [[",
        "level_from_coverage[1]",
        "level 1 cannot be reached",
        "from best to worst",
    ),
    (
        "a coverage threshold in per cent",
        "[[0.8, 2], ",
        "[[80, 2], ",
        "level_from_coverage: [[",
        "level_from_coverage[0]",
        "the share 80 is outside 0 to 1",
        "0.90, not 90",
    ),
    (
        "a coverage without a level",
        "[0.0, 0]]",
        "[0.1, 0]]",
        "level_from_coverage: [[",
        "level_from_coverage[2]",
        "a share under 0.1 has no level",
        "begin at 0.0",
    ),
    (
        "a coverage level off the scale",
        "[[0.8, 2], ",
        "[[0.8, 5], ",
        "level_from_coverage: [[",
        "level_from_coverage[0]",
        "level 5 is not on the scale",
        "the levels are 0, 1, 2",
    ),
    (
        "levels from coverage without thresholds",
        "level_from_coverage: [[0.8, 2], [0.4, 1], [0.0, 0]]\n",
        "",
        "level_method: coverage",
        "dimensions.urgency.level_method",
        "no `level_from_coverage`",
        "level_method: judged",
    ),
    (
        "levels from coverage without a positive criterion",
        "points: 3,",
        "points: -3,",
        "level_method: coverage",
        "dimensions.urgency.level_method",
        "no criterion has positive points",
        "add a criterion with positive points",
    ),
    (
        "levels from faults that no rule reaches",
        "level_method: coverage",
        "level_method: faults",
        "level_rules:",
        "dimensions.urgency.level_rules",
        "level 0 is unreachable",
        "add a rule",
    ),
    (
        "rules where levels are judged",
        "    level_method: coverage\n",
        "",
        "level_rules:",
        "dimensions.urgency.level_rules",
        "never apply",
        "set `level_method`",
    ),
    (
        "a rule on an unknown criterion",
        "{criterion: UR1,",
        "{criterion: UR9,",
        "criterion: UR9",
        "dimensions.urgency.level_rules[0].criterion",
        'no criterion "UR9" of this dimension, did you mean "UR2"',
        "UR1, UR2",
    ),
    (
        "a rule with a level off the scale",
        "at_most: 1}",
        "at_most: 1.5}",
        "at_most: 1.5",
        "dimensions.urgency.level_rules[0].at_most",
        "level 1.5 is not on the scale",
        "the levels are",
    ),
    (
        "a rule that never lowers",
        "at_most: 1}",
        "at_most: 2}",
        "at_most: 2",
        "dimensions.urgency.level_rules[0].at_most",
        "never lowers",
        "under the highest",
    ),
    (
        "a scale that does not rise",
        "levels: [0, 1, 2]",
        "levels: [0, 2, 1]",
        "levels: [0, 2, 1]",
        "levels",
        "do not rise",
        "from worst to best",
    ),
    (
        "a scale of one level",
        "    levels: [0, 1]\n",
        "    levels: [1]\n",
        "    levels: [1]",
        "dimensions.tone.levels",
        "two levels or more",
        "worst to best",
    ),
    (
        "one code for two dimensions",
        "code: TO",
        "code: UR",
        "code: UR\n    core: false",
        "dimensions.tone.code",
        'the code "UR" is also that of urgency',
        "a code of its own",
    ),
    (
        "no core dimension",
        "core: true",
        "core: false",
        "dimensions:",
        "dimensions",
        "no dimension is core",
        "core: true",
    ),
    (
        "one id for two criteria",
        "id: UR2",
        "id: UR1",
        "max_total: -4,",
        "criteria[UR1].id",
        'the id "UR1" stands twice (first on line',
        "an id of its own",
    ),
    (
        "one id for a criterion and a gate",
        "  A2:\n",
        "  UR2:\n",
        "  UR2:",
        "gates.UR2",
        "also that of a criterion",
        "rename",
    ),
    (
        "a key that stands twice",
        "    asker: nurse\n    core_overrides",
        "    asker: nurse\n    asker: doctor\n    core_overrides",
        "asker: doctor",
        "tasks.brief.asker",
        "the key stands twice (first on line",
        "keep one",
    ),
    (
        "points of 0",
        "points: -2",
        "points: 0",
        "id: UR2",
        "criteria[UR2].points",
        "counts for nothing",
        "more than 0 for a good thing, less for a bad",
    ),
    (
        "a maximum of the other sign",
        "max_total: -4",
        "max_total: 4",
        "id: UR2",
        "criteria[UR2].max_total",
        "the sign of 4 is not that of the points (-2)",
        "one sign",
    ),
    (
        "a maximum under one instance",
        "max_total: -4",
        "max_total: -1",
        "id: UR2",
        "criteria[UR2].max_total",
        "-1 is less than one instance",
        "one instance's points or more",
    ),
    (
        "a maximum without each",
        "each: true, ",
        "",
        "id: UR2",
        "criteria[UR2].max_total",
        "does nothing",
        "each: true",
    ),
    (
        "an unknown task in na_allowed",
        "na_allowed: [brief]",
        "na_allowed: [breif]",
        "na_allowed: [breif]",
        "dimensions.urgency.na_allowed[0]",
        'no task "breif", did you mean "brief"',
        "known: brief, default",
    ),
    (
        "an unknown task in use_by_task",
        "points: 3, use: always",
        "points: 3, use: always, use_by_task: {brif: asked}",
        "use_by_task",
        "criteria[UR1].use_by_task.brif",
        'no task "brif", did you mean "brief"',
        "known: brief, default",
    ),
    (
        "a language that stands twice",
        "languages: [en, zh]",
        "languages: [en, zh, en]",
        "languages: [",
        "languages",
        "a language stands twice",
        "each language once",
    ),
    (
        "F1 steps that leave a level out",
        "    core_overrides: [UR1]",
        "    level_from_f1: [[0.9, 2], [0.0, 0]]\n    core_overrides: [UR1]",
        "level_from_f1",
        "tasks.brief.level_from_f1",
        "level 1 is unreachable",
        "add a step",
    ),
    (
        "a rule that stands twice",
        "{criterion: UR1, when: unmet, at_most: 1}",
        "{criterion: UR1, when: unmet, at_most: 1}\n      - {criterion: UR1, when: unmet, at_most: 0}",
        "at_most: 0}",
        "dimensions.urgency.level_rules[1]",
        "the rule stands twice",
        "the lower level",
    ),
    (
        "a flag with a tier",
        "    tiers: [fabrication]",
        "    flag: true\n    tiers: [fabrication]",
        "flag: true",
        "gates.A2.flag",
        "only flags has no tier",
        "drop `tiers`",
    ),
    (
        "words for a tier that the gate does not have",
        "    tiers: [fabrication]",
        "    commission: {en: Advised, zh: 建议}\n    tiers: [fabrication]",
        "commission:",
        "gates.A2.commission",
        "no tier of the gate",
        "drop the words",
    ),
    (
        "an empty list of acts",
        "acts: [ACT_FLUID]",
        "acts: []",
        "acts: []",
        "gates.A1.acts.*",
        "no act is listed",
        "any of which suffices",
    ),
    (
        "a signature that leaves items out",
        "status: draft",
        "status: signed\n  by: Dr A\n  date: 2026-11-24",
        "signoff:",
        "signoff",
        "signed, but not the items S1",
        "list them in `signed`",
    ),
    (
        "an unknown criterion in core_overrides",
        "core_overrides: [UR1]",
        "core_overrides: [UR7]",
        "core_overrides",
        "tasks.brief.core_overrides[0]",
        'no criterion "UR7"',
        "known: UR1, UR2, brief.X1",
    ),
    (
        "an extra criterion named without its task",
        "id: brief.X1",
        "id: X1",
        "id: X1",
        "tasks.brief.extra[X1].id",
        "does not begin with its task",
        "call it brief.X1",
    ),
    (
        "no default task",
        "  default:\n",
        "  other:\n",
        "tasks:\n",
        "tasks",
        'there is no task "default"',
        "cases that name no task",
    ),
    (
        "a gate without a tier",
        '    tiers: [omission]\n    severity: {omission: 3}\n    omission: {en: "Not seen", zh: "未识别"}\n',
        "",
        "  A1:",
        "gates.A1",
        "the gate has no tier",
        "flag: true",
    ),
    (
        "a tier without a severity",
        "    severity: {omission: 3}\n",
        "",
        "  A1:",
        "gates.A1",
        "the tier omission has no severity",
        "add `severity: {omission: 3}`",
    ),
    (
        "an omission that ranks nowhere",
        "{omission: 3}",
        "{omission: null}",
        "severity: {omission: null}",
        "gates.A1.severity.omission",
        "is null",
        "write 3, 2 or R",
    ),
    (
        "a severity for another tier",
        "{omission: 3}",
        "{omission: 3, commission: 3}",
        "severity: {omission: 3, commission",
        "gates.A1.severity.commission",
        "no tier of the gate",
        "add the tier",
    ),
    (
        "a tier without words",
        '    omission: {en: "Not seen", zh: "未识别"}\n',
        "",
        "  A1:",
        "gates.A1",
        "the tier omission has no words",
        "in every language",
    ),
    (
        "a tier without a rule",
        "    omission: {cap: 40, UR: 1}\n",
        "",
        "tiers: [omission]",
        "gates.A1.tiers[0]",
        "the tier omission has no rule",
        "cap",
    ),
    (
        "a ceiling off the scale",
        "{cap: 40, UR: 1}",
        "{cap: 40, UR: 7}",
        "cap: 40",
        "gates.tiers.omission.UR",
        "level 7 is not on the scale",
        "the levels are 0, 1, 2",
    ),
    (
        "a ceiling of no dimension",
        "missed_diagnosis_ceiling: {UR: 0}",
        "missed_diagnosis_ceiling: {DX: 0}",
        "missed_diagnosis_ceiling",
        "gates.missed_diagnosis_ceiling.DX",
        'no dimension with the code "DX"',
        "known: UR, TO",
    ),
    (
        "a gate for an unknown task",
        "tasks: [brief]\n    hint",
        "tasks: [brieff]\n    hint",
        "tasks: [brieff]",
        "gates.A1.tasks[0]",
        'no task "brieff", did you mean "brief"',
        "known",
    ),
    (
        "a gate that yields to none",
        "yields_to: [A1]",
        "yields_to: [A9]",
        "yields_to",
        "gates.A2.yields_to[0]",
        'no other gate "A9"',
        "another gate's id",
    ),
    (
        "a hint pair without a set",
        "pairs: [[SHOCK, DISMISS]]",
        "pairs: [{conditions: [SHOCK], sets: []}]",
        "pairs:",
        "gates.A1.hint.pairs[0]",
        "the pair names no set",
        "[AVB3, AV_NODAL]",
    ),
    (
        "a hint pair without a condition",
        "pairs: [[SHOCK, DISMISS]]",
        'pairs: [["", DISMISS]]',
        "pairs:",
        "gates.A1.hint.pairs[0]",
        "the pair names no condition",
        '"*" is any patient',
    ),
    (
        "acts of a gate without omission",
        "    yields_to: [A1]\n",
        "    yields_to: [A1]\n    acts: [ACT_CPR]\n",
        "acts: [ACT_CPR]",
        "gates.A2.acts",
        "only in an omission",
        "add the tier omission",
    ),
    (
        "a small key among the gates",
        "  missed_diagnosis_ceiling: {UR: 0}",
        "  missed_diagnosis_ceiling: {UR: 0}\n"
        "  missed_diagnosis_ceilin: {tiers: [fabrication], severity: {fabrication: null}, en: a, zh: b}",
        "missed_diagnosis_ceilin:",
        "gates.missed_diagnosis_ceilin",
        'did you mean "missed_diagnosis_ceiling"',
        "begins with a capital letter",
    ),
    (
        "a signature without a name",
        "status: draft",
        "status: signed",
        "signoff:",
        "signoff",
        "signed, but `by` is empty",
        "status: draft",
    ),
    (
        "a signature under an unknown item",
        "status: draft",
        "status: draft\n  signed: [S2]",
        "signed: [S2]",
        "signoff.signed[0]",
        'no item to sign "S2"',
        "known: S1",
    ),
    (
        "an unknown key at the top",
        "title: {",
        "titel: {en: a, zh: b}\ntitle: {",
        "titel:",
        "titel",
        'unknown key "titel", did you mean "title"',
        "remove or rename",
    ),
    (
        "an unknown key of a dimension",
        '    question: {en: "Is it polite?"',
        '    core_dimension: true\n    question: {en: "Is it polite?"',
        "core_dimension",
        "dimensions.tone.core_dimension",
        'unknown key "core_dimension"',
        "remove or rename",
    ),
    (
        "an unknown key of a criterion",
        "use: asked, evidence: whole",
        "use: asked, evidense: whole",
        "brief.X1",
        "tasks.brief.extra[brief.X1].evidense",
        'unknown key "evidense", did you mean "evidence"',
        "remove or rename",
    ),
    (
        "an unknown key of a gate",
        "    acts: [ACT_FLUID]",
        "    exeptions: [PACE]\n    acts: [ACT_FLUID]",
        "exeptions",
        "gates.A1.exeptions",
        'unknown key "exeptions", did you mean "exceptions"',
        "remove or rename",
    ),
    (
        "an unknown key of a hint",
        "      conditions: [SHOCK]\n",
        "      condition: [SHOCK]\n",
        "condition: [SHOCK]",
        "gates.A1.hint.condition",
        'unknown key "condition", did you mean "conditions"',
        "remove or rename",
    ),
    (
        "a missing field",
        "    asker: nurse\n    core_overrides",
        "    core_overrides",
        "  brief:",
        "tasks.brief.asker",
        '"asker" is missing',
        "add it",
    ),
    (
        "a value of the wrong type",
        "points: 3,",
        "points: three,",
        "id: UR1",
        "criteria[UR1].points",
        "valid number, not 'three'",
        "judge rubric schema",
    ),
    (
        "a value that is none of the choices",
        "use: asked",
        "use: sometimes",
        "brief.X1",
        "tasks.brief.extra[brief.X1].use",
        "'case', 'always' or 'asked'",
        "use one of the values",
    ),
    (
        "a truth value where a number belongs",
        "points: 3,",
        "points: yes,",
        "id: UR1",
        "criteria[UR1].points",
        "valid number",
        "judge rubric schema",
    ),
]


def test_a_rubric_without_faults_loads(rubric_file):
    rubric = load_rubric(rubric_file())

    assert (rubric.id, rubric.version, rubric.languages) == ("triage", 1, ("en", "zh"))
    assert rubric.dimension("tone").levels == (0, 1)
    assert rubric.dimension("urgency").anchors[1]["zh"] == "相差一级"
    assert rubric.variant("brief").weights == {"urgency": 80, "tone": 20}
    assert [criterion.id for criterion in rubric.criteria_of("brief")] == ["UR1", "UR2", "brief.X1"]
    assert [criterion.id for criterion in rubric.criteria_of(None)] == ["UR1", "UR2"]
    assert rubric.tier_rules["omission"].ceilings == {"urgency": 1}
    assert rubric.gate("A1").hint.acts == {"*": ("ACT_FLUID",)}
    assert rubric.gate("A1").hint.pairs[0].conditions == ("SHOCK",)
    assert rubric.gate("A2").severity == {}
    assert rubric.signoff.items["S1"]["en"] == "Anchors"


def test_a_loaded_rubric_travels_to_other_processes(rubric_file):
    rubric = load_rubric(rubric_file())

    assert pickle.loads(pickle.dumps(rubric)) == rubric


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_told_with_file_line_field_and_way_out(rubric_file, line_of, fault):
    _, old, new, mark, field, message, way_out = fault
    path = rubric_file((old, new))

    with pytest.raises(RubricError) as caught:
        load_rubric(path)

    named = [f for f in caught.value.faults if f.field == field and message in f.message]
    assert named, caught.value.faults
    assert way_out in named[0].way_out
    lines = path.read_text(encoding="utf-8")
    line = lines[: lines.index(mark)].count("\n") + 1 if "\n" in mark else line_of(path, mark)
    assert named[0].line == line
    assert f"{path}:{line}: {field}" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_brings_no_flood_of_others(rubric_file, fault):
    _, old, new, *_ = fault

    with pytest.raises(RubricError) as caught:
        load_rubric(rubric_file((old, new)))

    assert len(caught.value.faults) <= 4


def test_all_faults_of_a_file_are_told_together(rubric_file):
    path = rubric_file(
        ("{UR: 60, TO: 40}", "{UR: 60, TO: 41}"),
        (', zh: "写明类别"', ""),
        ("title: {", "titel: 1\ntitle: {"),
        ("id: UR2, dim: UR", "id: UR2, dim: UX"),
        ("use: asked", "use: sometimes"),
        ("code: TO", "code: TO\n    code: TX"),
    )

    with pytest.raises(RubricError) as caught:
        load_rubric(path)

    fields = {fault.field for fault in caught.value.faults}
    assert fields == {
        "titel",
        "tasks.default.weights",
        "criteria[UR1].zh",
        "criteria[UR2].dim",
        "tasks.brief.extra[brief.X1].use",
        "dimensions.tone.code",
    }
    assert [fault.line for fault in caught.value.faults] == sorted(fault.line for fault in caught.value.faults)
    assert "6 faults" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("points: 3,", "points: three,"), "criteria[UR1].points"),
        (("id: UR2, dim: UR, ", "id: UR2, "), "criteria[UR2].dim"),
        (("na_allowed: [brief]", "na_allowed: [3]"), "dimensions.urgency.na_allowed[0]"),
        (("tiers: [omission]\n", "tiers: [omision]\n"), "gates.A1.tiers[0]"),
        (("severity: {omission: 3}", "severity: {omission: 4}"), "gates.A1.severity.omission"),
        (("conditions: [SHOCK]", "conditions: SHOCK"), "gates.A1.hint.conditions"),
        (('question: {en: "Is it polite?", zh: "是否礼貌？"}', "question: Is it polite?"), "dimensions.tone.question"),
        (("at_most: 1}", "at_most: low}"), "dimensions.urgency.level_rules[0].at_most"),
        (("{cap: 40, UR: 1}", "{cap: 400, UR: 1}"), "gates.tiers.omission.cap"),
        (("{UR: 80, TO: 20}", "[80, 20]"), "tasks.brief.weights"),
    ],
)
def test_a_value_of_the_wrong_type_hides_no_other_fault_and_makes_none(rubric_file, change, field):
    path = rubric_file(change, ("{UR: 60, TO: 40}", "{UR: 60, TO: 41}"))

    with pytest.raises(RubricError) as caught:
        load_rubric(path)

    assert {fault.field for fault in caught.value.faults} == {field, "tasks.default.weights"}


def test_a_missing_file_is_a_config_error_that_names_it(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read"):
        load_rubric(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "v1.yaml"
    path.write_bytes("id: 安全".encode("gbk"))

    with pytest.raises(ConfigError, match="not UTF-8"):
        load_rubric(path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id: x\nlevels: [1, 2\nversion: 1\n", 3, "not readable as YAML"),
        ("- a\n- b\n", 1, "not a mapping"),
        ("", 1, "not a mapping"),
        ("id: &a x\ntitle: *a\n", 2, "anchors and aliases are not read"),
        ("id: x\n---\nid: y\n", 2, "not readable as YAML"),
        ("id: !!python/object/apply:os.getcwd []\n", 1, "not a mapping|is missing|valid string"),
        ("? [a]\n: b\n", 1, "a key must be a word or number"),
        ("id: " + "[" * 5000 + "]" * 5000, 1, "too deeply"),
    ],
)
def test_bad_yaml_is_told_with_its_line(tmp_path, text, line, message):
    path = tmp_path / "v1.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RubricError, match=message) as caught:
        load_rubric(path)

    assert f"{path}:{line}:" in str(caught.value)


def test_comments_and_white_space_do_not_change_the_hash(rubric_file):
    plain = load_rubric(rubric_file()).hash

    spaced = load_rubric(rubric_file(("id: triage\n", "# by us\nid:    triage   # a name\n\n\n"))).hash

    assert spaced == plain
    assert len(plain) == 64


@pytest.mark.parametrize(
    "change",
    [
        ("Off by one step", "Off by one step."),
        ("points: 3", "points: 4"),
        ("[SHOCK, DISMISS]", "[SHOCK, LYTIC]"),
        ("{UR: 80, TO: 20}", "{UR: 81, TO: 19}"),
    ],
)
def test_words_points_weights_and_gates_change_the_hash(rubric_file, change):
    assert load_rubric(rubric_file(change)).hash != load_rubric(rubric_file()).hash


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(cut=st.integers(0, 4000), junk=st.text(max_size=8))
def test_a_damaged_file_is_a_config_error_never_a_crash(rubric_file, cut, junk):
    path = rubric_file()
    text = path.read_text(encoding="utf-8")
    damaged = text[:cut] + junk + text[cut + len(junk) :]
    path.write_text(damaged, encoding="utf-8", errors="replace")

    with contextlib.suppress(ConfigError):
        load_rubric(path)
