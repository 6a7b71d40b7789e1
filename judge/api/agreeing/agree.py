"""The verb ``agree``: a ratings table, or a run with physicians' grades, in; statistics, claims and an account, out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from judge.agreement.claims import Verdict, claim_results, verdicts_of
from judge.agreement.comparisons import Result, Settings, compare
from judge.agreement.dangers import danger_results, review_results
from judge.agreement.estimate import Interval
from judge.agreement.study import YES_NO_PREFIXES, Slice, slice_ratings
from judge.api.agreeing.adjusting import adjusted
from judge.api.agreeing.inputs import InputHash, hash_input
from judge.api.agreeing.ratings import Ratings, read_ratings
from judge.api.agreeing.scales import read_levels
from judge.api.run import Run, open_run
from judge.errors import ConfigError, did_you_mean

FORMAT = "judge-agreement/1"
FILE = "agreement.json"
EPSILONS = (0.0, 0.1, 0.15, 0.2)
N_RESAMPLES = 2000
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class AgreeOptions:
    """What is compared, and how."""

    levels: Sequence[str] = ()
    """``[DIM=]SPEC`` declarations of scales."""
    nominal: bool = False
    dimensions: Sequence[str] = ()
    """Only these; empty means all."""
    epsilons: Sequence[float] = EPSILONS
    margin: float | None = None
    """Of non-inferiority, in kappa."""
    bias_margin: float | None = None
    """Of equivalence, in levels."""
    ci: Literal["bootstrap", "analytic"] = "bootstrap"
    by: str | None = None
    """A column whose values are looked at apart, besides all together."""
    seed: int = 0
    n_resamples: int = N_RESAMPLES

    def __post_init__(self) -> None:
        """Refuse numbers that make no test."""
        for name in ("margin", "bias_margin"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigError(f"{name} is {value}, a margin lies above 0")
        if any(not 0 <= epsilon <= 1 for epsilon in self.epsilons):
            raise ConfigError(f"epsilon lies between 0 and 1, not {list(self.epsilons)}")
        if self.ci not in ("bootstrap", "analytic"):
            raise ConfigError(f'ci is "bootstrap" or "analytic", not "{self.ci}"')

    @property
    def settings(self) -> Settings:
        """The settings of the statistics."""
        method: Literal["bca", "analytic"] = "bca" if self.ci == "bootstrap" else "analytic"
        interval = Interval(method, n_resamples=self.n_resamples, seed=self.seed)
        return Settings(interval, tuple(self.epsilons), self.margin, self.bias_margin)


@dataclass(frozen=True, slots=True, repr=False)
class AgreementReport:
    """All statistics of a comparison, the claims, and what they rest on."""

    ratings: Ratings
    results: tuple[Result, ...]
    verdicts: tuple[Verdict, ...]
    warnings: tuple[str, ...]
    options: AgreeOptions
    source: str
    inputs: tuple[InputHash, ...] = ()
    """The files it was read from, as they were then."""
    path: Path | None = None
    """Where it was written; None: nowhere."""

    def __repr__(self) -> str:
        """Return source, raters, dimensions and how much was rated."""
        ratings = self.ratings
        return (
            f"AgreementReport(source={self.source!r}, raters={_listed(rater.id for rater in ratings.raters)}, "
            f"dimensions={_listed(ratings.dimensions)}, n_items={len({rating.item for rating in ratings.ratings})}, "
            f"n_ratings={sum(rating.level is not None for rating in ratings.ratings)})"
        )

    def document(self) -> dict[str, Any]:
        """Return ``agreement.json``."""
        from judge.api.agreeing.document import agreement_document

        return agreement_document(self)

    @property
    def text(self) -> str:
        """The terminal table with the account of the study."""
        from judge.report.agreement import render_agreement

        return render_agreement(self.document())


def _listed(names: Iterable[str], n_shown: int = 6) -> str:
    found = list(names)
    more = f", and {len(found) - n_shown} more" if len(found) > n_shown else ""
    return f"[{', '.join(found[:n_shown])}{more}]"


def agree(
    source: Run | str | Path,
    physicians: str | Path | None = None,
    *,
    out: str | Path | None = None,
    options: AgreeOptions | None = None,
    on_progress: OnProgress | None = None,
    **settings: Any,
) -> AgreementReport:
    """Compare raters.

    Parameters
    ----------
    source
        A ratings table (CSV, JSONL, Parquet), a run, or a run's folder.
    physicians
        With a run: the physicians' ratings of its answers; without a column ``role`` all rows are theirs.
    out
        ``.json`` or ``.parquet``. A run's agreement with physicians is also written to its folder, as
        ``agreement.json``; without physicians nothing is.
    options
        What is compared and how; or by name in ``settings``.
    on_progress
        Called with how many of how many parts are done.
    **settings
        Fields of :class:`AgreeOptions`.

    Raises
    ------
    DataError
        If the ratings are wrong: all problems, each with its row.
    ConfigError
        If an option is wrong.
    StoreError
        If a run's files or the output cannot be read or written.
    """
    unknown = sorted(set(settings) - set(AgreeOptions.__dataclass_fields__))
    if unknown:
        near = did_you_mean(unknown[0], AgreeOptions.__dataclass_fields__)
        raise ConfigError(f'agree has no setting "{unknown[0]}"{near}')
    chosen = replace(options or AgreeOptions(), **settings)
    run = _run_of(source)
    target = _target(out)
    if run is None:
        if physicians is not None:
            raise ConfigError("physicians' grades go with a run; a ratings table holds its own physicians")
        path = Path(str(source))
        ratings = read_ratings(path, read_levels(chosen.levels, is_nominal=chosen.nominal))
        made_of = (hash_input(path, "ratings"),)
        report = report_of(ratings, chosen, source=path.name, on_progress=on_progress)
        return _written(replace(report, inputs=made_of), [target])
    own = run.folder / FILE
    if physicians is not None:
        return _written(_of_run(run, Path(physicians), chosen, on_progress), [own, target])
    if target is not None and target.resolve() == own.resolve():
        raise ConfigError(
            f"{target}: in a run this file is the comparison with physicians",
            hint="Give --physicians, or another name to --out.",
        )
    return _written(_of_run(run, None, chosen, on_progress), [target])


def _of_run(
    run: Run, physicians: Path | None, options: AgreeOptions, on_progress: OnProgress | None
) -> AgreementReport:
    from judge.api.agreeing.run_ratings import run_ratings
    from judge.api.card import rubric_of

    if options.levels:
        raise ConfigError("a run takes its scales from its rubric: leave --levels out")
    ratings = run_ratings(run, rubric_of(run), physicians, is_nominal=options.nominal)
    made_of = [hash_input(run.folder / f"{name}.parquet", "run") for name in ("verdicts", "grades", "criteria")]
    if physicians is not None:
        made_of.append(hash_input(physicians, "physicians"))
    report = report_of(ratings, options, source=run.folder.resolve().name, on_progress=on_progress)
    report = replace(report, inputs=tuple(made_of))
    if run.is_complete:
        return report
    return replace(report, warnings=(*report.warnings, "the run is not complete"))


def _run_of(source: Run | str | Path) -> Run | None:
    if isinstance(source, Run):
        return source
    return open_run(source) if Path(source).is_dir() else None


def _target(out: str | Path | None) -> Path | None:
    if out is None:
        return None
    path = Path(out)
    if path.suffix not in (".json", ".parquet"):
        raise ConfigError(f"{path}: an agreement is written as .json or .parquet")
    return path


def _written(report: AgreementReport, places: Iterable[Path | None]) -> AgreementReport:
    from judge.api.agreeing.document import write_agreement

    path = None
    for place in places:
        if place is not None:
            write_agreement(report, place)
            path = place
    return replace(report, path=path)


def report_of(
    ratings: Ratings, options: AgreeOptions, *, source: str, on_progress: OnProgress | None = None
) -> AgreementReport:
    """Compare the raters of a table that has been read.

    Raises
    ------
    ConfigError
        If a dimension or the column to group by is not there.
    """
    dimensions = _dimensions(ratings, options)
    groups = list(_groups(ratings, options))
    results: list[Result] = []
    settings = options.settings
    n_total, n_done = len(groups) * len(dimensions), 0
    for group, chosen in groups:
        parts = [_slice(chosen, dimension, group) for dimension in dimensions]
        for part in parts:
            results += _of_slice(part, settings)
            n_done += 1
            if on_progress is not None:
                on_progress(n_done, n_total)
        results += review_results(parts, settings)
    final = adjusted(results)
    notes = (*ratings.warnings, *_notes(ratings))
    return AgreementReport(ratings, final, tuple(verdicts_of(final)), notes, options, source)


def _slice(ratings: Ratings, dimension: str, group: Mapping[str, str]) -> Slice:
    return slice_ratings(ratings.ratings, ratings.raters, dimension, ratings.scales[dimension], group)


def _of_slice(part: Slice, settings: Settings) -> Iterator[Result]:
    yield from compare(part, settings)
    yield from claim_results(part, settings)
    yield from danger_results(part, settings)


def _dimensions(ratings: Ratings, options: AgreeOptions) -> tuple[str, ...]:
    for name in options.dimensions:
        if name not in ratings.scales:
            raise ConfigError(
                f'no rating has the dimension "{name}"{did_you_mean(name, ratings.scales)}',
                hint=f"There are: {', '.join(ratings.scales)}.",
            )
    return tuple(name for name in ratings.dimensions if not options.dimensions or name in options.dimensions)


def _groups(ratings: Ratings, options: AgreeOptions) -> Iterator[tuple[Mapping[str, str], Ratings]]:
    """Yield all natural ratings, each value of the column asked for, and planted answers apart."""
    natural = tuple(rating for rating in ratings.ratings if rating.stratum == "natural")
    planted = tuple(rating for rating in ratings.ratings if rating.stratum != "natural")
    yield {}, replace(ratings, ratings=natural)
    if planted:
        yield {"stratum": "planted"}, replace(ratings, ratings=planted)
    if options.by is None:
        return
    values = sorted({rating.groups[options.by] for rating in ratings.ratings if options.by in rating.groups})
    if not values:
        known = sorted({name for rating in ratings.ratings for name in rating.groups})
        raise ConfigError(
            f'no rating has the column "{options.by}"{did_you_mean(options.by, known)}',
            hint=f"One can group by: {', '.join(known)}.",
        )
    for value in values:
        own = tuple(rating for rating in natural if rating.groups.get(options.by) == value)
        if own:
            yield {options.by: value}, replace(ratings, ratings=own)


def _notes(ratings: Ratings) -> Iterator[str]:
    if ratings.n_adjudicated:
        yield f"{ratings.n_adjudicated} adjudicated rows were left out: agreement is of original ratings"
    n_planted = len({rating.item for rating in ratings.ratings if rating.stratum != "natural"})
    if n_planted:
        yield f"{n_planted} planted answers are reported apart and enter no mean, claim or headline"
    if any(name.startswith(YES_NO_PREFIXES) for name in ratings.scales) and any(
        rating.inclusion_probability is not None for rating in ratings.ratings
    ):
        yield "miss and false-alarm rates are weighted by 1 / inclusion probability"
