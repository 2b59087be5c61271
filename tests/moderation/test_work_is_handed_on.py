"""Twenty claim at once and each has their own; one claims this task, renews it, or hands it to a colleague."""

from functools import partial
from random import Random
from typing import Any

import pytest

from participate.kernel.auth import Grant
from tests.conftest import HeldClock
from tests.moderation.test_a_moderator_s_reach import UNKNOWN
from tests.moderation.waiting_rows import lay
from tests.people import Person
from tests.steps import Way, at_once, code_of

pytestmark = pytest.mark.usefixtures("clock")
UNIT = "019aafc3-7c00-7000-8000-00000000000a"


def claim(who: Person, count: int, **wanted: Any) -> list[str]:
    answer = who.post("/v1/moderation/claims", {"count": count} | wanted)
    assert answer.status_code == 200, answer.get_json()
    return [task["id"] for task in answer.get_json()["items"]]


def take(who: Person, task: str) -> Any:
    return who.post(f"/v1/moderation/claims/{task}")


def hand(who: Person, task: str, to: str, **more: Any) -> Any:
    return who.post(f"/v1/moderation/claims/{task}/handover", {"to": to} | more)


@pytest.fixture
def other(way: Way) -> Person:
    return way.people.staff("moderator")


@pytest.fixture
def task(way: Way) -> str:
    return str(way.task(way.hand_in("micro_suggestion"))["id"])


def test_twenty_claim_from_fifty_at_once(way: Way) -> None:
    tasks = lay(way.author.account_id, 50, Random(1), area=way.cell)
    everybody = [way.people.staff("moderator") for _ in range(20)]
    claimed = at_once(*(partial(claim, who, 3) for who in everybody))
    given = [each for mine in claimed for each in mine]
    assert len(given) == len(set(given)) == 50
    assert set(given) == set(tasks)
    assert all(len(mine) <= 3 for mine in claimed)
    owned = {each["id"]: each["claimed_by"] for each in _queue(way.moderator)}
    assert owned == {each: who.account_id for who, mine in zip(everybody, claimed, strict=True) for each in mine}


def _queue(who: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get("/v1/moderation/queue?limit=100").get_json()["items"]
    return found


def test_of_fifty_who_take_the_same_one_has_it(way: Way, task: str) -> None:
    for _ in range(5):
        everybody = [way.people.staff("moderator") for _ in range(10)]
        answers = at_once(*(partial(take, who, task) for who in everybody))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
        (winner,) = [who for who, answer in zip(everybody, answers, strict=True) if answer.status_code == 200]
        assert winner.delete(f"/v1/moderation/claims/{task}").status_code == 204


def test_a_claim_is_narrowed_as_the_queue_is(way: Way) -> None:
    chance, author = Random(2), way.author.account_id
    (report,) = lay(author, 1, chance, kind="snap_report", area=way.cell, body="路灯不亮", title=None, category="C0101")
    lay(author, 5, chance, kind="micro_suggestion", area="990101", body="井盖缺失", title=None, category=None)
    for wanted in ({"kind": "snap_report"}, {"category": "C0101"}, {"q": "路灯"}, {"area": way.cell}):
        assert claim(way.moderator, 5, **wanted) == [report], wanted
        way.moderator.delete(f"/v1/moderation/claims/{report}")
    assert claim(way.moderator, 5, area="11") == []
    assert len(claim(way.moderator, 20, category="none")) == 5
    assert code_of(way.moderator.post("/v1/moderation/claims", {"count": 1, "q": "a"})) == (422, "invalid")
    assert code_of(way.moderator.post("/v1/moderation/claims", {"count": 1, "view": "all"})) == (422, "invalid")


def test_one_takes_this_one_and_renews_it(way: Way, task: str, other: Person, clock: HeldClock) -> None:
    first = take(way.moderator, task).get_json()
    assert (first["claimed_by"], first["lease_until"]) == (way.moderator.account_id, "2026-11-23T02:15:00Z")
    assert code_of(take(other, task)) == (409, "claimed_by_another")
    clock.forward(minutes=10)
    again = take(way.moderator, task).get_json()
    assert (again["lease_until"], again["claimed_at"]) == ("2026-11-23T02:25:00Z", first["claimed_at"])
    assert again["version"] == first["version"], "whoever builds on it may go on"
    clock.forward(minutes=15)
    assert take(other, task).get_json()["claimed_by"] == other.account_id


def test_what_is_decided_or_unknown_cannot_be_taken(way: Way, task: str) -> None:
    assert code_of(take(way.moderator, UNKNOWN)) == (404, "not_found")
    way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert code_of(take(way.moderator, task)) == (409, "decided_already")
    assert code_of(hand(way.moderator, task, way.people.staff("moderator").account_id)) == (409, "decided_already")


def test_a_colleague_has_it_for_longer_and_hears_of_it(way: Way, task: str, other: Person, clock: HeldClock) -> None:
    take(way.moderator, task)
    handed = hand(way.moderator, task, other.account_id, note="请你看一下")
    assert handed.status_code == 200, handed.get_json()
    assert handed.get_json()["claimed_by"] == other.account_id
    assert handed.get_json()["lease_until"] == "2026-11-23T06:00:00Z"
    (mention,) = other.get("/v1/moderation/mentions").get_json()["items"]
    assert (mention["task_id"], mention["body"], mention["unread"]) == (task, "请你看一下", True)
    assert code_of(take(way.moderator, task)) == (409, "claimed_by_another")
    claim(other, 5)
    assert _queue(other)[0]["lease_until"] == "2026-11-23T06:00:00Z", "no claim makes it shorter"
    clock.forward(hours=4)
    assert take(way.moderator, task).status_code == 200


def test_without_words_it_says_that_it_is_handed_over(way: Way, task: str, other: Person) -> None:
    assert hand(way.moderator, task, other.account_id).status_code == 200, "nobody has it: it can be handed on"
    (mention,) = other.get("/v1/moderation/mentions").get_json()["items"]
    assert mention["body"]
    assert hand(way.moderator, task, other.account_id).status_code == 409


def test_it_goes_to_nobody_who_may_not_decide_on_it(way: Way) -> None:
    there = way.people.staff_with(Grant("moderator", "990101"), Grant("handler", None, UNIT))
    writer = way.people.staff("moderator")
    watched = way.hand_in("micro_supervision", by=writer, details={"watched_unit": UNIT})
    task = way.task(watched)["id"]
    elsewhere, resident = way.people.staff("moderator", "990102"), way.people.resident()
    for who in (there, writer, elsewhere, resident, way.dispatcher, way.moderator):
        answer = hand(way.moderator, task, who.account_id)
        assert code_of(answer) == (422, "invalid")
        assert answer.get_json()["errors"][0]["field"] == "to"
    assert code_of(hand(way.moderator, task, UNKNOWN)) == (422, "invalid")
    assert code_of(hand(elsewhere, task, way.moderator.account_id)) == (404, "not_found")


def test_of_two_who_hand_it_on_at_once_one_does(way: Way, other: Person) -> None:
    third = way.people.staff("moderator")
    for _ in range(5):
        task = str(way.task(way.hand_in("micro_suggestion"))["id"])
        answers = at_once(
            partial(hand, way.moderator, task, third.account_id), partial(hand, other, task, third.account_id)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_of_a_hundred_pairs_at_once_one_has_effect_each(way: Way, task: str, other: Person) -> None:
    """One takes it in hand while another does, or hands it to a third: it is in one's hand then."""
    third = way.people.staff("moderator")

    submission = way.moderator.get(f"/v1/moderation/tasks/{task}").get_json()["submission_id"]

    def version() -> int:
        return int(way.task(submission)["version"])

    given = partial(hand, way.moderator, task, third.account_id), partial(hand, other, task, third.account_id)
    taken = partial(take, way.moderator, task), partial(take, other, task)
    before = version()
    for first, second in [(taken[0], taken[1]), (taken[0], given[1]), (given[0], taken[1]), (given[0], given[1])] * 25:
        codes = [answer.status_code for answer in at_once(first, second)]
        assert sorted(codes) == [200, 409]
        won = first if codes[0] == 200 else second
        holder = third if won in given else (way.moderator if won is taken[0] else other)
        assert way.task(submission)["claimed_by"] == holder.account_id
        assert version() == before + 1
        assert holder.delete(f"/v1/moderation/claims/{task}").status_code == 204
        before = version()


def test_only_moderators_claim_and_hand_on(way: Way, task: str) -> None:
    for who in (way.author, way.officer, way.dispatcher, way.people.staff("auditor")):
        assert take(who, task).status_code == 403
        assert hand(who, task, way.moderator.account_id).status_code == 403
    elsewhere = way.people.staff("moderator", "990102")
    assert code_of(take(elsewhere, task)) == (404, "not_found")


def test_colleagues_are_those_of_the_same_desk(way: Way, other: Person) -> None:
    city, street = way.people.staff("moderator", "9901"), way.people.staff("moderator", "990101001")
    way.people.staff("moderator", "990102")
    way.people.staff("dispatcher")
    found = way.moderator.get("/v1/moderation/colleagues").get_json()["items"]
    assert {each["id"] for each in found} == {other.account_id, city.account_id, street.account_id}
    assert found[0]["name"] == "Staff"
    assert way.author.get("/v1/moderation/colleagues").status_code == 403
    everywhere = way.people.staff("moderator", "")
    assert len(everywhere.get("/v1/moderation/colleagues").get_json()["items"]) == 5
