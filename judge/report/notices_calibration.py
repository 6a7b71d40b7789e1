"""What a reader must know of corrected means: what is corrected, what is not and why, and what it rests on."""

from collections.abc import Iterable, Iterator

from judge.report.corrected import CalibrationPart
from judge.report.parts import Card, Notice, Score
from judge.report.reasons import reason_of
from judge.report.words import Words

MODELS_NAMED = 8
_OWN_MEAN = ("cell_few", "model_few", "flat")


def calibration_notices(card: Card, words: Words) -> Iterator[Notice]:
    """Yield the notices of a card that has a calibration; none of one that has not."""
    part = card.calibration
    if part is None:
        return
    if part.has_means:
        yield _what_is_corrected(card, words)
        yield from _what_has_no_mean(card, words)
    else:
        yield Notice("calibrated_elsewhere", "warning", words("notice.calibrated_elsewhere"))
    yield from _what_it_rests_on(part, words)
    yield _single_grades(card, part, words)


def _what_is_corrected(card: Card, words: Words) -> Notice:
    corrected = sum(score.corrected is not None and score.corrected.value is not None for score in card.scores)
    counts = "counts" if card.rubric.has_gates else "counts_plain"
    raw = words("list_comma").join(words(f"raw_things.{key}") for key in ("composite", counts, "tables"))
    text = words("notice.calibrated", count=corrected, all=len(card.scores), raw=raw)
    return Notice("calibrated", "warning", text)


def _what_has_no_mean(card: Card, words: Words) -> Iterator[Notice]:
    """Yield one notice a reason for which there is no corrected mean, or none that the panel has a part in."""
    groups: dict[tuple[str, str | None], list[Score]] = {}
    for score in card.scores:
        if (key := _key(score, words)) is not None:
            groups.setdefault(key, []).append(score)
    for (code, why), scores in groups.items():
        where = _where(card, scores, words)
        values = {"where": where} if why is None else {"why": why, "where": where}
        yield Notice(code, "warning", words(f"notice.{code}", **values))


def _key(score: Score, words: Words) -> tuple[str, str | None] | None:
    """Return which notice a score belongs to, and its reason."""
    found = score.corrected
    if found is None:
        return None
    if found.value is None:
        return "no_corrected_mean", reason_of(found.reason or "").say_briefly(words)
    if found.method != "physicians":
        return None
    causes = [reason for reason in map(reason_of, found.notes) if reason.code in _OWN_MEAN]
    return ("physicians_mean", causes[0].say_briefly(words)) if causes else ("physicians_mean_chosen", None)


def _where(card: Card, scores: Iterable[Score], words: Words) -> str:
    """Return models with the codes of their dimensions in brackets."""
    codes: dict[str, list[str]] = {}
    for score in scores:
        codes.setdefault(score.model, []).append(card.scale(score.dimension).code)
    named = [f"{model} ({', '.join(found)})" for model, found in list(codes.items())[:MODELS_NAMED]]
    return words("list_comma").join([*named, *(["…"] if len(codes) > MODELS_NAMED else [])])


def _what_it_rests_on(part: CalibrationPart, words: Words) -> Iterator[Notice]:
    names = words("list_comma").join(part.physicians)
    if part.simulated:
        simulated = words("list_comma").join(part.simulated)
        yield Notice("calibration_simulated", "warning", words("notice.calibration_simulated", names=simulated))
    if len(part.physicians) == 1:
        yield Notice("calibration_one_physician", "warning", words("notice.calibration_one_physician", names=names))
    if part.is_finite and part.has_means:
        yield Notice("finite_population", "warning", words("notice.finite_population"))
    if part.is_asserted:
        yield Notice("calibration_asserted", "note", words("notice.calibration_asserted"))
    if part.n_planted:
        yield Notice("calibration_planted", "note", words("notice.calibration_planted", count=part.n_planted))


def _single_grades(card: Card, part: CalibrationPart, words: Words) -> Notice:
    corrected, raw = (
        words("list_comma").join(card.scale(one.dimension).name for one in part.singles if one.is_corrected is wanted)
        or words("none")
        for wanted in (True, False)
    )
    return Notice("single_grades", "note", words("notice.single_grades", corrected=corrected, raw=raw))
