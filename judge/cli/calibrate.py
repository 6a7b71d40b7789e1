"""``judge calibrate``."""

from pathlib import Path

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Examples:
  judge calibrate outputs/answers-1a2b3c4d --physicians grades.csv --set calibration/round-1
  judge calibrate outputs/answers-1a2b3c4d --physicians grades.csv --simple-random
  judge calibrate outputs/more-5e6f7a8b --calibration outputs/answers-1a2b3c4d/calibration.json
"""


@click.command(epilog=_EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--physicians", type=click.Path(path_type=Path), help="Physicians' grades of the run's answers.")
@click.option("--set", "drawn", type=click.Path(path_type=Path), metavar="DIR", help="The set that was graded.")
@click.option("--simple-random", is_flag=True, help="Assert that every answer had the same chance to be graded.")
@click.option("--calibration", type=click.Path(path_type=Path), help="A calibration.json of a run with these hashes.")
@click.option("--seed", type=int, help="Of folds and draws [the run's].")
@output_options
def calibrate(
    run: Path,
    physicians: Path | None,
    drawn: Path | None,
    simple_random: bool,
    calibration: Path | None,
    seed: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Correct a run's means and grades towards what physicians would have given, and write them back to it."""
    from judge.api.calibrating.calibrate import calibrate as verb

    output = Output(as_json, quiet)
    made = verb(run, physicians, set=drawn, simple_random=simple_random, calibration=calibration, seed=seed)
    for warning in made.warnings:
        output.talk(f"note: {warning}")
    output.result(made.text, made.document())
    output.talk(f"Written: {made.run.folder / 'calibration.json'}")
