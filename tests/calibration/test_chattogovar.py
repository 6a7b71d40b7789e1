"""Real grades: the humans' levels hidden for nine answers in ten, and asked for again."""

import numpy as np
import pytest

from judge.calibration.frame import Frame, MeanOptions, corrected_mean
from judge.calibration.grade_map import Graded, Panelled, fit_map
from tests.calibration.simulated import NAN, chattogovar_items, covers

N_SPLITS = 60


@pytest.mark.reference
def test_corrected_means_hold_the_full_mean_and_corrected_grades_are_nearer_than_raw(reference_data):
    """444 answers of three models together, 44 graded: a tenth of one model's 148 would be below the floor of 30.

    The target is the mean of all 444, so the interval has the finite-population correction. 5 dimensions x 60 splits;
    Monte Carlo error 1.3 points, and the splits of a dimension share its data.
    """
    items = chattogovar_items(reference_data)
    rng = np.random.default_rng(0)
    hits, raw, corrected = [], [], []
    for dimension in sorted({dimension for _, dimension in items}):
        parts = [items[model, dimension] for model in ("ChatTogoVar", "GPT-4o", "VarChat")]
        y, f = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
        for _ in range(N_SPLITS):
            shown = rng.choice(len(y), size=len(y) // 10, replace=False)
            labels = np.full(len(y), NAN)
            labels[shown] = y[shown]
            options = MeanOptions(target="these answers", seed=int(rng.integers(1 << 30)))
            hits.append(covers(corrected_mean(Frame(f, labels, np.arange(len(y))), options), y.mean()))
            hidden = np.setdiff1d(np.arange(len(y)), shown)
            fitted = fit_map(graded(f[shown], y[shown], shown), "isotonic")
            raw.append(np.abs(f[hidden] - y[hidden]).mean())
            corrected.append(np.abs(fitted.predict(panelled(f[hidden])) - y[hidden]).mean())
    assert 0.92 <= np.mean(hits) <= 0.98
    assert np.mean(corrected) < np.mean(raw)


def panelled(level):
    nothing, same = np.full(len(level), NAN), np.full(len(level), "x")
    return Panelled(level, nothing, nothing, same, same)


def graded(level, target, cases):
    given = np.eye(11)[np.round(target).astype(int)]
    return Graded(panelled(level), target, given, cases, np.ones(len(level)), np.arange(11.0))
