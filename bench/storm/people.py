"""A demo district with people signed in and something to read, and the requests that they make."""

import json
from dataclasses import dataclass, field
from typing import Any

import requests

from bench.storm.load import Flow, Message
from tests.live import Live, until

PLACE = {"lat": 28.2282, "lon": 112.9388, "crs": "wgs84", "accuracy_m": 12.0}
TEXT = "人行道上少了一个井盖，晚上看不见，已经有人摔倒。" * 8  # About the median length of what people write.
ACCEPTED = 20


@dataclass
class District:
    """A running service with residents and a moderator, and accepted submissions that anybody may read."""

    live: Live
    residents: list[str] = field(default_factory=list)
    moderator: str = ""
    accepted: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, token: str = "", **options: Any) -> requests.Response:
        """One call; fails for anything but 2xx."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(method, f"{self.live.base}{path}", headers=headers, timeout=30, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer


def settled(live: Live, residents: int = 10) -> District:
    """Sign people in, and have some submissions accepted."""
    district = District(live)
    for number in range(residents):
        asked = district.call("POST", "/v1/auth/otp", json={"phone": f"+86136{number:08d}"}).json()
        code = {"challenge_id": asked["challenge_id"], "code": asked["demo_code"]}
        district.residents.append(district.call("POST", "/v1/auth/otp/verify", json=code).json()["access_token"])
    accounts = json.loads((live.data / "demo-accounts.json").read_text())
    staff = next(account for account in accounts if account["role"] == "moderator")
    login = {"username": staff["username"], "password": staff["password"]}
    district.moderator = district.call("POST", "/v1/auth/login", json=login).json()["access_token"]
    _accept(district)
    return district


def _accept(district: District) -> None:
    for number in range(ACCEPTED):
        district.call("POST", "/v1/submissions", district.residents[number % len(district.residents)], json=_report())
    tasks: list[dict[str, Any]] = until(
        lambda: found if len(found := _queue(district)) >= ACCEPTED else None, "the moderation queue"
    )
    for task in tasks:
        path = f"/v1/moderation/tasks/{task['id']}/decision"
        district.call("POST", path, district.moderator, json={"decision": "accept"})
    district.accepted = [task["submission_id"] for task in tasks]


def _queue(district: District) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = district.call("GET", "/v1/moderation/queue?limit=100", district.moderator).json()[
        "items"
    ]
    return found


def _report() -> dict[str, Any]:
    return {"kind": "snap_report", "title": "井盖缺失", "body": TEXT, "place": PLACE}


def _message(method: str, path: str, token: str = "", body: bytes = b"", kind: str = "application/json") -> Message:
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: zh-CN"]
    head += [f"Authorization: Bearer {token}"] if token else []
    head += [f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Idempotency-Key: @key@"] if body else []
    return Message("\r\n".join([*head, "", ""]).encode(), body)


def public_lists(rate: float) -> Flow:
    """Anybody reads the newest twenty."""
    return Flow("list", rate, (_message("GET", "/v1/submissions?limit=20"),))


def own_lists(district: District, rate: float) -> Flow:
    """Residents look what has become of theirs."""
    return Flow("status", rate, tuple(_message("GET", "/v1/me/submissions", token) for token in district.residents))


def single(district: District, rate: float) -> Flow:
    """Anybody reads one submission."""
    return Flow("single", rate, tuple(_message("GET", f"/v1/submissions/{found}") for found in district.accepted))


def queue_pages(district: District, rate: float) -> Flow:
    """The moderator looks at the queue."""
    return Flow("queue", rate, (_message("GET", "/v1/moderation/queue?limit=20", district.moderator),))


def reports(district: District, rate: float) -> Flow:
    """Residents hand in without a photo."""
    body = json.dumps(_report(), ensure_ascii=False).encode()
    made = tuple(_message("POST", "/v1/submissions", token, body) for token in district.residents)
    return Flow("report", rate, made, keep=True)


def reports_with_photo(district: District, rate: float, photo: bytes) -> Flow:
    """Residents hand in with a photo, in one request."""
    edge = "participate-storm"
    body = b"".join(
        (
            f'--{edge}\r\nContent-Disposition: form-data; name="submission"\r\n\r\n'.encode(),
            json.dumps(_report(), ensure_ascii=False).encode(),
            f'\r\n--{edge}\r\nContent-Disposition: form-data; name="photos"; filename="photo.jpg"\r\n'.encode(),
            b"Content-Type: image/jpeg\r\n\r\n",
            photo,
            f"\r\n--{edge}--\r\n".encode(),
        )
    )
    kind = f"multipart/form-data; boundary={edge}"
    made = tuple(_message("POST", "/v1/submissions", token, body, kind) for token in district.residents)
    return Flow("report with photo", rate, made, keep=True)
