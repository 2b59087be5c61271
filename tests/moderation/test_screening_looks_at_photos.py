"""Photos from elsewhere, from long ago or lacking are flagged, also once they come later."""

from typing import Any

import pytest

from tests.moderation.screening_steps import LONG, OTHER, flags
from tests.pictures import scene
from tests.steps import HERE, Way, snapshot


def sent(way: Way, *photos: bytes, **fields: Any) -> str:
    ids = [way.photo(way.author, photo) for photo in photos]
    return way.hand_in(**{"body": LONG, "photo_ids": ids} | fields)


def test_a_photo_from_elsewhere_is_flagged_with_how_far(way: Way) -> None:
    why = flags(way, sent(way, snapshot(28.0, 112.0)))["place_far"]
    assert any(character.isdigit() for character in why)


def test_one_photo_from_there_is_enough(way: Way) -> None:
    with_one = sent(way, snapshot(28.0, 112.0), snapshot(HERE["lat"], HERE["lon"]))
    assert "place_far" not in flags(way, with_one)


def test_a_photo_of_long_ago_is_flagged_with_how_long(way: Way) -> None:
    assert "days" in flags(way, sent(way, snapshot()))["photo_old"]


@pytest.mark.parametrize(("kind", "flagged"), [("snap_report", True), ("micro_suggestion", False)])
def test_a_report_without_a_photo_is_flagged(way: Way, kind: str, flagged: bool) -> None:
    assert ("no_photo" in flags(way, way.hand_in(kind, body=OTHER))) is flagged


def test_a_photo_that_says_nothing_is_not_flagged(way: Way) -> None:
    assert flags(way, sent(way, scene(5))) == {}


def test_what_a_photo_says_that_comes_later_is_said_later(way: Way) -> None:
    submission_id = way.hand_in(body=LONG)
    assert "no_photo" in flags(way, submission_id)
    photo = way.photo(way.author, snapshot(28.0, 112.0))
    assert way.move(way.author, submission_id, "add_photos", photo_ids=[photo]).status_code == 200
    found = flags(way, submission_id)
    assert "no_photo" not in found
    assert {"place_far", "photo_old"} <= set(found)
