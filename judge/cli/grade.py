"""``judge grade``."""

from pathlib import Path
from typing import Any

import click

from judge.cli.common import Output, key_values, output_options

_EPILOG = """\b
Examples:
  judge grade answers.jsonl
  judge grade answers.csv --cases cases.parquet --panel panel.yaml --max-usd 20
  judge grade answers.jsonl --judge openai/gpt-4o-mini --judge anthropic/claude-sonnet-4-5
The same command again resumes: replies that were received are not paid for twice.
"""


@click.command(epilog=_EPILOG)
@click.argument("answers", type=click.Path(path_type=Path))
@click.option("--cases", type=click.Path(path_type=Path), help="Questions and references, joined on case_id.")
@click.option("--checklists", type=click.Path(path_type=Path), help="Checklists (JSONL), joined on case_id.")
@click.option(
    "--columns",
    multiple=True,
    callback=key_values,
    metavar="OURS=THEIRS",
    help="Read our column from the file's column of another name, e.g. case_id=item; repeatable.",
)
@click.option("--rubric", default="ecg-clinical-reasoning", show_default=True, help="Id or file of the rubric.")
@click.option("--panel", type=click.Path(path_type=Path), help="Panel file (YAML).")
@click.option("--judge", "judges", multiple=True, metavar="MODEL", help="A judge by litellm name; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Run folder [outputs/<answers>-<plan>].")
@click.option("--ledger", type=click.Path(path_type=Path), help="Ledger file [ledger.sqlite beside the run folder].")
@click.option("--max-usd", type=click.FloatRange(min=0), help="Stop before more than this is spent on the run.")
@click.option("--limit", type=click.IntRange(min=1), help="Grade the first N answers only.")
@click.option("--baselines", "with_baselines", is_flag=True, help="Also write BLEU-1, ROUGE-L and METEOR (no judges).")
@click.option("--skip-bad", is_flag=True, help="Grade the good rows; list the others in rejected.jsonl.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of resampling; never part of a request.")
@output_options
def grade(as_json: bool, quiet: bool, **arguments: Any) -> None:
    """Grade a file of free-text answers with a panel of judges.

    ANSWERS is .jsonl, .json, .csv or .parquet (or a folder of Parquet files), one row an answer, with the columns
    case_id, model and response. Without --panel or --judge the offline judge grades: no key, no network, a baseline.
    """
    from judge.api.grading import grade_with
    from judge.api.options import GradeOptions
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
