"""What a person reads of a drift check."""

from collections.abc import Iterator, Mapping
from typing import Any

from judge.api.run import Run

_SAID = {"valid": "valid", "expired": "EXPIRED", "not_enough_data": "not enough data"}


def text_of(check: Mapping[str, Any], asked: Run | None) -> str:
    """Return the whole, a line a dimension, and what it cost."""
    if asked is None:
        return "\n".join(_opening(check))
    return "\n".join([*_opening(check), "", *_table(check["dimensions"]), "", *_ending(check, asked)])


def _opening(check: Mapping[str, Any]) -> Iterator[str]:
    yield f"Calibration of {check['calibration']['date']}: {_SAID[check['state']]} ({check['reason']})"
    yield f"{check['n_answers']} canaries of {check['n_cases']} cases, levels now minus levels when it was calibrated"


def _table(dimensions: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    names = [f"{name}{' (core)' if found['is_core'] else ''}" for name, found in dimensions.items()]
    wide = max(len(name) for name in [*names, "dimension"])
    yield f"{'dimension':<{wide}}  {'state':<15}  {'shift':>6}  {'95 % interval':<16}  same level  answers  cases"
    for name, found in zip(names, dimensions.values(), strict=True):
        yield f"{name:<{wide}}  {_SAID[found['state']]:<15}  {_numbers(found)}"


def _numbers(found: Mapping[str, Any]) -> str:
    counts = f"{found['n_answers']:>7}  {found['n_cases']:>5}"
    if found["shift"] is None:
        return f"{'–':>6}  {'–':<16}  {'–':>10}  {counts}  {found['reason']}"
    interval = f"{found['ci_low']:+.2f} to {found['ci_high']:+.2f}"
    return f"{found['shift']:>+6.2f}  {interval:<16}  {100 * found['exact_share']:>8.0f} %  {counts}"


def _ending(check: Mapping[str, Any], asked: Run) -> Iterator[str]:
    cost, now = check["cost"], asked.manifest["cost"]["this_invocation"]
    unknown = cost["attempts_of_unknown_price"]
    money = f"${cost['usd']:.4f}" + (f" and {unknown} calls of unknown price" if unknown else "")
    yield f"Check: {asked.folder.parent} ({now['sent']} calls sent now; {cost['attempts']} in all, {money})"
