"""The fields of a judge's prompt as text: rubric, task card, case, checklist, references, answer."""

import re
from collections.abc import Iterable, Mapping, Sequence

from judge.domain.case import Case, Checklist
from judge.domain.ids import digest
from judge.domain.language import say
from judge.domain.request import AskedCriterion, JudgeRequest
from judge.domain.rubric import Dimension, Gate, Rubric, TaskVariant
from judge.panel.output import plain_level
from judge.panel.untrusted import data_block, neutralise_line
from judge.panel.wording import Wording, wording

N_SHUFFLES = 4
_LANGUAGE_TAG = re.compile(r"[a-z]{2,8}")


def shuffle_for(case_id: str, answer: str, judge_hash: str, repeat: int) -> int:
    """Choose one of the fixed orders of the generic criteria; the model's name plays no part."""
    return int(digest((case_id, answer, judge_hash, str(repeat)))[:8], 16) % N_SHUFFLES


def shuffled(criteria: Iterable[AskedCriterion], shuffle: int) -> list[AskedCriterion]:
    """Return criteria in one of the fixed orders, the same for any subset of them."""
    return sorted(criteria, key=lambda criterion: digest((str(shuffle), criterion.id)))


def rubric_text(rubric: Rubric, request: JudgeRequest, shuffle: int) -> str:
    """Return the rubric as far as this request asks for it: dimensions with anchors, generic criteria, gates."""
    words = wording(request.language)
    variant = rubric.tasks[request.task]
    dimensions = [rubric.dimension(d) for d in request.dimensions]
    generic = shuffled((c for c in request.criteria if c.source == "rubric"), shuffle)
    gates = [rubric.gate(g) for g in request.gates]
    parts = [neutralise_line(say(rubric.title, request.language))]
    if dimensions:
        parts.append(
            f"{words['dimensions']}\n" + "\n".join(_dimension(d, variant, request.language) for d in dimensions)
        )
    if generic:
        parts.append(f"{words['criteria']}\n" + "\n".join(_criterion(c, words) for c in generic))
    if gates:
        parts.append(f"{words['gates']}\n" + "\n".join(_gate(g, words, request.language) for g in gates))
    return "\n\n".join(parts)


def task_text(rubric: Rubric, request: JudgeRequest) -> str:
    """Return the task card: task, asker, what the key dimension means, where ``na`` is allowed."""
    words, language = wording(request.language), request.language
    variant = rubric.tasks[request.task]
    asker = words.words["askers"].get(variant.asker, variant.asker)
    lines = [
        words["task_line"].format(name=say(variant.name, language), id=variant.id),
        words["asker_line"].format(asker=asker),
    ]
    core = next((d for d in rubric.dimensions if d.is_core), None)
    if variant.key_means is not None and core is not None:
        lines.append(words["key_line"].format(dimension=core.id, text=say(variant.key_means, language)))
    if variant.notes is not None:
        lines.append(words["notes_line"].format(text=say(variant.notes, language)))
    if request.dimensions:
        lines += _na_lines(rubric, request, variant, words)
    lines.append(words["language_line"])
    return "\n".join(lines)


def case_text(case: Case, words: Wording, prompt_hash: str) -> str:
    """Return question and context as data blocks."""
    language = case.language if _LANGUAGE_TAG.fullmatch(case.language) else "und"
    parts = [
        words["case_language"].format(language=language),
        data_block("question", case.question, prompt_hash=prompt_hash, case_id=case.case_id),
    ]
    if case.context is not None:
        context = case.context
        if not isinstance(context, str):
            context = "\n".join(f"({n}) {turn.role}: {turn.text}" for n, turn in enumerate(context, start=1))
        parts.append(data_block("context", context, prompt_hash=prompt_hash, case_id=case.case_id))
    return "\n".join(parts)


def checklist_text(rubric: Rubric, request: JudgeRequest) -> str:
    """Return what is particular to the case: its criteria, critical conditions and what it leaves out."""
    words = wording(request.language)
    lines = [_criterion(c, words) for c in request.criteria if c.source == "checklist"]
    left_out = [d for d in request.dimensions if d in request.na_required]
    if left_out:
        lines.append(words["left_out"].format(ids=", ".join(left_out)))
    if request.gates:
        lines.append(_critical(rubric, request, words))
    lines += _from_checklist(request.case.checklist, request.gates, words)
    return "\n".join(lines) if lines else words["none"]


def references_text(case: Case, words: Wording, prompt_hash: str) -> str:
    """Return the reference answers with their status, each as a data block."""
    if not case.references:
        return words["reference_none"]
    parts = [words["statuses"]]
    for number, reference in enumerate(case.references, start=1):
        parts.append(words["reference"].format(number=number, status=reference.status))
        block = data_block(f"reference-{number}", reference.text, prompt_hash=prompt_hash, case_id=case.case_id)
        parts.append(block)
    return "\n".join(parts)


def answer_text(request: JudgeRequest, prompt_hash: str) -> str:
    """Return the answer as a data block."""
    return data_block("answer", request.answer, prompt_hash=prompt_hash, case_id=request.case.case_id)


def _dimension(dimension: Dimension, variant: TaskVariant, language: str) -> str:
    anchors: Mapping[float, Mapping[str, str]] = dimension.anchors
    if not variant.has_case and dimension.case_free_anchors:
        anchors = {**anchors, **dimension.case_free_anchors}
    lines = [f"{dimension.id} – {say(dimension.name, language)}: {say(dimension.question, language)}"]
    lines += [f"  {plain_level(level)}: {say(anchors[level], language)}" for level in reversed(dimension.levels)]
    if dimension.note is not None:
        lines.append(f"  {wording(language)['note']}: {say(dimension.note, language)}")
    return "\n".join(lines)


def _criterion(criterion: AskedCriterion, words: Wording) -> str:
    parts = [
        neutralise_line(criterion.id),
        criterion.dimension,
        f"{plain_level(criterion.points):+}",
        f"{neutralise_line(criterion.text)}{_criterion_marks(criterion, words)}",
    ]
    return " | ".join(parts)


def _criterion_marks(criterion: AskedCriterion, words: Wording) -> str:
    marks = []
    if criterion.is_each and criterion.max_total is not None:
        marks.append(words["each_max"].format(max=plain_level(criterion.max_total)))
    elif criterion.is_each:
        marks.append(words["each"])
    if criterion.evidence == "whole":
        marks.append(words["whole"])
    if criterion.use == "asked":
        marks.append(words["asked"])
    if criterion.use == "case" and criterion.source == "rubric":
        marks.append(words["case"])
    if criterion.replaces is not None:
        marks.append(f"[{words['replaces'].format(id=neutralise_line(criterion.replaces))}]")
    return "".join(f" {mark}" for mark in marks)


def _gate(gate: Gate, words: Wording, language: str) -> str:
    parts = [gate.id, say(gate.name, language)]
    if gate.omission is not None:
        parts.append(f"{words['omission']}: {say(gate.omission, language)}")
    if gate.commission is not None:
        parts.append(f"{words['commission']}: {say(gate.commission, language)}")
    others = [tier for tier in gate.tiers if tier in ("contradiction", "fabrication")]
    if others:
        parts.append(f"{words['other_tiers']}: {', '.join(others)}")
    if gate.note is not None:
        parts.append(f"{words['note']}: {say(gate.note, language)}")
    return " | ".join(parts)


def _na_lines(rubric: Rubric, request: JudgeRequest, variant: TaskVariant, words: Wording) -> list[str]:
    lines = []
    for dimension in (rubric.dimension(d) for d in request.dimensions):
        if variant.id not in dimension.na_allowed:
            continue
        when, unless = dimension.na_when, dimension.na_unless
        lines.append(
            words["na_line"].format(
                dimension=dimension.id,
                when="" if when is None else words["na_when"].format(text=say(when, request.language)),
                unless="" if unless is None else words["na_unless"].format(text=say(unless, request.language)),
            )
        )
    return lines or [words["na_none"]]


def _critical(rubric: Rubric, request: JudgeRequest, words: Wording) -> str:
    case = request.case
    named: Sequence[str] = case.critical
    is_derived = case.critical_source == "derived"
    if case.checklist is not None and case.checklist.critical is not None:
        named, is_derived = case.checklist.critical, False
    known = [gate.id for gate in rubric.gates if gate.id in named]
    if not known:
        return words["critical_none"]
    return words["critical_derived" if is_derived else "critical_given"].format(ids=", ".join(known))


def _from_checklist(checklist: Checklist | None, gates: Sequence[str], words: Wording) -> list[str]:
    if checklist is None:
        return []
    lines = []
    asked = [gate for gate in gates if checklist.acts_asked.get(gate)]
    if asked:
        lines.append(words["acts_asked"].format(ids=", ".join(asked)))
    for concept, texts in checklist.equivalents.items():
        listed = "; ".join(neutralise_line(text) for text in texts)
        lines.append(words["equivalents"].format(id=neutralise_line(concept), texts=listed))
    return lines
