"""The compiled tables: which words name which concepts, cues, quantities and sites."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from judge.offline import spelling
from judge.offline.tables import concept_tables, rows, table
from judge.offline.tokens import split

END = ""
"""Key of a trie node under which the term that ends there is found."""
Trie = dict[str, Any]
_CAPITALS_THAT_ARE_WORDS = frozenset(("AT", "AS", "AR", "MR", "MS", "ER", "ASA", "PAC", "MAT", "RAD", "LAD", "IT"))


@dataclass(frozen=True, slots=True)
class Trap:
    """A term with several readings: neighbours decide."""

    default: str | None
    readings: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]
    """(concept, English neighbours, Chinese neighbours)."""
    never_en: frozenset[str]
    never_zh: tuple[str, ...]
    never_next: frozenset[str]
    cardioversion: tuple[str, ...]
    lower: str | None = None
    """The reading of the term in lower case."""


@dataclass(slots=True)
class Term:
    """What one term means, in every role it has."""

    concepts: tuple[str, ...] = ()
    cues: frozenset[str] = frozenset()
    quantity: str | None = None
    site: str | None = None
    trap: Trap | None = None
    is_self_cued: bool = False
    axes: tuple[tuple[str, int], ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    """(quantity, concept): a word that makes a finding of a bare wave."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All terms by their tokens."""

    terms: Trie
    axes: Trie
    """Words of direction, found again inside longer terms."""
    capitals: frozenset[str]
    fold: Mapping[str, str]
    """British, singular form of known words in lower case."""


@dataclass(frozen=True, slots=True)
class Concepts:
    """What is known of concepts apart from their words."""

    kind: Mapping[str, str]
    acts: frozenset[str]
    """Acts and drugs."""
    preferred: Mapping[str, tuple[str, str]]
    """(English, Chinese)."""
    above: Mapping[str, frozenset[str]]
    """All ancestors, the concept itself among them."""
    stands_for: Mapping[str, tuple[str, ...]]
    """In a fixed order: what a mention of a concept is found under, the concept itself first."""
    opposite: Mapping[str, frozenset[str]]
    exclusive: Mapping[str, frozenset[str]]
    """Opposites that one tracing cannot hold together."""
    sign_of: Mapping[str, str]
    generic: frozenset[str]


def known_concepts() -> frozenset[str]:
    """Return the ids of all concepts."""
    return frozenset(concepts().kind)


def known_sets() -> frozenset[str]:
    """Return the names of all drug and act sets; every drug and act also stands for itself."""
    return frozenset(table("sets")) | concepts().acts


@cache
def concepts() -> Concepts:
    """Return kinds, is-a links, opposites and signs."""
    kind = {concept: name for name, rows_ in concept_tables().items() for concept in rows_}
    preferred = {c: (row["en"], row["zh"][0]) for rows_ in concept_tables().values() for c, row in rows_.items()}
    relations = table("relations")
    isa: Mapping[str, list[str]] = relations["isa"]
    lines = {c: _ancestors(c, isa) for c in kind}
    same = _both_ways(relations["same"])
    return Concepts(
        kind=kind,
        acts=frozenset(c for c, name in kind.items() if name in ("act", "drug")),
        preferred=preferred,
        above={c: frozenset(line) for c, line in lines.items()},
        stands_for={c: (*line, *sorted(same.get(c, ()))) for c, line in lines.items()},
        opposite=_both_ways(relations["opposites"]),
        exclusive=_both_ways(relations["exclusive"]),
        sign_of=dict(relations["signs"]),
        generic=frozenset(relations["generic"]),
    )


@cache
def members(set_name: str) -> frozenset[str]:
    """Return the concepts of a set, everything below them included; a drug or act stands for itself."""
    sets = table("sets")
    if set_name not in sets:
        return _below(set_name)
    found: set[str] = set()
    for name in sets[set_name]["of"]:
        found |= members(name) if name in sets and name != set_name else _below(name)
    return frozenset(found)


@cache
def lexicon() -> Lexicon:
    """Compile the tables, once a process."""
    capitals = frozenset(_capitals())
    builder = _Builder(capitals)
    for kind, rows_ in concept_tables().items():
        for concept, row in rows_.items():
            builder.add_concept(concept, row, kind)
    for row in rows("traps"):
        builder.add_trap(row)
    builder.add_cues()
    builder.add_quantities()
    builder.add_axes()
    return Lexicon(builder.terms, builder.axes, capitals, builder.fold)


@lru_cache(maxsize=131_072)
def key(surface: str) -> str:
    """Return the form under which a token is looked up: British, singular, lower case, abbreviations as they are."""
    known = lexicon()
    return _folded(surface, known.capitals, known.fold)


def _folded(surface: str, capitals: frozenset[str], fold: Mapping[str, str]) -> str:
    if surface in capitals:
        return surface
    if surface[-1:] == "s" and surface[:-1] in capitals:
        return surface[:-1]
    low = surface.lower().replace("\u2019", "'")
    if low.endswith("'s"):
        low = low[:-2]
    return fold.get(low, low)


@dataclass(slots=True)
class _Builder:
    capitals: frozenset[str]
    terms: Trie = field(default_factory=dict)
    axes: Trie = field(default_factory=dict)
    fold: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for british, us in table("words")["spelling"].items():
            self.fold[us] = british
        self._learn(table("words")["spelling"])

    def add_concept(self, concept: str, row: Mapping[str, Any], kind: str) -> None:
        is_act = kind in ("act", "drug")
        for term in (row["en"], *row.get("syn", ())):
            for spelled in sorted(spelling.english(term)):
                self._concept(spelled, concept, is_act)
        for term in row.get("abbr", ()):
            self._concept(term, concept, is_act)
        for term in row["zh"]:
            for wording in sorted(spelling.chinese(term)):
                self._concept(wording, concept, is_act)

    def add_trap(self, row: Mapping[str, Any]) -> None:
        term = self._term(str(row["term"]))
        if term is not None:
            term.trap = _trap(row)

    def add_cues(self) -> None:
        for name, by_language in table("cues").items():
            for word in (*by_language.get("en", ()), *by_language.get("zh", ())):
                term = self._term(str(word))
                if term is not None:
                    term.cues |= {name}

    def add_quantities(self) -> None:
        quantities = table("quantities")["quantities"]
        for name, row in quantities.items():
            for word in (*row["en"], *row["zh"]):
                term = self._term(word)
                if term is not None:
                    term.quantity = name
        for site, row in table("territories").items():
            for word in (*row["en"], *row["zh"]):
                term = self._term(word)
                if term is not None:
                    term.site = site

    def add_axes(self) -> None:
        for axis, by_language in table("axes").items():
            for poles in by_language.values():
                for pole, sign in (("plus", 1), ("minus", -1)):
                    for word in poles[pole]:
                        self._axis(str(word), axis, sign)
        for quantity, by_concept in table("compose")["words"].items():
            for concept, by_language in by_concept.items():
                for word in (*by_language["en"], *by_language["zh"]):
                    term = self._term(word, self.axes)
                    if term is not None:
                        term.words += ((quantity, concept),)

    def _axis(self, word: str, axis: str, sign: int) -> None:
        term = self._term(word, self.axes)
        if term is not None and (axis, sign) not in term.axes:
            term.axes += ((axis, sign),)

    def _concept(self, spelled: str, concept: str, is_act: bool) -> None:
        term = self._term(spelled)
        if term is None:
            return
        if concept not in term.concepts:
            term.concepts += (concept,)
        term.is_self_cued |= is_act and _says_do(spelled)

    def _term(self, spelled: str, trie: Trie | None = None) -> Term | None:
        surfaces, _ = split(spelled)
        self._learn(s for s in surfaces)
        node = self.terms if trie is None else trie
        keys = [_folded(s, self.capitals, self.fold) for s in surfaces if s not in "\"'"]
        if not keys:
            return None
        for part in keys:
            node = node.setdefault(part, {})
        term: Term = node.setdefault(END, Term())
        return term

    def _learn(self, words: Iterable[str]) -> None:
        """Fold the plurals and American spellings of a known word to it."""
        for word in words:
            low = word.lower()
            if word in self.capitals or not low.isalpha() or not low.isascii() or low in self.fold:
                continue
            for us in sorted(spelling.american(low)):
                self.fold.setdefault(us, low)
                for form in spelling.plurals(us):
                    self.fold.setdefault(form, low)
            for form in spelling.plurals(low):
                self.fold.setdefault(form, low)


_DO_WORDS = frozenset(
    (
        "immediate",
        "urgent",
        "emergency",
        "emergent",
        "iv",
        "intravenous",
        "give",
        "call",
        "activate",
        "start",
        "seek",
        "code",
        "go",
    )
)
_DO_ZH = ("急诊", "立即", "静脉", "静推", "紧急", "启动", "拨打", "呼叫", "及时", "收入", "收住")


def _says_do(spelled: str) -> bool:
    low = spelled.lower()
    return bool(_DO_WORDS & set(low.split())) or any(word in spelled for word in _DO_ZH)


def _capitals() -> Iterator[str]:
    for rows_ in concept_tables().values():
        for row in rows_.values():
            for term in row.get("abbr", ()):
                yield from (
                    s for s in split(term)[0] if s.isascii() and s[0].isalpha() and any(c.isupper() for c in s[:2])
                )
    for row in rows("traps"):
        term = str(row["term"])
        if term.isascii() and term.isalpha() and term[0].isupper():
            yield term


def _trap(row: Mapping[str, Any]) -> Trap:
    never = row.get("never", {})
    return Trap(
        default=row.get("default"),
        readings=tuple(
            (concept, frozenset(w.lower() for w in words.get("en", ())), tuple(words.get("zh", ())))
            for concept, words in row.get("to", {}).items()
        ),
        never_en=frozenset(w.lower() for w in never.get("en", ())),
        never_zh=tuple(never.get("zh", ())),
        never_next=frozenset(row.get("never_next", ())),
        cardioversion=tuple(row.get("cardioversion", ())),
        lower=row.get("lower"),
    )


def _ancestors(concept: str, isa: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return a concept and all above it, the concept first."""
    found: dict[str, None] = {}
    waiting = [concept]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = None
            waiting += isa.get(current, ())
    return tuple(found)


def _below(concept: str) -> frozenset[str]:
    return frozenset(c for c, above in concepts().above.items() if concept in above) or frozenset((concept,))


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one, two in pairs:
        found.setdefault(one, set()).add(two)
        found.setdefault(two, set()).add(one)
    return {concept: frozenset(others) for concept, others in found.items()}
