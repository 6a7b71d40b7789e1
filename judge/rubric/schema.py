"""The rubric file as pydantic models, and its JSON Schema.

Every level of a scale has an anchor, also on long scales: a 0–10 dimension states eleven of them.
Texts are mappings by language; criteria and gates carry their languages as keys of their own (``en: …``, ``zh: …``).
"""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from judge.domain.case import Evidence
from judge.domain.rubric import GateTier, LevelMethod, Severity, Use

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ID = r"^[A-Za-z][A-Za-z0-9_.-]*$"

Words = dict[str, str]
"""The same words by primary language subtag."""
Number = Annotated[float, Field(allow_inf_nan=False)]
Level = Annotated[float, Field(allow_inf_nan=False, strict=False)]
"""A level as the key of a mapping, where JSON knows texts only."""
Step = Annotated[tuple[Number, Number], Field(strict=False)]
"""(least share, level)."""
Id = Annotated[str, Field(pattern=_ID)]
Where = Literal["core", "critical", "inverted", "trivial", "several_trivial"]
Stance = Literal["do", "caution", "continue", "stop"]


class Block(BaseModel):
    """A mapping of the file: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Worded(Block):
    """A block whose words stand beside its fields, one key a language."""

    text: Words = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_languages(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        words = {key: text for key, text in value.items() if cls._is_language(key) and isinstance(text, str)}
        return {**{key: rest for key, rest in value.items() if key not in words}, **({"text": words} if words else {})}

    @classmethod
    def _is_language(cls, key: object) -> bool:
        return isinstance(key, str) and _LANGUAGE.fullmatch(key) is not None and key not in cls.model_fields

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core))
        schema["properties"].pop("text", None)
        schema["patternProperties"] = {f"^{_LANGUAGE.pattern}$": {"type": "string"}}
        return schema


class LevelRuleBlock(Block):
    """Holds a level computed from criteria at or under ``at_most``."""

    criterion: Id
    when: Literal["met", "unmet"]
    at_most: Number
    where: Where | None = None
    at_most_if_core: Number | None = None


class DimensionBlock(Block):
    """One scale."""

    code: Id
    core: bool
    name: Words
    question: Words
    levels: list[Number] | None = None
    anchors: dict[Level, Words]
    case_free_anchors: dict[Level, Words] = Field(default_factory=dict)
    note: Words | None = None
    na_allowed: list[Id] = Field(default_factory=list)
    na_when: Words | None = None
    na_unless: Words | None = None
    level_method: LevelMethod = "judged"
    level_rules: list[LevelRuleBlock] = Field(default_factory=list)


class CriterionBlock(Worded):
    """A check with points."""

    id: Id
    dim: Id
    points: Number
    use: Use
    evidence: Evidence = "quote"
    each: bool = False
    max_total: Number | None = None
    use_by_task: dict[Id, Use] = Field(default_factory=dict)


class PairBlock(Block):
    """Conditions and acts that make a hint; ``[CONDITION, SET]`` is short for one of each."""

    conditions: list[str]
    sets: list[str]
    requires: list[str] = Field(default_factory=list)
    unless: list[str] = Field(default_factory=list)
    stances: list[Stance] = Field(default=["do", "caution", "continue"], min_length=1)
    regional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
            return {"conditions": value[:1], "sets": value[1:]}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        short = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
        return {"anyOf": [schema, short]}


class HintBlock(Block):
    """What the offline judge needs to know of a gate."""

    conditions: list[str] = Field(default_factory=list)
    requires_any: list[str] = Field(default_factory=list)
    equivalents: list[str] = Field(default_factory=list)
    pairs: list[PairBlock] = Field(default_factory=list)
    limits: dict[Id, Number] = Field(default_factory=dict)


class GateBlock(Worded):
    """A dangerous act or omission; its languages name the condition."""

    tiers: list[GateTier] = Field(default_factory=list)
    severity: dict[GateTier, Severity | None] = Field(default_factory=dict)
    omission: Words | None = None
    commission: Words | None = None
    note: Words | None = None
    tasks: list[Id] = Field(default_factory=list)
    flag: bool = False
    signed: bool = False
    yields_to: list[Id] = Field(default_factory=list)
    hint: HintBlock = Field(default_factory=HintBlock)
    acts: dict[str, list[str]] = Field(default_factory=dict)
    exceptions: list[str] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _acts_of_any_condition(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("acts"), list):
            return {**value, "acts": {"*": value["acts"]}}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = super().__get_pydantic_json_schema__(core, handler)
        acts = schema["properties"]["acts"]
        schema["properties"]["acts"] = {"anyOf": [acts, {"type": "array", "items": {"type": "string"}}]}
        return schema


class TierBlock(Block):
    """``cap`` of the composite; every other key is a dimension's code with its ceiling."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[str, Number] = Field(init=False)

    cap: Annotated[float, Field(ge=0, le=100)]


class GatesBlock(Block):
    """``tiers`` and ``missed_diagnosis_ceiling``; every other key is a gate's id."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[str, GateBlock] = Field(init=False)

    tiers: dict[GateTier, TierBlock] = Field(default_factory=dict)
    missed_diagnosis_ceiling: dict[Id, Number] = Field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, GateBlock]:
        """Return the gates in file order."""
        return dict(self.__pydantic_extra__ or {})


class TaskBlock(Block):
    """How one task weighs and words the rubric."""

    name: Words
    weights: dict[Id, Annotated[float, Field(ge=0, le=100)]]
    asker: str
    key_means: Words | None = None
    notes: Words | None = None
    core_overrides: list[Id] = Field(default_factory=list)
    has_case: bool = True
    level_from_f1: list[Step] = Field(default_factory=list)
    extra: list[CriterionBlock] = Field(default_factory=list)


class SignoffBlock(Block):
    """Who has signed what; ``items`` lists what needs a signature."""

    status: Literal["draft", "signed"] = "draft"
    by: str | None = None
    date: str | None = None
    signed: list[Id] = Field(default_factory=list)
    items: dict[Id, Words] = Field(default_factory=dict)


class RubricFile(Block):
    """A rubric file, ``rubrics/<id>/v<version>.yaml``."""

    default_task: ClassVar[str] = "default"

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[int, Field(ge=1)]
    languages: Annotated[list[Annotated[str, Field(pattern=f"^{_LANGUAGE.pattern}$")]], Field(min_length=1)]
    title: Words
    levels: list[Number]
    level_from_coverage: list[Step] = Field(default_factory=list)
    dimensions: dict[Id, DimensionBlock] = Field(min_length=1)
    criteria: list[CriterionBlock] = Field(default_factory=list)
    tasks: dict[Id, TaskBlock]
    gates: GatesBlock = Field(default_factory=GatesBlock)
    signoff: SignoffBlock = Field(default_factory=SignoffBlock)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a rubric file."""
    schema = RubricFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "judge rubric file"}
