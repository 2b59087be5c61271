"""Who wrote a micro-supervision is a pseudonym for everyone, until two people agree; its author sees that they did."""

import pytest
from sqlalchemy import select

from participate.audit import queries as audit
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.db import rows
from participate.submissions.unmasking.models import Unmasking
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

WATCHED = "019a0000-9901-7000-8000-000000000002"
DETAILS = {"target": "unit", "watched_unit": WATCHED}


class Asked:
    """A supervision, and a request to learn who wrote it."""

    def __init__(self, way: Way) -> None:
        self.way, self.other = way, way.people.staff("moderator")
        self.submission = way.accepted("micro_supervision", details=DETAILS, anonymous=True)
        self.path = f"/v1/submissions/{self.submission}/unmaskings"
        answer = way.moderator.post(self.path, {"reason": "It speaks of a threat."})
        assert answer.status_code == 201, answer.get_json()
        self.id = str(answer.get_json()["id"])

    def move(self, who: Person, name: str, note: str | None = "So be it.") -> tuple[int, str]:
        answer = who.post(f"{self.path}/{self.id}/moves", {"move": name} | ({"note": note} if note else {}))
        self.way.work()
        return (200, answer.get_json()["state"]) if answer.status_code == 200 else code_of(answer)

    def read(self, who: Person) -> int:
        return who.get(f"{self.path}/{self.id}/author").status_code


@pytest.fixture
def asked(way: Way) -> Asked:
    return Asked(way)


def test_its_author_is_a_pseudonym_for_everyone_another_one_each_time(way: Way) -> None:
    first, second = (way.accepted("micro_supervision", details=DETAILS, anonymous=hidden) for hidden in (True, False))
    names = [
        {who.get(f"/v1/submissions/{each}").get_json()["author"]["name"] for who in (way.moderator, way.supervisor)}
        for each in (first, second)
    ]
    assert [len(each) for each in names] == [1, 1]
    assert names[0] != names[1]


def test_one_person_alone_learns_nothing(way: Way, asked: Asked) -> None:
    task = way.task(way.hand_in("micro_supervision", details=DETAILS))["id"]
    alone = way.moderator.post(f"/v1/moderation/tasks/{task}/unmask", {"reason": "I want to know."})
    assert code_of(alone) == (409, "two_needed")
    assert asked.read(way.moderator) == 404
    assert asked.move(way.moderator, "consent") == (409, "second_person")
    assert code_of(asked.other.post(asked.path, {"reason": "So do I."})) == (409, "asked_already")


def test_who_has_asked_reads_it_for_a_day_once_another_agrees(clock: HeldClock, way: Way, asked: Asked) -> None:
    assert asked.move(asked.other, "consent", None) == (422, "invalid")
    assert asked.move(asked.other, "consent") == (200, "granted")
    found = way.moderator.get(f"{asked.path}/{asked.id}/author")
    assert found.get_json()["phone"] == way.author.get("/v1/me").get_json()["phone"]
    assert (asked.read(asked.other), asked.read(way.supervisor), asked.read(way.author)) == (404, 404, 403)
    clock.forward(days=1, minutes=1)
    assert asked.read(way.moderator) == 404


def test_its_author_sees_that_it_happened_and_not_who_did(way: Way, asked: Asked) -> None:
    assert way.author.get(asked.path).get_json()["items"] == []
    heard = way.author.get("/v1/me/updates").get_json()["items"]
    asked.move(asked.other, "consent")
    (seen,) = way.author.get(asked.path).get_json()["items"]
    assert (seen["state"], seen["reason"], seen["asked_by"], seen["decided_by"]) == ("granted", None, None, None)
    fresh = [each["fact"] for each in way.author.get("/v1/me/updates").get_json()["items"][len(heard) :]]
    assert fresh == ["consent"]
    steps = way.author.get(f"/v1/submissions/{asked.submission}/timeline?limit=100").get_json()["items"]
    (step,) = [each for each in steps if each["subject"] == "unmasking"]
    assert (step["move"], step["note"]) == ("consent", None)
    assert asked.read(way.author) == 403


def test_each_step_is_in_the_audit_trail(way: Way, asked: Asked) -> None:
    asked.move(asked.other, "consent")
    asked.read(way.moderator)
    trail = audit.by_subject("submission", asked.submission, 100)["items"]
    kept = [(each["action"], each["actor_id"], each["reason"]) for each in trail if "unmask" in each["action"]]
    assert kept == [
        ("submission.unmasked", asked.other.account_id, "So be it."),
        ("submission.unmasking_asked", way.moderator.account_id, "It speaks of a threat."),
    ]
    assert [each["action"] for each in trail].count("submission.author_read") == 1


def test_nobody_of_the_unit_watched_has_a_part_in_it(way: Way, asked: Asked) -> None:
    theirs = way.people.staff_with(
        *(Grant(role, "990101") for role in ("moderator", "supervisor", "auditor")), Grant("handler", None, WATCHED)
    )
    assert theirs.get(asked.path).status_code == 404
    assert theirs.post(asked.path, {"reason": "Who was it?"}).status_code == 404
    assert asked.move(theirs, "consent") == (404, "not_found")
    assert asked.read(theirs) == 404


def test_nobody_else_asks(way: Way) -> None:
    submission = way.accepted("micro_supervision", details=DETAILS)
    path = f"/v1/submissions/{submission}/unmaskings"
    for who in (way.author, way.people.staff("auditor")):
        assert code_of(who.post(path, {"reason": "Who was it?"})) == (403, "move_not_yours")
    for who in (way.people.resident(), way.officer, way.dispatcher):
        assert who.post(path, {"reason": "Who was it?"}).status_code == 404
    assert way.people.staff("moderator", "990102").post(path, {"reason": "Who was it?"}).status_code == 404
    assert way.moderator.get(f"/v1/submissions/{way.accepted()}/unmaskings").status_code == 404


def test_a_request_may_be_refused_and_lapses(clock: HeldClock, way: Way, asked: Asked) -> None:
    assert asked.move(asked.other, "refuse") == (200, "refused")
    assert asked.move(way.supervisor, "consent") == (409, "wrong_state")
    asked.id = way.moderator.post(asked.path, {"reason": "Again."}).get_json()["id"]
    clock.forward(days=15)
    deadlines.sweep()
    way.work()
    assert asked.move(asked.other, "consent") == (409, "wrong_state")


def test_two_who_ask_or_agree_at_once_have_one_effect(way: Way, asked: Asked) -> None:
    agreed = at_once(
        lambda: asked.other.post(f"{asked.path}/{asked.id}/moves", {"move": "consent", "note": "Yes."}),
        lambda: way.supervisor.post(f"{asked.path}/{asked.id}/moves", {"move": "refuse", "note": "No."}),
    )
    assert sorted(each.status_code for each in agreed) == [200, 409]
    made = at_once(*[lambda: way.moderator.post(asked.path, {"reason": "Again."})] * 2)
    assert sorted(each.status_code for each in made) == [201, 409]
    assert len(rows(select(Unmasking.id).where(Unmasking.submission_id == asked.submission))) == 2
