"""Calls a judge about n texts through the port, in a process of its own that a test can kill.

``python driver.py '{"ledger": FILE, "api_base": URL, "n": 100, "shuffle": SEED}'``
"""

import asyncio
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

from judge.call import CallRequest, Ledger, Port, PortOptions, Reply, Retries
from judge.domain.panel import Judge


async def main(arguments: dict[str, Any]) -> None:
    judge = Judge("a", "openai/m", api_base=arguments["api_base"], max_concurrency=8)
    requests = [
        CallRequest(judge.model, judge.api_base, {"max_tokens": 50}, [{"role": "user", "content": f"text number {i}"}])
        for i in range(arguments["n"])
    ]
    order = list(range(len(requests)))
    random.Random(arguments.get("shuffle", 0)).shuffle(order)
    options = PortOptions(run="r", retries=Retries(attempts=3, base_s=0.05))
    with Ledger(Path(arguments["ledger"])) as ledger:
        async with Port(ledger, [judge], options=options) as port:
            outcomes = await asyncio.gather(*(port.call(judge, requests[i]) for i in order))
    by_key = {outcome.key: outcome for outcome in outcomes if isinstance(outcome, Reply)}
    texts = [[key, by_key[key].content, by_key[key].latency_s] for key in sorted(by_key)]
    digest = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
    sys.stdout.write(json.dumps({"n_replies": len(by_key), "digest": digest}) + "\n")


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
