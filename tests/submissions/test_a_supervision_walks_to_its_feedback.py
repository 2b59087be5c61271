"""The whole way of a micro-supervision over HTTP, with all who have a part in it, from what was seen on."""

from datetime import timedelta
from typing import Any

import pytest

from participate.kernel.auth import Grant
from participate.kernel.clock import now
from tests.people import Person
from tests.steps import HERE, Way, code_of

WATCHED = "019a0000-9901-7000-8000-000000000002"  # A unit of the demo's district.
SAID: dict[str, Any] = {
    "body": "The board says that it is done, and nobody works there.",
    "details": {"target": "unit", "watched_unit": WATCHED},
}
REPLY = {"note": "The unit has taken the board down, and works there since Monday.", "answer_class": "A"}


class Author:
    """Whoever has seen it: signed in, or by the receipt alone; nameless, they name no place either."""

    def __init__(self, way: Way, is_nameless: bool) -> None:
        self.way, self.who = way, way.people.nobody() if is_nameless else way.author
        self.before = {self.id_of(task) for task in self.tasks()}
        path = "/v1/supervisions" if is_nameless else "/v1/submissions"
        body = SAID if is_nameless else SAID | {"kind": "micro_supervision", "place": HERE}
        answer = self.who.post(path, body)
        assert answer.status_code == 201, answer.get_json()
        way.work()
        self.receipt = str(answer.get_json()["receipt"])
        (self.id,) = {self.id_of(task) for task in self.tasks()} - self.before

    def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.way.moderator.get("/v1/moderation/queue?limit=100").get_json()["items"]
        return found

    @staticmethod
    def id_of(task: dict[str, Any]) -> str:
        return str(task["submission_id"])

    def rate(self, **said: Any) -> None:
        answer = self.who.post(f"/v1/receipts/{self.receipt}/rating", said)
        assert answer.status_code == 200, answer.get_json()
        self.way.work()

    def state(self) -> str:
        return str(self.way.people.nobody().get(f"/v1/receipts/{self.receipt}").get_json()["state"])

    def replies(self) -> list[str]:
        found = self.way.people.nobody().get(f"/v1/receipts/{self.receipt}").get_json()["replies"]
        return [str(each["note"]) for each in found]


def _rectify(way: Way, who: Person, path: str, name: str, **fields: Any) -> str:
    answer = who.post(f"{path}/moves", {"move": name} | fields)
    assert answer.status_code == 200, (name, answer.get_json())
    way.work()
    return str(answer.get_json()["state"])


@pytest.mark.parametrize("is_nameless", [False, True])
def test_from_what_was_seen_to_the_feedback(way: Way, is_nameless: bool) -> None:
    unit = way.people.staff_with(Grant("handler", None, WATCHED), Grant("supervisor", "990101"))
    watcher, another = way.supervisor, way.people.staff("supervisor")
    author = Author(way, is_nameless)
    assert unit.get(f"/v1/submissions/{author.id}").status_code == 404
    assert way.decide(author.id, "accept").status_code == 200
    holder = next(who for who in (watcher, another) if _holds(who, author.id))
    other = another if holder is watcher else watcher
    for name in ("accept", "start"):
        assert way.act(holder, author.id, name).status_code == 200

    opinion = {"title": "The board", "note": "The board says what is not so: put it right, and say until when."}
    issued = holder.post(f"/v1/cases/{way.case(author.id)}/rectifications", opinion)
    assert issued.status_code == 201, issued.get_json()
    way.work()
    path = f"/v1/rectifications/{issued.get_json()['id']}"
    assert unit.get(path).get_json()["opinion"] == opinion["note"]
    day = (now() + timedelta(days=20)).isoformat()
    assert _rectify(way, unit, path, "plan", note="We go on on Monday.", due_at=day) == "planned"
    assert _rectify(way, unit, path, "report", note="The board is down.") == "done"
    assert _rectify(way, other, path, "send_back", note="Nobody was there.") == "issued"
    assert _rectify(way, unit, path, "plan", note="We go on tomorrow.", due_at=day) == "planned"
    assert _rectify(way, unit, path, "report", note="Four people work there.") == "done"
    assert code_of(holder.post(f"{path}/moves", {"move": "confirm", "note": "So."})) == (409, "own_opinion")
    assert _rectify(way, other, path, "confirm", note="I was there: they work.") == "rectified"
    (public,) = way.people.nobody().get("/v1/rectifications").get_json()["items"]
    assert (public["result"], public["submission_id"]) == ("I was there: they work.", None)

    assert way.act(holder, author.id, "resolve", **REPLY).status_code == 200
    assert code_of(way.act(holder, author.id, "verify")) == (409, "own_work")
    assert way.act(other, author.id, "verify").status_code == 200
    assert (author.state(), author.replies()) == ("answered", [REPLY["note"]])
    author.rate(resolved=True, satisfaction=4)
    assert author.state() == "closed"
    assert way.people.nobody().get(f"/v1/submissions/{author.id}").status_code == 404, "it stays restricted"
    assert unit.get(f"/v1/submissions/{author.id}").status_code == 404


def _holds(who: Person, submission: str) -> bool:
    mine = who.get("/v1/cases?view=mine&limit=100").get_json()["items"]
    return submission in {case["submission_id"] for case in mine}


def test_what_lies_nowhere_lies_where_it_is_taken_in_or_somebody_says_where(way: Way) -> None:
    """Else nobody would have it: who sits nowhere says where it lies."""
    submission = way.hand_in("micro_supervision", place=None)
    assert way.decide(submission, "accept").status_code == 200
    assert _holds(way.supervisor, submission)
    other, everywhere = way.hand_in("micro_supervision", place=None), way.people.staff("moderator", "")
    refused = way.decide(other, "accept", by=everywhere)
    assert refused.status_code == 422
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == [("place", "required")]
    edits = {"place": HERE}
    assert way.decide(other, "accept", by=everywhere, edits=edits, note="At the gate.").status_code == 200
    assert _holds(way.supervisor, other)


def test_what_names_no_place_lies_where_what_is_watched_does(way: Way) -> None:
    watched, elsewhere = way.accepted(), way.people.staff("supervisor", "990102")
    moderator = way.people.staff("moderator")
    for details in (SAID["details"], {"target": "case", "watched_submission": watched}):
        submission = way.hand_in("micro_supervision", place=None, details=details)
        assert way.decide(submission, "accept", by=moderator).status_code == 200
        assert _holds(way.supervisor, submission)
        shown = way.supervisor.get(f"/v1/submissions/{submission}").get_json()
        assert shown["place"] is None, "its author has named none"
        assert elsewhere.get(f"/v1/submissions/{submission}").status_code == 404
    named = way.hand_in("micro_supervision", place=None)
    edits = {"details": SAID["details"]}
    assert way.decide(named, "accept", edits=edits, note="It is about them.", by=moderator).status_code == 200
    assert _holds(way.supervisor, named)
