"""A request goes only where the panel says, and what cannot work is refused before anything is spent."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from judge.call import Ledger, Port, PortOptions
from judge.call.routing import check_allowed, check_routable, endpoint_kind
from judge.domain.panel import Judge
from judge.errors import ConfigError


@pytest.mark.parametrize(
    ("api_base", "kind"),
    [
        ("http://localhost:8000/v1", "loopback"),
        ("http://127.0.0.1:8000/v1", "loopback"),
        ("http://127.8.9.1/v1", "loopback"),
        ("http://[::1]:8000/v1", "loopback"),
        ("http://[::ffff:127.0.0.1]/v1", "loopback"),
        ("http://LOCALHOST./v1", "loopback"),
        ("http://gpu.hospital.example/v1", "private"),
        ("http://10.0.0.1/v1", "public"),
        ("http://127.0.0.1.example.com/v1", "public"),
        ("http://localhost@evil.example/v1", "public"),
        ("http://evil.example/localhost", "public"),
        (None, "public"),
    ],
)
def test_endpoints_are_told_apart_by_their_host(api_base: str | None, kind: str) -> None:
    assert endpoint_kind(api_base, ["gpu.hospital.example"]) == kind


def test_local_only_refuses_what_is_not_on_this_machine() -> None:
    for judge in (
        Judge("a", "openai/m", api_base="http://127.0.0.1:1/v1"),
        Judge("b", "ollama/m"),
        Judge("c", "offline/lexicon"),
        Judge("d", "openai/m", api_base="http://gpu/v1"),
    ):
        check_allowed(judge, local_only=True, private_hosts=["gpu"])
    for judge in (Judge("a", "openai/gpt-4o"), Judge("b", "openai/m", api_base="http://gpu2/v1")):
        with pytest.raises(ConfigError, match="local_only is set"):
            check_allowed(judge, local_only=True, private_hosts=["gpu"])
        check_allowed(judge, local_only=False, private_hosts=[])


def test_the_port_itself_refuses_too(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger, pytest.raises(ConfigError, match="local_only is set"):
        Port(ledger, [Judge("a", "openai/gpt-4o")], options=PortOptions(local_only=True))


@pytest.mark.parametrize(
    ("judge", "environ", "message"),
    [
        (Judge("a", "gpt-five-thousand"), {}, "cannot route the model 'gpt-five-thousand'"),
        (Judge("a", "nosuchprovider/m"), {}, "cannot route the model"),
        (Judge("a", "openai/gpt-4o", api_key_env="MY_KEY"), {}, "MY_KEY is not set"),
        (Judge("a", "openai/gpt-4o", api_key_env="MY_KEY"), {"MY_KEY": "  "}, "MY_KEY is not set"),
        (Judge("a", "openai/gpt-4o"), {}, "needs OPENAI_API_KEY"),
        (Judge("a", "openai/gpt-4o"), {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://x"}, "OPENAI_BASE_URL would"),
        (Judge("a", "gpt-4o"), {"OPENAI_API_KEY": "k", "OPENAI_API_BASE": "http://x"}, "OPENAI_API_BASE would"),
    ],
)
def test_what_cannot_work_is_refused_with_a_way_out(judge: Judge, environ: Mapping[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        check_routable(judge, environ)
    assert caught.value.hint


@pytest.mark.parametrize(
    "judge",
    [
        Judge("a", "offline/lexicon"),
        Judge("a", "openai/m", api_base="http://127.0.0.1:1/v1"),
        Judge("a", "hosted_vllm/m", api_base="http://127.0.0.1:1/v1"),
        Judge("a", "openai/gpt-4o", api_key_env="MY_KEY"),
        Judge("a", "ollama/llama3", api_base="http://localhost:11434"),
        Judge("a", "anthropic/claude-sonnet-4-5", api_key_env="MY_KEY"),
    ],
)
def test_what_can_work_is_let_through(judge: Judge) -> None:
    check_routable(judge, {"MY_KEY": "k"})
