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
UNSENT = -1  # The status of one for which the client itself had no connection left.
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
    """One connection with at most one request on its way. No task for each request: the client must cost little."""

    def __init__(self, client: "_Client") -> None:
        self._client, self._got = client, bytearray()
        self._asked: tuple[Flow, float] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, flow: Flow, message: Message, due: float) -> None:
        """Send it; the client hears of the answer."""
        assert self.transport is not None
        self._asked = flow, due
        head = message.head.replace(b"@key@", uuid4().hex.encode()) if message.body else message.head
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
            self._answered(status)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        self._client.lose(self)
        self._answered(FAILED)

    def _answered(self, status: int) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            self._client.hear(self, *asked, status, self._got)
        self._got.clear()

    def give_up(self, before: float) -> None:
        """Wait no longer for the answer to what was due before that moment."""
        if self._asked is not None and self._asked[1] < before and self.transport is not None:
            self.transport.abort()


class _Client:
    """Connections to one service, and what came back on them. `again` is called with each answer."""

    def __init__(self, port: int, again: Callable[[], None]) -> None:
        self._port, self._again = port, again
        self._idle, self._open, self._opening = list[_Connection](), set[_Connection](), set[asyncio.Task[None]]()
        self.heard, self.under_way, self.began = Heard(), 0, time.perf_counter()

    def ask(self, flow: Flow, message: Message, due: float) -> None:
        """Send a request that was due at `due`, at once or as soon as there is a connection for it."""
        self.under_way += 1
        while self._idle:
            connection = self._idle.pop()
            if connection.transport is not None and not connection.transport.is_closing():
                connection.ask(flow, message, due)
                return
        if len(self._open) + len(self._opening) >= MOST_CONNECTIONS:
            self._write_down(flow, due, UNSENT, b"")
            return
        opening = asyncio.get_running_loop().create_task(self._connect(flow, message, due))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)

    async def _connect(self, flow: Flow, message: Message, due: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, made = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
        except OSError:
            self._write_down(flow, due, FAILED, b"")
        else:
            self._open.add(made)
            made.ask(flow, message, due)

    def hear(self, connection: _Connection, flow: Flow, due: float, status: int, whole: bytes | bytearray) -> None:
        """An answer has come on `connection`, or FAILED."""
        if connection.transport is not None:
            self._idle.append(connection)
        self._write_down(flow, due, status, whole)

    def lose(self, connection: _Connection) -> None:
        """The connection is no more."""
        self._open.discard(connection)

    def _write_down(self, flow: Flow, due: float, status: int, whole: bytes | bytearray) -> None:
        made = _ID.search(whole) if flow.keep and status == 201 else None
        self.heard.samples.append(
            Sample(
                flow.name,
                due - self.began,
                time.perf_counter() - due,
                status,
                status in {429, 503} and _RETRY.search(whole) is not None,
                made[1].decode() if made else "",
            )
        )
        self.under_way -= 1
        self._again()

    async def finish(self) -> None:
        """Return once every answer is there, or has been waited for long enough."""
        while self.under_way:
            await asyncio.sleep(0.02)
            for connection in tuple(self._open):
                connection.give_up(time.perf_counter() - TIMEOUT_SECONDS)


def _due(flow: Flow, seconds: float, chance: random.Random) -> Iterator[tuple[float, Flow]]:
    """When the requests of one flow are due: at random, as people come."""
    moment = chance.expovariate(flow.rate)
    while moment < seconds:
        yield moment, flow
        moment += chance.expovariate(flow.rate)


async def _offer(port: int, flows: Sequence[Flow], seconds: float, seed: int) -> Heard:
    client, chance = _Client(port, lambda: None), random.Random(seed)
    streams = [_due(flow, seconds, random.Random(f"{seed} {flow.name}")) for flow in flows]
    for number, (moment, flow) in enumerate(merge(*streams, key=lambda due: due[0])):
        wait = client.began + moment - time.perf_counter()
        if wait > 0.001 or number % 32 == 0:  # A late client lets answers in between, too.
            await asyncio.sleep(max(wait, 0))
        client.ask(flow, chance.choice(flow.messages), client.began + moment)
    await client.finish()
    return client.heard


async def _press(port: int, flows: Sequence[Flow], seconds: float, at_once: int, seed: int) -> Heard:
    chance, weights = random.Random(seed), [flow.rate for flow in flows]
    until = time.perf_counter() + seconds

    def again() -> None:
        if time.perf_counter() < until:
            flow = chance.choices(flows, weights)[0]
            client.ask(flow, chance.choice(flow.messages), time.perf_counter())

    client = _Client(port, again)
    for _ in range(at_once):
        again()
    await client.finish()
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
