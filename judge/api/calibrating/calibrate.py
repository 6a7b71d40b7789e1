"""The verb ``calibrate``: physicians' grades of a run, corrected means and grades back into it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from judge.agreement.estimate import FloatArray
from judge.api.calibrating.binding import (
    canaries_of,
    check_binding,
    check_set,
    drift_in,
    read_calibration,
)
from judge.api.calibrating.drift_checks import refuse_expired
from judge.api.calibrating.entries import Asked
from judge.api.calibrating.maps import (
    Corrected,
    FittedDimension,
    apply_dimension,
    corrected_scores,
    fit_dimension,
    fitted_from,
)
from judge.api.calibrating.means import differences_of, means_by_language_of, means_of
from judge.api.calibrating.passes import pass_levels_of
from judge.api.calibrating.physicians import PhysicianGrades, only_test_split, read_grades
from judge.api.calibrating.provenance import Source, claim_of, opened_before, provenance_of, warnings_of
from judge.api.calibrating.run import RunArrays, arrays_of
from judge.api.calibrating.weights import weights_of
from judge.api.calibrating.writing import write_back
from judge.api.card import rubric_of
from judge.api.run import Run, open_run
from judge.api.sampling.set import CalibrationSet, read_set
from judge.calibration.floors import REFUSED_BELOW
from judge.domain.rubric import Rubric
from judge.errors import ConfigError, DataError
from judge.store.files import sha256_file
from judge.store.lock import locked


@dataclass(frozen=True)
class Calibrated:
    """A run with its corrected columns, and its ``calibration.json``."""

    run: Run
    calibration: Mapping[str, Any]
    warnings: tuple[str, ...] = ()

    @property
    def means(self) -> list[dict[str, Any]]:
        """One entry a model and dimension, ``pass:<dimension>`` or ``gate:<id>``: method, value, interval, counts."""
        return list(self.calibration["means"])

    def document(self) -> dict[str, Any]:
        """Return ``calibration.json``."""
        return dict(self.calibration)

    @property
    def text(self) -> str:
        """What a person reads of it."""
        from judge.api.calibrating.text import text_of

        return text_of(self.calibration)


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    run: Run
    rubric: Rubric
    arrays: RunArrays


def calibrate(
    run: Run | str | Path,
    physicians: str | Path | None = None,
    *,
    set: str | Path | None = None,
    simple_random: bool = False,
    calibration: str | Path | None = None,
    seed: int | None = None,
    pass_level: float | Mapping[str, float] | None = None,
    finite_population: bool = False,
) -> Calibrated:
    """Correct a run towards physicians' grades, and write corrected columns back into it.

    Parameters
    ----------
    run
        A run or its folder.
    physicians
        Their grades: a ratings table, answers named by ``response_id`` or by the item of the set.
    set
        Folder of the set that was graded: it knows the answers' chances and the split.
    simple_random
        Instead of ``set``: asserts that every answer had the same chance to be graded.
    calibration
        Instead of ``physicians``: a ``calibration.json`` of another run with the same hashes. Single grades are
        corrected; means are not, because no physician graded here.
    seed
        Of folds and draws; by default the run's.
    pass_level
        From which physicians' level on an answer passes: adds to the means, as ``pass:<dimension>``, the corrected
        share of answers that do. One level for all core dimensions, or levels by dimension (``*``: the core
        dimensions that are not named).
    finite_population
        Whether means, rates and differences speak of exactly these answers, and not of the models on cases like these:
        what physicians graded is then known, and intervals are narrower, the more so the more is graded.

    Raises
    ------
    ConfigError
        If the arguments do not go together, or set or calibration do not belong to this run.
    DataError
        If the grades are wrong, or fewer than ten answers were graded.
    StoreError
        If a file cannot be read or written, or the run is in use.
    """
    opened = open_run(run)
    if (physicians is None) == (calibration is None):
        raise ConfigError(
            "say either which physicians' grades (--physicians) or which calibration (--calibration) to use"
        )
    if calibration is not None and (set is not None or simple_random):
        raise ConfigError("--set and --simple-random go with --physicians, not with --calibration")
    if calibration is not None and (pass_level is not None or finite_population):
        raise ConfigError(
            "--pass and --finite-population go with --physicians, not with --calibration",
            hint="A calibration of another run corrects single grades alone: no physician graded here.",
        )
    with locked(opened.folder):
        rubric = rubric_of(opened)
        whole = _Opened(opened, rubric, arrays_of(opened, rubric))
        if calibration is not None:
            return _apply(whole, Path(calibration))
        drawn = None if set is None else read_set(Path(set))
        asked = Asked(
            seed=int(opened.manifest["seed"]) if seed is None else seed,
            target="these answers" if finite_population else "cases",
            pass_levels=pass_levels_of(pass_level, rubric),
        )
        return _fit(whole, Path(physicians or ""), drawn, asked, is_simple_random=simple_random)


def _fit(
    whole: _Opened, physicians: Path, drawn: CalibrationSet | None, asked: Asked, *, is_simple_random: bool
) -> Calibrated:
    run, rubric, arrays = whole.run, whole.rubric, whole.arrays
    if drawn is not None:
        check_set(drawn, run, arrays)
    grades = read_grades(physicians, arrays, rubric, drawn, is_simple_random=is_simple_random)
    if drawn is not None and grades.is_tune is not None and _may_be_tuned(drawn, run):
        grades = only_test_split(grades, arrays, grades.is_tune)
    _refuse_too_few(physicians, grades)
    source = Source(physicians, grades, drawn)
    n_before = opened_before(source, run, asked)
    streams = np.random.SeedSequence(asked.seed).spawn(len(rubric.dimensions) + 2)
    fitted = {
        dimension.id: fit_dimension(
            dimension.id,
            arrays,
            grades,
            np.array(sorted(dimension.levels), dtype=np.float64),
            np.random.default_rng(stream),
        )
        for dimension, stream in zip(rubric.dimensions, streams, strict=False)
    }
    document = {
        **provenance_of(run, source, asked, n_before),
        "coefficients": {name: found.document() for name, found in fitted.items()},
        **_weights(whole, grades, np.random.default_rng(streams[-2])),
        "means": means_of(arrays, grades, rubric, asked),
        "means_by_language": means_by_language_of(arrays, grades, rubric, asked),
        "differences": differences_of(arrays, grades, rubric, asked),
        "held_out": _held_out(arrays, fitted),
        "canaries": canaries_of(arrays, np.random.default_rng(streams[-1])),
        "warnings": [*warnings_of(run, grades, n_before), *_map_warnings(fitted)],
    }
    return _written(whole, fitted, document)


def _may_be_tuned(drawn: CalibrationSet, run: Run) -> bool:
    return bool(drawn.manifest["run"]["prompt_hash"] != run.manifest["prompt_hash"])


def _refuse_too_few(path: Path, grades: PhysicianGrades) -> None:
    if grades.n_answers < REFUSED_BELOW:
        raise DataError(
            f"{path}: {grades.n_answers} natural answers of this run are graded, fewer than {REFUSED_BELOW}: "
            "nothing can be corrected",
            hint="`judge sample` draws answers and says how many a claim takes; `judge agree` describes few grades.",
        )


def _weights(whole: _Opened, grades: PhysicianGrades, rng: np.random.Generator) -> dict[str, Any]:
    found = weights_of(whole.run, whole.arrays, grades, whole.rubric, rng)
    detail = {name: value for name, value in asdict(found).items() if name != "weights"}
    return {
        "weights": dict(found.weights),
        "weights_detail": {**detail, "log_likelihoods": list(found.log_likelihoods)},
    }


def _held_out(arrays: RunArrays, fitted: Mapping[str, FittedDimension]) -> dict[str, dict[str, float]]:
    return {
        name: {str(arrays.response_ids[place]): level for place, level in found.held_out.items()}
        for name, found in fitted.items()
        if found.held_out
    }


def _map_warnings(fitted: Mapping[str, FittedDimension]) -> list[str]:
    return [
        f"{name}: {text}"
        for name, found in fitted.items()
        for text in ([found.reason] if found.reason else found.report["warnings"])
    ]


def _apply(whole: _Opened, path: Path) -> Calibrated:
    """Correct single grades by a calibration made elsewhere."""
    document = read_calibration(path)
    check_binding(document, whole.run, path)
    is_own = document["plan_hash"] == whole.run.manifest["plan_hash"]
    if not is_own:  # what a run's own judges said then is still theirs, whatever they say now
        refuse_expired(path, document)
    drift = drift_in(document, whole.arrays)
    if drift.state == "expired":
        raise ConfigError(
            f"{path}: has expired; {drift.n_answers} canaries graded again: {drift.reason}",
            hint="The model behind a judge has changed: calibrate anew with physicians' grades.",
        )
    places = whole.arrays.places()
    fitted = {}
    for name, about in document["coefficients"].items():
        known = document["held_out"].get(name, {}) if is_own else {}
        fitted[name] = replace(fitted_from(about), held_out={places[key]: level for key, level in known.items()})
    warnings = [*document["warnings"], *([] if is_own else _elsewhere(drift.state, drift.reason))]
    applied = {
        **document,
        "applied_from": {"sha256": sha256_file(path), "drift": asdict(drift)},
        **({} if is_own else claim_of(Asked())),
        "means": document["means"] if is_own else [],
        "means_by_language": document["means_by_language"] if is_own else [],
        "differences": document["differences"] if is_own else [],
        "held_out": document["held_out"] if is_own else {},
        "warnings": warnings,
    }
    return _written(whole, fitted, applied)


def _elsewhere(state: str, reason: str) -> list[str]:
    said = ["calibrated on another run: single grades are corrected, means are not, because no physician graded here"]
    if state == "not_enough_data":
        said.append(f"drift not checked: {reason}")
    return said


def _written(whole: _Opened, fitted: Mapping[str, FittedDimension], document: dict[str, Any]) -> Calibrated:
    corrected: dict[str, Corrected] = {
        name: apply_dimension(name, found, whole.arrays) for name, found in fitted.items()
    }
    scores: FloatArray = corrected_scores(whole.arrays, whole.rubric, corrected)
    run = write_back(whole.run, whole.arrays, corrected, scores, document)
    return Calibrated(run, document, tuple(document["warnings"]))
