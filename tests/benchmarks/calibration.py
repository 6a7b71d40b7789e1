"""Coverage of corrected means, rates and grades in full size, and speed; `python -m tests.benchmarks.calibration`.

python -m tests.benchmarks.calibration            # everything, some ten minutes on one core
python -m tests.benchmarks.calibration --speed    # speed alone
python -m tests.benchmarks.calibration --studies 200 --data ../shared/data
"""

import argparse
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from judge.api.calibrating.calibrate import calibrate
from judge.api.calibrating.entries import Asked
from judge.api.calibrating.maps import apply_dimension, corrected_scores, fit_dimension
from judge.api.calibrating.means import differences_of, means_of
from judge.api.calibrating.physicians import read_grades
from judge.api.calibrating.run import arrays_of
from judge.api.calibrating.weights import weights_of
from judge.api.run import open_run
from judge.api.sampling.frame import frame_of
from judge.calibration.frame import Frame, MeanOptions, corrected_mean
from judge.calibration.grade_map import Graded, Panelled, fit_map
from judge.calibration.rates import corrected_rate
from judge.calibration.sampling import draw
from judge.rubric.load import load_rubric
from tests.calibration.simulated import NAN, chattogovar_items, covers, fresh_grades, rare, study
from tests.calibration.synthetic_run import write_grades, write_run


def report(line):
    print(line, flush=True)


def means(n_studies):
    report("PPI++ means, lenient noisy judge, 95 % intervals: coverage of the population's mean, of this run's mean")
    truth = study(np.random.default_rng(99), n_cases=400_000)[1].mean()
    designs = [(50, 1, 1), (100, 1, 1), (400, 1, 1), (50, 3, 1), (100, 3, 1), (50, 1, 5), (100, 1, 5), (400, 1, 5)]
    for n_graded, per_case, ratio in designs:
        rng = np.random.default_rng(n_graded * 100 + per_case * 10 + ratio)
        hits = np.zeros(3)
        for _ in range(n_studies):
            made, levels = study(rng, n_graded=n_graded, per_case=per_case, ratio=ratio, n_cases=5000)
            alone = abs(made.scores.mean() - truth) <= 1.96 * made.scores.std() / np.sqrt(len(made.scores))
            here = corrected_mean(made, MeanOptions(target="these answers"))
            hits += [covers(corrected_mean(made), truth), covers(here, levels.mean()), alone]
        shown = " / ".join(f"{share:.1%}" for share in hits / n_studies)
        report(f"  {n_graded} cases, {per_case} answers a case, inclusion ratio {ratio}: {shown} (last: judge alone)")


def rates(n_studies):
    report("Rates, true rate 3 %, 95 % intervals")
    for n_graded, ratio, noise in [(50, 1, 0), (100, 1, 0), (200, 1, 0), (100, 5, 0), (200, 5, 0), (100, 4, 0.3)]:
        rng = np.random.default_rng(n_graded + ratio)
        found = [corrected_rate(rare(rng, n_graded=n_graded, ratio=ratio, noise=noise)[0]) for _ in range(n_studies)]
        share = np.mean([covers(one, 0.03) for one in found])
        kinds = ", ".join(sorted({one.variant for one in found}))
        report(f"  {n_graded} graded, inclusion ratio {ratio}, noise {noise}: {share:.1%} ({kinds})")


def single_grades(n_studies):
    report("Single grades, conformal intervals at 90 %: coverage on fresh cases; mean absolute error raw, corrected")
    for n_graded, ratio in [(40, 1), (100, 1), (100, 4.5), (400, 1)]:
        rng = np.random.default_rng(n_graded + int(ratio))
        shares = np.mean([fresh_grades(rng, n_graded=n_graded, ratio=ratio) for _ in range(n_studies)], axis=0)
        report(f"  {n_graded} graded, ratio {ratio}: {shares[0]:.1%}; {shares[1]:.2f} → {shares[2]:.2f}")


def chattogovar(folder, n_studies):
    report("chattogovar, human levels hidden for 90 %, seeded splits, finite-population correction, 95 %")
    total = np.zeros(4)
    for (model, dimension), (y, f) in chattogovar_items(folder).items():
        rng = np.random.default_rng(len(model) * 100 + len(dimension))
        hits, raw, corrected, n = 0, 0.0, 0.0, len(y)
        for _ in range(n_studies):
            labels = np.full(n, NAN)
            shown = rng.choice(n, size=round(0.1 * n), replace=False)
            labels[shown] = y[shown]
            options = MeanOptions(target="these answers", seed=int(rng.integers(1 << 30)))
            hits += covers(corrected_mean(Frame(f, labels, np.arange(n)), options), y.mean())
            fitted = fit_map(graded_of(f[shown], y[shown], shown), "isotonic")
            hidden = np.setdiff1d(np.arange(n), shown)
            raw += np.abs(f[hidden] - y[hidden]).mean()
            corrected += np.abs(fitted.predict(panelled(f[hidden])) - y[hidden]).mean()
        total += [hits, raw, corrected, n_studies]
        report(
            f"  {dimension}, {model}: {hits / n_studies:.1%}; error {raw / n_studies:.2f} → {corrected / n_studies:.2f}"
        )
    report(f"  all: {total[0] / total[3]:.1%}; error {total[1] / total[3]:.2f} → {total[2] / total[3]:.2f}")


def panelled(level):
    nothing = np.full(len(level), NAN)
    same = np.full(len(level), "x")
    return Panelled(level, nothing, nothing, same, same)


def graded_of(level, target, cases):
    scale = np.arange(11.0)
    given = np.eye(11)[np.round(target).astype(int)]
    return Graded(panelled(level), target, given, np.asarray(cases), np.ones(len(level)), scale)


def speed():
    with tempfile.TemporaryDirectory() as home:
        folder, truth = write_run(Path(home) / "run", n_cases=47_211, with_answers=False)
        graded = np.random.default_rng(0).choice(len(truth), 600, replace=False)
        grades = write_grades(Path(home) / "g.csv", graded, truth)
        with timed("reading the frame of 141,633 answers"):
            frame = frame_of(open_run(folder))
        with timed("drawing 600 of them"):
            draw(frame.candidates, 600, "answer", np.random.default_rng(0))
        run, rubric = open_run(folder), load_rubric(folder / "rubric.yaml")
        with timed("reading the run and the physicians' grades"):
            arrays = arrays_of(run, rubric)
            given = read_grades(grades, arrays, rubric, None, is_simple_random=True)
        with timed("correcting 47,211 cases x 3 models x 6 dimensions after loading"):
            correct(run, rubric, arrays, given)
        with timed("judge calibrate as a whole, reading and writing included"):
            calibrate(folder, grades, simple_random=True)


def correct(run, rubric, arrays, given):
    rng = np.random.default_rng(0)
    scales = {dimension.id: np.array(sorted(dimension.levels)) for dimension in rubric.dimensions}
    fitted = {name: fit_dimension(name, arrays, given, scale, rng) for name, scale in scales.items()}
    weights_of(run, arrays, given, rubric, rng)
    means_of(arrays, given, rubric, Asked())
    differences_of(arrays, given, rubric, Asked())
    corrected_scores(arrays, rubric, {name: apply_dimension(name, found, arrays) for name, found in fitted.items()})


@contextmanager
def timed(what):
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    report(f"{what}: {time.perf_counter() - wall:.2f} s, {time.process_time() - cpu:.2f} s of CPU")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", action="store_true", help="speed alone")
    parser.add_argument("--coverage", action="store_true", help="coverage alone")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[3] / "shared" / "data")
    given = parser.parse_args()
    if not given.coverage:
        speed()
    if given.speed:
        return
    means(given.studies)
    rates(given.studies)
    single_grades(max(20, given.studies // 5))
    if given.data.is_dir():
        chattogovar(given.data, given.studies)


if __name__ == "__main__":
    main()
