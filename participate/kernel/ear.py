"""Hears in a web process what has happened in others: a wake-up by name, which may get lost."""

import logging
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

import orjson
import redis
from flask import current_app

from participate.kernel.db import after_commit
from participate.kernel.wake import connect

CHANNEL = "participate:news"
_MANY = 200  # Beyond so many keys it is shorter to wake all.
_LISTEN_SECONDS, _PING_SECONDS, _REST_SECONDS = 5.0, 10, 1.0

_log = logging.getLogger(__name__)


def announce(source: str, keys: Collection[str]) -> None:
    """Once the open transaction has landed, wake whoever has a stream of `source` open for one of these keys."""
    waker = current_app.extensions["participate.waker"]
    told = orjson.dumps([source, sorted(keys) if len(keys) <= _MANY else None])
    after_commit(f"announce {told!r}", lambda: waker.publish(CHANNEL, told))


class Ear:
    """A process's own; `hears` says whether it would at this moment."""

    def __init__(self, url: str) -> None:
        self._url, self.hears = url, False

    def listen(self, heard: Callable[[Iterable[tuple[str, str]] | None], object]) -> None:
        """Tell `heard` of every wake-up; once it hears again after it did not, that there may be any. Never returns."""
        while True:
            try:
                self._listen(heard)
            except (redis.RedisError, OSError) as error:
                if self.hears:
                    _log.warning("store away; streams look by themselves", extra={"reason": type(error).__name__})
            self.hears = False
            time.sleep(_REST_SECONDS)

    def _listen(self, heard: Callable[[Iterable[tuple[str, str]] | None], object]) -> None:
        client: Any = connect(self._url, timeout=_LISTEN_SECONDS, ping=_PING_SECONDS)
        with client, client.pubsub(ignore_subscribe_messages=True) as news:
            news.subscribe(CHANNEL)
            self.hears = True
            heard(None)
            while True:
                message = news.get_message(timeout=_LISTEN_SECONDS)
                if message is not None:
                    heard(_read(message["data"]))


def _read(told: bytes) -> list[tuple[str, str]] | None:
    source, keys = orjson.loads(told)
    return None if keys is None else [(source, key) for key in keys]
