"""The offline judge's program: the request as one message, its extended reply as a verdict."""

import asyncio
import copy
import json

import pytest

from judge.domain.panel import Judge
from judge.panel.judging import Judging
from judge.panel.offline_program import render_offline
from tests.panel.fakes import ScriptedPort, failure
from tests.panel.worked import ANSWER, RUBRIC, request

OFFLINE = Judge("lexicon", "offline/lexicon")
START = ANSWER.index("complete AV block")
REPLY = {
    "injection_suspected": False,
    "reference_problem": None,
    "criteria": [
        {
            "id": "A1",
            "quotes": ["complete AV block"],
            "met": True,
            "credit": 0.5,
            "basis": "concept",
            "qualifier": "core",
            "offsets": [[START, START + len("complete AV block")]],
        },
        {"id": "A3", "quotes": [], "met": "abstained", "credit": 0, "basis": "rule", "qualifier": None, "offsets": []},
    ],
    "gates": [
        {
            "id": "G1",
            "quote": "Give verapamil",
            "absence": None,
            "tier": "commission",
            "regional": True,
            "basis": "rule",
        }
    ],
    "levels": {
        "accuracy": {"reason": "half", "level": 2, "coverage": 0.5},
        "safety": {"reason": "cannot tell", "level": "abstained", "coverage": None},
    },
    "absences": {"G1": ["act"]},
    "findings": [{"kind": "contradiction", "quotes": [], "note": "none"}],
}


def judge_it(reply):
    port = ScriptedPort({"response": [reply if not isinstance(reply, dict) else json.dumps(reply)]})
    judged = asyncio.run(Judging(RUBRIC, OFFLINE, port).verdict(request(), "r1", 1))
    return judged, port


def test_what_is_sent_is_the_canonical_json_of_the_request_and_nothing_else():
    _, port = judge_it(REPLY)
    (sent,) = port.requests["response"]
    assert list(sent.messages) == render_offline(request()) == [{"role": "user", "content": request().as_json()}]
    assert sent.response_format is None


def test_credit_basis_qualifier_coverage_and_regional_are_read():
    verdict = judge_it(REPLY)[0].verdict
    first, abstained = verdict.criteria
    assert (first.met, first.credit, first.basis, first.qualifier) == ("yes", 0.5, "concept", "core")
    assert ANSWER[first.quotes[0].start : first.quotes[0].end] == "complete AV block"
    assert (abstained.met, abstained.credit) == ("abstained", 0.0)
    assert (verdict.gates[0].is_regional, verdict.gates[0].quote.is_found) == (True, True)
    assert [(x.status, x.level, x.coverage) for x in verdict.levels] == [
        ("scored", 2.0, 0.5),
        ("abstained", None, None),
    ]


def test_a_quote_whose_offsets_lie_is_not_found():
    reply = copy.deepcopy(REPLY)
    reply["criteria"][0]["offsets"] = [[0, 5]]
    assert not judge_it(reply)[0].verdict.criteria[0].quotes[0].is_found


@pytest.mark.parametrize(
    "reply",
    ["", "[]", "{", json.dumps({**REPLY, "extra": 1}), json.dumps({**REPLY, "levels": {}})],
)
def test_a_reply_of_another_form_is_unparsable_and_not_asked_again(reply):
    judged, _ = judge_it(reply)
    assert {level.status for level in judged.verdict.levels} == {"unparsable"}
    assert len(judged.calls) == 1


def test_a_failure_is_a_status():
    assert {level.status for level in judge_it(failure("provider_error"))[0].verdict.levels} == {"provider_error"}
