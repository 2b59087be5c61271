"""Staff sign in with a password and, where they have one, a second factor; a refusal does not say what was wrong."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from participate.accounts import service
from participate.accounts.models import Account
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import transaction
from participate.kernel.errors import Invalid
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import at_once

NAME, PASSWORD, SECRET = "wang.fang", "correct horse battery", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def desk(people: People) -> Person:
    """A door that somebody stands before."""
    service.create_staff(NAME, PASSWORD, "Wang Fang", [Grant("moderator", "990101")])
    return people.nobody()


def sign_in(who: Person, **changes: Any) -> TestResponse:
    return who.post("/v1/auth/login", {"username": NAME, "password": PASSWORD} | changes)


def change(**values: Any) -> None:
    with transaction() as session:
        session.execute(update(Account).where(Account.username == NAME).values(**values))


def test_the_right_password_opens_a_session(desk: Person) -> None:
    found = sign_in(desk).get_json()
    assert found["account"]["roles"] == [{"role": "moderator", "scope": {"area": "990101"}}]
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert desk.get("/v1/moderation/queue", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong"},
        {"username": "nobody"},
        {"username": NAME.upper()},
        {"password": PASSWORD + " "},
        {"username": "nobody", "password": "nobody signs in with this"},
    ],
)
def test_whatever_was_wrong_the_answer_is_the_same(desk: Person, changes: dict[str, str]) -> None:
    answer, wrong = sign_in(desk, **changes), sign_in(desk, password="another wrong one")
    assert (answer.status_code, answer.get_json()["type"]) == (401, "urn:participate:problem:wrong_password")
    assert answer.data == wrong.data


def test_who_is_disabled_is_refused_and_what_they_had_open_ends(desk: Person) -> None:
    headers = {"Authorization": f"Bearer {sign_in(desk).get_json()['access_token']}"}
    change(disabled_at=now())
    assert sign_in(desk).data == sign_in(desk, password="wrong").data
    assert desk.get("/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (-30, 200), (30, 200), (-90, 401), (90, 401)])
def test_the_second_factor_is_asked_for_with_a_little_patience(
    desk: Person, clock: HeldClock, seconds: int, status: int
) -> None:
    change(totp_secret=SECRET)
    assert sign_in(desk, totp=pyotp.TOTP(SECRET).at(clock() + timedelta(seconds=seconds))).status_code == status


def test_without_the_second_factor_the_password_does_not_serve(desk: Person, clock: HeldClock) -> None:
    change(totp_secret=SECRET)
    wrong = f"{(int(pyotp.TOTP(SECRET).at(clock())) + 1) % 10**6:06d}"
    assert sign_in(desk).status_code == 401
    assert sign_in(desk, totp=wrong).status_code == 401
    assert sign_in(desk, totp=wrong).data == sign_in(desk, password="wrong").data


def test_a_second_factor_serves_once(desk: Person, clock: HeldClock) -> None:
    change(totp_secret=SECRET)
    seen = pyotp.TOTP(SECRET).at(clock())
    assert sign_in(desk, totp=seen).status_code == 200
    assert sign_in(desk, totp=seen).data == sign_in(desk, password="wrong").data
    older = pyotp.TOTP(SECRET).at(clock() - timedelta(seconds=30))
    assert sign_in(desk, totp=older).status_code == 401, "nor one that was shown before it"
    clock.forward(seconds=30)
    assert sign_in(desk, totp=pyotp.TOTP(SECRET).at(clock())).status_code == 200


def test_of_two_who_use_one_second_factor_at_once_one_gets_in(desk: Person, clock: HeldClock) -> None:
    change(totp_secret=SECRET)
    code = pyotp.TOTP(SECRET).at(clock())
    answers = at_once(*[lambda: sign_in(desk, totp=code).status_code] * 2)
    assert sorted(answers) == [200, 401]


def test_a_second_factor_that_is_used_with_a_wrong_password_is_not_used_up(desk: Person, clock: HeldClock) -> None:
    change(totp_secret=SECRET)
    code = pyotp.TOTP(SECRET).at(clock())
    assert sign_in(desk, password="wrong", totp=code).status_code == 401
    assert sign_in(desk, totp=code).status_code == 200


@pytest.mark.parametrize("odd", ["", "１２３４５６", "abc", "0" * 200, "\u0000"])
def test_what_is_no_second_factor_is_refused(desk: Person, clock: HeldClock, odd: str) -> None:
    change(totp_secret=SECRET)
    assert sign_in(desk, totp=odd).status_code in {400, 401, 422}


def test_a_name_is_given_once(desk: Person) -> None:
    with pytest.raises(Invalid) as refused:
        service.create_staff(NAME, "another password", "Another", [])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("username", "taken")]
    assert sign_in(desk).status_code == 200
