"""Offers requests at set times, whatever becomes of the earlier ones, from a process of its own.

A client that waits for an answer before it asks again measures a service that is never overloaded; so each request
here has its moment, and its latency counts from that moment, however late it was sent.
"""

import asyncio
import multiprocessing
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import merge
from uuid import uuid4

MOST_CONNECTIONS = 800
TIMEOUT_SECONDS = 30.0
FAILED = 0  # The status of a request that got no answer.
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"\r\nretry-after: *\d+", re.IGNORECASE)
_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')


@dataclass(frozen=True)
class Message:
    """A request, ready to be sent. `head` may hold `@key@`, which each sending fills with a key of its own."""

    head: bytes
    body: bytes = b""


@dataclass(frozen=True)
class Flow:
    """Requests of one kind, at a `rate` a second; `keep` asks for the ids of what they have made."""

    name: str
    rate: float
    messages: tuple[Message, ...]
    keep: bool = False


@dataclass(frozen=True)
class Sample:
    """One request: when it was due and how long it took from then on (seconds), and what came of it."""

    flow: str
    due: float
    seconds: float
    status: int
    has_retry_after: bool = False
    made: str = ""


@dataclass
class Heard:
    """All samples of one run, and the processor seconds that the client itself took."""

    samples: list[Sample] = field(default_factory=list)
    client_cpu: float = 0.0


class _Connection(asyncio.Protocol):
    """One connection with at most one request on its way."""

    def __init__(self, free: Callable[["_Connection"], None]) -> None:
        self._free, self._got = free, bytearray()
        self._answered: Callable[[int, bytes], None] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, message: Message, answered: Callable[[int, bytes], None]) -> None:
        """Send it; `answered(status, head and body)` is called once, with FAILED where nothing came."""
        assert self.transport is not None
        self._answered = answered
        head = message.head.replace(b"@key@", uuid4().hex.encode())
        self.transport.writelines([head, message.body] if message.body else [head])

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(_HEAD_END)
        if end < 0:
            return
        status = int(self._got[9:12])
        length = _LENGTH.search(self._got, 0, end + 2)
        is_whole = (
            len(self._got) >= end + len(_HEAD_END) + int(length[1])
            if length
            else status in {204, 304} or self._got.endswith(b"0\r\n\r\n")
        )
        if is_whole:
            whole = bytes(self._got)
            self._got.clear()
            self._answer(status, whole)
            self._free(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self._answer(FAILED, b"")

    def give_up(self) -> None:
        """Nobody waits for the answer any more."""
        if self.transport is not None:
            self.transport.abort()

    def _answer(self, status: int, whole: bytes) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(status, whole)


class _Client:
    """Connections to one service, and what came back on them."""

    def __init__(self, port: int) -> None:
        self._port, self._idle, self._open = port, list[_Connection](), 0
        self.heard = Heard()
        self._began = time.perf_counter()

    async def ask(self, flow: Flow, message: Message, due: float) -> None:
        """One request that was due at `due`; returns with its answer."""
        answered: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()

        def set_answer(status: int, whole: bytes) -> None:
            if not answered.done():
                answered.set_result((status, whole))

        status, whole = FAILED, b""
        connection: _Connection | None = None
        try:
            connection = await self._connection()
            connection.ask(message, set_answer)
            status, whole = await asyncio.wait_for(answered, TIMEOUT_SECONDS)
        except (OSError, TimeoutError):
            if connection is not None:
                connection.give_up()
        self._write_down(flow, due, status, whole)

    def _write_down(self, flow: Flow, due: float, status: int, whole: bytes) -> None:
        made = _ID.search(whole) if flow.keep and status == 201 else None
        self.heard.samples.append(
            Sample(
                flow.name,
                due - self._began,
                time.perf_counter() - due,
                status,
                status in {429, 503} and _RETRY.search(whole) is not None,
                made[1].decode() if made else "",
            )
        )

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.transport is not None and not connection.transport.is_closing():
                return connection
        if self._open >= MOST_CONNECTIONS:
            raise ConnectionError("the client itself has no more connections")
        self._open += 1
        try:
            _, made = await asyncio.get_running_loop().create_connection(
                lambda: _Connection(self._idle.append), "127.0.0.1", self._port
            )
        except OSError:
            self._open -= 1
            raise
        lost = made.connection_lost

        def count(error: Exception | None) -> None:
            self._open -= 1
            lost(error)

        made.connection_lost = count  # type: ignore[method-assign]
        return made


def _due(flow: Flow, seconds: float, chance: random.Random) -> Iterator[tuple[float, Flow]]:
    """When the requests of one flow are due: at random, as people come."""
    moment = chance.expovariate(flow.rate)
    while moment < seconds:
        yield moment, flow
        moment += chance.expovariate(flow.rate)


async def _offer(port: int, flows: Sequence[Flow], seconds: float, seed: int) -> Heard:
    client, chance = _Client(port), random.Random(seed)
    began, asked = time.perf_counter(), set[asyncio.Task[None]]()
    streams = [_due(flow, seconds, random.Random(f"{seed} {flow.name}")) for flow in flows]
    for moment, flow in merge(*streams, key=lambda due: due[0]):
        wait = began + moment - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(client.ask(flow, chance.choice(flow.messages), began + moment))
        asked.add(task)
        task.add_done_callback(asked.discard)
        if wait <= 0 and len(asked) % 16 == 0:
            await asyncio.sleep(0)  # Late: let answers in between.
    if asked:
        await asyncio.wait(asked)
    return client.heard


async def _press(port: int, flows: Sequence[Flow], seconds: float, at_once: int, seed: int) -> Heard:
    client, chance = _Client(port), random.Random(seed)
    until = time.perf_counter() + seconds
    weights = [flow.rate for flow in flows]

    async def again_and_again() -> None:
        while time.perf_counter() < until:
            flow = chance.choices(flows, weights)[0]
            await client.ask(flow, chance.choice(flow.messages), time.perf_counter())

    await asyncio.gather(*(again_and_again() for _ in range(at_once)))
    return client.heard


def _timed(work: Callable[[], Heard]) -> Heard:
    before = time.process_time()
    heard = work()
    heard.client_cpu = time.process_time() - before
    return heard


def _offering(port: int, flows: Sequence[Flow], seconds: float, seed: int) -> Heard:
    return _timed(lambda: asyncio.run(_offer(port, flows, seconds, seed)))


def _pressing(port: int, flows: Sequence[Flow], seconds: float, at_once: int, seed: int) -> Heard:
    return _timed(lambda: asyncio.run(_press(port, flows, seconds, at_once, seed)))


class Crowd:
    """The process that asks."""

    def __init__(self, port: int, pool: ProcessPoolExecutor) -> None:
        self._port, self._pool = port, pool

    def offer(self, flows: Sequence[Flow], seconds: float, seed: int = 1) -> Heard:
        """Ask at each flow's rate, at random moments, whatever becomes of it."""
        return self._pool.submit(_offering, self._port, tuple(flows), seconds, seed).result()

    def press(self, flows: Sequence[Flow], seconds: float, at_once: int = 12, seed: int = 1) -> Heard:
        """Keep `at_once` requests on their way, mixed by the flows' rates: as much as the service can do."""
        return self._pool.submit(_pressing, self._port, tuple(flows), seconds, at_once, seed).result()


@contextmanager
def crowd(port: int) -> Iterator[Crowd]:
    """A process that asks the service at `port`."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield Crowd(port, pool)
