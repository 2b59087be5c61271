"""An after-photo that is old, another's, or was taken or shown elsewhere is flagged for whoever verifies."""

from datetime import timedelta
from typing import Any

import pytest

from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import Person
from tests.pictures import copied, scene, taken
from tests.steps import HERE, Way, upload

BEFORE, AFTER = scene(1), scene(2)


def started(way: Way, *photos: bytes) -> str:
    """A submission with these photos that the officer works on."""
    submission = way.accepted(photo_ids=[way.photo(way.author, photo) for photo in photos])
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    return submission


def resolve(way: Way, submission: str, *photos: bytes) -> None:
    ids = [way.photo(way.officer, photo) for photo in photos]
    assert way.act(way.officer, submission, "resolve", note="Filled in.", photo_ids=ids).status_code == 200


def flagged(way: Way, submission: str, who: Person | None = None, language: str = "en") -> dict[str, str]:
    asked: Any = (who or way.supervisor).get(f"/v1/cases/{way.case(submission)}", headers={"Accept-Language": language})
    assert asked.status_code == 200
    return {flag["code"]: flag["why"] for flag in asked.get_json()["flags"]}


def test_a_new_photo_is_not(way: Way) -> None:
    submission = started(way, BEFORE)
    resolve(way, submission, AFTER, copied(AFTER))
    assert flagged(way, submission) == {}


def test_the_before_photo_is(way: Way) -> None:
    submission = started(way, scene(3), BEFORE)
    assert flagged(way, submission) == {}
    resolve(way, submission, AFTER, copied(BEFORE))
    assert flagged(way, submission).keys() == {"after_is_before"}
    assert flagged(way, submission, way.officer) == flagged(way, submission)
    assert flagged(way, submission, language="zh-Hans") != flagged(way, submission)
    listed = way.supervisor.get("/v1/cases?view=area").get_json()["items"]
    assert [[flag["code"] for flag in case["flags"]] for case in listed] == [["after_is_before"]]


def test_one_that_the_officer_has_shown_elsewhere_is(way: Way) -> None:
    resolve(way, started(way, scene(3)), AFTER)
    submission = started(way, BEFORE)
    resolve(way, submission, copied(AFTER))
    assert flagged(way, submission).keys() == {"after_reused"}


def test_another_s_is(way: Way) -> None:
    other = way.people.resident()
    way.hand_in(by=other, photo_ids=[way.photo(other, AFTER)])
    submission = started(way, BEFORE)
    resolve(way, submission, copied(AFTER))
    assert flagged(way, submission).keys() == {"after_is_anothers"}


def test_the_same_again_after_a_rework_is(way: Way) -> None:
    submission = started(way, BEFORE)
    resolve(way, submission, AFTER)
    assert way.act(way.supervisor, submission, "rework", note="Not level.").status_code == 200
    assert way.act(way.officer, submission, "start").status_code == 200
    resolve(way, submission, copied(AFTER))
    assert flagged(way, submission).keys() == {"after_reused"}


def test_one_that_is_looked_at_only_afterwards_is(way: Way) -> None:
    """The move does not wait for the photo."""
    submission = started(way, BEFORE)
    photo = upload(way.officer, copied(BEFORE)).get_json()["id"]
    assert way.act(way.officer, submission, "resolve", note="Filled in.", photo_ids=[photo]).status_code == 200
    assert flagged(way, submission).keys() == {"after_is_before"}


def shot(photo: bytes, north: float = 0, ago: timedelta = timedelta(0)) -> bytes:
    """Taken so many metres north of the place, so long ago."""
    return taken(photo, now() - ago, HERE["lat"] + north / 110_900, HERE["lon"])


@pytest.mark.parametrize(
    ("north", "ago", "flags"),
    [
        (90, timedelta(0), set()),
        (110, timedelta(0), {"after_far_off"}),
        (0, timedelta(minutes=3), {"after_too_old"}),
        (5000, timedelta(days=3), {"after_far_off", "after_too_old"}),
    ],
)
def test_one_of_another_place_or_time_is(way: Way, north: float, ago: timedelta, flags: set[str]) -> None:
    submission = started(way)
    resolve(way, submission, shot(AFTER, north, ago))
    assert flagged(way, submission).keys() == flags
    assert way.act(way.supervisor, submission, "verify").status_code == 200, "a flag decides nothing"


def test_its_place_is_looked_at_whenever_it_is_known(way: Way) -> None:
    submission = started(way)
    photo = upload(way.officer, shot(AFTER, 500)).get_json()["id"]
    assert way.act(way.officer, submission, "resolve", note="Filled in.", photo_ids=[photo]).status_code == 200
    assert flagged(way, submission).keys() == {"after_far_off"}


def test_what_the_holder_before_has_shown_is_held_against_their_own_time(way: Way, clock: HeldClock) -> None:
    submission = started(way)
    resolve(way, submission, shot(AFTER))
    assert way.act(way.supervisor, submission, "rework", note="Not level.").status_code == 200
    clock.forward(hours=1)
    other = way.people.staff("grid_officer", way.cell)
    to = {"assignee": other.account_id}
    assert way.act(way.dispatcher, submission, "reassign", note="On leave.", to=to).status_code == 200
    for name in ("accept", "start"):
        assert way.act(other, submission, name).status_code == 200
    photo = way.photo(other, shot(scene(4)))
    assert way.act(other, submission, "resolve", note="Levelled.", photo_ids=[photo]).status_code == 200
    assert flagged(way, submission) == {}


@pytest.mark.parametrize(
    ("made", "taken_before", "flags"),
    [
        (None, 30, {"after_too_old"}),
        (60, 30, set()),
        (60, 90, {"after_too_old"}),
        # Nobody took it on before they had it, nor later than when they said so.
        (60 * 24, 200, {"after_too_old"}),
        (-60, 0, set()),
    ],
)
def test_what_was_accepted_offline_counts_from_then(
    clock: HeldClock, way: Way, made: int | None, taken_before: int, flags: set[str]
) -> None:
    """Minutes before the sync: the case was dispatched two hours before."""
    submission = way.accepted()
    case = way.case(submission)
    clock.forward(hours=2)
    officer = way.people.signed_in(way.officer.account_id)
    photo = way.photo(officer, shot(AFTER, ago=timedelta(minutes=taken_before)))
    said = {} if made is None else {"made_at": (now() - timedelta(minutes=made)).isoformat()}
    moves: list[dict[str, Any]] = [{"key": "1", "move": "accept"}, {"key": "2", "move": "start"}]
    moves.append({"key": "3", "move": "resolve", "note": "Filled in.", "photo_ids": [photo]})
    answer = officer.post("/v1/cases/sync", {"moves": [{"case_id": case} | said | each for each in moves]})
    assert [item["status"] for item in answer.get_json()["items"]] == [200, 200, 200]
    way.work()
    assert flagged(way, submission, way.people.signed_in(way.supervisor.account_id)).keys() == flags
