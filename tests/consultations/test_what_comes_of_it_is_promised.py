"""What comes of a consultation is promised, kept or missed in public, and everyone who took part hears of it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from participate.catalogue import queries as catalogue
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.updates import service as updates
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

SUM = "多数人同意九点半熄灯。"


class Talk:
    """A consultation that two residents have taken part in, one by voting, and a third follows."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.id = way.accepted("micro_consultation", details={"question": "几点熄灯？"})
        self.path = f"/v1/consultations/{self.id}"
        self.speaker, self.voter, self.follower = (way.people.resident() for _ in range(3))
        self.statement, self.other = self.stated("九点半熄灯。"), self.stated("十点熄灯。")
        for statement in (self.statement, self.other):
            assert self.moderated(statement, "show").status_code == 200
        assert self.voter.post(f"{self.path}/statements/{self.statement}/vote", {"vote": "agree"}).status_code == 200
        assert self.follower.post("/v1/me/follows", {"what": "submission", "submission_id": self.id}).status_code == 201
        unit = catalogue.units(1, area="990101")["items"][0]["id"]
        self.unit, self.handler = str(unit), way.people.staff("handler", None, str(unit))

    def stated(self, text: str) -> str:
        return str(self.speaker.post(f"{self.path}/statements", {"text": text}).get_json()["id"])

    def moderated(self, statement: str, name: str, **fields: Any) -> TestResponse:
        answer = self.way.moderator.post(f"{self.path}/statements/{statement}/moves", {"move": name} | fields)
        self.way.work()
        return answer

    def conclude(self) -> None:
        assert self.way.move(self.way.moderator, self.id, "conclude", note=SUM).status_code == 200

    def outcome(self, **fields: Any) -> dict[str, Any]:
        due = (now() + timedelta(days=10)).isoformat()
        said = {"statement_id": self.statement, "adopted": "adopted", "reason": "路灯定时器本月调整。"}
        return said | {"unit": self.unit, "due_at": due} | fields

    def settle(self, *outcomes: dict[str, Any], **options: Any) -> TestResponse:
        body = {"outcomes": outcomes} | options.pop("body", {})
        answer = self.way.moderator.patch(f"{self.path}/outcome", body, **options)
        self.way.work()
        return answer

    def promises(self, query: str = "") -> list[dict[str, Any]]:
        found = self.way.people.nobody().get(f"/v1/commitments?submission_id={self.id}{query}").get_json()["items"]
        return list(found)

    def act(self, who: Person, name: str, **fields: Any) -> TestResponse:
        (made,) = self.promises()
        answer = who.post(f"/v1/commitments/{made['id']}/moves", {"move": name} | fields)
        self.way.work()
        return answer


@pytest.fixture
def talk(way: Way) -> Talk:
    return Talk(way)


def told(who: Person) -> list[tuple[str, str]]:
    items = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return [(item["fact"], item["text"]) for item in items]


def facts(who: Person) -> list[str]:
    return [fact for fact, _ in told(who)]


def test_a_speaker_hears_what_becomes_of_what_they_said(talk: Talk) -> None:
    refused = talk.stated("胡说八道。")
    assert talk.moderated(refused, "refuse", note="与问题无关，请另行反映。").status_code == 200
    assert facts(talk.speaker) == ["show", "show", "refuse"]
    assert "与问题无关，请另行反映。" in told(talk.speaker)[-1][1]
    for other in (talk.voter, talk.way.author):
        assert {"show", "refuse"}.isdisjoint(facts(other))


def test_everyone_who_took_part_hears_what_comes_of_it(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "PAGE", 1)
    talk.conclude()
    not_done = {"statement_id": talk.other, "adopted": "not", "reason": "影响附近居民休息。"}
    answer = talk.settle(talk.outcome(), not_done, body={"minutes": "到会九人。"})
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["minutes"] == "到会九人。"
    (made,) = talk.promises()
    assert (made["title"], made["text"], made["unit"]) == ("九点半熄灯。", "路灯定时器本月调整。", talk.unit)
    assert [each.get("commitment_id") for each in answer.get_json()["outcomes"]] == [made["id"], None]
    assert talk.act(talk.handler, "deliver", note="定时器已经调好，九点半熄灯。").status_code == 422, "no photo"
    photos = [talk.way.photo(talk.handler)]
    done = talk.act(talk.handler, "deliver", note="定时器已经调好，九点半熄灯。", photo_ids=photos)
    assert done.status_code == 200, done.get_json()
    assert talk.way.move(talk.way.moderator, talk.id, "close", note="已落实。").status_code == 200
    after = ["conclude", "promise", "deliver", "close"]
    assert facts(talk.voter) == facts(talk.follower) == after
    assert facts(talk.speaker) == ["show", "show", *after]
    assert facts(talk.way.author)[-4:] == after
    assert SUM in told(talk.voter)[0][1]
    assert facts(talk.way.people.resident()) == []


def test_what_is_not_done_in_time_is_told(talk: Talk, clock: HeldClock) -> None:
    talk.conclude()
    talk.settle(talk.outcome())
    clock.forward(days=11)
    deadlines.sweep()
    talk.way.work()
    assert talk.promises("&overdue=true")[0]["state"] == "overdue"
    assert facts(talk.voter)[-1] == "miss"
    handed = talk.act(talk.way.dispatcher, "hand_on", note="改由专班负责。", to={"unit": talk.unit})
    assert handed.status_code == 200, handed.get_json()


def test_the_same_said_twice_or_by_two_at_once_is_one_promise(talk: Talk) -> None:
    talk.conclude()
    said = talk.outcome()
    answers = at_once(*[partial(talk.way.moderator.patch, f"{talk.path}/outcome", {"outcomes": [said]})] * 3)
    assert [answer.status_code for answer in answers] == [200] * 3
    talk.way.work()
    (made,) = talk.promises()
    assert talk.settle(said).get_json()["outcomes"][0]["commitment_id"] == made["id"]
    assert len(talk.promises()) == 1
    talk.settle(said | {"adopted": "partly", "reason": "先试行一个月。"})
    (other,) = talk.promises()
    assert (other["text"], other["id"] == made["id"]) == ("先试行一个月。", False)
    assert [each["state"] for each in talk.promises("&state=ended")] == ["superseded"]
    assert talk.settle().status_code == 200
    assert talk.promises() == []


def test_what_is_said_twice_at_once_is_no_second_promise_that_nobody_lets_go(talk: Talk) -> None:
    talk.conclude()
    said = talk.outcome()
    refused = talk.settle(said, said)
    faults = [(each["field"], each["code"]) for each in refused.get_json()["errors"]]
    assert faults == [("outcomes.1.statement_id", "named_twice")]
    assert talk.promises() == []
    assert talk.settle(said, said | {"reason": "街道另派人巡查。"}).status_code == 200
    assert len(talk.promises()) == 2


def test_what_comes_of_it_is_said_by_its_moderators_once_votes_are_cast_and_with_an_owner(talk: Talk) -> None:
    assert code_of(talk.settle(talk.outcome())) == (409, "consultation_running")
    talk.conclude()
    for who, status in ((talk.voter, 403), (talk.way.people.nobody(), 401), (talk.handler, 403)):
        assert who.patch(f"{talk.path}/outcome", {"outcomes": []}).status_code == status
    lacking = {name: value for name, value in talk.outcome().items() if name not in {"unit", "due_at"}}
    refused = talk.settle(lacking)
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == [
        ("outcomes.0.unit", "required"),
        ("outcomes.0.due_at", "required"),
    ]
    assert talk.settle(talk.outcome(due_at="2020-01-01T00:00:00Z")).status_code == 422
    assert talk.promises() == []
