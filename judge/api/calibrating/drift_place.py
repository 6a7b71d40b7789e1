"""Where a drift check keeps its run and its replies: a folder of the day, with a ledger of its own."""

import json
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from judge.errors import ConfigError, StoreError
from judge.store.files import make_folder, write_json

FOLDER = "drift"
_ABOUT = "check.json"


@dataclass(frozen=True, slots=True)
class CheckPlace:
    """The folder of one check."""

    name: str
    day: str
    folder: Path
    ledger: Path
    is_resumed: bool

    @property
    def run(self) -> Path:
        """Where the canaries' own run is."""
        return self.folder / "run"


def place_of(
    run: Path, plan_hash: str, day: str, *, ledger: Path | None, not_these: Set[str] = frozenset()
) -> CheckPlace:
    """Return the day's check of this plan to carry on, or a new one.

    Parameters
    ----------
    run
        Folder of the run whose calibration is checked.
    plan_hash
        Of the canaries' plan.
    day
        ISO date.
    ledger
        Where replies are kept; in the folder where None.
    not_these
        Names of checks that are not to be carried on.

    Raises
    ------
    ConfigError
        If the ledger is there before a new check is, or is not the one that the day's check has.
    """
    stem, root = f"{day}-{plan_hash[:8]}", run / FOLDER
    number = 1
    while (root / _numbered(stem, number + 1)).is_dir():
        number += 1
    name = _numbered(stem, number)
    if not (root / name).is_dir():
        return _begun(name, day, root, ledger)
    if name in not_these:
        return _begun(_numbered(stem, number + 1), day, root, ledger)
    return _resumed(name, day, root, ledger)


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _begun(name: str, day: str, root: Path, ledger: Path | None) -> CheckPlace:
    if ledger is not None and ledger.exists():
        raise ConfigError(
            f"--ledger {ledger}: is there already, and its replies would stand in for fresh ones",
            hint="A drift check asks anew: name a file that does not exist yet, or leave --ledger away.",
        )
    folder = root / name
    make_folder(folder)
    write_json(folder / _ABOUT, {"ledger": None if ledger is None else str(ledger.absolute())})
    return CheckPlace(name, day, folder, ledger or _own(folder), is_resumed=False)


def _resumed(name: str, day: str, root: Path, ledger: Path | None) -> CheckPlace:
    folder = root / name
    kept = _ledger_of(folder)
    if ledger is not None and ledger.resolve() != kept.resolve():
        raise ConfigError(
            f"--ledger {ledger}: the check of {day} keeps its replies in {kept}",
            hint="Leave --ledger away to carry it on; --anew begins another check.",
        )
    return CheckPlace(name, day, folder, kept, is_resumed=True)


def _ledger_of(folder: Path) -> Path:
    path = folder / _ABOUT
    if not path.is_file():
        return _own(folder)
    try:
        named = json.loads(path.read_text(encoding="utf-8"))["ledger"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: cannot be read ({error})", hint="`judge drift --anew` begins another.") from error
    return _own(folder) if named is None else Path(named)


def _own(folder: Path) -> Path:
    return folder / "ledger.sqlite"
