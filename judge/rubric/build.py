"""The checked file as a frozen rubric."""

from collections.abc import Mapping
from typing import Any

from judge.domain.ids import sha256_json
from judge.domain.rubric import (
    Criterion,
    Dimension,
    Gate,
    GateHint,
    HintPair,
    LevelRule,
    Rubric,
    Signoff,
    TaskVariant,
    TierRule,
)
from judge.rubric.scales import levels_of
from judge.rubric.schema import CriterionBlock, DimensionBlock, GateBlock, PairBlock, RubricFile, TaskBlock


def build_rubric(file: RubricFile, data: Mapping[str, Any]) -> Rubric:
    """Return the rubric of a file without faults; ``data`` is the parsed file that the hash names."""
    ids = {dimension.code: key for key, dimension in file.dimensions.items()}
    generic = [_criterion(block, ids, None) for block in file.criteria]
    extra = [_criterion(block, ids, key) for key, task in file.tasks.items() for block in task.extra]
    return Rubric(
        id=file.id,
        version=file.version,
        hash=sha256_json(data),
        languages=tuple(file.languages),
        title=file.title,
        dimensions=tuple(_dimension(key, block, file) for key, block in file.dimensions.items()),
        tasks={key: _task(key, block, ids) for key, block in file.tasks.items()},
        criteria=(*generic, *extra),
        gates=tuple(_gate(key, block) for key, block in file.gates.by_id.items()),
        tier_rules={
            tier: TierRule(block.cap, _by_id(block.__pydantic_extra__ or {}, ids))
            for tier, block in file.gates.tiers.items()
        },
        missed_diagnosis_ceilings=_by_id(file.gates.missed_diagnosis_ceiling, ids),
        level_from_coverage=tuple(file.level_from_coverage),
        signoff=_signoff(file),
    )


def _by_id(by_code: Mapping[str, float], ids: Mapping[str, str]) -> dict[str, float]:
    return {ids[code]: value for code, value in by_code.items()}


def _dimension(key: str, block: DimensionBlock, file: RubricFile) -> Dimension:
    levels = levels_of(file, block)
    return Dimension(
        id=key,
        code=block.code,
        is_core=block.core,
        name=block.name,
        question=block.question,
        levels=tuple(levels),
        anchors={level: block.anchors[level] for level in levels},
        case_free_anchors={level: block.case_free_anchors[level] for level in levels if block.case_free_anchors},
        note=block.note,
        na_allowed=frozenset(block.na_allowed),
        na_when=block.na_when,
        na_unless=block.na_unless,
        level_method=block.level_method,
        level_rules=tuple(
            LevelRule(rule.criterion, rule.when, rule.at_most, rule.where, rule.at_most_if_core)
            for rule in block.level_rules
        ),
    )


def _criterion(block: CriterionBlock, ids: Mapping[str, str], task: str | None) -> Criterion:
    return Criterion(
        id=block.id,
        dimension=ids[block.dim],
        points=block.points,
        use=block.use,
        text=block.text,
        evidence=block.evidence,
        is_each=block.each,
        max_total=block.max_total,
        use_by_task=block.use_by_task,
        task=task,
    )


def _task(key: str, block: TaskBlock, ids: Mapping[str, str]) -> TaskVariant:
    return TaskVariant(
        id=key,
        weights=_by_id(block.weights, ids),
        asker=block.asker,
        name=block.name,
        key_means=block.key_means,
        notes=block.notes,
        core_overrides=frozenset(block.core_overrides),
        has_case=block.has_case,
        level_from_f1=tuple(block.level_from_f1),
    )


def _gate(key: str, block: GateBlock) -> Gate:
    return Gate(
        id=key,
        name=block.text,
        tiers=tuple(block.tiers),
        severity={tier: severity for tier, severity in block.severity.items() if severity is not None},
        omission=block.omission,
        commission=block.commission,
        note=block.note,
        tasks=frozenset(block.tasks),
        is_flag=block.flag,
        is_signed=block.signed,
        yields_to=tuple(block.yields_to),
        hint=_hint(block),
    )


def _hint(block: GateBlock) -> GateHint:
    return GateHint(
        conditions=tuple(block.hint.conditions),
        requires_any=tuple(block.hint.requires_any),
        equivalents=tuple(block.hint.equivalents),
        pairs=tuple(_pair(pair) for pair in block.hint.pairs),
        acts={condition: tuple(acts) for condition, acts in block.acts.items()},
        exceptions=tuple(block.exceptions),
        limits=block.hint.limits,
    )


def _pair(block: PairBlock) -> HintPair:
    return HintPair(
        conditions=tuple(block.conditions),
        sets=tuple(block.sets),
        requires=tuple(block.requires),
        unless=tuple(block.unless),
        stances=tuple(block.stances),
        is_regional=block.regional,
    )


def _signoff(file: RubricFile) -> Signoff:
    block = file.signoff
    return Signoff(block.status, block.by, block.date, tuple(block.signed), block.items)
