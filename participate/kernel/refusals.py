"""What is said to those who are refused before they get anywhere, and how it is counted."""

import logging
import random
import time
from functools import cache, lru_cache

from werkzeug.http import parse_accept_header

from participate.kernel import logs, tally
from participate.kernel.overload import Turnstile, Urgency
from participate.kernel.problems import MEDIA_TYPE, document
from participate.kernel.words import pick

Headers = list[tuple[str, str]]
_SAY_SECONDS = 1.0

_log = logging.getLogger(__name__)


def refusal(rest: tuple[int, int], accepted: str, request_id: str | None) -> tuple[Headers, bytes]:
    """A 503 to whoever may come again after a time within `rest`, and sent the other two headers."""
    headers, body = problem_of(503, "unavailable", accepted, request_id)
    headers.append(("Retry-After", str(random.randint(*rest))))  # noqa: S311 - jitter
    return headers, body


def problem_of(status: int, code: str, accepted: str, request_id: str | None) -> tuple[Headers, bytes]:
    """A problem for somebody whose request no application has seen."""
    language = _language(accepted)
    body = _said(status, code, language)
    return [
        ("Content-Type", MEDIA_TYPE),
        ("Content-Language", language),
        ("Content-Length", str(len(body))),
        ("X-Request-ID", logs.begin(request_id)),
        ("X-Content-Type-Options", "nosniff"),
    ], body


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    return pick(tag for tag, _ in parse_accept_header(accepted))


@cache
def _said(status: int, code: str, language: str) -> bytes:
    return document(status, code, language)


class Ledger:
    """Counts refusals, and says so once a second: a line for each would cost more than the refusal."""

    def __init__(self, counts: tally.Tally, turnstile: Turnstile) -> None:
        self._counts, self._turnstile = counts, turnstile
        self._said_at, self._unsaid = 0.0, 0

    def __call__(self, urgency: Urgency) -> None:
        """One more was refused for want of a place."""
        self._counts.add("participate_refusals", reason=urgency.name)
        self._unsaid += 1
        if time.monotonic() - self._said_at > _SAY_SECONDS:
            inside, waiting = self._turnstile.counts()
            _log.warning("overloaded", extra={"refused": self._unsaid, "inside": inside, "waiting": waiting})
            self._said_at, self._unsaid = time.monotonic(), 0

    def slow(self) -> None:
        """One more was too slow in sending."""
        self._counts.add("participate_refusals", reason="slow_body")
