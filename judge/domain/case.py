"""What is asked, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from judge.domain.language import Text

ReferenceStatus = Literal["unverified", "verified", "corrected", "rejected"]
CriticalSource = Literal["given", "derived"]
ChecklistClass = Literal["core", "secondary", "negative"]
Evidence = Literal["quote", "whole"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a dialogue that precedes the question."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One acceptable answer, with how far it may be trusted."""

    text: str
    status: ReferenceStatus = "unverified"


@dataclass(frozen=True, slots=True)
class ValueTest:
    """A number that a checklist criterion asks for, e.g. ``>= 1 mm``."""

    op: str
    num: float
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ConceptTest:
    """A concept that a checklist criterion asks for; ids are the offline lexicon's."""

    id: str
    assertion: str = "present"
    qualifier: str | None = None
    leads: tuple[str, ...] = ()
    value: ValueTest | None = None


@dataclass(frozen=True, slots=True)
class ChecklistCriterion:
    """One criterion of a case's own checklist."""

    id: str
    dimension: str
    kind: ChecklistClass
    points: float
    text: Text
    replaces: str | None = None
    """Id of the rubric's generic criterion that this one is built from (``from`` in the file)."""
    type: str | None = None
    evidence: Evidence = "quote"
    concepts: tuple[ConceptTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a good answer to one case contains, and what it must not."""

    sha256: str
    criteria: tuple[ChecklistCriterion, ...] = ()
    critical: tuple[str, ...] | None = None
    acts_asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_applicable: tuple[str, ...] = ()
    """Dimension ids that this case leaves without a grade."""
    equivalents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reference_status: ReferenceStatus | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its context and reference answers."""

    case_id: str
    question: str
    references: tuple[Reference, ...] = ()
    context: str | tuple[Turn, ...] | None = None
    task: str | None = None
    language: str = "en"
    """Primary language subtag of the case."""
    critical: tuple[str, ...] = ()
    critical_source: CriticalSource | None = None
    """``given`` by the file, ``derived`` by the offline judge, None where nobody said."""
    checklist: Checklist | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One model's free-text answer to a case."""

    response_id: str
    case_id: str
    model: str
    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to grade."""
        return not self.text.strip()
