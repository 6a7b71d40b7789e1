"""What one call asks for, and so what its reply must hold."""

from dataclasses import dataclass, replace
from typing import Literal

from judge.domain.panel import Granularity
from judge.domain.request import JudgeRequest
from judge.domain.rubric import Rubric

ScopeKind = Literal["response", "dimension", "level", "criterion"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a request that one call asks: all of it, one dimension, one level or one criterion."""

    kind: ScopeKind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields that a reply must hold; the same for every case of a rubric."""

    has_flags: bool
    has_criteria: bool
    has_gates: bool
    scales: tuple[tuple[str, tuple[float, ...]], ...]
    """(dimension id, levels from worst to best), in the rubric's order."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in declared order: evidence first, levels last."""
        flags = ("injection_suspected", "reference_problem") if self.has_flags else ()
        criteria = ("criteria",) if self.has_criteria else ()
        gates = ("gates",) if self.has_gates else ()
        return (*flags, *criteria, *gates, *(("levels",) if self.scales else ()))


def gate_dimension(rubric: Rubric) -> str:
    """Return the dimension whose call also asks for gates and flags: the one that gates cap, else the first."""
    capped = [d for rule in rubric.tier_rules.values() for d in rule.ceilings]
    known = [d.id for d in rubric.dimensions]
    return max(known, key=lambda d: (capped.count(d), -known.index(d)))


def shape_of(rubric: Rubric, scope: Scope) -> Shape:
    """Return the fields of a reply to one call."""
    scales = tuple((d.id, d.levels) for d in rubric.dimensions)
    has_criteria = bool(rubric.criteria)
    has_gates = any(not gate.is_flag for gate in rubric.gates)
    if scope.kind == "response":
        return Shape(True, has_criteria, has_gates, scales)
    if scope.kind == "criterion":
        return Shape(False, True, False, ())
    is_gate_call = scope.id == gate_dimension(rubric)
    return Shape(
        has_flags=is_gate_call,
        has_criteria=has_criteria and scope.kind == "dimension",
        has_gates=has_gates and is_gate_call,
        scales=tuple(scale for scale in scales if scale[0] == scope.id),
    )


def scopes_of(rubric: Rubric, request: JudgeRequest, granularity: Granularity) -> tuple[Scope, ...]:
    """Return the calls that one request needs; dimensions that the case leaves out are not asked alone.

    A request for some of the rubric's dimensions is asked by dimension, since one call's reply holds all of them.
    """
    if granularity == "response" and len(request.dimensions) == len(rubric.dimensions):
        return (Scope("response"),)
    gates_with = gate_dimension(rubric)
    alone = [d for d in request.dimensions if d not in request.na_required or d == gates_with]
    if gates_with not in alone:
        alone = [*alone, gates_with]
    if granularity != "criterion":
        return tuple(Scope("dimension", d) for d in alone)
    return (*(Scope("criterion", c.id) for c in request.criteria), *(Scope("level", d) for d in alone))


def part_of(rubric: Rubric, request: JudgeRequest, scope: Scope) -> JudgeRequest:
    """Return the part of a request that one call asks."""
    if scope.kind == "response":
        return request
    shape = shape_of(rubric, scope)
    dimensions = tuple(d for d, _ in shape.scales)
    if scope.kind == "criterion":
        criteria = tuple(c for c in request.criteria if c.id == scope.id)
    else:
        criteria = tuple(c for c in request.criteria if c.dimension == scope.id and shape.has_criteria)
    return replace(request, dimensions=dimensions, criteria=criteria, gates=request.gates if shape.has_gates else ())
