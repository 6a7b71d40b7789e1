"""The report of a tuning: a document beside the program, and a table for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.api.sampling.openings import no_longer_fresh
from judge.api.versions import library_versions
from judge.call.ledger import Spent
from judge.errors import JudgeError
from judge.panel.hashes import judge_hash, judge_prompt_hash
from judge.store.files import sha256_file, write_json
from judge.tuning.examples import TuningExample, cases_of
from judge.tuning.gate import Ceiling
from judge.tuning.outcome import ALL, DimensionOutcome
from judge.tuning.paired import Change
from judge.tuning.tune import LanguageResult, Tuned

if TYPE_CHECKING:
    from judge.api.tuning.preparing import Prepared

FORMAT = "judge-tuning/1"


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What was tuned, and what it brought on cases that tuning never saw."""

    program: Path
    path: Path
    results: tuple[DimensionOutcome, ...]
    content: Mapping[str, Any]
    stopped: JudgeError | None = None

    @property
    def answer(self) -> str:
        """``gain``, ``no gain`` or ``not enough data``, over all dimensions that were tuned."""
        return self.results[0].answer

    def document(self) -> Mapping[str, Any]:
        """Return ``judge-tuning/1`` as it stands in the file."""
        return self.content

    @property
    def text(self) -> str:
        """The table for the terminal."""
        return "\n".join(_text(self))

    def raise_if_stopped(self) -> None:
        """Raise what ended the search early, if anything did."""
        if self.stopped is not None:
            raise self.stopped


def report_path(program: Path) -> Path:
    """Return where the report of a program goes: ``program.report.json`` beside ``program.json``."""
    return program.with_name(f"{program.stem}.report.json")


def write_report(
    prepared: "Prepared", tuned: Tuned, results: tuple[DimensionOutcome, ...], spent: Spent, n_before: int
) -> TuningReport:
    """Write the report of a tuning whose program is written; ``n_before`` looks at the test split went before it."""
    program = prepared.options.out
    content = _content(prepared, tuned, results, spent, n_before)
    path = report_path(program)
    write_json(path, content)
    return TuningReport(program, path, results, content, tuned.stopped)


def _content(
    prepared: "Prepared", tuned: Tuned, results: Sequence[DimensionOutcome], spent: Spent, n_before: int
) -> dict[str, Any]:
    options, parts = prepared.options, prepared.parts
    return {
        "format": FORMAT,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "answer": results[0].answer,
        "reason": results[0].reason,
        "is_changed": tuned.program.hash != prepared.start.hash,
        "judge": _hashes(prepared),
        "rubric": {"id": prepared.rubric.id, "version": prepared.rubric.version, "hash": prepared.rubric.hash},
        "program": {"path": str(options.out), "sha256": sha256_file(options.out)},
        "optimizer": options.optimizer,
        "writer": prepared.writer.id,
        "seed": options.seed,
        "rounds": options.rounds,
        "bound_to": dict(prepared.identity),
        "split": {
            "tune": _size(parts.tune),
            "test": _size(parts.test),
            "answers_in_neither": parts.n_outside,
            "twins_of_test_left_out": parts.n_twins,
            "test_opened_before": n_before,
        },
        "target": "adjudicated level, else the mean of the physicians' levels, repeats reduced to their lower median",
        "simulated_raters": list(prepared.grades.simulated),
        "physicians": [_ceiling(ceiling) for ceiling in prepared.gate],
        "languages": [_language(one) for one in tuned.languages],
        "results": [_outcome(one) for one in results],
        "cost": {
            "usd": spent.cost_usd,
            "attempts": spent.n_attempts,
            "attempts_of_unknown_price": spent.n_unknown,
            "max_usd": options.max_usd,
        },
        "stopped": None if tuned.stopped is None else tuned.stopped.message,
        "notes": [*filter(None, [no_longer_fresh(n_before)]), *_notes(prepared, tuned, results)],
        "versions": {**library_versions(), "gepa": _gepa_version()},
    }


def _gepa_version() -> str:
    from importlib.metadata import version

    return version("gepa")


def _hashes(prepared: "Prepared") -> dict[str, Any]:
    judge, rubric = prepared.found.judge, prepared.rubric
    after = replace(judge, program=str(prepared.options.out))
    return {
        "id": judge.id,
        "model": judge.model,
        "judge_hash_before": prepared.plan.provenance.judge_hashes[judge.id],
        "judge_hash_after": judge_hash(after, rubric, ""),
        "prompt_hash_before": prepared.plan.provenance.prompt_hashes[judge.id],
        "prompt_hash_after": judge_prompt_hash(after, rubric),
    }


def _size(examples: Sequence[TuningExample]) -> dict[str, int]:
    return {"answers": len(examples), "cases": len(cases_of(examples))}


def _ceiling(ceiling: Ceiling) -> dict[str, Any]:
    alpha = ceiling.alpha
    return {
        "dimension": ceiling.dimension,
        "physicians": ceiling.n_physicians,
        "answers_graded_by_several": ceiling.n_shared,
        "alpha_ordinal": None if alpha is None else alpha.value,
        "ci_low": None if alpha is None else alpha.ci_low,
        "ci_high": None if alpha is None else alpha.ci_high,
        "is_tuned": ceiling.is_enough,
        "reason": ceiling.reason,
    }


def _language(one: LanguageResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "language": one.language,
        "cases": one.n_cases,
        "answers_learnt_on": one.n_learn,
        "answers_chosen_on": one.n_choose,
        "left_as_it_is": one.reason or None,
        "proposals": asdict(one.diary),
    }
    if one.choice is not None:
        found |= {
            "candidates": one.choice.n_candidates,
            "candidates_collapsed": one.choice.n_collapsed,
            "kappa_before_when_choosing": one.choice.start.kappa,
            "kappa_chosen_when_choosing": one.choice.score.kappa,
            "is_changed": not one.choice.is_start,
        }
    return found


def _outcome(one: DimensionOutcome) -> dict[str, Any]:
    return asdict(one)


def _notes(prepared: "Prepared", tuned: Tuned, results: Sequence[DimensionOutcome]) -> Iterator[str]:
    yield from prepared.grades.notes
    if prepared.grades.simulated:
        yield f"simulated raters, not people: {', '.join(prepared.grades.simulated)}"
    if prepared.found.judge.repeats > 1:
        yield "the judge was asked once an answer, a run asks it several times"
    yield from _on_writing(tuned)
    n_demos = sum(len(one.demos) for one in tuned.program.by_language.values())
    if n_demos:
        yield f"the program holds {n_demos} answers of the run, with their cases, word for word"
    for one in results:
        if not one.is_tuned and one.kappa.ci_high is not None and one.kappa.ci_high < 0:
            yield f"{one.dimension} was not tuned, and agreement fell there"
    if tuned.program.hash != prepared.start.hash:
        yield (
            "a tuned judge is another judge: probe it for injection (`judge probe`) and grade anew; calibrations of "
            "the old one do not apply"
        )
    yield (
        "the test split has now been looked at: another tuning that is chosen by this report needs fresh cases; "
        "the answer speaks of these physicians"
    )


def _on_writing(tuned: Tuned) -> Iterator[str]:
    n_asked = sum(one.diary.n_asked for one in tuned.languages)
    n_bad = sum(one.diary.n_unusable + one.diary.n_failed for one in tuned.languages)
    if n_bad:
        yield f"{n_bad} of {n_asked} proposals could not be used or did not come"


def _text(report: TuningReport) -> Iterator[str]:
    content, overall = report.content, report.results[0]
    sizes = content["split"]
    yield (
        f"Judge {content['judge']['id']}, {content['optimizer']}, seed {content['seed']}: tuned on "
        f"{sizes['tune']['answers']} answers of {sizes['tune']['cases']} cases, measured on "
        f"{sizes['test']['answers']} of {sizes['test']['cases']} that it never saw"
    )
    yield ""
    yield _line("dimension", "n", "kappa before → after", "difference", "MAE", "physicians", "answer")
    for one in report.results:
        yield _row(one)
    yield ""
    yield f"{overall.answer}: {overall.reason}."
    if not content["is_changed"]:
        yield "Nothing better was found: the program is the one that was there before."
    for ceiling in content["physicians"]:
        if not ceiling["is_tuned"]:
            yield f"{ceiling['dimension']} was not tuned: {ceiling['reason']}."
    cost = content["cost"]
    unknown = f", {cost['attempts_of_unknown_price']} of unknown price" if cost["attempts_of_unknown_price"] else ""
    yield f"Cost: ${cost['usd']:.4f} in {cost['attempts']} attempts{unknown}."
    for note in content["notes"]:
        yield f"Note: {note}."
    if content["stopped"]:
        yield f"Stopped: {content['stopped']}."
    yield "kappa: quadratic, with the physicians' target; differences with paired intervals, cases resampled."
    yield f"Program: {report.program}; name it as `program:` of this judge in a panel file. Report: {report.path}"


def _row(one: DimensionOutcome) -> str:
    name = f"{'all tuned' if one.dimension == ALL else one.dimension}{'' if one.is_tuned else ' (not tuned)'}"
    kappa, error = one.kappa, one.mean_absolute_error
    ceiling = "–" if one.ceiling is None else f"{one.ceiling:.2f}"
    return _line(name, str(one.n_answers), _arrow(kappa), _difference(kappa), _arrow(error), ceiling, one.answer)


def _line(*cells: str) -> str:
    name, n, kappa, difference, error, ceiling, answer = cells
    return f"{name:<24}{n:>5}  {kappa:<22}{difference:<24}{error:<14}{ceiling:<12}{answer}"


def _arrow(change: Change) -> str:
    before, after = ("–" if value is None else f"{value:.2f}" for value in (change.before, change.after))
    return f"{before} → {after}"


def _difference(change: Change) -> str:
    if change.difference is None:
        return "undefined"
    if change.ci_low is None:
        return f"{change.difference:+.2f}"
    return f"{change.difference:+.2f} ({change.ci_low:+.2f} to {change.ci_high:+.2f})"
