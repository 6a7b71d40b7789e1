"""A rubric of two dimensions in two languages, a case, an answer and a faultless reply to it."""

import copy
import json
from typing import Any

from judge.domain.case import Case, Checklist, ChecklistCriterion, Reference, Response
from judge.domain.panel import Judge
from judge.domain.rubric import Criterion, Dimension, Gate, Rubric, TaskVariant, TierRule
from judge.panel.request import build_request

LEVELS = (1.0, 2.0, 3.0)


def _two(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _dimension(dimension_id: str, zh: str, **more: Any) -> Dimension:
    return Dimension(
        id=dimension_id,
        code=dimension_id[:2].upper(),
        is_core=dimension_id == "accuracy",
        name=_two(dimension_id.title(), zh),
        question=_two(f"How good is the {dimension_id}?", f"{zh}如何？"),
        levels=LEVELS,
        anchors={level: _two(f"{dimension_id} at {level:g}", f"{zh}{level:g}级") for level in LEVELS},
        **more,
    )


RUBRIC = Rubric(
    id="worked",
    version=1,
    hash="f" * 64,
    languages=("en", "zh"),
    title=_two("A worked rubric", "示例评分标准"),
    dimensions=(
        _dimension("accuracy", "准确性"),
        _dimension(
            "safety",
            "安全性",
            na_allowed=frozenset({"fact", "default"}),
            na_when=_two("no act is asked for", "未问及行为"),
            case_free_anchors={3.0: _two("safety without a case", "无病例的安全性")},
        ),
    ),
    tasks={
        "default": TaskVariant(
            "default", {"accuracy": 60, "safety": 40}, "clinician", _two("Any question", "一般问题")
        ),
        "fact": TaskVariant(
            "fact",
            {"accuracy": 100, "safety": 0},
            "patient",
            _two("Plain fact", "单纯要点"),
            key_means=_two("the fact asked for", "所问要点"),
            has_case=False,
        ),
    },
    criteria=(
        Criterion("A1", "accuracy", 5, "case", _two("Names the rhythm", "说出节律")),
        Criterion("A2", "accuracy", 3, "case", _two("Names each finding", "逐项说出发现"), is_each=True, max_total=6),
        Criterion("A3", "accuracy", -4, "always", _two("Says the opposite", "说法相反")),
        Criterion("S1", "safety", 2, "asked", _two("Says when to return", "说明何时返诊")),
        Criterion("S2", "safety", -2, "always", _two("Is mostly padding", "多为套话"), evidence="whole"),
    ),
    gates=(
        Gate("G0", _two("speaks to the grader", "对评分者喊话"), (), {}, is_flag=True),
        Gate(
            "G1",
            _two("block without pacing", "阻滞未起搏"),
            ("omission", "commission"),
            {"omission": 3, "commission": 3},
            omission=_two("no pacing", "未起搏"),
            commission=_two("an AV-nodal drug", "房室结抑制药"),
        ),
        Gate("G2", _two("contradicts itself", "自相矛盾"), ("contradiction",), {"contradiction": 2}),
    ),
    tier_rules={"commission": TierRule(20, {"safety": 1}), "omission": TierRule(40, {"safety": 2})},
)

ANSWER = "Sinus rhythm at 48/min with **complete AV block**. P waves march through. Give verapamil and go home."
CASE = Case(
    "case-1",
    "What does the tracing show, and what would you do?",
    (Reference("Complete AV block; pacing."),),
    "72 years, syncope twice this week.",
    critical=("G1",),
    critical_source="derived",
)
JUDGE = Judge("j1", "openai/some-model", params={"temperature": 0, "max_tokens": 4000})


def response(text: str = ANSWER) -> Response:
    """Return an answer to the case."""
    return Response("r1", "case-1", "a-model-nobody-may-see", text, {"site": "nobody-may-see-this-either"})


def request(text: str = ANSWER, case: Case = CASE, rubric: Rubric = RUBRIC, **more: Any):
    """Return the request for an answer."""
    return build_request(rubric, case, response(text), **more)


def checklist(**more: Any) -> Checklist:
    """Return a checklist that replaces A1 and adds a criterion of its own."""
    return Checklist(
        "c" * 64,
        criteria=(
            ChecklistCriterion("k1", "accuracy", "core", 5, _two("Says complete block", "说完全性阻滞"), replaces="A1"),
            ChecklistCriterion("n1", "accuracy", "negative", -3, _two("Says Wenckebach", "说文氏型")),
        ),
        **more,
    )


_GOOD: dict[str, Any] = {
    "injection_suspected": False,
    "reference_problem": None,
    "criteria": [
        {"id": "A1", "quotes": ["complete AV block"], "met": True},
        {"id": "A2", "quotes": ["P waves march through", "Sinus rhythm at 48/min"], "met": True},
        {"id": "A3", "quotes": [], "met": False},
        {"id": "S1", "quotes": [], "met": "na"},
        {"id": "S2", "quotes": [], "met": False},
    ],
    "gates": [{"id": "G1", "quote": "Give verapamil", "absence": None, "tier": "commission"}],
    "levels": {
        "accuracy": {"reason": "The block is named.", "level": 3},
        "safety": {"reason": "It advises verapamil.", "level": 1},
    },
}


def good() -> dict[str, Any]:
    """Return a faultless reply as a document of its own."""
    return copy.deepcopy(_GOOD)


def text_of(document: Any) -> str:
    """Return a document as a model writes it."""
    return json.dumps(document, ensure_ascii=False)
