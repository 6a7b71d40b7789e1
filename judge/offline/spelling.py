"""Variants of a term that code can make: alternatives, long and short forms, closed compounds, Chinese wordings."""

import itertools
import re

_ALTERNATIVES = re.compile(r"\(([^()]*\|[^()]*)\)")
_LONG_FORMS = {
    "VT": ("ventricular tachycardia",),
    "AF": ("atrial fibrillation",),
    "MI": ("myocardial infarction", "myocardial infarct"),
    "AV": ("atrioventricular", "A-V"),
    "RV": ("right ventricular",),
    "LV": ("left ventricular",),
    "HF": ("heart failure",),
    "PE": ("pulmonary embolism",),
    "ECG": ("EKG", "electrocardiogram"),
    "PAC": ("premature atrial contraction",),
    "SVT": ("supraventricular tachycardia",),
    "LBBB": ("left bundle branch block",),
    "RBBB": ("right bundle branch block",),
}
_US_ENDINGS = (
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised", "ized"),
    ("ises", "izes"),
    ("ise", "ize"),
    ("aemi", "emi"),
    ("haem", "hem"),
    ("oea", "ea"),
    ("oed", "ed"),
    ("calcaem", "calcem"),
    ("paed", "ped"),
    ("anaes", "anes"),
    ("oesoph", "esoph"),
)
_ZH_FORMS = (
    ("心肌梗死", ("心肌梗塞", "心梗")),
    ("传导阻滞", ("阻滞",)),
    ("早搏", ("期前收缩",)),
    ("综合征", ("综合症",)),
    ("左心室", ("左室",)),
    ("右心室", ("右室",)),
    ("左心房", ("左房",)),
    ("右心房", ("右房",)),
    ("间期", ("间期时限",)),
    ("三度", ("III度", "3度", "三级")),
    ("二度", ("II度", "2度")),
    ("一度", ("I度", "1度")),
    ("心电图", ("ECG",)),
)
_NOT_PLURAL = frozenset(("s", "us", "is", "ss"))


def english(term: str) -> set[str]:
    """Return the spellings of an English term; plural and American forms are folded word by word elsewhere."""
    spellings: set[str] = set()
    for spelled in _expand(term):
        for form in _long_forms(spelled):
            spellings.add(form)
            if "-" in form:
                spellings.add(form.replace("-", ""))
    return spellings


def chinese(term: str) -> set[str]:
    """Return the wordings of a Chinese term."""
    wordings = {term}
    for usual, others in _ZH_FORMS:
        wordings |= {w.replace(usual, other) for w in wordings if usual in w for other in others}
    return {w for w in wordings if len(w) > 1 or w == term}


def american(word: str) -> set[str]:
    """Return the American spellings of a British word in lower case."""
    found = {word.replace(british, us) for british, us in _US_ENDINGS if british in word}
    return found | {w.replace(b, u) for w in found for b, u in _US_ENDINGS if b in w}


def plurals(word: str) -> tuple[str, ...]:
    """Return the regular plurals of a word in lower case."""
    if len(word) < 3 or not word.isalpha() or word[-1] == "s" or not word.isascii():
        return (f"{word}es",) if word.endswith(("ss", "us")) and len(word) > 3 else ()
    if word[-1] == "y" and word[-2] not in "aeiou":
        return (f"{word[:-1]}ies",)
    return (f"{word}es",) if word.endswith(("x", "ch", "sh")) else (f"{word}s",)


def _expand(term: str) -> list[str]:
    parts = _ALTERNATIVES.split(term)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    return [" ".join("".join(choice).split()) for choice in itertools.product(*choices)]


def _long_forms(term: str) -> set[str]:
    words = term.split()
    forms = {term}
    if len(words) > 1:
        for index, word in enumerate(words):
            for long in _LONG_FORMS.get(word, ()):
                forms.add(" ".join((*words[:index], long, *words[index + 1 :])))
    return forms
