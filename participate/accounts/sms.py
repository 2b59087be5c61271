"""Text messages leave the building here: by the city's gateway, or into a file until there is one."""

import errno
import http.client
import os
import threading
from base64 import b64encode
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import orjson

from participate.kernel.clock import now, rfc3339
from participate.kernel.errors import Unavailable

KEPT = timedelta(days=1)
_AWAITED_SECONDS = 3.0


class NotTaken(Unavailable):
    """A gateway has not taken a text.

    `code` says why. `passing`: trying again may help; `everybody`: it takes nobody's at the moment.
    """

    def __init__(self, why: str, passing: bool, everybody: bool = False, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after or 5)
        self.why, self.passing, self.everybody, self.told = why, passing, everybody, retry_after


class SmsSender(Protocol):
    """Sends one text to one phone. `by_key`: a text that comes again under the same key is not sent again."""

    by_key: bool

    def send(self, phone: str, text: str, key: str) -> None:
        """Hand `text` over for delivery to `phone` (E.164). Raises NotTaken."""


class SpooledSms:
    """Appends each message as a JSON line to a file that only the service's own user may read."""

    by_key = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, phone: str, text: str, key: str) -> None:
        """Append the message."""
        spool(self.path, phone=phone, text=text, key=key)

    def forget_old(self) -> None:
        """Put the file aside once its oldest text has had its day, in the place of the one before: codes are in it."""
        forget_spooled(self.path)


def spool(path: Path, **said: str) -> None:
    """Append a message, in one piece or not at all. Raises OSError, also where there is room for a part of it only."""
    line = orjson.dumps({"at": rfc3339(now())} | said) + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        written = os.write(handle, line)
        if written < len(line):
            os.ftruncate(handle, os.fstat(handle).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(handle)


def forget_spooled(path: Path) -> None:
    """See `SpooledSms.forget_old`."""
    with suppress(FileNotFoundError, ValueError, KeyError), path.open("rb") as file:
        oldest = datetime.fromisoformat(orjson.loads(file.readline())["at"])
        if now() - oldest > KEPT:
            path.replace(path.with_suffix(".old.jsonl"))


class GatewaySms:
    """Posts each message as JSON to the city's gateway; each thread keeps a connection of its own.

    The gateway answers 2xx once it has the text, and takes a second one with the same `Idempotency-Key` for the first.
    """

    by_key = True

    def __init__(self, url: str, seconds: float) -> None:
        """Name and password in `url` are sent as HTTP Basic; `seconds` is how long one answer may take."""
        parts = urlsplit(url)
        self._host, self._port, self._secure = parts.hostname or "", parts.port, parts.scheme == "https"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": "application/json"}
        if parts.username:
            named = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = f"Basic {b64encode(named).decode()}"
        self._seconds, self._own = seconds, threading.local()

    def send(self, phone: str, text: str, key: str) -> None:
        """Post it; no redirect is followed."""
        body = orjson.dumps({"to": phone, "text": text})
        try:
            status, retry_after = self._post(body, key)
        except (OSError, http.client.HTTPException) as error:
            raise NotTaken("gateway_away", passing=True, everybody=True) from error
        if status >= 300:
            raise _refusal(status, retry_after)

    def _post(self, body: bytes, key: str) -> tuple[int, str]:
        """Status and Retry-After. A connection that the gateway has closed meanwhile is replaced, once."""
        for is_last in (getattr(self._own, "connection", None) is None, True):
            connection = self._connection()
            try:
                connection.request("POST", self._path, body, self._headers | {"Idempotency-Key": key})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self._own.connection = None
                if is_last:
                    raise
            else:
                return answer.status, answer.headers.get("Retry-After", "")
        raise AssertionError

    def _connection(self) -> http.client.HTTPConnection:
        if getattr(self._own, "connection", None) is None:
            make = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._own.connection = make(self._host, self._port, timeout=self._seconds)
        found: http.client.HTTPConnection = self._own.connection
        return found


_PASSING = {408, 409, 425}  # 409: the same key is at work there.
_EVERYBODY = {401, 403, 404, 405, 429}  # That is about us, not about this text.


def _refusal(status: int, retry_after: str) -> NotTaken:
    wait = min(int(retry_after), 3600) if retry_after.isdecimal() else None
    everybody = status in _EVERYBODY or status >= 500 or status < 400
    return NotTaken(f"gateway_{status}", status in _PASSING or everybody, everybody, wait)


def opened(url: str, path: Path) -> SmsSender:
    """The gateway at `url`, where somebody waits for it who signs in; the file at `path` where there is none."""
    return GatewaySms(url, _AWAITED_SECONDS) if url else SpooledSms(path)
