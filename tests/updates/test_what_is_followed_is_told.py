"""Who follows a submission, a category in an area or a cell hears what is public of it: once, for as long as asked."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select

from participate.accounts.models import Account
from participate.kernel.clock import now
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.updates import service as updates
from participate.updates.following import keys, service
from participate.updates.following.models import Follow
from participate.updates.models import FeedEntry
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way, at_once, code_of

PATH = "/v1/me/follows"
AREA = "990101"


def told(who: Person) -> list[str]:
    return [each["fact"] for each in who.get("/v1/me/updates?limit=100").get_json()["items"]]


def follow(who: Person, **fields: Any) -> str:
    answer = who.post(PATH, fields)
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def answered(way: Way, category: str) -> str:
    """A submission of the category that waits to be rated."""
    submission = way.accepted(category=category)
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    assert way.resolve(submission).status_code == 200
    assert way.act(way.supervisor, submission, "verify").status_code == 200
    return submission


@pytest.fixture
def category(way: Way) -> str:
    return str(way.author.get("/v1/categories?limit=1").get_json()["items"][0]["code"])


def test_a_submission_is_followed_step_by_step(way: Way) -> None:
    submission, who = way.accepted(), way.people.resident()
    made = follow(who, what="submission", submission_id=submission)
    assert follow(who, what="submission", submission_id=submission) == made
    way.act(way.officer, submission, "accept")
    way.act(way.officer, submission, "escalate", note="An inner word.", lacking="means")
    assert told(who)[0] == "accept"
    assert "inner" not in str(who.get("/v1/me/updates").get_json())
    assert who.delete(f"{PATH}/{made}").status_code == 204
    heard = told(who)
    way.act(way.dispatcher, submission, "dispatch", to=way.officer.account_id)
    assert told(who) == heard
    assert who.get("/v1/me/joined").get_json()["items"] == [], "who follows has not joined"


def test_a_category_in_an_area_and_a_cell(way: Way, category: str) -> None:
    of_category, of_cell, elsewhere, both = (way.people.resident() for _ in range(4))
    for who in (of_category, both):
        follow(who, what="category", category=category, area=AREA)
    for who in (of_cell, both):
        follow(who, what="cell", place=HERE)
    follow(elsewhere, what="category", category=category, area="9901")
    follow(elsewhere, what="category", category=category, area=AREA + "001")
    submission = answered(way, category)
    assert told(of_category) == told(both) == told(elsewhere) == ["accept"]
    assert told(of_cell) == []
    assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200
    assert told(of_category) == told(both) == told(elsewhere) == ["accept", "rate"]
    assert told(of_cell) == ["rate"]
    assert "near you" in of_cell.get("/v1/me/updates").get_json()["items"][0]["text"]


def test_what_is_not_public_is_told_to_nobody(way: Way, category: str) -> None:
    who = way.people.resident()
    follow(who, what="category", category=category, area=AREA)
    follow(who, what="cell", cell=way.cell)
    hidden = way.hand_in("micro_supervision", category=category)
    for submission in (hidden, way.hand_in(), way.rejected()):
        assert code_of(who.post(PATH, {"what": "submission", "submission_id": submission})) == (422, "invalid")
    assert way.decide(hidden, "accept", way.people.staff("moderator")).status_code == 200
    assert told(who) == []


def test_what_cannot_be_followed_hears_why(way: Way, category: str) -> None:
    who, own = way.people.resident(), way.accepted()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"what": "category", "category": category}, "area"),
        ({"what": "category", "category": "none", "area": AREA}, "category"),
        ({"what": "category", "category": category, "area": "11"}, "area"),
        ({"what": "category", "category": category, "area": AREA, "cell": way.cell}, "cell"),
        ({"what": "cell"}, "cell"),
        ({"what": "cell", "cell": way.cell, "place": HERE}, "cell"),
        ({"what": "cell", "cell": "1" * 15}, "cell"),
        ({"what": "cell", "place": ELSEWHERE}, "place"),
        ({"what": "submission"}, "submission_id"),
        ({"what": "submission", "submission_id": new_id()}, "submission_id"),
    ]
    for body, field in wrong:
        answer = who.post(PATH, body)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field), body
    assert code_of(way.author.post(PATH, {"what": "submission", "submission_id": own})) == (409, "follows_own")
    assert way.people.nobody().get(PATH).status_code == 401


def test_each_sees_and_ends_their_own(way: Way, category: str) -> None:
    one, other = way.people.resident(), way.people.resident()
    made = follow(one, what="category", category=category, area=AREA)
    (shown,) = one.get(PATH).get_json()["items"]
    assert (shown["id"], shown["category"], shown["area"]) == (made, category, AREA)
    assert other.get(PATH).get_json()["items"] == []
    assert other.delete(f"{PATH}/{made}").status_code == 404
    assert sorted(answer.status_code for answer in at_once(*[partial(one.delete, f"{PATH}/{made}")] * 2)) == [204, 404]


def test_twice_at_once_is_once_and_there_is_an_end(way: Way, category: str, monkeypatch: pytest.MonkeyPatch) -> None:
    who, body = way.people.resident(), {"what": "category", "category": category, "area": AREA}
    answers = at_once(*[partial(who.post, PATH, body)] * 2)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    monkeypatch.setattr(service, "MOST", 2)
    more = [partial(who.post, PATH, body | {"area": area}) for area in ("9901", f"{AREA}001")]
    assert sorted(answer.status_code for answer in at_once(*more)) == [201, 409]


def test_ever_so_many_hear_once_each(way: Way, category: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "PAGE", 10)
    at, ids = now(), [new_id() for _ in range(35)]
    account = {"display_name": "居民", "language": "zh-Hans", "created_at": at}
    row = {"key": keys.of_category(category, AREA), "what": "category", "category": category, "area": AREA}
    near = {"key": keys.of_cell(way.cell), "what": "cell", "area": way.cell}
    with transaction():
        execute(insert(table(Account)), [account | {"id": one, "phone": f"+86137{n:08}"} for n, one in enumerate(ids)])
        for each_row in (row, near):
            made = [each_row | {"id": new_id(), "account_id": one, "created_at": at} for one in ids]
            execute(insert(table(Follow)), made)
    submission = answered(way, category)
    assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200
    held = FeedEntry
    found = rows(select(held.account_id, held.move, held.words).where(held.account_id.in_(ids)))
    assert Counter((each.account_id, each.move) for each in found) == {
        (one, move): 1 for one in ids for move in ("accept", "rate")
    }
    assert {each.words for each in found if each.move == "rate"} <= {"step.follow.closed", "step.follow.closed_near"}
