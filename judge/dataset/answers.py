"""Answers with their cases: one row an answer, checked as a whole before anything is graded."""

from judge.dataset.answer_set import AnswerSet, AnswerSource, Item, Rejected
from judge.dataset.case_files import Joined, read_cases, read_checklists
from judge.dataset.columns import check_renames
from judge.dataset.inputs import InputFile
from judge.dataset.reading import Reading
from judge.dataset.rows import fingerprint
from judge.domain.rubric import Rubric

__all__ = ["AnswerSet", "AnswerSource", "InputFile", "Item", "Rejected", "fingerprint", "read_answers"]


def read_answers(source: AnswerSource, rubric: Rubric) -> AnswerSet:
    """Return the answers of a file with their cases.

    Parameters
    ----------
    source
        The files and how to read them.
    rubric
        Tasks, gates and dimensions that the rows are checked against.

    Raises
    ------
    DataError
        With every problem of every file; with ``skip_bad`` only if a file as a whole cannot be used.
    ConfigError
        If ``columns`` names a column that does not exist here.
    StoreError
        If a file cannot be opened.
    """
    check_renames(source.columns)
    joined = Joined() if source.cases is None else read_cases(source.cases, rubric, source.columns)
    if source.checklists is not None:
        read_checklists(source.checklists, rubric, joined)
    return Reading(source, rubric, joined).result()
