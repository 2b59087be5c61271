"""How long a request waits for PostgreSQL: a server that is frozen, or a network that swallows, never says no.

`connect_timeout` ends with the connection, `statement_timeout` is the server's own, and TCP's keep-alive is content as
long as the other machine's kernel acknowledges. So the client itself has to look at the clock.
"""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from flask import has_request_context, request
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

REQUEST_SECONDS = 4.2  # for all of a request's waits together; a little more than `connections.LOCK_WAIT_MS`
_SPENT = "participate.waited_for_database"  # in the request's environ: `g` may outlive a request


class _OutOfTime(psycopg.OperationalError):
    """The request has no time left to ask anything."""


class Impatient(psycopg.Connection[Any]):
    """A connection that a request gives up, and closes, when its time is over; outside requests it waits."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's own. Raises OperationalError, and is closed then, once the request has waited too long."""
        if timeout is not None or not has_request_context():
            return super().wait(gen, interval, timeout)
        try:
            return _counted(lambda left: self._wait_at_most(gen, interval, left))
        except _OutOfTime:
            self.close()  # What it has begun can neither land nor be undone any more, and keeps its locks till then.
            raise

    def _wait_at_most(self, gen: PQGen[Any], interval: float, seconds: float) -> Any:
        began = time.monotonic()
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.OperationalError:
            if time.monotonic() - began >= seconds:
                self.close()  # In the midst of an answer it is of no more use; the pool must not get it back.
            raise


def _counted(wait: Callable[[float], Any]) -> Any:
    """`wait(seconds left)`, whose time the present request has less from then on."""
    spent = request.environ.get(_SPENT, 0.0)
    if spent >= REQUEST_SECONDS:
        raise _OutOfTime("this request has waited for the database long enough")
    began = time.monotonic()
    try:
        return wait(REQUEST_SECONDS - spent)
    finally:
        request.environ[_SPENT] = spent + time.monotonic() - began


def init_patience(engine: Engine) -> None:
    """Let `engine` (PostgreSQL) make such connections."""

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Impatient:
        def connect(_left: float = 0.0) -> Impatient:
            return Impatient.connect(*arguments, **parameters)

        return _counted(connect) if has_request_context() else connect()
