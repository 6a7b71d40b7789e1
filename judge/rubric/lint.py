"""Lint of a rubric file: structural faults and unknown lexicon ids are errors, doubtful wording gives warnings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from judge.errors import did_you_mean
from judge.rubric.faults import Fault, RubricError
from judge.rubric.load import read_rubric_file
from judge.rubric.schema import GateBlock, RubricFile
from judge.rubric.source import Loc, Source
from judge.rubric.wording import wording_faults

_ANY = "*"
_VERSION_FILE = re.compile(r"v(\d+)\.ya?ml")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend in a rubric file."""

    severity: Literal["error", "warning"]
    message: str
    """The field and what is wrong with it."""
    line: int
    way_out: str


def lint_rubric(path: Path, *, concepts: frozenset[str], sets: frozenset[str]) -> tuple[Finding, ...]:
    """Return all findings in a rubric file, by line.

    Parameters
    ----------
    path
        The file.
    concepts, sets
        The ids that gate hints may name.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    try:
        source, file = read_rubric_file(path)
    except RubricError as error:  # not readable as YAML: nothing further can be looked at
        return tuple(Finding("error", _told(fault), fault.line, fault.way_out) for fault in error.faults)
    findings = _findings(source, "error")
    if file is not None:
        ids = Source(source.path, source.data, source.lines)
        _check_hint_ids(file, ids, concepts, sets)
        wording = Source(source.path, source.data, source.lines)
        wording_faults(file, wording)
        _check_signoff(file, wording)
        _check_file_name(file, wording)
        findings += _findings(ids, "error") + _findings(wording, "warning")
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.severity, finding.message)))


def _findings(source: Source, severity: Literal["error", "warning"]) -> list[Finding]:
    return [Finding(severity, _told(fault), fault.line, fault.way_out) for fault in source.faults]


def _told(fault: Fault) -> str:
    return f"{fault.field}: {fault.message}" if fault.field else fault.message


def _check_hint_ids(file: RubricFile, source: Source, concepts: frozenset[str], sets: frozenset[str]) -> None:
    for key, gate in file.gates.by_id.items():
        for loc, name in _concept_ids(("gates", key), gate):
            _check_id(loc, name, concepts | {_ANY}, "concept", source)
        for loc, name in _act_ids(("gates", key), gate):
            _check_id(loc, name, sets | concepts, "drug or act set", source)
        for loc, name in _either_ids(("gates", key), gate):
            _check_id(loc, name, sets | concepts | {_ANY}, "concept or set", source)


def _check_id(loc: Loc, names: str, known: frozenset[str], what: str, source: Source) -> None:
    for name in names.split("+"):
        if name not in known:
            near = did_you_mean(name, sorted(known))
            source.report(loc, f'the lexicon has no {what} "{name}"{near}', "use an id of the lexicon (A+B: both)")


def _concept_ids(loc: Loc, gate: GateBlock) -> Iterator[tuple[Loc, str]]:
    for field in ("conditions", "requires_any", "equivalents"):
        for index, name in enumerate(getattr(gate.hint, field)):
            yield (*loc, "hint", field, index), name
    for number, pair in enumerate(gate.hint.pairs):
        for field in ("conditions", "requires"):
            for index, name in enumerate(getattr(pair, field)):
                yield (*loc, "hint", "pairs", number, field, index), name
    for index, name in enumerate(gate.exceptions):
        yield (*loc, "exceptions", index), name


def _act_ids(loc: Loc, gate: GateBlock) -> Iterator[tuple[Loc, str]]:
    for number, pair in enumerate(gate.hint.pairs):
        for index, name in enumerate(pair.sets):
            yield (*loc, "hint", "pairs", number, "sets", index), name
    for condition, acts in gate.acts.items():
        for index, name in enumerate(acts):
            yield (*loc, "acts", condition, index), name


def _either_ids(loc: Loc, gate: GateBlock) -> Iterator[tuple[Loc, str]]:
    for number, pair in enumerate(gate.hint.pairs):
        for index, name in enumerate(pair.unless):
            yield (*loc, "hint", "pairs", number, "unless", index), name
    for condition in gate.acts:
        yield (*loc, "acts", condition), condition


def _check_signoff(file: RubricFile, source: Source) -> None:
    if file.signoff.status == "draft":
        source.report(
            ("signoff",), "nobody has signed this rubric", "have its items signed; then set status, by, date and signed"
        )
    unsigned = [key for key, gate in file.gates.by_id.items() if not gate.signed and not gate.flag]
    if unsigned and file.signoff.status == "signed":
        source.report(
            ("gates", unsigned[0]),
            f"{len(unsigned)} gates are not signed",
            "set `signed: true` on those a physician signed",
        )


def _check_file_name(file: RubricFile, source: Source) -> None:
    match = _VERSION_FILE.fullmatch(source.path.name)
    if match is None:
        return
    if int(match.group(1)) != file.version:
        source.report(("version",), f"version {file.version} in a file named {source.path.name}", "make the two agree")
    folder = source.path.resolve().parent.name
    if folder != file.id:
        source.report(("id",), f'the id "{file.id}" in a folder named "{folder}"', "name the folder like the rubric")
