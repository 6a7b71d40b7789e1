"""What a calibration says of itself: grades, split, claim, warnings."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from judge.api.calibrating.binding import FORMAT, binding_of
from judge.api.calibrating.entries import Asked
from judge.api.calibrating.passes import RULE
from judge.api.calibrating.physicians import PhysicianGrades
from judge.api.run import Run
from judge.api.sampling.openings import no_longer_fresh, record_opening
from judge.api.sampling.set import CalibrationSet
from judge.store.files import sha256_file

METHOD = "ppi++ means by case; monotone maps with conformal intervals for single grades"
CLAIMS = {
    "cases": "the models on cases like these",
    "these answers": "exactly these answers (finite-population correction), not the models in general",
}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The grades of a calibration, and the set that they are of."""

    path: Path
    grades: PhysicianGrades
    drawn: CalibrationSet | None

    @property
    def reads_test_split(self) -> bool:
        """Whether a graded answer is of the set's test split."""
        if self.drawn is None:
            return False
        grades = self.grades
        return bool((grades.is_graded if grades.is_tune is None else grades.is_graded & ~grades.is_tune).any())


def opened_before(source: Source, run: Run, asked: Asked) -> int | None:
    """Record that the test split is opened; return how often it was before, None where it stays closed."""
    if source.drawn is None or not source.reads_test_split:
        return None
    about = {"grades": sha256_file(source.path), "seed": asked.seed}
    return record_opening(source.drawn.folder, _command(asked), run=run.manifest["plan_hash"], about=about)


def _command(asked: Asked) -> str:
    words = [f"--pass {name}={level:g}" for name, level in asked.pass_levels.items()]
    words += ["--finite-population"] if asked.target == "these answers" else []
    return " ".join(["judge calibrate", *words])


def provenance_of(run: Run, source: Source, asked: Asked, n_before: int | None) -> dict[str, Any]:
    """Return the head of ``calibration.json``."""
    grades = source.grades
    return {
        "format": FORMAT,
        "method": METHOD,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": asked.seed,
        "plan_hash": run.manifest["plan_hash"],
        "binding": binding_of(run),
        "physicians": {
            "sha256": sha256_file(source.path),
            "raters": list(grades.physicians),
            "simulated": list(grades.simulated),
            "target": "the adjudicated level, else the mean of the physicians' levels, repeats reduced first",
            "n_answers": grades.n_answers,
            "n_cases": grades.n_cases,
            "n_planted_left_out": grades.n_planted,
        },
        "split": {**_split(grades, source.drawn), "test_opened_before": n_before},
        **claim_of(asked),
    }


def claim_of(asked: Asked) -> dict[str, Any]:
    """Return what means and rates speak of, and what counts as a pass."""
    return {
        "claim": CLAIMS[asked.target],
        "finite_population": asked.target == "these answers",
        "pass_levels": dict(asked.pass_levels),
        "pass_rule": RULE if asked.pass_levels else None,
    }


def warnings_of(run: Run, grades: PhysicianGrades, n_before: int | None) -> list[str]:
    """Return what is to be known before the figures are read."""
    stale = no_longer_fresh(n_before or 0)
    return [*_incomplete(run), *grades.warnings, *([stale] if stale else [])]


def _incomplete(run: Run) -> list[str]:
    return [] if run.is_complete else ["the run is not complete: answers that were not asked count as unscored"]


def _split(grades: PhysicianGrades, drawn: CalibrationSet | None) -> dict[str, Any]:
    if drawn is not None and grades.is_tune is None:
        return {"set": drawn.hash, "chances": "of the set", "fitted_on": "the test split alone, cross-fitted by case"}
    if drawn is None or grades.is_tune is None:
        return {"set": None, "chances": "equal, as asserted", "fitted_on": "all graded cases, cross-fitted by case"}
    n_tune = int((grades.is_graded & grades.is_tune).sum())
    return {
        "set": drawn.hash,
        "chances": f"inclusion probabilities of the set, ratio {drawn.manifest['weight_ratio']:.2f}",
        "fitted_on": "the tune split; the test split only reports",
        "n_tune": n_tune,
        "n_test": grades.n_answers - n_tune,
        "split_by": list(drawn.manifest["split_by"]),
    }
