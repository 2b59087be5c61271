"""Submissions that are looked through, and the flags that a moderator then sees."""

from typing import Any

import shapely

from participate.places import service as places
from participate.places.boundaries import to_wkb
from participate.places.drafts import Draft
from tests.people import Person
from tests.pictures import scene
from tests.steps import HERE, Way

LONG = "人民路与建设路交叉口东南角的污水井盖缺失三天，晚上没有照明，已经有两位老人绊倒，请尽快修复。"
OTHER = "我们小区北门外的公交站台顶棚破了一个大洞，下雨天等车的人全部淋湿，希望相关部门派人更换顶棚玻璃。"
THERE: dict[str, Any] = {"lat": 29.05, "lon": 113.05, "crs": "wgs84"}  # In the other one of `two_districts`.


def flags(way: Way, submission_id: str, by: Person | None = None, language: str = "en") -> dict[str, str]:
    """The flags of a task that waits, with why."""
    moderator = by or way.moderator
    queue = moderator.get("/v1/moderation/queue?limit=100", headers={"Accept-Language": language}).get_json()["items"]
    task = next(task for task in queue if task["submission_id"] == submission_id)
    return {flag["code"]: flag["why"] for flag in task["flags"]}


def at(north: float = 0, east: float = 0) -> dict[str, Any]:
    """A place so many metres from the demo district's centre."""
    return HERE | {"lat": HERE["lat"] + north / 110_900, "lon": HERE["lon"] + east / 98_200}


def report(way: Way, body: str, by: Person | None = None, seed: int | None = None, **fields: Any) -> str:
    """A snap report with a photo that shows something else than all others."""
    who = by or way.people.resident()
    photos = [way.photo(who, scene(abs(hash(body)) if seed is None else seed))]
    return way.hand_in(by=who, body=body, photo_ids=photos, **fields)


def two_districts(way: Way) -> Person:
    """The moderator of another district, in which THERE lies."""
    places.store([Draft("990102", "另一区", to_wkb(shapely.box(113, 29, 113.1, 29.1)))])
    return way.people.staff("moderator", "990102")
