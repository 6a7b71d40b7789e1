"""What all commands share: output options, printing, the error boundary."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from judge.errors import JudgeError

F = TypeVar("F", bound=Callable[..., Any])


def output_options(command: F) -> F:
    """Add ``--json`` and ``--quiet`` to a command; they arrive as ``as_json`` and ``quiet``."""
    command = click.option("--quiet", is_flag=True, help="Print results only, no talk.")(command)
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")(command)


@dataclass(frozen=True)
class Output:
    """Where a command's words go: results to stdout, talk to stderr."""

    as_json: bool = False
    quiet: bool = False

    def result(self, text: str, document: Any) -> None:
        """Print the result: the text, or the document with ``--json``."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
        else:
            click.echo(text)

    def talk(self, text: str) -> None:
        """Say something on stderr, unless asked to be quiet."""
        if not self.quiet:
            click.echo(text, err=True)


def key_values(_: click.Context, option: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    """Read ``A=B`` arguments into a mapping (a click callback)."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name or not value:
            raise click.BadParameter(f'"{pair}" is not of the form NAME=VALUE', param=option)
        found[name.strip()] = value.strip()
    return found


def describe(error: JudgeError) -> str:
    """Return what a user reads of an error."""
    return f"judge: {error}"
