"""The verb ``demo``: the whole way on the shipped demonstration, offline."""

from dataclasses import dataclass
from pathlib import Path

from judge.api.agreeing.agree import AgreementReport, agree
from judge.api.card import MadeCard, card_of
from judge.api.grading.grade import grade_with
from judge.api.grading.options import GradeOptions
from judge.api.grading.progress import Progress
from judge.api.run import Run
from judge.resources import demonstration_dir


@dataclass(frozen=True)
class Demo:
    """What the demonstration made."""

    run: Run
    agreement: AgreementReport
    physicians: Path
    """The simulated raters' grades."""
    card: MadeCard


def run_demo(out: Path | None = None, *, progress: Progress | None = None) -> Demo:
    """Grade the demonstration answers, compare with the simulated raters, write the card."""
    folder = demonstration_dir()
    run = grade_with(
        GradeOptions(
            answers=folder / "answers.jsonl",
            cases=folder / "cases.jsonl",
            out=out,
            name="demonstration",
            with_baselines=True,
        ),
        progress=progress,
    )
    physicians = folder / "grades.csv"
    return Demo(run, agree(run, physicians=physicians), physicians, card_of([run]))
