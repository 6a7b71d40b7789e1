"""What physicians would tell a judge about one verdict, in words that an optimiser can learn from."""

from collections.abc import Iterator, Sequence

from judge.domain.verdict import Verdict
from judge.tuning.examples import Target, TuningExample

_LONGEST_COMMENT = 400
_MOST_CHECKS = 8
_SLIGHT = 0.25
"""Levels; a smaller distance is agreement."""


def feedback_on(verdict: Verdict, example: TuningExample, dimensions: Sequence[str]) -> str:
    """Return one line a dimension, then criteria and gates on which judge and physicians differ.

    Parameters
    ----------
    verdict
        What the judge said.
    example
        What physicians said.
    dimensions
        Ids of the dimensions that are tuned.
    """
    lines = [_line(verdict, name, example.targets[name]) for name in dimensions if name in example.targets]
    checks = [*_criteria(verdict, example), *_gates(verdict, example)]
    return "\n".join([*lines, *checks[:_MOST_CHECKS]])


def _line(verdict: Verdict, dimension: str, target: Target) -> str:
    said = verdict.level_of(dimension)
    physicians = _physicians(target)
    if said is None or said.level is None:
        status = "no verdict" if said is None else said.status
        return f"{dimension}: the assistant gave no level ({status}). {physicians}"
    difference = said.level - target.level
    if abs(difference) <= _SLIGHT:
        return f"{dimension}: level {said.level:g} is what physicians gave. {physicians}"
    direction = "too lenient" if difference > 0 else "too strict"
    return (
        f"{dimension}: level {said.level:g} is {direction} by {abs(difference):.1f}. {physicians}"
        f" The assistant's reason was: {said.reason}"
    )


def _physicians(target: Target) -> str:
    levels = ", ".join(f"{one.level:g}" for one in target.said)
    agreed = f", after adjudication {target.level:g}" if target.source == "adjudicated" else ""
    comments = " ".join(f"“{comment[:_LONGEST_COMMENT]}”" for one in target.said for comment in one.comments)
    return f"Physicians gave {levels or f'{target.level:g}'}{agreed}.{f' They wrote: {comments}' if comments else ''}"


def _criteria(verdict: Verdict, example: TuningExample) -> Iterator[str]:
    for one in verdict.criteria:
        share = example.checks.get(f"criterion:{one.criterion_id}")
        if share is None or one.met not in ("yes", "no"):
            continue
        if one.met == "yes" and share < 0.5:
            yield f"criterion {one.criterion_id}: the assistant said met, physicians say it is not."
        if one.met == "no" and share > 0.5:
            yield f"criterion {one.criterion_id}: the assistant said not met, physicians say it is."


def _gates(verdict: Verdict, example: TuningExample) -> Iterator[str]:
    named = {gate.gate_id for gate in verdict.gates if gate.counts}
    for name, share in sorted(example.checks.items()):
        if not name.startswith("gate:"):
            continue
        gate = name.removeprefix("gate:")
        if share > 0.5 and gate not in named:
            yield f"gate {gate}: physicians see this danger in the answer, the assistant did not."
        if share < 0.5 and gate in named:
            yield f"gate {gate}: the assistant raised it, physicians see no such danger."
