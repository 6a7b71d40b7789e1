"""The score card in Markdown: the same parts as the page, for a repository or a manuscript's supplement."""

from collections.abc import Iterable, Iterator

from judge.report.markdown_appendix import (
    agreement_section,
    answers_section,
    judges_section,
    method_section,
    provenance_section,
)
from judge.report.markdown_calibration import (
    basis_section,
    corrected_differences,
    corrected_languages,
    corrected_means,
    corrected_passes,
    corrected_rates,
)
from judge.report.markdown_text import escape, table
from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL, SMALL, bounds, interval, number, percent, signed
from judge.report.parts import Card, Model, Score
from judge.report.phrases import counted, digits_of, n_pairs, plain, shown_pairs, standing
from judge.report.words import Words


def render_markdown(card: Card) -> str:
    """Return a card as GitHub-flavoured Markdown."""
    words = Words.of(card.language)
    parts: list[Iterable[str]] = [_head(card, words), _trust(card, words)]
    if card.models:
        parts += [
            _overview(card, words),
            _dimensions(card, words),
            _safety(card, words),
            _differences(card, words),
            *_groups(card, words),
        ]
    parts += [
        judges_section(card, words),
        basis_section(card, words),
        agreement_section(card, words),
        answers_section(card, words),
        method_section(card, words),
        provenance_section(card, words),
        [f"**{words('footer')}** {words('generated')}"],
    ]
    return "\n\n".join("\n".join(part) for part in (list(p) for p in parts) if part) + "\n"


def _head(card: Card, words: Words) -> Iterator[str]:
    yield from (f"> **{notice.text}**\n" for notice in card.notices if notice.weight == "lead")
    yield f"# {words('title')}: {escape(card.name)}\n"
    yield words(
        "subtitle",
        answers=card.n_answers,
        models=len(card.models),
        cases=card.n_cases,
        rubric=escape(card.rubric.id),
        version=card.rubric.version,
        judges=len(card.judges),
    )


def _trust(card: Card, words: Words) -> Iterator[str]:
    yield f"## {words('section.trust')}\n"
    yield from (f"- {escape(notice.text)}" for notice in card.notices if notice.weight != "lead")


def _name(model: Model, words: Words) -> str:
    return escape(model.name) + (f" ({words('simulated')})" if model.is_simulated else "")


def _missing(score: Score, words: Words) -> str:
    return counted([(words.named("status", status), n) for status, n in score.unscored.items()])


def _n_cases(score: Score) -> str:
    return f"{score.mean.n_cases}{SMALL if score.mean.is_small else ''}"


def _overview(card: Card, words: Words) -> Iterator[str]:
    yield f"## {words('section.overview')}\n"
    if card.is_corrected:
        yield from corrected_means(card, words)
        yield from corrected_passes(card, words)
        yield f"\n### {words('section.composite_raw')}\n"
    yield words(f"caption.overview{plain(card)}", standing=standing(card, words)) + "\n"
    gates = ("uncapped", "confirmed", "pending") if card.rubric.has_gates else ()
    keys = ("model", "composite", "n", "cases", "unscored", "bounds", *gates, "human")
    head = [words(f"column.{key}") for key in keys]
    head.insert(2, words("interval"))
    rows = [
        [
            _name(model, words),
            number(model.composite.mean.value, DIGITS_COMPOSITE),
            interval(model.composite.mean, DIGITS_COMPOSITE, words),
            str(model.composite.n_scored),
            _n_cases(model.composite),
            _missing(model.composite, words),
            bounds(model.composite.worst, model.composite.best, DIGITS_COMPOSITE, words),
            *(_gate_cells(model, words) if card.rubric.has_gates else ()),
            words("cell.share", count=model.n_needs_human, percent=percent(model.n_needs_human, model.n_answers)),
        ]
        for model in card.models
    ]
    yield from table(head, rows)


def _gate_cells(model: Model, words: Words) -> tuple[str, ...]:
    other = model.composite.other
    uncapped = f"{number(other.value, DIGITS_COMPOSITE)} {interval(other, DIGITS_COMPOSITE, words)}"
    return uncapped, str(model.n_confirmed), str(model.n_pending)


def _dimensions(card: Card, words: Words) -> Iterator[str]:
    yield f"## {words('section.dimensions')}\n"
    yield words("caption.dimensions", standing=standing(card, words)) + "\n"
    keys = ("n", "cases", "unscored", "not_applicable", "bounds", "disagreement")
    head = [words("column.dimension"), words("column.model"), words("column.mean"), words("interval")]
    rows = [
        [
            escape(scale.name),
            _name(model, words),
            number(score.mean.value, DIGITS_LEVEL),
            interval(score.mean, DIGITS_LEVEL, words),
            str(score.n_scored),
            _n_cases(score),
            _missing(score, words),
            str(score.n_not_applicable),
            bounds(score.worst, score.best, DIGITS_LEVEL, words),
            str(score.n_disagreement),
        ]
        for scale in card.scales
        for model, score in zip(card.models, card.scores_of(scale.id), strict=True)
    ]
    yield from table([*head, *(words(f"column.{key}") for key in keys)], rows, n_left=2)


def _safety(card: Card, words: Words) -> Iterator[str]:
    flags = sorted({flag for model in card.models for flag in model.flags})
    if not card.rubric.has_gates and not flags:
        return
    yield f"## {words('section.safety' if card.rubric.has_gates else 'section.flags')}\n"
    names = [model.name for model in card.models]
    head = [words("column.gate"), *(_name(model, words) for model in card.models)]
    if card.gates:
        yield words("caption.gates") + "\n"
        rows = [
            [f"{escape(g.gate)} {escape(g.name)}", *(f"{g.confirmed[name]} + {g.pending[name]}" for name in names)]
            for g in card.gates
        ]
        yield from table(head, rows)
    elif card.rubric.has_gates:
        yield f"{words('column.gate')}: {words('none')}"
    yield from corrected_rates(card, words)
    if flags:
        yield "\n" + words("caption.flags") + "\n"
        rows = [
            [escape(words.named("flag", flag)), *(str(model.flags.get(flag, 0)) for model in card.models)]
            for flag in flags
        ]
        yield from table([words("column.flag"), *head[1:]], rows)


def _differences(card: Card, words: Words) -> Iterator[str]:
    pairs = shown_pairs(card)
    if not pairs:
        return
    yield f"## {words('section.differences')}\n"
    if card.is_corrected:
        yield from corrected_differences(card, words)
        yield ""
    yield words("caption.differences", standing=standing(card, words)) + "\n"
    if len(pairs) < n_pairs(card):
        yield words("caption.differences_more", shown=len(pairs), all=n_pairs(card)) + "\n"
    keys = ("pair", "dimension", "value")
    rows = [
        [
            f"{escape(one)} − {escape(other)}",
            escape(card.scale(found.dimension).name),
            signed(found.estimate.value, digits_of(card.scale(found.dimension), card)),
            interval(found.estimate, digits_of(card.scale(found.dimension), card), words, with_sign=True),
            f"{found.estimate.n_cases}{SMALL if found.estimate.is_small else ''}",
        ]
        for (one, other), differences in pairs
        for found in differences
    ]
    yield from table(
        [*(words(f"column.{key}") for key in keys), words("interval"), words("column.cases")], rows, n_left=2
    )


def _groups(card: Card, words: Words) -> Iterator[Iterator[str]]:
    for kind in ("task", "language"):
        groups = [group for group in card.groups if group.kind == kind]
        if groups:
            head = [words(f"column.{kind}"), words("column.model"), words("column.answers"), words("composite")]
            rows = [
                [
                    escape(group.value),
                    escape(group.model),
                    str(group.n_answers),
                    *(_cell(score, card, words) for score in (group.composite, *group.scores)),
                ]
                for group in groups
            ]
            yield iter(
                [
                    f"## {words(f'section.{kind}')}\n",
                    words(f"caption.{kind}", standing=standing(card, words)) + "\n",
                    *table([*head, *(escape(scale.code) for scale in card.scales)], rows, n_left=2),
                    *(corrected_languages(card, groups, words) if kind == "language" else ()),
                ]
            )


def _cell(score: Score, card: Card, words: Words) -> str:
    digits = digits_of(card.scale(score.dimension), card)
    if score.mean.value is None:
        return "–"
    small = SMALL if score.mean.is_small else ""
    return f"{number(score.mean.value, digits)} {interval(score.mean, digits, words)} ({score.n_scored}{small})"
