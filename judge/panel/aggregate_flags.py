"""What is worth a warning about a graded response; a flag never changes a grade."""

from collections.abc import Mapping, Sequence

from judge.domain.case import Case
from judge.domain.panel import Judge, Panel
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Dimension, Rubric
from judge.domain.verdict import Verdict
from judge.panel.aggregate_coverage import panel_level_from_criteria
from judge.panel.repeats import JudgeLevel, is_most, usable_for_gates
from judge.panel.votes import GateDecision

DISAGREEMENT_SHARE = 0.5
"""Of a dimension's scale, from its lowest to its highest level: two levels of 1–5, five of 0–10, one of yes and no."""
ASKS_FOR_HUMAN = frozenset({"disagreement", "injection_suspected", "reference_problem_by_most"})
"""Flags that ask for a human even where no gate does."""


def dimension_flags(
    rubric: Rubric,
    dimension: Dimension,
    case: Case,
    opinions: Sequence[JudgeLevel],
    verdicts: Sequence[Verdict],
    level: float | None,
) -> tuple[str, ...]:
    """Return the flags of one dimension, sorted.

    ``disagreement``: judges lie half the scale or more apart (two levels of 1–5), or the panel's level lies so far from
    the level that follows from its criteria (then ``coverage_gap`` too). ``na_split``: some judges score what others
    find not applicable.
    ``quote_missing``: a met criterion cites words that do not stand in the answer, or none where some were due.
    """
    levels = [opinion.level for opinion in opinions if opinion.level is not None]
    far = DISAGREEMENT_SHARE * (dimension.highest - dimension.lowest)
    flags: set[str] = set()
    if levels and max(levels) - min(levels) >= far:
        flags.add("disagreement")
    from_criteria = panel_level_from_criteria(rubric, dimension, case, verdicts)
    if level is not None and from_criteria is not None and abs(level - from_criteria) >= far:
        flags |= {"disagreement", "coverage_gap"}
    if levels and any(opinion.status == "not_applicable" for opinion in opinions):
        flags.add("na_split")
    if any(_cites_missing_words(verdict, dimension.id) for verdict in verdicts):
        flags.add("quote_missing")
    return tuple(sorted(flags))


def response_flags(
    panel: Panel,
    by_judge: Mapping[str, Sequence[Verdict]],
    reading: OfflineReading,
    decisions: Sequence[GateDecision],
) -> tuple[str, ...]:
    """Return the flags of a whole response, sorted."""
    verdicts = [verdict for repeats in by_judge.values() for verdict in repeats]
    raised = {
        "injection_suspected": reading.injection_suspected or any(v.injection_suspected for v in verdicts),
        "case_injection_suspected": reading.case_injection_suspected,
        "reference_problem": any(v.reference_problem for v in verdicts),
        "reference_problem_by_most": _most_doubt_reference(panel, by_judge),
        "served_model_differs": any(_serves_other(j, by_judge.get(j.id, ())) for j in panel.judges),
        "gate_quote_missing": any(_cites_missing_gate(v) for v in verdicts),
        "gate_vote_unsupported": any(d.n_unsupported for d in decisions),
        "gate_tier_disputed": any(d.is_tier_disputed for d in decisions),
        "regional_practice": any(d.is_regional for d in decisions),
    }
    return tuple(sorted(flag for flag, is_raised in raised.items() if is_raised))


def is_same_model(requested: str, served: str) -> bool:
    """Whether the served model is the one asked for: the same name, or a dated or numbered snapshot of it.

    >>> is_same_model("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5-20250929")
    True
    >>> is_same_model("openai/gpt-4o", "gpt-4o-mini")
    False
    """
    asked, got = (name.casefold().rsplit("/", 1)[-1].removesuffix("-latest") for name in (requested, served))
    if asked == got:
        return True
    rest = got.removeprefix(asked)
    return rest != got and rest[0] in "-@:." and rest[1:2].isdigit()


def _serves_other(judge: Judge, verdicts: Sequence[Verdict]) -> bool:
    served = {verdict.served_model for verdict in verdicts if verdict.served_model}
    return len(served) > 1 or any(not is_same_model(judge.model, name) for name in served)


def _most_doubt_reference(panel: Panel, by_judge: Mapping[str, Sequence[Verdict]]) -> bool:
    asked = [repeats for judge in panel.judges if (repeats := usable_for_gates(judge, by_judge.get(judge.id, ())))]
    doubting = sum(is_most(sum(bool(v.reference_problem) for v in repeats), len(repeats)) for repeats in asked)
    return is_most(doubting, len(asked))


def _cites_missing_words(verdict: Verdict, dimension: str) -> bool:
    return any(c.met == "yes" and c.dimension == dimension and c.lacks_quote for c in verdict.criteria)


def _cites_missing_gate(verdict: Verdict) -> bool:
    return any(gate.quote is not None and gate.quote.text and not gate.quote.is_found for gate in verdict.gates)
