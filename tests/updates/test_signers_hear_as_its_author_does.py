"""Whoever has signed a proposal hears what becomes of it before all may read it, and that it has to be signed anew."""

from datetime import timedelta
from typing import Any

import pytest

from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way

PARTS = {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."}
CANARY = "Canary"


class Signing:
    """A proposal that its author and another have signed, and a third has not answered yet; it waits for the desk."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.author, self.signer, self.silent = (way.people.staff("member") for _ in range(3))
        self.id = way.hand_in("micro_proposal", self.author, details=PARTS)
        names = [who.get("/v1/me").get_json()["username"] for who in (self.signer, self.silent)]
        until = (now() + timedelta(days=3)).isoformat()
        assert way.move(self.author, self.id, "invite", members=names, cosign_until=until).status_code == 200
        assert way.move(self.signer, self.id, "cosign").status_code == 200

    def decide(self, name: str, **fields: Any) -> None:
        assert self.way.decide(self.id, name, **fields).status_code == 200


def told(who: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return items


def facts(who: Person) -> list[str]:
    return [each["fact"] for each in told(who)]


@pytest.fixture
def signing(way: Way) -> Signing:
    return Signing(way)


def test_that_it_is_not_taken_up_without_a_word_that_is_for_its_author(signing: Signing) -> None:
    signing.decide("reject", reason="unclear", note=f"{CANARY} reject")
    assert facts(signing.signer) == ["invite", "reject"]
    assert facts(signing.silent) == ["invite"], "who has not signed it is no author of it"
    last = told(signing.signer)[-1]
    assert CANARY not in str(told(signing.signer))
    assert last["next"] is None, "only its author may appeal"
    assert told(signing.author)[-1]["next"] == "If you disagree, you may appeal once."
    assert CANARY in str(told(signing.author))


def test_that_it_was_amended_and_is_to_be_signed_anew(way: Way, signing: Signing) -> None:
    signing.decide("return", note=f"{CANARY} return")
    assert facts(signing.signer) == ["invite", "return"]
    changed = {"changes": {"details": PARTS | {"ask": "Eighty stands."}}}
    assert way.move(signing.author, signing.id, "resubmit", **changed).status_code == 200
    for who in (signing.signer, signing.silent):
        assert facts(who)[-1] == "resubmit"
        assert "has to be signed anew" in told(who)[-1]["text"]
    assert CANARY not in str(told(signing.signer))
    assert way.move(signing.signer, signing.id, "cosign").status_code == 200


def test_that_their_signature_is_gone_where_it_is_too_late(clock: HeldClock, way: Way, signing: Signing) -> None:
    signing.decide("return", note="Which stands?")
    clock.forward(days=4)
    changed = {"changes": {"details": PARTS | {"ask": "Eighty stands."}}}
    assert way.move(signing.author, signing.id, "resubmit", **changed).status_code == 200
    assert "your signature counts no more" in told(signing.signer)[-1]["text"]
    assert facts(signing.silent) == ["invite"]


def test_that_it_was_taken_back(way: Way, signing: Signing) -> None:
    assert way.move(signing.author, signing.id, "withdraw", note=f"{CANARY} withdraw").status_code == 200
    assert facts(signing.signer) == ["invite", "withdraw"]
    assert CANARY not in str(told(signing.signer))
    assert facts(signing.silent) == ["invite"]


def test_whoever_has_joined_hears_that_what_all_could_read_was_taken_back(way: Way) -> None:
    submission, who, follower = way.accepted(), way.people.resident(), way.people.resident()
    who.post(f"/v1/submissions/{submission}/join")
    follower.post("/v1/me/follows", {"what": "submission", "submission_id": submission})
    assert way.move(way.author, submission, "withdraw", note=f"{CANARY} withdraw").status_code == 200
    assert facts(who) == ["withdraw"]
    assert CANARY not in str(told(who))


def test_what_nobody_could_read_is_taken_back_without_a_word(way: Way) -> None:
    other = way.people.resident()
    kept, merged = way.hand_in(), way.hand_in(by=other)
    assert way.decide(merged, "merge", merge_into=kept).status_code == 200
    assert way.move(way.author, kept, "withdraw").status_code == 200
    assert facts(other)[-2:] == ["merge", "release"], "they hear that theirs is looked at again"
