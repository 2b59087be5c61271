"""A token that is not ours, not of the door's kind, or not whole opens nothing."""

from base64 import urlsafe_b64encode
from typing import Any

import jwt
import orjson
import pytest
from flask import Flask
from flask_jwt_extended import decode_token

from participate.accounts import tokens
from participate.kernel.context import settings
from participate.kernel.ids import new_id
from tests.people import People, Person
from tests.steps import code_of


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


@pytest.fixture
def claims(resident: Person) -> dict[str, Any]:
    """What a token that opens says."""
    found: dict[str, Any] = decode_token(token_of(resident))
    return found


def token_of(who: Person) -> str:
    return who.headers["Authorization"].removeprefix("Bearer ")


def signed(claims: dict[str, Any], key: str | None = None, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key or settings().secret_key, algorithm)


def unsigned(claims: dict[str, Any], algorithm: str) -> str:
    parts = ({"alg": algorithm, "typ": "JWT"}, claims)
    return ".".join(urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in parts) + "."


def knock(who: Person, header: str, path: str = "/v1/me") -> tuple[int, str]:
    answer = who.get(path, headers={"Authorization": header})
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    return code_of(answer)


def test_one_that_we_signed_opens(resident: Person, claims: dict[str, Any]) -> None:
    answer = resident.get("/v1/me", headers={"Authorization": f"bearer {signed(claims)}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256"])
def test_one_without_a_signature_does_not(resident: Person, claims: dict[str, Any], algorithm: str) -> None:
    assert knock(resident, f"Bearer {unsigned(claims, algorithm)}") == (401, "bad_token")


def test_one_that_another_signed_does_not(resident: Person, claims: dict[str, Any]) -> None:
    assert knock(resident, f"Bearer {signed(claims, 'k' * 48)}") == (401, "bad_token")
    assert knock(resident, f"Bearer {signed(claims, algorithm='HS512')}") == (401, "bad_token")


@pytest.mark.parametrize("lacking", ["sub", "sid"])
def test_one_that_lacks_something_does_not(resident: Person, claims: dict[str, Any], lacking: str) -> None:
    del claims[lacking]
    assert knock(resident, f"Bearer {signed(claims)}")[0] == 401


@pytest.mark.parametrize("changes", [{"type": "refresh"}, {"type": 7}, {"sub": 7}, {"sid": None}])
def test_one_that_says_something_odd_does_not(
    resident: Person, claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert knock(resident, f"Bearer {signed(claims | changes)}")[0] == 401


def test_another_s_session_lends_no_account(people: People, resident: Person, claims: dict[str, Any]) -> None:
    other = people.resident()
    assert knock(resident, f"Bearer {signed(claims | {'sub': other.account_id})}") == (401, "session_ended")
    assert knock(resident, f"Bearer {signed(claims | {'sid': new_id()})}") == (401, "session_ended")


def test_a_refresh_token_opens_only_its_own_door(app: Flask, resident: Person, claims: dict[str, Any]) -> None:
    pair = tokens.issue(resident.account_id, claims["sid"], new_id())
    assert knock(resident, f"Bearer {pair['refresh_token']}") == (401, "bad_token")
    answer = resident.post("/v1/auth/refresh", headers={"Authorization": f"Bearer {pair['access_token']}"})
    assert code_of(answer) == (401, "bad_token")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer a.b.c", "Bearer ..", "Bearer é", "x" * 5000],
)
def test_garbage_does_not(resident: Person, header: str) -> None:
    assert knock(resident, header.encode("utf-8").decode("latin-1")) == (401, "bad_token")


def test_a_door_that_asks_nobody_still_refuses_a_bad_token(resident: Person) -> None:
    """Else a client whose session has ended would silently see the public's view."""
    assert knock(resident, "Bearer x", "/v1/submissions") == (401, "bad_token")


def test_without_a_token_one_is_asked_to_sign_in(people: People) -> None:
    answer = people.nobody().get("/v1/me")
    assert code_of(answer) == (401, "sign_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
