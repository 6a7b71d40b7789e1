"""``judge tune``."""

from pathlib import Path
from typing import Any

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Examples (RUN is a run folder such as outputs/answers-1a2b3c4d; judge sample makes the set, physicians grade it):
  judge sample RUN --out calibration/first
  judge tune RUN --physicians grades.csv --set calibration/first --judge sonnet --panel panel.yaml --out program.json
  judge tune RUN --physicians grades.csv --set calibration/first --judge sonnet --panel panel.yaml --out program.json \\
    --optimizer fewshot --max-usd 5
Give the result to the judge as `program: program.json` in the panel file: it is another judge then, with another hash.
"""
_FILE = click.Path(path_type=Path)


@click.command(epilog=_EPILOG)
@click.argument("run", type=_FILE)
@click.option("--physicians", type=_FILE, required=True, help="Physicians' grades of the run's answers.")
@click.option(
    "--set", "set_folder", type=_FILE, required=True, help="Folder that judge sample made of RUN; its split is kept."
)
@click.option("--judge", required=True, metavar="ID", help="Which judge of the run.")
@click.option("--optimizer", type=click.Choice(["gepa", "fewshot", "mipro"]), default="gepa", show_default=True)
@click.option("--panel", type=_FILE, help="The run's panel file, where the judge has an endpoint, key or price.")
@click.option("--writer", metavar="ID", help="Which judge of the panel writes proposals [the judge itself].")
@click.option("--rounds", type=int, default=10, show_default=True, help="Proposals, draws or trials.")
@click.option("--lowest-alpha", type=float, default=0.4, show_default=True, help="Lower limit of physicians' alpha.")
@click.option("--ledger", type=_FILE, help="Ledger of replies [the run's].")
@click.option("--max-usd", type=float, help="Cap over the whole tuning, its test included.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--out", type=_FILE, required=True, help="Where the program goes, e.g. program.json.")
@output_options
def tune(as_json: bool, quiet: bool, **arguments: Any) -> None:
    """Tune a judge's instructions on physicians' grades, and say honestly what it brought.

    Learns on the tune split of the set, and is measured on the test split, which it never saw. The rubric stays as it
    is. Physicians must agree among themselves first.
    """
    from judge.api.tuning.preparing import TuneOptions
    from judge.api.tuning.tune import tune_with
    from judge.cli.progress import Bar

    output = Output(as_json, quiet)
    with Bar(quiet=quiet) as bar:
        report = tune_with(TuneOptions(**arguments), progress=bar)
    output.result(report.text, report.document())
    report.raise_if_stopped()
