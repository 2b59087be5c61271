"""The tus protocol 1.0.0, answer by answer: a photo comes in pieces, and the last answer names it."""

from base64 import b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from participate.kernel.context import settings
from participate.photos import service as photos
from tests.conftest import HeldClock
from tests.people import People, Person
from tests.photos_http.tus import FILE, PIECE, TUS, begin, checksum, end, go_on, look
from tests.steps import Way, code_of, snapshot

UNKNOWN = "/v1/uploads/019aafc3-7c00-7000-8000-000000000001"


@pytest.fixture
def resident(app: Flask, people: People) -> Person:
    return people.resident()


def begun(who: Person, length: int = len(FILE), **headers: str) -> str:
    answer = begin(who, length, **headers)
    assert answer.status_code == 201, answer.data
    return answer.headers["Location"]


def original(who: Person, answer: TestResponse) -> bytes:
    return bytes(who.get(f"/v1/photos/{answer.headers['Photo-Id']}/original").data)


def test_what_there_is_of_tus_is_told_to_anybody(people: People) -> None:
    for path in ("/v1/uploads", UNKNOWN):
        answer = people.nobody().request("OPTIONS", path)
        assert answer.status_code == 204
        told = {name: value for name, value in answer.headers if name.startswith("Tus-")}
        assert told == {
            "Tus-Resumable": "1.0.0",
            "Tus-Version": "1.0.0",
            "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
            "Tus-Checksum-Algorithm": "sha256,sha1,md5",
            "Tus-Max-Size": str(settings().max_photo_bytes),
        }


def test_a_photo_comes_in_pieces(resident: Person, clock: HeldClock) -> None:
    path = begun(resident, Upload_Metadata="filename Zm90by5qcGc=,draft")
    first = go_on(resident, path, 0, FILE[:100_000])
    assert (first.status_code, first.headers["Upload-Offset"], first.data) == (204, "100000", b"")
    expires = parsedate_to_datetime(first.headers["Upload-Expires"])
    assert expires == clock.moment.replace(microsecond=0) + photos.UNATTACHED_KEPT
    stands = look(resident, path)
    assert stands.status_code == 200
    told = {
        name: stands.headers.get(name) for name in ("Upload-Offset", "Upload-Length", "Upload-Metadata", "Photo-Id")
    }
    assert told == {
        "Upload-Offset": "100000",
        "Upload-Length": "300000",
        "Upload-Metadata": "filename Zm90by5qcGc=,draft",
        "Photo-Id": None,
    }
    assert stands.headers["Cache-Control"] == "no-store"
    last = go_on(resident, path, 100_000, FILE[100_000:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "300000")
    assert original(resident, last) == FILE
    assert {answer.headers["Tus-Resumable"] for answer in (first, stands, last)} == {"1.0.0"}


def test_who_lost_the_last_answer_learns_the_photo_s_id(resident: Person) -> None:
    path = begun(resident)
    photo = go_on(resident, path, 0, FILE).headers["Photo-Id"]
    stands = look(resident, path)
    assert (stands.headers["Photo-Id"], stands.headers["Upload-Offset"]) == (photo, "300000")
    again = go_on(resident, path, len(FILE), b"")
    assert (again.status_code, again.headers["Photo-Id"]) == (204, photo)
    assert code_of(go_on(resident, path, 0, FILE)) == (409, "upload_offset")


def test_a_finished_upload_is_a_photo_like_any_other(way: Way) -> None:
    sent = snapshot(28.25, 112.5)
    photo = begin(way.author, len(sent), sent).headers["Photo-Id"]
    assert way.author.get(f"/v1/photos/{photo}").get_json()["state"] == "processing"
    way.work()
    shown = way.author.get(f"/v1/photos/{photo}").get_json()
    assert (shown["state"], shown["place"]["lat"]) == ("ready", 28.25)
    submission = way.hand_in(photo_ids=[photo])
    assert way.author.get(f"/v1/submissions/{submission}").get_json()["photos"][0]["id"] == photo


def test_creation_may_bring_a_beginning_or_all(resident: Person) -> None:
    whole = begin(resident, len(FILE), FILE)
    assert (whole.status_code, whole.headers["Upload-Offset"]) == (201, "300000")
    assert original(resident, whole) == FILE
    part = begin(resident, len(FILE), FILE[:1000])
    assert (part.status_code, part.headers["Upload-Offset"]) == (201, "1000")
    rest = go_on(resident, part.headers["Location"], 1000, FILE[1000:])
    assert original(resident, rest) == FILE


@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_any_size_comes_whole(resident: Person, size: int) -> None:
    path, at = begun(resident, size), 0
    while at < size:
        answer = go_on(resident, path, at, FILE[at : min(at + 9999, size)])
        at = int(answer.headers["Upload-Offset"])
    assert original(resident, look(resident, path)) == FILE[:size]


def test_at_another_offset_nothing_is_taken(resident: Person) -> None:
    path = begun(resident)
    go_on(resident, path, 0, FILE[:5])
    for offset in (0, 4, 6, len(FILE)):
        assert code_of(go_on(resident, path, offset, FILE[offset:])) == (409, "upload_offset")
    assert look(resident, path).headers["Upload-Offset"] == "5"


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1", ""])
def test_another_version_is_not_spoken(resident: Person, version: str | None) -> None:
    path = begun(resident)
    headers = {} if version is None else {"Tus-Resumable": version}
    for method, where in (("POST", "/v1/uploads"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
        answer = resident.request(method, where, headers=headers | {"Upload-Offset": "0", "Upload-Length": "1"})
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
        assert answer.content_type == "application/problem+json"
    assert look(resident, path).status_code == 200


def test_too_much_is_refused_before_it_comes(resident: Person) -> None:
    assert code_of(begin(resident, settings().max_photo_bytes + 1)) == (413, "photo_too_large")
    assert begin(resident, settings().max_photo_bytes).status_code == 201
    path = begun(resident, 10)
    assert code_of(go_on(resident, path, 0, FILE[:11])) == (413, "upload_overfull")
    assert code_of(begin(resident, 10, FILE[:11])) == (413, "upload_overfull")
    assert look(resident, path).headers["Upload-Offset"] == "0"


def test_a_body_of_another_kind_is_not_taken(resident: Person) -> None:
    path = begun(resident)
    answer = resident.request(
        "PATCH", path, headers=TUS | {"Upload-Offset": "0"}, data=b"{}", content_type="text/plain"
    )
    assert code_of(answer) == (415, "unsupported_media_type")
    headers = TUS | {"Upload-Length": "2"}
    answer = resident.request("POST", "/v1/uploads", headers=headers, data=b"{}", content_type="application/json")
    assert code_of(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({}, "Upload-Length"),
        ({"Upload-Defer-Length": "1"}, "Upload-Defer-Length"),
        ({"Upload-Length": "-1"}, "Upload-Length"),
        ({"Upload-Length": "1e3"}, "Upload-Length"),
        ({"Upload-Length": "9" * 40}, "Upload-Length"),
        ({"Upload-Length": "٣".encode().decode("latin-1")}, "Upload-Length"),
        ({"Upload-Length": "1", "Upload-Metadata": "filename not-base-64!"}, "Upload-Metadata"),
        ({"Upload-Length": "1", "Upload-Metadata": "a eA==,a eA=="}, "Upload-Metadata"),
        ({"Upload-Length": "1", "Upload-Metadata": ",,"}, "Upload-Metadata"),
        ({"Upload-Length": "1", "Upload-Metadata": f"a {'eA==' * 1100}"}, "Upload-Metadata"),
        ({"Upload-Length": "1", "Upload-Checksum": "crc32 AAAA"}, "Upload-Checksum"),
        ({"Upload-Length": "1", "Upload-Checksum": "sha1 AAAA"}, "Upload-Checksum"),
    ],
)
def test_a_header_that_is_wrong_is_named(resident: Person, headers: dict[str, str], field: str) -> None:
    answer = resident.request("POST", "/v1/uploads", headers=TUS | headers)
    assert code_of(answer) == (400, "bad_request")
    assert answer.get_json()["errors"][0]["field"] == field


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..\\..\\x", "a/b\0c.jpg", "。" * 200, "CON", ""])
def test_a_name_is_never_a_path(resident: Person, name: str) -> None:
    described = f"filename {b64encode(name.encode()).decode()}"
    path = begun(resident, 5, Upload_Metadata=described)
    assert look(resident, path).headers["Upload-Metadata"] == described
    done = go_on(resident, path, 0, b"12345")
    assert original(resident, done) == b"12345"


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_what_is_not_what_was_sent_does_not_count(resident: Person, algorithm: str) -> None:
    path = begun(resident)
    promised = checksum(algorithm, FILE[:50_000])
    wrong = go_on(resident, path, 0, FILE[1:50_001], Upload_Checksum=promised)
    assert code_of(wrong) == (460, "checksum_mismatch")
    assert look(resident, path).headers["Upload-Offset"] == "0"
    right = go_on(resident, path, 0, FILE[:50_000], Upload_Checksum=promised)
    assert right.headers["Upload-Offset"] == "50000"
    last = go_on(resident, path, 50_000, FILE[50_000:], Upload_Checksum=checksum(algorithm, FILE[50_000:]))
    assert original(resident, last) == FILE
    created = begin(resident, 3, b"abd", Upload_Checksum=checksum(algorithm, b"abc"))
    assert code_of(created) == (460, "checksum_mismatch")


def test_who_can_send_neither_patch_nor_delete_posts(resident: Person) -> None:
    path = begun(resident)
    headers = TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = resident.request("POST", path, headers=headers, data=FILE[:9], content_type=PIECE)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "9")
    assert resident.request("POST", path, headers=TUS | {"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert look(resident, path).status_code == 404
    assert code_of(resident.request("POST", path, headers=TUS)) == (400, "bad_request")


def test_what_was_ended_is_gone_with_its_bytes(resident: Person) -> None:
    path = begun(resident)
    go_on(resident, path, 0, FILE[:1000])
    assert end(resident, path).status_code == 204
    for answer in (look(resident, path), go_on(resident, path, 1000, FILE[1000:]), end(resident, path)):
        assert answer.status_code == 404
    done = begin(resident, 5, b"12345")
    assert end(resident, done.headers["Location"]).status_code == 204
    assert original(resident, done) == b"12345", "the photo that it has become stays"


def test_the_address_is_the_one_that_the_client_used(app: Flask, resident: Person) -> None:
    assert begun(resident).startswith("/v1/uploads/")
    answer = resident.request("POST", "/v1/uploads", headers=TUS | {"Upload-Length": "1"}, base_url="http://x/city")
    assert answer.headers["Location"].startswith("/city/v1/uploads/")


def test_after_a_day_it_is_gone(resident: Person, clock: HeldClock) -> None:
    clock.moment = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    path = begun(resident)
    clock.forward(hours=24, seconds=-1)
    assert go_on(resident, path, 0, FILE[:10]).status_code == 204
    clock.forward(seconds=1)
    for answer in (look(resident, path), go_on(resident, path, 10, FILE[10:]), end(resident, path)):
        assert answer.status_code == 410
