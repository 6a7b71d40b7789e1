"""What each judge did, and what it cost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from judge.report.estimates import mean_over_cases
from judge.report.parts import Cost, JudgePart, Scale
from judge.report.tables import CallRow, CriterionRow, RunTables, VerdictRow, call_rows, criterion_rows, verdict_rows
from judge.report.text import visible

OFFLINE = "offline/"


def requested_model(entry: Mapping[str, Any]) -> str:
    """Return the model name that a manifest's panel entry asked for."""
    requested = entry.get("model") or entry.get("requested")
    if isinstance(requested, Mapping):
        requested = requested.get("model")
    return str(requested or entry.get("id") or "–")


def is_offline_panel(manifests: Iterable[Mapping[str, Any]]) -> bool:
    """Whether no LLM judged in any run."""
    entries = [entry for manifest in manifests for entry in manifest.get("panel") or ()]
    return bool(entries) and all(requested_model(entry).startswith(OFFLINE) for entry in entries)


def judge_parts(tables: RunTables, cases: Mapping[str, str], scales: Sequence[Scale]) -> tuple[JudgePart, ...]:
    """Return one part for each judge that manifests or verdicts name; ``cases`` gives a response's case."""
    asked = {str(e.get("id")): requested_model(e) for m in tables.manifests for e in m.get("panel") or ()}
    rows: dict[str, list[VerdictRow]] = {judge: [] for judge in asked}
    for verdict in verdict_rows(tables):
        rows.setdefault(verdict.judge, []).append(verdict)
    quotes, missing = _quotes(criterion_rows(tables))
    paid: defaultdict[str, list[CallRow]] = defaultdict(list)
    for call in call_rows(tables):
        paid[call.judge].append(call)
    return tuple(
        _judge_part(judge, asked.get(judge, "–"), found, cases, scales, (quotes[judge], missing[judge]), paid[judge])
        for judge, found in rows.items()
    )


def cost_of(calls: Iterable[CallRow]) -> Cost:
    """Return the sums over calls; a call without a known price adds nothing to the dollars and is counted."""
    rows = list(calls)
    return Cost(
        n_calls=len(rows),
        usd=float(sum(row.cost_usd or 0.0 for row in rows)),
        n_estimated=sum(bool(row.is_cost_estimated) for row in rows),
        n_unknown=sum(row.cost_usd is None for row in rows),
        prompt_tokens=sum(row.prompt_tokens or 0 for row in rows),
        cached_tokens=sum(row.cached_tokens or 0 for row in rows),
        completion_tokens=sum(row.completion_tokens or 0 for row in rows),
    )


def _judge_part(
    judge: str,
    model: str,
    rows: Sequence[VerdictRow],
    cases: Mapping[str, str],
    scales: Sequence[Scale],
    quotes: tuple[int, int],
    calls: Sequence[CallRow],
) -> JudgePart:
    statuses = Counter(row.status for row in rows)
    levels: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in rows:
        if row.level is not None:
            levels[row.dimension].append((cases.get(row.response_id, row.response_id), row.level))
    means = ((s.id, mean_over_cases(levels[s.id], lowest=s.lowest, highest=s.highest)) for s in scales)
    return JudgePart(
        judge=visible(judge),
        model=visible(model),
        served=tuple(sorted(map(visible, {row.served_model for row in rows if row.served_model}))),
        is_offline=model.startswith(OFFLINE),
        n_repeats=len({row.repeat for row in rows}),
        n_scored=statuses["scored"],
        n_not_applicable=statuses["not_applicable"],
        unscored={
            visible(status): n for status, n in sorted(statuses.items()) if status not in ("scored", "not_applicable")
        },
        means=tuple(means),
        n_quotes=quotes[0],
        n_quotes_missing=quotes[1],
        cost=cost_of(calls),
    )


def _quotes(criteria: Iterable[CriterionRow]) -> tuple[Counter[str], Counter[str]]:
    cited: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for row in criteria:
        if row.quote_found is not None:
            cited[row.judge] += 1
            missing[row.judge] += not row.quote_found
    return cited, missing
