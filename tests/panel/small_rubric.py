"""A small rubric with the default's weights and tiers, and short ways to write panels and verdicts.

Loaded by path, because test folders are no packages:
``small = load_module("small_rubric", Path(__file__).with_name("small_rubric.py"))``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from judge.domain.case import Case
from judge.domain.panel import Judge, Panel
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Dimension, Gate, LevelRule, Rubric, TaskVariant, TierRule
from judge.domain.verdict import GateVerdict, LevelVerdict, Quote, Verdict

LEVELS = (1.0, 2.0, 3.0, 4.0, 5.0)
DIMENSIONS = ("DA", "CR", "KI", "SH", "GH", "CO")


def _dimension(code: str) -> Dimension:
    rules = (LevelRule("DA1", "unmet", 2.0), LevelRule("DA5", "met", 3.0)) if code == "DA" else ()
    return Dimension(
        id=code,
        code=code,
        is_core=code in ("DA", "CR", "KI"),
        name={"en": code},
        question={"en": code},
        levels=LEVELS,
        anchors={level: {"en": f"{code} {level:g}"} for level in LEVELS},
        level_method="judged" if code in ("SH", "GH") else "coverage",
        level_rules=rules,
    )


def _variant(task: str, *weights: float) -> TaskVariant:
    return TaskVariant(task, dict(zip(DIMENSIONS, weights, strict=True)), "clinician", {"en": task})


def _gate(gate_id: str, *tiers: Any, severity: Any = 3, **more: Any) -> Gate:
    return Gate(gate_id, {"en": gate_id}, tiers, dict.fromkeys(tiers, severity), **more)


RUBRIC = Rubric(
    id="small",
    version=1,
    hash="0" * 64,
    languages=("en",),
    title={"en": "small"},
    dimensions=tuple(_dimension(code) for code in DIMENSIONS),
    tasks={
        "EBK": _variant("EBK", 40, 15, 25, 10, 5, 5),
        "PRTK": _variant("PRTK", 30, 5, 20, 20, 5, 20),
        "default": _variant("default", 30, 20, 20, 15, 10, 5),
    },
    gates=(
        Gate("flag", {"en": "flag"}, (), {}, is_flag=True),
        _gate("miss", "omission", "commission"),
        _gate("act", "commission"),
        _gate("mild", "omission", "commission", severity=2),
        _gate("twist", "contradiction", severity=2),
        _gate("forge", "fabrication", severity=2),
        _gate("local", "commission", severity="R"),
        _gate("yields", "commission", yields_to=("miss",)),
        _gate("only-ebk", "commission", tasks=frozenset({"EBK"})),
    ),
    tier_rules={
        "commission": TierRule(20.0, {"SH": 1.0}),
        "omission": TierRule(40.0, {"SH": 2.0}),
        "contradiction": TierRule(50.0),
        "fabrication": TierRule(60.0),
    },
    missed_diagnosis_ceilings={"DA": 2.0},
    level_from_coverage=((0.9, 5.0), (0.7, 4.0), (0.5, 3.0), (0.25, 2.0), (0.0, 1.0)),
)


def case(task: str | None = "EBK", **more: Any) -> Case:
    return Case("c1", "What is the threshold?", task=task, **more)


def judge(name: str, *, offline: bool = False, **more: Any) -> Judge:
    return Judge(name, f"offline/{name}" if offline else f"fake/{name}", **more)


def panel(*names: str, **more: Any) -> Panel:
    """Return a panel of the named judges; a name that starts with ``offline`` is the embedded judge."""
    return Panel(tuple(judge(name, offline=name.startswith("offline")) for name in names), **more)


def level_verdict(dimension: str, said: float | str, coverage: float | None = None) -> LevelVerdict:
    """Return a level, ``na``, or an unscored status by its name."""
    if isinstance(said, str):
        status: Any = "not_applicable" if said == "na" else said
        return LevelVerdict(dimension, status, None, "")
    return LevelVerdict(dimension, "scored", float(said), "because", coverage)


def verdict(name: str, said: Mapping[str, float | str] | float | str = 4, *, repeat: int = 1, **more: Any) -> Verdict:
    """Return a verdict; one value stands for all dimensions."""
    levels = said if isinstance(said, Mapping) else dict.fromkeys(DIMENSIONS, said)
    coverages: Mapping[str, float] = more.pop("coverages", {})
    return Verdict(
        "r1", "c1", name, repeat, tuple(level_verdict(d, s, coverages.get(d)) for d, s in levels.items()), **more
    )


def vote(gate: str, tier: Any, *, quote: str = "give it", found: bool = True, **more: Any) -> GateVerdict:
    """Return a gate entry of a judge; offsets 0–7 where its quote is found."""
    start = more.pop("start", 0)
    span = (start, start + len(quote)) if found else (None, None)
    return GateVerdict(gate, tier, Quote(quote, *span) if quote else None, **more)


def hint(gate: str, tier: Any, **more: Any) -> GateVerdict:
    return vote(gate, tier, basis="rule", **more)


def reading(*hints: GateVerdict, absences: Mapping[str, Sequence[Any]] | None = None) -> OfflineReading:
    return OfflineReading(hints, {gate: frozenset(kinds) for gate, kinds in (absences or {}).items()})
