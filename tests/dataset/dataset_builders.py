"""A small rubric and files for the tests of this room."""

import json
from pathlib import Path
from typing import Any

from judge.dataset.answers import AnswerSet, AnswerSource, read_answers
from judge.domain.rubric import Criterion, Dimension, Gate, Rubric, TaskVariant

LEVELS = (1.0, 2.0, 3.0, 4.0, 5.0)


def dimension(name: str, code: str) -> Dimension:
    words = {"en": name}
    return Dimension(name, code, True, words, words, LEVELS, dict.fromkeys(LEVELS, words))


def small_rubric() -> Rubric:
    accuracy, safety = dimension("diagnostic_accuracy", "DA"), dimension("safety", "SH")
    variant = {name: TaskVariant(name, {}, "clinician", {"en": name}) for name in ("default", "EBK", "CD", "PP")}
    return Rubric(
        id="ecg-clinical-reasoning",
        version=1,
        hash="0" * 64,
        languages=("en", "zh"),
        title={"en": "small"},
        dimensions=(accuracy, safety),
        tasks=variant,
        criteria=(
            Criterion("DA1", accuracy.id, 5.0, "case", {"en": "states it"}),
            Criterion("SH1", safety.id, 3.0, "case", {"en": "names the urgency"}),
        ),
        gates=tuple(Gate(name, {"en": name}, ("omission",), {"omission": 3}) for name in ("G01", "G02", "G03")),
    )


def row(**changes: Any) -> dict[str, Any]:
    found = {"case_id": "c1", "model": "m1", "response": "An answer.", "question": "What is seen?"}
    return {**found, **changes}


def write_jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return path


def write_csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> AnswerSet:
    return read_answers(AnswerSource(path, **options), small_rubric())
