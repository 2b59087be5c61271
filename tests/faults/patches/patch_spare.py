"""No more bodies are waited for at once than requests may be at work; slow callers are all of them."""

import asyncio
from types import ModuleType
from typing import Any


def _patch(module: ModuleType) -> None:
    receive, gates = module.Front._receive, dict[Any, asyncio.Semaphore]()

    async def one_of_few(front: Any, *request: Any) -> None:
        gate = gates.setdefault(front, asyncio.Semaphore(front._house.turnstile.places))
        async with gate:
            await receive(front, *request)

    module.Front._receive = one_of_few


PATCHES = {"participate.kernel.front": _patch}
