"""A person's devices are told by web push: sealed for each, signed as ours, each message shown once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import http_ece
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask, current_app
from sqlalchemy import update

from participate.config import BadSettings, from_environment
from participate.kernel.context import settings
from participate.kernel.db import execute, transaction
from participate.kernel.outside import Outside
from participate.updates.channels.base import WEB_PUSH
from participate.updates.channels.push import WebPush
from participate.updates.deliveries import forgetting, handing, sending
from participate.updates.deliveries.models import Delivery
from participate.updates.devices import keys, service
from participate.updates.devices.models import Device
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.sinks import HOST, Asked, Sink, http_sink
from tests.steps import Way, at_once, code_of
from tests.updates.conftest import choose, deliveries, states
from tests.updates.entries import entry

PATH = "/v1/me/channels/web_push"
OURS = keys.spoken((7).to_bytes(32))


@dataclass
class Browser:
    """A browser that has subscribed; its push service is the sink."""

    name: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self) -> dict[str, Any]:
        """What it gives to its page."""
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        known = {"p256dh": keys.spoken(point), "auth": keys.spoken(self.auth)}
        return {"endpoint": f"https://push.example.org/{self.name}", "expirationTime": None, "keys": known}

    def read(self, asked: Asked) -> dict[str, Any]:
        """What it is told."""
        sealed = http_ece.decrypt(asked[2], private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, Any] = orjson.loads(sealed)
        return found


class Push:
    """The push service of all browsers."""

    def __init__(self, sink: Sink, port: int) -> None:
        self.sink, self.url = sink, f"http://{HOST}:{port}"
        contact = "mailto:noreply@example.org"
        self.adapter = WebPush(Outside((HOST,), 2.0), OURS, contact, service.taken, service.forget)

    def send(self) -> float | None:
        """Send what is due."""
        return sending.work_off(self.adapter)

    def subscribe(self, who: Person, name: str = "phone") -> Browser:
        """A device of theirs, at this service."""
        browser = Browser(name)
        answer = who.post(f"{PATH}/devices", browser.subscription() | {"name": name})
        assert answer.status_code == 201, answer.get_json()
        with transaction():
            here = update(Device).where(Device.id == answer.get_json()["id"])
            execute(here.values(endpoint=f"{self.url}/{name}"))
        return browser

    def at(self, name: str) -> list[Asked]:
        """What has come for a device."""
        return [asked for asked in self.sink.asked if asked[0] == f"/{name}"]


@pytest.fixture(scope="module")
def _sink() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    with http_sink(sink) as port:
        yield sink, port


@pytest.fixture
def push(app: Flask, _sink: tuple[Sink, int]) -> Push:
    _sink[0].clear()
    return Push(*_sink)


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def refused(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(fault["field"], fault["code"]) for fault in answer["errors"]}


def devices(who: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(PATH).get_json()["devices"]
    return found


def test_an_outcome_reaches_the_device_sealed_and_signed(way: Way, push: Push) -> None:
    browser = push.subscribe(way.author)
    choose(way.author, {"channel": WEB_PUSH, "on": True, "language": "en"})
    submission = way.accepted(body="What only the city is to read.")
    push.send()
    asked = push.at("phone")
    said = [browser.read(one) for one in asked]
    assert [one["tag"] for one in said] == [row.id for row in deliveries(Delivery.channel == WEB_PUSH)]
    assert said[-1]["url"].endswith(f"/v1/submissions/{submission}")
    assert all(one["lang"] == "en" and one["title"] and len(one["body"]) <= 70 for one in said)
    assert "only the city" not in str(said)
    assert [one["unsubscribe"] is None for one in said] == [False, False, True, *[False] * (len(said) - 3)]
    address = urlsplit(said[0]["unsubscribe"]).path
    assert way.people.nobody().request("POST", address).status_code == 200, "one click, and nobody signs in"
    _, headers, _ = asked[-1]
    assert (headers["Content-Encoding"], headers["Urgency"], headers["TTL"]) == ("aes128gcm", "normal", "259200")
    assert headers["Topic"] == said[-1]["tag"].replace("-", "")
    scheme, _, pair = headers["Authorization"].partition(" ")
    token, key = (part.partition("=")[2] for part in pair.split(","))
    assert (scheme, key) == ("vapid", keys.public_key(OURS))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.unspoken(key))
    claims = jwt.decode(token, public, algorithms=["ES256"], audience=push.url)
    assert claims["sub"] == "mailto:noreply@example.org"


def test_what_is_urgent_says_so(push: Push, resident: Person, clock: HeldClock) -> None:
    push.subscribe(resident)
    append([entry(resident, "area", urgent=True)])
    push.send()
    assert [headers["Urgency"] for _, headers, _ in push.sink.asked] == ["high"]


def test_choices_hold_here_too(push: Push, resident: Person, clock: HeldClock) -> None:
    answer = resident.request("PUT", "/v1/me/channels", json={"channels": [{"channel": WEB_PUSH, "on": True}]})
    assert refused(answer.get_json()) == {("channels.0.on", "no_device")}
    push.subscribe(resident)
    chosen = {"channel": WEB_PUSH, "on": True, "muted": ["joined"], "digest_hour": 20, "address": None}
    choose(resident, chosen | {"quiet_from": "09:00", "quiet_until": "12:00"})
    append([entry(resident, concern) for concern in ("outcome", "joined", "own")])
    assert states() == ["waiting", "muted", "digest"]
    push.send()
    assert push.sink.asked == [], "it is ten o'clock"
    clock.forward(hours=2)
    push.send()
    assert states() == ["sent", "muted", "digest"]
    refusal = choose(resident, chosen | {"muted": ["outcome"]}, status=422)
    assert refused(refusal) == {("channels.0.muted.0", "outcome_not_mutable")}


def test_every_device_is_told_and_none_twice(push: Push, resident: Person, clock: HeldClock) -> None:
    for name in ("phone", "tablet"):
        push.subscribe(resident, name)
    push.sink.usual = lambda asked: (503 if asked[0] == "/tablet" else 201, b"")
    append([entry(resident, "outcome")])
    push.send()
    assert states() == ["waiting"]
    push.sink.usual = lambda _asked: (201, b"")
    clock.forward(minutes=1)
    push.send()
    assert states() == ["sent"]
    assert [len(push.at(name)) for name in ("phone", "tablet")] == [1, 2]


def test_a_killed_worker_s_message_takes_the_place_of_itself(push: Push, resident: Person, clock: HeldClock) -> None:
    browser = push.subscribe(resident)
    append([entry(resident, "outcome")])
    (claimed,) = handing.claim(WEB_PUSH, 1)
    assert handing.begin(claimed, push.adapter.by_key)  # And there it dies.
    clock.forward(minutes=2)
    push.send()
    assert (states(), [browser.read(one)["tag"] for one in push.sink.asked]) == (["sent"], [claimed.id])


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_no_more_is_forgotten(push: Push, resident: Person, status: int) -> None:
    for name in ("phone", "tablet"):
        push.subscribe(resident, name)
    push.sink.usual = lambda asked: (status if asked[0] == "/phone" else 201, b"")
    append([entry(resident, "outcome")])
    push.send()
    assert (states(), [one["name"] for one in devices(resident)]) == (["sent"], ["tablet"])
    push.sink.usual = lambda _asked: (status, b"")
    append([entry(resident, "outcome")])
    push.send()
    assert (states(), devices(resident)) == (["sent", "dead"], [])
    append([entry(resident, "outcome")])
    assert len(deliveries()) == 2, "who has no device is not told by any"


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [
        (400, "dead", "answer_400"),
        (403, "dead", "answer_403"),
        (413, "dead", "answer_413"),
        (429, "waiting", "answer_429"),
    ],
)
def test_what_an_answer_means(
    push: Push, resident: Person, clock: HeldClock, status: int, state: str, error: str
) -> None:
    push.subscribe(resident)
    push.sink.answer(status, Retry_After="90")
    append([entry(resident, "outcome")])
    push.send()
    (row,) = deliveries()
    assert (row.state, row.error) == (state, error)
    if state == "waiting":
        assert row.next_at - clock() >= timedelta(seconds=90)
    assert len(devices(resident)) == 1


def test_only_a_subscription_is_taken(push: Push, resident: Person) -> None:
    good = Browser("phone").subscription()
    off_curve = keys.spoken(b"\4" + b"\1" * 64)
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"endpoint": "https://127.0.0.1/x"}, "endpoint", "address_not_public"),
        ({"endpoint": "https://[::ffff:10.0.0.1]/x"}, "endpoint", "address_not_public"),
        ({"endpoint": "http://push.example.org/x"}, "endpoint", "https_only"),
        ({"endpoint": "gopher://push.example.org/x"}, "endpoint", "form"),
        ({"keys": good["keys"] | {"p256dh": off_curve}}, "keys.p256dh", "form"),
        ({"keys": good["keys"] | {"p256dh": "!" * 87}}, "keys.p256dh", "form"),
        ({"keys": good["keys"] | {"auth": "A" * 24}}, "keys.auth", "form"),
    ]
    for change, where, code in wrong:
        answer = resident.post(f"{PATH}/devices", good | change)
        assert (answer.status_code, refused(answer.get_json())) == (422, {(where, code)}), change
    assert push.adapter.by_key


def test_five_are_enough_though_they_come_at_once(push: Push, resident: Person) -> None:
    for number in range(4):
        push.subscribe(resident, str(number))
    calls = [
        lambda name=name: resident.post(f"{PATH}/devices", Browser(name).subscription()).status_code for name in "ab"
    ]
    assert sorted(at_once(*calls)) == [201, 409]
    assert len(devices(resident)) == 5


def test_a_device_belongs_to_whoever_added_it_last(push: Push, resident: Person, people: People) -> None:
    browser, other = Browser("shared").subscription(), people.resident()
    ids = at_once(*[lambda: resident.post(f"{PATH}/devices", browser).get_json()["id"]] * 2)
    assert len(set(ids)) == 1, "the same device twice is one"
    assert other.request("DELETE", f"{PATH}/devices/{ids[0]}").status_code == 404
    assert other.post(f"{PATH}/devices", browser).status_code == 201
    assert (len(devices(other)), devices(resident)) == (1, [])
    append([entry(resident, "outcome"), entry(other, "outcome")])
    assert [row.account_id for row in deliveries()] == [other.account_id]
    assert other.delete(f"{PATH}/devices/{ids[0]}").status_code == 204
    assert code_of(other.delete(f"{PATH}/devices/{ids[0]}"))[0] == 404
    append([entry(other, "outcome")])
    assert len(deliveries()) == 1


def test_where_it_is_off_nobody_is_told_by_it(push: Push, resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    push.subscribe(resident)
    append([entry(resident, "outcome")])
    off = replace(settings(), web_push=False)
    monkeypatch.setitem(current_app.extensions, "participate.settings", off)
    push.send()
    assert (push.sink.asked, states()) == ([], ["muted"])
    answer = resident.post(f"{PATH}/devices", Browser("tablet").subscription())
    assert refused(answer.get_json()) == {("endpoint", "channel_unavailable")}


def test_the_service_s_key_is_made_once_and_kept(app: Flask, resident: Person, tmp_path: Path) -> None:
    shown = resident.get(PATH).get_json()["public_key"]
    assert keys.is_point(shown)
    assert shown == resident.get(PATH).get_json()["public_key"]
    made = at_once(*[lambda: keys._kept.__wrapped__(tmp_path / "deep" / "key")] * 4)
    assert len(set(made)) == 1
    assert (tmp_path / "deep" / "key").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["key"]
    given = {"PARTICIPATE_DEMO": "1", "PARTICIPATE_DATA_DIR": str(tmp_path)}
    assert from_environment(given | {"PARTICIPATE_VAPID_KEY": OURS}).vapid_key == OURS
    with pytest.raises(BadSettings):
        from_environment(given | {"PARTICIPATE_VAPID_KEY": "short"})


def test_all_of_it_is_exported_and_forgotten_with_its_person(push: Push, resident: Person) -> None:
    push.subscribe(resident)
    assert [one["name"] for one in forgetting.export(resident.account_id)["devices"]] == ["phone"]
    forgetting.erase(resident.account_id)
    assert devices(resident) == []
