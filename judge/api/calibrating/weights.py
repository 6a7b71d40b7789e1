"""Weights of a run's judges, learned from physicians' grades."""

import statistics
from collections import defaultdict

import numpy as np

from judge.api.calibrating.physicians import PhysicianGrades
from judge.api.calibrating.run import RunArrays
from judge.api.run import Run
from judge.calibration.panel_weights import JudgedAnswers, PanelWeights, learn_weights
from judge.domain.rubric import Rubric
from judge.errors import StoreError


def weights_of(
    run: Run, arrays: RunArrays, grades: PhysicianGrades, rubric: Rubric, rng: np.random.Generator
) -> PanelWeights:
    """Learn weights on the tune split (all graded answers without one), all dimensions together.

    In each dimension the mean error of all judges is taken off, so that a shift common to them is no noise.
    """
    judges = [judge["id"] for judge in run.manifest["panel"]]
    inside = grades.is_graded if grades.is_tune is None else grades.is_graded & grades.is_tune
    levels, target, places = [], [], []
    given = _judge_levels(run, {str(name) for name in arrays.response_ids[inside]}) if len(judges) > 1 else {}
    for dimension in rubric.dimensions if given else ():
        own = np.flatnonzero(inside & ~np.isnan(grades.dimensions[dimension.id].target))
        part = np.array(
            [[given.get((str(arrays.response_ids[i]), judge, dimension.id), np.nan) for judge in judges] for i in own]
        ).reshape(len(own), len(judges))
        wanted = grades.dimensions[dimension.id].target[own]
        error = part - wanted[:, None]
        shift = float(np.nanmean(error)) if np.isfinite(error).any() else 0.0
        levels.append(part - shift)
        target.append(wanted)
        places.append(own)
    place = np.concatenate(places) if places else np.array([], dtype=np.int64)
    stacked = np.concatenate(levels) if levels else np.zeros((0, len(judges)))
    kept = ~np.isnan(stacked).all(axis=1)
    place = place[kept]
    chance = np.ones(len(place)) if grades.probability is None else grades.probability[place]
    scale = np.array(sorted({float(level) for d in rubric.dimensions for level in d.levels}))
    judged = JudgedAnswers(
        stacked[kept], np.concatenate([*target, np.array([])])[kept], arrays.cases[place], 1 / chance, scale
    )
    return learn_weights(judges, judged, rng)


def _judge_levels(run: Run, wanted: set[str]) -> dict[tuple[str, str, str], float]:
    """Return each judge's level by response, judge and dimension: the lower median of its repeats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = run.folder / "verdicts.parquet"
    columns = ["response_id", "judge", "dimension", "level", "status"]
    try:
        table = pq.read_table(path, columns=columns, filters=[("response_id", "in", wanted)])
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(
            f"{path}: cannot be read ({error})", hint="Run `judge grade` again: it costs nothing."
        ) from error
    repeats: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in table.to_pylist():
        if row["status"] == "scored" and row["level"] is not None:
            repeats[row["response_id"], row["judge"], row["dimension"]].append(row["level"])
    return {key: statistics.median_low(levels) for key, levels in repeats.items()}
