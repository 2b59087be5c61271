"""Looking at what may hang: one thread at a time, with bounded waiting, and what was seen holds for a moment."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any, Generic, TypeVar

from flask import Flask, current_app
from sqlalchemy import Engine, NullPool, create_engine

from participate.config import Settings
from participate.kernel.connections import engine_options

T = TypeVar("T")
_ENGINE = "participate.probing"


class Look(Generic[T]):
    """Something to be looked at.

    However many ask, one thread looks; those who ask while it does get what it will see, and those who ask within
    `holds` seconds after get what it has seen. So nobody can load what is looked at by asking often, and a look
    that hangs holds up one thread and no more.
    """

    def __init__(self, see: Callable[[], T], holds: float = 1.0) -> None:
        self._see, self._holds = see, holds
        self._lock = threading.Lock()
        self._seen: Future[T] | None = None
        self._seen_at = 0.0

    def begin(self) -> "Future[T]":
        """What is seen, as soon as it is; does not wait."""
        with self._lock:
            seen = self._seen
            if seen is None or (seen.done() and time.monotonic() - self._seen_at > self._holds):
                self._seen = seen = Future()
                threading.Thread(target=self._look, args=(seen,), daemon=True).start()
            return seen

    def _look(self, seen: "Future[T]") -> None:
        try:
            found = self._see()
        except BaseException as error:
            self._seen_at = time.monotonic()
            seen.set_exception(error)
        else:
            self._seen_at = time.monotonic()
            seen.set_result(found)


def seen(looks: Mapping[str, Look[T]], seconds: float) -> dict[str, "Future[T]"]:
    """All of `looks` at once, waiting at most `seconds` in all; what hangs is then not yet `done()`."""
    begun = {name: look.begin() for name, look in looks.items()}
    wait(begun.values(), timeout=seconds)
    return begun


def inside(app: Flask, see: Callable[[], T]) -> Callable[[], T]:
    """`see`, run in a context of `app` of its own."""

    def run() -> T:
        with app.app_context():
            return see()

    return run


def init_probes(app: Flask, settings: Settings) -> None:
    """Give `app` the database connections of its probes: their own, so that a full pool does not blind them."""
    options: dict[str, Any] = {"connect_args": {"timeout": 1}}
    if not settings.database_url.startswith("sqlite"):
        asked = f"-c statement_timeout=2000 {engine_options(settings)['connect_args']['options']}"
        options = {"connect_args": {"connect_timeout": 2, "options": asked}, "isolation_level": "AUTOCOMMIT"}
    app.extensions[_ENGINE] = create_engine(settings.database_url, poolclass=NullPool, **options)


def engine() -> Engine:
    """Connections for a probe: each is opened for it and closed after it, and no statement takes over 2 s."""
    found: Engine = current_app.extensions[_ENGINE]
    return found
