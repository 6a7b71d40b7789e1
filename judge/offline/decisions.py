"""Whether each criterion in force is met: the rules of the generic bank, and what stays undecided."""

from collections.abc import Mapping
from functools import lru_cache

from judge.domain.rubric import Criterion
from judge.offline.accuracy_rules import ACCURACY_RULES
from judge.offline.assess import Assessment
from judge.offline.conduct_rules import CONDUCT_RULES
from judge.offline.outcome import Decision, Outcome, Rule


def decide(seen: Assessment, bank: Mapping[str, Criterion]) -> tuple[Decision, ...]:
    """Decide every criterion in force, in the request's order: the rubric's first, then the checklist's."""
    decisions = []
    for id_ in seen.case.criteria:
        criterion = bank.get(id_)
        if criterion is None:
            continue
        rule = _RULES.get(id_)
        outcome = rule(seen) if rule is not None else None
        if outcome is None:
            decisions.append(_plain(id_, criterion.dimension, criterion.points, "abstained"))
        elif outcome.met is None:
            decisions.append(_plain(id_, criterion.dimension, criterion.points, "na"))
        else:
            decisions.append(_generic(criterion, outcome))
    return (*decisions, *_of_rows(seen)) if seen.rows else tuple(decisions)


def _of_rows(seen: Assessment) -> list[Decision]:
    decisions = []
    for verdict in seen.rows:
        row = verdict.row
        met = "yes" if verdict.is_met else "no"
        places = verdict.places if verdict.is_met else ()
        if verdict.is_met and not places and not row.is_whole:
            met = "no"
        credit = verdict.credit if met == "yes" else 0.0
        qualifier = "core" if row.kind == "core" else None
        decisions.append(Decision(row.id, row.dimension, row.points, met, credit, places, verdict.basis, qualifier))
    return decisions


@lru_cache(maxsize=1_024)
def _plain(id_: str, dimension: str, points: float, met: str, basis: str = "rule") -> Decision:
    return Decision(id_, dimension, points, met, basis=basis)


def _generic(criterion: Criterion, outcome: Outcome) -> Decision:
    if not outcome.met or (criterion.evidence == "quote" and not outcome.places):
        return _plain(criterion.id, criterion.dimension, criterion.points, "no", outcome.basis)
    credit = outcome.credit
    if criterion.is_each:
        most = abs((criterion.max_total or 0) / criterion.points) or float(len(outcome.places))
        credit = min(float(len(set(outcome.places))), most)
    return Decision(
        criterion.id,
        criterion.dimension,
        criterion.points,
        "yes",
        credit,
        outcome.places,
        outcome.basis,
        outcome.qualifier,
    )


_RULES: Mapping[str, Rule] = {**ACCURACY_RULES, **CONDUCT_RULES}
