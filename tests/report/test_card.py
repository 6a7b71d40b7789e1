"""What a card holds, checked against the rows it was made from."""

import re
from dataclasses import replace

import pytest

from judge.report.card import build_card
from judge.report.html import render_html
from judge.report.markdown import render_markdown
from judge.report.table import render_table
from judge.report.tables import grade_rows


def codes(card, weight=None):
    return [notice.code for notice in card.notices if weight in (None, notice.weight)]


def changed(run, **columns):
    """Return the run with columns of its grades made anew by functions of a row."""
    rows = list(grade_rows(run))
    return replace(run, grades={**run.grades, **{name: [make(row) for row in rows] for name, make in columns.items()}})


def test_models_stand_best_first(card):
    assert [model.name for model in card.models] == ["synthetic-strong", "synthetic-middle", "synthetic-weak"]


def test_a_mean_is_that_of_the_rows(run, card):
    levels = [r.level for r in grade_rows(run) if r.model == "synthetic-weak" and r.dimension == "style"]
    scored = [level for level in levels if level is not None]
    score = next(s for s in card.scores_of("style") if s.model == "synthetic-weak")
    assert score.mean.value == pytest.approx(sum(scored) / len(scored))
    assert (score.n_scored, score.n_answers) == (len(scored), 12)


def test_what_is_missing_is_counted_by_reason_and_bounded(card):
    middle = next(s for s in card.scores_of("accuracy") if s.model == "synthetic-middle")
    weak = next(s for s in card.scores_of("accuracy") if s.model == "synthetic-weak")
    assert (dict(middle.unscored), dict(weak.unscored)) == ({"no_quorum": 1}, {"empty": 1})
    for score in (middle, weak):
        assert score.worst < score.mean.value < score.best
    # weak: eleven scored answers keep their own bounds, the blank one is 1 or 5
    assert weak.best - weak.worst >= 4 / 12


def test_not_applicable_is_outside_n_and_bounds(card):
    score = next(s for s in card.scores_of("reasoning") if s.model == "synthetic-strong")
    assert (score.n_not_applicable, score.n_scored, score.n_unscored) == (3, 9, 0)
    assert score.worst == score.best == score.mean.value


def test_capped_and_uncapped_composites_both_stand(card):
    weak = card.models[2].composite
    assert weak.mean.value < weak.other.value
    assert card.models[0].composite.mean.value == card.models[0].composite.other.value


def test_gates_are_counted_by_model_and_tier(card):
    weak = card.models[2]
    assert (weak.n_confirmed, weak.n_pending, dict(weak.by_tier)) == (2, 1, {"commission": 2})
    by_gate = {gate.gate: gate for gate in card.gates}
    assert by_gate["X1"].confirmed["synthetic-weak"] == 2
    assert by_gate["X2"].pending["synthetic-weak"] == 1
    assert by_gate["X1"].name == "forbidden act"


def test_answers_to_check_are_the_worst_with_their_words(card):
    assert card.answers.n_all == 3
    first, *_, last = card.answers.shown
    assert (first.gates, first.cap) == (("X1",), 20.0)
    assert {(c.judge, c.quote) for c in first.cited} == {
        ("north", "give the forbidden drug"),
        ("south", "give the forbidden drug"),
    }
    assert (last.gates, last.gates_pending) == ((), ("X2",))


def test_differences_pair_the_cases(run, card):
    found = next(
        d
        for d in card.differences
        if (d.model, d.other, d.dimension) == ("synthetic-strong", "synthetic-weak", "style")
    )
    level = {(r.model, r.case_id): r.level for r in grade_rows(run) if r.dimension == "style" and r.level is not None}
    cases = {c for m, c in level if m == "synthetic-weak"} & {c for m, c in level if m == "synthetic-strong"}
    pairs = [level["synthetic-strong", c] - level["synthetic-weak", c] for c in cases]
    assert found.estimate.value == pytest.approx(sum(pairs) / len(pairs))
    assert found.estimate.n_cases == len(cases) == 11


def test_groups_add_up(card):
    for kind in ("task", "language"):
        groups = [group for group in card.groups if group.kind == kind]
        assert sum(group.n_answers for group in groups) == card.n_answers
    assert {g.value for g in card.groups if g.kind == "language"} == {"en", "zh"}


def test_a_single_task_makes_no_table(run):
    assert not [g for g in build_card(changed(run, task=lambda _: "FACT")).groups if g.kind == "task"]


def test_judges_are_counted_from_their_verdicts(run, card):
    north = next(judge for judge in card.judges if judge.judge == "north")
    statuses = [s for judge, s in zip(run.verdicts["judge"], run.verdicts["status"], strict=True) if judge == "north"]
    assert north.n_scored == statuses.count("scored")
    assert dict(north.unscored) == {"empty": 4, "timeout": 12, "unparsable": 4}
    assert north.n_scored + north.n_not_applicable + sum(north.unscored.values()) == len(statuses)
    south = next(judge for judge in card.judges if judge.judge == "south")
    assert (south.n_quotes_missing, south.n_repeats, south.model, south.served) == (8, 2, "fake/south", ("south",))


def test_an_unknown_price_is_counted_and_not_summed(card):
    # 36 calls at .004, 72 without a price, 36 free ones
    assert card.cost.usd == pytest.approx(0.144)
    assert (card.cost.n_calls, card.cost.n_unknown) == (144, 72)
    assert card.cost.prompt_tokens == 108 * 1200


def test_the_first_thing_said_of_means_is_that_nobody_checked_them(card):
    assert codes(card)[0] == "not_calibrated"
    assert {"draft_rubric", "unscored", "pending", "few_cases"} <= set(codes(card, "warning"))
    assert {"injection", "reference", "unknown_price"} <= set(codes(card, "note"))


def test_an_offline_panel_says_first_that_it_is_a_baseline(synthetic):
    offline = synthetic.synthetic_run(judges=synthetic.JUDGES[2:])
    card = build_card(offline, language="en")
    assert card.is_baseline
    assert codes(card)[0] == "baseline"
    assert "one_judge" not in codes(card)


def test_a_single_judge_is_told(synthetic):
    card = build_card(synthetic.synthetic_run(judges=synthetic.JUDGES[:1]), language="en")
    assert "one_judge" in codes(card)
    assert not card.is_baseline


def test_simulated_answers_are_called_so(synthetic, run):
    by_meta = build_card(synthetic.synthetic_run(meta={"simulated": True}), language="en")
    by_manifest = build_card(replace(run, manifest={**run.manifest, "simulated": True}), language="en")
    by_caller = build_card(replace(run, is_simulated=True), language="en")
    for card in (by_meta, by_manifest, by_caller):
        assert card.is_simulated
        assert all(model.is_simulated for model in card.models)
        assert "simulated" in codes(card, "lead")
    assert not build_card(run, language="en").is_simulated


def test_only_the_model_whose_answers_say_so_is_simulated(run):
    meta = '{"simulated": true}'
    card = build_card(changed(run, meta=lambda r: meta if r.model == "synthetic-weak" else '{"simulated": false}'))
    assert [model.is_simulated for model in card.models] == [False, False, True]


def test_an_incomplete_run_says_so(run):
    stopped = replace(run, manifest={**run.manifest, "complete": False, "stopped": "the budget was reached"})
    card = build_card(stopped, language="en")
    assert "incomplete" in codes(card)
    assert card.runs[0].stopped == "the budget was reached"


def test_a_signed_rubric_has_no_draft_warning(run):
    from judge.domain.rubric import Signoff

    signed = replace(run, rubric=replace(run.rubric, signoff=Signoff("signed", by="a board", date="2026-01-01")))
    card = build_card(signed, language="en")
    assert "draft_rubric" not in codes(card)
    assert (card.rubric.signed_by, card.rubric.signed_on) == ("a board", "2026-01-01")


def test_a_comparison_with_physicians_changes_what_is_said(run):
    row = {
        "dimension": "accuracy",
        "group": "*",
        "comparison": "panel-physician",
        "statistic": "krippendorff_alpha",
        "variant": "interval",
        "value": 0.61,
        "ci_low": 0.4,
        "ci_high": 0.78,
        "n_items": 30,
        "undefined": None,
    }
    others = [{**row, "comparison": "judge-judge"}, {**row, "group": {"task": "FACT"}}, {**row, "statistic": "rare"}]
    agreement = {"results": [row, *others], "raters": [{"id": "p1", "simulated": True}]}
    card = build_card(replace(run, agreement=agreement), language="en")
    assert [(r.dimension, r.value) for r in card.agreement.rows] == [("accuracy", 0.61)]
    assert "compared" in codes(card)
    assert "not_calibrated" not in codes(card)
    assert "physicians_simulated" in codes(card)


def test_the_language_is_that_of_most_answers(run):
    assert build_card(run).language == "en"
    assert build_card(changed(run, language=lambda _: "zh-Hans")).language == "zh"
    assert build_card(changed(run, language=lambda _: "fr")).language == "en"
    assert build_card(changed(run, language=lambda _: None)).language == "en"


def test_one_case_has_means_without_intervals(synthetic):
    card = build_card(synthetic.synthetic_run(n_cases=1), language="en")
    assert {score.mean.no_interval for score in card.scores} <= {"one_case", None}
    assert all(score.mean.ci_low is None for score in card.scores)


def test_a_run_without_any_answer_still_makes_a_card(run):
    empty = {name: [] for name in run.grades}
    card = build_card(replace(run, grades=empty, verdicts={}, criteria={}, calls={}), language="en")
    assert (card.n_answers, card.models, card.differences) == (0, (), ())


def test_a_run_in_which_nothing_was_scored_has_no_mean_and_full_bounds(run):
    failed = changed(
        run,
        status=lambda _: "no_quorum",
        **{
            name: (lambda _: None)
            for name in (
                "level",
                "level_gated",
                "score",
                "score_uncapped",
                "level_missing_low",
                "level_missing_high",
                "score_low",
                "score_high",
            )
        },
    )
    card = build_card(failed, language="en")
    assert {score.mean.undefined for score in card.scores} == {"no_scored"}
    assert all((score.worst, score.best) == (1.0, 5.0) for score in card.scores)
    assert all((m.composite.worst, m.composite.best) == (0.0, 100.0) for m in card.models)


def test_composites_that_lack_a_dimension_are_told(run):
    assert "partial" not in codes(build_card(run, language="en"))
    lacking = changed(run, weight_scored=lambda r: 0.7 if r.response_id == "synthetic-strong/00" else r.weight_scored)
    card = build_card(lacking, language="en")
    assert next(n.text for n in card.notices if n.code == "partial").startswith(
        "Composites that lack a dimension which applies: 1 of 34."
    )


def _pair(*physicians, value=0.5):
    return {
        "dimension": "style",
        "comparison": "panel-physician",
        "raters": ["panel", *physicians],
        "statistic": "bias",
        "value": value,
    }


def test_the_mean_over_physicians_stands_for_the_pairs_it_is_made_of(run):
    rows = [_pair("a", value=0.1), _pair("b", value=0.3), _pair("a", "b", value=0.2)]
    card = build_card(replace(run, agreement={"results": rows}), language="en")
    assert [(row.value, row.physicians) for row in card.agreement.rows] == [(0.2, ("a", "b"))]


def test_a_single_physician_is_named(run):
    card = build_card(replace(run, agreement={"results": [_pair("a")]}), language="en")
    assert [(row.value, row.physicians) for row in card.agreement.rows] == [(0.5, ("a",))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_rubric_without_gates_is_never_said_to_have_any(synthetic, language):
    from judge.domain.rubric import Signoff

    rubric = replace(synthetic.RUBRIC, gates=(), tier_rules={}, signoff=Signoff("draft"))
    run = synthetic.synthetic_run(rubric=rubric, models=synthetic.MODELS[:1], judges=synthetic.JUDGES[:1])
    made = build_card(run, language=language)
    for render in (render_html, render_markdown, render_table):
        words = re.sub(r"<style>.*?</style>", "", render(made), flags=re.S).lower()
        for gate in ("gate", "ceiling", "门槛", "封顶", "0 of 0", "signed:"):
            assert gate not in words, (render.__name__, gate)
