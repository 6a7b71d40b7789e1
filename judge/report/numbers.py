"""How numbers are written on a card."""

from judge.report.estimates import MeanEstimate
from judge.report.words import Words

SMALL = "†"
DIGITS_LEVEL = 2
DIGITS_COMPOSITE = 1


def number(value: float | None, digits: int) -> str:
    """Return a number with a fixed count of digits and a true minus sign; a dash where there is none.

    >>> number(-0.304, 2), number(None, 2), number(-0.001, 2)
    ('−0.30', '–', '0.00')
    """
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    if text.startswith("-"):
        text = "−" + text[1:] if float(text) != 0 else text[1:]
    return text


def signed(value: float | None, digits: int) -> str:
    """Return a difference with its sign."""
    text = number(value, digits)
    return text if value is None or text.startswith("−") or float(text) == 0 else f"+{text}"


def interval(estimate: MeanEstimate, digits: int, words: Words, *, with_sign: bool = False) -> str:
    """Return ``[low, high]``, or the reason why there is none."""
    if estimate.undefined is not None:
        return words.named("why", estimate.undefined)
    if estimate.no_interval is not None:
        return words.named("why", estimate.no_interval)
    write = signed if with_sign else number
    return f"[{write(estimate.ci_low, digits)}, {write(estimate.ci_high, digits)}]"


def bounds(worst: float | None, best: float | None, digits: int, words: Words) -> str:
    """Return ``worst – best``, or that nothing is missing."""
    if worst is None or best is None:
        return "–"
    if abs(worst - best) < 1e-9:
        return words("cell.none_missing")
    return f"{number(worst, digits)} – {number(best, digits)}"


def percent(count: int, of: int) -> str:
    """Return a share in per cent without digits; a dash of nothing."""
    return f"{100 * count / of:.0f}" if of else "–"
