"""Checks of the gates: tiers, severities, words, hints."""

import re

from judge.domain.rubric import GateTier
from judge.errors import did_you_mean
from judge.rubric.scales import levels_of
from judge.rubric.schema import GateBlock, GatesBlock, RubricFile
from judge.rubric.source import Loc, Source

_GATE_ID = re.compile(r"[A-Z][A-Za-z0-9_]*")
_RANKED: tuple[GateTier, ...] = ("omission", "commission")
"""Tiers that need a severity; the others may say ``null``: they move no rank."""


def check_gates(file: RubricFile, source: Source) -> None:
    """Report every fault of the file's gates."""
    for tier, block in file.gates.tiers.items():
        loc: Loc = ("gates", "tiers", tier)
        for code, level in (block.__pydantic_extra__ or {}).items():
            _check_ceiling((*loc, code), code, level, file, source)
    for code, level in file.gates.missed_diagnosis_ceiling.items():
        _check_ceiling(("gates", "missed_diagnosis_ceiling", code), code, level, file, source)
    for key, gate in file.gates.by_id.items():
        loc = ("gates", key)
        if _GATE_ID.fullmatch(key) is None:
            near = did_you_mean(key, GatesBlock.model_fields)
            source.report(loc, f'unknown key "{key}"{near}', "a gate's id begins with a capital letter, e.g. G01")
        _check_tiers(loc, gate, file, source)
        _check_names(loc, gate, file, source)
        _check_hint(loc, gate, source)


def _check_ceiling(loc: Loc, code: str, level: float, file: RubricFile, source: Source) -> None:
    dimension = next((d for d in file.dimensions.values() if d.code == code), None)
    codes = [d.code for d in file.dimensions.values()]
    if dimension is None:
        near = did_you_mean(code, ["cap", *codes])
        source.report(loc, f'there is no dimension with the code "{code}"{near}', f"known: {', '.join(codes)}")
    elif level not in levels_of(file, dimension):
        listed = ", ".join(f"{known:g}" for known in levels_of(file, dimension))
        source.report(loc, f"level {level:g} is not on the scale", f"the levels are {listed}")


def _check_tiers(loc: Loc, gate: GateBlock, file: RubricFile, source: Source) -> None:
    if not gate.tiers and not gate.flag:
        source.report(
            loc, "the gate has no tier", "add `tiers: [omission, commission]`, or `flag: true` if it only flags"
        )
    if gate.tiers and gate.flag:
        source.report((*loc, "flag"), "a gate that only flags has no tier", "drop `tiers`, or set `flag: false`")
    for index, tier in enumerate(gate.tiers):
        if tier not in file.gates.tiers:
            source.report(
                (*loc, "tiers", index),
                f"the tier {tier} has no rule",
                f"add `tiers: {{{tier}: {{cap: …}}}}` under `gates`",
            )
        _check_severity(loc, gate, tier, source)
    for tier in gate.severity:
        if tier not in gate.tiers:
            source.report(
                (*loc, "severity", tier),
                f"a severity for {tier}, which is no tier of the gate",
                "add the tier or drop it",
            )


def _check_severity(loc: Loc, gate: GateBlock, tier: GateTier, source: Source) -> None:
    if tier not in gate.severity:
        source.report(
            loc, f"the tier {tier} has no severity", f"add `severity: {{{tier}: 3}}` (3, 2, R; null: no rank)"
        )
    elif gate.severity[tier] is None and tier in _RANKED:
        source.report((*loc, "severity", tier), f"the severity of {tier} is null", "write 3, 2 or R")
    if tier in _RANKED and getattr(gate, tier) is None:
        source.report(loc, f"the tier {tier} has no words", f"write `{tier}:` – what counts as one – in every language")


def _check_names(loc: Loc, gate: GateBlock, file: RubricFile, source: Source) -> None:
    for tier in _RANKED:
        if tier not in gate.tiers and getattr(gate, tier) is not None:
            source.report(
                (*loc, tier), f"words for {tier}, which is no tier of the gate", "add the tier or drop the words"
            )
    for index, task in enumerate(gate.tasks):
        if task not in file.tasks:
            near = did_you_mean(task, file.tasks)
            source.report((*loc, "tasks", index), f'there is no task "{task}"{near}', f"known: {', '.join(file.tasks)}")
    for index, other in enumerate(gate.yields_to):
        if other not in file.gates.by_id or other == loc[1]:
            near = did_you_mean(other, file.gates.by_id)
            source.report(
                (*loc, "yields_to", index), f'there is no other gate "{other}"{near}', "name another gate's id"
            )


def _check_hint(loc: Loc, gate: GateBlock, source: Source) -> None:
    for index, pair in enumerate(gate.hint.pairs):
        for field in ("conditions", "sets"):
            if not any(name.strip() for name in getattr(pair, field)):
                source.report(
                    (*loc, "hint", "pairs", index),
                    f"the pair names no {'condition' if field == 'conditions' else 'set'}",
                    'name one of each, as in `[AVB3, AV_NODAL]`; the condition "*" is any patient',
                )
    if gate.acts and "omission" not in gate.tiers:
        source.report((*loc, "acts"), "acts are looked for only in an omission", "add the tier omission or drop `acts`")
    for condition, acts in gate.acts.items():
        if not acts:
            source.report((*loc, "acts", condition), "no act is listed", "name the acts any of which suffices")
