"""People state and vote: one vote each, until the end; moderators of the area let in; nobody learns who said what."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from participate.consultations import service
from participate.consultations.models import Statement, Vote
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.db import rows
from participate.kernel.ids import new_id
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of


@pytest.fixture
def consultation(way: Way) -> str:
    """The path of an open one."""
    submission = way.accepted("micro_consultation", details={"question": "几点熄灯？"})
    assert way.state(submission) == "open"
    return f"/v1/consultations/{submission}"


def stated(way: Way, path: str, who: Person | None = None, text: str = "九点半熄灯。") -> str:
    """A statement that a moderator has let in."""
    made = (who or way.people.resident()).post(f"{path}/statements", {"text": text})
    assert made.status_code == 201, made.get_json()
    statement = str(made.get_json()["id"])
    assert moved(way.moderator, path, statement, "show").status_code == 200
    return statement


def moved(who: Person, path: str, statement: str, name: str, note: str | None = None) -> Any:
    body = {"move": name} | ({"note": note} if note else {})
    return who.post(f"{path}/statements/{statement}/moves", body)


def voted(who: Person, path: str, statement: str, vote: str) -> Any:
    return who.post(f"{path}/statements/{statement}/vote", {"vote": vote})


def counts(way: Way, path: str, statement: str) -> tuple[int, int, int]:
    items = way.people.nobody().get(f"{path}/statements?limit=100").get_json()["items"]
    (found,) = [item for item in items if item["id"] == statement]
    return found["agrees"], found["disagrees"], found["passes"]


def drawn(way: Way, clock: HeldClock) -> None:
    clock.forward(seconds=61)
    deadlines.sweep()
    way.work()


def test_a_statement_is_seen_once_a_moderator_has_read_it(way: Way, consultation: str) -> None:
    author, other = way.people.resident(), way.people.resident()
    made = author.post(f"{consultation}/statements", {"text": "九点半熄灯。"}).get_json()
    assert (made["state"], made["is_own"], made["moves"]) == ("waiting", True, [])
    assert other.get(f"{consultation}/statements").get_json()["items"] == []
    assert [item["id"] for item in author.get(f"{consultation}/statements?view=own").get_json()["items"]] == [
        made["id"]
    ]
    assert voted(other, consultation, made["id"], "agree").status_code == 404
    for who in (author, other):
        assert who.get(f"{consultation}/statements?view=waiting").status_code == 403
        assert moved(who, consultation, made["id"], "show").status_code == 403
    far = way.people.staff("moderator", "990102")
    assert code_of(moved(far, consultation, made["id"], "show")) == (403, "move_not_yours")
    assert code_of(far.patch(f"{consultation}/outcome", {"outcomes": []})) == (403, "move_not_yours")
    (waiting,) = way.moderator.get(f"{consultation}/statements?view=waiting").get_json()["items"]
    assert waiting["moves"] == ["show", "refuse"]
    assert moved(way.moderator, consultation, made["id"], "refuse").status_code == 422
    answers = at_once(*[partial(moved, way.moderator, consultation, made["id"], "show")] * 2)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (shown,) = way.people.nobody().get(f"{consultation}/statements").get_json()["items"]
    assert (shown["id"], shown["is_own"], shown["vote"]) == (made["id"], False, None)
    assert author.account_id not in str(shown)


def test_one_person_has_one_vote_and_may_change_it(way: Way, consultation: str) -> None:
    who, statement = way.people.resident(), stated(way, consultation)
    answers = at_once(*[partial(voted, who, consultation, statement, "agree")] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert counts(way, consultation, statement) == (1, 0, 0)
    at_once(*(partial(voted, who, consultation, statement, vote) for vote in ("disagree", "pass", "agree", "pass")))
    assert sum(counts(way, consultation, statement)) == 1
    assert voted(who, consultation, statement, "disagree").get_json()["vote"] == "disagree"
    assert counts(way, consultation, statement) == (0, 1, 0)
    others = [way.people.resident() for _ in range(6)]
    at_once(*(partial(voted, one, consultation, statement, "agree") for one in others))
    assert counts(way, consultation, statement) == (6, 1, 0)
    assert [
        (row.many, row.sum) for row in rows(select(func.count().label("many"), func.sum(Vote.value).label("sum")))
    ] == [(7, 5)]


def test_what_comes_next_is_what_one_has_not_voted_on(way: Way, consultation: str) -> None:
    who = way.people.resident()
    statements = {stated(way, consultation, text=f"第 {n} 条意见。") for n in range(7)}
    seen = set[str]()
    while found := who.get(f"{consultation}/statements/next").get_json()["items"]:
        again = who.get(f"{consultation}/statements/next").get_json()["items"]
        assert [item["id"] for item in found] == [item["id"] for item in again]
        assert len(found) == min(5, 7 - len(seen))
        assert voted(who, consultation, found[0]["id"], "pass").status_code == 200
        seen.add(found[0]["id"])
    assert seen == statements


def test_groups_are_shown_and_small_ones_are_not(way: Way, consultation: str, clock: HeldClock) -> None:
    statements = [stated(way, consultation, text=f"第 {n} 条意见。") for n in range(8)]
    assert way.author.get(f"{consultation}/results").get_json()["picture"] is None
    people = [way.people.resident() for _ in range(13)]
    for n, who in enumerate(people):
        for place, statement in enumerate(statements):
            service_vote = 1 if place == 0 or (n < 8) == (place % 2 == 1) else -1
            service.vote(Caller(who.account_id), consultation.rpartition("/")[2], statement, service_vote)
    drawn(way, clock)
    found = way.people.nobody().get(f"{consultation}/results").get_json()["picture"]
    assert (found["people"], found["counted"], found["votes"], found["suppressed"]) == (13, 13, 104, 0)
    assert [group["people"] for group in found["groups"]] == [8, 5]
    assert found["consensus"][0]["statement_id"] == statements[0]
    for one in people[9:]:  # So one is left of the smaller group.
        for place, statement in enumerate(statements):
            service.vote(
                Caller(one.account_id),
                consultation.rpartition("/")[2],
                statement,
                1 if place % 2 == 1 or place == 0 else -1,
            )
    drawn(way, clock)
    found = way.people.nobody().get(f"{consultation}/results").get_json()["picture"]
    assert [group["people"] for group in found["groups"]] == [12]
    assert found["suppressed"] == 1


def test_it_ends_on_its_day_and_outcomes_are_said(way: Way, consultation: str, clock: HeldClock) -> None:
    statement, who = stated(way, consultation), way.people.resident()
    soon = clock().replace(hour=23).isoformat()
    assert way.moderator.patch(f"{consultation}/outcome", {"closes_at": soon}).status_code == 200
    assert voted(who, consultation, statement, "agree").status_code == 200
    clock.forward(hours=24)
    assert code_of(voted(who, consultation, statement, "disagree")) == (409, "consultation_over")
    assert code_of(who.post(f"{consultation}/statements", {"text": "太晚了。"})) == (409, "consultation_over")
    assert way.moderator.patch(f"{consultation}/outcome", {"closes_at": soon}).status_code == 422
    outcome = {"statement_id": statement, "adopted": "not", "reason": "影响附近居民休息。"}
    for wrong in ({"statement_id": new_id()}, {"unit": new_id()}):
        assert way.moderator.patch(f"{consultation}/outcome", {"outcomes": [outcome | wrong]}).status_code == 422
    stale = way.moderator.patch(f"{consultation}/outcome", {"outcomes": [outcome]}, headers={"If-Match": '"99-0"'})
    assert stale.status_code == 412
    assert way.moderator.patch(f"{consultation}/outcome", {"outcomes": [outcome]}).get_json()["outcomes"] == [outcome]
    submission = consultation.rpartition("/")[2]
    assert way.move(way.moderator, submission, "conclude", note="多数同意。").status_code == 200
    assert who.get(f"{consultation}/results").get_json()["state"] == "concluded"


def test_what_is_no_open_consultation_takes_nothing(way: Way) -> None:
    who = way.people.resident()
    for submission in (way.accepted(), way.hand_in("micro_consultation", details={"question": "？？"}), new_id()):
        path = f"/v1/consultations/{submission}"
        assert who.post(f"{path}/statements", {"text": "有话要说。"}).status_code == 404
        assert who.get(f"{path}/results").status_code == 404


def test_nobody_states_without_end(way: Way, consultation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_EACH", 2)
    who = way.people.resident()
    calls = [partial(who.post, f"{consultation}/statements", {"text": f"第 {n} 条意见。"}) for n in range(4)]
    assert sorted(answer.status_code for answer in at_once(*calls)) == [201, 201, 409, 409]
    assert len(rows(select(Statement.id))) == 2
