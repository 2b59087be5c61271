"""The desk's queue: what waits longest first, what is overdue before all, narrowed by kind and by flag."""

from typing import Any

import pytest
from sqlalchemy import select

from participate.kernel import deadlines
from participate.kernel.db import rows
from participate.kernel.outbox import OutboxFact
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import ELSEWHERE, Way, upload


def queue(who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = who.get(f"/v1/moderation/queue?limit=100&{query}")
    assert answer.status_code == 200, answer.get_json()
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def about(who: Person, query: str = "") -> list[str]:
    return [task["submission_id"] for task in queue(who, query)]


def test_what_came_first_is_first(way: Way, clock: HeldClock) -> None:
    came = []
    for _ in range(4):
        came.append(way.hand_in("micro_suggestion"))
        clock.forward(minutes=30)
    assert about(way.moderator) == came


def test_a_task_says_what_it_is_about_and_until_when(way: Way, clock: HeldClock) -> None:
    submission = way.hand_in("micro_suggestion", title="Benches")
    (task,) = queue(way.moderator)
    assert (task["title"], task["kind"], task["area"]) == ("Benches", "micro_suggestion", way.cell)
    assert (task["state"], task["urgent"], task["claimed_by"], task["flags"]) == ("waiting", False, None, [])
    # Four work hours from Monday, 10 in the morning, with an hour's rest at noon.
    assert task["due_at"] == "2026-11-23T07:00:00Z"
    answer = way.moderator.get(f"/v1/moderation/tasks/{task['id']}")
    assert answer.get_json()["submission"]["id"] == submission
    held = {"If-None-Match": answer.headers["ETag"]}
    assert way.moderator.get(f"/v1/moderation/tasks/{task['id']}", headers=held).status_code == 304


def test_without_a_title_the_first_line_stands_for_it(way: Way) -> None:
    way.hand_in("micro_suggestion", body="\n  More benches, please.\nSecond line.")
    assert queue(way.moderator)[0]["title"] == "More benches, please."


def test_what_is_overdue_becomes_urgent(way: Way, clock: HeldClock) -> None:
    late = way.hand_in("micro_suggestion")
    clock.forward(hours=2)
    fresh = way.hand_in("micro_suggestion")
    clock.forward(hours=3)
    deadlines.sweep()
    way.work()
    assert [(task["submission_id"], task["urgent"]) for task in queue(way.moderator)] == [(late, True), (fresh, False)]


def test_what_was_decided_in_time_does_not_become_urgent(way: Way, clock: HeldClock) -> None:
    way.decide(way.hand_in("micro_suggestion"), "accept")
    clock.forward(hours=6)
    deadlines.sweep()
    assert "moderation_task.look_due" not in [row.name for row in rows(select(OutboxFact.name))]


def test_it_is_narrowed_by_kind_and_by_flag(way: Way) -> None:
    report, suggestion = way.hand_in(), way.hand_in("micro_suggestion")
    nowhere = way.hand_in(place=ELSEWHERE)
    broken = way.hand_in(photo_ids=[upload(way.author, b"no photo").get_json()["id"]])
    assert about(way.moderator, "kind=snap_report") == [report, nowhere, broken]
    assert about(way.moderator, "kind=micro_suggestion") == [suggestion]
    assert about(way.moderator, "flag=no_area") == [nowhere]
    assert about(way.moderator, "flag=photo_refused") == [broken]
    assert about(way.moderator, "flag=no") == []
    assert about(way.moderator, "kind=micro_suggestion&flag=no_area") == []


def test_a_flag_says_why_in_the_reader_s_language(way: Way) -> None:
    way.hand_in(place=ELSEWHERE)
    (english,) = (flag for flag in queue(way.moderator)[0]["flags"] if flag["code"] == "no_area")
    answer = way.moderator.get("/v1/moderation/queue", headers={"Accept-Language": "zh-Hans"})
    (chinese,) = (flag for flag in answer.get_json()["items"][0]["flags"] if flag["code"] == "no_area")
    assert english["code"] == chinese["code"] == "no_area"
    assert english["why"] != chinese["why"]
    assert not english["why"].startswith("flag.")


@pytest.mark.parametrize("query", ["kind=gossip", "flag=A", "flag=%25", "colour=red"])
def test_what_cannot_be_asked_is_refused(way: Way, query: str) -> None:
    assert way.moderator.get(f"/v1/moderation/queue?{query}").status_code == 422


def test_the_desk_is_for_moderators(way: Way) -> None:
    for who in (way.author, way.officer, way.dispatcher, way.supervisor, way.people.staff("auditor")):
        assert who.get("/v1/moderation/queue").status_code == 403
        assert who.post("/v1/moderation/claims", {"count": 1}).status_code == 403
    assert way.people.nobody().get("/v1/moderation/queue").status_code == 401
