"""Text messages leave the building here; until a city's gateway is plugged in they are spooled to a file."""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import orjson

from participate.kernel.clock import now, rfc3339

KEPT = timedelta(days=1)


class SmsSender(Protocol):
    """Sends one text to one phone."""

    def send(self, phone: str, text: str) -> None:
        """Hand `text` over for delivery to `phone` (E.164)."""


class SpooledSms:
    """Appends each message as a JSON line to a file that only the service's own user may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, phone: str, text: str) -> None:
        """Append the message."""
        line = orjson.dumps({"at": rfc3339(now()), "phone": phone, "text": text}) + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)

    def forget_old(self) -> None:
        """Put the file aside once its oldest text has had its day, in the place of the one before: codes are in it."""
        with suppress(FileNotFoundError, ValueError, KeyError), self.path.open("rb") as file:
            oldest = datetime.fromisoformat(orjson.loads(file.readline())["at"])
            if now() - oldest > KEPT:
                self.path.replace(self.path.with_suffix(".old.jsonl"))
