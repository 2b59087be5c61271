"""A one-time code signs its phone in once, within ten minutes and five tries, however many guess at once."""

from functools import partial
from typing import Any

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from participate.kernel.context import settings
from tests.accounts.conftest import Starting
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import at_once, code_of

PHONE = "+8613900001111"


@pytest.fixture
def phone(people: People) -> Person:
    """Somebody who is not signed in yet."""
    return people.nobody()


def ask(who: Person, phone: str = PHONE) -> dict[str, Any]:
    answer = who.post("/v1/auth/otp", {"phone": phone})
    assert answer.status_code == 202, answer.get_json()
    challenge: dict[str, Any] = answer.get_json()
    return challenge


def enter(who: Person, challenge: dict[str, Any], code: str | None = None) -> TestResponse:
    body = {"challenge_id": challenge["challenge_id"], "code": code or challenge["demo_code"]}
    return who.post("/v1/auth/otp/verify", body)


def other_than(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06d}"


def test_the_first_time_makes_a_resident(phone: Person) -> None:
    found = enter(phone, ask(phone)).get_json()
    account = found["account"]
    assert (account["phone"], account["username"]) == (PHONE, None)
    assert account["roles"] == [{"role": "resident", "scope": {"area": ""}}]
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    assert phone.get("/v1/me", headers=headers).get_json() == account


def test_the_next_time_finds_them_again(phone: Person) -> None:
    first, second = (enter(phone, ask(phone)).get_json()["account"]["id"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("spelling", ["13900001111", "139 0000 1111", "8613900001111", "+86 139-0000-1111"])
def test_one_phone_is_one_account_however_it_is_written(phone: Person, spelling: str) -> None:
    plain = enter(phone, ask(phone)).get_json()["account"]
    assert enter(phone, ask(phone, spelling)).get_json()["account"] == plain


@pytest.mark.parametrize("number", ["", "abc", "12345", "+", "1" * 30, "+86139000011\n", "１３９００００１", "-----"])
def test_what_is_no_phone_is_refused(phone: Person, number: str) -> None:
    assert phone.post("/v1/auth/otp", {"phone": number}).status_code == 422


def test_a_code_serves_once(phone: Person) -> None:
    challenge = ask(phone)
    assert enter(phone, challenge).status_code == 200
    assert code_of(enter(phone, challenge)) == (401, "wrong_code")


def test_of_eight_with_the_right_code_one_gets_in(phone: Person) -> None:
    challenge = ask(phone)
    statuses = [answer.status_code for answer in at_once(*[lambda: enter(phone, challenge)] * 8)]
    assert sorted(statuses) == [200] + [401] * 7


def test_it_is_right_at_the_fifth_try(phone: Person) -> None:
    challenge = ask(phone)
    for by in range(1, 5):
        assert code_of(enter(phone, challenge, other_than(challenge["demo_code"], by))) == (401, "wrong_code")
    assert enter(phone, challenge).status_code == 200


def test_it_is_too_late_at_the_sixth(phone: Person) -> None:
    challenge = ask(phone)
    for by in range(1, 6):
        enter(phone, challenge, other_than(challenge["demo_code"], by))
    assert code_of(enter(phone, challenge)) == (401, "wrong_code")


def test_guessing_in_parallel_gains_no_try(phone: Person) -> None:
    challenge = ask(phone)
    wrong = [other_than(challenge["demo_code"], by) for by in range(1, 21)]
    answers = at_once(*[partial(enter, phone, challenge, code) for code in wrong])
    assert {answer.status_code for answer in answers} == {401}
    assert code_of(enter(phone, challenge)) == (401, "wrong_code")


@pytest.mark.parametrize(("minutes", "status"), [(9.99, 200), (10, 401)])
def test_a_code_lives_ten_minutes(phone: Person, clock: HeldClock, minutes: float, status: int) -> None:
    challenge = ask(phone)
    assert challenge["expires_in"] == 600
    clock.forward(minutes=minutes)
    assert enter(phone, challenge).status_code == status


def test_a_code_serves_its_own_challenge_alone(phone: Person) -> None:
    first, second = ask(phone), ask(phone, "+8613900002222")
    if first["demo_code"] == second["demo_code"]:
        second = ask(phone, "+8613900002222")
    assert enter(phone, second, first["demo_code"]).status_code == 401
    assert enter(phone, second).get_json()["account"]["phone"] == "+8613900002222"


def test_an_unknown_challenge_is_answered_as_a_wrong_code(phone: Person) -> None:
    unknown = {"challenge_id": "019aafc3-7c00-7000-8000-000000000001"}
    challenge = ask(phone)
    wrong = enter(phone, challenge, other_than(challenge["demo_code"]))
    assert enter(phone, unknown, "000000").data == wrong.data


def test_the_answer_does_not_tell_whether_the_phone_is_known(phone: Person) -> None:
    enter(phone, ask(phone))
    known = phone.post("/v1/auth/otp", {"phone": PHONE})
    unknown = phone.post("/v1/auth/otp", {"phone": "+8613900003333"})
    assert known.status_code == unknown.status_code
    assert known.get_json().keys() == unknown.get_json().keys()
    assert known.get_json()["expires_in"] == unknown.get_json()["expires_in"]


def test_the_code_goes_to_the_phone_in_the_caller_s_language(phone: Person) -> None:
    challenge = ask(phone)
    phone.post("/v1/auth/otp", {"phone": PHONE}, headers={"Accept-Language": "zh-CN"})
    lines = (settings().data_dir / "sms.jsonl").read_bytes().splitlines()[-2:]
    english, chinese = (orjson.loads(line) for line in lines)
    assert english["phone"] == chinese["phone"] == PHONE
    assert challenge["demo_code"] in english["text"]
    assert "10" in english["text"]
    assert any("一" <= sign <= "鿿" for sign in chinese["text"])


def test_only_the_demo_shows_the_code(start: Starting) -> None:
    outside: Flask = start(PARTICIPATE_DEMO="off", SECRET_KEY="k" * 32)
    answer = outside.test_client().post("/v1/auth/otp", json={"phone": PHONE})
    assert answer.status_code == 202
    assert set(answer.get_json()) == {"challenge_id", "expires_in"}


def test_a_phone_gets_five_codes_in_ten_minutes(start: Starting, clock: HeldClock) -> None:
    client = start(PARTICIPATE_RATE_LIMITS="on").test_client()

    def again(phone: str = PHONE) -> TestResponse:
        return client.post("/v1/auth/otp", json={"phone": phone})

    assert [again().status_code for _ in range(5)] == [202] * 5
    refused = again("139 0000 1111")
    assert code_of(refused) == (429, "too_many_codes")
    assert 1 <= int(refused.headers["Retry-After"]) <= 600
    assert again("+8613900004444").status_code == 202, "another phone is not held up"
    clock.forward(minutes=10)
    assert again().status_code == 202


def test_where_limits_are_off_nobody_counts(phone: Person) -> None:
    for _ in range(7):
        ask(phone)


def test_no_answer_with_a_secret_is_kept_by_a_cache(phone: Person) -> None:
    answer = phone.post("/v1/auth/otp", {"phone": PHONE})
    assert answer.headers["Cache-Control"] == "no-store"
    assert enter(phone, answer.get_json()).headers["Cache-Control"] == "no-store"
