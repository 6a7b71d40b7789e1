"""``judge estimate``."""

from typing import Any

import click

from judge.cli.common import Output, output_options
from judge.cli.grading_options import grading_options

_EPILOG = """\b
Examples:
  judge estimate answers.jsonl --panel panel.yaml --max-usd 20
  judge estimate answers.jsonl --judge openai/gpt-4o-mini --show-prompt r17
Sharper after a pilot: judge grade … --limit 30, then judge estimate with the same arguments.
"""


@click.command(epilog=_EPILOG)
@grading_options
@click.option("--show-prompt", "response_id", metavar="RESPONSE_ID", help="Print what would be sent for one answer.")
@output_options
def estimate(as_json: bool, quiet: bool, response_id: str | None, **arguments: Any) -> None:
    """Say what judge grade would ask, cost and take; makes no call and needs no key.

    Takes the arguments of judge grade. Replies that the ledger holds are subtracted.
    """
    from judge.api.estimating import estimate_with
    from judge.api.estimating_prompts import show_prompt
    from judge.api.estimating_text import present_estimate
    from judge.api.options import GradeOptions
    from judge.cli.progress import Bar

    options = GradeOptions(**arguments)
    if response_id is not None:
        shown = show_prompt(options, response_id)
    else:
        with Bar(quiet=quiet) as bar:
            shown = present_estimate(estimate_with(options, progress=bar))
    Output(as_json, quiet).result(shown.text, shown.document)
