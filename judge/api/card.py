"""The verb ``card``: run folders in, a score card out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.api.grading.writing import RUBRIC
from judge.api.run import Run, open_run
from judge.domain.rubric import Rubric
from judge.errors import ConfigError, StoreError
from judge.rubric.load import load_rubric
from judge.store.files import make_folder, sha256_file, write_text

if TYPE_CHECKING:
    from judge.report.parts import Card
    from judge.report.tables import RunTables

AGREEMENT = "agreement.json"
CALIBRATION = "calibration.json"
_VERDICTS = "verdicts.parquet"
_TABLES = ("grades", "verdicts", "criteria", "calls")


@dataclass(frozen=True)
class MadeCard:
    """A score card and where it was written."""

    card: "Card"
    html: Path
    markdown: Path
    json: Path


def card(
    run: Run | str | Path | Sequence[Run | str | Path],
    *,
    agreement: Any = None,
    out: str | Path | None = None,
    language: str | None = None,
) -> MadeCard:
    """Write the score card of one run, or of several runs on one rubric.

    Parameters
    ----------
    run
        A run, its folder, or several of them.
    agreement
        What ``judge.agree`` returned, or the document of an ``agreement.json``; by default the run's own file, if any.
    out
        Folder for ``card.html``, ``card.md`` and ``card.json``; by default that of the (first) run.
    language
        ``en`` or ``zh``; by default the language of most answers.

    Raises
    ------
    StoreError
        If a folder holds no run, or its files are not whole.
    ConfigError
        If the runs were graded on different rubrics.
    """
    runs = [run] if isinstance(run, Run | str | Path) else list(run)
    document = agreement.document() if hasattr(agreement, "document") else agreement
    return card_of(runs, agreement=document, out=None if out is None else Path(out), language=language)


def card_of(
    runs: Sequence[Run | str | Path],
    *,
    agreement: Mapping[str, Any] | None = None,
    out: Path | None = None,
    language: str | None = None,
) -> MadeCard:
    """Make the card as ``card`` does, of a list of runs."""
    from judge.report.card import build_card
    from judge.report.html import render_html
    from judge.report.json import render_json
    from judge.report.markdown import render_markdown
    from judge.report.tables import join_runs

    opened = [open_run(run) for run in runs]
    made = build_card(join_runs([_tables(run, agreement) for run in opened]), language=language)
    folder = out or opened[0].folder
    make_folder(folder)
    written = MadeCard(made, folder / "card.html", folder / "card.md", folder / "card.json")
    write_text(written.html, render_html(made))
    write_text(written.markdown, render_markdown(made))
    write_text(written.json, render_json(made))
    return written


def rubric_of(run: Run) -> Rubric:
    """Return the rubric that a run was graded on, from the copy in its folder.

    Raises
    ------
    StoreError
        If the copy is missing or is not the one that was graded on.
    """
    path = run.folder / RUBRIC
    if not path.is_file():
        raise StoreError(f"{path}: there is no such file", hint="Run `judge grade` again: it costs nothing.")
    rubric = load_rubric(path)
    if rubric.hash != run.manifest["rubric"]["hash"]:
        raise StoreError(f"{path}: is not the rubric of this run", hint="Run `judge grade` again: it costs nothing.")
    return rubric


def _tables(run: Run, agreement: Mapping[str, Any] | None) -> "RunTables":
    from judge.report.tables import from_arrow

    return from_arrow(
        run.manifest,
        rubric_of(run),
        {name: run.table(name) for name in _TABLES},
        agreement=agreement if agreement is not None else _own_agreement(run),
        calibration=_own_calibration(run),
        name=run.folder.resolve().name,
    )


def _own_agreement(run: Run) -> Mapping[str, Any] | None:
    """Return the run's ``agreement.json`` if it speaks of physicians and of the verdicts that the run now holds."""
    path = run.folder / AGREEMENT
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error})", hint="Make it again with `judge agree`.") from error
    if not isinstance(document, dict) or not _speaks_of_physicians(document):
        return None
    made_of = {entry["path"]: entry["sha256"] for entry in document.get("inputs", ())}
    is_stale = made_of.get(_VERDICTS, run.manifest["files"].get(_VERDICTS)) != run.manifest["files"].get(_VERDICTS)
    return None if is_stale else document


def _own_calibration(run: Run) -> Mapping[str, Any] | None:
    """Return the calibration that the manifest names, with its last drift check.

    None where the manifest names none, or the file is not that one.
    """
    known = {entry["sha256"] for entry in run.manifest.get("calibrations") or ()}
    path = run.folder / CALIBRATION
    if not known or not path.is_file() or sha256_file(path) not in known:
        return None
    from judge.api.calibrating.binding import check_binding, read_calibration
    from judge.api.calibrating.drift_checks import last_check

    document = read_calibration(path)
    try:
        check_binding(document, run, path)
    except ConfigError:
        return None
    return {**document, "drift": last_check(run.folder, document)}


def _speaks_of_physicians(document: Mapping[str, Any]) -> bool:
    return any(row["comparison"] in ("panel-physician", "judge-physician") for row in document.get("results", ()))
