"""What a run was made from, read again by the paths that its manifest names."""

from pathlib import Path

from judge.api.grading.options import GradeOptions
from judge.api.grading.plan import source_of
from judge.api.grading.writing import RUBRIC
from judge.api.run import Run
from judge.dataset.answers import AnswerSet, fingerprint, read_answers
from judge.domain.rubric import Rubric
from judge.errors import DataError, StoreError

_SAME_FOLDER = "Paths are as `judge grade` was given them: call this in the same folder, or put the files back."
_CHANGED = "the answers of the run cannot be read again"


def options_of(run: Run) -> GradeOptions:
    """Return what a run was asked for as far as its answers go: files, how they are read, the copy of its rubric.

    Raises
    ------
    StoreError
        If the manifest does not say which of its inputs were answers, cases and checklists.
    """
    asked = run.manifest["options"]
    if "answers" not in asked:
        raise StoreError(
            f"{run.folder}: its manifest does not say which file held the answers",
            hint="An earlier version wrote it: run `judge grade` again, no reply is paid for twice.",
        )
    return GradeOptions(
        answers=Path(asked["answers"]),
        cases=_path(asked["cases"]),
        checklists=_path(asked["checklists"]),
        columns=asked["columns"],
        rubric=str(run.folder / RUBRIC),
        limit=asked["limit"],
        skip_bad=asked["skip_bad"],
        seed=run.manifest["seed"],
    )


def check_inputs(run: Run) -> None:
    """See that the files of a run are where they were, and what they were.

    Raises
    ------
    DataError
        With every file that is gone or was changed.
    """
    problems = []
    for entry in run.manifest["inputs"]:
        path = Path(entry["path"])
        if not path.is_file():
            problems.append(f"{path}: is no longer there")
        elif fingerprint(path) != entry["sha256"]:
            problems.append(f"{path}: has changed since the run was made")
    if problems:
        raise DataError(_CHANGED, problems=problems, hint=_SAME_FOLDER)


def answers_of(run: Run, rubric: Rubric) -> AnswerSet:
    """Return the answers of a run with their cases.

    Raises
    ------
    DataError
        If a file is gone or was changed, or there are more of them now.
    StoreError
        If the manifest does not say which file is which.
    """
    source = source_of(options_of(run))
    check_inputs(run)
    found = read_answers(source, rubric)
    recorded = [entry["sha256"] for entry in run.manifest["inputs"]]
    if [entry.sha256 for entry in found.inputs] != recorded:
        problem = f"{len(recorded)} files were read for the run, {len(found.inputs)} are there now"
        raise DataError(_CHANGED, problems=[problem], hint=_SAME_FOLDER)
    return found


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)
