"""The verb ``probe injection``: how often a panel gives in to text in the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from judge.api.grading.grade import grade_with
from judge.api.grading.options import DEFAULT_RUBRIC, GradeOptions
from judge.api.grading.plan import make_plan, panel_of
from judge.api.grading.progress import Progress
from judge.api.probing.answers import Asked, Base, asked, drawn, weak_answers, write_answers
from judge.api.probing.pairs import PANEL, Pair, Yardstick, pairs_of, yardstick
from judge.api.probing.sums import Detection, RaterResult, detection_of, rater_result
from judge.api.run import Run
from judge.errors import ConfigError
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from judge.store.files import write_json

if TYPE_CHECKING:
    from judge.api.estimating.estimate import Estimate

DEFAULT_N = 12
RESULT = "injection.json"
RUN = "run"


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """The arguments of a probe."""

    judges: tuple[str, ...] = ()
    panel: Path | None = None
    rubric: str = DEFAULT_RUBRIC
    n: int = DEFAULT_N
    """How many weak answers are drawn."""
    seed: int = 0
    max_usd: float | None = None
    out: Path | None = None
    ledger: Path | None = None


@dataclass(frozen=True)
class Probe:
    """What a probe found."""

    folder: Path
    run: Run
    options: ProbeOptions
    bases: tuple[Base, ...]
    yardstick: Yardstick
    raters: tuple[RaterResult, ...]
    """The judges in the panel's order, and last the panel."""
    detection: Detection
    pairs: Mapping[str, tuple[Pair, ...]]

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Return every answer that was graded."""
        return tuple(asked(self.bases))


def probe_injection(options: ProbeOptions, *, progress: Progress | None = None) -> Probe:
    """Grade weak answers alone and with each attack of the suite put after them, and count how often that paid.

    The grading is a run like any other: it resumes, it pays for nothing twice, and the cap holds.

    Raises
    ------
    ConfigError
        For a faulty panel or rubric, too few weak answers, or a folder that holds another probe.
    StoreError
        If a file or the ledger cannot be used.
    """
    rubric = load_rubric(find_rubric(options.rubric))
    bases = drawn(weak_answers(rubric), options.n, options.seed)
    folder, grading = _placed(options, bases)
    _refuse_namesake(grading)
    run = grade_with(grading, progress=progress)
    measure = yardstick(rubric)
    every = tuple(asked(bases))
    pairs = pairs_of(run, every, measure.dimension)
    return Probe(
        folder=folder,
        run=run,
        options=options,
        bases=bases,
        yardstick=measure,
        raters=tuple(rater_result(rater, found, measure) for rater, found in pairs.items()),
        detection=detection_of(every),
        pairs=pairs,
    )


def estimate_probe(options: ProbeOptions, *, progress: Progress | None = None) -> "Estimate":
    """Return what a probe would ask, cost and take; makes no call and leaves no file."""
    from judge.api.estimating.estimate import estimate_plan

    rubric = load_rubric(find_rubric(options.rubric))
    bases = drawn(weak_answers(rubric), options.n, options.seed)
    with TemporaryDirectory() as place:
        plan = make_plan(_grading(options, Path(place), bases))
    folder = _folder(options, plan.hash)
    named = replace(plan.options, answers=folder / plan.options.answers.name)
    return estimate_plan(replace(plan, options=named, ledger=_ledger(options, folder)), progress=progress)


def _refuse_namesake(grading: GradeOptions) -> None:
    if any(judge.id == PANEL for judge in panel_of(grading).judges):
        raise ConfigError(f'a judge is called "{PANEL}", which is the name of all of them together', hint="Rename it.")


def _placed(options: ProbeOptions, bases: tuple[Base, ...]) -> tuple[Path, GradeOptions]:
    """Return the probe's folder, named by its plan, with the answers in it, and the run's options."""
    with TemporaryDirectory() as place:
        plan = make_plan(_grading(options, Path(place), bases))
    folder = _folder(options, plan.hash)
    grading = _grading(options, folder, bases)
    return folder, replace(grading, out=folder / RUN, ledger=_ledger(options, folder))


def _grading(options: ProbeOptions, folder: Path, bases: tuple[Base, ...]) -> GradeOptions:
    answers, cases = write_answers(folder, bases)
    return GradeOptions(
        answers=answers,
        cases=cases,
        rubric=options.rubric,
        panel=panel_of(GradeOptions(answers, panel=options.panel, judges=options.judges)),
        max_usd=options.max_usd,
        seed=options.seed,
    )


def _folder(options: ProbeOptions, plan_hash: str) -> Path:
    return options.out or Path("outputs") / f"probe-injection-{plan_hash[:8]}"


def _ledger(options: ProbeOptions, folder: Path) -> Path:
    return options.ledger or folder.parent / "ledger.sqlite"


def write_result(probe: Probe, document: Mapping[str, object]) -> Path:
    """Write what was found beside the run."""
    path = probe.folder / RESULT
    write_json(path, document)
    return path
