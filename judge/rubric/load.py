"""From a rubric file to a frozen rubric, or to all of its faults at once."""

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from judge.domain.rubric import Rubric
from judge.errors import did_you_mean
from judge.rubric.build import build_rubric
from judge.rubric.checks import check_file
from judge.rubric.faults import Fault, RubricError
from judge.rubric.mend import concerns, mended
from judge.rubric.schema import GateBlock, GatesBlock, RubricFile
from judge.rubric.source import Loc, Source, read_source

_WAYS_OUT = {
    "missing": "add it",
    "extra_forbidden": "remove or rename it",
    "literal_error": "use one of the values named",
    "finite_number": "write a finite number",
}

_LOADED: dict[str, Rubric] = {}
"""By hash: equal rubrics are one object, so that tables kept by rubric are found without comparing all of it."""


def load_rubric(path: Path) -> Rubric:
    """Read a rubric file; its hash depends on neither comments nor white space, and equal hashes give one object.

    Raises
    ------
    ConfigError
        If the file cannot be read, or has structural faults: all of them, each with file, line, field and way out.
    """
    source, file = read_rubric_file(path)
    if file is None or source.faults:
        raise RubricError(path, source.faults)
    rubric = build_rubric(file, source.data)
    return _LOADED.setdefault(rubric.hash, rubric)


def read_rubric_file(path: Path) -> tuple[Source, RubricFile | None]:
    """Read and check a rubric file; the source holds its faults, the file is None where a field has the wrong type.

    Raises
    ------
    ConfigError
        If the file cannot be read or is not YAML.
    """
    source = read_source(path)
    try:
        file = RubricFile.model_validate(source.data)
    except ValidationError as error:
        source.faults.extend(_fault(details, source) for details in error.errors(include_url=False))
        _check_the_rest(source, error)
        return source, None
    check_file(file, source)
    return source, file


def _check_the_rest(source: Source, error: ValidationError) -> None:
    """Check the file with stand-ins for its badly typed fields, and keep only what is not owed to them."""
    file, places = mended(source.data, error)
    if file is None:
        return
    rest = Rest(source.path, source.data, source.lines, places=places)
    check_file(file, rest)
    source.faults.extend(rest.faults)


class Rest(Source):
    """A source that drops faults owed to stand-ins."""

    def __init__(self, path: Path, data: Any, lines: dict[Loc, int], *, places: list[Loc]) -> None:
        super().__init__(path, data, lines)
        self.places = places

    def report(self, loc: Loc, message: str, way_out: str) -> None:
        """Note a fault of a field that is as the file has it."""
        if not concerns(loc, self.places):
            super().report(loc, message, way_out)


def _fault(details: ErrorDetails, source: Source) -> Fault:
    loc: Loc = tuple(part for part in details["loc"] if part != "[key]")
    kind = details["type"]
    message = _message(details, loc)
    line = source.line(loc[:-1]) if kind == "missing" else source.line(loc)
    return Fault(
        line, source.name(loc), message, _WAYS_OUT.get(kind, "`judge rubric schema` shows what may stand here")
    )


def _message(details: ErrorDetails, loc: Loc) -> str:
    if details["type"] == "missing":
        return f'"{loc[-1]}" is missing'
    if details["type"] == "extra_forbidden":
        return f'unknown key "{loc[-1]}"{did_you_mean(str(loc[-1]), _fields_at(loc[:-1]))}'
    told = details["msg"]
    shown = details["input"]
    return f"{told[0].lower()}{told[1:]}" + (f", not {shown!r}" if isinstance(shown, str | int | float) else "")


def _fields_at(loc: Loc) -> list[str]:
    """Return the names that may stand in the block at a place."""
    block: type[BaseModel] = RubricFile
    for part in loc:
        if part in block.model_fields:
            block = _block_in(block.model_fields[str(part)].annotation) or block
        elif block is GatesBlock:
            block = GateBlock
    return [name for name in block.model_fields if name != "text"]


def _block_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _block_in(part)) is not None), None)
