"""``judge agree``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from judge.cli.common import Output, output_options

_EPILOG = """\b
Ratings are one long table (CSV, JSONL or Parquet), a row a rating:
  item         the answer; for a run its response_id (either name is read)
  rater        who rates
  role         judge or physician; not needed with --physicians
  dimension    what is rated; gate:ID and criterion:ID are 1 or 0
  level        a number or name of the scale; empty is missing
Optional columns:
  case_id      unit of resampling (or case) [item]
  repeat       number of a repeated rating [0]
  stage        original or adjudicated; originals are compared [original]
  stratum      natural or planted; planted are apart [natural]
  simulated    true where no person rated [false]
  inclusion_probability  chance to be drawn, above 0 and up to 1
  model, task, language, or any other: for --by
\b
  item,rater,role,dimension,level
  r001,dr-a,physician,safety,4
  r001,sonnet,judge,safety,5
\b
Examples:
  judge agree ratings.csv --levels 1:5
  judge agree RUN --physicians grades.csv --margin 0.1 --by task
"""


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a progress bar that shows after two seconds, nothing where stderr is not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    empty: list[None] = []
    with tqdm(empty, unit="part", delay=2, dynamic_ncols=True) as bar:

        def move(n_done: int, n_total: int) -> None:
            bar.total = n_total
            bar.update(n_done - bar.n)

        yield move


class _SeveralEpsilons(click.Command):
    """Takes ``--epsilon 0 0.1 0.2`` as well as the option repeated."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_repeated(args)))


def _repeated(args: list[str]) -> Iterator[str]:
    is_after_epsilon = False
    for before, word in zip(["", *args], args, strict=False):
        is_after_epsilon = is_after_epsilon and _is_number(word)
        if is_after_epsilon and before != "--epsilon":
            yield "--epsilon"
        yield word
        is_after_epsilon = is_after_epsilon or word == "--epsilon"


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


@click.command(epilog=_EPILOG, cls=_SeveralEpsilons)
@click.argument("source", type=click.Path(path_type=Path), metavar="RATINGS|RUN")
@click.option(
    "--physicians",
    type=click.Path(path_type=Path),
    help="Physicians' grades of a run; writes RUN/agreement.json.",
)
@click.option("--levels", multiple=True, metavar="[DIM=]SPEC", help="A scale: 1:5, bad,fair,good or @FILE.")
@click.option("--nominal", is_flag=True, help="Levels are names without an order.")
@click.option("--dimension", "dimensions", multiple=True, metavar="D", help="Only this dimension (repeatable).")
@click.option("--epsilon", "epsilons", multiple=True, type=float, metavar="E", help="Of the alt-test [0 0.1 0.15 0.2].")
@click.option("--margin", type=float, metavar="M", help="Loss of kappa that still counts as no worse.")
@click.option("--bias-margin", type=float, metavar="L", help="Mean shift, in levels, that still counts as equal.")
@click.option("--ci", type=click.Choice(["bootstrap", "analytic"]), default="bootstrap", show_default=True)
@click.option("--by", metavar="COL", help="Look at each value of this column apart, besides all together.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the resampling.")
@click.option("--out", type=click.Path(path_type=Path), help="Write .json or .parquet.")
@output_options
def agree(
    source: Path,
    physicians: Path | None,
    levels: tuple[str, ...],
    nominal: bool,
    dimensions: tuple[str, ...],
    epsilons: tuple[float, ...],
    margin: float | None,
    bias_margin: float | None,
    ci: str,
    by: str | None,
    seed: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say how well raters agree, how sure that is, and whether a judge may stand in for a physician."""
    from judge.api.agreeing.agree import EPSILONS, AgreeOptions
    from judge.api.agreeing.agree import agree as verb

    output = Output(as_json, quiet)
    options = AgreeOptions(
        levels=levels,
        nominal=nominal,
        dimensions=dimensions,
        epsilons=epsilons or EPSILONS,
        margin=margin,
        bias_margin=bias_margin,
        ci="analytic" if ci == "analytic" else "bootstrap",
        by=by,
        seed=seed,
    )
    with _bar(quiet=quiet) as on_progress:
        report = verb(source, physicians, out=out, options=options, on_progress=on_progress)
    for warning in report.warnings:
        output.talk(f"note: {warning}")
    output.result(report.text, report.document())
    if report.path is not None:
        output.talk(f"Written: {report.path}")
    elif source.is_dir():
        output.talk(
            "Nothing was written: a run's agreement.json is the comparison with physicians (--physicians FILE); "
            "--out FILE writes this one."
        )
