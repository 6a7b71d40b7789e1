"""The rubric: scales, criteria, gates and how tasks weigh them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from judge.domain.case import Evidence
from judge.domain.language import Text

GateTier = Literal["commission", "omission", "contradiction", "fabrication"]
Severity = Literal[3, 2, "R"]
"""3 can kill within the hour, 2 serious or lasting harm, R regional practice: never applied by vote."""
Use = Literal["case", "always", "asked"]
LevelMethod = Literal["coverage", "faults", "judged"]


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One step that holds a level computed from criteria at or under a ceiling.

    ``where`` narrows it to findings that the judge qualified so: ``core``, ``critical``, ``inverted``,
    ``trivial``, ``several_trivial``; None means any.
    """

    criterion: str
    when: Literal["met", "unmet"]
    level: float
    where: str | None = None
    level_if_core: float | None = None
    """Ceiling where a task variant lists the criterion in ``core_overrides``."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One scale of the rubric."""

    id: str
    code: str
    is_core: bool
    name: Text
    question: Text
    levels: tuple[float, ...]
    """All levels, worst first."""
    anchors: Mapping[float, Text]
    """A text for each level."""
    case_free_anchors: Mapping[float, Text] = field(default_factory=dict)
    """Anchors that replace ``anchors`` in tasks without a patient; empty where the dimension has none."""
    note: Text | None = None
    na_allowed: frozenset[str] = frozenset()
    """Tasks in which a judge may find the dimension not applicable."""
    na_when: Text | None = None
    na_unless: Text | None = None
    level_method: LevelMethod = "judged"
    """How a level follows from criteria: points covered, start at the top and lower by faults, or not at all."""
    level_rules: tuple[LevelRule, ...] = ()

    @property
    def lowest(self) -> float:
        """The worst level."""
        return self.levels[0]

    @property
    def highest(self) -> float:
        """The best level."""
        return self.levels[-1]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A yes/no/not-applicable check with points."""

    id: str
    dimension: str
    points: float
    use: Use
    text: Text
    evidence: Evidence = "quote"
    is_each: bool = False
    """Whether every instance earns (or costs) the points again, up to ``max_total``."""
    max_total: float | None = None
    use_by_task: Mapping[str, Use] = field(default_factory=dict)
    task: str | None = None
    """The task whose extra criterion it is; None for the generic bank."""


@dataclass(frozen=True, slots=True)
class HintPair:
    """Conditions and acts that together make the offline judge hint at a commission.

    It fires where one of ``conditions`` holds in the case, all of ``requires`` hold, none of ``unless`` is asserted in
    case or answer, and the answer advises (in one of ``stances``) a member of one of ``sets``. The condition ``"*"`` is
    any patient; an id such as ``A+B`` means both. ``sets`` names drug and act sets or single acts (``ACT_STRESS``).
    """

    conditions: tuple[str, ...]
    sets: tuple[str, ...]
    requires: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    stances: tuple[str, ...] = ("do", "caution", "continue")
    is_regional: bool = False


@dataclass(frozen=True, slots=True)
class GateHint:
    """What the offline judge needs to know of a gate; ids are the lexicon's concepts and sets."""

    conditions: tuple[str, ...] = ()
    """Concepts any of which in a case makes the gate's condition critical (``A+B``: both together)."""
    requires_any: tuple[str, ...] = ()
    """If any are named, one of them must hold beside a condition to make it critical (e.g. syncope)."""
    equivalents: tuple[str, ...] = ()
    """Concepts any of which, asserted in the answer, is no miss of the condition."""
    pairs: tuple[HintPair, ...] = ()
    acts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By condition (``"*"``: every condition without a list of its own): acts one of which suffices.

    A key that is none of ``conditions`` adds its acts to every list where that concept holds in the case.
    """
    exceptions: tuple[str, ...] = ()
    """Concepts that spare the gate where the case (not merely the answer) asserts them."""
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """A dangerous act or omission; caps the composite, is never averaged away."""

    id: str
    name: Text
    tiers: tuple[GateTier, ...]
    severity: Mapping[GateTier, Severity]
    omission: Text | None = None
    commission: Text | None = None
    note: Text | None = None
    """Limits and exceptions in words."""
    tasks: frozenset[str] = frozenset()
    """Tasks in which the gate is in force; empty means all."""
    is_flag: bool = False
    """Whether it only flags: no cap, no rank (text aimed at the grader)."""
    is_signed: bool = False
    yields_to: tuple[str, ...] = ()
    """Gates that alone count where they apply to the same answer."""
    hint: GateHint = field(default_factory=GateHint)


@dataclass(frozen=True, slots=True)
class TierRule:
    """What a gate of one tier does to a grade."""

    cap: float
    """Ceiling of the composite, 0–100."""
    ceilings: Mapping[str, float] = field(default_factory=dict)
    """Ceilings by dimension id."""


@dataclass(frozen=True, slots=True)
class TaskVariant:
    """How one task weighs and words the rubric."""

    id: str
    weights: Mapping[str, float]
    """By dimension id, in per cent."""
    asker: str
    name: Text
    key_means: Text | None = None
    """What the first core dimension means in this task."""
    notes: Text | None = None
    core_overrides: frozenset[str] = frozenset()
    has_case: bool = True
    """False for plain questions without a patient: ``case_free_anchors`` apply."""
    level_from_f1: tuple[tuple[float, float], ...] = ()
    """(least micro-F1, level of the first core dimension), best first, where extraction is graded by F1."""


@dataclass(frozen=True, slots=True)
class Signoff:
    """Whether somebody entitled to has signed the rubric."""

    status: Literal["draft", "signed"]
    by: str | None = None
    date: str | None = None
    signed: tuple[str, ...] = ()
    """Ids of the ``items`` that have been signed."""
    items: Mapping[str, Text] = field(default_factory=dict)
    """By id: what somebody entitled to must sign before clinical use."""


@dataclass(frozen=True, slots=True)
class Rubric:
    """Dimensions, criteria, gates and task variants under one id, version and hash."""

    id: str
    version: int
    hash: str
    """SHA-256 of the canonical JSON of the whole file."""
    languages: tuple[str, ...]
    title: Text
    dimensions: tuple[Dimension, ...]
    tasks: Mapping[str, TaskVariant]
    """By task id; always holds ``default``."""
    criteria: tuple[Criterion, ...] = ()
    gates: tuple[Gate, ...] = ()
    tier_rules: Mapping[GateTier, TierRule] = field(default_factory=dict)
    missed_diagnosis_ceilings: Mapping[str, float] = field(default_factory=dict)
    level_from_coverage: tuple[tuple[float, float], ...] = ()
    """(least coverage, level), best first."""
    signoff: Signoff = Signoff("draft")

    def __hash__(self) -> int:
        return hash(self.hash)

    def dimension(self, dimension_id: str) -> Dimension:
        """Return a dimension by id; raises KeyError."""
        for dimension in self.dimensions:
            if dimension.id == dimension_id:
                return dimension
        raise KeyError(dimension_id)

    def gate(self, gate_id: str) -> Gate:
        """Return a gate by id; raises KeyError."""
        for gate in self.gates:
            if gate.id == gate_id:
                return gate
        raise KeyError(gate_id)

    def variant(self, task: str | None) -> TaskVariant:
        """Return the variant of a task; ``default`` where the case names none."""
        return self.tasks[task if task is not None else "default"]

    def criteria_of(self, task: str | None) -> tuple[Criterion, ...]:
        """Return the generic criteria and the task's own, in file order."""
        variant = self.variant(task).id
        return tuple(c for c in self.criteria if c.task is None or c.task == variant)

    def gates_of(self, task: str | None) -> tuple[Gate, ...]:
        """Return the gates in force in a task."""
        variant = self.variant(task).id
        return tuple(g for g in self.gates if not g.tasks or variant in g.tasks)

    def language_for(self, language: str) -> str:
        """Return the case's language if the rubric has it, else the rubric's first."""
        return language if language in self.languages else self.languages[0]
