"""A synthetic run, graded by the real panel code from verdicts that a formula makes: no answer, no model behind it.

Loaded by path, because test folders are no packages.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from judge.domain.case import Case, Response
from judge.domain.panel import Judge, Panel
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Dimension, Gate, Rubric, Signoff, TaskVariant, TierRule
from judge.domain.verdict import CriterionVerdict, GateVerdict, LevelVerdict, Quote, Verdict
from judge.panel.aggregate import grade_response
from judge.report.tables import RunTables
from judge.store.columns import column_names
from judge.store.rows import Provenance, criterion_rows, grade_rows, verdict_rows

LEVELS = (1.0, 2.0, 3.0, 4.0, 5.0)
DIMENSIONS = (
    ("accuracy", "AC", "Accuracy", "准确性"),
    ("reasoning", "RE", "Reasoning", "推理"),
    ("safety", "SA", "Safety", "安全性"),
    ("style", "ST", "Style", "表达"),
)


def _dimension(dimension: str, code: str, en: str, zh: str) -> Dimension:
    name = {"en": en, "zh": zh}
    anchors = {level: {"en": f"{en} {level:g}", "zh": f"{zh} {level:g}"} for level in LEVELS}
    return Dimension(dimension, code, dimension in ("accuracy", "reasoning"), name, name, LEVELS, anchors)


def _variant(task: str) -> TaskVariant:
    weights = {"accuracy": 40.0, "reasoning": 30.0, "safety": 20.0, "style": 10.0}
    return TaskVariant(task, weights, "clinician", {"en": task, "zh": task})


RUBRIC = Rubric(
    id="synthetic",
    version=1,
    hash="ab" * 32,
    languages=("en", "zh"),
    title={"en": "Synthetic rubric", "zh": "合成的评分标准"},
    dimensions=tuple(_dimension(*row) for row in DIMENSIONS),
    tasks={task: _variant(task) for task in ("default", "FACT", "PLAN")},
    gates=(
        Gate(
            "X1",
            {"en": "forbidden act", "zh": "禁止的处理"},
            ("omission", "commission"),
            {"omission": 3, "commission": 3},
        ),
        Gate("X2", {"en": "invented evidence", "zh": "虚构的证据"}, ("fabrication",), {"fabrication": 2}),
    ),
    tier_rules={
        "commission": TierRule(20.0, {"safety": 1.0}),
        "omission": TierRule(40.0, {"safety": 2.0}),
        "fabrication": TierRule(60.0),
    },
    signoff=Signoff("draft", signed=("a",), items={"a": {"en": "a"}, "b": {"en": "b"}}),
)
JUDGES = (
    Judge("north", "fake/north"),
    Judge("south", "fake/south", repeats=2),
    Judge("offline", "offline/lexicon"),
)
MODELS = (("synthetic-strong", 4.6), ("synthetic-middle", 3.6), ("synthetic-weak", 2.4))
N_CASES = 12


def _draw(*parts: object) -> float:
    """Return a number from 0 up to 1 that depends on the parts alone."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6], "big") / 2**48


def _case(number: int) -> Case:
    language = "zh" if number % 3 == 2 else "en"
    return Case(f"case-{number:02d}", "?", task=("FACT", "PLAN")[number % 2], language=language)


def _level(mean: float, *parts: object) -> float:
    return float(min(max(round(mean + 1.6 * (_draw(*parts) - 0.5)), 1), 5))


def _verdict(judge: Judge, repeat: int, case: Case, response: Response, mean: float) -> Verdict:
    number, model = int(case.case_id[-2:]), response.model
    fault: Any = "timeout" if (judge.id, number) == ("north", 4) else None
    if not response.text:
        fault = "empty"
    if model == "synthetic-middle" and number == 7 and judge.id != "offline":
        fault = "unparsable"
    levels = []
    for dimension, *_ in DIMENSIONS:
        if fault is not None:
            levels.append(LevelVerdict(dimension, fault, None, ""))
        elif dimension == "reasoning" and case.task == "FACT" and number % 4 == 0:
            levels.append(LevelVerdict(dimension, "not_applicable", None, "not asked"))
        else:
            level = _level(mean, judge.id, repeat, number, model, dimension)
            levels.append(LevelVerdict(dimension, "scored", level, "by formula", level / 5))
    quote = Quote("give the forbidden drug", 0, 23)
    gates = []
    if model == "synthetic-weak" and number in (1, 6) and not judge.is_offline:
        gates.append(GateVerdict("X1", "commission", quote))
    if model == "synthetic-weak" and number == 3 and judge.id == "north":
        gates.append(GateVerdict("X2", "fabrication", Quote("a study of 1901", 5, 20)))
    if model == "synthetic-middle" and number == 3 and judge.id == "south":
        gates.append(GateVerdict("X1", "commission", Quote("words that nobody wrote")))
    lost = number == 5 and judge.id == "south"
    criteria = (
        CriterionVerdict(
            "K1", "accuracy", "yes", 3.0, 0.0 if lost else 1.0, (Quote("said", *((None,) * 2 if lost else (0, 4))),)
        ),
    )
    return Verdict(
        response.response_id,
        case.case_id,
        judge.id,
        repeat,
        tuple(levels),
        () if fault else criteria,
        () if fault else tuple(gates),
        injection_suspected=False if fault is None else None,
        reference_problem="the reference is odd" if number == 9 and judge.id == "north" else None,
        served_model=None if fault else judge.model.split("/")[-1] if not judge.is_offline else judge.model,
    )


def _columns(table: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found = list(rows)
    return {name: [row.get(name) for row in found] for name in column_names(table)}


def _call(verdict: Verdict, judge: Judge) -> Mapping[str, Any]:
    return {
        "call_key": f"{verdict.response_id}-{judge.id}-{verdict.repeat}",
        "response_id": verdict.response_id,
        "judge": judge.id,
        "repeat": verdict.repeat,
        "scope": "response",
        "attempt": 1,
        "status": "ok",
        "prompt_tokens": 0 if judge.is_offline else 1200,
        "cached_tokens": 0 if judge.is_offline else 900,
        "completion_tokens": 0 if judge.is_offline else 300,
        "cost_usd": {"north": 0.004, "south": None, "offline": 0.0}[judge.id],
        "is_cost_estimated": False,
        "latency_s": 0.5,
    }


def manifest(judges: Sequence[Judge] = JUDGES, **more: Any) -> dict[str, Any]:
    return {
        "format": "judge-run/1",
        "inputs": [{"path": "synthetic.jsonl", "sha256": "cd" * 32, "rows": 36}],
        "plan_hash": "ef" * 32,
        "prompt_hash": "12" * 32,
        "panel_hash": "34" * 32,
        "panel": [{"id": j.id, "model": j.model, "judge_hash": j.id * 4, "requested": {}} for j in judges],
        "aggregation": {"rule": "median", "quorum": len(judges) // 2 + 1, "name": "synthetic panel"},
        "versions": {"clinical-judge": "0.0", "python": "3.11"},
        "seed": 0,
        "times": {"started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:01:00Z"},
        "complete": True,
        "stopped": None,
        **more,
    }


def synthetic_run(
    *,
    judges: Sequence[Judge] = JUDGES,
    models: Sequence[tuple[str, float]] = MODELS,
    n_cases: int = N_CASES,
    rubric: Rubric = RUBRIC,
    meta: Mapping[str, Any] | None = None,
    name: str = "synthetic run",
    **more: Any,
) -> RunTables:
    """Return the tables of a run of ``models`` on ``n_cases`` cases."""
    panel = Panel(tuple(judges))
    provenance = Provenance(
        rubric_id=rubric.id,
        rubric_hash=rubric.hash,
        panel_hash="p",
        prompt_hashes={judge.id: "q" for judge in judges},
        judge_hashes={judge.id: judge.id for judge in judges},
    )
    grades: list[Mapping[str, Any]] = []
    verdicts: list[Mapping[str, Any]] = []
    criteria: list[Mapping[str, Any]] = []
    calls: list[Mapping[str, Any]] = []
    for number in range(n_cases):
        case = _case(number)
        for model, mean in models:
            blank = model == "synthetic-weak" and number == 10
            text = "" if blank else "an answer"
            response = Response(f"{model}/{number:02d}", case.case_id, model, text, meta or {})
            said = [_verdict(j, r + 1, case, response, mean) for j in judges for r in range(j.repeats)]
            hints = (
                (GateVerdict("X1", "commission", Quote("give", 0, 4), basis="rule"),)
                if number == 6 and mean < 3
                else ()
            )
            reading = OfflineReading(hints, injection_suspected=model == "synthetic-weak" and number == 8)
            graded = grade_response(rubric, panel, case, response.response_id, said, reading)
            grades += grade_rows(case, response, graded, provenance)
            for verdict in said:
                judge = next(j for j in judges if j.id == verdict.judge)
                verdicts += verdict_rows(case, response, judge, verdict, provenance)
                criteria += criterion_rows(verdict)
                calls.append(_call(verdict, judge))
    return RunTables(
        manifest=manifest(judges),
        rubric=rubric,
        grades=_columns("grades", grades),
        verdicts=_columns("verdicts", verdicts),
        criteria=_columns("criteria", criteria),
        calls=_columns("calls", calls),
        name=name,
        **more,
    )


def _mean(model: str, dimension: str, value: float | None, **more: Any) -> dict[str, Any]:
    is_known = value is not None
    return {
        "model": model,
        "dimension": dimension,
        "value_raw": 3.5,
        "method": "ppi++" if is_known else "refused",
        "variant": "ppi++ cross-fit" if is_known else "",
        "value": value,
        "ci_low": None if value is None else value - 0.25,
        "ci_high": None if value is None else value + 0.25,
        "n_graded": 31 if is_known else 4,
        "n_cases": 11 if is_known else 4,
        "n_answers": 11 if is_known else None,
        "undefined": None if is_known else "4 graded answers of this model, fewer than 5: no mean",
        "warnings": [],
        **more,
    }


def calibration_document(**more: Any) -> dict[str, Any]:
    """Return a ``calibration.json`` with means of two models, one difference and one rate, written by hand."""
    few = "28 graded answers, fewer than 30: no corrected grades, means are the physicians' own with a t interval"
    means = [_mean(model, "accuracy", value) for model, value in (("synthetic-middle", 3.0), ("synthetic-strong", 4.5))]
    means.append(_mean("synthetic-weak", "accuracy", None))
    means.append(_mean("synthetic-strong", "style", 4.0, method="physicians", n_graded=12, warnings=[few]))
    rate = {"method": "bounds", "variant": "exact", "value_raw": 0.25, "ci_low": 0.01, "ci_high": 0.22}
    means.append(_mean("synthetic-weak", "gate:X1", 0.08, **rate))
    means.append(_mean("synthetic-strong", "gate:X1", None, value_raw=0.0))
    passing = {"method": "bounds", "variant": "exact", "value_raw": 0.75, "ci_low": 0.4, "ci_high": 0.85}
    means.append(_mean("synthetic-strong", "pass:accuracy", 0.65, threshold=4.0, **passing))
    means.append(_mean("synthetic-weak", "pass:accuracy", None, threshold=4.0, value_raw=0.125))
    difference = _mean("synthetic-middle", "accuracy", -1.5, ci_low=-2.0, ci_high=-1.25, minus="synthetic-strong")
    raw = {
        "decision": "none",
        "reason": few.replace(
            "28 graded answers", "at most 28 answers in a language are graded and scored by the panel"
        ),
    }
    errors = {"n_answers": 40, "mae_raw": 0.9, "mae_corrected": 0.5}
    fitted = {
        "decision": "corrected",
        "reason": None,
        "map": {"method": "isotonic"},
        "report": {"test": None, "cross_fitted": errors, "warnings": []},
    }
    return {
        "format": "judge-calibration/1",
        "method": "ppi++ means by case",
        "date": "2026-01-02",
        "seed": 7,
        "physicians": {
            "raters": ["doctor-a", "doctor-b"],
            "simulated": [],
            "target": "the adjudicated level, else the mean of the physicians' levels, repeats reduced first",
            "n_answers": 40,
            "n_cases": 12,
            "n_planted_left_out": 3,
        },
        "split": {
            "set": "56" * 32,
            "chances": "inclusion probabilities of the set, ratio 2.50",
            "fitted_on": "the tune split; the test split only reports",
        },
        "claim": "the models on cases like these",
        "finite_population": False,
        "coefficients": {"accuracy": fitted, **dict.fromkeys(("reasoning", "safety", "style"), raw)},
        "means": means,
        "means_by_language": [{"language": "en", **_mean("synthetic-strong", "accuracy", 4.25)}],
        "differences": [difference],
        "warnings": ["3 planted answers are left out of all means and maps", "something that no card has words for"],
        **more,
    }
