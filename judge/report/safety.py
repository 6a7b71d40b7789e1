"""Gates by model, and the answers that a reader should look at himself."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from judge.domain.language import say
from judge.domain.rubric import Rubric
from judge.report.parts import AnswersToCheck, AnswerToCheck, Cited, GateCount, Model, Score
from judge.report.scores import Rows, RowsByModel
from judge.report.tables import CriterionRow, GradeRow
from judge.report.text import visible

SHOWN = 24
"""Answers that the appendix holds at most."""
QUOTE_LIMIT = 240


def model_of(name: str, composites: Rows, score: Score, rubric: Rubric, *, is_simulated: bool) -> Model:
    """Return one model's summary from the composite rows of its answers."""
    return Model(
        name=visible(name),
        is_simulated=is_simulated or any(_says_simulated(row.meta) for row in composites),
        n_answers=len(composites),
        n_cases=len({row.case_id for row in composites}),
        composite=score,
        n_confirmed=sum(bool(row.gates) for row in composites),
        n_pending=sum(bool(row.gates_pending) and not row.gates for row in composites),
        by_tier=_by_tier(composites, rubric),
        n_needs_human=sum(bool(row.needs_human) for row in composites),
        flags=dict(sorted(Counter(visible(flag) for row in composites for flag in row.flags or ()).items())),
    )


def gate_counts(models: RowsByModel, rubric: Rubric, language: str) -> tuple[GateCount, ...]:
    """Return the gates that hold or wait at least once, in the rubric's order, from composite rows."""
    confirmed = {model: Counter(g for row in rows for g in row.gates or ()) for model, rows in models.items()}
    pending = {model: Counter(g for row in rows for g in row.gates_pending or ()) for model, rows in models.items()}
    seen = {gate for counts in (*confirmed.values(), *pending.values()) for gate in counts}
    order = [gate.id for gate in rubric.gates if gate.id in seen]
    names = {gate.id: say(gate.name, language) for gate in rubric.gates}
    return tuple(
        GateCount(
            visible(gate),
            visible(names.get(gate, gate)),
            {visible(model): counts[gate] for model, counts in confirmed.items()},
            {visible(model): counts[gate] for model, counts in pending.items()},
        )
        for gate in (*order, *sorted(seen - set(order)))
    )


def answers_to_check(composites: Iterable[GradeRow], criteria: Iterable[CriterionRow]) -> AnswersToCheck:
    """Return the worst answers with gates: confirmed before pending, smallest cap first, then lowest score."""
    concerned = [row for row in composites if row.gates or row.gates_pending]
    worst = sorted(concerned, key=_badness)[:SHOWN]
    wanted = {row.response_id for row in worst}
    cited: dict[str, list[CriterionRow]] = {}
    for row in criteria:
        if row.kind == "gate" and row.response_id in wanted:
            cited.setdefault(row.response_id, []).append(row)
    return AnswersToCheck(tuple(_answer(row, cited.get(row.response_id, ())) for row in worst), len(concerned))


def _badness(row: GradeRow) -> tuple[bool, float, float, str]:
    score = row.score if row.score is not None else 101.0
    return not row.gates, row.cap if row.cap is not None else 101.0, score, row.response_id


def _answer(row: GradeRow, cited: Sequence[CriterionRow]) -> AnswerToCheck:
    named = {*(row.gates or ()), *(row.gates_pending or ())}
    return AnswerToCheck(
        response_id=visible(row.response_id),
        case_id=visible(row.case_id),
        model=visible(row.model),
        task=visible(row.task or "–"),
        score=row.score,
        score_uncapped=row.score_uncapped,
        cap=row.cap,
        gates=tuple(map(visible, row.gates or ())),
        gates_pending=tuple(map(visible, row.gates_pending or ())),
        cited=tuple(dict.fromkeys(_cited(entry) for entry in cited if entry.id in named)),
    )


def _cited(row: CriterionRow) -> Cited:
    quote = " … ".join(row.quotes or ())
    return Cited(
        visible(row.judge),
        visible(row.id),
        visible(row.tier or "–"),
        None if row.absence is None else visible(row.absence),
        visible(quote, QUOTE_LIMIT) if quote else None,
        row.quote_found,
    )


def _by_tier(composites: Rows, rubric: Rubric) -> Mapping[str, int]:
    tiers = {rule.cap: str(tier) for tier, rule in rubric.tier_rules.items()}
    counts = Counter(tiers.get(row.cap, "–") for row in composites if row.cap is not None)
    return {tier: counts[tier] for tier in (*tiers.values(), "–") if counts[tier]}


def _says_simulated(meta: str | None) -> bool:
    if not meta or "simulated" not in meta:
        return False
    try:
        document = json.loads(meta)
    except ValueError:
        return False
    return isinstance(document, dict) and str(document.get("simulated", "")).casefold() in ("true", "1", "yes")
