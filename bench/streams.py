"""A web process with 2,000 open streams beside one without: how long others wait there, and what the streams take."""

import http.client
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from selectors import EVENT_READ, DefaultSelector
from socket import create_connection, socket
from threading import Event, Thread

import psutil
from sqlalchemy import select

from bench.measure import Measured
from bench.memory import web
from bench.ours import Service
from participate.accounts import tokens
from participate.accounts.models import RoleGrant, SignInSession
from participate.kernel.clock import now
from participate.kernel.db import rows, transaction
from participate.kernel.ids import new_id
from participate.kernel.streams import MOST_OF_ONE
from participate.updates import service as updates

STREAMS = 2000
ALLOWED_MB = 60.0
ALLOWED_MS = 2000.0  # from one update for everybody to the last who hears of it
_ASKED = 1500
_UPDATES_A_SECOND = 20
_FILES = 8192
_PATIENCE_SECONDS = 120.0


def beside(service: Service) -> Iterator[tuple[str, Measured]]:
    """The lines of the table, by their names."""
    alone = replace(service, environment=service.environment | {"PARTICIPATE_WEB_PROCESSES": "1"})
    with web(alone) as (server, port), web(alone) as (without, other):
        before = _more(server.pid, without.pid)
        with service.app.app_context():
            residents = _signed_in(STREAMS // MOST_OF_ONE, service.author_id)
        with _opened(port, [token for _, token in residents] * MOST_OF_ONE) as streams:
            accounts = [account for account, _ in residents]
            with _told_now_and_then(service, accounts):
                busy, idle = _in_turn(service, port, other)
            yield "GET one, p99, beside 2,000 streams", Measured(busy, idle, busy / idle)
            last = _until_all_heard(service, accounts, streams)
            yield "an update to 2,000 streams", Measured(last, ALLOWED_MS, last / ALLOWED_MS)
            taken = _more(server.pid, without.pid) - before
        yield "memory of 2,000 streams", Measured(taken, ALLOWED_MB, taken / ALLOWED_MB, unit="MB")


def _more(one: int, other: int) -> float:
    """How many MB one server's processes take more than the other's, which serves as much."""
    taken = [
        sum(child.memory_info().rss for child in psutil.Process(pid).children(recursive=True)) for pid in (one, other)
    ]
    return (taken[0] - taken[1]) / 1e6


def _signed_in(number: int, but: str) -> list[tuple[str, str]]:
    """So many residents, each with an access token; but for one with so much to hear that a stream ends within it."""
    asked = select(RoleGrant.account_id).where(RoleGrant.role == "resident", RoleGrant.account_id != but)
    found = rows(asked.limit(number))
    signed = [(row.account_id, new_id()) for row in found]
    until = now() + timedelta(days=1)
    with transaction() as session:
        for account_id, session_id in signed:
            made = {"refresh_jti": new_id(), "created_at": now(), "expires_at": until}
            session.add(SignInSession(id=session_id, account_id=account_id, **made))
    return [(account, tokens.issue(account, one, new_id())["access_token"]) for account, one in signed]


@contextmanager
def _opened(port: int, held: Sequence[str]) -> Iterator[list[socket]]:
    """A stream for each of these tokens, which has begun."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(_FILES, hard)), hard))
    with ExitStack() as stack:
        streams = list[socket]()
        for token in held:
            stream = stack.enter_context(closing(create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)))
            head = f"GET /v1/me/updates/stream HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n"
            stream.sendall(head.encode())
            got = b""
            while b"retry: " not in got:
                got += stream.recv(4096)
                assert got.startswith(b"HTTP/1.1 200"), got
            streams.append(stream)
        yield streams


def _tell(accounts: Sequence[str]) -> None:
    step = {"fact_id": new_id(), "at": now(), "submission_id": None, "move": "accept"}
    told = step | {"words": "step.submission.accept", "values": {"reference": "SC5-7P5-9BW", "note": None}}
    updates.append([told | {"account_id": account} for account in accounts])


@contextmanager
def _told_now_and_then(service: Service, accounts: Sequence[str]) -> Iterator[None]:
    """Meanwhile some of them hear of something, as on a busy day."""
    done, chance = Event(), Random(1)

    def tell() -> None:
        with service.app.app_context():
            while not done.wait(1 / _UPDATES_A_SECOND):
                _tell([chance.choice(accounts)])

    telling = Thread(target=tell)
    telling.start()
    yield
    done.set()
    telling.join()


def _in_turn(service: Service, *ports: int) -> list[float]:
    """The time in ms that only one of a hundred requests exceeds at each port, asked turn by turn."""
    took: list[list[float]] = [[] for _ in ports]
    with ExitStack() as stack:
        connected = [stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port))) for port in ports]
        for _ in range(_ASKED):
            for times, connection in zip(took, connected, strict=True):
                began = time.perf_counter()
                headers = {"Authorization": f"Bearer {service.author}"}
                connection.request("GET", f"/v1/submissions/{service.submission_id}", headers=headers)
                answer = connection.getresponse()
                answer.read()
                times.append((time.perf_counter() - began) * 1000)
                assert answer.status == 200, answer.status
    return [sorted(times)[int(len(times) * 0.99)] for times in took]


def _until_all_heard(service: Service, accounts: Sequence[str], streams: Sequence[socket]) -> float:
    """Milliseconds from one update for everybody to when the last stream has it."""
    with DefaultSelector() as waiting, service.app.app_context():
        heard = [bytearray() for _ in streams]
        for number, stream in enumerate(streams):
            _drain(stream)
            waiting.register(stream, EVENT_READ, number)
        began = time.perf_counter()
        _tell(accounts)
        while waiting.get_map():
            for key, _ in waiting.select(_PATIENCE_SECONDS):
                stream = streams[key.data]
                came = stream.recv(2**16)
                assert came, f"a stream has ended after {bytes(heard[key.data][-200:])!r}"
                heard[key.data] += came
                if b"\n\n" in heard[key.data].partition(b"data: ")[2]:
                    waiting.unregister(stream)
    return (time.perf_counter() - began) * 1000


def _drain(stream: socket) -> None:
    """Take what has come so far."""
    stream.setblocking(False)
    try:
        while stream.recv(2**16):
            pass
    except BlockingIOError:
        stream.settimeout(_PATIENCE_SECONDS)
