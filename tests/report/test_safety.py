"""Gates by model, and the answers that a reader should look at."""

import pytest

from judge.report.safety import QUOTE_LIMIT, SHOWN, answers_to_check, model_of
from judge.report.tables import CriterionRow, GradeRow, criterion_rows, grade_rows


def composite(number, *, gates=(), pending=(), cap=None, score=50.0, meta=None):
    row = dict.fromkeys(GradeRow._fields)
    row |= {"response_id": f"r{number:03d}", "case_id": "c", "model": "m", "dimension": "composite", "score": score}
    return GradeRow(**row | {"gates": gates, "gates_pending": pending, "cap": cap, "meta": meta, "status": "scored"})


def cites(number, gate="G", quote="words"):
    return CriterionRow(f"r{number:03d}", "j", "gate", gate, "yes", [quote], True, None, "commission")


def test_confirmed_come_before_pending_the_smaller_cap_first_then_the_lower_score():
    rows = [
        composite(1, pending=["G"], score=1.0),
        composite(2, gates=["G"], cap=40.0, score=10.0),
        composite(3, gates=["G"], cap=20.0, score=20.0),
        composite(4, gates=["G"], cap=20.0, score=15.0),
        composite(5),
    ]
    found = answers_to_check(rows, [])
    assert [answer.response_id for answer in found.shown] == ["r004", "r003", "r002", "r001"]
    assert found.n_all == 4


def test_the_list_is_bounded_and_says_how_many_there_are():
    found = answers_to_check([composite(n, gates=["G"], cap=20.0) for n in range(100)], [])
    assert (len(found.shown), found.n_all) == (SHOWN, 100)


def test_a_quote_is_bounded_and_shown_once():
    found = answers_to_check([composite(1, gates=["G"])], [cites(1, quote="x" * 999)] * 3)
    (answer,) = found.shown
    (cited,) = answer.cited
    assert len(cited.quote) == QUOTE_LIMIT


def test_what_is_cited_for_other_gates_or_answers_is_left_out():
    found = answers_to_check([composite(1, gates=["G"])], [cites(1, "H"), cites(2)])
    assert found.shown[0].cited == ()


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        (None, False),
        ('{"simulated": true}', True),
        ('{"simulated": "yes"}', True),
        ('{"simulated": false}', False),
        ('{"note": "simulated"}', False),
        ('["simulated"]', False),
        ('{"simulated": tru', False),
    ],
)
def test_an_answer_says_by_its_meta_that_it_is_simulated(run, card, meta, expected):
    score = card.models[0].composite
    assert model_of("m", [composite(1, meta=meta)], score, run.rubric, is_simulated=False).is_simulated is expected


def test_every_gate_of_the_run_is_on_the_card(run, card):
    gates = {gate for row in grade_rows(run) for gate in (*row.gates, *row.gates_pending)}
    assert gates == {gate.gate for gate in card.gates}
    assert {row.id for row in criterion_rows(run) if row.kind == "gate"} == gates
