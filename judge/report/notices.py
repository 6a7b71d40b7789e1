"""What a reader must know before believing a number: in words, first on the card."""

from collections.abc import Iterator, Sequence
from typing import Literal

from judge.report.estimates import FEW_CASES
from judge.report.notices_calibration import calibration_notices
from judge.report.parts import Card, Model, Notice, RubricPart, Score
from judge.report.words import Words

Weight = Literal["lead", "warning", "note"]


def notices_for(card: Card, *, n_panels: int) -> tuple[Notice, ...]:
    """Return the notices of a card that has none yet: the lead first, then warnings, then notes.

    ``n_panels`` counts the different panels that graded the runs on the card.
    """
    words = Words.of(card.language)

    def notices() -> Iterator[Notice]:
        if card.is_baseline:
            key = "baseline" if card.calibration is None else "baseline_calibrated"
            yield Notice("baseline", "lead", words(f"notice.{key}"))
        if card.is_simulated:
            yield _notice(words, "simulated", "lead")
        yield from calibration_notices(card, words)
        if card.has_calibrations_left_out:
            yield _notice(words, "calibrations_left_out", "warning")
        elif card.calibration is None:
            yield _notice(words, "not_calibrated" if card.agreement is None else "compared", "warning")
        is_said = card.calibration is not None and card.calibration.simulated
        if card.agreement is not None and card.agreement.is_simulated and not is_said:
            yield _notice(words, "physicians_simulated", "warning")
        yield from _about_set_up(words, card, n_panels)
        yield from _about_answers(words, card.models, card.scores)
        if card.cost.n_unknown:
            yield _notice(words, "unknown_price", "note", count=card.cost.n_unknown, all=card.cost.n_calls)

    order: Sequence[Weight] = ("lead", "warning", "note")
    return tuple(sorted(notices(), key=lambda notice: order.index(notice.weight)))


def _notice(words: Words, code: str, weight: Weight, **values: object) -> Notice:
    return Notice(code, weight, words(f"notice.{code}", **values))


def _about_set_up(words: Words, card: Card, n_panels: int) -> Iterator[Notice]:
    rubric = card.rubric
    if not rubric.is_signed:
        yield _draft(words, rubric)
    if any(run.stopped or (not run.is_complete and run.limit is None) for run in card.runs):
        yield _notice(words, "incomplete", "warning")
    limits = [run.limit for run in card.runs if run.limit is not None and not run.is_complete]
    if limits:
        yield _notice(words, "limited", "warning", n=", ".join(map(str, limits)))
    if n_panels > 1:
        yield _notice(words, "different_panels", "warning")
    if len(card.judges) == 1 and not card.is_baseline:
        text = words("notice.one_judge" if rubric.has_gates else "notice.one_judge_plain")
        yield Notice("one_judge", "note", text)


def _draft(words: Words, rubric: RubricPart) -> Notice:
    """Return that nobody signed the rubric, and what awaits it: gates and points only where it has any."""
    texts = [
        words("notice.draft", rubric=rubric.id, version=rubric.version),
        words("notice.draft_gates" if rubric.has_gates else "notice.draft_anchors"),
    ]
    if rubric.n_items:
        texts.append(words("notice.draft_points", signed=rubric.n_items_signed, items=rubric.n_items))
    return Notice("draft_rubric", "warning", words.space.join(texts))


def _about_answers(words: Words, models: Sequence[Model], scores: Sequence[Score]) -> Iterator[Notice]:
    composites = [model.composite for model in models]
    n_unscored = sum(score.n_unscored for score in composites)
    if n_unscored:
        n_all = sum(score.n_answers - score.n_not_applicable for score in composites)
        yield _notice(words, "unscored", "warning", count=n_unscored, all=n_all)
    if n_partial := sum(score.n_partial for score in composites):
        n_scored = sum(score.n_scored for score in composites)
        yield _notice(words, "partial", "warning", count=n_partial, all=n_scored)
    if n_pending := sum(model.n_pending for model in models):
        yield _notice(words, "pending", "warning", count=n_pending)
    if any(score.mean.is_small for score in (*composites, *scores)):
        yield _notice(words, "few_cases", "warning", few=FEW_CASES)
    for code, flag in (
        ("injection", "injection_suspected"),
        ("reference", "reference_problem"),
        ("served", "served_model_differs"),
    ):
        if count := sum(model.flags.get(flag, 0) for model in models):
            yield _notice(words, code, "note", count=count)
