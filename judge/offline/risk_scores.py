"""Stroke scores of atrial fibrillation, recomputed from what the case states."""

from dataclasses import dataclass

from judge.offline.reading import Reading

_FEMALE = frozenset(("woman", "female", "lady", "she", "her", "women"))
_FEMALE_ZH = ("女",)


@dataclass(frozen=True, slots=True)
class StrokeScore:
    """CHA2DS2-VASc with and without the point for sex."""

    with_sex: int
    without_sex: int


def stroke_score(told: Reading) -> StrokeScore | None:
    """Return CHA2DS2-VASc and CHA2DS2-VA of a case; None without atrial fibrillation or without an age.

    Heart failure 1, hypertension 1, age 75 or over 2 and 65-74 1, diabetes 1, stroke or TIA 2, vascular disease 1,
    female sex 1. What the case does not name counts as absent.
    """
    age = _age(told)
    if age is None or not _has(told, "AFIB"):
        return None
    points = 2 if age >= 75 else 1 if age >= 65 else 0
    points += _has(told, "HF") + _has(told, "HTN") + _has(told, "DM") + 2 * _has(told, "STROKE")
    points += any(_has(told, concept) for concept in ("CHD", "MI_OLD", "PAD", "MI"))
    is_female = bool(_FEMALE & set(told.keys)) or any(word in told.text for word in _FEMALE_ZH)
    return StrokeScore(points + is_female, points)


def stated_score(answer: Reading, concept: str) -> tuple[float, int, int] | None:
    """Return the number that an answer gives for a score, with its tokens."""
    for mention in answer.by_concept.get(concept, ())[:20]:
        for value in answer.values[:500]:
            is_near = 0 <= value.start - mention.end <= 12 and answer.tokens.sentence[value.start] == mention.sentence
            if value.quantity == "score" and is_near and value.low == value.high:
                return value.low, value.start, value.end
    return None


def _has(told: Reading, concept: str) -> bool:
    return any(not m.is_negated and m.is_asserted for m in told.by_concept.get(concept, ()))


def _age(told: Reading) -> float | None:
    for value in told.values:
        if value.unit == "year" and 0 < value.low < 120:
            return value.low
    keys = told.keys
    for before, word, number in zip(keys, keys[1:], keys[2:], strict=False):
        is_age = (word == "of" and before in _PEOPLE) or (word == "aged")
        if is_age and number.isdigit():
            return float(number)
    return None


_PEOPLE = frozenset(("man", "woman", "male", "female", "lady", "gentleman", "patient"))
