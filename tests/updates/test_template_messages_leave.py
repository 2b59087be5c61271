"""Template messages go to whom a person is on WeChat, with a token that all workers share."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import redis
from flask import Flask

from participate.config import BadSettings, from_environment
from participate.kernel.context import settings
from participate.updates.channels.base import WECHAT
from participate.updates.channels.wechat import _LOCK, _TOKEN, Platform, SpooledWechat, Tokens, Wechat, app_at
from participate.updates.deliveries import handing, sending
from participate.updates.deliveries.models import Delivery
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.sinks import HOST, Asked, Sink, http_sink
from tests.steps import Way, at_once, code_of
from tests.updates.conftest import choose, deliveries, states
from tests.updates.entries import entry

PATH = "/v1/me/channels/wechat/verify"


class Service:
    """The platform: gives tokens, of which the last one serves, and takes what is sent with it."""

    def __init__(self, sink: Sink, port: int) -> None:
        self.sink, self.given, self.codes = sink, 0, list[int]()
        self.url = f"http://wx1:s%40cret@{HOST}:{port}/?template=T1&text=thing9"
        sink.usual = self.answer
        self.client = redis.Redis.from_url(settings().redis_url)
        self.client.delete(_TOKEN, _LOCK)

    def worker(self) -> Wechat:
        """A worker's own channel."""
        platform = Platform(app_at(self.url), 2.0)
        return Wechat(platform, Tokens(self.client, platform.fresh_token))

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        """As the platform does."""
        where = urlsplit(asked[0])
        return 200, orjson.dumps(getattr(self, where.path.rpartition("/")[2])(parse_qs(where.query), asked[2]))

    def stable_token(self, _query: Any, body: bytes) -> dict[str, Any]:
        """A token."""
        said = orjson.loads(body)
        if (said["appid"], said["secret"]) != ("wx1", "s@cret"):
            return {"errcode": 40013}
        self.given += 1
        return {"access_token": f"token-{self.given}", "expires_in": 7200}

    def send(self, query: dict[str, list[str]], _body: bytes) -> dict[str, Any]:
        """A message is taken."""
        if query["access_token"] != [f"token-{self.given}"]:
            return {"errcode": 42001, "errmsg": "access_token expired"}
        code = self.codes.pop(0) if self.codes else 0
        return {"errcode": code, "msgid": 1}

    def access_token(self, query: dict[str, list[str]], _body: bytes) -> dict[str, Any]:
        """Whom a code stands for."""
        known = query == {
            "appid": ["wx1"],
            "secret": ["s@cret"],
            "code": ["good-code"],
            "grant_type": ["authorization_code"],
        }
        return {"openid": "o-li"} if known else {"errcode": 40029}

    def messages(self) -> list[dict[str, Any]]:
        """What has been sent."""
        return [orjson.loads(body) for path, _, body in self.sink.asked if "/template/send" in path]


@pytest.fixture(scope="module")
def _sink() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    with http_sink(sink) as port:
        yield sink, port


@pytest.fixture
def wechat(app: Flask, _sink: tuple[Sink, int]) -> Iterator[Service]:
    _sink[0].clear()
    found = Service(*_sink)
    yield found
    found.client.delete(_TOKEN, _LOCK)
    found.client.close()


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def bound(who: Person) -> Person:
    assert who.post(PATH, {"code": "good-code"}).status_code == 200
    choose(who, {"channel": WECHAT, "on": True, "language": "zh-Hans", "address": None})
    return who


def test_an_outcome_comes_in_short_fields(way: Way, wechat: Service) -> None:
    bound(way.author)
    way.accepted(title="望月路小学门口人行道井盖缺失，晚上看不见路，请尽快派人来处理")
    sending.work_off(wechat.worker())
    made, sent = deliveries(Delivery.channel == WECHAT), wechat.messages()
    assert [one["client_msg_id"] for one in sent] == [row.id.replace("-", "") for row in made]
    last = sent[-1]
    assert (last["template_id"], set(last["data"])) == ("T1", {"thing1", "thing9", "time3"})
    assert last["touser"].startswith("demo-")
    assert all(0 < len(field["value"]) <= 20 for one in sent for field in one["data"].values())
    assert len(last["data"]["time3"]["value"]) == 16
    assert wechat.given == 1


def test_a_token_that_is_spent_is_replaced_once_though_several_send(wechat: Service, resident: Person) -> None:
    bound(resident)
    workers = [wechat.worker() for _ in range(4)]
    first = [worker._tokens.token for worker in workers]
    assert set(at_once(*first)) == {"token-1"}
    wechat.given = 7  # Somebody else has fetched others: ours serves no more.
    again = [lambda worker=worker: worker._tokens.token("token-1") for worker in workers]
    assert set(at_once(*again)) == {"token-8"}
    wechat.given = 9
    append([entry(resident, "outcome")])
    sending.work_off(workers[0])
    assert (states(), wechat.given, len(wechat.messages())) == (["sent"], 10, 2)
    assert 0 < wechat.client.ttl(_TOKEN) <= 6900


@pytest.mark.parametrize(
    ("codes", "state", "error", "waits"),
    [
        ([43004], "dead", "wechat_43004", None),
        ([40003], "dead", "wechat_40003", None),
        ([47003], "dead", "wechat_47003", None),
        ([-1], "waiting", "wechat_-1", None),
        ([45009], "waiting", "wechat_45009", 0.0),
        ([40037], "waiting", "wechat_40037", 0.0),
        ([40001, 40001], "waiting", "wechat_40001", 0.0),
    ],
)
def test_what_a_code_means(
    wechat: Service, resident: Person, codes: list[int], state: str, error: str, waits: float | None
) -> None:
    bound(resident)
    wechat.codes = list(codes)
    append([entry(resident, "outcome")])
    assert sending.work_off(wechat.worker()) == waits, "whether the others are left alone"
    (row,) = deliveries()
    assert (row.state, row.error) == (state, error)
    assert len(wechat.messages()) == len(codes)


def test_an_answer_that_got_lost_is_for_somebody_to_judge(wechat: Service, resident: Person, clock: HeldClock) -> None:
    def lose(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    bound(resident)
    worker = wechat.worker()
    worker._tokens.token()
    wechat.sink.script.append(lose)
    append([entry(resident, "outcome")])
    sending.work_off(worker)
    assert states() == ["uncertain"]
    append([entry(resident, "outcome")])
    (claimed,) = handing.claim(WECHAT, 1)
    assert handing.begin(claimed, worker.by_key)  # And there it dies.
    clock.forward(minutes=2)
    sending.work_off(worker)
    assert states() == ["uncertain"] * 2


def test_who_is_away_takes_nobody_s(wechat: Service, resident: Person) -> None:
    bound(resident)
    append([entry(resident, "outcome")])
    wechat.sink.usual = lambda _asked: (502, b"")
    assert sending.work_off(wechat.worker()) is not None
    wechat.sink.usual = lambda _asked: (200, b"no json")
    assert sending.work_off(wechat.worker()) == 0.0, "of a token that nobody understood nothing was sent"
    assert [row.attempts for row in deliveries()] == [0]


def test_a_code_of_the_platform_binds_and_no_other(
    wechat: Service, resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbound = resident.request("PUT", "/v1/me/channels", json={"channels": [{"channel": WECHAT, "on": True}]})
    assert unbound.get_json()["errors"][0]["code"] == "wechat_unbound"
    monkeypatch.setattr("participate.updates.wechat.service.settings", lambda: _Settings(wechat.url))
    assert code_of(resident.post(PATH, {"code": "other-code"})) == (403, "wrong_code")
    answer = resident.post(PATH, {"code": "good-code"})
    (shown,) = [one for one in answer.get_json()["channels"] if one["channel"] == WECHAT]
    assert (shown["on"], shown["verified"], shown["address"]) == (True, True, None)
    append([entry(resident, "outcome")])
    sending.work_off(wechat.worker())
    assert [one["touser"] for one in wechat.messages()] == ["o-li"]
    wechat.sink.usual = lambda _asked: (502, b"")
    assert resident.post(PATH, {"code": "good-code"}).status_code == 503


class _Settings:
    def __init__(self, wechat_url: str) -> None:
        self.wechat_url = wechat_url


def test_in_the_demo_they_lie_in_a_file(resident: Person, tmp_path: Path) -> None:
    bound(resident)
    append([entry(resident, "outcome")])
    sending.work_off(SpooledWechat(tmp_path / "wechat.jsonl"))
    assert states() == ["sent"]
    assert orjson.loads((tmp_path / "wechat.jsonl").read_bytes())["to"].startswith("demo-")


def test_a_setting_that_cannot_work_is_refused() -> None:
    given = {"PARTICIPATE_DEMO": "1", "PARTICIPATE_DATA_DIR": "/tmp"}  # noqa: S108
    for url in ("https://host/?template=T", "https://a:b@host/", "ftp://a:b@host/?template=T"):
        with pytest.raises(BadSettings):
            from_environment(given | {"PARTICIPATE_WECHAT_URL": url})
    assert from_environment(given | {"PARTICIPATE_WECHAT_URL": "https://a:b@host?template=T"}).wechat_url
