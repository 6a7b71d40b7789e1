"""The composite: the rubric's worked checks, and laws that hold for any grades."""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.domain.grade import Composite, Grade
from judge.panel.composite import ceilings, compose, gate_grade, ranking_key
from judge.panel.votes import GateDecision

_spec = importlib.util.spec_from_file_location("small_rubric", Path(__file__).with_name("small_rubric.py"))
small = importlib.util.module_from_spec(_spec)
sys.modules["small_rubric"] = small
_spec.loader.exec_module(small)


def grade(dimension, said):
    """Return a grade: a level, ``na``, or None for one without a quorum."""
    status = "not_applicable" if said == "na" else "no_quorum" if said is None else "scored"
    level = float(said) if status == "scored" else None
    return Grade("r1", dimension, status, level, level, level, level, 1, 0, 0.0, None)


def decision(gate, tier, severity=3, *, applied=True, missed=False):
    return GateDecision(gate, applied, tier, severity, 3, 2, False, not applied, is_diagnosis_missed=missed)


def composed(said, *decisions, task="EBK"):
    grades = [gate_grade(grade(d, said.get(d, "na")), ceilings(small.RUBRIC, decisions, d)) for d in small.DIMENSIONS]
    return compose(small.RUBRIC, small.case(task), "r1", grades, decisions)


BARE = {"DA": 5, "CO": 5}
WITH_MECHANISM = {"DA": 4, "KI": 4, "GH": 5, "CO": 4}


@pytest.mark.parametrize(
    ("task", "said", "expected"),
    [
        ("EBK", BARE, 100.0),  # 45/45
        ("EBK", {"DA": 2, "CO": 5}, 100 * 15 / 45),  # opposite fact: 40·¼ + 5 of 45 = 33.3
        ("EBK", WITH_MECHANISM, 100 * 57.5 / 75),  # 30 + 18.75 + 5 + 3.75 = 57.5 of 75 = 76.7
        ("EBK", {**WITH_MECHANISM, "CR": 3}, 100 * 65 / 90),  # + 15·½ = 65 of 90 = 72.2
        ("PRTK", {"DA": 5, "KI": 4, "GH": 5, "CO": 4}, 100 * 65 / 75),  # 30 + 15 + 5 + 15 = 65 of 75 = 86.7
        ("PRTK", {"DA": 5, "KI": 5, "GH": 5, "CO": 5}, 100.0),  # 75/75
    ],
)
def test_the_worked_checks_of_the_rubric_hold(task, said, expected):
    found = composed(said, task=task)
    assert found.score == pytest.approx(expected)
    assert found.score_uncapped == pytest.approx(expected)
    assert (found.cap, found.weight_scored, found.status) == (None, 1.0, "scored")
    assert found.score == found.score_low == found.score_high


def test_an_omission_with_the_diagnosis_missed_is_capped_at_40():
    # DA 2, SH 2: 10 + 18.75 + 2.5 + 5 + 3.75 = 40 of 85 = 47.1, then the cap
    found = composed(WITH_MECHANISM, decision("miss", "omission", missed=True))
    assert found.score == 40.0
    assert found.score_uncapped == pytest.approx(100 * 57.5 / 75)
    assert (found.cap, found.gates, found.worst_tier) == (40.0, ("miss",), "omission")
    without_cap = small.RUBRIC.tier_rules["omission"].ceilings
    assert without_cap == {"SH": 2.0}


def test_ceilings_alone_give_the_worked_shares():
    omission = decision("miss", "omission", missed=True)
    commission = decision("act", "commission")
    assert gated_levels(WITH_MECHANISM, omission) == {"DA": 2, "CR": None, "KI": 4, "SH": 2, "GH": 5, "CO": 4}
    assert share(gated_levels(WITH_MECHANISM, omission)) == pytest.approx(100 * 40 / 85)  # 47.1
    assert share(gated_levels(WITH_MECHANISM, commission)) == pytest.approx(100 * 57.5 / 85)  # 67.6


def gated_levels(said, *decisions):
    return {
        d: gate_grade(grade(d, said.get(d, "na")), ceilings(small.RUBRIC, decisions, d)).level_gated
        for d in small.DIMENSIONS
    }


def share(levels):
    weights = small.RUBRIC.tasks["EBK"].weights
    scored = {d: level for d, level in levels.items() if level is not None}
    return 100 * sum(weights[d] * (level - 1) / 4 for d, level in scored.items()) / sum(weights[d] for d in scored)


def test_a_commission_with_the_diagnosis_right_is_capped_at_20():
    found = composed(WITH_MECHANISM, decision("act", "commission"))
    assert (found.score, found.cap) == (20.0, 20.0)


def test_a_gate_scores_a_dimension_that_did_not_apply_and_leaves_its_level_empty():
    gated = gate_grade(grade("SH", "na"), {"act": 1.0})
    assert (gated.status, gated.level, gated.level_gated, gated.gates) == ("scored", None, 1.0, ("act",))
    assert gated.flags == ("na_overridden",)


def test_a_gate_scores_nothing_that_the_panel_failed_to_score():
    gated = gate_grade(grade("SH", None), {"act": 1.0})
    assert (gated.status, gated.level_gated, gated.gates) == ("no_quorum", None, ())


def test_a_grade_lists_the_gates_that_lowered_it_alone():
    assert gate_grade(grade("SH", 5), {"act": 1.0, "miss": 2.0}).gates == ("act",)
    assert gate_grade(grade("SH", 1), {"miss": 2.0}).gates == ()


def test_a_pending_gate_neither_caps_nor_lowers():
    found = composed(WITH_MECHANISM, decision("act", "commission", applied=False))
    assert found.score == pytest.approx(100 * 57.5 / 75)
    assert (found.gates, found.gates_pending, found.cap, found.worst_severity) == ((), ("act",), None, 0)


def test_the_smallest_cap_holds():
    found = composed(BARE, decision("forge", "fabrication", 2), decision("twist", "contradiction", 2))
    assert found.score == 50.0
    assert found.worst_tier == "contradiction"


def test_without_the_first_core_dimension_there_is_no_score():
    found = composed({"DA": None, "CR": 5, "KI": 5, "SH": 5, "GH": 5, "CO": 5})
    assert (found.status, found.score, found.score_uncapped) == ("no_quorum", None, None)
    assert found.weight_scored == pytest.approx(0.6)
    assert (found.score_low, found.score_high) == (pytest.approx(60.0), pytest.approx(100.0))


@pytest.mark.parametrize(("missing", "is_scored"), [(("CR", "KI"), True), (("CR", "KI", "GH"), False)])
def test_a_score_needs_60_per_cent_of_the_applicable_weight(missing, is_scored):
    # EBK: DA 40 + SH 10 + GH 5 + CO 5 = 60 of 100; without GH 55
    found = composed({d: None if d in missing else 4 for d in small.DIMENSIONS})
    assert (found.score is not None) is is_scored


def test_a_blank_answer_has_its_status_and_the_widest_bounds():
    grades = [Grade("r1", d, "empty", None, None, 1.0, 5.0, 0, 1, None, None) for d in small.DIMENSIONS]
    found = compose(small.RUBRIC, small.case(), "r1", grades, ())
    assert (found.status, found.score, found.score_low, found.score_high) == ("empty", None, 0.0, 100.0)
    assert found.weight_scored == 0.0


def test_where_nothing_applies_there_is_nothing_to_score():
    found = composed({})
    assert (found.status, found.score, found.score_low, found.score_high) == ("not_applicable", None, None, None)
    capped = composed({}, decision("twist", "contradiction", 2))
    assert (capped.cap, capped.score_low, capped.score_high) == (50.0, None, None)


def test_the_core_mean_is_plain_and_says_how_many():
    found = composed({"DA": 5, "KI": 2, "CO": 1})
    assert (found.core_mean, found.n_core) == (3.5, 2)


def key(score, severity=0, tier=None):
    return ranking_key(
        Composite("r", "scored", score, score, None, 1.0, score, score, worst_severity=severity, worst_tier=tier)
    )


def test_answers_rank_by_severity_then_tier_then_score():
    best_first = [
        key(50),
        key(45, 0, "contradiction"),  # the gate has no severity: its cap alone counts
        key(10),
        key(60, 2, "fabrication"),
        key(40, 2, "omission"),
        key(20, 2, "commission"),
        key(40, 3, "omission"),
        key(39, 3, "omission"),
        key(20, 3, "commission"),
        ranking_key(Composite("r", "no_quorum", None, None, None, 0.0, 0.0, 100.0)),
    ]
    assert best_first == sorted(best_first)
    assert len(set(best_first)) == len(best_first)


def test_a_missing_dimension_that_a_gate_holds_down_does_not_pay():
    # EBK, SH missing under a ceiling of 1: at best (40·0 + 15·0 + 10·0 + 5·0 + 5·¼)/75 = 1.67, not 1.25/65 = 1.92
    found = composed({"DA": 1, "CR": 1, "SH": None, "GH": 1, "CO": 2}, decision("act", "commission"))
    assert found.score == found.score_high == pytest.approx(100 * 1.25 / 75)


SAID = st.fixed_dictionaries(
    {d: st.one_of(st.sampled_from(small.LEVELS), st.just("na"), st.none()) for d in small.DIMENSIONS}
)
DECISIONS = st.lists(
    st.sampled_from(
        [
            decision("miss", "omission", missed=True),
            decision("miss", "omission"),
            decision("act", "commission", missed=True),
            decision("mild", "commission", 2),
            decision("twist", "contradiction", 2),
            decision("forge", "fabrication", 2),
        ]
    ),
    max_size=3,
    unique_by=lambda d: d.gate_id,
)


@given(SAID, DECISIONS)
def test_the_score_lies_within_its_bounds_and_gates_and_caps_never_raise_it(said, decisions):
    free, gated = composed(said), composed(said, *decisions)
    for found in (free, gated):
        if found.score is not None:
            assert found.score_low <= found.score <= found.score_high
            assert found.score_uncapped is None or found.score <= found.score_uncapped
            assert 0 <= found.score <= 100
    if free.score is not None and gated.score is not None:
        assert gated.score <= free.score
        assert gated.score_uncapped == free.score_uncapped


@given(SAID, DECISIONS, st.sampled_from(small.LEVELS))
def test_abstaining_never_pays(said, decisions, level):
    """What a missing dimension might have scored is inside the bounds, so a worst case is never above the truth."""
    partial = composed(said, *decisions)
    complete = composed({d: level if value is None else value for d, value in said.items()}, *decisions)
    if complete.score is not None:
        assert partial.score_low <= complete.score + 1e-9
        assert complete.score <= partial.score_high + 1e-9


@given(SAID, DECISIONS, st.sampled_from(small.DIMENSIONS))
def test_a_better_level_never_lowers_the_score(said, decisions, dimension):
    if said[dimension] in ("na", None) or said[dimension] == 5.0:
        return
    worse, better = composed(said, *decisions), composed({**said, dimension: said[dimension] + 1}, *decisions)
    if worse.score is not None:
        assert better.score >= worse.score - 1e-9
