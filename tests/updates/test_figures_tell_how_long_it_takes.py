"""Figures tell, channel by channel, how long it took to reach people, what did not, and how much nobody wanted."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from participate.accounts.models import ROLES
from participate.kernel import tally
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, table, transaction
from participate.kernel.ids import new_id
from participate.updates import concerns
from participate.updates.channels.base import EMAIL, SMS, WEBHOOK
from participate.updates.deliveries.models import Delivery
from participate.updates.deliveries.taking import TOLD
from participate.updates.service import append
from tests.conftest import HeldClock
from tests.people import People
from tests.steps import Way
from tests.updates.conftest import Post, Reader, choose, reachable, reachable_crowd
from tests.updates.entries import entry

PATH = "/v1/deliveries/figures"


def asked(people: People, **query: Any) -> Any:
    """What an auditor reads of the days around the present one."""
    today = now().astimezone(settings().timezone).date()
    period = {"since": str(today - timedelta(days=1)), "until": str(today + timedelta(days=1))}
    answer = people.staff("auditor").get(PATH, query_string=period | query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def channel(figures: Any, name: str) -> Any:
    return next(each for each in figures["channels"] if each["channel"] == name)


def sent(reader: Reader, *seconds: float, state: str = "sent", by: str = EMAIL) -> None:
    """Messages that took so long, each about a fact of its own; all written just now."""
    began = now() - timedelta(days=3)
    common = {"account_id": reader.account_id, "channel": by, "number": 1, "move": "start", "concern": "own"}
    common |= {"priority": 1, "urgent": False, "state": state, "attempts": 1, "next_at": began, "due_at": began}
    with transaction():
        for took in seconds:
            row = common | {"id": new_id(), "fact_id": new_id(), "at": began, "carries": 0}
            row |= {"sent_at": began + timedelta(seconds=took) if state == "sent" else None}
            execute(insert(table(Delivery)).values(row))


def test_quantiles_are_those_of_what_arrived(app: Flask, people: People) -> None:
    (reader,) = reachable_crowd(1)
    sent(reader, *[n / 2 for n in range(1, 101)])
    sent(reader, 7000.0, by=SMS)
    found = asked(people)
    assert channel(found, EMAIL)["seconds"] == {"median": 25.0, "p95": 47.5, "p99": 49.5}
    assert channel(found, SMS)["seconds"] == {"median": 6960.0, "p95": 6960.0, "p99": 6960.0}, "to the minute by then"
    assert channel(found, WEBHOOK)["seconds"] == {"median": None, "p95": None, "p99": None}
    assert [each["channel"] for each in asked(people, channel=SMS)["channels"]] == [SMS]


def test_what_did_not_arrive_is_told_apart(app: Flask, people: People) -> None:
    (reader,) = reachable_crowd(1)
    sent(reader, 1.0)
    for state in ("waiting", "handing_over", "digest", "carried", "dead", "uncertain", "muted", "muted"):
        sent(reader, 0.0, state=state)
    found = channel(asked(people), EMAIL)
    assert found | {"seconds": None} == {
        "channel": EMAIL,
        "planned": 9,
        "delivered": 1,
        "undelivered": 4,
        "dead": 1,
        "uncertain": 1,
        "muted": 2,
        "seconds": None,
    }


def counted(app: Flask) -> dict[str, float]:
    metrics = tally.added_up(tally.of(app).folder)
    samples = [each for metric in metrics if metric.name == TOLD for each in metric.samples]
    return {"sent": 0.0, "muted": 0.0} | {each.labels["outcome"]: each.value for each in samples}


def test_the_muted_share_is_of_facts_that_go_out_by_no_channel(way: Way, post: Post) -> None:
    by_mail = {"channel": EMAIL, "on": True, "muted": ["own", "joined"]}
    reader, before = reachable(way.author), counted(way.app)
    choose(reader, by_mail, {"channel": SMS, "on": True, "muted": ["own"]})
    append([entry(reader, concern) for concern in (concerns.OWN, concerns.JOINED, concerns.OUTCOME, concerns.OWN)])
    append([entry(way.people.resident(), concerns.OWN)])
    found = asked(way.people)
    assert found["muted_share"] == 0.5, "of four; what one of two channels has is told, and who has none is not of them"
    assert (channel(found, EMAIL)["muted"], channel(found, SMS)["muted"]) == (3, 2)
    after = counted(way.app)
    assert (after["sent"] - before["sent"], after["muted"] - before["muted"]) == (2, 2)


def test_codes_and_machines_are_no_facts_to_people(way: Way) -> None:
    reachable(way.author)
    (machine,) = reachable_crowd(1, WEBHOOK)
    append([entry(machine, concerns.FOLLOWED)])
    found = asked(way.people)
    assert found["muted_share"] is None
    assert (channel(found, EMAIL)["planned"], channel(found, WEBHOOK)["planned"]) == (0, 1)


def test_other_days_are_left_out(app: Flask, people: People) -> None:
    (reader,) = reachable_crowd(1)
    sent(reader, 1.0)
    today = now().astimezone(settings().timezone).date()
    for before, after, seen in ((-3, -2, 0), (2, 3, 0), (-2, 1, 1)):
        days = {"since": str(today + timedelta(days=before)), "until": str(today + timedelta(days=after))}
        assert channel(asked(people, **days), EMAIL)["planned"] == seen


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        ("2026-11-01", "2026-12-02", "period_too_long"),
        ("2026-11-02", "2026-11-01", "period_too_long"),
        ("today", "2026-11-01", "type"),
    ],
)
def test_a_period_that_is_too_long_is_refused(people: People, since: str, until: str, code: str) -> None:
    answer = people.staff("admin").get(PATH, query_string={"since": since, "until": until})
    assert answer.status_code == 422
    (fault,) = answer.get_json()["errors"]
    assert (fault["code"], "31" in fault["message"]) == (code, code == "period_too_long")


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "9999-12-31"])
def test_any_day_is_taken(people: People, day: str) -> None:
    assert people.staff("admin").get(PATH, query_string={"since": day, "until": day}).status_code == 200


def test_who_answers_for_the_service_reads_them(people: People) -> None:
    query = {"since": "2026-11-01", "until": "2026-11-30"}
    for role in ROLES:
        who = people.resident() if role == "resident" else people.staff(role)
        assert who.get(PATH, query_string=query).status_code == (200 if role in {"admin", "auditor"} else 403), role
    assert people.nobody().get(PATH, query_string=query).status_code == 401


def test_what_waits_for_its_digest_is_not_delivered(way: Way, clock: HeldClock, post: Post) -> None:
    reader = reachable(way.author, digest_hour=12)
    append([entry(reader, concerns.OWN)])
    scraped = way.people.staff("admin").get("/metrics").get_data(as_text=True)
    assert 'participate_deliveries_undelivered{channel="email"} 1.0' in scraped
    assert 'participate_deliveries_waiting{channel="email"} 0.0' in scraped
