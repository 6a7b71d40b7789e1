"""Phrases of corrected means that the page, the Markdown and the terminal share."""

from collections.abc import Iterator

from judge.report.corrected import Corrected, GateRate, PassRate, SingleGrades
from judge.report.numbers import DIGITS_LEVEL, number, signed
from judge.report.parts import Card
from judge.report.reasons import reason_of, say_reason
from judge.report.words import Words

_WHOLE = "whole run"


def corrected_interval(found: Corrected, digits: int, words: Words, *, with_sign: bool = False) -> str:
    """Return ``[low, high]``, a dash without a value, words where there is a value and no interval."""
    if found.value is None:
        return "–"
    if found.ci_low is None or found.ci_high is None:
        return words("cell.no_interval")
    write = signed if with_sign else number
    return f"[{write(found.ci_low, digits)}, {write(found.ci_high, digits)}]"


def how(found: Corrected, words: Words) -> str:
    """Return how a corrected value was made, or why there is none."""
    if found.value is None:
        return say_reason(found.reason, words) if found.reason else "–"
    if found.method == "bounds" and found.variant == _WHOLE:
        return words("how.whole")
    return words.named("how", found.method)


def notes_of(found: Corrected, words: Words) -> str:
    """Return what a calibration remarks on a value, empty for nothing."""
    return "; ".join(say_reason(note, words) for note in found.notes)


def whole(count: int | None) -> str:
    """Return a count, a dash where there is none."""
    return "–" if count is None else str(count)


def rates_shown(card: Card) -> tuple[GateRate, ...]:
    """Return the rates of gates that have a corrected value."""
    part = card.calibration
    return () if part is None else tuple(rate for rate in part.rates if rate.corrected.value is not None)


def n_rates_refused(card: Card) -> int:
    """Return how many rates of gates have no corrected value."""
    return 0 if card.calibration is None else len(card.calibration.rates) - len(rates_shown(card))


def passes_of(card: Card) -> tuple[PassRate, ...]:
    """Return all pass rates: whoever asked for one reads why it has no value."""
    return () if card.calibration is None else card.calibration.passes


def how_passed(rate: PassRate, words: Words) -> str:
    """Return how a pass rate was made, and whether physicians left the dimension out on some answers."""
    found = rate.corrected
    left_out = [note for note in map(reason_of, found.notes) if note.code == "chosen" and found.value is not None]
    return "; ".join([how(found, words), *(note.say(words) for note in left_out)])


def threshold(rate: PassRate) -> str:
    """Return from which level on an answer passes.

    >>> threshold(PassRate("m", "d", 4.0, Corrected("bounds", "exact", 0.5, 0.4, 0.6, 0.5, 9, 9, 9, None)))
    '≥ 4'
    """
    return f"≥ {rate.level:g}"


def share(value: float | None) -> str:
    """Return a share in per cent."""
    return "–" if value is None else f"{number(100 * value, 1)} %"


def share_interval(found: Corrected) -> str:
    """Return the interval of a share in per cent."""
    return "–" if found.ci_low is None else f"[{share(found.ci_low)}, {share(found.ci_high)}]"


def error_text(single: SingleGrades) -> str:
    """Return the error of single grades before and after correction."""
    if single.error_raw is None or single.error_corrected is None:
        return "–"
    return f"{number(single.error_raw, DIGITS_LEVEL)} → {number(single.error_corrected, DIGITS_LEVEL)}"


def single_text(single: SingleGrades, words: Words) -> str:
    """Return whether single grades of a dimension are corrected, and on what that is known or why not."""
    if not single.is_corrected:
        return words("cell.single_raw") + (f": {say_reason(single.reason, words)}" if single.reason else "")
    seen = f" ({words.named('cell', f'on_{single.seen_on}')})" if single.seen_on else ""
    notes = "".join(f"; {say_reason(note, words)}" for note in single.notes)
    return f"{words('cell.single_corrected')}: {single.method}{seen}{notes}"


def basis(card: Card, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what the correction rests on, a name and a text each."""
    part = card.calibration
    if part is None:
        return
    comma = words("list_comma")
    people = [name for name in part.physicians if name not in part.simulated]
    texts = [comma.join(people)] if people else []
    if part.simulated:
        texts.append(words("cell.names_simulated", names=comma.join(part.simulated)))
    yield words("basis.physicians"), comma.join(texts)
    yield words("basis.graded"), words("cell.of_cases", answers=part.n_answers, cases=part.n_cases)
    yield words("basis.target"), say_reason(part.target, words)
    if part.claim is not None and part.has_means:
        yield words("basis.claim"), say_reason(part.claim, words)
    yield words("basis.chances"), say_reason(part.chances, words)
    yield words("basis.fitted"), say_reason(part.fitted_on, words)
    yield words("basis.set"), words("basis.no_set") if part.set_hash is None else part.set_hash
    yield words("basis.method"), part.method
    yield words("basis.date"), f"{part.date}, {words('provenance.seed')} {part.seed}"
    if part.drift is not None:
        asked = words("drift.asked", date=part.drift.date, answers=part.drift.n_answers, cases=part.drift.n_cases)
        yield words("basis.drift"), words(f"drift.{part.drift.state}", asked=asked)
    if part.notes:
        yield words("basis.notes"), "; ".join(say_reason(note, words) for note in part.notes)
