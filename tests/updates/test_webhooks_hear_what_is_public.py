"""Machines hear the public steps of their area or unit, signed, in order, each under one id; and nothing besides."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from standardwebhooks import Webhook as Consumer
from standardwebhooks import WebhookVerificationError

from participate.accounts.models import Account, RoleGrant
from participate.catalogue import queries as catalogue
from participate.kernel.db import execute, rows, transaction
from participate.kernel.outside import Outside
from participate.submissions.models import Submission
from participate.updates.channels.base import WEBHOOK
from participate.updates.channels.webhook import Webhook as Adapter
from participate.updates.deliveries import handing, sending
from participate.updates.deliveries.models import Delivery
from participate.updates.models import FeedEntry
from participate.updates.webhooks import forgetting, health
from participate.updates.webhooks.models import Webhook
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.sinks import HOST, Asked, Sink, http_sink
from tests.steps import Way, at_once, code_of
from tests.updates.conftest import deliveries, states

URL = "https://city.example.org/hook"
ALLOWED = ("127.0.0.0/8",)


class Hooks:
    """A machine that listens, and an administrator who lets it."""

    def __init__(self, app: Flask, sink: Sink, port: int, admin: Person) -> None:
        self.app, self.sink, self.url, self.admin = app, sink, f"http://{HOST}:{port}/hook", admin
        self.adapter = Adapter(Outside(ALLOWED, 2.0))

    def make(self, by: Person | None = None, status: int = 201, **fields: Any) -> dict[str, Any]:
        """A webhook for the demo district, or as `fields` say."""
        body = {"url": self.url} | ({} if "unit" in fields else {"area": "990101"}) | fields
        answer = (by or self.admin).post("/v1/webhooks", body)
        assert answer.status_code == status, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def send(self) -> float | None:
        """Send what is due."""
        return sending.work_off(self.adapter)

    def heard(self, secret: str = "", path: str = "/hook") -> list[dict[str, Any]]:
        """What has come there, each verified if there is a secret, in its order."""
        return [
            Consumer(secret).verify(body, headers) if secret else json.loads(body)
            for where, headers, body in self.sink.asked
            if where == path
        ]

    def ids(self) -> list[str]:
        """The ids of what has come."""
        return [headers["webhook-id"] for _, headers, _ in self.sink.asked]


@pytest.fixture(scope="module")
def _sink() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    with http_sink(sink) as port:
        yield sink, port


@pytest.fixture
def hooks(town: Flask, people: People, _sink: tuple[Sink, int], monkeypatch: pytest.MonkeyPatch) -> Hooks:
    sink, port = _sink
    sink.clear()
    monkeypatch.setattr("participate.updates.webhooks.service.settings", lambda: _Settings(outside=ALLOWED))
    return Hooks(town, sink, port, people.staff("admin"))


class _Settings:
    def __init__(self, outside: tuple[str, ...]) -> None:
        self.outside = outside


def refused(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(fault["field"], fault["code"]) for fault in answer["errors"]}


def test_public_steps_come_signed_and_in_order_without_a_private_word(way: Way, hooks: Hooks) -> None:
    hook = hooks.make(kinds=["snap_report"])
    way.accepted("micro_suggestion", title="A bench", details={"benefit": "Rest."})
    submission = way.answered()
    before = way.hand_in(body="The neighbour's secret.")
    hooks.send()
    events = hooks.heard(hook["secret"])
    types = [event["type"] for event in events]
    assert types[0] == "submission.accepted"
    assert "case.resolved" in types
    assert {event["data"]["submission_id"] for event in events} == {submission}, "no other kind, nothing unaccepted"
    assert before not in str(hooks.sink.asked)
    public = way.people.nobody().get(f"/v1/submissions/{submission}").get_json()
    for event in events:
        assert set(event) == {"type", "timestamp", "data"}
        assert set(event["data"]) == {"submission_id", "reference", "kind", "category", "area", "state", "url"}
        assert event["data"]["reference"] == public["reference"]
        assert datetime.fromisoformat(event["timestamp"]).tzinfo is not None
    said = b" ".join(body for _, _, body in hooks.sink.asked).decode()
    for private in ("pavement", "Filled in", way.author.account_id, way.officer.account_id):
        assert private not in said
    assert len(set(hooks.ids())) == len(events) == len(deliveries(Delivery.channel == WEBHOOK))
    with pytest.raises(WebhookVerificationError):
        hooks.heard("whsec_" + "A" * 44)


def test_what_is_restricted_or_elsewhere_is_not_told(way: Way, hooks: Hooks) -> None:
    hooks.make()
    elsewhere = hooks.make(way.people.staff("admin", "990101001"), area="990101001002", url=f"{hooks.url}/elsewhere")
    restricted = way.accepted("micro_supervision")
    way.accepted("micro_service", details={"service": "S0101"})
    assert deliveries(Delivery.channel == WEBHOOK) == []
    public = way.accepted()
    made = deliveries(Delivery.channel == WEBHOOK)
    assert {row.submission_id for row in made} == {public}
    assert elsewhere["id"] not in {row.account_id for row in made}
    with transaction():
        execute(update(Submission).where(Submission.id == public).values(public=False))
    hooks.send()
    assert hooks.sink.asked == [], "it is public no more, however long it has waited"
    assert restricted not in str(hooks.sink.asked)


def test_a_unit_hears_of_what_it_handles(way: Way, hooks: Hooks) -> None:
    unit = str(catalogue.units(1, area="990101")["items"][0]["id"])
    handler = way.people.staff("handler", unit=unit)
    hook = hooks.make(handler, unit=unit)
    submission = way.accepted()
    assert deliveries(Delivery.channel == WEBHOOK) == []
    answer = way.act(way.dispatcher, submission, "reassign", note="Theirs.", to={"unit": unit})
    assert answer.status_code == 200, answer.get_json()
    assert way.act(handler, submission, "accept").status_code == 200
    hooks.send()
    assert "case.accepted" in [event["type"] for event in hooks.heard(hook["secret"])]


def test_whose_role_is_over_hears_no_more(way: Way, hooks: Hooks) -> None:
    hooks.make()
    with transaction():
        execute(update(RoleGrant).where(RoleGrant.account_id == hooks.admin.account_id).values(area="990102"))
    way.accepted()
    with transaction():
        execute(update(RoleGrant).where(RoleGrant.account_id == hooks.admin.account_id).values(area="99"))
        execute(
            update(Account).where(Account.id == hooks.admin.account_id).values(disabled_at=datetime.now().astimezone())
        )
    way.accepted()
    assert deliveries(Delivery.channel == WEBHOOK) == []


def test_who_may_make_one_and_where_to(way: Way, hooks: Hooks, people: People) -> None:
    unit = str(catalogue.units(1, area="990101")["items"][0]["id"])
    for other in (people.resident(), people.staff("moderator"), people.staff("auditor")):
        assert other.post("/v1/webhooks", {"url": URL, "area": "990101"}).status_code == 403
    assert code_of(people.staff("admin", "990102").post("/v1/webhooks", {"url": URL, "area": "990101"})) == (
        403,
        "not_your_area",
    )
    assert code_of(people.staff("handler", unit=unit).post("/v1/webhooks", {"url": URL, "area": "990101"})) == (
        403,
        "not_your_area",
    )
    assert code_of(hooks.admin.post("/v1/webhooks", {"url": URL, "unit": unit})) == (403, "not_your_unit")
    assert refused(hooks.make(status=422, unit=unit, area="990101")) == {("area", "area_or_unit")}
    assert refused(hooks.make(people.staff("admin", ""), 422, area="12345")) == {("area", "unknown_code")}
    assert refused(hooks.make(status=422, kinds=["micro_supervision"])) == {("kinds.0", "choice")}
    wrong = {"http://example.org/": "https_only", "https://10.0.0.1/": "address_not_public", "https://a b/": "form"}
    for url, code in wrong.items():
        assert refused(hooks.make(status=422, url=url)) == {("url", code)}, url
    hooks.make()
    assert code_of(hooks.admin.post("/v1/webhooks", {"url": hooks.url, "area": "990101"})) == (409, "webhook_there")


def test_nobody_has_more_than_their_share_though_they_ask_at_once(hooks: Hooks) -> None:
    for number in range(9):
        hooks.make(url=f"{URL}/{number}")
    calls = [
        lambda n=n: hooks.admin.post("/v1/webhooks", {"url": f"{URL}/{n}", "area": "990101"}).status_code for n in "ab"
    ]
    assert sorted(at_once(*calls)) == [201, 409]


def test_each_sees_their_own_and_those_of_their_area(way: Way, hooks: Hooks, people: People) -> None:
    hook = hooks.make()
    path = f"/v1/webhooks/{hook['id']}"
    for seer in (hooks.admin, people.staff("admin", "99"), people.staff("admin", "")):
        assert [one["id"] for one in seer.get("/v1/webhooks").get_json()["items"]] == [hook["id"]]
        assert "secret" not in seer.get(path).get_data(as_text=True)
    unit = str(catalogue.units(1, area="990101")["items"][0]["id"])
    for stranger in (people.staff("admin", "990102"), people.staff("handler", unit=unit)):
        assert stranger.get("/v1/webhooks").get_json()["items"] == []
        asked = [("GET", path, None), ("PATCH", path, {"active": False}), ("DELETE", path, None)]
        asked += [("POST", f"{path}/secret", None), ("POST", f"{path}/ping", None)]
        asked += [("POST", f"{path}/replay", {"since": "2026-01-01T00:00:00Z"})]
        for method, where, body in asked:
            assert stranger.request(method, where, json=body).status_code == 404, (method, where)
    assert (
        hooks.admin.post("/v1/auth/login", {"username": f"webhook-{hook['id']}", "password": "a password"}).status_code
        == 401
    )


def test_what_has_changed_meanwhile_is_not_removed_unseen(hooks: Hooks) -> None:
    path = f"/v1/webhooks/{hooks.make()['id']}"
    seen = hooks.admin.get(path).headers["ETag"]
    hooks.admin.post(f"{path}/secret")
    assert hooks.admin.delete(path, headers={"If-Match": seen}).status_code == 412
    now = hooks.admin.get(path).headers["ETag"]
    assert hooks.admin.delete(path, headers={"If-Match": now}).status_code == 204


def test_old_and_new_secret_sign_for_a_day(hooks: Hooks, clock: HeldClock) -> None:
    hook = hooks.make()
    path = f"/v1/webhooks/{hook['id']}"
    answer = hooks.admin.post(f"{path}/secret")
    assert answer.headers["Cache-Control"] == "no-store"
    new = answer.get_json()["secret"]
    stale = hooks.admin.post(f"{path}/secret", headers={"If-Match": '"1-0"'})
    assert stale.status_code == 412

    def pinged() -> dict[str, str]:
        hooks.sink.asked.clear()
        hooks.admin.post(f"{path}/ping")
        hooks.send()
        ((_, headers, body),) = hooks.sink.asked
        assert json.loads(body)["type"] == "ping"
        return {"body": body.decode(), **headers}

    def signed(said: dict[str, str], secret: str) -> bool:
        moment = datetime.fromtimestamp(int(said["webhook-timestamp"]), clock().tzinfo)
        return Consumer(secret).sign(said["webhook-id"], moment, said["body"]) in said["webhook-signature"].split(" ")

    said = pinged()
    assert [signed(said, secret) for secret in (hook["secret"], new)] == [True, True]
    clock.forward(hours=24, seconds=1)
    said = pinged()
    assert [signed(said, secret) for secret in (hook["secret"], new)] == [False, True]


def test_two_who_rotate_at_once_leave_every_secret_signing(hooks: Hooks) -> None:
    hook = hooks.make()
    path = f"/v1/webhooks/{hook['id']}/secret"
    given = at_once(*[lambda: hooks.admin.post(path).get_json()["secret"]] * 2)
    hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping")
    hooks.send()
    for secret in (hook["secret"], *given):
        hooks.heard(secret)


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [
        (400, "dead", "answer_400"),
        (404, "dead", "answer_404"),
        (302, "dead", "answer_302"),
        (408, "waiting", "answer_408"),
        (429, "waiting", "answer_429"),
        (503, "waiting", "answer_503"),
    ],
)
def test_what_an_answer_means(hooks: Hooks, clock: HeldClock, status: int, state: str, error: str) -> None:
    hook = hooks.make()
    hooks.sink.answer(status, Retry_After="120")
    hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping")
    hooks.send()
    (row,) = deliveries()
    assert (row.state, row.error) == (state, error)
    assert hooks.admin.get(f"/v1/webhooks/{hook['id']}").get_json()["failing_since"] is not None
    if state == "waiting":
        assert row.next_at - clock() >= timedelta(seconds=120)
        clock.forward(hours=1)
        hooks.send()
        assert states() == ["sent"]
        assert len(set(hooks.ids())) == 1, "the same id each time"
        assert hooks.admin.get(f"/v1/webhooks/{hook['id']}").get_json()["failing_since"] is None


def test_order_is_kept_and_one_that_fails_holds_up_no_other(way: Way, hooks: Hooks, clock: HeldClock) -> None:
    for name in ("failing", "well"):
        hooks.make(url=f"{hooks.url}/{name}")
    hooks.sink.usual = lambda asked: (503 if asked[0].endswith("failing") else 200, b"")
    way.resolved()
    hooks.send()
    told = [event["type"] for event in hooks.heard(path="/hook/well")]
    assert [event["type"] for event in hooks.heard(path="/hook/failing")] == told[:1], "the first is tried, alone"
    hooks.sink.usual = lambda _asked: (200, b"")
    hooks.sink.asked.clear()
    clock.forward(hours=3)
    hooks.send()
    assert [event["type"] for event in hooks.heard(path="/hook/failing")] == told


def test_one_that_takes_its_time_holds_up_no_other(
    hooks: Hooks, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers only once all others have heard what was due after it, as its own next events are."""
    slow, others = hooks.make(), [hooks.make(url=f"{hooks.url}{number}") for number in range(3)]
    done = Event()

    def answer(asked: Asked) -> tuple[int, bytes]:
        if asked[0] == "/hook":
            assert done.wait(30), "the others wait for it"
        elif {f"/hook{number}" for number in range(3)} <= {where for where, _, _ in hooks.sink.asked}:
            done.set()
        return 200, b""

    hooks.sink.usual = answer
    for hook in (slow, slow, *others):
        assert hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping").status_code == 202
    adapters = {WEBHOOK: lambda: Adapter(Outside(ALLOWED, 35.0))}
    monkeypatch.setattr(sending, "ADAPTERS", adapters)
    stopping = Event()
    sending.begin(hooks.app, stopping.is_set)
    assert done.wait(30)
    stopping.set()
    sending.end()
    assert len({where for where, _, _ in hooks.sink.asked}) == 4


def test_a_killed_worker_s_event_comes_again_under_its_id(hooks: Hooks, clock: HeldClock) -> None:
    hook = hooks.make()
    said = hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping").get_json()["id"]
    (claimed,) = handing.claim(WEBHOOK, 1)
    assert handing.begin(claimed, hooks.adapter.by_key)  # And there it dies.
    hooks.send()
    assert hooks.sink.asked == []
    clock.forward(minutes=2)
    hooks.send()
    assert (hooks.ids(), states()) == ([said], ["sent"])


def test_who_is_gone_is_told_nothing_more_and_its_owner_hears_of_it(way: Way, hooks: Hooks) -> None:
    hook = hooks.make()
    hooks.sink.answer(410)
    hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping")
    hooks.send()
    shown = hooks.admin.get(f"/v1/webhooks/{hook['id']}").get_json()
    assert (shown["active"], shown["disabled_why"]) == (False, "gone")
    (told,) = hooks.admin.get("/v1/me/updates").get_json()["items"]
    assert told["text"].startswith(f"The webhook to {HOST} has been switched off")
    way.accepted()
    assert states() == ["dead"], "only the ping"
    for verb, body in (("ping", None), ("replay", {"since": "2026-01-01T00:00:00Z"})):
        assert code_of(hooks.admin.post(f"/v1/webhooks/{hook['id']}/{verb}", body)) == (409, "webhook_disabled")
    assert hooks.admin.patch(f"/v1/webhooks/{hook['id']}", {"active": True}).get_json()["active"]
    way.accepted()
    hooks.send()
    assert hooks.heard(hook["secret"])[-1]["type"].startswith(("submission.", "case."))


def test_who_fails_for_days_is_switched_off_once(hooks: Hooks, clock: HeldClock) -> None:
    hook = hooks.make()
    health.learn(hook["id"], "answer_503")
    clock.forward(days=4, hours=23)
    health.learn(hook["id"], "too_slow")
    assert hooks.admin.get(f"/v1/webhooks/{hook['id']}").get_json()["active"]
    clock.forward(hours=1)

    def learn() -> None:
        with hooks.app.app_context():
            health.learn(hook["id"], "too_slow")

    at_once(learn, learn)
    assert hooks.admin.get(f"/v1/webhooks/{hook['id']}").get_json()["disabled_why"] == "failing"
    assert len(hooks.admin.get("/v1/me/updates").get_json()["items"]) == 1


def test_it_is_told_again_under_the_same_ids_and_in_order(way: Way, hooks: Hooks, clock: HeldClock) -> None:
    hook = hooks.make()
    way.accepted()
    hooks.sink.answer(400)  # The first is lost there, the others arrive.
    hooks.send()
    first, clock_then = hooks.ids(), clock().isoformat()
    path, since = f"/v1/webhooks/{hook['id']}/replay", {"since": clock_then}
    assert hooks.admin.post(path, {"since": (clock() + timedelta(1)).isoformat()}).get_json() == {
        "replayed": 0,
        "next": None,
    }
    hooks.sink.asked.clear()
    answers = at_once(*[lambda: hooks.admin.post(path, since).get_json()["replayed"]] * 2)
    assert sorted(answers) == [0, len(first)], "what waits already is not put in line again"
    hooks.send()
    assert hooks.ids() == first
    assert set(states()) == {"sent"}


def test_a_replay_is_bounded(way: Way, hooks: Hooks, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("participate.updates.webhooks.service.MOST_REPLAYED", 2)
    hook = hooks.make()
    since = clock().isoformat()
    for _ in range(3):
        hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping")
        clock.forward(minutes=1)
    hooks.send()
    path = f"/v1/webhooks/{hook['id']}/replay"
    answer = hooks.admin.post(path, {"since": since}).get_json()
    assert answer["replayed"] == 2
    hooks.send()
    assert hooks.admin.post(path, {"since": answer["next"]}).get_json() == {"replayed": 1, "next": None}


def test_paused_it_hears_nothing_and_removed_it_leaves_nothing(way: Way, hooks: Hooks) -> None:
    hook = hooks.make()
    path = f"/v1/webhooks/{hook['id']}"
    assert hooks.admin.patch(path, {"active": False}).get_json()["disabled_why"] == "paused"
    way.accepted()
    assert deliveries(Delivery.channel == WEBHOOK) == []
    hooks.admin.patch(path, {"active": True, "url": f"{hooks.url}/new", "kinds": [], "description": "x"})
    way.accepted()
    hooks.send()
    assert {where for where, _, _ in hooks.sink.asked} == {"/hook/new"}
    assert hooks.admin.delete(path).status_code == 204
    assert hooks.admin.get(path).status_code == 404
    assert hooks.admin.delete(path).status_code == 404
    for held in (Webhook.id, Delivery.account_id, FeedEntry.account_id, Account.id):
        assert rows(select(held).where(held == hook["id"])) == []
    way.accepted()


def test_its_events_are_forgotten_with_their_time(hooks: Hooks, people: People, clock: HeldClock) -> None:
    hook = hooks.make()
    hooks.admin.post(f"/v1/webhooks/{hook['id']}/ping")
    assert forgetting.webhook_events() == 0
    clock.forward(days=100)
    assert forgetting.webhook_events() == 1
