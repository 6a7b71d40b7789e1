"""Which candidate is taken: the one that agrees best with physicians on the choosing half of the tune split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.tuning.bench import Bench
from judge.tuning.examples import TuningExample
from judge.tuning.program import Program
from judge.tuning.scoring import SetScore, levels_of, score_set

_CLEARLY = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """The program that was chosen, and what it was chosen against."""

    program: Program
    score: SetScore
    start: SetScore
    n_candidates: int
    n_collapsed: int
    """Candidates left out, for they gave one level to all answers of a dimension."""

    @property
    def is_start(self) -> bool:
        """Whether nothing better was found."""
        return self.score is self.start


def choose(
    bench: Bench,
    start: Program,
    candidates: Sequence[Program],
    examples: Sequence[TuningExample],
    scales: Mapping[str, Sequence[float]],
) -> Choice:
    """Take the candidate with the highest mean quadratic kappa; the one that was there before wins ties.

    Where nothing more can be asked, those that were judged on every answer before are still compared.
    Left out are candidates that collapse to one level where the start does not, and those that leave more answers
    without a level than the start.
    """
    base = _scored(bench, start, examples, scales)
    best, best_score = start, base
    n_collapsed = 0
    others = [one for one in {c.hash: c for c in candidates}.values() if one.hash != start.hash]
    for candidate in others:
        found = _scored(bench, candidate, examples, scales)
        if not bench.knows(candidate, examples):
            continue
        has_collapsed = bool(set(found.collapsed) - set(base.collapsed))
        n_collapsed += has_collapsed
        is_sound = not has_collapsed and found.n_unscored <= base.n_unscored
        if is_sound and found.kappa > best_score.kappa + _CLEARLY:
            best, best_score = candidate, found
    return Choice(best, best_score, base, len(others), n_collapsed)


def _scored(
    bench: Bench, program: Program, examples: Sequence[TuningExample], scales: Mapping[str, Sequence[float]]
) -> SetScore:
    judged = bench.judged_all(program, examples)
    return score_set([levels_of(one.verdict) for one in judged], examples, scales)
