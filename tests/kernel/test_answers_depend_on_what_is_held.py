"""If-None-Match saves a body that is held already; If-Match keeps a change off what has changed meanwhile."""

import pytest
from werkzeug.test import TestResponse

from tests.people import People, Person

pytestmark = pytest.mark.usefixtures("app")
ME = "/v1/me"


def held(who: Person) -> str:
    return str(who.get(ME).headers["ETag"])


def rename(who: Person, name: str, tag: str) -> TestResponse:
    return who.patch(ME, {"display_name": name}, headers={"If-Match": tag})


def name_of(who: Person) -> str:
    return str(who.get(ME).get_json()["display_name"])


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_what_is_held_already_is_not_sent_again(people: People, form: str) -> None:
    resident = people.resident()
    tag = held(resident)
    answer = resident.get(ME, headers={"If-None-Match": form.format(tag)})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("tag", ['"1-0000000000000000"', "garbage", '"', "", "W/", '"' * 300])
def test_what_is_not_held_is_sent(people: People, tag: str) -> None:
    answer = people.resident().get(ME, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.get_json()["version"] == 1


def test_a_change_is_sent_and_has_another_tag(people: People) -> None:
    resident = people.resident()
    before = held(resident)
    resident.patch(ME, {"display_name": "Li"})
    answer = resident.get(ME, headers={"If-None-Match": before})
    assert (answer.status_code, answer.get_json()["display_name"]) == (200, "Li")
    assert answer.headers["ETag"] != before


def test_a_list_is_not_sent_again_until_it_changes(people: People) -> None:
    resident, path = people.resident(), "/v1/me/submissions"
    empty = resident.get(path).headers["ETag"]
    assert resident.get(path, headers={"If-None-Match": empty}).status_code == 304
    resident.post("/v1/submissions", {"kind": "micro_suggestion", "body": "More benches."})
    answer = resident.get(path, headers={"If-None-Match": empty})
    assert (answer.status_code, len(answer.get_json()["items"])) == (200, 1)


def test_a_change_to_what_is_held_is_made(people: People) -> None:
    resident = people.resident()
    assert rename(resident, "Li", held(resident)).status_code == 200
    assert rename(resident, "Wang", held(resident)).status_code == 200
    assert rename(resident, "Zhao", "*").status_code == 200
    assert name_of(resident) == "Zhao"


def test_the_answer_to_a_change_carries_the_next_tag(people: People) -> None:
    resident = people.resident()
    tag = rename(resident, "Li", held(resident)).headers["ETag"]
    assert tag == held(resident)
    assert rename(resident, "Wang", tag).status_code == 200


def test_a_change_to_what_has_changed_is_refused(people: People) -> None:
    resident = people.resident()
    tag = held(resident)
    rename(resident, "Li", tag)
    answer = rename(resident, "Wang", tag)
    assert (answer.status_code, answer.get_json()["type"]) == (412, "urn:participate:problem:stale")
    assert name_of(resident) == "Li"


@pytest.mark.parametrize(
    "tag", ["garbage", '"1"', "1-ab", '"-1-ab"', 'W/"1-ab"', '""', "", '"1-ab', '"²-ab"', f'"{"9" * 5000}-ab"']
)
def test_a_tag_that_no_answer_carried_is_stale(people: People, tag: str) -> None:
    resident = people.resident()
    before = name_of(resident)
    assert rename(resident, "Li", tag).status_code == 412
    assert name_of(resident) == before
