"""An account most of whose matters were rejected, or that is new and sends many, is flagged; never whose it is."""

from typing import Any

from tests.moderation.screening_steps import flags
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way


def sent(way: Way, by: Person, number: int, **fields: Any) -> str:
    return way.hand_in("micro_suggestion", by=by, body=f"第{number}件事。", **fields)


def decided(way: Way, by: Person, *decisions: str) -> None:
    for number, decision in enumerate(decisions):
        said = {"reason": "unclear", "note": "Where?"} if decision == "reject" else {}
        assert way.decide(sent(way, by, number), decision, **said).status_code == 200


def test_an_account_most_of_whose_matters_were_rejected_is_flagged(way: Way) -> None:
    decided(way, way.author, "reject", "accept", "reject", "accept")
    fifth = sent(way, way.author, 5)
    assert "rejected" not in flags(way, fifth).get("account_history", ""), "four say too little"
    assert way.decide(fifth, "reject", reason="unclear", note="Where?").status_code == 200
    why = flags(way, sent(way, way.author, 6))["account_history"]
    assert why.startswith("Of the last 5 ")
    assert "3" in why
    profile = way.author.get("/v1/me").get_json()
    assert not {text for text in (profile["phone"], profile["id"]) if text in why}


def test_what_an_appeal_has_overturned_counts_as_it_ended(way: Way) -> None:
    other = way.people.staff("moderator")
    decided(way, way.author, "reject", "reject", "reject", "reject", "accept", "accept")
    last = sent(way, way.author, 6)
    assert way.decide(last, "reject", reason="unclear", note="Where?").status_code == 200
    assert way.move(way.author, last, "appeal", note="Here.").status_code == 200
    assert way.decide(last, "accept", by=other).status_code == 200
    assert "rejected" not in flags(way, sent(way, way.author, 7)).get("account_history", ""), "four of seven"


def test_a_new_account_that_sends_many_is_flagged_and_an_old_one_is_not(way: Way) -> None:
    new = way.people.resident()
    *_, fourth, fifth = (sent(way, new, number) for number in range(5))
    assert "account_history" not in flags(way, fourth)
    assert "5" in flags(way, fifth)["account_history"]


def test_what_lies_elsewhere_is_not_told_of(way: Way) -> None:
    """Else its desk would hear of another's matters."""
    new = way.people.resident()
    for number in range(5):
        sent(way, new, number, place=HERE)
    nowhere = sent(way, new, 6, place=ELSEWHERE)
    assert "account_history" not in flags(way, nowhere)
