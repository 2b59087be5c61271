"""What a client sends is read or refused: nothing of it is passed over in silence."""

import gzip
import json
from io import BytesIO
from typing import Any

import pytest
from marshmallow import fields
from werkzeug.test import TestResponse

from participate.app import ROOMS
from participate.kernel.shapes import Day, Moment, NumberText, WholeText
from tests.people import People, Person
from tests.pictures import plain
from tests.steps import HERE, Way

SUBMISSION = json.dumps({"kind": "snap_report", "body": "A deep hole.", "place": HERE})


def photo(name: str = "a.jpg") -> tuple[BytesIO, str]:
    return BytesIO(plain("red")), name


def faults(answer: TestResponse) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return [(error["field"], error["code"]) for error in answer.get_json()["errors"]]


# The parts beside the JSON, and what is said of them.
ODD_PARTS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "a file by another name": ({"photo": photo()}, ("photo", "unknown")),
    "files as some libraries name them": ({"photos[]": photo()}, ("photos[]", "unknown")),
    "a field that there is not": ({"kind": "snap_report"}, ("kind", "unknown")),
    "a photo without a file name": ({"photos": "bytes"}, ("photos", "type")),
    "the JSON twice": ({"submission": [SUBMISSION, SUBMISSION]}, ("submission", "named_twice")),
    "the JSON as field and file": (
        {"submission": [SUBMISSION, (BytesIO(SUBMISSION.encode()), "s.json")]},
        ("submission", "named_twice"),
    ),
}


@pytest.mark.parametrize(("parts", "fault"), ODD_PARTS.values(), ids=ODD_PARTS)
def test_a_submission_with_a_part_that_nobody_reads_is_refused(
    way: Way, parts: dict[str, Any], fault: tuple[str, str]
) -> None:
    data = {"submission": SUBMISSION} | parts
    answer = way.author.request("POST", "/v1/submissions", data=data, content_type="multipart/form-data")
    assert faults(answer) == [fault]
    assert way.author.get("/v1/me/submissions").get_json()["items"] == []


def test_of_two_files_for_one_photo_none_is_dropped(way: Way) -> None:
    two = way.author.request("POST", "/v1/photos", data={"file": [photo(), photo("b.jpg")]})
    assert faults(two) == [("file", "named_twice")]
    other = way.author.request("POST", "/v1/photos", data={"file": photo(), "place": "here"})
    assert faults(other) == [("place", "unknown")]


def test_parts_are_taken_where_the_contract_says_so_and_nowhere_else(people: People) -> None:
    answer = people.nobody().request(
        "POST", "/v1/auth/otp", data={"submission": '{"phone": "+8613900000001"}'}, content_type="multipart/form-data"
    )
    assert answer.status_code == 415


@pytest.fixture
def resident(people: People) -> Person:
    return people.resident()


def test_a_parameter_that_is_there_twice_is_refused(resident: Person) -> None:
    answer = resident.get("/v1/submissions?kind=snap_report&limit=5&kind=micro_service")
    assert faults(answer) == [("kind", "named_twice")]


@pytest.mark.parametrize("coding", ["gzip", "br", "x"])
def test_a_packed_body_is_refused_for_being_packed(resident: Person, coding: str) -> None:
    body = gzip.compress(b'{"display_name": "Li"}') if coding == "gzip" else b'{"display_name": "Li"}'
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    answer = resident.request("PATCH", "/v1/me", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["type"]) == (415, "urn:participate:problem:content_encoding")
    plain = resident.request("PATCH", "/v1/me", data=b"{}", headers=headers | {"Content-Encoding": "identity"})
    assert plain.status_code == 200


def test_a_time_without_its_offset_is_told_what_it_lacks(resident: Person) -> None:
    answer = resident.get("/v1/submissions?updated_after=2026-01-01T00:00:00")
    assert faults(answer) == [("updated_after", "offset")]


# Python reads all of these.
SPELLINGS = {
    "submissions": ("limit=1_0", "limit=%2B5", "limit=%205", "limit=%EF%BC%95", "limit=5.0"),
    "places/lookup": ("lat=2_8.2&lon=112.9&crs=wgs84", "lat=nan&lon=112.9&crs=wgs84", "lat=%20.5&lon=1&crs=wgs84"),
}
SPELT = [f"{path}?{query}" for path, queries in SPELLINGS.items() for query in queries]
TIMES = ("20240101T000000Z", "2024-W01-1T00:00:00Z", "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00%2B08", "2024-01-01")


@pytest.mark.parametrize("path", [*SPELT, *(f"submissions?updated_after={time}" for time in TIMES)])
def test_a_parameter_is_spelt_as_the_contract_says(resident: Person, path: str) -> None:
    assert faults(resident.get(f"/v1/{path}")) in ([(name, "type")] for name in ("limit", "lat", "updated_after"))


@pytest.mark.parametrize(
    "time", ["2024-01-01T00:00:00Z", "2024-01-01t08:00:00.123456789%2B08:00", "2024-01-01%2000:00Z"]
)
def test_a_time_is_spelt_as_phones_do(resident: Person, time: str) -> None:
    assert resident.get(f"/v1/submissions?updated_after={time}").status_code == 200


def test_every_number_in_a_parameter_is_held_to_its_spelling() -> None:
    """By the fields that look at it, whose spelling is the contract's and not Python's."""
    held = (fields.Integer, fields.Float, fields.Date, fields.DateTime)
    queries = {route.query for room in ROOMS for route in room.routes.values() if route.query}
    found = {type(field) for query in queries for field in query().fields.values() if isinstance(field, held)}
    assert found == {WholeText, NumberText, Day, Moment}


def test_a_path_with_a_slash_too_many_is_no_path_of_ours(resident: Person) -> None:
    for path in ("/v1//submissions", "/v1/submissions//nearby", "//v1/me"):
        answer = resident.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
