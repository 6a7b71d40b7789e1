"""A finished run folder with simulated verdicts, of any size, and simulated physicians who know the truth."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from judge.store.columns import schema
from judge.store.files import sha256_file

JUDGES = ("good", "noisy", "lenient")
MODELS = ("model-a", "model-b", "model-c")


def write_run(folder, *, n_cases=120, seed=0, n_models=3, with_answers=True, languages=("en",), gates=0.0, planted=0.0):
    """Write a run of one panel of three judges; return (folder, truth), truth of shape (answers, dimensions).

    The judges' errors differ: noise 0.4, 0.9 and 0.6 level, shifts 0.2, 0.5 and 0.9; models have different quality.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = find_rubric("ecg-clinical-reasoning")
    (folder / "rubric.yaml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    rubric = load_rubric(path)
    dimensions = [dimension.id for dimension in rubric.dimensions]
    rng = np.random.default_rng(seed)
    models, n = MODELS[:n_models], n_cases * n_models
    case = np.repeat(np.arange(n_cases), n_models)
    model = np.tile(np.arange(n_models), n_cases)
    quality = rng.normal(size=n_cases)[case] * 0.5 + np.array([0.6, 0.0, -0.6])[model] + rng.normal(size=n) * 0.6
    truth = np.clip(np.round(3 + quality[:, None] + rng.normal(size=(n, len(dimensions))) * 0.5), 1, 5)
    noise = rng.normal(size=(n, len(dimensions), 3)) * np.array([0.4, 0.9, 0.6])
    judged = np.clip(np.round(truth[:, :, None] + np.array([0.2, 0.5, 0.9]) + noise), 1, 5)
    level, spread = np.median(judged, axis=2), np.ptp(judged, axis=2)
    about = {
        "response_id": np.array([f"r{i}" for i in range(n)]),
        "case_id": np.array([f"c{i}" for i in case]),
        "model": np.array(models)[model],
        "task": np.array(["CD", "MC"])[case % 2],
        "language": np.array(languages)[case % len(languages)],
        "planted": rng.random(n) < planted,
        "gated": rng.random(n) < gates,
    }
    _write_grades(folder, about, dimensions, level, spread)
    _write_verdicts(folder, about, dimensions, judged)
    inputs = [_write_answers(folder.parent / f"{folder.name}-answers.jsonl", about)] if with_answers else []
    manifest = {
        "format": "judge-run/1",
        "complete": True,
        "plan_hash": f"plan-{seed}-{n_cases}",
        "inputs": inputs,
        "options": {
            "answers": inputs[0]["path"] if inputs else "answers.jsonl",
            "cases": None,
            "checklists": None,
            "columns": {},
            "skip_bad": False,
            "limit": None,
            "max_usd": None,
        },
        "rubric": {"id": rubric.id, "version": rubric.version, "hash": rubric.hash, "signoff": "draft"},
        "prompt_hash": "prompt",
        "panel_hash": "panel",
        "panel": [
            {"id": judge, "judge_hash": f"hash of {judge}", "prompt_hash": "prompt", "served_models": [judge]}
            for judge in JUDGES
        ],
        "seed": 0,
        "calibrations": [],
        "files": {"grades.parquet": sha256_file(folder / "grades.parquet")},
    }
    write_manifest(folder, manifest)
    return folder, truth


def write_manifest(folder, manifest):
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _table(name, columns, n):
    shape = schema(name)
    arrays = [
        pa.array(columns[field.name], type=field.type) if field.name in columns else pa.nulls(n, type=field.type)
        for field in shape
    ]
    return pa.Table.from_arrays(arrays, schema=shape)


def _write_grades(folder, about, dimensions, level, spread):
    n, k = level.shape
    shared = {name: np.repeat(about[name], k + 1) for name in ("response_id", "case_id", "model", "task", "language")}
    gated = np.where(about["gated"][:, None], np.minimum(level, 2.0), level)
    score = 100 * (gated.mean(axis=1) - 1) / 4

    def column(values, composite):
        return np.column_stack([values, np.full(n, composite)]).ravel()

    def number(values):
        flat = column(values, np.nan)
        return pa.array(flat, mask=np.isnan(flat))

    is_composite = np.tile(np.arange(k + 1) == k, n)
    has_gate = np.repeat(about["gated"], k + 1) & is_composite
    gates = [["G07"] if own else [] for own in has_gate]
    meta = np.where(np.repeat(about["planted"], k + 1), '{"planted": "dangerous"}', '{"planted": ""}')
    capped = np.where(about["gated"], np.minimum(score, 40.0), score)
    columns = {
        **shared,
        "meta": meta,
        "dimension": np.tile([*dimensions, "composite"], n),
        "level": number(level),
        "level_gated": number(gated),
        "level_missing_low": number(level),
        "level_missing_high": number(level),
        "spread": number(spread),
        "score": pa.array(np.where(is_composite, np.repeat(capped, k + 1), np.nan), mask=~is_composite),
        "cap": pa.array(np.full(n * (k + 1), 40.0), mask=~(is_composite & np.repeat(about["gated"], k + 1))),
        "gates": gates,
        "gates_pending": [[] for _ in gates],
        "flags": [[] for _ in gates],
        "needs_human": np.zeros(n * (k + 1), dtype=bool),
        "status": np.full(n * (k + 1), "scored"),
    }
    pq.write_table(_table("grades", columns, n * (k + 1)), folder / "grades.parquet")


def _write_verdicts(folder, about, dimensions, judged):
    n, k, m = judged.shape
    columns = {
        "response_id": np.repeat(about["response_id"], k * m),
        "dimension": np.tile(np.repeat(dimensions, m), n),
        "judge": np.tile(JUDGES, n * k),
        "repeat": np.zeros(n * k * m, dtype=np.int64),
        "level": judged.ravel(),
        "status": np.full(n * k * m, "scored"),
    }
    pq.write_table(_table("verdicts", columns, n * k * m), folder / "verdicts.parquet")


def _write_answers(path, about):
    with path.open("w", encoding="utf-8") as file:
        for row in range(len(about["response_id"])):
            document = {name: str(about[name][row]) for name in ("response_id", "case_id", "model", "task", "language")}
            question = f"What does tracing {document['case_id']} show?"
            text = f"Answer {row} on {document['case_id']}."
            file.write(
                json.dumps({**document, "question": question, "reference": "Sinus rhythm.", "response": text}) + "\n"
            )
    return {"path": str(path), "sha256": sha256_file(path), "rows": len(about["response_id"])}


def write_grades(
    path, graded, truth, *, raters=("dr-x", "dr-y"), dimensions=None, seed=0, names=None, noise=0.25, **more
):
    """Write physicians' grades of the answers at the places ``graded``: the truth, off by one level at times."""
    rng = np.random.default_rng(seed)
    all_dimensions = [dimension.id for dimension in load_rubric(find_rubric("ecg-clinical-reasoning")).dimensions]
    wanted = dimensions or all_dimensions
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["response_id", "rater", "role", "dimension", "level", *more])
        for place in graded:
            name = f"r{place}" if names is None else names[f"r{place}"]
            for rater in raters:
                for dimension in wanted:
                    level = truth[place, all_dimensions.index(dimension)]
                    off = rng.choice([-1, 0, 1], p=[noise / 2, 1 - noise, noise / 2])
                    writer.writerow(
                        [name, rater, "physician", dimension, int(np.clip(level + off, 1, 5)), *more.values()]
                    )
    return Path(path)
