"""From a case and an answer to the typed request that every judge's program renders."""

from collections.abc import Collection
from functools import lru_cache

from judge.domain.case import Case, Checklist, ChecklistCriterion, Response
from judge.domain.language import say
from judge.domain.request import AskedCriterion, JudgeRequest
from judge.domain.rubric import Criterion, Rubric


def build_request(
    rubric: Rubric,
    case: Case,
    response: Response,
    *,
    dimensions: Collection[str] | None = None,
    criteria: Collection[str] | None = None,
) -> JudgeRequest:
    """Say what is asked about one response: the criteria, gates and dimensions in force for its case.

    Generic criteria that the case's checklist replaces (``from``) are not asked again; criteria of dimensions that case
    or task leave out are not asked at all. Gates that only flag are asked by ``injection_suspected``.

    Parameters
    ----------
    dimensions
        Ids to ask for; all of the rubric by default.
    criteria
        Ids to ask for; all in force by default.

    Raises
    ------
    KeyError
        If the rubric does not know the case's task.
    """
    variant = rubric.variant(case.task)
    language = rubric.language_for(case.language)
    wanted = tuple(d.id for d in rubric.dimensions if dimensions is None or d.id in dimensions)
    left_out = _left_out(rubric, case) & set(wanted)
    allowed = {d.id for d in rubric.dimensions if d.id in wanted and variant.id in d.na_allowed}
    asked = generic_criteria(rubric, case, language) + _of_checklist(case.checklist, language)
    return JudgeRequest(
        rubric_hash=rubric.hash,
        task=variant.id,
        language=language,
        case=case,
        answer=response.text,
        criteria=tuple(
            c
            for c in asked
            if c.dimension in wanted and c.dimension not in left_out and (criteria is None or c.id in criteria)
        ),
        gates=tuple(g.id for g in rubric.gates_of(case.task) if not g.is_flag),
        dimensions=wanted,
        na_allowed=frozenset(allowed | left_out),
        na_required=frozenset(left_out),
    )


def _left_out(rubric: Rubric, case: Case) -> set[str]:
    """Dimensions that the checklist leaves out, or that the task gives no weight and lets be not applicable."""
    variant = rubric.variant(case.task)
    by_case = set(case.checklist.not_applicable) if case.checklist else set()
    by_task = {d.id for d in rubric.dimensions if variant.id in d.na_allowed and not variant.weights.get(d.id, 0)}
    return by_case | by_task


def generic_criteria(rubric: Rubric, case: Case, language: str) -> tuple[AskedCriterion, ...]:
    """Return the rubric's criteria for a case, those that its checklist replaces left out."""
    bank = _bank(rubric, rubric.variant(case.task).id, language)
    replaced = {c.replaces for c in case.checklist.criteria if c.replaces} if case.checklist else set()
    return tuple(c for c in bank if c.id not in replaced) if replaced else bank


@lru_cache(maxsize=256)
def _bank(rubric: Rubric, task: str, language: str) -> tuple[AskedCriterion, ...]:
    return tuple(_asked(c, task, language) for c in rubric.criteria_of(task))


def _asked(criterion: Criterion, task: str, language: str) -> AskedCriterion:
    return AskedCriterion(
        id=criterion.id,
        dimension=criterion.dimension,
        points=criterion.points,
        text=say(criterion.text, language),
        evidence=criterion.evidence,
        use=criterion.use_by_task.get(task, criterion.use),
        source="rubric",
        is_each=criterion.is_each,
        max_total=criterion.max_total,
    )


def _of_checklist(checklist: Checklist | None, language: str) -> tuple[AskedCriterion, ...]:
    return tuple(_asked_of_case(c, language) for c in checklist.criteria) if checklist else ()


def _asked_of_case(criterion: ChecklistCriterion, language: str) -> AskedCriterion:
    return AskedCriterion(
        id=criterion.id,
        dimension=criterion.dimension,
        points=criterion.points,
        text=say(criterion.text, language),
        evidence=criterion.evidence,
        use="case",
        source="checklist",
        replaces=criterion.replaces,
    )
