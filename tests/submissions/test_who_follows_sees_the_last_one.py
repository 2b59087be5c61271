"""However far what it follows has been merged itself, its author sees what becomes of the last one."""

from typing import Any

from tests.steps import Way

SAME: dict[str, Any] = {"reason": "duplicate", "note": "The same hole."}


def test_a_chain_that_grew_later_is_seen_to_its_end(way: Way) -> None:
    one, two = way.people.resident(), way.people.resident()
    first, second, last = way.hand_in(by=one), way.hand_in(by=two), way.accepted()
    for each, into in ((first, second), (second, last)):
        assert way.decide(each, "merge", merge_into=into, **SAME).status_code == 200
    way.act(way.officer, last, "accept")
    for name in ("start", "interim_reply"):
        assert way.act(way.officer, last, name, note="A public word.").status_code == 200
    reference = way.author.get(f"/v1/submissions/{last}").get_json()["reference"]
    for who, each in ((one, first), (two, second)):
        seen = who.get(f"/v1/submissions/{each}").get_json()
        assert seen["merged_into"] | {"id": last, "reference": reference, "state": "in_progress"} == seen["merged_into"]
        page = way.people.nobody().get(f"/v1/receipts/{seen['receipt']}").get_json()
        assert (page["following"]["reference"], page["following"]["state"]) == (reference, "in_progress")
        assert [reply["note"] for reply in page["following"]["replies"]] == ["A public word."]
    assert way.move(two, second, "split", note="Mine is another.").status_code == 200
    seen = one.get(f"/v1/submissions/{first}").get_json()["merged_into"]
    assert (seen["id"], seen["state"]) == (second, "in_moderation")
