"""A nudge to the worker half: best effort, never waited for, since the rows themselves hold the work."""

import logging
import threading
import time
from collections.abc import Iterable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

WAKE_LIST = "participate:wake"
TIMEOUT_SECONDS = 0.3
_REST_SECONDS = 5.0
_LONGEST = 1000

_log = logging.getLogger(__name__)


def connect(url: str, timeout: float | None = TIMEOUT_SECONDS) -> redis.Redis:
    """A client that gives up after `timeout` seconds and does not try again by itself."""
    return redis.Redis.from_url(
        url, socket_timeout=timeout, socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
    )


class Waker:
    """Tells the relay that there is work of some kind.

    After a failure it rests, and then one request alone looks whether the store is back: the others do not wait.
    """

    def __init__(self, url: str) -> None:
        self._client = connect(url)
        self._resting_until = 0.0
        self._lock = threading.Lock()

    def __call__(self, kinds: Iterable[str]) -> None:
        """Say that there is work of `kinds`; takes 0.3 s at most, and nothing where the store was away just now."""
        if self._rests():
            return
        try:
            with self._client.pipeline(transaction=False) as pipe:
                pipe.rpush(WAKE_LIST, *kinds)
                pipe.ltrim(WAKE_LIST, -_LONGEST, -1)
                pipe.execute()
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + _REST_SECONDS
            _log.warning("store away; the sweep will wake the worker", extra={"reason": type(error).__name__})
        else:
            self._resting_until = 0.0

    def _rests(self) -> bool:
        with self._lock:
            moment = time.monotonic()
            if moment < self._resting_until:
                return True
            if self._resting_until:
                self._resting_until = moment + _REST_SECONDS
            return False

    def alive(self) -> bool:
        """Whether the store answers."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False
