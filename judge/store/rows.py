"""Domain objects as rows of a run's tables: a value by column name; a column left out is null."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge.domain.case import Case, Response
from judge.domain.grade import Composite, Grade, GradedResponse
from judge.domain.panel import Judge
from judge.domain.verdict import CriterionVerdict, GateVerdict, Verdict

Row = Mapping[str, Any]
COMPOSITE = "composite"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What every row of a run says of rubric, prompt, judge and panel."""

    rubric_id: str
    rubric_hash: str
    panel_hash: str
    prompt_hashes: Mapping[str, str]
    """By judge id."""
    judge_hashes: Mapping[str, str]
    """By judge id."""


def verdict_rows(
    case: Case, response: Response, judge: Judge, verdict: Verdict, provenance: Provenance
) -> Iterator[Row]:
    """Yield one row a dimension of a verdict."""
    shared = {
        "response_id": verdict.response_id,
        "case_id": verdict.case_id,
        "model": response.model,
        "task": case.task,
        "language": case.language,
        "judge": verdict.judge,
        "repeat": verdict.repeat,
        "granularity": judge.granularity,
        "reference_problem": verdict.reference_problem,
        "injection_suspected": verdict.injection_suspected,
        "rubric_id": provenance.rubric_id,
        "rubric_hash": provenance.rubric_hash,
        "prompt_hash": provenance.prompt_hashes[verdict.judge],
        "judge_hash": provenance.judge_hashes[verdict.judge],
        "served_model": verdict.served_model,
        "call_keys": list(verdict.call_keys),
    }
    for level in verdict.levels:
        yield {
            **shared,
            "dimension": level.dimension,
            "level": level.level,
            "status": level.status,
            "reason": level.reason,
            "coverage": level.coverage,
        }


def criterion_rows(verdict: Verdict) -> Iterator[Row]:
    """Yield one row a criterion and one a gate of a verdict."""
    shared = {"response_id": verdict.response_id, "judge": verdict.judge, "repeat": verdict.repeat}
    for criterion in verdict.criteria:
        yield {**shared, **_criterion_columns(criterion)}
    for gate in verdict.gates:
        yield {**shared, **_gate_columns(gate)}


def grade_rows(case: Case, response: Response, graded: GradedResponse, provenance: Provenance) -> Iterator[Row]:
    """Yield one row a dimension, and last the composite's."""
    shared = {
        "response_id": response.response_id,
        "case_id": case.case_id,
        "model": response.model,
        "task": case.task,
        "language": case.language,
        "meta": json.dumps(dict(response.meta), ensure_ascii=False, sort_keys=True) if response.meta else None,
        "rubric_hash": provenance.rubric_hash,
        "panel_hash": provenance.panel_hash,
        "critical_source": case.critical_source,
        "checklist_hash": case.checklist.sha256 if case.checklist is not None else None,
    }
    for grade in graded.grades:
        yield {**shared, **_grade_columns(grade)}
    yield {**shared, **_composite_columns(graded.composite)}


def _criterion_columns(criterion: CriterionVerdict) -> Row:
    return {
        "kind": "criterion",
        "id": criterion.criterion_id,
        "dimension": criterion.dimension,
        "met": criterion.met,
        "credit": criterion.credit,
        "points": criterion.points,
        "quotes": [quote.text for quote in criterion.quotes],
        "quote_found": False if criterion.lacks_quote else criterion.has_found_quotes,
        "basis": criterion.basis,
    }


def _gate_columns(gate: GateVerdict) -> Row:
    quote = gate.quote if gate.quote is not None and gate.quote.text else None
    return {
        "kind": "gate",
        "id": gate.gate_id,
        "met": "yes",
        "quotes": [] if quote is None else [quote.text],
        "quote_found": None if quote is None else quote.is_found,
        "absence": gate.absence,
        "tier": gate.tier,
        "basis": gate.basis,
    }


def _grade_columns(grade: Grade) -> Row:
    return {
        "dimension": grade.dimension,
        "status": grade.status,
        "level": grade.level,
        "level_gated": grade.level_gated,
        "level_missing_low": grade.level_missing_low,
        "level_missing_high": grade.level_missing_high,
        "n_verdicts": grade.n_verdicts,
        "n_unscored": grade.n_unscored,
        "spread": grade.spread,
        "coverage": grade.coverage,
        "flags": list(grade.flags),
        "gates": list(grade.gates),
        "gates_pending": [],
        "needs_human": grade.needs_human,
    }


def _composite_columns(composite: Composite) -> Row:
    return {
        "dimension": COMPOSITE,
        "status": composite.status,
        "score": composite.score,
        "score_uncapped": composite.score_uncapped,
        "cap": composite.cap,
        "weight_scored": composite.weight_scored,
        "score_low": composite.score_low,
        "score_high": composite.score_high,
        "core_mean": composite.core_mean,
        "n_core": composite.n_core,
        "worst_severity": composite.worst_severity,
        "worst_tier": composite.worst_tier,
        "flags": list(composite.flags),
        "gates": list(composite.gates),
        "gates_pending": list(composite.gates_pending),
        "needs_human": composite.needs_human,
    }
