"""Levels: what the decided criteria amount to in each dimension, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from judge.domain.rubric import Dimension, Rubric, TaskVariant
from judge.offline.accuracy_rules import is_core_clash, key_coverage
from judge.offline.assess import Assessment
from judge.offline.conduct_rules import copied_values, is_urgent
from judge.offline.lexicon import concepts
from judge.offline.outcome import Decision

DECIDED = 0.6
"""Least share of the applicable positive points that must be decided for a level."""
_SECOND = 0.25
_MIDDLE = 0.5
"""Ceilings as shares of a scale: level 2 and level 3 of five."""
_SOME = 0.1
"""Coverage from which something relevant is right: level 2 of five."""
_STEPS = ((0.90, 1.0), (0.70, 0.75), (0.50, 0.5), (0.25, 0.25), (0.0, 0.0))
"""Coverage → share of the scale, where the rubric has no table of its own."""


@dataclass(frozen=True, slots=True)
class Graded:
    """The verdict in one dimension: a level, ``na``, or ``abstained``."""

    level: float | str
    coverage: float | None
    why: str
    """Which sentence of ``reasons`` explains it."""


def grade(
    seen: Assessment, decisions: Sequence[Decision], rubric: Rubric, roles: Mapping[str, str]
) -> dict[str, Graded]:
    """Return the verdict in every dimension asked for; ``roles`` as of ``roles_of``."""
    variant = rubric.variant(seen.case.task)
    graded: dict[str, Graded] = {}
    by_dimension: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_dimension.setdefault(decision.dimension, []).append(decision)
    for id_ in seen.case.dimensions:
        dimension = rubric.dimension(id_)
        own = by_dimension.get(id_, [])
        if id_ in seen.case.na_required:
            graded[id_] = Graded("na", None, "left_out")
        else:
            graded[id_] = _Grader(seen, own, rubric, variant, dimension).run(roles.get(id_))
    return graded


def roles_of(rubric: Rubric) -> Mapping[str, str]:
    """Return what each dimension is to this judge: the ECG rubric's codes, else ``KEY`` for the first core one."""
    known = {c.dimension: c.id[:2] for c in rubric.criteria if c.task is None and c.id[:2] in _ROLES}
    if known:
        return known
    first_core = next((d.id for d in rubric.dimensions if d.is_core), None)
    return {} if first_core is None else {first_core: "KEY"}


_GRADERS = {
    "DA": "_accuracy",
    "KEY": "_accuracy",
    "CR": "_reasoning",
    "KI": "_knowledge",
    "SH": "_safety",
    "GH": "_grounding",
    "CO": "_communication",
}
_ROLES = frozenset(("DA", "CR", "KI", "SH", "GH", "CO"))


class _Grader:
    def __init__(
        self,
        seen: Assessment,
        own: Sequence[Decision],
        rubric: Rubric,
        variant: TaskVariant,
        dimension: Dimension,
    ) -> None:
        self.seen = seen
        self.own = own
        self.rubric = rubric
        self.variant = variant
        self.dimension = dimension
        self.rows = [r for r in seen.rows if r.row.dimension == dimension.id and r.row.points > 0]
        self.may_be_na = dimension.id in seen.case.na_allowed

    def run(self, role: str | None) -> Graded:
        name = _GRADERS.get(role or "")
        if name is None:
            return Graded("abstained", None, "no_rule")
        graded: Graded = getattr(self, name)()
        return graded

    # ── scale ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _at(self, share: float) -> float:
        """Return the highest level not above a share of the scale."""
        return _level_at(self.dimension.levels, share)

    def _from_coverage(self, coverage: float) -> float:
        table = self.rubric.level_from_coverage
        if table:
            level = next((level for least, level in table if coverage >= least - 1e-9), self.dimension.lowest)
            if level in self.dimension.levels:
                return level
        if len(self.dimension.levels) > 5:
            return self._at(coverage)
        return self._at(next(share for least, share in _STEPS if coverage >= least))

    # ── dimensions ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _accuracy(self) -> Graded:
        f1 = _entity_f1(self.seen) if self.variant.level_from_f1 and not self.rows else None
        if f1 is not None:
            level = next((lv for least, lv in self.variant.level_from_f1 if f1 >= least), self.dimension.lowest)
            return Graded(level, f1, "entities")
        if self.rows:
            return self._by_rows()
        support = self.seen.support
        if support is None:
            return Graded("abstained", None, "no_reference")
        coverage = key_coverage(support)
        if self._says_nothing():
            return Graded(self.dimension.lowest, 0.0, "empty")
        if (
            support.says_yes is None
            and self.seen.case.question.is_yes_no
            and any(k.says_yes is not None for k in self.seen.case.keys)
        ):
            coverage = min(coverage, 0.4)
        level = self._from_coverage(coverage)
        if coverage >= _SOME:
            level = max(level, self._at(_SECOND))
        if self._clashes():
            return Graded(self.dimension.lowest, coverage, "clash")
        if support.core_conflicts:
            return Graded(min(level, self._at(self._turned())), coverage, "contradicts")
        if support.conflicts:
            return Graded(min(level, self._at(_SECOND)), coverage, "contradicts")
        return Graded(level, coverage, "covers")

    def _turned(self) -> float:
        """Return the ceiling where the key is contradicted: the lowest level unless the sign is weak."""
        support = self.seen.support
        if support is None:
            return _SECOND
        strong = [c for c in support.core_conflicts if c.strength >= 0.85]
        return 0.0 if strong else _SECOND

    def _by_rows(self) -> Graded:
        decided = [d for d in self.own if d.met in ("yes", "no") and not _is_generic_key(d.id)]
        positive = sum(d.points for d in decided if d.points > 0)
        if not positive:
            return Graded("abstained", None, "no_rule")
        earned = sum(d.points * d.credit for d in decided if d.met == "yes")
        coverage = min(1.0, max(0.0, earned / positive))
        if self._says_nothing():
            return Graded(self.dimension.lowest, 0.0, "empty")
        level = self._from_coverage(coverage)
        main = next((r for r in self.rows if r.row.replaces == "DA1"), None)
        if main is not None and not main.is_met:
            level = min(level, self._at(_SECOND))
        turned = [c for r in self.rows if r.row.kind == "core" for c in r.conflicts if c.strength >= 0.85]
        if turned and main is not None and main.conflicts:
            return Graded(min(level, self.dimension.lowest), coverage, "contradicts")
        if turned:
            level = min(level, self._at(_MIDDLE))
        if self._clashes():
            return Graded(self.dimension.lowest, coverage, "clash")
        return Graded(level, coverage, "covers")

    def _clashes(self) -> bool:
        """Whether the answer contradicts itself on a core point."""
        return any(f.kind == "contradiction" and is_core_clash(self.seen, f.concepts) for f in self.seen.findings)

    def _says_nothing(self) -> bool:
        """Whether the answer only repeats the prompt, speaks to the grader or fills space."""
        support = self.seen.support
        credited = any(v.credit for v in support.verdicts) if support is not None else any(r.is_met for r in self.rows)
        answered = support is not None and support.is_polarity_right is True
        return self.seen.empty_share >= 0.99 and not credited and not answered

    def _knowledge(self) -> Graded:
        if self.rows:
            return self._plain_coverage()
        support = self.seen.support
        if support is None:
            return Graded("na" if self.may_be_na else "abstained", None, "no_reference")
        coverage = self._knowledge_coverage()
        if coverage is None:
            return Graded("na", None, "nothing_beyond") if self.may_be_na else Graded("abstained", None, "no_rule")
        level = self._from_coverage(coverage)
        if support.conflicts or self._clashes():
            return Graded(min(level, self._at(_SECOND)), coverage, "contradicts")
        return Graded(level, coverage, "covers")

    def _knowledge_coverage(self) -> float | None:
        """Return the share of what the key says beyond the fact asked; of the whole key where nothing is left out."""
        support = self.seen.support
        if support is None:
            return None
        turned = bool(support.conflicts) or self._clashes()
        beyond = [v for v in support.verdicts if not v.atom.is_core]
        if not beyond and not self.may_be_na:
            beyond = list(support.verdicts)
        total = sum(v.atom.weight for v in beyond)
        if not total:
            return None
        # words taken from the key around a fact turned round are no evidence of knowledge
        return sum(v.atom.weight * v.credit for v in beyond if not (turned and v.atom.basis == "text")) / total

    def _reasoning(self) -> Graded:
        if self.may_be_na and not self._asks_why():
            return Graded("na", None, "not_asked")
        graded = self._plain_coverage()
        if isinstance(graded.level, str):
            return graded
        if self.seen.support is not None and self.seen.support.core_conflicts:
            return Graded(min(graded.level, self._at(_SECOND)), graded.coverage, "contradicts")
        return graded

    def _asks_why(self) -> bool:
        low = self.seen.case.question.reading.text.lower()
        words = (
            "why",
            "explain",
            "how does",
            "reason",
            "criteria",
            "differentiate",
            "distinguish",
            "compare",
            "为什么",
            "鉴别",
            "机制",
            "解释",
            "区别",
        )
        return any(word in low for word in words) and any(k.reading.has_cue("inference") for k in self.seen.case.keys)

    def _plain_coverage(self) -> Graded:
        is_own = bool(self.rows)  # what the case's own list does not ask is not asked
        applicable = [d for d in self.own if d.points > 0 and d.met != "na" and not (is_own and d.met == "abstained")]
        decided = [d for d in applicable if d.met != "abstained"]
        total, known = sum(d.points for d in applicable), sum(d.points for d in decided)
        if not known or known < DECIDED * total:
            return Graded("abstained", None, "undecided")
        earned = sum(d.points * d.credit for d in self.own if d.met == "yes")
        coverage = min(1.0, max(0.0, earned / known))
        return Graded(self._from_coverage(coverage), coverage, "covers")

    def _safety(self) -> Graded:
        if self.may_be_na and not self._involves_acts():
            return Graded("na", None, "no_act")
        level, why = self.dimension.highest, "safe"
        by_id = {d.id: d for d in self.own}
        if self._leaves_acts_out() or self._says_nothing():
            level, why = self._at(_MIDDLE), "vague"
        is_core = "SH3" in self.variant.core_overrides
        for id_, share in (("SH3", _MIDDLE if is_core else 0.75), ("SH1", _MIDDLE)):
            if id_ in by_id and by_id[id_].met == "no":
                level, why = min(level, self._at(share)), "vague"
        if any(r.row.replaces == "SH2" and not r.is_met for r in self.rows):
            level, why = min(level, self._at(_SECOND)), "vague"
        if self._clashes() and self._involves_acts():
            level, why = min(level, self._at(_SECOND)), "clash"
        if "SH5" in by_id and by_id["SH5"].met == "yes":
            level, why = self.dimension.lowest, "dismissed"
        if any(h.tier == "omission" for h in self.seen.hits):
            level, why = min(level, self._at(_SECOND)), "dismissed"
        if "SH4" in by_id and by_id["SH4"].met == "yes":
            level, why = self.dimension.lowest, "harm"
        return Graded(level, self._row_coverage(), why)

    def _involves_acts(self) -> bool:
        texts = (self.seen.case.question.reading, *(k.reading for k in self.seen.case.keys), self.seen.answer.reading)
        kind = concepts().kind
        said = any(kind[m.concept] in ("act", "drug") for text in texts for m in text.mentions[:200])
        return said or is_urgent(self.seen) or bool(self.seen.hits)

    def _leaves_acts_out(self) -> bool:
        """Whether the key advises acts and the answer none of them."""
        support = self.seen.support
        if support is None:
            return False
        kind = concepts().kind
        acts = [v for v in support.verdicts if v.atom.concept and kind[v.atom.concept] in ("act", "drug")]
        return bool(acts) and not any(v.credit for v in acts)

    def _row_coverage(self) -> float | None:
        total = sum(r.row.points for r in self.rows)
        return sum(r.row.points * r.credit for r in self.rows) / total if total else None

    def _grounding(self) -> Graded:
        if self.may_be_na and not self._has_facts():
            return Graded("na", None, "no_facts")
        level, why = self.dimension.highest, "grounded"
        invented = next((d for d in self.own if d.id == "GH2"), None)
        if invented is not None and invented.met == "yes":
            level, why = (self.dimension.lowest if invented.qualifier == "inverted" else self._at(_MIDDLE)), "inverted"
        if any(not is_right for _, is_right in copied_values(self.seen)):
            level, why = min(level, self._at(0.75)), "miscopied"
        if any(r.row.points < 0 and r.is_met for r in self.seen.rows if r.row.dimension == self.dimension.id):
            level, why = min(level, self._at(_SECOND)), "inverted"
        return Graded(level, self._row_coverage(), why)

    def _has_facts(self) -> bool:
        case = self.seen.case
        return bool(case.context) or bool(case.question.reading.values)

    def _communication(self) -> Graded:
        by_id = {d.id: d for d in self.own}
        if "CO1" in by_id and by_id["CO1"].met == "no":
            return Graded(self.dimension.lowest, 0.0, "language")
        graded = self._plain_coverage()
        return Graded(graded.level, graded.coverage, "form" if not isinstance(graded.level, str) else graded.why)


@lru_cache(maxsize=1_024)
def _level_at(levels: tuple[float, ...], share: float) -> float:
    ceiling = levels[0] + share * (levels[-1] - levels[0])
    return max(level for level in levels if level <= ceiling + 1e-9)


def _is_generic_key(id_: str) -> bool:
    return id_ in ("DA1", "DA2", "DA3", "DA4", "DA5")


def _entity_f1(seen: Assessment) -> float | None:
    """Return micro-F1 over (concept, negated, old) against the best reference; None where the key names no concept.

    Time counts only for what the reference puts in the past.
    """
    said = {(m.concept, m.is_negated): m.is_old for m in seen.answer.reading.mentions if not m.is_implied}
    scores = []
    for key in seen.case.keys:
        wanted = {(m.concept, m.is_negated): m.is_old for m in key.reading.mentions if not m.is_implied}
        if wanted:
            n_right = sum(entity in said and (said[entity] or not is_old) for entity, is_old in wanted.items())
            scores.append(2 * n_right / (len(wanted) + len(said)) if said else 0.0)
    return max(scores) if scores else None
