"""Who asks too often hears 429 and how long to wait; a village behind one address does not pay for one of its own."""

import json
from collections.abc import Iterator
from itertools import count
from math import ceil
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from participate.app import create_app
from participate.config import from_environment
from participate.kernel import rates
from participate.kernel.db import db
from participate.kernel.rates import Buckets, Limits, Rate
from tests.people import People, Person
from tests.steps import HERE, code_of
from tests.stores import Stores

RATE = Rate("test", burst=3, seconds=10)
VILLAGE = {"REMOTE_ADDR": "203.0.113.7"}
_phones = count(1)


class Seconds:
    """A clock that goes on only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def metered(app: Flask, stores: Stores, seconds: Seconds) -> Iterator[Flask]:
    """The application with its rate limits on, and their clock held."""
    found = create_app(from_environment(stores.environment(PARTICIPATE_RATE_LIMITS="on")))
    found.extensions["participate.rates"] = Limits(on=True, clock=seconds)
    with found.app_context():
        yield found
        db.engine.dispose()


@pytest.fixture
def person(metered: Flask) -> Person:
    return People(metered).resident()


def _ask(person: Person, phone: str | None = None, address: str = "203.0.113.7", **headers: str) -> TestResponse:
    body = {"phone": phone or f"+86135{next(_phones):08d}"}
    return person.post("/v1/auth/otp", body, environ_overrides={"REMOTE_ADDR": address}, headers=headers)


def _guess(person: Person, name: str, address: str = "203.0.113.7") -> TestResponse:
    body = {"username": name, "password": "a guess"}
    return person.post("/v1/auth/login", body, environ_overrides={"REMOTE_ADDR": address})


def _hand_in(person: Person) -> TestResponse:
    body = {"kind": "micro_suggestion", "body": "More trees."}
    return person.post("/v1/submissions", body, environ_overrides=VILLAGE)


# A bucket.


def test_a_bucket_gives_what_it_holds_and_then_says_how_long_to_wait(seconds: Seconds) -> None:
    buckets = Buckets(RATE, clock=seconds)
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 10, 10]


def test_a_bucket_fills_with_time(seconds: Seconds) -> None:
    buckets = Buckets(RATE, clock=seconds)
    for _ in range(3):
        buckets.take("a")
    seconds.now += 4
    assert buckets.take("a") == 6
    seconds.now += 6
    assert [buckets.take("a") for _ in range(2)] == [0, 10]
    seconds.now += 10_000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 10], "no fuller than full"


def test_one_s_bucket_is_not_another_s(seconds: Seconds) -> None:
    buckets = Buckets(RATE, clock=seconds)
    for _ in range(4):
        buckets.take("a")
    assert buckets.take("b") == 0


def test_only_so_many_buckets_are_kept(seconds: Seconds) -> None:
    buckets = Buckets(RATE, most=100, clock=seconds)
    for number in range(10_000):
        buckets.take(str(number))
        assert len(buckets) <= 100


def test_who_keeps_asking_is_not_forgotten_for_strangers(seconds: Seconds) -> None:
    buckets = Buckets(RATE, most=10, clock=seconds)
    for _ in range(3):
        buckets.take("a")
    for number in range(1000):
        assert buckets.take("a") > 0
        buckets.take(f"stranger {number}")


def test_who_comes_when_all_buckets_are_taken_gets_one(seconds: Seconds) -> None:
    buckets = Buckets(RATE, most=10, clock=seconds)
    for number in range(100):
        buckets.take(f"stranger {number}")
    assert [buckets.take("b") for _ in range(4)] == [0, 0, 0, 10]


# At the service's doors.


def test_an_account_that_writes_too_often_hears_how_long_to_wait(person: Person, seconds: Seconds) -> None:
    rate = rates.WRITE_BY_ACCOUNT
    seconds.now += 1
    for _ in range(rate.burst):
        assert person.patch("/v1/me", {}).status_code != 429
    refused = person.patch("/v1/me", {})
    assert code_of(refused) == (429, "too_many_requests")
    assert refused.content_type == "application/problem+json"
    assert refused.headers["Retry-After"] == str(ceil(rate.seconds))
    assert person.get("/v1/me").status_code == 200, "reading goes on"
    seconds.now += rate.seconds
    assert _hand_in(person).status_code == 201
    assert _hand_in(person).status_code == 429


def test_a_village_behind_one_address_hands_in_all_at_once(metered: Flask) -> None:
    people = People(metered)
    for _ in range(300):
        assert _hand_in(people.resident()).status_code == 201


def test_a_village_behind_one_address_signs_in_all_at_once(metered: Flask) -> None:
    nobody = People(metered).nobody()
    for _ in range(300):
        assert _ask(nobody).status_code == 202


def test_a_flood_from_one_address_is_stopped_and_another_address_is_served(metered: Flask) -> None:
    nobody = People(metered).nobody()
    asked = [_ask(nobody, phone="no phone at all").status_code for _ in range(rates.SIGN_IN_BY_ADDRESS.burst + 1)]
    assert set(asked[:-1]) == {422}
    assert asked[-1] == 429
    assert _ask(nobody, address="203.0.113.8").status_code == 202


def test_a_name_is_guessed_at_a_few_times_only(metered: Flask) -> None:
    nobody = People(metered).nobody()
    guesses = [_guess(nobody, "someone").status_code for _ in range(rates.SIGN_IN_BY_NAME_AND_ADDRESS.burst + 1)]
    assert (set(guesses[:-1]), guesses[-1]) == ({401}, 429)
    assert _guess(nobody, "someone else").status_code == 401
    assert _guess(nobody, "someone", address="203.0.113.8").status_code == 401, "nobody is locked out by a stranger"


def test_a_name_guessed_at_from_everywhere_is_guessed_at_slowly(metered: Flask) -> None:
    nobody, burst = People(metered).nobody(), rates.SIGN_IN_BY_NAME.burst
    guesses = [_guess(nobody, "someone", address=f"198.51.100.{number}").status_code for number in range(burst + 1)]
    assert (set(guesses[:-1]), guesses[-1]) == ({401}, 429)


def test_a_phone_is_one_however_it_is_written(metered: Flask) -> None:
    nobody = People(metered).nobody()
    written = ["+8613512345678", "13512345678", "+86 135 1234 5678"]
    asked = [_ask(nobody, phone=written[number % 3]).status_code for number in range(11)]
    assert asked[-1] == 429


def test_subscribers_of_ipv6_are_known_by_their_network() -> None:
    assert rates.home("2001:db8:1:2:3::4") == rates.home("2001:db8:1:2:ffff::1")
    assert rates.home("2001:db8:1:2::4") != rates.home("2001:db8:1:3::4")
    assert rates.home("::ffff:203.0.113.7") == rates.home("203.0.113.7") == "203.0.113.7"
    assert rates.home("") == ""
    assert rates.home("unix:") == "unix:"


def test_switched_off_they_limit_nothing(people: People) -> None:
    nobody = people.nobody()
    for _ in range(rates.SIGN_IN_BY_NAME_AND_ADDRESS.burst + 5):
        assert _ask(nobody, phone="not a phone").status_code == 422


# Whose address it is.


def test_without_a_proxy_of_ours_nobody_is_believed_about_their_address(metered: Flask) -> None:
    nobody = People(metered).nobody()
    for number in range(rates.SIGN_IN_BY_ADDRESS.burst):
        _ask(nobody, phone="no phone", **{"X-Forwarded-For": f"198.51.100.{number % 250}"})
    assert _ask(nobody, **{"X-Forwarded-For": "198.51.100.251"}).status_code == 429


def test_behind_our_proxy_the_address_that_it_wrote_counts(app: Flask, stores: Stores, seconds: Seconds) -> None:
    behind = create_app(from_environment(stores.environment(PARTICIPATE_RATE_LIMITS="on", PARTICIPATE_PROXIES="1")))
    behind.extensions["participate.rates"] = Limits(on=True, clock=seconds)
    nobody = People(behind).nobody()
    for _ in range(rates.SIGN_IN_BY_ADDRESS.burst):
        _ask(nobody, phone="no phone", **{"X-Forwarded-For": "192.0.2.1, 198.51.100.1"})
    forged = _ask(nobody, phone="no phone", **{"X-Forwarded-For": "192.0.2.99, 198.51.100.1"})
    assert forged.status_code == 429, "what the client wrote itself stands further left"
    assert _ask(nobody, phone="no phone", **{"X-Forwarded-For": "198.51.100.2"}).status_code == 422
    with behind.app_context():
        db.engine.dispose()


# Emergencies.


def _claim(limits: Limits, caller: str = "Bearer a") -> bool:
    return rates.may_hurry(limits, {"HTTP_AUTHORIZATION": caller} | VILLAGE)


def test_a_caller_has_few_emergencies(seconds: Seconds) -> None:
    limits = Limits(on=True, clock=seconds)
    assert [_claim(limits) for _ in range(4)] == [True, True, True, False]
    assert _claim(limits, "Bearer b"), "another caller from the same address"
    seconds.now += rates.EMERGENCY_BY_CALLER.seconds
    assert _claim(limits)


def test_invented_callers_have_no_more_emergencies_than_their_address(seconds: Seconds) -> None:
    limits = Limits(on=True, clock=seconds)
    claimed = sum(_claim(limits, f"Bearer {number}") for number in range(1000))
    assert claimed == rates.EMERGENCY_BY_ADDRESS.burst


def test_who_is_nobody_has_no_emergency(seconds: Seconds) -> None:
    assert not _claim(Limits(on=True, clock=seconds), caller="")


def test_the_claim_of_an_emergency_changes_nothing_but_the_place_in_line(person: Person) -> None:
    body: dict[str, Any] = {"kind": "snap_report", "body": "A manhole is open.", "place": HERE}
    for _ in range(rates.EMERGENCY_BY_CALLER.burst + 2):
        answer = person.post("/v1/submissions", json.loads(json.dumps(body)), headers={"Priority": "u=0"})
        assert answer.status_code == 201
