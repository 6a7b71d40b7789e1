"""The texts of a run's answers, read again from its input files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from judge.api.run import Run
from judge.dataset.answers import AnswerSource, Item, read_answers
from judge.domain.rubric import Rubric
from judge.errors import ConfigError, DataError, StoreError
from judge.store.files import sha256_file


def items_of(run: Run, rubric: Rubric) -> dict[str, Item]:
    """Return the answers of a run with their cases, by response id.

    Raises
    ------
    StoreError
        If an input file is no longer there, or is not what the run was made from.
    """
    inputs = run.manifest["inputs"]
    for entry in inputs:
        path = Path(entry["path"])
        if not path.is_file():
            raise StoreError(
                f"{path}: the run was made from it, and it is not there",
                hint="Call the command from the folder in which `judge grade` was called, or put the file back.",
            )
        if sha256_file(path) != entry["sha256"]:
            raise StoreError(f"{path}: has changed since the run was made", hint="Grade the answers again.")
    hashes = [entry["sha256"] for entry in inputs]
    for source in _sources(run):
        try:
            found = read_answers(source, rubric)
        except (DataError, ConfigError):
            continue
        if [entry.sha256 for entry in found.inputs] == hashes:
            return {item.response.response_id: item for item in found.items}
    raise StoreError(
        f"{run.folder}: its answers cannot be read again from {', '.join(entry['path'] for entry in inputs)}",
        hint="Grade the answers again.",
    )


def _sources(run: Run) -> Iterator[AnswerSource]:
    """Yield the ways in which the input files can be answers, cases and checklists; answers come first."""
    paths = [Path(entry["path"]) for entry in run.manifest["inputs"]]
    columns = run.manifest["options"].get("columns", {})
    for n_answers in range(len(paths), 0, -1):
        answers, rest = paths[:n_answers], paths[n_answers:]
        if (n_answers > 1 and len({path.parent for path in answers}) > 1) or len(rest) > 2:
            continue
        place = answers[0] if n_answers == 1 else answers[0].parent
        for cases, checklists in _pairs(rest):
            yield AnswerSource(place, cases, checklists, columns, skip_bad=True)


def _pairs(rest: Sequence[Path]) -> list[tuple[Path | None, Path | None]]:
    """Return what the files after the answers can be: cases and checklists."""
    if not rest:
        return [(None, None)]
    return [(rest[0], None), (None, rest[0])] if len(rest) == 1 else [(rest[0], rest[1])]
