"""The table that a command ends with: plain text, aligned for wide characters too."""

from collections.abc import Iterator, Sequence

from judge.report.calibration_text import corrected_interval, how, whole
from judge.report.corrected import Corrected
from judge.report.numbers import DIGITS_COMPOSITE, DIGITS_LEVEL, SMALL, interval, number
from judge.report.parts import Card, Model, Score
from judge.report.phrases import standing
from judge.report.text import pad, shorten, width
from judge.report.words import Words

_MODEL_COLUMNS = 36


def render_table(card: Card) -> str:
    """Return levels by model and dimension with interval, n and what is missing, and what to know before reading it."""
    words = Words.of(card.language)
    lines = [notice.text for notice in card.notices if notice.weight == "lead"]
    if not card.models:
        return "\n".join([*lines, words("no_data")]) + "\n"
    if card.is_corrected:
        lines += [words("table.corrected_title"), "", *_aligned(list(_corrected_rows(card, words)), (0, 1, 7)), ""]
    lines.append(words("table.standing", standing=standing(card, words)))
    lines += ["", *_table(card, words), words("table.note_bounds")]
    if card.rubric.has_gates:
        lines += ["", *_gates(card, words)]
    warnings = [n.text for n in card.notices if n.weight == "warning" and n.code not in ("not_calibrated", "compared")]
    return "\n".join([*lines, "", *warnings, words("footer")]) + "\n"


def _table(card: Card, words: Words) -> Iterator[str]:
    keys = ("model", "dimension", "mean", "interval", "n", "unscored", "not_applicable", "bounds")
    rows: list[Sequence[str]] = [[words(f"table.{key}") for key in keys]]
    for which, model in enumerate(card.models):
        for place, scale in enumerate((card.composite_scale, *card.scales)):
            score = card.scores_of(scale.id)[which]
            digits = DIGITS_COMPOSITE if scale is card.composite_scale else DIGITS_LEVEL
            rows.append(["" if place else _name(model, words), scale.name, *_cells(score, digits, words)])
    yield from _aligned(rows, (0, 1))


def _corrected_rows(card: Card, words: Words) -> Iterator[Sequence[str]]:
    keys = ("model", "dimension", "corrected", "interval", "graded", "cases", "raw", "how")
    yield [words(f"table.{key}") for key in keys]
    for which, model in enumerate(card.models):
        for place, scale in enumerate(card.scales):
            found = card.scores_of(scale.id)[which].corrected
            name = "" if place else _name(model, words)
            yield [name, scale.name, *(["–"] * 6 if found is None else _corrected_cells(found, words))]


def _corrected_cells(found: Corrected, words: Words) -> Sequence[str]:
    return (
        number(found.value, DIGITS_LEVEL),
        corrected_interval(found, DIGITS_LEVEL, words),
        whole(found.n_graded),
        whole(found.n_cases),
        number(found.raw, DIGITS_LEVEL),
        how(found, words),
    )


def _name(model: Model, words: Words) -> str:
    tag = f" ({words('simulated')})" if model.is_simulated else ""
    return shorten(model.name, _MODEL_COLUMNS - width(tag)) + tag


def _aligned(rows: Sequence[Sequence[str]], left: Sequence[int]) -> Iterator[str]:
    """Yield rows as lines, a rule before each one with a name; the columns ``left`` are words, others numbers."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    for place, row in enumerate(rows):
        if place == 1 or (place > 1 and row[0]):
            yield rule
        cells = (pad(text, widths[column], right=column not in left) for column, text in enumerate(row))
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
