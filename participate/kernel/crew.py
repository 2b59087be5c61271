"""The threads of a web process, and what they are given: requests that are whole and have their place."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.types import WSGIEnvironment

from participate.kernel import rsgi
from participate.kernel.bodies import Flow
from participate.kernel.intake import Body
from participate.kernel.overload import Ticket, Urgency
from participate.kernel.refusals import problem_of

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

_log = logging.getLogger(__name__)


class Visit(Ticket):
    """One request that is whole, from its first wait for a place to its answer."""

    __slots__ = ("answered", "body", "environ", "flow", "proto", "scope")

    def __init__(
        self,
        urgency: Urgency,
        jobs: "SimpleQueue[Visit]",
        scope: "Scope",
        proto: "HTTPProtocol",
        environ: WSGIEnvironment | None = None,
    ) -> None:
        """`environ` where it has been needed already; else the thread that serves makes it."""
        super().__init__(urgency, lambda: jobs.put(self), lambda: None)
        self.scope, self.proto, self.environ = scope, proto, environ
        self.body: Body | None = None
        self.flow: Flow | None = None
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Crew:
    """Serves visits; those that are served lie in `done`, for the loop to see to."""

    def __init__(self, serve: Callable[[Visit, Callable[[], object]], object]) -> None:
        """`serve` answers a visit, and calls what it is given when its place can be given back."""
        self._serve, self.done = serve, deque[Visit]()

    def start(self, jobs: "SimpleQueue[Visit]", number: int, leave: Callable[[Urgency], object]) -> None:
        """Have so many threads take their visits from `jobs`."""
        for _ in range(number):
            Thread(target=self._work, args=(jobs, leave), daemon=True).start()

    def _work(self, jobs: "SimpleQueue[Visit]", leave: Callable[[Urgency], object]) -> None:
        """A thread's life."""
        while True:
            visit = jobs.get()
            leaving = _once(partial(leave, visit.urgency))
            try:
                self._serve(visit, leaving)
            except BaseException:
                _log.exception("unexpected error")
                headers, body = problem_of(500, "internal", *rsgi.asked(visit.scope))
                visit.proto.response_bytes(500, headers, body)
                leaving()
            if visit.flow is not None:
                visit.flow.is_wanted = False
            self.done.append(visit)


def _once(act: Callable[[], object]) -> Callable[[], object]:
    """`act`, but only the first time."""
    left = [act]
    return lambda: left.pop()() if left else None
