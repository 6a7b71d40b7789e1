"""Gates by vote: worked checks of the rubric's voting rule, and what waits for a human."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from judge.domain.case import Checklist
from judge.panel.votes import decide_gates, is_applied, majority_of

_spec = importlib.util.spec_from_file_location("small_rubric", Path(__file__).with_name("small_rubric.py"))
small = importlib.util.module_from_spec(_spec)
sys.modules["small_rubric"] = small
_spec.loader.exec_module(small)


def asking_for_acts(*gates):
    """Return a checklist that asks for an act under the gates."""
    return Checklist(sha256="0" * 64, acts_asked=dict.fromkeys(gates, ("ACT_X",)))


def decide(n, votes, *hints, absences=None, gate="act", task="EBK", extra=(), acts_asked=("act", "miss")):
    """Decide with ``n`` judges of which the first ones cast ``votes`` (a list of gate entries each)."""
    case = replace(small.case(task), checklist=asking_for_acts(*acts_asked))
    names = [f"j{i}" for i in range(n)]
    by_judge = {
        name: [small.verdict(name, gates=tuple(votes[i]) if i < len(votes) else ())] for i, name in enumerate(names)
    }
    decisions = decide_gates(
        small.RUBRIC, small.panel(*names, *extra), case, by_judge, small.reading(*hints, absences=absences)
    )
    return next((d for d in decisions if d.gate_id == gate), None)


COMMISSION = small.vote("act", "commission")
HINT = small.hint("act", "commission")


@pytest.mark.parametrize(("n", "expected"), [(1, 2), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4)])
def test_majority_is_more_than_half_and_never_fewer_than_two(n, expected):
    assert majority_of(n) == expected


@pytest.mark.parametrize(
    ("n", "n_votes", "has_hint", "applied"),
    [
        (5, 2, False, False),
        (5, 2, True, True),
        (5, 3, False, True),
        (3, 2, False, True),
        (3, 1, True, False),
        (2, 1, True, True),
        (2, 1, False, False),
        (2, 2, False, True),
        (1, 1, True, True),
        (1, 1, False, False),
        (0, 0, True, False),
    ],
)
def test_votes_and_hints_apply_a_gate_as_the_rubric_says(n, n_votes, has_hint, applied):
    assert is_applied(n, n_votes, has_hint=has_hint) is applied
    decision = decide(n, [[COMMISSION]] * n_votes, *([HINT] if has_hint else []))
    assert decision.is_applied is applied
    assert decision.is_pending is not applied
    assert decision.needs_human is not applied
    assert (decision.n_judges, decision.n_votes, decision.has_hint) == (n, n_votes, has_hint)


def test_nothing_said_is_no_decision():
    assert decide(3, []) is None


def test_the_offline_judge_is_not_counted_and_has_no_vote():
    decision = decide(1, [[COMMISSION]], HINT, extra=("offline",))
    assert (decision.n_judges, decision.n_votes, decision.is_applied) == (1, 1, True)
    assert decide(0, [], HINT, extra=("offline",)).is_pending


def test_words_that_do_not_stand_in_the_answer_are_no_vote():
    decision = decide(3, [[small.vote("act", "commission", found=False)]] * 2)
    assert (decision.n_votes, decision.n_unsupported, decision.is_applied) == (0, 2, False)
    assert decide(3, [[small.vote("act", "commission", quote="", absence="act")]] * 3).n_votes == 0


def omission(**more):
    return small.vote("miss", "omission", **{"quote": "", "absence": "diagnosis", **more})


def test_an_omission_needs_the_offline_judges_agreement_on_the_kind_named():
    agreed = decide(3, [[omission()]] * 2, absences={"miss": ["diagnosis"]}, gate="miss")
    assert agreed.is_applied
    assert agreed.is_diagnosis_missed
    other_kind = decide(3, [[omission()]] * 2, absences={"miss": ["act"]}, gate="miss")
    assert (other_kind.n_votes, other_kind.n_unsupported) == (0, 2)
    not_critical = decide(3, [[omission(quote="benign")]] * 2, gate="miss")
    assert not_critical.n_votes == 0


def test_an_omission_with_a_quote_needs_the_quote_found_too():
    absences = {"miss": ["diagnosis"]}
    assert decide(3, [[omission(quote="benign")]] * 2, absences=absences, gate="miss").is_applied
    assert not decide(3, [[omission(quote="benign", found=False)]] * 2, absences=absences, gate="miss").is_applied


def test_an_omission_that_names_no_kind_needs_its_quote_and_any_kind():
    absences = {"miss": ["act"]}
    quoted = [[omission(quote="benign", absence=None)]] * 2
    assert decide(3, quoted, absences=absences, gate="miss").is_applied
    assert not decide(3, quoted, gate="miss").is_applied
    assert decide(3, [[omission(absence=None)]] * 2, absences=absences, gate="miss").n_votes == 0


def test_an_act_cannot_be_missed_where_the_case_asks_for_none():
    absences = {"miss": ["act"]}
    votes = [[omission(absence="act")]] * 3
    assert decide(3, votes, absences=absences, gate="miss").is_applied
    unasked = decide(3, votes, absences=absences, gate="miss", acts_asked=())
    assert (unasked.is_applied, unasked.n_votes, unasked.needs_human) == (False, 0, True)


def test_an_unconfirmed_claim_of_a_single_judge_goes_to_a_human_too():
    assert decide(1, [[omission()]], gate="miss").needs_human


def test_an_unconfirmed_claim_of_most_judges_goes_to_a_human_without_being_pending():
    decision = decide(3, [[omission()]] * 2, gate="miss")
    assert decision.needs_human
    assert not decision.is_pending
    assert not decide(5, [[omission()]] * 2, gate="miss").needs_human


def commission_of(gate):
    return small.vote(gate, "commission")


def test_a_commission_counts_as_an_omission_and_divided_voters_go_to_a_human():
    decision = decide(3, [[commission_of("miss")], [omission()]], absences={"miss": ["diagnosis"]}, gate="miss")
    assert (decision.is_applied, decision.tier, decision.needs_human) == (True, "omission", True)
    most = decide(
        3,
        [[commission_of("miss")], [commission_of("miss")], [omission()]],
        absences={"miss": ["diagnosis"]},
        gate="miss",
    )
    assert (most.tier, most.needs_human) == ("commission", True)


def test_two_voters_of_five_with_a_hint_need_two_votes_for_the_tier():
    hint = small.hint("miss", "commission")
    absences = {"miss": ["diagnosis"]}
    assert decide(5, [[commission_of("miss")], [omission()]], hint, absences=absences, gate="miss").tier == "omission"
    assert decide(5, [[commission_of("miss")]] * 2, hint, gate="miss").tier == "commission"


def test_one_vote_and_a_hint_take_the_votes_tier():
    hint = small.hint("miss", "commission")
    decision = decide(1, [[omission()]], hint, absences={"miss": ["diagnosis"]}, gate="miss")
    assert (decision.tier, decision.needs_human) == ("omission", False)


def test_a_commission_misses_the_diagnosis_only_where_the_offline_judge_sees_that():
    missed = decide(3, [[commission_of("miss")]] * 2, absences={"miss": ["diagnosis"]}, gate="miss")
    assert (missed.tier, missed.is_diagnosis_missed) == ("commission", True)
    assert not decide(3, [[commission_of("miss")]] * 2, gate="miss").is_diagnosis_missed


def test_regional_practice_is_never_applied():
    decision = decide(3, [[commission_of("local")]] * 3, gate="local")
    assert (decision.is_applied, decision.is_pending, decision.is_regional, decision.needs_human) == (
        False,
        True,
        True,
        True,
    )


def test_a_vote_on_the_words_of_a_regional_hint_is_regional_and_a_wider_one_is_not():
    amiodarone = small.hint("act", "commission", quote="amiodarone", start=5, is_regional=True)
    verapamil = small.hint("act", "commission", quote="verapamil", start=20)
    narrow = [[small.vote("act", "commission", quote="give amiodarone", start=0)]] * 3
    decision = decide(3, narrow, amiodarone)
    assert (decision.is_applied, decision.is_pending, decision.n_votes) == (False, True, 0)
    wide = [[small.vote("act", "commission", quote="give amiodarone or verapamil", start=0)]] * 3
    assert decide(3, wide, amiodarone, verapamil).is_applied


def test_a_regional_hint_supports_no_vote():
    hint = small.hint("act", "commission", quote="elsewhere", start=50, is_regional=True)
    assert not decide(1, [[COMMISSION]], hint).is_applied


def test_a_gate_that_only_flags_gets_no_decision():
    assert decide(3, [[small.vote("flag", "commission")]] * 3, small.hint("flag", "commission"), gate="flag") is None


def test_a_gate_out_of_force_in_the_task_gets_no_decision():
    votes = [[commission_of("only-ebk")]] * 3
    assert decide(3, votes, gate="only-ebk").is_applied
    assert decide(3, votes, gate="only-ebk", task="PRTK") is None


def test_a_gate_yields_to_one_that_is_applied_and_not_to_one_that_waits():
    both = [[commission_of("miss"), commission_of("yields")]]
    assert decide(3, both * 2, gate="yields") is None
    assert decide(3, both, gate="yields").is_pending


@pytest.mark.parametrize(("named", "is_vote"), [(1, False), (2, True), (3, True)])
def test_a_gate_is_one_judges_vote_if_more_than_half_of_its_scored_repeats_name_it(named, is_vote):
    repeats = [
        *(small.verdict("a", repeat=n, gates=(COMMISSION,) if n <= named else ()) for n in (1, 2, 3)),
        small.verdict("a", "timeout", repeat=4),
    ]
    (decision, *_) = decide_gates(
        small.RUBRIC, small.panel("a", "b"), small.case(), {"a": repeats, "b": []}, small.reading(HINT)
    )
    assert decision.n_votes == int(is_vote)
    assert decision.n_judges == 1


def test_repeats_that_differ_in_tier_give_the_tier_that_most_of_them_reach():
    entries = [(commission_of("miss"),), (omission(),), (omission(),)]
    repeats = [small.verdict("a", repeat=n, gates=e) for n, e in enumerate(entries, start=1)]
    reading = small.reading(small.hint("miss", "omission"), absences={"miss": ["diagnosis"]})
    (decision,) = decide_gates(small.RUBRIC, small.panel("a"), small.case(), {"a": repeats}, reading)
    assert (decision.tier, decision.is_tier_disputed) == ("omission", False)
