"""The geometry of a card's figures: numbers become places, the template only draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from judge.report.numbers import number, percent
from judge.report.parts import Model, Scale, Score
from judge.report.text import shorten
from judge.report.text import width as columns_of
from judge.report.words import Words

_ROW = 24
_TOP = 6
_AXIS = 24
_LABEL_COLUMNS = 25
_COLUMN = 7.2
"""Width of a column of label text, in the figure's units."""
SHADES = 5
_Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One model's mean with interval and bounds; an x of None is not drawn."""

    label: str
    full: str
    y: float
    x: float | None
    ci: tuple[float, float] | None
    bounds: tuple[float, float] | None
    value: str
    raw_x: float | None = None
    """Where the raw mean lies beside a corrected one."""


@dataclass(frozen=True, slots=True)
class DotPlot:
    """Means of all models on one scale."""

    id: str
    title: str
    width: float
    height: float
    left: float
    right: float
    bottom: float
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a stacked bar."""

    x: float
    width: float
    kind: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One model's stacked bar."""

    label: str
    full: str
    y: float
    segments: tuple[Segment, ...]
    note: str


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Stacked bars of all models."""

    id: str
    title: str
    width: float
    height: float
    left: float
    right: float
    bars: tuple[Bar, ...]


def dot_plot(
    title: str, scale: Scale, scores: Sequence[Score], *, digits: int, width: float = 380, is_corrected: bool = False
) -> DotPlot:
    """Return the means of one dimension, or the composites, on the whole scale.

    With ``is_corrected`` the corrected means stand there, and the raw ones are light marks beside them.
    """
    left, right = _left([score.model for score in scores]), width - 48
    span = scale.highest - scale.lowest

    def place(value: float) -> float:
        return round(left + (value - scale.lowest) / span * (right - left), 1)

    bottom = _TOP + _ROW * len(scores)
    return DotPlot(
        id=f"dots-{_slug(scale.id)}",
        title=title,
        width=width,
        height=bottom + _AXIS,
        left=left,
        right=right,
        bottom=bottom,
        ticks=tuple(Tick(place(value), f"{value:g}") for value in _tick_values(scale)),
        dots=tuple(
            (_corrected_dot if is_corrected else _raw_dot)(score, _TOP + _ROW * (row + 0.5), place, digits)
            for row, score in enumerate(scores)
        ),
    )


def _raw_dot(score: Score, y: float, place: _Place, digits: int) -> Dot:
    return Dot(
        label=shorten(score.model, _LABEL_COLUMNS),
        full=score.model,
        y=y,
        x=None if score.mean.value is None else place(score.mean.value),
        ci=_pair(score.mean.ci_low, score.mean.ci_high, place),
        bounds=_pair(score.worst, score.best, place) if score.n_answers else None,
        value=number(score.mean.value, digits),
    )


def _corrected_dot(score: Score, y: float, place: _Place, digits: int) -> Dot:
    found = score.corrected
    value, raw = (None, None) if found is None else (found.value, found.raw)
    return Dot(
        label=shorten(score.model, _LABEL_COLUMNS),
        full=score.model,
        y=y,
        x=None if value is None else place(value),
        ci=None if found is None else _pair(found.ci_low, found.ci_high, place),
        bounds=None,
        value=number(value, digits),
        raw_x=None if raw is None else place(raw),
    )


def level_plot(title: str, scale: Scale, scores: Sequence[Score], *, width: float = 380) -> BarPlot:
    """Return how each model's answers spread over the levels of one dimension."""
    return _bar_plot(
        f"levels-{_slug(scale.id)}",
        title,
        [
            (
                score.model,
                [
                    (_shade(level, scale), f"{level:g}", count, f"{level:g}: {count}")
                    for level, count in score.distribution
                ],
                sum(count for _, count in score.distribution),
                f"n {score.n_scored}",
            )
            for score in scores
        ],
        width=width,
    )


def gate_plot(title: str, models: Sequence[Model], words: Words, *, width: float = 560) -> BarPlot:
    """Return the share of each model's answers that a confirmed gate holds, by tier, and that only wait."""
    rows = []
    for model in models:
        counts = [(tier, model.by_tier[tier]) for tier in model.by_tier]
        pieces = [
            (tier, str(n), n, f"{words.named('tier', tier)}: {n}")
            for tier, n in (*counts, ("pending", model.n_pending))
            if n
        ]
        held = model.n_confirmed + model.n_pending
        rows.append((model.name, pieces, model.n_answers, f"{percent(held, model.n_answers)} %"))
    return _bar_plot("gates", title, rows, width=width)


_Row = tuple[str, list[tuple[str, str, int, str]], int, str]


def _bar_plot(plot_id: str, title: str, rows: Sequence[_Row], *, width: float) -> BarPlot:
    left, right = _left([row[0] for row in rows]), width - 48
    bars = []
    for row, (label, pieces, total, note) in enumerate(rows):
        x, segments = left, []
        for kind, text, count, tip in pieces:
            piece = count / total * (right - left) if total else 0.0
            shown = text if piece >= 8 + 7 * len(text) else ""
            segments.append(Segment(round(x, 1), round(max(piece - 1, 0.5), 1), kind, shown, tip))
            x += piece
        bars.append(Bar(shorten(label, _LABEL_COLUMNS), label, _TOP + _ROW * (row + 0.5), tuple(segments), note))
    return BarPlot(plot_id, title, width, _TOP * 2 + _ROW * len(rows), left, right, tuple(bars))


def _left(labels: Sequence[str]) -> float:
    """Return where the axis begins, so that the longest label fits before it."""
    longest = max((columns_of(shorten(label, _LABEL_COLUMNS)) for label in labels), default=0)
    return max(round(longest * _COLUMN) + 18.0, 90.0)


def _shade(level: float, scale: Scale) -> str:
    share = (level - scale.lowest) / (scale.highest - scale.lowest)
    return f"shade{min(int(share * SHADES), SHADES - 1) + 1}"


def _pair(low: float | None, high: float | None, place: _Place) -> tuple[float, float] | None:
    return None if low is None or high is None else (place(low), place(high))


def _tick_values(scale: Scale) -> tuple[float, ...]:
    if scale.levels and len(scale.levels) <= 6:
        return scale.levels
    return tuple(scale.lowest + (scale.highest - scale.lowest) * step / 5 for step in range(6))


def _slug(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name)
