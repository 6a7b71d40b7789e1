"""How a judge's program becomes messages and how a reply becomes its typed outputs.

This module imports dspy; import it inside the function that needs it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from dspy.adapters.json_adapter import JSONAdapter
from dspy.utils.exceptions import AdapterParseError

from judge.panel.output import response_format, shape_from_types
from judge.panel.parse import ParsedReply, read_reply
from judge.panel.shape import Shape
from judge.panel.structure import reply_structure
from judge.panel.wording import Wording, wording


class JudgeAdapter(JSONAdapter):  # type: ignore[misc]  # dspy is untyped
    """dspy's JSON adapter with our words, a schema in declared order and a strict reader.

    Duplicate keys, two objects, missing and unknown fields are faults; nothing is filled with a default.

    Parameters
    ----------
    language
        Language of the fixed words.
    """

    def __init__(self, language: str) -> None:
        super().__init__(use_native_function_calling=False)
        self.words: Wording = wording(language)

    def _prepare_response_format(self, lm: Any, lm_kwargs: dict[str, Any], signature: Any) -> None:
        if "response_format" not in lm.supported_params:
            return
        shape = shape_of_signature(signature)
        is_typed = bool(lm.supports_response_schema)
        lm_kwargs["response_format"] = response_format(shape) if is_typed else {"type": "json_object"}

    def format_system_message(self, signature: Any) -> str:
        """Return the instructions (tunable), then the fixed rules on data and on the form of the reply."""
        fixed = (
            self.words["data_rule"],
            self.words["each_once"],
            reply_structure(shape_of_signature(signature), self.words),
        )
        return "\n\n".join((signature.instructions.strip(), *fixed))

    def format_demos(self, signature: Any, demos: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return demonstrations as earlier turns; the rubric is never part of one."""
        messages: list[dict[str, Any]] = []
        for demo in demos:
            shown = {k: v for k, v in demo.items() if k != "rubric"}
            messages.append({"role": "user", "content": self.format_user_message_content(signature, shown)})
            messages.append({"role": "assistant", "content": self.format_assistant_message_content(signature, shown)})
        return messages

    def format_user_message_content(
        self,
        signature: Any,
        inputs: Mapping[str, Any],
        prefix: str = "",
        suffix: str = "",
        main_request: bool = False,
    ) -> str:
        """Return the fields under their markers, in the signature's order, and at the end what to reply."""
        parts = [prefix] if prefix else []
        for name in signature.input_fields:
            if name in inputs:
                parts.append(f"{field_marker(name, self.words)}\n{inputs[name]}")
        if main_request:
            parts.append(reminder(shape_of_signature(signature), self.words))
        return "\n\n".join([*parts, suffix] if suffix else parts)

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """Return the typed outputs of a reply.

        Raises
        ------
        AdapterParseError
            If the reply has any fault; the message names them all.
        """
        read = read_reply(completion, shape_of_signature(signature))
        if not isinstance(read, ParsedReply):
            raise AdapterParseError(
                adapter_name=type(self).__name__,
                signature=signature,
                lm_response=completion,
                message="; ".join(fault.say(self.words) for fault in read),
            )
        return {
            name: pydantic.TypeAdapter(signature.output_fields[name].annotation).validate_python(value)
            for name, value in read.document.items()
        }


def field_marker(name: str, words: Wording) -> str:
    """Return the line that opens one field of the prompt."""
    return f"[[ ## {name} ## ]] {words[f'blocks.{name}']}"


def reminder(shape: Shape, words: Wording) -> str:
    """Return the last lines of a prompt, after the answer."""
    return words["reminder"].format(fields=", ".join(shape.fields))


def shape_of_signature(signature: Any) -> Shape:
    """Return the shape that a signature's output types were made from."""
    return shape_from_types({name: field.annotation for name, field in signature.output_fields.items()})
