"""While somebody types, what is open near by is shown, nearest first; what not all may see or is over is not."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from participate.kernel.clock import now
from participate.kernel.db import execute, table, transaction
from participate.submissions.models import Submission
from participate.submissions.squares import OPEN_OF_EACH
from tests.people import Person
from tests.pictures import copied, scene
from tests.queries import asked as asking
from tests.steps import HERE, Way, code_of

PATH = "/v1/submissions/nearby"


def at(north: float) -> dict[str, Any]:
    return HERE | {"lat": HERE["lat"] + north / 110_900}


def near(who: Person, **more: Any) -> list[dict[str, Any]]:
    answer = who.get(PATH, query_string=HERE | more)
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def test_the_nearest_come_first_and_the_far_not_at_all(way: Way) -> None:
    far, second, first = (way.accepted("micro_suggestion", place=at(metres)) for metres in (260, 120, 10))
    found = near(way.people.nobody())
    assert [each["id"] for each in found] == [first, second]
    assert [each["distance_m"] for each in found] == [pytest.approx(10, abs=8), pytest.approx(120, abs=8)]
    assert far not in {each["id"] for each in found}


def test_what_not_everybody_sees_is_not_shown(way: Way) -> None:
    mine = {way.hand_in("micro_suggestion"), way.accepted("micro_supervision")}
    withdrawn = way.accepted("micro_suggestion", place=at(1))
    way.move(way.author, withdrawn, "withdraw")
    for who in (way.people.nobody(), way.people.resident(), way.moderator):
        assert near(who) == []
    assert {each["id"] for each in near(way.author)} == mine


def test_it_says_in_what_they_are_alike(way: Way) -> None:
    category = way.author.get("/v1/categories?limit=1").get_json()["items"][0]["code"]
    way.accepted("micro_suggestion", body="井盖缺失，晚上看不见。", category=category)
    (plain,) = near(way.author)
    assert (plain["alike"], plain["likeness"], plain["affected"]) == (["place"], None, 1)
    (same,) = near(way.author, category=category, q="路边的井盖缺失了")
    assert same["alike"] == ["place", "category", "text"]
    assert 0.25 <= same["likeness"] <= 1
    (other,) = near(way.author, category="none", q="公园的长椅")
    assert (other["alike"], other["likeness"]) == (["place"], 0.0)


def test_what_was_closed_lately_is_shown_for_two_weeks(way: Way) -> None:
    submission = way.answered()
    assert way.move(way.author, submission, "rate", resolved=True, satisfaction=5).status_code == 200
    assert [each["state"] for each in near(way.people.nobody())] == ["closed"]
    with transaction():
        held = table(Submission)
        execute(update(held).where(held.c.id == submission).values(updated_at=now() - timedelta(days=15)))
    assert near(way.people.nobody()) == []


def test_photos_count_that_are_ones_own(way: Way) -> None:
    photo = way.photo(way.author)
    assert code_of(way.people.resident().get(PATH, query_string=HERE | {"photo_id": photo})) == (404, "not_found")
    assert code_of(way.people.nobody().get(PATH, query_string=HERE | {"photo_id": photo})) == (404, "not_found")
    assert near(way.author, photo_id=photo) == []


def test_a_photo_of_the_same_is_told_however_old_the_other_is(way: Way) -> None:
    old = way.accepted("snap_report", photo_ids=[way.photo(way.author, scene(1))])
    for _ in range(OPEN_OF_EACH):
        way.accepted("micro_suggestion", place=at(1))
    resident = way.people.resident()
    photo = way.photo(resident, copied(scene(1)))
    assert {each["id"] for each in near(resident, photo_id=photo, limit=20) if "photo" in each["alike"]} == {old}
    assert old not in {each["id"] for each in near(resident, limit=20)}


def test_distances_tell_no_more_of_the_place_than_is_shown(way: Way) -> None:
    """Places are shown to four decimals: two that are shown alike are as far away, and stay in their order."""
    south, north = (way.accepted("micro_suggestion", place=HERE | {"lat": lat}) for lat in (28.22816, 28.22824))
    for lat in (28.2272, 28.2292):
        found = near(way.people.nobody(), lat=lat)
        assert [each["id"] for each in found] == [south, north]
        assert found[0]["distance_m"] == found[1]["distance_m"]
        assert [each["id"] for each in near(way.people.nobody(), lat=lat, limit=1)] == [south]


def test_what_was_closed_is_shown_where_much_is_open(way: Way) -> None:
    closed = way.answered()
    way.move(way.author, closed, "rate", resolved=True, satisfaction=5)
    for _ in range(OPEN_OF_EACH):
        way.hand_in("micro_suggestion", by=way.people.resident())
    assert [each["id"] for each in near(way.people.nobody())] == [closed]


@pytest.mark.parametrize(
    "wrong",
    [{"lat": 91}, {"lon": "x"}, {"crs": "mars"}, {"limit": 21}, {"lat": "nan"}, {"photo_id": "x"}, {"where": 1}],
)
def test_what_is_no_place_is_refused(way: Way, wrong: dict[str, Any]) -> None:
    assert code_of(way.author.get(PATH, query_string=HERE | wrong)) == (422, "invalid")


@pytest.mark.parametrize("place", [(90, 0), (-90, 180), (0, 180), (0, -180), (89.9999, 179.9999)])
def test_the_ends_of_the_world_are_places_too(way: Way, place: tuple[float, float]) -> None:
    assert near(way.author, lat=place[0], lon=place[1]) == []


def test_a_hot_spot_costs_no_more_questions(way: Way) -> None:
    for _ in range(15):
        way.accepted("micro_suggestion")
    with asking() as asked:
        assert len(near(way.people.nobody(), limit=20)) == OPEN_OF_EACH
    assert len(asked) <= 3
