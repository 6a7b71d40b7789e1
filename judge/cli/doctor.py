"""``judge doctor``."""

from pathlib import Path
from typing import Any

import click

from judge.cli.common import Output, output_options
from judge.errors import JudgeError

_EPILOG = """\b
Examples:
  judge doctor --panel panel.yaml
  judge doctor outputs/answers-1a2b3c4d
"""


@click.command(epilog=_EPILOG)
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--panel", type=click.Path(path_type=Path), help="Panel file to check: keys, routes, endpoints.")
@click.option("--judge", "judges", multiple=True, metavar="MODEL", help="A judge to check; repeatable.")
@output_options
def doctor(as_json: bool, quiet: bool, **arguments: Any) -> None:
    """Check versions, rubrics, keys and endpoints, or a finished run's files; nothing is spent.

    Exit code 1 if a check fails.
    """
    from judge.api.doctor import diagnose
    from judge.api.presenting import present_checks

    output = Output(as_json, quiet)
    checks = diagnose(**arguments)
    shown = present_checks(checks)
    output.result(shown.text, shown.document)
    failed = [check.name for check in checks if check.status == "failed"]
    if failed:
        raise JudgeError(f"{len(failed)} check(s) failed: {', '.join(failed)}")
