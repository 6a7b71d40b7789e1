"""The verb ``sample``: a frozen, blinded set of a run's answers for physicians to grade."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from judge.api.card import rubric_of
from judge.api.inputs import answers_of
from judge.api.run import Run, open_run
from judge.api.sampling.frame import SampleFrame, frame_of
from judge.api.sampling.set import FORMAT, SetItem, blinded_name, write_set
from judge.api.sampling.split import Splitting, split_drawn
from judge.calibration.sample_plan import SamplePlan, plan_sample
from judge.calibration.sampling import Drawn, Unit, draw, draw_repeats
from judge.dataset.answers import Item
from judge.domain.case import Case
from judge.errors import ConfigError

TUNE_SHARE = 0.5
REPEAT_SHARE = 0.1


@dataclass(frozen=True)
class Sample:
    """A set that was written."""

    folder: Path
    manifest: Mapping[str, Any]
    plan: SamplePlan
    warnings: tuple[str, ...] = ()


def sample(
    run: Run | str | Path,
    *,
    n: int | None = None,
    cases: int | None = None,
    out: str | Path | None = None,
    seed: int = 0,
    tune_share: float = TUNE_SHARE,
) -> Sample:
    """Draw a calibration set from a run.

    Parameters
    ----------
    run
        A run or its folder.
    n
        How many answers to draw, one by one.
    cases
        Instead of ``n``: how many cases, each with the answers of all models.
    out
        Folder of the set; by default ``calibration/<name of the run>``.
    seed
        Of the draw, the split and the order.
    tune_share
        Share of the answers, by case, that weights, maps and prompts may be fitted to; the rest only reports.

    Raises
    ------
    ConfigError
        If neither or both of ``n`` and ``cases`` are given, or the run has not that many.
    DataError
        If an input file of the run is no longer there, or was changed.
    StoreError
        If the run is not whole, or the folder of the set is not empty.
    """
    opened = open_run(run)
    if (n is None) == (cases is None):
        raise ConfigError("say either how many answers (--n) or how many cases (--cases) to draw")
    if not 0 < tune_share < 1:
        raise ConfigError(f"the tune split's share lies between 0 and 1, not {tune_share:g}")
    frame = frame_of(opened)
    rng = np.random.default_rng(seed)
    drawn = _draw(frame, n if n is not None else cases or 0, "answer" if n is not None else "case", rng)
    rubric = rubric_of(opened)
    texts = {item.response.response_id: item for item in answers_of(opened, rubric).items}
    about = frame.rows.take(drawn.places).select(["response_id", "case_id", "model", "task", "language"]).to_pylist()
    items = [texts[row["response_id"]] for row in about]
    splitting = split_drawn(frame, drawn, items, tune_share, rng)
    repeated = set(draw_repeats(len(items), REPEAT_SHARE, rng).tolist())
    plan_hash = str(opened.manifest["plan_hash"])
    rows = [
        SetItem(
            item=blinded_name(row["response_id"], plan_hash, seed),
            **{name: value or "" for name, value in row.items()},
            stratum="planted" if frame.candidates.is_planted[drawn.places[place]] else "natural",
            inclusion_probability=float(drawn.probability[drawn.places[place]]),
            split="tune" if splitting.is_tune[place] else "test",
            is_repeated=place in repeated,
        )
        for place, row in enumerate(about)
    ]
    plan = _plan(frame, drawn, seed)
    manifest = _manifest(opened, frame, drawn, rows, splitting, plan, seed)
    folder = Path(out) if out is not None else Path("calibration") / opened.folder.name
    order = rng.permutation(len(items))
    shown = [_shown(rows[place], items[place]) for place in order]
    write_set(folder, shown, (opened.folder / "rubric.yaml").read_text(encoding="utf-8"), manifest)
    return Sample(folder, manifest, plan, _warnings(frame, splitting, manifest))


def _draw(frame: SampleFrame, n: int, unit: Unit, rng: np.random.Generator) -> Drawn:
    try:
        return draw(frame.candidates, n, unit, rng)
    except ValueError as error:
        raise ConfigError(str(error), hint="The frame is the run's answers that are not blank.") from error


def _plan(frame: SampleFrame, drawn: Drawn, seed: int) -> SamplePlan:
    n_cases = len(np.unique(frame.candidates.cases[drawn.places]))
    expected = float(drawn.probability[frame.has_gate].sum())
    return plan_sample(n_cases, len(np.unique(frame.candidates.cases)), frame.sd, expected, seed=seed)


def _manifest(
    run: Run,
    frame: SampleFrame,
    drawn: Drawn,
    rows: Sequence[SetItem],
    splitting: Splitting,
    plan: SamplePlan,
    seed: int,
) -> dict[str, Any]:
    about, places = frame.candidates, drawn.places
    return {
        "format": FORMAT,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": seed,
        "unit": drawn.unit,
        "run": {name: run.manifest[name] for name in ("plan_hash", "prompt_hash", "panel_hash")},
        "rubric": dict(run.manifest["rubric"]),
        "judges": {judge["id"]: judge["judge_hash"] for judge in run.manifest["panel"]},
        "frame": {
            "n_answers": len(about.cases),
            "n_cases": len(np.unique(about.cases)),
            "n_planted": int(about.is_planted.sum()),
            "n_blank_left_out": frame.n_blank,
        },
        "counts": {
            "n_answers": len(places),
            "n_cases": len(np.unique(about.cases[places])),
            "n_planted": int(about.is_planted[places].sum()),
            "n_unflagged": int((~about.is_flagged[places]).sum()),
            "n_tune": int(splitting.is_tune.sum()),
            "n_repeated": sum(row.is_repeated for row in rows),
        },
        "weight_ratio": drawn.weight_ratio,
        "split_by": list(splitting.tied_by),
        "plan": asdict(plan),
        "items": [asdict(row) for row in rows],
    }


def _shown(row: SetItem, item: Item) -> dict[str, Any]:
    """Return what a physician sees: no model, no stratum, no chance, nothing that the panel said."""
    case = item.case
    return {
        "item": row.item,
        "case_id": case.case_id,
        "task": case.task,
        "language": case.language,
        "question": case.question,
        "context": _context(case),
        "references": [{"text": one.text, "status": one.status} for one in case.references],
        "response": item.response.text,
    }


def _context(case: Case) -> Any:
    if case.context is None or isinstance(case.context, str):
        return case.context
    return [{"role": turn.role, "text": turn.text} for turn in case.context]


def _warnings(frame: SampleFrame, splitting: Splitting, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    counts, said = manifest["counts"], list(splitting.warnings)
    if counts["n_answers"] < 200:
        said.append(
            f"{counts['n_answers']} answers: a claim about agreement takes 200 or more, graded by three physicians"
        )
    if frame.n_blank:
        said.append(f"{frame.n_blank} blank answers are not in the frame")
    if not counts["n_unflagged"]:
        said.append("no answer that the panel left unflagged was drawn: what judges miss cannot be estimated")
    return tuple(said)
