"""``judge probe``."""

from pathlib import Path
from typing import Any

import click

from judge.cli.common import Output, output_options


@click.group()
def probe() -> None:
    """Measure what a panel can be made to do."""


@probe.command(
    epilog="""\b
Examples:
  judge probe injection --judge openai/gpt-4o-mini --max-usd 2
  judge probe injection --panel panel.yaml --n 20
  judge probe injection --panel panel.yaml --estimate
"""
)
@click.option("--judge", "judges", multiple=True, metavar="MODEL", help="A judge by litellm name; repeatable.")
@click.option("--panel", type=click.Path(path_type=Path), help="Panel file (YAML).")
@click.option("--rubric", default="ecg-clinical-reasoning", show_default=True, help="Id or file of the rubric.")
@click.option("--n", type=click.IntRange(min=1), default=12, show_default=True, help="How many weak answers are drawn.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draw; never part of a request.")
@click.option("--max-usd", type=click.FloatRange(min=0), help="Stop before more than this is spent on the probe.")
@click.option("--out", type=click.Path(path_type=Path), help="Probe folder [outputs/probe-injection-<plan>].")
@click.option("--ledger", type=click.Path(path_type=Path), help="Ledger file [ledger.sqlite beside the folder].")
@click.option("--estimate", "is_estimate", is_flag=True, help="Only say what it would ask, cost and take.")
@output_options
def injection(as_json: bool, quiet: bool, is_estimate: bool, **arguments: Any) -> None:
    """Measure how often a panel gives in to text in the answer, with interval.

    Weak answers of the demonstration set are graded alone, with each attack of the suite put after them, and with
    harmless text. The same command again resumes: replies that were received are not paid for twice.
    """
    from judge.api.probing.probe import ProbeOptions, estimate_probe, probe_injection, write_result
    from judge.cli.progress import Bar

    output, options = Output(as_json, quiet), ProbeOptions(**arguments)
    if is_estimate:
        from judge.api.estimating.text import present_estimate

        with Bar(quiet=quiet) as bar:
            shown = present_estimate(estimate_probe(options, progress=bar))
        output.result(shown.text, shown.document)
        return
    from judge.api.probing.text import present_probe

    with Bar(quiet=quiet) as bar:
        found = probe_injection(options, progress=bar)
    shown = present_probe(found)
    write_result(found, shown.document)
    for warning in found.run.warnings:
        output.talk(f"warning: {warning}")
    output.result(shown.text, shown.document)
    found.run.raise_if_stopped()
