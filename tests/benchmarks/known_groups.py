"""Known groups: what any grader must put in order, measured for the offline judge on the dataset at hand.

``python -m tests.benchmarks.known_groups [--rows N] [--seed S] [--json]`` from the project's root.

(a) the reference above its opposite-term version, which should have a diagnostic accuracy of at most 2 and lie 20
composite points below; (b) the dataset's *other* answer to the same question above the opposite-term version, beside
ROUGE-L, METEOR and BLEU-1; (c) a row's own answer above another row's; (d) an echo of the question and empty filler at
diagnostic accuracy 1, or unscored; (e) flipped polarity in the questions of patients' rights caught (accuracy at most
2). A pair counts only where both answers are scored; the share that is scored is printed.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from typing import Any

from judge.offline.baselines import bleu1, meteor, rouge_l
from tests.benchmarks.ecg_rows import FILES, FOLDER, EcgFile, EcgRow, read_files
from tests.offline.grading import Grader, Score
from tests.offline.swapping import flip_polarity, swap

FILLER = (
    "Thank you for this important question. Every situation is different, and a careful, individual approach is "
    "always advisable. There are many aspects to consider, and good communication helps everyone involved."
)
BASELINES: dict[str, Callable[[str, Sequence[str], str], float | None]] = {
    "rouge_l": rouge_l,
    "meteor": meteor,
    "bleu1": bleu1,
}
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: how often something held, of the pairs in which it could be told."""

    group: str
    file: str
    what: str
    n_asked: int
    n_scored: int
    n_held: int
    target: float | None
    """Least share that is asked for; None for what is shown for comparison only."""

    @property
    def share(self) -> float | None:
        """Share of the scored pairs in which it held; None where there is none."""
        return self.n_held / self.n_scored if self.n_scored else None

    @property
    def scored_share(self) -> float | None:
        """Share of the pairs in which both answers were scored."""
        return self.n_scored / self.n_asked if self.n_asked else None

    @property
    def is_reached(self) -> bool | None:
        """Whether target and scored share (90 %) are reached; None where nothing is asked."""
        if self.target is None:
            return None
        return (self.share or 0.0) >= self.target and (self.scored_share or 0.0) >= 0.9

    def document(self) -> dict[str, Any]:
        """Return the line with its shares and the 95 % Wilson interval."""
        low, high = wilson(self.n_held, self.n_scored)
        shares = {"share": self.share, "ci_low": low, "ci_high": high, "scored_share": self.scored_share}
        return {**asdict(self), **shares, "is_reached": self.is_reached}


def wilson(n_held: int, n: int) -> tuple[float | None, float | None]:
    """Return the 95 % score interval of a share (Wilson 1927), None where there is nothing to tell it from."""
    if n == 0:
        return None, None
    p, z2 = n_held / n, Z95 * Z95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@cache
def opposite(row: EcgRow) -> str | None:
    """Return a row's answer with opposite terms swapped; in questions of rights, with its polarity flipped."""
    return flip_polarity(row.answer) if row.task == "PRTK" else swap(row.answer)


class KnownGroups:
    """Runs the groups on the files, each with its own seeded draw of rows."""

    def __init__(self, files: dict[str, EcgFile], grader: Grader, n_rows: int, seed: int) -> None:
        self._files = files
        self._grader = grader
        self._n_rows = n_rows
        self._seed = seed

    def lines(self) -> Iterator[Line]:
        """Yield all lines, in the order of the table."""
        for task in self._files:
            yield from self._opposites(task)
        yield from self._other_answers()
        for task in self._files:
            yield self._own_above_another(task)
        for task in self._files:
            yield from self._empty(task)
        yield self._polarity()

    def _draw(self, task: str, group: str, fits: Callable[[EcgRow], bool] | None = None) -> list[EcgRow]:
        rows = list(self._files[task].rows)
        random.Random(f"{self._seed}|{group}|{task}").shuffle(rows)
        return list(islice((row for row in rows if fits is None or fits(row)), self._n_rows))

    def _score(self, row: EcgRow, answer: str) -> Score:
        return self._grader.score(row.case(), answer)

    def _opposites(self, task: str) -> Iterator[Line]:
        pairs = [
            (self._score(row, row.answer), self._score(row, opposite(row) or ""))
            for row in self._draw(task, "a", lambda row: opposite(row) is not None)
        ]
        scored = [(right, wrong) for right, wrong in pairs if right.is_scored and wrong.is_scored]
        above = sum(right.points > wrong.points for right, wrong in scored)
        low = sum(wrong.accuracy is not None and wrong.accuracy <= 2 for _, wrong in scored)
        apart = sum(right.points - wrong.points >= 20 for right, wrong in scored)
        both = sum(
            wrong.accuracy is not None and wrong.accuracy <= 2 and right.points - wrong.points >= 20
            for right, wrong in scored
        )
        yield Line("a", task, "reference above its opposite", len(pairs), len(scored), above, 0.95)
        yield Line("a", task, "opposite at accuracy <= 2", len(pairs), len(scored), low, None)
        yield Line("a", task, ">= 20 points apart", len(pairs), len(scored), apart, None)
        yield Line("a", task, "both of the above", len(pairs), len(scored), both, 0.80)

    def _other_answers(self) -> Iterator[Line]:
        trios = [trio for task in self._files for trio in self._trios(task)]
        pairs = [(self._score(row, other), self._score(row, wrong)) for row, other, wrong in trios]
        scored = [(right, wrong) for right, wrong in pairs if right.is_scored and wrong.is_scored]
        above = sum(right.points > wrong.points for right, wrong in scored)
        yield Line("b", "all", "other answer above the opposite", len(pairs), len(scored), above, 0.80)
        for name, measure in BASELINES.items():
            values = [
                (measure(other, [row.answer], "en"), measure(wrong, [row.answer], "en")) for row, other, wrong in trios
            ]
            known = [(right, wrong) for right, wrong in values if right is not None and wrong is not None]
            n_above = sum(right > wrong for right, wrong in known)
            yield Line("b", "all", f"the same by {name}", len(values), len(known), n_above, None)

    def _trios(self, task: str) -> Iterator[tuple[EcgRow, str, str]]:
        """Yield row, another answer to its question, and the opposite of the row's: one of each question."""
        by_key: dict[str, list[EcgRow]] = {}
        for row in self._files[task].rows:
            by_key.setdefault(row.key, []).append(row)
        for rows in by_key.values():
            for row in rows:
                others = [other.answer for other in rows if other.answer != row.answer]
                wrong = opposite(row) if others else None
                if wrong is not None:
                    yield row, others[0], wrong
                    break

    def _own_above_another(self, task: str) -> Line:
        rows = self._draw(task, "c")
        chance = random.Random(f"{self._seed}|c-other|{task}")
        pairs = []
        for row in rows:
            other = chance.choice([r for r in rows if r.key != row.key])
            pairs.append((self._score(row, row.answer), self._score(row, other.answer)))
        scored = [(own, other) for own, other in pairs if own.is_scored and other.is_scored]
        above = sum(own.points > other.points for own, other in scored)
        return Line("c", task, "own answer above another row's", len(pairs), len(scored), above, 0.97)

    def _empty(self, task: str) -> Iterator[Line]:
        rows = self._draw(task, "d")
        answers = {"echo of the question": [row.question for row in rows], "filler": [FILLER] * len(rows)}
        for what, texts in answers.items():
            scores = [self._score(row, text) for row, text in zip(rows, texts, strict=True)]
            held = sum(score.accuracy is None or score.accuracy == 1 for score in scores)
            yield Line("d", task, f"{what}: 1 or unscored", len(scores), len(scores), held, 0.95)

    def _polarity(self) -> Line:
        rows = self._draw("PRTK", "e", lambda row: opposite(row) is not None)
        accuracies = [self._score(row, opposite(row) or "").accuracy for row in rows]
        known = [accuracy for accuracy in accuracies if accuracy is not None]
        caught = sum(accuracy <= 2 for accuracy in known)
        return Line("e", "PRTK", "flipped polarity at accuracy <= 2", len(rows), len(known), caught, 0.95)


def measure_known_groups(n_rows: int, seed: int) -> list[Line]:
    """Return all lines for a number of rows a file; raises FileNotFoundError where the dataset is absent."""
    return list(KnownGroups(dict(read_files()), Grader(), n_rows, seed).lines())


def table(lines: Sequence[Line]) -> str:
    """Return the lines as text with 95 % Wilson intervals."""
    head = f"{'':2} {'file':5} {'what':36} {'pairs':>6} {'scored':>7} {'held':>6} {'95 % interval':>16} {'asked':>6}"
    return "\n".join([head, *(_line(line) for line in lines)])


def _line(line: Line) -> str:
    document = line.document()
    verdict = {None: "", True: "ok", False: "MISSED"}[line.is_reached]
    asked = "" if line.target is None else f"{line.target:.2f}"
    interval = f"{_share(document['ci_low'])} to {_share(document['ci_high'])}"
    return (
        f"{line.group:2} {line.file:5} {line.what:36} {line.n_asked:6} {_share(line.scored_share):>7} "
        f"{_share(line.share):>6} {interval:>16} {asked:>6} {verdict}"
    ).rstrip()


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where something asked for is missed, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.known_groups", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=300, help="rows a file and group, where there are as many [300]")
    parser.add_argument("--seed", type=int, default=20251101)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    if not all((FOLDER / name).is_file() for name in FILES.values()):
        print(f"reference data not present: {FOLDER}; nothing measured", file=sys.stderr)
        return 0
    started = time.perf_counter()
    lines = measure_known_groups(options.rows, options.seed)
    seconds = time.perf_counter() - started
    if options.json:
        document = {"rows": options.rows, "seed": options.seed, "lines": [line.document() for line in lines]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        print(table(lines))
        print(f"{options.rows} rows a file, seed {options.seed}, {seconds:.0f} s")
    return int(any(line.is_reached is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
