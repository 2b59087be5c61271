"""A moderator hears that a photo looks like one sent in before; who else may hear of what is what they may see."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from participate.kernel import errands
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, table, transaction
from participate.kernel.errors import Missing
from participate.kernel.outbox import OutboxErrand
from participate.photos.alike import FINGERPRINT
from participate.submissions import likely
from participate.submissions.models import Submission
from tests.people import Person
from tests.pictures import copied, scene
from tests.steps import HERE, Way, upload

_ERRAND = OutboxErrand.subscriber == FINGERPRINT
FAR: dict[str, Any] = HERE | {"lat": HERE["lat"] + 0.01}  # 1.1 km


def sent(way: Way, photo: bytes, by: Person | None = None, **fields: Any) -> str:
    who = by or way.people.resident()
    return way.hand_in(by=who, photo_ids=[way.photo(who, photo)], **fields)


def flags(way: Way, submission_id: str, language: str = "en") -> list[tuple[str, str]]:
    queue = way.moderator.get("/v1/moderation/queue?limit=100", headers={"Accept-Language": language})
    task = next(each for each in queue.get_json()["items"] if each["submission_id"] == submission_id)
    return [(flag["code"], flag["why"]) for flag in task["flags"] if flag["code"] == "photo_alike"]


@pytest.mark.parametrize(("place", "said"), [(HERE, "from near by"), (FAR, "sent in before.")])
def test_a_copy_is_flagged_and_whether_it_is_near(way: Way, place: dict[str, Any], said: str) -> None:
    first = sent(way, scene(1))
    second = sent(way, copied(scene(1)), place=place)
    [(_, why)] = flags(way, second)
    assert said in why
    assert flags(way, second, "zh-Hans")[0][1] != why
    assert flags(way, first) == []
    found = way.moderator.get("/v1/moderation/queue?flag=photo_alike").get_json()["items"]
    assert [task["submission_id"] for task in found] == [second]


def test_what_lies_in_another_district_is_told_of_to_nobody(way: Way) -> None:
    first = sent(way, scene(1))
    with transaction():
        execute(update(table(Submission)).where(Submission.id == first).values(area="990102001001001"))
    assert flags(way, sent(way, copied(scene(1)))) == []
    with transaction():
        execute(update(table(Submission)).where(Submission.id == first).values(public=True))
    assert len(flags(way, sent(way, copied(scene(1))))) == 1


def test_another_photo_is_not_flagged(way: Way) -> None:
    sent(way, scene(1))
    assert flags(way, sent(way, scene(2))) == []


def test_a_task_that_is_open_already_is_flagged_later(way: Way) -> None:
    """As in a storm, when submissions go to the desk before anybody has looked what their photos look like."""
    sent(way, scene(1))
    who = way.people.resident()
    answer = upload(who, copied(scene(1)))
    photo = answer.get_json()["id"]
    while errands.work_off("photos", 100):
        pass
    with transaction():  # The errand is put off.
        execute(update(table(OutboxErrand)).where(_ERRAND).values(next_at=now() + timedelta(hours=1)))
    second = way.hand_in(by=who, photo_ids=[photo])
    assert flags(way, second) == []
    with transaction():
        execute(update(table(OutboxErrand)).where(_ERRAND).values(next_at=now()))
    way.work()
    assert len(flags(way, second)) == 1


def test_whoever_asks_hears_of_what_they_may_see(way: Way) -> None:
    first, second = sent(way, scene(1)), sent(way, copied(scene(1)), place=FAR)
    third = sent(way, copied(scene(1)), by=way.author)
    moderator = Caller(way.moderator.account_id, grants=(Grant("moderator", "990101"),))
    assert [each.id for each in likely.duplicates(moderator, second)] == [third, first]
    assert [(each.id, each.is_near) for each in likely.duplicates(moderator, third)] == [(first, True), (second, False)]
    author = Caller(way.author.account_id)
    assert likely.duplicates(author, third) == []
    assert way.decide(first, "accept").status_code == 200
    assert [each.id for each in likely.duplicates(author, third)] == [first]
    with pytest.raises(Missing):
        likely.duplicates(author, second)
