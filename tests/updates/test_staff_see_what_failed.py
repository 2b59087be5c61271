"""What could not be sent is on a list for the administrators of its area, who may have it sent again."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participate.audit.models import AuditEntry
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Grant
from participate.kernel.db import db, is_sqlite, rows
from participate.updates.channels.base import EMAIL
from participate.updates.deliveries import handing
from participate.updates.deliveries.models import Delivery
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.queries import asked
from tests.steps import Way, at_once, code_of
from tests.updates.conftest import Post, deliveries, reachable, reachable_crowd, states
from tests.updates.entries import entry


def listed(who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = who.get(f"/v1/deliveries{query}")
    assert answer.status_code == 200, answer.get_json()
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


@pytest.fixture
def dead(way: Way, post: Post, clock: HeldClock) -> str:
    """The id of a message about a submission in the demo district that its author's server has refused."""
    reachable(way.author)
    way.hand_in()
    post.mail.recipients.append("550 no such user")
    post.send()
    (row,) = deliveries(Delivery.state == "dead")
    return str(row.id)


def test_each_sees_what_failed_in_their_area(way: Way, post: Post, dead: str, clock: HeldClock) -> None:
    for scope, seen in (("990101", 1), ("99", 1), ("", 1), ("990102", 0), ("11", 0)):
        assert len(listed(way.people.staff("admin", scope))) == seen, scope
    admin = way.people.staff("admin", "990101")
    (item,) = listed(admin)
    assert (item["id"], item["state"], item["error"], item["area"]) == (dead, "dead", "recipient_550", way.cell)
    assert "example.org" not in str(item)
    assert way.author.account_id not in str(item)
    assert listed(admin, "?state=uncertain") == listed(admin, "?channel=sms") == []
    assert len(listed(admin, "?state=dead&channel=email")) == 1
    for stranger in (way.people.staff("admin", "990102"), way.people.staff("admin", "11")):
        assert stranger.post(f"/v1/deliveries/{dead}/resend").status_code == 404
    for other in (way.author, way.moderator, way.people.staff("auditor")):
        assert other.post(f"/v1/deliveries/{dead}/resend").status_code == 403
    assert admin.post(f"/v1/deliveries/{deliveries()[-1].id}/resend").status_code == 404, "it has not failed"


def test_who_is_watched_sees_no_message_about_that(way: Way, post: Post, clock: HeldClock) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    reachable(way.author)
    way.hand_in("micro_supervision", details={"target": "unit", "watched_unit": unit})
    post.mail.recipients.append("550 no such user")
    post.send()
    (row,) = deliveries(Delivery.state == "dead")
    theirs = way.people.staff_with(Grant("admin", "990101"), Grant("handler", None, unit))
    assert listed(theirs) == []
    assert theirs.post(f"/v1/deliveries/{row.id}/resend").status_code == 404
    assert [each["id"] for each in listed(way.people.staff("admin", "990101"))] == [row.id]


def test_what_concerns_no_area_is_for_those_who_look_after_all(people: People, post: Post, clock: HeldClock) -> None:
    who = reachable(people.resident())
    append([entry(who, "own")])
    post.mail.recipients.append("550 no such user")
    post.send()
    assert len(listed(people.staff("admin", ""))) == 1
    assert listed(people.staff("admin", "990101")) == []


def test_sent_again_it_goes_under_its_own_key(way: Way, post: Post, dead: str, clock: HeldClock) -> None:
    admin = way.people.staff("admin")
    clock.forward(days=4)
    answer = admin.post(f"/v1/deliveries/{dead}/resend")
    assert (answer.status_code, answer.get_json()) == (200, {"id": dead, "state": "waiting"})
    post.mail.recipients.append("450 later")
    post.send()
    assert listed(admin) == [], "it has all its time again"
    clock.forward(hours=3)
    post.send()
    assert f"<{dead}@example.org>" in [mail["Message-ID"] for mail in post.mail.taken]
    assert set(states()) == {"sent"}
    assert code_of(admin.post(f"/v1/deliveries/{dead}/resend")) == (409, "not_failed")
    trail = rows(select(AuditEntry.actor_id, AuditEntry.subject_id).where(AuditEntry.action == "delivery.resent"))
    assert [(row.actor_id, row.subject_id) for row in trail] == [(admin.account_id, dead)]


def test_two_who_send_again_at_once_send_once(way: Way, post: Post, dead: str) -> None:
    admins = [way.people.staff("admin") for _ in range(3)]
    post.mail.clear()
    answers = at_once(*[lambda who=who: who.post(f"/v1/deliveries/{dead}/resend").status_code for who in admins])
    assert sorted(answers) == [200, 409, 409]
    while handing.is_due(EMAIL):
        post.send()
    assert [mail["Message-ID"] for mail in post.mail.taken].count(f"<{dead}@example.org>") == 1


def _plans(statements: list[str]) -> str:
    """How SQLite would run what it was asked."""
    with db.engine.connect() as connection:
        asked_for = ((f"EXPLAIN QUERY PLAN {said}", ("x",) * said.count("?")) for said in statements)
        return "\n".join(str(row) for said, given in asked_for for row in connection.exec_driver_sql(said, given))


def test_sending_and_listing_go_by_indexes(app: Flask, people: People, clock: HeldClock) -> None:
    """Whatever else lies there: nobody walks the table."""
    if not is_sqlite():
        pytest.skip("PostgreSQL plans by how many rows there are")
    crowd = reachable_crowd(3)
    append([entry(who, "outcome") for who in crowd])
    with asked() as statements:
        assert handing.is_due(EMAIL)
        (claimed, *_) = handing.claim(EMAIL, 2)
        handing.recover(EMAIL)
        handing.gather(EMAIL)
        handing.settle_passing(claimed, "recipient_450")
        append([entry(crowd[0], "outcome")])
        people.staff("admin", "").get("/v1/deliveries?limit=1")
    plans = _plans([said for said in statements if "deliveries" in said and "INSERT" not in said])
    assert "ix_deliveries_due" in plans
    assert "ix_deliveries_line" in plans
    assert "ix_deliveries_failed" in plans
    assert "SCAN deliveries" not in plans.replace("SCAN deliveries USING INDEX ix_deliveries_failed", ""), plans
