"""``drift.json``: what every drift check of a run's calibration found, the last one last."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judge.domain.ids import sha256_json
from judge.errors import ConfigError, StoreError
from judge.store.files import write_json

FORMAT = "judge-drift/1"
NAME = "drift.json"


def identity_of(calibration: Mapping[str, Any]) -> str:
    """Return what names a calibration's judges and canaries: it stays where the calibration is applied again."""
    return sha256_json({name: calibration[name] for name in ("plan_hash", "binding", "canaries")})


def read_checks(folder: Path) -> list[dict[str, Any]]:
    """Return the checks of a run's ``drift.json``; none where there is no such file.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        return []
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error})", hint="Remove it and run `judge drift` again.") from error
    is_ours = isinstance(document, dict) and document.get("format") == FORMAT
    checks = document.get("checks") if is_ours else None
    if not isinstance(checks, list) or not all(isinstance(check, dict) and "check" in check for check in checks):
        raise StoreError(f"{path}: is not of format {FORMAT}", hint="Remove it and run `judge drift` again.")
    return checks


def record_check(folder: Path, check: Mapping[str, Any]) -> None:
    """Add a check to ``drift.json``; one that was carried on takes the place of its earlier state."""
    earlier = [one for one in read_checks(folder) if one["check"] != check["check"]]
    write_json(folder / NAME, {"format": FORMAT, "checks": [*earlier, check]})


def last_check(folder: Path, calibration: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the last check of this very calibration; None where there is none."""
    own = identity_of(calibration)
    found = [check for check in read_checks(folder) if check.get("calibration", {}).get("identity") == own]
    return found[-1] if found else None


def refuse_expired(path: Path, calibration: Mapping[str, Any]) -> None:
    """Refuse a calibration whose last drift check, in the folder beside it, found that its judges have changed.

    Raises
    ------
    ConfigError
        Naming day and reason.
    """
    check = last_check(path.parent, calibration)
    if check is not None and check["state"] == "expired":
        raise ConfigError(
            f"{path}: has expired by the drift check of {check['date']}: {check['reason']}",
            hint="The model behind a judge has changed: grade and calibrate anew with physicians' grades, or run "
            "`judge drift --anew` to check once more.",
        )
