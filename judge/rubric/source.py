"""The YAML of a rubric file as plain data, with the line of every field."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from judge.errors import ConfigError
from judge.rubric.faults import Fault, RubricError

Loc = tuple[str | int, ...]
"""Keys and indices that lead to a field."""


@dataclass(slots=True)
class Source:
    """Parsed YAML, the lines it came from, and what was wrong with it as YAML."""

    path: Path
    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, loc: Loc) -> int:
        """Return the line of a field, or of the nearest field around it."""
        for length in range(len(loc), -1, -1):
            if loc[:length] in self.lines:
                return self.lines[loc[:length]]
        return 1

    def name(self, loc: Loc) -> str:
        """Return a field as a dotted path; an element of a list is named by its id where it has one."""
        parts: list[str] = []
        here: Any = self.data
        for key in loc:
            here = _step(here, key)
            if isinstance(key, int) and parts:
                label = here.get("id", key) if isinstance(here, Mapping) else key
                parts[-1] += f"[{label}]"
            else:
                parts.append(str(key))
        return ".".join(parts)

    def report(self, loc: Loc, message: str, way_out: str) -> None:
        """Note a fault of a field."""
        self.faults.append(Fault(self.line(loc), self.name(loc), message, way_out))


class _Loader(yaml.SafeLoader):
    """The safe loader; no anchors, so that a small file cannot grow without bound."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "anchors and aliases are not read here", mark)
        return super().compose_node(parent, index)


def read_source(path: Path) -> Source:
    """Read a rubric file.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not UTF-8, or is not one YAML document.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start})", hint="Save the file as UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", hint="Name a readable YAML file.") from error
    return parse_source(text, path)


def parse_source(text: str, path: Path) -> Source:
    """Parse the text of a rubric file; duplicate keys become faults, the first of them is kept.

    Raises
    ------
    ConfigError
        If the text is not one YAML document.
    """
    source = Source(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None:
            source.data = _build(loader, node, (), source)
    except yaml.YAMLError as error:
        raise RubricError(path, [_syntax_fault(error)]) from error
    except RecursionError as error:
        raise RubricError(path, [Fault(1, "", "nested too deeply", "a rubric needs fewer than 20 levels")]) from error
    if not isinstance(source.data, dict):
        raise RubricError(path, [Fault(1, "", "not a mapping of keys to values", "begin with `id: …`")])
    return source


def _build(loader: _Loader, node: yaml.Node, loc: Loc, source: Source) -> Any:
    source.lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(loader, node, loc, source)
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, (*loc, index), source) for index, item in enumerate(node.value)]
    value = loader.construct_object(node, deep=True)
    return value.isoformat() if isinstance(value, datetime.date) else value


def _build_mapping(loader: _Loader, node: yaml.MappingNode, loc: Loc, source: Source) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = _key(loader, key_node)
        here = (*loc, key)
        line = key_node.start_mark.line + 1
        if key in built:
            first = source.lines[here]
            source.faults.append(
                Fault(line, source.name(here), f"the key stands twice (first on line {first})", "keep one of the two")
            )
            continue
        source.lines[here] = line
        built[key] = _build(loader, value_node, here, source)
    return built


def _key(loader: _Loader, node: yaml.Node) -> str:
    """Return a key as text: the level 3 (or 3.0) is ``"3"``, like a key of JSON."""
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, "a key must be a word or number", node.start_mark)
    value = loader.construct_object(node, deep=True)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else node.value


def _step(here: Any, key: str | int) -> Any:
    if isinstance(here, Mapping):
        return here.get(key)
    if isinstance(here, list) and isinstance(key, int) and 0 <= key < len(here):
        return here[key]
    return None


def _syntax_fault(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    line = 1 if mark is None else mark.line + 1
    return Fault(line, "", f"not readable as YAML: {problem}", "mend the syntax of this line or the one above")
