"""A POST that is sent again with its Idempotency-Key acts once and gets the answer that it got before."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from participate.kernel import idempotency
from participate.kernel.db import one
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.steps import at_once, code_of, snapshot, upload

pytestmark = pytest.mark.usefixtures("app")
BODY = {"kind": "micro_suggestion", "body": "More benches, please."}
PATH = "/v1/submissions"


def made() -> int:
    found = one(select(func.count()).select_from(Submission))
    assert found is not None
    return int(found[0])


def send(who: Person, key: str = "key-1", body: Any = BODY, **headers: str) -> TestResponse:
    return who.post(PATH, body, headers={"Idempotency-Key": key} | headers)


def send_with_photo(who: Person, photo: bytes, body: Any = BODY) -> TestResponse:
    parts = {
        "submission": (BytesIO(json.dumps(body).encode()), "body.json", "application/json"),
        "photos": (BytesIO(photo), "photo.jpg", "image/jpeg"),
    }
    return who.post(PATH, data=parts, headers={"Idempotency-Key": "key-1"})


def test_the_second_answer_is_the_first_byte_for_byte(people: People) -> None:
    resident = people.resident()
    first = send(resident)
    assert first.status_code == 201
    # What has happened meanwhile does not show: it is the stored answer.
    resident.post(f"{first.headers['Location']}/moves", {"move": "withdraw"})
    second = send(resident, **{"Accept-Language": "zh-Hans"})
    assert (second.status_code, second.data) == (201, first.data)
    for name in ("Location", "ETag", "Content-Type"):
        assert second.headers.getlist(name) == first.headers.getlist(name)
    assert made() == 1


def test_the_same_key_with_another_body_is_refused(people: People) -> None:
    resident = people.resident()
    send(resident)
    assert code_of(send(resident, body=BODY | {"title": "Benches"})) == (422, "idempotency_key_reused")
    assert made() == 1


def test_another_caller_s_key_is_another_key(people: People) -> None:
    first, second = send(people.resident()), send(people.resident())
    assert first.get_json()["id"] != second.get_json()["id"]
    assert made() == 2


def test_another_route_s_key_is_another_key(people: People) -> None:
    resident = people.resident()
    submission = send(resident).get_json()["id"]
    assert upload(resident, headers={"Idempotency-Key": "key-1"}).status_code == 201
    moved = resident.post(
        f"{PATH}/{submission}/moves", {"move": "withdraw"}, headers={"Idempotency-Key": "key-1"}
    ).get_json()
    assert moved["state"] == "withdrawn"


def test_a_move_that_is_sent_again_is_made_once(people: People) -> None:
    resident = people.resident()
    path, headers = f"{PATH}/{send(resident).get_json()['id']}/moves", {"Idempotency-Key": "key-2"}
    first, second = (resident.post(path, {"move": "withdraw"}, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data


def test_multipart_is_known_again_whatever_its_boundary(people: People) -> None:
    resident, photo = people.resident(), snapshot()
    answers = [send_with_photo(resident, photo) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.request.content_type for answer in answers}) == 2
    assert answers[0].data == answers[1].data
    assert made() == 1
    assert code_of(send_with_photo(resident, snapshot())) == (422, "idempotency_key_reused")
    assert code_of(send_with_photo(resident, photo, BODY | {"title": "x"})) == (422, "idempotency_key_reused")


def test_parts_without_a_name_are_no_stumbling_block(people: People) -> None:
    nameless = b"".join(
        b"--x\r\nContent-Disposition: form-data" + name + b"\r\n\r\n1\r\n" for name in (b"", b'; name="n"')
    )
    headers = {"Idempotency-Key": "key-1"}
    sent = {"data": nameless + b"--x--\r\n", "content_type": "multipart/form-data; boundary=x", "headers": headers}
    answer = people.resident().post("/v1/photos", **sent)
    assert code_of(answer) == (422, "invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        BODY | {"body": ""},
        BODY | {"category": "nowhere"},
        BODY | {"photo_ids": ["019aafc3-7c00-7000-8000-000000000001"]},
    ],
    ids=["shape", "rule", "rule after the rows were written"],
)
def test_a_request_that_failed_leaves_no_key(people: People, wrong: dict[str, Any]) -> None:
    resident = people.resident()
    assert send(resident, body=wrong).status_code == 422
    assert made() == 0
    assert send(resident).status_code == 201


def test_eight_at_once_make_one_submission(app: Flask, people: People) -> None:
    resident = people.resident()
    answers = at_once(*[lambda: send(resident)] * 8)
    assert made() == 1
    landed = [answer for answer in answers if answer.status_code == 201]
    assert landed
    assert len({answer.data for answer in landed}) == 1
    for answer in answers:
        if answer not in landed:
            assert code_of(answer) == (409, "idempotency_key_in_use")
            assert int(answer.headers["Retry-After"]) >= 1
    assert send(resident).data == landed[0].data


def test_a_key_is_forgotten_after_48_hours(people: People, clock: HeldClock) -> None:
    resident = people.resident()
    first = send(resident).data
    clock.forward(hours=47.9)
    idempotency.forget_old()
    assert send(resident).data == first
    clock.forward(hours=0.2)
    idempotency.forget_old()
    assert send(resident).data != first
    assert made() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb"], ids=["empty", "long", "not ASCII", "tab"])
def test_a_bad_key_is_refused(people: People, key: str) -> None:
    answer = send(people.resident(), key)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"
    assert made() == 0


def test_the_longest_key_is_taken(people: People) -> None:
    resident = people.resident()
    assert send(resident, "x" * 255).data == send(resident, "x" * 255).data
    assert made() == 1
