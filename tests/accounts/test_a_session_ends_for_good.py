"""A session turns its refresh token at each use, and what has ended stays shut, at once."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from participate.accounts import service
from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import at_once, code_of

PASSWORD = "a password"


class Device:
    """A phone or a browser that is signed in."""

    def __init__(self, door: Person, name: str) -> None:
        self.door = door
        self.keep(door.post("/v1/auth/login", {"username": name, "password": PASSWORD}))

    def keep(self, answer: TestResponse) -> None:
        assert answer.status_code == 200, answer.get_json()
        self.tokens: dict[str, Any] = answer.get_json()

    def headers(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.tokens['access_token']}"}

    def refresh(self, token: str | None = None) -> TestResponse:
        return self.door.post("/v1/auth/refresh", headers=self.headers(token or self.tokens["refresh_token"]))

    def me(self, token: str | None = None) -> TestResponse:
        return self.door.get("/v1/me", headers=self.headers(token))

    def sessions(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.door.get("/v1/auth/sessions", headers=self.headers()).get_json()["items"]
        return items

    def end(self, session_id: str) -> TestResponse:
        return self.door.delete(f"/v1/auth/sessions/{session_id}", headers=self.headers())


@pytest.fixture
def phone(people: People) -> Device:
    service.create_staff("wang", PASSWORD, "Wang", [])
    return Device(people.nobody(), "wang")


@pytest.fixture
def laptop(people: People, phone: Device) -> Device:
    return Device(people.nobody(), "wang")


def test_a_refresh_token_gives_a_new_pair(phone: Device) -> None:
    first = phone.tokens
    phone.keep(phone.refresh())
    assert phone.tokens["refresh_token"] != first["refresh_token"]
    assert phone.tokens["account"] == first["account"]
    assert phone.me().status_code == 200
    phone.keep(phone.refresh())
    assert phone.me().status_code == 200


def test_an_old_refresh_token_ends_the_whole_session(phone: Device, laptop: Device) -> None:
    old = phone.tokens["refresh_token"]
    phone.keep(phone.refresh())
    assert code_of(phone.refresh(old)) == (401, "session_ended")
    assert code_of(phone.me()) == (401, "session_ended")
    assert code_of(phone.refresh()) == (401, "session_ended")
    assert laptop.me().status_code == 200, "the other device is not meant"


def test_of_two_refreshes_at_once_one_wins_at_most(phone: Device) -> None:
    answers = at_once(*[phone.refresh] * 2)
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    assert {answer.status_code for answer in answers if answer not in won} == {401}
    for answer in won:
        assert phone.me(answer.get_json()["access_token"]).status_code == 401, "one of the two was a thief's"


def test_a_session_lives_thirty_days_after_its_last_refresh(phone: Device, clock: HeldClock, people: People) -> None:
    held = Device(people.nobody(), "wang")
    clock.forward(days=29)
    held.keep(held.refresh())
    clock.forward(days=29)
    held.keep(held.refresh())
    clock.forward(days=30)
    assert held.refresh().status_code == 401


def test_signing_out_shuts_the_door_at_once(phone: Device, laptop: Device) -> None:
    assert phone.door.post("/v1/auth/logout", headers=phone.headers()).status_code == 204
    assert code_of(phone.me()) == (401, "session_ended")
    assert code_of(phone.refresh()) == (401, "session_ended")
    assert laptop.me().status_code == 200


def test_sessions_are_listed_with_the_present_one_marked(phone: Device, laptop: Device) -> None:
    assert [session["present"] for session in laptop.sessions()] == [True, False]
    assert [session["present"] for session in phone.sessions()] == [False, True]


def test_a_session_that_is_ended_from_elsewhere_is_shut_at_once(phone: Device, laptop: Device) -> None:
    (other,) = [session["id"] for session in laptop.sessions() if not session["present"]]
    assert laptop.end(other).status_code == 204
    assert code_of(phone.me()) == (401, "session_ended")
    assert code_of(phone.refresh()) == (401, "session_ended")
    assert [session["present"] for session in laptop.sessions()] == [True]


def test_another_s_session_does_not_exist(phone: Device, people: People) -> None:
    service.create_staff("thief", PASSWORD, "Thief", [])
    thief = Device(people.nobody(), "thief")
    theirs = phone.sessions()[0]["id"]
    unknown = thief.end("019aafc3-7c00-7000-8000-000000000001")
    assert thief.end(theirs).status_code == 404
    assert thief.end(theirs).data == unknown.data
    assert phone.me().status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 401)])
def test_an_access_token_lives_fifteen_minutes(app: Flask, phone: Device, minutes: int, status: int) -> None:
    assert phone.tokens["expires_in"] == 900
    assert phone.me().status_code == 200, "that it was good once does not help it later"
    with time_machine.travel(now().timestamp() + 60 * minutes, tick=True):
        answer = phone.me()
        assert answer.status_code == status
        if status == 401:
            assert code_of(answer) == (401, "token_expired")
            phone.keep(phone.refresh())
            assert phone.me().status_code == 200
