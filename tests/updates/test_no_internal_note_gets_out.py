"""What the desk writes to itself stays there: not in the feed, not in the timeline, not under the receipt."""

import pytest

from participate.kernel import deadlines
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way

CANARY = "Canary"


def said_outside(way: Way, submission: str) -> list[str]:
    """All that the author and the public can read about the submission."""
    receipt = way.author.get(f"/v1/submissions/{submission}").get_json()["receipt"]
    paths = [f"/v1/submissions/{submission}", f"/v1/submissions/{submission}/timeline?limit=100", "/v1/submissions"]
    texts = [who.get(path).get_data(as_text=True) for path in paths for who in (way.author, way.people.nobody())]
    texts.append(way.author.get("/v1/me/updates?limit=100").get_data(as_text=True))
    texts.append(way.people.nobody().get(f"/v1/receipts/{receipt}").get_data(as_text=True))
    return texts


def act(way: Way, who: Person, submission: str, name: str, **fields: object) -> None:
    answer = way.act(who, submission, name, note=f"{CANARY} {name}", **fields)
    assert answer.status_code == 200, (name, answer.get_json())


def facts(way: Way) -> list[str]:
    return [update["fact"] for update in way.author.get("/v1/me/updates?limit=100").get_json()["items"]]


@pytest.fixture
def city(way: Way) -> Person:
    return way.people.staff("dispatcher", "9901")


def test_notes_among_the_desk_stay_there(way: Way, city: Person) -> None:
    submission = way.hand_in()
    assert way.decide(submission, "accept", note=f"{CANARY} accept").status_code == 200
    holder = {"to": {"assignee": way.officer.account_id}}
    act(way, way.officer, submission, "object")
    act(way, way.dispatcher, submission, "dispatch", **holder)
    act(way, way.dispatcher, submission, "reassign", **holder)
    act(way, way.officer, submission, "accept")
    act(way, way.officer, submission, "start")
    photo = way.photo(way.officer)
    assert way.act(way.officer, submission, "resolve", note="Filled.", photo_ids=[photo]).status_code == 200
    act(way, way.supervisor, submission, "rework")
    act(way, way.officer, submission, "start")
    act(way, way.officer, submission, "escalate")
    assert not [text for text in said_outside(way, submission) if CANARY in text]
    told = facts(way)
    for name in ("object", "reassign", "rework", "escalate"):
        assert name in told, "that it happened is told"
    desk = city.get(f"/v1/cases/{way.case(submission)}/timeline?limit=100").get_data(as_text=True)
    for name in ("accept", "object", "dispatch", "reassign", "rework", "escalate"):
        assert f"{CANARY} {name}" in desk, "the desk itself reads it"


def test_that_somebody_was_late_is_told_without_a_word_on_who(way: Way, clock: HeldClock) -> None:
    submission = way.accepted()
    clock.forward(hours=3)
    deadlines.sweep()
    way.work()
    told = way.author.get("/v1/me/updates?limit=100").get_json()["items"][-1]
    reference = way.author.get(f"/v1/submissions/{submission}").get_json()["reference"]
    assert (told["fact"], told["text"]) == ("escalate", f"{reference} has been passed to the level above.")
    assert way.officer.account_id not in "".join(said_outside(way, submission))


def test_what_is_meant_for_all_is_there_for_all(way: Way) -> None:
    submission = way.started()
    way.act(way.officer, submission, "interim_reply", note="Public word.")
    texts = said_outside(way, submission)
    assert len([text for text in texts if "Public word." in text]) == 4, "both timelines, the feed and the receipt"


def test_what_is_between_author_and_desk_is_not_public(way: Way) -> None:
    submission = way.hand_in()
    way.decide(submission, "return", note=f"{CANARY} return")
    way.move(way.author, submission, "resubmit", note=f"{CANARY} resubmit")
    way.decide(submission, "accept")
    path = f"/v1/submissions/{submission}/timeline"
    assert CANARY not in way.people.nobody().get(path).get_data(as_text=True)
    mine = way.author.get(path).get_data(as_text=True)
    assert f"{CANARY} return" in mine
    assert f"{CANARY} resubmit" in mine
    receipt = way.author.get(f"/v1/submissions/{submission}").get_json()["receipt"]
    assert CANARY not in way.people.nobody().get(f"/v1/receipts/{receipt}").get_data(as_text=True)
