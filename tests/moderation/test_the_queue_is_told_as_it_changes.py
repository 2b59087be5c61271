"""Who has the queue open hears what becomes of each task in it: once, in order, of those that they may see alone."""

import random
from collections import defaultdict
from functools import partial
from typing import Any

import pytest
import shapely
from sqlalchemy import select, update

from participate.kernel import positions, queues
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.moderation import counts, telling
from participate.moderation.models import ModerationTask
from participate.moderation.queries.tasks import mine_to_see
from participate.places import service as places
from participate.places.boundaries import to_wkb
from participate.places.drafts import Draft
from tests.conftest import HeldClock
from tests.doors import Door, door
from tests.listeners import told
from tests.people import People, Person
from tests.steps import Way, at_once

PATH = "/v1/moderation/queue/stream"
OTHER = "990102"
OVER_THERE: dict[str, Any] = {"lat": 29.05, "lon": 113.05, "crs": "wgs84"}
__all__ = ["door"]


class Hearing:
    """One moderator's stream, heard piece by piece."""

    def __init__(self, who: Person) -> None:
        self.who = who
        _, self.last = told(who, PATH)

    def more(self) -> list[tuple[str, str]]:
        """What has happened since, and to which submission's task."""
        events, self.last = told(self.who, PATH, self.last)
        return [(event.body["what"], event.body["id"]) for event in events]


@pytest.fixture
def other(way: Way) -> Person:
    places.store([Draft(OTHER, "另一区", to_wkb(shapely.box(113, 29, 113.1, 29.1)))])
    return way.people.staff("moderator", OTHER)


def post(who: Person, path: str, body: Any) -> Any:
    answer = who.post(path, body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_each_hears_of_their_own_district_and_nothing_of_another(way: Way, other: Person) -> None:
    mine, theirs, city = Hearing(way.moderator), Hearing(other), Hearing(way.people.staff("moderator", "9901"))
    before = theirs.last
    task = way.task(way.hand_in("micro_suggestion"))["id"]
    post(way.moderator, "/v1/moderation/claims", {"count": 1})
    assert way.moderator.delete(f"/v1/moderation/claims/{task}").status_code == 204
    post(way.moderator, f"/v1/moderation/tasks/{task}/decision", {"decision": "return", "note": "Where is it?"})
    heard = [(what, task) for what in ("came", "claimed", "released", "decided")]
    assert mine.more() == city.more() == heard
    assert mine.more() == []
    assert theirs.more() == []
    assert theirs.last != before, "where one is never says whether anything has happened"
    assert told(other, PATH, before)[0] == []
    there = way.task(way.hand_in("micro_suggestion", place=OVER_THERE), other)["id"]
    assert (theirs.more(), mine.more(), city.more()) == ([("came", there)], [], [("came", there)])


def test_an_event_says_what_the_queue_would(way: Way) -> None:
    _, last = told(way.moderator, PATH)
    submission = way.hand_in("micro_suggestion")
    task = way.task(submission)
    (claimed,) = post(way.moderator, "/v1/moderation/claims", {"count": 1})["items"]
    came, taken = (event.body for event in told(way.moderator, PATH, last)[0])
    assert (came["id"], came["version"], came["submission_id"]) == (task["id"], task["version"], submission)
    assert taken == {
        name: claimed[name] for name in ("id", "version", "submission_id", "claimed_by", "lease_until")
    } | {
        "what": "claimed",
        "at": taken["at"],
    }


def test_what_leaves_the_reader_s_scope_is_told_as_gone(way: Way, other: Person) -> None:
    task = way.task(way.hand_in("micro_suggestion"))["id"]
    mine, theirs, city = Hearing(way.moderator), Hearing(other), way.people.staff("moderator", "9901")
    assert city.patch(f"/v1/moderation/tasks/{task}", {"place": OVER_THERE}).status_code == 200
    assert (mine.more(), theirs.more()) == ([("gone", task)], [("came", task)])


def test_many_at_once_are_off_the_queue_until_they_are_undone(way: Way) -> None:
    tasks = [way.task(way.hand_in("micro_suggestion"))["id"] for _ in range(2)]
    mine = Hearing(way.moderator)
    asked = {"items": [{"task_id": task, "decision": "accept"} for task in tasks], "dry_run": False}
    batch = post(way.moderator, "/v1/moderation/decisions", asked)
    assert sorted(mine.more()) == sorted(("staged", task) for task in tasks)
    assert way.moderator.post(f"/v1/moderation/decisions/{batch['batch_id']}/undo").status_code == 200
    assert sorted(mine.more()) == sorted(("came", task) for task in tasks)


def test_what_is_taken_back_is_dropped(way: Way) -> None:
    submission = way.hand_in("micro_suggestion")
    task, mine = way.task(submission)["id"], Hearing(way.moderator)
    assert way.move(way.author, submission, "withdraw").status_code == 200
    assert mine.more() == [("dropped", task)]


def test_it_comes_over_an_open_stream(door: Door, way: Way, other: Person) -> None:
    stream, silent = door.listen(way.moderator, PATH), door.listen(other, PATH)
    task = way.task(way.hand_in("micro_suggestion"))["id"]
    post(way.moderator, "/v1/moderation/claims", {"count": 1})
    came, claimed = stream.hear(2)
    assert [(event.body["what"], event.body["id"]) for event in (came, claimed)] == [("came", task), ("claimed", task)]
    assert [event.body["what"] for event in door.listen(way.moderator, PATH, came.id).hear(1)] == ["claimed"]
    door.streams.close()
    assert [event.name for event in silent.events()] == ["end"], "not a word of another district's"


@pytest.mark.parametrize("role", ["grid_officer", "desk_head", "auditor"])
def test_nobody_else_may_listen(people: People, role: str) -> None:
    assert people.staff(role).get(PATH).status_code == 403
    assert people.resident().get(PATH).status_code == 403
    assert people.nobody().get(PATH).status_code == 401


def test_whoever_comes_too_late_reads_the_queue_anew(way: Way, clock: HeldClock) -> None:
    _, last = told(way.moderator, PATH)
    way.hand_in("micro_suggestion")
    assert queues.queue_events() == 0
    clock.forward(minutes=59)
    assert queues.queue_events() == 0
    assert [event.name for event in told(way.moderator, PATH, last)[0]] == [""]
    clock.forward(minutes=2)
    assert queues.queue_events() == 1
    way.hand_in("micro_suggestion")
    events, later = told(way.moderator, PATH, last)
    assert [event.name for event in events] == ["reset"]
    assert told(way.moderator, PATH, later)[0] == []


def test_no_place_is_taken_but_one_that_was_told_to_the_same_reader(way: Way) -> None:
    _, last = told(way.moderator, PATH)
    way.hand_in("micro_suggestion")
    colleague = way.people.staff("moderator")
    for who, place in (
        (colleague, last),
        (way.moderator, new_id()),
        (way.moderator, last[:-1] + "0123456789abcdef"[int(last[-1], 16) ^ 1]),
    ):
        assert [event.name for event in told(who, PATH, place)[0]] == ["reset"]
    assert way.moderator.get(PATH, headers={"Last-Event-ID": "7"}).status_code == 422


def test_places_say_nothing_of_their_number(way: Way) -> None:
    places_told = {positions.sealed("log", "reader", 7) for _ in range(50)}
    assert len(places_told) == 50
    assert {positions.opened("log", "reader", place) for place in places_told} == {7}


def test_however_many_write_and_read_at_once_each_is_told_once(way: Way) -> None:
    mine, tasks = Hearing(way.moderator), [way.task(way.hand_in("micro_suggestion"))["id"] for _ in range(3)]
    assert [task for what, task in mine.more() if what == "came"] == tasks
    two = [way.moderator, way.people.staff("moderator")]

    def back_and_forth(who: Person, task: str) -> int:
        landed = 0
        for _ in range(6):
            landed += who.post(f"/v1/moderation/claims/{task}").status_code == 200
            landed += who.delete(f"/v1/moderation/claims/{task}").status_code == 204
        return landed

    def read() -> int:
        with way.app.app_context():
            return max(queues.last(telling.NAME) for _ in range(10))

    calls = [partial(back_and_forth, who, task) for who in two for task in tasks]
    landed = sum(at_once(*calls, read, read)[: len(calls)])
    events, _ = told(way.moderator, PATH, mine.last)
    assert len(events) == landed
    versions = defaultdict[str, list[int]](list)
    for event in events:
        versions[event.body["id"]].append(event.body["version"])
    assert all(found == sorted(found) for found in versions.values())
    held = table(queues.QueueEvent)
    numbers = [row.number for row in rows(select(held.c.number).order_by(held.c.number))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_who_hears_is_who_finds_it_in_the_queue(way: Way) -> None:
    """Told by a twin of the queue's condition, over tasks and scopes of every sort."""
    chance, held = random.Random(3), table(ModerationTask)
    ids = [way.task(way.hand_in("micro_suggestion"))["id"] for _ in range(8)]
    people, units = [way.moderator.account_id, new_id()], [new_id(), new_id()]
    areas = [None, "99", "990101", "990102", way.cell]
    for task in ids:
        values = {"area": chance.choice(areas), "about_unit": chance.choice([None, *units])}
        values |= {name: chance.choice([None, *people]) for name in ("not_by", "nor_by")}
        with transaction():
            execute(update(held).where(held.c.id == task).values(**values, author_id=chance.choice(people)))
    for _ in range(60):
        grants = [Grant(chance.choice(["moderator", "dispatcher"]), chance.choice(["", *areas[1:]]), None)]
        grants += [Grant("handler", None, chance.choice(units))] if chance.random() < 0.5 else []
        caller = Caller(chance.choice(people), None, tuple(grants))
        found = rows(select(held.c.id).where(mine_to_see(caller.grants)), {"me": caller.account_id})
        seen = rows(select(held.c.id, *telling.SEEN))
        assert {row.id for row in found} == {row.id for row in seen if telling.sees(caller, row._asdict())}


def test_a_change_that_shows_nothing_is_not_told(way: Way) -> None:
    task = way.task(way.hand_in("micro_suggestion"))["id"]
    mine = Hearing(way.moderator)
    with transaction() as session:
        found = session.get(ModerationTask, task)
        assert found is not None
        with counts.kept(found):
            pass
    assert mine.more() == []
