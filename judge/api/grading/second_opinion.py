"""What serves every panel without a vote: the offline judge's hints, and the detector of text aimed at the grader."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from judge.domain.case import Case
from judge.domain.reading import OfflineReading
from judge.domain.request import JudgeRequest
from judge.offline.judge import OfflineJudge, reading_of
from judge.panel.injection import inspect

_REMEMBERED = 1024
"""Replies that are kept: the offline judge may sit on the panel too, and is then asked the same once more."""


class SecondOpinion:
    """Reads each response once beside the panel."""

    def __init__(self, offline: OfflineJudge) -> None:
        self.reply: Callable[[str], str] = lru_cache(maxsize=_REMEMBERED)(offline.reply)

    def read(self, request: JudgeRequest) -> OfflineReading:
        """Return hints, checks of absence and suspicions for one request."""
        reading = reading_of(self.reply(request.as_json()))
        seen_in_case, seen_in_answer = _suspicions(request.case, request.answer)
        return replace(
            reading,
            injection_suspected=reading.injection_suspected or seen_in_answer,
            case_injection_suspected=seen_in_case,
        )


def _suspicions(case: Case, answer: str) -> tuple[bool, bool]:
    found = inspect(case, answer)
    return bool(found.case.kinds or found.references.kinds), bool(found.answer.kinds)
