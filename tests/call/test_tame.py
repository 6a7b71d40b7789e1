"""litellm does nothing of its own accord, whatever the environment says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HOSTILE = {
    "LITELLM_LOG": "DEBUG",
    "LITELLM_DROP_PARAMS": "true",
    "LITELLM_MODIFY_PARAMS": "true",
    "LITELLM_LOCAL_MODEL_COST_MAP": "False",
    "LITELLM_MODEL_COST_MAP_URL": "http://192.0.2.1/prices.json",
    "LITELLM_ROUTE_ALL_CHAT_OPENAI_TO_RESPONSES": "true",
    "LITELLM_MODE": "DEV",
    "USE_LITELLM_PROXY": "true",
    "LITELLM_PROXY_API_BASE": "http://192.0.2.1",
    "DEFAULT_MAX_RETRIES": "7",
    "LANGFUSE_PUBLIC_KEY": "pk-1",
    "OPENAI_API_KEY": "sk-of-another-provider-0123456789",
}

PROGRAM = """
import json, socket, sys
attempts = []
def refuse(self, address):
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
        attempts.append(str(address))
        raise OSError("blocked")
    return connect(self, address)
connect = socket.socket.connect
socket.socket.connect = refuse
resolve = socket.getaddrinfo
def name(host, *rest, **more):
    if host not in ("127.0.0.1", "localhost", "::1"):
        attempts.append(f"name {host}")
        raise OSError("blocked")
    return resolve(host, *rest, **more)
socket.getaddrinfo = name

import asyncio
from pathlib import Path
from judge.call import CallRequest, Ledger, Port, Reply, check_routable
from judge.call.tame import litellm_module
from judge.domain.panel import Judge

litellm = litellm_module()
base = sys.argv[1]
judge = Judge("a", "openai/judge", api_base=base)
check_routable(judge)

async def main():
    with Ledger(Path("l.sqlite")) as ledger:
        async with Port(ledger, [judge]) as port:
            request = CallRequest(judge.model, base, {"max_tokens": 5}, [{"role": "user", "content": "x"}])
            return await port.call(judge, request)

reply = asyncio.run(main())
print(json.dumps({
    "attempts": attempts, "is_reply": isinstance(reply, Reply), "drop": litellm.drop_params,
    "modify": litellm.modify_params, "callbacks": len(litellm.callbacks) + len(litellm.success_callback),
    "responses": litellm.route_all_chat_openai_to_responses, "n_prices": len(litellm.model_cost),
}))
"""


def test_a_run_makes_no_connection_but_to_its_judge_and_hostile_settings_do_nothing(
    openai_server: Any, tmp_path: Path
) -> None:
    server = openai_server(faults=[{"kind": "500", "times": 1}])
    (tmp_path / ".env").write_text("LITELLM_DROP_PARAMS=true\nOPENAI_BASE_URL=http://192.0.2.1/v1\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, server.base_url],
        env={**os.environ, **HOSTILE},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["attempts"] == []
    assert found["is_reply"]
    assert (found["drop"], found["modify"], found["callbacks"], found["responses"]) == (False, False, 0, False)
    assert found["n_prices"] > 100
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1  # no debug talk
    assert server.stats()["requests"] == 2  # one retry, ours: litellm and the SDK add none


def test_the_key_of_another_provider_is_not_sent_to_an_endpoint_of_the_panel(
    openai_server: Any, tmp_path: Path
) -> None:
    server = openai_server(api_key="none")  # any other bearer key is answered 401
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, server.base_url],
        env={**os.environ, **HOSTILE},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert server.stats()["by_status"] == {"200": 1}


def test_an_import_of_the_call_layer_imports_neither_litellm_nor_dspy() -> None:
    program = (
        "import sys, judge.call, judge.call.engine, judge.cli.ledger, judge.api.ledger; "
        "print([m for m in ('litellm', 'dspy', 'pyarrow', 'openai', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.strip() == "[]"


def test_the_import_leaves_the_persons_own_variables_in_place() -> None:
    program = (
        "import os; from judge.call.tame import litellm_module; litellm_module(); "
        "print(os.environ.get('LITELLM_API_KEY'), os.environ.get('USE_LITELLM_PROXY'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LITELLM_API_KEY": "mine", "USE_LITELLM_PROXY": "true"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.strip() == "mine None"


def test_a_call_that_is_cancelled_while_litellm_prepares_it_leaves_no_complaint() -> None:
    program = (
        "from judge.call.tame import litellm_module; litellm_module(); "
        "from litellm.llms.openai.openai import OpenAIChatCompletion; "
        "OpenAIChatCompletion().acompletion([], {}, {}, None, 'm', None, None, None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert done.stderr == ""
