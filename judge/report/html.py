"""The score card as one page: no script, no outside resource, every text of others escaped."""

from typing import Any

from judge.report.figures import dot_plot, gate_plot, level_plot
from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL, SMALL, bounds, interval, number, percent, signed
from judge.report.parts import Card
from judge.report.phrases import (
    METHOD,
    cited_text,
    cost_text,
    counted,
    digits_of,
    facts,
    n_pairs,
    shown_pairs,
    standing,
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
        "method": METHOD,
        "pairs": shown_pairs(card),
        "n_pairs": n_pairs(card),
        "flags": sorted({flag for model in card.models for flag in model.flags}),
        **_figures(card, words, raw),
    }


def _figures(card: Card, words: Words, raw: str) -> dict[str, Any]:
    composites = card.scores_of(card.composite_scale.id)
    titles = {s.id: words("caption.dimension_figure", dimension=s.name, standing=raw) for s in card.scales}
    return {
        "composite_plot": dot_plot(
            words("caption.overview", standing=raw), card.composite_scale, composites, digits=1, width=560
        ),
        "dimension_plots": [
            (scale, dot_plot(titles[scale.id], scale, card.scores_of(scale.id), digits=DIGITS_LEVEL))
            for scale in card.scales
        ],
        "level_plots": [
            (scale, level_plot(f"{scale.name}: {words('caption.levels')}", scale, card.scores_of(scale.id)))
            for scale in card.scales
        ],
        "gate_plot": gate_plot(words("caption.gate_figure"), card.models, words),
    }
