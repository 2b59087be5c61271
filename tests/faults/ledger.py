"""The client's ledger: what was asked with which key, what came back, and how long it took."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

LONGEST_SECONDS = 5.0
_GIVE_UP_SECONDS = 8.0  # A client that waits longer than this learns no more about what is too long.
PASSING = {429, 503}


@dataclass(frozen=True)
class Attempt:
    """One request and what became of it; `status` None where no answer came (`error` says why)."""

    method: str
    path: str
    at: float
    seconds: float
    status: int | None
    retry_after: str | None = None
    error: str = ""
    answer: Any = None

    @property
    def final(self) -> bool:
        """Whether asking again would be of no use."""
        if self.status == 409:
            return not str((self.answer or {}).get("type")).endswith("idempotency_key_in_use")
        return self.status is not None and self.status < 500 and self.status not in {401, 429}

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status or self.error} after {self.seconds:.2f} s"


@dataclass
class Errand:
    """Something a client wants done once, however often it has to ask: one key for all attempts."""

    what: str
    key: str
    send: dict[str, Any]
    path: str
    attempts: list[Attempt] = field(default_factory=list)
    done: Attempt | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether a 2xx answer has come."""
        return self.done is not None and self.done.status is not None and self.done.status < 300


class Ledger:
    """All attempts of all clients. Threads write to it side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.attempts: list[Attempt] = []
        self.errands: dict[str, Errand] = {}

    def enter(self, errand: Errand) -> Errand:
        """Keep what is to be done."""
        with self._lock:
            self.errands[errand.key] = errand
        return errand

    def keep(self, attempt: Attempt, errand: Errand | None = None) -> Attempt:
        """Keep what came back."""
        with self._lock:
            self.attempts.append(attempt)
            if errand is not None:
                errand.attempts.append(attempt)
                if attempt.final and errand.done is None:
                    errand.done = attempt
        return attempt

    def acknowledged(self, what: str) -> list[Errand]:
        """The errands of one sort that were answered 2xx."""
        return [errand for errand in self.errands.values() if errand.what == what and errand.acknowledged]

    def open(self) -> Iterator[Errand]:
        """What nobody has answered for good yet."""
        with self._lock:
            found = list(self.errands.values())
        yield from (errand for errand in found if errand.done is None)


def ask(session: requests.Session, method: str, url: str, **options: Any) -> Attempt:
    """Make one request that gives up after a while, whatever happens."""
    path = "/" + url.split("/", 3)[3]
    began, moment = time.monotonic(), time.time()
    try:
        answer = session.request(method, url, timeout=_GIVE_UP_SECONDS, **options)
    except requests.RequestException as error:
        reason = "timeout" if isinstance(error, requests.Timeout) else type(error).__name__
        return Attempt(method, path, moment, time.monotonic() - began, None, error=reason)
    try:
        told = answer.json() if answer.content and "json" in answer.headers.get("Content-Type", "") else None
    except ValueError:
        told = None
    seconds = time.monotonic() - began
    return Attempt(method, path, moment, seconds, answer.status_code, answer.headers.get("Retry-After"), "", told)
