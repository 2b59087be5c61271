"""The entrance before all doors: too many requests are refused here, before they cost anything."""

import logging
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from threading import BoundedSemaphore
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RoutingException

from participate.config import Settings
from participate.kernel import bodies, logs, tally
from participate.kernel.overload import EMERGENCY, LIST, PROBE, READERS, REPORT, Turnstile, Urgency
from participate.kernel.problems import MEDIA_TYPE, document
from participate.kernel.rates import limits_of, may_hurry
from participate.kernel.words import pick

_SAY_SECONDS = 1.0
_BODILESS = ("1", "204", "304")
# RFC 9218: the urgency that a client gives its request, 0 being the highest.
_MOST_URGENT = re.compile(r"(?:^|,)\s*u=0\s*(?:[,;]|$)")

_log = logging.getLogger(__name__)
UrgencyOf = Callable[[WSGIEnvironment], Urgency]


class Entrance:
    """Wraps the application: who finds no place at the turnstile gets 503 and is told when to come again.

    Whoever waits for their own body holds no place: small ones are read before, and while a long one is read the
    place is lent to others. So a slow client costs a thread; how many of them may do so at once is bounded too.
    """

    def __init__(
        self,
        app: WSGIApplication,
        turnstile: Turnstile,
        urgency_of: UrgencyOf,
        refused: Callable[[Urgency], None],
        readers: int = READERS,
    ) -> None:
        """`refused` is told of every refusal, and must be quick."""
        self.turnstile = turnstile
        self._app, self._urgency_of, self._refused = app, urgency_of, refused
        self._readers = BoundedSemaphore(readers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        urgency = self._urgency_of(environ)
        if urgency is PROBE:
            return self._app(environ, start_response)
        if not bodies.brings_one(environ):
            return self._admit(environ, start_response, urgency)
        if not self._readers.acquire(blocking=False):
            return self._refuse(environ, start_response, urgency)
        try:
            body = bodies.long_one(environ)
            if body is not None:
                answer = self._admit(environ, start_response, urgency, body)
                bodies.read_on(environ, body)
                return answer
        finally:
            self._readers.release()
        return self._admit(environ, start_response, urgency)

    def _admit(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        wanted: Urgency,
        body: bodies.Readable | None = None,
    ) -> Iterable[bytes]:
        urgency = self.turnstile.enter(wanted)
        if urgency is None:
            return self._refuse(environ, start_response, wanted)
        return self._let_in(environ, start_response, _Stay(self.turnstile, urgency), body)

    def _let_in(
        self, environ: WSGIEnvironment, start_response: StartResponse, stay: "_Stay", body: bodies.Readable | None
    ) -> Iterable[bytes]:
        if body is not None:
            environ["wsgi.input"] = bodies.Lending(body, stay.lend)
        try:
            return _served(self._app, environ, start_response, stay)
        except BaseException:
            stay.end()
            raise

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse, urgency: Urgency) -> list[bytes]:
        self._refused(urgency)
        language = _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        body = _refusal(language)
        headers = [
            ("Content-Type", MEDIA_TYPE),
            ("Content-Language", language),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(random.randint(*urgency.rest))),  # noqa: S311 - jitter
            ("X-Request-ID", logs.begin(environ.get("HTTP_X_REQUEST_ID"))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("503 SERVICE UNAVAILABLE", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class _Stay:
    """One request's place, given back once, whatever happens."""

    __slots__ = ("_turnstile", "_urgency")

    def __init__(self, turnstile: Turnstile, urgency: Urgency) -> None:
        self._turnstile: Turnstile | None = turnstile
        self._urgency = urgency

    def end(self) -> None:
        if self._turnstile is not None:
            self._turnstile.leave(self._urgency)
            self._turnstile = None

    def lend(self, read: Callable[[], bytes]) -> bytes:
        if self._turnstile is None:
            return read()
        self._turnstile.leave(self._urgency)
        try:
            return read()
        finally:
            self._turnstile.resume(self._urgency)


def _served(
    app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse, stay: _Stay
) -> Iterable[bytes]:
    """The application's answer: in one piece where its length is known, else as it comes, in its place to the end."""
    is_whole = False

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
        nonlocal is_whole
        is_whole = status.startswith(_BODILESS) or any(name == "Content-Length" for name, _ in headers)
        return start_response(status, headers, *error)

    answer = app(environ, start)
    if not is_whole:
        return _Streamed(answer, stay)
    try:
        # A list is what the server sends at once; anything else it takes piece by piece through a channel.
        return list(answer)
    finally:
        _close(answer)
        stay.end()


class _Streamed:
    """An answer that is made while it is sent. Its place is given back even where the server forgets to close it."""

    def __init__(self, answer: Iterable[bytes], stay: _Stay) -> None:
        self._answer, self._stay = answer, stay

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        try:
            _close(self._answer)
        finally:
            self._stay.end()

    def __del__(self) -> None:
        self._stay.end()


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()


@lru_cache(maxsize=256)
def _language(accepted: str) -> str:
    return pick(tag for tag, _ in parse_accept_header(accepted))


@cache
def _refusal(language: str) -> bytes:
    return document(503, "unavailable", language)


class Urgencies:
    """Tells a request's class by its route. `may_hurry` says whether a report may go as an emergency."""

    def __init__(
        self, app: Flask, by_endpoint: Mapping[str, Urgency], may_hurry: Callable[[WSGIEnvironment], bool]
    ) -> None:
        self._by_endpoint, self._may_hurry = by_endpoint, may_hurry
        self._routes = app.url_map.bind("")
        self._fixed = {
            (method, rule.rule): by_endpoint.get(rule.endpoint, LIST)
            for rule in app.url_map.iter_rules()
            if not rule.arguments
            for method in rule.methods or ()
        }

    def __call__(self, environ: WSGIEnvironment) -> Urgency:
        """The class; what has no route is answered at the foot of the line."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        found = self._fixed.get((method, path)) or self._matched(method, path)
        if found is REPORT and _MOST_URGENT.search(environ.get("HTTP_PRIORITY", "")) and self._may_hurry(environ):
            return EMERGENCY
        return found

    def _matched(self, method: str, path: str) -> Urgency:
        try:
            endpoint, _ = self._routes.match(path, method)
        except (HTTPException, RoutingException):
            return LIST
        return self._by_endpoint.get(str(endpoint), LIST)


def guard_entrance(app: Flask, settings: Settings, by_endpoint: Mapping[str, Urgency]) -> None:
    """Put `app`, whose routes are all there by now, behind an entrance with a place for each of its threads."""
    turnstile = Turnstile(settings.web_threads)
    urgency_of = Urgencies(app, by_endpoint, lambda environ: may_hurry(limits_of(app), environ))
    entrance = Entrance(app.wsgi_app, turnstile, urgency_of, _Ledger(tally.of(app), turnstile))
    # Flask's own place for middleware; its test client goes through it as a server does.
    app.__dict__["wsgi_app"] = _behind(settings.proxies, entrance) if settings.proxies else entrance


def _behind(proxies: int, entrance: WSGIApplication) -> WSGIApplication:
    """Believe the last `proxies` addresses of X-Forwarded-For, which our own proxies wrote, and nothing else there."""
    return ProxyFix(entrance, x_for=proxies, x_proto=proxies, x_host=0)


class _Ledger:
    """Counts refusals, and says so once a second: a line for each would cost more than the refusal."""

    def __init__(self, counts: tally.Tally, turnstile: Turnstile) -> None:
        self._counts, self._turnstile = counts, turnstile
        self._said_at, self._unsaid = 0.0, 0

    def __call__(self, urgency: Urgency) -> None:
        self._counts.add("participate_refusals", reason=urgency.name)
        self._unsaid += 1
        if time.monotonic() - self._said_at > _SAY_SECONDS:
            inside, waiting = self._turnstile.counts()
            _log.warning("overloaded", extra={"refused": self._unsaid, "inside": inside, "waiting": waiting})
            self._said_at, self._unsaid = time.monotonic(), 0
