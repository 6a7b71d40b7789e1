"""From a user's arguments to a plan: what will be asked, of whom, and under which name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from judge.api.grading.options import GradeOptions
from judge.dataset.answers import AnswerSet, AnswerSource, Item, read_answers
from judge.domain.case import Case
from judge.domain.ids import digest, sha256_json
from judge.domain.panel import Judge, Panel
from judge.domain.rubric import Rubric
from judge.errors import ConfigError, DataError
from judge.offline.judge import OfflineJudge
from judge.panel.config import panel_of_models, read_panel
from judge.panel.hashes import judge_hash, judge_prompt_hash, panel_hash
from judge.resources import find_rubric
from judge.rubric.load import load_rubric
from judge.store.rows import Provenance

_REMEMBERED = 4_096
"""Cases; beyond it a case whose answers stand far apart is derived again."""


class _Critical:
    """Derives the critical conditions of cases that name none; answers to one case that stand together share it."""

    def __init__(self, offline: OfflineJudge) -> None:
        self._offline = offline
        self._completed: dict[int, Case] = {}

    def __call__(self, item: Item) -> Item:
        case = item.case
        if case.critical_source is not None or not self._offline.rubric.gates:
            return item
        found = self._completed.get(id(case))
        if found is None:
            found = replace(case, critical=self._offline.critical_of(case), critical_source="derived")
            if len(self._completed) >= _REMEMBERED:
                self._completed.clear()
            self._completed[id(case)] = found
        return Item(case=found, response=item.response)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a run will hold; nothing in it depends on the clock or on earlier runs."""

    options: GradeOptions
    rubric: Rubric
    rubric_path: Path
    panel: Panel
    answers: AnswerSet
    """As read; ``items`` are the ones to judge."""
    completed: Callable[[Item], Item]
    """Adds to an item's case what is derived from it: a millisecond each, so it is done when it is needed."""
    offline: OfflineJudge
    provenance: Provenance
    identity: Mapping[str, Any]
    """What the plan hash is made of."""
    folder: Path
    ledger: Path
    weights: Mapping[str, float] | None = None
    """By judge id, from the panel's calibration; only under the rule ``weighted``."""

    @property
    def hash(self) -> str:
        """The plan's SHA-256: inputs, rubric, prompt program, panel, repeats, seed."""
        return sha256_json(self.identity)

    def items(self) -> Iterator[Item]:
        """Yield the answers with their cases, critical conditions among them, in the order of the input."""
        return map(self.completed, self.answers.items)


def make_plan(options: GradeOptions) -> Plan:
    """Read rubric, panel and answers, and name the run.

    Raises
    ------
    ConfigError
        For a faulty rubric or panel.
    DataError
        For faulty answers, cases or checklists; all problems at once.
    """
    rubric_path = find_rubric(options.rubric)
    rubric = load_rubric(rubric_path)
    panel = panel_of(options)
    answers = _chosen(read_answers(source_of(options), rubric), options.only)
    offline = OfflineJudge(rubric)
    hashes = _judge_hashes(rubric, panel, offline)
    weights = _weights(panel, hashes, rubric)
    provenance = _provenance(rubric, panel, hashes, weights)
    identity = _identity(options, rubric, panel, answers, provenance)
    folder = options.out or Path("outputs") / f"{options.name or options.answers.stem}-{sha256_json(identity)[:8]}"
    return Plan(
        options=options,
        rubric=rubric,
        rubric_path=rubric_path,
        panel=panel,
        answers=answers,
        completed=_Critical(offline),
        offline=offline,
        provenance=provenance,
        identity=identity,
        folder=folder,
        ledger=options.ledger or folder.parent / "ledger.sqlite",
        weights=weights,
    )


def panel_of(options: GradeOptions) -> Panel:
    """Return the panel that the arguments name.

    Raises
    ------
    ConfigError
        If both a panel and single judges are named, or the panel file is faulty.
    """
    if options.panel is not None and options.judges:
        raise ConfigError("--panel and --judge were both given", hint="Add the judge to the panel file, or drop one.")
    if isinstance(options.panel, Panel):
        return options.panel
    return read_panel(options.panel) if options.panel is not None else panel_of_models(options.judges)


def _judge_hashes(rubric: Rubric, panel: Panel, offline: OfflineJudge) -> Mapping[str, str]:
    hashes = {judge.id: judge_hash(judge, rubric, offline.hash) for judge in panel.judges}
    _refuse_twins(panel.judges, hashes)
    return hashes


def _weights(panel: Panel, hashes: Mapping[str, str], rubric: Rubric) -> Mapping[str, float] | None:
    """Return the weights of a weighted panel now, before anything is spent."""
    if panel.aggregation != "weighted":
        return None
    if panel.calibration is None:
        raise ConfigError(
            f"panel {panel.name}: the rule `weighted` takes its weights from a calibration",
            hint="Name one under `calibration`, or take `aggregation: median`.",
        )
    from judge.api.calibrating.binding import panel_weights_of

    return panel_weights_of(Path(panel.calibration), hashes, rubric_hash=rubric.hash)


def _provenance(
    rubric: Rubric, panel: Panel, hashes: Mapping[str, str], weights: Mapping[str, float] | None
) -> Provenance:
    return Provenance(
        rubric_id=rubric.id,
        rubric_hash=rubric.hash,
        prompt_hashes={judge.id: judge_prompt_hash(judge, rubric) for judge in panel.judges},
        panel_hash=panel_hash(panel, hashes, weights),
        judge_hashes=hashes,
    )


def _refuse_twins(judges: tuple[Judge, ...], hashes: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for judge in judges:
        twin = seen.setdefault(hashes[judge.id], judge.id)
        if twin != judge.id:
            raise ConfigError(
                f'the judges "{twin}" and "{judge.id}" are one and the same (model, endpoint, parameters, prompt)',
                hint="To ask one judge several times, keep one of them and set its `repeats`.",
            )


def source_of(options: GradeOptions) -> AnswerSource:
    """Return which files hold the answers and how they are read."""
    return AnswerSource(
        answers=options.answers,
        cases=options.cases,
        checklists=options.checklists,
        columns=options.columns,
        skip_bad=options.skip_bad,
        limit=options.limit,
    )


def _chosen(answers: AnswerSet, only: tuple[str, ...]) -> AnswerSet:
    if not only:
        return answers
    wanted = set(only)
    items = tuple(item for item in answers.items if item.response.response_id in wanted)
    if len(items) != len(wanted):
        missing = sorted(wanted - {item.response.response_id for item in items})
        raise DataError("there are no answers with these response ids", problems=missing)
    return replace(answers, items=items)


def _identity(
    options: GradeOptions, rubric: Rubric, panel: Panel, answers: AnswerSet, provenance: Provenance
) -> Mapping[str, Any]:
    return {
        "inputs": [entry.sha256 for entry in answers.inputs],
        "columns": dict(options.columns),
        "skip_bad": options.skip_bad,
        "rubric": rubric.hash,
        "prompt": sorted(set(provenance.prompt_hashes.values())),
        "panel": provenance.panel_hash,
        "repeats": {judge.id: judge.repeats for judge in panel.judges},
        "seed": options.seed,
        **({"only": digest(sorted(options.only))} if options.only else {}),
    }
