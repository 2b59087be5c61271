"""How many wait is known without counting, for each reader, and right whatever goes on at once."""

from collections import Counter
from functools import partial
from random import Random
from typing import Any

import pytest
import shapely
from sqlalchemy import select, text

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import rows, transaction
from participate.kernel.workflow import locked
from participate.moderation import counts as kept
from participate.moderation import due, flags, mending
from participate.moderation.models import ModerationCount, ModerationTask
from participate.moderation.queries import counts
from participate.places import service as places
from participate.places.boundaries import to_wkb
from participate.places.drafts import Draft
from tests.conftest import HeldClock
from tests.moderation.test_a_moderator_s_reach import OTHER, OVER_THERE
from tests.moderation.waiting_rows import lay
from tests.people import People, Person
from tests.steps import ELSEWHERE, Way, at_once, code_of

UNIT = "019aafc3-7c00-7000-8000-00000000000a"


def counted(who: Person, query: str = "") -> dict[str, Any]:
    answer = who.get(f"/v1/moderation/counts{query}")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def queued(who: Person, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"/v1/moderation/queue?limit=100{query}").get_json()["items"]
    return found


def by_hand(tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """What the counts must be if these are all that somebody's queue shows."""
    flagged = Counter(code for task in tasks for code in {flag["code"] for flag in task["flags"]})
    return {
        "total": len(tasks),
        "urgent": sum(task["urgent"] for task in tasks),
        "by_kind": dict(Counter(task["kind"] for task in tasks)),
        "by_category": dict(Counter(task["category"] or "none" for task in tasks)),
        "by_flag": dict(flagged),
    }


def of(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("total", "urgent", "by_kind", "by_category", "by_flag")}


def test_they_are_what_the_queue_shows(people: People, clock: HeldClock) -> None:
    author, chance = people.resident(), Random(3)
    for areas in ((""), ("9901"), ("990101"), ("990101001"), ("990101001001001"), ("990102001001001"), ("11")):
        lay(author.account_id, 8, chance)
        reader = people.staff("moderator", areas)
        assert of(counted(reader)) == by_hand(queued(reader))
        for area in ("99", "9901", "990101001", "990102", "99010"):
            assert of(counted(reader, f"?area={area}")) == by_hand(queued(reader, f"&area={area}"))
    both = people.staff_with(Grant("moderator", "990101001"), Grant("moderator", "990102"), Grant("moderator", "9901"))
    assert of(counted(both)) == by_hand(queued(both))


def test_what_one_may_not_see_is_not_counted(people: People, clock: HeldClock) -> None:
    author, reader = people.resident(), people.staff_with(Grant("moderator", "9901"), Grant("handler", None, UNIT))
    chance = Random(4)
    lay(author.account_id, 5, chance, area="990101001")
    for kept_back in ({"not_by": reader.account_id}, {"nor_by": reader.account_id}, {"about_unit": UNIT}):
        lay(author.account_id, 3, chance, area="990101001", **kept_back)
    lay(reader.account_id, 4, chance, area="990101")
    assert of(counted(reader)) == by_hand(queued(reader))
    assert counted(reader)["total"] == 5
    assert counted(people.staff("moderator", "9901"))["total"] == 18


def test_those_in_hand_and_those_over_their_time(way: Way, clock: HeldClock) -> None:
    first, second = way.hand_in("micro_suggestion"), way.hand_in("micro_suggestion")
    way.moderator.post("/v1/moderation/claims", {"count": 1})
    assert (counted(way.moderator)["mine"], counted(way.people.staff("moderator"))["mine"]) == (1, 0)
    clock.forward(minutes=16)
    assert counted(way.moderator)["mine"] == 0
    assert counted(way.moderator)["overdue"] == 0
    clock.forward(hours=6)
    due.warn(way.task(first)["id"])
    assert (counted(way.moderator)["overdue"], counted(way.moderator)["urgent"]) == (1, 1)
    way.decide(first, "accept")
    assert (counted(way.moderator)["overdue"], counted(way.moderator)["total"]) == (0, 1)
    way.move(way.author, second, "withdraw")
    assert counted(way.moderator)["total"] == 0


def test_a_district_knows_nothing_of_another_s(way: Way) -> None:
    places.store([Draft(OTHER, "另一区", to_wkb(shapely.box(113, 29, 113.1, 29.1)))])
    there = way.people.staff("moderator", OTHER)
    before = counted(there)
    for _ in range(3):
        way.hand_in("micro_suggestion")
    assert counted(there) == before
    assert counted(there, "?area=990101") == counted(there, "?area=11")
    way.hand_in("micro_suggestion", place=OVER_THERE)
    assert (counted(there)["total"], counted(way.moderator)["total"]) == (1, 3)
    way.hand_in("micro_suggestion", place=ELSEWHERE)
    assert (counted(there)["total"], counted(way.moderator)["total"]) == (2, 4), "nowhere is on all desks"


def test_they_are_for_moderators(way: Way) -> None:
    for who in (way.author, way.officer, way.dispatcher, way.people.staff("auditor")):
        assert who.get("/v1/moderation/counts").status_code == 403
    assert way.people.nobody().get("/v1/moderation/counts").status_code == 401
    assert code_of(way.moderator.get("/v1/moderation/counts?area=x")) == (422, "invalid")


def test_whatever_goes_on_at_once(way: Way) -> None:
    """Twenty do something at once, again and again: opened, decided, withdrawn, flagged, edited, made urgent."""
    chance = Random(9)
    for _ in range(4):
        ids = lay(way.author.account_id, 20, chance, kind="micro_suggestion", area=way.cell)
        at_once(*(partial(_do, way, task, chance.randrange(7), number) for number, task in enumerate(ids)))
        assert mending.off() == Counter()
    assert not [row for row in rows(select(ModerationCount.n)) if row.n < 0]


def _do(way: Way, task: str, what: int, number: int) -> None:
    with way.app.app_context():
        if what == 0:
            way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
        elif what == 1:
            lay(way.author.account_id, 2, Random(number))
        elif what == 2:
            _flag(task, f"word_{number % 3}" if number % 2 else "emergency")
        elif what == 3:
            change = {"category": "C0101", "urgent": True, "note": "Better so."}
            way.moderator.patch(f"/v1/moderation/tasks/{task}", change)
        elif what == 4:
            many = {"task_ids": [task], "decision": "accept", "dry_run": number % 2 == 0}
            assert way.moderator.post("/v1/moderation/decisions", many).status_code < 500
        elif what == 5:
            way.moderator.post("/v1/moderation/claims", {"count": 3})
        else:
            _drop(task)


def _flag(task_id: str, code: str) -> None:
    with transaction():
        task = locked(ModerationTask, task_id)
        if task.state == "waiting":
            with kept.kept(task):
                flags.replace(task, [flags.flag(code, "flag.no_area")], (code, "word"))


def _drop(task_id: str) -> None:
    with transaction():
        task = locked(ModerationTask, task_id)
        if task.state == "waiting":
            with kept.kept(task):
                task.state, task.version = "dropped", task.version + 1
                flags.drop(task.id)


def test_a_change_that_is_taken_back_counts_for_nothing(way: Way) -> None:
    task = way.task(way.hand_in("micro_suggestion"))["id"]
    before = of(counted(way.moderator))
    preview = {"decision": "accept", "edits": {"urgent": True}, "note": "Now."}
    assert way.moderator.post(f"/v1/moderation/tasks/{task}/preview", preview).status_code == 200
    assert of(counted(way.moderator)) == before
    with pytest.raises(RuntimeError), transaction():
        _flag(task, "word")
        raise RuntimeError
    assert of(counted(way.moderator)) == before
    assert mending.off() == Counter()


def test_nobody_counts_tasks(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of tasks could be gone, but for the few that are taken off."""
    reader = people.staff("moderator", "9901")
    lay(people.resident().account_id, 10, Random(6), area="990101")
    asked = counts._sums(("9901",), True)
    assert "moderation_tasks" not in str(asked.compile())
    who = Caller(reader.account_id, None, (Grant("moderator", "9901"),))
    assert counts.shown(who, None)["total"] == 10
    with transaction() as session:
        session.execute(text("UPDATE moderation_counts SET n = n + 1 WHERE facet = 'all_6'"))
    assert counts.shown(who, None)["total"] == 11
