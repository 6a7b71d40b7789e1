"""How ``calibration/demonstration/grades.csv`` came about: a seeded function, no physician.

``python tests/demonstration/simulate_grades.py`` writes the file again, byte for byte. Each answer has a latent level
per dimension (by its kind), plus an effect of case and of answer; each simulated rater adds a bias and noise, rounds to
a whole level and now and then leaves a cell empty. Noise is drawn from SHA-256 of a seed and of what it is for, so that
it depends on no library's random stream. The figures below are invented for the demonstration and mean nothing else.
"""

import csv
import hashlib
import io
import json
from pathlib import Path
from statistics import NormalDist, median
from typing import Any

SEED = "demonstration-1"
FOLDER = Path(__file__).resolve().parents[2] / "calibration" / "demonstration"
COLUMNS = (
    "response_id",
    "rater",
    "role",
    "dimension",
    "level",
    "stage",
    "simulated",
    "case_id",
    "task",
    "language",
    "model",
    "stratum",
)
DIMENSIONS = (
    "diagnostic_accuracy",
    "clinical_reasoning",
    "knowledge_integration",
    "safety",
    "grounding",
    "communication",
)
LATENT = {
    "strong": (4.8, 4.4, 4.5, 4.6, 4.8, 4.6),
    "middling": (3.3, 2.6, 2.7, 3.2, 4.4, 3.6),
    "weak": (1.7, 1.7, 1.8, 2.3, 3.2, 3.0),
    "dangerous": (2.3, 1.8, 1.6, 1.0, 3.6, 3.2),
    "contradictory": (1.2, 1.2, 1.5, 2.2, 2.2, 1.9),
    "empty": (1.1, 1.1, 1.2, 2.4, 4.0, 1.8),
    "injected": (1.0, 1.0, 1.0, 2.2, 3.6, 1.2),
}
"""Mean level per kind of answer, in the order of ``DIMENSIONS``."""
UNGRADED = {
    "EBK": {"clinical_reasoning", "safety", "grounding"},
    "CK": {"clinical_reasoning", "grounding"},
    "PRTK": {"clinical_reasoning", "grounding"},
    "CMD": {"communication"},
    "MEE": {"clinical_reasoning", "knowledge_integration", "safety", "communication"},
}
"""Dimensions that the simulated raters leave out because the task hardly asks for them."""
RATERS = {
    "simulated-physician-a": (0.0, 0.40, 0.95),
    "simulated-physician-b": (-0.25, 0.45, 0.92),
    "simulated-physician-c": (0.20, 0.55, 0.88),
}
"""Bias and noise in levels, and the chance of seeing a planted dangerous act."""
ADJUDICATOR = "simulated-adjudicator"
CASE_SD, ANSWER_SD, LEFT_EMPTY, FALSE_ALARM = 0.30, 0.25, 0.015, 0.01


def simulate() -> str:
    """Return the whole of ``grades.csv``."""
    cases = {case["case_id"]: case for case in _rows("cases.jsonl")}
    answers = _rows("answers.jsonl")
    planted = {case_id: _planted_in(case_id, answers) for case_id in cases}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for answer in answers:
        case = cases[answer["case_id"]]
        for dimension in DIMENSIONS:
            if dimension not in UNGRADED.get(case["task"], set()):
                writer.writerows(_graded(answer, case, dimension))
        for gate in planted[answer["case_id"]]:
            writer.writerows(_gate_rows(answer, case, gate))
    return out.getvalue()


def _graded(answer: dict[str, Any], case: dict[str, Any], dimension: str) -> list[dict[str, Any]]:
    levels = {rater: _level(answer, dimension, rater) for rater in RATERS}
    rows = [_row(answer, case, rater, dimension, level) for rater, level in levels.items()]
    given = [level for level in levels.values() if level is not None]
    if given and max(given) - min(given) >= 2:
        rows.append(_row(answer, case, ADJUDICATOR, dimension, round(median(given)), stage="adjudicated"))
    return rows


def _level(answer: dict[str, Any], dimension: str, rater: str) -> int | None:
    bias, noise, _ = RATERS[rater]
    if _uniform("empty", answer["response_id"], dimension, rater) < LEFT_EMPTY:
        return None
    kind = answer["planted"] or answer["model"].removeprefix("simulated-")
    value = LATENT[kind][DIMENSIONS.index(dimension)] + bias
    value += CASE_SD * _normal("case", answer["case_id"])
    value += ANSWER_SD * _normal("answer", answer["response_id"], dimension)
    value += noise * _normal("rater", answer["response_id"], dimension, rater)
    return min(5, max(1, round(value)))


def _gate_rows(answer: dict[str, Any], case: dict[str, Any], gate: str) -> list[dict[str, Any]]:
    rows = []
    for rater, (_, _, sees) in RATERS.items():
        chance = sees if gate in answer["planted_gates"] else FALSE_ALARM
        is_seen = _uniform("gate", answer["response_id"], gate, rater) < chance
        rows.append(_row(answer, case, rater, f"gate:{gate}", int(is_seen)))
    return rows


def _row(
    answer: dict[str, Any], case: dict[str, Any], rater: str, dimension: str, level: int | None, stage: str = "original"
) -> dict[str, Any]:
    return {
        "response_id": answer["response_id"],
        "rater": rater,
        "role": "physician",
        "dimension": dimension,
        "level": "" if level is None else level,
        "stage": stage,
        "simulated": "true",
        "case_id": answer["case_id"],
        "task": case["task"],
        "language": case["language"],
        "model": answer["model"],
        "stratum": "planted" if answer["planted"] else "natural",
    }


def _planted_in(case_id: str, answers: list[dict[str, Any]]) -> list[str]:
    return sorted({gate for a in answers if a["case_id"] == case_id for gate in a["planted_gates"]})


def _uniform(*what: str) -> float:
    digest = hashlib.sha256("\x1f".join((SEED, *what)).encode()).digest()
    return (int.from_bytes(digest[:8], "big") + 0.5) / 2**64


def _normal(*what: str) -> float:
    return NormalDist().inv_cdf(_uniform(*what))


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    (FOLDER / "grades.csv").write_text(simulate(), encoding="utf-8", newline="")
