"""What the offline judge contributes to any panel: hints of gates and checks of absence."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from judge.domain.verdict import Absence, GateVerdict


@dataclass(frozen=True, slots=True)
class OfflineReading:
    """The offline judge's own reading of one response; a hint is never also a vote."""

    hints: tuple[GateVerdict, ...] = ()
    absences: Mapping[str, frozenset[Absence]] = field(default_factory=dict)
    """By gate id, for the conditions critical in the case: the kinds of absence that hold in the answer."""
    injection_suspected: bool = False
    """Whether the answer holds text aimed at the grader."""
    case_injection_suspected: bool = False
    """Whether question, context or references do."""
