"""From a judge's text to a plain reply, strictly: nothing is filled in, nothing is guessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from judge.domain.rubric import GateTier
from judge.domain.verdict import Absence
from judge.panel.faults import Fault
from judge.panel.output import NOT_APPLICABLE, plain_level
from judge.panel.repair import load_object
from judge.panel.shape import Shape
from judge.panel.untrusted import well_formed

_CRITERION_FIELDS = frozenset({"id", "quotes", "met"})
_TIERS: tuple[GateTier, ...] = ("commission", "omission", "contradiction", "fabrication")
_ABSENCES: tuple[Absence, ...] = ("diagnosis", "act")


@dataclass(frozen=True, slots=True)
class SaidCriterion:
    """What a judge said about one criterion."""

    id: str
    quotes: tuple[str, ...]
    met: bool | Literal["na"]


@dataclass(frozen=True, slots=True)
class SaidGate:
    """One gate that a judge named."""

    id: str
    quote: str
    absence: Absence | None
    tier: GateTier


@dataclass(frozen=True, slots=True)
class SaidLevel:
    """A judge's level in one dimension; None is not applicable."""

    reason: str
    level: float | None


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """A reply of the right form; whether it is true to rubric and answer is checked elsewhere."""

    document: Mapping[str, Any]
    """The reply as it was read, fields in declared order."""
    injection_suspected: bool | None
    reference_problem: str | None
    criteria: tuple[SaidCriterion, ...]
    gates: tuple[SaidGate, ...]
    levels: Mapping[str, SaidLevel]


def read_reply(text: str, shape: Shape) -> ParsedReply | tuple[Fault, ...]:
    """Read a reply of a given shape, or say all that is wrong with its form.

    JSON syntax is repaired where that neither adds nor drops a word; the repaired reply passes the same checks.
    """
    loaded = load_object(text)
    if isinstance(loaded, Fault):
        return (loaded,)
    faults = tuple(_Checker(shape).check(loaded))
    if faults:
        return faults
    return _plain(loaded, shape)


class _Checker:
    """Walks a reply and lists its faults of form."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.faults: list[Fault] = []

    def check(self, document: Mapping[str, Any]) -> list[Fault]:
        if self._has_fields(document, self.shape.fields, ""):
            checks: dict[str, Callable[[Any], None]] = {
                "injection_suspected": self._flag,
                "reference_problem": self._problem,
                "criteria": self._criteria,
                "gates": self._gates,
                "levels": self._levels,
            }
            for name in self.shape.fields:
                if name in document:
                    checks[name](document[name])
        return self.faults

    def _has_fields(self, node: Any, names: tuple[str, ...], where: str) -> TypeGuard[Mapping[str, Any]]:
        if not isinstance(node, dict):
            self.faults.append(Fault("wrong_type", where, "object"))
            return False
        prefix = f"{where}." if where else ""
        self.faults += [Fault("missing_field", f"{prefix}{name}") for name in names if name not in node]
        self.faults += [Fault("unknown_field", f"{prefix}{name}") for name in node if name not in names]
        return True

    def _type(self, is_right: bool, where: str, kind: str) -> None:
        if not is_right:
            self.faults.append(Fault("wrong_type", where, kind))

    def _flag(self, value: Any) -> None:
        self._type(isinstance(value, bool), "injection_suspected", "boolean")

    def _problem(self, value: Any) -> None:
        self._type(value is None or isinstance(value, str), "reference_problem", "text_or_null")

    def _criteria(self, value: Any) -> None:
        self._type(isinstance(value, list), "criteria", "list")
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            if _is_criterion(entry):
                continue
            where = f"criteria[{index}]"
            if not self._has_fields(entry, ("id", "quotes", "met"), where):
                continue
            self._text(entry, "id", where)
            if "quotes" in entry:
                self._type(_is_texts(entry["quotes"]), f"{where}.quotes", "texts")
            if "met" in entry:
                met = entry["met"]
                self._type(isinstance(met, bool) or met == NOT_APPLICABLE, f"{where}.met", "met")

    def _gates(self, value: Any) -> None:
        self._type(isinstance(value, list), "gates", "list")
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            where = f"gates[{index}]"
            if not self._has_fields(entry, ("id", "quote", "absence", "tier"), where):
                continue
            self._text(entry, "id", where)
            self._text(entry, "quote", where)
            if "absence" in entry:
                absence = entry["absence"]
                self._type(absence is None or absence in _ABSENCES, f"{where}.absence", "absence")
            if "tier" in entry:
                self._type(entry["tier"] in _TIERS, f"{where}.tier", "tier")

    def _levels(self, value: Any) -> None:
        scales = dict(self.shape.scales)
        if not self._has_fields(value, tuple(scales), "levels"):
            return
        for dimension, scale in scales.items():
            if dimension in value:
                self._level(value[dimension], scale, dimension)

    def _level(self, entry: Any, scale: tuple[float, ...], dimension: str) -> None:
        if not self._has_fields(entry, ("reason", "level"), f"levels.{dimension}"):
            return
        self._text(entry, "reason", f"levels.{dimension}")
        if isinstance(entry.get("reason"), str) and not entry["reason"].strip():
            self.faults.append(Fault("blank_reason", dimension))
        if "level" in entry and not _is_level(entry["level"], scale):
            listed = ", ".join(str(plain_level(level)) for level in scale)
            self.faults.append(Fault("off_scale", dimension, listed))

    def _text(self, entry: Mapping[str, Any], name: str, where: str) -> None:
        if name in entry:
            self._type(isinstance(entry[name], str), f"{where}.{name}", "text")


def _is_criterion(entry: Any) -> bool:
    """Whether an entry of ``criteria`` has no fault: the common case, settled quickly."""
    if not isinstance(entry, dict) or entry.keys() != _CRITERION_FIELDS:
        return False
    met = entry["met"]
    is_met = met is True or met is False or (isinstance(met, str) and met == NOT_APPLICABLE)
    return is_met and isinstance(entry["id"], str) and _is_texts(entry["quotes"])


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_level(value: Any, scale: tuple[float, ...]) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return value in scale
    return isinstance(value, str) and value == NOT_APPLICABLE


def _plain(document: Mapping[str, Any], shape: Shape) -> ParsedReply:
    problem = well_formed(document.get("reference_problem") or "")
    return ParsedReply(
        document={name: document[name] for name in shape.fields},
        injection_suspected=document.get("injection_suspected"),
        reference_problem=problem if problem.strip() else None,
        criteria=tuple(
            SaidCriterion(c["id"], tuple(map(well_formed, c["quotes"])), c["met"]) for c in document.get("criteria", ())
        ),
        gates=tuple(
            SaidGate(g["id"], well_formed(g["quote"]), g["absence"], g["tier"]) for g in document.get("gates", ())
        ),
        levels={
            dimension: SaidLevel(
                well_formed(entry["reason"]), None if entry["level"] == NOT_APPLICABLE else float(entry["level"])
            )
            for dimension, entry in document.get("levels", {}).items()
        },
    )
