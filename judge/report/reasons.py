"""What a calibration says of itself in English sentences, as codes that a card has words for in both languages."""

import re
from dataclasses import dataclass

from judge.report.words import Words

_PATTERNS = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        ("cell_too_few", r"(?P<n>\d+) graded answers, fewer than (?P<floor>\d+): nothing is corrected"),
        ("cell_few", r"(?P<n>\d+) graded answers, fewer than (?P<floor>\d+): no corrected grades, means are .+"),
        ("model_too_few", r"(?P<n>\d+) graded answers of this model, fewer than (?P<floor>\d+): no mean"),
        ("model_few", r"(?P<n>\d+) graded answers of this model, fewer than (?P<floor>\d+): the physicians' own mean"),
        ("chosen", r"answered on (?P<n>\d+) of (?P<floor>\d+) graded answers: .+"),
        ("too_few_labels", r"too_few_labels"),
        ("no_common_case", r"no_common_case"),
        ("language_few", r"at most (?P<n>\d+) answers in a language are .+, fewer than (?P<floor>\d+): .+"),
        ("tune_few", r"the tune split has grades of fewer than (?P<floor>\d+) cases: .+"),
        ("skew", r"only (?P<n>\d+) of (?P<floor>\d+) labels differ from the most frequent one: .+"),
        ("no_variation", r"the labels do not vary: no interval"),
        ("flat", r"the judge's levels do not vary: .+"),
        ("no_nearer", r"corrected grades are no nearer to the physicians' than raw ones on answers not seen"),
        ("no_drift_check", r"drift not checked: .+"),
        ("chances_equal", r"equal, as asserted"),
        ("chances_set", r"of the set"),
        ("chances_ratio", r"inclusion probabilities of the set, ratio (?P<n>[\d.]+)"),
        ("fitted_all", r"all graded cases, cross-fitted by case"),
        ("fitted_test", r"the test split alone, cross-fitted by case"),
        ("fitted_tune", r"the tune split; the test split only reports"),
        ("target", r"the adjudicated level, else the mean of the physicians' levels, repeats reduced first"),
        ("ungraded", r"(?P<n>\d+) drawn answers have no grade: .+"),
        ("other_prompt", r"the prompts differ from those of the run .+"),
        ("incomplete", r"the run is not complete: .+"),
        ("not_fresh", r"the test split of this set was opened (?P<n>\d+) times? before; .+"),
        ("claim_cases", r"the models on cases like these"),
        ("claim_answers", r"exactly these answers \(finite-population correction\), .+"),
    )
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence of a calibration, taken apart."""

    code: str | None
    """None for a sentence that the card has no words for."""
    values: tuple[tuple[str, str], ...]
    text: str

    def say(self, words: Words) -> str:
        """Return it in the language of the card, the sentence itself where there are no words for it."""
        return self.text if self.code is None else words(f"reason.{self.code}", **dict(self.values))

    def say_briefly(self, words: Words) -> str:
        """Return it without its count, so that several models can stand behind one reason."""
        key = f"short.{self.code}"
        return words(key, **dict(self.values)) if key in words.known else self.say(words)


def reason_of(text: str) -> Reason:
    """Return a sentence of ``calibration.json`` as a code with its numbers.

    >>> reason_of("4 graded answers of this model, fewer than 5: no mean").code
    'model_too_few'
    """
    for code, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return Reason(code, tuple(found.groupdict().items()), text)
    return Reason(None, (), text)


def say_reason(text: str, words: Words) -> str:
    """Return a sentence of ``calibration.json`` in the language of the card."""
    return reason_of(text).say(words)
