"""Whoever walks a list page by page meets every row once while rows are added; a made-up cursor is refused."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask

from participate.kernel.auth import Grant
from participate.submissions import service
from tests.conftest import HeldClock
from tests.people import People, Person

Step = Callable[[], object]


def walk(who: Person, path: str, between: Step = lambda: None) -> list[str]:
    """The ids on all pages; `between` is done after each page."""
    found, cursor = list[str](), ""
    while True:
        page = who.get(path + cursor).get_json()
        fresh = [item["id"] for item in page["items"]]
        assert not set(found) & set(fresh), "else this might never end"
        found += fresh
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"
        between()


def suggest(who: Person, number: int = 1) -> list[str]:
    fields = {"body": "More benches."}
    return [service.submit(who.account_id, "micro_suggestion", dict(fields)).id for _ in range(number)]


@pytest.mark.parametrize("limit", [1, 4, 5, 19, 20, 21, 100])
def test_newest_first_each_once_while_newer_ones_come(people: People, limit: int) -> None:
    resident = people.resident()
    there = suggest(resident, 20)
    found = walk(resident, f"/v1/me/submissions?limit={limit}", lambda: suggest(resident))
    assert found == there[::-1]


def test_oldest_first_each_once_and_those_that_come(people: People, work: Step) -> None:
    resident = people.resident()
    suggest(resident, 4)
    work()
    more = iter(range(3))

    def another() -> None:
        if next(more, None) is not None:
            suggest(resident)
            work()

    found = walk(resident, "/v1/me/updates?limit=2", another)
    assert len(found) == len(set(found)) == 2 * (4 + 3)
    assert found == walk(resident, "/v1/me/updates?limit=100")


def test_equal_keys_are_told_apart(people: People, work: Step, clock: HeldClock) -> None:
    """The held clock gives all tasks of a batch the same deadline."""
    moderator, resident = people.staff("moderator", ""), people.resident()
    for _ in range(3):
        suggest(resident, 5)
        work()
        clock.forward(hours=1)
    found = walk(moderator, "/v1/moderation/queue?limit=2")
    assert len(found) == len(set(found)) == 15
    assert found == walk(moderator, "/v1/moderation/queue?limit=100")


def test_the_last_page_says_so(people: People) -> None:
    resident = people.resident()
    suggest(resident, 4)
    assert resident.get("/v1/me/submissions?limit=4").get_json()["next"] is None
    assert resident.get("/v1/me/submissions?limit=3").get_json()["next"]


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "1.5", "", "9" * 400])
def test_a_limit_outside_its_bounds_is_refused(people: People, limit: str) -> None:
    answer = people.resident().get("/v1/me/submissions", query_string={"limit": limit})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "limit"


def cursor_of(*values: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


ID = "019aafc3-7c00-7000-8000-000000000001"
AT = "2026-11-23T02:00:00+00:00"
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**40,
    -(2**63),
    2**64 - 1,
    1.5,
    1e300,
    "",
    "x",
    "\0",
    "x" * 300,
    [],
    {},
    [[[]]],
    {"a": 1},
    ID.upper() + "0",
    ID.replace("-", ""),
    "2026-11-23",
    "2026-11-23T02:00:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-13-45T99:99:99Z",
]
LISTS: dict[str, list[Any]] = {
    "/v1/me/submissions": [ID],
    "/v1/submissions": [ID],
    "/v1/me/updates": [7],
    "/v1/moderation/queue": [1, AT, ID],
    "/v1/cases": [AT, ID],
}


@pytest.fixture
def reader(people: People) -> Person:
    return people.staff_with(Grant("moderator", ""), Grant("dispatcher", ""))


@pytest.mark.parametrize("path", LISTS)
def test_a_made_up_cursor_is_refused(reader: Person, path: str) -> None:
    whole = LISTS[path]
    for position, right in enumerate(whole):
        for odd in ODD:
            if type(right) is type(odd) is int and abs(odd) < 2**31:
                continue  # Odd elsewhere, right here.
            values = [*whole[:position], odd, *whole[position + 1 :]]
            answer = reader.get(path, query_string={"cursor": cursor_of(*values)})
            assert answer.status_code == 422, (values, answer.get_json())
            assert answer.get_json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_is_none_at_all_is_refused(reader: Person, path: str) -> None:
    whole = LISTS[path]
    wrong = ["x", "====", "你好", "%", "bnVsbA", "e30", "W10", "MQ", "a" * 501, "", "W" * 500, cursor_of(*whole)[:-2]]
    wrong += [cursor_of(*whole, ID), cursor_of(*whole[1:]), urlsafe_b64encode(b"[" * 370).decode()]
    for cursor in wrong:
        answer = reader.get(path, query_string={"cursor": cursor})
        assert answer.status_code == 422, (cursor, answer.get_json())
        assert answer.get_json()["errors"][0]["field"] == "cursor"


def test_the_lists_give_such_cursors(reader: Person, app: Flask, work: Step) -> None:
    """Else the cursors above would be refused for the wrong reason."""
    suggest(reader, 2)
    suggest(reader, 2)
    work()
    for path in ("/v1/me/submissions", "/v1/me/updates"):
        given = reader.get(f"{path}?limit=1").get_json()["next"]
        values = orjson.loads(urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        assert [type(value) for value in values] == [type(value) for value in LISTS[path]]
        assert reader.get(path, query_string={"cursor": cursor_of(*LISTS[path])}).status_code == 200
