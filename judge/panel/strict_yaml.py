"""YAML read strictly: a key stands once, nothing refers back to something else."""

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases, which let a small file grow without bound, and without duplicate keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "anchors and aliases are not read here", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                problem = f'the key "{name}" stands twice'
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str) -> Any:
    """Return the one document of a text.

    Raises
    ------
    yaml.YAMLError
        If it is not one, has a key twice, an alias, or is nested too deeply.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # a safe loader
    except RecursionError as error:
        raise yaml.YAMLError("nested too deeply") from error
