"""The entrance before all doors: too many requests are refused here, before they cost anything."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from participate.config import Settings
from participate.kernel import bodies, tally
from participate.kernel.auth import is_signed
from participate.kernel.front import Front, House
from participate.kernel.intake import Intake
from participate.kernel.overload import PROBE, READERS, Turnstile, Urgency
from participate.kernel.rates import limits_of, may_hurry
from participate.kernel.refusals import Ledger, refusal
from participate.kernel.rsgi import LEAVES
from participate.kernel.streaming import streams_of
from participate.kernel.ways import Ways

_EXTENSION = "participate.house"
_BODILESS = ("1", "204", "304")

UrgencyOf = Callable[[WSGIEnvironment], Urgency]


def leave_before_sending(environ: WSGIEnvironment) -> None:
    """Have the answer sent piece by piece once its request has left: nothing is left to do but to wait for the client.

    For what is too long to be held in memory; how many are sent at once is for the caller to bound.
    """
    environ[LEAVES] = True


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
        accepted, number = environ.get("HTTP_ACCEPT_LANGUAGE", ""), environ.get("HTTP_X_REQUEST_ID")
        headers, body = refusal(urgency.rest, accepted, number)
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
    if environ.get(LEAVES):
        stay.end()
        return _Streamed(answer, stay)
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


def guard_entrance(app: Flask, settings: Settings, by_endpoint: Mapping[str, Urgency], closed: Set[str]) -> None:
    """Put `app`, whose routes are all there by now, behind an entrance with a place for each of its threads."""
    turnstile = Turnstile(settings.web_threads)
    ways = Ways(app, by_endpoint, closed, lambda environ: may_hurry(limits_of(app), environ))
    ledger = Ledger(tally.of(app), turnstile)
    house = House(
        app=app.wsgi_app,
        turnstile=turnstile,
        way_of=ways.of,
        hurried=ways.hurried,
        is_known=partial(is_signed, app),
        believe=_believing(settings.proxies),
        longest=app.config["MAX_CONTENT_LENGTH"],
        ledger=ledger,
        close=streams_of(app).close,
    )
    app.extensions[_EXTENSION] = house
    entrance = Entrance(app.wsgi_app, turnstile, ways, ledger)
    # Flask's own place for middleware; its test client goes through it as a server does.
    app.__dict__["wsgi_app"] = _behind(settings.proxies, entrance) if settings.proxies else entrance


def front_of(app: Flask, folder: Path) -> Front:
    """What stands before `app` where the server is one that hands over requests before they are whole."""
    house: House = app.extensions[_EXTENSION]
    return Front(house, Intake(folder, house.ledger.slow))


def _behind(proxies: int, entrance: WSGIApplication) -> WSGIApplication:
    """Believe the last `proxies` addresses of X-Forwarded-For, which our own proxies wrote, and nothing else there."""
    return ProxyFix(entrance, x_for=proxies, x_proto=proxies, x_host=0)


def _believing(proxies: int) -> Callable[[WSGIEnvironment], object]:
    """The same for whoever has an environ, and calls the application later."""
    if not proxies:
        return lambda _environ: None
    believed = _behind(proxies, lambda _environ, _start_response: [])
    return lambda environ: believed(environ, _start_nothing)


def _start_nothing(_status: str, _headers: list[tuple[str, str]], *_error: object) -> Callable[[bytes], object]:
    raise NotImplementedError
