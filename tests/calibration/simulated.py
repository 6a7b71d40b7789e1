"""Simulated judges and physicians with a known truth, and the reference data as arrays."""

import csv
import json
from collections import defaultdict

import numpy as np

from judge.calibration.choosing import choose_map
from judge.calibration.conformal import fit_band, intervals
from judge.calibration.frame import Frame
from judge.calibration.grade_map import Graded, Panelled

NAN = float("nan")


def reference_case(folder, name):
    """Return a case of stats_reference.json."""
    cases = json.loads((folder / "stats_reference.json").read_text(encoding="utf-8"))["cases"]
    return next(case for case in cases if case["id"] == name)


def chattogovar(folder):
    """Return (model, dimension) -> (humans' mean, judge on the same, judge on the others), first occasions only."""
    given, judged = defaultdict(list), {}
    with (folder / "chattogovar/ratings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["role"] == "physician" and not row["item"].endswith("#2"):
                given[row["model"], row["dimension"], row["item"]].append(float(row["level"]))
    with (folder / "chattogovar/bulk.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            judged[row["model"], row["dimension"], row["item"]] = float(row["level"])
    parts = defaultdict(lambda: ([], [], []))
    for (model, dimension, item), level in judged.items():
        if dimension == "Total":
            continue
        y, f, u = parts[model, dimension]
        levels = given.get((model, dimension, item))
        if levels is None:
            u.append(level)
        else:
            y.append(np.mean(levels))
            f.append(level)
    return {key: tuple(map(np.array, value)) for key, value in parts.items()}


def systematic(chance, rng):
    """Return which units a randomised systematic draw takes, shape of ``chance``."""
    order = rng.permutation(len(chance))
    ends = np.cumsum(chance[order])
    hits = np.searchsorted(ends, rng.random() + np.arange(round(ends[-1])))
    taken = np.zeros(len(chance), dtype=bool)
    taken[order[np.minimum(hits, len(chance) - 1)]] = True
    return taken


def study(rng, *, n_cases=5000, n_graded=100, per_case=1, ratio=1.0, leniency=0.7):
    """Return a frame of one lenient, noisy judge, and the levels that physicians would have given to all answers.

    Cases are drawn whole; where ``ratio`` is above 1, cases whose first answer the judge puts at 3 or below are drawn
    that much more often.
    """
    n = n_cases * per_case
    quality = np.repeat(rng.normal(size=n_cases) * 0.6, per_case) + rng.normal(size=n) * 0.8
    truth = np.clip(np.round(3 + quality + rng.normal(size=n) * 0.5), 1, 5)
    judge = np.clip(np.round(3 + leniency + 0.7 * quality + rng.normal(size=n) * 0.6), 1, 5)
    size = np.where(judge[::per_case] <= 3, ratio, 1.0)
    chance = np.minimum(1.0, n_graded * size / size.sum())
    drawn = np.repeat(systematic(chance, rng), per_case)
    probability = np.repeat(chance, per_case) if ratio > 1 else None
    labels = np.where(drawn, truth, NAN)
    return Frame(judge, labels, np.repeat(np.arange(n_cases), per_case), probability), truth


def covers(estimate, truth):
    """Return whether an interval holds the truth; no interval holds nothing."""
    return estimate.ci_low is not None and estimate.ci_low <= truth <= estimate.ci_high


def chattogovar_items(folder):
    """Return (model, dimension) -> (humans' mean, judge) of the answers that humans graded, in the order of items."""
    return {key: (y, f) for key, (y, f, _) in chattogovar(folder).items()}


def rare(rng, *, n=3000, rate=0.03, n_graded=100, ratio=1.0, sensitivity=0.7, false_alarms=0.02, noise=0.0):
    """Return a frame of a rare yes-no outcome, judge's yes drawn ``ratio`` times as often, and the truth."""
    truth = (rng.random(n) < rate).astype(float)
    judge = np.where(truth == 1, rng.random(n) < sensitivity, rng.random(n) < false_alarms).astype(float)
    size = np.where(judge == 1, ratio, 1.0) * (1 + noise * rng.random(n))
    chance = np.minimum(1.0, n_graded * size / size.sum())
    labels = np.where(systematic(chance, rng), truth, NAN)
    probability = chance if ratio > 1 or noise else None
    return Frame(judge, labels, np.arange(n), probability), truth


def graded_from(frame, *, kept=None):
    """Return the labelled answers of a frame for fitting a map."""
    places = np.flatnonzero(frame.is_labelled if kept is None else kept)
    level = frame.scores[places]
    nothing, same = np.full(len(places), NAN), np.full(len(places), "x")
    target = frame.labels[places]
    given = np.eye(5)[np.clip(np.round(target).astype(int) - 1, 0, 4)]
    weights = np.ones(len(places)) if frame.probability is None else 1 / frame.probability[places]
    panelled = Panelled(level, nothing, nothing, same, same)
    return Graded(panelled, target, given, frame.cases[places], weights, np.arange(1.0, 6.0))


def fresh_grades(rng, *, n_graded, ratio, alpha=0.1):
    """Return coverage, raw and corrected error of single grades on the answers that nobody graded."""
    made, truth = study(rng, n_cases=2000, n_graded=n_graded, ratio=ratio)
    graded = graded_from(made)
    chosen = choose_map(graded, rng, is_nested=False)
    band = fit_band(chosen.predicted - graded.target, graded.cases, graded.weights, rng, alpha=alpha)
    hidden = ~made.is_labelled
    nothing, same = np.full(int(hidden.sum()), NAN), np.full(int(hidden.sum()), "x")
    level = chosen.fitted.predict(Panelled(made.scores[hidden], nothing, nothing, same, same))
    weights = np.full(len(level), float(graded.weights.max()))
    found = intervals(band, level, weights, graded.scale, is_whole=True)
    held = np.mean((found.low <= truth[hidden]) & (truth[hidden] <= found.high))
    return held, np.abs(made.scores[hidden] - truth[hidden]).mean(), np.abs(level - truth[hidden]).mean()
