"""Grades free-text clinical answers with a panel of judges and says how far each number can be trusted."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from judge import agreement as agreement
    from judge.api.agreeing.agree import agree as agree
    from judge.api.calibrating.calibrate import calibrate as calibrate
    from judge.api.calibrating.drift import check_drift as drift
    from judge.api.card import card as card
    from judge.api.grading.grade import grade as grade
    from judge.api.sampling.sample import sample as sample
    from judge.api.tuning.tune import tune as tune

__version__ = "0.1.0"
__all__ = ["agree", "agreement", "calibrate", "card", "drift", "grade", "sample", "tune"]

_PLACES = {
    "agree": "judge.api.agreeing.agree",
    "calibrate": "judge.api.calibrating.calibrate",
    "card": "judge.api.card",
    "drift": "judge.api.calibrating.drift:check_drift",
    "grade": "judge.api.grading.grade",
    "sample": "judge.api.sampling.sample",
    "tune": "judge.api.tuning.tune",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _PLACES:
        module, _, attribute = _PLACES[name].partition(":")
        return getattr(importlib.import_module(module), attribute or name)
    if name == "agreement":
        return importlib.import_module("judge.agreement")
    raise AttributeError(f"module 'judge' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
