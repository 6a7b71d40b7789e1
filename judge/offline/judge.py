"""The offline judge: one request document in, one reply document out, always the same bytes."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from judge.domain.case import Case
from judge.domain.ids import digest
from judge.domain.reading import OfflineReading
from judge.domain.rubric import Criterion, Rubric
from judge.domain.verdict import Absence, GateVerdict, Quote
from judge.errors import ConfigError
from judge.offline.assess import assess
from judge.offline.case import CaseSide, prepare, split_request
from judge.offline.decisions import decide
from judge.offline.facts import Facts
from judge.offline.gate_rules import GateRule, rule_of
from judge.offline.gates import critical_gates
from judge.offline.levels import grade, roles_of
from judge.offline.reading import read
from judge.offline.reply import GATE_PLACE, reply_text
from judge.offline.tables import rules_hash


class OfflineJudge:
    """``offline/lexicon`` for one rubric: rules and word lists, no model, no network.

    Parameters
    ----------
    rubric
        The rubric whose requests it answers.
    """

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self._rules: Mapping[str, GateRule] = {gate.id: rule_of(gate) for gate in rubric.gates if not gate.is_flag}
        self._roles = roles_of(rubric)
        self._banks: dict[str, Mapping[str, Criterion]] = {
            task: {c.id: c for c in rubric.criteria_of(task)} for task in rubric.tasks
        }

    @cached_property
    def hash(self) -> str:
        """The judge's hash: its tables and its code."""
        return digest(("offline/lexicon", rules_hash()))

    def reply(self, request_json: str) -> str:
        """Answer a request (``judge-request/1``) by the judge contract, with credits, offsets and findings.

        Raises
        ------
        ConfigError
            If the request is of another format or was built for another rubric.
        """
        case_text, answer = split_request(request_json)
        case = prepare(case_text)
        self._check(case)
        seen = assess(case, answer, self._rules)
        decisions = decide(seen, self._banks[case.task])
        graded = grade(seen, decisions, self.rubric, self._roles)
        return reply_text(seen, decisions, graded)

    def critical_of(self, case: Case) -> tuple[str, ...]:
        """Return the gates whose condition the case's context or references assert.

        In tasks without a patient no condition is critical: a plain question cannot miss a diagnosis.
        """
        if not self.rubric.variant(case.task).has_case:
            return ()
        context = case.context or ""
        told = context if isinstance(context, str) else "\n".join(turn.text for turn in context)
        keys = [read(reference.text) for reference in case.references if reference.status != "rejected"]
        rules = [self._rules[gate.id] for gate in self.rubric.gates_of(case.task) if not gate.is_flag]
        return critical_gates(rules, Facts(read(told), keys))

    def _check(self, case: CaseSide) -> None:
        if case.rubric_hash != self.rubric.hash:
            raise ConfigError(
                f"the request was built for the rubric {case.rubric_hash[:12]}, "
                f"this judge is for {self.rubric.hash[:12]}",
                hint="make an OfflineJudge of the rubric that the request was built with",
            )


def reading_of(reply_json: str) -> OfflineReading:
    """Return what a reply of the offline judge contributes to any panel: hints and checks of absence."""
    reply = json.loads(reply_json)
    absences: dict[str, frozenset[Absence]] = {gate: frozenset(kinds) for gate, kinds in reply["absences"].items()}
    places = {f["note"]: f["quotes"] for f in reply["findings"] if f["kind"] == GATE_PLACE}
    return OfflineReading(
        hints=tuple(_hint(gate, places) for gate in reply["gates"]),
        absences=absences,
        injection_suspected=reply["injection_suspected"],
    )


def _hint(gate: Mapping[str, Any], places: Mapping[str, Sequence[str]]) -> GateVerdict:
    quote = None
    if gate["quote"]:
        span = next((note.split(":")[1:] for note in places if note.startswith(f"{gate['id']}:")), None)
        quote = Quote(gate["quote"], *(map(int, span) if span is not None else (None, None)))
    return GateVerdict(
        gate_id=gate["id"],
        tier=gate["tier"],
        quote=quote,
        absence=gate["absence"],
        basis="rule",
        is_regional=gate["regional"],
    )
