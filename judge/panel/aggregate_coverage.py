"""The level that follows from a judge's criteria, to hold its own level against."""

from collections.abc import Mapping, Sequence

from judge.domain.case import Case
from judge.domain.rubric import Dimension, LevelRule, Rubric
from judge.domain.verdict import CriterionVerdict, Verdict
from judge.panel.repeats import lower_median


def level_from_criteria(rubric: Rubric, dimension: Dimension, case: Case, verdict: Verdict) -> float | None:
    """Return the level that a verdict's criteria lead to; None where they lead to none.

    By coverage: the step of ``rubric.level_from_coverage`` that the share of points reaches, then the dimension's
    ceilings. By faults: the highest level, then the ceilings. Undefined where the dimension is judged as a whole, where
    no positive criterion applies, and for the first core dimension of a task that is graded by F1.
    """
    level = _start(rubric, dimension, case, verdict)
    if level is None:
        return None
    criteria = _by_generic_id(case, [c for c in verdict.criteria if c.dimension == dimension.id])
    core = rubric.variant(case.task).core_overrides
    ceilings = [
        _ceiling(rule, core) for rule in dimension.level_rules if _holds(rule, criteria.get(rule.criterion, ()))
    ]
    return min([level, *ceilings])


def panel_level_from_criteria(
    rubric: Rubric, dimension: Dimension, case: Case, verdicts: Sequence[Verdict]
) -> float | None:
    """Return the lower median of what scored verdicts' criteria lead to; None where none leads to a level."""
    scored = [v for v in verdicts if (found := v.level_of(dimension.id)) is not None and found.status == "scored"]
    levels = [level for v in scored if (level := level_from_criteria(rubric, dimension, case, v)) is not None]
    return lower_median(levels) if levels else None


def _start(rubric: Rubric, dimension: Dimension, case: Case, verdict: Verdict) -> float | None:
    if dimension.level_method == "judged":
        return None
    if dimension.level_method == "faults":
        return dimension.highest if any(c.dimension == dimension.id for c in verdict.criteria) else None
    first_core = next((d.id for d in rubric.dimensions if d.is_core), None)
    if dimension.id == first_core and rubric.variant(case.task).level_from_f1:
        return None
    found = verdict.level_of(dimension.id)
    if found is None or found.coverage is None:
        return None
    coverage = found.coverage
    return next((level for least, level in rubric.level_from_coverage if coverage >= least), dimension.lowest)


def _by_generic_id(case: Case, criteria: Sequence[CriterionVerdict]) -> Mapping[str, Sequence[CriterionVerdict]]:
    """Group criteria by the rubric's id; those of a checklist also by the generic criterion they are built from."""
    built_from = {} if case.checklist is None else {c.id: c.replaces for c in case.checklist.criteria}
    grouped: dict[str, list[CriterionVerdict]] = {}
    for criterion in criteria:
        for name in {criterion.criterion_id, built_from.get(criterion.criterion_id)} - {None}:
            grouped.setdefault(str(name), []).append(criterion)
    return grouped


def _holds(rule: LevelRule, criteria: Sequence[CriterionVerdict]) -> bool:
    found = [c for c in criteria if (c.met == "no" if rule.when == "unmet" else c.met == "yes" and c.credit > 0)]
    return any(rule.where is None or c.qualifier == rule.where for c in found)


def _ceiling(rule: LevelRule, core: frozenset[str]) -> float:
    if rule.level_if_core is not None and rule.criterion in core:
        return rule.level_if_core
    return rule.level
