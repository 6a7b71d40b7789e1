"""The arguments that ``judge grade`` and ``judge estimate`` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from judge.cli.common import key_values

F = TypeVar("F", bound=Callable[..., Any])

_DECORATORS: tuple[Callable[[Any], Any], ...] = (
    click.argument("answers", type=click.Path(path_type=Path)),
    click.option("--cases", type=click.Path(path_type=Path), help="Questions and references, joined on case_id."),
    click.option("--checklists", type=click.Path(path_type=Path), help="Checklists (JSONL), joined on case_id."),
    click.option(
        "--columns",
        multiple=True,
        callback=key_values,
        metavar="OURS=THEIRS",
        help="Read our column from the file's column of another name, e.g. case_id=item; repeatable.",
    ),
    click.option("--rubric", default="ecg-clinical-reasoning", show_default=True, help="Id or file of the rubric."),
    click.option("--panel", type=click.Path(path_type=Path), help="Panel file (YAML)."),
    click.option("--judge", "judges", multiple=True, metavar="MODEL", help="A judge by litellm name; repeatable."),
    click.option("--out", type=click.Path(path_type=Path), help="Run folder [outputs/<answers>-<plan>]."),
    click.option("--ledger", type=click.Path(path_type=Path), help="Ledger file [ledger.sqlite beside the run]."),
    click.option("--max-usd", type=click.FloatRange(min=0), help="Stop before more than this is spent on the run."),
    click.option("--limit", type=click.IntRange(min=1), help="Grade the first N answers only."),
    click.option(
        "--baselines", "with_baselines", is_flag=True, help="Also write BLEU-1, ROUGE-L and METEOR (no judges)."
    ),
    click.option("--skip-bad", is_flag=True, help="Grade the good rows; list the others in rejected.jsonl."),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of resampling; never part of a request."),
)


def grading_options(command: F) -> F:
    """Add the arguments of a grading run; they arrive under the names of ``GradeOptions``' fields."""
    for decorate in reversed(_DECORATORS):
        command = decorate(command)
    return command
