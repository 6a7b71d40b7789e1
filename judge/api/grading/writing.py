"""The files of a run, written response by response."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from types import TracebackType
from typing import Any, Self

from judge.api.grading.asking import Asked
from judge.api.grading.plan import Plan
from judge.offline.baselines import bleu1, meteor, rouge_l
from judge.panel.judging import CallRecord
from judge.store.files import sha256_file, write_text
from judge.store.rows import criterion_rows, grade_rows, verdict_rows
from judge.store.tables import TableWriter

_TABLES = ("verdicts", "calls", "criteria", "grades")
_BASELINES = {"bleu1": bleu1, "rouge_l": rouge_l, "meteor": meteor}
_TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens")
REJECTED = "rejected.jsonl"
RUBRIC = "rubric.yaml"


class RunFiles:
    """Writes a run's tables; they get their names together in ``close``."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._judges = {judge.id: judge for judge in plan.panel.judges}
        self._stack = ExitStack()
        names = (*_TABLES, "baselines") if plan.options.with_baselines else _TABLES
        with ExitStack() as opening:
            self._writers = {name: opening.enter_context(TableWriter(plan.folder, name)) for name in names}
            self._stack = opening.pop_all()
        self.verdict_statuses: dict[str, Counter[str]] = {judge: Counter() for judge in self._judges}
        self.grade_statuses: Counter[str] = Counter()
        self.served_models: dict[str, set[str]] = {judge: set() for judge in self._judges}
        self._calls_written: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, asked: Asked) -> Sequence[CallRecord]:
        """Write the rows of one response; returns its calls as they are counted."""
        plan, item = self._plan, asked.item
        for verdict in asked.verdicts:
            judge = self._judges[verdict.judge]
            for row in verdict_rows(item.case, item.response, judge, verdict, plan.provenance):
                self._writers["verdicts"].write(row)
                self.verdict_statuses[verdict.judge][row["status"]] += 1
            for row in criterion_rows(verdict):
                self._writers["criteria"].write(row)
        calls = [self._counted_once(call) for call in asked.calls]
        for call in calls:
            self._writers["calls"].write(asdict(call))
            if call.served_model is not None:
                self.served_models[call.judge].add(call.served_model)
        for row in grade_rows(item.case, item.response, asked.graded, plan.provenance):
            self._writers["grades"].write(row)
            self.grade_statuses[row["status"]] += 1
        if "baselines" in self._writers:
            self._add_baselines(asked)
        return calls

    def close(self) -> Mapping[str, str]:
        """Give the files their names; returns the SHA-256 of each."""
        files = {writer.path.name: writer.close() for writer in self._writers.values()}
        write_text(self._plan.folder / RUBRIC, self._plan.rubric_path.read_text(encoding="utf-8"))
        files[RUBRIC] = sha256_file(self._plan.folder / RUBRIC)
        rejected = self._plan.answers.rejected
        if rejected:
            path = self._plan.folder / REJECTED
            rows = [{"row": one.row, "reason": one.reason, "record": _plain(one.record)} for one in rejected]
            write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
            files[REJECTED] = sha256_file(path)
        return files

    def _counted_once(self, call: CallRecord) -> CallRecord:
        """Return a call; one that an answer of the same words made before adds nothing, so that sums are right."""
        made = hash((call.call_key, call.status, call.latency_s, call.cost_usd))
        if made not in self._calls_written:
            self._calls_written.add(made)
            return call
        nothing: dict[str, Any] = {name: 0 for name in _TOKENS if getattr(call, name) is not None}
        return replace(call, cost_usd=0.0, is_cost_estimated=False, **nothing)

    def _add_baselines(self, asked: Asked) -> None:
        case, response = asked.item.case, asked.item.response
        references = [reference.text for reference in case.references if reference.status != "rejected"]
        for name, measure in _BASELINES.items():
            value = measure(response.text, references, case.language)
            self._writers["baselines"].write({"response_id": response.response_id, "name": name, "value": value})


def _plain(record: Any) -> Any:
    return json.loads(json.dumps(record, ensure_ascii=False, default=str))
