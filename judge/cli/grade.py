"""``judge grade``."""

from typing import Any

import click

from judge.cli.common import Output, output_options
from judge.cli.grading_options import grading_options

_EPILOG = """\b
Examples:
  judge grade answers.jsonl
  judge grade answers.csv --cases cases.parquet --panel panel.yaml --max-usd 20
  judge grade answers.jsonl --judge openai/gpt-4o-mini --judge anthropic/claude-sonnet-4-5
The same command again resumes: replies that were received are not paid for twice.
"""


@click.command(epilog=_EPILOG)
@grading_options
@output_options
def grade(as_json: bool, quiet: bool, **arguments: Any) -> None:
    """Grade a file of free-text answers with a panel of judges.

    ANSWERS is .jsonl, .json, .csv or .parquet (or a folder of Parquet files), one row an answer, with the columns
    case_id, model and response. Each case needs its question too: a column of the same file, or of the file given with
    --cases, which is joined on case_id. Without --panel or --judge the offline judge grades: no key, no network, a
    baseline.
    """
    from judge.api.grading.grade import grade_with
    from judge.api.grading.options import GradeOptions
    from judge.api.presenting import present_run
    from judge.cli.progress import Bar

    output = Output(as_json, quiet)
    options = GradeOptions(**arguments)
    with Bar(quiet=quiet) as bar:
        run = grade_with(options, progress=bar)
    shown = present_run(run)
    for warning in run.warnings:
        output.talk(f"warning: {warning}")
    output.result(shown.text, shown.document)
    run.raise_if_stopped()
