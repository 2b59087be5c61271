"""The memory of one web process: started as an operator starts it, and asked by many at once for all it has."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from random import Random
from socket import socket

import orjson
import psutil

from bench import prose
from bench.city import anywhere
from bench.measure import Measured
from bench.ours import Service

ALLOWED_MB = 150.0
_PATIENCE_SECONDS = 60
_CLIENTS, _TURNS = 8, 25


def serving(service: Service) -> Measured:
    """Resident memory of a web process that has served, to what it may take.

    As it is then, not at its peak; shared pages count in full (RSS).
    """
    with web(service) as (server, port):
        with ThreadPoolExecutor(_CLIENTS) as clients:
            for served in [clients.submit(_use, service, port, number) for number in range(_CLIENTS)]:
                served.result()
        taken = max(child.memory_info().rss for child in psutil.Process(server.pid).children(recursive=True)) / 1e6
    return Measured(taken, ALLOWED_MB, taken / ALLOWED_MB, unit="MB")


@contextmanager
def web(service: Service) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`participate web` on the stores of `service`, at a free port."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "participate.cli", "web"]
    environment = service.environment | {"PORT": str(port)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield server, port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    given_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return _ask(port, "GET", "/readyz")
        except OSError:
            if time.monotonic() > given_up_at:
                raise
            time.sleep(0.1)


def _use(service: Service, port: int, number: int) -> None:
    """What residents and moderators ask for."""
    chance = Random(number)
    for _ in range(_TURNS):
        lat, lon = anywhere(chance)
        place = {"lat": lat, "lon": lon, "crs": "wgs84"}
        sent = {"kind": "snap_report", "title": prose.title(chance), "body": prose.body(chance), "place": place}
        _ask(port, "POST", "/v1/submissions", service.author, sent)
        _ask(port, "GET", f"/v1/places/lookup?lat={lat}&lon={lon}&crs=wgs84")
        _ask(port, "GET", f"/v1/submissions/{service.submission_id}", service.author)
        _ask(port, "GET", "/v1/submissions?limit=50")
        _ask(port, "GET", "/v1/me/submissions", service.author)
        _ask(port, "GET", "/v1/moderation/queue?limit=50", service.moderator)


def _ask(port: int, method: str, path: str, token: str = "", body: object = None) -> None:
    """Ask until it is answered: on a busy machine eight at once may be too many, and some are told to come again."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    given_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request(method, path, orjson.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            said = answer.read()
        if answer.status != 503 or time.monotonic() > given_up_at:
            break
        time.sleep(0.1)
    assert answer.status < 300, f"{method} {path}: {answer.status} {said[:300]!r}"
