"""Whatever goes wrong, on whatever path, is told as RFC 9457 problem+json in the caller's language."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import ExpectationFailed, ServiceUnavailable
from werkzeug.test import TestResponse

from participate.kernel.words import LANGUAGES
from tests.people import People, Person

SPOKEN = {"zh-Hans": "zh-CN,zh;q=0.9,en;q=0.5", "en": "en-GB, zh;q=0.3"}
SECRET = "the pothole in front of number 12"


def _broken() -> str:
    raise RuntimeError(SECRET)


def _busy() -> str:
    raise ServiceUnavailable(retry_after=7)


def _odd() -> str:
    raise ExpectationFailed


@pytest.fixture
def town(other_process: Flask) -> Flask:
    """An application with three views that fail."""
    other_process.add_url_rule("/broken", view_func=_broken, methods=["GET", "POST"])
    other_process.add_url_rule("/busy", view_func=_busy)
    other_process.add_url_rule("/odd", view_func=_odd)
    return other_process


@pytest.fixture
def resident(people: People, town: Flask) -> Person:
    someone = people.resident()
    return Person(town, someone.account_id, someone.headers)


# What is asked, and what comes of it: method, path, options, status, the problem's type.
WRONG: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "no such path": ("GET", "/nowhere", {}, 404, "not_found"),
    "no such path of ours": ("GET", "/v1/nowhere", {}, 404, "not_found"),
    "no such page of the docs": ("GET", "/docs/nothing.js", {}, 404, "not_found"),
    "no id": ("GET", "/v1/submissions/1", {}, 404, "not_found"),
    "a slash too many": ("GET", "/v1/categories/", {}, 404, "not_found"),
    "NUL in a path": ("GET", "/v1/receipts/a%00b", {}, 404, "not_found"),
    "NUL in a query": ("GET", "/v1/categories?cursor=%00", {}, 400, "bad_request"),
    "no such method": ("PUT", "/v1/me", {}, 405, "method_not_allowed"),
    "no such method on the docs": ("POST", "/docs/", {}, 405, "method_not_allowed"),
    "too large": ("POST", "/v1/submissions", {"data": b" " * 300_000}, 413, "too_large"),
    "no JSON": (
        "POST",
        "/v1/submissions",
        {"data": b"{}", "content_type": "text/plain"},
        415,
        "unsupported_media_type",
    ),
    "no type": ("POST", "/v1/submissions", {"data": b"{}", "content_type": None}, 415, "unsupported_media_type"),
    "unreadable": ("POST", "/v1/submissions", {"data": b"{"}, 400, "unreadable_json"),
    "unfit": ("POST", "/v1/submissions", {"data": b"{}"}, 422, "invalid"),
    "unfit query": ("GET", "/v1/categories?limit=0", {}, 422, "invalid"),
    "unknown parameter": ("GET", "/v1/categories?colour=red", {}, 422, "invalid"),
    "not for residents": ("GET", "/v1/moderation/queue", {}, 403, "role_lacking"),
    "our own fault": ("GET", "/broken", {}, 500, "internal"),
    "our own fault after a body": ("POST", "/broken", {"data": b"{}"}, 500, "internal"),
    "busy": ("GET", "/busy", {}, 503, "unavailable"),
    "an error that has no words": ("GET", "/odd", {}, 417, "bad_request"),
}
every_wrong = pytest.mark.parametrize(("method", "path", "options", "status", "kind"), WRONG.values(), ids=WRONG)


def _ask(person: Person, method: str, path: str, options: dict[str, Any], language: str = "en") -> TestResponse:
    options = {"content_type": "application/json"} | options if "data" in options else options
    return person.request(method, path, headers={"Accept-Language": SPOKEN[language]}, **options)


@every_wrong
def test_an_error_is_a_problem_in_both_languages(
    resident: Person, method: str, path: str, options: dict[str, Any], status: int, kind: str
) -> None:
    titles = set()
    for language in LANGUAGES:
        answer = _ask(resident, method, path, options, language)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Content-Language"] == language
        assert answer.headers["X-Request-ID"]
        problem = answer.get_json()
        assert problem.keys() == {"type", "title", "status", "detail", "errors"}
        assert (problem["type"], problem["status"]) == (f"urn:participate:problem:{kind}", status)
        assert problem["detail"]
        titles.add(problem["title"])
    assert len(titles) == 2
    assert not {title for title in titles if "problem." in title}


@every_wrong
def test_a_head_gets_the_same_status_and_no_body(
    resident: Person, method: str, path: str, options: dict[str, Any], status: int, kind: str
) -> None:
    if method == "GET":
        answer = _ask(resident, "HEAD", path, options)
        assert (answer.status_code, answer.data) == (status, b"")
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/me", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("/v1/submissions", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/livez", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_who_asks_with_the_wrong_method_hears_of_the_right_ones(people: People, path: str, methods: set[str]) -> None:
    """Which methods there are is no secret, so nobody need sign in for it."""
    wrong, asked = people.nobody().request("PUT", path), people.nobody().request("OPTIONS", path)
    assert (wrong.status_code, asked.status_code) == (405, 200)
    assert set(wrong.headers["Allow"].split(", ")) == set(asked.headers["Allow"].split(", ")) == methods


def test_our_own_fault_tells_nothing_of_its_cause(resident: Person) -> None:
    answer = resident.get("/broken")
    assert SECRET not in answer.get_data(as_text=True)
    assert "RuntimeError" not in answer.get_data(as_text=True)


def test_who_is_not_signed_in_hears_how_to(people: People) -> None:
    answer = people.nobody().get("/v1/me")
    assert answer.get_json()["type"] == "urn:participate:problem:sign_in"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="participate"'


def test_who_is_to_wait_hears_how_long(resident: Person) -> None:
    assert resident.get("/busy").headers["Retry-After"] == "7"


def test_who_speaks_neither_language_gets_the_city_s_own(people: People) -> None:
    answer = people.nobody().get("/nowhere", headers={"Accept-Language": "fr, de;q=0.5"})
    assert answer.headers["Content-Language"] == "zh-Hans"
