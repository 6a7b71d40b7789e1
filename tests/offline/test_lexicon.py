"""The tables are sound: ids, terms, codes, sets, both languages; the compiled lexicon is quick to build."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from judge.offline.lexicon import END, Term, concepts, known_concepts, known_sets, lexicon, members
from judge.offline.tables import concept_tables, rows, rules_hash, table

CONCEPTS = [(concept, row) for rows_ in concept_tables().values() for concept, row in rows_.items()]
SHARED_AHA = {"82", "223"}
"""Statements that the source gives to two concepts: long PR and AV block, long and short QT syndrome."""


def terms(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Term]]:
    for key, below in node.items():
        if key == END:
            yield path, below
        else:
            yield from terms(below, (*path, key))


def test_there_are_at_least_three_hundred_concepts_with_unique_ids() -> None:
    assert len(known_concepts()) >= 300
    assert len(CONCEPTS) == len(known_concepts())


@pytest.mark.parametrize(("concept", "row"), CONCEPTS, ids=[c for c, _ in CONCEPTS])
def test_every_concept_has_both_languages(concept: str, row: Mapping[str, Any]) -> None:
    assert row["en"].strip()
    assert all(len(word) >= 2 for word in row["zh"]), concept


def test_no_term_names_two_concepts_without_a_rule_of_disambiguation() -> None:
    doubled = {" ".join(path): t.concepts for path, t in terms(lexicon().terms) if len(t.concepts) > 1 and not t.trap}
    assert not doubled


@pytest.mark.parametrize("system", ["scp", "aha"])
def test_codes_are_unique(system: str) -> None:
    seen: dict[str, str] = {}
    for concept, row in CONCEPTS:
        for code in row.get(system, ()):
            if system == "aha" and ("/" in code or "+" in code or "?" in code or code in SHARED_AHA):
                continue
            assert seen.setdefault(code, concept) == concept, code


def test_snomed_codes_are_unique_and_belong_to_known_concepts() -> None:
    codes = table("snomed")
    listed = [code for row in codes.values() for code in row]
    assert len(listed) == len(set(listed))
    assert set(codes) <= known_concepts()


@pytest.mark.parametrize("name", sorted(table("sets")))
def test_every_set_resolves_to_concepts(name: str) -> None:
    assert members(name) <= known_concepts()
    assert members(name) or name == "INJECT"


def test_relations_name_known_concepts_only() -> None:
    relations = table("relations")
    named = {c for child, parents in relations["isa"].items() for c in (child, *parents)}
    named |= {c for name in ("same", "opposites", "exclusive") for pair in relations[name] for c in pair}
    named |= {c for pair in relations["signs"].items() for c in pair} | set(relations["generic"])
    assert named <= known_concepts()


def test_traps_and_compositions_name_known_concepts_only() -> None:
    named = {row["default"] for row in rows("traps") if row.get("default")}
    named |= {concept for row in rows("traps") for concept in row.get("to", {})}
    compose = table("compose")
    named |= {c for axes in compose["quantity"].values() for poles in axes.values() for c in poles.values()}
    named |= {c for by_concept in compose["words"].values() for c in by_concept}
    named |= {rule["to"] for rule in (*compose["modify"], *compose["together"])}
    assert named <= known_concepts()


def test_a_word_has_one_pole_of_an_axis() -> None:
    for path, term in terms(lexicon().axes):
        axes = [axis for axis, _ in term.axes]
        assert len(axes) == len(set(axes)), path


def test_no_generic_concept_is_its_own_child() -> None:
    for concept, above in concepts().above.items():
        assert not any(concept in concepts().above[parent] for parent in above - {concept}), concept


@pytest.mark.parametrize("name", ["AV_NODAL", "QT_DRUG", "DISMISS", "CLASS_IC", "K_RAISE", "ACT_STRESS", "ACT_PCI"])
def test_sets_and_single_acts_are_known_to_the_rubric_lint(name: str) -> None:
    assert name in known_sets()


def test_quinidine_is_no_drug_to_avoid_in_brugada_syndrome() -> None:
    assert "QUINIDINE" not in members("BRUG_AVOID")
    assert "AMITRIPTYLINE" in members("BRUG_AVOID")


def test_the_hash_is_64_hex_digits_and_stable() -> None:
    assert len(rules_hash()) == 64
    assert rules_hash() == rules_hash()


_ALL_TERMS = """
from judge.offline.lexicon import concepts, lexicon
def terms(node, path=()):
    for word, below in sorted(node.items()):
        if isinstance(below, dict):
            yield from terms(below, (*path, word))
        else:
            yield path, below.concepts, sorted(below.cues), below.quantity, below.site, below.is_self_cued
known = lexicon()
print(list(terms(known.terms)), list(terms(known.axes)))
print(sorted(known.fold.items()), list(concepts().stands_for.items()))
"""


def test_lexicon_is_the_same_in_every_process() -> None:
    def compiled(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run([sys.executable, "-c", _ALL_TERMS], env=environment, capture_output=True, check=True)
        return hashlib.sha256(ran.stdout).hexdigest()

    assert compiled("1") == compiled("2")
