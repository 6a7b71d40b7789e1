"""Requests and replies for the tests of the offline judge."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from judge.domain.case import Case, Checklist, Reference, Response
from judge.domain.rubric import Rubric
from judge.offline.judge import OfflineJudge
from judge.panel.request import build_request
from judge.resources import find_rubric
from judge.rubric.load import load_rubric


@cache
def rubric(name: str = "ecg-clinical-reasoning") -> Rubric:
    """Return a shipped rubric."""
    return load_rubric(find_rubric(name))


@cache
def judge(name: str = "ecg-clinical-reasoning") -> OfflineJudge:
    """Return the offline judge for a shipped rubric."""
    return OfflineJudge(rubric(name))


def case(
    question: str,
    references: Sequence[str] = (),
    *,
    task: str | None = "EBK",
    context: Any = None,
    language: str = "en",
    critical: tuple[str, ...] = (),
    checklist: Checklist | None = None,
) -> Case:
    """Return a case of one's own words."""
    texts = tuple(Reference(text) for text in references)
    return Case("c", question, texts, context, task, language, critical, "given", checklist)


def ask(answer: str, about: Case, name: str = "ecg-clinical-reasoning") -> dict[str, Any]:
    """Return the offline judge's reply to one answer."""
    request = build_request(rubric(name), about, Response("r", "c", "m", answer))
    reply: dict[str, Any] = json.loads(judge(name).reply(request.as_json()))
    return reply


def level(reply: Mapping[str, Any], dimension: str = "diagnostic_accuracy") -> Any:
    """Return the level in one dimension."""
    return reply["levels"][dimension]["level"]


def gates(reply: Mapping[str, Any]) -> set[str]:
    """Return the gates hinted at, regional ones left out."""
    return {gate["id"] for gate in reply["gates"] if not gate["regional"]}
