"""Clients that go on asking whatever happens: residents who report, and a moderator who accepts."""

import json
import random
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from typing import Any
from uuid import uuid4

import requests
from PIL import Image

from participate.cli.demo import PASSWORD
from tests.faults.ledger import PASSING, Attempt, Errand, Ledger, ask
from tests.journeys.callers import PLACE, sample_photo

PACE_SECONDS = 0.1  # between two requests of one client
_MOST_OPEN = 3  # errands of one client that wait for an answer; more would only repeat the same
_AGAIN = 0.2  # the share of answered errands that are sent once more
KINDS = ("snap_report", "micro_suggestion")
_SIZE = (1000, 750)


@cache
def photo() -> bytes:
    """A photo with place and time, small enough for the small disk that a whole run's photos go to."""
    target = BytesIO()
    with Image.open(BytesIO(sample_photo())) as picture:
        picture.resize(_SIZE).save(target, "JPEG", quality=60, exif=picture.getexif())
    return target.getvalue()


class Client(threading.Thread):
    """One caller with one connection at a time; ends when told, and once nothing of its own is open."""

    def __init__(self, base: str, ledger: Ledger, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.base, self.ledger = base, ledger
        self.stopping, self.giving_up = threading.Event(), threading.Event()
        self.random = random.Random(name)
        self._session = requests.Session()
        self._session.headers["Accept-Language"] = "en"
        self._signed_in = False
        self._open: list[Errand] = []

    def run(self) -> None:
        """Ask, and ask again for what has not been answered."""
        while not self.giving_up.is_set():
            if not self._signed_in:
                self._sign_in()
            elif self._open and (self.stopping.is_set() or len(self._open) >= _MOST_OPEN or self.random.random() < 0.5):
                self._send(self._open.pop(0))
            elif self.stopping.is_set():
                return
            else:
                self.turn()
            self.giving_up.wait(PACE_SECONDS)

    def turn(self) -> None:
        """Ask for something new."""
        raise NotImplementedError

    def credentials(self) -> dict[str, Any] | None:
        """Sign in; returns the answer, or None where none came."""
        raise NotImplementedError

    def _sign_in(self) -> None:
        self._session.headers.pop("Authorization", None)
        told = self.credentials()
        if told is not None:
            self._session.headers["Authorization"] = f"Bearer {told['access_token']}"
            self._signed_in = True

    def call(self, method: str, path: str, **options: Any) -> Attempt:
        """One request without a key, kept in the ledger."""
        return self._heed(self.ledger.keep(ask(self._session, method, self.base + path, **options)))

    def _heed(self, attempt: Attempt) -> Attempt:
        if attempt.status == 401:
            self._signed_in = False
        if attempt.status in PASSING or attempt.status is None:
            self.giving_up.wait(min(float(attempt.retry_after or 1), 0.5))
        return attempt

    def do(self, what: str, path: str, key: str | None = None, **send: Any) -> Attempt:
        """Something new under a key of its own."""
        return self._send(self.ledger.enter(Errand(what, key or uuid4().hex, send, path)))

    def _send(self, errand: Errand) -> Attempt:
        attempt = self._attempt(errand)
        if errand.done is None:
            self._open.append(errand)
        elif errand.acknowledged and self.random.random() < _AGAIN:
            self._attempt(errand)
        return attempt

    def _attempt(self, errand: Errand) -> Attempt:
        url = self.base + errand.path
        made = ask(self._session, "POST", url, headers={"Idempotency-Key": errand.key}, **errand.send)
        return self._heed(self.ledger.keep(made, errand))


class Resident(Client):
    """Reports in every form there is, and looks at what has become of it."""

    def __init__(self, base: str, ledger: Ledger, phone: str) -> None:
        super().__init__(base, ledger, phone)
        self._hears = False  # By text message and by mail, besides their feed.
        self.turns: list[Callable[[], object]] = [
            self._report, self._report_with_photo, self._look, self._report, self._look,
            self._report, self._photo_first, self._look, self._report, self._look,
        ]  # fmt: skip

    def credentials(self) -> dict[str, Any] | None:
        asked = self.call("POST", "/v1/auth/otp", json={"phone": self.name})
        if asked.status != 202:
            return None
        body = {"challenge_id": asked.answer["challenge_id"], "code": asked.answer["demo_code"]}
        told = self.call("POST", "/v1/auth/otp/verify", json=body)
        return told.answer if told.status == 200 else None

    def turn(self) -> None:
        if not self._hears:
            self._hears = self._be_reached()
            return
        self.turns.append(self.turns.pop(0))
        self.turns[-1]()

    def _be_reached(self) -> bool:
        mail = {"address": f"{self.name.lstrip('+')}@example.org"}
        asked = self.call("POST", "/v1/me/channels/email/code", json=mail)
        if asked.status == 202:
            code = {"code_id": asked.answer["code_id"], "code": asked.answer["demo_code"]}
            self.call("POST", "/v1/me/channels/email/verify", json=code)
        chosen = [{"channel": channel, "on": True, "muted": []} for channel in ("sms", "email")]
        return self.call("PUT", "/v1/me/channels", json={"channels": chosen}).status == 200

    def _body(self, key: str, **more: Any) -> dict[str, Any]:
        kind = self.random.choice(KINDS)
        return {"kind": kind, "title": "Pothole", "body": f"A hole in the pavement. {key}", "place": PLACE} | more

    def _report(self) -> None:
        key = uuid4().hex
        self.do("submission", "/v1/submissions", key, json=self._body(key))

    def _report_with_photo(self) -> None:
        key = uuid4().hex
        files = [("photos", ("a.jpg", photo(), "image/jpeg"))]
        self.do("submission", "/v1/submissions", key, data={"submission": json.dumps(self._body(key))}, files=files)

    def _photo_first(self) -> None:
        """A photo, and a submission that takes it along; a photo whose answer is late stays alone."""
        made = self.do("photo", "/v1/photos", files={"file": ("a.jpg", photo(), "image/jpeg")})
        if made.status == 201:
            key = uuid4().hex
            self.do("submission", "/v1/submissions", key, json=self._body(key, photo_ids=[made.answer["id"]]))

    def _look(self) -> None:
        self.call("GET", "/v1/me/updates", params={"limit": 20})
        listed = self.call("GET", "/v1/me/submissions", params={"limit": 20})
        if listed.status == 200 and listed.answer["items"]:
            found = self.random.choice(listed.answer["items"])["id"]
            self.call("GET", f"/v1/submissions/{found}")
            self.call("GET", f"/v1/submissions/{found}/timeline")


class Moderator(Client):
    """Takes what waits, and accepts it."""

    def __init__(self, base: str, ledger: Ledger, username: str = "moderator1") -> None:
        super().__init__(base, ledger, username)

    def credentials(self) -> dict[str, Any] | None:
        told = self.call("POST", "/v1/auth/login", json={"username": self.name, "password": PASSWORD})
        return told.answer if told.status == 200 else None

    def turn(self) -> None:
        taken = self.do("claim", "/v1/moderation/claims", json={"count": 3})
        if taken.status != 200 or not taken.answer["items"]:
            self.giving_up.wait(0.5)
            return
        for task in taken.answer["items"]:
            self.do("decision", f"/v1/moderation/tasks/{task['id']}/decision", json={"decision": "accept"})


class Load:
    """Three residents and a moderator, at work until told to stop."""

    def __init__(self, base: str, ledger: Ledger) -> None:
        make = partial(Resident, base, ledger)
        self.clients: list[Client] = [make(f"+861390000000{n}") for n in range(3)]
        self.clients.append(Moderator(base, ledger))

    def start(self) -> None:
        """Set all off."""
        for client in self.clients:
            client.start()

    def finish(self, seconds: float) -> None:
        """Let all get answers to what they have asked, for at most `seconds`."""
        for client in self.clients:
            client.stopping.set()
        end = time.monotonic() + seconds
        for client in self.clients:
            client.join(max(0.0, end - time.monotonic()))
        for client in self.clients:
            client.giving_up.set()
        for client in self.clients:
            client.join(10)
