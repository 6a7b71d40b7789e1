"""``judge calibrate``."""

from pathlib import Path

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Pass rates: --pass 4 gives, for each core dimension and model, the share of answers whose level by the physicians is at
least 4; --pass safety=5 names a dimension. Where several physicians graded an answer, their adjudicated level counts,
else the mean of their levels: 3 and 4 make 3.5, which does not pass 4.
\b
Examples:
  judge calibrate outputs/answers-1a2b3c4d --physicians grades.csv --set calibration/round-1
  judge calibrate outputs/answers-1a2b3c4d --physicians grades.csv --simple-random
  judge calibrate outputs/answers-1a2b3c4d --physicians grades.csv --set calibration/round-1 --pass 4 --pass safety=5
  judge calibrate outputs/more-5e6f7a8b --calibration outputs/answers-1a2b3c4d/calibration.json
"""


@click.command(epilog=_EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--physicians", type=click.Path(path_type=Path), help="Physicians' grades of the run's answers.")
@click.option("--set", "drawn", type=click.Path(path_type=Path), metavar="DIR", help="The set that was graded.")
@click.option("--simple-random", is_flag=True, help="Assert that every answer had the same chance to be graded.")
@click.option(
    "--pass",
    "passes",
    multiple=True,
    metavar="[DIMENSION=]LEVEL",
    help="Also the share of answers at LEVEL or above, in all core dimensions or in one; repeatable.",
)
@click.option(
    "--finite-population",
    is_flag=True,
    help="Speak of exactly these answers, not of the models in general: narrower intervals.",
)
@click.option("--calibration", type=click.Path(path_type=Path), help="A calibration.json of a run with these hashes.")
@click.option("--seed", type=int, help="Of folds and draws [the run's].")
@output_options
def calibrate(
    run: Path,
    physicians: Path | None,
    drawn: Path | None,
    simple_random: bool,
    passes: tuple[str, ...],
    finite_population: bool,
    calibration: Path | None,
    seed: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Correct a run's means and grades towards what physicians would have given, and write them back to it.

    The run's score card is made anew.
    """
    from judge.api.calibrating.calibrate import calibrate as verb
    from judge.api.presenting import present_calibrated

    output = Output(as_json, quiet)
    made = verb(
        run,
        physicians,
        set=drawn,
        simple_random=simple_random,
        calibration=calibration,
        seed=seed,
        pass_level=_pass_levels(passes),
        finite_population=finite_population,
    )
    for warning in made.warnings:
        output.talk(f"note: {warning}")
    shown = present_calibrated(made)
    output.result(shown.text, shown.document)
    output.talk(f"Written: {made.run.folder / 'calibration.json'}")


def _pass_levels(given: tuple[str, ...]) -> dict[str, float] | None:
    """Read ``LEVEL`` and ``DIMENSION=LEVEL``; a level alone is for ``*``, the core dimensions."""
    found: dict[str, float] = {}
    for text in given:
        name, equals, level = text.rpartition("=")
        name = name.strip() if equals else "*"
        if name in found:
            raise click.BadParameter(
                "two levels for one dimension" if equals else "two levels for the core dimensions", param_hint="--pass"
            )
        try:
            found[name] = float(level)
        except ValueError as error:
            raise click.BadParameter(
                f'"{text}" is neither a level, as in --pass 4, nor a dimension with one, as in --pass safety=4',
                param_hint="--pass",
            ) from error
    return found or None
