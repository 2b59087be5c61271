"""Whoever handles a submission sees what became of the messages about it, and never whom they went to, or where."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, update

from participate.accounts.models import ROLES
from participate.kernel.clock import now
from participate.kernel.db import db, execute, is_sqlite, rows, table, transaction
from participate.kernel.ids import new_id
from participate.submissions.models import Submission, SubmissionJoin
from participate.updates.deliveries import told
from participate.updates.deliveries.models import Delivery
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way
from tests.updates.conftest import Post, reachable, reachable_crowd

Item = dict[str, Any]


def listed(who: Person, submission: str, query: str = "") -> list[Item]:
    answer = who.get(f"/v1/submissions/{submission}/deliveries{query}")
    assert answer.status_code == 200, answer.get_json()
    items: list[Item] = answer.get_json()["items"]
    return items


def of(items: list[Item], fact: str, **narrowed: Any) -> list[Item]:
    return [each for each in items if each["fact"] == fact and narrowed.items() <= each.items()]


@pytest.fixture
def submission(way: Way, post: Post, clock: HeldClock) -> str:
    """One of which its author, three who joined and one who follows were told by e-mail; the last mail was refused."""
    submission = way.accepted()
    reachable(way.author)
    follower = reachable(way.people.resident(), "follower@example.org")
    follower.post("/v1/me/follows", {"what": "submission", "submission_id": submission})
    with transaction():
        joined = [
            {"submission_id": submission, "account_id": each.account_id, "at": now()} for each in reachable_crowd(3)
        ]
        execute(insert(table(SubmissionJoin)), joined)
        execute(update(table(Submission)).where(table(Submission).c.id == submission).values(joined=3))
    way.act(way.officer, submission, "accept")
    clock.forward(seconds=30)
    post.send()
    way.act(way.officer, submission, "start")
    post.mail.recipients.append("550 no such user")
    post.send()
    return submission


def test_each_fact_is_there_with_when_and_how_it_fared(way: Way, clock: HeldClock, submission: str) -> None:
    items = listed(way.officer, submission)
    (accepted,) = of(items, "accept", channel="email", reader="author")
    assert (accepted["state"], accepted["people"], accepted["attempts"], accepted["error"]) == ("sent", 1, 1, None)
    assert accepted["delivered_at"] > accepted["at"]
    (refused,) = of(items, "start", channel="email", reader="author")
    assert (refused["state"], refused["error"], refused["delivered_at"]) == ("dead", "recipient_550", None)
    assert [each["people"] for each in of(items, "start", reader="joined")] == [3]
    assert [each["people"] for each in of(items, "start", reader="follower")] == [1]
    for fact in ("accept", "start"):
        (read,) = of(items, fact, channel="in_app", fact_id=of(items, fact, channel="email")[0]["fact_id"])
        assert (read["reader"], read["state"]) == ("author", "sent")
        assert read["delivered_at"] is not None
    assert [each["fact"] for each in items][:1] == ["start"], "the latest first"
    assert of(items, "submit", channel="in_app"), "what was told before anybody had a channel"


def test_it_says_neither_whom_nor_where(way: Way, submission: str) -> None:
    said = str(listed(way.moderator, submission))
    ids = [row.account_id for row in rows(table(Delivery).select())]
    assert ids
    assert not [each for each in (*ids, "example.org", "+86") if each in said]


def test_those_who_handle_it_see_it_and_no_others(way: Way, submission: str) -> None:
    path = f"/v1/submissions/{submission}/deliveries"
    for role in told.ROLES:
        near = way.people.staff(role, way.cell if role == "grid_officer" else "990101")
        assert near.get(path).status_code == 200, role
        assert way.people.staff(role, "11").get(path).status_code == 404, role
        assert near.get(f"/v1/submissions/{new_id()}/deliveries").status_code == 404, role
    for role in set(ROLES) - {"resident", *told.ROLES}:
        assert way.people.staff(role, "").get(path).status_code == 403, role
    assert way.author.get(path).status_code == 403
    assert way.people.nobody().get(path).status_code == 401


def test_before_it_is_accepted_only_those_who_judge_it_see_it(way: Way) -> None:
    submission = way.hand_in()
    assert listed(way.moderator, submission)
    assert way.officer.get(f"/v1/submissions/{submission}/deliveries").status_code == 404


def test_what_is_sealed_only_those_see_who_watch(way: Way) -> None:
    submission = way.accepted("micro_supervision")
    assert listed(way.supervisor, submission)
    assert way.dispatcher.get(f"/v1/submissions/{submission}/deliveries").status_code == 404


def test_pages_follow_each_other(way: Way, submission: str) -> None:
    found, query = list[Item](), "?limit=2"
    while query:
        answer = way.officer.get(f"/v1/submissions/{submission}/deliveries{query}").get_json()
        found += answer["items"]
        query = f"?limit=2&cursor={answer['next']}" if answer["next"] else ""
    assert found == listed(way.officer, submission, "?limit=100")
    refused = way.officer.get(f"/v1/submissions/{submission}/deliveries?cursor=WzFd")
    assert refused.status_code == 422


def test_it_is_found_by_indexes(app: Flask) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL plans by how many rows there are")
    said = str(told.LISTED.compile(db.engine, compile_kwargs={"render_postcompile": True}))
    with db.engine.connect() as connection:
        given = ("x",) * said.count("?")
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all())
    assert "ix_deliveries_submission_id_fact_id" in plan
    assert "uq_feed_entries_account_id_fact_id" in plan
    assert "SCAN deliveries" not in plan
    assert "SCAN feed_entries" not in plan
