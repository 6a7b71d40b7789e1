"""What can be wrong with a judge's reply, and how the judge is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from judge.domain.verdict import VerdictStatus
from judge.panel.untrusted import neutralise_line
from judge.panel.wording import Wording

FaultCode = Literal[
    "empty",
    "no_object",
    "two_objects",
    "not_object",
    "bad_json",
    "duplicate_key",
    "not_finite",
    "missing_field",
    "unknown_field",
    "wrong_type",
    "blank_reason",
    "off_scale",
    "na_not_allowed",
    "criterion_missing",
    "criterion_unknown",
    "criterion_twice",
    "gate_unknown",
    "gate_tier",
    "gate_absence",
    "quote_missing",
    "quote_not_found",
    "quote_length",
]
_OF_QUOTES = frozenset({"gate_absence", "quote_missing", "quote_not_found", "quote_length"})
_SHOWN = 40
_MOST = 30


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a reply: what kind, in which field, with which detail."""

    code: FaultCode
    where: str = ""
    detail: str = ""

    @property
    def is_of_quote(self) -> bool:
        """Whether only the evidence fails: asked again, but in the end the reply can be used without it."""
        return self.code in _OF_QUOTES

    def say(self, words: Wording) -> str:
        """Return the fault in words; names that the reply made up are clipped and cannot imitate the prompt."""
        detail = words[f"types.{self.detail}"] if self.code == "wrong_type" else _clipped(self.detail)
        return words[f"faults.{self.code}"].format(where=_clipped(self.where), detail=detail)


def say_faults(faults: Iterable[Fault], words: Wording) -> str:
    """Return the message that asks again, naming every fault once."""
    lines = list(dict.fromkeys(f"- {fault.say(words)}" for fault in faults))
    return words["again"].format(faults="\n".join(lines[:_MOST]))


def status_of(faults: Iterable[Fault]) -> VerdictStatus:
    """Return what a verdict is called whose last reply had these faults."""
    return "off_scale" if any(fault.code == "off_scale" for fault in faults) else "unparsable"


def _clipped(text: str) -> str:
    line = neutralise_line(text[: 4 * _SHOWN])
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
