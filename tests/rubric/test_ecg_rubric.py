"""Facts of the shipped ECG rubric, typed in from the design, not read from the file."""

import re

import pytest

from judge.offline.lexicon import known_concepts, known_sets
from judge.resources import find_rubric, list_rubrics
from judge.rubric import lint_rubric, load_rubric

ORDER = ("DA", "CR", "KI", "SH", "GH", "CO")

WEIGHTS = {
    "EBK": (40, 15, 25, 10, 5, 5),
    "CK": (35, 15, 30, 10, 5, 5),
    "CMD": (35, 25, 15, 15, 10, 0),
    "CD": (25, 25, 25, 15, 5, 5),
    "LTD": (25, 25, 20, 15, 10, 5),
    "MROD": (15, 20, 15, 20, 10, 20),
    "MC": (20, 30, 15, 15, 15, 5),
    "MEE": (60, 0, 5, 5, 30, 0),
    "PP": (20, 10, 25, 25, 5, 15),
    "PRTK": (30, 5, 20, 20, 5, 20),
    "GRA": (20, 20, 20, 25, 10, 5),
    "default": (30, 20, 20, 15, 10, 5),
}

# id: (dimension, points, use)
BANK = {
    "DA1": ("DA", 5, "case"),
    "DA2": ("DA", 3, "case"),
    "DA3": ("DA", 3, "case"),
    "DA4": ("DA", 1, "asked"),
    "DA5": ("DA", -4, "always"),
    "DA6": ("DA", -5, "always"),
    "CR1": ("CR", 3, "always"),
    "CR2": ("CR", 3, "always"),
    "CR3": ("CR", 2, "asked"),
    "CR4": ("CR", 1, "case"),
    "CR5": ("CR", 1, "always"),
    "CR6": ("CR", -4, "always"),
    "CR7": ("CR", -2, "always"),
    "KI1": ("KI", 3, "case"),
    "KI2": ("KI", 4, "asked"),
    "KI3": ("KI", 2, "case"),
    "KI4": ("KI", 1, "asked"),
    "KI5": ("KI", -3, "always"),
    "SH1": ("SH", 3, "case"),
    "SH2": ("SH", 3, "case"),
    "SH3": ("SH", 2, "asked"),
    "SH4": ("SH", -6, "always"),
    "SH5": ("SH", -4, "always"),
    "SH6": ("SH", -2, "always"),
    "GH1": ("GH", 3, "case"),
    "GH2": ("GH", -4, "always"),
    "GH3": ("GH", -2, "always"),
    "CO1": ("CO", 2, "always"),
    "CO2": ("CO", 1, "always"),
    "CO3": ("CO", -2, "always"),
    "CO4": ("CO", -1, "always"),
}

EXTRA = {
    "CD.X1": ("KI", 2),
    "CD.X2": ("CR", -2),
    "MROD.X1": ("CR", 3),
    "MROD.X2": ("CO", 2),
    "MROD.X3": ("GH", -3),
    "MROD.X4": ("SH", 2),
    "MC.X1": ("CR", 4),
    "MC.X2": ("DA", -6),
    "MEE.X1": ("GH", -2),
    "MEE.X2": ("GH", -4),
    "PP.X1": ("CO", 2),
    "PRTK.X1": ("KI", 2),
    "PRTK.X2": ("CO", 1),
    "GRA.X1": ("DA", 2),
    "GRA.X2": ("KI", 2),
    "GRA.X3": ("GH", -4),
}

# id: severity of (omission, commission); None = the gate has no such tier
SEVERITY = {
    "G01": (3, 3),
    "G02": (3, 3),
    "G03": (3, 3),
    "G04": (3, 3),
    "G05a": (3, 3),
    "G05b": (3, 3),
    "G05c": (3, None),
    "G06": (3, 3),
    "G07": (3, 3),
    "G08a": (3, 3),
    "G08b": (3, 3),
    "G08c": (3, 3),
    "G08d": (None, 3),
    "G09": (2, 3),
    "G10a": (3, 3),
    "G10b": (3, 3),
    "G10c": (3, 3),
    "G11a": (None, 3),
    "G11b": (None, 3),
    "G11c": (None, 3),
    "G11d": (None, 3),
    "G12": (2, 3),
    "G15": (None, 2),
    "G17": (None, 3),
    "G18": (None, 2),
    "G19": (None, 3),
    "G20": (None, 2),
    "G21": (None, 2),
    "G22": (None, 2),
    "G23": (None, 2),
    "G24": (None, 2),
    "G25": (2, 3),
    "G26": (2, 2),
    "G27": (None, 3),
}
OTHER_TIERS = {"G00": (), "G13": ("contradiction",), "G14": ("fabrication",), "G16": ("fabrication",)}

LIMITS = {
    "G02": {6.5},
    "G03": {3.0, 5.0, 35},
    "G04": {150, 30},
    "G05c": {200},
    "G06": {500, 550},
    "G07": {250},
    "G11b": {24, 48},
    "G12": {2, 3},
    "G21": {24, 48, 3},
    "G23": {40},
}

ACTS = {
    "G01": {"*": {"ACT_PCI", "ACT_LYSIS"}},
    "G02": {"*": {"ACT_CA"}, "DIG_TOX": {"ACT_INS", "ACT_DIAL", "ACT_FAB"}},
    "G03": {"*": {"ACT_TCP", "ACT_PPM", "ACT_ATROP", "ACT_ISO", "ACT_ADMIT"}},
    "G04": {"*": {"ACT_CARDIOV", "ACT_DEFIB", "AMIODARONE", "PROCAINAMIDE", "LIDOCAINE"}},
    "G05a": {"*": {"ACT_DEFIB"}},
    "G05b": {"*": {"ACT_CPR", "ACT_ADREN"}},
    "G05c": {"*": {"ACT_CARDIOV"}},
    "G06": {"TDP": {"ACT_MG", "ACT_TCP", "ACT_DEFIB", "ACT_ISO"}, "LQTS": {"BETA_BLOCKER", "ACT_ICD"}},
    "G07": {"*": {"ACT_CARDIOV", "ACT_PROC"}},
    "G08a": {"*": {"ACT_DRAIN", "ACT_SURG"}},
    "G08b": {"*": {"ACT_SURG", "ACT_ECHO"}},
    "G08c": {"*": {"ACT_LYSIS", "ACT_SURG"}},
    "G09": {"*": {"ACT_ICD", "ACT_REF", "ACT_ADMIT"}},
    "G10a": {"*": {"ACT_FAB"}},
    "G10b": {"*": {"ACT_BICARB"}},
    "G10c": {"*": {"ACT_CA", "ACT_GLUC", "ACT_HIE"}},
    "G12": {"*": {"ACT_ANTIC"}},
    "G25": {"*": {"ACT_PCI", "ACT_ADMIT"}},
    "G26": {"*": {"BETA_BLOCKER", "ACT_ICD", "ACT_REF", "ACT_ADMIT"}},
}

# every (condition, set) whose hint the design lists
_OCCLUSION = ("STEMI", "OMI", "MI_POST", "MI_RV", "DEWINTER", "SGARB_POS", "MI_ACUTE+ST_ELEV")
_BLOCK = ("AVB3", "AVB_HG", "AVB2_2", "BBB_ALT", "RR_PAUSE")
PAIRS = {
    "G01": {(c, "DISMISS") for c in _OCCLUSION},
    "G03": {(c, s) for c in _BLOCK for s in ("AV_NODAL", "DISMISS", "ESCAPE_SUPPR")},
    "G05a": {(c, s) for c in ("VF", "VT_PULSELESS") for s in ("ANTIARR", "ACT_ADREN", "DISMISS")},
    "G02": {("HYPERK", "ANTIARR"), ("HYPERK", "K_RAISE")},
    "G04": {(c, "NDHP_CCB") for c in ("VT", "VT_POLY", "TDP", "WCT")},
    "G05b": {("ASY", "SHOCK_E"), ("PEA", "SHOCK_E")},
    "G06": {
        ("TDP", "QT_DRUG"),
        ("LQTS", "QT_DRUG"),
        ("QT_LONG", "QT_DRUG"),
        ("LQTS", "ACT_ISO"),
        ("LQTS", "BETA_BLOCKER"),
    },
    "G07": {("AF_PREEX", "AV_NODAL"), ("AF_PREEX", "AMIO_IV")},
    "G08a": {("TAMPON", "VASODILATOR"), ("TAMPON", "DIURETIC")},
    "G08b": {("DISSECT", "LYTIC"), ("DISSECT", "ANTICOAG")},
    "G08c": {("PE_MASS", "DISMISS")},
    "G08d": {("PERICARD", "LYTIC")},
    "G09": {("BRUGADA", "BRUG_AVOID")},
    "G10a": {("DIG_TOX", "DIGOXIN")},
    "G10b": {("NA_TOX", "CLASS_IA_IC"), ("NA_TOX", "CLASS_III"), ("NA_TOX", "TCA")},
    "G10c": {("BBCCB_TOX", "BETA_BLOCKER"), ("BBCCB_TOX", "NDHP_CCB")},
    "G11a": {("MI_RV", "NITRATE")},
    "G11b": {("PDE5", "NITRATE")},
    "G11c": {(c, s) for c in ("SHOCK", "HF_DEC") for s in ("BETA_BLOCKER", "NDHP_CCB")},
    "G11d": {(c, s) for c in ("AVB2", "AVB3") for s in ("BETA_BLOCKER", "NDHP_CCB")},
    "G12": {("AFIB", "ANTICOAG")},
    "G17": {("ER", "LYTIC"), ("NORM", "LYTIC")},
    "G19": {("NSTE_ACS", "LYTIC")},
    "G20": {("MECH_VALVE", "DOAC"), ("MITR_ST", "DOAC")},
    "G21": {("AFIB", "CARDIOVERT")},
    "G22": {(c, "CLASS_IC") for c in ("CHD", "MI_OLD", "HFREF", "DCM", "HCM", "ARVC")},
    "G23": {("HFREF", "NDHP_CCB")},
    "G24": {("HOCM", "VASODILATOR"), ("HOCM", "INOTROPE"), ("HOCM", "DIGOXIN")},
    "G25": {("WELLENS", "ACT_STRESS"), ("WELLENS", "DISMISS")},
    "G26": {("CPVT", "DISMISS"), ("LQTS", "DISMISS")},
    "G27": {("*", "KCL_PUSH")},
}


@pytest.fixture(scope="module")
def rubric():
    return load_rubric(find_rubric("ecg-clinical-reasoning"))


def codes(rubric):
    return {dimension.id: dimension.code for dimension in rubric.dimensions}


def pair_of(rubric, gate, condition, act):
    (found,) = [p for p in rubric.gate(gate).hint.pairs if condition in p.conditions and act in p.sets]
    return found


@pytest.mark.parametrize("name", sorted(list_rubrics()))
def test_the_shipped_rubrics_have_no_lint_error(name):
    findings = lint_rubric(list_rubrics()[name], concepts=known_concepts(), sets=known_sets())

    assert [finding for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize("name", sorted(list_rubrics()))
def test_a_rubric_is_named_like_its_folder_and_file(name):
    path = list_rubrics()[name]
    rubric = load_rubric(path)

    assert (rubric.id, f"v{rubric.version}") == (name, path.stem)


def test_six_dimensions_in_order_the_first_three_core(rubric):
    assert [(d.id, d.code, d.is_core) for d in rubric.dimensions] == [
        ("diagnostic_accuracy", "DA", True),
        ("clinical_reasoning", "CR", True),
        ("knowledge_integration", "KI", True),
        ("safety", "SH", False),
        ("grounding", "GH", False),
        ("communication", "CO", False),
    ]


def test_every_level_has_an_anchor_of_some_length_in_both_languages(rubric):
    for dimension in rubric.dimensions:
        assert list(dimension.anchors) == [1, 2, 3, 4, 5]
        for anchor in dimension.anchors.values():
            assert len(anchor["en"]) > 15
            assert len(re.findall(r"[\u4e00-\u9fff]", anchor["zh"])) >= 6


def test_only_knowledge_integration_reads_otherwise_without_a_patient(rubric):
    with_both = [d.id for d in rubric.dimensions if d.case_free_anchors]

    assert with_both == ["knowledge_integration"]
    assert list(rubric.dimension("knowledge_integration").case_free_anchors) == [1, 2, 3, 4, 5]
    assert {key for key, task in rubric.tasks.items() if not task.has_case} == {"EBK", "CK", "PRTK", "default"}


def test_levels_follow_from_coverage_at_the_designed_shares(rubric):
    assert rubric.level_from_coverage == ((0.90, 5), (0.70, 4), (0.50, 3), (0.25, 2), (0.0, 1))
    assert {d.code: d.level_method for d in rubric.dimensions} == {
        "DA": "coverage",
        "CR": "coverage",
        "KI": "coverage",
        "SH": "faults",
        "GH": "faults",
        "CO": "coverage",
    }


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("diagnostic_accuracy", {("DA1", "unmet", None, 2, None), ("DA5", "met", None, 3, None)}),
        (
            "safety",
            {
                ("SH3", "unmet", None, 4, 3),
                ("SH1", "unmet", None, 3, None),
                ("SH2", "unmet", None, 2, None),
                ("SH6", "met", None, 2, None),
                ("SH5", "met", None, 2, None),
                ("SH4", "met", None, 1, None),
                ("SH5", "met", "critical", 1, None),
            },
        ),
        (
            "grounding",
            {
                ("GH1", "unmet", None, 4, None),
                ("GH1", "unmet", "several_trivial", 3, None),
                ("GH2", "met", None, 3, None),
                ("GH3", "met", None, 3, None),
                ("GH2", "met", "core", 2, None),
                ("GH1", "unmet", "core", 2, None),
                ("GH3", "met", "core", 2, None),
                ("GH2", "met", "inverted", 1, None),
                ("GH2", "met", "critical", 1, None),
            },
        ),
    ],
)
def test_level_rules_are_the_designed_ones(rubric, dimension, expected):
    rules = rubric.dimension(dimension).level_rules

    assert {(r.criterion, r.when, r.where, r.level, r.level_if_core) for r in rules} == expected


@pytest.mark.parametrize("task", sorted(WEIGHTS))
def test_weights_are_the_designed_ones(rubric, task):
    by_code = {codes(rubric)[key]: weight for key, weight in rubric.variant(task).weights.items()}

    assert tuple(by_code[code] for code in ORDER) == WEIGHTS[task]
    assert sum(WEIGHTS[task]) == 100


def test_the_tasks_are_the_eleven_and_the_default(rubric):
    assert set(rubric.tasks) == set(WEIGHTS)
    assert {key for key, task in rubric.tasks.items() if task.asker == "patient"} == {"PP", "PRTK", "MROD"}
    assert all(task.asker in {"patient", "clinician"} for task in rubric.tasks.values())


def test_core_criteria_of_tasks(rubric):
    overrides = {key: set(task.core_overrides) for key, task in rubric.tasks.items() if task.core_overrides}

    assert overrides == {"PP": {"SH3"}, "GRA": {"KI4"}}


def test_the_f1_steps_of_entity_extraction(rubric):
    assert rubric.variant("MEE").level_from_f1 == ((0.90, 5), (0.75, 4), (0.60, 3), (0.40, 2), (0.0, 1))
    assert [key for key, task in rubric.tasks.items() if task.level_from_f1] == ["MEE"]


def test_not_applicable_is_allowed_where_designed(rubric):
    allowed = {d.code: set(d.na_allowed) for d in rubric.dimensions}

    assert allowed == {
        "DA": set(),
        "CR": {"EBK", "CK", "PRTK", "MEE", "default"},
        "KI": {"EBK", "CK", "MEE", "default"},
        "SH": {"EBK", "CK", "CD", "CMD", "LTD", "PRTK", "MEE", "default"},
        "GH": {"EBK", "CK", "default"},
        "CO": {"CMD", "MEE"},
    }
    assert all((d.na_when is not None) == bool(d.na_allowed) for d in rubric.dimensions)


def test_the_generic_bank_has_the_designed_points_and_uses(rubric):
    generic = [c for c in rubric.criteria if c.task is None]

    assert {c.id: (codes(rubric)[c.dimension], c.points, c.use) for c in generic} == BANK
    assert len(generic) == len(BANK) == 31
    assert {c.id for c in generic if c.evidence == "whole"} == {"CO1", "CO2", "CO3", "CR7"}
    assert {c.id: c.max_total for c in generic if c.is_each} == {"DA3": None, "KI5": -9, "GH2": -12}
    assert {c.id: dict(c.use_by_task) for c in generic if c.use_by_task} == {
        "CR1": {"EBK": "asked", "CK": "asked", "PRTK": "asked"},
        "CR2": {"EBK": "asked", "CK": "asked", "PRTK": "asked"},
    }


def test_the_tasks_own_criteria_have_the_designed_points(rubric):
    extra = [c for c in rubric.criteria if c.task is not None]

    assert {c.id: (codes(rubric)[c.dimension], c.points) for c in extra} == EXTRA
    assert all(c.id.split(".")[0] == c.task for c in extra)


def test_the_gates_are_all_there_with_their_tiers_and_severities(rubric):
    assert {gate.id for gate in rubric.gates} == set(SEVERITY) | set(OTHER_TIERS)
    for gate_id, (omission, commission) in SEVERITY.items():
        gate = rubric.gate(gate_id)
        assert (gate.severity.get("omission"), gate.severity.get("commission")) == (omission, commission), gate_id
        assert set(gate.tiers) == set(gate.severity), gate_id
        assert (gate.omission is not None, gate.commission is not None) == (
            omission is not None,
            commission is not None,
        )
    for gate_id, tiers in OTHER_TIERS.items():
        assert (rubric.gate(gate_id).tiers, dict(rubric.gate(gate_id).severity)) == (tiers, {})
    assert [gate.id for gate in rubric.gates if gate.is_flag] == ["G00"]


def test_caps_and_ceilings(rubric):
    assert {tier: rule.cap for tier, rule in rubric.tier_rules.items()} == {
        "commission": 20,
        "omission": 40,
        "contradiction": 50,
        "fabrication": 60,
    }
    assert rubric.tier_rules["commission"].ceilings == {"safety": 1}
    assert rubric.tier_rules["omission"].ceilings == {"safety": 2}
    assert rubric.tier_rules["contradiction"].ceilings == rubric.tier_rules["fabrication"].ceilings == {}
    assert rubric.missed_diagnosis_ceilings == {"diagnostic_accuracy": 2}


def test_gates_are_in_force_where_designed(rubric):
    assert {gate.id: set(gate.tasks) for gate in rubric.gates if gate.tasks} == {"G15": {"PRTK"}, "G18": {"PP", "MROD"}}


@pytest.mark.parametrize("gate_id", sorted(LIMITS))
def test_numeric_limits_are_the_designed_ones(rubric, gate_id):
    assert set(rubric.gate(gate_id).hint.limits.values()) == LIMITS[gate_id]


def test_no_other_gate_lists_acts(rubric):
    assert {gate.id for gate in rubric.gates if gate.hint.acts} == set(ACTS)


def test_no_other_gate_has_a_limit(rubric):
    assert {gate.id for gate in rubric.gates if gate.hint.limits} == set(LIMITS)


@pytest.mark.parametrize("gate_id", sorted(ACTS))
def test_acts_any_of_which_suffices(rubric, gate_id):
    assert {key: set(acts) for key, acts in rubric.gate(gate_id).hint.acts.items()} == ACTS[gate_id]


@pytest.mark.parametrize("gate_id", sorted(PAIRS))
def test_hint_pairs_are_the_designed_ones(rubric, gate_id):
    found = {(c, s) for pair in rubric.gate(gate_id).hint.pairs for c in pair.conditions for s in pair.sets}

    assert found == PAIRS[gate_id]


def test_occlusion_infarcts_stand_for_one_another(rubric):
    hint = rubric.gate("G01").hint
    occlusion = set(_OCCLUSION)

    assert set(hint.equivalents) == set(hint.conditions) == occlusion
    assert set(rubric.gate("G19").hint.exceptions) == occlusion | {"PE_MASS", "ARREST"}
    assert rubric.gate("G03").hint.equivalents == ()


def test_amiodarone_in_preexcited_af_is_the_only_regional_pair(rubric):
    regional = [(gate.id, pair.sets) for gate in rubric.gates for pair in gate.hint.pairs if pair.is_regional]

    assert regional == [("G07", ("AMIO_IV",))]


def test_special_stances_and_companions_of_pairs(rubric):
    assert pair_of(rubric, "G06", "LQTS", "BETA_BLOCKER").stances == ("stop",)
    assert "continue" not in pair_of(rubric, "G11c", "HF_DEC", "BETA_BLOCKER").stances
    assert "continue" in pair_of(rubric, "G11c", "SHOCK", "BETA_BLOCKER").stances
    assert pair_of(rubric, "G12", "AFIB", "ANTICOAG").requires == ("BLEED",)
    assert pair_of(rubric, "G26", "CPVT", "DISMISS").requires == ("SYNC",)
    assert pair_of(rubric, "G02", "HYPERK", "ANTIARR").unless == ("ACT_CA",)
    assert pair_of(rubric, "G02", "HYPERK", "K_RAISE").unless == ()
    assert set(pair_of(rubric, "G03", "AVB3", "ESCAPE_SUPPR").unless) == {"ACT_TCP", "ACT_PPM"}
    assert pair_of(rubric, "G03", "AVB3", "AV_NODAL").unless == ()
    assert rubric.gate("G09").hint.requires_any == rubric.gate("G26").hint.requires_any == ("SYNC",)
    assert {gate.id: gate.yields_to for gate in rubric.gates if gate.yields_to} == {"G11d": ("G03",), "G23": ("G11c",)}


def test_only_gates_with_an_omission_make_a_condition_critical(rubric):
    assert {gate.id for gate in rubric.gates if gate.hint.conditions} == {
        gate.id for gate in rubric.gates if "omission" in gate.tiers
    }


@pytest.mark.parametrize(
    ("gate_id", "en", "zh"),
    [
        ("G02", "6.5 mmol/L", "6.5 mmol/L"),
        ("G03", "≥ 3.0 s with symptoms, ≥ 5.0 s without", "有症状者间歇≥3.0 s，无症状者≥5.0 s"),
        ("G03", "≤ 35/min", "心室率≤35次/分"),
        ("G04", "≥ 150/min for ≥ 30 s", "≥150次/分且持续≥30 s"),
        ("G05c", "≥ 200/min", "≥200次/分"),
        ("G06", "≥ 500 ms, or ≥ 550 ms with R-on-T", "QTc≥500 ms，或≥550 ms伴R-on-T"),
        ("G07", "≤ 250 ms", "≤250 ms"),
        ("G11b", "Within 24 h (tadalafil 48 h)", "24小时内（他达拉非48小时内）"),
        ("G12", "≥ 2 in men, ≥ 3 in women", "男性CHA2DS2-VASc≥2，女性≥3"),
        ("G21", "≥ 3 weeks", "≥3周"),
        ("G23", "LVEF ≤ 40 %", "LVEF≤40%"),
    ],
)
def test_limits_stand_in_the_words_of_both_languages(rubric, gate_id, en, zh):
    note = rubric.gate(gate_id).note

    assert en in note["en"]
    assert zh in note["zh"]


def test_every_text_has_chinese_and_english_that_are_not_the_same(rubric):
    texts = [d.name for d in rubric.dimensions] + [c.text for c in rubric.criteria] + [g.name for g in rubric.gates]
    texts += [t for g in rubric.gates for t in (g.omission, g.commission, g.note) if t is not None]

    for text in texts:
        assert set(text) == {"en", "zh"}
        assert re.search(r"[\u4e00-\u9fff]", text["zh"]), text
        assert not re.search(r"[\u4e00-\u9fff]", text["en"]), text


def test_the_rubric_is_a_draft_that_lists_what_must_be_signed(rubric):
    assert rubric.signoff.status == "draft"
    assert (rubric.signoff.by, rubric.signoff.date, rubric.signoff.signed) == (None, None, ())
    assert list(rubric.signoff.items) == [f"S{n}" for n in range(1, 20)]
    assert not any(gate.is_signed for gate in rubric.gates)
