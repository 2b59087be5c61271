"""From where an officer stands: late cases first, then the nearest, or a way through all of them that is short."""

from itertools import pairwise, permutations
from typing import Any

import pytest

from participate.places.coordinates import Point, metres
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way

STANDING = f"lat={HERE['lat']}&lon={HERE['lon']}&crs=wgs84"
STATION = Point(HERE["lat"], HERE["lon"])


def at(north: int, east: int) -> dict[str, Any]:
    """A place so many metres from where the officer stands."""
    return HERE | {"lat": HERE["lat"] + north / 110_900, "lon": HERE["lon"] + east / 98_200}


@pytest.fixture
def officer(way: Way) -> Person:
    """Of the whole district, with what is there taken on."""
    return way.people.staff("grid_officer", "990101")


def held(way: Way, officer: Person, *places: tuple[int, int]) -> list[str]:
    """Cases at these places, which the officer holds."""
    made = []
    for north, east in places:
        submission = way.accepted(place=at(north, east))
        to = {"to": {"assignee": officer.account_id}, "note": "Yours."}
        way.act(way.dispatcher, submission, "dispatch", **to)
        way.act(way.dispatcher, submission, "reassign", **to)
        made.append(submission)
    return made


def stops(who: Person, order: str) -> list[dict[str, Any]]:
    answer = who.get(f"/v1/cases/route?{STANDING}&order={order}")
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [stop["case"]["submission_id"] for stop in found]


def test_the_nearest_come_first(way: Way, officer: Person) -> None:
    far, near, middle = held(way, officer, (300, 0), (0, 50), (-150, 0))
    found = stops(officer, "nearest")
    assert ids(found) == [near, middle, far]
    assert [stop["distance_m"] for stop in found] == pytest.approx([50, 150, 300], abs=2)
    assert stops(way.people.staff("grid_officer", "990101"), "nearest") == []


def test_the_late_come_before_all_others(way: Way, officer: Person, clock: HeldClock) -> None:
    late = held(way, officer, (300, 0))
    clock.forward(days=5)
    near = held(way, officer, (0, 50))
    for order in ("nearest", "route"):
        assert ids(stops(officer, order)) == late + near


def test_what_is_done_or_lies_nowhere_is_no_stop_on_the_way(way: Way, officer: Person) -> None:
    here, done = held(way, officer, (0, 50), (0, 80))
    for name in ("accept", "start"):
        way.act(officer, done, name)
    assert way.act(officer, done, "resolve", note="Filled.", photo_ids=[way.photo(officer)]).status_code == 200
    nowhere = way.accepted("micro_service", place=None)
    way.act(way.dispatcher, nowhere, "dispatch", to={"assignee": officer.account_id})
    found = stops(officer, "route")
    assert ids(found) == [here, nowhere]
    assert (found[1]["place"], found[1]["distance_m"]) == (None, None)


def test_a_route_is_as_short_as_any_through_a_few(way: Way, officer: Person) -> None:
    """Always to the nearest would go back and forth here."""
    places = (0, 60), (0, -70), (0, 200), (0, -260), (90, 230)
    held(way, officer, *places)
    found = stops(officer, "route")
    points = [Point(stop["place"]["lat"], stop["place"]["lon"]) for stop in found]
    walked = sum(stop["distance_m"] for stop in found)
    assert walked == pytest.approx(_length(points), abs=len(points))
    assert walked <= min(map(_length, permutations(points))) * 1.02


def _length(points: Any) -> float:
    way = [STATION, *points]
    return sum(metres(one, other) for one, other in pairwise(way))


@pytest.mark.parametrize("query", ["", "lat=99&lon=1&crs=wgs84", "lat=1&lon=1&crs=mars", f"{STANDING}&order=far"])
def test_what_is_no_place_is_refused(way: Way, query: str) -> None:
    assert way.officer.get(f"/v1/cases/route?{query}").status_code == 422
    assert way.author.get(f"/v1/cases/route?{STANDING}").status_code == 403


def test_a_list_is_narrowed_to_a_cell(way: Way) -> None:
    here, _north = way.accepted(), way.accepted(place=at(1100, 0))
    answer = way.supervisor.get(f"/v1/cases?view=area&cell={way.cell}").get_json()
    assert [each["submission_id"] for each in answer["items"]] == [here]
    assert way.supervisor.get("/v1/cases?view=area&cell=990102001001001").get_json()["items"] == []
    assert way.supervisor.get("/v1/cases?view=area&cell=x").status_code == 422
