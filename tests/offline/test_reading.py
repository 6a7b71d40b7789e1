"""Scope of negation and doubt, time, experiencer; findings in several words; traps of strings; stances of acts."""

import pytest

from judge.offline.reading import Mention, Reading, read


def mention(text: str, concept: str) -> Mention:
    found = read(text).by_concept.get(concept)
    assert found, f"{concept} not found in {text!r}: {[m.concept for m in read(text).mentions]}"
    return found[0]


def named(text: str) -> set[str]:
    return {m.concept for m in read(text).mentions}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("No ST elevation, but Q waves in III", "ST_ELEV"),
        ("未见ST段抬高，但Ⅲ导联可见Q波", "ST_ELEV"),
        ("MI was ruled out", "MI"),
        ("no Q waves, ST changes or block", "Q_WAVE"),
        ("no Q waves, ST changes or block", "STT"),
        ("未见ST段抬高、压低及病理性Q波", "Q_PATH"),
        ("无胸痛", "CP"),
        ("She denies syncope", "SYNC"),
        ("absent: ST elevation; syncope", "SYNC"),
        ("a pacemaker is not needed", "PM"),
    ],
)
def test_a_denial_reaches_its_concept(text: str, concept: str) -> None:
    assert mention(text, concept).is_negated


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("No ST elevation, but Q waves in III", "Q_WAVE"),
        ("未见ST段抬高，但Ⅲ导联可见Q波", "Q_WAVE"),
        ("NSTEMI without shock", "NSTEMI"),
        ("非ST段抬高型心肌梗死", "NSTEMI"),
        ("not only atrial fibrillation", "AFIB"),
        ("非持续性室速", "VT_NS"),
        ("病态窦房结综合征，心律不齐", "SND"),
        ("无诱因下出现胸痛", "CP"),
        ("not without chest pain", "CP"),
        ("No, it is atrial fibrillation", "AFIB"),
    ],
)
def test_a_denial_stops_where_it_should(text: str, concept: str) -> None:
    assert mention(text, concept).is_asserted


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("cannot exclude STEMI", "STEMI"),
        ("不除外急性心梗", "MI_ACUTE"),
        ("rule out MI", "MI"),
        ("possible pulmonary embolism", "PE"),
        ("可疑肺栓塞", "PE"),
        ("Differential diagnosis:\npericarditis\nearly repolarisation", "PERICARD"),
        ("鉴别诊断：\n心包炎", "PERICARD"),
    ],
)
def test_doubt_is_no_firm_assertion_and_no_denial(text: str, concept: str) -> None:
    found = mention(text, concept)
    assert not found.is_firm
    assert not found.is_negated


def test_time_and_experiencer_are_read_from_the_clause() -> None:
    assert mention("old inferior MI", "MI_INF").is_old
    assert mention("陈旧性下壁心肌梗死", "MI_INF").is_old or "MI_OLD" in named("陈旧性下壁心肌梗死")
    assert not mention("Her father had syncope", "SYNC").is_asserted


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("avoid verapamil", "avoid"),
        ("verapamil is contraindicated", "avoid"),
        ("维拉帕米、地尔硫䓬均禁用", "avoid"),
        ("IV verapamil is harmful", "avoid"),
        ("静脉使用维拉帕米是禁忌", "avoid"),
        ("cardiovert rather than give verapamil", "avoid"),
        ("give verapamil", "do"),
        ("静推维拉帕米", "do"),
        ("慎用维拉帕米", "caution"),
        ("continue verapamil", "continue"),
        ("stop verapamil", "stop"),
        ("verapamil 5 mg", "do"),
        ("The tracing was taken before verapamil", "mentioned"),
        ("He is on verapamil", "already"),
        ("Avoid adenosine, diltiazem and verapamil.", "avoid"),
        ("Start amiodarone and avoid verapamil.", "avoid"),
    ],
)
def test_the_stance_of_an_act_follows_its_cues(text: str, stance: str) -> None:
    assert mention(text, "VERAPAMIL").stance == stance


def test_an_avoided_drug_does_not_taint_the_one_before_it() -> None:
    assert mention("Start amiodarone and avoid verapamil.", "AMIODARONE").stance == "do"


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("the ST segment is elevated in V1-V4", "ST_ELEV"),
        ("prolonged PR and QT intervals", "PR_LONG"),
        ("prolonged PR and QT intervals", "QT_LONG"),
        ("PR interval of 240 ms", "PR_LONG"),
        ("QTc 510ms", "QT_LONG"),
        ("血钾6.8 mmol/L", "HYPERK"),
        ("heart rate 42 bpm", "BRADY"),
        ("T波高耸", "T_PEAK"),
        ("infarction of the inferior wall", "MI_INF"),
        ("acute inferior STEMI", "MI_INF"),
        ("acute inferior STEMI", "STEMI"),
        ("atrial fibrillation in a patient with WPW", "AF_PREEX"),
        ("amitriptyline overdose", "NA_TOX"),
        ("the axis is deviated to the left", "LAD_AXIS"),
    ],
)
def test_a_finding_may_be_said_in_several_words(text: str, concept: str) -> None:
    assert read(text).asserted(concept) is not None


@pytest.mark.parametrize(
    ("text", "sign", "diagnosis"),
    [
        ("PR depression", "PR_DEP", "PERICARD"),
        ("J-point elevation", "J_ELEV", "ER"),
        ("coved ST elevation", "COVED", "BRUGADA"),
        ("可见f波", "FIBW", "AFIB"),
        ("sawtooth pattern", "FWAVE_SAW", "AFLT"),
    ],
)
def test_a_sign_never_asserts_its_diagnosis(text: str, sign: str, diagnosis: str) -> None:
    assert sign in named(text)
    assert diagnosis not in named(text)


TRAPS = [
    ("NSTEMI", {"NSTEMI"}, {"STEMI"}),
    ("incomplete RBBB", {"IRBBB"}, {"RBBB"}),
    ("不完全性右束支传导阻滞", {"IRBBB"}, {"RBBB"}),
    ("supraventricular tachycardia", {"SVT"}, {"VT"}),
    ("室上速", {"SVT"}, {"VT"}),
    ("窦性心律不齐", {"SARRH"}, {"SR"}),
    ("窦性心律", {"SR"}, {"SARRH"}),
    ("beta-blocker", {"BB_CLASS"}, {"AVB"}),
    ("β受体阻滞剂", {"BB_CLASS"}, {"AVB", "BBB"}),
    ("高度房室传导阻滞", {"AVB_HG"}, {"AVB"}),
    ("Ⅱ度房室传导阻滞", {"AVB2"}, {"AVB1", "AVB3"}),
    ("Ⅲ度房室传导阻滞", {"AVB3"}, {"AVB2", "AVB1"}),
    ("早复极", {"ER"}, {"PAC", "PVC"}),
    ("高钾血症", {"HYPERK"}, {"HYPOK"}),
    ("hypokalemia", {"HYPOK"}, {"HYPERK"}),
    ("MI of the mitral valve", set(), {"MI"}),
    ("LAD with an axis of -45 degrees", {"LAD_AXIS"}, set()),
    ("LAD occlusion, proximal", set(), {"LAD_AXIS"}),
    ("seen in the ER", set(), {"ER"}),
    ("acute PE with RV strain, CTPA positive", {"PE"}, set()),
    ("PE today was normal", set(), {"PE"}),
    ("AF，呈锯齿波", {"AFLT"}, {"AFIB"}),
    ("AF with absent P waves", {"AFIB"}, {"AFLT"}),
    ("f波", {"FIBW"}, {"FWAVE_SAW"}),
    ("F波，呈锯齿状", {"FWAVE_SAW"}, {"FIBW"}),
    ("deliver a shock of 200 joules", {"ACT_DEFIB"}, {"SHOCK"}),
    ("deliver a synchronised shock", {"ACT_CARDIOV"}, {"SHOCK", "ACT_DEFIB"}),
    ("the patient is in shock, hypotensive", {"SHOCK"}, {"ACT_DEFIB"}),
    ("discharge the patient home", {"ACT_DC"}, set()),
    ("the discharge of the nerve", set(), {"ACT_DC"}),
    ("出院后复查", set(), {"ACT_DC"}),
    ("可以出院", {"ACT_DC"}, set()),
    ("ATP burst from the ICD", set(), {"ADENOSINE_D"}),
    ("静推ATP 10 mg", {"ADENOSINE_D"}, set()),
    ("冠状动脉旁路移植术", {"ACT_CABG"}, {"ACC_PATH"}),
    ("经旁路前传", {"ACC_PATH"}, set()),
    ("collapse without a pulse", {"ARREST"}, {"SYNC"}),
    ("collapse of the lung", set(), {"ARREST", "SYNC"}),
    ("OMI, acute occlusion", {"OMI"}, set()),
    ("陈旧OMI", {"MI_OLD"}, {"OMI"}),
    ("CHD with septal defect in a child", set(), {"CHD"}),
    ("CHD and hypertension", {"CHD"}, set()),
    ("心脏停搏，心电图呈直线", {"ASY"}, {"ARREST"}),
    ("心脏停搏，立即抢救", {"ARREST"}, {"ASY"}),
    ("口服心律平", {"PROPAFENONE"}, set()),
    ("心律平稳", set(), {"PROPAFENONE"}),
    ("去甲肾上腺素", {"NORADRENALINE"}, {"ACT_ADREN"}),
    ("异丙肾上腺素", {"ACT_ISO"}, {"ACT_ADREN"}),
    ("肾上腺素", {"ACT_ADREN"}, set()),
    ("尿激酶原", {"PROUROKINASE"}, {"UROKINASE"}),
    ("链激酶", {"STREPTOKINASE"}, {"UROKINASE"}),
    ("房颤AF伴RVR", {"AFIB", "AFIB_RVR"}, set()),
    ("CRT device implanted", {"PACE_BIV"}, set()),
    ("CRT 2 seconds", set(), {"PACE_BIV"}),
    ("CHB, pacing needed", {"AVB3"}, set()),
    ("CHB with hepatitis serology", set(), {"AVB3"}),
    ("PAC seen on the ECG", {"PAC"}, set()),
    ("PAC catheter in place", set(), {"PAC"}),
    ("ICD code I44", set(), {"ICD"}),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), TRAPS, ids=[t[0] for t in TRAPS])
def test_each_string_trap_is_read_right(text: str, wanted: set[str], unwanted: set[str]) -> None:
    found = named(text)
    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("No ST elevation; T-wave inversion in V1-V4", "未见ST段抬高；V1-V4导联T波倒置"),
        ("first-degree AV block with a PR interval of 240 ms", "一度房室传导阻滞，PR间期240 ms"),
        ("possible pulmonary embolism, give heparin", "可能肺栓塞，给予肝素"),
        ("acute pericarditis, avoid thrombolysis", "急性心包炎，禁用溶栓"),
    ],
)
def test_a_translated_pair_gives_the_same_reading(english: str, chinese: str) -> None:
    def facts(reading: Reading) -> set[tuple[object, ...]]:
        return {(m.concept, m.is_negated, m.is_firm, m.stance) for m in reading.mentions}

    assert facts(read(english)) == facts(read(chinese))
