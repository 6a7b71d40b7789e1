"""``judge demo``."""

from pathlib import Path

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Example:
  judge demo
"""


@click.command(epilog=_EPILOG)
@click.option("--out", type=click.Path(path_type=Path), help="Run folder [outputs/demonstration-<plan>].")
@output_options
def demo(out: Path | None, as_json: bool, quiet: bool) -> None:
    """Go the whole way on shipped demonstration answers: offline, no key, under a minute.

    Cases, answers and grades of the demonstration are simulated; no model and no physician was asked.
    """
    from judge.api.demo import run_demo
    from judge.api.presenting import present_demo
    from judge.cli.progress import Bar

    output = Output(as_json, quiet)
    with Bar(quiet=quiet) as bar:
        made = run_demo(out, progress=bar)
    shown = present_demo(made)
    for warning in made.run.warnings:
        output.talk(f"warning: {warning}")
    output.result(shown.text, shown.document)
