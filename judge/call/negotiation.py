"""What a model takes: the request is weakened where the model refuses a part of it, once, and that is remembered."""

import re
from collections.abc import Mapping
from typing import Any

from judge.call.faults import Fault
from judge.call.ledger import Negotiated
from judge.call.request import CallRequest

FORMAT = "response_format"
_WEAKER = {"json_schema": "json_object", "json_object": ""}
_RENAMED = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""Limits of the reply are never dropped: only the name changes."""
_REFUSES = re.compile(
    r"unsupported|not\s+support|n't\s+support|n't\s+currently\s+support|unrecogni[sz]ed|unknown|unexpected|not\s+permitted"
    r"|not\s+allowed|extra\s+(inputs|fields)|deprecated|not\s+available|no\s+longer|cannot\s+be\s+used|not\s+compatible"
    r"|only\s+the\s+default|not\s+implemented|use\s+'?max_(completion_)?tokens|invalid\s+(parameter|argument|field)",
    re.IGNORECASE,
)
_FORMAT_WORDS = re.compile(r"response_format|json_schema|json_object|json[ _]mode|structured[ _]outputs?|output_format")


class Negotiation:
    """What one model at one endpoint refuses, as far as it is known."""

    def __init__(self, known: tuple[Negotiated, ...] = ()) -> None:
        self._known = {found.name: found for found in known}

    @property
    def known(self) -> tuple[Negotiated, ...]:
        """Return all findings, by name."""
        return tuple(self._known[name] for name in sorted(self._known))

    def apply(self, request: CallRequest) -> CallRequest:
        """Return the request as the model takes it."""
        if not self._known:
            return request
        params = {}
        for name, value in request.params.items():
            found = self._known.get(name)
            if found is None:
                params[name] = value
            elif found.becomes:
                params[found.becomes] = value
        return request.changed(params, self._format(request.response_format))

    def dropped(self, request: CallRequest) -> tuple[str, ...]:
        """Return what of a request is not sent as it was asked for: ``temperature``, ``json_schema>json_object``."""
        names = [
            f"{name}>{self._known[name].becomes}" if self._known[name].becomes else name
            for name in sorted(request.params)
            if name in self._known
        ]
        kind = (request.response_format or {}).get("type")
        becomes = (self._format(request.response_format) or {}).get("type")
        if kind != becomes:
            names.append(f"{kind}>{becomes}" if becomes else str(kind))
        return tuple(names)

    def learn(self, request: CallRequest, fault: Fault) -> Negotiated | None:
        """Return what a refusal of a request (as sent) teaches, None where it names nothing that can be given up."""
        if not _REFUSES.search(fault.message):
            return None
        found = self._refused_format(request, fault) or self._refused_param(request, fault)
        if found is not None:
            self._known[found.name] = found
        return found

    def _format(self, wanted: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        kind = (wanted or {}).get("type")
        while kind in self._known and kind in _WEAKER:
            kind = self._known[kind].becomes
        if not kind:
            return None
        return wanted if kind == (wanted or {}).get("type") else {"type": kind}

    def _refused_format(self, request: CallRequest, fault: Fault) -> Negotiated | None:
        kind = (request.response_format or {}).get("type")
        if kind not in _WEAKER:
            return None
        is_named = (fault.param or "").startswith(FORMAT) or _FORMAT_WORDS.search(fault.message)
        return Negotiated(kind, _WEAKER[kind], fault.message) if is_named else None

    def _refused_param(self, request: CallRequest, fault: Fault) -> Negotiated | None:
        name = self._named(request, fault)
        if name is None:
            return None
        becomes = _RENAMED.get(name, "")
        if name in _RENAMED and becomes in self._known:
            return None  # both names were refused: the limit is not the fault
        return Negotiated(name, becomes, fault.message)

    def _named(self, request: CallRequest, fault: Fault) -> str | None:
        named = (fault.param or "").split(".")[0].split("[")[0]
        if named in request.params:
            return named
        found = [(at.start(), name) for name in request.params if (at := re.search(rf"\b{name}\b", fault.message))]
        return min(found)[1] if found else None
