"""A moderator sees, claims and decides what lies in their own scope; what lies beyond does not exist for them."""

from dataclasses import dataclass
from typing import Any

import pytest
import shapely

from participate.places import service as places
from participate.places.boundaries import to_wkb
from participate.places.drafts import Draft
from tests.people import Person
from tests.steps import Way, code_of

OTHER = "990102"
OVER_THERE: dict[str, Any] = {"lat": 29.05, "lon": 113.05, "crs": "wgs84"}
UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"


@dataclass
class Districts:
    """Two districts with a moderator each, and three and two submissions that wait there."""

    way: Way
    mine: list[str]
    theirs: list[str]
    other: Person


@pytest.fixture
def two(way: Way) -> Districts:
    places.store([Draft(OTHER, "另一区", to_wkb(shapely.box(113, 29, 113.1, 29.1)))])
    mine = [way.hand_in("micro_suggestion") for _ in range(3)]
    theirs = [way.hand_in("micro_suggestion", place=OVER_THERE) for _ in range(2)]
    return Districts(way, mine, theirs, way.people.staff("moderator", OTHER))


def waiting(who: Person) -> list[str]:
    return [task["submission_id"] for task in who.get("/v1/moderation/queue").get_json()["items"]]


def test_each_sees_their_own_district(two: Districts) -> None:
    assert waiting(two.way.moderator) == two.mine
    assert waiting(two.other) == two.theirs
    assert waiting(two.way.people.staff("moderator", "9901")) == two.mine + two.theirs
    assert waiting(two.way.people.staff("moderator", "")) == two.mine + two.theirs
    assert waiting(two.way.people.staff("moderator", "990101999")) == []


def test_each_claims_from_their_own_district(two: Districts) -> None:
    claimed = two.other.post("/v1/moderation/claims", {"count": 20}).get_json()["items"]
    assert [task["submission_id"] for task in claimed] == two.theirs
    held = two.way.moderator.get("/v1/moderation/queue").get_json()["items"]
    assert [task["claimed_by"] for task in held] == [None] * 3


def test_beyond_it_a_task_is_as_one_that_there_is_not(two: Districts) -> None:
    task = two.way.task(two.mine[0])["id"]
    for path in (f"/v1/moderation/tasks/{task}", f"/v1/moderation/tasks/{UNKNOWN}"):
        assert code_of(two.other.get(path)) == (404, "not_found")
        assert code_of(two.other.post(f"{path}/decision", {"decision": "accept"})) == (404, "not_found")
        reason = {"reason": "Somebody is hurt in the photo."}
        assert code_of(two.other.post(f"{path}/unmask", reason)) == (404, "not_found")
    two.way.moderator.post("/v1/moderation/claims", {"count": 1})
    for claim in (task, UNKNOWN):
        assert code_of(two.other.delete(f"/v1/moderation/claims/{claim}")) == (404, "not_found")
    assert two.way.state(two.mine[0]) == "in_moderation"


def test_nobody_decides_on_their_own(way: Way) -> None:
    submission = way.hand_in("micro_suggestion", by=way.moderator)
    other = way.people.staff("moderator")
    task = way.task(submission, other)["id"]
    assert waiting(way.moderator) == []
    assert way.moderator.post("/v1/moderation/claims", {"count": 5}).get_json()["items"] == []
    assert way.moderator.get(f"/v1/moderation/tasks/{task}").status_code == 404
    answer = way.moderator.post(f"/v1/moderation/tasks/{task}/decision", {"decision": "accept"})
    assert answer.status_code == 404
    assert way.decide(submission, "accept", other).status_code == 200
