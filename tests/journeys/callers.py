"""People who call a live service over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import requests

from participate.cli.demo import AROUND
from participate.photos.sample import draw_sample
from tests.live import Live, until

PLACE = {"lat": AROUND[0], "lon": AROUND[1], "crs": "wgs84"}


@cache
def sample_photo() -> bytes:
    """A photo that was taken at the demo's centre."""
    return draw_sample(*AROUND, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


class Caller:
    """Somebody signed in; not to be shared between threads."""

    def __init__(self, base: str, tokens: dict[str, Any]) -> None:
        self.token, self.refresh_token = str(tokens["access_token"]), str(tokens["refresh_token"])
        self._base = base
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {self.token}", "Accept-Language": "en"})

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the API; answers of 500 and above fail the test."""
        answer = self._session.request(method, self._base + path, timeout=30, **options)
        assert answer.status_code < 500, (method, path, answer.status_code, answer.text)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at `path`, which must be there."""
        answer = self.request("GET", path, params=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        """POST JSON."""
        return self.request("POST", path, json=body, headers=headers)

    def make(self, path: str, body: Any, **headers: str) -> Any:
        """POST JSON, which must be taken; returns the answer's."""
        answer = self.post(path, body, **headers)
        assert answer.status_code < 300, (path, body, answer.status_code, answer.text)
        return answer.json()

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """The items of all pages of a list."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=100, **query, **cursor)
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def hand_in(self, kind: str = "snap_report", photos: tuple[bytes, ...] = (), **fields: Any) -> Any:
        """Hand in a submission, with photos as multipart; returns the answer."""
        body = {"kind": kind, "title": "Pothole", "body": "A deep hole in the pavement.", **fields}
        if not photos:
            return self.make("/v1/submissions", {"place": PLACE, **body})
        files = [("photos", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos)]
        answer = self.request("POST", "/v1/submissions", data={"submission": json.dumps(body)}, files=files)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def heard(self, submission_id: str) -> list[str]:
        """The facts about a submission that are in the caller's updates, in their order."""
        return [found["fact"] for found in self.items("/v1/me/updates") if found["submission_id"] == submission_id]

    def wait_for_state(self, submission_id: str, state: str, seconds: float = 60.0) -> Any:
        """The submission, once it is in `state`."""

        def there() -> Any:
            found = self.get(f"/v1/submissions/{submission_id}")
            return found if found["state"] == state else None

        return until(there, f"{submission_id} to be {state}", seconds)

    def wait_for_task(self, submission_id: str) -> dict[str, Any]:
        """A moderator's task about a submission, once it is in the queue."""
        return until(
            lambda: next((t for t in self.items("/v1/moderation/queue") if t["submission_id"] == submission_id), None),
            f"a task about {submission_id}",
        )

    def wait_for_case(self, submission_id: str, view: str = "mine") -> dict[str, Any]:
        """A handler's case of a submission, once it is there."""
        return until(
            lambda: next((c for c in self.items("/v1/cases", view=view) if c["submission_id"] == submission_id), None),
            f"a case of {submission_id}",
        )


def resident(service: Live, phone: str = "+8613800000001") -> Caller:
    """A resident, signed in with a one-time code."""
    asked = requests.post(f"{service.base}/v1/auth/otp", json={"phone": phone}, timeout=30).json()
    body = {"challenge_id": asked["challenge_id"], "code": asked["demo_code"]}
    answer = requests.post(f"{service.base}/v1/auth/otp/verify", json=body, timeout=30)
    return Caller(service.base, answer.json())


def staff(service: Live, role: str, area: str | None = None, nth: int = 0) -> Caller:
    """The demo's `nth` account of a role, in `area` if one is named."""
    accounts = json.loads((service.data / "demo-accounts.json").read_text())
    fitting = [a for a in accounts if a["role"] == role and area in {None, a["scope"].get("area")}]
    body = {name: fitting[nth][name] for name in ("username", "password")}
    answer = requests.post(f"{service.base}/v1/auth/login", json=body, timeout=30)
    return Caller(service.base, answer.json())
