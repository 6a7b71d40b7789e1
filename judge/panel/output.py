"""The typed reply of a judge and its JSON Schema, in declared order: reason and quotes before the verdict."""

import typing
from collections.abc import Mapping
from typing import Any, Literal, Union

import pydantic

from judge.domain.rubric import GateTier
from judge.domain.verdict import Absence
from judge.panel.shape import Shape

NOT_APPLICABLE = "na"


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class CriterionOutput(_Strict):
    """One criterion: words of the answer first, then whether it is met."""

    id: str
    quotes: list[str]
    met: bool | Literal["na"]


class GateOutput(_Strict):
    """One gate that the answer sets off."""

    id: str
    quote: str
    absence: Absence | None
    tier: GateTier


def output_types(shape: Shape) -> dict[str, Any]:
    """Return the types of a reply's fields, in declared order."""
    types: dict[str, Any] = {
        "injection_suspected": bool,
        "reference_problem": str | None,
        "criteria": list[CriterionOutput],
        "gates": list[GateOutput],
        "levels": _levels_model(shape),
    }
    return {name: types[name] for name in shape.fields}


def response_schema(shape: Shape) -> dict[str, Any]:
    """Return the JSON Schema of a reply: declared order, everything required, no ids of a case.

    Definitions are written in place and every object is closed, as strict providers ask.
    """
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in output_types(shape).items()}
    model = pydantic.create_model("Reply", __base__=_Strict, **fields)
    schema = model.model_json_schema(by_alias=True)
    inlined = _inlined(schema, schema.get("$defs", {}))
    if not isinstance(inlined, dict):  # pragma: no cover - a model's schema is an object
        raise TypeError("a model's schema is an object")
    return inlined


def response_format(shape: Shape) -> dict[str, Any]:
    """Return the ``response_format`` parameter that asks a provider for exactly this reply."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "judge_reply", "strict": True, "schema": response_schema(shape)},
    }


def plain_level(level: float) -> int | float:
    """Return a level as it is written: whole numbers without a fraction."""
    return int(level) if float(level).is_integer() else float(level)


def _levels_model(shape: Shape) -> type[pydantic.BaseModel]:
    fields: dict[str, Any] = {
        f"dimension_{index}": (_level_model(levels), pydantic.Field(alias=dimension))
        for index, (dimension, levels) in enumerate(shape.scales)
    }
    return pydantic.create_model("Levels", __base__=_Strict, **fields)


def _level_model(levels: tuple[float, ...]) -> type[pydantic.BaseModel]:
    plain = [plain_level(level) for level in levels]
    is_whole = all(isinstance(level, int) for level in plain)
    scale: Any = Literal.__getitem__(tuple(plain if is_whole else map(float, plain)))
    level: Any = Union[scale, Literal["na"]]  # noqa: UP007  (built at run time)
    return pydantic.create_model("Level", __base__=_Strict, reason=(str, ...), level=(level, ...))


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(entry, definitions) for entry in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    if node.get("type") == "object" and "properties" in node:
        properties = {name: _inlined(entry, definitions) for name, entry in node["properties"].items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    kept = {k: _inlined(v, definitions) for k, v in node.items() if k not in ("title", "$defs", "description")}
    if "const" in kept:
        kept["enum"] = [kept.pop("const")]
    return kept


def shape_from_types(types: Mapping[str, Any]) -> Shape:
    """Return the shape that types of a reply's fields were made from; the way back from ``output_types``."""
    levels = types.get("levels")
    scales = []
    for field in levels.model_fields.values() if levels is not None else ():
        scale = typing.get_args(field.annotation.model_fields["level"].annotation)[0]
        scales.append((str(field.alias), tuple(float(level) for level in typing.get_args(scale))))
    return Shape("injection_suspected" in types, "criteria" in types, "gates" in types, tuple(scales))
