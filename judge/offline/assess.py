"""Everything read out of one answer to one case, before criteria and levels are decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from judge.offline.case import CaseSide
from judge.offline.checks import Finding, findings, turned_in_one_breath
from judge.offline.conflicts import Conflict
from judge.offline.facts import Facts
from judge.offline.gate_rules import GateHit, GateRule, told_of
from judge.offline.gates import absences, gate_hits
from judge.offline.injection import Addressed
from judge.offline.rows import RowVerdict, judge_rows
from judge.offline.support import AnswerText, Support, answer_text, best_of

_ECHO = 0.8
"""Share of a sentence's marks that stand in the prompt for the sentence to be a repetition of it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the offline judge saw in one answer."""

    case: CaseSide
    facts: Facts
    answer: AnswerText
    support: Support | None
    rows: tuple[RowVerdict, ...]
    findings: tuple[Finding, ...]
    hits: tuple[GateHit, ...]
    absences: Mapping[str, tuple[str, ...]]
    addressed: Addressed
    empty_share: float
    """Share of the sentences that repeat the prompt, are stock phrases or speak to the grader."""

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """All places that contradict the key."""
        own = self.support.conflicts if self.support is not None else ()
        return (*own, *(c for row in self.rows for c in row.conflicts if row.row.points > 0))


def assess(case: CaseSide, text: str, rules: Mapping[str, GateRule]) -> Assessment:
    """Read an answer and compare it with its case."""
    answer = answer_text(text, questions_count=case.is_dialogue)
    told = told_of(case, answer.reading, answer.units)
    in_force = [rules[gate] for gate in case.gates if gate in rules]
    critical = [rules[gate] for gate in case.critical if gate in rules]
    return Assessment(
        case=case,
        facts=case.facts,
        answer=answer,
        support=best_of(case.keys, answer, case.question),
        rows=judge_rows(case, answer),
        findings=_own_findings(case, answer),
        hits=gate_hits(in_force, told),
        absences={rule.id: tuple(sorted(absences(rule, told))) for rule in critical},
        addressed=answer.spoken,
        empty_share=_empty_share(case, answer, answer.spoken),
    )


def _own_findings(case: CaseSide, answer: AnswerText) -> tuple[Finding, ...]:
    """Return what does not fit in an answer, less what the key says too or the question sets side by side."""
    found = (*findings(answer.reading), *turned_in_one_breath(answer.reading, answer.units))
    if not found:
        return ()
    said = {frozenset(f.concepts) for key in case.keys for f in findings(key.reading) if f.kind == "contradiction"}
    asked = case.question.reading.by_concept
    return tuple(
        f
        for f in found
        if f.kind != "contradiction"
        or not f.concepts
        or (
            frozenset(f.concepts) not in said and not (len(set(f.concepts)) > 1 and all(c in asked for c in f.concepts))
        )
    )


def _empty_share(case: CaseSide, answer: AnswerText, spoken: Addressed) -> float:
    if not answer.units:
        return 1.0
    sentence = answer.reading.tokens.sentence
    empty = set(spoken.filler_sentences) | {sentence[start] for start, _ in (*spoken.phrases, *spoken.claims)}
    prompt = case.told_marks
    total = n_empty = 0
    for unit in answer.units:
        n_marks = len(unit.marks) or 1
        total += n_marks
        is_echo = unit.marks and sum(mark in prompt for mark in unit.marks) >= _ECHO * len(unit.marks)
        if (unit.is_question and not case.is_dialogue) or is_echo or unit.number in empty or not unit.marks:
            n_empty += n_marks
    return n_empty / total
