"""The first call to a judge goes ahead of the others, so that a wrong key or parameter is found out once."""

import asyncio

_PATIENCE_S = 0.5
"""A refusal comes at once; for a reply that takes longer nobody waits."""


class Scout:
    """Lets one call go first, and the others after it has ended or taken long."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._back = asyncio.Event()
        self._is_out = False

    async def go(self) -> None:
        """Return at once for the first call, for others when the way is known or the first one takes long."""
        if self._back.is_set():
            return
        if not self._is_out:
            self._is_out = True
            return
        try:
            async with asyncio.timeout(self._patience_s):
                await self._back.wait()
        except TimeoutError:
            self._back.set()

    def report(self) -> None:
        """Say that a call has ended, one way or another."""
        self._back.set()
