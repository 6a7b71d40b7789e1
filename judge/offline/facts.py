"""What a case states: conditions asserted or denied in its question, context and references."""

from collections.abc import Mapping, Sequence
from functools import cache

from judge.offline.lexicon import concepts
from judge.offline.reading import Mention, Reading
from judge.offline.tables import table


class Facts:
    """What a case tells and what its references hold; answers are remembered, for one case has many answers.

    Parameters
    ----------
    told
        Question and context (or the context alone).
    keys
        The references.
    """

    def __init__(self, told: Reading, keys: Sequence[Reading]) -> None:
        self.told = told
        self.texts: tuple[Reading, ...] = (told, *keys)
        self._states: dict[str, bool] = {}
        self._tells: dict[str, bool] = {}

    def states(self, condition: str) -> bool:
        """Whether the case or a reference asserts a condition (``A+B``: all of them)."""
        known = self._states.get(condition)
        if known is None:
            known = self._states[condition] = all(self._has(c) for c in condition.split("+"))
        return known

    def tells(self, condition: str) -> bool:
        """Whether the case itself asserts a condition."""
        known = self._tells.get(condition)
        if known is None:
            known = self._tells[condition] = all(asserts(self.told, c) for c in condition.split("+"))
        return known

    def denies(self, concept: str) -> bool:
        """Whether the case denies a concept."""
        said = self.told.by_concept.get(concept, ())
        return bool(said) and all(m.is_negated for m in said)

    def _has(self, concept: str) -> bool:
        texts = self.texts[:1] if concepts().kind.get(concept) == "clinical" else self.texts
        return any(asserts(text, concept) for text in texts)


def asserts(text: Reading, concept: str) -> bool:
    """Whether a text asserts a condition; what is a condition of its own never stands for the more general one."""
    mentions = text.by_concept.get(concept)
    if not mentions:
        return False
    own = _own_conditions().get(concept, frozenset())
    return any(m.is_asserted and not m.is_implied and not _is_only_old(m) and m.concept not in own for m in mentions)


def _is_only_old(mention: Mention) -> bool:
    return mention.is_old and concepts().kind[mention.concept] in ("rhythm", "conduction")


@cache
def _own_conditions() -> Mapping[str, frozenset[str]]:
    return {concept: frozenset(below) for concept, below in table("gates")["no_descent"].items()}
