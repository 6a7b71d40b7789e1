"""Numbers become places on the axis."""

import pytest

from judge.report.figures import dot_plot, gate_plot, level_plot
from judge.report.words import Words


def test_a_dot_stands_where_its_mean_is_on_the_scale(card):
    scale = card.scale("accuracy")
    plot = dot_plot("t", scale, card.scores_of("accuracy"), digits=2)
    for dot, score in zip(plot.dots, card.scores_of("accuracy"), strict=True):
        share = (dot.x - plot.left) / (plot.right - plot.left)
        assert share == pytest.approx((score.mean.value - 1) / 4, abs=0.001)
        assert dot.ci[0] <= dot.x <= dot.ci[1]
        assert dot.bounds[0] <= dot.x <= dot.bounds[1]
    assert [tick.text for tick in plot.ticks] == ["1", "2", "3", "4", "5"]


def test_what_has_no_mean_has_no_dot(synthetic):
    from judge.report.card import build_card

    run = synthetic.synthetic_run(n_cases=1)
    card = build_card(run, language="en")
    plot = dot_plot("t", card.scale("reasoning"), card.scores_of("reasoning"), digits=2)
    assert [(dot.x, dot.ci, dot.value) for dot in plot.dots] == [(None, None, "–")] * 3


def test_the_pieces_of_a_bar_share_it_by_count(card):
    plot = level_plot("t", card.scale("style"), card.scores_of("style"))
    for bar, score in zip(plot.bars, card.scores_of("style"), strict=True):
        n = sum(count for _, count in score.distribution)
        for piece, (_, count) in zip(bar.segments, score.distribution, strict=True):
            assert piece.width == pytest.approx(count / n * (plot.right - plot.left) - 1, abs=0.11)
        assert bar.segments[0].x == plot.left
        assert bar.segments[-1].x + bar.segments[-1].width <= plot.right


def test_levels_are_shaded_from_worst_to_best(card):
    plot = level_plot("t", card.scale("style"), card.scores_of("style"))
    kinds = {piece.text: piece.kind for bar in plot.bars for piece in bar.segments if piece.text}
    assert kinds["5"] == "shade5"
    assert kinds["2"] == "shade2"


def test_gates_are_shares_of_all_answers(card):
    plot = gate_plot("t", card.models, Words.of("en"))
    weak = plot.bars[2]
    assert [(piece.kind, piece.text) for piece in weak.segments] == [("commission", "2"), ("pending", "1")]
    assert weak.segments[0].width == pytest.approx(2 / 12 * (plot.right - plot.left) - 1, abs=0.1)
    assert weak.note == "25 %"
    assert plot.bars[0].segments == ()
