"""What docs/mobile.md asks of an app, in plain Python: a queue in a file, worked off whenever there is a network.

`python -m tests.journeys.offline_queue FILE BASE TOKEN [SECONDS]` works it off; it may be killed at any moment and
started again. SECONDS is how long each piece of a photo takes, as on a slow network.
"""

import json
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import requests

SMALL = 10**6  # bytes: below this one request is cheaper than three.
_PIECE = 2**16
_TUS = {"Tus-Resumable": "1.0.0"}
_TABLES = """
CREATE TABLE IF NOT EXISTS submissions (key TEXT PRIMARY KEY, body TEXT, answer TEXT, refusal TEXT);
CREATE TABLE IF NOT EXISTS photos (
    key TEXT PRIMARY KEY, submission TEXT, number INTEGER, file TEXT, upload TEXT, photo_id TEXT
);
"""


class Refused(Exception):
    """The service says no for good (a 4xx): a person has to look at it, and trying again would not help."""


class Away(Exception):
    """No answer, 5xx or 429: to be tried again after some seconds."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__()
        self.seconds = seconds


class Queue:
    """The submissions that a person has written and the service has not yet acknowledged."""

    def __init__(self, file: Path) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None)
        self._rows.execute("PRAGMA synchronous=FULL")
        self._rows.executescript(_TABLES)

    def add(self, body: dict[str, Any], photos: list[Path]) -> str:
        """Keep a submission with its keys, made here and once: whatever is tried again is tried under the same ones."""
        key = str(uuid4())
        with self._rows:
            self._rows.execute("BEGIN")
            self._rows.execute("INSERT INTO submissions (key, body) VALUES (?, ?)", (key, json.dumps(body)))
            for number, file in enumerate(photos):
                row = (str(uuid4()), key, number, str(file))
                self._rows.execute("INSERT INTO photos (key, submission, number, file) VALUES (?, ?, ?, ?)", row)
        return key

    def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Keys and bodies of what is still to be sent, oldest first."""
        found = self._rows.execute("SELECT key, body FROM submissions WHERE answer IS NULL AND refusal IS NULL")
        return [(key, json.loads(body)) for key, body in found]

    def refusals(self) -> list[str]:
        """What the service has said no to, for the person to mend."""
        return [
            refusal for (refusal,) in self._rows.execute("SELECT refusal FROM submissions WHERE refusal IS NOT NULL")
        ]

    def photos(self, submission: str) -> list[tuple[str, str, str | None, str | None]]:
        """Key, file, upload and id of each photo."""
        asked = "SELECT key, file, upload, photo_id FROM photos WHERE submission = ? ORDER BY number"
        return self._rows.execute(asked, (submission,)).fetchall()

    def note(self, table: str, key: str, **values: str | None) -> None:
        """Write down what the service has said, before anything else is done."""
        for name, value in values.items():
            self._rows.execute(f"UPDATE {table} SET {name} = ? WHERE key = ?", (value, key))  # noqa: S608 - our names

    def renew(self, key: str) -> None:
        """A photo whose upload or whose id is no more is sent anew, under another key."""
        changed = (str(uuid4()), key)
        self._rows.execute("UPDATE photos SET key = ?, upload = NULL, photo_id = NULL WHERE key = ?", changed)


class Sender:
    """Works a queue off."""

    def __init__(self, queue: Queue, base: str, token: str, pace: float = 0) -> None:
        self._queue, self._base, self._pace = queue, base, pace
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def run(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """Send all that waits: photos first, then the submission that names them."""
        tries = 0
        while waiting := self._queue.waiting():
            key, body = waiting[0]
            try:
                self._send(key, body)
                tries = 0
            except Refused as refusal:
                self._queue.note("submissions", key, refusal=str(refusal))
            except Away as away:
                tries += 1
                sleep(away.seconds or random.uniform(0, min(300, 2**tries)))

    def _send(self, key: str, body: dict[str, Any]) -> None:
        photo_ids = [known or self._photo(photo, Path(file), at) for photo, file, at, known in self._queue.photos(key)]
        try:
            answer = self._ask("POST", "/v1/submissions", key, json=body | {"photo_ids": photo_ids})
        except Refused as refusal:
            # They were removed meanwhile, as nobody attached them for a day.
            if "photo_not_free" in str(refusal):
                for photo, *_ in self._queue.photos(key):
                    self._queue.renew(photo)
                return
            raise
        self._queue.note("submissions", key, answer=answer.text)

    def _photo(self, key: str, file: Path, upload: str | None) -> str:
        if file.stat().st_size <= SMALL:
            photo_id = str(self._ask("POST", "/v1/photos", key, files={"file": file.read_bytes()}).json()["id"])
        else:
            photo_id = self._resumed(key, file, upload)
        self._queue.note("photos", key, photo_id=photo_id)
        return photo_id

    def _resumed(self, key: str, file: Path, upload: str | None) -> str:
        size = file.stat().st_size
        if upload is None:
            upload = self._ask("POST", "/v1/uploads", key, _TUS | {"Upload-Length": str(size)}).headers["Location"]
            self._queue.note("photos", key, upload=upload)
        while True:
            try:
                stands = self._ask("HEAD", upload, headers=_TUS).headers
                if "Photo-Id" in stands:
                    return stands["Photo-Id"]
                self._go_on(upload, file, int(stands["Upload-Offset"]))
            except Refused as refusal:
                if str(refusal)[:3] in {"404", "410"}:  # Its day is over.
                    self._queue.renew(key)
                    raise Away(0.1) from refusal
                raise

    def _go_on(self, upload: str, file: Path, offset: int) -> None:
        headers = _TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        with file.open("rb") as opened:
            opened.seek(offset)
            rest = _Rest(opened, file.stat().st_size - offset, self._pace)
            self._ask("PATCH", upload, headers=headers, data=rest)

    def _ask(
        self, method: str, path: str, key: str | None = None, headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        given = {"Idempotency-Key": key} if key else {}
        try:
            answer = self._session.request(
                method, self._base + path, headers=given | (headers or {}), timeout=(10, 60), **options
            )
        except requests.RequestException as error:
            raise Away from error
        if answer.status_code >= 500 or answer.status_code in {409, 423, 429}:
            raise Away(float(answer.headers.get("Retry-After", 0)) or None)
        if answer.status_code >= 400:
            raise Refused(f"{answer.status_code} {answer.text}")
        return answer


class _Rest:
    """What is left of a file, at the pace of the network."""

    def __init__(self, file: BinaryIO, size: int, pace: float) -> None:
        self._file, self._size, self._pace = file, size, pace

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = _PIECE) -> bytes:
        """As of any file."""
        time.sleep(self._pace)
        return self._file.read(min(size, _PIECE))


if __name__ == "__main__":
    Sender(Queue(Path(sys.argv[1])), sys.argv[2], sys.argv[3], float((sys.argv[4:] or ["0"])[0])).run()
