"""Corrected means on a card: beside the raw ones, with what they rest on, and what is not corrected."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from judge.api.calibrating.provenance import CLAIMS
from judge.api.sampling.openings import no_longer_fresh
from judge.calibration.floors import mean_floor
from judge.report.card import build_card
from judge.report.figures import dot_plot
from judge.report.html import render_html
from judge.report.json import render_json
from judge.report.markdown import render_markdown
from judge.report.reasons import reason_of, say_reason
from judge.report.table import render_table
from judge.report.tables import join_runs
from judge.report.words import LANGUAGES, Words

GOLDEN = Path(__file__).with_name("golden")
RENDERINGS = (render_html, render_markdown, render_table)


@pytest.fixture(scope="module")
def document(synthetic):
    return synthetic.calibration_document()


@pytest.fixture(scope="module")
def calibrated(run, document):
    return replace(run, calibration=document)


@pytest.fixture(scope="module")
def corrected(calibrated):
    return build_card(calibrated, language="en")


def notices(card):
    return {notice.code: notice.text for notice in card.notices}


def score(card, model, dimension):
    return next(s for s in card.scores_of(dimension) if s.model == model)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corrected_card_is_the_golden_one(calibrated, language):
    text = render_markdown(build_card(calibrated, language=language))
    path = GOLDEN / f"card_calibrated_{language}.md"
    if os.environ.get("JUDGE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_corrected_mean_stands_beside_the_raw_one(card, corrected):
    found = score(corrected, "synthetic-strong", "accuracy")
    assert (found.corrected.value, found.corrected.ci_low, found.corrected.ci_high) == (4.5, 4.25, 4.75)
    assert (found.corrected.n_graded, found.corrected.n_cases, found.corrected.raw) == (31, 11, 3.5)
    assert found.mean == score(card, "synthetic-strong", "accuracy").mean


def test_what_has_no_corrected_mean_says_why(corrected):
    found = score(corrected, "synthetic-weak", "accuracy")
    assert (found.corrected.value, found.corrected.ci_low) == (None, None)
    assert notices(corrected)["no_corrected_mean"] == (
        "No corrected mean: fewer than 5 graded answers of the model: synthetic-weak (AC)."
    )


def test_means_of_physicians_alone_are_not_called_corrected_panel(corrected):
    assert notices(corrected)["physicians_mean"] == (
        "Physicians' own mean, the panel's levels take no part: "
        "fewer than 30 graded answers in the dimension: synthetic-strong (ST)."
    )


def test_the_notice_counts_what_is_corrected_and_names_what_is_not(corrected):
    said = notices(corrected)
    assert said["calibrated"].startswith("Corrected towards physicians' grades: mean levels in 3 of 12 pairs")
    assert "composites" in said["calibrated"]
    assert {"not_calibrated", "compared", "calibration_simulated", "calibration_asserted"}.isdisjoint(said)
    assert said["single_grades"].endswith("are corrected in: Accuracy. Not in: Reasoning, Safety, Style.")


def test_composites_are_never_corrected(corrected):
    assert all(model.composite.corrected is None for model in corrected.models)


def test_a_difference_is_turned_to_the_order_of_the_card(corrected):
    found = next(
        d
        for d in corrected.differences
        if (d.model, d.other, d.dimension) == ("synthetic-strong", "synthetic-middle", "accuracy")
    )
    assert (found.corrected.value, found.corrected.ci_low, found.corrected.ci_high) == (1.5, 1.25, 2.0)
    assert found.corrected.method == "ppi++"


def test_languages_have_their_own_corrected_means_and_tasks_have_none(corrected):
    found = {
        (group.kind, group.value, group.model): s.corrected.value
        for group in corrected.groups
        for s in group.scores
        if s.corrected is not None
    }
    assert found == {("language", "en", "synthetic-strong"): 4.25}


@pytest.mark.parametrize("render", RENDERINGS)
def test_every_rendering_shows_the_corrected_mean_with_interval_and_count(corrected, render):
    text = render(corrected)
    for part in ("4.50", "[4.25, 4.75]", "31", "corrected panel (PPI++)", "graded answers of this model: 4"):
        assert part in text, part


@pytest.mark.parametrize("render", RENDERINGS)
def test_no_rendering_says_that_nothing_is_corrected(corrected, render):
    text = render(corrected)
    assert "no physician has checked" not in text
    assert "nothing has been corrected" not in text


def test_the_figure_has_the_corrected_mean_as_its_dot_and_the_raw_one_as_a_light_mark(corrected):
    plot = dot_plot("t", corrected.scale("accuracy"), corrected.scores_of("accuracy"), digits=2, is_corrected=True)
    by_model = {dot.full: dot for dot in plot.dots}

    def place(value):
        return pytest.approx(plot.left + (value - 1) / 4 * (plot.right - plot.left), abs=0.1)

    strong, weak = by_model["synthetic-strong"], by_model["synthetic-weak"]
    assert (strong.x, strong.raw_x, strong.value) == (place(4.5), place(3.5), "4.50")
    assert (weak.x, weak.ci, weak.raw_x, weak.value) == (None, None, place(3.5), "–")
    assert 'class="raw"' in render_html(corrected)


def test_rates_of_gates_are_shares_with_bounds(corrected):
    text = render_markdown(corrected)
    assert "| X1 | synthetic-weak | 8.0 % | [1.0 %, 22.0 %] | 31 | 11 | 25.0 % |" in text
    assert "Rates of gates without a corrected value: 1 of 2" in text


@pytest.mark.parametrize("render", RENDERINGS[:2])
def test_pass_rates_stand_with_their_level_and_interval_and_the_reason_where_there_is_none(corrected, render):
    text = render(corrected)
    for part in ("≥ 4", "65.0 %", "[40.0 %, 85.0 %]", "75.0 %", "12.5 %", "at least the one named"):
        assert part in text, part
    assert (
        "| Accuracy | synthetic-weak | ≥ 4 | – | – | 4 | 4 | 12.5 % | graded answers of this model: 4"
        in render_markdown(corrected)
    )


def test_a_pass_rate_of_a_part_of_the_answers_or_of_all_of_them_says_so(run, document):
    said = "answered on 16 of 18 graded answers: which ones was not left to chance"
    means = [{**entry, "warnings": [said], "variant": "whole run"} for entry in document["means"]]
    part = build_card(replace(run, calibration={**document, "means": means}), language="en")
    for render in RENDERINGS[:2]:
        text = render(part).replace("&#39;", "'")
        assert f"physicians' own rate, every answer graded; {said}" in text
    text = render_markdown(build_card(replace(run, calibration={**document, "means": means}), language="zh"))
    assert "每份回答都已评分; 18 份评过的回答中只有 16 份作答" in text


def test_pass_rates_are_no_rates_of_gates(corrected):
    assert {rate.dimension for rate in corrected.calibration.passes} == {"accuracy"}
    assert {rate.gate for rate in corrected.calibration.rates} == {"X1"}
    assert [rate["level"] for rate in json.loads(render_json(corrected))["calibration"]["passes"]] == [4.0, 4.0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_of_exactly_these_answers_are_told_from_those_of_the_models(run, document, language):
    finite = {**document, "finite_population": True, "claim": CLAIMS["these answers"]}
    made = build_card(replace(run, calibration=finite), language=language)
    said = {"en": ("not of the models in general", "exactly these answers"), "zh": ("有限总体校正", "仅这些回答")}[
        language
    ]
    assert said[0] in notices(made)["finite_population"]
    for render in RENDERINGS:
        assert notices(made)["finite_population"].split(":")[0] in render(made)
    assert said[1] in render_markdown(made)
    assert "finite_population" not in notices(build_card(replace(run, calibration=document), language=language))


@pytest.mark.parametrize("sentence", [*CLAIMS.values(), no_longer_fresh(1), no_longer_fresh(4)])
def test_claims_and_stale_splits_have_words_in_both_languages(sentence):
    assert reason_of(sentence).code is not None
    assert say_reason(sentence, Words.of("zh")) != say_reason(sentence, Words.of("en"))


def test_a_calibration_from_before_claims_were_written_is_shown_without_one(run, document):
    older = {name: value for name, value in document.items() if name not in ("claim", "finite_population")}
    made = build_card(replace(run, calibration=older), language="en")
    assert made.calibration.claim is None
    assert "speak of" not in render_markdown(made)


def test_the_basis_is_told(corrected):
    text = render_markdown(corrected)
    for line in (
        "- physicians: doctor-a, doctor-b",
        "- graded: 40 answers of 12 cases",
        "- which answers were graded: the chances of the drawn set, the largest 2.50 times the smallest",
        "- fitted on: the tune split; the test split only reports",
        "- notes: something that no card has words for",
        "| Accuracy | corrected: isotonic (cross-fitted) | 0.90 → 0.50 | 40 |",
    ):
        assert line in text, line


def test_simulated_physicians_are_named_as_such(run, synthetic, document):
    physicians = {**document["physicians"], "raters": ["robot"], "simulated": ["robot"]}
    made = build_card(replace(run, calibration={**document, "physicians": physicians}), language="en")
    assert notices(made)["calibration_simulated"].startswith("The physicians are simulated, not people (robot)")
    assert "calibration_one_physician" in notices(made)
    for render in RENDERINGS[:2]:
        assert "robot (simulated, not people)" in render(made)
    assert "simulated, not people (robot)" in render_table(made)


def test_asserted_chances_are_told(run, document):
    split = {"set": None, "chances": "equal, as asserted", "fitted_on": "all graded cases, cross-fitted by case"}
    assert "calibration_asserted" in notices(build_card(replace(run, calibration={**document, "split": split})))


def test_a_calibration_of_another_run_leaves_the_means_raw(run, document):
    elsewhere = {**document, "means": [], "means_by_language": [], "differences": []}
    made = build_card(replace(run, calibration=elsewhere), language="en")
    assert not made.is_corrected
    assert {"calibrated_elsewhere", "single_grades"} <= set(notices(made))
    assert {"calibrated", "not_calibrated"}.isdisjoint(notices(made))
    assert "raw panel levels, not corrected" in render_markdown(made)
    render_html(made)


def test_a_card_of_several_runs_says_that_their_corrections_are_elsewhere(run, calibrated):
    made = build_card(join_runs([run, replace(calibrated, name="other")]), language="en")
    assert made.calibration is None
    assert "calibrations_left_out" in notices(made)
    assert "not_calibrated" not in notices(made)


def test_the_document_for_programs_holds_it_all(corrected):
    found = json.loads(render_json(corrected))
    weak = next(s for s in found["scores"] if (s["model"], s["dimension"]) == ("synthetic-weak", "accuracy"))
    assert weak["corrected"]["reason"] == "4 graded answers of this model, fewer than 5: no mean"
    assert found["calibration"]["physicians"] == ["doctor-a", "doctor-b"]
    assert found["calibration"]["rates"][0]["gate"] == "X1"


def test_the_chinese_card_holds_no_english_reason(calibrated):
    made = build_card(calibrated, language="zh")
    for render in RENDERINGS:
        text = render(made)
        assert "graded answers" not in text
        assert "该模型仅 4 份回答有医生评分，少于 5" in text


@pytest.mark.parametrize(("cell", "model"), [(9, 9), (60, 4), (20, 12), (60, 7)])
def test_every_reason_of_the_floors_has_words_in_both_languages(cell, model):
    reason = mean_floor(cell, model).reason
    assert reason_of(reason).code is not None
    assert say_reason(reason, Words.of("en")) != say_reason(reason, Words.of("zh"))


def test_a_reason_without_words_is_shown_as_it_is():
    assert say_reason("something new", Words.of("zh")) == "something new"


def test_texts_of_a_calibration_are_no_markup(run, document):
    hostile = {**document, "warnings": ["<script>x</script>"], "method": "<b>" + chr(0x202E)}
    text = render_html(build_card(replace(run, calibration=hostile), language="en"))
    assert "<script>" not in text
    assert chr(0x202E) not in text
    assert "&lt;script&gt;x" in text
