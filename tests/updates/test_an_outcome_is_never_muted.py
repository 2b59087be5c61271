"""What comes of one's own cannot be muted nor put into a digest: for its author, for who has signed it, and for whose
own was merged into it; everything else can."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from participate.consultations.workflow import STATEMENT
from participate.updates import cells, concerns
from participate.updates.deliveries.models import Delivery
from tests.people import Person
from tests.steps import Way
from tests.updates.conftest import deliveries, reachable

PARTS = {"situation": "No stands.", "analysis": "More bicycles.", "ask": "Sixty stands."}
# Written from what people are promised; a new move has to be put somewhere.
OUTCOMES = {
    "submission": "accept vouch return reject merge withdraw open conclude close rate lapse "
    "file shelve talk adopt convert",
    "case": "settle resolve verify publish let_stand order_rework uphold close",
    "commitment": "promise postpone miss deliver supersede",
    "rectification": "confirm find_unmet",
    "unmasking": "consent",
    "statement": "show refuse",
}
OTHERS = {
    "submission": "submit admit split release amend redact hide_photo resubmit add_photos appeal reopen dispute "
    "inform invite cosign decline unsign mark report_progress hand_back lead_on forget_documents",
    "case": "file dispatch take reassign hand_over accept object invite assign_down take_back start make_safe "
    "interim_reply pause resume approve_extension urge divide rework escalate feedback pass_up refer_up remind",
    "part": "verify",
    "rectification": "issue plan report send_back miss",
    "round": "announce change cancel open end",
}


def steps() -> Iterator[tuple[str, str, str]]:
    """All steps that somebody hears of, from wherever they may be made, each with how it concerns who handed it in."""
    for flow, move in [*cells.heard(), *((STATEMENT, move) for move in STATEMENT.moves)]:
        for source in move.sources or {None}:
            step: Any = SimpleNamespace(subject_type=flow.name, move=move.name, source=source)
            step.target = move.target or source or flow.initial
            yield flow.name, move.name, concerns.of_step(step)


def placed(table: dict[str, str]) -> set[tuple[str, str]]:
    return {(subject, move) for subject, moves in table.items() for move in moves.split()}


def test_each_step_is_an_outcome_or_none_from_wherever_it_is_made() -> None:
    found = set(steps())
    assert {(subject, move) for subject, move, concern in found if concern == "outcome"} == placed(OUTCOMES)
    assert {(subject, move) for subject, move, concern in found if concern == "own"} == placed(OTHERS)


@pytest.fixture
def members(way: Way) -> list[Person]:
    """Who can do without all that can be muted."""
    found = [way.people.staff("member") for _ in range(2)]
    return [reachable(who, f"m{number}@example.org", muted=ALL) for number, who in enumerate(found)]


ALL = list(concerns.MUTABLE)


def sent(who: Person) -> list[str]:
    """The facts that go out to them by mail."""
    return [row.move for row in deliveries(Delivery.account_id == who.account_id) if row.state != "muted"]


def test_who_has_signed_a_proposal_cannot_go_without_what_becomes_of_it(way: Way, members: list[Person]) -> None:
    author, signer = members
    joined = reachable(way.people.resident(), "joined@example.org", muted=ALL)
    proposal = way.hand_in("micro_proposal", author, details=PARTS)
    name = signer.get("/v1/me").get_json()["username"]
    assert way.move(author, proposal, "invite", members=[name]).status_code == 200
    assert way.move(signer, proposal, "cosign").status_code == 200
    assert way.decide(proposal, "accept").status_code == 200
    for who in (joined, signer):
        assert who.post(f"/v1/submissions/{proposal}/join").status_code in {200, 204}
        assert who.post("/v1/me/follows", {"what": "submission", "submission_id": proposal}).status_code == 201
    assert way.move(way.moderator, proposal, "shelve", note="Done already.").status_code == 200
    assert sent(author) == sent(signer) == ["accept", "shelve"]
    assert sent(joined) == []


def test_whose_own_was_merged_cannot_go_without_what_becomes_of_the_other(way: Way) -> None:
    first, second, third, joined = (
        reachable(way.people.resident(), f"r{number}@example.org", muted=ALL) for number in range(4)
    )
    kept, merged, also = (way.hand_in(by=who) for who in (first, second, third))
    assert way.decide(also, "merge", merge_into=merged).status_code == 200
    assert way.decide(merged, "merge", merge_into=kept).status_code == 200
    assert way.decide(kept, "accept").status_code == 200
    assert joined.post(f"/v1/submissions/{kept}/join").status_code in {200, 204}
    for name in ("accept", "start"):
        assert way.act(way.officer, kept, name).status_code == 200
    assert way.resolve(kept).status_code == 200
    assert sent(second) == sent(third) == ["merge", "accept", "resolve"]
    assert sent(joined) == []


def test_what_is_no_outcome_goes_into_the_digest_also_of_what_is_accepted(way: Way, members: list[Person]) -> None:
    author = reachable(way.people.staff("member"), "digest@example.org", digest_hour=18)
    proposal = way.hand_in("micro_proposal", author, details=PARTS)
    assert way.decide(proposal, "accept").status_code == 200
    name = members[0].get("/v1/me").get_json()["username"]
    assert way.move(author, proposal, "invite", members=[name]).status_code == 200
    states = {row.move: row.state for row in deliveries(Delivery.account_id == author.account_id)}
    assert (states["accept"], states["invite"]) == ("waiting", "digest")


def test_staff_see_that_those_whose_own_it_is_too_were_told(way: Way, members: list[Person]) -> None:
    author, signer = members
    proposal = way.hand_in("micro_proposal", author, details=PARTS)
    name = signer.get("/v1/me").get_json()["username"]
    way.move(author, proposal, "invite", members=[name])
    way.move(signer, proposal, "cosign")
    assert way.decide(proposal, "accept").status_code == 200
    listed = way.moderator.get(f"/v1/submissions/{proposal}/deliveries?limit=100").get_json()["items"]
    found = {each["reader"] for each in listed if each["fact"] == "accept" and each["channel"] == "email"}
    assert found == {"author", "joined"}
