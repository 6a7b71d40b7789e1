"""What a command prints at its end: a text for people, a document for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from judge.api.card import MadeCard, card_of
from judge.api.run import Run

if TYPE_CHECKING:
    from judge.api.calibrating.calibrate import Calibrated
    from judge.api.demo import Demo
    from judge.api.doctor import Check


@dataclass(frozen=True, slots=True)
class Shown:
    """A result in both forms."""

    text: str
    document: Any


def present_run(run: Run) -> Shown:
    """Make the run's card and return its table with the places of the files."""
    return _run_with_card(run, card_of([run]))


def present_card(made: MadeCard) -> Shown:
    """Return a card's table and where its files are."""
    return Shown(_ending(made, []), _card_document(made))


def present_calibrated(made: "Calibrated") -> Shown:
    """Make the card of a calibrated run anew, and return what was corrected with the place of the card."""
    return Shown(f"{made.text}\nScore card: {card_of([made.run]).html}", made.document())


def present_demo(demo: "Demo") -> Shown:
    """Return the demonstration's table, its agreement with the simulated raters in short, and where its files are."""
    from judge.report.agreement_brief import render_brief

    agreement = demo.agreement.document()
    more = [
        "",
        "Agreement with the simulated raters (natural answers; 95 % intervals by bootstrap of cases)",
        render_brief(agreement),
        f"All of it: judge agree {demo.run.folder} --physicians {demo.physicians}",
        "",
    ]
    shown = _run_with_card(demo.run, demo.card, more)
    head = "Demonstration: cases, answers and raters are simulated; no model and no physician was asked."
    return Shown(f"{head}\n\n{shown.text}", {**shown.document, "agreement": agreement})


def present_checks(checks: "Sequence[Check]") -> Shown:
    """Return what the doctor found, a line a check."""
    marks = {"ok": "ok  ", "warning": "warn", "failed": "FAIL"}
    lines = [f"{marks[check.status]}  {check.name}: {check.detail}" for check in checks]
    return Shown("\n".join(lines), {"checks": [asdict(check) for check in checks]})


def _run_with_card(run: Run, made: MadeCard, more: Sequence[str] = ()) -> Shown:
    counts, cost = run.manifest["counts"], run.manifest["cost"]
    unknown = cost["attempts_of_unknown_price"]
    money = f"${cost['usd']:.4f}" + (f" and {unknown} calls of unknown price" if unknown else "")
    line = (
        f"Run:        {run.folder} ({counts['responses']} answers, {cost['this_invocation']['sent']} calls sent, "
        f"{cost['this_invocation']['replayed']} replayed, {money} over all invocations)"
    )
    document = {"run": str(run.folder), "complete": run.is_complete, "manifest": run.manifest, **_card_document(made)}
    return Shown(_ending(made, [*more, line]), document)


def _ending(made: MadeCard, lines: Sequence[str]) -> str:
    from judge.report.table import render_table

    return "\n".join([render_table(made.card), *lines, f"Score card: {made.html}"])


def _card_document(made: MadeCard) -> dict[str, Any]:
    from judge.report.json import card_document

    files = {"html": str(made.html), "markdown": str(made.markdown), "json": str(made.json)}
    return {"files": files, "card": card_document(made.card)}
