"""People change their own name and language, and nothing else about themselves."""

from typing import Any

import pytest

from tests.people import People
from tests.steps import code_of

pytestmark = pytest.mark.usefixtures("app")


def test_name_and_language_can_be_changed(people: People) -> None:
    resident = people.resident()
    before = resident.get("/v1/me").get_json()
    answer = resident.patch("/v1/me", {"display_name": "小李", "language": "en"})
    changed = before | {"display_name": "小李", "language": "en", "version": before["version"] + 1}
    assert answer.get_json() == resident.get("/v1/me").get_json() == changed


def test_what_is_not_named_stays(people: People) -> None:
    resident = people.resident()
    resident.patch("/v1/me", {"display_name": "小李"})
    assert resident.patch("/v1/me", {"language": "en"}).get_json()["display_name"] == "小李"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "  "}, "display_name"),
        ({"display_name": "x" * 61}, "display_name"),
        ({"display_name": None}, "display_name"),
        ({"language": "fr"}, "language"),
        ({"roles": []}, "roles"),
        ({"phone": "+8613900000000"}, "phone"),
        ({"version": 7}, "version"),
    ],
)
def test_anything_else_is_refused(people: People, body: dict[str, Any], field: str) -> None:
    resident = people.resident()
    before = resident.get("/v1/me").get_json()
    answer = resident.patch("/v1/me", body)
    assert code_of(answer) == (422, "invalid")
    assert {error["field"] for error in answer.get_json()["errors"]} == {field}
    assert resident.get("/v1/me").get_json() == before


def test_of_two_changes_to_the_same_version_one_is_made(people: People) -> None:
    resident = people.resident()
    tag = {"If-Match": resident.get("/v1/me").headers["ETag"]}
    assert resident.patch("/v1/me", {"display_name": "Li"}, headers=tag).status_code == 200
    assert code_of(resident.patch("/v1/me", {"display_name": "Wang"}, headers=tag)) == (412, "stale")
    assert resident.get("/v1/me").get_json()["display_name"] == "Li"
