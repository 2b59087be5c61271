"""The front of a web process: an event loop that takes in requests and refuses, and threads that serve.

The loop holds those who wait, for their bodies or for a place, at no cost but some memory; a thread is given only what
is whole and has its place. So a slow client holds up nobody, and few threads compete for Python's lock.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication, WSGIEnvironment

from participate.kernel import bodies, rsgi
from participate.kernel.crew import Crew, Visit
from participate.kernel.ending import let_go_of_idle_takers, on_stop
from participate.kernel.intake import LEFT, Intake, NoRoom
from participate.kernel.overload import PROBE, REPORT, Turnstile, Urgency
from participate.kernel.refusals import Ledger, problem_of, refusal
from participate.kernel.ways import Way

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

PROBES = 4  # Threads that serve those who are never refused.
CARRIERS = 16  # Threads that wait for bodies which are read as they come.
_SETTLE_SECONDS = 0.1
_NO_ROOM_SECONDS = (20, 40)
_CLOSING = ("Connection", "close")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class House:
    """What a front stands before.

    `way_of(method, path)` tells where a request goes; `hurries(environ)` whether a report may go as an emergency, which
    it is asked once; `is_known(authorization)` whether that header is one of ours; `believe` puts into an environ what
    our own proxies say. `longest` is how many bytes a body may have. `close()` ends what would go on without end, as
    soon as the process is told to stop.
    """

    app: WSGIApplication
    turnstile: Turnstile
    way_of: Callable[[str, str], Way]
    hurried: Callable[[WSGIEnvironment, Urgency], Urgency]
    is_known: Callable[[str], bool]
    believe: Callable[[WSGIEnvironment], object]
    longest: int
    ledger: Ledger
    close: Callable[[], object]


class Front:
    """The application as the server calls it (RSGI)."""

    def __init__(self, house: House, intake: Intake) -> None:
        """Starts its threads with `__rsgi_init__`, in the process that serves."""
        self._house, self._intake = house, intake
        self._jobs, self._carried, self._probes = SimpleQueue[Visit](), SimpleQueue[Visit](), SimpleQueue[Visit]()
        self._free_carriers, self._under_way = CARRIERS, 0
        self._crew = Crew(self._serve)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called before the first request."""
        turnstile = self._house.turnstile
        self._crew.start(self._jobs, turnstile.places, turnstile.leave)
        self._crew.start(self._carried, CARRIERS, turnstile.leave)
        self._crew.start(self._probes, PROBES, lambda _urgency: None)
        on_stop(loop, self._house.close)
        let_go_of_idle_takers(loop)

    async def __rsgi__(self, scope: "Scope", proto: "HTTPProtocol") -> None:
        """One request, until it is answered."""
        way, headers = self._house.way_of(scope.method, scope.path), scope.headers
        urgency = way.urgency
        if urgency is REPORT and "priority" in headers:
            urgency = self._house.hurried(self._environ(scope), urgency)
        has_body = "content-length" in headers or "transfer-encoding" in headers
        if urgency is PROBE:
            visit = Visit(PROBE, self._probes, scope, proto)
            visit.called()
            await self._answer(visit)
        elif self._house.turnstile.would_refuse(urgency):  # Told by the head: no body need be sent for that.
            self._refuse(scope, proto, urgency, is_last=_stays_unread(scope))
            if has_body and "expect" not in headers:
                await self._intake.drain(proto)
        elif has_body:
            await self._take_in(scope, proto, way, urgency)
        else:
            await self._let_in(Visit(urgency, self._jobs, scope, proto))

    def _environ(self, scope: "Scope") -> WSGIEnvironment:
        environ = rsgi.environ_of(scope)
        self._house.believe(environ)
        return environ

    async def _take_in(self, scope: "Scope", proto: "HTTPProtocol", way: Way, urgency: Urgency) -> None:
        length = bodies.said_length(scope.headers.get("content-length"))
        if length != 0 and self._is_unwanted(scope, way, length):
            environ = self._environ(scope) | {rsgi.LAST: True} if _stays_unread(scope) else None
            await self._let_in(Visit(urgency, self._jobs, scope, proto, environ))
            if "expect" not in scope.headers:
                await self._intake.drain(proto)
        else:
            await self._receive(scope, proto, urgency, length)

    def _is_unwanted(self, scope: "Scope", way: Way, length: int | None) -> bool:
        """Whether the application will refuse this by its head: it shall, before anything is taken in."""
        headers = scope.headers
        may_be_long = bodies.may_be_long(headers.get("content-type") or "")
        most = self._house.longest if may_be_long else bodies.SMALL
        if length is not None and length > most:
            return True
        return way.is_closed and not self._house.is_known(headers.get("authorization") or "")

    async def _receive(self, scope: "Scope", proto: "HTTPProtocol", urgency: Urgency, length: int | None) -> None:
        environ, kind = self._environ(scope), scope.headers.get("content-type") or ""
        if bodies.is_resumable(kind) and self._free_carriers:
            await self._carry(Visit(urgency, self._carried, scope, proto, environ), environ, length)
            return
        most = self._house.longest if bodies.may_be_long(kind) else bodies.SMALL
        try:
            body = await self._intake.receive(proto, length, most)
        except (NoRoom, OSError) as error:
            _log.warning("a body could not be taken in", extra={"reason": type(error).__name__})
            self._refuse(scope, proto, urgency, _NO_ROOM_SECONDS)
            return
        if body.ended in {"gone", "slow"}:
            self._intake.release(body)
            self._give_up_on(scope, proto, body.ended)
            return
        environ |= {"wsgi.input": body.reader(), rsgi.LAST: body.ended == "long"}
        visit = Visit(urgency, self._jobs, scope, proto, environ)
        visit.body = body
        await self._let_in(visit)

    async def _carry(self, visit: Visit, environ: WSGIEnvironment, length: int | None) -> None:
        """Have the body read as it comes, so that what has come is kept whatever becomes of the rest, or of us.

        That takes a thread for as long as it lasts. There are some for that; once all are taken, one more such body
        is taken in as others are.
        """
        visit.flow = flow = bodies.Flow(environ)
        environ["wsgi.input"] = bodies.Lending(flow, partial(self._lend, visit))
        self._free_carriers -= 1
        served = asyncio.ensure_future(self._let_in(visit))
        try:
            await self._intake.hand_on(visit.proto, flow, length)
        except NoRoom:
            flow.end("gone")
        await served
        self._free_carriers += 1

    def _lend(self, visit: Visit, read: Callable[[], bytes]) -> bytes:
        """Whoever waits for their body has no place meanwhile."""
        self._house.turnstile.leave(visit.urgency)
        try:
            return read()
        finally:
            self._house.turnstile.resume(visit.urgency)

    async def _let_in(self, visit: Visit) -> None:
        """Who has sent a long body waits for a place in any line: they have waited for longer already."""
        turnstile, loop = self._house.turnstile, asyncio.get_running_loop()
        visit.stays = visit.body is not None and visit.body.on_disk > 0
        visit.ousted = lambda: loop.call_soon(self._turn_out, visit)
        if not turnstile.apply(visit):
            self._turn_away(visit)
            return
        giving_up = None if visit.has_place else loop.call_later(turnstile.patience(visit), self._stop_waiting, visit)
        await self._answer(visit)
        if giving_up is not None:
            giving_up.cancel()

    def _stop_waiting(self, visit: Visit) -> None:
        if self._house.turnstile.give_up(visit):
            self._turn_out(visit)

    def _turn_out(self, visit: Visit) -> None:
        """Who has waited in vain is refused all the same."""
        self._turn_away(visit)
        self._crew.done.append(visit)

    def _turn_away(self, visit: Visit) -> None:
        self._refuse(visit.scope, visit.proto, visit.urgency, is_last=visit.body is None and _stays_unread(visit.scope))
        if visit.flow is not None:
            visit.flow.is_wanted = False
        if visit.body is not None:
            self._intake.release(visit.body)

    def _refuse(
        self,
        scope: "Scope",
        proto: "HTTPProtocol",
        urgency: Urgency,
        rest: tuple[int, int] | None = None,
        is_last: bool = False,
    ) -> None:
        self._house.ledger(urgency)
        headers, body = refusal(rest or urgency.rest, *rsgi.asked(scope))
        headers += [_CLOSING] if is_last else []
        proto.response_bytes(503, headers, b"" if scope.method == "HEAD" else body)

    def _give_up_on(self, scope: "Scope", proto: "HTTPProtocol", why: str) -> None:
        """Who was too slow hears so; who has gone hears nothing, and who has only stopped sending, that it was bad."""
        status, code = (408, "timeout") if why == "slow" else (400, "bad_request")
        headers, body = problem_of(status, code, *rsgi.asked(scope))
        proto.response_bytes(status, [*headers, _CLOSING], body)

    def _serve(self, visit: Visit, leave: Callable[[], object]) -> None:
        """In a thread of the crew's."""
        environ = visit.environ or self._environ(visit.scope)
        rsgi.serve(self._house.app, environ, visit.proto, leave)

    async def _answer(self, visit: Visit) -> None:
        """Return once it is answered, or a little later: to wake the loop for each would cost more than to look."""
        self._under_way += 1
        if self._under_way == 1:
            asyncio.get_running_loop().call_later(_SETTLE_SECONDS, self._settle, asyncio.get_running_loop())
        await visit.answered

    def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._crew.done:
            visit = self._crew.done.popleft()
            self._under_way -= 1
            if visit.body is not None:
                self._intake.release(visit.body)
            if not visit.answered.done():
                visit.answered.set_result(None)
        if self._under_way:
            loop.call_later(_SETTLE_SECONDS, self._settle, loop)


def _stays_unread(scope: "Scope") -> bool:
    """Whether the body is not read where nobody wants it: the connection then ends, and its client is to hear so."""
    length = bodies.said_length(scope.headers.get("content-length"))
    return "expect" in scope.headers or (length or 0) > LEFT
