import asyncio
from types import SimpleNamespace

from judge.api.grading.watching import watching


class Heard(list):
    def say(self, message):
        self.append(message)


def test_a_judge_that_goes_down_and_comes_back_is_said_once_each():
    port, heard = SimpleNamespace(parked=()), Heard()

    async def run():
        async with watching(port, heard, every_s=0.01):
            await asyncio.sleep(0.03)
            port.parked = (SimpleNamespace(judge="sonnet", message="connection refused"),)
            await asyncio.sleep(0.05)
            port.parked = ()
            await asyncio.sleep(0.05)

    asyncio.run(run())
    assert heard == [
        "judge sonnet is down (connection refused); it is tried again now and then, the others go on",
        "judge sonnet answers again",
    ]
