"""A second opinion is given once and decides nothing, and whoever is to give one does not see others' before."""

from functools import partial
from typing import Any

import pytest

from participate.kernel.auth import Grant
from tests.moderation.test_a_moderator_s_reach import UNKNOWN
from tests.people import Person
from tests.steps import Way, at_once, code_of

THINKS = {"decision": "reject", "reason": "unclear", "note": "地点说不清。"}


def ask(who: Person, task: str, of: Person | None = None, question: str = "算不算重复？") -> Any:
    named = {"of": of.account_id} if of else {}
    return who.post(f"/v1/moderation/tasks/{task}/opinions", {"question": question} | named)


def give(who: Person, opinion: str, **thinks: Any) -> Any:
    body = THINKS | thinks
    return who.request("PUT", f"/v1/moderation/opinions/{opinion}", json={k: v for k, v in body.items() if v})


def shown(who: Person, task: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"/v1/moderation/tasks/{task}").get_json()["opinions"]
    return found


@pytest.fixture
def other(way: Way) -> Person:
    return way.people.staff("moderator")


@pytest.fixture
def task(way: Way) -> str:
    return str(way.task(way.hand_in("micro_suggestion"))["id"])


def test_a_colleague_says_what_they_would_decide(way: Way, task: str, other: Person) -> None:
    asked = ask(way.moderator, task, other)
    assert asked.status_code == 201, asked.get_json()
    opinion = asked.get_json()
    assert (opinion["decision"], opinion["given_at"], opinion["asked_of"]["id"]) == (None, None, other.account_id)
    given = give(other, opinion["id"])
    assert given.status_code == 200, given.get_json()
    (seen,) = shown(way.moderator, task)
    assert {name: seen[name] for name in THINKS} == THINKS
    assert (seen["given_by"]["id"], seen["asked_by"]["id"]) == (other.account_id, way.moderator.account_id)
    found = way.moderator.get(f"/v1/moderation/tasks/{task}").get_json()
    assert (found["state"], found["decision"]) == ("waiting", None)
    answer = way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert answer.get_json()["decision"] == "accept"


def test_it_is_given_once(way: Way, task: str, other: Person) -> None:
    opinion = ask(way.moderator, task, other).get_json()["id"]
    answers = at_once(*(partial(give, other, opinion, note=f"{n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert code_of(give(other, opinion)) == (409, "opinion_given")


def test_of_many_who_may_answer_one_does(way: Way, task: str) -> None:
    everybody = [way.people.staff("moderator") for _ in range(5)]
    opinion = ask(way.moderator, task).get_json()["id"]
    answers = at_once(*(partial(give, who, opinion) for who in everybody))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    (winner,) = [who for who, answer in zip(everybody, answers, strict=True) if answer.status_code == 200]
    assert shown(way.moderator, task)[0]["given_by"]["id"] == winner.account_id


def test_of_twenty_pairs_that_contradict_each_other_one_is_given(way: Way, task: str, other: Person) -> None:
    third = way.people.staff("moderator")
    for _ in range(20):
        opinion = ask(way.moderator, task).get_json()["id"]
        said = partial(give, other, opinion), partial(give, third, opinion, decision="accept", reason=None)
        codes = [answer.status_code for answer in at_once(*said)]
        assert sorted(codes) == [200, 409]
        (shows,) = [each for each in shown(way.moderator, task) if each["id"] == opinion]
        winner, decision = (other, "reject") if codes[0] == 200 else (third, "accept")
        assert (shows["given_by"]["id"], shows["decision"]) == (winner.account_id, decision)


def test_who_asks_or_is_not_asked_gives_none(way: Way, task: str, other: Person) -> None:
    third = way.people.staff("moderator")
    for of in (None, other):
        opinion = ask(way.moderator, task, of).get_json()["id"]
        assert code_of(give(way.moderator, opinion)) == (403, "opinion_not_yours")
    assert code_of(give(third, opinion)) == (403, "opinion_not_yours")
    assert code_of(give(other, UNKNOWN)) == (404, "not_found")


def test_the_author_of_what_it_is_about_neither_asks_nor_is_asked(way: Way, other: Person) -> None:
    task = way.task(way.hand_in("micro_suggestion", by=other))["id"]
    assert code_of(ask(way.moderator, task, other)) == (422, "invalid")
    opinion = ask(way.moderator, task).get_json()["id"]
    assert code_of(ask(other, task)) == (404, "not_found")
    assert code_of(give(other, opinion)) == (404, "not_found")


def test_what_others_think_is_kept_from_who_is_still_asked(way: Way, task: str, other: Person) -> None:
    third = way.people.staff("moderator")
    first, second = (ask(way.moderator, task, of).get_json()["id"] for of in (other, third))
    give(other, first)
    assert [each["decision"] for each in shown(way.moderator, task)] == ["reject", None]
    assert [each["decision"] for each in shown(other, task)] == ["reject", None]
    before = shown(third, task)[0]
    assert (before["decision"], before["reason"], before["note"]) == (None, None, None)
    assert before["given_at"] is not None
    give(third, second, decision="accept", reason=None)
    assert [each["decision"] for each in shown(third, task)] == ["reject", "accept"]


def test_whoever_may_not_decide_neither_asks_nor_is_asked(way: Way, task: str, other: Person) -> None:
    elsewhere = way.people.staff("moderator", "990102")
    for who in (elsewhere, way.author, way.dispatcher, way.moderator):
        assert code_of(ask(way.moderator, task, who)) == (422, "invalid")
    opinion = ask(way.moderator, task).get_json()["id"]
    assert code_of(ask(elsewhere, task)) == (404, "not_found")
    assert code_of(give(elsewhere, opinion)) == (404, "not_found")
    for who in (way.author, way.officer, way.dispatcher, way.people.staff_with(Grant("auditor", "990101"))):
        assert ask(who, task).status_code == 403
        assert give(who, opinion).status_code == 403
    assert way.people.nobody().post(f"/v1/moderation/tasks/{task}/opinions").status_code == 401


def test_after_the_decision_nobody_asks_or_answers(way: Way, task: str, other: Person) -> None:
    opinion = ask(way.moderator, task, other).get_json()["id"]
    way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert code_of(give(other, opinion)) == (409, "decided_already")
    assert code_of(ask(way.moderator, task, other)) == (409, "decided_already")


def test_of_very_many_every_one_that_was_taken_is_shown(way: Way, task: str) -> None:
    answers = [ask(way.moderator, task, question=f"{n}?") for n in range(22)]
    assert [answer.status_code for answer in answers[:20]] == [201] * 20
    assert [code_of(answer) for answer in answers[20:]] == [(409, "enough_opinions")] * 2
    assert [each["question"] for each in shown(way.moderator, task)] == [f"{n}?" for n in range(20)]


def test_a_rejection_names_a_reason_of_the_list(way: Way, task: str, other: Person) -> None:
    opinion = ask(way.moderator, task, other).get_json()["id"]
    assert code_of(give(other, opinion, reason=None)) == (422, "invalid")
    assert code_of(give(other, opinion, reason="because")) == (422, "invalid")
    assert code_of(give(other, opinion, note=None)) == (422, "invalid")
    assert code_of(give(other, opinion, decision="hide_photo")) == (422, "invalid")
    assert give(other, opinion).status_code == 200


def test_odd_texts_come_back_unchanged(way: Way, task: str, other: Person) -> None:
    for odd in ("\u202eevil\u202c", "a\u200bb", "<b>'; --", "👩‍👩‍👧"):
        opinion = ask(way.moderator, task, other, odd).get_json()
        assert opinion["question"] == odd
        assert give(other, opinion["id"], note=odd).get_json()["note"] == odd
