"""The score card as one page: no script, no outside resource, every text of others escaped."""

from typing import Any

from judge.report import calibration_text as said
from judge.report.figures import DotPlot, dot_plot, gate_plot, level_plot
from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL, SMALL, bounds, interval, number, percent, signed
from judge.report.parts import Card, Scale
from judge.report.phrases import (
    cited_text,
    cost_text,
    counted,
    digits_of,
    facts,
    has_corrected_languages,
    method_keys,
    n_pairs,
    plain,
    shown_pairs,
    standing,
    with_whom,
)
from judge.report.words import Words

_TEMPLATE = "card.html.j2"


def render_html(card: Card) -> str:
    """Return a card as one HTML page in the card's language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("judge.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(**_context(card)) + "\n"


def _context(card: Card) -> dict[str, Any]:
    words = Words.of(card.language)
    raw = standing(card, words)
    return {
        "card": card,
        "w": words,
        "named": words.named,
        "standing": raw,
        "small": SMALL,
        "level_digits": DIGITS_LEVEL,
        "composite_digits": DIGITS_COMPOSITE,
        "number": number,
        "signed": signed,
        "percent": percent,
        "interval": lambda estimate, digits, **options: interval(estimate, digits, words, **options),
        "bounds": lambda score, digits: bounds(score.worst, score.best, digits, words),
        "digits_of": lambda dimension: digits_of(card.scale(dimension), card),
        "missing": lambda counts: counted([(words.named("status", code), n) for code, n in counts.items()]),
        "cited_text": lambda cited: cited_text(cited, words),
        "cost_text": lambda part: cost_text(part, words),
        "facts": list(facts(card, words)),
        "method": method_keys(card),
        "plain": plain(card),
        "with_whom": lambda row: with_whom(row, words),
        "pairs": shown_pairs(card),
        "n_pairs": n_pairs(card),
        "flags": sorted({flag for model in card.models for flag in model.flags}),
        **_corrections(card, words),
        **_figures(card, words, raw),
    }


def _corrections(card: Card, words: Words) -> dict[str, Any]:
    refused = said.n_rates_refused(card)
    n_rates = 0 if card.calibration is None else len(card.calibration.rates)
    return {
        "corrected_interval": lambda found, digits, **options: said.corrected_interval(found, digits, words, **options),
        "how": lambda found: said.how(found, words),
        "notes_of": lambda found: said.notes_of(found, words),
        "whole": said.whole,
        "share": said.share,
        "share_interval": said.share_interval,
        "rates": said.rates_shown(card),
        "n_rates_refused": refused,
        "passes": said.passes_of(card),
        "threshold": said.threshold,
        "how_passed": lambda rate: said.how_passed(rate, words),
        "rates_refused": words("caption.rates_refused", count=refused, all=n_rates),
        "basis": list(said.basis(card, words)),
        "single_text": lambda single: said.single_text(single, words),
        "error_text": said.error_text,
        "has_corrected_languages": has_corrected_languages(card),
    }


def _figures(card: Card, words: Words, raw: str) -> dict[str, Any]:
    composites = card.scores_of(card.composite_scale.id)
    key = "corrected_figure" if card.is_corrected else "dimension_figure"
    titles = {s.id: words(f"caption.{key}", dimension=s.name, standing=raw) for s in card.scales}
    return {
        "composite_plot": dot_plot(
            words(f"caption.overview{plain(card)}", standing=raw), card.composite_scale, composites, digits=1, width=560
        ),
        "dimension_plots": [(scale, _dimension_plot(card, scale, titles[scale.id])) for scale in card.scales],
        "level_plots": [
            (scale, level_plot(f"{scale.name}: {words('caption.levels')}", scale, card.scores_of(scale.id)))
            for scale in card.scales
        ],
        "gate_plot": gate_plot(words("caption.gate_figure"), card.models, words),
    }


def _dimension_plot(card: Card, scale: Scale, title: str) -> DotPlot:
    scores = card.scores_of(scale.id)
    return dot_plot(title, scale, scores, digits=DIGITS_LEVEL, is_corrected=card.is_corrected)
