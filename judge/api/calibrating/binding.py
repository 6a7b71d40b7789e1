"""What a calibration is bound to, and the refusal of anything else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from judge.api.calibrating.run import RunArrays
from judge.api.grading.plan import Plan
from judge.api.run import Run
from judge.api.sampling.set import CalibrationSet
from judge.calibration.drift import Drift, drift_of
from judge.domain.ids import digest
from judge.errors import ConfigError, StoreError

FORMAT = "judge-calibration/1"
NAME = "calibration.json"
N_CANARIES = 60
_AGAIN = "A calibration holds for the run's hashes alone: calibrate this run with grades of its own."


def binding_of(run: Run) -> dict[str, Any]:
    """Return the hashes that a calibration of this run is bound to; of a plan, ``binding_of_plan``."""
    manifest = run.manifest
    return {
        "rubric_hash": manifest["rubric"]["hash"],
        "prompt_hash": manifest["prompt_hash"],
        "panel_hash": manifest["panel_hash"],
        "judges": {
            judge["id"]: {
                "judge_hash": judge["judge_hash"],
                "prompt_hash": judge["prompt_hash"],
                "served_models": sorted(judge["served_models"]),
            }
            for judge in manifest["panel"]
        },
    }


def binding_of_plan(plan: Plan) -> dict[str, Any]:
    """Return the hashes of what is yet to be asked: nobody knows who will serve it."""
    own = plan.provenance
    return {
        "rubric_hash": own.rubric_hash,
        "prompt_hash": digest(sorted(set(own.prompt_hashes.values()))),
        "panel_hash": own.panel_hash,
        "judges": {
            judge: {"judge_hash": hash_, "prompt_hash": own.prompt_hashes[judge], "served_models": []}
            for judge, hash_ in own.judge_hashes.items()
        },
    }


def check_binding(document: Mapping[str, Any], run: Run, where: Path) -> None:
    """Refuse a run that a calibration does not hold for.

    Raises
    ------
    ConfigError
        Naming what differs.
    """
    differing = differences(document["binding"], binding_of(run))
    if differing:
        raise ConfigError(f"{where}: does not hold for {run.folder}; what differs: {', '.join(differing)}", hint=_AGAIN)


def differences(bound: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """Return in words in what two bindings differ; a model that served is news only in the second."""
    differing = [
        words
        for name, words in (("rubric_hash", "the rubric"), ("prompt_hash", "the prompt program"))
        if bound[name] != own[name]
    ]
    for judge, about in own["judges"].items():
        known = bound["judges"].get(judge)
        if known is None:
            differing.append(f"judge {judge} is new")
        elif known["judge_hash"] != about["judge_hash"]:
            differing.append(f"judge {judge}")
        elif not set(about["served_models"]) <= set(known["served_models"]):
            served = ", ".join(sorted(set(about["served_models"]) - set(known["served_models"])))
            differing.append(f"judge {judge} was served by {served}")
    differing += [f"judge {judge} is missing" for judge in bound["judges"] if judge not in own["judges"]]
    if not differing and bound["panel_hash"] != own["panel_hash"]:
        differing.append("the panel's rule, quorum or repeats")
    return differing


def check_set(drawn: CalibrationSet, run: Run, arrays: RunArrays) -> None:
    """Refuse a set that was not drawn from the answers of this run, or for another rubric.

    Raises
    ------
    ConfigError
        Naming what differs.
    """
    rubric, own = drawn.manifest["rubric"], run.manifest["rubric"]
    if rubric["hash"] != own["hash"]:
        raise ConfigError(
            f"{drawn.folder}: was drawn for rubric {rubric['id']} v{rubric['version']} ({rubric['hash'][:8]}), "
            f"this run was graded on {own['id']} v{own['version']} ({own['hash'][:8]})",
            hint="Levels of different rubrics are not comparable.",
        )
    known = set(map(str, arrays.response_ids))
    missing = [item.response_id for item in drawn.items if item.response_id not in known]
    n_frame = int((~arrays.is_blank).sum())
    if missing or drawn.manifest["frame"]["n_answers"] != n_frame:
        what = f"{len(missing)} of its answers are not in the run" if missing else f"the run has {n_frame} answers"
        raise ConfigError(
            f"{drawn.folder}: was drawn from {drawn.manifest['frame']['n_answers']} answers, and {what}",
            hint="Name the run that the set was drawn from, or one on the same answers.",
        )


def read_calibration(path: Path) -> dict[str, Any]:
    """Read a calibration file.

    Raises
    ------
    ConfigError
        If it is none.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file", hint="`judge calibrate` writes it into the run.") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(f"{path}: is not of format {FORMAT}")
    return document


def panel_weights_of(path: Path, judge_hashes: Mapping[str, str], *, rubric_hash: str) -> dict[str, float]:
    """Return the weights of a calibration for a panel of the rule ``weighted``.

    Raises
    ------
    ConfigError
        If the file is none or is not whole, or was made with other judges or on another rubric.
    """
    document = read_calibration(path)
    try:
        binding = document["binding"]
        bound_rubric = str(binding["rubric_hash"])
        bound = {judge: about["judge_hash"] for judge, about in binding["judges"].items()}
        weights = {judge: float(weight) for judge, weight in document["weights"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path}: is not whole: its hashes or weights are missing or are none", hint="Run `judge calibrate` again."
        ) from error
    if bound_rubric != rubric_hash:
        raise ConfigError(f"{path}: was made on another rubric than this run's", hint=_AGAIN)
    if bound != dict(judge_hashes):
        raise ConfigError(f"{path}: was made with other judges than this panel's", hint=_AGAIN)
    if weights.keys() != bound.keys() or not all(np.isfinite(weight) and weight >= 0 for weight in weights.values()):
        raise ConfigError(f"{path}: does not hold one weight of 0 or more for each judge", hint=_AGAIN)
    return weights


def canaries_of(arrays: RunArrays, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return levels of a few answers, by which a later run on them tells whether the judges have changed."""
    usable = np.flatnonzero(~arrays.is_blank)
    chosen = np.sort(rng.choice(usable, size=min(N_CANARIES, len(usable)), replace=False))
    return [
        {"response_id": str(arrays.response_ids[place]), "case_id": str(arrays.case_ids[place]), "levels": levels}
        for place in chosen
        if (
            levels := {
                name: float(own.level[place])
                for name, own in arrays.dimensions.items()
                if not np.isnan(own.level[place])
            }
        )
    ]


def drift_in(document: Mapping[str, Any], arrays: RunArrays) -> Drift:
    """Hold the canaries of a calibration against their levels in a run."""
    places = arrays.places()
    before, after, cases = [], [], []
    for canary in document["canaries"]:
        place = places.get(canary["response_id"])
        if place is None:
            continue
        for name, level in canary["levels"].items():
            before.append(level)
            after.append(float(arrays.dimensions[name].level[place]))
            cases.append(canary["case_id"])
    return drift_of(np.array(before), np.array(after), np.array(cases))
