"""The table that a command ends with: plain text, aligned for wide characters too."""

from collections.abc import Iterator, Sequence

from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL, SMALL, interval, number
from judge.report.parts import Card, Score
from judge.report.text import pad, shorten, width
from judge.report.words import Words

_MODEL_COLUMNS = 36
_N_LEFT = 2
"""Columns of words at the left; all others are numbers and end at the right."""


def render_table(card: Card) -> str:
    """Return levels by model and dimension with interval, n and what is missing, and what to know before reading it."""
    words = Words.of(card.language)
    lines = [notice.text for notice in card.notices if notice.weight == "lead"]
    if not card.models:
        return "\n".join([*lines, words("no_data")]) + "\n"
    lines.append(words("table.standing", standing=words("raw" if card.agreement is None else "raw_compared")))
    lines += ["", *_table(card, words), words("table.note_bounds"), "", *_gates(card, words)]
    warnings = [n.text for n in card.notices if n.weight == "warning" and n.code not in ("not_calibrated", "compared")]
    return "\n".join([*lines, "", *warnings, words("footer")]) + "\n"


def _table(card: Card, words: Words) -> Iterator[str]:
    keys = ("model", "dimension", "mean", "interval", "n", "unscored", "not_applicable", "bounds")
    rows: list[Sequence[str]] = [[words(f"table.{key}") for key in keys]]
    for which, model in enumerate(card.models):
        tag = f" ({words('simulated')})" if model.is_simulated else ""
        name = shorten(model.name, _MODEL_COLUMNS - width(tag)) + tag
        for place, scale in enumerate((card.composite_scale, *card.scales)):
            score = card.scores_of(scale.id)[which]
            digits = DIGITS_COMPOSITE if scale is card.composite_scale else DIGITS_LEVEL
            rows.append(["" if place else name, scale.name, *_cells(score, digits, words)])
    widths = [max(width(row[column]) for row in rows) for column in range(len(keys))]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    for place, row in enumerate(rows):
        if place == 1 or (place > 1 and row[0]):
            yield rule
        cells = (pad(text, widths[column], right=column >= _N_LEFT) for column, text in enumerate(row))
        yield "  ".join(cells).rstrip()


def _cells(score: Score, digits: int, words: Words) -> Sequence[str]:
    mark = SMALL if score.mean.is_small else ""
    is_bounded = score.worst is not None and score.best is not None and score.best - score.worst > 1e-9
    return (
        number(score.mean.value, digits),
        _interval(score, digits, words),
        f"{score.n_scored}{mark}",
        str(score.n_unscored),
        str(score.n_not_applicable),
        f"{number(score.worst, digits)} – {number(score.best, digits)}" if is_bounded else "–",
    )


def _interval(score: Score, digits: int, words: Words) -> str:
    if score.mean.undefined is not None:
        return "–"
    if score.mean.no_interval is not None:
        return words.named("table", score.mean.no_interval)
    return interval(score.mean, digits, words)


def _gates(card: Card, words: Words) -> Iterator[str]:
    yield f"{words('table.gates_title')}:"
    columns = max(width(model.name) for model in card.models)
    for model in card.models:
        counts = words("table.gates", confirmed=model.n_confirmed, pending=model.n_pending)
        yield f"  {pad(shorten(model.name, _MODEL_COLUMNS), min(columns, _MODEL_COLUMNS))}  {counts}"
