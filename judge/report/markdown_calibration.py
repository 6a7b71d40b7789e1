"""Corrected means in Markdown: beside the raw ones, with what they rest on."""

from collections.abc import Iterator, Sequence

from judge.report.calibration_text import (
    basis,
    corrected_interval,
    error_text,
    how,
    how_passed,
    n_rates_refused,
    notes_of,
    passes_of,
    rates_shown,
    share,
    share_interval,
    single_text,
    threshold,
    whole,
)
from judge.report.corrected import Corrected
from judge.report.markdown_text import escape, table
from judge.report.numbers import DIGITS_LEVEL, number, signed
from judge.report.parts import Card, Group
from judge.report.phrases import has_corrected_languages, shown_pairs
from judge.report.words import Words


def corrected_means(card: Card, words: Words) -> Iterator[str]:
    """Yield the corrected mean of every model in every dimension, beside the raw one."""
    yield f"### {words('section.corrected')}\n"
    yield words("caption.corrected") + "\n"
    rows = [
        [escape(scale.name), escape(score.model), *_cells(score.corrected, words)]
        for scale in card.scales
        for score in card.scores_of(scale.id)
    ]
    yield from table(_head(words, "dimension", "model", "corrected"), rows, n_left=2)


def corrected_rates(card: Card, words: Words) -> Iterator[str]:
    """Yield the rates of gates that physicians' grades allow, and how many they do not."""
    rates, refused = rates_shown(card), n_rates_refused(card)
    if refused:
        yield "\n" + words("caption.rates_refused", count=refused, all=refused + len(rates))
    if not rates:
        return
    yield "\n" + words("caption.rates") + "\n"
    rows = [
        [escape(rate.gate), escape(rate.model), *_rate_cells(rate.corrected), escape(how(rate.corrected, words))]
        for rate in rates
    ]
    yield from table(_head(words, "gate", "model", "rate"), rows, n_left=2)


def corrected_passes(card: Card, words: Words) -> Iterator[str]:
    """Yield the pass rates, those without a value with the reason; nothing where none was asked for."""
    rates = passes_of(card)
    if not rates:
        return
    yield "\n" + words("caption.passes") + "\n"
    rows = [
        [
            escape(card.scale(rate.dimension).name),
            escape(rate.model),
            threshold(rate),
            *_rate_cells(rate.corrected),
            escape(how_passed(rate, words)),
        ]
        for rate in rates
    ]
    yield from table(_head(words, "dimension", "model", "passes_from", "pass_rate"), rows, n_left=2)


def corrected_differences(card: Card, words: Words) -> Iterator[str]:
    """Yield the corrected differences between models, beside the raw ones."""
    yield words("caption.differences_corrected") + "\n"
    rows = [
        [
            f"{escape(one)} − {escape(other)}",
            escape(card.scale(difference.dimension).name),
            signed(found.value, DIGITS_LEVEL),
            corrected_interval(found, DIGITS_LEVEL, words, with_sign=True),
            whole(found.n_graded),
            signed(difference.estimate.value, DIGITS_LEVEL),
            escape(how(found, words)),
        ]
        for (one, other), differences in shown_pairs(card)
        for difference in differences
        if (found := difference.corrected) is not None
    ]
    keys = ("pair", "dimension", "corrected")
    head = [*(words(f"column.{key}") for key in keys), words("interval"), words("column.graded")]
    yield from table([*head, words("table.raw"), words("column.how")], rows, n_left=2)


def corrected_languages(card: Card, groups: Sequence[Group], words: Words) -> Iterator[str]:
    """Yield the corrected means within languages, nothing where there is none."""
    if not has_corrected_languages(card):
        return
    yield "\n" + words("caption.corrected_language") + "\n"
    rows = [
        [escape(group.value), escape(group.model), *(_cell(score.corrected, words) for score in group.scores)]
        for group in groups
    ]
    head = [words("column.language"), words("column.model"), *(escape(scale.code) for scale in card.scales)]
    yield from table(head, rows, n_left=2)


def basis_section(card: Card, words: Words) -> Iterator[str]:
    """Yield what the correction rests on, nothing where there is none."""
    if card.calibration is None:
        return
    yield f"## {words('section.basis')}\n"
    yield from (f"- {name}: {escape(text)}" for name, text in basis(card, words))
    yield "\n" + words("caption.singles") + "\n"
    rows = [
        [
            escape(card.scale(single.dimension).name),
            escape(single_text(single, words)),
            error_text(single),
            whole(single.n_answers),
        ]
        for single in card.calibration.singles
    ]
    yield from table([words(f"column.{key}") for key in ("dimension", "single", "error", "answers")], rows, n_left=2)


def _head(words: Words, *first: str) -> list[str]:
    keys = ("graded", "cases", "raw", "how")
    return [*(words(f"column.{key}") for key in first), words("interval"), *(words(f"column.{key}") for key in keys)]


def _rate_cells(found: Corrected) -> list[str]:
    return [
        share(found.value),
        share_interval(found),
        whole(found.n_graded),
        whole(found.n_cases),
        share(found.raw),
    ]


def _cells(found: Corrected | None, words: Words) -> list[str]:
    if found is None:
        return ["–"] * 6
    notes = notes_of(found, words)
    return [
        number(found.value, DIGITS_LEVEL),
        corrected_interval(found, DIGITS_LEVEL, words),
        whole(found.n_graded),
        whole(found.n_cases),
        number(found.raw, DIGITS_LEVEL),
        escape(how(found, words) + (f" ({notes})" if notes else "")),
    ]


def _cell(found: Corrected | None, words: Words) -> str:
    if found is None or found.value is None:
        return "–"
    interval = corrected_interval(found, DIGITS_LEVEL, words)
    return f"{number(found.value, DIGITS_LEVEL)} {interval} ({whole(found.n_graded)})"
