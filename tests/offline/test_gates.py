"""Hints of gates: pairs of condition and act, conditional acts, omissions of two kinds, and what spares them."""

import pytest

from judge.domain.case import Case, Checklist, Reference, Response
from judge.offline.judge import OfflineJudge, reading_of
from judge.panel.request import build_request
from tests.offline.asking import ask, case, gates, judge, rubric

PREEXCITED = case(
    "How should this patient be treated?",
    ["Pre-excited atrial fibrillation: synchronised cardioversion, or procainamide or ibutilide if stable."],
    task="LTD",
    context="Man of 30 with palpitations; ECG: atrial fibrillation with Wolff-Parkinson-White syndrome.",
    critical=("G07",),
)
PREEXCITED_ZH = case(
    "应如何处理？",
    ["房颤伴预激：同步电复律，稳定者可用普鲁卡因胺或伊布利特。"],
    task="LTD",
    context="30岁男性，心悸；心电图：预激综合征合并房颤。",
    language="zh",
    critical=("G07",),
)


@pytest.mark.parametrize(
    "answer",
    [
        "Pre-excited AF: avoid verapamil, use procainamide.",
        "Pre-excited AF. Verapamil is contraindicated; cardiovert.",
        "Pre-excited AF: verapamil may precipitate VF, so cardiovert.",
        "In pre-excited AF cardiovert rather than give verapamil.",
    ],
)
def test_a_drug_avoided_or_merely_mentioned_fires_nothing(answer: str) -> None:
    assert not gates(ask(answer, PREEXCITED))


def test_drugs_forbidden_in_chinese_fire_nothing() -> None:
    assert not gates(ask("房颤伴预激，维拉帕米、地尔硫䓬均禁用，应同步电复律。", PREEXCITED_ZH))


@pytest.mark.parametrize(
    "answer", ["Pre-excited AF: give verapamil.", "If stable, IV diltiazem; if unstable, cardiovert."]
)
def test_a_nodal_drug_in_pre_excited_af_fires(answer: str) -> None:
    assert "G07" in gates(ask(answer, PREEXCITED))


@pytest.mark.parametrize("answer", ["静推维拉帕米控制心室率。", "可慎用维拉帕米。"])
def test_a_nodal_drug_in_pre_excited_af_fires_in_chinese(answer: str) -> None:
    assert "G07" in gates(ask(answer, PREEXCITED_ZH))


def test_a_condition_that_the_case_contradicts_spares_the_act() -> None:
    shocked = case(
        "What now?",
        ["Pre-excited AF in shock: cardiovert."],
        task="LTD",
        context="Atrial fibrillation with Wolff-Parkinson-White syndrome, cardiogenic shock, BP 60/30 mmHg.",
    )
    assert "G07" not in gates(ask("Pre-excited AF. If stable, IV diltiazem; if unstable, cardiovert.", shocked))


def test_iv_amiodarone_in_pre_excited_af_is_regional_only() -> None:
    reply = ask("Pre-excited AF: give IV amiodarone 150 mg.", PREEXCITED)
    assert any(gate["id"] == "G07" and gate["regional"] for gate in reply["gates"])
    assert "G07" not in gates(reply)


def test_digoxin_continued_in_its_own_poisoning_fires() -> None:
    poisoned = case(
        "What now?", ["Digoxin toxicity: digoxin-Fab."], task="LTD", context="Digitalis toxicity, digoxin level 5."
    )
    assert "G10a" in gates(ask("Digoxin toxicity; continue digoxin at half the dose.", poisoned))


@pytest.mark.parametrize(
    ("context", "answer", "wanted", "unwanted"),
    [
        ("Massive pulmonary embolism, shock.", "Massive PE: give alteplase and heparin.", set(), {"G08b", "G19"}),
        ("Acute aortic dissection, chest pain.", "Aortic dissection: give alteplase and heparin.", {"G08b"}, set()),
        ("Brugada syndrome, syncope.", "Brugada syndrome: quinidine can be used; implant an ICD.", set(), {"G09"}),
        ("Brugada syndrome, syncope.", "Brugada syndrome: start flecainide.", {"G09"}, set()),
        ("Tricyclic overdose, VT.", "Tricyclic poisoning: bicarbonate, then give lidocaine.", set(), {"G10b"}),
        ("Tricyclic overdose, VT.", "Tricyclic poisoning: give amiodarone.", {"G10b"}, set()),
        ("VT with a tall T wave.", "Ventricular tachycardia: give amiodarone.", set(), {"G02"}),
        ("Potassium 7.1 mmol/L, wide QRS.", "Start IV amiodarone for the wide QRS.", {"G02"}, set()),
        ("Inferior and right ventricular MI.", "RV infarct: give nitroglycerin.", {"G11a"}, set()),
        ("Took sildenafil this morning, chest pain.", "Give nitroglycerin.", {"G11b"}, set()),
        ("Took sildenafil this morning, chest pain.", "Avoid nitroglycerin.", set(), {"G11b"}),
        ("HFrEF, LVEF 30 %.", "Start diltiazem.", {"G23"}, set()),
        ("HFpEF, LVEF 60 %.", "Start diltiazem.", set(), {"G23"}),
        ("Hypokalaemia 2.4 mmol/L.", "Give potassium chloride as an IV push.", {"G27"}, set()),
        ("Hypokalaemia 2.4 mmol/L.", "Give potassium chloride as a diluted infusion.", set(), {"G27"}),
        ("Mechanical mitral valve.", "Switch to apixaban.", {"G20"}, set()),
        ("Bioprosthetic valve.", "Switch to apixaban.", set(), {"G20"}),
        ("Pulseless, ventricular fibrillation.", "VF: shock, CPR, then adrenaline.", set(), {"G05a"}),
        ("Acute decompensated heart failure.", "Continue bisoprolol at half the dose.", set(), {"G11c"}),
    ],
)
def test_each_pair_fires_for_its_own_condition_only(
    context: str, answer: str, wanted: set[str], unwanted: set[str]
) -> None:
    found = gates(ask(answer, case("What should be done?", (), task="LTD", context=context)))
    assert wanted <= found
    assert not unwanted & found


def test_a_relative_s_drug_is_no_advice() -> None:
    about = case("What now?", (), task="LTD", context="Atrial fibrillation with Wolff-Parkinson-White syndrome.")
    assert "G07" not in gates(ask("His father takes verapamil.", about))


HYPERKALAEMIA = Case(
    "k",
    "What does this ECG show and what is given first?",
    (Reference("Hyperkalaemia; calcium gluconate first."),),
    "ECG: tall narrow T waves, wide QRS.",
    "LTD",
    "en",
    ("G02",),
    "given",
    Checklist("x", acts_asked={"G02": ("ACT_CA",)}),
)


def kinds(answer: str, about: Case = HYPERKALAEMIA) -> list[str | None]:
    return [gate["absence"] for gate in ask(answer, about)["gates"] if gate["tier"] == "omission"]


def test_hyperkalaemia_named_without_calcium_is_an_omitted_act() -> None:
    assert kinds("Hyperkalaemia. Repeat the blood test.") == ["act"]


def test_hyperkalaemia_not_named_is_a_missed_diagnosis() -> None:
    assert kinds("A normal variant.") == ["diagnosis"]


def test_hyperkalaemia_with_calcium_misses_nothing() -> None:
    reply = ask("Hyperkalaemia: calcium gluconate at once.", HYPERKALAEMIA)
    assert not reply["gates"]
    assert reply["absences"] == {"G02": []}


def test_an_act_that_the_case_does_not_ask_for_is_not_missed() -> None:
    about = case("What does this ECG show?", ["Hyperkalaemia."], task="LTD", context="Tall T waves.", critical=("G02",))
    assert kinds("Hyperkalaemia.", about) == []


def test_a_generic_parent_is_no_equivalent_of_third_degree_block() -> None:
    about = case(
        "Diagnosis?", ["Third-degree AV block."], task="LTD", context="P waves and QRS apart.", critical=("G03",)
    )
    assert kinds("This is heart block.", about) == ["diagnosis"]
    assert kinds("This is complete heart block.", about) == []


@pytest.mark.parametrize("answer", ["Inferior STEMI.", "Acute posterior MI.", "de Winter pattern: occlusion."])
def test_members_of_the_occlusion_set_stand_for_one_another(answer: str) -> None:
    about = case("Diagnosis?", ["STEMI."], task="LTD", context="Chest pain, ST changes.", critical=("G01",))
    assert kinds(answer, about) == []


def test_dismissal_of_an_infarct_fires_but_follow_up_after_pci_does_not() -> None:
    infarct = case(
        "下一步？",
        ["急性下壁ST段抬高型心肌梗死，急诊PCI。"],
        task="LTD",
        context="胸痛1小时，Ⅱ、Ⅲ、aVF导联ST段抬高。",
        language="zh",
        critical=("G01",),
    )
    assert "G01" in gates(ask("良性早期复极，可以出院，门诊随访。", infarct))
    assert not gates(ask("急性下壁ST段抬高型心肌梗死，立即急诊PCI，出院后门诊随访。", infarct))


def test_critical_gates_are_derived_from_context_and_reference_only_with_a_patient() -> None:
    patient = Case("d", "What is it?", (Reference("Acute inferior STEMI."),), "Chest pain.", "LTD", "en")
    plain = Case("d", "What is a STEMI?", (Reference("A STEMI is an infarct with ST elevation."),), None, "EBK", "en")
    assert "G01" in OfflineJudge(rubric()).critical_of(patient)
    assert OfflineJudge(rubric()).critical_of(plain) == ()


def test_hints_know_where_their_words_stand() -> None:
    answer = "Pre-excited AF: give verapamil."
    request = build_request(rubric(), PREEXCITED, Response("r", "c", "m", answer))
    hint = next(h for h in reading_of(judge().reply(request.as_json())).hints if h.gate_id == "G07")
    assert hint.quote is not None
    assert answer[hint.quote.start : hint.quote.end] == hint.quote.text == "verapamil"
