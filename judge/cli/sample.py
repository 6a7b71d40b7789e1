"""``judge sample``."""

from pathlib import Path

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Examples:
  judge sample outputs/answers-1a2b3c4d --cases 200 --out calibration/round-1
  judge sample outputs/answers-1a2b3c4d --n 400
"""


@click.command(epilog=_EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--n", type=click.IntRange(min=1), metavar="ANSWERS", help="Draw so many answers.")
@click.option("--cases", type=click.IntRange(min=1), metavar="CASES", help="Draw so many cases with all their answers.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the set [calibration/<name of the run>].")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw, the split and the order.")
@output_options
def sample(
    run: Path, n: int | None, cases: int | None, out: Path | None, seed: int, as_json: bool, quiet: bool
) -> None:
    """Draw a blinded set of a run's answers for physicians, with known chances, and say what it will tell."""
    from judge.api.sampling.sample import sample as verb

    output = Output(as_json, quiet)
    drawn = verb(run, n=n, cases=cases, out=out, seed=seed)
    for warning in drawn.warnings:
        output.talk(f"note: {warning}")
    counts = drawn.manifest["counts"]
    head = (
        f"{counts['n_answers']} answers of {counts['n_cases']} cases, {counts['n_tune']} of them to tune on; "
        f"{counts['n_unflagged']} unflagged, {counts['n_planted']} planted, {counts['n_repeated']} to be graded twice"
    )
    text = "\n".join((head, *drawn.plan.lines(), f"Set: {drawn.folder}"))
    document = {name: value for name, value in drawn.manifest.items() if name != "items"}
    output.result(text, {"set": str(drawn.folder), **document})
