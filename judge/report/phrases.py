"""Phrases and choices that the page and the Markdown share."""

from collections.abc import Iterator, Sequence

from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL
from judge.report.parts import AgreementRow, Card, Cited, Difference, JudgePart, Scale
from judge.report.words import Words

PAIRS_SHOWN = 10


def digits_of(scale: Scale, card: Card) -> int:
    """Return the digits that a scale's numbers are written with."""
    return DIGITS_COMPOSITE if scale.id == card.composite_scale.id else DIGITS_LEVEL


def standing(card: Card, words: Words) -> str:
    """Return the words that stand beside every mean."""
    if card.calibration is not None or card.has_calibrations_left_out:
        return words("raw_uncorrected")
    return words("raw" if card.agreement is None else "raw_compared")


def plain(card: Card) -> str:
    """Return the ending of a caption's key: its own words where the rubric has no gates."""
    return "" if card.rubric.has_gates else "_plain"


def with_whom(row: AgreementRow, words: Words) -> str:
    """Return whom the panel is held against."""
    if len(row.physicians) > 1:
        return words("cell.mean_of_physicians", n=len(row.physicians))
    return row.physicians[0] if row.physicians else "–"


def has_corrected_languages(card: Card) -> bool:
    """Return whether at least one mean within a language is corrected."""
    found = [score.corrected for group in card.groups for score in group.scores]
    return any(corrected is not None and corrected.value is not None for corrected in found)


def method_keys(card: Card) -> tuple[str, ...]:
    """Return which paragraphs say how the numbers of this card are made."""
    gates = ("level", "gates") if card.rubric.has_gates else ("level_plain",)
    correction = ("correction",) if card.is_corrected else ()
    return ("mean", "missing", "not_applicable", *gates, "composite", *correction, "comparison")


def counted(counts: Sequence[tuple[str, int]]) -> str:
    """Return ``n word, n word``, or a zero for none."""
    return ", ".join(f"{n} {word}" for word, n in counts) or "0"


def shown_pairs(card: Card) -> tuple[tuple[tuple[str, str], tuple[Difference, ...]], ...]:
    """Return the pairs of models that a page shows, with their differences; ``card.json`` holds all."""
    pairs: dict[tuple[str, str], list[Difference]] = {}
    for difference in card.differences:
        pairs.setdefault((difference.model, difference.other), []).append(difference)
    return tuple((pair, tuple(found)) for pair, found in list(pairs.items())[:PAIRS_SHOWN])


def n_pairs(card: Card) -> int:
    """Return how many pairs of models there are."""
    return len(card.models) * (len(card.models) - 1) // 2


def cost_text(part: JudgePart, words: Words) -> str:
    """Return what a judge cost, and what is not known of it."""
    known = part.cost.n_calls > part.cost.n_unknown or not part.cost.n_calls
    texts = [f"{part.cost.usd:.4f}"] if known else []
    if part.cost.n_unknown:
        texts.append(words("cell.unknown_price", n=part.cost.n_unknown))
    if part.cost.n_estimated:
        texts.append(words("cell.estimated", n=part.cost.n_estimated))
    return ", ".join(texts)


def cited_text(cited: Cited, words: Words) -> str:
    """Return the words cited for a gate, or what stands in their place."""
    if cited.quote is not None:
        return cited.quote if cited.is_found else f"{cited.quote} – {words('cell.quote_missing')}"
    return words.named("cell", f"absence_{cited.absence}") if cited.absence else words("cell.no_words")


def signoff_text(card: Card, words: Words) -> str:
    """Return who signed the rubric, or that nobody did."""
    rubric = card.rubric
    if not rubric.is_signed:
        return words("provenance.draft")
    return words("provenance.signed_by", by=rubric.signed_by or "–", date=rubric.signed_on or "–")


def facts(card: Card, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what a reader needs to run it again, a name and a text each."""
    yield words("provenance.rubric"), f"{card.rubric.id} v{card.rubric.version} – {card.rubric.title}"
    yield words("provenance.hash"), card.rubric.hash
    yield words("provenance.signoff"), signoff_text(card, words)
    for run in card.runs:
        yield words("provenance.plan_hash"), run.plan_hash
        yield words("provenance.prompt_hash"), run.prompt_hash
        stopped = f" ({run.stopped})" if run.stopped else ""
        yield words("provenance.complete"), words("yes" if run.is_complete else "no") + stopped
        yield words("provenance.seed"), run.seed
        for key, pairs in (("panel", run.panel), ("times", run.times), ("versions", run.versions)):
            if pairs:
                yield words(f"provenance.{key}"), ", ".join(f"{name} {value}" for name, value in pairs)
    cost = card.cost
    yield words("provenance.calls"), str(cost.n_calls)
    yield words("provenance.tokens"), f"{cost.prompt_tokens} / {cost.cached_tokens} / {cost.completion_tokens}"
    unknown = f" ({words('cell.unknown_price', n=cost.n_unknown)})" if cost.n_unknown else ""
    yield words("provenance.cost"), f"{cost.usd:.4f}{unknown}"
