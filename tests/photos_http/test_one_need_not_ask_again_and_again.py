"""Who waits for a photo has the answer held back until it is there; where too many wait, it says when to come again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from participate.photos import waiting
from tests.people import People, Person
from tests.steps import at_once, upload

Work = Callable[[], int]


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


@pytest.fixture
def crowd() -> Iterator[None]:
    """As many wait already as may."""
    with ExitStack() as places:
        while waiting.WAITERS.acquire(blocking=False):
            places.callback(waiting.WAITERS.release)
        yield


def test_the_answer_comes_with_the_photo(app: Flask, resident: Person, work: Work) -> None:
    def develop() -> int:
        with app.app_context():
            return work()

    path = upload(resident).headers["Location"]
    seen, done = at_once(lambda: resident.get(path, headers={"Prefer": "wait=30"}), develop)
    assert done
    assert seen.get_json()["state"] == "ready"
    assert seen.headers["Preference-Applied"] == f"wait={waiting.MOST_SECONDS}"
    assert "Retry-After" not in seen.headers


def test_nobody_waits_for_what_is_there(resident: Person, work: Work, crowd: None) -> None:
    path = upload(resident).headers["Location"]
    work()
    seen = resident.get(path, headers={"Prefer": "wait=4"})
    assert seen.get_json()["state"] == "ready"
    assert not {"Preference-Applied", "Retry-After"} & set(seen.headers.keys())


@pytest.mark.parametrize("prefer", ["wait=4", "respond-async", ""])
def test_who_finds_no_place_hears_when_to_come_again(resident: Person, crowd: None, prefer: str) -> None:
    seen = resident.get(upload(resident).headers["Location"], headers={"Prefer": prefer})
    assert (seen.status_code, seen.get_json()["state"]) == (200, "processing")
    assert seen.headers["Retry-After"] == str(waiting.RETRY_SECONDS)
    assert "Preference-Applied" not in seen.headers


def test_a_wait_that_is_over_gives_its_place_back(resident: Person) -> None:
    path = upload(resident).headers["Location"]
    for _ in range(3):
        seen = resident.get(path, headers={"Prefer": "wait=1"})
        assert (seen.get_json()["state"], seen.headers["Preference-Applied"]) == ("processing", "wait=1")


def test_nobody_waits_for_another_s_photo(resident: Person, people: People) -> None:
    path = upload(resident).headers["Location"]
    assert people.resident().get(path, headers={"Prefer": "wait=4"}).status_code == 404


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=3", 3),
        ("respond-async, wait=2", 2),
        ('Wait="1"; x', 1),
        ("wait=9999", waiting.MOST_SECONDS),
        ("wait=99999", 0),
        ("wait=-1", 0),
        ("wait", 0),
        ("await=3", 0),
        ("", 0),
    ],
)
def test_only_a_number_is_a_wish(prefer: str, seconds: int) -> None:
    assert waiting.wanted_seconds(prefer) == seconds
