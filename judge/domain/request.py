"""What a judge is asked: the typed request that every prompt program renders."""

from dataclasses import dataclass
from typing import Any, Literal

from judge.domain.case import Case, ChecklistCriterion, Evidence
from judge.domain.ids import canonical_json
from judge.domain.rubric import Use

FORMAT = "judge-request/1"


@dataclass(frozen=True, slots=True)
class AskedCriterion:
    """A criterion in force for one case: of the rubric's bank, of the task, or of the case's checklist."""

    id: str
    dimension: str
    points: float
    text: str
    """In the language of the request."""
    evidence: Evidence
    use: Use
    source: Literal["rubric", "checklist"]
    is_each: bool = False
    max_total: float | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """One response to be judged on one rubric; free of the model's name and of any earlier verdict."""

    rubric_hash: str
    task: str
    """Id of the task variant, ``default`` where the case names none."""
    language: str
    """The language of prompt and reasons; one of the rubric's."""
    case: Case
    answer: str
    criteria: tuple[AskedCriterion, ...]
    gates: tuple[str, ...]
    """Ids of the gates in force."""
    dimensions: tuple[str, ...]
    """Ids of the dimensions asked for, in the rubric's order."""
    na_allowed: frozenset[str]
    """Ids of the dimensions that may be answered ``na``."""
    na_required: frozenset[str] = frozenset()
    """Ids of the dimensions that the case or task leaves out."""

    def as_json(self) -> str:
        """Return the canonical JSON (``judge-request/1``): the whole of what the offline judge sees."""
        return canonical_json(self._document())

    def _document(self) -> dict[str, Any]:
        case = self.case
        context = case.context
        checklist = case.checklist
        return {
            "format": FORMAT,
            "rubric": self.rubric_hash,
            "task": self.task,
            "language": self.language,
            "case": {
                "question": case.question,
                "context": context
                if context is None or isinstance(context, str)
                else [[turn.role, turn.text] for turn in context],
                "language": case.language,
            },
            "references": [[reference.text, reference.status] for reference in case.references],
            "critical": list(case.critical),
            "acts_asked": {} if checklist is None else {k: list(v) for k, v in checklist.acts_asked.items()},
            "equivalents": {} if checklist is None else {k: list(v) for k, v in checklist.equivalents.items()},
            "checklist": [] if checklist is None else [_checklist_row(c) for c in checklist.criteria],
            "criteria": [c.id for c in self.criteria if c.source == "rubric"],
            "gates": list(self.gates),
            "dimensions": list(self.dimensions),
            "na_allowed": sorted(self.na_allowed),
            "na_required": sorted(self.na_required),
            "answer": self.answer,
        }


def _checklist_row(criterion: ChecklistCriterion) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "dimension": criterion.dimension,
        "kind": criterion.kind,
        "points": criterion.points,
        "replaces": criterion.replaces,
        "evidence": criterion.evidence,
        "text": dict(criterion.text),
        "concepts": [
            {
                "id": c.id,
                "assert": c.assertion,
                "qual": c.qualifier,
                "leads": list(c.leads),
                "value": None if c.value is None else {"op": c.value.op, "num": c.value.num, "unit": c.value.unit},
            }
            for c in criterion.concepts
        ],
    }
