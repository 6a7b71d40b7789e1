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
@click.option(
    "--show-prompt",
    "response_id",
    metavar="RESPONSE_ID",
    help="Print what would be sent for one answer: each prompt once, with the judges and repeats that get it.",
)
@output_options
def estimate(as_json: bool, quiet: bool, response_id: str | None, **arguments: Any) -> None:
    """Say what judge grade would ask, cost and take; makes no call and needs no key.

    Takes the arguments of judge grade. Replies that the ledger holds are subtracted. With --max-usd it says whether the
    run fits under the cap; the exit code is 0 also where it does not.
    """
    from judge.api.estimating.estimate import estimate_with
    from judge.api.estimating.prompts import show_prompt
    from judge.api.estimating.text import cap_warning, present_estimate
    from judge.api.grading.options import GradeOptions
    from judge.cli.progress import Bar

    output, options = Output(as_json, quiet), GradeOptions(**arguments)
    if response_id is not None:
        shown = show_prompt(options, response_id)
        output.result(shown.text, shown.document)
        return
    with Bar(quiet=quiet) as bar:
        found = estimate_with(options, progress=bar)
    shown, warning = present_estimate(found), cap_warning(found)
    output.result(shown.text, shown.document)
    if warning is not None and as_json:
        output.talk(f"warning: {warning}")
