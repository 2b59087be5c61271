"""Where a submission lies is told by its author or by a photo; what lies nowhere known is not lost."""

from typing import Any

import pytest

from participate.places import coordinates
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way, snapshot


def place_of(way: Way, submission: str, who: Person | None = None) -> tuple[dict[str, Any], str]:
    seen = (who or way.author).get(f"/v1/submissions/{submission}").get_json()
    return seen["place"], seen["place_source"]


def moved(lat: float, lon: float, crs: str) -> dict[str, Any]:
    """The point as a device that works in `crs` would name it."""
    point = coordinates.from_wgs84(lat, lon, crs)
    return {"lat": point.lat, "lon": point.lon, "crs": crs}


def test_the_cell_s_officer_gets_what_lies_in_it(way: Way) -> None:
    submission = way.accepted()
    place, source = place_of(way, submission)
    assert (place["cell"], place["area"], source) == (way.cell, way.cell, "given")
    assert len(way.officer.get("/v1/cases?view=mine").get_json()["items"]) == 1


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "cgcs2000"])
def test_coordinates_of_any_system_name_the_same_spot(way: Way, crs: str) -> None:
    stated = moved(HERE["lat"], HERE["lon"], crs)
    if crs != "cgcs2000":
        assert abs(stated["lat"] - HERE["lat"]) > 0.001, "it would have been taken for another spot"
    place, _ = place_of(way, way.hand_in(place=stated | {"accuracy_m": 12.5, "address": "解放路 12 号"}))
    assert (place["lat"], place["lon"]) == pytest.approx((HERE["lat"], HERE["lon"]), abs=1e-8)
    assert (place["crs"], place["cell"]) == ("wgs84", way.cell)
    assert (place["accuracy_m"], place["address"]) == (12.5, "解放路 12 号")


@pytest.mark.parametrize(("lat", "lon", "crs"), [(28, -180, "gcj02"), (90, 180, "bd09"), (89.9, 0, "gcj02")])
def test_a_place_that_its_system_cannot_mean_is_refused_by_its_own_name(
    way: Way, lat: float, lon: float, crs: str
) -> None:
    place = {"lat": lat, "lon": lon, "crs": crs}
    answer = way.author.post("/v1/submissions", {"kind": "snap_report", "body": "A hole.", "place": place})
    (fault,) = answer.get_json()["errors"]
    assert (answer.status_code, fault["field"], fault["code"]) == (422, "place.crs", "crs_far")


def test_a_photo_stands_for_the_place(way: Way) -> None:
    photo = way.photo(way.author, snapshot(HERE["lat"], HERE["lon"]))
    submission = way.accepted(place=None, photo_ids=[photo])
    place, source = place_of(way, submission)
    assert (place["cell"], source) == (way.cell, "photo")
    assert (place["lat"], place["lon"]) == pytest.approx((HERE["lat"], HERE["lon"]), abs=1e-6)
    assert len(way.officer.get("/v1/cases?view=mine").get_json()["items"]) == 1


def test_the_first_photo_with_a_place_counts(way: Way) -> None:
    taken = (snapshot(), snapshot(HERE["lat"], HERE["lon"]), snapshot(30, 110))
    photos = [way.photo(way.author, data) for data in taken]
    assert place_of(way, way.hand_in(place=None, photo_ids=photos))[0]["cell"] == way.cell


def test_what_the_author_says_goes_before_what_a_photo_says(way: Way) -> None:
    photo = way.photo(way.author, snapshot(30, 110))
    place, source = place_of(way, way.hand_in(photo_ids=[photo]))
    assert (place["cell"], source) == (way.cell, "given")


def test_a_report_needs_a_place_or_a_photo(way: Way) -> None:
    answer = way.author.post("/v1/submissions", {"kind": "snap_report", "body": "A hole somewhere."})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.get_json()["errors"]] == [("place", "place_or_photo")]


@pytest.mark.parametrize("kind_of_nowhere", ["outside", "without"])
def test_what_lies_nowhere_reaches_a_desk_and_a_handler(way: Way, kind_of_nowhere: str) -> None:
    if kind_of_nowhere == "outside":
        submission = way.hand_in(place=ELSEWHERE)
    else:
        submission = way.hand_in(place=None, photo_ids=[way.photo(way.author)])
    for moderator in (way.moderator, way.people.staff("moderator", "430102")):
        told = {flag["code"] for flag in way.task(submission, moderator)["flags"]}
        assert told == {"no_area", "no_photo" if kind_of_nowhere == "outside" else "photo_old"}
    assert way.decide(submission, "accept").status_code == 200

    far = way.people.staff("dispatcher", "430102")
    for dispatcher in (way.dispatcher, far):
        (case,) = dispatcher.get("/v1/cases?view=unrouted").get_json()["items"]
        assert (case["submission_id"], case["state"], case["area"]) == (submission, "filed", None)
        assert dispatcher.get(f"/v1/submissions/{submission}").status_code == 200
    assert way.officer.get(f"/v1/cases/{case['id']}").status_code == 404

    assert way.act(far, submission, "dispatch", to={"assignee": way.officer.account_id}).status_code == 200
    assert way.state(submission) == "assigned"
    (held,) = way.officer.get("/v1/cases?view=mine").get_json()["items"]
    assert held["submission_id"] == submission


def test_a_cell_without_an_officer_leaves_the_case_to_the_dispatcher(way: Way) -> None:
    submission = way.accepted(place=HERE | {"lat": HERE["lat"] + 0.01})
    assert way.state(submission) == "accepted"
    (case,) = way.dispatcher.get("/v1/cases?view=unrouted").get_json()["items"]
    assert (case["submission_id"], case["state"], case["assignee"]) == (submission, "filed", None)
    assert case["cell"] not in {None, way.cell}


def test_an_officer_does_not_handle_their_own_report(way: Way) -> None:
    submission = way.accepted(by=way.officer)
    case = way.dispatcher.get("/v1/cases?view=unrouted").get_json()["items"][0]
    assert (case["submission_id"], case["assignee"]) == (submission, None)
