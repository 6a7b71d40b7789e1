"""ECG-Expert-QA through the whole of `judge grade`, offline, in one run.

``python -m tests.benchmarks.dataset_run [--answers N] [--seed S]`` from the project's root.

Imports the dataset, makes answers of known kinds from it, grades them in one run, and prints for each kind how many
were scored and their mean diagnostic accuracy. Kinds: *reference* (the key itself), *second* (the dataset's other
answer to the same question, the first being the key), *unrelated* (another row's answer), *echo* (the question),
*opposite* (the key with opposite terms swapped). Expected: reference ≥ second > unrelated, and reference > opposite.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import judge
from judge.api.importing import import_ecg_expert_qa
from tests.benchmarks.ecg_rows import FOLDER
from tests.offline.swapping import flip_polarity, swap

KINDS = ("reference", "second", "unrelated", "echo", "opposite")
DIMENSION = "diagnostic_accuracy"
Record = dict[str, Any]


def usable_cases(folder: Path) -> list[Record]:
    """Import the dataset; return the cases with a reference that nobody rejected, each with all its references."""
    import pyarrow.parquet as pq

    path = folder / "cases.parquet"
    import_ecg_expert_qa(FOLDER, path)
    cases = []
    for record in pq.read_table(path).to_pylist():
        statuses = json.loads(record["meta"])["reference_status"]
        kept = [text for text, status in zip(record["reference"], statuses, strict=True) if status != "rejected"]
        if kept:
            cases.append({**record, "reference": kept})
    return cases


def answers_of(cases: Sequence[Record], rng: random.Random) -> Iterator[Record]:
    """Yield one answer of each kind for each case; a kind that a case cannot give is left out."""
    by_task: dict[str, list[Record]] = {}
    for case in cases:
        by_task.setdefault(case["task"], []).append(case)
    for case in cases:
        key, *others = case["reference"]
        other_rows = [row for row in by_task[case["task"]] if row is not case]
        unrelated = rng.choice(other_rows)["reference"][0] if other_rows else None
        opposite = flip_polarity(key) if case["task"] == "PRTK" else swap(key)
        texts = (key, others[0] if others else None, unrelated, case["question"], opposite)
        for kind, text in zip(KINDS, texts, strict=True):
            if text is not None:
                yield _row(case, key, kind, text)


def _row(case: Record, key: str, kind: str, text: str) -> Record:
    shared = {name: case[name] for name in ("task", "language", "question", "context")}
    return {"case_id": f"{case['case_id']}/{kind}", "model": kind, "response": text, "reference": [key], **shared}


def chosen(cases: Sequence[Record], n_answers: int, rng: random.Random) -> list[Record]:
    """Return all cases with a second answer and as many others as give the number of answers asked for."""
    with_second = [case for case in cases if len(case["reference"]) > 1]
    others = [case for case in cases if len(case["reference"]) == 1]
    rng.shuffle(others)
    n_others = max(0, n_answers - len(KINDS) * len(with_second)) // (len(KINDS) - 2)
    return [*with_second, *others[:n_others]]


def measured(n_answers: int, seed: int) -> Record:
    """Grade the answers in one run and return counts, means and time."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / "answers.jsonl"
        rows = list(answers_of(chosen(usable_cases(folder), n_answers, rng), rng))
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        started = time.perf_counter()
        run = judge.grade(file, out=folder / "run")
        seconds = time.perf_counter() - started
        grades = run.table("grades").to_pylist()
    accuracy = [row for row in grades if row["dimension"] == DIMENSION]
    kinds = {kind: _summary([row for row in accuracy if row["model"] == kind]) for kind in KINDS}
    return {
        "n_answers": len(rows),
        "seconds": round(seconds, 1),
        "scored_share": sum(k["n_scored"] for k in kinds.values()) / len(rows),
        "kinds": kinds,
    }


def _summary(rows: Sequence[Record]) -> Record:
    levels = [row["level"] for row in rows if row["status"] == "scored"]
    return {"n": len(rows), "n_scored": len(levels), "mean": sum(levels) / len(levels) if levels else None}


def is_in_order(result: Record) -> bool:
    """Return whether the means stand in the order that any grader must give."""
    mean = {kind: result["kinds"][kind]["mean"] for kind in KINDS}
    return bool(mean["reference"] >= mean["second"] > mean["unrelated"] and mean["reference"] > mean["opposite"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=9_500)
    parser.add_argument("--seed", type=int, default=20251101)
    arguments = parser.parse_args()
    if not FOLDER.is_dir():
        sys.exit("reference data not present: ../shared/data/ecg-expert-qa")
    result = measured(arguments.answers, arguments.seed)
    print(f"{'answer':<12}{'n':>7}{'scored':>9}{'mean diagnostic accuracy':>28}")
    for kind, found in result["kinds"].items():
        mean = "–" if found["mean"] is None else f"{found['mean']:.2f}"
        print(f"{kind:<12}{found['n']:>7}{found['n_scored']:>9}{mean:>28}")
    print(
        f"{result['n_answers']} answers in {result['seconds']} s "
        f"({result['n_answers'] / result['seconds']:.0f}/s), scored {result['scored_share']:.1%}; "
        f"in order: {'yes' if is_in_order(result) else 'NO'}"
    )


if __name__ == "__main__":
    main()
