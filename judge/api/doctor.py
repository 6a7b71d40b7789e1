"""Checks that cost nothing: versions, rubrics, a panel's keys and endpoints, a finished run's files."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from judge.api.grading.options import GradeOptions
from judge.api.grading.plan import panel_of
from judge.api.rubrics import check_rubric
from judge.api.run import open_run
from judge.api.versions import library_versions
from judge.domain.panel import Judge
from judge.errors import ConfigError, JudgeError
from judge.resources import list_rubrics
from judge.store.manifest import changed_files

_COMPROMISED = {("litellm", "1.82.7"), ("litellm", "1.82.8")}
_CONNECT_TIMEOUT_S = 3.0
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str


def diagnose(run: Path | None = None, *, panel: Path | None = None, judges: Sequence[str] = ()) -> tuple[Check, ...]:
    """Look at the installation, and at the panel and the run that are named.

    Raises
    ------
    JudgeError
        If the panel file or the run folder cannot be read at all.
    """
    checks = [*_version_checks(), *_rubric_checks()]
    if panel is not None or judges:
        asked = panel_of(GradeOptions(answers=Path(), panel=panel, judges=tuple(judges)))
        checks += [check for judge in asked.judges for check in _judge_checks(judge)]
    if run is not None:
        checks += _run_checks(run)
    return tuple(checks)


def _version_checks() -> Iterator[Check]:
    for name, version in library_versions().items():
        if version is None:
            yield Check(name, "failed", "is not installed")
        elif (name, version) in _COMPROMISED:
            yield Check(name, "failed", f"{version} is a compromised release: install another")
        else:
            yield Check(name, "ok", version)


def _rubric_checks() -> Iterator[Check]:
    for rubric_id, path in list_rubrics().items():
        checked = check_rubric(path)
        if checked.n_errors:
            yield Check(
                f"rubric {rubric_id}", "failed", f"{checked.n_errors} error(s); see `judge rubric check {path}`"
            )
        elif checked.n_warnings:
            yield Check(f"rubric {rubric_id}", "warning", f"{checked.n_warnings} remark(s), see `judge rubric check`")
        else:
            yield Check(f"rubric {rubric_id}", "ok", path.stem)


def _judge_checks(judge: Judge) -> Iterator[Check]:
    from judge.call.routing import check_routable

    try:
        check_routable(judge)
    except ConfigError as error:
        yield Check(f"judge {judge.id}", "failed", str(error))
        return
    yield Check(f"judge {judge.id}", "ok", f"{judge.model} can be routed")
    if judge.api_base is not None:
        yield _endpoint_check(judge.id, judge.api_base)


def _endpoint_check(judge_id: str, api_base: str) -> Check:
    parts = urlsplit(api_base)
    name = f"endpoint of {judge_id}"
    port = parts.port or _PORTS.get(parts.scheme)
    if parts.hostname is None or port is None:
        return Check(name, "failed", f"{api_base} is no http(s) URL")
    try:
        with socket.create_connection((parts.hostname, port), timeout=_CONNECT_TIMEOUT_S):
            return Check(name, "ok", f"{parts.hostname}:{port} accepts connections")
    except OSError as error:
        return Check(name, "failed", f"{parts.hostname}:{port} does not answer ({error})")


def _run_checks(folder: Path) -> Iterator[Check]:
    run = open_run(folder)
    changed = changed_files(folder, run.manifest)
    if changed:
        yield Check("files of the run", "failed", f"not what the manifest recorded: {', '.join(changed)}")
    else:
        yield Check("files of the run", "ok", f"{len(run.manifest['files'])} files as recorded")
    yield from _input_checks(run.manifest["inputs"])
    if run.is_complete:
        yield Check("completeness", "ok", "everything planned was asked")
    else:
        yield Check("completeness", "warning", "the run ended before its time; the same command again goes on")


def _input_checks(inputs: Sequence[dict[str, str]]) -> Iterator[Check]:
    from judge.dataset.answers import fingerprint

    for entry in inputs:
        path = Path(entry["path"])
        try:
            same = fingerprint(path) == entry["sha256"]
        except (OSError, JudgeError):
            yield Check(f"input {path.name}", "warning", f"{path} is no longer there")
            continue
        if same:
            yield Check(f"input {path.name}", "ok", "as it was graded")
        else:
            yield Check(f"input {path.name}", "failed", f"{path} has changed since it was graded")
