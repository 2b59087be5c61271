"""What is no JSON, or none that could be kept, is refused with the place of its fault, and never breaks the service."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from participate.kernel.api import MULTIPART
from participate.kernel.db import rows
from participate.submissions.models import Submission
from tests.people import People, Person

SOUND = {"kind": "micro_suggestion", "body": "A bench by the river, please."}
CORPUS = Path(os.environ.get("PARTICIPATE_CORPORA", "/nowhere")) / "jsontestsuite" / "test_parsing"
# Files of the corpus that are sound by the grammar, and that we refuse for what they hold.
HELD_AGAINST_THEM = {"json_duplicate", "json_nul", "json_surrogate", "json_value", "json_too_deep"}


@pytest.fixture
def resident(people: People, app: Flask) -> Person:
    return people.resident()


def _with(more: str) -> bytes:
    """A sound submission with `more` fields, as they stand."""
    return f"{json.dumps(SOUND)[:-1]}, {more}}}".encode()


def _at(lat: str) -> bytes:
    return _with(f'"place": {{"lat": {lat}, "lon": 112.9, "crs": "wgs84"}}')


UNREADABLE = {
    "NaN": (_at("NaN"), "place.lat", "json_value"),
    "infinity": (_at("Infinity"), "place.lat", "json_value"),
    "minus infinity": (_at("-Infinity"), "place.lat", "json_value"),
    "overflow": (_at("1e400"), "place.lat", "json_value"),
    "400 digits": (_at("9" * 400), "place.lat", "json_value"),
    "5,000 digits": (_at("-" + "9" * 5000), "place.lat", "json_value"),
    "a name twice": (_with('"body": "Another."'), "body", "json_duplicate"),
    "a name twice within": (_at('1, "lat": 2'), "place.lat", "json_duplicate"),
    "NUL": (_with(r'"title": "a\u0000b"'), "title", "json_nul"),
    "NUL in a name": (_with(r'"details": {"a\u0000b": 1}'), "details.a\0b", "json_nul"),
    "NUL as it is": (_with('"title": "a\0b"'), "1:82", "json_syntax"),
    "lone surrogate": (_with(r'"title": "a\ud800b"'), "title", "json_surrogate"),
    "swapped surrogates": (_with(r'"title": "\udc00\ud800"'), "title", "json_surrogate"),
    "lone surrogate in a name": (_with(r'"a\udc00": 1'), "a?", "json_surrogate"),
    "byte order mark": (b"\xef\xbb\xbf" + json.dumps(SOUND).encode(), "1:1", "json_syntax"),
    "UTF-16": (json.dumps(SOUND).encode("utf-16"), "byte 0", "json_not_utf8"),
    "UTF-16 without a mark": (json.dumps(SOUND).encode("utf-16-le"), "1:2", "json_syntax"),
    "Latin-1": (_with('"title": "é"').decode().encode("latin-1"), "byte 80", "json_not_utf8"),
    "100,000 arrays": (b"[" * 100_000 + b"]" * 100_000, "", "json_too_deep"),
    "40,000 objects": (b'{"a":' * 40_000, "", "json_too_deep"),
    "33 levels": (_with('"details": ' + '{"a":' * 32 + "1" + "}" * 32), "details" + ".a" * 31, "json_too_deep"),
    "cut off": (json.dumps(SOUND).encode()[:-5], "1:38", "json_syntax"),
    "nothing": (b"", "1:1", "json_syntax"),
    "two in one": (json.dumps(SOUND).encode() * 2, "1:70", "json_syntax"),
    "a colon too few": (_with('"title" "a"'), "1:79", "json_syntax"),
    "a line break in a text": (_with('"title": "a\nb"'), "1:82", "json_syntax"),
}
UNFIT = {
    "an array": (b"[]", "", "type"),
    "a text": (b'"x"', "", "type"),
    "null": (b"null", "", "type"),
    "a number": (b"1", "", "type"),
    "an unknown field": (_with('"colour": "red"'), "colour", "unknown"),
    "an unknown field within": (_at('1, "colour": "red"'), "place.colour", "unknown"),
    "an unknown detail": (_with('"details": {"colour": "red"}'), "details.colour", "unknown"),
    "100 kB of title": (_with(f'"title": "{"x" * 100_000}"'), "title", "length"),
    "a word for a flag": (_with('"anonymous": "yes"'), "anonymous", "type"),
    "a text for a number": (_at('"28.2"'), "place.lat", "type"),
    "300 digits": (_at("9" * 300), "place.lat", "range"),
    "null for a text": (_with('"title": null'), "title", "null"),
}


def _post(person: Person, body: bytes) -> TestResponse:
    return person.post("/v1/submissions", data=body, content_type="application/json")


def _refused(answer: TestResponse, status: int) -> list[dict[str, Any]]:
    """The errors of a problem, which must be whole."""
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    assert problem["title"]
    errors: list[dict[str, Any]] = problem["errors"]
    assert all(error["message"] and "fault." not in error["message"] for error in errors)
    return errors


def _where(errors: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in errors]


@pytest.mark.parametrize(("body", "field", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused_with_its_place(resident: Person, body: bytes, field: str, code: str) -> None:
    answer = _post(resident, body)
    assert _where(_refused(answer, 400)) == [(field, code)]
    assert answer.get_json()["type"] == "urn:participate:problem:unreadable_json"


@pytest.mark.parametrize(("body", "field", "code"), UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit_is_refused_with_its_field(resident: Person, body: bytes, field: str, code: str) -> None:
    assert _where(_refused(_post(resident, body), 422)) == [(field, code)]
    assert rows(select(func.count()).select_from(Submission))[0][0] == 0


def test_the_same_holds_for_json_beside_files(resident: Person) -> None:
    """What travels as a part of a form is no back door."""
    answer = resident.post("/v1/submissions", data={"submission": _at("NaN").decode()}, content_type=MULTIPART)
    assert _where(_refused(answer, 400)) == [("place.lat", "json_value")]


def test_what_is_sound_is_taken_to_the_last_character(resident: Person) -> None:
    """Escapes, a pair of surrogates and 32 levels are JSON like any other."""
    answer = _post(resident, _with(r'"title": "\u4e95\u76d6 \ud83d\ude00 \/ \"1\""'))
    assert answer.status_code == 201
    assert answer.get_json()["title"] == '井盖 😀 / "1"'
    deep = _post(resident, _with('"details": {"reason": ' + "[" * 30 + "]" * 30 + "}"))
    assert _where(_refused(deep, 422)) == [("details.reason", "type")]


def test_a_body_over_the_limit_is_not_read(resident: Person) -> None:
    assert _refused(_post(resident, b" " * (256 * 2**10 + 1)), 413) == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="PARTICIPATE_CORPORA does not hold JSONTestSuite")
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_json_test_suite(resident: Person, path: Path) -> None:
    """y_ files are sound, n_ files are not, i_ files are left to the parser; none of them is a submission."""
    answer = _post(resident, path.read_bytes())
    codes = {error["code"] for error in _refused(answer, answer.status_code)}
    if path.name.startswith("y_"):
        assert answer.status_code == 422 or codes <= HELD_AGAINST_THEM
    elif path.name.startswith("n_"):
        assert answer.status_code == 400
    assert answer.status_code in {400, 422}
