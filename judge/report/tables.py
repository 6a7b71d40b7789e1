"""What a score card is made of: the tables and the manifest of one run, or of several on one rubric."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from judge.domain.rubric import Rubric
from judge.errors import ConfigError

Columns = Mapping[str, Sequence[Any]]
COMPOSITE = "composite"


class GradeRow(NamedTuple):
    """One row of ``grades.parquet``, as far as a card needs it."""

    response_id: str
    case_id: str
    model: str
    task: str | None
    language: str | None
    meta: str | None
    dimension: str
    status: str
    level: float | None
    level_gated: float | None
    level_missing_low: float | None
    level_missing_high: float | None
    n_verdicts: int | None
    n_unscored: int | None
    flags: Sequence[str] | None
    gates: Sequence[str] | None
    gates_pending: Sequence[str] | None
    needs_human: bool | None
    score: float | None
    score_uncapped: float | None
    cap: float | None
    weight_scored: float | None
    score_low: float | None
    score_high: float | None


class VerdictRow(NamedTuple):
    """One row of ``verdicts.parquet``, as far as a card needs it."""

    response_id: str
    judge: str
    repeat: int
    dimension: str
    level: float | None
    status: str
    judge_hash: str | None
    served_model: str | None


class CriterionRow(NamedTuple):
    """One row of ``criteria.parquet``, as far as a card needs it."""

    response_id: str
    judge: str
    kind: str
    id: str
    met: str | None
    quotes: Sequence[str] | None
    quote_found: bool | None
    absence: str | None
    tier: str | None


class CallRow(NamedTuple):
    """One row of ``calls.parquet``, as far as a card needs it."""

    judge: str
    status: str | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    is_cost_estimated: bool | None


@dataclass(frozen=True)
class RunTables:
    """A run as columns: a Mapping of column names to values, or an Arrow table (see ``from_arrow``)."""

    manifest: Mapping[str, Any]
    rubric: Rubric
    grades: Columns
    verdicts: Columns
    criteria: Columns
    calls: Columns
    agreement: Mapping[str, Any] | None = None
    """``agreement.json``; None where no physician's grades have been compared."""
    name: str = "run"
    is_simulated: bool = False
    """Whether answers are simulated throughout, as in the demonstration."""
    more_manifests: tuple[Mapping[str, Any], ...] = ()
    calibration: Mapping[str, Any] | None = None
    """``calibration.json`` of this very run, with the last check of ``drift.json`` as ``drift``; None where nothing is
    corrected."""
    has_calibrations_left_out: bool = False
    """Whether single runs of a joined one are calibrated: their means are on their own cards."""

    @property
    def manifests(self) -> tuple[Mapping[str, Any], ...]:
        """The manifests of all runs on the card."""
        return (self.manifest, *self.more_manifests)


def from_arrow(
    manifest: Mapping[str, Any],
    rubric: Rubric,
    tables: Mapping[str, Any],
    *,
    agreement: Mapping[str, Any] | None = None,
    calibration: Mapping[str, Any] | None = None,
    name: str = "run",
    is_simulated: bool = False,
) -> RunTables:
    """Return a run from its Arrow tables ``grades``, ``verdicts``, ``criteria``, ``calls``; only needed columns."""
    kinds: Mapping[str, type[Any]] = {
        "grades": GradeRow,
        "verdicts": VerdictRow,
        "criteria": CriterionRow,
        "calls": CallRow,
    }
    columns = {
        table: tables[table].select([f for f in kind._fields if f in tables[table].column_names]).to_pydict()
        for table, kind in kinds.items()
    }
    return RunTables(
        manifest,
        rubric,
        **columns,
        agreement=agreement,
        calibration=calibration,
        name=name,
        is_simulated=is_simulated,
    )


def grade_rows(tables: RunTables) -> Iterator[GradeRow]:
    """Yield the grades in the order of the file."""
    return map(GradeRow._make, _zip(tables.grades, GradeRow._fields))


def verdict_rows(tables: RunTables) -> Iterator[VerdictRow]:
    """Yield the verdicts in the order of the file."""
    return map(VerdictRow._make, _zip(tables.verdicts, VerdictRow._fields))


def criterion_rows(tables: RunTables) -> Iterator[CriterionRow]:
    """Yield criteria and gates in the order of the file."""
    return map(CriterionRow._make, _zip(tables.criteria, CriterionRow._fields))


def call_rows(tables: RunTables) -> Iterator[CallRow]:
    """Yield the calls in the order of the file."""
    return map(CallRow._make, _zip(tables.calls, CallRow._fields))


def _zip(columns: Columns, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    n_rows = len(next(iter(columns.values()), ()))
    empty: Sequence[Any] = [None] * n_rows
    return zip(*(columns.get(name, empty) for name in names), strict=True)


def join_runs(runs: Sequence[RunTables]) -> RunTables:
    """Return several runs as one, for one card.

    A model that occurs in more than one run is named with its run, so that two gradings of one model stay apart; so
    are responses. Runs of one name are numbered. An agreement and a calibration are kept only where there is a single
    run: they speak of that run's panel alone.

    Raises
    ------
    ConfigError
        If the runs were graded on different rubrics.
    """
    if len(runs) == 1:
        return runs[0]
    runs = _numbered(runs)
    first = runs[0]
    for run in runs[1:]:
        if run.rubric.hash != first.rubric.hash:
            raise ConfigError(
                f"{first.name} was graded on {first.rubric.id} v{first.rubric.version} ({first.rubric.hash[:8]}), "
                f"{run.name} on {run.rubric.id} v{run.rubric.version} ({run.rubric.hash[:8]})",
                hint="Levels of different rubrics are not comparable: make one card each.",
            )
    twice = {
        column: frozenset(
            value for value, n in Counter(v for run in runs for v in set(run.grades.get(column, ()))).items() if n > 1
        )
        for column in ("model", "response_id")
    }
    named = [_with_run_names(run, twice) for run in runs]
    return replace(
        first,
        name=" + ".join(run.name for run in runs),
        is_simulated=any(run.is_simulated for run in runs),
        agreement=None,
        calibration=None,
        has_calibrations_left_out=any(run.calibration is not None for run in runs),
        more_manifests=tuple(manifest for run in runs for manifest in run.manifests)[1:],
        grades=_concatenated([run.grades for run in named]),
        verdicts=_concatenated([run.verdicts for run in named]),
        criteria=_concatenated([run.criteria for run in named]),
        calls=_concatenated([run.calls for run in named]),
    )


def _numbered(runs: Sequence[RunTables]) -> Sequence[RunTables]:
    """Return runs of which no two have one name, so that nothing of two runs is taken for the same."""
    counts = Counter(run.name for run in runs)
    seen: Counter[str] = Counter()
    named = []
    for run in runs:
        seen[run.name] += 1
        named.append(run if counts[run.name] == 1 else replace(run, name=f"{run.name} #{seen[run.name]}"))
    return named


def _with_run_names(run: RunTables, twice: Mapping[str, frozenset[str]]) -> RunTables:
    def renamed(columns: Columns) -> Columns:
        changed = dict(columns)
        for column, shared in twice.items():
            if shared and column in columns:
                changed[column] = [f"{v} ({run.name})" if v in shared else v for v in columns[column]]
        return changed

    return replace(
        run,
        grades=renamed(run.grades),
        verdicts=renamed(run.verdicts),
        criteria=renamed(run.criteria),
        calls=renamed(run.calls),
    )


def _concatenated(parts: Sequence[Columns]) -> Columns:
    names = dict.fromkeys(name for part in parts for name in part)
    sizes = [len(next(iter(part.values()), ())) for part in parts]
    return {
        name: [value for part, n in zip(parts, sizes, strict=True) for value in part.get(name, [None] * n)]
        for name in names
    }
