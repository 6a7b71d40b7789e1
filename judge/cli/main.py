"""The command ``judge``: finds the subcommand, and turns our errors into a message and an exit code."""

import importlib
import sys
from typing import Any, NoReturn

import click

import judge
from judge.cli.common import describe
from judge.errors import Interrupted, JudgeError

_COMMANDS = {
    "demo": "judge.cli.demo:demo",
    "grade": "judge.cli.grade:grade",
    "estimate": "judge.cli.estimate:estimate",
    "agree": "judge.cli.agree:agree",
    "tune": "judge.cli.tune:tune",
    "sample": "judge.cli.sample:sample",
    "calibrate": "judge.cli.calibrate:calibrate",
    "drift": "judge.cli.drift:drift",
    "card": "judge.cli.card:card",
    "rubric": "judge.cli.rubric:rubric",
    "import": "judge.cli.importing:importing",
    "ledger": "judge.cli.ledger:ledger",
    "probe": "judge.cli.probe:probe",
    "doctor": "judge.cli.doctor:doctor",
}


class _Commands(click.Group):
    """A group that imports a command's module when it is needed."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; Ctrl-C where the command does not handle it has our exit code, not click's."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted", hint="The same command again goes on from here.") from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


_HELP = """Grade free-text clinical answers with a panel of judges, and say how far each number can be trusted.

Research use. Not a medical device.

\b
Start here:    judge demo
Your answers:  judge grade answers.jsonl --judge openai/gpt-4o-mini
"""


@click.command(cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(judge.__version__, prog_name="judge")
def cli() -> None:
    """Run one of the commands."""


def main() -> NoReturn:
    """Run the command line; exits with 0, or with the code that the error owns."""
    try:
        cli.main(standalone_mode=True)
    except JudgeError as error:
        click.echo(describe(error), err=True)
        sys.exit(error.exit_code)
    sys.exit(0)
