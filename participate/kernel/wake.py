"""A nudge to the worker half: best effort, never waited for, since the rows themselves hold the work."""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

WAKE_LIST = "participate:wake"
TIMEOUT_SECONDS = 0.3
_REST_SECONDS = 5.0
_LONGEST = 1000

_log = logging.getLogger(__name__)


def connect(url: str, timeout: float | None = TIMEOUT_SECONDS, ping: int = 0) -> redis.Redis:
    """A client that gives up after `timeout` seconds and does not try again by itself.

    Where it only listens, it asks every `ping` seconds whether the store is still there.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=ping,
    )


class Waker:
    """Tells the relay that there is work of some kind, and does not wait to hear that it was heard.

    After a failure it rests, and then one request alone looks whether the store is back: the others do not wait.
    """

    def __init__(self, url: str) -> None:
        self._client, self._silent = connect(url), connect(url).connection_pool
        self._silent.connection_kwargs["redis_connect_func"] = _silence
        self._resting_until = 0.0
        self._lock = threading.Lock()

    def __call__(self, kinds: Iterable[str]) -> None:
        """Say that there is work of `kinds`; takes 0.3 s at most, and nothing where the store was away just now.

        Nobody may listen, so the list is kept short: the last ones are enough.
        """
        self._say(("RPUSH", WAKE_LIST, *kinds), ("LTRIM", WAKE_LIST, -_LONGEST, -1))

    def publish(self, channel: str, message: bytes) -> None:
        """Say `message` to whoever listens to `channel` just now, in the same manner."""
        self._say(("PUBLISH", channel, message))

    def _say(self, *commands: tuple[Any, ...]) -> None:
        if self._rests():
            return
        try:
            self._tell(commands)
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + _REST_SECONDS
            _log.warning("store away; what is missed is looked for", extra={"reason": type(error).__name__})
        else:
            self._resting_until = 0.0

    def _tell(self, commands: Iterable[tuple[Any, ...]]) -> None:
        connection: Any = self._silent.get_connection()
        try:
            connection.send_packed_command(connection.pack_commands(commands))
        finally:
            self._silent.release(connection)

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


def _silence(connection: Any) -> None:
    """Have the store answer nothing on a connection that has just been made."""
    connection.on_connect()
    connection.send_command("CLIENT", "REPLY", "OFF")
